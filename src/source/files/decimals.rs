//! Decimals of columnar files.

use polars_arrow::array::{Array, MutableBinaryViewArray, PrimitiveArray};
use polars_arrow::datatypes::ArrowDataType as Stored;
use polars_arrow::types::i256;

use super::array_values::{array, numbers, text, validity};
use crate::source::column::{Column, Typed};

/// Digits of a decimal at the most.
const MAX_PRECISION: usize = 38;

/// Decimals of so many digits are different 64-bit floats where they are different.
const FLOAT_DIGITS: usize = 15;

/// Decimals as whole numbers of `10^-scale`.
fn units(cells: &dyn Array, precision: usize, scale: usize) -> Option<Typed<i128>> {
    if !(1..=MAX_PRECISION).contains(&precision) || scale > precision {
        return None;
    }
    match cells.dtype() {
        Stored::Decimal32(..) => numbers(cells, i128::from as fn(i32) -> i128),
        Stored::Decimal64(..) => numbers(cells, i128::from as fn(i64) -> i128),
        Stored::Decimal256(..) => {
            let fits = |units: &i256| i128::try_from(units.0).ok().filter(|units| digits(*units) <= precision);
            let cells = array::<PrimitiveArray<i256>>(cells)?;
            let values = cells.iter().map(|units| units.map_or(Some(0), fits)).collect::<Option<_>>()?;
            Some(Typed { values, valid: validity(cells), unreadable: None })
        }
        _ => numbers(cells, |units: i128| units),
    }
}

fn digits(units: i128) -> usize {
    units.unsigned_abs().checked_ilog10().map_or(1, |log| log as usize + 1)
}

/// Decimals as floats where a float has all their digits, else as text.
pub(super) fn decimals(cells: &dyn Array, precision: usize, scale: usize) -> Option<Column> {
    let units = units(cells, precision, scale)?;
    if precision <= FLOAT_DIGITS {
        let values = units.values.iter().map(|units| decimal(*units, scale)).collect();
        return Some(Column::Decimal(Typed { values, valid: units.valid, unreadable: None }));
    }
    // Digits beyond those of a float stay, as in a text file, so that keys of 38 digits are 38 digits.
    let cells = units.values.iter().enumerate().map(|(row, units_of_row)| {
        let there = units.valid.as_ref().is_none_or(|valid| valid.get(row));
        there.then(|| decimal_text(*units_of_row, scale))
    });
    Some(text(MutableBinaryViewArray::from_iterator(cells).freeze()))
}

/// `units / 10^scale` in its shortest writing: no point without digits behind it, no zeros at its end.
fn decimal_text(units: i128, scale: usize) -> String {
    let digits = units.unsigned_abs().to_string();
    let (whole, fraction) = match digits.len().checked_sub(scale) {
        Some(point) => (digits[..point].to_owned(), digits[point..].to_owned()),
        None => (String::new(), format!("{digits:0>scale$}")),
    };
    let fraction = fraction.trim_end_matches('0');
    let sign = if units < 0 { "-" } else { "" };
    let whole = if whole.is_empty() { "0" } else { &whole };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// The float nearest to `units / 10^scale`.
fn decimal(units: i128, scale: usize) -> f64 {
    /// Up to here, both sides of the division are floats without rounding.
    const EXACT: i128 = 1 << 53;
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
    if (-EXACT..=EXACT).contains(&units) && scale <= 22 {
        units as f64 / 10_f64.powi(i32::try_from(scale).unwrap_or(0))
    } else {
        format!("{units}e-{scale}").parse().unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(units: &[Option<i128>], precision: usize, scale: usize) -> Column {
        let cells = PrimitiveArray::<i128>::from(units).to(Stored::Decimal(precision, scale));
        decimals(&cells, precision, scale).expect("a column")
    }

    #[test]
    fn decimals_are_written_in_their_shortest_form() {
        for (units, scale, text) in [
            (0, 0, "0"),
            (0, 3, "0"),
            (5, 3, "0.005"),
            (-5, 1, "-0.5"),
            (1_500, 3, "1.5"),
            (-120_000, 2, "-1200"),
            (i128::MAX, 0, "170141183460469231731687303715884105727"),
            (i128::MIN, 38, "-1.70141183460469231731687303715884105728"),
        ] {
            assert_eq!(decimal_text(units, scale), text);
        }
    }

    #[test]
    fn long_decimals_keep_their_digits() {
        let units = [Some(9_007_199_254_740_992), None, Some(9_007_199_254_740_993), Some(-100)];
        let Column::Text(text) = converted(&units, 38, 0) else { panic!("text") };
        let found: Vec<Option<&str>> = (0..4).map(|row| text.get(row)).collect();
        assert_eq!(found, [Some("9007199254740992"), None, Some("9007199254740993"), Some("-100")]);
        let Column::Decimal(short) = converted(&[Some(150), None], 15, 2) else { panic!("floats") };
        assert_eq!(short.values[0].to_string(), "1.5");
        assert!(short.valid.is_some_and(|valid| valid.get(0) && !valid.get(1)));
    }

    #[test]
    fn decimals_of_256_bits_keep_their_digits_where_they_have_38() {
        let stored = |units: i256| PrimitiveArray::from([Some(units), None]).to(Stored::Decimal256(38, 2));
        let Some(Column::Text(text)) = decimals(&stored(i256::from_words(-1, -120)), 38, 2) else { panic!("text") };
        assert_eq!((text.get(0), text.get(1)), (Some("-1.2"), None));
        assert!(decimals(&stored(i256::from_words(1, 0)), 38, 2).is_none());
        assert!(decimals(&stored(i256::from_words(0, 5)), 39, 2).is_none());
    }
}

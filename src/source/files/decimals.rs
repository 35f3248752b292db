//! Decimals of columnar files.

use polars_arrow::array::{Array, PrimitiveArray};
use polars_arrow::datatypes::ArrowDataType as Stored;
use polars_arrow::types::i256;

use super::array_values::{array, numbers, validity, with_unreadable};
use crate::model::Decimal;
use crate::source::bits::Bits;
use crate::source::column::{Column, Typed};

/// Digits of a decimal at the most.
const MAX_PRECISION: usize = 38;

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

/// Decimals. One that has more digits than its type says is unreadable.
pub(super) fn decimals(cells: &dyn Array, precision: usize, scale: usize) -> Option<Column> {
    let units = units(cells, precision, scale)?;
    let scale = u8::try_from(scale).ok()?;
    let rows = units.values.len();
    let mut unreadable = Bits::none(rows);
    let values: Vec<Decimal> = units
        .values
        .iter()
        .enumerate()
        .map(|(row, units)| {
            Decimal::new(*units, scale).unwrap_or_else(|| {
                unreadable.set(row);
                Decimal::ZERO
            })
        })
        .collect();
    Some(Column::Decimal(with_unreadable(values, units.valid, &unreadable)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(units: &[Option<i128>], precision: usize, scale: usize) -> Typed<Decimal> {
        let cells = PrimitiveArray::<i128>::from(units).to(Stored::Decimal(precision, scale));
        match decimals(&cells, precision, scale) {
            Some(Column::Decimal(cells)) => cells,
            other => panic!("not decimals: {other:?}"),
        }
    }

    #[test]
    fn decimals_keep_their_digits() {
        let units = [Some(9_007_199_254_740_992), None, Some(9_007_199_254_740_993), Some(-100)];
        let cells = converted(&units, 38, 2);
        let texts: Vec<String> = cells.values.iter().map(ToString::to_string).collect();
        assert_eq!((&*texts[0], &*texts[2], &*texts[3]), ("90071992547409.92", "90071992547409.93", "-1"));
        assert!(cells.valid.is_some_and(|valid| valid.get(0) && !valid.get(1)));
        // More digits than any type may say.
        let damaged = converted(&[Some(i128::MAX), Some(1)], 38, 0);
        assert!(damaged.unreadable.is_some_and(|unreadable| unreadable.get(0) && !unreadable.get(1)));
    }

    #[test]
    fn decimals_of_256_bits_keep_their_digits_where_they_have_38() {
        let stored = |units: i256| PrimitiveArray::from([Some(units), None]).to(Stored::Decimal256(38, 2));
        let Some(Column::Decimal(cells)) = decimals(&stored(i256::from_words(-1, -120)), 38, 2) else {
            panic!("decimals")
        };
        assert_eq!(cells.values[0].to_string(), "-1.2");
        assert!(decimals(&stored(i256::from_words(1, 0)), 38, 2).is_none());
        assert!(decimals(&stored(i256::from_words(0, 5)), 39, 2).is_none());
    }
}

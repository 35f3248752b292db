//! Decimals of columnar files.

use polars_arrow::array::Array;
use polars_arrow::datatypes::ArrowDataType as Stored;
use polars_arrow::types::i256;

use super::array_values::fitting;
use crate::model::Decimal;
use crate::source::column::Column;

/// Decimals. One of more digits than are exact is unreadable.
pub(super) fn decimals(cells: &dyn Array, precision: usize, scale: usize) -> Option<Column> {
    if precision == 0 || scale > precision {
        return None;
    }
    let scale = u8::try_from(scale).ok()?;
    let decimal = |units: i128| Decimal::new(units, scale);
    Some(Column::Decimal(match cells.dtype().to_storage() {
        Stored::Decimal32(..) => fitting(cells, |units: i32| decimal(units.into()))?,
        Stored::Decimal64(..) => fitting(cells, |units: i64| decimal(units.into()))?,
        Stored::Decimal256(..) => fitting(cells, |units: i256| decimal(i128::try_from(units.0).ok()?))?,
        _ => fitting(cells, decimal)?,
    }))
}

#[cfg(test)]
mod tests {
    use polars_arrow::array::PrimitiveArray;

    use super::*;
    use crate::source::column::Typed;

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
        let Some(Column::Decimal(cells)) = decimals(&stored(i256::from_words(1, 0)), 50, 2) else { panic!("decimals") };
        assert!(cells.unreadable.is_some_and(|rows| rows.get(0) && !rows.get(1)));
    }
}

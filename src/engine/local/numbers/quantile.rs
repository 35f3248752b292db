//! Ranks of quantiles, and quantiles between two values.

use crate::model::{DataType, Quantile, Value};

use crate::engine::local::numbers::image::{Image, exact_of, float_of};

/// The ranks between which quantiles lie, in ascending order, each once.
pub(crate) fn ranks_of(quantiles: &[Quantile], count: u64) -> Vec<u64> {
    let mut ranks: Vec<u64> = Vec::with_capacity(2 * quantiles.len());
    for quantile in quantiles {
        let (rank, share) = quantile.place(count);
        ranks.push(rank);
        if share > 0.0 {
            ranks.push(rank + 1);
        }
    }
    ranks.sort_unstable();
    ranks.dedup();
    ranks
}

/// The quantile of numbers that lies between the values at [`Quantile::place`]; null where there is none.
pub(crate) fn quantile_of<I: Image>(
    quantile: Quantile,
    count: u64,
    at: impl Fn(u64) -> I,
    data_type: DataType,
) -> Value {
    let (rank, share) = quantile.place(count);
    let (low, high) = (at(rank), at(if share > 0.0 { rank + 1 } else { rank }));
    if data_type.is_float() {
        let between = Quantile::between(float_of(low.low_word()), float_of(high.low_word()), share);
        // There is no number between two infinite values.
        return if between.is_nan() { Value::Null } else { Value::Float(between) };
    }
    let exact = |image: I| exact_of(image, data_type);
    exact(low)
        .zip(exact(high))
        .and_then(|(low, high)| quantile.between_exact(count, low, high))
        .map_or(Value::Null, Value::of_decimal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::local::numbers::image::{image_of_float, image_of_integer};
    use crate::model::Decimal;

    /// Results of `quantile_cont` and `quantile_disc` of `DuckDB` 2.0 over 1, 2, 3, 4, 10.
    #[test]
    fn quantiles_are_those_of_hyndman_and_fan() {
        let values = [1, 2, 3, 4, 10].map(image_of_integer);
        let at = |text: &str| {
            let quantile = Quantile::parse(text).unwrap();
            let value = |rank: u64| values[usize::try_from(rank).unwrap()];
            let rank = quantile.rank(5);
            (quantile_of(quantile, 5, value, DataType::Integer), exact_of(value(rank), DataType::Integer).unwrap())
        };
        let decimal = |text: &str| Value::Decimal(Decimal::parse(text).unwrap());
        let whole = Value::Integer;
        assert_eq!(at("0"), (whole(1), 1.into()));
        assert_eq!(at("0.2"), (decimal("1.8"), 1.into()));
        assert_eq!(at("0.25"), (whole(2), 2.into()));
        assert_eq!(at("0.5"), (whole(3), 3.into()));
        assert_eq!(at("0.6"), (decimal("3.4"), 3.into()));
        assert_eq!(at("0.95"), (decimal("8.8"), 10.into()));
        assert_eq!(at("1"), (whole(10), 10.into()));
        // 19 of 20 values lie at or under the nineteenth, though 20 * 0.95 is a little more than 19 in floats.
        assert_eq!(Quantile::parse("0.95").unwrap().rank(20), 18);
        let of_whole = |values: [i128; 2]| {
            let images = values.map(image_of_integer);
            quantile_of(Quantile::MEDIAN, 2, |rank| images[usize::try_from(rank).unwrap()], DataType::Integer)
        };
        let (least, greatest) = (i128::from(i64::MIN), i128::from(i64::MAX));
        assert_eq!(of_whole([greatest - 2, greatest]), Value::Integer(i64::MAX - 1));
        assert_eq!(of_whole([greatest - 1, greatest]), decimal("9223372036854775806.5"));
        assert_eq!(of_whole([least, greatest]), decimal("-0.5"));
        assert_eq!(of_whole([greatest + 1, greatest + 3]), decimal("9223372036854775809"));
        let of_floats = |values: [f64; 2]| {
            let images = values.map(image_of_float);
            quantile_of(Quantile::MEDIAN, 2, |rank| images[usize::try_from(rank).unwrap()], DataType::Float)
        };
        assert_eq!(of_floats([1.0, f64::INFINITY]), Value::Float(f64::INFINITY));
        assert_eq!(of_floats([f64::MIN, f64::MAX]), Value::Float(0.0));
        assert_eq!(of_floats([f64::MAX, f64::MAX]), Value::Float(f64::MAX));
    }
}

//! Ranks of quantiles, and quantiles between two values.

use crate::model::{DataType, Quantile, Value};

use crate::engine::local::numbers::image::{decimal_of, whole_of};

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

/// The quantile of numbers that lies between the values at [`Quantile::place`]. Of whole numbers it is exact: a whole number
/// where it is one.
pub(crate) fn quantile_of(quantile: Quantile, count: u64, at: impl Fn(u64) -> u64, data_type: DataType) -> Value {
    let (rank, share) = quantile.place(count);
    let next = if share > 0.0 { rank + 1 } else { rank };
    if data_type == DataType::Decimal {
        return Value::Decimal(Quantile::between(decimal_of(at(rank)), decimal_of(at(next)), share));
    }
    quantile.between_whole(count, whole_of(at(rank)), whole_of(at(next)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::local::numbers::image::{image_of_decimal, image_of_whole};

    /// Results of `quantile_cont` and `quantile_disc` of `DuckDB` 2.0 over 1, 2, 3, 4, 10.
    #[test]
    fn quantiles_are_those_of_hyndman_and_fan() {
        let values = [1, 2, 3, 4, 10].map(image_of_whole);
        let at = |text: &str| {
            let quantile = Quantile::parse(text).unwrap();
            let between = quantile_of(quantile, 5, |rank| values[usize::try_from(rank).unwrap()], DataType::Integer);
            (between, whole_of(values[usize::try_from(quantile.rank(5)).unwrap()]))
        };
        let (whole, decimal) = (Value::Integer, Value::Decimal);
        assert_eq!(at("0"), (whole(1), 1));
        assert_eq!(at("0.2"), (decimal(1.8), 1));
        assert_eq!(at("0.25"), (whole(2), 2));
        assert_eq!(at("0.5"), (whole(3), 3));
        assert_eq!(at("0.6"), (decimal(3.4), 3));
        assert_eq!(at("0.95"), (decimal(8.8), 10));
        assert_eq!(at("1"), (whole(10), 10));
        // 19 of 20 values lie at or under the nineteenth, though 20 * 0.95 is a little more than 19 in floats.
        assert_eq!(Quantile::parse("0.95").unwrap().rank(20), 18);
        let middle = |values: [u64; 2], data_type| {
            quantile_of(Quantile::MEDIAN, 2, |rank| values[usize::try_from(rank).unwrap()], data_type)
        };
        let of_whole = |values: [i64; 2]| middle(values.map(image_of_whole), DataType::Integer);
        assert_eq!(of_whole([i64::MAX - 2, i64::MAX]), whole(i64::MAX - 1));
        assert_eq!(of_whole([i64::MAX - 1, i64::MAX]), decimal(9_223_372_036_854_775_807.0));
        assert_eq!(of_whole([i64::MIN, i64::MAX]), decimal(-0.5));
        assert_eq!(of_whole([-(1 << 60) - 1, (1 << 60) + 3]), whole(1));
        let of_decimals = |values: [f64; 2]| middle(values.map(image_of_decimal), DataType::Decimal);
        assert_eq!(of_decimals([1.0, f64::INFINITY]), decimal(f64::INFINITY));
        assert_eq!(of_decimals([f64::MIN, f64::MAX]), decimal(0.0));
        assert_eq!(of_decimals([f64::MAX, f64::MAX]), decimal(f64::MAX));
    }
}

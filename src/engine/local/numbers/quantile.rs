//! Ranks of quantiles, and what lies between two values.

use crate::model::{DataType, Quantile, Value};

use crate::engine::local::numbers::image::{decimal_of, whole_of};

/// The rank, from 0, of the value that is a quantile itself: the least with at least that share of all values at or under
/// it. Type 1 of R. J. Hyndman and Y. Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50
/// (1996).
pub(crate) fn rank_at(quantile: Quantile, count: u64) -> u64 {
    let under = (u128::from(count) * u128::from(quantile.billionths())).div_ceil(u128::from(Quantile::WHOLE));
    u64::try_from(under).unwrap_or(u64::MAX).clamp(1, count.max(1)) - 1
}

/// Where a quantile lies between values: the rank below it, and the way to the next one, as a share. Type 7 of Hyndman and
/// Fan, which numpy calls `linear` and SQL `percentile_cont`; exact, since a quantile is a decimal.
#[expect(clippy::cast_precision_loss, reason = "a part of a billion")]
pub(crate) fn place_between(quantile: Quantile, count: u64) -> (u64, f64) {
    let whole = u128::from(Quantile::WHOLE);
    let place = u128::from(count.saturating_sub(1)) * u128::from(quantile.billionths());
    let rank = u64::try_from(place / whole).unwrap_or(u64::MAX);
    (rank, (place % whole) as f64 / whole as f64)
}

/// The ranks between which quantiles lie, in ascending order and without repeats.
pub(crate) fn ranks_of(quantiles: &[Quantile], count: u64) -> Vec<u64> {
    let mut ranks: Vec<u64> = Vec::with_capacity(2 * quantiles.len());
    for quantile in quantiles {
        let (rank, share) = place_between(*quantile, count);
        ranks.push(rank);
        if share > 0.0 {
            ranks.push(rank + 1);
        }
    }
    ranks.sort_unstable();
    ranks.dedup();
    ranks
}

/// What lies a share of the way from one number to the next, as numpy has it: from whichever end is nearer.
pub(crate) fn way_between(from: f64, to: f64, share: f64) -> f64 {
    if !from.is_finite() || !to.is_finite() {
        // Between a number and an infinite one lies nothing but the latter.
        if from.is_finite() {
            to
        } else if to.is_finite() {
            from
        } else {
            from + to
        }
    } else if !(to - from).is_finite() {
        // Each part is within what floats hold.
        from * (1.0 - share) + to * share
    } else if share < 0.5 {
        from + (to - from) * share
    } else {
        to - (to - from) * (1.0 - share)
    }
}

/// The quantile of numbers that lies between the values at [`place_between`]. Of whole numbers it is exact: a whole number
/// where it is one.
pub(crate) fn quantile_of(quantile: Quantile, count: u64, at: impl Fn(u64) -> u64, data_type: DataType) -> Value {
    let (rank, share) = place_between(quantile, count);
    let next = if share > 0.0 { rank + 1 } else { rank };
    if data_type == DataType::Decimal {
        return Value::Decimal(way_between(decimal_of(at(rank)), decimal_of(at(next)), share));
    }
    let (low, high) = (i128::from(whole_of(at(rank))), i128::from(whole_of(at(next))));
    let whole = i128::from(Quantile::WHOLE);
    let part = i128::from(count.saturating_sub(1)) * i128::from(quantile.billionths()) % whole;
    quotient(low * whole + (high - low) * part, whole)
}

/// A number divided by another that is over 0: a whole number where that is one, else the nearest decimal.
#[expect(clippy::cast_precision_loss, reason = "a decimal is a 64-bit float by definition")]
pub(crate) fn quotient(number: i128, by: i128) -> Value {
    const EXACT: u128 = 1 << f64::MANTISSA_DIGITS;
    let (whole, rest) = (number.div_euclid(by), number.rem_euclid(by));
    match i64::try_from(whole) {
        Ok(whole) if rest == 0 => Value::Integer(whole),
        _ if number.unsigned_abs() <= EXACT => Value::Decimal(number as f64 / by as f64),
        _ => Value::Decimal(whole as f64 + rest as f64 / by as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::local::numbers::image::{image_of_decimal, image_of_whole};

    /// Figures of `quantile_cont` and `quantile_disc` of `DuckDB` 2.0 over 1, 2, 3, 4, 10.
    #[test]
    fn quantiles_are_those_of_hyndman_and_fan() {
        let values = [1, 2, 3, 4, 10].map(image_of_whole);
        let at = |text: &str| {
            let quantile = Quantile::parse(text).unwrap();
            let between = quantile_of(quantile, 5, |rank| values[usize::try_from(rank).unwrap()], DataType::Integer);
            (between, whole_of(values[usize::try_from(rank_at(quantile, 5)).unwrap()]))
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
        assert_eq!(rank_at(Quantile::parse("0.95").unwrap(), 20), 18);
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

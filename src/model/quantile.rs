//! A position among ordered values.
//!
//! Of values in order there are two quantiles, after R. J. Hyndman and Y. Fan, "Sample Quantiles in Statistical Packages", The
//! American Statistician 50 (1996). Ties need no rule: equal values are in order whichever comes first. Missing and
//! unparseable values are not among them. Of 10, 20, 30, 40:
//!
//! | quantile | itself a value (type 1) | between two (type 7) |
//! |---|---|---|
//! | 0 | 10 | 10 |
//! | 0.25 | 10 | 17.5 |
//! | 0.5 | 20 | 25 |
//! | 0.9 | 40 | 37 |
//! | 1 | 40 | 40 |

use std::fmt;

use num_bigint::BigInt;
use num_rational::BigRational;
use serde::{Deserialize, Serialize};

use super::Decimal;

/// A share of ordered values, from 0 (the smallest) to 1 (the largest), as a decimal of up to nine places, so that its
/// position among any number of values is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Quantile(u32);

impl Quantile {
    /// Billionths of the whole.
    pub const WHOLE: u32 = 1_000_000_000;
    /// The median.
    pub const MEDIAN: Self = Self(Self::WHOLE / 2);

    /// That many hundredths, at most 100.
    pub const fn percent(hundredths: u32) -> Self {
        Self(if hundredths > 100 { Self::WHOLE } else { hundredths * (Self::WHOLE / 100) })
    }

    /// Parses `0.95`, `1` or `.5`; `None` if it is outside 0 to 1 or has more than nine places.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, places) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let places = places.trim_end_matches('0');
        if text.is_empty() || text == "." || places.len() > 9 || !digits(whole) || !digits(places) {
            return None;
        }
        let whole: u32 = if whole.is_empty() { 0 } else { whole.parse().ok().filter(|whole| *whole <= 1)? };
        let places: u32 = format!("{places:0<9}").parse().ok()?;
        Some(whole * Self::WHOLE + places).filter(|billionths| *billionths <= Self::WHOLE).map(Self)
    }

    /// As billionths.
    pub const fn billionths(self) -> u32 {
        self.0
    }

    /// The rank, from 0, of the value that is the quantile itself: the least with at least that share of all values at or
    /// under it (type 1). For dates, between which lies nothing, and for delays.
    pub fn rank(self, count: u64) -> u64 {
        let under = (u128::from(count) * u128::from(self.0)).div_ceil(u128::from(Self::WHOLE));
        u64::try_from(under).unwrap_or(u64::MAX).clamp(1, count.max(1)) - 1
    }

    /// Where the quantile of numbers lies between two of them: the rank below it, and the way to the next one, as a share:
    /// (count − 1) · quantile (type 7, which numpy calls `linear` and SQL `percentile_cont`); exact, since a quantile is a
    /// decimal.
    #[expect(clippy::cast_precision_loss, reason = "a part of a billion")]
    pub fn place(self, count: u64) -> (u64, f64) {
        let whole = u128::from(Self::WHOLE);
        let place = u128::from(count.saturating_sub(1)) * u128::from(self.0);
        let rank = u64::try_from(place / whole).unwrap_or(u64::MAX);
        (rank, (place % whole) as f64 / whole as f64)
    }

    /// The way between the two values, exactly.
    pub fn way(self, count: u64) -> BigRational {
        let part = BigInt::from(count.saturating_sub(1)) * self.0 % Self::WHOLE;
        BigRational::new(part, Self::WHOLE.into())
    }

    /// Whether at least so many of `count` values lie at or below the quantile, and as many at or above it, be it a value
    /// or between two. Fewer would show single rows.
    pub fn is_among(self, least: u64, count: u64) -> bool {
        let (low, share) = self.place(count);
        let high = low + u64::from(share > 0.0);
        let below = low.min(self.rank(count)) + 1;
        let above = count.saturating_sub(high.max(self.rank(count)));
        below >= least && above >= least
    }

    /// What lies a share of the way from one float to the next, computed from whichever end is nearer, as numpy does.
    /// Between a number and an infinite one lies the latter; between two infinite ones of different signs, nothing (NaN).
    pub fn between(from: f64, to: f64, share: f64) -> f64 {
        if !from.is_finite() || !to.is_finite() {
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

    /// The quantile of exact numbers, which lies between these two at [`place`](Self::place): exact as far as 38 digits reach.
    pub fn between_exact(self, count: u64, low: Decimal, high: Decimal) -> Option<Decimal> {
        const PLACES: u8 = 9;
        let scale = low.scale().max(high.scale());
        let part = i128::from(count.saturating_sub(1)) * i128::from(self.0) % i128::from(Self::WHOLE);
        let (low, high) = (low.units(scale), high.units(scale));
        let units = &low * Self::WHOLE + (high - &low) * part;
        Decimal::fitting(&units, u32::from(scale + PLACES))
    }
}

impl fmt::Display for Quantile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:09}", self.0 / Self::WHOLE, self.0 % Self::WHOLE);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_decimals_from_0_to_1() {
        for (text, shown) in
            [("0", "0"), ("1", "1"), ("1.0", "1"), ("0.95", "0.95"), (".5", "0.5"), ("0.999999999", "0.999999999")]
        {
            assert_eq!(Quantile::parse(text).map(|quantile| quantile.to_string()).as_deref(), Some(shown), "{text}");
        }
        for text in ["", ".", "-0.1", "1.1", "1.000000001", "0.1234567891", "95%", "a", "0,5", "1e-1", "2"] {
            assert_eq!(Quantile::parse(text), None, "{text}");
        }
        assert_eq!(Quantile::percent(95), Quantile::parse("0.95").unwrap());
    }
}

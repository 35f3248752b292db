//! A position among ordered values.

use std::fmt;

use serde::{Deserialize, Serialize};

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

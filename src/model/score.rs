//! Scores as exact hundredths.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A score from 0.00 to 100.00, stored in hundredths and never rounded up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(u16);

impl Score {
    /// The best score; only for zero failures.
    pub const FULL: Self = Self(10_000);
    /// The worst score.
    pub const ZERO: Self = Self(0);
    /// The maximum score of a vetoed dimension.
    pub const VETOED: Self = Self(5_999);

    /// A score of that many hundredths; more than 100.00 is cut to it.
    pub const fn from_hundredths(hundredths: u16) -> Self {
        if hundredths > 10_000 { Self::FULL } else { Self(hundredths) }
    }

    /// `100 * passed / evaluated`, floored; `None` where nothing was evaluated.
    pub fn rate(passed: u64, evaluated: u64) -> Option<Self> {
        let hundredths = (u128::from(passed) * 10_000).checked_div(u128::from(evaluated))?;
        Some(Self::from_hundredths(u16::try_from(hundredths).unwrap_or(u16::MAX)))
    }

    /// The score in hundredths, 0 to 10,000.
    pub const fn hundredths(self) -> u16 {
        self.0
    }

    /// Parses `90`, `92.5` or `99.95`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || fraction.len() > 2 || !digits(whole) || !digits(fraction) {
            return None;
        }
        let hundredths: u16 = format!("{whole}{fraction:0<2}").parse().ok()?;
        (hundredths <= 10_000).then_some(Self(hundredths))
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{:02}", self.0 / 100, self.0 % 100))
    }
}

impl Serialize for Score {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 100.0)
    }
}

impl<'de> Deserialize<'de> for Score {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        Self::parse(&format!("{number:.2}"))
            .ok_or_else(|| serde::de::Error::custom("a score is a number from 0 to 100"))
    }
}

impl JsonSchema for Score {
    fn schema_name() -> Cow<'static, str> {
        "Score".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "maximum": 100, "description": "0 to 100, floored to two decimals" })
    }
}

/// The colour of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Band {
    /// Below the amber limit, or vetoed.
    Red,
    /// Between the limits.
    Amber,
    /// At or above the green limit.
    Green,
}

impl Band {
    /// The word used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Amber => "amber",
            Self::Green => "green",
        }
    }
}

/// The limits between the bands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bands {
    /// Green from this score.
    pub green: Score,
    /// Amber from this score.
    pub amber: Score,
}

impl Default for Bands {
    fn default() -> Self {
        Self { green: Score(9_000), amber: Score(7_500) }
    }
}

impl Bands {
    /// The band of a score.
    pub fn band(self, score: Score) -> Band {
        if score >= self.green {
            Band::Green
        } else if score >= self.amber {
            Band::Amber
        } else {
            Band::Red
        }
    }
}

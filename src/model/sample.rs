//! What the report says about a sample, and about an audit that ended early.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::rule::parse_percent;

/// A share of a whole, stored in millionths: 1 % is 10,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u32);

impl Share {
    /// The whole.
    pub const WHOLE: Self = Self(1_000_000);

    /// Parses `1%` or `0.1 %`, with at most four decimals; from over 0 to 100.
    pub fn parse(text: &str) -> Option<Self> {
        let share = parse_percent(text.trim().strip_suffix('%')?.trim_end())?;
        (share > 0).then_some(Self(share))
    }

    /// That many millionths; more than the whole is cut to it.
    pub const fn from_millionths(millionths: u32) -> Self {
        if millionths > Self::WHOLE.0 { Self::WHOLE } else { Self(millionths) }
    }

    /// `part / whole`, floored to a millionth; the whole if `whole` is 0.
    pub fn of(part: u64, whole: u64) -> Self {
        let share = (u128::from(part) * u128::from(Self::WHOLE.0)).checked_div(u128::from(whole));
        Self::from_millionths(share.map_or(Self::WHOLE.0, |share| u32::try_from(share).unwrap_or(u32::MAX)))
    }

    /// In millionths, 0 to 1,000,000.
    pub const fn millionths(self) -> u32 {
        self.0
    }

    /// This share of a number, floored.
    pub fn take(self, whole: u64) -> u64 {
        let part = u128::from(whole) * u128::from(self.0) / u128::from(Self::WHOLE.0);
        u64::try_from(part).unwrap_or(whole)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:04}", self.0 / 10_000, self.0 % 10_000);
        write!(f, "{} %", text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 10_000.0)
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        let share = parse_percent(&format!("{number:.4}"));
        share.map(Self).ok_or_else(|| serde::de::Error::custom("a share is a number from 0 to 100"))
    }
}

impl JsonSchema for Share {
    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "maximum": 100, "description": "in percent, to four decimals" })
    }
}

/// The failures of a row test in the clusters of a sample: sums over clusters of `n`, the rows evaluated in one, and
/// `x`, those that failed. Clusters without an evaluated row do not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moments {
    /// Clusters.
    pub clusters: u64,
    /// Clusters in which a row failed.
    pub with_failed: u64,
    /// Clusters in which a row passed.
    pub with_passed: u64,
    /// Σ n².
    pub nn: u128,
    /// Σ n·x.
    pub nx: u128,
    /// Σ x².
    pub xx: u128,
}

impl Moments {
    /// Adds a cluster.
    pub fn add(&mut self, evaluated: u64, failed: u64) {
        if evaluated > 0 {
            let (n, x) = (u128::from(evaluated), u128::from(failed));
            self.clusters += 1;
            self.with_failed += u64::from(failed > 0);
            self.with_passed += u64::from(failed < evaluated);
            self.nn += n * n;
            self.nx += n * x;
            self.xx += x * x;
        }
    }
}

/// The failures of a row test over the parts of a sample.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    /// By block, a run of neighbouring rows.
    pub blocks: Moments,
    /// By row group or record batch, if only some of them were drawn.
    pub groups: Option<Moments>,
}

/// Summary of an audit of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SampledReport {
    /// The requested share, in percent.
    pub asked: Share,
    /// Datasets that were read as a sample.
    pub datasets_sampled: u32,
    /// Datasets that were read in full nevertheless; a notice of each says why.
    pub datasets_in_full: u32,
    /// Rules that are undecided.
    pub rules_undecided: u32,
    /// Rules that a sample cannot measure.
    pub rules_not_measured: u32,
}

/// What was read of a sampled dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SampledDataset {
    /// The requested share, in percent.
    pub asked: Share,
    /// The share that was read, in percent.
    pub share: Share,
    /// Rows that were read and judged.
    pub rows_read: u64,
    /// Rows of the dataset.
    pub rows_total: u64,
    /// Whether `rows_total` is calculated from the size of the files and not counted.
    pub rows_total_is_estimate: bool,
    /// Blocks of neighbouring rows that make up the sample.
    pub blocks: u64,
}

/// What a sample shows of a rule. The counts of the rule are those of the sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SampledRule {
    /// The share of the dataset's rows that was read, in percent.
    pub share: Share,
    /// The lower end of the 95 % Wilson interval of the failing share, in percent, floored.
    pub failing_at_least: Share,
    /// Its upper end, rounded up.
    pub failing_at_most: Share,
    /// The number of rows drawn one by one that would give as much information, floored.
    pub effective_rows: u64,
    /// Whether the counted rows alone decide the status, whatever the other rows contain.
    pub certain: bool,
}

/// Summary of an audit that ended before everything was measured, because the gate could no longer pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoppedReport {
    /// What failed the gate, as a sentence.
    pub because: String,
    /// The rules that failed it.
    pub decided_by: Vec<String>,
    /// The rules that were not measured for that reason.
    pub unmeasured: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_exactly_or_not_at_all() {
        let read = |text| Share::parse(text).map(Share::millionths);
        let good = [("1%", 10_000), ("0.1 %", 1_000), ("100%", 1_000_000), ("0.0001%", 1), (" 25% ", 250_000)];
        for (text, millionths) in good {
            assert_eq!(read(text), Some(millionths), "{text}");
        }
        for text in ["0%", "100.0001%", "1", "", "%", "-1%", "1e1%", "0.00001%", "one%"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(Share::of(1, 3).millionths(), 333_333);
        assert_eq!(Share::of(0, 0), Share::WHOLE);
        assert_eq!(Share::WHOLE.take(u64::MAX), u64::MAX);
        assert_eq!(Share::from_millionths(1_234).to_string(), "0.1234 %");
        let written = serde_json::to_string(&Share::from_millionths(1_234)).unwrap();
        assert_eq!(
            (written.as_str(), serde_json::from_str::<Share>(&written).unwrap().millionths()),
            ("0.1234", 1_234)
        );
    }
}

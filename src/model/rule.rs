//! The vocabulary in which a rule is judged.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The six dimensions of a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Dimension {
    /// Values obey their domain, each other and the reference.
    Correct,
    /// What is required is present.
    Sufficient,
    /// No duplicates, junk or damaged text.
    Clean,
    /// Kept up to date, about entities that still exist.
    Alive,
    /// The same codes, formats, keys and facts across datasets.
    Unified,
    /// Fit to hand over.
    Shared,
}

impl Dimension {
    /// All six, in the order of the reports.
    pub const ALL: [Self; 6] = [Self::Correct, Self::Sufficient, Self::Clean, Self::Alive, Self::Unified, Self::Shared];

    /// The name used in suites and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::Sufficient => "sufficient",
            Self::Clean => "clean",
            Self::Alive => "alive",
            Self::Unified => "unified",
            Self::Shared => "shared",
        }
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How much a failure matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Minor,
    /// Must be corrected.
    Major,
    /// Vetoes its dimension.
    Critical,
}

impl Severity {
    /// All severities, mildest first.
    pub const ALL: [Self; 3] = [Self::Minor, Self::Major, Self::Critical];

    /// The name used in suites and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The outcome of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It could not be judged; the reason is beside it.
    Errored,
    /// Its threshold is not met.
    Failed,
    /// Its threshold is not met, and a waiver accepts that: it counts in scores as if it failed, and not for the gate.
    Waived,
    /// Its threshold is met, that of `warn` is not.
    Warned,
    /// The threshold is inside the interval of a sample.
    Undecided,
    /// Nothing was in scope, or it was not measured; the reason is beside it.
    NotMeasured,
    /// Its threshold is met.
    Passed,
}

impl Status {
    /// All of them, in the order in which reports list rules.
    pub const ALL: [Self; 7] =
        [Self::Errored, Self::Failed, Self::Waived, Self::Warned, Self::Undecided, Self::NotMeasured, Self::Passed];

    /// The word used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Errored => "errored",
            Self::Failed => "failed",
            Self::Waived => "waived",
            Self::Warned => "warned",
            Self::Undecided => "undecided",
            Self::NotMeasured => "not measured",
            Self::Passed => "passed",
        }
    }
}

/// How many failures a rule allows. Exact: percentages are kept in ten-thousandths of a percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Threshold {
    /// At least this share of the evaluated rows passes, in millionths (99.5 % is 995,000).
    AtLeastShare(u32),
    /// At least this many rows pass.
    AtLeastRows(u64),
    /// At most this share of the evaluated rows fails, in millionths.
    AtMostShare(u32),
    /// At most this many rows fail.
    AtMostRows(u64),
}

/// Millionths in the whole.
const WHOLE: u128 = 1_000_000;

impl Threshold {
    /// Every evaluated row passes.
    pub const ALL_ROWS: Self = Self::AtMostRows(0);

    /// Whether `passed` and `failed` rows satisfy the threshold; compared as integers.
    pub fn accepts(self, passed: u64, failed: u64) -> bool {
        let evaluated = u128::from(passed) + u128::from(failed);
        match self {
            Self::AtLeastShare(share) => u128::from(passed) * WHOLE >= u128::from(share) * evaluated,
            Self::AtLeastRows(rows) => passed >= rows,
            Self::AtMostShare(share) => u128::from(failed) * WHOLE <= u128::from(share) * evaluated,
            Self::AtMostRows(rows) => failed <= rows,
        }
    }

    /// The most rows that may fail so that the threshold can still be met, whatever rows follow. `rows` is the number
    /// of all rows of the dataset, if it is known. `None`: without that number, no number of failures is too high.
    ///
    /// Every evaluated row is one of `rows`, so more failures than a share of all rows are more than that share of the
    /// evaluated rows.
    pub fn most_failures(self, rows: Option<u64>) -> Option<u64> {
        let part = |share: u128| {
            let rows = if share == 0 { 0 } else { rows? };
            u64::try_from(u128::from(rows) * share / WHOLE).ok()
        };
        match self {
            Self::AtLeastShare(share) => part(WHOLE.saturating_sub(u128::from(share))),
            Self::AtMostShare(share) => part(u128::from(share)),
            Self::AtMostRows(most) => Some(most),
            Self::AtLeastRows(least) => rows.map(|rows| rows.saturating_sub(least)),
        }
    }

    /// Parses `99.5%`, `20 rows` or `20`, as the value of `at_least` or (with `most`) `at_most`.
    pub fn parse(text: &str, most: bool) -> Option<Self> {
        let text = text.trim();
        if let Some(percent) = text.strip_suffix('%') {
            let share = parse_percent(percent.trim_end())?;
            return Some(if most { Self::AtMostShare(share) } else { Self::AtLeastShare(share) });
        }
        let number = text.strip_suffix("rows").or_else(|| text.strip_suffix("row")).unwrap_or(text);
        let rows = whole_number(number.trim_end())?;
        Some(if most { Self::AtMostRows(rows) } else { Self::AtLeastRows(rows) })
    }

    /// Parses the value of `at_least` or (with `most`) `at_most` where nobody may take rows for percent: a bare number must
    /// be 0 or too great for a percentage.
    ///
    /// # Errors
    /// With what the writer may have meant.
    pub fn parse_stated(text: &str, most: bool) -> Result<Self, ThresholdError> {
        let text = text.trim();
        // At most 100 % allows everything, so `at_most: 100` is a number of rows.
        let greatest_share = if most { 99 } else { 100 };
        match whole_number(text) {
            Some(number) if (1..=greatest_share).contains(&number) => return Err(ThresholdError::Bare(number)),
            Some(_) => {}
            None => {
                if let Some(decimal) = bare_decimal(text) {
                    return Err(decimal);
                }
            }
        }
        Self::parse(text, most).ok_or_else(|| match percent_meant(text) {
            Some(percent) => ThresholdError::Percent(percent),
            None if text.ends_with('%') => ThresholdError::NoShare,
            None => ThresholdError::NoThreshold,
        })
    }
}

/// Why the value of `at_least` or `at_most` is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThresholdError {
    /// A bare number, which may be a percentage or a number of rows.
    Bare(u64),
    /// A bare fraction of 1; the percentage that it is.
    Fraction(String),
    /// A percentage that is written in another way; how to write it.
    Percent(String),
    /// A percentage below 0 %, above 100 % or with more than four decimals.
    NoShare,
    /// Neither a share nor a number of rows.
    NoThreshold,
}

/// A whole number; its digits may be separated by `_`.
fn whole_number(text: &str) -> Option<u64> {
    let digits = text.replace('_', "");
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// What a bare number with a decimal point (or comma) is: `0.95` and `1.0` are fractions, `99.5` is a percentage.
fn bare_decimal(text: &str) -> Option<ThresholdError> {
    let (whole, fraction) = text.split_once(['.', ','])?;
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if fraction.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let is_zero = |digits: &str| digits.bytes().all(|digit| digit == b'0');
    let is_fraction = is_zero(whole) || (whole == "1" && is_zero(fraction));
    if is_fraction {
        let (hundredths, rest) = fraction.split_at(fraction.len().min(2));
        let percent = format!("{whole}{hundredths:0<2}");
        let percent = percent.trim_start_matches('0');
        let percent = if percent.is_empty() { "0" } else { percent };
        let rest = rest.trim_end_matches('0');
        let point = if rest.is_empty() { "" } else { "." };
        return Some(ThresholdError::Fraction(format!("{percent}{point}{rest}%")));
    }
    parse_percent(&format!("{whole}.{fraction}")).map(|_| ThresholdError::Percent(format!("{whole}.{fraction}%")))
}

/// The share that somebody means by `99,5%`, `95 percent` or `>= 95%`.
fn percent_meant(text: &str) -> Option<String> {
    let number = text.trim_start_matches(['>', '<', '=', '≥', '≤', '~', ' ']);
    let lower = number.to_lowercase();
    let signs = ["%", "％", "percent", "per cent", "pct"];
    let number = signs.iter().find_map(|sign| lower.strip_suffix(sign))?.trim_end().replace(',', ".");
    parse_percent(&number).map(|_| format!("{number}%"))
}

/// Millionths of a percentage with up to four decimals, from 0 to 100.
pub(super) fn parse_percent(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || fraction.len() > 4 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let share: u32 = format!("{whole}{fraction:0<4}").parse().ok()?;
    (share <= 1_000_000).then_some(share)
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: &u32| {
            let text = format!("{}.{:04}", share / 10_000, share % 10_000);
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        };
        match self {
            Self::AtLeastShare(share) => write!(f, "at least {} %", percent(share)),
            Self::AtLeastRows(rows) => write!(f, "at least {rows} rows"),
            Self::AtMostShare(share) => write!(f, "at most {} % failing", percent(share)),
            Self::AtMostRows(0) => f.write_str("every row"),
            Self::AtMostRows(rows) => write!(f, "at most {rows} failing rows"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_number_is_never_taken_for_a_share() {
        for (text, least, most) in [
            ("95%", Ok(Threshold::AtLeastShare(950_000)), Ok(Threshold::AtMostShare(950_000))),
            ("95 %", Ok(Threshold::AtLeastShare(950_000)), Ok(Threshold::AtMostShare(950_000))),
            ("20 rows", Ok(Threshold::AtLeastRows(20)), Ok(Threshold::AtMostRows(20))),
            ("1 row", Ok(Threshold::AtLeastRows(1)), Ok(Threshold::AtMostRows(1))),
            ("1_000rows", Ok(Threshold::AtLeastRows(1_000)), Ok(Threshold::AtMostRows(1_000))),
            ("0", Ok(Threshold::AtLeastRows(0)), Ok(Threshold::AtMostRows(0))),
            ("101", Ok(Threshold::AtLeastRows(101)), Ok(Threshold::AtMostRows(101))),
            ("100", Err(ThresholdError::Bare(100)), Ok(Threshold::AtMostRows(100))),
        ] {
            assert_eq!(Threshold::parse_stated(text, false), least, "{text}");
            assert_eq!(Threshold::parse_stated(text, true), most, "{text}");
        }
        let fraction = |percent: &str| ThresholdError::Fraction(percent.to_owned());
        let percent = |percent: &str| ThresholdError::Percent(percent.to_owned());
        for (text, error) in [
            ("95", ThresholdError::Bare(95)),
            ("1", ThresholdError::Bare(1)),
            ("0_5", ThresholdError::Bare(5)),
            ("0.95", fraction("95%")),
            (".95", fraction("95%")),
            ("0,95", fraction("95%")),
            ("1.0", fraction("100%")),
            ("0.9", fraction("90%")),
            ("0.995", fraction("99.5%")),
            ("0.001", fraction("0.1%")),
            ("99.5", percent("99.5%")),
            ("1.5", percent("1.5%")),
            ("99,5%", percent("99.5%")),
            ("95 percent", percent("95%")),
            (">= 95%", percent("95%")),
            ("101%", ThresholdError::NoShare),
            ("most", ThresholdError::NoThreshold),
            ("-1", ThresholdError::NoThreshold),
            ("", ThresholdError::NoThreshold),
        ] {
            for most in [false, true] {
                assert_eq!(Threshold::parse_stated(text, most), Err(error.clone()), "{text}");
            }
        }
    }

    /// The most failures are those beyond which no number of passing rows helps, and not one less.
    #[test]
    fn most_failures_are_those_that_can_still_be_borne() {
        for rows in [1_u64, 7, 100, 999, 1_000, 12_345] {
            for threshold in [
                Threshold::ALL_ROWS,
                Threshold::AtMostRows(5),
                Threshold::AtLeastRows(90),
                Threshold::AtLeastShare(1_000_000),
                Threshold::AtLeastShare(990_000),
                Threshold::AtLeastShare(333_333),
                Threshold::AtMostShare(0),
                Threshold::AtMostShare(5_000),
                Threshold::AtMostShare(1_000_000),
            ] {
                let most = threshold.most_failures(Some(rows)).unwrap();
                // Whatever is evaluated in all, one more failure is too many; a rule of many rows may fail before.
                for evaluated in (most + 1..=rows).step_by(1 + usize::try_from(rows / 50).unwrap()) {
                    assert!(!threshold.accepts(evaluated - most - 1, most + 1), "{threshold} {rows} {evaluated}");
                }
                if most <= rows && !matches!(threshold, Threshold::AtLeastRows(least) if least > rows) {
                    assert!(threshold.accepts(rows - most, most), "{threshold} {rows}");
                }
            }
        }
        assert_eq!(Threshold::AtLeastShare(1_000_000).most_failures(None), Some(0));
        assert_eq!(Threshold::AtMostShare(0).most_failures(None), Some(0));
        assert_eq!(Threshold::AtLeastShare(990_000).most_failures(None), None);
        assert_eq!(Threshold::AtLeastRows(3).most_failures(None), None);
    }
}

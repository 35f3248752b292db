//! The parameters of two rules of one check: what differs, and in which direction.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::hash::argument;
use super::super::suite::Suite;
use super::super::written::WrittenRule;
use super::weight::{Differences, Weight, shown};
use crate::checks::{Absent, Arg, Param, ParamKind, Stricter};
use crate::model::{DataType, Decimal, Threshold, TimeSpan, TimeUnit};
use crate::rules::argument::GivenValue;
use crate::scalar::parse_value;

/// The parameters of a rule by name, those included that it does not write because they have a default.
pub(super) type Resolved = BTreeMap<&'static str, Value>;

/// The parameters of a rule in one form, however they are written.
pub(super) fn resolved(suite: &Suite, written: &WrittenRule) -> Resolved {
    let check = written.rule.check;
    let param = |name: &str| check.params().iter().find(|param| param.name == name);
    let mut values = Resolved::new();
    for given in &written.given.args {
        match &given.value {
            // What is written as both bounds at once.
            GivenValue::Ready(Arg::Bounds { min, max }) => {
                values.extend(min.map(|min| ("min", json!(min))));
                values.extend(max.map(|max| ("max", json!(max))));
            }
            GivenValue::Ready(Arg::Range { min, max }) => {
                values.extend(min.as_ref().map(|min| ("min", json!(plain(min)))));
                values.extend(max.as_ref().map(|max| ("max", json!(plain(max)))));
            }
            // A flag that is false is one that is absent. The baseline is another one with each audit; what the rule asks is not.
            GivenValue::Ready(Arg::Flag(false) | Arg::Baseline(_)) => {}
            value => {
                let value = argument(value);
                let value = match (given.param.kind, value) {
                    (ParamKind::Number | ParamKind::Scalar | ParamKind::Tolerance, Value::String(text)) => {
                        json!(plain(&text))
                    }
                    (_, value) => value,
                };
                values.insert(given.param.name, value);
            }
        }
    }
    // The exact number of rows is both bounds.
    if let (Some(_), Some(_), Some(equals)) = (param("min"), param("max"), values.get("equals").cloned()) {
        values.remove("equals");
        values.insert("min", equals.clone());
        values.insert("max", equals);
    }
    for param in check.params() {
        let default = match param.default_by {
            Some((by, words)) => values
                .get(by)
                .and_then(Value::as_str)
                .and_then(|chosen| words.iter().find(|(word, _)| *word == chosen).map(|(_, value)| *value)),
            None => param.default,
        };
        if let Some(default) = default.filter(|_| !values.contains_key(param.name)) {
            let value =
                if param.kind == ParamKind::Count { json!(default.parse::<u64>().ok()) } else { json!(default) };
            values.insert(param.name, value);
        }
        // Without a key the other dataset's own is meant.
        if let ParamKind::ColumnsOf(of) = param.kind
            && !values.contains_key(param.name)
            && let Some(other) = values.get(of).and_then(Value::as_str)
            && let Some(dataset) = suite.datasets.iter().find(|dataset| dataset.name == other)
        {
            values.insert(param.name, json!(dataset.key));
        }
    }
    let positional = check.params().iter().any(|param| matches!(param.kind, ParamKind::ColumnsOf(_)));
    for (name, value) in &mut values {
        let ordered = match check.params().iter().find(|param| param.name == *name).map(|param| param.kind) {
            Some(ParamKind::Columns | ParamKind::ColumnsOf(_)) => positional,
            Some(ParamKind::Texts | ParamKind::Names) => true,
            _ => false,
        };
        if let Value::Array(items) = value
            && !ordered
        {
            items.sort_by_key(Value::to_string);
        }
    }
    values
}

/// A number without what does not change it: `1.50` and `1.5` are one. Other text stays as it is.
fn plain(text: &str) -> String {
    let (number, percent) = text.strip_suffix('%').map_or((text, ""), |number| (number.trim_end(), "%"));
    match Decimal::parse(number) {
        Some(parsed) => {
            let digits = parsed.to_string();
            let digits =
                if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { &digits };
            if digits == "0" || digits == "-0" { "0".to_owned() } else { format!("{digits}{percent}") }
        }
        None => text.to_owned(),
    }
}

/// What the two rules have in common that decides about the direction of a parameter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around {
    /// Both are judged by the number of rows that fail, and by no group.
    pub(super) counts_failures: bool,
    /// The column has the same declared type of numbers in both.
    pub(super) is_numeric: bool,
}

/// Adds what differs between the parameters of two rules of a check.
pub(super) fn compare(
    params: &'static [Param],
    (old, new): (&Resolved, &Resolved),
    around: Around,
    differences: &mut Differences,
) {
    let is_one_kind = same_kind(params, (old, new), around);
    for param in params {
        let (then, now) = (old.get(param.name), new.get(param.name));
        if then == now || steps(param, then, now) == Some(Ordering::Equal) {
            continue;
        }
        let is_beside = |name: &&str| old.contains_key(*name) || new.contains_key(*name);
        let known = !param.unless.iter().any(is_beside) && (param.kind != ParamKind::Scalar || is_one_kind);
        let weight = if known { weight(param, then, now, around) } else { Weight::Other };
        let (before, after) = (then.map(shown), now.map(shown));
        differences.add(param.name, weight, before, after);
    }
}

/// In which direction a parameter changed.
fn weight(param: &Param, old: Option<&Value>, new: Option<&Value>, around: Around) -> Weight {
    if param.stricter == Stricter::Unknown {
        return Weight::Other;
    }
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (None, None) => return Weight::Neutral,
        (old, _) => {
            let given = match param.absent {
                Absent::Unknown => return Weight::Other,
                Absent::Loosest => Weight::Stricter,
                Absent::Strictest => Weight::Looser,
            };
            return if old.is_none() { given } else { given.reversed() };
        }
    };
    match param.stricter {
        Stricter::Greater => steps(param, Some(old), Some(new)).map_or(Weight::Other, Weight::of_greater),
        Stricter::Smaller => steps(param, Some(old), Some(new)).map_or(Weight::Other, Weight::of_greater).reversed(),
        Stricter::More => grown(old, new),
        Stricter::Fewer => grown(old, new).reversed(),
        Stricter::MoreJudged if around.counts_failures => grown(old, new),
        // Where a default is the strictest word, or the loosest, it is known beside any other word.
        Stricter::Given => {
            let is_default = |value: &Value| param.default.is_some_and(|word| value.as_str() == Some(word));
            match (param.absent, is_default(old), is_default(new)) {
                (Absent::Strictest, true, _) | (Absent::Loosest, _, true) => Weight::Looser,
                (Absent::Strictest, _, true) | (Absent::Loosest, true, _) => Weight::Stricter,
                _ => Weight::Other,
            }
        }
        Stricter::MoreJudged | Stricter::Unknown => Weight::Other,
    }
}

/// What another list does where more items are stricter.
pub(super) fn grown(old: &Value, new: &Value) -> Weight {
    let set = |value: &Value| match value {
        Value::Array(items) => Some(items.iter().map(Value::to_string).collect::<BTreeSet<_>>()),
        Value::String(_) => Some(BTreeSet::from([value.to_string()])),
        _ => None,
    };
    match (set(old), set(new)) {
        (Some(old), Some(new)) if old == new => Weight::Neutral,
        (Some(old), Some(new)) if new.is_superset(&old) => Weight::Stricter,
        (Some(old), Some(new)) if new.is_subset(&old) => Weight::Looser,
        _ => Weight::Other,
    }
}

/// Whether a value grew, where both can be compared.
fn steps(param: &Param, old: Option<&Value>, new: Option<&Value>) -> Option<Ordering> {
    let (old, new) = (old?, new?);
    match param.kind {
        ParamKind::Count => Some(new.as_u64()?.cmp(&old.as_u64()?)),
        ParamKind::Span => {
            let ((kind, old), (other, new)) = (length(old.as_str()?)?, length(new.as_str()?)?);
            (kind == other).then(|| new.cmp(&old))
        }
        ParamKind::Number => Some(Decimal::parse(new.as_str()?)?.cmp(&Decimal::parse(old.as_str()?)?)),
        ParamKind::Tolerance => {
            let (old, new) = (old.as_str()?, new.as_str()?);
            let is_share = |text: &str| text.ends_with('%');
            let number = |text: &str| Decimal::parse(text.trim_end_matches('%').trim_end());
            let comparable = is_share(old) == is_share(new) || old == "0" || new == "0";
            comparable.then(|| Some(number(new)?.cmp(&number(old)?))).flatten()
        }
        ParamKind::Scalar => {
            let (old, new) = (old.as_str()?, new.as_str()?);
            KINDS
                .into_iter()
                .find_map(|kind| crate::scalar::compare(&parse_value(new, kind, None)?, &parse_value(old, kind, None)?))
        }
        _ => None,
    }
}

/// The types of bounds that have an order of their own, the narrowest first.
const KINDS: [DataType; 4] = [DataType::Integer, DataType::Decimal, DataType::Date, DataType::Datetime];

/// Whether all bounds of both rules are of one type. A column of text is parsed as its bounds are written, so another type of bound
/// may change which values can be parsed.
fn same_kind(params: &[Param], (old, new): (&Resolved, &Resolved), around: Around) -> bool {
    let names = || params.iter().filter(|param| param.kind == ParamKind::Scalar).map(|param| param.name);
    let kind = |value: &Value| {
        let text = value.as_str()?;
        KINDS.into_iter().find(|kind| parse_value(text, *kind, None).is_some())
    };
    let kinds: Vec<Option<DataType>> =
        names().flat_map(|name| [old.get(name), new.get(name)]).flatten().map(kind).collect();
    let numeric = |kind: &Option<DataType>| kind.is_some_and(DataType::is_numeric);
    let first = kinds.first().copied().flatten();
    first.is_some() && (kinds.iter().all(|kind| *kind == first) || (around.is_numeric && kinds.iter().all(numeric)))
}

/// A time as a number of its smallest unit. Seconds, days and months are not compared: a month has no fixed number of days, and days
/// count back on the calendar, hours by the clock.
fn length(text: &str) -> Option<(TimeUnit, u64)> {
    let span = TimeSpan::parse(text)?;
    let (unit, factor) = match span.unit {
        TimeUnit::Second => (TimeUnit::Second, 1),
        TimeUnit::Minute => (TimeUnit::Second, 60),
        TimeUnit::Hour => (TimeUnit::Second, 3_600),
        TimeUnit::Day => (TimeUnit::Day, 1),
        TimeUnit::Week => (TimeUnit::Day, 7),
        TimeUnit::Month => (TimeUnit::Month, 1),
        TimeUnit::Year => (TimeUnit::Month, 12),
    };
    Some((unit, u64::from(span.count) * factor))
}

/// What another threshold does to the verdict of the same counts; `None` where it depends on the counts.
pub(super) fn threshold(old: Threshold, new: Threshold) -> Weight {
    use Threshold::{AtLeastRows, AtLeastShare, AtMostRows, AtMostShare};
    const WHOLE: u32 = 1_000_000;
    // The same limit as a share that may fail; everything, and nothing, may fail in several spellings.
    let settled = |threshold| match threshold {
        AtLeastShare(share) => AtMostShare(WHOLE.saturating_sub(share)),
        AtMostRows(0) => AtMostShare(0),
        AtLeastRows(0) => AtMostShare(WHOLE),
        other => other,
    };
    match (settled(old), settled(new)) {
        (old, new) if old == new => Weight::Neutral,
        (AtMostShare(old), AtMostShare(new)) => Weight::of_greater(old.cmp(&new)),
        (AtMostRows(old), AtMostRows(new)) => Weight::of_greater(old.cmp(&new)),
        (AtLeastRows(old), AtLeastRows(new)) => Weight::of_greater(new.cmp(&old)),
        // No failure is stricter than some of them, and any number of failures is looser than every limit.
        (AtMostRows(_), AtMostShare(0)) | (AtMostShare(WHOLE), _) => Weight::Stricter,
        (AtMostShare(0), AtMostRows(_)) | (_, AtMostShare(WHOLE)) => Weight::Looser,
        _ => Weight::Other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_threshold() -> impl Strategy<Value = Threshold> {
        prop_oneof![
            prop_oneof![Just(0), Just(500_000), Just(1_000_000), 0..=1_000_000_u32].prop_map(Threshold::AtLeastShare),
            prop_oneof![Just(0), Just(500_000), Just(1_000_000), 0..=1_000_000_u32].prop_map(Threshold::AtMostShare),
            (0..12_u64).prop_map(Threshold::AtLeastRows),
            (0..12_u64).prop_map(Threshold::AtMostRows),
        ]
    }

    proptest! {
        /// Over all counts of a small dataset.
        #[test]
        fn a_stricter_threshold_accepts_no_counts_that_the_other_refused(old in any_threshold(), new in any_threshold()) {
            let weight = threshold(old, new);
            for (passed, failed) in (0..12_u64).flat_map(|passed| (0..12_u64).map(move |failed| (passed, failed))) {
                let (then, now) = (old.accepts(passed, failed), new.accepts(passed, failed));
                match weight {
                    Weight::Stricter => prop_assert!(then || !now, "{old:?} {new:?} {passed} {failed}"),
                    Weight::Looser => prop_assert!(now || !then, "{old:?} {new:?} {passed} {failed}"),
                    Weight::Neutral => prop_assert_eq!(then, now),
                    Weight::Other => {}
                }
            }
        }
    }

    #[test]
    fn times_compare_only_within_days_months_and_seconds() {
        assert_eq!(length("1w"), length("7d"));
        assert_eq!(length("1y"), length("12mo"));
        assert_eq!(length("2h"), length("120min"));
        assert_ne!(length("1d").map(|(unit, _)| unit), length("24h").map(|(unit, _)| unit));
        assert_ne!(length("30d").map(|(unit, _)| unit), length("1mo").map(|(unit, _)| unit));
    }

    #[test]
    fn numbers_are_equal_however_they_are_written() {
        assert_eq!(
            (plain("1.50"), plain("0.0"), plain("0%"), plain("0.50%")),
            ("1.5".into(), "0".into(), "0".into(), "0.5%".into())
        );
        assert_eq!((plain("2020-01-01"), plain("100")), ("2020-01-01".into(), "100".into()));
    }
}

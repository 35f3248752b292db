//! What differs between two rules of one id.

use serde_json::{Value, json};

use super::super::suite::Suite;
use super::arguments::{self, Around};
use super::pairs::Meant;
use super::weight::{Differences, Weight};
use crate::model::{DataType, SuiteChange, SuitePart, Threshold};

/// The change from one rule to another of the same id.
pub(super) fn compare(suites: (&Suite, &Suite), old: &Meant<'_>, new: &Meant<'_>) -> Option<SuiteChange> {
    let mut differences = Differences::default();
    let (then, now) = (&old.written.rule, &new.written.rule);
    let some = |text: &str| Some(text.to_owned());
    let listed = |texts: &[String]| (!texts.is_empty()).then(|| texts.join(", "));
    differences.compare("dataset", Weight::Other, some(&then.dataset), some(&now.dataset));
    differences.compare("check", Weight::Other, some(then.check.name()), some(now.check.name()));
    if then.check.name() == now.check.name() {
        let around = around(suites, old, new);
        arguments::compare(now.check.params(), (&old.args, &new.args), around, &mut differences);
    }
    if old.each != new.each {
        let weight = if old.each.is_empty() || new.each.is_empty() {
            Weight::Other
        } else {
            arguments::grown(&json!(old.each), &json!(new.each))
        };
        let shown = |each: &[&str]| (!each.is_empty()).then(|| each.join(", "));
        differences.add("each", weight, shown(&old.each), shown(&new.each));
    }
    differences.compare("where", Weight::Other, then.condition.clone(), now.condition.clone());
    if then.segment != now.segment {
        // Each group has to meet the threshold, beside all rows together.
        let weight = match (then.segment.is_empty(), now.segment.is_empty()) {
            (true, false) => Weight::Stricter,
            (false, true) => Weight::Looser,
            _ => Weight::Other,
        };
        differences.add("segment", weight, listed(&then.segment), listed(&now.segment));
    }
    if then.threshold != now.threshold {
        let weight = arguments::threshold(then.threshold, now.threshold);
        if weight != Weight::Neutral {
            let (then, now) = (then.threshold.to_string(), now.threshold.to_string());
            differences.add("threshold", weight, Some(then), Some(now));
        }
    }
    let step = Weight::of_greater(now.severity.cmp(&then.severity));
    differences.compare("severity", step, some(then.severity.name()), some(now.severity.name()));
    // What only warns, and what only moves scores, fails no rule; scores matter where the gate asks for them.
    let scored =
        if [suites.0, suites.1].iter().any(|suite| asks_for_scores(suite)) { Weight::Other } else { Weight::Neutral };
    let warn = |warn: Option<Threshold>| warn.map(|warn| warn.to_string());
    differences.compare("warn", Weight::Neutral, warn(then.warn), warn(now.warn));
    differences.compare("weight", scored, Some(then.weight.to_string()), Some(now.weight.to_string()));
    differences.compare("dimension", scored, some(then.dimension.name()), some(now.dimension.name()));
    differences.compare("because", Weight::Neutral, then.because.clone(), now.because.clone());
    differences.compare("fix", Weight::Neutral, then.fix.clone(), now.fix.clone());
    differences.compare("owner", Weight::Neutral, then.owner.clone(), now.owner.clone());
    differences.compare("tags", Weight::Neutral, listed(&then.tags), listed(&now.tags));
    let due = |due: Option<crate::model::CalendarDate>| due.map(|due| due.to_string());
    differences.compare("due", Weight::Neutral, due(then.due), due(now.due));
    differences.finish(SuitePart::Rule, &now.id)
}

/// Whether the gate looks at scores.
fn asks_for_scores(suite: &Suite) -> bool {
    suite.gate.min_score.is_some() || !suite.gate.min_dimension.is_empty()
}

fn around((old_suite, new_suite): (&Suite, &Suite), old: &Meant<'_>, new: &Meant<'_>) -> Around {
    let counts = |rule: &Meant<'_>| {
        let rule = &rule.written.rule;
        matches!(rule.threshold, Threshold::AtMostRows(_)) && rule.segment.is_empty()
    };
    let declared = |suite: &Suite, rule: &Meant<'_>| -> Option<DataType> {
        let column = rule.args.get("column").and_then(Value::as_str)?;
        suite.datasets.iter().find(|dataset| dataset.name == rule.written.rule.dataset)?.column(column)?.data_type
    };
    let (then, now) = (declared(old_suite, old), declared(new_suite, new));
    Around {
        counts_failures: counts(old) && counts(new),
        is_numeric: then == now && now.is_some_and(DataType::is_numeric),
    }
}

//! What differs between what two suites declare: the gate, code lists, datasets and columns, and waivers.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::suite::{Codelist, ColumnDecl, Dataset, Suite};
use super::super::written::WrittenRule;
use super::arguments::grown;
use super::weight::{Differences, Weight, shown, whole};
use crate::checks::{Arg, Stricter};
use crate::model::{ChangeKind, SuiteChange, SuitePart, Threshold, UnmeasuredRules, ValueList, Waiver};
use crate::rules::argument::GivenValue;

/// The suite as a whole, then its gate.
pub(super) fn settings(old: &Suite, new: &Suite) -> Vec<SuiteChange> {
    let mut suite = Differences::default();
    suite.compare("name", Weight::Neutral, Some(old.name.clone()), Some(new.name.clone()));
    suite.compare("title", Weight::Neutral, old.title.clone(), new.title.clone());
    let as_of = |suite: &Suite| suite.is_dated.then(|| suite.as_of.to_string());
    suite.compare("as_of", Weight::Other, as_of(old), as_of(new));
    if old.bands != new.bands {
        let bands = |suite: &Suite| format!("green {}, amber {}", suite.bands.green, suite.bands.amber);
        suite.add("bands", Weight::Neutral, Some(bands(old)), Some(bands(new)));
    }
    let mut gate = Differences::default();
    let (then, now) = (&old.gate, &new.gate);
    if then.fail_on != now.fail_on {
        // A milder severity fails more. Nothing fails where none is named.
        let weight = match (then.fail_on, now.fail_on) {
            (Some(then), Some(now)) => Weight::of_greater(then.cmp(&now)),
            (None, _) => Weight::Stricter,
            (_, None) => Weight::Looser,
        };
        let word = |fail_on: Option<crate::model::Severity>| Some(fail_on.map_or("none", |at| at.name()).to_owned());
        gate.add("fail_on", weight, word(then.fail_on), word(now.fail_on));
    }
    let mut score = |what: &str, then: Option<crate::model::Score>, now: Option<crate::model::Score>| {
        let text = |score: Option<crate::model::Score>| score.map(|score| score.to_string());
        // An absent one is less than any other, and asks for less.
        gate.compare(what, Weight::of_greater(now.cmp(&then)), text(then), text(now));
    };
    score("min_score", then.min_score, now.min_score);
    for dimension in crate::model::Dimension::ALL {
        let of = |gate: &super::super::suite::Gate| gate.min_dimension.get(&dimension).copied();
        score(&format!("min_dimension {dimension}"), of(then), of(now));
    }
    if then.unmeasured != now.unmeasured {
        let weight = match (then.unmeasured, now.unmeasured) {
            (_, UnmeasuredRules::Fail) => Weight::Stricter,
            (UnmeasuredRules::Fail, _) => Weight::Looser,
            _ => Weight::Neutral,
        };
        let word = |rules| {
            UnmeasuredRules::WORDS.into_iter().find(|(_, known)| *known == rules).map(|(word, _)| word.to_owned())
        };
        gate.add("unmeasured", weight, word(then.unmeasured), word(now.unmeasured));
    }
    let changes = [suite.finish(SuitePart::Suite, &new.name), gate.finish(SuitePart::Gate, "gate")];
    changes.into_iter().flatten().collect()
}

/// The code lists. What a change of one does depends on the rules that use it.
pub(super) fn codelists(
    (old, old_rules): (&Suite, &[WrittenRule]),
    (new, new_rules): (&Suite, &[WrittenRule]),
) -> Vec<SuiteChange> {
    let names: BTreeSet<&String> = old.codelists.keys().chain(new.codelists.keys()).collect();
    let change = |name: &String| match (old.codelists.get(name), new.codelists.get(name)) {
        // The rules that use it have changed, too, and say what that does.
        (None, _) => Some(whole(SuitePart::Codelist, name, ChangeKind::Added, Weight::Neutral)),
        (_, None) => Some(whole(SuitePart::Codelist, name, ChangeKind::Removed, Weight::Neutral)),
        (Some(then), Some(now)) => {
            let (then, now) = (entries(then), entries(now));
            let growth = grown(&json!(then), &json!(now));
            if growth == Weight::Neutral {
                return None;
            }
            let users = old_rules.iter().chain(new_rules).filter_map(|rule| use_of(name, rule));
            let weight = users.map(|of| through(of, growth)).fold(Weight::Neutral, Weight::and);
            let mut differences = Differences::default();
            let added = now.iter().filter(|entry| !then.contains(entry)).count();
            let removed = then.iter().filter(|entry| !now.contains(entry)).count();
            let codes = |count: usize| format!("{count} {}", if count == 1 { "code" } else { "codes" });
            let after = format!("{}: {added} added, {removed} removed", codes(now.len()));
            differences.add("codes", weight, Some(codes(then.len())), Some(after));
            differences.finish(SuitePart::Codelist, name)
        }
    };
    names.into_iter().filter_map(change).collect()
}

/// The codes with the days on which they are valid.
fn entries(list: &Codelist) -> Vec<Value> {
    let mut entries: Vec<Value> =
        list.entries.iter().map(|entry| json!([entry.code, entry.valid_from, entry.valid_to])).collect();
    entries.sort_by_key(Value::to_string);
    entries
}

/// In which way a rule uses a code list, if it does.
fn use_of(name: &str, rule: &WrittenRule) -> Option<Stricter> {
    let given = rule.given.args.iter().find(
        |given| matches!(&given.value, GivenValue::Ready(Arg::List(ValueList::Codelist { name: used, .. })) if used == name),
    )?;
    let counts = matches!(rule.rule.threshold, Threshold::AtMostRows(_)) && rule.rule.segment.is_empty();
    Some(if given.param.stricter == Stricter::MoreJudged && !counts { Stricter::Unknown } else { given.param.stricter })
}

/// What more codes do to such a rule.
const fn through(used: Stricter, growth: Weight) -> Weight {
    match used {
        Stricter::More | Stricter::MoreJudged => growth,
        Stricter::Fewer => growth.reversed(),
        _ => Weight::Other,
    }
}

/// What is declared of datasets and columns that both suites have, and datasets that one of them has.
pub(super) fn datasets(old: &Suite, new: &Suite) -> Vec<SuiteChange> {
    let find = |suite: &'_ Suite, name: &str| suite.datasets.iter().position(|dataset| dataset.name == name);
    let mut changes = Vec::new();
    let names: BTreeSet<&String> = old.datasets.iter().chain(&new.datasets).map(|dataset| &dataset.name).collect();
    for name in names {
        match (find(old, name).map(|at| &old.datasets[at]), find(new, name).map(|at| &new.datasets[at])) {
            (Some(then), Some(now)) => {
                changes.extend(dataset(then, now));
                changes.extend(columns(then, now));
            }
            (None, _) => changes.push(whole(SuitePart::Dataset, name, ChangeKind::Added, Weight::Stricter)),
            (_, None) => changes.push(whole(SuitePart::Dataset, name, ChangeKind::Removed, Weight::Looser)),
        }
    }
    changes
}

fn dataset(old: &Dataset, new: &Dataset) -> Option<SuiteChange> {
    let mut differences = Differences::default();
    let listed = |texts: Vec<&str>| (!texts.is_empty()).then(|| texts.join(", "));
    let places = |dataset: &Dataset| listed(dataset.source.locations().collect());
    differences.compare("source", Weight::Other, places(old), places(new));
    let format = |dataset: &Dataset| dataset.source.format.map(|format| format.name.to_owned());
    differences.compare("format", Weight::Other, format(old), format(new));
    let options = |dataset: &Dataset| match json!(dataset.source.options) {
        Value::Object(options) => options,
        _ => serde_json::Map::new(),
    };
    let (then, now) = (options(old), options(new));
    for name in then.keys().chain(now.keys()).collect::<BTreeSet<_>>() {
        let text = |options: &serde_json::Map<String, Value>| options.get(name).map(option);
        differences.compare(&format!("source {name}"), Weight::Other, text(&then), text(&now));
    }
    let key = |dataset: &Dataset| listed(dataset.key.iter().map(String::as_str).collect());
    differences.compare("key", Weight::Other, key(old), key(new));
    let missing = |dataset: &Dataset| listed(dataset.missing.iter().map(String::as_str).collect());
    differences.compare("missing", Weight::Other, missing(old), missing(new));
    let notation = |dataset: &Dataset| notation(&json!(dataset.notation));
    differences.compare("notation", Weight::Other, notation(old), notation(new));
    differences.compare("title", Weight::Neutral, old.title.clone(), new.title.clone());
    // The check `shareable` judges them.
    differences.compare("owner", Weight::Other, old.owner.clone(), new.owner.clone());
    differences.compare("steward", Weight::Other, old.steward.clone(), new.steward.clone());
    for name in old.sharing.keys().chain(new.sharing.keys()).collect::<BTreeSet<_>>() {
        let text = |dataset: &Dataset| dataset.sharing.get(name).cloned();
        differences.compare(&format!("sharing {name}"), Weight::Other, text(old), text(new));
    }
    differences.finish(SuitePart::Dataset, &new.name)
}

/// The value of an option of a source, which is a kind with its value.
fn option(value: &Value) -> String {
    let character = value.get("character").and_then(Value::as_u64).and_then(|byte| u8::try_from(byte).ok());
    match (character, value.as_object().and_then(|kind| kind.values().next())) {
        (Some(byte), _) => char::from(byte).to_string(),
        (None, Some(inner)) => shown(inner),
        (None, None) => shown(value),
    }
}

/// How numbers and booleans are written, as far as it is declared.
fn notation(value: &Value) -> Option<String> {
    let said: Vec<String> = value
        .as_object()?
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| format!("{name} {}", if value.is_object() { value.to_string() } else { shown(value) }))
        .collect();
    (!said.is_empty()).then(|| said.join(", "))
}

fn columns(old: &Dataset, new: &Dataset) -> Vec<SuiteChange> {
    let names: BTreeSet<&String> = old.columns.keys().chain(new.columns.keys()).collect();
    let change = |name: &String| {
        let mut differences = Differences::default();
        let (then, now) = (Column::of(old, name), Column::of(new, name));
        differences.compare("type", Weight::Other, then.kind, now.kind);
        differences.compare("format", Weight::Other, then.format, now.format);
        differences.compare("missing", Weight::Other, then.missing, now.missing);
        differences.compare("allow", Weight::Other, then.allow, now.allow);
        differences.compare("notation", Weight::Other, then.notation, now.notation);
        differences.compare("pii", Weight::Other, then.pii, now.pii);
        differences.compare("describe", Weight::Neutral, then.describe, now.describe);
        differences.finish(SuitePart::Column, &format!("{}.{name}", new.name))
    };
    names.into_iter().filter_map(change).collect()
}

/// What a column has beside what its dataset has.
struct Column {
    kind: Option<String>,
    format: Option<String>,
    missing: Option<String>,
    allow: Option<String>,
    notation: Option<String>,
    pii: Option<String>,
    describe: Option<String>,
}

impl Column {
    fn of(dataset: &Dataset, name: &str) -> Self {
        let bare = ColumnDecl {
            missing: dataset.missing.clone(),
            notation: dataset.notation.clone(),
            ..ColumnDecl::default()
        };
        let column = dataset.columns.get(name).or_else(|| dataset.column(name)).unwrap_or(&bare);
        let beside = |some: &BTreeSet<String>, others: &BTreeSet<String>| {
            let tokens: Vec<&str> = some.difference(others).map(String::as_str).collect();
            (!tokens.is_empty()).then(|| tokens.join(", "))
        };
        let own_notation = (column.notation != dataset.notation).then(|| notation(&json!(column.notation))).flatten();
        Self {
            kind: column.data_type.map(|kind| kind.name().to_owned()),
            format: column.format.as_ref().map(ToString::to_string),
            missing: beside(&column.missing, &dataset.missing),
            allow: beside(&dataset.missing, &column.missing),
            notation: own_notation,
            pii: column.classed.then(|| column.pii.clone().unwrap_or_else(|| "none".to_owned())),
            describe: column.describe.clone(),
        }
    }
}

/// The waiver of a rule: what it accepts fails no gate.
pub(super) fn waiver(rule: &str, old: Option<&Waiver>, new: Option<&Waiver>) -> Option<SuiteChange> {
    match (old, new) {
        (None, None) => None,
        (None, Some(_)) => Some(whole(SuitePart::Waiver, rule, ChangeKind::Added, Weight::Looser)),
        (Some(_), None) => Some(whole(SuitePart::Waiver, rule, ChangeKind::Removed, Weight::Stricter)),
        (Some(then), Some(now)) => {
            let mut differences = Differences::default();
            let step = Weight::of_greater(then.until.cmp(&now.until));
            differences.compare("until", step, Some(then.until.to_string()), Some(now.until.to_string()));
            let weight = match (then.at_most, now.at_most) {
                (None, _) => Weight::Stricter,
                (_, None) => Weight::Looser,
                (Some(then), Some(now)) => super::arguments::threshold(then, now),
            };
            let limit = |waiver: &Waiver| waiver.at_most.map(|limit| limit.to_string());
            differences.compare("at_most", weight, limit(then), limit(now));
            differences.compare("by", Weight::Neutral, Some(then.by.clone()), Some(now.by.clone()));
            differences.compare("because", Weight::Neutral, Some(then.because.clone()), Some(now.because.clone()));
            differences.finish(SuitePart::Waiver, rule)
        }
    }
}

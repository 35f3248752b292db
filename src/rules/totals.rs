//! `measures:` of a reconciliation: totals here, and the total of each in the other dataset.

use super::condition::{self, Condition};
use super::diagnostic::{Faults, quoted};
use super::expression;
use super::fields;
use super::yaml::{Kind, Node};
use crate::model::AggregateFunction;

/// Reads a total, a list of totals with the same names in both datasets, or a mapping of totals here to those there.
pub(super) fn read(node: &Node, what: &str, faults: &mut Faults) -> Option<Vec<(Condition, Condition)>> {
    let before = faults.len();
    let mut totals: Vec<(Condition, Condition)> = Vec::new();
    let mut enter = |here: Option<Condition>, there: Option<Condition>, faults: &mut Faults| {
        let (Some(here), Some(there)) = (here, there) else { return };
        if totals.iter().any(|(known, _)| known.text == here.text) {
            faults.at(here.span, format!("{} occurs twice", quoted(&here.text)));
        }
        totals.push((here, there));
    };
    match &node.kind {
        Kind::Map(entries) => {
            for (key, value) in entries {
                // A key is text as well.
                let kind = Kind::Scalar { text: key.text.clone(), plain: false };
                let (here, there) = (total(&Node { span: key.span, kind }, what, faults), total(value, what, faults));
                enter(here, there, faults);
            }
        }
        Kind::List(items) => {
            for item in items {
                let read = total(item, what, faults);
                enter(read.clone(), read, faults);
            }
        }
        Kind::Scalar { .. } => {
            let read = total(node, what, faults);
            enter(read.clone(), read, faults);
        }
    }
    if totals.is_empty() && faults.len() == before {
        faults.at(node.span, format!("{what} is empty: name totals such as `count(*)` or `sum(amount)`"));
    }
    (faults.len() == before).then_some(totals)
}

/// Reads `count(*)`, `count(x)` or `sum(x)`.
fn total(node: &Node, what: &str, faults: &mut Faults) -> Option<Condition> {
    let text = fields::text(node, what, faults)?;
    let parsed = match expression::parse_aggregates(text) {
        Ok(parsed) => parsed,
        Err(errors) => {
            condition::report(node.span, text, errors, faults);
            return None;
        }
    };
    match parsed.aggregate() {
        Some(AggregateFunction::Count | AggregateFunction::Sum) => {}
        found => {
            let name = found.map_or_else(|| quoted(text), |function| quoted(function.name()));
            let help = "groups add up to `count(*)`, `count(x)` and `sum(x)`".to_owned();
            faults.help(node.span, format!("{what} takes totals; {name} is none"), Some(help));
            return None;
        }
    }
    Some(Condition { span: node.span, text: text.to_owned(), parsed: parsed.into() })
}

//! Columns of one dataset beside those of another: pairs, and pairs with what counts as the same.

use super::diagnostic::Faults;
use super::fields::{self, Field, Fields, field};
use super::values::distinct;
use super::yaml::{Kind, Node};
use crate::model::{ComparisonForm, Decimal};

/// The keys of one pair of a comparison.
pub(super) const PAIR: &[Field] = &[
    field("to", "The column of the other dataset"),
    field("as", "What counts as the same: exact (default), nfc or folded"),
    field("tolerance", "How far numbers (or dates, in days) may differ"),
];

/// Columns here and there.
pub(super) fn pairs(node: &Node, what: &str, faults: &mut Faults) -> Option<Vec<(String, String)>> {
    if !matches!(node.kind, Kind::Map(_)) {
        return Some(distinct(node, what, faults)?.into_iter().map(|name| (name.clone(), name)).collect());
    }
    let before = faults.len();
    let mut pairs = Vec::new();
    for (key, value) in fields::entries(node, what, faults)? {
        if let Some(there) = fields::text(value, what, faults) {
            pairs.push((key.text.clone(), there.to_owned()));
        }
    }
    if pairs.is_empty() && faults.len() == before {
        faults.at(node.span, format!("{what} is empty"));
    }
    (faults.len() == before).then_some(pairs)
}

/// Columns here and there, with what counts as the same.
pub(super) fn comparisons(
    node: &Node,
    what: &str,
    faults: &mut Faults,
) -> Option<Vec<(String, String, ComparisonForm)>> {
    if !matches!(node.kind, Kind::Map(_)) {
        let names = distinct(node, what, faults)?;
        return Some(names.into_iter().map(|name| (name.clone(), name, ComparisonForm::Exact)).collect());
    }
    let before = faults.len();
    let mut compare = Vec::new();
    for (key, value) in fields::entries(node, what, faults)? {
        let here = key.text.clone();
        if value.text().is_some() {
            if let Some(there) = fields::text(value, what, faults) {
                compare.push((here, there.to_owned(), ComparisonForm::Exact));
            }
            continue;
        }
        let Some(written) = Fields::of(value, what, PAIR, faults) else { continue };
        // The same name on both sides need not be written twice.
        let there = written.text("to", faults).unwrap_or_else(|| here.clone());
        let words =
            [("exact", ComparisonForm::Exact), ("nfc", ComparisonForm::Nfc), ("folded", ComparisonForm::Folded)];
        let word = written.get("as").and_then(|node| fields::choice(node, "`as`", &words, faults));
        let tolerance = written
            .get("tolerance")
            .and_then(|node| fields::parsed(node, "`tolerance`", "a number from 0", positive, faults));
        let form = match (word, tolerance) {
            (Some(_), Some(_)) => {
                faults.at(written.key_span("tolerance"), "`as` and `tolerance` exclude each other");
                continue;
            }
            (None, Some(by)) => ComparisonForm::Tolerance(by),
            (Some(form), None) => form,
            (None, None) => ComparisonForm::Exact,
        };
        compare.push((here, there, form));
    }
    if compare.is_empty() && faults.len() == before {
        faults.at(node.span, format!("{what} is empty"));
    }
    (faults.len() == before).then_some(compare)
}

fn positive(text: &str) -> Option<Decimal> {
    Decimal::parse_loosely(text).filter(|number| *number >= Decimal::ZERO)
}

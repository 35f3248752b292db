//! JSON: one document, a line for each failing row and group.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;
use serde_json::json;

use super::WorklistError;
use super::selection::Selection;
use crate::report::json::line;
use crate::report::reason_in_words;

/// Writes the rules, the failing rows and the failing groups as one document.
///
/// # Errors
/// If the evidence cannot be read or the text cannot be written.
pub fn write_json(selection: &Selection<'_>, mut out: impl Write) -> Result<(), WorklistError> {
    let manifest = selection.manifest();
    let head = [("suite", &manifest.suite), ("rules_hash", &manifest.rules_hash), ("as_of", &manifest.as_of)];
    writeln!(out, "{{")?;
    for (name, value) in head.into_iter().chain([("result", &manifest.result)]) {
        writeln!(out, "\"{name}\": {},", line(value))?;
    }
    let mut rules = List::new("rules", &mut out)?;
    selection.failed_rules().try_for_each(|rule| rules.push(&mut out, rule))?;
    List::end(&mut out, ",")?;
    let mut rows = List::new("rows", &mut out)?;
    for dataset in selection.datasets() {
        for row in selection.rows(dataset)? {
            let row = row?;
            let names = dataset.key.iter().map(|key| &key.column);
            let key: BTreeMap<_, _> = names.zip(&row.key).collect();
            let cells: BTreeMap<_, _> = dataset.revealed.iter().zip(&row.cells).collect();
            let failed: Vec<_> = row
                .failed
                .iter()
                .map(|failed| {
                    let words = failed.reason.as_deref().map(reason_in_words);
                    json!({ "rule": &*failed.rule, "reason": failed.reason.as_deref(), "words": words })
                })
                .collect();
            rows.push(
                &mut out,
                &json!({
                    "dataset": dataset.name, "file": &*row.file, "record": row.record, "line": row.line,
                    "key": key, "cells": cells, "failed": failed,
                }),
            )?;
        }
    }
    List::end(&mut out, ",")?;
    let mut groups = List::new("groups", &mut out)?;
    for dataset in selection.datasets() {
        for group in selection.groups(dataset)? {
            let group = group?;
            let key: BTreeMap<_, _> = group.key_columns.iter().zip(&group.key).collect();
            let says: Vec<_> = group
                .says
                .iter()
                .map(|says| json!({ "side": says.side, "measure": says.measure, "count": says.count, "value": says.value }))
                .collect();
            groups.push(
                &mut out,
                &json!({
                    "dataset": dataset.name, "rule": group.rule, "key": key, "says": says, "why": group.why,
                    "words": reason_in_words(&group.why), "first": group.first, "last": group.last,
                }),
            )?;
        }
    }
    List::end(&mut out, "")?;
    writeln!(out, "}}")?;
    out.flush()?;
    Ok(())
}

/// A list under way, one item a line.
struct List {
    is_empty: bool,
}

impl List {
    fn new(name: &str, out: &mut impl Write) -> Result<Self, WorklistError> {
        write!(out, "\"{name}\": [")?;
        Ok(Self { is_empty: true })
    }

    fn push(&mut self, out: &mut impl Write, item: &impl Serialize) -> Result<(), WorklistError> {
        write!(out, "{}\n{}", if self.is_empty { "" } else { "," }, line(item))?;
        self.is_empty = false;
        Ok(())
    }

    fn end(out: &mut impl Write, after: &str) -> Result<(), WorklistError> {
        Ok(writeln!(out, "\n]{after}")?)
    }
}

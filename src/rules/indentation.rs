//! Keys that are indented less than the key that they belong to: they are reported once and read where they belong.

use super::diagnostic::{Faults, Span, quoted};
use super::fields::Field;
use super::yaml::{Key, Kind, Node};
use crate::checks::{self, Shorthand};

/// The keys of each level of a suite.
pub(super) struct Levels<'a> {
    pub(super) suite: &'a [Field],
    pub(super) dataset: &'a [Field],
    pub(super) column: &'a [Field],
}

impl Levels<'_> {
    fn is_of_suite(&self, key: &str) -> bool {
        self.suite.iter().any(|field| field.name == key)
    }

    fn is_of_dataset(&self, key: &str) -> bool {
        self.dataset.iter().any(|field| field.name == key)
    }

    fn is_of_column(&self, key: &str) -> bool {
        self.column.iter().any(|field| field.name == key)
            || checks::find(key).is_some_and(|check| check.shorthand() != Shorthand::None)
    }
}

type Entry = (Key, Node);

/// Moves keys to the level that they belong to.
pub(super) fn repair(root: &mut Node, levels: &Levels<'_>, faults: &mut Faults) {
    let Kind::Map(entries) = &mut root.kind else { return };
    // `datasets:` with the datasets beside it.
    adopt(entries, "datasets", faults, |(key, node)| {
        let is_dataset = match &node.kind {
            Kind::Map(own) => own.iter().any(|(key, _)| levels.is_of_dataset(&key.text)),
            _ => node.is_empty(),
        };
        is_dataset && !levels.is_of_suite(&key.text) && !levels.is_of_dataset(&key.text)
    });
    to_last_dataset(entries, levels, faults);
    let Some(datasets) = value(entries, "datasets") else { return };
    let Kind::Map(datasets) = &mut datasets.kind else { return };
    adopt_after_empty(datasets, faults, |(key, _)| levels.is_of_dataset(&key.text));
    for (_, dataset) in datasets {
        let Kind::Map(dataset) = &mut dataset.kind else { continue };
        adopt(dataset, "columns", faults, |(key, node)| {
            let is_column = node.is_empty() || matches!(node.kind, Kind::Map(_)) || levels.is_of_column(&key.text);
            is_column && !levels.is_of_dataset(&key.text)
        });
        let Some(columns) = value(dataset, "columns") else { continue };
        let Kind::Map(columns) = &mut columns.kind else { continue };
        // A column takes no single value, so such a key is not the name of a column.
        adopt_after_empty(columns, faults, |(key, node)| {
            levels.is_of_column(&key.text) && !node.is_empty() && !matches!(node.kind, Kind::Map(_))
        });
    }
}

fn value<'n>(entries: &'n mut [Entry], name: &str) -> Option<&'n mut Node> {
    entries.iter_mut().find(|(key, _)| key.text == name).map(|(_, node)| node)
}

/// Gives the entries after the empty key `name` to it, as far as they belong to it.
fn adopt(entries: &mut Vec<Entry>, name: &str, faults: &mut Faults, belongs: impl Fn(&Entry) -> bool) {
    if let Some(at) = entries.iter().position(|(key, node)| key.text == name && node.is_empty()) {
        take_in(entries, at, faults, belongs);
    }
}

/// Gives entries to the empty key that they come after.
fn adopt_after_empty(entries: &mut Vec<Entry>, faults: &mut Faults, belongs: impl Fn(&Entry) -> bool) {
    let mut at = 0;
    while at < entries.len() {
        if entries[at].1.is_empty() && !belongs(&entries[at]) {
            take_in(entries, at, faults, &belongs);
        }
        at += 1;
    }
}

/// Gives the entries after the one at `at` to it, up to the first that does not belong to it.
fn take_in(entries: &mut Vec<Entry>, at: usize, faults: &mut Faults, belongs: impl Fn(&Entry) -> bool) {
    let count = entries[at + 1..].iter().take_while(|entry| belongs(entry)).count();
    if count == 0 {
        return;
    }
    let own: Vec<Entry> = entries.drain(at + 1..=at + count).collect();
    let (parent, node) = &mut entries[at];
    report(&own, parent, faults);
    let span = own[0].0.span;
    *node = Node { span, kind: Kind::Map(own) };
}

/// Gives keys of a dataset that are written beside `datasets:` to the last dataset before them.
fn to_last_dataset(entries: &mut Vec<Entry>, levels: &Levels<'_>, faults: &mut Faults) {
    let is_stray = |(key, _): &Entry| levels.is_of_dataset(&key.text) && !levels.is_of_suite(&key.text);
    let Some(at) = entries.iter().position(|(key, _)| key.text == "datasets") else { return };
    let count = entries[at + 1..].iter().take_while(|entry| is_stray(entry)).count();
    if count == 0 {
        return;
    }
    let Kind::Map(datasets) = &entries[at].1.kind else { return };
    let Some((name, dataset)) = datasets.last() else { return };
    let has = |key: &str| matches!(&dataset.kind, Kind::Map(own) if own.iter().any(|(known, _)| known.text == key));
    let takes_keys = dataset.is_empty() || matches!(dataset.kind, Kind::Map(_));
    if !takes_keys || entries[at + 1..=at + count].iter().any(|(key, _)| has(&key.text)) {
        return;
    }
    let name = name.clone();
    let own: Vec<Entry> = entries.drain(at + 1..=at + count).collect();
    report(&own, &name, faults);
    let Kind::Map(datasets) = &mut entries[at].1.kind else { return };
    let Some((_, dataset)) = datasets.last_mut() else { return };
    match &mut dataset.kind {
        Kind::Map(known) => known.extend(own),
        _ => *dataset = Node { span: own[0].0.span, kind: Kind::Map(own) },
    }
}

/// Says once that keys are not under theirs.
fn report(own: &[Entry], parent: &Key, faults: &mut Faults) {
    let first: Span = own[0].0.span;
    let names: Vec<String> = own.iter().map(|(key, _)| quoted(&key.text)).collect();
    let (names, are, these) = match names.as_slice() {
        [only] => (only.clone(), "is", "this line and what belongs to it"),
        several => (several.join(", "), "are", "these lines"),
    };
    let message = format!("{names} {are} not indented under {}", quoted(&parent.text));
    let spaces = parent.span.column + 1;
    let help =
        format!("indent {these} under `{}:`, with {spaces} spaces before {}", parent.text, quoted(&own[0].0.text));
    faults.help(first, message, Some(help));
}

//! Lists of codes: written in the suite, or named by it.

use std::collections::BTreeMap;
use std::path::Path;

use super::codelist_file;
use super::diagnostic::{Faults, quoted};
use super::fields::{self, Field, Fields, field};
use super::file::Inputs;
use super::suite::Codelist;
use super::values::refuse_joined;
use super::yaml::{Kind, Node};
use crate::model::{CodelistEntry, uncomposed_name};

/// The keys of a code list.
pub(super) const CODELIST: &[Field] = &[
    field("values", "The codes, written here"),
    field("source", "A UTF-8 CSV file with a header, relative to this file"),
    field("key", "The column of the codes; by default the first"),
    field("valid_from", "The column of the first date (YYYY-MM-DD) on which a code is valid; empty: no limit"),
    field("valid_to", "The column of the last date on which a code is valid; empty: no limit"),
    field("delimiter", "The character between cells; by default a comma"),
];

/// Reads one code list; files are looked for from `base`.
pub(super) fn read(name: &str, node: &Node, base: &Path, inputs: &mut Inputs, faults: &mut Faults) -> Codelist {
    let what = format!("the code list {}", quoted(name));
    if uncomposed_name(name).is_some() {
        faults
            .at(node.span, format!("{what} needs another name: `nfc(…)` is how a rule names a list in Unicode form C"));
    }
    if let Kind::List(_) = &node.kind {
        return of_values(node, &what, faults);
    }
    let Some(written) = Fields::of(node, &what, CODELIST, faults) else { return Codelist::default() };
    match (written.get("values"), written.get("source")) {
        (Some(values), None) => {
            for name in ["key", "valid_from", "valid_to", "delimiter"] {
                if written.get(name).is_some() {
                    faults.at(written.key_span(name), format!("`{name}` belongs to a code list with a `source`"));
                }
            }
            of_values(values, &what, faults)
        }
        (None, Some(source)) => codelist_file::read(name, &written, source, base, inputs, faults),
        (Some(_), Some(_)) => {
            faults.at(written.key_span("source"), format!("{what} has both `values` and a `source`"));
            Codelist::default()
        }
        (None, None) => {
            let help = "write `values: [A, B]` or `source: codes.csv`".to_owned();
            faults.help(node.span, format!("{what} has no codes"), Some(help));
            Codelist::default()
        }
    }
}

fn of_values(node: &Node, what: &str, faults: &mut Faults) -> Codelist {
    let mut list = Codelist::default();
    if refuse_joined(node, what, faults).is_none() {
        return list;
    }
    let mut seen = BTreeMap::new();
    let before = faults.len();
    for (code, span) in fields::texts(node, what, faults) {
        if let Some(first) = seen.insert(code.clone(), span.line) {
            faults.help(span, format!("{} occurs twice", quoted(&code)), Some(format!("first on line {first}")));
        }
        list.entries.push(CodelistEntry { code, valid_from: None, valid_to: None });
    }
    if list.entries.is_empty() && faults.len() == before {
        faults.at(node.span, format!("{what} is empty"));
    }
    list
}

//! Names that suites use: functions, kinds of identifiers, types, dimensions and severities, from `passmuster list`.

use std::fmt::Write as _;

use serde_json::Value;

use super::Reference;
use super::markdown::{cell, code, prose, table};
use crate::support::program::{code as exit_code, run, stdout};
use crate::support::repository::root;

pub(super) fn add(reference: &mut Reference) {
    reference.add("reference/functions.md", &functions());
    reference.add("reference/identifiers.md", &identifiers());
    reference.add("reference/names.md", &names());
}

/// A list of the program, an object each.
pub(super) fn list(topic: &str) -> Vec<Value> {
    let output = run(root(), &["list", topic, "--format", "json"]);
    assert_eq!(exit_code(&output), 0);
    serde_json::from_str(&stdout(&output)).unwrap()
}

/// A field of such an object.
pub(super) fn text<'v>(item: &'v Value, key: &str) -> &'v str {
    item[key].as_str().unwrap_or_default()
}

fn functions() -> String {
    let rows = |aggregates: bool| {
        let of_kind = move |item: &Value| text(item, "summary").starts_with("aggregate: ") == aggregates;
        list("functions")
            .into_iter()
            .filter(of_kind)
            .map(|item| {
                let meaning = text(&item, "summary");
                [code(text(&item, "form")), cell(&prose(meaning.strip_prefix("aggregate: ").unwrap_or(meaning)))]
            })
            .collect::<Vec<_>>()
    };
    format!(
        "# Functions\n\nFor `where`, `having` and `that`. Operators, types and missing values are in [the rule \
         language](../rules.md#expressions).\n\n## Of one row\n\n{}\n## Aggregates\n\nOf all rows of a dataset, in `aggregate` and \
         `reconciles`.\n\n{}",
        table(["function", "meaning"], rows(false)),
        table(["function", "meaning"], rows(true))
    )
}

fn identifiers() -> String {
    let rows = list("identifiers").into_iter().map(|item| {
        let checksum = item["forms"].as_array().into_iter().flatten().any(|form| form.get("checksum").is_some());
        let checked = if checksum { "yes" } else { "" };
        [code(text(&item, "kind")), cell(&prose(text(&item, "summary"))), checked.to_owned()]
    });
    format!(
        "# Kinds of identifiers\n\nFor the check [`identifier`](checks/identifier.md). What is verified of each, and from which \
         source it comes, is in [Identifiers](../identifiers.md). `passmuster list identifiers --format json` prints patterns, \
         weights and moduli.\n\n{}",
        table(["kind", "what it is", "check digit in its pattern"], rows)
    )
}

fn names() -> String {
    let mut page = "# Types, dimensions, severities\n".to_owned();
    for (topic, title) in [
        ("types", "Types of columns"),
        ("dimensions", "Dimensions"),
        ("severities", "Severities"),
        ("engines", "Engines"),
    ] {
        let items = list(topic);
        writeln!(page, "\n## {title}\n").unwrap();
        if items.iter().all(|item| text(item, "summary").is_empty()) {
            let names = items.iter().map(|item| code(text(item, "name")));
            writeln!(page, "{}", names.collect::<Vec<_>>().join(", ")).unwrap();
        } else {
            let rows = items.iter().map(|item| [code(text(item, "name")), cell(&prose(text(item, "summary")))]);
            page += &table(["name", ""], rows);
        }
    }
    page + "\nHow values of each type are written is in [How files are read](../formats.md#values).\n"
}

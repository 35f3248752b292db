//! The keys of a suite and of a file of waivers, from their JSON Schemas.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use passmuster::checks::CHECKS;
use serde_json::Value;

use super::Reference;
use super::markdown::{cell, code, prose, table};
use crate::support::program::{code as exit_code, run, stdout};
use crate::support::repository::root;

pub(super) fn add(reference: &mut Reference) {
    reference.add("reference/suite.md", &page());
}

/// The JSON Schema of a document.
pub(in crate::documentation) fn schema(document: &str) -> Value {
    let output = run(root(), &["schema", document]);
    assert_eq!(exit_code(&output), 0);
    serde_json::from_str(&stdout(&output)).unwrap()
}

/// The words that a value may be, where the schema names them, also in an alternative.
fn words(schema: &Value) -> Vec<&str> {
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().filter_map(Value::as_str).collect();
    }
    schema["anyOf"].as_array().into_iter().flatten().flat_map(words).collect()
}

/// The keys of a mapping.
fn keys(properties: &Value, shown: impl Fn(&str) -> bool) -> String {
    let rows = properties.as_object().unwrap().iter().filter(|(key, _)| shown(key)).map(|(key, value)| {
        let words = words(value).into_iter().map(code).collect::<Vec<_>>().join(" ");
        [code(key), cell(&prose(value["description"].as_str().unwrap_or_default())), words]
    });
    table(["key", "meaning", "one of"], rows)
}

/// The keys that rules of every check have, by the first check that has them.
fn common(rule: &Value) -> BTreeMap<String, Value> {
    let branches: Vec<&Value> =
        rule["allOf"].as_array().unwrap().iter().map(|branch| &branch["then"]["properties"]).collect();
    let parameters: Vec<&str> = CHECKS.iter().flat_map(|check| check.params()).map(|param| param.name).collect();
    let all = branches.iter().flat_map(|branch| branch.as_object().into_iter().flatten());
    let of_rules =
        all.filter(|(key, _)| !parameters.contains(&key.as_str()) || ["segment", "each"].contains(&key.as_str()));
    of_rules.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// The keys of a suite, of a dataset or of a rule without the parameters of its check.
pub(in crate::documentation) fn keys_of(part: &str) -> BTreeSet<String> {
    let suite = schema("suite");
    let keys = |schema: &Value| schema["properties"].as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    match part {
        "suite" => keys(&suite),
        "rule" => {
            let rule = &suite["definitions"]["rule"];
            &keys(rule) | &common(rule).into_keys().collect()
        }
        part => keys(&suite["definitions"][part]),
    }
}

fn page() -> String {
    let suite = schema("suite");
    let definitions = &suite["definitions"];
    let every = |_: &str| true;
    let is_check = |key: &str| CHECKS.iter().any(|check| check.name() == key);
    let mut text = "# Keys of a suite\n\nWhat they mean in detail is in [the rule language](../rules.md). Editors complete and check \
                    them with the JSON Schema: `passmuster schema suite`.\n"
        .to_owned();
    let mut add = |title: &str, intro: &str, table: String| write!(text, "\n## {title}\n\n{intro}{table}").unwrap();
    add("The file", "", keys(&suite["properties"], every));
    add("A dataset", "Under `datasets:`, by its name.\n\n", keys(&definitions["dataset"]["properties"], every));
    let source = definitions["source"]["properties"].clone();
    add("`source` of a dataset", "", keys(&source, every));
    let column = &definitions["column"]["allOf"][1]["properties"];
    add(
        "A column",
        "Under `columns:` of a dataset, by its name. The checks that can be written here, too, are in [Checks](checks.md).\n\n",
        keys(column, |key| key == "type" || !is_check(key)),
    );
    let mut rule = common(&definitions["rule"]);
    rule.extend(definitions["rule"]["properties"].as_object().unwrap().clone());
    let mut rule = serde_json::to_value(rule).unwrap();
    // The names of all checks are a page of their own.
    rule["check"]["enum"] = Value::Null;
    add("A rule", "Under `rules:` of a dataset, beside the parameters of its check.\n\n", keys(&rule, every));
    let codelist =
        definitions["codelist"]["anyOf"].as_array().unwrap().iter().find(|form| form.get("properties").is_some());
    add("A code list", "Under `codelists:`, by its name.\n\n", keys(&codelist.unwrap()["properties"], every));
    for (name, title) in [
        ("sharing", "`sharing` of a dataset"),
        ("gate", "`gate`"),
        ("bands", "`bands`"),
        ("waive", "`waive` of a rule"),
    ] {
        add(title, "", keys(&definitions[name]["properties"], every));
    }
    let waivers = schema("waivers");
    let waiver = &waivers["definitions"]["waiver"]["properties"];
    add("A waiver in a file of its own", "Under `waivers:` of a file that the suite names.\n\n", keys(waiver, every));
    text
}

//! The JSON Schema of suites, for editors: made from the tables that the reader uses and from the catalogue of checks.

use serde_json::{Map, Value, json};

use super::argument::{BOUNDS, LIST, mapping_form};
use super::codelist::CODELIST;
use super::compared_columns::LIKENED;
use super::dataset::{SHARING, format_options, source_fields};
use super::each::column_param;
use super::fields::Field;
use super::gate::{BANDS, GATE};
use super::keys::{COLUMN, DATASET, SUITE};
use super::notation::{BRACKETS, MINUS, is_notation};
use super::pairs::PAIR;
use super::rule::{COMMON, WARN};
use super::waiver::WAIVE;
use super::waiver_file::{self, RULE, WAIVERS};
use super::with_datasets::PEER;
use crate::checks::{CHECKS, Check, LIKENESSES, Param, ParamKind, Shorthand};
use crate::model::{DataType, Dimension, Severity, UnmeasuredRules};
use crate::source::{FORMATS, OptionKind};

/// What editors say of a threshold that is none. `errorMessage` and `patternErrorMessage` are keys of yaml-language-server; other
/// readers of schemas ignore them.
const THRESHOLD: &str = "Write a percentage such as 95%, or a number of rows such as `95 rows`";

/// What editors say of a date that is none.
const DATE: &str = "Write a date such as 2026-12-31";
/// Dates, and what parameters fill in.
const DATE_PATTERN: &str = "^ *[0-9]{4}-[0-9]{2}-[0-9]{2} *$|[$][{]";

/// The JSON Schema (draft 07) of a suite file, the same for the same version of the program.
pub fn suite_schema() -> Value {
    let names: Vec<&str> = CHECKS.iter().map(|check| check.name()).collect();
    let mut schema = object(SUITE, |name| match name {
        "extends" | "missing" | "waivers" => texts(),
        name if is_notation(name) => notation(name),
        "params" => map_of(&scalar()),
        "codelists" => map_of(&reference("codelist")),
        "datasets" => named(&reference("dataset")),
        "gate" | "bands" => reference(name),
        _ => scalar(),
    });
    let rules: Vec<Value> = CHECKS.iter().map(|check| rule_of(check)).collect();
    let definitions = json!({
        "codelist": { "anyOf": [list_of(&scalar()), object(CODELIST, |name| match name {
            "values" => texts(),
            _ => scalar(),
        })] },
        "dataset": object(DATASET, |name| match name {
            "source" => any_of([texts(), reference("source")]),
            "key" | "missing" => texts(),
            name if is_notation(name) => notation(name),
            "sharing" => reference("sharing"),
            "columns" => named(&reference("column")),
            "rules" => list_of(&reference("rule")),
            _ => scalar(),
        }),
        "source": object(&source_fields(), |name| match format_options().find(|option| option.name == name) {
            Some(option) => option_of(option.kind),
            None if name == "path" => texts(),
            None if name == "format" => words(FORMATS.iter().map(|format| format.name)),
            None => scalar(),
        }),
        "sharing": object(SHARING, |_| scalar()),
        "gate": object(GATE, |name| match name {
            "fail_on" => words(Severity::ALL.iter().map(|severity| severity.name()).chain(["none"])),
            "unmeasured" => words(UnmeasuredRules::WORDS.iter().map(|(word, _)| *word)),
            "min_dimension" => {
                let scores: Map<String, Value> =
                    Dimension::ALL.iter().map(|dimension| (dimension.name().to_owned(), score())).collect();
                json!({ "type": "object", "additionalProperties": false, "properties": scores })
            }
            _ => score(),
        }),
        "bands": object(BANDS, |_| score()),
        "threshold": limit(),
        "warn": object(WARN, |_| reference("threshold")),
        "date": date(),
        "waive": waiver(WAIVE),
        "column": column(),
        "rule": {
            "type": "object",
            "required": ["check"],
            "properties": { "check": { "enum": names, "description": doc(COMMON, "check") } },
            "allOf": rules,
        },
        "placeholder": { "type": "string", "pattern": "[$][{]" },
    });
    if let Value::Object(schema) = &mut schema {
        schema.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
        schema.insert("title".to_owned(), json!("passmuster suite"));
        schema.insert("definitions".to_owned(), definitions);
    }
    schema
}

/// The JSON Schema (draft 07) of a file of waivers, the same for the same version of the program.
pub fn waivers_schema() -> Value {
    let mut entry = waiver(&waiver_file::keys());
    entry["required"] = json!([RULE.name, "until", "by", "because"]);
    let mut schema = object(WAIVERS, |_| list_of(&reference("waiver")));
    schema["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    schema["title"] = json!("passmuster waivers");
    schema["required"] = json!(["waivers"]);
    schema["definitions"] = json!({ "threshold": limit(), "date": date(), "waiver": entry });
    schema
}

/// A waiver with these keys.
fn waiver(keys: &[Field]) -> Value {
    let mut schema = object(keys, |name| match name {
        "until" => reference("date"),
        "at_most" => reference("threshold"),
        name if name == RULE.name => json!({ "type": "string", "not": { "pattern": "[*]" } }),
        _ => scalar(),
    });
    schema["required"] = json!(["until", "by", "because"]);
    schema
}

/// A date.
fn date() -> Value {
    json!({ "type": "string", "pattern": DATE_PATTERN, "patternErrorMessage": DATE })
}

/// A number of failing or passing rows, or a share.
fn limit() -> Value {
    json!({
        "pattern": "^ *(0|[0-9]_?[0-9]_?[0-9][0-9_]*|[0-9_]+ *rows?|[0-9]+([.][0-9]{1,4})? *%) *$|[$][{]",
        "patternErrorMessage": THRESHOLD,
        "if": { "type": "number", "exclusiveMaximum": 100 },
        "then": { "const": 0, "errorMessage": THRESHOLD },
        "else": { "type": ["integer", "string"], "errorMessage": THRESHOLD },
    })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// Any single value: YAML types do not matter, the text does.
fn scalar() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

fn list_of(item: &Value) -> Value {
    json!({ "type": "array", "items": item })
}

fn map_of(value: &Value) -> Value {
    json!({ "type": "object", "additionalProperties": value })
}

/// A mapping of names that the writer chooses.
fn named(value: &Value) -> Value {
    json!({
        "type": "object",
        "additionalProperties": value,
        "errorMessage": "Write a mapping: each name with a colon, and what belongs to it indented below",
    })
}

fn texts() -> Value {
    any_of([scalar(), list_of(&scalar())])
}

fn flag() -> Value {
    any_of([json!({ "type": "boolean" }), reference("placeholder")])
}

fn score() -> Value {
    any_of([json!({ "type": "number", "minimum": 0, "maximum": 100 }), reference("placeholder")])
}

/// The schema of a key about the writing of numbers and booleans.
fn notation(name: &str) -> Value {
    match name {
        "decimal" => words([".", ","]),
        "brackets" => words(BRACKETS.iter().map(|(word, _)| *word)),
        "minus" => words(MINUS.iter().map(|(word, _)| *word)),
        "thousands" => scalar(),
        _ => texts(),
    }
}

/// The schema of an option of a format.
fn option_of(kind: OptionKind) -> Value {
    match kind {
        OptionKind::Flag => flag(),
        OptionKind::Names => texts(),
        OptionKind::Widths => list_of(&scalar()),
        OptionKind::Character
        | OptionKind::Delimiter
        | OptionKind::Size
        | OptionKind::CharacterOrNone
        | OptionKind::Encoding
        | OptionKind::Count
        | OptionKind::Text
        | OptionKind::NameOrNumber => scalar(),
        OptionKind::Word(known) => words(known.iter().copied()),
    }
}

fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Value {
    any_of([json!({ "enum": words.into_iter().collect::<Vec<_>>() }), reference("placeholder")])
}

fn any_of(forms: impl IntoIterator<Item = Value>) -> Value {
    json!({ "anyOf": forms.into_iter().collect::<Vec<_>>() })
}

/// A mapping of the keys of a table and no others.
fn object(table: &[Field], value: impl Fn(&str) -> Value) -> Value {
    let properties = table.iter().map(|field| (field.name.to_owned(), described(value(field.name), field.doc)));
    with_keys(properties.collect())
}

/// A mapping of these keys and no others. A key that YAML takes for a boolean is named by a pattern, too: without quotes an
/// editor knows it by no other way.
fn with_keys(properties: Map<String, Value>) -> Value {
    let patterns =
        ["true", "false"].into_iter().filter_map(|key| Some((format!("^{key}$"), properties.get(key)?.clone())));
    let patterns: Map<String, Value> = patterns.collect();
    let mut schema = json!({ "type": "object", "additionalProperties": false });
    schema["properties"] = Value::Object(properties);
    if !patterns.is_empty() {
        schema["patternProperties"] = Value::Object(patterns);
    }
    schema
}

/// A schema with its line for the editor. Draft 07 ignores what is beside `$ref`, so that is wrapped.
fn described(value: Value, doc: &str) -> Value {
    match value {
        Value::Object(mut schema) if !schema.contains_key("$ref") => {
            schema.insert("description".to_owned(), json!(doc));
            Value::Object(schema)
        }
        other => json!({ "allOf": [other], "description": doc }),
    }
}

fn doc(table: &[Field], name: &str) -> &'static str {
    table.iter().find(|field| field.name == name).map_or("", |field| field.doc)
}

/// The schema of a key that every rule may have.
fn common(name: &str) -> Value {
    match name {
        "severity" => words(Severity::ALL.iter().map(|severity| severity.name())),
        "dimension" => words(Dimension::ALL.iter().map(|dimension| dimension.name())),
        "weight" => any_of([json!({ "type": "integer", "minimum": 1, "maximum": 1000 }), reference("placeholder")]),
        "at_least" | "at_most" => reference("threshold"),
        "warn" | "waive" => reference(name),
        "due" => reference("date"),
        "tags" | "segment" | "each" => texts(),
        _ => scalar(),
    }
}

/// The schema of a parameter.
fn param(param: &Param) -> Value {
    let whole = || any_of([json!({ "type": "integer", "minimum": 0 }), reference("placeholder")]);
    match param.kind {
        ParamKind::Columns | ParamKind::Excluded | ParamKind::ColumnsOf(_) | ParamKind::Names | ParamKind::Texts => {
            texts()
        }
        ParamKind::Count => whole(),
        ParamKind::Number => any_of([json!({ "type": "number" }), reference("placeholder")]),
        ParamKind::Flag => flag(),
        ParamKind::Choice(choices) => words(choices.iter().copied()),
        ParamKind::Words(choices) => {
            let one = words(choices.iter().copied());
            any_of([one.clone(), list_of(&one)])
        }
        ParamKind::Type => types(),
        ParamKind::List => any_of([scalar(), list_of(&scalar()), object(LIST, |_| scalar())]),
        ParamKind::Bounds => any_of([scalar(), object(BOUNDS, |_| whole())]),
        ParamKind::Range => any_of([scalar(), object(BOUNDS, |_| scalar())]),
        ParamKind::Pairs(_) | ParamKind::Groups(_) | ParamKind::Totals(_) => any_of([texts(), map_of(&scalar())]),
        ParamKind::Compare(_) => compare(),
        ParamKind::Peers => {
            let peer = object(PEER, |name| match name {
                "compare" => compare(),
                _ => any_of([texts(), map_of(&scalar())]),
            });
            any_of([texts(), map_of(&any_of([json!({ "type": "null" }), peer]))])
        }
        ParamKind::Tolerance => any_of([json!({ "type": ["number", "string"] }), reference("placeholder")]),
        ParamKind::Likenesses => {
            let column = object(LIKENED, |name| match name {
                "method" => words(LIKENESSES.iter().copied()),
                _ => any_of([json!({ "type": "number", "exclusiveMinimum": 0 }), reference("placeholder")]),
            });
            any_of([texts(), map_of(&any_of([words(LIKENESSES.iter().copied()), column]))])
        }
        ParamKind::BlockKeys => any_of([scalar(), list_of(&texts())]),
        ParamKind::Types => map_of(&types()),
        ParamKind::Column
        | ParamKind::Dataset
        | ParamKind::Pattern
        | ParamKind::Scalar
        | ParamKind::Baseline
        | ParamKind::Span
        | ParamKind::Expression
        | ParamKind::ExpressionOf(_)
        | ParamKind::Figures => scalar(),
    }
}

/// The schema of columns here and there with what counts as the same.
fn compare() -> Value {
    let pair = object(PAIR, |name| match name {
        "as" => words(["exact", "nfc", "folded"]),
        "tolerance" => any_of([json!({ "type": "number", "minimum": 0 }), reference("placeholder")]),
        _ => scalar(),
    });
    any_of([texts(), map_of(&any_of([scalar(), pair]))])
}

fn types() -> Value {
    words(DataType::ALL.iter().map(|kind| kind.name()))
}

/// What applies to a rule of one check.
fn rule_of(check: &Check) -> Value {
    let mut properties: Map<String, Value> =
        COMMON.iter().map(|field| (field.name.to_owned(), described(common(field.name), field.doc))).collect();
    properties.insert("check".to_owned(), json!({ "const": check.name(), "description": check.summary() }));
    for known in check.params() {
        properties.insert(known.name.to_owned(), described(param(known), known.doc));
    }
    // The reader takes `column` for `columns`, and `each` for the column that the rule is about.
    let is_free = !check.params().iter().any(|param| param.name == "column");
    if let Some(columns) = check.params().iter().find(|param| param.name == "columns" && is_free) {
        properties.insert("column".to_owned(), described(param(columns), columns.doc));
    }
    let about = column_param(check).map(|param| param.name);
    let mut required = Vec::new();
    let mut one_of = Vec::new();
    for param in check.params().iter().filter(|param| param.required) {
        let mut names = vec![param.name];
        names.extend((param.name == "columns" && is_free).then_some("column"));
        names.extend((about == Some(param.name)).then_some("each"));
        match names.as_slice() {
            [only] => required.push(*only),
            _ => one_of.push(any_of(names.iter().map(|name| json!({ "required": [name] })))),
        }
    }
    let mut then = json!({ "additionalProperties": false, "properties": properties, "required": required });
    if let Value::Object(then) = &mut then
        && !one_of.is_empty()
    {
        then.insert("allOf".to_owned(), json!(one_of));
    }
    json!({
        "if": { "properties": { "check": { "const": check.name() } }, "required": ["check"] },
        "then": then,
    })
}

/// A column: its own keys and the checks that have a short form.
fn column() -> Value {
    let mut properties: Map<String, Value> = Map::new();
    for check in CHECKS {
        if let Some(short) = shorthand(check) {
            properties.insert(check.name().to_owned(), described(short, check.summary()));
        }
    }
    for field in COLUMN {
        let value = match field.name {
            "type" => any_of([types()].into_iter().chain(properties.remove("type"))),
            "missing" | "allow" | "format" | "months" => texts(),
            "century" => {
                any_of([json!({ "type": "integer", "minimum": 1, "maximum": 9900 }), reference("placeholder")])
            }
            name if is_notation(name) => notation(name),
            "pii" => words(["none", "basic", "sensitive"]),
            name => common(name),
        };
        properties.insert(field.name.to_owned(), described(value, field.doc));
    }
    let mut keys = with_keys(properties);
    if let Value::Object(keys) = &mut keys {
        keys.remove("type");
    }
    // In two parts, each with its own message: of alternatives an editor explains the first.
    json!({ "allOf": [
        {
            "type": ["object", "null"],
            "errorMessage": "Write a mapping: the type and the checks of the column, indented below its name",
        },
        keys,
    ] })
}

/// A check as a key under a column.
fn shorthand(check: &'static Check) -> Option<Value> {
    let whole = match check.shorthand() {
        Shorthand::None => return None,
        Shorthand::Flag => None,
        Shorthand::Param(name) => check.params().iter().find(|param| param.name == name),
    };
    let column = column_param(check).map(|param| param.name);
    let mut properties: Map<String, Value> = COMMON
        .iter()
        .filter(|field| !matches!(field.name, "id" | "check"))
        .map(|field| (field.name.to_owned(), described(common(field.name), field.doc)))
        .collect();
    for inner in whole.map_or(&[][..], |param| mapping_form(param.kind)) {
        properties.insert(inner.name.to_owned(), described(scalar(), inner.doc));
    }
    for known in check.params().iter().filter(|param| Some(param.name) != column) {
        properties.insert(known.name.to_owned(), described(param(known), known.doc));
    }
    let long = json!({ "type": "object", "additionalProperties": false, "properties": properties });
    Some(match whole {
        Some(whole) => any_of([param(whole), long]),
        None => any_of([flag(), long]),
    })
}

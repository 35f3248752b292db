//! The fields of a result, from its JSON Schema.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::Reference;
use super::markdown::{cell, code, prose, table};
use super::suites::schema;

pub(super) fn add(reference: &mut Reference) {
    reference.add("reference/result.md", &page());
}

/// The name of a definition that a schema refers to.
fn referred(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/definitions/")
}

/// What a field holds, in a few words; objects link to their fields.
fn holds(schema: &Value) -> String {
    if let Some(name) = referred(schema) {
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(all) = schema["allOf"].as_array() {
        return all.iter().map(holds).collect::<Vec<_>>().join(" and ");
    }
    if let Some(any) = schema["anyOf"].as_array() {
        return any.iter().map(holds).collect::<Vec<_>>().join(" or ");
    }
    if let Some(constant) = schema["const"].as_str() {
        return code(&format!("\"{constant}\""));
    }
    let of_kind = |kind: &str| match kind {
        "array" => match &schema["items"] {
            Value::Array(items) => format!("[ {} ]", items.iter().map(holds).collect::<Vec<_>>().join(", ")),
            items if items.is_object() => format!("list of {}", holds(items)),
            _ => "list".to_owned(),
        },
        "object" if schema["additionalProperties"].is_object() => {
            format!("object of {}", holds(&schema["additionalProperties"]))
        }
        kind => kind.to_owned(),
    };
    match &schema["type"] {
        Value::String(kind) => of_kind(kind),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).map(of_kind).collect::<Vec<_>>().join(" or "),
        _ => "anything".to_owned(),
    }
}

fn description(schema: &Value) -> String {
    cell(&prose(schema["description"].as_str().unwrap_or_default()))
}

fn fields(object: &Value) -> String {
    let required: Vec<&str> = object["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let none = Map::new();
    let rows = object["properties"].as_object().unwrap_or(&none).iter().map(|(name, field)| {
        let present = if required.contains(&name.as_str()) { "always" } else { "" };
        [code(name), cell(&holds(field)), present.to_owned(), description(field)]
    });
    table(["field", "holds", "present", "meaning"], rows)
}

/// One alternative of a definition: a word, or an object with a key that says which alternative it is.
fn alternative(form: &Value) -> [String; 2] {
    let words = form["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let words: Vec<String> = words.map(|word| code(&format!("\"{word}\""))).collect();
    let holds = if !words.is_empty() {
        words.join(" ")
    } else if let Some(fields) = form["properties"].as_object() {
        fields.iter().map(|(name, field)| format!("{}: {}", code(name), holds(field))).collect::<Vec<_>>().join(", ")
    } else {
        holds(form)
    };
    [cell(&holds), description(form)]
}

fn page() -> String {
    let schema = schema("result");
    let mut text = format!(
        "# Fields of a result\n\nThe document of `--format json`, from its JSON Schema (`passmuster schema result`). [The result as \
         JSON](../result.md) explains the most important ones. A field that is not always present is absent where it says \
         nothing.\n\n## The document\n\n{}",
        fields(&schema)
    );
    for (name, definition) in schema["definitions"].as_object().unwrap() {
        writeln!(
            text,
            "\n## {name}\n\n{}\n",
            prose(definition["description"].as_str().unwrap_or_default()).replace('\n', " ")
        )
        .unwrap();
        let body = if definition.get("properties").is_some() {
            fields(definition)
        } else if let Some(forms) = definition["oneOf"].as_array().or(definition["anyOf"].as_array()) {
            table(["value", "meaning"], forms.iter().map(alternative))
        } else {
            format!("A {}.\n", holds(definition))
        };
        text += &body;
    }
    text
}

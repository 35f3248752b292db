//! Columns as declared, and the rules that are written under them in short.

use std::collections::BTreeSet;

use super::diagnostic::{Faults, Span, quoted, suggestion};
use super::fields::{self, Fields};
use super::keys::COLUMN;
use super::meant;
use super::notation::{self, BOOLEANS, NUMBERS};
use super::rule::{self, Draft, Home};
use super::suite::ColumnDecl;
use super::synonyms;
use super::values;
use super::yaml::{Key, Kind, Node};
use crate::checks::{self, CHECKS, Shorthand};
use crate::model::{DataType, DateNotation, Notation};
use crate::scalar::DateFormat;

/// Reads one column of a dataset. The rules under it go to `drafts`.
pub(super) fn read(
    column: &Key,
    node: &Node,
    (inherited, around): (&BTreeSet<String>, &Notation),
    home: &Home<'_>,
    drafts: &mut Vec<Draft>,
    faults: &mut Faults,
) -> ColumnDecl {
    let mut decl = ColumnDecl { missing: inherited.clone(), notation: around.clone(), ..ColumnDecl::default() };
    if node.is_empty() {
        return decl;
    }
    let what = format!("the column {}", quoted(&column.text));
    if node.text().is_some_and(|text| DataType::from_name(text).is_some()) {
        let help = format!("write `{}: {{ type: {} }}`", column.text, node.text().unwrap_or_default());
        faults.help(node.span, format!("{what} takes a mapping, not a single value"), Some(help));
        return decl;
    }
    let Some(entries) = fields::entries_like(node, &what, &form(column, node), faults) else { return decl };
    // The keys of checks come from the catalogue; the table of the rest is fixed.
    let is_own = |key: &Key| COLUMN.iter().any(|field| field.name == key.text);
    let own =
        Node { span: node.span, kind: Kind::Map(entries.iter().filter(|(key, _)| is_own(key)).cloned().collect()) };
    let Some(written) = Fields::of(&own, &what, COLUMN, faults) else { return decl };
    for (token, _) in tokens(&written, "missing", faults) {
        decl.missing.insert(token);
    }
    for (token, span) in tokens(&written, "allow", faults) {
        if !decl.missing.remove(&token) {
            let known: Vec<&str> = decl.missing.iter().map(String::as_str).collect();
            let message = format!("{} is not declared missing, so it need not be allowed", quoted(&token));
            faults.help(span, message, suggestion(&token, &known));
        }
    }
    decl.pii = written.get("pii").and_then(|node| {
        let words = [("none", None), ("basic", Some("basic".to_owned())), ("sensitive", Some("sensitive".to_owned()))];
        fields::choice(node, "`pii`", &words, faults).flatten()
    });
    decl.classed = written.get("pii").is_some();
    decl.describe = written.text("describe", faults);
    decl.data_type = written.get("type").and_then(|node| declared_type(node, faults));
    decl.broken_type = written.get("type").is_some() && decl.data_type.is_none();
    decl.format = date_notation(&written, decl.data_type, faults);
    decl.notation = notation(&written, &decl, around, faults);
    let mut home = home.clone();
    let defaults = &mut home.defaults;
    defaults.severity = written.get("severity").and_then(|node| rule::severity(node, faults)).or(defaults.severity);
    defaults.weight = written.get("weight").and_then(|node| rule::weight(node, faults)).or(defaults.weight);
    defaults.because = written.text("because", faults).or(defaults.because.take());
    defaults.fix = written.text("fix", faults).or(defaults.fix.take());
    defaults.owner = written.text("owner", faults).or(defaults.owner.take());
    defaults.tags.extend(written.texts("tags", faults).into_iter().map(|(tag, _)| tag));
    for (key, value) in entries {
        let check = checks::find(&key.text).filter(|check| check.shorthand() != Shorthand::None);
        match check {
            // Any value is text: there is nothing to check.
            Some(_)
                if key.text == "type" && matches!(decl.data_type, None | Some(DataType::Text | DataType::Binary)) => {}
            Some(check) => {
                drafts.extend(rule::shorthand(check, key, value, column, &home, faults));
            }
            None if is_own(key) => {}
            None => unknown(key, value, entries, &column.text, faults),
        }
    }
    decl
}

/// How the numbers and booleans of a column are written, with what suite and dataset declare.
fn notation(written: &Fields<'_>, decl: &ColumnDecl, around: &Notation, faults: &mut Faults) -> Notation {
    let own = notation::read(|name| written.get(name), faults);
    let notation = notation::settle(own, around, |name| written.get(name), faults);
    let is_number = decl.data_type.is_some_and(DataType::is_numeric);
    let is_boolean = decl.data_type == Some(DataType::Boolean);
    let keys = [
        (&NUMBERS[..], is_number, "a column declared as integer or decimal", "decimal"),
        (&BOOLEANS[..], is_boolean, "a column declared as boolean", "boolean"),
    ];
    for (keys, is_fit, columns, data_type) in keys {
        let misplaced = keys.iter().find(|field| written.get(field.name).is_some());
        if let Some(field) = misplaced.filter(|_| !is_fit && !decl.broken_type) {
            let message = format!("`{}` belongs to {columns}", field.name);
            faults.help(written.key_span(field.name), message, Some(format!("add `type: {data_type}`")));
        }
    }
    if is_boolean {
        for (token, span) in written.texts("missing", faults) {
            if notation.words().any(|word| *word == token) {
                let message = format!("{} is declared missing, and as a word for true or false", quoted(&token));
                faults.at(span, message);
            }
        }
    }
    notation
}

/// How the dates of a column are written. `type: { as: date, format: … }` declares it as `format: …` beside it does.
fn date_notation(written: &Fields<'_>, data_type: Option<DataType>, faults: &mut Faults) -> Option<DateNotation> {
    let inner = match written.get("type").map(|node| &node.kind) {
        Some(Kind::Map(entries)) => entries.as_slice(),
        _ => &[],
    };
    let mut found = |name: &str| {
        let inner = inner.iter().find(|(key, _)| key.text == name).map(|(_, node)| node);
        let outer = written.get(name);
        if let (Some(inner), Some(outer)) = (inner, outer)
            && words(inner) != words(outer)
        {
            faults.at(inner.span, format!("`{name}` is declared twice, and differently"));
        }
        outer.or(inner)
    };
    let (format, months, century) = (found("format"), found("months"), found("century"));
    let (name, first) = [("format", format), ("months", months), ("century", century)]
        .into_iter()
        .find_map(|(name, node)| Some((name, node?)))?;
    if !matches!(data_type, Some(DataType::Date | DataType::Datetime)) {
        let help = "add `type: date` or `type: datetime`".to_owned();
        faults.help(first.span, format!("`{name}` belongs to a column declared as date or datetime"), Some(help));
        return None;
    }
    let before = faults.len();
    let mut texts = |name: &str, node: Option<&Node>| -> Vec<String> {
        let texts = node.map(|node| fields::texts(node, &format!("`{name}`"), faults)).unwrap_or_default();
        texts.into_iter().map(|(text, _)| text).collect()
    };
    let (formats, names) = (texts("format", format), texts("months", months));
    let first_year = |text: &str| text.parse::<u64>().ok();
    let year = century.and_then(|node| fields::parsed(node, "`century`", "a year such as 1950", first_year, faults));
    if faults.len() > before {
        return None;
    }
    let notation = DateNotation { formats, months: names, century: year };
    if let Err(problem) = DateFormat::compile(&notation) {
        let name = problem.declaration();
        let node = match name {
            "months" => months,
            "century" => century,
            _ => format,
        };
        faults.at(node.unwrap_or(first).span, format!("`{name}`: {problem}"));
        // Said once.
        return None;
    }
    Some(notation)
}

/// The texts of a value or of a list of values.
fn words(node: &Node) -> Vec<&str> {
    match &node.kind {
        Kind::List(items) => items.iter().filter_map(Node::text).collect(),
        _ => node.text().into_iter().collect(),
    }
}

/// The type of `type: date` and of `type: { as: date, at_least: 99% }`.
fn declared_type(node: &Node, faults: &mut Faults) -> Option<DataType> {
    match &node.kind {
        Kind::Map(entries) => {
            let stated = entries.iter().find(|(key, _)| key.text == "as");
            if stated.is_none() {
                faults.at(node.span, "`type` needs `as`, such as `as: date`");
            }
            stated.and_then(|(_, node)| values::data_type(node, "`as`", faults))
        }
        _ => values::data_type(node, "`type`", faults),
    }
}

/// How a column should read that is written as a word or a list of words: checks, or a type.
fn form(column: &Key, node: &Node) -> String {
    let words = words(node);
    let key = |word: &&str| {
        if let Some(data_type) = DataType::from_name(word).map(DataType::name).or_else(|| meant::data_type(word)) {
            return Some(format!("type: {data_type}"));
        }
        let check = checks::find(word).or_else(|| checks::find(synonyms::check_called(word)?))?;
        match check.shorthand() {
            Shorthand::None => None,
            Shorthand::Flag => Some(format!("{}: true", check.name())),
            Shorthand::Param(_) => Some(format!("{}: …", check.name())),
        }
    };
    let keys: Vec<String> = words.iter().filter_map(key).collect();
    let keys = if keys.is_empty() { "required: true".to_owned() } else { keys.join(", ") };
    format!("write `{}: {{ {keys} }}`", column.text)
}

/// Words under this key for missing values; several that are written as one are refused.
pub(super) fn tokens(written: &Fields<'_>, key: &str, faults: &mut Faults) -> Vec<(String, Span)> {
    written.get(key).map(|node| values::tokens(node, &format!("`{key}`"), faults)).unwrap_or_default()
}

/// How `columns:` should read that is written as a list or a word.
pub(super) fn columns_form(node: &Node) -> String {
    let first = match &node.kind {
        Kind::List(items) => items.first(),
        _ => Some(node),
    };
    let name = match first.map(|first| &first.kind) {
        Some(Kind::Map(entries)) => match entries.iter().find(|(key, _)| key.text == "name") {
            Some((_, name)) => name.text(),
            None => entries.first().map(|(key, _)| key.text.as_str()),
        },
        Some(Kind::Scalar { text, .. }) if !text.is_empty() => Some(text.as_str()),
        _ => None,
    };
    format!("write each column as a key, without `-`: `{}: {{ required: true }}`", name.unwrap_or("id"))
}

/// Refuses a key that a column does not have.
fn unknown(key: &Key, value: &Node, entries: &[(Key, Node)], column: &str, faults: &mut Faults) {
    let what = format!("the column {}", quoted(column));
    if let Some(check) = checks::find(&key.text) {
        let help = format!("write it under `rules:`, as `- {}`", rule::example(check, column, value.text()));
        faults.help(key.span, format!("{} has no short form under a column", quoted(&key.text)), Some(help));
        return;
    }
    if rule::COMMON.iter().any(|field| field.name == key.text) {
        let value = value.text().filter(|text| !text.is_empty()).unwrap_or("…");
        let beside = entries.iter().find_map(|(key, value)| {
            let check = checks::find(&key.text).filter(|_| key.text != "type")?;
            match (check.shorthand(), value.text()) {
                (Shorthand::Param(param), Some(text)) => Some(format!("{}: {{ {param}: {text},", key.text)),
                (Shorthand::Flag, _) => Some(format!("{}: {{", key.text)),
                _ => None,
            }
        });
        let beside = beside.unwrap_or_else(|| "required: {".to_owned());
        let help = format!("write it under a check, such as `{beside} {}: {value} }}`", key.text);
        faults.help(key.span, format!("{} belongs to a check, not to a column", quoted(&key.text)), Some(help));
        return;
    }
    if let Some(meant) = meant::notation_key(&key.text) {
        let help = format!("the key is called `{meant}` here");
        faults.help(key.span, format!("unknown key {} in {what}", quoted(&key.text)), Some(help));
        return;
    }
    if let Some(meant) = synonyms::check_called(&key.text).and_then(checks::find) {
        let how = match meant.shorthand() {
            Shorthand::None => {
                format!("write it under `rules:`, as `- {}`", rule::example(meant, column, value.text()))
            }
            Shorthand::Flag => format!("write `{}: true`", meant.name()),
            Shorthand::Param(_) => format!("write `{}: {}`", meant.name(), example(meant.name(), &key.text, value)),
        };
        let help = format!("the check is called `{0}` here: {how}; `passmuster explain {0}` shows more", meant.name());
        faults.help(key.span, format!("unknown key {} in {what}", quoted(&key.text)), Some(help));
        return;
    }
    let short = CHECKS.iter().filter(|check| check.shorthand() != Shorthand::None).map(|check| check.name());
    let known = short.chain(COLUMN.iter().map(|field| field.name));
    faults.unknown_in(key.span, "key", &format!(" in {what}"), &key.text, known);
}

/// An example of the short form of a check, for somebody who calls it `written` and gives it a value.
fn example(check: &str, written: &str, value: &Node) -> String {
    let is = |part: &str| written.to_lowercase().contains(part);
    let text = value.text().filter(|text| !text.is_empty() && !matches!(*text, "true" | "false"));
    let items: Vec<&str> = match &value.kind {
        Kind::List(items) => items.iter().filter_map(Node::text).collect(),
        _ => Vec::new(),
    };
    let bounds = |low: &str, high: &str| match (items.as_slice(), text) {
        ([low, high], _) => format!("{low}..{high}"),
        (_, Some(bound)) if is("max") || is("less") || matches!(written, "le" | "lt") => format!("..{bound}"),
        (_, Some(bound)) if is("min") || is("greater") || matches!(written, "ge" | "gt") => format!("{bound}.."),
        (_, Some(text)) => meant::bounds(text).unwrap_or_else(|| format!("{low}..{high}")),
        _ if is("positive") || (is("negative") && is("no")) => "0..".to_owned(),
        _ if is("negative") => "..0".to_owned(),
        _ => format!("{low}..{high}"),
    };
    match check {
        "matches" | "not_matches" => format!("'{}'", text.unwrap_or("[0-9]{10}").replace('\'', "''")),
        "allowed" | "forbidden" if !items.is_empty() && items.len() <= 10 => format!("[{}]", items.join(", ")),
        "allowed" | "forbidden" => "[A, B]".to_owned(),
        "range" => bounds("0", "100"),
        "length" => bounds("2", "50"),
        "identifier" if is("mail") => "email".to_owned(),
        "fresh" => text.and_then(meant::period).unwrap_or_else(|| "30d".to_owned()),
        "not_before" => text.unwrap_or("1900-01-01").to_owned(),
        _ => "…".to_owned(),
    }
}

//! Columns as declared, and the rules that are written under them in short.

use std::collections::BTreeSet;

use super::diagnostic::{Faults, quoted, suggestion};
use super::fields::{self, Field, Fields, field};
use super::rule::{self, Draft, Home};
use super::suite::ColumnDecl;
use super::values;
use super::yaml::{Key, Kind, Node};
use crate::checks::{self, CHECKS, Shorthand};
use crate::model::DataType;
use crate::scalar::DateFormat;

/// The keys of a column, besides the checks that have a short form.
pub(super) const COLUMN: &[Field] = &[
    field("type", "The type in which it is audited: text, integer, decimal, date, datetime, boolean or uuid"),
    field("format", "How dates are written, such as %d/%m/%Y; by default ISO 8601"),
    field("missing", "Tokens that count as missing in this column, besides those of the dataset"),
    field("allow", "Tokens that are real values in this column although `missing` names them"),
    field("pii", "Personal data: none, basic or sensitive"),
    field("describe", "What the column means"),
    field("severity", "The severity of the rules under this column"),
    field("weight", "The weight of the rules under this column"),
    field("because", "Why the rules under this column exist"),
    field("fix", "What to do about failures under this column"),
    field("owner", "Who corrects this column"),
    field("tags", "Tags of the rules under this column"),
];

/// Reads one column of a dataset. The rules under it go to `drafts`.
pub(super) fn read(
    column: &Key,
    node: &Node,
    inherited: &BTreeSet<String>,
    home: &Home<'_>,
    drafts: &mut Vec<Draft>,
    faults: &mut Faults,
) -> ColumnDecl {
    let mut decl = ColumnDecl { missing: inherited.clone(), ..ColumnDecl::default() };
    if node.is_empty() {
        return decl;
    }
    let what = format!("the column {}", quoted(&column.text));
    if node.text().is_some_and(|text| DataType::from_name(text).is_some()) {
        let help = format!("write `{}: {{ type: {} }}`", column.text, node.text().unwrap_or_default());
        faults.help(node.span, format!("{what} takes a mapping, not a single value"), Some(help));
        return decl;
    }
    let Some(entries) = fields::entries(node, &what, faults) else { return decl };
    // The keys of checks come from the catalogue; the table of the rest is fixed.
    let is_own = |key: &Key| COLUMN.iter().any(|field| field.name == key.text);
    let own =
        Node { span: node.span, kind: Kind::Map(entries.iter().filter(|(key, _)| is_own(key)).cloned().collect()) };
    let Some(written) = Fields::of(&own, &what, COLUMN, faults) else { return decl };
    for (token, _) in written.texts("missing", faults) {
        decl.missing.insert(token);
    }
    for (token, span) in written.texts("allow", faults) {
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
    // `type: { as: date, format: … }` declares the format as `format: …` beside it does.
    let inner = match written.get("type").map(|node| &node.kind) {
        Some(Kind::Map(entries)) => entries.iter().find(|(key, _)| key.text == "format").map(|(_, node)| node),
        _ => None,
    };
    let outer = written.text("format", faults);
    if let (Some(inner), Some(outer)) = (inner, &outer)
        && inner.text() != Some(outer)
    {
        faults.at(inner.span, "`format` is declared twice, and differently");
    }
    decl.format = outer.or_else(|| inner.and_then(|node| node.text()).map(str::to_owned));
    if let Some(format) = &decl.format {
        let place = written.get("format").or(inner).map_or(node.span, |node| node.span);
        if !matches!(decl.data_type, Some(DataType::Date | DataType::Datetime)) {
            let help = "add `type: date` or `type: datetime`".to_owned();
            faults.help(place, "`format` belongs to a column declared as date or datetime", Some(help));
        } else if let Err(problem) = DateFormat::compile(format) {
            faults.at(place, format!("`format`: {problem}"));
        }
    }
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
            Some(_) if key.text == "type" && matches!(decl.data_type, None | Some(DataType::Text)) => {}
            Some(check) => {
                drafts.extend(rule::shorthand(check, key, value, column, &home, faults));
            }
            None if is_own(key) => {}
            None => unknown(key, &what, faults),
        }
    }
    decl
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

/// Refuses a key that a column does not have.
fn unknown(key: &Key, what: &str, faults: &mut Faults) {
    if checks::find(&key.text).is_some() {
        let help = format!("write it under `rules:`, as `- check: {}`", key.text);
        faults.help(key.span, format!("{} has no short form under a column", quoted(&key.text)), Some(help));
        return;
    }
    if rule::COMMON.iter().any(|field| field.name == key.text) {
        let help = format!("write it under a check, such as `required: {{ {}: … }}`", key.text);
        faults.help(key.span, format!("{} belongs to a check, not to a column", quoted(&key.text)), Some(help));
        return;
    }
    let short = CHECKS.iter().filter(|check| check.shorthand() != Shorthand::None).map(|check| check.name());
    let known = short.chain(COLUMN.iter().map(|field| field.name));
    faults.unknown_in(key.span, "key", &format!(" in {what}"), &key.text, known);
}

//! Values of parameters that several kinds of parameters have: numbers, lists of words, types, names of datasets.

use std::collections::BTreeSet;

use super::diagnostic::{Faults, Span, quoted, suggestion};
use super::names::Names;
use super::yaml::{Kind, Node};
use super::{fields, meant};
use crate::checks::Arg;
use crate::model::DataType;

/// The name of a dataset of the suite.
pub(super) fn dataset(node: &Node, what: &str, names: &Names, faults: &mut Faults) -> Option<Arg> {
    let name = fields::text(node, what, faults)?;
    if !names.datasets.contains_key(name) {
        faults.unknown(node.span, "dataset", name, names.datasets.keys().map(String::as_str));
        return None;
    }
    Some(Arg::Text(name.to_owned()))
}

/// A whole number; its digits may be separated by `_`.
pub(super) fn count(text: &str) -> Option<u64> {
    let digits = text.trim().replace('_', "");
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// The name of a type.
pub(super) fn data_type(node: &Node, what: &str, faults: &mut Faults) -> Option<DataType> {
    let words: Vec<(&str, DataType)> = DataType::ALL.iter().map(|kind| (kind.name(), *kind)).collect();
    if let Some(text) = node.text()
        && DataType::from_name(text).is_none()
        && let Some(meant) = meant::data_type(text)
    {
        faults.help(
            node.span,
            format!("{what} does not take {}", quoted(text)),
            Some(format!("did you mean `{meant}`?")),
        );
        return None;
    }
    fields::choice(node, what, &words, faults)
}

/// A list of texts without duplicates, or one text.
pub(super) fn distinct(node: &Node, what: &str, faults: &mut Faults) -> Option<Vec<String>> {
    let before = faults.len();
    let mut seen = BTreeSet::new();
    let mut texts = Vec::new();
    for (text, span) in fields::texts(node, what, faults) {
        if !seen.insert(text.clone()) {
            faults.at(span, format!("{} occurs twice", quoted(&text)));
        }
        texts.push(text);
    }
    if texts.is_empty() && faults.len() == before {
        faults.at(node.span, format!("{what} is an empty list"));
    }
    (faults.len() == before).then_some(texts)
}

/// Refuses a list of one value that is several values, or a range, written as one: it would match nothing.
pub(super) fn refuse_joined(node: &Node, what: &str, faults: &mut Faults) -> Option<()> {
    let only = match &node.kind {
        Kind::List(items) => match items.as_slice() {
            [only] => only,
            _ => return Some(()),
        },
        _ => node,
    };
    let Some(text) = only.text().filter(|text| !text.is_empty()) else { return Some(()) };
    let help = if let Some((low, high)) = joined_range(text) {
        let listed = match (low.parse::<i64>(), high.parse::<i64>()) {
            (Ok(low), Ok(high)) if low < high && high - low < 10 => {
                format!(", or list the values: {}", as_list((low..=high).map(|value| value.to_string())))
            }
            _ => ", or list the values".to_owned(),
        };
        format!("for every value between two bounds write `range: {low}..{high}`{listed}")
    } else if let Some(parts) = joined_parts(text) {
        format!("for several values write a list: {}", as_list(parts.into_iter().map(str::to_owned)))
    } else {
        return Some(());
    };
    let exact = "if it is one value, compare with it in `check: expect`";
    let message = format!("{what} has one value, {}, and no cell is likely to hold it", quoted(text));
    faults.help(only.span, message, Some(format!("{help}; {exact}")));
    None
}

/// Words that count as missing values, or do not: a list, or one. Several words that are written as one are refused, since
/// no cell is likely to hold them.
pub(super) fn tokens(node: &Node, what: &str, faults: &mut Faults) -> Vec<(String, Span)> {
    let mut found = fields::texts(node, what, faults);
    found.retain(|(token, span)| {
        // `-9,99` and `9.999,00` are numbers with a decimal comma.
        let is_number = token.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | '-' | '+' | ' '));
        let Some(parts) = joined_parts(token).filter(|_| !is_number) else { return true };
        let message = format!("{} under {what} is one word, and no cell is likely to hold it", quoted(token));
        let help = format!("for several words write a list: {}", as_list(parts.into_iter().map(str::to_owned)));
        faults.help(*span, message, Some(help));
        false
    });
    found
}

/// The bounds of `1..6`, `..6` and `1..`.
fn joined_range(text: &str) -> Option<(&str, &str)> {
    let (low, high) = text.split_once("..")?;
    let (low, high) = (low.trim(), high.trim());
    let is_bound = |bound: &str| bound.starts_with(|c: char| c.is_ascii_digit() || c == '-') && !bound.contains("..");
    let is_word = |bound: &str| !bound.is_empty() && !bound.contains('.') && bound.chars().all(char::is_alphanumeric);
    let fits = match (low, high) {
        ("", bound) | (bound, "") => is_bound(bound),
        _ => (is_bound(low) || is_word(low)) && (is_bound(high) || is_word(high)),
    };
    fits.then_some((low, high))
}

/// The values of `A, B`, `A|B` and `A; B`.
fn joined_parts(text: &str) -> Option<Vec<&str>> {
    let sign = [',', '|', ';'].into_iter().find(|sign| text.contains(*sign))?;
    let parts: Vec<&str> = text.split(sign).map(str::trim).collect();
    let is_value = |part: &&str| part.chars().any(char::is_alphanumeric);
    (parts.iter().filter(|part| is_value(part)).count() > 1).then(|| parts.into_iter().filter(is_value).collect())
}

/// Values as a list of YAML, the first of them.
fn as_list(values: impl Iterator<Item = String>) -> String {
    const SHOWN: usize = 10;
    let is_plain = |value: &str| value.chars().all(|c| c.is_alphanumeric() || c == '_');
    let written = values.map(|value| if is_plain(&value) { value } else { format!("'{}'", value.replace('\'', "''")) });
    let mut written: Vec<String> = written.take(SHOWN + 1).collect();
    if written.len() > SHOWN {
        written.truncate(SHOWN);
        written.push("…".to_owned());
    }
    format!("[{}]", written.join(", "))
}

/// Some of these words, without duplicates.
pub(super) fn choices(node: &Node, what: &str, words: &[&str], faults: &mut Faults) -> Option<Vec<String>> {
    let chosen = distinct(node, what, faults)?;
    let before = faults.len();
    for (text, span) in fields::texts(node, what, faults) {
        if !words.contains(&text.as_str()) {
            faults.help(span, format!("{what} does not take {}", quoted(&text)), suggestion(&text, words));
        }
    }
    (faults.len() == before).then_some(chosen)
}

/// One ASCII character, or `tab`.
pub(super) fn one_byte(text: &str) -> Option<u8> {
    match text.as_bytes() {
        _ if matches!(text, "tab" | "\\t") => Some(b'\t'),
        [byte] if byte.is_ascii() => Some(*byte),
        _ => None,
    }
}

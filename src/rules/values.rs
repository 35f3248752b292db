//! Values of parameters that several kinds of parameters have: numbers, lists of words, types, names of datasets.

use std::collections::BTreeSet;

use super::diagnostic::{Faults, quoted, suggestion};
use super::fields;
use super::names::Names;
use super::yaml::Node;
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

/// A finite number; its digits may be separated by `_`.
pub(super) fn number(text: &str) -> Option<f64> {
    text.replace('_', "").parse().ok().filter(|number: &f64| number.is_finite())
}

/// The name of a type.
pub(super) fn data_type(node: &Node, what: &str, faults: &mut Faults) -> Option<DataType> {
    let words: Vec<(&str, DataType)> = DataType::ALL.iter().map(|kind| (kind.name(), *kind)).collect();
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

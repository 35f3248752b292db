//! `${name}` in scalars: values named once under `params:` or given with `--set`.

use std::collections::{BTreeMap, BTreeSet};

use super::diagnostic::{Faults, Span, did_you_mean, quoted};
use super::fields;
use super::yaml::{Kind, Node};

use crate::model::nearest;

/// The longest text that a scalar may become, in bytes.
const MAX_TEXT: usize = 64 << 10;

/// The values of a suite by name.
#[derive(Debug, Default)]
pub(super) struct Params {
    values: BTreeMap<String, (String, Option<Span>)>,
    used: BTreeSet<String>,
}

impl Params {
    /// Takes in the `params:` of one file. A name that another file gave already keeps its value where that file is
    /// nearer to the suite (`weaker`), and is a fault where neither is.
    pub(super) fn declare(&mut self, node: &Node, weaker: bool, faults: &mut Faults) {
        for (key, value) in fields::entries(node, "`params`", faults).unwrap_or_default() {
            if !is_name(&key.text) {
                let help = "letters, digits and `_`, such as `max_age`".to_owned();
                faults.help(key.span, format!("{} cannot name a parameter", quoted(&key.text)), Some(help));
                continue;
            }
            let Some(text) = fields::text(value, "a parameter", faults) else { continue };
            match self.values.get(&key.text) {
                Some((known, _)) if weaker || known == text => {}
                Some(_) => {
                    faults.at(key.span, format!("another suite gives {} another value", quoted(&key.text)));
                }
                None => {
                    self.values.insert(key.text.clone(), (text.to_owned(), Some(key.span)));
                }
            }
        }
    }

    /// Applies `--set`.
    pub(super) fn set(&mut self, given: &BTreeMap<String, String>, faults: &mut Faults) {
        for (name, value) in given {
            if let Some((known, _)) = self.values.get_mut(name) {
                value.clone_into(known);
            } else if !faults.is_incomplete() {
                let help = match nearest(name, self.values.keys().map(String::as_str)) {
                    Some(near) => did_you_mean(name, near),
                    None => "declare it under `params:` in the suite".to_owned(),
                };
                faults.elsewhere(format!("--set names the unknown parameter {}", quoted(name)), Some(help));
            }
        }
    }

    /// Puts values in the place of `${name}` in every scalar of the tree but under the top keys `params` and `extends`.
    pub(super) fn fill_in(&mut self, root: &mut Node, faults: &mut Faults) {
        if let Kind::Map(entries) = &mut root.kind {
            for (key, value) in entries {
                if key.text != "params" && key.text != "extends" {
                    self.fill_in_node(value, faults);
                }
            }
        }
    }

    fn fill_in_node(&mut self, node: &mut Node, faults: &mut Faults) {
        let span = node.span;
        match &mut node.kind {
            Kind::List(items) => items.iter_mut().for_each(|item| self.fill_in_node(item, faults)),
            Kind::Map(entries) => entries.iter_mut().for_each(|(_, value)| self.fill_in_node(value, faults)),
            Kind::Scalar { text, .. } if text.contains("${") => match self.filled(span, text, faults) {
                Some(filled) => *text = filled,
                None => faults.break_scalar(span),
            },
            Kind::Scalar { .. } => {}
        }
    }

    fn filled(&mut self, span: Span, text: &str, faults: &mut Faults) -> Option<String> {
        let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(at) = rest.find("${") {
            let place = faults.inside(span, text, text.len() - rest.len() + at, 2);
            if let Some(before) = rest[..at].strip_suffix('$') {
                filled.push_str(before);
                filled.push_str("${");
                rest = &rest[at + 2..];
                continue;
            }
            filled.push_str(&rest[..at]);
            let Some(length) = rest[at..].find('}') else {
                let help = Some("write `$${` where the text itself holds `${`".to_owned());
                faults.help(place, "`${` without its `}`", help);
                return None;
            };
            let name = &rest[at + 2..at + length];
            if let Some((value, _)) = self.values.get(name) {
                self.used.insert(name.to_owned());
                filled.push_str(value);
                if filled.len() > MAX_TEXT {
                    faults.at(span, format!("longer than {MAX_TEXT} bytes with its parameters written out"));
                    return None;
                }
            } else if faults.is_incomplete() {
                return None;
            } else {
                let place = faults.inside(span, text, text.len() - rest.len() + at, length + 1);
                let help = match nearest(name, self.values.keys().map(String::as_str)) {
                    Some(near) => did_you_mean(name, near),
                    None => "declare it under `params:`, or write `$${` for a plain `${`".to_owned(),
                };
                faults.help(place, format!("unknown parameter {}", quoted(name)), Some(help));
                return None;
            }
            rest = &rest[at + length + 1..];
        }
        filled.push_str(rest);
        Some(filled)
    }

    /// The places of parameters that are not used, with their names.
    pub(super) fn unused(&self) -> impl Iterator<Item = (&str, Span)> {
        self.values
            .iter()
            .filter(|(name, _)| !self.used.contains(*name))
            .filter_map(|(name, (_, span))| Some((name.as_str(), (*span)?)))
    }
}

/// Whether a text can name a parameter.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

//! Reading the keys of a mapping and the words in scalars; every refusal is located.

use super::diagnostic::{Faults, Span, quoted, suggestion};
use super::meant;
use super::yaml::{Key, Kind, Node};

/// A key that a mapping may have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    /// The key.
    pub(super) name: &'static str,
    /// One line for the editor.
    pub(super) doc: &'static str,
}

/// Shortens tables of fields.
pub(super) const fn field(name: &'static str, doc: &'static str) -> Field {
    Field { name, doc }
}

/// The entries of a mapping whose keys are permitted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'n> {
    entries: &'n [(Key, Node)],
    /// Where the mapping is.
    pub(super) span: Span,
}

impl<'n> Fields<'n> {
    /// The entries of `node`, which is `what` (such as `the gate`) and takes the keys of `table`. Unknown keys are
    /// faults and left out of sight; `None` where it is no mapping.
    pub(super) fn of(node: &'n Node, what: &str, table: &[Field], faults: &mut Faults) -> Option<Self> {
        let shown: Vec<&str> = table.iter().take(3).map(|field| field.name).collect();
        let more = if table.len() > shown.len() { ", …" } else { "" };
        let help = format!("write `KEY: VALUE` for each of its keys: {}{more}", shown.join(", "));
        let entries = entries_like(node, what, &help, faults)?;
        for (key, _) in entries {
            if !table.iter().any(|field| field.name == key.text) {
                let meant = meant::notation_key(&key.text).or_else(|| meant::waiver_key(&key.text));
                if let Some(meant) = meant.filter(|meant| table.iter().any(|field| field.name == *meant)) {
                    let message = format!("unknown key {} in {what}", quoted(&key.text));
                    faults.help(key.span, message, Some(format!("the key is called `{meant}` here")));
                    continue;
                }
                let known = table.iter().map(|field| field.name);
                faults.unknown_in(key.span, "key", &format!(" in {what}"), &key.text, known);
            }
        }
        Some(Self { entries, span: node.span })
    }

    /// The value of a key.
    pub(super) fn get(&self, name: &str) -> Option<&'n Node> {
        self.entries.iter().find(|(key, _)| key.text == name).map(|(_, value)| value)
    }

    /// Where a key is; where the mapping is, if it does not have the key.
    pub(super) fn key_span(&self, name: &str) -> Span {
        self.entries.iter().find(|(key, _)| key.text == name).map_or(self.span, |(key, _)| key.span)
    }

    /// The text of a key.
    pub(super) fn text(&self, name: &str, faults: &mut Faults) -> Option<String> {
        text(self.get(name)?, &format!("`{name}`"), faults).map(str::to_owned)
    }

    /// The texts of a key that takes one or a list.
    pub(super) fn texts(&self, name: &str, faults: &mut Faults) -> Vec<(String, Span)> {
        self.get(name).map(|node| texts(node, &format!("`{name}`"), faults)).unwrap_or_default()
    }
}

/// The entries of a mapping.
pub(super) fn entries<'n>(node: &'n Node, what: &str, faults: &mut Faults) -> Option<&'n [(Key, Node)]> {
    entries_like(node, what, "write `KEY: VALUE` for each entry", faults)
}

/// The entries of a mapping; what is none is refused with `help`, which shows how it should read.
pub(super) fn entries_like<'n>(
    node: &'n Node,
    what: &str,
    help: &str,
    faults: &mut Faults,
) -> Option<&'n [(Key, Node)]> {
    if let Kind::Map(entries) = &node.kind {
        return Some(entries);
    }
    let help = Some(help.to_owned()).filter(|help| !help.is_empty());
    faults.help(node.span, format!("{what} takes a mapping, not {}", node.describe()), help);
    None
}

/// The text of a scalar that is not left out.
pub(super) fn text<'n>(node: &'n Node, what: &str, faults: &mut Faults) -> Option<&'n str> {
    match node.text() {
        Some(text) if !node.is_empty() => Some(text),
        _ => {
            faults.at(node.span, format!("{what} takes a single value, not {}", node.describe()));
            None
        }
    }
}

/// The texts of a list of scalars, or of one scalar.
pub(super) fn texts(node: &Node, what: &str, faults: &mut Faults) -> Vec<(String, Span)> {
    match &node.kind {
        Kind::List(items) => {
            items.iter().filter_map(|item| Some((text(item, what, faults)?.to_owned(), item.span))).collect()
        }
        Kind::Scalar { text, .. } if !node.is_empty() => vec![(text.clone(), node.span)],
        _ => {
            faults.at(node.span, format!("{what} takes a value or a list of values, not {}", node.describe()));
            Vec::new()
        }
    }
}

/// `true` or `false`.
pub(super) fn flag(node: &Node, what: &str, faults: &mut Faults) -> Option<bool> {
    match text(node, what, faults)? {
        "true" => Some(true),
        "false" => Some(false),
        other => {
            let meant = match other.to_lowercase().as_str() {
                "yes" | "y" | "on" | "1" | "true" | "có" => Some("write `true`"),
                "no" | "n" | "off" | "0" | "false" | "không" => Some("write `false`"),
                _ => None,
            };
            let message = format!("{what} takes `true` or `false`, not {}", quoted(other));
            faults.help(node.span, message, meant.map(str::to_owned));
            None
        }
    }
}

/// One of several words.
pub(super) fn choice<T: Clone>(node: &Node, what: &str, words: &[(&str, T)], faults: &mut Faults) -> Option<T> {
    let written = text(node, what, faults)?;
    let found = words.iter().find(|(word, _)| *word == written).map(|(_, value)| value.clone());
    if found.is_none() {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        faults.help(node.span, format!("{what} does not take {}", quoted(written)), suggestion(written, &words));
    }
    found
}

/// What `read` makes of a scalar; otherwise a fault that says what is expected, such as `a whole number`.
pub(super) fn parsed<T>(
    node: &Node,
    what: &str,
    expected: &str,
    read: impl FnOnce(&str) -> Option<T>,
    faults: &mut Faults,
) -> Option<T> {
    let written = text(node, what, faults)?;
    // A tab or a space in quotes is a value.
    let trimmed = written.trim();
    let value = read(if trimmed.is_empty() { written } else { trimmed });
    if value.is_none() {
        faults.at(node.span, format!("{what} takes {expected}, not {}", quoted(written)));
    }
    value
}

/// As [`parsed`], with what the writer may mean by another spelling.
pub(super) fn parsed_or<T>(
    node: &Node,
    what: &str,
    expected: &str,
    read: impl FnOnce(&str) -> Option<T>,
    meant: impl FnOnce(&str) -> Option<String>,
    faults: &mut Faults,
) -> Option<T> {
    let written = text(node, what, faults)?;
    let value = read(written.trim());
    if value.is_none() {
        faults.help(node.span, format!("{what} takes {expected}, not {}", quoted(written)), meant(written));
    }
    value
}

//! Expressions as a suite writes them, each with its place.

use std::sync::Arc;

use super::diagnostic::{Faults, Span};
use super::expression::{self, ExprError, Parsed};
use super::fields;
use super::yaml::Node;

/// An expression as written.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    /// Where it is.
    pub(super) span: Span,
    /// Its text.
    pub(super) text: String,
    /// Its tree.
    pub(super) parsed: Arc<Parsed>,
}

impl Condition {
    /// Its text with single spaces outside quotes.
    pub(super) fn spaced(&self) -> String {
        spaced(&self.text)
    }
}

/// Reads an expression.
pub(super) fn read(node: &Node, what: &str, aggregates: bool, faults: &mut Faults) -> Option<Condition> {
    let text = fields::text(node, what, faults)?;
    let parsed = if aggregates { expression::parse_aggregates(text) } else { expression::parse(text) };
    match parsed {
        Ok(parsed) => Some(Condition { span: node.span, text: text.to_owned(), parsed: Arc::new(parsed) }),
        Err(errors) => {
            report(node.span, text, errors, faults);
            None
        }
    }
}

/// Locates the errors of an expression in its file.
pub(super) fn report(span: Span, text: &str, errors: Vec<ExprError>, faults: &mut Faults) {
    for error in errors {
        let place = faults.inside(span, text, error.at, error.len);
        faults.help(place, error.message, error.help);
    }
}

/// An expression with single spaces outside its quotes.
pub(super) fn spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quote, mut gap) = (None, false);
    for c in text.trim().chars() {
        match quote {
            None if c.is_whitespace() => {
                gap = true;
                continue;
            }
            None if c == '\'' || c == '"' => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => {}
        }
        if std::mem::take(&mut gap) {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

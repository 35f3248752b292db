//! What is wrong with an expression, and where.

use super::place::Place;

/// What is wrong with an expression, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExprError {
    /// Byte offset in the text of the expression.
    pub at: usize,
    /// Bytes that the error is about; may be 0 at the end of the text.
    pub len: usize,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do, such as the nearest valid name.
    pub help: Option<String>,
}

impl ExprError {
    pub(super) fn new(place: Place, message: impl Into<String>) -> Self {
        Self { at: place.at, len: place.len, message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

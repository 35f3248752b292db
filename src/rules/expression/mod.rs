//! The expression language: boolean SQL over one row, or over figures of a dataset.
//!
//! Text is parsed (`sqlparser`), held against a closed list of what the language has, and later resolved against the
//! columns: names found, types checked, literals brought to the type they are compared with, constants folded. What
//! comes out means the same on every engine. Errors carry their place in the text, and come together where possible.

mod always;
mod place;
mod resolve;
mod syntax;

use crate::model::{Aggregate, AggregateFunction, AsOf, DataType, Expr};

pub use always::always;
use place::Place;
use syntax::Node;

#[cfg(test)]
mod tests;

/// The longest expression, in bytes.
const MAX_BYTES: usize = 4_000;
/// The most parts (columns, literals, operators, calls) of an expression.
const MAX_NODES: usize = 1_000;
/// How deep brackets, calls, `not` and `case` may nest.
const MAX_DEPTH: usize = 50;

/// What is wrong with an expression, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExprError {
    /// Byte offset in the text of the expression.
    pub at: usize,
    /// Bytes that the error is about; may be 0 at the end of the text.
    pub len: usize,
    /// What is wrong, in one line.
    pub message: String,
    /// The way out, such as the nearest valid name.
    pub help: Option<String>,
}

impl ExprError {
    fn new(place: Place, message: impl Into<String>) -> Self {
        Self { at: place.at, len: place.len, message: message.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The columns that an expression may name.
pub trait Columns {
    /// The type in which a column is audited. Names are compared exactly.
    fn data_type(&self, name: &str) -> Result<DataType, ColumnProblem>;

    /// The names of all columns, for suggestions.
    fn names(&self) -> Vec<String>;
}

/// Why a column cannot stand in an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnProblem {
    /// There is no such column.
    Unknown,
    /// It holds lists, structs or another type that expressions do not have.
    Unsupported,
}

/// An expression after parsing: nothing in it is outside the language, but names and types are not yet checked.
#[derive(Debug, Clone)]
pub struct Parsed {
    root: Node,
    over_figures: bool,
}

/// Parses a boolean expression over one row.
pub fn parse(text: &str) -> Result<Parsed, Vec<ExprError>> {
    syntax::parse(text, false).map(|root| Parsed { root, over_figures: false })
}

/// Parses a boolean expression over figures: `count(*)`, and [`crate::model::AggregateFunction`]s of expressions over one
/// row.
pub fn parse_figures(text: &str) -> Result<Parsed, Vec<ExprError>> {
    syntax::parse(text, true).map(|root| Parsed { root, over_figures: true })
}

impl Parsed {
    /// The columns named, with their byte offsets, in order of appearance and with repeats.
    pub fn columns(&self) -> Vec<(String, usize)> {
        let mut columns = Vec::new();
        self.root.walk(&mut |node| {
            if let syntax::Kind::Column { name, .. } = &node.kind {
                columns.push((name.clone(), node.place.at));
            }
        });
        columns.sort_by_key(|(_, at)| *at);
        columns
    }

    /// The function of an expression that is one figure and nothing else.
    pub fn figure(&self) -> Option<AggregateFunction> {
        match self.root.kind {
            syntax::Kind::Aggregate { function, .. } => Some(function),
            _ => None,
        }
    }

    /// Types an expression that is one figure.
    pub fn resolve_figure(&self, columns: &dyn Columns, as_of: AsOf) -> Result<Aggregate, Vec<ExprError>> {
        resolve::resolve_figure(&self.root, columns, as_of)
    }

    /// Types an expression over one row; it must be boolean.
    pub fn resolve(&self, columns: &dyn Columns, as_of: AsOf) -> Result<Expr, Vec<ExprError>> {
        if self.over_figures {
            let message = "an expression over figures stands only in checks of figures, such as `aggregate`";
            return Err(vec![ExprError::new(self.root.place, message)]);
        }
        resolve::resolve(&self.root, columns, as_of).map(|(expr, _)| expr)
    }

    /// Types an expression over figures; it must be boolean. Equal figures come once; `Expr::Figure` points to them.
    pub fn resolve_figures(
        &self,
        columns: &dyn Columns,
        as_of: AsOf,
    ) -> Result<(Expr, Vec<Aggregate>), Vec<ExprError>> {
        resolve::resolve(&self.root, columns, as_of)
    }
}

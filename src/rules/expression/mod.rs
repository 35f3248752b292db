//! The expression language: boolean SQL over one row, or over figures of a dataset.
//!
//! Text is parsed (`sqlparser`), held against a closed list of what the language has, and later resolved against the
//! columns: names found, types checked, literals brought to the type they are compared with, constants folded. What
//! comes out means the same on every engine. Errors carry their place in the text, and come together where possible.

mod always;
mod columns;
mod error;
mod limits;
mod place;
mod resolve;
mod syntax;
mod tree;

use crate::model::{Aggregate, AggregateFunction, AsOf, Expr};

pub use always::always;
pub use columns::{ColumnProblem, Columns};
pub use error::ExprError;
use tree::{Kind, Node};

#[cfg(test)]
mod tests;

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
            if let Kind::Column { name, .. } = &node.kind {
                columns.push((name.clone(), node.place.at));
            }
        });
        columns.sort_by_key(|(_, at)| *at);
        columns
    }

    /// The function of an expression that is one figure and nothing else.
    pub fn figure(&self) -> Option<AggregateFunction> {
        match self.root.kind {
            Kind::Aggregate { function, .. } => Some(function),
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

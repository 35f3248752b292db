//! The expression language: boolean SQL over one row, or over aggregates of a dataset.
//!
//! Text is parsed (`sqlparser`), checked against a closed list of what the language has, and later resolved against the
//! columns: names found, types checked, literals brought to the type they are compared with, constants folded. The
//! result means the same on every engine. Errors carry their place in the text, and come together where possible.

mod always;
mod columns;
mod error;
mod floats;
mod limits;
mod place;
mod resolve;
mod sql;
mod syntax;
mod tree;
mod types;

use crate::model::{Aggregate, AggregateFunction, AsOf, Expr};

pub use always::always;
pub use columns::{ColumnProblem, Columns};
pub use error::ExprError;
pub use floats::rounding;
use tree::{Kind, Node};

#[cfg(test)]
mod tests;

/// An expression after parsing: nothing in it is outside the language, but names and types are not yet checked.
#[derive(Debug, Clone)]
pub struct Parsed {
    root: Node,
    over_aggregates: bool,
}

/// Parses a boolean expression over one row.
pub fn parse(text: &str) -> Result<Parsed, Vec<ExprError>> {
    syntax::parse(text, false).map(|root| Parsed { root, over_aggregates: false })
}

/// Parses a boolean expression over aggregates: `count(*)`, and [`crate::model::AggregateFunction`]s of expressions over one
/// row.
pub fn parse_aggregates(text: &str) -> Result<Parsed, Vec<ExprError>> {
    syntax::parse(text, true).map(|root| Parsed { root, over_aggregates: true })
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

    /// The function of an expression that is one aggregate and nothing else.
    pub fn aggregate(&self) -> Option<AggregateFunction> {
        match self.root.kind {
            Kind::Aggregate { function, .. } => Some(function),
            _ => None,
        }
    }

    /// Types an expression that is one aggregate.
    pub fn resolve_aggregate(&self, columns: &dyn Columns, as_of: AsOf) -> Result<Aggregate, Vec<ExprError>> {
        resolve::resolve_aggregate(&self.root, columns, as_of)
    }

    /// Types an expression over one row; it must be boolean.
    pub fn resolve(&self, columns: &dyn Columns, as_of: AsOf) -> Result<Expr, Vec<ExprError>> {
        if self.over_aggregates {
            let message = "only checks of aggregates, such as `aggregate`, take an expression over aggregates";
            return Err(vec![ExprError::new(self.root.place, message)]);
        }
        resolve::resolve(&self.root, columns, as_of).map(|(expr, _)| expr)
    }

    /// Types an expression over aggregates; it must be boolean. Equal aggregates come once; `Expr::Figure` points to them.
    pub fn resolve_aggregates(
        &self,
        columns: &dyn Columns,
        as_of: AsOf,
    ) -> Result<(Expr, Vec<Aggregate>), Vec<ExprError>> {
        resolve::resolve(&self.root, columns, as_of)
    }
}

//! Expressions that are evaluated row by row.

use crate::model::{AsOf, Expr};
use crate::scalar::{Cell, Evaluator};

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{ColumnRules, place_of};
use crate::engine::local::prepare_error::PrepareError;

/// Any expression, computed row by row.
#[derive(Debug)]
pub(crate) struct RowExpression {
    evaluator: Evaluator,
    /// The columns that it reads.
    pub(super) columns: Vec<(String, usize)>,
}

impl RowExpression {
    /// Prepares an expression over the columns that a pass reads.
    ///
    /// # Errors
    /// A pattern that does not compile, or a column that the pass does not read.
    pub(crate) fn compile(expr: &Expr, rules: &[ColumnRules], as_of: AsOf) -> Result<Self, PrepareError> {
        let mut columns: Vec<(String, usize)> = Vec::new();
        for name in expr.columns() {
            let at = place_of(rules, name)?;
            if !columns.iter().any(|(known, _)| known == name) {
                columns.push((name.to_owned(), at));
            }
        }
        Ok(Self { evaluator: Evaluator::compile(expr, as_of)?, columns })
    }

    /// The value for one row of a batch.
    pub(crate) fn evaluate(&self, cells: &Cells<'_>, row: usize) -> Cell {
        let lookup = |name: &str| match self.columns.iter().find(|(known, _)| known == name) {
            Some((_, column)) => cells.cell(*column, row),
            None => Cell::Unreadable,
        };
        self.evaluator.evaluate(&lookup, &[])
    }
}

//! The different conditions of a section.

use crate::model::{AsOf, Expr};

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::SectionRules;
use crate::engine::local::batch::condition::Condition;
use crate::engine::local::batch::different::Different;
use crate::engine::local::batch::truth::Truth;
use crate::engine::local::prepare_error::PrepareError;
use crate::engine::local::profile::{Span, Work};

/// The different conditions of a section.
pub(super) struct Filters {
    /// The place of the first of them in the pass.
    pub(super) first: usize,
    /// The conditions.
    pub(super) exprs: Different<Expr>,
    /// The same, made ready.
    pub(super) compiled: Vec<Result<Condition, PrepareError>>,
}

impl Filters {
    /// The place of a condition.
    pub(super) fn place(&mut self, filter: &Expr, rules: &SectionRules, as_of: AsOf) -> usize {
        let known = self.exprs.place(filter);
        known.unwrap_or_else(|| {
            self.compiled.push(Condition::compile(filter, rules, as_of));
            self.exprs.place_or_insert(filter.clone())
        })
    }

    /// The truth of every condition for the rows of a batch.
    pub(super) fn evaluate(&self, cells: &Cells<'_>, span: &mut Span<'_>) -> Vec<Option<Truth>> {
        let mut truths = Vec::with_capacity(self.compiled.len());
        for (at, condition) in (self.first..).zip(&self.compiled) {
            truths.push(condition.as_ref().ok().map(|condition| condition.evaluate(cells)));
            span.book(Work::Filter(at));
        }
        truths
    }
}

//! Rules bound to the columns of the data.

use std::sync::Arc;

use super::diagnostic::Span;
use super::suite::Rule;
use crate::checks::{Args, BoundCheck};
use crate::model::{Expr, Measure};

/// A rule bound to the columns of the data.
#[derive(Debug, Clone)]
pub struct BoundRule {
    /// The rule.
    pub rule: Rule,
    /// Where it is written.
    pub(super) place: Option<Span>,
    /// Its parameters, expressions typed.
    pub(super) args: Args,
    /// Its check with these parameters.
    pub check: Arc<dyn BoundCheck>,
    /// Its condition (`where`), typed.
    pub filter: Option<Expr>,
    /// The columns of its dataset that it reads, ascending, without duplicates.
    pub columns: Vec<String>,
    /// What has to be measured; an error (no such column, wrong type …) says why it cannot run.
    pub measures: Result<Vec<Measure>, Misfit>,
    /// What it asks of the data, as one line of JSON: without what judges the counts and what people read.
    pub question: String,
    /// All reasons why it does not fit.
    pub(super) faults: Vec<BindFault>,
}

/// What is wrong with a rule, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", help.as_ref().map(|help| format!("; {help}")).unwrap_or_default())]
pub struct Misfit {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Misfit {
    /// What is wrong, without a hint what to do.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }
}

/// Why a rule does not fit the columns of the data, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BindFault {
    /// Where.
    pub(super) place: Option<Span>,
    /// What is wrong.
    pub(super) misfit: Misfit,
    /// Whether the fault is not the rule's own and is reported where it belongs.
    pub(super) elsewhere: bool,
}

impl BindFault {
    /// A fault of the rule itself.
    pub(super) const fn own(place: Option<Span>, misfit: Misfit) -> Self {
        Self { place, misfit, elsewhere: false }
    }
}

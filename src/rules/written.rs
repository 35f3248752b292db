//! A suite as it was written: its rules before the columns of the data are known, and its files, for messages after
//! reading.

use std::sync::Arc;

use super::argument::{GivenArg, GivenValue};
use super::condition::Condition;
use super::diagnostic::{Diagnostics, SourceFile, Span};
use super::late_waivers::LateWaivers;
use super::names::Names;
use super::suite::{Rule, Suite};
use crate::checks::Args;

/// A suite that was read, with the rules that are still to be bound to columns.
#[derive(Debug)]
pub struct Written {
    /// What it declares.
    pub suite: Suite,
    /// The rules, in the order written; those from column shorthand come before the others of their dataset.
    pub rules: Vec<WrittenRule>,
    /// The rules that fit no data.
    pub unfit: Diagnostics,
    /// The files; spans point into them.
    pub(super) files: Vec<Arc<SourceFile>>,
    /// Datasets and code lists, where each is declared.
    pub(super) names: Names,
    /// Waivers of rules that the columns of the data decide on.
    pub(super) waivers: LateWaivers,
    /// Parameters that are not used.
    pub(super) unused_params: Vec<(String, Span)>,
}

/// A rule that is not bound to columns yet.
#[derive(Debug, Clone)]
pub struct WrittenRule {
    /// What does not depend on the columns.
    pub rule: Rule,
    /// Its parameters and its condition as written.
    pub(super) given: Given,
}

/// What was written for a rule, before the columns of the data are known.
#[derive(Debug, Clone, Default)]
pub(super) struct Given {
    /// Where the rule is written.
    pub(super) place: Option<Span>,
    /// Its parameters.
    pub(super) args: Vec<GivenArg>,
    /// Its condition.
    pub(super) filter: Option<Condition>,
    /// The columns each of which gets its own rule.
    pub(super) each: Option<Each>,
    /// Where its waiver says how long it applies.
    pub(super) waiver: Option<Span>,
    /// Where the columns are written by which its rows are grouped.
    pub(super) segment: Option<Span>,
    /// The parameter whose value is the column under which the rule is written: its place is that of the rule.
    pub(super) implied: Option<&'static str>,
    /// Whether it has a condition that was not understood.
    pub(super) unread_filter: bool,
    /// Parameters whose faults are reported already, because they do not depend on the columns.
    pub(super) faulty: Vec<&'static str>,
}

/// Columns each of which gets its own rule.
#[derive(Debug, Clone)]
pub(super) struct Each {
    /// Names, and names with `*`, each with its place.
    pub(super) names: Vec<(String, Span)>,
    /// The rule is written under a name with `*` in `columns:`, and is for the columns that are declared there.
    pub(super) declared: bool,
}

impl Given {
    /// Where a parameter is written, or else the rule.
    pub(super) fn place_of(&self, param: &str) -> Option<Span> {
        let given = self.args.iter().find(|arg| arg.param.name == param && self.implied != Some(param));
        given.map(|arg| arg.span).or(self.place)
    }

    /// The parameters that need no columns to be complete.
    pub(super) fn ready(&self) -> Args {
        let ready = self.args.iter().filter_map(|arg| match &arg.value {
            GivenValue::Ready(value) => Some((arg.param.name, value.clone())),
            GivenValue::Condition(_) | GivenValue::Totals(_) => None,
        });
        Args(ready.collect())
    }
}

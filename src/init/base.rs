//! A suite that exists, to which rules are added.

use std::collections::BTreeSet;
use std::path::Path;

use super::candidate::Candidate;
use crate::model::RuleReport;
use crate::rules::{Dataset, SuiteLayout};

/// A suite that exists.
#[derive(Debug)]
pub struct Base<'a> {
    /// Where it is.
    pub path: &'a Path,
    /// Its text.
    pub text: &'a str,
    /// Where lines can be put in.
    pub layout: SuiteLayout,
    /// Its datasets, as it declares them.
    pub datasets: &'a [Dataset],
}

/// Whether a suite has a rule of the same check about the same columns: what a person wrote counts.
pub(super) fn is_known(candidate: &Candidate, dataset: &str, known: &[RuleReport]) -> bool {
    let about: BTreeSet<&String> = candidate.about.iter().collect();
    known.iter().any(|rule| {
        rule.dataset == dataset
            && rule.check == candidate.check
            && (about.is_empty() || rule.columns.iter().collect::<BTreeSet<_>>() == about)
    })
}

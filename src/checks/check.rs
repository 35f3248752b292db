//! What a check is, and a check with the parameters of one rule.

use std::sync::Arc;

use super::args::{Args, Param};
use super::claim::Claim;
use super::outcome::{JudgeError, Outcome, Readings};
use super::problems::Problems;
use super::scope::Scope;
use crate::model::{Dimension, Measure};

/// A kind of rule.
#[derive(Debug)]
pub struct Check {
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    pub(super) dimension: Dimension,
    pub(super) page: &'static str,
    pub(super) shorthand: Shorthand,
    pub(super) takes_condition: bool,
    pub(super) params: &'static [Param],
    pub(super) bind: fn(&Args) -> Arc<dyn BoundCheck>,
}

impl Check {
    /// The name used in suites, and of the file that holds the check.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What it checks, in one line without a full stop.
    pub const fn summary(&self) -> &'static str {
        self.summary
    }

    /// The dimension of its rules unless they say otherwise.
    pub const fn dimension(&self) -> Dimension {
        self.dimension
    }

    /// Its page: Markdown with one fenced `yaml` example, a whole suite.
    pub const fn page(&self) -> &'static str {
        self.page
    }

    /// How it may be written under a column.
    pub const fn shorthand(&self) -> Shorthand {
        self.shorthand
    }

    /// Whether a rule may narrow its rows with `where`.
    pub const fn takes_condition(&self) -> bool {
        self.takes_condition
    }

    /// Whether it can judge a column of bytes (`type: binary`).
    pub fn takes_binary(&self) -> bool {
        ["required", "length", "unique"].contains(&self.name)
    }

    /// Its parameters, in the order of its page.
    pub const fn params(&self) -> &'static [Param] {
        self.params
    }

    /// The check with the parameters of one rule.
    pub fn bind(&self, args: &Args) -> Arc<dyn BoundCheck> {
        (self.bind)(args)
    }
}

/// A check with the parameters of one rule.
pub trait BoundCheck: std::fmt::Debug + Send + Sync {
    /// Faults in the parameters that can be seen without data.
    fn lint(&self) -> Problems {
        Problems::default()
    }

    /// What has to be measured, in the order in which `judge` gets the readings.
    ///
    /// # Errors
    /// All that is wrong where the parameters do not fit the columns.
    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems>;

    /// What the readings mean.
    ///
    /// # Errors
    /// Where a reading is absent because it could not be measured.
    fn judge(&self, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError>;

    /// What it says about the values of its column, where that is known without data.
    fn claim(&self) -> Option<Claim<'_>> {
        None
    }

    /// What is certain of it whatever the data is, as the end of a sentence that begins with the rule: `passes for every value`.
    /// It depends on the dataset of the rule and on the key that this declares.
    fn certainty(&self, _dataset: &str, _key: &[String]) -> Option<String> {
        None
    }

    /// Whether it judges what is declared about the dataset for its users (owner, `sharing`, descriptions), besides the data.
    fn judges_declarations(&self) -> bool {
        false
    }

    /// Whether failures belong to single rows, and so make records unclean. False for rules about the whole dataset.
    fn is_about_rows(&self) -> bool {
        true
    }
}

/// How a check may be written as a key under a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shorthand {
    /// It may not.
    None,
    /// `check: true`, or a mapping of the other parameters and common keys.
    Flag,
    /// `check: VALUE` gives this parameter; a mapping gives parameters and common keys.
    Param(&'static str),
}

//! The catalogue of checks: the parameters of each, what it measures, and how it judges the readings.
//!
//! One file for each check. A check never sees data: it names measures, and turns their readings into an [`Outcome`].
//! [`CHECKS`] feeds parsing, `explain`, the JSON Schema of suites and the tests.

#[macro_use]
mod parameters;

mod args;
mod outcome;
mod problems;
mod scoped;

mod absent_from;
mod active;
mod aggregate;
mod agrees;
mod allowed;
mod anonymous;
mod columns;
mod complete_from;
mod continuous;
mod covers;
mod current;
mod determines;
mod distinct_rows;
mod exists_in;
mod expect;
mod forbidden;
mod fresh;
mod identifier;
mod lag;
mod length;
mod matches;
mod no_personal_data;
mod not_before;
mod not_future;
mod not_matches;
mod outliers;
mod range;
mod reconciles;
mod required;
mod row_count;
mod shareable;
mod similar;
mod steady;
mod tidy;
mod r#type;
mod uniform;
mod unique;
mod well_formed;

pub use args::{Arg, Args, Likened, Param, ParamKind, Peer};
pub use outcome::{JudgeError, Outcome, Readings};
use outcome::{count_elsewhere, unreadable_elsewhere};
use parameters::{Condition, Optional, With};
pub use problems::{Problem, Problems};
pub use similar::LIKENESSES;

use scoped::{
    common_type, dataset_measure, describe_list, earliest, fits_list, found, list_values, needs_dates, needs_dates_of,
    needs_text, now, row_measure, same_types, unparseable,
};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{AsOf, DataType, Dimension, Measure};

/// A kind of rule.
#[derive(Debug)]
pub struct Check {
    name: &'static str,
    summary: &'static str,
    dimension: Dimension,
    page: &'static str,
    shorthand: Shorthand,
    takes_condition: bool,
    params: &'static [Param],
    bind: fn(&Args) -> Arc<dyn BoundCheck>,
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

/// What a check may ask about its rule.
pub trait Scope {
    /// The name of the suite.
    fn suite(&self) -> &str;

    /// The dataset of the rule.
    fn dataset(&self) -> &str;

    /// The condition of the rule (`where`), typed.
    fn filter(&self) -> Option<&crate::model::Expr>;

    /// The date of the audit, on which relative dates depend.
    fn as_of(&self) -> AsOf;

    /// The effective type of a column: as declared, else as stored. `None` if the type is not known before there is data,
    /// so that no type is wrong; or if there is no such column, or no rule can read its type. For parameters that name
    /// columns, the latter two are refused before `measures` is called.
    fn column_type(&self, dataset: &str, column: &str) -> Option<DataType>;

    /// The columns of a dataset in file order. `None`: they are not known before there is data.
    fn columns(&self, dataset: &str) -> Option<Vec<String>>;

    /// Columns of the key that the dataset declares; empty where it declares none.
    fn key(&self, dataset: &str) -> Vec<String>;

    /// Whether a column is declared to hold personal data.
    fn is_personal(&self, dataset: &str, column: &str) -> bool;

    /// The declared date format of a column.
    fn format(&self, dataset: &str, column: &str) -> Option<String>;

    /// What is declared about the dataset of the rule.
    fn declared(&self) -> Declaration;
}

/// What is declared about a dataset for those who will use it.
#[derive(Debug, Clone, Default)]
pub struct Declaration {
    /// The organisation responsible for the data.
    pub owner: Option<String>,
    /// The person to write to.
    pub steward: Option<String>,
    /// What is declared under `sharing`, by key.
    pub sharing: BTreeMap<String, String>,
    /// The declared encoding of text files, if it is not UTF-8.
    pub encoding: Option<String>,
    /// Columns with a description.
    pub described: BTreeSet<String>,
    /// Columns for which it is declared whether they contain personal data.
    pub classed: BTreeSet<String>,
}

impl Declaration {
    /// What is declared under a key of `sharing`.
    pub fn sharing(&self, key: &str) -> Option<&str> {
        self.sharing.get(key).map(String::as_str)
    }

    /// Whether the column has a description.
    pub fn is_described(&self, column: &str) -> bool {
        self.described.contains(column)
    }

    /// Whether it is declared that the column contains personal data, or that it does not.
    pub fn is_classed(&self, column: &str) -> bool {
        self.classed.contains(column)
    }
}

/// Every check, in the order of the documentation.
pub const CHECKS: &[&Check] = &[
    &required::CHECK,
    &row_count::CHECK,
    &covers::CHECK,
    &complete_from::CHECK,
    &r#type::CHECK,
    &matches::CHECK,
    &not_matches::CHECK,
    &identifier::CHECK,
    &allowed::CHECK,
    &forbidden::CHECK,
    &range::CHECK,
    &length::CHECK,
    &not_future::CHECK,
    &not_before::CHECK,
    &expect::CHECK,
    &aggregate::CHECK,
    &outliers::CHECK,
    &unique::CHECK,
    &distinct_rows::CHECK,
    &similar::CHECK,
    &tidy::CHECK,
    &well_formed::CHECK,
    &fresh::CHECK,
    &current::CHECK,
    &continuous::CHECK,
    &lag::CHECK,
    &active::CHECK,
    &exists_in::CHECK,
    &absent_from::CHECK,
    &agrees::CHECK,
    &determines::CHECK,
    &reconciles::CHECK,
    &uniform::CHECK,
    &steady::CHECK,
    &columns::CHECK,
    &shareable::CHECK,
    &anonymous::CHECK,
    &no_personal_data::CHECK,
];

/// The check of that name.
pub fn find(name: &str) -> Option<&'static Check> {
    CHECKS.iter().copied().find(|check| check.name() == name)
}

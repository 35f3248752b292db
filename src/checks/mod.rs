//! The catalogue of checks: what each takes, what it has measured, how it judges what was read.
//!
//! One file a check. A check never sees data: it names measures, and turns their readings into an [`Outcome`].
//! [`CHECKS`] feeds parsing, `explain`, the JSON Schema of suites and the tests.

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
use outcome::{of_others, others_untold};
pub use problems::{Problem, Problems};
pub use similar::LIKENESSES;

use scoped::{
    common_type, dataset_measure, describe_list, earliest, earliest_of, fits_list, found, moment, needs_dates,
    needs_dates_of, needs_text, row_measure, same_types, unreadable,
};

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{AsOf, DataType, Dimension, Measure};

/// A kind of rule.
pub trait Check: Sync {
    /// The name used in suites, and of the file that holds the check.
    fn name(&self) -> &'static str;

    /// What it asks, in one line without a full stop.
    fn summary(&self) -> &'static str;

    /// The dimension of its rules unless they say otherwise.
    fn dimension(&self) -> Dimension;

    /// What it takes, in the order of its page.
    fn params(&self) -> &'static [Param];

    /// Its page: Markdown with one fenced `yaml` example, a whole suite.
    fn page(&self) -> &'static str;

    /// How it may be written under a column.
    fn shorthand(&self) -> Shorthand {
        Shorthand::None
    }

    /// Faults in the parameters that need no data to be seen: (parameter, what is wrong).
    fn lint(&self, _args: &Args) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// What has to be measured, in the order in which `judge` gets the readings.
    ///
    /// # Errors
    /// All that is wrong where the parameters do not fit the columns.
    fn measures(&self, args: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, Problems>;

    /// What the readings mean.
    ///
    /// # Errors
    /// Where a reading is absent because it could not be measured.
    fn judge(&self, args: &Args, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError>;

    /// Whether a rule may narrow its rows with `where`.
    fn takes_condition(&self) -> bool {
        true
    }

    /// Whether failures belong to single rows, and so make records unclean. False for rules about the whole dataset.
    fn is_about_rows(&self, _args: &Args) -> bool {
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

/// What a check may ask about the rule it stands in.
pub trait Scope {
    /// The name of the suite.
    fn suite(&self) -> &str;

    /// The dataset of the rule.
    fn dataset(&self) -> &str;

    /// The condition of the rule (`where`), typed.
    fn filter(&self) -> Option<&crate::model::Expr>;

    /// The moment on which relative dates hang.
    fn as_of(&self) -> AsOf;

    /// The effective type of a column: as declared, else as stored. `None`: it is not known before there is data, so
    /// nothing may be held against it; or there is no such column, or it is of a type that no rule can read, which for
    /// every parameter of a column kind is refused before `measures` is called.
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

/// What is declared about a dataset for those who are to use it.
#[derive(Debug, Clone, Default)]
pub struct Declaration {
    /// The organisation answerable for the data.
    pub owner: Option<String>,
    /// Who to write to.
    pub steward: Option<String>,
    /// What is declared about handing it over, by key.
    pub sharing: BTreeMap<String, String>,
    /// The declared encoding of text files, where it is not UTF-8.
    pub encoding: Option<String>,
    /// Columns that are described.
    pub described: BTreeSet<String>,
    /// Columns of which it is declared whether they hold personal data.
    pub classed: BTreeSet<String>,
}

impl Declaration {
    /// What is declared about handing the data over.
    pub fn sharing(&self, key: &str) -> Option<&str> {
        self.sharing.get(key).map(String::as_str)
    }

    /// Whether the column is described.
    pub fn is_described(&self, column: &str) -> bool {
        self.described.contains(column)
    }

    /// Whether it is declared if the column holds personal data.
    pub fn is_classed(&self, column: &str) -> bool {
        self.classed.contains(column)
    }
}

/// Every check, in the order of the documentation.
pub const CHECKS: &[&dyn Check] = &[
    &required::Required,
    &row_count::RowCount,
    &covers::Covers,
    &complete_from::CompleteFrom,
    &r#type::Type,
    &matches::Matches,
    &not_matches::NotMatches,
    &identifier::Identifier,
    &allowed::Allowed,
    &forbidden::Forbidden,
    &range::Range,
    &length::Length,
    &not_future::NotFuture,
    &not_before::NotBefore,
    &expect::Expect,
    &aggregate::Aggregate,
    &outliers::Outliers,
    &unique::Unique,
    &distinct_rows::DistinctRows,
    &similar::Similar,
    &tidy::Tidy,
    &well_formed::WellFormed,
    &fresh::Fresh,
    &current::Current,
    &continuous::Continuous,
    &lag::Lag,
    &active::Active,
    &exists_in::ExistsIn,
    &absent_from::AbsentFrom,
    &agrees::Agrees,
    &determines::Determines,
    &reconciles::Reconciles,
    &uniform::Uniform,
    &steady::Steady,
    &columns::Columns,
    &shareable::Shareable,
    &anonymous::Anonymous,
    &no_personal_data::NoPersonalData,
];

/// The check of that name.
pub fn find(name: &str) -> Option<&'static dyn Check> {
    CHECKS.iter().copied().find(|check| check.name() == name)
}

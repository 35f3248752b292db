//! The catalogue of checks: the parameters of each, what it measures, and how it judges the readings.
//!
//! One file for each check. A check never sees data: it names measures, and turns their readings into an [`Outcome`].
//! [`CHECKS`] feeds parsing, `explain`, the JSON Schema of suites and the tests.

#[macro_use]
mod parameters;

mod args;
mod check;
mod claim;
mod composed;
mod outcome;
mod problems;
mod scope;
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

pub use args::{Absent, Arg, Args, Likened, Param, ParamKind, Peer, Stricter};
pub use check::{BoundCheck, Check, Shorthand};
pub use claim::Claim;
use composed::{FORMS, composed, is_composed};
pub use outcome::{JudgeError, Outcome, Readings};
use outcome::{count_elsewhere, unreadable_elsewhere};
use parameters::{Condition, Optional, With};
pub use problems::{Problem, Problems};
pub use scope::{Declaration, Scope};
pub use similar::LIKENESSES;

use scoped::{
    common_type, dataset_measure, describe_list, earliest, finds_itself, fits_all, fits_list, found, list_values,
    needs_dates, needs_dates_of, needs_text, now, row_measure, same_types, unparseable,
};

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

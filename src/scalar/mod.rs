//! Kernels on one value: the meaning of a cell, and the result of an expression on a row.
//!
//! Every engine parses cells with these functions, so a value has the same meaning everywhere. None of them panics on
//! any input, and those that parse cells allocate nothing.

mod automaton;
mod boolean;
mod calendar;
mod date_add;
mod date_diff;
mod date_format;
mod date_format_error;
mod date_letters;
mod drift;
mod evaluate;
mod fold;
mod like;
mod missing;
mod month_names;
mod number;
mod number_format;
mod pattern;
mod serial_date;
mod steps;
mod text_set;
mod typed;
mod uuid;

pub use automaton::{Automaton, Lanes};
pub use boolean::{BooleanWords, parse_boolean};
pub use calendar::{civil_from_days, days_from_civil};
pub use date_add::{date_add, date_add_type};
pub use date_diff::{DATE_UNITS, date_diff, date_unit};
pub use date_format::DateFormat;
pub use date_format_error::DateFormatError;
pub use drift::{Association, association, greatest_distance, greatest_shift, pooled, stability_index};
pub use evaluate::{
    Cell, Evaluator, ExpressionError, age, cast, decimal_arithmetic, float_arithmetic, integer_arithmetic,
};
pub use fold::{fold, nfc};
pub use like::{LikeError, LikePattern};
pub use missing::{Missing, is_blank};
pub use number::{nearest_single, parse_float, parse_integer, parse_long_integer, parse_single};
pub use number_format::NumberFormat;
pub use pattern::{Pattern, PatternError};
pub use steps::{point_of_day, point_of_number, point_of_timestamp, point_text};
pub use text_set::{ShortText, TextSet};
pub use typed::{canonical, compare, compare_decimal, compare_mixed, parse_value};
pub use uuid::is_uuid;

//! A batch as measures see it: cells, typed and missing, and conditions over them.

pub(super) mod canonical;
pub(super) mod cells;
pub(super) mod column_rules;
pub(super) mod computed;
pub(super) mod condition;
mod dates_of_numbers;
pub(super) mod dictionary;
pub(super) mod different;
pub(super) mod images;
pub(super) mod row_expression;
pub(super) mod shapes;
pub(super) mod texts;
pub(super) mod truth;
pub(super) mod typed;
pub(super) mod unparseable;

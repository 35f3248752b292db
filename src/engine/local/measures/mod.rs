//! The measures: one file or folder each.

pub(super) mod aggregates;
pub(super) mod agrees;
pub(super) mod anonymous;
pub(super) mod content;
pub(super) mod continuous;
pub(super) mod covers;
pub(super) mod determines;
pub(super) mod duplicates;
pub(super) mod grouped;
pub(super) mod lag;
pub(super) mod outliers;
pub(super) mod personal_data;
pub(super) mod reconciles;
pub(super) mod row_predicates;
pub(super) mod similar;
pub(super) mod steady;
pub(super) mod text_predicates;
pub(super) mod uniform;

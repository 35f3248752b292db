//! The suite: as written in YAML, then resolved against the catalogue of checks and the columns of the data.
//!
//! Nothing after this module sees YAML. Every mistake is reported with file, line, column, the source line and the
//! nearest valid name, and all mistakes of a suite come at once.

pub mod expression;
mod suite;

pub use suite::{BoundRule, Codelist, CodelistEntry, ColumnDecl, Dataset, Gate, Rule, Suite};

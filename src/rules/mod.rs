//! The suite: as written in YAML, then resolved against the catalogue of checks and the columns of the data.
//!
//! Nothing after this module sees YAML. Every mistake is reported with file, line, column, the source line and the
//! nearest valid name, and all mistakes of a suite come at once.

pub mod expression;

mod argument;
mod baseline;
mod bind;
mod codelist;
mod columns;
mod dataset;
mod diagnostic;
mod fields;
mod gate;
mod hash;
mod likeness;
mod lint;
mod load;
mod params;
mod peers;
mod rule;
mod schema;
mod suite;
mod totals;
mod wildcard;
mod yaml;

pub use bind::{Catalogue, Schemas};
pub use diagnostic::{Diagnostic, Diagnostics, SourceFile, Span};
pub use lint::{Level, Lint, lint};
pub use load::{LoadOptions, Written, load, read_suite};
pub use rule::Given;
pub use schema::suite_schema;
pub use suite::{BoundRule, Codelist, ColumnDecl, Dataset, Gate, Rule, Suite};

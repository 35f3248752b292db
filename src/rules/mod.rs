//! The suite: as written in YAML, then resolved against the catalogue of checks and the columns of the data.
//!
//! Nothing after this module sees YAML. Every mistake is reported with file, line, column, the source line and the
//! nearest valid name, and all mistakes of a suite come at once.

pub mod expression;

mod argument;
mod baseline;
mod bind;
mod binding;
mod bound;
mod catalogue;
mod changes;
mod codelist;
mod codelist_file;
mod columns;
mod compared_columns;
mod condition;
mod dataset;
mod diagnostic;
mod documents;
mod each;
mod fields;
mod file;
mod gate;
mod hash;
mod indentation;
mod input;
mod keys;
mod late_waivers;
mod layout;
mod likeness;
mod lint;
mod load;
mod meant;
mod names;
mod notation;
mod pairs;
mod params;
mod rule;
mod schema;
mod schemas;
mod suite;
mod synonyms;
mod syntax_error;
mod table;
mod threshold;
mod totals;
mod values;
mod waiver;
mod waiver_file;
mod wildcard;
mod with_datasets;
mod written;
mod yaml;

pub use bound::{BoundRule, Misfit};
pub use catalogue::Catalogue;
pub use changes::changes;
pub use diagnostic::{Diagnostic, Diagnostics, SourceFile, Span};
pub use input::{Input, InputPlace, InputRole};
pub use layout::{DatasetLayout, LayoutError, LayoutPlace, SuiteLayout, layout};
pub use lint::{Level, Lint, lint};
pub use load::{LoadOptions, load, read_suite, read_text};
pub use schema::{suite_schema, waivers_schema};
pub use schemas::Schemas;
pub use suite::{Codelist, ColumnDecl, Dataset, Gate, Rule, Suite};
pub use written::{Written, WrittenRule};

//! The evidence folder: the failing rows and groups of an audit as Parquet tables, with a manifest.
//!
//! [`EvidenceFolder`] writes one, [`Evidence`] reads one. Rows stream in both directions: the memory that is needed does
//! not grow with their number. `docs/evidence.md` has the schema of the tables.

mod columns;
mod error;
mod failing;
mod failure;
mod folder;
mod groups;
mod manifest;
mod opened;
mod row_groups;
mod table_file;
mod tokens;

pub use error::EvidenceError;
pub use failing::FailingReader;
pub use folder::{EvidenceFolder, FailingWriter, GroupsWriter};
pub use groups::GroupsReader;
pub use manifest::MANIFEST;
pub use opened::Evidence;
pub use tokens::{KeyFileError, TokenMaker};

#[cfg(test)]
mod tests;

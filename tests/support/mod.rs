//! What tests share; one concept a file.

pub(crate) mod around;
pub(crate) mod audits;
pub(crate) mod cells;
pub(crate) mod engines;
pub(crate) mod exact;
pub(crate) mod failing;
pub(crate) mod folder;
pub(crate) mod made;
pub(crate) mod packed;
#[cfg(target_os = "linux")]
pub(crate) mod processes;
pub(crate) mod program;
pub(crate) mod reports;
pub(crate) mod repository;
pub(crate) mod scanned;
pub(crate) mod screens;
pub(crate) mod tables;
pub(crate) mod thrift;
pub(crate) mod two_tables;
#[cfg(feature = "spreadsheet")]
pub(crate) mod workbooks;

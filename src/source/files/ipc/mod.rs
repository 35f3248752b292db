//! Arrow IPC files, record batch by record batch: memory holds one of them for each worker.
//!
//! The Arrow library decodes them: it knows every type, and verifies what it decodes.

mod decoded;
mod file;
mod split;
mod table;
mod types;

use self::file::{IpcTable, MAGIC};
use super::format::{Format, Likelihood, no_conflicts};

/// Arrow IPC file (Feather).
pub(in crate::source) const FORMAT: Format = Format {
    name: "ipc",
    noun: "an Arrow file",
    extensions: &["arrow", "ipc", "feather"],
    options: &[],
    is_text: false,
    has_free_columns: false,
    recognise: |head| if head.starts_with(MAGIC) { Likelihood::Certain } else { Likelihood::No },
    conflicts: no_conflicts,
    open: |file, _| Ok(Box::new(IpcTable::open(file)?)),
};

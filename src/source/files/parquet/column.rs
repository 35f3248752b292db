//! A column of a row group as it is stored, to be decoded when it is asked for.

use std::sync::{Arc, OnceLock};

use polars::prelude::{_internal::to_deserializer, ArrowField, FileMetadataRef, Series};

use crate::source::batch::Held;
use crate::source::error::Problem;
use crate::source::files::series::cut;
use crate::source::panic_guard::catch_panic;

/// A column of a row group as it is stored; its pages were verified.
pub(super) struct PackedColumn {
    pub(super) metadata: FileMetadataRef,
    /// The row group.
    pub(super) position: usize,
    pub(super) field: ArrowField,
    /// Positions of its chunks in the row group, and their bytes.
    pub(super) chunks: Vec<(usize, Vec<u8>)>,
    pub(super) rows: usize,
}

impl PackedColumn {
    /// Decodes it.
    fn decode(self) -> Result<Series, Problem> {
        let Self { metadata, position, field, chunks, rows } = self;
        let column = format!("row group {}, column `{}`", position + 1, field.name.escape_debug());
        let metadata = metadata.row_groups.get(position).ok_or_else(no_group)?;
        let decoded = catch_panic(|| {
            let columns =
                chunks.into_iter().map(|(at, bytes)| (&metadata.parquet_columns()[at], bytes.into())).collect();
            let (arrays, _) = to_deserializer(columns, field.clone(), None)?;
            Series::try_from((&field, arrays))
        });
        let decoded = decoded
            .map_err(|failed| Problem::undecoded(format!("{column}: cannot be decoded: get the file again"), failed))?;
        if decoded.len() != rows {
            return Err(Problem::Damaged(format!(
                "{column}: {} rows were decoded where the footer has {rows}: get the file again",
                decoded.len()
            )));
        }
        Ok(decoded)
    }

    /// The column, to be decoded when it is asked for; what is wrong with it then goes to `problem`.
    pub(super) fn held(self, problem: &Arc<OnceLock<Problem>>) -> Held {
        let problem = Arc::clone(problem);
        Held::Packed(Box::new(move |parts| {
            // A column of no rows need have no pages to decode.
            if self.rows == 0 {
                return Some(Vec::new());
            }
            let group = self.position + 1;
            let cells = self.decode().and_then(|decoded| {
                let problem = || format!("row group {group} cannot be decoded: get the file again");
                cut(&decoded, parts).map_err(|failed| Problem::undecoded(problem(), failed))
            });
            // The first problem counts.
            cells.map_err(|found| problem.set(found)).ok()
        }))
    }
}

/// A row group that the footer does not have.
pub(super) fn no_group() -> Problem {
    Problem::damaged("the row group is not there")
}

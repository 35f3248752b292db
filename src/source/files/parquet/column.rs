//! A column of a row group as it is stored, to be decoded when it is asked for.

use std::io::Cursor;
use std::sync::{Arc, OnceLock};

use polars_arrow::array::Array;
use polars_arrow::datatypes::Field;
use polars_parquet::read::{BasicDecompressor, FileMetadata, PageReader, column_iter_to_arrays};

use crate::source::batch::Held;
use crate::source::error::Problem;
use crate::source::files::arrays::cut;
use crate::source::panic_guard::catch_panic;

/// A column of a row group as it is stored; its pages were verified.
pub(super) struct PackedColumn {
    pub(super) metadata: Arc<FileMetadata>,
    /// The row group.
    pub(super) position: usize,
    pub(super) field: Field,
    /// Positions of its chunks in the row group, and their bytes.
    pub(super) chunks: Vec<(usize, Vec<u8>)>,
    pub(super) rows: usize,
}

impl PackedColumn {
    /// Decodes it.
    fn decode(self) -> Result<Box<dyn Array>, Problem> {
        let Self { metadata, position, field, chunks, rows } = self;
        let column = format!("row group {}, column `{}`", position + 1, field.name.escape_debug());
        let metadata = metadata.row_groups.get(position).ok_or_else(no_group)?;
        let decoded = catch_panic(|| {
            let column = |(at, bytes): (usize, Vec<u8>)| {
                let stored = &metadata.parquet_columns()[at];
                let pages = PageReader::new(Cursor::new(bytes.into()), stored, Vec::new(), usize::MAX);
                (BasicDecompressor::new(pages, Vec::new()), &stored.descriptor().descriptor.primitive_type)
            };
            let (columns, types) = chunks.into_iter().map(column).unzip();
            column_iter_to_arrays(columns, types, field.clone(), None)
        });
        let undecodable = || format!("{column}: cannot be decoded: get the file again");
        let (arrays, _) = decoded.map_err(|failed| Problem::undecoded(undecodable(), failed))?;
        // A column that is not nested is one array.
        let Ok([decoded]) = <[_; 1]>::try_from(arrays) else { return Err(Problem::Damaged(undecodable())) };
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
                cut(decoded.as_ref(), parts).map_err(|failed| Problem::undecoded(problem(), failed))
            });
            // The first problem counts.
            cells.map_err(|found| problem.set(found)).ok()
        }))
    }
}

/// A row group that the footer does not have.
pub(super) fn no_group() -> Problem {
    Problem::damaged("the row group does not exist")
}

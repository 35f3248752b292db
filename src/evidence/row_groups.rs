//! The row groups of a table, read one after the other.

use std::fs::File;
use std::io::{Cursor, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use polars_arrow::array::{Array, ListArray, PrimitiveArray, StaticArray as _, Utf8ViewArray};
use polars_arrow::datatypes::ArrowSchema;
use polars_buffer::Buffer;
use polars_parquet::read::{
    BasicDecompressor, FileMetadata, PageReader, column_iter_to_arrays, infer_schema, read_metadata,
};

use super::error::EvidenceError;
use crate::source::catch_panic;

/// The row groups of a table.
#[derive(Debug)]
struct RowGroups {
    path: String,
    file: File,
    metadata: Arc<FileMetadata>,
    schema: ArrowSchema,
    next: usize,
}

impl RowGroups {
    /// Opens the table at that path, which has columns of exactly these names.
    fn open(path: &Path, names: &[String]) -> Result<Self, EvidenceError> {
        let shown = path.display().to_string();
        let read = |source| EvidenceError::Io { path: shown.clone(), source };
        let undecodable = || EvidenceError::Undecodable { path: shown.clone() };
        let mut file = File::open(path).map_err(read)?;
        let metadata = catch_panic(|| read_metadata(&mut file)).map_err(|_| undecodable())?;
        let schema = catch_panic(|| infer_schema(&metadata)).map_err(|_| undecodable())?;
        let is_same =
            schema.len() == names.len() && schema.iter_names().zip(names).all(|(found, name)| found.as_str() == name);
        if !is_same {
            return Err(undecodable());
        }
        Ok(Self { path: shown, file, metadata: Arc::new(metadata), schema, next: 0 })
    }

    /// The rows of the table as its footer counts them.
    fn rows(&self) -> u64 {
        self.metadata.num_rows as u64
    }

    /// The error of a table that cannot be decoded.
    fn undecodable(&self) -> EvidenceError {
        EvidenceError::Undecodable { path: self.path.clone() }
    }

    /// Reads and decodes a row group.
    fn read(&mut self, position: usize) -> Result<Columns, EvidenceError> {
        let metadata = Arc::clone(&self.metadata);
        let group = metadata.row_groups.get(position).ok_or_else(|| self.undecodable())?;
        let (rows, stored) = (group.num_rows(), group.parquet_columns());
        let mut columns = Vec::with_capacity(self.schema.len());
        for field in self.schema.clone().iter_values() {
            let mut pages = Vec::new();
            let mut types = Vec::new();
            for at in group.columns_idxs_under_root_iter(&field.name).unwrap_or_default() {
                let chunk = stored.get(*at).ok_or_else(|| self.undecodable())?;
                let bytes: Buffer<u8> = self.read_range(chunk.byte_range())?.into();
                let reader = PageReader::new(Cursor::new(bytes), chunk, Vec::new(), usize::MAX);
                pages.push(BasicDecompressor::new(reader, Vec::new()));
                types.push(&chunk.descriptor().descriptor.primitive_type);
            }
            let decoded = catch_panic(|| column_iter_to_arrays(pages, types, field.clone(), None));
            let cells = decoded.ok().and_then(|(arrays, _)| {
                let [array] = <[_; 1]>::try_from(arrays).ok()?;
                Cells::of(array.as_ref()).filter(|_| array.len() == rows)
            });
            columns.push(cells.ok_or_else(|| self.undecodable())?);
        }
        Ok(Columns { rows, columns })
    }

    fn read_range(&mut self, range: Range<u64>) -> Result<Vec<u8>, EvidenceError> {
        let size = self.file.metadata().map(|metadata| metadata.len()).unwrap_or_default();
        if range.end > size || range.start > range.end {
            return Err(self.undecodable());
        }
        let mut bytes = Vec::new();
        let read = self.file.seek(SeekFrom::Start(range.start));
        let read = read.and_then(|_| (&self.file).take(range.end - range.start).read_to_end(&mut bytes));
        match read {
            Ok(_) => Ok(bytes),
            Err(source) => Err(EvidenceError::Io { path: self.path.clone(), source }),
        }
    }
}

impl Iterator for RowGroups {
    type Item = Result<Columns, EvidenceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next == self.metadata.row_groups.len() {
            return None;
        }
        self.next += 1;
        let group = self.read(self.next - 1);
        if group.is_err() {
            self.next = self.metadata.row_groups.len();
        }
        Some(group)
    }
}

/// The rows of a table, one after the other; one row group is in memory.
#[derive(Debug)]
pub(super) struct TableRows {
    groups: RowGroups,
    group: Columns,
    row: usize,
}

impl TableRows {
    /// Opens the table at that path, which has columns of exactly these names.
    pub(super) fn open(path: &Path, names: &[String]) -> Result<Self, EvidenceError> {
        Ok(Self { groups: RowGroups::open(path, names)?, group: Columns::default(), row: 0 })
    }

    /// The rows of the table as its footer counts them.
    pub(super) fn count(&self) -> u64 {
        self.groups.rows()
    }

    /// Reads the next row from its row group and its place there.
    pub(super) fn next_with<T>(
        &mut self,
        read: impl FnOnce(&Columns, usize) -> Result<T, Misfit>,
    ) -> Option<Result<T, EvidenceError>> {
        while self.row == self.group.rows {
            match self.groups.next()? {
                Ok(group) => (self.group, self.row) = (group, 0),
                Err(error) => return Some(Err(error)),
            }
        }
        self.row += 1;
        Some(read(&self.group, self.row - 1).map_err(|Misfit| self.groups.undecodable()))
    }
}

/// A column has another type than the schema of the tables says, or the row does not exist.
pub(super) struct Misfit;

/// The columns of a row group.
#[derive(Debug, Default)]
pub(super) struct Columns {
    rows: usize,
    columns: Vec<Cells>,
}

/// The cells of a column.
#[derive(Debug)]
enum Cells {
    Integers(PrimitiveArray<i64>),
    Texts(Utf8ViewArray),
    Lists(ListArray<i64>),
}

impl Cells {
    fn of(array: &dyn Array) -> Option<Self> {
        let any = array.as_any();
        let integers = || any.downcast_ref().cloned().map(Self::Integers);
        let texts = || any.downcast_ref().cloned().map(Self::Texts);
        let lists = || any.downcast_ref().cloned().map(Self::Lists);
        integers().or_else(texts).or_else(lists)
    }
}

impl Columns {
    /// An integer that is a count or a place.
    pub(super) fn number(&self, column: usize, row: usize) -> Result<Option<u64>, Misfit> {
        match self.columns.get(column) {
            Some(Cells::Integers(cells)) if row < cells.len() => unsigned(cells.get(row)),
            _ => Err(Misfit),
        }
    }

    /// A text.
    pub(super) fn text(&self, column: usize, row: usize) -> Result<Option<&str>, Misfit> {
        match self.columns.get(column) {
            Some(Cells::Texts(cells)) if row < cells.len() => Ok(cells.get(row)),
            _ => Err(Misfit),
        }
    }

    /// The texts of a list.
    pub(super) fn texts(&self, column: usize, row: usize) -> Result<Vec<Option<&str>>, Misfit> {
        let (items, within) = self.list(column, row)?;
        let texts: &Utf8ViewArray = items.as_any().downcast_ref().ok_or(Misfit)?;
        Ok(within.map(|at| texts.get(at)).collect())
    }

    /// The integers of a list.
    pub(super) fn numbers(&self, column: usize, row: usize) -> Result<Vec<Option<u64>>, Misfit> {
        let (items, within) = self.list(column, row)?;
        let integers: &PrimitiveArray<i64> = items.as_any().downcast_ref().ok_or(Misfit)?;
        within.map(|at| unsigned(integers.get(at))).collect()
    }

    fn list(&self, column: usize, row: usize) -> Result<(&dyn Array, Range<usize>), Misfit> {
        match self.columns.get(column) {
            Some(Cells::Lists(lists)) if row < lists.len() => {
                let (start, end) = lists.offsets().start_end(row);
                if end <= lists.values().len() { Ok((lists.values().as_ref(), start..end)) } else { Err(Misfit) }
            }
            _ => Err(Misfit),
        }
    }
}

fn unsigned(number: Option<i64>) -> Result<Option<u64>, Misfit> {
    number.map(u64::try_from).transpose().map_err(|_| Misfit)
}

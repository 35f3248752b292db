//! A Parquet file whose footer was read: its row groups, verified and decoded.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use polars_arrow::datatypes::ArrowSchema;
use polars_buffer::Buffer;
use polars_parquet::parquet::read::deserialize_metadata;
use polars_parquet::read::FileMetadata;

use super::checksum::{Damage, walk};
use super::column::{PackedColumn, no_group};
use super::footer::{Group, check_ends, check_groups, repeated_name};
use super::schema::schema;
use super::unread::Unread;
use crate::model::ChecksumTally;
use crate::source::batch::{BATCH_ROWS, Rows};
use crate::source::column::SourceColumn;
use crate::source::error::Problem;
use crate::source::faults::{Tally, add};
use crate::source::files::data_file::DataFile;
use crate::source::files::nested::{Inner, inner_columns};
use crate::source::files::reader::DataReader;
use crate::source::files::stored_type::describe_field;
use crate::source::panic_guard::catch_panic;
use crate::source::table::{Emit, MAX_COLUMNS};

/// A Parquet file whose footer was read.
#[derive(Debug)]
pub(super) struct ParquetFile {
    pub(super) data: DataFile,
    pub(super) metadata: Arc<FileMetadata>,
    schema: Arc<ArrowSchema>,
    pub(super) columns: Vec<SourceColumn>,
    pub(super) inner_columns: Vec<SourceColumn>,
    inner: Vec<Inner>,
    pub(super) groups: Vec<Group>,
}

impl ParquetFile {
    /// Reads the footer.
    pub(super) fn open(data: DataFile) -> Result<Self, Problem> {
        let mut handle = data.open()?;
        let footer_start = check_ends(&mut handle, data.bytes, data.memory)?;
        let damaged = |failed| Problem::undecoded("the Parquet footer is damaged: get the file again", failed);
        let length = usize::try_from((data.bytes - 8).saturating_sub(footer_start)).unwrap_or(usize::MAX);
        let footer = read_at(&mut handle, footer_start, length)?;
        let unread = Unread::of(&footer).unwrap_or_default();
        if let Some(reason) = &unread.whole {
            return Err(Problem::Foreign(format!(
                "is written in a way that is not read: {reason}. Write it again with a common one, such as Snappy or Zstandard"
            )));
        }
        let footer = Buffer::from(unread.known(footer));
        let metadata = Arc::new(catch_panic(|| deserialize_metadata(footer)).map_err(damaged)?);
        if let Some(name) = repeated_name(&metadata) {
            return Err(Problem::Columns(format!(
                "two columns are named `{}`: give one another name and write the file again",
                name.escape_debug()
            )));
        }
        let schema = Arc::new(schema(&metadata).map_err(damaged)?);
        if metadata.schema_descr.columns().len() > MAX_COLUMNS {
            return Err(Problem::BeyondLimit(format!("more than the {MAX_COLUMNS} columns that are read")));
        }
        let unfit = "the Parquet footer does not fit the file (row groups lie outside of it, or their rows do not add up): \
                     get the file again";
        let groups = catch_panic(|| check_groups(&metadata, footer_start));
        let groups = groups.map_err(|failed| Problem::undecoded(unfit, failed))?;
        let mut columns: Vec<SourceColumn> = schema.iter_values().map(describe_field).collect();
        let (mut inner_columns, inner) = inner_columns(schema.iter_values());
        let reasons: Vec<Option<&String>> = columns.iter().map(|column| unread.columns.get(&column.name)).collect();
        let inside = inner_columns.iter_mut().zip(inner.iter().map(|inner| inner.root));
        for (column, root) in inside.chain(columns.iter_mut().zip(0..)) {
            if let Some(reason) = reasons.get(root).copied().flatten() {
                column.stored = format!("{} ({reason})", column.stored);
                column.data_type = None;
            }
        }
        Ok(Self { data, metadata, schema, columns, inner_columns, inner, groups })
    }

    /// The column inside of another that has this position.
    fn inner(&self, position: usize) -> Option<&Inner> {
        self.inner.get(position.checked_sub(self.columns.len())?)
    }

    /// The name of the column of the file in which a column is.
    pub(super) fn root_of<'a>(&'a self, name: &'a str) -> &'a str {
        let at = self.inner_columns.iter().position(|column| column.name == name);
        let root = at.and_then(|at| self.columns.get(self.inner.get(at)?.root));
        root.map_or(name, |column| column.name.as_str())
    }

    /// Reads a row group and hands out these rows of it, piece by piece where it has very many; `scarce`: there are fewer
    /// row groups than workers.
    pub(super) fn hand_out(
        &self,
        position: usize,
        group: &Group,
        columns: &[usize],
        (parts, scarce): (Vec<Range<usize>>, bool),
        out: &mut Emit,
    ) -> Result<Tally, Problem> {
        let (columns, checksums) = self.read_group(position, group, columns)?;
        let rows = parts.iter().map(Range::len).sum();
        let problem = Arc::new(OnceLock::new());
        for (wanted, parts) in pieces(group.rows, parts) {
            let piece = |column: &PackedColumn| PackedColumn { wanted: wanted.clone(), ..column.clone() };
            let columns = columns.iter().map(|column| piece(column).held(&problem)).collect();
            if !out(Rows { parts, columns, malformed: Vec::new(), lines: None, scarce }) || problem.get().is_some() {
                break;
            }
        }
        match problem.get() {
            Some(problem) => Err(Problem::clone(problem)),
            None => Ok(Tally::of_rows(rows, Some(checksums))),
        }
    }

    /// Verifies all pages of a row group and reads the columns at these positions.
    fn read_group(
        &self,
        position: usize,
        group: &Group,
        columns: &[usize],
    ) -> Result<(Vec<PackedColumn>, ChecksumTally), Problem> {
        let mut file = self.data.open()?;
        let root = |at: &usize| self.inner(*at).map_or(*at, |inner| inner.root);
        let wanted: BTreeSet<&str> =
            columns.iter().filter_map(|at| self.columns.get(root(at))).map(|c| c.name.as_str()).collect();
        let mut checksums = ChecksumTally::default();
        let mut bytes: Vec<Option<Buffer<u8>>> = Vec::with_capacity(group.chunks.len());
        for chunk in &group.chunks {
            let column = || format!("row group {}, column `{}`", position + 1, chunk.root.escape_debug());
            let held = if wanted.contains(chunk.root.as_str()) {
                let length =
                    usize::try_from(chunk.length).map_err(|_| Problem::beyond_limit("a column is too long"))?;
                Some(read_at(&mut file, chunk.start, length)?)
            } else {
                None
            };
            let mut fetch = |at: u64, count: usize| -> Result<Cow<[u8]>, Problem> {
                let left = usize::try_from(chunk.length - at.min(chunk.length)).unwrap_or(usize::MAX);
                let count = count.min(left);
                match &held {
                    Some(bytes) => {
                        let start = usize::try_from(at).unwrap_or(usize::MAX);
                        Ok(Cow::Borrowed(bytes.get(start..start + count).unwrap_or_default()))
                    }
                    None => Ok(Cow::Owned(read_at(&mut file, chunk.start + at, count)?)),
                }
            };
            let pages = match walk(&mut fetch, chunk.length, chunk.values)? {
                Ok(pages) => pages,
                Err(Damage::Header) => {
                    let problem = format!("{}: a page header is damaged: get the file again", column());
                    return Err(Problem::Damaged(problem));
                }
                Err(Damage::Bomb) => {
                    return Err(Problem::BeyondLimit(format!(
                        "{}: a page unpacks to far more than a page may, as in files that are made to exhaust a machine",
                        column()
                    )));
                }
            };
            if pages.checksums.mismatched > 0 {
                return Err(Problem::Damaged(format!(
                    "{}: the checksum of {} of its pages does not match: the file was damaged after it was written, get \
                     it again",
                    column(),
                    pages.checksums.mismatched
                )));
            }
            if pages.values != chunk.values {
                return Err(Problem::Damaged(format!(
                    "{}: its pages hold {} values where the footer has {}: get the file again",
                    column(),
                    pages.values,
                    chunk.values
                )));
            }
            add(&mut checksums, pages.checksums);
            bytes.push(held.map(Buffer::from));
        }
        let metadata = self.metadata.row_groups.get(position).ok_or_else(no_group)?;
        let mut cells = Vec::with_capacity(columns.len());
        for column in columns {
            let (name, field) =
                self.schema.get_at_index(root(column)).ok_or_else(|| Problem::damaged("the column does not exist"))?;
            let chunks = metadata.columns_idxs_under_root_iter(name).unwrap_or_default();
            let chunk = |at: &usize| (*at, bytes.get(*at).cloned().flatten().unwrap_or_default());
            cells.push(PackedColumn {
                metadata: Arc::clone(&self.metadata),
                position,
                field: field.clone(),
                asked: *column,
                inner: self.inner(*column).cloned(),
                chunks: chunks.iter().map(chunk).collect(),
                rows: group.rows,
                wanted: 0..group.rows,
                memory: self.data.memory,
            });
        }
        Ok((cells, checksums))
    }
}

/// The most rows of a row group that are decoded at a time, a whole number of batches. A row group that repeats one value
/// has tens of millions of rows in a few bytes.
pub(super) const PIECE_ROWS: usize = 8 * BATCH_ROWS;

/// Divides these rows of a row group into pieces that are decoded one after the other: the rows of the group that each
/// needs, and its batches, counted from there.
fn pieces(rows: usize, parts: Vec<Range<usize>>) -> Vec<(Range<usize>, Vec<Range<usize>>)> {
    if rows <= PIECE_ROWS {
        return vec![(0..rows, parts)];
    }
    let mut pieces: Vec<(Range<usize>, Vec<Range<usize>>)> = Vec::new();
    for part in parts {
        match pieces.last_mut() {
            Some((wanted, parts)) if part.start >= wanted.end && part.end - wanted.start <= PIECE_ROWS => {
                parts.push(part.start - wanted.start..part.end - wanted.start);
                wanted.end = part.end;
            }
            _ => pieces.push((part.clone(), std::iter::once(0..part.len()).collect())),
        }
    }
    pieces
}

/// Reads bytes from a place in the file.
fn read_at(file: &mut DataReader, start: u64, count: usize) -> Result<Vec<u8>, Problem> {
    match file.read_range(start, count) {
        Ok(bytes) if bytes.len() == count => Ok(bytes),
        _ => Err(Problem::inaccessible("cannot be read to its end")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::batch::parts;

    #[test]
    fn large_row_groups_are_decoded_in_pieces() {
        assert_eq!(pieces(PIECE_ROWS, parts(PIECE_ROWS).collect()).len(), 1);
        let rows = 2 * PIECE_ROWS + 5;
        let divided = pieces(rows, parts(rows).collect());
        let wanted: Vec<Range<usize>> = divided.iter().map(|(wanted, _)| wanted.clone()).collect();
        assert_eq!(wanted, [0..PIECE_ROWS, PIECE_ROWS..2 * PIECE_ROWS, 2 * PIECE_ROWS..rows]);
        let batches: Vec<usize> = divided.iter().flat_map(|(_, parts)| parts.iter().map(Range::len)).collect();
        assert_eq!(batches, parts(rows).map(|part| part.len()).collect::<Vec<_>>());
        assert!(divided.iter().all(|(wanted, parts)| parts.last().is_some_and(|last| last.end == wanted.len())));
    }

    #[test]
    fn slices_of_a_sample_lie_apart() {
        let far = 3 * PIECE_ROWS;
        let divided = pieces(far + 10, vec![5..9, 20..30, far..far + 10, 0..3]);
        let one = |rows: Range<usize>| std::iter::once(rows).collect::<Vec<_>>();
        let expected = [(5..30, vec![0..4, 15..25]), (far..far + 10, one(0..10)), (0..3, one(0..3))];
        assert_eq!(divided, expected);
    }
}

//! Parquet files, row group by row group.
//!
//! polars decodes, and decodes damaged bytes as other data without a word. So before it sees anything, the footer is
//! held against the size of the file and the page headers against the footer, and pages that carry a checksum are
//! verified over the very bytes that are then decoded. A page that does not match makes the dataset unreadable: a wrong
//! count is worse than none. Pages without a checksum are counted as such; nothing in the file can vouch for them.

mod checksum;
mod sample;

use std::borrow::Cow;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use polars::prelude::{
    _internal::to_deserializer, ArrowField, ArrowSchema, FileMetadataRef, ParquetReader, SerReader, Series,
    infer_schema,
};

use self::checksum::{Damage, walk};
use super::SourceColumn;
use super::batch::Held;
use super::facts::{Tally, add};
use super::locate::DataFile;
use super::sample::{Layout, Picks};
use super::scan::{Emit, Rows, Table, Unit, Units};
use super::typed::{batches, cut, describe_field, parts};
use super::wall::behind_wall;
use crate::model::ChecksumTally;

/// What stands at both ends of a file.
const MAGIC: &[u8] = b"PAR1";

/// More rows than this for each stored byte of a row group are beyond what any encoding does.
const MAX_ROWS_PER_BYTE: u64 = 1 << 16;

/// Row groups of fewer rows are not held against [`MAX_ROWS_PER_BYTE`].
const ROWS_FLOOR: u64 = 1 << 24;

/// The most columns of a table, nested ones counted by their leaves.
const MAX_COLUMNS: usize = 20_000;

/// The bytes of one column in one row group.
#[derive(Debug, Clone)]
struct Chunk {
    start: u64,
    length: u64,
    values: u64,
    /// The name of the column of the table that it belongs to.
    root: String,
}

/// A row group whose sizes fit the file.
#[derive(Debug)]
struct Group {
    rows: usize,
    chunks: Vec<Chunk>,
}

/// A Parquet file whose footer was read.
#[derive(Debug)]
pub(super) struct ParquetTable {
    file: DataFile,
    metadata: FileMetadataRef,
    schema: Arc<ArrowSchema>,
    columns: Vec<SourceColumn>,
    groups: Vec<Group>,
}

impl ParquetTable {
    /// Reads the footer.
    pub(super) fn open(file: DataFile) -> Result<Self, String> {
        let mut handle = file.open()?;
        let footer_start = check_ends(&mut handle, file.bytes)?;
        let metadata = behind_wall(|| {
            let mut reader = ParquetReader::new(&mut handle);
            let metadata = Arc::clone(reader.get_metadata()?);
            polars::prelude::PolarsResult::Ok(metadata)
        });
        let damaged = "the Parquet footer is damaged: get the file again";
        let metadata = metadata.ok_or(damaged)?;
        if let Some(name) = repeated_name(&metadata) {
            return Err(format!(
                "two columns are named `{}`: give one another name and write the file again",
                name.escape_debug()
            ));
        }
        let schema = behind_wall(|| infer_schema(&metadata)).ok_or(damaged)?;
        let schema = Arc::new(schema);
        if metadata.schema_descr.columns().len() > MAX_COLUMNS {
            return Err(format!("more than the {MAX_COLUMNS} columns that are read"));
        }
        let groups = behind_wall(|| check_groups(&metadata, footer_start)).ok_or(
            "the Parquet footer does not fit the file (row groups lie outside of it, or their rows do not add up): \
                    get the file again",
        )?;
        let columns = schema.iter_values().map(describe_field).collect();
        Ok(Self { file, metadata, schema, columns, groups })
    }
}

/// A name that two columns have, which are then told apart by nothing.
fn repeated_name(metadata: &FileMetadataRef) -> Option<&str> {
    let mut names: Vec<&str> =
        metadata.schema_descr.fields().iter().map(|field| field.get_field_info().name.as_str()).collect();
    names.sort_unstable();
    names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

/// Checks the first and last bytes of the file; gives the place where the footer starts.
fn check_ends(file: &mut File, size: u64) -> Result<u64, String> {
    let not_parquet = || "is not a Parquet file".to_owned();
    let mut head = [0; 4];
    if size < 12 || file.read_exact(&mut head).is_err() || head != MAGIC {
        return Err(match &head {
            b"PARE" => "is an encrypted Parquet file: decrypt it first".to_owned(),
            [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd] => "is a packed Parquet file: unpack it first".to_owned(),
            _ => not_parquet(),
        });
    }
    let mut tail = [0; 8];
    let read = file.seek(SeekFrom::Start(size - 8)).and_then(|_| file.read_exact(&mut tail));
    let (length, magic) = tail.split_at(4);
    if read.is_err() || magic != MAGIC {
        return Err(
            "the Parquet file is cut off or damaged: it does not end as one. Get the whole file again".to_owned()
        );
    }
    let length = u64::from(u32::from_le_bytes(length.try_into().unwrap_or_default()));
    (size - 8)
        .checked_sub(length)
        .filter(|start| *start >= 4)
        .ok_or_else(|| "the Parquet footer is longer than the file: get the file again".to_owned())
}

/// Holds the row groups against the size of the file.
fn check_groups(metadata: &FileMetadataRef, footer_start: u64) -> Result<Vec<Group>, ()> {
    let mut groups = Vec::with_capacity(metadata.row_groups.len());
    let mut total = 0_usize;
    for group in &metadata.row_groups {
        let mut chunks = Vec::with_capacity(group.n_columns());
        let mut stored = 0_u64;
        for column in group.parquet_columns() {
            let first = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
            let start = u64::try_from(first).map_err(drop)?;
            let length = u64::try_from(column.compressed_size()).map_err(drop)?;
            let values = u64::try_from(column.num_values()).map_err(drop)?;
            // A chunk of no rows may have no pages, and its place is then not set.
            let is_somewhere = start >= 4 || (length, values, group.num_rows()) == (0, 0, 0);
            if !is_somewhere || start.checked_add(length).is_none_or(|end| end > footer_start) {
                return Err(());
            }
            stored += length;
            let path = &column.descriptor().path_in_schema;
            // A column that is not nested has a value or a null in each row.
            if path.len() == 1 && column.descriptor().descriptor.max_rep_level == 0 && values != group.num_rows() as u64
            {
                return Err(());
            }
            chunks.push(Chunk { start, length, values, root: path.first().ok_or(())?.to_string() });
        }
        let rows = group.num_rows() as u64;
        if rows > ROWS_FLOOR && rows / MAX_ROWS_PER_BYTE > stored {
            return Err(());
        }
        total = total.checked_add(group.num_rows()).ok_or(())?;
        groups.push(Group { rows: group.num_rows(), chunks });
    }
    if total == metadata.num_rows { Ok(groups) } else { Err(()) }
}

impl Table for ParquetTable {
    fn columns(&self) -> &[SourceColumn] {
        &self.columns
    }

    fn unit_bytes(&self, sections: &[Vec<&str>], _: usize) -> u64 {
        let mut largest = 0;
        for (metadata, group) in self.metadata.row_groups.iter().zip(&self.groups) {
            // All columns as they are stored, and those of one section as unpacked, a view or a number for each row.
            let mut stored = 0_u64;
            let mut unpacked = vec![0_u64; sections.len()];
            for (column, chunk) in metadata.parquet_columns().iter().zip(&group.chunks) {
                let Some(section) = sections.iter().position(|section| section.contains(&chunk.root.as_str())) else {
                    continue;
                };
                let bytes = u64::try_from(column.uncompressed_size()).unwrap_or_default();
                let views = (group.rows as u64).saturating_mul(16);
                stored = stored.saturating_add(chunk.length);
                unpacked[section] = unpacked[section].saturating_add(bytes).saturating_add(views);
            }
            largest = largest.max(stored.saturating_add(unpacked.into_iter().max().unwrap_or_default()));
        }
        largest
    }

    fn extent(&self) -> Option<(u64, Vec<(String, u64)>)> {
        let rows = self.groups.iter().map(|group| group.rows as u64).sum();
        let mut columns = Vec::new();
        for group in &self.metadata.row_groups {
            for column in group.parquet_columns() {
                let name = column.descriptor().path_in_schema.first()?.to_string();
                columns.push((name, u64::try_from(column.uncompressed_size()).unwrap_or_default()));
            }
        }
        Some((rows, columns))
    }

    fn units<'a>(&'a self, columns: &'a [usize], _: usize) -> Result<Box<dyn Units<'a> + 'a>, String> {
        Ok(Box::new(Groups { table: self, columns, next: 0 }))
    }

    fn layout(&self) -> Layout {
        sample::layout(self)
    }

    fn rows(&self) -> Option<u64> {
        Some(self.groups.iter().map(|group| group.rows as u64).sum())
    }

    fn picked<'a>(&'a self, columns: &'a [usize], picks: &'a Picks) -> Result<Box<dyn Units<'a> + 'a>, String> {
        Ok(sample::units(self, columns, picks))
    }
}

/// The row groups of a file.
struct Groups<'a> {
    table: &'a ParquetTable,
    columns: &'a [usize],
    next: usize,
}

impl<'a> Units<'a> for Groups<'a> {
    fn next(&mut self) -> Result<Option<Unit<'a>>, String> {
        let (table, columns, position) = (self.table, self.columns, self.next);
        let Some(group) = table.groups.get(position) else { return Ok(None) };
        self.next += 1;
        let scarce = table.groups.len() < rayon::current_num_threads();
        // The bytes from the footer on count for the last group.
        let stored: u64 = group.chunks.iter().map(|chunk| chunk.length).sum();
        Ok(Some(Unit {
            bytes: stored,
            parts: batches(group.rows),
            read: Box::new(move |out| {
                table.hand_out(position, group, columns, (parts(group.rows).collect(), scarce), out)
            }),
        }))
    }
}

impl ParquetTable {
    /// Reads a row group and hands out these rows of it; `scarce`: there are fewer row groups than workers.
    fn hand_out(
        &self,
        position: usize,
        group: &Group,
        columns: &[usize],
        (parts, scarce): (Vec<Range<usize>>, bool),
        out: &mut Emit,
    ) -> Result<Tally, String> {
        let (columns, checksums) = self.read_group(position, group, columns)?;
        let rows = parts.iter().map(Range::len).sum();
        let problem = Arc::new(OnceLock::new());
        let columns = columns.into_iter().map(|column| column.held(&problem)).collect();
        out(Rows { parts, columns, malformed: Vec::new(), lines: None, scarce });
        match problem.get() {
            Some(problem) => Err(String::clone(problem)),
            None => Ok(Tally::of_rows(rows, Some(checksums))),
        }
    }

    /// Verifies all pages of a row group and reads the columns at these positions.
    fn read_group(
        &self,
        position: usize,
        group: &Group,
        columns: &[usize],
    ) -> Result<(Vec<PackedColumn>, ChecksumTally), String> {
        let mut file = self.file.open()?;
        let wanted: Vec<&str> =
            columns.iter().filter_map(|at| self.columns.get(*at)).map(|c| c.name.as_str()).collect();
        let mut checksums = ChecksumTally::default();
        let mut bytes: Vec<Option<Vec<u8>>> = Vec::with_capacity(group.chunks.len());
        for chunk in &group.chunks {
            let told = || format!("row group {}, column `{}`", position + 1, chunk.root.escape_debug());
            let held = if wanted.contains(&chunk.root.as_str()) {
                let length = usize::try_from(chunk.length).map_err(|_| "a column is too long".to_owned())?;
                Some(read_at(&mut file, chunk.start, length)?)
            } else {
                None
            };
            let mut fetch = |at: u64, count: usize| -> Result<Cow<[u8]>, String> {
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
                Err(Damage::Header) => return Err(format!("{}: a page header is damaged: get the file again", told())),
                Err(Damage::Bomb) => {
                    return Err(format!(
                        "{}: a page grows beyond all measure, as in files that are made to exhaust a machine",
                        told()
                    ));
                }
            };
            if pages.checksums.mismatched > 0 {
                return Err(format!(
                    "{}: the checksum of {} of its pages does not match: the file was damaged after it was written, get \
                     it again",
                    told(),
                    pages.checksums.mismatched
                ));
            }
            if pages.values != chunk.values {
                return Err(format!(
                    "{}: its pages hold {} values where the footer has {}: get the file again",
                    told(),
                    pages.values,
                    chunk.values
                ));
            }
            add(&mut checksums, pages.checksums);
            bytes.push(held);
        }
        let metadata = self.metadata.row_groups.get(position).ok_or("the row group is not there")?;
        let mut cells = Vec::with_capacity(columns.len());
        for column in columns {
            let (name, field) = self.schema.get_at_index(*column).ok_or("the column is not there")?;
            let chunks = metadata.columns_idxs_under_root_iter(name).unwrap_or_default();
            let chunks =
                chunks.iter().map(|at| (*at, bytes.get_mut(*at).and_then(Option::take).unwrap_or_default())).collect();
            let metadata = Arc::clone(&self.metadata);
            cells.push(PackedColumn { metadata, position, field: field.clone(), chunks, rows: group.rows });
        }
        Ok((cells, checksums))
    }
}

/// A column of a row group as it is stored; its pages were verified.
struct PackedColumn {
    metadata: FileMetadataRef,
    /// The row group.
    position: usize,
    field: ArrowField,
    /// Positions of its chunks in the row group, and their bytes.
    chunks: Vec<(usize, Vec<u8>)>,
    rows: usize,
}

impl PackedColumn {
    /// Decodes it.
    fn decode(self) -> Result<Series, String> {
        let Self { metadata, position, field, chunks, rows } = self;
        let told = format!("row group {}, column `{}`", position + 1, field.name.escape_debug());
        let metadata = metadata.row_groups.get(position).ok_or("the row group is not there")?;
        let decoded = behind_wall(|| {
            let columns =
                chunks.into_iter().map(|(at, bytes)| (&metadata.parquet_columns()[at], bytes.into())).collect();
            let (arrays, _) = to_deserializer(columns, field.clone(), None)?;
            Series::try_from((&field, arrays))
        });
        let decoded = decoded.ok_or_else(|| format!("{told}: cannot be decoded: get the file again"))?;
        if decoded.len() != rows {
            return Err(format!(
                "{told}: {} rows were decoded where the footer has {rows}: get the file again",
                decoded.len()
            ));
        }
        Ok(decoded)
    }

    /// The column, to be decoded when it is asked for; what is wrong with it then goes to `problem`.
    fn held(self, problem: &Arc<OnceLock<String>>) -> Held {
        let problem = Arc::clone(problem);
        Held::Packed(Box::new(move |parts| {
            // A column of no rows need have no pages to decode.
            if self.rows == 0 {
                return Some(Vec::new());
            }
            let group = self.position + 1;
            let cells = self.decode().and_then(|decoded| {
                cut(&decoded, parts).ok_or_else(|| format!("row group {group} cannot be decoded: get the file again"))
            });
            // The first problem counts.
            cells.map_err(|told| problem.set(told)).ok()
        }))
    }
}

/// Reads bytes from a place in the file.
fn read_at(file: &mut File, start: u64, count: usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(count);
    let read = file.seek(SeekFrom::Start(start)).and_then(|_| file.take(count as u64).read_to_end(&mut bytes));
    match read {
        Ok(read) if read == count => Ok(bytes),
        _ => Err("cannot be read to its end".to_owned()),
    }
}

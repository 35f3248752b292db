//! The footer of a Parquet file, compared with the size of the file.

use std::io::{Read, Seek, SeekFrom};

use polars_parquet::read::FileMetadata;

use crate::source::error::Problem;
use crate::source::files::reader::DataReader;

/// The bytes at both ends of a file.
pub(super) const MAGIC: &[u8] = b"PAR1";

/// More rows than this for each stored byte of a row group are beyond what any encoding does.
const MAX_ROWS_PER_BYTE: u64 = 1 << 16;

/// Row groups of fewer rows are not compared with [`MAX_ROWS_PER_BYTE`].
const ROWS_FLOOR: u64 = 1 << 24;

/// The bytes of one column in one row group.
#[derive(Debug, Clone)]
pub(super) struct Chunk {
    pub(super) start: u64,
    pub(super) length: u64,
    pub(super) values: u64,
    /// The name of the column of the table that it belongs to.
    pub(super) root: String,
}

/// A row group whose sizes fit the file.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) rows: usize,
    pub(super) chunks: Vec<Chunk>,
}

/// A name that two columns have.
pub(super) fn repeated_name(metadata: &FileMetadata) -> Option<&str> {
    let mut names: Vec<&str> =
        metadata.schema_descr.fields().iter().map(|field| field.get_field_info().name.as_str()).collect();
    names.sort_unstable();
    names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

/// How many bytes a byte of a footer takes in memory, at the most as a rule.
const MEMORY_OF_BYTE: u64 = 12;

/// Checks the first and last bytes of the file; gives the place where the footer starts. Refuses a footer that does not fit
/// into so many bytes of memory.
pub(super) fn check_ends(file: &mut DataReader, size: u64, memory: u64) -> Result<u64, Problem> {
    let mut head = [0; 4];
    if size < 12 || file.read_exact(&mut head).is_err() || head != MAGIC {
        return Err(Problem::foreign(match &head {
            b"PARE" => "is an encrypted Parquet file: decrypt it first",
            [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd] => "is a packed Parquet file: unpack it first",
            _ => "is not a Parquet file",
        }));
    }
    let mut tail = [0; 8];
    let read = file.seek(SeekFrom::Start(size - 8)).and_then(|_| file.read_exact(&mut tail));
    let (length, magic) = tail.split_at(4);
    if read.is_err() || magic != MAGIC {
        return Err(Problem::damaged(
            "the Parquet file is cut off or damaged: it does not end as one. Get the whole file again",
        ));
    }
    let length = u64::from(u32::from_le_bytes(length.try_into().unwrap_or_default()));
    let needed = length.saturating_mul(MEMORY_OF_BYTE);
    if length < size && needed > memory / 8 * 7 {
        return Err(Problem::BeyondLimit(format!(
            "its footer describes so many row groups and columns that reading it may take {} MiB, more than the {} MiB of \
             --memory: allow more, or write it with larger row groups",
            needed >> 20,
            memory >> 20
        )));
    }
    (size - 8)
        .checked_sub(length)
        .filter(|start| *start >= 4)
        .ok_or_else(|| Problem::damaged("the Parquet footer is longer than the file: get the file again"))
}

/// The longest header of a dictionary page of an old writer.
const OLD_HEADER: u64 = 100;

/// Whether the file is of a writer that left the header of the dictionary page out of the length of a chunk: parquet-mr
/// before 1.2.9 (PARQUET-816).
fn has_short_lengths(created_by: Option<&str>) -> bool {
    let Some(rest) = created_by.and_then(|by| by.strip_prefix("parquet-mr")) else { return false };
    let Some(version) = rest.trim_start().strip_prefix("version ") else { return true };
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(|number| number.parse().unwrap_or(0_u32));
    let mut next = || numbers.next().unwrap_or(0);
    (next(), next(), next()) < (1, 2, 9)
}

/// Compares the row groups with the size of the file.
pub(super) fn check_groups(metadata: &FileMetadata, footer_start: u64) -> Result<Vec<Group>, ()> {
    let mut groups = Vec::with_capacity(metadata.row_groups.len());
    let mut total = 0_usize;
    let is_old = has_short_lengths(metadata.created_by.as_deref());
    for group in &metadata.row_groups {
        let mut chunks = Vec::with_capacity(group.n_columns());
        let mut stored = 0_u64;
        for column in group.parquet_columns() {
            // Some writers give the place 0 where there is no dictionary.
            let dictionary = column.dictionary_page_offset().filter(|start| *start != 0);
            let first = dictionary.unwrap_or_else(|| column.data_page_offset());
            let start = u64::try_from(first).map_err(drop)?;
            let mut length = u64::try_from(column.compressed_size()).map_err(drop)?;
            let values = u64::try_from(column.num_values()).map_err(drop)?;
            // A chunk of no rows may have no pages, and its place is then not set.
            let is_somewhere = start >= 4 || (length, values, group.num_rows()) == (0, 0, 0);
            if !is_somewhere || start.checked_add(length).is_none_or(|end| end > footer_start) {
                return Err(());
            }
            stored += length;
            // The pages end where all values were seen.
            if is_old && length > 0 && values > 0 {
                length += OLD_HEADER.min(footer_start - start - length);
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_writers_are_known_by_their_versions() {
        for (by, is_old) in [
            (None, false),
            (Some("parquet-mr"), true),
            (Some("parquet-mr version 1.2.8"), true),
            (Some("parquet-mr version 1.2.9"), false),
            (Some("parquet-mr version 1.10.1 (build a89df8f9932b6ef6633d06069e50c9b7970bebd1)"), false),
            (Some("parquet-cpp-arrow version 1.2.1"), false),
            (Some("impala version 1.2"), false),
        ] {
            assert_eq!(has_short_lengths(by), is_old, "{by:?}");
        }
    }
}

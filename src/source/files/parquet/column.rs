//! A column of a row group as it is stored, to be decoded when it is asked for.

use std::convert::Infallible;
use std::io::Cursor;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use polars_arrow::array::Array;
use polars_arrow::datatypes::Field;
use polars_buffer::Buffer;
use polars_parquet::parquet::compression::Compression;
use polars_parquet::parquet::read::PageMetaData;
use polars_parquet::read::{BasicDecompressor, FileMetadata, Filter, PageReader, column_iter_to_arrays};

use super::levels;
use super::plain::plain;
use super::twelve_bytes::TwelveBytes;
use crate::source::batch::Held;
use crate::source::error::Problem;
use crate::source::files::array_values::Convert;
use crate::source::files::arrays::{conversion, cut};
use crate::source::files::nested::Inner;
use crate::source::panic_guard::catch_panic;

/// A column of a row group as it is stored; its pages were verified.
#[derive(Clone)]
pub(super) struct PackedColumn {
    pub(super) metadata: Arc<FileMetadata>,
    /// The row group.
    pub(super) position: usize,
    pub(super) field: Field,
    /// The position in the file of what is asked for.
    pub(super) asked: usize,
    /// The column inside of it that is wanted in its place.
    pub(super) inner: Option<Inner>,
    /// Positions of its chunks in the row group, and their bytes, which the pieces of a row group share.
    pub(super) chunks: Vec<(usize, Buffer<u8>)>,
    /// The rows of the row group.
    pub(super) rows: usize,
    /// The rows that are wanted of them.
    pub(super) wanted: Range<usize>,
    /// The bytes of memory that the process may take.
    pub(super) memory: u64,
}

impl PackedColumn {
    /// Decodes it; gives how its cells are read, too.
    fn decode(self) -> Result<(Box<dyn Array>, Convert), Problem> {
        let Self { metadata, position, field, inner, mut chunks, rows, wanted, memory, .. } = self;
        // Without a filter the length of the whole column is compared with the footer.
        let filter = (wanted != (0..rows)).then(|| Filter::new_ranged(wanted.start, wanted.end));
        let column = format!("row group {}, column `{}`", position + 1, field.name.escape_debug());
        let metadata = metadata.row_groups.get(position).ok_or_else(no_group)?;
        let own = match chunks.as_slice() {
            [(at, _)] => {
                TwelveBytes::of(&metadata.parquet_columns()[*at].descriptor().descriptor.primitive_type, &field)
            }
            _ => None,
        };
        let decode = |chunks: &[(usize, Buffer<u8>)], is_plain: bool| {
            catch_panic(|| {
                let columns = metadata.parquet_columns();
                let pages = |(at, bytes): &(usize, Buffer<u8>)| {
                    let mut about = PageMetaData::from(&columns[*at]);
                    if is_plain {
                        about.compression = Compression::Uncompressed;
                    }
                    let pages =
                        PageReader::new_with_page_meta(Cursor::new(bytes.clone()), about, Vec::new(), usize::MAX);
                    BasicDecompressor::new(pages, Vec::new())
                };
                let pages = chunks.iter().map(pages).collect();
                if let Some(TwelveBytes { stored, field, .. }) = &own {
                    return column_iter_to_arrays(pages, vec![stored], field.clone(), filter.clone());
                }
                let types = chunks.iter().map(|(at, _)| &columns[*at].descriptor().descriptor.primitive_type).collect();
                column_iter_to_arrays(pages, types, field.clone(), filter.clone())
            })
        };
        let undecodable = || format!("{column}: cannot be decoded: get the file again");
        if wanted.start == 0 {
            for (at, bytes) in &chunks {
                let stored = &metadata.parquet_columns()[*at];
                let about = &stored.descriptor().descriptor;
                if about.max_rep_level > 0 || about.max_def_level > 1 {
                    let checked = catch_panic(|| Ok::<_, Infallible>(levels::check(bytes, stored, rows as u64)));
                    let checked = checked.map_err(|failed| Problem::undecoded(undecodable(), failed))?;
                    checked.map_err(|unfit| Problem::Damaged(format!("{column}: {unfit}: get the file again")))?;
                }
            }
        }
        let mut decoded = decode(&chunks, false);
        // What the decoder does not know, it may know once it is written plainly.
        if decoded.as_ref().is_err_and(|failed| failed.place.is_none()) {
            let mut held = 0;
            for (at, bytes) in &mut chunks {
                let plain = catch_panic(|| plain(bytes, &metadata.parquet_columns()[*at], memory / 8, &mut held));
                match plain.map_err(|failed| Problem::undecoded(undecodable(), failed))? {
                    Some(plain) => *bytes = Buffer::from(plain),
                    None => {
                        return Err(Problem::BeyondLimit(format!(
                            "{column}: its pages unpack to more than an eighth of the {} MiB of --memory: allow more, or \
                             write the file with smaller row groups",
                            memory >> 20
                        )));
                    }
                }
            }
            decoded = decode(&chunks, true);
        }
        let (arrays, _) = decoded.map_err(|failed| Problem::undecoded(undecodable(), failed))?;
        // A column that is not nested is one array.
        let Ok([decoded]) = <[_; 1]>::try_from(arrays) else { return Err(Problem::Damaged(undecodable())) };
        if decoded.len() != wanted.len() {
            return Err(Problem::Damaged(format!(
                "{column}: {} rows were decoded where the footer has {}: get the file again",
                decoded.len(),
                wanted.len()
            )));
        }
        match inner {
            None => Ok((decoded, own.map_or_else(|| conversion(&field), |own| own.convert))),
            Some(inner) => {
                let cells = inner.of(decoded.as_ref()).ok_or_else(|| Problem::Damaged(undecodable()))?;
                Ok((cells, conversion(&inner.field)))
            }
        }
    }

    /// The column, to be decoded when it is asked for; what is wrong with it then goes to `problem`.
    pub(super) fn held(self, problem: &Arc<OnceLock<Problem>>) -> Held {
        let problem = Arc::clone(problem);
        Held::Packed(Box::new(move |parts| {
            // A column of no rows need have no pages to decode.
            if self.rows == 0 {
                return Some(Vec::new());
            }
            let (group, asked) = (self.position + 1, self.asked);
            let cells = self.decode().and_then(|(decoded, convert)| {
                let problem = || format!("row group {group} cannot be decoded: get the file again");
                cut(decoded.as_ref(), parts, convert).map_err(|failed| Problem::undecoded(problem(), failed))
            });
            // The first problem counts.
            let of_column = |found| Problem::Column { position: asked, problem: Box::new(found) };
            cells.map_err(|found| problem.set(of_column(found))).ok()
        }))
    }
}

/// A row group that the footer does not have.
pub(super) fn no_group() -> Problem {
    Problem::damaged("the row group does not exist")
}

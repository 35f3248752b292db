//! The levels of nested values: which items belong to which row, and what is missing.
//!
//! The decoder trusts them. A level that is too high, or a first item that continues a row which does not exist, moves values
//! into other rows without an error, so the levels of nested columns are looked at before.

use polars_parquet::parquet::encoding::hybrid_rle::{HybridRleChunk, HybridRleDecoder};
use polars_parquet::read::ColumnChunkMetadata;

use super::plain::{DATA, DATA_2, Header, unpack};
use super::thrift::Thrift;

/// The number of the encoding of levels that is read here.
const RLE: i64 = 3;

/// What is wrong with the levels of a chunk.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unfit {
    #[error("a page cannot be unpacked, or its levels of nested values end too early")]
    Page,
    #[error("a level of nested values is higher than the column has")]
    TooHigh,
    #[error("the first of its nested values continues a row that does not exist")]
    NoStart,
    #[error("the levels of its nested values make {0} rows, and the headers say another number")]
    Rows(u64),
}

/// Levels of one kind.
struct Levels<'a> {
    bytes: &'a [u8],
    most: u32,
}

/// Looks at the levels of all pages of a chunk of so many rows. Levels in an encoding that is not read here are left to the
/// decoder.
///
/// # Errors
/// What is wrong with them.
pub(super) fn check(chunk: &[u8], stored: &ColumnChunkMetadata, rows: u64) -> Result<(), Unfit> {
    let about = &stored.descriptor().descriptor;
    let most = |level: i16| u32::try_from(level).unwrap_or_default();
    let (most_repeated, most_defined) = (most(about.max_rep_level), most(about.max_def_level));
    let (mut rest, mut values, mut found) = (chunk, 0_i64, 0_u64);
    while values < stored.num_values() && !rest.is_empty() {
        let mut thrift = Thrift::new(rest);
        let header = Header::read(&mut thrift).ok_or(Unfit::Page)?;
        let (bytes, after) =
            rest.get(thrift.at()..).and_then(|rest| rest.split_at_checked(header.packed)).ok_or(Unfit::Page)?;
        rest = after;
        let count = |field: i64| header.count(field).map_err(|_| Unfit::Page);
        let unpacked;
        let (repeated, defined) = match header.kind {
            DATA => {
                let other = |field: i64, most: u32| most > 0 && header.own.get(&field) != Some(&RLE);
                if other(3, most_defined) || other(4, most_repeated) {
                    return Ok(());
                }
                unpacked = unpack(stored.compression(), bytes, header.unpacked).map_err(|_| Unfit::Page)?;
                let mut left = unpacked.as_slice();
                let mut next = |most: u32| {
                    if most == 0 {
                        return Some(&[][..]);
                    }
                    let (length, rest) = left.split_first_chunk()?;
                    let (levels, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
                    left = rest;
                    Some(levels)
                };
                let repeated = next(most_repeated).ok_or(Unfit::Page)?;
                (repeated, next(most_defined).ok_or(Unfit::Page)?)
            }
            DATA_2 => {
                // These are never packed.
                let (repeated, rest) = bytes.split_at_checked(count(6)?).ok_or(Unfit::Page)?;
                (repeated, rest.get(..count(5)?).ok_or(Unfit::Page)?)
            }
            // A dictionary, or indexes.
            _ => continue,
        };
        let in_page = count(1)?;
        values = values.saturating_add(i64::try_from(in_page).map_err(|_| Unfit::Page)?);
        Levels { bytes: defined, most: most_defined }.each(in_page, |_, _| Ok(()))?;
        let before = found;
        Levels { bytes: repeated, most: most_repeated }.each(in_page, |level, times| {
            if level == 0 {
                found = found.saturating_add(times as u64);
            }
            if found == 0 { Err(Unfit::NoStart) } else { Ok(()) }
        })?;
        // A page of this kind begins with a row and says how many it has.
        if header.kind == DATA_2 && count(3)? as u64 != found - before {
            return Err(Unfit::Rows(found - before));
        }
    }
    if found == rows { Ok(()) } else { Err(Unfit::Rows(found)) }
}

impl Levels<'_> {
    /// Visits so many levels, in their order, each with how many times it is repeated.
    fn each(&self, count: usize, mut visit: impl FnMut(u32, usize) -> Result<(), Unfit>) -> Result<(), Unfit> {
        let width = u32::BITS - self.most.leading_zeros();
        let mut levels = HybridRleDecoder::new(self.bytes, width, count);
        let mut see = |level: u32, times: usize| {
            if level > self.most { Err(Unfit::TooHigh) } else { visit(level, times) }
        };
        while let Some(chunk) = levels.next_chunk().map_err(|_| Unfit::Page)? {
            match chunk {
                HybridRleChunk::Rle(_, 0) => {}
                HybridRleChunk::Rle(level, times) => see(level, times)?,
                HybridRleChunk::Bitpacked(mut packed) => {
                    let mut packed = packed.chunked();
                    while let Some((found, times)) = packed.next_inexact() {
                        for level in found.iter().take(times) {
                            see(*level, 1)?;
                        }
                    }
                }
            }
        }
        if levels.len() == 0 { Ok(()) } else { Err(Unfit::Page) }
    }
}

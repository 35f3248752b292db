//! Pages written again without packing, and in an encoding that the decoder knows.
//!
//! Own code: polars unpacks the first of several gzip members alone, and does not know two encodings of values of one length.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::MultiGzDecoder;
use polars_parquet::parquet::compression::{Compression, DecompressionContext, decompress};
use polars_parquet::parquet::encoding::delta_byte_array::Decoder;
use polars_parquet::read::{ColumnChunkMetadata, PhysicalType};

use super::thrift::{END, Thrift};

/// A page whose header says how many bytes it unpacks to, and that does not.
#[derive(Debug)]
pub(super) struct Unpackable;

/// The numbers of encodings in Parquet.
const PLAIN: i64 = 0;
const DELTA_BYTE_ARRAY: i64 = 7;
const BYTE_STREAM_SPLIT: i64 = 9;

/// The kinds of pages, by their numbers.
pub(super) const DATA: i64 = 0;
const DICTIONARY: i64 = 2;
pub(super) const DATA_2: i64 = 3;

/// The header of a page, as far as it is written again.
pub(super) struct Header {
    pub(super) kind: i64,
    pub(super) unpacked: usize,
    pub(super) packed: usize,
    /// The numbers in the header of its own kind, by the numbers of their fields.
    pub(super) own: BTreeMap<i64, i64>,
    /// Whether it is said to be packed; what does not say so is.
    is_packed: bool,
}

impl Header {
    /// Reads the header at the start of the bytes; `None` where it is damaged.
    pub(super) fn read(thrift: &mut Thrift<'_>) -> Option<Self> {
        let (mut last, mut kind, mut unpacked, mut packed) = (0, None, None, None);
        let (mut own, mut is_packed) = (BTreeMap::new(), true);
        loop {
            match thrift.field(&mut last)? {
                (_, END) => break,
                (1, 5) => kind = Some(thrift.integer()?),
                (2, 5) => unpacked = Some(usize::try_from(thrift.integer()?).ok()?),
                (3, 5) => packed = Some(usize::try_from(thrift.integer()?).ok()?),
                (5 | 7 | 8, 12) => {
                    let mut last = 0;
                    loop {
                        match thrift.field(&mut last)? {
                            (_, END) => break,
                            // The value of a truth is the type of its field; 2 is false.
                            (7, 2) => is_packed = false,
                            (number, 5) => drop(own.insert(number, thrift.integer()?)),
                            (_, kind) => thrift.skip(kind, 1)?,
                        }
                    }
                }
                (_, kind) => thrift.skip(kind, 0)?,
            }
        }
        Some(Self { kind: kind?, unpacked: unpacked?, packed: packed?, own, is_packed })
    }

    /// A number of its own header that is no less than 0.
    pub(super) fn count(&self, field: i64) -> Result<usize, Unpackable> {
        self.own.get(&field).and_then(|number| usize::try_from(*number).ok()).ok_or(Unpackable)
    }
}

/// The pages of a chunk without packing, values of one length written one after the other. `held` counts their bytes; `None`
/// where these are more than `limit`.
pub(super) fn plain(
    chunk: &[u8],
    stored: &ColumnChunkMetadata,
    limit: u64,
    held: &mut u64,
) -> Result<Option<Vec<u8>>, Unpackable> {
    let packing = stored.compression();
    let about = &stored.descriptor().descriptor;
    let width = match about.primitive_type.physical_type {
        PhysicalType::FixedLenByteArray(width) => Some(width),
        PhysicalType::Int96 => Some(12),
        _ => None,
    };
    let levels = [about.max_rep_level > 0, about.max_def_level > 0];
    let mut written = Vec::new();
    let (mut rest, mut values) = (chunk, 0);
    while values < stored.num_values() && !rest.is_empty() {
        let mut thrift = Thrift::new(rest);
        let mut header = Header::read(&mut thrift).ok_or(Unpackable)?;
        let (bytes, after) =
            rest.get(thrift.at()..).and_then(|rest| rest.split_at_checked(header.packed)).ok_or(Unpackable)?;
        rest = after;
        *held = held.saturating_add(header.unpacked as u64);
        if *held > limit {
            return Ok(None);
        }
        let (encoding_at, bytes, levels) = match header.kind {
            DICTIONARY => {
                write(&mut written, &header, 7, &[1, 2], &unpack(packing, bytes, header.unpacked)?)?;
                continue;
            }
            DATA => {
                let bytes = unpack(packing, bytes, header.unpacked)?;
                let mut at = 0;
                for _ in levels.iter().filter(|is_there| **is_there) {
                    let length = bytes.get(at..at + 4).and_then(|length| length.try_into().ok());
                    at += 4 + u32::from_le_bytes(length.ok_or(Unpackable)?) as usize;
                }
                (2, bytes, at)
            }
            DATA_2 => {
                let levels = header.count(5)?.checked_add(header.count(6)?).ok_or(Unpackable)?;
                let (raw, packed) = bytes.split_at_checked(levels).ok_or(Unpackable)?;
                let size = header.unpacked.checked_sub(levels).ok_or(Unpackable)?;
                let is_packed = header.is_packed && !packed.is_empty();
                let values = unpack(if is_packed { packing } else { Compression::Uncompressed }, packed, size)?;
                (4, [raw, &values].concat(), levels)
            }
            // Indexes, which no decoder reads.
            _ => continue,
        };
        values = values.saturating_add(i64::try_from(header.count(1)?).map_err(|_| Unpackable)?);
        let (levels, cells) = bytes.split_at_checked(levels).ok_or(Unpackable)?;
        let respelled = match (header.own.get(&encoding_at), width) {
            (Some(&BYTE_STREAM_SPLIT), Some(width)) => Some(gathered(cells, width)?),
            (Some(&DELTA_BYTE_ARRAY), Some(width)) => Some(whole(cells, width, limit)?),
            _ => None,
        };
        if respelled.is_some() {
            header.own.insert(encoding_at, PLAIN);
        }
        let bytes = [levels, respelled.as_deref().unwrap_or(cells)].concat();
        if header.kind == DATA {
            write(&mut written, &header, 5, &[1, 2, 3, 4], &bytes)?;
        } else {
            write(&mut written, &header, 8, &[1, 2, 3, 4, 5, 6], &bytes)?;
        }
    }
    Ok(Some(written))
}

/// Unpacks a page to so many bytes, exactly.
pub(super) fn unpack(packing: Compression, bytes: &[u8], size: usize) -> Result<Vec<u8>, Unpackable> {
    if packing == Compression::Uncompressed {
        return if bytes.len() == size { Ok(bytes.to_vec()) } else { Err(Unpackable) };
    }
    let mut unpacked = vec![0; size];
    if packing == Compression::Gzip {
        let mut members = MultiGzDecoder::new(bytes);
        members.read_exact(&mut unpacked).map_err(|_| Unpackable)?;
        // The checksum of the last member is compared at its end.
        return if matches!(members.read(&mut [0]), Ok(0)) { Ok(unpacked) } else { Err(Unpackable) };
    }
    decompress(packing, bytes, &mut unpacked, &mut DecompressionContext::Unset).map_err(|_| Unpackable)?;
    Ok(unpacked)
}

/// Values whose first bytes come first, then their second ones, and so on.
fn gathered(split: &[u8], width: usize) -> Result<Vec<u8>, Unpackable> {
    if width == 0 || !split.len().is_multiple_of(width) {
        return Err(Unpackable);
    }
    let count = split.len() / width;
    Ok((0..split.len()).map(|at| split[at % width * count + at / width]).collect())
}

/// Values that share their first bytes with the value before.
fn whole(shared: &[u8], width: usize, limit: u64) -> Result<Vec<u8>, Unpackable> {
    let values = Decoder::try_new(shared).map_err(|_| Unpackable)?;
    let mut written = Vec::new();
    for value in values {
        let value = value.map_err(|_| Unpackable)?;
        if value.len() != width || written.len() as u64 > limit {
            return Err(Unpackable);
        }
        written.extend_from_slice(&value);
    }
    Ok(written)
}

/// Writes a page: its type, and these numbers of its own header, which is that field.
fn write(out: &mut Vec<u8>, header: &Header, field: u8, numbers: &[i64], bytes: &[u8]) -> Result<(), Unpackable> {
    let size = i64::try_from(bytes.len()).map_err(|_| Unpackable)?;
    for value in [header.kind, size, size] {
        out.push(0x15);
        varint(out, value);
    }
    // After the third field; what is inside is a structure.
    out.push(((field - 3) << 4) | 0x0c);
    for number in numbers {
        out.push(0x15);
        varint(out, *header.own.get(number).ok_or(Unpackable)?);
    }
    if header.kind == DATA_2 {
        // The values are not packed.
        out.push(0x12);
    }
    out.extend([0, 0]);
    out.extend_from_slice(bytes);
    Ok(())
}

fn varint(out: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
    while rest >= 0x80 {
        out.extend(u8::try_from(rest & 0x7f | 0x80));
        rest >>= 7;
    }
    out.extend(u8::try_from(rest));
}

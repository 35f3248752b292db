//! The file around the records: its header, and where its blocks are.

use std::io::{BufReader, Read};

use super::codec::Codec;
use super::schema::Schema;
use crate::source::error::Problem;
use crate::source::files::data_file::DataFile;
use crate::source::files::reader::DataReader;

/// What files start with.
pub(super) const MAGIC: &[u8] = b"Obj\x01";

/// The longest header in bytes; a schema of thousands of fields takes some of them.
const MAX_HEADER: u64 = 64 << 20;

/// The most values of a header.
const MAX_ENTRIES: i64 = 10_000;

/// The longest block in bytes, as stored and as unpacked.
const MAX_BLOCK: usize = 256 << 20;

/// The part of the memory that a block may take: each worker holds one, as stored, as unpacked and as cells.
const OF_MEMORY: u64 = 16;

/// The most records of a block.
const MAX_RECORDS: u64 = 1 << 28;

/// A block of records.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    /// Where its bytes start.
    pub(super) start: u64,
    pub(super) bytes: usize,
    pub(super) records: usize,
}

/// A file whose header and blocks are known.
#[derive(Debug)]
pub(super) struct Container {
    pub(super) schema: Schema,
    pub(super) codec: Codec,
    pub(super) blocks: Vec<Block>,
    /// The longest block in bytes.
    pub(super) longest: usize,
}

/// What it means that a file ends before its last block.
fn ends_early() -> Problem {
    Problem::damaged("the Avro file ends too early: get the whole file again")
}

impl Container {
    /// Reads the header, and walks over the blocks.
    ///
    /// # Errors
    /// Where it is no such file, is cut off, or is damaged.
    pub(super) fn open(file: &DataFile) -> Result<Self, Problem> {
        let mut walk = Walk { file: BufReader::with_capacity(1 << 15, file.open()?), at: 0, bytes: file.bytes };
        if walk.array::<4>()? != MAGIC {
            return Err(Problem::foreign("is not an Avro file: it does not start as an object container file does"));
        }
        let (mut schema, mut codec) = (None, Codec::Plain);
        let mut entries = 0_i64;
        loop {
            let count = walk.long()?;
            if count == 0 {
                break;
            }
            if count < 0 {
                walk.long()?;
            }
            entries = entries.saturating_add(count.saturating_abs());
            if entries > MAX_ENTRIES {
                return Err(damaged("header"));
            }
            for _ in 0..count.saturating_abs() {
                let key = walk.bytes()?;
                let value = walk.bytes()?;
                match key.as_slice() {
                    b"avro.schema" => schema = Some(Schema::parse(&value)?),
                    b"avro.codec" => codec = Codec::of(&value)?,
                    _ => {}
                }
            }
        }
        let schema = schema.ok_or_else(|| damaged("header"))?;
        let sync = walk.array::<16>()?;
        let longest = usize::try_from(file.memory / OF_MEMORY).unwrap_or(MAX_BLOCK).clamp(1 << 20, MAX_BLOCK);
        let least = schema.least();
        let mut blocks = Vec::new();
        while walk.at < walk.bytes {
            let number = blocks.len() + 1;
            let wrong = || damaged(&format!("block {number}"));
            let records = u64::try_from(walk.long()?).map_err(|_| wrong())?;
            let bytes = u64::try_from(walk.long()?).map_err(|_| wrong())?;
            let start = walk.at;
            if bytes > walk.bytes - start {
                return Err(ends_early());
            }
            let size = usize::try_from(bytes).ok().filter(|bytes| *bytes <= longest);
            let Some(size) = size.filter(|_| records <= MAX_RECORDS) else {
                return Err(too_large(number, longest));
            };
            let most = if codec == Codec::Plain { bytes } else { longest as u64 };
            if records.saturating_mul(least) > most {
                return Err(if codec == Codec::Plain { wrong() } else { too_large(number, longest) });
            }
            walk.skip(bytes)?;
            if walk.array::<16>()? != sync {
                return Err(Problem::Damaged(format!(
                    "block {number} of the Avro file does not end with the marker of the file: get the file again"
                )));
            }
            if records > 0 {
                if (blocks.len() * size_of::<Block>()) as u64 > file.memory / OF_MEMORY {
                    return Err(Problem::beyond_limit(
                        "the Avro file has more blocks than memory holds a list of: write larger blocks, or allow more with \
                         --memory",
                    ));
                }
                blocks.push(Block { start, bytes: size, records: usize::try_from(records).map_err(|_| wrong())? });
            } else if bytes > 0 && codec == Codec::Plain {
                return Err(wrong());
            }
        }
        Ok(Self { schema, codec, blocks, longest })
    }
}

/// What it means that a part of the file is not as it was written.
pub(super) fn damaged(part: &str) -> Problem {
    Problem::Damaged(format!("{part} of the Avro file is damaged: get the file again"))
}

/// What it means that a block is too large.
pub(super) fn too_large(number: usize, longest: usize) -> Problem {
    let more = if longest < MAX_BLOCK { ", or allow more with --memory" } else { "" };
    Problem::BeyondLimit(format!(
        "block {number} of the Avro file is larger than {} MiB or has more than {MAX_RECORDS} records: write smaller \
         blocks{more}",
        longest >> 20
    ))
}

/// A walk over a file.
struct Walk {
    file: BufReader<DataReader>,
    at: u64,
    bytes: u64,
}

impl Walk {
    fn array<const COUNT: usize>(&mut self) -> Result<[u8; COUNT], Problem> {
        let mut bytes = [0; COUNT];
        if COUNT as u64 > self.bytes - self.at {
            return Err(ends_early());
        }
        self.file.read_exact(&mut bytes).map_err(|_| Problem::inaccessible("cannot be read to its end"))?;
        self.at += COUNT as u64;
        Ok(bytes)
    }

    fn long(&mut self) -> Result<i64, Problem> {
        let mut value = 0_u64;
        for at in 0..10 {
            let [byte] = self.array()?;
            value |= u64::from(byte & 0x7f) << (7 * at);
            if byte & 0x80 == 0 {
                return Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
            }
        }
        Err(damaged("a number"))
    }

    fn bytes(&mut self) -> Result<Vec<u8>, Problem> {
        let count = u64::try_from(self.long()?).map_err(|_| damaged("the header"))?;
        if count > self.bytes - self.at {
            return Err(ends_early());
        }
        if count > MAX_HEADER {
            return Err(Problem::BeyondLimit(format!("the header is longer than {} MiB", MAX_HEADER >> 20)));
        }
        let mut bytes = vec![0; usize::try_from(count).map_err(|_| damaged("the header"))?];
        self.file.read_exact(&mut bytes).map_err(|_| Problem::inaccessible("cannot be read to its end"))?;
        self.at += count;
        Ok(bytes)
    }

    fn skip(&mut self, bytes: u64) -> Result<(), Problem> {
        let offset = i64::try_from(bytes).map_err(|_| ends_early())?;
        self.file.seek_relative(offset).map_err(|_| Problem::inaccessible("cannot be read to its end"))?;
        self.at += bytes;
        Ok(())
    }
}

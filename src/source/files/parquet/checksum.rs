//! Walking the pages of a column chunk: their headers are read before the decoder gets them, so that checksums, sizes
//! and counts are known before a byte is decoded.

use super::thrift::{END, Thrift};
use crate::model::ChecksumTally;
use crate::source::error::Problem;

/// The longest page header: statistics in it may hold values of the column.
pub(super) const MAX_HEADER: usize = 1 << 20;

/// A page may unpack to this many times its size …
const MAX_RATIO: u64 = 10_000;

/// … once it unpacks to more than so many bytes.
const RATIO_FLOOR: u64 = 64 << 20;

/// The header of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct PageHeader {
    /// Its own length.
    length: usize,
    unpacked: u64,
    /// Bytes of the page.
    packed: usize,
    checksum: Option<u32>,
    /// Values of a data page; 0 for a dictionary.
    values: u64,
}

impl PageHeader {
    /// Reads the header at the start of the bytes; `None` where it is damaged or not whole.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut thrift = Thrift::new(bytes);
        let (mut last, mut header) = (0, Self::default());
        let (mut unpacked, mut packed) = (None, None);
        loop {
            match thrift.field(&mut last)? {
                (_, END) => break,
                (2, 5) => unpacked = u64::try_from(thrift.integer()?).ok(),
                (3, 5) => packed = usize::try_from(thrift.integer()?).ok(),
                // Written as a signed number, meant as 32 bits.
                (4, 5) => header.checksum = Some(i32::try_from(thrift.integer()?).ok()?.cast_unsigned()),
                (5 | 8, 12) => header.values = values(&mut thrift)?,
                (_, kind) => thrift.skip(kind, 0)?,
            }
        }
        Some(Self { length: thrift.at(), unpacked: unpacked?, packed: packed?, ..header })
    }
}

/// The number of values, which is the first field of both kinds of data page headers.
fn values(thrift: &mut Thrift<'_>) -> Option<u64> {
    let (mut last, mut values) = (0, None);
    loop {
        match thrift.field(&mut last)? {
            (_, END) => return values,
            (1, 5) => values = u64::try_from(thrift.integer()?).ok(),
            (_, kind) => thrift.skip(kind, 1)?,
        }
    }
}

/// What the pages of a chunk say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Pages {
    /// Pages by checksum.
    pub(super) checksums: ChecksumTally,
    /// Values of all data pages.
    pub(super) values: u64,
}

/// Why the pages of a chunk cannot be trusted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Damage {
    /// A header is damaged, or its page ends beyond the chunk.
    Header,
    /// A page unpacks to far more than a page may.
    Bomb,
}

/// Gives bytes of a chunk: from a position, up to a count; fewer at the end of the chunk.
pub(super) type Fetch<'f> = dyn FnMut(u64, usize) -> Result<std::borrow::Cow<'f, [u8]>, Problem> + 'f;

/// Walks over the pages of a chunk of `length` bytes until it has seen `values` values.
///
/// Of pages without a checksum only the headers are read.
pub(super) fn walk(fetch: &mut Fetch, length: u64, values: u64) -> Result<Result<Pages, Damage>, Problem> {
    let mut pages = Pages::default();
    let mut at = 0;
    while at < length && (pages.values < values || pages.checksums == ChecksumTally::default()) {
        let mut window = 256;
        let header = loop {
            let bytes = fetch(at, window)?;
            match PageHeader::read(&bytes) {
                Some(header) => break header,
                None if bytes.len() < window || window >= MAX_HEADER => return Ok(Err(Damage::Header)),
                None => window *= 8,
            }
        };
        let start = at + header.length as u64;
        let Some(end) = start.checked_add(header.packed as u64).filter(|end| *end <= length) else {
            return Ok(Err(Damage::Header));
        };
        if header.unpacked > RATIO_FLOOR && header.unpacked > (header.packed as u64).saturating_mul(MAX_RATIO) {
            return Ok(Err(Damage::Bomb));
        }
        match header.checksum {
            Some(checksum) => {
                let bytes = fetch(start, header.packed)?;
                if bytes.len() == header.packed && crc32fast::hash(&bytes) == checksum {
                    pages.checksums.verified += 1;
                } else {
                    pages.checksums.mismatched += 1;
                }
            }
            None => pages.checksums.absent += 1,
        }
        pages.values = pages.values.saturating_add(header.values);
        at = end;
    }
    Ok(Ok(pages))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    /// A data page as writers make it: header with checksum and statistics, then the bytes.
    fn page(data: &[u8], checksum: Option<u32>, values: u8) -> Vec<u8> {
        let zigzag = |value: i64| {
            let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
            let mut bytes = Vec::new();
            while rest >= 0x80 {
                bytes.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
                rest >>= 7;
            }
            bytes.push(u8::try_from(rest).unwrap());
            bytes
        };
        let mut header = vec![0x15, 0x00];
        for _ in 0..2 {
            header.push(0x15);
            header.extend(zigzag(i64::try_from(data.len()).unwrap()));
        }
        if let Some(checksum) = checksum {
            header.push(0x15);
            header.extend(zigzag(i64::from(checksum.cast_signed())));
        }
        // Field 5: values, encodings, and statistics of 300 bytes, which a first look does not cover.
        header.push(if checksum.is_some() { 0x1c } else { 0x2c });
        header.extend([0x15, values * 2, 0x15, 0, 0x15, 6, 0x15, 6, 0x1c, 0x18, 0xac, 0x02]);
        header.extend([b'x'; 300]);
        header.extend([0, 0, 0]);
        [&header, data].concat()
    }

    fn walk_over(bytes: &[u8], values: u64) -> Result<Pages, Damage> {
        let mut fetch = |at: u64, count: usize| {
            let rest = &bytes[usize::try_from(at).unwrap().min(bytes.len())..];
            Ok(Cow::Borrowed(&rest[..count.min(rest.len())]))
        };
        walk(&mut fetch, bytes.len() as u64, values).unwrap()
    }

    #[test]
    fn pages_are_verified() {
        let (one, two) = (b"first page".repeat(100), b"second".repeat(10));
        let sound = [page(&one, Some(crc32fast::hash(&one)), 40), page(&two, Some(crc32fast::hash(&two)), 2)].concat();
        let pages = walk_over(&sound, 42).unwrap();
        assert_eq!(pages.checksums, ChecksumTally { verified: 2, mismatched: 0, absent: 0 });
        assert_eq!(pages.values, 42);
        let mut damaged = sound.clone();
        *damaged.last_mut().unwrap() ^= 1;
        assert_eq!(walk_over(&damaged, 42).unwrap().checksums, ChecksumTally { verified: 1, mismatched: 1, absent: 0 });
        let mixed = [page(&one, None, 40), page(&two, Some(crc32fast::hash(&two)), 2)].concat();
        assert_eq!(walk_over(&mixed, 42).unwrap().checksums, ChecksumTally { verified: 1, mismatched: 0, absent: 1 });
    }

    #[test]
    fn damaged_headers_end_the_walk() {
        let data = b"data".repeat(50);
        let sound = page(&data, Some(crc32fast::hash(&data)), 50);
        for cut in 0..sound.len() {
            let outcome = walk_over(&sound[..cut], 50);
            assert_eq!(outcome.is_err(), cut > 0, "cut at {cut}");
        }
        // Any byte may be anything: no panic, no endless loop.
        for at in 0..sound.len() {
            for value in [0, 1, 0x19, 0x7f, 0x80, 0xf9, 0xff] {
                let mut damaged = sound.clone();
                damaged[at] = value;
                drop(walk_over(&damaged, 50));
            }
        }
        assert_eq!(walk_over(&[0xff; 4096], 50), Err(Damage::Header));
    }
}

//! Splitting records whose dialect is one delimiter, one quote and line ends.

use memchr::{memchr, memchr2};

use super::dialect::Dialect;
use super::record::{Cell, NoRecord, Record, Splits};

/// Splits a text into records.
pub(super) struct Splitter<'t> {
    pub(super) bytes: &'t [u8],
    pub(super) dialect: Dialect,
    /// Quotes at the start of a cell that nothing closes, ascending.
    pub(super) stray_quotes: &'t [usize],
}

impl Splits for Splitter<'_> {
    fn bytes(&self) -> &[u8] {
        self.bytes
    }

    fn dialect(&self) -> Dialect {
        self.dialect
    }

    #[inline]
    fn no_record(&self, at: usize) -> Option<NoRecord> {
        empty_line(self.bytes, at, self.dialect.terminator).map(|length| NoRecord { length, is_comment: false })
    }

    fn read_as(&self, inner: &str, rest: &str, into: &mut String) {
        unescape(inner, rest, self.dialect.quote.unwrap_or_default(), into);
    }

    #[inline]
    fn record(&self, mut at: usize, most: usize, mut visit: impl FnMut(usize, Option<Cell>)) -> Record {
        let Dialect { delimiter, quote, terminator, .. } = self.dialect;
        let bytes = self.bytes;
        let mut record = Record::default();
        loop {
            let opens = quote.is_some_and(|quote| bytes.get(at) == Some(&quote));
            let (cell, length, end) = if opens && self.stray_quotes.binary_search(&at).is_err() {
                self.quoted(at, &mut record)
            } else {
                if opens {
                    record.bad_quote.get_or_insert((at, None));
                    record.cut_quote |= !bytes[at..].contains(&terminator);
                }
                let end = find_either(bytes, at, delimiter, terminator);
                let stop = trim(bytes, at, end, terminator);
                (Cell::Plain(at, stop), stop - at, end)
            };
            let fits = length <= self.dialect.longest;
            record.oversized |= !fits;
            visit(record.cells, fits.then_some(cell));
            record.cells += 1;
            match bytes.get(end) {
                Some(byte) if *byte == delimiter && record.cells < most => at = end + 1,
                Some(byte) if *byte == delimiter => {
                    record.end = self.record_end(end + 1);
                    return record;
                }
                _ => {
                    record.end = (end + 1).min(bytes.len());
                    return record;
                }
            }
        }
    }
}

impl Splitter<'_> {
    /// Where the record ends in which a cell, not the first one, starts at `at`.
    fn record_end(&self, mut at: usize) -> usize {
        let Dialect { delimiter, quote, terminator, .. } = self.dialect;
        let bytes = self.bytes;
        loop {
            let rest = &bytes[at..];
            let found = quote.map_or_else(|| memchr(terminator, rest), |quote| memchr2(quote, terminator, rest));
            let Some(found) = found.map(|offset| at + offset) else { return bytes.len() };
            if bytes[found] == terminator {
                return found + 1;
            }
            let opens = bytes[found - 1] == delimiter;
            if opens && self.stray_quotes.binary_search(&found).is_err() {
                let (_, _, end) = self.quoted(found, &mut Record::default());
                if bytes.get(end) != Some(&delimiter) {
                    return (end + 1).min(bytes.len());
                }
                at = end + 1;
            } else {
                at = found + 1;
            }
        }
    }

    /// Splits off the quoted cell that opens at `at`: the cell, its length and the place of the delimiter or line end.
    fn quoted(&self, at: usize, record: &mut Record) -> (Cell, usize, usize) {
        let Dialect { delimiter, quote, terminator, .. } = self.dialect;
        let (bytes, quote) = (self.bytes, quote.unwrap_or_default());
        record.quoted = true;
        let start = at + 1;
        let mut next = start;
        let mut doubled = false;
        let close = loop {
            match memchr(quote, &bytes[next..]).map(|offset| next + offset) {
                Some(found) if bytes.get(found + 1) == Some(&quote) => {
                    doubled = true;
                    next = found + 2;
                }
                Some(found) => break found,
                None => break bytes.len(),
            }
        };
        let after = (close + 1).min(bytes.len());
        let end = find_either(bytes, after, delimiter, terminator);
        let stop = trim(bytes, after, end, terminator);
        if stop > after {
            record.bad_quote.get_or_insert((at, Some(close)));
        }
        let length = (close - start) + (stop - after);
        if doubled || stop > after {
            (Cell::Mixed { inner: (start, close), rest: (after, stop) }, length, end)
        } else {
            (Cell::Plain(start, close), length, end)
        }
    }
}

/// The place of the next of two bytes from `at` on, or the end. Most cells are so short that eight bytes at a time in a
/// register beat a call of `memchr2`, which is for the long ones.
#[inline]
fn find_either(bytes: &[u8], at: usize, one: u8, other: u8) -> usize {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // The lowest bit that is set marks the first byte that is zero; bits above it may be set without reason.
    let zeros = |word: u64| word.wrapping_sub(LOW) & !word & HIGH;
    let (ones, others) = (LOW * u64::from(one), LOW * u64::from(other));
    let mut place = at;
    for _ in 0..4 {
        let Some(chunk) = bytes.get(place..).and_then(<[u8]>::first_chunk) else { break };
        let word = u64::from_le_bytes(*chunk);
        let hits = zeros(word ^ ones) | zeros(word ^ others);
        if hits != 0 {
            return place + hits.trailing_zeros() as usize / 8;
        }
        place += 8;
    }
    bytes.get(place..).and_then(|rest| memchr2(one, other, rest)).map_or(bytes.len(), |offset| place + offset)
}

/// The length of the empty line at `at`, where there is one.
#[inline]
pub(super) fn empty_line(bytes: &[u8], at: usize, terminator: u8) -> Option<usize> {
    match bytes.get(at)? {
        byte if *byte == terminator => Some(1),
        b'\r' => match bytes.get(at + 1) {
            None => Some(1),
            Some(next) if *next == terminator => Some(2),
            Some(_) => None,
        },
        _ => None,
    }
}

/// The end of a cell `start..end` without the carriage return of a line end.
#[inline]
pub(super) fn trim(bytes: &[u8], start: usize, end: usize, terminator: u8) -> usize {
    let line_ends = bytes.get(end).is_none_or(|byte| *byte == terminator);
    if line_ends && end > start && bytes[end - 1] == b'\r' { end - 1 } else { end }
}

/// The text of a quoted cell: doubled quotes are one.
fn unescape<'t>(inner: &'t str, rest: &'t str, quote: u8, into: &mut String) {
    let mut parts = inner;
    while let Some(at) = memchr(quote, parts.as_bytes()) {
        into.push_str(&parts[..=at]);
        parts = parts.get(at + 2..).unwrap_or_default();
    }
    into.push_str(parts);
    into.push_str(rest);
}

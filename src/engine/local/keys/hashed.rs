//! Keys as numbers: one 64-bit number where that holds the key itself, else two.
//!
//! - **Narrow.** Up to 19 digits (leading zeros count), other text of up to 7 bytes, and single dates, datetimes and
//!   booleans are numbered so that no two share a number; a bijection then spreads the numbers.
//! - **Wide.** Other text of up to 15 bytes is held as it is in two words; the first word is spread.
//! - **Hashed.** Longer text, and keys of several columns, are held as 64 bits of XXH3 under one random secret of the
//!   process, verified by 63 bits of XXH3 under another. Keys are taken as equal where both agree: among a billion
//!   different keys the probability that any two of them agree in both is under one in 10^19. The secrets are random, so no
//!   data can be written to make keys collide.
//!
//! Narrow and wide keys are equal where their words are, without exception. The kind of a key depends on its text
//! alone, so keys of different kinds are never equal.

use std::array;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;

use xxhash_rust::xxh3::xxh3_64_with_secret;

use crate::model::{DataType, FineInstant, Value};
use crate::scalar::{canonical, parse_value};
use crate::source::{Bits, TextColumn};

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{ColumnRules, place_of};
use crate::engine::local::batch::typed::TypedCells;
use crate::engine::local::prepare_error::PrepareError;

/// A key, or a fact compared as a whole. The upper half of a narrow key is 0, that of a hashed one is odd.
pub(crate) type Key = u128;

/// Random, so that no data can be written whose keys collide or fill one part.
struct Secrets {
    /// For the first hash.
    first: [u8; SECRET],
    /// For the hash that verifies it.
    check: [u8; SECRET],
    /// Odd, so that multiplication can be undone.
    factor: u64,
}

/// Bytes of a secret of XXH3: as many as its own has.
const SECRET: usize = 192;

static SECRETS: LazyLock<Secrets> = LazyLock::new(|| {
    // SipHash under random keys: its values for some numbers do not reveal those for others.
    let random = RandomState::new();
    let secret = |from: usize| array::from_fn(|at| random.hash_one(from + at).to_le_bytes()[0]);
    Secrets { first: secret(0), check: secret(SECRET), factor: random.hash_one(2 * SECRET) | 1 }
});

/// The number of the first text of so many digits: all texts of fewer digits come before.
const FIRST_OF_DIGITS: [u64; 20] = {
    let mut first = [0_u64; 20];
    let mut digits = 1;
    let mut texts = 1_u64;
    while digits < 20 {
        first[digits] = first[digits - 1] + texts;
        texts *= 10;
        digits += 1;
    }
    first
};

/// The most digits that fit.
const MOST_DIGITS: usize = 19;

/// The number of the first text of so many bytes that are not all digits; it follows those of digits.
const FIRST_OF_BYTES: [u64; 8] = {
    let mut first = [FIRST_OF_DIGITS[MOST_DIGITS] + 10_000_000_000_000_000_000; 8];
    let mut bytes = 1;
    while bytes < 8 {
        first[bytes] = first[bytes - 1] + (1 << (8 * (bytes - 1)));
        bytes += 1;
    }
    first
};

/// The key of a run of bytes.
#[inline]
pub(crate) fn pack(bytes: &[u8]) -> Key {
    match number_of(bytes) {
        Some(number) => narrow(number),
        None => wide(bytes),
    }
}

/// The key of a value written as text, in a column of this type; `None` where it cannot be parsed as the type.
pub(crate) fn key_of(text: &str, data_type: DataType) -> Option<Key> {
    if data_type.is_textual() {
        return Some(pack(text.as_bytes()));
    }
    Some(match parse_value(text, data_type, None)? {
        Value::Date(days) => narrow(i64::from(days).cast_unsigned()),
        Value::Datetime(ticks) => narrow(ticks.cast_unsigned()),
        Value::Boolean(value) => narrow(value.into()),
        value => pack(canonical(&value).as_bytes()),
    })
}

/// The number of a text that is short enough to have one of its own.
#[inline]
fn number_of(bytes: &[u8]) -> Option<u64> {
    if let Some(value) = digits(bytes) {
        return Some(FIRST_OF_DIGITS[bytes.len()] + value);
    }
    let first = FIRST_OF_BYTES.get(bytes.len())?;
    Some(first + bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// The value of a text that consists of up to 19 digits.
#[inline]
fn digits(bytes: &[u8]) -> Option<u64> {
    const EIGHT: u64 = 100_000_000;
    let length = bytes.len();
    if length > MOST_DIGITS {
        return None;
    }
    if length < 8 {
        return bytes.iter().try_fold(0, |value, byte| {
            let digit = byte.wrapping_sub(b'0');
            (digit <= 9).then(|| value * 10 + u64::from(digit))
        });
    }
    let (eights, rest) = bytes.as_chunks::<8>();
    let mut value = 0;
    for eight in eights {
        value = value * EIGHT + eight_digits(*eight, 0)?;
    }
    if rest.is_empty() {
        return Some(value);
    }
    // The last eight bytes; the first of them were counted before.
    let last = bytes.last_chunk::<8>()?;
    let value = value.wrapping_mul(FIRST_OF_DIGITS[rest.len() + 1] - FIRST_OF_DIGITS[rest.len()]);
    Some(value + eight_digits(*last, 8 - rest.len())?)
}

/// The value of eight digits without the first few; arithmetic on all bytes at once, after D. Lemire, "Number parsing
/// at a gigabyte per second" (2021).
#[inline]
fn eight_digits(bytes: [u8; 8], without: usize) -> Option<u64> {
    const HIGH: u64 = 0xF0F0_F0F0_F0F0_F0F0;
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    let text = u64::from_le_bytes(bytes);
    if text & HIGH != ZEROS || text.wrapping_add(0x0606_0606_0606_0606) & HIGH != ZEROS {
        return None;
    }
    let digits = text.wrapping_sub(ZEROS) & (u64::MAX << (8 * without));
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let high = (pairs & 0x0000_00FF_0000_00FF).wrapping_mul(0x000F_4240_0000_0064);
    let low = (pairs >> 16 & 0x0000_00FF_0000_00FF).wrapping_mul(0x0000_2710_0000_0001);
    Some(high.wrapping_add(low) >> 32)
}

/// Spreads a number over 64 bits; every step can be undone, so different numbers stay different.
#[inline]
fn narrow(number: u64) -> Key {
    let mixed = (number ^ (number >> 32)).wrapping_mul(SECRETS.factor);
    Key::from(mixed ^ (mixed >> 29))
}

/// The key of a run of bytes that has no number.
#[inline]
fn wide(bytes: &[u8]) -> Key {
    if let (Some(first), Some(last), length @ 8..=15) = (bytes.first_chunk(), bytes.last_chunk(), bytes.len()) {
        // The bytes after the first eight, and the length, which is neither odd nor 0.
        let rest = u64::from_le_bytes(*last) >> 8 >> (8 * (15 - length));
        let second = rest << 8 | (length as u64) << 1;
        return Key::from(second) << 64 | narrow(u64::from_le_bytes(*first) ^ halves(narrow(second))[0]);
    }
    let secrets = &*SECRETS;
    let check = xxh3_64_with_secret(bytes, &secrets.check) | 1;
    Key::from(check) << 64 | Key::from(xxh3_64_with_secret(bytes, &secrets.first))
}

/// The two halves of a key: the lower, spread over all bits, and the upper, which is 0 for a narrow key.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the halves of the key")]
pub(crate) const fn halves(key: Key) -> [u64; 2] {
    [key as u64, (key >> 64) as u64]
}

/// Keys that occurred shortly before. Where only the presence of a key matters, a key that occurs in many rows need not be
/// taken in for each of them.
#[derive(Debug)]
pub(crate) struct RecentKeys(Vec<Option<Key>>);

impl RecentKeys {
    const SLOTS: usize = 1 << 10;

    /// None yet.
    pub(crate) fn new() -> Self {
        Self(vec![None; Self::SLOTS])
    }

    /// Whether the key did not occur shortly before; it did from now on.
    #[inline]
    pub(crate) fn is_new(&mut self, key: Key) -> bool {
        let [first, _] = halves(key);
        self.0[(first >> 32) as usize % Self::SLOTS].replace(key) != Some(key)
    }
}

/// The columns of a key.
#[derive(Debug, Clone)]
pub(crate) struct KeyColumns {
    /// By position in the batch, with the type in which they compare.
    columns: Vec<(usize, DataType)>,
    /// A missing part counts as a value that equals itself.
    missing_counts: bool,
}

impl KeyColumns {
    /// Finds the columns of a key among those that a pass reads.
    ///
    /// # Errors
    /// A column that the pass does not read.
    pub(crate) fn find(key: &[String], rules: &[ColumnRules]) -> Result<Self, PrepareError> {
        let place = |name: &String| place_of(rules, name).map(|at| (at, rules[at].data_type));
        let columns = key.iter().map(place).collect::<Result<_, _>>()?;
        Ok(Self { columns, missing_counts: false })
    }

    /// The columns of whole rows: a missing part equals a missing part, and text compares as it is.
    pub(crate) fn of_rows(names: &[String], rules: &[ColumnRules]) -> Result<Self, PrepareError> {
        Self::find(names, rules).map(|key| Self { missing_counts: true, ..key })
    }

    /// The type in which a column compares: in whole rows text compares as it is.
    fn compared(&self, cells: &Cells<'_>, at: usize, data_type: DataType) -> DataType {
        if self.missing_counts && cells.text(at).is_some() { DataType::Text } else { data_type }
    }

    /// The column of a key that consists of the text of one column.
    pub(crate) fn single_text(&self, cells: &Cells<'_>) -> Option<usize> {
        match self.columns.as_slice() {
            [(at, data_type)] if !self.missing_counts && data_type.is_textual() && cells.text(*at).is_some() => {
                Some(*at)
            }
            _ => None,
        }
    }

    /// Rows that have a key, and rows whose key has an unparseable part. The rest lacks a part; where missing parts
    /// count, there is no rest.
    pub(crate) fn split(&self, cells: &Cells<'_>) -> (Bits, Bits) {
        let rows = cells.rows();
        let start = if self.columns.is_empty() { Bits::none(rows) } else { Bits::all(rows) };
        let (mut there, mut unreadable) = (start, Bits::none(rows));
        for (at, data_type) in &self.columns {
            if !self.missing_counts {
                there = there.and(cells.present(*at));
            }
            let data_type = self.compared(cells, *at, *data_type);
            if !data_type.is_textual() {
                unreadable = unreadable.or(cells.typed(*at, data_type).unreadable());
            }
        }
        (there.without(&unreadable), there.and(&unreadable))
    }

    /// The values of the key of a row as text, in the form in which keys compare: equal keys have equal values. `None` for a
    /// missing part.
    pub(crate) fn values(&self, cells: &Cells<'_>, row: usize) -> Vec<Option<String>> {
        let value = |(at, data_type): &(usize, DataType)| {
            let mut text = String::new();
            let data_type = self.compared(cells, *at, *data_type);
            (cells.present(*at).get(row) && cells.write_canonical(*at, row, data_type, &mut text)).then_some(text)
        };
        self.columns.iter().map(value).collect()
    }

    /// Calls `visit` with each row of `rows` and its key. Each of these rows has one.
    pub(crate) fn for_each(&self, cells: &Cells<'_>, rows: &Bits, mut visit: impl FnMut(usize, Key)) {
        match self.columns.as_slice() {
            [(at, data_type)] if !self.missing_counts => for_each_single(cells, *at, *data_type, rows, visit),
            columns => {
                let typed =
                    |(at, data_type): &(usize, DataType)| Part::of(cells, *at, self.compared(cells, *at, *data_type));
                let parts: Vec<Part<'_>> = columns.iter().map(typed).collect();
                let present: Vec<Option<&Bits>> =
                    columns.iter().map(|(at, _)| self.missing_counts.then(|| cells.present(*at))).collect();
                let (mut buffer, mut text) = (Vec::new(), String::new());
                for row in rows.ones() {
                    buffer.clear();
                    for (part, present) in parts.iter().zip(&present) {
                        if let Some(present) = present {
                            buffer.push(u8::from(present.get(row)));
                            if !present.get(row) {
                                continue;
                            }
                        }
                        part.write(cells, row, &mut text, &mut buffer);
                    }
                    visit(row, wide(&buffer));
                }
            }
        }
    }
}

/// The keys of a single column.
fn for_each_single(cells: &Cells<'_>, at: usize, data_type: DataType, rows: &Bits, mut visit: impl FnMut(usize, Key)) {
    match Part::of(cells, at, data_type) {
        Part::Text(text) => text.for_each(cells.rows(), |row, cell| {
            if rows.get(row) {
                visit(row, pack(cell.unwrap_or_default().as_bytes()));
            }
        }),
        Part::Date(days) => rows.ones().for_each(|row| visit(row, narrow(i64::from(days[row]).cast_unsigned()))),
        Part::Datetime(ticks) => rows.ones().for_each(|row| visit(row, narrow(ticks[row].cast_unsigned()))),
        Part::Nanoseconds(instants) => rows.ones().for_each(|row| visit(row, key_of_instant(instants[row]))),
        Part::Boolean(values) => rows.ones().for_each(|row| visit(row, narrow(values[row].into()))),
        Part::Written(_, data_type) => {
            let whole = match cells.typed(at, data_type) {
                TypedCells::Integer(reads) if data_type == DataType::Integer => Some(&reads.values),
                _ => None,
            };
            let mut text = String::new();
            for row in rows.ones() {
                if let Some(number) = whole.and_then(|values| u64::try_from(values[row]).ok()) {
                    // As its digits would be.
                    let length = number.checked_ilog10().unwrap_or_default() as usize + 1;
                    visit(row, narrow(FIRST_OF_DIGITS[length] + number));
                    continue;
                }
                text.clear();
                cells.write_canonical(at, row, data_type, &mut text);
                visit(row, pack(text.as_bytes()));
            }
        }
    }
}

/// The key of a timestamp: one of whole microseconds has the same in every column.
fn key_of_instant(instant: FineInstant) -> Key {
    match Value::of_instant(instant) {
        Value::Datetime(ticks) => narrow(ticks.cast_unsigned()),
        value => pack(canonical(&value).as_bytes()),
    }
}

/// A column of a key in the form in which it enters.
enum Part<'c> {
    /// The text as it is written.
    Text(&'c TextColumn),
    Date(&'c [i32]),
    Datetime(&'c [i64]),
    Nanoseconds(&'c [FineInstant]),
    Boolean(&'c [bool]),
    /// The canonical text of another type: a whole number equals the decimal of the same writing.
    Written(usize, DataType),
}

impl<'c> Part<'c> {
    fn of(cells: &'c Cells<'_>, at: usize, data_type: DataType) -> Self {
        if data_type.is_textual() {
            return cells.text(at).map_or(Self::Written(at, data_type), Self::Text);
        }
        match (data_type, cells.typed(at, data_type)) {
            (DataType::Date, TypedCells::Date(reads)) => Self::Date(&reads.values),
            (DataType::Datetime, TypedCells::Datetime(reads)) => Self::Datetime(&reads.values),
            (DataType::Datetime, TypedCells::Nanoseconds(reads)) => Self::Nanoseconds(&reads.values),
            (DataType::Boolean, TypedCells::Boolean(reads)) => Self::Boolean(&reads.values),
            _ => Self::Written(at, data_type),
        }
    }

    /// Writes a cell that is of its type. Types of fixed size take their bytes, text comes after its length, so different
    /// keys of the same columns have different bytes.
    #[inline]
    fn write(&self, cells: &Cells<'_>, row: usize, scratch: &mut String, buffer: &mut Vec<u8>) {
        let mut push = |text: &str| {
            // A cell is shorter than its block, and that than 4 GiB.
            buffer.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
            buffer.extend_from_slice(text.as_bytes());
        };
        match self {
            Self::Text(text) => push(text.get(row).unwrap_or_default()),
            Self::Date(days) => buffer.extend_from_slice(&days[row].to_le_bytes()),
            Self::Datetime(ticks) => {
                buffer.extend_from_slice(&ticks[row].to_le_bytes());
                buffer.extend_from_slice(&0_u16.to_le_bytes());
            }
            Self::Nanoseconds(instants) => {
                buffer.extend_from_slice(&instants[row].micros.to_le_bytes());
                buffer.extend_from_slice(&instants[row].nanos.to_le_bytes());
            }
            Self::Boolean(values) => buffer.push(values[row].into()),
            Self::Written(at, data_type) => {
                scratch.clear();
                cells.write_canonical(*at, row, *data_type, scratch);
                push(scratch);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn digits_and_short_texts_have_numbers_of_their_own() {
        let mut texts: Vec<String> = vec![
            String::new(),
            "9".repeat(19),
            "0".repeat(19),
            format!("1{}", "0".repeat(18)),
            "é".to_owned(),
            "ÿÿÿ".to_owned(),
            "\u{0}".to_owned(),
            "\u{0}\u{0}".to_owned(),
            "12345678901".to_owned(),
            "-1".to_owned(),
            "+1".to_owned(),
            " 1".to_owned(),
            "1 ".to_owned(),
            "k1".to_owned(),
            "abcdefg".to_owned(),
        ];
        for length in 1..=MOST_DIGITS {
            texts.push("0".repeat(length));
            texts.push("7".repeat(length));
            texts.push(format!("{}7", "0".repeat(length - 1)));
            texts.push(format!("8{}", "0".repeat(length - 1)));
            texts.push("1234567890123456789"[..length].to_owned());
        }
        texts.sort();
        texts.dedup();
        let mut numbers = HashMap::new();
        for text in &texts {
            let number = number_of(text.as_bytes()).unwrap_or_else(|| panic!("{text:?} has no number"));
            assert_eq!(numbers.insert(number, text), None, "{text:?} shares its number");
        }
        assert_eq!(number_of(b"007").map(|number| number - FIRST_OF_DIGITS[3]), Some(7));
        assert_eq!(number_of(&[b'9'; 19]).map(|number| number + 1), Some(FIRST_OF_BYTES[0]));
    }

    #[test]
    fn all_texts_of_two_bytes_have_numbers_of_their_own() {
        let one = (0..=255_u8).map(|a| vec![a]);
        let two = (0..=255_u8).flat_map(|a| (0..=255_u8).map(move |b| vec![a, b]));
        let keys: std::collections::HashSet<Key> = one.chain(two).map(|bytes| pack(&bytes)).collect();
        assert_eq!(keys.len(), 256 + 65_536);
    }

    #[test]
    fn values_of_digits_are_read_right() {
        for length in 1..=MOST_DIGITS {
            for text in ["9876543210987654321", "0000000000000000001", "9999999999999999999", "1000000000000000000"] {
                let text = &text[..length];
                assert_eq!(digits(text.as_bytes()), text.parse().ok(), "{text}");
                for at in 0..length {
                    for other in [b'/', b':', b'a', 0xB0, 0] {
                        let mut bytes = text.as_bytes().to_vec();
                        bytes[at] = other;
                        assert_eq!(digits(&bytes), None, "{bytes:?}");
                    }
                }
            }
        }
        assert_eq!(digits(&[b'1'; 20]), None);
    }

    #[test]
    fn texts_of_up_to_15_bytes_are_held_as_they_are() {
        let undo = |key: Key| {
            let [first, second] = halves(key);
            let (length, rest) = ((second & 0xFF) as usize / 2, second >> 8);
            let unmix = |mixed: u64| {
                let product = (0..3).fold(mixed, |found, _| mixed ^ (found >> 29));
                let inverse = (0..6).fold(1_u64, |inverse, _| {
                    inverse.wrapping_mul(2_u64.wrapping_sub(SECRETS.factor.wrapping_mul(inverse)))
                });
                let number = product.wrapping_mul(inverse);
                number ^ (number >> 32)
            };
            let first = unmix(first) ^ halves(narrow(second))[0];
            let mut bytes = first.to_le_bytes().to_vec();
            bytes.extend_from_slice(&rest.to_le_bytes()[..length - 8]);
            bytes
        };
        for text in ["abcdefgh", "12345678x", "Nguyễn An", "a-text-of-15-by", "0000000-0000000", "aaaaaaaaaaaa\u{0}"]
        {
            assert_eq!(undo(pack(text.as_bytes())), text.as_bytes(), "{text}");
        }
    }

    #[test]
    fn longer_texts_are_hashed_and_never_meet_narrow_keys() {
        for text in ["12345678901234567890", "a text of sixteen", "Nguyễn Văn Bình"] {
            assert_eq!(number_of(text.as_bytes()), None, "{text}");
            assert_eq!(halves(pack(text.as_bytes()))[1] & 1, 1);
        }
        assert_eq!(halves(pack(b"012345678901"))[1], 0);
    }
}

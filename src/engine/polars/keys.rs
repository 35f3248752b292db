//! Keys as 128-bit numbers.
//!
//! A key of up to 15 bytes is held as it is, so equal numbers mean equal keys; this covers personal numbers, codes and
//! dates. A longer key is held as 120 bits of XXH3 under a seed of the process: among a billion different keys the odds
//! that any two meet are under one in 10^18.

use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

use xxhash_rust::xxh3::xxh3_128_with_seed;

use crate::model::DataType;
use crate::source::Bits;

use super::cells::{Cells, ColumnRules, place_of};

/// A key, or a fact compared as a whole.
pub(super) type Key = u128;

/// A key of so many bytes fits as it is; the last byte of sixteen holds the length.
const INLINE: usize = 15;

/// In the place of the length: the other bytes are a hash.
const HASHED: u8 = 0xFF;

/// Not to be foreseen by who writes the data, so that keys cannot be made to meet.
static SEED: LazyLock<u64> = LazyLock::new(|| {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one(0_u64)
});

/// The key of a run of bytes.
#[inline]
pub(super) fn pack(bytes: &[u8]) -> Key {
    let mut packed = [0; 16];
    if bytes.len() <= INLINE {
        packed[..bytes.len()].copy_from_slice(bytes);
        #[expect(clippy::cast_possible_truncation, reason = "at most 15")]
        {
            packed[INLINE] = bytes.len() as u8;
        }
    } else {
        packed = xxh3_128_with_seed(bytes, *SEED).to_le_bytes();
        packed[INLINE] = HASHED;
    }
    Key::from_le_bytes(packed)
}

/// Spreads a key over 64 bits, so that keys that differ little fall far apart.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "both halves go in")]
pub(super) const fn spread(key: Key) -> u64 {
    let folded = (key as u64) ^ ((key >> 64) as u64).rotate_left(29);
    let mixed = (folded ^ (folded >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ (mixed >> 29)
}

/// A hasher for keys, which need no more than spreading.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }

    fn write_u128(&mut self, key: u128) {
        self.0 = spread(key);
    }
}

/// A set or map by key.
pub(super) type BySpread = BuildHasherDefault<Spread>;

/// The columns of a key.
#[derive(Debug, Clone)]
pub(super) struct KeyColumns {
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
    pub(super) fn find(key: &[String], rules: &[ColumnRules]) -> Result<Self, String> {
        let place = |name: &String| place_of(rules, name).map(|at| (at, rules[at].data_type));
        let columns = key.iter().map(place).collect::<Result<_, _>>()?;
        Ok(Self { columns, missing_counts: false })
    }

    /// The columns of whole rows: a missing part equals a missing part, and text compares as it stands.
    pub(super) fn of_rows(names: &[String], rules: &[ColumnRules]) -> Result<Self, String> {
        Self::find(names, rules).map(|key| Self { missing_counts: true, ..key })
    }

    /// The type in which a column compares: in whole rows text compares as it stands.
    fn compared(&self, cells: &Cells<'_>, at: usize, data_type: DataType) -> DataType {
        if self.missing_counts && cells.text(at).is_some() { DataType::Text } else { data_type }
    }

    /// Rows that have a key, and rows whose key has a part that does not read. The rest lacks a part; where missing parts
    /// count, there is no rest.
    pub(super) fn split(&self, cells: &Cells<'_>) -> (Bits, Bits) {
        let rows = cells.rows();
        let start = if self.columns.is_empty() { Bits::none(rows) } else { Bits::all(rows) };
        let (mut there, mut spoilt) = (start, Bits::none(rows));
        for (at, data_type) in &self.columns {
            if !self.missing_counts {
                there = there.and(cells.present(*at));
            }
            let data_type = self.compared(cells, *at, *data_type);
            if !data_type.is_textual() {
                spoilt = spoilt.or(cells.typed(*at, data_type).unreadable());
            }
        }
        (there.without(&spoilt), there.and(&spoilt))
    }

    /// Calls `visit` with each row of `rows`, all of which have a key, and its key.
    pub(super) fn for_each(&self, cells: &Cells<'_>, rows: &Bits, mut visit: impl FnMut(usize, Key)) {
        let alone = self.columns.len() == 1 && !self.missing_counts;
        if alone
            && let Some(&(at, data_type)) = self.columns.first()
            && data_type.is_textual()
            && let Some(text) = cells.text(at)
        {
            text.for_each(cells.rows(), |row, cell| {
                if rows.get(row) {
                    visit(row, pack(cell.unwrap_or_default().as_bytes()));
                }
            });
            return;
        }
        let mut buffer = String::new();
        for row in rows.ones() {
            buffer.clear();
            for (at, data_type) in &self.columns {
                let data_type = self.compared(cells, *at, *data_type);
                if alone {
                    cells.write_canonical(*at, row, data_type, &mut buffer);
                } else {
                    write_part(cells, *at, data_type, row, &mut buffer);
                }
            }
            visit(row, pack(buffer.as_bytes()));
        }
    }
}

/// Writes one part of a composite key: its text, ended and escaped so that no two keys share a writing.
fn write_part(cells: &Cells<'_>, at: usize, data_type: DataType, row: usize, buffer: &mut String) {
    if !cells.present(at).get(row) {
        buffer.push('\u{1}');
        return;
    }
    let start = buffer.len();
    cells.write_canonical(at, row, data_type, buffer);
    // U+0002 ends a part; where a cell holds one of the three signs itself, it is written escaped.
    if buffer.as_bytes()[start..].iter().any(|byte| *byte <= 3) {
        let part = buffer.split_off(start);
        for sign in part.chars() {
            if sign <= '\u{3}' {
                buffer.push('\u{3}');
                buffer.push(char::from(b'a' + sign as u8));
            } else {
                buffer.push(sign);
            }
        }
    }
    buffer.push('\u{2}');
}

//! Text columns whose cells repeat, as a dictionary of their different texts.
//!
//! A province, a status or a date of birth occurs in many rows of a batch. The outcome of a rule for such a cell depends on
//! its text alone, so it is computed once for each different text and then looked up row by row.

use crate::scalar::ShortText;
use crate::source::{Bits, TextColumn};

/// Rows of the trial that decides whether the column has few different texts.
const TRIAL: usize = 2_048;

/// The most different texts in the rows of the trial: what chance gives where there are about [`MOST`] in all.
const TRIAL_TEXTS: usize = 1_600;

/// The most different texts.
const MOST: usize = 4_096;

/// Slots of the table in which texts are found; a power of two.
const SLOTS: usize = 4 * MOST;

/// The different texts of a column of a batch.
#[derive(Debug)]
pub(crate) struct Dictionary {
    /// For each row the code of its text; 0 where there is no cell.
    codes: Vec<u16>,
    /// For each code from 1, the first row with its text.
    firsts: Vec<u32>,
}

/// A text of a [`TextColumn::Spans`], made ready to be compared with many others.
#[derive(Clone, Copy, PartialEq)]
enum SpanKey<'a> {
    Short(ShortText),
    Long(&'a str),
}

impl Dictionary {
    /// The column as a dictionary, `None` where it has too many different texts.
    pub(crate) fn of(cells: &TextColumn, rows: usize) -> Option<Self> {
        // With fewer rows a dictionary is not faster.
        if rows < 16 {
            return None;
        }
        match cells {
            TextColumn::Views(cells) => {
                // Equal texts may have different numbers: then they have two codes.
                let number = cells.numbers();
                match cells.presence() {
                    Some(is_present) => Self::build(rows, |row| is_present(row).then(|| number(row)), spread_view),
                    None => Self::build(rows, |row| Some(number(row)), spread_view),
                }
            }
            TextColumn::Spans { .. } => {
                let key = |text| ShortText::of(text).map_or(SpanKey::Long(text), SpanKey::Short);
                Self::build(rows, |row| cells.get(row).map(key), spread_text)
            }
            TextColumn::Constant(_) => None,
        }
    }

    fn build<K: Copy + PartialEq>(
        rows: usize,
        key: impl Fn(usize) -> Option<K>,
        spread: impl Fn(K) -> u64,
    ) -> Option<Self> {
        let mut slots = vec![0_u16; SLOTS];
        let mut keys: Vec<K> = Vec::new();
        let mut codes = Vec::with_capacity(rows);
        let mut firsts = Vec::new();
        for row in 0..rows {
            let Some(wanted) = key(row) else {
                codes.push(0);
                continue;
            };
            #[expect(clippy::cast_possible_truncation, reason = "the upper bits, as many as number the slots")]
            let mut slot = (spread(wanted) >> (64 - SLOTS.trailing_zeros())) as usize;
            let code = loop {
                match slots[slot] {
                    0 => {
                        let most = if row < TRIAL { TRIAL_TEXTS } else { MOST };
                        if keys.len() == most {
                            return None;
                        }
                        keys.push(wanted);
                        firsts.push(u32::try_from(row).ok()?);
                        slots[slot] = u16::try_from(keys.len()).ok()?;
                        break slots[slot];
                    }
                    code if keys[usize::from(code) - 1] == wanted => break code,
                    _ => slot = (slot + 1) % SLOTS,
                }
            };
            codes.push(code);
        }
        Some(Self { codes, firsts })
    }

    /// For each different text, one of the rows that hold it.
    pub(crate) fn representatives(&self) -> impl Iterator<Item = usize> + '_ {
        self.firsts.iter().map(|row| *row as usize)
    }

    /// For each different text, in the order of [`Self::representatives`], how many rows hold it.
    pub(crate) fn counts(&self) -> impl Iterator<Item = u64> {
        let mut counts = vec![0; self.firsts.len() + 1];
        for code in &self.codes {
            counts[usize::from(*code)] += 1;
        }
        counts.into_iter().skip(1)
    }

    /// For each different text, in the order of [`Self::representatives`], how many of these rows hold it.
    pub(crate) fn counts_in(&self, rows: &Bits) -> impl Iterator<Item = u64> {
        let mut counts = vec![0; self.firsts.len() + 1];
        for row in rows.ones() {
            counts[usize::from(self.codes[row])] += 1;
        }
        counts.into_iter().skip(1)
    }

    /// One value a row: that of its text in `values`, which are in the order of [`Self::representatives`], or `absent` where
    /// the row has no cell.
    pub(crate) fn spread_values<T: Copy>(&self, values: &[T], absent: T) -> Vec<T> {
        let table: Vec<T> = std::iter::once(absent).chain(values.iter().copied()).collect();
        self.codes.iter().map(|code| table[usize::from(*code)]).collect()
    }

    /// The rows whose text is among those chosen; `chosen` is in the order of [`Self::representatives`].
    pub(crate) fn rows_of(&self, chosen: &[bool]) -> Bits {
        let table: Vec<bool> = std::iter::once(false).chain(chosen.iter().copied()).collect();
        Bits::of(&self.codes, |code| table[usize::from(*code)])
    }
}

/// Spreads both halves of a view over 64 bits, the upper ones best.
#[expect(clippy::cast_possible_truncation, reason = "the halves")]
fn spread_view(view: u128) -> u64 {
    let folded = (view as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (view >> 64) as u64;
    folded.wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

/// Spreads the length and both ends of a text over 64 bits.
fn spread_text(key: SpanKey<'_>) -> u64 {
    let (head, tail, length) = match key {
        SpanKey::Short(text) => text.parts(),
        SpanKey::Long(text) => {
            let bytes = text.as_bytes();
            let word = |chunk: Option<&[u8; 8]>| chunk.map_or(0, |chunk| u64::from_le_bytes(*chunk));
            (word(bytes.first_chunk()), word(bytes.last_chunk()), bytes.len())
        }
    };
    let folded = head.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ tail.rotate_left(29) ^ length as u64;
    folded.wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;

    fn spans(texts: &[Option<String>]) -> TextColumn {
        let mut text = String::new();
        let spans = texts
            .iter()
            .map(|cell| {
                let Some(cell) = cell else { return TextColumn::ABSENT };
                let start = text.len();
                text.push_str(cell);
                (u32::try_from(start).expect("short"), u32::try_from(text.len()).expect("short"))
            })
            .collect();
        TextColumn::Spans { text: Arc::from(text), spans }
    }

    fn views(texts: &[Option<String>]) -> TextColumn {
        TextColumn::Views(texts.iter().map(|text| text.as_deref()).collect())
    }

    proptest! {
        #[test]
        fn each_row_has_the_code_of_its_text(
            texts in proptest::collection::vec(proptest::option::of("[ab]{0,2}|[ab]{12,18}|é?"), 16..300)
        ) {
            for column in [spans(&texts), views(&texts)] {
                let dictionary = Dictionary::of(&column, texts.len()).expect("few texts");
                let known: Vec<&str> = dictionary.representatives().filter_map(|row| column.get(row)).collect();
                let values: Vec<Option<&str>> = known.iter().map(|text| Some(*text)).collect();
                let back = dictionary.spread_values(&values, None);
                let expected: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
                prop_assert_eq!(back, expected);
                let short: Vec<bool> = known.iter().map(|text| text.len() < 2).collect();
                let found = dictionary.rows_of(&short);
                for (row, text) in texts.iter().enumerate() {
                    prop_assert_eq!(found.get(row), text.as_ref().is_some_and(|text| text.len() < 2));
                }
            }
        }
    }

    #[test]
    fn columns_of_many_texts_have_none() {
        let unique: Vec<Option<String>> = (0..5_000).map(|number| Some(format!("number {number:020}"))).collect();
        let late: Vec<Option<String>> = (0..9_000_usize).map(|n| Some(n.saturating_sub(3_000).to_string())).collect();
        let many: Vec<Option<String>> = (0..9_000).map(|number| Some((number % 4_000).to_string())).collect();
        let repeated: Vec<Option<String>> = (0..9_000).map(|number| Some((number % 1_500).to_string())).collect();
        for (texts, has) in [(&unique, false), (&late, false), (&many, false), (&repeated, true)] {
            for column in [spans(texts), views(texts)] {
                assert_eq!(Dictionary::of(&column, texts.len()).is_some(), has);
            }
        }
    }
}

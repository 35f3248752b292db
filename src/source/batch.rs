//! A run of rows, column by column, as every source hands it to an engine.

use std::ops::Range;
use std::sync::Arc;

use polars::prelude::StringChunked;
use rayon::prelude::*;

use super::scan::Rows;

/// Where a batch stands among all batches of a dataset; the order of batches is the order of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Position of the file, from 0.
    pub file: u32,
    /// Position of the batch in the file, from 0.
    pub part: u32,
}

/// A run of rows.
#[derive(Debug)]
pub struct Batch {
    /// Where it stands.
    pub place: Place,
    /// How many rows.
    pub rows: usize,
    /// The columns asked for, in the order asked.
    pub columns: Vec<Column>,
    /// Rows (positions in this batch, ascending) whose record has a fault of its own.
    pub malformed: Vec<u32>,
    /// For text files, the line (from 1) on which each row starts.
    pub lines: Option<Arc<Vec<u64>>>,
}

/// A run of rows whose columns are unpacked when they are asked for. It makes one batch, or several where it is long.
pub struct Block {
    first: Place,
    /// The rows of each batch.
    parts: Vec<Range<usize>>,
    columns: Vec<Held>,
    malformed: Vec<u32>,
    lines: Option<Arc<Vec<u64>>>,
    scarce: bool,
}

/// A column of a block.
pub(super) enum Held {
    /// Given away.
    Taken,
    /// The same cell in every row.
    Constant(Option<Arc<str>>),
    /// The cells of a block of one batch.
    Ready(Column),
    /// Gives the cells of each batch; `None` where they cannot be unpacked, which the reader of the file tells.
    Packed(Unpack),
}

impl Held {
    /// The cells of each batch.
    fn unpack(self, parts: &[Range<usize>]) -> Option<Vec<Column>> {
        match self {
            Self::Taken => None,
            Self::Constant(cell) => {
                Some(parts.iter().map(|_| Column::Text(TextColumn::Constant(cell.clone()))).collect())
            }
            Self::Ready(cells) => Some(vec![cells]),
            Self::Packed(unpack) => unpack(parts),
        }
    }
}

/// Unpacks a column and cuts it into batches of these rows.
pub(super) type Unpack = Box<dyn FnOnce(&[Range<usize>]) -> Option<Vec<Column>> + Send>;

impl Block {
    /// A block whose first batch stands at `first`. Where there is more than one batch,
    /// no column is `Ready`, and there are neither faults nor lines.
    pub(super) fn new(first: Place, rows: Rows) -> Self {
        let Rows { parts, columns, malformed, lines, scarce } = rows;
        Self { first, parts, columns, malformed, lines: lines.map(Arc::new), scarce }
    }

    /// Whether there are fewer blocks than workers, so that those without one may help.
    pub const fn is_scarce(&self) -> bool {
        self.scarce
    }

    /// Leaves the block to the worker that has it.
    pub const fn leave_alone(&mut self) {
        self.scarce = false;
    }

    /// Splits off columns, by their positions in the scan, as blocks of their own; in these they count from 0. A column can
    /// go to one of them.
    pub fn split(&mut self, columns: &[&[usize]]) -> Vec<Self> {
        let mut held =
            |at: &usize| self.columns.get_mut(*at).map_or(Held::Taken, |held| std::mem::replace(held, Held::Taken));
        let columns: Vec<Vec<Held>> = columns.iter().map(|columns| columns.iter().map(&mut held).collect()).collect();
        let block = |columns| Self {
            first: self.first,
            parts: self.parts.clone(),
            columns,
            malformed: self.malformed.clone(),
            lines: self.lines.clone(),
            scarce: self.scarce,
        };
        columns.into_iter().map(block).collect()
    }

    /// How many batches it makes.
    pub fn parts(&self) -> usize {
        self.parts.len()
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.parts.iter().all(Range::is_empty)
    }

    /// Unpacks columns and gives them batch by batch. A column can be taken once.
    ///
    /// `None` where a column cannot be unpacked; the scan ends with the reason.
    pub fn take(&mut self, columns: &[usize]) -> Option<Vec<Batch>> {
        let batch = |(part, rows): (u32, &Range<usize>)| Batch {
            place: Place { part: self.first.part.saturating_add(part), ..self.first },
            rows: rows.len(),
            columns: Vec::with_capacity(columns.len()),
            malformed: self.malformed.clone(),
            lines: self.lines.clone(),
        };
        let mut batches: Vec<Batch> = (0..).zip(&self.parts).map(batch).collect();
        let mut held = Vec::with_capacity(columns.len());
        for column in columns {
            held.push(std::mem::replace(self.columns.get_mut(*column)?, Held::Taken));
        }
        let unpack = |held: Held| held.unpack(&self.parts);
        let columns: Option<Vec<Vec<Column>>> = if self.scarce {
            held.into_par_iter().map(unpack).collect()
        } else {
            held.into_iter().map(unpack).collect()
        };
        for cells in columns? {
            batches.iter_mut().zip(cells).for_each(|(batch, cells)| batch.columns.push(cells));
        }
        Some(batches)
    }
}

/// The cells of one column of a batch.
#[derive(Debug)]
pub enum Column {
    /// Text.
    Text(TextColumn),
    /// Whole numbers.
    Integer(Typed<i64>),
    /// Numbers.
    Decimal(Typed<f64>),
    /// Days since 1970-01-01.
    Date(Typed<i32>),
    /// Microseconds since 1970-01-01T00:00:00 (UTC where the file has a zone).
    Datetime(Typed<i64>),
    /// True or false.
    Boolean(Typed<bool>),
}

/// Cells of a type other than text.
#[derive(Debug, Clone, Default)]
pub struct Typed<T> {
    /// One value a row; anything where the row is not `valid`.
    pub values: Vec<T>,
    /// Rows that hold a value; `None`: all of them.
    pub valid: Option<Bits>,
    /// Rows whose cell is there but cannot be held in the type (an unsigned number over 2^63, say); not `valid`.
    pub unreadable: Option<Bits>,
}

/// Cells of text.
#[derive(Debug)]
pub enum TextColumn {
    /// As polars decoded them; one chunk.
    Views(StringChunked),
    /// Cut out of one text that all columns of the batch share.
    Spans {
        /// The text of the batch.
        text: Arc<str>,
        /// Start and end of each cell; `(u32::MAX, u32::MAX)` is a cell that is not there.
        spans: Vec<(u32, u32)>,
    },
    /// The same cell in every row, such as the value of a partition folder.
    Constant(Option<Arc<str>>),
}

impl TextColumn {
    /// A cell that is not there.
    pub const ABSENT: (u32, u32) = (u32::MAX, u32::MAX);

    /// Calls `visit` with every row of `0..rows` and its text, `None` where there is no cell.
    #[inline]
    pub fn for_each<'a>(&'a self, rows: usize, mut visit: impl FnMut(usize, Option<&'a str>)) {
        match self {
            Self::Views(cells) => {
                let mut row = 0;
                let has_nulls = cells.null_count() > 0;
                for chunk in cells.downcast_iter() {
                    if has_nulls {
                        for cell in chunk {
                            visit(row, cell);
                            row += 1;
                        }
                    } else {
                        for cell in chunk.values_iter() {
                            visit(row, Some(cell));
                            row += 1;
                        }
                    }
                }
            }
            Self::Spans { text, spans } => {
                for (row, &(start, end)) in spans.iter().enumerate() {
                    visit(row, if start == u32::MAX { None } else { text.get(start as usize..end as usize) });
                }
            }
            Self::Constant(cell) => (0..rows).for_each(|row| visit(row, cell.as_deref())),
        }
    }

    /// Rows without a cell, rows whose cell is empty, and rows whose text begins with NUL or with a byte for which `test` is
    /// true. Only the first byte of a text is looked at.
    pub fn beginning(&self, rows: usize, test: impl Fn(u8) -> bool) -> Bits {
        let test = |byte| byte == 0 || test(byte);
        let found = |text: Option<&str>| text.and_then(|text| text.bytes().next()).is_none_or(test);
        match self {
            Self::Views(cells) => {
                let mut chunks = cells.downcast_iter();
                let (Some(chunk), None) = (chunks.next(), chunks.next()) else {
                    return Bits::from_fn(rows, |row| found(self.get(row)));
                };
                // A view has the first four bytes of its text at hand, wherever the rest is.
                let views = chunk.views().as_slice();
                let found = Bits::of(views, |view| (view.length == 0) | test(view.prefix.to_le_bytes()[0]));
                match cells.iter_validities().next().flatten() {
                    Some(valid) => {
                        let (bytes, offset, _) = valid.as_slice();
                        found.or(&Bits::from_bitmap(bytes, offset, rows).not())
                    }
                    None => found,
                }
            }
            Self::Spans { text, spans } => {
                let bytes = text.as_bytes();
                // An absent cell starts beyond any text.
                Bits::of(spans, |&(start, end)| {
                    start == end || bytes.get(start as usize).is_none_or(|byte| test(*byte))
                })
            }
            Self::Constant(cell) => {
                if found(cell.as_deref()) {
                    Bits::all(rows)
                } else {
                    Bits::none(rows)
                }
            }
        }
    }

    /// The text of one row, `None` where there is no cell.
    #[inline]
    pub fn get(&self, row: usize) -> Option<&str> {
        match self {
            Self::Views(cells) => cells.get(row),
            Self::Spans { text, spans } => spans
                .get(row)
                .filter(|span| span.0 != u32::MAX)
                .and_then(|span| text.get(span.0 as usize..span.1 as usize)),
            Self::Constant(cell) => cell.as_deref(),
        }
    }
}

/// A set of rows of a batch, one bit a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
    rows: usize,
}

/// The bits of up to 64 values.
#[inline]
fn word_of<T>(values: &[T], test: impl Fn(&T) -> bool) -> u64 {
    values.iter().enumerate().fold(0, |word, (bit, value)| word | u64::from(test(value)) << bit)
}

/// The bits of 64 rows, by way of a byte each.
#[inline]
fn packed(test: impl Fn(usize) -> bool) -> u64 {
    let mut flags = [0_u8; 64];
    for (row, flag) in flags.iter_mut().enumerate() {
        *flag = test(row).into();
    }
    flags.as_chunks::<8>().0.iter().enumerate().fold(0, |word, (at, eight)| {
        // The lowest bits of eight bytes meet in the highest byte of the product.
        word | (u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * at)
    })
}

impl Bits {
    /// No row of `rows`.
    pub fn none(rows: usize) -> Self {
        Self { words: vec![0; rows.div_ceil(64)], rows }
    }

    /// Every row of `rows`.
    pub fn all(rows: usize) -> Self {
        let mut bits = Self { words: vec![u64::MAX; rows.div_ceil(64)], rows };
        bits.trim();
        bits
    }

    /// The rows for which `test` is true.
    #[inline]
    pub fn from_fn(rows: usize, mut test: impl FnMut(usize) -> bool) -> Self {
        let mut words = Vec::with_capacity(rows.div_ceil(64));
        let mut row = 0;
        while row < rows {
            let count = (rows - row).min(64);
            let mut word = 0_u64;
            for bit in 0..count {
                word |= u64::from(test(row + bit)) << bit;
            }
            words.push(word);
            row += count;
        }
        Self { words, rows }
    }

    /// The rows whose value passes the test.
    #[inline]
    pub fn of<T>(values: &[T], test: impl Fn(&T) -> bool) -> Self {
        // Whole words have a length that the compiler knows.
        let (whole, rest) = values.as_chunks::<64>();
        let mut words = Vec::with_capacity(values.len().div_ceil(64));
        words.extend(whole.iter().map(|values| {
            // Of narrow values many are compared at once, if what comes of them may be narrow too.
            if size_of::<T>() <= 4 { packed(|row| test(&values[row])) } else { word_of(values, &test) }
        }));
        if !rest.is_empty() {
            words.push(word_of(rest, &test));
        }
        Self { words, rows: values.len() }
    }

    /// The rows whose pair of values passes the test; both slices are of one length.
    #[inline]
    pub fn of_pairs<A, B>(left: &[A], right: &[B], test: impl Fn(&A, &B) -> bool) -> Self {
        debug_assert_eq!(left.len(), right.len(), "cells of one batch");
        let (whole, rest) = left.as_chunks::<64>();
        let (other_whole, other_rest) = right.as_chunks::<64>();
        let mut words = Vec::with_capacity(left.len().div_ceil(64));
        words.extend(whole.iter().zip(other_whole).map(|(left, right)| {
            if size_of::<A>() <= 4 && size_of::<B>() <= 4 {
                return packed(|row| test(&left[row], &right[row]));
            }
            let pairs = left.iter().zip(right).enumerate();
            pairs.fold(0, |word, (bit, (a, b))| word | u64::from(test(a, b)) << bit)
        }));
        if !rest.is_empty() {
            let pairs = rest.iter().zip(other_rest).enumerate();
            words.push(pairs.fold(0, |word, (bit, (a, b))| word | u64::from(test(a, b)) << bit));
        }
        Self { words, rows: left.len() }
    }

    /// The rows whose bit is set in a bitmap, lowest bit first, that starts `offset` bits into `bytes`.
    pub fn from_bitmap(bytes: &[u8], offset: usize, rows: usize) -> Self {
        let bytes = bytes.get(offset / 8..).unwrap_or_default();
        let shift = offset % 8;
        let byte = |at: usize| u64::from(bytes.get(at).copied().unwrap_or_default());
        let words = (0..rows.div_ceil(64)).map(|word| {
            let at = word * 8;
            let low = match bytes.get(at..).and_then(<[u8]>::first_chunk) {
                Some(chunk) => u64::from_le_bytes(*chunk),
                None => (0..8).fold(0, |word, place| word | byte(at + place) << (8 * place)),
            };
            if shift == 0 { low } else { low >> shift | byte(at + 8) << (64 - shift) }
        });
        let mut bits = Self { words: words.collect(), rows };
        bits.trim();
        bits
    }

    /// Clears the bits beyond the last row.
    fn trim(&mut self) {
        if let (Some(last), used @ 1..) = (self.words.last_mut(), self.rows % 64) {
            *last &= (1 << used) - 1;
        }
    }

    /// How many rows there are in all.
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// The bits, 64 rows a word, the first row lowest; bits beyond the last row are 0.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Whether the row is in the set.
    #[inline]
    pub fn get(&self, row: usize) -> bool {
        self.words.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// Puts the row into the set.
    #[inline]
    pub fn set(&mut self, row: usize) {
        if row < self.rows {
            self.words[row / 64] |= 1 << (row % 64);
        }
    }

    /// How many rows are in the set.
    pub fn count(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Whether no row is in the set.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Rows in both sets.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    /// Rows in at least one of the sets.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    /// Rows of this set that are not in the other.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }

    /// Rows that are not in the set.
    #[must_use]
    pub fn not(&self) -> Self {
        let mut bits = Self { words: self.words.iter().map(|word| !word).collect(), rows: self.rows };
        bits.trim();
        bits
    }

    fn zip(&self, other: &Self, join: impl Fn(u64, u64) -> u64) -> Self {
        debug_assert_eq!(self.rows, other.rows, "sets of rows of one batch");
        Self { words: self.words.iter().zip(&other.words).map(|(a, b)| join(*a, *b)).collect(), rows: self.rows }
    }

    /// The rows of the set, ascending.
    pub fn ones(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                (rest != 0).then(|| {
                    let bit = rest.trailing_zeros() as usize;
                    rest &= rest - 1;
                    at * 64 + bit
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_are_those_that_pass(values in proptest::collection::vec(any::<i32>(), 0..300), bound in any::<i32>()) {
            let expected = Bits::from_fn(values.len(), |row| values[row] >= bound);
            prop_assert_eq!(&Bits::of(&values, |value| *value >= bound), &expected);
            let (wide, bounds) = (values.iter().map(|value| i64::from(*value)).collect::<Vec<_>>(), vec![bound; values.len()]);
            prop_assert_eq!(&Bits::of(&wide, |value| *value >= i64::from(bound)), &expected);
            prop_assert_eq!(&Bits::of_pairs(&values, &bounds, |value, bound| value >= bound), &expected);
            prop_assert_eq!(&Bits::of_pairs(&wide, &bounds, |value, bound| *value >= i64::from(*bound)), &expected);
        }

        #[test]
        fn a_bitmap_is_read_from_any_bit(bytes in proptest::collection::vec(any::<u8>(), 0..40), offset in 0..30_usize) {
            let all = bytes.len() * 8;
            let offset = offset.min(all);
            for rows in [all - offset, (all - offset) / 2] {
                let bits = Bits::from_bitmap(&bytes, offset, rows);
                let expected =
                    Bits::from_fn(rows, |row| bytes[(offset + row) / 8] >> ((offset + row) % 8) & 1 == 1);
                prop_assert_eq!(bits, expected);
            }
        }
    }
}

//! Cells of text.

use std::borrow::Cow;
use std::sync::Arc;

use polars_arrow::array::{Array as _, MutableBinaryViewArray, Utf8ViewArray};

use super::bits::Bits;
use crate::model::nfc;

/// Cells of text.
#[derive(Debug)]
pub enum TextColumn {
    /// As they were decoded from a columnar file.
    Views(TextViews),
    /// Cut out of one text that all columns of the batch share.
    Spans {
        /// The text of the batch.
        text: Arc<str>,
        /// Start and end of each cell; `(u32::MAX, u32::MAX)` is an absent cell.
        spans: Vec<(u32, u32)>,
    },
    /// The same cell in every row, such as the value of a partition folder.
    Constant(Option<Arc<str>>),
}

impl TextColumn {
    /// The place of an absent cell.
    pub const ABSENT: (u32, u32) = (u32::MAX, u32::MAX);

    /// Calls `visit` with every row of `0..rows` and its text, `None` where there is no cell.
    #[inline]
    pub fn for_each<'a>(&'a self, rows: usize, mut visit: impl FnMut(usize, Option<&'a str>)) {
        match self {
            Self::Views(cells) => cells.for_each(visit),
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
            Self::Views(cells) => cells.beginning(rows, test),
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

    /// The cells in Unicode normal form C; as they are where every one is in this form.
    pub(super) fn composed(&self) -> Self {
        match self {
            Self::Views(cells) => {
                Self::Views(composed(cells.0.iter()).unwrap_or_else(|| TextViews::new(cells.0.clone())))
            }
            Self::Spans { text, spans } => {
                let cells = (0..spans.len()).map(|row| self.get(row));
                match composed(cells) {
                    Some(cells) => Self::Views(cells),
                    None => Self::Spans { text: Arc::clone(text), spans: spans.clone() },
                }
            }
            Self::Constant(cell) => Self::Constant(cell.as_deref().map(Self::composed_text)),
        }
    }

    /// One text in Unicode normal form C.
    pub(super) fn composed_text(text: &str) -> Arc<str> {
        Arc::from(&*nfc(text))
    }

    /// The text of one row, `None` where there is no cell.
    #[inline]
    pub fn get(&self, row: usize) -> Option<&str> {
        match self {
            Self::Views(cells) => cells.0.get(row),
            Self::Spans { text, spans } => spans
                .get(row)
                .filter(|span| span.0 != u32::MAX)
                .and_then(|span| text.get(span.0 as usize..span.1 as usize)),
            Self::Constant(cell) => cell.as_deref(),
        }
    }
}

/// The cells in Unicode normal form C; `None` where all are in this form.
fn composed<'a>(cells: impl Iterator<Item = Option<&'a str>> + Clone) -> Option<TextViews> {
    let is_other = |cell: Option<&str>| cell.is_some_and(|text| matches!(nfc(text), Cow::Owned(_)));
    cells.clone().any(is_other).then(|| cells.map(|cell| cell.map(nfc)).collect())
}

/// Cells of text from a columnar file: each row has a view, which holds a short text whole. For a longer one it
/// holds the length, the first four bytes and the place.
#[derive(Debug)]
pub struct TextViews(Utf8ViewArray);

impl TextViews {
    pub(super) const fn new(cells: Utf8ViewArray) -> Self {
        Self(cells)
    }

    pub(super) const fn array(&self) -> &Utf8ViewArray {
        &self.0
    }

    #[inline]
    fn for_each<'a>(&'a self, mut visit: impl FnMut(usize, Option<&'a str>)) {
        // A counter beside the cells takes fewer instructions than `enumerate`.
        let mut row = 0;
        let mut next = |cell| {
            visit(row, cell);
            row += 1;
        };
        if self.0.null_count() > 0 {
            for cell in &self.0 {
                next(cell);
            }
        } else {
            for cell in self.0.values_iter() {
                next(Some(cell));
            }
        }
    }

    /// See [`TextColumn::beginning`].
    fn beginning(&self, rows: usize, test: impl Fn(u8) -> bool) -> Bits {
        let found = Bits::of(self.0.views(), |view| (view.length == 0) | test(view.prefix.to_le_bytes()[0]));
        match self.0.validity() {
            Some(valid) => {
                let (bytes, offset, _) = valid.as_slice();
                found.or(&Bits::from_bitmap(bytes, offset, rows).not())
            }
            None => found,
        }
    }

    /// A number for each row: rows of the same number have the same text, but rows of the same text may have different
    /// numbers. Any number where there is no cell.
    #[inline]
    pub fn numbers(&self) -> impl Fn(usize) -> u128 + '_ {
        let views = self.0.views().as_slice();
        move |row| views[row].as_u128()
    }

    /// Whether there is a cell in a row; `None` where there is one in every row.
    #[inline]
    pub fn presence(&self) -> Option<impl Fn(usize) -> bool + '_> {
        let valid = self.0.validity()?;
        Some(move |row| valid.get_bit(row))
    }
}

impl<T: AsRef<str>> FromIterator<Option<T>> for TextViews {
    fn from_iter<I: IntoIterator<Item = Option<T>>>(cells: I) -> Self {
        Self::new(MutableBinaryViewArray::from_iterator(cells.into_iter()).freeze())
    }
}

//! A run of rows, column by column, as every source gives it to an engine.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::bits::Bits;
use super::column::Column;
use super::text_column::TextColumn;

/// The most rows of a batch.
pub(super) const BATCH_ROWS: usize = 1 << 17;

/// Cuts rows into batches.
pub(super) fn parts(rows: usize) -> impl Iterator<Item = Range<usize>> {
    (0..rows).step_by(BATCH_ROWS).map(move |start| start..rows.min(start + BATCH_ROWS))
}

/// How many batches that many rows make.
pub(super) fn batches(rows: usize) -> u32 {
    u32::try_from(rows.div_ceil(BATCH_ROWS)).unwrap_or(u32::MAX)
}

/// Positions of files and parts fit 32 bits, or the dataset is refused on opening.
pub(super) fn narrow(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

/// The position of a batch among all batches of a dataset. The order of batches is the order of rows.
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
    /// Its position.
    pub place: Place,
    /// How many rows.
    pub rows: usize,
    /// The columns asked for, in the order asked.
    pub columns: Vec<Column>,
    /// Rows whose record has a fault, as ascending positions in this batch.
    pub malformed: Vec<u32>,
    /// For text files, the line (from 1) on which each row starts.
    pub lines: Option<Arc<Vec<u64>>>,
}

impl Batch {
    /// The rows whose record has a fault.
    pub fn malformed_rows(&self) -> Bits {
        let mut rows = Bits::none(self.rows);
        for row in &self.malformed {
            rows.set(*row as usize);
        }
        rows
    }
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
    /// Taken by a caller.
    Taken,
    /// The same cell in every row.
    Constant(Option<Arc<str>>),
    /// The cells of a block of one batch.
    Ready(Column),
    /// Gives the cells of each batch; `None` where they cannot be unpacked: the reader of the file reports why.
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

/// The rows of a block, before its position is known.
pub(super) struct Rows {
    /// The rows of each batch.
    pub(super) parts: Vec<Range<usize>>,
    /// The columns asked for.
    pub(super) columns: Vec<Held>,
    /// Rows whose record has a fault.
    pub(super) malformed: Vec<u32>,
    /// The line on which each row starts.
    pub(super) lines: Option<Vec<u64>>,
    /// Whether there are fewer such blocks than workers.
    pub(super) scarce: bool,
}

impl Rows {
    /// One batch of `count` rows.
    pub(super) fn ready(count: usize, columns: Vec<Column>, malformed: Vec<u32>, lines: Option<Vec<u64>>) -> Self {
        Self {
            parts: std::iter::once(0..count).collect(),
            columns: columns.into_iter().map(Held::Ready).collect(),
            malformed,
            lines,
            scarce: false,
        }
    }
}

impl Block {
    /// A block whose first batch is at `first`. Where there is more than one batch, no column is `Ready`, and there are
    /// neither faults nor lines.
    pub(super) fn new(first: Place, rows: Rows) -> Self {
        let Rows { parts, columns, malformed, lines, scarce } = rows;
        Self { first, parts, columns, malformed, lines: lines.map(Arc::new), scarce }
    }

    /// Whether there are fewer blocks than workers, so that those without one may help.
    pub const fn is_scarce(&self) -> bool {
        self.scarce
    }

    /// From now on only the worker that has the block works on it.
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

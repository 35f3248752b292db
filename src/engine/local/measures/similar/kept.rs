//! The values of a batch as they are kept until all rows were seen.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::{DataType, Decimal, Likeness, Similar};
use crate::scalar::fold;
use crate::source::Bits;

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::typed::{Reads, TypedCells};
use crate::engine::local::rows::sink::RowNumber;

/// A column that is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeptColumn {
    /// Its position in the batch.
    pub column: usize,
    /// How its values compare.
    pub method: Likeness,
}

/// The values of a column in the rows of a batch that take part.
#[derive(Debug)]
pub(super) enum Values {
    /// Folded texts one after the other, and for each row where its own ends; an empty one is missing.
    Texts(String, Vec<u32>),
    /// Numbers; a missing one is no number.
    Numbers(Vec<f64>),
    Decimals(Vec<Option<Decimal>>),
    /// Days since 1970.
    Days(Vec<Option<i32>>),
}

/// The rows of a batch that take part.
#[derive(Debug)]
pub(super) struct Part {
    pub rows: Vec<RowNumber>,
    pub columns: Vec<Values>,
}

impl KeptColumn {
    /// The type as which its values are read, where it is not text.
    fn read_as(self, cells: &Cells<'_>) -> Option<DataType> {
        match self.method {
            Likeness::Date { .. } => Some(DataType::Date),
            _ => Some(cells.data_type(self.column)).filter(|kind| !kind.is_textual()),
        }
    }

    /// Rows whose value is unparseable.
    pub(super) fn unreadable<'c>(self, cells: &'c Cells<'_>) -> Option<&'c Bits> {
        self.read_as(cells).map(|kind| cells.typed(self.column, kind).unreadable())
    }

    fn gather(self, cells: &Cells<'_>, rows: &Bits, cut: &AtomicU64) -> Values {
        let count = usize::try_from(rows.count()).unwrap_or_default();
        let kind = self.read_as(cells);
        match (self.method, kind.map(|kind| cells.typed(self.column, kind))) {
            (Likeness::Number { .. }, Some(TypedCells::Integer(reads))) => {
                Values::Decimals(valid(reads, rows).map(|number| number.map(Decimal::from)).collect())
            }
            (Likeness::Number { .. }, Some(TypedCells::Decimal(reads))) => {
                Values::Decimals(valid(reads, rows).collect())
            }
            (Likeness::Number { .. }, Some(TypedCells::Float(reads))) => Values::Numbers(
                valid(reads, rows).map(|number| number.map_or(f64::NAN, |number| number + 0.0)).collect(),
            ),
            (Likeness::Date { .. }, Some(TypedCells::Date(reads))) => Values::Days(valid(reads, rows).collect()),
            _ => {
                let present = cells.present(self.column);
                let (mut texts, mut ends) = (String::new(), Vec::with_capacity(count));
                let mut written = String::new();
                for row in rows.ones() {
                    if present.get(row) {
                        written.clear();
                        cells.write_canonical(self.column, row, cells.data_type(self.column), &mut written);
                        let folded = fold(&written);
                        match folded.char_indices().nth(Similar::MOST_CHARS) {
                            Some((end, _)) => {
                                cut.fetch_add(1, Ordering::Relaxed);
                                texts.push_str(&folded[..end]);
                            }
                            None => texts.push_str(&folded),
                        }
                    }
                    // A batch has fewer rows than 2^20, and a text no more than 2^10 bytes.
                    ends.push(u32::try_from(texts.len()).unwrap_or(u32::MAX));
                }
                Values::Texts(texts, ends)
            }
        }
    }
}

/// The values of the rows that take part.
fn valid<T: Copy>(reads: &Reads<'_, T>, rows: &Bits) -> impl Iterator<Item = Option<T>> {
    rows.ones().map(|row| reads.valid.get(row).then(|| reads.values[row]))
}

impl Values {
    fn bytes(&self) -> usize {
        match self {
            Self::Texts(texts, ends) => texts.len() + ends.len() * size_of::<u32>(),
            Self::Numbers(numbers) => numbers.len() * size_of::<f64>(),
            Self::Decimals(numbers) => numbers.len() * size_of::<Option<Decimal>>(),
            Self::Days(days) => days.len() * size_of::<Option<i32>>(),
        }
    }
}

impl Part {
    /// Takes the values of the rows that take part.
    pub(super) fn gather(
        kept: &[KeptColumn],
        cells: &Cells<'_>,
        pending: &Bits,
        rows: Vec<RowNumber>,
        cut: &AtomicU64,
    ) -> Self {
        Self { rows, columns: kept.iter().map(|kept| kept.gather(cells, pending, cut)).collect() }
    }

    pub(super) fn bytes(&self) -> usize {
        self.rows.len() * size_of::<RowNumber>() + self.columns.iter().map(Values::bytes).sum::<usize>()
    }
}

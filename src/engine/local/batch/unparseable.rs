//! Why cells of a batch are unparseable.

use crate::model::{DataType, UnparseableTally};
use crate::plan::{Parsing, PlannedColumn};
use crate::scalar::{DateFormat, is_uuid};
use crate::source::{Bits, Column};
use crate::text::ParsedAs;

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::prepare_error::PrepareError;

/// A column that is parsed as a type, made ready to say why cells are not.
#[derive(Debug)]
pub(crate) struct Diagnosis {
    column: usize,
    data_type: DataType,
    /// The format, where it is not that of the column.
    format: Option<DateFormat>,
    parsed: ParsedAs,
}

impl Diagnosis {
    /// Prepares it for a column that a section reads at a place.
    ///
    /// # Errors
    /// A date format that does not compile.
    pub(crate) fn prepare(parsing: &Parsing, column: usize, planned: &PlannedColumn) -> Result<Self, PrepareError> {
        let own = parsing.format.as_ref().filter(|format| planned.format.as_ref() != Some(*format));
        Ok(Self {
            column,
            data_type: parsing.data_type,
            format: own.map(DateFormat::compile).transpose()?,
            parsed: ParsedAs::new(parsing.data_type, parsing.format.as_ref(), &planned.notation),
        })
    }

    /// The cells of a batch: how many are parseable, and the others by reason.
    pub(crate) fn count(&self, cells: &Cells<'_>) -> UnparseableTally {
        let (parsed, unreadable) = self.read(cells);
        let mut tally = UnparseableTally { parsed, ..UnparseableTally::default() };
        if unreadable.is_empty() {
            return tally;
        }
        let Some(texts) = cells.text(self.column) else {
            let rows = unreadable.count();
            let infinite = cells.not_a_number(self.column).map_or(0, |rows| rows.and(&unreadable).count());
            for (count, is_finite) in [(infinite, false), (rows - infinite, true)] {
                if count > 0 {
                    tally.add(ParsedAs::why_stored(self.data_type, is_finite), std::iter::empty(), count);
                }
            }
            return tally;
        };
        let mut enter = |row: usize, count: u64| {
            let (reason, formats) = self.parsed.why(texts.get(row).unwrap_or_default());
            tally.add(reason, formats.positions(), count);
        };
        match cells.dictionary(self.column) {
            Some(dictionary) => {
                let counted = dictionary.representatives().zip(dictionary.counts());
                counted.filter(|(row, _)| unreadable.get(*row)).for_each(|(row, count)| enter(row, count));
            }
            None => unreadable.ones().for_each(|row| enter(row, 1)),
        }
        tally
    }

    /// How many cells are parseable, and the rows whose cell is not.
    fn read(&self, cells: &Cells<'_>) -> (u64, Bits) {
        match (self.data_type, &self.format) {
            (DataType::Text, _) => (0, Bits::none(cells.rows())),
            (DataType::Uuid, _) => {
                let present = cells.present(self.column);
                let valid = cells.text_bits(self.column, is_uuid).and(present);
                (valid.count(), present.without(&valid))
            }
            (data_type, Some(format)) => {
                let reads = cells.read(self.column, data_type, format);
                (reads.valid().count(), reads.unreadable().clone())
            }
            (data_type, None) => {
                let reads = cells.typed(self.column, data_type);
                (reads.valid().count(), reads.unreadable().clone())
            }
        }
    }
}

impl Cells<'_> {
    /// The rows of a column stored as floats that hold NaN.
    fn not_a_number(&self, column: usize) -> Option<Bits> {
        match self.stored_column(column) {
            Column::Float(cells) => Some(Bits::from_fn(self.rows(), |row| cells.values[row].is_nan())),
            _ => None,
        }
    }
}

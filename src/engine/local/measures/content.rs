//! Whether a column has any value, and more than one different value.

use std::io;
use std::sync::{Mutex, PoisonError};

use crate::model::{DataType, Reading};
use crate::source::Bits;

use crate::engine::local::accumulator::{Accumulator, BatchInput, Classified, End};
use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{ColumnRules, place_of};
use crate::engine::local::cost_model::RowCost;
use crate::engine::local::cost_model::nanoseconds as ns;
use crate::engine::local::prepare_error::PrepareError;

/// What was seen of a column.
#[derive(Debug)]
pub(crate) struct Content {
    column: usize,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    present: u64,
    /// The first cell that was seen, as it is.
    one: Option<String>,
    differs: bool,
}

impl Content {
    /// Prepares a column of those that a section reads.
    ///
    /// # Errors
    /// A column that the section does not read.
    pub(crate) fn prepare(column: &str, rules: &[ColumnRules]) -> Result<Self, PrepareError> {
        Ok(Self { column: place_of(rules, column)?, seen: Mutex::default() })
    }

    /// Whether all of some rows hold this, as it is.
    fn all_are(&self, cells: &Cells<'_>, rows: &Bits, one: &str) -> bool {
        if cells.text(self.column).is_some() {
            return cells.text_bits(self.column, |text| text == one).and(rows).count() == rows.count();
        }
        let mut text = String::new();
        rows.ones().all(|row| {
            text.clear();
            cells.write_canonical(self.column, row, DataType::Text, &mut text);
            text == one
        })
    }
}

impl Accumulator for Content {
    fn extend(&self, input: &BatchInput<'_, '_>) -> io::Result<Classified> {
        let (cells, column) = (input.cells, self.column);
        let present = cells.present(column);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.present += present.count();
        if !seen.differs
            && let Some(first) = present.ones().next()
        {
            let one = seen.one.take().unwrap_or_else(|| {
                let mut text = String::new();
                cells.write_canonical(column, first, DataType::Text, &mut text);
                text
            });
            seen.differs = !self.all_are(cells, present, &one);
            seen.one = Some(one);
        }
        let none = || Bits::none(cells.rows());
        Ok(Classified { pending: none(), unreadable: none() })
    }

    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Reading> {
        let seen = self.seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Reading::Content { rows: end.rows, present: seen.present, differs: seen.differs })
    }
}

/// What it costs for each row.
pub(crate) const COST: RowCost = (ns::ROW_SET, 0.0);

//! The rows of a sheet as batches.

use std::sync::Arc;

use super::area::{Area, column_letters};
use super::cell::Cell;
use super::cells::{Placed, WithNoted, owned};
use crate::model::{DAY_MICROS, Decimal, FaultKind};
use crate::source::batch::Rows;
use crate::source::error::Problem;
use crate::source::faults::Tally;
use crate::source::files::typed_cells::{BATCH_ROWS, CELL_BYTES, Given, MAX_TEXT, TypedCells, Value, written};
use crate::source::text_column::TextColumn;

/// A cell in the type of its column. Its text is added to `text`.
fn value(cell: &Cell<'_>, given: Given, text: &mut String) -> Value {
    match (given, cell) {
        (Given::Text, cell) => {
            let (start, end) = written(text, |text| cell.write(text));
            Value::Text(if end > start { (start, end) } else { TextColumn::ABSENT })
        }
        (_, Cell::FirstDay(millis)) => value(&Cell::on_first_day(*millis), given, text),
        (Given::Integer, Cell::Whole(number)) => Value::Integer(*number),
        (Given::Datetime, Cell::Datetime(micros)) => Value::Integer(*micros),
        (Given::Datetime, Cell::Date(day)) => Value::Integer(i64::from(*day) * DAY_MICROS),
        (Given::Decimal, Cell::Whole(number)) => Value::Decimal(Decimal::from(*number)),
        (Given::Decimal, Cell::Number(number)) => {
            Decimal::from_float(*number).map_or(Value::Unreadable, Value::Decimal)
        }
        (Given::Date, Cell::Date(day)) => Value::Date(*day),
        (Given::Boolean, Cell::Boolean(is_true)) => Value::Boolean(*is_true),
        _ => Value::Unreadable,
    }
}

/// Which cells of a sheet are the data, and what is asked of them.
pub(super) struct Plan<'t> {
    /// The rows and columns of the data.
    pub(super) data: Area,
    /// The last column that is read at all; cells behind those of the data are too many.
    pub(super) last_column: u32,
    /// The type of each column that is asked for.
    pub(super) given: Vec<Given>,
    /// For each column of the data its place among those that are asked for.
    pub(super) slots: Vec<Option<usize>>,
    /// For each column of the data whether a 0 in the system of 1900 is a day that does not exist.
    pub(super) no_day_zero: &'t [bool],
    /// About how many bytes of cells make a batch.
    pub(super) block: usize,
}

/// The rows of a sheet, batch by batch.
pub(super) struct SheetRows<'p> {
    plan: &'p Plan<'p>,
    /// The first cell of the next batch.
    carried: Option<(u32, u32, Cell<'static>)>,
}

/// One batch of rows, and what was counted of it.
pub(super) struct Made {
    pub(super) rows: Rows,
    pub(super) tally: Tally,
    /// Whether the sheet has no further rows.
    pub(super) is_last: bool,
}

/// A batch that is made.
struct Making {
    builders: Vec<TypedCells>,
    text: String,
    lines: Vec<u64>,
    malformed: Vec<u32>,
    tally: Tally,
    /// Bytes of all its cells, also of columns that nobody asked for, so that every scan cuts in the same places.
    bytes: usize,
    /// The row that is read.
    row: Option<u32>,
}

impl<'p> SheetRows<'p> {
    pub(super) const fn new(plan: &'p Plan<'p>) -> Self {
        Self { plan, carried: None }
    }

    /// The next batch.
    ///
    /// # Errors
    /// Where the sheet cannot be read.
    pub(super) fn next(&mut self, cells: &mut WithNoted<'_>) -> Result<Made, Problem> {
        let plan = self.plan;
        let mut making = Making {
            builders: plan.given.iter().map(|given| TypedCells::new(*given)).collect(),
            text: String::new(),
            lines: Vec::new(),
            malformed: Vec::new(),
            tally: Tally::default(),
            bytes: 0,
            row: None,
        };
        if let Some((row, column, cell)) = self.carried.take() {
            making.add(plan, &Placed { row, column, cell });
        }
        let mut is_last = true;
        while let Some(next) = cells.next()? {
            let is_data = next.cell != Cell::Empty
                && next.row >= plan.data.rows.0
                && next.row <= plan.data.rows.1
                && next.column >= plan.data.columns.0
                && next.column <= plan.last_column;
            if !is_data {
                continue;
            }
            let is_full = making.bytes >= plan.block || making.lines.len() >= BATCH_ROWS;
            if is_full && making.row != Some(next.row) {
                self.carried = Some((next.row, next.column, owned(next.cell)));
                is_last = false;
                break;
            }
            making.add(plan, &next);
        }
        Ok(making.finish(is_last))
    }
}

impl Making {
    #[inline]
    fn add(&mut self, plan: &Plan<'_>, next: &Placed<'_>) {
        if self.row != Some(next.row) {
            self.row = Some(next.row);
            self.lines.push(u64::from(next.row) + 1);
        }
        self.bytes += CELL_BYTES;
        if let Cell::Text(text) = &next.cell {
            self.bytes += text.len();
        }
        if next.column > plan.data.columns.1 {
            self.fault(next, FaultKind::ExtraCells, "is behind the last column");
            return;
        }
        let position = (next.column - plan.data.columns.0) as usize;
        let is_no_day = next.cell == Cell::DayZero && plan.no_day_zero.get(position).is_some_and(|none| *none);
        let cell = if is_no_day { &Cell::Unreadable } else { &next.cell };
        let is_too_long = matches!(cell, Cell::Text(text) if text.len() > MAX_TEXT);
        match cell {
            Cell::Error => self.fault(next, FaultKind::ErrorCell, "holds an error value"),
            Cell::Unreadable => self.fault(next, FaultKind::ErrorCell, "holds a date or time that does not exist"),
            Cell::Uncalculated => self.fault(next, FaultKind::Uncalculated, "holds a formula without a value"),
            _ if is_too_long => self.fault(next, FaultKind::OversizedCell, "holds more than 16 MiB of text"),
            _ => {}
        }
        let row = self.lines.len() - 1;
        let slot = plan.slots.get(position).copied().flatten();
        if let Some(builder) = slot.and_then(|slot| self.builders.get_mut(slot))
            && !is_too_long
        {
            builder.fill(row);
            builder.push(value(cell, builder.given(), &mut self.text));
        }
    }

    #[cold]
    fn fault(&mut self, next: &Placed<'_>, kind: FaultKind, what: &str) {
        let row = u32::try_from(self.lines.len() - 1).unwrap_or(u32::MAX);
        if self.malformed.last() != Some(&row) {
            self.malformed.push(row);
        }
        let line = u64::from(next.row) + 1;
        self.tally.fault(line, kind, || format!("cell {}{line} {what}", column_letters(next.column)));
    }

    fn finish(mut self, is_last: bool) -> Made {
        let count = self.lines.len();
        self.tally.records = count as u64;
        self.tally.malformed = self.malformed.len() as u64;
        let text: Arc<str> = Arc::from(self.text);
        let columns = self
            .builders
            .into_iter()
            .map(|mut builder| {
                builder.fill(count);
                builder.column(&text)
            })
            .collect();
        let mut rows = Rows::ready(count, columns, self.malformed, Some(self.lines));
        // One worker decodes the sheet: the others help with what is made of its rows.
        rows.scarce = true;
        Made { rows, tally: self.tally, is_last }
    }
}

//! The rows of a sheet as batches.

use std::sync::Arc;

use super::area::{Area, column_letters};
use super::cell::Cell;
use super::cells::{Placed, WithNoted, owned};
use super::columns::Given;
use crate::model::{DAY_MICROS, Decimal, FaultKind};
use crate::source::batch::Rows;
use crate::source::bits::Bits;
use crate::source::column::{Column, Typed};
use crate::source::error::Problem;
use crate::source::faults::Tally;
use crate::source::text_column::TextColumn;

/// The most rows of a batch.
const BATCH_ROWS: usize = 1 << 15;

/// Bytes that a cell counts for in the size of a batch, besides its text.
const CELL_BYTES: usize = 8;

/// The longest text of a cell.
const MAX_TEXT: usize = 16 << 20;

/// The cells of one column of a batch.
enum Values {
    Text(Vec<(u32, u32)>),
    Integer(Vec<i64>),
    Decimal(Vec<Decimal>),
    Date(Vec<i32>),
    Boolean(Vec<bool>),
}

/// Whether a row has a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Missing,
    Valid,
    Unreadable,
}

/// One column of a batch.
struct Builder {
    given: Given,
    values: Values,
    states: Vec<State>,
}

impl Builder {
    fn new(given: Given) -> Self {
        let values = match given {
            Given::Text => Values::Text(Vec::new()),
            Given::Integer | Given::Datetime => Values::Integer(Vec::new()),
            Given::Decimal => Values::Decimal(Vec::new()),
            Given::Date => Values::Date(Vec::new()),
            Given::Boolean => Values::Boolean(Vec::new()),
        };
        Self { given, values, states: Vec::new() }
    }

    /// Makes it so many rows long.
    fn fill(&mut self, rows: usize) {
        match &mut self.values {
            Values::Text(spans) => spans.resize(rows, TextColumn::ABSENT),
            Values::Integer(values) => values.resize(rows, 0),
            Values::Decimal(values) => values.resize(rows, Decimal::ZERO),
            Values::Date(values) => values.resize(rows, 0),
            Values::Boolean(values) => values.resize(rows, false),
        }
        self.states.resize(rows, State::Missing);
    }

    /// Adds the cell of the row after `row` others.
    fn push(&mut self, row: usize, cell: &Cell<'_>, text: &mut String) {
        self.fill(row);
        let first_day;
        let cell = match (&self.values, cell) {
            (Values::Integer(_) | Values::Date(_), Cell::FirstDay(millis)) => {
                first_day = Cell::on_first_day(*millis);
                &first_day
            }
            _ => cell,
        };
        let valid = match (&mut self.values, cell) {
            (Values::Text(spans), cell) => {
                let start = text.len();
                cell.write(text);
                let span = match (u32::try_from(start), u32::try_from(text.len())) {
                    (Ok(start), Ok(end)) if end > start => (start, end),
                    _ => TextColumn::ABSENT,
                };
                spans.push(span);
                true
            }
            (Values::Integer(values), Cell::Whole(value) | Cell::Datetime(value)) => {
                values.push(*value);
                true
            }
            (Values::Integer(values), Cell::Date(day)) => {
                values.push(i64::from(*day) * DAY_MICROS);
                true
            }
            (Values::Decimal(values), Cell::Whole(value)) => {
                values.push(Decimal::from(*value));
                true
            }
            (Values::Decimal(values), Cell::Number(value)) => {
                let value = Decimal::from_float(*value);
                values.push(value.unwrap_or(Decimal::ZERO));
                value.is_some()
            }
            (Values::Date(values), Cell::Date(day)) => {
                values.push(*day);
                true
            }
            (Values::Boolean(values), Cell::Boolean(value)) => {
                values.push(*value);
                true
            }
            (_, _) => {
                self.fill(row + 1);
                self.states[row] = State::Unreadable;
                return;
            }
        };
        self.states.push(if valid { State::Valid } else { State::Unreadable });
    }

    fn column(self, text: &Arc<str>) -> Column {
        let states = self.states;
        let of = |state: State| {
            let bits = Bits::of(&states, |found| *found == state);
            (!bits.is_empty()).then_some(bits)
        };
        let unreadable = of(State::Unreadable);
        let valid = if states.iter().all(|state| *state == State::Valid) {
            None
        } else {
            Some(Bits::of(&states, |state| *state == State::Valid))
        };
        match self.values {
            Values::Text(spans) => Column::Text(TextColumn::Spans { text: Arc::clone(text), spans }),
            Values::Integer(values) if self.given == Given::Datetime => {
                Column::Datetime(Typed { values, valid, unreadable })
            }
            Values::Integer(values) => Column::Integer(Typed { values, valid, unreadable }),
            Values::Decimal(values) => Column::Decimal(Typed { values, valid, unreadable }),
            Values::Date(values) => Column::Date(Typed { values, valid, unreadable }),
            Values::Boolean(values) => Column::Boolean(Typed { values, valid, unreadable }),
        }
    }
}

/// Which cells of a sheet are the data, and what is asked of them.
pub(super) struct Plan {
    /// The rows and columns of the data.
    pub(super) data: Area,
    /// The last column that is read at all; cells behind those of the data are too many.
    pub(super) last_column: u32,
    /// The type of each column that is asked for.
    pub(super) given: Vec<Given>,
    /// For each column of the data its place among those that are asked for.
    pub(super) slots: Vec<Option<usize>>,
    /// About how many bytes of cells make a batch.
    pub(super) block: usize,
}

/// The rows of a sheet, batch by batch.
pub(super) struct SheetRows<'p> {
    plan: &'p Plan,
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
    builders: Vec<Builder>,
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
    pub(super) const fn new(plan: &'p Plan) -> Self {
        Self { plan, carried: None }
    }

    /// The next batch.
    ///
    /// # Errors
    /// Where the sheet cannot be read.
    pub(super) fn next(&mut self, cells: &mut WithNoted<'_>) -> Result<Made, Problem> {
        let plan = self.plan;
        let mut making = Making {
            builders: plan.given.iter().map(|given| Builder::new(*given)).collect(),
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
    fn add(&mut self, plan: &Plan, next: &Placed<'_>) {
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
        let is_too_long = matches!(&next.cell, Cell::Text(text) if text.len() > MAX_TEXT);
        match &next.cell {
            Cell::Error => self.fault(next, FaultKind::ErrorCell, "holds an error value"),
            Cell::Unreadable => self.fault(next, FaultKind::ErrorCell, "holds a date or time that does not exist"),
            Cell::Uncalculated => self.fault(next, FaultKind::Uncalculated, "holds a formula without a value"),
            _ if is_too_long => self.fault(next, FaultKind::OversizedCell, "holds more than 16 MiB of text"),
            _ => {}
        }
        let row = self.lines.len() - 1;
        let slot = plan.slots.get((next.column - plan.data.columns.0) as usize).copied().flatten();
        if let Some(builder) = slot.and_then(|slot| self.builders.get_mut(slot))
            && !is_too_long
        {
            builder.push(row, &next.cell, &mut self.text);
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

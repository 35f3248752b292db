//! What the cells of a column are, and the type in which they are given.
//!
//! A suite may declare that the numbers of a column are written as `1.234,5`. That is about texts: a number cell has no
//! notation. So a column of numbers alone is a column of numbers, and one in which texts are mixed with numbers that have
//! places behind the point, or with dates, says so in its type, and `rules` refuses a notation for it. Whole numbers are
//! digits, which every notation reads in the same way.

use super::cell::Cell;
use crate::model::{DataType, Decimal};
use crate::source::column::{MIXED_DATES, MIXED_NUMBERS, MIXED_NUMBERS_AND_DATES, SourceColumn};
use crate::source::files::typed_cells::Given;

const TEXT: u16 = 1;
const WHOLE: u16 = 1 << 1;
const NUMBER: u16 = 1 << 2;
const DATE: u16 = 1 << 3;
const DATETIME: u16 = 1 << 4;
const TIME: u16 = 1 << 5;
const BOOLEAN: u16 = 1 << 6;
const FIRST_DAY: u16 = 1 << 7;
const FIRST_TIME: u16 = 1 << 8;
const DAY_ZERO: u16 = 1 << 9;

const INSTANT: u16 = DATE | DATETIME;

/// What was seen of the cells of a column.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    kinds: u16,
    /// Texts that are numbers.
    numeric_texts: u64,
    /// The row of the first of them.
    first_numeric_text: u32,
}

impl Seen {
    /// Adds a cell.
    #[inline]
    pub(super) fn enter(&mut self, row: u32, cell: &Cell<'_>) {
        self.kinds |= match cell {
            Cell::Text(text) => {
                if is_number(text) {
                    if self.numeric_texts == 0 {
                        self.first_numeric_text = row;
                    }
                    self.numeric_texts += 1;
                }
                TEXT
            }
            Cell::Whole(_) => WHOLE,
            Cell::Number(_) => NUMBER,
            Cell::Date(_) => DATE,
            Cell::Datetime(_) => DATETIME,
            Cell::Time(_) => TIME,
            Cell::FirstDay(0) => FIRST_DAY,
            Cell::FirstDay(_) => FIRST_TIME,
            Cell::DayZero => DAY_ZERO,
            Cell::Boolean(_) => BOOLEAN,
            Cell::Empty | Cell::Error | Cell::Uncalculated | Cell::Unreadable => 0,
        };
    }

    /// Whether a 0 in the system of 1900 is a day that does not exist. Among times, and on its own, it is midnight.
    pub(super) const fn has_no_day_zero(self) -> bool {
        self.kinds & INSTANT != 0 && self.kinds & TIME == 0
    }

    /// What its cells are. Cells of the first day of the system of 1904 are dates among dates, and times else.
    const fn kinds(self) -> u16 {
        if self.kinds & DAY_ZERO != 0 {
            let midnight = if self.has_no_day_zero() { 0 } else { TIME };
            return self.kinds & !DAY_ZERO | midnight;
        }
        let others = self.kinds & !(FIRST_DAY | FIRST_TIME);
        if others == self.kinds {
            others
        } else if others == 0 || others | INSTANT != INSTANT {
            others | TIME
        } else if self.kinds & FIRST_TIME == 0 {
            others | DATE
        } else {
            others | DATETIME
        }
    }

    /// The type in which its cells are given.
    pub(super) const fn given(self) -> Given {
        const DECIMAL: u16 = WHOLE | NUMBER;
        match self.kinds() {
            0 => Given::Text,
            WHOLE => Given::Integer,
            kinds if kinds | DECIMAL == DECIMAL => Given::Decimal,
            DATE => Given::Date,
            kinds if kinds | INSTANT == INSTANT => Given::Datetime,
            BOOLEAN => Given::Boolean,
            _ => Given::Text,
        }
    }

    /// The column as the dataset has it.
    pub(super) fn column(self, name: String) -> SourceColumn {
        let (stored, data_type) = match self.given() {
            Given::Integer => ("integer", DataType::Integer),
            Given::Decimal => ("decimal", DataType::Decimal),
            Given::Date => ("date", DataType::Date),
            Given::Datetime => ("timestamp[ms]", DataType::Datetime),
            Given::Boolean => ("boolean", DataType::Boolean),
            Given::Text | Given::Binary | Given::Float => (self.text_name(), DataType::Text),
        };
        SourceColumn { name, stored: stored.to_owned(), data_type: Some(data_type) }
    }

    const fn text_name(self) -> &'static str {
        match (self.kinds() & NUMBER != 0, self.kinds() & INSTANT != 0) {
            (true, true) => MIXED_NUMBERS_AND_DATES,
            (true, false) => MIXED_NUMBERS,
            (false, true) => MIXED_DATES,
            (false, false) => match self.kinds() {
                0 => "null",
                TIME => "time",
                _ => "text",
            },
        }
    }

    /// How many texts are numbers in a column that has number cells too, and the row of the first.
    pub(super) const fn numbers_as_text(self) -> Option<(u64, u32)> {
        if self.numeric_texts > 0 && self.kinds & (WHOLE | NUMBER) != 0 {
            Some((self.numeric_texts, self.first_numeric_text))
        } else {
            None
        }
    }
}

fn is_number(text: &str) -> bool {
    let text = text.trim();
    text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '+'))
        && Decimal::parse(text.strip_prefix('+').unwrap_or(text)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_one_kind_has_its_type_and_any_other_is_text() {
        let given = |cells: &[Cell<'static>]| {
            let mut seen = Seen::default();
            for cell in cells {
                seen.enter(0, cell);
            }
            let column = seen.column("a".to_owned());
            (column.stored, column.data_type)
        };
        let (whole, number, text) = (Cell::Whole(1), Cell::Number(0.5), Cell::text("a"));
        let (date, datetime) = (Cell::Date(0), Cell::Datetime(1));
        for (cells, stored, kind) in [
            (vec![], "null", DataType::Text),
            (vec![Cell::Error, Cell::Empty], "null", DataType::Text),
            (vec![whole.clone(), Cell::Error], "integer", DataType::Integer),
            (vec![whole.clone(), number.clone()], "decimal", DataType::Decimal),
            (vec![date.clone()], "date", DataType::Date),
            (vec![datetime.clone(), date.clone()], "timestamp[ms]", DataType::Datetime),
            (vec![Cell::Boolean(true)], "boolean", DataType::Boolean),
            (vec![Cell::Time(1)], "time", DataType::Text),
            (vec![Cell::FirstDay(0), Cell::FirstDay(1)], "time", DataType::Text),
            (vec![Cell::FirstDay(0), date.clone()], "date", DataType::Date),
            (vec![Cell::FirstDay(1), date.clone()], "timestamp[ms]", DataType::Datetime),
            (vec![Cell::FirstDay(0), Cell::text("a")], "text", DataType::Text),
            (vec![Cell::DayZero, Cell::Time(1)], "time", DataType::Text),
            (vec![Cell::DayZero], "time", DataType::Text),
            (vec![Cell::DayZero, date.clone()], "date", DataType::Date),
            (vec![Cell::DayZero, date.clone(), datetime], "timestamp[ms]", DataType::Datetime),
            (vec![Cell::DayZero, date.clone(), text.clone()], MIXED_DATES, DataType::Text),
            (vec![whole.clone(), text.clone()], "text", DataType::Text),
            (vec![number.clone(), text.clone()], MIXED_NUMBERS, DataType::Text),
            (vec![date.clone(), text], MIXED_DATES, DataType::Text),
            (vec![date, number], MIXED_NUMBERS_AND_DATES, DataType::Text),
        ] {
            assert_eq!(given(&cells), (stored.to_owned(), Some(kind)), "{cells:?}");
        }
    }
}

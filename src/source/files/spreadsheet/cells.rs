//! The cells of a sheet one after the other, whatever kind of workbook it is in.

use std::iter::Peekable;
use std::marker::PhantomData;
use std::slice;

use calamine::{Data, DataRef, ExcelDateTime, Range};

use super::cell::Cell;
use super::facts::Noted;
use crate::source::error::Problem;

/// A cell with its row and its column, from 0.
pub(super) struct Placed<'a> {
    pub(super) row: u32,
    pub(super) column: u32,
    pub(super) cell: Cell<'a>,
}

/// Gives cells row by row.
pub(super) trait Cells {
    /// The next cell.
    fn next(&mut self) -> Result<Option<Placed<'_>>, Problem>;
}

fn serial(date: ExcelDateTime, is_1904: bool) -> Cell<'static> {
    Cell::serial(date.as_f64(), is_1904, date.is_duration())
}

fn decoded(value: DataRef<'_>, is_1904: bool) -> Cell<'_> {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::Int(number) => Cell::Whole(number),
        DataRef::Float(number) => Cell::number(number),
        DataRef::String(text) => Cell::text(text),
        DataRef::SharedString(text) => Cell::text(text),
        DataRef::Bool(value) => Cell::Boolean(value),
        DataRef::DateTime(date) => serial(date, is_1904),
        DataRef::DateTimeIso(text) => Cell::iso_date(&text),
        DataRef::DurationIso(text) => Cell::iso_duration(&text),
        DataRef::Error(_) => Cell::Error,
    }
}

/// A cell as the library gives it.
pub(super) type Raw<'a> = calamine::Cell<DataRef<'a>>;

/// The cells of a sheet that is read cell by cell.
pub(super) struct StreamedCells<'a, N> {
    next: N,
    is_1904: bool,
    texts: PhantomData<&'a str>,
}

impl<'a, N: FnMut() -> Result<Option<Raw<'a>>, Problem>> StreamedCells<'a, N> {
    /// The cells that `next` gives, one a call.
    pub(super) const fn new(next: N, is_1904: bool) -> Self {
        Self { next, is_1904, texts: PhantomData }
    }
}

impl<'a, N: FnMut() -> Result<Option<Raw<'a>>, Problem>> Cells for StreamedCells<'a, N> {
    #[inline]
    fn next(&mut self) -> Result<Option<Placed<'_>>, Problem> {
        Ok((self.next)()?.map(|next| {
            let (row, column) = next.get_position();
            Placed { row, column, cell: decoded(next.get_value().clone(), self.is_1904) }
        }))
    }
}

/// The cells of a sheet that is held.
pub(super) struct HeldCells<'a> {
    range: &'a Range<Data>,
    is_1904: bool,
    /// Whether error values are texts, as in `.ods`.
    has_error_texts: bool,
    next: (usize, usize),
}

impl<'a> HeldCells<'a> {
    pub(super) const fn new(range: &'a Range<Data>, is_1904: bool, has_error_texts: bool) -> Self {
        Self { range, is_1904, has_error_texts, next: (0, 0) }
    }
}

/// Whether a text is what `.ods` keeps of an error.
fn is_error_text(text: &str) -> bool {
    const ERRORS: [&str; 7] = ["#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!"];
    ERRORS.contains(&text)
        || text.strip_prefix("Err:").is_some_and(|code| code.len() == 3 && code.bytes().all(|c| c.is_ascii_digit()))
}

impl Cells for HeldCells<'_> {
    fn next(&mut self) -> Result<Option<Placed<'_>>, Problem> {
        let Some(start) = self.range.start() else { return Ok(None) };
        let (height, width) = self.range.get_size();
        while self.next.0 < height {
            let (row, column) = self.next;
            self.next = if column + 1 < width { (row, column + 1) } else { (row + 1, 0) };
            let Some(value) = self.range.get((row, column)).filter(|value| **value != Data::Empty) else { continue };
            let cell = match value {
                Data::Empty => Cell::Empty,
                Data::Int(number) => Cell::Whole(*number),
                Data::Float(number) => Cell::number(*number),
                Data::String(text) if self.has_error_texts && is_error_text(text) => Cell::Error,
                Data::String(text) => Cell::text(text.as_str()),
                Data::Bool(value) => Cell::Boolean(*value),
                Data::DateTime(date) => serial(*date, self.is_1904),
                Data::DateTimeIso(text) => Cell::iso_date(text),
                Data::DurationIso(text) => Cell::iso_duration(text),
                Data::Error(_) => Cell::Error,
            };
            let place = |start: u32, offset: usize| start.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
            return Ok(Some(Placed { row: place(start.0, row), column: place(start.1, column), cell }));
        }
        Ok(None)
    }
}

/// The cells of a sheet, and between them those that the library gives no value of.
pub(super) struct WithNoted<'a> {
    cells: Box<dyn Cells + 'a>,
    noted: Peekable<slice::Iter<'a, (u32, u32, Noted)>>,
    /// A cell that comes after one that was noted.
    held: Option<(u32, u32, Cell<'static>)>,
    /// The last cell that was given.
    last: Option<(u32, u32)>,
}

impl<'a> WithNoted<'a> {
    pub(super) fn new(cells: Box<dyn Cells + 'a>, noted: &'a [(u32, u32, Noted)]) -> Self {
        Self { cells, noted: noted.iter().peekable(), held: None, last: None }
    }

    /// The next cell.
    ///
    /// # Errors
    /// Where it cannot be read, or is not behind the one before it.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<Placed<'_>>, Problem> {
        if let Some((row, column, cell)) = self.held.take() {
            if let Some(noted) = self.noted_before(row, column) {
                self.held = Some((row, column, cell));
                return Ok(Some(noted));
            }
            let is_noted = self.noted.next_if(|noted| (noted.0, noted.1) == (row, column)).is_some();
            let cell = if is_noted { Cell::Uncalculated } else { cell };
            return Ok(Some(Placed { row, column, cell }));
        }
        // Without noted cells, the way of nearly all sheets, a cell is handed on as it comes.
        let Some(next) = self.cells.next()? else {
            return Ok(self.noted.next().map(|noted| of_noted(*noted)));
        };
        let place = (next.row, next.column);
        if self.last.is_some_and(|last| last >= place) {
            return Err(Problem::Damaged(format!(
                "the cells of the sheet are not in order at row {}: open the workbook in the program that wrote it, and save \
                 it again",
                u64::from(place.0) + 1
            )));
        }
        self.last = Some(place);
        match self.noted.peek() {
            Some(noted) if (noted.0, noted.1) < place => {
                self.held = Some((next.row, next.column, owned(next.cell)));
                Ok(self.noted.next().map(|noted| of_noted(*noted)))
            }
            Some(noted) if (noted.0, noted.1) == place => {
                let noted = of_noted(**noted);
                self.noted.next();
                Ok(Some(noted))
            }
            _ => Ok(Some(next)),
        }
    }

    fn noted_before(&mut self, row: u32, column: u32) -> Option<Placed<'static>> {
        self.noted.next_if(|noted| (noted.0, noted.1) < (row, column)).map(|noted| of_noted(*noted))
    }
}

fn of_noted((row, column, noted): (u32, u32, Noted)) -> Placed<'static> {
    let cell = match noted {
        Noted::Uncalculated => Cell::Uncalculated,
        Noted::Error => Cell::Error,
    };
    Placed { row, column, cell }
}

/// The same cell, on its own.
pub(super) fn owned(cell: Cell<'_>) -> Cell<'static> {
    match cell {
        Cell::Text(text) => Cell::Text(text.into_owned().into()),
        Cell::Empty => Cell::Empty,
        Cell::Whole(number) => Cell::Whole(number),
        Cell::Number(number) => Cell::Number(number),
        Cell::Date(day) => Cell::Date(day),
        Cell::Datetime(micros) => Cell::Datetime(micros),
        Cell::Time(millis) => Cell::Time(millis),
        Cell::FirstDay(millis) => Cell::FirstDay(millis),
        Cell::DayZero => Cell::DayZero,
        Cell::Boolean(value) => Cell::Boolean(value),
        Cell::Error => Cell::Error,
        Cell::Uncalculated => Cell::Uncalculated,
        Cell::Unreadable => Cell::Unreadable,
    }
}

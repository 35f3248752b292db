//! A workbook that was opened: its sheets, and their cells.

use std::fmt;
use std::sync::Arc;

use calamine::{
    Data, Ods, OdsError, Range, Reader as _, Sheet, SheetType, SheetVisible, Xls, XlsError, Xlsb, XlsbError, Xlsx,
    XlsxError,
};

use super::cells::{Cells, HeldCells, StreamedCells, WithNoted};
use super::directory::{Bytes, Kind, bytes};
use super::facts::Noted;
use super::password;
use crate::source::error::Problem;
use crate::source::files::data_file::DataFile;
use crate::source::panic_guard::catch_panic;

/// A workbook that was opened.
pub(super) enum Book {
    /// `.xlsx`, `.xlsm`: its sheets are read cell by cell.
    Xml(Box<Xlsx<Bytes>>),
    /// `.xlsb`: its sheets are read cell by cell.
    Binary(Box<Xlsb<Bytes>>),
    /// `.xls`, `.ods`: one sheet, held whole.
    Held(HeldSheet),
}

/// A sheet that is held whole. Copies share its cells.
#[derive(Clone)]
pub(super) struct HeldSheet {
    range: Arc<Range<Data>>,
    is_1904: bool,
    is_open_document: bool,
}

impl fmt::Debug for Book {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Book")
    }
}

/// A sheet of a workbook.
#[derive(Debug, Clone)]
pub(super) struct SheetName {
    pub(super) name: String,
    /// Whether people see it.
    pub(super) is_visible: bool,
    /// Whether it has cells and is not a chart.
    pub(super) is_worksheet: bool,
}

impl From<&Sheet> for SheetName {
    fn from(sheet: &Sheet) -> Self {
        Self {
            name: sheet.name.clone(),
            is_visible: sheet.visible == SheetVisible::Visible,
            is_worksheet: sheet.typ == SheetType::WorkSheet,
        }
    }
}

/// What it means that a workbook cannot be read.
const DAMAGED: &str = "the workbook is cut off or damaged: get the whole file again, or open it and save it again";

fn unread_cell() -> Problem {
    Problem::damaged(
        "a cell of the sheet cannot be read: open the workbook in the program that wrote it, and save it again",
    )
}

/// What a password means.
fn locked() -> Problem {
    Problem::foreign("the workbook has a password: save a copy without one")
}

/// Opens a workbook with a decoder that may panic. `is_locked` says which of its errors mean a password.
fn guarded<T, E>(open: impl FnOnce() -> Result<T, E>, is_locked: impl Fn(&E) -> bool) -> Result<T, Problem> {
    let opened = catch_panic(|| match open() {
        Ok(opened) => Ok(Ok(opened)),
        Err(error) if is_locked(&error) => Ok(Err(locked())),
        Err(error) => Err(error),
    });
    opened.map_err(|failed| Problem::undecoded(DAMAGED, failed))?
}

/// A workbook with the names of its sheets, before one of them is chosen.
pub(super) enum Opened {
    /// It is read cell by cell.
    Streamed(Book),
    /// `.xls`.
    Old(Box<Xls<Bytes>>),
    /// `.ods`.
    OpenDocument(Box<Ods<Bytes>>),
}

impl Opened {
    /// Opens a workbook that is a zip archive.
    ///
    /// # Errors
    /// Where it is damaged or has a password.
    pub(super) fn zipped(file: &DataFile, kind: Kind) -> Result<Self, Problem> {
        let bytes = bytes(file)?;
        Ok(match kind {
            Kind::Xml => {
                let book = guarded(|| Xlsx::new(bytes), |error| matches!(error, XlsxError::Password))?;
                Self::Streamed(Book::Xml(Box::new(book)))
            }
            Kind::Binary => {
                let book = guarded(|| Xlsb::new(bytes), |error| matches!(error, XlsbError::Password))?;
                Self::Streamed(Book::Binary(Box::new(book)))
            }
            Kind::OpenDocument => {
                let book = guarded(|| Ods::new(bytes), |error| matches!(error, OdsError::Password))?;
                Self::OpenDocument(Box::new(book))
            }
        })
    }

    /// Opens an old workbook.
    ///
    /// # Errors
    /// Where it is damaged, has a password, or is no workbook.
    pub(super) fn old(file: &DataFile) -> Result<Self, Problem> {
        let source = bytes(file)?;
        // A workbook of today that has a password is packed into such a file.
        let is_locked = catch_panic(|| Ok::<_, ()>(matches!(Xlsx::new(source), Err(XlsxError::Password))));
        if is_locked == Ok(true) || password::is_locked(file)? {
            return Err(locked());
        }
        let source = bytes(file)?;
        let book = guarded(|| Xls::new(source), |error| matches!(error, XlsError::Password))?;
        Ok(Self::Old(Box::new(book)))
    }

    /// The sheets in their order.
    pub(super) fn sheets(&self) -> Vec<SheetName> {
        let sheets = match self {
            Self::Streamed(Book::Xml(book)) => book.sheets_metadata(),
            Self::Streamed(Book::Binary(book)) => book.sheets_metadata(),
            Self::Streamed(Book::Held(_)) => return Vec::new(),
            Self::Old(book) => book.sheets_metadata(),
            Self::OpenDocument(book) => book.sheets_metadata(),
        };
        sheets.iter().map(SheetName::from).collect()
    }

    /// Whether a sheet has a cell with a value.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(super) fn has_cells(&mut self, sheet: &str) -> Result<bool, Problem> {
        let fail = |failed| Problem::undecoded(DAMAGED, failed);
        match self {
            Self::Streamed(book) => book.read(sheet, &[], |cells| {
                while let Some(next) = cells.next()? {
                    if next.cell != super::cell::Cell::Empty {
                        return Ok(true);
                    }
                }
                Ok(false)
            }),
            Self::Old(book) => catch_panic(|| book.worksheet_range(sheet)).map_err(fail).map(|range| !range.is_empty()),
            Self::OpenDocument(book) => {
                catch_panic(|| book.worksheet_range(sheet)).map_err(fail).map(|range| !range.is_empty())
            }
        }
    }

    /// Merged regions of a sheet of an old workbook: the first and the last cell of each.
    pub(super) fn merged(&self, sheet: &str) -> Vec<((u32, u32), (u32, u32))> {
        let Self::Old(book) = self else { return Vec::new() };
        let merged = catch_panic(|| book.merge_cells_by_sheet_name(sheet)).unwrap_or_default();
        merged.into_iter().map(|region| (region.start, region.end)).collect()
    }

    /// Keeps one sheet of a workbook that is held.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(super) fn keep(self, sheet: &str) -> Result<Book, Problem> {
        let fail = |failed| Problem::undecoded(DAMAGED, failed);
        let held = |range, is_1904, is_open_document| {
            Book::Held(HeldSheet { range: Arc::new(range), is_1904, is_open_document })
        };
        match self {
            Self::Streamed(book) => Ok(book),
            Self::Old(mut book) => {
                let range = catch_panic(|| book.worksheet_range(sheet)).map_err(fail)?;
                Ok(held(range, book.has_1904_epoch(), false))
            }
            Self::OpenDocument(mut book) => {
                Ok(held(catch_panic(|| book.worksheet_range(sheet)).map_err(fail)?, false, true))
            }
        }
    }
}

impl Book {
    /// Opens a workbook once more for another scan; `None` where one that is held can be shared.
    ///
    /// # Errors
    /// Where it cannot be read any more.
    pub(super) fn reopen(file: &DataFile, kind: Kind) -> Result<Self, Problem> {
        match Opened::zipped(file, kind)? {
            Opened::Streamed(book) => Ok(book),
            Opened::Old(_) | Opened::OpenDocument(_) => Err(Problem::Changed),
        }
    }

    /// The sheet that is held.
    pub(super) fn held(&self) -> Option<HeldSheet> {
        if let Self::Held(sheet) = self { Some(sheet.clone()) } else { None }
    }

    /// Starts to read a sheet, and hands its cells to `read`.
    ///
    /// # Errors
    /// Where the sheet cannot be read, or as `read` says.
    pub(super) fn read<T>(
        &mut self,
        sheet: &str,
        noted: &[(u32, u32, Noted)],
        read: impl FnOnce(&mut WithNoted<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let fail = |failed| Problem::undecoded(DAMAGED, failed);
        let cells: Box<dyn Cells + '_> = match self {
            Self::Xml(book) => {
                let is_1904 = book.has_1904_epoch();
                let reader = catch_panic(|| book.worksheet_cells_reader(sheet)).map_err(fail)?;
                let mut reader = reader;
                let next = move || {
                    loop {
                        match reader.next_cell() {
                            // An error value that the library does not know: the cell is among those that were noted.
                            Err(XlsxError::CellError(_)) => {}
                            read => return read.map_err(|_| unread_cell()),
                        }
                    }
                };
                Box::new(StreamedCells::new(next, is_1904))
            }
            Self::Binary(book) => {
                let is_1904 = book.has_1904_epoch();
                let reader = catch_panic(|| book.worksheet_cells_reader(sheet)).map_err(fail)?;
                let mut reader = reader;
                let next = move || {
                    loop {
                        match reader.next_cell() {
                            Err(XlsbError::CellError(_)) => {}
                            read => return read.map_err(|_| unread_cell()),
                        }
                    }
                };
                Box::new(StreamedCells::new(next, is_1904))
            }
            Self::Held(sheet) => Box::new(HeldCells::new(&sheet.range, sheet.is_1904, sheet.is_open_document)),
        };
        read(&mut WithNoted::new(cells, noted))
    }
}

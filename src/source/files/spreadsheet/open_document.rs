//! What an `.ods` workbook holds besides its values, and how much of it the library would hold: it reads all sheets at once.

use std::collections::BTreeMap;
use std::io::{BufReader, Read};

use quick_xml::Reader;
use quick_xml::events::Event;

use super::area::{Area, LAST_ROW};
use super::directory::Directory;
use super::facts::Facts;
use super::xml::{Unread, attribute};
use crate::source::error::Problem;

/// Bytes that a cell takes while the library reads it: a value, the text of a formula, and both once more where a sheet is put
/// together.
const CELL_BYTES: u64 = 120;

/// The part that holds all sheets.
const CONTENT: &str = "content.xml";

/// The sheets of a workbook.
#[derive(Debug, Default)]
pub(super) struct Sheets {
    /// What each holds besides its values.
    pub(super) facts: BTreeMap<String, Facts>,
    /// Bytes that they take in memory, about.
    pub(super) bytes: u64,
}

/// A sheet being read.
#[derive(Default)]
struct Current {
    name: String,
    facts: Facts,
    /// The next row.
    row: u64,
    /// Rows that the row is repeated.
    repeated: u64,
    is_hidden: bool,
    /// The next column of the row.
    column: u64,
    /// The row has a cell with a value.
    has_value: bool,
    /// The last row with a value.
    height: u64,
    /// The widest row.
    width: u64,
}

/// Reads all sheets once without holding them.
///
/// # Errors
/// Where they cannot be read.
pub(super) fn sheets(directory: &mut Directory) -> Result<Sheets, Problem> {
    let mut sheets = Sheets::default();
    let mut beyond = None;
    let read = directory.read(CONTENT, |entry| {
        scan(entry, &mut sheets).map_err(|unread| {
            if let Unread::Problem(problem) = unread {
                beyond = Some(problem);
            }
        })
    });
    read.map_err(|problem| beyond.take().unwrap_or(problem))?;
    sheets.bytes = sheets.bytes.saturating_add(directory.given());
    Ok(sheets)
}

fn scan(source: impl Read, sheets: &mut Sheets) -> Result<(), Unread> {
    let mut reader = Reader::from_reader(BufReader::with_capacity(1 << 16, source));
    reader.config_mut().check_end_names = false;
    reader.config_mut().expand_empty_elements = true;
    let mut buffer = Vec::new();
    let mut sheet = Current::default();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer)? {
            Event::Eof => return Ok(()),
            Event::Start(element) => {
                let count = |name| attribute(&element, name).and_then(|count| count.parse::<u64>().ok()).unwrap_or(1);
                match element.name().as_ref() {
                    "table:table" => {
                        let name = attribute(&element, "name").unwrap_or_default();
                        sheet = Current { name, ..Current::default() };
                    }
                    "table:table-row" => {
                        sheet.repeated = count("number-rows-repeated").max(1);
                        sheet.is_hidden = attribute(&element, "visibility")
                            .is_some_and(|state| state == "collapse" || state == "filter");
                        (sheet.column, sheet.has_value) = (0, false);
                    }
                    "table:table-cell" | "table:covered-table-cell" => {
                        let repeated = count("number-columns-repeated").max(1);
                        let spans = (count("number-rows-spanned"), count("number-columns-spanned"));
                        if spans.0 > 1 || spans.1 > 1 {
                            let last = |first: u64, count: u64| {
                                let place = |place: u64| u32::try_from(place).unwrap_or(u32::MAX);
                                (place(first), place(first + count.max(1) - 1))
                            };
                            sheet
                                .facts
                                .merge(Area { rows: last(sheet.row, spans.0), columns: last(sheet.column, spans.1) })?;
                        }
                        sheet.column = sheet.column.saturating_add(repeated);
                        if attribute(&element, "value-type").is_some() || attribute(&element, "formula").is_some() {
                            sheet.has_value = true;
                            sheet.width = sheet.width.max(sheet.column);
                        }
                    }
                    _ => {}
                }
            }
            Event::End(element) => match element.name().as_ref() {
                "table:table-row" => {
                    let end = sheet.row.saturating_add(sheet.repeated);
                    if sheet.has_value {
                        sheet.height = end.min(u64::from(LAST_ROW) + 1);
                        if sheet.is_hidden {
                            let rows = sheet.row..end.min(u64::from(LAST_ROW) + 1);
                            sheet.facts.hidden_rows.extend(rows.filter_map(|row| u32::try_from(row).ok()));
                        }
                    }
                    sheet.row = end;
                }
                "table:table" => {
                    let done = std::mem::take(&mut sheet);
                    let cells = done.height.saturating_mul(done.width.min(1 << 14));
                    sheets.bytes = sheets.bytes.saturating_add(cells.saturating_mul(CELL_BYTES));
                    sheets.facts.insert(done.name, done.facts);
                }
                _ => {}
            },
            _ => {}
        }
    }
}

//! Opening a workbook: which sheet, which rows and columns of it, and what its columns are.

use std::collections::BTreeSet;

use super::area::{Area, column_letters};
use super::binary;
use super::book::{Book, Opened};
use super::cell::Cell;
use super::cells::WithNoted;
use super::columns::Seen;
use super::directory::{Directory, Kind};
use super::facts::Facts;
use super::magic::{OLE, ZIP};
use super::open_document;
use super::sheet::{Chosen, choose};
use super::table::SheetTable;
use super::xml;
use crate::model::{Count, FaultKind};
use crate::source::column::SourceColumn;
use crate::source::error::Problem;
use crate::source::faults::Tally;
use crate::source::files::column_names::column_names;
use crate::source::files::compressed::Packing;
use crate::source::files::data_file::DataFile;
use crate::source::options::Options;
use crate::source::panic_guard::catch_panic;

/// Bytes in memory for a byte of the texts that cells share: their XML, and the texts.
const SHARED_GROWS: u64 = 3;

/// Bytes in memory for each shared text, besides itself.
const SHARED_TEXT: u64 = 40;

/// Bytes in memory for a byte of an old workbook.
const OLD_GROWS: u64 = 20;

/// The part of the memory that may be held for good: one half, and the rest is for the rules.
const OF_MEMORY: u64 = 2;

/// What is known of a workbook before it is opened.
struct Inside {
    /// How it is packed, where it is an archive.
    kind: Option<Kind>,
    /// Bytes that the library holds, about.
    held: u64,
    /// What the sheets of an `.ods` workbook hold besides their values.
    open_document: Option<open_document::Sheets>,
    /// The archive.
    directory: Option<Directory>,
}

/// Opens a workbook and reads what its columns are.
///
/// # Errors
/// Where it cannot be read, or the sheet or the range that is declared is not there.
pub(super) fn open(file: DataFile, options: &Options) -> Result<SheetTable, Problem> {
    let area = options.text("range").map_or(Ok(Area::ALL), Area::declared)?;
    let Inside { kind, held, mut open_document, directory } = look(&file)?;
    if held > file.memory / OF_MEMORY {
        return Err(Problem::BeyondLimit(format!(
            "the workbook would take about {} MiB of memory, which is more than half of what the audit may take: allow more \
             with --memory, or export the sheet as CSV",
            held >> 20
        )));
    }
    let mut book = match kind {
        Some(kind) => Opened::zipped(&file, kind)?,
        None => Opened::old(&file)?,
    };
    let chosen = choose(&mut book, options)?;
    let facts = match (kind, directory) {
        (Some(Kind::Xml), Some(mut directory)) => xml::facts(&mut directory, &chosen.name)?,
        (Some(Kind::Binary), Some(mut directory)) => binary::facts(&mut directory, &chosen.name)?,
        (Some(Kind::OpenDocument), _) => {
            open_document.as_mut().and_then(|sheets| sheets.facts.remove(&chosen.name)).unwrap_or_default()
        }
        _ => {
            let merged = book.merged(&chosen.name).into_iter();
            let merged = merged.map(|(from, to)| Area { rows: (from.0, to.0), columns: (from.1, to.1) });
            Facts { merged: merged.collect(), ..Facts::default() }
        }
    };
    let mut book = book.keep(&chosen.name)?;
    let survey = survey(&mut book, &chosen.name, &facts, area, options)?;
    let (columns, seen, data, last_column, mut faults) = survey.settle(area, options)?;
    note(&mut faults, &chosen, &facts, &data, &columns, &seen);
    let given = seen.iter().map(|seen| seen.given()).collect();
    let no_day_zero = seen.iter().map(|seen| seen.has_no_day_zero()).collect();
    Ok(SheetTable::new(
        file,
        kind,
        held,
        chosen.name,
        book,
        facts.noted,
        columns,
        given,
        no_day_zero,
        data,
        last_column,
        survey.rows,
        faults,
    ))
}

/// Looks into the file without holding what is in it.
fn look(file: &DataFile) -> Result<Inside, Problem> {
    if file.packing != Packing::Plain {
        return Err(Problem::foreign("is a packed workbook: unpack it, a workbook is small as it is"));
    }
    if file.bytes == 0 {
        return Err(Problem::Empty("empty: no workbook".to_owned()));
    }
    let head = file.head()?;
    if head.starts_with(OLE) {
        let held = file.bytes.saturating_mul(OLD_GROWS);
        return Ok(Inside { kind: None, held, open_document: None, directory: None });
    }
    if !head.starts_with(ZIP) {
        return Err(Problem::foreign("is not a workbook: it starts neither as a zip archive nor as an old workbook"));
    }
    let mut directory = Directory::open(file)?;
    let kind = directory.kind().ok_or_else(|| {
        Problem::foreign("is a zip archive without a workbook in it: unpack it, and audit what is inside")
    })?;
    let mut open_document = None;
    let held = match kind {
        Kind::OpenDocument => open_document.insert(open_document::sheets(&mut directory)?).bytes,
        Kind::Xml | Kind::Binary => {
            let (folder, _) = xml::workbook_part(&mut directory)?;
            let ending = if kind == Kind::Xml { "xml" } else { "bin" };
            let shared = directory.size(&format!("{folder}sharedStrings.{ending}"))?;
            let others = directory.size(&format!("{folder}styles.{ending}"))?;
            let texts = if kind == Kind::Xml { xml::announced_texts(&mut directory)? } else { shared / 8 };
            let fits = shared / 4 + 16;
            if texts > fits {
                return Err(Problem::damaged(
                    "the workbook announces more texts than it holds: open it in the program that wrote it, and save it again",
                ));
            }
            let texts = texts.saturating_mul(SHARED_TEXT);
            shared.saturating_add(others).saturating_mul(SHARED_GROWS).saturating_add(texts)
        }
    };
    Ok(Inside { kind: Some(kind), held, open_document, directory: Some(directory) })
}

/// What was found in the cells of a sheet.
struct Survey {
    /// The row of the header.
    header_row: Option<u32>,
    /// The cells of the header, by column.
    header: Vec<(u32, String)>,
    /// The columns, from that of position 0.
    seen: Vec<Seen>,
    /// The first and the last column with a cell.
    columns: Option<(u32, u32)>,
    /// The last row of data.
    last_row: u32,
    /// Rows of data.
    rows: u64,
    /// What has cells and is not read.
    outside: Outside,
}

/// What of a sheet has cells and is not read.
#[derive(Debug, Default)]
struct Outside {
    /// Rows above the header, or above the data where there is no header.
    above: u64,
    /// Rows below the range.
    below: u64,
    /// The last of these rows.
    last: Option<u32>,
    /// Columns beside the range, in its rows.
    beside: BTreeSet<u32>,
}

impl Outside {
    fn add(&mut self, row: u32, column: u32, area: &Area) {
        let is_within = row >= area.rows.0 && row <= area.rows.1;
        if is_within && (column < area.columns.0 || column > area.columns.1) {
            self.beside.insert(column);
        } else if self.last != Some(row) {
            self.last = Some(row);
            *(if row > area.rows.1 { &mut self.below } else { &mut self.above }) += 1;
        }
    }
}

/// Reads all cells once to find the header and what the columns are.
fn survey(book: &mut Book, sheet: &str, facts: &Facts, area: Area, options: &Options) -> Result<Survey, Problem> {
    let has_header = options.flag("header") != Some(false);
    let wanted = options.count("header_row").map(|row| u32::try_from(row.saturating_sub(1)).unwrap_or(u32::MAX));
    let mut survey = Survey {
        header_row: wanted,
        header: Vec::new(),
        seen: Vec::new(),
        columns: None,
        last_row: 0,
        rows: 0,
        outside: Outside::default(),
    };
    book.read(sheet, &facts.noted, |cells| {
        guarded(cells, |row, column, cell| {
            if *cell == Cell::Empty {
                return;
            }
            if !area.contains(row, column) {
                survey.outside.add(row, column, &area);
                return;
            }
            let header_row = has_header.then(|| *survey.header_row.get_or_insert(row));
            if header_row.is_some_and(|header| row < header) {
                survey.outside.add(row, column, &area);
                return;
            }
            let columns = survey.columns.get_or_insert((column, column));
            *columns = (columns.0.min(column), columns.1.max(column));
            if header_row == Some(row) {
                let mut name = String::new();
                cell.write(&mut name);
                survey.header.push((column, name));
                return;
            }
            if survey.rows == 0 || survey.last_row != row {
                survey.rows += 1;
                survey.last_row = row;
            }
            let position = column as usize;
            if survey.seen.len() <= position {
                survey.seen.resize(position + 1, Seen::default());
            }
            survey.seen[position].enter(row, cell);
        })
    })?;
    if survey.columns.is_none() {
        return Err(Problem::Empty(format!(
            "the sheet `{}` has no cells with values{}",
            sheet.escape_debug(),
            if area == Area::ALL && wanted.is_none() { "" } else { " in the rows and columns that are declared" }
        )));
    }
    if let Some(row) = wanted.filter(|_| survey.header.is_empty()) {
        return Err(Problem::Declaration(format!(
            "row {} of the sheet `{}`, which `header_row` names, has no cells",
            u64::from(row) + 1,
            sheet.escape_debug()
        )));
    }
    Ok(survey)
}

/// Reads all cells under guard.
fn guarded(cells: &mut WithNoted<'_>, mut visit: impl FnMut(u32, u32, &Cell<'_>)) -> Result<(), Problem> {
    let read = catch_panic(|| {
        loop {
            match cells.next() {
                Ok(Some(next)) => visit(next.row, next.column, &next.cell),
                Ok(None) => return Ok::<_, ()>(Ok(())),
                Err(problem) => return Ok(Err(problem)),
            }
        }
    });
    read.map_err(|failed| Problem::undecoded("the sheet is damaged: open the workbook and save it again", failed))?
}

/// The columns, what was seen of each, the rows and columns of the data, the last column that is read, and the faults of the
/// header.
type Settled = (Vec<SourceColumn>, Vec<Seen>, Area, u32, Tally);

impl Survey {
    /// Names the columns and says where the data is.
    fn settle(&self, area: Area, options: &Options) -> Result<Settled, Problem> {
        let mut faults = Tally::default();
        faults.left_out.rows_above = self.outside.above;
        faults.left_out.rows_below = self.outside.below;
        faults.left_out.columns_beside = self.outside.beside.len() as u64;
        let (first, last) = self.columns.unwrap_or_default();
        let declared = options.names("columns").filter(|names| !names.is_empty());
        let (names, columns) = if let Some(names) = declared {
            // The names are those of the range, where one is declared: its first column may have no cell.
            let first = if area.columns == Area::ALL.columns { first } else { area.columns.0 };
            let count = u32::try_from(names.len()).unwrap_or(u32::MAX);
            let last = first.saturating_add(count - 1);
            if last > area.columns.1 {
                return Err(Problem::Declaration(format!(
                    "`columns` names {count} columns, and the range has {}",
                    area.columns.1 - area.columns.0 + 1
                )));
            }
            (names.to_vec(), (first, last))
        } else {
            let mut cells = vec![String::new(); (last - first) as usize + 1];
            for (column, name) in &self.header {
                if let Some(cell) = cells.get_mut((column - first) as usize) {
                    cell.clone_from(name);
                }
            }
            let names = if let Some(row) = self.header_row {
                column_names(&cells, u64::from(row) + 1, &mut faults)
            } else {
                (1..=cells.len()).map(|position| format!("column_{position}")).collect()
            };
            (names, (first, last))
        };
        let first_row = self.header_row.map_or(area.rows.0, |row| row.saturating_add(1));
        let seen: Vec<Seen> =
            (columns.0..=columns.1).map(|column| self.seen.get(column as usize).copied().unwrap_or_default()).collect();
        let data = Area { rows: (first_row, area.rows.1), columns };
        let columns = names.into_iter().zip(&seen).map(|(name, seen)| seen.column(name)).collect();
        Ok((columns, seen, data, area.columns.1, faults))
    }
}

/// Counts what may mislead.
fn note(faults: &mut Tally, chosen: &Chosen, facts: &Facts, data: &Area, columns: &[SourceColumn], seen: &[Seen]) {
    let sheet = chosen.name.escape_debug().to_string();
    let merged: Vec<Area> = facts.merged.iter().filter_map(|area| area.and(data)).collect();
    let covered = merged.iter().map(|area| area.cells() - 1).sum::<u64>();
    if covered > 0
        && let Some(first) = merged.iter().min_by_key(|area| area.rows.0)
    {
        let line = u64::from(first.rows.0) + 1;
        faults.note(line, FaultKind::MergedCells, covered, || {
            format!(
                "cells that merged regions cover and that are missing: {}; the first region begins at {sheet}!{}{line}",
                Count(covered),
                column_letters(first.columns.0)
            )
        });
    }
    let mut hidden = facts.hidden_rows.iter().filter(|row| **row >= data.rows.0 && **row <= data.rows.1).peekable();
    if let Some(first) = hidden.peek().map(|row| u64::from(**row) + 1) {
        let count = hidden.count() as u64;
        faults.note(first, FaultKind::HiddenRow, count, || {
            format!("hidden rows that are read like all others: {}; the first is row {first}", Count(count))
        });
    }
    let is_hidden = |column: &u32| facts.hidden_columns.iter().any(|(first, last)| first <= column && column <= last);
    let hidden: Vec<u32> = (data.columns.0..=data.columns.1).filter(is_hidden).collect();
    if let Some(first) = hidden.first() {
        faults.note(0, FaultKind::HiddenColumn, hidden.len() as u64, || {
            format!(
                "hidden columns that are read like all others: {}; the first is {}",
                hidden.len(),
                column_letters(*first)
            )
        });
    }
    if !chosen.hidden.is_empty() {
        faults.note(0, FaultKind::HiddenSheet, chosen.hidden.len() as u64, || {
            format!("hidden sheets that have cells and are not read: {}", chosen.hidden.len())
        });
    }
    for ((column, seen), position) in columns.iter().zip(seen).zip(data.columns.0..) {
        if let Some((count, row)) = seen.numbers_as_text() {
            let line = u64::from(row) + 1;
            faults.note(line, FaultKind::NumberAsText, count, || {
                format!(
                    "numbers that are text in the column `{}`, which has numbers too: {}; the first is {sheet}!{}{line}",
                    column.name.escape_debug(),
                    Count(count),
                    column_letters(position)
                )
            });
        }
    }
}

//! What a sheet of an `.xlsb` workbook holds besides its values: hidden rows and columns, merged regions, and formulas that give
//! an error. The library that reads the cells passes over these.
//!
//! A part is a sequence of records: a type and a length, both of up to four bytes of seven bits, and the bytes of the record.

use std::io::{self, Read};

use super::area::Area;
use super::directory::Directory;
use super::facts::{Facts, Noted};
use super::xml::{related_part, workbook_part};
use crate::source::error::Problem;

/// The longest record that is looked at.
const MAX_RECORD: u64 = 1 << 20;

const ROW: u32 = 0x00;
const CELL_ERROR: u32 = 0x03;
const FORMULA_ERROR: u32 = 0x0B;
const COLUMNS: u32 = 0x3C;
const SHEET: u32 = 0x9C;
const MERGED: u32 = 0xB0;

/// Calls `visit` with each record of these types.
fn records(
    source: impl Read,
    types: &[u32],
    mut visit: impl FnMut(u32, &[u8]) -> Result<(), Problem>,
) -> Result<(), Cut> {
    let mut source = io::BufReader::with_capacity(1 << 16, source);
    let mut record = Vec::new();
    loop {
        let Some(kind) = number(&mut source, 2)? else { return Ok(()) };
        let length = u64::from(number(&mut source, 4)?.ok_or(Cut::Damaged)?);
        if types.contains(&kind) && length <= MAX_RECORD {
            record.clear();
            source.by_ref().take(length).read_to_end(&mut record).map_err(|_| Cut::Damaged)?;
            visit(kind, &record).map_err(Cut::Problem)?;
        } else {
            io::copy(&mut source.by_ref().take(length), &mut io::sink()).map_err(|_| Cut::Damaged)?;
        }
    }
}

/// Why a part cannot be read.
enum Cut {
    Damaged,
    Problem(Problem),
}

/// A type or a length; `None` at the end.
fn number(source: &mut impl Read, most: u32) -> Result<Option<u32>, Cut> {
    let mut found = 0;
    for at in 0..most {
        let mut byte = [0];
        if source.read(&mut byte).map_err(|_| Cut::Damaged)? == 0 {
            return if at == 0 { Ok(None) } else { Err(Cut::Damaged) };
        }
        found |= u32::from(byte[0] & 0x7F) << (7 * at);
        if byte[0] & 0x80 == 0 {
            break;
        }
    }
    Ok(Some(found))
}

fn long(record: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(record.get(at..at + 4)?.try_into().ok()?))
}

/// A text of UTF-16 with its length before it, and where it ends.
fn wide(record: &[u8], at: usize) -> Option<(String, usize)> {
    let length = usize::try_from(long(record, at)?).ok()?;
    let end = at.checked_add(4)?.checked_add(length.checked_mul(2)?)?;
    let units: Vec<u16> =
        record.get(at + 4..end)?.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
    Some((String::from_utf16_lossy(&units), end))
}

/// The path of the sheet of that name.
fn sheet_part(directory: &mut Directory, sheet: &str) -> Result<Option<String>, Problem> {
    let (folder, name) = workbook_part(directory)?;
    let mut id = None;
    directory.read(&format!("{folder}{name}"), |entry| {
        records(entry, &[SHEET], |_, record| {
            if let Some((relation, end)) = wide(record, 8)
                && wide(record, end).is_some_and(|(name, _)| name == sheet)
            {
                id = Some(relation);
            }
            Ok(())
        })
    })?;
    id.map_or(Ok(None), |id| related_part(directory, &id))
}

/// Reads a sheet for what it holds besides its values.
///
/// # Errors
/// Where it cannot be read.
pub(super) fn facts(directory: &mut Directory, sheet: &str) -> Result<Facts, Problem> {
    let part = sheet_part(directory, sheet)?
        .ok_or_else(|| Problem::damaged("the workbook is damaged: a sheet has no place in it. Save it again"))?;
    let mut facts = Facts::default();
    let mut row = 0;
    let mut beyond = None;
    let read = directory.read(&part, |entry| {
        records(entry, &[ROW, CELL_ERROR, FORMULA_ERROR, COLUMNS, MERGED], |kind, record| {
            let longs = |at: [usize; 4]| {
                Some([long(record, at[0])?, long(record, at[1])?, long(record, at[2])?, long(record, at[3])?])
            };
            match kind {
                ROW => {
                    row = long(record, 0).unwrap_or_default();
                    if record.get(11).is_some_and(|flags| flags & 0x10 != 0) {
                        facts.hidden_rows.push(row);
                    }
                }
                // The library does not know all of them.
                CELL_ERROR | FORMULA_ERROR => facts.note(row, long(record, 0).unwrap_or_default(), Noted::Error)?,
                COLUMNS => {
                    if let Some([first, last, ..]) = longs([0, 4, 8, 12])
                        && record.get(16).is_some_and(|flags| flags & 1 != 0)
                    {
                        facts.hidden_columns.push((first, last));
                    }
                }
                _ => {
                    if let Some([top, bottom, left, right]) = longs([0, 4, 8, 12]) {
                        facts.merge(Area { rows: (top, bottom), columns: (left, right) })?;
                    }
                }
            }
            Ok(())
        })
        .map_err(|cut| {
            if let Cut::Problem(problem) = cut {
                beyond = Some(problem);
            }
        })
    });
    read.map_err(|problem| beyond.take().unwrap_or(problem))?;
    Ok(facts)
}

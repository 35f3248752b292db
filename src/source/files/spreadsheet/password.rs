//! Old workbooks with a password. The library knows only some of the ways in which these are encrypted, and would give cells of
//! the others as they are not.

use crate::source::error::Problem;
use crate::source::files::data_file::{DataFile, unreadable};

/// Streams start at a multiple of it.
const SECTOR: usize = 64;

/// Bytes that are looked at in one piece.
const PIECE: usize = 1 << 20;

/// The numbers of records: the beginning of a part of a workbook, a reservation for writing, and a password.
const BEGINNING: u16 = 0x0809;
const RESERVED: u16 = 0x0086;
const PASSWORD: u16 = 0x002F;

/// What the first record of a workbook says that it begins: the part about the workbook as a whole.
const GLOBALS: u16 = 0x0005;

/// Whether an old workbook has a password.
///
/// # Errors
/// Where it cannot be read.
pub(super) fn is_locked(file: &DataFile) -> Result<bool, Problem> {
    let mut reader = file.open()?;
    let mut start = 0;
    while start < file.bytes {
        // A record may go on in the next piece.
        let piece = reader.read_range(start, PIECE + SECTOR).map_err(|error| unreadable(&error))?;
        let mut places = (0..piece.len().min(PIECE)).step_by(SECTOR);
        if places.any(|at| begins_with_password(&piece[at..])) {
            return Ok(true);
        }
        start += PIECE as u64;
    }
    Ok(false)
}

/// Whether a stream of records begins as that of a workbook with a password.
fn begins_with_password(stream: &[u8]) -> bool {
    let number = |at: usize| Some(u16::from_le_bytes(stream.get(at..at + 2)?.try_into().ok()?));
    if number(0) != Some(BEGINNING) || number(6) != Some(GLOBALS) {
        return false;
    }
    let behind = |at: usize| Some(at + 4 + usize::from(number(at + 2)?));
    let Some(mut next) = behind(0) else { return false };
    if number(next) == Some(RESERVED) {
        let Some(after) = behind(next) else { return false };
        next = after;
    }
    number(next) == Some(PASSWORD)
}

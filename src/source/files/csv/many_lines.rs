//! Cells in quotes that span so many lines that a quote may be missing.

use memchr::memchr_iter;

use super::block::Dropped;
use super::record::{Cell, Splits};

/// The fewest line ends of such a cell.
const LEAST: u64 = 10;

/// Calls `visit` with the place and the number of lines of each cell of a record that spans many lines. The record starts
/// at `at` and holds `ends` line ends; `dropped` gives what was left out of it.
#[inline]
pub(super) fn many_lines<'b, S: Splits, D: Iterator<Item = &'b Dropped>>(
    splitter: &S,
    at: usize,
    ends: u64,
    dropped: impl Fn() -> D,
    mut visit: impl FnMut(usize, u64),
) {
    if ends < LEAST {
        return;
    }
    let (bytes, terminator) = (splitter.bytes(), splitter.dialect().terminator);
    splitter.record(at, usize::MAX, |_, cell| {
        let Some(Cell::Plain(start, end) | Cell::Mixed { inner: (start, _), rest: (_, end) }) = cell else { return };
        let lines = memchr_iter(terminator, &bytes[start..end]).count() as u64
            + dropped().filter(|part| (start..end).contains(&part.place)).map(|part| part.lines).sum::<u64>();
        if lines >= LEAST {
            visit(start, lines + 1);
        }
    });
}

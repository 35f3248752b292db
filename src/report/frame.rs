//! Tables for people in their frame: cells that fit, names that are cut in the middle and never broken.

use std::fmt::Display;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What replaces the middle of a name that is cut.
const CUT: char = '…';

/// The narrowest that a column of names becomes.
const LEAST_WIDTH: usize = 8;

/// A table under construction.
pub(super) struct Grid {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

struct Column {
    title: &'static str,
    kind: Kind,
    /// Whether it is left out where there is no room for it.
    is_optional: bool,
    /// The width that optional columns leave to a column of names.
    wanted: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Words that are never cut.
    Words,
    /// A number, at the right.
    Number,
    /// A name, cut in the middle where there is no room.
    Name,
}

impl Grid {
    /// A table without columns.
    pub(super) const fn new() -> Self {
        Self { columns: Vec::new(), rows: Vec::new() }
    }

    /// Adds a column of words.
    pub(super) fn words(self, title: &'static str) -> Self {
        self.column(title, Kind::Words)
    }

    /// Adds a column of numbers.
    pub(super) fn number(self, title: &'static str) -> Self {
        self.column(title, Kind::Number)
    }

    /// Adds a column of names.
    pub(super) fn name(self, title: &'static str) -> Self {
        self.column(title, Kind::Name)
    }

    fn column(mut self, title: &'static str, kind: Kind) -> Self {
        self.columns.push(Column { title, kind, is_optional: false, wanted: LEAST_WIDTH });
        self
    }

    /// Leaves out the column that was added last where there is no room for it.
    pub(super) fn optional(mut self) -> Self {
        if let Some(column) = self.columns.last_mut() {
            column.is_optional = true;
        }
        self
    }

    /// Leaves out optional columns rather than cutting the names of the column that was added last to less than this.
    pub(super) fn at_least(mut self, width: usize) -> Self {
        if let Some(column) = self.columns.last_mut() {
            column.wanted = width;
        }
        self
    }

    /// Adds a row with a cell for each column.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The table, at most so many columns of a terminal wide as far as its words and numbers allow; and the titles of the
    /// columns that were left out, the last first.
    pub(super) fn fit(mut self, width: usize) -> (Table, Vec<&'static str>) {
        let mut left_out = Vec::new();
        while self.least_width() > width
            && let Some(at) = self.columns.iter().rposition(|column| column.is_optional)
        {
            left_out.push(self.columns.remove(at).title);
            self.rows.iter_mut().for_each(|row| drop(row.remove(at)));
        }
        let mut widths: Vec<usize> = (0..self.columns.len()).map(|at| self.widest(at)).collect();
        let mut excess = (widths.iter().sum::<usize>() + frame(widths.len())).saturating_sub(width);
        while excess > 0 {
            let names = self.columns.iter().zip(&mut widths).filter(|(column, _)| column.kind == Kind::Name);
            let Some((_, widest)) =
                names.filter(|(column, width)| **width > column.least_width()).max_by_key(|(_, width)| **width)
            else {
                break;
            };
            *widest -= 1;
            excess -= 1;
        }
        let mut table = Table::new();
        table.load_style(UTF8_FULL_CONDENSED);
        table.set_header(self.columns.iter().map(|column| column.title));
        for row in self.rows {
            let cells = self.columns.iter().zip(&widths).zip(row).map(|((column, width), cell)| match column.kind {
                Kind::Words => Cell::new(cell),
                Kind::Number => Cell::new(cell).set_alignment(CellAlignment::Right),
                Kind::Name => Cell::new(middle_cut(&cell, *width)),
            });
            table.add_row(cells);
        }
        table.force_no_tty().set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
        (table, left_out)
    }

    /// The width of the widest cell of a column.
    fn widest(&self, at: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.width());
        cells.max().unwrap_or_default().max(self.columns[at].title.width())
    }

    /// The least width at which no cell is broken and names have the width that they should have.
    fn least_width(&self) -> usize {
        let least = self.columns.iter().enumerate().map(|(at, column)| match column.kind {
            Kind::Name => self.widest(at).min(column.least_width().max(column.wanted)),
            Kind::Words | Kind::Number => self.widest(at),
        });
        least.sum::<usize>() + frame(self.columns.len())
    }
}

impl Column {
    /// The least width of a column of names.
    fn least_width(&self) -> usize {
        LEAST_WIDTH.max(self.title.width())
    }
}

/// The width of the frame: a column has a space at both sides and a line at its right, the first one at its left, too.
const fn frame(columns: usize) -> usize {
    3 * columns + 1
}

/// A text of at most so many columns of a terminal, without its middle where it is wider.
pub(super) fn middle_cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    // The end of a name tells more names apart than its beginning.
    let (head, tail) = (room / 2, room - room / 2);
    let take = |room: usize, characters: &mut dyn Iterator<Item = char>| {
        let mut left = room;
        let mut taken = Vec::new();
        for c in characters {
            let width = c.width().unwrap_or(0);
            if width > left {
                break;
            }
            left -= width;
            taken.push(c);
        }
        taken
    };
    let first = take(head, &mut text.chars());
    let mut last = take(tail, &mut text.chars().rev());
    last.reverse();
    // A mark over a letter that was cut off would sit on the sign of the cut.
    let last = last.iter().skip_while(|c| c.width() == Some(0));
    first.iter().chain([&CUT]).chain(last).collect()
}

/// A text as a cell.
pub(super) fn cell(content: impl Display) -> String {
    content.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_in_the_middle() {
        assert_eq!(middle_cut("abcdefghij", 10), "abcdefghij");
        assert_eq!(middle_cut("abcdefghij", 7), "abc…hij");
        assert_eq!(middle_cut("市民台帳市民", 7), "市…民");
        assert_eq!(middle_cut("abcde\u{301}f", 5), "ab…e\u{301}f");
        assert_eq!(middle_cut("abcde\u{301}f", 4), "a…e\u{301}f");
        assert_eq!(middle_cut("abc", 1), "…");
    }

    #[test]
    fn the_widest_names_give_way_first() {
        let mut grid = Grid::new().name("rule").number("count").name("dataset");
        grid.row(["a-very-long-name-of-a-rule".to_owned(), "1,000".to_owned(), "short".to_owned()]);
        let lines: Vec<String> = grid.fit(36).0.lines().collect();
        assert!(lines.iter().all(|line| line.width() <= 36), "{lines:#?}");
        assert!(lines.iter().any(|line| line.contains("1,000 ┆ short")), "{lines:#?}");
        assert_eq!(lines.len(), 5, "no cell is broken: {lines:#?}");
    }

    #[test]
    fn a_column_without_room_is_left_out_and_named() {
        let grid = |width| {
            let mut grid = Grid::new().name("rule").number("score").number("worst").optional().number("clean");
            grid.row(["a-long-name".to_owned(), "+1.00".to_owned(), "+2.00".to_owned(), "3,000".to_owned()]);
            let (table, left_out) = grid.fit(width);
            (table.to_string().contains("+2.00"), table.to_string().contains("3,000"), left_out)
        };
        assert_eq!(grid(40), (true, true, vec![]));
        assert_eq!(grid(32), (false, true, vec!["worst"]));
    }
}

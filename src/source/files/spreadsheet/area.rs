//! A rectangle of a sheet, as people write it.

use crate::source::error::Problem;

/// The last row of a sheet, from 0.
pub(super) const LAST_ROW: u32 = (1 << 20) - 1;

/// The last column of a sheet, from 0.
const LAST_COLUMN: u32 = (1 << 14) - 1;

/// A rectangle of a sheet; rows and columns count from 0, both ends are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) rows: (u32, u32),
    pub(super) columns: (u32, u32),
}

impl Area {
    /// The whole sheet.
    pub(super) const ALL: Self = Self { rows: (0, LAST_ROW), columns: (0, LAST_COLUMN) };

    /// The declared range: `B3:F200`, or whole columns `B:F`.
    ///
    /// # Errors
    /// Where it is no range of cells.
    pub(super) fn declared(text: &str) -> Result<Self, Problem> {
        Self::parse(text).ok_or_else(|| {
            Problem::Declaration(format!(
                "the range `{}` is no range of cells: write it as B3:F200, or as B:F for whole columns",
                text.chars().take(60).flat_map(char::escape_debug).collect::<String>()
            ))
        })
    }

    /// A range such as `B3:F200`, `B:F` or `B3`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once(':').unwrap_or((text, text));
        let (from, to) = (corner(from.trim())?, corner(to.trim())?);
        let rows = match (from.1, to.1) {
            (Some(first), Some(last)) => (first, last),
            (None, None) => Self::ALL.rows,
            _ => return None,
        };
        let columns = (from.0, to.0);
        (rows.0 <= rows.1 && columns.0 <= columns.1).then_some(Self { rows, columns })
    }

    /// Whether a cell is in it.
    pub(super) const fn contains(&self, row: u32, column: u32) -> bool {
        row >= self.rows.0 && row <= self.rows.1 && column >= self.columns.0 && column <= self.columns.1
    }

    /// How many cells it has.
    pub(super) fn cells(&self) -> u64 {
        let length = |(first, last): (u32, u32)| u64::from(last.saturating_sub(first)) + 1;
        length(self.rows).saturating_mul(length(self.columns))
    }

    /// What is in both.
    pub(super) fn and(&self, other: &Self) -> Option<Self> {
        let both = |one: (u32, u32), other: (u32, u32)| (one.0.max(other.0), one.1.min(other.1));
        let (rows, columns) = (both(self.rows, other.rows), both(self.columns, other.columns));
        (rows.0 <= rows.1 && columns.0 <= columns.1).then_some(Self { rows, columns })
    }
}

/// The column and the row of `B3`; no row of `B`. `$` signs are passed over.
fn corner(text: &str) -> Option<(u32, Option<u32>)> {
    let text = text.replace('$', "");
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (letters, digits) = text.split_at(letters);
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let column =
        letters.bytes().fold(0_u32, |column, letter| column * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1)
            - 1;
    let row = if digits.is_empty() {
        None
    } else if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        Some(digits.parse::<u32>().ok()?.checked_sub(1)?)
    } else {
        return None;
    };
    (column <= LAST_COLUMN && row.is_none_or(|row| row <= LAST_ROW)).then_some((column, row))
}

/// The row and the column of a cell such as `B3`, from 0.
pub(super) fn cell_place(text: &str) -> Option<(u32, u32)> {
    let (column, row) = corner(text)?;
    Some((row?, column))
}

/// The letters of a column: `B`.
pub(super) fn column_letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        left -= 1;
        letters.push(char::from(b'A' + u8::try_from(left % 26).unwrap_or_default()));
        left /= 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_people_write_them() {
        let area = |rows, columns| Some(Area { rows, columns });
        assert_eq!(Area::parse("B3:F200"), area((2, 199), (1, 5)));
        assert_eq!(Area::parse("$b$3:$f$200"), area((2, 199), (1, 5)));
        assert_eq!(Area::parse("B:F"), area((0, LAST_ROW), (1, 5)));
        assert_eq!(Area::parse("C4"), area((3, 3), (2, 2)));
        assert_eq!(Area::parse("A1:XFD1048576"), Some(Area::ALL));
        for wrong in ["", "3:7", "F1:B1", "B3:F", "B0:C1", "A1:XFE1", "A1:A1048577", "AAAA1", "B3:F2", "B3;F9", "B-3"] {
            assert_eq!(Area::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn columns_have_letters() {
        for (column, letters) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (LAST_COLUMN, "XFD")] {
            assert_eq!(column_letters(column), letters);
            assert_eq!(cell_place(&format!("{letters}7")), Some((6, column)));
        }
    }
}

//! How the numbers and dates of a column are written.

use std::collections::BTreeSet;

/// Whether a cell is a number, a date or a time by its signs alone.
pub(super) fn is_value_like(cell: &str) -> bool {
    let cell = cell.trim();
    cell.contains(|c: char| c.is_ascii_digit())
        && cell.chars().all(|c| c.is_ascii_digit() || ".,'+-/: %()\u{a0}\u{202f}".contains(c))
}

/// Whether a cell may be a year, which columns have as a name.
pub(super) fn is_year(cell: &str) -> bool {
    let cell = cell.trim();
    cell.len() == 4 && cell.parse::<u16>().is_ok_and(|year| (1900..=2100).contains(&year))
}

/// So many values with the same number of groups, and no other, are codes.
const LEAST_CODES: u64 = 3;

/// How the numbers of a column are written, in values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Numbers {
    /// Numbers with a comma that can only be a decimal sign: `12,5`, `1.234,50`.
    pub(super) comma: u64,
    /// Numbers with a point that can only be a decimal sign.
    pub(super) point: u64,
    /// Numbers with points that can only be between groups: `1.234,5`, `1.234.567`.
    pub(super) point_groups: u64,
    /// Numbers with commas that can only be between groups.
    pub(super) comma_groups: u64,
    /// Numbers with blanks between groups.
    pub(super) blank_groups: u64,
    /// `1,234`, which can be either.
    pub(super) unclear_comma: u64,
    /// `1.234`, which can be either.
    pub(super) unclear_point: u64,
    /// Whole numbers.
    pub(super) whole: u64,
    /// Values of every kind.
    pub(super) values: u64,
}

impl Numbers {
    /// Counts the values of a column.
    pub(super) fn of<'a>(cells: impl Iterator<Item = &'a str>) -> Self {
        let mut numbers = Self::default();
        let mut points = BTreeSet::new();
        for cell in cells.map(str::trim).filter(|cell| !cell.is_empty()) {
            numbers.values += 1;
            numbers.enter(cell);
            points.insert(cell.matches('.').count());
        }
        // Amounts have other sizes; internet addresses and account numbers have as many groups each.
        let are_codes = numbers.point_groups == numbers.values && numbers.values >= LEAST_CODES && points.len() == 1;
        if are_codes && numbers.comma == 0 && points.first().is_some_and(|points| *points > 1) {
            return Self { values: numbers.values, ..Self::default() };
        }
        numbers
    }

    fn enter(&mut self, cell: &str) {
        let digits = cell.strip_prefix(['-', '+']).unwrap_or(cell);
        let is_blank = |c: char| matches!(c, ' ' | '\u{a0}' | '\u{202f}');
        let bare: String = digits.chars().filter(|c| !is_blank(*c)).collect();
        let has_blanks = bare.len() < digits.len();
        let is_number = bare.starts_with(|c: char| c.is_ascii_digit())
            && bare.ends_with(|c: char| c.is_ascii_digit())
            && bare.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','));
        if !is_number {
            return;
        }
        let whole = digits.split(['.', ',']).next().unwrap_or_default();
        if has_blanks {
            // Blanks elsewhere, as in telephone numbers, are no groups.
            if !is_grouped(whole, is_blank) || digits[whole.len()..].contains(is_blank) {
                return;
            }
            self.blank_groups += 1;
        }
        let count = |sign| bare.matches(sign).count();
        let before = |sign: char| bare.split(sign).next().unwrap_or_default();
        match (count(','), count('.')) {
            (0, 0) if !has_blanks => self.whole += 1,
            (1, 0) => {
                let is_unclear = !has_blanks && could_be_group(&bare, ',');
                *(if is_unclear { &mut self.unclear_comma } else { &mut self.comma }) += 1;
            }
            (0, 1) => {
                let is_unclear = !has_blanks && could_be_group(&bare, '.');
                *(if is_unclear { &mut self.unclear_point } else { &mut self.point }) += 1;
            }
            (1, points) if points > 0 && bare.rfind('.') < bare.rfind(',') && is_grouped(before(','), |c| c == '.') => {
                self.comma += 1;
                self.point_groups += 1;
            }
            (commas, 1) if commas > 0 && bare.rfind(',') < bare.rfind('.') && is_grouped(before('.'), |c| c == ',') => {
                self.point += 1;
                self.comma_groups += 1;
            }
            (0, _) if is_grouped(&bare, |c| c == '.') => self.point_groups += 1,
            (_, 0) if is_grouped(&bare, |c| c == ',') => self.comma_groups += 1,
            _ => {}
        }
    }

    /// Whether nearly all values are numbers.
    pub(super) fn are_numbers(&self) -> bool {
        let numbers = self.whole
            + self.unclear_comma
            + self.unclear_point
            + self.comma.max(self.blank_groups)
            + self.point
            + (self.point_groups + self.comma_groups).saturating_sub(self.comma.min(self.point_groups));
        self.values > 0 && numbers.min(self.values) * 10 >= self.values * 9
    }
}

/// Whether a number with this sign once may have it between groups of three digits.
fn could_be_group(number: &str, sign: char) -> bool {
    is_grouped(number, |c| c == sign)
}

/// Whether digits have groups of three behind the first sign. A group never follows a leading zero.
fn is_grouped(number: &str, is_sign: impl Fn(char) -> bool) -> bool {
    let mut groups = number.split(is_sign);
    let first = groups.next().unwrap_or_default();
    let mut rest = groups.peekable();
    (1..=3).contains(&first.len())
        && !first.starts_with('0')
        && rest.peek().is_some()
        && rest.all(|group| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit()))
}

/// In what order the dates of a column are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Dates {
    /// Dates whose first number is more than 12.
    pub(super) day_first: u64,
    /// Dates whose second number is more than 12.
    pub(super) month_first: u64,
    /// Dates that can be both.
    pub(super) unclear: u64,
    /// Dates with a number of one digit.
    pub(super) short: u64,
    /// The sign between the numbers; `None` where there are several.
    pub(super) sign: Option<char>,
    /// Values of every kind.
    pub(super) values: u64,
}

impl Dates {
    /// Counts the values of a column.
    pub(super) fn of<'a>(cells: impl Iterator<Item = &'a str>) -> Self {
        let mut dates = Self::default();
        let mut signs = BTreeSet::new();
        for cell in cells.map(str::trim).filter(|cell| !cell.is_empty()) {
            dates.values += 1;
            let Some((first, second, sign)) = parts(cell) else { continue };
            signs.insert(sign);
            dates.short += u64::from(first.len() == 1 || second.len() == 1);
            let number = |text: &str| text.parse::<u8>().unwrap_or_default();
            match (number(first), number(second)) {
                (13..=31, 1..=12) => dates.day_first += 1,
                (1..=12, 13..=31) => dates.month_first += 1,
                (1..=12, 1..=12) => dates.unclear += 1,
                _ => {}
            }
        }
        dates.sign = signs.first().copied().filter(|_| signs.len() == 1);
        dates
    }

    /// Those that are dates.
    pub(super) const fn dates(&self) -> u64 {
        self.day_first + self.month_first + self.unclear
    }

    /// Whether nearly all values are such dates.
    pub(super) const fn are_dates(&self) -> bool {
        self.values > 0 && self.dates() * 10 >= self.values * 9
    }
}

/// Both numbers before the year, and the sign between them.
fn parts(cell: &str) -> Option<(&str, &str, char)> {
    let sign = cell.chars().find(|c| matches!(c, '/' | '.' | '-'))?;
    let mut parts = cell.split(sign);
    let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
    let is = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    (parts.next().is_none() && is(first, 1..=2) && is(second, 1..=2) && is(year, 4..=4))
        .then_some((first, second, sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(cells: &[&str]) -> Numbers {
        Numbers::of(cells.iter().copied())
    }

    #[test]
    fn codes_with_points_are_no_amounts() {
        assert_eq!(numbers(&["192.168.134.100", "192.168.134.101", "192.168.135.102"]).point_groups, 0);
        assert_eq!(numbers(&["1.234.000", "12.345.000", "2.000"]).point_groups, 2);
        assert_eq!(numbers(&["123.456.101", "123.456.102", "123.456.103"]).point_groups, 0);
    }

    #[test]
    fn a_comma_is_a_decimal_sign_only_where_it_can_be_nothing_else() {
        let found = numbers(&["12,5", "1.234,50", "0,123", "1234,567", "1,234", "7", "-3,25", ""]);
        let expected =
            Numbers { comma: 5, point_groups: 1, unclear_comma: 1, whole: 1, values: 7, ..Numbers::default() };
        assert_eq!(found, expected);
        assert!(found.are_numbers());
        assert_eq!(numbers(&["1,234", "12,345"]).unclear_comma, 2);
        assert_eq!(
            numbers(&["1,234,567", "1,234.5"]),
            Numbers { point: 1, comma_groups: 2, values: 2, ..Numbers::default() }
        );
        let found = numbers(&["1.234.567", "1.234"]);
        assert_eq!((found.point_groups, found.unclear_point, found.are_numbers()), (1, 1, true));
        let found = numbers(&["1 234,5", "1\u{a0}234", "12 34"]);
        assert_eq!((found.blank_groups, found.comma, found.values), (2, 1, 3));
        assert!(!numbers(&["a", "1,5"]).are_numbers());
        assert_eq!(numbers(&["1.2.3", "1,2,3", "1,2.3,4"]), Numbers { values: 3, ..Numbers::default() });
    }

    #[test]
    fn the_order_of_dates_shows_where_a_number_is_more_than_12() {
        let found = Dates::of(["31/12/1999", "01/02/2000", "1/2/2000", "x"].into_iter());
        let expected = Dates { day_first: 1, unclear: 2, short: 1, sign: Some('/'), values: 4, ..Dates::default() };
        assert_eq!(found, expected);
        assert!(!found.are_dates());
        assert_eq!(Dates::of(["12/31/1999"].into_iter()).month_first, 1);
        assert_eq!(Dates::of(["1999/12/31", "31/12/99", "40/40/1999"].into_iter()).dates(), 0);
        assert_eq!(Dates::of(["31/12/1999", "31.12.1999"].into_iter()).sign, None);
    }
}

//! Lists of values that a column is limited to, and rare values that are typing errors of frequent ones.

use std::collections::BTreeMap;

/// The most values of a list.
const MOST_VALUES: usize = 50;

/// The longest value of a list, in characters; longer ones are texts.
const LONGEST: usize = 120;

/// A value in so many rows is no accident.
const OFTEN: u64 = 5;

/// A typing error has at least so many times fewer rows than what was meant.
const TIMES_FEWER: u64 = 8;

/// A list of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ClosedList {
    /// The values, in their order.
    pub(super) values: Vec<String>,
    /// Rows with one of them.
    pub(super) rows: u64,
    /// Rows of the rarest of them.
    pub(super) rarest: u64,
    /// Values in one row only, or in two, that are in the list: the fewer, the less likely is a value that was not seen.
    pub(super) rare: u64,
    /// Rows with a value that looks like a typing error of one of them.
    pub(super) slips: u64,
}

/// The values that the column is limited to: `None` where there are too many, or where new ones are to be expected.
pub(super) fn of_counts(counts: &BTreeMap<String, u64>) -> Option<ClosedList> {
    let all: u64 = counts.values().sum();
    let mut ranked: Vec<(&String, u64)> = counts.iter().map(|(value, rows)| (value, *rows)).collect();
    ranked.sort_by(|(left, a), (right, b)| b.cmp(a).then_with(|| left.cmp(right)));
    let mut listed: Vec<(&String, u64)> = Vec::new();
    let mut slips = 0;
    for (value, rows) in ranked {
        let is_slip = rows <= (all / 50).max(3)
            && listed
                .iter()
                .any(|(known, often)| rows * TIMES_FEWER <= *often && *often >= OFTEN && is_slip(value, known));
        if is_slip {
            slips += rows;
            continue;
        }
        listed.push((value, rows));
        if listed.len() > MOST_VALUES || value.chars().count() > LONGEST {
            return None;
        }
    }
    let rows = all - slips;
    let rare = listed.iter().filter(|(_, rows)| *rows <= 2).count() as u64;
    // The share of rows with a value that was not seen yet is about that of the values that were seen once.
    let is_closed = rare * 100 <= rows && listed.len() as u64 * 10 <= rows && !listed.is_empty();
    let rarest = listed.iter().map(|(_, rows)| *rows).min().unwrap_or_default();
    let mut values: Vec<String> = listed.into_iter().map(|(value, _)| value.clone()).collect();
    values.sort();
    is_closed.then_some(ClosedList { values, rows, rarest, rare, slips })
}

/// Whether a value looks like a typing error of another: a letter or two that are wrong, missing or too many. Another digit
/// is another value.
fn is_slip(value: &str, meant: &str) -> bool {
    let (value, meant): (Vec<char>, Vec<char>) = (value.chars().collect(), meant.chars().collect());
    let length = meant.len();
    let most = match length {
        0..=2 => return false,
        3..=7 => 1,
        _ => (length / 5).clamp(2, 8),
    };
    if value.len().abs_diff(length) > most {
        return false;
    }
    let digits = |text: &[char]| text.iter().filter(|c| c.is_ascii_digit()).collect::<String>();
    let (of_value, of_meant) = (digits(&value), digits(&meant));
    let is_other_number = of_value != of_meant && of_value.len() >= of_meant.len();
    !is_other_number && distance(&value, &meant) <= most
}

/// How many characters are wrong, missing or too many.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (row, a) in left.iter().enumerate() {
        let mut next = vec![row + 1];
        for (at, b) in right.iter().enumerate() {
            let cost = usize::from(a != b);
            let best = (last[at] + cost).min(last[at + 1] + 1).min(next[at] + 1);
            next.push(best);
        }
        last = next;
    }
    last[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
        counts.iter().map(|(value, rows)| ((*value).to_owned(), *rows)).collect()
    }

    #[test]
    fn typing_errors_are_left_out_of_a_list() {
        let found = of_counts(&counts(&[
            ("pneumonia", 240),
            ("heart attack", 270),
            ("pneumoxia", 3),
            ("hxart attack", 1),
            ("yes", 100),
            ("yxs", 2),
            ("no", 40),
        ]))
        .expect("a list");
        assert_eq!(found.values, ["heart attack", "no", "pneumonia", "yes"]);
        assert_eq!((found.rows, found.rarest, found.rare, found.slips), (650, 40, 0, 6));
    }

    #[test]
    fn another_digit_is_another_value() {
        let found = of_counts(&counts(&[("hf-1", 200), ("hf-2", 20), ("hf-3", 9), ("hf-x", 1)])).expect("a list");
        assert_eq!(found.values, ["hf-1", "hf-2", "hf-3"]);
    }

    #[test]
    fn an_open_list_is_no_list() {
        let names: Vec<String> =
            (0..30).map(|at| format!("{}name", char::from(b'a' + at % 26)).repeat(1 + at as usize)).collect();
        let some: Vec<(&str, u64)> = names.iter().map(|name| (name.as_str(), 1)).collect();
        assert_eq!(of_counts(&counts(&some)), None);
        assert_eq!(of_counts(&counts(&[])), None);
    }
}

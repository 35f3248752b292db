//! Lists of values that a column is limited to, and rare values that are typing errors of frequent ones.

use std::collections::BTreeMap;

/// The most values of a list.
const MOST_VALUES: usize = 50;

/// The most different values of a column that may have a list: some are typing errors.
const MOST_COUNTED: usize = 300;

/// The most values of few rows that are no typing errors.
const MOST_RARE: usize = 10;

/// The longest value of a list, in characters; longer ones are texts.
const LONGEST: usize = 120;

/// A value in so many rows is no accident.
const OFTEN: u64 = 5;

/// A typing error has at least so many times fewer rows than what was meant.
const TIMES_FEWER: u64 = 8;

/// A list of values, each of them in at least [`OFTEN`] rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ClosedList {
    /// The values, in their order.
    pub(super) values: Vec<String>,
    /// Rows with one of them.
    pub(super) rows: u64,
    /// Rows of the rarest of them.
    pub(super) rarest: u64,
    /// Rows with a value that looks like a typing error of one of them.
    pub(super) slips: u64,
    /// Rows with another value that few rows have.
    pub(super) rare: u64,
}

/// The values that the column is limited to: `None` where there are too many, or where new ones are to be expected.
pub(super) fn of_counts(counts: &BTreeMap<String, u64>) -> Option<ClosedList> {
    if counts.len() > MOST_COUNTED {
        return None;
    }
    let all: u64 = counts.values().sum();
    let mut ranked: Vec<(&String, u64)> = counts.iter().map(|(value, rows)| (value, *rows)).collect();
    ranked.sort_by(|(left, a), (right, b)| b.cmp(a).then_with(|| left.cmp(right)));
    let mut listed: Vec<(&String, u64)> = Vec::new();
    let mut slips: Vec<(&String, &String, u64)> = Vec::new();
    let (mut rare, mut rare_values) = (0, 0);
    for (value, rows) in ranked {
        let may_be_meant = listed.iter().filter(|(known, often)| {
            rows <= (all / 50).max(3) && rows * TIMES_FEWER <= *often && *often >= OFTEN && is_slip(value, known)
        });
        if let Some((meant, _)) = may_be_meant.min_by_key(|(known, _)| differences(value, known)) {
            slips.push((value, meant, rows));
        } else if rows < OFTEN {
            rare += rows;
            rare_values += 1;
            if rare_values > MOST_RARE {
                return None;
            }
        } else {
            listed.push((value, rows));
            if listed.len() > MOST_VALUES || value.chars().count() > LONGEST {
                return None;
            }
        }
    }
    let systematic = systematic(&slips);
    rare += systematic;
    let slips = slips.iter().map(|(.., rows)| rows).sum::<u64>() - systematic;
    let rows = all - slips - rare;
    // The share of rows with a value that was not seen yet is about that of the values that were seen once.
    let is_closed = !listed.is_empty()
        && rare * 100 <= rows
        && rare_values <= (listed.len() / 5).clamp(2, MOST_RARE)
        && listed.len() as u64 * 10 <= rows;
    let rarest = listed.iter().map(|(_, rows)| *rows).min().unwrap_or_default();
    let mut values: Vec<String> = listed.into_iter().map(|(value, _)| value.clone()).collect();
    values.sort();
    is_closed.then_some(ClosedList { values, rows, rarest, slips, rare })
}

/// Several values in which the same letter in the same place is another: that is how codes differ, and not typing errors.
const SYSTEMATIC: u64 = 4;

/// Rows of values that differ from a frequent one as other values do.
fn systematic(slips: &[(&String, &String, u64)]) -> u64 {
    let mut edits: BTreeMap<(usize, char, char), (u64, u64)> = BTreeMap::new();
    for (value, meant, rows) in slips {
        let pairs = value.chars().zip(meant.chars()).enumerate().filter(|(_, (a, b))| a != b);
        let differences: Vec<(usize, (char, char))> = pairs.collect();
        if let ([(at, (is, was))], true) = (differences.as_slice(), value.chars().count() == meant.chars().count()) {
            let (values, all) = edits.entry((*at, *is, *was)).or_default();
            *values += 1;
            *all += rows;
        }
    }
    edits.values().filter(|(values, _)| *values >= SYSTEMATIC).map(|(_, rows)| rows).sum()
}

/// Whether a value looks like a typing error of another: a letter or two that are wrong, missing or too many. Another digit
/// is another value.
pub(super) fn is_slip(value: &str, meant: &str) -> bool {
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

/// How many characters of two texts differ.
fn differences(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    distance(&left, &right)
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
        assert_eq!((found.rows, found.rarest, found.slips, found.rare), (650, 40, 6, 0));
    }

    #[test]
    fn another_digit_is_another_value() {
        let found = of_counts(&counts(&[("hf-1", 200), ("hf-2", 20), ("hf-3", 9), ("hf-x", 1)])).expect("a list");
        assert_eq!(found.values, ["hf-1", "hf-2", "hf-3"]);
    }

    #[test]
    fn rare_values_are_not_shown() {
        let found = of_counts(&counts(&[("yes", 900), ("no", 90), ("perhaps", 2)])).expect("a list");
        assert_eq!((found.values.join(" "), found.rare), ("no yes".to_owned(), 2));
        assert_eq!(of_counts(&counts(&[("BOEING", 900), ("HESS", 1), ("GARY", 1), ("LAMBERT", 1)])), None);
    }

    #[test]
    fn codes_that_differ_in_the_same_way_are_no_typing_errors() {
        let mut rows = counts(&[]);
        for code in 'a'..='j' {
            rows.insert(format!("al_code-{code}"), 95);
            rows.insert(format!("ak_code-{code}"), 2);
        }
        assert_eq!(of_counts(&rows), None);
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

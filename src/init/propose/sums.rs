//! Sums and products that hold in each row.

use super::super::candidate::{Candidate, ENOUGH, FIVE_PERCENT, Prior};
use super::super::table::{Facts, Reading, Table};
use super::super::yaml_text;
use crate::model::{ArithmeticOp, Decimal};
use crate::scalar::decimal_arithmetic;

/// The most columns of numbers that are tried.
const MOST_COLUMNS: usize = 30;

/// Rows with which each sum is tried first.
const FIRST: u64 = 30;

/// The most rows with which a sum is tried.
const MOST_ROWS: usize = 2_000;

/// The most rules.
const MOST_RULES: usize = 12;

/// The numbers of a column.
struct Numbers<'a> {
    facts: Facts<'a>,
    numbers: Vec<Option<Decimal>>,
}

/// Rules about sums and products.
pub(super) fn of_table(table: &Table<'_>) -> Vec<Candidate> {
    let is_number = |facts: &Facts<'_>| {
        matches!(facts.reading(), Reading::Number { .. })
            && facts.held.is_some_and(|held| held.values.len() >= 5)
            && facts.values() >= 20
    };
    let columns: Vec<Numbers<'_>> = table
        .columns()
        .filter(is_number)
        .take(MOST_COLUMNS)
        .filter_map(|facts| {
            let mut numbers = facts.held?.numbers();
            numbers.truncate(MOST_ROWS);
            Some(Numbers { facts, numbers })
        })
        .collect();
    let mut candidates = Vec::new();
    for (at, total) in columns.iter().enumerate() {
        for (op, sign) in [(ArithmeticOp::Add, "+"), (ArithmeticOp::Multiply, "*")] {
            for (first_at, first) in columns.iter().enumerate().filter(|(first, _)| *first != at) {
                for second in columns.iter().skip(first_at + 1).filter(|second| second.facts.at != total.facts.at) {
                    if candidates.len() >= MOST_RULES {
                        return candidates;
                    }
                    if let Some((held, rows)) = holds(total, first, second, op) {
                        candidates.push(rule(table, [total, first, second], sign, (held, rows)));
                    }
                }
            }
        }
    }
    candidates
}

/// In how many of how many rows a column is the sum or the product of two others, where that is no accident.
fn holds(total: &Numbers<'_>, first: &Numbers<'_>, second: &Numbers<'_>, op: ArithmeticOp) -> Option<(u64, u64)> {
    let (mut held, mut rows, mut telling) = (0, 0, 0);
    let all = total.numbers.iter().zip(&first.numbers).zip(&second.numbers);
    for ((total, first), second) in all {
        let (Some(total), Some(first), Some(second)) = (total, first, second) else { continue };
        rows += 1;
        if decimal_arithmetic(op, *first, *second) == Some(*total) {
            held += 1;
            // With zero or one, a part is the whole.
            telling += u64::from(total != first && total != second);
        }
        if rows == FIRST && held * 10 < rows * 8 {
            return None;
        }
    }
    (rows >= 20 && held * 20 >= rows * 19 && telling >= 20).then_some((held, rows))
}

fn rule(
    table: &Table<'_>,
    [total, first, second]: [&Numbers<'_>; 3],
    sign: &str,
    (held, rows): (u64, u64),
) -> Candidate {
    let names = [total.facts.name(), first.facts.name(), second.facts.name()];
    let [all, one, other] = names.map(yaml_text::column);
    let that = format!("{all} = {one} {sign} {other}");
    let prior = if held == rows && rows >= ENOUGH { Prior::Sure } else { Prior::Likely };
    let at = names.iter().filter_map(|name| table.column(name)).map(|facts| facts.at + 1).max().unwrap_or_default();
    Candidate::new(table.at, at, "expect", &names, prior).with("that", yaml_text::value(&that)).tolerating(FIVE_PERCENT)
}

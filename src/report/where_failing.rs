//! Where failing rows are, and which rules fail together, for people.

use super::Safe;
use super::page::{Line, Page};
use super::style::BOLD;
use super::wording::{Plural, short_id};
use crate::model::{ComparedFailures, Count, DatasetReport, FailTogether, RuleReport, Score};

/// The most columns that are named.
const MOST_NAMED: usize = 20;

/// How many pairs of rules are shown by default.
const PAIRS_SHOWN: usize = 3;

/// The groups that hold most failing rows of a rule, a line each.
pub(super) fn of_rule(page: &mut Page, rule: &RuleReport) {
    let Some(found) = &rule.where_failing else { return };
    if let Some(reason) = &found.reason {
        page.paragraph(4, 6, &Line::default().styled(BOLD, "where").text(": ").text(Safe(reason)));
    }
    for group in &found.groups {
        let values: Vec<String> = group.of.iter().map(ToString::to_string).collect();
        let line = Line::default().styled(BOLD, "where").text(": ").text(Safe(&values.join(" and ")));
        let share = |part, whole| Score::rate(part, whole).map_or_else(String::new, |share| format!(" ({share} %)"));
        let line = line.text(format_args!(
            ": {} of {} failing rows{}, in {} of {} rows{}",
            Count(group.failing),
            Count(found.failing),
            share(group.failing, found.failing),
            Count(group.rows),
            Count(found.rows),
            share(group.rows, found.rows)
        ));
        page.paragraph(4, 6, &line);
    }
}

/// The rules of a dataset that fail together, and by what its failing rows were grouped.
pub(super) fn of_dataset(page: &mut Page, dataset: &DatasetReport, verbose: bool) {
    let Some(compared) = &dataset.compared_failures else { return };
    let shown = if verbose { compared.together.len() } else { PAIRS_SHOWN };
    for pair in compared.together.iter().take(shown) {
        page.paragraph(2, 4, &together(pair, dataset, compared));
    }
    let more = compared.together.len().saturating_sub(shown) as u64 + compared.more_together;
    if more > 0 {
        page.paragraph(2, 4, &Line::new(format_args!("{} of rules that fail together", Plural(more, "further pair"))));
    }
    let mut parts = vec![format!(
        "{} by which failing rows were searched, {} of them in pairs",
        Plural(compared.grouped_by.len() as u64, "grouping"),
        compared.in_pairs
    )];
    let counted = [
        (&compared.left_out, "with one value or more than 64"),
        (&compared.personal, "personal"),
        (&compared.not_read, "of a type that no rule reads or beyond the first 100"),
    ];
    let left_out = counted.iter().filter(|(columns, _)| !columns.is_empty());
    parts.extend(left_out.map(|(columns, why)| {
        let count = Plural(columns.len() as u64, "column");
        if !verbose {
            return format!("{count} left out, {why}");
        }
        let named = columns.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = match columns.len().saturating_sub(MOST_NAMED) as u64 {
            0 => String::new(),
            more => format!(" and {}", Plural(more, "further column")),
        };
        format!("{count} left out, {why}: {named}{more}")
    }));
    page.paragraph(2, 4, &Line::new(Safe(&parts.join("; "))));
}

fn together(pair: &FailTogether, dataset: &DatasetReport, compared: &ComparedFailures) -> Line {
    let [first, second] = pair.rules.each_ref().map(|id| short_id(id, dataset));
    let line = Line::default().styled(BOLD, "fail together").text("  ").text(Safe(&format!("{first} and {second}")));
    line.text(format_args!(
        ": {}, {}.{:02} times what chance gives ({} and {} of {})",
        Plural(pair.both, "row"),
        Count(pair.lift_percent / 100),
        pair.lift_percent % 100,
        Count(pair.each[0]),
        Count(pair.each[1]),
        Count(compared.rows)
    ))
}

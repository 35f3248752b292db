//! The first failing rows and groups of each dataset, for people.

use std::io::Write;

use comfy_table::{ContentArrangement, Table, presets};

use super::WorklistError;
use super::selection::Selection;
use crate::model::{Count, EvidenceDataset, EvidenceRule, FailingGroup, FailingRow};
use crate::report::{Safe, reason_in_words};

/// How many rows, and how many groups, of a dataset are shown.
const SHOWN: usize = 20;

/// Writes the first failing rows and groups of each dataset, and how many there are in all.
///
/// # Errors
/// If the evidence cannot be read or the text cannot be written.
pub fn write_table(selection: &Selection<'_>, width: usize, mut out: impl Write) -> Result<(), WorklistError> {
    let mut is_empty = true;
    for dataset in selection.datasets() {
        let (rows, all) = first(selection.rows(dataset)?)?;
        if all > 0 {
            writeln!(out, "{}: {} failing {}", Safe(&dataset.name), Count(all), noun(all, "row"))?;
            write_rows(&mut out, width, &row_cells(selection, dataset, &rows))?;
            if !dataset.revealed.is_empty() {
                writeln!(out, "  the revealed cells are not shown here; --format csv shows them")?;
            }
            write_more(&mut out, all, rows.len(), "--format csv shows all")?;
        }
        let (groups, groups_in_all) = first(selection.groups(dataset)?)?;
        if groups_in_all > 0 {
            let noun = noun(groups_in_all, "group");
            writeln!(out, "{}: {} failing {noun}", Safe(&dataset.name), Count(groups_in_all))?;
            write_rows(&mut out, width, &group_cells(&groups))?;
            write_more(&mut out, groups_in_all, groups.len(), "--format csv shows all")?;
        }
        if let Some(reason) = &dataset.not_listed {
            writeln!(out, "{}: not listed: {}\n", Safe(&dataset.name), Safe(reason))?;
        }
        is_empty &= all + groups_in_all == 0 && dataset.not_listed.is_none();
    }
    for rule in selection.failed_rules() {
        if let Some(limit) = limit_in_words(rule) {
            writeln!(out, "{}: {limit}", Safe(&rule.id))?;
        }
    }
    if is_empty {
        writeln!(out, "no failing rows and no failing groups")?;
    }
    Ok(())
}

const fn noun(count: u64, one: &'static str) -> &'static str {
    match (count, one.len()) {
        (1, _) => one,
        (_, 3) => "rows",
        _ => "groups",
    }
}

/// The first items, and how many there are.
fn first<T, E>(items: impl Iterator<Item = Result<T, E>>) -> Result<(Vec<T>, u64), E> {
    let (mut shown, mut all) = (Vec::new(), 0);
    for item in items {
        let item = item?;
        all += 1;
        if shown.len() < SHOWN {
            shown.push(item);
        }
    }
    Ok((shown, all))
}

fn write_rows(out: &mut impl Write, width: usize, rows: &[Vec<String>]) -> Result<(), WorklistError> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty();
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    table.add_rows(rows);
    for line in table.lines() {
        writeln!(out, " {}", line.trim_end())?;
    }
    Ok(())
}

fn write_more(out: &mut impl Write, all: u64, shown: usize, help: &str) -> Result<(), WorklistError> {
    match all.saturating_sub(shown as u64) {
        0 => writeln!(out)?,
        more => writeln!(out, "  {} more; {help}\n", Count(more))?,
    }
    Ok(())
}

/// Place, key, and what is wrong, under a header.
fn row_cells(selection: &Selection<'_>, dataset: &EvidenceDataset, rows: &[FailingRow]) -> Vec<Vec<String>> {
    let mut cells = vec![["place", "key", "failed rules"].map(str::to_owned).to_vec()];
    let has_key = !dataset.key.is_empty();
    for row in rows {
        let file = Safe(&row.file);
        let place = match row.line {
            Some(line) => format!("{file} line {line}"),
            None => format!("{file} record {}", row.record),
        };
        let key: Vec<String> =
            dataset.key.iter().zip(&row.key).map(|(key, value)| named(&key.column, value.as_deref())).collect();
        let fails: Vec<String> = row
            .failed
            .iter()
            .map(|failed| {
                let id = Safe(&failed.rule);
                let title = selection.rule(&failed.rule).map(|rule| format!(": {}", Safe(&rule.title)));
                let reason = failed.reason.as_deref().map(|reason| format!(" ({})", Safe(&reason_in_words(reason))));
                format!("{id}{}{}", title.unwrap_or_default(), reason.unwrap_or_default())
            })
            .collect();
        cells.push(vec![place, key.join("\n"), fails.join("\n")]);
    }
    if !has_key {
        for row in &mut cells {
            row.remove(1);
        }
    }
    cells
}

/// What is listed of a rule, if a limit cut its list.
pub(super) fn limit_in_words(rule: &EvidenceRule) -> Option<String> {
    let limit = Count(rule.limit?);
    let failed = Count(rule.failed);
    Some(match (rule.listed, rule.groups) {
        (listed, 0) => format!("{} of {failed} failures are listed: the limit was {limit}", Count(listed)),
        // A gap is a group and counts as many failures as it has points.
        (0, groups) => {
            format!("{} failing groups are listed, of {failed} failures: the limit was {limit}", Count(groups))
        }
        (listed, groups) => format!(
            "{} failing rows and {} failing groups are listed, of {failed} failures: the limit was {limit}",
            Count(listed),
            Count(groups)
        ),
    })
}

/// Rule, key, what each side says, and why the group fails, under a header.
fn group_cells(groups: &[FailingGroup]) -> Vec<Vec<String>> {
    let header = ["rule", "group", "found", "reason"].map(str::to_owned).to_vec();
    let cells = groups.iter().map(|group| {
        let key: Vec<String> =
            group.key_columns.iter().zip(&group.key).map(|(name, value)| named(name, value.as_deref())).collect();
        vec![Safe(&group.rule).to_string(), key.join("\n"), statements(group).join("\n"), reason_of(group)]
    });
    std::iter::once(header).chain(cells).collect()
}

/// What each side says about a group.
pub(super) fn statements(group: &FailingGroup) -> Vec<String> {
    let says = group.says.iter().map(|says| {
        let value = match (says.count, &says.value) {
            (Some(count), None) => Count(count).to_string(),
            (None, Some(value)) => Safe(value).to_string(),
            (Some(count), Some(value)) => format!("{} ({} {})", Safe(value), Count(count), noun(count, "row")),
            (None, None) => "not shown".to_owned(),
        };
        format!("{}: {} = {value}", Safe(&says.side), Safe(&says.measure))
    });
    says.collect()
}

/// Why a group fails, with the points of a gap.
pub(super) fn reason_of(group: &FailingGroup) -> String {
    let words = reason_in_words(&group.why);
    match (&group.first, &group.last) {
        (Some(first), Some(last)) if first == last => format!("{}: {}", Safe(&words), Safe(first)),
        (Some(first), Some(last)) => format!("{}: {} to {}", Safe(&words), Safe(first), Safe(last)),
        (Some(point), None) | (None, Some(point)) => format!("{}: {}", Safe(&words), Safe(point)),
        (None, None) => Safe(&words).to_string(),
    }
}

fn named(column: &str, value: Option<&str>) -> String {
    let value = value.map_or_else(|| "(missing)".to_owned(), |value| Safe(value).to_string());
    format!("{} = {value}", Safe(column))
}

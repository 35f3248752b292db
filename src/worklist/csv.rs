//! CSV: one line for each failing row and rule, and one for each failing group.

use std::collections::BTreeSet;
use std::io::Write;

use super::WorklistError;
use super::selection::Selection;
use super::table::statements;
use crate::model::EvidenceRule;
use crate::report::reason_in_words;
use crate::report::spreadsheet::guarded;

/// Writes one line for each failing row and rule, and one for each failing group, which has no place. Key columns of all
/// datasets and groups follow the place; cells that were revealed come last.
///
/// # Errors
/// If the evidence cannot be read or the text cannot be written.
pub fn write_csv(selection: &Selection<'_>, out: impl Write) -> Result<(), WorklistError> {
    let mut key_columns: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    for column in selection.datasets().flat_map(|dataset| &dataset.key) {
        if seen.insert(column.column.clone()) {
            key_columns.push(column.column.clone());
        }
    }
    for dataset in selection.datasets() {
        for group in selection.groups(dataset)? {
            for column in group?.key_columns {
                if seen.insert(column.clone()) {
                    key_columns.push(column);
                }
            }
        }
    }
    let mut revealed: Vec<&String> = Vec::new();
    for column in selection.datasets().flat_map(|dataset| &dataset.revealed) {
        if !revealed.contains(&column) {
            revealed.push(column);
        }
    }
    let mut csv = ::csv::Writer::from_writer(out);
    let place = ["dataset", "file", "record", "line"].map(str::to_owned);
    let rule = ["rule", "title", "severity", "owner", "reason", "reason_code", "fix", "found", "first", "last"]
        .map(str::to_owned);
    let key = key_columns.iter().map(|column| guarded(&format!("key.{column}")));
    let cells = revealed.iter().map(|column| guarded(&format!("cell.{column}")));
    csv.write_record(place.into_iter().chain(key).chain(rule).chain(cells))?;
    for dataset in selection.datasets() {
        let positions: Vec<Option<usize>> =
            key_columns.iter().map(|column| dataset.key.iter().position(|key| key.column == *column)).collect();
        let shown: Vec<Option<usize>> =
            revealed.iter().map(|column| dataset.revealed.iter().position(|own| own == *column)).collect();
        for row in selection.rows(dataset)? {
            let row = row?;
            let cells: Vec<&str> =
                shown.iter().map(|at| at.and_then(|at| row.cells.get(at)?.as_deref()).unwrap_or_default()).collect();
            for failed in &row.failed {
                let Some(rule) = selection.rule(&failed.rule) else { continue };
                let code = failed.reason.as_deref().unwrap_or_default();
                csv.write_field(guarded(&dataset.name))?;
                csv.write_field(guarded(&row.file))?;
                csv.write_field(row.record.to_string())?;
                csv.write_field(row.line.map(|line| line.to_string()).unwrap_or_default())?;
                for position in &positions {
                    let value = position.and_then(|at| row.key.get(at)?.as_deref());
                    csv.write_field(guarded(value.unwrap_or_default()))?;
                }
                write_rule(&mut csv, rule, code, ["", "", ""], &cells)?;
            }
        }
        for group in selection.groups(dataset)? {
            let group = group?;
            let Some(rule) = selection.rule(&group.rule) else { continue };
            csv.write_field(guarded(&dataset.name))?;
            ["", "", ""].iter().try_for_each(|place| csv.write_field(place))?;
            for column in &key_columns {
                let position = group.key_columns.iter().position(|known| known == column);
                let value = position.and_then(|at| group.key.get(at)?.as_deref());
                csv.write_field(guarded(value.unwrap_or_default()))?;
            }
            let [first, last] = [&group.first, &group.last].map(|point| point.as_deref().unwrap_or_default());
            let no_cells = vec![""; revealed.len()];
            write_rule(&mut csv, rule, &group.why, [&statements(&group).join("; "), first, last], &no_cells)?;
        }
    }
    csv.flush()?;
    Ok(())
}

/// Ends a line: the rule, the reason in words and as a code, how to fix it, what the sides of a group say, and the cells that were
/// revealed.
fn write_rule(
    csv: &mut ::csv::Writer<impl Write>,
    rule: &EvidenceRule,
    code: &str,
    [found, first, last]: [&str; 3],
    cells: &[&str],
) -> Result<(), WorklistError> {
    let words = if code.is_empty() { String::new() } else { reason_in_words(code) };
    for text in [
        rule.id.as_str(),
        &rule.title,
        rule.severity.name(),
        rule.owner.as_deref().unwrap_or_default(),
        &words,
        code,
        rule.fix.as_deref().unwrap_or_default(),
        found,
        first,
        last,
    ]
    .iter()
    .chain(cells)
    {
        csv.write_field(guarded(text))?;
    }
    Ok(csv.write_record(None::<&[u8]>)?)
}

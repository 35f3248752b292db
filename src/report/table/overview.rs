//! One line for each dataset: what a reader of many datasets sees first.

use super::{BANDS, Page};
use crate::model::{AuditReport, Count, DatasetReport, DatasetStatus, Status};
use crate::report::Safe;
use crate::report::frame::{Grid, cell};
use crate::report::style::RED;

/// Name, rows, clean rows, score and failed rules of every dataset, in the order of the report.
pub(super) fn overview(page: &mut Page, report: &AuditReport) {
    let others = report.datasets.iter().any(|dataset| !other_rules(dataset).is_empty());
    let gate = report.datasets.iter().any(|dataset| dataset.fails_gate);
    let mut grid = Grid::new().name("dataset");
    if gate {
        grid = grid.words("gate");
    }
    grid = grid.number("rows").number("clean").number("score").number("failed");
    if others {
        grid = grid.words("other rules");
    }
    for dataset in &report.datasets {
        let mut row = vec![cell(Safe(&dataset.name))];
        if gate {
            row.push(if dataset.fails_gate { "failed" } else { "" }.to_owned());
        }
        row.extend([rows(dataset), clean(dataset), score(dataset), failed(dataset)]);
        if others {
            row.push(other_rules(dataset));
        }
        grid.row(row);
    }
    let mut paint = vec![("failed", RED)];
    paint.extend(BANDS);
    page.grid(0, grid, &paint);
}

fn rows(dataset: &DatasetReport) -> String {
    match (&dataset.sampled, dataset.status, dataset.rows) {
        (Some(sampled), ..) => cell(Count(sampled.rows_read)),
        (None, _, Some(rows)) => cell(Count(rows)),
        (None, DatasetStatus::Stopped, None) => cell(Count(dataset.files.iter().map(|file| file.rows).sum())),
        (None, ..) => String::new(),
    }
}

fn clean(dataset: &DatasetReport) -> String {
    let rate = dataset.records.as_ref().and_then(|records| records.rate);
    rate.map(|rate| format!("{rate} %")).unwrap_or_default()
}

fn score(dataset: &DatasetReport) -> String {
    match (dataset.status, dataset.score, dataset.band) {
        (DatasetStatus::Errored, ..) => "not audited".to_owned(),
        (DatasetStatus::NotReached, ..) => "not read".to_owned(),
        (DatasetStatus::Sampled, ..) => "sampled".to_owned(),
        (DatasetStatus::Stopped, ..) => "in part".to_owned(),
        (_, Some(score), Some(band)) => format!("{score} {}", band.name()),
        (_, Some(score), None) => cell(score),
        (_, None, _) => "none".to_owned(),
    }
}

/// The rules that failed, of all that the dataset has.
fn failed(dataset: &DatasetReport) -> String {
    format!("{} of {}", count(dataset, Status::Failed), Count(dataset.rules.len() as u64))
}

/// The rules that neither passed nor failed.
fn other_rules(dataset: &DatasetReport) -> String {
    if matches!(dataset.status, DatasetStatus::Errored | DatasetStatus::NotReached) {
        return String::new();
    }
    let others = [Status::Errored, Status::Waived, Status::Warned, Status::Undecided, Status::NotMeasured];
    let others = others.into_iter().map(|status| (count(dataset, status), status)).filter(|(count, _)| *count > 0);
    others.map(|(count, status)| format!("{} {}", Count(count), status.name())).collect::<Vec<_>>().join(", ")
}

fn count(dataset: &DatasetReport, status: Status) -> u64 {
    dataset.rules.iter().filter(|rule| rule.status == status).count() as u64
}

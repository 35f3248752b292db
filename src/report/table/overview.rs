//! One line for each dataset: what a reader of many datasets sees first.

use super::words::BANDS;
use crate::model::{AuditReport, Count, DatasetReport, DatasetStatus, Status};
use crate::report::Safe;
use crate::report::frame::{Grid, cell};
use crate::report::page::{Line, Page};
use crate::report::style::{RED, YELLOW};
use crate::report::wording::Plural;

/// What marks a dataset that fails the gate.
const FAILS: &str = "✗";

/// How many datasets with rules that were not measured are named.
const UNMEASURED_SHOWN: usize = 5;

/// Name, rows, clean rows, score and failed rules of every dataset, in the order of the report.
pub(super) fn overview(page: &mut Page, report: &AuditReport) {
    let mut grid = Grid::new().name("dataset").number("rows").number("clean %").number("score").number("failed");
    for dataset in &report.datasets {
        let mark = if dataset.fails_gate { FAILS } else { " " };
        let name = format!("{mark} {}", Safe(&dataset.name));
        grid.row([name, rows(dataset), clean(dataset), score(dataset), failed(dataset)]);
    }
    let mut paint = vec![(FAILS, RED)];
    paint.extend(BANDS);
    page.grid(0, grid, &paint);
    let failing = report.datasets.iter().filter(|dataset| dataset.fails_gate).count() as u64;
    if failing > 0 {
        let verb = if failing == 1 { "fails" } else { "fail" };
        let text = format!(" {} {verb} the gate", Plural(failing, "dataset"));
        page.paragraph(0, 2, &Line::default().styled(RED, FAILS).text(text));
    }
}

/// Names the datasets without details that have rules which were not measured.
pub(super) fn unmeasured<'r>(page: &mut Page, datasets: impl Iterator<Item = &'r DatasetReport>) {
    let found: Vec<(&DatasetReport, u64)> = datasets
        .map(|dataset| {
            let rules = dataset.rules.iter().filter(|rule| rule.status == Status::NotMeasured);
            (dataset, rules.count() as u64)
        })
        .filter(|(_, rules)| *rules > 0)
        .collect();
    if found.is_empty() {
        return;
    }
    let shown = found.iter().take(UNMEASURED_SHOWN);
    let mut parts: Vec<String> =
        shown.map(|(dataset, rules)| format!("{} {}", Safe(&dataset.name), Plural(*rules, "rule"))).collect();
    let more = found.len().saturating_sub(UNMEASURED_SHOWN) as u64;
    if more > 0 {
        parts.push(Plural(more, "further dataset").to_string());
    }
    page.paragraph(0, 2, &Line::default().styled(YELLOW, "not measured").text(": ").text(parts.join(" · ")));
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
    dataset.records.as_ref().and_then(|records| records.rate).map(cell).unwrap_or_default()
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
    if matches!(dataset.status, DatasetStatus::Errored | DatasetStatus::NotReached) {
        return "–".to_owned();
    }
    let failed = dataset.rules.iter().filter(|rule| rule.status == Status::Failed).count();
    format!("{}/{}", Count(failed as u64), Count(dataset.rules.len() as u64))
}

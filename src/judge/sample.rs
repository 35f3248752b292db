//! What an audit of a sample says, and what it does not.

use super::case::Case;
use super::interval::interval;
use super::verdict::Basis;
use crate::checks::Outcome;
use crate::engine::{DatasetFacts, Drawn, Execution};
use crate::model::{
    DatasetReport, DatasetStatus, Measure, MeasureKind, Reading, SampledDataset, SampledReport, Share, Spread, Status,
    Unmeasured,
};

/// Which rows the readings of a rule come from, where a sample may have been read.
pub(super) fn basis(
    case: &Case<'_>,
    rule: usize,
    outcome: &Result<Outcome, Unmeasured>,
    execution: &Execution,
) -> Basis {
    let dataset = case.bound[rule].rule.dataset.as_str();
    if !case.is_sampled(rule, execution)
        || !case.measured(rule).all(|(_, measure)| execution.facts(&measure.dataset).is_some())
    {
        return Basis::Whole;
    }
    let is_answered =
        |(at, measure): (usize, &Measure)| measure.kind.is_answered_by_sample() || execution.reading(at).is_ok();
    if let Some((_, measure)) = case.sampled(rule, execution).find(|measured| !is_answered(*measured)) {
        return Basis::Unanswered(format!("a sample cannot answer {}", question(&measure.kind)));
    }
    // A sample of another dataset does not go into a score of this one.
    let elsewhere = |measure: &Measure| measure.dataset != dataset && measure.kind.is_answered_by_sample();
    if let Some((_, measure)) = case.sampled(rule, execution).find(|(_, measure)| elsewhere(measure)) {
        return Basis::Unanswered(format!("only a sample of {} was read", measure.dataset));
    }
    let spread = case.measured(rule).find_map(|(at, _)| spread_of(execution.reading(at).ok()?));
    let (Some(Drawn::Part { share, .. }), Some(spread)) = (execution.samples.get(dataset), spread) else {
        return Basis::Whole;
    };
    let rows = case.rows_of(dataset);
    let (evaluated, failed) =
        outcome.as_ref().map_or((0, 0), |outcome| (outcome.passed + outcome.failed, outcome.failed));
    Basis::Sample {
        share: execution.facts(dataset).map_or(*share, |facts| share_read(*share, facts, rows)),
        interval: interval(evaluated, failed, &spread),
        rows,
    }
}

/// The distribution of failures over the parts of a sample, if the reading has one.
const fn spread_of(reading: &Reading) -> Option<Spread> {
    match reading {
        Reading::Rows(tally) => tally.spread,
        Reading::Count { .. }
        | Reading::Duplicates(_)
        | Reading::Groups(_)
        | Reading::Covered(_)
        | Reading::Points(_)
        | Reading::Similar(_)
        | Reading::Figure { .. }
        | Reading::Entities(_)
        | Reading::Totals(_)
        | Reading::Delays(_)
        | Reading::Detections(_)
        | Reading::Distribution(_)
        | Reading::Columns(_)
        | Reading::Framing(_)
        | Reading::Content { .. }
        | Reading::Values(_)
        | Reading::Digest(_) => None,
    }
}

/// What is sampled of a dataset; `rows` are all its rows, where they are known.
pub fn sampled_dataset(drawn: &Drawn, facts: &DatasetFacts, rows: Option<u64>) -> Option<SampledDataset> {
    let Drawn::Part { asked, share } = drawn else { return None };
    let share = share_read(*share, facts, rows);
    let estimate = u128::from(facts.rows) * u128::from(Share::WHOLE.millionths());
    let estimate = estimate.checked_div(u128::from(share.millionths())).unwrap_or_default();
    Some(SampledDataset {
        asked: *asked,
        share,
        rows_read: facts.rows,
        rows_total: rows.unwrap_or_else(|| u64::try_from(estimate).unwrap_or(u64::MAX)),
        rows_total_is_estimate: rows.is_none(),
        blocks: facts.batches,
    })
}

/// What is said about the whole report of a sample.
pub fn sampled_report(asked: Share, datasets: &[DatasetReport]) -> SampledReport {
    let count = |status| {
        let sampled = datasets.iter().filter(|dataset| dataset.status == DatasetStatus::Sampled);
        let rules = sampled.flat_map(|dataset| &dataset.rules).filter(|rule| rule.status == status);
        u32::try_from(rules.count()).unwrap_or(u32::MAX)
    };
    let datasets = |status| {
        let datasets = datasets.iter().filter(|dataset| dataset.status == status);
        u32::try_from(datasets.count()).unwrap_or(u32::MAX)
    };
    SampledReport {
        asked,
        datasets_sampled: datasets(DatasetStatus::Sampled),
        datasets_in_full: datasets(DatasetStatus::Audited),
        rules_undecided: count(Status::Undecided),
        rules_not_measured: count(Status::NotMeasured),
    }
}

/// The share of a dataset that was read: of its rows where they are known, else of its bytes.
fn share_read(by_size: Share, facts: &DatasetFacts, rows: Option<u64>) -> Share {
    rows.map_or(by_size, |rows| Share::of(facts.rows, rows))
}

/// What a measure asks for that a sample does not have.
const fn question(kind: &MeasureKind) -> &'static str {
    match kind {
        MeasureKind::RowCount => "how many rows there are",
        MeasureKind::DuplicateKeys(_) => "which keys occur more than once",
        MeasureKind::DuplicateRows { .. } => "which rows occur more than once",
        MeasureKind::Continuous(_) => "which points are absent",
        MeasureKind::Covers(_) => "which values do not occur",
        MeasureKind::Grouped(_) => "what all rows of a group say",
        MeasureKind::Similar(_) => "which rows are similar",
        MeasureKind::Figure(_) => "an aggregate of all rows",
        MeasureKind::Steady(_) => "how values are distributed",
        MeasureKind::Entities(_) => "what all datasets say about an entity",
        MeasureKind::Reconciles(_) => "totals of all rows",
        MeasureKind::Lag(_) => "how long most delays are",
        MeasureKind::Outliers(_) => "which values are far from all others",
        MeasureKind::Uniform(_) => "in which format most values are",
        MeasureKind::PersonalData(_) => "whether some value is personal",
        MeasureKind::Framing => "whether all records are whole",
        MeasureKind::Content { .. } => "whether a column is empty",
        MeasureKind::Values(_) => "which values occur",
        MeasureKind::Digest => "the digest of the files",
        MeasureKind::Rows(_) | MeasureKind::Columns => "this",
    }
}

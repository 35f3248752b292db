//! What an audit of a sample says, and what it does not.

use std::collections::BTreeMap;

use super::Opened;
use crate::engine::{DatasetFacts, Execution};
use crate::model::{
    DatasetReport, DatasetStatus, Measure, MeasureKind, Notice, Reading, RuleReport, SampledDataset, SampledReport,
    SampledRule, Share, Status,
};
use crate::plan::{Plan, sample_tells};
use crate::score::{Sampled, interval, judge_sample};
use crate::source::{Sample, Source};

/// The samples of an audit.
#[derive(Debug, Default)]
pub(super) struct Samples {
    /// The share that was asked for.
    asked: Option<Share>,
    /// The datasets of which a sample is read.
    pub(super) drawn: BTreeMap<String, Sample>,
    /// Why others are read in full.
    in_full: BTreeMap<String, String>,
}

impl Samples {
    /// Draws a sample of each dataset, where one is asked for.
    pub(super) fn draw(asked: Option<Share>, sources: &BTreeMap<String, Source>) -> Self {
        let mut samples = Self { asked, ..Self::default() };
        for (name, source) in asked.iter().flat_map(|_| sources) {
            match source.sample(asked.unwrap_or(Share::WHOLE)) {
                Ok(sample) => drop(samples.drawn.insert(name.clone(), sample)),
                Err(reason) => drop(samples.in_full.insert(name.clone(), reason.to_string())),
            }
        }
        samples
    }

    /// Puts in the readings that are known without reading rows.
    pub(super) fn complete(&self, plan: &Plan, opened: &Opened, execution: &mut Execution) {
        for (measure, reading) in plan.measures.iter().zip(&mut execution.readings) {
            if let Some(rows) = self.counted_rows(measure, opened) {
                *reading = Ok(Reading::Count { rows, unreadable: 0 });
            }
        }
    }

    /// The rows of a sampled dataset where the measure asks for just that and the files tell.
    fn counted_rows(&self, measure: &Measure, opened: &Opened) -> Option<u64> {
        let asks = measure.kind == MeasureKind::RowCount && measure.filter.is_none();
        let source = opened.sources.get(&measure.dataset).filter(|_| asks && self.drawn.contains_key(&measure.dataset));
        source?.rows()
    }

    /// Makes of the rules what a sample says of them.
    pub(super) fn settle(
        &self,
        rules: &mut [RuleReport],
        rule_measures: &[Vec<usize>],
        plan: &Plan,
        opened: &Opened,
        execution: &Execution,
    ) {
        for (rule, measures) in rules.iter_mut().zip(rule_measures) {
            // A rule may measure other datasets than its own.
            let measured = || measures.iter().filter_map(|at| plan.measures.get(*at));
            let sampled = || measured().filter(|measure| self.drawn.contains_key(&measure.dataset));
            let is_read = |dataset: &String| matches!(execution.datasets.get(dataset), Some(Ok(_)));
            if sampled().next().is_none() || !measured().all(|measure| is_read(&measure.dataset)) {
                continue;
            }
            let untold =
                sampled().find(|measure| !sample_tells(&measure.kind) && self.counted_rows(measure, opened).is_none());
            let untold = untold.map(|measure| format!("a sample cannot tell {}", what(&measure.kind)));
            // What is known of a sample of another dataset does not go into a score of this one.
            let elsewhere = sampled().find(|measure| measure.dataset != rule.dataset && sample_tells(&measure.kind));
            let elsewhere = elsewhere.map(|measure| format!("only a sample of {} was read", measure.dataset));
            if let Some(reason) = untold.or(elsewhere) {
                *rule = RuleReport { status: Status::NotMeasured, reason: Some(reason), ..rule.clone() };
                continue;
            }
            let Some(sample) = self.drawn.get(&rule.dataset) else { continue };
            let spread = measures.iter().find_map(|at| match execution.readings.get(*at) {
                Some(Ok(Reading::Rows(tally))) => tally.spread,
                _ => None,
            });
            if let Some(spread) = spread.filter(|_| rule.status != Status::Errored) {
                let facts = execution.datasets.get(&rule.dataset).and_then(|facts| facts.as_ref().ok());
                let rows = opened.sources.get(&rule.dataset).and_then(Source::rows);
                let found = interval(rule.evaluated, rule.failed, &spread);
                let judge = |threshold| judge_sample(threshold, rule.passed, rule.failed, &found, rows);
                let (status, certain) = match (judge(rule.threshold), rule.warn.map(judge)) {
                    _ if rule.evaluated == 0 => (Status::NotMeasured, false),
                    (Sampled::Missed { certain }, _) => (Status::Failed, certain),
                    (Sampled::Open, _) | (_, Some(Sampled::Open)) => (Status::Undecided, false),
                    (Sampled::Met { certain }, None) => (Status::Passed, certain),
                    (Sampled::Met { certain }, Some(Sampled::Met { certain: both })) => {
                        (Status::Passed, certain && both)
                    }
                    (Sampled::Met { certain }, Some(Sampled::Missed { certain: both })) => {
                        (Status::Warned, certain && both)
                    }
                };
                rule.status = status;
                rule.sampled = Some(SampledRule {
                    share: facts.map_or(sample.share(), |facts| share_read(sample, facts, rows)),
                    failing_at_least: found.lower,
                    failing_at_most: found.upper,
                    effective_rows: found.effective_rows,
                    certain,
                });
                if rule.segments.take().is_some() && matches!(rule.status, Status::Passed | Status::Warned) {
                    rule.status = Status::Undecided;
                    rule.reason = Some("a sample does not tell the groups of `segment` apart".to_owned());
                }
                rule.observed = format!("in a sample: {}", rule.observed);
                if status == Status::NotMeasured {
                    rule.reason = Some("no row of the sample is in scope".to_owned());
                }
                // Which rows these are, counted from the start of the file, nobody knows.
                rule.sample.clear();
            }
        }
    }

    /// What is sampled of a dataset.
    pub(super) fn of(&self, name: &str, facts: &DatasetFacts, rows: Option<u64>) -> Option<SampledDataset> {
        let sample = self.drawn.get(name)?;
        let share = share_read(sample, facts, rows);
        let estimate = u128::from(facts.rows) * u128::from(Share::WHOLE.millionths());
        let estimate = estimate.checked_div(u128::from(share.millionths())).unwrap_or_default();
        Some(SampledDataset {
            asked: sample.asked(),
            share,
            rows_read: facts.rows,
            rows_total: rows.unwrap_or_else(|| u64::try_from(estimate).unwrap_or(u64::MAX)),
            rows_total_is_estimate: rows.is_none(),
            blocks: facts.batches,
        })
    }

    /// What is said of the whole report, where a sample was asked for.
    pub(super) fn told(&self, datasets: &[DatasetReport]) -> Option<SampledReport> {
        let asked = self.asked?;
        let count = |status| {
            let sampled = datasets.iter().filter(|dataset| dataset.status == DatasetStatus::Sampled);
            let rules = sampled.flat_map(|dataset| &dataset.rules).filter(|rule| rule.status == status);
            u32::try_from(rules.count()).unwrap_or(u32::MAX)
        };
        let datasets = |status| {
            let datasets = datasets.iter().filter(|dataset| dataset.status == status);
            u32::try_from(datasets.count()).unwrap_or(u32::MAX)
        };
        Some(SampledReport {
            asked,
            datasets_sampled: datasets(DatasetStatus::Sampled),
            datasets_in_full: datasets(DatasetStatus::Audited),
            rules_undecided: count(Status::Undecided),
            rules_not_measured: count(Status::NotMeasured),
        })
    }

    /// What a reader must know beside.
    pub(super) fn notices(&self, plan: &Plan) -> Vec<Notice> {
        let of = |dataset: &str, text: String| Notice { dataset: Some(dataset.to_owned()), rule: None, text };
        let is_read = |name: &str| plan.passes.iter().any(|pass| pass.dataset == name);
        let in_full = self
            .in_full
            .iter()
            .filter(|(name, _)| is_read(name))
            .map(|(name, reason)| of(name, format!("was read in full: {reason}")));
        let keys = plan.passes.iter().filter(|pass| pass.measures.is_empty() && self.drawn.contains_key(&pass.dataset));
        let keys = keys.filter(|pass| !pass.lookups.is_empty());
        in_full
            .chain(
                keys.map(|pass| of(&pass.dataset, "the keys that other rules look for were read in full".to_owned())),
            )
            .collect()
    }
}

/// The share of a dataset that was read: of its rows where they are known, else of its bytes.
fn share_read(sample: &Sample, facts: &DatasetFacts, rows: Option<u64>) -> Share {
    rows.map_or_else(|| sample.share(), |rows| Share::of(facts.rows, rows))
}

/// What a measure asks for that a sample does not have.
const fn what(kind: &MeasureKind) -> &'static str {
    match kind {
        MeasureKind::RowCount => "how many rows there are",
        MeasureKind::DuplicateKeys(_) => "which keys stand more than once",
        MeasureKind::DuplicateRows { .. } => "which rows stand more than once",
        MeasureKind::Continuous(_) => "which points are not there",
        MeasureKind::Covered(_) => "which values do not occur",
        MeasureKind::Grouped(_) => "what all rows of a group say",
        MeasureKind::Similar(_) => "which rows are alike",
        MeasureKind::Figure(_) => "a figure of all rows",
        MeasureKind::Distribution(_) => "how values are distributed",
        MeasureKind::Entities(_) => "what all datasets say of an entity",
        MeasureKind::Totals(_) => "totals of all rows",
        MeasureKind::Delays(_) => "how long most delays are",
        MeasureKind::Outliers(_) => "which values lie far from all others",
        MeasureKind::Uniform(_) => "in which format most values are",
        MeasureKind::Detections(_) => "whether some value is personal",
        MeasureKind::Framing => "whether all records are whole",
        MeasureKind::Content { .. } => "whether a column is empty",
        MeasureKind::Digest => "the digest of the files",
        MeasureKind::Rows(_) | MeasureKind::Columns => "this",
    }
}

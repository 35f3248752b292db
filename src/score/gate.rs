//! Whether the audit passes, and the ranking of owners.

use std::collections::BTreeMap;

use crate::model::{
    DatasetReport, DatasetStatus, Dimension, GateReport, OwnerReport, Score, Severity, Status, UnmeasuredRules,
};

/// The conditions of the gate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Failed rules of this severity or worse fail it.
    pub fail_on: Option<Severity>,
    /// The minimum overall score of each dataset.
    pub min_score: Option<Score>,
    /// The minimum score of a dimension in each dataset in which it is measured.
    pub min_dimension: BTreeMap<Dimension, Score>,
    /// What rules that measured nothing do to it.
    pub unmeasured: UnmeasuredRules,
}

/// Judges the gate. A dataset with nothing measured never passes.
pub fn judge_gate(asked: Asked, datasets: &[DatasetReport]) -> GateReport {
    let mut reasons = Vec::new();
    for dataset in datasets {
        let unjudged = dataset.rules.iter().filter(|rule| rule.status == Status::Errored).count();
        match (dataset.status, unjudged) {
            (DatasetStatus::Errored, _) => reasons.push(format!("{}: could not be audited", dataset.name)),
            (_, 0) => {}
            (_, 1) => reasons.push(format!("{}: a rule could not be judged", dataset.name)),
            (_, rules) => {
                reasons.push(format!("{}: {rules} rules could not be judged", dataset.name));
            }
        }
    }
    let mut unjudged = Vec::new();
    for dataset in datasets.iter().filter(|dataset| dataset.status != DatasetStatus::Errored) {
        let name = &dataset.name;
        if let Some(least) = asked.fail_on {
            for severity in Severity::ALL.into_iter().rev().filter(|severity| *severity >= least) {
                let failed: Vec<&str> = dataset
                    .rules
                    .iter()
                    .filter(|rule| rule.status == Status::Failed && rule.severity == severity)
                    .map(|rule| rule.id.as_str())
                    .collect();
                match failed.as_slice() {
                    [] => {}
                    [only] => reasons.push(format!("{name}: {severity} rule {only} failed")),
                    [first, rest @ ..] => {
                        reasons.push(format!("{name}: {} {severity} rules failed, {first} first", rest.len() + 1));
                    }
                }
            }
        }
        // Whether all its rows were read and judged.
        let whole = dataset.status == DatasetStatus::Audited;
        if !whole && (asked.min_score.is_some() || !asked.min_dimension.is_empty()) {
            let why = if dataset.status == DatasetStatus::Sampled { "a sample" } else { "a part of the rows" };
            unjudged.push(format!("{name}: minimum scores, since {why} has no score"));
        }
        // A dataset without rules is in the report because another one uses it.
        if whole && dataset.score.is_none() && !dataset.rules.is_empty() {
            reasons.push(format!("{name}: nothing was measured"));
        }
        if let (Some(least), Some(score)) = (asked.min_score, dataset.score)
            && score < least
        {
            reasons.push(format!("{name}: score {score} is below the minimum {least}"));
        }
        for (dimension, least) in &asked.min_dimension {
            let score = dataset.dimensions.iter().find(|report| report.dimension == *dimension);
            if let Some(score) = score.and_then(|report| report.score)
                && score < *least
            {
                reasons.push(format!("{name}: {dimension} {score} is below the minimum {least}"));
            }
        }
    }
    for dimension in asked.min_dimension.keys() {
        let measured = datasets.iter().flat_map(|dataset| &dataset.dimensions);
        let whole = datasets.iter().all(|dataset| dataset.status == DatasetStatus::Audited);
        if whole && !measured.clone().any(|report| report.dimension == *dimension && report.score.is_some()) {
            reasons.push(format!("{dimension} has a minimum score and was measured in no dataset"));
        }
    }
    // A dataset that was read in part, or not at all, passes no gate.
    let whole = datasets.iter().all(|dataset| dataset.status == DatasetStatus::Audited);
    let Asked { fail_on, min_score, min_dimension, unmeasured } = asked;
    let mut warnings = Vec::new();
    match unmeasured {
        UnmeasuredRules::Fail => reasons.extend(datasets.iter().flat_map(measured_nothing)),
        UnmeasuredRules::Warn => warnings.extend(datasets.iter().flat_map(measured_nothing)),
        UnmeasuredRules::Allow => {}
    }
    let passed = reasons.is_empty() && whole;
    GateReport { fail_on, min_score, min_dimension, unmeasured, passed, reasons, unjudged, warnings }
}

/// The rules of a dataset that measured nothing, those with the same reason in one sentence.
fn measured_nothing(dataset: &DatasetReport) -> Vec<String> {
    // What a sample or a stopped audit does not measure is said there.
    if dataset.status != DatasetStatus::Audited {
        return Vec::new();
    }
    let mut by_reason: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for rule in dataset.rules.iter().filter(|rule| rule.status == Status::NotMeasured) {
        let reason = rule.reason.as_deref().unwrap_or("nothing was in scope");
        let at = *places.entry(reason).or_insert_with(|| {
            by_reason.push((reason, Vec::new()));
            by_reason.len() - 1
        });
        by_reason[at].1.push(&rule.id);
    }
    let sentence = |(reason, rules): (&str, Vec<&str>)| {
        let word = if rules.len() == 1 { "rule" } else { "rules" };
        format!("{}: {word} {} measured nothing: {reason}", dataset.name, rules.join(", "))
    };
    by_reason.into_iter().map(sentence).collect()
}

/// The owners of datasets, worst first. There is no mean: a red dataset stays visible.
pub fn owners(datasets: &[DatasetReport]) -> Vec<OwnerReport> {
    let mut owners: BTreeMap<&str, OwnerReport> = BTreeMap::new();
    for dataset in datasets {
        let name = dataset.owner.as_deref().unwrap_or("-");
        let owner = owners.entry(name).or_insert_with(|| OwnerReport {
            owner: name.to_owned(),
            datasets: 0,
            errored: 0,
            in_part: 0,
            worst_score: None,
            worst_dataset: None,
            band: None,
            rules_failed: 0,
        });
        owner.datasets += 1;
        owner.errored += u32::from(dataset.status == DatasetStatus::Errored);
        owner.in_part += u32::from(!matches!(dataset.status, DatasetStatus::Errored | DatasetStatus::Audited));
        let failed = dataset.rules.iter().filter(|rule| rule.status == Status::Failed).count();
        owner.rules_failed += u32::try_from(failed).unwrap_or(u32::MAX);
        if let Some(score) = dataset.score
            && owner.worst_score.is_none_or(|worst| score < worst)
        {
            owner.worst_score = Some(score);
            owner.worst_dataset = Some(dataset.name.clone());
        }
        if let Some(band) = dataset.band
            && owner.band.is_none_or(|worst| band < worst)
        {
            owner.band = Some(band);
        }
    }
    let mut owners: Vec<OwnerReport> = owners.into_values().collect();
    // Unreadable first, then the worst score; an owner without any score comes before one with the same.
    owners.sort_by(|a, b| (a.errored == 0, a.worst_score, &a.owner).cmp(&(b.errored == 0, b.worst_score, &b.owner)));
    owners
}

//! Whether the audit passes, and the ranking of owners.

use std::collections::BTreeMap;

use crate::model::{
    DatasetReport, DatasetStatus, Dimension, GateReport, KnownFailure, NewOnly, OwnerReport, RuleReport, Score,
    Severity, Status, UnmeasuredRules,
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
    /// Failures that an earlier result has, too: they do not fail it.
    pub new_only: Option<NewOnly>,
}

/// Judges the gate, marks the datasets and rules that fail it, and puts them first. A dataset with nothing measured never
/// passes.
pub fn judge_gate(asked: Asked, datasets: &mut [DatasetReport]) -> GateReport {
    let (mut unjudged, mut warnings) = (Vec::new(), Vec::new());
    let mut sentences: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for dataset in &mut *datasets {
        let found = reasons(&asked, dataset);
        dataset.fails_gate = !found.is_empty();
        for rule in &mut dataset.rules {
            rule.fails_gate = asked.fails(dataset.status, rule);
        }
        dataset.rules.sort_by_key(|rule| !rule.fails_gate);
        sentences.insert(dataset.name.clone(), found);
        // A dataset that was read in part has no scores.
        if !matches!(dataset.status, DatasetStatus::Errored | DatasetStatus::Audited)
            && (asked.min_score.is_some() || !asked.min_dimension.is_empty())
        {
            let why = if dataset.status == DatasetStatus::Sampled { "a sample" } else { "a part of the rows" };
            unjudged.push(format!("{}: minimum scores, since {why} has no score", dataset.name));
        }
        if asked.unmeasured == UnmeasuredRules::Warn {
            warnings.extend(measured_nothing(dataset));
        }
    }
    datasets.sort_by_key(|dataset| (dataset.status != DatasetStatus::Errored, !dataset.fails_gate));
    let mut reasons: Vec<String> =
        datasets.iter().filter_map(|dataset| sentences.remove(&dataset.name)).flatten().collect();
    // A dataset that was read in part, or not at all, passes no gate.
    let whole = datasets.iter().all(|dataset| dataset.status == DatasetStatus::Audited);
    for dimension in asked.min_dimension.keys() {
        let mut measured = datasets.iter().flat_map(|dataset| &dataset.dimensions);
        if whole && !measured.any(|report| report.dimension == *dimension && report.score.is_some()) {
            reasons.push(format!("{dimension} has a minimum score and was measured in no dataset"));
        }
    }
    let Asked { fail_on, min_score, min_dimension, unmeasured, new_only } = asked;
    let passed = reasons.is_empty() && whole;
    GateReport { fail_on, min_score, min_dimension, unmeasured, new_only, passed, reasons, unjudged, warnings }
}

impl Asked {
    /// Whether an earlier result has the failure of a rule.
    fn is_known(&self, rule: &RuleReport) -> bool {
        // The failures are sorted by dataset and rule.
        let place = (rule.dataset.as_str(), rule.id.as_str());
        self.new_only.as_ref().is_some_and(|new_only| {
            let key = |known: &KnownFailure| (known.dataset.as_str(), known.rule.as_str()).cmp(&place);
            new_only.known.binary_search_by(key).is_ok()
        })
    }

    /// Whether a rule of a dataset fails the gate.
    fn fails(&self, dataset: DatasetStatus, rule: &RuleReport) -> bool {
        match rule.status {
            Status::Errored => true,
            Status::Failed => self.fail_on.is_some_and(|least| rule.severity >= least) && !self.is_known(rule),
            Status::NotMeasured => self.unmeasured == UnmeasuredRules::Fail && dataset == DatasetStatus::Audited,
            Status::Waived | Status::Warned | Status::Undecided | Status::Passed => false,
        }
    }
}

/// Each condition that a dataset does not meet, as a sentence.
fn reasons(asked: &Asked, dataset: &DatasetReport) -> Vec<String> {
    let mut reasons = Vec::new();
    let name = &dataset.name;
    if dataset.status == DatasetStatus::Errored {
        reasons.push(format!("{name}: could not be audited"));
        return reasons;
    }
    match dataset.rules.iter().filter(|rule| rule.status == Status::Errored).count() {
        0 => {}
        1 => reasons.push(format!("{name}: a rule could not be judged")),
        rules => reasons.push(format!("{name}: {rules} rules could not be judged")),
    }
    for severity in Severity::ALL.into_iter().rev() {
        let fails = |rule: &&RuleReport| rule.status == Status::Failed && asked.fails(dataset.status, rule);
        let failed: Vec<&str> = dataset
            .rules
            .iter()
            .filter(fails)
            .filter(|rule| rule.severity == severity)
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
    // A dataset without rules is in the report because another one uses it.
    if dataset.status == DatasetStatus::Audited && dataset.score.is_none() && !dataset.rules.is_empty() {
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
    if asked.unmeasured == UnmeasuredRules::Fail {
        reasons.extend(measured_nothing(dataset));
    }
    reasons
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
            fail_gate: 0,
            worst_score: None,
            worst_dataset: None,
            band: None,
            rules_failed: 0,
            rules_waived: 0,
            rules_overdue: 0,
        });
        owner.datasets += 1;
        owner.errored += u32::from(dataset.status == DatasetStatus::Errored);
        owner.in_part += u32::from(!matches!(dataset.status, DatasetStatus::Errored | DatasetStatus::Audited));
        owner.fail_gate += u32::from(dataset.fails_gate);
        let count = |status| dataset.rules.iter().map(|rule| u32::from(rule.status == status)).sum::<u32>();
        owner.rules_failed += count(Status::Failed);
        owner.rules_waived += count(Status::Waived);
        owner.rules_overdue += dataset.rules.iter().map(|rule| u32::from(rule.overdue_days.is_some())).sum::<u32>();
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
    // Unreadable first, then those that fail the gate, then the worst score; an owner without any score comes first.
    let key = |owner: &OwnerReport| (owner.errored == 0, owner.fail_gate == 0, owner.worst_score, owner.owner.clone());
    owners.sort_by_cached_key(key);
    owners
}

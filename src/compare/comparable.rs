//! Whether two outcomes of a rule answer the same question.

use std::collections::BTreeMap;

use crate::model::{AuditReport, DatasetReport, DatasetStatus, Incomparable, RuleReport, Status, Unit};

/// Why two outcomes are not comparable, also as a sentence.
pub(super) type Why = (Incomparable, String);

/// Two results of a suite.
pub(super) struct Pair<'r> {
    pub(super) old: Side<'r>,
    pub(super) new: Side<'r>,
    /// Rules and columns are the same: so is what every rule measures, even if the results do not say it.
    is_same_question: bool,
    same_rules: bool,
}

/// The datasets and rules of one result by name.
pub(super) struct Side<'r> {
    pub(super) datasets: BTreeMap<&'r str, &'r DatasetReport>,
    rules: BTreeMap<&'r str, &'r RuleReport>,
    is_stopped: bool,
    name: &'static str,
}

impl<'r> Side<'r> {
    fn new(name: &'static str, datasets: &'r [DatasetReport], is_stopped: bool) -> Self {
        Self {
            datasets: datasets.iter().map(|dataset| (dataset.name.as_str(), dataset)).collect(),
            rules: datasets.iter().flat_map(|dataset| &dataset.rules).map(|rule| (rule.id.as_str(), rule)).collect(),
            is_stopped,
            name,
        }
    }

    /// A rule of a dataset.
    pub(super) fn rule(&self, dataset: &str, id: &str) -> Option<&'r RuleReport> {
        self.rules.get(id).copied().filter(|rule| rule.dataset == dataset)
    }

    /// The outcome of a rule, if it has one for all rows.
    fn outcome(&self, dataset: &str, id: &str) -> Result<&'r RuleReport, Why> {
        let name = self.name;
        let Some(found) = self.datasets.get(dataset) else {
            return Err((Incomparable::NoDataset, format!("the {name} result does not have the dataset")));
        };
        let Some(rule) = self.rule(dataset, id) else {
            return Err((Incomparable::NoRule, format!("the {name} result does not have the rule")));
        };
        if found.status == DatasetStatus::Sampled || rule.sampled.is_some() || rule.status == Status::Undecided {
            return Err((Incomparable::Sample, format!("the {name} result is that of a sample")));
        }
        if rule.partial || self.is_stopped && rule.status == Status::NotMeasured {
            return Err((Incomparable::Stopped, format!("the audit of the {name} result was stopped early")));
        }
        let because = rule.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        match rule.status {
            Status::Errored => {
                Err((Incomparable::Errored, format!("it could not be judged in the {name} result{because}")))
            }
            Status::NotMeasured => {
                Err((Incomparable::NotMeasured, format!("it was not measured in the {name} result{because}")))
            }
            Status::Failed | Status::Waived | Status::Warned | Status::Undecided | Status::Passed => Ok(rule),
        }
    }
}

impl<'r> Pair<'r> {
    /// An older result beside the datasets of a newer one, whose rules have this hash.
    pub(super) fn new(old: &'r AuditReport, datasets: &'r [DatasetReport], rules_hash: &str, is_stopped: bool) -> Self {
        let (old_side, new_side) =
            (Side::new("older", &old.datasets, old.stopped.is_some()), Side::new("newer", datasets, is_stopped));
        let same_rules = old.suite.rules_hash == rules_hash;
        let has_same_columns = |dataset: &DatasetReport| {
            let then = old_side.datasets.get(dataset.name.as_str());
            then.is_some_and(|then| then.schema_hash.is_some() && then.schema_hash == dataset.schema_hash)
        };
        let is_same_question = same_rules && datasets.iter().all(has_same_columns);
        Self { old: old_side, new: new_side, is_same_question, same_rules }
    }

    /// Whether names or stored types of the columns of a dataset differ; `None`: they are not known of both.
    pub(super) fn columns_changed(&self, dataset: &str) -> Option<bool> {
        let hash = |side: &Side<'r>| side.datasets.get(dataset)?.schema_hash.as_deref();
        Some(hash(&self.old)? != hash(&self.new)?)
    }

    /// Both outcomes of a rule.
    ///
    /// # Errors
    /// Why they are not comparable.
    pub(super) fn outcomes(&self, dataset: &str, id: &str) -> Result<(&'r RuleReport, &'r RuleReport), Why> {
        let (old, new) = (self.old.outcome(dataset, id)?, self.new.outcome(dataset, id)?);
        if new.unit == Unit::Dataset && fails(old) && fails(new) && old.observed != new.observed {
            let reason = format!(
                "it judges the whole dataset and fails in both, so no count says which is worse: `{}` and now `{}`",
                old.observed, new.observed
            );
            return Err((Incomparable::WholeDataset, reason));
        }
        if fails(old) && fails(new) && [old, new].into_iter().all(hidden_groups_fail) {
            let reason = "groups that are not shown fail in both, and which ones is not known".to_owned();
            return Err((Incomparable::HiddenGroups, reason));
        }
        match (&old.measure_hash, &new.measure_hash) {
            (Some(then), Some(now)) if then == now => Ok((old, new)),
            (Some(_), Some(_)) if self.same_rules => {
                let reason = "the columns of the data have changed, and with them what the rule measures".to_owned();
                Err((Incomparable::SchemaChanged, reason))
            }
            (Some(_), Some(_)) => Err((Incomparable::MeasureChanged, "the rule measures something else".to_owned())),
            (None, _) | (_, None) if self.is_same_question && old.check == new.check => Ok((old, new)),
            (None, _) | (_, None) => {
                let reason =
                    "one of the results does not say what was measured, and rules or columns have changed".to_owned();
                Err((Incomparable::MeasureUnknown, reason))
            }
        }
    }
}

/// Whether some of several hidden groups fail, which were judged by themselves.
fn hidden_groups_fail(rule: &RuleReport) -> bool {
    let hidden = rule.segments.as_ref().and_then(|segments| segments.suppressed);
    hidden.is_some_and(|hidden| hidden.judged_apart && !hidden.meets)
}

/// Whether a rule fails. A waiver accepts failures, and they stay failures.
pub(super) const fn fails(rule: &RuleReport) -> bool {
    matches!(rule.status, Status::Failed | Status::Waived)
}

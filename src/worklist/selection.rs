//! Which rules, and so which rows, are wanted.

use std::collections::BTreeMap;

use crate::evidence::{Evidence, EvidenceError};
use crate::model::{EvidenceDataset, EvidenceManifest, EvidenceRule, FailingGroup, FailingRow, Severity, nearest};

/// What is wanted; an empty list wants all.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Datasets by name.
    pub datasets: Vec<String>,
    /// Rules by id.
    pub rules: Vec<String>,
    /// Owners.
    pub owners: Vec<String>,
    /// Rules of this severity or worse.
    pub severity: Option<Severity>,
}

/// A name that the evidence does not have.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{what} \"{name}\" does not exist in the evidence{}", .near.as_ref().map(|near| format!(". Did you mean \"{near}\"?")).unwrap_or_default())]
pub struct NotFound {
    /// `dataset`, `rule` or `owner`.
    pub what: &'static str,
    /// The name.
    pub name: String,
    /// The nearest name.
    pub near: Option<String>,
}

/// The rules that are wanted, and the rows and groups that fail them.
#[derive(Debug)]
pub struct Selection<'a> {
    evidence: &'a Evidence,
    rules: BTreeMap<&'a str, &'a EvidenceRule>,
    /// The wanted datasets that have no list.
    unlisted: Vec<&'a EvidenceDataset>,
}

impl<'a> Selection<'a> {
    /// The rules that are wanted.
    ///
    /// # Errors
    /// With the first name that the evidence does not have.
    pub fn new(evidence: &'a Evidence, wanted: &Wanted) -> Result<Self, NotFound> {
        let manifest = evidence.manifest();
        known("dataset", &wanted.datasets, manifest.datasets.iter().map(|dataset| dataset.name.as_str()))?;
        known("rule", &wanted.rules, manifest.rules.iter().map(|rule| rule.id.as_str()))?;
        known("owner", &wanted.owners, manifest.rules.iter().filter_map(|rule| rule.owner.as_deref()))?;
        let has = |names: &[String], name: &str| names.is_empty() || names.iter().any(|known| known == name);
        let is_wanted = |rule: &&EvidenceRule| {
            (has(&wanted.datasets, &rule.dataset) || has(&wanted.datasets, rule.listed_in()))
                && has(&wanted.rules, &rule.id)
                && (wanted.owners.is_empty() || rule.owner.as_ref().is_some_and(|owner| wanted.owners.contains(owner)))
                && wanted.severity.is_none_or(|least| rule.severity >= least)
        };
        let rules = manifest.rules.iter().filter(is_wanted).map(|rule| (rule.id.as_str(), rule)).collect();
        let unlisted = manifest.datasets.iter().filter(|dataset| {
            dataset.not_listed.is_some()
                && has(&wanted.datasets, &dataset.name)
                && wanted.rules.is_empty()
                && (wanted.owners.is_empty() || dataset.owner.as_ref().is_some_and(|it| wanted.owners.contains(it)))
        });
        Ok(Self { evidence, rules, unlisted: unlisted.collect() })
    }

    /// The owners of the wanted rules, each with a selection of those rules; `None` for rules without an owner.
    pub fn by_owner(&self) -> Vec<(Option<&'a str>, Self)> {
        let mut owners: BTreeMap<Option<&str>, BTreeMap<&str, &EvidenceRule>> = BTreeMap::new();
        for (id, rule) in self.rules.iter().filter(|(_, rule)| rule.failed > 0) {
            owners.entry(rule.owner.as_deref()).or_default().insert(id, rule);
        }
        let of_owner = |(owner, rules): (Option<&'a str>, _)| {
            let unlisted = self.unlisted.iter().filter(|dataset| dataset.owner.as_deref() == owner).copied();
            (owner, Self { evidence: self.evidence, rules, unlisted: unlisted.collect() })
        };
        owners.into_iter().map(of_owner).collect()
    }

    /// What the folder says about itself.
    pub const fn manifest(&self) -> &'a EvidenceManifest {
        self.evidence.manifest()
    }

    /// The wanted rule of that id.
    pub fn rule(&self, id: &str) -> Option<&'a EvidenceRule> {
        self.rules.get(id).copied()
    }

    /// The wanted rules with failures, in the order of the result.
    pub fn failed_rules(&self) -> impl Iterator<Item = &'a EvidenceRule> {
        self.manifest().rules.iter().filter(|rule| rule.failed > 0 && self.rules.contains_key(rule.id.as_str()))
    }

    /// The datasets whose tables list what is wanted.
    pub fn datasets(&self) -> impl Iterator<Item = &'a EvidenceDataset> {
        let is_listed = |dataset: &&EvidenceDataset| {
            let is_of = |rule: &EvidenceRule| rule.listed_in() == dataset.name || rule.dataset == dataset.name;
            // What could not be audited has no failures, and is no good news.
            self.failed_rules().any(is_of) || self.unlisted.iter().any(|unlisted| unlisted.name == dataset.name)
        };
        self.manifest().datasets.iter().filter(is_listed)
    }

    /// The failing rows of a dataset, each with the wanted rules only.
    ///
    /// # Errors
    /// If the table cannot be read.
    pub fn rows(
        &self,
        dataset: &EvidenceDataset,
    ) -> Result<impl Iterator<Item = Result<FailingRow, EvidenceError>>, EvidenceError> {
        let rows = self.evidence.failing(dataset)?.into_iter().flatten();
        Ok(rows.filter_map(|row| match row {
            Ok(mut row) => {
                row.failed.retain(|failed| self.rules.contains_key(&*failed.rule));
                (!row.failed.is_empty()).then_some(Ok(row))
            }
            error @ Err(_) => Some(error),
        }))
    }

    /// The failing groups of the wanted rules of a dataset.
    ///
    /// # Errors
    /// If the table cannot be read.
    pub fn groups(
        &self,
        dataset: &EvidenceDataset,
    ) -> Result<impl Iterator<Item = Result<FailingGroup, EvidenceError>>, EvidenceError> {
        let groups = self.evidence.groups(dataset)?.into_iter().flatten();
        Ok(groups.filter(|group| group.as_ref().map_or(true, |group| self.rules.contains_key(group.rule.as_str()))))
    }
}

/// Makes sure that all names are known.
fn known<'a>(
    what: &'static str,
    names: &[String],
    known: impl Iterator<Item = &'a str> + Clone,
) -> Result<(), NotFound> {
    match names.iter().find(|name| !known.clone().any(|known| known == *name)) {
        Some(name) => Err(NotFound { what, name: name.clone(), near: nearest(name, known).map(str::to_owned) }),
        None => Ok(()),
    }
}

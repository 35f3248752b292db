//! What a rule measures, as a hash: the counts of two results answer the same question only if it is the same.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::Plan;
use super::build::planned_column;
use super::columns::columns_of_lookup;
use crate::model::{DataType, Measure, ValueList, uncomposed_name};
use crate::rules::{BoundRule, Dataset, Suite};

/// Names the way in which the text below is made; changes whenever it does.
const VERSION: &str = "passmuster.measure/1";

/// By what a rule is known in other results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// SHA-256 in hex over what is measured.
    pub measure_hash: String,
    /// SHA-256 in hex over the suite, the dataset, the id of the rule and what is measured.
    pub fingerprint: String,
}

/// Gives rules their identities.
pub struct Identities<'a> {
    suite: &'a Suite,
    plan: &'a Plan,
    datasets: BTreeMap<&'a str, Known<'a>>,
}

/// What is known of a dataset.
#[derive(Default)]
struct Known<'a> {
    declared: Option<&'a Dataset>,
    /// The type in which each column is stored, if the dataset was opened.
    stored: BTreeMap<&'a str, DataType>,
}

impl<'a> Identities<'a> {
    /// For the rules of a suite, planned on the columns at hand.
    pub fn new(suite: &'a Suite, plan: &'a Plan) -> Self {
        let known = |dataset: &'a Dataset| {
            let stored = plan.datasets.get(&dataset.name).into_iter().flat_map(|planned| &planned.stored);
            let stored = stored.map(|(column, stored)| (column.as_str(), *stored)).collect();
            (dataset.name.as_str(), Known { declared: Some(dataset), stored })
        };
        Self { suite, plan, datasets: suite.datasets.iter().map(known).collect() }
    }

    /// The identity of a rule. What judges its counts (threshold, severity, weight …), what people read, paths and `as_of` do
    /// not go into it; columns that it reads do, as they are declared and stored.
    pub fn of(&self, bound: &BoundRule) -> Identity {
        let measures = || bound.measures.iter().flatten();
        let mut read: BTreeMap<&str, BTreeSet<String>> =
            BTreeMap::from([(bound.rule.dataset.as_str(), BTreeSet::new())]);
        for measure in measures() {
            read.entry(&measure.dataset).or_default().extend(self.plan.columns_of(measure));
            for lookup in measure.kind.lookups() {
                read.entry(&lookup.dataset).or_default().extend(columns_of_lookup(lookup));
            }
        }
        let unknown = Known::default();
        let mut lines = vec![json!([VERSION]).to_string(), bound.question.clone()];
        for (name, columns) in read {
            let Known { declared, stored } = self.datasets.get(name).unwrap_or(&unknown);
            lines.push(json!(["dataset", name, declared.map(|dataset| &dataset.source.options)]).to_string());
            // Whether texts are composed is in the question.
            let inner = |column| uncomposed_name(column).filter(|_| !stored.contains_key(column)).unwrap_or(column);
            let columns: BTreeSet<&str> = columns.iter().map(|column| inner(column.as_str())).collect();
            for (column, stored) in columns.into_iter().filter_map(|column| Some((column, stored.get(column)?))) {
                // Whether it is personal decides what is shown of it.
                let personal =
                    declared.and_then(|dataset| dataset.column(column)).is_some_and(|known| known.pii.is_some());
                let planned = planned_column(*declared, column, *stored);
                lines.push(json!(["column", name, column, planned, personal]).to_string());
            }
        }
        let lists: BTreeSet<&String> = measures().filter_map(codelist).collect();
        for name in lists {
            let name = uncomposed_name(name).unwrap_or(name);
            let entries = self.suite.codelists.get(name).into_iter().flat_map(|list| &list.entries);
            let mut codes: Vec<_> = entries.map(|entry| (&entry.code, entry.valid_from, entry.valid_to)).collect();
            codes.sort();
            lines.push(json!(["codes", name, codes]).to_string());
        }
        let measure_hash = sha256(&lines);
        let rule = &bound.rule;
        let fingerprint = sha256(&[json!([self.suite.name, rule.dataset, rule.id, measure_hash]).to_string()]);
        Identity { measure_hash, fingerprint }
    }
}

/// The code list that a measure looks into.
fn codelist(measure: &Measure) -> Option<&String> {
    match measure.kind.list() {
        Some(ValueList::Codelist { name, .. }) => Some(name),
        Some(ValueList::Values(_)) | None => None,
    }
}

/// SHA-256 in hex over lines.
fn sha256(lines: &[String]) -> String {
    let mut hasher = Sha256::new();
    for line in lines {
        hasher.update(line);
        hasher.update("\n");
    }
    hex::encode(hasher.finalize())
}

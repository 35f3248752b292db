//! What a rule measures, as a hash: the counts of two results answer the same question only if it is the same.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::Plan;
use super::build::planned_column;
use super::columns::columns_of_lookup;
use crate::model::{Measure, ValueList};
use crate::rules::{BoundRule, Suite};

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

impl Identity {
    /// The identity of a rule. What judges its counts (threshold, severity, weight …), what people read, paths and `as_of` do
    /// not go into it; columns that it reads do, as they are declared and stored.
    pub fn of(suite: &Suite, plan: &Plan, bound: &BoundRule) -> Self {
        let measures = || bound.measures.iter().flatten();
        let mut read: BTreeMap<&str, BTreeSet<String>> =
            BTreeMap::from([(bound.rule.dataset.as_str(), BTreeSet::new())]);
        for measure in measures() {
            read.entry(&measure.dataset).or_default().extend(plan.columns_of(measure));
            for lookup in measure.kind.lookups() {
                read.entry(&lookup.dataset).or_default().extend(columns_of_lookup(lookup));
            }
        }
        let mut lines = vec![json!([VERSION]).to_string(), bound.question.clone()];
        for (name, columns) in read {
            let declared = suite.datasets.iter().find(|dataset| dataset.name == name);
            lines.push(json!(["dataset", name, declared.map(|dataset| &dataset.source.options)]).to_string());
            let stored = plan.datasets.get(name).into_iter().flat_map(|dataset| &dataset.stored);
            let mut known: Vec<_> = stored.filter(|(column, _)| columns.contains(column)).collect();
            known.sort_unstable_by_key(|(column, _)| column);
            for (column, stored) in known {
                // Whether it is personal decides what is shown of it.
                let personal =
                    declared.and_then(|dataset| dataset.column(column)).is_some_and(|known| known.pii.is_some());
                let planned = planned_column(declared, column, *stored);
                lines.push(json!(["column", name, column, planned, personal]).to_string());
            }
        }
        let lists: BTreeSet<&String> = measures().filter_map(codelist).collect();
        for name in lists {
            let entries = suite.codelists.get(name).into_iter().flat_map(|list| &list.entries);
            let mut codes: Vec<_> = entries.map(|entry| (&entry.code, entry.valid_from, entry.valid_to)).collect();
            codes.sort();
            lines.push(json!(["codes", name, codes]).to_string());
        }
        let measure_hash = sha256(&lines);
        let rule = &bound.rule;
        let fingerprint = sha256(&[json!([suite.name, rule.dataset, rule.id, measure_hash]).to_string()]);
        Self { measure_hash, fingerprint }
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

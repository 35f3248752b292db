//! What the rules of a suite cost: as it was measured, and as it is predicted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::bail;

use super::AuditOptions;
use super::prepare::{Prepared, prepare_whole};
use crate::model::{DatasetProfile, FilterProfile, PROFILE_FORMAT, PartProfile, Profile, RuleProfile};
use crate::plan::{Cost, Costs, Planned, Waiting};
use crate::rules::Written;

/// What the parts of an audit cost beside each other.
#[derive(Debug)]
pub struct CostTable {
    /// Work that is done once for many rules: reading, columns, records.
    pub shared: Vec<CostLine>,
    /// The rules, the most expensive first: as measured, or without a profile as predicted.
    pub rules: Vec<CostLine>,
    /// Whether a profile was compared.
    pub profiled: bool,
}

/// What one part costs, in nanoseconds of workers. Predictions only compare among themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostLine {
    /// What it is, or the id of the rule.
    pub name: String,
    /// The prediction; `None` for what is not in the plan.
    pub predicted: Option<u64>,
    /// As measured; `None` for what the profile does not have.
    pub measured: Option<u64>,
}

/// Predicts what each rule costs, without reading a row, and puts what a profile measured beside it.
///
/// # Errors
/// [`Diagnostics`](crate::rules::Diagnostics) where the suites have errors or do not fit the data; a message where the
/// profile is of other rules.
pub fn explain_cost(
    suites: &[PathBuf],
    options: &AuditOptions,
    profile: Option<&Profile>,
) -> anyhow::Result<CostTable> {
    let (Prepared { written: Written { suite, .. }, opened, bound, .. }, planned) = prepare_whole(suites, options)?;
    let Planned { plan, rule_measures, .. } = &planned;
    if let Some(profile) = profile {
        if profile.rules_hash != suite.rules_hash {
            bail!(
                "the profile was made with other rules than these: measure them with `passmuster audit SUITE --profile FILE`"
            );
        }
        if profile.nanoseconds == 0 {
            bail!("the profile holds no times: none of its datasets could be read");
        }
    }
    let Some(predicted) = options.engine.predict(plan, &opened.datasets) else {
        bail!("the engine {} does not predict costs", options.engine.name());
    };
    let predicted = predicted.by_rule(plan, rule_measures);

    let measured = |of: fn(&DatasetProfile) -> u64| profile.map(|profile| profile.datasets.iter().map(of).sum());
    let line = |name: &str, predicted, measured| CostLine { name: name.to_owned(), predicted, measured };
    let mut shared = vec![
        line("reading", Some(predicted.reading), measured(|dataset| dataset.reading)),
        line("columns", Some(predicted.columns), measured(|dataset| dataset.columns)),
        line("records", Some(predicted.records), measured(|dataset| dataset.records)),
    ];
    let times: BTreeMap<&str, u64> =
        profile.iter().flat_map(|profile| &profile.rules).map(|rule| (rule.id.as_str(), rule.nanoseconds)).collect();
    let mut rules: Vec<CostLine> = bound
        .iter()
        .zip(predicted.rules)
        .map(|(bound, cost)| {
            let id = bound.rule.id.as_str();
            line(id, Some(cost.unwrap_or_default()), times.get(id).copied())
        })
        .collect();
    let shown: BTreeSet<&str> = bound.iter().map(|bound| bound.rule.id.as_str()).collect();
    let rest: Vec<u64> = times.iter().filter(|(id, _)| !shown.contains(*id)).map(|(_, time)| *time).collect();
    if !rest.is_empty() {
        shared.push(line(&format!("{} rules not selected", rest.len()), None, Some(rest.iter().sum())));
    }
    rules.sort_by(|a, b| {
        let key = |line: &CostLine| (line.measured, line.predicted);
        key(b).cmp(&key(a)).then_with(|| a.name.cmp(&b.name))
    });
    Ok(CostTable { shared, rules, profiled: profile.is_some() })
}

/// What was measured, as a document.
pub(super) fn profile(
    Prepared { written: Written { suite, .. }, bound, .. }: &Prepared,
    Planned { plan, rule_measures, .. }: &Planned,
    costs: &Costs,
    threads: u32,
) -> Profile {
    let by_rule = costs.by_rule(plan, rule_measures);
    let waiting = Waiting::of(plan, rule_measures);
    let ids = |measures: &[usize]| -> Vec<String> {
        waiting.for_any(measures).into_iter().map(|rule| bound[rule].rule.id.clone()).collect()
    };
    let part = |dataset: &str, part: String, rules, cost: Cost| PartProfile {
        dataset: dataset.to_owned(),
        part,
        rules,
        rows: cost.rows,
        nanoseconds: cost.batches,
        finishing: cost.finishing,
    };
    let datasets = costs.datasets.iter().map(|(name, shared)| DatasetProfile {
        name: name.clone(),
        rows: shared.rows,
        reading: shared.reading,
        columns: shared.columns,
        records: shared.records,
        filters: shared
            .filters
            .iter()
            .map(|(filter, nanoseconds)| FilterProfile { filter: filter.to_string(), nanoseconds: *nanoseconds })
            .collect(),
    });
    let measures = plan.measures.iter().zip(&costs.measures).enumerate().filter_map(|(at, (measure, cost))| {
        let rules = ids(&[at]);
        Some(part(&measure.dataset, measure.to_string(), rules, (*cost)?))
    });
    let lookups = plan.lookups.iter().zip(&costs.lookups).enumerate().filter_map(|(at, (lookup, cost))| {
        let rules = ids(&plan.measures_of_lookup(at));
        Some(part(&lookup.dataset, lookup.to_string(), rules, (*cost)?))
    });
    let rules: Vec<RuleProfile> = bound
        .iter()
        .zip(&by_rule.rules)
        .filter_map(|(bound, cost)| Some(RuleProfile { id: bound.rule.id.clone(), nanoseconds: (*cost)? }))
        .collect();
    let shared = by_rule.reading + by_rule.columns + by_rule.records;
    Profile {
        format: PROFILE_FORMAT.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        suite: suite.name.clone(),
        rules_hash: suite.rules_hash.clone(),
        threads,
        nanoseconds: shared + rules.iter().map(|rule| rule.nanoseconds).sum::<u64>(),
        datasets: datasets.collect(),
        measures: measures.collect(),
        lookups: lookups.collect(),
        rules,
    }
}

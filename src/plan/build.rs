//! Resolved rules → distinct measures, lookups and passes.

use std::collections::{BTreeMap, BTreeSet};

use super::sections::divide;
use super::{Pass, Plan, PlannedColumn, PlannedDataset};
use crate::model::{Covered, DataType, Expr, Kept, Lookup, Measure, MeasureKind, Severity};
use crate::rules::{BoundRule, Suite};

/// The columns of a dataset that rules can read, with the type in which they are stored.
pub type StoredColumns = BTreeMap<String, Vec<(String, DataType)>>;

/// A plan, and which of its measures each rule waits for.
#[derive(Debug)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// For each rule, in the order given, positions of its measures in the plan; empty where the rule cannot run.
    pub rule_measures: Vec<Vec<usize>>,
}

/// Plans the measures of `rules`. Datasets that are not in `stored` could not be opened and take part in no pass.
pub fn build(suite: &Suite, rules: &[BoundRule], stored: &StoredColumns) -> Planned {
    let mut plan = Plan {
        datasets: BTreeMap::new(),
        measures: Vec::new(),
        lookups: Vec::new(),
        passes: Vec::new(),
        codelists: BTreeMap::new(),
        as_of: suite.as_of,
    };
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut rule_measures = Vec::with_capacity(rules.len());
    for name in stored.keys() {
        plan.datasets.insert(name.clone(), PlannedDataset::default());
    }
    for bound in rules {
        let mut indices = Vec::new();
        for measure in bound.measures.iter().flatten() {
            // The whole measure as JSON: `Display` leaves out what a reader need not see.
            let identity = serde_json::to_string(measure).unwrap_or_else(|_| format!("{measure:?}"));
            let index = *seen.entry(identity).or_insert_with(|| {
                plan.measures.push(measure.clone());
                plan.measures.len() - 1
            });
            indices.push(index);
            let counts = bound.rule.check.is_about_rows(&bound.args) && bound.rule.severity >= Severity::Major;
            if counts
                && measure.kind.judges_rows()
                && let Some(dataset) = plan.datasets.get_mut(&measure.dataset)
                && !dataset.record_rules.contains(&index)
            {
                dataset.record_rules.push(index);
            }
        }
        rule_measures.push(indices);
    }
    for lookup in plan.measures.iter().flat_map(|measure| measure.kind.lookups()) {
        if !plan.lookups.contains(lookup) {
            plan.lookups.push(lookup.clone());
        }
    }
    collect_codelists(&mut plan, suite);
    let asked: BTreeSet<&str> = rules.iter().map(|bound| bound.rule.dataset.as_str()).collect();
    collect_passes(&mut plan, stored, &asked);
    collect_columns(&mut plan, suite, stored);
    Planned { plan, rule_measures }
}

/// The code lists that a measure names.
fn collect_codelists(plan: &mut Plan, suite: &Suite) {
    use crate::model::{Expected, Predicate, ValueList};
    for measure in &plan.measures {
        let list = match &measure.kind {
            MeasureKind::Rows(Predicate::Listed { list, .. })
            | MeasureKind::Covered(Covered { expected: Expected::Listed(list), .. }) => Some(list),
            _ => None,
        };
        if let Some(ValueList::Codelist { name, .. }) = list
            && let Some(codelist) = suite.codelists.get(name)
        {
            plan.codelists.entry(name.clone()).or_insert_with(|| codelist.entries.clone());
        }
    }
}

/// The columns that a measure reads of its own dataset, without repeats.
pub(super) fn columns_of(measure: &Measure, stored: &[(String, DataType)]) -> BTreeSet<String> {
    let own: Vec<&str> = match &measure.kind {
        MeasureKind::RowCount | MeasureKind::Columns | MeasureKind::Framing | MeasureKind::Digest => Vec::new(),
        MeasureKind::Content { column } => vec![column.as_str()],
        MeasureKind::Rows(predicate) => predicate.columns(),
        MeasureKind::DuplicateKeys(key) => key.columns.iter().map(String::as_str).collect(),
        MeasureKind::DuplicateRows { ignore } => {
            stored.iter().map(|(name, _)| name.as_str()).filter(|name| !ignore.iter().any(|i| i == name)).collect()
        }
        MeasureKind::Grouped(grouped) => grouped.columns(),
        MeasureKind::Covered(covered) => vec![&covered.column],
        MeasureKind::Continuous(continuous) => continuous.columns(),
        MeasureKind::Similar(similar) => similar.columns(),
        MeasureKind::Entities(entities) => entities.columns(),
        MeasureKind::Totals(totals) => totals.columns(),
        MeasureKind::Figure(aggregate) => aggregate.columns(),
        MeasureKind::Outliers(outliers) => outliers.columns(),
        MeasureKind::Distribution(wanted) => vec![&wanted.column],
        MeasureKind::Delays(delays) => vec![&delays.delay.from, &delays.delay.to],
        MeasureKind::Uniform(test) => vec![&test.column],
        MeasureKind::Detections(test) => vec![&test.column],
    };
    let filter = measure.filter.as_ref().map(Expr::columns).unwrap_or_default();
    let segment = measure.segment.iter().map(String::as_str);
    own.into_iter().chain(filter).chain(segment).map(str::to_owned).collect()
}

/// The pass over a dataset in a stage that takes these measures and builds these lookups.
pub(super) fn pass_of(
    plan: &Plan,
    stored: &StoredColumns,
    (dataset, stage): (&str, usize),
    measures: Vec<usize>,
    lookups: Vec<usize>,
) -> Pass {
    let stored = stored.get(dataset).map(Vec::as_slice).unwrap_or_default();
    let own: Vec<_> = measures.iter().map(|at| (*at, columns_of(&plan.measures[*at], stored))).collect();
    let keys: Vec<_> = lookups.iter().map(|at| (*at, columns_of_lookup(&plan.lookups[*at]))).collect();
    let sections = divide(&own, &keys);
    let read: BTreeSet<String> = own.into_iter().chain(keys).flat_map(|(_, columns)| columns).collect();
    Pass { dataset: dataset.to_owned(), stage, columns: read.into_iter().collect(), measures, lookups, sections }
}

/// The columns that a lookup reads of its dataset, without repeats.
fn columns_of_lookup(lookup: &Lookup) -> BTreeSet<String> {
    let facts = lookup.facts.iter().map(|fact| fact.column.clone());
    let totals = match &lookup.kept {
        Kept::Totals(totals) => totals.iter().filter_map(|total| total.value.as_ref()).collect(),
        Kept::Keys | Kept::DoubtfulKeys | Kept::Rows => Vec::new(),
    };
    let read = totals.into_iter().chain(&lookup.filter).flat_map(Expr::columns).map(str::to_owned);
    lookup.key.columns.iter().cloned().chain(facts).chain(read).collect()
}

/// One main pass a dataset, after the passes that build what it looks into. Where datasets look into each other in a
/// circle (or into themselves), the keys they need are read by passes of their own first. A dataset that no rule is about
/// (not `asked`), measures or looks into is not read at all.
fn collect_passes(plan: &mut Plan, stored: &StoredColumns, asked: &BTreeSet<&str>) {
    let mut looks_into: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for measure in &plan.measures {
        for lookup in measure.kind.lookups() {
            looks_into.entry(&measure.dataset).or_default().insert(&lookup.dataset);
        }
    }
    let reaches = |from: &str, to: &str| {
        let (mut open, mut seen) = (vec![from], BTreeSet::new());
        while let Some(at) = open.pop() {
            if at == to {
                return true;
            }
            if seen.insert(at) {
                open.extend(looks_into.get(at).into_iter().flatten());
            }
        }
        false
    };
    // A lookup is needed early where its dataset looks back at one of the datasets that look into it.
    let early: Vec<bool> = plan
        .lookups
        .iter()
        .map(|lookup| {
            plan.measures
                .iter()
                .any(|measure| measure.kind.lookups().contains(&lookup) && reaches(&lookup.dataset, &measure.dataset))
        })
        .collect();
    let mut passes = Vec::new();
    for name in stored.keys() {
        let lookups: Vec<usize> =
            (0..plan.lookups.len()).filter(|at| early[*at] && plan.lookups[*at].dataset == *name).collect();
        if !lookups.is_empty() {
            passes.push(pass_of(plan, stored, (name, 0), Vec::new(), lookups));
        }
    }
    let first = usize::from(!passes.is_empty());
    let mut stages: BTreeMap<&str, usize> = stored.keys().map(|name| (name.as_str(), first)).collect();
    // Without the early lookups nothing goes in a circle, so this settles after at most one round a dataset.
    for _ in 0..stored.len() {
        for measure in &plan.measures {
            for lookup in measure.kind.lookups() {
                let at = plan.lookups.iter().position(|known| known == lookup).unwrap_or_default();
                if early[at] {
                    continue;
                }
                let after = stages.get(lookup.dataset.as_str()).map_or(0, |stage| stage + 1);
                if let Some(stage) = stages.get_mut(measure.dataset.as_str()) {
                    *stage = (*stage).max(after);
                }
            }
        }
    }
    for name in stored.keys() {
        let measures: Vec<usize> = (0..plan.measures.len()).filter(|at| plan.measures[*at].dataset == *name).collect();
        let lookups: Vec<usize> =
            (0..plan.lookups.len()).filter(|at| !early[*at] && plan.lookups[*at].dataset == *name).collect();
        if !asked.contains(name.as_str()) && measures.is_empty() && lookups.is_empty() {
            continue;
        }
        let stage = stages.get(name.as_str()).copied().unwrap_or_default();
        passes.push(pass_of(plan, stored, (name, stage), measures, lookups));
    }
    passes.sort_by(|a, b| (a.stage, &a.dataset).cmp(&(b.stage, &b.dataset)));
    plan.passes = passes;
}

/// What is declared about every column that a pass reads.
fn collect_columns(plan: &mut Plan, suite: &Suite, stored: &StoredColumns) {
    for pass in &plan.passes {
        let declared = suite.datasets.iter().find(|dataset| dataset.name == pass.dataset);
        let Some(planned) = plan.datasets.get_mut(&pass.dataset) else { continue };
        for name in &pass.columns {
            let kept = stored.get(&pass.dataset).into_iter().flatten().find(|(column, _)| column == name);
            let Some((_, kept)) = kept else { continue };
            let column = declared.and_then(|dataset| dataset.column(name));
            let inherited = declared.map(|dataset| &dataset.missing);
            planned.columns.entry(name.clone()).or_insert_with(|| PlannedColumn {
                data_type: column.and_then(|column| column.data_type).unwrap_or(*kept),
                format: column.and_then(|column| column.format.clone()),
                missing: column.map(|column| &column.missing).or(inherited).cloned().unwrap_or_default(),
            });
        }
    }
}

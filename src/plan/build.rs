//! Bound rules → distinct measures and lookups.

use std::collections::{BTreeMap, BTreeSet};

use super::{Plan, PlannedColumn, PlannedDataset};
use crate::model::{DataType, Measure, Severity, Unsupported, ValueList, nfc, uncomposed_name};
use crate::rules::{BoundRule, Dataset, Schemas, Suite};

/// A plan, and which of its measures each rule waits for.
#[derive(Debug)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// For each rule, in the order given, positions of its measures in the plan; empty where the rule cannot run, or the
    /// engine does not support one of its measures.
    pub rule_measures: Vec<Vec<usize>>,
    /// The rules (positions) that the engine does not support.
    pub unsupported: BTreeMap<usize, Unsupported>,
}

/// Plans the measures of `rules`. Datasets that are not in `opened` could not be opened and are not planned; rules that
/// the engine does not support, as `supports` says, give no measures.
pub fn build(
    suite: &Suite,
    rules: &[BoundRule],
    opened: &dyn Schemas,
    supports: &dyn Fn(&Measure) -> Result<(), Unsupported>,
) -> Planned {
    let mut plan = Plan {
        datasets: BTreeMap::new(),
        measures: Vec::new(),
        lookups: Vec::new(),
        codelists: BTreeMap::new(),
        as_of: suite.as_of,
    };
    for dataset in &suite.datasets {
        let Some(columns) = opened.columns(&dataset.name) else { continue };
        let stored: Vec<(String, DataType)> =
            columns.iter().filter_map(|column| Some((column.name.clone(), column.data_type?))).collect();
        let asked = rules.iter().any(|bound| bound.rule.dataset == dataset.name);
        plan.datasets.insert(dataset.name.clone(), PlannedDataset { asked, stored, ..PlannedDataset::default() });
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut rule_measures = Vec::with_capacity(rules.len());
    let mut unsupported = BTreeMap::new();
    for (at, bound) in rules.iter().enumerate() {
        if let Some(lacking) = bound.measures.iter().flatten().find_map(|measure| supports(measure).err()) {
            unsupported.insert(at, lacking);
            rule_measures.push(Vec::new());
            continue;
        }
        let mut indices = Vec::new();
        for measure in bound.measures.iter().flatten() {
            // The whole measure as JSON: `Display` leaves out what a reader need not see.
            let identity = serde_json::to_string(measure).unwrap_or_else(|_| format!("{measure:?}"));
            let index = *seen.entry(identity).or_insert_with(|| {
                plan.measures.push(measure.clone());
                plan.measures.len() - 1
            });
            indices.push(index);
            let counts = bound.check.is_about_rows() && bound.rule.severity >= Severity::Major;
            if counts
                && measure.kind.judges_rows()
                && let Some(dataset) = plan.datasets.get_mut(&measure.dataset)
            {
                dataset.record_rules.insert(index);
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
    collect_columns(&mut plan, suite, opened);
    Planned { plan, rule_measures, unsupported }
}

/// The code lists that a measure names.
fn collect_codelists(plan: &mut Plan, suite: &Suite) {
    for measure in &plan.measures {
        if let Some(ValueList::Codelist { name, .. }) = measure.kind.list() {
            let name = uncomposed_name(name).unwrap_or(name);
            if let Some(codelist) = suite.codelists.get(name) {
                plan.codelists.entry(name.to_owned()).or_insert_with(|| codelist.entries.clone());
            }
        }
    }
}

/// What is declared about every column that measures and lookups read.
fn collect_columns(plan: &mut Plan, suite: &Suite, opened: &dyn Schemas) {
    let read: BTreeMap<String, BTreeSet<String>> =
        plan.datasets.keys().map(|name| (name.clone(), plan.columns_read(name))).collect();
    for (dataset, names) in read {
        let declared = suite.datasets.iter().find(|known| known.name == dataset);
        let Some(planned) = plan.datasets.get_mut(&dataset) else { continue };
        let inner = opened.inner_columns(&dataset).iter().filter_map(|column| Some((&column.name, column.data_type?)));
        let stored = planned.stored.iter().map(|(name, stored)| (name, *stored));
        let types: BTreeMap<&String, DataType> = inner.chain(stored).collect();
        for name in names {
            // Names of columns are composed, and a suite may write them otherwise.
            let stored = |name: &String| types.get(name).or_else(|| types.get(&nfc(name).into_owned()));
            if let Some(stored) = stored(&name).or_else(|| stored(&uncomposed_name(&name)?.to_owned())) {
                planned.columns.insert(name.clone(), planned_column(declared, &name, *stored));
            }
        }
    }
}

/// What is declared about a column that is stored as that type.
pub fn planned_column(declared: Option<&Dataset>, name: &str, stored: DataType) -> PlannedColumn {
    let inherited = declared.map(|dataset| &dataset.missing);
    let notation = declared.map(|dataset| &dataset.notation);
    let column = declared.and_then(|dataset| dataset.column(name));
    if column.is_none()
        && let Some(name) = uncomposed_name(name)
    {
        let planned = planned_column(declared, name, stored);
        // A cell is composed before it is compared with them.
        let missing = planned.missing.iter().map(|token| nfc(token).into_owned()).collect();
        return PlannedColumn { missing, ..planned };
    }
    PlannedColumn {
        data_type: column.and_then(|column| column.data_type).unwrap_or(stored),
        format: column.and_then(|column| column.format.clone()),
        notation: column.map(|column| &column.notation).or(notation).cloned().unwrap_or_default(),
        missing: column.map(|column| &column.missing).or(inherited).cloned().unwrap_or_default(),
    }
}

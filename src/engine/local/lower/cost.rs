//! What a plan will cost, before a row is read.

use std::collections::{BTreeMap, BTreeSet};

use super::passes::Pass;
use crate::engine::local::cost_model::nanoseconds as ns;
use crate::engine::local::cost_model::{CostModel, Known, expression};
use crate::engine::local::{lookups, measures};
use crate::model::{DataType, Extent};
use crate::plan::{Cost, Costs, Plan, SharedCost};

/// Predicts what each part of a plan costs. Datasets without an extent count as of ordinary size.
pub(in crate::engine::local) fn predict(plan: &Plan, passes: &[Pass], extents: &BTreeMap<String, Extent>) -> Costs {
    let mut costs = Costs::of(plan);
    for pass in passes {
        let unknown = Extent::default();
        let extent = extents.get(&pass.dataset).unwrap_or(&unknown);
        let model = CostModel::new(plan, (&pass.dataset, &pass.columns), extent);
        let at = |per_row: f64| whole(per_row * model.rows);
        let rows = whole(model.rows);
        let shared = costs.datasets.entry(pass.dataset.clone()).or_default();
        shared.rows += rows;
        // Opening a file costs something even where it has no rows, so the sum is never 0.
        shared.reading += at(reading(&model)) + 1;
        shared.columns += at(columns(plan, pass, &model));
        shared.records += at(if pass.measures.is_empty() { 0.0 } else { ns::RECORDS });
        add_filters(plan, pass, &model, shared);
        for measure in &pass.measures {
            let (batches, finishing) = measures::cost(&plan.measures[*measure].kind, &model);
            costs.measures[*measure] = Some(Cost { rows, batches: at(batches), finishing: at(finishing) });
        }
        for lookup in &pass.lookups {
            let batches = at(lookups::build::cost(&plan.lookups[*lookup], &model));
            costs.lookups[*lookup] = Some(Cost { rows, batches, finishing: 0 });
        }
    }
    costs
}

/// More than any part of a plan costs; what goes beyond it (with sizes in a damaged footer) must not overflow sums.
const MOST: f64 = 1e14;

/// Whole nanoseconds.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "costs are small and never negative")]
fn whole(nanoseconds: f64) -> u64 {
    nanoseconds.clamp(0.0, MOST).round() as u64
}

/// Decoding the columns that are read.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn reading(model: &CostModel<'_>) -> f64 {
    if model.is_text {
        return model.row_bytes * ns::SPLIT_BYTE + model.known.len() as f64 * ns::SPLIT_CELL;
    }
    let cell = |column: &Known| match column.stored {
        DataType::Text | DataType::Uuid => ns::DECODE_TEXT + column.bytes * ns::DECODE_BYTE,
        _ => ns::DECODE,
    };
    model.known.values().map(cell).sum()
}

/// Missing cells and parsed values of the columns that measures use.
fn columns(plan: &Plan, pass: &Pass, model: &CostModel<'_>) -> f64 {
    let measured = pass.measures.iter().flat_map(|at| plan.columns_of(&plan.measures[*at]));
    let looked = pass.lookups.iter().flat_map(|at| plan.lookups[*at].key.columns.iter().cloned());
    let used: BTreeSet<String> = measured.chain(looked).collect();
    let cost = |name: &String| {
        let column = model.of(name);
        let text = column.stored.is_textual();
        let missing = if text { ns::MISSING_TEXT } else { ns::MISSING_TYPED };
        let typed = match (column.seen.is_textual(), text) {
            (true, _) => 0.0,
            (false, true) => ns::PARSE,
            (false, false) => ns::TYPED,
        };
        missing + typed
    };
    used.iter().map(cost).sum()
}

/// Evaluating the conditions that measures depend on, each once.
fn add_filters(plan: &Plan, pass: &Pass, model: &CostModel<'_>, shared: &mut SharedCost) {
    for measure in &pass.measures {
        let Some(filter) = &plan.measures[*measure].filter else { continue };
        if !shared.filters.iter().any(|(known, _)| known == filter) {
            shared.filters.push((filter.clone(), whole(expression(filter) * model.rows)));
        }
    }
}

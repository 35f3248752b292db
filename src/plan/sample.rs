//! A plan in which only a sample of some datasets is read.

use std::collections::BTreeSet;

use super::build::pass_of;
use super::{Plan, StoredColumns};
use crate::model::MeasureKind;

/// Whether a sample of the rows tells anything of a measure. A row that repeats another, the number of rows and figures of
/// all of them are of the whole; so is the framing of files, since blocks are looked for where records seem whole.
pub const fn sample_tells(kind: &MeasureKind) -> bool {
    match kind {
        MeasureKind::Rows(_) | MeasureKind::Columns => true,
        // Figures of the sample beside what it tells of rows.
        MeasureKind::Delays(delays) => !delays.judged,
        MeasureKind::RowCount
        | MeasureKind::DuplicateKeys(_)
        | MeasureKind::DuplicateRows { .. }
        | MeasureKind::Grouped(_)
        | MeasureKind::Covered(_)
        | MeasureKind::Continuous(_)
        | MeasureKind::Figure(_)
        | MeasureKind::Outliers(_)
        | MeasureKind::Distribution(_)
        | MeasureKind::Framing
        | MeasureKind::Content { .. }
        | MeasureKind::Digest => false,
    }
}

/// Plans for samples of the datasets named: measures of which they tell nothing are in no pass any more, nor are the
/// columns that only those read. Keys that other rules look for are read in full, by passes of their own that come first.
pub fn sample(plan: &mut Plan, sampled: &BTreeSet<&str>, stored: &StoredColumns) {
    let mut passes = Vec::with_capacity(plan.passes.len());
    for mut pass in std::mem::take(&mut plan.passes) {
        if !sampled.contains(pass.dataset.as_str()) {
            passes.push(pass);
            continue;
        }
        let lookups = std::mem::take(&mut pass.lookups);
        if !lookups.is_empty() {
            passes.push(pass_of(plan, stored, (&pass.dataset, pass.stage), Vec::new(), lookups));
        }
        // Of a pass that was there for keys alone nothing is left.
        let is_main = passes.iter().all(|other| other.dataset != pass.dataset) || !pass.measures.is_empty();
        pass.measures.retain(|at| sample_tells(&plan.measures[*at].kind));
        if is_main {
            // Behind all passes for keys, of its own dataset too.
            passes.push(pass_of(plan, stored, (&pass.dataset, pass.stage + 1), pass.measures, Vec::new()));
        }
    }
    passes.sort_by(|a, b| (a.stage, &a.dataset).cmp(&(b.stage, &b.dataset)));
    plan.passes = passes;
}

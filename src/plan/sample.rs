//! A plan in which only a sample of some datasets is read.

use std::collections::BTreeSet;

use super::build::pass_of;
use super::shares::measures_of_lookup;
use super::{Plan, StoredColumns};
use crate::model::{Measure, MeasureKind};

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
        | MeasureKind::Similar(_)
        | MeasureKind::Figure(_)
        | MeasureKind::Entities(_)
        | MeasureKind::Totals(_)
        | MeasureKind::Outliers(_)
        | MeasureKind::Distribution(_)
        | MeasureKind::Framing
        | MeasureKind::Content { .. }
        | MeasureKind::Uniform(_)
        | MeasureKind::Detections(_)
        | MeasureKind::Digest => false,
    }
}

/// Plans for samples of the datasets named: measures of which they tell nothing are in no pass any more, nor are the
/// columns that only those read. Keys that other rules look for are read in full, by passes of their own that come first;
/// those that only such measures look for are not read.
pub fn sample(plan: &mut Plan, sampled: &BTreeSet<&str>, stored: &StoredColumns) {
    let taken = |measure: &Measure| !sampled.contains(measure.dataset.as_str()) || sample_tells(&measure.kind);
    let wanted: Vec<bool> = (0..plan.lookups.len())
        .map(|at| measures_of_lookup(plan, at).into_iter().any(|measure| taken(&plan.measures[measure])))
        .collect();
    let mut passes = Vec::with_capacity(plan.passes.len());
    for mut pass in std::mem::take(&mut plan.passes) {
        if pass.lookups.iter().any(|at| !wanted[*at]) {
            let lookups: Vec<usize> = pass.lookups.iter().copied().filter(|at| wanted[*at]).collect();
            if lookups.is_empty() && pass.measures.is_empty() {
                continue;
            }
            pass = pass_of(plan, stored, (&pass.dataset, pass.stage), pass.measures, lookups);
        }
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

//! Passes that read only a sample of some datasets.

use std::collections::BTreeSet;

use super::passes::{Pass, sort};
use crate::model::Measure;
use crate::plan::Plan;

/// Plans samples of the named datasets. Measures that a sample does not answer are in no pass any more, and neither are
/// the columns that only they read. Keys that other rules look for are read in full, by passes of their own that come first;
/// those that only such measures look for are not read.
pub(super) fn narrow(plan: &Plan, all: Vec<Pass>, sampled: &BTreeSet<&str>) -> Vec<Pass> {
    let taken = |measure: &Measure| !sampled.contains(measure.dataset.as_str()) || measure.kind.is_answered_by_sample();
    let wanted: Vec<bool> = (0..plan.lookups.len())
        .map(|at| plan.measures_of_lookup(at).into_iter().any(|measure| taken(&plan.measures[measure])))
        .collect();
    let mut passes: Vec<Pass> = Vec::with_capacity(all.len());
    for mut pass in all {
        if pass.lookups.iter().any(|at| !wanted[*at]) {
            let lookups: Vec<usize> = pass.lookups.iter().copied().filter(|at| wanted[*at]).collect();
            if lookups.is_empty() && pass.measures.is_empty() {
                continue;
            }
            pass = Pass::new(plan, &pass.dataset, pass.stage, pass.measures, lookups);
        }
        if !sampled.contains(pass.dataset.as_str()) {
            passes.push(pass);
            continue;
        }
        let lookups = std::mem::take(&mut pass.lookups);
        if !lookups.is_empty() {
            passes.push(Pass::new(plan, &pass.dataset, pass.stage, Vec::new(), lookups));
        }
        // A pass that was for keys alone is empty now.
        let is_main = passes.iter().all(|other| other.dataset != pass.dataset) || !pass.measures.is_empty();
        pass.measures.retain(|at| plan.measures[*at].kind.is_answered_by_sample());
        if is_main {
            // Behind all passes for keys, of its own dataset too.
            passes.push(Pass::new(plan, &pass.dataset, pass.stage + 1, pass.measures, Vec::new()));
        }
    }
    sort(&mut passes);
    passes
}

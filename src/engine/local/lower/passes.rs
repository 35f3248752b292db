//! The passes of a plan.

use std::collections::{BTreeMap, BTreeSet};

use super::sections::{Section, divide};
use crate::engine::WantedCounts;
use crate::model::composed_name;
use crate::plan::{Plan, PlannedColumn, columns_of_lookup};

/// One read of one dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine::local) struct Pass {
    /// The dataset.
    pub dataset: String,
    /// Passes of one stage may run at the same time; stages run one after the other.
    pub stage: usize,
    /// The columns that are read.
    pub columns: Vec<String>,
    /// The measures (positions in the plan) that this pass feeds.
    pub measures: Vec<usize>,
    /// The lookups (positions in the plan) that this pass builds.
    pub lookups: Vec<usize>,
    /// The same measures and lookups, divided by the columns that they share.
    pub sections: Vec<Section>,
}

/// What a pass cannot take because a column that it reads is lost, by positions in the plan, with the reasons.
#[derive(Debug, Default)]
pub(in crate::engine::local) struct LeftOut {
    pub measures: Vec<(usize, String)>,
    pub lookups: Vec<(usize, String)>,
}

impl Pass {
    /// The pass over a dataset in a stage that takes these measures and builds these lookups.
    pub(super) fn new(plan: &Plan, dataset: &str, stage: usize, measures: Vec<usize>, lookups: Vec<usize>) -> Self {
        let own: Vec<_> = measures.iter().map(|at| (*at, plan.columns_of(&plan.measures[*at]))).collect();
        let keys: Vec<_> = lookups.iter().map(|at| (*at, columns_of_lookup(&plan.lookups[*at]))).collect();
        let sections = divide(&own, &keys);
        let read: BTreeSet<String> = own.into_iter().chain(keys).flat_map(|(_, columns)| columns).collect();
        Self { dataset: dataset.to_owned(), stage, columns: read.into_iter().collect(), measures, lookups, sections }
    }

    /// The pass without what reads a lost column, and the measures and lookups that are left out, each with the reason.
    pub(in crate::engine::local) fn without(
        &self,
        lost: &BTreeMap<String, String>,
        plan: &Plan,
        counted: Option<&BTreeMap<String, PlannedColumn>>,
    ) -> (Self, LeftOut) {
        let reason = |columns: &BTreeSet<String>| {
            let read = |(name, reason): (&String, &String)| {
                let is_read = columns.contains(name) || columns.contains(&composed_name(name));
                is_read.then(|| reason.clone())
            };
            lost.iter().find_map(read)
        };
        let mut left_out = LeftOut::default();
        let (mut measures, mut lookups) = (Vec::new(), Vec::new());
        for at in &self.measures {
            match reason(&plan.columns_of(&plan.measures[*at])) {
                Some(reason) => left_out.measures.push((*at, reason)),
                None => measures.push(*at),
            }
        }
        for at in &self.lookups {
            match reason(&columns_of_lookup(&plan.lookups[*at])) {
                Some(reason) => left_out.lookups.push((*at, reason)),
                None => lookups.push(*at),
            }
        }
        let mut pass = Self::new(plan, &self.dataset, self.stage, measures, lookups);
        pass.read_also(counted.into_iter().flat_map(BTreeMap::keys).filter(|name| !lost.contains_key(*name)));
        (pass, left_out)
    }

    /// Reads further columns, each in a section of its own: what is done with one needs no other.
    fn read_also<'c>(&mut self, columns: impl Iterator<Item = &'c String>) {
        for name in columns {
            if let Err(place) = self.columns.binary_search(name) {
                self.columns.insert(place, name.clone());
                self.sections.push(Section { columns: vec![name.clone()], measures: Vec::new(), lookups: Vec::new() });
            }
        }
    }
}

/// One main pass a dataset, after the passes that build what it looks into. Where datasets look into each other in a
/// circle (or into themselves), the keys they need are read by passes of their own first. A dataset that no rule is about
/// (not `asked`), measures or looks into is not read at all.
pub(super) fn collect(plan: &Plan) -> Vec<Pass> {
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
    for name in plan.datasets.keys() {
        let lookups: Vec<usize> =
            (0..plan.lookups.len()).filter(|at| early[*at] && plan.lookups[*at].dataset == *name).collect();
        if !lookups.is_empty() {
            passes.push(Pass::new(plan, name, 0, Vec::new(), lookups));
        }
    }
    let first = usize::from(!passes.is_empty());
    let mut stages: BTreeMap<&str, usize> = plan.datasets.keys().map(|name| (name.as_str(), first)).collect();
    // Without the early lookups there is no circle, so this ends after at most one round a dataset.
    for _ in 0..plan.datasets.len() {
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
    for (name, planned) in &plan.datasets {
        let measures: Vec<usize> = (0..plan.measures.len()).filter(|at| plan.measures[*at].dataset == *name).collect();
        let lookups: Vec<usize> =
            (0..plan.lookups.len()).filter(|at| !early[*at] && plan.lookups[*at].dataset == *name).collect();
        if !planned.asked && measures.is_empty() && lookups.is_empty() {
            continue;
        }
        let stage = stages.get(name.as_str()).copied().unwrap_or_default();
        passes.push(Pass::new(plan, name, stage, measures, lookups));
    }
    sort(&mut passes);
    passes
}

/// Lets the passes that measure read the columns by which their failing rows are counted, too.
pub(in crate::engine::local) fn read_counted(passes: &mut [Pass], counts: &WantedCounts) {
    for pass in passes.iter_mut().filter(|pass| counts.is_about(&pass.measures)) {
        pass.read_also(counts.columns.get(&pass.dataset).into_iter().flat_map(BTreeMap::keys));
    }
}

/// Puts passes in the order in which they run.
pub(super) fn sort(passes: &mut [Pass]) {
    passes.sort_by(|a, b| (a.stage, &a.dataset).cmp(&(b.stage, &b.dataset)));
}

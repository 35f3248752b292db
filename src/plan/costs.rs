//! What the parts of a plan cost, and which rule has what share of it.

use std::collections::{BTreeMap, BTreeSet};

use super::Plan;
use crate::model::Expr;

/// What the parts of a plan cost in nanoseconds of workers: as an engine measured it, or as it is predicted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Costs {
    /// What is done once for many rules, by dataset; only datasets that were read.
    pub datasets: BTreeMap<String, SharedCost>,
    /// For each measure of the plan, if it was taken.
    pub measures: Vec<Option<Cost>>,
    /// For each lookup of the plan, if it was built.
    pub lookups: Vec<Option<Cost>>,
}

/// What a measure or a lookup cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Rows that it looked at.
    pub rows: u64,
    /// Batch by batch.
    pub batches: u64,
    /// After the last batch.
    pub finishing: u64,
}

/// What is done once for many rules of a dataset.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SharedCost {
    /// Rows, as often as they were read.
    pub rows: u64,
    /// Reading and decoding.
    pub reading: u64,
    /// Missing cells and parsed values of columns.
    pub columns: u64,
    /// Clean records and lines.
    pub records: u64,
    /// Each different condition.
    pub filters: Vec<(Expr, u64)>,
}

/// What each rule cost, and what is done once for many of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleCosts {
    /// Reading and decoding of all datasets.
    pub reading: u64,
    /// Missing cells and parsed values of columns of all datasets.
    pub columns: u64,
    /// Clean records and lines of all datasets.
    pub records: u64,
    /// For each rule; `None` where nothing of it was measured.
    pub rules: Vec<Option<u64>>,
}

impl Costs {
    /// Nothing measured of a plan yet.
    pub fn of(plan: &Plan) -> Self {
        Self {
            datasets: BTreeMap::new(),
            measures: vec![None; plan.measures.len()],
            lookups: vec![None; plan.lookups.len()],
        }
    }

    /// Charges every part to the rules that need it, in equal shares. Nothing is lost: the parts and the whole are the
    /// same sum.
    pub fn by_rule(&self, plan: &Plan, rule_measures: &[Vec<usize>]) -> RuleCosts {
        let mut costs = RuleCosts { rules: vec![None; rule_measures.len()], ..RuleCosts::default() };
        for dataset in self.datasets.values() {
            costs.reading += dataset.reading;
            costs.columns += dataset.columns;
            costs.records += dataset.records;
        }
        let all = |cost: Cost| cost.batches + cost.finishing;
        let waiting = Waiting::of(plan, rule_measures);
        for (at, cost) in self.measures.iter().enumerate() {
            if let Some(cost) = cost {
                charge(all(*cost), &waiting.for_any(&[at]), &mut costs);
            }
        }
        for (at, cost) in self.lookups.iter().enumerate() {
            if let Some(cost) = cost {
                charge(all(*cost), &waiting.for_any(&plan.measures_of_lookup(at)), &mut costs);
            }
        }
        let mut filtered: BTreeMap<(&str, u64), Vec<usize>> = BTreeMap::new();
        for (at, measure) in plan.measures.iter().enumerate() {
            if let Some(filter) = &measure.filter {
                filtered.entry((&measure.dataset, filter.fingerprint())).or_default().push(at);
            }
        }
        for (dataset, shared) in &self.datasets {
            for (filter, nanoseconds) in &shared.filters {
                let alike = filtered.get(&(dataset.as_str(), filter.fingerprint())).into_iter().flatten().copied();
                let equal = |at: &usize| plan.measures[*at].filter.as_ref() == Some(filter);
                let measures: Vec<usize> = alike.filter(equal).collect();
                charge(*nanoseconds, &waiting.for_any(&measures), &mut costs);
            }
        }
        costs
    }
}

/// For each measure of a plan, the rules (positions) that wait for it.
#[derive(Debug)]
pub struct Waiting(Vec<Vec<usize>>);

impl Waiting {
    /// Turns around which measures each rule waits for.
    pub fn of(plan: &Plan, rule_measures: &[Vec<usize>]) -> Self {
        let mut rules = vec![Vec::new(); plan.measures.len()];
        for (rule, measures) in rule_measures.iter().enumerate() {
            for measure in measures {
                if let Some(waiting) = rules.get_mut(*measure) {
                    waiting.push(rule);
                }
            }
        }
        Self(rules)
    }

    /// The rules that wait for one of these measures, each once, ascending.
    pub fn for_any(&self, measures: &[usize]) -> BTreeSet<usize> {
        measures.iter().filter_map(|at| self.0.get(*at)).flatten().copied().collect()
    }
}

/// Divides a cost among rules; what nobody asked for counts as reading, so that it is in the sum.
fn charge(cost: u64, rules: &BTreeSet<usize>, costs: &mut RuleCosts) {
    let count = rules.len() as u64;
    if count == 0 {
        costs.reading += cost;
    }
    for (place, rule) in (0..).zip(rules) {
        let left = u64::from(place < cost % count);
        *costs.rules[*rule].get_or_insert(0) += cost / count + left;
    }
}

/// Parts of a whole in hundredths of a percent, by largest remainder, so that they add up to 10 000; all 0 where the
/// whole is 0.
pub fn hundredths(parts: &[u64]) -> Vec<u32> {
    let whole: u128 = parts.iter().map(|part| u128::from(*part)).sum();
    if whole == 0 {
        return vec![0; parts.len()];
    }
    let scaled: Vec<u128> = parts.iter().map(|part| u128::from(*part) * 10_000).collect();
    // At most 10 000 each.
    let mut shares: Vec<u32> = scaled.iter().map(|part| u32::try_from(part / whole).unwrap_or(10_000)).collect();
    let left = 10_000_u32.saturating_sub(shares.iter().sum());
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|at| (std::cmp::Reverse(scaled[*at] % whole), *at));
    for at in order.into_iter().take(left as usize) {
        shares[at] += 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_to_the_whole() {
        for parts in [vec![1, 1, 1], vec![u64::MAX, 1, 0, u64::MAX], vec![7], vec![0, 0, 1], (0..999).collect()] {
            assert_eq!(hundredths(&parts).iter().sum::<u32>(), 10_000, "{parts:?}");
        }
        assert_eq!(hundredths(&[1, 1, 1]), [3334, 3333, 3333]);
        assert_eq!(hundredths(&[0, 0]), [0, 0]);
        assert!(hundredths(&[]).is_empty());
    }

    #[test]
    fn what_rules_share_is_divided_to_the_nanosecond() {
        let mut costs = RuleCosts { rules: vec![None; 4], ..RuleCosts::default() };
        charge(11, &[0, 1, 3].into(), &mut costs);
        charge(5, &[3].into(), &mut costs);
        charge(2, &BTreeSet::new(), &mut costs);
        assert_eq!((costs.rules, costs.reading), (vec![Some(4), Some(4), None, Some(8)], 2));
    }
}

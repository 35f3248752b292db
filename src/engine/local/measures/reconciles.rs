//! Totals of groups in two datasets.

use std::io;
use std::sync::Arc;

use num_bigint::BigInt;

use crate::model::{AggregateFunction, Reading, Reconciliation, Tolerance, TotalsSide, TotalsTally};
use crate::plan::Plan;

use crate::engine::local::accumulator::{Accumulator, BatchInput, Classified, End};
use crate::engine::local::batch::column_rules::SectionRules;
use crate::engine::local::cost_model::nanoseconds as ns;
use crate::engine::local::cost_model::{CostModel, RowCost};
use crate::engine::local::groups::failing::FailingGroup;
use crate::engine::local::lookups::built::Lookups;
use crate::engine::local::lookups::cogroup::{CogroupFold, Gathered, Gatherer, Gathers, fold};
use crate::engine::local::lookups::matching::Mismatch;
use crate::engine::local::lookups::total_columns::{self, TOTAL_WORDS, TotalColumns, add, sum_of};
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::numbers::decimal_sum::{SUM_WORDS, Sum};
use crate::engine::local::prepare_error::PrepareError;
use crate::engine::{About, GroupReason, GroupStatement, Reason, Says};

/// Totals while the rows of their own dataset are taken in.
#[derive(Debug)]
pub(crate) struct GroupTotals {
    own: Gatherer,
    other: Arc<Gathered>,
    beside: Beside,
}

impl GroupTotals {
    /// Prepares totals whose other side was added up before.
    ///
    /// # Errors
    /// Another dataset that could not be read, a column that the pass does not read.
    pub(crate) fn prepare(
        wanted: &Reconciliation,
        rules: &SectionRules,
        plan: &Plan,
        lookups: &Lookups,
        memory: &Arc<KeyMemory>,
    ) -> Result<Self, PrepareError> {
        let other = lookups.gathered(&wanted.lookup, plan)?;
        let totals = TotalColumns::prepare(&wanted.totals, rules, plan.as_of)?;
        let beside = Beside {
            counts: wanted.totals.iter().map(|total| total.function == AggregateFunction::Count).collect(),
            is_whole: wanted.by.columns.is_empty(),
            tolerance: ExactTolerance::of(wanted.tolerance),
        };
        let own = Gatherer::prepare(&wanted.by, Gathers::Totals(totals), true, rules, memory)?;
        Ok(Self { own, other, beside })
    }
}

impl Accumulator for GroupTotals {
    fn extend(&self, input: &BatchInput<'_, '_>) -> io::Result<Classified> {
        self.own.enter(input.cells, Some(input.number), input.scope)
    }

    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Reading> {
        let own = self.own.finish()?;
        let mut tally = fold(&self.beside, &[&own, &self.other], end)?;
        // Where no dataset has a group, there are no counts yet.
        tally.differing_by_total.resize(self.beside.counts.len(), 0);
        tally.here.without_key = own.without_key;
        // This includes rows for which it is unknown whether they are in scope.
        tally.here.unreadable = end.entered.unreadable;
        tally.there.without_key = self.other.without_key;
        tally.there.unreadable = self.other.unreadable;
        Ok(Reading::Totals(tally))
    }
}

/// The tolerance of two totals.
#[derive(Debug)]
enum ExactTolerance {
    /// So many units.
    Units(BigInt),
    /// So many units of a percent of the other total.
    Percent(BigInt),
}

impl ExactTolerance {
    fn of(tolerance: Tolerance) -> Self {
        match tolerance {
            Tolerance::Amount(by) => Self::Units(Sum::of_decimal(by).units()),
            Tolerance::Percent(by) => Self::Percent(Sum::of_decimal(by).units()),
        }
    }

    fn accepts(&self, here: Sum, there: Sum) -> bool {
        const HUNDRED: u32 = 100;
        if here == there {
            return true;
        }
        let there = there.units();
        let difference = (here.units() - &there).into_parts().1;
        match self {
            Self::Units(units) => difference <= *units.magnitude(),
            Self::Percent(units) => {
                difference * Sum::ONE.units().magnitude() * HUNDRED <= there.magnitude() * units.magnitude()
            }
        }
    }
}

/// Totals of both datasets side by side. The state of a group: which of them have it, the totals here, the totals
/// there.
#[derive(Debug)]
pub(crate) struct Beside {
    /// Of each total whether it counts.
    counts: Vec<bool>,
    is_whole: bool,
    tolerance: ExactTolerance,
}

const HERE: u64 = 1;

const THERE: u64 = 2;

impl CogroupFold for Beside {
    type Tally = TotalsTally;

    /// The rows of a group are added up batch by batch.
    const NAMES_FIRST_ROW: bool = true;

    fn words(&self) -> usize {
        1 + 2 * self.counts.len() * TOTAL_WORDS
    }

    fn enter(&self, side: usize, entry: &[u64], state: &mut [u64]) {
        let Some((has, totals)) = state.split_first_mut() else { return };
        let (here, there) = totals.split_at_mut(self.counts.len() * TOTAL_WORDS);
        let (totals, entry) = if side == 0 {
            *has |= HERE;
            // The row comes first.
            (here, entry.get(1..).unwrap_or_default())
        } else {
            *has |= THERE;
            (there, entry)
        };
        for (total, more) in totals.as_chunks_mut().0.iter_mut().zip(entry.as_chunks::<TOTAL_WORDS>().0) {
            add(total, sum_of(*more));
            total[SUM_WORDS] += more[SUM_WORDS];
        }
    }

    fn judge(&self, state: &[u64], tally: &mut TotalsTally) -> Option<Reason> {
        let (has, totals) = state.split_first()?;
        let (here, there) = totals.split_at(self.counts.len() * TOTAL_WORDS);
        let (here, there) = (here.as_chunks::<TOTAL_WORDS>().0, there.as_chunks::<TOTAL_WORDS>().0);
        let unreadable = |totals: &[[u64; TOTAL_WORDS]]| totals.iter().map(|total| total[SUM_WORDS]).sum::<u64>();
        let (unreadable_here, unreadable_there) = (unreadable(here), unreadable(there));
        tally.groups += 1;
        tally.here.unreadable_values += unreadable_here;
        tally.there.unreadable_values += unreadable_there;
        // All rows are one group. Both datasets have it, even without rows.
        let has = if self.is_whole { HERE | THERE } else { *has };
        let mut fails = has != HERE | THERE;
        if fails {
            tally.only_here += u64::from(has == HERE);
            tally.only_there += u64::from(has == THERE);
        } else {
            tally.differing_by_total.resize(self.counts.len(), 0);
            for ((here, there), differing) in here.iter().zip(there).zip(&mut tally.differing_by_total) {
                let reads = here[SUM_WORDS] == 0 && there[SUM_WORDS] == 0;
                let agrees = reads && self.tolerance.accepts(sum_of(*here), sum_of(*there));
                *differing += u64::from(!agrees);
                fails |= !agrees;
            }
            tally.matched += u64::from(!fails);
            tally.differing += u64::from(fails);
        }
        tally.unreadable += u64::from(fails && unreadable_here + unreadable_there > 0);
        if self.is_whole && unreadable_here + unreadable_there == 0 {
            let text = |total: &[u64; TOTAL_WORDS]| sum_of(*total).text();
            tally.whole = here.iter().zip(there).map(|(here, there)| (text(here), text(there))).collect();
        }
        fails.then_some(match has {
            HERE => Reason::Named("only_here"),
            THERE => Reason::Named("only_there"),
            _ if unreadable_here + unreadable_there > 0 => Reason::Unparseable,
            _ => Reason::Named(Mismatch::DIFFERS),
        })
    }

    /// A group of all rows names no row.
    fn names_rows(&self) -> bool {
        !self.is_whole
    }

    fn describe(&self, state: &[u64], reason: Reason) -> (u32, FailingGroup) {
        let (has, totals) = state.split_first().unwrap_or((&0, &[]));
        let has = if self.is_whole { HERE | THERE } else { *has };
        let mut says = Vec::new();
        let (totals_here, totals_there) = totals.split_at(self.counts.len() * TOTAL_WORDS);
        for (side, bit, totals) in [(0, HERE, totals_here), (1, THERE, totals_there)] {
            if has & bit == 0 {
                continue;
            }
            for ((at, total), counts) in totals.as_chunks::<TOTAL_WORDS>().0.iter().enumerate().zip(&self.counts) {
                let text = sum_of(*total).text();
                let says_all = match text.parse() {
                    Ok(count) if *counts => Says::Count(count),
                    _ => Says::Value(text, None),
                };
                let unparseable = Some(total[SUM_WORDS]).filter(|values| *values > 0).map(Says::Unparseable);
                let about = About::Total(at);
                says.extend([Some(says_all), unparseable].into_iter().flatten().map(|says| GroupStatement {
                    side,
                    about,
                    says,
                }));
            }
        }
        let reason = match has {
            HERE => GroupReason::OnlyHere,
            THERE => GroupReason::OnlyThere,
            _ if reason == Reason::Unparseable => GroupReason::Unparseable,
            _ => GroupReason::Differs,
        };
        (u32::from(has == THERE), FailingGroup { says, ..FailingGroup::silent(reason) })
    }

    fn plus(mut all: TotalsTally, more: TotalsTally) -> TotalsTally {
        let side = |all: &mut TotalsSide, more: TotalsSide| all.unreadable_values += more.unreadable_values;
        all.groups += more.groups;
        all.matched += more.matched;
        all.differing += more.differing;
        all.only_here += more.only_here;
        all.only_there += more.only_there;
        all.unreadable += more.unreadable;
        all.differing_by_total.resize(all.differing_by_total.len().max(more.differing_by_total.len()), 0);
        all.differing_by_total.iter_mut().zip(&more.differing_by_total).for_each(|(all, more)| *all += more);
        all.whole.extend(more.whole);
        side(&mut all.here, more.here);
        side(&mut all.there, more.there);
        all
    }
}

/// What it costs for each row.
pub(crate) fn cost(totals: &Reconciliation, model: &CostModel<'_>) -> RowCost {
    (model.key(&totals.by.columns) + ns::FIND_KEY + total_columns::cost(&totals.totals), 0.0)
}

//! One entity graph over several datasets.

use std::io;
use std::sync::Arc;

use crate::model::{Entities, EntitySide, EntityTally, Reading};
use crate::plan::Plan;

use crate::engine::local::accumulator::{Accumulator, BatchInput, Classified, End};
use crate::engine::local::batch::column_rules::SectionRules;
use crate::engine::local::cost_model::nanoseconds as ns;
use crate::engine::local::cost_model::{CostModel, RowCost};
use crate::engine::local::groups::failing::FailingGroup;
use crate::engine::local::keys::compared::{Agreement, Equality, FactColumns, agreement, enter_facts, fact_words};
use crate::engine::local::lookups::built::Lookups;
use crate::engine::local::lookups::cogroup::{CogroupFold, Gathered, Gatherer, Gathers, fold};
use crate::engine::local::lookups::matching::Mismatch;
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::prepare_error::PrepareError;
use crate::engine::{GroupReason, Reason};

/// An entity graph while the rows of its own dataset are taken in.
#[derive(Debug)]
pub(crate) struct EntityGraph {
    own: Gatherer,
    others: Vec<Arc<Gathered>>,
    union: Union,
}

impl EntityGraph {
    /// Prepares a graph whose other datasets were gathered before.
    ///
    /// # Errors
    /// Another dataset that could not be read, a column that the pass does not read.
    pub(crate) fn prepare(
        entities: &Entities,
        rules: &SectionRules,
        plan: &Plan,
        lookups: &Lookups,
        memory: &Arc<KeyMemory>,
    ) -> Result<Self, PrepareError> {
        let facts = entities.facts.iter().map(|fact| (&fact.column, &fact.form, fact.data_type));
        let facts = FactColumns::find(facts, rules)?;
        let others =
            entities.peers.iter().map(|peer| lookups.gathered(&peer.lookup, plan)).collect::<Result<_, _>>()?;
        let union = Union {
            forms: facts.forms().cloned().collect(),
            facts: entities.peers.iter().map(|peer| peer.facts.clone()).collect(),
            everywhere: entities.everywhere,
        };
        let own = Gatherer::prepare(&entities.key, Gathers::Facts(facts), true, rules, memory)?;
        Ok(Self { own, others, union })
    }
}

impl Accumulator for EntityGraph {
    fn extend(&self, input: &BatchInput<'_, '_>) -> io::Result<Classified> {
        self.own.enter(input.cells, Some(input.number), input.scope)
    }

    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Reading> {
        let own = self.own.finish()?;
        let sides: Vec<&Gathered> = std::iter::once(&own).chain(self.others.iter().map(AsRef::as_ref)).collect();
        let mut tally = fold(&self.union, &sides, end)?;
        // Where no dataset has an entity, there are no counts yet.
        tally.sides.resize_with(sides.len(), EntitySide::default);
        tally.conflicts.resize(self.union.forms.len(), 0);
        tally.gaps.resize(self.union.forms.len(), 0);
        for (counted, side) in tally.sides.iter_mut().zip(&sides) {
            counted.without_key = side.without_key;
            counted.unreadable = side.unreadable;
        }
        if let Some(own) = tally.sides.first_mut() {
            // This includes rows for which it is unknown whether they are in scope.
            own.unreadable = end.entered.unreadable;
        }
        Ok(Reading::Entities(tally))
    }
}

/// How the rows of all datasets become entities. The state of one: the datasets that have it, those that have it in
/// several rows, and each fact of all rows.
#[derive(Debug)]
struct Union {
    forms: Vec<Equality>,
    /// For each other dataset, which of the facts it has.
    facts: Vec<Vec<usize>>,
    everywhere: bool,
}

/// Both reasons of an entity.
const DIFFERS_NOT_EVERYWHERE: &str = "differs, not_everywhere";

/// Words before those of the facts.
const HEAD: usize = 2;

impl Union {
    fn datasets(&self) -> usize {
        1 + self.facts.len()
    }
}

impl CogroupFold for Union {
    type Tally = EntityTally;

    const NAMES_FIRST_ROW: bool = false;

    fn words(&self) -> usize {
        HEAD + self.forms.iter().map(Equality::state_words).sum::<usize>()
    }

    fn enter(&self, side: usize, entry: &[u64], state: &mut [u64]) {
        let Some(([has, repeated], facts_of_all)) = state.split_first_chunk_mut::<HEAD>() else { return };
        let this = 1 << side;
        *repeated |= *has & this;
        *has |= this;
        match side.checked_sub(1).and_then(|other| self.facts.get(other)) {
            // The number of the row comes first.
            None => {
                enter_facts(self.forms.iter(), facts_of_all, entry.get(1..).unwrap_or_default());
            }
            Some(places) => {
                let mut left = entry;
                for at in places {
                    let Some(form) = self.forms.get(*at) else { return };
                    let start = self.forms[..*at].iter().map(Equality::state_words).sum();
                    left = enter_facts(std::iter::once(form), facts_of_all.get_mut(start..).unwrap_or_default(), left);
                }
            }
        }
    }

    fn judge(&self, state: &[u64], tally: &mut EntityTally) -> Option<Reason> {
        let ([has, repeated], facts_of_all) = state.split_first_chunk::<HEAD>()?;
        let datasets = has.count_ones() as usize;
        let everywhere = datasets == self.datasets();
        tally.entities += 1;
        tally.in_every += u64::from(everywhere);
        tally.sides.resize_with(self.datasets(), EntitySide::default);
        for (at, side) in tally.sides.iter_mut().enumerate() {
            let this = 1 << at;
            side.entities += u64::from(has & this != 0);
            side.only += u64::from(*has == this);
            side.repeated += u64::from(repeated & this != 0);
        }
        if datasets < 2 && !self.everywhere {
            return None;
        }
        tally.conflicts.resize(self.forms.len(), 0);
        tally.gaps.resize(self.forms.len(), 0);
        let (mut conflicting, mut unreadable) = (false, false);
        let mut left = facts_of_all;
        for (at, form) in self.forms.iter().enumerate() {
            let (found, rest) = agreement(form, left)?;
            left = rest;
            tally.gaps[at] += u64::from(found == Agreement::Gap);
            tally.conflicts[at] += u64::from(found != Agreement::Agrees);
            conflicting |= found != Agreement::Agrees;
            unreadable |= found == Agreement::Unreadable;
        }
        let fails = conflicting || self.everywhere && !everywhere;
        tally.judged += 1;
        tally.failed += u64::from(fails);
        tally.conflicting += u64::from(conflicting);
        tally.unreadable += u64::from(unreadable);
        fails.then_some(match (unreadable, conflicting) {
            (true, _) => Reason::Unparseable,
            (false, true) if self.everywhere && !everywhere => Reason::Named(DIFFERS_NOT_EVERYWHERE),
            (false, true) => Reason::Named(Mismatch::DIFFERS),
            (false, false) => Reason::Named("not_everywhere"),
        })
    }

    fn describe(&self, state: &[u64], reason: Reason) -> (u32, FailingGroup) {
        let ([has, _], mut left) = state.split_first_chunk::<HEAD>().unwrap_or((&[0; HEAD], &[]));
        let mut facts = Vec::new();
        for (at, form) in self.forms.iter().enumerate() {
            let Some((found, rest)) = agreement(form, left) else { break };
            left = rest;
            facts.extend((found != Agreement::Agrees).then_some(at));
        }
        let is_absent = self.everywhere && has.count_ones() as usize != self.datasets();
        let reason = match (reason, is_absent) {
            (Reason::Unparseable, false) => GroupReason::Unparseable,
            (Reason::Unparseable, true) => GroupReason::UnparseableNotEverywhere,
            (Reason::Named(Mismatch::DIFFERS), _) => GroupReason::Differs,
            (Reason::Named(DIFFERS_NOT_EVERYWHERE), _) => GroupReason::DiffersNotEverywhere,
            _ => GroupReason::NotEverywhere,
        };
        // What each side says is read with the names, from the rows.
        (has.trailing_zeros(), FailingGroup { facts, ..FailingGroup::silent(reason) })
    }

    fn plus(mut all: EntityTally, more: EntityTally) -> EntityTally {
        fn add<T: Copy + Default>(all: &mut Vec<T>, more: &[T], plus: impl Fn(&mut T, T)) {
            all.resize(all.len().max(more.len()), T::default());
            all.iter_mut().zip(more).for_each(|(all, more)| plus(all, *more));
        }
        all.entities += more.entities;
        all.in_every += more.in_every;
        all.judged += more.judged;
        all.failed += more.failed;
        all.unreadable += more.unreadable;
        all.conflicting += more.conflicting;
        add(&mut all.conflicts, &more.conflicts, |all, more| *all += more);
        add(&mut all.gaps, &more.gaps, |all, more| *all += more);
        add(&mut all.sides, &more.sides, |all, more| {
            all.entities += more.entities;
            all.only += more.only;
            all.repeated += more.repeated;
        });
        all
    }
}

/// What it costs for each row.
pub(crate) fn cost(entities: &Entities, model: &CostModel<'_>) -> RowCost {
    let facts = entities.facts.iter().map(|fact| model.fact(&fact.column, &fact.form));
    let others: f64 = entities.peers.iter().map(|_| ns::SORT_KEY).sum();
    (model.key(&entities.key.columns) + ns::BUILD_KEY + facts.sum::<f64>(), ns::BUILD_KEY + others)
}

/// Words of an entry: a key, its row, and its facts.
pub(crate) fn words(entities: &Entities) -> usize {
    3 + entities.facts.iter().map(|fact| fact_words(&fact.form, fact.data_type)).sum::<usize>()
}

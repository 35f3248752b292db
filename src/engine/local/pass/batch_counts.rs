//! Counts batch by batch, for what needs to know where failures are: the interval of a sample, and the place at which
//! an execution could end.

use std::collections::BTreeMap;

use crate::model::{MatchTally, Moments, RowTally, Spread};
use crate::source::{Place, Sample};

/// The rows of one batch by outcome of one measure.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counted {
    pub passed: u64,
    pub failed: u64,
    pub not_applicable: u64,
    pub unreadable: u64,
    pub matching: Option<MatchTally>,
}

/// The counts of one measure in the batches so far.
#[derive(Debug, Default)]
pub(crate) struct BatchCounts {
    batches: BTreeMap<Place, Counted>,
    failed: u64,
}

impl BatchCounts {
    /// Enters a batch.
    pub(crate) fn enter(&mut self, place: Place, counted: Counted) {
        self.failed += counted.failed;
        self.batches.insert(place, counted);
    }

    /// The first place, in the order of rows, at which the failures so far are more than `most`.
    pub(crate) fn first_over(&self, most: u64) -> Option<Place> {
        let mut sum = 0_u64;
        self.batches.iter().find_map(|(place, counted)| {
            sum += counted.failed;
            (sum > most).then_some(*place)
        })
    }

    /// Changes a row that was entered as passed to failed or not applicable.
    pub(crate) fn amend(&mut self, place: Place, failed: bool) {
        if let Some(counted) = self.batches.get_mut(&place) {
            counted.passed = counted.passed.saturating_sub(1);
            counted.failed += u64::from(failed);
            counted.not_applicable += u64::from(!failed);
        }
    }

    /// All failures so far.
    pub(crate) const fn failed(&self) -> u64 {
        self.failed
    }

    /// The counts up to and with a place.
    pub(crate) fn up_to(&self, last: Place) -> RowTally {
        let mut all = RowTally::default();
        for (_, counted) in self.batches.range(..=last) {
            all.passed += counted.passed;
            all.failed += counted.failed;
            all.not_applicable += counted.not_applicable;
            all.unreadable += counted.unreadable;
            if let Some(matching) = counted.matching {
                let sum = all.matching.get_or_insert_default();
                sum.matched += matching.matched;
                sum.differing += matching.differing;
                sum.unmatched += matching.unmatched;
                sum.ambiguous += matching.ambiguous;
            }
        }
        all
    }

    /// How failures are spread over the parts of a sample.
    pub(crate) fn spread(&self, sample: &Sample) -> Spread {
        let mut spread = Spread::default();
        let mut groups: BTreeMap<(u32, u32), (u64, u64)> = BTreeMap::new();
        for (place, counted) in &self.batches {
            let evaluated = counted.passed + counted.failed;
            spread.blocks.add(evaluated, counted.failed);
            if let Some(group) = sample.group_of(*place) {
                let (all, failed) = groups.entry(group).or_default();
                *all += evaluated;
                *failed += counted.failed;
            }
        }
        if !groups.is_empty() {
            let mut moments = Moments::default();
            for (evaluated, failed) in groups.into_values() {
                moments.add(evaluated, failed);
            }
            spread.groups = Some(moments);
        }
        spread
    }
}

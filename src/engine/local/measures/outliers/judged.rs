//! The outcomes of rows after all were seen.

use crate::model::{OutlierTally, Reading, RowTally, Value};

use crate::engine::local::accumulator::Entered;
use crate::engine::local::numbers::image::Image;

/// The outcomes of rows after all were seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Judged {
    pub(super) passed: u64,
    pub(super) below: u64,
    pub(super) above: u64,
    pub(super) groups: u64,
    pub(super) small_groups: u64,
    pub(super) small_rows: u64,
}

impl Judged {
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            below: self.below + other.below,
            above: self.above + other.above,
            groups: self.groups + other.groups,
            small_groups: self.small_groups + other.small_groups,
            small_rows: self.small_rows + other.small_rows,
        }
    }

    /// A group with too few values.
    pub(super) fn small(rows: u64) -> Self {
        Self { small_groups: u64::from(rows > 0), small_rows: rows, ..Self::default() }
    }

    /// Judges a value; returns whether it passes.
    pub(super) fn enter<I: Image>(&mut self, image: I, (least, greatest): (I, I)) -> bool {
        let (below, above) = (image < least, image > greatest);
        self.below += u64::from(below);
        self.above += u64::from(above);
        self.passed += u64::from(!below && !above);
        !below && !above
    }

    pub(super) fn reading(self, entered: Entered, fences: Option<(Value, Value)>) -> Reading {
        let Entered { not_applicable, unreadable } = entered;
        let reasons = [("above", self.above), ("below", self.below)];
        let Self { groups, small_groups, small_rows, .. } = self;
        Reading::Rows(RowTally {
            passed: self.passed,
            failed: unreadable + self.above + self.below,
            not_applicable: not_applicable + small_rows,
            unreadable,
            reasons: reasons.into_iter().map(|(name, rows)| (name.to_owned(), rows)).collect(),
            outliers: Some(OutlierTally { groups, small_groups, small_rows, fences }),
            ..RowTally::default()
        })
    }
}

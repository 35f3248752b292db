//! How much of a source a scan reads, and what it finds besides the batches.

use super::batch::Place;
use super::sample::Sample;
use crate::model::{FileFact, FramingTally};

/// What a whole scan found besides the batches.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScanFacts {
    /// The files in order.
    pub files: Vec<FileFact>,
    /// Their faults.
    pub framing: FramingTally,
}

/// How much of a source a scan reads: all of it, unless it says otherwise.
#[derive(Clone, Copy, Default)]
pub struct Portion<'a> {
    /// Only what is drawn.
    pub sample: Option<&'a Sample>,
    /// Ends the scan early. Without a place it says whether the batches so far are enough, and no further unit is begun;
    /// with a place, whether the batches before it are enough.
    pub enough: Option<Enough<'a>>,
    /// The cells alone: lines and faults of records are known from another scan, and are not looked for.
    pub cells_alone: bool,
}

/// Whether batches are enough; see [`Portion::enough`].
pub type Enough<'a> = &'a (dyn Fn(Option<Place>) -> bool + Sync);

impl Portion<'_> {
    pub(super) fn is_enough(&self, place: Option<Place>) -> bool {
        self.enough.is_some_and(|enough| enough(place))
    }
}

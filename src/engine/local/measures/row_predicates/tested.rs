//! The outcome of a row test.

use crate::model::MatchTally;
use crate::source::Bits;

use crate::engine::local::batch::typed::TypedCells;

/// The rows of a batch by the outcome of a test; rows in neither set are not applicable.
#[derive(Debug)]
pub(crate) struct Tested {
    /// Rows that pass.
    pub passed: Bits,
    /// Rows that fail.
    pub failed: Bits,
    /// Failed rows that are unparseable.
    pub unreadable: Bits,
    /// For tests of agreement.
    pub matching: Option<MatchTally>,
    /// For tests with several reasons: the failed rows of each. A row may have several.
    pub reasons: Vec<(&'static str, Bits)>,
    /// The same where reasons are not counted: only those who ask for failing rows see them.
    pub kinds: Vec<(&'static str, Bits)>,
}

impl Tested {
    /// Of the rows in `there`, those in `holds` pass and the others fail.
    pub(crate) fn split(there: &Bits, holds: &Bits) -> Self {
        let unreadable = Bits::none(there.rows());
        Self {
            passed: there.and(holds),
            failed: there.without(holds),
            unreadable,
            matching: None,
            reasons: Vec::new(),
            kinds: Vec::new(),
        }
    }

    /// These rows fail too, because they are unparseable.
    pub(crate) fn with_unreadable(self, rows: &Bits) -> Self {
        Self { failed: self.failed.or(rows), unreadable: self.unreadable.or(rows), ..self }
    }

    /// As `split`, over parsed values; unparseable ones fail.
    pub(super) fn split_typed(typed: &TypedCells<'_>, holds: &Bits) -> Self {
        let unreadable = typed.unreadable().clone();
        let failed = typed.valid().without(holds).or(&unreadable);
        Self {
            passed: typed.valid().and(holds),
            failed,
            unreadable,
            matching: None,
            reasons: Vec::new(),
            kinds: Vec::new(),
        }
    }
}

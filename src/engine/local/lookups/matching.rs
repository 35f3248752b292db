//! The question of a row to another dataset, and its outcome: the same whether rows are looked up at once or joined later.

use crate::engine::Reason;
use crate::model::MatchTally;
use crate::source::Bits;

/// What a lookup has for the key of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Match {
    /// No row.
    Unmatched,
    /// Rows that all agree, or differ; whether there is more than one, and whether a fact of this row or of theirs is
    /// unparseable.
    Matched { agrees: bool, several: bool, unreadable: bool },
}

/// The question of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    /// The other dataset has the key.
    Found,
    /// The other dataset does not have the key.
    Absent,
    /// The facts agree. A row without a counterpart is not applicable.
    Agrees,
}

/// The outcome of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MatchOutcome {
    Passed,
    Failed(Mismatch),
    NotApplicable,
}

/// Why a row failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mismatch {
    /// The other dataset does not have its key, or has it and must not.
    Key,
    /// A fact differs from that of its counterpart.
    Differs,
    /// The other dataset has its key more than once, and not every counterpart agrees.
    DiffersFromSeveral,
    /// A fact of the row or of a counterpart is unparseable.
    Unparseable,
}

impl Mismatch {
    /// The code of [`Self::Differs`] among failing rows.
    pub(crate) const DIFFERS: &'static str = "differs";

    /// The code of [`Self::DiffersFromSeveral`] among failing rows.
    pub(crate) const DIFFERS_FROM_SEVERAL: &'static str = "differs_from_several";

    /// The same as a reason.
    pub(crate) const fn reason(self) -> Reason {
        match self {
            Self::Key => Reason::Sole,
            Self::Differs => Reason::Named(Self::DIFFERS),
            Self::DiffersFromSeveral => Reason::Named(Self::DIFFERS_FROM_SEVERAL),
            Self::Unparseable => Reason::Unparseable,
        }
    }
}

impl Asks {
    /// The question for the key alone: found, or absent where that is `negated`.
    pub(crate) const fn of_key(negated: bool) -> Self {
        if negated { Self::Absent } else { Self::Found }
    }

    /// Judges a row, and counts its agreement.
    pub(crate) fn judge(self, matched: Match, matching: &mut MatchTally) -> MatchOutcome {
        let outcome = |passes| if passes { MatchOutcome::Passed } else { MatchOutcome::Failed(Mismatch::Key) };
        match (self, matched) {
            (Self::Found, matched) => outcome(matched != Match::Unmatched),
            (Self::Absent, matched) => outcome(matched == Match::Unmatched),
            (Self::Agrees, Match::Unmatched) => {
                matching.unmatched += 1;
                MatchOutcome::NotApplicable
            }
            (Self::Agrees, Match::Matched { agrees, several, unreadable }) => {
                matching.matched += 1;
                matching.ambiguous += u64::from(several);
                matching.differing += u64::from(!agrees);
                match (agrees, unreadable, several) {
                    (true, ..) => MatchOutcome::Passed,
                    (false, true, _) => MatchOutcome::Failed(Mismatch::Unparseable),
                    (false, false, true) => MatchOutcome::Failed(Mismatch::DiffersFromSeveral),
                    (false, false, false) => MatchOutcome::Failed(Mismatch::Differs),
                }
            }
        }
    }

    /// Judges many rows by the keys that were `found`.
    pub(crate) fn passing(self, found: Bits) -> Bits {
        match self {
            Self::Found | Self::Agrees => found,
            Self::Absent => found.not(),
        }
    }
}

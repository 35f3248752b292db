//! The question of a row to another dataset, and its outcome: the same whether rows are looked up at once or joined later.

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
    /// Whether it failed because a fact is unparseable.
    Failed {
        unreadable: bool,
    },
    NotApplicable,
}

impl Asks {
    /// The question for the key alone: found, or absent where that is `negated`.
    pub(crate) const fn of_key(negated: bool) -> Self {
        if negated { Self::Absent } else { Self::Found }
    }

    /// Judges a row, and counts its agreement.
    pub(crate) fn judge(self, matched: Match, matching: &mut MatchTally) -> MatchOutcome {
        let outcome = |passes| if passes { MatchOutcome::Passed } else { MatchOutcome::Failed { unreadable: false } };
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
                if agrees { MatchOutcome::Passed } else { MatchOutcome::Failed { unreadable } }
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

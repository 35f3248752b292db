//! Why a measure or a lookup cannot be prepared.

use crate::model::{DataType, Unmeasured};
use crate::scalar::{DateFormatError, ExpressionError, LikeError, PatternError};

/// Why a measure or a lookup cannot be prepared: the plan does not fit its pass, or a lookup that it needs was not built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PrepareError {
    /// The plan lacks the dataset of the pass.
    #[error("the dataset is not planned")]
    UnplannedDataset,
    /// The plan lacks a column of the pass.
    #[error("column {0} is not planned")]
    UnplannedColumn(String),
    /// The pass does not read a column that its section needs.
    #[error("a section reads what its pass does not")]
    SectionColumn,
    /// The pass does not read a column that a measure or a lookup needs.
    #[error("column {0} is not read")]
    UnreadColumn(String),
    /// The plan lacks a code list.
    #[error("the plan lacks the code list {0}")]
    NoCodelist(String),
    /// A registry, such as that of detectors, has no entry of this name.
    #[error("there is no {registry} {name}")]
    NoEntry {
        /// What the registry lists.
        registry: &'static str,
        /// The name that it lacks.
        name: String,
    },
    /// A listed value cannot be parsed as the type of the column.
    #[error("a listed value cannot be parsed as {0}")]
    ListedValue(DataType),
    /// An aggregate is neither a count nor a sum.
    #[error("{0} is not a total")]
    NoTotal(String),
    /// A date format does not compile.
    #[error(transparent)]
    DateFormat(#[from] DateFormatError),
    /// A regular expression does not compile.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// A LIKE pattern does not compile.
    #[error(transparent)]
    Like(#[from] LikeError),
    /// An expression does not compile.
    #[error(transparent)]
    Expression(#[from] ExpressionError),
    /// The plan lacks the lookup.
    #[error("the plan lacks a lookup")]
    NoLookup,
    /// The plan lacks the lookup that gathers groups of the other dataset.
    #[error("the other dataset is not planned")]
    NoGathering,
    /// The lookup was not built before the measure.
    #[error("the other dataset was not read")]
    LookupNotBuilt,
    /// The dataset of the lookup cannot be read.
    #[error("dataset {0} could not be read")]
    LookupUnreadable(String),
    /// The keys of the lookup could not be kept in memory or on disk.
    #[error("{0}")]
    LookupLost(String),
    /// The lookup has too many keys for a table.
    #[error("the keys of the other dataset are to be joined")]
    LookupToJoin,
    /// The lookup gathered groups where keys are needed.
    #[error("the other dataset was gathered for something else")]
    LookupOfGroups,
    /// The lookup collected keys where groups are needed.
    #[error("only keys of the other dataset were collected")]
    LookupOfKeys,
}

impl From<PrepareError> for Unmeasured {
    fn from(error: PrepareError) -> Self {
        use PrepareError as E;
        match error {
            E::ListedValue(_) | E::LookupNotBuilt | E::LookupUnreadable(_) | E::LookupLost(_) => {
                Self::unreadable(error.to_string())
            }
            // Suites are checked before they are planned: the plan and the pass must fit.
            E::UnplannedDataset
            | E::UnplannedColumn(_)
            | E::SectionColumn
            | E::UnreadColumn(_)
            | E::NoCodelist(_)
            | E::NoEntry { .. }
            | E::NoTotal(_)
            | E::DateFormat(_)
            | E::Pattern(_)
            | E::Like(_)
            | E::Expression(_)
            | E::NoLookup
            | E::NoGathering
            | E::LookupToJoin
            | E::LookupOfGroups
            | E::LookupOfKeys => Self::broken(error),
        }
    }
}

//! What datasets contain, counted through the engine that audits them: a profile is a plan of measures, so its numbers are
//! those that rules would find.
//!
//! 1. *Look*: a bounded part of the rows of each dataset shows which types, identifiers and personal data to expect.
//! 2. *Columns*: one pass over each dataset counts what each column holds.
//! 3. *Pairs*: one more pass counts what holds between columns and between datasets: keys of two columns, dependencies,
//!    orders of dates, references.

use std::collections::BTreeMap;

use crate::model::{DataProfile, ShapeTally};

/// A profile, with what a suite is written from and no report shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Profiled {
    /// What may be shown.
    pub profile: DataProfile,
    /// For each dataset of the profile its columns, in the order of the profile.
    pub details: Vec<Vec<ColumnDetails>>,
}

/// What is known of a column beside what may be shown. It may hold personal values.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ColumnDetails {
    /// How many rows each value has; `None` where there are too many different ones.
    pub counts: Option<BTreeMap<String, u64>>,
    /// How many values have each shape.
    pub shapes: ShapeTally,
}

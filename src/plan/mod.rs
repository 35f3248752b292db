//! From rules to distinct measures: equal measures become one, whichever rules ask for them.
//!
//! A plan says what is to be measured, and nothing of how: each engine makes its own passes, statements or loops of it.

mod build;
mod columns;
mod costs;
mod definition;
mod identity;

pub use build::{Planned, build, planned_column};
pub use columns::columns_of_lookup;
pub use costs::{Cost, Costs, RuleCosts, SharedCost, Waiting, hundredths};
pub use definition::{Parsing, Plan, PlannedColumn, PlannedDataset};
pub use identity::{Identities, Identity};

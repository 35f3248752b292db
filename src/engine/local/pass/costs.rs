//! What a pass cost, in the words of the plan.

use crate::model::{Expr, MeasureKind};
use crate::plan::{Cost, Costs, Plan};

use crate::engine::local::lower::Pass;
use crate::engine::local::profile::Times;

/// What a pass cost.
#[derive(Debug)]
pub(crate) struct PassCosts {
    /// Rows that were read.
    pub rows: u64,
    /// What was booked batch by batch.
    pub times: Times,
    /// The conditions, in the order in which they are booked.
    pub filters: Vec<Expr>,
    /// For each measure of the pass, nanoseconds after the last batch.
    pub finishing: Vec<u64>,
}

impl PassCosts {
    /// Enters what the pass cost.
    pub(crate) fn add_to(self, costs: &mut Costs, pass: &Pass, plan: &Plan) {
        let shared = costs.datasets.entry(pass.dataset.clone()).or_default();
        shared.rows += self.rows;
        shared.reading += self.times.reading;
        shared.columns += self.times.columns;
        shared.records += self.times.records;
        shared.filters.extend(self.filters.into_iter().zip(self.times.filters));
        let finishing = self.finishing.into_iter().chain(std::iter::repeat(0));
        for ((at, batches), finishing) in pass.measures.iter().zip(self.times.measures).zip(finishing) {
            let of_rows = !matches!(plan.measures[*at].kind, MeasureKind::Columns | MeasureKind::Framing);
            let rows = if of_rows { self.rows } else { 0 };
            costs.measures[*at] = Some(Cost { rows, batches, finishing });
        }
        for (at, batches) in pass.lookups.iter().zip(self.times.lookups) {
            costs.lookups[*at] = Some(Cost { rows: self.rows, batches, finishing: 0 });
        }
    }
}

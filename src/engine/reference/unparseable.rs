//! Why cells are unparseable.

use std::collections::BTreeMap;

use crate::model::{Notation, UnparseableTally};
use crate::plan::{Parsing, Plan};
use crate::scalar::{Cell, DateFormat};
use crate::text::ParsedAs;

use super::rows::Table;

/// The unparseable cells of the columns of a dataset, by reason.
pub(super) fn count(table: &Table, plan: &Plan, dataset: &str) -> BTreeMap<Parsing, UnparseableTally> {
    let mut counted = BTreeMap::new();
    for parsing in plan.parsings(dataset) {
        let Ok(column) = table.column(&parsing.column) else { continue };
        let planned = plan.datasets.get(dataset).and_then(|dataset| dataset.columns.get(&parsing.column));
        let notation = planned.map_or_else(Notation::default, |planned| planned.notation.clone());
        let format = parsing.format.as_ref().and_then(|format| DateFormat::compile(format).ok());
        let parsed = ParsedAs::new(parsing.data_type, parsing.format.as_ref(), &notation);
        let mut tally = UnparseableTally::default();
        for row in &table.rows {
            match column.cell_as(row, parsing.data_type, format.as_ref()) {
                Cell::Unreadable => {}
                cell @ Cell::Value(_) => {
                    tally.parsed += u64::from(cell != Cell::NULL);
                    continue;
                }
            }
            if let Some(text) = column.text(row) {
                let (reason, formats) = parsed.why(text);
                tally.add(reason, formats.positions(), 1);
            } else {
                let reason = ParsedAs::why_stored(parsing.data_type, !column.is_nan(row));
                tally.add(reason, std::iter::empty(), 1);
            }
        }
        if tally.cells() > 0 {
            counted.insert(parsing, tally);
        }
    }
    counted
}

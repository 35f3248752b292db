//! The shapes of failing values.

use crate::model::ShapeTally;
use crate::source::{Bits, Column, TextColumn};
use crate::text::write_shape;

use crate::engine::local::batch::cells::{Cells, stored_text};

/// A dictionary helps where at least one row in so many fails.
const ROWS_PER_FAILURE: u64 = 8;

/// The shapes of the values of a column in rows that fail. Missing values have none, and neither has what the stored type of
/// the column cannot hold.
pub(crate) fn shapes_of(cells: &Cells<'_>, column: usize, failed: &Bits) -> ShapeTally {
    let rows = failed.and(cells.present(column));
    let mut shapes = ShapeTally::default();
    if rows.is_empty() {
        return shapes;
    }
    let mut shape = String::new();
    let mut add = |text: &str, values: u64| {
        shape.clear();
        write_shape(text, &mut shape);
        shapes.add(&shape, values);
    };
    let stored = cells.stored_column(column);
    let frequent = rows.count() * ROWS_PER_FAILURE >= cells.rows() as u64;
    let dictionary = if frequent { cells.dictionary(column) } else { None };
    match (stored, dictionary) {
        (Column::Text(TextColumn::Constant(Some(text))), _) => add(text, rows.count()),
        (Column::Text(texts), Some(dictionary)) => {
            for (first, values) in dictionary.representatives().zip(dictionary.counts_in(&rows)) {
                if let Some(text) = texts.get(first).filter(|_| values > 0) {
                    add(text, values);
                }
            }
        }
        _ => rows.ones().filter_map(|row| stored_text(stored, row)).for_each(|text| add(&text, 1)),
    }
    shapes
}

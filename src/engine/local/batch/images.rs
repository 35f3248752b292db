//! The images of the cells of a column.

use crate::source::Bits;

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::typed::TypedCells;
use crate::engine::local::numbers::image::{image_of_decimal, image_of_whole};

/// Rows whose cell is a number or a date of the column's type, and rows whose cell is unparseable. The rest is missing.
pub(crate) fn split(cells: &Cells<'_>, column: usize) -> (Bits, Bits) {
    let typed = cells.typed(column, cells.data_type(column));
    (typed.valid().clone(), typed.unreadable().clone())
}

/// The images of a column in these rows, which all hold a value.
pub(crate) fn images(cells: &Cells<'_>, column: usize, rows: &Bits) -> Vec<u64> {
    fn of<T: Copy>(values: &[T], rows: &Bits, image: impl Fn(T) -> u64) -> Vec<u64> {
        if rows.count() == values.len() as u64 {
            return values.iter().map(|value| image(*value)).collect();
        }
        rows.ones().map(|row| image(values[row])).collect()
    }
    match cells.to_microsecond(column) {
        TypedCells::Integer(reads) | TypedCells::Datetime(reads) => of(&reads.values, rows, image_of_whole),
        TypedCells::Decimal(reads) => of(&reads.values, rows, image_of_decimal),
        TypedCells::Date(reads) => of(&reads.values, rows, |day| image_of_whole(i64::from(day))),
        TypedCells::Nanoseconds(_) | TypedCells::Boolean(_) => Vec::new(),
    }
}

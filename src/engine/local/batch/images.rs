//! The images of the cells of a column.

use crate::source::Bits;

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::typed::TypedCells;
use crate::engine::local::numbers::image::{Image, image_of_decimal, image_of_float, image_of_integer, image_of_whole};

use crate::model::DataType;

/// Rows whose cell is a number or a date of the column's type, and rows whose cell is unparseable. The rest is missing.
pub(crate) fn split(cells: &Cells<'_>, column: usize) -> (Bits, Bits) {
    let typed = cells.typed(column, cells.data_type(column));
    (typed.valid().clone(), typed.unreadable().clone())
}

/// The words of the images of a column in these rows, which all hold a value.
pub(crate) fn images(cells: &Cells<'_>, column: usize, rows: &Bits) -> Vec<u64> {
    fn of<T: Copy, I: Image>(values: &[T], rows: &Bits, image: impl Fn(T) -> I) -> Vec<u64> {
        let count = usize::try_from(rows.count()).unwrap_or(usize::MAX);
        let mut words = Vec::with_capacity(count * I::WORDS);
        if count == values.len() {
            for value in values {
                image(*value).write(&mut words);
            }
        } else {
            rows.ones().for_each(|row| image(values[row]).write(&mut words));
        }
        words
    }
    let data_type = cells.data_type(column);
    match cells.to_microsecond(column) {
        TypedCells::Integer(reads) => of(&reads.values, rows, |number| image_of_integer(number.into())),
        // Whole numbers, some of which do not fit 64 bits.
        TypedCells::Decimal(reads) if data_type == DataType::Integer => {
            of(&reads.values, rows, |number| image_of_integer(number.floor()))
        }
        TypedCells::Decimal(reads) => of(&reads.values, rows, image_of_decimal),
        TypedCells::Float(reads) => of(&reads.values, rows, image_of_float),
        TypedCells::Datetime(reads) => of(&reads.values, rows, image_of_whole),
        TypedCells::Date(reads) => of(&reads.values, rows, |day| image_of_whole(i64::from(day))),
        TypedCells::Nanoseconds(_) | TypedCells::Boolean(_) => Vec::new(),
    }
}

//! Dates and timestamps that a file stores as numbers.

use crate::model::{DataType, FineInstant, Value};
use crate::scalar::DateFormat;
use crate::source::Bits;

use crate::engine::local::batch::typed::{Reads, TypedCells};

/// Parses the digits of numbers as dates or timestamps, in the rows that are present.
pub(super) fn dates_of_numbers<'c>(
    present: &Bits,
    number: impl Fn(usize) -> Option<Value>,
    data_type: DataType,
    format: &DateFormat,
) -> TypedCells<'c> {
    let read = |row| number(row).map(|number| number.to_string());
    if data_type == DataType::Date {
        return TypedCells::Date(reads(present, |row| format.parse_date(&read(row)?)));
    }
    let fine: Reads<'c, FineInstant> = reads(present, |row| format.parse_instant(&read(row)?));
    TypedCells::Nanoseconds(fine)
}

fn reads<'c, T: Clone + Default>(present: &Bits, read: impl Fn(usize) -> Option<T>) -> Reads<'c, T> {
    let mut values = vec![T::default(); present.rows()];
    let mut valid = Bits::none(present.rows());
    for row in present.ones() {
        if let Some(value) = read(row) {
            values[row] = value;
            valid.set(row);
        }
    }
    let unreadable = present.without(&valid);
    Reads { values: values.into(), valid, unreadable }
}

//! Dates and timestamps that a file stores as numbers.

use crate::model::{DataType, Value};
use crate::scalar::DateFormat;
use crate::source::Bits;

use crate::engine::local::batch::typed::{TypedCells, worked_out};

/// Parses the digits of numbers as dates or timestamps, in the rows that are present.
pub(super) fn dates_of_numbers<'c>(
    present: &Bits,
    number: impl Fn(usize) -> Option<Value>,
    data_type: DataType,
    format: &DateFormat,
) -> TypedCells<'c> {
    let read = |row| number(row).map(|number| number.to_string());
    let none = Bits::none(present.rows());
    if data_type == DataType::Date {
        return TypedCells::Date(worked_out(present, &none, |row| format.parse_date(&read(row)?)));
    }
    TypedCells::Nanoseconds(worked_out(present, &none, |row| format.parse_instant(&read(row)?)))
}

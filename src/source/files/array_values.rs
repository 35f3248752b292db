//! The values of stored arrays in the types in which they are audited.

use polars_arrow::array::{Array, PrimitiveArray, Utf8ViewArray};
use polars_arrow::types::NativeType;

use crate::model::FineInstant;
use crate::source::bits::Bits;
use crate::source::column::{Column, Typed};
use crate::source::text_column::{TextColumn, TextViews};

/// Gives an array as a column; `None` where no column holds it.
pub(super) type Convert = fn(&dyn Array) -> Option<Column>;

/// The array as its type has it.
pub(super) fn array<A: Array>(cells: &dyn Array) -> Option<&A> {
    cells.as_any().downcast_ref()
}

/// A column of texts.
pub(super) fn text(cells: Utf8ViewArray) -> Column {
    Column::Text(TextColumn::Views(TextViews::new(cells)))
}

/// Numbers in another type that holds all of them.
pub(super) fn numbers<S: NativeType, T>(cells: &dyn Array, read: impl Fn(S) -> T) -> Option<Typed<T>> {
    let values = array::<PrimitiveArray<S>>(cells)?.values().iter().map(|value| read(*value)).collect();
    Some(Typed { values, valid: validity(cells), unreadable: None })
}

/// Numbers in another type that does not hold all of them.
pub(super) fn fitting<S: NativeType, T: Default>(cells: &dyn Array, read: impl Fn(S) -> Option<T>) -> Option<Typed<T>> {
    let values = array::<PrimitiveArray<S>>(cells)?.values().iter();
    Some(held(values.map(|value| read(*value)), validity(cells)))
}

/// Values of cells, `None` where a cell that is there has a value that cannot be held.
pub(super) fn held<T: Default>(values: impl ExactSizeIterator<Item = Option<T>>, valid: Option<Bits>) -> Typed<T> {
    let mut unreadable = Bits::none(values.len());
    let value = |(row, value): (usize, Option<T>)| {
        value.unwrap_or_else(|| {
            unreadable.set(row);
            T::default()
        })
    };
    let values = values.enumerate().map(value).collect();
    with_unreadable(values, valid, &unreadable)
}

/// Timestamps, `None` where one that is there cannot be held: in microseconds where none has a part below.
pub(super) fn instants(
    values: impl ExactSizeIterator<Item = Option<FineInstant>> + Clone,
    valid: Option<Bits>,
) -> Column {
    if values.clone().flatten().any(|instant| instant.nanos != 0) {
        return Column::Nanoseconds(held(values, valid));
    }
    Column::Datetime(held(values.map(|value| value.map(|instant| instant.micros)), valid))
}

/// The rows with a value; `None`: all of them.
pub(super) fn validity(cells: &dyn Array) -> Option<Bits> {
    let valid = cells.validity().filter(|valid| valid.unset_bits() > 0)?;
    let (bytes, offset, _) = valid.as_slice();
    Some(Bits::from_bitmap(bytes, offset, cells.len()))
}

/// Unreadable cells that have a value are not valid.
pub(super) fn with_unreadable<T>(values: Vec<T>, valid: Option<Bits>, unreadable: &Bits) -> Typed<T> {
    if unreadable.is_empty() {
        return Typed { values, valid, unreadable: None };
    }
    let valid = valid.unwrap_or_else(|| Bits::all(values.len()));
    let unreadable = unreadable.and(&valid);
    Typed { values, valid: Some(valid.without(&unreadable)), unreadable: Some(unreadable) }
}

//! The values of stored arrays in the types in which they are audited.

use polars_arrow::array::{Array, PrimitiveArray, Utf8ViewArray};
use polars_arrow::types::NativeType;

use crate::source::bits::Bits;
use crate::source::column::{Column, Typed};
use crate::source::text_column::{TextColumn, TextViews};

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
pub(super) fn fitting<S: NativeType>(cells: &dyn Array, read: impl Fn(S) -> Option<i64>) -> Option<Typed<i64>> {
    let mut unreadable = Bits::none(cells.len());
    let values = array::<PrimitiveArray<S>>(cells)?.values().iter().enumerate().map(|(row, value)| {
        read(*value).unwrap_or_else(|| {
            unreadable.set(row);
            0
        })
    });
    Some(with_unreadable(values.collect(), validity(cells), &unreadable))
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

//! Cells of a column as values of one type.

use std::borrow::Cow;

use crate::model::{DAY_MICROS, Decimal, FineInstant, Value};
use crate::source::{Bits, Typed};

/// Cells parsed as a type: one value a row, where the row has one.
#[derive(Debug)]
pub(crate) struct Reads<'a, T: Clone> {
    /// One value a row; arbitrary where the row is not `valid`.
    pub values: Cow<'a, [T]>,
    /// Rows that hold a value.
    pub valid: Bits,
    /// Rows whose cell is unparseable. Disjoint from `valid`; the other rows are missing.
    pub unreadable: Bits,
}

/// Cells parsed as one of the types that are not text.
#[derive(Debug)]
pub(crate) enum TypedCells<'a> {
    /// Whole numbers of 64 bits; where one of them is longer, all of them are [`Self::Decimal`].
    Integer(Reads<'a, i64>),
    Decimal(Reads<'a, Decimal>),
    Float(Reads<'a, f64>),
    Date(Reads<'a, i32>),
    Datetime(Reads<'a, i64>),
    /// Timestamps; some of them have a part below the microsecond.
    Nanoseconds(Reads<'a, FineInstant>),
    Boolean(Reads<'a, bool>),
}

impl TypedCells<'_> {
    /// Rows that hold a value.
    pub(crate) fn valid(&self) -> &Bits {
        match self {
            Self::Integer(reads) | Self::Datetime(reads) => &reads.valid,
            Self::Decimal(reads) => &reads.valid,
            Self::Float(reads) => &reads.valid,
            Self::Date(reads) => &reads.valid,
            Self::Nanoseconds(reads) => &reads.valid,
            Self::Boolean(reads) => &reads.valid,
        }
    }

    /// Rows whose cell is unparseable.
    pub(crate) fn unreadable(&self) -> &Bits {
        match self {
            Self::Integer(reads) | Self::Datetime(reads) => &reads.unreadable,
            Self::Decimal(reads) => &reads.unreadable,
            Self::Float(reads) => &reads.unreadable,
            Self::Date(reads) => &reads.unreadable,
            Self::Nanoseconds(reads) => &reads.unreadable,
            Self::Boolean(reads) => &reads.unreadable,
        }
    }

    pub(super) fn value(&self, row: usize) -> Value {
        match self {
            Self::Integer(reads) => Value::Integer(reads.values[row]),
            Self::Decimal(reads) => Value::Decimal(reads.values[row]),
            Self::Float(reads) => Value::Float(reads.values[row]),
            Self::Date(reads) => Value::Date(reads.values[row]),
            Self::Datetime(reads) => Value::Datetime(reads.values[row]),
            Self::Nanoseconds(reads) => Value::of_instant(reads.values[row]),
            Self::Boolean(reads) => Value::Boolean(reads.values[row]),
        }
    }

    /// Dates (their midnight) and timestamps to the nanosecond; `None` of other types.
    pub(crate) fn instants(&self) -> Option<Reads<'_, FineInstant>> {
        let (values, valid, unreadable) = match self {
            Self::Nanoseconds(reads) => (Cow::Borrowed(&*reads.values), &reads.valid, &reads.unreadable),
            Self::Datetime(reads) => {
                let values: Vec<_> = reads.values.iter().map(|micros| FineInstant::of_micros(*micros)).collect();
                (values.into(), &reads.valid, &reads.unreadable)
            }
            Self::Date(reads) => {
                let midnight = |days: &i32| FineInstant::of_micros(i64::from(*days).saturating_mul(DAY_MICROS));
                (reads.values.iter().map(midnight).collect::<Vec<_>>().into(), &reads.valid, &reads.unreadable)
            }
            _ => return None,
        };
        Some(Reads { values, valid: valid.clone(), unreadable: unreadable.clone() })
    }

    /// The whole microseconds of timestamps with a part below; `None` of all others.
    pub(crate) fn to_microsecond<'b>(&self) -> Option<TypedCells<'b>> {
        let Self::Nanoseconds(reads) = self else { return None };
        let values: Vec<i64> = reads.values.iter().map(|instant| instant.micros).collect();
        let (valid, unreadable) = (reads.valid.clone(), reads.unreadable.clone());
        Some(TypedCells::Datetime(Reads { values: values.into(), valid, unreadable }))
    }
}

pub(crate) fn present_typed<T>(cells: &Typed<T>, rows: usize) -> Bits {
    let valid = cells.valid.clone().unwrap_or_else(|| Bits::all(rows));
    match &cells.unreadable {
        Some(unreadable) => valid.or(unreadable),
        None => valid,
    }
}

/// Takes over the values of a column in its own type.
pub(crate) fn borrow<'a, T: Clone>(cells: &'a Typed<T>, present: &Bits) -> Reads<'a, T> {
    let (valid, unreadable) = match &cells.unreadable {
        Some(unreadable) => (present.without(unreadable), present.and(unreadable)),
        None => (present.clone(), Bits::none(present.rows())),
    };
    Reads { values: Cow::Borrowed(&cells.values), valid, unreadable }
}

/// Takes over floats; NaN is unparseable.
pub(crate) fn borrow_floats<'a>(cells: &'a Typed<f64>, present: &Bits) -> Reads<'a, f64> {
    let reads = borrow(cells, present);
    // Many at once: whether any of them is NaN, not which.
    let none_among = |values: &[f64]| values.iter().fold(false, |found, value| found | value.is_nan());
    if !cells.values.chunks(1 << 10).any(none_among) {
        return reads;
    }
    let valid = reads.valid.and(&Bits::from_fn(present.rows(), |row| !cells.values[row].is_nan()));
    let unreadable = present.without(&valid);
    Reads { valid, unreadable, ..reads }
}

/// Takes over the values that are present and convert; `None` is unparseable.
pub(crate) fn convert<'a, T: Copy, U: Copy + Default>(
    cells: &Typed<T>,
    present: &Bits,
    convert: impl Fn(T) -> Option<U>,
) -> Reads<'a, U> {
    map(&borrow(cells, present), convert)
}

/// Computes a value for each row that has one; `None` is unparseable.
pub(crate) fn map<'c, A: Copy, T: Copy + Default>(a: &Reads<'_, A>, work: impl Fn(A) -> Option<T>) -> Reads<'c, T> {
    let values: &[A] = &a.values;
    worked_out(&a.valid, &a.unreadable, |row| work(values[row]))
}

/// Computes a value for each row that has both.
pub(crate) fn zip<'c, A: Copy, B: Copy, T: Copy + Default>(
    a: &Reads<'_, A>,
    b: &Reads<'_, B>,
    work: impl Fn(A, B) -> Option<T>,
) -> Reads<'c, T> {
    let (left, right): (&[A], &[B]) = (&a.values, &b.values);
    worked_out(&a.valid.and(&b.valid), &a.unreadable.or(&b.unreadable), |row| work(left[row], right[row]))
}

/// Values for the rows of `there`; of the others, `unreadable` ones stay so.
pub(crate) fn worked_out<'c, T: Copy + Default>(
    there: &Bits,
    unreadable: &Bits,
    work: impl Fn(usize) -> Option<T>,
) -> Reads<'c, T> {
    let mut values = Vec::with_capacity(there.rows());
    // Rows without a value are computed too, and their results are not used.
    let reads = Bits::from_fn(there.rows(), |row| {
        let value = work(row);
        values.push(value.unwrap_or_default());
        value.is_some()
    });
    Reads { values: values.into(), valid: there.and(&reads), unreadable: unreadable.or(&there.without(&reads)) }
}

//! Whether values are in a range.

use crate::model::{DataType, Decimal, Value};
use crate::source::Bits;

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::typed::TypedCells;
use crate::engine::local::measures::row_predicates::tested::Tested;

pub(crate) fn in_range(
    cells: &Cells<'_>,
    column: usize,
    data_type: DataType,
    (min, max): (Option<&Value>, Option<&Value>),
    exclusive: bool,
) -> Tested {
    fn between<T: PartialOrd + Copy>(values: &[T], min: Option<T>, max: Option<T>, exclusive: bool) -> Bits {
        // One or two comparisons without a branch: where many rows fail, a branch would often be predicted wrongly.
        match (min, max, exclusive) {
            (None, None, _) => Bits::all(values.len()),
            (Some(min), None, false) => Bits::of(values, |value| *value >= min),
            (Some(min), None, true) => Bits::of(values, |value| *value > min),
            (None, Some(max), false) => Bits::of(values, |value| *value <= max),
            (None, Some(max), true) => Bits::of(values, |value| *value < max),
            (Some(min), Some(max), false) => Bits::of(values, |value| (*value >= min) & (*value <= max)),
            (Some(min), Some(max), true) => Bits::of(values, |value| (*value > min) & (*value < max)),
        }
    }
    /// The bounds as plain values of one type.
    macro_rules! bound {
        ($variant:ident) => {
            (
                min.and_then(|value| if let Value::$variant(value) = value { Some(*value) } else { None }),
                max.and_then(|value| if let Value::$variant(value) = value { Some(*value) } else { None }),
            )
        };
    }
    if data_type.is_textual() {
        let there = cells.present(column);
        let bound = |value: Option<&Value>| value.map(ToString::to_string);
        let (min, max) = (bound(min), bound(max));
        let holds = cells.text_bits(column, |text| {
            let above = min.as_deref().is_none_or(|min| if exclusive { text > min } else { text >= min });
            above && max.as_deref().is_none_or(|max| if exclusive { text < max } else { text <= max })
        });
        return Tested::split(there, &holds);
    }
    // A whole number may have decimal bounds, and is read as a whole number nevertheless.
    let read_as = if data_type == DataType::Decimal && cells.data_type(column) == DataType::Integer {
        DataType::Integer
    } else {
        data_type
    };
    let typed = cells.typed(column, read_as);
    let decimals = || (min.and_then(Value::to_decimal), max.and_then(Value::to_decimal));
    let holds = match typed {
        TypedCells::Integer(reads) => match (min.map(whole), max.map(whole)) {
            (Some(None), _) | (_, Some(None)) => {
                let values: Vec<Decimal> = reads.values.iter().map(|value| (*value).into()).collect();
                let (min, max) = decimals();
                between(&values, min, max, exclusive)
            }
            (min, max) => between(&reads.values, min.flatten(), max.flatten(), exclusive),
        },
        TypedCells::Decimal(reads) => {
            let (min, max) = decimals();
            between(&reads.values, min, max, exclusive)
        }
        TypedCells::Float(reads) => {
            let (min, max) = (min.and_then(Value::to_float), max.and_then(Value::to_float));
            between(&reads.values, min, max, exclusive)
        }
        TypedCells::Date(reads) => {
            let (min, max) = bound!(Date);
            between(&reads.values, min, max, exclusive)
        }
        TypedCells::Datetime(reads) if ![min, max].into_iter().flatten().any(is_fine) => {
            let (min, max) = bound!(Datetime);
            between(&reads.values, min, max, exclusive)
        }
        TypedCells::Datetime(_) | TypedCells::Nanoseconds(_) => {
            let instants = typed.instants().map_or_else(Vec::new, |reads| reads.values.into_owned());
            between(&instants, min.and_then(Value::instant), max.and_then(Value::instant), exclusive)
        }
        TypedCells::Boolean(_) => Bits::none(cells.rows()),
    };
    Tested::split_typed(typed, &holds)
}

/// Whether a bound has a part below the microsecond.
const fn is_fine(bound: &Value) -> bool {
    matches!(bound, Value::Nanoseconds(_))
}

/// A bound of whole numbers of 64 bits.
const fn whole(bound: &Value) -> Option<i64> {
    match bound {
        Value::Integer(number) => Some(*number),
        _ => None,
    }
}

//! Whether values are in a range.

use std::cmp::Ordering;

use crate::model::{DataType, Value};
use crate::scalar::{ExactDecimal, compare};
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
    // Whole numbers against decimal bounds compare exactly, not through a float.
    let read_as = if data_type == DataType::Decimal && cells.data_type(column) == DataType::Integer {
        DataType::Integer
    } else {
        data_type
    };
    let typed = cells.typed(column, read_as);
    let holds = match typed {
        TypedCells::Integer(reads) if read_as != data_type => Bits::from_fn(reads.values.len(), |row| {
            let value = Value::Integer(reads.values[row]);
            let order = |bound: &Value| compare(&value, bound);
            min.is_none_or(|min| order(min).is_some_and(|o| if exclusive { o.is_gt() } else { o.is_ge() }))
                && max.is_none_or(|max| order(max).is_some_and(|o| if exclusive { o.is_lt() } else { o.is_le() }))
        }),
        TypedCells::Integer(reads) => {
            let (min, max) = bound!(Integer);
            between(&reads.values, min, max, exclusive)
        }
        TypedCells::Decimal(reads) => {
            let floats = (min.and_then(as_float), max.and_then(as_float));
            let holds = between(&reads.values, floats.0, floats.1, exclusive);
            at_bounds(
                cells,
                column,
                &reads.values,
                holds,
                &[(min, Ordering::Less), (max, Ordering::Greater)],
                exclusive,
            )
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

/// A bound as a float.
#[expect(clippy::cast_precision_loss, reason = "whole bounds that a float cannot hold are compared exactly")]
fn as_float(bound: &Value) -> Option<f64> {
    match bound {
        Value::Decimal(number) => Some(*number),
        Value::Integer(number) => Some(*number as f64),
        _ => None,
    }
}

/// A number with all its digits.
pub(crate) fn written(value: &Value) -> Option<ExactDecimal> {
    match value {
        Value::Decimal(number) => ExactDecimal::of_float(*number),
        Value::Integer(number) => ExactDecimal::of_integer(*number),
        _ => None,
    }
}

/// Judges the decimals again that parse as the same float as a bound: with all their digits they may be on either side of
/// it. Each bound comes with the order of the decimals beyond it.
fn at_bounds(
    cells: &Cells<'_>,
    column: usize,
    values: &[f64],
    holds: Bits,
    bounds: &[(Option<&Value>, Ordering)],
    exclusive: bool,
) -> Bits {
    let bounds: Vec<(f64, ExactDecimal, Ordering)> = bounds
        .iter()
        .filter_map(|(bound, beyond)| Some((as_float((*bound)?)?, written((*bound)?)?, *beyond)))
        .collect();
    let exact = bounds.iter().all(|(float, bound, _)| ExactDecimal::of_float(*float).as_ref() == Some(bound));
    if exact && cells.has_floats(column) {
        return holds;
    }
    let none = || Bits::none(values.len());
    #[expect(clippy::float_cmp, reason = "all others lie on the same side as their floats do")]
    let near = bounds.iter().fold(none(), |near, (bound, ..)| near.or(&Bits::of(values, |value| value == bound)));
    let (mut judged, mut inside) = (none(), none());
    for row in near.and(cells.present(column)).ones() {
        if exact && cells.is_identified_by_float(column, row) {
            continue;
        }
        let Some(number) = cells.written(column, row) else { continue };
        judged.set(row);
        let beyond = |(_, bound, beyond): &(f64, ExactDecimal, Ordering)| {
            let order = number.cmp(bound);
            order == *beyond || exclusive && order.is_eq()
        };
        if !bounds.iter().any(beyond) {
            inside.set(row);
        }
    }
    holds.without(&judged).or(&inside)
}

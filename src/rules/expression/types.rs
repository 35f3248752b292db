//! How types compare, how literals take the type of the other side, and what both are called in messages.

use super::tree::{Kind, Node};
use crate::model::{DataType, Value};
use crate::scalar::{Cell, cast, compare, parse_value};

/// A type with its article.
pub(super) fn a(data_type: DataType) -> &'static str {
    match data_type {
        DataType::Text => "text",
        DataType::Integer => "an integer",
        DataType::Decimal => "a decimal",
        DataType::Float | DataType::Float32 => "a float",
        DataType::Date => "a date",
        DataType::Datetime => "a datetime",
        DataType::Boolean => "a boolean",
        DataType::Uuid => "a uuid",
        DataType::Binary => "binary",
    }
}

/// What a part is called in a message.
pub(super) fn named(node: &Node) -> String {
    match &node.kind {
        Kind::Column { name, .. } => format!("`{name}`"),
        Kind::Number(text) => format!("`{text}`"),
        Kind::Text(text) if text.chars().count() <= 30 => format!("'{}'", text.escape_debug()),
        Kind::AsOf => "the date of the audit".to_owned(),
        Kind::Aggregate { function, .. } => format!("`{}`", function.name()),
        Kind::Call { function, .. } => format!("`{}`", function.name()),
        Kind::Date(_) | Kind::Datetime(_) => "this date".to_owned(),
        Kind::Interval(..) => "an interval".to_owned(),
        _ => "this".to_owned(),
    }
}

/// Whether the types compare as they are.
pub(super) fn comparable(left: DataType, right: DataType) -> bool {
    let instant = |t| matches!(t, DataType::Date | DataType::Datetime);
    left == right
        || (left.is_numeric() && right.is_numeric())
        || (left.is_textual() && right.is_textual())
        || (instant(left) && instant(right))
}

/// The type that holds the values of both.
pub(super) fn common(left: DataType, right: DataType) -> Option<DataType> {
    if left == right {
        Some(left)
    } else if !comparable(left, right) {
        None
    } else if left.is_numeric() {
        Some(left.with_number(right))
    } else if left.is_textual() {
        Some(DataType::Text)
    } else {
        Some(DataType::Datetime)
    }
}

/// The value in another type, where it is the same value there.
fn exact(value: &Value, to: DataType) -> Option<Value> {
    match cast(value, to) {
        Cell::Value(converted) if compare(value, &converted).is_some_and(std::cmp::Ordering::is_eq) => Some(converted),
        _ => None,
    }
}

/// A literal in the type of the other side: text is parsed, numbers and dates change their type where no value is
/// lost. `None` where text cannot be read.
pub(super) fn adapt(value: Value, to: DataType) -> Option<Value> {
    match (&value, to) {
        (Value::Text(_), DataType::Text) => Some(value),
        (Value::Text(text), DataType::Integer) => {
            parse_value(text, DataType::Integer, None).or_else(|| parse_value(text, DataType::Decimal, None))
        }
        (Value::Text(text), DataType::Date) => {
            parse_value(text, to, None).or_else(|| parse_value(text, DataType::Datetime, None))
        }
        (Value::Text(text), to) => parse_value(text, to, None),
        // A decimal becomes the nearest float, which it need not equal.
        (Value::Decimal(number), DataType::Float) => Some(Value::Float(number.to_float())),
        // And so does any number beside a 32-bit float.
        (Value::Integer(_) | Value::Decimal(_) | Value::Float(_), DataType::Float32) => match cast(&value, to) {
            Cell::Value(rounded) => Some(rounded),
            Cell::Unreadable => Some(value),
        },
        (
            Value::Integer(_) | Value::Decimal(_) | Value::Float(_),
            DataType::Integer | DataType::Decimal | DataType::Float,
        )
        | (Value::Date(_) | Value::Datetime(_) | Value::Nanoseconds(_), DataType::Date | DataType::Datetime) => {
            Some(exact(&value, to).unwrap_or(value))
        }
        _ => Some(value),
    }
}

/// How a literal of that type is written.
pub(super) fn example(data_type: DataType) -> &'static str {
    match data_type {
        DataType::Text => "write 'text'",
        DataType::Integer => "write 42",
        DataType::Decimal | DataType::Float | DataType::Float32 => "write 4.2",
        DataType::Date => "write date '2020-12-31': year, month, day, and a day that exists",
        DataType::Datetime => "write timestamp '2020-12-31T06:00:00', a timestamp that exists",
        DataType::Boolean => "write true or false",
        DataType::Uuid => "write '123e4567-e89b-12d3-a456-426614174000'",
        DataType::Binary => "bytes have no literal",
    }
}

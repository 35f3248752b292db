//! Types of Arrow files as the types of the arrays that columns are made of.

use std::sync::Arc;

use arrow_schema::{
    DataType as Written, Field as WrittenField, IntervalUnit as WrittenInterval, TimeUnit as WrittenUnit,
};
use polars_arrow::datatypes::{ArrowDataType as Stored, Field, IntegerType, IntervalUnit, Metadata, TimeUnit};

use crate::source::column::SourceColumn;
use crate::source::files::stored_type::describe_field;

/// Digits of a decimal that are exact.
const EXACT_DIGITS: usize = 38;

/// A column of an Arrow file as its schema has it.
pub(super) fn describe(written: &WrittenField) -> SourceColumn {
    let column = describe_field(&field(written));
    match column.data_type {
        Some(_) => column,
        // The name alone: what is inside may be a tree.
        None => SourceColumn { stored: name_of(written.data_type()), ..column },
    }
}

fn name_of(written: &Written) -> String {
    let name = format!("{written:?}");
    name.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// A field with its metadata.
pub(super) fn field(written: &WrittenField) -> Field {
    let mut field = Field::new(written.name().as_str().into(), stored(written.data_type()), true);
    if !written.metadata().is_empty() {
        let known = written.metadata().iter().map(|(key, value)| (key.as_str().into(), value.as_str().into()));
        field.metadata = Some(Arc::new(known.collect::<Metadata>()));
    }
    field
}

/// The type in which the cells are given; unknown where they are not read.
pub(super) fn stored(written: &Written) -> Stored {
    let of_list = |item: &WrittenField| Stored::LargeList(Box::new(field(item)));
    match written {
        Written::Null => Stored::Null,
        Written::Boolean => Stored::Boolean,
        Written::Int8 => Stored::Int8,
        Written::Int16 => Stored::Int16,
        Written::Int32 => Stored::Int32,
        Written::Int64 => Stored::Int64,
        Written::UInt8 => Stored::UInt8,
        Written::UInt16 => Stored::UInt16,
        Written::UInt32 => Stored::UInt32,
        Written::UInt64 => Stored::UInt64,
        // Each is a float32 that is not rounded.
        Written::Float16 | Written::Float32 => Stored::Float32,
        Written::Float64 => Stored::Float64,
        Written::Timestamp(unit, zone) => Stored::Timestamp(unit_of(*unit), zone.as_deref().map(Into::into)),
        Written::Date32 => Stored::Date32,
        Written::Date64 => Stored::Date64,
        Written::Time32(unit) => Stored::Time32(unit_of(*unit)),
        Written::Time64(unit) => Stored::Time64(unit_of(*unit)),
        Written::Duration(unit) => Stored::Duration(unit_of(*unit)),
        Written::Interval(WrittenInterval::YearMonth) => Stored::Interval(IntervalUnit::YearMonth),
        Written::Interval(WrittenInterval::DayTime) => Stored::Interval(IntervalUnit::DayTime),
        Written::Interval(WrittenInterval::MonthDayNano) => Stored::Interval(IntervalUnit::MonthDayNano),
        Written::Binary | Written::LargeBinary | Written::BinaryView => Stored::BinaryView,
        Written::FixedSizeBinary(size) => usize::try_from(*size).map_or(Stored::Unknown, Stored::FixedSizeBinary),
        Written::Utf8 | Written::LargeUtf8 | Written::Utf8View => Stored::Utf8View,
        Written::List(item)
        | Written::LargeList(item)
        | Written::ListView(item)
        | Written::LargeListView(item)
        | Written::FixedSizeList(item, _)
        | Written::Map(item, _) => of_list(item),
        Written::Struct(fields) => Stored::Struct(fields.iter().map(|inner| field(inner)).collect()),
        Written::Dictionary(key, words) => {
            key_of(key).map_or(Stored::Unknown, |key| Stored::Dictionary(key, Box::new(stored(words)), false))
        }
        Written::Decimal32(precision, scale) => decimal(*precision, *scale, Stored::Decimal32),
        Written::Decimal64(precision, scale) => decimal(*precision, *scale, Stored::Decimal64),
        Written::Decimal128(precision, scale) => decimal(*precision, *scale, Stored::Decimal),
        Written::Decimal256(precision, scale) => decimal(*precision, *scale, Stored::Decimal256),
        Written::RunEndEncoded(_, values) => stored(values.data_type()),
        Written::Union(..) => Stored::Unknown,
    }
}

/// A decimal. One whose last digits are not written is a whole number of more digits.
fn decimal(precision: u8, scale: i8, of: impl Fn(usize, usize) -> Stored) -> Stored {
    match u8::try_from(scale) {
        Ok(scale) => of(usize::from(precision), usize::from(scale)),
        Err(_) => match usize::from(precision) + usize::from(scale.unsigned_abs()) {
            digits @ ..=EXACT_DIGITS => Stored::Decimal(digits, 0),
            _ => Stored::Unknown,
        },
    }
}

const fn unit_of(unit: WrittenUnit) -> TimeUnit {
    match unit {
        WrittenUnit::Second => TimeUnit::Second,
        WrittenUnit::Millisecond => TimeUnit::Millisecond,
        WrittenUnit::Microsecond => TimeUnit::Microsecond,
        WrittenUnit::Nanosecond => TimeUnit::Nanosecond,
    }
}

const fn key_of(key: &Written) -> Option<IntegerType> {
    Some(match key {
        Written::Int8 => IntegerType::Int8,
        Written::Int16 => IntegerType::Int16,
        Written::Int32 => IntegerType::Int32,
        Written::Int64 => IntegerType::Int64,
        Written::UInt8 => IntegerType::UInt8,
        Written::UInt16 => IntegerType::UInt16,
        Written::UInt32 => IntegerType::UInt32,
        Written::UInt64 => IntegerType::UInt64,
        _ => return None,
    })
}

//! The types of columns as columnar files have them.

use polars_arrow::datatypes::{
    ArrowDataType as Stored, DTYPE_ENUM_VALUES_LEGACY, DTYPE_ENUM_VALUES_NEW, Field, TimeUnit,
};

use super::text_values::is_uuid;
use crate::model::DataType;
use crate::source::column::{BINARY, NULL, SourceColumn};

/// A column of a file as its schema has it. A type that is not read (a union) has a name too; no rule can read such a column,
/// and the others can be read.
pub(super) fn describe_field(field: &Field) -> SourceColumn {
    let (stored, data_type) = match field.dtype.to_storage() {
        Stored::Dictionary(..) if is_enum(field) => ("enum".to_owned(), Some(DataType::Text)),
        _ if is_uuid(field) => ("uuid".to_owned(), Some(DataType::Text)),
        stored => describe(stored),
    };
    SourceColumn { name: field.name.to_string(), stored, data_type }
}

/// Whether polars wrote the field as an enum: a dictionary whose words are listed beside it.
fn is_enum(field: &Field) -> bool {
    let metadata = field.metadata.as_deref();
    metadata.is_some_and(|known| {
        [DTYPE_ENUM_VALUES_NEW, DTYPE_ENUM_VALUES_LEGACY].iter().any(|key| known.contains_key(*key))
    })
}

/// The name of a stored type for people, and the type in which its cells are given.
fn describe(stored: &Stored) -> (String, Option<DataType>) {
    let plain = |name: &str, kind| (name.to_owned(), Some(kind));
    match stored {
        Stored::Utf8View | Stored::Utf8 | Stored::LargeUtf8 => plain("text", DataType::Text),
        Stored::Dictionary(_, words, _) => match words.as_ref() {
            Stored::Utf8View | Stored::Utf8 | Stored::LargeUtf8 => plain("categorical", DataType::Text),
            words => describe(words),
        },
        Stored::Null => plain(NULL, DataType::Text),
        Stored::Int8 => plain("int8", DataType::Integer),
        Stored::Int16 => plain("int16", DataType::Integer),
        Stored::Int32 => plain("int32", DataType::Integer),
        Stored::Int64 => plain("int64", DataType::Integer),
        Stored::UInt8 => plain("uint8", DataType::Integer),
        Stored::UInt16 => plain("uint16", DataType::Integer),
        Stored::UInt32 => plain("uint32", DataType::Integer),
        Stored::UInt64 => plain("uint64", DataType::Integer),
        Stored::Float32 => plain("float32", DataType::Float32),
        Stored::Float64 => plain("float64", DataType::Float),
        Stored::Decimal(precision, scale)
        | Stored::Decimal32(precision, scale)
        | Stored::Decimal64(precision, scale)
        | Stored::Decimal256(precision, scale) => (format!("decimal({precision},{scale})"), Some(DataType::Decimal)),
        Stored::Boolean => plain("boolean", DataType::Boolean),
        Stored::Date32 => plain("date", DataType::Date),
        Stored::Date64 => plain("timestamp[ms]", DataType::Datetime),
        Stored::Timestamp(unit, zone) => {
            let unit = match unit {
                TimeUnit::Nanosecond => "ns",
                TimeUnit::Microsecond => "us",
                TimeUnit::Millisecond | TimeUnit::Second => "ms",
            };
            let zone = zone.as_ref().filter(|zone| !zone.is_empty());
            let zone = zone.map_or_else(String::new, |zone| format!(", {zone}"));
            (format!("timestamp[{unit}{zone}]"), Some(DataType::Datetime))
        }
        Stored::Binary | Stored::LargeBinary | Stored::BinaryView | Stored::FixedSizeBinary(_) => {
            plain(BINARY, DataType::Text)
        }
        Stored::Float16 => plain("float16", DataType::Float32),
        Stored::Time32(_) | Stored::Time64(_) => plain("time", DataType::Text),
        Stored::Duration(_) => plain("duration", DataType::Text),
        Stored::Interval(_) => plain("interval", DataType::Text),
        Stored::List(item) | Stored::LargeList(item) | Stored::FixedSizeList(item, _) => {
            ("list".to_owned(), describe_field(item).data_type.map(|_| DataType::Text))
        }
        Stored::Map(item, _) => ("map".to_owned(), describe_field(item).data_type.map(|_| DataType::Text)),
        Stored::Struct(fields) => {
            let is_read = fields.iter().all(|field| describe_field(field).data_type.is_some());
            ("struct".to_owned(), is_read.then_some(DataType::Text))
        }
        other => {
            // The name alone: what is inside may be a tree.
            let name: String = format!("{other:?}").chars().take_while(char::is_ascii_alphanumeric).collect();
            (name.to_ascii_lowercase(), None)
        }
    }
}

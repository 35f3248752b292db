//! Columns of columnar files, converted to the types in which they are audited.

use std::ops::Range;

use polars_arrow::array::{Array, BooleanArray, DictionaryArray, PrimitiveArray, Utf8Array, Utf8ViewArray};
use polars_arrow::datatypes::{ArrowDataType as Stored, Field, TimeUnit};
use polars_arrow::match_integer_type;
use polars_compute::cast::utf8_to_utf8view;

use super::array_values::{Convert, array, fitting, instants, numbers, text, validity};
use super::decimals::decimals;
use super::dictionaries::look_up;
use super::json_text::json;
use super::text_values::{bytes, durations, intervals, is_uuid, times, uuids};
use crate::model::{Decimal, FIRST_DATE, FineInstant, LAST_DATE, TIMESTAMPS, Value};
use crate::source::batch::Rows;
use crate::source::column::{Column, Typed};
use crate::source::panic_guard::{Failed, catch_panic};
use crate::source::table::Emit;
use crate::source::text_column::TextColumn;

/// Hands out runs of rows of decoded columns, one batch each.
///
/// # Errors
/// The place of the column whose cells cannot be given, and why.
pub(super) fn emit(
    columns: &[(Box<dyn Array>, Convert)],
    parts: &[Range<usize>],
    emit: &mut Emit,
) -> Result<(), (usize, Failed)> {
    for part in parts {
        let cut = |(at, (column, convert)): (usize, &(Box<dyn Array>, Convert))| {
            cut_one(column.as_ref(), part, *convert).map_err(|failed| (at, failed))
        };
        let columns = columns.iter().enumerate().map(cut).collect::<Result<Vec<_>, _>>()?;
        if !emit(Rows::ready(part.len(), columns, Vec::new(), None)) {
            break;
        }
    }
    Ok(())
}

/// The cells of these runs of rows.
pub(super) fn cut(column: &dyn Array, parts: &[Range<usize>], convert: Convert) -> Result<Vec<Column>, Failed> {
    parts.iter().map(|part| cut_one(column, part, convert)).collect()
}

fn cut_one(column: &dyn Array, rows: &Range<usize>, convert: Convert) -> Result<Column, Failed> {
    catch_panic(|| convert(column.sliced(rows.start, rows.len()).as_ref()).ok_or(()))
}

/// Microseconds, unless they are before 0001 or after 9999.
fn timestamp(micros: i64) -> Option<i64> {
    TIMESTAMPS.contains(&micros).then_some(micros)
}

/// How the cells of a field are read.
pub(super) fn conversion(field: &Field) -> Convert {
    if is_uuid(field) { uuids } else { convert }
}

/// Gives a column in the type that `describe_field` names; `None` where it has none.
pub(super) fn convert(cells: &dyn Array) -> Option<Column> {
    Some(match cells.dtype().to_storage() {
        Stored::Null => Column::Text(TextColumn::Constant(None)),
        Stored::Utf8View => text(array::<Utf8ViewArray>(cells)?.clone()),
        Stored::Utf8 => text(utf8_to_utf8view::<i32>(array::<Utf8Array<i32>>(cells)?)),
        Stored::LargeUtf8 => text(utf8_to_utf8view::<i64>(array::<Utf8Array<i64>>(cells)?)),
        Stored::Dictionary(key, ..) => {
            match_integer_type!(key, |$Key| {
                let cells = array::<DictionaryArray<$Key>>(cells)?;
                look_up(cells, convert(cells.values().as_ref())?)?
            })
        }
        Stored::Int8 => Column::Integer(numbers(cells, i64::from as fn(i8) -> i64)?),
        Stored::Int16 => Column::Integer(numbers(cells, i64::from as fn(i16) -> i64)?),
        Stored::Int32 => Column::Integer(numbers(cells, i64::from as fn(i32) -> i64)?),
        Stored::Int64 => Column::Integer(numbers(cells, |value: i64| value)?),
        Stored::UInt8 => Column::Integer(numbers(cells, i64::from as fn(u8) -> i64)?),
        Stored::UInt16 => Column::Integer(numbers(cells, i64::from as fn(u16) -> i64)?),
        Stored::UInt32 => Column::Integer(numbers(cells, i64::from as fn(u32) -> i64)?),
        Stored::UInt64 => {
            let whole = fitting(cells, |value: u64| i64::try_from(value).ok())?;
            match whole.unreadable {
                None => Column::Integer(whole),
                Some(_) => Column::Decimal(numbers(cells, Decimal::from as fn(u64) -> Decimal)?),
            }
        }
        Stored::Float32 => Column::Float(numbers(cells, Value::single)?),
        Stored::Float64 => Column::Float(numbers(cells, |value: f64| value)?),
        Stored::Decimal(precision, scale)
        | Stored::Decimal32(precision, scale)
        | Stored::Decimal64(precision, scale)
        | Stored::Decimal256(precision, scale) => decimals(cells, *precision, *scale)?,
        Stored::Date32 => {
            Column::Date(fitting(cells, |days: i32| (FIRST_DATE..=LAST_DATE).contains(&days).then_some(days))?)
        }
        Stored::Date64 => Column::Datetime(fitting(cells, |ticks: i64| timestamp(ticks.checked_mul(1_000)?))?),
        Stored::Timestamp(TimeUnit::Nanosecond, _) => {
            let ticks = array::<PrimitiveArray<i64>>(cells)?.values().iter();
            instants(ticks.map(|ticks| Some(FineInstant::of_nanos(*ticks))), validity(cells))
        }
        Stored::Timestamp(unit, _) => Column::Datetime(match unit {
            TimeUnit::Second => fitting(cells, |ticks: i64| timestamp(ticks.checked_mul(1_000_000)?))?,
            TimeUnit::Millisecond => fitting(cells, |ticks: i64| timestamp(ticks.checked_mul(1_000)?))?,
            TimeUnit::Microsecond | TimeUnit::Nanosecond => fitting(cells, timestamp)?,
        }),
        Stored::Boolean => {
            let values = array::<BooleanArray>(cells)?.values().iter().collect();
            Column::Boolean(Typed { values, valid: validity(cells), unreadable: None })
        }
        Stored::Binary | Stored::LargeBinary | Stored::BinaryView | Stored::FixedSizeBinary(_) => bytes(cells)?,
        Stored::Time32(unit) | Stored::Time64(unit) => times(cells, *unit)?,
        Stored::Duration(unit) => durations(cells, *unit)?,
        Stored::Interval(unit) => intervals(cells, *unit)?,
        Stored::Struct(_) | Stored::List(_) | Stored::LargeList(_) | Stored::FixedSizeList(..) | Stored::Map(..) => {
            json(cells, conversion)?
        }
        Stored::Float16 => {
            Column::Float(numbers(cells, |value: polars_utils::float16::pf16| Value::single(value.into()))?)
        }
        _ => return None,
    })
}

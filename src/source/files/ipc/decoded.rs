//! Arrays as the Arrow library decodes them, given as the arrays that columns are made of.
//!
//! The two libraries have the same arrays in memory, but neither knows the other. Values are copied once.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type,
    Decimal256Type, DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType, DurationSecondType,
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, IntervalDayTimeType,
    IntervalMonthDayNanoType, IntervalYearMonthType, RunEndIndexType, Time32MillisecondType, Time32SecondType,
    Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array as Decoded, UInt64Array};
use arrow_buffer::i256 as Written256;
use arrow_schema::{DataType as Written, FieldRef, IntervalUnit, TimeUnit};
use arrow_select::take::take;
use polars_arrow::array::{
    Array, BooleanArray, DictionaryArray, DictionaryKey, FixedSizeBinaryArray, ListArray, MutableBinaryViewArray,
    NullArray, PrimitiveArray, StructArray, new_null_array,
};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::datatypes::ArrowDataType as Stored;
use polars_arrow::offset::OffsetsBuffer;
use polars_arrow::types::{NativeType, days_ms, i256, months_days_ns};

use super::types::{field, stored};

type Cells = Box<dyn Array>;

/// An array in the type that [`stored`] names; `None` where it is not read.
pub(super) fn array_of(cells: &dyn Decoded) -> Option<Cells> {
    Some(match cells.data_type() {
        Written::Null => NullArray::try_new(Stored::Null, cells.len()).ok()?.boxed(),
        Written::Boolean => {
            let values = cells.as_boolean().values();
            let values = Bitmap::try_new(values.sliced().to_vec(), values.len()).ok()?;
            BooleanArray::try_new(Stored::Boolean, values, valid(cells)).ok()?.boxed()
        }
        Written::Int8 => numbers::<Int8Type, _>(cells, |value| value)?,
        Written::Int16 => numbers::<Int16Type, _>(cells, |value| value)?,
        Written::Int32 => numbers::<Int32Type, _>(cells, |value| value)?,
        Written::Int64 => numbers::<Int64Type, _>(cells, |value| value)?,
        Written::UInt8 => numbers::<UInt8Type, _>(cells, |value| value)?,
        Written::UInt16 => numbers::<UInt16Type, _>(cells, |value| value)?,
        Written::UInt32 => numbers::<UInt32Type, _>(cells, |value| value)?,
        Written::UInt64 => numbers::<UInt64Type, _>(cells, |value| value)?,
        Written::Float16 => numbers::<Float16Type, _>(cells, f32::from)?,
        Written::Float32 => numbers::<Float32Type, _>(cells, |value| value)?,
        Written::Float64 => numbers::<Float64Type, _>(cells, |value| value)?,
        Written::Date32 => numbers::<Date32Type, _>(cells, |value| value)?,
        Written::Date64 => numbers::<Date64Type, _>(cells, |value| value)?,
        Written::Time32(TimeUnit::Second) => numbers::<Time32SecondType, _>(cells, |value| value)?,
        Written::Time32(_) => numbers::<Time32MillisecondType, _>(cells, |value| value)?,
        Written::Time64(TimeUnit::Microsecond) => numbers::<Time64MicrosecondType, _>(cells, |value| value)?,
        Written::Time64(_) => numbers::<Time64NanosecondType, _>(cells, |value| value)?,
        Written::Timestamp(TimeUnit::Second, _) => numbers::<TimestampSecondType, _>(cells, |value| value)?,
        Written::Timestamp(TimeUnit::Millisecond, _) => numbers::<TimestampMillisecondType, _>(cells, |value| value)?,
        Written::Timestamp(TimeUnit::Microsecond, _) => numbers::<TimestampMicrosecondType, _>(cells, |value| value)?,
        Written::Timestamp(TimeUnit::Nanosecond, _) => numbers::<TimestampNanosecondType, _>(cells, |value| value)?,
        Written::Duration(TimeUnit::Second) => numbers::<DurationSecondType, _>(cells, |value| value)?,
        Written::Duration(TimeUnit::Millisecond) => numbers::<DurationMillisecondType, _>(cells, |value| value)?,
        Written::Duration(TimeUnit::Microsecond) => numbers::<DurationMicrosecondType, _>(cells, |value| value)?,
        Written::Duration(TimeUnit::Nanosecond) => numbers::<DurationNanosecondType, _>(cells, |value| value)?,
        Written::Interval(IntervalUnit::YearMonth) => numbers::<IntervalYearMonthType, _>(cells, |value| value)?,
        Written::Interval(IntervalUnit::DayTime) => {
            numbers::<IntervalDayTimeType, _>(cells, |value| days_ms::new(value.days, value.milliseconds))?
        }
        Written::Interval(IntervalUnit::MonthDayNano) => numbers::<IntervalMonthDayNanoType, _>(cells, |value| {
            months_days_ns::new(value.months, value.days, value.nanoseconds)
        })?,
        Written::Decimal32(_, scale) => decimals::<Decimal32Type, _>(cells, *scale, |units| units, i128::from)?,
        Written::Decimal64(_, scale) => decimals::<Decimal64Type, _>(cells, *scale, |units| units, i128::from)?,
        Written::Decimal128(_, scale) => decimals::<Decimal128Type, _>(cells, *scale, |units| units, |units| units)?,
        Written::Decimal256(_, scale) => decimals::<Decimal256Type, _>(cells, *scale, wide, |units| {
            // Of a whole number of at most 38 digits.
            units.to_i128().unwrap_or_default()
        })?,
        Written::Utf8 => texts(cells.as_string::<i32>().iter()),
        Written::LargeUtf8 => texts(cells.as_string::<i64>().iter()),
        Written::Utf8View => texts(cells.as_string_view().iter()),
        Written::Binary => bytes(cells.as_binary::<i32>().iter()),
        Written::LargeBinary => bytes(cells.as_binary::<i64>().iter()),
        Written::BinaryView => bytes(cells.as_binary_view().iter()),
        Written::FixedSizeBinary(_) => {
            let cells = cells.as_fixed_size_binary();
            let values = cells.value_data().to_vec();
            FixedSizeBinaryArray::try_new(stored(cells.data_type()), values.into(), valid(cells)).ok()?.boxed()
        }
        Written::Struct(_) => {
            let values =
                cells.as_struct().columns().iter().map(|inner| array_of(inner.as_ref())).collect::<Option<_>>()?;
            StructArray::try_new(stored(cells.data_type()), cells.len(), values, valid(cells)).ok()?.boxed()
        }
        Written::List(item) => {
            let list = cells.as_list::<i32>();
            lists(cells, item, list.values().as_ref(), list.offsets().iter().map(|at| i64::from(*at)))?
        }
        Written::LargeList(item) => {
            let list = cells.as_list::<i64>();
            lists(cells, item, list.values().as_ref(), list.offsets().iter().copied())?
        }
        Written::Map(item, _) => {
            let map = cells.as_map();
            lists(cells, item, map.entries(), map.offsets().iter().map(|at| i64::from(*at)))?
        }
        Written::FixedSizeList(item, size) => {
            let starts = (0..=cells.len()).map(|row| i64::try_from(row).unwrap_or(i64::MAX) * i64::from(*size));
            lists(cells, item, cells.as_fixed_size_list().values().as_ref(), starts)?
        }
        Written::ListView(item) => {
            let list = cells.as_list_view::<i32>();
            let views = list.offsets().iter().zip(list.sizes()).map(|(at, size)| (i64::from(*at), i64::from(*size)));
            list_views(cells, item, list.values().as_ref(), views)?
        }
        Written::LargeListView(item) => {
            let list = cells.as_list_view::<i64>();
            let views = list.offsets().iter().zip(list.sizes()).map(|(at, size)| (*at, *size));
            list_views(cells, item, list.values().as_ref(), views)?
        }
        Written::Dictionary(key, _) => match key.as_ref() {
            Written::Int8 => dictionary::<Int8Type>(cells)?,
            Written::Int16 => dictionary::<Int16Type>(cells)?,
            Written::Int32 => dictionary::<Int32Type>(cells)?,
            Written::Int64 => dictionary::<Int64Type>(cells)?,
            Written::UInt8 => dictionary::<UInt8Type>(cells)?,
            Written::UInt16 => dictionary::<UInt16Type>(cells)?,
            Written::UInt32 => dictionary::<UInt32Type>(cells)?,
            _ => dictionary::<UInt64Type>(cells)?,
        },
        Written::RunEndEncoded(ends, _) => match ends.data_type() {
            Written::Int16 => runs::<Int16Type>(cells)?,
            Written::Int32 => runs::<Int32Type>(cells)?,
            _ => runs::<Int64Type>(cells)?,
        },
        Written::Union(..) => return None,
    })
}

/// The rows with a value.
fn valid(cells: &dyn Decoded) -> Option<Bitmap> {
    let nulls = cells.nulls().filter(|nulls| nulls.null_count() > 0)?;
    Bitmap::try_new(nulls.inner().sliced().to_vec(), nulls.len()).ok()
}

fn numbers<A: ArrowPrimitiveType, T: NativeType>(cells: &dyn Decoded, read: impl Fn(A::Native) -> T) -> Option<Cells> {
    let values: Vec<T> = cells.as_primitive::<A>().values().iter().map(|value| read(*value)).collect();
    Some(PrimitiveArray::try_new(stored(cells.data_type()), values.into(), valid(cells)).ok()?.boxed())
}

/// Decimals: `read` gives their units, `whole` those of whole numbers whose last digits are not written.
fn decimals<A: ArrowPrimitiveType, T: NativeType>(
    cells: &dyn Decoded,
    scale: i8,
    read: impl Fn(A::Native) -> T,
    whole: impl Fn(A::Native) -> i128,
) -> Option<Cells> {
    if scale >= 0 {
        return numbers::<A, T>(cells, read);
    }
    let unit = 10_i128.checked_pow(u32::from(scale.unsigned_abs()))?;
    // What lies under a null may be anything.
    numbers::<A, i128>(cells, |units| whole(units).wrapping_mul(unit))
}

fn wide(units: Written256) -> i256 {
    let (low, high) = units.to_parts();
    i256::from_words(high, low.cast_signed())
}

fn texts<'a>(cells: impl ExactSizeIterator<Item = Option<&'a str>>) -> Cells {
    cells.collect::<MutableBinaryViewArray<str>>().freeze().boxed()
}

fn bytes<'a>(cells: impl ExactSizeIterator<Item = Option<&'a [u8]>>) -> Cells {
    cells.collect::<MutableBinaryViewArray<[u8]>>().freeze().boxed()
}

fn lists(
    cells: &dyn Decoded,
    item: &FieldRef,
    items: &dyn Decoded,
    starts: impl Iterator<Item = i64>,
) -> Option<Cells> {
    let starts = OffsetsBuffer::try_from(starts.collect::<Vec<i64>>()).ok()?;
    let stored = Stored::LargeList(Box::new(field(item)));
    Some(ListArray::<i64>::try_new(stored, starts, array_of(items)?, valid(cells)).ok()?.boxed())
}

/// Lists whose items may lie in any order, and more than once.
fn list_views(
    cells: &dyn Decoded,
    item: &FieldRef,
    items: &dyn Decoded,
    views: impl Iterator<Item = (i64, i64)>,
) -> Option<Cells> {
    let mut starts = vec![0_i64];
    let mut places: Vec<u64> = Vec::new();
    for (row, (start, size)) in views.enumerate() {
        if cells.is_valid(row) {
            let start = u64::try_from(start).ok()?;
            places.extend(start..start.checked_add(u64::try_from(size).ok()?)?);
            // Lists that share their items may be made to be far larger than what is stored.
            if places.len() > MAX_ITEMS {
                return None;
            }
        }
        starts.push(i64::try_from(places.len()).ok()?);
    }
    let items = take(items, &UInt64Array::from(places), None).ok()?;
    lists(cells, item, items.as_ref(), starts.into_iter())
}

/// The most items of lists of one record batch.
const MAX_ITEMS: usize = 1 << 27;

fn dictionary<K: ArrowDictionaryKeyType>(cells: &dyn Decoded) -> Option<Cells>
where
    K::Native: DictionaryKey,
{
    let cells = cells.as_dictionary::<K>();
    let words = array_of(cells.values().as_ref())?;
    if words.is_empty() {
        return Some(new_null_array(words.dtype().clone(), cells.len()));
    }
    // Some writers leave any key under a null.
    let keys: Vec<K::Native> = cells.keys().iter().map(Option::unwrap_or_default).collect();
    let keys = PrimitiveArray::try_new(K::Native::PRIMITIVE.into(), keys.into(), valid(cells)).ok()?;
    let stored = Stored::Dictionary(K::Native::KEY_TYPE, Box::new(words.dtype().clone()), false);
    Some(DictionaryArray::try_new(stored, keys, words).ok()?.boxed())
}

fn runs<R: RunEndIndexType>(cells: &dyn Decoded) -> Option<Cells> {
    let cells = cells.as_run::<R>();
    let rows = 0..cells.len();
    let places: UInt64Array = rows.map(|row| cells.get_physical_index(row) as u64).collect::<Vec<_>>().into();
    array_of(take(cells.values().as_ref(), &places, None).ok()?.as_ref())
}

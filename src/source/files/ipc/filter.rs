//! Some of the rows of an Arrow array.
//!
//! Own code for the types that polars does not filter: it has none of them in memory.

use polars_arrow::array::{
    Array, BinaryArray, DictionaryArray, FixedSizeListArray, ListArray, MapArray, PrimitiveArray, StructArray,
    Utf8Array,
};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::datatypes::{ArrowDataType, PhysicalType};
use polars_arrow::match_integer_type;
use polars_arrow::offset::{Offset, OffsetsBuffer};
use polars_compute::filter::filter_with_bitmap;

/// Whether rows of that type can be chosen.
pub(super) fn is_filtered(stored: &ArrowDataType) -> bool {
    match stored.to_storage() {
        ArrowDataType::Union(_) | ArrowDataType::Unknown => false,
        ArrowDataType::List(inner)
        | ArrowDataType::LargeList(inner)
        | ArrowDataType::FixedSizeList(inner, _)
        | ArrowDataType::Map(inner, _) => is_filtered(inner.dtype()),
        ArrowDataType::Struct(fields) => fields.iter().all(|field| is_filtered(field.dtype())),
        ArrowDataType::Dictionary(_, words, _) => is_filtered(words),
        _ => true,
    }
}

/// The rows whose bit is set; `None` where there is no way to choose them.
pub(super) fn filter(cells: &dyn Array, rows: &Bitmap) -> Option<Box<dyn Array>> {
    let stored = cells.dtype().clone();
    let valid = || cells.validity().map(|valid| rows.true_idx_iter().map(|row| valid.get_bit(row)).collect::<Bitmap>());
    Some(match stored.to_physical_type() {
        PhysicalType::Utf8 => {
            let (offsets, values) = {
                let cells = array::<Utf8Array<i32>>(cells)?;
                chosen_bytes(cells.offsets(), cells.values(), rows)?
            };
            Box::new(Utf8Array::<i32>::try_new(stored, offsets, values.into(), valid()).ok()?)
        }
        PhysicalType::LargeUtf8 => {
            let (offsets, values) = {
                let cells = array::<Utf8Array<i64>>(cells)?;
                chosen_bytes(cells.offsets(), cells.values(), rows)?
            };
            Box::new(Utf8Array::<i64>::try_new(stored, offsets, values.into(), valid()).ok()?)
        }
        PhysicalType::Binary => {
            let (offsets, values) = {
                let cells = array::<BinaryArray<i32>>(cells)?;
                chosen_bytes(cells.offsets(), cells.values(), rows)?
            };
            Box::new(BinaryArray::<i32>::try_new(stored, offsets, values.into(), valid()).ok()?)
        }
        PhysicalType::List => list::<i32>(cells, rows, valid())?,
        PhysicalType::LargeList => list::<i64>(cells, rows, valid())?,
        PhysicalType::Map => {
            let cells = array::<MapArray>(cells)?;
            let (offsets, wanted) = chosen_items(cells.offsets(), cells.field().len(), rows)?;
            let items = filter(cells.field().as_ref(), &wanted)?;
            Box::new(MapArray::try_new(stored, offsets, items, valid()).ok()?)
        }
        PhysicalType::FixedSizeList => {
            let cells = array::<FixedSizeListArray>(cells)?;
            let wanted: Bitmap = rows.iter().flat_map(|row| std::iter::repeat_n(row, cells.size())).collect();
            let items = filter(cells.values().as_ref(), &wanted)?;
            Box::new(FixedSizeListArray::try_new(stored, rows.set_bits(), items, valid()).ok()?)
        }
        PhysicalType::Struct => {
            let cells = array::<StructArray>(cells)?;
            let fields = cells.values().iter().map(|field| filter(field.as_ref(), rows)).collect::<Option<_>>()?;
            Box::new(StructArray::try_new(stored, rows.set_bits(), fields, valid()).ok()?)
        }
        PhysicalType::Dictionary(key) => match_integer_type!(key, |$Key| {
            let cells = array::<DictionaryArray<$Key>>(cells)?;
            let keys = filter(cells.keys(), rows)?;
            let keys = array::<PrimitiveArray<$Key>>(keys.as_ref())?.clone();
            Box::new(DictionaryArray::<$Key>::try_new(stored, keys, cells.values().clone()).ok()?)
        }),
        PhysicalType::Union => return None,
        PhysicalType::Primitive(_) => {
            let mut chosen = filter_with_bitmap(cells, rows);
            // The filter gives the type of the numbers, not that of the column.
            *chosen.dtype_mut() = stored;
            chosen
        }
        _ => filter_with_bitmap(cells, rows),
    })
}

fn array<A: Array>(cells: &dyn Array) -> Option<&A> {
    cells.as_any().downcast_ref()
}

/// The bytes of the chosen rows, and where each row begins.
fn chosen_bytes<O: Offset>(
    offsets: &OffsetsBuffer<O>,
    bytes: &[u8],
    rows: &Bitmap,
) -> Option<(OffsetsBuffer<O>, Vec<u8>)> {
    let mut chosen = Vec::new();
    let mut starts = vec![O::zero()];
    for row in rows.true_idx_iter() {
        let (start, end) = offsets.start_end(row);
        chosen.extend_from_slice(bytes.get(start..end)?);
        starts.push(O::from_usize(chosen.len())?);
    }
    Some((OffsetsBuffer::try_from(starts).ok()?, chosen))
}

/// Which of so many items belong to the chosen rows, and where each row begins among them.
fn chosen_items<O: Offset>(
    offsets: &OffsetsBuffer<O>,
    items: usize,
    rows: &Bitmap,
) -> Option<(OffsetsBuffer<O>, Bitmap)> {
    let mut wanted = vec![false; items];
    let mut starts = vec![O::zero()];
    let mut count = 0;
    for row in rows.true_idx_iter() {
        let (start, end) = offsets.start_end(row);
        wanted.get_mut(start..end)?.fill(true);
        count += end - start;
        starts.push(O::from_usize(count)?);
    }
    Some((OffsetsBuffer::try_from(starts).ok()?, wanted.into_iter().collect()))
}

fn list<O: Offset>(cells: &dyn Array, rows: &Bitmap, valid: Option<Bitmap>) -> Option<Box<dyn Array>> {
    let list = array::<ListArray<O>>(cells)?;
    let (offsets, wanted) = chosen_items(list.offsets(), list.values().len(), rows)?;
    let items = filter(list.values().as_ref(), &wanted)?;
    Some(Box::new(ListArray::<O>::try_new(cells.dtype().clone(), offsets, items, valid).ok()?))
}

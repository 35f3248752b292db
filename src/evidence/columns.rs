//! Columns of texts and lists under construction.

use std::collections::HashMap;

use polars_arrow::array::{
    Array, DictionaryArray, ListArray, MutableArray as _, MutableBinaryViewArray, MutablePrimitiveArray, PrimitiveArray,
};
use polars_arrow::datatypes::{ArrowDataType, Field, IntegerType};
use polars_arrow::offset::Offsets;

use super::error::EvidenceError;

/// A column of texts.
#[derive(Default)]
pub(super) struct Texts {
    cells: MutableBinaryViewArray<str>,
}

impl Texts {
    /// The type of the column.
    pub(super) const TYPE: ArrowDataType = ArrowDataType::Utf8View;

    /// Adds a cell; gives how many bytes it takes, about.
    pub(super) fn push(&mut self, text: Option<&str>) -> usize {
        self.cells.push(text);
        VIEW + text.map_or(0, str::len)
    }

    /// The cells so far; the next ones begin a new column.
    pub(super) fn take(&mut self) -> Box<dyn Array> {
        std::mem::take(&mut self.cells).freeze().boxed()
    }
}

/// A column of lists of texts, with a dictionary: the same few texts occur in most rows.
pub(super) struct TextLists {
    /// Position of each text of the dictionary.
    known: HashMap<Box<str>, u32>,
    dictionary: MutableBinaryViewArray<str>,
    items: MutablePrimitiveArray<u32>,
    ends: Offsets<i64>,
}

impl Default for TextLists {
    fn default() -> Self {
        Self {
            known: HashMap::new(),
            dictionary: MutableBinaryViewArray::new(),
            items: MutablePrimitiveArray::new(),
            ends: Offsets::new(),
        }
    }
}

impl TextLists {
    /// The type of the column.
    pub(super) fn data_type() -> ArrowDataType {
        list_of(Self::item_type())
    }

    fn item_type() -> ArrowDataType {
        ArrowDataType::Dictionary(IntegerType::UInt32, Box::new(ArrowDataType::Utf8View), false)
    }

    /// Adds a list; gives how many bytes it takes, about.
    pub(super) fn push<'a>(&mut self, list: impl IntoIterator<Item = Option<&'a str>>) -> usize {
        let (mut bytes, before) = (0, self.items.len());
        for text in list {
            let position = text.map(|text| {
                self.known.get(text).copied().unwrap_or_else(|| {
                    let position = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
                    self.known.insert(text.into(), position);
                    self.dictionary.push_value(text);
                    bytes += VIEW + 2 * text.len();
                    position
                })
            });
            self.items.push(position);
        }
        let added = self.items.len() - before;
        // Row groups are small: their lists cannot have more items than an offset counts.
        let _within = self.ends.try_push(added);
        bytes + OFFSET + added * ITEM
    }

    /// The lists so far; the next ones begin a new column with a new dictionary.
    pub(super) fn take(&mut self, path: &str) -> Result<Box<dyn Array>, EvidenceError> {
        let Self { dictionary, items, ends, .. } = std::mem::take(self);
        let items: PrimitiveArray<u32> = items.into();
        let encode = |_| EvidenceError::Encode { path: path.to_owned() };
        let items = DictionaryArray::try_new(Self::item_type(), items, dictionary.freeze().boxed()).map_err(encode)?;
        list(Self::data_type(), ends, items.boxed(), path)
    }
}

/// The type of lists of that type.
fn list_of(item: ArrowDataType) -> ArrowDataType {
    ArrowDataType::LargeList(Box::new(Field::new("element".into(), item, true)))
}

/// Lists that end at these places of the items.
fn list(
    data_type: ArrowDataType,
    ends: Offsets<i64>,
    items: Box<dyn Array>,
    path: &str,
) -> Result<Box<dyn Array>, EvidenceError> {
    let lists = ListArray::try_new(data_type, ends.into(), items, None);
    lists.map(ListArray::boxed).map_err(|_| EvidenceError::Encode { path: path.to_owned() })
}

/// A column of lists of integers under construction.
#[derive(Default)]
pub(super) struct IntegerLists {
    items: MutablePrimitiveArray<i64>,
    ends: Offsets<i64>,
}

impl IntegerLists {
    /// The type of the column.
    pub(super) fn data_type() -> ArrowDataType {
        list_of(ArrowDataType::Int64)
    }

    /// Adds a list; gives how many bytes it takes, about.
    pub(super) fn push(&mut self, list: impl IntoIterator<Item = Option<i64>>) -> usize {
        let before = self.items.len();
        self.items.extend(list);
        let added = self.items.len() - before;
        let _within = self.ends.try_push(added);
        OFFSET + added * size_of::<i64>()
    }

    /// The lists so far; the next ones begin a new column.
    pub(super) fn take(&mut self, path: &str) -> Result<Box<dyn Array>, EvidenceError> {
        let Self { items, ends } = std::mem::take(self);
        list(Self::data_type(), ends, PrimitiveArray::from(items).boxed(), path)
    }
}

/// Bytes of a text besides its characters.
const VIEW: usize = 16;

/// Bytes of the end of a list.
const OFFSET: usize = 8;

/// Bytes of an item of a list.
const ITEM: usize = 4;

//! Columns of columnar files whose rows have the numbers of words.

use polars_arrow::array::{Array, DictionaryArray, DictionaryKey, Utf8ViewArray, View};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::datatypes::ArrowDataType;

use super::array_values::text;
use crate::source::bits::Bits;
use crate::source::column::{Column, Typed};
use crate::source::text_column::TextColumn;

/// The word of each row of a dictionary; `words` are its converted words.
pub(super) fn look_up<K: DictionaryKey>(cells: &DictionaryArray<K>, words: Column) -> Option<Column> {
    fn chosen<T: Copy + Default>(words: &Typed<T>, keys: &[Option<usize>]) -> Typed<T> {
        let word = |key: &Option<usize>| key.and_then(|key| words.values.get(key)).copied().unwrap_or_default();
        let among = |rows: &Bits| Bits::from_fn(keys.len(), |row| keys[row].is_some_and(|key| rows.get(key)));
        Typed {
            values: keys.iter().map(word).collect(),
            valid: Some(among(words.valid.as_ref().unwrap_or(&Bits::all(words.values.len())))),
            unreadable: words.unreadable.as_ref().map(among),
        }
    }
    let keys: Vec<Option<usize>> = cells.keys_iter().collect();
    Some(match words {
        Column::Text(TextColumn::Views(words)) => text(words_of(&keys, words.array())?),
        Column::Text(constant) => Column::Text(constant),
        Column::Integer(words) => Column::Integer(chosen(&words, &keys)),
        Column::Decimal(words) => Column::Decimal(chosen(&words, &keys)),
        Column::Float(words) => Column::Float(chosen(&words, &keys)),
        Column::Date(words) => Column::Date(chosen(&words, &keys)),
        Column::Datetime(words) => Column::Datetime(chosen(&words, &keys)),
        Column::Nanoseconds(words) => Column::Nanoseconds(chosen(&words, &keys)),
        Column::Boolean(words) => Column::Boolean(chosen(&words, &keys)),
    })
}

/// The word of each key. Equal words are equal views, as the engine needs them to be few.
fn words_of(keys: &[Option<usize>], words: &Utf8ViewArray) -> Option<Utf8ViewArray> {
    let there = |key: &Option<usize>| key.filter(|key| !words.is_null(*key));
    let views: Vec<View> =
        keys.iter().map(|key| there(key).and_then(|key| words.views().get(key)).copied().unwrap_or_default()).collect();
    let valid = keys.iter().map(|key| there(key).is_some()).collect::<Bitmap>();
    Utf8ViewArray::try_new(ArrowDataType::Utf8View, views.into(), words.data_buffers().clone(), Some(valid)).ok()
}

//! Columns whose cells are given as text because they are text in another file of the dataset.

use super::typed_cells::Given;
use crate::model::{DataType, nfc};
use crate::source::column::SourceColumn;

/// Makes text of each column that is text in the dataset, and says so in `given`.
pub(super) fn give_as_text(own: &mut [SourceColumn], given: &mut [Given], dataset: &[SourceColumn]) {
    let is_text = Some(DataType::Text);
    for (column, given) in own.iter_mut().zip(given) {
        let found = dataset.iter().find(|known| known.name == column.name);
        let found = found.or_else(|| dataset.iter().find(|known| known.name == nfc(&column.name)));
        if column.data_type != is_text && found.is_some_and(|found| found.data_type == is_text) {
            column.data_type = is_text;
            *given = Given::Text;
        }
    }
}

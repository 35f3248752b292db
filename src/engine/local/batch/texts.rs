//! The texts of a column, each different one judged once.

use crate::model::DataType;
use crate::source::{Bits, TextColumn};

use crate::engine::local::batch::cells::Cells;

/// The outcome of a test for the text of each row; `absent` where the row has none. A text that occurs in many rows is judged
/// once. Values that are not stored as text are judged in their canonical writing.
pub(crate) fn judge_texts<T: Copy>(
    cells: &Cells<'_>,
    column: usize,
    there: &Bits,
    absent: T,
    judge: impl Fn(&str) -> T,
) -> Vec<T> {
    let rows = cells.rows();
    let mut judged = vec![absent; rows];
    match cells.text(column) {
        Some(TextColumn::Constant(cell)) => {
            if let Some(text) = cell.as_deref().filter(|_| !there.is_empty()) {
                let verdict = judge(text);
                there.ones().for_each(|row| judged[row] = verdict);
            }
        }
        Some(texts) => {
            if let Some(dictionary) = cells.dictionary(column) {
                // Its texts may belong to missing rows, which are left out below.
                let verdicts: Vec<T> =
                    dictionary.representatives().map(|row| texts.get(row).map_or(absent, &judge)).collect();
                judged = dictionary.spread_values(&verdicts, absent);
                there.not().ones().for_each(|row| judged[row] = absent);
            } else {
                texts.for_each(rows, |row, text| {
                    if let Some(text) = text
                        && there.get(row)
                    {
                        judged[row] = judge(text);
                    }
                });
            }
        }
        None => {
            let mut text = String::new();
            for row in there.ones() {
                text.clear();
                cells.write_canonical(column, row, DataType::Text, &mut text);
                judged[row] = judge(&text);
            }
        }
    }
    judged
}

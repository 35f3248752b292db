//! Column names: as the header has them, and all different.

use std::collections::BTreeSet;

use super::cells::HeaderRecord;
use crate::source::error::Problem;
use crate::source::faults::Tally;
use crate::source::files::column_names::{column_names, shown};

/// The names of a header, see [`column_names`]. Those of a header of several records are joined by blanks.
pub(super) fn names(records: &[HeaderRecord], faults: &mut Tally) -> Vec<String> {
    column_names(&joined(records), records.last().map_or(0, |record| record.line), faults)
}

/// The cells of each column, joined by a blank where they have text. An empty cell of an upper record has the text of the
/// one to its left: a title over several columns is written once.
fn joined(records: &[HeaderRecord]) -> Vec<String> {
    if let [only] = records {
        return only.cells.clone();
    }
    let width = records.iter().map(|record| record.cells.len()).max().unwrap_or_default();
    let mut names = vec![String::new(); width];
    for (at, record) in records.iter().enumerate() {
        let is_upper = at + 1 < records.len();
        let mut left = "";
        for (position, name) in names.iter_mut().enumerate() {
            let cell = record.cells.get(position).map_or("", |cell| cell.trim());
            let text = if cell.is_empty() && is_upper { left } else { cell };
            left = text;
            if !name.is_empty() && !text.is_empty() {
                name.push(' ');
            }
            name.push_str(text);
        }
    }
    names
}

/// The names declared for a file without a header.
pub(super) fn declared(columns: &[String]) -> Result<Vec<String>, Problem> {
    let mut taken = BTreeSet::new();
    for name in columns {
        if !taken.insert(name) {
            return Err(Problem::Declaration(format!("the column `{}` is declared twice", shown(name))));
        }
    }
    Ok(columns.to_vec())
}

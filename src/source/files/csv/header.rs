//! Column names: as the header has them, and all different.

use std::collections::{BTreeMap, BTreeSet};

use super::cells::HeaderRecord;
use crate::model::FaultKind;
use crate::source::error::Problem;
use crate::source::faults::Tally;

/// The names of a header. A cell without text becomes `column_3` after its position, the second `id` becomes `id_2`; both
/// are faults. The names of a header of several records are joined by blanks.
pub(super) fn names(records: &[HeaderRecord], faults: &mut Tally) -> Vec<String> {
    let line = records.last().map_or(0, |record| record.line);
    let cells = joined(records);
    // A made name must be none that is written or was given; a written name goes to the first cell that has it.
    let mut taken: BTreeSet<String> = cells.iter().cloned().collect();
    let mut given: BTreeSet<String> = BTreeSet::new();
    // The number that was last put behind a name, so that thousands of equal names take no longer than different ones.
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut names = Vec::with_capacity(cells.len());
    for (position, cell) in (1..).zip(cells) {
        let unnamed = cell.trim().is_empty();
        let base = if unnamed { format!("column_{position}") } else { cell };
        let is_free = if unnamed { !taken.contains(&base) } else { !given.contains(&base) };
        let mut name = base.clone();
        if !is_free {
            let number = numbers.entry(base.clone()).or_insert(1);
            while taken.contains(&name) {
                *number += 1;
                name = format!("{base}_{number}");
            }
        }
        if unnamed {
            faults.fault(line, FaultKind::UnnamedColumn, || format!("column {position} has no name"));
        } else if name != base {
            faults.fault(line, FaultKind::RepeatedColumn, || {
                format!("column {position} has the name of an earlier one, and is read as `{}`", shown(&name))
            });
        }
        taken.insert(name.clone());
        given.insert(name.clone());
        names.push(name);
    }
    names
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

/// A name that cannot disturb a terminal, cut where it is long.
fn shown(name: &str) -> String {
    name.chars().take(60).flat_map(char::escape_debug).collect()
}

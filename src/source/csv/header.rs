//! Column names: as the header has them, and never two the same.

use std::collections::{BTreeMap, BTreeSet};

use super::cells::FirstRecord;
use crate::model::FaultKind;
use crate::source::facts::Tally;

/// The names of a header. A cell without text becomes `column_3` after its position, the second `id` becomes `id_2`; both
/// are faults.
pub(super) fn names(first: FirstRecord, faults: &mut Tally) -> Vec<String> {
    *faults = first.tally;
    let line = first.line;
    let mut taken: BTreeSet<String> = first.cells.iter().cloned().collect();
    // How often a name stood so far, and the number to try next for it.
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut names = Vec::with_capacity(first.cells.len());
    for (position, cell) in (1..).zip(first.cells) {
        let unnamed = cell.trim().is_empty();
        let base = if unnamed { format!("column_{position}") } else { cell };
        let count = counts.entry(base.clone()).or_insert(0);
        *count += 1;
        let mut name = base.clone();
        // A made name must be free; a written one is only taken by its own first cell.
        while *count > 1 || unnamed && taken.contains(&name) {
            *count += 1;
            name = format!("{base}_{}", *count - 1);
            if !taken.contains(&name) {
                *count -= 1;
                break;
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
        names.push(name);
    }
    names
}

/// The names declared for a file without a header.
pub(super) fn declared(columns: &[String]) -> Result<Vec<String>, String> {
    let mut taken = BTreeSet::new();
    for name in columns {
        if !taken.insert(name) {
            return Err(format!("the column `{}` is declared twice", shown(name)));
        }
    }
    Ok(columns.to_vec())
}

/// A name that cannot disturb a terminal, cut where it is long.
fn shown(name: &str) -> String {
    name.chars().take(60).flat_map(char::escape_debug).collect()
}

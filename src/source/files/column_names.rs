//! Names of columns where cells of a header give them: with composed letters, and all different.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{FaultKind, nfc};
use crate::source::faults::Tally;

/// The names of a header. A cell without text becomes `column_3` after its position, the second `id` becomes `id_2`; both
/// are faults of that line.
pub(super) fn column_names(cells: &[String], line: u64, faults: &mut Tally) -> Vec<String> {
    let cells: Vec<String> = cells.iter().map(|cell| nfc(cell).into_owned()).collect();
    // A made name must be none that is written or was given; a written name goes to the first cell that has it.
    let mut taken: BTreeSet<String> = cells.iter().filter(|cell| !cell.trim().is_empty()).cloned().collect();
    let mut given: BTreeSet<String> = BTreeSet::new();
    // The number that was last put behind a name, so that thousands of equal names take no longer than different ones.
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut names = Vec::with_capacity(cells.len());
    for (position, cell) in (1..).zip(cells) {
        let is_unnamed = cell.trim().is_empty();
        let base = if is_unnamed { format!("column_{position}") } else { cell };
        let is_free = if is_unnamed { !taken.contains(&base) } else { !given.contains(&base) };
        let mut name = base.clone();
        if !is_free {
            let number = numbers.entry(base.clone()).or_insert(1);
            while taken.contains(&name) {
                *number += 1;
                name = format!("{base}_{number}");
            }
        }
        if is_unnamed {
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

/// A name that cannot disturb a terminal, cut where it is long.
pub(super) fn shown(name: &str) -> String {
    name.chars().take(60).flat_map(char::escape_debug).collect()
}

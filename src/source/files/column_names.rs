//! Names of columns where cells of a header give them: as they are written, and all different.

use std::collections::BTreeSet;

use crate::model::FaultKind;
use crate::source::faults::Tally;

/// The names of a header. A cell without text becomes `column_3` after its position, the second `id` becomes `id_2`; both
/// are faults of that line.
pub(super) fn column_names(cells: Vec<String>, line: u64, faults: &mut Tally) -> Vec<String> {
    // A made name must be none that is written.
    let mut taken: BTreeSet<String> = cells.iter().filter(|cell| !cell.trim().is_empty()).cloned().collect();
    let mut given: BTreeSet<String> = BTreeSet::new();
    let mut names = Vec::with_capacity(cells.len());
    for (position, cell) in (1..).zip(cells) {
        let is_unnamed = cell.trim().is_empty();
        let base = if is_unnamed { format!("column_{position}") } else { cell };
        let is_free = if is_unnamed { !taken.contains(&base) } else { !given.contains(&base) };
        let name = if is_free { base.clone() } else { numbered(&base, &taken) };
        if is_unnamed {
            faults.fault(line, FaultKind::UnnamedColumn, || format!("column {position} has no name"));
        } else if !is_free {
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

/// The first of `id_2`, `id_3` … that is not taken.
fn numbered(base: &str, taken: &BTreeSet<String>) -> String {
    let numbers = (2_usize..).map(|number| format!("{base}_{number}"));
    numbers.into_iter().find(|name| !taken.contains(name)).unwrap_or_default()
}

/// A name that cannot disturb a terminal, cut where it is long.
fn shown(name: &str) -> String {
    name.chars().take(60).flat_map(char::escape_debug).collect()
}

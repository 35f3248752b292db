//! Which columns of rows that are read whole are asked for.

/// The slot of each column, none where it is not asked for, and how those asked for are given, in the order asked. `given` has
/// how each column is given.
pub(super) fn asked<G: Copy>(columns: &[usize], given: &[G]) -> (Vec<Option<usize>>, Vec<G>) {
    let mut slots = vec![None; given.len()];
    let mut kinds = Vec::with_capacity(columns.len());
    for (slot, position) in columns.iter().enumerate() {
        if let (Some(found), Some(kind)) = (slots.get_mut(*position), given.get(*position)) {
            *found = Some(slot);
            kinds.push(*kind);
        }
    }
    (slots, kinds)
}

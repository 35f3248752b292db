//! Columns inside of nested columns: `address.city`, `length(tags)`.

/// The column that a column is or is inside of. `find` gives a column of the files by its name.
pub fn outer_column<'c>(name: &str, find: impl Fn(&str) -> Option<&'c str>) -> Option<&'c str> {
    if let Some(column) = find(name) {
        return Some(column);
    }
    let mut path = name.strip_prefix("length(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(name);
    loop {
        if let Some(column) = find(path) {
            return Some(column);
        }
        // The longest path wins: a column may have a point in its name.
        path = path.rsplit_once('.')?.0;
    }
}

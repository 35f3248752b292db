//! Columns inside of nested columns: `address.city`, `length(tags)`.

/// The list whose number of items the column of that name is.
pub fn list_of(name: &str) -> Option<&str> {
    name.strip_prefix("length(")?.strip_suffix(')')
}

/// The column that a column is or is inside of. `find` gives a column of the files by its name.
pub fn outer_column<'c>(name: &str, find: impl Fn(&str) -> Option<&'c str>) -> Option<&'c str> {
    if let Some(column) = find(name) {
        return Some(column);
    }
    let mut path = list_of(name).unwrap_or(name);
    loop {
        if let Some(column) = find(path) {
            return Some(column);
        }
        // The longest path wins: a column may have a point in its name.
        path = path.rsplit_once('.')?.0;
    }
}

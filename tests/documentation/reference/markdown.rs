//! Markdown as the reference writes it.

use std::fmt::Write as _;

/// A cell of a table.
pub(super) fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// Code in a cell of a table.
pub(super) fn code(text: &str) -> String {
    // The only text with a backtick that is named anywhere would need more of them around it.
    assert!(!text.contains('`'), "{text}");
    cell(&format!("`{text}`"))
}

/// Texts for people in which `<` begins no tag of HTML outside of code.
pub(super) fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let safe = parts
        .map(|(at, part)| if at % 2 == 0 { part.replace('<', "&lt;").replace('*', "\\*") } else { part.to_owned() });
    safe.collect::<Vec<_>>().join("`")
}

/// A table; a column without a title has none.
pub(super) fn table<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut table = line(&head.map(str::to_owned));
    writeln!(table, "|{}", "---|".repeat(N)).unwrap();
    for row in rows {
        table += &line(&row);
    }
    table
}

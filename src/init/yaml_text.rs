//! Texts of files as parts of a suite: nothing in them ends a comment, a text in quotes, or begins a parameter.

use crate::model::yaml;

/// A text as a value of a suite: `${` does not name a parameter.
pub(super) fn value(text: &str) -> String {
    yaml(&text.replace("${", "$${"))
}

/// A text as a key of a suite; in keys, parameters are not filled in.
pub(super) fn key(text: &str) -> String {
    yaml(text)
}

/// Texts as a list in one line.
pub(super) fn list<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let texts: Vec<String> = texts.into_iter().map(value).collect();
    format!("[{}]", texts.join(", "))
}

/// A column in an expression.
pub(super) fn column(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as part of a comment: in one line, without what steers a terminal or ends the line.
pub(super) fn comment(text: &str) -> String {
    const MOST: usize = 120;
    let shown: String = text.chars().take(MOST).flat_map(char::escape_debug).collect();
    if text.chars().nth(MOST).is_some() { format!("{shown}…") } else { shown }
}

//! Where the array of records is in a document: the names on the way to it.

use std::fmt;

/// The names on the way to the array of records; none where the document is that array.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct RecordsPath(pub(super) Vec<String>);

impl RecordsPath {
    /// Reads names with points between them. A name in double quotes is a JSON string; outside of quotes, a backslash takes
    /// away the meaning of the next character.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut names = Vec::new();
        let mut rest = text;
        loop {
            let name;
            (name, rest) = if rest.starts_with('"') { quoted(rest)? } else { plain(rest)? };
            names.push(name);
            if rest.is_empty() {
                return Ok(Self(names));
            }
            rest = rest.strip_prefix('.').ok_or("`records` has text behind a closing quote")?;
        }
    }
}

/// The name in quotes at the start of the text, and what is behind it.
fn quoted(text: &str) -> Result<(String, &str), &'static str> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<String>();
    let name = values.next().and_then(Result::ok).ok_or("`records` has a quote that is not closed")?;
    Ok((name, text.get(values.byte_offset()..).unwrap_or_default()))
}

/// The name at the start of the text, and what is behind it.
fn plain(text: &str) -> Result<(String, &str), &'static str> {
    let mut name = String::new();
    let mut letters = text.char_indices();
    let mut end = text.len();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '.' => {
                end = at;
                break;
            }
            '\\' => name.push(letters.next().ok_or("`records` ends with a backslash")?.1),
            '[' | ']' => return Err("`records` has a bracket: it takes names, and no positions"),
            letter => name.push(letter),
        }
    }
    if name.is_empty() {
        return Err("`records` has an empty name");
    }
    Ok((name, text.get(end..).unwrap_or_default()))
}

impl fmt::Display for RecordsPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.0.iter().enumerate() {
            if at > 0 {
                out.write_str(".")?;
            }
            let is_plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | ' ' | '$' | '@');
            if !name.is_empty() && name.chars().all(is_plain) {
                write!(out, "{name}")?;
            } else {
                write_quoted(name, out)?;
            }
        }
        Ok(())
    }
}

/// Writes a name as a JSON string of characters that can be shown.
fn write_quoted(name: &str, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    out.write_str("\"")?;
    for letter in name.chars() {
        let is_shown = letter.escape_debug().count() == 1;
        match letter {
            '"' | '\\' => write!(out, "\\{letter}")?,
            _ if is_shown => write!(out, "{letter}")?,
            _ => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            }
        }
    }
    out.write_str("\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Result<Vec<String>, &'static str> {
        RecordsPath::parse(text).map(|path| path.0)
    }

    #[test]
    fn names_are_cut_at_points() {
        assert_eq!(names("data"), Ok(vec!["data".to_owned()]));
        assert_eq!(names("data.items"), Ok(vec!["data".to_owned(), "items".to_owned()]));
        assert_eq!(names(r#""a.b".c"#), Ok(vec!["a.b".to_owned(), "c".to_owned()]));
        assert_eq!(names(r"a\.b.c"), Ok(vec!["a.b".to_owned(), "c".to_owned()]));
        assert_eq!(names(r#""".x"#), Ok(vec![String::new(), "x".to_owned()]));
        for wrong in ["", "a.", ".a", "a..b", "\"a", "\"a\"b", "a\\", "a[0]"] {
            assert!(names(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_path_that_is_shown_can_be_written() {
        for path in [vec!["data"], vec!["a.b", "c"], vec!["", "x"], vec!["a\"b\\c\n", "d[0]"], vec!["tỉnh thành"]] {
            let path = RecordsPath(path.into_iter().map(str::to_owned).collect());
            assert_eq!(RecordsPath::parse(&path.to_string()), Ok(path));
        }
    }
}

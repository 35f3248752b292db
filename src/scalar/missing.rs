//! When a cell holds nothing.

use std::collections::BTreeSet;

/// Whether the character shows nothing: white space of Unicode, the zero-width space, the byte order mark.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200B}' | '\u{FEFF}')
}

/// Whether the cell stands for nothing: it is empty, it is blank (white space and zero-width characters only), or it is
/// one of the tokens, with blanks around it or without.
pub fn is_missing(text: &str, tokens: &BTreeSet<String>) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return true };
    // Most cells begin and end with a visible ASCII character, so there is nothing to trim.
    if first.is_ascii_graphic() && last.is_ascii_graphic() {
        return !tokens.is_empty() && tokens.contains(text);
    }
    let trimmed = text.trim_matches(is_blank);
    trimmed.is_empty() || (!tokens.is_empty() && (tokens.contains(trimmed) || tokens.contains(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_and_tokens_are_missing() {
        let none = BTreeSet::new();
        let tokens: BTreeSet<String> = ["NA", "-", "không rõ"].map(str::to_owned).into();
        for text in ["", " ", "\t\r\n", "\u{A0}", "\u{200B}", "\u{FEFF} \u{3000}"] {
            assert!(is_missing(text, &none), "{text:?}");
            assert!(is_missing(text, &tokens), "{text:?}");
        }
        for text in ["NA", " NA ", "-", "không rõ", "\u{A0}không rõ\u{200B}"] {
            assert!(is_missing(text, &tokens), "{text:?}");
            assert!(!is_missing(text, &none), "{text:?}");
        }
        for text in ["na", "N A", "--", "0", "null", "\0", "\u{7F}"] {
            assert!(!is_missing(text, &tokens), "{text:?}");
        }
    }
}

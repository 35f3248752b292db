//! When a cell holds nothing.

use std::collections::BTreeSet;

/// Whether the character shows nothing: white space of Unicode, the zero-width space, the byte order mark.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200B}' | '\u{FEFF}')
}

/// What stands for nothing in a column, besides what is blank.
#[derive(Debug, Clone, Default)]
pub struct Missing {
    tokens: BTreeSet<String>,
    /// A bit for each length in bytes that a token has; the last bit stands for all from 63 on.
    lengths: u64,
}

impl Missing {
    /// Takes the tokens.
    pub fn new(tokens: BTreeSet<String>) -> Self {
        let lengths = tokens.iter().fold(0, |bits, token| bits | length_bit(token));
        Self { tokens, lengths }
    }

    /// The tokens.
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().map(String::as_str)
    }

    /// Whether the cell stands for nothing: it is empty, it is blank (white space and zero-width characters only), or it is
    /// one of the tokens, with blanks around it or without.
    #[inline]
    pub fn holds(&self, text: &str) -> bool {
        let visible = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
        let bytes = text.as_bytes();
        // Most cells begin and end with a visible ASCII character, so there is nothing to trim.
        if visible(bytes.first()) && visible(bytes.last()) {
            return self.lengths & length_bit(text) != 0 && self.tokens.contains(text);
        }
        self.holds_trimmed(text)
    }

    fn holds_trimmed(&self, text: &str) -> bool {
        let is_token = |text: &str| self.lengths & length_bit(text) != 0 && self.tokens.contains(text);
        let trimmed = text.trim_matches(is_blank);
        trimmed.is_empty() || is_token(trimmed) || is_token(text)
    }
}

/// The bit of [`Missing::lengths`] for this text.
#[inline]
fn length_bit(text: &str) -> u64 {
    1 << text.len().min(63)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_and_tokens_are_missing() {
        let none = Missing::default();
        let tokens = Missing::new(["NA", "-", "không rõ"].map(str::to_owned).into());
        let is_missing = |text: &str, tokens: &Missing| tokens.holds(text);
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

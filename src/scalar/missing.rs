//! When a cell is missing.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Whether the character is invisible: Unicode white space, and zero-width characters: joiners, direction marks, the
/// soft hyphen, the byte order mark.
#[inline]
pub fn is_blank(c: char) -> bool {
    let no_width = matches!(
        c,
        '\u{AD}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
    );
    no_width || c.is_whitespace()
}

/// The bytes with which invisible characters begin.
static BLANK_OPENINGS: LazyLock<[bool; 256]> = LazyLock::new(|| {
    let mut openings = [false; 256];
    // All of them are in the basic multilingual plane.
    for blank in ('\0'..='\u{FFFF}').filter(|c| is_blank(*c)) {
        openings[usize::from(blank.encode_utf8(&mut [0; 4]).as_bytes()[0])] = true;
    }
    openings
});

/// The texts that count as missing in a column, besides blank ones.
#[derive(Debug, Clone)]
pub struct Missing {
    tokens: BTreeSet<String>,
    /// Texts that are values, whatever they look like.
    values: BTreeSet<String>,
    /// The bytes with which a missing text can begin.
    openings: [bool; 256],
}

impl Missing {
    /// Adds the tokens.
    pub fn new(tokens: BTreeSet<String>) -> Self {
        let mut openings = *BLANK_OPENINGS;
        for byte in tokens.iter().filter_map(|token| token.bytes().next()) {
            openings[usize::from(byte)] = true;
        }
        Self { tokens, values: BTreeSet::new(), openings }
    }

    /// Takes these texts as values, also where they are empty, blank or tokens.
    #[must_use]
    pub fn except(self, values: BTreeSet<String>) -> Self {
        Self { values, ..self }
    }

    /// The tokens.
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().map(String::as_str)
    }

    /// Whether a text that begins with this byte can be missing. Most cannot, and then the rest of the text need not be
    /// examined.
    #[inline]
    pub fn can_begin(&self, byte: u8) -> bool {
        self.openings[usize::from(byte)]
    }

    /// Whether the cell is missing: it is empty, it is blank (only white space and zero-width characters), or it is one
    /// of the tokens, with or without blanks around it.
    #[inline]
    pub fn holds(&self, text: &str) -> bool {
        match text.as_bytes().first() {
            Some(byte) if !self.can_begin(*byte) => false,
            _ => self.holds_trimmed(text),
        }
    }

    // Not inlined, so that callers contain only the test of one byte, whatever the compiler decides.
    #[inline(never)]
    fn holds_trimmed(&self, text: &str) -> bool {
        if !self.values.is_empty() && self.values.contains(text) {
            return false;
        }
        let trimmed = without_blanks(text);
        let is_token = |text: &str| !self.tokens.is_empty() && self.tokens.contains(text);
        trimmed.is_empty() || is_token(trimmed) || (trimmed.len() < text.len() && is_token(text))
    }
}

/// The text without the blanks around it. Not `trim_matches`, whose search is put in line or not as other code changes,
/// which moved the cost of a missing cell by a quarter.
#[inline]
fn without_blanks(text: &str) -> &str {
    let mut rest = text.chars();
    let mut from = rest.as_str();
    while rest.next().is_some_and(is_blank) {
        from = rest.as_str();
    }
    let mut rest = from.chars();
    let mut kept = from;
    while rest.next_back().is_some_and(is_blank) {
        kept = rest.as_str();
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_blank_is_beyond_the_basic_plane() {
        assert!(!('\u{10000}'..=char::MAX).any(is_blank));
    }

    #[test]
    fn blank_and_tokens_are_missing() {
        let none = Missing::new(BTreeSet::new());
        let tokens = Missing::new(["NA", "-", "không rõ"].map(str::to_owned).into());
        let is_missing = |text: &str, tokens: &Missing| tokens.holds(text);
        for text in
            ["", " ", "\t\r\n", "\u{A0}", "\u{200B}", "\u{FEFF} \u{3000}", "\u{2060}", "\u{200D}\u{AD}", "\u{202E}"]
        {
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
        let words = tokens.except(["", "-"].map(str::to_owned).into());
        for (text, expected) in [("", false), ("-", false), (" ", true), (" - ", true), ("NA", true), ("x", false)] {
            assert_eq!(is_missing(text, &words), expected, "{text:?}");
        }
    }
}

//! Text from data and suites, made harmless for terminals.

use std::fmt::{self, Write};

/// Shows a text with every character that could control a terminal or be invisible written as `\u{…}`: controls (C0,
/// DEL, C1), direction marks, line and paragraph separators, zero-width characters that are not accents, and what is no
/// character at all.
#[derive(Debug, Clone, Copy)]
pub struct Safe<'a>(pub &'a str);

impl fmt::Display for Safe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .chars()
            .try_for_each(|c| if is_hazard(c) { write!(f, "{}", c.escape_unicode()) } else { f.write_char(c) })
    }
}

/// Whether a character controls the terminal, or is invisible.
fn is_hazard(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{fffe}' | '\u{ffff}' | '\u{fdd0}'..='\u{fdef}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_spelled_out() {
        let hostile = "a\u{1b}[31m\r\n\t\u{0}\u{7f}\u{9b}\u{202e}\u{2066}\u{200b}\u{feff}\u{ad}\u{fffe}b";
        assert_eq!(
            Safe(hostile).to_string(),
            r"a\u{1b}[31m\u{d}\u{a}\u{9}\u{0}\u{7f}\u{9b}\u{202e}\u{2066}\u{200b}\u{feff}\u{ad}\u{fffe}b"
        );
    }

    #[test]
    fn letters_of_every_script_and_accents_stay() {
        for text in ["Nguyễn Văn Ấn", "Nguye\u{302}\u{303}n", "市民台帳", "Ελλάδα", "عربي", "😀"] {
            assert_eq!(Safe(text).to_string(), text);
        }
    }
}

//! Booleans as exports write them.

use std::collections::BTreeSet;

use crate::model::Notation;

/// The words of a column that mean true or false, in place of those that [`parse_boolean`] knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BooleanWords {
    yes: BTreeSet<String>,
    no: BTreeSet<String>,
}

impl BooleanWords {
    /// The words that are declared; `None` where none are.
    pub fn of(notation: &Notation) -> Option<Self> {
        if notation.yes.is_none() && notation.no.is_none() {
            return None;
        }
        let words = |words: &Option<BTreeSet<String>>| words.clone().unwrap_or_default();
        Some(Self { yes: words(&notation.yes), no: words(&notation.no) })
    }

    /// Parses a declared word, byte for byte.
    pub fn parse(&self, text: &str) -> Option<bool> {
        if self.yes.contains(text) {
            return Some(true);
        }
        self.no.contains(text).then_some(false)
    }
}

/// Parses `true`, `false`, `yes`, `no`, `t`, `f`, `y`, `n`, `1` or `0`, in upper or lower case, with nothing around it.
pub fn parse_boolean(text: &str) -> Option<bool> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    match text.len() {
        1 if text == "1" || is("t") || is("y") => Some(true),
        1 if text == "0" || is("f") || is("n") => Some(false),
        2 if is("no") => Some(false),
        3 if is("yes") => Some(true),
        4 if is("true") => Some(true),
        5 if is("false") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_words_replace_the_usual_ones() {
        let set = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
        let notation = Notation { yes: set(&["Có", "x"]), no: set(&["Không", ""]), ..Notation::default() };
        let words = BooleanWords::of(&notation).unwrap();
        for (text, expected) in [("Có", Some(true)), ("x", Some(true)), ("", Some(false)), ("Không", Some(false))] {
            assert_eq!(words.parse(text), expected, "{text}");
        }
        for text in ["có", "X", " x", "true", "1", "no", " "] {
            assert_eq!(words.parse(text), None, "{text}");
        }
        assert_eq!(BooleanWords::of(&Notation::default()), None);
    }

    #[test]
    fn reads_the_listed_words_and_no_others() {
        for text in ["true", "TRUE", "True", "t", "T", "yes", "Y", "1"] {
            assert_eq!(parse_boolean(text), Some(true), "{text}");
        }
        for text in ["false", "FALSE", "f", "no", "NO", "n", "0"] {
            assert_eq!(parse_boolean(text), Some(false), "{text}");
        }
        for text in ["", " true", "true ", "2", "on", "off", "oui", "ｔｒｕｅ", "01", "tru", "đ"] {
            assert_eq!(parse_boolean(text), None, "{text}");
        }
    }
}

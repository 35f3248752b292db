//! A set of texts in which many texts are looked up.

use std::collections::HashSet;

/// Up to this many texts are compared one by one.
const FEW: usize = 12;

/// A set of texts.
#[derive(Debug, Clone)]
pub struct TextSet(Held);

#[derive(Debug, Clone)]
enum Held {
    /// A few short texts, which are compared as numbers.
    Short(Vec<ShortText>),
    /// Any texts.
    Any(HashSet<String>),
}

/// A text of at most 16 bytes as numbers, which compare faster: its bytes in two words that may overlap, and its
/// length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShortText(u64, u64, usize);

impl ShortText {
    /// The text, `None` if it is longer.
    #[inline]
    pub fn of(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let word = |chunk: &[u8; 4]| u64::from(u32::from_le_bytes(*chunk));
        let (head, tail) = match bytes.len() {
            0 => (0, 0),
            1..=3 => {
                // There is nothing but the first, middle and last byte.
                let byte = |at: usize| u64::from(bytes[at]);
                (byte(0) | byte(bytes.len() / 2) << 8, byte(bytes.len() - 1))
            }
            4..=7 => (word(bytes.first_chunk()?), word(bytes.last_chunk()?)),
            8..=16 => (u64::from_le_bytes(*bytes.first_chunk()?), u64::from_le_bytes(*bytes.last_chunk()?)),
            _ => return None,
        };
        Some(Self(head, tail, bytes.len()))
    }

    /// The words and the length in bytes.
    #[inline]
    pub const fn parts(self) -> (u64, u64, usize) {
        (self.0, self.1, self.2)
    }
}

impl TextSet {
    /// The set of these texts.
    pub fn new(texts: &[String]) -> Self {
        let short: Option<Vec<ShortText>> = texts.iter().map(|text| ShortText::of(text)).collect();
        Self(match short {
            Some(short) if short.len() <= FEW => Held::Short(short),
            _ => Held::Any(texts.iter().cloned().collect()),
        })
    }

    /// Whether the text is in the set.
    #[inline]
    pub fn contains(&self, text: &str) -> bool {
        match &self.0 {
            Held::Short(known) => ShortText::of(text).is_some_and(|text| known.contains(&text)),
            Held::Any(known) => known.contains(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_set_holds_what_is_in_its_list(
            list in proptest::collection::vec("[ab\\x00]{0,5}|[ab]{6,18}|é{0,9}", 0..20),
            text in "[ab\\x00]{0,5}|[ab]{6,18}|é{0,9}"
        ) {
            let set = TextSet::new(&list);
            prop_assert_eq!(set.contains(&text), list.contains(&text));
            for text in &list {
                prop_assert!(set.contains(text));
            }
        }
    }
}

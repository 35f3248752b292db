//! Normal forms of text, for comparisons that look past spelling habits.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, char::is_combining_mark, is_nfc_quick};

/// The text in Unicode normal form C.
pub fn nfc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

/// The text in normal form C and lower case, without white space at its ends, with one space for each inner run of it,
/// and with Vietnamese tone marks placed alike.
///
/// Tone marks: `hoà` and `hòa`, `khoẻ` and `khỏe`, `thuỷ` and `thủy` are two spellings of one word. Only syllables that
/// end in `oa`, `oe` or `uy` have both; the mark is moved to the first vowel there and left alone everywhere else.
pub fn fold(text: &str) -> Cow<'_, str> {
    let plain = |b: u8| b.is_ascii_graphic() && !b.is_ascii_uppercase();
    if text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    let lower = nfc(text).to_lowercase();
    let mut folded = String::with_capacity(lower.len());
    for word in lower.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    // Lower case may decompose (İ), so the form is made sure of again.
    let folded = match nfc(&folded) {
        Cow::Borrowed(_) => folded,
        Cow::Owned(composed) => composed,
    };
    Cow::Owned(if folded.is_ascii() { folded } else { place_tones(&folded) })
}

/// A first vowel, a second vowel, and how each carries the same five tones.
const CLUSTERS: [(char, char, [char; 5], [char; 5]); 3] = [
    ('o', 'a', ['ò', 'ó', 'ỏ', 'õ', 'ọ'], ['à', 'á', 'ả', 'ã', 'ạ']),
    ('o', 'e', ['ò', 'ó', 'ỏ', 'õ', 'ọ'], ['è', 'é', 'ẻ', 'ẽ', 'ẹ']),
    ('u', 'y', ['ù', 'ú', 'ủ', 'ũ', 'ụ'], ['ỳ', 'ý', 'ỷ', 'ỹ', 'ỵ']),
];

/// Moves the tone mark of `oà`, `oè`, `uỳ` … at the end of a word to the first vowel.
fn place_tones(text: &str) -> String {
    let mut placed = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if matches!(c, 'o' | 'u')
            && let Some(&second) = chars.peek()
            && let Some((first, second)) = moved(c, second)
        {
            let mut ahead = chars.clone();
            ahead.next();
            if !ahead.peek().is_some_and(|next| next.is_alphabetic() || is_combining_mark(*next)) {
                placed.push(first);
                placed.push(second);
                chars = ahead;
                continue;
            }
        }
        placed.push(c);
    }
    placed
}

/// Both vowels with the mark on the first, where the second carries one.
fn moved(first: char, second: char) -> Option<(char, char)> {
    CLUSTERS.iter().filter(|cluster| cluster.0 == first).find_map(|(_, plain, firsts, seconds)| {
        let tone = seconds.iter().position(|toned| *toned == second)?;
        Some((firsts[tone], *plain))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_word_fold_alike() {
        for (left, right) in [
            ("hòa", "hoà"),
            ("HÒA BÌNH", "Hoà  bình"),
            ("thủy", "thuỷ"),
            ("khỏe", "khoẻ"),
            ("  Nguyễn\u{A0}Văn\tAn ", "nguyễn văn an"),
            ("qúy", "quý"),
            ("Nguye\u{302}\u{303}n", "Nguyễn"),
            ("Hoà-Thuỷ, 1", "hòa-thủy, 1"),
            ("Đỗ", "đỗ"),
            ("", "   "),
        ] {
            assert_eq!(fold(left), fold(right), "{left} and {right}");
        }
    }

    #[test]
    fn different_words_stay_apart() {
        for (left, right) in [
            ("hòa", "hoa"),
            ("hòa", "hóa"),
            ("toàn", "tòan"),
            ("hoài", "hòai"),
            ("đ", "ð"),
            ("thúy", "thùy"),
            ("an na", "anna"),
            ("khuya", "khủya"),
        ] {
            assert_ne!(fold(left), fold(right), "{left} and {right}");
        }
        assert_eq!(fold("toàn"), "toàn");
        assert!(matches!(fold("plain"), Cow::Borrowed("plain")));
        assert!(matches!(nfc("Nguyễn"), Cow::Borrowed(_)));
        assert_eq!(nfc("e\u{302}\u{303}"), "ễ");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC*|[oau yàáảýùòỏOA\u{300}\u{301}\u{309} İΣ]{0,20}") {
            let once = fold(&text).into_owned();
            prop_assert_eq!(fold(&once).into_owned(), once.clone());
            prop_assert!(!once.starts_with(' ') && !once.ends_with(' ') && !once.contains("  "));
        }
    }
}

//! The shape of a text: which kinds of characters it has, without the characters.

use std::fmt::Write as _;
use std::sync::LazyLock;

use unicode_normalization::char::is_combining_mark;

use super::characters::shows_nothing;

/// A capital letter of any script.
const CAPITAL: char = 'A';

/// Any other letter.
const LETTER: char = 'a';

/// A digit from 0 to 9.
const DIGIT: char = '9';

/// Any other visible character: signs outside ASCII, digits of other scripts, and the braces, which a shape puts around
/// numbers of characters.
const SIGN: char = '•';

/// A control character, an invisible one, or white space other than the space.
const INVISIBLE: char = '□';

/// What ends the shape of a text with more runs than are written.
const MORE: char = '…';

/// The most runs of characters of one kind that are written.
const MOST_RUNS: usize = 24;

/// The longest run that is written out.
const WRITTEN_OUT: usize = 3;

/// The runs of characters of one kind that a text has: its shape before it is written. Equal shapes have equal runs, and other
/// shapes other ones.
#[derive(Debug, Default)]
pub struct ShapeRuns {
    /// The characters of the text.
    chars: usize,
    /// For each run its kind and its length, which takes further bytes from 255 on.
    bytes: Vec<u8>,
}

/// Kinds as bytes; those that ASCII has no sign for are bytes that no kind is.
const CAPITAL_BYTE: u8 = b'A';
const LETTER_BYTE: u8 = b'a';
const SIGN_BYTE: u8 = 1;
const INVISIBLE_BYTE: u8 = 2;
const MORE_BYTE: u8 = 3;

/// A length that does not fit one byte.
const LONG_RUN: usize = 255;

/// The kinds of the characters of ASCII, as [`kind_of`] says them.
static ASCII_KINDS: LazyLock<[u8; 128]> =
    LazyLock::new(|| std::array::from_fn(|at| byte_of(kind_of(char::from(u8::try_from(at).unwrap_or_default())))));

/// The kinds of the characters of most alphabets, and whether each is an accent that belongs to the letter before it.
static COMMON_KINDS: LazyLock<Vec<(u8, bool)>> = LazyLock::new(|| {
    let of = |code: u32| char::from_u32(code).map_or((SIGN_BYTE, false), |c| (byte_of(kind_of(c)), is_accent(c)));
    (0..0x2100).map(of).collect()
});

/// Whether a character is an accent by itself.
fn is_accent(c: char) -> bool {
    !c.is_ascii() && is_combining_mark(c) && !shows_nothing(c)
}

impl ShapeRuns {
    /// Takes the runs of a text, instead of those of an earlier one.
    pub fn set(&mut self, text: &str) {
        self.bytes.clear();
        if text.is_ascii() {
            self.chars = text.len();
            self.set_ascii(text.as_bytes());
        } else {
            self.chars = 0;
            self.set_any(text);
        }
    }

    /// The runs, as bytes that can be compared.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The characters of the text.
    pub const fn chars(&self) -> usize {
        self.chars
    }

    fn set_ascii(&mut self, text: &[u8]) {
        let kinds = &*ASCII_KINDS;
        let (mut at, mut runs) = (0, 0);
        while at < text.len() {
            let kind = kinds[usize::from(text[at] & 127)];
            let start = at;
            while at < text.len() && kinds[usize::from(text[at] & 127)] == kind {
                at += 1;
            }
            runs += 1;
            if runs > MOST_RUNS {
                self.bytes.push(MORE_BYTE);
                return;
            }
            self.push(kind, at - start);
        }
    }

    fn set_any(&mut self, text: &str) {
        let kinds = &*COMMON_KINDS;
        let mut run: Option<(u8, usize)> = None;
        let mut runs = 0;
        for c in text.chars() {
            self.chars += 1;
            if runs > MOST_RUNS {
                continue;
            }
            let (kind, is_mark) = kinds.get(c as usize).copied().unwrap_or_else(|| (byte_of(kind_of(c)), is_accent(c)));
            if is_mark && matches!(run, Some((CAPITAL_BYTE | LETTER_BYTE, _))) {
                continue;
            }
            match &mut run {
                Some((known, length)) if *known == kind => *length += 1,
                _ => {
                    if let Some((kind, length)) = run.replace((kind, 1)) {
                        self.push(kind, length);
                    }
                    runs += 1;
                    if runs > MOST_RUNS {
                        self.bytes.push(MORE_BYTE);
                        run = None;
                    }
                }
            }
        }
        if let Some((kind, length)) = run {
            self.push(kind, length);
        }
    }

    fn push(&mut self, kind: u8, length: usize) {
        self.bytes.push(kind);
        if length < LONG_RUN {
            #[expect(clippy::cast_possible_truncation, reason = "less than 255")]
            self.bytes.push(length as u8);
        } else {
            self.bytes.push(u8::MAX);
            self.bytes.extend_from_slice(&(length as u64).to_le_bytes());
        }
    }
}

/// Writes the shape that runs are after what `shape` has already.
pub fn write_runs(runs: &[u8], shape: &mut String) {
    let mut rest = runs;
    while let [kind, more @ ..] = rest {
        if *kind == MORE_BYTE {
            shape.push(MORE);
            return;
        }
        let kind = match *kind {
            SIGN_BYTE => SIGN,
            INVISIBLE_BYTE => INVISIBLE,
            ascii => char::from(ascii),
        };
        let (length, after) = match more {
            [u8::MAX, long @ ..] => match long.split_first_chunk::<8>() {
                Some((length, after)) => (usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX), after),
                None => return,
            },
            [length, after @ ..] => (usize::from(*length), after),
            [] => return,
        };
        write_run((kind, length), shape);
        rest = after;
    }
}

/// Writes the shape of a text after what `shape` has already: `079-203` is `999-999`, `Nguyễn Ấn` is `Aa{5} Aa`.
///
/// An accent that is a character of its own belongs to the letter before it, so that a shape does not depend on the form of
/// Unicode. A shape has at most 24 runs of characters of one kind; then `…` follows.
pub fn write_shape(text: &str, shape: &mut String) {
    let mut runs = ShapeRuns::default();
    runs.set(text);
    write_runs(runs.as_bytes(), shape);
}

/// The byte by which runs show a kind.
fn byte_of(kind: char) -> u8 {
    match kind {
        SIGN => SIGN_BYTE,
        INVISIBLE => INVISIBLE_BYTE,
        ascii => u8::try_from(ascii).unwrap_or(SIGN_BYTE),
    }
}

/// The character by which a shape shows it.
fn kind_of(c: char) -> char {
    match c {
        '0'..='9' => DIGIT,
        'A'..='Z' => CAPITAL,
        'a'..='z' => LETTER,
        '{' | '}' => SIGN,
        ' '..='~' => c,
        _ if c.is_control() || c.is_whitespace() || shows_nothing(c) => INVISIBLE,
        _ if c.is_uppercase() => CAPITAL,
        _ if c.is_alphabetic() => LETTER,
        _ => SIGN,
    }
}

fn write_run((kind, length): (char, usize), shape: &mut String) {
    if length <= WRITTEN_OUT {
        shape.extend(std::iter::repeat_n(kind, length));
    } else {
        // Writing to a string cannot fail.
        _ = write!(shape, "{kind}{{{length}}}");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shape(text: &str) -> String {
        let mut shape = String::new();
        write_shape(text, &mut shape);
        shape
    }

    #[test]
    fn each_character_is_of_a_kind() {
        for (text, expected) in [
            ("", ""),
            ("07920312345", "9{11}"),
            ("Anne Lee", "Aaaa Aaa"),
            ("Nguyễn Văn Ấn", "Aa{5} Aaa Aa"),
            // The same with accents as characters of their own.
            ("Nguye\u{302}\u{303}n Va\u{306}n A\u{302}\u{301}n", "Aa{5} Aaa Aa"),
            ("a.b+c@example.org", "a.a+a@a{7}.aaa"),
            (" 1\t2\u{a0}3 ", " 9□9□9 "),
            ("1\u{200b}2\u{202e}3\u{1b}[0m\u{7f}\u{9b}\n", "9□9□9□[9a□{3}".replace("□{3}", "□□□").as_str()),
            ("{9}", "•9•"),
            ("1\u{ff12}\u{0663}½", "9•••"),
            ("€ 5–6 “x” 😀…•□", "• 9•9 •a• •{4}"),
            ("市民 Ελλάδα عربي हिन्दी", "aa Aa{5} a{4} aaa"),
            ("ǅ", "a"),
            ("\u{301}a", "•a"),
            ("---- ---", "-{4} ---"),
        ] {
            assert_eq!(shape(text), expected, "{text:?}");
        }
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(shape(&"7".repeat(100_000)), "9{100000}");
        let words = "ab ".repeat(12);
        assert_eq!(shape(&words), "aa ".repeat(12));
        assert_eq!(shape(&format!("{words}c")), format!("{}…", "aa ".repeat(12)));
        assert_eq!(shape(&"1a".repeat(100_000)).chars().count(), 25);
    }

    /// Whether a shape has no character that a text could hide in or steer a terminal with.
    fn is_harmless(shape: &str) -> bool {
        let mut number = false;
        shape.chars().all(|c| {
            number = (c == '{') || (number && c != '}');
            matches!(c, CAPITAL | LETTER | DIGIT | SIGN | INVISIBLE | MORE | ' '..='/' | ':'..='@' | '['..='`' | '{'..='~')
                || (number && c.is_ascii_digit())
        })
    }

    proptest! {
        #[test]
        fn shapes_say_nothing_and_are_short(text in any::<String>()) {
            let shape = shape(&text);
            prop_assert!(is_harmless(&shape), "{shape:?}");
            prop_assert!(shape.chars().count() <= MOST_RUNS * 8);
        }

        #[test]
        fn equal_shapes_have_equal_runs(one in "[a-c1-3é .]{0,9}", other in "[a-c1-3é .]{0,9}") {
            let runs = |text: &str| {
                let mut runs = ShapeRuns::default();
                runs.set("another text");
                runs.set(text);
                (runs.as_bytes().to_vec(), runs.chars())
            };
            prop_assert_eq!(runs(&one).0 == runs(&other).0, shape(&one) == shape(&other));
            prop_assert_eq!(runs(&one).1, one.chars().count());
        }

        #[test]
        fn other_letters_and_digits_of_the_same_kind_do_not_count(text in "[A-Za-z0-9 .-]{0,40}") {
            let other: String = text
                .chars()
                .map(|c| match c {
                    'A'..='Z' => 'Ứ',
                    'a'..='z' => 'ử',
                    '0'..='9' => '0',
                    c => c,
                })
                .collect();
            prop_assert_eq!(shape(&text), shape(&other));
        }
    }
}

//! Letters that look like those of another script.

use super::syllable::is_syllable;

/// The script of a letter, as far as scripts share forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
}

fn script(c: char) -> Option<Script> {
    match u32::from(c) {
        0x41..=0x5A | 0x61..=0x7A | 0xC0..=0xD6 | 0xD8..=0xF6 | 0xF8..=0x24F | 0x1E00..=0x1EFF => Some(Script::Latin),
        0x370..=0x373 | 0x376..=0x377 | 0x37B..=0x37D | 0x37F | 0x386 | 0x388..=0x3FF | 0x1F00..=0x1FFF => {
            Some(Script::Greek)
        }
        0x400..=0x481 | 0x48A..=0x52F => Some(Script::Cyrillic),
        _ => None,
    }
}

/// Letters of Greek and Cyrillic that look like Latin ones.
const fn looks_latin(c: char) -> bool {
    matches!(
        c,
        'Α' | 'Β'
            | 'Ε'
            | 'Ζ'
            | 'Η'
            | 'Ι'
            | 'Κ'
            | 'Μ'
            | 'Ν'
            | 'Ο'
            | 'Ρ'
            | 'Τ'
            | 'Υ'
            | 'Χ'
            | 'ο'
            | 'А'
            | 'В'
            | 'Е'
            | 'Ѕ'
            | 'І'
            | 'Ј'
            | 'К'
            | 'М'
            | 'Н'
            | 'О'
            | 'Р'
            | 'С'
            | 'Т'
            | 'У'
            | 'Х'
            | 'а'
            | 'е'
            | 'о'
            | 'р'
            | 'с'
            | 'у'
            | 'х'
            | 'ѕ'
            | 'і'
            | 'ј'
            | 'һ'
            | 'ԁ'
            | 'ԛ'
            | 'ԝ'
            | 'ё'
            | 'Ё'
            | 'ї'
            | 'Ї'
    )
}

/// Latin letters that look like Greek or Cyrillic ones.
const fn looks_other(c: char) -> bool {
    matches!(
        c,
        'A' | 'B'
            | 'C'
            | 'E'
            | 'H'
            | 'I'
            | 'J'
            | 'K'
            | 'M'
            | 'N'
            | 'O'
            | 'P'
            | 'S'
            | 'T'
            | 'X'
            | 'Y'
            | 'Z'
            | 'a'
            | 'c'
            | 'e'
            | 'i'
            | 'j'
            | 'o'
            | 'p'
            | 's'
            | 'u'
            | 'v'
            | 'x'
            | 'y'
            | 'ë'
            | 'ï'
    )
}

/// Whether a word mixes scripts and letters of one look like those of the other; or is a syllable of Vietnamese if its first
/// letter Ð, of Iceland, is the Đ of Viet Nam.
fn is_mixed(word: &str) -> bool {
    let count = |wanted: Script| word.chars().filter(|c| script(*c) == Some(wanted)).count();
    let (latin, greek, cyrillic) = (count(Script::Latin), count(Script::Greek), count(Script::Cyrillic));
    if latin > 0 && greek + cyrillic > 0 {
        // The strangers are those that are fewer.
        return if latin >= greek + cyrillic { word.chars().any(looks_latin) } else { word.chars().any(looks_other) };
    }
    let mut letters = word.chars();
    match letters.next() {
        Some(first @ ('Ð' | 'ð' | 'Ɖ' | 'ɖ')) => {
            let d = if first.is_uppercase() { 'Đ' } else { 'đ' };
            is_syllable(&format!("{d}{}", letters.as_str()))
        }
        _ => false,
    }
}

/// Whether some word holds a letter that only looks like what it should be.
pub(super) fn has_look_alike(text: &str) -> bool {
    text.split(|c: char| !c.is_alphabetic()).any(is_mixed)
}

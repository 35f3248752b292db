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
const LIKE_LATIN: &str = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοАВЕЅІЈКМНОРСТУХҮаеорсухѕіјһԁԛԝёЁїЇ";

/// Latin letters that look like Greek or Cyrillic ones.
const LIKE_OTHERS: &str = "ABCEHIJKMNOPSTXYZaceijopsuvxyëï";

/// Whether a word mixes scripts and letters of one look like those of the other, or contains a letter instead of Đ.
fn is_mixed(word: &str) -> bool {
    let count = |wanted: Script| word.chars().filter(|c| script(*c) == Some(wanted)).count();
    let (latin, greek, cyrillic) = (count(Script::Latin), count(Script::Greek), count(Script::Cyrillic));
    if latin > 0 && greek + cyrillic > 0 {
        // The foreign letters are the smaller group.
        let strangers = if latin >= greek + cyrillic { LIKE_LATIN } else { LIKE_OTHERS };
        return word.contains(|c| strangers.contains(c));
    }
    has_eth(word)
}

/// Whether Ð of Iceland, or Ɖ of Togo, is written instead of Đ of Viet Nam: the word is a Vietnamese syllable with it,
/// or has letters that no language has beside the other, or is an abbreviation in capitals such as NĐ-CP.
fn has_eth(word: &str) -> bool {
    let mut letters = word.chars();
    let first = letters.next().filter(|c| matches!(c, 'Ð' | 'ð' | 'Ɖ' | 'ɖ'));
    let rest = letters.as_str();
    if let Some(first) = first {
        // `ðe` and `ɖo` are words of Old English and of Ewe.
        let is_other = rest.is_ascii() && (matches!(first, 'Ɖ' | 'ɖ') || (first == 'ð' && rest.len() < 2));
        let d = if first.is_uppercase() { 'Đ' } else { 'đ' };
        if !is_other && (rest.contains(is_vietnamese) || is_syllable(&format!("{d}{rest}"))) {
            return true;
        }
    }
    let is_abbreviation = |c: char| c == 'Ð' || (c.is_ascii_uppercase() && !"AEIOUY".contains(c));
    word.contains('Ð') && word.len() > 'Ð'.len_utf8() && word.chars().all(is_abbreviation)
}

/// Letters that occur beside Đ only in Vietnamese.
const fn is_vietnamese(c: char) -> bool {
    matches!(c, 'ă' | 'Ă' | 'ơ' | 'Ơ' | 'ư' | 'Ư' | '\u{1EA0}'..='\u{1EF9}')
}

/// Whether some word contains a look-alike letter. Digits separate words, except in codes in capitals.
pub(super) fn has_look_alike(text: &str) -> bool {
    let is_code = |word: &str| word.contains(|c: char| c.is_ascii_digit()) && !word.contains(char::is_lowercase);
    text.split(|c: char| !c.is_alphanumeric())
        .any(|word| if is_code(word) { is_mixed(word) } else { word.split(|c: char| !c.is_alphabetic()).any(is_mixed) })
}

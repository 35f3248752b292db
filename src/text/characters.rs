//! The traits of the characters of a text, found in one scan.

use std::sync::LazyLock;

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc, is_nfc_quick};

use super::{Fault, legacy};
use crate::scalar::Automaton;

/// The traits of a text, besides the letters of Latin scripts, digits and most punctuation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Traits(u32);

impl Traits {
    /// A space.
    pub(super) const SPACE: u32 = 1;
    pub(super) const LINE: u32 = 1 << 1;
    pub(super) const CONTROL: u32 = 1 << 2;
    pub(super) const AMPERSAND: u32 = 1 << 3;
    pub(super) const QUESTION: u32 = 1 << 4;
    /// Characters of damage by spreadsheets: `#`, `=`, `'`, `+`.
    pub(super) const SHEET: u32 = 1 << 5;
    pub(super) const ODD_SPACE: u32 = 1 << 6;
    pub(super) const ZERO_WIDTH: u32 = 1 << 7;
    /// Joiners, which some scripts need.
    pub(super) const JOINER: u32 = 1 << 8;
    /// Direction marks, which some scripts need.
    pub(super) const DIRECTION: u32 = 1 << 9;
    pub(super) const OVERRIDE: u32 = 1 << 10;
    /// Marks that may belong to the letter before.
    pub(super) const COMBINING: u32 = 1 << 11;
    /// Characters that are so rare that they are examined in full.
    pub(super) const OTHER: u32 = 1 << 12;
    pub(super) const REPLACEMENT: u32 = 1 << 13;
    pub(super) const FULL_WIDTH: u32 = 1 << 14;
    pub(super) const EAST_ASIAN: u32 = 1 << 15;
    /// Letters of scripts with letters that look Latin.
    pub(super) const FOREIGN: u32 = 1 << 16;
    /// Ð and similar letters.
    pub(super) const ETH: u32 = 1 << 17;
    pub(super) const RIGHT_TO_LEFT: u32 = 1 << 18;
    /// Scripts that join letters.
    pub(super) const JOINING: u32 = 1 << 19;
    pub(super) const EMOJI: u32 = 1 << 20;
    /// Characters other than letters that bytes beyond ASCII become.
    pub(super) const SYMBOL: u32 = 1 << 21;
    /// A pair of letters that old encodings produce: a vowel and what was a mark, or a capital after a small letter.
    pub(super) const PAIRED: u32 = 1 << 22;
    /// Two spaces in a row, or one at an end.
    const STRAY: u32 = 1 << 23;
    /// Quotes, dashes and similar signs, which separate words.
    pub(super) const QUOTE: u32 = 1 << 24;
    /// One of them after a letter that is the misread first byte of UTF-8.
    pub(super) const LED: u32 = 1 << 25;
    /// The zero-width space, between words of scripts that write no other space.
    pub(super) const ZERO_BREAK: u32 = 1 << 26;
    /// Scripts of that kind.
    pub(super) const UNSPACED: u32 = 1 << 27;
    /// A variation selector of the character before it.
    pub(super) const VARIANT: u32 = 1 << 28;

    /// Whether the text has one of these traits.
    pub(super) const fn has(self, wanted: u32) -> bool {
        self.0 & wanted != 0
    }

    /// Whether nothing can be wrong.
    pub(super) const fn are_plain(self) -> bool {
        // Letters, combined with rare characters, decide only with a reason of their own.
        let common = Self::SPACE | Self::QUOTE | Self::EAST_ASIAN;
        self.0 & !(common | Self::RIGHT_TO_LEFT | Self::JOINING | Self::UNSPACED | Self::EMOJI) == 0
    }
}

/// The traits of ASCII characters.
const ASCII: [u32; 128] = {
    let mut table = [0; 128];
    let mut at = 0;
    while at < 32 {
        table[at] = Traits::CONTROL;
        at += 1;
    }
    table[127] = Traits::CONTROL;
    table[b'\t' as usize] = Traits::LINE;
    table[b'\n' as usize] = Traits::LINE;
    table[b'\r' as usize] = Traits::LINE;
    table[0x0B] = Traits::LINE;
    table[0x0C] = Traits::LINE;
    table[b' ' as usize] = Traits::SPACE;
    table[b'&' as usize] = Traits::AMPERSAND;
    table[b'?' as usize] = Traits::QUESTION;
    table[b'#' as usize] = Traits::SHEET;
    table[b'=' as usize] = Traits::SHEET;
    table[b'+' as usize] = Traits::SHEET;
    table
};

/// The traits of the characters from U+0080 to U+024F.
const LATIN: [u32; 0x1D0] = {
    let mut table = [0; 0x1D0];
    let mut at = 0;
    while at < table.len() {
        table[at] = match at + 0x80 {
            0x85 => Traits::LINE | Traits::SYMBOL,
            0x80..=0x9F => Traits::CONTROL | Traits::SYMBOL,
            0xA0 => Traits::ODD_SPACE | Traits::SYMBOL,
            0xAD => Traits::ZERO_WIDTH | Traits::SYMBOL,
            0xD0 | 0xF0 | 0x189 => Traits::ETH,
            // Œ œ Š š Ÿ Ž ž ƒ are bytes of Windows-1252.
            0xA1..=0xBF | 0xD7 | 0xF7 | 0x152 | 0x153 | 0x160 | 0x161 | 0x178 | 0x17D | 0x17E | 0x192 => Traits::SYMBOL,
            _ => 0,
        };
        at += 1;
    }
    table
};

/// The traits of the text.
pub(super) fn traits(text: &str) -> Traits {
    let bytes = text.as_bytes();
    let mut found = if text.is_ascii() {
        bytes.iter().fold(0, |found, byte| found | ASCII[usize::from(*byte & 127)])
    } else {
        of_any(text)
    };
    if found & Traits::SPACE != 0 {
        let stray = bytes.first() == Some(&b' ') || bytes.last() == Some(&b' ');
        if stray || bytes.windows(2).any(|pair| pair == b"  ") {
            found |= Traits::STRAY;
        }
    }
    if bytes.iter().find(|byte| **byte != b' ') == Some(&b'\'') {
        found |= Traits::SHEET;
    }
    Traits(found)
}

/// Small letters of ASCII, in the bits of [`BEFORE`] and [`BEHIND`]; the other bits mark vowels.
const SMALL: u8 = 1 << 7;

/// The role of an ASCII character for the letter after it.
const BEFORE: [u8; 128] = {
    let mut table = [0; 128];
    let mut code = 0_u8;
    while code < 128 {
        let c = code as char;
        table[code as usize] = legacy::vowel(c) | if c.is_ascii_lowercase() { SMALL } else { 0 };
        code += 1;
    }
    table
};

/// The role of the letters from U+00C0 to U+00FF for the character before them.
const BEHIND: [u8; 64] = {
    let mut table = [0; 64];
    let mut at = 0_u8;
    while at < 64 {
        let code = at + 0xC0;
        table[at as usize] = legacy::mark(code as char) | if code <= 0xDE && code != 0xD7 { SMALL } else { 0 };
        at += 1;
    }
    table
};

/// Whether a letter is the first byte of a UTF-8 sequence read as Windows-1252 or 1258.
const fn begins_sequence(code: u32) -> bool {
    matches!(code, 0xC2..=0xF4 | 0x102)
}

/// Whether a character is invisible when a text is shown.
pub(super) const fn shows_nothing(c: char) -> bool {
    const NOTHING: u32 = Traits::ZERO_WIDTH
        | Traits::ZERO_BREAK
        | Traits::VARIANT
        | Traits::JOINER
        | Traits::DIRECTION
        | Traits::OVERRIDE
        | Traits::CONTROL;
    let code = c as u32;
    // Tags.
    matches!(code, 0xE_0000..=0xE_0FFF)
        || NOTHING
            & match code {
                0..=0x7F => ASCII[code as usize],
                0x80..=0x24F => LATIN[(code - 0x80) as usize],
                _ => of_rare(code),
            }
            != 0
}

/// The traits of a text that is not all ASCII. Letters of Vietnamese and of other Latin scripts are recognised by their
/// bytes.
fn of_any(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let byte = |at: usize| u32::from(bytes.get(at).copied().unwrap_or_default());
    let (mut found, mut before, mut at, mut leads) = (0, 0_u8, 0, false);
    while let Some(first) = bytes.get(at) {
        match first {
            0..=0x7F => {
                found |= ASCII[usize::from(*first & 127)];
                before = BEFORE[usize::from(*first & 127)];
                leads = false;
                at += 1;
            }
            // U+0080 to U+023F.
            0xC2..=0xC8 => {
                let code = (u32::from(*first) & 0x1F) << 6 | (byte(at + 1) & 0x3F);
                found |= LATIN[(code - 0x80) as usize];
                if *first == 0xC3 {
                    if BEHIND[(code - 0xC0) as usize] & before != 0 {
                        found |= Traits::PAIRED;
                    }
                    before = char::from_u32(code).map_or(0, legacy::vowel);
                } else {
                    before = 0;
                }
                leads = begins_sequence(code);
                at += 2;
            }
            // U+1EA0 to U+1EFF, without its last six.
            0xE1 if (byte(at + 1) == 0xBA && byte(at + 2) >= 0xA0)
                || (byte(at + 1) == 0xBB && byte(at + 2) <= 0xB9) =>
            {
                (before, leads) = (0, false);
                at += 3;
            }
            _ => {
                let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
                let rare = of_rare(c as u32);
                found |= rare;
                if leads && rare & Traits::QUOTE != 0 {
                    found |= Traits::LED;
                }
                (before, leads) = (0, false);
                at += c.len_utf8();
            }
        }
    }
    found
}

/// The traits of a character beyond Latin letters.
#[expect(clippy::match_same_arms, reason = "in the order of characters, not of traits")]
const fn of_rare(code: u32) -> u32 {
    match code {
        0x0256 => Traits::ETH,
        0x0250..=0x02AF | 0x1E00..=0x1EFF => 0,
        // ˆ ˜
        0x02C6 | 0x02DC => Traits::SYMBOL,
        0x02B0..=0x02FF => 0,
        0x034F => Traits::ZERO_WIDTH,
        0x0300..=0x036F => Traits::COMBINING,
        0x0370..=0x052F | 0x1F00..=0x1FFF => Traits::FOREIGN | Traits::OTHER,
        0x061C => Traits::DIRECTION,
        0x0590..=0x08FF | 0xFB1D..=0xFDCF | 0xFDF0..=0xFDFF | 0xFE70..=0xFEFC => {
            Traits::RIGHT_TO_LEFT | Traits::JOINING | Traits::OTHER
        }
        // Fillers of Hangul and obsolete marks, too.
        0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x2060..=0x2064 | 0x206A..=0x206F | 0x3164 | 0xFEFF | 0xFFA0 => {
            Traits::ZERO_WIDTH
        }
        0xFFF9..=0xFFFB | 0x1_D173..=0x1_D17A | 0xE_0001 => Traits::ZERO_WIDTH,
        0x200B => Traits::ZERO_BREAK,
        // Braille that is blank.
        0x2800 => Traits::ODD_SPACE | Traits::OTHER,
        // Variation selectors.
        0xFE00..=0xFE0F | 0xE_0100..=0xE_01EF => Traits::VARIANT,
        // Scripts that join letters, and write no space between words.
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x19E0..=0x19FF => {
            Traits::UNSPACED | Traits::JOINING | Traits::OTHER
        }
        // It belongs to Mongolian.
        0x180E => Traits::JOINER,
        0x0900..=0x0DFF | 0x0F00..=0x109F | 0x1780..=0x18AF => Traits::JOINING | Traits::OTHER,
        // Tags say which flag follows.
        0x200C | 0x200D | 0xE_0020..=0xE_007F => Traits::JOINER,
        0x200E | 0x200F | 0x2066..=0x2069 => Traits::DIRECTION,
        0x202A..=0x202C => Traits::DIRECTION,
        0x202D | 0x202E => Traits::OVERRIDE,
        0x2028 | 0x2029 => Traits::LINE,
        0x1680 | 0x2002..=0x200A | 0x202F | 0x205F | 0x3000 => Traits::ODD_SPACE,
        0x2000 | 0x2001 => Traits::ODD_SPACE | Traits::OTHER,
        // – — ‘ ’ ‚ “ ” „ • …
        0x2013 | 0x2014 | 0x2018..=0x201A | 0x201C..=0x201E | 0x2022 | 0x2026 => Traits::QUOTE,
        // † ‡ ‰ ‹ › € ™
        0x2020 | 0x2021 | 0x2030 | 0x2039 | 0x203A | 0x20AC | 0x2122 => Traits::SYMBOL,
        0x2010..=0x205E => 0,
        0xFF01..=0xFF5E => Traits::FULL_WIDTH,
        // Half-width Katakana and Hangul.
        0xFF61..=0xFF9F | 0xFFA1..=0xFFDC => Traits::EAST_ASIAN | Traits::OTHER,
        0x3001..=0x31FF | 0x3400..=0x9FFF | 0xAC00..=0xD7AF => Traits::EAST_ASIAN,
        0x1100..=0x11FF | 0xF900..=0xFAFF => Traits::EAST_ASIAN | Traits::OTHER,
        0xFFFD => Traits::REPLACEMENT,
        0xFFFC | 0xFDD0..=0xFDEF => Traits::CONTROL,
        _ if code & 0xFFFE == 0xFFFE => Traits::CONTROL,
        0x2600..=0x27BF | 0x1F000..=0x1FAFF => Traits::EMOJI,
        0x2_0000..=0x3_FFFF => Traits::EAST_ASIAN | Traits::OTHER,
        _ => Traits::OTHER,
    }
}

/// The state of a text in which nothing is odd so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Sound {
    /// The bytes of an incomplete character, then zeros.
    begun: [u8; 2],
    /// The role of the last character for the one after it.
    before: u8,
    /// Whether the last character could begin a sequence of UTF-8.
    leads: bool,
    /// Whether nothing precedes, and whether a space does.
    first: bool,
    space: bool,
}

impl Sound {
    const START: Self = Self { begun: [0; 2], before: 0, leads: false, first: true, space: false };

    /// After a further byte; `None` if something may be odd.
    fn next(self, byte: u8) -> Option<Self> {
        let whole = Self { begun: [0; 2], before: 0, leads: false, first: false, space: false };
        match (self.begun, byte) {
            ([0, _], b' ') => (!self.first && !self.space).then_some(Self { space: true, ..whole }),
            ([0, _], b'\'') if self.first => None,
            ([0, _], 0..=0x7F) => {
                let plain = ASCII[usize::from(byte)] == 0;
                plain.then_some(Self { before: BEFORE[usize::from(byte)], ..whole })
            }
            // Only what the next bytes may need is kept, so that there are few states.
            ([0, _], 0xC3) => Some(Self { begun: [byte, 0], before: self.before, ..whole }),
            ([0, _], 0xC4..=0xC8 | 0xE1) => Some(Self { begun: [byte, 0], ..whole }),
            ([0, _], 0xE2) => Some(Self { begun: [byte, 0], leads: self.leads, ..whole }),
            ([0xE1, 0], 0xB8..=0xBB) | ([0xE2, 0], 0x80) => Some(Self { begun: [self.begun[0], byte], ..self }),
            ([first @ 0xC3..=0xC8, 0], 0x80..=0xBF) => {
                let code = (u32::from(first) & 0x1F) << 6 | (u32::from(byte) & 0x3F);
                let paired = first == 0xC3 && BEHIND[(code - 0xC0) as usize] & self.before != 0;
                let before = if first == 0xC3 { char::from_u32(code).map_or(0, legacy::vowel) } else { 0 };
                (LATIN[(code - 0x80) as usize] == 0 && !paired).then_some(Self {
                    before,
                    leads: begins_sequence(code),
                    ..whole
                })
            }
            ([first @ (0xE1 | 0xE2), second @ 0x80..=0xBF], 0x80..=0xBF) => {
                let code = (u32::from(first) & 0x0F) << 12 | (u32::from(second) & 0x3F) << 6 | (u32::from(byte) & 0x3F);
                match of_rare(code) {
                    0 => Some(whole),
                    Traits::QUOTE if !self.leads => Some(whole),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Whether the text may end here.
    const fn ends(self) -> bool {
        self.begun[0] == 0 && !self.space
    }
}

/// Accepts texts in which [`traits`] finds nothing odd: most of those in Latin letters, and no others.
pub(super) static CLEAN: LazyLock<Automaton> = LazyLock::new(|| {
    Automaton::of(
        Some(Sound::START),
        |state, byte| state.and_then(|sound| sound.next(byte)),
        |state| state.is_some_and(Sound::ends),
    )
    .expect("a hundred states, as the tests have it")
});

/// Whether a text contains an odd space; the ideographic space belongs beside East Asian characters.
pub(super) fn has_odd_space(text: &str) -> bool {
    let is_east =
        |c: Option<char>| c.is_some_and(|c| of_rare(c as u32) & (Traits::EAST_ASIAN | Traits::FULL_WIDTH) != 0);
    // Blank Braille separates words of Braille.
    let is_braille = text.contains(|c| matches!(c, '\u{2801}'..='\u{28FF}'));
    // Mongolian has a space of its own before an ending.
    let is_mongolian = text.contains(|c| matches!(c, '\u{1820}'..='\u{18AA}'));
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let odd = match c {
            '\u{A0}' => true,
            '\u{2800}' => !is_braille,
            '\u{202F}' => !is_mongolian,
            '\u{3000}' => !(is_east(before) || is_east(rest.peek().copied())),
            _ => (c as u32) > 0x24F && of_rare(c as u32) & Traits::ODD_SPACE != 0,
        };
        if odd {
            return true;
        }
        before = Some(c);
    }
    false
}

/// Whether a variation selector follows nothing, a letter of an alphabet or white space, which have no variants.
pub(super) fn has_stray_variant(text: &str) -> bool {
    let mut before = ' ';
    text.chars().any(|c| {
        let is_variant = of_rare(c as u32) & Traits::VARIANT != 0 && c as u32 > 0x24F;
        let is_plain = before.is_whitespace()
            || matches!(before, 'A'..='Z' | 'a'..='z' | '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}');
        before = c;
        is_variant && is_plain
    })
}

/// The fault of a text that is not in Unicode form C.
pub(super) fn normal_form(text: &str) -> Option<Fault> {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes || is_nfc(text) {
        return None;
    }
    // Marks in the order in which Burmese, Hebrew or Arabic is typed are not decomposed letters.
    let sorted = |mut chars: Vec<char>| {
        chars.sort_unstable();
        chars
    };
    if sorted(text.nfc().collect()) == sorted(text.chars().collect()) {
        return None;
    }
    // Everybody types these letters of India and some others composed, and form C decomposes them.
    let is_excluded = |c: &char| std::iter::once(*c).nfc().nth(1).is_some();
    if text.chars().any(|c| is_excluded(&c)) {
        let apart: String =
            text.chars().flat_map(|c| if is_excluded(&c) { c.nfd().collect::<Vec<_>>() } else { vec![c] }).collect();
        if is_nfc(&apart) {
            return None;
        }
    }
    Some(if text.nfd().eq(text.chars()) { Fault::Decomposed } else { Fault::HalfComposed })
}

//! UTF-8 that was read as Windows-1252, Windows-1258 or Latin-1.
//!
//! Each byte of such a text became a character of its own. If the characters convert back to bytes that are UTF-8 of an
//! expected letter, the text was damaged in this way. Quotes and dashes after a capital may be correct, so these need
//! more evidence.

/// The byte that became this character. Of the letters in which Windows-1258 differs from 1252, the one is included
/// with which UTF-8 of Latin letters begins.
pub(super) fn byte_of(c: char) -> Option<u8> {
    Some(match c {
        '\u{80}'..='\u{FF}' => u8::try_from(u32::from(c)).ok()?,
        '€' => 0x80,
        '‚' => 0x82,
        'ƒ' => 0x83,
        '„' => 0x84,
        '…' => 0x85,
        '†' => 0x86,
        '‡' => 0x87,
        'ˆ' => 0x88,
        '‰' => 0x89,
        'Š' => 0x8A,
        '‹' => 0x8B,
        'Œ' => 0x8C,
        'Ž' => 0x8E,
        '‘' => 0x91,
        '’' => 0x92,
        '“' => 0x93,
        '”' => 0x94,
        '•' => 0x95,
        '–' => 0x96,
        '—' => 0x97,
        '˜' => 0x98,
        '™' => 0x99,
        'š' => 0x9A,
        '›' => 0x9B,
        'œ' => 0x9C,
        'ž' => 0x9E,
        'Ÿ' => 0x9F,
        'Ă' => 0xC3,
        _ => return None,
    })
}

/// Characters that normally end words and sentences. Ordinals and degrees do not follow the letters that UTF-8 of Latin
/// letters becomes most often.
const fn is_punctuation(c: char, first: char) -> bool {
    match c {
        '‘' | '’' | '“' | '”' | '„' | '‚' | '«' | '»' | '‹' | '›' | '–' | '—' | '…' | '•' | '\u{A0}' => {
            true
        }
        '®' | '™' => first != 'Â',
        '©' | 'ª' | 'º' | '°' => !matches!(first, 'Â' | 'Ã' | 'Ä' | 'Å' | 'Æ'),
        _ => false,
    }
}

/// What a sequence was.
enum Meant {
    /// A character that damaged text seldom contains by chance.
    Expected,
    /// A character of a script that occurs several times in a row in damaged text.
    OfRun,
}

/// The character whose UTF-8 some bytes are.
fn meant(bytes: &[u8]) -> Option<Meant> {
    let c = std::str::from_utf8(bytes).ok()?.chars().next()?;
    let code = u32::from(c);
    if is_latin(code) || matches!(code, 0x370..=0x45F | 0x2010..=0x2044 | 0x20AC | 0x2122 | 0xFEFF | 0x1F000..=0x1FAFF)
    {
        return Some(Meant::Expected);
    }
    matches!(code, 0x0530..=0x1DFF | 0x2500..=0xD7FF | 0xFF00..=0xFFEF).then_some(Meant::OfRun)
}

/// Signs of Latin-1, and letters and marks that some language uses: of the rarer ones `ƏƒƠƯə`, and those of Pinyin and
/// of Romanian.
const fn is_latin(code: u32) -> bool {
    matches!(code, 0x80..=0x17F | 0x18F | 0x192 | 0x1A0 | 0x1A1 | 0x1AF | 0x1B0 | 0x1CD..=0x1DC | 0x218..=0x21B)
        || matches!(code, 0x259 | 0x300..=0x323 | 0x1E00..=0x1EFF)
}

/// How many bytes a sequence has that begins with this byte.
const fn length(first: u8) -> usize {
    match first {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => 0,
    }
}

/// Whether a sequence joins two words in capitals, or a word in capitals and a number: `LULEÅ–UMEÅ`, `KOÇ’UN`. In Ã and
/// Æ this is damage of Ö and Ơ.
fn joins_capitals(first: char, second: char, before: char, behind: Option<char>) -> bool {
    let by_sign = match second {
        '–' | '—' => !before.is_lowercase(),
        '’' | '\u{A0}' => before.is_uppercase(),
        _ => false,
    };
    by_sign && !matches!(first, 'Ã' | 'Æ') && behind.is_some_and(|c| c.is_uppercase() || c.is_numeric())
}

/// Whether a text contains letters that only UTF-8 with lost bytes becomes: letters that Windows-1252 does not have, or
/// a former no-break space. `StraÃe`, `HoÃ ng`, `Ngá»c`: no language has a capital Ã inside a word, or continues after
/// a quote.
pub(super) fn is_torn(text: &str) -> bool {
    let is_small = |text: &str| text.starts_with(char::is_lowercase);
    text.match_indices(['Ã', 'á']).any(|(at, letter)| {
        let (before, behind) = (&text[..at], &text[at + letter.len()..]);
        if letter == "Ã" {
            before.ends_with(char::is_lowercase) && is_small(behind.strip_prefix(' ').unwrap_or(behind))
        } else {
            behind.strip_prefix(['º', '»']).is_some_and(is_small) && !text.contains('«')
        }
    })
}

/// Whether the text is damaged in this way.
pub(super) fn is_mojibake(text: &str) -> bool {
    // »so«
    let is_turned = text.find(['«', '»']).is_some_and(|at| text[at..].starts_with('»'));
    let mut is_quoted = false;
    let mut before = ' ';
    let mut run = 0;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let wanted = byte_of(c).map_or(0, length);
        let mut bytes = [0; 4];
        let mut ahead = chars.clone();
        let mut doubtful = wanted > 0;
        if wanted > 0 {
            bytes[0] = byte_of(c).unwrap_or_default();
            for slot in &mut bytes[1..wanted] {
                let Some(next) = ahead.next() else { break };
                *slot = byte_of(next).unwrap_or_default();
                doubtful &= is_punctuation(next, c);
            }
        }
        if let Some(meant) = meant(&bytes[..wanted.max(1)]).filter(|_| wanted > 0) {
            let behind = ahead.clone().next();
            let goes_on = behind.is_some_and(char::is_alphanumeric);
            // A quote that was opened before is closed here.
            let closes = is_quoted && bytes[1] == 0xBB;
            let second = chars.clone().next().unwrap_or_default();
            // No quote is opened after a letter, and none follows another that closed nothing.
            let by_chance = (c == 'Â' && second == '«' && !is_turned) || (wanted > 2 && !closes);
            let by_right = doubtful
                && !by_chance
                && ((!goes_on && (!before.is_lowercase() || closes)) || joins_capitals(c, second, before, behind));
            run += 1;
            if !by_right && (matches!(meant, Meant::Expected) || run > 1) {
                return true;
            }
            is_quoted |= bytes.contains(&0xAB);
            before = c;
            chars = ahead;
        } else {
            run = 0;
            is_quoted |= c == '«';
            before = c;
        }
    }
    false
}

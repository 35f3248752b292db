//! Vietnamese in encodings older than Unicode (TCVN3, VNI, VISCII) that was read as Windows-1252.
//!
//! Such text looks like `ViÖt Nam`, `Vieät Nam` or `Vi®t Nam`. A word counts as such if it is not a Vietnamese syllable
//! as written, is one when decoded in the old way, and contains what other languages do not write in a word. Also, all
//! other words with letters beyond ASCII must be syllables when decoded that way.

use super::mojibake::byte_of;
use super::syllable::is_syllable;

/// TCVN3 from byte A1 on; a point if there is no letter.
const TCVN3: &str = "ĂÂÊÔƠƯĐăâêôơưđẰ.....àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ";

/// VISCII from byte 80 on; points where Windows-1252 has quotes and dashes, which are taken literally.
const VISCII: &str = "ẠẮ.Ặ..ẨẬẼẸẾỀỂỄỆỐỒ.......ỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ";

/// VNI: letters that represent themselves.
const VNI_ALONE: [(char, char); 22] = [
    ('ñ', 'đ'),
    ('Ñ', 'Đ'),
    ('ö', 'ư'),
    ('Ö', 'Ư'),
    ('ô', 'ơ'),
    ('Ô', 'Ơ'),
    ('æ', 'ỉ'),
    ('Æ', 'Ỉ'),
    ('ó', 'ĩ'),
    ('Ó', 'Ĩ'),
    ('ò', 'ị'),
    ('Ò', 'Ị'),
    ('î', 'ỵ'),
    ('Î', 'Ỵ'),
    ('ì', 'ì'),
    ('Ì', 'Ì'),
    ('í', 'í'),
    ('Í', 'Í'),
    ('ú', 'ú'),
    ('Ú', 'Ú'),
    ('ý', 'ý'),
    ('Ý', 'Ý'),
];

/// VNI: marks after a vowel, and the same in Unicode.
const VNI_MARKS: [(char, &str); 17] = [
    ('ø', "\u{300}"),
    ('ù', "\u{301}"),
    ('û', "\u{309}"),
    ('õ', "\u{303}"),
    ('ï', "\u{323}"),
    ('â', "\u{302}"),
    ('á', "\u{302}\u{301}"),
    ('à', "\u{302}\u{300}"),
    ('å', "\u{302}\u{309}"),
    ('ã', "\u{302}\u{303}"),
    ('ä', "\u{302}\u{323}"),
    ('ê', "\u{306}"),
    ('é', "\u{306}\u{301}"),
    ('è', "\u{306}\u{300}"),
    ('ú', "\u{306}\u{309}"),
    ('ü', "\u{306}\u{303}"),
    ('ë', "\u{306}\u{323}"),
];

/// The small form of a letter of Latin-1.
const fn small(c: char) -> char {
    match c {
        'À'..='Ö' | 'Ø'..='Þ' => (c as u8 + 0x20) as char,
        _ => c.to_ascii_lowercase(),
    }
}

/// The groups of vowels that a character belongs to, as bits: all of VNI, `a e o`, `a e`, `a`.
pub(super) const fn vowel(c: char) -> u8 {
    match small(c) {
        'a' => 0b1111,
        'e' => 0b0111,
        'o' => 0b0011,
        'u' | 'y' | 'ö' | 'ô' => 0b0001,
        _ => 0,
    }
}

/// The groups of vowels after which a letter is a mark of VNI that modern Vietnamese never has there.
pub(super) const fn mark(c: char) -> u8 {
    match small(c) {
        'ø' | 'û' | 'õ' | 'ï' | 'å' | 'ä' | 'ü' | 'ë' | 'ù' | 'ã' => 0b0001,
        'â' => 0b0010,
        'á' | 'à' => 0b0100,
        'ê' | 'é' | 'è' | 'ú' => 0b1000,
        _ => 0,
    }
}

/// An encoding of that time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Tcvn3,
    Vni,
    Viscii,
}

impl Encoding {
    /// The word as it was meant.
    fn read(self, word: &str) -> Option<String> {
        let from_table = |table: &str, first: u8| {
            let letter = |c: char| {
                if c.is_ascii() {
                    return Some(c);
                }
                let at = byte_of(c)?.checked_sub(first)?;
                table.chars().nth(usize::from(at)).filter(|letter| *letter != '.')
            };
            word.chars().map(letter).collect()
        };
        match self {
            Self::Tcvn3 => from_table(TCVN3, 0xA1),
            Self::Viscii => from_table(VISCII, 0x80),
            Self::Vni => {
                let mut read = String::new();
                let mut behind_vowel = false;
                for c in word.chars() {
                    let mark = VNI_MARKS.iter().find(|(mark, _)| behind_vowel && *mark == small(c));
                    if let Some((_, mark)) = mark {
                        read.push_str(mark);
                        behind_vowel = false;
                        continue;
                    }
                    let letter = VNI_ALONE.iter().find(|(alone, _)| *alone == c).map(|(_, letter)| *letter);
                    behind_vowel = vowel(c) != 0;
                    read.push(letter.or(Some(c).filter(char::is_ascii))?);
                }
                Some(read)
            }
        }
    }

    /// How much evidence a word that can be decoded that way gives, of [`ENOUGH`].
    fn weight(self, word: &str, quoted: bool) -> u8 {
        let mut before = ' ';
        let mut weight = 0;
        for (at, c) in word.char_indices() {
            let (is_first, is_last) = (at == 0, at + c.len_utf8() == word.len());
            let edge = if is_first || is_last { 2 } else { ENOUGH };
            let found = match (self, c) {
                (Self::Vni, _) if vowel(before) & mark(c) != 0 => of_mark(word, before, c, is_last),
                (Self::Vni, _) => 0,
                // No other language has a capital there.
                _ if before.is_ascii_lowercase() && c.is_uppercase() => ENOUGH,
                _ if c.is_ascii() => 0,
                (_, '«' | '»') if quoted => 0,
                // `N°`, `Mª`, `Nestlé®`, `m²`; `ºC`, `µm`, `£m`; `N·m`.
                (_, '°' | 'º' | 'ª' | '®' | '©' | '²' | '³' | '±') if is_last => 0,
                (_, '°' | 'º' | 'µ' | '±' | '£' | '€' | '¥') if is_first => 0,
                // `m×n`
                (_, '×' | '÷') if word.chars().nth(3).is_none() => 0,
                // Xã, the word for a commune.
                (_, '·') if matches!(word, "X·" | "x·") => ENOUGH,
                (_, '·') => 2,
                // Đ and đ of TCVN3 begin words, and à, ả, á end them; no others do so.
                (_, '§' | '®') if is_first && word.chars().nth(2).is_some() => ENOUGH,
                (_, 'µ' | '¶' | '¸') if is_last => ENOUGH,
                (_, 'µ' | 'ª' | 'º') => edge,
                _ if !c.is_alphabetic() => edge,
                _ => 0,
            };
            weight = weight.max(found);
            before = c;
        }
        weight
    }
}

/// The total evidence that the words of a text need.
const ENOUGH: u8 = 3;

/// The evidence of a vowel followed by a mark of VNI, of [`ENOUGH`]: all of it if no other language writes so. `où`,
/// `Seán`, `Deán`, `poäng`, `buøy`, `Naë` and `Loïc` are words, and `Meã`, `Lyø`, `Boû` and `Noûn` names of places.
fn of_mark(word: &str, vowel: char, mark: char, is_last: bool) -> u8 {
    let mut letters = word.chars().map(small);
    let begins = [letters.next(), letters.next()].map(Option::unwrap_or_default);
    let is_short = letters.next().is_none();
    let is_nasal = small(vowel) == 'o' && word.ends_with(['n', 'm', 'N', 'M']);
    // Xã, Thủ and Chủ begin in a way in which no European word with this ending does.
    let inside = if is_last && !matches!(begins, ['x', _] | ['t' | 'c', 'h']) { 2 } else { ENOUGH };
    match small(mark) {
        _ if matches!(small(vowel), 'ö' | 'ô') => ENOUGH,
        _ if matches!(begins, ['ñ', _] | ['n', 'g' | 'h'] | ['p', 'h']) => ENOUGH,
        'à' if matches!(begins, ['t', 'r' | 'h'] | ['c', 'h']) => ENOUGH,
        'û' | 'å' if is_nasal => 2,
        'û' | 'õ' | 'å' | 'ã' | 'â' => inside,
        'ø' if small(vowel) != 'u' => inside,
        'ù' if !is_short => inside,
        _ => 1,
    }
}

/// Whether all letters after the first are small, or all ASCII letters are capital.
fn is_even(word: &str) -> bool {
    let behind = word.chars().skip(1).all(|c| !c.is_uppercase());
    behind || word.chars().filter(char::is_ascii).all(|c| !c.is_lowercase())
}

/// Characters that separate words.
fn parts(c: char) -> bool {
    match c {
        '\u{A0}' | '‘' | '’' | '“' | '”' | '–' | '—' | '…' | '•' | '„' | '‚' => true,
        _ if c.is_ascii() => !c.is_ascii_alphabetic(),
        _ => byte_of(c).is_none(),
    }
}

/// Whether a word is a syllable as written, apart from invisible characters.
fn is_syllable_shown(word: &str) -> bool {
    let shown: String = word.chars().filter(|c| !matches!(c, '\u{80}'..='\u{9F}' | '\u{AD}')).collect();
    (shown.len() == word.len() || !shown.is_ascii()) && is_syllable(&shown)
}

/// Whether the text is of one of these encodings.
pub(super) fn is_legacy(text: &str) -> bool {
    // A letter that Windows-1252 does not have was never read as that.
    if text.chars().any(|c| c.is_alphabetic() && !c.is_ascii() && (byte_of(c).is_none() || c == 'Ă')) {
        return false;
    }
    let quoted = text.contains('«') && text.contains('»');
    [Encoding::Tcvn3, Encoding::Vni, Encoding::Viscii].into_iter().any(|encoding| {
        let mut weight = 0_u8;
        let mut counted: Vec<&str> = Vec::new();
        for word in text.split(parts).filter(|word| !word.is_ascii()) {
            match encoding.read(word) {
                Some(read) if is_even(&read) && is_syllable(&read) => {
                    // `€` alone is not a word, and one word twice is no more evidence than once.
                    let is_word = word.contains(|c: char| c.is_ascii_alphabetic());
                    if weight < ENOUGH && is_word && !counted.contains(&word) && !is_syllable_shown(word) {
                        let found = encoding.weight(word, quoted);
                        // At most as many as are enough.
                        if found > 0 {
                            counted.push(word);
                        }
                        weight += found;
                    }
                }
                _ => return false,
            }
        }
        weight >= ENOUGH
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::{TCVN3, VISCII, VNI_ALONE, VNI_MARKS};
    use unicode_normalization::UnicodeNormalization as _;

    /// Writes a text in the old way, read as Windows-1252; `None` if a letter has no code there.
    pub(in crate::text) type Encoder = fn(&str) -> Option<String>;

    /// TCVN3, VNI and VISCII.
    pub(in crate::text) const ENCODERS: [Encoder; 3] = [tcvn3, vni, viscii];

    fn from_table(text: &str, table: &str, first: usize) -> Option<String> {
        let letter = |c: char| {
            if c.is_ascii() {
                return Some(c);
            }
            let at = table.chars().position(|letter| letter == c)?;
            let byte = [u8::try_from(first + at).ok()?];
            encoding_rs::WINDOWS_1252.decode_without_bom_handling(&byte).0.chars().next()
        };
        text.chars().map(letter).collect()
    }

    fn tcvn3(text: &str) -> Option<String> {
        from_table(text, TCVN3, 0xA1)
    }

    fn viscii(text: &str) -> Option<String> {
        from_table(text, VISCII, 0x80)
    }

    fn vni(text: &str) -> Option<String> {
        let mut written = String::new();
        for c in text.chars() {
            if c.is_ascii() {
                written.push(c);
            } else if let Some((alone, _)) = VNI_ALONE.iter().find(|(_, letter)| *letter == c) {
                written.push(*alone);
            } else {
                // A base letter (ư and ơ are separate letters), then the rest of its marks.
                let parts: Vec<char> = c.nfd().collect();
                let (base, marks) = match parts.split_first()? {
                    (base, [horn @ '\u{31B}', rest @ ..]) => {
                        let horned: String = [*base, *horn].iter().collect::<String>().nfc().collect();
                        let alone = VNI_ALONE.iter().find(|(_, letter)| horned == letter.to_string())?;
                        (alone.0, rest)
                    }
                    (base, rest) => (*base, rest),
                };
                written.push(base);
                if !marks.is_empty() {
                    // VNI writes marks above before marks below.
                    let mut marks: Vec<char> = marks.to_vec();
                    marks.sort_by_key(|mark| !matches!(mark, '\u{302}' | '\u{306}'));
                    let wanted: String = marks.iter().collect();
                    let (mark, _) = VNI_MARKS.iter().find(|(_, marks)| *marks == wanted)?;
                    written.push(if base.is_uppercase() { mark.to_uppercase().next()? } else { *mark });
                }
            }
        }
        Some(written)
    }
}

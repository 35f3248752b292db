//! The format of a value, out of several.
//!
//! One value may fit several: `01/02/2020` both day first and month first, `123` every way to group thousands. A set
//! contains them all, so that the format that most values of a column share can be found.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memchr2;
use unicode_normalization::char::is_combining_mark;

use super::syllable::is_syllable;
use crate::scalar::nfc;

/// A family of formats that exclude each other within a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Dates.
    Date,
    /// Telephone numbers.
    Phone,
    /// Capital and small letters.
    Case,
    /// The place of the tone mark in Vietnamese.
    Tone,
    /// The signs for decimals and thousands.
    Number,
}

/// The formats of a family that a value fits, one bit each, the first lowest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FormatSet(pub u32);

impl FormatSet {
    /// Whether it fits the format at a position in the list of its family.
    pub const fn has(self, format: usize) -> bool {
        self.0 >> format & 1 == 1
    }

    /// The positions of the formats that it fits, ascending.
    pub fn positions(self) -> impl Iterator<Item = u8> {
        (0..32).filter(move |format| self.has(usize::from(*format)))
    }

    const fn with(self, format: usize, fits: bool) -> Self {
        Self(self.0 | (fits as u32) << format)
    }
}

impl Family {
    /// All, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::Date, Self::Phone, Self::Case, Self::Tone, Self::Number];

    /// The names of [`Self::ALL`].
    pub const NAMES: [&'static str; 5] = ["date", "phone", "case", "tone", "number"];

    /// The name in suites.
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The family of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.name() == name)
    }

    /// Its formats; if equally many values fit several, the first counts.
    pub const fn formats(self) -> &'static [&'static str] {
        match self {
            Self::Date => &DATES,
            Self::Phone => &PHONES,
            Self::Case => &["UPPER CASE", "lower case", "Title Case", "Sentence case"],
            Self::Tone => &["mark on the first vowel (hòa)", "mark on the second vowel (hoà)"],
            Self::Number => &["1234.5", "1234,5", "1,234.5", "1.234,5", "1 234,5", "1 234.5", "1.2E+3"],
        }
    }

    /// The formats that a value fits.
    pub fn of(self, text: &str) -> FormatSet {
        match self {
            Self::Date => date(text),
            Self::Phone => phone(text),
            Self::Case => case(text),
            Self::Tone => tone(text),
            Self::Number => number(text),
        }
    }
}

const DATES: [&str; 29] = [
    "YYYY-MM-DD",
    "YYYY-MM-DD hh:mm",
    "YYYY-MM-DDThh:mm",
    "YYYY/MM/DD",
    "YYYY.MM.DD",
    "YYYYMMDD",
    "YYYYMMDDhhmm",
    "DD/MM/YYYY",
    "DD/MM/YYYY hh:mm",
    "MM/DD/YYYY",
    "MM/DD/YYYY hh:mm",
    "DD-MM-YYYY",
    "MM-DD-YYYY",
    "DD.MM.YYYY",
    "D/M/YYYY",
    "M/D/YYYY",
    "D-M-YYYY",
    "M-D-YYYY",
    "D.M.YYYY",
    "YYYY-M-D",
    "YYYY/M/D",
    "DD/MM/YY",
    "MM/DD/YY",
    "D/M/YY",
    "M/D/YY",
    "DD.MM.YY",
    "YYYY-MM",
    "MM/YYYY",
    "YYYY",
];

/// A run of digits as a small number.
fn small(text: &str) -> u32 {
    if text.len() > 8 { u32::MAX } else { text.parse().unwrap_or(u32::MAX) }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a day or a month is written without a leading zero: none is there, and none is missing if there are two
/// digits.
fn is_bare(part: &str) -> bool {
    part.len() <= 2 && !part.starts_with('0')
}

/// Whether day and month are possible; other rules check whether the date exists.
fn date(text: &str) -> FormatSet {
    let none = FormatSet::default();
    let (day, time) = match text.find([' ', 'T']) {
        Some(10) => (&text[..10], Some(&text[10..])),
        Some(_) => return none,
        None => (text, None),
    };
    if let Some(time) = time {
        let clock = &time[1..];
        let sound = clock.len() >= 5
            && clock.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'Z' | b'+' | b'-'))
            && clock.as_bytes()[2] == b':';
        let day = if sound { date(day) } else { none };
        let apart = !time.starts_with('T');
        return none
            .with(1, apart && day.has(0))
            .with(2, !apart && day.has(0))
            .with(8, apart && day.has(7))
            .with(10, apart && day.has(9));
    }
    let is_day = |text: &str| (1..=31).contains(&small(text));
    let is_month = |text: &str| (1..=12).contains(&small(text));
    let sizes = |parts: &[&str], sizes: [usize; 3]| parts.iter().zip(sizes).all(|(part, size)| part.len() == size);
    let Some(sign) = day.chars().find(|c| !c.is_ascii_digit()) else {
        let whole = day.len() >= 8 && is_month(&day[4..6]) && is_day(&day[6..8]) && day > "1000";
        let is_clock =
            |clock: &str| clock < "24" && clock.as_bytes().chunks(2).skip(1).all(|pair| pair < b"60".as_slice());
        // Card and telephone numbers of this length are recognised by their beginning.
        let clock = (day.starts_with("19") || day.starts_with("20")) && day.get(8..).is_some_and(is_clock);
        return none
            .with(5, whole && day.len() == 8)
            .with(28, day.len() == 4 && day > "1000")
            .with(6, whole && clock && matches!(day.len(), 12 | 14));
    };
    let parts: Vec<&str> = day.splitn(4, sign).collect();
    if !parts.iter().all(|part| is_digits(part)) {
        return none;
    }
    match (sign, parts.as_slice()) {
        ('/', [month, year]) => none.with(27, month.len() == 2 && year.len() == 4 && is_month(month)),
        ('-', [year, month]) => none.with(26, year.len() == 4 && month.len() == 2 && is_month(month)),
        (_, all @ [year, month, day]) if year.len() == 4 => {
            let real = is_month(month) && is_day(day);
            let (sound, bare) = (real && sizes(all, [4, 2, 2]), real && is_bare(month) && is_bare(day));
            match sign {
                '-' => none.with(0, sound).with(19, bare),
                '/' => none.with(3, sound).with(20, bare),
                '.' => none.with(4, sound),
                _ => none,
            }
        }
        (_, all @ [first, second, year]) => {
            let (full, short) = (sizes(all, [2, 2, 4]), sizes(all, [2, 2, 2]));
            let bare = is_bare(first) && is_bare(second);
            let (bare, bare_short) = (bare && year.len() == 4, bare && year.len() == 2);
            let days_first = is_day(first) && is_month(second);
            let months_first = is_month(first) && is_day(second);
            match sign {
                '/' => none
                    .with(7, full && days_first)
                    .with(9, full && months_first)
                    .with(14, bare && days_first)
                    .with(15, bare && months_first)
                    .with(21, short && days_first)
                    .with(22, short && months_first)
                    .with(23, bare_short && days_first)
                    .with(24, bare_short && months_first),
                '-' => none
                    .with(11, full && days_first)
                    .with(12, full && months_first)
                    .with(16, bare && days_first)
                    .with(17, bare && months_first),
                '.' => none.with(13, full && days_first).with(18, bare && days_first).with(25, short && days_first),
                _ => none,
            }
        }
        _ => none,
    }
}

const PHONES: [&str; 10] = [
    "0 and digits",
    "00 and digits",
    "+ and digits",
    "84 and digits",
    "digits",
    "groups with spaces",
    "groups with points",
    "groups with hyphens",
    "+ and groups",
    "brackets",
];

fn phone(text: &str) -> FormatSet {
    let none = FormatSet::default();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if !(6..=15).contains(&digits) || !text.is_ascii() {
        return none;
    }
    let (plus, rest) = text.strip_prefix('+').map_or((false, text), |rest| (true, rest));
    let bytes = rest.as_bytes();
    if is_digits(rest) {
        let abroad = !plus && rest.starts_with("00");
        let home = !plus && !abroad && rest.starts_with('0');
        return none
            .with(1, abroad)
            .with(0, home)
            .with(2, plus && !rest.starts_with('0'))
            .with(3, !plus && rest.starts_with("84") && (11..=12).contains(&digits))
            .with(4, !plus && !home && !abroad);
    }
    // One sign between groups of digits, the same everywhere.
    let apart = |sign: u8| {
        bytes.iter().all(|byte| byte.is_ascii_digit() || *byte == sign)
            && !bytes.windows(2).any(|pair| pair == [sign, sign])
            && bytes.first().is_some_and(u8::is_ascii_digit)
            && bytes.last().is_some_and(u8::is_ascii_digit)
    };
    let (spaces, points, hyphens) = (apart(b' '), apart(b'.'), apart(b'-'));
    let brackets = rest.matches('(').count() == 1
        && rest.matches(')').count() == 1
        && bytes.iter().all(|byte| byte.is_ascii_digit() || b"() .-".contains(byte));
    none.with(5, !plus && spaces)
        .with(6, !plus && points)
        .with(7, !plus && hyphens)
        .with(8, plus && (spaces || points || hyphens))
        .with(9, brackets)
}

/// A capital, a small letter, any letter, part of a word, a mark on the letter before.
const UPPER: u8 = 1;
const LOWER: u8 = 1 << 1;
const LETTER: u8 = 1 << 2;
const WORD: u8 = 1 << 3;
const MARK: u8 = 1 << 4;

/// The classes of the characters of Latin scripts, since a lookup is faster than a calculation.
static CLASSES: LazyLock<Vec<u8>> =
    LazyLock::new(|| (0..0x1F00).map(|code| char::from_u32(code).map_or(0, work_out_class)).collect());

fn work_out_class(c: char) -> u8 {
    let bit = |is: bool, bit: u8| if is { bit } else { 0 };
    bit(c.is_uppercase(), UPPER)
        // In capitals ß is often left as it is.
        | bit(c.is_lowercase() && c != 'ß', LOWER)
        | bit(c.is_alphabetic(), LETTER)
        | bit(c.is_alphanumeric(), WORD)
        | bit(is_combining_mark(c), MARK)
}

fn class(c: char) -> u8 {
    CLASSES.get(c as usize).copied().unwrap_or_else(|| work_out_class(c))
}

fn case(text: &str) -> FormatSet {
    let (mut upper, mut lower, mut titled) = (false, false, true);
    let (mut first, mut inside, mut letters) = (None, false, 0_u32);
    for c in text.chars() {
        let class = class(c);
        let (is_upper, is_lower) = (class & UPPER != 0, class & LOWER != 0);
        letters += u32::from(class & LETTER != 0);
        upper |= is_upper;
        lower |= is_lower;
        if is_upper || is_lower {
            first.get_or_insert(is_upper);
            titled &= inside || is_upper;
        }
        // The part after an apostrophe or a hyphen need not be a word of its own.
        inside = class & WORD != 0 || (inside && (matches!(c, '\'' | '’' | '-') || class & MARK != 0));
    }
    let Some(first) = first else { return FormatSet(0b1111) };
    let single = letters == 1;
    FormatSet::default()
        .with(0, !lower)
        .with(1, !upper)
        .with(2, titled && (lower || single))
        .with(3, first && (lower || single))
}

/// The second of two vowels of an open syllable with its mark, or the first; as a small letter without it.
const fn toned(c: char) -> Option<(char, bool)> {
    Some(match c {
        'à' | 'á' | 'ả' | 'ã' | 'ạ' | 'À' | 'Á' | 'Ả' | 'Ã' | 'Ạ' => ('a', true),
        'è' | 'é' | 'ẻ' | 'ẽ' | 'ẹ' | 'È' | 'É' | 'Ẻ' | 'Ẽ' | 'Ẹ' => ('e', true),
        'ỳ' | 'ý' | 'ỷ' | 'ỹ' | 'ỵ' | 'Ỳ' | 'Ý' | 'Ỷ' | 'Ỹ' | 'Ỵ' => ('y', true),
        'ò' | 'ó' | 'ỏ' | 'õ' | 'ọ' | 'Ò' | 'Ó' | 'Ỏ' | 'Õ' | 'Ọ' => ('o', true),
        'ù' | 'ú' | 'ủ' | 'ũ' | 'ụ' | 'Ù' | 'Ú' | 'Ủ' | 'Ũ' | 'Ụ' => ('u', true),
        'a' | 'e' | 'y' | 'o' | 'u' | 'A' | 'E' | 'Y' | 'O' | 'U' => (c.to_ascii_lowercase(), false),
        _ => return None,
    })
}

/// The place of the marks in `hòa`, `khỏe`, `thủy`; a text without any fits both ways.
fn tone(text: &str) -> FormatSet {
    let (mut on_first, mut on_second) = (false, false);
    if text.is_ascii() {
        return FormatSet(0b11);
    }
    // Combining marks of U+0300 to U+036F begin with these bytes.
    let text = if memchr2(0xCC, 0xCD, text.as_bytes()).is_some() { nfc(text) } else { Cow::Borrowed(text) };
    // Where the word begins, the character before the last, and the role of the last.
    let (mut begin, mut far, mut near, mut last) = (0, ' ', ' ', None);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if class(c) & LETTER == 0 {
            begin = at + c.len_utf8();
        }
        let now = toned(c);
        if let (Some((first, first_toned)), Some((second, second_toned))) = (last, now)
            && matches!((first, second), ('o', 'a' | 'e') | ('u', 'y'))
            // `quý`: the u belongs to the q.
            && !matches!(far, 'q' | 'Q')
            && first_toned != second_toned
            && chars.peek().is_none_or(|(_, next)| class(*next) & LETTER == 0)
            // `Chloé` is a different case.
            && is_syllable(&text[begin..at + c.len_utf8()])
        {
            on_first |= first_toned;
            on_second |= second_toned;
        }
        (far, near, last) = (near, c, now);
    }
    FormatSet::default().with(0, !on_second).with(1, !on_first)
}

/// Signs that may separate thousands besides points and commas.
const SPACES: [char; 3] = [' ', '\u{A0}', '\u{202F}'];

fn number(text: &str) -> FormatSet {
    let none = FormatSet::default();
    let bare = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !bare.starts_with(|c: char| c.is_ascii_digit()) || !bare.ends_with(|c: char| c.is_ascii_digit()) {
        return none;
    }
    if let Some((mantissa, exponent)) = bare.split_once(['e', 'E']) {
        let sound = number(mantissa).has(0) && is_digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent));
        return none.with(6, sound);
    }
    // Whole digits in groups of three (or ungrouped, if there are few), then a fraction after a sign of its own.
    let grouped = |apart: &[char], fraction: &[char]| {
        let (whole, rest) = match bare.find(fraction) {
            Some(at) => (&bare[..at], Some(&bare[at + 1..])),
            None => (bare, None),
        };
        let mut groups = whole.split(apart);
        let first = groups.next().is_some_and(|first| is_digits(first) && first.len() <= 3);
        first && groups.all(|group| is_digits(group) && group.len() == 3) && rest.is_none_or(is_digits)
    };
    let plain = |fraction: char| {
        let (whole, rest) = bare.split_once(fraction).unwrap_or((bare, "0"));
        is_digits(whole) && is_digits(rest)
    };
    none.with(0, plain('.'))
        .with(1, plain(','))
        .with(2, grouped(&[','], &['.']))
        .with(3, grouped(&['.'], &[',']))
        .with(4, grouped(&SPACES, &[',']))
        .with(5, grouped(&SPACES, &['.']))
}

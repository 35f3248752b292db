//! The encoding of a text, by its bytes.

use std::collections::BTreeSet;

use encoding_rs::{
    Encoding, ISO_8859_2, KOI8_R, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253,
    WINDOWS_1254, WINDOWS_1257, WINDOWS_1258,
};
use unicode_normalization::UnicodeNormalization as _;

use crate::text::is_syllable;

/// What the bytes show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// An encoding: its name, and so many of so many things that show it.
    Encoding(&'static Encoding, Shown),
    /// None for certain: what it may be.
    Question(String),
}

/// So many of so many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) count: u64,
    pub(super) of: u64,
    pub(super) what: String,
}

/// The encoding of a text that begins with these bytes and goes on, or ends, with the last ones.
pub(super) fn encoding(first: &[u8], last: &[u8], is_whole: bool) -> Found {
    let mark = |encoding: &'static Encoding| {
        Found::Encoding(encoding, Shown { count: 1, of: 1, what: "byte order mark at the start".to_owned() })
    };
    match Encoding::for_bom(first) {
        Some((encoding, _)) if encoding != UTF_8 => return mark(encoding),
        Some(_) => return Found::Encoding(UTF_8, Shown { count: 0, of: 0, what: String::new() }),
        None => {}
    }
    if let Some(found) = utf_16(first) {
        return found;
    }
    let (sound, broken) = utf_8(first, is_whole);
    // Some bytes of an otherwise sound text are faults of the text.
    if broken == 0 || broken * 4 <= sound {
        return Found::Encoding(UTF_8, Shown { count: sound, of: sound + broken, what: String::new() });
    }
    legacy(first, last)
}

/// UTF-16 without a mark: nearly no byte is 0 on one side of each pair, and many are on the other.
fn utf_16(bytes: &[u8]) -> Option<Found> {
    let pairs = bytes.get(..bytes.len().min(1 << 16))?.chunks_exact(2);
    let units = pairs.len() as u64;
    let (mut front, mut behind) = (0_u64, 0_u64);
    for pair in pairs {
        front += u64::from(pair[0] == 0);
        behind += u64::from(pair[1] == 0);
    }
    let is = |most: u64, least: u64| units >= 4 && most * 10 >= units * 4 && least * 20 <= most;
    let shown = |count| Shown { count, of: units, what: "pairs of bytes have a 0 on the same side".to_owned() };
    if is(behind, front) {
        return Some(Found::Encoding(UTF_16LE, shown(behind)));
    }
    is(front, behind).then(|| Found::Encoding(UTF_16BE, shown(front)))
}

/// Characters of several bytes in UTF-8, and bytes that are none.
fn utf_8(bytes: &[u8], is_whole: bool) -> (u64, u64) {
    let (mut sound, mut broken) = (0, 0);
    let mut chunks = bytes.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        sound += chunk.valid().chars().filter(|c| !c.is_ascii()).count() as u64;
        let is_cut = !is_whole && chunks.peek().is_none();
        broken += u64::from(!chunk.invalid().is_empty() && !is_cut);
    }
    (sound, broken)
}

/// A language and the code page that its files have.
struct Language {
    name: &'static str,
    encoding: &'static Encoding,
    /// Its letters outside of ASCII, in lower case; empty: by syllables.
    letters: &'static str,
    /// Whether it has no letters of ASCII.
    is_own_script: bool,
}

const fn latin(name: &'static str, encoding: &'static Encoding, letters: &'static str) -> Language {
    Language { name, encoding, letters, is_own_script: false }
}

/// The languages that are known, the most common code page first.
static LANGUAGES: [Language; 26] = [
    latin("Vietnamese", WINDOWS_1258, ""),
    latin("French", WINDOWS_1252, "àâæçèéêëîïôœùûü"),
    latin("German", WINDOWS_1252, "äöüßéè"),
    latin("Spanish", WINDOWS_1252, "áéíñóúüç"),
    latin("Portuguese", WINDOWS_1252, "áâãàçéêíóôõúü"),
    latin("Nordic", WINDOWS_1252, "åäöæøéü"),
    latin("Italian", WINDOWS_1252, "àèéìíòóùú"),
    latin("Polish", WINDOWS_1250, "ąćęłńóśźż"),
    latin("Czech or Slovak", WINDOWS_1250, CZECH),
    latin("Hungarian", WINDOWS_1250, "áéíóöőúüű"),
    latin("Romanian", WINDOWS_1250, "ăâîşţ"),
    latin("Croatian", WINDOWS_1250, "čćđšž"),
    latin("Polish", ISO_8859_2, "ąćęłńóśźż"),
    latin("Czech or Slovak", ISO_8859_2, CZECH),
    latin("Hungarian", ISO_8859_2, "áéíóöőúüű"),
    latin("Romanian", ISO_8859_2, "ăâîşţ"),
    latin("Croatian", ISO_8859_2, "čćđšž"),
    latin("Estonian", WINDOWS_1257, "äõöüšž"),
    latin("Latvian", WINDOWS_1257, "āčēģīķļņšūž"),
    latin("Lithuanian", WINDOWS_1257, "ąčęėįšųūž"),
    latin("Turkish", WINDOWS_1254, "ğışöüçâîûi\u{307}"),
    Language { name: "Cyrillic", encoding: WINDOWS_1251, letters: CYRILLIC, is_own_script: true },
    Language { name: "Cyrillic", encoding: KOI8_R, letters: CYRILLIC, is_own_script: true },
    Language { name: "Cyrillic", encoding: encoding_rs::IBM866, letters: CYRILLIC, is_own_script: true },
    Language {
        name: "Greek",
        encoding: WINDOWS_1253,
        letters: "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώ",
        is_own_script: true,
    },
    latin("Dutch", WINDOWS_1252, "áéíóúëïöüèê"),
];

const CZECH: &str = "áčďéěíňóřšťúůýžäĺľôŕ";

const CYRILLIC: &str = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґўј";

/// The most words that are judged.
const MOST_WORDS: u64 = 20_000;

/// From so many of a thousand words on, a text reads plausibly.
const LEAST_SHARE: u64 = 800;

/// So many different words more must read well before another plausible reading is ruled out.
const LEAST_MORE: usize = 5;

/// How a text reads in a language.
struct Reading {
    language: &'static Language,
    words: u64,
    plausible: u64,
    /// The different words among the plausible ones.
    different: usize,
    text: String,
}

fn legacy(first: &[u8], last: &[u8]) -> Found {
    let mut readings: Vec<Reading> = LANGUAGES.iter().map(|language| reading(language, first, last)).collect();
    // The order is kept among equals.
    readings.sort_by_key(|reading| std::cmp::Reverse(reading.plausible * 1_000 / reading.words.max(1)));
    let share = |reading: &Reading| reading.plausible * 1_000 / reading.words.max(1);
    let Some(best) = readings.first() else { return unknown() };
    if best.words == 0 || share(best) < LEAST_SHARE {
        return unknown();
    }
    let is_rival = |other: &&Reading| {
        // A few words do not decide between two readings that are both plausible.
        let is_near = share(other) + 100 > share(best)
            || (share(other) >= LEAST_SHARE && best.different < other.different + LEAST_MORE);
        other.language.encoding != best.language.encoding && other.text != best.text && is_near
    };
    let rivals: BTreeSet<&str> =
        readings.iter().filter(is_rival).map(|reading| reading.language.encoding.name()).collect();
    if !rivals.is_empty() {
        let rivals: Vec<String> = rivals.into_iter().map(label).collect();
        return Found::Question(format!(
            "it is not UTF-8; {} and {} are about equally plausible: ask who wrote it, and declare `encoding`",
            label(best.language.encoding.name()),
            rivals.join(", ")
        ));
    }
    let what = format!(
        "words with letters outside of ASCII are {} as {}; they are not UTF-8",
        best.language.name,
        label(best.language.encoding.name())
    );
    Found::Encoding(best.language.encoding, Shown { count: best.plausible, of: best.words, what })
}

/// The name of an encoding as a suite writes it.
pub(super) fn label(name: &str) -> String {
    name.to_ascii_lowercase()
}

fn unknown() -> Found {
    Found::Question(
        "it is not UTF-8, and reads plausibly in none of the known code pages: ask who wrote it, and declare `encoding`"
            .to_owned(),
    )
}

/// Reads a text in a language.
fn reading(language: &'static Language, first: &[u8], last: &[u8]) -> Reading {
    let decode = |bytes: &[u8]| language.encoding.decode_without_bom_handling(bytes).0.into_owned();
    let text = format!("{}\n{}", decode(first), decode(last));
    let composed: String = text.nfc().collect();
    let (mut words, mut plausible) = (0_u64, 0_u64);
    let mut different = BTreeSet::new();
    let strange = |c: char| !c.is_ascii() && !c.is_alphabetic() && !TYPOGRAPHIC.contains(c);
    for word in composed.split(|c: char| c.is_ascii() && !c.is_alphabetic()) {
        if word.is_ascii() {
            continue;
        }
        // No language has such a sign at the beginning or inside of a word, so that this is another letter.
        if has_sign_in_word(word) && words < MOST_WORDS {
            words += 1;
            continue;
        }
        // Signs of typography are at home in every language.
        for part in word.split(|c: char| TYPOGRAPHIC.contains(c)).filter(|part| !part.is_ascii()) {
            if words >= MOST_WORDS {
                break;
            }
            words += 1;
            if !part.contains(strange) && is_cased(part) && is_word(part, language) {
                plausible += 1;
                different.insert(part);
            }
        }
    }
    let different = different.len();
    Reading { language, words, plausible, different, text }
}

/// Signs that texts in any language have.
const TYPOGRAPHIC: &str = "\u{a0}–—‘’“”„…•«»‹›°§€£©®™·²³½¼±№×¿¡ºª₫";

/// Signs that are never directly before a letter.
const BEFORE_NO_LETTER: &str = "£€©®™²³½¼±";

/// Whether a sign that is no letter is directly before one.
fn has_sign_in_word(word: &str) -> bool {
    word.chars().zip(word.chars().skip(1)).any(|(sign, next)| BEFORE_NO_LETTER.contains(sign) && next.is_alphabetic())
}

/// Whether capitals are at the beginning, or everywhere.
fn is_cased(word: &str) -> bool {
    let mut rest = word.chars();
    rest.next();
    let rest = rest.as_str();
    !rest.contains(char::is_uppercase) || !word.contains(char::is_lowercase)
}

fn is_word(word: &str, language: &Language) -> bool {
    if language.letters.is_empty() {
        return is_syllable(word);
    }
    let is_known = |c: char| {
        if c.is_ascii() {
            return !language.is_own_script;
        }
        c.to_lowercase().all(|c| language.letters.contains(c))
    };
    // This letter is at the end of words alone.
    let ends_well = !language.is_own_script || word.trim_end_matches('ς').find('ς').is_none();
    word.chars().all(is_known) && ends_well
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes of a text in a code page; tones of Vietnamese as marks, as the code page has them.
    fn bytes(encoding: &'static Encoding, text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        for c in text.nfc() {
            let mut buffer = [0; 4];
            let one = encoding.encode(c.encode_utf8(&mut buffer));
            if !one.2 {
                out.extend_from_slice(&one.0);
                continue;
            }
            let mut marks = Vec::new();
            let mut base = String::new();
            for part in std::iter::once(c).collect::<String>().nfd() {
                if matches!(part, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}') {
                    marks.push(part);
                } else {
                    base.push(part);
                }
            }
            let base: String = base.nfc().collect::<String>() + &marks.iter().collect::<String>();
            let (encoded, _, failed) = encoding.encode(&base);
            assert!(!failed, "{base}");
            out.extend_from_slice(&encoded);
        }
        out
    }

    fn name(bytes: &[u8]) -> String {
        match encoding(bytes, b"", true) {
            Found::Encoding(encoding, _) => label(encoding.name()),
            Found::Question(question) => question,
        }
    }

    #[test]
    fn the_code_page_of_the_language_is_found() {
        let cases: &[(&'static Encoding, &str)] = &[
            (WINDOWS_1258, "Họ tên;Nguyễn Văn An;Trần Thị Bình;Lê Văn Cường;Phạm Thị Dung;Quảng Ngãi"),
            (WINDOWS_1252, "Müller;Größe;Straße;Köln;Düsseldorf"),
            (WINDOWS_1252, "Élève;été;forêt;garçon;Hélène;à côté"),
            (WINDOWS_1252, "São Paulo;João;Conceição;Brasília;Goiânia;Ribeirão"),
            (WINDOWS_1252, "Ærø;Tromsø;Åse;Malmö;Bjørn"),
            (WINDOWS_1250, "Dvořák;Plzeň;Přerov;Žižkov;Jiří;Hašek"),
            (WINDOWS_1250, "Łódź;Kraków;Święty;Gdańsk;Wałęsa"),
            (WINDOWS_1251, "Иванов;Петров;Сидоров;Москва;Новосибирск"),
            (KOI8_R, "Иванов;Петров;Сидоров;Москва;Новосибирск"),
            (WINDOWS_1253, "Πέτρος;Γιώργος;Αθήνα;Θεσσαλονίκη"),
            (WINDOWS_1254, "İstanbul;Şişli;Doğan;Işık;Gülşen"),
        ];
        for (encoding, text) in cases {
            assert_eq!(name(&bytes(encoding, text)), label(encoding.name()), "{text}");
        }
    }

    #[test]
    fn utf_16_is_found_with_a_mark_and_without_one() {
        let units: Vec<u16> = "id;name\n1;Nguyễn Văn An\n".encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        assert_eq!((name(&little).as_str(), name(&big).as_str()), ("utf-16le", "utf-16be"));
        assert_eq!(name(&[b"\xff\xfe".as_slice(), &little].concat()), "utf-16le");
        assert_eq!(name(&[b"\xfe\xff".as_slice(), &big].concat()), "utf-16be");
    }

    #[test]
    fn utf_8_with_a_few_broken_bytes_is_utf_8() {
        assert_eq!(name("Nguyễn;Trần".as_bytes()), "utf-8");
        assert_eq!(name(&["Nguyễn;Trần;Phạm;Đỗ".as_bytes(), b";\xff"].concat()), "utf-8");
        assert_eq!(name(b"a,b\n1,2\n"), "utf-8");
        assert_eq!(name(b""), "utf-8");
        // The first bytes of a file may end inside of a character.
        let cut = "é".repeat(9);
        assert!(matches!(encoding(&cut.as_bytes()[..17], b"", false), Found::Encoding(found, _) if found == UTF_8));
    }

    #[test]
    fn what_may_be_several_things_is_a_question() {
        // As Czech è would be č, as French č would be è.
        let question = name(&bytes(WINDOWS_1252, "mètre;père"));
        assert!(question.contains("equally plausible"), "{question}");
        // In ISO-8859-2, `Ž` is what windows-1250 reads as `®`; one word does not decide.
        let question = name(&bytes(ISO_8859_2, "Jiří;Dvořák;Ústí;Děčín;Žižkov"));
        assert!(question.contains("iso-8859-2") && question.contains("windows-1250"), "{question}");
        assert_eq!(name(&bytes(ISO_8859_2, "Žižkov;Hašek;Šumava;Košice;Dvořák")), "iso-8859-2");
        // Estonian `õ` is `ő` in Hungarian.
        let question = name(&bytes(WINDOWS_1257, "Pärnu;Jõgeva;Võru;Põlva;Tõrva"));
        assert!(!question.starts_with("windows"), "{question}");
        let question = name(b"\xb2\xda\x98;\xda\x98");
        assert!(question.contains("none of the known code pages"), "{question}");
    }
}

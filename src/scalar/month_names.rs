//! Names of months and of the halves of a day, in the languages of exports.

use unicode_normalization::UnicodeNormalization as _;

use super::date_format_error::DateFormatError;
use crate::model::nearest;

/// The names in one language, in small letters; spellings of one name are separated by bars. A point at the end of a short
/// name may follow.
struct Language {
    code: &'static str,
    full: [&'static str; 12],
    short: [&'static str; 12],
    /// Before noon and after it.
    halves: [&'static str; 2],
}

/// From CLDR 49 (format and stand-alone), with the names in words that Windows and people write in Vietnamese.
const LANGUAGES: &[Language] = &[
    Language {
        code: "vi",
        full: [
            "tháng 1|tháng giêng|tháng một",
            "tháng 2|tháng hai",
            "tháng 3|tháng ba",
            "tháng 4|tháng tư",
            "tháng 5|tháng năm",
            "tháng 6|tháng sáu",
            "tháng 7|tháng bảy",
            "tháng 8|tháng tám",
            "tháng 9|tháng chín",
            "tháng 10|tháng mười",
            "tháng 11|tháng mười một",
            "tháng 12|tháng mười hai",
        ],
        short: [
            "thg 1|thg1",
            "thg 2|thg2",
            "thg 3|thg3",
            "thg 4|thg4",
            "thg 5|thg5",
            "thg 6|thg6",
            "thg 7|thg7",
            "thg 8|thg8",
            "thg 9|thg9",
            "thg 10|thg10",
            "thg 11|thg11",
            "thg 12|thg12",
        ],
        halves: ["sa", "ch"],
    },
    Language {
        code: "en",
        full: [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ],
        short: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
        halves: ["am|a.m.", "pm|p.m."],
    },
    Language {
        code: "fr",
        full: [
            "janvier",
            "février",
            "mars",
            "avril",
            "mai",
            "juin",
            "juillet",
            "août",
            "septembre",
            "octobre",
            "novembre",
            "décembre",
        ],
        short: ["janv", "févr", "mars", "avr", "mai", "juin", "juil", "août", "sept", "oct", "nov", "déc"],
        halves: ["am", "pm"],
    },
    Language {
        code: "de",
        full: [
            "januar",
            "februar",
            "märz",
            "april",
            "mai",
            "juni",
            "juli",
            "august",
            "september",
            "oktober",
            "november",
            "dezember",
        ],
        short: ["jan", "feb", "märz|mär", "apr", "mai", "juni|jun", "juli|jul", "aug", "sept|sep", "okt", "nov", "dez"],
        halves: ["am", "pm"],
    },
    Language {
        code: "es",
        full: [
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre",
            "octubre",
            "noviembre",
            "diciembre",
        ],
        short: ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"],
        halves: ["a. m.|a.m.|am", "p. m.|p.m.|pm"],
    },
    Language {
        code: "it",
        full: [
            "gennaio",
            "febbraio",
            "marzo",
            "aprile",
            "maggio",
            "giugno",
            "luglio",
            "agosto",
            "settembre",
            "ottobre",
            "novembre",
            "dicembre",
        ],
        short: ["gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"],
        halves: ["am", "pm"],
    },
    Language {
        code: "pt",
        full: [
            "janeiro",
            "fevereiro",
            "março",
            "abril",
            "maio",
            "junho",
            "julho",
            "agosto",
            "setembro",
            "outubro",
            "novembro",
            "dezembro",
        ],
        short: ["jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"],
        halves: ["am", "pm"],
    },
    Language {
        code: "nl",
        full: [
            "januari",
            "februari",
            "maart",
            "april",
            "mei",
            "juni",
            "juli",
            "augustus",
            "september",
            "oktober",
            "november",
            "december",
        ],
        short: ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"],
        halves: ["a.m.|am", "p.m.|pm"],
    },
    Language {
        code: "pl",
        full: [
            "stycznia|styczeń",
            "lutego|luty",
            "marca|marzec",
            "kwietnia|kwiecień",
            "maja|maj",
            "czerwca|czerwiec",
            "lipca|lipiec",
            "sierpnia|sierpień",
            "września|wrzesień",
            "października|październik",
            "listopada|listopad",
            "grudnia|grudzień",
        ],
        short: ["sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru"],
        halves: ["am", "pm"],
    },
    Language {
        code: "id",
        full: [
            "januari",
            "februari",
            "maret",
            "april",
            "mei",
            "juni",
            "juli",
            "agustus",
            "september",
            "oktober",
            "november",
            "desember",
        ],
        short: ["jan", "feb", "mar", "apr", "mei", "jun", "jul", "agu", "sep", "okt", "nov", "des"],
        halves: ["am", "pm"],
    },
];

/// Texts that name a number, the longest first: of names that begin alike, the longest is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names(Vec<(String, u32)>);

impl Names {
    /// The spellings of each name, from number 1 on, composed and decomposed.
    fn of<'n>(names: impl Iterator<Item = Vec<&'n str>>) -> Self {
        let mut all = Vec::new();
        for (number, spellings) in (1..).zip(names) {
            for spelling in spellings {
                let small = spelling.to_lowercase();
                all.push((small.nfc().collect::<String>(), number));
                all.push((small.nfd().collect(), number));
            }
        }
        all.sort_by(|(one, _), (other, _)| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        all.dedup();
        Self(all)
    }

    /// The number that the start of the text names, in any case, and the text after it, which must be `fit`.
    pub(super) fn strip<'t>(&self, text: &'t str, fit: impl Fn(&str) -> bool) -> Option<(u32, &'t str)> {
        self.0.iter().find_map(|(name, number)| Some((*number, strip(text, name).filter(|rest| fit(rest))?)))
    }

    /// Whether a name begins (or ends) with a digit.
    pub(super) fn has_digit(&self, at_end: bool) -> bool {
        let edge = |name: &str| if at_end { name.chars().next_back() } else { name.chars().next() };
        self.0.iter().any(|(name, _)| edge(name).is_some_and(|c| c.is_ascii_digit()))
    }
}

/// The text after a name in small letters.
fn strip<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let mut rest = text.chars();
    for wanted in name.chars() {
        let found = rest.next()?;
        if found != wanted && !found.to_lowercase().eq([wanted]) {
            return None;
        }
    }
    Some(rest.as_str())
}

/// The names of months, and of the halves of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MonthNames {
    /// `%B`
    pub(super) full: Names,
    /// `%b`
    pub(super) short: Names,
    /// `%p`: 1 before noon, 2 after it.
    pub(super) halves: Names,
}

impl MonthNames {
    /// The names that are declared: the code of a language, or the names of twelve months. Without any, English.
    pub(super) fn of(declared: &[String]) -> Result<Self, DateFormatError> {
        let spellings = |names: &'static str| names.split('|').collect::<Vec<_>>();
        let language = match declared {
            [] => "en",
            [code] => code.as_str(),
            words => return Self::of_words(words),
        };
        // `vi` of `vi-VN`.
        let code = language.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        let Some(language) = LANGUAGES.iter().find(|known| known.code == code) else {
            let codes = LANGUAGES.iter().map(|known| known.code);
            let near =
                nearest(language, codes.clone()).map_or(String::new(), |near| format!(" (did you mean `{near}`?)"));
            let codes = codes.collect::<Vec<_>>().join(", ");
            return Err(DateFormatError::Language { written: language.to_owned(), near, codes });
        };
        let with_point = |names: &&'static str| {
            spellings(names).into_iter().flat_map(|name| [name.to_owned(), format!("{name}.")]).collect::<Vec<_>>()
        };
        let short: Vec<Vec<String>> = language.short.iter().map(with_point).collect();
        Ok(Self {
            full: Names::of(language.full.iter().map(|names| spellings(names))),
            short: Names::of(short.iter().map(|names| names.iter().map(String::as_str).collect())),
            halves: Names::of(language.halves.iter().map(|names| spellings(names))),
        })
    }

    /// The names of twelve months, long or short, with the English halves of a day.
    fn of_words(words: &[String]) -> Result<Self, DateFormatError> {
        let names: Vec<&str> = words.iter().map(|word| word.trim()).collect();
        let small: std::collections::BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
        if names.len() != 12 || small.len() != 12 || small.contains("") {
            return Err(DateFormatError::Months);
        }
        let words = Names::of(names.into_iter().map(|name| vec![name]));
        Ok(Self { full: words.clone(), short: words, ..Self::of(&[])? })
    }
}

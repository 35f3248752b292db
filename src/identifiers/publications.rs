//! Identifiers of publications, their authors and organisations.

use super::checksum::number;
use super::form::{digits, one_of};
use super::trade::GOODS;
use super::{Body, Checksum, Context, Fault, Form, Kind, Segment, Usual, Values};

pub(super) const ISBN: Kind = Kind {
    name: "isbn",
    summary: "book: 10 characters, or 13 that begin with 978 or 979, with a check digit; hyphens or spaces between",
    separators: " -",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[
        Form::checked(&[one_of("9"), one_of("7"), one_of("89"), digits(10)], GOODS),
        // Goods that are no book.
        Form::checked(&[digits(13)], GOODS).with(|_, _| false),
        Form::checked(
            &[digits(9), one_of("0123456789X")],
            Checksum::Weighted {
                weights: &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1],
                values: &[Values::Digits],
                modulus: 11,
                remainder: 0,
            },
        ),
    ]),
};

pub(super) const ISSN: Kind = Kind {
    name: "issn",
    summary: "periodical, 8 characters with a check digit; a hyphen in the middle",
    separators: "",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[
        Form::checked(
            &[digits(4), one_of("-"), digits(3), one_of("0123456789X")],
            modulo_11(&[8, 7, 6, 5, 0, 4, 3, 2, 1]),
        ),
        Form::checked(&[digits(7), one_of("0123456789X")], modulo_11(&[8, 7, 6, 5, 4, 3, 2, 1])),
    ]),
};

/// Digits, and X for ten, that add up to a multiple of eleven.
const fn modulo_11(weights: &'static [u8]) -> Checksum {
    Checksum::Weighted { weights, values: &[Values::Digits], modulus: 11, remainder: 0 }
}

/// ISO 7064 mod 11-2: powers of two modulo eleven.
const fn mod_11_2(weights: &'static [u8]) -> Checksum {
    Checksum::Weighted { weights, values: &[Values::Digits], modulus: 11, remainder: 1 }
}

/// Its weights over sixteen characters, the second time with a sign behind each four.
const WEIGHTS: [u8; 16] = [10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1];
const IN_FOURS_WEIGHTS: [u8; 19] = [10, 5, 8, 4, 0, 2, 1, 6, 3, 0, 7, 9, 10, 5, 0, 8, 4, 2, 1];

/// Fifteen digits and a check digit.
const NAME: [Segment; 2] = [digits(15), one_of("0123456789X")];

pub(super) const ISNI: Kind = Kind {
    name: "isni",
    summary: "public name of a person or an organisation (ISO 27729), 16 characters with a check digit; spaces between",
    separators: "",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[
        Form::checked(&NAME, mod_11_2(&WEIGHTS)),
        Form::checked(
            &[digits(4), one_of(" "), digits(4), one_of(" "), digits(4), one_of(" "), digits(3), one_of("0123456789X")],
            mod_11_2(&IN_FOURS_WEIGHTS),
        ),
    ]),
};

/// Whether a name that is written in fours lies in the blocks that are set aside for researchers.
fn researcher(text: &[u8], _: Context) -> bool {
    let Some(fours) = text.last_chunk::<19>() else { return false };
    let [a, b, c] = [0, 5, 10].map(|at| number(&fours[at..at + 4]));
    let block = ((a * 10_000 + b) * 10_000 + c) * 1000 + number(&fours[15..18]);
    (15_000_000..=35_000_000).contains(&block) || (900_000_000_000..=900_100_000_000).contains(&block)
}

/// Sixteen characters with a hyphen behind each four.
const IN_FOURS: [Segment; 8] =
    [digits(4), one_of("-"), digits(4), one_of("-"), digits(4), one_of("-"), digits(3), one_of("0123456789X")];

/// What may stand before them.
const RESOLVER: &str = "https://orcid.org/";

/// The same behind [`RESOLVER`].
const RESOLVED: [Segment; RESOLVER.len() + IN_FOURS.len()] = {
    let (mut segments, mut at) = ([digits(0); RESOLVER.len() + IN_FOURS.len()], 0);
    while at < segments.len() {
        segments[at] = if at < RESOLVER.len() {
            one_of(RESOLVER.split_at(at).1.split_at(1).0)
        } else {
            IN_FOURS[at - RESOLVER.len()]
        };
        at += 1;
    }
    segments
};

/// The weights behind [`RESOLVER`].
const RESOLVED_WEIGHTS: [u8; RESOLVER.len() + IN_FOURS_WEIGHTS.len()] = {
    let (mut weights, mut at) = ([0; RESOLVER.len() + IN_FOURS_WEIGHTS.len()], 0);
    while at < IN_FOURS_WEIGHTS.len() {
        weights[RESOLVER.len() + at] = IN_FOURS_WEIGHTS[at];
        at += 1;
    }
    weights
};

pub(super) const ORCID: Kind = Kind {
    name: "orcid",
    summary: "researcher: 16 characters with hyphens between fours and a check digit, as such or behind https://orcid.org/",
    separators: "",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[
        Form::checked(&IN_FOURS, mod_11_2(&IN_FOURS_WEIGHTS)).with(researcher),
        Form::checked(&RESOLVED, mod_11_2(&RESOLVED_WEIGHTS)).with(researcher),
    ]),
};

/// The small digits of Crockford's base 32.
const BASE_32: &str = "0123456789abcdefghjkmnpqrstvwxyz";

/// What they are worth; more for other characters.
const BASE_32_VALUES: [u8; 256] = {
    let (mut values, mut value) = ([1 << 7; 256], 0);
    while value < 32 {
        values[BASE_32.as_bytes()[value as usize] as usize] = value;
        value += 1_u8;
    }
    values
};

/// A zero, six characters of Crockford's base 32, then what they leave modulo 97 as ISO 7064 has it.
fn organisation(text: &[u8]) -> Result<(), Fault> {
    let [b'0', signs @ .., tens, ones] = text else { return Err(Fault::Shape) };
    let (read, all) = signs.iter().fold((0, 0), |(read, all), sign| {
        let value = BASE_32_VALUES[usize::from(*sign)];
        (read << 5 | u64::from(value), all | value)
    });
    if signs.len() != 6 || all >= 32 || !tens.is_ascii_digit() || !ones.is_ascii_digit() {
        return Err(Fault::Shape);
    }
    if 98 - read * 100 % 97 == number(&[*tens, *ones]) { Ok(()) } else { Err(Fault::CheckDigit) }
}

pub(super) const ROR: Kind = Kind {
    name: "ror",
    summary: "research organisation: 0, 6 characters and two check digits, as such or behind https://ror.org/",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read {
        usual: Usual::Unknown,
        read: |text, _| organisation(text.strip_prefix("https://ror.org/").unwrap_or(text).as_bytes()),
    },
};

pub(super) const DOI: Kind = Kind {
    name: "doi",
    summary: "document: 10., a registrant, / and anything but spaces, as such or behind doi: or https://doi.org/",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read {
        usual: Usual::Pattern(1000, r"10\.[0-9]{4,9}/[!-~]+"),
        read: |text, _| {
            let bare = if text.starts_with("10.") {
                text
            } else {
                let prefixes =
                    ["https://doi.org/", "http://doi.org/", "https://dx.doi.org/", "http://dx.doi.org/", "doi:"];
                let is = |prefix: &&str| text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
                prefixes.iter().find(|prefix| is(prefix)).map_or(text, |prefix| &text[prefix.len()..])
            };
            let named =
                bare.strip_prefix("10.").and_then(|rest| rest.split_once('/')).is_some_and(|(registrant, name)| {
                    let mut parts = registrant.split('.');
                    let digits = |part: &str, sizes: std::ops::RangeInclusive<usize>| {
                        sizes.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
                    };
                    parts.next().is_some_and(|first| digits(first, 4..=9))
                        && parts.all(|part| digits(part, 1..=9))
                        && !name.is_empty()
                        && !name.chars().any(|c| c.is_whitespace() || c.is_control())
                });
            if named { Ok(()) } else { Err(Fault::Shape) }
        },
    },
};

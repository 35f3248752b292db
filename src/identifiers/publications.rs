//! Identifiers of publications, their authors and organisations.

use super::checksum::{BASE_32, number};
use super::form::{digits, one_of};
use super::internet::is_hidden;
use super::trade::GOODS;
use super::{Alphabet, Body, Checksum, Context, Fault, Form, Kind, Otherwise, Segment, Usual, Values};

pub(super) const ISBN: Kind = Kind {
    name: "isbn",
    summary: "book: 10 characters, or 13 that begin with 978 or 979, with a check digit; hyphens or spaces between",
    separators: " -",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[
        Form::checked(&[one_of("9"), one_of("7"), one_of("89"), digits(10)], GOODS),
        // Goods that are not books.
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

/// Its weights over sixteen characters, the second time with a sign after each four.
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

/// Whether an identifier that is written in fours is in the blocks reserved for researchers.
fn researcher(text: &[u8], _: Context) -> bool {
    let Some(fours) = text.last_chunk::<19>() else { return false };
    let [a, b, c] = [0, 5, 10].map(|at| number(&fours[at..at + 4]));
    let block = ((a * 10_000 + b) * 10_000 + c) * 1000 + number(&fours[15..18]);
    (15_000_000..=35_000_000).contains(&block) || (900_000_000_000..=900_100_000_000).contains(&block)
}

/// Sixteen characters with a hyphen after each four.
const IN_FOURS: [Segment; 8] =
    [digits(4), one_of("-"), digits(4), one_of("-"), digits(4), one_of("-"), digits(3), one_of("0123456789X")];

/// What may precede them.
const RESOLVER: &str = "https://orcid.org/";

/// The same after [`RESOLVER`].
const RESOLVED: [Segment; RESOLVER.len() + IN_FOURS.len()] = behind(RESOLVER, &IN_FOURS);

/// The weights after [`RESOLVER`].
const RESOLVED_WEIGHTS: [u8; RESOLVER.len() + IN_FOURS_WEIGHTS.len()] = weights_behind(RESOLVER, &IN_FOURS_WEIGHTS);

/// Segments after a text.
const fn behind<const N: usize>(text: &'static str, segments: &[Segment]) -> [Segment; N] {
    let (mut all, mut at) = ([digits(0); N], 0);
    while at < N {
        all[at] = if at < text.len() { one_of(text.split_at(at).1.split_at(1).0) } else { segments[at - text.len()] };
        at += 1;
    }
    all
}

/// Their weights; the text has none.
const fn weights_behind<const N: usize>(text: &str, weights: &[u8]) -> [u8; N] {
    let (mut all, mut at) = ([0; N], 0);
    while at < weights.len() {
        all[text.len() + at] = weights[at];
        at += 1;
    }
    all
}

pub(super) const ORCID: Kind = Kind {
    name: "orcid",
    summary: "researcher: 16 characters with hyphens between fours and a check digit, with or without https://orcid.org/",
    separators: "",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[
        Form::checked(&IN_FOURS, mod_11_2(&IN_FOURS_WEIGHTS)).with(researcher),
        Form::checked(&RESOLVED, mod_11_2(&RESOLVED_WEIGHTS)).with(researcher),
    ]),
};

/// The small digits of Crockford's base 32.
const CROCKFORD: Segment = Segment { alphabet: Alphabet::Of(BASE_32), min: 6, max: 6 };

/// A zero, six characters of base 32, then two check digits, 02 to 98.
const ORGANISATIONS: [[Segment; 4]; 3] = [
    [one_of("0"), CROCKFORD, one_of("12345678"), digits(1)],
    [one_of("0"), CROCKFORD, one_of("0"), one_of("23456789")],
    [one_of("0"), CROCKFORD, one_of("9"), one_of("012345678")],
];

/// As a number of base 32 with the check digits after it, the remainder modulo 97 is 1 (ISO 7064): powers of 32 times a
/// hundred.
const ORGANISATION_WEIGHTS: [u8; 9] = [0, 91, 18, 43, 65, 96, 3, 10, 1];

/// What may precede an organisation.
const REGISTRY: &str = "https://ror.org/";

const REGISTERED: [[Segment; REGISTRY.len() + 4]; 3] =
    [behind(REGISTRY, &ORGANISATIONS[0]), behind(REGISTRY, &ORGANISATIONS[1]), behind(REGISTRY, &ORGANISATIONS[2])];

const REGISTERED_WEIGHTS: [u8; REGISTRY.len() + 9] = weights_behind(REGISTRY, &ORGANISATION_WEIGHTS);

const fn mod_97(weights: &'static [u8]) -> Checksum {
    Checksum::Weighted { weights, values: &[Values::Base32], modulus: 97, remainder: 1 }
}

pub(super) const ROR: Kind = Kind {
    name: "ror",
    summary: "research organisation: 0, 6 characters and two check digits, with or without https://ror.org/",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[
        Form::checked(&ORGANISATIONS[0], mod_97(&ORGANISATION_WEIGHTS)),
        Form::checked(&ORGANISATIONS[1], mod_97(&ORGANISATION_WEIGHTS)),
        Form::checked(&ORGANISATIONS[2], mod_97(&ORGANISATION_WEIGHTS)),
        Form::checked(&REGISTERED[0], mod_97(&REGISTERED_WEIGHTS)),
        Form::checked(&REGISTERED[1], mod_97(&REGISTERED_WEIGHTS)),
        Form::checked(&REGISTERED[2], mod_97(&REGISTERED_WEIGHTS)),
    ]),
};

pub(super) const DOI: Kind = Kind {
    name: "doi",
    summary: "document: 10., a registrant, / and anything but spaces, with or without doi: or https://doi.org/",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read {
        usual: Usual::Pattern(1000, r"10\.[0-9]{4,9}/[!-~]+"),
        otherwise: Otherwise::Code,
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
                        && !name.chars().any(is_hidden)
                });
            if named { Ok(()) } else { Err(Fault::Shape) }
        },
    },
};

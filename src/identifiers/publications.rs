//! Identifiers of publications, their authors and organisations.

use super::checksum::number;
use super::form::{digits, one_of};
use super::trade::GOODS;
use super::{Alphabet, Body, Checksum, Context, Fault, Form, Kind, Segment, Values};

fn book(text: &[u8], _: Context) -> bool {
    text.starts_with(b"978") || text.starts_with(b"979")
}

pub(super) const ISBN: Kind = Kind {
    name: "isbn",
    summary: "book: 10 characters, or 13 that begin with 978 or 979, with a check digit; hyphens or spaces between",
    separators: " -",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[
        Form::checked(&[digits(13)], GOODS).with(book),
        Form::checked(
            &[digits(9), one_of("0123456789X")],
            Checksum::Weighted {
                weights: &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1],
                values: Values::Digits,
                modulus: 11,
                remainder: 0,
            },
        ),
    ]),
};

pub(super) const ISSN: Kind = Kind {
    name: "issn",
    summary: "periodical, 8 characters with a check digit; a hyphen between",
    separators: "-",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[Form::checked(
        &[digits(7), one_of("0123456789X")],
        Checksum::Weighted { weights: &[8, 7, 6, 5, 4, 3, 2, 1], values: Values::Digits, modulus: 11, remainder: 0 },
    )]),
};

/// ISO 7064 mod 11-2 over sixteen characters: powers of two modulo eleven.
const MOD_11_2: Checksum = Checksum::Weighted {
    weights: &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1],
    values: Values::Digits,
    modulus: 11,
    remainder: 1,
};

/// Fifteen digits and a check digit.
const NAME: [Segment; 2] = [digits(15), one_of("0123456789X")];

pub(super) const ISNI: Kind = Kind {
    name: "isni",
    summary: "public name of a person or an organisation (ISO 27729), 16 characters with a check digit; spaces between",
    separators: " ",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[Form::checked(&NAME, MOD_11_2)]),
};

/// The blocks that are set aside for researchers.
fn researcher(text: &[u8], _: Context) -> bool {
    let block = number(&text[..15]);
    (15_000_000..=35_000_000).contains(&block) || (900_000_000_000..=900_100_000_000).contains(&block)
}

pub(super) const ORCID: Kind = Kind {
    name: "orcid",
    summary: "researcher: 16 characters with hyphens between fours and a check digit, as such or behind https://orcid.org/",
    separators: "",
    folds: false,
    placeholders: true,
    body: Body::Read(|text, context| {
        const FORM: Form = Form::checked(&NAME, MOD_11_2).with(researcher);
        let bare = text.strip_prefix("https://orcid.org/").unwrap_or(text);
        let hyphens = bare.len() == 19 && [4, 9, 14].iter().all(|at| bare.as_bytes()[*at] == b'-');
        let compact = super::form::Compact::of(bare, "-", false).filter(|_| hyphens).ok_or(Fault::Shape)?;
        if FORM.fits(compact.as_bytes()) { FORM.judge(compact.as_bytes(), context) } else { Err(Fault::Shape) }
    }),
};

/// The small digits of Crockford's base 32.
const BASE_32: &str = "0123456789abcdefghjkmnpqrstvwxyz";

/// Six characters of Crockford's base 32 behind a 0, then what they leave modulo 97 as ISO 7064 has it.
fn organisation(text: &[u8]) -> bool {
    let value = |byte: &u8| BASE_32.bytes().position(|sign| sign == *byte).map(|at| at as u64);
    let read = text.iter().take(7).try_fold(0, |sum, byte| Some(sum * 32 + value(byte)?));
    read.is_some_and(|read| 98 - read * 100 % 97 == number(&text[7..]))
}

pub(super) const ROR: Kind = Kind {
    name: "ror",
    summary: "research organisation: 0, 6 characters and two check digits, as such or behind https://ror.org/",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read(|text, context| {
        const FORM: Form = Form::checked(
            &[one_of("0"), Segment { alphabet: Alphabet::Of(BASE_32), min: 6, max: 6 }, digits(2)],
            Checksum::Reckoned(organisation),
        );
        let bare = text.strip_prefix("https://ror.org/").unwrap_or(text).as_bytes();
        if FORM.fits(bare) { FORM.judge(bare, context) } else { Err(Fault::Shape) }
    }),
};

pub(super) const DOI: Kind = Kind {
    name: "doi",
    summary: "document: 10., a registrant, / and anything but spaces, as such or behind doi: or https://doi.org/",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read(|text, _| {
        let bare = ["https://doi.org/", "http://doi.org/", "https://dx.doi.org/", "http://dx.doi.org/", "doi:"]
            .iter()
            .find_map(|prefix| text.strip_prefix(prefix))
            .unwrap_or(text);
        let named = bare.strip_prefix("10.").and_then(|rest| rest.split_once('/')).is_some_and(|(registrant, name)| {
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
    }),
};

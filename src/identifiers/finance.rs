//! Identifiers of banks, cards, companies and securities.

use super::checksum::SIGNS;
use super::codes::countries;
use super::form::{capitals, digits, digits_between, either, one_of};
use super::{Alphabet, Body, Checksum, Context, Form, Kind, List, Segment, Values};

/// The check digit of cards and many other numbers.
pub(super) const PLAIN_LUHN: Checksum = Checksum::Luhn { added: 0 };

pub(super) const LUHN: Kind = Kind {
    name: "luhn",
    summary: "any number of 2 to 30 digits with the check digit of Luhn",
    separators: " -",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[Form::checked(&[digits_between(2, 30)], PLAIN_LUHN)]),
};

/// Whether the first digits are assigned to an industry that issues payment cards: 2 to 6, and 9704 in Viet Nam.
fn pays(text: &[u8], _: Context) -> bool {
    matches!(text, [b'2'..=b'6', ..] | [b'9', b'7', b'0', b'4', ..])
}

pub(super) const CARD: Kind = Kind {
    name: "card",
    summary: "payment card, 13 to 19 digits with the beginning of an issuer and the check digit of Luhn",
    separators: " -",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[Form::checked(&[digits_between(13, 19)], PLAIN_LUHN).with(pays)]),
};

/// Countries of banks: those of ISO 3166, and Kosovo, whose code is user-assigned.
static COUNTRIES: List = List::of(concat!(countries!(), " XK"));

pub(super) const BIC: Kind = Kind {
    name: "bic",
    summary: "business identifier (ISO 9362): 8 or 11 characters with a country; no check digit",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[
        Form::plain(&[capitals(6), either(2)]).listed(4, &COUNTRIES),
        Form::plain(&[capitals(6), either(5)]).listed(4, &COUNTRIES),
    ]),
};

pub(super) const LEI: Kind = Kind {
    name: "lei",
    summary: "legal entity (ISO 17442), 20 characters with two check digits",
    separators: "",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[Form::checked(&[either(18), digits(2)], Checksum::Mod97 { moved: 0 })]),
};

/// Prefixes of securities: countries, also former ones whose securities still exist (AN, CS); international ones (EU,
/// XS), derivatives (EZ), tokens (XT), and those of substitute numbering agencies.
static ISSUERS: List = List::of(concat!(countries!(), " AN CS EU EZ QS QT XA XB XC XD XF XK XS XT"));

pub(super) const ISIN: Kind = Kind {
    name: "isin",
    summary: "security (ISO 6166), 12 characters: country, national number, check digit",
    separators: "",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[Form::checked(&[capitals(2), either(9), digits(1)], PLAIN_LUHN).listed(0, &ISSUERS)]),
};

pub(super) const CUSIP: Kind = Kind {
    name: "cusip",
    summary: "security of North America, 9 characters with a check digit",
    separators: "",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[Form::checked(
        &[Segment { alphabet: Alphabet::Of(SIGNS), min: 8, max: 8 }, digits(1)],
        // Every second character counts twice, and digit sums are added.
        Checksum::Weighted {
            weights: &[1; 9],
            values: &[Values::DigitSum, Values::DoubledDigitSum],
            modulus: 10,
            remainder: 0,
        },
    )]),
};

/// Characters of a number of the London exchange: no vowels.
const SEDOL_SIGNS: &str = "0123456789BCDFGHJKLMNPQRSTVWXYZ";
/// Those that new numbers begin with.
const CONSONANTS: &str = "BCDFGHJKLMNPQRSTVWXYZ";

const SEDOL_CHECK: Checksum =
    Checksum::Weighted { weights: &[1, 3, 1, 7, 3, 9, 1], values: &[Values::Letters], modulus: 10, remainder: 0 };

pub(super) const SEDOL: Kind = Kind {
    name: "sedol",
    summary: "security of the United Kingdom, 7 digits or a consonant and 6 characters without vowels, with a check digit",
    separators: "",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[
        Form::checked(&[digits(7)], SEDOL_CHECK),
        Form::checked(
            &[one_of(CONSONANTS), Segment { alphabet: Alphabet::Of(SEDOL_SIGNS), min: 5, max: 5 }, digits(1)],
            SEDOL_CHECK,
        ),
    ]),
};

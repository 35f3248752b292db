//! Identifiers of the United States.

use super::form::{digits, maybe, one_of};
use super::{Body, Checksum, Context, Form, Kind, List};

/// No area 000, 666 or from 900, no group 00, no serial 0000, and none of the numbers used in advertisements.
fn issued(text: &[u8], _: Context) -> bool {
    let hyphens = text.len() > 9;
    let (group, serial) = if hyphens { (4, 7) } else { (3, 5) };
    let parts = (text.get(..3), text.get(group..group + 2), text.get(serial..));
    let (Some(area), Some(group), Some(serial)) = parts else { return false };
    let advertised =
        matches!((area, group, serial), (b"078", b"05", b"1120") | (b"219", b"09", b"9999") | (b"457", b"55", b"5462"));
    area[0] < b'9' && area != b"000" && area != b"666" && group != b"00" && serial != b"0000" && !advertised
}

pub(super) const SSN: Kind = Kind {
    name: "us.ssn",
    summary: "social security number of the United States, 9 digits, with or without hyphens; no check digit",
    separators: "",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[
        Form::plain(&[digits(9)]).with(issued),
        Form::plain(&[digits(3), one_of("-"), digits(2), one_of("-"), digits(4)]).with(issued),
    ]),
};

/// Prefixes that are in use.
static EMPLOYERS: List = List::of(
    "01 02 03 04 05 06 10 11 12 13 14 15 16 20 21 22 23 24 25 26 27 30 31 32 33 34 35 36 37 38 39 40 41 42 \
                         43 44 45 46 47 48 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 68 71 72 73 74 75 76 77 \
                         80 81 82 83 84 85 86 87 88 90 91 92 93 94 95 98 99",
);

pub(super) const EIN: Kind = Kind {
    name: "us.ein",
    summary: "employer of the United States, 9 digits with a prefix in use, with or without a hyphen after it; no check digit",
    separators: "",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[Form::plain(&[digits(2), maybe("-"), digits(7)]).listed(0, &EMPLOYERS)]),
};

pub(super) const NPI: Kind = Kind {
    name: "us.npi",
    summary: "health care provider of the United States, 10 digits that begin with 1 or 2, with a check digit",
    separators: "",
    folds: false,
    placeholders: true,
    // The check digit is that of the number after 80840.
    body: Body::Forms(&[Form::checked(&[one_of("12"), digits(9)], Checksum::Luhn { added: 24 })]),
};

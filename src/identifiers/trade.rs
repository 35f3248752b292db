//! Identifiers of goods, devices, vehicles and ships.

use super::finance::PLAIN_LUHN;
use super::form::{digits, one_of};
use super::{Alphabet, Body, Checksum, Form, Kind, Segment, Values};

/// Weights 1 and 3 in turn from the right.
pub(super) const GOODS: Checksum = Checksum::FromRight { weights: &[1, 3], modulus: 10 };

pub(super) const GTIN: Kind = Kind {
    name: "gtin",
    summary: "goods (GS1): 8, 12, 13 or 14 digits with a check digit, as under bar codes",
    separators: " -",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[
        Form::checked(&[digits(13)], GOODS),
        Form::checked(&[digits(8)], GOODS),
        Form::checked(&[digits(12)], GOODS),
        Form::checked(&[digits(14)], GOODS),
    ]),
};

pub(super) const IMEI: Kind = Kind {
    name: "imei",
    summary: "mobile device: 15 digits with the check digit of Luhn, or 16 with a software version and no check digit",
    separators: " -",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[Form::checked(&[digits(15)], PLAIN_LUHN), Form::plain(&[digits(16)])]),
};

/// The letters and digits of vehicle numbers: no I, O and Q.
const VEHICLE: &str = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ";

pub(super) const VIN: Kind = Kind {
    name: "vin",
    summary: "vehicle (ISO 3779), 17 characters with the check digit that North America requires",
    separators: "",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[Form::checked(
        &[
            Segment { alphabet: Alphabet::Of(VEHICLE), min: 8, max: 8 },
            one_of("0123456789X"),
            Segment { alphabet: Alphabet::Of(VEHICLE), min: 8, max: 8 },
        ],
        VEHICLES,
    )]),
};

/// The weights of the characters: the ninth is the check digit.
const WORTH: [Values; 17] = {
    let mut worth = [Values::Vehicle; 17];
    worth[8] = Values::Digits;
    worth
};

/// The ninth character is the remainder of the others modulo eleven, X for ten; with the weight ten, the total
/// remainder is 0.
const VEHICLES: Checksum = Checksum::Weighted {
    weights: &[8, 7, 6, 5, 4, 3, 2, 10, 10, 9, 8, 7, 6, 5, 4, 3, 2],
    values: &WORTH,
    modulus: 11,
    remainder: 0,
};

/// Six digits and their check digit, after this many characters.
const fn ship(weights: &'static [u8]) -> Checksum {
    Checksum::Weighted { weights, values: &[Values::Digits], modulus: 10, remainder: 0 }
}

pub(super) const IMO: Kind = Kind {
    name: "imo",
    summary: "ship (International Maritime Organization): 7 digits with a check digit, with or without IMO before",
    separators: "",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[
        Form::checked(&[digits(7)], ship(&[7, 6, 5, 4, 3, 2, 9])),
        Form::checked(
            &[one_of("I"), one_of("M"), one_of("O"), one_of(" "), digits(7)],
            ship(&[0, 0, 0, 0, 7, 6, 5, 4, 3, 2, 9]),
        ),
        Form::checked(&[one_of("I"), one_of("M"), one_of("O"), digits(7)], ship(&[0, 0, 0, 7, 6, 5, 4, 3, 2, 9])),
    ]),
};

//! Identifiers of Viet Nam.

use super::checksum::number;
use super::form::{capitals, digits, maybe, one_of};
use super::{Alphabet, Body, Checksum, Context, Fault, Form, Kind, Segment, Values};
use crate::scalar::days_from_civil;

/// Places where a birth was registered, in the first three digits of a personal number: provinces as they were before they
/// were merged, which the number keeps for good.
const BIRTH_PLACES: [u8; 63] = [
    1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37, 38, 40, 42, 44, 45,
    46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77, 79, 80, 82, 83, 84, 86, 87, 89, 91, 92,
    93, 94, 95, 96,
];

/// Provinces since 1 July 2025.
const PROVINCES: [u8; 34] = [
    1, 4, 8, 11, 12, 14, 15, 19, 20, 22, 24, 25, 31, 33, 37, 38, 40, 42, 44, 46, 48, 51, 52, 56, 66, 68, 75, 79, 80,
    82, 86, 91, 92, 96,
];

/// Nobody is older, in years.
const OLDEST: i32 = 120;

/// Where numbers of provinces stand in a list.
fn listed(list: &[u8], code: u64) -> bool {
    u8::try_from(code).is_ok_and(|code| list.binary_search(&code).is_ok())
}

/// What a personal number of twelve digits says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonalId {
    /// The code of the province, or of the country, where the birth was registered.
    pub place: u16,
    /// Whether its holder is a woman.
    pub female: bool,
    /// The year of birth.
    pub year: i32,
}

impl PersonalId {
    /// Reads a number that has the shape of one.
    pub fn read(text: &str) -> Option<Self> {
        let bytes: &[u8; 12] = text.as_bytes().try_into().ok()?;
        if !bytes.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let at = |from: usize, to: usize| u16::try_from(number(&bytes[from..to])).ok();
        let century = at(3, 4)?;
        Some(Self {
            place: at(0, 3)?,
            female: century % 2 == 1,
            year: 1900 + 100 * i32::from(century / 2) + i32::from(at(4, 6)?),
        })
    }
}

fn personal(text: &[u8], context: Context) -> bool {
    let read = std::str::from_utf8(text).ok().and_then(PersonalId::read);
    read.is_some_and(|read| {
        let place = context.foreign_births || listed(&BIRTH_PLACES, u64::from(read.place));
        place && (context.year - OLDEST..=context.year).contains(&read.year)
    })
}

pub(super) const PERSONAL_ID: Kind = Kind {
    name: "vn.personal_id",
    summary: "personal number of Viet Nam, 12 digits: place of registration, sex, year of birth; no check digit",
    separators: "",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[Form::plain(&[digits(12)]).with(personal)]),
};

pub(super) const OLD_ID: Kind = Kind {
    name: "vn.old_id",
    summary: "identity card number of Viet Nam until 2024, 9 digits; shape only",
    separators: "",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[Form::plain(&[digits(9)])]),
};

/// The tenth digit is ten less what the others leave modulo eleven; where that is ten, there is no such number.
const TAX: Checksum = Checksum::Weighted {
    weights: &[31, 29, 23, 19, 17, 13, 7, 5, 3, 1],
    values: Values::Digits,
    modulus: 11,
    remainder: 10,
};

fn real_branch(text: &[u8], _: Context) -> bool {
    !text.ends_with(b"000")
}

pub(super) const TAX_CODE: Kind = Kind {
    name: "vn.tax_code",
    summary: "tax code of Viet Nam: 10 digits, with 3 more (and a hyphen or none) for a branch, or a personal number",
    separators: "",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[
        Form::checked(&[digits(10)], TAX),
        Form::plain(&[digits(12)]).with(personal),
        Form::checked(&[digits(10), maybe("-"), digits(3)], TAX).with(real_branch),
    ]),
};

pub(super) const ENTERPRISE_CODE: Kind = Kind {
    name: "vn.enterprise_code",
    summary: "enterprise code of Viet Nam: the tax code of 10 digits",
    separators: "",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[Form::checked(&[digits(10)], TAX)]),
};

/// Whether a text is the code of an organisation.
fn is_organisation(text: &str) -> bool {
    let digits = |part: &str, sizes: &[usize]| sizes.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let unit = |part: &str| part.starts_with(|c: char| c.is_ascii_uppercase()) && digits(&part[1..], &[2]);
    let parts: Vec<&str> = text.splitn(20, '.').collect();
    if text.len() > 35 || !text.is_ascii() {
        return false;
    }
    match parts.as_slice() {
        [first, rest @ ..] if unit(first) => rest.iter().all(|part| digits(part, &[2, 3])),
        // As it was before 2020: the ministry or province comes last.
        [a, b, c, last] => digits(a, &[3]) && digits(b, &[2]) && digits(c, &[2]) && unit(last),
        _ => false,
    }
}

pub(super) const ORG_CODE: Kind = Kind {
    name: "vn.org_code",
    summary: "code of an agency of Viet Nam, such as H01.151 or, in the older form, 000.00.00.H41",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read(|text, _| if is_organisation(text) { Ok(()) } else { Err(Fault::Shape) }),
};

/// Whether there is such a day.
fn is_day(year: u64, month: u64, day: u64) -> bool {
    let part = |number: u64| u32::try_from(number).ok();
    let year = i32::try_from(year).ok();
    matches!((year, part(month), part(day)), (Some(y), Some(m), Some(d)) if days_from_civil(y, m, d).is_some())
}

fn is_digits(text: &str, sizes: std::ops::RangeInclusive<usize>) -> bool {
    sizes.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn dossier(text: &str, _: Context) -> Result<(), Fault> {
    let mut parts = text.splitn(3, '-');
    let (Some(agency), Some(date), Some(place)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Fault::Shape);
    };
    if !is_organisation(agency) || !is_digits(date, 6..=6) || !is_digits(place, 4..=8) {
        return Err(Fault::Shape);
    }
    let day = |from: usize| number(&date.as_bytes()[from..from + 2]);
    if is_day(2000 + day(0), day(2), day(4)) && number(place.as_bytes()) > 0 { Ok(()) } else { Err(Fault::InnerFact) }
}

pub(super) const DOSSIER_ID: Kind = Kind {
    name: "vn.dossier_id",
    summary: "dossier of an administrative procedure of Viet Nam: agency, day (YYMMDD), number, with hyphens between",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read(dossier),
};

fn document(text: &str, _: Context) -> Result<(), Fault> {
    let parts: Vec<&str> = text.rsplitn(7, '.').collect();
    let [kind, sign, place, day, month, year, agency] = parts.as_slice() else { return Err(Fault::Shape) };
    let sign_fits = !sign.is_empty() && sign.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '&'));
    let shaped = is_organisation(agency)
        && is_digits(year, 4..=4)
        && is_digits(month, 2..=2)
        && is_digits(day, 2..=2)
        && is_digits(place, 1..=8)
        && sign_fits
        && is_digits(kind, 2..=2);
    if !shaped {
        return Err(Fault::Shape);
    }
    let [kind, day, month, year] = [kind, day, month, year].map(|part| number(part.as_bytes()));
    if (1..=32).contains(&kind) && is_day(year, month, day) { Ok(()) } else { Err(Fault::InnerFact) }
}

pub(super) const DOCUMENT_CODE: Kind = Kind {
    name: "vn.document_code",
    summary: "code of an electronic document of Viet Nam: agency, year, month, day, number, sign and type 01 to 32",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read(document),
};

pub(super) const TAX_STATUS: Kind = Kind {
    name: "vn.tax_status",
    summary: "status of a taxpayer of Viet Nam, 2 digits: 00 to 07, 09 or 10",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[Form::plain(&[digits(2)]).with(|text, _| matches!(number(text), 0..=7 | 9 | 10))]),
};

/// Groups of people insured, as far as they are known; a benefit goes with them that changes with the law.
const INSURED: &str = "AK BA BT BU CA CB CC CH CK CN CS CT CY DK DN DS DT GB GD HC HD HG HK HS HT HX KC KH LS MS ND NN NO NU \
                       PV QN SV TA TB TC TD TE TG TH TK TL TN TQ TS TU TV TY XB XD XK XN";

fn insured(text: &[u8], _: Context) -> bool {
    INSURED.as_bytes().chunks(3).any(|group| group[..2] == text[..2])
}

pub(super) const HEALTH_CARD: Kind = Kind {
    name: "vn.health_card",
    summary: "health insurance card of Viet Nam: group, benefit 1 to 5, province and 10 digits, or the 10 digits alone",
    separators: "",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[
        Form::plain(&[capitals(2), one_of("12345"), digits(12)]).with(insured),
        Form::plain(&[digits(10)]),
    ]),
};

pub(super) const SOCIAL_INSURANCE: Kind = Kind {
    name: "vn.social_insurance",
    summary: "social insurance number of Viet Nam, 10 digits; shape only",
    separators: "",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[Form::plain(&[digits(10)])]),
};

/// The national number: without the 0 or +84 before it.
fn national(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"+84").or_else(|| text.strip_prefix(b"0")).unwrap_or(text)
}

fn mobile(text: &[u8], _: Context) -> bool {
    matches!(
        national(text),
        [b'3', b'2'..=b'9', ..]
            | [b'5', b'2' | b'5' | b'6' | b'8' | b'9', ..]
            | [b'7', b'0' | b'6'..=b'9', ..]
            | [b'8', b'1'..=b'9', ..]
            | [b'9', ..]
    ) && !matches!(national(text), b"900000000" | b"999999999")
}

/// `+`
const PLUS: Segment = one_of("+");
/// `8`
const EIGHT: Segment = one_of("8");
/// `4`
const FOUR: Segment = one_of("4");
/// `0`
const ZERO: Segment = one_of("0");

pub(super) const MOBILE: Kind = Kind {
    name: "vn.mobile",
    summary: "mobile telephone number of Viet Nam, 0 or +84 and 9 digits with a prefix in use",
    separators: " .-",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[
        Form::plain(&[ZERO, digits(9)]).with(mobile),
        Form::plain(&[PLUS, EIGHT, FOUR, digits(9)]).with(mobile),
    ]),
};

pub(super) const LANDLINE: Kind = Kind {
    name: "vn.landline",
    summary: "fixed telephone number of Viet Nam: 02, or +842, and 9 digits",
    separators: " .-",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[
        Form::plain(&[ZERO, one_of("2"), digits(9)]),
        Form::plain(&[PLUS, EIGHT, FOUR, one_of("2"), digits(9)]),
    ]),
};

/// Letters of a series: not I, J, O, Q, W nor R before a number of cars.
fn is_series(letter: char) -> bool {
    matches!(letter, 'A'..='H' | 'K'..='N' | 'P' | 'S'..='V' | 'X'..='Z')
}

/// Series of special vehicles.
const SPECIAL: [[char; 2]; 7] = [['L', 'D'], ['D', 'A'], ['K', 'T'], ['H', 'C'], ['T', 'Đ'], ['M', 'K'], ['C', 'D']];

fn plate(text: &str, _: Context) -> Result<(), Fault> {
    let signs: Vec<char> = text.chars().take(16).filter(|c| !matches!(c, '-' | '.' | ' ')).collect();
    let digits =
        |signs: &[char], sizes: &[usize]| sizes.contains(&signs.len()) && signs.iter().all(char::is_ascii_digit);
    let doubled = ["--", "..", "  ", "-.", ".-"].iter().any(|pair| text.contains(pair));
    let edge = |c: char| matches!(c, '-' | '.' | ' ');
    if doubled || text.starts_with(edge) || text.ends_with(edge) || text.chars().count() > 15 {
        return Err(Fault::Shape);
    }
    let Some((place, rest)) = signs.split_at_checked(2).filter(|(place, _)| digits(place, &[2])) else {
        return Err(Fault::Shape);
    };
    // Diplomats: the country, what they are, a number.
    let foreign = matches!(rest.split_at_checked(3), Some((country, ['N', 'G' | 'N', number @ ..]))
        if digits(country, &[3]) && digits(number, &[2]));
    let national = match rest {
        ['M', 'Đ' | 'D', kind, number @ ..] if kind.is_ascii_digit() => digits(number, &[5]),
        [a, b, number @ ..] if SPECIAL.contains(&[*a, *b]) => digits(number, &[4, 5]),
        [series, kind, number @ ..] if is_series(*series) && digits(number, &[4, 5]) => {
            kind.is_ascii_digit() || is_series(*kind)
        }
        [series, number @ ..] if is_series(*series) => digits(number, &[4, 5]),
        _ => false,
    };
    if !national && !foreign {
        return Err(Fault::Shape);
    }
    let place = number(&[place[0] as u8, place[1] as u8]);
    let given = (11..=99).contains(&place) && ![42, 44, 45, 46, 87, 91, 96].contains(&place);
    if given || foreign { Ok(()) } else { Err(Fault::InnerFact) }
}

pub(super) const PLATE: Kind = Kind {
    name: "vn.plate",
    summary: "number plate of Viet Nam, of a car, a motorcycle or a foreign mission; hyphens and points may be left out",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read(plate),
};

pub(super) const PASSPORT: Kind = Kind {
    name: "vn.passport",
    summary: "passport of Viet Nam, a letter and 7 or 8 digits; shape only",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[Form::plain(&[capitals(1), Segment { alphabet: Alphabet::Digits, min: 7, max: 8 }])]),
};

pub(super) const PROVINCE_CODE: Kind = Kind {
    name: "vn.province_code",
    summary: "province of Viet Nam since 1 July 2025, 2 digits, one of 34",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[Form::plain(&[digits(2)]).with(|text, _| listed(&PROVINCES, number(text)))]),
};

pub(super) const OLD_PROVINCE_CODE: Kind = Kind {
    name: "vn.old_province_code",
    summary: "province of Viet Nam before 1 July 2025, 2 digits, one of 63",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[Form::plain(&[digits(2)]).with(|text, _| listed(&BIRTH_PLACES, number(text)))]),
};

/// Districts until 30 June 2025, one bit a number: the level was given up.
const DISTRICTS: [u64; 16] = [
    0xF43B_AD0F_FD3F_03FE,
    0xFFD1_FEFF_C3FD_1FC7,
    0x3FF4_3FB0_FF50_3FB1,
    0x3FD9_FFD9_DFA0_EFDE,
    0x7FBF_9FFD_07FF_B1FD,
    0x73F4_7F93_E9FD_3FE8,
    0xFFB1_FFFF_D0DF_FFFF,
    0xFFC6_FC07_FCFF_67F6,
    0xFF1F_E8FF_D1FF_B47F,
    0xEFFF_C7FD_07FE_3F41,
    0x87FF_05FF_0FF3_FFF8,
    0xF30E_D87F_D87F_C1FE,
    0xA3FF_81FF_FC0F_87FF,
    0x7FD8_3FFC_FE8F_F47F,
    0xF4FF_E3FC_F8F7_FFD8,
    0x0000_0000_0000_3FD3,
];

pub(super) const OLD_DISTRICT_CODE: Kind = Kind {
    name: "vn.old_district_code",
    summary: "district of Viet Nam before 1 July 2025, when the level was given up, 3 digits, one of 696",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[Form::plain(&[digits(3)]).with(|text, _| {
        let code = number(text);
        DISTRICTS.get(usize::try_from(code / 64).unwrap_or(usize::MAX)).is_some_and(|word| word >> (code % 64) & 1 == 1)
    })]),
};

pub(super) const WARD_CODE: Kind = Kind {
    name: "vn.ward_code",
    summary: "ward or commune of Viet Nam, 5 digits; shape only: which are in force when is said by a code list",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[Form::plain(&[digits(5)]).with(|text, _| number(text) > 0)]),
};

pub(super) const POSTAL_CODE: Kind = Kind {
    name: "vn.postal_code",
    summary: "postal code of Viet Nam, 5 digits since 2018; shape only",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[Form::plain(&[digits(5)])]),
};

//! Identifiers of Viet Nam.

use super::checksum::number;
use super::form::{capitals, digits, digits_between, maybe, one_of};
use super::{Body, Checksum, Context, Fault, Form, Kind, Otherwise, Segment, Usual, Values, is_day};

/// Places where a birth was registered, in the first three digits of a personal number: provinces as they were before they
/// were merged, which the number keeps for good.
const BIRTH_PLACES: u128 = bits(&[
    1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37, 38, 40, 42, 44, 45,
    46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77, 79, 80, 82, 83, 84, 86, 87, 89, 91, 92,
    93, 94, 95, 96,
]);

/// Provinces since 1 July 2025.
const PROVINCES: u128 = bits(&[
    1, 4, 8, 11, 12, 14, 15, 19, 20, 22, 24, 25, 31, 33, 37, 38, 40, 42, 44, 46, 48, 51, 52, 56, 66, 68, 75, 79, 80,
    82, 86, 91, 92, 96,
]);

/// Nobody is older, in years.
const OLDEST: i32 = 120;

/// Numbers below a hundred as bits.
const fn bits(list: &[u8]) -> u128 {
    let (mut bits, mut at) = (0, 0);
    while at < list.len() {
        bits |= 1 << list[at];
        at += 1;
    }
    bits
}

/// Whether a number is among those of a list.
fn listed(list: u128, code: u64) -> bool {
    code < 128 && list >> code & 1 == 1
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
    let Some([a, b, c, century, decade, year, ..]) = text.first_chunk::<12>() else { return false };
    let digit = |byte: &u8| i32::from(byte.wrapping_sub(b'0'));
    let place = digit(a) * 100 + digit(b) * 10 + digit(c);
    let year = 1900 + digit(century) / 2 * 100 + digit(decade) * 10 + digit(year);
    (context.foreign_births | listed(BIRTH_PLACES, place.unsigned_abs().into()))
        & (year >= context.year - OLDEST)
        & (year <= context.year)
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
    values: &[Values::Digits],
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

/// Whether all bytes are digits, at least one.
fn all_digits(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().fold(true, |all, byte| all & byte.is_ascii_digit())
}

/// The longest code of an organisation, in characters.
const LONGEST_ORGANISATION: usize = 35;

/// Codes of organisations, the older ones behind the bar.
macro_rules! organisations {
    () => {
        r"([A-Z][0-9]{2}(\.[0-9]{2,3})*|[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2})"
    };
}

/// Months and days with something between that every year has.
macro_rules! days {
    ($between:literal) => {
        concat!(
            "((0[13578]|1[02])",
            $between,
            "(0[1-9]|[12][0-9]|3[01])|(0[469]|11)",
            $between,
            "(0[1-9]|[12][0-9]|30)|02",
            $between,
            "(0[1-9]|1[0-9]|2[0-8]))"
        )
    };
}

/// Whether a text is the code of an organisation.
fn is_organisation(text: &[u8]) -> bool {
    match text {
        [letter, a, b, rest @ ..] if letter.is_ascii_uppercase() => {
            // Levels of two or three digits, each behind a point.
            let (mut rest, mut sound) =
                (rest, a.is_ascii_digit() & b.is_ascii_digit() & (text.len() <= LONGEST_ORGANISATION));
            while let [point, a, b, more @ ..] = rest {
                sound &= (*point == b'.') & a.is_ascii_digit() & b.is_ascii_digit();
                rest = match more {
                    [c, more @ ..] if c.is_ascii_digit() => more,
                    more => more,
                };
            }
            sound && rest.is_empty()
        }
        // As it was before 2020: the ministry or province comes last.
        [place @ .., b'.', letter, tens, ones] if place.len() == 9 => {
            let level = letter.is_ascii_uppercase() && tens.is_ascii_digit() && ones.is_ascii_digit();
            let points = place[3] == b'.' && place[6] == b'.';
            level && points && [&place[..3], &place[4..6], &place[7..]].into_iter().all(all_digits)
        }
        _ => false,
    }
}

pub(super) const ORG_CODE: Kind = Kind {
    name: "vn.org_code",
    summary: "code of an agency of Viet Nam, such as H01.151 or, in the older form, 000.00.00.H41",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read {
        usual: Usual::Pattern(LONGEST_ORGANISATION, organisations!()),
        otherwise: Otherwise::Shape,
        read: |text, _| if is_organisation(text.as_bytes()) { Ok(()) } else { Err(Fault::Shape) },
    },
};

fn dossier(text: &str, _: Context) -> Result<(), Fault> {
    let text = text.as_bytes();
    // No agency has a hyphen.
    let hyphen = text.iter().position(|byte| *byte == b'-').ok_or(Fault::Shape)?;
    let (agency, rest) = text.split_at(hyphen);
    let [b'-', date @ ..] = rest else { return Err(Fault::Shape) };
    let Some((date @ [y, z, m, n, d, e], [b'-', place @ ..])) = date.split_first_chunk::<6>() else {
        return Err(Fault::Shape);
    };
    if !is_organisation(agency) || !all_digits(date) || !all_digits(place) || !(4..=8).contains(&place.len()) {
        return Err(Fault::Shape);
    }
    let day = is_day(2000 + number(&[*y, *z]), number(&[*m, *n]), number(&[*d, *e]));
    if day && number(place) > 0 { Ok(()) } else { Err(Fault::InnerFact) }
}

pub(super) const DOSSIER_ID: Kind = Kind {
    name: "vn.dossier_id",
    summary: "dossier of an administrative procedure of Viet Nam: agency, day (YYMMDD), number, with hyphens between",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read {
        // With the shortest number the agency may be as long as any; a day, then a number that is not 0.
        usual: Usual::Pattern(
            LONGEST_ORGANISATION + 12,
            concat!(
                organisations!(),
                "-([0-9]{2}",
                days!(""),
                "|([02468][048]|[13579][26])0229)",
                r"-([1-9][0-9]{3,7}|0[1-9][0-9]{2,6}|00[1-9][0-9]{1,5}|000[1-9][0-9]{0,4}|0{4}[1-9][0-9]{0,3}|0{5}[1-9][0-9]{0,2}",
                r"|0{6}[1-9][0-9]?|0{7}[1-9])"
            ),
        ),
        otherwise: Otherwise::Code,
        read: dossier,
    },
};

fn document(text: &str, _: Context) -> Result<(), Fault> {
    let point = |text: &[u8]| text.iter().rposition(|byte| *byte == b'.');
    // From the end, since how many levels an agency has varies.
    let parts = || {
        let (rest, [b'.', kind @ ..]) = text.as_bytes().split_last_chunk::<3>()? else { return None };
        let (rest, sign) = rest.split_at(point(rest)?);
        let (rest, place) = rest.split_at(point(rest)?);
        let (agency, [b'.', year @ .., b'.', m, n, b'.', d, e]) = rest.split_last_chunk::<11>()? else { return None };
        let (sign, place) = (sign.get(1..)?, place.get(1..)?);
        let digits = all_digits(kind) && all_digits(place) && all_digits(year) && all_digits(&[*m, *n, *d, *e]);
        let shaped = digits && place.len() <= 8 && !sign.is_empty() && is_sign(sign) && is_organisation(agency);
        shaped.then(|| (number(kind), number(year), number(&[*m, *n]), number(&[*d, *e])))
    };
    let (kind, year, month, day) = parts().ok_or(Fault::Shape)?;
    if (1..=32).contains(&kind) && is_day(year, month, day) { Ok(()) } else { Err(Fault::InnerFact) }
}

/// Whether a text is a sign of an office: letters of any script, digits, hyphens, `&`.
fn is_sign(text: &[u8]) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() | matches!(byte, b'-' | b'&');
    text.iter().fold(true, |all, byte| all & plain(*byte))
        || std::str::from_utf8(text)
            .is_ok_and(|text| text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '&')))
}

pub(super) const DOCUMENT_CODE: Kind = Kind {
    name: "vn.document_code",
    summary: "code of an electronic document of Viet Nam: agency, year, month, day, number, sign and type 01 to 32",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read {
        // With the shortest number and sign the agency may be as long as any. Leap days of whole centuries are left out.
        usual: Usual::Pattern(
            LONGEST_ORGANISATION + 18,
            concat!(
                organisations!(),
                r"\.[0-9]{2}([0-9]{2}\.",
                days!(r"\."),
                r"|(0[48]|[2468][048]|[13579][26])\.02\.29)",
                r"\.[0-9]{1,8}\.[0-9A-Za-zĐđ&-]+\.(0[1-9]|[12][0-9]|3[0-2])"
            ),
        ),
        otherwise: Otherwise::Code,
        read: document,
    },
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

/// For each first letter the second ones, as bits.
const INSURED_BITS: [u32; 26] = {
    let (mut bits, mut at) = ([0; 26], 0);
    let groups = INSURED.as_bytes();
    while at < groups.len() {
        bits[(groups[at] - b'A') as usize] |= 1 << (groups[at + 1] - b'A');
        at += 3;
    }
    bits
};

fn insured(text: &[u8], _: Context) -> bool {
    let [a, b, ..] = text else { return false };
    let at = |letter: u8| u32::from(letter.wrapping_sub(b'A'));
    INSURED_BITS.get(at(*a) as usize).is_some_and(|second| second.checked_shr(at(*b)).is_some_and(|bits| bits & 1 == 1))
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

/// The second digits behind each first one of a mobile number, as bits.
const PREFIXES: [u16; 10] = {
    let mut prefixes = [0; 10];
    prefixes[3] = 0b11_1111_1100;
    prefixes[5] = 0b11_0110_0100;
    prefixes[7] = 0b11_1100_0001;
    prefixes[8] = 0b11_1111_1110;
    prefixes[9] = 0b11_1111_1111;
    prefixes
};

fn mobile(text: &[u8], _: Context) -> bool {
    let Some([first, second, ..]) = text.last_chunk::<9>() else { return false };
    let at = |byte: &u8| usize::from(byte.wrapping_sub(b'0'));
    let given = PREFIXES.get(at(first)).is_some_and(|seconds| seconds >> (at(second) & 15) & 1 == 1);
    // 900000000 and 999999999.
    given && !(*first == b'9' && matches!(text.last_chunk::<8>(), Some(b"00000000" | b"99999999")))
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
const fn is_series(letter: u8) -> bool {
    matches!(letter, b'A'..=b'H' | b'K'..=b'N' | b'P' | b'S'..=b'V' | b'X'..=b'Z')
}

/// What stands for Đ among bytes: nothing else that a plate holds.
const D_WITH_STROKE: u8 = 1;

/// Series of special vehicles.
const SPECIAL: [[u8; 2]; 7] = [*b"LD", *b"DA", *b"KT", *b"HC", [b'T', D_WITH_STROKE], *b"MK", *b"CD"];

/// A plate without its signs.
struct Plate {
    signs: [u8; 16],
    length: usize,
    /// Where digits stand, the first in the lowest bit.
    digits: u32,
}

impl Plate {
    /// `None` where it is too long, holds what no plate does, or a sign stands at an end, twice, or as point and hyphen.
    fn of(text: &str) -> Option<Self> {
        let mut plate = Self { signs: [0; 16], length: 0, digits: 0 };
        let (mut before, mut count) = (b'-', 0);
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            let byte = match byte {
                b'-' | b'.' | b' ' | b'0'..=b'9' | b'A'..=b'Z' => byte,
                0xC4 if bytes.next() == Some(0x90) => D_WITH_STROKE,
                _ => return None,
            };
            if byte < b'0' && byte != D_WITH_STROKE {
                let doubled = before == byte || matches!([before, byte], [b'-', b'.'] | [b'.', b'-']);
                if count == 0 || doubled {
                    return None;
                }
            } else {
                *plate.signs.get_mut(plate.length)? = byte;
                plate.digits |= u32::from(byte.is_ascii_digit()) << plate.length;
                plate.length += 1;
            }
            before = byte;
            count += 1;
        }
        (count <= 15 && !matches!(before, b'-' | b'.' | b' ')).then_some(plate)
    }

    /// Whether it ends in so many digits behind its first characters.
    const fn ends(&self, digits: usize, behind: usize) -> bool {
        self.length == behind + digits && self.digits >> behind == (1 << digits) - 1
    }
}

fn plate(text: &str, _: Context) -> Result<(), Fault> {
    let plate = Plate::of(text).ok_or(Fault::Shape)?;
    let [tens, ones, series, kind, next, office, rank, ..] = plate.signs;
    // A number of four digits or five.
    let numbered = |behind: usize| plate.ends(5, behind) || plate.ends(4, behind);
    // Diplomats: the country, what they are, a number.
    let foreign =
        plate.digits & 0b1_1100 == 0b1_1100 && office == b'N' && matches!(rank, b'G' | b'N') && plate.ends(2, 7);
    let electric = series == b'M' && matches!(kind, D_WITH_STROKE | b'D') && next.is_ascii_digit();
    let special = SPECIAL.contains(&[series, kind]) && numbered(4);
    let usual = is_series(series) && (numbered(3) || ((kind.is_ascii_digit() || is_series(kind)) && numbered(4)));
    let national = if electric { plate.ends(5, 5) } else { usual || special };
    if plate.digits & 3 != 3 || !(national || foreign) {
        return Err(Fault::Shape);
    }
    if foreign || is_given(&[tens, ones]) { Ok(()) } else { Err(Fault::InnerFact) }
}

/// Whether a plate begins with the number of a province, or of an office of the police.
fn is_given(plate: &[u8]) -> bool {
    let place = plate.get(..2).map_or(0, number);
    (11..=99).contains(&place) && ![42, 44, 45, 46, 87, 91, 96].contains(&place)
}

/// A letter of a series, as [`is_series`] has it.
const SERIES: Segment = one_of("ABCDEFGHKLMNPSTUVXYZ");
/// What may stand behind it; no D, since MD is another matter.
const KIND: Segment = one_of("0123456789ABCEFGHKLMNPSTUVXYZ");
const HYPHEN: Segment = one_of("-");
const POINT: Segment = one_of(".");

/// A plate of a province.
const fn provincial(segments: &'static [Segment]) -> Form {
    Form::plain(segments).with(|text, _| is_given(text))
}

pub(super) const PLATE: Kind = Kind {
    name: "vn.plate",
    summary: "number plate of Viet Nam, of a car, a motorcycle or a foreign mission; hyphens and points may be left out",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read {
        usual: Usual::Forms(&[
            provincial(&[digits(2), SERIES, HYPHEN, digits(3), POINT, digits(2)]),
            provincial(&[digits(2), SERIES, HYPHEN, digits_between(4, 5)]),
            provincial(&[digits(2), SERIES, digits_between(4, 5)]),
            provincial(&[digits(2), SERIES, KIND, HYPHEN, digits(3), POINT, digits(2)]),
            provincial(&[digits(2), SERIES, KIND, HYPHEN, digits_between(4, 5)]),
            provincial(&[digits(2), SERIES, KIND, digits_between(4, 5)]),
        ]),
        otherwise: Otherwise::Code,
        read: plate,
    },
};

pub(super) const PASSPORT: Kind = Kind {
    name: "vn.passport",
    summary: "passport of Viet Nam, a letter and 7 or 8 digits; shape only",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[Form::plain(&[capitals(1), digits_between(7, 8)])]),
};

pub(super) const PROVINCE_CODE: Kind = Kind {
    name: "vn.province_code",
    summary: "province of Viet Nam since 1 July 2025, 2 digits, one of 34",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[Form::plain(&[digits(2)]).with(|text, _| listed(PROVINCES, number(text)))]),
};

pub(super) const OLD_PROVINCE_CODE: Kind = Kind {
    name: "vn.old_province_code",
    summary: "province of Viet Nam before 1 July 2025, 2 digits, one of 63",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[Form::plain(&[digits(2)]).with(|text, _| listed(BIRTH_PLACES, number(text)))]),
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

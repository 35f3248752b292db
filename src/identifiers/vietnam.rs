//! Identifiers of Viet Nam.

use super::checksum::{all_digits, number};
use super::day::is_day;
use super::form::{capitals, digits, digits_between, maybe, one_of};
use super::{Body, Checksum, Context, Fault, Form, Kind, List, Otherwise, Segment, Usual, Values};

/// Places of birth registration, in the first three digits of a personal number: provinces before the merger, since a
/// number never changes.
const BIRTH_PLACES: u128 = bits(OLD_PROVINCES.codes());

/// Provinces until 30 June 2025.
static OLD_PROVINCES: List = List::of(
    "01 02 04 06 08 10 11 12 14 15 17 19 20 22 24 25 26 27 30 31 33 34 35 36 37 38 40 42 44 45 46 48 49 51 52 54 56 58 60 62 64 \
     66 67 68 70 72 74 75 77 79 80 82 83 84 86 87 89 91 92 93 94 95 96",
);

/// Provinces since 1 July 2025.
static PROVINCES: List =
    List::of("01 04 08 11 12 14 15 19 20 22 24 25 31 33 37 38 40 42 44 46 48 51 52 56 66 68 75 79 80 82 86 91 92 96");

/// The maximum age, in years.
const OLDEST: i32 = 120;

/// Numbers of two digits as bits.
const fn bits(codes: &str) -> u128 {
    let (codes, mut bits, mut at) = (codes.as_bytes(), 0, 0);
    while at < codes.len() {
        bits |= 1 << ((codes[at] - b'0') * 10 + codes[at + 1] - b'0');
        at += 3;
    }
    bits
}

/// The inner facts of a personal number of twelve digits.
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
    /// Parses a number that has the shape of one.
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
    let is_known = place < 100 && BIRTH_PLACES >> place & 1 == 1;
    (context.foreign_births | is_known) & (year >= context.year - OLDEST) & (year <= context.year)
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

/// The tenth digit is ten minus the remainder of the others modulo eleven; if that is ten, there is no such number.
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
    summary: "tax code of Viet Nam: 10 digits, 3 more for a branch (with or without a hyphen), or a personal number",
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

/// The longest code of an organisation, in characters.
const LONGEST_ORGANISATION: usize = 35;

/// Codes of organisations, the older ones after the bar.
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
            // Levels of two or three digits, each after a point.
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
        // The form before 2020: the ministry or province comes last.
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
    summary: "dossier of an administrative procedure of Viet Nam: agency, date (YYMMDD), number, with hyphens between",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read {
        // With the shortest number, the agency may have any length; a date, then a number other than 0.
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
    // From the end, since the number of levels of an agency varies.
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
        // With the shortest number and sign, the agency may have any length. Leap days of whole centuries are left out.
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

/// 08 was never assigned.
static TAX_STATES: List = List::of("00 01 02 03 04 05 06 07 09 10");

pub(super) const TAX_STATUS: Kind = Kind {
    name: "vn.tax_status",
    summary: "status of a taxpayer of Viet Nam, 2 digits: 00 to 07, 09 or 10",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[Form::plain(&[digits(2)]).listed(0, &TAX_STATES)]),
};

/// Groups of insured people, as far as they are known; the benefit of a group changes with the law.
static INSURED: List = List::of(
    "AK BA BT BU CA CB CC CH CK CN CS CT CY DK DN DS DT GB GD HC HD HG HK HN HS HT HX KC KH LS MS ND NN NO NU PV QN SV TA TB TC \
     TD TE TG TH TK TL TN TQ TS TU TV TY XB XD XK XN",
);

pub(super) const HEALTH_CARD: Kind = Kind {
    name: "vn.health_card",
    summary: "health insurance card of Viet Nam: group, benefit 1 to 5, province and 10 digits, or the 10 digits alone",
    separators: "",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[
        Form::plain(&[capitals(2), one_of("12345"), digits(12)]).listed(0, &INSURED),
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

/// The prefixes of mobile numbers after 0 or +84, as in the numbering plan of libphonenumber 9.0.42.
static MOBILE_PREFIXES: List = List::of(
    "140 160 300 301 302 303 304 305 306 307 308 309 310 311 312 313 314 315 316 317 318 319 320 321 322 323 324 325 \
     326 327 328 329 330 331 332 333 334 335 336 337 338 339 340 341 342 343 344 345 346 347 348 349 350 351 \
     352 353 354 355 356 357 358 359 360 361 362 363 364 365 366 367 368 369 370 371 372 373 374 375 376 377 \
     378 379 380 381 382 383 384 385 386 387 388 389 390 391 392 393 394 395 396 397 398 399 510 511 512 513 \
     514 515 516 517 518 519 522 523 528 559 560 561 562 563 564 565 566 567 568 569 580 581 582 583 584 585 \
     586 587 588 589 590 591 592 593 594 595 596 597 598 599 700 701 702 703 704 705 706 707 708 709 760 761 \
     762 763 764 765 766 767 768 769 770 771 772 773 774 775 776 777 778 779 780 781 782 783 784 785 786 787 \
     788 789 790 791 792 793 794 795 796 797 798 799 810 811 812 813 814 815 816 817 818 819 820 821 822 823 \
     824 825 826 827 828 829 830 831 832 833 834 835 836 837 838 839 840 841 842 843 844 845 846 847 848 849 \
     850 851 852 853 854 855 856 857 858 859 860 861 862 863 864 865 866 867 868 869 870 871 872 873 874 875 \
     876 877 878 879 880 881 882 883 884 885 886 887 888 889 896 897 898 899 900 901 902 903 904 905 906 907 \
     908 909 910 911 912 913 914 915 916 917 918 919 920 921 922 923 924 925 926 927 928 929 930 931 932 933 \
     934 935 936 937 938 939 940 941 942 943 944 945 946 947 948 949 950 951 952 953 954 955 956 957 958 959 \
     960 961 962 963 964 965 966 967 968 969 970 971 972 973 974 975 976 977 978 979 980 981 982 983 984 985 \
     986 987 988 989 990 991 993 994 995 996 997 998 999",
);

/// The same for fixed lines: the areas.
static AREAS: List = List::of(
    "203 204 205 206 207 208 209 210 211 212 213 214 215 216 218 219 220 221 222 225 226 227 228 229 232 233 \
     234 235 236 237 238 239 242 243 244 245 246 247 248 251 252 254 255 256 257 258 259 260 261 262 263 269 \
     270 271 272 273 274 275 276 277 282 283 284 285 286 287 288 289 290 291 292 293 294 296 297 299",
);

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
        // Of 121 only some are in use. The first form that a number has decides, so these come first.
        Form::plain(&[ZERO, one_of("1"), one_of("2"), one_of("1"), one_of("0123"), digits(5)]),
        Form::plain(&[PLUS, EIGHT, FOUR, one_of("1"), one_of("2"), one_of("1"), one_of("0123"), digits(5)]),
        Form::plain(&[ZERO, digits(9)]).listed(1, &MOBILE_PREFIXES),
        Form::plain(&[PLUS, EIGHT, FOUR, digits(9)]).listed(3, &MOBILE_PREFIXES),
    ]),
};

pub(super) const LANDLINE: Kind = Kind {
    name: "vn.landline",
    summary: "fixed telephone number of Viet Nam: 02, or +842, and 9 digits with an area in use",
    separators: " .-",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[
        Form::plain(&[ZERO, one_of("2"), digits(9)]).listed(1, &AREAS),
        Form::plain(&[PLUS, EIGHT, FOUR, one_of("2"), digits(9)]).listed(3, &AREAS),
    ]),
};

/// Letters of a series: not I, J, O, Q nor W. R is that of trailers, and follows no other.
const LETTERS: &str = "ABCDEFGHKLMNPRSTUVXYZ";

fn is_series(letter: u8) -> bool {
    LETTERS.as_bytes().contains(&letter)
}

/// The byte that represents Đ: no plate contains it otherwise.
const D_WITH_STROKE: u8 = 1;

/// Series of special vehicles.
const SPECIAL: [[u8; 2]; 7] = [*b"LD", *b"DA", *b"KT", *b"HC", [b'T', D_WITH_STROKE], *b"MK", *b"CD"];

/// A plate without its signs.
struct Plate {
    signs: [u8; 16],
    length: usize,
    /// The places of digits, the first in the lowest bit.
    digits: u32,
}

impl Plate {
    /// `None` if it is too long, contains a character that no plate has, or has a sign at an end or beside another. A
    /// hyphen may have spaces around it.
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
                let doubled = before == byte || matches!([before, byte], [b'-' | b' ', b'.'] | [b'.', b'-' | b' ']);
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

    /// Whether it ends in this many digits after its first characters.
    const fn ends(&self, digits: usize, behind: usize) -> bool {
        self.length == behind + digits && self.digits >> behind == (1 << digits) - 1
    }
}

fn plate(text: &str, _: Context) -> Result<(), Fault> {
    let plate = Plate::of(text).ok_or(Fault::Shape)?;
    let [tens, ones, series, kind, next, office, rank, ..] = plate.signs;
    // A number of four digits or five.
    let numbered = |behind: usize| plate.ends(5, behind) || plate.ends(4, behind);
    // Diplomats: the country, the status, a number.
    let is_foreign = matches!([office, rank], [b'N', b'G' | b'N'] | [b'Q', b'T'] | [b'C', b'V']);
    let foreign = plate.digits & 0b1_1100 == 0b1_1100 && is_foreign && plate.ends(2, 7);
    let electric = series == b'M' && matches!(kind, D_WITH_STROKE | b'D') && next.is_ascii_digit();
    let special = SPECIAL.contains(&[series, kind]) && numbered(4);
    let usual = is_series(series)
        && (numbered(3) || ((kind.is_ascii_digit() || (is_series(kind) && kind != b'R')) && numbered(4)));
    let national = if electric { plate.ends(5, 5) } else { usual || special };
    if plate.digits & 3 != 3 || !(national || foreign) {
        return Err(Fault::Shape);
    }
    if foreign || PLACES.has(&[tens, ones], 0) { Ok(()) } else { Err(Fault::InnerFact) }
}

/// Numbers of provinces, or of police offices, at the beginning of plates.
static PLACES: List = List::of(
    "11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 43 47 48 49 50 51 52 53 54 55 \
     56 57 58 59 60 61 62 63 64 65 66 67 68 69 70 71 72 73 74 75 76 77 78 79 80 81 82 83 84 85 86 88 89 90 92 93 94 95 97 98 99",
);

/// A letter of a series.
const SERIES: Segment = one_of(LETTERS);
/// What may follow it; not D, since MD is a different case.
const KIND: Segment = one_of("0123456789ABCEFGHKLMNPSTUVXYZ");
const HYPHEN: Segment = one_of("-");
const POINT: Segment = one_of(".");

/// A plate of a province.
const fn provincial(segments: &'static [Segment]) -> Form {
    Form::plain(segments).listed(0, &PLACES)
}

pub(super) const PLATE: Kind = Kind {
    name: "vn.plate",
    summary: "number plate of Viet Nam, of a car, a motorcycle or a foreign mission; hyphens and points may be omitted",
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
    body: Body::Forms(&[Form::plain(&[digits(2)]).listed(0, &PROVINCES)]),
};

pub(super) const OLD_PROVINCE_CODE: Kind = Kind {
    name: "vn.old_province_code",
    summary: "province of Viet Nam before 1 July 2025, 2 digits, one of 63",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[Form::plain(&[digits(2)]).listed(0, &OLD_PROVINCES)]),
};

/// Districts until 30 June 2025, when this level was abolished.
static DISTRICTS: List = List::of(include_str!("districts.txt"));

pub(super) const OLD_DISTRICT_CODE: Kind = Kind {
    name: "vn.old_district_code",
    summary: "district of Viet Nam before 1 July 2025, when this level was abolished, 3 digits, one of 696",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[Form::plain(&[digits(3)]).listed(0, &DISTRICTS)]),
};

pub(super) const WARD_CODE: Kind = Kind {
    name: "vn.ward_code",
    summary: "ward or commune of Viet Nam, 5 digits; shape only: a code list says which are in force on a date",
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

//! Codes of countries, currencies, languages, diseases and places on earth.

use super::form::{capitals, digits};
use super::{Alphabet, Body, Context, Fault, Form, Kind, List, Otherwise, Segment, Usual};

/// This many small letters.
const fn small(count: u8) -> Segment {
    Segment { alphabet: Alphabet::Of("abcdefghijklmnopqrstuvwxyz"), min: count, max: count }
}

/// Countries of ISO 3166-1, two letters.
macro_rules! countries {
    () => {
        "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW \
     BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI \
     FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN \
     IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME \
     MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF \
     PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV \
     SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE \
     YT ZA ZM ZW"
    };
}
pub(super) use countries;

/// The same as a list.
static COUNTRIES: List = List::of(countries!());

/// The same, three letters.
static COUNTRIES_3: List = List::of(
    "ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR BHS \
     BIH BLM BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM CPV \
     CRI CUB CUW CXR CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK FRA FRO FSM \
     GAB GBR GEO GGY GHA GIB GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV HTI HUN IDN IMN \
     IND IOT IRL IRN IRQ ISL ISR ITA JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE \
     LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS \
     MWI MYS MYT NAM NCL NER NFK NGA NIC NIU NLD NOR NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK \
     PRT PRY PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SGS SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR \
     SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON TTO TUN TUR TUV TWN TZA UGA UKR UMI URY \
     USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM YEM ZAF ZMB ZWE",
);

/// Currencies of ISO 4217, with funds, metals and codes for "no currency".
static CURRENCIES: List = List::of(
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF \
     CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP \
     GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT \
     LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR \
     NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN \
     SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD \
     XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWG",
);

/// Countries of ISO 3166-1, three digits.
static COUNTRIES_NUMERIC: List = List::of(
    "004 008 010 012 016 020 024 028 031 032 036 040 044 048 050 051 052 056 060 064 068 070 072 074 076 084 \
     086 090 092 096 100 104 108 112 116 120 124 132 136 140 144 148 152 156 158 162 166 170 174 175 178 180 \
     184 188 191 192 196 203 204 208 212 214 218 222 226 231 232 233 234 238 239 242 246 248 250 254 258 260 \
     262 266 268 270 275 276 288 292 296 300 304 308 312 316 320 324 328 332 334 336 340 344 348 352 356 360 \
     364 368 372 376 380 384 388 392 398 400 404 408 410 414 417 418 422 426 428 430 434 438 440 442 446 450 \
     454 458 462 466 470 474 478 480 484 492 496 498 499 500 504 508 512 516 520 524 528 531 533 534 535 540 \
     548 554 558 562 566 570 574 578 580 581 583 584 585 586 591 598 600 604 608 612 616 620 624 626 630 634 \
     638 642 643 646 652 654 659 660 662 663 666 670 674 678 682 686 688 690 694 702 703 704 705 706 710 716 \
     724 728 729 732 740 744 748 752 756 760 762 764 768 772 776 780 784 788 792 795 796 798 800 804 807 818 \
     826 831 832 833 834 840 850 854 858 860 862 876 882 887 894",
);

/// Currencies of ISO 4217, three digits.
static CURRENCIES_NUMERIC: List = List::of(
    "008 012 032 036 044 048 050 051 052 060 064 068 072 084 090 096 104 108 116 124 132 136 144 152 156 170 \
     174 188 192 203 208 214 222 230 232 238 242 262 270 292 320 324 328 332 340 344 348 352 356 360 364 368 \
     376 388 392 396 398 400 404 408 410 414 417 418 422 426 430 434 446 454 458 462 480 484 496 498 504 512 \
     516 524 532 533 548 554 558 566 578 586 590 598 600 604 608 634 643 646 654 682 690 702 704 706 710 728 \
     748 752 756 760 764 776 780 784 788 800 807 818 826 834 840 858 860 882 886 901 924 925 926 927 928 929 \
     930 933 934 936 938 940 941 943 944 946 947 948 949 950 951 952 953 955 956 957 958 959 960 961 962 963 \
     964 965 967 968 969 970 971 972 973 976 977 978 979 980 981 984 985 986 990 994 997 999",
);

/// Languages of ISO 639-1. The withdrawn `sh` is not included.
static LANGUAGES: List = List::of(
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee \
     el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io \
     is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn \
     mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se \
     sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo \
     wa wo xh yi yo za zh zu",
);

/// Languages of ISO 639-3 and the additional ones of ISO 639-2: bibliographic codes and groups.
static LANGUAGES_3: List = List::of(include_str!("languages.txt"));

pub(super) const COUNTRY: Kind = Kind {
    name: "iso.country",
    summary: "country (ISO 3166-1), two capitals, in the list",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[Form::plain(&[capitals(2)]).listed(0, &COUNTRIES)]),
};

pub(super) const COUNTRY_3: Kind = Kind {
    name: "iso.country3",
    summary: "country (ISO 3166-1), three capitals, in the list",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[Form::plain(&[capitals(3)]).listed(0, &COUNTRIES_3)]),
};

pub(super) const COUNTRY_NUMERIC: Kind = Kind {
    name: "iso.country_numeric",
    summary: "country (ISO 3166-1), three digits, in the list",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[Form::plain(&[digits(3)]).listed(0, &COUNTRIES_NUMERIC)]),
};

pub(super) const CURRENCY: Kind = Kind {
    name: "iso.currency",
    summary: "currency (ISO 4217), three capitals, in the list",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[Form::plain(&[capitals(3)]).listed(0, &CURRENCIES)]),
};

pub(super) const CURRENCY_NUMERIC: Kind = Kind {
    name: "iso.currency_numeric",
    summary: "currency (ISO 4217), three digits, in the list",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[Form::plain(&[digits(3)]).listed(0, &CURRENCIES_NUMERIC)]),
};

pub(super) const LANGUAGE: Kind = Kind {
    name: "iso.language",
    summary: "language (ISO 639-1), two small letters, in the list",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[Form::plain(&[small(2)]).listed(0, &LANGUAGES)]),
};

pub(super) const LANGUAGE_3: Kind = Kind {
    name: "iso.language3",
    summary: "language (ISO 639-2 or 639-3), three small letters, in the list",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[Form::plain(&[small(3)]).listed(0, &LANGUAGES_3)]),
};

/// A letter, two digits, and after a point one or two more; a dagger, a star or a plus may follow.
fn disease(text: &str, _: Context) -> Result<(), Fault> {
    const THREE: Form = Form::plain(&[capitals(1), digits(2)]);
    let bare = text.strip_suffix(['*', '†', '+']).unwrap_or(text);
    let (head, rest) = bare.split_once('.').unwrap_or((bare, "0"));
    let digits = (1..=2).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_digit());
    if THREE.fits(head.as_bytes()) && digits { Ok(()) } else { Err(Fault::Shape) }
}

pub(super) const ICD_10: Kind = Kind {
    name: "icd10",
    summary: "disease (ICD-10), such as A00 or A00.0, with or without a dagger or star; shape only",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read {
        usual: Usual::Pattern(9, r"[A-Z][0-9]{2}(\.[0-9]{1,2})?([*+]|†)?"),
        otherwise: Otherwise::Shape,
        read: disease,
    },
};

/// Degrees up to 90.
macro_rules! latitudes {
    () => {
        r"[+-]?(0?[0-8]?[0-9](\.[0-9]{1,20})?|0?90(\.0{1,20})?)"
    };
}

/// Degrees up to 180.
macro_rules! longitudes {
    () => {
        r"[+-]?((1[0-7][0-9]|0?[0-9]{1,2})(\.[0-9]{1,20})?|180(\.0{1,20})?)"
    };
}

/// A decimal number of degrees within a bound.
fn degrees(text: &str, most: u32) -> Result<(), Fault> {
    let digits = text.as_bytes();
    let digits = digits.strip_prefix(b"+").or_else(|| digits.strip_prefix(b"-")).unwrap_or(digits);
    let whole = digits.iter().position(|byte| *byte == b'.').unwrap_or(digits.len());
    let (whole, fraction) = digits.split_at(whole);
    let fraction = fraction.get(1..).unwrap_or(b"0");
    let all = |part: &[u8]| part.iter().fold(true, |all, byte| all & byte.is_ascii_digit());
    if !(1..=3).contains(&whole.len()) || !(1..=20).contains(&fraction.len()) || !all(whole) || !all(fraction) {
        return Err(Fault::Shape);
    }
    let whole = whole.iter().fold(0, |number, byte| number * 10 + u32::from(byte - b'0'));
    let within = whole < most || (whole == most && fraction.iter().all(|byte| *byte == b'0'));
    if within { Ok(()) } else { Err(Fault::InnerFact) }
}

pub(super) const LATITUDE: Kind = Kind {
    name: "latitude",
    summary: "decimal degrees from -90 to 90",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read {
        usual: Usual::Pattern(25, latitudes!()),
        otherwise: Otherwise::Fails,
        read: |text, _| degrees(text, 90),
    },
};

pub(super) const LONGITUDE: Kind = Kind {
    name: "longitude",
    summary: "decimal degrees from -180 to 180",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read {
        usual: Usual::Pattern(25, longitudes!()),
        otherwise: Otherwise::Fails,
        read: |text, _| degrees(text, 180),
    },
};

pub(super) const COORDINATES: Kind = Kind {
    name: "coordinates",
    summary: "latitude and longitude in decimal degrees with a comma between, with or without a space after it",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read {
        usual: Usual::Pattern(52, concat!(latitudes!(), ", ?", longitudes!())),
        otherwise: Otherwise::Fails,
        read: |text, _| {
            let (latitude, longitude) = text.split_once(',').ok_or(Fault::Shape)?;
            let longitude = degrees(longitude.strip_prefix(' ').unwrap_or(longitude), 180);
            // An impossible shape is reported before a number that is too large.
            match (degrees(latitude, 90), longitude) {
                (Err(Fault::Shape), _) | (_, Err(Fault::Shape)) => Err(Fault::Shape),
                (latitude, longitude) => latitude.and(longitude),
            }
        },
    },
};

//! Codes of countries, currencies, languages, diseases and places on earth.

use super::form::{capitals, digits};
use super::{Body, Context, Fault, Form, Kind};

/// Codes of one length with spaces between, as a list that can be searched.
const fn split<const WIDTH: usize, const COUNT: usize>(text: &str) -> [[u8; WIDTH]; COUNT] {
    let bytes = text.as_bytes();
    assert!(bytes.len() + 1 == COUNT * (WIDTH + 1), "as many codes as the list holds");
    let mut codes = [[0; WIDTH]; COUNT];
    let mut at = 0;
    while at < COUNT {
        let mut sign = 0;
        while sign < WIDTH {
            codes[at][sign] = bytes[at * (WIDTH + 1) + sign];
            sign += 1;
        }
        at += 1;
    }
    codes
}

/// Whether a code is in a sorted list.
fn listed<const WIDTH: usize>(codes: &[[u8; WIDTH]], text: &[u8]) -> bool {
    text.try_into().is_ok_and(|code: [u8; WIDTH]| codes.binary_search(&code).is_ok())
}

/// Countries of ISO 3166-1, two letters.
const COUNTRIES: [[u8; 2]; 249] = split(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW \
     BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI \
     FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN \
     IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME \
     MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF \
     PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV \
     SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE \
     YT ZA ZM ZW",
);

/// The same, three letters.
const COUNTRIES_3: [[u8; 3]; 249] = split(
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

/// Currencies of ISO 4217, with funds, metals and those that stand for none.
const CURRENCIES: [[u8; 3]; 178] = split(
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF \
     CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP \
     GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT \
     LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR \
     NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN \
     SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD \
     XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWG",
);

/// Languages of ISO 639-1. `sh`, which was withdrawn, is not among them.
const LANGUAGES: [[u8; 2]; 183] = split(
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee \
     el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io \
     is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn \
     mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se \
     sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo \
     wa wo xh yi yo za zh zu",
);

/// Whether two letters are the code of a country.
pub(super) fn is_country(text: &[u8]) -> bool {
    listed(&COUNTRIES, text)
}

pub(super) const COUNTRY: Kind = Kind {
    name: "iso.country",
    summary: "country (ISO 3166-1), two capitals, in the list",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[Form::plain(&[capitals(2)]).with(|text, _| is_country(text))]),
};

pub(super) const COUNTRY_3: Kind = Kind {
    name: "iso.country3",
    summary: "country (ISO 3166-1), three capitals, in the list",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[Form::plain(&[capitals(3)]).with(|text, _| listed(&COUNTRIES_3, text))]),
};

pub(super) const CURRENCY: Kind = Kind {
    name: "iso.currency",
    summary: "currency (ISO 4217), three capitals, in the list",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Forms(&[Form::plain(&[capitals(3)]).with(|text, _| listed(&CURRENCIES, text))]),
};

pub(super) const LANGUAGE: Kind = Kind {
    name: "iso.language",
    summary: "language (ISO 639-1), two small letters, in the list",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read(|text, _| {
        if text.len() != 2 || !text.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Err(Fault::Shape);
        }
        if listed(&LANGUAGES, text.as_bytes()) { Ok(()) } else { Err(Fault::InnerFact) }
    }),
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
    summary: "disease (ICD-10), such as A00 or A00.0, with a dagger or star or none; shape only",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read(disease),
};

/// A decimal number of degrees within a bound.
fn degrees(text: &str, most: f64) -> Result<(), Fault> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain =
        |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole, 3) || !plain(fraction, 20) {
        return Err(Fault::Shape);
    }
    let number: f64 = text.parse().map_err(|_| Fault::Shape)?;
    if number.abs() <= most { Ok(()) } else { Err(Fault::InnerFact) }
}

pub(super) const LATITUDE: Kind = Kind {
    name: "latitude",
    summary: "decimal degrees from -90 to 90",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read(|text, _| degrees(text, 90.0)),
};

pub(super) const LONGITUDE: Kind = Kind {
    name: "longitude",
    summary: "decimal degrees from -180 to 180",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read(|text, _| degrees(text, 180.0)),
};

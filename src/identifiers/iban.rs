//! International bank account numbers (ISO 13616).

use super::checksum::Checksum;
use super::form::{self, Compact, capitals, digits, either, one_of};
use super::{Body, Context, Fault, Form, Kind, Otherwise, Segment, Usual};

/// The account number of each country after its letters and two check digits: a number of digits (`n`), capitals (`a`)
/// or either (`c`), one run after the other, as in the registry of ISO 13616 (release 101). National check digits
/// inside it are not verified.
pub(super) const COUNTRIES: &[(&str, &str)] = &[
    ("AD", "8n12c"),
    ("AE", "19n"),
    ("AL", "8n16c"),
    ("AT", "16n"),
    ("AZ", "4a20c"),
    ("BA", "16n"),
    ("BE", "12n"),
    ("BG", "4a6n8c"),
    ("BH", "4a14c"),
    ("BI", "23n"),
    ("BR", "23n1a1c"),
    ("BY", "4c4n16c"),
    ("CH", "5n12c"),
    ("CR", "18n"),
    ("CY", "8n16c"),
    ("CZ", "20n"),
    ("DE", "18n"),
    ("DJ", "23n"),
    ("DK", "14n"),
    ("DO", "4c20n"),
    ("EE", "16n"),
    ("EG", "25n"),
    ("ES", "20n"),
    ("FI", "14n"),
    ("FK", "2a12n"),
    ("FO", "14n"),
    ("FR", "10n11c2n"),
    ("GB", "4a14n"),
    ("GE", "2a16n"),
    ("GI", "4a15c"),
    ("GL", "14n"),
    ("GR", "7n16c"),
    ("GT", "24c"),
    ("HN", "4a20n"),
    ("HR", "17n"),
    ("HU", "24n"),
    ("IE", "4a14n"),
    ("IL", "19n"),
    ("IQ", "4a15n"),
    ("IS", "22n"),
    ("IT", "1a10n12c"),
    ("JO", "4a4n18c"),
    ("KW", "4a22c"),
    ("KZ", "3n13c"),
    ("LB", "4n20c"),
    ("LC", "4a24c"),
    ("LI", "5n12c"),
    ("LT", "16n"),
    ("LU", "3n13c"),
    ("LV", "4a13c"),
    ("LY", "21n"),
    ("MC", "10n11c2n"),
    ("MD", "20c"),
    ("ME", "18n"),
    ("MK", "3n10c2n"),
    ("MN", "16n"),
    ("MR", "23n"),
    ("MT", "4a5n18c"),
    ("MU", "4a19n3a"),
    ("NI", "4a20n"),
    ("NL", "4a10n"),
    ("NO", "11n"),
    ("OM", "3n16c"),
    ("PK", "4a16c"),
    ("PL", "24n"),
    ("PS", "4a21c"),
    ("PT", "21n"),
    ("QA", "4a21c"),
    ("RO", "4a16c"),
    ("RS", "18n"),
    ("RU", "14n15c"),
    ("SA", "2n18c"),
    ("SC", "4a20n3a"),
    ("SD", "14n"),
    ("SE", "20n"),
    ("SI", "15n"),
    ("SK", "20n"),
    ("SM", "1a10n12c"),
    ("SO", "19n"),
    ("ST", "21n"),
    ("SV", "4a20n"),
    ("TL", "19n"),
    ("TN", "20n"),
    ("TR", "6n16c"),
    ("UA", "6n19c"),
    ("VA", "18n"),
    ("VG", "4a16n"),
    ("XK", "16n"),
    ("YE", "4a4n18c"),
];

/// The most runs of an account number, and before it two letters and the check digits.
const RUNS: usize = 3;
const HEAD: usize = 3;

/// The segments of each country; those after the last run are empty.
static SEGMENTS: [[Segment; HEAD + RUNS]; COUNTRIES.len()] = {
    let mut segments = [[digits(0); HEAD + RUNS]; COUNTRIES.len()];
    let mut country = 0;
    while country < COUNTRIES.len() {
        let (letters, structure) = COUNTRIES[country];
        let (first, second) = letters.split_at(1);
        segments[country][0] = one_of(first);
        segments[country][1] = one_of(second);
        segments[country][2] = digits(2);
        let (mut run, mut at, mut count) = (HEAD, 0, 0);
        while at < structure.len() {
            let segment = match structure.as_bytes()[at] {
                b'n' => Some(digits(count)),
                b'a' => Some(capitals(count)),
                b'c' => Some(either(count)),
                digit => {
                    count = count * 10 + (digit - b'0');
                    None
                }
            };
            if let Some(segment) = segment {
                segments[country][run] = segment;
                run += 1;
                count = 0;
            }
            at += 1;
        }
        country += 1;
    }
    segments
};

/// The check digits, which follow the letters of the country.
const CHECK_DIGITS: Checksum = Checksum::Mod97 { moved: 4 };

/// The form of each country.
static FORMS: [Form; COUNTRIES.len()] = {
    let (mut forms, mut country) = ([const { Form::plain(&[]) }; COUNTRIES.len()], 0);
    while country < COUNTRIES.len() {
        forms[country] = Form::checked(&SEGMENTS[country], CHECK_DIGITS);
        country += 1;
    }
    forms
};

fn judge(text: &str, context: Context) -> Result<(), Fault> {
    let compact = Compact::of(text, " ", true).ok_or(Fault::Shape)?;
    let [a @ b'A'..=b'Z', b @ b'A'..=b'Z', b'0'..=b'9', b'0'..=b'9', ..] = compact.as_bytes() else {
        return Err(Fault::Shape);
    };
    let country = COUNTRIES.iter().position(|(letters, _)| letters.as_bytes() == [*a, *b]).ok_or(Fault::InnerFact)?;
    form::judge(&FORMS[country..=country], compact.as_bytes(), context)
}

pub(super) const IBAN: Kind = Kind {
    name: "iban",
    summary: "bank account (ISO 13616): length and structure of its country, check digits; spaces and small letters are allowed",
    separators: " ",
    folds: true,
    placeholders: true,
    body: Body::Read { usual: Usual::Forms(&FORMS), otherwise: Otherwise::Fails, read: judge },
};

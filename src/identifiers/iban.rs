//! International bank account numbers (ISO 13616).

use super::checksum::Checksum;
use super::form::Compact;
use super::{Body, Context, Fault, Kind};

/// The account number of each country behind its letters and two check digits: so many digits (`n`), capitals (`a`) or
/// either (`c`), one run after the other. As the registry of ISO 13616 has them (release 101). Check digits within it are
/// those of its country and not looked at.
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

/// The longest account number.
const LONGEST: usize = 30;

/// What the characters of the account numbers of each country may be.
struct Structures {
    /// For two letters the place of the country in the list, behind one that is none.
    places: [usize; 26 * 26],
    /// For each country and place the classes of [`CLASSES`]; zeros behind the end.
    classes: [[u8; LONGEST]; COUNTRIES.len() + 1],
    lengths: [usize; COUNTRIES.len() + 1],
}

/// Digits, capitals.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte {
            0x30..=0x39 => 1,
            0x41..=0x5A => 2,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

static STRUCTURES: Structures = {
    let mut known = Structures {
        places: [0; 26 * 26],
        classes: [[0; LONGEST]; COUNTRIES.len() + 1],
        lengths: [0; COUNTRIES.len() + 1],
    };
    let mut country = 0;
    while country < COUNTRIES.len() {
        let (letters, structure) = (COUNTRIES[country].0.as_bytes(), COUNTRIES[country].1.as_bytes());
        country += 1;
        known.places[(letters[0] - b'A') as usize * 26 + (letters[1] - b'A') as usize] = country;
        let (mut at, mut count, mut place) = (0, 0_usize, 0);
        while at < structure.len() {
            let class = match structure[at] {
                b'n' => 1,
                b'a' => 2,
                b'c' => 3,
                digit => {
                    count = count * 10 + (digit - b'0') as usize;
                    0
                }
            };
            while class > 0 && count > 0 {
                known.classes[country][place] = class;
                place += 1;
                count -= 1;
            }
            at += 1;
        }
        known.lengths[country] = place;
    }
    known
};

fn judge(text: &str, _: Context) -> Result<(), Fault> {
    // Most are written without spaces and in capitals.
    let known = text.bytes().fold(true, |all, byte| all & (CLASSES[usize::from(byte)] != 0));
    let compact = if known { None } else { Some(Compact::of(text, " ", true).ok_or(Fault::Shape)?) };
    let bytes = compact.as_ref().map_or(text.as_bytes(), Compact::as_bytes);
    let Some((head, account)) = bytes.split_first_chunk::<4>() else { return Err(Fault::Shape) };
    let [a, b, c, d] = head;
    if !(a.is_ascii_uppercase() && b.is_ascii_uppercase() && c.is_ascii_digit() && d.is_ascii_digit()) {
        return Err(Fault::Shape);
    }
    let country = STRUCTURES.places[usize::from(a - b'A') * 26 + usize::from(b - b'A')];
    if country == 0 {
        return Err(Fault::InnerFact);
    }
    let classes = &STRUCTURES.classes[country];
    let held = |(byte, class): (&u8, &u8)| CLASSES[usize::from(*byte)] & class != 0;
    let fits = account.iter().zip(classes).fold(true, |all, pair| all & held(pair));
    if account.len() != STRUCTURES.lengths[country] || !fits {
        return Err(Fault::Shape);
    }
    if (Checksum::Mod97 { moved: 4 }).holds(bytes) { Ok(()) } else { Err(Fault::CheckDigit) }
}

pub(super) const IBAN: Kind = Kind {
    name: "iban",
    summary: "bank account (ISO 13616): length and structure of its country, check digits; spaces and small letters may be",
    separators: " ",
    folds: true,
    placeholders: true,
    body: Body::Read(judge),
};

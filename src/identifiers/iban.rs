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

/// Whether an account number has the structure of its country.
fn fits(mut account: &[u8], structure: &str) -> bool {
    let mut count = 0_usize;
    for sign in structure.bytes() {
        if sign.is_ascii_digit() {
            count = count * 10 + usize::from(sign - b'0');
            continue;
        }
        let Some((run, rest)) = account.split_at_checked(count) else { return false };
        let fits = run.iter().all(|byte| match sign {
            b'n' => byte.is_ascii_digit(),
            b'a' => byte.is_ascii_uppercase(),
            _ => byte.is_ascii_digit() || byte.is_ascii_uppercase(),
        });
        if !fits {
            return false;
        }
        (account, count) = (rest, 0);
    }
    account.is_empty()
}

fn judge(text: &str, _: Context) -> Result<(), Fault> {
    let compact = Compact::of(text, " ", true).ok_or(Fault::Shape)?;
    let bytes = compact.as_bytes();
    let Some((head, account)) = bytes.split_first_chunk::<4>() else { return Err(Fault::Shape) };
    let [a, b, c, d] = head;
    if !(a.is_ascii_uppercase() && b.is_ascii_uppercase() && c.is_ascii_digit() && d.is_ascii_digit()) {
        return Err(Fault::Shape);
    }
    let country = COUNTRIES.binary_search_by(|(country, _)| country.as_bytes().cmp(&head[..2]));
    let structure = country.map(|at| COUNTRIES[at].1).map_err(|_| Fault::InnerFact)?;
    if !fits(account, structure) {
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

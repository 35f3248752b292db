//! How strong the evidence is if a text passes for a kind.

use super::prefilter::{COLON, DIGIT, HYPHEN, LOWER, POINT, UPPER};
use crate::identifiers::{Form, Kind};
use crate::model::Evidence;
use crate::text::{Family, FormatSet};

/// The fewest decimals of degrees. Amounts have two, seldom three.
const DECIMALS: usize = 4;

/// The evidence of a text that passed, by the form that it has, if the kind has forms; `None`: no evidence, since
/// nearly any number or short code passes.
pub(super) fn evidence(kind: &Kind, text: &str, sorts: u16) -> Option<Evidence> {
    let form = kind.form(text);
    if is_general(kind) && is_chance(kind, text) {
        return None;
    }
    if form.is_some_and(|form| form.checksum.is_some()) {
        return Some(Evidence::CheckDigits);
    }
    let is_fine = |degrees: &str| degrees.split_once('.').is_some_and(|(_, fraction)| fraction.len() >= DECIMALS);
    Some(match kind.name {
        // Two numbers with a decimal comma between them would also pass, and any measurement as degrees.
        "coordinates" if text.split(',').all(is_fine) => Evidence::Form,
        "latitude" | "longitude" if is_fine(text) => Evidence::Weak,
        "coordinates" | "latitude" | "longitude" => return None,
        "mac" if sorts & (COLON | HYPHEN | POINT) != 0 => Evidence::Form,
        "mac" if sorts & (UPPER | LOWER) == 0 => return None,
        "iban" => Evidence::CheckDigits,
        "vn.dossier_id" | "vn.document_code" | "uuid" => Evidence::InnerFacts,
        // A card number gives no more evidence than other numbers of its length.
        "vn.personal_id" | "vn.tax_code" | "vn.health_card" | "vn.mobile" | "iso.country3" | "iso.currency"
            if form.is_none_or(Form::has_inner_facts) =>
        {
            Evidence::InnerFacts
        }
        "vn.landline" | "ulid" => Evidence::Form,
        // A letter and two digits may be anything, and so may digits alone.
        "vn.org_code" | "icd10" if text.contains('.') => Evidence::Form,
        "vn.plate" | "email" | "url" | "ip" | "doi" | "e164" | "us.ssn" if sorts != DIGIT => Evidence::Form,
        _ => Evidence::Weak,
    })
}

/// The fewest digits of numbers of any length whose check digit is evidence.
const DIGITS: usize = 8;

/// Whether numbers with a check digit occur by chance: short ones, and dates, whose hyphens are removed.
fn is_chance(kind: &Kind, text: &str) -> bool {
    let is_short = || text.bytes().filter(u8::is_ascii_digit).count() < DIGITS;
    // No date has more bytes.
    let is_day = || text.len() <= 10 && Family::Date.of(text) != FormatSet::default();
    matches!(kind.name, "luhn" | "gtin") && (is_short() || is_day())
}

/// The evidence of check digits if all values that have them are the same few: what else their form shows.
pub(super) fn unchecked(kind: &Kind) -> Option<Evidence> {
    match kind.name {
        "luhn" | "gtin" => None,
        "iban" | "isin" | "lei" | "orcid" | "ror" | "vin" => Some(Evidence::Form),
        _ => Some(Evidence::Weak),
    }
}

/// Kinds that include others, which come before them.
pub(super) fn is_general(kind: &Kind) -> bool {
    matches!(kind.name, "luhn" | "gtin" | "e164" | "vn.health_card")
}

#[cfg(test)]
mod tests {
    use super::super::prefilter::sorts_of;
    use super::*;
    use crate::identifiers::find;

    #[test]
    fn evidence_hangs_on_the_form_of_the_value() {
        let of = |name: &str, text: &str| {
            let kind = find(name).expect("a kind");
            evidence(kind, text, sorts_of(text)).expect("it says something")
        };
        let none = |name: &str, text: &str| {
            let kind = find(name).expect("a kind");
            assert_eq!(evidence(kind, text, sorts_of(text)), None, "{name} {text}");
        };
        assert_eq!(of("vn.tax_code", "0100047516"), Evidence::CheckDigits);
        assert_eq!(of("vn.tax_code", "001099000001"), Evidence::InnerFacts);
        assert_eq!(of("vn.health_card", "DN4012345678901"), Evidence::InnerFacts);
        assert_eq!(of("vn.health_card", "0123456780"), Evidence::Weak);
        assert_eq!(of("imei", "490154203237518"), Evidence::CheckDigits);
        assert_eq!(of("imei", "4901542032375180"), Evidence::Weak);
        assert_eq!(of("iban", "GB82WEST12345698765432"), Evidence::CheckDigits);
        none("mac", "001099000001");
        assert_eq!(of("mac", "00109900000a"), Evidence::Weak);
        assert_eq!(of("mac", "00:10:99:00:00:01"), Evidence::Form);
        assert_eq!(of("luhn", "4539578763621486"), Evidence::CheckDigits);
        assert_eq!(of("gtin", "96385074"), Evidence::CheckDigits);
        for (name, text) in [("luhn", "18"), ("luhn", "0000018"), ("gtin", "2025-01-02"), ("gtin", "20240630")] {
            none(name, text);
        }
        none("latitude", "21.0");
        none("longitude", "21");
        assert_eq!(of("latitude", "21.0278"), Evidence::Weak);
        assert_eq!(of("coordinates", "21.0278, 105.8342"), Evidence::Form);
        for text in ["7,25", "7.1234,25", "7.25,7.1234"] {
            none("coordinates", text);
        }
        assert_eq!(of("vn.ward_code", "00070"), Evidence::Weak);
        assert_eq!((of("icd10", "J45"), of("icd10", "J45.0")), (Evidence::Weak, Evidence::Form));
        assert_eq!((of("vn.org_code", "H01"), of("vn.org_code", "H01.151")), (Evidence::Weak, Evidence::Form));
    }
}

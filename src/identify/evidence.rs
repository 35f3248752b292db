//! How much it says that a text passes for a kind.

use super::screen::DIGIT;
use crate::identifiers::{Form, Kind};
use crate::model::Evidence;

/// What a text that passed says for the kind, by the form that it has, where the kind has forms.
pub(super) fn evidence(kind: &Kind, text: &str, sorts: u16) -> Evidence {
    let form = kind.form(text);
    if form.is_some_and(|form| form.checksum.is_some()) {
        return Evidence::CheckDigits;
    }
    match kind.name {
        "iban" | "orcid" | "ror" => Evidence::CheckDigits,
        "vn.dossier_id" | "vn.document_code" | "uuid" => Evidence::InnerFacts,
        // The number of a card alone says nothing that others of its length do not.
        "vn.personal_id" | "vn.tax_code" | "vn.health_card" | "vn.mobile" | "iso.country3" | "iso.currency"
            if form.is_none_or(Form::has_inner_facts) =>
        {
            Evidence::InnerFacts
        }
        "vn.landline" | "ulid" | "coordinates" => Evidence::Form,
        // A letter and two digits may be anything, and so may digits alone.
        "vn.org_code" | "icd10" if text.contains('.') => Evidence::Form,
        "vn.plate" | "email" | "url" | "ip" | "mac" | "doi" | "e164" | "us.ssn" if sorts != DIGIT => Evidence::Form,
        // Amounts have two decimals, seldom more than three.
        "latitude" | "longitude" if text.split_once('.').is_some_and(|(_, fraction)| fraction.len() > 3) => {
            Evidence::Form
        }
        _ => Evidence::Weak,
    }
}

/// Kinds that nearly any number or short code is, so that weak evidence for them is none.
pub(super) fn is_any(kind: &Kind) -> bool {
    matches!(kind.name, "latitude" | "longitude" | "mac")
}

/// Kinds whose numbers take in those of others, which are named before them.
pub(super) fn is_general(kind: &Kind) -> bool {
    matches!(kind.name, "luhn" | "gtin" | "e164" | "vn.health_card")
}

#[cfg(test)]
mod tests {
    use super::super::screen::sorts_of;
    use super::*;
    use crate::identifiers::find;

    #[test]
    fn evidence_hangs_on_the_form_of_the_value() {
        let of = |name: &str, text: &str| {
            let kind = find(name).expect("a kind");
            evidence(kind, text, sorts_of(text))
        };
        assert_eq!(of("vn.tax_code", "0100047516"), Evidence::CheckDigits);
        assert_eq!(of("vn.tax_code", "001099000001"), Evidence::InnerFacts);
        assert_eq!(of("vn.health_card", "DN4012345678901"), Evidence::InnerFacts);
        assert_eq!(of("vn.health_card", "0123456780"), Evidence::Weak);
        assert_eq!(of("imei", "490154203237518"), Evidence::CheckDigits);
        assert_eq!(of("imei", "4901542032375180"), Evidence::Weak);
        assert_eq!(of("iban", "GB82WEST12345698765432"), Evidence::CheckDigits);
        assert_eq!(of("mac", "001099000001"), Evidence::Weak);
        assert_eq!(of("mac", "00:10:99:00:00:01"), Evidence::Form);
        assert_eq!(of("latitude", "21.0"), Evidence::Weak);
        assert_eq!(of("latitude", "21.0278"), Evidence::Form);
        assert_eq!(of("vn.ward_code", "00070"), Evidence::Weak);
        assert_eq!((of("icd10", "J45"), of("icd10", "J45.0")), (Evidence::Weak, Evidence::Form));
        assert_eq!((of("vn.org_code", "H01"), of("vn.org_code", "H01.151")), (Evidence::Weak, Evidence::Form));
    }
}

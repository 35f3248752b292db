//! The shape of identifiers, and whether a value can be one: shape, check digits and inner facts.
//!
//! One file a family. A [`Kind`] is data as far as possible (segments, alphabet, weights, modulus), so that every
//! engine can evaluate it; only what no table describes is a function. Nothing is looked up outside: only its registry
//! knows whether a number was ever issued.

mod america;
mod checksum;
mod codes;
mod context;
mod day;
mod definition;
mod detect;
mod eu_vat;
mod fault;
mod finance;
mod form;
mod iban;
mod internet;
mod kind;
mod list;
mod placeholder;
mod prepared;
mod publications;
mod slip;
mod trade;
mod vietnam;

pub use checksum::{Checksum, Values};
pub use context::Context;
pub use definition::{ChecksumDefinition, Definition, FormDefinition, ListedDefinition};
pub use detect::{Detector, Detectors};
pub use fault::Fault;
pub use form::{Alphabet, Form, Listed, Segment};
pub use kind::{Body, Kind, Otherwise, Usual};
pub use list::List;
pub use placeholder::is_placeholder;
pub use prepared::Prepared;
pub use slip::{LONGEST as LONGEST_SLIP, Slip};
pub use vietnam::PersonalId;

#[cfg(test)]
mod tests;

/// Every kind, in the order of the documentation.
pub const KINDS: &[&Kind] = &[
    &vietnam::PERSONAL_ID,
    &vietnam::OLD_ID,
    &vietnam::TAX_CODE,
    &vietnam::ENTERPRISE_CODE,
    &vietnam::TAX_STATUS,
    &vietnam::ORG_CODE,
    &vietnam::DOSSIER_ID,
    &vietnam::DOCUMENT_CODE,
    &vietnam::HEALTH_CARD,
    &vietnam::SOCIAL_INSURANCE,
    &vietnam::MOBILE,
    &vietnam::LANDLINE,
    &vietnam::PLATE,
    &vietnam::PASSPORT,
    &vietnam::PROVINCE_CODE,
    &vietnam::OLD_PROVINCE_CODE,
    &vietnam::OLD_DISTRICT_CODE,
    &vietnam::WARD_CODE,
    &vietnam::POSTAL_CODE,
    &finance::LUHN,
    &finance::CARD,
    &iban::IBAN,
    &finance::BIC,
    &finance::LEI,
    &finance::ISIN,
    &finance::CUSIP,
    &finance::SEDOL,
    &eu_vat::EU_VAT,
    &trade::GTIN,
    &trade::IMEI,
    &trade::VIN,
    &trade::IMO,
    &publications::ISBN,
    &publications::ISSN,
    &publications::ISNI,
    &publications::ORCID,
    &publications::ROR,
    &publications::DOI,
    &america::SSN,
    &america::EIN,
    &america::NPI,
    &internet::EMAIL,
    &internet::URL,
    &internet::IP,
    &internet::MAC,
    &internet::UUID,
    &internet::ULID,
    &internet::E164,
    &codes::COUNTRY,
    &codes::COUNTRY_3,
    &codes::COUNTRY_NUMERIC,
    &codes::CURRENCY,
    &codes::CURRENCY_NUMERIC,
    &codes::LANGUAGE,
    &codes::LANGUAGE_3,
    &codes::ICD_10,
    &codes::LATITUDE,
    &codes::LONGITUDE,
    &codes::COORDINATES,
];

/// The names of [`KINDS`].
pub const NAMES: [&str; KINDS.len()] = {
    let mut names = [""; KINDS.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = KINDS[at].name;
        at += 1;
    }
    names
};

/// The kind of that name.
pub fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().copied().find(|kind| kind.name == name)
}

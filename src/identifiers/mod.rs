//! The shape of identifiers, and whether a value can be one: shape, check digits and inner facts.
//!
//! One file a family. A [`Kind`] is data as far as possible (segments, alphabet, weights, modulus), so that every
//! engine can evaluate it; only what no table describes is a function. Nothing is looked up outside: only its registry
//! knows whether a number was ever issued.

mod america;
mod checksum;
mod codes;
mod definition;
mod detect;
mod eu_vat;
mod finance;
mod form;
mod iban;
mod internet;
mod list;
mod placeholder;
mod prepared;
mod publications;
mod slip;
mod trade;
mod vietnam;

pub use checksum::{Checksum, Values};
pub use definition::{ChecksumDefinition, Definition, FormDefinition, ListedDefinition, Otherwise};
pub use detect::{Detector, Detectors};
pub use form::{Alphabet, Form, Listed, Segment};
pub use list::List;
pub use placeholder::is_placeholder;
pub use prepared::Prepared;
pub use slip::{LONGEST as LONGEST_SLIP, Slip};
pub use vietnam::PersonalId;

use form::Compact;

use crate::scalar::days_from_civil;

#[cfg(test)]
mod tests;

/// Why a value is not an identifier of its kind, in the order of the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A placeholder: one repeated character, digits counted up or down.
    Placeholder,
    /// Another length, or characters in wrong places.
    Shape,
    /// The check digits do not fit the rest.
    CheckDigit,
    /// An inner fact is impossible: a date, a place or a range that does not exist.
    InnerFact,
}

impl Fault {
    /// All, in the order of the tests.
    pub const ALL: [Self; 4] = [Self::Placeholder, Self::Shape, Self::CheckDigit, Self::InnerFact];

    /// The name under which reports count it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Placeholder => "placeholder",
            Self::Shape => "shape",
            Self::CheckDigit => "check_digit",
            Self::InnerFact => "inner_fact",
        }
    }
}

/// Facts that some kinds need besides the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// The year of the audit: nothing is born or issued after it.
    pub year: i32,
    /// Whether a personal number may name a place of registration abroad.
    pub foreign_births: bool,
}

/// One kind of identifier.
#[derive(Debug)]
pub struct Kind {
    /// The name used in suites.
    pub name: &'static str,
    /// What it is, in one line without a full stop.
    pub summary: &'static str,
    /// Characters that people write between its parts: one at a time, never at an end. They are removed before any
    /// other test.
    pub separators: &'static str,
    /// Whether small letters are equal to capitals.
    pub folds: bool,
    /// Whether placeholders are looked for.
    pub placeholders: bool,
    /// Its structure.
    pub body: Body,
}

/// How the value of a kind is judged.
#[derive(Debug)]
pub enum Body {
    /// By these forms; the first that fits decides.
    Forms(&'static [Form]),
    /// By code.
    Read {
        /// The form of nearly all valid values.
        usual: Usual,
        /// What values in other forms are.
        otherwise: Otherwise,
        /// Judges a value as written.
        read: fn(&str, Context) -> Result<(), Fault>,
    },
}

/// The form of nearly all valid values of a kind that tables alone cannot judge. A value in this form is valid.
#[derive(Debug)]
pub enum Usual {
    /// One of these forms, with its check digits and conditions.
    Forms(&'static [Form]),
    /// At most this many bytes that match a regular expression as a whole.
    Pattern(usize, &'static str),
}

impl Kind {
    /// Whether the value can be an identifier of this kind; otherwise why not.
    ///
    /// # Errors
    /// The first fault.
    pub fn judge(&self, text: &str, context: Context) -> Result<(), Fault> {
        if self.placeholders && is_placeholder(text) {
            return Err(Fault::Placeholder);
        }
        match &self.body {
            Body::Read { read, .. } => read(text, context),
            Body::Forms(forms) => {
                // Most values have nothing that must be removed.
                if self.is_compact(text) {
                    return form::judge(forms, text.as_bytes(), context);
                }
                let compact = Compact::of(text, self.separators, self.folds).ok_or(Fault::Shape)?;
                form::judge(forms, compact.as_bytes(), context)
            }
        }
    }

    /// Whether a value has no separators, and no small letters that are equal to capitals.
    fn is_compact(&self, text: &str) -> bool {
        let plain = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
        (self.separators.is_empty() && !self.folds) || text.bytes().all(plain)
    }

    /// The form by which a value is judged, if the kind has forms and the value fits one.
    pub fn form(&self, text: &str) -> Option<&'static Form> {
        let Body::Forms(forms) = self.body else { return None };
        let compact = Compact::of(text, self.separators, self.folds)?;
        forms.iter().find(|form| form.fits(compact.as_bytes()))
    }
}

/// Whether the date exists.
fn is_day(year: u64, month: u64, day: u64) -> bool {
    let part = |number: u64| u32::try_from(number).ok();
    let year = i32::try_from(year).ok();
    matches!((year, part(month), part(day)), (Some(y), Some(m), Some(d)) if days_from_civil(y, m, d).is_some())
}

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

//! Why no value of a column is shown.

use std::collections::BTreeMap;

use crate::identifiers::{Context, Detectors};
use crate::model::{IdentifiedColumn, looks_personal};
use crate::rules::Dataset;

/// Kinds of identifiers that belong to a person.
const OF_PERSONS: [&str; 18] = [
    "vn.personal_id",
    "vn.old_id",
    "vn.tax_code",
    "vn.health_card",
    "vn.social_insurance",
    "vn.mobile",
    "vn.landline",
    "vn.plate",
    "vn.passport",
    "card",
    "iban",
    "imei",
    "us.ssn",
    "us.npi",
    "orcid",
    "email",
    "e164",
    "coordinates",
];

/// The share in hundredths of values that look like personal data from which a column does.
const SOME: u64 = 5;

/// The share in hundredths of values that look like names of people from which a column does.
const MOST: u64 = 60;

/// A list of names of people has more different ones than a list of, say, cities or offices.
const LEAST_NAMES: usize = 30;

/// Why a column is taken for personal, `None` where it is not. What the suite says comes first; `pii: none` ends all doubt.
pub(super) fn personal(
    declared: Option<&Dataset>,
    identified: &IdentifiedColumn,
    values: &BTreeMap<String, u64>,
    context: Context,
) -> Option<String> {
    let name = &identified.name;
    if let Some(column) = declared.and_then(|dataset| dataset.column(name)) {
        if column.pii.is_some() {
            return Some("the suite declares it personal".to_owned());
        }
        if column.classed {
            return None;
        }
    }
    if looks_personal(name) || declared.is_some_and(|dataset| dataset.is_personal(name)) {
        return Some("its name promises personal data".to_owned());
    }
    let kind = identified.kinds.iter().find(|kind| kind.likely && OF_PERSONS.contains(&kind.kind.as_str()));
    if let Some(kind) = kind {
        return Some(format!("its values look like {}", kind.kind));
    }
    let all: u64 = values.values().sum();
    let rows_of = |test: &dyn Fn(&str) -> bool| -> u64 {
        values.iter().filter(|(value, _)| test(value)).map(|(_, rows)| rows).sum()
    };
    let detected = rows_of(&|value| !Detectors::EVERY.in_cell(value, context).is_empty());
    if all > 0 && detected * 100 >= all * SOME {
        return Some("some values look like personal data".to_owned());
    }
    if values.len() >= LEAST_NAMES && rows_of(&is_name) * 100 >= all * MOST {
        return Some("its values look like names of people".to_owned());
    }
    None
}

/// Whether a text is two to five capitalised words of letters, as names of people are.
fn is_name(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_word = |word: &&str| {
        let mut letters = word.chars();
        letters.next().is_some_and(char::is_uppercase)
            && letters.all(|c| {
                c.is_lowercase() || matches!(c, '.' | '\'' | '’' | '-') || c.is_alphabetic() && !c.is_uppercase()
            })
    };
    (2..=5).contains(&words.len()) && words.iter().all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people() {
        for name in ["Nguyễn Văn An", "Anne Lee", "Jean-luc Picard", "Dr. Who"] {
            assert!(is_name(name), "{name}");
        }
        for other in ["Hà", "NEW YORK", "pale ale", "Route 66 Diner", ""] {
            assert!(!is_name(other), "{other}");
        }
    }
}

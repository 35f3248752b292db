//! Texts whose letters are composed with their marks.

use std::borrow::Cow;

use super::ValueList;
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

/// How a rule names a column whose texts it takes in Unicode normal form C, or a code list likewise: `nfc(name)`.
pub fn composed_name(name: &str) -> String {
    format!("nfc({name})")
}

/// The name inside of a [`composed_name`]; `None` for any other name.
pub fn uncomposed_name(name: &str) -> Option<&str> {
    name.strip_prefix("nfc(")?.strip_suffix(')')
}

/// The name, among the counts of a rule, of failing rows that would pass if texts were composed.
pub const PASS_COMPOSED: &str = "pass_as_nfc";

/// The list with its values composed; one whose values are composed stays as it is.
pub fn composed_list(list: &ValueList) -> ValueList {
    match list {
        ValueList::Values(values) => ValueList::Values(values.iter().map(|value| nfc(value).into_owned()).collect()),
        ValueList::Codelist { name, .. } if uncomposed_name(name).is_some() => list.clone(),
        ValueList::Codelist { name, at } => ValueList::Codelist { name: composed_name(name), at: at.clone() },
    }
}

/// The text in Unicode normal form C.
pub fn nfc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

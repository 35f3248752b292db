//! Kinds as data, for engines that evaluate them themselves.

use std::collections::BTreeMap;

use serde::Serialize;

use super::form::Listed;
use super::{Body, Checksum, Form, Kind, Otherwise, Usual, Values};

/// The part of a kind that is data. A text is judged in this order: placeholder, if placeholders are looked for;
/// separators are removed, each between two other characters, and small letters become capitals if they are equal; the
/// first form whose pattern fits the whole text, or else `otherwise`; its check digits; its inner facts.
#[derive(Debug, Clone, Serialize)]
pub struct Definition {
    /// The name.
    pub kind: &'static str,
    /// What it is.
    pub summary: &'static str,
    /// Whether the forms are complete; otherwise code decides about some texts.
    pub complete: bool,
    /// Characters that may occur, one at a time, between others.
    pub separators: &'static str,
    /// Whether small letters are equal to capitals.
    pub small_letters: bool,
    /// Whether placeholders are looked for. In an ASCII text, the letters and digits after the last slash count. They
    /// are a placeholder if they are four or more equal characters, or digits counted up or down (0 follows 9); or
    /// seven or more zeros after up to two digits; or 0999999999. The same holds for seven or more digits after up to
    /// four letters. After a plus and up to three digits of a country it holds for seven or more zeros (after up to two
    /// digits), or nine or more digits that are counted.
    pub placeholders: bool,
    /// Its forms.
    pub forms: Vec<FormDefinition>,
    /// What a text is that fits none of them.
    pub otherwise: Otherwise,
}

/// A form as data.
#[derive(Debug, Clone, Serialize)]
pub struct FormDefinition {
    /// A regular expression that fits the whole text.
    pub pattern: String,
    /// The most bytes of a text with this form; absent if the pattern limits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest: Option<usize>,
    /// The check digits; absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<ChecksumDefinition>,
    /// The part that must be in a list; otherwise an inner fact is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listed: Option<ListedDefinition>,
    /// Whether code checks more: a date, a range of numbers.
    pub inner_facts: bool,
}

/// A list that must contain a part of a text.
#[derive(Debug, Clone, Serialize)]
pub struct ListedDefinition {
    /// Where the part begins, in characters from 0.
    pub at: usize,
    /// The codes, all of one length, with white space between.
    pub codes: &'static str,
}

/// How check digits are calculated.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum ChecksumDefinition {
    /// The sum of the values of the characters times the weights, the first with the first, is `remainder` modulo
    /// `modulus`. Characters of weight 0 and those beyond the last weight do not count.
    Weighted {
        /// One a character from the left.
        weights: Vec<u8>,
        /// The value of each character: a table for each place from the left, repeated.
        values: Vec<BTreeMap<char, u32>>,
        /// The modulus.
        modulus: u32,
        /// The remainder.
        remainder: u32,
    },
    /// Digits times weights that repeat from the right have the remainder 0 modulo `modulus`.
    FromRight {
        /// The first weight is that of the last character.
        weights: Vec<u8>,
        /// The modulus.
        modulus: u32,
    },
    /// Characters are written as their values; every second digit from the right is doubled; the sum of all digits and
    /// `added` has the remainder 0 modulo ten.
    Luhn {
        /// What an unwritten prefix would add.
        added: u32,
        /// The value that each character is written as.
        values: BTreeMap<char, u32>,
    },
    /// This many characters are moved from the front to the end; characters are written as their values; the number has
    /// the remainder 1 modulo 97. The last two characters of those moved, or of all, are 02 to 98.
    Mod97 {
        /// How many characters are moved.
        moved: usize,
        /// The value that each character is written as.
        values: BTreeMap<char, u32>,
    },
    /// By code only.
    Code,
}

impl Kind {
    /// The kind as data.
    pub fn definition(&self) -> Definition {
        let of_all = |forms: &[Form]| forms.iter().map(FormDefinition::of).collect();
        let (forms, otherwise): (Vec<FormDefinition>, _) = match self.body {
            Body::Forms(forms) => (of_all(forms), Otherwise::Shape),
            Body::Read { usual: Usual::Forms(forms), otherwise, .. } => (of_all(forms), otherwise),
            Body::Read { usual: Usual::Pattern(longest, pattern), otherwise, .. } => {
                (vec![FormDefinition::usual(longest, pattern)], otherwise)
            }
        };
        let said =
            |form: &FormDefinition| !form.inner_facts && !matches!(form.checksum, Some(ChecksumDefinition::Code));
        Definition {
            kind: self.name,
            summary: self.summary,
            complete: otherwise == Otherwise::Shape && forms.iter().all(said),
            separators: self.separators,
            small_letters: self.folds,
            placeholders: self.placeholders,
            forms,
            otherwise,
        }
    }
}

impl FormDefinition {
    fn of(form: &Form) -> Self {
        Self {
            pattern: form.pattern(),
            longest: None,
            checksum: form.checksum.as_ref().map(ChecksumDefinition::of),
            listed: form.listed.map(|Listed { at, list }| ListedDefinition { at, codes: list.codes() }),
            inner_facts: form.holds.is_some(),
        }
    }

    /// The length of a pattern of valid texts, up to a limit.
    fn usual(longest: usize, pattern: &str) -> Self {
        Self { pattern: pattern.to_owned(), longest: Some(longest), checksum: None, listed: None, inner_facts: false }
    }
}

impl ChecksumDefinition {
    fn of(checksum: &Checksum) -> Self {
        let letters = || Values::Letters.table();
        match checksum {
            Checksum::Weighted { weights, values, modulus, remainder } => Self::Weighted {
                weights: weights.to_vec(),
                values: values.iter().map(|values| values.table()).collect(),
                modulus: *modulus,
                remainder: *remainder,
            },
            Checksum::FromRight { weights, modulus } => {
                Self::FromRight { weights: weights.to_vec(), modulus: *modulus }
            }
            Checksum::Luhn { added } => Self::Luhn { added: *added, values: letters() },
            Checksum::Mod97 { moved } => Self::Mod97 { moved: *moved, values: letters() },
            Checksum::Reckoned(_) => Self::Code,
        }
    }
}

impl Values {
    /// The value of each character that has one.
    fn table(self) -> BTreeMap<char, u32> {
        let signs = (b'0'..=b'9').chain(b'A'..=b'Z').chain(b'a'..=b'z').chain(*b"*@#");
        signs.filter_map(|sign| Some((char::from(sign), self.of(sign)?))).collect()
    }
}

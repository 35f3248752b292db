//! Kinds as data, for engines that evaluate them by themselves.

use std::collections::BTreeMap;

use serde::Serialize;

use super::form::Listed;
use super::{Body, Checksum, Form, Kind, Usual, Values};

/// A kind as far as it is data. A text is judged in this order: a placeholder where those are looked for; separators are left
/// out, each between two other characters, and small letters become capitals where they stand for them; the first form whose
/// pattern fits the whole text, or it is what `otherwise` says; its check digits; its inner facts.
#[derive(Debug, Clone, Serialize)]
pub struct Definition {
    /// The name.
    pub kind: &'static str,
    /// What it is.
    pub summary: &'static str,
    /// Whether the forms say all there is; otherwise code has the last word on some texts.
    pub complete: bool,
    /// Characters that may stand one by one between others.
    pub separators: &'static str,
    /// Whether small letters stand for capital ones.
    pub small_letters: bool,
    /// Whether texts are placeholders that only fill a cell. Such a text is of ASCII, and of it only letters and digits behind the
    /// last slash count. They are four or more of one, or digits counted up or down (0 follows 9); or seven or more zeros behind
    /// up to two digits; or 0999999999. The same holds for seven or more digits behind up to four letters; and behind a plus and up
    /// to three digits of a country for seven or more zeros (behind up to two digits), or nine or more digits counted.
    pub placeholders: bool,
    /// Its forms.
    pub forms: Vec<FormDefinition>,
    /// What a text is that has none of them.
    pub otherwise: Otherwise,
}

/// What a text is that is written in none of the ways that data describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    /// Of another shape.
    Shape,
    /// Not sound; code says for which reason.
    Fails,
    /// What code says: it may be sound.
    Code,
}

/// A form as data.
#[derive(Debug, Clone, Serialize)]
pub struct FormDefinition {
    /// A regular expression that fits the whole text.
    pub pattern: String,
    /// The most bytes of a text that has the form; absent where the pattern says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest: Option<usize>,
    /// The check digits; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<ChecksumDefinition>,
    /// What of it must be in a list; otherwise an inner fact is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listed: Option<ListedDefinition>,
    /// Whether code asks for more: a date, a range of numbers.
    pub inner_facts: bool,
}

/// A list that a part of a text must be in.
#[derive(Debug, Clone, Serialize)]
pub struct ListedDefinition {
    /// Where the part begins, in characters from 0.
    pub at: usize,
    /// The codes, all of one length, with white space between.
    pub codes: &'static str,
}

/// How check digits are reckoned.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum ChecksumDefinition {
    /// The values of the characters times the weights, the first with the first, leave `remainder` modulo `modulus`. Characters
    /// of weight 0 and those beyond the last weight do not count.
    Weighted {
        /// One a character from the left.
        weights: Vec<u8>,
        /// What each character is worth: a table for each place from the left, again and again.
        values: Vec<BTreeMap<char, u32>>,
        /// The modulus.
        modulus: u32,
        /// What is left.
        remainder: u32,
    },
    /// Digits times weights that repeat from the right leave nothing modulo `modulus`.
    FromRight {
        /// The first is that of the last character.
        weights: Vec<u8>,
        /// The modulus.
        modulus: u32,
    },
    /// Characters are written out as their values; every second digit from the right is doubled; the digits of all and `added`
    /// leave nothing modulo ten.
    Luhn {
        /// What a prefix that is not written would add.
        added: u32,
        /// What each character is written out as.
        values: BTreeMap<char, u32>,
    },
    /// So many characters are moved from the front to the end; characters are written out as their values; the number leaves 1
    /// modulo 97. The last two of those moved, or of all, are 02 to 98.
    Mod97 {
        /// How many are moved.
        moved: usize,
        /// What each character is written out as.
        values: BTreeMap<char, u32>,
    },
    /// By code alone.
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

    /// That of a pattern of sound texts up to a length.
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
    /// What each character is worth that is worth something.
    fn table(self) -> BTreeMap<char, u32> {
        let signs = (b'0'..=b'9').chain(b'A'..=b'Z').chain(b'a'..=b'z').chain(*b"*@#");
        signs.filter_map(|sign| Some((char::from(sign), self.of(sign)?))).collect()
    }
}

//! Kinds as data, for engines that evaluate them by themselves.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Body, Checksum, Form, Kind, Values};

/// A kind as far as it is data. A text is judged in this order: a placeholder where those are looked for; separators are left
/// out, each between two other characters, and small letters become capitals where they stand for them; the first form whose
/// pattern fits the whole text, or it is of another shape; its check digits; its inner facts.
#[derive(Debug, Clone, Serialize)]
pub struct Definition {
    /// The name.
    pub kind: &'static str,
    /// What it is.
    pub summary: &'static str,
    /// Whether the forms say all there is; otherwise what passes by them may still fail by code.
    pub complete: bool,
    /// Characters that may stand one by one between others.
    pub separators: &'static str,
    /// Whether small letters stand for capital ones.
    pub small_letters: bool,
    /// Whether texts whose ASCII letters and digits are four or more of one, or digits counted up or down (0 follows 9), are
    /// placeholders.
    pub placeholders: bool,
    /// Its forms; none where code alone judges it.
    pub forms: Vec<FormDefinition>,
}

/// A form as data.
#[derive(Debug, Clone, Serialize)]
pub struct FormDefinition {
    /// A regular expression that fits the whole text.
    pub pattern: String,
    /// The check digits; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<ChecksumDefinition>,
    /// Whether code asks for more: a date, a place, a list.
    pub inner_facts: bool,
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
        let forms: &[Form] = match self.body {
            Body::Forms(forms) => forms,
            Body::Read { .. } => &[],
        };
        let said = |form: &Form| form.holds.is_none() && !matches!(form.checksum, Some(Checksum::Reckoned(_)));
        Definition {
            kind: self.name,
            summary: self.summary,
            complete: !forms.is_empty() && forms.iter().all(said),
            separators: self.separators,
            small_letters: self.folds,
            placeholders: self.placeholders,
            forms: forms.iter().map(FormDefinition::of).collect(),
        }
    }
}

impl FormDefinition {
    fn of(form: &Form) -> Self {
        Self {
            pattern: form.pattern(),
            checksum: form.checksum.as_ref().map(ChecksumDefinition::of),
            inner_facts: form.holds.is_some(),
        }
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
        let signs = (b'0'..=b'9').chain(b'A'..=b'Z').chain(*b"*@#");
        signs.filter_map(|sign| Some((char::from(sign), self.of(sign)?))).collect()
    }
}

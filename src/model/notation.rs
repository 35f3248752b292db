//! How the numbers and booleans of a text column are written.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// How the numbers and booleans of text columns are written, as far as it is declared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notation {
    /// The sign before the decimal places; a point where none is declared.
    pub decimal: Option<char>,
    /// The sign between groups of three digits.
    pub thousands: Option<Grouping>,
    /// Signs beside a number that do not belong to it, such as `%` and `€`.
    pub strip: Option<BTreeSet<String>>,
    /// Whether a number in brackets is negative; else it is unparseable.
    pub brackets: Option<bool>,
    /// Whether the minus may come after the number.
    pub trailing_minus: Option<bool>,
    /// The words that mean true.
    pub yes: Option<BTreeSet<String>>,
    /// The words that mean false.
    pub no: Option<BTreeSet<String>>,
}

/// The sign between groups of digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grouping {
    /// There is none, whatever is declared further out.
    None,
    /// A space: an ordinary one, a no-break space, a thin space or a narrow no-break space.
    Space,
    /// An apostrophe, straight or curly.
    Apostrophe,
    /// Another sign.
    Sign(char),
}

impl Notation {
    /// The decimal sign where none is declared.
    pub const POINT: char = '.';

    /// What is declared here, and what is declared further out where this says nothing.
    #[must_use]
    pub fn within(self, outer: &Self) -> Self {
        Self {
            decimal: self.decimal.or(outer.decimal),
            thousands: self.thousands.or(outer.thousands),
            strip: self.strip.or_else(|| outer.strip.clone()),
            brackets: self.brackets.or(outer.brackets),
            trailing_minus: self.trailing_minus.or(outer.trailing_minus),
            yes: self.yes.or_else(|| outer.yes.clone()),
            no: self.no.or_else(|| outer.no.clone()),
        }
    }

    /// The words that mean true or false.
    pub fn words(&self) -> impl Iterator<Item = &String> {
        self.yes.iter().chain(&self.no).flatten()
    }
}

impl Grouping {
    /// Whether it is this character.
    pub const fn is(self, c: char) -> bool {
        match self {
            Self::None => false,
            Self::Space => matches!(c, ' ' | '\u{A0}' | '\u{2009}' | '\u{202F}'),
            Self::Apostrophe => matches!(c, '\'' | '\u{2019}'),
            Self::Sign(sign) => c == sign,
        }
    }
}

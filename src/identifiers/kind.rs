//! One kind of identifier, and how its values are judged.

use serde::Serialize;

use super::form::{self, Compact, Form};
use super::{Context, Fault, is_placeholder};

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

/// What a text is that fits no form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    /// A text with another shape.
    Shape,
    /// A text that fails; code finds the reason.
    Fails,
    /// Code decides: it may be valid.
    Code,
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

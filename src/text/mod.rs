//! Text faults, and the formats of values.
//!
//! [`faults`] distinguishes damage and noise from spelling: a name that is long, short, of one word or of a minority
//! language is no fault. If a text may be damage or a rare spelling, it is not a fault, since people stop reading a
//! report with false alarms.

use std::borrow::Cow;

mod characters;
mod entities;
mod fault;
mod faults;
mod format;
mod inspect;
mod legacy;
mod mojibake;
mod scripts;
mod shape;
mod spreadsheet;
mod syllable;
mod unparseable;

pub use fault::{Fault, Faults};
pub use faults::faults;
pub use format::{Family, FormatSet};
pub use inspect::{Inspection, inspect};
pub use shape::{ShapeRuns, write_runs, write_shape};
pub use syllable::is_syllable;
pub use unparseable::{DATE_DECLARATIONS, ParsedAs, looks};

#[cfg(test)]
mod tests;

/// The text without invisible characters: zero-width, direction and control characters.
pub fn without_invisible(text: &str) -> Cow<'_, str> {
    if text.chars().any(characters::shows_nothing) {
        Cow::Owned(text.chars().filter(|c| !characters::shows_nothing(*c)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

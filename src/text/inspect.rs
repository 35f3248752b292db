//! Examines many texts for faults.
//!
//! Nearly all texts have none. So a cheap test comes first, which shows that a text can have none. Only the other texts
//! are examined in full.

use memchr::{memchr, memchr2_iter};

use super::characters::CLEAN;
use super::{Fault, Faults, faults, spreadsheet};
use crate::scalar::Lanes;

/// Texts that are being examined; see [`inspect`].
#[derive(Debug)]
pub enum Inspection<'t, F: FnMut(usize, &'t str, bool)> {
    /// A table of states recognises texts without any fault, several texts at a time.
    SideBySide(Box<Lanes<'t, F>>),
    /// A search for what one fault needs.
    OneByOne(fn(&str) -> bool, F),
}

/// Begins an inspection: `faulty` is called with the position and the faults of each text that has some of the wanted
/// faults, in any order.
pub fn inspect<'t>(
    wanted: Faults,
    mut faulty: impl FnMut(usize, Faults),
) -> Inspection<'t, impl FnMut(usize, &'t str, bool)> {
    let judge = move |place, text: &'t str, clean: bool| {
        if !clean {
            let found = faults(text).and(wanted);
            if !found.is_empty() {
                faulty(place, found);
            }
        }
    };
    match needed(wanted) {
        Some(needed) => Inspection::OneByOne(needed, judge),
        None => Inspection::SideBySide(Box::new(Lanes::new(&CLEAN, judge))),
    }
}

impl<'t, F: FnMut(usize, &'t str, bool)> Inspection<'t, F> {
    /// Adds the text at a position.
    #[inline]
    pub fn push(&mut self, place: usize, text: &'t str) {
        match self {
            Self::SideBySide(lanes) => lanes.push(place, text),
            Self::OneByOne(needed, judge) => {
                if needed(text) {
                    judge(place, text, false);
                }
            }
        }
    }

    /// Examines the remaining texts.
    pub fn finish(self) {
        if let Self::SideBySide(lanes) = self {
            lanes.finish();
        }
    }
}

/// What a text must contain to have the one wanted fault, if that is quick to find.
fn needed(wanted: Faults) -> Option<fn(&str) -> bool> {
    let only = Fault::ALL.into_iter().find(|fault| wanted == Faults::of(*fault))?;
    Some(match only {
        Fault::DoubleSpace => |text| text.contains("  "),
        Fault::Replacement | Fault::FullWidth => |text| memchr(0xEF, text.as_bytes()).is_some(),
        Fault::LostLetter => |text| memchr(b'?', text.as_bytes()).is_some(),
        Fault::LineBreak => breaks,
        Fault::HtmlEntity => |text| memchr(b'&', text.as_bytes()).is_some(),
        Fault::Spreadsheet => spreadsheet::is_damage,
        _ => return None,
    })
}

/// Whether a text has a tab or a line break.
fn breaks(text: &str) -> bool {
    let text = text.as_bytes();
    let of_ascii = |all: u8, byte: &u8| all | u8::from(byte.wrapping_sub(b'\t') <= b'\r' - b'\t');
    // Sixteen bytes at a time, the last ones perhaps twice.
    let found = match (text.as_chunks::<16>().0, text.last_chunk::<16>()) {
        (sixteens, Some(last)) => sixteens.iter().chain([last]).fold(0, |all, bytes| bytes.iter().fold(all, of_ascii)),
        (_, None) => text.iter().fold(0, of_ascii),
    };
    // U+0085, U+2028 and U+2029.
    let is_other = |at: usize| matches!(text[at..], [0xC2, 0x85, ..] | [0xE2, 0x80, 0xA8 | 0xA9, ..]);
    found != 0 || memchr2_iter(0xC2, 0xE2, text).any(is_other)
}

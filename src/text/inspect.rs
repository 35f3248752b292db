//! Many texts looked through for faults.
//!
//! Nearly all texts have none. So each is asked something cheap first, of which the answer is that it can have none; only the
//! others are looked at in full.

use memchr::memchr;

use super::characters::CLEAN;
use super::{Fault, Faults, faults, spreadsheet};
use crate::scalar::Lanes;

/// Texts on their way; see [`inspect`].
#[derive(Debug)]
pub enum Inspection<'t, F: FnMut(usize, &'t str, bool)> {
    /// All that is clean in every way is told by a table of states, several texts at a time.
    SideBySide(Box<Lanes<'t, F>>),
    /// What one fault needs is looked for.
    OneByOne(fn(&str) -> bool, F),
}

/// Begins an inspection: `faulty` is called with the place and the faults of each text that has some of those wanted, in any
/// order.
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
    /// Takes in the text at a place.
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

    /// Looks through what is left.
    pub fn finish(self) {
        if let Self::SideBySide(lanes) = self {
            lanes.finish();
        }
    }
}

/// What a text must hold to have the one fault that is wanted, where that is quickly told.
fn needed(wanted: Faults) -> Option<fn(&str) -> bool> {
    let only = Fault::ALL.into_iter().find(|fault| wanted == Faults::of(*fault))?;
    Some(match only {
        Fault::DoubleSpace => |text| text.contains("  "),
        Fault::Replacement | Fault::FullWidth => |text| memchr(0xEF, text.as_bytes()).is_some(),
        Fault::LostLetter => |text| memchr(b'?', text.as_bytes()).is_some(),
        Fault::HtmlEntity => |text| memchr(b'&', text.as_bytes()).is_some(),
        Fault::Spreadsheet => spreadsheet::is_damage,
        _ => return None,
    })
}

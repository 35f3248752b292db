//! Typing slips: one wrong digit, or two exchanged neighbours.

use super::{Fault, Prepared};

/// Longer values are not examined, in bytes.
pub const LONGEST: usize = 40;

/// A slip that explains a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slip {
    /// Two neighbouring characters are exchanged.
    Swap,
    /// One character is another digit than it should be.
    Digit,
}

impl Prepared {
    /// The slip that explains why a value fails. An exchange comes before a wrong digit, since a wrong digit can nearly
    /// always explain one check digit.
    pub fn slip(&self, text: &str) -> Option<Slip> {
        find(self, text)
    }
}

/// The slip that explains why a value is not an identifier of this kind.
fn find(kind: &Prepared, text: &str) -> Option<Slip> {
    let may_be = text.len() <= LONGEST && text.is_ascii() && kind.has_length(text.len());
    if !may_be || kind.judge(text).err()? == Fault::Placeholder {
        return None;
    }
    let mut bytes = [0; LONGEST];
    let bytes = &mut bytes[..text.len()];
    bytes.copy_from_slice(text.as_bytes());
    let holds = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok_and(|text| kind.is_sound(text));
    for at in 1..bytes.len() {
        if bytes[at - 1] != bytes[at] {
            bytes.swap(at - 1, at);
            if holds(bytes) {
                return Some(Slip::Swap);
            }
            bytes.swap(at - 1, at);
        }
    }
    // Check digits are usually at the end.
    for at in (0..bytes.len()).rev() {
        let written = bytes[at];
        for digit in b'0'..=b'9' {
            bytes[at] = digit;
            if digit != written && holds(bytes) {
                return Some(Slip::Digit);
            }
        }
        bytes[at] = written;
    }
    None
}

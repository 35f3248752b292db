//! Slips of the fingers: one wrong digit, or two neighbours swapped.

use super::{Body, Context, Fault, Kind, form};

/// Longer values are not looked through.
const LONGEST: usize = 40;

/// A slip that explains a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slip {
    /// Two neighbouring characters are swapped.
    Swap,
    /// One character is another digit than it should be.
    Digit,
}

/// The slip that explains why a value is not an identifier of this kind; a swap rather than a wrong digit, which one check
/// digit can nearly always be explained by.
pub(super) fn find(kind: &Kind, text: &str, context: Context) -> Option<Slip> {
    if text.len() > LONGEST || !text.is_ascii() || kind.judge(text, context).err()? == Fault::Placeholder {
        return None;
    }
    let mut bytes = [0; LONGEST];
    let bytes = &mut bytes[..text.len()];
    bytes.copy_from_slice(text.as_bytes());
    let holds = |bytes: &[u8]| {
        let Ok(text) = std::str::from_utf8(bytes) else { return false };
        // Few get beyond their form, so what fills a cell is told last.
        let formed = match &kind.body {
            Body::Forms(forms) if kind.is_compact(text) => form::judge(forms, bytes, context).is_ok(),
            _ => true,
        };
        formed && kind.judge(text, context).is_ok()
    };
    for at in 1..bytes.len() {
        if bytes[at - 1] != bytes[at] {
            bytes.swap(at - 1, at);
            if holds(bytes) {
                return Some(Slip::Swap);
            }
            bytes.swap(at - 1, at);
        }
    }
    // Check digits stand at the end more often than not.
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

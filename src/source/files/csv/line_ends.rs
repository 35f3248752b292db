//! The byte that ends lines.

use memchr::memchr;

/// Bytes of text that show it.
pub(super) const FIRST_TEXT: usize = 1 << 16;

/// The byte that ends lines, by the first text of a file: CR where there are no LF outside of quotes.
pub(super) fn terminator(first: &[u8], quote: Option<u8>) -> u8 {
    let mut quoted = false;
    let mut carriage_return = false;
    for (at, byte) in first.iter().enumerate() {
        match byte {
            byte if Some(*byte) == quote => quoted = !quoted,
            b'\n' if !quoted => return b'\n',
            b'\r' if !quoted && first.get(at + 1).is_some_and(|next| *next != b'\n') => carriage_return = true,
            _ => {}
        }
    }
    // A quote that never closes hides the line ends.
    let hidden = quoted && memchr(b'\n', first).is_some();
    if carriage_return && !hidden { b'\r' } else { b'\n' }
}

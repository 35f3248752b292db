//! Values that only fill a cell.

/// The fewest characters that tell.
const FEWEST: usize = 4;

/// Whether the letters and digits of a text are one character over and over, or digits counted up or down (0 follows 9).
pub fn is_placeholder(text: &str) -> bool {
    let mut signs = text.bytes().filter(u8::is_ascii_alphanumeric);
    let Some(first) = signs.next() else { return false };
    let (mut last, mut count) = (first, 1);
    let (mut same, mut up, mut down) = (true, first.is_ascii_digit(), first.is_ascii_digit());
    for sign in signs {
        same &= sign == last;
        let is_digit = sign.is_ascii_digit();
        up &= is_digit && sign == if last == b'9' { b'0' } else { last + 1 };
        down &= is_digit && last == if sign == b'9' { b'0' } else { sign + 1 };
        if !(same || up || down) {
            return false;
        }
        (last, count) = (sign, count + 1);
    }
    // A text with other letters says something.
    count >= FEWEST && text.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::is_placeholder;

    #[test]
    fn fillers_are_told_from_numbers() {
        for text in
            ["000000000000", "1111-1111", "0123456789", "123456789012", "987654321", "XXXXXXXX", "9999", "890123"]
        {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["", "111", "-", "0000000001", "12345670", "ABCDEF", "001099000001", "0909090909", "1111Đ"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}

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

/// Whether the last characters of a text let it be a placeholder: one of a hundred numbers or so. Asks nothing step by step,
/// since a guess about digits that differ from value to value is wrong as often as not.
#[inline]
pub(super) fn may_be_placeholder(text: &[u8]) -> bool {
    let Some(last) = text.last_chunk::<FEWEST>() else { return false };
    let [a, b, c, d] = last.map(|sign| usize::from(SORTS[usize::from(sign)]));
    STEPS[a][b] & STEPS[b][c] & STEPS[c][d] != 0
}

/// What a byte is: a digit, one of the letters, or anything else, which a placeholder may have anywhere.
const SORTS: [u8; 256] = {
    let (mut sorts, mut byte) = ([ANYTHING; 256], 0_u8);
    while byte < 128 {
        sorts[byte as usize] = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            _ => ANYTHING,
        };
        byte += 1;
    }
    sorts
};
const LETTER: u8 = 10;
const ANYTHING: u8 = 11;

/// How a sort may follow another: as the same, a digit up, or a digit down, one bit each.
const STEPS: [[u8; 16]; 16] = {
    let (mut steps, mut before) = ([[0b111; 16]; 16], 0_u8);
    while before <= LETTER {
        let mut behind = 0;
        while behind <= LETTER {
            let same = before == behind;
            let digits = before < LETTER && behind < LETTER;
            let up = digits && behind == (before + 1) % 10;
            let down = digits && before == (behind + 1) % 10;
            steps[before as usize][behind as usize] = same as u8 | (up as u8) << 1 | (down as u8) << 2;
            behind += 1;
        }
        before += 1;
    }
    steps
};

#[cfg(test)]
mod tests {
    use super::{is_placeholder, may_be_placeholder};

    #[test]
    fn fillers_are_told_from_numbers() {
        for text in
            ["000000000000", "1111-1111", "0123456789", "123456789012", "987654321", "XXXXXXXX", "9999", "890123"]
        {
            assert!(is_placeholder(text) && may_be_placeholder(text.as_bytes()), "{text}");
        }
        for text in ["", "111", "-", "0000000001", "12345670", "ABCDEF", "001099000001", "0909090909", "1111Đ"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}

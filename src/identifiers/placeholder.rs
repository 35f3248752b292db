//! Placeholders: values that only fill a cell.

/// The fewest characters of a placeholder without anything before them.
const FEWEST: usize = 4;

/// The fewest digits of a placeholder after letters, and the fewest zeros after other digits.
const FEWEST_BEHIND: usize = 7;

/// The fewest digits of a placeholder after a plus and a country code.
const FEWEST_DIALLED: usize = 9;

/// The most digits before zeros, and the most letters, or digits of a country after a plus, before a placeholder.
const MOST_LED: usize = 2;
const MOST_LETTERS: usize = 4;
const MOST_DIALLED: usize = 3;

/// Whether a text is a placeholder: the letters and digits after its last slash are one repeated character, or digits
/// counted up or down (0 follows 9), or zeros after up to two digits; or there are such digits after letters or a plus,
/// as in `PL0000000000` and `+84987654321`.
#[inline]
pub fn is_placeholder(text: &str) -> bool {
    may_be_placeholder(text.as_bytes()) && fills(text)
}

fn fills(text: &str) -> bool {
    let behind = text.bytes().rposition(|byte| byte == b'/').map_or(0, |slash| slash + 1);
    let part = &text.as_bytes()[behind..];
    // From the end, where every placeholder shows.
    let mut signs = part.iter().rev().copied().filter(u8::is_ascii_alphanumeric);
    let Some(last) = signs.next() else { return false };
    let is_digit = last.is_ascii_digit();
    let (mut same, mut up, mut down) = (true, is_digit, is_digit);
    let (mut first, mut count, mut led) = (last, 1, [0; MOST_LETTERS + MOST_LED + 1]);
    let mut leads = 0;
    for sign in signs {
        if leads == 0 {
            let goes_up = up && sign.is_ascii_digit() && first == if sign == b'9' { b'0' } else { sign + 1 };
            let goes_down = down && sign.is_ascii_digit() && sign == if first == b'9' { b'0' } else { first + 1 };
            if (same && sign == first) || goes_up || goes_down {
                (same, up, down) = (same && sign == first, goes_up, goes_down);
                (first, count) = (sign, count + 1);
                continue;
            }
        }
        // The characters before it, the nearest first. If there are more than fit, it is not a placeholder.
        match led.get_mut(leads) {
            Some(place) => *place = sign,
            None => return false,
        }
        leads += 1;
    }
    let (led, zeros) = (&led[..leads], same && last == b'0' && count >= FEWEST_BEHIND);
    let digits = led.iter().take_while(|sign| sign.is_ascii_digit()).count();
    let letters = &led[digits..];
    let filled = match (digits, letters.len()) {
        (0, 0) => count >= FEWEST,
        // The same digit other than 0 after a country code is a real telephone number that is sold at a premium.
        (_, 0) if part.first() == Some(&b'+') => {
            (zeros && digits <= MOST_DIALLED + MOST_LED)
                || ((up || down) && count >= FEWEST_DIALLED && digits <= MOST_DIALLED)
        }
        (_, 0) => (zeros && digits <= MOST_LED) || (led == b"0" && same && last == b'9' && count == 9),
        (0, 1..=MOST_LETTERS) => is_digit && count >= FEWEST_BEHIND,
        (_, 1..=MOST_LETTERS) => zeros && digits <= MOST_LED,
        _ => false,
    };
    // A text with other letters is not a placeholder.
    filled && letters.iter().all(u8::is_ascii_alphabetic) && text.is_ascii()
}

/// Whether the last characters of a text allow it to be a placeholder: about one of a hundred numbers. There is no
/// branch a step, since the processor would mispredict it for digits that differ from value to value.
#[inline]
fn may_be_placeholder(text: &[u8]) -> bool {
    let Some(last) = text.last_chunk::<FEWEST>() else { return false };
    let [a, b, c, d] = last.map(|sign| usize::from(SORTS[usize::from(sign)]));
    STEPS[a][b] & STEPS[b][c] & STEPS[c][d] != 0
}

/// The class of a byte: a digit, one of the letters, or anything else, which a placeholder may contain anywhere.
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

/// How one class may follow another: equal, a digit up, or a digit down, one bit each.
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
        for text in [
            "000000000000",
            "1111-1111",
            "0123456789",
            "123456789012",
            "987654321",
            "XXXXXXXX",
            "9999",
            "890123",
            "0900000000",
            "0999999999",
            "0300000000",
            "02000000000",
            "IMO 0000000",
            "PL1111111111",
            "FI00000000",
            "ESA00000000",
            "DE36000000000000000000",
            "DN4000000000000",
            "+84987654321",
            "+84000000000",
            "+84 900 000 000",
            "+842000000000",
            "https://orcid.org/0000-0000-0000-0000",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in [
            "",
            "111",
            "-",
            "0000000001",
            "12345670",
            "ABCDEF",
            "001099000001",
            "0909090909",
            "1111Đ",
            "+84888888888",
            "0988888888",
            "DN4012345678901",
            "AB:11:11:11",
            "ABCDE0000000",
            "1230000000",
            "AB000000",
            "0000/1x",
            "+84912345678",
            "PL111111",
            "ABCD",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }

    /// The quick test misses none.
    #[test]
    fn fillers_are_not_overlooked() {
        for text in ["1111", "12-34", "0987654321", "IMO 0000000", "0900000000", "a/0000", "--1111--", "890123", "aAaA"]
        {
            assert_eq!(is_placeholder(text), super::fills(text), "{text}");
            assert!(may_be_placeholder(text.as_bytes()) || !super::fills(text), "{text}");
        }
    }
}

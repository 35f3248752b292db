//! Values that only fill a cell.

/// The fewest characters that tell.
const FEWEST: usize = 4;

/// The fewest digits that tell behind letters, and the fewest zeros behind other digits.
const FEWEST_BEHIND: usize = 7;

/// The fewest digits that tell behind a plus and the code of a country.
const FEWEST_DIALLED: usize = 9;

/// The most digits before zeros, and the most letters, or digits of a country behind a plus, before what fills a cell.
const MOST_LED: usize = 2;
const MOST_LETTERS: usize = 4;
const MOST_DIALLED: usize = 3;

/// Whether a text only fills a cell: the letters and digits behind its last slash are one over and over, or digits counted up or
/// down (0 follows 9), or zeros behind up to two digits; or there are such digits behind letters or a plus, as in `PL0000000000`
/// and `+84987654321`.
#[inline]
pub fn is_placeholder(text: &str) -> bool {
    may_be_placeholder(text.as_bytes()) && fills(text)
}

fn fills(text: &str) -> bool {
    // A text with other letters says something.
    if !text.is_ascii() {
        return false;
    }
    let text = text.rsplit('/').next().unwrap_or(text).as_bytes();
    let signs = || text.iter().copied().filter(u8::is_ascii_alphanumeric);
    let letters = signs().take_while(u8::is_ascii_alphabetic).take(MOST_LETTERS + 1).count();
    if run(signs()).is_some_and(|(_, count)| count >= FEWEST) || zeros(&signs()) || signs().eq(*b"0999999999") {
        return true;
    }
    if text.first() == Some(&b'+') {
        // The same digit but 0 behind the code of a country is a telephone number that somebody paid for.
        let is_filler = |(run, count)| run == Run::Counted && count >= FEWEST_DIALLED;
        return (1..=MOST_DIALLED).any(|country| {
            let rest = || signs().skip(country);
            zeros(&rest()) || run(rest()).is_some_and(is_filler)
        });
    }
    let rest = || signs().skip(letters);
    let is_filler = |(_, count)| count >= FEWEST_BEHIND;
    (1..=MOST_LETTERS).contains(&letters) && (zeros(&rest()) || run(rest()).is_some_and(is_filler))
}

/// How each character follows the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Run {
    Same,
    Counted,
}

/// How all characters follow each other, and how many there are.
fn run(mut signs: impl Iterator<Item = u8>) -> Option<(Run, usize)> {
    let first = signs.next()?;
    let (mut last, mut count) = (first, 1);
    let (mut same, mut up, mut down) = (true, first.is_ascii_digit(), first.is_ascii_digit());
    for sign in signs {
        same &= sign == last;
        let is_digit = sign.is_ascii_digit();
        up &= is_digit && sign == if last == b'9' { b'0' } else { last + 1 };
        down &= is_digit && last == if sign == b'9' { b'0' } else { sign + 1 };
        if !(same || up || down) {
            return None;
        }
        (last, count) = (sign, count + 1);
    }
    Some((if same { Run::Same } else { Run::Counted }, count))
}

/// Whether zeros stand behind up to two digits.
fn zeros(signs: &(impl Iterator<Item = u8> + Clone)) -> bool {
    (0..=MOST_LED).any(|led| {
        let mut zeros = 0;
        signs.clone().take(led).all(|sign| sign.is_ascii_digit())
            && signs.clone().skip(led).inspect(|_| zeros += 1).all(|sign| sign == b'0')
            && zeros >= FEWEST_BEHIND
    })
}

/// Whether the last characters of a text let it be a placeholder: one of a hundred numbers or so. Asks nothing step by step,
/// since a guess about digits that differ from value to value is wrong as often as not.
#[inline]
fn may_be_placeholder(text: &[u8]) -> bool {
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

    /// The quick look misses none.
    #[test]
    fn fillers_are_not_overlooked() {
        for text in ["1111", "12-34", "0987654321", "IMO 0000000", "0900000000", "a/0000", "--1111--", "890123", "aAaA"]
        {
            assert_eq!(is_placeholder(text), super::fills(text), "{text}");
            assert!(may_be_placeholder(text.as_bytes()) || !super::fills(text), "{text}");
        }
    }
}

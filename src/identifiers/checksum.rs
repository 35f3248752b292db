//! Check digits.

use super::prepared::are_digits;

/// How check digits are reckoned over the characters of an identifier.
#[derive(Debug, Clone, Copy)]
pub enum Checksum {
    /// The values times their weights add up to `remainder` modulo `modulus`; the check digit is among them. Characters
    /// beyond the last weight do not count.
    Weighted {
        /// One a character from the left.
        weights: &'static [u8],
        /// What each character is worth.
        values: Values,
        /// The modulus.
        modulus: u32,
        /// What remains.
        remainder: u32,
    },
    /// The same with weights that repeat from the right, where texts are of several lengths.
    FromRight {
        /// The first is that of the last character.
        weights: &'static [u8],
        /// The modulus.
        modulus: u32,
    },
    /// Luhn: every second digit from the right is doubled, and the digits of all add up to a multiple of ten with `added`.
    /// A letter stands for the two digits of its number (A is 10).
    Luhn {
        /// What a prefix that is not written would add.
        added: u32,
    },
    /// ISO 7064 mod 97-10: as a decimal number, letters as two digits, it leaves 1; so many characters are moved from the
    /// front to the end before.
    Mod97 {
        /// How many are moved.
        moved: usize,
    },
    /// What no table says.
    Reckoned(fn(&[u8]) -> bool),
}

/// What the characters of an identifier are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// Digits as they are, X for ten, nothing for a hyphen or a space.
    Digits,
    /// Digits as they are, A is 10 and Z is 35, nothing for a space.
    Letters,
    /// The letters of vehicle numbers.
    Vehicle,
}

impl Values {
    /// What a character is worth, if anything.
    #[inline]
    pub(super) fn of(self, byte: u8) -> Option<u32> {
        match VALUES[self as usize][usize::from(byte)] {
            NOTHING => None,
            value => Some(u32::from(value)),
        }
    }
}

/// What a character is worth that is worth nothing: more than any other.
const NOTHING: u8 = 1 << 7;

/// What each character is worth, by [`Values`].
const VALUES: [[u8; 256]; 3] = {
    let mut tables = [[NOTHING; 256]; 3];
    let mut sign = 0;
    while sign < 26 {
        let (letter, value) = ((b'A' + sign) as usize, sign);
        if sign < 10 {
            tables[0][(b'0' + sign) as usize] = sign;
            tables[1][(b'0' + sign) as usize] = sign;
            tables[2][(b'0' + sign) as usize] = sign;
        }
        tables[Values::Letters as usize][letter] = 10 + value;
        // The letters of vehicles count from 1 to 9 again and again, as if I, O and Q were there, and S begins with 2.
        tables[Values::Vehicle as usize][letter] = match b'A' + sign {
            b'I' | b'O' | b'Q' => NOTHING,
            b'A'..=b'H' => value + 1,
            b'J'..=b'R' => value - 8,
            _ => value - 16,
        };
        sign += 1;
    }
    tables[Values::Digits as usize][b'X' as usize] = 10;
    // Signs between them count for nothing, where a form has them.
    tables[Values::Digits as usize][b'-' as usize] = 0;
    tables[Values::Digits as usize][b' ' as usize] = 0;
    tables[Values::Letters as usize][b' ' as usize] = 0;
    tables
};

/// The sum of the values times their weights, as far as both go.
#[inline]
pub(super) fn weighted(text: &[u8], weights: &[u8], values: Values) -> Option<u32> {
    let table = &VALUES[values as usize];
    let (sum, all) = text.iter().zip(weights).fold((0, 0), |(sum, all), (byte, weight)| {
        let value = table[usize::from(*byte)];
        (sum + u32::from(value) * u32::from(*weight), all | value)
    });
    (all & NOTHING == 0).then_some(sum)
}

/// The sum of digits that are worth what they say times their weights.
pub(super) fn digits_sum(text: &[u8], weights: &[u32]) -> u32 {
    text.iter().zip(weights).map(|(byte, weight)| u32::from(byte.wrapping_sub(b'0')) * weight).sum()
}

/// A digit as a number; anything for other characters.
pub(super) fn digit(text: &[u8], at: usize) -> u32 {
    text.get(at).map_or(0, |byte| u32::from(byte.wrapping_sub(b'0')))
}

/// A run of digits as a number; anything for other characters.
pub(super) fn number(text: &[u8]) -> u64 {
    text.iter().fold(0, |sum, byte| sum.wrapping_mul(10).wrapping_add(u64::from(byte.wrapping_sub(b'0'))))
}

/// What a character adds to the sum of Luhn where its last digit counts once, and where it counts twice.
const LUHN: [[u8; 256]; 2] = {
    const fn doubled(digit: u8) -> u8 {
        digit * 2 / 10 + digit * 2 % 10
    }
    let mut tables = [[NOTHING; 256]; 2];
    let mut byte = 0;
    while byte < 256 {
        let value = VALUES[Values::Letters as usize][byte];
        if value < 10 {
            tables[0][byte] = value;
            tables[1][byte] = doubled(value);
        } else if value != NOTHING {
            tables[0][byte] = value % 10 + doubled(value / 10);
            tables[1][byte] = doubled(value % 10) + value / 10;
        }
        byte += 1;
    }
    tables
};

/// The sum of Luhn, without any prefix.
#[inline]
pub(super) fn luhn(text: &[u8]) -> Option<u32> {
    let value = |doubled: usize, byte: u8| u32::from(LUHN[doubled][usize::from(byte)]);
    if are_digits(text) {
        // Pairs from the right, of which the first counts twice.
        let (rest, pairs) = text.as_rchunks::<2>();
        let sum: u32 = pairs.iter().map(|[twice, once]| value(1, *twice) + value(0, *once)).sum();
        return Some(sum + rest.first().map_or(0, |once| value(0, *once)));
    }
    let (sum, all, _) = text.iter().rev().fold((0, 0, 0), |(sum, all, doubled), byte| {
        let value = value(doubled, *byte);
        // A letter is two digits, so the one before it counts as its last does.
        (sum + value, all | value, doubled ^ usize::from(!byte.is_ascii_uppercase()))
    });
    (all & u32::from(NOTHING) == 0).then_some(sum)
}

/// The check digit of Luhn behind some digits.
#[inline]
pub(super) fn luhn_left(text: &[u8]) -> u32 {
    let value = |doubled: usize, byte: u8| u32::from(LUHN[doubled][usize::from(byte)]);
    let (rest, pairs) = text.as_rchunks::<2>();
    let sum: u32 = pairs.iter().map(|[once, twice]| value(0, *once) + value(1, *twice)).sum();
    (10 - (sum + rest.first().map_or(0, |twice| value(1, *twice))) % 10) % 10
}

/// What the text leaves modulo 97 as a decimal number, behind one that leaves `rest`.
#[inline]
pub(super) fn modulo_97(rest: u64, text: &[u8]) -> Option<u64> {
    let table = &VALUES[Values::Letters as usize];
    let mut all = 0;
    // Eight characters are sixteen digits at most, so that nothing overflows; and eight do not wait for those before them.
    let rest = text.chunks(8).fold(rest, |rest, chunk| {
        let (number, scale) = chunk.iter().fold((0, 1), |(number, scale), byte| {
            let value = table[usize::from(*byte)];
            all |= value;
            let shift = if value < 10 { 10 } else { 100 };
            (number * shift + u64::from(value), scale * shift)
        });
        (rest * scale + number) % 97
    });
    (all & NOTHING == 0).then_some(rest)
}

/// Digits times weights, the last with the first.
#[inline]
fn backwards(text: &[u8], weights: &[u8]) -> u32 {
    let pairs = text.iter().rev().zip(weights);
    pairs.map(|(byte, weight)| u32::from(byte.wrapping_sub(b'0')) * u32::from(*weight)).sum()
}

/// What is left modulo a number; the usual ones are known beforehand, which saves a division.
#[inline]
const fn modulo(sum: u32, modulus: u32) -> u32 {
    match modulus {
        10 => sum % 10,
        11 => sum % 11,
        _ => sum % modulus,
    }
}

impl Checksum {
    /// Whether the check digits fit.
    #[inline]
    pub(super) fn holds(&self, text: &[u8]) -> bool {
        match self {
            Self::Weighted { weights, values, modulus, remainder } => {
                weighted(text, weights, *values).is_some_and(|sum| modulo(sum, *modulus) == *remainder)
            }
            Self::FromRight { weights, modulus } => {
                let sum: u32 = if let [last, before] = weights {
                    // Nearly all of them.
                    let (rest, pairs) = text.as_rchunks::<2>();
                    pairs.iter().map(|pair| backwards(pair, &[*last, *before])).sum::<u32>() + backwards(rest, &[*last])
                } else {
                    text.rchunks(weights.len()).map(|chunk| backwards(chunk, weights)).sum()
                };
                modulo(sum, *modulus) == 0
            }
            Self::Luhn { added } => luhn(text).is_some_and(|sum| (sum + added) % 10 == 0),
            Self::Mod97 { moved } => {
                let (front, rest) = text.split_at((*moved).min(text.len()));
                // They are 98 less what the others leave, so never 00, 01 or 99.
                let digits = if *moved == 0 { rest } else { front }.last_chunk::<2>();
                digits.is_some_and(|digits| (2..=98).contains(&number(digits)))
                    && modulo_97(0, rest).and_then(|left| modulo_97(left, front)) == Some(1)
            }
            Self::Reckoned(reckon) => reckon(text),
        }
    }
}

//! Check digits.

/// How check digits are calculated over the characters of an identifier.
#[derive(Debug, Clone, Copy)]
pub enum Checksum {
    /// The sum of the values times their weights is `remainder` modulo `modulus`; the check digit is one of the
    /// characters. Characters of weight 0 and those beyond the last weight do not count.
    Weighted {
        /// One a character from the left.
        weights: &'static [u8],
        /// The value of each character; from the left, repeated.
        values: &'static [Values],
        /// The modulus.
        modulus: u32,
        /// The remainder.
        remainder: u32,
    },
    /// The same with weights that repeat from the right, for texts of several lengths.
    FromRight {
        /// The first weight is that of the last character.
        weights: &'static [u8],
        /// The modulus.
        modulus: u32,
    },
    /// Luhn: every second digit from the right is doubled, and all digits and `added` add up to a multiple of ten. A
    /// letter counts as the two digits of its number (A is 10).
    Luhn {
        /// What an unwritten prefix would add.
        added: u32,
    },
    /// ISO 7064 mod 97-10: as a decimal number, letters as two digits, the remainder is 1; before that, this many
    /// characters are moved from the front to the end.
    Mod97 {
        /// How many characters are moved.
        moved: usize,
    },
    /// Calculated by code.
    Reckoned(fn(&[u8]) -> bool),
}

/// The values of the characters of an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// Digits as they are, X for ten.
    Digits,
    /// Digits as they are, A is 10 and Z is 35.
    Letters,
    /// The values of vehicle numbers.
    Vehicle,
    /// The digit sum of the value, where A is 10, Z 35, and `*`, `@` and `#` are 36 to 38.
    DigitSum,
    /// The same of twice the value.
    DoubledDigitSum,
    /// The small digits of Crockford's base 32.
    Base32,
}

impl Values {
    /// The value of a character, if it has one.
    #[inline]
    pub(super) fn of(self, byte: u8) -> Option<u32> {
        match VALUES[self as usize][usize::from(byte)] {
            NOTHING => None,
            value => Some(u32::from(value)),
        }
    }
}

/// The value of a character without value: larger than any other.
const NOTHING: u8 = 1 << 7;

/// Characters in the order of their values.
pub(super) const SIGNS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*@#";

/// The small digits of Crockford's base 32.
pub(super) const BASE_32: &str = "0123456789abcdefghjkmnpqrstvwxyz";

/// The value of each character, by [`Values`].
const VALUES: [[u8; 256]; 6] = {
    let mut tables = [[NOTHING; 256]; 6];
    let mut value = 0;
    while value < 39 {
        let sign = SIGNS.as_bytes()[value as usize];
        let at = sign as usize;
        tables[Values::DigitSum as usize][at] = digit_sum(value);
        tables[Values::DoubledDigitSum as usize][at] = digit_sum(2 * value);
        if value < 36 {
            tables[Values::Letters as usize][at] = value;
            // The letters of vehicles count from 1 to 9 repeatedly, as if I, O and Q were included, and S begins with
            // 2.
            tables[Values::Vehicle as usize][at] = match sign {
                b'I' | b'O' | b'Q' => NOTHING,
                b'A'..=b'H' => value - 9,
                b'J'..=b'R' => value - 18,
                b'S'..=b'Z' => value - 26,
                _ => value,
            };
        }
        if value < 32 {
            tables[Values::Base32 as usize][BASE_32.as_bytes()[value as usize] as usize] = value;
        }
        if value < 10 {
            tables[Values::Digits as usize][at] = value;
        }
        value += 1;
    }
    tables[Values::Digits as usize][b'X' as usize] = 10;
    tables
};

/// The digit sum of a number below a hundred.
const fn digit_sum(number: u8) -> u8 {
    number / 10 + number % 10
}

/// The sum of the values times their weights, up to the end of the shorter one.
fn weighted(text: &[u8], weights: &[u8], values: &[Values]) -> Option<u32> {
    let mut counted = text.iter().zip(weights).zip(values.iter().cycle()).filter(|((_, weight), _)| **weight != 0);
    counted.try_fold(0, |sum, ((byte, weight), values)| Some(sum + values.of(*byte)? * u32::from(*weight)))
}

/// The sum of digits times their weights.
pub(super) fn digits_sum(text: &[u8], weights: &[u32]) -> u32 {
    text.iter().zip(weights).map(|(byte, weight)| u32::from(byte.wrapping_sub(b'0')) * weight).sum()
}

/// A digit as a number; undefined for other characters.
pub(super) fn digit(text: &[u8], at: usize) -> u32 {
    text.get(at).map_or(0, |byte| u32::from(byte.wrapping_sub(b'0')))
}

/// Whether all bytes are digits, at least one.
pub(super) fn all_digits(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().fold(true, |all, byte| all & byte.is_ascii_digit())
}

/// A run of digits as a number; undefined for other characters.
pub(super) fn number(text: &[u8]) -> u64 {
    text.iter().fold(0, |sum, byte| sum.wrapping_mul(10).wrapping_add(u64::from(byte.wrapping_sub(b'0'))))
}

/// What a character adds to the sum of Luhn: in the lowest byte if its last digit counts once, in the next if it counts
/// twice. After them 8 if the character before it counts the other way: always, except before a letter, which is two
/// digits. Nothing for other characters.
const LUHN: [u32; 256] = {
    // The digit sum of twice a digit.
    const DOUBLED: [u32; 10] = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
    let (mut table, mut value) = ([8 << 16; 256], 0_u32);
    while value < 36 {
        let (tens, ones) = (value / 10, value % 10);
        table[SIGNS.as_bytes()[value as usize] as usize] = (ones + DOUBLED[tens as usize])
            | (DOUBLED[ones as usize] + tens) << 8
            | if value < 10 { 8 << 16 } else { 0 };
        value += 1;
    }
    table
};

/// What a character adds to the sum of Luhn.
pub(super) fn luhn_of(byte: u8, doubled: bool) -> u32 {
    LUHN[usize::from(byte)] >> if doubled { 8 } else { 0 } & 0xFF
}

/// The sum of Luhn, without any prefix.
#[inline]
pub(super) fn luhn(text: &[u8]) -> u32 {
    let add = |(sum, shift): (u32, u32), byte: &u8| {
        let value = LUHN[usize::from(*byte)];
        (sum + (value >> shift & 0xFF), shift ^ value >> 16)
    };
    text.iter().rev().fold((0, 0), add).0
}

/// The check digit of Luhn after some digits.
#[inline]
pub(super) fn luhn_left(text: &[u8]) -> u32 {
    let add = |(sum, shift): (u32, u32), byte: &u8| (sum + (LUHN[usize::from(*byte)] >> shift & 0xFF), shift ^ 8);
    (10 - text.iter().rev().fold((0, 8), add).0 % 10) % 10
}

/// For each remainder of a decimal number modulo 97 the remainder with each further character, letters as two digits;
/// the remainder itself for other characters. The table is complete, so that no lookup can be outside of it.
static BEHIND_97: [[u8; 256]; 256] = {
    let (mut table, mut rest) = ([[0; 256]; 256], 0_u8);
    while rest < 97 {
        table[rest as usize] = [rest; 256];
        let mut value = 0;
        while value < 36 {
            let (tens, ones) = (value / 10, value % 10);
            let before = if tens > 0 { behind_97(rest, tens) } else { rest };
            table[rest as usize][SIGNS.as_bytes()[value as usize] as usize] = behind_97(before, ones);
            value += 1;
        }
        rest += 1;
    }
    table
};

/// The remainder modulo 97 of a number with remainder `rest` and one more digit.
const fn behind_97(rest: u8, digit: u8) -> u8 {
    let (mut sum, mut times) = (digit, 0);
    while times < 10 {
        sum = (sum + rest) % 97;
        times += 1;
    }
    sum
}

/// Powers of ten modulo 97.
const POWERS_97: [u64; 9] = {
    let (mut powers, mut at) = ([1; 9], 1);
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10 % 97;
        at += 1;
    }
    powers
};

/// The remainder modulo 97 of digits and capitals as a decimal number, letters as two digits, after a number with
/// remainder `rest`.
#[inline]
pub(super) fn modulo_97(rest: u64, text: &[u8]) -> u64 {
    let behind = |rest: u8, byte: &u8| BEHIND_97[usize::from(rest)][usize::from(*byte)];
    let of_four = |rest: u64, four: &[u8; 4]| {
        // Letters have this bit, digits do not.
        let letters = (u32::from_le_bytes(*four) >> 6 & 0x0101_0101).wrapping_mul(0x0101_0101) >> 24;
        rest * POWERS_97[4 + letters as usize] + u64::from(four.iter().fold(0, behind))
    };
    text.chunks(32).fold(rest, |rest, part| {
        // Fours do not wait for each other; nine factors below 97 do not overflow.
        let (fours, left) = part.as_chunks::<4>();
        let rest = fours.iter().fold(rest, of_four) % 97;
        u64::from(left.iter().fold(u8::try_from(rest).unwrap_or_default(), behind))
    })
}

/// Whether a text begins with two digits that can be check digits of mod 97-10: they are 98 minus the remainder of the
/// others, so never 00, 01 or 99.
#[inline]
pub(super) fn can_check_97(text: &[u8]) -> bool {
    text.first_chunk::<2>().is_some_and(|digits| (2..=98).contains(&number(digits)))
}

/// The remainder modulo a number; the usual numbers are constants, which saves a division.
#[inline]
pub(super) const fn modulo(sum: u32, modulus: u32) -> u32 {
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
                weighted(text, weights, values).is_some_and(|sum| modulo(sum, *modulus) == *remainder)
            }
            Self::FromRight { weights, modulus } => {
                let pairs = text.iter().rev().zip(weights.iter().cycle());
                let sum = pairs.map(|(byte, weight)| u32::from(byte.wrapping_sub(b'0')) * u32::from(*weight)).sum();
                modulo(sum, *modulus) == 0
            }
            Self::Luhn { added } => (luhn(text) + added).is_multiple_of(10),
            Self::Mod97 { moved } => {
                let (front, rest) = text.split_at((*moved).min(text.len()));
                let digits = if *moved == 0 { rest } else { front }.last_chunk::<2>();
                digits.is_some_and(|digits| can_check_97(digits)) && modulo_97(modulo_97(0, rest), front) == 1
            }
            Self::Reckoned(reckon) => reckon(text),
        }
    }
}

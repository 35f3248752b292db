//! Check digits.

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
    /// Digits as they are, and X for ten.
    Digits,
    /// Digits as they are, A is 10 and Z is 35.
    Letters,
    /// The letters of vehicle numbers.
    Vehicle,
}

impl Values {
    pub(super) fn of(self, byte: u8) -> Option<u32> {
        match (self, byte) {
            (_, b'0'..=b'9') => Some(u32::from(byte - b'0')),
            (Self::Digits, b'X') => Some(10),
            (Self::Letters, b'A'..=b'Z') => Some(u32::from(byte - b'A') + 10),
            (Self::Vehicle, b'A'..=b'H') => Some(u32::from(byte - b'A') + 1),
            (Self::Vehicle, b'J'..=b'R') => Some(u32::from(byte - b'J') + 1),
            (Self::Vehicle, b'S'..=b'Z') => Some(u32::from(byte - b'S') + 2),
            _ => None,
        }
    }
}

/// The sum of the values times their weights, as far as both go.
pub(super) fn weighted(text: &[u8], weights: &[u8], values: Values) -> Option<u32> {
    text.iter().zip(weights).try_fold(0, |sum, (byte, weight)| Some(sum + values.of(*byte)? * u32::from(*weight)))
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

/// The sum of Luhn, without any prefix.
pub(super) fn luhn(text: &[u8]) -> Option<u32> {
    let (mut sum, mut doubled) = (0, false);
    let mut add = |digit: u32| {
        let value = if doubled { digit * 2 } else { digit };
        sum += value / 10 + value % 10;
        doubled = !doubled;
    };
    for byte in text.iter().rev() {
        let value = Values::Letters.of(*byte)?;
        add(value % 10);
        if value >= 10 {
            add(value / 10);
        }
    }
    Some(sum)
}

/// What the text leaves modulo 97 as a decimal number.
fn modulo_97(text: impl Iterator<Item = u8>) -> Option<u32> {
    text.into_iter().try_fold(0, |rest, byte| {
        let value = Values::Letters.of(byte)?;
        Some((rest * if value < 10 { 10 } else { 100 } + value) % 97)
    })
}

impl Checksum {
    /// Whether the check digits fit.
    pub(super) fn holds(&self, text: &[u8]) -> bool {
        match self {
            Self::Weighted { weights, values, modulus, remainder } => {
                weighted(text, weights, *values).is_some_and(|sum| sum % modulus == *remainder)
            }
            Self::FromRight { weights, modulus } => {
                let sum: u32 = text
                    .iter()
                    .rev()
                    .zip(weights.iter().cycle())
                    .map(|(byte, weight)| u32::from(byte.wrapping_sub(b'0')) * u32::from(*weight))
                    .sum();
                sum.is_multiple_of(*modulus)
            }
            Self::Luhn { added } => luhn(text).is_some_and(|sum| (sum + added) % 10 == 0),
            Self::Mod97 { moved } => {
                let (front, rest) = text.split_at((*moved).min(text.len()));
                modulo_97(rest.iter().chain(front).copied()) == Some(1)
            }
            Self::Reckoned(reckon) => reckon(text),
        }
    }
}

//! Numbers and dates as unsigned whole numbers in the same order: their images.
//!
//! A date, a timestamp or a float has an image of 64 bits, an integer one of 128 bits, a decimal one of 256 bits: as a whole
//! number of 10^-38, so that every decimal has one, and differences of images are those of the numbers. Words of an image are
//! stored the highest first.

use std::fmt::Debug;
use std::ops::{Shl, Shr, Sub};

use ethnum::U256;
use num_bigint::BigInt;

use crate::model::{DataType, Decimal, Value};

use super::fixed::units;

const SIGN: u64 = 1 << 63;

/// The image of zero among whole numbers of 128 and of 256 bits.
const ZERO_128: u128 = 1 << 127;
const ZERO_256: U256 = U256::from_words(1 << 127, 0);

/// An image.
pub(crate) trait Image:
    Copy
    + Ord
    + From<u64>
    + Sub<Output = Self>
    + Shl<u32, Output = Self>
    + Shr<u32, Output = Self>
    + Send
    + Sync
    + Debug
    + 'static
{
    /// Words that it takes.
    const WORDS: usize;
    /// The least of all.
    const LEAST: Self;
    /// The greatest of all.
    const GREATEST: Self;

    /// The image that these words begin with.
    fn read(words: &[u64]) -> Self;

    /// Appends its words.
    fn write(self, out: &mut Vec<u64>);

    /// Its words, the lowest first, and zeros.
    fn low_words(self) -> [u64; 4];

    /// How many bits it takes to write it.
    fn bits(self) -> u32;

    /// It less another, which is not greater.
    #[inline]
    fn less(self, other: Self) -> Self {
        self - other
    }

    /// It and another, or the greatest.
    fn plus(self, other: Self) -> Self;

    /// Without so many of its lowest bits.
    #[inline]
    fn without_bits(self, bits: u32) -> Self {
        self >> bits
    }

    /// A number followed by so many bits of 0.
    #[inline]
    fn of_part(part: u64, bits: u32) -> Self {
        Self::from(part) << bits
    }

    /// Its lowest word.
    #[inline]
    fn low_word(self) -> u64 {
        self.low_words()[0]
    }

    /// How far apart both are.
    fn distance(self, other: Self) -> Self {
        if self > other { self.less(other) } else { other.less(self) }
    }

    /// The nearest float of a distance.
    fn to_float(self) -> f64;

    /// The whole number that has this image.
    fn whole(self) -> BigInt;

    /// The image of a whole number, or of the nearest that has one.
    fn of_whole(number: &BigInt) -> Self;
}

/// The image of the nearest whole number: `number` is over zero's image, or under it.
fn nearest<I: Image>(number: &BigInt, image: Option<I>) -> I {
    image.unwrap_or(if number.sign() == num_bigint::Sign::Minus { I::LEAST } else { I::GREATEST })
}

impl Image for u64 {
    const WORDS: usize = 1;
    const LEAST: Self = Self::MIN;
    const GREATEST: Self = Self::MAX;

    #[inline]
    fn read(words: &[u64]) -> Self {
        words[0]
    }

    #[inline]
    fn write(self, out: &mut Vec<u64>) {
        out.push(self);
    }

    #[inline]
    fn low_words(self) -> [u64; 4] {
        [self, 0, 0, 0]
    }

    fn bits(self) -> u32 {
        Self::BITS - self.leading_zeros()
    }

    fn plus(self, other: Self) -> Self {
        self.saturating_add(other)
    }

    #[expect(clippy::cast_precision_loss, reason = "the nearest float")]
    fn to_float(self) -> f64 {
        self as f64
    }

    fn whole(self) -> BigInt {
        whole_of(self).into()
    }

    fn of_whole(number: &BigInt) -> Self {
        nearest(number, i64::try_from(number).ok().map(image_of_whole))
    }
}

impl Image for u128 {
    const WORDS: usize = 2;
    const LEAST: Self = Self::MIN;
    const GREATEST: Self = Self::MAX;

    #[inline]
    fn read(words: &[u64]) -> Self {
        Self::from(words[0]) << 64 | Self::from(words[1])
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a word at a time")]
    fn write(self, out: &mut Vec<u64>) {
        out.extend([(self >> 64) as u64, self as u64]);
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a word at a time")]
    fn low_words(self) -> [u64; 4] {
        [self as u64, (self >> 64) as u64, 0, 0]
    }

    fn bits(self) -> u32 {
        Self::BITS - self.leading_zeros()
    }

    fn plus(self, other: Self) -> Self {
        self.saturating_add(other)
    }

    #[expect(clippy::cast_precision_loss, reason = "the nearest float")]
    fn to_float(self) -> f64 {
        self as f64
    }

    fn whole(self) -> BigInt {
        (self ^ ZERO_128).cast_signed().into()
    }

    fn of_whole(number: &BigInt) -> Self {
        nearest(number, i128::try_from(number).ok().map(|number| number.cast_unsigned() ^ ZERO_128))
    }
}

impl Image for U256 {
    const WORDS: usize = 4;
    const LEAST: Self = Self::MIN;
    const GREATEST: Self = Self::MAX;

    #[inline]
    fn read(words: &[u64]) -> Self {
        Self::from_words(u128::read(&words[..2]), u128::read(&words[2..4]))
    }

    #[inline]
    fn write(self, out: &mut Vec<u64>) {
        let (high, low) = self.into_words();
        high.write(out);
        low.write(out);
    }

    #[inline]
    fn low_words(self) -> [u64; 4] {
        let (high, low) = self.into_words();
        let ([first, second, ..], [third, fourth, ..]) = (low.low_words(), high.low_words());
        [first, second, third, fourth]
    }

    fn bits(self) -> u32 {
        Self::BITS - self.leading_zeros()
    }

    fn plus(self, other: Self) -> Self {
        self.saturating_add(other)
    }

    fn to_float(self) -> f64 {
        self.as_f64()
    }

    fn whole(self) -> BigInt {
        BigInt::from_signed_bytes_be(&(self ^ ZERO_256).to_be_bytes())
    }

    fn of_whole(number: &BigInt) -> Self {
        let signed = || {
            let bytes = number.to_signed_bytes_be();
            let mut all = [if number.sign() == num_bigint::Sign::Minus { u8::MAX } else { 0 }; 32];
            all.get_mut(32_usize.checked_sub(bytes.len())?..)?.copy_from_slice(&bytes);
            Some(Self::from_be_bytes(all) ^ ZERO_256)
        };
        nearest(number, signed())
    }
}

/// Words of an image at the most.
pub(crate) const MOST_IMAGE_WORDS: usize = <U256 as Image>::WORDS;

/// Does the same for values of any type, with images of its size as `$Image`.
macro_rules! with_images {
    ($data_type:expr, $Image:ident => $make:expr) => {
        match $data_type {
            $crate::model::DataType::Integer => {
                type $Image = u128;
                $make
            }
            $crate::model::DataType::Decimal => {
                type $Image = ethnum::U256;
                $make
            }
            _ => {
                type $Image = u64;
                $make
            }
        }
    };
}
pub(crate) use with_images;

/// Words of the image of a value of a type.
pub(crate) fn image_words(data_type: DataType) -> usize {
    with_images!(data_type, I => <I as Image>::WORDS)
}

/// The image of a date or a timestamp.
#[inline]
pub(crate) const fn image_of_whole(number: i64) -> u64 {
    number.cast_unsigned() ^ SIGN
}

/// The whole number of an image.
#[inline]
pub(crate) const fn whole_of(image: u64) -> i64 {
    (image ^ SIGN).cast_signed()
}

/// The image of an integer.
#[inline]
pub(crate) const fn image_of_integer(number: i128) -> u128 {
    number.cast_unsigned() ^ ZERO_128
}

/// The image of a decimal.
#[inline]
pub(crate) fn image_of_decimal(number: Decimal) -> U256 {
    units(number).as_u256() ^ ZERO_256
}

/// The image of a float that is a number; both zeros have one.
#[inline]
pub(crate) fn image_of_float(number: f64) -> u64 {
    let bits = (number + 0.0).to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

/// The float of an image.
#[inline]
pub(crate) const fn float_of(image: u64) -> f64 {
    f64::from_bits(if image & SIGN == 0 { !image } else { image ^ SIGN })
}

/// The value of an image of a type.
pub(crate) fn value_of<I: Image>(image: I, data_type: DataType) -> Value {
    match data_type {
        DataType::Float | DataType::Float32 => Value::Float(float_of(image.low_word())),
        DataType::Date => Value::Date(i32::try_from(whole_of(image.low_word())).unwrap_or(i32::MAX)),
        DataType::Datetime => Value::Datetime(whole_of(image.low_word())),
        _ => exact_of(image, data_type).map_or(Value::Null, Value::of_decimal),
    }
}

/// The number of an image of an integer or a decimal.
pub(crate) fn exact_of<I: Image>(image: I, data_type: DataType) -> Option<Decimal> {
    let places = if data_type == DataType::Decimal { Decimal::DIGITS } else { 0 };
    // What does not fit 38 digits are zeros.
    Decimal::fitting(&image.whole(), places.into())
}

/// Writes the image of a value in a type that is a number or a date; returns whether it has one.
pub(crate) fn write_image(value: &Value, data_type: DataType, out: &mut Vec<u64>) -> bool {
    match (value, data_type) {
        (Value::Integer(number), DataType::Integer) => image_of_integer((*number).into()).write(out),
        (Value::Decimal(number), DataType::Integer) => match number.to_whole() {
            Some(whole) => image_of_integer(whole).write(out),
            None => return false,
        },
        (Value::Integer(number), DataType::Decimal) => image_of_decimal((*number).into()).write(out),
        (Value::Decimal(number), DataType::Decimal) => image_of_decimal(*number).write(out),
        (Value::Float(number), DataType::Float | DataType::Float32) if !number.is_nan() => {
            image_of_float(*number).write(out);
        }
        (Value::Datetime(number), _) => image_of_whole(*number).write(out),
        (Value::Nanoseconds(instant), _) => image_of_whole(instant.micros).write(out),
        (Value::Date(day), _) => image_of_whole(i64::from(*day)).write(out),
        _ => return false,
    }
    true
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these come out exact")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn images_keep_the_order_of_numbers() {
        let floats =
            [f64::NEG_INFINITY, f64::MIN, -1.5, -f64::MIN_POSITIVE, 0.0, 5e-324, 1.0, 1.5, f64::MAX, f64::INFINITY];
        assert!(floats.map(image_of_float).is_sorted());
        assert_eq!(floats.map(|number| float_of(image_of_float(number))), floats);
        assert_eq!(image_of_float(-0.0), image_of_float(0.0));
        let whole = [i64::MIN, -7, -1, 0, 1, 7, i64::MAX];
        assert!(whole.map(image_of_whole).is_sorted());
        assert_eq!(whole.map(|number| whole_of(image_of_whole(number))), whole);
        let decimals = ["-99999999999999999999999999999999999999", "-1", "-1e-38", "0", "1e-38", "0.1", "1", "1e37"];
        let decimals = decimals.map(|text| Decimal::parse(text).expect(text));
        assert!(decimals.map(image_of_decimal).is_sorted());
        for number in decimals {
            assert_eq!(exact_of(image_of_decimal(number), DataType::Decimal), Some(number));
        }
    }

    proptest! {
        #[test]
        fn images_are_written_and_read(number: i128, high: u128, low: u128) {
            let mut words = Vec::new();
            image_of_integer(number).write(&mut words);
            prop_assert_eq!(u128::read(&words).whole(), BigInt::from(number));
            prop_assert_eq!(<u128 as Image>::of_whole(&number.into()), image_of_integer(number));
            let wide = U256::from_words(high, low);
            wide.write(&mut words);
            prop_assert_eq!(U256::read(&words[2..]), wide);
            prop_assert_eq!(<U256 as Image>::of_whole(&wide.whole()), wide);
        }
    }
}

//! VAT numbers of businesses in the European Union, with the country before them.

use super::checksum::{digit, digits_sum, luhn_left, modulo_97, number};
use super::day::is_day;
use super::form::{capitals, digits, digits_between, either, one_of};
use super::{Alphabet, Body, Checksum, Form, Kind, Segment, Values};

/// One of the digits that are not 0.
const FIRST: Segment = one_of("123456789");

/// The form of a country: its two letters, segments, and the calculation over the number after the letters.
macro_rules! form {
    ($a:literal $b:literal, [$($segment:expr),*], $reckon:expr) => {
        Form::checked(
            &[one_of($a), one_of($b), $($segment),*],
            Checksum::Reckoned(|text| {
                let reckon: fn(&[u8]) -> bool = $reckon;
                reckon(&text[2..])
            }),
        )
    };
}

/// The same, where values times weights, none for the letters of the country, have a remainder.
macro_rules! weighted {
    ($a:literal $b:literal, [$($segment:expr),*], $weights:expr, $values:expr, $modulus:literal, $remainder:literal) => {
        Form::checked(
            &[one_of($a), one_of($b), $($segment),*],
            Checksum::Weighted { weights: &$weights, values: $values, modulus: $modulus, remainder: $remainder },
        )
    };
}

const DIGITS: &[Values] = &[Values::Digits];
/// Every second digit of the seven before the check digit is doubled.
const AUSTRIAN: &[Values] = &{
    let mut values = [Values::DigitSum; 11];
    (values[4], values[6], values[8]) = (Values::DoubledDigitSum, Values::DoubledDigitSum, Values::DoubledDigitSum);
    values
};

const FORMS: &[Form] = &[
    weighted!("A" "T", [one_of("U"), digits(8)], [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1], AUSTRIAN, 10, 6),
    form!("B" "E", [one_of("01"), digits(9)], |text| (number(&text[..8]) + number(&text[8..])).is_multiple_of(97) && number(text) > 0),
    form!("B" "G", [digits(9)], bulgaria),
    form!("B" "G", [digits(10)], bulgaria_persons),
    form!("C" "Y", [digits(8), capitals(1)], cyprus),
    form!("C" "Z", [digits(8)], |text| text[0] != b'9' && czech(&text[..7]) == digit(text, 7)),
    form!("C" "Z", [digits(9)], |text| czech_special(text) || czech_birth(text)),
    form!("C" "Z", [digits(10)], |text| czech_birth(text) && number(&text[..9]) % 11 % 10 == u64::from(digit(text, 9))),
    form!("D" "E", [FIRST, digits(8)], mod_11_10),
    weighted!("D" "K", [FIRST, digits(7)], [0, 0, 2, 7, 6, 5, 4, 3, 2, 1], DIGITS, 11, 0),
    weighted!("E" "E", [digits(9)], [0, 0, 3, 7, 1, 3, 7, 1, 3, 7, 1], DIGITS, 10, 0),
    form!("E" "L", [digits(9)], |text| digits_sum(text, &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == digit(text, 8)),
    form!("E" "S", [either(1), digits(7), either(1)], spain),
    weighted!("F" "I", [digits(8)], [0, 0, 7, 9, 10, 5, 8, 4, 2, 1], DIGITS, 11, 0),
    form!("F" "R", [FRENCH, FRENCH, digits(9)], france),
    form!("H" "R", [digits(11)], mod_11_10),
    weighted!("H" "U", [digits(8)], [0, 0, 9, 7, 3, 1, 9, 7, 3, 1], DIGITS, 10, 0),
    form!("I" "E", [digits(7), IRISH], |text| ireland(text)),
    form!("I" "E", [digits(7), IRISH, IRISH], |text| ireland(text)),
    form!("I" "E", [digits(1), one_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ+*"), digits(5), IRISH], ireland_older),
    form!("I" "T", [digits(11)], italy),
    form!("L" "T", [digits(7), one_of("1"), digits(1)], lithuania),
    form!("L" "T", [digits(10), one_of("1"), digits(1)], lithuania),
    form!("L" "U", [digits(8)], |text| number(&text[..6]) % 89 == number(&text[6..])),
    form!("L" "V", [digits(11)], latvia),
    form!("M" "T", [FIRST, digits(7)], |text| u64::from(37 - digits_sum(text, &[3, 4, 6, 7, 8, 9]) % 37) == number(&text[6..])),
    form!("N" "L", [digits(9), one_of("B"), digits(2)], netherlands),
    form!("P" "L", [digits(10)], |text| digits_sum(text, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == digit(text, 9)),
    form!("P" "T", [FIRST, digits(8)], |text| (11 - digits_sum(text, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10 == digit(text, 8)),
    form!("R" "O", [FIRST, digits_between(1, 9)], romania),
    form!("S" "E", [digits(10), one_of("0"), one_of("1")], |text| luhn_left(&text[..9]) == digit(text, 9)),
    form!("S" "I", [FIRST, digits(7)], slovenia),
    form!("S" "K", [FIRST, digits(1), one_of("234789"), digits(7)], |text| number(text).is_multiple_of(11)),
    form!("X" "I", [digits(9)], ireland_north),
    form!("X" "I", [digits(12)], ireland_north),
    form!("X" "I", [one_of("G"), one_of("D"), digits(3)], |text| number(&text[2..]) < 500),
    form!("X" "I", [one_of("H"), one_of("A"), digits(3)], |text| number(&text[2..]) >= 500),
];

/// For each product of ISO 7064 mod 11,10 the next one after two digits, as a number.
const PRODUCTS: [[u8; 100]; 11] = {
    const fn next(product: u8, digit: u8) -> u8 {
        let sum = (digit + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    }
    let (mut products, mut product) = ([[0; 100]; 11], 0);
    while product < 11 {
        let mut pair = 0;
        while pair < 100 {
            products[product as usize][pair as usize] = next(next(product, pair / 10), pair % 10);
            pair += 1;
        }
        product += 1;
    }
    products
};

/// ISO 7064 mod 11,10 over an odd number of digits.
fn mod_11_10(text: &[u8]) -> bool {
    let (pairs, [last]) = text.as_chunks::<2>() else { return false };
    let next = |product: u8, [tens, ones]: &[u8; 2]| {
        PRODUCTS[usize::from(product)][usize::from((tens - b'0') * 10 + (ones - b'0'))]
    };
    (pairs.iter().fold(10, next) + (last - b'0')) % 10 == 1
}

fn bulgaria(text: &[u8]) -> bool {
    let first = digits_sum(text, &[1, 2, 3, 4, 5, 6, 7, 8]) % 11;
    let sum = if first == 10 { digits_sum(text, &[3, 4, 5, 6, 7, 8, 9, 10]) % 11 } else { first };
    sum % 10 == digit(text, 8)
}

/// A citizen (with a date of birth), a foreigner or another body.
fn bulgaria_persons(text: &[u8]) -> bool {
    let last = digit(text, 9);
    let citizen = || {
        let (year, month) = (number(&text[..2]), number(&text[2..4]));
        let (century, month) = match month {
            41.. => (2000, month - 40),
            21..=40 => (1800, month - 20),
            _ => (1900, month),
        };
        is_day(century + year, month, number(&text[4..6]))
            && digits_sum(text, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == last
    };
    let foreigner = digits_sum(text, &[21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10 == last;
    let other = (11 - digits_sum(text, &[4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 == last;
    citizen() || foreigner || other
}

fn cyprus(text: &[u8]) -> bool {
    const ODD: [u32; 10] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    let value = |(at, byte): (usize, &u8)| {
        let digit = usize::from(byte - b'0');
        if at % 2 == 0 { ODD[digit % 10] } else { u32::from(byte - b'0') }
    };
    let sum: u32 = text[..8].iter().enumerate().map(value).sum();
    !text.starts_with(b"12") && u32::from(text[8] - b'A') == sum % 26
}

/// The check digit of legal persons.
fn czech(text: &[u8]) -> u32 {
    match (11 - digits_sum(text, &[8, 7, 6, 5, 4, 3, 2]) % 11) % 11 {
        0 => 1,
        check => check % 10,
    }
}

fn czech_special(text: &[u8]) -> bool {
    let sum = digits_sum(&text[1..8], &[8, 7, 6, 5, 4, 3, 2]) % 11;
    text[0] == b'6' && (18 - (21 - sum) % 11) % 10 == digit(text, 8)
}

/// Whether the number begins with a date of birth: months of women count from 51, or from 21 after the numbers were
/// used up.
fn czech_birth(text: &[u8]) -> bool {
    let year = 1900 + number(&text[..2]);
    let year = match (text.len(), year) {
        (9, 1954..1980) => return false,
        (9, 1980..) => year - 100,
        (10, ..1954) => year + 100,
        _ => year,
    };
    is_day(year, number(&text[2..4]) % 50 % 20, number(&text[4..6]))
}

/// The check letter of a number of persons.
fn spanish_letter(number: u64) -> u8 {
    b"TRWAGMYFPDXBNJZSQVHLCKE"[usize::try_from(number % 23).unwrap_or_default()]
}

fn spain(text: &[u8]) -> bool {
    let (inner, last) = (&text[1..8], text[8]);
    match text[0] {
        b'K' | b'L' | b'M' => last == spanish_letter(number(inner)),
        b'0'..=b'9' => last == spanish_letter(number(&text[..8])),
        first @ b'X'..=b'Z' => last == spanish_letter(u64::from(first - b'X') * 10_000_000 + number(inner)),
        b'I' | b'O' | b'T' => false,
        _ => {
            let check = luhn_left(inner);
            // Foreign bodies, public ones, parishes and branches have a letter.
            let letter = matches!(text[0], b'N' | b'P'..=b'S' | b'W');
            (!letter && u32::from(last.wrapping_sub(b'0')) == check) || b"JABCDEFGHI".get(check as usize) == Some(&last)
        }
    }
}

/// The permitted first two characters of a French number.
const FRENCH_SIGNS: &str = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const FRENCH: Segment = Segment { alphabet: Alphabet::Of(FRENCH_SIGNS), min: 1, max: 1 };

fn france(text: &[u8]) -> bool {
    let enterprise = &text[2..];
    let value = |byte: u8| FRENCH_SIGNS.bytes().position(|sign| sign == byte).map_or(0, |at| at as u64);
    // Monaco's numbers, which begin with 000, have no check digit of their own.
    if !enterprise.starts_with(b"000") && luhn_left(&enterprise[..8]) != digit(enterprise, 8) {
        return false;
    }
    let enterprise = number(enterprise);
    if text[0].is_ascii_digit() && text[1].is_ascii_digit() {
        return (enterprise * 100 + 12) % 97 == number(&text[..2]);
    }
    let key = if text[0].is_ascii_digit() {
        (value(text[0]) * 24 + value(text[1])).checked_sub(10)
    } else {
        (value(text[0]) * 34 + value(text[1])).checked_sub(100)
    };
    key.is_some_and(|key| (enterprise + 1 + key / 11) % 11 == key % 11)
}

/// Check letters of Ireland.
const IRISH_SIGNS: &str = "WABCDEFGHIJKLMNOPQRSTUV";
const IRISH: Segment = Segment { alphabet: Alphabet::Of(IRISH_SIGNS), min: 1, max: 1 };

fn irish(digits: &[u8], other: Option<u8>) -> u8 {
    let weights = &[8, 7, 6, 5, 4, 3, 2][7 - digits.len().min(7)..];
    let value = |byte: u8| IRISH_SIGNS.bytes().position(|sign| sign == byte).unwrap_or_default();
    let sum = digits_sum(digits, weights) as usize + 9 * other.map_or(0, value);
    IRISH_SIGNS.as_bytes()[sum % 23]
}

fn ireland(text: &[u8]) -> bool {
    text[7] == irish(&text[..7], text.get(8).copied())
}

/// The second character is a letter, and the first digit comes last in the calculation of the check letter.
fn ireland_older(text: &[u8]) -> bool {
    let mut digits = [0; 6];
    digits[..5].copy_from_slice(&text[2..7]);
    digits[5] = text[0];
    text[7] == irish(&digits, None)
}

fn italy(text: &[u8]) -> bool {
    let office = number(&text[7..10]);
    number(&text[..7]) > 0
        && matches!(office, 1..=100 | 120 | 121 | 888 | 999)
        && luhn_left(&text[..10]) == digit(text, 10)
}

fn lithuania(text: &[u8]) -> bool {
    let last = text.len() - 1;
    let first = digits_sum(&text[..last], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2]) % 11;
    let sum = if first == 10 { digits_sum(&text[..last], &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4]) % 11 } else { first };
    sum % 10 == digit(text, last)
}

/// A body begins with 4 to 9; a person's number with the day of birth, or since 2017 with 32.
fn latvia(text: &[u8]) -> bool {
    if text[0] > b'3' {
        return digits_sum(text, &[9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 == 3;
    }
    let century = 1800 + 100 * u64::from(digit(text, 6));
    let born = || is_day(century + number(&text[4..6]), number(&text[2..4]), number(&text[..2]));
    (text.starts_with(b"32") || born())
        && (1 + digits_sum(text, &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9])) % 11 % 10 == digit(text, 10)
}

/// The number of a body is checked modulo eleven; that of a person who trades, modulo 97 with all its letters.
fn netherlands(text: &[u8]) -> bool {
    let sum = digits_sum(text, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    let rest = modulo_97(modulo_97(0, b"NL"), text);
    let numbered = number(&text[..9]) > 0 && number(&text[10..]) > 0;
    numbered && (sum == digit(text, 8) || rest == 1)
}

fn romania(text: &[u8]) -> bool {
    let (last, rest) = (digit(text, text.len() - 1), &text[..text.len() - 1]);
    let weights = &[7, 5, 3, 2, 1, 7, 5, 3, 2][9 - rest.len().min(9)..];
    digits_sum(rest, weights) * 10 % 11 % 10 == last
}

fn slovenia(text: &[u8]) -> bool {
    match 11 - digits_sum(text, &[8, 7, 6, 5, 4, 3, 2]) % 11 {
        11 => false,
        check => check % 10 == digit(text, 7),
    }
}

/// As in Great Britain: two schemes, by the range of the number.
fn ireland_north(text: &[u8]) -> bool {
    let sum = u64::from(digits_sum(text, &[8, 7, 6, 5, 4, 3, 2])) + number(&text[7..9]);
    let newer = number(&text[..3]) >= 100 && (sum + 55).is_multiple_of(97);
    sum.is_multiple_of(97) || newer
}

pub(super) const EU_VAT: Kind = Kind {
    name: "eu.vat",
    summary: "VAT number of a country of the European Union, with the country before it and its check digits",
    separators: " .-",
    folds: true,
    placeholders: true,
    body: Body::Forms(FORMS),
};

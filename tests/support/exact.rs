//! Figures of numbers worked out exactly, in fractions: what rounding may not change.

use num_bigint::{BigInt, Sign};
use num_rational::BigRational;

pub(crate) type Exact = BigRational;

/// A float as the number that it is.
pub(crate) fn of_float(number: f64) -> Exact {
    Exact::from_float(number).unwrap()
}

/// A decimal that reads as one, with all its digits.
pub(crate) fn written(text: &str) -> Exact {
    let (number, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let units: BigInt = format!("{whole}{fraction}").parse().unwrap();
    let ten = Exact::from(BigInt::from(10));
    Exact::from(units) * ten.pow(exponent.parse::<i32>().unwrap() - i32::try_from(fraction.len()).unwrap())
}

/// A whole number, or a fraction.
pub(crate) fn of(number: i64, by: i64) -> Exact {
    Exact::new(number.into(), by.into())
}

/// A whole number of any size.
pub(crate) fn whole(number: impl Into<BigInt>) -> Exact {
    Exact::from(number.into())
}

/// So many tens, multiplied.
pub(crate) fn power(places: usize) -> Exact {
    whole(10).pow(i32::try_from(places).unwrap())
}

/// Rounded half away from zero to so many places.
pub(crate) fn rounded(number: &Exact, places: usize) -> Exact {
    let units = (abs(number) * power(places) + of(1, 2)).floor() / power(places);
    if number.numer().sign() == Sign::Minus { -units } else { units }
}

/// A decimal of 38 digits, behind the point at the most so many; `None` with more before it.
pub(crate) fn fitting(number: &Exact, places: usize) -> Option<Exact> {
    let before = (0..=38).find(|digits| abs(number) < power(*digits))?;
    Some(rounded(number, places.min(38 - before))).filter(|number| abs(number) < power(38))
}

pub(crate) fn abs(number: &Exact) -> Exact {
    if number.numer().sign() == Sign::Minus { -number.clone() } else { number.clone() }
}

/// So many times what rounding takes from a float.
pub(crate) fn roundings(times: i64) -> Exact {
    of(times, 1 << 52)
}

fn count(numbers: usize) -> Exact {
    Exact::from(BigInt::from(numbers))
}

pub(crate) fn sum<'n>(numbers: impl IntoIterator<Item = &'n Exact>) -> Exact {
    numbers.into_iter().fold(of(0, 1), |sum, number| sum + number)
}

pub(crate) fn mean(numbers: &[Exact]) -> Option<Exact> {
    (!numbers.is_empty()).then(|| sum(numbers) / count(numbers.len()))
}

/// The products of the deviations, added up.
fn products(pairs: &[[Exact; 2]], one: usize, other: usize) -> Exact {
    let middle = |side: usize| mean(&pairs.iter().map(|pair| pair[side].clone()).collect::<Vec<_>>()).unwrap();
    let (first, second) = (middle(one), middle(other));
    sum(&pairs.iter().map(|pair| (&pair[one] - &first) * (&pair[other] - &second)).collect::<Vec<_>>())
}

/// The square of the deviation of a sample.
pub(crate) fn variance(numbers: &[Exact]) -> Option<Exact> {
    let pairs: Vec<[Exact; 2]> = numbers.iter().map(|number| [number.clone(), number.clone()]).collect();
    (numbers.len() > 1).then(|| products(&pairs, 0, 1) / count(numbers.len() - 1))
}

/// The square of the correlation, with its sign.
pub(crate) fn signed_square_of_correlation(pairs: &[[Exact; 2]]) -> Option<Exact> {
    let zero = of(0, 1);
    if pairs.is_empty() {
        return None;
    }
    let (one, other, both) = (products(pairs, 0, 0), products(pairs, 1, 1), products(pairs, 0, 1));
    (one != zero && other != zero).then(|| &both * abs(&both) / (one * other))
}

/// A quantile between the two nearest of numbers in order.
pub(crate) fn quantile(sorted: &[Exact], share: &Exact) -> Option<Exact> {
    let last = sorted.len().checked_sub(1)?;
    let place = count(last) * share;
    let way = &place - place.floor();
    let low: usize = place.floor().to_integer().to_string().parse().unwrap();
    let high = (low + 1).min(last);
    Some(&sorted[low] + (&sorted[high] - &sorted[low]) * way)
}

//! Numbers as sentences show them: grouped by thousands, and without hundreds of digits.

use std::fmt;

use super::Value;

/// A count with thousands separators: `10,000`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count(pub u64);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_grouped(f, &self.0.to_string())
    }
}

/// The value of an aggregate: numbers as `12,345.5` and `1e300`, all other values as they are written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shown<'a>(pub &'a Value);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        match self.0 {
            Value::Null
            | Value::Text(_)
            | Value::Date(_)
            | Value::Datetime(_)
            | Value::Nanoseconds(_)
            | Value::Boolean(_) => f.write_str(&text),
            _ => ShownNumber(&text).fmt(f),
        }
    }
}

/// A number as text, shown in the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShownNumber<'a>(pub &'a str);

impl fmt::Display for ShownNumber<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = short_number(self.0);
        let (sign, digits) = short.strip_prefix('-').map_or(("", short.as_str()), |digits| ("-", digits));
        let (whole, rest) = digits.split_at(digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len()));
        f.write_str(sign)?;
        // Years are numbers, too.
        if whole.len() > 4 { write_grouped(f, whole) } else { f.write_str(whole) }?;
        f.write_str(rest)
    }
}

/// Writes digits in groups of three.
fn write_grouped(f: &mut fmt::Formatter<'_>, digits: &str) -> fmt::Result {
    digits.char_indices().try_for_each(|(at, digit)| {
        let comma = at > 0 && (digits.len() - at).is_multiple_of(3);
        write!(f, "{}{digit}", if comma { "," } else { "" })
    })
}

/// The most digits before the point, and the most zeros behind it, with which a number is written out: beyond lie numbers
/// that have no meaning as digits.
const LONGEST: usize = 21;
const ZEROS: usize = 6;

/// A number as it is written, with an exponent where it has very many zeros: `1e300`, `2.5e-12`. Numbers with many
/// digits that are not zero keep them all.
pub fn short_number(text: &str) -> String {
    let (sign, unsigned) = text.strip_prefix('-').map_or(("", text), |unsigned| ("-", unsigned));
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let is_plain = !whole.is_empty() && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    let zeros = fraction.len() - fraction.trim_start_matches('0').len();
    let is_tiny = whole == "0" && zeros >= ZEROS && zeros < fraction.len();
    let ends_in_zeros = fraction.is_empty() && whole.len() - whole.trim_end_matches('0').len() >= ZEROS;
    if !is_plain || !(is_tiny || (whole.len() > LONGEST && ends_in_zeros)) {
        return text.to_owned();
    }
    let (digits, exponent) = if is_tiny {
        (&fraction[zeros..], format!("-{}", zeros + 1))
    } else {
        (whole.trim_end_matches('0'), (whole.len() - 1).to_string())
    };
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{first}{point}{rest}e{exponent}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_read_easily() {
        let counts = [0, 999, 1_000, 10_000, 1_234_567].map(|number| Count(number).to_string());
        assert_eq!(counts, ["0", "999", "1,000", "10,000", "1,234,567"]);
    }

    #[test]
    fn values_are_grouped_and_short() {
        for (value, shown) in [
            (Value::Integer(2024), "2024"),
            (Value::Integer(-1_234_567), "-1,234,567"),
            (Value::Float(12_345.25), "12,345.25"),
            (Value::Float(1e300), "1e300"),
            (Value::Float(-1.5e300), "-1.5e300"),
            (Value::Float(2.5e-12), "2.5e-12"),
            (Value::Float(0.000_25), "0.00025"),
            (Value::Text("12345".to_owned()), "12345"),
            (Value::Date(0), "1970-01-01"),
            (Value::Null, "null"),
        ] {
            assert_eq!(Shown(&value).to_string(), shown);
        }
    }

    #[test]
    fn digits_that_mean_something_stay() {
        let long = "12345678901234567890123456789012345678";
        for text in [long, "170141183460469231731687303715884105727", "0.1", "1e300", "NaN", "-inf", "", "0"] {
            assert_eq!(short_number(text), text);
        }
        assert_eq!(short_number("100000000000000000000000"), "1e23");
    }
}

//! Numbers as people write them: brought into the plain form that the parsers of numbers take.

use crate::model::{Grouping, Notation};

/// How the numbers of a column are written, made ready for many cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberFormat {
    decimal: char,
    thousands: Grouping,
    /// The longest first, so that none hides another.
    strip: Vec<String>,
    brackets: bool,
    trailing_minus: bool,
}

/// Digits in a group.
const GROUP: usize = 3;

impl NumberFormat {
    /// How numbers are written; `None` where they are written plainly, as without a declaration.
    pub fn of(notation: &Notation) -> Option<Self> {
        let mut strip: Vec<String> = notation.strip.iter().flatten().cloned().collect();
        strip.sort_by_key(|sign| std::cmp::Reverse(sign.len()));
        let format = Self {
            decimal: notation.decimal.unwrap_or(Notation::POINT),
            thousands: notation.thousands.unwrap_or(Grouping::None),
            strip,
            brackets: notation.brackets.unwrap_or(false),
            trailing_minus: notation.trailing_minus.unwrap_or(false),
        };
        let is_plain = format.decimal == Notation::POINT
            && format.thousands == Grouping::None
            && format.strip.is_empty()
            && !format.brackets
            && !format.trailing_minus;
        (!is_plain).then_some(format)
    }

    /// The same number in its plain form: an optional sign, digits, an optional point with digits, an optional exponent.
    /// `None` where the text is not a number of this format. What is plain already is given as it is; else `buffer` holds
    /// the plain form.
    ///
    /// A plain form may still be no number (`1.`): the parser of its type decides.
    pub fn plain<'t>(&self, text: &'t str, buffer: &'t mut String) -> Option<&'t str> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(text);
        }
        let (is_negative, body) = self.unwrap(text);
        buffer.clear();
        if is_negative {
            buffer.push('-');
        }
        self.write_digits(body, buffer).then_some(&*buffer)
    }

    /// What is left without brackets, without a plus or minus and without signs beside the number, each of them once; and
    /// whether the number is negative.
    fn unwrap<'t>(&self, text: &'t str) -> (bool, &'t str) {
        let mut rest = text;
        let (mut sign, mut before, mut after) = (None, false, false);
        loop {
            if sign.is_none()
                && let Some(inner) = rest.strip_prefix(['+', '-'])
            {
                sign = Some(rest.starts_with('-'));
                rest = inner;
            } else if sign.is_none()
                && self.brackets
                && let Some(inner) = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'))
            {
                sign = Some(true);
                rest = inner;
            } else if !before && let Some(inner) = self.strip.iter().find_map(|sign| rest.strip_prefix(sign.as_str())) {
                before = true;
                rest = inner.trim_start_matches(is_space);
            } else if !after && let Some(inner) = self.strip.iter().find_map(|sign| rest.strip_suffix(sign.as_str())) {
                after = true;
                rest = inner.trim_end_matches(is_space);
            } else if sign.is_none()
                && self.trailing_minus
                && let Some(inner) = rest.strip_suffix('-')
            {
                sign = Some(true);
                rest = inner;
            } else {
                return (sign.unwrap_or(false), rest);
            }
        }
    }

    /// Appends digits without their grouping, the decimal places after a point, and the exponent. `false` where a group has
    /// another size, where a grouped number begins with 0, or where any other sign occurs.
    fn write_digits(&self, body: &str, out: &mut String) -> bool {
        let start = out.len();
        // Digits since the last sign of grouping; `None` before the first.
        let mut group: Option<usize> = None;
        let mut rest = body.char_indices();
        let mut whole = 0;
        let end = loop {
            match rest.next() {
                Some((_, digit)) if digit.is_ascii_digit() => {
                    out.push(digit);
                    whole += 1;
                    group = group.map(|digits| digits + 1);
                }
                Some((_, sign)) if self.thousands.is(sign) => {
                    let is_well = match group {
                        None => (1..=GROUP).contains(&whole) && !out[start..].starts_with('0'),
                        Some(digits) => digits == GROUP,
                    };
                    if !is_well {
                        return false;
                    }
                    group = Some(0);
                }
                Some((at, _)) => break at,
                None => break body.len(),
            }
        };
        if whole == 0 || group.is_some_and(|digits| digits != GROUP) {
            return false;
        }
        let mut tail = &body[end..];
        if let Some(places) = tail.strip_prefix(self.decimal) {
            let count = places.bytes().take_while(u8::is_ascii_digit).count();
            out.push('.');
            out.push_str(&places[..count]);
            tail = &places[count..];
        }
        let is_exponent = tail.strip_prefix(['e', 'E']).is_some_and(|exponent| {
            exponent.strip_prefix(['+', '-']).unwrap_or(exponent).bytes().all(|byte| byte.is_ascii_digit())
        });
        out.push_str(tail);
        tail.is_empty() || (is_exponent && group.is_none())
    }
}

/// Whether the character may come between a number and the sign beside it.
const fn is_space(c: char) -> bool {
    Grouping::Space.is(c)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::model::Decimal;
    use crate::scalar::parse_integer;

    fn format(decimal: char, thousands: Grouping, strip: &[&str]) -> NumberFormat {
        NumberFormat::of(&Notation {
            decimal: Some(decimal),
            thousands: Some(thousands),
            strip: Some(strip.iter().map(|sign| (*sign).to_owned()).collect()),
            brackets: Some(true),
            trailing_minus: Some(true),
            ..Notation::default()
        })
        .unwrap()
    }

    fn plain(format: &NumberFormat, text: &str) -> Option<String> {
        format.plain(text, &mut String::new()).map(str::to_owned)
    }

    const POINT: Grouping = Grouping::Sign('.');

    #[test]
    fn numbers_become_plain() {
        let european = format(',', POINT, &["%", "€", "VND", "đ"]);
        for (text, expected) in [
            ("7", "7"),
            ("-7", "-7"),
            ("+7", "7"),
            ("007", "007"),
            ("1234", "1234"),
            ("1.234", "1234"),
            ("1.234.567", "1234567"),
            ("12.345,6", "12345.6"),
            ("1234,56", "1234.56"),
            ("0,5", "0.5"),
            ("-1.234,56", "-1234.56"),
            ("1.234,56-", "-1234.56"),
            ("(1.234,56)", "-1234.56"),
            ("12,50 €", "12.50"),
            ("€12,50", "12.50"),
            ("€ 12,50", "12.50"),
            ("-€12", "-12"),
            ("€-12", "-12"),
            ("(€ 12)", "-12"),
            ("€ (12)", "-12"),
            ("12 %", "12"),
            ("12\u{A0}%", "12"),
            ("12\u{202F}VND", "12"),
            ("€ 12 %", "12"),
            ("1,5E3", "1.5E3"),
            ("1e-3", "1e-3"),
        ] {
            assert_eq!(plain(&european, text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_written_otherwise_is_no_number() {
        let european = format(',', POINT, &["%", "€"]);
        let texts = [
            "",
            "-",
            "()",
            "(",
            "(5",
            "5)",
            "((5))",
            "(-5)",
            "-5-",
            "--5",
            "+-5",
            "1.23",
            "1.2345",
            "12.34",
            "1234.567",
            "1..234",
            ".123",
            "1.234.",
            "0.123",
            "012.345",
            "1.234.5",
            "1,234.567",
            "1,234,567",
            "1.5",
            ",5",
            " 5",
            "5 ",
            "5 5",
            "€€5",
            "5%%",
            "€",
            "- 5",
            "1.234E3",
            "1.234,5E3",
            "e5",
            "E",
            "1e5e5",
            "NaN",
            "inf",
            "1 234",
            "１２",
            "1'234",
            "0x10",
            "5\u{2212}",
        ];
        for text in texts {
            let parsed = plain(&european, text).and_then(|plain| Decimal::parse(&plain));
            assert_eq!(parsed, None, "{text}");
        }
        // A decimal sign without places is left to the parser, which refuses it.
        assert_eq!(plain(&european, "1,").as_deref(), Some("1."));
    }

    #[test]
    fn spaces_and_apostrophes_group_in_all_their_forms() {
        let french = format(',', Grouping::Space, &["€"]);
        for text in ["1 234 567,8", "1\u{A0}234\u{A0}567,8", "1\u{202F}234\u{2009}567,8", "1 234 567,8 €"] {
            assert_eq!(plain(&french, text).as_deref(), Some("1234567.8"), "{text}");
        }
        assert_eq!(plain(&french, "1  234"), None);
        let swiss = format('.', Grouping::Apostrophe, &[".-"]);
        for text in ["1'234.50", "1\u{2019}234.50"] {
            assert_eq!(plain(&swiss, text).as_deref(), Some("1234.50"), "{text}");
        }
        assert_eq!(plain(&swiss, "12.-").as_deref(), Some("12"));
        let underscore = format('.', Grouping::Sign('_'), &[]);
        assert_eq!(plain(&underscore, "1_000_000.5").as_deref(), Some("1000000.5"));
        // Indian grouping is not taken for groups of three.
        assert_eq!(plain(&format('.', Grouping::Sign(','), &[]), "1,23,456"), None);
    }

    #[test]
    fn without_a_declaration_there_is_no_format() {
        assert_eq!(NumberFormat::of(&Notation::default()), None);
        let plain = Notation {
            decimal: Some('.'),
            thousands: Some(Grouping::None),
            strip: Some(BTreeSet::new()),
            brackets: Some(false),
            trailing_minus: Some(false),
            ..Notation::default()
        };
        assert_eq!(NumberFormat::of(&plain), None);
        let comma = NumberFormat::of(&Notation { decimal: Some(','), ..Notation::default() }).unwrap();
        for (text, expected) in [("1,5", Some("1.5")), ("1.5", None), ("1.234", None), ("(5)", None), ("5-", None)] {
            assert_eq!(comma.plain(text, &mut String::new()), expected, "{text}");
        }
    }

    /// Writes a number with groups.
    fn grouped(number: i64, sign: char) -> String {
        let digits = number.unsigned_abs().to_string();
        let mut out = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                out.push(sign);
            }
            out.push(digit);
        }
        if number < 0 { format!("-{out}") } else { out }
    }

    proptest! {
        #[test]
        fn grouped_numbers_come_back(number: i64, places in "[0-9]{1,6}") {
            let european = format(',', POINT, &["€"]);
            let whole = grouped(number, '.');
            prop_assert_eq!(plain(&european, &whole).and_then(|plain| parse_integer(&plain)), Some(number));
            let text = format!("{whole},{places} €");
            prop_assert_eq!(plain(&european, &text), Some(format!("{number}.{places}")));
        }

        #[test]
        fn a_text_is_its_own_number_or_none(text in "[-+()0-9.,'eE% €]{0,12}") {
            // Undone by hand: no sign, no grouping, a point for the comma.
            let european = format(',', POINT, &["€", "%"]);
            if let Some(plain) = plain(&european, &text) {
                let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
                prop_assert_eq!(digits(&plain), digits(&text));
                prop_assert_eq!(plain.contains('.'), text.contains(','));
                prop_assert!(!text.contains('\''));
            }
        }
    }
}

//! Why a text is unparseable in its type, and what to declare so that it is parsed.

use super::characters::shows_nothing;
use super::format::{Family, FormatSet};
use crate::model::{DataType, DateNotation, LooksLike, Notation, UnparseableReason, UnparseableTally};
use crate::scalar::{BooleanWords, DateFormat, NumberFormat, is_blank, parse_value};

/// What a column is parsed as, made ready to say why cells are not.
#[derive(Debug)]
pub struct ParsedAs {
    data_type: DataType,
    format: DateFormat,
    /// Positions of the declared formats among those of dates.
    declared: Vec<usize>,
    /// The declared formats with day and month exchanged.
    swapped: Option<DateFormat>,
    numbers: Option<NumberFormat>,
    words: Option<BooleanWords>,
}

/// The declarations of the formats of dates of [`Family::Date`], in their order; `None` where there is none.
pub const DATE_DECLARATIONS: [Option<&str>; 29] = [
    Some("%Y-%m-%d"),
    None,
    None,
    Some("%Y/%m/%d"),
    Some("%Y.%m.%d"),
    Some("%Y%m%d"),
    Some("%Y%m%d%H%M"),
    Some("%d/%m/%Y"),
    Some("%d/%m/%Y %H:%M"),
    Some("%m/%d/%Y"),
    Some("%m/%d/%Y %H:%M"),
    Some("%d-%m-%Y"),
    Some("%m-%d-%Y"),
    Some("%d.%m.%Y"),
    Some("%-d/%-m/%Y"),
    Some("%-m/%-d/%Y"),
    Some("%-d-%-m-%Y"),
    Some("%-m-%-d-%Y"),
    Some("%-d.%-m.%Y"),
    Some("%Y-%-m-%-d"),
    Some("%Y/%-m/%-d"),
    None,
    None,
    None,
    None,
    None,
    None,
    None,
    None,
];

/// Formats of dates with a time of day.
const WITH_TIME: [usize; 5] = [1, 2, 6, 8, 10];

/// Formats of dates that differ by the order of day and month.
const TWINS: [(usize, usize); 7] = [(7, 9), (8, 10), (11, 12), (14, 15), (16, 17), (21, 22), (23, 24)];

/// ISO 8601, as dates are written without a declared format.
const ISO: usize = 0;

/// Positions of the formats of numbers.
const COMMA: usize = 1;
const COMMA_GROUPS: usize = 2;
const POINT_GROUPS: usize = 3;
const SPACE_GROUPS_COMMA: usize = 4;
const SPACE_GROUPS: usize = 5;

impl ParsedAs {
    /// A type, with the declared format of dates and notation of numbers and booleans.
    pub fn new(data_type: DataType, format: Option<&DateNotation>, notation: &Notation) -> Self {
        let compiled = |format: &DateNotation| DateFormat::compile(format).ok();
        let iso = || DateNotation { formats: vec!["%Y-%m-%d".to_owned()], ..DateNotation::default() };
        let written = format.filter(|format| !format.formats.is_empty()).cloned().unwrap_or_else(iso);
        let swapped = DateNotation {
            formats: written.formats.iter().filter_map(|format| exchanged(format)).collect(),
            months: Vec::new(),
            century: written.century.filter(|_| written.formats.iter().all(|format| format.contains("%y"))),
        };
        Self {
            data_type,
            format: format.and_then(compiled).unwrap_or_else(DateFormat::iso),
            declared: written.formats.iter().filter_map(|format| position(format)).collect(),
            swapped: if swapped.formats.is_empty() { None } else { compiled(&swapped) },
            numbers: NumberFormat::of(notation),
            words: BooleanWords::of(notation),
        }
    }

    /// Why a text is unparseable, and the formats of numbers or dates that it fits.
    pub fn why(&self, text: &str) -> (UnparseableReason, FormatSet) {
        let none = FormatSet::default();
        let is_invisible =
            |c: char| is_blank(c) || shows_nothing(c) || matches!(c, '\u{2800}' | '\u{3164}' | '\u{FFA0}');
        let trimmed = text.trim_matches(is_invisible);
        if trimmed.is_empty() {
            return (UnparseableReason::Blank, none);
        }
        if trimmed.len() < text.len() && self.parses(trimmed) {
            return (UnparseableReason::Spaces, none);
        }
        match self.data_type {
            DataType::Date | DataType::Datetime => self.why_no_date(text),
            DataType::Boolean => (UnparseableReason::NotABoolean, none),
            // Any text is text.
            DataType::Text | DataType::Uuid => (UnparseableReason::NotAUuid, none),
            _ => self.why_no_number(text),
        }
    }

    /// Why a value of a file is unparseable that is not stored as text.
    pub const fn why_stored(data_type: DataType, is_finite: bool) -> UnparseableReason {
        match data_type {
            DataType::Date | DataType::Datetime => UnparseableReason::YearOutOfRange,
            DataType::Boolean => UnparseableReason::NotABoolean,
            DataType::Text | DataType::Uuid => UnparseableReason::NotAUuid,
            _ if is_finite => UnparseableReason::TooManyDigits,
            _ => UnparseableReason::NotFinite,
        }
    }

    fn parses(&self, text: &str) -> bool {
        let mut buffer = String::new();
        let plain = match (&self.numbers, &self.words) {
            (Some(numbers), _) if self.data_type.is_numeric() => numbers.plain(text, &mut buffer),
            (_, Some(words)) if self.data_type == DataType::Boolean => return words.parse(text).is_some(),
            _ => Some(text),
        };
        plain.is_some_and(|plain| parse_value(plain, self.data_type, Some(&self.format)).is_some())
    }

    fn why_no_number(&self, text: &str) -> (UnparseableReason, FormatSet) {
        let none = FormatSet::default();
        if is_not_finite(text) {
            return (UnparseableReason::NotFinite, none);
        }
        let mut buffer = String::new();
        let plain = self.numbers.as_ref().map_or(Some(text), |numbers| numbers.plain(text, &mut buffer));
        if let Some(plain) = plain
            && is_plain(plain)
        {
            let is_whole = plain.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-'));
            let is_fraction = self.data_type == DataType::Integer && !is_whole;
            let reason = if is_fraction { UnparseableReason::Fraction } else { UnparseableReason::TooManyDigits };
            return (reason, none);
        }
        let core = without_signs(text);
        let set = Family::Number.of(core.unwrap_or(text));
        let reason = if set == none {
            UnparseableReason::NotANumber
        } else if self.numbers.is_some() {
            UnparseableReason::OtherNotation
        } else if core.is_some() {
            UnparseableReason::Sign
        } else if (set.has(COMMA) && !set.has(COMMA_GROUPS)) || (text.contains(',') && !set.has(COMMA_GROUPS)) {
            UnparseableReason::DecimalComma
        } else {
            UnparseableReason::ThousandsGroups
        };
        (reason, set)
    }

    fn why_no_date(&self, text: &str) -> (UnparseableReason, FormatSet) {
        let set = Family::Date.of(text);
        if self.swapped.as_ref().is_some_and(|format| self.parses_in(text, format)) {
            return (UnparseableReason::DayAndMonthSwapped, set);
        }
        if is_out_of_range(text, set) {
            return (UnparseableReason::YearOutOfRange, FormatSet::default());
        }
        if self.is_written_as_declared(text, set) {
            return (UnparseableReason::NoSuchDate, FormatSet::default());
        }
        let is_none = set == FormatSet::default();
        (if is_none { UnparseableReason::NotADate } else { UnparseableReason::OtherFormat }, set)
    }

    fn parses_in(&self, text: &str, format: &DateFormat) -> bool {
        match self.data_type {
            DataType::Date => format.parse_date(text).is_some(),
            _ => format.parse_instant(text).is_some(),
        }
    }

    /// Whether the digits are where the declared format has them, so that the date itself is at fault.
    fn is_written_as_declared(&self, text: &str, set: FormatSet) -> bool {
        if self.declared.iter().any(|declared| set.has(*declared)) {
            return true;
        }
        // A time that is written well belongs to another format, or has an offset that is written in another way.
        let day = text.get(..10).unwrap_or_default();
        let clock = text.get(11..16).unwrap_or_default();
        let is_time = clock < "24" && clock.get(3..).is_some_and(|minute| minute < "60");
        let with_time =
            self.data_type == DataType::Datetime && self.declared.contains(&ISO) && (set.has(1) || set.has(2));
        with_time && !(is_time && DateFormat::iso().parse_date(day).is_some())
    }
}

/// What most of the unparseable cells look like, and what to declare.
pub fn looks(
    tally: &UnparseableTally,
    data_type: DataType,
    format: Option<&DateNotation>,
    notation: &Notation,
) -> (Option<LooksLike>, Option<String>) {
    let cells = tally.cells();
    let most = tally.formats.values().copied().max().unwrap_or(0);
    let count = |format: usize| tally.formats.get(&u8::try_from(format).unwrap_or(u8::MAX)).copied().unwrap_or(0);
    let first = tally.formats.iter().find(|(_, fit)| **fit == most).map(|(format, _)| usize::from(*format));
    // What would break more cells than it mends is no advice.
    let helps = |mended: u64| mended > tally.parsed;
    let Some(first) = first.filter(|_| most > 0 && 2 * most >= cells) else {
        return (None, other_advice(tally).filter(|_| helps(cells)));
    };
    let is_most = |format: usize| count(format) == most;
    let like = |family: Family, formats: &[usize]| {
        let formats = formats.iter().map(|format| family.formats()[*format].to_owned()).collect();
        Some(LooksLike { formats, cells: most })
    };
    if matches!(data_type, DataType::Date | DataType::Datetime) {
        let twin = TWINS.iter().find(|(one, _)| *one == first).map(|(_, other)| *other).filter(|other| is_most(*other));
        let formats: Vec<usize> = [first].into_iter().chain(twin).collect();
        let declared =
            formats.iter().map(|format| DATE_DECLARATIONS[*format].filter(|_| format_fits(*format, data_type)));
        let declared: Option<Vec<String>> = declared.map(|format| Some(format!("`format: \"{}\"`", format?))).collect();
        let advice = match declared {
            _ if matches!(first, 1 | 2) && data_type == DataType::Date && format.is_none() => {
                Some("declare `type: datetime`".to_owned())
            }
            Some(declared) if declared.len() == 2 => {
                Some(format!("declare {}, whichever is meant", declared.join(" or ")))
            }
            Some(declared) => Some(format!("declare {}", declared.join(""))),
            None if WITH_TIME.contains(&first) && data_type == DataType::Date => {
                DATE_DECLARATIONS[first].map(|format| format!("declare `type: datetime, format: \"{format}\"`"))
            }
            None => None,
        };
        return (like(Family::Date, &formats), advice.filter(|_| helps(most)));
    }
    let formats: Vec<usize> = match first {
        COMMA if is_most(COMMA_GROUPS) => vec![COMMA, COMMA_GROUPS],
        SPACE_GROUPS_COMMA if is_most(SPACE_GROUPS) => vec![SPACE_GROUPS],
        first => vec![first],
    };
    let mut advice = match formats.as_slice() {
        [COMMA, COMMA_GROUPS] => Some(
            "declare `decimal: \",\"` if the comma is the decimal sign, or `thousands: \",\"` if it is between groups",
        ),
        [COMMA] => Some("declare `decimal: \",\"`"),
        [COMMA_GROUPS] => Some("declare `thousands: \",\"`"),
        [POINT_GROUPS] => Some("declare `decimal: \",\"` and `thousands: \".\"`"),
        [SPACE_GROUPS_COMMA] => Some("declare `decimal: \",\"` and `thousands: \" \"`"),
        [SPACE_GROUPS] => Some("declare `thousands: \" \"`"),
        _ => None,
    }
    .map(str::to_owned);
    if *notation != Notation::default() {
        advice = advice.map(|advice| format!("{advice}, in place of what is declared"));
    }
    if tally.reasons.contains_key(&UnparseableReason::Sign) {
        let signs = sign_advice();
        advice = Some(advice.map_or_else(|| signs.clone(), |advice| format!("{advice}; {signs}")));
    }
    (like(Family::Number, &formats), advice.filter(|_| helps(most)))
}

fn sign_advice() -> String {
    "declare the signs beside numbers with `strip: [\"%\"]`, brackets with `brackets: negative`, a minus behind the number \
     with `minus: trailing`"
        .to_owned()
}

/// What to do where no format is that of most cells.
fn other_advice(tally: &UnparseableTally) -> Option<String> {
    let has_most = |reason| tally.reasons.get(&reason).is_some_and(|cells| 2 * cells >= tally.cells());
    let advice = |text: &str| Some(text.to_owned());
    match () {
        () if has_most(UnparseableReason::Sign) => Some(sign_advice()),
        () if has_most(UnparseableReason::Fraction) => advice("declare `type: decimal`"),
        () if has_most(UnparseableReason::NotABoolean) => {
            advice("declare the words, such as `true: [x]` and `false: [\"\"]`")
        }
        () => None,
    }
}

/// Whether a format of dates can be declared for a type: a date has no time of day.
fn format_fits(format: usize, data_type: DataType) -> bool {
    data_type == DataType::Datetime || !WITH_TIME.contains(&format)
}

/// The position of a declared format, also of one in letters (`dd/mm/yyyy`), among the formats of dates.
fn position(format: &str) -> Option<usize> {
    if format == "iso" {
        return Some(ISO);
    }
    let is_letters = |known: &str| known.eq_ignore_ascii_case(format);
    let declared = DATE_DECLARATIONS.iter().position(|known| *known == Some(format));
    declared.or_else(|| Family::Date.formats().iter().position(|known| is_letters(known)))
}

/// The format with day and month exchanged, where both are numbers.
fn exchanged(format: &str) -> Option<String> {
    let mut out = String::with_capacity(format.len());
    let (mut days, mut months) = (0, 0);
    if !format.contains(['%', 'h', 'H']) {
        // In letters, such as `dd/mm/yyyy`.
        let other = |c: char| match c {
            'd' => 'm',
            'm' => 'd',
            'D' => 'M',
            'M' => 'D',
            other => other,
        };
        let is_numeric =
            |letter: char| (1..=2).contains(&format.chars().filter(|c| c.eq_ignore_ascii_case(&letter)).count());
        return (is_numeric('d') && is_numeric('m')).then(|| format.chars().map(other).collect());
    }
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        out.push(c);
        if c != '%' {
            continue;
        }
        let mut field = chars.next()?;
        if field == '-' {
            out.push(field);
            field = chars.next()?;
        }
        days += u32::from(field == 'd');
        months += u32::from(field == 'm');
        out.push(match field {
            'd' => 'm',
            'm' => 'd',
            other => other,
        });
    }
    (days == 1 && months == 1).then_some(out)
}

/// Whether a text is NaN or infinite as programs write it.
fn is_not_finite(text: &str) -> bool {
    let bare = text.strip_prefix(['+', '-']).unwrap_or(text);
    ["nan", "inf", "infinity", "∞", "#num!", "1.#inf", "1.#qnan"].iter().any(|word| bare.eq_ignore_ascii_case(word))
}

/// Whether it is a number in its plain form, as long as it may be.
fn is_plain(text: &str) -> bool {
    const PLAIN: usize = 0;
    const EXPONENT: usize = 6;
    let set = Family::Number.of(text);
    set.has(PLAIN) || set.has(EXPONENT)
}

/// The number in a text with currency or percent signs, brackets or a minus behind it; `None` where there are none.
fn without_signs(text: &str) -> Option<&str> {
    let core = text.trim_matches(|c: char| !c.is_ascii_digit());
    let start = text.find(core)?;
    let (before, after) = (&text[..start], &text[start + core.len()..]);
    let is_sign = |part: &str, others: &str| {
        let word = part.trim_matches(|c: char| is_blank(c) || "%‰$€£¥₫₩₹₽₺₱₴₦฿¢đ".contains(c) || others.contains(c));
        word.is_empty() || (word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_uppercase()))
    };
    let has_sign = !before.trim_start_matches(['+', '-']).is_empty() || !after.is_empty();
    (!core.is_empty() && has_sign && is_sign(before, "+-(") && is_sign(after, "-)")).then_some(core)
}

/// Whether a text is a date before year 1 or after year 9999, or a date of zeros only.
fn is_out_of_range(text: &str, set: FormatSet) -> bool {
    let bare = text.strip_prefix(['+', '-']).unwrap_or(text);
    let parts: Vec<&str> = bare.split(|c: char| !c.is_ascii_digit()).collect();
    let digits = bare.bytes().filter(u8::is_ascii_digit).count();
    let is_zero =
        digits >= 4 && bare.bytes().all(|byte| matches!(byte, b'0' | b'-' | b'/' | b'.' | b':' | b' ' | b'T'));
    let is_iso = |rest: &[&str]| rest.len() >= 2 && rest[..2].iter().all(|part| part.len() == 2);
    let is_long = parts.first().is_some_and(|year| year.len() > 4 && is_iso(&parts[1..]));
    let is_before = text.starts_with('-') && parts.first().is_some_and(|year| year.len() == 4 && is_iso(&parts[1..]));
    let has_year_zero = set != FormatSet::default() && parts.contains(&"0000");
    is_zero || is_long || is_before || has_year_zero
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use UnparseableReason as Why;

    fn dates_in(format: &str) -> DateNotation {
        DateNotation { formats: vec![format.to_owned()], ..DateNotation::default() }
    }

    fn of(data_type: DataType, format: Option<&str>, notation: &Notation, text: &str) -> Why {
        let parsed = ParsedAs::new(data_type, format.map(dates_in).as_ref(), notation);
        assert!(!parsed.parses(text), "{text} is parseable as {data_type}");
        parsed.why(text).0
    }

    #[test]
    fn numbers() {
        let plain = Notation::default();
        for (text, reason) in [
            ("1,5", Why::DecimalComma),
            ("1.234,56", Why::DecimalComma),
            ("1 234,5", Why::DecimalComma),
            ("-12,50", Why::DecimalComma),
            ("1,234", Why::ThousandsGroups),
            ("1,234.5", Why::ThousandsGroups),
            ("1.234.567", Why::ThousandsGroups),
            ("1 234", Why::ThousandsGroups),
            ("1\u{202F}234", Why::ThousandsGroups),
            ("12%", Why::Sign),
            ("12,5 %", Why::Sign),
            ("€ 12", Why::Sign),
            ("VND 12.000", Why::Sign),
            ("(12)", Why::Sign),
            ("12-", Why::Sign),
            ("NaN", Why::NotFinite),
            ("-inf", Why::NotFinite),
            ("Infinity", Why::NotFinite),
            (" 12", Why::Spaces),
            ("12\u{200B}", Why::Spaces),
            ("\u{3164}", Why::Blank),
            ("\u{2800}", Why::Blank),
            ("\0", Why::Blank),
            ("abc", Why::NotANumber),
            ("A1", Why::NotANumber),
            ("1,2,3", Why::NotANumber),
            ("12 cm", Why::NotANumber),
            ("--1", Why::NotANumber),
            ("1.", Why::NotANumber),
            ("0x10", Why::NotANumber),
        ] {
            assert_eq!(of(DataType::Decimal, None, &plain, text), reason, "{text:?}");
            assert_eq!(of(DataType::Integer, None, &plain, text), reason, "{text:?}");
        }
        for (text, reason) in [
            ("1.5", Why::Fraction),
            ("1.0", Why::Fraction),
            ("1e3", Why::Fraction),
            ("9999999999999999999999999999999999999999", Why::TooManyDigits),
            ("-9999999999999999999999999999999999999999", Why::TooManyDigits),
        ] {
            assert_eq!(of(DataType::Integer, None, &plain, text), reason, "{text:?}");
        }
        assert_eq!(of(DataType::Decimal, None, &plain, "1e400"), Why::TooManyDigits);
        let comma = Notation { decimal: Some(','), ..Notation::default() };
        for (text, reason) in [
            ("1.5", Why::OtherNotation),
            ("1.234,5", Why::OtherNotation),
            ("5 %", Why::OtherNotation),
            ("x", Why::NotANumber),
        ] {
            assert_eq!(of(DataType::Decimal, None, &comma, text), reason, "{text:?}");
        }
        assert_eq!(of(DataType::Integer, None, &comma, "1,5"), Why::Fraction);
    }

    #[test]
    fn dates() {
        let none = Notation::default();
        for (format, text, reason) in [
            (None, "31/12/2024", Why::OtherFormat),
            (None, "20241231", Why::OtherFormat),
            (None, "2024-1-5", Why::OtherFormat),
            (None, "2024-12-31 10:00", Why::OtherFormat),
            (None, "2024-31-12", Why::DayAndMonthSwapped),
            (None, "2023-02-29", Why::NoSuchDate),
            (None, "2024-04-31", Why::NoSuchDate),
            (None, "0000-01-01", Why::YearOutOfRange),
            (None, "0000-00-00", Why::YearOutOfRange),
            (None, "10000-01-01", Why::YearOutOfRange),
            (None, "-0044-03-15", Why::YearOutOfRange),
            (None, " 2024-12-31", Why::Spaces),
            (None, "2024-13-45", Why::NotADate),
            (None, "soon", Why::NotADate),
            (Some("%d/%m/%Y"), "12/31/2024", Why::DayAndMonthSwapped),
            (Some("%d/%m/%Y"), "31/02/2024", Why::NoSuchDate),
            (Some("%d/%m/%Y"), "1/2/2024", Why::OtherFormat),
            (Some("%d/%m/%Y"), "2024-12-31", Why::OtherFormat),
            (Some("%d/%m/%Y"), "01/01/0000", Why::YearOutOfRange),
            (Some("%d %b %Y"), "31/12/2024", Why::OtherFormat),
            (Some("dd/mm/yyyy"), "12/31/2024", Why::DayAndMonthSwapped),
            (Some("dd/mm/yyyy"), "31/02/2024", Why::NoSuchDate),
            (Some("excel 1900"), "31/12/2024", Why::OtherFormat),
        ] {
            assert_eq!(of(DataType::Date, format, &none, text), reason, "{text:?}");
        }
        for (text, reason) in [
            ("2024-12-31 25:00", Why::NoSuchDate),
            ("2024-12-31T10:60:00", Why::NoSuchDate),
            ("2023-02-29T10:00", Why::NoSuchDate),
            ("31/12/2024 10:00", Why::OtherFormat),
            ("0000-00-00 00:00:00", Why::YearOutOfRange),
        ] {
            assert_eq!(of(DataType::Datetime, None, &none, text), reason, "{text:?}");
        }
        assert_eq!(of(DataType::Boolean, None, &none, "Có"), Why::NotABoolean);
        assert_eq!(of(DataType::Uuid, None, &none, "x"), Why::NotAUuid);
    }

    fn tally(parsed: &ParsedAs, texts: &[&str]) -> UnparseableTally {
        let mut tally = UnparseableTally::default();
        for text in texts {
            let (reason, formats) = parsed.why(text);
            tally.add(reason, formats.positions(), 1);
        }
        tally
    }

    #[test]
    fn advice_names_what_most_cells_look_like() {
        let (none, iso) = (Notation::default(), None);
        for (data_type, format, texts, like, advice) in [
            (DataType::Date, iso, &["31/12/2024", "01/02/2024"][..], "DD/MM/YYYY", r#"declare `format: "%d/%m/%Y"`"#),
            (
                DataType::Date,
                iso,
                &["01/02/2024", "03/04/2024"],
                "DD/MM/YYYY, MM/DD/YYYY",
                r#"declare `format: "%d/%m/%Y"` or `format: "%m/%d/%Y"`, whichever is meant"#,
            ),
            (DataType::Date, iso, &["2024-01-02 10:00"], "YYYY-MM-DD hh:mm", "declare `type: datetime`"),
            (
                DataType::Date,
                Some("%d/%m/%Y"),
                &["12/31/2024", "12/30/2024", "x"],
                "MM/DD/YYYY",
                r#"declare `format: "%m/%d/%Y"`"#,
            ),
            (
                DataType::Datetime,
                iso,
                &["31/12/2024 10:00"],
                "DD/MM/YYYY hh:mm",
                r#"declare `format: "%d/%m/%Y %H:%M"`"#,
            ),
            (DataType::Decimal, iso, &["12,5", "0,25"], "1234,5", r#"declare `decimal: ","`"#),
            (
                DataType::Decimal,
                iso,
                &["12,5", "1.234,56"],
                "1.234,5",
                r#"declare `decimal: ","` and `thousands: "."`"#,
            ),
            (DataType::Integer, iso, &["1 234", "5 678"], "1 234.5", r#"declare `thousands: " "`"#),
            (
                DataType::Integer,
                iso,
                &["1,234"],
                "1234,5, 1,234.5",
                r#"declare `decimal: ","` if the comma is the decimal sign, or `thousands: ","` if it is between groups"#,
            ),
        ] {
            let format = format.map(dates_in);
            let parsed = ParsedAs::new(data_type, format.as_ref(), &none);
            let (found, told) = looks(&tally(&parsed, texts), data_type, format.as_ref(), &none);
            assert_eq!(found.map(|found| found.formats.join(", ")).as_deref(), Some(like), "{texts:?}");
            assert_eq!(told.as_deref(), Some(advice), "{texts:?}");
        }
        let parsed = ParsedAs::new(DataType::Date, None, &none);
        let mut few = tally(&parsed, &["31/12/2024", "30/12/2024"]);
        few.parsed = 2;
        let (found, told) = looks(&few, DataType::Date, None, &none);
        assert_eq!((found.map(|found| found.cells), told), (Some(2), None));
        let found = looks(&tally(&parsed, &["31/12/2024", "x", "y"]), DataType::Date, None, &none);
        assert_eq!(found, (None, None));
    }

    #[test]
    fn every_declared_format_compiles_and_parses_what_looks_like_it() {
        for (at, format) in DATE_DECLARATIONS.iter().enumerate() {
            let Some(format) = format else { continue };
            let compiled = DateFormat::compile(&dates_in(format)).unwrap();
            let example = Family::Date.formats()[at]
                .replace("YYYY", "2024")
                .replace("MM", "11")
                .replace("DD", "12")
                .replace(['M'], "11")
                .replace(['D'], "12")
                .replace("hh", "10")
                .replace("mm", "30");
            assert!(compiled.parse_instant(&example).is_some(), "{format}: {example}");
            assert!(Family::Date.of(&example).has(at), "{format}: {example}");
        }
    }

    proptest! {
        #[test]
        fn there_is_a_reason_for_any_text(text in "\\PC{0,12}|[-+0-9.,/: eE%€()]{0,12}") {
            for data_type in DataType::ALL {
                for format in [None, Some(dates_in("%d/%m/%Y"))] {
                    let _ = ParsedAs::new(*data_type, format.as_ref(), &Notation::default()).why(&text);
                }
            }
        }
    }
}

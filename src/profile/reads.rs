//! What type the texts of a column have.

use std::collections::BTreeMap;

use crate::model::{DataType, DateNotation, Grouping, IdentifiedColumn, Notation};
use crate::scalar::{DateFormat, NumberFormat, is_uuid, parse_boolean, parse_integer, parse_long_integer, parse_value};
use crate::text::DATE_DECLARATIONS;

/// The share in hundredths of the values that must be of a type.
const NEARLY_ALL: u64 = 90;

/// The most different values that are tried.
const MOST_TRIED: usize = 2_000;

/// The years that eight digits may begin with to be a date.
const YEARS: std::ops::RangeInclusive<&str> = "1800"..="2199";

/// How the values of a column are parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    /// Their type.
    pub(super) data_type: DataType,
    /// How dates are written; `None`: ISO 8601.
    pub(super) format: Option<DateNotation>,
    /// Another format that the values fit as well.
    pub(super) or_format: Option<String>,
    /// How numbers are written.
    pub(super) notation: Notation,
}

impl Reading {
    /// As the file stores them.
    pub(super) fn stored(data_type: DataType) -> Self {
        Self { data_type, format: None, or_format: None, notation: Notation::default() }
    }
}

/// The type that nearly all of these texts have; text where there is none. Digits with leading zeros are text: they are codes.
pub(super) fn guess(values: &BTreeMap<String, u64>, identified: &IdentifiedColumn) -> Reading {
    let step = values.len().div_ceil(MOST_TRIED).max(1);
    let tried: Vec<(&str, u64)> = values.iter().step_by(step).map(|(text, rows)| (text.as_str(), *rows)).collect();
    let all: u64 = tried.iter().map(|(_, rows)| rows).sum();
    let text = Reading::stored(DataType::Text);
    if all == 0 {
        return text;
    }
    let fitting = |test: &dyn Fn(&str) -> bool| -> u64 {
        tried.iter().filter(|(text, _)| test(text)).map(|(_, rows)| rows).sum()
    };
    let are_most = |fitting: u64| fitting * 100 >= all * NEARLY_ALL;
    if are_most(fitting(&|text| parse_boolean(text).is_some())) {
        return Reading::stored(DataType::Boolean);
    }
    if are_most(fitting(&is_uuid)) {
        return Reading::stored(DataType::Uuid);
    }
    if let Some(dates) = dates(&fitting, &are_most) {
        return dates;
    }
    // Telephone numbers and other identifiers are no amounts.
    let is_identifier = identified.kinds.first().is_some_and(|kind| kind.likely);
    if is_identifier || fitting(&has_leading_zero) > 0 {
        return text;
    }
    numbers(&fitting, &are_most).unwrap_or(text)
}

/// Counts the values that pass a test.
type Fitting<'a> = &'a dyn Fn(&dyn Fn(&str) -> bool) -> u64;

/// The format of dates that most values have, if they are dates.
fn dates(fitting: Fitting<'_>, are_most: &dyn Fn(u64) -> bool) -> Option<Reading> {
    let iso = |data_type: DataType| fitting(&|text| parse_value(text, data_type, None).is_some());
    let is_iso = iso(DataType::Date);
    if are_most(is_iso) {
        return Some(Reading::stored(DataType::Date));
    }
    if are_most(iso(DataType::Datetime)) {
        return Some(Reading::stored(DataType::Datetime));
    }
    let mut best: Option<(u64, Reading)> = None;
    for declared in DATE_DECLARATIONS.iter().flatten() {
        let notation = DateNotation { formats: vec![(*declared).to_owned()], ..DateNotation::default() };
        let Ok(format) = DateFormat::compile(&notation) else { continue };
        let has_time = declared.contains("%H");
        let is_bare = !declared.contains(['-', '/', '.']);
        let count = fitting(&|text| {
            let is_parsed =
                if has_time { format.parse_instant(text).is_some() } else { format.parse_date(text).is_some() };
            is_parsed && (!is_bare || text.get(..4).is_some_and(|year| YEARS.contains(&year)))
        });
        match &mut best {
            Some((most, reading)) if *most == count => {
                reading.or_format.get_or_insert_with(|| (*declared).to_owned());
            }
            Some((most, _)) if *most > count => {}
            _ => {
                let data_type = if has_time { DataType::Datetime } else { DataType::Date };
                best = Some((count, Reading { format: Some(notation), ..Reading::stored(data_type) }));
            }
        }
    }
    best.filter(|(count, _)| are_most(*count)).map(|(_, reading)| reading)
}

/// The notation of numbers that most values have, if they are numbers.
fn numbers(fitting: Fitting<'_>, are_most: &dyn Fn(u64) -> bool) -> Option<Reading> {
    let whole = |text: &str| parse_integer(text).is_some() || parse_long_integer(text).is_some();
    let decimal = |text: &str| parse_value(text, DataType::Decimal, None).is_some();
    let plain = fitting(&decimal);
    if are_most(plain) {
        let is_whole = fitting(&whole) == plain;
        return Some(Reading::stored(if is_whole { DataType::Integer } else { DataType::Decimal }));
    }
    let notations = [
        (Some(','), None),
        (None, Some(Grouping::Sign(','))),
        (Some(','), Some(Grouping::Sign('.'))),
        (Some(','), Some(Grouping::Space)),
        (None, Some(Grouping::Space)),
        (None, Some(Grouping::Apostrophe)),
    ];
    let mut best: Option<(u64, Reading)> = None;
    for (sign, thousands) in notations {
        let notation = Notation { decimal: sign, thousands, ..Notation::default() };
        let Some(format) = NumberFormat::of(&notation) else { continue };
        let reads = |text: &str, test: &dyn Fn(&str) -> bool| format.plain(text, &mut String::new()).is_some_and(test);
        let count = fitting(&|text| reads(text, &decimal));
        if best.as_ref().is_none_or(|(most, _)| count > *most) {
            let is_whole = fitting(&|text| reads(text, &whole)) == count;
            let data_type = if is_whole { DataType::Integer } else { DataType::Decimal };
            best = Some((count, Reading { notation, ..Reading::stored(data_type) }));
        }
    }
    best.filter(|(count, _)| are_most(*count)).map(|(_, reading)| reading)
}

/// Whether digits begin with a zero that a number would lose.
fn has_leading_zero(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text).as_bytes();
    matches!(digits, [b'0', next, ..] if next.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Reading {
        let mut counts = BTreeMap::new();
        for value in values {
            *counts.entry((*value).to_owned()).or_default() += 1;
        }
        guess(&counts, &IdentifiedColumn::default())
    }

    #[test]
    fn types_of_texts() {
        for (values, expected) in [
            (&["1", "2", "30"][..], DataType::Integer),
            (&["1", "2.5", "-30"], DataType::Decimal),
            (&["007", "012", "300"], DataType::Text),
            (&["true", "false"], DataType::Boolean),
            (&["2026-01-02", "2026-02-03"], DataType::Date),
            (&["2026-01-02T08:00:00", "2026-02-03T09:30:00"], DataType::Datetime),
            (&["31/12/2025", "01/02/2026"], DataType::Date),
            (&["20251231", "20260102"], DataType::Date),
            (&["12345678", "87654321"], DataType::Integer),
            (&["2024", "2025"], DataType::Integer),
            (&["north", "south"], DataType::Text),
            (&[], DataType::Text),
        ] {
            assert_eq!(of(values).data_type, expected, "{values:?}");
        }
    }

    #[test]
    fn notations_of_texts() {
        let of_format = |values: &[&str]| {
            let reading = of(values);
            (reading.format.map(|format| format.formats.concat()), reading.or_format)
        };
        assert_eq!(
            of_format(&["31/12/2025", "01/02/2026"]),
            (Some("%d/%m/%Y".to_owned()), Some("%-d/%-m/%Y".to_owned()))
        );
        assert_eq!(of_format(&["12/31/2025", "01/02/2026"]).0, Some("%m/%d/%Y".to_owned()));
        assert_eq!(of(&["1,5", "2,25"]).notation.decimal, Some(','));
        let grouped = of(&["1.234,50", "12.345.678,00", "3,10"]);
        assert_eq!((grouped.data_type, grouped.notation.thousands), (DataType::Decimal, Some(Grouping::Sign('.'))));
        let whole = of(&["1,234", "12,345,678"]);
        assert_eq!((whole.data_type, whole.notation.decimal), (DataType::Integer, None));
    }
}

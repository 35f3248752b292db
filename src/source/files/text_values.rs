//! Stored values that are given as text: bytes, UUIDs, times of day, lengths of time.

use std::fmt::Write as _;

use polars_arrow::array::{Array, BinaryArray, BinaryViewArray, FixedSizeBinaryArray, PrimitiveArray};
use polars_arrow::datatypes::{ArrowDataType as Stored, Field, IntervalUnit, TimeUnit};
use polars_arrow::types::{days_ms, months_days_ns};

use super::array_values::{array, text};
use super::text::REPLACEMENT;
use crate::source::column::Column;
use crate::source::text_column::{TextColumn, TextViews};

/// Where Arrow names the meaning of a field that its type does not have.
pub(super) const EXTENSION: &str = "ARROW:extension:name";

/// The name of UUIDs there.
pub(super) const UUID: &str = "arrow.uuid";

/// The bytes of a UUID.
const UUID_BYTES: usize = 16;

/// Whether the cells of a field are UUIDs of 16 bytes.
pub(super) fn is_uuid(field: &Field) -> bool {
    let name = field.metadata.as_deref().and_then(|known| known.get(EXTENSION));
    field.dtype.to_storage() == &Stored::FixedSizeBinary(UUID_BYTES) && name.is_some_and(|name| name.as_str() == UUID)
}

/// UUIDs of 16 bytes in their form of 36 characters.
pub(super) fn uuids(cells: &dyn Array) -> Option<Column> {
    let cells = array::<FixedSizeBinaryArray>(cells)?;
    Some(texts(cells.iter().map(|bytes| bytes.map(uuid))))
}

fn uuid(bytes: &[u8]) -> String {
    let mut digits = hex::encode(bytes);
    for dash in [20, 16, 12, 8] {
        digits.insert(dash, '-');
    }
    digits
}

/// Bytes as text: what is UTF-8 as it is, anything else as U+FFFD and its bytes in hex, so that different bytes stay
/// different.
pub(super) fn bytes(cells: &dyn Array) -> Option<Column> {
    Some(match cells.dtype().to_storage() {
        Stored::BinaryView => {
            let cells = array::<BinaryViewArray>(cells)?;
            match cells.to_utf8view() {
                Ok(cells) if !cells.values_iter().any(|cell| cell.starts_with(REPLACEMENT)) => text(cells),
                _ => texts(cells.iter().map(|cell| cell.map(of_bytes))),
            }
        }
        Stored::Binary => texts(array::<BinaryArray<i32>>(cells)?.iter().map(|cell| cell.map(of_bytes))),
        Stored::LargeBinary => texts(array::<BinaryArray<i64>>(cells)?.iter().map(|cell| cell.map(of_bytes))),
        _ => texts(array::<FixedSizeBinaryArray>(cells)?.iter().map(|cell| cell.map(of_bytes))),
    })
}

/// The text of bytes.
pub(super) fn of_bytes(cell: &[u8]) -> String {
    match str::from_utf8(cell) {
        // What begins with the sign for bytes would look like other bytes.
        Ok(text) if !text.starts_with(REPLACEMENT) => text.to_owned(),
        _ => format!("{REPLACEMENT}{}", hex::encode(cell)),
    }
}

/// A time of day; a tick has so many nanoseconds.
pub(super) fn time(ticks: i64, nanos_of_tick: u64) -> String {
    let nanos = ticks.unsigned_abs().saturating_mul(nanos_of_tick);
    let seconds = nanos / 1_000_000_000;
    let sign = if ticks < 0 { "-" } else { "" };
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{sign}{hours:02}:{minutes:02}:{:02}{}", seconds % 60, fraction(nanos % 1_000_000_000))
}

/// Times of day as `HH:MM:SS`, with as much of a fraction as they have.
pub(super) fn times(cells: &dyn Array, unit: TimeUnit) -> Option<Column> {
    let time = |ticks: i64| time(ticks, nanos_of(unit));
    let narrow = array::<PrimitiveArray<i32>>(cells).map(|cells| {
        let cells = cells.iter().map(|ticks| ticks.map(|ticks| time(i64::from(*ticks))));
        texts(cells)
    });
    narrow.or_else(|| {
        Some(texts(array::<PrimitiveArray<i64>>(cells)?.iter().map(|ticks| ticks.map(|ticks| time(*ticks)))))
    })
}

/// Lengths of time in seconds, as ISO 8601 writes them: `PT1.5S`.
pub(super) fn durations(cells: &dyn Array, unit: TimeUnit) -> Option<Column> {
    let span = |ticks: &i64| length(0, 0, i128::from(*ticks) * i128::from(nanos_of(unit)));
    Some(texts(array::<PrimitiveArray<i64>>(cells)?.iter().map(|ticks| ticks.map(span))))
}

/// Lengths of time of a calendar, as ISO 8601 writes them: `P14M3DT0.5S`.
pub(super) fn intervals(cells: &dyn Array, unit: IntervalUnit) -> Option<Column> {
    Some(match unit {
        IntervalUnit::YearMonth => {
            let cells = array::<PrimitiveArray<i32>>(cells)?.iter();
            texts(cells.map(|months| months.map(|months| length(i64::from(*months), 0, 0))))
        }
        IntervalUnit::DayTime => {
            let span = |cell: &days_ms| length(0, i64::from(cell.days()), i128::from(cell.milliseconds()) * 1_000_000);
            texts(array::<PrimitiveArray<days_ms>>(cells)?.iter().map(|cell| cell.map(span)))
        }
        IntervalUnit::MonthDayNano => {
            let span =
                |cell: &months_days_ns| length(i64::from(cell.months()), i64::from(cell.days()), i128::from(cell.ns()));
            texts(array::<PrimitiveArray<months_days_ns>>(cells)?.iter().map(|cell| cell.map(span)))
        }
        IntervalUnit::MonthDayMillis => return None,
    })
}

/// Lengths of time of 12 bytes, as Parquet has them: months, days and milliseconds.
pub(super) fn intervals_of_bytes(cells: &dyn Array) -> Option<Column> {
    let part = |bytes: &[u8], at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
    let span = |bytes: &[u8]| {
        let (months, days, millis) = (part(bytes, 0)?, part(bytes, 4)?, part(bytes, 8)?);
        Some(length(i64::from(months), i64::from(days), i128::from(millis) * 1_000_000))
    };
    Some(texts(array::<FixedSizeBinaryArray>(cells)?.iter().map(|cell| cell.and_then(span))))
}

/// A length of time: months, days and nanoseconds are never turned into one another.
fn length(months: i64, days: i64, nanos: i128) -> String {
    let mut span = "P".to_owned();
    for (count, sign) in [(months, 'M'), (days, 'D')] {
        if count != 0 {
            let _ = write!(span, "{count}{sign}");
        }
    }
    if nanos != 0 || span.len() == 1 {
        let sign = if nanos < 0 { "-" } else { "" };
        let below = u64::try_from(nanos.unsigned_abs() % 1_000_000_000).unwrap_or_default();
        let _ = write!(span, "T{sign}{}{}S", nanos.unsigned_abs() / 1_000_000_000, fraction(below));
    }
    span
}

/// Nanoseconds below a second, as digits behind a point; nothing where there are none.
fn fraction(nanos: u64) -> String {
    if nanos == 0 { String::new() } else { format!(".{}", format!("{nanos:09}").trim_end_matches('0')) }
}

const fn nanos_of(unit: TimeUnit) -> u64 {
    match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    }
}

/// A column of texts that were made.
pub(super) fn texts(cells: impl Iterator<Item = Option<String>>) -> Column {
    Column::Text(TextColumn::Views(cells.collect::<TextViews>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(column: Option<Column>, rows: usize) -> Vec<Option<String>> {
        let Some(Column::Text(cells)) = column else { panic!("no text") };
        (0..rows).map(|row| cells.get(row).map(str::to_owned)).collect()
    }

    #[test]
    fn different_bytes_are_different_texts() {
        let stored = BinaryArray::<i32>::from([Some(b"A1".as_slice()), Some(b"\xff\x01"), Some(b"\xff\x02"), None]);
        let expected = [Some("A1"), Some("\u{fffd}ff01"), Some("\u{fffd}ff02"), None];
        assert_eq!(cells(bytes(&stored), 4), expected.map(|text| text.map(str::to_owned)));
    }

    #[test]
    fn uuids_have_dashes() {
        let stored = FixedSizeBinaryArray::from_slice([[0x12_u8; 16]]);
        assert_eq!(cells(uuids(&stored), 1), [Some("12121212-1212-1212-1212-121212121212".to_owned())]);
    }

    #[test]
    fn times_and_lengths_of_time_keep_their_parts() {
        let stored = PrimitiveArray::<i64>::from([Some(3_661_000_001), Some(0), Some(86_399_999_999), None]);
        let expected = [Some("01:01:01.000001"), Some("00:00:00"), Some("23:59:59.999999"), None];
        assert_eq!(cells(times(&stored, TimeUnit::Microsecond), 4), expected.map(|text| text.map(str::to_owned)));
        assert_eq!(length(14, -3, 500_000_000), "P14M-3DT0.5S");
        assert_eq!(length(0, 0, 0), "PT0S");
        assert_eq!(length(0, 2, 0), "P2D");
        assert_eq!(length(0, 0, -1_500_000_000), "PT-1.5S");
    }
}

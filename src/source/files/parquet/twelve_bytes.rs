//! Values of 12 bytes: lengths of time, and INT96, as Spark, Hive and Impala write timestamps: the nanoseconds of a day and the number of the day, in 12 bytes.
//!
//! Own code: polars gives them in nanoseconds of 64 bits, which end in the years 1677 and 2262; what is beyond becomes another
//! date. So polars decodes the 12 bytes alone, and they are read here.

use polars_arrow::array::{Array, FixedSizeBinaryArray};
use polars_arrow::datatypes::{ArrowDataType as Stored, Field};
use polars_parquet::parquet::schema::types::PrimitiveType;
use polars_parquet::read::PhysicalType;

use crate::model::{FineInstant, TIMESTAMPS};
use crate::source::column::Column;
use crate::source::files::array_values::{Convert, array, instants, validity};
use crate::source::files::text_values::intervals_of_bytes;

/// The bytes of a value.
const BYTES: usize = 12;

/// The number of 1970-01-01 among the days since 4713 BC.
const EPOCH: i64 = 2_440_588;

/// Nanoseconds in a day.
const DAY: i64 = 86_400_000_000_000;

/// A column whose values are decoded as 12 bytes each.
pub(super) struct TwelveBytes {
    /// Its type in the file.
    pub(super) stored: PrimitiveType,
    /// The column of bytes.
    pub(super) field: Field,
    /// Reads the bytes.
    pub(super) convert: Convert,
}

impl TwelveBytes {
    /// A column of INT96 or of intervals as one of bytes; `None` for other columns.
    pub(super) fn of(stored: &PrimitiveType, field: &Field) -> Option<Self> {
        let convert: Convert = match (stored.physical_type, &field.dtype) {
            (PhysicalType::Int96, Stored::Timestamp(..)) => timestamps,
            (PhysicalType::FixedLenByteArray(BYTES), Stored::Interval(_)) => intervals_of_bytes,
            _ => return None,
        };
        let mut stored = stored.clone();
        stored.physical_type = PhysicalType::FixedLenByteArray(BYTES);
        let field = Field::new(field.name.clone(), Stored::FixedSizeBinary(BYTES), field.is_nullable);
        Some(Self { stored, field, convert })
    }
}

/// The timestamps of a column of 12 bytes each.
fn timestamps(cells: &dyn Array) -> Option<Column> {
    let bytes = array::<FixedSizeBinaryArray>(cells)?.values();
    Some(instants(bytes.chunks_exact(BYTES).map(instant), validity(cells)))
}

/// A timestamp; `None` before 0001, after 9999, and where the time is none of a day.
fn instant(bytes: &[u8]) -> Option<FineInstant> {
    let (time, day) = bytes.split_first_chunk()?;
    // Some writers count back from the next day in the years before 1970.
    let time = Some(i64::from_le_bytes(*time)).filter(|time| (-DAY..DAY).contains(time))?;
    let day = i64::from(u32::from_le_bytes(day.try_into().ok()?)) - EPOCH;
    let micros = day * (DAY / 1_000) + time.div_euclid(1_000);
    let nanos = u16::try_from(time.rem_euclid(1_000)).ok()?;
    TIMESTAMPS.contains(&micros).then_some(FineInstant { micros, nanos })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{FIRST_DATE, LAST_DATE, Value};

    fn written(time: i64, day: u32) -> Option<String> {
        let bytes: Vec<u8> = time.to_le_bytes().into_iter().chain(day.to_le_bytes()).collect();
        instant(&bytes).map(|instant| Value::of_instant(instant).to_string())
    }

    #[test]
    fn days_are_julian_and_times_nanoseconds() {
        const HOUR: i64 = 3_600_000_000_000;
        for (time, day, timestamp) in [
            (0, 2_440_588, Some("1970-01-01T00:00:00")),
            (DAY - 1_000, 2_440_587, Some("1969-12-31T23:59:59.999999")),
            (-1_000, 2_440_588, Some("1969-12-31T23:59:59.999999")),
            (2 * HOUR, 5_373_484, Some("9999-12-31T02:00:00")),
            (DAY - 1, 5_373_484, Some("9999-12-31T23:59:59.999999999")),
            (-1, 2_440_588, Some("1969-12-31T23:59:59.999999999")),
            (0, 5_373_485, None),
            (0, 1_721_426, Some("0001-01-01T00:00:00")),
            (-1, 1_721_426, None),
            (0, 1_721_425, None),
            (6 * HOUR + 500, 2_299_161, Some("1582-10-15T06:00:00.0000005")),
            (DAY, 2_440_588, None),
            (i64::MIN, 2_440_588, None),
            (0, 0, None),
            (0, u32::MAX, None),
        ] {
            assert_eq!(written(time, day).as_deref(), timestamp, "{time} of {day}");
        }
        assert_eq!(instant(&[0; 11]), None);
    }

    proptest! {
        #[test]
        fn every_timestamp_of_9999_years_is_read_back(day in FIRST_DATE..=LAST_DATE, time in 0..DAY) {
            let julian = u32::try_from(i64::from(day) + EPOCH).unwrap();
            let nanos = u16::try_from(time % 1_000).unwrap();
            let timestamp = FineInstant { micros: i64::from(day) * (DAY / 1_000) + time / 1_000, nanos };
            prop_assert_eq!(written(time, julian), Some(Value::of_instant(timestamp).to_string()));
        }
    }
}

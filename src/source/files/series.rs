//! Columns of columnar files, converted to the types in which they are audited.

use std::ops::Range;

use polars::prelude::{
    ArrowField, ChunkedArray, DataType as Stored, Int32Type, Int64Type, Int128Type, PolarsDataType, PolarsNumericType,
    Series, TimeUnit,
};

use crate::model::DataType;
use crate::source::batch::Rows;
use crate::source::bits::Bits;
use crate::source::column::{Column, SourceColumn, Typed};
use crate::source::panic_guard::{Failed, catch_panic};
use crate::source::table::Emit;
use crate::source::text_column::{TextColumn, TextViews};

/// The name of a stored type for people, and the type in which it is given.
fn describe(stored: &Stored) -> (String, Option<DataType>) {
    let plain = |name: &str, kind| (name.to_owned(), Some(kind));
    match stored {
        Stored::String => plain("text", DataType::Text),
        Stored::Categorical(..) => plain("categorical", DataType::Text),
        Stored::Enum(..) => plain("enum", DataType::Text),
        Stored::Null => plain("null", DataType::Text),
        Stored::Int8 => plain("int8", DataType::Integer),
        Stored::Int16 => plain("int16", DataType::Integer),
        Stored::Int32 => plain("int32", DataType::Integer),
        Stored::Int64 => plain("int64", DataType::Integer),
        Stored::UInt8 => plain("uint8", DataType::Integer),
        Stored::UInt16 => plain("uint16", DataType::Integer),
        Stored::UInt32 => plain("uint32", DataType::Integer),
        Stored::UInt64 => plain("uint64", DataType::Integer),
        Stored::Float32 => plain("float32", DataType::Decimal),
        Stored::Float64 => plain("float64", DataType::Decimal),
        Stored::Decimal(precision, scale) => (format!("decimal({precision},{scale})"), Some(DataType::Decimal)),
        Stored::Boolean => plain("boolean", DataType::Boolean),
        Stored::Date => plain("date", DataType::Date),
        Stored::Datetime(unit, zone) => {
            let unit = match unit {
                TimeUnit::Nanoseconds => "ns",
                TimeUnit::Microseconds => "us",
                TimeUnit::Milliseconds => "ms",
            };
            let zone = zone.as_ref().map_or_else(String::new, |zone| format!(", {zone}"));
            (format!("timestamp[{unit}{zone}]"), Some(DataType::Datetime))
        }
        Stored::Binary | Stored::BinaryOffset => ("binary".to_owned(), None),
        Stored::Time => ("time".to_owned(), None),
        Stored::Duration(_) => ("duration".to_owned(), None),
        Stored::List(_) => ("list".to_owned(), None),
        other => {
            // The name alone: what is inside may be a tree.
            let name: String = format!("{other:?}").chars().take_while(char::is_ascii_alphanumeric).collect();
            (name.to_ascii_lowercase(), None)
        }
    }
}

/// A column of a file as its schema has it. A type that polars was not built for (structs, maps) has a name too; no rule
/// can read such a column, and the others can be read.
pub(super) fn describe_field(field: &ArrowField) -> SourceColumn {
    let (stored, data_type) =
        catch_panic(|| Ok::<_, ()>(describe(&Stored::from_arrow_field(field)))).unwrap_or_else(|_| {
            let name: String = format!("{:?}", field.dtype()).chars().take_while(char::is_ascii_alphanumeric).collect();
            (name.to_ascii_lowercase(), None)
        });
    SourceColumn { name: field.name.to_string(), stored, data_type }
}

/// Hands out runs of rows of decoded columns, one batch each.
pub(super) fn emit(columns: &[Series], parts: &[Range<usize>], emit: &mut Emit) -> Result<(), Failed> {
    for part in parts {
        let columns = columns.iter().map(|column| cut_one(column, part)).collect::<Result<Vec<_>, _>>()?;
        if !emit(Rows::ready(part.len(), columns, Vec::new(), None)) {
            break;
        }
    }
    Ok(())
}

/// The cells of these runs of rows.
pub(super) fn cut(column: &Series, parts: &[Range<usize>]) -> Result<Vec<Column>, Failed> {
    parts.iter().map(|part| cut_one(column, part)).collect()
}

fn cut_one(column: &Series, rows: &Range<usize>) -> Result<Column, Failed> {
    catch_panic(|| convert(&column.slice(i64::try_from(rows.start).map_err(drop)?, rows.len())).ok_or(()))
}

/// Gives a column in the type that [`describe`] names; `None` where it has none.
fn convert(cells: &Series) -> Option<Column> {
    let cells = &cells.rechunk();
    Some(match cells.dtype() {
        Stored::Null => Column::Text(TextColumn::Constant(None)),
        Stored::String => Column::Text(TextColumn::Views(TextViews::new(cells.str().ok()?))),
        Stored::Categorical(..) | Stored::Enum(..) => {
            Column::Text(TextColumn::Views(TextViews::new(cells.cast(&Stored::String).ok()?.str().ok()?)))
        }
        Stored::UInt64 => {
            let mut unreadable = Bits::none(cells.len());
            let cells = cells.u64().ok()?;
            let values = cells.iter().enumerate().map(|(row, value)| {
                i64::try_from(value.unwrap_or_default()).unwrap_or_else(|_| {
                    unreadable.set(row);
                    0
                })
            });
            Column::Integer(with_unreadable(values.collect(), validity(cells), &unreadable))
        }
        kind if kind.is_integer() => Column::Integer(numbers::<Int64Type>(&cells.cast(&Stored::Int64).ok()?)?),
        Stored::Float32 | Stored::Float64 => {
            Column::Decimal(numbers::<polars::prelude::Float64Type>(&cells.cast(&Stored::Float64).ok()?)?)
        }
        // Numbers with more digits than a float can distinguish stay digits, as in a text file: keys of 38 digits are 38
        // digits.
        Stored::Decimal(precision, scale) if *precision > FLOAT_DIGITS => {
            let units = numbers::<Int128Type>(&cells.to_physical_repr())?;
            let text = units.values.iter().enumerate().map(|(row, units_of_row)| {
                let there = units.valid.as_ref().is_none_or(|valid| valid.get(row));
                there.then(|| decimal_text(*units_of_row, *scale))
            });
            Column::Text(TextColumn::Views(text.collect()))
        }
        Stored::Decimal(_, scale) => {
            let units = numbers::<Int128Type>(&cells.to_physical_repr())?;
            let values = units.values.iter().map(|units| decimal(*units, *scale)).collect();
            Column::Decimal(Typed { values, valid: units.valid, unreadable: None })
        }
        Stored::Date => Column::Date(numbers::<Int32Type>(&cells.to_physical_repr())?),
        Stored::Datetime(unit, _) => {
            let ticks = numbers::<Int64Type>(&cells.to_physical_repr())?;
            Column::Datetime(match unit {
                TimeUnit::Microseconds => ticks,
                TimeUnit::Nanoseconds => {
                    Typed { values: ticks.values.iter().map(|ticks| ticks.div_euclid(1000)).collect(), ..ticks }
                }
                TimeUnit::Milliseconds => {
                    let mut unreadable = Bits::none(cells.len());
                    let micros = ticks.values.iter().enumerate().map(|(row, ticks)| {
                        ticks.checked_mul(1000).unwrap_or_else(|| {
                            unreadable.set(row);
                            0
                        })
                    });
                    with_unreadable(micros.collect(), ticks.valid, &unreadable)
                }
            })
        }
        Stored::Boolean => {
            let cells = cells.bool().ok()?;
            let values = cells.iter().map(Option::unwrap_or_default).collect();
            Column::Boolean(Typed { values, valid: validity(cells), unreadable: None })
        }
        _ => return None,
    })
}

/// The values of a column of one chunk.
fn numbers<T: PolarsNumericType>(cells: &Series) -> Option<Typed<T::Native>> {
    let cells: &ChunkedArray<T> = cells.as_ref().as_any().downcast_ref()?;
    let mut values = Vec::with_capacity(cells.len());
    for chunk in cells.downcast_iter() {
        values.extend_from_slice(chunk.values().as_slice());
    }
    Some(Typed { values, valid: validity(cells), unreadable: None })
}

/// The rows with a value; `None`: all of them.
fn validity<T: PolarsDataType>(cells: &ChunkedArray<T>) -> Option<Bits> {
    if cells.null_count() == 0 {
        return None;
    }
    let mut chunks = cells.iter_validities();
    if let (Some(valid), None) = (chunks.next().flatten(), chunks.next()) {
        let (bytes, offset, _) = valid.as_slice();
        return Some(Bits::from_bitmap(bytes, offset, cells.len()));
    }
    let mask = cells.is_not_null();
    let mut flags = mask.iter();
    Some(Bits::from_fn(cells.len(), |_| flags.next().flatten().unwrap_or_default()))
}

/// Unreadable cells that have a value are not valid.
fn with_unreadable<T>(values: Vec<T>, valid: Option<Bits>, unreadable: &Bits) -> Typed<T> {
    if unreadable.is_empty() {
        return Typed { values, valid, unreadable: None };
    }
    let valid = valid.unwrap_or_else(|| Bits::all(values.len()));
    let unreadable = unreadable.and(&valid);
    Typed { values, valid: Some(valid.without(&unreadable)), unreadable: Some(unreadable) }
}

/// Decimals of so many digits are different 64-bit floats where they are different.
const FLOAT_DIGITS: usize = 15;

/// `units / 10^scale` in its shortest writing: no point without digits behind it, no zeros at its end.
fn decimal_text(units: i128, scale: usize) -> String {
    let digits = units.unsigned_abs().to_string();
    let (whole, fraction) = match digits.len().checked_sub(scale) {
        Some(point) => (digits[..point].to_owned(), digits[point..].to_owned()),
        None => (String::new(), format!("{digits:0>scale$}")),
    };
    let fraction = fraction.trim_end_matches('0');
    let sign = if units < 0 { "-" } else { "" };
    let whole = if whole.is_empty() { "0" } else { &whole };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// The float nearest to `units / 10^scale`.
fn decimal(units: i128, scale: usize) -> f64 {
    /// Up to here, both sides of the division are floats without rounding.
    const EXACT: i128 = 1 << 53;
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
    if (-EXACT..=EXACT).contains(&units) && scale <= 22 {
        units as f64 / 10_f64.powi(i32::try_from(scale).unwrap_or(0))
    } else {
        format!("{units}e-{scale}").parse().unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::{Int128Chunked, IntoSeries, NewChunkedArray};

    use super::*;

    fn decimals(units: &[Option<i128>], precision: usize, scale: usize) -> Column {
        let units = Int128Chunked::from_slice_options("d".into(), units);
        let cells = units.into_decimal_unchecked(precision, scale).into_series();
        let parts: Vec<_> = std::iter::once(0..cells.len()).collect();
        cut(&cells, &parts).ok().and_then(|mut columns| columns.pop()).expect("a column")
    }

    #[test]
    fn decimals_are_written_in_their_shortest_form() {
        for (units, scale, text) in [
            (0, 0, "0"),
            (0, 3, "0"),
            (5, 3, "0.005"),
            (-5, 1, "-0.5"),
            (1_500, 3, "1.5"),
            (-120_000, 2, "-1200"),
            (i128::MAX, 0, "170141183460469231731687303715884105727"),
            (i128::MIN, 38, "-1.70141183460469231731687303715884105728"),
        ] {
            assert_eq!(decimal_text(units, scale), text);
        }
    }

    #[test]
    fn long_decimals_keep_their_digits() {
        let units = [Some(9_007_199_254_740_992), None, Some(9_007_199_254_740_993), Some(-100)];
        let Column::Text(text) = decimals(&units, 38, 0) else { panic!("text") };
        let found: Vec<Option<&str>> = (0..4).map(|row| text.get(row)).collect();
        assert_eq!(found, [Some("9007199254740992"), None, Some("9007199254740993"), Some("-100")]);
        let Column::Decimal(short) = decimals(&[Some(150), None], 15, 2) else { panic!("floats") };
        assert_eq!(short.values[0].to_string(), "1.5");
        assert!(short.valid.is_some_and(|valid| valid.get(0) && !valid.get(1)));
    }
}

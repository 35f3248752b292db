//! The cells of columns, as records are read one after the other.

use std::sync::Arc;

use super::input::{Damage, Input};
use super::schema::{Leaf, MAX_DEPTH, Nested};
use crate::model::{Decimal, FIRST_DATE, FineInstant, LAST_DATE, TIMESTAMPS, Value};
use crate::source::bits::Bits;
use crate::source::column::{Column, Typed};
use crate::source::files::array_values::{held, instants};
use crate::source::files::json_text::{push_quoted, write_leaf};
use crate::source::files::text_values::{of_bytes, time};
use crate::source::text_column::TextColumn;

/// The cells of a column so far.
pub(super) struct Cells {
    /// Rows with a value.
    valid: Vec<bool>,
    values: Values,
}

/// `None` where a value is missing, or cannot be held.
enum Values {
    Null,
    Text { text: String, spans: Vec<(u32, u32)> },
    Integer(Vec<Option<i64>>),
    Float(Vec<Option<f64>>),
    Boolean(Vec<Option<bool>>),
    Date(Vec<Option<i32>>),
    Instant(Vec<Option<FineInstant>>),
    Decimal(Vec<Option<Decimal>>),
}

impl Cells {
    /// No cells.
    pub(super) const fn new(leaf: &Leaf) -> Self {
        let values = match leaf {
            Leaf::Null => Values::Null,
            Leaf::Text
            | Leaf::Enum(_)
            | Leaf::Uuid
            | Leaf::Binary(_)
            | Leaf::Json(_)
            | Leaf::TimeMillis
            | Leaf::TimeMicros => Values::Text { text: String::new(), spans: Vec::new() },
            Leaf::Int | Leaf::Long => Values::Integer(Vec::new()),
            Leaf::Float | Leaf::Double => Values::Float(Vec::new()),
            Leaf::Boolean => Values::Boolean(Vec::new()),
            Leaf::Date => Values::Date(Vec::new()),
            Leaf::Millis | Leaf::Micros | Leaf::Nanos => Values::Instant(Vec::new()),
            Leaf::Decimal { .. } => Values::Decimal(Vec::new()),
        };
        Self { valid: Vec::new(), values }
    }

    /// Bytes of text.
    pub(super) const fn text_bytes(&self) -> usize {
        if let Values::Text { text, .. } = &self.values { text.len() } else { 0 }
    }

    /// A row without a value.
    pub(super) fn push_missing(&mut self) {
        self.valid.push(false);
        match &mut self.values {
            Values::Null => {}
            Values::Text { spans, .. } => spans.push(TextColumn::ABSENT),
            Values::Integer(values) => values.push(None),
            Values::Float(values) => values.push(None),
            Values::Boolean(values) => values.push(None),
            Values::Date(values) => values.push(None),
            Values::Instant(values) => values.push(None),
            Values::Decimal(values) => values.push(None),
        }
    }

    /// Reads the value of the next row.
    pub(super) fn push(&mut self, leaf: &Leaf, input: &mut Input<'_>) -> Result<(), Damage> {
        self.valid.push(!matches!(leaf, Leaf::Null));
        match &mut self.values {
            Values::Null => {}
            Values::Text { text, spans } => {
                let start = text.len();
                match leaf {
                    Leaf::Enum(words) => text.push_str(words.get(input.count()?).ok_or(Damage)?),
                    Leaf::Uuid => push_uuid(input.array()?, text),
                    Leaf::Binary(None) => text.push_str(&of_bytes(input.bytes()?)),
                    Leaf::Binary(Some(size)) => text.push_str(&of_bytes(input.take(*size)?)),
                    Leaf::Json(nested) => write_json(nested, input, text, 0)?,
                    Leaf::TimeMillis => text.push_str(&time(input.int()?.into(), 1_000_000)),
                    Leaf::TimeMicros => text.push_str(&time(input.long()?, 1_000)),
                    _ => text.push_str(str::from_utf8(input.bytes()?).map_err(|_| Damage)?),
                }
                let place = |at: usize| u32::try_from(at).map_err(|_| Damage);
                spans.push((place(start)?, place(text.len())?));
            }
            Values::Integer(values) => {
                values.push(Some(if *leaf == Leaf::Int { input.int()?.into() } else { input.long()? }));
            }
            Values::Float(values) => values.push(Some(match leaf {
                Leaf::Float => Value::single(f32::from_le_bytes(input.array()?)),
                _ => f64::from_le_bytes(input.array()?),
            })),
            Values::Boolean(values) => values.push(Some(match input.array()? {
                [0] => false,
                [1] => true,
                _ => return Err(Damage),
            })),
            Values::Date(values) => {
                let days = input.int()?;
                values.push((FIRST_DATE..=LAST_DATE).contains(&days).then_some(days));
            }
            Values::Instant(values) => {
                let ticks = input.long()?;
                let micros = match leaf {
                    Leaf::Nanos => {
                        values.push(Some(FineInstant::of_nanos(ticks)));
                        return Ok(());
                    }
                    Leaf::Millis => ticks.checked_mul(1_000),
                    _ => Some(ticks),
                };
                values.push(micros.filter(|micros| TIMESTAMPS.contains(micros)).map(FineInstant::of_micros));
            }
            Values::Decimal(values) => {
                let Leaf::Decimal { fixed, scale } = leaf else { return Err(Damage) };
                let bytes = match fixed {
                    Some(size) => input.take(*size)?,
                    None => input.bytes()?,
                };
                values.push(whole(bytes).and_then(|units| Decimal::new(units, *scale)));
            }
        }
        Ok(())
    }

    /// The column of all rows.
    pub(super) fn finish(self) -> Column {
        let valid = self.valid.contains(&false).then(|| Bits::of(&self.valid, |valid| *valid));
        match self.values {
            Values::Null => Column::Text(TextColumn::Constant(None)),
            Values::Text { text, spans } => Column::Text(TextColumn::Spans { text: Arc::from(text), spans }),
            Values::Integer(values) => Column::Integer(typed(values, valid)),
            Values::Float(values) => Column::Float(typed(values, valid)),
            Values::Boolean(values) => Column::Boolean(typed(values, valid)),
            Values::Date(values) => Column::Date(typed(values, valid)),
            Values::Instant(values) => instants(values.into_iter(), valid),
            Values::Decimal(values) => Column::Decimal(typed(values, valid)),
        }
    }
}

/// Reads a value with others inside of it, and writes it as JSON: a map is an array of objects of a key and a value.
fn write_json(nested: &Nested, input: &mut Input<'_>, text: &mut String, depth: usize) -> Result<(), Damage> {
    if depth > MAX_DEPTH {
        return Err(Damage);
    }
    input.step()?;
    match nested {
        Nested::Leaf(Leaf::Text) => push_quoted(str::from_utf8(input.bytes()?).map_err(|_| Damage)?, text),
        Nested::Leaf(leaf) => {
            let mut cells = Cells::new(leaf);
            cells.push(leaf, input)?;
            write_leaf(&cells.finish(), 0, text);
        }
        Nested::Nullable(null, value) => match input.count()? {
            at if at == *null => text.push_str("null"),
            0 | 1 => write_json(value, input, text, depth + 1)?,
            _ => return Err(Damage),
        },
        Nested::List(item) => write_runs(input, text, |input, text| write_json(item, input, text, depth + 1))?,
        Nested::Map(value) => write_runs(input, text, |input, text| {
            text.push_str("{\"key\":");
            push_quoted(str::from_utf8(input.bytes()?).map_err(|_| Damage)?, text);
            text.push_str(",\"value\":");
            write_json(value, input, text, depth + 1)?;
            text.push('}');
            Ok(())
        })?,
        Nested::Record(fields) => {
            text.push('{');
            for (at, (name, value)) in fields.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                push_quoted(name, text);
                text.push(':');
                write_json(value, input, text, depth + 1)?;
            }
            text.push('}');
        }
    }
    Ok(())
}

/// Writes the items of a list or map.
fn write_runs<'a>(
    input: &mut Input<'a>,
    text: &mut String,
    mut item: impl FnMut(&mut Input<'a>, &mut String) -> Result<(), Damage>,
) -> Result<(), Damage> {
    text.push('[');
    let start = text.len();
    loop {
        let (items, _) = input.run()?;
        if items == 0 {
            break;
        }
        for _ in 0..items {
            if text.len() > start {
                text.push(',');
            }
            item(input, text)?;
        }
    }
    text.push(']');
    Ok(())
}

fn typed<T: Default>(values: Vec<Option<T>>, valid: Option<Bits>) -> Typed<T> {
    held(values.into_iter(), valid)
}

/// A whole number in two's complement, the highest byte first; `None` where it has more than 128 bits.
fn whole(bytes: &[u8]) -> Option<i128> {
    let sign = if bytes.first().is_some_and(|first| first & 0x80 != 0) { 0xff } else { 0 };
    let (above, low) = bytes.split_at(bytes.len().saturating_sub(16));
    let mut all = [sign; 16];
    all[16 - low.len()..].copy_from_slice(low);
    let number = i128::from_be_bytes(all);
    let fits = above.iter().all(|byte| *byte == sign) && (number < 0) == (sign == 0xff);
    fits.then_some(number)
}

/// Appends a UUID in its 36 characters.
fn push_uuid(bytes: [u8; 16], text: &mut String) {
    let digits = hex::encode(bytes);
    for (at, range) in [0..8, 8..12, 12..16, 16..20, 20..32].into_iter().enumerate() {
        if at > 0 {
            text.push('-');
        }
        text.push_str(&digits[range]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_any_number_of_bytes() {
        assert_eq!(whole(&[]), Some(0));
        assert_eq!(whole(&[0xff]), Some(-1));
        assert_eq!(whole(&[0x00, 0xff]), Some(255));
        assert_eq!(whole(&[0x80, 0x00]), Some(-32_768));
        assert_eq!(whole(&i128::MIN.to_be_bytes()), Some(i128::MIN));
        assert_eq!(whole(&[&[0xff; 4][..], &(-5_i128).to_be_bytes()].concat()), Some(-5));
        assert_eq!(whole(&[&[0; 4][..], &(-5_i128).to_be_bytes()].concat()), None);
        assert_eq!(whole(&[&[1][..], &[0; 16]].concat()), None);
    }

    #[test]
    fn identifiers_have_36_characters() {
        let mut text = String::new();
        push_uuid(0x1234_5678_9abc_def0_1122_3344_5566_7788_u128.to_be_bytes(), &mut text);
        assert_eq!(text, "12345678-9abc-def0-1122-334455667788");
    }
}

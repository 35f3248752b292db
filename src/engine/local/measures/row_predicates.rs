//! Row tests over a batch.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use crate::model::{AsOf, DAY_MICROS, DataType, LengthUnit, MatchTally, Predicate, Value, ValueList};
use crate::plan::Plan;
use crate::scalar::{Cell, DateFormat, Pattern, TextSet, canonical, compare, is_uuid, parse_value};
use crate::source::Bits;

use crate::engine::local::batch::cells::{Cells, ColumnRules, SectionRules, TypedCells, place_of, write_decimal};
use crate::engine::local::batch::condition::Condition;
use crate::engine::local::keys::compared::FactColumns;
use crate::engine::local::keys::hashed::KeyColumns;
use crate::engine::local::lookups::tables::{Keys, Lookups, Match};
use crate::engine::local::measures::lag::DelayColumns;
use crate::engine::local::measures::text_predicates::{Identifiers, Tidy};
use crate::engine::local::numbers::exact_decimal::Written;

/// The rows of a batch by the outcome of a test; rows in neither set are not applicable.
#[derive(Debug)]
pub(crate) struct Tested {
    /// Rows that pass.
    pub passed: Bits,
    /// Rows that fail.
    pub failed: Bits,
    /// Failed rows that do not read.
    pub unreadable: Bits,
    /// For tests of agreement.
    pub matching: Option<MatchTally>,
    /// For tests that tell reasons apart: the failed rows of each. A row may have several.
    pub reasons: Vec<(&'static str, Bits)>,
}

impl Tested {
    /// Of the rows that are there, those that hold pass and the others fail.
    pub(crate) fn split(there: &Bits, holds: &Bits) -> Self {
        let unreadable = Bits::none(there.rows());
        Self { passed: there.and(holds), failed: there.without(holds), unreadable, matching: None, reasons: Vec::new() }
    }

    /// Besides, these rows fail because they do not read.
    pub(crate) fn with_unreadable(self, rows: &Bits) -> Self {
        Self { failed: self.failed.or(rows), unreadable: self.unreadable.or(rows), ..self }
    }

    /// As `split`, over values that were read; those that do not read fail.
    fn split_typed(typed: &TypedCells<'_>, holds: &Bits) -> Self {
        let unreadable = typed.unreadable().clone();
        let failed = typed.valid().without(holds).or(&unreadable);
        Self { passed: typed.valid().and(holds), failed, unreadable, matching: None, reasons: Vec::new() }
    }
}

/// A row test made ready for many batches.
#[derive(Debug)]
pub(crate) enum RowTest {
    Present { columns: Vec<usize>, any: bool },
    Readable { column: usize, data_type: DataType, format: Option<DateFormat> },
    Matches { column: usize, pattern: PerThread, negated: bool },
    Listed { column: usize, list: List, negated: bool },
    InRange { column: usize, data_type: DataType, min: Option<Value>, max: Option<Value>, exclusive: bool },
    LengthIn { column: usize, min: u64, max: u64, unit: LengthUnit },
    InTime { columns: DelayColumns, within: i64 },
    Identifier(Box<Identifiers>),
    Tidy(Tidy),
    Holds(Condition),
    Found { key: KeyColumns, keys: Arc<Keys>, negated: bool },
    Agrees { key: KeyColumns, keys: Arc<Keys>, facts: FactColumns },
}

/// A list of values made ready for looking up.
#[derive(Debug)]
pub(crate) enum List {
    /// Texts.
    Texts(TextSet),
    /// Decimals, in the writing in which all their digits are compared.
    Decimals(TextSet),
    /// Values of another type.
    Typed(Vec<Value>),
    /// Codes with the days on which they are valid.
    Dated { codes: HashMap<String, Vec<(i32, i32)>>, at: Option<usize>, day: i32 },
}

/// A pattern with a clone for each worker: threads that share one wait for each other's scratch memory.
#[derive(Debug)]
pub(crate) struct PerThread(Vec<Pattern>);

impl PerThread {
    fn new(pattern: &Pattern) -> Self {
        Self(vec![pattern.clone(); rayon::current_num_threads().max(1)])
    }

    /// The clone of the worker at hand.
    fn own(&self) -> &Pattern {
        &self.0[rayon::current_thread_index().unwrap_or_default() % self.0.len()]
    }
}

impl RowTest {
    /// Prepares a test over the columns that a pass reads.
    ///
    /// # Errors
    /// A pattern that does not compile, a lookup that could not be built, a column that the pass does not read.
    pub(crate) fn prepare(
        predicate: &Predicate,
        rules: &SectionRules,
        plan: &Plan,
        lookups: &Lookups,
        as_of: AsOf,
    ) -> Result<Self, String> {
        let place = |name: &String| place_of(rules, name);
        let keys_of = |lookup| {
            let at = plan.lookups.iter().position(|known| known == lookup);
            at.map_or_else(|| Err("the plan lacks a lookup".to_owned()), |at| lookups.get(at))
        };
        Ok(match predicate {
            Predicate::Present { columns, any } => {
                Self::Present { columns: columns.iter().map(place).collect::<Result<_, _>>()?, any: *any }
            }
            Predicate::Readable { column, data_type, format } => {
                let column = place(column)?;
                // In the column's own format the cells are read once for all rules.
                let own = format.as_deref().filter(|format| rules[column].written.as_deref() != Some(format));
                Self::Readable { column, data_type: *data_type, format: own.map(DateFormat::compile).transpose()? }
            }
            Predicate::Matches { column, pattern, negated } => Self::Matches {
                column: place(column)?,
                pattern: PerThread::new(&Pattern::compile(pattern, true)?),
                negated: *negated,
            },
            Predicate::Listed { column, list, negated } => {
                let column = place(column)?;
                let list = List::prepare(list, rules[column].data_type, rules, plan)?;
                Self::Listed { column, list, negated: *negated }
            }
            Predicate::InRange { column, data_type, min, max, exclusive } => Self::InRange {
                column: place(column)?,
                data_type: *data_type,
                min: min.clone(),
                max: max.clone(),
                exclusive: *exclusive,
            },
            Predicate::LengthIn { column, min, max, unit } => Self::LengthIn {
                column: place(column)?,
                min: min.unwrap_or(0),
                max: max.unwrap_or(u64::MAX),
                unit: *unit,
            },
            Predicate::InTime { delay, within } => {
                Self::InTime { columns: DelayColumns::find(delay, rules)?, within: *within }
            }
            Predicate::Identifier(test) => Self::Identifier(Box::new(Identifiers::prepare(test, rules, as_of)?)),
            Predicate::Tidy(test) => Self::Tidy(Tidy::prepare(test, rules)?),
            Predicate::Holds(expr) => Self::Holds(Condition::compile(expr, rules, as_of)?),
            Predicate::Found { key, lookup, negated } => {
                Self::Found { key: KeyColumns::find(&key.columns, rules)?, keys: keys_of(lookup)?, negated: *negated }
            }
            Predicate::Agrees { key, lookup, compare } => Self::Agrees {
                key: KeyColumns::find(&key.columns, rules)?,
                keys: keys_of(lookup)?,
                facts: FactColumns::find(compare.iter().map(|pair| (&pair.column, &pair.form, pair.data_type)), rules)?,
            },
        })
    }

    /// The outcome for each row of a batch that is in `scope` (without one: every row).
    pub(crate) fn evaluate(&self, cells: &Cells<'_>, scope: Option<&Bits>) -> Tested {
        let tested = self.test(cells, scope);
        match scope {
            Some(scope) => Tested {
                passed: tested.passed.and(scope),
                failed: tested.failed.and(scope),
                unreadable: tested.unreadable.and(scope),
                matching: tested.matching,
                reasons: tested.reasons.into_iter().map(|(reason, rows)| (reason, rows.and(scope))).collect(),
            },
            None => tested,
        }
    }

    /// Rows of another dataset whose key does not read, or of which it cannot be told whether they count.
    pub(crate) fn other_unreadable(&self) -> u64 {
        match self {
            Self::Found { keys, .. } | Self::Agrees { keys, .. } => keys.unreadable,
            _ => 0,
        }
    }

    fn test(&self, cells: &Cells<'_>, scope: Option<&Bits>) -> Tested {
        let rows = cells.rows();
        match self {
            Self::Present { columns, any } => {
                let start = if *any { Bits::none(rows) } else { Bits::all(rows) };
                let there = columns.iter().fold(start, |there, column| {
                    let present = cells.present(*column);
                    if *any { there.or(present) } else { there.and(present) }
                });
                Tested::split(&Bits::all(rows), &there)
            }
            Self::Readable { column, data_type, format } => readable(cells, *column, *data_type, format.as_ref()),
            Self::Matches { column, pattern, negated } => {
                let there = cells.present(*column);
                if cells.text(*column).is_none() {
                    return Tested::split(there, &Bits::none(rows));
                }
                let matching = cells.matching(*column, there, pattern.own());
                Tested::split(there, &if *negated { matching.not() } else { matching })
            }
            Self::Listed { column, list, negated } => listed(cells, *column, list, *negated),
            Self::InRange { column, data_type, min, max, exclusive } => {
                in_range(cells, *column, *data_type, (min.as_ref(), max.as_ref()), *exclusive)
            }
            Self::LengthIn { column, min, max, unit } => {
                let there = cells.present(*column);
                let allowed = *min..=*max;
                let holds = cells.text_bits(*column, |text| {
                    let bytes = text.len() as u64;
                    match unit {
                        LengthUnit::Bytes => allowed.contains(&bytes),
                        LengthUnit::Chars if bytes <= 16 && text.is_ascii() => allowed.contains(&bytes),
                        // A character takes one to four bytes, so most texts need not be counted.
                        LengthUnit::Chars if allowed.contains(&bytes.div_ceil(4)) && allowed.contains(&bytes) => true,
                        LengthUnit::Chars => allowed.contains(&(text.chars().count() as u64)),
                    }
                });
                Tested::split(there, &holds)
            }
            Self::InTime { columns, within } => {
                let lags = columns.of(cells);
                let holds = Bits::of(&lags.values, |lag| (*lag >= 0) & (*lag <= *within));
                let early = lags.valid.and(&Bits::of(&lags.values, |lag| *lag < 0));
                let tested = Tested::split(&lags.valid, &holds).with_unreadable(&lags.unreadable);
                let late = lags.valid.without(&holds).without(&early);
                Tested { reasons: vec![("late", late), ("negative", early)], ..tested }
            }
            Self::Identifier(identifiers) => identifiers.test(cells),
            Self::Tidy(tidy) => tidy.test(cells),
            Self::Holds(condition) => {
                let truth = condition.evaluate(cells);
                let failed = truth.no.or(&truth.unreadable);
                Tested { passed: truth.yes, failed, unreadable: truth.unreadable, matching: None, reasons: Vec::new() }
            }
            Self::Found { key, keys, negated } => {
                let (whole, spoilt) = key.split(cells);
                let found = keys.found(key, cells, &whole);
                Tested::split(&whole, &if *negated { found.not() } else { found }).with_unreadable(&spoilt)
            }
            Self::Agrees { key, keys, facts } => {
                let (whole, unread) = key.split(cells);
                let whole = scope.map_or_else(|| whole.clone(), |scope| whole.and(scope));
                let mut matching = MatchTally::default();
                let (mut passed, mut failed, mut spoilt) = (Bits::none(rows), Bits::none(rows), Bits::none(rows));
                keys.compare(key, facts, cells, &whole, |row, matched| match matched {
                    Match::Unmatched => matching.unmatched += 1,
                    Match::Matched { agrees, several, unreadable } => {
                        matching.matched += 1;
                        matching.ambiguous += u64::from(several);
                        if agrees {
                            passed.set(row);
                        } else {
                            matching.differing += 1;
                            failed.set(row);
                            if unreadable {
                                spoilt.set(row);
                            }
                        }
                    }
                });
                let tested =
                    Tested { passed, failed, unreadable: spoilt, matching: Some(matching), reasons: Vec::new() };
                tested.with_unreadable(&unread)
            }
        }
    }
}

fn readable(cells: &Cells<'_>, column: usize, data_type: DataType, format: Option<&DateFormat>) -> Tested {
    let there = cells.present(column);
    let reads = match (data_type, cells.text(column)) {
        (DataType::Text, _) => there.clone(),
        (DataType::Uuid, Some(_)) => cells.text_bits(column, is_uuid),
        (DataType::Uuid, None) => Bits::none(cells.rows()),
        _ => match format {
            Some(format) => cells.read(column, data_type, format).valid().clone(),
            None => cells.typed(column, data_type).valid().clone(),
        },
    };
    let unreadable = there.without(&reads);
    Tested { passed: there.and(&reads), failed: unreadable.clone(), unreadable, matching: None, reasons: Vec::new() }
}

fn in_range(
    cells: &Cells<'_>,
    column: usize,
    data_type: DataType,
    (min, max): (Option<&Value>, Option<&Value>),
    exclusive: bool,
) -> Tested {
    fn between<T: PartialOrd + Copy>(values: &[T], min: Option<T>, max: Option<T>, exclusive: bool) -> Bits {
        // One comparison or two and nothing to decide: where many rows fail, a branch would be guessed wrong often.
        match (min, max, exclusive) {
            (None, None, _) => Bits::all(values.len()),
            (Some(min), None, false) => Bits::of(values, |value| *value >= min),
            (Some(min), None, true) => Bits::of(values, |value| *value > min),
            (None, Some(max), false) => Bits::of(values, |value| *value <= max),
            (None, Some(max), true) => Bits::of(values, |value| *value < max),
            (Some(min), Some(max), false) => Bits::of(values, |value| (*value >= min) & (*value <= max)),
            (Some(min), Some(max), true) => Bits::of(values, |value| (*value > min) & (*value < max)),
        }
    }
    /// The bounds as plain values of one type.
    macro_rules! bound {
        ($variant:ident) => {
            (
                min.and_then(|value| if let Value::$variant(value) = value { Some(*value) } else { None }),
                max.and_then(|value| if let Value::$variant(value) = value { Some(*value) } else { None }),
            )
        };
    }
    if data_type.is_textual() {
        let there = cells.present(column);
        let bound = |value: Option<&Value>| value.map(ToString::to_string);
        let (min, max) = (bound(min), bound(max));
        let holds = cells.text_bits(column, |text| {
            let above = min.as_deref().is_none_or(|min| if exclusive { text > min } else { text >= min });
            above && max.as_deref().is_none_or(|max| if exclusive { text < max } else { text <= max })
        });
        return Tested::split(there, &holds);
    }
    // Whole numbers against decimal bounds compare exactly, not through a float.
    let read_as = if data_type == DataType::Decimal && cells.data_type(column) == DataType::Integer {
        DataType::Integer
    } else {
        data_type
    };
    let typed = cells.typed(column, read_as);
    let holds = match typed {
        TypedCells::Integer(reads) if read_as != data_type => Bits::from_fn(reads.values.len(), |row| {
            let value = Value::Integer(reads.values[row]);
            let order = |bound: &Value| compare(&value, bound);
            min.is_none_or(|min| order(min).is_some_and(|o| if exclusive { o.is_gt() } else { o.is_ge() }))
                && max.is_none_or(|max| order(max).is_some_and(|o| if exclusive { o.is_lt() } else { o.is_le() }))
        }),
        TypedCells::Integer(reads) => {
            let (min, max) = bound!(Integer);
            between(&reads.values, min, max, exclusive)
        }
        TypedCells::Decimal(reads) => {
            let floats = (min.and_then(as_float), max.and_then(as_float));
            let holds = between(&reads.values, floats.0, floats.1, exclusive);
            at_bounds(
                cells,
                column,
                &reads.values,
                holds,
                &[(min, Ordering::Less), (max, Ordering::Greater)],
                exclusive,
            )
        }
        TypedCells::Date(reads) => {
            let (min, max) = bound!(Date);
            between(&reads.values, min, max, exclusive)
        }
        TypedCells::Datetime(reads) => {
            let (min, max) = bound!(Datetime);
            between(&reads.values, min, max, exclusive)
        }
        TypedCells::Boolean(_) => Bits::none(cells.rows()),
    };
    Tested::split_typed(typed, &holds)
}

/// A bound as a float.
#[expect(clippy::cast_precision_loss, reason = "whole bounds that a float cannot hold are compared exactly")]
fn as_float(bound: &Value) -> Option<f64> {
    match bound {
        Value::Decimal(number) => Some(*number),
        Value::Integer(number) => Some(*number as f64),
        _ => None,
    }
}

/// A number with all its digits.
fn written(value: &Value) -> Option<Written> {
    match value {
        Value::Decimal(number) => Written::of_float(*number),
        Value::Integer(number) => Written::of_integer(*number),
        _ => None,
    }
}

/// Judges the decimals anew that read as the same float as a bound: with all their digits they may lie on either side of it.
/// Each bound comes with the order of those beyond it.
fn at_bounds(
    cells: &Cells<'_>,
    column: usize,
    values: &[f64],
    holds: Bits,
    bounds: &[(Option<&Value>, Ordering)],
    exclusive: bool,
) -> Bits {
    let bounds: Vec<(f64, Written, Ordering)> = bounds
        .iter()
        .filter_map(|(bound, beyond)| Some((as_float((*bound)?)?, written((*bound)?)?, *beyond)))
        .collect();
    let told = bounds.iter().all(|(float, bound, _)| Written::of_float(*float).as_ref() == Some(bound));
    if told && cells.has_floats(column) {
        return holds;
    }
    let none = || Bits::none(values.len());
    #[expect(clippy::float_cmp, reason = "all others lie on the same side as their floats do")]
    let near = bounds.iter().fold(none(), |near, (bound, ..)| near.or(&Bits::of(values, |value| value == bound)));
    let (mut judged, mut inside) = (none(), none());
    for row in near.and(cells.present(column)).ones() {
        if told && cells.is_told_by_float(column, row) {
            continue;
        }
        let Some(number) = cells.written(column, row) else { continue };
        judged.set(row);
        let beyond = |(_, bound, beyond): &(f64, Written, Ordering)| {
            let order = number.cmp(bound);
            order == *beyond || exclusive && order.is_eq()
        };
        if !bounds.iter().any(beyond) {
            inside.set(row);
        }
    }
    holds.without(&judged).or(&inside)
}

impl List {
    fn prepare(list: &ValueList, data_type: DataType, rules: &[ColumnRules], plan: &Plan) -> Result<Self, String> {
        match list {
            ValueList::Values(values) if data_type.is_textual() => Ok(Self::Texts(TextSet::new(values))),
            ValueList::Values(values) if data_type == DataType::Decimal => {
                let read = |text: &String| {
                    canonical_decimal(text).ok_or_else(|| format!("a listed value does not read as {data_type}"))
                };
                values
                    .iter()
                    .map(read)
                    .collect::<Result<Vec<_>, _>>()
                    .map(|values| Self::Decimals(TextSet::new(&values)))
            }
            ValueList::Values(values) => {
                let read = |text: &String| {
                    parse_value(text, data_type, None)
                        .ok_or_else(|| format!("a listed value does not read as {data_type}"))
                };
                values.iter().map(read).collect::<Result<_, _>>().map(Self::Typed)
            }
            ValueList::Codelist { name, at } => {
                let entries = plan.codelists.get(name).ok_or_else(|| format!("there is no code list {name}"))?;
                let at = at.as_ref().map(|at| place_of(rules, at)).transpose()?;
                let mut codes: HashMap<String, Vec<(i32, i32)>> = HashMap::new();
                for entry in entries {
                    // A code of a typed column counts in the canonical writing of its type.
                    let decimal = || canonical_decimal(&entry.code).filter(|_| data_type == DataType::Decimal);
                    let read = || Some(canonical(&parse_value(&entry.code, data_type, None)?).into_owned());
                    let code = decimal().or_else(read).unwrap_or_else(|| entry.code.clone());
                    codes
                        .entry(code)
                        .or_default()
                        .push((entry.valid_from.unwrap_or(i32::MIN), entry.valid_to.unwrap_or(i32::MAX)));
                }
                Ok(Self::Dated { codes, at, day: plan.as_of.day })
            }
        }
    }
}

/// A listed decimal as cells are written for comparing.
fn canonical_decimal(text: &str) -> Option<String> {
    let value = parse_value(text, DataType::Decimal, None)?;
    let mut written = String::new();
    if !write_decimal(text, &mut written) {
        written.push_str(&canonical(&value));
    }
    Some(written)
}

fn listed(cells: &Cells<'_>, column: usize, list: &List, negated: bool) -> Tested {
    let there = cells.present(column);
    // Other types, UUIDs among them, must read before they can be in a list.
    let plain = cells.data_type(column) == DataType::Text;
    match (list, cells.text(column)) {
        (List::Texts(texts), Some(_)) if plain => {
            Tested::split(there, &cells.text_bits(column, |text| texts.contains(text) != negated))
        }
        (List::Dated { codes, at: None, day }, Some(_)) if plain => {
            let valid = |text: &str| {
                codes.get(text).is_some_and(|spans| spans.iter().any(|(from, to)| (*from..=*to).contains(day)))
            };
            Tested::split(there, &cells.text_bits(column, |text| valid(text) != negated))
        }
        _ => listed_row_by_row(cells, column, list, negated),
    }
}

fn listed_row_by_row(cells: &Cells<'_>, column: usize, list: &List, negated: bool) -> Tested {
    let rows = cells.rows();
    let none = || Bits::none(rows);
    let mut tested = Tested { passed: none(), failed: none(), unreadable: none(), matching: None, reasons: Vec::new() };
    let mut buffer = String::new();
    for row in cells.present(column).ones() {
        let Cell::Value(value) = cells.cell(column, row) else {
            tested.failed.set(row);
            tested.unreadable.set(row);
            continue;
        };
        buffer.clear();
        if cells.data_type(column) == DataType::Decimal {
            cells.write_canonical(column, row, DataType::Decimal, &mut buffer);
        } else {
            buffer.push_str(&canonical(&value));
        }
        let has = match list {
            List::Texts(texts) | List::Decimals(texts) => texts.contains(&buffer),
            List::Typed(values) => values.iter().any(|known| compare(known, &value).is_some_and(Ordering::is_eq)),
            List::Dated { codes, at, day } => {
                let day = match at.map(|at| cells.cell(at, row)) {
                    None => *day,
                    Some(Cell::Value(Value::Date(day))) => day,
                    Some(Cell::Value(Value::Datetime(micros))) => {
                        i32::try_from(micros.div_euclid(DAY_MICROS)).unwrap_or(i32::MAX)
                    }
                    Some(Cell::Value(_)) => continue,
                    Some(Cell::Unreadable) => {
                        tested.failed.set(row);
                        tested.unreadable.set(row);
                        continue;
                    }
                };
                let spans = codes.get(&buffer);
                spans.is_some_and(|spans| spans.iter().any(|(from, to)| (*from..=*to).contains(&day)))
            }
        };
        if has == negated { tested.failed.set(row) } else { tested.passed.set(row) }
    }
    tested
}

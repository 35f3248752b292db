//! Tests of single rows.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::identifiers::{self, Context, PersonalId, Prepared, Slip};
use crate::model::{
    AsOf, DAY_MICROS, DataType, IdentifierTest, PASS_COMPOSED, Predicate, Reading, ShapeTally, TidyTest, Unmeasured,
    Value, ValueList, composed_list, nfc,
};
use crate::plan::Plan;
use crate::scalar::{Cell, DateFormat, Pattern, civil_from_days, compare, fold};
use crate::text::{Fault, Faults, faults, write_shape};

use super::data::Data;
use super::dates::Between;
use super::lookups;
use super::rows::{Column, Row, Unreadable, read, written_of_list};
use super::scope::{Expression, Measured, Outcome, Scoped, tally};

/// What becomes of a row, and why.
struct Judged {
    outcome: Outcome,
    reasons: Vec<&'static str>,
}

impl From<Outcome> for Judged {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, reasons: Vec::new() }
    }
}

/// A test made ready.
type Test<'t> = Box<dyn Fn(&Row) -> Judged + 't>;

/// Judges each row.
pub(super) fn measure(predicate: &Predicate, rows: &Scoped<'_>, data: &Data<'_>) -> Result<Measured, Unmeasured> {
    let column = |name: &String| rows.table.column(name);
    let test: Test<'_> = match predicate {
        Predicate::Found { key, lookup, negated } => return lookups::found(key, lookup, *negated, rows, data),
        Predicate::Agrees { key, lookup, compare } => return lookups::agrees(key, lookup, compare, rows, data),
        Predicate::Present { columns, any } => {
            let columns = rows.table.columns(columns)?;
            Box::new(move |row| {
                let mut present = columns.iter().map(|column| !column.is_missing(row));
                Outcome::from(if *any { present.any(|present| present) } else { present.all(|present| present) }).into()
            })
        }
        Predicate::Readable { column: name, data_type, format } => {
            let column = column(name)?;
            let format = format.as_ref().map(DateFormat::compile).transpose();
            let format = format.map_err(|error| Unmeasured::unreadable(error.to_string()))?;
            Box::new(move |row| match column.cell_as(row, *data_type, format.as_ref()) {
                _ if column.is_missing(row) => Outcome::NotApplicable.into(),
                Cell::Unreadable if *data_type != DataType::Text => Outcome::Unreadable.into(),
                _ => Outcome::Passed.into(),
            })
        }
        Predicate::Matches { column: name, pattern: written, negated } => {
            let pattern = Pattern::compile(written, true).map_err(|error| Unmeasured::unreadable(error.to_string()))?;
            let composed = Pattern::compile(&nfc(written), true).unwrap_or_else(|_| pattern.clone());
            let column = column(name)?;
            let plain = of_text(column, move |text| pattern.is_match(text) != *negated);
            Box::new(move |row| {
                let judged = plain(row);
                let is_failed = judged.outcome == Outcome::Failed && !negated;
                let passes = is_failed && column.text(row).is_some_and(|text| composed.is_match(&nfc(text)));
                if passes { Judged { reasons: vec![PASS_COMPOSED], ..judged } } else { judged }
            })
        }
        Predicate::LengthIn { column: name, min, max, unit } => {
            let allowed = min.unwrap_or(0)..=max.unwrap_or(u64::MAX);
            of_text(column(name)?, move |text| allowed.contains(&unit.length(text)))
        }
        Predicate::Listed { column: name, list, negated } => {
            let column = column(name)?;
            let plain = listed(column, list, *negated, false, rows, data.plan)?;
            let composed = listed(column, &composed_list(list), *negated, true, rows, data.plan)?;
            let is_text = column.data_type == DataType::Text;
            Box::new(move |row| {
                let judged = plain(row);
                let is_failed = judged.outcome == Outcome::Failed && !negated && is_text;
                let passes = is_failed && composed(row).outcome == Outcome::Passed;
                if passes { Judged { reasons: vec![PASS_COMPOSED], ..judged } } else { judged }
            })
        }
        Predicate::InRange { column: name, data_type, min, max, exclusive } => {
            let bounds = (min.as_ref(), max.as_ref());
            in_range(column(name)?, *data_type, bounds, *exclusive)
        }
        Predicate::InTime { delay, within } => {
            let between = Between::find(delay, rows.table)?;
            Box::new(move |row| match between.delay(row) {
                Err(Unreadable) => Outcome::Unreadable.into(),
                Ok(None) => Outcome::NotApplicable.into(),
                Ok(Some(delay)) => {
                    let reason = (delay < 0).then_some("negative").or((delay > *within).then_some("late"));
                    Judged { outcome: reason.is_none().into(), reasons: reason.into_iter().collect() }
                }
            })
        }
        Predicate::Identifier(test) => identifier(test, rows, data.plan.as_of)?,
        Predicate::Tidy(test) => tidy(test, rows)?,
        Predicate::Holds(expr) => {
            let condition = Expression::new(expr, rows.table, data.plan.as_of)?;
            Box::new(move |row| match condition.truth(row) {
                Ok(Some(holds)) => Outcome::from(holds).into(),
                Ok(None) => Outcome::NotApplicable.into(),
                Err(Unreadable) => Outcome::Unreadable.into(),
            })
        }
    };
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    if matches!(predicate, Predicate::InTime { .. }) && !rows.table.rows.is_empty() {
        reasons = ["late", "negative"].map(|reason| (reason.to_owned(), 0)).into();
    }
    let outcomes = rows.judge(|row| {
        let judged = test(row);
        for reason in judged.reasons {
            *reasons.entry(reason.to_owned()).or_default() += 1;
        }
        judged.outcome
    });
    let mut counted = tally(&outcomes);
    counted.reasons = reasons;
    if let Some(judged) = predicate.judged_column() {
        counted.shapes = shapes_of_failing(rows.table.column(judged)?, rows, &outcomes);
    }
    Ok(Measured { reading: Reading::Rows(counted), outcomes })
}

/// The shapes of the values of a column in the rows that fail.
fn shapes_of_failing(column: &Column, rows: &Scoped<'_>, outcomes: &[Outcome]) -> Option<ShapeTally> {
    let mut shapes = ShapeTally::default();
    for (row, outcome) in rows.table.rows.iter().zip(outcomes) {
        if matches!(outcome, Outcome::Failed | Outcome::Unreadable)
            && let Some(text) = column.held(row)
        {
            let mut shape = String::new();
            write_shape(&text, &mut shape);
            shapes.add(&shape, 1);
        }
    }
    (!shapes.is_empty()).then_some(shapes)
}

/// A test of text; what is not stored as text fails.
fn of_text<'t>(column: &'t Column, test: impl Fn(&str) -> bool + 't) -> Test<'t> {
    Box::new(move |row| match column.text(row) {
        _ if column.is_missing(row) => Outcome::NotApplicable.into(),
        text => Outcome::from(text.is_some_and(&test)).into(),
    })
}

/// A list made ready.
enum List<'t> {
    /// As keys are written.
    Written(BTreeSet<String>),
    /// Codes with the days on which they are valid, and the column or the day at which they must be.
    Dated(BTreeMap<String, Vec<(i32, i32)>>, Result<&'t Column, i32>),
}

fn listed<'t>(
    column: &'t Column,
    list: &ValueList,
    negated: bool,
    is_composed: bool,
    rows: &Scoped<'t>,
    plan: &Plan,
) -> Result<Test<'t>, Unmeasured> {
    let data_type = column.data_type;
    let unfit = || Unmeasured::unreadable(format!("a listed value cannot be parsed as {data_type}"));
    let list = match list {
        ValueList::Values(values) => {
            let written = values.iter().map(|text| written_of_list(text, data_type).ok_or_else(unfit));
            List::Written(written.collect::<Result<_, _>>()?)
        }
        ValueList::Codelist { name, at } => {
            let entries = plan.codes(name);
            let entries = entries.ok_or_else(|| Unmeasured::unreadable(format!("there is no code list {name}")))?;
            let mut codes: BTreeMap<String, Vec<(i32, i32)>> = BTreeMap::new();
            for entry in entries.iter() {
                let code = written_of_list(&entry.code, data_type).unwrap_or_else(|| entry.code.clone());
                let valid = (entry.valid_from.unwrap_or(i32::MIN), entry.valid_to.unwrap_or(i32::MAX));
                codes.entry(code).or_default().push(valid);
            }
            let at = at.as_ref().map(|at| rows.table.column(at)).transpose()?;
            List::Dated(codes, at.ok_or(plan.as_of.day))
        }
    };
    Ok(Box::new(move |row| {
        // What is not of the type `uuid` is written as text, too, and is unreadable.
        let written = match (column.value(row), column.written(row, data_type)) {
            (Err(Unreadable), _) | (_, Err(Unreadable)) => return Outcome::Unreadable.into(),
            (Ok(Some(_)), Ok(Some(written))) => written,
            _ => return Outcome::NotApplicable.into(),
        };
        let written = if is_composed { nfc(&written).into_owned() } else { written };
        let has = match &list {
            List::Written(texts) => texts.contains(&written),
            List::Dated(codes, at) => {
                let day = match at.map(|at| at.to_microsecond(row)) {
                    Err(day) | Ok(Ok(Some(Value::Date(day)))) => day,
                    Ok(Ok(Some(Value::Datetime(micros)))) => day_of(micros),
                    Ok(Ok(_)) => return Outcome::NotApplicable.into(),
                    Ok(Err(Unreadable)) => return Outcome::Unreadable.into(),
                };
                codes.get(&written).is_some_and(|valid| valid.iter().any(|(from, to)| (*from..=*to).contains(&day)))
            }
        };
        Outcome::from(has != negated).into()
    }))
}

fn day_of(micros: i64) -> i32 {
    i32::try_from(micros.div_euclid(DAY_MICROS)).unwrap_or(i32::MAX)
}

fn in_range<'t>(
    column: &'t Column,
    data_type: DataType,
    (min, max): (Option<&'t Value>, Option<&'t Value>),
    exclusive: bool,
) -> Test<'t> {
    let inside = move |order: &dyn Fn(&Value) -> Option<Ordering>| {
        let keeps = |bound: Option<&Value>, side: Ordering| {
            bound.is_none_or(|bound| order(bound).is_some_and(|order| order == side || order.is_eq() && !exclusive))
        };
        Outcome::from(keeps(min, Ordering::Greater) && keeps(max, Ordering::Less)).into()
    };
    if data_type.is_textual() {
        return of_text(column, move |text| {
            let judged: Judged = inside(&|bound| Some(text.cmp(&bound.to_string())));
            judged.outcome == Outcome::Passed
        });
    }
    // Whole numbers may have decimal bounds, and are read as whole numbers nevertheless.
    let whole = data_type == DataType::Decimal && column.data_type == DataType::Integer;
    let read_as = if whole { DataType::Integer } else { data_type };
    Box::new(move |row| match read(column.cell_as(row, read_as, None)) {
        Err(Unreadable) => Outcome::Unreadable.into(),
        Ok(None) => Outcome::NotApplicable.into(),
        Ok(Some(value)) => inside(&|bound| compare(&value, bound)),
    })
}

fn identifier<'t>(test: &IdentifierTest, rows: &Scoped<'t>, as_of: AsOf) -> Result<Test<'t>, Unmeasured> {
    let kind = identifiers::find(&test.kind);
    let kind = kind.ok_or_else(|| Unmeasured::unreadable(format!("there is no kind {}", test.kind)))?;
    let context = Context { year: civil_from_days(as_of.day).0, foreign_births: test.foreign_births };
    let kind = Prepared::new(kind, context);
    let beside = |name: &Option<String>| name.as_ref().map(|name| rows.table.column(name)).transpose();
    let column = rows.table.column(&test.column)?;
    let (born, sex, province) = (beside(&test.born)?, beside(&test.sex)?, beside(&test.province)?);
    Ok(Box::new(move |row| {
        let Some(text) = column.shown(row) else { return Outcome::NotApplicable.into() };
        if column.text(row).is_none() && column.cell_as(row, DataType::Integer, None) == Cell::Unreadable {
            return Outcome::Unreadable.into();
        }
        if let Err(fault) = kind.judge(&text) {
            let slips: &[&str] = match kind.slip(&text) {
                None => &[],
                Some(Slip::Digit) => &["likely_slips"],
                Some(Slip::Swap) => &["likely_slips", "swapped_neighbours"],
            };
            let reasons = std::iter::once(fault.name()).chain(slips.iter().copied()).collect();
            return Judged { outcome: Outcome::Failed, reasons };
        }
        let (Some(number), true) = (PersonalId::read(&text), [born, sex, province].iter().any(Option::is_some)) else {
            return Outcome::Passed.into();
        };
        beside_columns(number, [born, sex, province].map(|column| column.map(|column| column.cell(row))))
    }))
}

/// Whether a personal number agrees with other columns on birth, sex and province.
fn beside_columns(number: PersonalId, [born, sex, province]: [Option<Cell>; 3]) -> Judged {
    let (mut differs, mut silent) = (Vec::new(), Vec::new());
    match born {
        None | Some(Cell::Value(Value::Null)) => {}
        Some(Cell::Unreadable) => return Outcome::Unreadable.into(),
        Some(Cell::Value(value)) if year_of(&value) == Some(i64::from(number.year)) => {}
        Some(Cell::Value(_)) => differs.push("born_differs"),
    }
    if let Some(Cell::Value(Value::Text(sex))) = sex {
        match fold(sex.trim()).as_ref() {
            "nam" | "male" | "m" if !number.female => {}
            "nữ" | "nu" | "female" | "f" if number.female => {}
            "nam" | "male" | "m" | "nữ" | "nu" | "female" | "f" => differs.push("sex_differs"),
            _ => silent.push("sex_not_told"),
        }
    }
    if let Some(Cell::Value(Value::Text(province))) = province {
        let is_code = (2..=3).contains(&province.len()) && province.bytes().all(|byte| byte.is_ascii_digit());
        match province.parse::<u16>() {
            Ok(place) if is_code && place == number.place => {}
            Ok(_) if is_code => differs.push("province_differs"),
            _ => silent.push("province_not_told"),
        }
    }
    Judged { outcome: differs.is_empty().into(), reasons: differs.into_iter().chain(silent).collect() }
}

/// The year of a date, or a year.
fn year_of(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(year) => Some(*year),
        Value::Date(day) => Some(civil_from_days(*day).0.into()),
        Value::Datetime(micros) => Some(civil_from_days(day_of(*micros)).0.into()),
        Value::Nanoseconds(instant) => Some(civil_from_days(day_of(instant.micros)).0.into()),
        Value::Null | Value::Text(_) | Value::Decimal(_) | Value::Float(_) | Value::Boolean(_) => None,
    }
}

fn tidy<'t>(test: &TidyTest, rows: &Scoped<'t>) -> Result<Test<'t>, Unmeasured> {
    let mut wanted = Faults::NONE;
    for name in &test.faults {
        let fault = Fault::from_name(name);
        wanted.add(fault.ok_or_else(|| Unmeasured::unreadable(format!("there is no fault {name}")))?);
    }
    let columns = rows.table.columns(&test.columns)?;
    Ok(Box::new(move |row| {
        let texts: Vec<_> = columns.iter().filter_map(|column| column.shown(row)).collect();
        if texts.is_empty() {
            return Outcome::NotApplicable.into();
        }
        let found = texts.iter().fold(Faults::NONE, |all, text| all.or(faults(text))).and(wanted);
        let reasons = Fault::ALL.into_iter().filter(|fault| found.has(*fault)).map(Fault::name).collect();
        Judged { outcome: found.is_empty().into(), reasons }
    }))
}

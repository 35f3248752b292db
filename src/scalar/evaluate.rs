//! An expression on one row.
//!
//! Three-valued logic as in SQL, and beside it *unreadable*: the result of an unparseable cell, a number of too many digits
//! or a division by zero. `false and x` is false and `true or x` is true whatever `x` is, and a comparison with null is
//! null whatever the other side is; anywhere else unreadable overrides null. `is null` only asks whether a value is present, so it is false for unreadable.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::calendar::day_of;
use super::number::{nearest_single, round_float};
use super::typed::whole;
use super::{
    LikeError, LikePattern, Pattern, PatternError, canonical, civil_from_days, compare, date_add, date_diff, date_unit,
    parse_value,
};
use crate::model::{ArithmeticOp, AsOf, CompareOp, DAY_MICROS, DataType, Decimal, Expr, Function, TimeUnit, Value};

/// The longest text that `replace` produces, in bytes; a longer one is unreadable.
const MAX_TEXT: usize = 16 << 20;

/// The result of a cell, or of an expression over cells.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A value, or null.
    Value(Value),
    /// Unparseable, overflown, or divided by zero.
    Unreadable,
}

impl Cell {
    /// Null.
    pub const NULL: Self = Self::Value(Value::Null);

    /// Whether it is null.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Value(Value::Null))
    }

    /// A boolean.
    const fn truth(flag: bool) -> Self {
        Self::Value(Value::Boolean(flag))
    }

    /// The value, or unreadable if there is none.
    fn or_unreadable(value: Option<Value>) -> Self {
        value.map_or(Self::Unreadable, Self::Value)
    }
}

/// Why an expression does not compile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// The pattern of a `like`.
    #[error(transparent)]
    Like(#[from] LikeError),
    /// The pattern of a `matches`.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// The pattern of a `matches` is not a constant.
    #[error("the pattern of `matches` must be a text in quotes")]
    PatternNotText,
}

/// An expression ready to run on rows.
#[derive(Debug, Clone)]
pub struct Evaluator {
    expr: Expr,
    as_of: AsOf,
    patterns: BTreeMap<String, Pattern>,
    likes: BTreeMap<String, LikePattern>,
}

impl Evaluator {
    /// Compiles the patterns of an expression.
    ///
    /// # Errors
    /// The first pattern that does not compile.
    pub fn compile(expr: &Expr, as_of: AsOf) -> Result<Self, ExpressionError> {
        let (mut patterns, mut likes) = (BTreeMap::new(), BTreeMap::new());
        let mut failure: Option<ExpressionError> = None;
        expr.walk(&mut |node| match node {
            Expr::Like { pattern, .. } => match LikePattern::compile(pattern) {
                Ok(compiled) => drop(likes.insert(pattern.clone(), compiled)),
                Err(error) => drop(failure.get_or_insert(error.into())),
            },
            Expr::Call { function: Function::Matches, args, .. } => match args.get(1) {
                Some(Expr::Literal(Value::Text(pattern))) => match Pattern::compile(pattern, true) {
                    Ok(compiled) => drop(patterns.insert(pattern.clone(), compiled)),
                    Err(error) => drop(failure.get_or_insert(error.into())),
                },
                _ => drop(failure.get_or_insert(ExpressionError::PatternNotText)),
            },
            _ => {}
        });
        match failure {
            Some(error) => Err(error),
            None => Ok(Self { expr: expr.clone(), as_of, patterns, likes }),
        }
    }

    /// The result for one row; `row` gives the cell of a column, `figures` the aggregates of an `aggregate` rule.
    pub fn evaluate(&self, row: &dyn Fn(&str) -> Cell, figures: &[Cell]) -> Cell {
        self.node(&self.expr, row, figures)
    }

    fn node(&self, expr: &Expr, row: &dyn Fn(&str) -> Cell, figures: &[Cell]) -> Cell {
        let value = |expr: &Expr| self.node(expr, row, figures);
        match expr {
            Expr::Column { name, .. } => row(name),
            Expr::Literal(literal) => Cell::Value(literal.clone()),
            Expr::Figure { index, .. } => figures.get(*index).cloned().unwrap_or(Cell::Unreadable),
            Expr::Not(inner) => match value(inner) {
                Cell::Value(Value::Boolean(flag)) => Cell::truth(!flag),
                Cell::Value(Value::Null) => Cell::NULL,
                _ => Cell::Unreadable,
            },
            Expr::And(left, right) => connect(value(left), || value(right), false),
            Expr::Or(left, right) => connect(value(left), || value(right), true),
            Expr::Compare { op, left, right } => compare_cells(*op, &value(left), &value(right)),
            Expr::Arithmetic { op, left, right } => arithmetic(*op, &value(left), &value(right)),
            Expr::Negate(inner) => negate(&value(inner)),
            Expr::In { value: inner, list, negated } => membership(&value(inner), list, *negated),
            Expr::IsNull { value: inner, negated } => Cell::truth(value(inner).is_null() != *negated),
            Expr::Like { value: inner, pattern, negated } => match (value(inner), self.likes.get(pattern)) {
                (Cell::Value(Value::Null), _) => Cell::NULL,
                (Cell::Value(Value::Text(text)), Some(like)) => Cell::truth(like.is_match(&text) != *negated),
                _ => Cell::Unreadable,
            },
            Expr::Case { branches, otherwise, data_type } => {
                for (condition, result) in branches {
                    match value(condition) {
                        Cell::Value(Value::Boolean(true)) => return widen(value(result), *data_type),
                        Cell::Unreadable => return Cell::Unreadable,
                        Cell::Value(_) => {}
                    }
                }
                otherwise.as_ref().map_or(Cell::NULL, |otherwise| widen(value(otherwise), *data_type))
            }
            Expr::Cast { value: inner, to } => match value(inner) {
                Cell::Value(inner) => cast(&inner, *to),
                Cell::Unreadable => Cell::Unreadable,
            },
            Expr::Call { function: Function::Coalesce, args, data_type } => {
                let first = args.iter().map(value).find(|cell| !cell.is_null());
                first.map_or(Cell::NULL, |cell| widen(cell, *data_type))
            }
            Expr::Call { function: Function::Matches, args, .. } => match args.as_slice() {
                [text, Expr::Literal(Value::Text(pattern))] => match (value(text), self.patterns.get(pattern)) {
                    (Cell::Value(Value::Null), _) => Cell::NULL,
                    (Cell::Value(Value::Text(text)), Some(pattern)) => Cell::truth(pattern.is_match(&text)),
                    _ => Cell::Unreadable,
                },
                _ => Cell::Unreadable,
            },
            Expr::Call { function, args, .. } => {
                let mut values = Vec::with_capacity(args.len() + 1);
                let mut null = false;
                for arg in args {
                    match value(arg) {
                        Cell::Unreadable => return Cell::Unreadable,
                        Cell::Value(value) => {
                            null |= value == Value::Null;
                            values.push(value);
                        }
                    }
                }
                if null {
                    return Cell::NULL;
                }
                if *function == Function::Age && values.len() == 1 {
                    values.push(self.as_of.value());
                }
                call(*function, &values)
            }
        }
    }
}

/// `and` (false decides) or `or` (true decides).
fn connect(left: Cell, right: impl FnOnce() -> Cell, decisive: bool) -> Cell {
    let decides = |cell: &Cell| *cell == Cell::truth(decisive);
    if decides(&left) {
        return left;
    }
    let right = right();
    if decides(&right) || left == Cell::truth(!decisive) {
        return right;
    }
    if left == Cell::Unreadable || right == Cell::Unreadable { Cell::Unreadable } else { Cell::NULL }
}

fn compare_cells(op: CompareOp, left: &Cell, right: &Cell) -> Cell {
    match (left, right) {
        // As in keys: where one side is missing, there is nothing to compare the other with.
        (Cell::Value(Value::Null), _) | (_, Cell::Value(Value::Null)) => Cell::NULL,
        (Cell::Unreadable, _) | (_, Cell::Unreadable) => Cell::Unreadable,
        (Cell::Value(left), Cell::Value(right)) => {
            compare(left, right).map_or(Cell::Unreadable, |ordering| Cell::truth(op.accepts(ordering)))
        }
    }
}

fn membership(value: &Cell, list: &[Value], negated: bool) -> Cell {
    let value = match value {
        Cell::Unreadable => return Cell::Unreadable,
        Cell::Value(Value::Null) => return Cell::NULL,
        Cell::Value(value) => value,
    };
    if matches!(value, Value::Float(number) if number.is_nan()) {
        return Cell::Unreadable;
    }
    if list.iter().any(|item| compare(value, item).is_some_and(std::cmp::Ordering::is_eq)) {
        return Cell::truth(!negated);
    }
    // As in SQL: the value may equal an unknown item.
    if list.contains(&Value::Null) { Cell::NULL } else { Cell::truth(negated) }
}

/// A number in the wider type of several branches, and a date as a datetime.
fn widen(cell: Cell, to: DataType) -> Cell {
    match cell {
        Cell::Value(Value::Integer(number)) if to == DataType::Decimal => Cell::Value(Value::Decimal(number.into())),
        Cell::Value(number @ (Value::Integer(_) | Value::Decimal(_))) if to.is_float() => {
            Cell::or_unreadable(number.to_float().map(Value::Float))
        }
        Cell::Value(Value::Date(days)) if to == DataType::Datetime => {
            Cell::Value(Value::Datetime(i64::from(days).saturating_mul(DAY_MICROS)))
        }
        cell => cell,
    }
}

/// Arithmetic on two numbers. Two integers give an integer except with `/`, and a float beside any number gives a float. Too
/// many digits, a division by zero and a result that is not a number are unreadable.
fn arithmetic(op: ArithmeticOp, left: &Cell, right: &Cell) -> Cell {
    let (left, right) = match (left, right) {
        (Cell::Unreadable, _) | (_, Cell::Unreadable) => return Cell::Unreadable,
        (Cell::Value(Value::Null), _) | (_, Cell::Value(Value::Null)) => return Cell::NULL,
        (Cell::Value(left), Cell::Value(right)) => (left, right),
    };
    let result = match (left, right) {
        (Value::Integer(left), Value::Integer(right)) if op != ArithmeticOp::Divide => {
            match integer_arithmetic(op, *left, *right) {
                Some(number) => Some(Value::Integer(number)),
                None => decimal_arithmetic(op, (*left).into(), (*right).into()).map(Value::Decimal),
            }
        }
        (Value::Float(_), _) | (_, Value::Float(_)) => match (left.to_float(), right.to_float()) {
            (Some(left), Some(right)) => float_arithmetic(op, left, right).map(Value::Float),
            _ => None,
        },
        _ => match (left.to_decimal(), right.to_decimal()) {
            (Some(left), Some(right)) => decimal_arithmetic(op, left, right).map(Value::Decimal),
            _ => None,
        },
    };
    Cell::or_unreadable(result)
}

/// Arithmetic on whole numbers, without `/`; `None` if the result does not fit 64 bits or the divisor is zero.
#[inline]
pub const fn integer_arithmetic(op: ArithmeticOp, left: i64, right: i64) -> Option<i64> {
    match op {
        ArithmeticOp::Add => left.checked_add(right),
        ArithmeticOp::Subtract => left.checked_sub(right),
        ArithmeticOp::Multiply => left.checked_mul(right),
        ArithmeticOp::Divide | ArithmeticOp::Remainder if right == 0 => None,
        // The remainder of the smallest integer by -1 is 0, though its quotient overflows.
        ArithmeticOp::Divide | ArithmeticOp::Remainder => Some(left.wrapping_rem(right)),
    }
}

/// Arithmetic on decimals; `None` if the divisor is zero or the result has too many digits.
#[inline]
pub fn decimal_arithmetic(op: ArithmeticOp, left: Decimal, right: Decimal) -> Option<Decimal> {
    match op {
        ArithmeticOp::Add => left.checked_add(right),
        ArithmeticOp::Subtract => left.checked_sub(right),
        ArithmeticOp::Multiply => left.checked_mul(right),
        ArithmeticOp::Divide => left.checked_div(right),
        ArithmeticOp::Remainder => left.checked_rem(right),
    }
}

/// Arithmetic on floats; `None` if the divisor of `/` is zero or the result is not finite.
#[inline]
pub fn float_arithmetic(op: ArithmeticOp, left: f64, right: f64) -> Option<f64> {
    let number = match op {
        ArithmeticOp::Add => left + right,
        ArithmeticOp::Subtract => left - right,
        ArithmeticOp::Multiply => left * right,
        ArithmeticOp::Divide if right == 0.0 => return None,
        ArithmeticOp::Divide => left / right,
        ArithmeticOp::Remainder => left % right,
    };
    number.is_finite().then_some(number)
}

/// A number with the other sign.
fn negate(cell: &Cell) -> Cell {
    match cell {
        Cell::Value(Value::Null) => Cell::NULL,
        Cell::Value(Value::Integer(number)) => {
            Cell::Value(of_integer(number.checked_neg(), || Decimal::from(*number).negated()))
        }
        Cell::Value(Value::Decimal(number)) => Cell::Value(Value::Decimal(number.negated())),
        Cell::Value(Value::Float(number)) => Cell::Value(Value::Float(-number)),
        _ => Cell::Unreadable,
    }
}

/// A whole number, as a decimal where it does not fit 64 bits.
fn of_integer(number: Option<i64>, decimal: impl FnOnce() -> Decimal) -> Value {
    number.map_or_else(|| Value::Decimal(decimal()), Value::Integer)
}

/// Converts a value to a type; a value that cannot be converted is unreadable, null stays null.
///
/// Text is parsed like a cell of that type; everything else becomes its canonical text. A decimal or a
/// float becomes an integer only if it is whole, a decimal the nearest float, a float the shortest decimal that parses as it if
/// that has at most 38 digits, a datetime its date, a date its midnight, a boolean 1 or 0.
pub fn cast(value: &Value, to: DataType) -> Cell {
    let cast = match (value, to) {
        (Value::Null, _) => Some(Value::Null),
        (Value::Text(text), to) => parse_value(text, to, None),
        (value, DataType::Text) => Some(Value::Text(canonical(value).into_owned())),
        (Value::Integer(_), DataType::Integer)
        | (Value::Decimal(_), DataType::Decimal)
        | (Value::Float(_), DataType::Float)
        | (Value::Date(_), DataType::Date)
        | (Value::Datetime(_) | Value::Nanoseconds(_), DataType::Datetime)
        | (Value::Boolean(_), DataType::Boolean) => Some(value.clone()),
        (Value::Integer(_), DataType::Decimal) => value.to_decimal().map(Value::Decimal),
        (Value::Decimal(number), DataType::Integer) => {
            number.to_whole().and_then(|whole| Decimal::new(whole, 0)).map(Value::of_decimal)
        }
        (Value::Integer(_) | Value::Decimal(_), DataType::Float) => value.to_float().map(Value::Float),
        (Value::Integer(_) | Value::Decimal(_) | Value::Float(_), DataType::Float32) => {
            value.to_float().and_then(nearest_single).map(Value::Float)
        }
        (Value::Float(number), DataType::Decimal) => Decimal::from_float(*number).map(Value::Decimal),
        (Value::Float(number), DataType::Integer) => whole(*number + 0.0).map(Value::Integer),
        (Value::Date(days), DataType::Datetime) => i64::from(*days).checked_mul(DAY_MICROS).map(Value::Datetime),
        (Value::Datetime(_) | Value::Nanoseconds(_), DataType::Date) => day(value).map(Value::Date),
        (Value::Boolean(flag), DataType::Integer) => Some(Value::Integer(i64::from(*flag))),
        _ => None,
    };
    Cell::or_unreadable(cast)
}

/// The date of a date or a datetime.
fn day(value: &Value) -> Option<i32> {
    match value {
        Value::Date(days) => Some(*days),
        value => day_of(value.instant()?.micros),
    }
}

/// Microseconds since 1970 of a date (its midnight) or a datetime.
fn micros(value: &Value) -> Option<i128> {
    match value {
        Value::Date(days) => Some(i128::from(*days) * i128::from(DAY_MICROS)),
        value => value.instant().map(|instant| instant.micros.into()),
    }
}

fn units_between(to: &Value, from: &Value, unit: TimeUnit) -> Option<Value> {
    date_diff(unit, micros(from)?, micros(to)?).map(Value::Integer)
}

/// A function on values that are not null. Arguments of the wrong type or number are unreadable, and so are `coalesce`
/// and `matches`, which an [`Evaluator`] answers.
fn call(function: Function, args: &[Value]) -> Cell {
    let result = match (function, args) {
        (Function::Length, [Value::Text(text)]) => i64::try_from(text.chars().count()).ok().map(Value::Integer),
        (Function::Lower, [Value::Text(text)]) => Some(Value::Text(text.to_lowercase())),
        (Function::Upper, [Value::Text(text)]) => Some(Value::Text(text.to_uppercase())),
        (Function::Trim, [Value::Text(text)]) => Some(Value::Text(text.trim().to_owned())),
        (Function::Substr, [Value::Text(text), Value::Integer(start)]) => {
            Some(Value::Text(substr(text, *start, i64::MAX).to_owned()))
        }
        (Function::Substr, [Value::Text(text), Value::Integer(start), Value::Integer(count)]) => {
            (*count >= 0).then(|| Value::Text(substr(text, *start, *count).to_owned()))
        }
        (Function::Replace, [Value::Text(text), Value::Text(from), Value::Text(to)]) => {
            replace(text, from, to).map(|text| Value::Text(text.into_owned()))
        }
        (Function::Abs, [Value::Integer(number)]) => {
            Some(of_integer(number.checked_abs(), || Decimal::from(*number).abs()))
        }
        (Function::Abs, [Value::Decimal(number)]) => Some(Value::Decimal(number.abs())),
        (Function::Abs, [Value::Float(number)]) => Some(Value::Float(number.abs())),
        (Function::Round, [number]) => round(number, 0),
        (Function::Round, [number, Value::Integer(places)]) => {
            u8::try_from(*places).ok().and_then(|places| round(number, places))
        }
        (Function::Year, [at]) => day(at).map(|days| Value::Integer(civil_from_days(days).0.into())),
        (Function::Month, [at]) => day(at).map(|days| Value::Integer(civil_from_days(days).1.into())),
        (Function::Day, [at]) => day(at).map(|days| Value::Integer(civil_from_days(days).2.into())),
        (Function::DateDiff, [to, from]) => units_between(to, from, TimeUnit::Day),
        (Function::DateDiff, [to, from, Value::Text(unit)]) => {
            date_unit(unit).and_then(|unit| units_between(to, from, unit))
        }
        (Function::DateAdd, [at, Value::Integer(count), Value::Text(unit)]) => {
            date_unit(unit).and_then(|unit| date_add(at, *count, unit))
        }
        (Function::Age, [birth, at]) => match (day(birth), day(at)) {
            (Some(birth), Some(at)) => Some(Value::Integer(age(birth, at))),
            _ => None,
        },
        (Function::StartsWith, [Value::Text(text), Value::Text(part)]) => Some(Value::Boolean(text.starts_with(part))),
        (Function::EndsWith, [Value::Text(text), Value::Text(part)]) => Some(Value::Boolean(text.ends_with(part))),
        (Function::Contains, [Value::Text(text), Value::Text(part)]) => Some(Value::Boolean(text.contains(part))),
        _ => None,
    };
    Cell::or_unreadable(result)
}

/// Rounds half away from zero to so many places.
fn round(number: &Value, places: u8) -> Option<Value> {
    match number {
        Value::Integer(number) => Some(Value::Integer(*number)),
        Value::Decimal(number) => Some(Value::Decimal(number.round(places))),
        Value::Float(number) => Some(Value::Float(round_float(*number, places.into()))),
        _ => None,
    }
}

/// The characters from `start`, counted from 1, `count` of them; positions before the text count as in SQL.
fn substr(text: &str, start: i64, count: i64) -> &str {
    let end = start.saturating_add(count);
    let place = |at: i64| {
        let skipped = usize::try_from(at.saturating_sub(1)).unwrap_or(0);
        text.char_indices().nth(skipped).map_or(text.len(), |(byte, _)| byte)
    };
    let (from, to) = (place(start), place(end));
    text.get(from..to.max(from)).unwrap_or("")
}

/// Every `from` replaced; an empty `from` changes nothing. `None` for a text over the limit.
fn replace<'a>(text: &'a str, from: &str, to: &str) -> Option<Cow<'a, str>> {
    let count = if from.is_empty() { 0 } else { text.matches(from).count() };
    if count == 0 {
        return Some(Cow::Borrowed(text));
    }
    let grown = count.checked_mul(to.len().saturating_sub(from.len()))?.checked_add(text.len())?;
    (grown <= MAX_TEXT.max(text.len())).then(|| Cow::Owned(text.replace(from, to)))
}

/// Completed years from one date to another; negative if the first is later. Someone born on 29 February becomes a year
/// older on 1 March in years without that date.
pub fn age(birth: i32, at: i32) -> i64 {
    let (birth, at) = (civil_from_days(birth), civil_from_days(at));
    i64::from(at.0) - i64::from(birth.0) - i64::from((at.1, at.2) < (birth.1, birth.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, data_type: DataType) -> Expr {
        Expr::Column { name: name.to_owned(), data_type }
    }

    fn literal(value: impl Into<Value>) -> Expr {
        Expr::Literal(value.into())
    }

    impl From<i64> for Value {
        fn from(number: i64) -> Self {
            Self::Integer(number)
        }
    }

    impl From<f64> for Value {
        /// A decimal where it is one.
        fn from(number: f64) -> Self {
            Decimal::from_float(number).map_or(Self::Float(number), Self::Decimal)
        }
    }

    impl From<&str> for Value {
        fn from(text: &str) -> Self {
            Self::Text(text.to_owned())
        }
    }

    impl From<bool> for Value {
        fn from(flag: bool) -> Self {
            Self::Boolean(flag)
        }
    }

    fn date(text: &str) -> Value {
        parse_value(text, DataType::Date, None).unwrap()
    }

    fn run(expr: &Expr, row: &dyn Fn(&str) -> Cell) -> Cell {
        Evaluator::compile(expr, AsOf::parse("2026-11-23").unwrap()).unwrap().evaluate(row, &[])
    }

    const TRUE: Cell = Cell::truth(true);
    const FALSE: Cell = Cell::truth(false);
    const NULL: Cell = Cell::NULL;
    const BAD: Cell = Cell::Unreadable;

    #[test]
    fn four_valued_logic() {
        let (a, b) = (column("a", DataType::Boolean), column("b", DataType::Boolean));
        let and = Expr::And(a.clone().into(), b.clone().into());
        let or = Expr::Or(a.clone().into(), b.into());
        let not = Expr::Not(a.clone().into());
        let is_null = Expr::IsNull { value: a.into(), negated: false };
        // left, right, and, or, not left, left is null
        for (left, right, conjunction, disjunction, negation, null) in [
            (TRUE, TRUE, TRUE, TRUE, FALSE, FALSE),
            (TRUE, FALSE, FALSE, TRUE, FALSE, FALSE),
            (TRUE, NULL, NULL, TRUE, FALSE, FALSE),
            (TRUE, BAD, BAD, TRUE, FALSE, FALSE),
            (FALSE, TRUE, FALSE, TRUE, TRUE, FALSE),
            (FALSE, FALSE, FALSE, FALSE, TRUE, FALSE),
            (FALSE, NULL, FALSE, NULL, TRUE, FALSE),
            (FALSE, BAD, FALSE, BAD, TRUE, FALSE),
            (NULL, TRUE, NULL, TRUE, NULL, TRUE),
            (NULL, FALSE, FALSE, NULL, NULL, TRUE),
            (NULL, NULL, NULL, NULL, NULL, TRUE),
            (NULL, BAD, BAD, BAD, NULL, TRUE),
            (BAD, TRUE, BAD, TRUE, BAD, FALSE),
            (BAD, FALSE, FALSE, BAD, BAD, FALSE),
            (BAD, NULL, BAD, BAD, BAD, FALSE),
            (BAD, BAD, BAD, BAD, BAD, FALSE),
        ] {
            let row = |name: &str| if name == "a" { left.clone() } else { right.clone() };
            assert_eq!(run(&and, &row), conjunction, "{left:?} and {right:?}");
            assert_eq!(run(&or, &row), disjunction, "{left:?} or {right:?}");
            assert_eq!(run(&not, &row), negation, "not {left:?}");
            assert_eq!(run(&is_null, &row), null, "{left:?} is null");
        }
    }

    #[test]
    fn arithmetic_neither_wraps_nor_rounds() {
        use ArithmeticOp::{Add, Divide, Multiply, Remainder, Subtract};
        let int = |number: i64| Cell::Value(number.into());
        let dec = |number: f64| Cell::Value(number.into());
        let float = |number: f64| Cell::Value(Value::Float(number));
        let long = |text: &str| Cell::Value(Value::Decimal(Decimal::parse(text).unwrap()));
        for (op, left, right, expected) in [
            (Add, int(i64::MAX), int(1), long("9223372036854775808")),
            (Subtract, int(i64::MIN), int(1), long("-9223372036854775809")),
            (Multiply, int(i64::MAX), int(2), long("18446744073709551614")),
            (Multiply, long("1e37"), int(10), BAD),
            (Add, dec(0.1), dec(0.2), dec(0.3)),
            (Add, float(0.1), dec(0.2), float(0.1 + 0.2)),
            (Divide, int(1), int(3), long("0.333333333333333333")),
            (Divide, float(1.0), int(4), float(0.25)),
            (Add, int(9_007_199_254_740_993), int(1), int(9_007_199_254_740_994)),
            (Divide, int(7), int(2), dec(3.5)),
            (Divide, int(7), int(0), BAD),
            (Divide, dec(7.0), dec(-0.0), BAD),
            (Remainder, int(-7), int(3), int(-1)),
            (Remainder, int(7), int(0), BAD),
            (Remainder, dec(7.5), int(0), BAD),
            (Remainder, int(i64::MIN), int(-1), int(0)),
            (Remainder, dec(7.5), int(2), dec(1.5)),
            (Multiply, dec(1e308), int(10), BAD),
            (Add, NULL, int(1), NULL),
            (Add, NULL, BAD, BAD),
        ] {
            assert_eq!(arithmetic(op, &left, &right), expected, "{left:?} {} {right:?}", op.symbol());
        }
        assert_eq!(negate(&int(i64::MIN)), long("9223372036854775808"));
        assert_eq!(negate(&NULL), NULL);
        assert_eq!(negate(&dec(1.5)), dec(-1.5));
    }

    #[test]
    fn comparisons_and_lists() {
        let x = || Box::new(column("x", DataType::Decimal));
        let less = Expr::Compare { op: CompareOp::Less, left: x(), right: Box::new(literal(3)) };
        let inside = |list: Vec<Value>, negated| Expr::In { value: x(), list, negated };
        for (cell, is_less, is_in, not_in, in_with_null, not_in_with_null) in [
            (Cell::Value(1.0.into()), TRUE, TRUE, FALSE, TRUE, FALSE),
            (Cell::Value(5.0.into()), FALSE, FALSE, TRUE, NULL, NULL),
            (NULL, NULL, NULL, NULL, NULL, NULL),
            (BAD, BAD, BAD, BAD, BAD, BAD),
            (Cell::Value(f64::NAN.into()), BAD, BAD, BAD, BAD, BAD),
        ] {
            let row = |_: &str| cell.clone();
            assert_eq!(run(&less, &row), is_less, "{cell:?}");
            assert_eq!(run(&inside(vec![1.into(), 2.into()], false), &row), is_in, "{cell:?}");
            assert_eq!(run(&inside(vec![1.into(), 2.into()], true), &row), not_in, "{cell:?}");
            assert_eq!(run(&inside(vec![1.into(), Value::Null], false), &row), in_with_null, "{cell:?}");
            assert_eq!(run(&inside(vec![1.into(), Value::Null], true), &row), not_in_with_null, "{cell:?}");
        }
    }

    #[test]
    fn case_takes_the_first_true_branch() {
        let x = column("x", DataType::Boolean);
        let case = Expr::Case {
            branches: vec![(x, literal(1))],
            otherwise: Some(Box::new(literal(2.5))),
            data_type: DataType::Decimal,
        };
        assert_eq!(run(&case, &|_| TRUE), Cell::Value(1.0.into()));
        assert_eq!(run(&case, &|_| FALSE), Cell::Value(2.5.into()));
        assert_eq!(run(&case, &|_| NULL), Cell::Value(2.5.into()));
        assert_eq!(run(&case, &|_| BAD), BAD);
    }

    #[test]
    fn functions_on_values() {
        use Function as F;
        for (function, args, expected) in [
            (F::Length, vec!["Nguyễn".into()], Some(Value::Integer(6))),
            (F::Lower, vec!["ĐỖ".into()], Some("đỗ".into())),
            (F::Upper, vec!["đỗ".into()], Some("ĐỖ".into())),
            (F::Trim, vec!["\u{A0} a b ".into()], Some("a b".into())),
            (F::Substr, vec!["Nguyễn".into(), 5.into()], Some("ễn".into())),
            (F::Substr, vec!["Nguyễn".into(), 5.into(), 1.into()], Some("ễ".into())),
            (F::Substr, vec!["abc".into(), 0.into(), 2.into()], Some("a".into())),
            (F::Substr, vec!["abc".into(), (-5).into()], Some("abc".into())),
            (F::Substr, vec!["abc".into(), 9.into(), 2.into()], Some("".into())),
            (F::Substr, vec!["abc".into(), 2.into(), i64::MAX.into()], Some("bc".into())),
            (F::Substr, vec!["abc".into(), i64::MIN.into(), 2.into()], Some("".into())),
            (F::Substr, vec!["abc".into(), 1.into(), (-1).into()], None),
            (F::Replace, vec!["a-b-c".into(), "-".into(), "".into()], Some("abc".into())),
            (F::Replace, vec!["abc".into(), "".into(), "x".into()], Some("abc".into())),
            (
                F::Replace,
                vec!["a".repeat(20_000).as_str().into(), "a".into(), "b".repeat(20_000).as_str().into()],
                None,
            ),
            (F::Abs, vec![i64::MIN.into()], Some(Value::Decimal(Decimal::from(i64::MIN).negated()))),
            (F::Abs, vec![(-2.5).into()], Some(2.5.into())),
            (F::Round, vec![2.5.into()], Some(3.0.into())),
            (F::Round, vec![2.675.into(), 2.into()], Some(2.68.into())),
            (F::Round, vec![7.into(), 2.into()], Some(7.into())),
            (F::Round, vec![7.5.into(), (-1).into()], None),
            (F::Year, vec![date("2024-02-29")], Some(2024.into())),
            (F::Month, vec![Value::Datetime(-1)], Some(12.into())),
            (F::Day, vec![date("2024-02-29")], Some(29.into())),
            (F::DateDiff, vec![date("2024-03-01"), date("2024-02-28")], Some(2.into())),
            (F::DateDiff, vec![date("2024-02-28"), date("2024-03-01")], Some((-2).into())),
            (F::DateDiff, vec![Value::Datetime(DAY_MICROS * 2 - 1), Value::Date(0)], Some(1.into())),
            (F::DateDiff, vec![Value::Date(1), Value::Datetime(DAY_MICROS - 1)], Some(1.into())),
            (F::Age, vec![date("2000-02-29"), date("2018-02-28")], Some(17.into())),
            (F::Age, vec![date("2000-02-29"), date("2018-03-01")], Some(18.into())),
            (F::Age, vec![date("2000-11-23"), date("2026-11-23")], Some(26.into())),
            (F::Age, vec![date("2026-11-24"), date("2026-11-23")], Some((-1).into())),
            (F::StartsWith, vec!["abc".into(), "ab".into()], Some(true.into())),
            (F::EndsWith, vec!["abc".into(), "ab".into()], Some(false.into())),
            (F::Contains, vec!["abc".into(), "".into()], Some(true.into())),
            (F::Length, vec![1.into()], None),
            (F::Year, vec![], None),
        ] {
            assert_eq!(call(function, &args), Cell::or_unreadable(expected), "{} {args:?}", function.name());
        }
    }

    #[test]
    fn casts() {
        use DataType as T;
        for (value, to, expected) in [
            (Value::Text("12".into()), T::Integer, Some(Value::Integer(12))),
            (Value::Text("12.0".into()), T::Integer, None),
            (Value::Text(" 12".into()), T::Integer, None),
            (Value::Text("2024-02-29".into()), T::Date, Some(Value::Date(19_782))),
            (Value::Text("yes".into()), T::Boolean, Some(Value::Boolean(true))),
            (2.0.into(), T::Integer, Some(Value::Integer(2))),
            (Value::Float(-0.0), T::Integer, Some(Value::Integer(0))),
            (2.5.into(), T::Integer, None),
            (Value::Float(1e300), T::Integer, None),
            (Value::Float(1e300), T::Decimal, None),
            (Value::Float(0.1), T::Decimal, Some(0.1.into())),
            (Value::Float(0.1), T::Float32, Some(Value::Float(0.1))),
            (Value::Float(0.123_456_789), T::Float32, Some(Value::Float(0.123_456_79))),
            (Value::Float(1e300), T::Float32, None),
            (0.1.into(), T::Float, Some(Value::Float(0.1))),
            (Value::Text("18446744073709551615".into()), T::Integer, Some(Value::Decimal(u64::MAX.into()))),
            (2.0.into(), T::Text, Some(Value::Text("2".into()))),
            (Value::Integer(3), T::Decimal, Some(3.0.into())),
            (Value::Date(1), T::Datetime, Some(Value::Datetime(DAY_MICROS))),
            (Value::Datetime(-1), T::Date, Some(Value::Date(-1))),
            (Value::Boolean(true), T::Integer, Some(Value::Integer(1))),
            (Value::Date(0), T::Text, Some(Value::Text("1970-01-01".into()))),
            (Value::Null, T::Integer, Some(Value::Null)),
            (Value::Date(0), T::Integer, None),
        ] {
            assert_eq!(cast(&value, to), Cell::or_unreadable(expected), "{value} as {to}");
        }
    }

    #[test]
    fn calls_in_expressions() {
        let text = |name: &str| column(name, DataType::Text);
        let call = |function, args, data_type| Expr::Call { function, args, data_type };
        let matches = call(Function::Matches, vec![text("x"), literal(r"\d+")], DataType::Boolean);
        assert_eq!(run(&matches, &|_| Cell::Value("123".into())), TRUE);
        assert_eq!(run(&matches, &|_| Cell::Value("123a".into())), FALSE);
        assert_eq!(run(&matches, &|_| NULL), NULL);
        let age = call(Function::Age, vec![column("x", DataType::Date)], DataType::Integer);
        assert_eq!(run(&age, &|_| Cell::Value(date("2008-11-23"))), Cell::Value(18.into()));
        assert_eq!(run(&age, &|_| BAD), BAD);
        let coalesce = call(Function::Coalesce, vec![text("x"), text("y")], DataType::Text);
        assert_eq!(
            run(&coalesce, &|name| if name == "x" { NULL } else { Cell::Value("b".into()) }),
            Cell::Value("b".into())
        );
        assert_eq!(run(&coalesce, &|name| if name == "x" { BAD } else { Cell::Value("b".into()) }), BAD);
        assert_eq!(run(&coalesce, &|_| NULL), NULL);
        let contains = call(Function::Contains, vec![text("x"), text("y")], DataType::Boolean);
        assert_eq!(run(&contains, &|name| if name == "x" { NULL } else { BAD }), BAD);
        let like = Expr::Like { value: Box::new(text("x")), pattern: "a%".into(), negated: true };
        assert_eq!(run(&like, &|_| Cell::Value("ba".into())), TRUE);
        assert_eq!(run(&like, &|_| NULL), NULL);

        let broken = call(Function::Matches, vec![text("x"), literal("(")], DataType::Boolean);
        assert!(Evaluator::compile(&broken, AsOf::from_day(0)).is_err());
        let open = call(Function::Matches, vec![text("x"), text("y")], DataType::Boolean);
        assert!(Evaluator::compile(&open, AsOf::from_day(0)).is_err());
    }
}

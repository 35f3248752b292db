//! Numbers, dates and timestamps that an expression computes, for all rows of a batch at once.
//!
//! Every operation gives what [`crate::scalar::Evaluator`] gives row by row: null where an operand is null, unreadable
//! where an operand is, where a number has too many digits, and where a divisor is zero.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::model::{ArithmeticOp, AsOf, CompareOp, DAY_MICROS, DataType, Decimal, Expr, Function, TimeUnit, Value};
use crate::scalar::{
    age, civil_from_days, compare, compare_decimal, compare_mixed, date_diff, date_unit, decimal_arithmetic,
    float_arithmetic, integer_arithmetic,
};
use crate::source::Bits;

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{ColumnRules, place_of};
use crate::engine::local::batch::truth::Truth;
use crate::engine::local::batch::typed::{Reads, TypedCells, map, zip};

/// An expression that is computed for many rows at once.
#[derive(Debug)]
pub(crate) enum Computed {
    Column(usize, DataType),
    Constant(Value),
    /// Characters of a text column.
    Length(usize),
    Arithmetic(ArithmeticOp, Box<Computed>, Box<Computed>),
    Negate(Box<Computed>),
    Abs(Box<Computed>),
    /// Year, month or day.
    Part(Function, Box<Computed>),
    /// Whole units from the second to the first.
    DateDiff(Box<Computed>, Box<Computed>, TimeUnit),
    /// Completed years from the first to the second.
    Age(Box<Computed>, Box<Computed>),
}

impl Computed {
    /// Prepares an expression over the columns that a pass reads; `None` where parts of it are computed row by row.
    pub(crate) fn of(expr: &Expr, rules: &[ColumnRules], as_of: AsOf) -> Option<Self> {
        let boxed = |expr: &Expr| Self::of(expr, rules, as_of).map(Box::new);
        Some(match expr {
            Expr::Column { name, data_type } if is_plain(*data_type) => {
                Self::Column(place_of(rules, name).ok()?, *data_type)
            }
            Expr::Literal(value) if value.data_type().is_some_and(is_plain) => Self::Constant(value.clone()),
            Expr::Arithmetic { op, left, right } => Self::Arithmetic(*op, boxed(left)?, boxed(right)?),
            Expr::Negate(inner) => Self::Negate(boxed(inner)?),
            Expr::Call { function, args, .. } => match (function, args.as_slice()) {
                (Function::Length, [Expr::Column { name, data_type: DataType::Text }]) => {
                    Self::Length(place_of(rules, name).ok()?)
                }
                (Function::Abs, [inner]) => Self::Abs(boxed(inner)?),
                (Function::Year | Function::Month | Function::Day, [inner]) => Self::Part(*function, boxed(inner)?),
                (Function::DateDiff, [to, from]) => Self::DateDiff(boxed(to)?, boxed(from)?, TimeUnit::Day),
                (Function::DateDiff, [to, from, Expr::Literal(Value::Text(unit))]) => {
                    Self::DateDiff(boxed(to)?, boxed(from)?, date_unit(unit)?)
                }
                (Function::Age, [birth]) => Self::Age(boxed(birth)?, Box::new(Self::Constant(as_of.value()))),
                (Function::Age, [birth, at]) => Self::Age(boxed(birth)?, boxed(at)?),
                _ => return None,
            },
            _ => return None,
        })
    }

    /// The value for each row of a batch.
    fn evaluate<'c>(&self, cells: &'c Cells<'_>) -> TypedCells<'c> {
        match self {
            Self::Column(column, data_type) => borrow(cells.typed(*column, *data_type)),
            Self::Constant(value) => constant(value, cells.rows()),
            Self::Length(column) => TypedCells::Integer(cells.lengths(*column)),
            Self::Arithmetic(op, left, right) => arithmetic(*op, left.evaluate(cells), right.evaluate(cells)),
            Self::Negate(inner) => match inner.evaluate(cells) {
                TypedCells::Float(numbers) => TypedCells::Float(map(&numbers, |number| Some(-number))),
                TypedCells::Integer(numbers) => whole(&numbers, i64::checked_neg, |number| Some(number.negated())),
                numbers => TypedCells::Decimal(map(&decimals(numbers), |number| Some(number.negated()))),
            },
            Self::Abs(inner) => match inner.evaluate(cells) {
                TypedCells::Float(numbers) => TypedCells::Float(map(&numbers, |number| Some(number.abs()))),
                TypedCells::Integer(numbers) => whole(&numbers, i64::checked_abs, |number| Some(number.abs())),
                numbers => TypedCells::Decimal(map(&decimals(numbers), |number| Some(number.abs()))),
            },
            Self::Part(function, inner) => TypedCells::Integer(map(&days(inner.evaluate(cells)), |day| {
                let (year, month, day) = civil_from_days(day);
                Some(match function {
                    Function::Year => i64::from(year),
                    Function::Month => i64::from(month),
                    _ => i64::from(day),
                })
            })),
            Self::DateDiff(to, from, TimeUnit::Day) => {
                let (to, from) = (days(to.evaluate(cells)), days(from.evaluate(cells)));
                TypedCells::Integer(zip(&to, &from, |to, from| Some(i64::from(to) - i64::from(from))))
            }
            Self::DateDiff(to, from, unit) => {
                let (to, from) = (ticks(to.evaluate(cells)), ticks(from.evaluate(cells)));
                TypedCells::Integer(zip(&to, &from, |to, from| date_diff(*unit, from, to)))
            }
            Self::Age(birth, at) => {
                let (birth, at) = (days(birth.evaluate(cells)), days(at.evaluate(cells)));
                TypedCells::Integer(zip(&birth, &at, |birth, at| Some(age(birth, at))))
            }
        }
    }

    /// Whether the comparison of two expressions holds, for each row of a batch.
    pub(crate) fn compare(cells: &Cells<'_>, op: CompareOp, left: &Self, right: &Self) -> Truth {
        use TypedCells::{Boolean, Date, Datetime, Float, Integer};
        let left = left.evaluate(cells);
        // A constant need not be written out for each row.
        if let Self::Constant(constant) = right {
            match (&left, constant) {
                (Integer(a), Value::Integer(b)) | (Datetime(a), Value::Datetime(b)) => {
                    return against(op, a, *b);
                }
                (Date(a), Value::Date(b)) => return against(op, a, *b),
                (TypedCells::Decimal(a), Value::Decimal(b)) => return against(op, a, *b),
                (TypedCells::Decimal(a), Value::Integer(b)) => return against(op, a, Decimal::from(*b)),
                (Float(a), Value::Float(b)) => return against(op, a, *b),
                _ => {}
            }
        }
        let right = right.evaluate(cells);
        if (is_fine(&left) || is_fine(&right))
            && let (Some(a), Some(b)) = (left.instants(), right.instants())
        {
            return beside(op, &a, &b);
        }
        let mixed = |a: Value, b: Value| accepts(op, compare(&a, &b));
        match (&left, &right) {
            (Integer(a), Integer(b)) | (Datetime(a), Datetime(b)) => beside(op, a, b),
            (Date(a), Date(b)) => beside(op, a, b),
            (Boolean(a), Boolean(b)) => beside(op, a, b),
            (TypedCells::Decimal(a), TypedCells::Decimal(b)) => beside(op, a, b),
            (Integer(a), TypedCells::Decimal(b)) => of_two(a, b, |a, b| op.accepts(Decimal::from(a).cmp(&b))),
            (TypedCells::Decimal(a), Integer(b)) => of_two(a, b, |a, b| op.accepts(a.cmp(&Decimal::from(b)))),
            (Float(a), Float(b)) => beside(op, a, b),
            (Integer(a), Float(b)) => of_two(a, b, |a, b| accepts(op, compare_mixed(a, b))),
            (Float(a), Integer(b)) => of_two(a, b, |a, b| accepts(op, compare_mixed(b, a).map(Ordering::reverse))),
            (TypedCells::Decimal(a), Float(b)) => of_two(a, b, |a, b| accepts(op, compare_decimal(a, b))),
            (Float(a), TypedCells::Decimal(b)) => {
                of_two(a, b, |a, b| accepts(op, compare_decimal(b, a).map(Ordering::reverse)))
            }
            (Date(a), Datetime(b)) => of_two(a, b, |a, b| mixed(Value::Date(a), Value::Datetime(b))),
            (Datetime(a), Date(b)) => of_two(a, b, |a, b| mixed(Value::Datetime(a), Value::Date(b))),
            // Other pairs are refused when the expression is resolved.
            (a, b) => {
                let none = Bits::none(cells.rows());
                let unreadable = a.valid().or(a.unreadable()).or(&b.valid().or(b.unreadable()));
                Truth { yes: none.clone(), no: none, unreadable }
            }
        }
    }

    /// Whether the expression gives one of the constants (or none of them), for each row of a batch.
    pub(crate) fn is_in(&self, cells: &Cells<'_>, list: &[Value], negated: bool) -> Truth {
        let known = |value: Value| list.iter().any(|item| compare(&value, item).is_some_and(Ordering::is_eq));
        let mut truth = match self.evaluate(cells) {
            TypedCells::Integer(values) => of_one(&values, |value| known(Value::Integer(value))),
            TypedCells::Decimal(values) => of_one(&values, |value| known(Value::Decimal(value))),
            TypedCells::Float(values) => of_one(&values, |value| known(Value::Float(value))),
            TypedCells::Date(values) => of_one(&values, |value| known(Value::Date(value))),
            TypedCells::Datetime(values) => of_one(&values, |value| known(Value::Datetime(value))),
            TypedCells::Nanoseconds(values) => of_one(&values, |value| known(Value::of_instant(value))),
            TypedCells::Boolean(values) => of_one(&values, |value| known(Value::Boolean(value))),
        };
        // As in SQL: the value may equal an unknown item.
        if list.contains(&Value::Null) {
            truth.no = Bits::none(cells.rows());
        }
        if negated {
            std::mem::swap(&mut truth.yes, &mut truth.no);
        }
        truth
    }
}

/// Whether an order satisfies an operator; no order does not.
fn accepts(op: CompareOp, order: Option<Ordering>) -> bool {
    order.is_some_and(|order| op.accepts(order))
}

/// Whether some timestamps have a part below the microsecond.
const fn is_fine(cells: &TypedCells<'_>) -> bool {
    matches!(cells, TypedCells::Nanoseconds(_))
}

/// Types that are not text.
const fn is_plain(data_type: DataType) -> bool {
    !data_type.is_textual()
}

/// The same cells without copying their values.
fn borrow<'c>(typed: &'c TypedCells<'_>) -> TypedCells<'c> {
    fn same<'c, T: Clone>(reads: &'c Reads<'_, T>) -> Reads<'c, T> {
        Reads {
            values: Cow::Borrowed(&*reads.values),
            valid: reads.valid.clone(),
            unreadable: reads.unreadable.clone(),
        }
    }
    match typed {
        TypedCells::Integer(reads) => TypedCells::Integer(same(reads)),
        TypedCells::Decimal(reads) => TypedCells::Decimal(same(reads)),
        TypedCells::Float(reads) => TypedCells::Float(same(reads)),
        TypedCells::Date(reads) => TypedCells::Date(same(reads)),
        TypedCells::Datetime(reads) => TypedCells::Datetime(same(reads)),
        TypedCells::Nanoseconds(reads) => TypedCells::Nanoseconds(same(reads)),
        TypedCells::Boolean(reads) => TypedCells::Boolean(same(reads)),
    }
}

/// The same value in every row.
fn constant<'c>(value: &Value, rows: usize) -> TypedCells<'c> {
    fn each<'c, T: Clone>(value: T, rows: usize) -> Reads<'c, T> {
        Reads { values: vec![value; rows].into(), valid: Bits::all(rows), unreadable: Bits::none(rows) }
    }
    match value {
        Value::Integer(number) => TypedCells::Integer(each(*number, rows)),
        Value::Decimal(number) => TypedCells::Decimal(each(*number, rows)),
        Value::Float(number) => TypedCells::Float(each(*number, rows)),
        Value::Date(days) => TypedCells::Date(each(*days, rows)),
        Value::Datetime(ticks) => TypedCells::Datetime(each(*ticks, rows)),
        Value::Nanoseconds(instant) => TypedCells::Nanoseconds(each(*instant, rows)),
        Value::Boolean(flag) => TypedCells::Boolean(each(*flag, rows)),
        Value::Text(_) | Value::Null => TypedCells::Boolean(none_parses(&Bits::all(rows))),
    }
}

/// All of these rows are unparseable.
fn none_parses<'c, T: Clone + Default>(rows: &Bits) -> Reads<'c, T> {
    let values = vec![T::default(); rows.rows()].into();
    Reads { values, valid: Bits::none(rows.rows()), unreadable: rows.clone() }
}

/// Compares values with a constant. The operator is chosen once, so that each row is one comparison and many are made at
/// once. NaN is neither equal nor unequal to a value.
fn against<T: PartialOrd + Copy>(op: CompareOp, a: &Reads<'_, T>, b: T) -> Truth {
    match op {
        CompareOp::Equal => of_one(a, |a| a == b),
        CompareOp::NotEqual => of_one(a, |a| (a < b) | (a > b)),
        CompareOp::Less => of_one(a, |a| a < b),
        CompareOp::LessOrEqual => of_one(a, |a| a <= b),
        CompareOp::Greater => of_one(a, |a| a > b),
        CompareOp::GreaterOrEqual => of_one(a, |a| a >= b),
    }
}

/// Compares values with those of the same row.
fn beside<T: PartialOrd + Copy>(op: CompareOp, a: &Reads<'_, T>, b: &Reads<'_, T>) -> Truth {
    match op {
        CompareOp::Equal => of_two(a, b, |a, b| a == b),
        CompareOp::NotEqual => of_two(a, b, |a, b| (a < b) | (a > b)),
        CompareOp::Less => of_two(a, b, |a, b| a < b),
        CompareOp::LessOrEqual => of_two(a, b, |a, b| a <= b),
        CompareOp::Greater => of_two(a, b, |a, b| a > b),
        CompareOp::GreaterOrEqual => of_two(a, b, |a, b| a >= b),
    }
}

fn of_one<T: Copy>(a: &Reads<'_, T>, test: impl Fn(T) -> bool) -> Truth {
    let holds = Bits::of(&a.values, |value| test(*value));
    Truth { yes: a.valid.and(&holds), no: a.valid.without(&holds), unreadable: a.unreadable.clone() }
}

fn of_two<A: Copy, B: Copy>(a: &Reads<'_, A>, b: &Reads<'_, B>, test: impl Fn(A, B) -> bool) -> Truth {
    let both = a.valid.and(&b.valid);
    let holds = Bits::of_pairs(&a.values, &b.values, |a, b| test(*a, *b));
    // Where one side is missing, there is nothing to compare the other with.
    let unreadable = a.unreadable.and(&b.valid.or(&b.unreadable)).or(&b.unreadable.and(&a.valid));
    Truth { yes: both.and(&holds), no: both.without(&holds), unreadable }
}

/// Computes from whole numbers: where a result does not fit 64 bits, all are decimals.
fn whole<'c>(
    numbers: &Reads<'_, i64>,
    work: impl Fn(i64) -> Option<i64>,
    long: impl Fn(Decimal) -> Option<Decimal>,
) -> TypedCells<'c> {
    let results = map(numbers, work);
    if results.unreadable.count() == numbers.unreadable.count() {
        return TypedCells::Integer(results);
    }
    TypedCells::Decimal(map(numbers, |number| long(number.into())))
}

/// Numbers as floats.
fn floats(cells: TypedCells<'_>) -> Reads<'_, f64> {
    match cells {
        TypedCells::Float(reads) => reads,
        #[expect(clippy::cast_precision_loss, reason = "a number beside a float becomes the nearest float")]
        TypedCells::Integer(reads) => map(&reads, |number| Some(number as f64)),
        TypedCells::Decimal(reads) => map(&reads, |number| Some(number.to_float())),
        other => none_parses(&other.valid().or(other.unreadable())),
    }
}

/// Exact numbers as decimals.
fn decimals(cells: TypedCells<'_>) -> Reads<'_, Decimal> {
    match cells {
        TypedCells::Decimal(reads) => reads,
        TypedCells::Integer(reads) => map(&reads, |number| Some(Decimal::from(number))),
        other => none_parses(&other.valid().or(other.unreadable())),
    }
}

/// Days of dates and of timestamps.
fn days(cells: TypedCells<'_>) -> Reads<'_, i32> {
    match cells {
        TypedCells::Date(reads) => reads,
        TypedCells::Datetime(reads) => map(&reads, |ticks| i32::try_from(ticks.div_euclid(DAY_MICROS)).ok()),
        TypedCells::Nanoseconds(reads) => {
            map(&reads, |instant| i32::try_from(instant.micros.div_euclid(DAY_MICROS)).ok())
        }
        other => none_parses(&other.valid().or(other.unreadable())),
    }
}

/// Microseconds of timestamps, and of dates at midnight.
fn ticks<'c>(cells: TypedCells<'_>) -> Reads<'c, i128> {
    match cells {
        TypedCells::Datetime(reads) => map(&reads, |ticks| Some(ticks.into())),
        TypedCells::Nanoseconds(reads) => map(&reads, |instant| Some(instant.micros.into())),
        TypedCells::Date(reads) => map(&reads, |days| Some(i128::from(days) * i128::from(DAY_MICROS))),
        other => none_parses(&other.valid().or(other.unreadable())),
    }
}

fn arithmetic<'c>(op: ArithmeticOp, left: TypedCells<'_>, right: TypedCells<'_>) -> TypedCells<'c> {
    if let (TypedCells::Integer(left), TypedCells::Integer(right)) = (&left, &right)
        && op != ArithmeticOp::Divide
    {
        let results = zip(left, right, |left, right| integer_arithmetic(op, left, right));
        if results.unreadable.count() == left.unreadable.or(&right.unreadable).count() {
            return TypedCells::Integer(results);
        }
        // One of them has too many digits for 64 bits, or a divisor is zero.
        return TypedCells::Decimal(zip(left, right, |left, right| decimal_arithmetic(op, left.into(), right.into())));
    }
    if matches!(left, TypedCells::Float(_)) || matches!(right, TypedCells::Float(_)) {
        let (left, right) = (floats(left), floats(right));
        return TypedCells::Float(zip(&left, &right, |left, right| float_arithmetic(op, left, right)));
    }
    let (left, right) = (decimals(left), decimals(right));
    TypedCells::Decimal(zip(&left, &right, |left, right| decimal_arithmetic(op, left, right)))
}

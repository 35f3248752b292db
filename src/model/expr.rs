//! The expression language after parsing, name resolution and type checking.
//!
//! Every engine gives a node the same meaning: three-valued logic as in SQL, and beside it *unreadable* if a cell is
//! not of its declared type, an integer overflows or a divisor is zero. Unreadable behaves like unknown, but a row
//! whose outcome depends on it counts as failed.

#![expect(missing_docs, reason = "the text of a variant names its fields")]

use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde::{Deserialize, Serialize};

use super::{DataType, Quantile, Value, short_number};

/// A typed expression over the cells of one row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expr {
    /// A column of the dataset, in its effective type.
    Column { name: String, data_type: DataType },
    /// A constant.
    Literal(Value),
    /// The n-th aggregate of an `aggregate` rule.
    Figure { index: usize, data_type: DataType },
    /// Logical negation.
    Not(Box<Expr>),
    /// Logical conjunction.
    And(Box<Expr>, Box<Expr>),
    /// Logical disjunction.
    Or(Box<Expr>, Box<Expr>),
    /// Comparison; both sides are of one type, or both numeric, or a date and a datetime.
    Compare { op: CompareOp, left: Box<Expr>, right: Box<Expr> },
    /// Arithmetic on numbers, as [`Decimal`](super::Decimal) says it. Integers stay integers except with `/`, which is decimal;
    /// with a float, the other side becomes a float.
    Arithmetic { op: ArithmeticOp, left: Box<Expr>, right: Box<Expr> },
    /// Arithmetic negation.
    Negate(Box<Expr>),
    /// Membership in a list of constants.
    In { value: Box<Expr>, list: Vec<Value>, negated: bool },
    /// Null test; a missing cell is null.
    IsNull { value: Box<Expr>, negated: bool },
    /// SQL LIKE: `%` any text, `_` one character, `\` escapes.
    Like { value: Box<Expr>, pattern: String, negated: bool },
    /// The result of the first condition that is true.
    Case { branches: Vec<(Expr, Expr)>, otherwise: Option<Box<Expr>>, data_type: DataType },
    /// Conversion; a value that cannot be converted is unreadable.
    Cast { value: Box<Expr>, to: DataType },
    /// A function of the closed list.
    Call { function: Function, args: Vec<Expr>, data_type: DataType },
}

impl Expr {
    /// The type of the result; `None` for a bare null.
    pub fn data_type(&self) -> Option<DataType> {
        match self {
            Self::Column { data_type, .. }
            | Self::Figure { data_type, .. }
            | Self::Case { data_type, .. }
            | Self::Call { data_type, .. }
            | Self::Cast { to: data_type, .. } => Some(*data_type),
            Self::Literal(value) => value.data_type(),
            Self::Negate(value) => value.data_type(),
            Self::Arithmetic { op, left, right } => {
                let of = |side: &Self| side.data_type().unwrap_or(DataType::Decimal);
                Some(match of(left).with_number(of(right)) {
                    DataType::Integer if *op == ArithmeticOp::Divide => DataType::Decimal,
                    DataType::Float32 => DataType::Float,
                    data_type => data_type,
                })
            }
            Self::Not(_)
            | Self::And(..)
            | Self::Or(..)
            | Self::Compare { .. }
            | Self::In { .. }
            | Self::IsNull { .. }
            | Self::Like { .. } => Some(DataType::Boolean),
        }
    }

    /// Calls `visit` with this node and every node below it, parents first.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Self)) {
        visit(self);
        match self {
            Self::Column { .. } | Self::Literal(_) | Self::Figure { .. } => {}
            Self::Not(value)
            | Self::Negate(value)
            | Self::In { value, .. }
            | Self::IsNull { value, .. }
            | Self::Like { value, .. }
            | Self::Cast { value, .. } => value.walk(visit),
            Self::And(left, right)
            | Self::Or(left, right)
            | Self::Compare { left, right, .. }
            | Self::Arithmetic { left, right, .. } => {
                left.walk(visit);
                right.walk(visit);
            }
            Self::Case { branches, otherwise, .. } => {
                for (condition, result) in branches {
                    condition.walk(visit);
                    result.walk(visit);
                }
                if let Some(otherwise) = otherwise {
                    otherwise.walk(visit);
                }
            }
            Self::Call { args, .. } => args.iter().for_each(|arg| arg.walk(visit)),
        }
    }

    /// A number that equal expressions have in common, to find them among many: what differs has another one as a rule.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.walk(&mut |node| {
            std::mem::discriminant(node).hash(&mut hasher);
            match node {
                Self::Column { name, .. } => name.hash(&mut hasher),
                Self::Literal(value) => format!("{value:?}").hash(&mut hasher),
                Self::In { list, .. } => format!("{list:?}").hash(&mut hasher),
                Self::Like { pattern, .. } => pattern.hash(&mut hasher),
                Self::Compare { op, .. } => op.hash(&mut hasher),
                _ => {}
            }
        });
        hasher.finish()
    }

    /// The names of the columns that the expression reads, in order of appearance, with duplicates.
    pub fn columns(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.walk(&mut |node| {
            if let Self::Column { name, .. } = node {
                names.push(name.as_str());
            }
        });
        names
    }
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompareOp {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl CompareOp {
    /// Whether an ordering of left against right satisfies the operator.
    pub const fn accepts(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }

    /// The operator as written.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// An arithmetic operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArithmeticOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`, with the sign of the dividend
    Remainder,
}

impl ArithmeticOp {
    /// The operator as written.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}

/// The closed list of functions of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// `length(text)`: characters.
    Length,
    /// `lower(text)`
    Lower,
    /// `upper(text)`
    Upper,
    /// `trim(text)`: white space at both ends.
    Trim,
    /// `substr(text, start [, count])`: `start` counts characters from 1.
    Substr,
    /// `replace(text, from, to)`
    Replace,
    /// `coalesce(a, b, …)`: the first that is not null.
    Coalesce,
    /// `abs(number)`
    Abs,
    /// `round(number [, digits])`: half away from zero.
    Round,
    /// `year(date)`
    Year,
    /// `month(date)`
    Month,
    /// `day(date)`
    Day,
    /// `date_diff(a, b [, 'unit'])`: days of the calendar from `b` to `a`, positive where `a` is later. Of `second`, `minute`
    /// and `hour` those that have passed, of `week`, `month` and `year` the completed ones; the rest of a unit is dropped.
    DateDiff,
    /// `date_add(date, count, 'unit')`, and `date + interval '3 hours'`: so many units later; months and years end on the last
    /// day of a shorter month.
    DateAdd,
    /// `age(date [, at])`: completed years at `at`, by default `as_of()`.
    Age,
    /// `matches(text, pattern)`: the whole text matches.
    Matches,
    /// `starts_with(text, start)`
    StartsWith,
    /// `ends_with(text, end)`
    EndsWith,
    /// `contains(text, part)`
    Contains,
}

impl Function {
    /// Every function with its name in suites.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::Length, "length"),
        (Self::Lower, "lower"),
        (Self::Upper, "upper"),
        (Self::Trim, "trim"),
        (Self::Substr, "substr"),
        (Self::Replace, "replace"),
        (Self::Coalesce, "coalesce"),
        (Self::Abs, "abs"),
        (Self::Round, "round"),
        (Self::Year, "year"),
        (Self::Month, "month"),
        (Self::Day, "day"),
        (Self::DateDiff, "date_diff"),
        (Self::DateAdd, "date_add"),
        (Self::Age, "age"),
        (Self::Matches, "matches"),
        (Self::StartsWith, "starts_with"),
        (Self::EndsWith, "ends_with"),
        (Self::Contains, "contains"),
    ];

    /// The name used in suites.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(function, _)| *function == self).map_or("", |(_, name)| name)
    }
}

/// One aggregate over the rows of a dataset.
///
/// Missing values do not go in. Unparseable values, and rows for which the condition is unreadable, are counted and left
/// out. Without values every aggregate but the counts is null, and so is a result that no float holds.
///
/// | aggregate | formula | of 1, 2, 2, 5, missing |
/// |---|---|---|
/// | `Count` | values; without an expression rows | 4 (rows: 5) |
/// | `Distinct` | different values, compared as keys | 3 |
/// | `DistinctShare` | distinct / values | 0.75 |
/// | `Min`, `Max` | by the order of the type | 1, 5 |
/// | `Sum` | exact, then the nearest number: whole for integers that fit 64 bits | 10 |
/// | `Avg` | exact sum / values, then the nearest: whole where it is | 2.5 |
/// | `Median`, `Quantile` | numbers: type 7, between two; dates: type 1, one of them ([`Quantile::place`], [`Quantile::rank`]) | 2 |
/// | `Stddev` | √(Σ(x − mean)² / (n − 1)); null with fewer than 2 | 1.732 |
/// | `Correlation` | Σ(x − x̄)(y − ȳ) / √(Σ(x − x̄)² · Σ(y − ȳ)²) over rows with both; null where one side is always the same | |
/// | `Share` | rows for which the condition is true / rows; unknown is not true | |
///
/// Decimals are 64-bit floats here, except in `Distinct`. A row with one value of a pair unparseable is unreadable, where both are
/// there. Infinite decimals have no deviation, and sum to an infinite one, or null where both signs occur.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Aggregate {
    /// What is computed.
    pub function: AggregateFunction,
    /// Over which values; nulls are skipped. `None` only for `count(*)`.
    pub value: Option<Expr>,
    /// The second number, for `correlation`.
    pub other: Option<Expr>,
    /// The type of the aggregate.
    pub data_type: DataType,
}

/// An aggregate function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AggregateFunction {
    /// Rows, or values that are not null.
    Count,
    /// Distinct values that are not null.
    Distinct,
    /// The smallest value.
    Min,
    /// The largest value.
    Max,
    /// The sum.
    Sum,
    /// The arithmetic mean.
    Avg,
    /// The share of rows, 0 to 1, for which a condition is true.
    Share,
    /// The median.
    Median,
    /// The quantile.
    Quantile(Quantile),
    /// The standard deviation of a sample.
    Stddev,
    /// Pearson's correlation coefficient of two values of each row.
    Correlation,
    /// The distinct values divided by all values.
    DistinctShare,
}

impl Aggregate {
    /// A correlation without what rounding may have left of zero: up to 16 steps of a float at 1.
    pub fn without_rounding(correlation: f64) -> f64 {
        const NOISE: f64 = 16.0 * f64::EPSILON;
        if correlation.abs() <= NOISE { 0.0 } else { correlation }
    }

    /// The names of the columns that it reads, with duplicates.
    pub fn columns(&self) -> Vec<&str> {
        self.value.iter().chain(&self.other).flat_map(Expr::columns).collect()
    }
}

impl AggregateFunction {
    /// Every aggregate with its name in suites.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::Count, "count"),
        (Self::Distinct, "distinct"),
        (Self::Min, "min"),
        (Self::Max, "max"),
        (Self::Sum, "sum"),
        (Self::Avg, "avg"),
        (Self::Share, "share"),
        (Self::Median, "median"),
        (Self::Quantile(Quantile::MEDIAN), "quantile"),
        (Self::Stddev, "stddev"),
        (Self::Correlation, "correlation"),
        (Self::DistinctShare, "distinct_share"),
    ];

    /// The name used in suites.
    pub fn name(self) -> &'static str {
        let function = match self {
            Self::Quantile(_) => Self::Quantile(Quantile::MEDIAN),
            function => function,
        };
        Self::ALL.iter().find(|(known, _)| *known == function).map_or("", |(_, name)| name)
    }
}

impl fmt::Display for Aggregate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.function.name();
        match (self.function, &self.value, &self.other) {
            (AggregateFunction::Quantile(quantile), Some(value), _) => write!(f, "{name}({value}, {quantile})"),
            (_, Some(value), Some(other)) => write!(f, "{name}({value}, {other})"),
            (_, Some(value), None) => write!(f, "{name}({value})"),
            (_, None, _) => write!(f, "{name}(*)"),
        }
    }
}

/// Writes a constant as it is written in a suite.
fn write_literal(f: &mut fmt::Formatter<'_>, value: &Value) -> fmt::Result {
    match value {
        Value::Text(text) => write!(f, "'{}'", text.replace('\'', "''")),
        Value::Date(_) => write!(f, "date '{value}'"),
        Value::Datetime(_) | Value::Nanoseconds(_) => write!(f, "timestamp '{value}'"),
        other => f.write_str(&short_number(&other.to_string())),
    }
}

impl fmt::Display for Expr {
    /// Writes the expression with every operator in brackets, so that equal meaning is equal text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not = |negated: bool| if negated { "not " } else { "" };
        match self {
            Self::Column { name, .. } => {
                let plain = name
                    .chars()
                    .enumerate()
                    .all(|(at, c)| c == '_' || c.is_ascii_lowercase() || (at > 0 && c.is_ascii_digit()));
                if plain { f.write_str(name) } else { write!(f, "\"{}\"", name.replace('"', "\"\"")) }
            }
            Self::Literal(value) => write_literal(f, value),
            Self::Figure { index, .. } => write!(f, "figure {}", index + 1),
            Self::Not(value) => write!(f, "(not {value})"),
            Self::And(left, right) => write!(f, "({left} and {right})"),
            Self::Or(left, right) => write!(f, "({left} or {right})"),
            Self::Compare { op, left, right } => write!(f, "({left} {} {right})", op.symbol()),
            Self::Arithmetic { op, left, right } => write!(f, "({left} {} {right})", op.symbol()),
            Self::Negate(value) => write!(f, "(-{value})"),
            Self::In { value, list, negated } => {
                write!(f, "({value} {}in (", not(*negated))?;
                for (at, item) in list.iter().enumerate() {
                    f.write_str(if at > 0 { ", " } else { "" })?;
                    write_literal(f, item)?;
                }
                f.write_str("))")
            }
            Self::IsNull { value, negated } => write!(f, "({value} is {}null)", not(*negated)),
            Self::Like { value, pattern, negated } => {
                write!(f, "({value} {}like ", not(*negated))?;
                write_literal(f, &Value::Text(pattern.clone()))?;
                f.write_str(")")
            }
            Self::Case { branches, otherwise, .. } => {
                f.write_str("case")?;
                for (condition, result) in branches {
                    write!(f, " when {condition} then {result}")?;
                }
                if let Some(otherwise) = otherwise {
                    write!(f, " else {otherwise}")?;
                }
                f.write_str(" end")
            }
            Self::Cast { value, to } => write!(f, "cast({value} as {to})"),
            Self::Call { function, args, .. } => {
                write!(f, "{}(", function.name())?;
                for (at, arg) in args.iter().enumerate() {
                    f.write_str(if at > 0 { ", " } else { "" })?;
                    arg.fmt(f)?;
                }
                f.write_str(")")
            }
        }
    }
}

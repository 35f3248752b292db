//! Boolean expressions over a batch: three-valued logic in sets of rows.

use crate::model::{AsOf, CompareOp, DataType, Expr, Function, Value};
use crate::scalar::{Cell, LikePattern, Pattern, PatternError, TextSet};
use crate::source::Bits;

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{ColumnRules, SectionRules, place_of};
use crate::engine::local::batch::computed::Computed;
use crate::engine::local::batch::row_expression::RowExpression;
use crate::engine::local::batch::truth::Truth;
use crate::engine::local::batch::typed::TypedCells;
use crate::engine::local::prepare_error::PrepareError;

/// A condition made ready for many batches.
#[derive(Debug)]
pub(crate) enum Condition {
    Not(Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    /// Two expressions that are not text.
    Compare {
        op: CompareOp,
        left: Computed,
        right: Computed,
    },
    /// An expression that is not text against constants.
    In {
        value: Computed,
        list: Vec<Value>,
        negated: bool,
    },
    /// A text column against another.
    CompareTexts {
        op: CompareOp,
        left: usize,
        right: usize,
    },
    /// A part of a text against constants.
    OfText {
        term: Term,
        test: TextTest,
    },
    /// Whether a cell is missing, or (`negated`) is not.
    IsNull {
        column: usize,
        negated: bool,
    },
    /// The result of the first branch whose condition is true; where none is, `otherwise`, or null.
    Case {
        branches: Vec<(Condition, Condition)>,
        otherwise: Option<Box<Condition>>,
    },
    /// A column of truth values.
    Flag(usize),
    /// One that several rules share: its place among those, and what it is.
    Shared(usize, Box<Condition>),
    /// Everything else, row by row.
    Other(RowExpression),
}

/// A text cut out of a column without copying it.
#[derive(Debug)]
pub(crate) struct Term {
    column: usize,
    /// Characters skipped and characters classified.
    part: Option<(usize, usize)>,
}

/// What a text is compared with.
#[derive(Debug)]
pub(crate) enum TextTest {
    Compare(CompareOp, String),
    In { list: TextSet, negated: bool },
    Like { pattern: LikePattern, negated: bool },
    Matches(Pattern),
    StartsWith(String),
    EndsWith(String),
    Contains(String),
}

impl TextTest {
    fn accepts(&self, text: &str) -> bool {
        match self {
            Self::Compare(op, constant) => op.accepts(text.cmp(constant.as_str())),
            Self::In { list, negated } => list.contains(text) != *negated,
            Self::Like { pattern, negated } => pattern.is_match(text) != *negated,
            Self::Matches(pattern) => pattern.is_match(text),
            Self::StartsWith(part) => text.starts_with(part.as_str()),
            Self::EndsWith(part) => text.ends_with(part.as_str()),
            Self::Contains(part) => text.contains(part.as_str()),
        }
    }

    /// The test that a function of a text and a constant expresses.
    fn of_call(function: Function, constant: &str) -> Option<Result<Self, PatternError>> {
        Some(Ok(match function {
            Function::Matches => match Pattern::compile(constant, true) {
                Ok(pattern) => Self::Matches(pattern),
                Err(problem) => return Some(Err(problem)),
            },
            Function::StartsWith => Self::StartsWith(constant.to_owned()),
            Function::EndsWith => Self::EndsWith(constant.to_owned()),
            Function::Contains => Self::Contains(constant.to_owned()),
            _ => return None,
        }))
    }
}

impl Term {
    /// `column` or `substr(column, start [, count])` with constants that stay inside the text's beginning.
    fn of(expr: &Expr, rules: &[ColumnRules]) -> Option<Self> {
        let column = |expr: &Expr| match expr {
            Expr::Column { name, data_type: DataType::Text } => place_of(rules, name).ok(),
            _ => None,
        };
        if let Some(column) = column(expr) {
            return Some(Self { column, part: None });
        }
        let Expr::Call { function: Function::Substr, args, .. } = expr else { return None };
        let whole = |arg: &Expr| match arg {
            Expr::Literal(Value::Integer(number)) => usize::try_from(*number).ok(),
            _ => None,
        };
        let start = whole(args.get(1)?).filter(|start| *start > 0)?;
        let count = args.get(2).map_or(Some(usize::MAX), whole)?;
        Some(Self { column: column(args.first()?)?, part: Some((start - 1, count)) })
    }

    fn cut<'t>(&self, text: &'t str) -> &'t str {
        let Some((skip, take)) = self.part else { return text };
        // In ASCII, characters are bytes; only the beginning up to the end of the part has to be.
        let end = skip.saturating_add(take).min(text.len());
        if let Some(head) = text.get(..end)
            && head.is_ascii()
        {
            return &head[skip.min(end)..];
        }
        let start = text.char_indices().nth(skip).map_or(text.len(), |(at, _)| at);
        let rest = &text[start..];
        let end = rest.char_indices().nth(take).map_or(rest.len(), |(at, _)| at);
        &rest[..end]
    }
}

impl Condition {
    /// Prepares a boolean expression over the columns that a pass reads.
    ///
    /// # Errors
    /// A pattern that does not compile, or a column that the pass does not read.
    pub(crate) fn compile(expr: &Expr, rules: &SectionRules, as_of: AsOf) -> Result<Self, PrepareError> {
        let condition = Self::compile_own(expr, rules, as_of)?;
        Ok(match rules.shared(expr) {
            Some(place) => Self::Shared(place, Box::new(condition)),
            None => condition,
        })
    }

    fn compile_own(expr: &Expr, rules: &SectionRules, as_of: AsOf) -> Result<Self, PrepareError> {
        Ok(match expr {
            Expr::Not(inner) => Self::Not(Box::new(Self::compile(inner, rules, as_of)?)),
            Expr::And(left, right) => {
                Self::And(Box::new(Self::compile(left, rules, as_of)?), Box::new(Self::compile(right, rules, as_of)?))
            }
            Expr::Or(left, right) => {
                Self::Or(Box::new(Self::compile(left, rules, as_of)?), Box::new(Self::compile(right, rules, as_of)?))
            }
            Expr::Compare { op, left, right } => {
                if let (
                    Expr::Column { name, data_type: DataType::Text },
                    Expr::Column { name: other, data_type: DataType::Text },
                ) = (left.as_ref(), right.as_ref())
                {
                    let (left, right) = (place_of(rules, name)?, place_of(rules, other)?);
                    return Ok(Self::CompareTexts { op: *op, left, right });
                }
                if let Expr::Literal(Value::Text(text)) = right.as_ref()
                    && let Some(term) = Term::of(left, rules)
                {
                    return Ok(Self::OfText { term, test: TextTest::Compare(*op, text.clone()) });
                }
                match (Computed::of(left, rules, as_of), Computed::of(right, rules, as_of)) {
                    (Some(left), Some(right)) => Self::Compare { op: *op, left, right },
                    _ => Self::other(expr, rules, as_of)?,
                }
            }
            Expr::In { value, list, negated } => {
                let texts = list.iter().map(|item| match item {
                    Value::Text(text) => Some(text.clone()),
                    _ => None,
                });
                if let (Some(term), Some(list)) = (Term::of(value, rules), texts.collect::<Option<Vec<_>>>()) {
                    return Ok(Self::OfText {
                        term,
                        test: TextTest::In { list: TextSet::new(&list), negated: *negated },
                    });
                }
                match Computed::of(value, rules, as_of) {
                    Some(value) => Self::In { value, list: list.clone(), negated: *negated },
                    None => Self::other(expr, rules, as_of)?,
                }
            }
            Expr::Like { value, pattern, negated } => match Term::of(value, rules) {
                Some(term) => {
                    let pattern = LikePattern::compile(pattern)?;
                    Self::OfText { term, test: TextTest::Like { pattern, negated: *negated } }
                }
                None => Self::other(expr, rules, as_of)?,
            },
            Expr::IsNull { value, negated } => match value.as_ref() {
                Expr::Column { name, .. } => Self::IsNull { column: place_of(rules, name)?, negated: *negated },
                _ => Self::other(expr, rules, as_of)?,
            },
            Expr::Case { branches, otherwise, data_type: DataType::Boolean } => {
                let compile = |expr: &Expr| Self::compile(expr, rules, as_of);
                let branch = |(condition, result): &(Expr, Expr)| Ok((compile(condition)?, compile(result)?));
                Self::Case {
                    branches: branches.iter().map(branch).collect::<Result<_, PrepareError>>()?,
                    otherwise: otherwise.as_deref().map(compile).transpose()?.map(Box::new),
                }
            }
            Expr::Column { name, data_type: DataType::Boolean } => Self::Flag(place_of(rules, name)?),
            Expr::Call { function, args, .. } => match args.as_slice() {
                [text, Expr::Literal(Value::Text(constant))] => {
                    match (Term::of(text, rules), TextTest::of_call(*function, constant)) {
                        (Some(term), Some(test)) => Self::OfText { term, test: test? },
                        _ => Self::other(expr, rules, as_of)?,
                    }
                }
                _ => Self::other(expr, rules, as_of)?,
            },
            _ => Self::other(expr, rules, as_of)?,
        })
    }

    fn other(expr: &Expr, rules: &[ColumnRules], as_of: AsOf) -> Result<Self, PrepareError> {
        RowExpression::compile(expr, rules, as_of).map(Self::Other)
    }

    /// The truth of the condition for each row of a batch.
    pub(crate) fn evaluate(&self, cells: &Cells<'_>) -> Truth {
        match self {
            Self::Not(inner) => {
                let Truth { yes, no, unreadable } = inner.evaluate(cells);
                Truth { yes: no, no: yes, unreadable }
            }
            Self::And(left, right) => {
                let (a, b) = (left.evaluate(cells), right.evaluate(cells));
                let no = a.no.or(&b.no);
                let unreadable = a.unreadable.or(&b.unreadable).without(&no);
                Truth { yes: a.yes.and(&b.yes), no, unreadable }
            }
            Self::Or(left, right) => {
                let (a, b) = (left.evaluate(cells), right.evaluate(cells));
                let yes = a.yes.or(&b.yes);
                let unreadable = a.unreadable.or(&b.unreadable).without(&yes);
                Truth { no: a.no.and(&b.no), yes, unreadable }
            }
            Self::Compare { op, left, right } => Computed::compare(cells, *op, left, right),
            Self::In { value, list, negated } => value.is_in(cells, list, *negated),
            Self::CompareTexts { op, left, right } => compare_texts(cells, *op, *left, *right),
            Self::OfText { term, test } => of_text(cells, term, test),
            Self::IsNull { column, negated } => {
                let present = cells.present(*column).clone();
                let missing = present.not();
                let (yes, no) = if *negated { (present, missing) } else { (missing, present) };
                Truth { yes, no, unreadable: Bits::none(cells.rows()) }
            }
            Self::Case { branches, otherwise } => {
                let none = || Bits::none(cells.rows());
                let mut truth = Truth { yes: none(), no: none(), unreadable: none() };
                let mut rest = Bits::all(cells.rows());
                for (condition, result) in branches {
                    let condition = condition.evaluate(cells);
                    truth.enter(&rest.and(&condition.yes), &result.evaluate(cells));
                    truth.unreadable = truth.unreadable.or(&rest.and(&condition.unreadable));
                    rest = rest.without(&condition.yes).without(&condition.unreadable);
                }
                if let Some(otherwise) = otherwise {
                    truth.enter(&rest, &otherwise.evaluate(cells));
                }
                truth
            }
            Self::Flag(column) => match cells.typed(*column, DataType::Boolean) {
                TypedCells::Boolean(flags) => {
                    let values: &[bool] = &flags.values;
                    let holds = Bits::from_fn(values.len(), |row| values[row]);
                    let (yes, no) = (flags.valid.and(&holds), flags.valid.without(&holds));
                    Truth { yes, no, unreadable: flags.unreadable.clone() }
                }
                _ => none_parses(cells, *column),
            },
            Self::Shared(place, inner) => cells.truth(*place, || inner.evaluate(cells)).clone(),
            Self::Other(expression) => row_by_row(cells, expression),
        }
    }
}

fn of_text(cells: &Cells<'_>, term: &Term, test: &TextTest) -> Truth {
    let rows = cells.rows();
    if cells.text(term.column).is_none() {
        return none_parses(cells, term.column);
    }
    let there = cells.present(term.column);
    let holds = cells.text_bits(term.column, |text| test.accepts(term.cut(text)));
    Truth { yes: there.and(&holds), no: there.without(&holds), unreadable: Bits::none(rows) }
}

fn row_by_row(cells: &Cells<'_>, expression: &RowExpression) -> Truth {
    let rows = cells.rows();
    let mut truth = Truth { yes: Bits::none(rows), no: Bits::none(rows), unreadable: Bits::none(rows) };
    let mut rest = Bits::all(rows);
    if let [(_, column)] = expression.columns.as_slice()
        && let Some(dictionary) = cells.dictionary(*column)
    {
        // Rows of equal texts have equal outcomes.
        let outcomes: Vec<Cell> = dictionary.representatives().map(|row| expression.evaluate(cells, row)).collect();
        let rows_with = |outcome: &Cell| {
            let chosen: Vec<bool> = outcomes.iter().map(|cell| cell == outcome).collect();
            dictionary.rows_of(&chosen)
        };
        truth.yes = rows_with(&Cell::Value(Value::Boolean(true)));
        truth.no = rows_with(&Cell::Value(Value::Boolean(false)));
        truth.unreadable = rows_with(&Cell::Unreadable);
        rest = dictionary.rows_of(&vec![true; outcomes.len()]).not();
    }
    for row in rest.ones() {
        match expression.evaluate(cells, row) {
            Cell::Value(Value::Boolean(true)) => truth.yes.set(row),
            Cell::Value(Value::Boolean(false)) => truth.no.set(row),
            Cell::Value(_) => {}
            Cell::Unreadable => truth.unreadable.set(row),
        }
    }
    truth
}

/// A column whose stored type does not convert to the declared one: no cell parses. Binding refuses such rules.
fn none_parses(cells: &Cells<'_>, column: usize) -> Truth {
    let none = Bits::none(cells.rows());
    Truth { yes: none.clone(), no: none, unreadable: cells.present(column).clone() }
}

fn compare_texts(cells: &Cells<'_>, op: CompareOp, left: usize, right: usize) -> Truth {
    let (Some(a), Some(b)) = (cells.text(left), cells.text(right)) else { return none_parses(cells, left) };
    let rows = cells.rows();
    let test = |row| matches!((a.get(row), b.get(row)), (Some(a), Some(b)) if op.accepts(a.cmp(b)));
    let (both, holds) = (cells.present(left).and(cells.present(right)), Bits::from_fn(rows, test));
    Truth { yes: both.and(&holds), no: both.without(&holds), unreadable: Bits::none(rows) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::model::{ArithmeticOp, DAY_MICROS, Decimal, FineInstant, Notation};
    use crate::plan::PlannedColumn;
    use crate::scalar::{date_add_type, date_unit};
    use crate::source::{Batch, Column, Place, TextColumn, Typed};

    /// Columns of each type: `t` and `u` are text, `j` whole numbers written as text, the others stored in their type.
    /// By name, as sections hold them.
    const COLUMNS: [(&str, DataType); 11] = [
        ("a", DataType::Date),
        ("b", DataType::Date),
        ("d", DataType::Decimal),
        ("f", DataType::Boolean),
        ("g", DataType::Float),
        ("i", DataType::Integer),
        ("j", DataType::Integer),
        ("m", DataType::Datetime),
        ("n", DataType::Datetime),
        ("t", DataType::Text),
        ("u", DataType::Text),
    ];

    fn column(name: &str) -> Expr {
        let data_type = COLUMNS.iter().find(|(known, _)| *known == name).expect("a known column").1;
        Expr::Column { name: name.to_owned(), data_type }
    }

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).expect(text)
    }

    fn call(function: Function, args: Vec<Expr>, data_type: DataType) -> Expr {
        Expr::Call { function, args, data_type }
    }

    fn numbers() -> impl Strategy<Value = Expr> {
        let leaf = prop_oneof![
            select(vec!["j", "i", "d", "g"]).prop_map(column),
            select(vec![0, 1, -1, 7, i64::MAX, i64::MIN, 1 << 53]).prop_map(|n| Expr::Literal(Value::Integer(n))),
            select(vec![0.0, 1.0, -1.5, 1e300, 9_007_199_254_740_993.0]).prop_map(|n| Expr::Literal(Value::Float(n))),
            select(vec!["0", "0.1", "-1.50", "9007199254740993.5", "1e37", "9223372036854775808"])
                .prop_map(|text| Expr::Literal(Value::Decimal(decimal(text)))),
            select(vec!["t", "u"]).prop_map(|name| call(Function::Length, vec![column(name)], DataType::Integer)),
            (select(vec![Function::Year, Function::Month, Function::Day]), days()).prop_map(|(part, day)| call(
                part,
                vec![day],
                DataType::Integer
            )),
            (days(), select(vec![0, 1, -40, i64::MAX]), select(vec!["hour", "day", "month"])).prop_map(
                |(at, count, unit)| {
                    let data_type = date_add_type(at.data_type().unwrap(), date_unit(unit).unwrap());
                    let args =
                        vec![at, Expr::Literal(Value::Integer(count)), Expr::Literal(Value::Text(unit.to_owned()))];
                    call(Function::Year, vec![call(Function::DateAdd, args, data_type)], DataType::Integer)
                }
            ),
            (days(), days()).prop_map(|(a, b)| call(Function::DateDiff, vec![a, b], DataType::Integer)),
            (days(), proptest::option::of(days())).prop_map(|(a, b)| call(
                Function::Age,
                [a].into_iter().chain(b).collect(),
                DataType::Integer
            )),
        ];
        leaf.prop_recursive(3, 12, 2, |inner| {
            let ops = select(vec![
                ArithmeticOp::Add,
                ArithmeticOp::Subtract,
                ArithmeticOp::Multiply,
                ArithmeticOp::Divide,
                ArithmeticOp::Remainder,
            ]);
            prop_oneof![
                (ops, inner.clone(), inner.clone()).prop_map(|(op, left, right)| Expr::Arithmetic {
                    op,
                    left: Box::new(left),
                    right: Box::new(right)
                }),
                inner.clone().prop_map(|inner| Expr::Negate(Box::new(inner))),
                inner.clone().prop_map(|inner| {
                    let data_type = inner.data_type().unwrap_or(DataType::Decimal);
                    call(Function::Abs, vec![inner.clone()], data_type)
                }),
                inner.prop_map(|inner| {
                    let data_type = inner.data_type().unwrap_or(DataType::Decimal);
                    call(Function::Round, vec![inner.clone()], data_type)
                }),
            ]
        })
    }

    fn days() -> impl Strategy<Value = Expr> {
        prop_oneof![
            select(vec!["a", "b", "m", "n"]).prop_map(column),
            select(vec![0, 11_016, i32::MAX]).prop_map(|day| Expr::Literal(Value::Date(day))),
            select(vec![0, DAY_MICROS * 11_016 + 5]).prop_map(|tick| Expr::Literal(Value::Datetime(tick))),
            select(vec![0, 1, 999])
                .prop_map(|nanos| Expr::Literal(Value::of_instant(FineInstant { micros: 0, nanos }))),
        ]
    }

    fn texts() -> impl Strategy<Value = Expr> {
        prop_oneof![
            select(vec!["t", "u"]).prop_map(column),
            (select(vec!["t", "u"]), 1..4_i64, 0..3_i64).prop_map(|(name, start, count)| call(
                Function::Substr,
                vec![column(name), Expr::Literal(Value::Integer(start)), Expr::Literal(Value::Integer(count))],
                DataType::Text
            )),
            select(vec!["t", "u"]).prop_map(|name| call(Function::Upper, vec![column(name)], DataType::Text)),
            "[ab]{0,2}".prop_map(|text| Expr::Literal(Value::Text(text))),
        ]
    }

    fn conditions() -> impl Strategy<Value = Expr> {
        let ops = || {
            select(vec![
                CompareOp::Equal,
                CompareOp::NotEqual,
                CompareOp::Less,
                CompareOp::LessOrEqual,
                CompareOp::Greater,
                CompareOp::GreaterOrEqual,
            ])
        };
        let compared = |(op, left, right)| Expr::Compare { op, left: Box::new(left), right: Box::new(right) };
        let number = || {
            prop_oneof![
                (0..3_i64).prop_map(Value::Integer),
                (0..3_i32).prop_map(|n| Value::Decimal(n.into())),
                (0..3_i32).prop_map(|n| Value::Float(f64::from(n))),
                Just(Value::Null)
            ]
        };
        let text = || prop_oneof!["[ab]{0,2}".prop_map(Value::Text), Just(Value::Null)];
        let part = select(vec![Function::StartsWith, Function::EndsWith, Function::Contains, Function::Matches]);
        let leaf = prop_oneof![
            (ops(), numbers(), numbers()).prop_map(compared),
            (ops(), days(), days()).prop_map(compared),
            (ops(), texts(), texts()).prop_map(compared),
            (numbers(), proptest::collection::vec(number(), 1..4), any::<bool>())
                .prop_map(|(value, list, negated)| Expr::In { value: Box::new(value), list, negated }),
            (texts(), proptest::collection::vec(text(), 1..4), any::<bool>())
                .prop_map(|(value, list, negated)| Expr::In { value: Box::new(value), list, negated }),
            (texts(), "[ab%_]{0,3}", any::<bool>()).prop_map(|(value, pattern, negated)| Expr::Like {
                value: Box::new(value),
                pattern,
                negated
            }),
            (prop_oneof![texts(), numbers(), days()], any::<bool>())
                .prop_map(|(value, negated)| Expr::IsNull { value: Box::new(value), negated }),
            (part, texts(), "[ab]{0,2}").prop_map(|(function, value, part)| call(
                function,
                vec![value, Expr::Literal(Value::Text(part))],
                DataType::Boolean
            )),
            Just(column("f")),
        ];
        leaf.prop_recursive(3, 8, 2, |inner| {
            prop_oneof![
                inner.clone().prop_map(|inner| Expr::Not(Box::new(inner))),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| Expr::And(Box::new(a), Box::new(b))),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| Expr::Or(Box::new(a), Box::new(b))),
                (
                    proptest::collection::vec((inner.clone(), inner.clone()), 1..3),
                    proptest::option::of(inner.prop_map(Box::new))
                )
                    .prop_map(|(branches, otherwise)| Expr::Case {
                        branches,
                        otherwise,
                        data_type: DataType::Boolean
                    }),
            ]
        })
    }

    fn spans(cells: &[Option<String>]) -> Column {
        let mut text = String::new();
        let spans = cells.iter().map(|cell| {
            let Some(cell) = cell else { return TextColumn::ABSENT };
            let start = u32::try_from(text.len()).expect("short");
            text.push_str(cell);
            (start, u32::try_from(text.len()).expect("short"))
        });
        let spans = spans.collect();
        Column::Text(TextColumn::Spans { text: Arc::from(text), spans })
    }

    fn typed<T: Clone + Default>(cells: &[Option<T>]) -> Typed<T> {
        let values = cells.iter().map(|cell| cell.clone().unwrap_or_default()).collect();
        let valid = cells.iter().any(Option::is_none);
        Typed { values, valid: valid.then(|| Bits::from_fn(cells.len(), |row| cells[row].is_some())), unreadable: None }
    }

    proptest! {
        #[test]
        fn a_batch_at_once_gives_what_its_rows_give(
            condition in conditions(),
            repeats: bool,
            rows in proptest::collection::vec(
                (
                    proptest::option::of("[ab]{0,3}|é| "),
                    proptest::option::of("[ab]{0,2}"),
                    proptest::option::of("-?[0-9]{1,2}|x|9223372036854775807|9223372036854775808"),
                    proptest::option::of(select(vec![0, 1, -7, i64::MAX, i64::MIN, (1 << 53) + 1])),
                    proptest::option::of(select(vec!["0", "-0.00", "1", "2.5", "0.1", "-1e37", "9007199254740993"])),
                    proptest::option::of(select(vec![0, 59, 11_016, -719_162, i32::MAX])),
                    proptest::option::of(select(vec![0, 1, 11_016])),
                    proptest::option::of(select(vec![0, DAY_MICROS * 11_016 + 5, -1, i64::MAX])),
                    proptest::option::of(any::<bool>()),
                    proptest::option::of(select(vec![0.0, -0.0, 1.0, 2.5, 1e308, f64::NAN])),
                    proptest::option::of(select(vec![(0, 0), (0, 1), (DAY_MICROS * 11_016 + 5, 0), (-1, 999)])),
                ),
                1..40,
            )
        ) {
            let rows: Vec<_> = if repeats { rows.iter().cycle().take(3 * rows.len()).cloned().collect() } else { rows };
            macro_rules! column_of {
                ($at:tt) => { rows.iter().map(|row| row.$at.clone()).collect::<Vec<_>>() };
            }
            let instant = |(micros, nanos)| FineInstant { micros, nanos };
            let instants: Vec<_> = rows.iter().map(|row| row.10.map(instant)).collect();
            let batch = Batch {
                place: Place { file: 0, part: 0 },
                rows: rows.len(),
                columns: vec![
                    Column::Date(typed(&column_of!(5))),
                    Column::Date(typed(&column_of!(6))),
                    Column::Decimal(typed(&column_of!(4).iter().map(|cell| cell.map(decimal)).collect::<Vec<_>>())),
                    Column::Boolean(typed(&column_of!(8))),
                    Column::Float(typed(&column_of!(9))),
                    Column::Integer(typed(&column_of!(3))),
                    spans(&column_of!(2)),
                    Column::Datetime(typed(&column_of!(7))),
                    Column::Nanoseconds(typed(&instants)),
                    spans(&column_of!(0)),
                    Column::Text(TextColumn::Views(column_of!(1).iter().map(Option::as_deref).collect())),
                ],
                malformed: Vec::new(),
                lines: None,
            };
            let planned: BTreeMap<String, PlannedColumn> = COLUMNS
                .iter()
                .map(|(name, data_type)| {
                    let missing = ["a".to_owned()].into();
                    ((*name).to_owned(), PlannedColumn { data_type: *data_type, format: None, notation: Notation::default(), missing })
                })
                .collect();
            // Where another rule has the condition too, its parts are shared.
            let again = if repeats { condition.clone() } else { Expr::Literal(Value::Boolean(true)) };
            let names: Vec<String> = COLUMNS.iter().map(|(name, _)| (*name).to_owned()).collect();
            let rules = SectionRules::prepare(&names, &planned, [&condition, &again].into_iter()).expect("no formats");
            let as_of = AsOf::parse("2024-02-29").expect("a day");
            let cells = Cells::new(&batch, &rules);
            let at_once = Condition::compile(&condition, &rules, as_of).expect("compiles").evaluate(&cells);
            let expression = RowExpression::compile(&condition, &rules, as_of).expect("compiles");
            for row in 0..batch.rows {
                let expected = match expression.evaluate(&cells, row) {
                    Cell::Value(Value::Boolean(flag)) => (flag, !flag, false),
                    Cell::Value(_) => (false, false, false),
                    Cell::Unreadable => (false, false, true),
                };
                let found = (at_once.yes.get(row), at_once.no.get(row), at_once.unreadable.get(row));
                prop_assert_eq!(found, expected, "row {} of {:?}", row, condition);
            }
        }
    }
}

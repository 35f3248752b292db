//! Boolean expressions over a batch: three-valued logic in sets of rows.

use crate::model::{AsOf, CompareOp, DataType, Expr, Function, Value};
use crate::scalar::{Cell, Evaluator, TextSet};
use crate::source::Bits;

use super::cells::{Cells, ColumnRules, Reads, TypedCells, place_of};

/// The rows of a batch by the truth of a condition; rows in none of the sets are unknown.
#[derive(Debug, Clone)]
pub(super) struct Truth {
    /// Rows for which it is true.
    pub yes: Bits,
    /// Rows for which it is false.
    pub no: Bits,
    /// Rows for which it hangs on a cell that does not read.
    pub unreadable: Bits,
}

/// A condition made ready for many batches.
#[derive(Debug)]
pub(super) enum Condition {
    Not(Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    /// A column against a column or a constant of the same type.
    Compare {
        op: CompareOp,
        data_type: DataType,
        left: usize,
        right: Operand,
    },
    /// A part of a text against constants.
    OfText {
        term: Term,
        test: TextTest,
    },
    /// Everything else, row by row.
    Other(RowExpression),
}

/// A text cut out of a column without copying it.
#[derive(Debug)]
pub(super) struct Term {
    column: usize,
    /// Characters skipped and characters taken.
    part: Option<(usize, usize)>,
}

/// What a text is compared with.
#[derive(Debug)]
pub(super) enum TextTest {
    Compare(CompareOp, String),
    In { list: TextSet, negated: bool },
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

/// The right side of a comparison.
#[derive(Debug)]
pub(super) enum Operand {
    Column(usize),
    Constant(Value),
}

/// Any expression, worked out row by row.
#[derive(Debug)]
pub(super) struct RowExpression {
    evaluator: Evaluator,
    /// The columns that it reads.
    columns: Vec<(String, usize)>,
}

impl RowExpression {
    /// Prepares an expression over the columns that a pass reads.
    ///
    /// # Errors
    /// A pattern that does not compile, or a column that the pass does not read.
    pub(super) fn compile(expr: &Expr, rules: &[ColumnRules], as_of: AsOf) -> Result<Self, String> {
        let mut columns: Vec<(String, usize)> = Vec::new();
        for name in expr.columns() {
            let at = place_of(rules, name)?;
            if !columns.iter().any(|(known, _)| known == name) {
                columns.push((name.to_owned(), at));
            }
        }
        Ok(Self { evaluator: Evaluator::compile(expr, as_of)?, columns })
    }

    /// The value for one row of a batch.
    pub(super) fn evaluate(&self, cells: &Cells<'_>, row: usize) -> Cell {
        let lookup = |name: &str| match self.columns.iter().find(|(known, _)| known == name) {
            Some((_, column)) => cells.cell(*column, row),
            None => Cell::Unreadable,
        };
        self.evaluator.evaluate(&lookup, &[])
    }
}

impl Condition {
    /// Prepares a boolean expression over the columns that a pass reads.
    ///
    /// # Errors
    /// A pattern that does not compile, or a column that the pass does not read.
    pub(super) fn compile(expr: &Expr, rules: &[ColumnRules], as_of: AsOf) -> Result<Self, String> {
        Ok(match expr {
            Expr::Not(inner) => Self::Not(Box::new(Self::compile(inner, rules, as_of)?)),
            Expr::And(left, right) => {
                Self::And(Box::new(Self::compile(left, rules, as_of)?), Box::new(Self::compile(right, rules, as_of)?))
            }
            Expr::Or(left, right) => {
                Self::Or(Box::new(Self::compile(left, rules, as_of)?), Box::new(Self::compile(right, rules, as_of)?))
            }
            Expr::Compare { op, left, right } => match (left.as_ref(), right.as_ref()) {
                (Expr::Column { name, data_type }, Expr::Column { name: other, data_type: same })
                    if data_type == same && is_ordered(*data_type) =>
                {
                    let right = Operand::Column(place_of(rules, other)?);
                    Self::Compare { op: *op, data_type: *data_type, left: place_of(rules, name)?, right }
                }
                (Expr::Column { name, data_type }, Expr::Literal(value))
                    if value.data_type() == Some(*data_type) && is_ordered(*data_type) =>
                {
                    let right = Operand::Constant(value.clone());
                    Self::Compare { op: *op, data_type: *data_type, left: place_of(rules, name)?, right }
                }
                (term, Expr::Literal(Value::Text(text))) => match Term::of(term, rules) {
                    Some(term) => Self::OfText { term, test: TextTest::Compare(*op, text.clone()) },
                    None => Self::other(expr, rules, as_of)?,
                },
                _ => Self::other(expr, rules, as_of)?,
            },
            Expr::In { value, list, negated } => {
                let texts = list.iter().map(|item| match item {
                    Value::Text(text) => Some(text.clone()),
                    _ => None,
                });
                match (Term::of(value, rules), texts.collect::<Option<Vec<_>>>()) {
                    (Some(term), Some(list)) => {
                        let test = TextTest::In { list: TextSet::new(&list), negated: *negated };
                        Self::OfText { term, test }
                    }
                    _ => Self::other(expr, rules, as_of)?,
                }
            }
            _ => Self::other(expr, rules, as_of)?,
        })
    }

    fn other(expr: &Expr, rules: &[ColumnRules], as_of: AsOf) -> Result<Self, String> {
        RowExpression::compile(expr, rules, as_of).map(Self::Other)
    }

    /// The truth of the condition for each row of a batch.
    pub(super) fn evaluate(&self, cells: &Cells<'_>) -> Truth {
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
            Self::Compare { op, data_type, left, right } => compare(cells, *op, *data_type, *left, right),
            Self::OfText { term, test } => of_text(cells, term, test),
            Self::Other(expression) => row_by_row(cells, expression),
        }
    }
}

/// Types whose comparison needs nothing but the order of their values.
fn is_ordered(data_type: DataType) -> bool {
    matches!(data_type, DataType::Text | DataType::Integer | DataType::Decimal | DataType::Date | DataType::Datetime)
}

fn of_text(cells: &Cells<'_>, term: &Term, test: &TextTest) -> Truth {
    let rows = cells.rows();
    if cells.text(term.column).is_none() {
        return nothing_reads(cells, term.column);
    }
    let there = cells.present(term.column);
    let holds = cells.text_bits(term.column, |text| {
        let part = term.cut(text);
        match test {
            TextTest::Compare(op, constant) => op.accepts(part.cmp(constant.as_str())),
            TextTest::In { list, negated } => list.contains(part) != *negated,
        }
    });
    Truth { yes: there.and(&holds), no: there.without(&holds), unreadable: Bits::none(rows) }
}

fn row_by_row(cells: &Cells<'_>, expression: &RowExpression) -> Truth {
    let rows = cells.rows();
    let mut truth = Truth { yes: Bits::none(rows), no: Bits::none(rows), unreadable: Bits::none(rows) };
    for row in 0..rows {
        match expression.evaluate(cells, row) {
            Cell::Value(Value::Boolean(true)) => truth.yes.set(row),
            Cell::Value(Value::Boolean(false)) => truth.no.set(row),
            Cell::Value(_) => {}
            Cell::Unreadable => truth.unreadable.set(row),
        }
    }
    truth
}

fn compare(cells: &Cells<'_>, op: CompareOp, data_type: DataType, left: usize, right: &Operand) -> Truth {
    if data_type == DataType::Text {
        return compare_text(cells, op, left, right);
    }
    let a = cells.typed(left, data_type);
    match right {
        Operand::Column(right) => match (a, cells.typed(*right, data_type)) {
            (TypedCells::Integer(a), TypedCells::Integer(b)) | (TypedCells::Datetime(a), TypedCells::Datetime(b)) => {
                of_pairs(op, a, b)
            }
            (TypedCells::Decimal(a), TypedCells::Decimal(b)) => of_pairs(op, a, b),
            (TypedCells::Date(a), TypedCells::Date(b)) => of_pairs(op, a, b),
            _ => nothing_reads(cells, left),
        },
        Operand::Constant(value) => match (a, value) {
            (TypedCells::Integer(a), Value::Integer(b)) | (TypedCells::Datetime(a), Value::Datetime(b)) => {
                of_constant(op, a, b)
            }
            (TypedCells::Decimal(a), Value::Decimal(b)) => of_constant(op, a, b),
            (TypedCells::Date(a), Value::Date(b)) => of_constant(op, a, b),
            _ => nothing_reads(cells, left),
        },
    }
}

/// A column that is stored in a type it cannot be read in; refused when rules are bound.
fn nothing_reads(cells: &Cells<'_>, column: usize) -> Truth {
    let none = Bits::none(cells.rows());
    Truth { yes: none.clone(), no: none, unreadable: cells.present(column).clone() }
}

fn of_constant<T: PartialOrd + Clone>(op: CompareOp, a: &Reads<'_, T>, b: &T) -> Truth {
    let values: &[T] = &a.values;
    let holds = Bits::from_fn(values.len(), |row| values[row].partial_cmp(b).is_some_and(|order| op.accepts(order)));
    Truth { yes: a.valid.and(&holds), no: a.valid.without(&holds), unreadable: a.unreadable.clone() }
}

fn of_pairs<T: PartialOrd + Clone>(op: CompareOp, a: &Reads<'_, T>, b: &Reads<'_, T>) -> Truth {
    let both = a.valid.and(&b.valid);
    let (left, right): (&[T], &[T]) = (&a.values, &b.values);
    let holds =
        Bits::from_fn(left.len(), |row| left[row].partial_cmp(&right[row]).is_some_and(|order| op.accepts(order)));
    Truth { yes: both.and(&holds), no: both.without(&holds), unreadable: a.unreadable.or(&b.unreadable) }
}

fn compare_text(cells: &Cells<'_>, op: CompareOp, left: usize, right: &Operand) -> Truth {
    let rows = cells.rows();
    let (Some(a), none) = (cells.text(left), Bits::none(rows)) else { return nothing_reads(cells, left) };
    let (both, holds) = match right {
        Operand::Constant(Value::Text(b)) => {
            (cells.present(left).clone(), cells.text_bits(left, |text| op.accepts(text.cmp(b.as_str()))))
        }
        Operand::Column(right) => match cells.text(*right) {
            Some(b) => {
                let test = |row| matches!((a.get(row), b.get(row)), (Some(a), Some(b)) if op.accepts(a.cmp(b)));
                (cells.present(left).and(cells.present(*right)), Bits::from_fn(rows, test))
            }
            None => return nothing_reads(cells, left),
        },
        Operand::Constant(_) => return nothing_reads(cells, left),
    };
    Truth { yes: both.and(&holds), no: both.without(&holds), unreadable: none }
}

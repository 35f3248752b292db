//! Totals of the rows of a group, added up batch by batch.

use std::collections::HashMap;

use crate::model::{Aggregate, AggregateFunction, AsOf, Expr, Value};
use crate::scalar::Cell;
use crate::source::Bits;

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{SectionRules, place_of};
use crate::engine::local::batch::row_expression::RowExpression;
use crate::engine::local::batch::typed::{Reads, TypedCells};
use crate::engine::local::cost_model::nanoseconds as ns;
use crate::engine::local::cost_model::operands;
use crate::engine::local::keys::hashed::{Key, halves};
use crate::engine::local::keys::words::{BuildWordHasher, Words};
use crate::engine::local::numbers::decimal_sum::{SUM_WORDS, Sum};
use crate::engine::local::prepare_error::PrepareError;

/// Words of a total: the sum, and how many values could not be added.
pub(crate) const TOTAL_WORDS: usize = SUM_WORDS + 1;

/// Totals made ready for many batches.
#[derive(Debug)]
pub(crate) struct TotalColumns(Vec<Input>);

/// The input of a total.
#[derive(Debug)]
enum Input {
    /// Each row counts.
    Rows,
    /// Each value counts.
    Count(Of),
    /// Each value is added.
    Sum(Of),
}

#[derive(Debug)]
enum Of {
    Column(usize),
    Expression(RowExpression),
}

impl TotalColumns {
    /// Prepares totals over the columns that a pass reads.
    ///
    /// # Errors
    /// An expression that does not compile, an aggregate that is neither a count nor a sum.
    pub(crate) fn prepare(totals: &[Aggregate], rules: &SectionRules, as_of: AsOf) -> Result<Self, PrepareError> {
        let of = |value: &Expr| match value {
            Expr::Column { name, .. } => place_of(rules, name).map(Of::Column),
            other => RowExpression::compile(other, rules, as_of).map(Of::Expression),
        };
        let input = |total: &Aggregate| match (total.function, &total.value) {
            (AggregateFunction::Count, None) => Ok(Input::Rows),
            (AggregateFunction::Count, Some(value)) => of(value).map(Input::Count),
            (AggregateFunction::Sum, Some(value)) => of(value).map(Input::Sum),
            _ => Err(PrepareError::NoTotal(total.to_string())),
        };
        totals.iter().map(input).collect::<Result<_, _>>().map(Self)
    }

    /// Words of all totals.
    pub(crate) const fn words(&self) -> usize {
        self.0.len() * TOTAL_WORDS
    }

    /// The empty totals of a batch.
    pub(crate) fn batch<'c, 'a>(&'c self, cells: &'c Cells<'a>) -> BatchTotals<'c, 'a> {
        BatchTotals {
            cells,
            views: self.0.iter().map(|input| View::of(input, cells)).collect(),
            places: HashMap::default(),
            groups: Vec::new(),
            words: Vec::new(),
            buffer: String::new(),
        }
    }
}

/// The totals of the rows of one batch, by group.
pub(crate) struct BatchTotals<'c, 'a> {
    cells: &'c Cells<'a>,
    views: Vec<View<'c, 'a>>,
    places: HashMap<Words<2>, usize, BuildWordHasher>,
    /// Each group and its first row.
    groups: Vec<(Key, usize)>,
    words: Vec<u64>,
    buffer: String,
}

impl BatchTotals<'_, '_> {
    /// Adds a row to its group.
    pub(crate) fn add(&mut self, row: usize, key: Key) {
        let size = self.views.len() * TOTAL_WORDS;
        let next = self.groups.len();
        let place = *self.places.entry(Words(halves(key))).or_insert(next);
        if place == next {
            self.groups.push((key, row));
            self.words.resize((next + 1) * size, 0);
        }
        let totals = self.words[place * size..][..size].as_chunks_mut::<TOTAL_WORDS>().0;
        for (view, total) in self.views.iter().zip(totals) {
            match view.amount(self.cells, row, &mut self.buffer) {
                Amount::None => {}
                Amount::Of(amount) => add(total, amount),
                Amount::Unreadable => total[SUM_WORDS] += 1,
            }
        }
    }

    /// Each group with its first row and its totals.
    pub(crate) fn groups(&self) -> impl Iterator<Item = (Key, usize, &[u64])> {
        // A total at the least.
        let size = (self.views.len() * TOTAL_WORDS).max(1);
        self.groups.iter().zip(self.words.chunks_exact(size)).map(|((key, row), words)| (*key, *row, words))
    }
}

pub(crate) fn sum_of(total: [u64; TOTAL_WORDS]) -> Sum {
    let [first, second, third, _] = total;
    Sum([first, second, third])
}

pub(crate) fn add(total: &mut [u64; TOTAL_WORDS], amount: Sum) {
    let [first, second, third] = sum_of(*total).plus(amount).0;
    *total = [first, second, third, total[SUM_WORDS]];
}

/// What a row adds to a total.
pub(crate) enum Amount {
    None,
    Of(Sum),
    Unreadable,
}

impl Amount {
    fn or_unreadable(sum: Option<Sum>) -> Self {
        sum.map_or(Self::Unreadable, Self::Of)
    }
}

/// The input of a total, in one batch.
enum View<'c, 'a> {
    Rows,
    /// These values count; those are unparseable.
    Count(&'c Bits, Option<&'c Bits>),
    CountExpression(&'c RowExpression),
    Integers(&'c Reads<'a, i64>),
    /// Floats, and the column whose texts keep all digits.
    Decimals(&'c Reads<'a, f64>, usize),
    SumExpression(&'c RowExpression),
}

impl<'c, 'a> View<'c, 'a> {
    fn of(input: &'c Input, cells: &'c Cells<'a>) -> Self {
        match input {
            Input::Rows => Self::Rows,
            Input::Count(Of::Expression(expression)) => Self::CountExpression(expression),
            Input::Sum(Of::Expression(expression)) => Self::SumExpression(expression),
            Input::Count(Of::Column(at)) if cells.data_type(*at).is_textual() => Self::Count(cells.present(*at), None),
            Input::Count(Of::Column(at)) => {
                let typed = cells.typed(*at, cells.data_type(*at));
                Self::Count(typed.valid(), Some(typed.unreadable()))
            }
            Input::Sum(Of::Column(at)) => match cells.typed(*at, cells.data_type(*at)) {
                TypedCells::Integer(reads) => Self::Integers(reads),
                TypedCells::Decimal(reads) => Self::Decimals(reads, *at),
                // Binding refuses such a rule.
                other => Self::Count(other.valid(), Some(other.unreadable())),
            },
        }
    }

    fn amount(&self, cells: &Cells<'_>, row: usize, buffer: &mut String) -> Amount {
        match self {
            Self::Rows => Amount::Of(Sum::ONE),
            Self::Count(valid, _) if valid.get(row) => Amount::Of(Sum::ONE),
            Self::Count(_, Some(unreadable)) if unreadable.get(row) => Amount::Unreadable,
            Self::Integers(reads) if reads.valid.get(row) => Amount::Of(Sum::of_integer(reads.values[row])),
            Self::Integers(reads) if reads.unreadable.get(row) => Amount::Unreadable,
            Self::Decimals(reads, at) if reads.valid.get(row) => {
                // With an exponent, or with too many digits, its float counts.
                let written = cells.plain(*at, row).and_then(|text| Sum::of_text(&text));
                Amount::or_unreadable(written.or_else(|| Sum::of_float(reads.values[row], buffer)))
            }
            Self::Decimals(reads, _) if reads.unreadable.get(row) => Amount::Unreadable,
            Self::Count(..) | Self::Integers(_) | Self::Decimals(..) => Amount::None,
            Self::CountExpression(expression) => match expression.evaluate(cells, row) {
                Cell::Value(Value::Null) => Amount::None,
                Cell::Value(_) => Amount::Of(Sum::ONE),
                Cell::Unreadable => Amount::Unreadable,
            },
            Self::SumExpression(expression) => match expression.evaluate(cells, row) {
                Cell::Value(Value::Null) => Amount::None,
                Cell::Value(Value::Integer(number)) => Amount::Of(Sum::of_integer(number)),
                Cell::Value(Value::Decimal(number)) => Amount::or_unreadable(Sum::of_float(number, buffer)),
                Cell::Value(_) | Cell::Unreadable => Amount::Unreadable,
            },
        }
    }
}

/// What adding up totals by group costs for each row.
pub(crate) fn cost(totals: &[Aggregate]) -> f64 {
    totals.iter().map(|total| ns::ADD + operands(total)).sum()
}

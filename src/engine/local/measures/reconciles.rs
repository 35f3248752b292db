//! Totals of groups in two datasets.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use num_bigint::BigInt;
use num_rational::BigRational;

use crate::model::{
    Aggregate, AggregateFunction, AsOf, Expr, Reading, Reconciliation, Tolerance, TotalsSide, TotalsTally, Value,
};
use crate::plan::Plan;
use crate::scalar::Cell;
use crate::source::{Bits, TextColumn};

use crate::engine::local::accumulator::{Collector, End, Intake, Taken};
use crate::engine::local::batch::cells::{Cells, Reads, SectionRules, TypedCells, place_of};
use crate::engine::local::batch::condition::RowExpression;
use crate::engine::local::keys::compared::exact;
use crate::engine::local::keys::hashed::{Key, halves};
use crate::engine::local::lookups::cogroup::{Fold, Gathered, Gatherer, Gathers, fold};
use crate::engine::local::lookups::tables::{BySpread, Lookups, Words};
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::numbers::decimal_sum::{SUM_WORDS, Sum};

/// Words of a total: the sum, and how many values could not be added.
pub(crate) const TOTAL_WORDS: usize = SUM_WORDS + 1;

/// Totals made ready for many batches.
#[derive(Debug)]
pub(crate) struct TotalColumns(Vec<Input>);

/// What goes into a total.
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
    /// An expression that does not compile, a figure that is no total.
    pub(crate) fn prepare(totals: &[Aggregate], rules: &SectionRules, as_of: AsOf) -> Result<Self, String> {
        let of = |value: &Expr| match value {
            Expr::Column { name, .. } => place_of(rules, name).map(Of::Column),
            other => RowExpression::compile(other, rules, as_of).map(Of::Expression),
        };
        let input = |total: &Aggregate| match (total.function, &total.value) {
            (AggregateFunction::Count, None) => Ok(Input::Rows),
            (AggregateFunction::Count, Some(value)) => of(value).map(Input::Count),
            (AggregateFunction::Sum, Some(value)) => of(value).map(Input::Sum),
            _ => Err(format!("{total} is no total")),
        };
        totals.iter().map(input).collect::<Result<_, _>>().map(Self)
    }

    /// Words of all totals.
    pub(crate) const fn words(&self) -> usize {
        self.0.len() * TOTAL_WORDS
    }

    /// Nothing added of a batch yet.
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

/// What the rows of one batch add up to, by group.
pub(crate) struct BatchTotals<'c, 'a> {
    cells: &'c Cells<'a>,
    views: Vec<View<'c, 'a>>,
    places: HashMap<Words<2>, usize, BySpread>,
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

fn sum_of(total: [u64; TOTAL_WORDS]) -> Sum {
    let [first, second, third, _] = total;
    Sum([first, second, third])
}

fn add(total: &mut [u64; TOTAL_WORDS], amount: Sum) {
    let [first, second, third] = sum_of(*total).plus(amount).0;
    *total = [first, second, third, total[SUM_WORDS]];
}

/// What a row adds to a total.
enum Amount {
    None,
    Of(Sum),
    Unreadable,
}

impl Amount {
    fn or_unreadable(sum: Option<Sum>) -> Self {
        sum.map_or(Self::Unreadable, Self::Of)
    }
}

/// What goes into a total, in one batch.
enum View<'c, 'a> {
    Rows,
    /// These values count; those do not read.
    Count(&'c Bits, Option<&'c Bits>),
    CountExpression(&'c RowExpression),
    Integers(&'c Reads<'a, i64>),
    /// Beside the floats the text, which keeps all digits.
    Decimals(&'c Reads<'a, f64>, Option<&'c TextColumn>),
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
                TypedCells::Decimal(reads) => Self::Decimals(reads, cells.text(*at)),
                // Refused when the rule is bound.
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
            Self::Decimals(reads, text) if reads.valid.get(row) => {
                let text = text.and_then(|text| text.get(row));
                // With an exponent, or too long, it is what its float is.
                let written = text.and_then(Sum::of_text);
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

/// Totals that wait for the rows of their own dataset.
#[derive(Debug)]
pub(crate) struct Reconciling {
    own: Gatherer,
    other: Arc<Gathered>,
    beside: Beside,
    memory: Arc<KeyMemory>,
}

impl Reconciling {
    /// Prepares totals whose other side was added up before.
    ///
    /// # Errors
    /// Another dataset that could not be read, a column that the pass does not read.
    pub(crate) fn prepare(
        wanted: &Reconciliation,
        rules: &SectionRules,
        plan: &Plan,
        lookups: &Lookups,
        memory: &Arc<KeyMemory>,
    ) -> Result<Self, String> {
        let other = lookups.gathered(&wanted.lookup, plan)?;
        let totals = TotalColumns::prepare(&wanted.totals, rules, plan.as_of)?;
        let beside = Beside {
            totals: wanted.totals.len(),
            is_whole: wanted.by.columns.is_empty(),
            allowed: Allowed::of(wanted.tolerance)?,
        };
        let own = Gatherer::prepare(&wanted.by, Gathers::Totals(totals), true, rules, memory)?;
        Ok(Self { own, other, beside, memory: Arc::clone(memory) })
    }
}

impl Collector for Reconciling {
    fn extend(&self, intake: &Intake<'_, '_>) -> io::Result<Taken> {
        self.own.enter(intake.cells, Some(intake.number), intake.scope)
    }

    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Reading> {
        let own = self.own.finish()?;
        let mut tally = fold(&self.beside, &[&own, &self.other], &self.memory, end)?;
        // Where no dataset has a group, nothing was counted.
        tally.differing_by_total.resize(self.beside.totals, 0);
        tally.here.without_key = own.without_key;
        // Rows of which it cannot be told whether they are in scope among them.
        tally.here.unreadable = end.entered.unreadable;
        tally.there.without_key = self.other.without_key;
        tally.there.unreadable = self.other.unreadable;
        Ok(Reading::Totals(tally))
    }
}

/// The difference of two totals that is borne.
#[derive(Debug)]
enum Allowed {
    /// So many units.
    Units(BigRational),
    /// This part of the other total.
    Part(BigRational),
}

impl Allowed {
    fn of(tolerance: Tolerance) -> Result<Self, String> {
        let (Tolerance::Amount(by) | Tolerance::Percent(by)) = tolerance;
        let by = exact(by).ok_or("the tolerance is no number")?;
        Ok(match tolerance {
            Tolerance::Amount(_) => Self::Units(by * BigRational::from(Sum::ONE.units())),
            Tolerance::Percent(_) => Self::Part(by / BigRational::from(BigInt::from(100))),
        })
    }

    fn bears(&self, here: Sum, there: Sum) -> bool {
        if here == there {
            return true;
        }
        let magnitude = |number: BigInt| BigRational::from(BigInt::from(number.magnitude().clone()));
        let there = there.units();
        let difference = magnitude(here.units() - &there);
        match self {
            Self::Units(units) => difference <= *units,
            Self::Part(part) => difference <= magnitude(there) * part,
        }
    }
}

/// Totals of both datasets side by side. The state of a group: which of them have it, the totals here, the totals there.
#[derive(Debug)]
struct Beside {
    totals: usize,
    is_whole: bool,
    allowed: Allowed,
}

const HERE: u64 = 1;
const THERE: u64 = 2;

impl Fold for Beside {
    type Tally = TotalsTally;

    fn words(&self) -> usize {
        1 + 2 * self.totals * TOTAL_WORDS
    }

    fn enter(&self, side: usize, entry: &[u64], state: &mut [u64]) {
        let Some((has, totals)) = state.split_first_mut() else { return };
        let (here, there) = totals.split_at_mut(self.totals * TOTAL_WORDS);
        let (totals, entry) = if side == 0 {
            *has |= HERE;
            // The row comes first.
            (here, entry.get(1..).unwrap_or_default())
        } else {
            *has |= THERE;
            (there, entry)
        };
        for (total, more) in totals.as_chunks_mut().0.iter_mut().zip(entry.as_chunks::<TOTAL_WORDS>().0) {
            add(total, sum_of(*more));
            total[SUM_WORDS] += more[SUM_WORDS];
        }
    }

    fn judge(&self, state: &[u64], tally: &mut TotalsTally) -> bool {
        let Some((has, totals)) = state.split_first() else { return false };
        let (here, there) = totals.split_at(self.totals * TOTAL_WORDS);
        let (here, there) = (here.as_chunks::<TOTAL_WORDS>().0, there.as_chunks::<TOTAL_WORDS>().0);
        let spoilt = |totals: &[[u64; TOTAL_WORDS]]| totals.iter().map(|total| total[SUM_WORDS]).sum::<u64>();
        let (spoilt_here, spoilt_there) = (spoilt(here), spoilt(there));
        tally.groups += 1;
        tally.here.unreadable_values += spoilt_here;
        tally.there.unreadable_values += spoilt_there;
        // All rows are one group, which both datasets have, be it empty.
        let has = if self.is_whole { HERE | THERE } else { *has };
        let mut fails = has != HERE | THERE;
        if fails {
            tally.only_here += u64::from(has == HERE);
            tally.only_there += u64::from(has == THERE);
        } else {
            tally.differing_by_total.resize(self.totals, 0);
            for ((here, there), differing) in here.iter().zip(there).zip(&mut tally.differing_by_total) {
                let reads = here[SUM_WORDS] == 0 && there[SUM_WORDS] == 0;
                let agrees = reads && self.allowed.bears(sum_of(*here), sum_of(*there));
                *differing += u64::from(!agrees);
                fails |= !agrees;
            }
            tally.matched += u64::from(!fails);
            tally.differing += u64::from(fails);
        }
        tally.unreadable += u64::from(fails && spoilt_here + spoilt_there > 0);
        if self.is_whole && spoilt_here + spoilt_there == 0 {
            let text = |total: &[u64; TOTAL_WORDS]| sum_of(*total).text();
            tally.whole = here.iter().zip(there).map(|(here, there)| (text(here), text(there))).collect();
        }
        // Of the whole there is no row to name.
        fails && !self.is_whole
    }

    fn plus(mut all: TotalsTally, more: TotalsTally) -> TotalsTally {
        let side = |all: &mut TotalsSide, more: TotalsSide| all.unreadable_values += more.unreadable_values;
        all.groups += more.groups;
        all.matched += more.matched;
        all.differing += more.differing;
        all.only_here += more.only_here;
        all.only_there += more.only_there;
        all.unreadable += more.unreadable;
        all.differing_by_total.resize(all.differing_by_total.len().max(more.differing_by_total.len()), 0);
        all.differing_by_total.iter_mut().zip(&more.differing_by_total).for_each(|(all, more)| *all += more);
        all.whole.extend(more.whole);
        side(&mut all.here, more.here);
        side(&mut all.there, more.there);
        all
    }
}

//! Totals of groups in two datasets, as exact decimals.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::{BigInt, Sign};

use crate::model::{
    Aggregate, AggregateFunction, Decimal, Expr, Reading, Reconciliation, Tolerance, TotalsSide, TotalsTally,
    Unmeasured, Value,
};
use crate::plan::Plan;
use crate::scalar::Cell;

use super::data::Data;
use super::lookups::ByKey;
use super::numbers::{Exact, magnitude};
use super::rows::{Column, Key, Row, Table, key};
use super::scope::{Expression, Measured, Scoped, fail};

/// What goes into a total.
enum Input<'t> {
    Rows,
    Column(&'t Column),
    Expression(Expression<'t>),
}

impl<'t> Input<'t> {
    fn of(total: &Aggregate, table: &'t Table, plan: &Plan) -> Result<Self, Unmeasured> {
        match &total.value {
            None => Ok(Self::Rows),
            Some(Expr::Column { name, .. }) => table.column(name).map(Self::Column),
            Some(expr) => Expression::new(expr, table, plan.as_of).map(Self::Expression),
        }
    }

    /// What a row adds, in units: 0 where it has no value, `Err` where the value is unreadable or a float that no decimal equals.
    fn amount(&self, function: AggregateFunction, row: &Row) -> Result<BigInt, ()> {
        let units = |number: Decimal| number.units(Decimal::DIGITS);
        let one = || units(Decimal::from(1));
        let cell = match self {
            Self::Rows => return Ok(one()),
            Self::Column(column) if column.data_type.is_textual() => {
                return Ok(if column.is_missing(row) { BigInt::ZERO } else { one() });
            }
            Self::Column(column) => column.cell(row),
            Self::Expression(expression) => expression.evaluate(row),
        };
        match cell {
            Cell::Value(Value::Null) => Ok(BigInt::ZERO),
            Cell::Value(_) if function == AggregateFunction::Count => Ok(one()),
            Cell::Value(Value::Integer(number)) => Ok(units(number.into())),
            Cell::Value(Value::Decimal(number)) => Ok(units(number)),
            Cell::Value(Value::Float(number)) => Decimal::from_float(number).map(units).ok_or(()),
            Cell::Value(_) | Cell::Unreadable => Err(()),
        }
    }
}

/// Units, of 10^-38, as a decimal is written, with any number of digits.
fn shown(units: &BigInt) -> String {
    let width = usize::from(Decimal::DIGITS) + 1;
    let digits = format!("{:0>width$}", units.magnitude().to_string());
    let (whole, places) = digits.split_at(digits.len() + 1 - width);
    let places = places.trim_end_matches('0');
    let sign = if units.sign() == Sign::Minus { "-" } else { "" };
    format!("{sign}{whole}{}{places}", if places.is_empty() { "" } else { "." })
}

/// The totals of a group: the sums, and for each how many values could not be added.
#[derive(Default, Clone)]
struct Totals(Vec<(BigInt, u64)>);

impl Totals {
    fn of(totals: &[Aggregate], inputs: &[Input<'_>], rows: &[&Row]) -> Self {
        let total = |(total, input): (&Aggregate, &Input<'_>)| {
            let amounts: Vec<Result<BigInt, ()>> = rows.iter().map(|row| input.amount(total.function, row)).collect();
            let unreadable = amounts.iter().filter(|amount| amount.is_err()).count() as u64;
            (amounts.into_iter().flatten().sum(), unreadable)
        };
        Self(totals.iter().zip(inputs).map(total).collect())
    }

    fn unreadable(&self) -> u64 {
        self.0.iter().map(|(_, unreadable)| unreadable).sum()
    }
}

/// Totals of groups here and in another dataset.
pub(super) fn reconcile(wanted: &Reconciliation, rows: &Scoped<'_>, data: &Data<'_>) -> Result<Measured, Unmeasured> {
    let crate::model::Kept::Totals(other_totals) = &wanted.lookup.kept else {
        return Err(Unmeasured::unreadable("of the other dataset no totals are kept"));
    };
    let other = data.other(&wanted.lookup.dataset)?;
    let (here, there) = (ByKey::of(rows, &wanted.by)?, ByKey::of_lookup(&wanted.lookup, data)?);
    let inputs = |totals: &[Aggregate], table| {
        totals.iter().map(|total| Input::of(total, table, data.plan)).collect::<Result<Vec<_>, _>>()
    };
    let (own_inputs, other_inputs) = (inputs(&wanted.totals, rows.table)?, inputs(other_totals, other)?);
    let side = |side: &ByKey<'_>| TotalsSide {
        without_key: side.without_key,
        unreadable: side.unreadable,
        ..TotalsSide::default()
    };
    let mut tally = TotalsTally {
        differing_by_total: vec![0; wanted.totals.len()],
        here: side(&here),
        there: side(&there),
        ..TotalsTally::default()
    };
    let is_whole = wanted.by.columns.is_empty();
    let mut failing: BTreeSet<&Key> = BTreeSet::new();
    for key in here.rows.keys().chain(there.rows.keys()).collect::<BTreeSet<&Key>>() {
        let members = |side: &ByKey<'_>| side.rows.contains_key(key);
        let of = |side: &'_ ByKey<'_>, totals, inputs: &[Input<'_>]| {
            Totals::of(totals, inputs, side.rows.get(key).map_or(&[], Vec::as_slice))
        };
        let (ours, theirs) = (of(&here, &wanted.totals, &own_inputs), of(&there, other_totals, &other_inputs));
        let unreadable = ours.unreadable() + theirs.unreadable();
        tally.groups += 1;
        tally.here.unreadable_values += ours.unreadable();
        tally.there.unreadable_values += theirs.unreadable();
        // All rows are one group, which both datasets have, be it empty.
        let in_both = is_whole || members(&here) && members(&there);
        let mut fails = !in_both;
        if in_both {
            for (at, ((ours, no), (theirs, nor))) in ours.0.iter().zip(&theirs.0).enumerate() {
                let agrees = no + nor == 0 && is_allowed(wanted.tolerance, ours, theirs);
                tally.differing_by_total[at] += u64::from(!agrees);
                fails |= !agrees;
            }
            tally.matched += u64::from(!fails);
            tally.differing += u64::from(fails);
        } else {
            tally.only_here += u64::from(members(&here));
            tally.only_there += u64::from(members(&there));
        }
        tally.unreadable += u64::from(fails && unreadable > 0);
        if is_whole && unreadable == 0 {
            tally.whole =
                ours.0.iter().zip(&theirs.0).map(|(ours, theirs)| (shown(&ours.0), shown(&theirs.0))).collect();
        }
        if fails && !is_whole {
            failing.insert(key);
        }
    }
    // Of a failing group its first row is named.
    let by = rows.table.columns(&wanted.by.columns)?;
    let (mut outcomes, keys) = rows.gather(|row| key(&by, row));
    let mut first: BTreeMap<&Key, usize> = BTreeMap::new();
    for (at, key) in keys.iter().filter(|(_, key)| failing.contains(key)) {
        first.entry(key).or_insert(*at);
    }
    fail(&mut outcomes, first.values());
    Ok(Measured { reading: Reading::Totals(tally), outcomes })
}

/// Whether two totals, in units, differ by no more than is allowed.
fn is_allowed(tolerance: Tolerance, here: &BigInt, there: &BigInt) -> bool {
    let allowed = match tolerance {
        Tolerance::Amount(by) => Exact::from(by.units(Decimal::DIGITS)),
        Tolerance::Percent(by) => {
            by.fraction() * magnitude(&Exact::from(there.clone())) / Exact::from(BigInt::from(100))
        }
    };
    magnitude(&Exact::from(here - there)) <= allowed
}

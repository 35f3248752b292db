//! Measures of dates and sequences: delays, and gaps between points.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Continuous, DAY_MICROS, Delay, DelayTally, DelayUnit, Lag, PointTally, Reading, Step, Unmeasured, Value,
};
use crate::scalar::{point_of_day, point_of_number, point_of_timestamp};

use super::rows::{Column, Read, Row, Table, Unreadable, whole_key};
use super::scope::{Measured, Scoped};

/// The columns between which a delay lies.
#[derive(Debug)]
pub(super) struct Between<'t> {
    from: &'t Column,
    to: &'t Column,
    unit: DelayUnit,
}

impl<'t> Between<'t> {
    /// Finds the columns of a delay.
    pub(super) fn find(delay: &Delay, table: &'t Table) -> Result<Self, Unmeasured> {
        Ok(Self { from: table.column(&delay.from)?, to: table.column(&delay.to)?, unit: delay.unit })
    }

    /// The delay of a row: `None` where one end is missing, unreadable where both are present and one is not a date.
    pub(super) fn delay(&self, row: &Row) -> Read<i64> {
        if self.from.is_missing(row) || self.to.is_missing(row) {
            return Ok(None);
        }
        let instant = |value: Value| match (value, self.unit) {
            (Value::Date(day), DelayUnit::Days) => Some(i64::from(day)),
            (Value::Datetime(micros), DelayUnit::Days) => Some(micros.div_euclid(DAY_MICROS)),
            (Value::Datetime(micros), DelayUnit::Micros) => Some(micros),
            _ => None,
        };
        let at = |column: &Column| column.to_microsecond(row).map(|value| value.and_then(instant));
        Ok(at(self.from)?.zip(at(self.to)?).map(|(from, to)| to.saturating_sub(from)))
    }
}

/// How long the delays of all rows are.
pub(super) fn lag(wanted: &Lag, rows: &Scoped<'_>) -> Result<Measured, Unmeasured> {
    let between = Between::find(&wanted.delay, rows.table)?;
    let (mut delays, mut negative, mut unreadable) = (Vec::new(), 0, rows.doubts());
    for (_, row) in rows.rows() {
        match between.delay(row) {
            Ok(Some(delay @ 0..)) => delays.push(delay),
            Ok(Some(_)) => negative += 1,
            Ok(None) => {}
            Err(Unreadable) => unreadable += 1,
        }
    }
    delays.sort_unstable();
    let count = delays.len() as u64;
    let last = wanted.quantiles.len().saturating_sub(1);
    let quantile = |(at, quantile): (usize, &crate::model::Quantile)| {
        // Where it is judged, what is unreadable comes after all delays.
        let among = if wanted.judged && at == last { count + unreadable } else { count };
        delays.get(usize::try_from(quantile.rank(among)).ok()?).copied()
    };
    Ok(Reading::Delays(DelayTally {
        delays: count,
        negative,
        unreadable,
        quantiles: wanted.quantiles.iter().enumerate().filter_map(quantile).collect(),
        greatest: delays.last().copied(),
    })
    .into())
}

/// Which points of a calendar or sequence are there, in each group.
pub(super) fn continuous(asked: &Continuous, rows: &Scoped<'_>) -> Result<Measured, Unmeasured> {
    let (column, by) = (rows.table.column(&asked.column)?, rows.table.columns(&asked.by)?);
    let start = if let Some(Value::Integer(from)) = asked.from { from } else { 0 };
    let end = if let Some(Value::Integer(until)) = asked.until { until } else { i64::MAX };
    // Where a value lies, whether it is a point or comes after one.
    let place = |value: &Value| match (asked.every, value) {
        (every, Value::Date(day)) => Some(point_of_day(every, *day)),
        (every, Value::Datetime(micros)) => Some(point_of_timestamp(every, *micros)),
        (Step::Number(apart @ 2..), Value::Integer(number)) => {
            i64::try_from((i128::from(*number) - i128::from(start)).div_euclid(apart.into())).ok()
        }
        (_, Value::Integer(number)) => Some(*number),
        _ => None,
    };
    let from = asked.from.as_ref().and_then(place);
    let until = asked.until.as_ref().and_then(place);
    let mut tally = PointTally { unreadable: rows.doubts(), ..PointTally::default() };
    let mut groups: BTreeMap<Vec<Option<String>>, BTreeSet<i64>> = BTreeMap::new();
    for (_, row) in rows.rows() {
        let (group, value) = (whole_key(&by, row), column.to_microsecond(row));
        tally.unreadable += u64::from(group.is_err() || value.is_err());
        let Ok(group) = group else { continue };
        let Ok(Some(value)) = value else {
            // Without a value a row has no point, but its group is there.
            if !by.is_empty() {
                groups.entry(group).or_default();
            }
            continue;
        };
        let points = groups.entry(group).or_default();
        let (between, beyond) = match (asked.every, &value) {
            (Step::Number(apart @ 2..), Value::Integer(number)) => {
                (point_of_number(apart, start, *number).is_none(), *number < start || *number > end)
            }
            _ => (false, false),
        };
        match place(&value) {
            // Points are numbers of 64 bits.
            None if matches!(value, Value::Decimal(_)) => tally.outside += 1,
            Some(point) if beyond || from.is_some_and(|from| point < from) || until.is_some_and(|end| point > end) => {
                tally.outside += 1;
            }
            Some(point) if !between => drop(points.insert(point)),
            _ => tally.off_step += 1,
        }
    }
    if by.is_empty() && groups.is_empty() && from.is_some() && until.is_some() {
        // Where both ends are given, no point at all is one long gap.
        groups.entry(Vec::new()).or_default();
    }
    let mut expected = 0_u128;
    for points in groups.values() {
        tally.groups += 1;
        tally.found += points.len() as u64;
        let first = from.or_else(|| points.first().copied()).map(i128::from);
        let last = until.or_else(|| points.last().copied()).map(i128::from);
        let (Some(first), Some(last)) = (first, last) else {
            tally.groups_without_ends += 1;
            continue;
        };
        expected += u128::try_from(last - first + 1).unwrap_or_default();
        let (mut next, mut gaps) = (first, 0);
        let mut gap = |until: i128| {
            let missing = u64::try_from(until - next).unwrap_or(u64::MAX);
            gaps += u64::from(missing > 0);
            tally.longest_gap = tally.longest_gap.max(missing);
            next = until + 1;
        };
        points.iter().copied().map(i128::from).for_each(&mut gap);
        gap(last + 1);
        tally.gaps += gaps;
        tally.groups_with_gaps += u64::from(gaps > 0);
    }
    tally.expected = u64::try_from(expected).ok();
    Ok(Reading::Points(tally).into())
}

//! `continuous`: no gap in a calendar or sequence.

use super::{
    BoundCheck, Check, JudgeError, Optional, Outcome, Problem, Problems, Readings, Scope, Shorthand, dataset_measure,
};
use crate::model::{self, Count, DataType, DateNotation, Dimension, Measure, MeasureKind, Step, Value};
use crate::scalar::{DateFormat, compare, parse_value};

const PAGE: &str = "# continuous

Every point from the first to the last exists: for example, each month has its delivery, and no receipt number is left
out. `every` names the points: `hour`, `day`, `week` (from Monday), `month`, `quarter` or `year` of the calendar for
dates and timestamps, or a whole number such as 1 for whole numbers. A point of the calendar exists if at least one
value is in it, so month ends on the 31st, the 29th and the 30th leave no gap between months.

With `by`, each group of rows has its own points; rows in which a column of `by` is missing form a group, too. A group
extends from the point of its smallest value to that of its greatest, or from `from` to `until`, which apply to all
groups. Counts are of points: a point passes if it exists and fails if it does not. The result also counts `gaps` (runs
of failed points), `longest_gap`, `groups` and `groups_with_gaps`.

A group exists as soon as it has a row for which `where` is true, even if the row has no parseable value. If a group has
no parseable value, all points from `from` to `until` are missing. If only one of the two is given, or neither, nothing
says which points are expected: such groups are counted (`groups_without_ends`) and not judged, and if all groups are
like that, the rule is not measured. The same applies to all rows together without `by`. Without rows there are no
groups. So with `by` an empty dataset is not measured, even if `from` and `until` are given; `row_count` or `covers` is
the check for that. Without `by`, all points between the two are missing in an empty dataset.

Steps of more than 1 are counted from `from`. A number between two steps (`off_step`), and a value before `from` or
after `until` (`outside`), is not a point: both are counted and not judged; `expect` and `range` are the checks for
them. Missing values do not count; rows with unparseable values are counted (`unreadable_rows`).

## Example

```yaml
suite: deliveries
datasets:
  deliveries:
    source: deliveries.csv
    columns:
      delivered_on: { type: date }
      receipt: { type: integer }
    rules:
      - id: every-office-delivers-monthly
        check: continuous
        column: delivered_on
        every: month
        by: office
        until: 2026-10-31
      - id: no-receipt-left-out
        check: continuous
        column: receipt
        every: 1
        at_most: 3 rows
```
";

parameters! {
    /// Gaps in a calendar or sequence.
    struct Continuous {
        column: required Column, "the column of dates, datetimes or whole numbers";
        every: required Scalar, "hour, day, week, month, quarter, year, or the distance between numbers";
        by: optional Columns, "the columns to group by";
        from: optional Scalar, "where each group begins; by default at its smallest value";
        until: optional Scalar, "where each group ends; by default at its greatest value";
    }
}

pub(super) const CHECK: Check = Check {
    name: "continuous",
    summary: "no gap in a calendar or sequence",
    dimension: Dimension::Alive,
    page: PAGE,
    shorthand: Shorthand::None,
    takes_condition: true,
    params: Continuous::PARAMS,
    bind: Continuous::bind,
};

impl BoundCheck for Continuous {
    fn lint(&self) -> Problems {
        let mut problems = Problems::default();
        let text = &self.every;
        match step(text) {
            None => {
                let calendar = Step::CALENDAR.map(Step::name).join(", ");
                problems.add("every", format!("`{text}` is neither {calendar} nor a whole number from 1"));
            }
            Some(Step::Number(apart @ 2..)) if !self.from.is_given() => {
                problems.add("every", format!("steps of {apart} are counted from a number: give it with `from: …`"));
            }
            Some(_) => {}
        }
        let column = &self.column;
        if self.by.known().is_some_and(|by| by.contains(column)) {
            problems.add("by", format!("{column} is the column whose gaps are counted: it cannot be grouped by"));
        }
        problems
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = self.column.clone();
        let every = self.step();
        // If the type is not known, it is taken to be the one for which fewest values of `from` and `until` are wrong.
        let likely = if matches!(every, Step::Number(_)) { DataType::Integer } else { DataType::Datetime };
        let data_type = scope.column_type(scope.dataset(), &column).unwrap_or(likely);
        let mut problems = Problems::default();
        match (data_type, every) {
            (DataType::Date, Step::Hour) => {
                problems.add("every", format!("{column} is date, which has no hours: give `day`, or declare datetime"));
            }
            (DataType::Date | DataType::Datetime, Step::Number(_)) => {
                problems.add("every", format!("{column} is {data_type}: give hour, day, week, month, quarter or year"));
            }
            (DataType::Date | DataType::Datetime, _) | (DataType::Integer, Step::Number(_)) => {}
            (DataType::Integer, _) => {
                problems.add("every", format!("{column} is integer: give the distance between its numbers, such as 1"));
            }
            (other, _) => {
                let problem = format!("{column} is {other}: declare `type: date`, `type: datetime` or `type: integer`");
                return Err(Problems::of("column", problem));
            }
        }
        let format = scope.format(scope.dataset(), &column);
        let mut bound = |param, text: &Optional<String>| {
            problems.take(bound(param, text.known()?, data_type, every, format.as_ref()))
        };
        let (from, until) = (bound("from", &self.from), bound("until", &self.until));
        if let (Some(first), Some(last)) = (&from, &until)
            && compare(first, last).is_some_and(std::cmp::Ordering::is_gt)
        {
            problems.add("until", "`until` is before `from`");
        }
        if let (Some(Value::Integer(first)), Some(Value::Integer(last)), Step::Number(apart)) = (&from, &until, every) {
            let steps = (i128::from(*last) - i128::from(*first)) / i128::from(apart);
            if u64::try_from(steps + 1).is_err() && last >= first {
                problems.add("until", "there are more points from `from` to `until` than can be counted");
            }
        }
        let by = self.by.as_deref().unwrap_or(&[]).to_vec();
        let continuous = model::Continuous { column, every, by, from, until };
        problems.or(vec![dataset_measure(scope, MeasureKind::Continuous(continuous))])
    }

    fn judge(&self, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let tally = readings.points(0)?;
        let every = self.step();
        let column = &self.column;
        let Some(points) = tally.expected else {
            return Err(JudgeError::TooManyPoints { column: column.clone() });
        };
        let expected = match every {
            Step::Number(1) => format!("{column} leaves no number out"),
            Step::Number(apart) => format!("{column} has every number in steps of {apart}"),
            calendar => format!("{column} has every {calendar}"),
        };
        let expected = match self.by.known() {
            Some(by) => format!("{expected}, for each {}", by.join(" + ")),
            None => expected,
        };
        let missing = points - tally.found;
        let name = every.name();
        let mut observed = match (points, missing) {
            (0, _) => "no points to judge".to_owned(),
            (_, 0) => format!("all {} {name}s exist", Count(points)),
            _ => {
                let gaps = if tally.gaps == 1 { "1 gap".to_owned() } else { format!("{} gaps", Count(tally.gaps)) };
                let (missing, points, longest) = (Count(missing), Count(points), Count(tally.longest_gap));
                format!("{missing} of {points} {name}s are missing, in {gaps} of up to {longest}")
            }
        };
        let mut outcome =
            Outcome { unit: every.into(), passed: tally.found, failed: missing, expected, ..Outcome::default() };
        let mut counts = vec![("gaps", tally.gaps), ("longest_gap", tally.longest_gap)];
        if self.by.is_given() {
            counts.extend([("groups", tally.groups), ("groups_with_gaps", tally.groups_with_gaps)]);
        }
        let without_ends = if self.by.is_given() { tally.groups_without_ends } else { 0 };
        for (detail, count, text) in [
            ("groups_without_ends", without_ends, "groups have no value to begin or end at"),
            ("off_step", tally.off_step, "rows are between two steps"),
            ("outside", tally.outside, "rows are before the first or after the last"),
            ("unreadable_rows", tally.unreadable, "rows have an unparseable value"),
        ] {
            if count > 0 {
                counts.push((detail, count));
                observed = format!("{observed}; {} {text}", Count(count));
            }
        }
        if points == 0 {
            outcome.reason = Some(self.nothing_expected(tally.groups).to_owned());
        }
        outcome.observed = observed;
        outcome.details = counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
        Ok(outcome)
    }

    fn is_about_rows(&self) -> bool {
        false
    }
}

impl Continuous {
    /// The distance between two points. A valid rule has one: `lint` refuses all else.
    fn step(&self) -> Step {
        step(&self.every).unwrap_or(Step::Day)
    }

    /// Why there are no points to judge.
    fn nothing_expected(&self, groups: u64) -> &'static str {
        match (self.from.is_given(), self.until.is_given()) {
            _ if self.by.is_given() && groups == 0 => "no row is known to be in scope, so there are no groups",
            (true, false) => "no value is at or after `from`, so the end is not known: give `until` too",
            (false, true) => "no value is at or before `until`, so the beginning is not known: give `from` too",
            _ => "there is no value, so beginning and end are not known: give `from` and `until`",
        }
    }
}

/// The step with a name, or a number as a step.
fn step(text: &str) -> Option<Step> {
    let calendar = Step::CALENDAR.into_iter().find(|step| step.name() == text);
    let number = || text.replace('_', "").parse().ok().filter(|apart| *apart > 0).map(Step::Number);
    calendar.or_else(number)
}

/// Where groups begin or end. In a column of timestamps, a day begins with its first hour and ends with its last one.
fn bound(
    param: &'static str,
    text: &str,
    data_type: DataType,
    every: Step,
    format: Option<&DateNotation>,
) -> Result<Value, Problem> {
    const LAST_HOUR: i64 = 23 * 3_600_000_000;
    let format = format.and_then(|format| DateFormat::compile(format).ok());
    let read = |kind| parse_value(text, kind, None).or_else(|| parse_value(text, kind, format.as_ref()));
    let value = match (read(data_type), data_type, read(DataType::Date)) {
        (_, DataType::Datetime, Some(Value::Date(days))) => {
            let midnight = i64::from(days) * model::DAY_MICROS;
            let late = param == "until" && every == Step::Hour;
            Some(Value::Datetime(midnight + if late { LAST_HOUR } else { 0 }))
        }
        (value, ..) => value,
    };
    value
        .map(Value::to_microsecond)
        .ok_or_else(|| Problem::new(param, format!("`{text}` cannot be parsed as {data_type}, the type of the column")))
}

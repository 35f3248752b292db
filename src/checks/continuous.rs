//! `continuous`: no gap in a calendar or sequence.

use super::{Args, Check, JudgeError, Outcome, Param, ParamKind, Problems, Readings, Scope, dataset_measure};
use crate::model::{self, DataType, Dimension, Measure, MeasureKind, Step, Value};
use crate::scalar::{DateFormat, compare, parse_value};

/// Gaps in a calendar or sequence.
pub(super) struct Continuous;

const PAGE: &str = "# continuous

Every point from the first to the last is there: each month has its delivery, no receipt number is left out. `every` names the
points: `hour`, `day`, `week` (from Monday on), `month`, `quarter` or `year` of the calendar for dates and datetimes, or a whole
number for whole numbers, such as 1. A point of the calendar is there where at least one value lies in it; so month ends that
fall on the 31st, the 29th and the 30th leave no gap between months.

With `by` each group of rows has points of its own; a missing part of `by` equals another missing one. A group reaches from the
point of its least value to that of its greatest, or from `from` until `until`, which hold for all groups. Counts are of points:
passed are those that are there, failed those that are not. Beside them stand `gaps` (runs of failed points), `longest_gap`, `groups`
and `groups_with_gaps`.

A group is there as soon as it has a row for which `where` is true, with a value that reads or without. Of one without any value
all points from `from` until `until` are missing; with one of the two, or none, nothing tells what is expected of it: such groups
are counted (`groups_without_ends`) and not judged, and where all are so, the rule is not measured. The same holds for all rows
without `by`. Without rows there are no groups, so with `by` an empty dataset is not measured, also where `from` and `until` say
what is expected; `row_count` or `covers` is the rule about that. Without `by` all points between the two are missing then.

Steps of more than 1 are counted from `from`. A number between two steps (`off_step`), and a value before `from` or after `until`
(`outside`), is no point and makes none missing: both are counted and not judged; `expect` and `range` are the rules about them.
Missing values are none; values that do not read are counted (`unreadable_rows`).

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
        at_most: 3
```
";

impl Check for Continuous {
    fn name(&self) -> &'static str {
        "continuous"
    }

    fn summary(&self) -> &'static str {
        "no gap in a calendar or sequence"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Alive
    }

    fn params(&self) -> &'static [Param] {
        const {
            &[
                Param::required("column", ParamKind::Column, "the column of dates, datetimes or whole numbers"),
                Param::required(
                    "every",
                    ParamKind::Scalar,
                    "hour, day, week, month, quarter, year, or how far numbers are apart",
                ),
                Param::optional("by", ParamKind::Columns, "the columns whose values make up a group"),
                Param::optional("from", ParamKind::Scalar, "where each group begins; by default with its least value"),
                Param::optional(
                    "until",
                    ParamKind::Scalar,
                    "where each group ends; by default with its greatest value",
                ),
            ]
        }
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn lint(&self, args: &Args) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        let text = args.text("every").map(String::as_str).unwrap_or_default();
        match step(text) {
            None => {
                let calendar = Step::CALENDAR.map(Step::name).join(", ");
                faults.push(("every", format!("`{text}` is neither {calendar} nor a whole number from 1")));
            }
            Some(Step::Number(apart @ 2..)) if !args.has("from") => {
                faults.push(("every", format!("steps of {apart} are counted from a number: say which, `from: …`")));
            }
            Some(_) => {}
        }
        if let (Some(column), Some(by)) = (args.column("column"), args.columns("by"))
            && by.contains(column)
        {
            faults.push(("by", format!("{column} is the column whose gaps are looked for; it makes up no group")));
        }
        faults
    }

    fn measures(&self, args: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = args.column("column").cloned().unwrap_or_default();
        let every = args.text("every").and_then(|text| step(text)).unwrap_or(Step::Day);
        // Of the types that the step allows, an unknown one is the one that bears most.
        let likely = if matches!(every, Step::Number(_)) { DataType::Integer } else { DataType::Datetime };
        let data_type = scope.column_type(scope.dataset(), &column).unwrap_or(likely);
        let mut problems = Problems::default();
        match (data_type, every) {
            (DataType::Date, Step::Hour) => {
                problems.add("every", format!("{column} is date, which has no hours: say `day`, or declare datetime"));
            }
            (DataType::Date | DataType::Datetime, Step::Number(_)) => {
                problems.add("every", format!("{column} is {data_type}: say hour, day, week, month, quarter or year"));
            }
            (DataType::Date | DataType::Datetime, _) | (DataType::Integer, Step::Number(_)) => {}
            (DataType::Integer, _) => {
                problems.add("every", format!("{column} is integer: say how far its numbers are apart, such as 1"));
            }
            (other, _) => {
                let problem = format!("{column} is {other}: declare `type: date`, `type: datetime` or `type: integer`");
                return Err(("column", problem).into());
            }
        }
        let format = scope.format(scope.dataset(), &column);
        let bound = |param| bound(args, param, data_type, every, format.as_deref());
        let (from, until) = (problems.take(bound("from")).flatten(), problems.take(bound("until")).flatten());
        if let (Some(first), Some(last)) = (&from, &until)
            && compare(first, last).is_some_and(std::cmp::Ordering::is_gt)
        {
            problems.add("until", "`until` lies before `from`");
        }
        if let (Some(Value::Integer(first)), Some(Value::Integer(last)), Step::Number(apart)) = (&from, &until, every) {
            let steps = (i128::from(*last) - i128::from(*first)) / i128::from(apart);
            if u64::try_from(steps + 1).is_err() && last >= first {
                problems.add("until", "there are more points from `from` to `until` than can be counted");
            }
        }
        let by = args.columns("by").cloned().unwrap_or_default();
        let continuous = model::Continuous { column, every, by, from, until };
        problems.or(vec![dataset_measure(scope, MeasureKind::Continuous(continuous))])
    }

    fn judge(&self, args: &Args, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let tally = readings.points(0)?;
        let every = args.text("every").and_then(|text| step(text)).unwrap_or(Step::Day);
        let column = args.column("column").map(String::as_str).unwrap_or_default();
        let Some(points) = tally.expected else {
            return Err(JudgeError(format!("{column} has more points between its ends than can be counted")));
        };
        let expected = match every {
            Step::Number(1) => format!("{column} leaves no number out"),
            Step::Number(apart) => format!("{column} has every number in steps of {apart}"),
            calendar => format!("{column} has every {calendar}"),
        };
        let expected = match args.columns("by") {
            Some(by) => format!("{expected}, for each {}", by.join(" + ")),
            None => expected,
        };
        let missing = points - tally.found;
        let name = every.name();
        let mut observed = match (points, missing) {
            (0, _) => "no point to judge".to_owned(),
            (_, 0) => format!("all {points} {name}s are there"),
            _ => {
                let gaps = if tally.gaps == 1 { "1 gap".to_owned() } else { format!("{} gaps", tally.gaps) };
                format!("{missing} of {points} {name}s are missing, in {gaps} of up to {}", tally.longest_gap)
            }
        };
        let mut outcome = Outcome { passed: tally.found, failed: missing, expected, ..Outcome::default() };
        let mut told = vec![("gaps", tally.gaps), ("longest_gap", tally.longest_gap)];
        if args.has("by") {
            told.extend([("groups", tally.groups), ("groups_with_gaps", tally.groups_with_gaps)]);
        }
        let without_ends = if args.has("by") { tally.groups_without_ends } else { 0 };
        for (detail, count, text) in [
            ("groups_without_ends", without_ends, "groups have no value to begin or end with"),
            ("off_step", tally.off_step, "rows lie between two steps"),
            ("outside", tally.outside, "rows lie before the first or after the last"),
            ("unreadable_rows", tally.unreadable, "rows cannot be read"),
        ] {
            if count > 0 {
                told.push((detail, count));
                observed = format!("{observed}; {count} {text}");
            }
        }
        if points == 0 {
            outcome.reason = Some(nothing_expected(args, tally.groups).to_owned());
        }
        outcome.observed = observed;
        outcome.details = told.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
        Ok(outcome)
    }

    fn is_about_rows(&self, _args: &Args) -> bool {
        false
    }
}

/// Why there is no point to judge.
fn nothing_expected(args: &Args, groups: u64) -> &'static str {
    match (args.has("from"), args.has("until")) {
        _ if args.has("by") && groups == 0 => "no row is known to be in scope, so there is no group",
        (true, false) => "no value from `from` on tells where to end: give `until` too",
        (false, true) => "no value up to `until` tells where to begin: give `from` too",
        _ => "no value tells where to begin and to end: give `from` and `until`",
    }
}

/// The step of that name, or the number of it.
fn step(text: &str) -> Option<Step> {
    let calendar = Step::CALENDAR.into_iter().find(|step| step.name() == text);
    let number = || text.replace('_', "").parse().ok().filter(|apart| *apart > 0).map(Step::Number);
    calendar.or_else(number)
}

/// Where groups begin or end. In a column of moments, a day begins with its first hour and ends with its last one.
fn bound(
    args: &Args,
    param: &'static str,
    data_type: DataType,
    every: Step,
    format: Option<&str>,
) -> Result<Option<Value>, (&'static str, String)> {
    const LAST_HOUR: i64 = 23 * 3_600_000_000;
    let Some(text) = args.text(param) else { return Ok(None) };
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
    match value {
        Some(value) => Ok(Some(value)),
        None => Err((param, format!("`{text}` does not read as {data_type}, the type of the column"))),
    }
}

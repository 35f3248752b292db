//! `fresh`: the newest record is recent enough.

use super::{BoundCheck, Check, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, earliest, needs_dates, now};
use crate::model::{Aggregate, AggregateFunction, CompareOp, Count, DataType, Dimension, Expr, Measure, MeasureKind};
use crate::scalar::compare;

const PAGE: &str = "# fresh

One verdict on the whole dataset: the newest date in the column that is not after `as_of` is at most `within` older than
`as_of`. A date in the future does not make a dataset fresh; `not_future` counts such dates. Ages in days, weeks, months
and years are counted on the calendar from the date. Ages in hours, minutes and seconds are counted from the timestamp,
which is the end of the day if `as_of` is a date. A date in the column counts as the end of its day, too. Unparseable values are left out and counted.
The newest date of a column that is declared personal is judged and not shown.

## Example

```yaml
suite: register
as_of: 2026-11-01
datasets:
  citizens:
    source: citizens.csv
    columns:
      updated_at: { type: datetime, fresh: 30d }
```
";

parameters! {
    /// The age of the newest record.
    struct Fresh {
        column: required Column, "the column";
        within: required Span, "the greatest age, such as 30d, 36h or 2y", stricter Smaller Unknown;
    }
}

pub(super) const CHECK: Check = Check {
    name: "fresh",
    summary: "the newest record is recent enough",
    dimension: Dimension::Alive,
    page: PAGE,
    shorthand: Shorthand::Param("within"),
    takes_condition: true,
    params: Fresh::PARAMS,
    bind: Fresh::bind,
};

impl BoundCheck for Fresh {
    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = self.column.clone();
        let mut problems = Problems::default();
        let data_type = problems.take(needs_dates(scope, &column)).unwrap_or(DataType::Datetime);
        problems.take(earliest(scope, "within", self.within, data_type));
        let value = Expr::Column { name: column, data_type };
        let past = Expr::Compare {
            op: CompareOp::LessOrEqual,
            left: Box::new(value.clone()),
            right: Box::new(Expr::Literal(now(data_type, scope.as_of()))),
        };
        let newest = |filter| {
            let function = AggregateFunction::Max;
            let figure = Aggregate { function, value: Some(value.clone()), other: None, data_type };
            Measure::new(scope.dataset(), filter, MeasureKind::Figure(figure))
        };
        let filter = match scope.filter() {
            Some(filter) => Expr::And(Box::new(filter.clone()), Box::new(past)),
            None => past,
        };
        problems.or(vec![newest(Some(filter)), newest(scope.filter().cloned())])
    }

    fn judge(&self, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let column = &self.column;
        let data_type = scope.column_type(scope.dataset(), column).unwrap_or(DataType::Date);
        let limit = earliest(scope, "within", self.within, data_type).map_err(Problems::from)?;
        let within = &self.within;
        let expected = format!("the newest {column} is at most {within} before {}", scope.as_of());
        let (newest, ..) = readings.figure(0)?;
        let (_, values, unreadable) = readings.figure(1)?;
        let mut outcome = match (compare(newest, &limit), values) {
            (Some(order), _) => {
                let personal = scope.is_personal(scope.dataset(), column);
                let shown = if personal { "(not shown)".to_owned() } else { newest.to_string() };
                Outcome::of_dataset(order.is_ge(), format!("the newest is {shown}"), expected)
            }
            (None, 1..) => Outcome::of_dataset(false, "every date is in the future", expected),
            (None, 0) => Outcome::of_nothing("no dates to judge", expected),
        };
        if unreadable > 0 {
            outcome.observed = format!("{}, {} unparseable values left out", outcome.observed, Count(unreadable));
            outcome.details.insert("unreadable_values".to_owned(), unreadable);
        }
        Ok(outcome)
    }

    fn is_about_rows(&self) -> bool {
        false
    }
}

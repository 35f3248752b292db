//! `aggregate`: an aggregate of the dataset is as expected.

use super::{BoundCheck, Check, Condition, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, dataset_measure};
use crate::model::{
    Aggregate as Figure, AggregateFunction, Count, Dimension, Expr, LEAST_ROWS, Measure, MeasureKind, Quantile, Shown,
    Value,
};
use crate::scalar::{Cell, Evaluator};

const PAGE: &str = "# aggregate

One verdict on the whole dataset: a condition over aggregates of the rows for which `where` is true.

| aggregate | |
|---|---|
| `count(*)`, `count(x)` | rows; values |
| `distinct(x)`, `distinct_share(x)` | different values; their share of all values, from 0 to 1 |
| `min(x)`, `max(x)` | the smallest, the greatest value |
| `sum(x)`, `avg(x)` | the sum, the mean |
| `median(x)`, `quantile(x, 0.95)` | the value in the middle; the value below which 95 % of the values are |
| `stddev(x)` | the standard deviation of a sample: divided by the number of values less one |
| `correlation(x, y)` | the correlation of two numbers of a row, from -1 to 1 (Pearson) |
| `share(condition)` | the share of the rows for which a condition is true, from 0 to 1 |

Missing values are skipped, as in SQL. Unparseable values are left out and counted (`unreadable`), once for each column
or expression, however many aggregates leave them out. A row for which the
condition of `share` depends on an unparseable value is left out of the share; a row for which it is unknown counts as
not true. `correlation` uses the rows that have both numbers. If an aggregate has no values (`stddev` and `correlation`:
fewer than two values, or values that do not vary), the rule is not measured.

Quantiles are exact for any number of rows. A quantile of numbers that falls between two values is interpolated (type 7
of Hyndman and Fan, \"Sample Quantiles in Statistical Packages\", 1996; `quantile_cont` of SQL, the default of numpy and
R), so the median of 1 and 2 is 1.5. A correlation that is zero but for rounding is zero. A quantile of dates is a date that occurs: the earliest date with at least that
share of all dates at or before it (type 1, `quantile_disc`).

Sums, extremes and quantiles of integers and decimals are exact. Means and shares are rounded to 18 places. An aggregate
with more than 38 digits before the point is not measured. Deviations and correlations are floats; they lose no
precision when numbers are long, large or small. Sums and means of floats are the floats nearest to the exact result,
whatever the order of rows, the file format or the number of threads. Infinite floats, which Parquet can store and text
cannot, make a sum infinite; if both signs occur, there is no sum. An aggregate that is too large for a float (over
1.8e308) is not measured.

Of a column that is declared personal (`pii`) an aggregate is judged and not shown if it would show what fewer than five
rows have: a minimum or maximum, a quantile with fewer than five values at or below it or at or above it, and a sum, mean,
deviation, share or correlation of fewer than five values.

## Example

```yaml
suite: sales
datasets:
  orders:
    source: orders.csv
    columns:
      amount: { type: decimal }
    rules:
      - check: aggregate
        that: avg(amount) between 10 and 500 and share(amount > 1000) < 0.01
      - check: aggregate
        id: amounts-as-usual
        that: median(amount) > 20 and quantile(amount, 0.95) < 400 and stddev(amount) > 0
```
";

parameters! {
    /// Aggregates of the whole dataset.
    struct Aggregate {
        that: required Figures, "a condition over aggregates, such as avg(income) between 1 and 9";
    }
}

pub(super) const CHECK: Check = Check {
    name: "aggregate",
    summary: "a condition over aggregates of the dataset is true",
    dimension: Dimension::Correct,
    page: PAGE,
    shorthand: Shorthand::None,
    takes_condition: true,
    params: Aggregate::PARAMS,
    bind: Aggregate::bind,
};

impl BoundCheck for Aggregate {
    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let Some(Condition { aggregates, .. }) = &self.that else { return Ok(Vec::new()) };
        if aggregates.is_empty() {
            let problem = "it contains no aggregate, such as count(*), so it does not depend on the data".to_owned();
            return Err(Problems::of("that", problem));
        }
        Ok(aggregates.iter().map(|figure| dataset_measure(scope, MeasureKind::Figure(figure.clone()))).collect())
    }

    fn judge(&self, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let Some(Condition { that, aggregates }) = &self.that else { return Err(JudgeError::NoReading) };
        let mut cells = Vec::new();
        let mut observed = Vec::new();
        // A value that several aggregates leave out is one value.
        let mut left_out: Vec<(&Figure, u64)> = Vec::new();
        for (index, figure) in aggregates.iter().enumerate() {
            let (value, values, unreadable) = readings.figure(index)?;
            let same = |known: &Figure| known.value == figure.value && known.other == figure.other;
            match left_out.iter_mut().find(|(known, _)| same(known)) {
                Some((_, most)) => *most = unreadable.max(*most),
                None => left_out.push((figure, unreadable)),
            }
            let personal = figure.columns().iter().any(|column| scope.is_personal(scope.dataset(), column));
            let hidden =
                if personal { shows_few_rows(figure.function, values) } else { is_text_of_a_row(figure, value) };
            let shown = if hidden { "(not shown)".to_owned() } else { Shown(value).to_string() };
            observed.push(format!("{figure} = {shown}"));
            cells.push(Cell::Value(value.clone()));
        }
        let expected = expected(that, aggregates);
        let left_out: u64 = left_out.iter().map(|(_, values)| values).sum();
        let observed = if left_out > 0 {
            let values = if left_out == 1 { "value" } else { "values" };
            format!("{}, {} unparseable {values} left out", observed.join(", "), Count(left_out))
        } else {
            observed.join(", ")
        };
        let verdict = Evaluator::compile(that, scope.as_of())?.evaluate(&|_| Cell::Value(Value::Null), &cells);
        let mut outcome = match verdict {
            Cell::Value(Value::Boolean(passes)) => Outcome::of_dataset(passes, observed, expected),
            Cell::Value(_) => Outcome::of_nothing(observed, expected),
            Cell::Unreadable => Outcome { unreadable: 1, ..Outcome::of_dataset(false, observed, expected) },
        };
        if left_out > 0 {
            outcome.unreadable = left_out;
            outcome.details.insert("unreadable_values".to_owned(), left_out);
        }
        Ok(outcome)
    }

    fn is_about_rows(&self) -> bool {
        false
    }
}

/// Whether an aggregate of so many values shows what fewer than [`LEAST_ROWS`] rows have.
fn shows_few_rows(function: AggregateFunction, values: u64) -> bool {
    match function {
        AggregateFunction::Count | AggregateFunction::Distinct | AggregateFunction::DistinctShare => false,
        AggregateFunction::Min | AggregateFunction::Max => true,
        AggregateFunction::Median => !Quantile::MEDIAN.is_among(LEAST_ROWS, values),
        AggregateFunction::Quantile(quantile) => !quantile.is_among(LEAST_ROWS, values),
        AggregateFunction::Sum
        | AggregateFunction::Avg
        | AggregateFunction::Stddev
        | AggregateFunction::Share
        | AggregateFunction::Correlation => values < LEAST_ROWS,
    }
}

/// Whether an aggregate is the text of a cell.
fn is_text_of_a_row(figure: &Figure, value: &Value) -> bool {
    let extreme = match figure.function {
        AggregateFunction::Min | AggregateFunction::Max => true,
        AggregateFunction::Quantile(quantile) => matches!(quantile.billionths(), 0 | Quantile::WHOLE),
        _ => false,
    };
    extreme && matches!(value, Value::Text(_))
}

/// The condition with its aggregates in place.
fn expected(that: &Expr, figures: &[Figure]) -> String {
    let mut text = that.to_string();
    for (index, figure) in figures.iter().enumerate().rev() {
        text = text.replace(&format!("figure {}", index + 1), &figure.to_string());
    }
    text
}

//! `lag`: events are recorded in time.

use super::{
    BoundCheck, Check, JudgeError, Outcome, Problem, Problems, Readings, Scope, Shorthand, dataset_measure,
    needs_dates_of, row_measure,
};
use crate::model::{
    self, Count, DAY_MICROS, DataType, Delay, DelayTally, DelayUnit, Dimension, LEAST_ROWS, Measure, MeasureKind,
    Predicate, Quantile, TimeSpan, TimeUnit,
};

const PAGE: &str = "# lag

Passes if the delay from one date of a row to another is at least 0 and at most `within`: the record of an event comes
after the event, and in time. With `quantile: 0.95` there is one verdict on the whole dataset: that share of the delays
is at most `within`. Then a record that comes before its event is left out and counted (`negative`), and one with an
unparseable date counts as later than all others (`unreadable_values`).

Two timestamps are compared to the microsecond. If one of the two is a date, both count as days: an event recorded on
the same day has a delay of 0. Rows in which one of the dates is missing are not applicable.

In both forms the report shows the median delay, the delays that 90, 95 and 99 % of the rows do not exceed, and the
longest delay. All of them are exact and occur in the data (type 1 of Hyndman and Fan, 1996). In `details` they are in
days, or in whole seconds. Negative delays are not among them. If one of the columns is
personal, the longest delay is not shown, and no quantile with fewer than five delays at or below it or at or above it.

`within` is given in `d` or `w`, for timestamps also in `h`, `min` or `s`. Months and years have no fixed length: write
31d or 366d.

## Example

```yaml
suite: register
datasets:
  births:
    source: births.csv
    columns:
      born_on: { type: date }
      registered_at: { type: datetime }
    rules:
      - check: lag
        from: born_on
        to: registered_at
        within: 60d
        at_least: 98%
      - check: lag
        id: most-within-a-week
        from: born_on
        to: registered_at
        within: 7d
        quantile: 0.9
```
";

/// The quantiles that are always shown, with their names.
const SHOWN: [(u32, &str, &str); 4] =
    [(50, "median", "median"), (90, "p90", "90 %"), (95, "p95", "95 %"), (99, "p99", "99 %")];

parameters! {
    /// The time from an event to its record.
    struct Lag {
        from: required Column, "the date of the event";
        to: required Column, "the date of its record";
        within: required Span, "the longest delay, such as 30d or 36h", stricter Smaller Unknown;
        quantile: optional Number,
            "the share of the delays that must be within it, such as 0.95; without it each row is judged", stricter Greater Unknown;
    }
}

pub(super) const CHECK: Check = Check {
    name: "lag",
    summary: "the delay from an event to its record is within a limit",
    dimension: Dimension::Alive,
    page: PAGE,
    shorthand: Shorthand::None,
    takes_condition: true,
    params: Lag::PARAMS,
    bind: Lag::bind,
};

impl BoundCheck for Lag {
    fn lint(&self) -> Problems {
        let mut problems = Problems::default();
        if self.from == self.to {
            problems.add("to", format!("`from` and `to` are both {}, so no row has a delay", self.from));
        }
        let span = self.within;
        if micros(span).is_none() {
            let days = if span.unit == TimeUnit::Month { 31 } else { 366 } * u64::from(span.count);
            problems.add("within", format!("months and years have no fixed length: write {days}d"));
        }
        if self.quantile.is_given() && self.quantile().is_none() {
            problems.add(
                "quantile",
                "`quantile` takes a number greater than 0, at most 1, with at most nine decimals, such as 0.95",
            );
        }
        problems
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let mut problems = Problems::default();
        let Some(delay) = problems.take(self.delay(scope)) else { return problems.or(Vec::new()) };
        let limit = self.limit(delay.unit)?;
        let shown = SHOWN.iter().map(|(hundredths, ..)| Quantile::percent(*hundredths));
        let asked = self.quantile();
        let delays = MeasureKind::Lag(model::Lag {
            delay: delay.clone(),
            quantiles: shown.chain(asked).collect(),
            judged: asked.is_some(),
        });
        let delays = dataset_measure(scope, delays);
        Ok(match asked {
            Some(_) => vec![delays],
            None => vec![row_measure(scope, Predicate::InTime { delay, within: limit }), delays],
        })
    }

    fn judge(&self, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let delay = self.delay(scope)?;
        let limit = self.limit(delay.unit).map_err(Problems::from)?;
        let Delay { from, to, unit } = &delay;
        let within = &self.within;
        let personal = [from, to].iter().any(|column| scope.is_personal(scope.dataset(), column));
        let Some(asked) = self.quantile() else {
            let tally = readings.rows(0)?;
            let mut outcome =
                Outcome::of_rows(tally, format!("{to} is at most {within} after {from}"), "are not in time");
            outcome.details.extend(tally.reasons.iter().map(|(name, rows)| (name.clone(), *rows)));
            // If the audit ended early, the delays of all rows are not known.
            if let Ok(delays) = readings.delays(1) {
                add_delays(&mut outcome, delays, *unit, personal);
            }
            return Ok(outcome);
        };
        let delays = readings.delays(0)?;
        let expected = format!("for {} % of the records {to} is at most {within} after {from}", percent(asked));
        let mut outcome = match delays.quantiles.get(SHOWN.len()) {
            Some(found) => {
                let hidden = personal && !asked.is_among(LEAST_ROWS, delays.delays);
                let shown = if hidden { "(not shown)".to_owned() } else { unit.show(*found) };
                let observed = format!("for {} % it is at most {shown}", percent(asked));
                Outcome::of_dataset(*found <= limit, observed, expected)
            }
            None if delays.unreadable > 0 => {
                let observed =
                    format!("fewer than {} % of the records have a delay that can be parsed", percent(asked));
                Outcome::of_dataset(false, observed, expected)
            }
            None => Outcome::of_nothing("no delays to judge", expected),
        };
        add_delays(&mut outcome, delays, *unit, personal);
        outcome.details.insert("delays".to_owned(), delays.delays);
        outcome.details.insert("negative".to_owned(), delays.negative);
        if delays.negative > 0 {
            outcome.observed =
                format!("{}; {} records come before their event", outcome.observed, Count(delays.negative));
        }
        if delays.unreadable > 0 {
            outcome.observed =
                format!("{}, {} unparseable values count as late", outcome.observed, Count(delays.unreadable));
            outcome.details.insert("unreadable_values".to_owned(), delays.unreadable);
        }
        Ok(outcome)
    }

    fn is_about_rows(&self) -> bool {
        !self.quantile.is_given()
    }
}

impl Lag {
    /// The quantile that is judged, if there is one.
    fn quantile(&self) -> Option<Quantile> {
        Quantile::parse(&self.quantile.known()?.to_string()).filter(|quantile| quantile.billionths() > 0)
    }

    /// The two columns, and the unit in which they are compared.
    fn delay(&self, scope: &dyn Scope) -> Result<Delay, Problems> {
        let mut problems = Problems::default();
        let mut kind = |param, column| {
            // Two datetimes can have any delay.
            problems.take(needs_dates_of(scope, param, column)).unwrap_or(DataType::Datetime)
        };
        let (from, to) = (kind("from", &self.from), kind("to", &self.to));
        let is_exact = from == DataType::Datetime && to == DataType::Datetime;
        let unit = if is_exact { DelayUnit::Micros } else { DelayUnit::Days };
        problems.or(Delay { from: self.from.clone(), to: self.to.clone(), unit })
    }

    /// The longest delay in the unit of the delays.
    fn limit(&self, unit: DelayUnit) -> Result<i64, Problem> {
        let span = self.within;
        let Some(micros) = micros(span) else {
            return Err(Problem::new("within", "give the longest delay, such as 30d"));
        };
        match unit {
            DelayUnit::Micros => Ok(micros),
            DelayUnit::Days if micros % DAY_MICROS == 0 => Ok(micros / DAY_MICROS),
            DelayUnit::Days => {
                let problem = format!("one of the columns is a date, so delays are whole days, not {span}");
                Err(Problem::new("within", problem))
            }
        }
    }
}

/// Adds the quantiles of the delays to an outcome.
fn add_delays(outcome: &mut Outcome, delays: &DelayTally, unit: DelayUnit, personal: bool) {
    let Some(greatest) = delays.greatest else { return };
    let (name, size) = match unit {
        DelayUnit::Days => ("days", 1),
        DelayUnit::Micros => ("seconds", 1_000_000),
    };
    let mut detail = |what: &str, delay: i64| {
        outcome.details.insert(format!("{what}_{name}"), u64::try_from(delay / size).unwrap_or_default());
    };
    let mut shown = Vec::new();
    for ((hundredths, key, text), delay) in SHOWN.iter().zip(&delays.quantiles) {
        if personal && !Quantile::percent(*hundredths).is_among(LEAST_ROWS, delays.delays) {
            continue;
        }
        detail(key, *delay);
        shown.push(format!("{text} {}", unit.show(*delay)));
    }
    if !personal {
        detail("greatest", greatest);
        shown.push(format!("longest {}", unit.show(greatest)));
    }
    if !shown.is_empty() {
        outcome.observed = format!("{}; delays: {}", outcome.observed, shown.join(", "));
    }
}

/// `95`, or `99.5`.
fn percent(quantile: Quantile) -> String {
    let hundredths = f64::from(quantile.billionths()) / f64::from(Quantile::WHOLE / 100);
    hundredths.to_string()
}

/// The microseconds of a span of fixed length.
fn micros(span: TimeSpan) -> Option<i64> {
    let size = match span.unit {
        TimeUnit::Day => DAY_MICROS,
        TimeUnit::Week => 7 * DAY_MICROS,
        unit => unit.clock_micros()?,
    };
    i64::from(span.count).checked_mul(size)
}

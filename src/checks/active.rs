//! `active`: what is marked active has not ended.

use super::{
    BoundCheck, Check, JudgeError, Outcome, Problem, Problems, Readings, Scope, Shorthand, needs_dates_of, now,
    row_measure, unparseable,
};
use crate::model::{CompareOp, DataType, Dimension, Expr, Measure, Predicate, Value, ValueList};
use crate::scalar::parse_value;

const PAGE: &str = "# active

Passes for a row that is marked active and has not ended. `until`, the last date (or timestamp) on which the row is
valid, must not be before `as_of`. `closed`, the date (or timestamp) on which it ended, must be missing or after
`as_of`. A missing `until` means valid without end. `values` are the words under `status` that mark a row as active;
rows with any other word, or with none, are not applicable. Without `status` every row counts as marked active. A row
with an unparseable date fails; it is counted as `unreadable` unless the other date has already ended it.

## Example

```yaml
suite: register
datasets:
  cards:
    source: cards.csv
    columns:
      valid_to: { type: date }
      revoked_on: { type: date }
    rules:
      - check: active
        status: state
        values: [valid, renewed]
        until: valid_to
        closed: revoked_on
```
";

parameters! {
    /// Rows that are marked active, and the dates on which they end.
    struct Active {
        until: optional Column, "the last date or timestamp on which the row is valid";
        closed: optional Column, "the date or timestamp on which the row ended";
        status: optional Column, "the column that marks rows as active; without it all are";
        values: optional List, "the words under `status` that mean active";
    }
}

pub(super) const CHECK: Check = Check {
    name: "active",
    summary: "what is marked active has not expired and is not closed",
    dimension: Dimension::Alive,
    page: PAGE,
    shorthand: Shorthand::None,
    takes_condition: true,
    params: Active::PARAMS,
    bind: Active::bind,
};

impl BoundCheck for Active {
    fn lint(&self) -> Problems {
        let mut problems = Problems::default();
        match (self.status.is_given(), self.values.known()) {
            (true, None) if !self.values.is_given() => {
                problems.add("status", "name the words that mean active with `values`");
            }
            (false, _) if self.values.is_given() => {
                problems.add("values", "name the column of these words with `status`");
            }
            (true, Some(ValueList::Codelist { .. })) => {
                problems
                    .add("values", "write the words here; a code list contains all codes, not only the active ones");
            }
            _ => {}
        }
        if !self.until.is_given() && !self.closed.is_given() {
            problems.add("status", "give `until` or `closed`, a date column");
        }
        if self.until.known().is_some_and(|until| self.closed.known() == Some(until)) {
            problems.add("closed", "`until` and `closed` are the same column");
        }
        problems
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let mut problems = Problems::default();
        let holds: Vec<Expr> =
            [("until", &self.until, CompareOp::GreaterOrEqual), ("closed", &self.closed, CompareOp::Greater)]
                .into_iter()
                .filter_map(|(param, column, op)| {
                    let column = column.known()?;
                    let data_type = problems.take(needs_dates_of(scope, param, column))?;
                    let value = || Box::new(Expr::Column { name: column.clone(), data_type });
                    let now = Box::new(Expr::Literal(now(data_type, scope.as_of())));
                    let open = Expr::IsNull { value: value(), negated: false };
                    Some(Expr::Or(Box::new(open), Box::new(Expr::Compare { op, left: value(), right: now })))
                })
                .collect();
        // `lint` refuses a rule without either.
        let nothing = Expr::Literal(Value::Boolean(true));
        let holds = holds.into_iter().reduce(|a, b| Expr::And(Box::new(a), Box::new(b))).unwrap_or(nothing);
        let that = match self.status.known() {
            None => holds,
            Some(status) => {
                let data_type = scope.column_type(scope.dataset(), status).unwrap_or(DataType::Text);
                let value = Box::new(Expr::Column { name: status.clone(), data_type });
                let list = problems.take(self.words(data_type)).unwrap_or_default();
                let marked = Expr::In { value, list, negated: false };
                Expr::Case { branches: vec![(marked, holds)], otherwise: None, data_type: DataType::Boolean }
            }
        };
        problems.or(vec![row_measure(scope, Predicate::Holds(that))])
    }

    fn judge(&self, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let until = self.until.known().map(|column| format!("{column} is not before {}", scope.as_of()));
        let closed = self.closed.known().map(|column| format!("{column} is missing or after {}", scope.as_of()));
        let holds = [until, closed].into_iter().flatten().collect::<Vec<_>>().join(" and ");
        let expected = match self.status.known() {
            Some(status) => format!("where {status} says active, {holds}"),
            None => holds,
        };
        Ok(Outcome::of_rows(readings.rows(0)?, expected, "have ended"))
    }
}

impl Active {
    /// The words that mean active, in the type of their column.
    fn words(&self, data_type: DataType) -> Result<Vec<Value>, Problem> {
        let Some(ValueList::Values(words)) = self.values.known() else {
            // `lint` asks for them.
            return Ok(Vec::new());
        };
        if data_type.is_textual() {
            return Ok(words.iter().cloned().map(Value::Text).collect());
        }
        match unparseable(words, data_type) {
            Some(words) => {
                Err(Problem::new("values", format!("{words} cannot be parsed as {data_type}, the type of the column")))
            }
            None => Ok(words.iter().filter_map(|word| parse_value(word, data_type, None)).collect()),
        }
    }
}

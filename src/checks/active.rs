//! `active`: what is marked active has not ended.

use super::{
    Args, Check, JudgeError, Outcome, Param, ParamKind, Problems, Readings, Scope, moment, needs_dates_of, row_measure,
    unreadable,
};
use crate::model::{CompareOp, DataType, Dimension, Expr, Measure, Predicate, Value, ValueList};
use crate::scalar::parse_value;

/// Rows that claim to be active, against the dates on which they end.
pub(super) struct Active;

const PAGE: &str = "# active

Passes for a row that is marked active and has not ended: `until`, the last day (or moment) on which it holds, is not before
`as_of`, and `closed`, the day (or moment) on which it ended, is not there or still to come. A missing `until` holds without
end. `values` are the words under `status` that mark a row as active; rows with any other word, or none, are not applicable.
Without `status` every row claims to be active. A date that does not read is unreadable, and its row fails, unless the other
date has already ended it.

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

impl Check for Active {
    fn name(&self) -> &'static str {
        "active"
    }

    fn summary(&self) -> &'static str {
        "what is marked active has not expired and is not closed"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Alive
    }

    fn params(&self) -> &'static [Param] {
        const {
            &[
                Param::optional("until", ParamKind::Column, "the last day, or moment, on which the row holds"),
                Param::optional("closed", ParamKind::Column, "the day, or moment, on which the row ended"),
                Param::optional(
                    "status",
                    ParamKind::Column,
                    "the column that marks rows as active; without it all are",
                ),
                Param::optional("values", ParamKind::List, "the words under `status` that mean active"),
            ]
        }
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn lint(&self, args: &Args) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        match (args.has("status"), args.list("values")) {
            (true, None) if !args.has("values") => {
                problems.push(("status", "say which words mean active, with `values`".to_owned()));
            }
            (false, _) if args.has("values") => {
                problems.push(("values", "say in which column they stand, with `status`".to_owned()));
            }
            (true, Some(ValueList::Codelist { .. })) => {
                problems.push((
                    "values",
                    "write the words here; a code list has all codes, not the active ones".to_owned(),
                ));
            }
            _ => {}
        }
        if !args.has("until") && !args.has("closed") {
            problems.push(("status", "give `until` or `closed`, a date column".to_owned()));
        }
        if args.column("until").is_some_and(|until| args.column("closed") == Some(until)) {
            problems.push(("closed", "`until` and `closed` are the same column".to_owned()));
        }
        problems
    }

    fn measures(&self, args: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let mut problems = Problems::default();
        let holds: Vec<Expr> = [("until", CompareOp::GreaterOrEqual), ("closed", CompareOp::Greater)]
            .into_iter()
            .filter_map(|(param, op)| Some((param, op, args.column(param)?)))
            .filter_map(|(param, op, column)| {
                let data_type = problems.take(needs_dates_of(scope, param, column))?;
                let value = || Box::new(Expr::Column { name: column.clone(), data_type });
                let now = Box::new(Expr::Literal(moment(data_type, scope.as_of())));
                let open = Expr::IsNull { value: value(), negated: false };
                Some(Expr::Or(Box::new(open), Box::new(Expr::Compare { op, left: value(), right: now })))
            })
            .collect();
        // Without either there is nothing to hold, which `lint` refuses.
        let nothing = Expr::Literal(Value::Boolean(true));
        let holds = holds.into_iter().reduce(|a, b| Expr::And(Box::new(a), Box::new(b))).unwrap_or(nothing);
        let that = match args.column("status") {
            None => holds,
            Some(status) => {
                let data_type = scope.column_type(scope.dataset(), status).unwrap_or(DataType::Text);
                let value = Box::new(Expr::Column { name: status.clone(), data_type });
                let list = problems.take(words(args, data_type)).unwrap_or_default();
                let marked = Expr::In { value, list, negated: false };
                Expr::Case { branches: vec![(marked, holds)], otherwise: None, data_type: DataType::Boolean }
            }
        };
        problems.or(vec![row_measure(scope, Predicate::Holds(that))])
    }

    fn judge(&self, args: &Args, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let until = args.column("until").map(|column| format!("{column} is not before {}", scope.as_of()));
        let closed = args.column("closed").map(|column| format!("{column} is not there or after {}", scope.as_of()));
        let holds = [until, closed].into_iter().flatten().collect::<Vec<_>>().join(" and ");
        let expected = match args.column("status") {
            Some(status) => format!("where {status} says active, {holds}"),
            None => holds,
        };
        Ok(Outcome::of_rows(readings.rows(0)?, expected, "have ended"))
    }
}

/// The words that mean active, in the type of their column.
fn words(args: &Args, data_type: DataType) -> Result<Vec<Value>, (&'static str, String)> {
    let Some(ValueList::Values(words)) = args.list("values") else {
        // `lint` asks for them.
        return Ok(Vec::new());
    };
    if data_type.is_textual() {
        return Ok(words.iter().cloned().map(Value::Text).collect());
    }
    match unreadable(words, data_type) {
        Some(problem) => Err(("values", format!("{problem} read as {data_type}, the type of the column"))),
        None => Ok(words.iter().filter_map(|word| parse_value(word, data_type, None)).collect()),
    }
}

//! `expect`: an expression holds in each row.

use super::{Args, Check, JudgeError, Outcome, Param, ParamKind, Problems, Readings, Scope, row_measure};
use crate::model::{Dimension, Expr, Measure, Predicate, Value};

/// Expressions over one row.
pub(super) struct Expect;

const PAGE: &str = "# expect

Passes for a row where the expression is true and fails one where it is false. Where it is unknown, because a value is
missing, the row is not applicable, as in an SQL CHECK. Where a value that decides does not read as its type, a divisor is
zero or an integer overflows, the row is unreadable and fails.

## Example

```yaml
suite: cards
datasets:
  cards:
    source: cards.csv
    columns:
      born: { type: date }
      issued: { type: date }
    rules:
      - id: issued-after-birth
        check: expect
        that: issued > born
        because: A card cannot be issued before its holder is born
```
";

impl Check for Expect {
    fn name(&self) -> &'static str {
        "expect"
    }

    fn summary(&self) -> &'static str {
        "the expression is true"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Correct
    }

    fn params(&self) -> &'static [Param] {
        const { &[Param::required("that", ParamKind::Expression, "a boolean expression over the columns of a row")] }
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn measures(&self, args: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let that = args.expr("that").cloned().unwrap_or(Expr::Literal(Value::Boolean(true)));
        Ok(vec![row_measure(scope, Predicate::Holds(that))])
    }

    fn judge(&self, args: &Args, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let expected = args.expr("that").map(without_outer_brackets).unwrap_or_default();
        Ok(Outcome::of_rows(readings.rows(0)?, expected, "contradict it"))
    }
}

/// The expression as a sentence: without the brackets around the whole.
fn without_outer_brackets(that: &Expr) -> String {
    let text = that.to_string();
    let bracketed = matches!(
        that,
        Expr::And(..)
            | Expr::Or(..)
            | Expr::Not(_)
            | Expr::Compare { .. }
            | Expr::In { .. }
            | Expr::IsNull { .. }
            | Expr::Like { .. }
    );
    if bracketed { text[1..text.len() - 1].to_owned() } else { text }
}

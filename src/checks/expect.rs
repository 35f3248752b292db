//! `expect`: an expression is true in each row.

use super::{BoundCheck, Check, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, row_measure};
use crate::model::{Dimension, Expr, Measure, Predicate};

const PAGE: &str = "# expect

Passes for a row in which the expression is true, and fails one in which it is false. If the result is unknown because a
value is missing, the row is not applicable, as in an SQL CHECK. If the result depends on an unparseable value, a
division by zero or an integer overflow, the row fails (`unreadable`).

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

parameters! {
    /// Expressions over one row.
    struct Expect {
        that: required Expression, "a boolean expression over the columns of a row";
    }
}

pub(super) const CHECK: Check = Check {
    name: "expect",
    summary: "the expression is true",
    dimension: Dimension::Correct,
    page: PAGE,
    shorthand: Shorthand::None,
    takes_condition: true,
    params: Expect::PARAMS,
    bind: Expect::bind,
};

impl BoundCheck for Expect {
    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        Ok(vec![row_measure(scope, Predicate::Holds(self.that.clone()))])
    }

    fn judge(&self, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let expected = without_outer_brackets(&self.that);
        Ok(Outcome::of_rows(readings.rows(0)?, expected, "do not satisfy it"))
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

//! `identifier`: every value can be an identifier of its kind.

use super::{Args, Check, JudgeError, Outcome, Param, ParamKind, Problems, Readings, Scope, Shorthand, row_measure};
use crate::identifiers::{Fault, NAMES};
use crate::model::{DataType, Dimension, IdentifierTest, Measure, Predicate};

/// Identifiers of one kind.
pub(super) struct Identifier;

/// The kind that other columns can be compared with.
const PERSONAL_ID: &str = "vn.personal_id";

const PAGE: &str = "# identifier

Passes for a value that can be an identifier of its kind: of its shape, with the right check digits, and with nothing
inside that cannot be. `passmuster list identifiers` names the kinds. Whether a number was ever issued is known to its
registry alone. Missing values are not applicable.

A failing value has one reason, the first of these, and each is counted: `placeholder` (one character over and over,
digits counted up or down: typed to fill the cell, even where the check digits happen to fit), `shape`, `check_digit`,
`inner_fact` (a place, a date or a range that does not exist). `likely_slips` counts the failing values that one wrong
digit or two swapped neighbours explain, and `swapped_neighbours` those that a swap explains. One check digit can nearly
always be explained by one wrong digit; it says more of numbers with two, or of inner facts.

Values are judged as they are written. Spaces, hyphens and small letters are let pass where people write them in that
kind (IBAN, ISBN), one sign at a time and never at an end; white space around a value is a matter for `tidy`, and here a
fault of shape. Digits are `0` to `9` alone. A column stored as whole numbers has lost its leading zeros, and is judged
without them.

A personal number of Viet Nam says where the birth was registered, the sex and the year of birth. `born` (a date, or a
year), `sex` (nam/nữ, male/female or m/f, in capitals or not) and `province` (the code before 1 July 2025, two digits or three) name columns
that must say the same; numbers that do not are counted by `born_differs`, `sex_differs` and `province_differs`. Where
such a column is missing, nothing is asked of it; another word or code than these tells nothing and is counted by
`sex_not_told` or `province_not_told`. `foreign_births: true` lets any place of registration pass: abroad it is a country.

## Example

```yaml
suite: staff
datasets:
  people:
    source: people.csv
    columns:
      born: { type: date }
      tax_code: { identifier: vn.tax_code }
      account: { identifier: { kind: iban, at_least: 99.9% } }
    rules:
      - check: identifier
        column: person_id
        kind: vn.personal_id
        born: born
        sex: sex
        severity: critical
```
";

impl Check for Identifier {
    fn name(&self) -> &'static str {
        "identifier"
    }

    fn summary(&self) -> &'static str {
        "the value can be an identifier of its kind: shape, check digits, inner facts"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Correct
    }

    fn params(&self) -> &'static [Param] {
        const {
            &[
                Param::required("column", ParamKind::Column, "the column"),
                Param::required("kind", ParamKind::Choice(&NAMES), "the kind of identifier"),
                Param::optional("born", ParamKind::Column, "the column with the date or year of birth"),
                Param::optional("sex", ParamKind::Column, "the column with the sex"),
                Param::optional("province", ParamKind::Column, "the column with the province of registration"),
                Param::optional("foreign_births", ParamKind::Flag, "births may be registered abroad"),
            ]
        }
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn shorthand(&self) -> Shorthand {
        Shorthand::Param("kind")
    }

    fn lint(&self, args: &Args) -> Vec<(&'static str, String)> {
        let kind = args.text("kind").map(String::as_str).unwrap_or_default();
        let beside = ["born", "sex", "province", "foreign_births"];
        let told = |param: &&str| args.has(param) && !args.is_unread("kind") && kind != PERSONAL_ID;
        let problem = |param: &'static str| (param, format!("{kind} says nothing of it; only {PERSONAL_ID} does"));
        beside.into_iter().filter(told).map(problem).collect()
    }

    fn measures(&self, args: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = args.column("column").cloned().unwrap_or_default();
        let mut problems = Problems::default();
        let type_of = |column: &str| scope.column_type(scope.dataset(), column);
        match type_of(&column) {
            Some(kind) if !kind.is_textual() && kind != DataType::Integer => {
                problems.add("column", format!("{column} is {kind}; identifiers are text"));
            }
            _ => {}
        }
        let born = args.column("born").cloned();
        if let Some(kind) = born.as_deref().and_then(type_of)
            && !matches!(kind, DataType::Date | DataType::Datetime | DataType::Integer)
        {
            let born = born.as_deref().unwrap_or_default();
            problems.add("born", format!("{born} is {kind}: declare `type: date`, or `type: integer` for years"));
        }
        for param in ["sex", "province"] {
            if let Some(column) = args.column(param)
                && let Some(kind) = type_of(column).filter(|kind| !kind.is_textual())
            {
                problems.add(param, format!("{column} is {kind}; this is read as text"));
            }
        }
        let test = IdentifierTest {
            column,
            kind: args.text("kind").cloned().unwrap_or_default(),
            foreign_births: args.flag("foreign_births"),
            born,
            sex: args.column("sex").cloned(),
            province: args.column("province").cloned(),
        };
        problems.or(vec![row_measure(scope, Predicate::Identifier(test))])
    }

    fn judge(&self, args: &Args, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let column = args.column("column").map(String::as_str).unwrap_or_default();
        let kind = args.text("kind").map(String::as_str).unwrap_or_default();
        let tally = readings.rows(0)?;
        let beside: Vec<&str> =
            ["born", "sex", "province"].iter().filter_map(|param| args.column(param)).map(String::as_str).collect();
        let agrees = if beside.is_empty() { String::new() } else { format!(" and agrees with {}", beside.join(", ")) };
        let mut outcome = Outcome::of_rows(tally, format!("{column} is {kind}{agrees}"), "are not");
        outcome.details = tally.reasons.clone();
        let always = Fault::ALL.into_iter().map(Fault::name).chain(["likely_slips"]);
        if outcome.passed + outcome.failed > 0 {
            always.for_each(|name| {
                outcome.details.entry(name.to_owned()).or_default();
            });
        }
        Ok(outcome)
    }
}

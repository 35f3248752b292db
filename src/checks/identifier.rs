//! `identifier`: every value can be an identifier of its kind.

use super::{BoundCheck, Check, JudgeError, Optional, Outcome, Problems, Readings, Scope, Shorthand, row_measure};
use crate::identifiers::{Fault, NAMES};
use crate::model::{DataType, Dimension, IdentifierTest, Measure, Predicate};

/// The kind whose inner facts other columns can be compared with.
const PERSONAL_ID: &str = "vn.personal_id";

const PAGE: &str = "# identifier

Passes for a value that can be an identifier of its kind: it has the right form and check digits, and every part of it
can exist. `passmuster list identifiers` names the kinds. Only the registry knows whether a number was ever issued.
Missing values are not applicable.

A failing value has one reason, the first of these, and each is counted: `placeholder` (one character repeated, or
digits counted up or down: typed to fill the cell, even if the check digits happen to fit), `shape`, `check_digit`,
`inner_fact` (a place, a date or a range that does not exist). `likely_slips` counts the failing values that one wrong
digit or two swapped neighbours explain, and `swapped_neighbours` those that a swap explains. A single check digit can
nearly always be explained by one wrong digit; for kinds with two check digits, or with inner facts, the count says
more.

Values are judged as they are written. Spaces, hyphens and small letters pass if people write them in that kind (IBAN,
ISBN), one character at a time and never at an end. White space around a value is a matter for `tidy`; here it is a
fault of `shape`. Only `0` to `9` are digits. A column stored as whole numbers has lost its leading zeros, and is judged
without them.

A personal number of Viet Nam contains the place where the birth was registered, the sex and the year of birth. `born`
(a date, or a year), `sex` (nam/nữ, male/female or m/f, in any case) and `province` (the code before 1 July 2025, two
digits or three) name columns that must agree with the number. Numbers that do not are counted by `born_differs`,
`sex_differs` and `province_differs`. If such a column is missing in a row, it is not compared; a word or code other
than these is not compared either, and is counted by `sex_not_told` or `province_not_told`. `foreign_births: true`
accepts any place of registration, because for a birth abroad it is a country.

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

parameters! {
    /// Identifiers of one kind.
    struct Identifier {
        column: required Column, "the column";
        kind: required Choice(&NAMES), "the kind of identifier";
        born: optional Column, "the column with the date or year of birth";
        sex: optional Column, "the column with the sex";
        province: optional Column, "the column with the province of registration";
        foreign_births: flag, "births may be registered abroad";
    }
}

pub(super) const CHECK: Check = Check {
    name: "identifier",
    summary: "the value can be an identifier of its kind: form, check digits, inner facts",
    dimension: Dimension::Correct,
    page: PAGE,
    shorthand: Shorthand::Param("kind"),
    takes_condition: true,
    params: Identifier::PARAMS,
    bind: Identifier::bind,
};

impl BoundCheck for Identifier {
    fn lint(&self) -> Problems {
        let kind = &self.kind;
        let mut problems = Problems::default();
        let facts = [
            ("born", self.born.is_given()),
            ("sex", self.sex.is_given()),
            ("province", self.province.is_given()),
            ("foreign_births", self.foreign_births),
        ];
        if !kind.is_empty() && kind != PERSONAL_ID {
            for (param, _) in facts.into_iter().filter(|(_, is_given)| *is_given) {
                problems.add(param, format!("{kind} contains no such fact; only {PERSONAL_ID} does"));
            }
        }
        problems
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = self.column.clone();
        let mut problems = Problems::default();
        let type_of = |column: &str| scope.column_type(scope.dataset(), column);
        match type_of(&column) {
            Some(kind) if !kind.is_textual() && kind != DataType::Integer => {
                problems.add("column", format!("{column} is {kind}; this check needs text"));
            }
            _ => {}
        }
        if let Some(born) = self.born.known()
            && let Some(kind) = type_of(born)
            && !matches!(kind, DataType::Date | DataType::Datetime | DataType::Integer)
        {
            problems.add("born", format!("{born} is {kind}: declare `type: date`, or `type: integer` for years"));
        }
        for (param, column) in [("sex", &self.sex), ("province", &self.province)] {
            if let Some(column) = column.known()
                && let Some(kind) = type_of(column).filter(|kind| !kind.is_textual())
            {
                problems.add(param, format!("{column} is {kind}; this check needs text"));
            }
        }
        let test = IdentifierTest {
            column,
            kind: self.kind.clone(),
            foreign_births: self.foreign_births,
            born: self.born.known().cloned(),
            sex: self.sex.known().cloned(),
            province: self.province.known().cloned(),
        };
        problems.or(vec![row_measure(scope, Predicate::Identifier(test))])
    }

    fn judge(&self, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let column = &self.column;
        let kind = &self.kind;
        let tally = readings.rows(0)?;
        let facts: Vec<&str> =
            [&self.born, &self.sex, &self.province].into_iter().filter_map(Optional::as_deref).collect();
        let agrees = if facts.is_empty() { String::new() } else { format!(" that agrees with {}", facts.join(", ")) };
        let identifier = format!("a valid {}{agrees}", label(kind));
        let mut outcome =
            Outcome::of_rows(tally, format!("{column} is {identifier}"), &format!("are not {identifier}"));
        if !tally.reasons.is_empty() {
            // The most frequent reason first; equally frequent ones in the order of names.
            let mut reasons: Vec<(&String, &u64)> = tally.reasons.iter().collect();
            reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            let reasons: Vec<String> =
                reasons.into_iter().map(|(name, count)| format!("{} {count}", name.replace('_', " "))).collect();
            outcome.observed = format!("{}: {}", outcome.observed, reasons.join(", "));
        }
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

/// What to call an identifier in a sentence.
fn label(kind: &str) -> &str {
    match kind {
        "email" => "e-mail address",
        "url" => "web address",
        "ip" => "IP address",
        "mac" => "MAC address",
        "e164" => "telephone number",
        "card" => "payment card number",
        "coordinates" => "pair of coordinates",
        name => name,
    }
}

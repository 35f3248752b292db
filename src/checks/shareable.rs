//! `shareable`: what others need to know about a dataset is declared, and true.

use super::{
    BoundCheck, Check, Declaration, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, dataset_measure,
    earliest, needs_dates_of,
};
use crate::model::{
    Aggregate, AggregateFunction, ColumnFact, CompareOp, Dimension, Expr, FaultKind, Measure, MeasureKind, TimeSpan,
    TimeUnit, Unit, Value,
};
use crate::scalar::compare;

const PAGE: &str = "# shareable

Checks what is declared about a dataset, and whether the files match it. Each requirement that is met passes with its
points, each that is not met fails with them, so the rate is the share of all points. `require` names the requirements
that count; without it all count.

| requirement | met if | points | as in the MQA |
|---|---|---|---|
| `license` | `sharing: { license }` | 20 | licence 20 |
| `owner` | `owner` of the dataset | 10 | publisher 10 |
| `contact` | `sharing: { contact }` or `steward` is an e-mail address, a web address or a telephone number | 20 | contact point 20 |
| `description` | `sharing: { description }` | 30 | keywords 30 |
| `columns` | every column of the files is declared with `describe` | 30 | themes 30 |
| `personal` | every column of the files is declared with `pii`, `none` if it holds no personal data | 10 | access rights 10 |
| `legal_basis` | `sharing: { legal_basis }` | 5 | rights 5 |
| `updates` | `sharing: { updates }`; and if the rule names a column `updated`, its newest value that is not in the future is no older | 20 | temporal coverage 20 |
| `encoding` | text files are declared and found to be UTF-8; columnar files always are | 20 | format 20 |
| `digest` | `sharing: { digest: sha256:… }` is the digest of the files | 5 | byte size 5 |

The points are those that the metadata quality assessment (MQA) of data.europa.eu gives to the property in the last
column, or to the nearest one: 170 in all. Every format that passmuster reads is open and machine-readable, so there are
no points for that.

`updates` is `daily`, `weekly`, `monthly`, `quarterly`, `yearly`, or a time such as `10d`. The digest is SHA-256 in hex
over the bytes of the file; for several files, over their bytes one after the other in the order of their names, as `cat
part-*.csv | sha256sum` prints it. It is only computed if one is declared.

This rule judges declarations, never rows. If nothing is declared, it fails: that is the finding.

## Example

```yaml
suite: staff
datasets:
  people:
    source: people.csv
    owner: HR
    steward: hr@example.org
    sharing: { license: internal, updates: monthly, description: Who works here, legal_basis: Labour code }
    columns:
      id: { describe: Number of the contract, pii: basic }
      changed: { type: date, describe: Day of the last change, pii: none }
    rules:
      - check: shareable
        updated: changed
        at_least: 90%
```
";

/// The requirements with their points; see the page.
const REQUIREMENTS: &[(&str, u64)] = &[
    ("license", 20),
    ("owner", 10),
    ("contact", 20),
    ("description", 30),
    ("columns", 30),
    ("personal", 10),
    ("legal_basis", 5),
    ("updates", 20),
    ("encoding", 20),
    ("digest", 5),
];

parameters! {
    /// Declarations about a dataset, in points.
    struct Shareable {
        require: optional Words(&WORDS), "the requirements that count; by default all";
        updated: optional Column, "the date column with the last change of each row";
    }
}

pub(super) const CHECK: Check = Check {
    name: "shareable",
    summary: "license, owner, contact, descriptions and the rest are declared and true",
    dimension: Dimension::Shared,
    page: PAGE,
    shorthand: Shorthand::None,
    takes_condition: false,
    params: Shareable::PARAMS,
    bind: Shareable::bind,
};

impl BoundCheck for Shareable {
    fn judges_declarations(&self) -> bool {
        true
    }

    fn lint(&self) -> Problems {
        if self.updated.is_given() && !self.require.is_unknown() && !self.required().any(|(name, _)| name == "updates")
        {
            return Problems::of("updated", "only the requirement `updates` uses it: add that to `require`");
        }
        Problems::default()
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let mut measures =
            vec![dataset_measure(scope, MeasureKind::Columns), dataset_measure(scope, MeasureKind::Framing)];
        if let Some(column) = self.updated.known() {
            let data_type = needs_dates_of(scope, "updated", column)?;
            if let Some(rhythm) = rhythm(&scope.declared()) {
                earliest(scope, "updated", rhythm, data_type)?;
            }
            let value = Expr::Column { name: column.clone(), data_type };
            let past = Expr::Compare {
                op: CompareOp::LessOrEqual,
                left: Box::new(value.clone()),
                right: Box::new(Expr::Literal(super::now(data_type, scope.as_of()))),
            };
            let figure = Aggregate { function: AggregateFunction::Max, value: Some(value), other: None, data_type };
            measures.push(Measure::new(scope.dataset(), Some(past), MeasureKind::Figure(figure)));
        }
        if self.asks_digest(&scope.declared()) {
            measures.push(dataset_measure(scope, MeasureKind::Digest));
        }
        Ok(measures)
    }

    fn judge(&self, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let declared = scope.declared();
        let columns = readings.columns(0)?;
        let framing = readings.framing(1)?;
        let newest = if self.updated.is_given() { Some(readings.figure(2)?.0) } else { None };
        let digest = if self.asks_digest(&declared) {
            Some(readings.digest(2 + usize::from(self.updated.is_given()))?)
        } else {
            None
        };
        let undecodable = framing.faults.iter().any(|(kind, _)| *kind == FaultKind::Undecodable);
        let mut outcome = Outcome { unit: Unit::Points, ..Outcome::default() };
        let (mut met, mut unmet) = (Vec::new(), Vec::new());
        for (name, points) in self.required() {
            let problem = match name {
                "license" => absent(declared.sharing("license")),
                "owner" => absent(declared.owner.as_deref()),
                "contact" => contact(&declared),
                "description" => absent(declared.sharing("description")),
                "columns" => incomplete(columns, "declared with `describe`", &|column| declared.is_described(column)),
                "personal" => incomplete(columns, "declared with `pii`", &|column| declared.is_classed(column)),
                "legal_basis" => absent(declared.sharing("legal_basis")),
                "updates" => self.updates(scope, &declared, newest),
                "encoding" if undecodable => {
                    Some("the files contain bytes that are not valid in their encoding".to_owned())
                }
                "encoding" => declared.encoding.as_ref().map(|encoding| format!("the files are in {encoding}")),
                _ => digest_differs(declared.sharing("digest"), digest),
            };
            match problem {
                None => {
                    outcome.passed += points;
                    met.push(name);
                }
                Some(problem) => {
                    outcome.failed += points;
                    unmet.push(format!("{name} ({points}): {problem}"));
                }
            }
            outcome.details.insert(name.to_owned(), if met.last() == Some(&name) { points } else { 0 });
        }
        let all = outcome.passed + outcome.failed;
        outcome.observed = match unmet.as_slice() {
            [] => format!("{all} of {all} points"),
            unmet => format!("{} of {all} points; {}", outcome.passed, unmet.join("; ")),
        };
        let asked: Vec<String> = self.required().map(|(name, points)| format!("{name} ({points})")).collect();
        outcome.expected = format!("{}: {all} points", asked.join(", "));
        Ok(outcome)
    }

    fn is_about_rows(&self) -> bool {
        false
    }
}

/// The names of the requirements.
static WORDS: [&str; REQUIREMENTS.len()] = {
    let mut words = [""; REQUIREMENTS.len()];
    let mut at = 0;
    while at < words.len() {
        words[at] = REQUIREMENTS[at].0;
        at += 1;
    }
    words
};

impl Shareable {
    /// The requirements that count.
    fn required(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let named = self.require.known();
        REQUIREMENTS
            .iter()
            .copied()
            .filter(move |(name, _)| named.is_none_or(|named| named.iter().any(|known| known == name)))
    }

    /// Whether the digest of the files must be computed.
    fn asks_digest(&self, declared: &Declaration) -> bool {
        declared.sharing("digest").is_some() && self.required().any(|(name, _)| name == "digest")
    }

    /// Why the data is not as up to date as declared.
    fn updates(&self, scope: &dyn Scope, declared: &Declaration, newest: Option<&Value>) -> Option<String> {
        let Some(rhythm) = rhythm(declared) else { return Some("not declared".to_owned()) };
        let (column, newest) = self.updated.known().zip(newest)?;
        let data_type = scope.column_type(scope.dataset(), column)?;
        match (newest, earliest(scope, "updated", rhythm, data_type)) {
            (Value::Null, _) => Some(format!("{column} has no date that is not in the future")),
            (newest, Ok(earliest)) if compare(newest, &earliest).is_some_and(std::cmp::Ordering::is_ge) => None,
            (newest, _) => Some(format!("the newest {column} is {newest}, older than {rhythm}")),
        }
    }
}

/// Why a declaration is not there.
fn absent(declared: Option<&str>) -> Option<String> {
    declared.is_none_or(|text| text.trim().is_empty()).then(|| "not declared".to_owned())
}

/// Why nobody can be reached: there is no e-mail address, web address or telephone number.
fn contact(declared: &Declaration) -> Option<String> {
    let given = [declared.sharing("contact"), declared.steward.as_deref()];
    let reaches = |text: &str| {
        let mail = text.split_once('@').is_some_and(|(user, host)| !user.trim().is_empty() && host.contains('.'));
        let web = text.starts_with("https://") || text.starts_with("http://");
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let phone = text.chars().all(|c| c.is_ascii_digit() || " +-./()".contains(c)) && (7..=15).contains(&digits);
        mail || web || phone
    };
    if given.iter().flatten().any(|text| reaches(text.trim())) {
        None
    } else if given.iter().flatten().any(|text| !text.trim().is_empty()) {
        Some("no e-mail address, web address or telephone number".to_owned())
    } else {
        Some("not declared".to_owned())
    }
}

/// Which columns lack a declaration.
fn incomplete(columns: &[ColumnFact], what: &str, is: &dyn Fn(&str) -> bool) -> Option<String> {
    const NAMED: usize = 5;
    let lacking: Vec<&str> = columns.iter().map(|column| column.name.as_str()).filter(|name| !is(name)).collect();
    let more = lacking.len().saturating_sub(NAMED);
    let first = lacking[..lacking.len() - more].join(", ");
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!lacking.is_empty())
        .then(|| format!("{} of {} columns are not {what}: {first}{rest}", lacking.len(), columns.len()))
}

/// The time between two updates, as declared.
fn rhythm(declared: &Declaration) -> Option<TimeSpan> {
    let (count, unit) = match declared.sharing("updates")? {
        "daily" => (1, TimeUnit::Day),
        "weekly" => (1, TimeUnit::Week),
        "monthly" => (1, TimeUnit::Month),
        "quarterly" => (3, TimeUnit::Month),
        "yearly" => (1, TimeUnit::Year),
        other => return TimeSpan::parse(other),
    };
    Some(TimeSpan { count, unit })
}

fn digest_differs(declared: Option<&str>, found: Option<&str>) -> Option<String> {
    let Some(declared) = declared else { return Some("not declared".to_owned()) };
    let wanted = declared.strip_prefix("sha256:").unwrap_or(declared).trim();
    match found {
        Some(found) if wanted.eq_ignore_ascii_case(found) => None,
        Some(found) => Some(format!("the files have sha256:{found}")),
        None => Some("not computed".to_owned()),
    }
}

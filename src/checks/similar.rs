//! `similar`: no two rows are near-duplicates.

use std::fmt::Write as _;

use super::{
    BoundCheck, Check, JudgeError, Likened, Outcome, Problem, Problems, Readings, Scope, Shorthand, dataset_measure,
};
use crate::model::Similar as Search;
use crate::model::{
    BlockKey, Count, DataType, Decimal, Dimension, Likeness, Measure, MeasureKind, SimilarColumn, SimilarTally,
    Transform, Unmeasured, WHOLE_SCORE,
};

/// How values may be compared.
pub const LIKENESSES: &[&str] = &["exact", "jaro_winkler", "levenshtein", "damerau", "token_set", "date", "number"];

/// How many pairs a result lists unless a rule says otherwise, and at most.
const LISTED: u64 = 20;
const MOST_LISTED: u64 = 1_000_000;

/// The smallest share of the weights for which both rows must have values, unless a rule says otherwise.
const OVERLAP: Decimal = Decimal::constant(5, 1);

/// What two columns must have in common to be exchanged.
const SWAP: &str = "`swap` takes columns that are compared in the same way and count the same";

/// Thousandths of a weight.
const WEIGHT: u32 = 1000;

const PAGE: &str = "# similar

Finds near-duplicates: rows about the same thing that differ by a typing error, a missing value or exchanged names.
Pairs of rows are compared column by column. Each column gives a similarity from 0 to 1; their weighted mean is the
score of the pair. Pairs with at least the score `score` are linked, and linked rows form a cluster. A row fails if it
belongs to a cluster of two or more rows; all other rows with a value to compare pass.

- `compare`: the columns, each with a method (`surname: jaro_winkler`) or with `{ method, weight, within }`.
  `jaro_winkler` is for names, `levenshtein` for text, `damerau` for codes (two exchanged neighbours are one error),
  `token_set` for addresses (words in any order), `date` (1 if equal, 0.9 for one wrong digit, two exchanged digits, or
  day and month exchanged; with `within`, also for days near each other), `number` (from 1 down to 0 at a difference of
  `within`), `exact`. Text is compared without regard to case, inner spaces and placement of Vietnamese tone marks, by
  its first 256 characters. The default method is `jaro_winkler` for text, `date` for dates and `exact` for everything
  else.
- If a value is missing in either row, its column is left out of the mean. Pairs in which more than half of the weights
  are left out (`overlap`) are not similar.
- `swap: [given_name, surname]`: the two columns may be exchanged; the better way counts.
- `block_on`: only rows that share a key are compared, not every pair. A key is a column, a list of columns, or a list
  of `soundex(c)`, `phonetic(c)`, `prefix(c:3)`. `qgram(c)` gives each row the keys of its rarest runs of three
  characters, `sorted(c:10)` compares neighbours in the order of a column, and `all` compares every pair (`block_on:
  all`, with no other key). Without it, keys are chosen from the compared columns.
- `max_pairs`: the greatest number of candidate pairs, by default 100 for each row (at least a million). If the keys
  give more, the rows of each large block are sorted and only near ones are compared, at the largest distance that fits,
  the same for all blocks. The result says what was left out: `blocks_capped`, `pairs_skipped`.
- `list`: how many pairs the result names, by default 20.

Similarities, weights and scores are counted in millionths and thousandths, so that results are identical on every
machine.

## Example

```yaml
suite: register
datasets:
  people:
    source: people.csv
    columns:
      date_of_birth: { type: date }
    rules:
      - id: nobody-twice
        check: similar
        compare:
          surname: { method: jaro_winkler, weight: 2 }
          given_name: { method: jaro_winkler, weight: 2 }
          date_of_birth: { method: date, weight: 3 }
          postcode: damerau
          address: token_set
        swap: [given_name, surname]
        block_on: [[phonetic(surname), postcode], date_of_birth, qgram(address)]
        score: 0.9
```
";

parameters! {
    /// Near-duplicates.
    struct Similar {
        compare: required Likenesses, "{ column: method }, or { column: { method: jaro_winkler, weight: 2 } }";
        score: required Number, "the score from which a pair counts as similar: greater than 0, at most 1";
        block_on: optional BlockKeys, "the keys that rows must share to be compared; by default chosen from `compare`";
        swap: optional Columns, "two compared columns that may be exchanged";
        overlap: optional Number, "the share of the weights that a pair needs, by default 0.5", default "0.5";
        max_pairs: optional Count, "the greatest number of candidate pairs; by default 100 for each row";
        list: optional Count, "how many pairs the result names, by default 20", default "20";
    }
}

pub(super) const CHECK: Check = Check {
    name: "similar",
    summary: "no two rows are near-duplicates",
    dimension: Dimension::Clean,
    page: PAGE,
    shorthand: Shorthand::None,
    takes_condition: true,
    params: Similar::PARAMS,
    bind: Similar::bind,
};

impl BoundCheck for Similar {
    fn lint(&self) -> Problems {
        let mut problems = Problems::default();
        if !(Decimal::ZERO..=Decimal::from(1)).contains(&self.score) || millionths(self.score) == 0 {
            problems.add("score", "`score` takes a number greater than 0, at most 1 (at least 0.000001)");
        }
        if self.overlap.known().is_some_and(|overlap| !(Decimal::ZERO..=Decimal::from(1)).contains(overlap)) {
            problems.add("overlap", "`overlap` takes a number from 0 to 1");
        }
        if self.max_pairs.known() == Some(&0) {
            problems.add("max_pairs", "without a pair nothing is compared: give 1 or more");
        }
        if self.list.known().is_some_and(|list| *list > MOST_LISTED) {
            problems.add("list", format!("a result names at most {MOST_LISTED} pairs"));
        }
        for likened in &self.compare {
            match likened.method.as_deref() {
                Some("number") => _ = problems.take(number(likened)),
                Some("date") => _ = problems.take(days(likened)),
                _ => {}
            }
        }
        if let Some(swapped) = self.swap.known() {
            let find = |name: &String| self.compare.iter().find(|likened| likened.column == *name);
            let found: Vec<&Likened> = swapped.iter().filter_map(find).collect();
            if self.compare.is_empty() {
                // The compared columns are not known.
            } else if swapped.len() != 2 {
                problems.add("swap", "`swap` takes two columns");
            } else if found.len() != 2 {
                problems.add("swap", "`swap` takes columns that are compared");
            } else if !compares_alike(found[0], found[1]) {
                problems.add("swap", SWAP);
            }
        }
        problems
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let kind_of = |column: &str| scope.column_type(scope.dataset(), column);
        let mut compare = Vec::with_capacity(self.compare.len());
        let mut problems = Problems::default();
        for one in &self.compare {
            let method = kind_of(&one.column).map_or(Ok(Likeness::Exact), |kind| method(one, kind));
            if let Some(method) = problems.take(method) {
                let (column, weight) = (one.column.clone(), thousandths(one.weight));
                compare.push(SimilarColumn { column, method, weight });
            }
        }
        let swap = self.swap.known().and_then(|columns| {
            let place = |name: &String| compare.iter().position(|compared| compared.column == *name);
            Some((place(columns.first()?)?, place(columns.get(1)?)?))
        });
        if let Some((one, other)) = swap
            && [one, other].iter().all(|at| kind_of(&compare[*at].column).is_some())
            && compare[one].method != compare[other].method
        {
            problems.add("swap", SWAP);
        }
        let block_on: Vec<BlockKey> = self.block_on.as_deref().unwrap_or(&[]).to_vec();
        for part in block_on.iter().flat_map(|key| &key.parts) {
            if let Some(kind) = kind_of(&part.column)
                && !matches!(part.transform, Transform::Whole | Transform::Sorted(_))
                && !kind.is_textual()
            {
                problems.add("block_on", format!("{part} needs text; {} is {kind}", part.column));
            }
        }
        let list = self.list.known().copied().unwrap_or(LISTED).min(MOST_LISTED);
        problems.or(vec![dataset_measure(
            scope,
            MeasureKind::Similar(Search {
                compare,
                swap,
                block_on,
                score: millionths(self.score),
                overlap: millionths(self.overlap.known().copied().unwrap_or(OVERLAP)),
                max_pairs: self.max_pairs.known().copied(),
                list: u32::try_from(list).unwrap_or(u32::MAX),
            }),
        )])
    }

    fn judge(&self, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let tally = readings.similar(0)?;
        if let Some(reason) = &tally.refused {
            return Err(JudgeError::Unmeasured(Unmeasured::unreadable(reason)));
        }
        let columns: Vec<&str> = self.compare.iter().map(|likened| likened.column.as_str()).collect();
        let score = self.score;
        let mut outcome = Outcome {
            passed: tally.passed,
            failed: tally.clustered + tally.unreadable,
            not_applicable: tally.not_applicable,
            unreadable: tally.unreadable,
            observed: observed(tally),
            expected: format!("no two rows are similar in {} with a score of {score} or more", columns.join(", ")),
            failing_rows: tally.failing_rows.clone(),
            pairs: tally.listed.clone(),
            ..Outcome::default()
        };
        for (name, count) in [
            ("candidate_pairs", tally.candidates),
            ("pairs", tally.pairs),
            ("pairs_listed", tally.listed.len() as u64),
            ("clusters", tally.clusters),
            ("largest_cluster", tally.largest),
            ("keys", tally.keys),
            ("max_pairs", tally.most),
            ("blocks_capped", tally.capped),
            ("pairs_skipped", tally.skipped),
            ("values_cut", tally.cut),
        ] {
            outcome.details.insert(name.to_owned(), count);
        }
        Ok(outcome)
    }
}

/// Whether two columns compare in the same way, as far as the suite says.
fn compares_alike(one: &Likened, other: &Likened) -> bool {
    one.method == other.method && one.within == other.within && thousandths(one.weight) == thousandths(other.weight)
}

/// How a column compares: with its method, or with that which its type suggests.
fn method(likened: &Likened, kind: DataType) -> Result<Likeness, Problem> {
    let column = &likened.column;
    let suggested = match kind {
        _ if likened.within.is_some() && kind.is_numeric() => "number",
        DataType::Text => "jaro_winkler",
        DataType::Date => "date",
        _ => "exact",
    };
    let name = likened.method.as_deref().unwrap_or(suggested);
    let method = match name {
        "jaro_winkler" => Likeness::JaroWinkler,
        "levenshtein" => Likeness::Levenshtein,
        "damerau" => Likeness::Damerau,
        "token_set" => Likeness::TokenSet,
        "date" => Likeness::Date { within: days(likened)? },
        "number" => number(likened)?,
        _ => Likeness::Exact,
    };
    match method {
        Likeness::Date { .. } if kind != DataType::Date => {
            Err(problem(format!("{column} is {kind}, which `date` cannot compare: declare `type: date`")))
        }
        Likeness::Number { .. } if !kind.is_numeric() => Err(problem(format!(
            "{column} is {kind}, which `number` cannot compare: declare `type: integer` or `decimal`"
        ))),
        Likeness::Exact | Likeness::Date { .. } | Likeness::Number { .. } if likened.within.is_none() => Ok(method),
        Likeness::Date { .. } | Likeness::Number { .. } => Ok(method),
        _ if likened.within.is_some() => {
            Err(problem(format!("{column}: `within` belongs to the methods `number` and `date`")))
        }
        // A whole number compares digit by digit, like a code; other types have no text.
        _ if kind.is_textual() || kind == DataType::Integer => Ok(method),
        _ => Err(problem(format!("{column} is {kind}, which `{name}` cannot compare: it needs text"))),
    }
}

/// How numbers compare.
fn number(likened: &Likened) -> Result<Likeness, Problem> {
    let needed =
        || problem(format!("{}: `number` needs `within`, the difference at which the similarity is 0", likened.column));
    likened.within.map(|within| Likeness::Number { within }).ok_or_else(needed)
}

/// The number of days within which dates are near each other.
fn days(likened: &Likened) -> Result<Option<u32>, Problem> {
    let whole = |within: Decimal| {
        let days = within.to_integer().filter(|days| (1..=1_000_000).contains(days))?;
        u32::try_from(days).ok()
    };
    match likened.within {
        None => Ok(None),
        Some(within) => whole(within)
            .map(Some)
            .ok_or_else(|| problem(format!("{}: `within` takes whole days from 1 to 1000000", likened.column))),
    }
}

fn problem(message: String) -> Problem {
    Problem::new("compare", message)
}

/// A weight, which is from 0.001 to 1000, in thousandths.
fn thousandths(weight: Option<Decimal>) -> u32 {
    weight.map_or(WEIGHT, |weight| parts(weight, WEIGHT)).clamp(1, WEIGHT * WEIGHT)
}

/// A share, which is from 0 to 1, in millionths.
fn millionths(share: Decimal) -> u32 {
    parts(share, WHOLE_SCORE).min(WHOLE_SCORE)
}

/// A number in parts of a whole, rounded; 0 where it is negative.
fn parts(number: Decimal, whole: u32) -> u32 {
    let parts = number.checked_mul(u64::from(whole).into()).map(|parts| parts.round(0));
    parts.and_then(Decimal::to_integer).and_then(|parts| u32::try_from(parts).ok()).unwrap_or_default()
}

/// `12 of 300 rows are similar: 6 pairs in 5 clusters, the largest of 3 rows; 400 candidate pairs compared`.
fn observed(tally: &SimilarTally) -> String {
    let rows = tally.passed + tally.clustered + tally.unreadable;
    let mut text = match (rows, tally.clustered) {
        (0, _) => return "no rows to judge".to_owned(),
        (_, 0) => format!("no two of {} rows are similar", Count(rows)),
        (_, clustered) => format!(
            "{} of {} rows are similar: {} pairs in {} clusters, the largest of {} rows",
            Count(clustered),
            Count(rows),
            Count(tally.pairs),
            Count(tally.clusters),
            Count(tally.largest)
        ),
    };
    // Writing to a text cannot fail.
    if tally.unreadable > 0 {
        let _ = write!(text, ", {} have an unparseable value", Count(tally.unreadable));
    }
    let _ = write!(text, "; {} candidate pairs compared", Count(tally.candidates));
    if tally.capped > 0 {
        let _ = write!(
            text,
            ", not all: {} blocks were too large for {} pairs, so only near rows in them were compared",
            Count(tally.capped),
            Count(tally.most)
        );
    }
    if tally.cut > 0 {
        let _ = write!(text, ", {} values by their first 256 characters", Count(tally.cut));
    }
    text
}

//! `well_formed`: files have no structural faults.

use std::collections::BTreeMap;

use super::{BoundCheck, Check, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, dataset_measure};
use crate::model::{Count, Dimension, Measure, MeasureKind};

const PAGE: &str = "# well_formed

Passes for a record without a structural fault: it has as many cells as the header, its quotes close, its bytes are
valid in the declared encoding, it contains no NUL byte and is not cut off. A header with nameless or duplicate columns
is one more failure. The result counts each kind of fault and lists the first ones with their lines. Every dataset has
this rule; a suite may write it itself, with another severity or threshold.

If some lines of a file end with LF and others with CRLF, that is one more failure for the file: two exports were
joined. The same is true of a file in which the text that ends its data (`until`) does not occur. A line end of another kind
outside of quotes, such as a carriage return (CR) inside a line of a file whose lines end with LF, is a fault of the record. So is
a record that repeats the header. What the declared dialect leaves out (lines above the header, comments, records below the
data) is no record; it is counted, and the report says so. A cell in quotes that spans more than 10 lines is no fault, but the
report names the first one, since a quote may be missing. `no_empty_columns` makes each column without a value a failure, `no_constant_columns` each column that has the
same value in every row (of at least two). Both read every column, so they cost as much as reading the whole file. So does
`verify: all`: it decodes the values of every column of Parquet and Arrow files, also of those that no rule reads. If one cannot
be decoded, the dataset cannot be read. Columns of a type that is not read are left out, and counted (`columns_not_verified`).

A faulty record stays in the audit. Its cells count in their positions, cells it does not have are missing, and cells
beyond the header are ignored.

For Parquet, page checksums are verified if the file has them (`pages_verified`, `pages_without_checksum`). If a page
does not match its checksum, the dataset cannot be read. The same is true of the frames of files packed with Zstandard
(`frames_verified`, `frames_without_checksum`), and gzip always has a checksum. What has none may be damaged unseen.

## Example

```yaml
suite: staff
datasets:
  people:
    source: people.csv
    rules:
      - check: well_formed
        severity: critical
        no_empty_columns: true
```
";

parameters! {
    /// The structure of files.
    struct WellFormed {
        no_empty_columns: flag, "each column without a value fails", stricter Given Loosest;
        no_constant_columns: flag, "each column with the same value in every row fails", stricter Given Loosest;
        verify: optional Choice(&["all"]), "all: the values of every column are decoded, also of those that no rule reads", stricter Given Loosest;
    }
}

pub(super) const CHECK: Check = Check {
    name: "well_formed",
    summary: "records are complete, decodable and have as many cells as the header",
    dimension: Dimension::Clean,
    page: PAGE,
    shorthand: Shorthand::None,
    takes_condition: false,
    params: WellFormed::PARAMS,
    bind: WellFormed::bind,
};

impl BoundCheck for WellFormed {
    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let contents = self.contents(scope).into_iter().map(|column| MeasureKind::Content { column });
        Ok(std::iter::once(MeasureKind::Framing).chain(contents).map(|kind| dataset_measure(scope, kind)).collect())
    }

    fn judge(&self, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let tally = readings.framing(0)?;
        let header = tally.has_bad_header || tally.faults.iter().any(|(kind, _)| kind.is_of_header());
        let of_files: u64 = tally.faults.iter().filter(|(kind, _)| kind.is_of_file()).map(|(_, files)| files).sum();
        let (mut empty, mut constant) = (Vec::new(), Vec::new());
        for (at, column) in (1..).zip(self.contents(scope)) {
            let (rows, present, differs) = readings.content(at)?;
            if rows > 0 && present == 0 && self.no_empty_columns {
                empty.push(column);
            } else if rows > 1 && present == rows && !differs && self.no_constant_columns {
                constant.push(column);
            }
        }
        let failed = tally.malformed + u64::from(header) + of_files + (empty.len() + constant.len()) as u64;
        let mut details: BTreeMap<String, u64> = BTreeMap::new();
        let mut kinds = Vec::new();
        for (kind, count) in &tally.faults {
            details.insert(kind.describe().replace(' ', "_"), *count);
            kinds.push(format!("{} × {}", Count(*count), kind.describe()));
        }
        for (columns, word, name) in [(&empty, "empty", "empty_columns"), (&constant, "constant", "constant_columns")] {
            if !columns.is_empty() {
                details.insert(name.to_owned(), columns.len() as u64);
                kinds.push(format!("{} × {word} column ({})", columns.len(), columns.join(", ")));
            }
        }
        if self.verify.is_given() {
            let (dataset, read) = (scope.dataset(), self.contents(scope).len());
            let all = scope.columns(dataset).map_or(0, |columns| columns.len());
            details.insert("columns_verified".to_owned(), read as u64);
            details.insert("columns_not_verified".to_owned(), all.saturating_sub(read) as u64);
        }
        if let Some(pages) = &tally.checksums {
            details.insert("pages_verified".to_owned(), pages.verified);
            details.insert("pages_without_checksum".to_owned(), pages.absent);
        }
        if let Some(frames) = &tally.frames {
            details.insert("frames_verified".to_owned(), frames.verified);
            details.insert("frames_without_checksum".to_owned(), frames.absent);
        }
        for (name, count) in [
            ("lines_above_the_header", tally.left_out.above),
            ("comments", tally.left_out.comments),
            ("records_below_the_data", tally.left_out.below),
            ("rows_above_the_header_or_range", tally.left_out.rows_above),
            ("rows_below_the_range", tally.left_out.rows_below),
            ("columns_beside_the_range", tally.left_out.columns_beside),
            ("cells_of_many_lines", tally.many_lines.map_or(0, |found| found.cells)),
        ] {
            if count > 0 {
                details.insert(name.to_owned(), count);
            }
        }
        let observed = match (failed, tally.records) {
            (0, 0) => "no records to judge".to_owned(),
            (0, records) if kinds.is_empty() => format!("all {} records are well formed", Count(records)),
            // What may mislead is shown where nothing fails, too.
            (0, records) => format!("all {} records are well formed; {}", Count(records), kinds.join(", ")),
            _ => kinds.join(", "),
        };
        Ok(Outcome {
            passed: tally.records - tally.malformed,
            failed,
            observed,
            expected: "every record is well formed".to_owned(),
            details,
            ..Outcome::default()
        })
    }
}

impl WellFormed {
    /// The columns whose values are read: all that a rule can read, if the rule asks for them.
    fn contents(&self, scope: &dyn Scope) -> Vec<String> {
        if !self.no_empty_columns && !self.no_constant_columns && !self.verify.is_given() {
            return Vec::new();
        }
        let dataset = scope.dataset();
        scope
            .columns(dataset)
            .into_iter()
            .flatten()
            .filter(|column| scope.column_type(dataset, column).is_some())
            .collect()
    }
}

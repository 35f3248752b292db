//! `well_formed`: files are what they claim to be.

use std::collections::BTreeMap;

use super::{Args, Check, JudgeError, Outcome, Param, Readings, Scope, dataset_measure};
use crate::model::{Dimension, Measure, MeasureKind};

/// Files as such.
pub(super) struct WellFormed;

const PAGE: &str = "# well_formed

Passes for a record without a fault of its own: as many cells as the header, quotes that close, bytes of the declared
encoding, no NUL byte, no cut-off end. A header with nameless or repeated columns is one further failure. Each kind of
fault is counted; the first ones are listed with their lines. Every dataset has this rule, unless it states its own with
another severity or threshold.

A record with a fault stays in the audit: its cells count in their positions, cells that are not there are missing, cells
beyond the header are left out.

For Parquet, page checksums are verified where the file has them (`pages_verified`, `pages_without_checksum`); a page that
does not match its checksum makes the dataset unreadable.

## Example

```yaml
suite: staff
datasets:
  people:
    source: people.csv
    rules:
      - check: well_formed
        severity: critical
```
";

impl Check for WellFormed {
    fn name(&self) -> &'static str {
        "well_formed"
    }

    fn summary(&self) -> &'static str {
        "records are whole, decodable and framed as the header says"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Clean
    }

    fn params(&self) -> &'static [Param] {
        &[]
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn takes_condition(&self) -> bool {
        false
    }

    fn measures(&self, _: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, (&'static str, String)> {
        Ok(vec![dataset_measure(scope, MeasureKind::Framing)])
    }

    fn judge(&self, _: &Args, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let tally = readings.framing(0)?;
        let header = tally.faults.iter().filter(|(kind, _)| kind.is_of_header()).count() > 0;
        let failed = tally.malformed + u64::from(header);
        let mut details: BTreeMap<String, u64> = BTreeMap::new();
        let mut kinds = Vec::new();
        for (kind, count) in &tally.faults {
            details.insert(kind.describe().replace(' ', "_"), *count);
            kinds.push(format!("{count} × {}", kind.describe()));
        }
        if let Some(pages) = &tally.checksums {
            details.insert("pages_verified".to_owned(), pages.verified);
            details.insert("pages_without_checksum".to_owned(), pages.absent);
        }
        let observed = match (failed, tally.records) {
            (0, 0) => "no record to judge".to_owned(),
            (0, records) => format!("all {records} records are whole"),
            _ => kinds.join(", "),
        };
        Ok(Outcome {
            passed: tally.records - tally.malformed,
            failed,
            observed,
            expected: "every record is whole".to_owned(),
            details,
            ..Outcome::default()
        })
    }
}

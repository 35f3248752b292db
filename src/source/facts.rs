//! Counting faults: exact numbers by kind, and the first faults in file order.

use std::collections::BTreeMap;

use crate::model::{ChecksumTally, Fault, FaultKind, FramingTally};

/// Faults that a tally names, the first ones in file order.
pub(super) const SAMPLE_FAULTS: usize = 20;

/// What one unit of a file, or a whole dataset, has in rows and faults.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    /// Records.
    pub(super) records: u64,
    /// Records with at least one fault.
    pub(super) malformed: u64,
    /// Faults by kind.
    faults: BTreeMap<FaultKind, u64>,
    /// The first faults.
    sample: Vec<Fault>,
    /// Page checksums.
    pub(super) checksums: Option<ChecksumTally>,
}

impl Tally {
    /// Sound rows of a columnar file.
    pub(super) fn of_rows(rows: usize, checksums: Option<ChecksumTally>) -> Self {
        Self { records: rows as u64, checksums, ..Self::default() }
    }

    /// Counts a fault; the text is made only where the fault will be named. Within a unit, faults come in file order.
    pub(super) fn fault(&mut self, line: u64, kind: FaultKind, detail: impl FnOnce() -> String) {
        *self.faults.entry(kind).or_default() += 1;
        if self.sample.len() < SAMPLE_FAULTS {
            self.sample.push(Fault { file: 0, line, kind, detail: detail() });
        }
    }

    /// Adds the tally of a unit of that file. Units may come in any order.
    pub(super) fn merge(&mut self, file: u32, unit: Self) {
        self.records += unit.records;
        self.malformed += unit.malformed;
        for (kind, count) in unit.faults {
            *self.faults.entry(kind).or_default() += count;
        }
        if !unit.sample.is_empty() {
            self.sample.extend(unit.sample.into_iter().map(|fault| Fault { file, ..fault }));
            self.sample.sort();
            self.sample.truncate(SAMPLE_FAULTS);
        }
        if let Some(pages) = unit.checksums {
            let total = self.checksums.get_or_insert_default();
            add(total, pages);
        }
    }

    /// The tally in the words of the model.
    pub(super) fn into_framing(self) -> FramingTally {
        FramingTally {
            records: self.records,
            malformed: self.malformed,
            faults: self.faults.into_iter().collect(),
            sample: self.sample,
            checksums: self.checksums,
        }
    }
}

/// Adds page counts.
pub(super) fn add(total: &mut ChecksumTally, pages: ChecksumTally) {
    total.verified += pages.verified;
    total.mismatched += pages.mismatched;
    total.absent += pages.absent;
}

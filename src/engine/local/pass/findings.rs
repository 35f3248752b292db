//! Which rows of a dataset fail which measures, and why.
//!
//! A finding is two words: the place of its row in the batch with a code of the reason, and the measure. Those that are known while
//! a batch is measured are kept by batch. Those of rows that turn out to fail later come in no order; they are
//! partitioned by batch and join the others once all are there. Both spill to disk.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::{Finding, Reason};
use crate::source::{Bits, Place};

use crate::engine::local::memory::KeyMemory;
use crate::engine::local::rows::records::AllRecords;
use crate::engine::local::rows::sink::{LateRow, batch_of, position_of};
use crate::engine::local::spill::chunks::{AllChunks, Chunks};
use crate::engine::local::spill::partitions::{PARTS, Partitions};

/// Bytes of a finding of a batch: row, measure, code of the reason.
const BYTES: usize = 12;

/// The codes of reasons that have no name. Clusters have the highest bit, and names the codes between.
const SOLE: u32 = 0;
const UNPARSEABLE: u32 = 1;
const CONDITION: u32 = 2;
const NAMES: u32 = 3;
const CLUSTER: u32 = 1 << 31;

/// Findings that are being collected.
#[derive(Debug)]
pub(crate) struct Findings {
    wanted: Vec<bool>,
    batches: Chunks,
    late: Partitions,
    /// The names of reasons, in the order in which they came.
    names: Mutex<Vec<&'static str>>,
    /// The first finding that could not be kept.
    problem: Mutex<Option<io::Error>>,
}

/// The findings of one batch.
#[derive(Debug, Default)]
pub(crate) struct BatchFindings(Vec<u8>);

/// The rows of a batch that fail a measure, with what is known of why.
pub(crate) struct FailedRowsOfBatch<'a> {
    /// Rows that fail.
    pub failed: &'a Bits,
    /// Rows with an unparseable value.
    pub unparseable: &'a Bits,
    /// Rows for which the condition is unparseable.
    pub condition_unparseable: Option<&'a Bits>,
    /// Rows by named reason; rows that do not fail are passed over.
    pub named: &'a [(&'static str, Bits)],
}

impl Findings {
    /// Collects the failing rows of the measures with `true`.
    pub(crate) fn new(memory: &Arc<KeyMemory>, wanted: Vec<bool>) -> Self {
        Self {
            wanted,
            batches: Chunks::new(memory),
            late: Partitions::new(memory, 2),
            names: Mutex::default(),
            problem: Mutex::default(),
        }
    }

    /// Whether the failing rows of a measure are wanted.
    pub(crate) fn wants(&self, measure: usize) -> bool {
        self.wanted.get(measure).copied().unwrap_or_default()
    }

    /// The code of a reason.
    fn code(&self, reason: Reason) -> u32 {
        match reason {
            Reason::Sole => SOLE,
            Reason::Unparseable => UNPARSEABLE,
            Reason::ConditionUnparseable => CONDITION,
            Reason::Cluster(number) => CLUSTER | u32::try_from(number).unwrap_or(u32::MAX),
            Reason::Named(name) => {
                let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
                let at = names.iter().position(|known| *known == name).unwrap_or_else(|| {
                    names.push(name);
                    names.len() - 1
                });
                NAMES + u32::try_from(at).unwrap_or(u32::MAX - NAMES)
            }
        }
    }

    /// Adds the rows of a batch that fail a measure.
    pub(crate) fn add(&self, to: &mut BatchFindings, measure: usize, rows: &FailedRowsOfBatch<'_>) {
        let mut push = |row: usize, code: u32| {
            let [row, measure] = [row, measure].map(|number| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
            to.0.extend([row, measure, code.to_le_bytes()].as_flattened());
        };
        let mut left = rows.failed.clone();
        for (name, named) in rows.named {
            let named = named.and(rows.failed);
            if !named.is_empty() {
                let code = self.code(Reason::Named(name));
                named.ones().for_each(|row| push(row, code));
                left = left.without(&named);
            }
        }
        for row in left.ones() {
            let code = if rows.condition_unparseable.is_some_and(|unknown| unknown.get(row)) {
                CONDITION
            } else if rows.unparseable.get(row) {
                UNPARSEABLE
            } else {
                SOLE
            };
            push(row, code);
        }
    }

    /// Takes in the findings of a batch.
    ///
    /// # Errors
    /// Where findings must be spilled and cannot be written.
    pub(crate) fn enter(&self, place: Place, findings: BatchFindings) -> io::Result<()> {
        self.batches.extend(place, findings.0)
    }

    /// Takes in rows that turned out to fail a measure after all rows were seen.
    pub(crate) fn enter_late(&self, measure: usize, rows: &[LateRow]) {
        let mut words = Vec::with_capacity(rows.len() * 2);
        for LateRow { row, reason } in rows {
            // Batches are numbered from 0: turned round, their numbers fill all parts.
            let spread = u64::from(batch_of(*row).reverse_bits()) << 32 | position_of(*row) as u64;
            words.extend([spread, (measure as u64) << 32 | u64::from(self.code(*reason))]);
        }
        if let Err(error) = self.late.extend(&words) {
            self.problem.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    }

    /// All rows were seen, and all that turned out to fail later are in.
    ///
    /// # Errors
    /// Where findings could not be spilled, or cannot be read back.
    pub(crate) fn complete(self, records: &AllRecords) -> io::Result<AllFindings> {
        let late = self.late.finish();
        for part in 0..PARTS {
            let mut batches: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
            late.for_each(part, &mut |words| {
                for [spread, finding] in words.as_chunks().0 {
                    let batch = batches.entry(batch_of(*spread).reverse_bits()).or_default();
                    let row = u32::try_from(position_of(*spread)).unwrap_or(u32::MAX);
                    let [measure, code] =
                        [batch_of(*finding), u32::try_from(position_of(*finding)).unwrap_or_default()];
                    batch.extend([row, measure, code].map(u32::to_le_bytes).as_flattened());
                }
                Ok(())
            })?;
            for (batch, findings) in batches {
                if let Some(place) = records.place_of(u64::from(batch) << 32) {
                    self.batches.extend(place, findings)?;
                }
            }
        }
        match self.problem.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(AllFindings {
                batches: self.batches.finish(),
                names: self.names.into_inner().unwrap_or_else(PoisonError::into_inner),
            }),
        }
    }
}

/// All findings of a dataset.
#[derive(Debug)]
pub(crate) struct AllFindings {
    batches: AllChunks,
    names: Vec<&'static str>,
}

impl AllFindings {
    /// The batches with failing rows, in file order.
    pub(crate) fn places(&self) -> Vec<Place> {
        self.batches.places()
    }

    /// The findings of a batch by row, ascending; each once.
    ///
    /// # Errors
    /// Where they cannot be read back.
    pub(crate) fn read(&self, place: Place) -> io::Result<Vec<(usize, Finding)>> {
        let bytes = self.batches.read(place)?;
        let number = |bytes: &[u8]| bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        let read = |finding: &[u8; BYTES]| {
            let [row, measure, code] = [&finding[..4], &finding[4..8], &finding[8..]].map(number);
            (row as usize, Finding { measure: measure as usize, reason: self.reason(code) })
        };
        let mut findings: Vec<(usize, Finding)> = bytes.as_chunks::<BYTES>().0.iter().map(read).collect();
        findings.sort_unstable();
        findings.dedup();
        Ok(findings)
    }

    fn reason(&self, code: u32) -> Reason {
        match code {
            SOLE => Reason::Sole,
            UNPARSEABLE => Reason::Unparseable,
            CONDITION => Reason::ConditionUnparseable,
            code if code & CLUSTER != 0 => Reason::Cluster(u64::from(code & !CLUSTER)),
            code => self.names.get((code - NAMES) as usize).map_or(Reason::Sole, |name| Reason::Named(name)),
        }
    }
}

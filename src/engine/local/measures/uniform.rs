//! Columns written in one format: which formats each value fits is kept until it is known which most values fit.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::{Reading, RowTally, UniformTest};
use crate::source::Bits;
use crate::text::{Family, FormatSet};

use crate::engine::local::accumulator::{Accumulator, BatchInput, Classified, End, Entered};
use crate::engine::local::batch::column_rules::{ColumnRules, place_of};
use crate::engine::local::batch::texts::judge_texts;
use crate::engine::local::cost_model::nanoseconds as ns;
use crate::engine::local::cost_model::{CostModel, RowCost};
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::prepare_error::PrepareError;
use crate::engine::local::rows::sink::{Rows, row_number};

/// Means a row whose outcome is known already.
const NO_VALUE: u8 = 0;

/// A search for values that are not in the format of most.
#[derive(Debug)]
pub(crate) struct Uniform {
    column: usize,
    family: Family,
    memory: Arc<KeyMemory>,
    seen: Mutex<Seen>,
}

/// What was kept so far.
#[derive(Debug, Default)]
struct Seen {
    /// The codes of the sets of formats that occurred, from 1.
    codes: HashMap<FormatSet, u8>,
    sets: Vec<FormatSet>,
    /// Rows of each set.
    counts: BTreeMap<FormatSet, u64>,
    batches: BTreeMap<u32, FormatCodes>,
    /// Bytes that are held in memory.
    held: usize,
    /// Where codes go that memory does not hold.
    file: Option<File>,
    written: u64,
}

/// The codes of a batch.
#[derive(Debug)]
enum FormatCodes {
    /// So many rows have the same.
    Same(u8, usize),
    /// One a row.
    Each(Vec<u8>),
    /// The same on disk: where, and how many.
    Spilled(u64, usize),
}

impl Uniform {
    /// Prepares a search.
    ///
    /// # Errors
    /// A family that does not exist, a column that the section does not read.
    pub(crate) fn prepare(
        test: &UniformTest,
        rules: &[ColumnRules],
        memory: &Arc<KeyMemory>,
    ) -> Result<Self, PrepareError> {
        let family = Family::from_name(&test.family)
            .ok_or_else(|| PrepareError::NoEntry { registry: "family", name: test.family.clone() })?;
        let column = place_of(rules, &test.column)?;
        Ok(Self { column, family, memory: Arc::clone(memory), seen: Mutex::default() })
    }

    /// The format that most values fit; the first of several.
    fn dominant(&self, counts: &BTreeMap<FormatSet, u64>) -> Option<(usize, BTreeMap<String, u64>)> {
        let formats = self.family.formats();
        let fit: Vec<u64> = (0..formats.len())
            .map(|format| counts.iter().filter(|(set, _)| set.has(format)).map(|(_, count)| count).sum())
            .collect();
        let most = fit.iter().copied().max().filter(|most| *most > 0)?;
        let first = fit.iter().position(|count| *count == most)?;
        let shares = formats.iter().zip(&fit).filter(|(_, count)| **count > 0);
        Some((first, shares.map(|(name, count)| ((*name).to_owned(), *count)).collect()))
    }
}

impl Seen {
    /// The code of a set.
    fn code(&mut self, set: FormatSet) -> io::Result<u8> {
        if let Some(code) = self.codes.get(&set) {
            return Ok(*code);
        }
        self.sets.push(set);
        // A test counts the sets that each family makes: far fewer than this.
        let code = u8::try_from(self.sets.len()).map_err(|_| io::Error::other("too many sets of formats"))?;
        self.codes.insert(set, code);
        Ok(code)
    }

    fn keep(&mut self, number: u32, codes: Vec<u8>, memory: &KeyMemory) -> io::Result<()> {
        let bytes = codes.len();
        let kept = match codes.first() {
            Some(first) if codes.iter().all(|code| code == first) => FormatCodes::Same(*first, bytes),
            _ if memory.try_keep(bytes) => {
                self.held += bytes;
                FormatCodes::Each(codes)
            }
            _ => {
                let file = match &mut self.file {
                    Some(file) => file,
                    None => self.file.insert(tempfile::tempfile_in(memory.folder())?),
                };
                file.write_all(&codes)?;
                memory.wrote(bytes);
                let at = self.written;
                self.written += bytes as u64;
                FormatCodes::Spilled(at, bytes)
            }
        };
        self.batches.insert(number, kept);
        Ok(())
    }
}

impl Accumulator for Uniform {
    fn extend(&self, input: &BatchInput<'_, '_>) -> io::Result<Classified> {
        let cells = input.cells;
        let there = cells.present(self.column);
        let classified = Classified::in_scope(there.clone(), Bits::none(cells.rows()), input.scope);
        let sets = judge_texts(cells, self.column, &classified.pending, None, |text| Some(self.family.of(text)));
        let mut counts: BTreeMap<FormatSet, u64> = BTreeMap::new();
        let mut last: Option<(FormatSet, u64)> = None;
        for set in sets.iter().flatten() {
            match &mut last {
                Some((known, count)) if known == set => *count += 1,
                _ => {
                    if let Some((known, count)) = last.replace((*set, 1)) {
                        *counts.entry(known).or_default() += count;
                    }
                }
            }
        }
        if let Some((known, count)) = last {
            *counts.entry(known).or_default() += count;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let table: BTreeMap<FormatSet, u8> =
            counts.keys().map(|set| Ok((*set, seen.code(*set)?))).collect::<io::Result<_>>()?;
        for (set, count) in counts {
            *seen.counts.entry(set).or_default() += count;
        }
        let code = |set: &Option<FormatSet>| set.map_or(NO_VALUE, |set| table.get(&set).copied().unwrap_or(NO_VALUE));
        seen.keep(input.number, sets.iter().map(code).collect(), &self.memory)?;
        Ok(classified)
    }

    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Reading> {
        let mut seen = std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        let dominant = self.dominant(&seen.counts);
        let fails: Vec<bool> = std::iter::once(false)
            .chain(seen.sets.iter().map(|set| !dominant.as_ref().is_some_and(|(format, _)| set.has(*format))))
            .collect();
        let failing = |code: u8| fails.get(usize::from(code)).copied().unwrap_or_default();
        let mut rows = Rows::new(end.sinks.failed);
        for (number, kept) in &seen.batches {
            let spilled;
            let codes: &[u8] = match kept {
                FormatCodes::Same(code, _) if !failing(*code) => continue,
                FormatCodes::Same(code, count) => {
                    spilled = vec![*code; *count];
                    &spilled
                }
                FormatCodes::Each(codes) => codes,
                FormatCodes::Spilled(at, count) => {
                    let Some(file) = &mut seen.file else { continue };
                    let mut read = vec![0; *count];
                    file.seek(SeekFrom::Start(*at))?;
                    file.read_exact(&mut read)?;
                    spilled = read;
                    &spilled
                }
            };
            for (row, _) in codes.iter().enumerate().filter(|(_, code)| failing(**code)) {
                rows.push(row_number(*number, row));
            }
            rows.go_on()?;
        }
        drop(rows);
        self.memory.give_back(seen.held);
        let fits = |set: &FormatSet| dominant.as_ref().is_some_and(|(format, _)| set.has(*format));
        let passed = seen.counts.iter().filter(|(set, _)| fits(set)).map(|(_, count)| count).sum();
        let differing: u64 = seen.counts.iter().filter(|(set, _)| !fits(set)).map(|(_, count)| count).sum();
        let Entered { not_applicable, unreadable } = end.entered;
        Ok(Reading::Rows(RowTally {
            passed,
            failed: unreadable + differing,
            not_applicable,
            unreadable,
            formats: dominant.map(|(_, formats)| formats).unwrap_or_default(),
            ..RowTally::default()
        }))
    }
}

/// What it costs for each row.
pub(crate) fn cost(test: &UniformTest, model: &CostModel<'_>) -> RowCost {
    (ns::FORMAT + model.of(&test.column).bytes * ns::TEXT_BYTE, ns::ROW_SET)
}

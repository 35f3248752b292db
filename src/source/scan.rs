//! One pass over the files of a dataset: workers take unit after unit, decode them, and hand out batches.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::batch::{Block, Column, Held, Place};
use super::facts::Tally;
use super::sample::{Layout, Picks};
use super::{Portion, ScanFacts, Source, SourceColumn, SourceError};
use crate::model::FileFact;

/// A file that was opened: its columns are known.
pub(super) trait Table: Send + Sync + std::fmt::Debug {
    /// The columns in file order.
    fn columns(&self) -> &[SourceColumn];

    /// What is wrong with the file beside its records, such as its header.
    fn faults(&self) -> Tally {
        Tally::default()
    }

    /// Rows and the unpacked bytes of each column, where the file tells them before it is read.
    fn extent(&self) -> Option<(u64, Vec<(String, u64)>)> {
        None
    }

    /// Takes the columns of all files for its own, where the format does not fix those of a file.
    fn adopt(&mut self, _columns: &[SourceColumn]) {}

    /// About how many bytes it takes to decode the columns of these sections of the largest unit, one section after the
    /// other.
    fn unit_bytes(&self, sections: &[Vec<&str>], block: usize) -> u64;

    /// What can be read without what stands before it.
    fn layout(&self) -> Layout;

    /// Moves the start of each range of bytes to that of a record, past the end of the range where none starts in it.
    /// Called only where [`layout`](Self::layout) is one of bytes.
    ///
    /// # Errors
    /// Why it cannot be told where records start.
    fn align(&self, ranges: Vec<Range<u64>>) -> Result<Vec<Range<u64>>, String> {
        Ok(ranges)
    }

    /// How many rows there are, where the file tells without being read.
    fn rows(&self) -> Option<u64> {
        None
    }

    /// As [`units`](Self::units), of what a sample takes of the file.
    fn picked<'a>(&'a self, columns: &'a [usize], picks: &'a Picks) -> Result<Box<dyn Units<'a> + 'a>, String>;

    /// Starts a pass that reads the columns at these positions, each at most once. Text is cut into blocks of about
    /// `block` bytes.
    fn units<'a>(&'a self, columns: &'a [usize], block: usize) -> Result<Box<dyn Units<'a> + 'a>, String>;
}

/// The units of a file in order. Called by one worker at a time, so this does only what cannot be done in parallel.
pub(super) trait Units<'a>: Send {
    /// The next unit.
    fn next(&mut self) -> Result<Option<Unit<'a>>, String>;
}

/// Takes rows; `false` asks to stop.
pub(super) type Emit<'e> = dyn FnMut(Rows) -> bool + 'e;

/// Decodes a unit.
pub(super) type Read<'a> = Box<dyn FnOnce(&mut Emit) -> Result<Tally, String> + Send + 'a>;

/// A part of a file that can be decoded apart from the others.
pub(super) struct Unit<'a> {
    /// Stored bytes that it stands for, for progress.
    pub(super) bytes: u64,
    /// How many times `read` emits rows at the most.
    pub(super) parts: u32,
    /// Decodes it.
    pub(super) read: Read<'a>,
}

/// A block that does not know its place.
pub(super) struct Rows {
    /// The rows of each batch.
    pub(super) parts: Vec<Range<usize>>,
    /// The columns asked for.
    pub(super) columns: Vec<Held>,
    /// Rows whose record has a fault.
    pub(super) malformed: Vec<u32>,
    /// The line on which each row starts.
    pub(super) lines: Option<Vec<u64>>,
    /// Whether there are fewer such blocks than workers.
    pub(super) scarce: bool,
}

impl Rows {
    /// One batch of `count` rows.
    pub(super) fn ready(count: usize, columns: Vec<Column>, malformed: Vec<u32>, lines: Option<Vec<u64>>) -> Self {
        Self {
            parts: std::iter::once(0..count).collect(),
            columns: columns.into_iter().map(Held::Ready).collect(),
            malformed,
            lines,
            scarce: false,
        }
    }
}

/// Where the columns of a dataset are in one file.
struct Projection {
    /// Positions in the file.
    columns: Vec<usize>,
    /// For each column asked for: the next of `columns`, or the text of a partition folder.
    partitions: Vec<Option<Folder>>,
}

/// The text of a partition folder, where it has one.
type Folder = Option<Arc<str>>;

/// What is being read.
struct Queue<'a> {
    file: usize,
    units: Option<Box<dyn Units<'a> + 'a>>,
    part: u32,
}

/// What was found so far.
#[derive(Default)]
struct Found {
    tally: Tally,
    rows: Vec<u64>,
    checksums: Vec<Option<crate::model::ChecksumTally>>,
    /// The first error in file order.
    error: Option<(Place, String)>,
}

/// A lock that outlives a panic of another worker: what it guards stays whole between statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Positions of files and parts fit 32 bits, or the dataset is refused on opening.
pub(super) fn narrow(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

/// See [`Source::scan`].
pub(super) fn scan(
    source: &Source,
    columns: &[usize],
    portion: &Portion<'_>,
    visit: &(dyn Fn(Block) -> bool + Sync),
    advance: &(dyn Fn(u64) + Sync),
) -> Result<ScanFacts, SourceError> {
    let projections: Vec<Projection> = (0..source.files.len()).map(|file| project(source, file, columns)).collect();
    let count = source.files.len();
    let found = Mutex::new(Found { rows: vec![0; count], checksums: vec![None; count], ..Found::default() });
    let queue = Mutex::new(Queue { file: 0, units: None, part: 0 });
    let stop = AtomicBool::new(false);
    let cancelled = AtomicBool::new(false);

    let work = || {
        while !stop.load(Ordering::Relaxed) && !portion.is_enough(None) {
            let next = {
                let mut queue = lock(&queue);
                let next = next_unit(source, &projections, portion, &mut queue);
                if next.is_err() {
                    // Nobody asks a reader again that has failed.
                    queue.file = source.files.len();
                }
                next
            };
            let (place, unit) = match next {
                Ok(Some(next)) => next,
                Ok(None) => return,
                Err((place, problem)) => {
                    stop.store(true, Ordering::Relaxed);
                    lock(&found).fail(place, problem);
                    return;
                }
            };
            let file = place.file as usize;
            let mut part = place.part;
            let outcome = (unit.read)(&mut |mut rows| {
                rows.columns = assemble(rows.columns, &projections[file].partitions);
                let place = Place { part, ..place };
                part += narrow(rows.parts.len());
                let block = Block::new(place, rows);
                let going = block.is_empty() || visit(block);
                if !going {
                    stop.store(true, Ordering::Relaxed);
                    cancelled.store(true, Ordering::Relaxed);
                }
                going
            });
            advance(unit.bytes);
            match outcome {
                Ok(tally) => lock(&found).add(place.file, tally),
                Err(problem) => {
                    stop.store(true, Ordering::Relaxed);
                    lock(&found).fail(place, problem);
                }
            }
        }
    };
    rayon::scope(|scope| {
        for _ in 0..rayon::current_num_threads() {
            scope.spawn(|_| work());
        }
    });

    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let cancelled = cancelled.into_inner();
    if !cancelled {
        // Told before any other error, since it explains them.
        if let Some(file) = source.files.iter().find(|file| file.data.has_changed()) {
            return Err(SourceError {
                path: file.data.shown.clone(),
                problem: "changed while it was read: audit a copy that stays as it is".to_owned(),
            });
        }
        // What comes after the place at which enough was read would not have been met with fewer workers.
        if let Some((place, problem)) = found.error.take().filter(|(place, _)| !portion.is_enough(Some(*place))) {
            let file = place.file as usize;
            let rows = found.rows.get(file).copied().unwrap_or_default();
            let problem = if rows == 0 { problem } else { format!("{problem} ({rows} rows were read before)") };
            return Err(source.error(file, problem));
        }
    }
    for (position, file) in source.files.iter().enumerate() {
        found.tally.merge(narrow(position), file.table.faults());
    }
    let files = source.files.iter().zip(&found.rows).zip(&found.checksums);
    let files = files
        .map(|((file, rows), checksums)| FileFact {
            path: file.data.shown.clone(),
            format: source.format.name().to_owned(),
            bytes: file.data.stored_bytes(),
            rows: *rows,
            checksums: *checksums,
        })
        .collect();
    Ok(ScanFacts { files, framing: found.tally.into_framing() })
}

impl Found {
    fn add(&mut self, file: u32, tally: Tally) {
        if let Some(rows) = self.rows.get_mut(file as usize) {
            *rows += tally.records;
        }
        if let (Some(pages), Some(total)) = (tally.checksums, self.checksums.get_mut(file as usize)) {
            super::facts::add(total.get_or_insert_default(), pages);
        }
        self.tally.merge(file, tally);
    }

    /// Keeps the error that comes first in file order. Units are handed out in order and each is finished, so this is the
    /// same one at any number of threads.
    fn fail(&mut self, place: Place, problem: String) {
        if self.error.as_ref().is_none_or(|(first, _)| place < *first) {
            self.error = Some((place, problem));
        }
    }
}

/// Takes the next unit of the dataset.
fn next_unit<'a>(
    source: &'a Source,
    projections: &'a [Projection],
    portion: &Portion<'a>,
    queue: &mut Queue<'a>,
) -> Result<Option<(Place, Unit<'a>)>, (Place, String)> {
    while let (Some(file), Some(projection)) = (source.files.get(queue.file), projections.get(queue.file)) {
        let place = Place { file: narrow(queue.file), part: queue.part };
        let fail = |problem| (place, problem);
        let units = match &mut queue.units {
            Some(units) => units,
            none => {
                let picks = portion.sample.and_then(|sample| sample.picks(queue.file));
                let units = match picks {
                    Some(picks) => file.table.picked(&projection.columns, picks),
                    None => file.table.units(&projection.columns, source.block),
                };
                none.insert(units.map_err(fail)?)
            }
        };
        if let Some(unit) = units.next().map_err(fail)? {
            queue.part += unit.parts;
            return Ok(Some((place, unit)));
        }
        queue.units = None;
        queue.part = 0;
        queue.file += 1;
    }
    Ok(None)
}

/// Finds the columns in one file.
fn project(source: &Source, file: usize, columns: &[usize]) -> Projection {
    let mut projection = Projection { columns: Vec::new(), partitions: Vec::new() };
    let Some(file) = source.files.get(file) else { return projection };
    for column in columns.iter().filter_map(|position| source.columns.get(*position)) {
        if let Some(position) = file.positions.get(&column.name) {
            projection.columns.push(*position);
            projection.partitions.push(None);
        } else {
            let folder = file.data.partitions.iter().find(|(name, _)| *name == column.name);
            let value = folder.and_then(|(_, value)| value.as_deref().map(Arc::from));
            projection.partitions.push(Some(value));
        }
    }
    projection
}

/// Puts the cells of partition folders between those of the file.
fn assemble(cells: Vec<Held>, partitions: &[Option<Folder>]) -> Vec<Held> {
    let mut cells = cells.into_iter();
    let place = |partition: &Option<Folder>| match partition {
        Some(value) => Some(Held::Constant(value.clone())),
        None => cells.next(),
    };
    partitions.iter().filter_map(place).collect()
}

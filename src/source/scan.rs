//! One pass over the files of a dataset: workers take unit after unit, decode them, and hand out batches.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::assembled::{Asked, assemble};
use super::batch::{Batch, Block, Place, narrow};
use super::error::{Problem, SourceError};
use super::faults::{Tally, add};
use super::files::compressed::{Packing, xz_has_checksums};
use super::files::data_file::{DataFile, unreadable};
use super::files::zstd_frames::frame_checksums;
use super::opened::Source;
use super::portion::{Portion, ScanFacts};
use super::series::Slot;
use super::table::{Unit, Units};
use crate::model::{ChecksumTally, DataType, FileFact};

/// The places of the columns of a dataset in one file.
struct Projection {
    /// Positions in the file.
    columns: Vec<usize>,
    /// Where the cells of each column asked for come from.
    slots: Vec<Asked>,
}

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
    checksums: Vec<Option<ChecksumTally>>,
    /// The first error in file order.
    error: Option<(Place, Problem)>,
}

/// A lock that survives a panic of another worker: what it guards stays whole between statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Source {
    /// Reads all files once. Calls `visit` with each batch, from all workers of the current rayon pool at the same time
    /// and in any order, and `advance` with the stored bytes that were read. `columns` are positions in
    /// [`columns`](Self::columns), each at most once; none is enough to count rows.
    ///
    /// Batches are the same in every scan and at any number of threads. Memory holds about one unit (a block of text, a
    /// row group, a record batch) for each worker. Stops early, without an error, once `visit` returns `false`.
    pub fn scan(
        &self,
        columns: &[usize],
        visit: &(dyn Fn(Batch) -> bool + Sync),
        advance: &(dyn Fn(u64) + Sync),
    ) -> Result<ScanFacts, SourceError> {
        let all: Vec<usize> = (0..columns.len()).collect();
        // What cannot be unpacked ends the scan by itself.
        let batches = |mut block: Block| block.take(&all).is_none_or(|batches| batches.into_iter().all(visit));
        self.scan_blocks(columns, &Portion::default(), &batches, advance)
    }

    /// Like [`scan`](Self::scan), but it can read a part, and gives blocks. Batches of a sample have no lines. Their order is
    /// the order of rows, but how many rows lie between them is not known.
    ///
    /// Units are begun in the order of rows, and each unit that was begun is finished. So all batches before a visited one
    /// were visited, at any number of threads.
    pub fn scan_blocks(
        &self,
        columns: &[usize],
        portion: &Portion<'_>,
        visit: &(dyn Fn(Block) -> bool + Sync),
        advance: &(dyn Fn(u64) + Sync),
    ) -> Result<ScanFacts, SourceError> {
        let mut seen = BTreeSet::new();
        for position in columns {
            let column = self.column(*position).filter(|_| seen.insert(*position));
            let Some(column) = column else {
                let problem = format!("column {position} is asked for twice or is not there");
                return Err(self.error(0, Problem::Columns(problem)));
            };
            if column.data_type.is_none() {
                let problem =
                    format!("the column `{}` is stored as {}, which no rule can read", column.name, column.stored);
                return Err(self.error(0, Problem::Columns(problem)));
            }
        }
        scan(self, columns, portion, visit, advance)
    }
}

/// See [`Source::scan_blocks`].
fn scan(
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
                rows.columns = assemble(rows.columns, &projections[file].slots);
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
        // Reported before any other error, since it explains them.
        if let Some(file) = source.files.iter().find(|file| file.data.has_changed()) {
            return Err(Problem::Changed.at(&file.data.shown));
        }
        // What comes after the place at which enough was read would not have been met with fewer workers.
        if let Some((place, problem)) = found.error.take().filter(|(place, _)| !portion.is_enough(Some(*place))) {
            let file = place.file as usize;
            let problem = match problem {
                Problem::Column { position, problem } => {
                    source.lose(file, position, &problem);
                    *problem
                }
                problem => problem,
            };
            let rows = found.rows.get(file).copied().unwrap_or_default();
            let problem = if rows == 0 { problem } else { Problem::After { problem: Box::new(problem), rows } };
            return Err(source.error(file, problem));
        }
    }
    for (position, file) in source.files.iter().enumerate() {
        found.tally.merge(narrow(position), file.table.faults());
    }
    let files = source.files.iter().zip(&found.rows).zip(&found.checksums);
    let files = files
        .map(|((file, rows), checksums)| {
            // Of a file that was not read to its end nothing was compared.
            let frames = if cancelled { None } else { frames(&file.data)? };
            Ok(FileFact {
                path: file.data.shown.clone(),
                format: source.format.name.to_owned(),
                bytes: file.data.stored_bytes(),
                rows: *rows,
                checksums: *checksums,
                frames,
            })
        })
        .collect::<Result<Vec<_>, SourceError>>()?;
    let mut framing = found.tally.into_framing();
    for frames in files.iter().filter_map(|file: &FileFact| file.frames) {
        add(framing.frames.get_or_insert_default(), frames);
    }
    Ok(ScanFacts { files, framing })
}

/// The checksums of the frames of a Zstandard file that was read; an xz file without any counts as one frame.
fn frames(data: &DataFile) -> Result<Option<ChecksumTally>, SourceError> {
    let fail = |problem: Problem| problem.at(&data.shown);
    match data.packing {
        Packing::Zstd => {
            let file = data.open().map_err(fail)?;
            frame_checksums(file).map(Some).map_err(|error| fail(unreadable(&error)))
        }
        Packing::Xz if !xz_has_checksums(&data.head().map_err(fail)?) => {
            Ok(Some(ChecksumTally { absent: 1, ..ChecksumTally::default() }))
        }
        _ => Ok(None),
    }
}

impl Found {
    fn add(&mut self, file: u32, tally: Tally) {
        if let Some(rows) = self.rows.get_mut(file as usize) {
            *rows += tally.records;
        }
        if let (Some(pages), Some(total)) = (tally.checksums, self.checksums.get_mut(file as usize)) {
            add(total.get_or_insert_default(), pages);
        }
        self.tally.merge(file, tally);
    }

    /// Keeps the error that comes first in file order. Units are handed out in order and each is finished, so this is the
    /// same one at any number of threads.
    fn fail(&mut self, place: Place, problem: Problem) {
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
) -> Result<Option<(Place, Unit<'a>)>, (Place, Problem)> {
    while let (Some(file), Some(projection)) = (source.files.get(queue.file), projections.get(queue.file)) {
        let place = Place { file: narrow(queue.file), part: queue.part };
        let fail = |problem| (place, problem);
        let units = match &mut queue.units {
            Some(units) => units,
            none => {
                let picks = portion.sample.and_then(|sample| sample.picks(queue.file));
                let units = match picks {
                    Some(picks) => file.table.picked(&projection.columns, picks),
                    None => file.table.units(&projection.columns, source.block, portion.cells_alone),
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
fn project(source: &Source, at: usize, columns: &[usize]) -> Projection {
    let mut projection = Projection { columns: Vec::new(), slots: Vec::new() };
    let Some(file) = source.files.get(at) else { return projection };
    for (position, column) in columns.iter().filter_map(|position| Some((*position, source.column(*position)?))) {
        let own = file.positions.get(&column.name).copied();
        let stored = own.and_then(|own| file.columns.iter().chain(&file.inner_columns).nth(own));
        let slot = match (stored, &source.file_names) {
            (Some(stored), _) => Slot::of(stored, column),
            (None, Some((name, names))) if *name == column.name => Slot::Constant(names.get(at).cloned()),
            (None, _) => match file.data.partitions.iter().find(|(name, _)| *name == column.name) {
                Some((_, value)) => Slot::Constant(value.as_deref().map(Arc::from)),
                None => Slot::Missing(column.data_type.unwrap_or(DataType::Text)),
            },
        };
        let at = match (&slot, own) {
            (Slot::Own(_), Some(own)) => {
                let known = projection.columns.iter().position(|known| *known == own);
                known.unwrap_or_else(|| {
                    projection.columns.push(own);
                    projection.columns.len() - 1
                })
            }
            _ => 0,
        };
        projection.slots.push(Asked { at, slot, is_composed: source.is_composed(position) });
    }
    projection
}

//! One pass over one dataset: every batch feeds every measure and lookup while it is in the cache.

use std::collections::{BTreeMap, BinaryHeap};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::engine::{DatasetFacts, Progress};
use crate::model::{
    AsOf, ColumnFact, DuplicateTally, Expr, MatchTally, MeasureKind, Reading, RowRef, RowTally, SAMPLE_ROWS,
};
use crate::plan::{Pass, Plan};
use crate::source::{Batch, Bits, Place, ScanFacts, Source};

use super::cells::{Cells, ColumnRules};
use super::clock::{Clock, Lap, Work};
use super::costs::PassCosts;
use super::figures::{Figure, Partial};
use super::keys::KeyColumns;
use super::logic::{Condition, Truth};
use super::lookups::{Builder, Lookups};
use super::repeats::{KeyMemory, KeyStore, Repeats};
use super::row_tests::RowTest;

/// What every pass of an execution shares.
#[derive(Clone, Copy)]
pub(super) struct Shared<'a> {
    pub plan: &'a Plan,
    pub lookups: &'a Lookups,
    pub memory: &'a KeyMemory,
    pub spill_dir: &'a std::path::Path,
    pub as_of: AsOf,
    pub profile: bool,
    pub progress: &'a dyn Progress,
}

/// What a pass returns.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// Position of the measure in the plan, and its reading.
    pub readings: Vec<(usize, Result<Reading, String>)>,
    /// Facts about the dataset; only from its main pass.
    pub facts: DatasetFacts,
    /// What it cost, where that is asked for.
    pub costs: Option<PassCosts>,
}

/// A measure made ready for the batches of its dataset.
enum Job<'a> {
    Count,
    Rows(RowTest),
    Repeats {
        key: KeyColumns,
        store: KeyStore<'a>,
    },
    Figure {
        figure: Figure,
        store: Option<KeyStore<'a>>,
    },
    /// Answered without looking at rows.
    Given,
    /// Cannot be measured.
    Broken(String),
}

/// One measure of a pass.
struct Station<'a> {
    measure: usize,
    filter: Option<usize>,
    for_records: bool,
    job: Job<'a>,
    tally: Mutex<Tally>,
}

/// What was counted so far.
#[derive(Default)]
struct Tally {
    rows: RowTally,
    matching: Option<MatchTally>,
    out_of_scope: u64,
    counted: u64,
    unreadable: u64,
    sample: Sample,
    partials: BTreeMap<Place, Partial>,
    problem: Option<String>,
}

/// The first failing rows seen so far, by place.
#[derive(Default)]
struct Sample(Vec<(Place, usize, Option<u64>)>);

impl Sample {
    /// Takes in the failing rows of a batch, of which the first few are kept.
    fn extend(&mut self, batch: &Batch, failed: &Bits) {
        let line = |row: usize| batch.lines.as_ref().and_then(|lines| lines.get(row).copied());
        self.0.extend(failed.ones().take(SAMPLE_ROWS).map(|row| (batch.place, row, line(row))));
        self.0.sort_unstable();
        self.0.truncate(SAMPLE_ROWS);
    }

    /// Takes in rows that were found after all batches were seen.
    fn extend_places(&mut self, found: &[(u32, u32)], numbers: &Numbers, batches: &BTreeMap<Place, Rows>) {
        let mut first = BinaryHeap::new();
        for (number, row) in found {
            if let Some(place) = numbers.place(*number) {
                first.push((place, *row));
                if first.len() > SAMPLE_ROWS {
                    first.pop();
                }
            }
        }
        let line = |place, row: u32| batches.get(&place).and_then(|rows| rows.lines.at(row as usize));
        let found = first.into_iter().map(|(place, row)| (place, row as usize, line(place, row)));
        self.0.extend(found);
        self.0.sort_unstable();
        self.0.truncate(SAMPLE_ROWS);
    }

    /// The rows as a reader finds them.
    fn rows(&self, batches: &BTreeMap<Place, Rows>) -> Vec<RowRef> {
        let record = |place: &Place, row: usize| {
            let first = Place { file: place.file, part: 0 };
            batches.range(first..*place).map(|(_, rows)| rows.count as u64).sum::<u64>() + row as u64 + 1
        };
        self.0
            .iter()
            .map(|(place, row, line)| RowRef { file: place.file, record: record(place, *row), line: *line })
            .collect()
    }
}

/// What is remembered of the rows of a batch.
struct Rows {
    /// The number under which keys know the batch.
    number: u32,
    count: usize,
    /// Rows that are not clean records.
    unclean: Bits,
    lines: Lines,
}

/// The lines on which the rows of a batch start.
enum Lines {
    /// The format has no lines.
    None,
    /// Each row on the line after the one before.
    Running(u64),
    /// Anything else: lines after that of the first row.
    Each(u64, Vec<u32>),
}

impl Lines {
    fn of(batch: &Batch) -> Self {
        let Some(lines) = &batch.lines else { return Self::None };
        let first = lines.first().copied().unwrap_or_default();
        if (first..).zip(lines).all(|(expected, line)| expected == *line) {
            return Self::Running(first);
        }
        Self::Each(first, lines.iter().map(|line| u32::try_from(line - first).unwrap_or(u32::MAX)).collect())
    }

    fn at(&self, row: usize) -> Option<u64> {
        match self {
            Self::None => None,
            Self::Running(first) => Some(first + row as u64),
            Self::Each(first, lines) => lines.get(row).map(|line| first + u64::from(*line)),
        }
    }
}

/// The batches by number; numbers are given as batches come, places tell their order.
struct Numbers(Vec<Place>);

impl Numbers {
    fn of(batches: &BTreeMap<Place, Rows>) -> Self {
        let mut places = vec![Place { file: 0, part: 0 }; batches.len()];
        for (place, rows) in batches {
            if let Some(slot) = places.get_mut(rows.number as usize) {
                *slot = *place;
            }
        }
        Self(places)
    }

    fn place(&self, number: u32) -> Option<Place> {
        self.0.get(number as usize).copied()
    }
}

/// Runs a pass.
///
/// # Errors
/// Where the dataset cannot be read: the reason.
pub(super) fn run(pass: &Pass, source: &Source, shared: Shared<'_>, main: bool) -> Result<Done, String> {
    let planned = shared.plan.datasets.get(&pass.dataset).ok_or("the dataset is not planned")?;
    let names = &pass.columns;
    let rules = ColumnRules::prepare(names, &planned.columns)?;
    let mut filters = Filters::default();
    let mut stations = Vec::with_capacity(pass.measures.len());
    for measure in &pass.measures {
        stations.push(Station::prepare(*measure, &rules, planned.record_rules.contains(measure), &mut filters, shared));
    }
    let mut builders = Vec::with_capacity(pass.lookups.len());
    for lookup in &pass.lookups {
        let builder = Builder::prepare(&shared.plan.lookups[*lookup], &rules, shared.as_of);
        builders.push((*lookup, builder));
    }
    let clock = shared.profile.then(|| Clock::start(filters.0.len(), stations.len(), builders.len()));
    let next = AtomicU32::new(0);
    let batches: Mutex<BTreeMap<Place, Rows>> = Mutex::default();
    let facts =
        scan(source, names, &pass.dataset, if main { "audit" } else { "keys" }, shared, clock.as_ref(), &|batch| {
            let mut lap = Lap::begin(clock.as_ref());
            let number = next.fetch_add(1, Ordering::Relaxed);
            let cells = Cells::new(batch, &rules);
            let scopes = filters.evaluate(&cells, &mut lap);
            let mut unclean = Bits::none(batch.rows);
            for row in &batch.malformed {
                unclean.set(*row as usize);
            }
            for (at, station) in stations.iter().enumerate() {
                if let Some(failed) = station.measure(batch, number, &cells, &scopes)
                    && station.for_records
                {
                    unclean = unclean.or(&failed);
                }
                lap.book(Work::Measure(at));
            }
            for (at, (_, builder)) in builders.iter().enumerate() {
                if let Ok(builder) = builder {
                    builder.extend(&cells);
                    lap.book(Work::Lookup(at));
                }
            }
            let rows = Rows { number, count: batch.rows, unclean, lines: Lines::of(batch) };
            batches.lock().unwrap_or_else(PoisonError::into_inner).insert(batch.place, rows);
        })?;
    for (at, builder) in builders {
        shared.lookups.put(at, builder.map(Builder::finish));
    }
    let mut batches = batches.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut done = Done::default();
    let columns = columns_of(source, shared.plan, &pass.dataset);
    let numbers = Numbers::of(&batches);
    let mut finishing = Vec::with_capacity(stations.len());
    for station in stations {
        let (measure, for_records) = (station.measure, station.for_records);
        let (reading, repeats) = station.finish(&facts, &columns, &batches, &numbers, shared.plan);
        if for_records {
            for (number, row) in repeats.places {
                if let Some(rows) = numbers.place(number).and_then(|place| batches.get_mut(&place)) {
                    rows.unclean.set(row as usize);
                }
            }
        }
        finishing.push(repeats.nanoseconds);
        done.readings.push((measure, reading));
    }
    done.facts = DatasetFacts {
        rows: batches.values().map(|rows| rows.count as u64).sum(),
        clean: batches.values().map(|rows| rows.count as u64 - rows.unclean.count()).sum(),
        files: facts.files,
        columns,
        framing: facts.framing,
    };
    done.costs = clock.map(|clock| PassCosts {
        rows: done.facts.rows,
        times: clock.stop(),
        filters: filters.0.into_iter().map(|(filter, _)| filter).collect(),
        finishing,
    });
    Ok(done)
}

/// Reads the named columns of a source, batch by batch.
fn scan(
    source: &Source,
    names: &[String],
    dataset: &str,
    purpose: &str,
    shared: Shared<'_>,
    clock: Option<&Clock>,
    visit: &(dyn Fn(&Batch) + Sync),
) -> Result<ScanFacts, String> {
    let places: Vec<usize> = names
        .iter()
        .map(|name| {
            let at = source.columns().iter().position(|column| column.name == *name);
            at.ok_or_else(|| format!("there is no column {name}"))
        })
        .collect::<Result<_, _>>()?;
    shared.progress.begin(dataset, purpose, source.bytes());
    let facts = source.scan(
        &places,
        &|batch| {
            visit(&batch);
            !shared.progress.cancelled()
        },
        &|bytes| {
            if let Some(clock) = clock {
                clock.read();
            }
            shared.progress.advance(dataset, bytes);
        },
    );
    shared.progress.end(dataset);
    facts.map_err(|error| error.to_string())
}

/// The columns of a dataset as a report shows them.
fn columns_of(source: &Source, plan: &Plan, dataset: &str) -> Vec<ColumnFact> {
    let planned = plan.datasets.get(dataset);
    let columns = source.columns().iter().map(|column| {
        let planned = planned.and_then(|dataset| dataset.columns.get(&column.name));
        ColumnFact {
            name: column.name.clone(),
            stored: column.stored.clone(),
            data_type: planned.map(|column| column.data_type).or(column.data_type),
        }
    });
    columns.collect()
}

/// The different conditions of a pass.
#[derive(Default)]
struct Filters(Vec<(Expr, Result<Condition, String>)>);

impl Filters {
    /// The place of a condition.
    fn place(&mut self, filter: &Expr, rules: &[ColumnRules], as_of: AsOf) -> usize {
        let known = self.0.iter().position(|(known, _)| known == filter);
        known.unwrap_or_else(|| {
            self.0.push((filter.clone(), Condition::compile(filter, rules, as_of)));
            self.0.len() - 1
        })
    }

    /// The truth of every condition for the rows of a batch.
    fn evaluate(&self, cells: &Cells<'_>, lap: &mut Lap<'_>) -> Vec<Option<Truth>> {
        let mut truths = Vec::with_capacity(self.0.len());
        for (at, (_, condition)) in self.0.iter().enumerate() {
            truths.push(condition.as_ref().ok().map(|condition| condition.evaluate(cells)));
            lap.book(Work::Filter(at));
        }
        truths
    }
}

impl<'a> Station<'a> {
    fn prepare(
        measure: usize,
        rules: &[ColumnRules],
        for_records: bool,
        filters: &mut Filters,
        shared: Shared<'a>,
    ) -> Self {
        let wanted = &shared.plan.measures[measure];
        let job = match &wanted.kind {
            MeasureKind::RowCount => Ok(Job::Count),
            MeasureKind::Rows(predicate) => {
                RowTest::prepare(predicate, rules, shared.plan, shared.lookups, shared.as_of).map(Job::Rows)
            }
            MeasureKind::DuplicateKeys(_) | MeasureKind::DuplicateRows { .. } => key_of(&wanted.kind, rules)
                .map(|key| Job::Repeats { key, store: KeyStore::new(shared.memory, shared.spill_dir) }),
            MeasureKind::Figure(aggregate) => Figure::prepare(aggregate, rules, shared.as_of).map(|figure| {
                let store = figure.is_distinct().then(|| KeyStore::new(shared.memory, shared.spill_dir));
                Job::Figure { figure, store }
            }),
            MeasureKind::Columns | MeasureKind::Framing => Ok(Job::Given),
        };
        let filter = wanted.filter.as_ref().map(|filter| filters.place(filter, rules, shared.as_of));
        let broken = filter.and_then(|at| filters.0[at].1.as_ref().err().cloned());
        let job = match broken {
            Some(problem) => Job::Broken(problem),
            None => job.unwrap_or_else(Job::Broken),
        };
        Self { measure, filter, for_records, job, tally: Mutex::default() }
    }

    /// Takes in a batch; returns the rows that fail.
    fn measure(&self, batch: &Batch, number: u32, cells: &Cells<'_>, scopes: &[Option<Truth>]) -> Option<Bits> {
        let truth = self.filter.and_then(|at| scopes[at].as_ref());
        let rows = batch.rows as u64;
        let tally = || self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        match &self.job {
            Job::Count => {
                let mut tally = tally();
                tally.counted += truth.map_or(rows, |truth| truth.yes.count());
                tally.unreadable += truth.map_or(0, |truth| truth.unreadable.count());
                None
            }
            Job::Rows(test) => {
                let mut tested = test.evaluate(cells, truth.map(|truth| &truth.yes));
                if let Some(truth) = truth {
                    // Where it cannot be told whether a row is in scope, the row does not pass.
                    tested.unreadable = tested.unreadable.or(&truth.unreadable);
                    tested.failed = tested.failed.or(&truth.unreadable);
                }
                let (passed, failed) = (tested.passed.count(), tested.failed.count());
                let mut tally = tally();
                tally.rows.passed += passed;
                tally.rows.failed += failed;
                tally.rows.unreadable += tested.unreadable.count();
                tally.rows.not_applicable += rows - passed - failed;
                if let Some(matching) = tested.matching {
                    let all = tally.matching.get_or_insert_default();
                    all.matched += matching.matched;
                    all.differing += matching.differing;
                    all.unmatched += matching.unmatched;
                    all.ambiguous += matching.ambiguous;
                }
                if failed > 0 {
                    tally.sample.extend(batch, &tested.failed);
                }
                Some(tested.failed)
            }
            Job::Repeats { key, store } => {
                let (mut whole, mut spoilt) = key.split(cells);
                if let Some(truth) = truth {
                    whole = whole.and(&truth.yes);
                    spoilt = spoilt.and(&truth.yes).or(&truth.unreadable);
                }
                let mut keys = Vec::with_capacity(batch.rows);
                key.for_each(cells, &whole, |row, key| keys.push((u32::try_from(row).unwrap_or(u32::MAX), key)));
                let kept = store.extend(number, &keys);
                let mut tally = tally();
                let unreadable = spoilt.count();
                tally.out_of_scope += rows - keys.len() as u64 - unreadable;
                tally.unreadable += unreadable;
                if unreadable > 0 {
                    tally.sample.extend(batch, &spoilt);
                }
                if let Err(error) = kept {
                    tally.problem = Some(format!("keys could not be spilled: {error}"));
                }
                Some(spoilt)
            }
            Job::Figure { figure, store } => {
                let scope = truth.map_or_else(|| Bits::all(batch.rows), |truth| truth.yes.clone());
                let mut keys = Vec::new();
                let mut partial = figure.measure(cells, &scope, &mut keys);
                partial.leave_out(truth.map_or(0, |truth| truth.unreadable.count()));
                let kept = store.as_ref().map_or(Ok(()), |store| store.extend(number, &keys));
                let mut tally = tally();
                tally.partials.insert(batch.place, partial);
                if let Err(error) = kept {
                    tally.problem = Some(format!("keys could not be spilled: {error}"));
                }
                None
            }
            Job::Given | Job::Broken(_) => None,
        }
    }

    /// The reading, and what a search for repeats found.
    fn finish(
        self,
        facts: &ScanFacts,
        columns: &[ColumnFact],
        batches: &BTreeMap<Place, Rows>,
        numbers: &Numbers,
        plan: &Plan,
    ) -> (Result<Reading, String>, Repeats) {
        let tally = self.tally.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(problem) = tally.problem {
            return (Err(problem), Repeats::default());
        }
        let lost = |error| format!("spilled keys could not be read back: {error}");
        let reading = match self.job {
            Job::Count => Ok(Reading::Count { rows: tally.counted, unreadable: tally.unreadable }),
            Job::Rows(_) => {
                let sample = tally.sample.rows(batches);
                Ok(Reading::Rows(RowTally { matching: tally.matching, sample, ..tally.rows }))
            }
            Job::Repeats { store, .. } => match store.finish() {
                Ok(repeats) => {
                    let mut sample = tally.sample;
                    sample.extend_places(&repeats.places, numbers, batches);
                    let duplicated = repeats.places.len() as u64;
                    let tally = DuplicateTally {
                        evaluated: repeats.rows,
                        duplicated,
                        groups: repeats.groups,
                        surplus: duplicated - repeats.groups,
                        not_applicable: tally.out_of_scope,
                        unreadable: tally.unreadable,
                        sample: sample.rows(batches),
                    };
                    return (Ok(Reading::Duplicates(tally)), repeats);
                }
                Err(error) => Err(lost(error)),
            },
            Job::Figure { figure, store } => match store.map(KeyStore::finish).transpose() {
                Ok(repeats) => {
                    let repeats = repeats.unwrap_or_default();
                    let (value, values, unreadable) = figure.finish(tally.partials.into_values(), repeats.distinct);
                    return (
                        Ok(Reading::Figure { value, values, unreadable }),
                        Repeats { places: Vec::new(), ..repeats },
                    );
                }
                Err(error) => Err(lost(error)),
            },
            Job::Given if plan.measures[self.measure].kind == MeasureKind::Columns => {
                Ok(Reading::Columns(columns.to_vec()))
            }
            Job::Given => Ok(Reading::Framing(facts.framing.clone())),
            Job::Broken(problem) => Err(problem),
        };
        (reading, Repeats::default())
    }
}

/// The key that a search for repeats compares.
fn key_of(kind: &MeasureKind, rules: &[ColumnRules]) -> Result<KeyColumns, String> {
    match kind {
        MeasureKind::DuplicateKeys(key) => KeyColumns::find(&key.columns, rules),
        MeasureKind::DuplicateRows { ignore } => {
            let columns: Vec<String> =
                rules.iter().map(|column| column.name.clone()).filter(|name| !ignore.contains(name)).collect();
            KeyColumns::of_rows(&columns, rules)
        }
        _ => Err("this measure has no key".to_owned()),
    }
}

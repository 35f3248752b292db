//! One pass over one dataset: every batch feeds every measure and lookup while it is in the cache.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use crate::engine::{DatasetFacts, Progress, Stop};
use crate::model::{AsOf, ColumnFact, DuplicateTally, Expr, FramingTally, MatchTally, MeasureKind, Reading, RowTally};
use crate::plan::{Pass, Plan};
use crate::source::{Batch, Bits, Place, Portion, Sample as Drawn, ScanFacts, Source};

use super::cells::{Cells, ColumnRules};
use super::clock::{Clock, Lap, Work, since};
use super::costs::PassCosts;
use super::figures::{Figure, Partial};
use super::joins::Join;
use super::keys::{KeyColumns, RecentKeys};
use super::ledger::{Amending, Brake, Counted, Ledger};
use super::logic::{Condition, Truth};
use super::lookups::{Builder, Lookups};
use super::memory::KeyMemory;
use super::records::{AllRecords, Found, Records, Sample, Unasked};
use super::repeats::{KeyStore, row_number};
use super::row_tests::RowTest;

/// What every pass of an execution shares.
#[derive(Clone, Copy)]
pub(super) struct Shared<'a> {
    pub plan: &'a Plan,
    pub lookups: &'a Lookups,
    pub memory: &'a Arc<KeyMemory>,
    pub samples: &'a BTreeMap<String, Drawn>,
    pub stop: Option<&'a dyn Stop>,
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
    /// The measures that ended the pass early; only their readings are given.
    pub decided_by: Option<Vec<usize>>,
    /// What it cost, where that is asked for.
    pub costs: Option<PassCosts>,
}

/// A measure made ready for the batches of its dataset.
enum Job {
    Count,
    Rows(RowTest),
    /// Answered once all rows were seen.
    Join(Join),
    /// Answered once all rows were seen.
    Repeats {
        key: KeyColumns,
        store: KeyStore,
    },
    Figure {
        figure: Figure,
        store: Option<KeyStore>,
    },
    /// Answered without looking at rows.
    Given,
    /// Cannot be measured.
    Broken(String),
}

/// One measure of a pass.
struct Station {
    measure: usize,
    filter: Option<usize>,
    for_records: bool,
    /// The most failures with which the pass goes on.
    most: Option<u64>,
    job: Job,
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
    /// Kept where counts by batch are needed.
    ledger: Option<Ledger>,
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
    let drawn = shared.samples.get(&pass.dataset).filter(|_| main && pass.lookups.is_empty());
    for station in stations.iter_mut().filter(|station| drawn.is_some() || station.most.is_some()) {
        station.tally.get_mut().unwrap_or_else(PoisonError::into_inner).ledger = Some(Ledger::default());
    }
    let brake = Brake::default();
    let enough = |place: Option<Place>| match place {
        None => brake.is_pulled(),
        Some(place) => brake.is_pulled() && deciding(&stations).is_some_and(|(deciding, _)| deciding < place),
    };
    let portion = Portion { sample: drawn, enough: shared.stop.is_some().then_some(&enough) };
    let mut builders = Vec::with_capacity(pass.lookups.len());
    for lookup in &pass.lookups {
        let builder = Builder::prepare(&shared.plan.lookups[*lookup], &rules, shared.as_of, shared.memory);
        builders.push((*lookup, builder));
    }
    let clock = shared.profile.then(|| Clock::start(filters.0.len(), stations.len(), builders.len()));
    let next = AtomicU32::new(0);
    let later = || stations.iter().filter(|station| station.is_answered_later());
    let records = Records::new(shared.memory, later().next().is_some(), later().any(|station| station.for_records));
    let problem: OnceLock<io::Error> = OnceLock::new();
    let purpose = if main { "audit" } else { "keys" };
    let facts = scan(source, pass, purpose, portion, shared, clock.as_ref(), &|batch| {
        if !brake.admits(batch.place) {
            return true;
        }
        let mut lap = Lap::begin(clock.as_ref());
        let number = next.fetch_add(1, Ordering::Relaxed);
        let cells = Cells::new(batch, &rules);
        let scopes = filters.evaluate(&cells, &mut lap);
        let mut unclean = Bits::none(batch.rows);
        for row in &batch.malformed {
            unclean.set(*row as usize);
        }
        let take_in = || {
            for (at, station) in stations.iter().enumerate() {
                if let Some(failed) = station.measure(batch, number, &cells, &scopes)?
                    && station.for_records
                {
                    unclean = unclean.or(&failed);
                }
                lap.book(Work::Measure(at));
            }
            for (at, (_, builder)) in builders.iter().enumerate() {
                if let Ok(builder) = builder {
                    builder.extend(&cells)?;
                    lap.book(Work::Lookup(at));
                }
            }
            records.enter(number, batch, unclean)
        };
        if let Err(error) = take_in() {
            // The first problem counts; others follow from it.
            let _ = problem.set(error);
            return false;
        }
        if stations.iter().any(Station::is_over) {
            brake.pull();
        }
        true
    })?;
    let lost = |error: io::Error| shared.memory.explain(&error);
    if let Some(error) = problem.into_inner() {
        return Err(lost(error));
    }
    let records = records.complete();
    let columns = columns_of(source, shared.plan, &pass.dataset);
    if let Some((last, decided_by)) = deciding(&stations) {
        return Ok(stopped(stations, last, decided_by, facts, columns, &records, shared.plan));
    }
    let mut done = Done::default();
    let mut finishing = Vec::with_capacity(stations.len());
    for station in stations {
        let measure = station.measure;
        let (reading, nanoseconds) = station.finish(&facts, &columns, &records, drawn, shared).map_err(lost)?;
        finishing.push(nanoseconds);
        done.readings.push((measure, reading));
    }
    let mut building = Vec::with_capacity(builders.len());
    for (at, builder) in builders {
        let start = Instant::now();
        shared.lookups.put(at, builder.map(Builder::finish).and_then(|built| built.map_err(lost)));
        building.push(since(start));
    }
    done.facts = DatasetFacts {
        rows: records.rows(),
        batches: records.batches(),
        clean: records.clean(),
        files: facts.files,
        columns,
        framing: facts.framing,
    };
    done.costs = clock.map(|clock| {
        let mut times = clock.stop();
        times.lookups.iter_mut().zip(building).for_each(|(time, more)| *time += more);
        let filters = filters.0.into_iter().map(|(filter, _)| filter).collect();
        PassCosts { rows: done.facts.rows, times, filters, finishing }
    });
    Ok(done)
}

/// The batch at which some measure first has more failures than it bears, and the measures that do so there.
fn deciding(stations: &[Station]) -> Option<(Place, Vec<usize>)> {
    let over: Vec<(Place, usize)> =
        stations.iter().filter_map(|station| Some((station.first_over()?, station.measure))).collect();
    let last = over.iter().map(|(place, _)| *place).min()?;
    Some((last, over.into_iter().filter(|(place, _)| *place == last).map(|(_, measure)| measure).collect()))
}

/// What a pass returns that ended at `last`: nothing of what lies behind, which other numbers of threads did not read.
fn stopped(
    stations: Vec<Station>,
    last: Place,
    decided_by: Vec<usize>,
    facts: ScanFacts,
    columns: Vec<ColumnFact>,
    records: &AllRecords,
    plan: &Plan,
) -> Done {
    let mut done = Done::default();
    for station in stations.into_iter().filter(|station| decided_by.contains(&station.measure)) {
        let tally = station.tally.into_inner().unwrap_or_else(PoisonError::into_inner);
        let counted = tally.ledger.map(|ledger| ledger.up_to(last)).unwrap_or_default();
        let reading = if plan.measures[station.measure].kind == MeasureKind::Framing {
            let records = counted.passed + counted.failed;
            Reading::Framing(FramingTally { records, malformed: counted.failed, ..FramingTally::default() })
        } else {
            Reading::Rows(RowTally { sample: tally.sample.up_to(last).rows(records), ..counted })
        };
        done.readings.push((station.measure, Ok(reading)));
    }
    let mut files = facts.files;
    for (at, file) in (0_u32..).zip(&mut files) {
        file.rows = records.rows_up_to(at, last);
        file.checksums = None;
    }
    let rows = files.iter().map(|file| file.rows).sum();
    done.facts = DatasetFacts { rows, files, columns, ..DatasetFacts::default() };
    done.decided_by = Some(decided_by);
    done
}

/// Reads the columns of a pass, batch by batch.
fn scan(
    source: &Source,
    pass: &Pass,
    purpose: &str,
    portion: Portion<'_>,
    shared: Shared<'_>,
    clock: Option<&Clock>,
    visit: &(dyn Fn(&Batch) -> bool + Sync),
) -> Result<ScanFacts, String> {
    let dataset = &pass.dataset;
    let places: Vec<usize> = pass
        .columns
        .iter()
        .map(|name| {
            let at = source.columns().iter().position(|column| column.name == *name);
            at.ok_or_else(|| format!("there is no column {name}"))
        })
        .collect::<Result<_, _>>()?;
    shared.progress.begin(dataset, purpose, portion.sample.map_or_else(|| source.bytes(), Drawn::bytes));
    let facts = source.scan_part(&places, &portion, &|batch| visit(&batch) && !shared.progress.cancelled(), &|bytes| {
        if let Some(clock) = clock {
            clock.read();
        }
        shared.progress.advance(dataset, bytes);
    });
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

impl Station {
    fn prepare(
        measure: usize,
        rules: &[ColumnRules],
        for_records: bool,
        filters: &mut Filters,
        shared: Shared<'_>,
    ) -> Self {
        let wanted = &shared.plan.measures[measure];
        let job = match &wanted.kind {
            MeasureKind::RowCount => Ok(Job::Count),
            MeasureKind::Rows(predicate) => {
                let join = Join::prepare(predicate, rules, shared.plan, shared.lookups, shared.memory);
                join.and_then(|join| match join {
                    Some(join) => Ok(Job::Join(join)),
                    None => {
                        RowTest::prepare(predicate, rules, shared.plan, shared.lookups, shared.as_of).map(Job::Rows)
                    }
                })
            }
            MeasureKind::DuplicateKeys(_) | MeasureKind::DuplicateRows { .. } => {
                key_of(&wanted.kind, rules).map(|key| Job::Repeats { key, store: KeyStore::new(shared.memory) })
            }
            MeasureKind::Figure(aggregate) => Figure::prepare(aggregate, rules, shared.as_of).map(|figure| {
                let store = figure.is_distinct().then(|| KeyStore::new(shared.memory));
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
        let most = shared.stop.and_then(|stop| stop.most_failures(measure));
        Self { measure, filter, for_records, most, job, tally: Mutex::default() }
    }

    /// Whether rows turn out to fail only after all were seen.
    const fn is_answered_later(&self) -> bool {
        matches!(self.job, Job::Join(_) | Job::Repeats { .. })
    }

    /// Whether it has more failures than it bears, in the batches so far.
    fn is_over(&self) -> bool {
        let Some(most) = self.most else { return false };
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.ledger.as_ref().is_some_and(|ledger| ledger.failed() > most)
    }

    /// The first batch at which that is so.
    fn first_over(&self) -> Option<Place> {
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.ledger.as_ref()?.first_over(self.most?)
    }

    /// Takes in a batch; returns the rows that fail.
    ///
    /// # Errors
    /// Where keys must be spilled and cannot be written.
    fn measure(
        &self,
        batch: &Batch,
        number: u32,
        cells: &Cells<'_>,
        scopes: &[Option<Truth>],
    ) -> io::Result<Option<Bits>> {
        let truth = self.filter.and_then(|at| scopes[at].as_ref());
        let rows = batch.rows as u64;
        let tally = || self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        match &self.job {
            Job::Count => {
                let mut tally = tally();
                tally.counted += truth.map_or(rows, |truth| truth.yes.count());
                tally.unreadable += truth.map_or(0, |truth| truth.unreadable.count());
                Ok(None)
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
                if let Some(ledger) = &mut tally.ledger {
                    let not_applicable = rows - passed - failed;
                    let (unreadable, matching) = (tested.unreadable.count(), tested.matching);
                    ledger.enter(batch.place, Counted { passed, failed, not_applicable, unreadable, matching });
                }
                if failed > 0 {
                    tally.sample.extend(batch, &tested.failed);
                }
                Ok(Some(tested.failed))
            }
            Job::Join(join) => {
                let (waiting, mut spoilt) = join.extend(number, cells, truth.map(|truth| &truth.yes))?;
                if let Some(truth) = truth {
                    spoilt = spoilt.or(&truth.unreadable);
                }
                let failed = spoilt.count();
                let mut tally = tally();
                tally.rows.failed += failed;
                tally.rows.unreadable += failed;
                tally.rows.not_applicable += rows - failed - waiting;
                if let Some(ledger) = &mut tally.ledger {
                    // Those that wait pass until something else turns out.
                    let not_applicable = rows - failed - waiting;
                    let counted = Counted { passed: waiting, failed, not_applicable, ..Counted::default() };
                    ledger.enter(batch.place, counted);
                }
                if failed > 0 {
                    tally.sample.extend(batch, &spoilt);
                }
                Ok(Some(spoilt))
            }
            Job::Repeats { key, store } => {
                let (mut whole, mut spoilt) = key.split(cells);
                if let Some(truth) = truth {
                    whole = whole.and(&truth.yes);
                    spoilt = spoilt.and(&truth.yes).or(&truth.unreadable);
                }
                let mut keys = store.batch();
                key.for_each(cells, &whole, |row, key| keys.push(key, row_number(number, row)));
                let count = keys.len() as u64;
                store.extend(keys)?;
                let mut tally = tally();
                let unreadable = spoilt.count();
                tally.out_of_scope += rows - count - unreadable;
                tally.unreadable += unreadable;
                if unreadable > 0 {
                    tally.sample.extend(batch, &spoilt);
                }
                Ok(Some(spoilt))
            }
            Job::Figure { figure, store } => {
                let scope = truth.map_or_else(|| Bits::all(batch.rows), |truth| truth.yes.clone());
                let (mut recent, mut keys) = (RecentKeys::new(), store.as_ref().map(KeyStore::batch));
                let mut partial = figure.measure(cells, &scope, &mut |key| {
                    if let Some(keys) = keys.as_mut().filter(|_| recent.is_new(key)) {
                        keys.push(key, row_number(number, 0));
                    }
                });
                partial.leave_out(truth.map_or(0, |truth| truth.unreadable.count()));
                if let (Some(store), Some(keys)) = (store, keys) {
                    store.extend(keys)?;
                }
                tally().partials.insert(batch.place, partial);
                Ok(None)
            }
            Job::Given => {
                // Framing is told by the scan; here only whether it can still be good enough.
                if let Some(ledger) = &mut tally().ledger {
                    let failed = batch.malformed.len() as u64;
                    ledger.enter(batch.place, Counted { passed: rows - failed, failed, ..Counted::default() });
                }
                Ok(None)
            }
            Job::Broken(_) => Ok(None),
        }
    }

    /// The reading, and the nanoseconds of workers that it took to complete it.
    ///
    /// # Errors
    /// Where spilled keys cannot be read back.
    fn finish(
        self,
        facts: &ScanFacts,
        columns: &[ColumnFact],
        records: &AllRecords,
        drawn: Option<&Drawn>,
        shared: Shared<'_>,
    ) -> io::Result<(Result<Reading, String>, u64)> {
        let mut tally = self.tally.into_inner().unwrap_or_else(PoisonError::into_inner);
        let found = Found::new(records, shared.progress, self.for_records);
        let mut nanoseconds = 0;
        let reading = match self.job {
            Job::Count => Ok(Reading::Count { rows: tally.counted, unreadable: tally.unreadable }),
            Job::Rows(_) => {
                let sample = tally.sample.rows(records);
                let spread = drawn.and_then(|drawn| Some(tally.ledger?.spread(drawn)));
                Ok(Reading::Rows(RowTally { matching: tally.matching, spread, sample, ..tally.rows }))
            }
            Job::Join(join) => {
                // As row by row: nothing is said of agreement where there are no rows.
                let matching = join.is_of_agreement() && records.rows() > 0;
                let ledger = Mutex::new(tally.ledger.take());
                let unasked = Unasked(shared.progress);
                let fail = Amending { ledger: &ledger, records, failed: true, next: &found };
                let leave = Amending { ledger: &ledger, records, failed: false, next: &unasked };
                let start = Instant::now();
                let joined = join.finish(&fail, &leave)?;
                nanoseconds = since(start);
                let ledger = ledger.into_inner().unwrap_or_else(PoisonError::into_inner);
                tally.sample.merge(found.into_sample());
                Ok(Reading::Rows(RowTally {
                    passed: joined.passed,
                    failed: tally.rows.failed + joined.failed,
                    not_applicable: tally.rows.not_applicable + joined.not_applicable,
                    unreadable: tally.rows.unreadable + joined.unreadable,
                    matching: matching.then_some(joined.matching),
                    spread: drawn.and_then(|drawn| Some(ledger?.spread(drawn))),
                    sample: tally.sample.rows(records),
                }))
            }
            Job::Repeats { store, .. } => {
                let repeats = store.finish(&found)?;
                nanoseconds = repeats.nanoseconds;
                tally.sample.merge(found.into_sample());
                Ok(Reading::Duplicates(DuplicateTally {
                    evaluated: repeats.rows,
                    duplicated: repeats.repeated,
                    groups: repeats.groups,
                    surplus: repeats.repeated - repeats.groups,
                    not_applicable: tally.out_of_scope,
                    unreadable: tally.unreadable,
                    sample: tally.sample.rows(records),
                }))
            }
            Job::Figure { figure, store } => {
                let repeats = store.map(|store| store.finish(&Unasked(shared.progress))).transpose()?;
                let repeats = repeats.unwrap_or_default();
                nanoseconds = repeats.nanoseconds;
                let (value, values, unreadable) = figure.finish(tally.partials.into_values(), repeats.distinct);
                Ok(Reading::Figure { value, values, unreadable })
            }
            Job::Given if shared.plan.measures[self.measure].kind == MeasureKind::Columns => {
                Ok(Reading::Columns(columns.to_vec()))
            }
            Job::Given => Ok(Reading::Framing(facts.framing.clone())),
            Job::Broken(problem) => Err(problem),
        };
        Ok((reading, nanoseconds))
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

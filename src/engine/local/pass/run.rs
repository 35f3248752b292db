//! One pass over one dataset: every batch feeds every measure and lookup while it is in the cache.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use rayon::prelude::*;

use crate::engine::{DatasetFacts, Progress, Stop};
use crate::model::{AsOf, ColumnFact, Expr, FramingTally, MeasureKind, Predicate, Reading, RowTally, Segment};
use crate::plan::{Pass, Plan};
use crate::source::{Batch, Bits, Block, Place, Portion, Sample as Drawn, ScanFacts, Source};

use crate::engine::local::accumulator::{Collector, End, Entered, Intake, Taken};
use crate::engine::local::batch::cells::{Cells, ColumnRules, SectionRules};
use crate::engine::local::batch::condition::{Condition, Truth};
use crate::engine::local::keys::hashed::KeyColumns;
use crate::engine::local::lookups::join::Join;
use crate::engine::local::lookups::tables::{Builder, Lookups};
use crate::engine::local::measures::aggregates::{Figure, Figured, Partial};
use crate::engine::local::measures::agrees::Graph;
use crate::engine::local::measures::content::Content;
use crate::engine::local::measures::continuous::Gaps;
use crate::engine::local::measures::covers::Covering;
use crate::engine::local::measures::duplicates::RepeatedRows;
use crate::engine::local::measures::grouped;
use crate::engine::local::measures::lag::Delayed;
use crate::engine::local::measures::outliers;
use crate::engine::local::measures::personal_data::Detections;
use crate::engine::local::measures::reconciles::Reconciling;
use crate::engine::local::measures::row_predicates::RowTest;
use crate::engine::local::measures::similar::SimilarRows;
use crate::engine::local::measures::steady;
use crate::engine::local::measures::uniform::Uniform;
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::pass::early_stop::{Amending, Brake, Counted, Ledger};
use crate::engine::local::pass::segments::{Counting, GroupCounts, InBatch, Outcome, Segmenter};
use crate::engine::local::profile::clock::{Clock, Lap, Work, since};
use crate::engine::local::profile::costs::PassCosts;
use crate::engine::local::rows::records::{AllRecords, Found, Records, Sample, Unasked};

/// What every pass of an execution shares.
#[derive(Clone, Copy)]
pub(crate) struct Shared<'a> {
    pub plan: &'a Plan,
    pub lookups: &'a Lookups,
    pub memory: &'a Arc<KeyMemory>,
    pub samples: &'a BTreeMap<String, Drawn>,
    pub stop: Option<&'a dyn Stop>,
    pub as_of: AsOf,
    pub profile: bool,
    pub failing_rows: usize,
    pub progress: &'a dyn Progress,
}

/// What a pass returns.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// Position of the measure in the plan, and its reading.
    pub readings: Vec<(usize, Result<Reading, String>)>,
    /// The outcomes of groups of rows, by position of the measure in the plan.
    pub segments: Vec<(usize, Result<Vec<Segment>, String>)>,
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
    Collect(Box<dyn Collector>),
    Figure(Box<Figure>),
    /// Answered without looking at rows.
    Given,
    /// Cannot be measured.
    Broken(String),
}

/// One measure of a pass.
struct Station {
    /// Its place in the plan.
    measure: usize,
    /// Its place in the pass.
    at: usize,
    filter: Option<usize>,
    for_records: bool,
    /// The most failures with which the pass goes on.
    most: Option<u64>,
    /// The place of the [`Segmenter`] that tells its rows apart.
    segment: Option<usize>,
    names_rows: bool,
    job: Job,
    tally: Mutex<Tally>,
}

/// What was counted so far.
struct Tally {
    rows: RowTally,
    counted: u64,
    unreadable: u64,
    sample: Sample,
    groups: GroupCounts,
    partials: BTreeMap<Place, Partial>,
    /// Kept where counts by batch are needed.
    ledger: Option<Ledger>,
}

impl Tally {
    /// Nothing counted yet; so many failing rows are to be named.
    fn new(failing_rows: usize) -> Self {
        Self {
            rows: RowTally::default(),
            counted: 0,
            unreadable: 0,
            sample: Sample::new(failing_rows),
            groups: GroupCounts::default(),
            partials: BTreeMap::new(),
            ledger: None,
        }
    }
}

/// What a station has at the end.
struct Finished {
    reading: Result<Reading, String>,
    /// The outcomes of groups of rows, where they are told apart.
    segments: Option<Result<Vec<Segment>, String>>,
    /// Nanoseconds of workers that it took to complete it.
    nanoseconds: u64,
}

/// Runs a pass.
///
/// # Errors
/// Where the dataset cannot be read: the reason.
pub(crate) fn run(pass: &Pass, source: &Source, shared: Shared<'_>, main: bool) -> Result<Done, String> {
    let mut sections = Section::prepare(pass, shared)?;
    let drawn = shared.samples.get(&pass.dataset).filter(|_| main && pass.lookups.is_empty());
    let stations = sections.iter_mut().flat_map(|section| &mut section.stations);
    for station in stations.filter(|station| drawn.is_some() || station.most.is_some()) {
        station.tally.get_mut().unwrap_or_else(PoisonError::into_inner).ledger = Some(Ledger::default());
    }
    let brake = Brake::default();
    let enough = |place: Option<Place>| match place {
        None => brake.is_pulled(),
        Some(place) => brake.is_pulled() && deciding(&sections).is_some_and(|(deciding, _)| deciding < place),
    };
    let portion = Portion { sample: drawn, enough: shared.stop.is_some().then_some(&enough) };
    let filters = sections.iter().map(|section| section.filters.list.len()).sum();
    let clock = shared.profile.then(|| Clock::start(filters, pass.measures.len(), pass.lookups.len()));
    let next = AtomicU32::new(0);
    let later = || stations_of(&sections).filter(|station| station.is_answered_later());
    let records = Records::new(shared.memory, later().next().is_some(), later().any(|station| station.for_records));
    let problem: OnceLock<io::Error> = OnceLock::new();
    let purpose = if main { "audit" } else { "keys" };
    let places: Vec<&[usize]> = sections.iter().map(|section| section.columns.as_slice()).collect();
    let facts = scan(source, pass, purpose, portion, shared, clock.as_ref(), &|mut block| {
        let first = next.fetch_add(u32::try_from(block.parts()).unwrap_or(u32::MAX), Ordering::Relaxed);
        let heads = block.take(&[]).unwrap_or_default();
        let seen: Vec<SeenBatch> =
            (first..).zip(heads).map(|(number, head)| SeenBatch::new(number, head, &brake)).collect();
        if seen.iter().all(|seen| !seen.admitted) {
            return true;
        }
        if clock.is_some() {
            // The clock tells the work of one worker from that of another.
            block.leave_alone();
        }
        let take_in = |(section, block): (&Section, Block)| section.take_in(block, &seen, clock.as_ref());
        let parts: Vec<(&Section, Block)> = sections.iter().zip(block.split(&places)).collect();
        let failed: io::Result<Vec<Option<Vec<Bits>>>> = if block.is_scarce() {
            parts.into_par_iter().map(take_in).collect()
        } else {
            parts.into_iter().map(take_in).collect()
        };
        let entered = failed.and_then(|failed| {
            // What cannot be unpacked ends the scan by itself.
            let Some(failed) = failed.into_iter().collect::<Option<Vec<_>>>() else { return Ok(()) };
            for (at, seen) in seen.into_iter().enumerate().filter(|(_, seen)| seen.admitted) {
                let unclean = failed.iter().fold(seen.unclean, |unclean, failed| unclean.or(&failed[at]));
                records.enter(seen.number, &seen.head, unclean)?;
            }
            Ok(())
        });
        if let Err(error) = entered {
            // The first problem counts; others follow from it.
            let _ = problem.set(error);
            return false;
        }
        if stations_of(&sections).any(Station::is_over) {
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
    if let Some((last, decided_by)) = deciding(&sections) {
        let stations = sections.into_iter().flat_map(|section| section.stations);
        return Ok(stopped(stations, last, decided_by, facts, columns, &records, shared.plan));
    }
    let mut done = Done::default();
    let mut finishing = vec![0; pass.measures.len()];
    let mut building = vec![0; pass.lookups.len()];
    let mut filters = Vec::new();
    for section in sections {
        filters.extend(section.filters.list.into_iter().map(|(filter, _)| filter));
        for station in section.stations {
            let (measure, at) = (station.measure, station.at);
            let segmenter = station.segment.and_then(|at| section.segmenters.get(at));
            let finished =
                station.finish((source, &facts), &columns, &records, drawn, segmenter, shared).map_err(lost)?;
            finishing[at] = finished.nanoseconds;
            done.readings.push((measure, finished.reading));
            done.segments.extend(finished.segments.map(|segments| (measure, segments)));
        }
        for (at, builder) in section.builders {
            let start = Instant::now();
            let built = builder.map(Builder::finish).and_then(|built| built.map_err(lost));
            shared.lookups.put(pass.lookups[at], built);
            building[at] = since(start);
        }
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
        PassCosts { rows: done.facts.rows, times, filters, finishing }
    });
    Ok(done)
}

/// Measures and lookups of a pass that share columns, made ready for the batches of their dataset.
struct Section {
    /// Positions in the scan.
    columns: Vec<usize>,
    rules: SectionRules,
    filters: Filters,
    segmenters: Vec<Segmenter>,
    stations: Vec<Station>,
    /// With their places in the pass.
    builders: Vec<(usize, Result<Builder, String>)>,
}

/// A batch as far as all sections share it.
struct SeenBatch {
    number: u32,
    /// The batch without its columns.
    head: Batch,
    /// Whether it comes before the end of the pass.
    admitted: bool,
    /// Rows that have a fault.
    unclean: Bits,
}

impl SeenBatch {
    fn new(number: u32, head: Batch, brake: &Brake) -> Self {
        let mut unclean = Bits::none(head.rows);
        for row in &head.malformed {
            unclean.set(*row as usize);
        }
        Self { number, admitted: brake.admits(head.place), unclean, head }
    }
}

impl Section {
    /// Prepares the sections of a pass.
    fn prepare(pass: &Pass, shared: Shared<'_>) -> Result<Vec<Self>, String> {
        let planned = shared.plan.datasets.get(&pass.dataset).ok_or("the dataset is not planned")?;
        let place = |of: &[usize], wanted: usize| of.iter().position(|at| *at == wanted).unwrap_or_default();
        let mut sections: Vec<Self> = Vec::with_capacity(pass.sections.len());
        for section in &pass.sections {
            let rules = SectionRules::prepare(&section.columns, &planned.columns, conditions(section, shared.plan))?;
            let columns = section.columns.iter().map(|name| pass.columns.iter().position(|column| column == name));
            let columns = columns.collect::<Option<_>>().ok_or("a section reads what its pass does not")?;
            let first = sections.last().map_or(0, |section| section.filters.first + section.filters.list.len());
            let mut filters = Filters { first, list: Vec::new() };
            let stations = section.measures.iter().map(|measure| {
                let for_records = planned.record_rules.contains(measure);
                let at = place(&pass.measures, *measure);
                Station::prepare((*measure, at), &rules, for_records, &mut filters, shared)
            });
            let mut stations: Vec<Station> = stations.collect();
            let segmenters = segmenters(&mut stations, &rules, shared)?;
            let builders = section.lookups.iter().map(|lookup| {
                let builder = Builder::prepare(&shared.plan.lookups[*lookup], &rules, shared.as_of, shared.memory);
                (place(&pass.lookups, *lookup), builder)
            });
            let builders = builders.collect();
            sections.push(Self { columns, rules, filters, segmenters, stations, builders });
        }
        Ok(sections)
    }

    /// Takes in the columns of a block and gives, batch by batch, the rows that are not clean. `None` where a column cannot be
    /// unpacked.
    ///
    /// # Errors
    /// Where keys must be spilled and cannot be written.
    fn take_in(&self, mut block: Block, seen: &[SeenBatch], clock: Option<&Clock>) -> io::Result<Option<Vec<Bits>>> {
        let all: Vec<usize> = (0..self.columns.len()).collect();
        let Some(batches) = block.take(&all) else { return Ok(None) };
        let mut failed = Vec::with_capacity(seen.len());
        for (batch, seen) in batches.into_iter().zip(seen) {
            let unclean =
                if seen.admitted { self.measure(&batch, seen.number, clock)? } else { Bits::none(batch.rows) };
            failed.push(unclean);
        }
        Ok(Some(failed))
    }

    /// Measures a batch; gives the rows that are not clean.
    ///
    /// # Errors
    /// Where keys must be spilled and cannot be written.
    fn measure(&self, batch: &Batch, number: u32, clock: Option<&Clock>) -> io::Result<Bits> {
        let mut lap = Lap::begin(clock);
        let cells = Cells::new(batch, &self.rules);
        let scopes = self.filters.evaluate(&cells, &mut lap);
        let groups = self.segmenters.iter().map(|segmenter| segmenter.take_in(number, &cells));
        let groups = groups.collect::<io::Result<Vec<_>>>()?;
        let mut unclean = Bits::none(batch.rows);
        for station in &self.stations {
            if let Some(failed) = station.measure(batch, number, &cells, &scopes, &groups)?
                && station.for_records
            {
                unclean = unclean.or(&failed);
            }
            lap.book(Work::Measure(station.at));
        }
        for (at, builder) in &self.builders {
            if let Ok(builder) = builder {
                builder.extend(&cells)?;
                lap.book(Work::Lookup(*at));
            }
        }
        Ok(unclean)
    }
}

/// What tells the rows of measures with a `segment` apart; measures by the same columns share it.
fn segmenters(stations: &mut [Station], rules: &[ColumnRules], shared: Shared<'_>) -> Result<Vec<Segmenter>, String> {
    let mut segmenters: Vec<Segmenter> = Vec::new();
    for station in stations {
        let names = &shared.plan.measures[station.measure].segment;
        if names.is_empty() {
            continue;
        }
        let known = segmenters.iter().position(|segmenter| segmenter.is_by(names));
        if known.is_none() {
            segmenters.push(Segmenter::prepare(names, rules, shared.memory)?);
        }
        let at = known.unwrap_or(segmenters.len() - 1);
        if station.is_answered_later() {
            segmenters[at].keep();
        }
        station.segment = Some(at);
    }
    Ok(segmenters)
}

/// The conditions of the measures and lookups of a section.
fn conditions<'p>(section: &'p crate::plan::Section, plan: &'p Plan) -> impl Iterator<Item = &'p Expr> {
    let measures = section.measures.iter().flat_map(|at| {
        let measure = &plan.measures[*at];
        let own = match &measure.kind {
            MeasureKind::Rows(Predicate::Holds(condition)) => Some(condition),
            MeasureKind::Figure(aggregate) => aggregate.value.as_ref(),
            _ => None,
        };
        own.into_iter().chain(&measure.filter)
    });
    measures.chain(section.lookups.iter().filter_map(|at| plan.lookups[*at].filter.as_ref()))
}

/// The stations of all sections.
fn stations_of(sections: &[Section]) -> impl Iterator<Item = &Station> {
    sections.iter().flat_map(|section| &section.stations)
}

/// The batch at which some measure first has more failures than it bears, and the measures that do so there.
fn deciding(sections: &[Section]) -> Option<(Place, Vec<usize>)> {
    let over: Vec<(Place, usize)> =
        stations_of(sections).filter_map(|station| Some((station.first_over()?, station.measure))).collect();
    let last = over.iter().map(|(place, _)| *place).min()?;
    Some((last, over.into_iter().filter(|(place, _)| *place == last).map(|(_, measure)| measure).collect()))
}

/// What a pass returns that ended at `last`: nothing of what lies behind, which other numbers of threads did not read.
fn stopped(
    stations: impl Iterator<Item = Station>,
    last: Place,
    decided_by: Vec<usize>,
    facts: ScanFacts,
    columns: Vec<ColumnFact>,
    records: &AllRecords,
    plan: &Plan,
) -> Done {
    let mut done = Done::default();
    for station in stations.filter(|station| decided_by.contains(&station.measure)) {
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

/// Reads the columns of a pass, block by block.
fn scan(
    source: &Source,
    pass: &Pass,
    purpose: &str,
    portion: Portion<'_>,
    shared: Shared<'_>,
    clock: Option<&Clock>,
    visit: &(dyn Fn(Block) -> bool + Sync),
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
    let facts =
        source.scan_blocks(&places, &portion, &|block| visit(block) && !shared.progress.cancelled(), &|bytes| {
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

/// The different conditions of a section.
struct Filters {
    /// The place of the first of them in the pass.
    first: usize,
    list: Vec<(Expr, Result<Condition, String>)>,
}

impl Filters {
    /// The place of a condition.
    fn place(&mut self, filter: &Expr, rules: &SectionRules, as_of: AsOf) -> usize {
        let known = self.list.iter().position(|(known, _)| known == filter);
        known.unwrap_or_else(|| {
            self.list.push((filter.clone(), Condition::compile(filter, rules, as_of)));
            self.list.len() - 1
        })
    }

    /// The truth of every condition for the rows of a batch.
    fn evaluate(&self, cells: &Cells<'_>, lap: &mut Lap<'_>) -> Vec<Option<Truth>> {
        let mut truths = Vec::with_capacity(self.list.len());
        for (at, (_, condition)) in (self.first..).zip(&self.list) {
            truths.push(condition.as_ref().ok().map(|condition| condition.evaluate(cells)));
            lap.book(Work::Filter(at));
        }
        truths
    }
}

impl Station {
    /// Prepares a measure, of which the place in the plan and that in the pass are given.
    fn prepare(
        (measure, at): (usize, usize),
        rules: &SectionRules,
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
                    Some(join) => Ok(Job::Collect(Box::new(join))),
                    None => {
                        RowTest::prepare(predicate, rules, shared.plan, shared.lookups, shared.as_of).map(Job::Rows)
                    }
                })
            }
            MeasureKind::DuplicateKeys(_) | MeasureKind::DuplicateRows { .. } => {
                let repeated = key_of(&wanted.kind, rules).map(|key| RepeatedRows::new(key, shared.memory));
                repeated.map(|repeated| Job::Collect(Box::new(repeated)))
            }
            MeasureKind::Similar(similar) => {
                SimilarRows::prepare(similar, rules, shared.memory).map(|rows| Job::Collect(Box::new(rows)))
            }
            MeasureKind::Grouped(grouped) => grouped::prepare(grouped, rules, shared.memory).map(Job::Collect),
            MeasureKind::Covered(covered) => {
                Covering::prepare(covered, rules, shared.plan, shared.lookups, shared.memory)
                    .map(|covering| Job::Collect(Box::new(covering)))
            }
            MeasureKind::Continuous(continuous) => {
                Gaps::prepare(continuous, rules, shared.memory).map(|gaps| Job::Collect(Box::new(gaps)))
            }
            MeasureKind::Entities(entities) => {
                let graph = Graph::prepare(entities, rules, shared.plan, shared.lookups, shared.memory);
                graph.map(|graph| Job::Collect(Box::new(graph)))
            }
            MeasureKind::Totals(totals) => {
                let reconciling = Reconciling::prepare(totals, rules, shared.plan, shared.lookups, shared.memory);
                reconciling.map(|reconciling| Job::Collect(Box::new(reconciling)))
            }
            MeasureKind::Figure(aggregate) => Figure::prepare(aggregate, rules, shared.as_of, shared.memory)
                .map(|figure| Job::Figure(Box::new(figure))),
            MeasureKind::Delays(wanted) => {
                let delays = Delayed::prepare(wanted, rules, shared.memory);
                delays.map(|delays| Job::Collect(Box::new(delays)))
            }
            MeasureKind::Outliers(wanted) => outliers::prepare(wanted, rules, shared.memory).map(Job::Collect),
            MeasureKind::Distribution(wanted) => steady::prepare(wanted, rules, shared.memory).map(Job::Collect),
            MeasureKind::Content { column } => {
                Content::prepare(column, rules).map(|content| Job::Collect(Box::new(content)))
            }
            MeasureKind::Columns | MeasureKind::Framing | MeasureKind::Digest => Ok(Job::Given),
            MeasureKind::Uniform(test) => {
                Uniform::prepare(test, rules, shared.memory).map(|uniform| Job::Collect(Box::new(uniform)))
            }
            MeasureKind::Detections(test) => {
                Detections::prepare(test, rules, shared.as_of).map(|found| Job::Collect(Box::new(found)))
            }
        };
        let filter = wanted.filter.as_ref().map(|filter| filters.place(filter, rules, shared.as_of));
        let broken = filter.and_then(|at| filters.list[at].1.as_ref().err().cloned());
        let job = match broken {
            Some(problem) => Job::Broken(problem),
            None => job.unwrap_or_else(Job::Broken),
        };
        let most = shared.stop.and_then(|stop| stop.most_failures(measure));
        let names_rows = wanted.kind.names_rows();
        Self {
            measure,
            at,
            filter,
            for_records,
            most,
            segment: None,
            names_rows,
            job,
            tally: Mutex::new(Tally::new(shared.failing_rows)),
        }
    }

    /// Whether rows turn out to fail only after all were seen.
    const fn is_answered_later(&self) -> bool {
        self.names_rows && matches!(self.job, Job::Collect(_))
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
        groups: &[Arc<InBatch>],
    ) -> io::Result<Option<Bits>> {
        let groups = self.segment.map(|at| &*groups[at]);
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
                    let all = tally.rows.matching.get_or_insert_default();
                    all.matched += matching.matched;
                    all.differing += matching.differing;
                    all.unmatched += matching.unmatched;
                    all.ambiguous += matching.ambiguous;
                }
                for (reason, rows) in tested.reasons {
                    *tally.rows.reasons.entry(reason.to_owned()).or_default() += rows.count();
                }
                if let Some(ledger) = &mut tally.ledger {
                    let not_applicable = rows - passed - failed;
                    let (unreadable, matching) = (tested.unreadable.count(), tested.matching);
                    ledger.enter(batch.place, Counted { passed, failed, not_applicable, unreadable, matching });
                }
                if let Some(groups) = groups {
                    let judged = tested.passed.or(&tested.failed);
                    tally.groups.add(groups, Outcome::Failed, &tested.failed);
                    tally.groups.add(groups, Outcome::NotApplicable, &judged.not());
                }
                if failed > 0 {
                    tally.sample.extend(batch, &tested.failed);
                }
                Ok(Some(tested.failed))
            }
            Job::Collect(collector) => {
                let intake = Intake { batch, number, cells, scope: truth.map(|truth| &truth.yes) };
                let Taken { waiting, mut spoilt } = collector.extend(&intake)?;
                if let Some(truth) = truth.filter(|truth| !truth.unreadable.is_empty()) {
                    spoilt = spoilt.or(&match collector.hang_on_scope(cells) {
                        Some(rows) => truth.unreadable.and(&rows),
                        None => truth.unreadable.clone(),
                    });
                }
                let mut tally = tally();
                if let Some(groups) = groups {
                    tally.groups.add(groups, Outcome::Failed, &spoilt);
                    tally.groups.add(groups, Outcome::NotApplicable, &waiting.or(&spoilt).not());
                }
                let (waiting, failed) = (waiting.count(), spoilt.count());
                let not_applicable = rows - failed - waiting;
                tally.rows.unreadable += failed;
                tally.rows.not_applicable += not_applicable;
                if let Some(ledger) = &mut tally.ledger {
                    // Those that wait pass until something else turns out.
                    let counted = Counted { passed: waiting, failed, not_applicable, ..Counted::default() };
                    ledger.enter(batch.place, counted);
                }
                if failed > 0 {
                    tally.sample.extend(batch, &spoilt);
                }
                Ok(Some(spoilt))
            }
            Job::Figure(figure) => {
                let scope = truth.map_or_else(|| Bits::all(batch.rows), |truth| truth.yes.clone());
                let mut partial = figure.measure(cells, &scope, number)?;
                partial.leave_out(truth.map_or(0, |truth| truth.unreadable.count()));
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

    /// The reading, once all rows were seen.
    ///
    /// # Errors
    /// Where spilled keys cannot be read back.
    fn finish(
        self,
        (source, facts): (&Source, &ScanFacts),
        columns: &[ColumnFact],
        records: &AllRecords,
        drawn: Option<&Drawn>,
        segmenter: Option<&Segmenter>,
        shared: Shared<'_>,
    ) -> io::Result<Finished> {
        let mut tally = self.tally.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut nanoseconds = 0;
        let reading = match self.job {
            Job::Count => Ok(Reading::Count { rows: tally.counted, unreadable: tally.unreadable }),
            Job::Rows(test) => {
                let other_unreadable = test.other_unreadable();
                let sample = tally.sample.rows(records);
                let spread = drawn.and_then(|drawn| Some(tally.ledger?.spread(drawn)));
                Ok(Reading::Rows(RowTally { other_unreadable, spread, sample, ..tally.rows }))
            }
            Job::Collect(collector) => {
                let found = Found::new(records, shared.progress, self.for_records, shared.failing_rows);
                let unasked = Unasked(shared.progress);
                let ledger = Mutex::new(tally.ledger.take());
                let failed = Amending { ledger: &ledger, records, failed: true, next: &found };
                let left = Amending { ledger: &ledger, records, failed: false, next: &unasked };
                let counts = Mutex::new(std::mem::take(&mut tally.groups));
                let failed = Counting { segmenter, counts: &counts, outcome: Outcome::Failed, next: &failed };
                let left = Counting { segmenter, counts: &counts, outcome: Outcome::NotApplicable, next: &left };
                let RowTally { not_applicable, unreadable, .. } = tally.rows;
                let entered = Entered { not_applicable, unreadable };
                let end = End::new(&failed, &left, entered, records.rows()).among(records);
                let start = Instant::now();
                let mut reading = collector.finish(&end)?;
                nanoseconds = if end.spent() > 0 { end.spent() } else { since(start) };
                let ledger = ledger.into_inner().unwrap_or_else(PoisonError::into_inner);
                if let Reading::Rows(rows) = &mut reading {
                    rows.spread = drawn.and_then(|drawn| Some(ledger?.spread(drawn)));
                }
                tally.groups = counts.into_inner().unwrap_or_else(PoisonError::into_inner);
                tally.sample.merge(found.into_sample());
                if let Some(sample) = reading.sample_mut() {
                    *sample = tally.sample.rows(records);
                }
                Ok(reading)
            }
            Job::Figure(figure) => {
                let figured = figure.finish(tally.partials.into_values(), &Unasked(shared.progress))?;
                nanoseconds = figured.nanoseconds;
                let Figured { value, values, unreadable, .. } = figured;
                Ok(Reading::Figure { value, values, unreadable })
            }
            Job::Given => match shared.plan.measures[self.measure].kind {
                MeasureKind::Columns => Ok(Reading::Columns(columns.to_vec())),
                MeasureKind::Digest => {
                    let start = Instant::now();
                    let digest = source.digest(&|| !shared.progress.cancelled());
                    nanoseconds = since(start);
                    digest.map(Reading::Digest).map_err(|error| error.to_string())
                }
                _ => Ok(Reading::Framing(facts.framing.clone())),
            },
            Job::Broken(problem) => Err(problem),
        };
        let segments = segmenter.map(|segmenter| segmenter.finish(&tally.groups));
        Ok(Finished { reading, segments, nanoseconds })
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

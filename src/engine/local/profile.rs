//! Where the time of workers goes, for `--profile`: one look at the clock for each part of the work on a batch.
//!
//! A worker books what passed since it last looked. Between batches that is reading. What is computed of a column
//! for the first rule and kept for the next ones is booked apart, since no single rule causes this work.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

thread_local! {
    /// When this worker last booked.
    static LAST: Cell<Option<Instant>> = const { Cell::new(None) };
    /// What this worker does.
    static ACTIVITY: Cell<Activity> = const { Cell::new(Activity::Untimed) };
    /// Nanoseconds of column work of this worker that are not booked yet.
    static COLUMNS: Cell<u64> = const { Cell::new(0) };
}

/// What a worker does, as far as column work is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Activity {
    /// Work that is not timed.
    Untimed,
    /// The work of some measure on a batch.
    Batch,
    /// Work on a column that many measures use.
    Column,
}

/// The times of one pass.
#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
    reading: AtomicU64,
    columns: AtomicU64,
    records: AtomicU64,
    filters: Vec<AtomicU64>,
    measures: Vec<AtomicU64>,
    lookups: Vec<AtomicU64>,
}

/// A part of the work on a batch.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Work {
    /// The condition at this place among those of the pass.
    Filter(usize),
    /// The measure at this place in the pass.
    Measure(usize),
    /// The lookup at this place in the pass.
    Lookup(usize),
}

/// The times of a pass in nanoseconds, each in the order of the pass.
#[derive(Debug, Default)]
pub(crate) struct Times {
    pub reading: u64,
    pub columns: u64,
    pub records: u64,
    pub filters: Vec<u64>,
    pub measures: Vec<u64>,
    pub lookups: Vec<u64>,
}

impl Clock {
    /// A clock for a pass with that many conditions, measures and lookups.
    pub(crate) fn start(filters: usize, measures: usize, lookups: usize) -> Self {
        let zeros = |count| (0..count).map(|_| AtomicU64::new(0)).collect();
        Self {
            started: Instant::now(),
            reading: AtomicU64::new(0),
            columns: AtomicU64::new(0),
            records: AtomicU64::new(0),
            filters: zeros(filters),
            measures: zeros(measures),
            lookups: zeros(lookups),
        }
    }

    /// Books what passed on this worker since it last booked (or the pass began) as reading.
    pub(crate) fn read(&self) {
        let now = Instant::now();
        let since = LAST.get().map_or(self.started, |last| last.max(self.started));
        book(&self.reading, now.saturating_duration_since(since));
        LAST.set(Some(now));
    }

    /// What was booked.
    pub(crate) fn stop(self) -> Times {
        // The next pass of this worker begins here.
        LAST.set(Some(Instant::now()));
        let all = |cells: Vec<AtomicU64>| cells.into_iter().map(AtomicU64::into_inner).collect();
        Times {
            reading: self.reading.into_inner(),
            columns: self.columns.into_inner(),
            records: self.records.into_inner(),
            filters: all(self.filters),
            measures: all(self.measures),
            lookups: all(self.lookups),
        }
    }
}

/// Nanoseconds since then.
pub(crate) fn since(start: Instant) -> u64 {
    nanoseconds(start.elapsed())
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn book(cell: &AtomicU64, time: Duration) {
    cell.fetch_add(nanoseconds(time), Ordering::Relaxed);
}

/// The work on one batch; without a clock it has no effect.
#[derive(Debug)]
pub(crate) struct Span<'c>(Option<(&'c Clock, Instant)>);

impl<'c> Span<'c> {
    /// Begins a batch: what came before was reading.
    pub(crate) fn begin(clock: Option<&'c Clock>) -> Self {
        Self(clock.map(|clock| {
            clock.read();
            ACTIVITY.set(Activity::Batch);
            COLUMNS.set(0);
            (clock, LAST.get().unwrap_or(clock.started))
        }))
    }

    /// Books what passed since the last booking.
    pub(crate) fn book(&mut self, work: Work) {
        if let Some((clock, last)) = &mut self.0 {
            let cell = match work {
                Work::Filter(at) => clock.filters.get(at),
                Work::Measure(at) => clock.measures.get(at),
                Work::Lookup(at) => clock.lookups.get(at),
            };
            enter(clock, cell.unwrap_or(&clock.records), last);
        }
    }
}

/// Books the time since `last`, without the column work in it, which has its own place.
fn enter(clock: &Clock, cell: &AtomicU64, last: &mut Instant) {
    let now = Instant::now();
    let columns = COLUMNS.replace(0);
    clock.columns.fetch_add(columns, Ordering::Relaxed);
    book(cell, now.saturating_duration_since(*last).saturating_sub(Duration::from_nanos(columns)));
    *last = now;
}

impl Drop for Span<'_> {
    /// Ends the batch: what is left is for its records. Also where a kernel panics, so that the worker starts anew.
    fn drop(&mut self) {
        if let Some((clock, last)) = &mut self.0 {
            enter(clock, &clock.records, last);
            LAST.set(Some(*last));
            ACTIVITY.set(Activity::Untimed);
        }
    }
}

/// Times work on a column that many measures use, until it is dropped.
#[derive(Debug)]
pub(crate) struct ColumnWork(Option<Instant>);

impl ColumnWork {
    /// Begins; has no effect outside of a timed batch, and inside of other column work, which counts it already.
    pub(crate) fn begin() -> Self {
        if ACTIVITY.get() != Activity::Batch {
            return Self(None);
        }
        ACTIVITY.set(Activity::Column);
        Self(Some(Instant::now()))
    }
}

impl Drop for ColumnWork {
    fn drop(&mut self) {
        if let Some(start) = self.0 {
            COLUMNS.set(COLUMNS.get() + since(start));
            ACTIVITY.set(Activity::Batch);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn column_work_is_booked_once_and_apart() {
        let clock = Clock::start(1, 2, 0);
        let pause = Duration::from_millis(5);
        let mut span = Span::begin(Some(&clock));
        span.book(Work::Filter(0));
        let start = Instant::now();
        {
            let _outer = ColumnWork::begin();
            let _inner = ColumnWork::begin();
            std::thread::sleep(pause);
        }
        span.book(Work::Measure(0));
        let passed = since(start);
        std::thread::sleep(pause);
        span.book(Work::Measure(1));
        drop(span);
        let _untimed = ColumnWork::begin();
        let times = clock.stop();
        assert!(times.columns >= nanoseconds(pause) && times.measures[1] >= nanoseconds(pause), "{times:?}");
        // Booked twice, or not taken from the measure, it would be more than what passed; a measure holds a little from
        // before the start.
        assert!(times.columns + times.measures[0] < passed + nanoseconds(pause), "{times:?} of {passed}");
    }

    #[test]
    fn without_a_clock_no_time_is_booked() {
        let mut span = Span::begin(None);
        let work = ColumnWork::begin();
        assert!(work.0.is_none());
        span.book(Work::Measure(0));
    }
}

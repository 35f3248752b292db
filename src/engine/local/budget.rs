//! How the memory of an execution is divided: what is there already, what batches in flight need, and keys.

use crate::engine::{Limits, MemoryLimit};
use crate::memory;
use crate::plan::Plan;

use crate::engine::local::lower::{Pass, Section};
use crate::engine::local::shared::Sources;
use crate::engine::local::{lookups, measures};

/// The least bytes for keys.
const LEAST_KEYS: u64 = 16 << 20;

/// What a worker needs beside the rows that it decodes: cells parsed as another type, bits, text being written.
const OF_WORKER: u64 = 8 << 20;

/// What a worker needs for each word of an entry, while it collects those of a batch: up to 2^17 of them, twice as much as a
/// list grows.
const OF_WORD: u64 = 2 << 20;

/// What an allocator holds beyond what it was asked for, beside an eighth.
const SLACK: u64 = 16 << 20;

/// What is taken for resident at the start where the system does not report it.
const BASE: u64 = 64 << 20;

/// What an execution may use.
#[derive(Debug)]
pub(crate) struct Budget {
    /// Worker threads.
    pub threads: usize,
    /// Bytes of keys, for all stores and lookups together.
    pub keys: usize,
    /// Why the limit may be exceeded, and what helps.
    pub doubt: Option<String>,
}

impl Budget {
    /// Divides what there is, and leaves workers out where they would need more than that.
    pub(crate) fn divide(limits: &Limits, plan: &Plan, passes: &[Pass], sources: &Sources<'_>) -> Self {
        let threads = match limits.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        };
        let limit = match limits.memory {
            MemoryLimit::Process(bytes) => bytes,
            MemoryLimit::Keys(bytes) => return Self { threads, keys: narrow(bytes), doubt: None },
        };
        // An allocator holds more than it was asked for: some of it always, some in proportion.
        let slack = limit / 8 + SLACK;
        let rest = limit.saturating_sub(memory::resident().unwrap_or(BASE)).saturating_sub(slack);
        let needs = passes.iter().map(|pass| (of_worker(pass, plan, sources), &pass.dataset));
        let (worker, dataset) = needs.max().map_or((0, None), |(bytes, dataset)| (bytes, Some(dataset.clone())));
        // Keys get a quarter before further workers get anything.
        let fit = (rest / 4 * 3).checked_div(worker).map_or(threads, narrow);
        let threads = threads.min(fit).max(1);
        let left = rest.saturating_sub(worker.saturating_mul(threads as u64));
        let doubt = (left < LEAST_KEYS).then(|| {
            format!(
                "{} may take more memory than the {} MiB of --memory: what is held at a time may need {} MiB; allow more, or \
                 write Parquet with smaller row groups",
                dataset.as_deref().unwrap_or("the audit"),
                limit >> 20,
                worker >> 20
            )
        });
        Self { threads, keys: narrow(left.max(LEAST_KEYS)), doubt }
    }
}

fn narrow(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// Bytes that one worker needs in a pass.
fn of_worker(pass: &Pass, plan: &Plan, sources: &Sources<'_>) -> u64 {
    let decoded = sources.get(pass.dataset.as_str()).map_or(0, |source| {
        let position = |name: &String| source.columns().iter().position(|column| column.name == *name);
        let columns = |section: &Section| section.columns.iter().filter_map(position).collect();
        let sections: Vec<Vec<usize>> = pass.sections.iter().map(columns).collect();
        source.unit_bytes(&sections)
    });
    let words = pass.measures.iter().map(|at| measures::words(&plan.measures[*at].kind)).sum::<usize>()
        + pass.lookups.iter().map(|at| lookups::build::words(&plan.lookups[*at])).sum::<usize>();
    // A batch has no more rows than its dataset.
    let rows = sources.get(pass.dataset.as_str()).and_then(|source| source.extent().most_rows);
    let of_word = rows.map_or(OF_WORD, |rows| rows.saturating_mul(16).min(OF_WORD));
    decoded + OF_WORKER + words as u64 * of_word
}

//! How the memory of an execution is divided: what is there already, what batches in flight need, and keys.

use std::collections::BTreeMap;

use crate::engine::{Limits, MemoryLimit};
use crate::model::{MeasureKind, Notice};
use crate::plan::{Pass, Plan};
use crate::source::Source;

/// Bytes that keys get at the least.
const LEAST_KEYS: u64 = 16 << 20;

/// What a worker needs beside the rows that it decodes: cells read as another type, bits, text being written.
const OF_WORKER: u64 = 8 << 20;

/// What a worker needs for each measure or lookup that collects keys, while it does so for one batch.
const OF_KEYS: u64 = 4 << 20;

/// What is taken for resident at the start where the system does not tell.
const BASE: u64 = 64 << 20;

/// What an execution may use.
#[derive(Debug)]
pub(super) struct Budget {
    /// Worker threads.
    pub threads: usize,
    /// Bytes of keys, for all stores and lookups together.
    pub keys: usize,
    /// Where the limit cannot be kept: why.
    pub notice: Option<Notice>,
}

impl Budget {
    /// Divides what there is, and leaves workers out where they would need more than that.
    pub(super) fn divide(limits: &Limits<'_>, plan: &Plan, sources: &BTreeMap<String, Source>) -> Self {
        let threads = match limits.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        };
        let limit = match limits.memory {
            MemoryLimit::Process(bytes) => bytes,
            MemoryLimit::Keys(bytes) => return Self { threads, keys: narrow(bytes), notice: None },
        };
        // An allocator holds somewhat more than it was asked for.
        let slack = limit / 8;
        let rest = limit.saturating_sub(resident().unwrap_or(BASE)).saturating_sub(slack);
        let needs = plan.passes.iter().map(|pass| (of_worker(pass, plan, sources), &pass.dataset));
        let (worker, dataset) = needs.max().map_or((0, None), |(bytes, dataset)| (bytes, Some(dataset.clone())));
        // Keys get a quarter before further workers get anything.
        let fit = (rest / 4 * 3).checked_div(worker).map_or(threads, narrow);
        let threads = threads.min(fit).max(1);
        let left = rest.saturating_sub(worker.saturating_mul(threads as u64));
        let notice = (left < LEAST_KEYS).then(|| Notice {
            dataset,
            rule: None,
            text: format!(
                "may take more memory than the {} MiB of --memory: what is decoded at a time needs about {} MiB; write the \
                 file with smaller row groups, or allow more",
                limit >> 20,
                worker >> 20
            ),
        });
        Self { threads, keys: narrow(left.max(LEAST_KEYS)), notice }
    }
}

fn narrow(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// Bytes that one worker needs in a pass.
fn of_worker(pass: &Pass, plan: &Plan, sources: &BTreeMap<String, Source>) -> u64 {
    let decoded = sources.get(&pass.dataset).map_or(0, |source| {
        let position = |name: &String| source.columns().iter().position(|column| column.name == *name);
        let columns: Vec<usize> = pass.columns.iter().filter_map(position).collect();
        source.unit_bytes(&columns)
    });
    let keys = pass.measures.iter().filter(|at| match &plan.measures[**at].kind {
        MeasureKind::DuplicateKeys(_) | MeasureKind::DuplicateRows { .. } | MeasureKind::Figure(_) => true,
        MeasureKind::Rows(predicate) => predicate.lookup().is_some(),
        _ => false,
    });
    let keys = (keys.count() + pass.lookups.len()) as u64;
    decoded + OF_WORKER + keys * OF_KEYS
}

/// The memory that the process holds now, where the system tells.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

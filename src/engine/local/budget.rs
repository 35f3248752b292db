//! How the memory of an execution is divided: what is there already, what batches in flight need, and keys.

use std::collections::BTreeMap;

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
    /// Datasets that are not read, since what a worker must hold of them at a time exceeds the limit by itself, each with the
    /// reason.
    pub refused: BTreeMap<String, String>,
    /// Why the limit may be exceeded, and what helps.
    pub doubt: Option<String>,
}

/// What a pass needs.
struct Need {
    /// Bytes for each worker.
    worker: u64,
    /// The least bytes for keys.
    keys: u64,
    /// Whether the files say how large their parts are.
    is_exact: bool,
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
            MemoryLimit::Keys(bytes) => {
                return Self { threads, keys: narrow(bytes), refused: BTreeMap::new(), doubt: None };
            }
        };
        let needs = passes.iter().map(|pass| (pass.dataset.as_str(), need(pass, plan, sources)));
        Self::of(limit, memory::resident().unwrap_or(BASE), threads, needs)
    }

    /// Divides a limit; so many bytes are held already.
    fn of<'p>(limit: u64, held: u64, threads: usize, needs: impl Iterator<Item = (&'p str, Need)>) -> Self {
        let mut refused = BTreeMap::new();
        let (mut worker, mut keys, mut dataset) = (0, 0, "the audit");
        for (name, need) in needs {
            if need.is_exact && held < limit && need.worker > limit - held {
                let reason = format!(
                    "what is held of it at a time may need {} MiB, and --memory is {} MiB: allow {} MiB, or write it with \
                     smaller row groups or record batches",
                    need.worker >> 20,
                    limit >> 20,
                    enough(held, need.worker, need.keys) >> 20
                );
                refused.insert(name.to_owned(), reason);
                continue;
            }
            keys = keys.max(need.keys);
            if worker < need.worker {
                (worker, dataset) = (need.worker, name);
            }
        }
        // An allocator holds more than it was asked for: some of it always, some in proportion.
        let slack = limit / 8 + SLACK.min(worker.saturating_add(keys));
        let rest = limit.saturating_sub(held).saturating_sub(slack);
        // Keys get a quarter before further workers get anything.
        let fit = (rest / 4 * 3).checked_div(worker).map_or(threads, narrow);
        let threads = threads.min(fit).max(1);
        let left = rest.saturating_sub(worker.saturating_mul(threads as u64));
        let doubt = (left < keys || rest < worker).then(|| {
            format!(
                "{dataset} may take more memory than the {} MiB of --memory: the program holds {} MiB before it reads rows, \
                 what is held of them at a time may need {} MiB, and keys {} MiB; allow {} MiB",
                limit >> 20,
                held >> 20,
                worker.div_ceil(1 << 20),
                keys.div_ceil(1 << 20),
                enough(held, worker, keys) >> 20
            )
        });
        Self { threads, keys: narrow(left.max(LEAST_KEYS)), refused, doubt }
    }
}

/// A limit within which one worker can be kept.
fn enough(held: u64, worker: u64, keys: u64) -> u64 {
    let all = held.saturating_add(worker).saturating_add(keys).saturating_add(SLACK.min(worker.saturating_add(keys)));
    // To whole tens of MiB, since these are estimates.
    (all / 7).saturating_mul(8).div_ceil(10 << 20).saturating_mul(10 << 20)
}

fn narrow(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// Bytes that a pass needs.
fn need(pass: &Pass, plan: &Plan, sources: &Sources<'_>) -> Need {
    let source = sources.get(pass.dataset.as_str());
    let decoded = source.map_or(0, |source| {
        let columns = |section: &Section| section.columns.iter().filter_map(|name| source.position(name)).collect();
        let sections: Vec<Vec<usize>> = pass.sections.iter().map(columns).collect();
        source.unit_bytes(&sections)
    });
    let words = pass.measures.iter().map(|at| measures::words(&plan.measures[*at].kind)).sum::<usize>()
        + pass.lookups.iter().map(|at| lookups::build::words(&plan.lookups[*at])).sum::<usize>();
    let words = words as u64;
    let of_word = source.map_or(OF_WORD, |source| source.batch_rows().saturating_mul(16).min(OF_WORD));
    // All rows have as many keys as there are rows: small files need little.
    let of_rows = |rows: u64| rows.saturating_mul(words).saturating_mul(64);
    let keys = source.and_then(|source| source.extent().most_rows).map_or(LEAST_KEYS, of_rows).min(LEAST_KEYS);
    let worker = decoded.saturating_add(OF_WORKER.min(decoded)).saturating_add(words.saturating_mul(of_word));
    let is_exact = source.is_some_and(|source| !source.extent().is_text);
    Need { worker, keys: if words == 0 { 0 } else { keys }, is_exact }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn need(worker: u64, keys: u64, is_exact: bool) -> Need {
        Need { worker: worker * MIB, keys: keys * MIB, is_exact }
    }

    #[test]
    fn small_files_give_no_reason_to_doubt() {
        let budget = Budget::of(128 * MIB, 30 * MIB, 2, [("d", need(0, 0, false))].into_iter());
        assert_eq!((budget.doubt, budget.threads, budget.refused.len()), (None, 2, 0));
        let budget =
            Budget::of(128 * MIB, 30 * MIB, 2, [("d", need(1, 1, false)), ("e", need(0, 0, true))].into_iter());
        assert_eq!((budget.doubt, budget.threads), (None, 2));
    }

    #[test]
    fn workers_go_before_the_promise_does() {
        let budget = Budget::of(256 * MIB, 20 * MIB, 8, [("d", need(60, 16, true))].into_iter());
        assert_eq!((budget.doubt, budget.threads), (None, 2));
        let tight = Budget::of(256 * MIB, 20 * MIB, 8, [("d", need(186, 16, true))].into_iter());
        let doubt = tight.doubt.expect("keys have no room");
        assert!(doubt.starts_with("d may take more memory than the 256 MiB of --memory"), "{doubt}");
        assert!(doubt.contains("may need 186 MiB, and keys 16 MiB; allow 280 MiB"), "{doubt}");
        // With that much there is no doubt any more.
        assert_eq!(Budget::of(280 * MIB, 20 * MIB, 8, [("d", need(186, 16, true))].into_iter()).doubt, None);
    }

    #[test]
    fn what_cannot_be_held_is_refused() {
        let needs = || [("large", need(300, 16, true)), ("text", need(300, 16, false)), ("small", need(5, 16, true))];
        let budget = Budget::of(256 * MIB, 20 * MIB, 2, needs().into_iter());
        let reason = budget.refused.get("large").expect("it is refused");
        assert!(reason.contains("may need 300 MiB, and --memory is 256 MiB: allow 410 MiB"), "{reason}");
        assert_eq!(budget.refused.len(), 1);
        assert!(budget.doubt.is_some_and(|doubt| doubt.starts_with("text may take")));
        // A limit below what the program holds itself is no fault of a dataset.
        let budget = Budget::of(MIB, 20 * MIB, 2, needs().into_iter());
        assert!(budget.refused.is_empty() && budget.doubt.is_some());
    }
}

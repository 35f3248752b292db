//! Reads columns of a dataset, and shows how far it is.

use std::io;
use std::sync::OnceLock;

use crate::model::Unmeasured;
use crate::source::{Block, Portion, Sample as Drawn, ScanFacts, Source};

use crate::engine::local::profile::Clock;
use crate::engine::local::shared::Shared;

/// Reads columns of a dataset, block by block.
pub(crate) fn scan(
    source: &Source,
    (dataset, columns): (&str, &[String]),
    purpose: &str,
    portion: Portion<'_>,
    shared: Shared<'_>,
    clock: Option<&Clock>,
    visit: &(dyn Fn(Block) -> bool + Sync),
) -> Result<ScanFacts, Unmeasured> {
    let places: Vec<usize> = columns
        .iter()
        .map(|name| source.position(name).ok_or_else(|| Unmeasured::Unreadable(format!("there is no column {name}"))))
        .collect::<Result<_, _>>()?;
    shared.progress.begin(dataset, purpose, portion.sample.map_or_else(|| source.extent().bytes, Drawn::bytes));
    let facts =
        source.scan_blocks(&places, &portion, &|block| visit(block) && !shared.progress.cancelled(), &|bytes| {
            if let Some(clock) = clock {
                clock.read();
            }
            shared.progress.advance(dataset, bytes);
        });
    shared.progress.end(dataset);
    facts.map_err(Unmeasured::from)
}

/// Reads columns of a dataset once more, and keeps of each block what `keep` takes from it.
///
/// # Errors
/// Where the dataset cannot be read, what is kept cannot be written, or the user stopped the audit.
pub(crate) fn scan_again(
    source: &Source,
    what: (&str, &[String]),
    purpose: &str,
    shared: Shared<'_>,
    keep: &(dyn Fn(Block) -> io::Result<()> + Sync),
) -> Result<(), Unmeasured> {
    let problem: OnceLock<io::Error> = OnceLock::new();
    let portion = Portion { cells_alone: true, ..Portion::default() };
    scan(source, what, purpose, portion, shared, None, &|block| match keep(block) {
        Ok(()) => true,
        Err(error) => {
            // The first problem is reported; others follow from it.
            let _ = problem.set(error);
            false
        }
    })?;
    problem.into_inner().map_or(Ok(()), |error| Err(shared.lost(error)))
}

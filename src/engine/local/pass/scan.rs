//! Reads columns of a dataset, and shows how far it is.

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

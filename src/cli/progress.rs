//! The progress of an audit for somebody who watches, and whether to stop.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::signals::Signals;
use crate::engine::Progress;
use crate::report::Safe;

/// A pass whose size is known.
const SIZED: &str = "{prefix} [{wide_bar}] {bytes}/{total_bytes}, {eta} left";
/// A pass whose size is not known.
const UNSIZED: &str = "{spinner} {prefix} {bytes} read in {elapsed}";

/// Listens for signals and, where wanted, draws a bar for each dataset on standard error.
pub(super) struct Watch {
    signals: Signals,
    bars: Option<Bars>,
}

struct Bars {
    all: MultiProgress,
    open: RwLock<BTreeMap<String, OpenBar>>,
}

/// The bar of a dataset; passes over it that run at the same time share it.
struct OpenBar {
    bar: ProgressBar,
    passes: usize,
}

impl Watch {
    /// Bars are drawn only where `visible`.
    pub(super) fn new(signals: Signals, visible: bool) -> Self {
        let bars = visible.then(|| Bars {
            all: MultiProgress::with_draw_target(ProgressDrawTarget::stderr()),
            open: RwLock::default(),
        });
        Self { signals, bars }
    }

    /// Takes all bars off the terminal.
    pub(super) fn clear(&self) {
        if let Some(bars) = &self.bars {
            for (_, open) in std::mem::take(&mut *bars.open.write().unwrap_or_else(PoisonError::into_inner)) {
                open.bar.finish_and_clear();
            }
            // A terminal that is gone needs no clearing.
            let _gone = bars.all.clear();
        }
    }
}

impl Progress for Watch {
    fn begin(&self, dataset: &str, purpose: &str, bytes: u64) {
        let Some(bars) = &self.bars else { return };
        let mut open = bars.open.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = open.get_mut(dataset) {
            same.passes += 1;
            same.bar.inc_length(bytes);
            return;
        }
        let bar = bars.all.add(if bytes > 0 { ProgressBar::new(bytes) } else { ProgressBar::no_length() });
        // The templates are constants that a test parses.
        if let Ok(style) = ProgressStyle::with_template(if bytes > 0 { SIZED } else { UNSIZED }) {
            bar.set_style(style);
        }
        bar.set_prefix(Safe(&format!("{dataset} ({purpose})")).to_string());
        bar.enable_steady_tick(Duration::from_millis(200));
        open.insert(dataset.to_owned(), OpenBar { bar, passes: 1 });
    }

    fn advance(&self, dataset: &str, bytes: u64) {
        let Some(bars) = &self.bars else { return };
        if let Some(open) = bars.open.read().unwrap_or_else(PoisonError::into_inner).get(dataset) {
            open.bar.inc(bytes);
        }
    }

    fn end(&self, dataset: &str) {
        let Some(bars) = &self.bars else { return };
        let mut open = bars.open.write().unwrap_or_else(PoisonError::into_inner);
        let last = open.get_mut(dataset).is_some_and(|entry| {
            entry.passes -= 1;
            entry.passes == 0
        });
        if last && let Some(entry) = open.remove(dataset) {
            entry.bar.finish_and_clear();
        }
    }

    fn cancelled(&self) -> bool {
        self.signals.caught().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_valid() {
        for template in [SIZED, UNSIZED] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}

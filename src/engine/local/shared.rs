//! What every pass of an execution shares.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use crate::engine::{EvidenceSink, Progress, WantedCounts, WantedRows};
use crate::model::{AsOf, Unmeasured};
use crate::plan::Plan;
use crate::source::{Sample as Drawn, Source};

use crate::engine::local::compiled::Compiled;
use crate::engine::local::groups::failing::AllFailingGroups;
use crate::engine::local::lookups::built::Lookups;
use crate::engine::local::memory::KeyMemory;

/// Opened datasets by name.
pub(crate) type Sources<'a> = BTreeMap<&'a str, &'a Source>;

/// What every pass of an execution shares.
#[derive(Clone, Copy)]
pub(crate) struct Shared<'a> {
    pub plan: &'a Plan,
    pub lookups: &'a Lookups,
    pub compiled: &'a Compiled,
    pub memory: &'a Arc<KeyMemory>,
    pub samples: &'a BTreeMap<&'a str, Drawn>,
    pub most_failures: Option<&'a [Option<u64>]>,
    pub as_of: AsOf,
    pub profile: bool,
    pub failing_rows: usize,
    pub progress: &'a dyn Progress,
    /// Where failing groups are collected.
    pub groups: &'a AllFailingGroups,
    /// Which failing rows and groups are handed on, and to whom.
    pub evidence: Option<(&'a WantedRows, &'a dyn EvidenceSink)>,
    /// Which failing rows are counted by groups.
    pub counts: Option<&'a WantedCounts>,
}

impl Shared<'_> {
    /// What was kept in memory or on disk is lost: the reason, with what helps.
    #[expect(clippy::needless_pass_by_value, reason = "errors are mapped to it")]
    pub(crate) fn lost(self, error: io::Error) -> Unmeasured {
        Unmeasured::Unreadable(self.memory.explain(&error))
    }
}

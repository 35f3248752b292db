//! What a user asks of an audit.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::bail;

use crate::compare::check_baseline;
use crate::engine::{ENGINES, Engine, MemoryLimit};
use crate::model::{AuditReport, Dimension, SAMPLE_ROWS, Score, Severity, Share};
use crate::rules::{BoundRule, LoadOptions, Suite};

/// The engine that verifies others.
pub(super) const VERIFIER: &str = "reference";

/// What a user asks of an audit beside the suites.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the user")]
pub struct AuditOptions {
    /// Parameters, locations and the day.
    pub load: LoadOptions,
    /// Overrides the gate's severity; `Some(None)`: no failed rule shuts it.
    pub fail_on: Option<Option<Severity>>,
    /// Overrides the gate's least score.
    pub min_score: Option<Score>,
    /// Only failures that an earlier result does not have fail the gate.
    pub new_only: Option<Known>,
    /// Only rules that one of these selects; empty: all.
    pub select: Vec<Selector>,
    /// What measures.
    pub engine: &'static dyn Engine,
    /// Whether a second engine measures the same, and every integer that differs is reported.
    pub verify: bool,
    /// Only a sample of about this share of the rows is read, where rows can be left out.
    pub sample: Option<Share>,
    /// Whether to end as soon as the gate cannot pass any more.
    pub stop_early: bool,
    /// Worker threads; 0: one for each processor.
    pub threads: usize,
    /// Whether the report shows times and memory.
    pub timings: bool,
    /// How much memory may be used.
    pub memory: MemoryLimit,
    /// The folder for keys that memory does not hold.
    pub spill_dir: PathBuf,
    /// Whether to search where the failing rows of each rule are.
    pub where_failing: bool,
    /// Whether to measure what each rule costs.
    pub profile: bool,
    /// How many failing rows of each rule the report names.
    pub failing_rows: usize,
}

impl AuditOptions {
    /// A whole audit by the default engine, as the suites say; only the report is wanted.
    pub fn new(load: LoadOptions, spill_dir: PathBuf) -> Self {
        Self {
            load,
            fail_on: None,
            min_score: None,
            new_only: None,
            select: Vec::new(),
            engine: ENGINES[0],
            verify: false,
            sample: None,
            stop_early: false,
            threads: 0,
            timings: false,
            memory: MemoryLimit::Process(u64::MAX),
            spill_dir,
            where_failing: false,
            profile: false,
            failing_rows: SAMPLE_ROWS,
        }
    }

    /// Makes sure that what is asked for goes together, before any data is read.
    ///
    /// # Errors
    /// What does not, and the way out.
    pub(super) fn check(&self, suite: &Suite) -> anyhow::Result<()> {
        let engine = self.engine.name();
        if self.profile && !self.engine.keeps_costs() {
            bail!(
                "the engine {engine} does not measure what rules cost: leave --profile out, or choose another --engine"
            );
        }
        if let Some(known) = &self.new_only {
            check_baseline(&known.baseline, &suite.name)?;
            if self.sample.is_some() || self.stop_early {
                bail!("--fail-on-new compares with a whole result: leave --sample and --stop-early out");
            }
        }
        if !self.verify {
            return Ok(());
        }
        if engine == VERIFIER {
            bail!("--verify compares an engine with {VERIFIER}: leave --verify out, or choose another --engine");
        }
        self.needs_whole("--verify")?;
        match suite.datasets.iter().find(|dataset| dataset.source.is_stdin()) {
            Some(dataset) => bail!(
                "--verify reads data twice, and {} comes from standard input, which can be read once: save it to a file",
                dataset.name
            ),
            None => Ok(()),
        }
    }

    /// Makes sure that all rows are read, as an option needs it.
    ///
    /// # Errors
    /// If they are not.
    pub(super) fn needs_whole(&self, option: &str) -> anyhow::Result<()> {
        if self.sample.is_some() || self.stop_early {
            bail!("{option} needs a whole audit: leave --sample and --stop-early out");
        }
        Ok(())
    }
}

/// The result whose failures are known, and how much worse they may get.
#[derive(Debug, Clone)]
pub struct Known {
    /// The result.
    pub baseline: Arc<AuditReport>,
    /// How many percentage points the failing share of a rule may rise; `None`: none.
    pub tolerance: Option<Share>,
}

/// Selects rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// By id, tag, dataset or dimension, whichever the word is.
    Any(String),
    /// By tag.
    Tag(String),
    /// By id.
    Id(String),
    /// By dataset.
    Dataset(String),
    /// By dimension.
    Dimension(Dimension),
}

impl Selector {
    pub(super) fn selects(&self, rule: &BoundRule) -> bool {
        let rule = &rule.rule;
        match self {
            Self::Any(word) => {
                rule.id == *word
                    || rule.dataset == *word
                    || rule.dimension.name() == word
                    || rule.tags.iter().any(|tag| tag == word)
            }
            Self::Tag(tag) => rule.tags.contains(tag),
            Self::Id(id) => rule.id == *id,
            Self::Dataset(dataset) => rule.dataset == *dataset,
            Self::Dimension(dimension) => rule.dimension == *dimension,
        }
    }
}

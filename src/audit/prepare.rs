//! From suites to rules that are bound to opened datasets.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use anyhow::bail;

use super::{AuditOptions, Selector};
use crate::engine::{Datasets, Engine};
use crate::identify::recognise;
use crate::memory;
use crate::model::{Count, Share};
use crate::plan::{Planned, build};
use crate::rules::{BoundRule, Dataset, Schemas, Written, read_suite};
use crate::source::{Beginning, Options, Source, SourceColumn};

/// A suite with its datasets opened and its rules bound to their columns.
pub(super) struct Prepared {
    pub(super) written: Written,
    pub(super) opened: Opened,
    pub(super) bound: Vec<BoundRule>,
    /// Rules that were not selected.
    pub(super) skipped: usize,
}

/// Opens the datasets of suites, binds their rules to the columns, and keeps the rules that are selected.
///
/// # Errors
/// [`Diagnostics`](crate::rules::Diagnostics) where no data can make the suites right; otherwise a message.
pub(super) fn prepare(written: Written, options: &AuditOptions) -> anyhow::Result<Prepared> {
    let suite = &written.suite;
    let mut piped = suite.datasets.iter().filter(|dataset| dataset.source.is_stdin());
    if let (Some(one), Some(two)) = (piped.next(), piped.next()) {
        bail!(
            "{} and {} both read standard input, which comes once; give one of them a file with --data NAME=PATH",
            one.name,
            two.name
        );
    }
    let mut opened = Opened::default();
    for dataset in &suite.datasets {
        match options.engine.open(&dataset.source, options.memory.of_process()) {
            Ok(open) => drop(opened.datasets.insert(dataset.name.clone(), open)),
            Err(error) => {
                let options = otherwise(Source::beginning_of(&dataset.source), &dataset.source.options);
                let problem = match options {
                    Some(options) => format!(
                        "{error}; the file looks as if it were written like this: `source: {{ path: …, {options} }}`"
                    ),
                    None => error.to_string(),
                };
                opened.problems.insert(dataset.name.clone(), problem);
            }
        }
    }
    check_memory(written.count(&opened), options.memory.of_process())?;
    let all = written.bind(&opened);
    if !written.unfit.is_empty() {
        // No data can make them right, so nothing is read; what does not fit the columns at hand is reported as well.
        let found = written.bind_diagnostics(&all);
        let all_opened = opened.problems.is_empty();
        let faults = if all_opened { found } else { written.unfit.clone().with(&found) };
        if !faults.is_empty() {
            return Err(faults.into());
        }
    }
    let unknown = written.unknown_waivers(&all, |dataset| opened.datasets.contains_key(dataset));
    if !unknown.is_empty() {
        return Err(unknown.into());
    }
    let total = all.len();
    let bound = select(all, &options.select)?;
    Ok(Prepared { written, opened, skipped: total - bound.len(), bound })
}

/// Keeps the rules that are selected.
///
/// # Errors
/// If there are none.
pub(super) fn select(all: Vec<BoundRule>, by: &[Selector]) -> anyhow::Result<Vec<BoundRule>> {
    let total = all.len();
    let chosen = |rule: &BoundRule| by.is_empty() || by.iter().any(|by| by.selects(rule));
    let bound: Vec<BoundRule> = all.into_iter().filter(chosen).collect();
    if bound.is_empty() {
        if total > 0 {
            bail!("--select selects none of the {total} rules; `passmuster explain SUITE` names them");
        }
        bail!("the suite has no rules");
    }
    Ok(bound)
}

/// Bytes that a rule takes from the suite to the report, as measured over tens of thousands of rules.
const OF_RULE: u64 = 8 << 10;

/// Refuses more rules than memory holds.
fn check_memory(rules: usize, limit: u64) -> anyhow::Result<()> {
    let held = memory::resident().unwrap_or_default();
    let needed = (rules as u64).saturating_mul(OF_RULE);
    // A limit below what the program holds itself is reported when memory is divided.
    if held < limit && needed > limit - held {
        bail!(
            "the suite makes {} rules for the columns at hand, which with their report may take {} MiB, more than the {} MiB of \
             --memory: allow {} MiB, or divide the suite",
            Count(rules as u64),
            needed >> 20,
            limit >> 20,
            (needed + held + (needed + held) / 8).div_ceil(10 << 20) * 10
        );
    }
    Ok(())
}

/// Reads suites and prepares them, where they can be planned as a whole.
///
/// # Errors
/// [`Diagnostics`](crate::rules::Diagnostics) where the suites have errors or do not fit the data; otherwise a message.
pub(super) fn prepare_whole(suites: &[PathBuf], options: &AuditOptions) -> anyhow::Result<(Prepared, Planned)> {
    let prepared = prepare(read_suite(suites, &options.load)?, options)?;
    if let Some((name, problem)) = prepared.opened.problems.first_key_value() {
        bail!("{name} cannot be planned: {problem}");
    }
    let diagnostics = prepared.written.bind_diagnostics(&prepared.bound);
    if !diagnostics.is_empty() {
        return Err(diagnostics.into());
    }
    let planned = prepared.plan(options.engine);
    Ok((prepared, planned))
}

impl Prepared {
    /// What the engine is to measure.
    pub(super) fn plan(&self, engine: &dyn Engine) -> Planned {
        build(&self.written.suite, &self.bound, &self.opened, &|measure| engine.supports(measure))
    }
}

/// The datasets of a suite as far as they could be opened.
#[derive(Default)]
pub(super) struct Opened {
    pub(super) datasets: Datasets,
    /// Why the others could not be opened.
    pub(super) problems: BTreeMap<String, String>,
    /// How files seem to be written, where it was asked: by name of the dataset.
    otherwise: Mutex<BTreeMap<String, Option<String>>>,
}

impl Opened {
    /// The rows of each dataset, where they are known before they are read.
    pub(super) fn rows(&self) -> BTreeMap<String, u64> {
        self.datasets.iter().filter_map(|(name, dataset)| Some((name.clone(), dataset.rows()?))).collect()
    }

    /// This share of each dataset.
    pub(super) fn shares(&self, share: Share) -> impl Iterator<Item = (String, Share)> + '_ {
        self.datasets.keys().map(move |name| (name.clone(), share))
    }
}

impl Schemas for Opened {
    fn columns(&self, dataset: &str) -> Option<&[SourceColumn]> {
        self.datasets.get(dataset).map(|dataset| dataset.columns())
    }

    fn inner_columns(&self, dataset: &str) -> &[SourceColumn] {
        self.datasets.get(dataset).map_or(&[], |dataset| dataset.inner_columns())
    }

    fn written_otherwise(&self, declared: &Dataset) -> Option<String> {
        let dataset = self.datasets.get(&declared.name)?;
        let mut known = self.otherwise.lock().unwrap_or_else(PoisonError::into_inner);
        let found = || otherwise(dataset.beginning(), &declared.source.options);
        known.entry(declared.name.clone()).or_insert_with(found).clone()
    }
}

/// How a file that begins like this seems to be written, where that differs from these options.
fn otherwise(beginning: Option<Beginning>, options: &Options) -> Option<String> {
    recognise(&beginning?, options)?.source_options()
}

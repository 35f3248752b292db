//! The evidence of rules: the data is audited by all of them at once, so each count is what a later audit would find.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::base::Base;
use super::candidate::Candidate;
use super::declare::Declared;
use super::merge::{self, Addition};
use super::options::{InitOptions, Subject};
use super::write;
use super::yaml_text;
use crate::audit::{AuditOptions, audit_written};
use crate::engine::Progress;
use crate::model::RuleReport;
use crate::rules::{Diagnostics, LoadOptions, read_text};

/// How the ids of candidates begin.
const ID: &str = "init-evidence-";

/// What is asked of a dataset.
pub(super) struct Asked {
    pub(super) missing: BTreeSet<String>,
    pub(super) columns: Vec<Declared>,
}

/// What the data answers.
pub(super) struct Answers {
    /// For each candidate its report; `None` where it could not be asked.
    pub(super) rules: Vec<Option<RuleReport>>,
    /// The reports of types, by dataset and column.
    pub(super) types: BTreeMap<(String, String), RuleReport>,
    /// The other rules: those of a suite that exists.
    pub(super) known: Vec<RuleReport>,
}

/// The candidates of a dataset, and its columns, as lines of a suite.
fn lines(at: usize, name: &str, asked: &Asked, candidates: &[Option<&Candidate>]) -> Addition {
    let mut addition = Addition { dataset: name.to_owned(), ..Addition::default() };
    for declared in &asked.columns {
        let _ = writeln!(addition.columns, "{}{}", write::INNER, write::column(declared, None, None));
    }
    let numbered = candidates.iter().enumerate().filter_map(|(number, candidate)| Some((number, (*candidate)?)));
    for (number, candidate) in numbered.filter(|(_, candidate)| candidate.dataset == at) {
        for line in write::rule(&format!("{ID}{number}"), candidate, &[], write::INNER) {
            let _ = writeln!(addition.rules, "{line}");
        }
    }
    addition
}

/// The suite of all candidates, for one that is new.
fn suite(subjects: &[Subject], asked: &[Asked], candidates: &[Option<&Candidate>]) -> String {
    let mut text = String::from("suite: evidence\ndatasets:\n");
    for (at, (subject, asked)) in subjects.iter().zip(asked).enumerate() {
        // The suite is never read from a file, so its paths do not count.
        let _ = writeln!(text, "  {}:\n    source: data.csv", subject.name);
        if !asked.missing.is_empty() {
            let _ = writeln!(text, "    missing: {}", yaml_text::list(asked.missing.iter().map(String::as_str)));
        }
        let Addition { columns, rules, .. } = lines(at, &subject.name, asked, candidates);
        for (key, lines) in [("columns", columns), ("rules", rules)] {
            if !lines.is_empty() {
                let _ = write!(text, "    {key}:\n{lines}");
            }
        }
    }
    text
}

/// Audits the data by all candidates, and by the rules of the suite that they are for. `None` if the user stopped it.
///
/// # Errors
/// If the data cannot be read.
pub(super) fn ask(
    subjects: &[Subject],
    (asked, base): (&[Asked], Option<&Base<'_>>),
    candidates: &[Candidate],
    options: &InitOptions,
    progress: &dyn Progress,
) -> anyhow::Result<Option<Answers>> {
    let load = LoadOptions {
        params: BTreeMap::new(),
        data: BTreeMap::new(),
        as_of: Some(options.as_of),
        home: None,
        baseline: None,
        gate_compares: false,
        today: options.as_of,
    };
    let mut kept: Vec<Option<&Candidate>> = candidates.iter().map(Some).collect();
    let mut written = loop {
        let (path, text) = match base {
            None => ("evidence.yaml".as_ref(), suite(subjects, asked, &kept)),
            Some(base) => {
                let additions = subjects.iter().zip(asked).enumerate();
                let additions: Vec<Addition> =
                    additions.map(|(at, (subject, asked))| lines(at, &subject.name, asked, &kept)).collect();
                (base.path, merge::insert(base.text, &base.layout, &additions))
            }
        };
        match read_text(path, &text, &load) {
            Ok(written) => break written,
            Err(diagnostics) => {
                // A rule that cannot be written is not proposed.
                let refused: BTreeSet<usize> =
                    refused(&diagnostics, &text).into_iter().filter(|number| kept[*number].is_some()).collect();
                if refused.is_empty() {
                    return Err(diagnostics.into());
                }
                for number in refused {
                    kept[number] = None;
                }
            }
        }
    };
    if base.is_none() {
        for (dataset, subject) in written.suite.datasets.iter_mut().zip(subjects) {
            dataset.source = subject.spec.clone();
        }
    }
    let options = AuditOptions {
        threads: options.limits.threads,
        memory: options.limits.memory,
        failing_rows: 0,
        ..AuditOptions::new(load, options.limits.spill_dir.clone())
    };
    let audited = audit_written(written, &options, &[], progress)?;
    if audited.cancelled {
        return Ok(None);
    }
    let mut answers = Answers { rules: vec![None; candidates.len()], types: BTreeMap::new(), known: Vec::new() };
    for dataset in audited.report.datasets {
        if let Some(error) = dataset.error {
            anyhow::bail!("{error}");
        }
        for rule in dataset.rules {
            let number = rule.id.strip_prefix(ID).and_then(|number| number.parse::<usize>().ok());
            if let Some(place) = number.and_then(|number| answers.rules.get_mut(number)) {
                *place = Some(rule);
                continue;
            }
            if let ("type", [column]) = (rule.check.as_str(), rule.columns.as_slice()) {
                answers.types.insert((rule.dataset.clone(), column.clone()), rule.clone());
            }
            answers.known.push(rule);
        }
    }
    Ok(Some(answers))
}

/// The candidates that are refused: each fault is on a line of one of them.
fn refused(diagnostics: &Diagnostics, text: &str) -> BTreeSet<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let number = |line: usize| -> Option<usize> {
        let upward = lines.get(..line)?.iter().rev();
        let first = upward.take(100).find(|line| line.trim_start().starts_with("- "))?;
        let digits = first.split_once(&format!("id: {ID}"))?.1;
        digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    diagnostics.iter().filter_map(|diagnostic| number(diagnostic.span()?.line as usize)).collect()
}

//! The evidence of rules: the data is audited by all of them at once, so each count is what a later audit would find.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use super::candidate::Candidate;
use super::declare::Declared;
use super::options::{InitOptions, Subject};
use super::write;
use super::yaml_text;
use crate::audit::{AuditOptions, audit_written};
use crate::engine::Progress;
use crate::model::RuleReport;
use crate::rules::{Diagnostics, LoadOptions, read_text};

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
}

/// The suite of all candidates: its text, and the candidate of each line.
fn suite(subjects: &[Subject], asked: &[Asked], candidates: &[Option<&Candidate>]) -> (String, Vec<Option<usize>>) {
    let mut text = String::from("suite: evidence\ndatasets:\n");
    for (at, (subject, asked)) in subjects.iter().zip(asked).enumerate() {
        // The suite is never read from a file, so its paths do not count.
        let _ = writeln!(text, "  {}:\n    source: data.csv", subject.name);
        if !asked.missing.is_empty() {
            let _ = writeln!(text, "    missing: {}", yaml_text::list(asked.missing.iter().map(String::as_str)));
        }
        if !asked.columns.is_empty() {
            text.push_str("    columns:\n");
            for declared in &asked.columns {
                let _ = writeln!(text, "      {}", write::column(declared, None, None));
            }
        }
        let own = candidates.iter().enumerate().filter_map(|(number, candidate)| Some((number, (*candidate)?)));
        let mut own = own.filter(|(_, candidate)| candidate.dataset == at).peekable();
        if own.peek().is_some() {
            text.push_str("    rules:\n");
        }
        for (number, candidate) in own {
            for line in write::rule(&format!("c{number}"), candidate, &[], write::INNER) {
                let _ = writeln!(text, "{line}");
            }
        }
    }
    let mut of_line = Vec::new();
    for line in text.lines() {
        let begun = line.strip_prefix(write::INNER).and_then(|line| line.strip_prefix("- "));
        let number = begun.and_then(|line| {
            let id = line.trim_start_matches("{ ").strip_prefix("id: c")?;
            id.split(|c: char| !c.is_ascii_digit()).next()?.parse::<usize>().ok()
        });
        let is_dataset = line.starts_with("  ") && !line.starts_with("   ");
        let last = of_line.last().copied().flatten().filter(|_| !is_dataset);
        of_line.push(number.or(last));
    }
    (text, of_line)
}

/// Audits the data by all candidates. `None` if the user stopped it.
///
/// # Errors
/// If the data cannot be read.
pub(super) fn ask(
    subjects: &[Subject],
    asked: &[Asked],
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
        let (text, of_line) = suite(subjects, asked, &kept);
        match read_text(Path::new("evidence.yaml"), &text, &load) {
            Ok(written) => break written,
            Err(diagnostics) => {
                // A rule that cannot be written is not proposed.
                let refused = refused(&diagnostics, &of_line);
                if refused.is_empty() {
                    return Err(diagnostics.into());
                }
                for number in refused {
                    kept[number] = None;
                }
            }
        }
    };
    for (dataset, subject) in written.suite.datasets.iter_mut().zip(subjects) {
        dataset.source = subject.spec.clone();
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
    let mut answers = Answers { rules: vec![None; candidates.len()], types: BTreeMap::new() };
    for dataset in audited.report.datasets {
        if let Some(error) = dataset.error {
            anyhow::bail!("{error}");
        }
        for rule in dataset.rules {
            let number = rule.id.strip_prefix('c').and_then(|number| number.parse::<usize>().ok());
            if let Some(place) = number.and_then(|number| answers.rules.get_mut(number)) {
                *place = Some(rule);
            } else if let ("type", [column]) = (rule.check.as_str(), rule.columns.as_slice()) {
                answers.types.insert((rule.dataset.clone(), column.clone()), rule);
            }
        }
    }
    Ok(Some(answers))
}

/// The candidates that are refused.
fn refused(diagnostics: &Diagnostics, of_line: &[Option<usize>]) -> BTreeSet<usize> {
    let lines = diagnostics.iter().filter_map(|diagnostic| diagnostic.span()).map(|span| span.line as usize);
    lines.filter_map(|line| *of_line.get(line.checked_sub(1)?)?).collect()
}

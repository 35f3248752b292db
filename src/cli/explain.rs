//! `passmuster explain`

use std::ffi::OsStr;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command};

use super::args::{self, EngineName, Filling, did_you_mean};
use super::color::{ColorChoice, Environment};
use super::exit::Exit;
use super::topics::{self, TOPICS};
use super::{cost, output};
use crate::audit::{AuditOptions, Selector, explain_cost, explain_plan};
use crate::checks::{self, CHECKS, Check, ParamKind, Shorthand};
use crate::engine::ENGINES;
use crate::report::{Look, Safe, reflow};
use crate::rules::Diagnostics;

/// Show the page of a check or a topic, or how a suite would be audited
///
/// For a check: what it checks, its parameters, an example. For a topic (suite, where, gate, severity, missing, dates, numbers,
/// segment, score): what it means, an example, typical mistakes. Without a name: all checks and topics. For suites: the measures, and the passes over the data with their
/// columns; with --cost the share of the work that each rule has. The columns of the data are read, the rows are not.
#[derive(Debug, clap::Args)]
pub(super) struct ExplainArgs {
    /// The name of a check or a topic, or suites
    #[arg(value_name = "CHECK|TOPIC|SUITE", value_parser = SubjectParser, hide_possible_values = true)]
    subjects: Vec<PathBuf>,

    #[command(flatten)]
    filling: Filling,

    /// Plan only these rules, as for `audit`
    #[arg(long, value_name = "RULES", value_parser = args::selector)]
    select: Vec<Selector>,

    /// What would measure; `passmuster list engines` names them
    #[arg(long, value_name = "NAME", value_parser = args::engine(), default_value = ENGINES[0].name())]
    engine: EngineName,

    /// Show each rule's share of the work instead, as a model predicts it
    #[arg(long)]
    cost: bool,

    /// Show the shares that `audit --profile FILE` measured beside the predicted ones; the rules must be the same
    #[arg(long, value_name = "FILE", requires = "cost")]
    profile: Option<PathBuf>,
}

/// Reads any path; the names of checks are known, so that shells can complete them.
#[derive(Clone)]
struct SubjectParser;

impl TypedValueParser for SubjectParser {
    type Value = PathBuf;

    fn parse_ref(&self, _: &Command, _: Option<&Arg>, value: &OsStr) -> Result<PathBuf, clap::Error> {
        Ok(value.into())
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(known().map(|(name, summary)| PossibleValue::new(name).help(summary))))
    }
}

/// Prints the page or the plan.
pub(super) fn run(args: &ExplainArgs, color: ColorChoice, environment: &Environment) -> anyhow::Result<Exit> {
    if args.subjects.is_empty() {
        if args.cost {
            bail!("--cost is about suites: name a file");
        }
        output::to_stdout(&contents())?;
        return Ok(Exit::Passed);
    }
    if let [subject] = args.subjects.as_slice()
        && let Some(name) = page_name(subject)
    {
        let (what, page) = if let Some(check) = checks::find(name) {
            ("check", page(check))
        } else if let Some(topic) = topics::find(name) {
            ("topic", topic.shown())
        } else {
            let near = did_you_mean(name, known().map(|(name, _)| name));
            bail!("there is no check, no topic and no file `{name}`{near}\n`passmuster explain` names them all");
        };
        if args.cost {
            bail!("`{name}` is a {what}, and --cost is about suites: name a file");
        }
        output::to_stdout(&page)?;
        return Ok(Exit::Passed);
    }
    let options = AuditOptions {
        select: args.select.clone(),
        engine: args.engine.0,
        ..AuditOptions::new(args.filling.options()?, std::env::temp_dir())
    };
    let profile = args.profile.as_deref().map(cost::read_profile).transpose()?;
    let explained = if args.cost {
        explain_cost(&args.subjects, &options, profile.as_ref()).map(|table| cost::render(&table))
    } else {
        explain_plan(&args.subjects, &options).map(|plan| {
            // Names of columns and values of rules may come from anybody.
            plan.split('\n').map(|line| Safe(line).to_string()).collect::<Vec<_>>().join("\n")
        })
    };
    match explained {
        Ok(plan) => {
            output::to_stdout(&plan)?;
            Ok(Exit::Passed)
        }
        Err(error) => match error.downcast_ref::<Diagnostics>() {
            Some(diagnostics) => {
                output::say(diagnostics.render(environment.stderr(color)).trim_end());
                Ok(Exit::CouldNotAudit)
            }
            None => Err(error),
        },
    }
}

/// The subject as the name of a page: a bare word that is a check or a topic, or at least no file.
fn page_name(subject: &Path) -> Option<&str> {
    let name = subject.to_str()?;
    let bare = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    (bare && (checks::find(name).is_some() || topics::find(name).is_some() || !subject.exists())).then_some(name)
}

/// The names that have a page, each with a line about it.
fn known() -> impl Iterator<Item = (&'static str, &'static str)> {
    let checks = CHECKS.iter().map(|check| (check.name(), check.summary()));
    checks.chain(TOPICS.iter().map(|topic| (topic.name, topic.summary)))
}

/// The list of all pages.
fn contents() -> String {
    let width = known().map(|(name, _)| name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for (at, (name, summary)) in known().enumerate() {
        let head = match at {
            0 => "Checks:\n",
            at if at == CHECKS.len() => "\nTopics:\n",
            _ => "",
        };
        // Writing to a string cannot fail.
        let _infallible = writeln!(text, "{head}  {name:width$}  {summary}");
    }
    text + "\n`passmuster explain NAME` shows the page of one of them.\n"
}

/// The facts of the registry, then the page of the check itself.
fn page(check: &Check) -> String {
    let mut text = String::new();
    let mut line = |args: std::fmt::Arguments<'_>| {
        // Writing to a string cannot fail.
        let _infallible = writeln!(text, "{args}");
    };
    line(format_args!("{}: {}", check.name(), check.summary()));
    line(format_args!("dimension: {}", check.dimension()));
    match check.shorthand() {
        Shorthand::None => {}
        Shorthand::Flag => line(format_args!("under a column: {}: true", check.name())),
        Shorthand::Param(param) => line(format_args!("under a column: {}: {}", check.name(), param.to_uppercase())),
    }
    if !check.params().is_empty() {
        line(format_args!("\nparameters:"));
    }
    for param in check.params() {
        let required = if param.required { ", required" } else { "" };
        line(format_args!("  {} ({}{required}): {}", param.name, describe(param.kind), param.doc));
    }
    // The first line says the name already.
    let page = reflow(check.page().trim(), Look::default().width);
    let page = page.trim_end();
    let body = page.strip_prefix("# ").and_then(|page| page.strip_prefix(check.name())).unwrap_or(page);
    line(format_args!("\n{}", body.trim_start()));
    text
}

/// What a parameter holds, in a few words.
fn describe(kind: ParamKind) -> String {
    match kind {
        ParamKind::Column => "a column".into(),
        ParamKind::Columns | ParamKind::Excluded => "a column or a list of columns".into(),
        ParamKind::Dataset => "a dataset".into(),
        ParamKind::Peers => "a dataset, a list of datasets, or { dataset: { on, compare } }".into(),
        ParamKind::Tolerance => "a number, or a share such as 0.5%".into(),
        ParamKind::ColumnsOf(dataset) => format!("a column or a list of columns of `{dataset}`"),
        ParamKind::Pattern => "a regular expression".into(),
        ParamKind::Count => "a whole number".into(),
        ParamKind::Number => "a number".into(),
        ParamKind::Scalar => "a value".into(),
        ParamKind::Flag => "true or false".into(),
        ParamKind::Choice(words) => words.join(" | "),
        ParamKind::Words(words) => format!("some of {}", words.join(", ")),
        ParamKind::Type => "a type".into(),
        ParamKind::Span => "a length of time such as 30d".into(),
        ParamKind::List => "a list of values, or { codelist: NAME }".into(),
        ParamKind::Bounds => "whole numbers such as 2..50".into(),
        ParamKind::Range => "values such as 0..120".into(),
        ParamKind::Expression => "an expression over one row".into(),
        ParamKind::ExpressionOf(dataset) => format!("an expression over one row of `{dataset}`"),
        ParamKind::Figures => "an expression over aggregates such as avg(income) > 1".into(),
        ParamKind::Totals(dataset) => format!("totals such as sum(x), or {{ total: total of `{dataset}` }}"),
        ParamKind::Pairs(dataset) | ParamKind::Groups(dataset) => {
            format!("{{ column: column of `{dataset}` }}, or a list of columns")
        }
        ParamKind::Compare(dataset) => format!("{{ column: column of `{dataset}`, or {{ to, as, tolerance }} }}"),
        ParamKind::Baseline => "the path of a result".into(),
        ParamKind::Likenesses => "{ column: method, or { method, weight, within } }, or a list of columns".into(),
        ParamKind::BlockKeys => "a list of keys: columns, lists of them, transforms such as phonetic(column)".into(),
        ParamKind::Names => "names of columns".into(),
        ParamKind::Texts => "text, or a list of texts".into(),
        ParamKind::Types => "{ column: type }".into(),
    }
}

//! Arguments that several commands share, and how values are read.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::exit::EXIT_CODES;
use super::{audit, explain, identify, lint, list, schema};
use crate::audit::Selector;
use crate::engine::{self, ENGINES, Engine};
use crate::model::{AsOf, Dimension, Score, Severity, Share, nearest};
use crate::report::{self, ReportFormat};
use crate::rules::LoadOptions;

/// Tells whether datasets pass muster before anyone relies on them.
///
/// A suite (a YAML file) names datasets and the rules that they must meet. `audit` counts to the row what breaks them,
/// scores what was measured and opens or shuts a gate.
#[derive(Debug, Parser)]
#[command(name = "passmuster", version, arg_required_else_help = true, after_help = EXIT_CODES, max_term_width = 100)]
pub(super) struct Cli {
    /// When to colour what is written for people
    ///
    /// `auto` heeds `NO_COLOR`, `CLICOLOR_FORCE` and `FORCE_COLOR`, and else colours on terminals.
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    pub(super) color: ColorChoice,

    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Audit datasets against the rules of suites
    Audit(audit::AuditArgs),
    /// Find mistakes in suites without reading data
    ///
    /// Beside everything that `audit` would refuse, finds rules that are duplicate, contradictory, dead or always true.
    /// What a suite declares is weighed against its rules: types, keys, datasets, baselines. Names of columns that it
    /// does not declare are checked against the data, by `audit` alone. What it finds goes to standard output. Each
    /// suite is looked at by itself.
    Lint(lint::LintArgs),
    /// Show the page of a check, or how a suite would be audited
    Explain(explain::ExplainArgs),
    /// Tell what the columns of an export hold: identifiers, faults of text, formats
    Identify(identify::IdentifyArgs),
    /// List what suites and commands can name
    List(list::ListArgs),
    /// Print the JSON Schema of suites, or of what commands write
    Schema(schema::SchemaArgs),
}

/// When to colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On terminals, unless the environment says otherwise
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What fills in a suite from outside.
#[derive(Debug, Args)]
pub(super) struct Filling {
    /// Read the dataset NAME from PATH (a file, a folder, a glob, `-` for standard input) instead; repeatable
    #[arg(long, value_name = "NAME=PATH", value_parser = pair)]
    data: Vec<(String, String)>,

    /// Give the parameter K of the suite the value V; repeatable
    #[arg(long, value_name = "K=V", value_parser = pair)]
    set: Vec<(String, String)>,

    /// The day or moment on which all relative dates hang, such as 2026-11-01 [default: of the suite, else today]
    #[arg(long, value_name = "DATE", value_parser = as_of)]
    as_of: Option<AsOf>,

    /// The JSON result of an earlier audit of the suite, with which all rules `steady` compare
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
}

impl Filling {
    /// As `rules` takes it.
    ///
    /// # Errors
    /// Where a name is given twice, or the clock cannot be read.
    pub(super) fn options(&self) -> anyhow::Result<LoadOptions> {
        let today = jiff::Zoned::now().date();
        Ok(LoadOptions {
            params: once("--set", &self.set)?,
            data: once("--data", &self.data)?,
            as_of: self.as_of,
            baseline: self.baseline.clone(),
            today: AsOf::parse(&today.to_string()).with_context(|| format!("the clock says {today}: use --as-of"))?,
        })
    }
}

/// A map of pairs in which no key stands twice.
fn once(option: &str, pairs: &[(String, String)]) -> anyhow::Result<BTreeMap<String, String>> {
    let mut map = BTreeMap::new();
    for (key, value) in pairs {
        if map.insert(key.clone(), value.clone()).is_some() {
            bail!("{option} {key} is given twice; keep one of them");
        }
    }
    Ok(map)
}

/// Reads `NAME=VALUE`.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, _)) if name.trim().is_empty() => Err("nothing stands before the `=`".to_owned()),
        Some((name, value)) => Ok((name.trim().to_owned(), value.to_owned())),
        None => Err("write NAME=VALUE".to_owned()),
    }
}

/// Reads a day or a moment.
pub(super) fn as_of(text: &str) -> Result<AsOf, String> {
    AsOf::parse(text).ok_or_else(|| "write a day as 2026-11-01 or a moment as 2026-11-01T06:00:00".to_owned())
}

/// Reads `minor`, `major`, `critical` or `none`.
pub(super) fn fail_on() -> impl TypedValueParser<Value = FailOn> {
    let values = Severity::ALL.iter().map(|severity| severity.name()).chain(["none"]);
    PossibleValuesParser::new(values).map(|name| FailOn(Severity::ALL.into_iter().find(|known| known.name() == name)))
}

/// Which failed rules shut the gate: of this severity or worse, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FailOn(pub(super) Option<Severity>);

/// Reads a score.
pub(super) fn score(text: &str) -> Result<Score, String> {
    Score::parse(text).ok_or_else(|| "write a score from 0 to 100 with at most two decimals, such as 92.5".to_owned())
}

/// Reads the share of a sample.
pub(super) fn share(text: &str) -> Result<Share, String> {
    Share::parse(text).ok_or_else(|| {
        "write a share with its percent sign, over 0 % and up to 100 %, with at most four decimals, such as 1% or 0.1%"
            .to_owned()
    })
}

/// Reads the name of a report format.
pub(super) fn format() -> impl TypedValueParser<Value = Format> {
    let values = report::FORMATS.iter().map(|format| PossibleValue::new(format.name()).help(format.summary()));
    PossibleValuesParser::new(values).try_map(|name| report::find(&name).map(Format).ok_or("no such format"))
}

/// A format of the registry.
#[derive(Clone, Copy)]
pub(super) struct Format(pub(super) &'static dyn ReportFormat);

impl std::fmt::Debug for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name())
    }
}

/// Reads the name of an engine.
pub(super) fn engine() -> impl TypedValueParser<Value = EngineName> {
    let values = ENGINES.iter().map(|engine| PossibleValue::new(engine.name()).help(engine.summary()));
    PossibleValuesParser::new(values).try_map(|name| engine::find(&name).map(EngineName).ok_or("no such engine"))
}

/// An engine of the registry.
#[derive(Clone, Copy)]
pub(super) struct EngineName(pub(super) &'static dyn Engine);

impl std::fmt::Debug for EngineName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name())
    }
}

/// Reads `tag:X`, `id:X`, `dataset:X`, `dimension:X` or a bare word.
pub(super) fn selector(text: &str) -> Result<Selector, String> {
    const KINDS: [&str; 4] = ["tag", "id", "dataset", "dimension"];
    let (kind, name) = text.split_once(':').map_or((None, text), |(kind, name)| (Some(kind), name));
    if name.is_empty() {
        return Err("nothing is named".to_owned());
    }
    match kind {
        None => Ok(Selector::Any(name.to_owned())),
        Some("tag") => Ok(Selector::Tag(name.to_owned())),
        Some("id") => Ok(Selector::Id(name.to_owned())),
        Some("dataset") => Ok(Selector::Dataset(name.to_owned())),
        Some("dimension") => {
            let dimension = Dimension::ALL.into_iter().find(|dimension| dimension.name() == name);
            dimension.map(Selector::Dimension).ok_or_else(|| {
                let names = Dimension::ALL.map(Dimension::name);
                format!("there is no dimension `{name}` among {}{}", names.join(", "), did_you_mean(name, names))
            })
        }
        Some(kind) => Err(format!(
            "`{kind}:` selects nothing; write tag:, id:, dataset:, dimension: or a bare word{}",
            did_you_mean(kind, KINDS)
        )),
    }
}

/// `, did you mean …?` where one of the names is near.
pub(super) fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, known).map(|near| format!(", did you mean `{near}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn selectors_name_their_kind_or_any() {
        assert!(matches!(selector("nightly"), Ok(Selector::Any(name)) if name == "nightly"));
        assert!(matches!(selector("tag:a:b"), Ok(Selector::Tag(name)) if name == "a:b"));
        assert!(matches!(selector("id:citizens.id.unique"), Ok(Selector::Id(name)) if name == "citizens.id.unique"));
        assert!(matches!(selector("dataset:citizens"), Ok(Selector::Dataset(name)) if name == "citizens"));
        assert!(matches!(selector("dimension:alive"), Ok(Selector::Dimension(Dimension::Alive))));
    }

    #[test]
    fn selectors_that_select_nothing_are_refused_with_the_nearest_name() {
        let error = |text| selector(text).expect_err(text);
        assert!(error("dimension:corect").contains("did you mean `correct`?"));
        assert!(error("datset:citizens").contains("did you mean `dataset`?"));
        assert!(!error("owner:G01").contains("did you mean"));
        assert_eq!(error("tag:"), "nothing is named");
        assert_eq!(error(""), "nothing is named");
    }

    #[test]
    fn pairs_keep_later_equals_signs_and_stand_once() {
        assert_eq!(pair("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert!(pair("a").is_err());
        assert!(pair("=b").is_err());
        let twice = [("a".to_owned(), "1".to_owned()), ("a".to_owned(), "1".to_owned())];
        assert!(once("--set", &twice).is_err());
        assert_eq!(once("--set", &twice[..1]).expect("one").len(), 1);
    }

    #[test]
    fn values_out_of_range_are_refused() {
        for args in [
            &["audit", "s.yaml", "--min-score", "101"][..],
            &["audit", "s.yaml", "--as-of", "2026-02-30"],
            &["audit", "s.yaml", "--threads", "-1"],
            &["audit", "s.yaml", "--threads", "100000"],
            &["audit", "s.yaml", "--memory", "lots"],
            &["audit", "s.yaml", "--memory", "2MiB"],
            &["audit", "s.yaml", "--fail-on", "fatal"],
            &["audit", "s.yaml", "--format", "xml"],
            &["audit", "s.yaml", "-q", "-v"],
            &["audit"],
        ] {
            let error = Cli::try_parse_from([&["passmuster"], args].concat()).expect_err("refused");
            assert_eq!(error.exit_code(), 2, "{args:?}");
        }
    }
}

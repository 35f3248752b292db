//! Arguments that several commands share, and how values are read.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::PathBuf;

use anyhow::bail;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Args, Command, ValueEnum};

use crate::audit::Selector;
use crate::engine::{self, ENGINES, Engine};
use crate::model::{AsOf, Dimension, Score, Severity, Share, nearest};
use crate::report::{self, FORMATS, Language, Look, ReportFormat};
use crate::rules::LoadOptions;

/// What fills in a suite from outside.
#[derive(Debug, Args)]
pub(super) struct Filling {
    /// Read the dataset NAME from PATH (a file, a folder, a glob, `-` for standard input) instead; repeatable
    #[arg(long, value_name = "NAME=PATH", value_parser = pair)]
    data: Vec<(String, String)>,

    /// Give the parameter K of the suite the value V; repeatable
    #[arg(long, value_name = "K=V", value_parser = pair)]
    set: Vec<(String, String)>,

    /// The date or timestamp that counts as today for relative dates, such as 2026-11-01 or
    /// 2026-11-01T06:00:00+07:00 (counted in UTC) [default: of the suite, else today in UTC]
    #[arg(long, value_name = "DATE", value_parser = as_of)]
    as_of: Option<AsOf>,

    /// The JSON result of an earlier audit of the suite; all rules `steady` compare with it, and the gate of --fail-on-new
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
}

impl Filling {
    /// As `rules` takes it.
    ///
    /// # Errors
    /// Where a name is given twice.
    pub(super) fn options(&self) -> anyhow::Result<LoadOptions> {
        Ok(LoadOptions {
            params: once("--set", &self.set)?,
            data: once("--data", &self.data)?,
            as_of: self.as_of,
            home: std::env::home_dir(),
            baseline: self.baseline.clone(),
            gate_compares: false,
            today: today(),
        })
    }
}

/// How a report is written, and where to.
#[derive(Debug, Args)]
pub(super) struct Reporting {
    /// How to write the report; with =FILE, write that document to FILE. Repeat it for several documents
    /// [default: as the name of --output ends, else table]
    ///
    /// Standard output gets a document only if a FORMAT has no FILE, or no file is named at all. `auto` is for CI: under
    /// GitHub Actions the table, annotations and the summary of the step; under GitLab the table and the file
    /// gl-code-quality-report.json; under Azure Pipelines the table and annotations; elsewhere the table.
    #[arg(long = "format", value_name = "FORMAT[=FILE]", value_parser = FormatParser)]
    pub(super) formats: Vec<Chosen>,

    /// Write the report to FILE, in the format that its name shows unless --format says it; repeat it for more files
    ///
    /// A file is only replaced when all documents are complete.
    #[arg(long = "output", value_name = "FILE")]
    pub(super) outputs: Vec<PathBuf>,

    /// Show the details of all datasets in the table, not only of those that need attention
    #[arg(long)]
    details: bool,

    /// Show in the table who has to do what, instead of each dataset
    #[arg(long, value_name = "WHAT", value_enum, conflicts_with = "details")]
    by: Option<By>,

    /// The language of the html report
    #[arg(long, value_name = "LANG", value_parser = language(), default_value = Language::ALL[0].tag())]
    lang: Language,
}

/// What the table lists failed rules by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// Each owner
    Owner,
}

impl Reporting {
    /// How reports for people look.
    pub(super) fn look(&self, verbose: bool) -> Look {
        Look {
            verbose,
            details: self.details,
            by_owner: self.by == Some(By::Owner),
            language: self.lang,
            ..Look::default()
        }
    }
}

/// Reads a language.
fn language() -> impl TypedValueParser<Value = Language> {
    let values = Language::ALL.iter().map(|language| PossibleValue::new(language.tag()).help(language.name()));
    PossibleValuesParser::new(values)
        .try_map(|tag| Language::ALL.into_iter().find(|language| language.tag() == tag).ok_or("no such language"))
}

/// What the gate asks instead of what the suite says, and which rules are judged.
#[derive(Debug, Args)]
pub(super) struct Judging {
    /// Fail the gate if a rule of this severity or worse fails [default: of the suite, else major]
    #[arg(long, value_name = "SEVERITY", value_parser = fail_on())]
    pub(super) fail_on: Option<FailOn>,

    /// Fail the gate if a dataset scores less than N, 0 to 100 [default: of the suite]
    #[arg(long, value_name = "N", value_parser = score)]
    pub(super) min_score: Option<Score>,

    /// Judge only these rules: tag:X, id:X, dataset:X, dimension:X or a word that is any of them; repeat it to select more
    #[arg(long, value_name = "RULES", value_parser = selector)]
    pub(super) select: Vec<Selector>,
}

/// A map of pairs in which no key occurs twice.
pub(super) fn once(option: &str, pairs: &[(String, String)]) -> anyhow::Result<BTreeMap<String, String>> {
    let mut map = BTreeMap::new();
    for (key, value) in pairs {
        if map.insert(key.clone(), value.clone()).is_some() {
            bail!("{option} {key} is given twice; keep one of them");
        }
    }
    Ok(map)
}

/// Why the value of an option cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ValueError {
    #[error("the name before the `=` is missing")]
    NoName,
    #[error("write NAME=VALUE")]
    NoPair,
    #[error(
        "write a date as 2026-11-01, or a timestamp as 2026-11-01T06:00:00, 2026-11-01T06:00:00Z or 2026-11-01T06:00:00+07:00"
    )]
    Date,
    #[error("write a score from 0 to 100 with at most two decimals, such as 92.5")]
    Score,
    #[error(
        "write a share with its percent sign, over 0 % and up to 100 %, with at most four decimals, such as 1% or 0.1%"
    )]
    Share,
    #[error("nothing is named")]
    NoSelector,
    #[error("there is no dimension `{name}` among {}{}", dimensions().join(", "), did_you_mean(.name, dimensions()))]
    Dimension { name: String },
    #[error(
        "`{kind}:` selects nothing; write tag:, id:, dataset:, dimension: or a bare word{}",
        did_you_mean(.kind, SELECTORS)
    )]
    Selector { kind: String },
}

/// Reads `NAME=VALUE`.
pub(super) fn pair(text: &str) -> Result<(String, String), ValueError> {
    match text.split_once('=') {
        Some((name, _)) if name.trim().is_empty() => Err(ValueError::NoName),
        Some((name, value)) => Ok((name.trim().to_owned(), value.to_owned())),
        None => Err(ValueError::NoPair),
    }
}

/// The date that the clock shows, in UTC: the same on every machine, whatever its time zone.
pub(super) fn today() -> AsOf {
    let now = AsOf::from_instant(jiff::Timestamp::now().as_microsecond());
    AsOf::from_day(now.day)
}

/// Reads a date or a timestamp.
pub(super) fn as_of(text: &str) -> Result<AsOf, ValueError> {
    AsOf::parse(text).ok_or(ValueError::Date)
}

/// Reads `minor`, `major`, `critical` or `none`.
pub(super) fn fail_on() -> impl TypedValueParser<Value = FailOn> {
    let values = Severity::ALL.iter().map(|severity| severity.name()).chain(["none"]);
    PossibleValuesParser::new(values).map(|name| FailOn(Severity::ALL.into_iter().find(|known| known.name() == name)))
}

/// Reads `minor`, `major` or `critical`.
pub(super) fn severity() -> impl TypedValueParser<Value = Severity> {
    let values = Severity::ALL.iter().map(|severity| severity.name());
    let find = |name: String| Severity::ALL.into_iter().find(|known| known.name() == name);
    PossibleValuesParser::new(values).try_map(move |name| find(name).ok_or("no such severity"))
}

/// Which failed rules fail the gate: of this severity or worse, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FailOn(pub(super) Option<Severity>);

/// Reads a score.
pub(super) fn score(text: &str) -> Result<Score, ValueError> {
    Score::parse(text).ok_or(ValueError::Score)
}

/// Reads the share of a sample.
pub(super) fn share(text: &str) -> Result<Share, ValueError> {
    Share::parse(text).ok_or(ValueError::Share)
}

/// Reads `FORMAT` or `FORMAT=FILE`.
#[derive(Clone)]
pub(super) struct FormatParser;

/// The word for the formats that the CI system at hand shows.
const AUTO: &str = "auto";

impl TypedValueParser for FormatParser {
    type Value = Chosen;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<Chosen, clap::Error> {
        let text = value.to_string_lossy();
        let (name, file) = match text.split_once('=') {
            Some((name, _)) => (name, Some(after_equals(value))),
            None => (&*text, None),
        };
        let choice = match report::find(name) {
            Some(format) => Choice::Format(Format(format)),
            None if name == AUTO && file.is_none() => Choice::Auto,
            None => {
                // It has the list of values and the nearest of them.
                let known = PossibleValuesParser::new(self.possible_values().into_iter().flatten());
                let error = known.parse_ref(command, arg, OsStr::new(name));
                return Err(error.err().unwrap_or_else(|| {
                    clap::Error::raw(ErrorKind::InvalidValue, "auto chooses its files itself: leave =FILE out\n")
                        .with_cmd(command)
                }));
            }
        };
        if file.as_ref().is_some_and(|file| file.as_os_str().is_empty()) {
            let message = format!("no file is named after `{name}=`\n");
            return Err(clap::Error::raw(ErrorKind::InvalidValue, message).with_cmd(command));
        }
        Ok(Chosen { choice, file })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let auto = PossibleValue::new(AUTO).help("what the CI system at hand shows");
        let formats = FORMATS.iter().map(|format| PossibleValue::new(format.name()).help(format.summary()));
        Some(Box::new(formats.chain([auto])))
    }
}

/// What follows the first `=`, whatever bytes it has.
fn after_equals(value: &OsStr) -> PathBuf {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt as _;
        let bytes = value.as_bytes();
        let at = bytes.iter().position(|byte| *byte == b'=').map_or(bytes.len(), |at| at + 1);
        OsStr::from_bytes(&bytes[at..]).into()
    }
    #[cfg(not(unix))]
    PathBuf::from(value.to_string_lossy().split_once('=').map_or("", |(_, file)| file))
}

/// A document that was asked for.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    /// Its format.
    pub(super) choice: Choice,
    /// Its file, if it is named.
    pub(super) file: Option<PathBuf>,
}

/// A format that was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Choice {
    /// This one.
    Format(Format),
    /// Those that the CI system at hand shows.
    Auto,
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

/// What rules are selected by.
const SELECTORS: [&str; 4] = ["tag", "id", "dataset", "dimension"];

fn dimensions() -> [&'static str; Dimension::ALL.len()] {
    Dimension::ALL.map(Dimension::name)
}

/// Reads `tag:X`, `id:X`, `dataset:X`, `dimension:X` or a bare word.
pub(super) fn selector(text: &str) -> Result<Selector, ValueError> {
    let (kind, name) = text.split_once(':').map_or((None, text), |(kind, name)| (Some(kind), name));
    if name.is_empty() {
        return Err(ValueError::NoSelector);
    }
    match kind {
        None => Ok(Selector::Any(name.to_owned())),
        Some("tag") => Ok(Selector::Tag(name.to_owned())),
        Some("id") => Ok(Selector::Id(name.to_owned())),
        Some("dataset") => Ok(Selector::Dataset(name.to_owned())),
        Some("dimension") => {
            let dimension = Dimension::ALL.into_iter().find(|dimension| dimension.name() == name);
            dimension.map(Selector::Dimension).ok_or_else(|| ValueError::Dimension { name: name.to_owned() })
        }
        Some(kind) => Err(ValueError::Selector { kind: kind.to_owned() }),
    }
}

/// `, did you mean …?` where one of the names is near.
pub(super) fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, known).map(|near| format!(", did you mean `{near}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let error = |text| selector(text).expect_err(text).to_string();
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
}

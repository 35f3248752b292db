//! The documents in which a finished audit is reported: which formats, and where each of them goes.

use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail};

use super::args::{Choice, Chosen, Format, Reporting};
use super::ci_system::CiSystem;
use super::color::{self, ColorChoice, Environment};
use super::output::{self, Document, FileTarget, NamedFormat, Target};
use crate::model::AuditReport;
use crate::report::{self, FORMATS, FailingRows, Finished, Look, ReportFormat, markdown};
use crate::rules::Input;

/// The file that GitLab takes as the report of code quality.
const GITLAB_FILE: &str = "gl-code-quality-report.json";

/// The documents of a run.
pub(super) struct Reports {
    documents: Vec<Planned>,
    /// The CI system whose log shows standard output, if documents were left to it.
    log: CiSystem,
}

/// A document that is to be written.
struct Planned {
    format: &'static dyn ReportFormat,
    target: Target,
}

impl Reports {
    /// The documents that were asked for.
    ///
    /// # Errors
    /// Where one cannot be written, or two of them go to one place.
    pub(super) fn plan(asked: &Reporting, environment: &Environment) -> anyhow::Result<Self> {
        let mut planned = Self { documents: Vec::new(), log: CiSystem::None };
        let (to_files, open): (Vec<&Chosen>, Vec<&Chosen>) = asked.formats.iter().partition(|one| one.file.is_some());
        for Chosen { choice, file } in to_files {
            if let (Choice::Format(Format(format)), Some(file)) = (choice, file) {
                planned.add(*format, Target::new(Some(file))?)?;
            }
        }
        match (asked.outputs.as_slice(), open.as_slice()) {
            ([], []) if planned.documents.is_empty() => planned.add(FORMATS[0], Target::Stdout)?,
            ([], open) => {
                for one in open {
                    planned.add_to_stdout(one.choice, environment)?;
                }
            }
            ([output], [Chosen { choice: Choice::Format(Format(format)), .. }]) => {
                planned.add(*format, Target::new(Some(output))?)?;
            }
            (outputs, open) => {
                for output in outputs {
                    planned.add(format_of(output), Target::new(Some(output))?)?;
                }
                for one in open {
                    planned.add_to_stdout(one.choice, environment)?;
                }
            }
        }
        Ok(planned)
    }

    fn add_to_stdout(&mut self, choice: Choice, environment: &Environment) -> anyhow::Result<()> {
        let system = match choice {
            Choice::Format(Format(format)) => {
                if !format.is_text() && environment.shows_stdout() {
                    let name = format.name();
                    let ending = format.extensions().first().unwrap_or(&name);
                    bail!("{name} is no text for a terminal: write --format {name}=FILE.{ending}");
                }
                return self.add(format, Target::Stdout);
            }
            Choice::Auto => environment.ci_system(),
        };
        self.add(FORMATS[0], Target::Stdout)?;
        match system {
            CiSystem::GitHub { .. } => self.documents.extend(of_name("github")),
            CiSystem::Azure => self.documents.extend(of_name("azure")),
            CiSystem::GitLab => {
                if let Some(Planned { format, .. }) = of_name("gitlab") {
                    self.add(format, Target::new(Some(Path::new(GITLAB_FILE)))?)?;
                }
            }
            CiSystem::None => {}
        }
        self.log.clone_from(system);
        Ok(())
    }

    fn add(&mut self, format: &'static dyn ReportFormat, target: Target) -> anyhow::Result<()> {
        let is_there = |planned: &&Planned| match (planned.target.file(), target.file()) {
            (None, None) => true,
            (Some(known), Some(new)) => known.is_same_as(new),
            _ => false,
        };
        if let Some(other) = self.documents.iter().find(is_there) {
            let both = if other.format.name() == format.name() {
                format!("the report as {} is asked for twice", format.name())
            } else {
                format!("the reports as {} and as {}", other.format.name(), format.name())
            };
            match target.file() {
                Some(file) => bail!("{both}: both go to {}; name another file for one of them", file.given().display()),
                None => bail!(
                    "{both}: both go to standard output; give one of them a file, such as --format {0}=FILE",
                    format.name()
                ),
            }
        }
        self.documents.push(Planned { format, target });
        Ok(())
    }

    /// The files that are written.
    pub(super) fn files(&self) -> impl Iterator<Item = &FileTarget> {
        self.documents.iter().filter_map(|planned| planned.target.file())
    }

    /// Whether a document lists failing rows where they were recorded.
    pub(super) fn list_failing_rows(&self) -> bool {
        self.documents.iter().any(|planned| planned.format.lists_failing_rows())
    }

    /// Makes sure that no document replaces an input of the run, and that the name of no file promises another format.
    ///
    /// # Errors
    /// With the input that it hits, or the format that the name promises.
    pub(super) fn spare(&self, inputs: &[Input]) -> anyhow::Result<()> {
        self.documents.iter().try_for_each(|planned| planned.target.spare(inputs))?;
        let formats = named_formats();
        self.documents.iter().try_for_each(|planned| planned.target.agrees_with(planned.format.name(), &formats))
    }

    /// Writes all documents. Files are replaced once all of them are complete, and standard output comes last.
    ///
    /// Documents for people have times; the others have them only if `with_times`.
    ///
    /// # Errors
    /// Where one cannot be written: then no file is replaced.
    pub(super) fn write(
        &self,
        report: &mut AuditReport,
        failing: Option<&dyn FailingRows>,
        with_times: bool,
        (color, environment): (ColorChoice, &Environment),
        look: Look,
    ) -> anyhow::Result<()> {
        let times = report.timings.take();
        let mut staged = Vec::new();
        for Planned { format, target } in &self.documents {
            report.timings = times.clone().filter(|_| with_times || format.is_for_people());
            let Some(file) = target.file() else { continue };
            let finished = Finished { report, failing };
            let look = color::look_in_file(color, look);
            let written = file.stage(|file| {
                let mut out = BufWriter::new(file);
                format.write(&finished, &look, &mut out)?;
                Ok(out.flush()?)
            });
            staged.push(written.with_context(|| cannot_write(file))?);
        }
        for (staged, file) in staged.into_iter().zip(self.files()) {
            staged.publish().with_context(|| cannot_write(file))?;
        }
        for Planned { format, target } in &self.documents {
            report.timings = times.clone().filter(|_| with_times || format.is_for_people());
            if *target == Target::Stdout {
                let (finished, look) = (Finished { report, failing }, environment.look(color, look));
                if format.is_for_people() && self.log != CiSystem::None {
                    let text = self.log.without_commands(format.render(&finished, &look)?);
                    output::stream_to_stdout(|out| out.write_all(&text))?;
                } else {
                    output::stream_to_stdout(|out| format.write(&finished, &look, out))?;
                }
            }
        }
        if let CiSystem::GitHub { summary: Some(path) } = &self.log {
            let room = markdown::STEP_SUMMARY_BYTES.saturating_sub(output::size_of(path));
            let summary = markdown::within(report, room);
            if summary.len() > room {
                output::say("warning: no summary of the step: what the step wrote before leaves no room for it");
            } else if let Err(error) = output::append(path, &summary) {
                output::say(format_args!("warning: no summary of the step: {error:#}"));
            }
        }
        report.timings = times;
        Ok(())
    }
}

fn cannot_write(file: &FileTarget) -> String {
    format!("cannot write the {} to {}", Document::Report, file.given().display())
}

fn of_name(name: &str) -> Option<Planned> {
    report::find(name).map(|format| Planned { format, target: Target::Stdout })
}

/// The format that the name of a file shows; where it shows none, that of people.
fn format_of(file: &Path) -> &'static dyn ReportFormat {
    let ending = file.extension().map(|ending| ending.to_string_lossy().into_owned());
    ending.and_then(|ending| report::of_extension(&ending)).unwrap_or(FORMATS[0])
}

/// All formats, as the check of names takes them.
fn named_formats() -> Vec<NamedFormat> {
    FORMATS.iter().map(|format| (format.name(), format.extensions())).collect()
}

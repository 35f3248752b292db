//! What datasets contain, counted through the engine that audits them: a profile is a plan of measures, so its numbers are
//! those that rules would find.
//!
//! 1. *Look*: a bounded part of the rows of each dataset shows which types, identifiers and personal data to expect.
//! 2. *Columns*: one pass over each dataset counts what each column holds.
//! 3. *Pairs*: one more pass counts what holds between columns and between datasets: keys of two columns, dependencies,
//!    orders of dates, references.

mod columns;
mod details;
mod keys;
mod look;
mod numbers;
mod pairs;
mod personal;
mod questions;
mod reads;
mod references;

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::local::LocalEngine;
use crate::engine::{DatasetFacts, Datasets, Drawn, Engine as _, Execution, Limits, Progress, Request, Want, Watch};
use crate::identifiers::Context;
use crate::identify::Judge;
use crate::model::{
    AsOf, DATA_PROFILE_FORMAT, DataProfile, DataType, Dialect, IdentifyTool, Notice, ProfiledColumn, ProfiledDataset,
    Share,
};
use crate::plan::{Plan, PlannedColumn, planned_column};
use crate::rules::Dataset;
use crate::scalar::{Missing, civil_from_days};
use crate::source::{Source, SourceError};

pub use details::ColumnDetails;

use columns::{Asked, Many, Subject};
use keys::key;
use look::{Look, look};
use pairs::AskedOfPairs;
use questions::Questions;
use references::{AskedOfReference, Side};

/// Different values of a column that are counted one by one, over all columns together.
const MOST_VALUES: usize = 1_000_000;

/// The same for one column, at the most and at the least.
const MOST_VALUES_OF_COLUMN: (usize, usize) = (10_000, 100);

/// The options of a profile.
#[derive(Debug, Clone)]
pub struct ProfileOptions {
    /// Tokens that count as missing, besides empty and blank and what a suite declares.
    pub missing: BTreeSet<String>,
    /// The date that counts as "today".
    pub as_of: AsOf,
    /// Read about this share of the rows.
    pub sample: Option<Share>,
    /// What may be used.
    pub limits: Limits,
}

/// A dataset that is profiled.
#[derive(Debug, Clone, Default)]
pub struct Profilee {
    /// Its name, that of an opened dataset.
    pub name: String,
    /// What a suite declares of it.
    pub declared: Option<Dataset>,
    /// How its files seem to be written, where that differs from how they were read.
    pub dialect: Option<Dialect>,
}

/// A profile, with what a suite is written from and no report shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Profiled {
    /// What may be shown.
    pub profile: DataProfile,
    /// For each dataset of the profile its columns, in the order of the profile.
    pub details: Vec<Vec<ColumnDetails>>,
}

/// Counts what datasets contain; `None` if the user stopped it. `datasets` were opened by the in-process engine.
///
/// # Errors
/// If a dataset cannot be read.
pub fn profile(
    profilees: &[Profilee],
    datasets: &Datasets,
    options: &ProfileOptions,
    progress: &dyn Progress,
) -> anyhow::Result<Option<Profiled>> {
    let mut prepared = Vec::with_capacity(profilees.len());
    for profilee in profilees {
        let source = datasets.get(&profilee.name).and_then(|dataset| dataset.downcast::<Source>());
        let source = source.ok_or_else(|| anyhow::anyhow!("{} was not opened", profilee.name))?;
        prepared.push(Prepared::look(profilee, source, options)?);
        if progress.cancelled() {
            return Ok(None);
        }
    }
    let columns: usize = prepared.iter().map(|prepared| prepared.source.columns().len()).sum();
    let (most, least) = MOST_VALUES_OF_COLUMN;
    let most = u32::try_from((MOST_VALUES / columns.max(1)).clamp(least, most)).unwrap_or(u32::MAX);
    let mut questions = Questions::new(options.as_of);
    let is_sample = options.sample.is_some();
    let asked: Vec<AskedOfDataset> =
        prepared.iter().map(|prepared| prepared.ask(most, is_sample, &mut questions)).collect();
    let counted = execute(questions.into_plan(), datasets, options, progress);
    if counted.cancelled || progress.cancelled() {
        return Ok(None);
    }
    let mut profiled = Profiled {
        profile: DataProfile {
            format: DATA_PROFILE_FORMAT.to_owned(),
            tool: IdentifyTool {
                name: env!("CARGO_PKG_NAME").to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            as_of: options.as_of.to_string(),
            datasets: Vec::new(),
            references: Vec::new(),
            same_columns: Vec::new(),
            notices: counted.notices.clone(),
        },
        details: Vec::new(),
    };
    let context = Context { year: civil_from_days(options.as_of.day).0, foreign_births: false };
    for (prepared, asked) in prepared.iter().zip(&asked) {
        let (dataset, details) = prepared.answer(asked, &counted, context)?;
        profiled.profile.datasets.push(dataset);
        profiled.details.push(details);
    }
    if !is_sample {
        let (questions, pairs) = Pairs::ask(&prepared, &profiled, options.as_of);
        if questions.is_empty() {
            pairs.answer(&prepared, &Execution::default(), &mut profiled);
        } else {
            let counted = execute(questions.into_plan(), datasets, options, progress);
            if counted.cancelled || progress.cancelled() {
                return Ok(None);
            }
            pairs.answer(&prepared, &counted, &mut profiled);
        }
    }
    Ok(Some(profiled))
}

/// What is asked about pairs of columns, of one dataset and of two.
struct Pairs {
    of_datasets: Vec<AskedOfPairs>,
    /// Columns that have more different values than was expected, by the positions of dataset and column.
    uncounted: Vec<(usize, usize, Many)>,
    references: Vec<AskedOfReference>,
    left_out: Vec<String>,
}

impl Pairs {
    fn ask(prepared: &[Prepared<'_>], profiled: &Profiled, as_of: AsOf) -> (Questions, Self) {
        let mut questions = Questions::new(as_of);
        let mut of_datasets = Vec::with_capacity(prepared.len());
        let mut uncounted = Vec::new();
        for (place, prepared) in prepared.iter().enumerate() {
            let (dataset, details) = (&profiled.profile.datasets[place], &profiled.details[place]);
            questions.about(&dataset.name, prepared.source.columns(), &prepared.planned);
            for (at, (column, details)) in dataset.columns.iter().zip(details).enumerate() {
                let is_uncounted = column.not_read.is_none() && column.distinct.is_none() && details.counts.is_none();
                if let Some(subject) = prepared.subject(at).filter(|_| is_uncounted) {
                    uncounted.push((place, at, subject.ask_many(false, &mut questions)));
                }
            }
            of_datasets.push(pairs::ask(dataset, &prepared.look.columns, &mut questions));
        }
        let mut left_out = Vec::new();
        let references = references::ask(&sides(prepared, profiled), &mut questions, &mut left_out);
        (questions, Self { of_datasets, uncounted, references, left_out })
    }

    fn answer(self, prepared: &[Prepared<'_>], execution: &Execution, profiled: &mut Profiled) {
        for (place, at, many) in &self.uncounted {
            let column = &mut profiled.profile.datasets[*place].columns[*at];
            if let Some(subject) = prepared[*place].subject(*at) {
                subject.answer_many(many, execution, column);
            }
            let found = key(column);
            profiled.profile.datasets[*place].keys.extend(found);
        }
        for (dataset, asked) in profiled.profile.datasets.iter_mut().zip(&self.of_datasets) {
            pairs::answer(asked, execution, dataset);
            let left_out = asked.left_out.iter().map(|text| notice(&dataset.name, text.clone()));
            profiled.profile.notices.extend(left_out);
        }
        profiled.profile.references = references::answer(&self.references, execution);
        let same = references::same(&sides(prepared, profiled), &profiled.profile.references);
        profiled.profile.same_columns = same;
        let left_out = self.left_out.into_iter().map(|text| Notice { dataset: None, rule: None, text });
        profiled.profile.notices.extend(left_out);
    }
}

/// The datasets as references look at them.
fn sides<'a>(prepared: &'a [Prepared<'_>], profiled: &'a Profiled) -> Vec<Side<'a>> {
    let datasets = profiled.profile.datasets.iter().zip(&profiled.details).zip(prepared);
    let side = |((dataset, details), prepared): ((&'a ProfiledDataset, &'a Vec<ColumnDetails>), &'a Prepared<'_>)| {
        Side { dataset, details, looked_at: &prepared.look.columns }
    };
    datasets.map(side).collect()
}

/// Takes the measures of a plan in one pass over each dataset.
fn execute(plan: Plan, datasets: &Datasets, options: &ProfileOptions, progress: &dyn Progress) -> Execution {
    let samples = options.sample.iter().flat_map(|share| plan.datasets.keys().map(|name| (name.clone(), *share)));
    let request = Request {
        samples: samples.collect(),
        plan,
        most_failures: None,
        want: Want { failing_rows: 0, rows: None, counts: None, profile: false },
        limits: options.limits.clone(),
    };
    LocalEngine.execute(&request, datasets, Watch { progress, stop: None, evidence: None })
}

/// A dataset that was looked at.
struct Prepared<'a> {
    profilee: &'a Profilee,
    source: &'a Source,
    look: Look,
    /// How each column that is read is parsed.
    planned: BTreeMap<String, PlannedColumn>,
}

/// What is asked of each column of a dataset.
type AskedOfDataset = Vec<Option<Asked>>;

impl<'a> Prepared<'a> {
    /// Looks at a part of the rows.
    fn look(profilee: &'a Profilee, source: &'a Source, options: &ProfileOptions) -> Result<Self, SourceError> {
        let declared = profilee.declared.as_ref();
        let mut tokens = options.missing.clone();
        tokens.extend(declared.iter().flat_map(|dataset| dataset.missing.iter().cloned()));
        let judge = Judge::new(civil_from_days(options.as_of.day).0);
        let look = look(source, &Missing::new(tokens), &judge)?;
        let columns = source.columns().iter().zip(&look.columns);
        let planned = columns.filter_map(|(column, looked_at)| {
            let mut planned = planned_column(declared, &column.name, column.data_type?);
            planned.missing.extend(options.missing.iter().cloned());
            let says = declared.and_then(|dataset| dataset.column(&column.name));
            if says.is_none_or(|says| says.data_type.is_none()) && column.data_type == Some(DataType::Text) {
                let reads = &looked_at.reads;
                planned.data_type = reads.data_type;
                planned.format.clone_from(&reads.format);
                planned.notation = reads.notation.clone().within(&planned.notation);
            }
            Some((column.name.clone(), planned))
        });
        let planned = planned.collect();
        Ok(Self { profilee, source, look, planned })
    }

    fn subject(&self, at: usize) -> Option<Subject<'_>> {
        let column = &self.source.columns()[at];
        Some(Subject {
            dataset: &self.profilee.name,
            column,
            looked_at: &self.look.columns[at],
            planned: self.planned.get(&column.name)?,
            declared: self.profilee.declared.as_ref(),
        })
    }

    fn ask(&self, most: u32, is_sample: bool, questions: &mut Questions) -> AskedOfDataset {
        let name = &self.profilee.name;
        questions.about(name, self.source.columns(), &self.planned);
        let columns =
            (0..self.source.columns().len()).map(|at| Some(self.subject(at)?.ask(most, is_sample, questions)));
        columns.collect()
    }

    /// What the answers say.
    ///
    /// # Errors
    /// If the dataset could not be read.
    fn answer(
        &self,
        asked: &[Option<Asked>],
        execution: &Execution,
        context: Context,
    ) -> anyhow::Result<(ProfiledDataset, Vec<ColumnDetails>)> {
        let name = &self.profilee.name;
        let facts = match execution.datasets.get(name) {
            Some(Ok(facts)) => facts.clone(),
            Some(Err(problem)) => anyhow::bail!("{problem}"),
            None => DatasetFacts::default(),
        };
        let (mut columns, mut details) = (Vec::new(), Vec::new());
        for (at, asked) in asked.iter().enumerate() {
            let answer =
                self.subject(at).zip(asked.as_ref()).map(|(subject, asked)| subject.answer(asked, execution, context));
            let (column, of_column) = answer.unwrap_or_else(|| {
                let column = &self.source.columns()[at];
                let not_read = Some(format!("it is stored as {}, which is not examined", column.stored));
                let column = ProfiledColumn {
                    name: column.name.clone(),
                    stored: column.stored.clone(),
                    not_read,
                    ..ProfiledColumn::default()
                };
                (column, ColumnDetails::default())
            });
            columns.push(column);
            details.push(of_column);
        }
        let keys = columns.iter().filter_map(key).collect();
        let dataset = ProfiledDataset {
            name: name.clone(),
            rows: facts.rows,
            sampled: execution.samples.get(name).and_then(|drawn| match drawn {
                Drawn::Part { share, .. } => Some(*share),
                Drawn::Whole(_) => None,
            }),
            looked_at: self.look.rows,
            malformed: facts.framing.malformed,
            duplicate_rows: None,
            remarks: facts.framing.remarks(),
            files: facts.files,
            dialect: self.profilee.dialect.clone(),
            columns,
            keys,
            dependencies: Vec::new(),
            date_orders: Vec::new(),
        };
        Ok((dataset, details))
    }
}

/// What the reader must know of a dataset.
fn notice(dataset: &str, text: String) -> Notice {
    Notice { dataset: Some(dataset.to_owned()), rule: None, text }
}

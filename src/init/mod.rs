//! A suite that is written from data: what its columns are, and the rules that its rows keep.
//!
//! 1. *Propose*: the profile says which rules the data seems to keep.
//! 2. *Evidence*: the data is audited by all of them at once.
//! 3. *Grade*: the counts say which are sure, which are likely, and which only a person can decide.
//! 4. *Write*: the suite as text, each rule with its counts; or the rules that are new, into a suite that exists.

mod base;
mod candidate;
mod closed_list;
mod declare;
mod evidence;
mod grade;
mod learnt;
mod merge;
mod names;
mod options;
mod pattern;
mod propose;
mod real;
mod round;
mod rows;
mod table;
mod tokens;
mod write;
mod yaml_text;

use std::collections::BTreeSet;

use crate::engine::{Datasets, Progress};
use crate::model::Count;
use crate::profile::{ProfileOptions, Profiled, Profilee, profile};
use crate::scalar::Missing;
use crate::source::{Source, SourceSpec};

pub use base::Base;
pub use grade::Grade;
pub use options::{InitOptions, Strictness};

use candidate::Candidate;
use evidence::{Answers, Asked};
use grade::{Counted, Graded, GradedColumn};
use learnt::LearntDataset;
use merge::Addition;
use options::Subject;
use rows::Rows;
use table::Table;
use tokens::missing_words;

/// The most columns that rules are proposed for, over all datasets.
const MOST_COLUMNS: usize = 1_000;

/// The most parts of YAML that the proposed rules may have together: a suite has at most 20,000.
const MOST_PARTS: usize = 16_000;

/// A dataset that a suite is written for.
#[derive(Debug, Clone)]
pub struct Export {
    /// Its name in the suite, and how its files seem to be written.
    pub profilee: Profilee,
    /// Where it is, and how it is read.
    pub spec: SourceSpec,
    /// Its path as the suite names it.
    pub path: String,
}

/// What was learnt from data.
#[derive(Debug, Clone, PartialEq)]
pub struct Learnt {
    datasets: Vec<LearntDataset>,
    /// The ids of the rules of the suite that it is beside.
    ids: BTreeSet<String>,
}

/// A rule that was proposed, as figures need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    /// Its dataset.
    pub dataset: String,
    /// Its id in the suite; that of a type is made by the suite.
    pub id: String,
    /// Its check.
    pub check: String,
    /// The columns whose cells a failing row accuses.
    pub accuses: Vec<String>,
    /// How much it may be trusted.
    pub grade: Grade,
}

/// Learns a suite from datasets that were opened by the in-process engine. `None` if the user stopped it.
///
/// # Errors
/// If a dataset cannot be read.
pub fn learn(
    exports: &[Export],
    datasets: &Datasets,
    options: &InitOptions,
    progress: &dyn Progress,
) -> anyhow::Result<Option<Learnt>> {
    learn_beside(None, exports, datasets, options, progress)
}

/// Learns what is new to a suite that exists, whose datasets were opened. `None` if the user stopped it.
///
/// # Errors
/// If a dataset cannot be read.
pub fn learn_beside(
    base: Option<&Base<'_>>,
    exports: &[Export],
    datasets: &Datasets,
    options: &InitOptions,
    progress: &dyn Progress,
) -> anyhow::Result<Option<Learnt>> {
    let Some((profiled, mut words)) = look(base, exports, datasets, options, progress)? else { return Ok(None) };
    let found = words.clone();
    if let Some(base) = base {
        words = base.datasets.iter().map(|dataset| dataset.missing.clone()).collect();
    }
    let subjects = exports.iter().zip(words).map(|(export, missing)| Subject {
        name: export.profilee.name.clone(),
        spec: export.spec.clone(),
        path: export.path.clone(),
        missing: missing.into_iter().chain(options.missing.iter().cloned()).collect(),
    });
    let subjects: Vec<Subject> = subjects.collect();
    let mut rows = Vec::with_capacity(subjects.len());
    for subject in &subjects {
        let source = datasets.get(&subject.name).and_then(|dataset| dataset.downcast::<Source>());
        let source = source.ok_or_else(|| anyhow::anyhow!("{} was not opened", subject.name))?;
        rows.push(Rows::read(source, &Missing::new(subject.missing.clone()))?);
        if progress.cancelled() {
            return Ok(None);
        }
    }
    let profiles = profiled.profile.datasets.iter().zip(&profiled.details);
    let tables: Vec<Table<'_>> = profiles
        .zip(&rows)
        .enumerate()
        .map(|(at, ((profile, details), rows))| Table {
            at,
            profile,
            details,
            rows,
            declared: base.and_then(|base| base.datasets.get(at)),
            as_of: options.as_of,
            most_columns: MOST_COLUMNS / subjects.len().max(1),
        })
        .collect();
    let asked: Vec<Asked> = tables
        .iter()
        .zip(&subjects)
        .map(|(table, subject)| Asked { missing: subject.missing.clone(), columns: declare::columns(table) })
        .collect();
    let mut candidates: Vec<Candidate> = tables.iter().flat_map(propose::of_table).collect();
    candidates.extend(propose::across(&profiled.profile, &tables));
    candidates.sort_by_key(|candidate| (candidate.dataset, candidate.at));
    let declared: usize = asked.iter().map(|asked| asked.columns.len() * 6).sum();
    let cut = cut(&mut candidates, MOST_PARTS.saturating_sub(declared), subjects.len());
    if base.is_some() {
        candidates.retain(|candidate| candidate.check != "well_formed");
    }
    let Some(mut answers) = evidence::ask(&subjects, (&asked, base), &candidates, options, progress)? else {
        return Ok(None);
    };
    if base.is_some() {
        for (candidate, answer) in candidates.iter().zip(&mut answers.rules) {
            if base::is_known(candidate, &subjects[candidate.dataset].name, &answers.known) {
                *answer = None;
            }
        }
    }
    let ids: BTreeSet<String> = answers.known.iter().map(|rule| rule.id.clone()).collect();
    let mut learnt = Learnt { datasets: assemble(&subjects, &tables, asked, candidates, answers, &cut), ids };
    if base.is_some() {
        for (dataset, (found, subject)) in learnt.datasets.iter_mut().zip(found.iter().zip(&subjects)) {
            let undeclared: Vec<&str> = found.difference(&subject.missing).map(String::as_str).collect();
            if !undeclared.is_empty() {
                let words = yaml_text::list(undeclared);
                dataset.left_out.push(format!(
                    "These words may mean that there is no value; declare them under `missing`: {words}"
                ));
            }
        }
    }
    Ok(Some(learnt))
}

/// Profiles the datasets; again where words are found that mean "no value". Returns these words, too, one set a dataset.
fn look(
    base: Option<&Base<'_>>,
    exports: &[Export],
    datasets: &Datasets,
    options: &InitOptions,
    progress: &dyn Progress,
) -> anyhow::Result<Option<(Profiled, Vec<BTreeSet<String>>)>> {
    let profilees: Vec<Profilee> = exports.iter().map(|export| export.profilee.clone()).collect();
    let profiled = |missing: BTreeSet<String>| {
        let InitOptions { as_of, limits, .. } = options;
        let options = ProfileOptions { missing, as_of: *as_of, sample: None, limits: limits.clone() };
        profile(&profilees, datasets, &options, progress)
    };
    let Some(known) = profiled(options.missing.clone())? else { return Ok(None) };
    let words = missing_words(&known);
    let all: BTreeSet<String> = words.iter().flatten().chain(&options.missing).cloned().collect();
    // The words of a suite that exists are what it declares.
    if base.is_some() || all.len() == options.missing.len() {
        return Ok(Some((known, words)));
    }
    Ok(profiled(all)?.map(|known| (known, words)))
}

/// Leaves so many rules that a suite can hold them; how many were left out of each dataset.
fn cut(candidates: &mut Vec<Candidate>, most: usize, datasets: usize) -> Vec<u64> {
    let mut left_out = vec![0; datasets];
    let share = most / datasets.max(1);
    let mut used = vec![0; datasets];
    candidates.retain(|candidate| {
        let items: usize = candidate.parameters.iter().map(|(_, value)| 2 + value.matches(", ").count()).sum();
        let parts = 6 + items;
        let fits = used[candidate.dataset] + parts <= share;
        if fits {
            used[candidate.dataset] += parts;
        } else {
            left_out[candidate.dataset] += 1;
        }
        fits
    });
    left_out
}

/// Puts together what was asked and what was answered.
fn assemble(
    subjects: &[Subject],
    tables: &[Table<'_>],
    asked: Vec<Asked>,
    candidates: Vec<Candidate>,
    answers: Answers,
    cut: &[u64],
) -> Vec<LearntDataset> {
    let Answers { rules, types, .. } = answers;
    let graded: Vec<Graded> = candidates
        .into_iter()
        .zip(rules)
        .filter_map(|(candidate, report)| Graded::of(candidate, report.as_ref()?))
        .collect();
    let datasets = subjects.iter().zip(tables).zip(asked).zip(cut);
    datasets
        .map(|(((subject, table), asked), cut)| {
            let columns = asked.columns.into_iter().map(|declared| {
                let report = types.get(&(subject.name.clone(), declared.name.clone()));
                GradedColumn { declared, counted: report.map(Counted::of) }
            });
            let rules: Vec<Graded> =
                graded.iter().filter(|graded| graded.candidate.dataset == table.at).cloned().collect();
            let rules = grade::share_rules(rules);
            let key = rules.iter().find(|graded| {
                graded.candidate.check == "unique"
                    && graded.grade == Grade::Sure
                    && graded.candidate.accuses.len() == 1
                    && graded.counted.not_applicable == 0
            });
            LearntDataset {
                name: subject.name.clone(),
                source: write::source(&subject.spec, &subject.path),
                missing: subject.missing.clone(),
                key: key.map(|graded| graded.candidate.accuses[0].clone()),
                columns: columns.collect(),
                rules,
                questions: questions(table),
                left_out: what_is_left_out(table, *cut),
            }
        })
        .collect()
}

/// What a person has to decide about how a dataset is read.
fn questions(table: &Table<'_>) -> Vec<String> {
    let of_dialect = table.profile.dialect.iter().flat_map(|dialect| dialect.questions.iter());
    of_dialect.map(|question| yaml_text::comment(question)).collect()
}

/// What was not looked at.
fn what_is_left_out(table: &Table<'_>, cut: u64) -> Vec<String> {
    let mut sentences = Vec::new();
    let columns = table.profile.columns.len();
    if columns > table.most_columns {
        let more = (columns - table.most_columns) as u64;
        sentences.push(format!(
            "The last {} of {} columns have no rules here: a suite would be too long to read.",
            Count(more),
            Count(columns as u64)
        ));
    }
    let unnamed = table
        .profile
        .columns
        .iter()
        .filter(|column| column.not_read.is_none() && !table::can_be_named(&column.name))
        .count() as u64;
    if unnamed > 0 {
        sentences.push(format!(
            "{} column{} no rules: rules cannot name a column whose name is empty, has a `*` or is very long.",
            Count(unnamed),
            if unnamed == 1 { " has" } else { "s have" }
        ));
    }
    let unread: Vec<String> = table
        .profile
        .columns
        .iter()
        .filter(|column| column.not_read.is_some())
        .take(10)
        .map(|column| yaml_text::comment(&column.name))
        .collect();
    if !unread.is_empty() {
        sentences.push(format!("Not examined: {}.", unread.join(", ")));
    }
    if cut > 0 {
        sentences.push(format!("{} more rules were left out: a suite would be too long to read.", Count(cut)));
    }
    sentences
}

impl Learnt {
    /// The suite as text. `title` is its first line, a comment.
    pub fn suite(&self, name: &str, title: &str, strictness: Strictness) -> String {
        write::suite(name, title, &self.datasets, strictness)
    }

    /// The text of a suite that exists, with what is new to it. `title` is said before the rules of each dataset.
    pub fn added_to(&self, base: &Base<'_>, title: &str, strictness: Strictness) -> String {
        let mut ids = write::Ids::taken(self.ids.clone());
        let additions = self.datasets.iter().map(|dataset| {
            let mut rules = String::new();
            write::rules(&mut rules, &dataset.rules, &dataset.name, strictness, &mut ids);
            if !rules.is_empty() {
                rules = write::titled(title, &rules);
            }
            // A key with comments alone would have no value.
            let has_place =
                base.layout.datasets.iter().any(|known| known.name == dataset.name && known.rules.is_some());
            if !has_place && !dataset.rules.iter().any(|graded| graded.is_active(strictness)) {
                rules.clear();
            }
            Addition { dataset: dataset.name.clone(), columns: write::columns(dataset, strictness), rules }
        });
        merge::insert(base.text, &base.layout, &additions.collect::<Vec<_>>())
    }

    /// What was not looked at, as sentences, each with its dataset.
    pub fn left_out(&self) -> impl Iterator<Item = (&str, &str)> {
        self.datasets
            .iter()
            .flat_map(|dataset| dataset.left_out.iter().map(|text| (dataset.name.as_str(), text.as_str())))
    }

    /// How many rules of a grade there are, types included.
    pub fn count(&self, grade: Grade) -> usize {
        let of = |dataset: &LearntDataset| {
            let of_grade = dataset.rules.iter().filter(|graded| graded.grade == grade);
            of_grade.map(|graded| graded.candidate.each.len().max(1)).sum::<usize>()
                + dataset.columns.iter().filter(|column| column.grade() == Some(grade)).count()
        };
        self.datasets.iter().map(of).sum()
    }

    /// The rules, in the order and with the ids of the suite.
    pub fn proposed(&self, strictness: Strictness) -> Vec<Proposed> {
        let mut ids = write::Ids::default();
        let mut proposed = Vec::new();
        for dataset in &self.datasets {
            for column in &dataset.columns {
                let Some(grade) = column.grade() else { continue };
                let name = &column.declared.name;
                proposed.push(Proposed {
                    dataset: dataset.name.clone(),
                    id: format!("{}.{name}.type", dataset.name),
                    check: "type".to_owned(),
                    accuses: vec![name.clone()],
                    grade,
                });
            }
            for group in [Grade::Sure, Grade::Likely, Grade::Look] {
                for graded in dataset.rules.iter().filter(|graded| graded.shown_as(strictness) == group) {
                    let candidate = &graded.candidate;
                    let id = ids.id(&dataset.name, candidate);
                    let rule = |id: String, accuses: Vec<String>| Proposed {
                        dataset: dataset.name.clone(),
                        id,
                        check: candidate.check.to_owned(),
                        accuses,
                        grade: graded.grade,
                    };
                    if candidate.each.is_empty() {
                        proposed.push(rule(id, candidate.accuses.clone()));
                    } else {
                        let each = candidate.each.iter();
                        proposed.extend(each.map(|column| rule(format!("{id}.{column}"), vec![column.clone()])));
                    }
                }
            }
        }
        proposed
    }
}

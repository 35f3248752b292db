//! What every part of the page needs: the result, the texts of the language, the rules that are listed, and the places to
//! which links lead.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Display;

use maud::{Markup, Render, html};

use super::anchors::Anchors;
use super::texts::{Counted, Texts, fill};
use crate::model::{AuditReport, Band, DatasetReport, RepairReport, RuleReport, Score, Status, WaiverReport};
use crate::report::wording::{Prose, short_id};
use crate::report::{Language, Safe};
use crate::score::ScoreTrail;

/// The most rules of a page.
pub(super) const MOST_RULES: usize = 10_000;

/// The most characters of a name that are shown.
const LONGEST_NAME: usize = 200;

/// The most characters of a sentence that are shown.
const LONGEST_PROSE: usize = 2_000;

/// The page that is written.
pub(super) struct Page<'a> {
    /// The result.
    pub(super) report: &'a AuditReport,
    /// The texts of the page.
    pub(super) texts: Texts,
    /// Their language.
    pub(super) language: Language,
    /// The rules of the page, those that matter most first.
    pub(super) rules: Vec<Listed<'a>>,
    /// How many rules the page does not have.
    pub(super) left_out: u64,
    /// Who is responsible for rules, in order; `-` where nobody is.
    pub(super) owners: Vec<&'a str>,
    /// Where rules are.
    pub(super) rule_places: Anchors<'a>,
    /// Where datasets are.
    pub(super) dataset_places: Anchors<'a>,
    /// How the scores of each dataset come from its rules; `None` where it has no scores.
    pub(super) trails: Vec<Option<ScoreTrail<'a>>>,
    /// The file of the suite, if all rules are written in one.
    pub(super) suite_file: Option<&'a str>,
    /// The waivers by rule.
    waivers: HashMap<&'a str, &'a WaiverReport>,
    /// The repairs by the number of the dataset and by rule.
    repairs: HashMap<(usize, &'a str), &'a RepairReport>,
}

/// A rule of the page.
#[derive(Clone, Copy)]
pub(super) struct Listed<'a> {
    /// Its dataset.
    pub(super) dataset: &'a DatasetReport,
    /// The number of the dataset in the result.
    pub(super) dataset_at: usize,
    /// The rule.
    pub(super) rule: &'a RuleReport,
}

impl<'a> Listed<'a> {
    /// Who is responsible.
    pub(super) fn owner(&self) -> &'a str {
        self.rule.owner.as_deref().or(self.dataset.owner.as_deref()).unwrap_or("-")
    }

    /// How soon it matters.
    const fn rank(&self) -> u8 {
        match self.rule.status {
            Status::Errored | Status::Failed if self.rule.fails_gate => 0,
            Status::Errored => 1,
            Status::Failed => 2,
            Status::Waived => 3,
            Status::Warned => 4,
            Status::Undecided => 5,
            Status::NotMeasured => 6,
            Status::Passed => 7,
        }
    }
}

impl<'a> Page<'a> {
    /// The page of a result in a language.
    ///
    /// # Errors
    /// Where the texts of the language are damaged.
    pub(super) fn new(report: &'a AuditReport, language: Language) -> Result<Self, serde_json::Error> {
        let datasets = report.datasets.iter().enumerate();
        let mut rules: Vec<Listed<'a>> = datasets
            .flat_map(|(dataset_at, dataset)| {
                dataset.rules.iter().map(move |rule| Listed { dataset, dataset_at, rule })
            })
            .collect();
        // Rules of equal rank stay in the order of the result.
        rules.sort_by_key(|listed| (listed.rank(), Reverse(listed.rule.severity)));
        let left_out = rules.len().saturating_sub(MOST_RULES) as u64;
        rules.truncate(MOST_RULES);
        let owners: BTreeSet<&str> = rules.iter().map(Listed::owner).collect();
        Ok(Self {
            report,
            texts: Texts::of(language)?,
            language,
            left_out,
            owners: owners.into_iter().collect(),
            rule_places: Anchors::new("rule", rules.iter().map(|listed| listed.rule.id.as_str())),
            dataset_places: Anchors::new("about", report.datasets.iter().map(|dataset| dataset.name.as_str())),
            trails: report
                .datasets
                .iter()
                .map(|dataset| dataset.score.is_some().then(|| ScoreTrail::of(&dataset.rules)))
                .collect(),
            suite_file: one_file(report),
            waivers: report.waivers.iter().map(|waiver| (waiver.rule.as_str(), waiver)).collect(),
            repairs: (report.datasets.iter().enumerate())
                .flat_map(|(at, dataset)| {
                    dataset.repairs.iter().map(move |repair| ((at, repair.rule.as_str()), repair))
                })
                .collect(),
            rules,
        })
    }

    /// The waiver of a rule.
    pub(super) fn waiver(&self, rule: &RuleReport) -> Option<&'a WaiverReport> {
        self.waivers.get(rule.id.as_str()).copied()
    }

    /// What the repair of a rule is worth.
    pub(super) fn repair(&self, listed: &Listed<'_>) -> Option<&'a RepairReport> {
        self.repairs.get(&(listed.dataset_at, listed.rule.id.as_str())).copied()
    }

    /// A count.
    pub(super) fn count(&self, count: u64) -> String {
        self.texts.numbers.count(count)
    }

    /// A score.
    pub(super) fn score(&self, score: Score) -> String {
        self.texts.numbers.score(score)
    }

    /// A rate.
    pub(super) fn percent(&self, rate: Score) -> String {
        self.texts.numbers.percent(rate)
    }

    /// A text with a number at its place `count`.
    pub(super) fn counted(&self, text: &Counted, count: u64, values: &[(&str, &dyn Render)]) -> Markup {
        let number = self.count(count);
        let mut all: Vec<(&str, &dyn Render)> = vec![("count", &number)];
        all.extend(values);
        fill(text.of(count), &all)
    }

    /// A name from data or a suite: every character is visible, and a very long one is cut.
    pub(super) fn name(&self, name: &str) -> Markup {
        self.cut(name, LONGEST_NAME, |part| Safe(part).to_string())
    }

    /// A sentence from a suite, on one line.
    pub(super) fn prose(&self, text: &str) -> Markup {
        self.cut(text, LONGEST_PROSE, |part| Prose(part).to_string())
    }

    /// A sentence of the program, which is in English in every result.
    pub(super) fn result(&self, text: &str) -> Markup {
        let text = self.prose(text);
        match self.language_of_results() {
            None => text,
            Some(language) => html! { span lang=(language) { (text) } },
        }
    }

    /// The language of the sentences of the program, where it is not that of the page.
    pub(super) fn language_of_results(&self) -> Option<&'static str> {
        (self.language != Language::English).then(|| Language::English.tag())
    }

    /// At most so many characters, and how many more there are.
    fn cut(&self, text: &str, longest: usize, show: impl Fn(&str) -> String) -> Markup {
        let Some((end, _)) = text.char_indices().nth(longest) else { return html! { (show(text)) } };
        let more = text[end..].chars().count() as u64;
        html! { (show(&text[..end])) " " span.cut { (self.counted(&self.texts.words.cut, more, &[])) } }
    }

    /// The id of a rule, as a link where the page has the rule.
    pub(super) fn rule_link(&self, id: &str) -> Markup {
        self.link(self.rule_places.find(id), id)
    }

    /// The same below the heading of a dataset.
    pub(super) fn short_rule_link(&self, id: &str, dataset: &DatasetReport) -> Markup {
        self.link(self.rule_places.find(id), short_id(id, dataset))
    }

    /// The name of a dataset, as a link to its details.
    pub(super) fn dataset_link(&self, name: &str) -> Markup {
        self.link(self.dataset_places.find(name), name)
    }

    fn link(&self, place: Option<String>, name: &str) -> Markup {
        html! {
            @match place {
                Some(place) => a href={ "#" (place) } { (self.name(name)) },
                None => (self.name(name)),
            }
        }
    }

    /// The word of a band.
    pub(super) fn band(&self, band: Band) -> &str {
        let words = &self.texts.words.bands;
        match band {
            Band::Green => &words.green,
            Band::Amber => &words.amber,
            Band::Red => &words.red,
        }
    }
}

/// The file in which all rules are written.
fn one_file(report: &AuditReport) -> Option<&str> {
    let mut files = report
        .datasets
        .iter()
        .flat_map(|dataset| &dataset.rules)
        .filter_map(|rule| Some(rule.written.as_ref()?.file.as_str()));
    let first = files.next()?;
    files.all(|file| file == first).then_some(first)
}

/// A name for an attribute or a plain text.
pub(super) fn plain(name: &str) -> String {
    match name.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}…", Safe(&name[..end])),
        None => Safe(name).to_string(),
    }
}

/// Items with separators between them.
pub(super) fn joined(items: impl IntoIterator<Item = Markup>, separator: impl Display) -> Markup {
    let separator = separator.to_string();
    html! {
        @for (at, item) in items.into_iter().enumerate() {
            @if at > 0 { (separator) }
            (item)
        }
    }
}

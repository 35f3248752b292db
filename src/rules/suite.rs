//! What a suite declares, after reading: datasets, code lists, when the audit passes, and the part of a rule that does not
//! depend on the columns.

use std::collections::{BTreeMap, BTreeSet};

use super::input::Input;
use super::wildcard;
use crate::checks::{Check, Declaration};
use crate::model::{
    AsOf, Bands, CalendarDate, CodelistEntry, DataType, DateNotation, Dimension, Notation, Score, Severity, SuitePlace,
    Threshold, UnmeasuredRules, Waiver, looks_personal, nfc,
};
use crate::source::SourceSpec;

/// Datasets, and what is declared about them.
#[derive(Debug)]
pub struct Suite {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: Option<String>,
    /// The date or timestamp that counts as today for relative dates.
    pub as_of: AsOf,
    /// Whether the suite or the command line names that date; else it is that of the clock.
    pub is_dated: bool,
    /// All that the run reads: its files, the one named by the user first, its code lists, baselines and data.
    pub inputs: Vec<Input>,
    /// The datasets, in the order written.
    pub datasets: Vec<Dataset>,
    /// Code lists by name.
    pub codelists: BTreeMap<String, Codelist>,
    /// When the audit passes.
    pub gate: Gate,
    /// The limits between the bands.
    pub bands: Bands,
    /// SHA-256 in hex over the rules as resolved (files, spelling and order of keys do not matter; data does not count).
    pub rules_hash: String,
}

/// A dataset as declared.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Its name in the suite.
    pub name: String,
    /// Where it is.
    pub source: SourceSpec,
    /// Its title.
    pub title: Option<String>,
    /// The organisation that is responsible for the data.
    pub owner: Option<String>,
    /// Who to write to.
    pub steward: Option<String>,
    /// Columns that identify a row; may be empty.
    pub key: Vec<String>,
    /// Declaration columns by name, or by pattern such as `score_*`.
    pub columns: BTreeMap<String, ColumnDecl>,
    /// The patterns among the names of `columns`: among thousands of names they are not looked for again for each column.
    pub(super) patterns: Vec<String>,
    /// Tokens that count as missing in columns that declare none of their own, besides empty and blank.
    pub missing: BTreeSet<String>,
    /// How numbers and booleans are written in columns that do not say otherwise.
    pub notation: Notation,
    /// What is declared about handing it over, by key.
    pub sharing: BTreeMap<String, String>,
}

impl Dataset {
    /// What is declared of a column: under its name, else under the closest pattern that matches it. Letters of names may
    /// be composed with their marks or not.
    pub fn column(&self, name: &str) -> Option<&ColumnDecl> {
        let alike = || {
            let same = |(known, _): &(&String, &ColumnDecl)| !known.is_ascii() && nfc(known) == nfc(name);
            (!name.is_ascii()).then(|| self.columns.iter().find(same)).flatten().map(|(_, declared)| declared)
        };
        self.columns.get(name).or_else(alike).or_else(|| self.columns.get(self.pattern_of(name)?))
    }

    /// Whether a column is declared personal, or its name promises personal data and the suite does not say otherwise.
    pub fn is_personal(&self, name: &str) -> bool {
        // A field of a struct is as personal as the struct.
        let outer = name.match_indices('.').any(|(at, _)| {
            let outer = name.get(..at).and_then(|outer| self.columns.get(outer));
            outer.is_some_and(|declared| declared.pii.is_some())
        });
        outer
            || self.column(name).map_or_else(
                || looks_personal(name),
                |declared| declared.pii.is_some() || (!declared.classed && looks_personal(name)),
            )
    }

    /// What is declared for the users of the dataset; `columns` are those of its files.
    pub fn declared(&self, columns: &[String]) -> Declaration {
        let encoding = self.source.options.text("encoding").map(str::to_owned);
        let is_utf8 = |name: &String| encoding_rs::Encoding::for_label(name.as_bytes()) == Some(encoding_rs::UTF_8);
        let having = |has: &dyn Fn(&ColumnDecl) -> bool| -> BTreeSet<String> {
            columns.iter().filter(|name| self.column(name).is_some_and(has)).cloned().collect()
        };
        Declaration {
            owner: self.owner.clone(),
            steward: self.steward.clone(),
            sharing: self.sharing.clone(),
            encoding: encoding.filter(|name| !is_utf8(name)),
            described: having(&|column| column.describe.as_ref().is_some_and(|text| !text.trim().is_empty())),
            classed: having(&|column| column.classed),
        }
    }

    /// The pattern under which a column is declared that is not declared under its name.
    pub(super) fn pattern_of(&self, name: &str) -> Option<&str> {
        if self.columns.contains_key(name) {
            return None;
        }
        wildcard::closest(self.patterns.iter().map(String::as_str), name)
    }
}

/// A column as declared.
#[derive(Debug, Clone, Default)]
pub struct ColumnDecl {
    /// The type in which it is audited; absent: as stored.
    pub data_type: Option<DataType>,
    /// Whether what is declared as its type is not a type; then its type is not known.
    pub(super) broken_type: bool,
    /// How dates are written, such as `%d/%m/%Y`; absent: ISO 8601.
    pub format: Option<DateNotation>,
    /// How its numbers and booleans are written: what suite, dataset and column declare.
    pub notation: Notation,
    /// Tokens that count as missing in this column: those of suite, dataset and column, without those of `allow`.
    pub missing: BTreeSet<String>,
    /// `basic` or `sensitive` if the column contains personal data.
    pub pii: Option<String>,
    /// Whether the suite says if the column contains personal data.
    pub classed: bool,
    /// What the column means.
    pub describe: Option<String>,
}

/// A rule, apart from its parameters.
#[derive(Clone)]
pub struct Rule {
    /// Unique in the suite.
    pub id: String,
    /// Its dataset.
    pub dataset: String,
    /// Its check.
    pub check: &'static Check,
    /// Where it is written. The rules hash leaves it out.
    pub written: Option<SuitePlace>,
    /// A title for people; by default the columns and the summary of the check.
    pub title: String,
    /// Its dimension.
    pub dimension: Dimension,
    /// Its severity.
    pub severity: Severity,
    /// Its weight in the score, from 1.
    pub weight: u32,
    /// How many failures it allows.
    pub threshold: Threshold,
    /// A stricter threshold: a rule that misses it only warns.
    pub warn: Option<Threshold>,
    /// Why the rule exists.
    pub because: Option<String>,
    /// What to do about failures.
    pub fix: Option<String>,
    /// Who is to do it; by default the owner of the dataset.
    pub owner: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// By when its failures are to be repaired.
    pub due: Option<CalendarDate>,
    /// The waiver under which its failures are accepted. Only a measured rule is waived, and the rules hash leaves it out.
    pub waiver: Option<Waiver>,
    /// The columns by which its rows are grouped; may be empty.
    pub segment: Vec<String>,
    /// Its condition (`where`) as it is written, spaces aside.
    pub condition: Option<String>,
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rule({} {})", self.id, self.check.name())
    }
}

/// A list of codes.
#[derive(Debug, Clone, Default)]
pub struct Codelist {
    /// Its entries.
    pub entries: Vec<CodelistEntry>,
}

/// When an audit passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// A failed rule of this severity or worse fails the gate; `None`: no rule does.
    pub fail_on: Option<Severity>,
    /// The lowest overall score that a dataset may have.
    pub min_score: Option<Score>,
    /// The lowest score that a dimension of a dataset may have.
    pub min_dimension: BTreeMap<Dimension, Score>,
    /// What rules that measured nothing do to it.
    pub unmeasured: UnmeasuredRules,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            fail_on: Some(Severity::Major),
            min_score: None,
            min_dimension: BTreeMap::new(),
            unmeasured: UnmeasuredRules::Warn,
        }
    }
}

//! The result of an audit, as it is written to JSON.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Band, Bands, CalendarDate, ColumnFact, ComparedFailures, Dimension, Distribution, Fault, FileFact, NewOnly,
    RepairReport, RowRef, SampledDataset, SampledReport, SampledRule, Score, SegmentsReport, Severity, ShapesReport,
    SimilarPair, Status, StoppedReport, Threshold, Unit, UnparseableColumn, Verification, WaiverReport, WhereFailing,
};

/// The name of the format.
pub const FORMAT_NAME: &str = "passmuster.audit";

/// The version of the format. Whatever changes the document raises it.
pub const FORMAT_VERSION: u32 = 2;

/// A finished audit. The same input, rules and `as_of` give the same document, except for `timings`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditReport {
    /// `passmuster.audit/2`: the name and the version of the format.
    pub format: String,
    /// SHA-256 in hex over the document without `digest` and `timings`, as JSON with sorted keys and without spaces. Results
    /// of version 1 have none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub digest: Option<String>,
    /// The program that wrote the report.
    pub tool: ToolFacts,
    /// The rules.
    pub suite: SuiteFacts,
    /// The date or timestamp that counts as "today" for all relative dates.
    pub as_of: String,
    /// Only a sample was requested: nothing here certifies the data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampled: Option<SampledReport>,
    /// The audit ended before everything was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<StoppedReport>,
    /// The counts are those of an earlier result, which was judged again without the data.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub judged: Option<JudgedReport>,
    /// What a second engine found, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verification: Option<Verification>,
    /// The verdict in one word.
    pub verdict: Verdict,
    /// The exit code of the run: 0 passed or undecided, 1 failed, 2 could not audit.
    pub exit_code: u8,
    /// The conditions of the gate and why it failed.
    pub gate: GateReport,
    /// A row for each dataset: those that fail the gate first, then worst first.
    pub datasets: Vec<DatasetReport>,
    /// A row for each owner: those of datasets that fail the gate first, then worst first.
    pub owners: Vec<OwnerReport>,
    /// The waivers of the rules that were judged, those that somebody has to act on first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub waivers: Vec<WaiverReport>,
    /// Everything partial, left out or spilled that a reader must know.
    pub notices: Vec<Notice>,
    /// Wall-clock times and sizes; the only part that differs between equal runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timings: Option<Timings>,
}

/// The program that wrote the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ToolFacts {
    /// `passmuster`
    pub name: String,
    /// Its version.
    pub version: String,
    /// The engine that measured.
    pub engine: String,
}

/// What a report that was judged without the data says about that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JudgedReport {
    /// The digest of the result whose counts were judged.
    pub digest: String,
    /// Its `suite.rules_hash`.
    pub rules_hash: String,
    /// The version of the program that wrote it.
    pub version: String,
    /// Rules that only an audit can judge: the result does not have what they measure. They are `errored`.
    pub need_data: Vec<String>,
    /// Rules of the result that the suite does not have.
    pub dropped: Vec<String>,
}

/// The rules of an audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SuiteFacts {
    /// The name.
    pub name: String,
    /// The title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// SHA-256 of the rules as resolved: two results are comparable only if it is the same.
    pub rules_hash: String,
    /// The limits between the bands.
    pub bands: Bands,
}

/// The verdict on the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The gate passed.
    Passed,
    /// The gate failed.
    Failed,
    /// Nothing in the sample fails the gate, and a sample cannot pass it.
    Undecided,
    /// Something could not be audited.
    CouldNotAudit,
}

/// The conditions of the gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateReport {
    /// Failed rules of this severity or worse fail the gate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail_on: Option<Severity>,
    /// The minimum overall score of every dataset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_score: Option<Score>,
    /// The minimum score of a dimension, in every dataset in which it is measured.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub min_dimension: BTreeMap<Dimension, Score>,
    /// What rules that measured nothing do to the gate.
    #[serde(default)]
    pub unmeasured: UnmeasuredRules,
    /// Only failures that an earlier result does not have, or that got worse since, fail the gate.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub new_only: Option<NewOnly>,
    /// Whether the gate passed; a sample never passes it.
    pub passed: bool,
    /// Each condition that is not met, as a sentence.
    pub reasons: Vec<String>,
    /// Conditions that were not judged, as sentences.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub unjudged: Vec<String>,
    /// The rules that measured nothing and why, as sentences, if that is a warning.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub warnings: Vec<String>,
}

/// What a rule that measured nothing does to the gate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnmeasuredRules {
    /// The gate can pass; the rule is named beside the verdict.
    #[default]
    Warn,
    /// The gate fails.
    Fail,
    /// The gate can pass, and the rule is named among the others only.
    Allow,
}

impl UnmeasuredRules {
    /// All of them, with the words of a suite.
    pub const WORDS: [(&'static str, Self); 3] = [("warn", Self::Warn), ("fail", Self::Fail), ("allow", Self::Allow)];
}

/// Whether a dataset was audited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DatasetStatus {
    /// All its files were read.
    Audited,
    /// A sample of its rows was read.
    Sampled,
    /// The audit was stopped while it was read.
    Stopped,
    /// The audit was stopped before it was read.
    NotReached,
    /// It could not be read; `error` says why.
    Errored,
}

/// One dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DatasetReport {
    /// Its name in the suite.
    pub name: String,
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The organisation that is responsible for the data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The person to contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steward: Option<String>,
    /// Whether it was audited.
    pub status: DatasetStatus,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Whether a condition of the gate is not met because of it.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub fails_gate: bool,
    /// The sample, if one was read: then all counts are those of the sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampled: Option<SampledDataset>,
    /// Its files.
    pub files: Vec<FileFact>,
    /// Its columns, in file order.
    pub columns: Vec<ColumnFact>,
    /// Columns inside of nested columns that rules read, all where a rule is about columns: `address.city`, `length(tags)`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub inner_columns: Vec<ColumnFact>,
    /// SHA-256 over names and types of the columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_hash: Option<String>,
    /// Its rows; absent if it was not audited or not read in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// The rows without a failed major or critical row rule; absent if `rows` is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<Records>,
    /// The geometric mean of the measured dimensions, each counted as at least 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
    /// The arithmetic mean of the measured dimensions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arithmetic_mean: Option<Score>,
    /// The band of the score; red if a critical rule failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub band: Option<Band>,
    /// The failed critical rules.
    pub vetoes: Vec<Veto>,
    /// How much was measured.
    pub coverage: Coverage,
    /// All six dimensions.
    pub dimensions: Vec<DimensionReport>,
    /// The rules: those that fail the gate first, then worst first.
    pub rules: Vec<RuleReport>,
    /// What the repair of each rule with failures is worth, the greatest first; empty if the dataset was read in part.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub repairs: Vec<RepairReport>,
    /// What was compared of its failing rows, if that was asked for and some fail.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub compared_failures: Option<ComparedFailures>,
    /// The first faults of the files.
    pub faults: Vec<Fault>,
    /// The columns with unparseable cells, and why they are; empty if the dataset was read in part.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub unparseable: Vec<UnparseableColumn>,
}

/// Clean and total rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Records {
    /// All rows.
    pub total: u64,
    /// Rows that no major or critical row rule failed.
    pub clean: u64,
    /// Row rules that were included.
    pub rules: u64,
    /// `100 * clean / total`, floored; absent without rows or row rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Score>,
    /// The rules that make records unclean, the one with most rows first; also rules that passed, because some failures
    /// are allowed.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub unclean_by: Vec<UncleanBy>,
}

/// A rule that makes records unclean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UncleanBy {
    /// The rule.
    pub rule: String,
    /// The rows that fail it. A row may fail several rules.
    pub rows: u64,
}

/// A failed critical rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Veto {
    /// The dimension that it caps.
    pub dimension: Dimension,
    /// The rule.
    pub rule: String,
}

/// How much of a dataset was measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Dimensions with at least one measured rule.
    pub dimensions_measured: u32,
    /// Always 6.
    pub dimensions: u32,
    /// Columns that at least one measured rule reads.
    pub columns_measured: u32,
    /// Columns of the files.
    pub columns: u32,
}

/// One dimension of a dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DimensionReport {
    /// Which one.
    pub dimension: Dimension,
    /// The score; absent if no rule was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
    /// The score before a veto cut it; absent without a veto.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before_veto: Option<Score>,
    /// The lowest rate of its rules, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worst_rate: Option<Score>,
    /// The rule with the lowest rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worst_rule: Option<String>,
    /// Rules that were measured.
    pub rules_measured: u32,
    /// Rules in all.
    pub rules: u32,
    /// Columns that a measured rule of the dimension reads.
    pub columns_measured: u32,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RuleReport {
    /// Its id, unique in the suite.
    pub id: String,
    /// Its dataset.
    pub dataset: String,
    /// The check.
    pub check: String,
    /// SHA-256 over what is measured: check, parameters, condition, groups and the columns as they are declared and stored,
    /// without thresholds, severities, texts, paths and `as_of`. Counts of two results compare only if it is the same.
    /// Absent in results of version 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub measure_hash: Option<String>,
    /// SHA-256 over the suite, the dataset, the id and `measure_hash`: the same in every result of the rule. Absent in results
    /// of version 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fingerprint: Option<String>,
    /// Where the suite has it. Absent in results of earlier versions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub written: Option<SuitePlace>,
    /// A title for people.
    pub title: String,
    /// The columns of the dataset that it reads.
    pub columns: Vec<String>,
    /// Its dimension.
    pub dimension: Dimension,
    /// Its severity.
    pub severity: Severity,
    /// Its weight.
    pub weight: u32,
    /// Its outcome.
    pub status: Status,
    /// What the sample shows: then its counts are those of the sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampled: Option<SampledRule>,
    /// It failed on part of the rows, and the audit was stopped: its counts are those of that part.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub partial: bool,
    /// Whether the gate fails because of it.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub fails_gate: bool,
    /// What `evaluated`, `passed` and `failed` count.
    #[serde(default)]
    pub unit: Unit,
    /// Rows (or 1 for a rule about the whole dataset) that were judged: `passed + failed`.
    pub evaluated: u64,
    /// Rows that passed.
    pub passed: u64,
    /// Rows that failed.
    pub failed: u64,
    /// Rows out of scope, or with nothing to judge.
    pub not_applicable: u64,
    /// Failed rows with a value that is unparseable in the type that the check needs.
    pub unreadable: u64,
    /// `100 * passed / evaluated`, floored; absent if nothing was evaluated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Score>,
    /// How many failures the rule allows.
    pub threshold: Threshold,
    /// If this threshold is not met, the rule warns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warn: Option<Threshold>,
    /// What was found, as a sentence.
    pub observed: String,
    /// What was expected, as a sentence.
    pub expected: String,
    /// Further exact counts by name, such as `groups` and `surplus` of `unique`.
    pub details: BTreeMap<String, u64>,
    /// The shapes of its failing values, if it judges the values of one column.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shapes: Option<ShapesReport>,
    /// The dataset whose rows were counted and are listed under `failing_rows`; absent if it is `dataset`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows_of: Option<String>,
    /// Its outcome in each group of rows, if the rule groups them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub segments: Option<SegmentsReport>,
    /// The distribution of the values, for later audits to compare with.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub distribution: Option<Distribution>,
    /// The first failing rows.
    pub failing_rows: Vec<RowRef>,
    /// Near-duplicate rows in pairs: as many as the rule requests, the first in file order.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub pairs: Vec<SimilarPair>,
    /// Where its failing rows are, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub where_failing: Option<WhereFailing>,
    /// Why it could not be judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why the rule exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// Who is responsible.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// By when its failures are to be repaired.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due: Option<CalendarDate>,
    /// The days from that date to `as_of`, if the rule is failed or waived and the date is over.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub overdue_days: Option<u64>,
    /// Its tags.
    pub tags: Vec<String>,
}

/// A place in a file of a suite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SuitePlace {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

/// The datasets of one owner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OwnerReport {
    /// The owner; `-` for datasets without one.
    pub owner: String,
    /// Datasets of that owner.
    pub datasets: u32,
    /// Datasets that could not be audited.
    pub errored: u32,
    /// Datasets that were read only in part or as a sample.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub in_part: u32,
    /// Datasets that fail the gate.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub fail_gate: u32,
    /// The lowest of their scores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worst_score: Option<Score>,
    /// The dataset with the lowest score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worst_dataset: Option<String>,
    /// The worst band.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub band: Option<Band>,
    /// Failed rules over all of them.
    pub rules_failed: u32,
    /// Waived rules over all of them.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub rules_waived: u32,
    /// Failed and waived rules over all of them that were to be repaired by a date that is over.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub rules_overdue: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
const fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Something that a reader must know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// The dataset that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// The rule that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The sentence.
    pub text: String,
}

/// The part of a result that differs between equal runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Timings {
    /// The whole audit, seconds.
    pub seconds: f64,
    /// Worker threads.
    pub threads: u32,
    /// Peak resident memory of the process in bytes, if the system reports it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_memory_bytes: Option<u64>,
    /// Bytes of keys that were spilled to disk.
    pub spilled_bytes: u64,
    /// The folder of the spilled keys, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spill_dir: Option<String>,
    /// Why the limit on memory may have been exceeded, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_doubt: Option<String>,
}

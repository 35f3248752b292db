//! A stored result judged again without the data: the rules as they are now, the counts as they were.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;

use super::asked;
use super::options::Selector;
use super::prepare::select;
use super::report::{Found, Partly, assemble, not_selected, report, sort, waivers};
use super::where_failing::is_failed;
use crate::judge::{judge_again, needs_data, rule_report, unjudged};
use crate::model::{
    AsOf, AuditReport, ColumnFact, DatasetReport, DatasetStatus, JudgedReport, NewOnly, Notice, RuleReport, Score,
    Severity, Status, Unit, WaiverState,
};
use crate::plan::{Identities, Identity, build};
use crate::rules::{BoundRule, Dataset, Diagnostics, Schemas, Written};
use crate::score::{Asked, judge_gate};
use crate::source::SourceColumn;

/// Why a rule is not judged again.
const NEW: &str = "needs the data: the result does not have this rule";
const CHANGED: &str = "needs the data: what it measures is not what the result counted";

/// What a user asks of a judgement beside the suites.
#[derive(Debug, Clone, Default)]
pub struct JudgeOptions {
    /// Overrides the gate's severity; `Some(None)`: no failed rule shuts it.
    pub fail_on: Option<Option<Severity>>,
    /// Overrides the gate's least score.
    pub min_score: Option<Score>,
    /// Only rules that one of these selects; empty: all.
    pub select: Vec<Selector>,
}

/// A result that was judged again.
#[derive(Debug)]
pub struct JudgedAgain {
    /// The report.
    pub report: AuditReport,
    /// Rules that do not fit the columns of the result; they are `errored` in the report.
    pub diagnostics: Option<Diagnostics>,
}

/// Applies suites to the counts of a result. The suites must be read with the result's `as_of`.
///
/// # Errors
/// [`Diagnostics`] if rules fit no data; otherwise why nothing of the result can be judged again.
pub fn judge_result(stored: AuditReport, written: &Written, options: &JudgeOptions) -> anyhow::Result<JudgedAgain> {
    let digest = check(&stored, written)?;
    let suite = &written.suite;
    let columns = StoredColumns::of(&stored);
    let all = written.bind(&columns);
    if !written.unfit.is_empty() {
        return Err(written.unfit.clone().with(&written.bind_diagnostics(&all)).into());
    }
    let total = all.len();
    let ids: BTreeSet<String> = all.iter().map(|bound| bound.rule.id.clone()).collect();
    let bound = select(all, &options.select)?;
    let plan = build(suite, &bound, &columns, &|_| Ok(())).plan;

    let mut known: BTreeMap<String, &RuleReport> = BTreeMap::new();
    for rule in stored.datasets.iter().flat_map(|dataset| &dataset.rules) {
        known.insert(rule.id.clone(), rule);
    }
    let mut rules: BTreeMap<&str, Vec<Judged<'_>>> = BTreeMap::new();
    let identities = Identities::new(suite, &plan);
    for bound in &bound {
        let judged = Judged::of(bound, known.remove(&bound.rule.id), identities.of(bound), suite.as_of);
        rules.entry(&bound.rule.dataset).or_default().push(judged);
    }
    let dropped: Vec<String> = known.keys().filter(|id| !ids.contains(*id)).cloned().collect();
    let needing = rules.values().flatten().filter(|judged| judged.needs_data);
    let need_data: BTreeSet<String> = needing.map(|judged| judged.report.id.clone()).collect();

    let mut notices = stored.notices.clone();
    if !dropped.is_empty() {
        let (count, verb) =
            if dropped.len() == 1 { ("1 rule".to_owned(), "is") } else { (format!("{} rules", dropped.len()), "are") };
        let text = format!("{count} of the result {verb} not in the suite and left out: {}", dropped.join(", "));
        notices.push(Notice { dataset: None, rule: None, text });
    }
    notices.extend(not_selected(total - bound.len()));
    let judged = || rules.values().flatten();
    let waivers = waivers(suite, judged().map(|judged| (judged.bound, judged.waiver, &judged.report)));
    let named: BTreeSet<String> = judged().filter_map(|judged| judged.report.rows_of.clone()).collect();
    let mut earlier: BTreeMap<&str, &DatasetReport> =
        stored.datasets.iter().map(|dataset| (dataset.name.as_str(), dataset)).collect();
    let mut datasets = Vec::new();
    for dataset in &suite.datasets {
        let name = dataset.name.as_str();
        let (found, judged) = (earlier.remove(name), rules.remove(name).unwrap_or_default());
        let is_left_out = judged.is_empty() && !named.contains(name) && (found.is_none() || !options.select.is_empty());
        if is_left_out {
            continue;
        }
        datasets.push(one(written, dataset, found, judged, &known, &mut notices));
    }
    for name in earlier.keys() {
        let text = "the result has this dataset, and the suite does not: it is left out".to_owned();
        notices.push(Notice { dataset: Some((*name).to_owned()), rule: None, text });
    }
    sort(&mut datasets);
    let new_only = stored.gate.new_only.clone().map(|new_only| still_failing(new_only, &datasets));
    let asked = asked(suite, options.fail_on.unwrap_or(suite.gate.fail_on), options.min_score);
    let gate = judge_gate(Asked { new_only, ..asked }, &mut datasets);
    let partly = Partly {
        sampled: stored.sampled,
        judged: Some(JudgedReport {
            digest,
            rules_hash: stored.suite.rules_hash,
            version: stored.tool.version,
            need_data: need_data.into_iter().collect(),
            dropped,
        }),
        verification: stored.verification,
        ..Partly::default()
    };
    let diagnostics = Some(written.bind_diagnostics(&bound)).filter(|found| !found.is_empty());
    let report = assemble(suite, &stored.tool.engine, (datasets, waivers), gate, partly, notices, None);
    Ok(JudgedAgain { report, diagnostics })
}

/// What a baseline says of the rules that still fail: their counts are the same.
fn still_failing(mut new_only: NewOnly, datasets: &[DatasetReport]) -> NewOnly {
    let rules = datasets.iter().flat_map(|dataset| &dataset.rules);
    let failed: BTreeSet<&str> =
        rules.filter(|rule| rule.status == Status::Failed).map(|rule| rule.id.as_str()).collect();
    new_only.known.retain(|known| failed.contains(known.rule.as_str()));
    new_only.not_comparable.retain(|other| failed.contains(other.rule.as_str()));
    new_only
}

/// Makes sure that counts of the result can be judged again, and returns its digest.
fn check(stored: &AuditReport, written: &Written) -> anyhow::Result<String> {
    let suite = &written.suite;
    let Some(digest) = &stored.digest else {
        bail!(
            "the result is in the format {}, which does not say what its rules measured: audit the data again",
            stored.format
        )
    };
    if stored.suite.name != suite.name {
        bail!(
            "the result is of the suite {:?}, not of {:?}: name the suite that it was made with",
            stored.suite.name,
            suite.name
        );
    }
    if let Some(sampled) = stored.datasets.iter().find(|dataset| dataset.status == DatasetStatus::Sampled) {
        bail!(
            "the result is that of a sample ({}), whose counts show an interval and certify nothing: audit all rows first",
            sampled.name
        );
    }
    if stored.stopped.is_some() {
        bail!("the audit of the result was stopped early, so most counts are absent: audit without --stop-early first");
    }
    let as_of = suite.as_of.to_string();
    if stored.as_of != as_of {
        bail!(
            "the result is as of {}, and the suite or --as-of says {as_of}: dates were counted for the other day. Judge with \
             --as-of {}, or audit the data again",
            stored.as_of,
            stored.as_of
        );
    }
    Ok(digest.clone())
}

/// A rule that was judged again.
struct Judged<'b> {
    bound: &'b BoundRule,
    /// What became of its waiver.
    waiver: Option<WaiverState>,
    /// The severity that it had in the result, if the result has its counts.
    was: Option<Severity>,
    report: RuleReport,
    needs_data: bool,
}

impl<'b> Judged<'b> {
    fn of(bound: &'b BoundRule, stored: Option<&RuleReport>, identity: Identity, as_of: AsOf) -> Self {
        let is_same = |stored: &&RuleReport| {
            stored.dataset == bound.rule.dataset && stored.measure_hash.as_ref() == Some(&identity.measure_hash)
        };
        let matched = stored.filter(is_same);
        let hidden = matched.and_then(|stored| needs_data(bound, stored));
        let verdict = match (matched, &bound.measures, stored) {
            (Some(_), Ok(_), _) if let Some(why) = hidden => unjudged(bound, why.to_owned(), as_of),
            (Some(stored), ..) => judge_again(bound, stored, as_of),
            // What is wrong with the rule comes before what it would need.
            (None, Err(misfit), _) => unjudged(bound, misfit.to_string(), as_of),
            (None, Ok(_), Some(_)) => unjudged(bound, CHANGED.to_owned(), as_of),
            (None, Ok(_), None) => unjudged(bound, NEW.to_owned(), as_of),
        };
        let waiver = verdict.waiver;
        let needs_data = (matched.is_none() || hidden.is_some()) && bound.measures.is_ok();
        let mut report = rule_report(bound, identity, verdict, as_of);
        if is_failed(&report) {
            report.where_failing = matched.and_then(|stored| stored.where_failing.clone());
        }
        Self { bound, waiver, was: matched.map(|stored| stored.severity), report, needs_data }
    }

    /// Whether it decides otherwise than in the result which records are clean.
    fn changes_records(&self) -> bool {
        let counts = |severity: Severity| severity >= Severity::Major;
        self.bound.check.is_about_rows() && self.was.is_none_or(|was| counts(was) != counts(self.bound.rule.severity))
    }
}

/// The report of a dataset of the suite, with the facts that the result has of it.
fn one(
    written: &Written,
    dataset: &Dataset,
    found: Option<&DatasetReport>,
    judged: Vec<Judged<'_>>,
    dropped: &BTreeMap<String, &RuleReport>,
    notices: &mut Vec<Notice>,
) -> DatasetReport {
    let suite = &written.suite;
    let Some(found) = found else {
        let error = Some("needs the data: the result does not have this dataset".to_owned());
        let rules = judged.into_iter().map(|judged| judged.report).collect();
        return report(suite, dataset, DatasetStatus::Errored, Found { error, ..Found::default() }, rules);
    };
    let drops_records = |rule: &&RuleReport| {
        rule.dataset == dataset.name && rule.severity >= Severity::Major && rule.unit != Unit::Dataset
    };
    let is_changed = judged.iter().any(Judged::changes_records) || dropped.values().any(drops_records);
    let records = found.records.clone().filter(|_| !is_changed);
    if found.records.is_some() && records.is_none() {
        let text =
            "which records are clean, and what repairs are worth, needs the data: rules that decide it have changed"
                .to_owned();
        notices.push(Notice { dataset: Some(dataset.name.clone()), rule: None, text });
    }
    let facts = Found {
        error: found.error.clone(),
        files: found.files.clone(),
        columns: found.columns.clone(),
        schema_hash: found.schema_hash.clone(),
        rows: found.rows,
        records,
        faults: found.faults.clone(),
        unparseable: found.unparseable.clone(),
    };
    let rules = judged.into_iter().map(|judged| judged.report).collect();
    let compared_failures = found.compared_failures.clone();
    let inner_columns = found.inner_columns.clone();
    DatasetReport { inner_columns, compared_failures, ..report(suite, dataset, found.status, facts, rules) }
}

/// The columns of the datasets of a result.
struct StoredColumns(BTreeMap<String, [Vec<SourceColumn>; 2]>);

impl StoredColumns {
    /// Those of the datasets that were read.
    fn of(stored: &AuditReport) -> Self {
        let read = stored.datasets.iter().filter(|dataset| dataset.status != DatasetStatus::Errored);
        let column = |column: &ColumnFact| SourceColumn {
            name: column.name.clone(),
            stored: column.stored.clone(),
            data_type: column.held,
        };
        let columns = |dataset: &DatasetReport| {
            [&dataset.columns, &dataset.inner_columns].map(|columns| columns.iter().map(column).collect())
        };
        Self(read.map(|dataset| (dataset.name.clone(), columns(dataset))).collect())
    }
}

impl Schemas for StoredColumns {
    fn columns(&self, dataset: &str) -> Option<&[SourceColumn]> {
        self.0.get(dataset).map(|[columns, _]| columns.as_slice())
    }

    fn inner_columns(&self, dataset: &str) -> &[SourceColumn] {
        self.0.get(dataset).map_or(&[], |[_, inner]| inner.as_slice())
    }
}

//! The evidence folder of an audit: its failing records and groups with their rules and reasons, and what of their cells may be
//! shown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::failing::{FailingRecord, RecordSink, RuleFinding, Scene};
use super::group_names::GroupNames;
use super::reveal::Reveal;
use crate::engine::GroupFinding;
use crate::evidence::{EvidenceFolder, FailingWriter, GroupsWriter, TokenMaker};
use crate::model::{
    AuditReport, DatasetReport, DatasetStatus, EVIDENCE_FORMAT, EvidenceDataset, EvidenceKey, EvidenceManifest,
    EvidenceRule, FailedRule, FailingRow, Notice, REASON_SEPARATOR, RuleReport, TableFact, TokenKey,
};

/// What a user asks of evidence.
#[derive(Debug)]
pub struct EvidenceOptions {
    /// The most failing rows, and the most failing groups, of each rule that are listed.
    pub limit: Option<u64>,
    /// Which cells are shown.
    pub reveal: Reveal,
    /// Makes tokens of personal keys.
    pub tokens: TokenMaker,
}

/// Writes the failing records and groups of an audit into an evidence folder.
pub struct EvidenceRecorder {
    options: EvidenceOptions,
    scene: OnceLock<Recorded>,
    /// Dropped after the tables: a folder that was made is removed only when nothing is in it any more.
    folder: Mutex<Option<EvidenceFolder>>,
}

/// What is known of the audit once it has begun.
struct Recorded {
    /// The ids of the rules.
    ids: Vec<Arc<str>>,
    datasets: BTreeMap<String, RecordedDataset>,
    /// The names of rules about groups, by the position of the rule.
    groups: BTreeMap<usize, GroupNames>,
}

/// What is recorded of a dataset.
struct RecordedDataset {
    files: Vec<Arc<str>>,
    /// The key columns and whether they are personal.
    key: Vec<(String, bool)>,
    revealed: Vec<String>,
    /// Columns that may not be shown.
    withheld: usize,
    progress: Mutex<Progress>,
}

/// How far a dataset is recorded.
#[derive(Default)]
struct Progress {
    /// Made for the first failing record.
    table: Option<FailingWriter>,
    /// The places of key and revealed columns among the cells of a record.
    places: Option<[Vec<usize>; 2]>,
    /// Listed records of each rule, and those that were over the limit.
    listed: Listed,
    /// Made for the first failing group of a rule of the dataset.
    groups: Option<GroupsWriter>,
    /// Listed groups of each rule, and those that were over the limit.
    listed_groups: Listed,
    /// The failures of each rule that all its groups count for.
    units: BTreeMap<usize, u64>,
}

/// For each rule how many are listed, and how many more were over the limit.
type Listed = BTreeMap<usize, [u64; 2]>;

/// What the evidence has of a rule.
#[derive(Debug, Clone, Copy, Default)]
struct OfRule {
    /// Records that name it, and those that were over the limit.
    rows: [u64; 2],
    /// Its groups, and those that were over the limit.
    groups: [u64; 2],
    /// The failures that all its groups count for.
    units: u64,
}

impl OfRule {
    /// Adds what the tables of a dataset have of it.
    fn add(&mut self, progress: &Progress, rule: usize) {
        let add = |all: &mut [u64; 2], more: Option<&[u64; 2]>| {
            for (all, more) in all.iter_mut().zip(more.copied().unwrap_or_default()) {
                *all += more;
            }
        };
        add(&mut self.rows, progress.listed.get(&rule));
        add(&mut self.groups, progress.listed_groups.get(&rule));
        self.units += progress.units.get(&rule).copied().unwrap_or_default();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl EvidenceRecorder {
    /// Writes into a folder.
    pub const fn new(folder: EvidenceFolder, options: EvidenceOptions) -> Self {
        Self { options, scene: OnceLock::new(), folder: Mutex::new(Some(folder)) }
    }

    fn dataset(&self, name: &str) -> Option<(&Recorded, &RecordedDataset)> {
        let recorded = self.scene.get()?;
        Some((recorded, recorded.datasets.get(name)?))
    }

    /// What the evidence has of each rule.
    fn listed(&self) -> BTreeMap<Arc<str>, OfRule> {
        let mut all: BTreeMap<Arc<str>, OfRule> = BTreeMap::new();
        let Some(recorded) = self.scene.get() else { return all };
        for dataset in recorded.datasets.values() {
            let progress = lock(&dataset.progress);
            for (rule, id) in recorded.ids.iter().enumerate() {
                all.entry(Arc::clone(id)).or_default().add(&progress, rule);
            }
        }
        all
    }

    /// Completes the folder of the audit with this report.
    ///
    /// # Errors
    /// If a table or the manifest cannot be written.
    pub fn finish(&self, report: &AuditReport) -> anyhow::Result<()> {
        let Some(folder) = lock(&self.folder).take() else { return Ok(()) };
        // All of them at once: if one cannot be finished, the others go before the folder does.
        let take = |dataset: &DatasetReport| {
            let tables = self.dataset(&dataset.name).map(|(_, recorded)| {
                let mut progress = lock(&recorded.progress);
                (progress.table.take(), progress.groups.take())
            });
            tables.unwrap_or_default()
        };
        let tables: Vec<_> = report.datasets.iter().map(take).collect();
        let mut datasets = Vec::with_capacity(report.datasets.len());
        for (dataset, (failing, groups)) in report.datasets.iter().zip(tables) {
            let failing = failing.map(FailingWriter::finish).transpose()?;
            let groups = groups.map(GroupsWriter::finish).transpose()?;
            datasets.push(self.dataset_facts(dataset, failing, groups));
        }
        let listed = self.listed();
        let rules = report.datasets.iter().flat_map(|dataset| &dataset.rules).filter(|rule| rule.failed > 0);
        let facts =
            |rule: &RuleReport| self.rule_facts(rule, listed.get(rule.id.as_str()).copied().unwrap_or_default());
        let rules: Vec<EvidenceRule> = rules.map(facts).collect();
        let unlisted = rules.iter().filter_map(|rule| {
            let of_rule = listed.get(rule.id.as_str()).copied().unwrap_or_default();
            unlisted(rule, of_rule).map(|text| Notice {
                dataset: Some(rule.dataset.clone()),
                rule: Some(rule.id.clone()),
                text,
            })
        });
        let notices = self.notices().into_iter().chain(unlisted).collect();
        let manifest = EvidenceManifest {
            format: EVIDENCE_FORMAT.to_owned(),
            digest: String::new(),
            tool: report.tool.clone(),
            suite: report.suite.name.clone(),
            rules_hash: report.suite.rules_hash.clone(),
            as_of: report.as_of.clone(),
            result: report.digest.clone().unwrap_or_default(),
            tokens: self.scene.get().is_some_and(Recorded::has_tokens).then(|| self.options.tokens.describe()),
            datasets,
            rules,
            notices,
        };
        Ok(folder.finish(manifest)?)
    }

    fn dataset_facts(
        &self,
        dataset: &DatasetReport,
        failing: Option<TableFact>,
        groups: Option<TableFact>,
    ) -> EvidenceDataset {
        let recorded = self.dataset(&dataset.name).map(|(_, recorded)| recorded);
        let not_listed = match dataset.status {
            DatasetStatus::Audited => None,
            _ => Some(dataset.error.clone().unwrap_or_else(|| "it was not audited".to_owned())),
        };
        EvidenceDataset {
            name: dataset.name.clone(),
            title: dataset.title.clone(),
            owner: dataset.owner.clone(),
            steward: dataset.steward.clone(),
            files: dataset.files.iter().map(|file| file.path.clone()).collect(),
            failing,
            groups,
            key: recorded.map(RecordedDataset::key_facts).unwrap_or_default(),
            revealed: recorded.map(|recorded| recorded.revealed.clone()).unwrap_or_default(),
            not_listed,
        }
    }

    /// What the manifest has of a rule.
    fn rule_facts(&self, rule: &RuleReport, of_rule: OfRule) -> EvidenceRule {
        let OfRule { rows: [listed, over], groups: [groups, groups_over], .. } = of_rule;
        EvidenceRule {
            id: rule.id.clone(),
            dataset: rule.dataset.clone(),
            title: rule.title.clone(),
            check: rule.check.clone(),
            severity: rule.severity,
            dimension: rule.dimension,
            columns: rule.columns.clone(),
            owner: rule.owner.clone(),
            because: rule.because.clone(),
            fix: rule.fix.clone(),
            due: rule.due.map(|due| due.to_string()),
            unit: rule.unit,
            failed: rule.failed,
            evaluated: rule.evaluated,
            observed: rule.observed.clone(),
            expected: rule.expected.clone(),
            rows_of: rule.rows_of.clone(),
            listed,
            groups,
            limit: self.options.limit.filter(|_| over + groups_over > 0),
        }
    }
}

/// What of the failures of a rule is in no table, as a sentence.
fn unlisted(rule: &EvidenceRule, of_rule: OfRule) -> Option<String> {
    let EvidenceRule { failed, evaluated, unit, .. } = rule;
    let rest = failed.saturating_sub(of_rule.units);
    match (of_rule.rows, of_rule.groups) {
        ([0, 0], [0, 0]) => Some(format!("its failures ({failed} of {evaluated} {unit}) are counted and not listed")),
        (_, [1..=u64::MAX, _]) if rest > 0 => Some(format!(
            "{rest} of its failures are rows with an unparseable value, which belong to no group: they are counted, and are not \
             in the table of groups"
        )),
        _ => None,
    }
}

impl Recorded {
    /// Whether the tables may have tokens.
    fn has_tokens(&self) -> bool {
        let of_rows = self.datasets.values().flat_map(|dataset| &dataset.key).any(|(_, personal)| *personal);
        of_rows || self.groups.values().any(GroupNames::has_tokens)
    }
}

impl RecordedDataset {
    fn key_facts(&self) -> Vec<EvidenceKey> {
        let fact = |(column, personal): &(String, bool)| EvidenceKey {
            column: column.clone(),
            personal: *personal,
            token: *personal,
        };
        self.key.iter().map(fact).collect()
    }
}

impl RecordSink for EvidenceRecorder {
    fn begin(&self, scene: &Scene<'_>) -> anyhow::Result<BTreeMap<String, Vec<String>>> {
        let mut datasets = BTreeMap::new();
        let mut wanted = BTreeMap::new();
        for dataset in &scene.suite.datasets {
            let Some(columns) = scene.columns.get(&dataset.name) else { continue };
            let personal = |column: &String| dataset.is_personal(column);
            let key = dataset.key.iter().filter(|column| columns.contains(column));
            let key: Vec<(String, bool)> = key.map(|column| (column.clone(), personal(column))).collect();
            let shown = |column: &&String| match self.options.reveal {
                Reveal::Nothing => false,
                Reveal::NotPersonal => !personal(column),
                Reveal::All => true,
            };
            // Nested columns have no text.
            let opened = scene.opened.get(&dataset.name);
            let nested: BTreeSet<&str> = opened.map_or_else(BTreeSet::new, |opened| {
                let nested = opened.columns().iter().filter(|column| column.data_type.is_none());
                nested.map(|column| column.name.as_str()).collect()
            });
            let is_nested = |column: &&String| nested.contains(column.as_str());
            let revealed: Vec<String> =
                columns.iter().filter(|column| shown(column) && !is_nested(column)).cloned().collect();
            let cells: Vec<String> = key.iter().map(|(column, _)| column.clone()).chain(revealed.clone()).collect();
            wanted.insert(dataset.name.clone(), cells);
            let files = scene.files.get(&dataset.name).into_iter().flatten();
            let recorded = RecordedDataset {
                files: files.map(|file| Arc::from(file.as_str())).collect(),
                key,
                withheld: if self.options.reveal == Reveal::Nothing { 0 } else { columns.len() - revealed.len() },
                revealed,
                progress: Mutex::default(),
            };
            datasets.insert(dataset.name.clone(), recorded);
        }
        let ids = scene.rules.iter().map(|bound| Arc::from(bound.rule.id.as_str())).collect();
        let groups = scene.rules.iter().enumerate();
        let groups = groups
            .filter_map(|(at, bound)| Some((at, GroupNames::of(bound, scene.suite, self.options.reveal)?)))
            .collect();
        // An audit begins once.
        let _first = self.scene.set(Recorded { ids, datasets, groups });
        Ok(wanted)
    }

    fn take(&self, record: &FailingRecord<'_>) -> anyhow::Result<()> {
        let Some((recorded, dataset)) = self.dataset(record.dataset) else { return Ok(()) };
        let mut progress = lock(&dataset.progress);
        let Progress { table, places, listed, .. } = &mut *progress;
        let limit = self.options.limit.unwrap_or(u64::MAX);
        let mut failed: Vec<FailedRule> = Vec::with_capacity(record.rules.len());
        for RuleFinding { rule, reasons } in record.rules {
            let [listed, over] = listed.entry(*rule).or_default();
            if *listed >= limit {
                *over += 1;
                continue;
            }
            *listed += 1;
            let codes: Vec<_> = reasons.iter().filter_map(|reason| reason.code()).collect();
            let reason = (!codes.is_empty()).then(|| Arc::from(codes.join(REASON_SEPARATOR)));
            failed.extend(recorded.ids.get(*rule).map(|id| FailedRule { rule: Arc::clone(id), reason }));
        }
        if failed.is_empty() {
            return Ok(());
        }
        failed.sort_by(|a, b| a.rule.cmp(&b.rule));
        let [key, revealed] = places.get_or_insert_with(|| {
            let place = |column: &String| record.columns.iter().position(|known| known == column).unwrap_or(usize::MAX);
            [
                dataset.key.iter().map(|(column, _)| place(column)).collect(),
                dataset.revealed.iter().map(place).collect(),
            ]
        });
        let cell = |at: &usize| record.cells.get(*at).cloned().flatten();
        let token = |(cell, (_, personal)): (Option<String>, &(String, bool))| {
            if *personal { cell.map(|value| self.options.tokens.token(&value)) } else { cell }
        };
        let row = FailingRow {
            file: dataset.files.get(record.row.file as usize).cloned().unwrap_or_else(|| Arc::from("")),
            record: record.row.record,
            line: record.row.line,
            key: key.iter().map(cell).zip(&dataset.key).map(token).collect(),
            failed,
            cells: revealed.iter().map(cell).collect(),
        };
        let table = match table {
            Some(table) => table,
            none => {
                let folder = lock(&self.folder);
                let Some(folder) = folder.as_ref() else { return Ok(()) };
                let key: Vec<String> = dataset.key.iter().map(|(column, _)| column.clone()).collect();
                none.insert(folder.failing_table(record.dataset, &key, &dataset.revealed)?)
            }
        };
        table.push(&row)?;
        Ok(())
    }

    fn takes_groups(&self) -> bool {
        true
    }

    /// Tokens in place of personal values: the order of the table says nothing about these.
    fn group_order(&self, rules: &[usize], key: &[Option<String>]) -> Option<Vec<Option<String>>> {
        let names = self.scene.get()?.groups.get(rules.first()?)?;
        names.has_tokens().then(|| names.key(key, &self.options.tokens))
    }

    fn take_group(&self, rules: &[usize], group: &GroupFinding<'_>) -> anyhow::Result<()> {
        let Some(recorded) = self.scene.get() else { return Ok(()) };
        for rule in rules {
            let Some(names) = recorded.groups.get(rule) else { continue };
            let Some(dataset) = recorded.datasets.get(&names.dataset) else { continue };
            let mut progress = lock(&dataset.progress);
            *progress.units.entry(*rule).or_default() += group.units;
            let [listed, over] = progress.listed_groups.entry(*rule).or_default();
            if self.options.limit.is_some_and(|limit| *listed >= limit) {
                *over += 1;
                continue;
            }
            *listed += 1;
            let table = match &mut progress.groups {
                Some(table) => table,
                none => {
                    let folder = lock(&self.folder);
                    let Some(folder) = folder.as_ref() else { return Ok(()) };
                    none.insert(folder.groups_table(&names.dataset)?)
                }
            };
            table.push(&names.show(group, &self.options.tokens))?;
        }
        Ok(())
    }

    fn notices(&self) -> Vec<Notice> {
        let Some(recorded) = self.scene.get() else { return Vec::new() };
        let mut notices = Vec::new();
        let mut say = |dataset: Option<&String>, rule: Option<&str>, text: String| {
            notices.push(Notice { dataset: dataset.cloned(), rule: rule.map(str::to_owned), text });
        };
        match self.options.reveal {
            Reveal::Nothing => {}
            Reveal::NotPersonal => {
                for (name, dataset) in recorded.datasets.iter().filter(|(_, dataset)| dataset.withheld > 0) {
                    let columns = if dataset.withheld == 1 {
                        "1 column is"
                    } else {
                        &format!("{} columns are", dataset.withheld)
                    };
                    let text = format!(
                        "the evidence shows cells; {columns} withheld, being nested, or personal by declaration or by name"
                    );
                    say(Some(name), None, text);
                }
            }
            Reveal::All => {
                say(None, None, "the evidence shows cells of personal columns (--reveal-personal)".to_owned());
                for (name, dataset) in recorded.datasets.iter().filter(|(_, dataset)| dataset.withheld > 0) {
                    say(Some(name), None, format!("the evidence leaves {} nested columns out", dataset.withheld));
                }
            }
        }
        if recorded.has_tokens() && self.options.tokens.describe().key == TokenKey::OneAudit {
            let text = "the evidence has tokens in place of personal keys, under a key that lived for this audit: they do not \
                        compare with those of another audit (--key-file)";
            say(None, None, text.to_owned());
        }
        for (name, dataset) in &recorded.datasets {
            let progress = lock(&dataset.progress);
            for (all, what) in [(&progress.listed, "rows"), (&progress.listed_groups, "groups")] {
                for (rule, [listed, over]) in all.iter().filter(|(_, [_, over])| *over > 0) {
                    let all = listed + over;
                    let text =
                        format!("the evidence lists the first {listed} of {all} failing {what} (--evidence-limit)");
                    say(Some(name), recorded.ids.get(*rule).map(AsRef::as_ref), text);
                }
            }
        }
        notices
    }
}

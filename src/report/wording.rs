//! The sentences of reports for people, in one place. Formats lay them out and give them styles.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use super::Safe;
use crate::model::{
    AuditReport, Count, DatasetReport, DatasetStatus, JudgedReport, Notice, Records, RowRef, RuleReport, SampledReport,
    SampledRule, Status, StoppedReport, Threshold, Unit, UnmeasuredRules, Verdict, Verification,
};

/// How many rules that make records unclean are named.
const UNCLEAN_SHOWN: usize = 3;

/// How many pairs of similar rows are shown for each rule.
const PAIRS_SHOWN: usize = 3;

/// The id of a rule below the heading of its dataset: generated ids start with the name of the dataset.
pub(super) fn short_id<'r>(id: &'r str, dataset: &DatasetReport) -> &'r str {
    id.strip_prefix(dataset.name.as_str()).and_then(|rest| rest.strip_prefix('.')).unwrap_or(id)
}

/// The verdict in one or two words.
pub(super) const fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "PASSED",
        Verdict::Failed => "FAILED",
        Verdict::Undecided => "UNDECIDED",
        Verdict::CouldNotAudit => "COULD NOT AUDIT",
    }
}

/// How the files of a dataset differ, a sentence for each column, and which of them are empty.
pub(super) fn differing_files(dataset: &DatasetReport) -> Vec<String> {
    let files = dataset.files.len();
    let mut sentences = Vec::new();
    for column in &dataset.columns {
        let Some(series) = &column.series else { continue };
        let name = &column.name;
        if let Some(missing) = &series.missing {
            sentences.push(format!(
                "`{name}` is not in {} of {files} files, first {}: their rows have no value in it",
                missing.files, missing.first
            ));
        }
        if !series.stored.is_empty() {
            let stored = series.stored.iter().map(|known| {
                let (count, first) = (Plural(known.group.files, "file"), &known.group.first);
                format!("{} in {count} (first {first})", known.stored)
            });
            let read = column.data_type.map_or_else(String::new, |data_type| format!(", and read as {data_type}"));
            sentences.push(format!("`{name}` is stored as {}{read}", stored.collect::<Vec<_>>().join(" and as ")));
        }
    }
    let mut empty = dataset.files.iter().filter(|file| file.bytes == Some(0));
    if let Some(first) = empty.next() {
        let count = 1 + empty.count() as u64;
        let are = if count == 1 { "is" } else { "are" };
        sentences.push(format!("{count} of {files} files {are} empty, first {}: there are no rows in it", first.path));
    }
    sentences
}

/// What is shown beside the verdict: what was not judged, and how many conditions of the gate are not met.
pub(super) fn conditions(report: &AuditReport) -> String {
    let mut unmet = Vec::new();
    let errored = report.datasets.iter().filter(|dataset| dataset.status == DatasetStatus::Errored).count() as u64;
    if errored > 0 {
        unmet.push(format!("{} not audited", Plural(errored, "dataset")));
    }
    let rules = report.datasets.iter().filter(|dataset| dataset.status != DatasetStatus::Errored);
    let unjudged =
        rules.flat_map(|dataset| &dataset.rules).filter(|rule| rule.status == Status::Errored).count() as u64;
    if unjudged > 0 {
        unmet.push(format!("{} not judged", Plural(unjudged, "rule")));
    }
    match report.gate.reasons.len() as u64 {
        0 if report.verdict == Verdict::Passed => unmet.push("gate passed".to_owned()),
        0 if report.verdict == Verdict::Undecided => unmet.push("gate not decided".to_owned()),
        0 => {}
        reasons => unmet.push(format!("gate: {} not met", Plural(reasons, "condition"))),
    }
    match report.verification.as_ref().filter(|verification| !verification.holds()) {
        Some(verification) if verification.rules == 0 => unmet.push("nothing verified".to_owned()),
        Some(Verification { differences, .. }) => {
            unmet.push(format!("{} not verified", Plural(differences.len() as u64, "integer")));
        }
        None => {}
    }
    let nothing = match report.gate.unmeasured {
        UnmeasuredRules::Allow => 0,
        UnmeasuredRules::Warn | UnmeasuredRules::Fail => measured_nothing(report),
    };
    if nothing > 0 {
        unmet.push(format!("{} measured nothing", Plural(nothing, "rule")));
    }
    let rules = report.datasets.iter().flat_map(|dataset| &dataset.rules);
    let waived = rules.filter(|rule| rule.status == Status::Waived).count() as u64;
    if waived > 0 {
        unmet.push(format!("{} waived", Plural(waived, "rule")));
    }
    unmet.join(" · ")
}

/// How many rules of datasets that were audited in full measured nothing.
fn measured_nothing(report: &AuditReport) -> u64 {
    let audited = report.datasets.iter().filter(|dataset| dataset.status == DatasetStatus::Audited);
    audited.flat_map(|dataset| &dataset.rules).filter(|rule| rule.status == Status::NotMeasured).count() as u64
}

/// The limits of a sample.
pub(super) fn sample_limits(sampled: &SampledReport) -> String {
    if sampled.datasets_sampled == 0 {
        return format!("{} requested; nothing could be left out, so this is a full audit", sampled.asked);
    }
    format!(
        "{} requested; {} sampled, {} read in full; {} undecided, {} not measured. A sample certifies nothing: only an audit \
         of all rows can pass the gate",
        sampled.asked,
        Plural(sampled.datasets_sampled.into(), "dataset"),
        sampled.datasets_in_full,
        Plural(sampled.rules_undecided.into(), "rule"),
        sampled.rules_not_measured,
    )
}

/// Why the audit ended early, and at most so many of the rules that were not measured.
pub(super) fn early_stop(stopped: &StoppedReport, shown: usize) -> String {
    let rules = Plural(stopped.unmeasured.len() as u64, "rule");
    let named = named(&stopped.unmeasured, shown);
    format!("since the gate can no longer pass: {}; {rules} not measured{named}", Prose(&stopped.because))
}

/// Whose counts were judged, and at most so many of the rules that need the data.
pub(super) fn judgement(judged: &JudgedReport, shown: usize) -> String {
    let digest = Safe(judged.digest.get(..12).unwrap_or(&judged.digest));
    let version = Safe(&judged.version);
    let source = format!("without the data: the counts are those of the result {digest} (passmuster {version})");
    let named = named(&judged.need_data, shown);
    match judged.need_data.len() as u64 {
        0 => source,
        1 => format!("{source}; 1 rule needs the data{named}"),
        more => format!("{source}; {} need the data{named}", Plural(more, "rule")),
    }
}

/// `: a, b and 3 more`: at most so many ids.
fn named(ids: &[String], shown: usize) -> String {
    let names: Vec<String> = ids.iter().take(shown).map(|id| Safe(id).to_string()).collect();
    let more = match ids.len() - names.len() {
        0 => String::new(),
        more => format!(" and {} more", Count(more as u64)),
    };
    if names.is_empty() { String::new() } else { format!(": {}{more}", names.join(", ")) }
}

/// How many integers a second engine confirms.
pub(super) fn verified(verification: &Verification) -> String {
    let engine = Safe(&verification.engine);
    if verification.rules == 0 {
        return format!("no rule could be compared with the engine {engine}");
    }
    let differ = verification.differences.len() as u64;
    format!(
        "{} of {} and their datasets compared with the engine {engine}, {} differ",
        Plural(verification.integers, "integer"),
        Plural(verification.rules.into(), "rule"),
        if differ == 0 { "none".to_owned() } else { Count(differ).to_string() },
    )
}

/// What a rule found, in one sentence.
pub(super) fn outcome(rule: &RuleReport) -> String {
    if matches!(rule.status, Status::Errored | Status::NotMeasured) {
        return Prose(rule.reason.as_deref().unwrap_or("nothing was in scope")).to_string();
    }
    if rule.unit == Unit::Dataset {
        return Prose(&rule.observed).to_string();
    }
    let (counts, found) = counted(rule);
    let found = found.filter(|found| !found.is_empty()).map(|found| format!(" · {}", Prose(found))).unwrap_or_default();
    let mark = match marks(rule).trim_end() {
        "" => String::new(),
        mark => format!("{mark}: "),
    };
    let groups = missed_groups(rule).map(|groups| format!(" · {groups}")).unwrap_or_default();
    format!("{mark}{}{counts}{}{found}{groups}", Count(rule.failed), shares(rule))
}

/// How many groups are named in a sentence.
const GROUPS_NAMED: usize = 3;

/// Which groups of rows miss the threshold of a rule; `None` where it has no groups, or all of them meet it.
pub(super) fn missed_groups(rule: &RuleReport) -> Option<String> {
    let segments = rule.segments.as_ref().filter(|segments| segments.failing > 0)?;
    let all = segments.shown.len() as u64 + u64::from(segments.suppressed.is_some());
    let missed = segments.shown.iter().filter(|group| !group.meets);
    let mut named: Vec<String> = missed
        .clone()
        .take(GROUPS_NAMED)
        .map(|group| {
            let values: Vec<String> = group.values.iter().map(ToString::to_string).collect();
            let (failed, evaluated) = (Count(group.failed), Count(group.evaluated));
            format!("{} {failed} of {evaluated} failed, {} % pass", Safe(&values.join(", ")), group.rate)
        })
        .collect();
    let more = missed.count().saturating_sub(named.len()) as u64;
    if more > 0 {
        named.push(Plural(more, "further group").to_string());
    }
    let columns = segments.columns.join(", ");
    let count = segments.failing;
    let named = if named.is_empty() { String::new() } else { format!(": {}", named.join("; ")) };
    Some(format!("by {}: {count} of {} missed the threshold{named}", Safe(&columns), Plural(all, "group")))
}

/// What of an audit is not as usual, each with a label and a sentence: whether it is a sample, ended early, was judged again
/// or verified, and whether only new failures fail the gate.
pub(super) fn remarks(report: &AuditReport, shown: usize) -> Vec<(&'static str, String)> {
    let mut remarks = Vec::new();
    if let Some(new_only) = &report.gate.new_only {
        let known = Plural(new_only.known.len() as u64, "rule");
        let mut text = format!("compared with the result as of {}; {known} failed then too", Safe(&new_only.as_of));
        let not_comparable = new_only.not_comparable.len() as u64;
        if not_comparable > 0 {
            text.extend(["; ", &Plural(not_comparable, "rule").to_string(), " not comparable"]);
        }
        remarks.push(("new failures only", text));
    }
    remarks.extend(report.sampled.as_ref().map(|sampled| ("sampled", sample_limits(sampled))));
    remarks.extend(report.stopped.as_ref().map(|stopped| ("stopped early", early_stop(stopped, shown))));
    remarks.extend(report.judged.as_ref().map(|judged| ("judged again", judgement(judged, shown))));
    remarks.extend(
        report.verification.as_ref().map(|verification| {
            (if verification.holds() { "verified" } else { "NOT VERIFIED" }, verified(verification))
        }),
    );
    remarks
}

/// What a rule found, what was expected, and how to fix it.
pub(super) fn finding(rule: &RuleReport) -> String {
    let mut text = outcome(rule);
    // What was not judged has no expectation.
    if !rule.expected.is_empty() {
        text.extend([". Expected: ", &Prose(&rule.expected).to_string()]);
        if rule.unit != Unit::Dataset {
            text.extend([" (threshold: ", &threshold(rule.threshold, rule.unit), ")"]);
        }
    }
    for (label, sentence) in [("Fix", &rule.fix), ("Because", &rule.because)] {
        if let Some(sentence) = sentence {
            text.extend([". ", label, ": ", &Prose(sentence).to_string()]);
        }
    }
    text.push('.');
    text
}

/// A notice, after the rule or the dataset that it is about.
pub(super) fn notice(notice: &Notice) -> String {
    let about = notice.rule.as_ref().or(notice.dataset.as_ref());
    let about = about.map(|about| format!("{}: ", Safe(about))).unwrap_or_default();
    format!("{about}{}", Prose(&notice.text))
}

/// Which rules make records unclean, those with most rows first.
pub(super) fn unclean_by(records: &Records) -> Option<String> {
    let rules = &records.unclean_by;
    let shown = rules.iter().take(UNCLEAN_SHOWN);
    let mut shown: Vec<String> =
        shown.map(|unclean| format!("{} {}", Safe(&unclean.rule), Plural(unclean.rows, "row"))).collect();
    let more = rules.len().saturating_sub(UNCLEAN_SHOWN) as u64;
    if more > 0 {
        shown.push(Plural(more, "further rule").to_string());
    }
    (!shown.is_empty()).then(|| shown.join(" · "))
}

/// What a rule counted, after the number of failures: ` of 336,776 rows are orphans`; and what it found besides.
pub(super) fn counted(rule: &RuleReport) -> (String, Option<&str>) {
    let units = rule.unit.nouns();
    let observed = rule.observed.strip_prefix("in a sample: ").unwrap_or(&rule.observed);
    let all = Count(rule.evaluated);
    // A sentence that starts with the same counts goes on from them.
    let rest = observed.strip_prefix(&format!("{} of {all} {units} ", Count(rule.failed)));
    match (&rule.rows_of, rest) {
        (None, Some(rest)) => (format!(" of {all} {units} {}", Prose(rest)), None),
        (None, None) => (format!(" of {all} {units} failed"), Some(observed)),
        (Some(other), _) => (format!(" of {all} {units} of {} failed", Safe(other)), Some(observed)),
    }
}

/// The share that passed, and the rows that were not judged, or not as they should be.
pub(super) fn shares(rule: &RuleReport) -> String {
    let rate = rule.rate.map(|rate| format!(" · {rate} % pass"));
    // A sentence that is only about unparseable values has their count already.
    let unreadable = Some(rule.unreadable).filter(|rows| *rows > 0 && counted(rule).1.is_some());
    let unreadable = unreadable.map(|rows| format!(" · {} unparseable", Count(rows)));
    let others = Some(rule.not_applicable).filter(|rows| *rows > 0);
    let others = others.map(|rows| format!(" · {} not applicable", Count(rows)));
    [rate, unreadable, others].into_iter().flatten().collect()
}

/// A threshold in the unit of the rule.
pub(super) fn threshold(threshold: Threshold, unit: Unit) -> String {
    match threshold {
        Threshold::AtLeastRows(count) => format!("at least {} {unit}", Count(count)),
        Threshold::AtMostRows(0) => format!("every {}", unit.noun()),
        Threshold::AtMostRows(count) => format!("at most {} failing {unit}", Count(count)),
        Threshold::AtLeastShare(_) | Threshold::AtMostShare(_) => threshold.to_string(),
    }
}

/// The first pairs of similar rows.
pub(super) fn pairs(rule: &RuleReport) -> Option<String> {
    let all = rule.details.get("pairs").copied().unwrap_or_default().max(rule.pairs.len() as u64);
    let place = |row: &RowRef| row.line.unwrap_or(row.record);
    let shown: Vec<String> = rule
        .pairs
        .iter()
        .take(PAIRS_SHOWN)
        .map(|pair| {
            let word = if pair.first.line.is_some() { "lines" } else { "records" };
            let score = format!("{}.{:03}", pair.score / 1_000_000, pair.score % 1_000_000 / 1_000);
            format!("{word} {} and {} (score {score})", place(&pair.first), place(&pair.second))
        })
        .collect();
    let more = all - shown.len() as u64;
    let more = if more > 0 { format!(" and {} more", Count(more)) } else { String::new() };
    (!shown.is_empty()).then(|| format!("{}{more}", shown.join(", ")))
}

/// Further counts of a rule by name.
pub(super) fn details(rule: &RuleReport) -> Option<String> {
    let counts = rule.details.iter().filter(|(_, count)| **count > 0);
    let counts: Vec<String> =
        counts.map(|(name, count)| format!("{} {}", Safe(&name.replace('_', " ")), Count(*count))).collect();
    (!counts.is_empty()).then(|| counts.join(", "))
}

/// Why the counts of a rule are those of a part of the rows.
pub(super) const fn marks(rule: &RuleReport) -> &'static str {
    match (rule.sampled.is_some(), rule.partial) {
        (true, _) => "sampled  ",
        (false, true) => "in part  ",
        (false, false) => "",
    }
}

/// The interval of a sample.
pub(super) struct Failing<'a>(pub(super) &'a SampledRule);

impl Display for Failing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SampledRule { share, failing_at_least, failing_at_most, effective_rows, certain } = self.0;
        write!(f, "{failing_at_least} to {failing_at_most} of all rows fail (95 % interval, sample of {share}")?;
        write!(f, ", equal to {} drawn one by one)", Plural(*effective_rows, "row"))?;
        f.write_str(if *certain { ", certain whatever the other rows contain" } else { "" })
    }
}

/// A sentence on one line: line breaks and tabs as written in a suite become spaces, the rest is [`Safe`].
pub(super) struct Prose<'a>(pub(super) &'a str);

impl Display for Prose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.0.split([' ', '\n', '\t']).filter(|word| !word.is_empty());
        words.enumerate().try_for_each(|(at, word)| {
            f.write_str(if at > 0 { " " } else { "" })?;
            Safe(word).fmt(f)
        })
    }
}

/// A number and its noun: `1 row`, `10,000 rows`.
pub(super) struct Plural(pub(super) u64, pub(super) &'static str);

impl Display for Plural {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", Count(self.0), self.1, if self.0 == 1 { "" } else { "s" })
    }
}

/// A size in bytes in the unit that leaves one to four digits, floored to a tenth.
pub(super) struct Bytes(pub(super) u64);

impl Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        if self.0 < 1024 {
            return write!(f, "{} B", self.0);
        }
        let (mut unit, mut size) = (0, self.0);
        while size >= 1024 * 1024 {
            (unit, size) = (unit + 1, size / 1024);
        }
        write!(f, "{}.{} {}", size / 1024, size % 1024 * 10 / 1024, UNITS[unit])
    }
}

/// The places of the first failing rows of a rule, by file.
pub(super) struct Places<'a> {
    pub(super) rule: &'a RuleReport,
    pub(super) dataset: &'a DatasetReport,
}

impl Display for Places<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut files: BTreeMap<u32, Vec<&RowRef>> = BTreeMap::new();
        for row in &self.rule.failing_rows {
            files.entry(row.file).or_default().push(row);
        }
        for (at, (file, rows)) in files.iter().enumerate() {
            let path = self.dataset.files.get(*file as usize).map_or("?", |file| file.path.as_str());
            write!(f, "{}{} ", if at > 0 { "; " } else { "see " }, Safe(path))?;
            let records: Vec<String> = rows.iter().map(|row| row.record.to_string()).collect();
            let records = format!("record{} {}", if rows.len() > 1 { "s" } else { "" }, records.join(", "));
            match rows.iter().map(|row| Some(row.line?.to_string())).collect::<Option<Vec<String>>>() {
                Some(lines) => {
                    write!(f, "line{} {} ({records})", if rows.len() > 1 { "s" } else { "" }, lines.join(", "))?;
                }
                None => f.write_str(&records)?,
            }
        }
        // Other units are counted, and not their rows: how many rows there are beside these is not known.
        if self.rule.unit != Unit::Rows {
            return Ok(());
        }
        match self.rule.failed.saturating_sub(self.rule.failing_rows.len() as u64) {
            0 => Ok(()),
            more => write!(f, " and {} more", Count(more)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_easily() {
        let sizes = [0, 1023, 1024, 1536, 1024 * 1024 - 1, 5 << 30, u64::MAX].map(|size| Bytes(size).to_string());
        assert_eq!(sizes, ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "1023.9 KiB", "5.0 GiB", "15.9 EiB"]);
        assert_eq!(Plural(1, "row").to_string(), "1 row");
    }

    #[test]
    fn prose_is_one_line() {
        assert_eq!(Prose(" a\n  b\tc\n").to_string(), "a b c");
        assert_eq!(Prose("a\r\u{1b}").to_string(), r"a\u{d}\u{1b}");
    }
}

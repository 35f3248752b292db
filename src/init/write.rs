//! The text of a suite: what is declared, and rules with the counts that speak for them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::candidate::Candidate;
use super::declare::{Declared, DeclaredType};
use super::grade::{Counted, Grade, Graded};
use super::learnt::LearntDataset;
use super::names::slug;
use super::options::Strictness;
use super::yaml_text::{comment, key, value};
use crate::model::{Count, DataType};
use crate::source::{OptionValue, SourceSpec};

/// The widest line.
const WIDTH: usize = 120;

/// Spaces before what belongs to a dataset.
const DATASET: &str = "    ";

/// Spaces before a column, and before a rule.
pub(super) const INNER: &str = "      ";

/// What the three groups of rules are called, and what they mean.
const GROUPS: [(Grade, &str); 3] = [
    (Grade::Sure, "Sure: they hold in all rows, and too many rows keep them for an accident."),
    (Grade::Likely, "Likely: they hold in all rows or in nearly all. Read them, and correct the data or the rule."),
    (Grade::Look, "Look at this: it may be true. Remove the first `#` of what you want to check."),
];

/// A line without what would end it early.
fn push(out: &mut String, line: &str) {
    out.push_str(line.trim_end());
    out.push('\n');
}

/// Writes a sentence as comment lines.
pub(super) fn push_comment(out: &mut String, indent: &str, sentence: &str) {
    let mut line = format!("{indent}#");
    for word in sentence.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > WIDTH && line.trim() != "#" {
            push(out, &line);
            line = format!("{indent}#");
        }
        line.push(' ');
        line.push_str(word);
    }
    push(out, &line);
}

/// `source:` of a dataset.
pub(super) fn source(spec: &SourceSpec, path: &str) -> String {
    let mut options: Vec<String> = spec.format.iter().map(|format| format!("format: {}", format.name)).collect();
    for (name, option) in spec.options.iter() {
        let written = match option {
            OptionValue::Flag(flag) => flag.to_string(),
            OptionValue::Character(None) => "none".to_owned(),
            OptionValue::Character(Some(b'\t')) => "tab".to_owned(),
            OptionValue::Character(Some(byte)) => value(&char::from(*byte).to_string()),
            OptionValue::Text(text) => value(text),
            OptionValue::Names(names) => super::yaml_text::list(names.iter().map(String::as_str)),
            OptionValue::Count(count) => count.to_string(),
        };
        options.push(format!("{name}: {written}"));
    }
    if options.is_empty() { value(path) } else { format!("{{ path: {}, {} }}", value(path), options.join(", ")) }
}

/// The declaration of a column, in one line.
pub(super) fn column(declared: &Declared, at_least: Option<&str>, severity: Option<&str>) -> String {
    let mut entries = Vec::new();
    if let Some(DeclaredType { data_type, notation, .. }) = &declared.type_of {
        let name = data_type.name();
        let conditions: Vec<String> = at_least
            .map(|share| format!("at_least: {share}"))
            .into_iter()
            .chain(severity.map(|severity| format!("severity: {severity}")))
            .collect();
        entries.push(if conditions.is_empty() {
            format!("type: {name}")
        } else {
            format!("type: {{ as: {name}, {} }}", conditions.join(", "))
        });
        entries.extend(notation.iter().map(|(name, value)| format!("{name}: {value}")));
    }
    if declared.personal.is_some() {
        entries.push("pii: basic".to_owned());
    }
    format!("{}: {{ {} }}", key(&declared.name), entries.join(", "))
}

/// A rule as lines: in one line if it fits, else a line for each parameter.
pub(super) fn rule(id: &str, candidate: &Candidate, more: &[(&str, String)], indent: &str) -> Vec<String> {
    let head = [("id", id.to_owned()), ("check", candidate.check.to_owned())];
    let parameters = candidate.parameters.iter().map(|(name, value)| (*name, value.clone()));
    let entries: Vec<(&str, String)> = head.into_iter().chain(parameters).chain(more.iter().cloned()).collect();
    let written: Vec<String> = entries.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let line = format!("{indent}- {{ {} }}", written.join(", "));
    if line.chars().count() <= WIDTH {
        return vec![line];
    }
    let is_wide = written.iter().any(|entry| entry.chars().count() + indent.len() + 6 > WIDTH);
    if line.chars().count() <= 2 * WIDTH - indent.len() - 20 && !is_wide {
        return in_two(&format!("{indent}- {{ "), &written, &format!("{indent}    "));
    }
    let mut lines = Vec::new();
    for (at, entry) in written.iter().enumerate() {
        let begin = if at == 0 { format!("{indent}- ") } else { format!("{indent}  ") };
        lines.extend(wrapped(&format!("{begin}{entry}"), &format!("{indent}    ")));
    }
    lines
}

/// A rule in as few lines as it fits, broken between its entries.
fn in_two(begin: &str, entries: &[String], indent: &str) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), begin.to_owned());
    for (at, entry) in entries.iter().enumerate() {
        let end = if at + 1 == entries.len() { " }" } else { "," };
        if line.chars().count() + entry.chars().count() + end.len() > WIDTH && at > 0 {
            lines.push(std::mem::replace(&mut line, indent.to_owned()).trim_end().to_owned());
        }
        line.push_str(entry);
        line.push_str(end);
        if end == "," {
            line.push(' ');
        }
    }
    lines.push(line);
    lines
}

/// A line with a list, broken after commas between its items where it is too wide.
fn wrapped(line: &str, indent: &str) -> Vec<String> {
    if line.chars().count() <= WIDTH || !line.ends_with(']') {
        return vec![line.to_owned()];
    }
    let (mut lines, mut current) = (Vec::new(), String::new());
    let (mut in_quotes, mut escaped) = (false, false);
    let mut item = String::new();
    for c in line.chars() {
        item.push(c);
        match c {
            _ if escaped => escaped = false,
            '\\' if in_quotes => escaped = true,
            '"' => in_quotes = !in_quotes,
            ',' if !in_quotes => {
                if !current.trim().is_empty() && current.chars().count() + item.chars().count() > WIDTH {
                    lines.push(std::mem::take(&mut current).trim_end().to_owned());
                    current.push_str(indent);
                    item = item.trim_start().to_owned();
                }
                current.push_str(&item);
                item.clear();
            }
            _ => {}
        }
    }
    if current.chars().count() + item.chars().count() > WIDTH && !current.trim().is_empty() {
        lines.push(std::mem::take(&mut current).trim_end().to_owned());
        current.push_str(indent);
        item = item.trim_start().to_owned();
    }
    current.push_str(&item);
    lines.push(current);
    lines
}

/// The ids of the rules of a suite: each is used once.
#[derive(Debug, Default)]
pub(super) struct Ids(BTreeSet<String>);

impl Ids {
    /// Ids that are taken.
    pub(super) fn taken(ids: impl IntoIterator<Item = String>) -> Self {
        Self(ids.into_iter().collect())
    }

    /// The id of a rule.
    pub(super) fn id(&mut self, dataset: &str, candidate: &Candidate) -> String {
        let about: Vec<String> = candidate.about.iter().take(3).map(|name| slug(name)).collect();
        let words: Vec<String> =
            std::iter::once(slug(dataset)).chain(about).chain([candidate.check.to_owned()]).collect();
        let plain = words.join(".");
        let numbered = (2..).map(|number| format!("{plain}-{number}"));
        let id = std::iter::once(plain.clone()).chain(numbered).find(|id| !self.0.contains(id)).unwrap_or(plain);
        self.0.insert(id.clone());
        id
    }
}

/// What a comment says of the counts of a rule.
pub(super) fn evidence(counted: Counted, because: &str, rows: &str) -> String {
    let Counted { evaluated, passed, failed, not_applicable } = counted;
    let mut sentence = match (evaluated, failed) {
        (1, 0) if rows != "rows" => String::new(),
        (_, 0) => format!("{} {rows} and no exception", Count(evaluated)),
        _ => format!(
            "{} of {} {rows}, {} exception{} ({})",
            Count(passed),
            Count(evaluated),
            Count(failed),
            if failed == 1 { "" } else { "s" },
            percent(failed, evaluated)
        ),
    };
    if not_applicable > 0 {
        let verb = if not_applicable == 1 { "has" } else { "have" };
        let _ = write!(sentence, "; {} {verb} no value to check", Count(not_applicable));
    }
    if !because.is_empty() {
        let _ = write!(sentence, "{}{because}", if sentence.is_empty() { "" } else { "; " });
    }
    sentence
}

/// A share in percent for people.
fn percent(part: u64, whole: u64) -> String {
    let thousandths = u128::from(part) * 100_000 / u128::from(whole.max(1));
    match thousandths {
        0 => "under 0.001 %".to_owned(),
        1..10 => format!("0.00{thousandths} %"),
        10..100 => format!("0.0{} %", thousandths / 10),
        _ => format!("{}.{} %", thousandths / 1_000, thousandths % 1_000 / 100),
    }
}

/// The conditions of a rule: its threshold and its severity.
pub(super) fn conditions(graded: &Graded, strictness: Strictness) -> Vec<(&'static str, String)> {
    let mut more = Vec::new();
    if let Some(share) = graded.at_least(strictness) {
        more.push(("at_least", share));
    }
    if graded.is_minor(strictness) {
        more.push(("severity", "minor".to_owned()));
    }
    more
}

/// The whole suite.
pub(super) fn suite(name: &str, title: &str, datasets: &[LearntDataset], strictness: Strictness) -> String {
    let mut out = String::new();
    push_comment(&mut out, "", title);
    push_comment(&mut out, "", "Each rule says above it how many rows were checked, and how many are exceptions.");
    push(&mut out, &format!("suite: {}", value(name)));
    push(&mut out, "datasets:");
    let mut ids = Ids::default();
    for dataset in datasets {
        push(&mut out, &format!("  {}:", dataset.name));
        push(&mut out, &format!("{DATASET}source: {}", dataset.source));
        head(&mut out, dataset);
        if !dataset.columns.is_empty() {
            push(&mut out, &format!("{DATASET}columns:"));
            out.push_str(&columns(dataset, strictness));
        }
        let has_rules = dataset.rules.iter().any(|graded| graded.is_active(strictness));
        push(&mut out, &format!("{DATASET}rules:"));
        if !has_rules {
            push_comment(&mut out, INNER, "Every dataset has this rule; there is no other.");
            let id = format!("{}.well_formed", slug(&dataset.name));
            push(&mut out, &format!("{INNER}- {{ id: {id}, check: well_formed }}"));
        }
        rules(&mut out, &dataset.rules, &dataset.name, strictness, &mut ids);
        for notice in &dataset.left_out {
            push_comment(&mut out, INNER, notice);
        }
    }
    out
}

/// What is declared of a dataset as a whole, and what a person has to fill in.
fn head(out: &mut String, dataset: &LearntDataset) {
    for question in &dataset.questions {
        push_comment(out, DATASET, question);
    }
    push(out, &format!("{DATASET}# owner: WHO IS RESPONSIBLE"));
    push(out, &format!("{DATASET}# steward: WHO ANSWERS QUESTIONS"));
    push(
        out,
        &format!("{DATASET}# sharing: {{ license: , updates: monthly, description: , legal_basis: , contact: }}"),
    );
    if let Some(key) = &dataset.key {
        push(out, &format!("{DATASET}key: {}", value(key)));
    }
    if !dataset.missing.is_empty() {
        let words = super::yaml_text::list(dataset.missing.iter().map(String::as_str));
        push(out, &format!("{DATASET}missing: {words}"));
    }
}

/// What is declared of the columns of a dataset, with what speaks for it.
pub(super) fn columns(dataset: &LearntDataset, strictness: Strictness) -> String {
    let mut text = String::new();
    let out = &mut text;
    for graded in &dataset.columns {
        let declared = &graded.declared;
        let line = column(declared, graded.at_least(strictness).as_deref(), graded.severity(strictness));
        let mut remarks: Vec<String> = Vec::new();
        if let (Some(counted), Some(of)) = (graded.counted, &declared.type_of) {
            let kind = match of.data_type {
                DataType::Date | DataType::Datetime => "dates",
                DataType::Uuid => "UUIDs",
                _ => "numbers",
            };
            remarks.push(evidence(counted, "", kind));
        }
        remarks.extend(declared.question.clone());
        remarks.extend(declared.personal.as_ref().map(|why| comment(why)));
        let remark = remarks.join("; ");
        let whole = format!("{INNER}{line}  # {remark}");
        if remark.is_empty() || whole.chars().count() <= WIDTH {
            push(out, if remark.is_empty() { whole.trim_end_matches("  # ") } else { &whole });
        } else {
            push_comment(out, INNER, &remark);
            push(out, &format!("{INNER}{line}"));
        }
    }
    text
}

/// Rules with a sentence before them.
pub(super) fn titled(title: &str, rules: &str) -> String {
    let mut text = String::from("\n");
    push_comment(&mut text, INNER, title);
    text.push_str(rules.trim_start_matches('\n'));
    text
}

/// The rules of a dataset in their groups.
pub(super) fn rules(out: &mut String, rules: &[Graded], dataset: &str, strictness: Strictness, ids: &mut Ids) {
    for (grade, title) in GROUPS {
        let of_group: Vec<&Graded> = rules.iter().filter(|graded| graded.shown_as(strictness) == grade).collect();
        if of_group.is_empty() {
            continue;
        }
        if !out.trim_end().ends_with("rules:") {
            out.push('\n');
        }
        push_comment(out, INNER, &format!("--- {title}"));
        for graded in of_group {
            let candidate = &graded.candidate;
            let id = ids.id(dataset, candidate);
            let sentence = evidence(graded.counted, &candidate.because, graded.unit());
            if !sentence.is_empty() {
                push_comment(out, INNER, &sentence);
            }
            for line in rule(&id, candidate, &conditions(graded, strictness), INNER) {
                match grade {
                    Grade::Look => push(out, &format!("{INNER}# {}", line.strip_prefix(INNER).unwrap_or(&line))),
                    _ => push(out, &line),
                }
            }
        }
    }
}

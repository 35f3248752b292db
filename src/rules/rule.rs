//! One rule as written: its check, its parameters, and the keys that every rule has.

use std::collections::BTreeMap;

use super::argument::{self, GivenArg};
use super::condition::{self, Condition};
use super::diagnostic::{Faults, Span, did_you_mean, quoted};
use super::each::{column_param, default_title, problems};
use super::fields::{self, Field, Fields, field};
use super::gate;
use super::names::Names;
use super::suite::Rule;
use super::synonyms;
use super::threshold;
use super::values::distinct;
use super::waiver;
use super::wildcard;
use super::written::{Each, Given, WrittenRule};
use super::yaml::{Key, Kind, Node};
use crate::checks::{self, CHECKS, Check, ParamKind, Shorthand};
use crate::model::{CalendarDate, Dimension, Severity, Threshold, nearest};

/// The keys that every rule may have.
pub(super) const COMMON: &[Field] = &[
    field("id", "The name of the rule, unique in the suite: lower-case letters, digits, `-`, `_` and `.`"),
    field("check", "What is checked"),
    field("title", "A title for people"),
    field("dimension", "The dimension whose score it counts in; by default that of the check"),
    field(
        "severity",
        "minor, major (default) or critical; a failed critical rule cuts the score of its dimension to 59.99",
    ),
    field("weight", "Its weight in the score, 1 (default) to 1000"),
    field("each", "Instead of `column`: a list of columns, or of names with `*`, each of which gets its own rule"),
    field("where", "Only rows for which this expression is true are in scope"),
    field("at_least", "How many rows must pass: 99.5% or `20 rows`; by default every row"),
    field("at_most", "How many rows may fail: 0.5% or `20 rows`"),
    field("warn", "A stricter threshold: a rule that misses it only warns: { at_least: 99% }"),
    field("due", "The date by which the owner is to repair the failures, such as 2027-01-31"),
    field(
        "waive",
        "Until when the failures are accepted, by whom and why: the rule is waived then, and does not fail the gate",
    ),
    field("segment", "The column or columns by which rows are grouped: each group must pass, too"),
    field("because", "Why the rule exists"),
    field("fix", "What to do about failures"),
    field("owner", "Who is to do it; by default the owner of the dataset"),
    field("tags", "Words by which rules are selected"),
];

/// The keys of `warn:`.
pub(super) const WARN: &[Field] =
    &[field("at_least", "How many rows should pass"), field("at_most", "How many rows should at most fail")];

/// What a rule takes from its dataset and its column.
#[derive(Debug, Clone, Default)]
pub(super) struct Defaults {
    pub(super) severity: Option<Severity>,
    pub(super) weight: Option<u32>,
    pub(super) owner: Option<String>,
    pub(super) because: Option<String>,
    pub(super) fix: Option<String>,
    pub(super) tags: Vec<String>,
}

/// Where rules are written, and what they take from there.
#[derive(Debug, Clone)]
pub(super) struct Home<'a> {
    pub(super) dataset: &'a str,
    pub(super) defaults: Defaults,
    /// What parameters may name.
    pub(super) names: &'a Names,
}

/// Reads the weight of a rule.
pub(super) fn weight(node: &Node, faults: &mut Faults) -> Option<u32> {
    let read = |text: &str| text.parse().ok().filter(|weight| (1..=1000).contains(weight));
    fields::parsed(node, "`weight`", "a whole number from 1 to 1000", read, faults)
}

/// Reads the severity of a rule.
pub(super) fn severity(node: &Node, faults: &mut Faults) -> Option<Severity> {
    fields::choice(node, "`severity`", &gate::severities(), faults)
}

/// A rule that was read and has no final id yet.
pub(super) struct Draft {
    pub(super) written: WrittenRule,
    /// Where the rule gets its id; `None` where one has to be found.
    pub(super) named: Option<Span>,
}

/// Reads the rule `node` of a list of rules.
pub(super) fn written(node: &Node, home: &Home<'_>, faults: &mut Faults) -> Option<Draft> {
    let named = node.text().and_then(check_meant);
    let form = match named {
        Some(check) => format!("write `- {{ check: {}, {} }}`", check.name(), example_column(check, "NAME")),
        None => "write `- { check: CHECK, … }`, such as `- { check: unique, columns: id }`".to_owned(),
    };
    let entries = fields::entries_like(node, "a rule", &form, faults)?;
    let Some((check_key, check_node)) = entries.iter().find(|(key, _)| key.text == "check") else {
        let help = match entries.iter().find_map(|(key, value)| Some((check_meant(&key.text)?, value))) {
            Some((check, value))
                if column_param(check).is_some() && value.text().is_some_and(|text| !text.is_empty()) =>
            {
                let column = example_column(check, value.text().unwrap_or_default());
                format!("write `check: {}` and its parameters beside it: `- {{ check: {0}, {column} }}`", check.name())
            }
            Some((check, _)) => format!("write `check: {}` and its parameters beside it", check.name()),
            None => "name a check, such as `check: unique`".to_owned(),
        };
        faults.help(node.span, "this rule has no `check`", Some(help));
        return None;
    };
    let name = fields::text(check_node, "`check`", faults)?;
    let Some(check) = checks::find(name) else {
        let known: Vec<&str> = CHECKS.iter().map(|check| check.name()).collect();
        let help = match synonyms::check_called(name) {
            Some(meant) => {
                let text_of = |names: &[&str]| {
                    let entry = entries.iter().find(|(key, _)| names.contains(&key.text.as_str()));
                    entry.and_then(|(_, value)| value.text()).filter(|text| !text.is_empty())
                };
                let (column, other) = (text_of(&["column", "columns"]), text_of(OTHER_DATASET));
                let form = checks::find(meant).map(|check| example(check, column.unwrap_or("NAME"), other));
                let form = form.unwrap_or_default();
                format!("the check is called `{meant}` here: write `- {form}`; `passmuster explain {meant}` shows more")
            }
            None => match nearest(name, known.iter().copied()) {
                Some(near) => did_you_mean(name, near),
                None => "`passmuster list checks` shows all checks".to_owned(),
            },
        };
        faults.help(check_node.span, format!("unknown check {}", quoted(name)), Some(help));
        return None;
    };
    let entries: Vec<(&Key, &Node)> = entries.iter().map(|(key, value)| (key, value)).collect();
    assemble(check, check_key.span, &entries, None, home, faults)
}

/// The check of that name, here or in another tool.
fn check_meant(name: &str) -> Option<&'static Check> {
    checks::find(name).or_else(|| checks::find(synonyms::check_called(name)?))
}

/// What other tools call the dataset that keys are looked up in.
const OTHER_DATASET: &[&str] = &["dataset", "table", "to", "ref", "parent", "parent_table", "reference", "in"];

/// A rule of a check as it should read, with its column and the other parameters that it needs.
pub(super) fn example(check: &'static Check, column: &str, other: Option<&str>) -> String {
    let of_columns = column_param(check);
    let mut parts = vec![format!("check: {}", check.name())];
    parts.extend(of_columns.map(|param| format!("{}: {column}", param.name)));
    let others =
        check.params().iter().filter(|param| param.required && of_columns.is_none_or(|of| of.name != param.name));
    parts.extend(others.map(|param| match param.kind {
        ParamKind::Dataset => format!("dataset: {}", other.and_then(dataset_meant).unwrap_or("DATASET")),
        _ => format!("{}: …", param.name),
    }));
    format!("{{ {} }}", parts.join(", "))
}

/// The dataset of `cities`, `cities.id`, `cities(id)` and `ref('cities')`.
fn dataset_meant(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("ref(").unwrap_or(text.trim()).trim_start_matches(['\'', '"']);
    let name = inner.split(['.', '(', '\'', '"', ')', ' ']).next().unwrap_or_default();
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    (is_name && !matches!(name, "true" | "false" | "yes" | "no")).then_some(name)
}

/// The column of an example of a rule.
fn example_column(check: &'static Check, column: &str) -> String {
    column_param(check).map_or_else(|| "…".to_owned(), |param| format!("{}: {column}", param.name))
}

/// Reads the key of a check under a column. `None` where it asks for no rule or is broken.
pub(super) fn shorthand(
    check: &'static Check,
    key: &Key,
    node: &Node,
    column: &Key,
    home: &Home<'_>,
    faults: &mut Faults,
) -> Option<Draft> {
    let mut given: Vec<(Key, Node)> = Vec::new();
    let is_pattern = wildcard::is_pattern(&column.text);
    if let Some(param) = column_param(check) {
        let kind = Kind::Scalar { text: column.text.clone(), plain: false };
        let name = if is_pattern { "each" } else { param.name };
        given.push((Key { span: column.span, text: name.to_owned() }, Node { span: column.span, kind }));
    }
    let whole = match check.shorthand() {
        Shorthand::Param(param) => check.params().iter().find(|known| known.name == param),
        Shorthand::Flag | Shorthand::None => None,
    };
    match (&node.kind, whole) {
        (Kind::Map(entries), whole) => {
            // Keys of the mapping form of the value, such as `codelist`, and keys of the rule may be mixed.
            let inner = whole.map_or(&[][..], |param| argument::mapping_form(param.kind));
            let (mut own, mut rest) = (Vec::new(), Vec::new());
            for (key, value) in entries {
                let is_param = check.params().iter().any(|param| param.name == key.text);
                let is_inner = !is_param && inner.iter().any(|field| field.name == key.text);
                if is_inner { &mut own } else { &mut rest }.push((key.clone(), value.clone()));
            }
            if let (Some(param), Some((first, _))) = (whole, own.first()) {
                let span = first.span;
                given.push((Key { span, text: param.name.to_owned() }, Node { span, kind: Kind::Map(own) }));
            }
            for (key, value) in rest {
                if let Some((_, first)) = given.iter().find(|(known, _)| known.text == key.text) {
                    let line = first.span.line;
                    let message = format!("{} is given already, by line {line}", quoted(&key.text));
                    faults.at(key.span, message);
                } else if matches!(key.text.as_str(), "id" | "check") {
                    let help = "write the rule under `rules:` to name it".to_owned();
                    faults.help(key.span, format!("{} is given by the column", quoted(&key.text)), Some(help));
                } else {
                    given.push((key, value));
                }
            }
        }
        (_, Some(param)) => {
            given.push((Key { span: key.span, text: param.name.to_owned() }, node.clone()));
        }
        (Kind::List(items), None) => {
            let columns: Vec<&str> = items.iter().filter_map(Node::text).collect();
            let is_of_columns = column_param(check).is_some_and(|param| param.kind == ParamKind::Columns);
            let help = if is_of_columns && !columns.is_empty() {
                format!(
                    "several columns go under `rules:`: `- {{ check: {}, columns: [{}] }}`",
                    check.name(),
                    columns.join(", ")
                )
            } else {
                format!("write `{}: true`", check.name())
            };
            faults.help(node.span, format!("`{}` takes `true` or `false`, not a list", check.name()), Some(help));
            return None;
        }
        (_, None) => {
            if !fields::flag(node, &format!("`{}`", check.name()), faults)? {
                return None;
            }
        }
    }
    let entries: Vec<(&Key, &Node)> = given.iter().map(|(key, value)| (key, value)).collect();
    let implied = column_param(check).map(|param| param.name);
    let mut draft = assemble(check, key.span, &entries, implied, home, faults)?;
    draft.written.rule.id = format!("{}.{}.{}", home.dataset, column.text, check.name());
    if let Some(each) = draft.written.given.each.as_mut().filter(|_| is_pattern) {
        each.declared = true;
    }
    draft.named = Some(key.span);
    Some(draft)
}

/// A rule that every dataset gets, though the suite does not write it.
pub(super) fn implicit(check: &'static Check, place: Span, home: &Home<'_>, faults: &mut Faults) -> Option<Draft> {
    let mut draft = assemble(check, place, &[], None, home, faults)?;
    draft.written.rule.id = format!("{}.{}", home.dataset, check.name());
    draft.named = Some(place);
    Some(draft)
}

/// Makes a rule of a check and its keys, one of which may be the column under which it is written. A fault hides no
/// other fault.
fn assemble(
    check: &'static Check,
    place: Span,
    entries: &[(&Key, &Node)],
    implied: Option<&'static str>,
    home: &Home<'_>,
    faults: &mut Faults,
) -> Option<Draft> {
    let Home { dataset, defaults, .. } = home;
    let mut args: BTreeMap<&str, GivenArg> = BTreeMap::new();
    let mut common: Vec<(Key, Node)> = Vec::new();
    let mut misspelt: Vec<&str> = Vec::new();
    // One column is a list of one: `column` means `columns` where the check has no other use for it.
    let called = |text: &str| {
        let params = check.params();
        let plural = text == "column" && !params.iter().any(|param| param.name == text);
        params.iter().find(|param| if plural { param.name == "columns" } else { param.name == text })
    };
    for (key, value) in entries {
        if let Some(param) = called(&key.text) {
            if args.contains_key(param.name) {
                faults.at(key.span, format!("`{}` is given twice, as `column` and as `columns`", param.name));
                continue;
            }
            // What is written under a column in short has the name of its check.
            let word = if implied.is_some() && key.span == place { check.name() } else { key.text.as_str() };
            let arg = argument::read(param, word, value, home.names, dataset, faults);
            args.insert(param.name, arg.unwrap_or_else(|| GivenArg::unread(param, value.span)));
        } else if COMMON.iter().any(|field| field.name == key.text) {
            common.push(((*key).clone(), (*value).clone()));
        } else {
            let params = check.params().iter().map(|param| param.name);
            let known = params.chain(COMMON.iter().map(|field| field.name));
            misspelt.extend(nearest(&key.text, known.clone()));
            faults.unknown_in(key.span, "parameter", &format!(" of `{}`", check.name()), &key.text, known);
        }
    }
    let each_key = entries.iter().find(|(key, _)| key.text == "each").map(|(key, _)| key);
    let column = column_param(check).map(|param| param.name);
    if let Some(key) = each_key {
        match column {
            None => {
                let message = format!("`{}` is not about single columns: it takes no `each`", check.name());
                faults.at(key.span, message);
            }
            Some(column) if args.contains_key(column) => {
                faults.at(key.span, format!("`each` and `{column}` exclude each other"));
            }
            Some(_) => {}
        }
    }
    for param in check.params() {
        if each_key.is_some() && column == Some(param.name) {
            continue;
        }
        if param.required && !entries.iter().any(|(key, _)| called(&key.text).is_some_and(|at| at.name == param.name)) {
            let help = format!("{}: {}", param.name, param.doc);
            faults.help(place, format!("`{}` needs `{}`", check.name(), param.name), Some(help));
        }
    }
    for (key, _) in entries {
        // A parameter about another dataset needs that dataset.
        let other = called(&key.text).and_then(|param| param.kind.dataset_param());
        if let Some(other) = other.filter(|other| !entries.iter().any(|(key, _)| key.text == *other)) {
            let is_told = check.params().iter().any(|param| param.name == other && param.required);
            if !is_told {
                let message = format!("`{}`: `{}` belongs to `{other}`, which is not given", check.name(), key.text);
                faults.at(key.span, message);
            }
        }
    }
    // What is missing or misspelt is reported: nothing else is reported because of it.
    for param in check.params() {
        if !args.contains_key(param.name)
            && each_key.is_none_or(|_| column != Some(param.name))
            && (param.required || misspelt.contains(&param.name))
        {
            args.insert(param.name, GivenArg::unread(param, place));
        }
    }
    let node = Node { span: place, kind: Kind::Map(common) };
    let common = Fields::of(&node, "a rule", COMMON, faults)?;
    let id = common.text("id", faults).filter(|id| {
        let first = id.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        let well = first && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b));
        if !well {
            let help = "lower-case letters, digits, `-`, `_` and `.`, such as `issued-after-birth`".to_owned();
            let place = common.get("id").map_or(place, |node| node.span);
            faults.help(place, format!("{} is not an id", quoted(id)), Some(help));
        }
        well
    });
    let dimension: Option<Dimension> =
        common.get("dimension").and_then(|node| fields::choice(node, "`dimension`", &gate::dimensions(), faults));
    let severity = common.get("severity").and_then(|node| severity(node, faults)).or(defaults.severity);
    let weight = common.get("weight").and_then(|node| weight(node, faults)).or(defaults.weight);
    let filter = common.get("where").and_then(|node| condition::read(node, "`where`", false, faults));
    if let Some(node) = common.get("where").filter(|_| !check.takes_condition()) {
        faults.at(node.span, format!("`{}` is about whole files: it takes no `where`", check.name()));
    }
    let judged = threshold::either(&common, faults);
    let warn = common.get("warn").and_then(|node| Fields::of(node, "`warn`", WARN, faults)).and_then(|written| {
        let warn = threshold::either(&written, faults);
        if warn.is_none() && written.get("at_least").is_none() && written.get("at_most").is_none() {
            faults.at(written.span, "`warn` needs `at_least` or `at_most`");
        }
        warn
    });
    let mut tags: Vec<String> = common.texts("tags", faults).into_iter().map(|(tag, _)| tag).collect();
    tags.extend(defaults.tags.iter().filter(|tag| !tags.contains(tag)).cloned().collect::<Vec<_>>());
    let title = common.text("title", faults);
    let because = common.text("because", faults).or_else(|| defaults.because.clone());
    let fix = common.text("fix", faults).or_else(|| defaults.fix.clone());
    let owner = common.text("owner", faults).or_else(|| defaults.owner.clone());
    let due = common
        .get("due")
        .and_then(|node| fields::parsed(node, "`due`", "a date such as 2027-01-31", CalendarDate::parse, faults));
    let waiver = common.get("waive").and_then(|node| waiver::of_rule(node, faults));
    let segment = common.get("segment").and_then(|node| distinct(node, "`segment`", faults));
    let each = common.get("each").and_then(|node| {
        distinct(node, "`each`", faults)?;
        Some(Each { names: fields::texts(node, "`each`", faults), declared: false })
    });
    if let (Some(key), Some(param)) = (each_key.filter(|_| each.is_none()), column_param(check)) {
        args.entry(param.name).or_insert_with(|| GivenArg::unread(param, key.span));
    }
    // If both are given, the report says that they exclude each other.
    let each = each.filter(|_| column.is_some_and(|column| !args.contains_key(column)));
    let mut given = Given { place: Some(place), filter, each, ..Given::default() };
    given.segment = common.get("segment").map(|node| node.span);
    given.waiver = waiver.as_ref().map(|placed| placed.until);
    // In the order of the page, so that equal rules are equal.
    given.args = check.params().iter().filter_map(|param| args.remove(param.name)).collect();
    given.implied = implied;
    given.unread_filter = common.get("where").is_some() && given.filter.is_none() || misspelt.contains(&"where");
    let ready = given.ready();
    for problem in problems(check, &given).into_iter().filter(|problem| !ready.is_unread(problem.param)) {
        let at = given.place_of(problem.param).unwrap_or(place);
        faults.at(at, format!("`{}`: {problem}", check.name()));
        given.faulty.push(problem.param);
    }
    if let Some(place) =
        given.segment.filter(|_| !(check.bind(&given.ready()).is_about_rows() && check.takes_condition()))
    {
        faults.at(place, format!("`{}` judges the dataset as a whole: it takes no `segment`", check.name()));
    }
    let named = id.is_some().then(|| common.get("id").map_or(place, |node| node.span));
    let rule = Rule {
        id: id.unwrap_or_else(|| format!("{dataset}.{}", check.name())),
        dataset: (*dataset).to_owned(),
        check,
        written: faults.place_of(place),
        title: title.unwrap_or_else(|| default_title(check, &given)),
        dimension: dimension.unwrap_or(check.dimension()),
        severity: severity.unwrap_or(Severity::Major),
        weight: weight.unwrap_or(1),
        threshold: judged.unwrap_or(Threshold::ALL_ROWS),
        warn,
        because,
        fix,
        owner,
        tags,
        due,
        waiver: waiver.map(|placed| placed.waiver),
        segment: segment.unwrap_or_default(),
        condition: given.filter.as_ref().map(Condition::spaced),
    };
    Some(Draft { written: WrittenRule { rule, given }, named })
}

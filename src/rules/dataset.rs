//! A dataset as declared: where it is, who is responsible for it, its columns and rules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::columns;
use super::diagnostic::{Faults, quoted};
use super::fields::{self, Field, Fields, field};
use super::keys::DATASET;
use super::meant;
use super::names::Names;
use super::notation;
use super::rule::{self, Defaults, Draft, Home};
use super::suite::Dataset;
use super::values::{distinct, one_byte};
use super::wildcard;
use super::yaml::{Key, Kind, Node};
use crate::checks;
use crate::model::{Notation, TimeSpan};
use crate::source::{
    COMMON_OPTIONS, FORMATS, Format, FormatOption, OptionKind, OptionValue, Options, SourceSpec, widths,
};

/// The keys of `source:` as a mapping that every format has.
const SOURCE: &[Field] = &[
    field("path", "A file, a glob, a folder, a list of these, or `-`; relative to this file"),
    field("format", "The format, where the name does not show it"),
];

/// The keys of `source:` as a mapping: those that every format has, then the options of all formats.
pub(super) fn source_fields() -> Vec<Field> {
    let mut fields = SOURCE.to_vec();
    for option in format_options() {
        if !fields.iter().any(|known| known.name == option.name) {
            fields.push(field(option.name, option.doc));
        }
    }
    fields
}

/// The options of all formats, and the one that every format has.
pub(super) fn format_options() -> impl Iterator<Item = &'static FormatOption> {
    FORMATS.iter().flat_map(|format| format.options).chain(COMMON_OPTIONS.iter().copied())
}

/// The keys of `sharing:`.
pub(super) const SHARING: &[Field] = &[
    field("license", "The license, or `internal`"),
    field("updates", "How often it is updated: daily, weekly, monthly, quarterly, yearly, or a time such as 10d"),
    field("description", "What it holds"),
    field("legal_basis", "The law or decision under which it is kept"),
    field("contact", "Who answers questions: an e-mail or web address, or a telephone number"),
    field("digest", "sha256: and the SHA-256 of the files in hex"),
];

/// The check that every dataset has.
const WELL_FORMED: &str = "well_formed";

/// What reading a dataset needs to know of the suite around it.
pub(super) struct Surroundings<'a> {
    /// The folder of the file that declares it.
    pub(super) base: &'a Path,
    /// Tokens declared missing for the whole suite.
    pub(super) missing: &'a BTreeSet<String>,
    /// How numbers and booleans are written in the whole suite.
    pub(super) notation: &'a Notation,
    /// `--data`.
    pub(super) data: &'a BTreeMap<String, String>,
    /// The folder of the user.
    pub(super) home: Option<&'a Path>,
    /// Datasets and code lists of the suite.
    pub(super) names: &'a Names,
}

/// Reads one dataset; its rules go to `drafts`.
pub(super) fn read(
    key: &Key,
    node: &Node,
    around: &Surroundings<'_>,
    drafts: &mut Vec<Draft>,
    faults: &mut Faults,
) -> Option<Dataset> {
    let what = format!("the dataset {}", quoted(&key.text));
    if !matches!(node.kind, Kind::Map(_)) {
        let help = match node.text() {
            Some(text) if !text.is_empty() => format!("write `{}: {{ source: {text} }}`", key.text),
            _ => format!("write `{}: {{ source: FILE }}`", key.text),
        };
        fields::entries_like(node, &what, &help, faults);
        return None;
    }
    let written = Fields::of(node, &what, DATASET, faults)?;
    let source = source(key, &written, around, faults);
    let mut missing = around.missing.clone();
    missing.extend(columns::tokens(&written, "missing", faults).into_iter().map(|(token, _)| token));
    let notation = notation::read(|name| written.get(name), faults);
    let notation = notation::settle(notation, around.notation, |name| written.get(name), faults);
    let owner = written.text("owner", faults);
    let defaults = Defaults { owner: owner.clone(), ..Defaults::default() };
    let home = Home { dataset: &key.text, defaults, names: around.names };
    let mut declared = BTreeMap::new();
    if let Some(node) = written.get("columns") {
        for (column, node) in
            fields::entries_like(node, "`columns`", &columns::columns_form(node), faults).unwrap_or_default()
        {
            let decl = columns::read(column, node, (&missing, &notation), &home, drafts, faults);
            declared.insert(column.text.clone(), decl);
        }
    }
    let mut own = Vec::new();
    if let Some(node) = written.get("rules") {
        if let Kind::List(rules) = &node.kind {
            for node in rules {
                own.extend(rule::written(node, &home, faults));
            }
        } else {
            let message = format!("`rules` takes a list of rules, not {}", node.describe());
            faults.help(node.span, message, Some(rules_form(node)));
        }
    }
    if let Some(check) = checks::find(WELL_FORMED)
        && !own.iter().any(|draft| draft.written.rule.check.name() == WELL_FORMED)
    {
        drafts.extend(rule::implicit(check, key.span, &home, faults));
    }
    drafts.extend(own);
    Some(Dataset {
        name: key.text.clone(),
        source: source?,
        title: written.text("title", faults),
        owner,
        steward: written.text("steward", faults),
        key: written.get("key").and_then(|node| distinct(node, "`key`", faults)).unwrap_or_default(),
        patterns: declared.keys().filter(|name| wildcard::is_pattern(name)).cloned().collect(),
        columns: declared,
        missing,
        notation,
        sharing: sharing(&written, faults),
    })
}

/// How `rules:` should read that is written as a mapping.
fn rules_form(node: &Node) -> String {
    let check_of = |node: &Node| match &node.kind {
        Kind::Map(entries) => {
            entries.iter().find(|(key, _)| key.text == "check").and_then(|(_, node)| node.text().map(str::to_owned))
        }
        _ => None,
    };
    match &node.kind {
        Kind::Map(_) if check_of(node).is_some() => "begin each rule with `- `: `- check: …`".to_owned(),
        Kind::Map(entries) => {
            let named = entries.iter().find_map(|(key, node)| Some((&key.text, check_of(node)?)));
            let (id, check) = named.map_or(("NAME", "CHECK".to_owned()), |(id, check)| (id.as_str(), check));
            format!("write each rule after `- `, with its name as `id`: `- {{ id: {id}, check: {check}, … }}`")
        }
        _ => "write each rule after `- `: `- { check: unique, columns: id }`".to_owned(),
    }
}

fn sharing(written: &Fields<'_>, faults: &mut Faults) -> BTreeMap<String, String> {
    let Some(written) = written.get("sharing").and_then(|node| Fields::of(node, "`sharing`", SHARING, faults)) else {
        return BTreeMap::new();
    };
    if let Some(node) = written.get("updates") {
        let words = ["daily", "weekly", "monthly", "quarterly", "yearly"];
        let read = |text: &str| {
            (words.contains(&text) || TimeSpan::parse(text).is_some_and(|span| span.count > 0)).then_some(())
        };
        fields::parsed(
            node,
            "`updates`",
            "daily, weekly, monthly, quarterly, yearly, or a time such as 10d",
            read,
            faults,
        );
    }
    if let Some(node) = written.get("digest") {
        let hex = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let read = |text: &str| text.strip_prefix("sha256:").is_some_and(hex).then_some(());
        fields::parsed(node, "`digest`", "`sha256:` and 64 hexadecimal digits", read, faults);
    }
    SHARING.iter().filter_map(|field| Some((field.name.to_owned(), written.text(field.name, faults)?))).collect()
}

/// Where the dataset is; `--data` wins over the suite.
fn source(key: &Key, written: &Fields<'_>, around: &Surroundings<'_>, faults: &mut Faults) -> Option<SourceSpec> {
    let given = around.data.get(&key.text);
    let base = around.base.to_path_buf();
    let mut spec = match written.get("source") {
        None if given.is_none() => {
            let help = format!("write `source: PATH`, or pass --data {}=PATH", key.text);
            faults.help(key.span, format!("the dataset {} has no source", quoted(&key.text)), Some(help));
            return None;
        }
        None => {
            SourceSpec { location: String::new(), further: Vec::new(), base, format: None, options: Options::default() }
        }
        Some(node) if matches!(node.kind, Kind::Map(_)) => mapping(node, base, given.is_some(), faults)?,
        Some(node) => {
            let (location, further) = locations(node, "`source`", faults)?;
            SourceSpec { location, further, base, format: None, options: Options::default() }
        }
    };
    if let Some(path) = given {
        // A name that shows its format overrides a format that was declared for another file.
        if let Some(format) = Format::of_path(Path::new(path)) {
            spec.format = None;
            spec.options.retain(format.options);
        }
        path.clone_into(&mut spec.location);
        spec.further.clear();
        spec.base = PathBuf::new();
    }
    if let Some(home) = around.home {
        spec.start_at_home(home);
    }
    Some(spec)
}

/// One place, or several.
fn locations(node: &Node, what: &str, faults: &mut Faults) -> Option<(String, Vec<String>)> {
    if !matches!(node.kind, Kind::List(_)) {
        return Some((fields::text(node, what, faults)?.to_owned(), Vec::new()));
    }
    let all = fields::texts(node, what, faults);
    if let Some((_, span)) = all.iter().find(|(location, _)| location == "-").filter(|_| all.len() > 1) {
        faults.at(*span, "standard input cannot be one of several places: save it to a file");
        return None;
    }
    let mut all = all.into_iter().map(|(location, _)| location);
    let first = all.next();
    if first.is_none() {
        faults.at(node.span, format!("{what} takes a path or a list of paths, not an empty list"));
    }
    Some((first?, all.collect()))
}

fn mapping(node: &Node, base: PathBuf, elsewhere: bool, faults: &mut Faults) -> Option<SourceSpec> {
    let written = Fields::of(node, "`source`", &source_fields(), faults)?;
    let location = written.get("path").and_then(|node| locations(node, "`path`", faults));
    if location.is_none() && written.get("path").is_none() && !elsewhere {
        faults.at(written.span, "`source` needs a `path`");
    }
    let format = written.get("format").and_then(|node| {
        let words: Vec<(&str, &'static Format)> = FORMATS.iter().map(|format| (format.name, *format)).collect();
        fields::choice(node, "`format`", &words, faults)
    });
    let (location, further) = location.unwrap_or_default();
    let known = format.or_else(|| Format::of_path(Path::new(&location)));
    let mut options = Options::default();
    for option in format_options() {
        if let Some(node) = written.get(option.name)
            && let Some(value) = option_value(option, node, faults)
        {
            options.set(option.name, value);
        }
    }
    // Where neither the declaration nor the name shows the format, the options are checked when the files are opened.
    for problem in known.map(|format| format.check(&options)).unwrap_or_default() {
        faults.help(written.key_span(&problem.option), problem.problem, Some(problem.help));
    }
    Some(SourceSpec { location, further, base, format, options })
}

/// The value of an option of a format.
fn option_value(option: &FormatOption, node: &Node, faults: &mut Faults) -> Option<OptionValue> {
    let what = format!("`{}`", option.name);
    let character = |faults: &mut Faults| {
        fields::parsed(node, &what, OptionKind::Character.expected(), one_byte, faults).map(OptionValue::from)
    };
    match option.kind {
        OptionKind::CharacterOrNone if node.text() == Some("none") => Some(OptionValue::from(None)),
        OptionKind::Character | OptionKind::CharacterOrNone => character(faults),
        OptionKind::Delimiter | OptionKind::Size => {
            let read = |text: &str| option.kind.read(text);
            fields::parsed(node, &what, option.kind.expected(), read, faults)
        }
        OptionKind::Widths => {
            let before = faults.len();
            let written = fields::texts(node, &what, faults).into_iter().map(|(text, _)| text);
            let found = widths(written);
            if found.is_none() && faults.len() == before {
                faults.at(node.span, format!("{what} takes {}", option.kind.expected()));
            }
            found
        }
        OptionKind::Flag => fields::flag(node, &what, faults).map(OptionValue::from),
        OptionKind::Names => distinct(node, &what, faults).map(OptionValue::from),
        OptionKind::Count => {
            let count = |text: &str| text.parse::<u64>().ok();
            fields::parsed(node, &what, option.kind.expected(), count, faults).map(OptionValue::from)
        }
        OptionKind::Text => fields::text(node, &what, faults).map(OptionValue::from),
        OptionKind::NameOrNumber => {
            let text = fields::text(node, &what, faults)?;
            let is_quoted = matches!(node.kind, Kind::Scalar { plain: false, .. });
            if is_quoted { Some(text.into()) } else { option.kind.read(text) }
        }
        OptionKind::Word(words) => {
            let words: Vec<(&str, &str)> = words.iter().map(|word| (*word, *word)).collect();
            fields::choice(node, &what, &words, faults).map(OptionValue::from)
        }
        OptionKind::Encoding => {
            let label = |text: &str| encoding_rs::Encoding::for_label(text.as_bytes()).map(|_| text.to_owned());
            fields::parsed_or(node, &what, option.kind.expected(), label, meant::encoding, faults)
                .map(OptionValue::from)
        }
    }
}

//! From files to one suite: `extends` followed, parameters filled in, names collected, everything read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::dataset::{self, Surroundings};
use super::diagnostic::{Diagnostics, Faults, Span, did_you_mean, quoted};
use super::documents::{Documents, entries};
use super::fields::{self, Fields};
use super::indentation::{self, Levels};
use super::keys::{COLUMN, DATASET, SUITE};
use super::names::Names;
use super::notation;
use super::params::Params;
use super::rule::Draft;
use super::suite::Suite;
use super::waiver_file::WaiverFiles;
use super::written::Written;
use super::yaml::{Kind, Node};
use super::{baseline, bind, codelist, gate, hash};
use crate::model::{AsOf, Bands, Notation, nearest};

/// What the command line adds to a suite.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// Values of parameters (`--set NAME=VALUE`), over those of the suite.
    pub params: BTreeMap<String, String>,
    /// Places of datasets (`--data NAME=PATH`), over those of the suite; relative to the working folder.
    pub data: BTreeMap<String, String>,
    /// The date or timestamp that counts as today, over that of the suite.
    pub as_of: Option<AsOf>,
    /// The folder of the user, which places that begin with `~/` start from.
    pub home: Option<PathBuf>,
    /// The earlier result with which rules compare (`--baseline`), over those that they name.
    pub baseline: Option<PathBuf>,
    /// The gate compares with that result, too, so no rule has to.
    pub gate_compares: bool,
    /// The date if neither names one.
    pub today: AsOf,
}

/// Reads suites and what they extend as one suite.
///
/// # Errors
/// Everything that is wrong with them, at once; a file that is not valid YAML hides what it holds.
pub fn load(paths: &[PathBuf], options: &LoadOptions) -> Result<Written, Diagnostics> {
    let written = read_suite(paths, options)?;
    if written.unfit.is_empty() { Ok(written) } else { Err(written.unfit) }
}

/// Reads suites as [`load`] does. Rules that can be read and fit no data are not an error: they are in
/// [`Written::unfit`], so that they can be reported together with those that do not fit the data at hand.
///
/// # Errors
/// Everything that is wrong with them, those rules included, where there is more than those.
pub fn read_suite(paths: &[PathBuf], options: &LoadOptions) -> Result<Written, Diagnostics> {
    let mut faults = Faults::default();
    match Documents::open(paths, &mut faults) {
        Some(documents) => read_documents(documents, options, faults),
        None => Err(faults.finish()),
    }
}

/// Reads a suite whose text is at hand, as [`load`] reads the file at `path`.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read_text(path: &Path, text: &str, options: &LoadOptions) -> Result<Written, Diagnostics> {
    let mut faults = Faults::default();
    let Some(documents) = Documents::of_text(path, text, &mut faults) else { return Err(faults.finish()) };
    let written = read_documents(documents, options, faults)?;
    if written.unfit.is_empty() { Ok(written) } else { Err(written.unfit) }
}

fn read_documents(mut documents: Documents, options: &LoadOptions, mut faults: Faults) -> Result<Written, Diagnostics> {
    let levels = Levels { suite: SUITE, dataset: DATASET, column: COLUMN };
    for document in &mut documents.all {
        indentation::repair(&mut document.root, &levels, &mut faults);
    }
    let mut params = Params::default();
    let order: Vec<usize> = documents.tops.iter().copied().chain(documents.extended()).collect();
    for &index in &order {
        let document = &documents.all[index];
        if let Some(node) = document.get("params") {
            params.declare(node, !documents.tops.contains(&index), &mut faults);
        }
    }
    params.set(&options.params, &mut faults);
    for document in &mut documents.all {
        params.fill_in(&mut document.root, &mut faults);
    }

    let names = names(&documents, &order, &mut faults);
    let is_unknown = |name: &&String| !names.datasets.contains_key(*name) && !documents.incomplete;
    for name in options.data.keys().filter(is_unknown) {
        let near = nearest(name, names.datasets.keys().map(String::as_str));
        let help = near.map(|near| did_you_mean(name, near));
        faults.elsewhere(format!("--data names the unknown dataset {}", quoted(name)), help);
    }

    let mut inputs = std::mem::take(&mut documents.inputs);
    let settings = Settings::read(&documents, &mut faults);
    let notations: Vec<Notation> =
        documents.all.iter().map(|document| notation::read(|name| document.get(name), &mut faults)).collect();
    let mut codelists = BTreeMap::new();
    let mut waiver_files = WaiverFiles::default();
    let (mut datasets, mut drafts) = (Vec::new(), Vec::new());
    for &index in &order {
        let document = &documents.all[index];
        let Some(written) = Fields::of(&document.root, "a suite", SUITE, &mut faults) else { continue };
        for (key, node) in entries(written.get("codelists")) {
            let list = codelist::read(&key.text, node, &document.folder, &mut inputs, &mut faults);
            codelists.entry(key.text.clone()).or_insert(list);
        }
        if let Some(node) = written.get("waivers") {
            waiver_files.read(node, &document.folder, &mut inputs, &mut faults);
        }
        let missing = documents.missing_tokens(index, &mut faults);
        let outer = notation_of(&documents, index, &notations);
        let notation = notation::settle(notations[index].clone(), &outer, |name| written.get(name), &mut faults);
        let around = Surroundings {
            base: &document.folder,
            missing: &missing,
            notation: &notation,
            data: &options.data,
            home: options.home.as_deref(),
            names: &names,
        };
        for (key, node) in entries(written.get("datasets")) {
            datasets.extend(dataset::read(key, node, &around, &mut drafts, &mut faults));
        }
    }
    if names.datasets.is_empty() && faults.is_empty() {
        let root = &documents.all[documents.tops[0]].root;
        // A file of code lists and parameters alone is for other suites to extend.
        let is_part = documents.all[documents.tops[0]].get("codelists").is_some();
        let help = if is_part {
            "a file that others name under `extends` is linted with a suite that extends it"
        } else {
            "begin with `datasets: { NAME: { source: FILE } }`"
        };
        faults.help(root.span, "the suite has no datasets", Some(help.to_owned()));
    }
    let mut rules: Vec<_> = name_rules(drafts, &mut faults).into_iter().map(|draft| draft.written).collect();
    let waivers = waiver_files.attach(&mut rules, &mut faults);
    let common = options.baseline.as_deref();
    baseline::settle(&settings.name, &mut rules, common, options.gate_compares, &mut inputs, &mut faults);
    let suite = Suite {
        name: settings.name,
        title: settings.title,
        as_of: options.as_of.or(settings.as_of).unwrap_or(options.today),
        is_dated: options.as_of.or(settings.as_of).is_some(),
        inputs: inputs.with_data(&datasets),
        datasets,
        codelists,
        gate: settings.gate.unwrap_or_default(),
        bands: settings.bands.unwrap_or_default(),
        rules_hash: String::new(),
    };
    let mut written = Written {
        suite,
        rules,
        unfit: Diagnostics::default(),
        files: faults.files().to_vec(),
        names,
        waivers,
        unused_params: params.unused().map(|(name, span)| (name.to_owned(), span)).collect(),
    };
    let is_readable = faults.is_empty();
    bind::check(&written, &mut faults);
    if !is_readable {
        return Err(faults.finish());
    }
    written.suite.rules_hash = hash::of(&written.suite, &written.rules);
    written.unfit = faults.finish();
    Ok(written)
}

/// How numbers and booleans are written in the datasets of a file: as the nearest file says that it is part of.
fn notation_of(documents: &Documents, index: usize, notations: &[Notation]) -> Notation {
    let reaches = documents.tops.iter().map(|top| documents.reach(*top)).filter(|reach| reach.contains(&index));
    reaches.flatten().fold(Notation::default(), |notation, other| notation.within(&notations[other]))
}

/// How `datasets:` should read that is written as a list or a word.
fn datasets_form(node: &Node) -> String {
    let first = match &node.kind {
        Kind::List(items) => items.first(),
        _ => Some(node),
    };
    let inner = |name: &str| entries(first).iter().find(|(key, _)| key.text == name).and_then(|(_, node)| node.text());
    let path = first.and_then(Node::text).filter(|text| !text.is_empty());
    let stem = path.and_then(|path| path.rsplit(['/', '\\']).next()?.split('.').next());
    let name = inner("name").or(stem).or_else(|| entries(first).first().map(|(key, _)| key.text.as_str()));
    let source = inner("source").or(path).unwrap_or("FILE");
    format!("write each dataset as a key, without `-`: `{}: {{ source: {source} }}`", name.unwrap_or("NAME"))
}

/// The datasets and code lists of all files.
fn names(documents: &Documents, order: &[usize], faults: &mut Faults) -> Names {
    let mut names = Names::default();
    for &index in order {
        let document = &documents.all[index];
        for (section, known) in [("datasets", &mut names.datasets), ("codelists", &mut names.codelists)] {
            let Some(node) = document.get(section) else { continue };
            let form = if section == "datasets" { datasets_form(node) } else { "write `codes: [A, B]`".to_owned() };
            for (key, _) in fields::entries_like(node, &format!("`{section}`"), &form, faults).unwrap_or_default() {
                let well = !key.text.is_empty() && key.text.chars().all(|c| c.is_alphanumeric() || "_-".contains(c));
                if !well {
                    let plain = |c: char| if c.is_alphanumeric() || "_-".contains(c) { c } else { '_' };
                    let fit: String = key.text.trim().chars().map(plain).collect();
                    let fit = if fit.is_empty() { fit } else { format!(", such as {}", quoted(&fit)) };
                    let help = format!("letters (with or without accents), digits, `_` and `-`, no spaces{fit}");
                    faults.help(key.span, format!("{} cannot be a name", quoted(&key.text)), Some(help));
                }
                if let Some(first) = known.insert(key.text.clone(), key.span) {
                    let place = faults.files().get(first.file as usize).map(|file| file.path.display().to_string());
                    let help = format!("first on line {} of {}", first.line, place.unwrap_or_default());
                    faults.help(key.span, format!("{} is declared twice", quoted(&key.text)), Some(help));
                }
            }
        }
    }
    names
}

/// What is set once for the whole suite.
struct Settings {
    name: String,
    title: Option<String>,
    as_of: Option<AsOf>,
    gate: Option<super::suite::Gate>,
    bands: Option<Bands>,
}

impl Settings {
    fn read(documents: &Documents, faults: &mut Faults) -> Self {
        let mut suites = Vec::new();
        let mut titles = Vec::new();
        for top in &documents.tops {
            let document = &documents.all[*top];
            let stated = document.get("suite");
            if stated.is_none() {
                let help = Some("begin with `suite: NAME`".to_owned());
                faults.help(document.root.span, "the suite has no name", help);
            }
            suites.extend(stated.and_then(|node| fields::text(node, "`suite`", faults)).map(str::to_owned));
            titles.extend(document.get("title").and_then(|node| fields::text(node, "`title`", faults)));
        }
        let as_of = |node: &Node, faults: &mut Faults| {
            fields::parsed(
                node,
                "`as_of`",
                "a date such as 2026-11-01, or a timestamp such as 2026-11-01T06:00:00+07:00",
                AsOf::parse,
                faults,
            )
        };
        // What a nearer file overrides is checked as well.
        for document in &documents.all {
            document.get("as_of").map(|node| as_of(node, faults));
            document.get("gate").map(|node| gate::gate(node, faults));
            document.get("bands").map(|node| gate::bands(node, faults));
        }
        Self {
            name: suites.join(" + "),
            title: (!titles.is_empty()).then(|| titles.join(" + ")),
            as_of: setting(documents, "as_of", as_of, faults).flatten(),
            gate: setting(documents, "gate", gate::gate, faults),
            bands: setting(documents, "bands", gate::bands, faults),
        }
    }
}

/// A setting as each suite has it: from the nearest file that sets it. Suites that set it must agree.
fn setting<T: PartialEq>(
    documents: &Documents,
    name: &str,
    mut read: impl FnMut(&Node, &mut Faults) -> T,
    faults: &mut Faults,
) -> Option<T> {
    let mut found: Option<(T, Span)> = None;
    for top in &documents.tops {
        let stated = documents.reach(*top).into_iter().find_map(|index| documents.all[index].get(name));
        let Some(node) = stated else { continue };
        let value = read(node, faults);
        match &found {
            None => found = Some((value, node.span)),
            Some((known, _)) if *known == value => {}
            Some((_, first)) => {
                let place = faults.files().get(first.file as usize).map(|file| file.path.display().to_string());
                let help = format!("the other is on line {} of {}", first.line, place.unwrap_or_default());
                faults.help(node.span, format!("two suites state different values of `{name}`"), Some(help));
            }
        }
    }
    found.map(|(value, _)| value)
}

/// Gives ids to the rules that have none, and refuses ids that occur twice.
fn name_rules(mut drafts: Vec<Draft>, faults: &mut Faults) -> Vec<Draft> {
    let mut taken: BTreeMap<String, Span> = BTreeMap::new();
    for draft in &drafts {
        let Some(place) = draft.named else { continue };
        match taken.get(&draft.written.rule.id).copied() {
            None => {
                taken.insert(draft.written.rule.id.clone(), place);
            }
            Some(first) => {
                let file = faults.files().get(first.file as usize).map(|file| file.path.display().to_string());
                let help = format!("first on line {} of {}", first.line, file.unwrap_or_default());
                faults.help(place, format!("the id {} occurs twice", quoted(&draft.written.rule.id)), Some(help));
            }
        }
    }
    let mut ids: BTreeSet<String> = taken.into_keys().collect();
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    for draft in drafts.iter_mut().filter(|draft| draft.named.is_none()) {
        let number = numbers.entry(draft.written.rule.id.clone()).or_insert(0_usize);
        let stem = draft.written.rule.id.clone();
        loop {
            *number += 1;
            if *number > 1 {
                draft.written.rule.id = format!("{stem}-{number}");
            }
            if ids.insert(draft.written.rule.id.clone()) {
                break;
            }
        }
    }
    drafts
}

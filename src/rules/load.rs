//! From files to one suite: `extends` followed, parameters filled in, names collected, everything read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::argument::Names;
use super::dataset::{self, Surroundings};
use super::diagnostic::{Diagnostics, Faults, SourceFile, Span, quoted};
use super::fields::{self, Field, Fields, field};
use super::params::Params;
use super::rule::Draft;
use super::suite::Suite;
use super::yaml::{self, Key, Node};
use super::{baseline, bind, codelist, gate, hash};
use crate::model::{AsOf, Bands, nearest};

/// The keys of a suite.
pub(super) const SUITE: &[Field] = &[
    field("suite", "The name of the suite"),
    field("title", "A title for people"),
    field("as_of", "The day or moment on which relative dates hang; --as-of wins; by default today"),
    field("extends", "Files that this one builds on, relative to it"),
    field("params", "Values for ${name} in this suite; --set NAME=VALUE wins"),
    field("missing", "Tokens that stand for nothing in every dataset, besides empty and blank"),
    field("codelists", "Lists of codes by name"),
    field("datasets", "The datasets by name"),
    field("gate", "When the audit passes"),
    field("bands", "The lines between green, amber and red"),
];

/// How many files may extend each other in a row.
const MAX_EXTENDS: usize = 16;
/// How many files a suite may have.
const MAX_FILES: usize = 64;

/// What the command line adds to a suite.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// Values of parameters (`--set NAME=VALUE`), over those of the suite.
    pub params: BTreeMap<String, String>,
    /// Places of datasets (`--data NAME=PATH`), over those of the suite; relative to the working folder.
    pub data: BTreeMap<String, String>,
    /// The moment on which relative dates hang, over that of the suite.
    pub as_of: Option<AsOf>,
    /// The earlier result with which rules compare (`--baseline`), over those that they name.
    pub baseline: Option<PathBuf>,
    /// The moment where neither names one.
    pub today: AsOf,
}

/// What a suite remembers of its files, for messages after reading.
#[derive(Debug, Default)]
pub struct Written {
    /// The files; spans point into them.
    pub(super) files: Vec<Arc<SourceFile>>,
    /// Datasets and code lists, where each is declared.
    pub(super) names: Names,
    /// Parameters that nothing uses.
    pub(super) unused_params: Vec<(String, Span)>,
}

/// Reads suites and what they extend as one suite.
///
/// # Errors
/// Everything that is wrong with them, at once; a file that is not valid YAML hides what it holds.
pub fn load(paths: &[PathBuf], options: &LoadOptions) -> Result<Suite, Diagnostics> {
    let (suite, unfit) = read_suite(paths, options)?;
    if unfit.is_empty() { Ok(suite) } else { Err(unfit) }
}

/// Reads suites as [`load`] does, and tells apart the rules that can be read and fit no data, so that they can be told
/// together with those that do not fit the data at hand.
///
/// # Errors
/// Everything that is wrong with them, those rules included, where there is more than those.
pub fn read_suite(paths: &[PathBuf], options: &LoadOptions) -> Result<(Suite, Diagnostics), Diagnostics> {
    let mut faults = Faults::default();
    let Some(mut documents) = Documents::open(paths, &mut faults) else { return Err(faults.finish()) };

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
        let help = near.map(|near| format!("did you mean {}?", quoted(near)));
        faults.elsewhere(format!("--data names the unknown dataset {}", quoted(name)), help);
    }

    let settings = Settings::read(&documents, &mut faults);
    let mut codelists = BTreeMap::new();
    let (mut datasets, mut drafts) = (Vec::new(), Vec::new());
    for &index in &order {
        let document = &documents.all[index];
        let Some(written) = Fields::of(&document.root, "a suite", SUITE, &mut faults) else { continue };
        for (key, node) in entries(written.get("codelists")) {
            let list = codelist::read(&key.text, node, &document.folder, &mut faults);
            codelists.entry(key.text.clone()).or_insert(list);
        }
        let missing = documents.missing_tokens(index, &mut faults);
        let around = Surroundings { base: &document.folder, missing: &missing, data: &options.data, names: &names };
        for (key, node) in entries(written.get("datasets")) {
            datasets.extend(dataset::read(key, node, &around, &mut drafts, &mut faults));
        }
    }
    if names.datasets.is_empty() && faults.is_empty() {
        let root = &documents.all[documents.tops[0]].root;
        // Code lists and parameters alone are what other suites build on.
        let is_part = documents.all[documents.tops[0]].get("codelists").is_some();
        let help = if is_part {
            "a file that others name under `extends` is linted with a suite that extends it"
        } else {
            "begin with `datasets: { NAME: { source: FILE } }`"
        };
        faults.help(root.span, "the suite has no datasets", Some(help.to_owned()));
    }
    let mut rules: Vec<_> = name_rules(drafts, &mut faults).into_iter().map(|draft| draft.rule).collect();
    baseline::settle(&settings.name, &mut rules, options.baseline.as_deref(), &mut faults);
    let mut suite = Suite {
        name: settings.name,
        title: settings.title,
        as_of: options.as_of.or(settings.as_of).unwrap_or(options.today),
        files: order.iter().map(|index| documents.all[*index].path.clone()).collect(),
        datasets,
        rules,
        codelists,
        gate: settings.gate.unwrap_or_default(),
        bands: settings.bands.unwrap_or_default(),
        rules_hash: String::new(),
        written: Written {
            files: faults.files().to_vec(),
            names,
            unused_params: params.unused().map(|(name, span)| (name.to_owned(), span)).collect(),
        },
    };
    if !faults.is_empty() {
        bind::check(&suite, &mut faults);
        return Err(faults.finish());
    }
    suite.rules_hash = hash::of(&suite);
    bind::check(&suite, &mut faults);
    Ok((suite, faults.finish()))
}

/// The entries of a mapping that may be absent; other nodes were refused when names were collected.
fn entries(node: Option<&Node>) -> &[(Key, Node)] {
    match node.map(|node| &node.kind) {
        Some(yaml::Kind::Map(entries)) => entries,
        _ => &[],
    }
}

/// A file that was parsed.
struct Document {
    path: PathBuf,
    canonical: PathBuf,
    folder: PathBuf,
    root: Node,
    extends: Vec<usize>,
}

impl Document {
    fn get(&self, name: &str) -> Option<&Node> {
        entries(Some(&self.root)).iter().find(|(key, _)| key.text == name).map(|(_, node)| node)
    }
}

/// All files of a suite.
struct Documents {
    all: Vec<Document>,
    /// Those that the user named.
    tops: Vec<usize>,
    /// The folder that no `extends` may leave.
    fence: PathBuf,
    /// Whether a file is missing, so that what it declares is not known.
    incomplete: bool,
}

impl Documents {
    /// Reads the files and all that they extend. `None` where none of them can be used.
    fn open(paths: &[PathBuf], faults: &mut Faults) -> Option<Self> {
        let mut documents = Self { all: Vec::new(), tops: Vec::new(), fence: PathBuf::new(), incomplete: false };
        if paths.is_empty() {
            faults.elsewhere("no suite is named", None);
        }
        for path in paths {
            let canonical = match path.canonicalize() {
                Ok(canonical) => canonical,
                Err(error) => {
                    faults.elsewhere(format!("{} {}", quoted(&path.display().to_string()), reason(&error)), None);
                    documents.incomplete = true;
                    continue;
                }
            };
            let folder = canonical.parent().unwrap_or(&canonical);
            documents.fence = folder.parent().unwrap_or(folder).to_path_buf();
            match documents.add(path, canonical, None, &mut Vec::new(), faults) {
                Some(index) if documents.tops.contains(&index) => {}
                Some(index) => documents.tops.push(index),
                None => documents.incomplete = true,
            }
        }
        if documents.incomplete {
            faults.miss_file();
        }
        (!documents.tops.is_empty()).then_some(documents)
    }

    /// Reads one file and what it extends; `from` is the place that names it.
    fn add(
        &mut self,
        path: &Path,
        canonical: PathBuf,
        from: Option<Span>,
        above: &mut Vec<PathBuf>,
        faults: &mut Faults,
    ) -> Option<usize> {
        if let Some(known) = self.all.iter().position(|document| document.canonical == canonical) {
            return Some(known);
        }
        let mut refuse = |message: String| match from {
            Some(span) => faults.at(span, message),
            None => faults.elsewhere(message, None),
        };
        let name = quoted(&path.display().to_string());
        if self.all.len() >= MAX_FILES {
            refuse(format!("{name} is one file too many: a suite has at most {MAX_FILES}"));
            return None;
        }
        let bytes = match read(path) {
            Ok(bytes) => bytes,
            Err(problem) => {
                refuse(format!("{name} {problem}"));
                return None;
            }
        };
        let (file, text) = add_text(path, bytes, faults)?;
        let root = yaml::parse(file, &text, faults)?;
        if !matches!(root.kind, yaml::Kind::Map(_)) {
            faults
                .at(root.span, format!("a suite is a mapping that begins with `suite: NAME`, not {}", root.describe()));
            return None;
        }
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        let index = self.all.len();
        self.all.push(Document {
            path: path.to_path_buf(),
            canonical: canonical.clone(),
            folder,
            root,
            extends: Vec::new(),
        });
        let named = self.all[index].get("extends").map(|node| fields::texts(node, "`extends`", faults));
        above.push(canonical);
        for (target, span) in named.unwrap_or_default() {
            match self.extend(index, &target, span, above, faults) {
                Some(extended) if self.all[index].extends.contains(&extended) => {}
                Some(extended) => self.all[index].extends.push(extended),
                None => self.incomplete = true,
            }
        }
        above.pop();
        Some(index)
    }

    /// Follows one entry of `extends`.
    fn extend(
        &mut self,
        index: usize,
        target: &str,
        span: Span,
        above: &mut Vec<PathBuf>,
        faults: &mut Faults,
    ) -> Option<usize> {
        let relative = Path::new(target);
        let rooted = relative.components().any(|part| matches!(part, Component::RootDir | Component::Prefix(_)));
        if rooted || target.contains("://") || target.contains('\\') {
            let help = Some("name a file by its path from this one, such as `packs/vn.yaml`".to_owned());
            faults.help(span, format!("`extends` takes relative paths, not {}", quoted(target)), help);
            return None;
        }
        let path = self.all[index].folder.join(relative);
        let canonical = match path.canonicalize() {
            Ok(canonical) => canonical,
            Err(error) => {
                faults.at(span, format!("{} {}", quoted(target), reason(&error)));
                return None;
            }
        };
        if !canonical.starts_with(&self.fence) {
            let help = Some("copy it into the folder of the suite, or the one above".to_owned());
            faults.help(span, format!("{} lies outside the suite's folders", quoted(target)), help);
            return None;
        }
        if let Some(at) = above.iter().position(|known| *known == canonical) {
            let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let chain: Vec<String> = above[at..].iter().chain([&canonical]).map(name).collect();
            faults.at(span, format!("`extends` goes round in a circle: {}", chain.join(" -> ")));
            return None;
        }
        if above.len() >= MAX_EXTENDS {
            faults.at(span, format!("more than {MAX_EXTENDS} files extend each other in a row"));
            return None;
        }
        self.add(&path, canonical, Some(span), above, faults)
    }

    /// The files that are only extended, those nearest to a suite first.
    fn extended(&self) -> Vec<usize> {
        let mut found = Vec::new();
        for top in &self.tops {
            for index in self.reach(*top) {
                if !self.tops.contains(&index) && !found.contains(&index) {
                    found.push(index);
                }
            }
        }
        found
    }

    /// A file and all that it extends, itself first.
    fn reach(&self, from: usize) -> Vec<usize> {
        let mut found = vec![from];
        let mut at = 0;
        while let Some(index) = found.get(at).copied() {
            for next in &self.all[index].extends {
                if !found.contains(next) {
                    found.push(*next);
                }
            }
            at += 1;
        }
        found
    }

    /// The tokens that stand for nothing in the datasets of a file: its own, and those of every file of the suites that
    /// it is part of.
    fn missing_tokens(&self, index: usize, faults: &mut Faults) -> BTreeSet<String> {
        let mut tokens = BTreeSet::new();
        for top in &self.tops {
            let reach = self.reach(*top);
            if reach.contains(&index) {
                for other in reach {
                    if let Some(node) = self.all[other].get("missing") {
                        tokens.extend(fields::texts(node, "`missing`", faults).into_iter().map(|(token, _)| token));
                    }
                }
            }
        }
        tokens
    }
}

/// Reads a file up to the limit. Errors are the end of a sentence that begins with the path.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    let file = File::open(path).map_err(|error| reason(&error))?;
    let mut bytes = Vec::new();
    let limit = yaml::MAX_BYTES as u64;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| reason(&error))?;
    if bytes.len() > yaml::MAX_BYTES {
        return Err(format!("is larger than {} MiB; keep long lists in code list files", limit >> 20));
    }
    Ok(bytes)
}

/// Takes in a file as text; what is not UTF-8 is a fault at its place.
fn add_text(path: &Path, bytes: Vec<u8>, faults: &mut Faults) -> Option<(u32, String)> {
    match String::from_utf8(bytes) {
        Ok(text) => Some((faults.add_file(path.to_path_buf(), text.clone()), text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let before = text.get(..at).unwrap_or_default();
            let line = u32::try_from(before.matches('\n').count() + 1).unwrap_or(u32::MAX);
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            let column = u32::try_from(column).unwrap_or(u32::MAX);
            let file = faults.add_file(path.to_path_buf(), text);
            let help = Some("save the file as UTF-8".to_owned());
            faults.help(Span { file, start: at, end: at + 1, line, column }, "this is not UTF-8 text", help);
            None
        }
    }
}

/// Why a file cannot be read, as the end of a sentence that begins with its path.
pub(super) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "does not exist".to_owned(),
        ErrorKind::PermissionDenied => "may not be read: permission denied".to_owned(),
        ErrorKind::IsADirectory => "is a folder, not a file".to_owned(),
        kind => format!("cannot be read: {kind}"),
    }
}

/// The datasets and code lists of all files.
fn names(documents: &Documents, order: &[usize], faults: &mut Faults) -> Names {
    let mut names = Names::default();
    for &index in order {
        let document = &documents.all[index];
        for (section, known) in [("datasets", &mut names.datasets), ("codelists", &mut names.codelists)] {
            let Some(node) = document.get(section) else { continue };
            for (key, _) in fields::entries(node, &format!("`{section}`"), faults).unwrap_or_default() {
                let well = !key.text.is_empty() && key.text.chars().all(|c| c.is_alphanumeric() || "_-".contains(c));
                if !well {
                    let help = "letters, digits, `_` and `-`".to_owned();
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

/// What is said once for the whole.
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
        let moment = |node: &Node, faults: &mut Faults| {
            fields::parsed(node, "`as_of`", "a day or a moment such as 2026-11-01", AsOf::parse, faults)
        };
        // What a nearer file overrules is checked as well.
        for document in &documents.all {
            document.get("as_of").map(|node| moment(node, faults));
            document.get("gate").map(|node| gate::gate(node, faults));
            document.get("bands").map(|node| gate::bands(node, faults));
        }
        Self {
            name: suites.join(" + "),
            title: (!titles.is_empty()).then(|| titles.join(" + ")),
            as_of: setting(documents, "as_of", moment, faults).flatten(),
            gate: setting(documents, "gate", gate::gate, faults),
            bands: setting(documents, "bands", gate::bands, faults),
        }
    }
}

/// A setting as each suite has it: from the nearest file that states it. Suites that state it must agree.
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
                let help = format!("the other stands on line {} of {}", first.line, place.unwrap_or_default());
                faults.help(node.span, format!("two suites state different values of `{name}`"), Some(help));
            }
        }
    }
    found.map(|(value, _)| value)
}

/// Gives ids to the rules that have none, and refuses ids that stand twice.
fn name_rules(mut drafts: Vec<Draft>, faults: &mut Faults) -> Vec<Draft> {
    let mut taken: BTreeMap<String, Span> = BTreeMap::new();
    for draft in &drafts {
        let Some(place) = draft.named else { continue };
        match taken.get(&draft.rule.id).copied() {
            None => {
                taken.insert(draft.rule.id.clone(), place);
            }
            Some(first) => {
                let file = faults.files().get(first.file as usize).map(|file| file.path.display().to_string());
                let help = format!("it stands first on line {} of {}", first.line, file.unwrap_or_default());
                faults.help(place, format!("the id {} stands twice", quoted(&draft.rule.id)), Some(help));
            }
        }
    }
    let mut ids: BTreeSet<String> = taken.into_keys().collect();
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    for draft in drafts.iter_mut().filter(|draft| draft.named.is_none()) {
        let number = numbers.entry(draft.rule.id.clone()).or_insert(0_usize);
        let stem = draft.rule.id.clone();
        loop {
            *number += 1;
            if *number > 1 {
                draft.rule.id = format!("{stem}-{number}");
            }
            if ids.insert(draft.rule.id.clone()) {
                break;
            }
        }
    }
    drafts
}

//! The files of a suite: those that the user names, and all that they extend.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use super::diagnostic::{Faults, Span, quoted};
use super::fields;
use super::file::Inputs;
use super::input::InputRole;
use super::likeness::is_like_a_suite;
use super::values;
use super::yaml::{self, Key, Node};
use crate::files::FileError;
use crate::source::Format;

/// How many files may extend each other in a row.
const MAX_EXTENDS: usize = 16;
/// How many files a suite may have.
const MAX_FILES: usize = 64;

/// The entries of a mapping that may be absent; other nodes were refused when names were collected.
pub(super) fn entries(node: Option<&Node>) -> &[(Key, Node)] {
    match node.map(|node| &node.kind) {
        Some(yaml::Kind::Map(entries)) => entries,
        _ => &[],
    }
}

/// A file that was parsed.
pub(super) struct Document {
    canonical: PathBuf,
    pub(super) folder: PathBuf,
    pub(super) root: Node,
    extends: Vec<usize>,
}

impl Document {
    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        entries(Some(&self.root)).iter().find(|(key, _)| key.text == name).map(|(_, node)| node)
    }
}

/// All files of a suite.
pub(super) struct Documents {
    pub(super) all: Vec<Document>,
    /// Those that the user named.
    pub(super) tops: Vec<usize>,
    /// The files that were read.
    pub(super) inputs: Inputs,
    /// The folder that no `extends` may leave.
    fence: PathBuf,
    /// Whether a file is missing, so that what it declares is not known.
    pub(super) incomplete: bool,
}

impl Documents {
    /// Reads the files and all that they extend. `None` where none of them can be used.
    pub(super) fn open(paths: &[PathBuf], faults: &mut Faults) -> Option<Self> {
        let mut documents = Self {
            all: Vec::new(),
            tops: Vec::new(),
            inputs: Inputs::default(),
            fence: PathBuf::new(),
            incomplete: false,
        };
        if paths.is_empty() {
            faults.elsewhere("no suite is named", None);
        }
        for path in paths {
            let canonical = match path.canonicalize() {
                Ok(canonical) => canonical,
                Err(error) => {
                    faults
                        .elsewhere(format!("{} {}", quoted(&path.display().to_string()), FileError::from(error)), None);
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

    /// Takes in one suite whose text is at hand, as if it were the file at `path`, and reads what it extends.
    pub(super) fn of_text(path: &Path, text: &str, faults: &mut Faults) -> Option<Self> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
        let canonical = folder.join(path.file_name().unwrap_or_default());
        let mut documents = Self {
            all: Vec::new(),
            tops: Vec::new(),
            inputs: Inputs::default(),
            fence: folder.parent().unwrap_or(&folder).to_path_buf(),
            incomplete: false,
        };
        let added = documents.add_text(path, canonical, text.as_bytes().to_vec(), &mut Vec::new(), faults);
        documents.tops.extend(added);
        if added.is_none() {
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
        let refuse_data = |faults: &mut Faults| {
            let message = format!("{name} is not a suite, which begins with `suite: NAME`");
            let help = Some("if it is data, name it in a suite: `datasets: { NAME: { source: FILE } }`".to_owned());
            match from {
                Some(span) => faults.help(span, message, help),
                None => faults.elsewhere(message, help),
            }
        };
        // Some editors save every file as text.
        let is_named_as_data = Format::of_path(path).is_some() && path.extension().is_none_or(|found| found != "txt");
        if is_named_as_data && path.is_file() {
            refuse_data(faults);
            return None;
        }
        let bytes = match self.inputs.read(InputRole::Suite, path, yaml::MAX_BYTES as u64) {
            Ok(bytes) => bytes,
            Err(problem) => {
                let is_large = matches!(problem, FileError::TooLarge { .. });
                let help = if is_large { "; keep long lists in code list files" } else { "" };
                refuse(format!("{name} {problem}{help}"));
                return None;
            }
        };
        if !is_like_a_suite(&String::from_utf8_lossy(&bytes)) {
            refuse_data(faults);
            return None;
        }
        self.add_text(path, canonical, bytes, above, faults)
    }

    /// Takes in the bytes of a file, and reads what it extends.
    fn add_text(
        &mut self,
        path: &Path,
        canonical: PathBuf,
        bytes: Vec<u8>,
        above: &mut Vec<PathBuf>,
        faults: &mut Faults,
    ) -> Option<usize> {
        let (file, text) = add_text(path, bytes, faults)?;
        let root = yaml::parse(file, &text, faults)?;
        if !matches!(root.kind, yaml::Kind::Map(_)) {
            faults
                .at(root.span, format!("a suite is a mapping that begins with `suite: NAME`, not {}", root.describe()));
            return None;
        }
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        let index = self.all.len();
        self.all.push(Document { canonical: canonical.clone(), folder, root, extends: Vec::new() });
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
                faults.at(span, format!("{} {}", quoted(target), FileError::from(error)));
                return None;
            }
        };
        if !canonical.starts_with(&self.fence) {
            let help = Some("copy it into the folder of the suite, or the one above".to_owned());
            faults.help(span, format!("{} is outside the suite's folders", quoted(target)), help);
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
    pub(super) fn extended(&self) -> Vec<usize> {
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
    pub(super) fn reach(&self, from: usize) -> Vec<usize> {
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

    /// The tokens that count as missing in the datasets of a file: its own, and those of every file of the suites that
    /// it is part of.
    pub(super) fn missing_tokens(&self, index: usize, faults: &mut Faults) -> BTreeSet<String> {
        let mut tokens = BTreeSet::new();
        for top in &self.tops {
            let reach = self.reach(*top);
            if reach.contains(&index) {
                for other in reach {
                    if let Some(node) = self.all[other].get("missing") {
                        tokens.extend(values::tokens(node, "`missing`", faults).into_iter().map(|(token, _)| token));
                    }
                }
            }
        }
        tokens
    }
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

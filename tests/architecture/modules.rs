//! The modules of the crate, and which imports from which.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::imports::{Import, Words, imports};
use super::text::{code, without_registries};

/// The path of a module without `crate`: `[engine, local, pass]`; that of `lib.rs` is empty.
pub(super) type ModulePath = Vec<String>;

/// One file.
pub(super) struct Module {
    /// The file, from the source folder on.
    pub(super) file: PathBuf,
    pub(super) imports: Vec<Import>,
    words: Words,
}

/// An import by one module of an item of another.
pub(super) struct Use {
    pub(super) from: ModulePath,
    pub(super) to: ModulePath,
    pub(super) item: String,
    pub(super) line: usize,
}

/// All modules of a crate but those of unit tests.
pub(super) struct Modules(pub(super) BTreeMap<ModulePath, Module>);

impl Modules {
    /// Reads all files of a source folder.
    pub(super) fn read(folder: &Path) -> Self {
        let files = rust_files(folder).into_iter().map(|file| {
            let text = fs::read_to_string(&file).unwrap();
            (file.strip_prefix(folder).unwrap().to_owned(), text)
        });
        Self::of(files)
    }

    fn of(files: impl IntoIterator<Item = (PathBuf, String)>) -> Self {
        let mut modules = BTreeMap::new();
        for (file, text) in files {
            let mut path: ModulePath = file
                .with_extension("")
                .components()
                .map(|part| part.as_os_str().to_str().unwrap().to_owned())
                .collect();
            let last = path.last().map_or("", String::as_str);
            // The program only calls the library, and modules called `tests` are unit tests.
            if ["main", "tests"].contains(&last) {
                continue;
            }
            if ["mod", "lib"].contains(&last) {
                path.pop();
            }
            let code = without_registries(&code(&text));
            modules.insert(path, Module { file, imports: imports(&code), words: Words::of(&code) });
        }
        Self(modules)
    }

    /// The module and the item that a path means to a module; `None` of other crates and of names of the module itself.
    fn resolve(&self, from: &[String], path: &[String], depth: u32) -> Option<(ModulePath, String)> {
        let full = match path[0].as_str() {
            "crate" => path[1..].to_vec(),
            "self" => [from, &path[1..]].concat(),
            "super" => {
                let up = path.iter().take_while(|word| *word == "super").count();
                [&from[..from.len().checked_sub(up)?], &path[up..]].concat()
            }
            child if self.0.contains_key([from, &[child.to_owned()]].concat().as_slice()) => [from, path].concat(),
            _ => return None,
        };
        let length = (0..=full.len()).rev().find(|length| self.0.contains_key(&full[..*length]))?;
        let to = full[..length].to_vec();
        let Some(item) = full.get(length) else { return Some((to, String::new())) };
        let module = &self.0[&to];
        // What a module hands on is imported from where it is defined.
        let defined_elsewhere = || {
            let named = module.imports.iter().filter(|import| import.name.as_ref() == Some(item));
            let named = named.filter_map(|import| self.resolve(&to, &import.path, depth + 1));
            let all = module.imports.iter().filter(|import| import.name.as_deref() == Some("*"));
            let all = all.filter_map(|import| {
                let (origin, _) = self.resolve(&to, &import.path, depth + 1)?;
                self.0[&origin].words.defines(item).then(|| (origin, item.clone()))
            });
            named.chain(all).find(|(origin, _)| *origin != to)
        };
        if depth < 8
            && !module.words.defines(item)
            && let Some(found) = defined_elsewhere()
        {
            return Some(found);
        }
        Some((to, item.clone()))
    }

    /// Every import from another module, but for names that a module only hands on from its children or lists in a registry.
    pub(super) fn uses(&self) -> Vec<Use> {
        let mut uses = Vec::new();
        for (from, module) in &self.0 {
            for import in &module.imports {
                let Some((to, item)) = self.resolve(from, &import.path, 0) else { continue };
                let is_used = import.name.as_ref().is_none_or(|name| name == "*" || module.words.occurrences(name) > 1);
                if to != *from && (is_used || !to.starts_with(from)) {
                    uses.push(Use { from: from.clone(), to, item, line: import.line });
                }
            }
        }
        uses
    }

    /// Paths into other crates, with the file and line of each.
    pub(super) fn foreign(&self) -> impl Iterator<Item = (&Path, &Import)> {
        self.0.iter().flat_map(move |(from, module)| {
            let imports = module.imports.iter().filter(move |import| self.resolve(from, &import.path, 0).is_none());
            imports.map(|import| (module.file.as_path(), import))
        })
    }

    /// The folders of modules under a folder, and the folder itself.
    pub(super) fn folders(&self, under: &[String]) -> BTreeSet<ModulePath> {
        let parents = self.0.keys().filter(|path| path.len() > under.len() && path.starts_with(under));
        parents.flat_map(|path| (under.len()..path.len()).map(|length| path[..length].to_vec())).collect()
    }
}

/// All Rust files in a folder and its folders.
pub(super) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// Modules of files that are written here.
#[cfg(test)]
pub(super) fn modules_of(files: &[(&str, &str)]) -> Modules {
    Modules::of(files.iter().map(|(file, text)| (PathBuf::from(file), (*text).to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The imports of some files, as `from > to::item`.
    fn uses(files: &[(&str, &str)]) -> Vec<String> {
        let uses = modules_of(files).uses();
        uses.iter().map(|used| format!("{} > {}::{}", used.from.join("::"), used.to.join("::"), used.item)).collect()
    }

    #[test]
    fn paths_are_found_from_the_root_from_the_parent_and_from_a_module_itself() {
        let files = [
            ("lib.rs", "pub mod a; pub mod b;"),
            ("a/mod.rs", "mod c; mod d; fn f() { c::run(); self::d::run() } pub struct Own;"),
            ("a/c.rs", "use super::{Own, d::D}; use crate::b::{self, e::{E, F}};"),
            ("a/d.rs", "fn f() -> super::super::b::B { std::fs::read() }"),
            ("b/mod.rs", "pub mod e; pub struct B;"),
            ("b/e.rs", "#[cfg(test)] mod tests { use crate::a::Own; }"),
            ("b/tests.rs", "use crate::a::Own;"),
        ];
        let expected = [
            "a > a::c::run",
            "a > a::d::run",
            "a::c > a::Own",
            "a::c > a::d::D",
            "a::c > b::",
            "a::c > b::e::E",
            "a::c > b::e::F",
            "a::d > b::B",
        ];
        assert_eq!(uses(&files), expected);
    }

    #[test]
    fn what_is_handed_on_is_imported_from_where_it_is_defined() {
        let files = [
            ("lib.rs", ""),
            ("a/mod.rs", "mod b; mod c; pub use b::B; pub use c::C; use b::Other; fn f(x: Other) {}"),
            ("a/b.rs", "use super::C; pub struct B; pub struct Other;"),
            ("a/c.rs", "pub struct C;"),
            ("d.rs", "use crate::a::{B, C};"),
        ];
        assert_eq!(uses(&files), ["a > a::b::Other", "a::b > a::c::C", "d > a::b::B", "d > a::c::C"]);
    }

    #[test]
    fn paths_into_other_crates_are_told_from_modules_of_the_same_name() {
        let modules = modules_of(&[
            ("engine/mod.rs", "mod polars; fn f() { polars::Polars }"),
            ("engine/polars/mod.rs", "use polars::frame::X;"),
        ]);
        let foreign: Vec<_> =
            modules.foreign().map(|(file, import)| (file.to_owned(), import.path.join("::"))).collect();
        assert_eq!(foreign, [(PathBuf::from("engine/polars/mod.rs"), "polars::frame::X".to_owned())]);
    }
}

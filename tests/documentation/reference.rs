//! The pages under `docs/reference`, made from the registries, from `--help` and from the JSON Schemas.
//!
//! The committed pages are compared with what the program says now. `UPDATE=1` writes them again, with their lines in
//! `SUMMARY.md`.

mod checks;
mod commands;
mod formats;
mod markdown;
mod names;
mod results;
pub(super) mod suites;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use super::{page, pages};
use crate::support::repository::root;

/// The reference: the text of each page by its path under `docs`.
#[derive(Default)]
struct Reference {
    pages: BTreeMap<String, String>,
    /// The pages below another one in the table of contents: its path, then title and path of each.
    below: Vec<(String, Vec<(String, String)>)>,
}

impl Reference {
    fn add(&mut self, path: &str, text: &str) {
        let text = format!(
            "<!-- Made by tests/documentation/reference.rs. Do not edit: UPDATE=1 cargo test writes it. -->\n\n{}\n",
            text.trim()
        );
        assert!(self.pages.insert(path.to_owned(), text).is_none(), "two pages {path}");
    }

    fn below(&mut self, path: &str, pages: Vec<(String, String)>) {
        self.below.push((path.to_owned(), pages));
    }
}

fn reference() -> Reference {
    let mut reference = Reference::default();
    suites::add(&mut reference);
    checks::add(&mut reference);
    names::add(&mut reference);
    commands::add(&mut reference);
    formats::add(&mut reference);
    results::add(&mut reference);
    reference
}

/// The table of contents with the pages that belong below others.
fn summary(reference: &Reference) -> String {
    let mut summary = String::new();
    let depth = |line: &str| line.len() - line.trim_start().len();
    let old = page("docs/SUMMARY.md");
    let mut lines = old.lines().peekable();
    while let Some(line) = lines.next() {
        writeln!(summary, "{line}").unwrap();
        let Some((_, below)) = reference.below.iter().find(|(path, _)| line.ends_with(&format!("({path})"))) else {
            continue;
        };
        while lines.peek().is_some_and(|next| depth(next) > depth(line)) {
            lines.next();
        }
        for (title, path) in below {
            writeln!(summary, "{}  - [{title}]({path})", " ".repeat(depth(line))).unwrap();
        }
    }
    summary
}

#[test]
fn the_reference_says_what_the_program_says() {
    let reference = reference();
    let mut wanted: BTreeMap<String, String> =
        reference.pages.iter().map(|(path, text)| (format!("docs/{path}"), text.clone())).collect();
    wanted.insert("docs/SUMMARY.md".to_owned(), summary(&reference));
    let written: BTreeMap<String, String> = pages()
        .into_iter()
        .filter(|(name, _)| name.starts_with("docs/reference/") || name == "docs/SUMMARY.md")
        .collect();
    if std::env::var_os("UPDATE").is_some_and(|update| update == "1") {
        for name in written.keys().filter(|name| !wanted.contains_key(*name)) {
            fs::remove_file(root().join(name)).unwrap();
        }
        for (name, text) in &wanted {
            fs::create_dir_all(root().join(name).parent().unwrap()).unwrap();
            fs::write(root().join(name), text).unwrap();
        }
        return;
    }
    let names: Vec<&String> = wanted.keys().collect();
    assert_eq!(written.keys().collect::<Vec<_>>(), names, "UPDATE=1 makes the pages of the reference");
    let old: Vec<&&String> = names.iter().filter(|name| wanted[**name] != written[**name]).collect();
    assert!(old.is_empty(), "these pages are not what the program says; UPDATE=1 writes them again: {old:?}");
}

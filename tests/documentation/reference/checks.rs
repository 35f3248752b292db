//! A page for each check, and one that lists them.

use std::fmt::Write as _;

use passmuster::checks::{CHECKS, Check, Shorthand};
use passmuster::model::Dimension;

use super::Reference;
use super::markdown::{cell, code, prose, table};
use crate::support::program::{code as exit_code, run, stdout};
use crate::support::repository::root;

pub(super) fn add(reference: &mut Reference) {
    reference.add("reference/checks.md", &list());
    let path = |check: &Check| format!("reference/checks/{}.md", check.name());
    for check in CHECKS {
        reference.add(&path(check), &page(check));
    }
    let below = CHECKS.iter().map(|check| (check.name().to_owned(), path(check))).collect();
    reference.below("reference/checks.md", below);
}

fn list() -> String {
    let mut text = "# Checks\n\nA rule of a suite names a check. `passmuster explain CHECK` prints the same pages. How checks count is in \
                    [the rule language](../rules.md#what-a-rule-counts).\n"
        .to_owned();
    for dimension in Dimension::ALL {
        let checks = CHECKS.iter().filter(|check| check.dimension() == dimension);
        let row = |check: &&Check| {
            [format!("[`{0}`](checks/{0}.md)", check.name()), short_form(check), cell(&prose(check.summary()))]
        };
        write!(
            text,
            "\n## {}\n\n{}",
            capital(dimension.name()),
            table(["check", "under a column", "what it asks"], checks.map(row))
        )
        .unwrap();
    }
    text
}

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

fn short_form(check: &Check) -> String {
    match check.shorthand() {
        Shorthand::None => String::new(),
        Shorthand::Flag => code(&format!("{}: true", check.name())),
        Shorthand::Param(param) => code(&format!("{}: {}", check.name(), param.to_uppercase())),
    }
}

/// What a parameter takes, as `explain` says it.
fn takes(explained: &str, parameter: &str) -> String {
    let line = explained.lines().find_map(|line| line.strip_prefix(&format!("  {parameter} ("))).unwrap();
    let mut open = 1;
    let end = line.char_indices().find(|(_, c)| {
        open += i32::from(*c == '(') - i32::from(*c == ')');
        open == 0
    });
    let takes = &line[..end.unwrap().0];
    takes.strip_suffix(", required").unwrap_or(takes).to_owned()
}

fn page(check: &Check) -> String {
    let name = check.name();
    let explained = run(root(), &["explain", name]);
    assert_eq!(exit_code(&explained), 0);
    let explained = stdout(&explained);
    let mut text = format!("# `{name}`\n\n{}.\n\n", capital(&prose(check.summary())));
    let mut facts = vec![["dimension".to_owned(), check.dimension().name().to_owned()]];
    if check.shorthand() != Shorthand::None {
        facts.push(["under a column".to_owned(), short_form(check)]);
    }
    facts.push(["takes `where`".to_owned(), if check.takes_condition() { "yes" } else { "no" }.to_owned()]);
    text += &table(["", ""], facts);
    if !check.params().is_empty() {
        let rows = check.params().iter().map(|param| {
            let required = if param.required { "required" } else { "" };
            [
                code(param.name),
                cell(&prose(&takes(&explained, param.name))),
                required.to_owned(),
                cell(&prose(param.doc)),
            ]
        });
        write!(text, "\n{}", table(["parameter", "takes", "", "meaning"], rows)).unwrap();
    }
    let body = check.page().trim();
    let body = body.strip_prefix(&format!("# {name}")).unwrap_or(body);
    text + "\n" + body.trim() + "\n"
}

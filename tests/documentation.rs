//! The README and `docs/` say what the program does: lists are complete, commands run, links lead somewhere.

mod blocks;
mod commands;
mod examples;
mod links;
mod reference;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use passmuster::checks::{CHECKS, ParamKind, Shorthand};
use passmuster::engine::ENGINES;
use passmuster::model::{AggregateFunction, DataType, Dimension, Function};
use passmuster::report::FORMATS;
use passmuster::source;
use regex::Regex;

use crate::support::program::{code, commands, run, stdout};
use crate::support::repository::root;

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// The pages for readers, each with its text, by their paths from the root.
fn pages() -> BTreeMap<String, String> {
    fn add(folder: &Path, pages: &mut BTreeMap<String, String>) {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                add(&path, pages);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                pages.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut pages: BTreeMap<String, String> =
        ["README.md", "CONTRIBUTING.md"].into_iter().map(|name| (name.to_owned(), page(name))).collect();
    add(&root().join("docs"), &mut pages);
    pages
}

/// The rows of the Markdown table with this head, cell by cell.
fn table(page: &str, head: &str) -> Vec<Vec<String>> {
    let mut lines =
        page.lines().skip_while(|line| *line != head).skip(2).take_while(|line| line.starts_with('|')).peekable();
    assert!(lines.peek().is_some(), "there is no table {head}");
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    lines.map(cells).collect()
}

/// The texts in backticks, each by itself.
fn code_in(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    items.into_iter().collect()
}

fn help(command: &[&str]) -> String {
    let output = run(root(), &[command, &["--help"]].concat());
    assert_eq!(code(&output), 0);
    stdout(&output)
}

/// The lines of a section of `--help`.
fn section<'h>(help: &'h str, title: &str) -> Vec<&'h str> {
    let lines = help.lines().skip_while(|line| *line != title).skip(1);
    lines.take_while(|line| !line.is_empty()).map(str::trim).collect()
}

/// The options of a command. Those of every command are left out.
fn options(command: &str) -> Vec<String> {
    let option = Regex::new(r"(?m)^ {2,6}(?:-\w, +)?(--[a-z][a-z-]*)").unwrap();
    let help = help(&[command]);
    let found = option.captures_iter(&help).map(|found| found[1].to_owned());
    found.filter(|option| !["--help", "--color"].contains(&option.as_str())).collect()
}

#[test]
fn the_readme_lists_every_check_under_its_dimension() {
    let rows = table(&page("README.md"), "| dimension | checks |");
    assert_eq!(rows.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), Dimension::ALL.map(Dimension::name));
    for row in &rows {
        let checks = CHECKS.iter().filter(|check| check.dimension().name() == row[0]).map(|check| check.name());
        let listed = code_in(&row[1]);
        assert_eq!((set(listed.iter().copied()), listed.len()), (set(checks.clone()), checks.count()), "{}", row[0]);
    }
}

#[test]
fn the_language_lists_every_check_with_its_parameters() {
    let rules = page("docs/rules.md");
    let rows = table(&rules, "| check | parameters | short form | dimension |");
    let listed: Vec<&str> = rows.iter().flat_map(|row| code_in(&row[0])).collect();
    assert_eq!(
        (set(listed.iter().copied()), listed.len()),
        (set(CHECKS.iter().map(|check| check.name())), CHECKS.len())
    );
    let is_word = |c: char| c.is_ascii_lowercase() || c == '_';
    for check in CHECKS {
        let name = check.name();
        let row = rows.iter().find(|row| code_in(&row[0]).contains(&name)).unwrap();
        assert_eq!(row[3], check.dimension().name(), "{name}");
        let words: Vec<&str> = code_in(&row[1]).into_iter().flat_map(|code| code.split(|c| !is_word(c))).collect();
        for param in check.params() {
            assert!(words.contains(&param.name), "{name}: {} is not listed", param.name);
        }
        // A short form is an example: `check: VALUE`.
        let has_short_form = check.shorthand() != Shorthand::None;
        assert_eq!(!row[2].is_empty(), has_short_form, "{name}: {}", row[2]);
        let example = row[2].trim_matches('`').split(':').next().unwrap_or_default();
        assert!(!has_short_form || code_in(&row[0]).contains(&example), "{name}: {example}");
    }
    let short = rules.split_once("These checks have a short form: ").unwrap().1.split_once('.').unwrap().0;
    let with_short_form = CHECKS.iter().filter(|check| check.shorthand() != Shorthand::None);
    assert_eq!(set(code_in(short)), set(with_short_form.map(|check| check.name())));
}

#[test]
fn the_language_lists_every_function() {
    let rules = page("docs/rules.md");
    let expressions = rules.split_once("## Expressions").unwrap().1;
    let parentheses = Regex::new(r"\([^)]*\)").unwrap();
    let (mut of_rows, mut of_datasets) = (BTreeSet::new(), BTreeSet::new());
    for row in table(expressions, "| | |") {
        let names = parentheses.replace_all(code_in(&row[1])[0], "").into_owned();
        let names = names.split_whitespace().map(str::to_owned);
        if row[0].starts_with("aggregates") { of_datasets.extend(names) } else { of_rows.extend(names) }
    }
    // Two mean the date of the audit, and are filled in before anything is measured.
    let functions = Function::ALL.iter().map(|(_, name)| *name).chain(["as_of", "today"]);
    assert_eq!(of_rows, set(functions.map(str::to_owned)));
    assert_eq!(of_datasets, set(AggregateFunction::ALL.iter().map(|(_, name)| (*name).to_owned())));
}

#[test]
fn the_page_of_formats_lists_every_extension_and_type() {
    let formats = page("docs/formats.md");
    let sentence = formats.split_once("comes from the extension (").unwrap().1.split_once(')').unwrap().0;
    let listed: BTreeSet<&str> = code_in(sentence)
        .into_iter()
        .flat_map(str::split_whitespace)
        .map(|name| name.trim_start_matches('.'))
        .collect();
    assert_eq!(listed, set(source::FORMATS.iter().flat_map(|format| format.extensions.iter().copied())));
    let types = table(&formats, "| type | parses | does not parse |");
    let listed = set(types.iter().flat_map(|row| row[0].split(", ")));
    // Every value is a text.
    assert_eq!(listed, set(DataType::ALL.iter().map(|kind| kind.name()).filter(|name| *name != "text")));
}

#[test]
fn the_language_lists_every_option_of_a_format() {
    let rules = page("docs/rules.md");
    let rows = table(rules.split_once("## Datasets").unwrap().1, "| key | |");
    let row = rows.iter().find(|row| row[0] == "`source`").unwrap();
    let options = source::FORMATS.iter().flat_map(|format| format.options).map(|option| option.name);
    let listed = set(code_in(&row[1]).into_iter().filter(|code| *code != "-"));
    let common = source::COMMON_OPTIONS.iter().map(|option| option.name);
    assert_eq!(listed, set(options.chain(common).chain(["path", "format"])));
}

#[test]
fn the_readme_lists_every_command_and_every_format() {
    let readme = page("README.md");
    let rows = table(readme.split_once("## Commands").unwrap().1, "| | |");
    let command = |row: &Vec<String>| code_in(&row[0])[0].split_whitespace().nth(1).unwrap().to_owned();
    assert_eq!(set(rows.iter().map(command)), set(commands()));
    let formats = readme.split_once("Reports are written as ").unwrap().1.split_once('(').unwrap().0;
    assert_eq!(code_in(formats), FORMATS.iter().map(|format| format.name()).collect::<Vec<_>>());
}

#[test]
fn the_readme_lists_every_exit_code() {
    let rows = table(&page("README.md"), "| exit code | |");
    let listed: Vec<&str> = rows.iter().flat_map(|row| row[0].split(", ")).collect();
    let help = help(&[]);
    let codes: Vec<&str> =
        section(&help, "Exit codes:").into_iter().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(listed, codes);
}

#[test]
fn the_page_lists_every_environment_variable() {
    let rows = table(&page("docs/environment.md"), "| environment variable | |");
    let listed = set(rows.iter().flat_map(|row| code_in(&row[0])));
    let code = page("src/cli/color.rs") + page("src/cli/ci_system.rs").split("#[cfg(test)]").next().unwrap();
    let variable = Regex::new(r#"(?:variable|is_true)\("([A-Z_]+)"\)"#).unwrap();
    let read = variable.captures_iter(&code).map(|found| found.extract::<1>().1[0]);
    // The standard library reads the folder for temporary files.
    assert_eq!(listed, set(read.chain(["TMPDIR"])));
}

#[test]
fn the_page_of_engines_names_every_engine() {
    let engines = page("docs/engine.md");
    for engine in ENGINES {
        let name = engine.name();
        let is_named = [format!("`\"engine\": \"{name}\"`"), format!("--engine {name}")];
        assert!(is_named.iter().any(|form| engines.contains(form)), "docs/engine.md does not name {name}");
    }
}

/// Commands in the pages have options that exist.
#[test]
fn commands_in_the_pages_can_be_typed() {
    let call = Regex::new(r"passmuster ([a-z]+)((?: [^`|\n]*)?)").unwrap();
    let option = Regex::new(r"(?:^| )(--[a-z][a-z-]*)").unwrap();
    let commands = commands();
    let mut found = 0;
    for (name, text) in pages() {
        let text = text.replace("\\\n", " ");
        for call in call.captures_iter(&text).filter(|call| commands.iter().any(|command| *command == call[1])) {
            let known = options(&call[1]);
            for option in option.captures_iter(&call[2]) {
                found += 1;
                let exists = option[1] == *"--color" || known.iter().any(|known| *known == option[1]);
                assert!(exists, "{name}: passmuster {} has no option {}", &call[1], &option[1]);
            }
        }
    }
    assert!(found > 10, "{found} options");
}

#[test]
fn the_page_of_spreadsheets_lists_every_column() {
    let rows = table(&page("docs/spreadsheet.md"), "| column | meaning |");
    let listed: Vec<&str> = rows.iter().flat_map(|row| code_in(&row[0])).collect();
    let report = stdout(&run(root(), &["audit", "rules/beers.yaml", "--quiet", "--format", "csv"]));
    assert_eq!(listed, report.lines().next().unwrap().split(',').collect::<Vec<_>>());
}

#[test]
fn the_language_lists_every_key() {
    let rules = page("docs/rules.md");
    for (part, heading) in
        [("suite", "## The file"), ("dataset", "## Datasets"), ("rule", "## Rules\n"), ("waive", "### A fault that")]
    {
        let rows = table(rules.split_once(heading).unwrap().1, "| key | |");
        let listed = set(rows.iter().flat_map(|row| code_in(&row[0])).map(str::to_owned));
        assert_eq!(listed, reference::suites::keys_of(part), "{heading}");
    }
}

/// The words that a field of a result may be.
fn words(name: &str) -> BTreeSet<String> {
    let schema = reference::suites::schema("result");
    let forms = schema["definitions"][name]["oneOf"].as_array().unwrap();
    forms.iter().map(|form| form["const"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_pages_list_every_outcome() {
    let scores = table(&page("docs/scores.md"), "| status | |");
    let listed = set(scores.iter().flat_map(|row| row[0].split(", ")).map(|name| name.replace(' ', "_")));
    assert_eq!(listed, words("Status"));
    let columns = table(&page("docs/spreadsheet.md"), "| column | meaning |");
    for (column, name) in [("verdict", "Verdict"), ("dataset_status", "DatasetStatus"), ("status", "Status")] {
        let row = columns.iter().find(|row| code_in(&row[0]) == [column]).unwrap();
        assert_eq!(set(code_in(&row[1]).into_iter().map(str::to_owned)), words(name), "{column}");
    }
}

/// What `allow`, `detectors` and the like can name.
#[test]
fn the_page_of_a_check_describes_every_word() {
    for check in CHECKS {
        let lists = check.params().iter().filter_map(|param| match param.kind {
            ParamKind::Words(words) => Some(words),
            _ => None,
        });
        for word in lists.flatten() {
            assert!(
                check.page().contains(&format!("`{word}`")),
                "the page of {} does not describe {word}",
                check.name()
            );
        }
    }
}

#[test]
fn the_page_on_personal_data_lists_the_checks_before_data_is_handed_over() {
    let rows = table(&page("docs/personal-data.md"), "| check | asks |");
    let shared = CHECKS.iter().filter(|check| check.dimension() == Dimension::Shared);
    assert_eq!(set(rows.iter().map(|row| code_in(&row[0])[0])), set(shared.map(|check| check.name())));
}

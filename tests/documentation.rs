//! Lists in the README and in `docs/` say what the registries and the command line say.

use std::collections::BTreeSet;
use std::fs;

use passmuster::checks::{CHECKS, Shorthand};
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

/// The options of a command, each with its short form where it has one. Those of every command are left out.
fn options(command: &str) -> Vec<(Option<String>, String)> {
    let option = Regex::new(r"(?m)^ {2,6}(?:(-\w), +)?(--[a-z][a-z-]*)").unwrap();
    let help = help(&[command]);
    let found = option.captures_iter(&help).map(|found| {
        let short = found.get(1).map(|short| short.as_str().to_owned());
        (short, found[2].to_owned())
    });
    found.filter(|(_, long)| !["--help", "--color"].contains(&long.as_str())).collect()
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
    assert_eq!(listed, set(options.chain(["path", "format"])));
}

#[test]
fn the_readme_lists_every_command_and_every_option_of_audit() {
    let readme = page("README.md");
    let rows = table(readme.split_once("## Commands").unwrap().1, "| | |");
    let command = |row: &Vec<String>| code_in(&row[0])[0].split_whitespace().nth(1).unwrap().to_owned();
    assert_eq!(set(rows.iter().map(command)), set(commands()));
    let audit = &rows.iter().find(|row| command(row) == "audit").unwrap()[1];
    let listed: BTreeSet<&str> = code_in(audit)
        .into_iter()
        .filter_map(|code| code.split_whitespace().next())
        .filter(|word| word.starts_with('-'))
        .collect();
    let options = options("audit");
    let known = |word: &str| options.iter().any(|(short, long)| long == word || short.as_deref() == Some(word));
    assert!(listed.iter().all(|word| known(word)), "{listed:?}");
    for (short, long) in &options {
        let is_listed =
            listed.contains(long.as_str()) || short.as_ref().is_some_and(|short| listed.contains(short.as_str()));
        assert!(is_listed, "README.md does not list {long}");
    }
    for format in FORMATS {
        assert!(
            code_in(audit).iter().any(|code| code.ends_with(format.name())),
            "README.md does not list {}",
            format.name()
        );
    }
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
fn the_readme_lists_every_environment_variable() {
    let readme = page("README.md");
    let rows = table(&readme, "| environment variable | |");
    let listed = set(rows.iter().flat_map(|row| code_in(&row[0])));
    let code = page("src/cli/color.rs");
    let variable = Regex::new(r#"variable\("([A-Z_]+)"\)"#).unwrap();
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
    let mut pages = vec!["README.md".to_owned(), "CONTRIBUTING.md".to_owned()];
    for entry in fs::read_dir(root().join("docs")).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned());
        }
    }
    let mut found = 0;
    for name in pages {
        let text = page(&name).replace("\\\n", " ");
        for call in call.captures_iter(&text).filter(|call| commands.iter().any(|command| *command == call[1])) {
            let known = options(&call[1]);
            for option in option.captures_iter(&call[2]) {
                found += 1;
                let exists = option[1] == *"--color" || known.iter().any(|(_, long)| *long == option[1]);
                assert!(exists, "{name}: passmuster {} has no option {}", &call[1], &option[1]);
            }
        }
    }
    assert!(found > 10, "{found} options");
}

//! Suites as users write them: what is read, and what each mistake is told at its place.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use passmuster::checks::CHECKS;
use passmuster::model::{AsOf, DataType, Dimension, Score, Severity, Threshold};
use passmuster::rules::{
    Diagnostic, Diagnostics, InputRole, Level, LoadOptions, Schemas, Written, lint, load, suite_schema,
};
use passmuster::source::{Options, SourceColumn};

use crate::support::audits::{self, ALL_MEMORY};
use crate::support::folder::Folder;
use crate::support::repository::{root, shipped_suites};

/// A folder of suite files.
struct SuiteFolder(Folder);

impl SuiteFolder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(Folder::new());
        for (name, text) in files {
            folder.0.write(folder.path(name), text);
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        // One folder down, so that the folder above the suite is the test's own as well.
        self.0.path("suite").join(name)
    }

    fn load(&self, names: &[&str], options: &LoadOptions) -> Result<Written, Diagnostics> {
        load(&names.iter().map(|name| self.path(name)).collect::<Vec<_>>(), options)
    }
}

fn options() -> LoadOptions {
    audits::options(ALL_MEMORY, &[], 1).load
}

fn read(text: &str) -> Result<Written, Diagnostics> {
    SuiteFolder::new(&[("suite.yaml", text)]).load(&["suite.yaml"], &options())
}

fn faults(text: &str) -> Diagnostics {
    read(text).expect_err("the suite is bad")
}

fn suite(text: &str) -> Written {
    read(text).unwrap_or_else(|faults| panic!("{faults}"))
}

/// The only fault of a suite: line, column, message, help.
fn only(text: &str) -> (u32, u32, String, String) {
    let found = faults(text);
    assert_eq!(found.len(), 1, "{found}");
    place(found.iter().next().unwrap())
}

fn place(fault: &Diagnostic) -> (u32, u32, String, String) {
    let (line, column) = fault.span().map_or((0, 0), |span| (span.line, span.column));
    (line, column, fault.message.clone(), fault.help.clone().unwrap_or_default())
}

#[track_caller]
fn assert_only(text: &str, line: u32, column: u32, message: &str, help: &str) {
    let found = only(text);
    assert_eq!((found.0, found.1), (line, column), "{found:?}");
    assert!(found.2.contains(message), "{found:?}");
    assert!(found.3.contains(help), "{found:?}");
}

/// A suite around the keys of one rule, of which the first stands on line 6, column 9.
fn rule(keys: &str) -> String {
    format!(
        "suite: s\ndatasets:\n  people:\n    source: people.csv\n    rules:\n      - {}\n",
        keys.replace('\n', "\n        ")
    )
}

/// A suite around one column, whose keys stand on line 6 after `      name: `.
fn column(keys: &str) -> String {
    format!("suite: s\ndatasets:\n  people:\n    source: people.csv\n    columns:\n      name: {keys}\n")
}

struct Stored(Vec<(&'static str, Vec<SourceColumn>)>);

impl Schemas for Stored {
    fn columns(&self, dataset: &str) -> Option<&[SourceColumn]> {
        self.0.iter().find(|(name, _)| *name == dataset).map(|(_, columns)| columns.as_slice())
    }

    fn inner_columns(&self, _: &str) -> &[SourceColumn] {
        &[]
    }
}

fn stored(columns: &[(&str, &str, Option<DataType>)]) -> Vec<SourceColumn> {
    columns
        .iter()
        .map(|(name, stored, data_type)| SourceColumn {
            name: (*name).to_owned(),
            stored: (*stored).to_owned(),
            data_type: *data_type,
        })
        .collect()
}

#[test]
fn unknown_check() {
    assert_only(&rule("check: matchs\ncolumn: name"), 6, 16, "unknown check `matchs`", "did you mean `matches`?");
}

#[test]
fn rule_without_check() {
    assert_only(&rule("unique: [name]"), 6, 9, "no `check`", "check: unique");
}

#[test]
fn unknown_key_of_a_rule() {
    assert_only(
        &rule("check: unique\ncolumns: name\nseverty: major"),
        8,
        9,
        "unknown parameter `severty` of `unique`",
        "did you mean `severity`?",
    );
}

#[test]
fn unknown_key_of_a_column() {
    assert_only(&column("{ requred: true }"), 6, 15, "`requred`", "did you mean `required`?");
}

#[test]
fn check_without_short_form() {
    assert_only(&column("{ expect: a > b }"), 6, 15, "no short form", "- { check: expect, that: … }");
}

#[test]
fn unknown_key_of_the_suite() {
    assert_only(
        "suite: s\ndataset:\n  a: { source: a.csv }\ndatasets:\n  b: { source: b.csv }\n",
        2,
        1,
        "unknown key `dataset` in a suite",
        "`datasets`",
    );
}

#[test]
fn unknown_key_of_a_dataset() {
    assert_only(
        "suite: s\ndatasets:\n  a:\n    source: a.csv\n    colums: {}\n",
        5,
        5,
        "unknown key `colums` in the dataset `a`",
        "`columns`",
    );
}

#[test]
fn unknown_dataset_in_a_rule() {
    let text = "suite: s\ndatasets:\n  people:\n    source: a.csv\n  cards:\n    source: b.csv\n    rules:\n      - check: exists_in\n        columns: id\n        dataset: peopel\n        key: id\n";
    assert_only(text, 10, 18, "unknown dataset `peopel`", "did you mean `people`?");
}

#[test]
fn unknown_code_list() {
    let text = "suite: s\ncodelists:\n  provinces: { values: [A] }\ndatasets:\n  people:\n    source: a.csv\n    columns:\n      p: { allowed: { codelist: province } }\n";
    assert_only(text, 8, 33, "unknown code list `province`", "did you mean `provinces`?");
}

#[test]
fn missing_parameter() {
    assert_only(&rule("check: matches\ncolumn: updated_at"), 6, 9, "`matches` needs `pattern`", "pattern: ");
}

#[test]
fn parameters_of_the_wrong_kind() {
    let text = rule("check: fresh\ncolumn: a\nwithin: soon");
    let text = text.replace("    rules:", "    columns: { a: { type: date } }\n    rules:");
    assert_only(&text, 9, 17, "`within` takes a length of time", "");
    assert_only(&rule("check: row_count\nmin: many"), 7, 14, "`min` takes a whole number from 0, not `many`", "");
    assert_only(&rule("check: row_count\nmin: [1]"), 7, 14, "`min` takes a single value, not a list", "");
    assert_only(&rule("check: unique\ncolumns: { a: b }"), 7, 18, "not a mapping", "");
    assert_only(&rule("check: type\ncolumn: a\nas: numbr"), 8, 13, "`as` does not take `numbr`", "");
    assert_only(&rule("check: range\ncolumn: a\nwithin: '5'"), 8, 17, "`within` takes `0..120`", "");
    assert_only(&rule("check: length\ncolumn: a\nwithin: a..5"), 8, 17, "whole numbers", "");
    assert_only(&rule("check: length\ncolumn: a\nwithin: 2-50"), 8, 17, "`2..50`, `..50`, `2..` or `12`", "");
    assert_only(&rule("check: columns\npresent: [a]\norder: yes"), 8, 16, "`true` or `false`, not `yes`", "");
    assert_only(
        &rule("check: agrees\nwith: people\ncompare: { a: { to: b, as: foldd } }\non: c"),
        8,
        36,
        "`foldd`",
        "`folded`",
    );
}

#[test]
fn common_keys_of_the_wrong_kind() {
    assert_only(&rule("check: unique\ncolumns: a\nseverity: sever"), 8, 19, "`sever`", "");
    assert_only(&rule("check: unique\ncolumns: a\ndimension: corect"), 8, 20, "`corect`", "`correct`");
    assert_only(&rule("check: unique\ncolumns: a\nweight: 0"), 8, 17, "1 to 1000", "");
    assert_only(&rule("check: unique\ncolumns: a\nat_least: 101%"), 8, 19, "99.5%", "");
    assert_only(&rule("check: unique\ncolumns: a\nat_least: 9%\nat_most: 1%"), 9, 9, "exclude each other", "");
    assert_only(&rule("check: unique\ncolumns: a\nid: No Spaces"), 8, 13, "`No Spaces` is not an id", "lower-case");
    let whole = "judges the dataset as a whole: it takes no `segment`";
    assert_only(&rule("check: row_count\nmin: 1\nsegment: b"), 8, 18, whole, "");
    assert_only(&rule("check: well_formed\nsegment: b"), 7, 18, whole, "");
    assert_only(&rule("check: unique\ncolumns: a\nsegment: [b, b]"), 8, 22, "`b` occurs twice", "");
    assert_only(&rule("check: unique\ncolumns: a\neach: b"), 8, 9, "`each` and `columns` exclude each other", "");
    assert_only(&rule("check: row_count\nmin: 1\neach: b"), 8, 9, "it takes no `each`", "");
    assert_only(&rule("check: unique\neach: []"), 7, 15, "`each` is an empty list", "");
    assert_only(&rule("check: range\neach: [b]\nmin: 3\nmax: 1"), 8, 14, "the lower bound is greater", "");
}

#[test]
fn regex_that_does_not_compile() {
    assert_only(&rule("check: matches\ncolumn: a\npattern: '(ab'"), 8, 18, "`pattern` is not a regular expression", "");
}

#[test]
fn huge_regex() {
    assert_only(&rule("check: matches\ncolumn: a\npattern: '(?:a{1000}){1000}'"), 8, 18, "regular expression", "");
    assert_only(&rule("check: matches\ncolumn: a\npattern: '\\w{500}'"), 8, 18, "regular expression", "");
}

#[test]
fn duplicate_keys() {
    assert_only(
        "suite: s\ndatasets:\n  a:\n    source: a.csv\n    title: A\n    title: B\n",
        6,
        5,
        "`title` occurs twice",
        "first on line 5",
    );
}

#[test]
fn duplicate_ids() {
    let text = "suite: s\ndatasets:\n  people:\n    source: a.csv\n    rules:\n      - { id: x, check: unique, columns: a }\n      - { check: unique, columns: b, id: x }\n";
    assert_only(text, 7, 42, "the id `x` occurs twice", "first on line 6");
}

#[test]
fn broken_yaml() {
    let found = only("suite: s\ndatasets:\n\ta: 1\n");
    assert_eq!(found.0, 3, "{found:?}");
    assert!(found.2.contains("not valid YAML"), "{found:?}");
    assert!(found.3.contains("spaces"), "{found:?}");
    assert!(only("suite: [a\n").2.contains("not valid YAML"));
    assert!(only("").2.contains("empty"));
    assert!(only("- a\n").2.contains("not a suite"));
    assert!(only("suite: s\n---\nsuite: t\n").2.contains("one document"));
    assert!(only("suite: !env HOME\n").2.contains("tag"));
    assert!(only("suite: *x\n").2.contains("not valid YAML"));
}

#[test]
fn not_utf8() {
    let folder = SuiteFolder::new(&[]);
    folder.0.write(folder.path("suite.yaml"), b"suite: s\ntitle: caf\xe9\n");
    let found = folder.load(&["suite.yaml"], &options()).expect_err("not UTF-8");
    let found = place(found.iter().next().unwrap());
    assert_eq!((found.0, found.1), (2, 11), "{found:?}");
    assert!(found.2.contains("UTF-8"), "{found:?}");
}

/// Read without limits, some of these would never end.
#[test]
fn bombs_end() {
    let level = |at: usize| format!("a{at}: &a{at} [{}]\n", vec![format!("*a{}", at - 1); 5].join(", "));
    let laughs = "a0: &a0 [x, x, x, x, x]\n".to_owned() + &(1..12).map(level).collect::<Vec<_>>().concat();
    let aliases = format!("a: &a x\nb: [{}]\n", vec!["*a"; 65].join(", "));
    let wide = format!("a: [{}]\n", vec!["x"; 30_000].join(", "));
    let huge = format!("suite: \"{}\n", "x".repeat(4_000_000));
    let large = "#".repeat((4 << 20) + 1);
    let deep = (0..40).map(|level| " ".repeat(level) + "a:\n").collect::<String>();
    for bomb in [
        "suite: s\ndatasets: ".to_owned() + &"[".repeat(100_000),
        "suite: s\ndatasets: ".to_owned() + &"{a: ".repeat(100_000),
        "suite: s\ndatasets:\n  ".to_owned() + &"- ".repeat(100_000),
        "datasets: {}\n".to_owned() + &laughs,
        "datasets: {}\n".to_owned() + &aliases,
        "datasets: {}\n".to_owned() + &wide,
        huge,
        large,
        "datasets: {}\n".to_owned() + &deep,
        "datasets: {}\na: &a [*a]\n".to_owned(),
        "datasets: {}\na: &a { <<: *a }\n".to_owned(),
    ] {
        let text = faults(&bomb).render(false);
        assert!(text.len() < 4_000, "{text}");
    }
}

#[test]
fn merge_keys() {
    let suite =
        suite("suite: s\ndatasets:\n  a: &a\n    source: a.csv\n    owner: G01\n  b:\n    <<: *a\n    source: b.csv\n");
    assert_eq!(suite.suite.datasets[1].owner.as_deref(), Some("G01"));
    assert_eq!(suite.suite.datasets[1].source.location, "b.csv");
    assert_only("suite: s\ndatasets:\n  b:\n    <<: x\n    source: b.csv\n", 4, 9, "`<<` takes a mapping", "");
}

#[test]
fn scalars_keep_their_text() {
    let suite = suite(&column("{ allowed: [no, 012, 1_000, 1e3, 1.10, ~] }"));
    let given = format!("{:?}", suite.rules[0]);
    assert!(given.contains(r#"["no", "012", "1_000", "1e3", "1.10", "~"]"#), "{given}");
}

#[test]
fn circular_extends() {
    let folder = SuiteFolder::new(&[
        ("suite.yaml", "suite: s\nextends: [b.yaml]\ndatasets: { a: { source: a.csv } }\n"),
        ("b.yaml", "extends: c.yaml\n"),
        ("c.yaml", "params: {}\nextends:\n  - b.yaml\n"),
    ]);
    let found = folder.load(&["suite.yaml"], &options()).expect_err("a circle");
    let fault = found.iter().next().unwrap();
    assert!(fault.file().unwrap().ends_with("c.yaml"));
    let found = place(fault);
    assert_eq!((found.0, found.1), (3, 5), "{found:?}");
    assert!(found.2.contains("b.yaml -> c.yaml -> b.yaml"), "{found:?}");
}

#[test]
fn extends_stays_near() {
    for target in ["/etc/passwd", "https://example.org/a.yaml", "..\\a.yaml", "none.yaml", "../../../../../etc/passwd"]
    {
        let text = format!("suite: s\nextends: '{target}'\ndatasets: {{ a: {{ source: a.csv }} }}\n");
        let found = only(&text);
        assert_eq!((found.0, found.1), (2, 10), "{found:?}");
    }
}

#[test]
fn long_chain_of_extends() {
    let mut files = Vec::new();
    for at in 0..20 {
        files.push((format!("f{at}.yaml"), format!("suite: s\nextends: f{}.yaml\n", at + 1)));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let found = SuiteFolder::new(&files).load(&["f0.yaml"], &options()).expect_err("too long");
    assert!(found.render(false).contains("more than 16 files"), "{found}");
}

#[test]
fn unknown_params() {
    let text = "suite: s\nparams: { max_age: 30d }\n".to_owned()
        + &rule("check: unique\ncolumns: a\ntitle: ${max_agee}").replace("suite: s\n", "");
    assert_only(&text, 9, 16, "unknown parameter `max_agee`", "did you mean `max_age`?");
    assert_only(&rule("check: unique\ncolumns: a\ntitle: ${x"), 8, 16, "without its `}`", "$${");
}

#[test]
fn params_are_filled_in() {
    let text = "suite: s\nparams: { days: 30, name: a }\n".to_owned()
        + &rule("check: fresh\ncolumn: ${name}\nwithin: ${days}d\ntitle: $${days}").replace("suite: s\n", "");
    let text = text.replace("    rules:", "    columns: { a: { type: date } }\n    rules:");
    let folder = SuiteFolder::new(&[("suite.yaml", text.as_str())]);
    let mut options = options();
    let one = folder.load(&["suite.yaml"], &options).unwrap();
    let rule = one.rules.iter().find(|rule| rule.rule.check.name() == "fresh").unwrap();
    assert_eq!(rule.rule.title, "${days}");
    options.params.insert("days".to_owned(), "7".to_owned());
    let other = folder.load(&["suite.yaml"], &options).unwrap();
    assert_ne!(one.suite.rules_hash, other.suite.rules_hash);
    options.params.insert("dayz".to_owned(), "7".to_owned());
    let found = folder.load(&["suite.yaml"], &options).expect_err("no such parameter");
    assert!(found.render(false).contains("did you mean `days`?"), "{found}");
}

#[test]
fn unknown_data() {
    let folder = SuiteFolder::new(&[("suite.yaml", "suite: s\ndatasets: { people: { title: P } }\n")]);
    let mut options = options();
    let found = folder.load(&["suite.yaml"], &options).expect_err("no source");
    assert!(found.render(false).contains("--data people=PATH"), "{found}");
    options.data.insert("peple".to_owned(), "x.csv".to_owned());
    let found = folder.load(&["suite.yaml"], &options).expect_err("no such dataset");
    assert!(found.render(false).contains("did you mean `people`?"), "{found}");
    options.data = BTreeMap::from([("people".to_owned(), "x.parquet".to_owned())]);
    let suite = folder.load(&["suite.yaml"], &options).unwrap();
    assert_eq!(suite.suite.datasets[0].source.location, "x.parquet");
    assert_eq!(suite.suite.datasets[0].source.base, PathBuf::new());
}

#[test]
fn expressions_are_located() {
    let found = only(&rule("check: expect\nthat: a > "));
    assert_eq!(found.0, 7, "{found:?}");
    let found = only(&rule("check: unique\ncolumns: a\nwhere: \"nosuch(a) = 1\""));
    assert_eq!((found.0, found.1), (8, 17), "{found:?}");
}

#[test]
fn expressions_are_typed_before_any_data_is_read() {
    let found = only(&rule("check: expect\nthat: name is not null and born > 5"));
    assert_eq!(found.0, 7, "{found:?}");
    assert!(found.1 > 15, "{found:?}");
    assert!(faults(&rule("check: aggregate\nthat: sum(name) > 5")).render(false).contains("suite.yaml:7:"));
    // What a Parquet file stores is not known yet.
    suite(&rule("check: expect\nthat: born > 5").replace("people.csv", "people.parquet"));
}

#[test]
fn all_errors_at_once() {
    let text = "suite: s\nowner: x\ngate: { fail_on: majr, min_dimension: { corect: 95 } }\ndatasets:\n  a:\n    source: a.csv\n    columns:\n      x: { type: txt, lenght: 2..3 }\n    rules:\n      - check: unique\n      - check: nothing\n      - check: fresh\n        column: a\n        within: 3 parsecs\n        where: a >\n";
    let found = faults(text);
    let lines: Vec<u32> = found.iter().map(|fault| fault.span().unwrap().line).collect();
    assert_eq!(lines, [2, 3, 3, 8, 8, 10, 11, 13, 14, 15], "{found}");
}

#[test]
fn rendering() {
    let text = column("{ requred: true }");
    let folder = SuiteFolder::new(&[("suite.yaml", text.as_str())]);
    let found = folder.load(&["suite.yaml"], &options()).expect_err("bad");
    let shown = found.render(false);
    assert!(shown.contains("suite.yaml:6:15"), "{shown}");
    assert!(shown.contains("6 |       name: { requred: true }"), "{shown}");
    assert!(shown.contains("              ^^^^^^^"), "{shown}");
    assert!(shown.contains("help: did you mean `required`?"), "{shown}");
    assert!(!shown.contains('\u{1b}'));
    assert!(found.render(true).contains('\u{1b}'));
}

#[test]
fn hostile_names_are_escaped() {
    let found = faults("suite: s\n\"a\\e[31mb\\u202e\": 1\ntitle: x\u{202e}y\nowner: \u{200b}z\n");
    let shown = found.render(false);
    assert!(shown.contains("\\u{1b}[31m") && shown.contains("\\u{202e}"), "{shown}");
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}') && !shown.contains('\u{200b}'));
    assert!(!shown.contains(":::"), "{shown}");
}

#[test]
fn code_lists_of_files() {
    let text = "suite: s\ncodelists:\n  p: { source: p.csv, key: code, valid_from: from, valid_to: to }\ndatasets: { a: { source: a.csv } }\n";
    let load = |csv: &str| SuiteFolder::new(&[("suite.yaml", text), ("p.csv", csv)]).load(&["suite.yaml"], &options());
    let suite =
        load("\u{feff}code,name,from,to\r\n00070,\"Hà \"\"Nội\"\"\",,2025-06-30\r\n00070,x,2025-07-01,\r\n\r\n")
            .unwrap();
    let entries = &suite.suite.codelists["p"].entries;
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0].code, "00070");
    assert_eq!((entries[0].valid_from, entries[0].valid_to), (None, Some(20269)));
    for (csv, problem) in [
        ("code,from\nA,\n", "unknown column `to` in `p.csv`"),
        ("code,from,to\nA,,\nA,,\n", "line 3: the code is already on line 2"),
        ("code,from,to\nA\n", "line 2: 1 cells where the header has 3"),
        ("code,from,to\nA,1/2/2020,\n", "line 2: a validity date"),
        ("code,from,to\n,,\n", "line 2: the code is empty"),
        ("code,from,to\n\"A\n", "line 2: a quote opens"),
        ("code,from,to\n\"A\"b,,\n", "line 2: text follows"),
        ("code,from,to\nA,2025-01-02,2025-01-01\n", "line 2: the code ends before it begins"),
        ("code,from,to\n", "no codes"),
        ("", "is empty"),
    ] {
        let found = load(csv).expect_err(problem);
        assert!(found.render(false).contains(problem), "{found}");
        assert_eq!(found.iter().next().unwrap().span().unwrap().line, 3);
    }
    // What has no header begins with data, which is not shown.
    let found = load("Nguyen An,0912345678,1990-01-31\n").expect_err("no such columns").render(false);
    assert!(
        found.contains("the first line must name the columns; it has 3 columns") && !found.contains("0912"),
        "{found}"
    );
    let found = load("codes,from,to\nA,,\n").expect_err("no such column").render(false);
    assert!(found.contains("did you mean `codes`?"), "{found}");
    let found = SuiteFolder::new(&[("suite.yaml", text)]).load(&["suite.yaml"], &options()).expect_err("no file");
    assert!(found.render(false).contains("`p.csv` does not exist"), "{found}");
}

#[test]
fn several_suites_are_one() {
    let folder = SuiteFolder::new(&[
        (
            "a.yaml",
            "suite: a\nas_of: 2026-11-01\nextends: packs/p.yaml\nmissing: [X]\ndatasets: { one: { source: 1.csv } }\n",
        ),
        ("b.yaml", "suite: b\nextends: packs/p.yaml\ndatasets: { two: { source: 2.csv } }\n"),
        ("c.yaml", "suite: c\nas_of: 2026-11-02\ndatasets: { one: { source: 2.csv } }\n"),
        ("packs/p.yaml", "missing: [NA]\ncodelists: { sexes: [Nam, Nữ] }\n"),
    ]);
    let suite = folder.load(&["a.yaml", "b.yaml"], &options()).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(suite.suite.name, "a + b");
    let files = suite.suite.inputs.iter().filter(|input| input.role == InputRole::Suite);
    assert_eq!(files.count(), 3);
    assert_eq!(suite.suite.datasets[0].missing.iter().collect::<Vec<_>>(), ["NA", "X"]);
    assert_eq!(suite.suite.datasets[1].missing.iter().collect::<Vec<_>>(), ["NA"]);
    assert_eq!(suite.suite.as_of, AsOf::parse("2026-11-01").unwrap());
    let found = folder.load(&["a.yaml", "c.yaml"], &options()).expect_err("they clash");
    let shown = found.render(false);
    assert!(shown.contains("`one` is declared twice") && shown.contains("different values of `as_of`"), "{shown}");
}

/// The example of the documentation, without checks that are still to come.
const REGISTER: &str = r#"
suite: population-register
title: Population register, monthly audit
as_of: 2026-11-01
extends: [packs/vn.yaml]
params: { max_age: 30d }

codelists:
  provinces: { source: codes/provinces.csv, key: code, valid_from: valid_from, valid_to: valid_to }

datasets:
  citizens:
    source: exports/citizens-*.parquet
    title: Citizens
    owner: G01
    steward: dq@example.gov.vn
    key: citizen_id
    missing: [NA, "-"]
    sharing: { license: internal, updates: monthly }
    columns:
      citizen_id: { type: text, required: true, unique: true, severity: critical, pii: basic }
      full_name:  { type: text, required: true, length: 2..50, pii: basic, describe: Name as on the card }
      sex:        { allowed: [Nam, Nữ, Khác] }
      province:   { allowed: { codelist: provinces, at_least: 99% }, allow: "-" }
      phone:      { required: { at_least: 85% } }
      updated_at: { type: datetime, not_future: true }
      note:
    rules:
      - id: issued-after-birth
        check: expect
        that: issued_on > date_of_birth
        severity: critical
        because: A card cannot be issued before its holder is born
        fix: Compare with the civil-status register
      - id: register-is-alive
        check: fresh
        column: updated_at
        within: ${max_age}
      - id: one-person-one-story
        check: agrees
        with: tax_payers
        on: { citizen_id: personal_id }
        compare: { full_name: { to: name, as: folded }, date_of_birth: birth_date }
        at_least: 99%
      - check: unique
        columns: [full_name, phone]
      - check: unique
        columns: [full_name, sex]
        where: sex is not null
  tax_payers: { source: { path: tax.txt, delimiter: tab, quote: none, header: false, columns: [personal_id, name, birth_date], encoding: windows-1258 } }

gate: { fail_on: major, min_score: 90, min_dimension: { correct: 95 } }
bands: { green: 95 }
"#;

fn register(text: &str) -> Written {
    SuiteFolder::new(&[
        ("suite.yaml", text),
        ("packs/vn.yaml", "missing: [không rõ]\n"),
        ("codes/provinces.csv", "code,valid_from,valid_to\n01,,\n24,2025-07-01,\n"),
    ])
    .load(&["suite.yaml"], &options())
    .unwrap_or_else(|faults| panic!("{faults}"))
}

#[test]
fn the_documented_example() {
    let suite = register(REGISTER);
    let ids: Vec<&str> = suite.rules.iter().map(|rule| rule.rule.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "citizens.citizen_id.required",
            "citizens.citizen_id.unique",
            "citizens.full_name.required",
            "citizens.full_name.length",
            "citizens.sex.allowed",
            "citizens.province.allowed",
            "citizens.phone.required",
            "citizens.updated_at.type",
            "citizens.updated_at.not_future",
            "citizens.well_formed",
            "issued-after-birth",
            "register-is-alive",
            "one-person-one-story",
            "citizens.unique",
            "citizens.unique-2",
            "tax_payers.well_formed",
        ]
    );
    let rule = |id: &str| suite.rules.iter().map(|written| &written.rule).find(|rule| rule.id == id).unwrap();
    assert_eq!(rule("citizens.citizen_id.unique").severity, Severity::Critical);
    assert_eq!(rule("citizens.phone.required").threshold, Threshold::AtLeastShare(850_000));
    assert_eq!(rule("citizens.province.allowed").threshold, Threshold::AtLeastShare(990_000));
    assert_eq!(rule("citizens.sex.allowed").dimension, Dimension::Correct);
    assert_eq!(rule("issued-after-birth").owner.as_deref(), Some("G01"));
    assert_eq!(rule("issued-after-birth").title, "issued_on > date_of_birth");
    let citizens = &suite.suite.datasets[0];
    assert_eq!(citizens.key, ["citizen_id"]);
    assert_eq!(citizens.columns["updated_at"].data_type, Some(DataType::Datetime));
    assert_eq!(citizens.columns["sex"].missing.iter().collect::<Vec<_>>(), ["-", "NA", "không rõ"]);
    assert_eq!(citizens.columns["province"].missing.iter().collect::<Vec<_>>(), ["NA", "không rõ"]);
    assert_eq!(citizens.columns["citizen_id"].pii.as_deref(), Some("basic"));
    assert_eq!(citizens.sharing["license"], "internal");
    let options = &suite.suite.datasets[1].source.options;
    assert_eq!((options.character("delimiter"), options.character("quote")), (Some(Some(b'\t')), Some(None)));
    assert_eq!((options.flag("header"), options.text("encoding")), (Some(false), Some("windows-1258")));
    assert_eq!(suite.suite.gate.min_dimension[&Dimension::Correct], Score::parse("95").unwrap());
    assert_eq!(suite.suite.bands.green, Score::parse("95").unwrap());
    assert_eq!(suite.suite.codelists["provinces"].entries.len(), 2);
}

#[test]
fn the_hash_ignores_form() {
    let hash = register(REGISTER).suite.rules_hash;
    assert_eq!(hash.len(), 64);
    let same = [
        ("[Nam, Nữ, Khác]", "[ Khác, Nam, \"Nữ\" ]"),
        ("title: Citizens", "title: Everyone"),
        ("issued_on > date_of_birth", "issued_on   >   date_of_birth"),
        ("exports/citizens-*.parquet", "elsewhere.csv"),
        ("because: A card", "because: No card"),
    ];
    for (from, to) in same {
        assert_eq!(register(&REGISTER.replace(from, to)).suite.rules_hash, hash, "{to}");
    }
    let different = [
        ("[Nam, Nữ, Khác]", "[Nam, Nữ]"),
        ("at_least: 85%", "at_least: 86%"),
        ("2..50", "2..51"),
        ("issued_on > date_of_birth", "issued_on >= date_of_birth"),
        ("min_score: 90", "min_score: 91"),
        ("missing: [NA, \"-\"]", "missing: [\"-\"]"),
        ("allow: \"-\"", "allow: NA"),
    ];
    for (from, to) in different {
        assert_ne!(register(&REGISTER.replace(from, to)).suite.rules_hash, hash, "{to}");
    }
}

#[test]
fn rules_meet_the_columns_of_the_data() {
    let suite = register(REGISTER);
    let text = Some(DataType::Text);
    let data = Stored(vec![
        (
            "citizens",
            stored(&[
                ("citizen_id", "text", text),
                ("full_name", "text", text),
                ("sex", "text", text),
                ("provinces", "text", text),
                ("phone", "list", None),
                ("updated_at", "int32", Some(DataType::Integer)),
                ("issued_on", "date32", Some(DataType::Date)),
                ("date_of_birth", "date32", Some(DataType::Date)),
            ]),
        ),
        ("tax_payers", stored(&[("personal_id", "text", text), ("name", "text", text), ("birth_date", "text", text)])),
    ]);
    let bound = suite.bind(&data);
    let error = |id: &str| {
        let rule = bound.iter().find(|bound| bound.rule.id == id).unwrap();
        rule.measures.as_ref().err().map(ToString::to_string).unwrap_or_default()
    };
    assert_eq!(error("citizens.citizen_id.required"), "");
    assert_eq!(error("issued-after-birth"), "");
    assert!(error("citizens.province.allowed").contains("no column `province`; did you mean `provinces`?"));
    assert!(error("citizens.phone.required").contains("stored as list"));
    assert!(error("citizens.updated_at.type").contains("declared datetime but stored as int32"));
    let shown = suite.bind_diagnostics(&bound).render(false);
    assert!(shown.contains("citizens.province.allowed: `citizens` has no column `province`"), "{shown}");
    assert!(shown.contains("suite.yaml:24:7"), "{shown}");
    let columns = &bound.iter().find(|bound| bound.rule.id == "issued-after-birth").unwrap().columns;
    assert_eq!(*columns, ["date_of_birth", "issued_on"]);

    let none = suite.bind(&Stored(Vec::new()));
    assert!(none.iter().all(|bound| bound.measures.as_ref().is_err_and(|why| why.message.contains("cannot be read"))));
    assert!(suite.bind_diagnostics(&none).is_empty());
}

fn lints(text: &str) -> Vec<(Level, u32, String)> {
    let found = lint(&suite(text));
    found
        .into_iter()
        .map(|lint| (lint.level, lint.diagnostic.span().expect("a place").line, lint.diagnostic.message))
        .collect()
}

#[track_caller]
fn assert_lint(text: &str, level: Level, line: u32, message: &str) {
    let found = lints(text);
    assert!(found.len() == 1 && found[0].0 == level && found[0].1 == line && found[0].2.contains(message), "{found:?}");
}

#[test]
fn rules_without_sense() {
    use Level::{Error, Warning};
    assert_lint(
        &rule("check: unique\ncolumns: a").replace("rules:\n", "rules:\n      - { check: unique, columns: [a] }\n"),
        Warning,
        7,
        "asks the same as people.unique",
    );
    assert_lint(&column("{ allowed: [A, B], forbidden: [A, B, C] }"), Error, 6, "no value can satisfy");
    assert_lint(&column("{ allowed: [A, B], forbidden: [A] }"), Warning, 6, "forbidden there");
    assert_lint(
        &rule("{ check: range, column: a, max: 5 }\n- { check: range, column: a, min: 10 }")
            .replace("\n        - ", "\n      - "),
        Error,
        7,
        "no value can satisfy",
    );
    assert_lint(
        &rule("{ check: length, column: a, max: 5 }\n- { check: length, column: a, min: 10 }")
            .replace("\n        - ", "\n      - "),
        Error,
        7,
        "no value can satisfy",
    );
    assert_lint(&rule("check: unique\ncolumns: a\nat_least: 0%"), Warning, 6, "threshold accepts everything");
    assert_lint(&rule("check: unique\ncolumns: a\nat_least: 90%\nwarn: { at_least: 80% }"), Warning, 6, "never warned");
    assert_lint(&column("{ matches: '.*' }"), Warning, 6, "passes for every value");
    assert_lint(&column("{ length: 0.. }"), Warning, 6, "passes for every value");
    assert_lint(
        "suite: s\ncodelists: { x: [A] }\ndatasets: { a: { source: a.csv, columns: { b: { unique: true } } } }\n",
        Warning,
        2,
        "no rule uses the code list `x`",
    );
    assert_lint(
        "suite: s\nparams: { x: 1 }\ndatasets: { a: { source: a.csv, columns: { b: { unique: true } } } }\n",
        Warning,
        2,
        "nothing uses the parameter `x`",
    );
    assert_lint("suite: s\ndatasets: { a: { source: a.csv } }\n", Warning, 2, "has no rules");
    assert_lint(&rule("check: unique\ncolumns: a\nwhere: 1 = 2"), Warning, 6, "applies to no row");
    assert_lint(&rule("check: expect\nthat: 1 = 1"), Warning, 6, "true for any data");
    assert_eq!(lints(&rule("check: unique\ncolumns: a")), []);
    assert_eq!(lints(REGISTER_LINT), []);
}

#[test]
fn options_belong_to_formats() {
    let suite = |source: &str| format!("suite: s\ndatasets:\n  people:\n    source: {source}\n");
    let refused = |source: &str, column: u32, message: &str, help: &str| {
        assert_only(&suite(source), 4, column, message, help);
    };
    let unknown = "the format parquet has no option `delimiter`";
    refused("{ path: people.parquet, delimiter: ';' }", 37, unknown, "it has no options");
    refused("{ path: people/, format: parquet, delimiter: ';' }", 47, unknown, "it has no options");
    refused("{ path: people.jsonl.gz, header: false }", 38, "the format ndjson has no option `header`", "no options");
    let named = "`columns` names the columns of a file without a header";
    refused("{ path: people.csv, columns: [a, b] }", 33, named, "add `header: false`");
    refused("{ path: people.csv, quotes: none }", 33, "unknown key `quotes` in `source`", "did you mean `quote`");
    refused("{ path: people.csv, delimiter: ab }", 44, "`delimiter` takes one ASCII character", "");
    // A folder does not show its format: its files do, later.
    let loaded = SuiteFolder::new(&[("suite.yaml", &suite("{ path: people/, delimiter: ';' }"))]);
    assert!(loaded.load(&["suite.yaml"], &options()).is_ok());
    // Data given in place of the declared file has its own format, and only the options of that.
    let loaded = SuiteFolder::new(&[("suite.yaml", &suite("{ path: people.csv, delimiter: ';' }"))]);
    let data = [("people".to_owned(), "other.parquet".to_owned())].into();
    let suite = loaded.load(&["suite.yaml"], &LoadOptions { data, ..options() }).unwrap();
    assert_eq!(suite.suite.datasets[0].source.options, Options::default());
}

/// A suite in which every rule has a sense.
const REGISTER_LINT: &str = "suite: s\ndatasets:\n  people:\n    source: people.csv\n    columns:\n      born: { type: date, required: { at_least: 85%, warn: { at_least: 99% } } }\n    rules:\n      - { check: expect, that: born > date '1900-01-01' }\n";

#[test]
fn schema_accepts_what_is_read_and_refuses_the_rest() {
    let schema = suite_schema();
    assert_eq!(schema.to_string(), suite_schema().to_string());
    let validator = jsonschema::draft7::new(&schema).unwrap();
    let document = |text: &str| -> serde_json::Value { serde_json::from_str(text).unwrap() };
    let good = document(
        r#"{ "suite": "s", "as_of": "2026-11-01", "extends": "a.yaml", "params": { "x": 1 },
             "codelists": { "p": ["A"], "q": { "source": "q.csv" } },
             "gate": { "fail_on": "none", "min_score": 90, "min_dimension": { "correct": 95 } },
             "datasets": { "a": { "source": { "path": "a.csv", "delimiter": ";" }, "key": ["x"], "columns": {
                "x": { "type": "text", "required": true, "unique": { "at_least": "99%" }, "length": "2..50" },
                "y": { "allowed": { "codelist": "p", "at": "z", "severity": "minor" }, "range": { "min": 1 } },
                "z": null, "t": { "type": { "as": "date", "at_least": "5 rows" } } },
              "rules": [
                { "check": "expect", "that": "a > b", "severity": "critical", "weight": 3 },
                { "check": "unique", "column": "x" }, { "check": "unique", "column": ["x", "y"] },
                { "check": "required", "each": ["x", "y"] }, { "check": "range", "each": "x*", "min": 1 },
                { "check": "fresh", "column": "z", "within": "${max}", "warn": { "at_most": "3 %" } },
                { "check": "agrees", "with": "a", "on": { "x": "y" }, "compare": { "x": { "to": "y", "as": "folded" } } }
              ] } } }"#,
    );
    assert!(validator.is_valid(&good), "{:?}", validator.iter_errors(&good).map(|e| e.to_string()).collect::<Vec<_>>());
    for bad in [
        r#"{ "suit": "s" }"#,
        r#"{ "datasets": { "a": { "sauce": "x" } } }"#,
        r#"{ "datasets": { "a": { "columns": { "x": { "uniqe": true } } } } }"#,
        r#"{ "datasets": { "a": { "columns": { "x": { "expect": "a" } } } } }"#,
        r#"{ "datasets": { "a": { "rules": [{ "check": "nothing" }] } } }"#,
        r#"{ "datasets": { "a": { "rules": [{ "check": "fresh", "column": "a" }] } } }"#,
        r#"{ "datasets": { "a": { "rules": [{ "check": "unique", "columns": "a", "within": "3d" }] } } }"#,
        r#"{ "datasets": { "a": { "rules": [{ "check": "unique", "columns": "a", "severity": "huge" }] } } }"#,
        r#"{ "gate": { "min_score": 101 } }"#,
        r#"{ "datasets": { "a": { "rules": [{ "check": "unique", "columns": "a", "at_least": 95 }] } } }"#,
        r#"{ "datasets": { "a": { "rules": [{ "check": "unique", "columns": "a", "at_least": "95" }] } } }"#,
        r#"{ "datasets": { "a": { "rules": [{ "check": "unique", "columns": "a", "at_least": 0.95 }] } } }"#,
        r#"{ "datasets": { "a": { "rules": [{ "check": "unique", "at_least": "95%" }] } } }"#,
    ] {
        assert!(!validator.is_valid(&document(bad)), "{bad}");
    }
}

/// Refresh with `passmuster schema > schema/suite.schema.json`.
#[test]
fn the_published_schema_of_suites_is_fresh() {
    let path = root().join("schema/suite.schema.json");
    let published = fs::read_to_string(path).unwrap_or_default();
    assert!(published == format!("{:#}\n", suite_schema()), "run `passmuster schema > schema/suite.schema.json`");
}

#[test]
fn examples_of_checks_can_be_read() {
    for check in CHECKS {
        let example = check.page().split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next());
        let example = example.unwrap_or_else(|| panic!("{} has no example", check.name()));
        let suite = read(example).unwrap_or_else(|faults| panic!("{}: {faults}", check.name()));
        assert!(suite.rules.iter().any(|rule| rule.rule.check.name() == check.name()), "{}", check.name());
        let findings: Vec<String> = lint(&suite).iter().map(|lint| lint.diagnostic.render(true, false)).collect();
        assert!(findings.iter().all(|text| text.contains("has no rules and no rule uses it")), "{findings:?}");
    }
}

#[test]
fn shipped_suites_make_sense() {
    for path in shipped_suites() {
        let suite = load(&[path], &options()).unwrap_or_else(|faults| panic!("{faults}"));
        let findings: Vec<String> = lint(&suite).iter().map(|lint| lint.diagnostic.render(true, false)).collect();
        assert!(findings.is_empty(), "{}", findings.join("\n"));
    }
}

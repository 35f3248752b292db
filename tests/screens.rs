//! What people see: reports, help, pages, lists and errors, as screens that somebody has reviewed.

use std::collections::BTreeSet;
use std::fs;

use passmuster::audit::AuditOptions;
use passmuster::identify::{IdentifyOptions, identify};
use passmuster::model::AsOf;
use passmuster::report::{Look, identified};
use passmuster::source::{Options, Source, SourceSpec};

use crate::profile;
use crate::sample;
use crate::support::audits::{ALL_MEMORY, audit_with, options};
use crate::support::folder::Folder;
use crate::support::program::{code, commands, program, run};
use crate::support::reports::rendered;
use crate::support::repository::root;
use crate::support::screens::{KINDS, compare, mask, reviewed, screen};

/// The widths of terminals that screens are made for.
const WIDTHS: [usize; 2] = [80, 120];

#[test]
fn every_reviewed_screen_is_of_a_known_kind() {
    for name in reviewed() {
        assert!(KINDS.iter().any(|kind| name.starts_with(&format!("{kind}-"))), "tests/snapshots/{name}.snap");
    }
}

#[test]
fn reports_on_the_shipped_suites() {
    let mut screens = Vec::new();
    for name in ["nycflights13", "population"] {
        let args = ["audit", &format!("rules/{name}.yaml"), "--timings"];
        screens.push((format!("{name}-80"), screen(&args, &run(root(), &args))));
        // A wider page is for terminals alone.
        let options = AuditOptions { timings: true, ..options(ALL_MEMORY, &[], 2) };
        let report = audit_with(format!("rules/{name}.yaml").as_ref(), &options);
        let look = Look { width: 120, ..Look::default() };
        screens.push((format!("{name}-120"), mask(&rendered("table", &report, &look))));
    }
    let folder = people();
    for (name, args) in [
        ("verbose", &["audit", "suite.yaml", "-v"][..]),
        ("stopped-early", &["audit", "suite.yaml", "--stop-early"]),
        ("could-not-audit", &["audit", "suite.yaml", "--data", "people=gone.csv"]),
        ("verified", &["audit", "suite.yaml", "--verify"]),
        ("selected", &["audit", "suite.yaml", "--select", "dimension:clean"]),
        ("quiet", &["audit", "suite.yaml", "--quiet", "--output", "report.txt"]),
    ] {
        screens.push((name.to_owned(), screen(args, &run(&folder, args))));
    }
    // Rules that cannot run, rules without anything to judge, and groups of rows.
    folder.write(
        "awkward.yaml",
        "suite: awkward
as_of: 2026-11-01
datasets:
  people:
    source: people.csv
    columns:
      phone: { matches: { pattern: '[0-9]{10}', segment: city } }
    rules:
      - { id: has-a-name, check: required, column: name }
      - { id: saigon-is-old, check: expect, that: year(cast(born as date)) < 1900, where: city = 'Đà Nẵng' }
      - { id: phones-differ, check: similar, compare: { phone: exact, city: exact }, score: 0.9, at_least: 50% }
",
    );
    let args = ["audit", "awkward.yaml", "--verbose"];
    screens.push(("awkward".to_owned(), screen(&args, &run(&folder, &args))));
    let args = ["audit", "suite.yaml", "--sample", "5%"];
    screens.push(("sampled".to_owned(), screen(&args, &run(&sample::people(|row| row % 7 == 0), &args))));
    folder.write("waived.yaml", WAIVED);
    folder.write("waivers.yaml", WAIVERS);
    for (name, args) in [
        ("waivers", &["audit", "waived.yaml"][..]),
        ("waivers-verbose", &["audit", "waived.yaml", "-v"]),
        ("waivers-later", &["audit", "waived.yaml", "--as-of", "2027-02-01"]),
    ] {
        screens.push((name.to_owned(), screen(args, &run(&folder, args))));
    }
    compare("report", &screens);
}

/// A suite with waivers in every state; some of them in a file of their own.
const WAIVED: &str = "suite: waived
as_of: 2026-11-23
waivers: waivers.yaml
datasets:
  people:
    source: people.csv
    owner: Population department
    columns:
      born: { type: { as: date, waive: { until: 2027-06-30, by: Registrar, because: The old register had free text } } }
    rules:
      - { id: has-an-id, check: required, column: id, severity: critical }
      - { id: has-a-city, check: required, column: city, where: id = '9' }
      - { id: ids-differ, check: unique, columns: id }
      - { id: phones-are-long, check: length, column: phone, within: 10..11 }
      - { id: few-rows, check: row_count, max: 3 }
      - { id: cities-are-short, check: length, column: city, within: ..10 }
";

const WAIVERS: &str = "waivers:
  - { rule: has-an-id, until: 2026-12-05, by: Registrar, because: Newborns wait for their number, at_most: 500 }
  - { rule: has-a-city, until: 2026-12-31, by: Registrar, because: Cities are entered later }
  - { rule: ids-differ, until: 2026-12-31, by: Population department, because: One is being corrected, at_most: 1 row }
  - { rule: phones-are-long, until: 2026-11-22, by: Operations, because: Short numbers are being replaced, at_most: 50% }
  - { rule: cities-are-short, until: 2026-12-31, by: Operations, because: No reason any more }
";

/// A folder with a suite and its data.
fn people() -> Folder {
    Folder::of(&[
        (
            "suite.yaml",
            "suite: people
title: People of two cities
as_of: 2026-11-01
datasets:
  cities:
    source: cities.csv
    key: name
  people:
    source: people.csv
    owner: Population department
    key: id
    columns:
      id: { required: true, unique: true, severity: critical }
      born: { type: date, not_future: true }
      phone: { required: { at_least: 85%, because: Notices are sent to the telephone }, matches: \"[0-9]{10}\" }
    rules:
      - { id: city-is-known, check: exists_in, columns: city, dataset: cities, fix: Ask the city office, severity: minor }
      - { id: enough-people, check: row_count, min: 3 }
",
        ),
        ("cities.csv", "name\nHuế\nHà Nội\n"),
        (
            "people.csv",
            "id,born,phone,city\n1,1990-01-31,0912345678,Huế\n2,2001-02-30,,Hà Nội\n2,2027-01-01,09123,Saigon\n,1985-07-07,0987654321,\n",
        ),
    ])
}

#[test]
fn help_of_every_command() {
    let mut screens = Vec::new();
    for command in commands().iter().map(String::as_str).chain([""]) {
        let args: Vec<&str> = [command, "--help"].into_iter().filter(|arg| !arg.is_empty()).collect();
        for width in WIDTHS {
            let output = program(root()).args(&args).env("COLUMNS", width.to_string()).output().unwrap();
            let name = if command.is_empty() { "passmuster" } else { command };
            screens.push((format!("{name}-{width}"), screen(&args, &output)));
        }
    }
    compare("help", &screens);
}

#[test]
fn lists_of_every_topic() {
    let topics = [
        "checks",
        "topics",
        "formats",
        "input-formats",
        "dimensions",
        "severities",
        "types",
        "functions",
        "identifiers",
        "engines",
    ];
    let screens = topics.map(|topic| (topic.to_owned(), screen(&["list", topic], &run(root(), &["list", topic]))));
    compare("list", &screens);
}

#[test]
fn pages_of_checks_and_plans_of_suites() {
    let folder = people();
    let mut screens = Vec::new();
    for (name, args) in [
        ("check", &["explain", "range"][..]),
        ("topic", &["explain", "where"]),
        ("all", &["explain"]),
        ("plan", &["explain", "suite.yaml"]),
        ("cost", &["explain", "--cost", "suite.yaml"]),
    ] {
        screens.push((name.to_owned(), screen(args, &run(&folder, args))));
    }
    compare("explain", &screens);
}

#[test]
fn columns_of_an_export() {
    let text = "person,tax,phone,name,born\n\
        001099000001,0100047516,0912345678,Nguyễn Văn An,1999-12-31\n\
        079303012345,0100109106,0912 345 678,Trần Thị Bình ,1999-12-31\n\
        096206123456,0100112437,+84912345678,LÊ VĂN CƯỜNG,31/12/1999\n\
        1099000001,0100047515,912345670,ViÖt,\n";
    let folder = Folder::of(&[("people.csv", text)]);
    let args = ["identify", "people.csv", "--as-of", "2026-11-23"];
    let narrow = screen(&args, &run(&folder, &args));
    let location = folder.path("people.csv").display().to_string();
    let spec = SourceSpec {
        location,
        further: Vec::new(),
        base: root().to_owned(),
        format: None,
        options: Options::default(),
    };
    let options = IdentifyOptions {
        columns: Vec::new(),
        missing: BTreeSet::new(),
        as_of: AsOf::parse("2026-11-23").unwrap(),
        threads: 2,
    };
    let report = identify(&Source::open(&spec).unwrap(), "people.csv", &options, &()).unwrap().unwrap();
    let wide = identified::table(&report, &Look { width: 120, ..Look::default() });
    let wide = wide.replace(&format!("{}/", folder.root().display()), "");
    compare("identify", &[("people-80".to_owned(), narrow), ("people-120".to_owned(), wide)]);
}

#[test]
fn contents_of_exports() {
    let folder = Folder::of(&[("orders.csv", &profile::orders()), ("customers.csv", profile::CUSTOMERS)]);
    let screens = [("table", &[][..]), ("verbose", &["-v"][..])].map(|(name, more)| {
        let args = [&["profile", "orders.csv", "customers.csv", "--as-of", "2026-11-23"], more].concat();
        (name.to_owned(), screen(&args, &run(&folder, &args)))
    });
    compare("profile", &screens);
}

#[test]
fn errors_of_the_command_line() {
    let folder = people();
    let screens = [
        ("no-command", &[][..]),
        ("unknown-command", &["adit", "suite.yaml"]),
        ("unknown-option", &["audit", "suite.yaml", "--strict"]),
        ("misspelt-option", &["audit", "suite.yaml", "--fail-no", "major"]),
        ("unknown-value", &["audit", "suite.yaml", "--fail-on", "fatal"]),
        ("no-suite", &["audit"]),
        ("missing-suite", &["audit", "siute.yaml"]),
        ("missing-file", &["audit", "suite.yaml", "-q", "--data", "people=gone.csv", "--output", "report.txt"]),
        ("unknown-dataset", &["audit", "suite.yaml", "--data", "persons=people.csv"]),
        ("unknown-parameter", &["audit", "suite.yaml", "--set", "max_age=7d"]),
        ("selects-nothing", &["audit", "suite.yaml", "--select", "tag:nightly"]),
        ("unknown-dimension", &["audit", "suite.yaml", "--select", "dimension:corect"]),
        ("share-without-percent", &["audit", "suite.yaml", "--sample", "1"]),
        ("date-that-is-none", &["audit", "suite.yaml", "--as-of", "31/12/2026"]),
        ("output-over-input", &["audit", "suite.yaml", "--output", "people.csv"]),
        ("output-in-no-folder", &["audit", "suite.yaml", "--output", "reports/report.json"]),
        ("data-for-a-suite", &["audit", "people.csv"]),
        ("unknown-check", &["explain", "uniqe"]),
        ("unknown-page", &["explain", "severty"]),
        ("unknown-topic", &["list", "rules"]),
        ("unknown-column", &["identify", "people.csv", "--columns", "telephone"]),
        ("identify-missing-file", &["identify", "gone.csv"]),
    ];
    let screens = screens.map(|(name, args)| (name.to_owned(), screen(args, &run(&folder, args))));
    compare("error", &screens);
}

/// Every suite under `tests/mistakes` holds a mistake that somebody makes. `lint` finds it, or `audit` does.
#[test]
fn mistakes_in_suites() {
    let folder = Folder::of(&[(
        "people.csv",
        "id,Full Name,e-mail,born,phone,city,age\n1,An,an@example.org,1990-01-31,0912345678,Huế,35\n2,Bình,,2001-02-03,,Hà Nội,24\n",
    )]);
    let mut screens = Vec::new();
    for file in fs::read_dir(root().join("tests/mistakes")).unwrap().map(Result::unwrap) {
        folder.write("suite.yaml", fs::read(file.path()).unwrap());
        let mut seen = String::new();
        for args in [&["lint", "suite.yaml"][..], &["audit", "suite.yaml", "--output", "report.txt"]] {
            let output = run(&folder, args);
            seen += &screen(args, &output);
            if code(&output) > 0 {
                break;
            }
        }
        screens.push((file.path().file_stem().unwrap().to_str().unwrap().to_owned(), seen));
    }
    screens.sort();
    compare("mistake", &screens);
}

//! How good the rules are that `init` writes, on data whose truth is known. The numbers are in docs/init.md.
#![expect(clippy::print_stdout, reason = "the figures are shown with --nocapture")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use passmuster::audit::{AuditOptions, audit};
use passmuster::engine::local::LocalEngine;
use passmuster::engine::{Datasets, Engine as _, Limits};
use passmuster::init::{Export, Grade, InitOptions, Learnt, Proposed, Strictness, learn};
use passmuster::model::{AsOf, AuditReport, Status};
use passmuster::profile::Profilee;
use passmuster::source::{Options, SourceSpec};

use crate::support::audits::{ALL_MEMORY, options};
use crate::support::folder::Folder;
use crate::support::repository::fixture;

/// What was learnt from files, each a dataset of that name.
pub(crate) fn learnt_from(files: &[(&str, PathBuf)]) -> Learnt {
    let mut datasets = Datasets::new();
    let exports: Vec<Export> = files
        .iter()
        .map(|(name, path)| {
            let location = path.display().to_string();
            let spec = SourceSpec {
                location: location.clone(),
                further: Vec::new(),
                base: PathBuf::new(),
                format: None,
                options: Options::default(),
            };
            datasets.insert((*name).to_owned(), LocalEngine.open(&spec, u64::MAX).unwrap());
            let profilee = Profilee { name: (*name).to_owned(), ..Profilee::default() };
            Export { profilee, spec, path: location }
        })
        .collect();
    let options = InitOptions {
        missing: BTreeSet::new(),
        as_of: AsOf::parse("2026-11-23").unwrap(),
        limits: Limits { threads: 2, memory: ALL_MEMORY, spill_dir: std::env::temp_dir() },
    };
    learn(&exports, &datasets, &options, &()).unwrap().expect("nobody stops it")
}

/// Audits files by what was learnt; all failing rows are named.
fn audited(learnt: &Learnt, data: &[(&str, PathBuf)]) -> AuditReport {
    let folder = Folder::new();
    let suite = folder.write("suite.yaml", uncommented(&learnt.suite("figures", "Figures", Strictness::Normal)));
    let options = AuditOptions { failing_rows: 1_000_000, ..options(ALL_MEMORY, data, 2) };
    audit(std::slice::from_ref(&suite), &options, &())
        .unwrap_or_else(|error| panic!("{error:#}\n{}", fs::read_to_string(suite).unwrap()))
        .report
}

/// A suite whose rules to look at are rules.
fn uncommented(suite: &str) -> String {
    let rule = |line: &str| {
        let inner = line
            .strip_prefix("      # ")
            .filter(|inner| inner.starts_with("- {") || inner.starts_with("- id") || inner.starts_with("  "));
        inner.map_or_else(|| line.to_owned(), |inner| format!("      {inner}"))
    };
    suite.lines().map(rule).map(|line| line + "\n").collect()
}

fn bytes(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).unwrap();
    if path.extension().is_some_and(|end| end == "zst") { zstd::decode_all(&*bytes).unwrap() } else { bytes }
}

fn text(path: &Path) -> String {
    String::from_utf8(bytes(path)).unwrap().trim_start_matches('\u{feff}').to_owned()
}

/// The two halves of a table: each record goes to one of them by a hash of its number.
fn halves(folder: &Folder, name: &str, path: &Path) -> [PathBuf; 2] {
    let text = text(path);
    let mut reader = csv_records(&text);
    let header = reader.next().unwrap();
    let mut halves = [format!("{header}\n"), format!("{header}\n")];
    for (number, record) in (0_u64..).zip(reader) {
        let mixed = (number ^ 0x5bd1_e995).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let half = usize::from((mixed >> 40) & 1 == 1);
        halves[half].push_str(record);
        halves[half].push('\n');
    }
    let [first, second] = halves;
    [folder.write(format!("{name}-1.csv"), first), folder.write(format!("{name}-2.csv"), second)]
}

/// The records of a table as they are written: line breaks in quotes do not end one.
fn csv_records(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut in_quotes = false;
        let end = rest.bytes().position(|byte| {
            in_quotes ^= byte == b'"';
            byte == b'\n' && !in_quotes
        });
        let record = &rest[..end.unwrap_or(rest.len())];
        rest = &rest[end.map_or(rest.len(), |end| end + 1)..];
        Some(record.trim_end_matches('\r'))
    })
}

/// Sets of tables that have no errors that anyone put in: a name, and the tables.
fn clean() -> Vec<(&'static str, Vec<(&'static str, PathBuf)>)> {
    let table = |name: &'static str, path: &str| (name, fixture(path));
    let mut sets = vec![
        ("hospital", vec![table("hospital", "hospital/clean.csv.zst")]),
        ("beers", vec![table("beers", "beers/clean.csv.zst")]),
        (
            "flights",
            vec![
                table("flights", "nycflights13/flights.csv.zst"),
                table("airlines", "nycflights13/airlines.csv"),
                table("planes", "nycflights13/planes.csv"),
            ],
        ),
        ("weather", vec![table("weather", "nycflights13/weather.csv.zst")]),
        ("airports", vec![table("airports", "nycflights13/airports.csv")]),
        (
            "vn_admin",
            vec![
                table("old_wards", "vn_admin/old_wards.csv.zst"),
                table("old_districts", "vn_admin/old_districts.csv"),
                table("wards", "vn_admin/wards.csv.zst"),
                table("provinces", "vn_admin/provinces.csv"),
            ],
        ),
        ("febrl", vec![table("febrl", "febrl/dataset1.csv")]),
    ];
    if let Some(folder) = std::env::var_os("CHINOOK") {
        let names = ["Album", "Artist", "Customer", "Invoice", "InvoiceLine", "PlaylistTrack", "Track", "Genre"];
        let tables = names.iter().map(|name| (*name, Path::new(&folder).join(format!("{name}.csv"))));
        sets.push(("chinook", tables.collect()));
    }
    sets
}

/// A sure rule that fails on rows it was not learnt from, for people.
type Failing = (String, u64, u64);

/// Learns from one half of each table and audits the other: how many sure rules there are, and those that fail.
fn held_out(tables: &[(&'static str, PathBuf)], learn_from: usize) -> (BTreeMap<Grade, usize>, Vec<Failing>) {
    let folder = Folder::new();
    let halved: Vec<(&str, [PathBuf; 2])> =
        tables.iter().map(|(name, path)| (*name, halves(&folder, name, path))).collect();
    // What others refer to is given whole: half of a list of codes is no list.
    let is_list = |name: &str| ["airlines", "provinces", "old_districts", "Artist", "Genre"].contains(&name);
    let half = |at: usize| -> Vec<(&str, PathBuf)> {
        let place = |(name, path): &(&'static str, PathBuf), halves: &[PathBuf; 2]| {
            let whole = || folder.write(format!("{name}.csv"), bytes(path));
            (*name, if is_list(name) { whole() } else { halves[at].clone() })
        };
        tables.iter().zip(&halved).map(|(table, (_, halves))| place(table, halves)).collect()
    };
    let learnt = learnt_from(&half(learn_from));
    let report = audited(&learnt, &half(1 - learn_from));
    let mut counts = BTreeMap::new();
    let mut failing = Vec::new();
    let rules: BTreeMap<&str, _> =
        report.datasets.iter().flat_map(|dataset| &dataset.rules).map(|rule| (rule.id.as_str(), rule)).collect();
    for proposed in learnt.proposed(Strictness::Normal) {
        *counts.entry(proposed.grade).or_default() += 1;
        if proposed.grade != Grade::Sure {
            continue;
        }
        let rule = rules.get(proposed.id.as_str()).unwrap_or_else(|| panic!("{} is not in the suite", proposed.id));
        if !matches!(rule.status, Status::Passed | Status::NotMeasured) {
            failing.push((rule.id.clone(), rule.failed, rule.evaluated));
        }
    }
    (counts, failing)
}

#[test]
fn sure_rules_hold_on_rows_they_were_not_learnt_from() {
    let (mut all, mut broken) = (0, 0);
    for (name, tables) in clean() {
        for learn_from in [0, 1] {
            let (counts, failing) = held_out(&tables, learn_from);
            let of = |grade: Grade| counts.get(&grade).copied().unwrap_or_default();
            let [sure, likely, look] = [Grade::Sure, Grade::Likely, Grade::Look].map(of);
            println!(
                "{name:10} half {learn_from}: {sure:4} sure, {likely:4} likely, {look:4} look, {:3} fail {failing:?}",
                failing.len()
            );
            all += sure;
            broken += failing.len();
        }
    }
    println!("{broken} of {all} sure rules fail");
    assert!(broken * 50 <= all, "{broken} of {all} sure rules fail");
}

/// Record and column of each wrong cell.
type Cells = BTreeSet<(u64, String)>;

fn wrong_cells(name: &str) -> Cells {
    let text = text(&fixture(name));
    let cell = |line: &str| {
        let (row, rest) = line.split_once(',')?;
        Some((row.parse().ok()?, rest.split_once(',')?.0.to_owned()))
    };
    text.lines().skip(1).filter_map(cell).collect()
}

/// The cells that failing rows accuse, for rules of some grades.
fn accused(report: &AuditReport, proposed: &[Proposed], wanted: &dyn Fn(&Proposed) -> bool) -> Cells {
    let rules: BTreeMap<&str, _> =
        report.datasets.iter().flat_map(|dataset| &dataset.rules).map(|rule| (rule.id.as_str(), rule)).collect();
    let mut cells = Cells::new();
    for proposed in proposed.iter().filter(|proposed| wanted(proposed)) {
        let rule = rules[proposed.id.as_str()];
        assert!(rule.failing_rows.len() as u64 >= rule.failed.min(1), "{} names its rows", rule.id);
        for row in &rule.failing_rows {
            cells.extend(proposed.accuses.iter().map(|column| (row.record, column.clone())));
        }
    }
    cells
}

/// Recall and precision in percent.
fn figures(found: &Cells, wrong: &Cells) -> (usize, usize) {
    let right = found.intersection(wrong).count();
    (right * 100 / wrong.len(), right * 100 / found.len().max(1))
}

/// Learns from one table, audits the dirty one; prints what each check finds.
fn wrong_cells_found(name: &str, table: &str) -> (usize, usize) {
    let folder = Folder::new();
    let dirty = text(&fixture(&format!("{name}/dirty.csv.zst")));
    let header = dirty.lines().next().unwrap().to_owned();
    let learn = text(&fixture(&format!("{name}/{table}.csv.zst")));
    // The tables name their columns differently.
    let learn = format!("{header}\n{}", learn.split_once('\n').unwrap().1);
    let learn = folder.write("learn.csv", learn);
    let dirty = folder.write("dirty.csv", dirty);
    let learnt = learnt_from(&[(name_of(name), learn)]);
    let report = audited(&learnt, &[(name_of(name), dirty)]);
    let wrong = wrong_cells(&format!("{name}/errors.csv.zst"));
    let proposed = learnt.proposed(Strictness::Normal);
    let mut checks: BTreeSet<&str> = proposed.iter().map(|proposed| proposed.check.as_str()).collect();
    checks.remove("columns");
    for check in checks {
        let found = accused(&report, &proposed, &|proposed| proposed.check == check && proposed.grade != Grade::Look);
        let right = found.intersection(&wrong).count();
        println!("{name} from {table}: {check:12} {right:5} right of {:5}", found.len());
    }
    let (recall, precision) = figures(&accused(&report, &proposed, &|_| true), &wrong);
    println!("{name} from {table}: with the rules to look at {recall} % at a precision of {precision} %");
    let found = accused(&report, &proposed, &|proposed| proposed.grade != Grade::Look);
    let (recall, precision) = figures(&found, &wrong);
    println!("{name} from {table}: {recall} % of {} wrong cells at a precision of {precision} %", wrong.len());
    let missed: BTreeMap<&str, usize> = wrong.difference(&found).fold(BTreeMap::new(), |mut missed, (_, column)| {
        *missed.entry(column.as_str()).or_default() += 1;
        missed
    });
    let false_ones: BTreeMap<&str, usize> =
        found.difference(&wrong).fold(BTreeMap::new(), |mut missed, (_, column)| {
            *missed.entry(column.as_str()).or_default() += 1;
            missed
        });
    println!("  missed {missed:?}\n  false {false_ones:?}");
    (recall, precision)
}

fn name_of(name: &str) -> &'static str {
    if name == "hospital" { "hospital" } else { "beers" }
}

/// What was reached, in percent of the wrong cells and of the cells that were accused; see docs/init.md.
#[test]
fn rules_learnt_from_clean_tables_find_wrong_cells() {
    let (hospital, beers) = (wrong_cells_found("hospital", "clean"), wrong_cells_found("beers", "clean"));
    assert!(hospital.0 >= 95 && hospital.1 >= 82, "{hospital:?}");
    assert!(beers.0 >= 98 && beers.1 >= 95, "{beers:?}");
}

/// The same, learnt from the tables that have the wrong cells.
#[test]
fn rules_learnt_from_dirty_tables_find_wrong_cells() {
    let (hospital, beers) = (wrong_cells_found("hospital", "dirty"), wrong_cells_found("beers", "dirty"));
    assert!(hospital.0 >= 90 && hospital.1 >= 84, "{hospital:?}");
    assert!(beers.0 >= 18 && beers.1 >= 90, "{beers:?}");
}

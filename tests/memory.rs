//! Limits on memory: the same bytes whatever they are, and clear words where they cannot be kept.

use std::fmt::Write as _;

use passmuster::engine::MemoryLimit;

use crate::support::audits::{ALL_MEMORY, json, options, run_within};
use crate::support::folder::Folder;
use crate::support::reports::{assert_judged, rule};

const SUITE: &str = r#"
suite: memory
as_of: 2021-06-30
datasets:
  people:
    source: people.csv
    key: id
    columns:
      born: { type: date }
      height: { type: decimal }
    rules:
      - { id: unique, check: unique, columns: id }
      - { id: unique-name, check: unique, columns: [name, born] }
      - { id: unique-where, check: unique, columns: id, where: "born > date '1990-01-01'" }
      - { id: skewed, check: unique, columns: town }
      - { id: rows, check: distinct_rows, ignore: [id] }
      - { id: ids, check: aggregate, that: "distinct(id) > 1" }
      - { id: towns, check: aggregate, that: "distinct(town) > 1" }
      - { id: names, check: aggregate, that: "distinct(name) > 1" }
      - { id: carded, check: exists_in, columns: id, dataset: cards, key: holder }
      - { id: carded-where, check: exists_in, columns: id, dataset: cards, key: holder, where: "born > date '1990-01-01'" }
      - { id: named, check: exists_in, columns: [name, born], dataset: cards, key: [holder_name, born] }
      - { id: absent, check: absent_from, columns: id, dataset: cards, key: holder, having: "height > 1.7" }
      - { id: agrees, check: agrees, with: cards, on: { id: holder }, compare: { name: { to: holder_name, as: folded }, born: born } }
      - { id: agrees-near, check: agrees, with: cards, on: { id: holder }, compare: { height: { to: height, tolerance: 0.02 } } }
      - { id: agrees-all, check: agrees, with: cards, on: { town: town }, compare: { height: { to: height, tolerance: 0.5 } } }
      - { id: itself, check: exists_in, columns: id, dataset: people, key: id, having: "height > 1.6" }
  cards:
    source: cards.csv
    columns:
      born: { type: date }
      height: { type: decimal }
    rules:
      - { id: held, check: exists_in, columns: holder, dataset: people }
      - { id: unique-card, check: unique, columns: holder }
"#;

/// People, nearly all of them in one town, and their cards, with duplicates and differences.
fn write(folder: &Folder, rows: u32) {
    let mut people = String::from("id,name,born,town,height\n");
    let mut cards = String::from("holder,holder_name,born,town,height\n");
    let day = |n: u32| format!("{}-{:02}-{:02}", 1980 + n % 40, n % 12 + 1, n % 28 + 1);
    for n in 0..rows {
        // One number in a hundred occurs twice, one name in fifty.
        let id = if n % 100 == 99 { n - 1 } else { n };
        let person = if n % 50 == 49 { n - 1 } else { n };
        let town = if n % 20 == 0 { format!("town {n}") } else { "T1".to_owned() };
        let born = if n % 997 == 0 { "unknown".to_owned() } else { day(person) };
        let height = 1.5 + f64::from(n % 50) / 100.0;
        let gap = if n % 333 == 0 { "\n" } else { "" };
        let _ = writeln!(people, "{id:012},\"Person{gap} {person}\",{born},{town},{height:.2}");
        if n % 3 != 0 {
            let other = if n % 70 == 1 { height + 0.05 } else { height + 0.01 };
            let name = if n % 90 == 1 { "Somebody else" } else { "PERSON" };
            let _ = writeln!(cards, "{id:012},{name} {person},{},{town},{other:.2}", day(person));
        }
    }
    folder.write("suite.yaml", SUITE);
    folder.write("people.csv", people);
    folder.write("cards.csv", cards);
}

#[test]
fn results_are_the_same_bytes_for_any_memory_and_threads() {
    let folder = Folder::new();
    write(&folder, 20_000);
    let suite = folder.path("suite.yaml");
    let report = run_within(ALL_MEMORY, &suite, &[], 2);
    for rule in report.datasets.iter().flat_map(|dataset| &dataset.rules) {
        assert_judged(rule);
        assert!(rule.evaluated > 0, "{}", rule.id);
    }
    assert_eq!(rule(&report, "unique").failed, 400);
    assert_eq!(rule(&report, "skewed").failed, 19_000);
    let expected = json(&report);
    // From everything on disk, partitioned again and again, to nearly everything in memory.
    for bytes in [0, 100_000, 1_000_000, 5_000_000] {
        for threads in [1, 2, 16] {
            let report = run_within(MemoryLimit::Keys(bytes), &suite, &[], threads);
            assert!(json(&report) == expected, "{bytes} bytes, {threads} threads");
        }
    }
}

#[test]
fn rows_that_do_not_fit_are_told() {
    let folder = Folder::new();
    write(&folder, 100);
    let suite = folder.path("suite.yaml");
    let audited = |limit| {
        let options = options(limit, &[], 16);
        passmuster::audit::audit(std::slice::from_ref(&suite), &options, &()).expect("a report is made")
    };
    let (tight, ample) = (audited(MemoryLimit::Process(1)), audited(MemoryLimit::Process(4 << 30)));
    let doubt = tight.memory_doubt.expect("it cannot be kept");
    assert!(doubt.contains("may take more memory") && doubt.contains("--memory"), "{doubt}");
    assert_eq!(ample.memory_doubt, None);
    assert_eq!(json(&tight.report), json(&ample.report), "the report is the same");
}

#[test]
fn keys_that_cannot_be_kept_are_an_error_of_the_dataset() {
    use passmuster::audit::{AuditOptions, audit};
    let folder = Folder::new();
    write(&folder, 1_000);
    let suite = folder.path("suite.yaml");
    let options = AuditOptions {
        memory: MemoryLimit::Keys(0),
        spill_dir: folder.path("nowhere"),
        ..options(MemoryLimit::Keys(0), &[], 2)
    };
    let report = audit(&[suite], &options, &()).expect("a report is made").report;
    assert_eq!(report.exit_code, 2);
    for dataset in &report.datasets {
        let error = dataset.error.as_deref().unwrap_or_default();
        assert!(error.contains("nowhere") && error.contains("--spill-dir"), "{error}");
    }
}

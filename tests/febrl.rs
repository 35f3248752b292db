//! Duplicates in data whose truth is known.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::shipped_suites::{audit, counts, expected_line, rules};
use crate::support::folder::Folder;
use crate::support::repository::root;

#[path = "../benches/persons.rs"]
mod persons;

use super::shipped_suites::population;

/// How many of the pairs found are true, and how many of the true ones are found.
#[derive(Debug)]
struct Figures {
    precision: f64,
    recall: f64,
}

impl Figures {
    fn f1(&self) -> f64 {
        2.0 * self.precision * self.recall / (self.precision + self.recall)
    }
}

/// Compares the pairs that a rule lists with who is who: the entity of each record.
#[expect(clippy::cast_precision_loss, reason = "some thousands")]
fn figures(rule: &Value, entities: &[String]) -> Figures {
    let record = |row: &Value| usize::try_from(row["record"].as_u64().expect("a record") - 1).expect("a position");
    let pairs = rule["pairs"].as_array().expect("pairs");
    assert_eq!(rule["details"]["pairs"].as_u64(), Some(pairs.len() as u64), "every pair is listed");
    let found: BTreeSet<(usize, usize)> =
        pairs.iter().map(|pair| (record(&pair["first"]), record(&pair["second"]))).collect();
    assert_eq!(found.len(), pairs.len(), "no pair is listed twice");
    let mut groups: BTreeMap<&str, u64> = BTreeMap::new();
    for entity in entities {
        *groups.entry(entity).or_default() += 1;
    }
    let all: u64 = groups.into_values().map(|count| count * (count - 1) / 2).sum();
    let right = found.iter().filter(|(one, other)| entities[*one] == entities[*other]).count() as f64;
    Figures { precision: right / found.len() as f64, recall: right / all as f64 }
}

/// Who is who, by the part of the first column that identifies them.
fn entities(text: &str, of: impl Fn(&str) -> &str) -> Vec<String> {
    text.lines().skip(1).map(|line| of(line.split(',').next().unwrap_or_default()).to_owned()).collect()
}

#[test]
fn febrl_counts_what_duckdb_counted() {
    let (code, report) = audit("rules/febrl.yaml", &[]);
    assert_eq!(code, 1);
    let rules = rules(&report);
    let text = fs::read_to_string(root().join("fixtures/febrl/expected.csv")).expect("expected counts");
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for line in text.lines().skip(1) {
        let (id, kind, failed, population) = expected_line(line);
        let Some((name, rule)) = rules.iter().find(|(name, _)| name.starts_with(&format!("{id}-"))) else { continue };
        compared += 1;
        let found = match kind {
            // Here pairs are counted, and every row has something to compare.
            "near_duplicate_pairs" => (counts(rule).0, rule["details"]["pairs"].as_u64().expect("pairs")),
            _ => counts(rule),
        };
        // A number of rows is one judgement.
        let wanted = if kind == "row_count" { (1, failed) } else { (population, failed) };
        if found != wanted {
            wrong.push(format!("{name}: {found:?}, expected {wanted:?}"));
        }
    }
    assert!(wrong.is_empty(), "(evaluated, failed)\n{}", wrong.join("\n"));
    assert_eq!(compared, 38);
}

#[test]
fn one_rule_finds_who_was_typed_twice() {
    let (_, report) = audit("rules/febrl.yaml", &[]);
    let rules = rules(&report);
    let set1 = fs::read(root().join("fixtures/febrl/dataset1.csv")).expect("set 1");
    let set2 = fs::read(root().join("fixtures/febrl/dataset2.csv.zst")).expect("set 2");
    let set2 = zstd::decode_all(set2.as_slice()).expect("zstd");
    for (id, set, least) in [("set1-nobody-twice", set1, 0.985), ("set2-nobody-twice", set2, 0.98)] {
        let text = String::from_utf8(set).expect("text");
        let entity = |id: &str| id.split('-').nth(1).map(str::to_owned);
        let entities: Vec<String> = entities(&text, |id| id).iter().filter_map(|id| entity(id)).collect();
        let found = figures(&rules[id], &entities);
        assert!(found.f1() >= least, "{id}: {found:?}");
        assert!(found.precision >= 0.999, "{id}: {found:?}");
        assert_eq!(rules[id]["details"]["blocks_capped"], 0);
        // No rule about duplicates reads the column that identifies people.
        assert!(rules[id]["columns"].as_array().expect("columns").iter().all(|column| column != "rec_id"));
    }
}

#[test]
fn synthetic_persons_typed_twice_are_found() {
    let folder = Folder::new();
    persons::write(20_000, 1, folder.root()).expect("persons");
    let file = folder.path("persons.csv");
    let data = ["--data".to_owned(), format!("persons={}", file.display())];
    let (_, report) = audit("rules/persons.yaml", &data);
    let rules = rules(&report);
    let text = fs::read_to_string(Path::new(&file)).expect("persons");
    let found = figures(&rules["nobody-twice"], &entities(&text, |person| person));
    assert!(found.precision >= 0.99 && found.recall >= 0.92, "{found:?}");
}

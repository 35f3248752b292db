//! How many of the cells that are known to be wrong rules find that were written from what is right, and how many of their
//! findings are wrong cells. The numbers are in docs/checks.md.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use passmuster::audit::AuditOptions;
use passmuster::model::{AuditReport, RuleReport};

use crate::support::audits::{ALL_MEMORY, audit_with, options};
use crate::support::folder::Folder;
use crate::support::repository::{fixture, root};

fn unpacked(name: &str) -> String {
    let bytes = zstd::decode_all(fs::File::open(fixture(name)).unwrap()).unwrap();
    String::from_utf8(bytes).unwrap().trim_start_matches('\u{feff}').to_owned()
}

/// Record and column of each wrong cell.
type Cells = BTreeSet<(u64, String)>;

fn wrong_cells(name: &str) -> Cells {
    let text = unpacked(name);
    let cell = |line: &str| {
        let (row, rest) = line.split_once(',')?;
        Some((row.parse().ok()?, rest.split_once(',')?.0.to_owned()))
    };
    text.lines().skip(1).filter_map(cell).collect()
}

fn run(suite: &str, data: &[(&str, PathBuf)]) -> AuditReport {
    let suite = root().join("rules").join(suite);
    let options = AuditOptions { failing_rows: 10_000, ..options(ALL_MEMORY, data, 2) };
    audit_with(&suite, &options)
}

/// The cells that rules point at: of a rule on one column that column, of one that follows from others the last it names.
fn findings<'r>(rules: impl Iterator<Item = &'r RuleReport>, of: &dyn Fn(&RuleReport) -> String) -> Cells {
    rules
        .flat_map(|rule| {
            assert_eq!(rule.failing_rows.len() as u64, rule.failed, "{} names all its rows", rule.id);
            let column = of(rule);
            rule.failing_rows.iter().map(move |row| (row.record, column.clone()))
        })
        .collect()
}

/// Wrong cells that were found, findings, and wrong cells in all.
fn score(found: &Cells, wrong: &Cells) -> (usize, usize, usize) {
    (found.intersection(wrong).count(), found.len(), wrong.len())
}

#[test]
fn rules_of_the_clean_hospitals_find_the_wrong_cells() {
    let column = |rule: &RuleReport| match rule.id.as_str() {
        "measure-condition" => "condition".to_owned(),
        "measure-name" => "measure_name".to_owned(),
        "name-measure" => "measure_code".to_owned(),
        "state-average" => "state_average".to_owned(),
        id if rule.check == "determines" => {
            let to = id.strip_prefix("provider-number-").or(id.strip_prefix("phone-"));
            to.unwrap_or_else(|| panic!("{id}")).replace('-', "_")
        }
        _ => rule.columns[0].clone(),
    };
    let report = run("hospital-cells.yaml", &[]);
    let rules = || report.datasets[0].rules.iter().filter(|rule| !rule.columns.is_empty());
    let found = findings(rules(), &column);
    assert_eq!(score(&found, &wrong_cells("hospital/errors.csv.zst")), (507, 512, 509));

    // The same rules on the table that is right.
    let folder = Folder::new();
    let clean = unpacked("hospital/clean.csv.zst");
    let header = unpacked("hospital/dirty.csv.zst").lines().next().unwrap().to_owned();
    let mut file = fs::File::create(folder.path("clean.csv")).unwrap();
    writeln!(file, "{header}\n{}", clean.split_once('\n').unwrap().1).unwrap();
    let report = run("hospital-cells.yaml", &[("measures", folder.path("clean.csv"))]);
    let failing: Vec<(&str, u64)> = report.datasets[0]
        .rules
        .iter()
        .filter(|rule| rule.failed > 0)
        .map(|rule| (rule.id.as_str(), rule.failed))
        .collect();
    assert_eq!(failing, []);
}

#[test]
fn rules_of_the_clean_beers_find_the_wrong_cells() {
    let report = run("beers.yaml", &[]);
    let rules = || report.datasets.iter().flat_map(|dataset| &dataset.rules).filter(|rule| rule.tags == ["cells"]);
    let found = findings(rules().filter(|rule| rule.dataset == "dirty"), &|rule| rule.columns[0].clone());
    assert_eq!(score(&found, &wrong_cells("beers/errors.csv.zst")), (4_362, 4_362, 4_362));
}

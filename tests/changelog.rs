//! What changed in the rules between two suites, and whether the audit agrees.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use passmuster::checks::CHECKS;
use passmuster::model::{AsOf, ChangeKind, Effect, Party, Status, SuiteChangelog, SuitePart};
use passmuster::report::changed;
use passmuster::rules::{self, LoadOptions};
use serde_json::Value;

use crate::support::audits::{ALL_MEMORY, audit_with, options};
use crate::support::folder::Folder;
use crate::support::program::{code, run, stderr, stdout};
use crate::support::repository::root;
use crate::support::screens::{compare, screen};

/// What changed from one text of a suite to another.
fn changes(old: &str, new: &str) -> SuiteChangelog {
    let folder = Folder::of(&[("old.yaml", old), ("new.yaml", new)]);
    let options = LoadOptions {
        params: BTreeMap::new(),
        data: BTreeMap::new(),
        as_of: None,
        home: None,
        baseline: None,
        gate_compares: true,
        today: AsOf::parse("2026-11-23").unwrap(),
    };
    let load = |name| rules::load(&[folder.path(name)], &options).unwrap_or_else(|error| panic!("{name}: {error}"));
    rules::changes(&load("old.yaml"), &load("new.yaml"))
}

/// A suite with one rule in flow style beside what is declared for the dataset.
fn with_rule(rule: &str) -> String {
    format!(
        "suite: s
as_of: 2026-11-01
codelists: {{ few: {{ values: [A, B] }}, many: {{ values: [A, B, C] }} }}
datasets:
  t:
    source: t.csv
    key: id
    columns: {{ n: {{ type: integer }}, d: {{ type: date }} }}
    rules: [{{ id: r, {rule} }}]
  u: {{ source: u.csv, key: id }}
"
    )
}

fn effect(old: &str, new: &str) -> Option<Effect> {
    let log = changes(&with_rule(old), &with_rule(new));
    assert!(log.changes.len() < 2, "{old} → {new}: {:#?}", log.changes);
    log.changes.first().map(|change| change.effect)
}

#[test]
fn each_change_is_called_stricter_looser_or_other() {
    let (stricter, other) = (Some(Effect::Stricter), Some(Effect::Other));
    for (old, new, wanted) in [
        ("check: range, column: n, max: 10", "check: range, column: n, max: 9", stricter),
        ("check: range, column: n, max: 10", "check: range, column: n, max: 9.5", stricter),
        ("check: range, column: n, max: 10", "check: range, column: n, min: 0, max: 10", stricter),
        ("check: range, column: n, max: 10", "check: range, column: n, min: 0, max: 11", other),
        ("check: range, column: n, max: 10", "check: range, column: n, max: 10, exclusive: true", stricter),
        ("check: range, column: d, min: 2020-01-01", "check: range, column: d, min: 2020-02-01", stricter),
        // Text is parsed as its bounds are written, so `7.5` fails the first rule and passes the second.
        ("check: range, column: x, min: 5", "check: range, column: x, min: 5.5", other),
        ("check: range, column: x, min: 5", "check: range, column: x, min: 6", stricter),
        ("check: range, column: x, min: a", "check: range, column: x, min: b", other),
        ("check: length, column: x, within: 1..9", "check: length, column: x, within: 2..9", stricter),
        ("check: length, column: x, within: 1..9", "check: length, column: x, within: 2..10", other),
        ("check: length, column: x, max: 9", "check: length, column: x, max: 9, unit: bytes", other),
        ("check: allowed, column: x, values: [A, B]", "check: allowed, column: x, values: [B]", stricter),
        ("check: allowed, column: x, values: [A, B]", "check: allowed, column: x, values: [B, C]", other),
        (
            "check: allowed, column: x, values: { codelist: many }",
            "check: allowed, column: x, values: { codelist: few }",
            other,
        ),
        ("check: forbidden, column: x, values: [A]", "check: forbidden, column: x, values: [A, B]", stricter),
        ("check: matches, column: x, pattern: '[a-z]+'", "check: matches, column: x, pattern: '[a-f]+'", other),
        ("check: required, columns: [x]", "check: required, columns: [x, n]", stricter),
        ("check: required, any_of: [x, n]", "check: required, any_of: [x]", stricter),
        ("check: required, any_of: [x, n]", "check: required, columns: [x, n]", other),
        ("check: required, column: x, at_least: 90%", "check: required, column: x, at_least: 95%", stricter),
        ("check: required, column: x, at_least: 90%", "check: required, column: x", stricter),
        ("check: required, column: x, at_most: 5 rows", "check: required, column: x, at_most: 5%", other),
        ("check: required, column: x, at_most: 5 rows", "check: required, column: x, at_most: 4 rows", stricter),
        ("check: required, column: x", "check: required, column: x, segment: n", stricter),
        ("check: required, column: x", "check: required, column: x, where: n = 1", other),
        ("check: required, column: x, severity: minor", "check: required, column: x, severity: major", stricter),
        (
            "check: required, column: x, severity: minor, at_least: 90%",
            "check: required, column: x, at_least: 80%",
            other,
        ),
        ("check: required, column: x", "check: required, column: x, title: A title", None),
        ("check: required, column: x", "check: required, column: x, because: So it is", other),
        ("check: unique, columns: [id]", "check: unique, columns: [id, n]", other),
        ("check: distinct_rows", "check: distinct_rows, ignore: [id]", stricter),
        ("check: tidy, columns: [x]", "check: tidy, columns: [x, y]", stricter),
        ("check: tidy, columns: [x], at_least: 90%", "check: tidy, columns: [x, y], at_least: 90%", other),
        (
            "check: covers, column: x, values: [A], at_most: 1 row",
            "check: covers, column: x, values: [A, B], at_most: 1 row",
            stricter,
        ),
        (
            "check: covers, column: x, values: [A], at_least: 50%",
            "check: covers, column: x, values: [A, B], at_least: 50%",
            other,
        ),
        ("check: row_count, min: 5", "check: row_count, min: 6", stricter),
        ("check: row_count, min: 5", "check: row_count, equals: 5", stricter),
        ("check: row_count, same_as: u", "check: row_count, same_as: u, tolerance: 1%", other),
        ("check: fresh, column: d, within: 30d", "check: fresh, column: d, within: 2w", stricter),
        ("check: fresh, column: d, within: 1mo", "check: fresh, column: d, within: 30d", other),
        ("check: current, column: d, within: 2y", "check: current, column: d, within: 23mo", stricter),
        ("check: not_before, column: d, date: 2020-01-01", "check: not_before, column: d, date: 2020-01-02", stricter),
        ("check: determines, from: x, to: n, fails: minority", "check: determines, from: x, to: n", stricter),
        ("check: determines, from: n, to: x", "check: determines, from: n, to: x, as: folded", other),
        ("check: outliers, column: n, factor: 3", "check: outliers, column: n", stricter),
        ("check: outliers, column: n, side: low", "check: outliers, column: n", stricter),
        ("check: outliers, column: n, side: low", "check: outliers, column: n, side: high", other),
        ("check: outliers, column: n, method: mad", "check: outliers, column: n", other),
        (
            "check: reconciles, with: u, measures: [count(*)], tolerance: 5",
            "check: reconciles, with: u, measures: [count(*)]",
            stricter,
        ),
        (
            "check: reconciles, with: u, measures: [count(*)], tolerance: 5",
            "check: reconciles, with: u, measures: [count(*)], tolerance: 5%",
            other,
        ),
        (
            "check: exists_in, columns: id, dataset: u",
            "check: exists_in, columns: id, dataset: u, having: n = '1'",
            other,
        ),
        ("check: columns, present: [id]", "check: columns, present: [id, x]", stricter),
        ("check: columns, present: [id], no_extra: true", "check: columns, present: [id, x], no_extra: true", other),
        ("check: anonymous, quasi_identifiers: [x], k: 5", "check: anonymous, quasi_identifiers: [x], k: 6", stricter),
        (
            "check: anonymous, quasi_identifiers: [x], k: 5",
            "check: anonymous, quasi_identifiers: [x, n], k: 5",
            stricter,
        ),
        ("check: well_formed", "check: well_formed, no_empty_columns: true", stricter),
        ("check: expect, that: n > 1", "check: expect, that: n > 2", other),
        ("check: required, column: x", "check: unique, columns: x", other),
    ] {
        assert_eq!(effect(old, new), wanted, "{old} → {new}");
        let reversed = match wanted {
            Some(Effect::Stricter) => Some(Effect::Looser),
            same => same,
        };
        assert_eq!(effect(new, old), reversed, "{new} → {old}");
    }
}

#[test]
fn comments_order_short_forms_and_defaults_are_no_change() {
    let old = "suite: s
missing: [NA]
datasets:
  t:
    source: t.csv
    columns:
      a: { required: true, length: 2..5 }
      b: { matches: '[a-z]+' }
      n: { type: decimal }
    rules:
      - { id: few, check: allowed, column: c, values: [B, A], at_most: 0 }
      - { id: far, check: outliers, column: n, method: iqr }
      - { id: one, check: unique, columns: [x, y] }
      - { id: other, check: exists_in, columns: k, dataset: u }
  u: { source: u.csv, key: k }
";
    let new = "# Another order, and everything written out.
suite: s
gate: { fail_on: major, unmeasured: warn }
datasets:
  u: { source: { path: u.csv }, key: [k] }
  t:
    missing: ['NA']
    source: t.csv
    columns: { n: { type: decimal } }
    rules:
      - { id: t.a.length, check: length, column: a, min: 2, max: 5 }
      - { check: unique, columns: [y, x], id: one, severity: major, weight: 1 }
      - { id: t.a.required, check: required, columns: [a] }
      - { id: t.b.matches, check: matches, column: b, pattern: '[a-z]+', as: exact }
      - { id: far, check: outliers, column: n, factor: 1.50, side: both }
      - { id: few, check: allowed, column: c, values: [A, B], at_least: 100% }
      - { id: other, check: exists_in, columns: [k], dataset: u, key: k }
      - { check: well_formed, id: t.well_formed, no_empty_columns: false }
";
    // The tokens of the suite are those of each of its datasets.
    let new = new
        .replace("u: { source: { path: u.csv }, key: [k] }", "u: { source: { path: u.csv }, key: [k], missing: [NA] }");
    let log = changes(old, &new);
    assert!(log.same, "{:#?}", log.changes);
    let log = changes(&new, &new);
    assert!(log.same && log.changes.is_empty());
}

/// The changes as part, name, kind, effect and whom they break.
fn told(log: &SuiteChangelog) -> Vec<(SuitePart, &str, ChangeKind, Effect, &[Party])> {
    log.changes.iter().map(|change| (change.part, &*change.name, change.kind, change.effect, &*change.breaks)).collect()
}

const OLD: &str = "suite: s
as_of: 2026-11-01
missing: [NA]
codelists: { sexes: { values: [F, M] }, cities: { values: [A, B] }, unused: { values: [X] } }
datasets:
  people:
    source: people.csv
    owner: Registry
    columns:
      born: { type: date }
      sex: { allowed: { codelist: sexes } }
      city: { forbidden: { codelist: cities } }
    rules:
      - { id: named, check: required, column: name, at_least: 90%, waive: { until: 2026-12-31, by: A, because: B } }
      - { id: old-id, check: unique, columns: id }
      - { id: gone, check: required, column: phone }
  cards: { source: cards.csv }
gate: { fail_on: major, min_score: 80 }
";

const NEW: &str = "suite: s
as_of: 2026-12-01
missing: [NA, N/A]
codelists: { sexes: { values: [F, M, X] }, cities: { values: [A, B, C] }, unused: { values: [X, Y] } }
datasets:
  people:
    source: { path: people-2.csv, delimiter: ';' }
    owner: Registry
    columns:
      born: { type: datetime }
      sex: { allowed: { codelist: sexes } }
      city: { forbidden: { codelist: cities } }
    rules:
      - { id: named, check: required, column: name, at_least: 95%, waive: { until: 2026-12-01, by: A, because: B } }
      - { id: new-id, check: unique, columns: id }
      - { id: came, check: not_future, column: born }
  orders: { source: orders.csv }
gate: { fail_on: minor, min_score: 75 }
";

#[test]
fn every_part_of_a_suite_is_compared() {
    use {ChangeKind as Kind, Effect as E, SuitePart as Part};
    let (producer, consumer): (&[Party], &[Party]) = (&[Party::Producer], &[Party::Consumer]);
    let both: &[Party] = &[Party::Producer, Party::Consumer];
    let log = changes(OLD, NEW);
    let wanted = [
        (Part::Suite, "s", Kind::Changed, E::Other, both),
        // A milder severity fails more, and a lower score less.
        (Part::Gate, "gate", Kind::Changed, E::Other, both),
        // More codes are looser in `allowed`, and stricter in `forbidden`.
        (Part::Codelist, "cities", Kind::Changed, E::Stricter, producer),
        (Part::Codelist, "sexes", Kind::Changed, E::Looser, consumer),
        (Part::Codelist, "unused", Kind::Changed, E::Other, &[]),
        (Part::Dataset, "cards", Kind::Removed, E::Looser, consumer),
        (Part::Dataset, "orders", Kind::Added, E::Stricter, producer),
        (Part::Dataset, "people", Kind::Changed, E::Other, both),
        (Part::Column, "people.born", Kind::Changed, E::Other, both),
        (Part::Rule, "came", Kind::Added, E::Stricter, producer),
        (Part::Rule, "cards.well_formed", Kind::Removed, E::Looser, consumer),
        (Part::Rule, "gone", Kind::Removed, E::Looser, consumer),
        (Part::Rule, "named", Kind::Changed, E::Stricter, producer),
        (Part::Rule, "new-id", Kind::Renamed, E::Other, &[]),
        (Part::Rule, "orders.well_formed", Kind::Added, E::Stricter, producer),
        (Part::Rule, "people.born.type", Kind::Changed, E::Other, both),
        (Part::Waiver, "named", Kind::Changed, E::Stricter, producer),
    ];
    assert_eq!(told(&log), wanted);
    let people = log.changes.iter().find(|change| change.part == Part::Dataset && change.name == "people").unwrap();
    let what: Vec<&str> = people.details.iter().map(|detail| detail.what.as_str()).collect();
    assert_eq!(what, ["source", "source delimiter", "missing"]);
    let renamed = log.changes.iter().find(|change| change.kind == Kind::Renamed).unwrap();
    assert_eq!(renamed.renamed_from.as_deref(), Some("old-id"));
    // An id that is counted moves with the rules before it, and the rule stays the same.
    let rules = |rules: &str| format!("suite: s\ndatasets:\n  t:\n    source: t.csv\n    rules: [{rules}]\n");
    let log = changes(
        &rules("{ check: required, column: a }, { check: required, column: b }"),
        &rules("{ check: required, column: c }, { check: required, column: a }, { check: required, column: b }"),
    );
    let kinds: Vec<_> = log.changes.iter().map(|change| (change.name.as_str(), change.kind)).collect();
    assert_eq!(kinds, [("t.required", Kind::Added), ("t.required-2", Kind::Renamed), ("t.required-3", Kind::Renamed)]);
}

/// Numbers from a seed, the same on every machine.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn one_of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[usize::try_from(self.below(texts.len() as u64)).unwrap()]
    }

    fn some_of(&mut self, texts: &[&str]) -> String {
        let chosen: Vec<&str> = texts.iter().copied().filter(|_| self.below(2) == 0).collect();
        format!("[{}]", if chosen.is_empty() { texts[0].to_owned() } else { chosen.join(", ") })
    }

    /// A rule of each of several checks, with random parameters.
    fn rules(&mut self) -> Vec<String> {
        let (low, high) = (self.below(6), 8 + self.below(6));
        let half = self.one_of(&["", ".5"]);
        let exclusive = self.one_of(&["", ", exclusive: true"]);
        let columns = ["n", "x", "y", "d"];
        vec![
            format!("check: range, column: n, min: {low}, max: {high}{exclusive}"),
            // The bounds of text decide what is parsed.
            format!("check: range, column: x, min: {low}{half}{exclusive}"),
            format!("check: range, column: d, min: 2020-01-0{}", low + 1),
            format!("check: length, column: x, within: {}..{}", low / 3, high / 3),
            format!("check: allowed, column: x, values: {}", self.some_of(&["1", "2", "7.5", "ab", "c"])),
            format!("check: forbidden, column: x, values: {}", self.some_of(&["1", "2", "7.5", "ab", "c"])),
            format!("check: required, columns: {}", self.some_of(&columns)),
            format!("check: required, any_of: {}", self.some_of(&columns)),
            format!("check: tidy, columns: {}", self.some_of(&["x", "y"])),
            format!("check: tidy, columns: [x, y], allow: {}", self.some_of(&["double_space", "edge_space"])),
            format!("check: tidy, columns: [x, y], only: {}", self.some_of(&["double_space", "edge_space"])),
            format!("check: covers, column: x, values: {}", self.some_of(&["1", "2", "7.5", "ab", "c"])),
            format!("check: row_count, min: {low}, max: {}", high + 3),
            format!("check: distinct_rows, ignore: {}", self.some_of(&columns)),
            format!("check: anonymous, quasi_identifiers: {}, k: {}", self.some_of(&["x", "y"]), 2 + self.below(3)),
            format!("check: determines, from: y, to: x, fails: {}", self.one_of(&["all", "minority"])),
            format!(
                "check: outliers, column: n, factor: {}, side: {}",
                1 + self.below(3),
                self.one_of(&["both", "low", "high"])
            ),
            format!("check: not_before, column: d, date: 2020-01-0{}", low + 1),
            format!("check: current, column: d, within: {}", self.one_of(&["5d", "1w", "2w", "8d"])),
            format!("check: fresh, column: d, within: {}", self.one_of(&["5d", "1w", "2w", "8d"])),
            format!(
                "check: columns, present: {}{}",
                self.some_of(&["n", "x", "z"]),
                self.one_of(&["", ", no_extra: true", ", order: true"])
            ),
            format!(
                "check: well_formed, no_empty_columns: {}, no_constant_columns: {}",
                self.one_of(&["true", "false"]),
                self.one_of(&["true", "false"])
            ),
        ]
    }

    fn threshold(&mut self) -> &'static str {
        self.one_of(&[
            "",
            "",
            ", at_least: 50%",
            ", at_least: 80%",
            ", at_most: 2 rows",
            ", at_most: 4 rows",
            ", at_least: 3 rows",
        ])
    }

    /// A suite in which rule `i` is the random rule `i`.
    fn suite(&mut self) -> String {
        let mut text = "suite: s\nas_of: 2020-01-12\ndatasets:\n  t:\n    source: t.csv\n    columns: { n: { type: integer }, d: { type: date } }\n    rules:\n".to_owned();
        for (at, rule) in self.rules().iter().enumerate() {
            let threshold = self.threshold();
            writeln!(text, "      - {{ id: r{at}, {rule}{threshold} }}").unwrap();
        }
        text
    }

    fn table(&mut self) -> String {
        let mut text = "n,x,y,d\n".to_owned();
        for _ in 0..=self.below(9) {
            let n = self.one_of(&["0", "3", "6", "7", "9", "40", "", "what"]);
            let x = self.one_of(&["1", "2", "7.5", "ab", "c", "a  b", " 3", "", "8"]);
            let y = self.one_of(&["p", "q", "q  r", ""]);
            let d = self.one_of(&["2020-01-02", "2020-01-05", "2020-01-11", "", "soon"]);
            writeln!(text, "{n},{x},{y},{d}").unwrap();
        }
        text
    }
}

#[test]
fn the_verdict_of_an_audit_agrees_with_every_claim() {
    let mut seeded = Seeded(17);
    let mut claims: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..60 {
        let (old, new) = (seeded.suite(), seeded.suite());
        let log = changes(&old, &new);
        for _ in 0..6 {
            let table = seeded.table();
            let statuses = |suite: &str| -> BTreeMap<String, (Status, String)> {
                let folder = Folder::of(&[("suite.yaml", suite), ("t.csv", &table)]);
                let report = audit_with(&folder.path("suite.yaml"), &options(ALL_MEMORY, &[], 1));
                let rules = report.datasets.into_iter().flat_map(|dataset| dataset.rules);
                rules.map(|rule| (rule.id, (rule.status, rule.check))).collect()
            };
            let (before, after) = (statuses(&old), statuses(&new));
            for change in log.changes.iter().filter(|change| change.part == SuitePart::Rule) {
                let (Some((then, check)), Some((now, _))) = (before.get(&change.name), after.get(&change.name)) else {
                    continue;
                };
                let broken = match change.effect {
                    Effect::Stricter => *then == Status::Failed && *now == Status::Passed,
                    Effect::Looser => *then == Status::Passed && *now == Status::Failed,
                    Effect::Other => false,
                };
                assert!(!broken, "{change:#?}\n{then:?} → {now:?}\n{table}\n{old}\n{new}");
                if change.effect != Effect::Other && then != now {
                    *claims.entry(check.clone()).or_default() += 1;
                }
            }
        }
    }
    // Where no verdict ever moves, the claim is not tried.
    for check in [
        "range",
        "length",
        "allowed",
        "forbidden",
        "required",
        "tidy",
        "covers",
        "row_count",
        "distinct_rows",
        "anonymous",
        "outliers",
        "current",
    ] {
        assert!(claims.get(check).is_some_and(|count| *count > 2), "{check}: {claims:?}");
    }
}

#[test]
fn defaults_that_are_written_are_of_the_kind_of_their_parameter() {
    for check in CHECKS {
        for param in check.params() {
            let Some((by, words)) = param.default_by else { continue };
            let other = check.params().iter().find(|known| known.name == by).unwrap();
            assert!(
                other.default.is_some_and(|default| words.iter().any(|(word, _)| *word == default)),
                "{}",
                check.name()
            );
        }
    }
}

/// A folder with both suites.
fn suites() -> Folder {
    Folder::of(&[("old.yaml", OLD), ("new.yaml", NEW), ("same.yaml", &format!("# Just a comment.\n{OLD}"))])
}

#[test]
fn exit_codes_are_for_ci() {
    let folder = suites();
    let looser = OLD.replace("at_least: 90%", "at_least: 80%");
    folder.write("looser.yaml", &looser);
    for (old, new, fail_on, wanted) in [
        ("old.yaml", "new.yaml", None, 0),
        ("old.yaml", "new.yaml", Some("any"), 1),
        ("old.yaml", "same.yaml", Some("any"), 0),
        ("old.yaml", "looser.yaml", Some("producer"), 0),
        ("old.yaml", "looser.yaml", Some("consumer"), 1),
        ("looser.yaml", "old.yaml", Some("producer"), 1),
        ("looser.yaml", "old.yaml", Some("consumer"), 0),
    ] {
        let mut args = vec!["changelog", old, new];
        args.extend(fail_on.map(|_| "--fail-on"));
        args.extend(fail_on);
        let output = run(&folder, &args);
        assert_eq!((code(&output), stderr(&output).as_str()), (wanted, ""), "{args:?}");
    }
    let output = run(&folder, &["changelog", "old.yaml", "new.yaml", "--format", "json"]);
    let log: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(log["format"], "passmuster.changelog/1");
    let schema = jsonschema::validator_for(&changed::schema()).unwrap();
    assert!(schema.is_valid(&log), "{:?}", schema.iter_errors(&log).next());
}

#[test]
fn what_cannot_be_compared_ends_with_one_message() {
    let folder = suites();
    folder.write("broken.yaml", "suite: s\ndatasets: { t: { source: t.csv, rules: [{ check: uniqe }] } }\n");
    for (args, part) in [
        (&["changelog", "old.yaml", "gone.yaml"][..], "gone.yaml"),
        (&["changelog", "broken.yaml", "old.yaml"], "did you mean `unique`?"),
        (&["changelog", "old.yaml", "new.yaml", "--output", "old.yaml"], "refusing to write"),
        (&["changelog", "old.yaml"], "<NEW>"),
        (&["changelog", "old.yaml", "new.yaml", "--fail-on", "both"], "invalid value"),
    ] {
        let output = run(&folder, args);
        assert_eq!((code(&output), stdout(&output).as_str()), (2, ""), "{args:?}");
        assert!(stderr(&output).contains(part), "{args:?}: {}", stderr(&output));
    }
    assert_eq!(folder.read("old.yaml"), OLD);
}

#[test]
fn no_text_of_a_suite_steers_a_terminal() {
    let suite = |value: &str| {
        format!(
            "suite: \"s\\e[2J\"\ndatasets:\n  t:\n    source: \"t\\e[8m{value}.csv\"\n    rules: [{{ id: r, check: allowed, column: \"a\\e]0;x\\a\", values: [\"\\e[31m{value}\"], because: \"\\e[1m{value}\" }}]\n"
        )
    };
    let folder = Folder::of(&[("old.yaml", &suite("1")), ("new.yaml", &suite("2"))]);
    let output = run(&folder, &["changelog", "old.yaml", "new.yaml"]);
    let text = stdout(&output);
    assert!(output.status.success() && text.contains("\\u{1b}[31m2") && !text.contains('\u{1b}'), "{text}");
}

/// Refresh with `passmuster schema changelog > schema/changelog.schema.json`.
#[test]
fn the_published_schema_of_changelogs_is_fresh() {
    let published = fs::read_to_string(root().join("schema/changelog.schema.json")).unwrap_or_default();
    assert!(published == format!("{:#}\n", changed::schema()), "schema/changelog.schema.json is not fresh");
}

#[test]
fn changelogs_as_reviewed() {
    let folder = suites();
    let mut screens = Vec::new();
    for (name, args) in [
        ("suites", &["changelog", "old.yaml", "new.yaml"][..]),
        ("same", &["changelog", "old.yaml", "same.yaml"]),
        ("fails", &["changelog", "old.yaml", "new.yaml", "--fail-on", "producer"]),
    ] {
        screens.push((name.to_owned(), screen(args, &run(&folder, args))));
    }
    compare("changelog", &screens);
}

//! Several datasets about the same things: counts worked out by hand, and faults of their rules at their places.

use std::collections::BTreeMap;

use passmuster::audit::{AuditOptions, audit};
use passmuster::engine::MemoryLimit;
use passmuster::model::{AuditReport, Share, Status};
use passmuster::rules::{Diagnostics, lint, load};

use crate::support::audits::{ALL_MEMORY, audit_files, options, run};
use crate::support::folder::Folder;
use crate::support::reports::{four_measured, rule, said};

/// The details that are not 0.
fn details<'r>(report: &'r AuditReport, id: &str) -> BTreeMap<&'r str, u64> {
    let details = rule(report, id).details.iter().filter(|(_, count)| **count > 0);
    details.map(|(name, count)| (name.as_str(), *count)).collect()
}

const CITIZENS: &str = "citizen_id,full_name,date_of_birth\n1,An,1990-01-01\n2,Binh,1990-02-02\n3,Chi,1990-03-03\n4,Dung,\n5,Em,1990-05-05\n5,Em,1990-05-06\n,No Key,1990-01-01\n7,Giang,abc\n";
const TAX: &str = "personal_id,name,birth_date\n1,AN,1990-01-01\n2,Bình,1990-02-02\n4,Dung,1990-04-04\n5,Em,1990-05-05\n8,Hoa,1990-08-08\n9,Khoa,1990-09-09\n";
const HEALTH: &str = "patient_id,patient\n1,An\n3,Chi\n8,Hoà\n9,khoa\n9,Khoa\n10,Lan\n";

/// A suite of three registers with some rules about citizens, in flow style.
fn registers(rules: &[&str]) -> String {
    let rules = rules.iter().fold(String::new(), |all, rule| all + "      - " + rule + "\n");
    format!(
        "suite: registers\nas_of: 2026-01-01\ndatasets:\n  tax:\n    source: tax.csv\n    key: personal_id\n    \
         columns: {{ birth_date: {{ type: date }} }}\n  health:\n    source: health.csv\n    key: patient_id\n  \
         citizens:\n    source: citizens.csv\n    key: citizen_id\n    columns: {{ date_of_birth: {{ type: date }} }}\n    \
         rules:\n{rules}"
    )
}

const THREE: &str = "with: { tax: { on: { citizen_id: personal_id }, compare: { full_name: { to: name, as: folded }, date_of_birth: birth_date } }, health: { on: { citizen_id: patient_id }, compare: { full_name: { to: patient, as: folded } } } }";

fn three_registers(rules: &[&str]) -> AuditReport {
    let suite = registers(rules);
    audit_files(&[("suite.yaml", &suite), ("citizens.csv", CITIZENS), ("tax.csv", TAX), ("health.csv", HEALTH)])
}

#[test]
fn three_registers_are_one_graph() {
    let report = three_registers(&[
        &format!("{{ id: three, check: agrees, {THREE} }}"),
        &format!("{{ id: everywhere, check: agrees, {THREE}, require: everywhere }}"),
        "{ id: two, check: agrees, with: { tax: { compare: { date_of_birth: birth_date } } } }",
        "{ id: rows, check: agrees, with: tax, compare: { date_of_birth: birth_date } }",
        "{ id: no-facts-of-em, check: agrees, with: { tax: { compare: { date_of_birth: birth_date } } }, where: full_name <> 'Em' }",
    ]);
    // 1 to 5 and 8, 9 are in two registers or more; 2 and 8 have two names, 4 has one date and a gap, 5 two dates.
    assert_eq!(four_measured(&report, "three"), [3, 4, 2, 0]);
    let expected = BTreeMap::from([
        ("entities", 9),
        ("in_every_dataset", 1),
        ("only_in_citizens", 1),
        ("only_in_health", 1),
        ("missing_in_citizens", 3),
        ("missing_in_tax", 3),
        ("missing_in_health", 4),
        ("repeated_in_citizens", 1),
        ("repeated_in_health", 1),
        ("without_key_in_citizens", 1),
        ("conflicts_of_full_name", 2),
        ("conflicts_of_date_of_birth", 2),
        ("gaps_of_date_of_birth", 1),
    ]);
    assert_eq!(details(&report, "three"), expected);
    let records: Vec<u64> = rule(&report, "three").failing_rows.iter().map(|row| row.record).collect();
    assert_eq!(records, [2, 4, 5, 6]);
    assert!(rule(&report, "three").observed.contains("7 of 9 entities in several datasets, 4 of them conflict (full_name 2, date_of_birth 2), 2 in one dataset only (citizens 1, health 1)"));
    assert!(!said(&report).contains("Hoa"), "no cell is shown");

    // Only 1 is in all three; the date of 7 cannot be parsed.
    assert_eq!(four_measured(&report, "everywhere"), [1, 8, 0, 1]);
    assert_eq!(details(&report, "everywhere")["conflicts_of_date_of_birth"], 3);
    // 1, 2 agree; 4 and 5 do not; 3, 7 and 8, 9 are in one of both.
    assert_eq!(four_measured(&report, "two"), [2, 2, 4, 0]);
    // The same, row by row: 3, 7 and the row without a key have no counterpart.
    assert_eq!(four_measured(&report, "rows"), [3, 2, 3, 0]);
    assert_eq!(four_measured(&report, "no-facts-of-em"), [2, 1, 5, 0]);
    // Rules about entities make no record unclean: the type of a date and the rule about rows do.
    let citizens = report.datasets.iter().find(|dataset| dataset.name == "citizens").unwrap();
    assert_eq!(citizens.records.as_ref().unwrap().clean, 5);
}

#[test]
fn circles_of_registers_are_audited() {
    let suite = "suite: s\ndatasets:\n  a:\n    source: a.csv\n    rules:\n      - { id: ab, check: agrees, with: [b, c], on: [k], compare: [x] }\n  b:\n    source: b.csv\n    rules:\n      - { id: ba, check: agrees, with: [a, c], on: k, compare: x }\n      - { id: bc, check: exists_in, columns: k, dataset: c, key: k }\n  c:\n    source: c.csv\n    rules:\n      - { id: ca, check: reconciles, with: a, by: k, measures: count(*) }\n      - { id: cc, check: reconciles, with: c, measures: [count(*), count(x)], where: k = '1', having: k = '2' }\n";
    let (a, b, c) = ("k,x\n1,u\n2,v\n", "k,x\n1,u\n3,w\n", "k,x\n1,z\n2,v\n3,w\n");
    let report = audit_files(&[("suite.yaml", suite), ("a.csv", a), ("b.csv", b), ("c.csv", c)]);
    assert_eq!(four_measured(&report, "ab"), [2, 1, 0, 0]);
    assert_eq!(four_measured(&report, "ba"), [2, 1, 0, 0]);
    assert_eq!(four_measured(&report, "bc"), [2, 0, 0, 0]);
    assert_eq!(four_measured(&report, "ca"), [2, 1, 0, 0]);
    assert_eq!(four_measured(&report, "cc"), [1, 0, 0, 0]);
}

#[test]
fn a_register_that_cannot_be_read_leaves_its_rules_errored() {
    let suite =
        registers(&[&format!("{{ id: three, check: agrees, {THREE} }}"), "{ id: rows, check: row_count, min: 1 }"]);
    let report = audit_files(&[("suite.yaml", &suite), ("citizens.csv", CITIZENS), ("tax.csv", TAX)]);
    assert_eq!(rule(&report, "three").status, Status::Errored);
    assert!(rule(&report, "three").reason.as_ref().unwrap().contains("`health` cannot be read"));
    assert_eq!(rule(&report, "rows").status, Status::Passed);
    // One that cannot be read to its end.
    let files = [("suite.yaml", suite.as_str()), ("citizens.csv", CITIZENS), ("tax.csv", TAX)];
    let folder = Folder::of(&files);
    folder.write("health.csv", b"patient_id,patient\n1,An\n");
    folder.write("broken.parquet", b"PAR1 no parquet PAR1");
    let report = run(&folder.path("suite.yaml"), &[("tax", folder.path("broken.parquet"))], 1);
    assert_eq!(rule(&report, "three").status, Status::Errored);
}

#[test]
fn a_sample_tells_nothing_of_entities() {
    let suite = "suite: s\ndatasets:\n  b: { source: b.csv }\n  a:\n    source: a.csv\n    rules:\n      - { id: same, check: agrees, with: [b], on: [k], compare: [x] }\n      - { id: sums, check: reconciles, with: b, by: [k], measures: count(*) }\n      - { id: there, check: required, columns: x }\n";
    let rows: String = (0..40_000).fold("k,x\n".to_owned(), |rows, n| rows + &format!("{n},x{n}\n"));
    let folder = Folder::of(&[("suite.yaml", suite), ("a.csv", &rows), ("b.csv", &rows)]);
    let asked = |sample, select: Vec<passmuster::audit::Selector>| AuditOptions {
        sample,
        select,
        ..options(ALL_MEMORY, &[], 2)
    };
    let suites = [folder.path("suite.yaml")];
    let report = audit(&suites, &asked(Share::parse("10%"), Vec::new()), &()).unwrap().report;
    for id in ["same", "sums"] {
        let rule = rule(&report, id);
        assert_eq!((rule.status, rule.evaluated), (Status::NotMeasured, 0), "{:?}", rule.reason);
        assert!(rule.reason.as_ref().unwrap().contains("a sample cannot answer"));
    }
    assert!(!report.notices.iter().any(|notice| notice.text.contains("read in full")), "{:?}", report.notices);
    let selected = vec![passmuster::audit::Selector::Id("same".to_owned())];
    let report = audit(&suites, &asked(None, selected), &()).unwrap().report;
    assert_eq!(four_measured(&report, "same"), [40_000, 0, 0, 0]);
    assert_eq!(report.datasets.len(), 1);
}

const LEDGER: &str = "region,paid,kind\nNorth,100.10,a\nNorth,-0.1,b\nSouth,7,a\nEast,1,a\n,5,a\nWest,2.5,b\n";
const PAYMENTS: &str =
    "province,amount,n\nNorth,50,1\nNorth,50.00,2\nSouth,7.01,3\nSouth,,4\nWest,abc,5\nCentre,1,6\n,1,7\nEast,1.0,8\n";

fn treasury(rules: &[&str]) -> AuditReport {
    let rules = rules.iter().fold(String::new(), |all, rule| all + "      - " + rule + "\n");
    let suite = format!(
        "suite: treasury\nas_of: 2026-01-01\ndatasets:\n  ledger:\n    source: ledger.csv\n    columns: {{ paid: {{ type: \
         decimal }} }}\n  payments:\n    source: payments.csv\n    columns: {{ amount: {{ type: decimal }}, n: {{ type: \
         integer }} }}\n    rules:\n{rules}"
    );
    audit_files(&[("suite.yaml", &suite), ("ledger.csv", LEDGER), ("payments.csv", PAYMENTS)])
}

#[test]
fn totals_by_group_are_compared() {
    let report = treasury(&[
        "{ id: sums, check: reconciles, with: ledger, by: { province: region }, measures: { sum(amount): sum(paid) } }",
        "{ id: near, check: reconciles, with: ledger, by: { province: region }, measures: { sum(amount): sum(paid) }, tolerance: 0.01 }",
        "{ id: percent, check: reconciles, with: ledger, by: { province: region }, measures: { sum(amount): sum(paid) }, tolerance: 0.14% }",
        "{ id: counts, check: reconciles, with: ledger, by: { province: region }, measures: [count(*)] }",
        "{ id: both, check: reconciles, with: ledger, by: { province: region }, measures: { count(*): count(*), sum(amount): sum(paid) }, where: n < 5, having: kind = 'a' }",
        "{ id: whole, check: reconciles, with: ledger, measures: { sum(amount): sum(paid) }, where: province = 'North', having: region = 'North' }",
        "{ id: part, check: reconciles, with: ledger, measures: { count(*): count(*), sum(n * 2): sum(paid) }, where: n = 2, having: paid = 7 }",
        "{ id: nothing, check: reconciles, with: ledger, measures: count(*), where: n > 100, having: paid > 1000 }",
    ]);
    // North agrees to the penny (100 = 100.10 - 0.1) and so does East; South differs by 0.01, West cannot be parsed, Centre is
    // here alone.
    assert_eq!(four_measured(&report, "sums"), [2, 3, 0, 1]);
    let expected = BTreeMap::from([
        ("groups", 5),
        ("matched", 2),
        ("differing", 2),
        ("differing_in_sum(amount)", 2),
        ("only_here", 1),
        ("without_key_here", 1),
        ("without_key_there", 1),
        ("unreadable_values_here", 1),
    ]);
    assert_eq!(details(&report, "sums"), expected);
    // The first rows of South, West and Centre.
    let records: Vec<u64> = rule(&report, "sums").failing_rows.iter().map(|row| row.record).collect();
    assert_eq!(records, [3, 5, 6]);
    assert!(!said(&report).contains("South"), "no group is shown");
    assert_eq!(four_measured(&report, "near"), [3, 2, 0, 1]);
    // 0.01 of 7 is 0.143 %.
    assert_eq!(four_measured(&report, "percent"), [2, 3, 0, 1]);
    // North 2 and 2, South 2 and 1, West, East 1 and 1, Centre 1 and none.
    assert_eq!(four_measured(&report, "counts"), [3, 2, 0, 0]);
    // Here North and South, there North, South and East.
    assert_eq!(four_measured(&report, "both"), [0, 3, 0, 0]);
    assert_eq!(details(&report, "both")["only_there"], 1);
    assert_eq!(four_measured(&report, "whole"), [1, 0, 0, 0]);
    assert_eq!(rule(&report, "whole").observed, "sum(amount) = 100 here, 100 in ledger");
    assert_eq!(four_measured(&report, "part"), [0, 1, 0, 0]);
    assert_eq!(rule(&report, "part").observed, "count(*) = 1 here, 1 in ledger; sum((n * 2)) = 4 here, 7 in ledger");
    assert_eq!((rule(&report, "nothing").status, rule(&report, "nothing").evaluated), (Status::NotMeasured, 0));
}

#[test]
fn totals_are_exact_and_hang_on_no_order() {
    // As floats, a large amount would swallow the cents, and ten tenths would not be one.
    let tenths =
        "g,x\n".to_owned() + &"1,0.1\n".repeat(10) + "2,100000000000000000000\n2,0.01\n2,-100000000000000000000\n";
    let suite = "suite: s\ndatasets:\n  b:\n    source: b.csv\n    columns: { x: { type: decimal } }\n  a:\n    source: a.csv\n    columns: { x: { type: decimal } }\n    rules:\n      - { id: sums, check: reconciles, with: b, by: g, measures: sum(x) }\n";
    let report = audit_files(&[("suite.yaml", suite), ("a.csv", &tenths), ("b.csv", "g,x\n2,1e-2\n1,1\n")]);
    assert_eq!(four_measured(&report, "sums"), [2, 0, 0, 0]);
    let huge = "g,x\n1,1\n2,1e300\n2,-1e300\n";
    let report = audit_files(&[("suite.yaml", suite), ("a.csv", huge), ("b.csv", "g,x\n2,0\n1,1\n")]);
    assert_eq!(four_measured(&report, "sums"), [1, 1, 0, 1], "too large to add is not in silence");
    assert_eq!(details(&report, "sums")["unreadable_values_here"], 2);
}

/// The faults that lint finds in a suite over the three registers: line, message and help, with the columns of the data.
fn faults(rules: &[&str]) -> Vec<(u32, String)> {
    let suite = registers(rules);
    let folder =
        Folder::of(&[("suite.yaml", &suite), ("citizens.csv", CITIZENS), ("tax.csv", TAX), ("health.csv", HEALTH)]);
    let found: Diagnostics = match audit(&[folder.path("suite.yaml")], &options(MemoryLimit::Keys(0), &[], 1), &()) {
        Ok(audited) => audited.diagnostics.expect("something is wrong"),
        Err(error) => error.downcast().expect("diagnostics"),
    };
    let line = |fault: &passmuster::rules::Diagnostic| fault.span().map_or(0, |span| span.line);
    found
        .iter()
        .map(|fault| (line(fault), format!("{} | {}", fault.message, fault.help.clone().unwrap_or_default())))
        .collect()
}

#[track_caller]
fn assert_faults(rules: &[&str], expected: &[&str]) {
    let found = faults(rules);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (line, message) in &found {
        // The rules begin on line 16.
        let at = (*line as usize).checked_sub(16).unwrap_or_else(|| panic!("{message} is at line {line}"));
        assert!(message.contains(expected[at]), "{message}\n{}", expected[at]);
    }
}

#[test]
fn faults_of_graphs_are_told_at_once() {
    assert_faults(
        &[
            "{ id: a, check: agrees, with: [tax, helth], compare: [full_name] }",
            "{ id: b, check: agrees, with: [tax, citizens], compare: [full_name] }",
            "{ id: c, check: agrees, with: [tax, tax], compare: [full_name] }",
            "{ id: d, check: agrees, with: [], compare: [full_name] }",
            "{ id: e, check: agrees, with: [tax, health] }",
            "{ id: f, check: agrees, with: tax }",
            "{ id: g, check: agrees, with: { tax: { compare: [] } } }",
            "{ id: h, check: agrees, with: { tax: { compares: [full_name] } }, compare: [full_name] }",
            "{ id: i, check: agrees, with: { tax: { compare: { full_name: { to: name, tolerance: -1 } } } } }",
            "{ id: j, check: agrees, with: { tax: { compare: { full_name: { to: name, as: folded } } }, health: { compare: { full_name: patient } } } }",
            "{ id: k, check: agrees, with: { tax: { on: { citizen_id: personal_id } }, health: { on: { full_name: patient } } }, compare: [full_name] }",
            "{ id: l, check: agrees, with: { tax: { compare: { full_name: name } } }, compare: [full_name] }",
            "{ id: m, check: agrees, with: tax, compare: [full_name], require: everywhere }",
            "{ id: n, check: agrees, with: [tax], compare: [full_name], require: all }",
            "{ id: o, check: agrees, with: { tax: 7 }, compare: [full_name] }",
            "{ id: p, check: agrees, with: [tax], compare: [full_name], segment: full_name }",
        ],
        &[
            "unknown dataset `helth` | did you mean `health`?",
            "`citizens` is the dataset of the rule itself | name the other",
            "`tax` occurs twice",
            "`with` names no dataset",
            "name the columns that must agree with tax, health",
            "name the columns that must agree: `compare",
            "`compare` is an empty list",
            "unknown key `compares` in the dataset `tax` | did you mean `compare`?",
            "`tolerance` takes a number from 0, not `-1`",
            "full_name is compared (folded) with tax and exactly with health: compare it in one way",
            "entities are identified by citizen_id for tax and by full_name for health",
            "every dataset under `with` has its own `compare`",
            "`require` is about entities: name the other dataset in a list, `with: [tax]`",
            "`require` does not take `all`",
            "the dataset `tax` takes a mapping",
            "it takes no `segment`",
        ],
    );
}

#[test]
fn graphs_that_do_not_fit_the_columns_are_told_at_once() {
    assert_faults(
        &[
            "{ id: a, check: agrees, with: { tax: { compare: { full_name: nam } } } }",
            "{ id: b, check: agrees, with: { tax: { compare: { date_of_birth: name } } } }",
            "{ id: c, check: agrees, with: { tax: { compare: { date_of_birth: { to: birth_date, as: folded } } } } }",
            "{ id: d, check: agrees, with: { tax: { on: [personal_id], compare: { full_name: name } } } }",
            "{ id: e, check: agrees, with: { tax: { on: { date_of_birth: personal_id }, compare: { full_name: name } } } }",
            "{ id: f, check: agrees, with: [tax], compare: { full_name: { to: name, tolerance: 1 } } }",
            "{ id: g, check: agrees, with: [health], on: [citizen_id], compare: { full_name: patient } }",
        ],
        &[
            "`tax` has no column `nam` | did you mean `name`?",
            "date_of_birth is date and name of tax is text: declare one type for both",
            "date_of_birth is date, which cannot be compared that way",
            "`citizens` has no column `personal_id`",
            "date_of_birth is date and personal_id of tax is text",
            "full_name is text, which cannot be compared that way",
            "`health` has no column `citizen_id`",
        ],
    );
}

#[test]
fn faults_of_reconciliations_are_told_at_once() {
    assert_faults(
        &[
            "{ id: a, check: reconciles, with: taxx, measures: count(*) }",
            "{ id: b, check: reconciles, with: tax }",
            "{ id: c, check: reconciles, with: tax, measures: [] }",
            "{ id: d, check: reconciles, with: tax, measures: [avg(full_name)] }",
            "{ id: e, check: reconciles, with: tax, measures: [full_name] }",
            "{ id: f, check: reconciles, with: tax, measures: [count(*), count(*)] }",
            "{ id: g, check: reconciles, with: tax, measures: count(*), tolerance: -1 }",
            "{ id: h, check: reconciles, with: tax, measures: count(*), tolerance: 100% }",
            "{ id: i, check: reconciles, with: tax, measures: count(*), tolerance: nan }",
            "{ id: j, check: reconciles, with: tax, measures: count(*), by: {} }",
            "{ id: k, check: reconciles, with: tax, measures: { count(*): 7 } }",
            "{ id: l, check: reconciles, with: tax, measures: 'count(*) > 1' }",
        ],
        &[
            "unknown dataset `taxx` | did you mean `tax`?",
            "`reconciles` needs `measures`",
            "`measures` is empty",
            "`measures` takes totals; `avg` is none",
            "`full_name` is a column, and this expression is about all rows",
            "`count(*)` occurs twice",
            "`tolerance` takes a number from 0, or a share such as 0.5%, not `-1`",
            "100% would accept",
            "`tolerance` takes a number from 0",
            "`by` is empty",
            "`measures` takes totals; `7` is none",
            "`measures` takes totals",
        ],
    );
    assert_faults(
        &["{ id: a, check: reconciles, with: tax, measures: { sum(full_name): count(*) } }"],
        &["`full_name` is text, and arithmetic takes numbers"],
    );
    assert_faults(
        &[
            "{ id: b, check: reconciles, with: tax, by: { date_of_birth: name }, measures: count(*) }",
            "{ id: c, check: reconciles, with: tax, by: [full_name], measures: count(*) }",
            "{ id: d, check: reconciles, with: tax, measures: { count(*): count(nam) } }",
        ],
        &["date_of_birth is date and name of tax is text", "`tax` has no column `full_name`", "`nam`"],
    );
}

#[test]
fn a_suite_with_a_graph_reads_without_data() {
    let suite = registers(&[&format!("{{ id: three, check: agrees, {THREE} }}")]);
    let folder = Folder::of(&[("suite.yaml", &suite)]);
    let suite = load(&[folder.path("suite.yaml")], &options(MemoryLimit::Keys(0), &[], 1).load).unwrap();
    let found: Vec<String> = lint(&suite).into_iter().map(|lint| lint.diagnostic.message).collect();
    assert!(found.is_empty(), "the registers are used: {found:?}");
}

//! `audit --evidence`: every failing group, entity, expected value and gap, with what each side says and no personal value.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use passmuster::audit::{AuditOptions, FailingRecord, RecordSink, Scene, audit_written};
use passmuster::engine::{
    About, Datasets, Engine, EvidenceSink, Execution, GroupFinding, MemoryLimit, Request, RowFindings, Says, Watch,
};
use passmuster::evidence::Evidence;
use passmuster::model::{EvidenceManifest, FailingGroup, TokenKey};
use passmuster::rules::read_suite;
use proptest::prelude::*;

use crate::support::around::{Around, AroundLocal, local};
use crate::support::audits::{ALL_MEMORY, options};
use crate::support::folder::Folder;
use crate::support::program::{code, run, stderr, stdout};

/// Audits with evidence in `out`; gives the manifest and the failing groups of a dataset.
fn evidence(folder: &Folder, dataset: &str, args: &[&str]) -> (EvidenceManifest, Vec<FailingGroup>) {
    let all = [&["audit", "suite.yaml", "--as-of", "2026-11-01", "-q", "--force", "--evidence", "out"], args].concat();
    let output = run(folder, &all);
    assert!(code(&output) < 2, "{}", stderr(&output));
    read(&folder.path("out"), dataset)
}

fn read(path: &Path, dataset: &str) -> (EvidenceManifest, Vec<FailingGroup>) {
    let evidence = Evidence::open(path).unwrap();
    let manifest = evidence.manifest().clone();
    let facts = manifest.dataset(dataset).unwrap();
    let groups = evidence.groups(facts).unwrap().into_iter().flatten().map(Result::unwrap).collect();
    (manifest, groups)
}

/// A group in one line: rule, key, reason, gap and statements.
fn line(group: &FailingGroup) -> String {
    let key: Vec<String> = group
        .key_columns
        .iter()
        .zip(&group.key)
        .map(|(column, value)| format!("{column}={}", value.as_deref().unwrap_or("-")))
        .collect();
    let says: Vec<String> = group
        .says
        .iter()
        .map(|says| {
            let count = says.count.map(|count| format!(" #{count}")).unwrap_or_default();
            let value = says.value.as_ref().map(|value| format!(" {value}")).unwrap_or_default();
            format!("{}.{}{count}{value}", says.side, says.measure)
        })
        .collect();
    let gap: Vec<&str> = [&group.first, &group.last].into_iter().flatten().map(String::as_str).collect();
    format!("{} {} {} {} [{}]", group.rule, key.join(","), group.why, gap.join(".."), says.join("; "))
}

fn lines(groups: &[FailingGroup]) -> Vec<String> {
    groups.iter().map(line).collect()
}

/// Six provinces: 01 agrees, 02 and 05 differ, 03 is here only, 04 there only, and 06 has an unparseable amount. One row has no
/// province.
const PAYMENTS: &str = "province,amount\n01,1.5\n01,2.5\n02,7\n03,1\n05,0.1\n05,0.2\n06,x\n06,1\n,9\n";
const LEDGER: &str = "region,paid\n01,4\n02,6.25\n02,0.5\n04,12\n05,0.31\n06,1\n";

const RECONCILES: &str = "suite: s
datasets:
  ledger:
    source: ledger.csv
    columns: { region: { pii: none }, paid: { type: decimal, pii: none } }
  payments:
    source: payments.csv
    columns: { province: { pii: none }, amount: { type: decimal, pii: none } }
    rules:
      - id: books
        check: reconciles
        with: ledger
        by: { province: region }
        measures: { count(*): count(*), sum(amount): sum(paid) }
      - id: whole
        check: reconciles
        with: ledger
        measures: { sum(amount): sum(paid) }
        where: province is not null
";

#[test]
fn totals_come_by_group_with_what_both_sides_say() {
    let folder = Folder::of(&[("suite.yaml", RECONCILES), ("payments.csv", PAYMENTS), ("ledger.csv", LEDGER)]);
    let (manifest, groups) = evidence(&folder, "payments", &[]);
    // 01 has 2 rows here and 1 there. The whole of the provinces is 1.5 + 2.5 + 7 + 1 + 0.1 + 0.2 + 1 = 13.3 with one x.
    assert_eq!(
        lines(&groups),
        [
            "books province=01 differs  [payments.count(*) #2; payments.sum(amount) 4; ledger.count(*) #1; ledger.sum(paid) 4]",
            "books province=02 differs  [payments.count(*) #1; payments.sum(amount) 7; ledger.count(*) #2; ledger.sum(paid) 6.75]",
            "books province=03 only_here  [payments.count(*) #1; payments.sum(amount) 1]",
            "books province=04 only_there  [ledger.count(*) #1; ledger.sum(paid) 12]",
            "books province=05 differs  [payments.count(*) #2; payments.sum(amount) 0.3; ledger.count(*) #1; ledger.sum(paid) 0.31]",
            "books province=06 unparseable  [payments.count(*) #2; payments.sum(amount) 1; payments.unparseable(sum(amount)) #1; \
             ledger.count(*) #1; ledger.sum(paid) 1]",
            "whole  unparseable  [payments.sum(amount) 13.3; payments.unparseable(sum(amount)) #1; ledger.sum(paid) 24.06]",
        ]
    );
    let books = manifest.rule("books").unwrap();
    assert_eq!((books.failed, books.groups, books.listed, books.limit), (6, 6, 0, None));
    assert_eq!(manifest.dataset("payments").unwrap().groups.as_ref().unwrap().rows, 7);
    assert!(manifest.notices.is_empty() && manifest.tokens.is_none(), "{:?}", manifest.notices);
}

#[test]
fn groups_of_a_personal_column_are_tokens_and_personal_sums_are_not_shown() {
    let suite = RECONCILES
        .replace("region: { pii: none }", "region: { pii: basic }")
        .replace("amount: { type: decimal, pii: none }", "amount: { type: decimal, pii: basic }");
    let folder = Folder::of(&[("suite.yaml", &suite), ("payments.csv", PAYMENTS), ("ledger.csv", LEDGER)]);
    let (manifest, groups) = evidence(&folder, "payments", &[]);
    let books: Vec<&FailingGroup> = groups.iter().filter(|group| group.rule == "books").collect();
    assert!(books.iter().all(|group| group.key[0].as_ref().unwrap().starts_with("token:")), "{books:?}");
    let sums = |side: &str| {
        let says = books.iter().flat_map(|group| &group.says).filter(|says| says.side == side);
        let sums: Vec<_> = says.filter(|says| says.measure.starts_with("sum")).map(|says| says.value.clone()).collect();
        sums
    };
    assert!(sums("payments").iter().all(Option::is_none));
    assert!(sums("ledger").iter().all(Option::is_some));
    assert_eq!(manifest.tokens.unwrap().key, TokenKey::OneAudit);
}

const AGREES: &str = "suite: s
datasets:
  tax:
    source: tax.csv
    columns: { id: { pii: none }, name: { pii: none }, place: { pii: none } }
  health:
    source: health.csv
    columns: { person: { pii: none }, town: { pii: none } }
  citizens:
    source: citizens.csv
    columns: { id: { pii: none }, name: { pii: none }, place: { pii: none }, alive: { pii: none } }
    rules:
      - id: one-story
        check: agrees
        on: { id: id }
        with:
          tax: { compare: { name: name, place: place } }
          health: { on: { id: person }, compare: { place: town } }
        where: alive = 'yes'
";

/// 1 agrees everywhere; 2 has two places here and a third in health; 3 lacks a name in tax; 4 is in one dataset only; 5 is out of
/// scope here and differs between the others; 6 differs only with a row that is out of scope.
const CITIZENS: &str = "id,name,place,alive\n1,Ann,A,yes\n2,Bob,B,yes\n2,Bob,C,yes\n3,Cyd,A,yes\n4,Dan,A,yes\n5,Eve,A,no\n\
    6,Fay,A,yes\n6,Foy,A,no\n";
const TAX: &str = "id,name,place\n1,Ann,A\n2,Bob,B\n3,,A\n5,Eve,A\n6,Fay,A\n";
const HEALTH: &str = "person,town\n1,A\n2,D\n5,B\n,C\n";

fn citizens(suite: &str) -> Folder {
    Folder::of(&[("suite.yaml", suite), ("citizens.csv", CITIZENS), ("tax.csv", TAX), ("health.csv", HEALTH)])
}

#[test]
fn entities_come_with_what_each_dataset_says_about_the_facts_that_differ() {
    let folder = citizens(AGREES);
    let (manifest, groups) = evidence(&folder, "citizens", &["--reveal"]);
    assert_eq!(
        lines(&groups),
        [
            "one-story id=2 differs  [citizens.rows #2; citizens.place #1 B; citizens.place #1 C; tax.rows #1; tax.place #1 B; \
             health.rows #1; health.place #1 D]",
            "one-story id=3 differs  [citizens.rows #1; citizens.name #1 Cyd; tax.rows #1; tax.missing(name) #1]",
            "one-story id=5 differs  [tax.rows #1; tax.place #1 A; health.rows #1; health.place #1 B]",
        ]
    );
    let rule = manifest.rule("one-story").unwrap();
    // The three rows of 2 and 3 are in the table of failing rows as well; the row of 5 is out of scope.
    assert_eq!((rule.failed, rule.groups, rule.listed), (3, 3, 3));
    // Without --reveal no cell is shown, only how many different ones there are.
    let (_, groups) = evidence(&folder, "citizens", &[]);
    assert_eq!(
        line(&groups[0]),
        "one-story id=2 differs  [citizens.rows #2; citizens.distinct(place) #2; tax.rows #1; tax.distinct(place) #1; \
         health.rows #1; health.distinct(place) #1]"
    );
}

#[test]
fn personal_facts_are_not_shown_and_keys_have_the_tokens_of_failing_rows() {
    // The town is personal in one of the datasets, so the place is in all.
    let suite = AGREES.replace("town: { pii: none }", "town: { pii: basic }").replace(
        "columns: { id: { pii: none }, name: { pii: none }, place: { pii: none }, alive",
        "key: id\n    columns: { id: { pii: basic }, name: { pii: none }, place: { pii: none }, alive",
    );
    let folder = citizens(&suite);
    let (_, groups) = evidence(&folder, "citizens", &["--reveal"]);
    let measures: Vec<&str> = groups.iter().flat_map(|group| &group.says).map(|says| says.measure.as_str()).collect();
    assert!(measures.contains(&"distinct(place)") && !measures.contains(&"place"), "{measures:?}");
    assert!(measures.contains(&"name"));
    let opened = Evidence::open(&folder.path("out")).unwrap();
    let rows = opened.failing(opened.manifest().dataset("citizens").unwrap()).unwrap().unwrap().map(Result::unwrap);
    let mut tokens: Vec<_> = rows.map(|row| row.key[0].clone()).collect();
    tokens.dedup();
    // The order of the groups is that of their tokens, and says nothing about the values.
    let of_groups: Vec<_> = groups.iter().map(|group| group.key[0].clone()).collect();
    assert!(of_groups.is_sorted() && tokens.len() == 2 && tokens.iter().all(|token| of_groups.contains(token)));
    // All of them with --reveal-personal, which needs a key file.
    let (_, groups) = evidence(&folder, "citizens", &["--reveal-personal", "--key-file", &key(&folder)]);
    assert_eq!(groups.iter().filter(|group| line(group).contains("health.place #1 D")).count(), 1);
    assert!(groups[0].key[0].as_ref().unwrap().starts_with("token:"));
}

#[test]
fn an_entity_that_must_be_everywhere_is_missing_where_it_has_no_rows() {
    let folder = citizens(&AGREES.replace("        where: alive", "        require: everywhere\n        where: alive"));
    let (manifest, groups) = evidence(&folder, "citizens", &["--reveal"]);
    let why: Vec<(Option<&str>, &str)> =
        groups.iter().map(|group| (group.key[0].as_deref(), group.why.as_str())).collect();
    assert_eq!(
        why,
        [
            (Some("2"), "differs"),
            (Some("3"), "differs, not_everywhere"),
            (Some("4"), "not_everywhere"),
            (Some("5"), "differs, not_everywhere"),
            (Some("6"), "not_everywhere")
        ]
    );
    assert_eq!(line(&groups[2]), "one-story id=4 not_everywhere  [citizens.rows #1]");
    assert_eq!(manifest.rule("one-story").unwrap().groups, 5);
}

#[test]
fn very_many_values_of_a_fact_are_counted() {
    let rows: Vec<String> = (0..30).map(|at| format!("1,n{at:02}")).collect();
    let folder = Folder::of(&[
        (
            "suite.yaml",
            "suite: s\ndatasets:\n  a: { source: a.csv }\n  b:\n    source: b.csv\n    columns: { id: { pii: none }, n: { pii: none } }\n\
             \x20   rules:\n      - { id: r, check: agrees, with: [a], on: { id: id }, compare: { n: n } }\n",
        ),
        ("a.csv", "id,n\n1,n00\n"),
        ("b.csv", &format!("id,n\n{}\n", rows.join("\n"))),
    ]);
    let (_, groups) = evidence(&folder, "b", &["--reveal-personal", "--key-file", &key(&folder)]);
    let says = &groups[0].says;
    assert_eq!((says[1].measure.as_str(), says[1].count), ("distinct(n)", Some(30)));
    // The rows, the count, the first 20 values; then the two statements of the other dataset.
    assert_eq!(says.len(), 1 + 1 + 20 + 2);
    assert_eq!(says[21].value.as_deref(), Some("n19"));
}

/// A key file.
fn key(folder: &Folder) -> String {
    folder.write("key", "a secret of more than 16 bytes");
    #[cfg(unix)]
    std::fs::set_permissions(folder.path("key"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    "key".to_owned()
}

const COVERS: &str = "suite: s
datasets:
  offices:
    source: offices.csv
    columns: { id: { pii: none } }
  returns:
    source: returns.csv
    columns: { province: { pii: none, type: integer }, office: { pii: none } }
    rules:
      - { id: provinces, check: covers, column: province, values: [1, 4, 8, 12, 20] }
      - { id: offices, check: covers, column: office, dataset: offices, key: id, having: open = 'yes' }
";

#[test]
fn expected_values_that_do_not_occur_come_by_name() {
    let folder = Folder::of(&[
        ("suite.yaml", COVERS),
        ("offices.csv", "id,open\nc,yes\na,yes\nb,no\nan office with a long name,yes\nd,yes\nd,yes\n"),
        ("returns.csv", "province,office\n8,a\n04,a\n,b\nx,\n"),
    ]);
    let (manifest, groups) = evidence(&folder, "returns", &[]);
    // 04 is the number 4. Nobody asks for b.
    assert_eq!(
        lines(&groups),
        [
            "provinces province=1 missing  []",
            "provinces province=12 missing  []",
            "provinces province=20 missing  []",
            "offices office=an office with a long name missing  []",
            "offices office=c missing  []",
            "offices office=d missing  []",
        ]
    );
    let failed = |rule: &str| manifest.rule(rule).map(|rule| (rule.failed, rule.groups)).unwrap();
    assert_eq!((failed("provinces"), failed("offices")), ((3, 3), (3, 3)));
    // A key of the other dataset that is personal there is a token.
    folder.write("suite.yaml", COVERS.replace("columns: { id: { pii: none } }", "columns: { id: { pii: basic } }"));
    let (_, groups) = evidence(&folder, "returns", &[]);
    assert_eq!(groups.iter().filter(|group| group.key[0].as_ref().unwrap().starts_with("token:")).count(), 3);
}

const CONTINUOUS: &str = "suite: s
datasets:
  deliveries:
    source: deliveries.csv
    columns: { day: { type: date, pii: none }, office: { pii: none }, receipt: { type: integer, pii: none } }
    rules:
      - { id: monthly, check: continuous, column: day, every: month, by: office, from: 2026-01-01, until: 2026-06-30 }
      - { id: receipts, check: continuous, column: receipt, every: 10, from: 10, until: 400 }
";

#[test]
fn gaps_come_with_their_first_and_last_point() {
    let folder = Folder::of(&[
        ("suite.yaml", CONTINUOUS),
        (
            "deliveries.csv",
            "day,office,receipt\n2026-02-03,a,10\n2026-05-31,a,20\n2026-01-01,,50\n,b,400\n2026-06-30,,395\n",
        ),
    ]);
    let (manifest, groups) = evidence(&folder, "deliveries", &[]);
    assert_eq!(
        lines(&groups),
        [
            "monthly office=- gap 2026-02..2026-05 [deliveries.points #4]",
            "monthly office=a gap 2026-01..2026-01 [deliveries.points #1]",
            "monthly office=a gap 2026-03..2026-04 [deliveries.points #2]",
            "monthly office=a gap 2026-06..2026-06 [deliveries.points #1]",
            "monthly office=b gap 2026-01..2026-06 [deliveries.points #6]",
            "receipts  gap 30..40 [deliveries.points #2]",
            "receipts  gap 60..390 [deliveries.points #34]",
        ]
    );
    let monthly = manifest.rule("monthly").unwrap();
    assert_eq!((monthly.failed, monthly.groups), (14, 5));
    // Of a personal column no point is shown.
    folder.write("suite.yaml", CONTINUOUS.replace("day: { type: date, pii: none }", "day: { type: date, pii: basic }"));
    let (_, groups) = evidence(&folder, "deliveries", &[]);
    assert_eq!(line(&groups[0]), "monthly office=- gap  [deliveries.points #4]");
    assert!(groups[5].first.is_some());
}

#[test]
fn a_limit_cuts_the_groups_of_each_rule_and_is_stated() {
    let folder = Folder::of(&[("suite.yaml", RECONCILES), ("payments.csv", PAYMENTS), ("ledger.csv", LEDGER)]);
    let (manifest, groups) = evidence(&folder, "payments", &["--evidence-limit", "2"]);
    let keys: Vec<_> = groups.iter().map(|group| (group.rule.as_str(), group.key.first().cloned().flatten())).collect();
    assert_eq!(keys, [("books", Some("01".to_owned())), ("books", Some("02".to_owned())), ("whole", None)]);
    let rule = |id: &str| manifest.rule(id).map(|rule| (rule.groups, rule.limit)).unwrap();
    assert_eq!((rule("books"), rule("whole")), ((2, Some(2)), (1, None)));
    let stated = "the evidence lists the first 2 of 6 failing groups (--evidence-limit)";
    assert!(manifest.notices.iter().any(|notice| notice.text == stated), "{:?}", manifest.notices);
    let shown = stdout(&run(&folder, &["evidence", "out"]));
    assert!(shown.contains("books: 2 failing groups are listed, of 6 failures: the limit was 2"), "{shown}");
}

#[test]
fn rows_that_belong_to_no_group_are_counted_and_stated() {
    let suite = RECONCILES.replace("province: { pii: none }", "province: { pii: none, type: integer }");
    let suite = suite.replace("region: { pii: none }", "region: { pii: none, type: integer }");
    let folder = Folder::of(&[
        ("suite.yaml", &suite),
        ("payments.csv", "province,amount\n1,1\n?,1\n!,1\n"),
        ("ledger.csv", "region,paid\n01,2\n"),
    ]);
    let (manifest, groups) = evidence(&folder, "payments", &["--select", "books"]);
    assert_eq!((manifest.rule("books").unwrap().failed, groups.len()), (3, 1));
    // 1 and 01 are one group.
    assert_eq!(groups[0].key, [Some("1".to_owned())]);
    let text = &manifest.notices[0].text;
    assert!(text.starts_with("2 of its failures are rows with an unparseable value"), "{text}");
}

#[test]
fn the_same_groups_come_whatever_memory_and_threads_there_are() {
    let rows = |factor: u32, side: u32| -> String {
        // Groups of short and of long names; every fifth differs, and some are on one side only.
        let row = |at: u32| {
            let group = at * factor % 6_000;
            let name =
                if group.is_multiple_of(3) { format!("{group}") } else { format!("a group with a long name: {group}") };
            let amount = if group.is_multiple_of(5) { side } else { 1 };
            if group % 11 == side { String::new() } else { format!("{name},{amount},{}\n", group % 40) }
        };
        (0..12_000).map(row).collect()
    };
    let folder = Folder::of(&[
        (
            "suite.yaml",
            "suite: s\ndatasets:\n  there: { source: there.csv, columns: { n: { type: integer } } }\n  here:\n    source: here.csv\n    columns: { n: { type: integer } }\n\
             \x20   rules:\n      - { id: sums, check: reconciles, with: there, by: [g], measures: [count(*), sum(n)] }\n\
             \x20     - { id: facts, check: agrees, with: [there], on: { g: g }, compare: { n: n } }\n\
             \x20     - { id: values, check: covers, column: g, dataset: there, key: g }\n\
             \x20     - { id: points, check: continuous, column: n, every: 1, by: g, from: 0, until: 9 }\n",
        ),
        ("here.csv", &format!("g,n,m\n{}", rows(1, 2))),
        ("there.csv", &format!("g,n,m\n{}", rows(7, 3))),
    ]);
    let suite = folder.path("suite.yaml");
    let all = handed_on(&suite, ALL_MEMORY, 1);
    let of_measures: Vec<&[Seen]> = all.chunk_by(|one, other| one.0 == other.0).collect();
    let counts: Vec<usize> = of_measures.iter().map(|groups| groups.len()).collect();
    // Of 6,000 groups 546 are not here, 546 others are not there, and 982 of the rest have another number. Each of the 5,454
    // groups here lacks the points before and after its number.
    assert_eq!(counts, [546 + 546 + 982, 982, 546, 2 * 5_454]);
    assert!(of_measures.iter().all(|groups| groups.is_sorted_by(|one, other| one.1 <= other.1)));
    for (threads, bytes) in [(1, 0), (4, 1 << 12), (2, 1 << 18)] {
        assert!(handed_on(&suite, MemoryLimit::Keys(bytes), threads) == all, "{bytes}");
    }
}

/// Measure, key and the rest of each failing group.
type Seen = (usize, Vec<Option<String>>, String);

/// The failing groups of an audit in the order in which they came.
#[derive(Default)]
struct CollectedGroups(Mutex<Vec<Seen>>);

impl RecordSink for CollectedGroups {
    fn begin(&self, _: &Scene<'_>) -> anyhow::Result<BTreeMap<String, Vec<String>>> {
        Ok(BTreeMap::new())
    }

    fn take(&self, _: &FailingRecord<'_>) -> anyhow::Result<()> {
        Ok(())
    }

    fn takes_groups(&self) -> bool {
        true
    }

    fn take_group(&self, _: &[usize], group: &GroupFinding<'_>) -> anyhow::Result<()> {
        let mut rest = format!("{:?}", group.reason);
        for (at, statement) in group.says.iter().enumerate() {
            if statement.about == About::Points {
                continue;
            }
            let is_first = at == 0 || group.says[at - 1].side != statement.side;
            let separator = if is_first { format!(" {}:", statement.side) } else { ",".to_owned() };
            let says = match &statement.says {
                Says::Count(count) => count.to_string(),
                Says::Value(value, None) => value.clone(),
                Says::Value(value, Some(rows)) => format!("{value}x{rows}"),
                Says::Missing(rows) => format!("-x{rows}"),
                other => format!("{other:?}"),
            };
            rest = format!("{rest}{separator}{says}");
        }
        if let Some([first, last]) = group.gap {
            rest = format!("{rest} {first}..{last}");
        }
        self.0.lock().unwrap().push((group.measure, group.key.to_vec(), rest));
        Ok(())
    }
}

/// What the engine hands on of a suite, as lines by rule.
fn handed_on(suite: &Path, memory: MemoryLimit, threads: usize) -> Vec<Seen> {
    let options = options(memory, &[], threads);
    let collected = CollectedGroups::default();
    let written = read_suite(&[suite.to_owned()], &options.load).unwrap_or_else(|error| panic!("{error}"));
    audit_written(written, &options, &[&collected], &()).unwrap_or_else(|error| panic!("{error:#}"));
    collected.0.into_inner().unwrap()
}

/// Loses the first failing row, or the first failing group, on the way.
#[derive(Clone, Copy)]
enum Losing {
    Row,
    Group,
}

/// A sink that does not get everything.
struct Holed<'a> {
    what: Losing,
    sink: &'a dyn EvidenceSink,
    is_lost: AtomicBool,
}

impl EvidenceSink for Holed<'_> {
    fn take(&self, dataset: &str, row: &RowFindings<'_>) -> bool {
        let is_lost = matches!(self.what, Losing::Row) && !self.is_lost.swap(true, Ordering::Relaxed);
        is_lost || self.sink.take(dataset, row)
    }

    fn group_order(&self, measure: usize, key: &[Option<String>]) -> Option<Vec<Option<String>>> {
        self.sink.group_order(measure, key)
    }

    fn take_group(&self, group: &GroupFinding<'_>) -> bool {
        let is_lost = matches!(self.what, Losing::Group) && !self.is_lost.swap(true, Ordering::Relaxed);
        is_lost || self.sink.take_group(group)
    }
}

impl Around for Losing {
    fn execute(&self, request: &Request, datasets: &Datasets, watch: Watch<'_>) -> Execution {
        let lost = watch.evidence.map(|sink| Holed { what: *self, sink, is_lost: AtomicBool::new(false) });
        let evidence = lost.as_ref().map(|lost| lost as &dyn EvidenceSink);
        local().execute(request, datasets, Watch { evidence, ..watch })
    }
}

static LOSES_A_ROW: AroundLocal<Losing> = AroundLocal("loses-a-row", Losing::Row);
static LOSES_A_GROUP: AroundLocal<Losing> = AroundLocal("loses-a-group", Losing::Group);

#[test]
fn what_is_lost_on_the_way_ends_the_audit() {
    let folder = Folder::of(&[("suite.yaml", RECONCILES), ("payments.csv", PAYMENTS), ("ledger.csv", LEDGER)]);
    let audit = |engine: &'static dyn Engine| {
        let options = AuditOptions { engine, ..options(ALL_MEMORY, &[], 2) };
        let written = read_suite(&[folder.path("suite.yaml")], &options.load).unwrap();
        let taken = audit_written(written, &options, &[&CollectedGroups::default()], &());
        taken.map(drop).map_err(|error| format!("{error:#}"))
    };
    assert_eq!(audit(local()), Ok(()));
    // One amount is no number; the groups 01 to 06 fail.
    let row = "payments.amount.type counts 1 failing rows and 0 were handed on, so neither can be relied on; please report it";
    assert_eq!(audit(&LOSES_A_ROW), Err(row.to_owned()));
    let group = "books counts 6 failing groups and 5 were handed on, so neither can be relied on; please report it";
    assert_eq!(audit(&LOSES_A_GROUP), Err(group.to_owned()));
}

/// A row: a group and a number; each may be missing.
type Row = (Option<&'static str>, Option<i64>);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let group =
        proptest::option::weighted(0.9, proptest::sample::select(vec!["a", "b", "c", "a rather long name", "7"]));
    proptest::collection::vec((group, proptest::option::weighted(0.9, 0..4_i64)), 0..12)
}

/// Both sides of each group.
fn by_group<'a>(here: &'a [Row], there: &'a [Row]) -> BTreeMap<&'static str, [Vec<Option<i64>>; 2]> {
    let mut groups: BTreeMap<&str, [Vec<Option<i64>>; 2]> = BTreeMap::new();
    for (side, rows) in [here, there].into_iter().enumerate() {
        for (group, number) in rows {
            if let Some(group) = group {
                groups.entry(group).or_default()[side].push(*number);
            }
        }
    }
    groups
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// The groups as a reader of the two tables would find them.
    #[test]
    fn groups_are_those_of_a_naive_reader(here in rows(), there in rows(), threads in 1..3_usize, scarce: bool) {
        let csv = |rows: &[Row]| -> String {
            let cell = |number: &Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
            let lines = rows.iter().map(|(group, number)| format!("{},{}\n", group.unwrap_or_default(), cell(number)));
            format!("g,n\n{}", lines.collect::<String>())
        };
        let folder = Folder::of(&[
            ("suite.yaml", "suite: s\ndatasets:\n  there: { source: there.csv, columns: { n: { type: integer } } }\n  here:\n    source: here.csv\n\
                \x20   columns: { n: { type: integer } }\n    rules:\n\
                \x20     - { id: sums, check: reconciles, with: there, by: [g], measures: [count(*), sum(n)] }\n\
                \x20     - { id: facts, check: agrees, with: [there], on: { g: g }, compare: { n: n } }\n\
                \x20     - { id: values, check: covers, column: g, dataset: there, key: g }\n\
                \x20     - { id: points, check: continuous, column: n, every: 1, by: g, until: 3 }\n"),
            ("here.csv", &csv(&here)),
            ("there.csv", &csv(&there)),
        ]);
        let groups = by_group(&here, &there);
        let (mut sums, mut facts, mut values) = (Vec::new(), Vec::new(), Vec::new());
        for (group, sides) in &groups {
            let total = |side: usize| (sides[side].len(), sides[side].iter().flatten().sum::<i64>());
            let reason = match sides {
                [_, there] if there.is_empty() => Some("OnlyHere"),
                [here, _] if here.is_empty() => Some("OnlyThere"),
                _ => (total(0) != total(1)).then_some("Differs"),
            };
            let says = |side: usize| {
                let (rows, sum) = total(side);
                (rows > 0).then(|| format!("{side}:{rows},{sum}"))
            };
            let both = || [says(0), says(1)].into_iter().flatten().collect::<Vec<_>>().join(" ");
            sums.extend(reason.map(|reason| format!("{group} {reason} {}", both())));
            let different: BTreeSet<&Option<i64>> = sides.iter().flatten().collect();
            if sides.iter().all(|side| !side.is_empty()) && different.len() > 1 {
                let said = |side: usize| {
                    let mut counts: BTreeMap<Option<i64>, u64> = BTreeMap::new();
                    sides[side].iter().for_each(|number| *counts.entry(*number).or_default() += 1);
                    let values = counts.iter().filter_map(|(number, rows)| Some(format!("{}x{rows}", (*number)?)));
                    let missing = counts.get(&None).map(|rows| format!("-x{rows}"));
                    format!("{side}:{},{}", sides[side].len(), values.chain(missing).collect::<Vec<_>>().join(","))
                };
                facts.push(format!("{group} Differs {} {}", said(0), said(1)));
            }
            if sides[0].is_empty() {
                values.push(format!("{group} Missing"));
            }
        }
        // A group without a name has points as well, and one without a number has none: its beginning is not known.
        let mut points = Vec::new();
        let of_group: BTreeSet<Option<&str>> = here.iter().map(|(group, _)| *group).collect();
        for group in of_group {
            let found: BTreeSet<i64> = here.iter().filter(|row| row.0 == group).filter_map(|row| row.1).collect();
            let Some(first) = found.first() else { continue };
            let absent: Vec<i64> = (*first..4).filter(|point| !found.contains(point)).collect();
            for gap in absent.chunk_by(|one, next| one + 1 == *next) {
                points.push(format!("{} Gap {}..{}", group.unwrap_or("-"), gap[0], gap[gap.len() - 1]));
            }
        }
        let memory = if scarce { MemoryLimit::Keys(0) } else { ALL_MEMORY };
        let mut found: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for (measure, key, rest) in handed_on(&folder.path("suite.yaml"), memory, threads) {
            found.entry(measure).or_default().push(format!("{} {rest}", key[0].as_deref().unwrap_or("-")));
        }
        let found: BTreeSet<Vec<String>> = found.into_values().collect();
        let expected = [sums, facts, values, points].into_iter().filter(|lines| !lines.is_empty()).collect();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn every_format_shows_the_groups() {
    let folder = citizens(AGREES);
    evidence(&folder, "citizens", &["--reveal"]);
    let shown = |args: &[&str]| {
        let output = run(&folder, &[&["evidence", "out"], args].concat());
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        stdout(&output)
    };
    let table = shown(&[]);
    for part in ["citizens: 3 failing groups", "id = 2", "citizens: place = C (1 row)", "tax: missing(name) = 1"] {
        assert!(table.contains(part), "{part}: {table}");
    }
    let csv = shown(&["--format", "csv"]);
    assert!(
        csv.contains(",differs,,tax: rows = 1; tax: place = A (1 row); health: rows = 1; health: place = B (1 row),,"),
        "{csv}"
    );
    let json: serde_json::Value = serde_json::from_str(&shown(&["--format", "json"])).unwrap();
    assert_eq!(json["groups"][1]["key"]["id"], "3");
    assert_eq!(json["groups"][1]["says"][3]["measure"], "missing(name)");
    shown(&["--format", "xlsx", "--output", "book.xlsx"]);
    let bytes = std::fs::read(folder.path("book.xlsx")).unwrap();
    let mut book: calamine::Xlsx<_> = calamine::Reader::new(std::io::Cursor::new(bytes)).unwrap();
    let sheet = calamine::Reader::worksheet_range(&mut book, "citizens groups").unwrap();
    assert_eq!(sheet.height(), 1 + 3);
    assert!(sheet.get((1, 2)).unwrap().to_string().contains("health: place = D (1 row)"));
    // A smaller folder has the groups of the rules that were selected.
    shown(&["--rule", "one-story", "--format", "parquet", "--output", "part"]);
    assert_eq!(read(&folder.path("part"), "citizens").1.len(), 3);
}

#[test]
fn groups_of_several_files_and_a_piped_dataset_are_named() {
    use std::io::Write as _;
    use std::process::Stdio;

    let folder = Folder::of(&[("suite.yaml", RECONCILES), ("ledger.csv", LEDGER)]);
    let (head, rows) = PAYMENTS.split_once('\n').unwrap();
    let rows: Vec<&str> = rows.lines().collect();
    for (at, part) in rows.chunks(2).enumerate() {
        folder.write(format!("parts/{at}.csv"), format!("{head}\n{}\n", part.join("\n")));
    }
    let (_, of_parts) = evidence(&folder, "payments", &["--data", "payments=parts/*.csv"]);
    let mut child = crate::support::program::program(&folder)
        .args(["audit", "suite.yaml", "--data", "payments=-", "-q", "--force", "--evidence", "out"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(PAYMENTS.as_bytes()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let (_, piped) = read(&folder.path("out"), "payments");
    assert_eq!(lines(&of_parts), lines(&piped));
    assert_eq!(piped.len(), 7);
}

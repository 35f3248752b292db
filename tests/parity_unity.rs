//! Rules over several datasets against a deliberately naive reference, entity by entity and group by group, on random
//! tables; and the same result from every format, number of threads and memory.

use std::collections::{BTreeMap, BTreeSet};

use passmuster::engine::MemoryLimit;
use proptest::prelude::*;

use crate::parity::{Kind, date, integer, is_decimal, text};
use crate::support::audits::{json, run, run_within};
use crate::support::cells::{decimals, number_or, one_of, whole_numbers};
use crate::support::exact::{self, Exact};
use crate::support::folder::Folder;
use crate::support::reports::{Counts, assert_judged, counts, rules};
use crate::support::tables::{csv, parquet};

/// k, f, n, d, w, g as written in the files of every dataset.
type Row = [String; 6];
const HEADER: &str = "k,f,n,d,w,g";
const K: usize = 0;
const F: usize = 1;
const N: usize = 2;
const D: usize = 3;
const W: usize = 4;
const G: usize = 5;

const RULES: &str = r#"
      - { id: two, check: agrees, with: [b], on: k, compare: { f: { as: folded }, n: { tolerance: 0.5 } } }
      - { id: three, check: agrees, with: [b, c], on: k, compare: [f, d] }
      - id: four
        check: agrees
        on: k
        with:
          b: { compare: { f: { as: folded } } }
          c: { compare: { n: { tolerance: 0.5 }, d: d } }
          d: { compare: { d: d, f: { as: folded } } }
      - { id: everywhere, check: agrees, with: [b, c, d], on: k, compare: { f: { as: nfc } }, require: everywhere }
      - { id: scoped, check: agrees, with: [b, c], on: [k, g], compare: n, where: "w > 1" }
      - { id: scoped-everywhere, check: agrees, with: [b], on: g, compare: d, where: "w > 1", require: everywhere }
      - { id: sums, check: reconciles, with: b, by: g, measures: [sum(n), count(*)] }
      - { id: counts, check: reconciles, with: c, by: k, measures: [count(f), count(n)] }
      - { id: near, check: reconciles, with: b, by: [g, d], measures: sum(n), tolerance: 0.5 }
      - { id: percent, check: reconciles, with: d, by: g, measures: sum(w), tolerance: 10% }
      - { id: whole, check: reconciles, with: b, measures: [sum(n), count(*)], where: "w > 1", having: "w > 0" }
      - { id: terms, check: reconciles, with: c, by: g, measures: { sum(w * 2): sum(w + w), count(*): count(g) }, having: "w > 1" }
"#;

fn suite() -> String {
    let columns = "columns: { k: { type: integer }, n: { type: decimal }, d: { type: date }, w: { type: integer } }";
    let dataset = |name: &str| format!("  {name}:\n    source: {name}.csv\n    missing: [NA]\n    {columns}\n");
    let own = dataset("a") + "    rules:" + RULES;
    format!("suite: unity\nas_of: 2021-06-30\ndatasets:\n{}", ["b", "c", "d"].map(dataset).concat() + &own)
}

/// A key: missing, read, or not to be read.
type Key = Result<Option<Vec<String>>, ()>;

fn part(row: &Row, at: usize, kind: Kind) -> Result<Option<String>, ()> {
    match at {
        K | W => Ok(integer(&row[at])?.map(|n| n.to_string())),
        D => Ok(date(&row[at])?.map(|day| format!("{day:?}"))),
        N => Ok(kind.written(&row[at])?.map(|number| number.to_string())),
        _ => Ok(text(&row[at]).map(str::to_owned)),
    }
}

/// Where a part is missing there is no key, whatever the other parts are.
fn key(row: &Row, columns: &[usize]) -> Key {
    // No key has a number that is not whole.
    let parts: Vec<_> = columns.iter().map(|at| part(row, *at, Kind::Decimal)).collect();
    if parts.contains(&Ok(None)) {
        return Ok(None);
    }
    parts.into_iter().collect::<Result<Option<Vec<_>>, ()>>()
}

/// Whether the number of a row is above a bound; missing is not.
fn above(bound: i128) -> impl Fn(&Row) -> Result<bool, ()> {
    move |row| Ok(integer(&row[W])?.is_some_and(|w| w > bound))
}

#[expect(clippy::unnecessary_wraps, reason = "is used together with conditions that may be unreadable")]
fn always(_: &Row) -> Result<bool, ()> {
    Ok(true)
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Exact,
    Nfc,
    Folded,
    Near,
}

/// What a text of the pool is under NFC, and besides without case and inner spaces.
fn composed(text: &str) -> String {
    text.replace("i\u{300}", "ì").replace("I\u{300}", "Ì")
}

fn folded(text: &str) -> String {
    composed(text).to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether two rows agree on a column.
fn agree(a: &Row, b: &Row, at: usize, form: Form, kind: Kind) -> bool {
    match (part(a, at, kind), part(b, at, kind)) {
        (Ok(None), Ok(None)) => true,
        (Ok(Some(a)), Ok(Some(b))) => match form {
            Form::Exact => a == b,
            Form::Nfc => composed(&a) == composed(&b),
            Form::Folded => folded(&a) == folded(&b),
            Form::Near => {
                let number = |text: &String| text.parse::<Exact>().unwrap();
                exact::abs(&(number(&a) - number(&b))) <= exact::of(1, 2)
            }
        },
        _ => false,
    }
}

type Facts<'f> = &'f [(usize, Form)];

/// One dataset of a graph: its name, its rows, its facts.
type Side<'s> = (&'s str, &'s [Row], Facts<'s>);

/// What a report says of a rule.
type Expected = (Counts, BTreeMap<String, u64>);

fn graph(
    on: &[usize],
    own: impl Fn(&Row) -> Result<bool, ()>,
    sides: &[Side<'_>],
    everywhere: bool,
    kind: Kind,
) -> Expected {
    let mut details = BTreeMap::new();
    let mut add = |name: String, more: u64| *details.entry(name).or_insert(0) += more;
    let mut expected = Counts::default();
    // For each entity the rows of each dataset.
    let mut entities: BTreeMap<Vec<String>, Vec<Vec<&Row>>> = BTreeMap::new();
    for (at, (name, rows, _)) in sides.iter().enumerate() {
        for what in ["only_in", "missing_in", "repeated_in", "without_key_in", "unreadable_in"] {
            add(format!("{what}_{name}"), 0);
        }
        for row in *rows {
            let scope = if at == 0 { own(row) } else { Ok(true) };
            match scope.map(|scope| (scope, key(row, on))) {
                Ok((false, _)) => {}
                Ok((true, Ok(Some(key)))) => {
                    entities.entry(key).or_insert_with(|| vec![Vec::new(); sides.len()])[at].push(row);
                }
                Ok((true, Ok(None))) => add(format!("without_key_in_{name}"), 1),
                Ok((true, Err(()))) | Err(()) => {
                    add(format!("unreadable_in_{name}"), 1);
                    expected.failed += 1;
                    expected.unreadable += 1;
                }
            }
        }
    }
    let facts: BTreeSet<usize> = sides[1..].iter().flat_map(|(.., facts)| facts.iter().map(|(at, _)| *at)).collect();
    let name_of = |at: usize| HEADER.split(',').nth(at).unwrap();
    add("entities".to_owned(), entities.len() as u64);
    add("in_every_dataset".to_owned(), 0);
    for fact in &facts {
        add(format!("conflicts_of_{}", name_of(*fact)), 0);
        add(format!("gaps_of_{}", name_of(*fact)), 0);
    }
    for rows in entities.values() {
        let there: Vec<usize> = (0..sides.len()).filter(|at| !rows[*at].is_empty()).collect();
        for (at, (name, ..)) in sides.iter().enumerate() {
            add(format!("only_in_{name}"), u64::from(there == [at]));
            add(format!("missing_in_{name}"), u64::from(rows[at].is_empty()));
            add(format!("repeated_in_{name}"), u64::from(rows[at].len() > 1));
        }
        let complete = there.len() == sides.len();
        add("in_every_dataset".to_owned(), u64::from(complete));
        if there.len() < 2 && !everywhere {
            expected.not_applicable += 1;
            continue;
        }
        let (mut fails, mut unreadable) = (everywhere && !complete, false);
        for fact in &facts {
            let form = sides.iter().find_map(|(.., facts)| facts.iter().find(|(at, _)| at == fact)).unwrap().1;
            // This dataset has every fact.
            let knows = |at: usize| at == 0 || sides[at].2.iter().any(|(known, _)| known == fact);
            let with_fact: Vec<&Row> =
                (0..sides.len()).filter(|at| knows(*at)).flat_map(|at| rows[at].clone()).collect();
            let unparseable = with_fact.iter().any(|row| part(row, *fact, kind).is_err());
            let differ = |rows: &[&Row]| rows.iter().any(|a| rows.iter().any(|b| !agree(a, b, *fact, form, kind)));
            let conflict = unparseable || differ(&with_fact);
            let present: Vec<&Row> =
                with_fact.iter().copied().filter(|row| part(row, *fact, kind) != Ok(None)).collect();
            add(format!("conflicts_of_{}", name_of(*fact)), u64::from(conflict));
            add(format!("gaps_of_{}", name_of(*fact)), u64::from(conflict && !unparseable && !differ(&present)));
            fails |= conflict;
            unreadable |= unparseable;
        }
        expected.passed += u64::from(!fails);
        expected.failed += u64::from(fails);
        expected.unreadable += u64::from(unreadable);
    }
    (expected, details)
}

/// What a row adds to a total.
type Amount<'t> = dyn Fn(&Row) -> Result<Exact, ()> + 't;

/// A total: how it is named, here, there.
type Total<'t> = (&'t str, &'t Amount<'t>, &'t Amount<'t>);

/// Nothing for a missing number; a float that is no decimal cannot be added.
fn amount(number: Option<Exact>) -> Result<Exact, ()> {
    number.map_or(Ok(exact::of(0, 1)), |number| Some(number).filter(is_decimal).ok_or(()))
}

/// Rows of one side, and whether one is in scope.
type Scoped<'s> = (&'s [Row], &'s dyn Fn(&Row) -> Result<bool, ()>);

fn totals(
    by: &[usize],
    here: Scoped<'_>,
    there: Scoped<'_>,
    measures: &[Total<'_>],
    accepts: impl Fn(&Exact, &Exact) -> bool,
) -> Expected {
    let mut details = BTreeMap::new();
    let mut add = |name: String, more: u64| *details.entry(name).or_insert(0) += more;
    let mut expected = Counts::default();
    let mut groups: BTreeMap<Vec<String>, [Vec<&Row>; 2]> = BTreeMap::new();
    for (side, (name, (rows, scope))) in [("here", here), ("there", there)].into_iter().enumerate() {
        for what in ["without_key", "unreadable_rows", "unreadable_values"] {
            add(format!("{what}_{name}"), 0);
        }
        for row in rows {
            match scope(row).map(|scope| (scope, key(row, by))) {
                Ok((false, _)) => {}
                Ok((true, Ok(Some(key)))) => groups.entry(key).or_default()[side].push(row),
                Ok((true, Ok(None))) => add(format!("without_key_{name}"), 1),
                Ok((true, Err(()))) | Err(()) => {
                    add(format!("unreadable_rows_{name}"), 1);
                    expected.failed += 1;
                    expected.unreadable += 1;
                }
            }
        }
    }
    add("groups".to_owned(), groups.len() as u64);
    for what in ["matched", "differing", "only_here", "only_there"] {
        add(what.to_owned(), 0);
    }
    for (name, ..) in measures {
        add(format!("differing_in_{name}"), 0);
    }
    for [ours, theirs] in groups.values() {
        let unparseable =
            |rows: &[&Row], amount: &Amount<'_>| rows.iter().filter(|row| amount(row).is_err()).count() as u64;
        let sum = |rows: &[&Row], amount: &Amount<'_>| -> Exact {
            exact::sum(&rows.iter().filter_map(|row| amount(row).ok()).collect::<Vec<_>>())
        };
        let (mut differs, mut unreadable) = (false, 0);
        let both = by.is_empty() || !ours.is_empty() && !theirs.is_empty();
        for (name, here, there) in measures {
            let (unparseable_here, unparseable_there) = (unparseable(ours, here), unparseable(theirs, there));
            add("unreadable_values_here".to_owned(), unparseable_here);
            add("unreadable_values_there".to_owned(), unparseable_there);
            unreadable += unparseable_here + unparseable_there;
            let agrees = unparseable_here + unparseable_there == 0 && accepts(&sum(ours, here), &sum(theirs, there));
            if both && !agrees {
                add(format!("differing_in_{name}"), 1);
                differs = true;
            }
        }
        let fails = differs || !both;
        expected.passed += u64::from(!fails);
        expected.failed += u64::from(fails);
        expected.unreadable += u64::from(fails && unreadable > 0);
        let what = match (both, differs, ours.is_empty()) {
            (true, true, _) => "differing",
            (true, false, _) => "matched",
            (false, _, true) => "only_there",
            (false, _, false) => "only_here",
        };
        add(what.to_owned(), 1);
    }
    (expected, details)
}

fn reference([a, b, c, d]: &[Vec<Row>; 4], kind: Kind) -> BTreeMap<&'static str, Expected> {
    use Form::{Folded, Near, Nfc};
    let graph = |on: &[usize], own: &dyn Fn(&Row) -> Result<bool, ()>, sides: &[Side<'_>], everywhere| {
        graph(on, own, sides, everywhere, kind)
    };
    let count = |is_there: bool| Ok(exact::of(is_there.into(), 1));
    let all: &Amount<'_> = &|_| count(true);
    let sum_n: &Amount<'_> = &|row| amount(kind.written(&row[N])?);
    let count_n: &Amount<'_> = &|row| count(kind.read(&row[N])?.is_some());
    let count_f: &Amount<'_> = &|row| count(text(&row[F]).is_some());
    let count_g: &Amount<'_> = &|row| count(text(&row[G]).is_some());
    let sum_w: &Amount<'_> = &|row| amount(integer(&row[W])?.map(exact::whole));
    // Twice a number may have more digits than there are.
    let twice_w: &Amount<'_> = &|row| amount(integer(&row[W])?.map(|w| exact::whole(w) * exact::whole(2)));
    let equal = |here: &Exact, there: &Exact| here == there;
    let apart = |here: &Exact, there: &Exact| exact::abs(&(here - there));
    let (whole_one, whole_nothing) = (above(1), above(0));
    BTreeMap::from([
        ("two", {
            let facts: Facts<'_> = &[(F, Folded), (N, Near)];
            graph(&[K], &always, &[("a", a, facts), ("b", b, facts)], false)
        }),
        ("three", {
            let facts: Facts<'_> = &[(F, Form::Exact), (D, Form::Exact)];
            graph(&[K], &always, &[("a", a, facts), ("b", b, facts), ("c", c, facts)], false)
        }),
        ("four", {
            let others: [Side<'_>; 4] = [
                ("a", a, &[]),
                ("b", b, &[(F, Folded)]),
                ("c", c, &[(N, Near), (D, Form::Exact)]),
                ("d", d, &[(D, Form::Exact), (F, Folded)]),
            ];
            graph(&[K], &always, &others, false)
        }),
        ("everywhere", {
            let facts: Facts<'_> = &[(F, Nfc)];
            graph(&[K], &always, &[("a", a, facts), ("b", b, facts), ("c", c, facts), ("d", d, facts)], true)
        }),
        ("scoped", {
            let facts: Facts<'_> = &[(N, Form::Exact)];
            graph(&[K, G], &above(1), &[("a", a, facts), ("b", b, facts), ("c", c, facts)], false)
        }),
        ("scoped-everywhere", {
            let facts: Facts<'_> = &[(D, Form::Exact)];
            graph(&[G], &above(1), &[("a", a, facts), ("b", b, facts)], true)
        }),
        ("sums", totals(&[G], (a, &always), (b, &always), &[("sum(n)", sum_n, sum_n), ("count(*)", all, all)], equal)),
        (
            "counts",
            totals(
                &[K],
                (a, &always),
                (c, &always),
                &[("count(f)", count_f, count_f), ("count(n)", count_n, count_n)],
                equal,
            ),
        ),
        (
            "near",
            totals(&[G, D], (a, &always), (b, &always), &[("sum(n)", sum_n, sum_n)], |a, b| {
                apart(a, b) <= exact::of(1, 2)
            }),
        ),
        (
            "percent",
            totals(&[G], (a, &always), (d, &always), &[("sum(w)", sum_w, sum_w)], |a, b| {
                apart(a, b) * exact::whole(10) <= exact::abs(b)
            }),
        ),
        (
            "whole",
            totals(
                &[],
                (a, &whole_one),
                (b, &whole_nothing),
                &[("sum(n)", sum_n, sum_n), ("count(*)", all, all)],
                equal,
            ),
        ),
        (
            "terms",
            totals(
                &[G],
                (a, &always),
                (c, &whole_one),
                &[("sum((w * 2))", twice_w, twice_w), ("count(*)", all, count_g)],
                equal,
            ),
        ),
    ])
}

fn compare(tables: &[Vec<Row>; 4], kind: Kind) {
    let folder = Folder::new();
    let suite = folder.write("suite.yaml", kind.suite(&suite()));
    let names = ["a", "b", "c", "d"];
    for (name, rows) in names.iter().zip(tables) {
        folder.write(format!("{name}.csv"), csv(HEADER, rows));
        parquet(&folder.path(format!("{name}.parquet")), HEADER, rows);
    }
    let data = names.map(|name| (name, folder.path(format!("{name}.parquet"))));
    let expected = reference(tables, kind);
    let as_csv = run(&suite, &[], 1);
    let as_parquet = run(&suite, &data, 2);
    for report in [&as_csv, &as_parquet] {
        let rules = rules(report);
        for (id, (expected, details)) in &expected {
            let rule = rules.get(id).unwrap_or_else(|| panic!("{id} is not in the report"));
            assert_judged(rule);
            assert_eq!((&counts(rule), &rule.details), (expected, details), "{id} {kind:?}: {tables:?}");
        }
    }
    // The same bytes from any number of threads and any memory.
    assert_eq!(json(&as_csv), json(&run(&suite, &[], 16)));
    assert_eq!(json(&as_csv), json(&run_within(MemoryLimit::Keys(0), &suite, &[], 2)));
    assert_eq!(json(&as_parquet), json(&run_within(MemoryLimit::Keys(400), &suite, &data, 1)));
}

fn row() -> impl Strategy<Value = Row> {
    (
        one_of(&[
            "",
            "1",
            "2",
            "02",
            "3",
            "4",
            "x",
            "NA",
            "12345678901234567890",
            "123456789012345678901234567890123456789",
        ]),
        one_of(&["", "An", "AN", "Le  An", "le an", "Bình", "Bi\u{300}nh", "BÌNH", "NA"]),
        number_or(
            &[
                "",
                "1",
                "1.5",
                "2.0",
                "2",
                "2.1",
                "1e3",
                "-0.25",
                "abc",
                "9007199254740993",
                "9007199254740993.5",
                "9007199254740994",
                "100000000000000000001.25",
                "100000000000000000001.8",
                "99999999999999999999999999999999999999",
                "0.1",
                "0.2",
                "0.3",
                "1e200",
                "1e-39",
            ],
            decimals(),
        ),
        one_of(&["", "2020-01-31", "2020-02-01", "31/01/2020"]),
        number_or(
            &["", "0", "1", "2", "9", "x", "9007199254740993", "9007199254740992", "-9007199254740993"],
            whole_numbers(),
        ),
        one_of(&["", "g1", "g2", "g3", "a group of more than fifteen bytes", "NA"]),
    )
        .prop_map(|(k, f, n, d, w, g)| [k, f, n, d, w, g])
}

/// Rows that can mostly be parsed, so that not only unparseable ones are compared.
fn sound() -> impl Strategy<Value = Row> {
    (
        one_of(&["1", "2", "3", "4", "5", "6"]),
        one_of(&["An", "AN", "an", ""]),
        one_of(&["1", "1.5", "1.50", ""]),
        one_of(&["2020-01-31", "2020-02-01"]),
        one_of(&["1", "2", "1", "2", "9007199254740993", "9007199254740992"]),
        one_of(&["g1", "g2", "g3", "g4", "g5"]),
    )
        .prop_map(|(k, f, n, d, w, g)| [k, f, n, d, w, g])
}

fn table() -> impl Strategy<Value = Vec<Row>> {
    prop_oneof![prop::collection::vec(row(), 0..12), prop::collection::vec(sound(), 0..10)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn datasets_that_should_agree_do_as_the_reference_says(
        tables in [table(), table(), table(), table()],
        kind in Kind::any(),
    ) {
        compare(&tables, kind);
    }
}

#[test]
fn tables_of_one_kind_agree_too() {
    let compare = |tables: &[Vec<Row>; 4]| [Kind::Decimal, Kind::Float].map(|kind| compare(tables, kind));
    let row = |cells: [&str; 6]| cells.map(str::to_owned);
    let one = row(["1", "An", "1.5", "2020-01-31", "2", "g1"]);
    let empty = row(["", "", "", "", "", ""]);
    compare(&[vec![], vec![], vec![], vec![]]);
    compare(&[vec![one.clone()], vec![one.clone()], vec![one.clone()], vec![one.clone()]]);
    compare(&[vec![one.clone(); 70], vec![], vec![one; 5], vec![]]);
    compare(&[vec![empty.clone(); 9], vec![empty.clone()], vec![], vec![empty]]);
}

//! `passmuster profile`: counts worked out by hand, the same from every engine, format and number of threads, and the program as
//! a user meets it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use passmuster::engine::local::LocalEngine;
use passmuster::engine::reference::ReferenceEngine;
use passmuster::engine::{Datasets, Engine, Limits, MemoryLimit, Request, Want, Watch};
use passmuster::model::{
    AsOf, DataProfile, DataType, Measure, MeasureKind, Notation, ProfiledColumn, ProfiledDataset, Reading, Share,
    ValueTally, Values,
};
use passmuster::plan::{Plan, PlannedColumn, PlannedDataset};
use passmuster::profile::{ProfileOptions, Profilee, profile};
use passmuster::report::data_profile;
use passmuster::source::{Options, SourceSpec};
use polars_arrow::array::{Array, BooleanArray, PrimitiveArray, Utf8ViewArray};
use polars_arrow::datatypes::ArrowDataType;
use proptest::prelude::*;

use crate::support::folder::Folder;
use crate::support::packed::gzip;
use crate::support::program::{code, run};
use crate::support::repository::root;
use crate::support::tables::{Table, parquet};

fn spec(path: &Path) -> SourceSpec {
    SourceSpec {
        location: path.display().to_string(),
        further: Vec::new(),
        base: PathBuf::new(),
        format: None,
        options: Options::default(),
    }
}

fn limits(threads: usize) -> Limits {
    Limits { threads, memory: MemoryLimit::Process(u64::MAX), spill_dir: std::env::temp_dir() }
}

/// Profiles files; the name of each dataset is that of its file without its end.
fn of_files_with(paths: &[PathBuf], threads: usize, sample: Option<Share>) -> DataProfile {
    let (mut profilees, mut datasets) = (Vec::new(), Datasets::new());
    for path in paths {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let dataset = LocalEngine.open(&spec(path), u64::MAX).unwrap_or_else(|error| panic!("{error}"));
        datasets.insert(name.clone(), dataset);
        profilees.push(Profilee { name, ..Profilee::default() });
    }
    let options = ProfileOptions {
        missing: BTreeSet::from(["NA".to_owned()]),
        as_of: AsOf::parse("2026-11-23").unwrap(),
        sample,
        limits: limits(threads),
    };
    let profiled = profile(&profilees, &datasets, &options, &()).unwrap_or_else(|error| panic!("{error}"));
    profiled.expect("nobody stopped it").profile
}

fn of_files(paths: &[PathBuf]) -> DataProfile {
    of_files_with(paths, 2, None)
}

fn of_text(text: &str) -> ProfiledDataset {
    let folder = Folder::of(&[("t.csv", text)]);
    of_files(&[folder.path("t.csv")]).datasets.remove(0)
}

fn column<'a>(dataset: &'a ProfiledDataset, name: &str) -> &'a ProfiledColumn {
    dataset.columns.iter().find(|column| column.name == name).expect(name)
}

/// 24 orders of 4 customers. Every sixth amount is unknown, the third one is no number; the order of 24 was shipped before it was
/// made; customer 9 does not exist; `region` depends on the customer but for one mistake.
pub(crate) fn orders() -> String {
    let mut text = "order,customer,region,amount,made,shipped,code\n".to_owned();
    for at in 1..=24 {
        let customer = if at == 20 { 9 } else { at % 4 + 1 };
        let region = if at == 7 { "Nrth" } else { ["North", "South"][usize::from(at % 4 >= 2)] };
        let amount = match at {
            3 => "12 VND".to_owned(),
            _ if at % 6 == 0 => "n/a".to_owned(),
            _ => format!("{at}.50"),
        };
        let shipped = if at == 24 { "2026-01-01".to_owned() } else { format!("2026-02-{:02}", at.min(28)) };
        writeln!(text, "{at},{customer},{region},{amount},{at:02}/01/2026,{shipped},A-{at:03}").unwrap();
    }
    text
}

pub(crate) const CUSTOMERS: &str =
    "customer,full_name,status\n1,Nguyễn Văn An,active\n2,Anne Lee,active\n3,Bo Li,\n4,Cy Rae,NA\n";

#[test]
fn counts_are_those_worked_out_by_hand() {
    let folder = Folder::of(&[("orders.csv", &orders()), ("customers.csv", CUSTOMERS)]);
    let profile = of_files(&[folder.path("orders.csv"), folder.path("customers.csv")]);
    let [orders, customers] = profile.datasets.as_slice() else { panic!("two datasets") };
    assert_eq!((orders.rows, orders.looked_at, orders.malformed, orders.duplicate_rows), (24, 24, 0, Some(0)));

    let order = column(orders, "order");
    assert_eq!((order.values, order.missing, order.distinct, order.once), (24, 0, Some(24), Some(24)));
    let numbers = order.numbers.as_ref().unwrap();
    assert_eq!((numbers.least.as_deref(), numbers.greatest.as_deref()), (Some("1"), Some("24")));
    // The value of rank ⌈share · 24⌉.
    let quantiles: Vec<(u32, &str)> =
        numbers.quantiles.iter().map(|part| (part.percent, part.value.as_str())).collect();
    assert_eq!(quantiles, [(1, "1"), (5, "2"), (25, "6"), (50, "12"), (75, "18"), (95, "23"), (99, "24")]);
    assert_eq!(numbers.mean, Some(12.5));
    // √(24 · 25 / 12)
    assert!((numbers.stddev.unwrap() - 50_f64.sqrt()).abs() < 1e-12);
    assert_eq!(numbers.histogram, [8; 12]);

    let amount = column(orders, "amount");
    let reads = amount.reads_as.as_ref().unwrap();
    assert_eq!((reads.data_type, reads.values, reads.others), (DataType::Decimal, 19, 5));
    assert_eq!(amount.stand_ins, BTreeMap::from([("n/a".to_owned(), 4)]));
    // 24 less four unknown and one that is no number.
    assert_eq!((amount.distinct, amount.once), (Some(19), Some(19)));
    assert_eq!(amount.numbers.as_ref().unwrap().least.as_deref(), Some("1.5"));

    let made = column(orders, "made");
    let reads = made.reads_as.as_ref().unwrap();
    assert_eq!((reads.data_type, reads.format.as_deref()), (DataType::Date, Some("%d/%m/%Y")));
    assert_eq!(reads.others, 0);
    assert_eq!(made.numbers.as_ref().unwrap().greatest.as_deref(), Some("2026-01-24"));
    assert_eq!(made.days.map(|days| (days.expected, days.found)), Some((24, 24)));

    let region = column(orders, "region");
    let frequent = region.frequent.as_ref().unwrap();
    let shown: Vec<(&str, u64)> = frequent.shown.iter().map(|value| (value.value.as_str(), value.rows)).collect();
    // Orders 3, 7 … and 2, 6 … are southern: 12 of them, and one is a mistake. A value of one row is not shown.
    assert_eq!(shown, [("North", 12), ("South", 11)]);
    assert_eq!((frequent.other_rows, frequent.other_values), (1, 1));

    let code = column(orders, "code");
    let shapes = code.shapes.as_ref().unwrap();
    assert_eq!((shapes.shown[0].shape.as_str(), shapes.shown[0].values), ("A-999", 24));
    assert_eq!(code.lengths.map(|lengths| (lengths.least, lengths.greatest)), Some((5, 5)));
    assert_eq!(code.frequent.as_ref().map(|frequent| frequent.shown.len()), Some(0));

    let keys: Vec<(&[String], u64)> = orders.keys.iter().map(|key| (key.columns.as_slice(), key.duplicated)).collect();
    assert!(keys.contains(&(&["order".to_owned()], 0)) && keys.contains(&(&["code".to_owned()], 0)), "{keys:?}");
    let decided =
        orders.dependencies.iter().find(|found| (found.from.as_str(), found.to.as_str()) == ("customer", "region"));
    let decided = decided.expect("customers have one region");
    // Customer 9 has one order, and customer 4 the mistake.
    assert_eq!((decided.rows, decided.groups, decided.exceptions), (24, 5, 1));
    let order = &orders.date_orders[0];
    assert_eq!((order.before.as_str(), order.after.as_str()), ("made", "shipped"));
    assert_eq!((order.rows, order.exceptions), (24, 1));

    let name = column(customers, "full_name");
    assert!(name.personal.is_some() && name.frequent.is_none() && name.numbers.is_none());
    assert_eq!((name.values, name.distinct), (4, Some(4)));
    assert_eq!(column(customers, "status").missing, 2);

    let reference = &profile.references[0];
    assert_eq!((reference.dataset.as_str(), reference.column.as_str()), ("orders", "customer"));
    assert_eq!((reference.to_dataset.as_str(), reference.to_column.as_str()), ("customers", "customer"));
    assert_eq!((reference.rows, reference.orphans, reference.to_rows, reference.unused), (24, 1, 4, 0));
}

/// A table with more different values than are counted one by one, so that the answers come from other measures.
fn large() -> (String, Vec<i64>) {
    let numbers: Vec<i64> = (0..30_000).map(|at| (at * 7_919) % 24_001 - 5_000).collect();
    let mut text = "number,day,group,word\n".to_owned();
    for (at, number) in numbers.iter().enumerate() {
        let group = number.rem_euclid(30);
        writeln!(text, "{number},2026-01-{:02},g{group},w{at}", at % 28 + 1).unwrap();
    }
    (text, numbers)
}

#[test]
fn large_columns_are_counted_exactly() {
    let (text, mut numbers) = large();
    let folder = Folder::of(&[("t.csv", &text)]);
    let profile = of_files(&[folder.path("t.csv")]);
    let dataset = &profile.datasets[0];
    assert!((5_000..=20_000).contains(&dataset.looked_at), "{}", dataset.looked_at);
    let column = column(dataset, "number");
    numbers.sort_unstable();
    let mut counts: BTreeMap<i64, u64> = BTreeMap::new();
    for number in &numbers {
        *counts.entry(*number).or_default() += 1;
    }
    assert_eq!(column.distinct, Some(counts.len() as u64));
    assert_eq!(column.once, Some(counts.values().filter(|rows| **rows == 1).count() as u64));
    let found = column.numbers.as_ref().unwrap();
    assert_eq!(found.least, numbers.first().map(i64::to_string));
    assert_eq!(found.greatest, numbers.last().map(i64::to_string));
    for part in &found.quantiles {
        let rank = (numbers.len() * part.percent as usize).div_ceil(100) - 1;
        assert_eq!(part.value, numbers[rank].to_string(), "{} %", part.percent);
    }
    assert_eq!(found.histogram.len(), 12);
    assert!(column.frequent.is_none());
    let decided = dataset.dependencies.iter().find(|found| found.from == "number" && found.to == "group");
    // Few numbers occur twice, so they decide nothing by themselves.
    assert!(decided.is_none());
    assert_eq!(self::column(dataset, "word").distinct, Some(30_000));
    // The same at any number of threads, and in less memory.
    assert_eq!(of_files_with(&[folder.path("t.csv")], 1, None), profile);
}

/// Of a compressed file the first rows are looked at: they have ten different numbers, and all later ones differ.
#[test]
fn what_was_not_expected_is_counted_as_well() {
    let numbers: Vec<u32> = (0..150_000).map(|at| if at < 30_000 { at % 10 } else { at }).collect();
    let text = numbers.iter().map(|number| format!("{number},w{number}\n")).collect::<Vec<_>>().concat();
    let folder = Folder::new();
    folder.write("t.csv.gz", gzip(format!("number,word\n{text}").as_bytes()));
    let dataset = of_files(&[folder.path("t.csv.gz")]).datasets.remove(0);
    assert_eq!((dataset.rows, dataset.looked_at), (150_000, 20_000));
    for name in ["number", "word"] {
        let column = column(&dataset, name);
        assert_eq!((column.distinct, column.once), (Some(120_010), Some(120_000)), "{name}");
    }
    let found = column(&dataset, "number").numbers.as_ref().unwrap();
    assert_eq!((found.least.as_deref(), found.greatest.as_deref()), (Some("0"), Some("149999")));
    // 30,000 values are under ten, so the value of rank 37,500 is 30,000 + 7,499.
    assert!(found.quantiles.iter().any(|part| part.percent == 25 && part.value == "37499"), "{:?}", found.quantiles);
}

#[test]
fn a_sample_says_so_and_counts_no_different_values() {
    let (text, _) = large();
    let rows: Vec<Vec<String>> =
        text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect();
    let cells: Vec<[String; 4]> = rows.into_iter().map(|row| row.try_into().unwrap()).collect();
    let folder = Folder::new();
    parquet(&folder.path("t.parquet"), "number,day,group,word", &cells);
    let profile = of_files_with(&[folder.path("t.parquet")], 2, Share::parse("10%"));
    let dataset = &profile.datasets[0];
    assert!(dataset.sampled.is_some() && dataset.rows < 30_000, "{:?} of {}", dataset.sampled, dataset.rows);
    assert!(dataset.keys.is_empty() && dataset.duplicate_rows.is_none());
}

#[test]
fn formats_give_the_same_profile() {
    let text = orders();
    let cells: Vec<[String; 7]> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>().try_into().unwrap())
        .collect();
    let folder = Folder::of(&[("orders.csv", &text)]);
    parquet(&folder.path("orders.parquet"), "order,customer,region,amount,made,shipped,code", &cells);
    let plain = |path: PathBuf| {
        let mut dataset = of_files(&[path]).datasets.remove(0);
        dataset.files.clear();
        for column in &mut dataset.columns {
            column.stored.clear();
        }
        dataset
    };
    assert_eq!(plain(folder.path("orders.csv")), plain(folder.path("orders.parquet")));
}

/// What both engines say of the values of a column.
fn values_of(path: &Path, name: &str, most: u32) -> (ValueTally, ValueTally) {
    let engines: [&dyn Engine; 2] = [&LocalEngine, &ReferenceEngine];
    let tally = |engine: &dyn Engine| {
        let dataset = engine.open(&spec(path), u64::MAX).unwrap();
        let stored: Vec<(String, DataType)> =
            dataset.columns().iter().filter_map(|column| Some((column.name.clone(), column.data_type?))).collect();
        let planned = stored.iter().map(|(name, data_type)| {
            let missing = BTreeSet::from(["NA".to_owned(), "7".to_owned()]);
            let column = PlannedColumn { data_type: *data_type, format: None, notation: Notation::default(), missing };
            (name.clone(), column)
        });
        let planned = PlannedDataset { asked: true, columns: planned.collect(), stored, ..PlannedDataset::default() };
        let plan = Plan {
            datasets: BTreeMap::from([("t".to_owned(), planned)]),
            measures: vec![Measure::new("t", None, MeasureKind::Values(Values { column: name.to_owned(), most }))],
            lookups: Vec::new(),
            codelists: BTreeMap::new(),
            as_of: AsOf::parse("2026-11-23").unwrap(),
        };
        let request = Request {
            plan,
            samples: BTreeMap::new(),
            most_failures: None,
            want: Want { failing_rows: 0, rows: None, counts: None, profile: false },
            limits: limits(2),
        };
        let datasets: Datasets = [("t".to_owned(), dataset)].into();
        let execution = engine.execute(&request, &datasets, Watch { progress: &(), stop: None, evidence: None });
        match execution.reading(0) {
            Ok(Reading::Values(tally)) => tally.clone(),
            other => panic!("{other:?}"),
        }
    };
    (tally(engines[0]), tally(engines[1]))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn both_engines_count_the_same_values(
        texts in proptest::collection::vec(proptest::option::of("NA|7| |[ab]{0,2}|[A-C0-9 é-]{0,9}"), 1..60),
        most in 1_u32..12,
    ) {
        let rows = texts.len();
        let text: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
        let whole = |at: usize| texts[at].as_ref().map(|text| i64::try_from(text.len()).unwrap() * 7 - 7);
        let float = |at: usize| match texts[at].as_deref() {
            Some("7") => Some(f64::NAN),
            Some(" ") => Some(-0.0),
            other => other.map(|text| f64::from(u8::try_from(text.len()).unwrap())),
        };
        let table = Table::new([
            ("text", Box::new(Utf8ViewArray::from_slice(&text)) as Box<dyn Array>),
            ("whole", Box::new((0..rows).map(whole).collect::<PrimitiveArray<i64>>())),
            ("float", Box::new((0..rows).map(float).collect::<PrimitiveArray<f64>>())),
            (
                "day",
                Box::new(
                    (0..rows)
                        .map(|at| whole(at).map(|day| i32::try_from(day).unwrap()))
                        .collect::<PrimitiveArray<i32>>()
                        .to(ArrowDataType::Date32),
                ),
            ),
            ("flag", Box::new((0..rows).map(|at| whole(at).map(|day| day % 2 == 0)).collect::<BooleanArray>())),
        ]);
        let folder = Folder::new();
        folder.write("t.parquet", table.parquet(7));
        for name in ["text", "whole", "float", "day", "flag"] {
            let (local, reference) = values_of(&folder.path("t.parquet"), name, most);
            prop_assert_eq!(local, reference, "{}", name);
        }
    }
}

#[test]
fn poor_inputs_have_a_profile_or_one_clear_message() {
    let header = of_text("a,b\n");
    assert_eq!((header.rows, header.columns.len(), header.keys.len()), (0, 2, 0));
    assert!(header.columns.iter().all(|column| column.reads_as.is_none() && column.values == 0));
    let one = of_text("a\n5\n");
    assert_eq!((one.rows, one.columns[0].distinct, one.keys.len()), (1, Some(1), 0));
    let missing = of_text("a,b\nNA,\n,\nNA,NA\n");
    assert!(missing.columns.iter().all(|column| (column.values, column.missing) == (0, 3)));
    let width = 10_000;
    let names: Vec<String> = (0..width).map(|at| format!("c{at}")).collect();
    let cells: Vec<String> = (0..width).map(|at| at.to_string()).collect();
    let wide = of_text(&format!("{}\n{}\n{}\n", names.join(","), cells.join(","), cells.join(",")));
    assert_eq!((wide.columns.len(), wide.duplicate_rows), (width, Some(2)));
    let folder = Folder::new();
    folder.write("empty.csv", "");
    folder.write("mixed.csv", b"a\ncaf\xc3\xa9\ncaf\xe9\n");
    let mixed = of_files(&[folder.path("mixed.csv")]).datasets.remove(0);
    assert_eq!((mixed.rows, mixed.malformed), (2, 1));
    for (file, said) in [("empty.csv", "empty"), ("none.csv", "none.csv")] {
        let output = run(&folder, &["profile", file]);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((code(&output), output.stdout.len()), (2, 0), "{file}: {error}");
        assert!(error.contains(said), "{file}: {error}");
    }
}

#[test]
fn suites_and_files_are_profiled() {
    let suite = "suite: s\ndatasets:\n  people:\n    source: people.csv\n    missing: ['?']\n    columns:\n      id: { type: text, pii: none }\n      note: { pii: basic }\n    rules:\n      - { check: required, columns: [id] }\n";
    let folder = Folder::of(&[("people.csv", "id,note\n1,x\n2,x\n?,x\n4,x\n5,x\n"), ("suite.yaml", suite)]);
    let output = run(&folder, &["profile", "suite.yaml", "--format", "json"]);
    let profile: DataProfile = serde_json::from_slice(&output.stdout).expect("JSON");
    let people = &profile.datasets[0];
    let id = column(people, "id");
    assert_eq!((id.missing, id.reads_as.as_ref().unwrap().data_type), (1, DataType::Text));
    // It occurs in five rows, and is declared personal.
    assert!(column(people, "note").frequent.is_none());
    let both = run(&folder, &["profile", "suite.yaml", "people.csv"]);
    assert_eq!(code(&both), 2);
    let page = run(&folder, &["profile", "people.csv", "--format", "html"]);
    let page = String::from_utf8(page.stdout).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.trim_end().ends_with("</html>") && !page.contains("<script"));
}

#[test]
fn the_schema_is_published() {
    let published = std::fs::read_to_string(root().join("schema/profile.schema.json")).unwrap();
    // Refresh with `passmuster schema profile > schema/profile.schema.json`.
    assert!(published == format!("{:#}\n", data_profile::schema()), "schema/profile.schema.json is not fresh");
    let folder = Folder::of(&[("orders.csv", &orders()), ("customers.csv", CUSTOMERS)]);
    let profile = of_files(&[folder.path("orders.csv"), folder.path("customers.csv")]);
    let document: serde_json::Value = serde_json::from_str(&data_profile::json(&profile)).unwrap();
    assert!(jsonschema::validator_for(&data_profile::schema()).unwrap().is_valid(&document));
}

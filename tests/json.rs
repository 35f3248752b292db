//! JSON documents: the same table as CSV gives the same integers, every fault is counted, and what is no document of records
//! ends in one clear message.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use passmuster::model::{AuditReport, FaultKind, RuleReport, Status};
use passmuster::source::{Column, Format, Options, Source, SourceError, SourceSpec};
use serde_json::{Value, json};

use crate::support::audits::{json as result, run};
use crate::support::folder::Folder;
use crate::support::packed::{bzip2, gzip, xz};
use crate::support::program;

/// A table with missing cells, letters beyond ASCII, quotes, and cells that do not parse.
const ROWS: &[[&str; 5]] = &[
    ["1", "Nguyễn Văn An", "1990-02-03", "12.50", "true"],
    ["2", "Trần \"Bé\" Ba", "1990-02-30", "7", "no"],
    ["3", "", "1985-07-19", "-3.25", ""],
    ["3", "Lê, Hoa", "", "abc", "maybe"],
    ["5", "a\\b", "2030-01-01", "1e3", "false"],
    ["", "  ", "1970-01-01", "", "true"],
    ["x7", "Phạm\nThị", "1969-12-31", "0", "0"],
];

const NAMES: [&str; 5] = ["id", "name", "born", "amount", "active"];

/// Ten rules on that table.
const RULES: &str = "
    key: id
    columns:
      id: { type: integer, required: true }
      name: { required: true, length: 1..12, tidy: true }
      born: { type: date, required: true }
      amount: { type: decimal, range: 0..1000 }
      active: { type: boolean, required: true }
    rules:
      - { id: few, check: row_count, min: 5 }
      - { id: old, check: expect, that: \"born < date '2020-01-01' or active = true\" }
      - { id: mean, check: aggregate, that: \"avg(amount) > 1 and distinct(id) > 2\" }
";

fn suite(source: &str) -> String {
    format!("suite: s\ndatasets:\n  t:\n    source: {source}{RULES}")
}

pub(crate) fn as_csv() -> String {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(NAMES).unwrap();
    for row in ROWS {
        table.write_record(row).unwrap();
    }
    String::from_utf8(table.into_inner().unwrap()).unwrap()
}

/// The records as objects: empty cells are null or absent, in turn; numbers and flags are no texts where JSON has them.
fn records() -> Vec<Value> {
    let record = |(at, row): (usize, &[&str; 5])| {
        let cells = NAMES.iter().zip(row).filter(|(_, cell)| !cell.is_empty() || at % 2 == 0);
        let value = |cell: &str| match cell {
            "" => Value::Null,
            cell => match serde_json::from_str::<Value>(cell) {
                // What is written in another way stays a text.
                Ok(value) if serde_json::to_string(&value).unwrap() == cell => value,
                _ => Value::from(cell),
            },
        };
        Value::Object(cells.map(|(name, cell)| ((*name).to_owned(), value(cell))).collect())
    };
    ROWS.iter().enumerate().map(record).collect()
}

/// The counts of all rules but those about the framing of a file.
pub(crate) fn counts(report: &AuditReport) -> Vec<(String, [u64; 4])> {
    let rules = report.datasets.iter().flat_map(|dataset| &dataset.rules).filter(|rule| rule.id != "t.well_formed");
    rules.map(|rule| (rule.id.clone(), [rule.passed, rule.failed, rule.not_applicable, rule.unreadable])).collect()
}

/// The counts of the table in a file of that name; `options` are those of its format.
pub(crate) fn audited(name: &str, bytes: &[u8], options: &str) -> Vec<(String, [u64; 4])> {
    let folder = Folder::new();
    folder.write(name, bytes);
    let suite = folder.write("suite.yaml", suite(&format!("{{ path: {name}{options} }}")));
    let one = run(&suite, &[], 1);
    assert_eq!(result(&one), result(&run(&suite, &[], 3)));
    let unread = one.datasets.iter().find_map(|dataset| dataset.error.as_ref());
    assert!(unread.is_none(), "{unread:?}");
    counts(&one)
}

#[test]
fn a_table_has_the_same_counts_in_every_text_format_and_packing() {
    let csv = as_csv();
    let expected = audited("t.csv", csv.as_bytes(), "");
    assert!(expected.len() >= 10, "{expected:?}");
    assert!(expected.iter().any(|(_, counts)| counts[1] > 0) && expected.iter().any(|(_, counts)| counts[3] > 0));
    let array = Value::from(records());
    let inside = json!({ "meta": { "count": 7, "pages": [1, 2] }, "data": { "items": array, "next": null } });
    let mut lines = String::new();
    for record in records() {
        lines.push_str(&serde_json::to_string(&record).unwrap());
        lines.push('\n');
    }
    assert_eq!(audited("t.ndjson", lines.as_bytes(), ""), expected);
    for text in [array.to_string(), format!("\u{feff}{array:#}\n")] {
        assert_eq!(audited("t.json", text.as_bytes(), ""), expected);
        assert_eq!(audited("t.json.gz", &gzip(text.as_bytes()), ""), expected);
        assert_eq!(audited("t.json.bz2", &bzip2(text.as_bytes()), ""), expected);
        assert_eq!(audited("t.json.xz", &xz(text.as_bytes()), ""), expected);
    }
    assert_eq!(audited("t.json", format!("{inside:#}").as_bytes(), ", records: data.items"), expected);
    assert_eq!(audited("t.csv.bz2", &bzip2(csv.as_bytes()), ""), expected);
    assert_eq!(audited("t.csv.xz", &xz(csv.as_bytes()), ""), expected);
}

// ---- Reading ----

type Row = Vec<Option<String>>;

/// What is read of a document: the columns, the rows, their lines, the malformed ones and the faults.
#[derive(Debug, PartialEq)]
struct Read {
    names: Vec<String>,
    rows: Vec<Row>,
    lines: Vec<u64>,
    malformed: Vec<u32>,
    faults: Vec<(FaultKind, u64)>,
}

fn open(folder: &Folder, name: &str, options: Options) -> Result<Source, SourceError> {
    let spec = SourceSpec {
        location: name.to_owned(),
        further: Vec::new(),
        base: folder.root().to_owned(),
        format: None,
        options,
    };
    Source::open(&spec)
}

fn read_within(text: &[u8], options: Options, block: usize) -> Result<Read, SourceError> {
    let folder = Folder::new();
    folder.write("t.json", text);
    let source = open(&folder, "t.json", options)?.with_block(block);
    let columns: Vec<usize> = (0..source.columns().len()).collect();
    let found = Mutex::new(Vec::new());
    let facts = source.scan(
        &columns,
        &|batch| {
            found.lock().unwrap().push(batch);
            true
        },
        &|_| {},
    )?;
    let mut batches = found.into_inner().unwrap();
    batches.sort_by_key(|batch| batch.place);
    let names = source.columns().iter().map(|column| column.name.clone()).collect();
    let mut read =
        Read { names, rows: Vec::new(), lines: Vec::new(), malformed: Vec::new(), faults: facts.framing.faults };
    for batch in batches {
        read.malformed.extend(batch.malformed.iter().map(|row| row + u32::try_from(read.rows.len()).unwrap()));
        read.lines.extend(batch.lines.iter().flat_map(|lines| lines.iter().copied()));
        let cell = |column: &Column, row: usize| match column {
            Column::Text(cells) => cells.get(row).map(str::to_owned),
            other => panic!("{other:?} is no text"),
        };
        read.rows
            .extend((0..batch.rows).map(|row| batch.columns.iter().map(|column| cell(column, row)).collect::<Row>()));
    }
    assert_eq!(facts.framing.records, read.rows.len() as u64);
    Ok(read)
}

/// Reads a document in blocks of several sizes, which must make no difference.
fn read(text: &str) -> Result<Read, String> {
    let whole = read_within(text.as_bytes(), Options::default(), 1 << 20).map_err(|error| error.problem.to_string());
    for block in [1, 10, 100] {
        let part = read_within(text.as_bytes(), Options::default(), block);
        match (&whole, part) {
            (Ok(whole), Ok(part)) => assert_eq!(&part, whole, "{block}"),
            (Err(_), Err(_)) => {}
            (whole, part) => panic!("{block}: {whole:?} and {part:?}"),
        }
    }
    whole
}

fn problem(text: &[u8], options: Options) -> String {
    read_within(text, options, 1 << 20).unwrap_err().problem.to_string()
}

#[test]
fn cells_are_text_as_it_is_written() {
    let text = r#"[
  {"a": 1.50, "b": "x\u0041\n", "c": [1, {"d": "}"}]},
  {"b": null, "a": 007, "c": true},
  {"c": 1e400, "a": -0.0},
  {}, {"a": "", "b": {"x": [ ]}}
]"#;
    let found = read(text).unwrap();
    assert_eq!(found.names, ["a", "b", "c"]);
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        found.rows,
        [
            vec![some("1.50"), some("xA\n"), some("[1, {\"d\": \"}\"}]")],
            vec![None, None, None],
            vec![some("-0.0"), None, some("1e400")],
            vec![None, None, None],
            vec![some(""), some("{\"x\": [ ]}"), None],
        ]
    );
    assert_eq!(found.lines, [2, 3, 4, 5, 5]);
    // `007` is no number of JSON.
    assert_eq!(found.malformed, [1]);
    assert_eq!(found.faults, [(FaultKind::InvalidJson, 1)]);
}

#[test]
fn faults_of_elements_are_counted_with_their_lines() {
    let mut text = "[\n{\"a\": 1, \"b\": 2},\n7,\n\"x, ]\",\n[{\"a\": 1}],\nnull,\n{\"a\": NaN},\n".to_owned();
    text.push_str("{\"a\": 1, \"a\": 2},\n{\"a\": 3,},\n{\"a\" 4}\n]\n");
    let found = read(&text).unwrap();
    assert_eq!(found.rows.len(), 9);
    assert_eq!(found.lines, (2..=10).collect::<Vec<u64>>());
    assert_eq!(found.malformed, (1..=8).collect::<Vec<u32>>());
    let mut faults = found.faults.clone();
    faults.sort();
    let mut expected = vec![(FaultKind::InvalidJson, 7), (FaultKind::RepeatedKey, 1)];
    expected.sort();
    assert_eq!(faults, expected);
    // Of a key that occurs twice the last value counts.
    assert_eq!(found.rows[6][0].as_deref(), Some("2"));
}

#[test]
fn keys_behind_the_first_text_are_faults() {
    let mut text = "[".to_owned();
    while text.len() < 5 << 20 {
        text.push_str("{\"a\": \"0123456789012345678901234567890123456789\"},\n");
    }
    text.push_str("{\"a\": 1, \"late\": 2}]");
    let found = read_within(text.as_bytes(), Options::default(), 1 << 20).unwrap();
    assert_eq!(found.faults, [(FaultKind::ExtraCells, 1)]);
    assert_eq!(found.malformed, [u32::try_from(found.rows.len()).unwrap() - 1]);
}

#[test]
fn bytes_that_are_not_utf_8_are_counted() {
    let found = read_within(b"[{\"a\": \"\xff\"},\n{\"a\": \"b\"}]", Options::default(), 8).unwrap();
    assert_eq!(found.faults, [(FaultKind::Undecodable, 1)]);
    assert_eq!(found.rows[0][0].as_deref(), Some("\u{fffd}"));
}

#[test]
fn deep_elements_are_read_and_deep_documents_are_not() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let found = read(&format!("[{{\"a\": {deep}}}, {{\"a\": 1}}]")).unwrap();
    assert_eq!(found.rows[0][0].as_deref(), Some(deep.as_str()));
    assert!(found.faults.is_empty());
    let around = format!("{{\"m\": {deep}, \"a\": [{{\"b\": 1}}]}}");
    let options = || Options::default().with("records", "a");
    assert!(problem(around.as_bytes(), options()).contains("nested more than 1000 deep"));
    assert!(problem(deep.as_bytes(), Options::default()).contains("an array of objects with keys is expected"));
}

#[test]
fn documents_without_records_say_what_to_declare() {
    let of = |text: &str| problem(text.as_bytes(), Options::default());
    assert_eq!(of(""), "empty: no JSON document");
    assert_eq!(of(" \n"), "empty: no JSON document");
    assert_eq!(of("[]"), "the array of records is empty: no records, and so no columns");
    assert!(of("[1, 2]").contains("none of the first 2 elements is one, and the first (line 1) is a number"));
    assert!(of("17").contains("is not a JSON document with an array of objects"));
    assert!(of("a,b\n1,2\n").contains("is not a JSON document"));
    assert!(of("{\"a\": 1}\n{\"a\": 2}\n").ends_with("declare `format: ndjson`"));
    assert!(of("{\"a\": [1], \"b\": {}}").contains("one object without an array of objects"));
    assert!(of(r#"{"n": 1, "data": {"items": [{"a": 1}], "tags": ["x"]}}"#).ends_with("declare `records: data.items`"));
    assert!(of(r#"{"a.b": [{"a": 1}]}"#).ends_with(r#"declare `records: '"a.b"'`"#));
    assert!(of(r#"{"x": [{"a": 1}], "y": {"z": [{}]}}"#).ends_with("`records: x` or `records: y.z`"));
    // What is cut off is damaged, unless it has shown where its records are.
    assert!(of(r#"{"x": 1, "#).contains("ends too early"));
    assert!(of(r#"{"x": [{"a": 1}"#).ends_with("declare `records: x`"));
    for bytes in
        ["[{\"a\": 1}]".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(), b"\xfe\xff\0[".to_vec()]
    {
        assert!(problem(&bytes, Options::default()).contains("is UTF-16, and JSON is UTF-8"));
    }
    let wrong = problem(b"[]", Options::default().with("records", "a..b"));
    assert!(wrong.contains("`records` has an empty name"), "{wrong}");
}

#[test]
fn a_document_cut_off_anywhere_is_never_read_as_whole() {
    let text = r#"[{"a": "x\"]", "b": [1, {}]}, {"a": 2}]"#;
    for end in 0..text.len() {
        let found = read_within(&text.as_bytes()[..end], Options::default(), 4);
        let problem = found.map(|read| read.rows).unwrap_err().problem.to_string();
        let expected = ["ends too early", "empty: no JSON document"];
        assert!(expected.iter().any(|expected| problem.contains(expected)), "{end}: {problem}");
    }
}

#[test]
fn an_element_beyond_the_limit_is_refused() {
    let folder = Folder::new();
    folder.write("t.json", format!("[{{\"a\": 1}},\n{{\"a\": \"{}\"}}]", "x".repeat(20 << 20)));
    let spec = SourceSpec {
        location: "t.json".to_owned(),
        further: Vec::new(),
        base: folder.root().to_owned(),
        format: None,
        options: Options::default(),
    };
    let source = Source::open_within(&spec, 64 << 20).unwrap();
    let error = source.scan(&[0], &|_| true, &|_| {}).unwrap_err().problem.to_string();
    assert!(error.contains("the element that starts in line 2 is longer than 4 MiB"), "{error}");
    assert!(error.contains("--memory"), "{error}");
}

#[test]
fn files_of_a_dataset_may_have_other_keys() {
    let folder = Folder::of(&[("p/1.json", "[{\"a\": 1}]"), ("p/2.json", "[{\"b\": 2}, {\"a\": 3}]")]);
    let source = open(&folder, "p", Options::default()).unwrap();
    let names: Vec<&str> = source.columns().iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(source.format(), Format::from_name("json").unwrap());
}

#[test]
fn an_empty_array_is_a_part_without_records() {
    let folder = Folder::of(&[("p/1.json", "[]"), ("p/2.json", "[{\"b\": 2}, {\"a\": 3}]"), ("p/3.json", " [ ]\n")]);
    let source = open(&folder, "p", Options::default()).unwrap();
    let facts = source.scan(&[0, 1], &|_| true, &|_| {}).unwrap();
    assert_eq!(facts.files.iter().map(|file| file.rows).collect::<Vec<_>>(), [0, 2, 0]);
}

#[test]
fn a_suite_with_a_wrong_option_shows_its_place() {
    let folder =
        Folder::of(&[("t.json", "[{\"id\": 1}]"), ("suite.yaml", &suite("{ path: t.json, records: 'a[0]' }"))]);
    let output = program::run(&folder, &["audit", "suite.yaml"]);
    assert_eq!(program::code(&output), 2);
    let message = program::stderr(&output);
    assert!(message.contains("`records` has a bracket"), "{message}");
}

// ---- Columns inside of columns ----

const NESTED: &str = "suite: s
datasets:
  d:
    source: SOURCE
    columns:
      tags: { length: 1..2 }
      address.number: { type: integer, range: 1..7 }
    rules:
      - { id: whole, check: required, columns: address }
      - { id: city, check: required, columns: address.city }
      - { id: known, check: allowed, column: address.city, values: [Huế] }
      - { id: deep, check: allowed, column: a.b.c, values: ['1'] }
      - { id: pointed, check: allowed, column: a.x.y, values: ['2'] }
      - { id: both, check: expect, that: \"address.number < 9 and length(tags) > 0\" }
      - { id: most, check: aggregate, that: \"max(length(tags)) = 3\" }
";

/// Rows of the table of [`NESTED`]. The last has its address twice, and the last one counts.
const NESTED_ROWS: [&str; 6] = [
    r#"{"address": {"city": "Hu\u1ebf", "number": 7}, "tags": ["a", "b"], "a": {"b": {"c": 1}, "x.y": 2}}"#,
    r#"{"address": {"number": 8, "city": null}, "tags": [], "a": {"b": {"c": 2}}}"#,
    r#"{"address": null, "tags": null}"#,
    r#"{"address": {}, "tags": [[1, 2], {"x": ["]"]}, "]"], "a": {"x": {"y": 3}}}"#,
    r#"{"address": "nowhere", "tags": "none", "a": {"b": [1]}}"#,
    r#"{"address": {"city": "lost"}, "tags": ["c"], "address": {"number": 1, "city": "Hue\u0302\u0301"}}"#,
];

#[test]
fn objects_and_lists_are_reached_into() {
    // Passed, failed, not applicable, and unreadable among the failed. Lists have 2, 0, 3 and 1 items; `none` is no list.
    let expected: BTreeMap<&str, [u64; 4]> = [
        ("whole", [5, 1, 0, 0]),
        ("city", [2, 4, 0, 0]),
        ("known", [1, 1, 4, 0]),
        ("deep", [1, 1, 4, 0]),
        ("pointed", [1, 1, 4, 0]),
        ("d.address.number.range", [2, 1, 3, 0]),
        ("d.tags.length", [2, 3, 1, 1]),
    ]
    .into();
    let array = format!("[{}]", NESTED_ROWS.join(",\n"));
    let lines = NESTED_ROWS.join("\n");
    let [front, back] = [0..3, 3..6].map(|rows| format!("[{}]", NESTED_ROWS[rows].join(",")));
    for (files, source) in [
        (vec![("d.json", array.as_str())], "d.json"),
        (vec![("d.ndjson", &lines)], "d.ndjson"),
        (vec![("p/1.json", &front), ("p/2.json", &back)], "p"),
    ] {
        let folder = Folder::of(&files);
        let suite = folder.write("suite.yaml", NESTED.replace("SOURCE", source));
        let report = run(&suite, &[], 2);
        let dataset = &report.datasets[0];
        assert_eq!(dataset.error, None, "{source}");
        let is_judged = |rule: &RuleReport| matches!(rule.status, Status::Passed | Status::Failed);
        let unjudged: Vec<&RuleReport> = dataset.rules.iter().filter(|rule| !is_judged(rule)).collect();
        assert!(unjudged.is_empty(), "{source}: {unjudged:#?}");
        for (id, counted) in counts(&report) {
            if let Some(expected) = expected.get(id.as_str()) {
                assert_eq!(counted, *expected, "{source}: {id}");
            }
        }
        // Others are keys that no rule reads: `a.b` and its number of items, `a.x`.
        let names: BTreeSet<&str> = dataset.inner_columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["a.b.c", "a.x.y", "address.city", "address.number", "length(tags)"].into());
    }
}

#[test]
fn an_object_with_very_many_keys_is_no_struct() {
    let keys = |count: usize| (0..count).map(|key| format!("\"k{key}\":{key}")).collect::<Vec<_>>().join(",");
    let inner = |count: usize| {
        let folder = Folder::new();
        folder.write("t.json", format!("[{{\"id\":1,\"map\":{{{}}},\"list\":[1]}}]", keys(count)));
        open(&folder, "t.json", Options::default()).unwrap().inner_columns().len()
    };
    assert_eq!(inner(1_000), 1_001);
    assert_eq!(inner(1_001), 1);
}

//! Avro files: every type is read as what it is or named, and damage is never read as other rows.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use passmuster::model::DataType;
use passmuster::source::{Batch, Column, Options, Problem, Source, SourceError, SourceSpec, Typed};

use crate::json::{as_csv, audited};
use crate::support::folder::Folder;
use crate::support::repository::fixture;

type Cell = Option<String>;

fn open(path: &Path, memory: u64) -> Result<Source, SourceError> {
    let location = path.to_str().unwrap().to_owned();
    Source::open_within(
        &SourceSpec {
            location,
            further: Vec::new(),
            base: PathBuf::from("/"),
            format: None,
            options: Options::default(),
        },
        memory,
    )
}

fn typed<T: ToString>(cells: &Typed<T>, rows: usize) -> Vec<Cell> {
    let cell = |row: usize| {
        if cells.unreadable.as_ref().is_some_and(|bits| bits.get(row)) {
            return Some("unreadable".to_owned());
        }
        cells.valid.as_ref().is_none_or(|valid| valid.get(row)).then(|| cells.values[row].to_string())
    };
    (0..rows).map(cell).collect()
}

fn cells(batch: &Batch, column: &Column) -> Vec<Cell> {
    match column {
        Column::Text(text) => (0..batch.rows).map(|row| text.get(row).map(str::to_owned)).collect(),
        Column::Integer(cells) | Column::Datetime(cells) => typed(cells, batch.rows),
        Column::Decimal(cells) => typed(cells, batch.rows),
        Column::Float(cells) => typed(cells, batch.rows),
        Column::Date(cells) => typed(cells, batch.rows),
        Column::Boolean(cells) => typed(cells, batch.rows),
        Column::Nanoseconds(_) => panic!("no file of these tests has nanoseconds"),
    }
}

/// The cells of each column that can be read, by its name.
fn read(source: &Source, columns: &[usize]) -> Result<BTreeMap<String, Vec<Cell>>, SourceError> {
    let found = Mutex::new(Vec::new());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let facts = pool.install(|| {
        source.scan(
            columns,
            &|batch| {
                found.lock().unwrap().push(batch);
                true
            },
            &|_| {},
        )
    })?;
    let mut batches = found.into_inner().unwrap();
    batches.sort_by_key(|batch| batch.place);
    let mut table: BTreeMap<String, Vec<Cell>> = BTreeMap::new();
    for batch in &batches {
        for (position, column) in columns.iter().zip(&batch.columns) {
            table.entry(source.columns()[*position].name.clone()).or_default().extend(cells(batch, column));
        }
    }
    assert_eq!(batches.iter().map(|batch| batch.rows as u64).sum::<u64>(), facts.framing.records);
    assert!(table.values().all(|cells| cells.len() as u64 == facts.framing.records));
    Ok(table)
}

fn readable(source: &Source) -> Vec<usize> {
    (0..source.columns().len()).filter(|at| source.columns()[*at].data_type.is_some()).collect()
}

fn read_all(bytes: &[u8]) -> Result<BTreeMap<String, Vec<Cell>>, Problem> {
    let folder = Folder::new();
    let source = open(&folder.write("t.avro", bytes), u64::MAX).map_err(|error| error.problem)?;
    read(&source, &readable(&source)).map_err(|error| error.problem)
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(fixture("avro").join(name)).unwrap()
}

#[test]
fn a_table_has_the_counts_of_the_same_table_as_csv() {
    assert_eq!(audited("t.avro", &bytes("table.avro"), ""), audited("t.csv", as_csv().as_bytes(), ""));
}

#[test]
fn every_type_is_read_or_named() {
    let source = open(&fixture("avro").join("types-null.avro"), u64::MAX).unwrap();
    let described: Vec<(&str, &str, Option<DataType>)> = source
        .columns()
        .iter()
        .map(|column| (column.name.as_str(), column.stored.as_str(), column.data_type))
        .collect();
    assert_eq!(
        described,
        [
            ("id", "int64", Some(DataType::Integer)),
            ("small", "int32", Some(DataType::Integer)),
            ("name", "text", Some(DataType::Text)),
            ("single", "float32", Some(DataType::Float32)),
            ("ratio", "float64", Some(DataType::Float)),
            ("active", "boolean", Some(DataType::Boolean)),
            ("born", "date", Some(DataType::Date)),
            ("seen_ms", "timestamp[ms, UTC]", Some(DataType::Datetime)),
            ("seen_us", "timestamp[us, UTC]", Some(DataType::Datetime)),
            ("local_us", "timestamp[us]", Some(DataType::Datetime)),
            ("amount", "decimal(12,2)", Some(DataType::Decimal)),
            ("fixed_amount", "decimal(18,4)", Some(DataType::Decimal)),
            ("key", "uuid", Some(DataType::Text)),
            ("color", "enum", Some(DataType::Text)),
            ("other_color", "enum", Some(DataType::Text)),
            ("raw", "binary", Some(DataType::Text)),
            ("hash", "binary", Some(DataType::Text)),
            ("tags", "list", Some(DataType::Text)),
            ("props", "map", Some(DataType::Text)),
            // It holds itself.
            ("address", "struct", None),
            ("either", "union", None),
            ("at", "time", Some(DataType::Text)),
            ("nothing", "null", Some(DataType::Text)),
            ("last", "text", Some(DataType::Text)),
        ]
    );
    assert_eq!(source.extent().rows, Some(300));
    let table = read(&source, &readable(&source)).unwrap();
    for row in 0..300_i64 {
        let cell = |name: &str| table[name][usize::try_from(row).unwrap()].as_deref();
        let unless_null = |text: String| (row % 3 != 0).then_some(text);
        let has = |name: &str, expected: Option<String>| assert_eq!(cell(name), expected.as_deref(), "{name} {row}");
        has("id", Some(if row % 2 == 0 { row } else { -row }.to_string()));
        has("small", unless_null(row.to_string()));
        has("name", unless_null(format!("nạme {row}")));
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let half = row as f64 / 2.0;
        has("single", Some(half.to_string()));
        has("ratio", unless_null((half / 2.0).to_string()));
        has("active", unless_null((row % 2 == 0).to_string()));
        // 1990-01-01 is 7305 days after 1970-01-01, 2020-01-01 is 18262, 2021-06-01 is 18779.
        has("born", unless_null((7305 + row).to_string()));
        has("seen_ms", Some((18_262 * 86_400_000_000 + (row % 60) * 1_000_000 + 5_000).to_string()));
        has("seen_us", unless_null((18_262 * 86_400_000_000 + row).to_string()));
        has("local_us", Some((18_779 * 86_400_000_000 + 43_200_000_000 + row).to_string()));
        let decimal = |units: i64, scale: u32| {
            let text = format!(
                "{}{}.{:0width$}",
                if units < 0 { "-" } else { "" },
                units.abs() / 10_i64.pow(scale),
                units.abs() % 10_i64.pow(scale),
                width = scale as usize
            );
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        };
        has("amount", unless_null(decimal(row - 50, 2)));
        has("fixed_amount", Some(decimal(-row, 4).replace("-0", if row == 0 { "0" } else { "-0" })));
        has("key", Some(format!("00000000-0000-0000-0000-{row:012x}")));
        has("color", Some(["RED", "GREEN", "BLUE"][usize::try_from(row % 3).unwrap()].to_owned()));
        has("other_color", unless_null("BLUE".to_owned()));
        has("nothing", None);
        has("last", Some(format!("end {row}")));
    }
    // What is read of some columns is what is read of all.
    let last = readable(&source).last().copied().unwrap();
    let some = read(&source, &[last, 2]).unwrap();
    assert_eq!((&some["last"], &some["name"]), (&table["last"], &table["name"]));
    assert!(read(&source, &[]).unwrap().is_empty());
}

#[test]
fn every_codec_gives_the_same() {
    let plain = read_all(&bytes("types-null.avro")).unwrap();
    for codec in ["deflate", "snappy", "zstandard", "bzip2", "xz"] {
        assert!(read_all(&bytes(&format!("types-{codec}.avro"))).unwrap() == plain, "{codec}");
    }
    let problem = read_all(&bytes("lz4.avro")).unwrap_err().to_string();
    assert!(problem.contains("packed with `lz4`, which is not read: write it with deflate"), "{problem}");
}

#[test]
fn what_has_no_records_says_so() {
    assert!(read_all(&bytes("text.avro")).unwrap_err().to_string().contains("values that are no records"));
    assert_eq!(read_all(&bytes("empty.avro")).unwrap(), BTreeMap::new());
    assert!(read_all(b"a,b\n1,2\n").unwrap_err().to_string().contains("is not an Avro file"));
    let folder = Folder::new();
    let csv = folder.write("t.csv", bytes("empty.avro"));
    let error = open(&csv, u64::MAX).unwrap_err().to_string();
    assert!(error.contains("is not delimited text but an Avro file: declare `format: avro`"), "{error}");
}

#[test]
fn a_file_cut_off_or_damaged_anywhere_is_never_read_as_other_rows() {
    let rows = |found: &BTreeMap<String, Vec<Cell>>| found.values().next().map_or(0, Vec::len);
    let mut packed = bytes("types-snappy.avro");
    // A file that ends behind a block is whole: nothing in it says how many there are.
    let marker = b"0123456789abcdef";
    let mut ends: Vec<usize> = (16..=packed.len()).filter(|end| packed[..*end].ends_with(marker)).collect();
    ends.truncate(4);
    packed.truncate(ends[3]);
    let sound = read_all(&packed).unwrap();
    // All of the header and of the last block.
    for end in (0..ends[0] + 30).chain(ends[2] - 30..packed.len()) {
        match read_all(&packed[..end]) {
            Ok(found) => assert!(ends.contains(&end), "{end}: {} rows", rows(&found)),
            Err(problem) => {
                let text = problem.to_string();
                assert!(text.contains("ends too early") && !text.contains("panicked"), "{end}: {text}");
            }
        }
    }
    // Snappy has checksums: what is read of damaged bytes is what was written, except in the header.
    let header = ends[0];
    for at in (header..packed.len()).step_by(7) {
        let mut damaged = packed.clone();
        damaged[at] ^= 0x55;
        match read_all(&damaged) {
            Ok(found) => assert!(found == sound, "damaged at {at}"),
            Err(problem) => assert!(!problem.to_string().contains("panicked"), "{at}: {problem}"),
        }
    }
    for at in 0..header {
        let mut damaged = packed.clone();
        damaged[at] ^= 0x55;
        if let Err(problem) = read_all(&damaged) {
            assert!(!problem.to_string().contains("panicked"), "{at}: {problem}");
        }
    }
}

// ---- Files made by hand ----

fn long(value: i64) -> Vec<u8> {
    let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
    let mut bytes = Vec::new();
    loop {
        let byte = u8::try_from(rest & 0x7f).unwrap();
        rest >>= 7;
        if rest == 0 {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

fn text(value: &[u8]) -> Vec<u8> {
    [long(i64::try_from(value.len()).unwrap()), value.to_vec()].concat()
}

const MARKER: [u8; 16] = *b"0123456789abcdef";

/// A file of blocks: how many records they claim, how many bytes they claim, and the bytes.
fn file(schema: &str, blocks: &[(i64, i64, &[u8])]) -> Vec<u8> {
    let mut bytes = b"Obj\x01".to_vec();
    bytes.extend([long(1), text(b"avro.schema"), text(schema.as_bytes()), long(0), MARKER.to_vec()].concat());
    for (records, size, content) in blocks {
        bytes.extend([long(*records), long(*size), content.to_vec(), MARKER.to_vec()].concat());
    }
    bytes
}

fn problem(bytes: &[u8]) -> String {
    read_all(bytes).unwrap_err().to_string()
}

const LONGS: &str = r#"{"type": "record", "name": "R", "fields": [{"name": "a", "type": "long"}]}"#;

#[test]
fn blocks_that_claim_too_much_are_refused() {
    assert_eq!(read_all(&file(LONGS, &[(2, 2, &[2, 4])])).unwrap()["a"], [Some("1".to_owned()), Some("2".to_owned())]);
    assert!(problem(&file(LONGS, &[(-1, 1, &[2])])).contains("block 1 of the Avro file is damaged"));
    assert!(problem(&file(LONGS, &[(1, -1, &[2])])).contains("block 1 of the Avro file is damaged"));
    assert!(problem(&file(LONGS, &[(3, 2, &[2, 4])])).contains("block 1 of the Avro file is damaged"));
    assert!(problem(&file(LONGS, &[(1, 2, &[2, 4])])).contains("block 1 of the Avro file is damaged"));
    assert!(problem(&file(LONGS, &[(1, 1 << 40, &[2])])).contains("ends too early"));
    assert!(problem(&file(LONGS, &[(i64::MAX, 1, &[2])])).contains("has more than"));
    assert!(problem(&file(LONGS, &[(1, 1, &[2]), (1, 1, &[0x80])])).contains("block 2 of the Avro file is damaged"));
    let mut other = file(LONGS, &[(1, 1, &[2])]);
    *other.last_mut().unwrap() = b'!';
    assert!(problem(&other).contains("does not end with the marker of the file"));
    // Records without bytes.
    let nulls = r#"{"type": "record", "name": "R", "fields": [{"name": "a", "type": "null"}]}"#;
    assert_eq!(read_all(&file(nulls, &[(3, 0, &[])])).unwrap()["a"], [None, None, None]);
    assert!(problem(&file(nulls, &[(i64::MAX, 0, &[])])).contains("has more than"));
    let lists = r#"{"type": "record", "name": "R", "fields": [{"name": "l", "type": {"type": "array", "items": "null"}}, {"name": "a", "type": "long"}]}"#;
    let many = [long(1 << 60), long(0), long(1)].concat();
    let size = i64::try_from(many.len()).unwrap();
    assert!(problem(&file(lists, &[(1, size, &many)])).contains("block 1 of the Avro file is damaged"));
}

#[test]
fn schemas_that_are_none_are_refused() {
    for schema in [
        "",
        "{",
        r#"{"type": "record", "name": "R"}"#,
        r#"{"type": "record", "fields": []}"#,
        r#"{"type": "record", "name": "R", "fields": [{"name": "a", "type": "unknown"}]}"#,
        r#"{"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}, {"name": "a", "type": "int"}]}"#,
        r#"{"type": "record", "name": "R", "fields": [{"name": "a", "type": [["int"]]}]}"#,
        r#"{"type": "record", "name": "R", "fields": [{"type": "int"}]}"#,
    ] {
        assert!(problem(&file(schema, &[])).contains("the schema of the Avro file is damaged"), "{schema}");
    }
    let empty = r#"{"type": "record", "name": "R", "fields": []}"#;
    assert!(problem(&file(empty, &[])).contains("have no fields"));
    let deep = format!(
        r#"{{"type": "record", "name": "R", "fields": [{{"name": "a", "type": {}"int"{}}}]}}"#,
        r#"{"type": "array", "items": "#.repeat(5_000),
        "}".repeat(5_000)
    );
    assert!(problem(&file(&deep, &[])).contains("the schema of the Avro file is damaged"));
    assert!(problem(b"Obj\x01\x00").contains("damaged") || problem(b"Obj\x01\x00").contains("ends too early"));
}

#[test]
fn bytes_times_and_nested_values_are_text() {
    let schema = r#"{"type": "record", "name": "R", "fields": [
        {"name": "raw", "type": "bytes"},
        {"name": "hash", "type": ["null", {"type": "fixed", "name": "F", "size": 2}]},
        {"name": "at", "type": {"type": "int", "logicalType": "time-millis"}},
        {"name": "fine", "type": {"type": "long", "logicalType": "time-micros"}},
        {"name": "tags", "type": ["null", {"type": "array", "items": ["string", "null"]}]},
        {"name": "props", "type": {"type": "map", "values": {"type": "int", "logicalType": "date"}}},
        {"name": "address", "type": {"type": "record", "name": "A", "fields": [
            {"name": "city", "type": "string"}, {"name": "codes", "type": {"type": "array", "items": "F"}},
            {"name": "open", "type": "boolean"}]}},
        {"name": "same", "type": "A"},
        {"name": "self", "type": ["null", "R"]},
        {"name": "a", "type": "long"}]}"#;
    let address = |city: &str| [text(city.as_bytes()), long(1), b"xy".to_vec(), long(0), vec![1]].concat();
    // A run with its size in bytes, and one without.
    let tags = [long(1), long(-2), long(6), long(0), text(b"a\"b"), long(1), long(1), long(0), text(b"c"), long(0)];
    let first = [
        text(&[0xff, 0]),
        long(1),
        b"ab".to_vec(),
        long(45_296_789),
        long(1_500_000),
        tags.concat(),
        [long(1), text(b"k"), long(18_262), long(0)].concat(),
        address("Huế"),
        address(""),
        long(0),
        long(7),
    ];
    let second = [
        text("\u{fffd}ff00".as_bytes()),
        long(0),
        long(0),
        long(0),
        long(0),
        long(0),
        address("x"),
        address("y"),
        long(0),
        long(8),
    ];
    let block = [first.concat(), second.concat()].concat();
    let table = read_all(&file(schema, &[(2, i64::try_from(block.len()).unwrap(), &block)])).unwrap();
    let column = |name: &str| table[name].iter().map(|cell| cell.as_deref().unwrap_or("-")).collect::<Vec<_>>();
    // Text that begins with the sign for bytes is given as bytes, so that it is not taken for others.
    assert_eq!(column("raw"), ["\u{fffd}ff00", "\u{fffd}efbfbd66663030"]);
    assert_eq!(column("hash"), ["ab", "-"]);
    assert_eq!(column("at"), ["12:34:56.789", "00:00:00"]);
    assert_eq!(column("fine"), ["00:00:01.5", "00:00:00"]);
    assert_eq!(column("tags"), [r#"["a\"b",null,"c"]"#, "-"]);
    assert_eq!(column("props"), [r#"[{"key":"k","value":"2020-01-01"}]"#, "[]"]);
    assert_eq!(column("address")[0], r#"{"city":"Huế","codes":["xy"],"open":true}"#);
    assert_eq!(column("same")[1], r#"{"city":"y","codes":["xy"],"open":true}"#);
    assert_eq!(column("a"), ["7", "8"]);
    // What holds itself has no end that a text could show.
    assert!(!table.contains_key("self"));
}

#[test]
fn nested_values_that_are_much_longer_as_text_are_refused() {
    let name = "n".repeat(1 << 20);
    let schema = format!(
        r#"{{"type": "record", "name": "R", "fields": [{{"name": "l", "type": {{"type": "array", "items":
            {{"type": "record", "name": "E", "fields": [{{"name": "{name}", "type": "null"}}]}}}}}}]}}"#
    );
    let bytes = [long(400), long(0)].concat();
    let size = i64::try_from(bytes.len()).unwrap();
    let folder = Folder::new();
    let source = open(&folder.write("t.avro", file(&schema, &[(1, size, &bytes)])), 1 << 30).unwrap();
    let error = read(&source, &[0]).unwrap_err().problem;
    assert!(matches!(&error, Problem::BeyondLimit(text) if text.contains("nested values of more than")), "{error}");
}

#[test]
fn values_that_hold_themselves_are_walked_over() {
    let schema = r#"{"type": "record", "name": "R", "fields": [
        {"name": "next", "type": ["null", "R"]}, {"name": "a", "type": "long"}]}"#;
    // a = 1 with a next one of a = 2, which has none.
    let bytes = [long(1), long(0), long(2), long(1)].concat();
    let size = i64::try_from(bytes.len()).unwrap();
    assert_eq!(read_all(&file(schema, &[(1, size, &bytes)])).unwrap()["a"], [Some("1".to_owned())]);
    let deep = vec![2; 100_000];
    assert!(problem(&file(schema, &[(1, 100_000, &deep)])).contains("block 1 of the Avro file is damaged"));
}

#[test]
fn types_of_nothing_end() {
    // Each record holds a hundred of the one before, and none of them takes a byte.
    let mut fields = r#"{"name": "f0", "type": {"type": "record", "name": "T0", "fields": []}}"#.to_owned();
    for level in 1..12 {
        let inner: Vec<String> =
            (0..100).map(|at| format!(r#"{{"name": "f{at}", "type": "T{}"}}"#, level - 1)).collect();
        let inner = inner.join(", ");
        write!(
            fields,
            r#", {{"name": "f{level}", "type": {{"type": "record", "name": "T{level}", "fields": [{inner}]}}}}"#
        )
        .unwrap();
    }
    let schema = format!(r#"{{"type": "record", "name": "R", "fields": [{fields}, {{"name": "a", "type": "long"}}]}}"#);
    assert!(problem(&file(&schema, &[(1, 1, &[2])])).contains("block 1 of the Avro file is damaged"));
}

#[test]
fn values_that_cannot_be_held_are_unreadable() {
    let schema = r#"{"type": "record", "name": "R", "fields": [
        {"name": "d", "type": {"type": "int", "logicalType": "date"}},
        {"name": "m", "type": {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}},
        {"name": "big", "type": {"type": "bytes", "logicalType": "decimal", "precision": 50}}]}"#;
    let bytes = [long(i64::from(i32::MAX)), text(&[0x7f; 20]), text(&[1])].concat();
    let size = i64::try_from(bytes.len()).unwrap();
    let table = read_all(&file(schema, &[(1, size, &bytes)])).unwrap();
    assert_eq!(table["d"], [Some("unreadable".to_owned())]);
    assert_eq!(table["m"], [Some("unreadable".to_owned())]);
    assert!(!table.contains_key("big"));
}

#[test]
fn a_block_beyond_the_memory_is_refused() {
    let content = vec![0; 3 << 20];
    let size = i64::try_from(content.len()).unwrap();
    let folder = Folder::new();
    let path = folder.write("t.avro", file(LONGS, &[(size, size, &content)]));
    let error = open(&path, 16 << 20).unwrap_err().problem;
    assert!(matches!(&error, Problem::BeyondLimit(text) if text.contains("--memory")), "{error}");
    let source = open(&path, 1 << 30).unwrap();
    assert_eq!(read(&source, &[0]).unwrap()["a"].len(), 3 << 20);
}

#[test]
fn avro_files_are_not_split_and_say_so() {
    let folder = Folder::new();
    folder.write("t.avro", bytes("table.avro"));
    folder.write("suite.yaml", "suite: s\ndatasets: { t: { source: t.avro, columns: { id: { type: integer } } } }\n");
    let output = crate::support::program::run(&folder, &["audit", "suite.yaml", "--quarantine", "out"]);
    let said = crate::support::program::stderr(&output);
    assert!(said.contains("Avro files cannot be split"), "{said}");
}

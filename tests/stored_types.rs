//! Types of columnar files: each is read, or its own column alone is refused with its type named.
#![expect(clippy::unwrap_used, reason = "a test whose data cannot be made has failed")]

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{
    Int32Builder, Int64Builder, ListBuilder, ListViewBuilder, MapBuilder, StringBuilder, StringRunBuilder,
};
use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, BinaryArray, Decimal128Array, Decimal256Array, DictionaryArray, FixedSizeBinaryArray, Int8Array,
    Int32Array, Int64Array, IntervalMonthDayNanoArray, LargeBinaryArray, RecordBatch, StringArray, StructArray,
    Time64MicrosecondArray, UnionArray,
};
use arrow_buffer::{IntervalMonthDayNano, NullBuffer, ScalarBuffer, i256};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{DataType, Field, Fields, Schema, UnionFields};
use passmuster::audit::audit;
use passmuster::model::{AuditReport, RuleReport, Status};
use passmuster::source::{Options, Source, SourceSpec};

use crate::support::audits::{ALL_MEMORY, options, run};
use crate::support::folder::Folder;
use crate::support::tables::Table;

/// An Arrow file of one record batch.
fn arrow(columns: Vec<(Field, ArrayRef)>) -> Vec<u8> {
    let (fields, cells): (Vec<Field>, Vec<ArrayRef>) = columns.into_iter().unzip();
    let schema = Arc::new(Schema::new(fields));
    let mut bytes = Vec::new();
    let mut writer = FileWriter::try_new(&mut bytes, &schema).unwrap();
    writer.write(&RecordBatch::try_new(Arc::clone(&schema), cells).unwrap()).unwrap();
    writer.finish().unwrap();
    drop(writer);
    bytes
}

fn column(name: &str, cells: impl Array + 'static) -> (Field, ArrayRef) {
    (Field::new(name, cells.data_type().clone(), true), Arc::new(cells))
}

/// Addresses: a whole one, one without a city, none, and one whose city is empty.
fn addresses() -> StructArray {
    let city = StringArray::from(vec![Some("Huế"), None, Some("hidden"), Some("")]);
    let number = Int32Array::from(vec![Some(7), Some(8), Some(9), None]);
    let fields =
        Fields::from(vec![Field::new("city", DataType::Utf8, true), Field::new("number", DataType::Int32, true)]);
    let valid = NullBuffer::from(vec![true, true, false, true]);
    StructArray::new(fields, vec![Arc::new(city), Arc::new(number)], Some(valid))
}

/// Lists of two items, of none, no list, and a list with a missing item.
fn tags() -> ListBuilder<StringBuilder> {
    let mut tags = ListBuilder::new(StringBuilder::new());
    tags.append_value([Some("a"), Some("b\"c")]);
    tags.append_value(Vec::<Option<&str>>::new());
    tags.append_null();
    tags.append_value([None::<&str>]);
    tags
}

fn rules(report: &AuditReport) -> Vec<&RuleReport> {
    report.datasets.iter().flat_map(|dataset| &dataset.rules).collect()
}

/// Evaluated and failed rows of a rule.
fn counts(report: &AuditReport, id: &str) -> (Status, u64, u64) {
    let rule = *rules(report).iter().find(|rule| rule.id == id).unwrap();
    (rule.status, rule.evaluated, rule.failed)
}

#[test]
fn structs_and_lists_are_reached_into() {
    let folder = Folder::new();
    folder.write("d.arrow", arrow(vec![column("address", addresses()), column("tags", tags().finish())]));
    let suite = folder.write(
        "suite.yaml",
        "suite: s
datasets:
  d:
    source: d.arrow
    columns:
      tags: { length: 1..2 }
    rules:
      - { id: whole, check: required, columns: address }
      - { id: city, check: required, columns: address.city }
      - { id: number, check: range, column: address.number, within: 1..7 }
      - { id: known, check: allowed, column: address.city, values: [Huế] }
      - { id: both, check: expect, that: \"address.number < 9 and length(tags) > 0\" }
      - { id: tagged, check: required, columns: tags }
      - { id: text, check: matches, column: tags, pattern: '.*a.*' }
      - { id: most, check: aggregate, that: \"max(length(tags)) = 2\" }
",
    );
    let report = run(&suite, &[], 2);
    // The third row has no address and no list; the second and the fourth have no city.
    for (id, counted) in [
        ("whole", (Status::Failed, 4, 1)),
        ("city", (Status::Failed, 4, 3)),
        ("number", (Status::Failed, 2, 1)),
        ("known", (Status::Passed, 1, 0)),
        // Rows 1 and 2 have both; the list of row 2 is empty.
        ("both", (Status::Failed, 2, 1)),
        ("tagged", (Status::Failed, 4, 1)),
        // An empty list is no text with an a; a list of a missing item is none, either.
        ("text", (Status::Failed, 3, 2)),
        // Lists of 2, 0 and 1 items.
        ("d.tags.length", (Status::Failed, 3, 1)),
    ] {
        assert_eq!(counts(&report, id), counted, "{id}");
    }
    assert_eq!(counts(&report, "most").0, Status::Passed);
    let names: Vec<&str> = report.datasets[0].inner_columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["address.city", "address.number", "length(tags)"]);
    assert_eq!(report.datasets[0].columns.len(), 2);
}

#[test]
fn types_that_are_rare_are_read() {
    let mut runs = StringRunBuilder::<Int32Type>::new();
    runs.extend([Some("x"), Some("x"), None, Some("y")]);
    let mut views = ListViewBuilder::new(Int64Builder::new());
    views.append_value([Some(1), None]);
    views.append_null();
    views.append_value([Some(2)]);
    views.append_value(Vec::<Option<i64>>::new());
    let mut map = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
    for key in ["a", "b"] {
        map.keys().append_value(key);
        map.values().append_value(1);
    }
    map.append(true).unwrap();
    (0..3).for_each(|_| map.append(false).unwrap());
    let codes = DictionaryArray::<Int32Type>::new(
        // Under the null is an index that no word has.
        Int32Array::new(ScalarBuffer::from(vec![1, -1, 0, 1]), Some(NullBuffer::from(vec![true, false, true, true]))),
        Arc::new(StringArray::from(vec!["no", "yes"])),
    );
    let hundreds = Decimal128Array::from(vec![Some(12), None, Some(-3), Some(0)]).with_precision_and_scale(10, -2);
    let wide = Decimal256Array::from(vec![
        Some(i256::from_i128(12_345)),
        None,
        i256::from_string(&"9".repeat(45)),
        Some(i256::from_i128(-1)),
    ]);
    let uuid = Field::new("uuid", DataType::FixedSizeBinary(16), true)
        .with_metadata(HashMap::from([("ARROW:extension:name".to_owned(), "arrow.uuid".to_owned())]));
    let uuids = FixedSizeBinaryArray::try_from_iter([[0x1a_u8; 16]; 4].iter()).unwrap();
    let span = |months, days, nanos| Some(IntervalMonthDayNano::new(months, days, nanos));
    let intervals =
        IntervalMonthDayNanoArray::from(vec![span(1, 2, 3_000_000_000), None, span(0, 0, 0), span(-1, 0, 0)]);
    let folder = Folder::new();
    let path = folder.write(
        "d.arrow",
        arrow(vec![
            column("runs", runs.finish()),
            column("views", views.finish()),
            column("map", map.finish()),
            column("codes", codes),
            column("hundreds", hundreds.unwrap()),
            column("wide", wide.with_precision_and_scale(50, 2).unwrap()),
            (uuid, Arc::new(uuids)),
            column("time", Time64MicrosecondArray::from(vec![Some(3_600_000_001), None, Some(0), Some(1)])),
            column("span", intervals),
        ]),
    );
    let source = Source::open(&SourceSpec {
        location: path.to_str().unwrap().to_owned(),
        further: Vec::new(),
        base: "/".into(),
        format: None,
        options: Options::default(),
    })
    .unwrap();
    let all: Vec<usize> = (0..source.columns().len()).collect();
    let read = crate::sources::scan(&source, &all, 2).unwrap();
    let column = |at: usize| -> Vec<String> {
        read.rows.iter().map(|row| row[at].clone().unwrap_or_else(|| "-".to_owned())).collect()
    };
    let expected = [
        ["x", "x", "-", "y"],
        ["[1,null]", "-", "[2]", "[]"],
        ["[{\"key\":\"a\",\"value\":1},{\"key\":\"b\",\"value\":1}]", "-", "-", "-"],
        ["yes", "-", "no", "yes"],
        ["1200", "-", "-300", "0"],
        ["123.45", "-", "unreadable", "-0.01"],
        ["1a1a1a1a-1a1a-1a1a-1a1a-1a1a1a1a1a1a"; 4],
        ["01:00:00.000001", "-", "00:00:00", "00:00:00.000001"],
        ["P1M2DT3S", "-", "PT0S", "P-1M"],
    ];
    for (at, expected) in expected.iter().enumerate() {
        assert_eq!(column(at), expected, "{}", source.columns()[at].name);
    }
}

#[test]
fn a_column_that_is_not_read_leaves_the_others() {
    let fields = UnionFields::from_fields(vec![Field::new("text", DataType::Utf8, true)]);
    let types = ScalarBuffer::from(vec![0_i8, 0]);
    let union = UnionArray::try_new(fields, types, None, vec![Arc::new(StringArray::from(vec!["a", "b"]))]).unwrap();
    let folder = Folder::new();
    folder.write("d.arrow", arrow(vec![column("id", Int64Array::from(vec![1, 1])), column("either", union)]));
    let suite = folder.write(
        "suite.yaml",
        "suite: s
datasets:
  d:
    source: d.arrow
    columns: { id: { unique: true }, either: { required: true } }
",
    );
    let report = run(&suite, &[], 1);
    assert_eq!(counts(&report, "d.id.unique"), (Status::Failed, 2, 2));
    let refused = *rules(&report).iter().find(|rule| rule.id == "d.either.required").unwrap();
    assert_eq!(refused.status, Status::Errored);
    assert!(refused.reason.as_deref().unwrap().contains("stored as union"), "{:?}", refused.reason);
}

#[test]
fn parquet_gives_the_same_as_arrow() {
    use polars_arrow::array::{BinaryViewArray, ListArray, PrimitiveArray, StructArray, Utf8ViewArray};
    use polars_arrow::datatypes::{ArrowDataType as Stored, Field};
    use polars_arrow::offset::OffsetsBuffer;

    let city = Utf8ViewArray::from_slice([Some("Huế"), None, Some("x")]).boxed();
    let fields = vec![Field::new("city".into(), Stored::Utf8View, true)];
    let valid = Some([true, true, false].into_iter().collect());
    let address = StructArray::new(Stored::Struct(fields), 3, vec![city], valid).boxed();
    let items = PrimitiveArray::<i64>::from_vec(vec![1, 2, 3]).boxed();
    let list = Stored::LargeList(Box::new(Field::new("item".into(), Stored::Int64, true)));
    let starts = OffsetsBuffer::try_from(vec![0_i64, 2, 2, 3]).unwrap();
    let tags = ListArray::<i64>::new(list, starts, items, None).boxed();
    let code = BinaryViewArray::from_slice([Some(b"A1".as_slice()), Some(b"\xff"), None]).boxed();
    let folder = Folder::new();
    folder.write("d.parquet", Table::new([("address", address), ("tags", tags), ("code", code)]).parquet(2));
    let suite = folder.write(
        "suite.yaml",
        "suite: s
datasets:
  d:
    source: d.parquet
    columns: { code: { matches: '[A-Z][0-9]', unique: true } }
    rules:
      - { id: city, check: required, columns: address.city }
      - { id: address, check: required, columns: address }
      - { id: tags, check: expect, that: length(tags) = 2 }
      - { id: json, check: allowed, column: tags, values: ['[1,2]', '[]', '[3]'] }
",
    );
    let report = run(&suite, &[], 2);
    for (id, counted) in [
        ("city", (Status::Failed, 3, 2)),
        ("address", (Status::Failed, 3, 1)),
        ("tags", (Status::Failed, 3, 2)),
        ("json", (Status::Passed, 3, 0)),
        // What is not UTF-8 is a value that no pattern of letters matches.
        ("d.code.matches", (Status::Failed, 2, 1)),
        ("d.code.unique", (Status::Passed, 2, 0)),
    ] {
        assert_eq!(counts(&report, id), counted, "{id}");
    }
}

#[test]
fn numbers_of_eight_bits_are_keys_of_dictionaries() {
    let keys = Int8Array::from(vec![Some(0), None]);
    let codes = DictionaryArray::new(keys, Arc::new(Int64Array::from(vec![42])));
    let folder = Folder::new();
    folder.write("d.feather", arrow(vec![column("n", codes)]));
    let suite = folder.write(
        "suite.yaml",
        "suite: s\ndatasets:\n  d: { source: d.feather, columns: { n: { required: true, range: 42..42 } } }\n",
    );
    let report = run(&suite, &[], 1);
    assert_eq!(counts(&report, "d.n.required"), (Status::Failed, 2, 1));
    assert_eq!(counts(&report, "d.n.range"), (Status::Passed, 1, 0));
}

/// Bytes: text, the same two bytes twice, text that is written as these bytes are shown, none, and no bytes.
const BYTES: [Option<&[u8]>; 6] =
    [Some(b"abc"), Some(b"\xff\x00"), Some(b"\xff\x00"), Some(b"\xef\xbf\xbdff00"), None, Some(b"")];

fn binary_suite(file: &str, rules: &str) -> String {
    format!(
        "suite: s\ndatasets:\n  d:\n    source: {file}\n    columns: {{ photo: {{ type: binary, required: true, length: 2..3, \
         unique: true }} }}\n{rules}"
    )
}

#[test]
fn bytes_are_counted_as_bytes() {
    use polars_arrow::array::BinaryViewArray;
    let folder = Folder::new();
    let photo = |cells: ArrayRef| arrow(vec![(Field::new("photo", cells.data_type().clone(), true), cells)]);
    folder.write("a.arrow", photo(Arc::new(BinaryArray::from_iter(BYTES))));
    folder.write("b.arrow", photo(Arc::new(LargeBinaryArray::from_iter(BYTES))));
    folder.write("c.arrow", photo(Arc::new(arrow_array::BinaryViewArray::from_iter(BYTES))));
    folder.write("d.parquet", Table::new([("photo", BinaryViewArray::from_slice(BYTES).boxed())]).parquet(4));
    let files = ["a.arrow", "b.arrow", "c.arrow", "d.parquet"];
    for file in files {
        let rules = "    rules:\n      - { id: c, check: columns, types: { photo: binary } }\n      - { id: l, check: length, column: photo, max: 2, unit: bytes }\n      - { id: r, check: distinct_rows }\n";
        let report = run(&folder.write("suite.yaml", binary_suite(file, rules)), &[], 2);
        for (id, counted) in [
            // No bytes are a missing value.
            ("d.photo.required", (Status::Failed, 6, 2)),
            // The text that looks like bytes has 7 of them, and not 2.
            ("d.photo.length", (Status::Failed, 4, 1)),
            ("d.photo.unique", (Status::Failed, 4, 2)),
            ("c", (Status::Passed, 1, 0)),
            ("l", (Status::Failed, 4, 2)),
            ("r", (Status::Failed, 6, 4)),
        ] {
            assert_eq!(counts(&report, id), counted, "{file} {id}");
        }
        let photo = &report.datasets[0].columns[0];
        assert_eq!((photo.stored.as_str(), photo.data_type), ("binary", Some(passmuster::model::DataType::Binary)));
    }
    let fixed = FixedSizeBinaryArray::try_from_iter([b"ab", b"\xff\x00", b"\xff\x00"].into_iter()).unwrap();
    folder.write("f.arrow", photo(Arc::new(fixed)));
    let report = run(&folder.write("suite.yaml", binary_suite("f.arrow", "")), &[], 1);
    assert_eq!(counts(&report, "d.photo.length"), (Status::Passed, 3, 0));
    assert_eq!(counts(&report, "d.photo.unique"), (Status::Failed, 3, 2));
}

#[test]
fn what_is_not_about_bytes_is_refused_before_the_audit() {
    let folder = Folder::new();
    let cells: ArrayRef = Arc::new(BinaryArray::from_iter(BYTES));
    folder.write("d.arrow", arrow(vec![(Field::new("photo", cells.data_type().clone(), true), cells)]));
    folder.write("d.csv", "photo\nx\n");
    let options = options(ALL_MEMORY, &[], 1);
    for (rule, message) in [
        ("check: matches, column: photo, pattern: x", "the column `photo` is binary, which `matches` cannot read"),
        ("check: tidy, columns: [photo]", "the column `photo` is binary, which `tidy` cannot read"),
        ("check: expect, that: photo = 'x'", "the column `photo` is binary, which an expression cannot read"),
        ("check: required, columns: photo, where: photo = 'x'", "which an expression cannot read"),
        ("check: unique, columns: photo, segment: photo", "the column `photo` is binary, which `segment` cannot read"),
        ("check: unique, columns: photo, as: nfc", "`as: nfc` is about letters, and photo is binary"),
        ("check: length, column: photo, min: 1, unit: chars", "photo is binary, and has bytes: leave `unit` out"),
    ] {
        let suite =
            folder.write("suite.yaml", binary_suite("d.arrow", &format!("    rules:\n      - {{ id: r, {rule} }}\n")));
        let error = audit(&[suite], &options, &()).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
    let report = run(&folder.write("suite.yaml", binary_suite("d.csv", "")), &[], 1);
    let reason = rules(&report)[0].reason.clone().unwrap();
    assert!(reason.starts_with("the column `photo` is declared binary but stored as text"), "{reason}");
}

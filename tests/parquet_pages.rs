//! Parquet files that are sound and written in unusual ways: read, or the column alone is refused.

use std::io::Write as _;
use std::sync::Arc;

use flate2::Compression as Level;
use flate2::write::GzEncoder;
use parquet::basic::{Compression, Encoding, GzipLevel};
use parquet::data_type::{
    ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, FloatType, Int32Type,
    Int64Type,
};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use passmuster::model::Status;
use passmuster::source::{Options, Source};

use crate::support::audits::run;
use crate::support::folder::Folder;
use crate::support::reports::rule;
use crate::support::scanned::{scan, spec, table};
use crate::support::thrift::Thrift;

// ---- Pages written by hand ----

/// A column `x` as a file has it; beside it is a sound column `n` of the numbers 0 to 3.
struct Written<'w> {
    /// The type of its values, and the logical type if any.
    kind: i64,
    logical: Option<u8>,
    encoding: i64,
    codec: i64,
    /// The place that the footer gives for the dictionary.
    dictionary: Option<i64>,
    /// Bytes that the footer leaves out of the length.
    short: i64,
    pages: &'w [u8],
    by: &'w str,
}

const SOUND: Written<'static> =
    Written { kind: 2, logical: None, encoding: 0, codec: 0, dictionary: None, short: 0, pages: &[], by: "test" };

/// A page of that type and encoding, of four values where it holds data.
fn page(kind: i64, encoding: i64, unpacked: usize, bytes: &[u8]) -> Vec<u8> {
    let mut page = Thrift::default();
    page.inside(|page| {
        page.number(1, 5, kind);
        page.number(2, 5, i64::try_from(unpacked).unwrap());
        page.number(3, 5, i64::try_from(bytes.len()).unwrap());
        page.head(if kind == 2 { 7 } else { 5 }, 12);
        page.inside(|header| {
            header.number(1, 5, if kind == 2 { 2 } else { 4 });
            header.number(2, 5, encoding);
            if kind == 0 {
                header.number(3, 5, 3);
                header.number(4, 5, 3);
            }
        });
    });
    [&page.bytes, bytes].concat()
}

fn numbers(numbers: &[i64]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn by_hand(x: &Written<'_>) -> Vec<u8> {
    let bytes = numbers(&[0, 1, 2, 3]);
    let n = page(0, 0, bytes.len(), &bytes);
    let length = |bytes: &[u8]| i64::try_from(bytes.len()).unwrap();
    let mut file = [b"PAR1", x.pages, &n].concat();
    let mut footer = Thrift::default();
    footer.inside(|footer| {
        footer.number(1, 5, 1);
        footer.head(2, 9);
        footer.bytes.push(0x3c);
        footer.inside(|root| {
            root.text(4, "schema");
            root.number(5, 5, 2);
        });
        for (name, kind, logical) in [("x", x.kind, x.logical), ("n", 2, None)] {
            footer.inside(|leaf| {
                leaf.number(1, 5, kind);
                leaf.number(3, 5, 0);
                leaf.text(4, name);
                if let Some(logical) = logical {
                    leaf.head(10, 12);
                    leaf.inside(|union| {
                        // The long form of a field: its number follows.
                        union.bytes.extend([12, logical * 2, 0]);
                    });
                }
            });
        }
        footer.number(3, 6, 4);
        footer.head(4, 9);
        footer.bytes.push(0x1c);
        footer.inside(|group| {
            group.head(1, 9);
            group.bytes.push(0x2c);
            let own = (b'x', x.kind, x.encoding, x.codec, length(x.pages) - x.short, 4, x.dictionary);
            let other = (b'n', 2, 0, 0, length(&n), 4 + length(x.pages), None);
            for (name, kind, encoding, codec, length, start, dictionary) in [own, other] {
                group.inside(|chunk| {
                    chunk.number(2, 6, start);
                    chunk.head(3, 12);
                    chunk.inside(|column| {
                        column.number(1, 5, kind);
                        column.head(2, 9);
                        column.bytes.extend([0x15, u8::try_from(encoding * 2).unwrap()]);
                        column.head(3, 9);
                        column.bytes.extend([0x18, 1, name]);
                        column.number(4, 5, codec);
                        column.number(5, 6, 4);
                        column.number(6, 6, length);
                        column.number(7, 6, length);
                        column.number(9, 6, start);
                        if let Some(dictionary) = dictionary {
                            column.number(11, 6, dictionary);
                        }
                    });
                });
            }
            group.number(2, 6, length(x.pages) + length(&n));
            group.number(3, 6, 4);
        });
        footer.text(6, x.by);
    });
    file.extend(&footer.bytes);
    file.extend(u32::try_from(footer.bytes.len()).unwrap().to_le_bytes());
    file.extend(b"PAR1");
    file
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Level::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn cells(x: &Written<'_>) -> Vec<String> {
    let folder = Folder::new();
    table(&scan(&folder.write("x.parquet", by_hand(x)), Options::default()).unwrap().rows)
}

#[test]
fn a_page_may_be_several_gzip_members() {
    let bytes = numbers(&[7, 8, 9, 10]);
    let members = [gzip(&bytes[..5]), gzip(&bytes[5..20]), gzip(&bytes[20..])].concat();
    let x = Written { codec: 2, pages: &page(0, 0, 32, &members), ..SOUND };
    assert_eq!(cells(&x), ["7|0", "8|1", "9|2", "10|3"]);
    // Members that hold fewer or more bytes than the page.
    for wrong in [[gzip(&bytes[..5]), gzip(&bytes[5..20])].concat(), [gzip(&bytes), gzip(&bytes)].concat()] {
        let folder = Folder::new();
        let x = Written { codec: 2, pages: &page(0, 0, 33, &wrong), ..SOUND };
        let error = scan(&folder.write("x.parquet", by_hand(&x)), Options::default()).unwrap_err().to_string();
        assert!(error.ends_with("row group 1, column `x`: cannot be decoded: get the file again"), "{error}");
    }
}

#[test]
fn a_dictionary_at_place_0_is_none() {
    let bytes = numbers(&[7, 8, 9, 10]);
    let x = Written { dictionary: Some(0), pages: &page(0, 0, 32, &bytes), ..SOUND };
    assert_eq!(cells(&x), ["7|0", "8|1", "9|2", "10|3"]);
}

#[test]
fn old_writers_leave_the_header_of_the_dictionary_out_of_the_length() {
    let words = numbers(&[10, 20]);
    let dictionary = page(2, 0, 16, &words);
    // Indices of one bit: a run of eight of them, from the lowest bit: 0, 1, 0, 1.
    let data = page(0, 8, 3, &[1, 3, 0b1010]);
    let short = i64::try_from(dictionary.len() - words.len()).unwrap();
    let pages = [dictionary, data].concat();
    let x = Written { encoding: 8, dictionary: Some(4), short, pages: &pages, by: "parquet-mr", ..SOUND };
    assert_eq!(cells(&x), ["10|0", "20|1", "10|2", "20|3"]);
    let folder = Folder::new();
    let newer = Written { by: "parquet-mr version 1.12.0", ..x };
    let error = scan(&folder.write("x.parquet", by_hand(&newer)), Options::default()).unwrap_err().to_string();
    assert!(error.contains("column `x`: a page header is damaged"), "{error}");
}

#[test]
fn what_is_not_read_is_refused_by_column() {
    let bytes = numbers(&[7, 8, 9, 10]);
    let pages = page(0, 0, 32, &bytes);
    for (written, stored) in [
        (Written { encoding: 6, ..SOUND }, "int64 (encoding DELTA_LENGTH_BYTE_ARRAY not read)"),
        (Written { encoding: 27, ..SOUND }, "int64 (encoding 27 not read)"),
        (Written { codec: 3, ..SOUND }, "int64 (compression LZO not read)"),
        (Written { logical: Some(16), ..SOUND }, "int64 (logical type VARIANT not read)"),
        (Written { logical: Some(40), ..SOUND }, "int64 (logical type 40 not read)"),
    ] {
        let folder = Folder::new();
        folder.write("x.parquet", by_hand(&Written { pages: &pages, ..written }));
        let suite = folder.write(
            "suite.yaml",
            "suite: s\ndatasets:\n  d: { source: x.parquet, columns: { x: { required: true }, n: { range: 0..2 } } }\n",
        );
        let report = run(&suite, &[], 1);
        assert_eq!(rule(&report, "d.n.range").status, Status::Failed, "{stored}");
        let refused = rule(&report, "d.x.required");
        assert_eq!(refused.status, Status::Errored, "{stored}");
        let reason = refused.reason.as_deref().unwrap();
        assert!(reason.contains(stored) && !reason.contains("damaged"), "{reason}");
    }
    // Shapes on a map are bytes.
    let words = [3, 0, 0, 0, b'a', b'b', b'c'].repeat(4);
    let pages = page(0, 0, words.len(), &words);
    assert_eq!(cells(&Written { kind: 6, logical: Some(17), pages: &pages, ..SOUND })[0], "abc|0");
    // Nothing is known of the pages.
    let folder = Folder::new();
    let unknown = folder.write("x.parquet", by_hand(&Written { codec: 9, pages: &page(0, 0, 32, &bytes), ..SOUND }));
    let error = Source::open(&spec(&unknown, Options::default())).unwrap_err().to_string();
    assert!(error.contains("is written in a way that is not read: its pages are packed with codec 9"), "{error}");
}

#[test]
fn damaged_footers_are_errors_or_other_footers() {
    passmuster::source::quiet_panics();
    let folder = Folder::new();
    let bytes = numbers(&[7, 8, 9, 10]);
    let sound = by_hand(&Written { logical: Some(40), pages: &page(0, 0, 32, &bytes), ..SOUND });
    let length = u32::from_le_bytes(sound[sound.len() - 8..sound.len() - 4].try_into().unwrap()) as usize;
    for at in sound.len() - 8 - length..sound.len() - 8 {
        for value in [0, 1, 0x0c, 0x19, 0x7f, 0x80, 0xf9, 0xff] {
            let mut damaged = sound.clone();
            damaged[at] = value;
            drop(Source::open(&spec(&folder.write("x.parquet", damaged), Options::default())));
        }
    }
}

#[test]
fn every_column_is_decoded_when_asked_for() {
    let folder = Folder::new();
    // A run that ends before its values: nothing but decoding finds it.
    let pages = [page(2, 0, 16, &numbers(&[10, 20])), page(0, 8, 1, &[1])].concat();
    folder.write("x.parquet", by_hand(&Written { encoding: 8, dictionary: Some(4), pages: &pages, ..SOUND }));
    let suite = |verify: &str| {
        folder.write(
            "suite.yaml",
            format!(
                "suite: s\ndatasets:\n  d:\n    source: x.parquet\n    columns: {{ n: {{ required: true }} }}\n    \
                 rules: [{{ check: well_formed, id: whole{verify} }}]\n"
            ),
        )
    };
    assert_eq!(rule(&run(&suite(""), &[], 1), "whole").status, Status::Passed);
    let report = run(&suite(", verify: all"), &[], 1);
    let whole = rule(&report, "whole");
    assert_eq!(whole.status, Status::Errored);
    assert!(whole.reason.as_deref().unwrap().contains("column `x`: 0 rows were decoded"), "{:?}", whole.reason);
    // The other rules of the dataset keep their counts.
    let n = rule(&report, "d.n.required");
    assert_eq!((n.status, n.passed, n.failed), (Status::Passed, 4, 0));
    assert_eq!(report.datasets[0].rows, Some(4));
    assert_eq!(report.exit_code, 2);
    let said: Vec<&str> = report.notices.iter().map(|notice| notice.text.as_str()).collect();
    assert!(said.iter().any(|text| text.starts_with("the column `x` could not be read: ")), "{said:?}");

    let bytes = numbers(&[7, 8, 9, 10]);
    folder.write("x.parquet", by_hand(&Written { codec: 3, pages: &page(0, 0, 32, &bytes), ..SOUND }));
    let report = run(&suite(", verify: all"), &[], 1);
    let whole = rule(&report, "whole");
    assert_eq!(whole.status, Status::Passed);
    assert_eq!((whole.details["columns_verified"], whole.details["columns_not_verified"]), (1, 1));
}

// ---- Encodings ----

const TYPES: &str = "message m {
    required float single;
    optional double double;
    required int32 small;
    optional int64 large;
    required fixed_len_byte_array(5) code;
    optional fixed_len_byte_array(9) amount (DECIMAL(20, 3));
    required fixed_len_byte_array(2) half (FLOAT16);
    required fixed_len_byte_array(20) huge (DECIMAL(45, 1));
}";

const ROWS: i32 = 1_000;

/// Writes the next column, every third cell missing where it is optional.
fn put<T: DataType>(group: &mut SerializedRowGroupWriter<'_, Vec<u8>>, optional: bool, value: impl Fn(i32) -> T::T) {
    let there = |id: &i32| !optional || id % 3 != 0;
    let values: Vec<T::T> = (0..ROWS).filter(there).map(value).collect();
    let levels: Vec<i16> = (0..ROWS).map(|id| i16::from(there(&id))).collect();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<T>().write_batch(&values, optional.then_some(levels.as_slice()), None).unwrap();
    column.close().unwrap();
}

fn fixed(id: i32, length: usize) -> FixedLenByteArray {
    let number = i64::from(id * 37 % 1_000 - 500).to_be_bytes();
    let sign = if number[0] == 0 { 0 } else { 0xff };
    let mut bytes = vec![sign; length.saturating_sub(8)];
    bytes.extend(&number[8_usize.saturating_sub(length)..]);
    ByteArray::from(bytes).into()
}

fn encoded(properties: WriterProperties) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(TYPES).unwrap());
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    let mut group = file.next_row_group().unwrap();
    put::<FloatType>(&mut group, false, |id| f32::from(i16::try_from(id).unwrap()) / 3.0);
    put::<DoubleType>(&mut group, true, |id| f64::from(id) / 7.0);
    put::<Int32Type>(&mut group, false, |id| id - 500);
    put::<Int64Type>(&mut group, true, |id| i64::from(id) << 33);
    put::<FixedLenByteArrayType>(&mut group, false, |id| ByteArray::from(format!("{id:05}").into_bytes()).into());
    put::<FixedLenByteArrayType>(&mut group, true, |id| fixed(id, 9));
    put::<FixedLenByteArrayType>(&mut group, false, |id| {
        ByteArray::from(vec![u8::try_from(id % 256).unwrap_or_default(), 0x3c]).into()
    });
    put::<FixedLenByteArrayType>(&mut group, false, |id| fixed(id, 20));
    group.close().unwrap();
    file.into_inner().unwrap()
}

#[test]
fn encodings_of_all_types_give_the_same_cells() {
    let folder = Folder::new();
    let read = |bytes: Vec<u8>| scan(&folder.write("x.parquet", bytes), Options::default()).unwrap();
    let plainly = WriterProperties::builder().set_dictionary_enabled(false).set_encoding(Encoding::PLAIN);
    let expected = read(encoded(plainly.build()));
    assert_eq!(expected.rows.len(), 1_000);
    assert_eq!(expected.rows[501][4].as_deref(), Some("00501"));
    // 502 × 37 = 18,574: without the thousands and less 500, 74 thousandths. 501 × 37 = 18,537: 37 tenths.
    assert_eq!(expected.rows[502][5].as_deref(), Some("0.074"));
    assert_eq!(expected.rows[501][7].as_deref(), Some("3.7"));
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        for packing in [Compression::UNCOMPRESSED, Compression::GZIP(GzipLevel::default()), Compression::SNAPPY] {
            let written = || {
                let pages = WriterProperties::builder().set_writer_version(version).set_compression(packing);
                // Several pages in each column.
                pages.set_dictionary_enabled(false).set_data_page_row_count_limit(300).set_write_batch_size(100)
            };
            let split = written().set_encoding(Encoding::BYTE_STREAM_SPLIT).build();
            assert_eq!(read(encoded(split)).rows, expected.rows, "split, {version:?}, {packing}");
            let mut shared = written().set_encoding(Encoding::PLAIN);
            for column in ["code", "amount", "half", "huge"] {
                shared = shared.set_column_encoding(column.into(), Encoding::DELTA_BYTE_ARRAY);
            }
            assert_eq!(read(encoded(shared.build())).rows, expected.rows, "shared, {version:?}, {packing}");
        }
    }
}

#[test]
fn repeated_fields_without_annotation_are_lists() {
    let schema = "message m {
        required int32 id;
        repeated int32 numbers;
        optional group phones { repeated group phone { required int64 number; optional binary kind (UTF8); } }
    }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap();
    let mut group = file.next_row_group().unwrap();
    write_numbers_and_lists(&mut group);
    // None, no phones, two phones, the second without a kind.
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int64Type>().write_batch(&[55, 66], Some(&[0, 1, 2, 2]), Some(&[0, 0, 0, 1])).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let kinds = [ByteArray::from("home")];
    column.typed::<ByteArrayType>().write_batch(&kinds, Some(&[0, 1, 3, 2]), Some(&[0, 0, 0, 1])).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    let folder = Folder::new();
    let read = scan(&folder.write("x.parquet", file.into_inner().unwrap()), Options::default()).unwrap();
    assert_eq!(
        table(&read.rows),
        [
            "1|[4,5]|-",
            "2|[]|{\"phone\":[]}",
            "3|[6]|{\"phone\":[{\"number\":55,\"kind\":\"home\"},{\"number\":66,\"kind\":null}]}",
        ]
    );
}

/// Writes the columns 1, 2, 3 and [4, 5], [], [6].
fn write_numbers_and_lists(group: &mut SerializedRowGroupWriter<'_, Vec<u8>>) {
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int32Type>().write_batch(&[1, 2, 3], None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int32Type>().write_batch(&[4, 5, 6], Some(&[1, 1, 0, 1]), Some(&[0, 1, 0, 0])).unwrap();
    column.close().unwrap();
}

// ---- Levels of nested values ----

/// The lists [4, 5], [] and [6], not packed, in pages of one version or the other. The levels are one run of eight bits each.
fn lists(version: WriterVersion) -> Vec<u8> {
    let schema = Arc::new(parse_message_type("message m { required int32 n; repeated int32 x; }").unwrap());
    let properties = WriterProperties::builder().set_writer_version(version).set_dictionary_enabled(false).build();
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    let mut group = file.next_row_group().unwrap();
    write_numbers_and_lists(&mut group);
    group.close().unwrap();
    file.into_inner().unwrap()
}

#[test]
fn levels_of_nested_values_that_do_not_fit_are_damage() {
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        let sound = lists(version);
        let folder = Folder::new();
        let read = |bytes: &[u8]| scan(&folder.write("x.parquet", bytes), Options::default());
        assert_eq!(table(&read(&sound).unwrap().rows), ["1|[4,5]", "2|[]", "3|[6]"]);
        // The second of four values continues a row, and the third is none.
        let levels: &[&[u8]] = &[&[3, 0b0010], &[3, 0b1011]];
        let between: &[u8] = if version == WriterVersion::PARQUET_1_0 { &[2, 0, 0, 0] } else { &[] };
        let sound_levels = levels.join(between);
        let at = sound.windows(sound_levels.len()).position(|window| window == sound_levels).unwrap();
        let suite = folder.write(
            "suite.yaml",
            "suite: s
datasets:
  d:
    source: x.parquet
    columns: { n: { required: true } }
    rules: [{ check: well_formed, id: whole, verify: all }]
",
        );
        for (repeated, defined, expected) in [
            ([3, 0b0011], [3, 0b1011], "the first of its nested values continues a row that does not exist"),
            // As many rows as there should be.
            ([3, 0b0001], [3, 0b1011], "the first of its nested values continues a row that does not exist"),
            ([3, 0b0010], [8, 2], "a level of nested values is higher than the column has"),
            ([8, 2], [3, 0b1011], "a level of nested values is higher than the column has"),
            ([3, 0b0110], [3, 0b1011], "the levels of its nested values make 2 rows"),
            ([3, 0b0000], [3, 0b1011], "the levels of its nested values make 4 rows"),
            ([4, 0], [3, 0b1011], "its levels of nested values end too early"),
            ([3, 0b0010], [4, 1], "its levels of nested values end too early"),
        ] {
            let mut damaged = sound.clone();
            let levels: &[&[u8]] = &[&repeated, &defined];
            damaged[at..at + sound_levels.len()].copy_from_slice(&levels.join(between));
            let error = read(&damaged).map(|read| table(&read.rows)).unwrap_err().to_string();
            assert!(error.contains("row group 1, column `x`: ") && error.contains(expected), "{error}");
            // No other rule reads the column.
            let report = run(&suite, &[], 1);
            let whole = rule(&report, "whole");
            assert_eq!(whole.status, Status::Errored);
            assert!(whole.reason.as_deref().unwrap().contains(expected), "{:?}", whole.reason);
        }
    }
}

#[test]
fn a_column_that_cannot_be_decoded_leaves_the_others() {
    let folder = Folder::new();
    let pages = [page(2, 0, 16, &numbers(&[10, 20])), page(0, 8, 1, &[1])].concat();
    folder.write("x.parquet", by_hand(&Written { encoding: 8, dictionary: Some(4), pages: &pages, ..SOUND }));
    folder.write("o.csv", "n,k\n0,1\n9,2\n");
    let suite = folder.write(
        "suite.yaml",
        "suite: s
datasets:
  o:
    source: o.csv
    columns: { n: { type: integer }, k: { type: integer } }
    rules:
      - { id: in-n, check: exists_in, columns: n, dataset: d, key: n }
      - { id: in-x, check: exists_in, columns: k, dataset: d, key: x }
      - { id: own, check: range, column: k, within: 1..1 }
  d:
    source: x.parquet
    columns: { x: { required: true }, n: { required: true, range: 1..9 } }
    rules:
      - { id: both, check: unique, columns: [x, n] }
      - { id: where, check: required, columns: n, where: x > 1 }
      - { id: rows, check: row_count, min: 1 }
      - { id: names, check: columns, present: [x, n] }
      - { id: whole, check: well_formed }
",
    );
    for threads in [1, 4] {
        let report = run(&suite, &[], threads);
        for (id, status, counted) in [
            ("d.n.required", Status::Passed, (4, 0)),
            ("d.n.range", Status::Failed, (3, 1)),
            ("rows", Status::Passed, (1, 0)),
            ("names", Status::Passed, (1, 0)),
            ("whole", Status::Passed, (4, 0)),
            ("in-n", Status::Failed, (1, 1)),
            ("own", Status::Failed, (1, 1)),
        ] {
            let rule = rule(&report, id);
            assert_eq!((rule.status, (rule.passed, rule.failed)), (status, counted), "{id}: {:?}", rule.reason);
        }
        for id in ["d.x.required", "both", "where", "in-x"] {
            let rule = rule(&report, id);
            assert_eq!(rule.status, Status::Errored, "{id}");
            let reason = rule.reason.as_deref().unwrap();
            assert!(reason.contains("x.parquet: row group 1, column `x`: 0 rows were decoded"), "{id}: {reason}");
        }
        assert_eq!(report.exit_code, 2);
    }
}

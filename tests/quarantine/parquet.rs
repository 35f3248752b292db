//! Parquet keeps its schema and the values of every type.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "small numbers made for these tests"
)]

use std::fs::File;
use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, FloatType,
    Int32Type, Int64Type, Int96, Int96Type,
};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use passmuster::source::Options;
use polars_arrow::array::Utf8ViewArray;
use proptest::prelude::*;

use super::{parts, rows, split};
use crate::support::folder::Folder;
use crate::support::tables::Table;

/// Every type that is stored, alone and nested.
const SCHEMA: &str = "message people {
    required int32 id;
    optional boolean flag;
    optional int32 day (DATE);
    optional int32 small (INTEGER(8, true));
    optional int64 instant (TIMESTAMP(NANOS, true));
    optional int64 amount (DECIMAL(18, 2));
    optional int96 old;
    optional float single;
    optional double double;
    optional binary name (UTF8);
    optional binary blob;
    optional fixed_len_byte_array(9) large (DECIMAL(20, 3));
    optional fixed_len_byte_array(16) uuid (UUID);
    optional fixed_len_byte_array(2) half (FLOAT16);
    optional group tags (LIST) { repeated group list { optional binary element (UTF8); } }
    optional group place { required double x; optional int32 y; }
}";

/// Writes the next column.
fn put<T: DataType, W: std::io::Write + Send>(
    group: &mut SerializedRowGroupWriter<W>,
    values: &[T::T],
    definitions: Option<&[i16]>,
    repetitions: Option<&[i16]>,
) {
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<T>().write_batch(values, definitions, repetitions).unwrap();
    column.close().unwrap();
}

/// Writes optional cells: every third is missing.
fn put_some<T: DataType, W: std::io::Write + Send>(
    group: &mut SerializedRowGroupWriter<W>,
    ids: &[i32],
    value: impl Fn(i32) -> T::T,
) {
    let there = |id: &i32| id % 3 != 0;
    let values: Vec<T::T> = ids.iter().filter(|id| there(id)).map(|id| value(*id)).collect();
    let definitions: Vec<i16> = ids.iter().map(|id| i16::from(there(id))).collect();
    put::<T, W>(group, &values, Some(&definitions), None);
}

fn bytes(id: i32, length: usize) -> FixedLenByteArray {
    ByteArray::from((0..length).map(|at| (id as usize * 7 + at) as u8 & 0x3f).collect::<Vec<u8>>()).into()
}

fn file(groups: &[usize]) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let owner = KeyValue { key: "owner".to_owned(), value: Some("G01".to_owned()) };
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_key_value_metadata(Some(vec![owner]))
        .build();
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    let mut next = 0;
    for rows in groups {
        let ids: Vec<i32> = (next..).take(*rows).collect();
        next += *rows as i32;
        let mut group = file.next_row_group().unwrap();
        let out = &mut group;
        put::<Int32Type, _>(out, &ids, None, None);
        put_some::<BoolType, _>(out, &ids, |id| id % 2 == 0);
        put_some::<Int32Type, _>(out, &ids, |id| 19_000 + id);
        put_some::<Int32Type, _>(out, &ids, |id| id % 100);
        put_some::<Int64Type, _>(out, &ids, |id| 1_700_000_000_000_000_001 + i64::from(id));
        put_some::<Int64Type, _>(out, &ids, |id| i64::from(id) * 12_345);
        put_some::<Int96Type, _>(out, &ids, |id| {
            let mut instant = Int96::new();
            instant.set_data(id as u32 * 1_000, 0, 2_460_000);
            instant
        });
        put_some::<FloatType, _>(out, &ids, |id| id as f32 / 3.0);
        put_some::<DoubleType, _>(out, &ids, |id| f64::from(id) / 7.0);
        put_some::<ByteArrayType, _>(out, &ids, |id| format!("Nguyễn {id}").as_str().into());
        put_some::<ByteArrayType, _>(out, &ids, |id| vec![0xff, id as u8].into());
        put_some::<FixedLenByteArrayType, _>(out, &ids, |id| bytes(id, 9));
        put_some::<FixedLenByteArrayType, _>(out, &ids, |id| bytes(id, 16));
        put_some::<FixedLenByteArrayType, _>(out, &ids, |id| bytes(id, 2));
        // Lists: missing, empty, of one missing word, of two words.
        let (mut words, mut definitions, mut repetitions) = (Vec::new(), Vec::new(), Vec::new());
        for id in &ids {
            let levels: &[(i16, i16)] = match id % 4 {
                0 => &[(0, 0)],
                1 => &[(1, 0)],
                2 => &[(2, 0)],
                _ => &[(3, 0), (3, 1)],
            };
            for (definition, repetition) in levels {
                definitions.push(*definition);
                repetitions.push(*repetition);
                if *definition == 3 {
                    words.push(ByteArray::from(format!("{id}.{repetition}").as_str()));
                }
            }
        }
        put::<ByteArrayType, _>(out, &words, Some(&definitions), Some(&repetitions));
        put_some::<DoubleType, _>(out, &ids, f64::from);
        let there: Vec<i16> = ids.iter().map(|id| [0, 1, 2][*id as usize % 3]).collect();
        let values: Vec<i32> = ids.iter().copied().filter(|id| id % 3 == 2).collect();
        put::<Int32Type, _>(out, &values, Some(&there), None);
        group.close().unwrap();
    }
    file.into_inner().unwrap()
}

fn read(path: std::path::PathBuf) -> SerializedFileReader<File> {
    SerializedFileReader::new(File::open(path).unwrap()).unwrap()
}

fn shown(file: &SerializedFileReader<File>) -> Vec<String> {
    file.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect()
}

fn check(groups: &[usize], failed: &[bool]) {
    let folder = Folder::new();
    folder.write("people.parquet", file(groups));
    let marks: Vec<(u32, u64, &[u32])> =
        (1..).zip(failed).filter(|(_, failed)| **failed).map(|(record, _)| (0, record, &[0_u32, 1][..])).collect();
    let dataset = split(&folder, "people.parquet", Options::default(), &marks).unwrap();
    let input = read(folder.path("people.parquet"));
    let part = |path: &str| read(folder.path("out").join(path));
    let (passing, failing) = (part(&dataset.files[0].passing.path), part(&dataset.files[0].failing.path));

    // The schema, the metadata and the compression.
    let root = |file: &SerializedFileReader<File>| file.metadata().file_metadata().schema_descr().root_schema_ptr();
    assert_eq!(root(&passing), root(&input));
    let labelled = root(&failing);
    let (last, fields) = labelled.get_fields().split_last().unwrap();
    assert_eq!(fields, root(&input).get_fields());
    assert_eq!(last.name(), "failed_rules");
    let known = |file: &SerializedFileReader<File>| -> Vec<String> {
        file.metadata().file_metadata().key_value_metadata().unwrap().iter().map(|pair| pair.key.clone()).collect()
    };
    assert_eq!((known(&passing), known(&failing)), (vec!["owner".to_owned()], vec!["owner".to_owned()]));
    for group in passing.metadata().row_groups() {
        assert!(matches!(group.column(0).compression(), Compression::ZSTD(_)));
    }

    // The rows.
    let (mut passing_rows, mut failing_rows) = (shown(&passing).into_iter(), shown(&failing).into_iter());
    for (row, failed) in shown(&input).into_iter().zip(failed) {
        if *failed {
            let label = ", failed_rules: \"people.id.required;people.id.unique\"}";
            assert_eq!(failing_rows.next().unwrap(), row.strip_suffix('}').unwrap().to_owned() + label);
        } else {
            assert_eq!(passing_rows.next().unwrap(), row);
        }
    }
    assert_eq!((passing_rows.next(), failing_rows.next()), (None, None));

    // The product reads both.
    for (part, count) in [(&dataset.files[0].passing, dataset.passing), (&dataset.files[0].failing, dataset.failing)] {
        assert_eq!(rows(&folder.path("out"), &part.path, Options::default()), count);
    }
    let (passing, failing) = parts(&folder, &dataset);
    assert_eq!(
        (passing.len() as u64, failing.len() as u64),
        (dataset.files[0].passing.bytes, dataset.files[0].failing.bytes)
    );
}

#[test]
fn rows_of_every_type_go_to_one_of_two_files() {
    check(&[5, 7], &[false, true, true, false, false, true, false, true, true, true, false, true]);
    check(&[4, 3], &[true; 7]);
    check(&[4, 3], &[false; 7]);
    // More rows than are copied at a time.
    let failed: Vec<bool> = (0..20_000).map(|row| row % 17 == 3 || (9_000..9_100).contains(&row)).collect();
    check(&[20_000], &failed);
}

/// It names all columns, and readers refuse a file that has more.
#[test]
fn the_schema_of_arrow_is_left_out_of_the_failing_part() {
    let folder = Folder::new();
    let cells = Utf8ViewArray::from_slice([Some("a"), None, Some("c")]).boxed();
    folder.write("people.parquet", Table::new([("name", cells)]).parquet(2));
    let dataset = split(&folder, "people.parquet", Options::default(), &[(0, 2, &[0])]).unwrap();
    let is_kept = |path: &str| {
        let file = read(folder.path("out").join(path));
        let known = file.metadata().file_metadata().key_value_metadata().cloned().unwrap_or_default();
        known.iter().any(|pair| pair.key == "ARROW:schema")
    };
    let file = &dataset.files[0];
    assert_eq!((is_kept(&file.passing.path), is_kept(&file.failing.path)), (true, false));
    assert_eq!(rows(&folder.path("out"), &file.failing.path, Options::default()), 1);
}

#[test]
fn damaged_pages_are_an_error_and_leave_nothing() {
    let folder = Folder::new();
    let mut bytes = file(&[200]);
    for byte in &mut bytes[60..400] {
        *byte ^= 0x55;
    }
    folder.write("people.parquet", bytes);
    let error = split(&folder, "people.parquet", Options::default(), &[(0, 3, &[0])]).unwrap_err().to_string();
    assert!(error.contains("people.parquet: the column `id` of type INT32: row group 1 cannot be copied"), "{error}");
    assert!(!folder.path("out").exists());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn both_parts_of_parquet_are_the_input(
        groups in prop::collection::vec(1_usize..30, 1..4),
        failed in prop::collection::vec(any::<bool>(), 90),
    ) {
        check(&groups, &failed[..groups.iter().sum()]);
    }
}

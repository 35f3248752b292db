//! Arrow files keep their types and the values of each.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "small numbers made for these tests"
)]

use std::fs::File;
use std::sync::Arc;

use arrow_ipc::reader::FileReader;
use arrow_schema::SchemaRef;
use passmuster::source::Options;
use polars_arrow::array::{
    Array, BinaryArray, BinaryViewArray, BooleanArray, DictionaryArray, FixedSizeBinaryArray, FixedSizeListArray,
    ListArray, MapArray, NullArray, PrimitiveArray, StructArray, Utf8Array, Utf8ViewArray,
};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::datatypes::{ArrowDataType as Stored, ArrowSchema, Field, TimeUnit};
use polars_arrow::io::ipc::write::{Compression, FileWriter, WriteOptions};
use polars_arrow::offset::OffsetsBuffer;
use polars_arrow::record_batch::RecordBatchT;
use polars_utils::compression::ZstdLevel;
use proptest::prelude::*;

use super::{rows, split};
use crate::support::folder::Folder;

/// Cells of every type; each third is missing.
fn columns(rows: usize) -> Vec<(&'static str, Box<dyn Array>)> {
    let there = |row: usize| row % 3 != 1;
    let valid: Bitmap = (0..rows).map(there).collect();
    let words: Vec<Option<String>> = (0..rows).map(|row| there(row).then(|| "é".repeat(row % 20))).collect();
    let numbers = |stored: Stored| -> Box<dyn Array> {
        let cells = PrimitiveArray::<i64>::from_vec((0..rows as i64).collect()).with_validity(Some(valid.clone()));
        Box::new(cells.to(stored))
    };
    let items: Vec<usize> = (0..rows).map(|row| row % 4).collect();
    let mut starts = vec![0_i32];
    starts.extend(items.iter().scan(0, |sum, count| {
        *sum += *count as i32;
        Some(*sum)
    }));
    let total = items.iter().sum::<usize>();
    let offsets = OffsetsBuffer::try_from(starts.clone()).unwrap();
    let long_offsets = OffsetsBuffer::try_from(starts.iter().map(|at| i64::from(*at)).collect::<Vec<_>>()).unwrap();
    let inner: Vec<Option<String>> = (0..total).map(|at| (at % 5 != 0).then(|| at.to_string())).collect();
    let inner: Box<dyn Array> = Box::new(Utf8Array::<i32>::from(inner));
    let item = Box::new(Field::new("item".into(), Stored::Utf8, true));
    let pairs = vec![Field::new("key".into(), Stored::Utf8, false), Field::new("value".into(), Stored::Utf8, true)];
    let keys: Box<dyn Array> =
        Box::new(Utf8Array::<i32>::from((0..total).map(|at| Some(format!("k{at}"))).collect::<Vec<_>>()));
    let entries = StructArray::new(Stored::Struct(pairs.clone()), total, vec![keys, inner.clone()], None);
    let entry = Box::new(Field::new("entries".into(), Stored::Struct(pairs), false));
    let pair = Stored::FixedSizeList(Box::new(Field::new("item".into(), Stored::Int64, true)), 2);
    let twice = PrimitiveArray::<i64>::from_vec((0..2 * rows as i64).collect()).boxed();
    let place = vec![Field::new("x".into(), Stored::Int64, true), Field::new("y".into(), Stored::Utf8, true)];
    let text: Box<dyn Array> = Box::new(Utf8Array::<i32>::from(words.clone()));
    let few: Box<dyn Array> = Box::new(Utf8Array::<i32>::from(vec![Some("a"), None, Some("c")]));
    let dictionary = Stored::Dictionary(polars_arrow::datatypes::IntegerType::Int64, Box::new(Stored::Utf8), false);
    let indices = PrimitiveArray::<i64>::from_vec((0..rows as i64).map(|row| row % 3).collect())
        .with_validity(Some(valid.clone()));
    let blobs: Vec<Option<Vec<u8>>> = (0..rows).map(|row| there(row).then(|| vec![0xff; row % 15])).collect();
    vec![
        ("utf8", text.clone()),
        ("large", Box::new(Utf8Array::<i64>::from(words.clone()))),
        ("view", Utf8ViewArray::from_slice(&words).boxed()),
        ("binary", Box::new(BinaryArray::<i32>::from(blobs.clone()))),
        ("blob", Box::new(BinaryArray::<i64>::from(blobs.clone()))),
        ("blob_view", BinaryViewArray::from_slice(&blobs).boxed()),
        (
            "fixed",
            FixedSizeBinaryArray::new(Stored::FixedSizeBinary(2), vec![7; 2 * rows].into(), Some(valid.clone()))
                .boxed(),
        ),
        (
            "flag",
            BooleanArray::new(Stored::Boolean, (0..rows).map(|row| row % 2 == 0).collect(), Some(valid.clone()))
                .boxed(),
        ),
        ("nothing", NullArray::new(Stored::Null, rows).boxed()),
        ("number", numbers(Stored::Int64)),
        ("instant", numbers(Stored::Timestamp(TimeUnit::Nanosecond, Some("Asia/Ho_Chi_Minh".into())))),
        ("time", numbers(Stored::Time64(TimeUnit::Microsecond))),
        ("span", numbers(Stored::Duration(TimeUnit::Millisecond))),
        ("amount", {
            let cells: Vec<i128> = (0..rows as i128).collect();
            PrimitiveArray::<i128>::from_vec(cells)
                .to(Stored::Decimal(20, 3))
                .with_validity(Some(valid.clone()))
                .boxed()
        }),
        ("single", PrimitiveArray::<f32>::from_vec((0..rows).map(|row| row as f32 / 3.0).collect()).boxed()),
        (
            "list",
            ListArray::<i32>::new(Stored::List(item.clone()), offsets.clone(), inner.clone(), Some(valid.clone()))
                .boxed(),
        ),
        ("long", ListArray::<i64>::new(Stored::LargeList(item), long_offsets, inner, None).boxed()),
        ("map", MapArray::new(Stored::Map(entry, false), offsets, entries.boxed(), Some(valid.clone())).boxed()),
        ("pair", FixedSizeListArray::new(pair, rows, twice, Some(valid.clone())).boxed()),
        (
            "place",
            StructArray::new(Stored::Struct(place), rows, vec![numbers(Stored::Int64), text], Some(valid)).boxed(),
        ),
        ("words", DictionaryArray::<i64>::try_new(dictionary, indices, few).unwrap().boxed()),
    ]
}

fn file(batches: &[usize], compression: Option<Compression>) -> Vec<u8> {
    let all = columns(batches.iter().sum());
    let field = |(name, cells): &(&str, Box<dyn Array>)| {
        let metadata = [("unit".into(), (*name).into())].into_iter().collect();
        Field::new((*name).into(), cells.dtype().clone(), true).with_metadata(metadata)
    };
    let schema: Arc<ArrowSchema> = Arc::new(all.iter().map(field).collect());
    let mut bytes = Vec::new();
    let mut file = FileWriter::try_new(&mut bytes, Arc::clone(&schema), None, WriteOptions { compression }).unwrap();
    file.set_custom_schema_metadata(Arc::new([("owner".into(), "G01".into())].into_iter().collect()));
    let mut start = 0;
    for rows in batches {
        let cells = all.iter().map(|(_, cells)| cells.sliced(start, *rows)).collect();
        file.write(&RecordBatchT::new(*rows, Arc::clone(&schema), cells), None).unwrap();
        start += rows;
    }
    file.finish().unwrap();
    bytes
}

/// The rows of a file, each as the text of its cells, its schema, and its owner.
fn read(path: std::path::PathBuf) -> (Vec<Vec<String>>, SchemaRef, Option<String>) {
    let reader = FileReader::try_new(File::open(path).unwrap(), None).unwrap();
    let schema = reader.schema();
    let owner = schema.metadata().get("owner").cloned();
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch.unwrap();
        let row = |row| batch.columns().iter().map(|cells| format!("{:?}", cells.slice(row, 1))).collect();
        rows.extend((0..batch.num_rows()).map(row));
    }
    (rows, schema, owner)
}

fn check(batches: &[usize], failed: &[bool], compression: Option<Compression>) {
    let folder = Folder::new();
    folder.write("people.arrow", file(batches, compression));
    let marks: Vec<(u32, u64, &[u32])> =
        (1..).zip(failed).filter(|(_, failed)| **failed).map(|(record, _)| (0, record, &[2_u32][..])).collect();
    let dataset = split(&folder, "people.arrow", Options::default(), &marks).unwrap();
    let part = |path: &str| read(folder.path("out").join(path));
    let (input, schema, owner) = read(folder.path("people.arrow"));
    let (passing, passing_schema, passing_owner) = part(&dataset.files[0].passing.path);
    let (failing, failing_schema, failing_owner) = part(&dataset.files[0].failing.path);
    assert_eq!((&passing_owner, &failing_owner), (&owner, &owner));
    assert_eq!(owner.as_deref(), Some("G01"));
    assert_eq!(passing_schema, schema);
    let (label, fields) = failing_schema.fields().split_last().unwrap();
    assert_eq!(fields, &schema.fields()[..]);
    assert_eq!(label.name(), "failed_rules");

    let (mut passing, mut failing) = (passing.into_iter(), failing.into_iter());
    for (row, failed) in input.into_iter().zip(failed) {
        if *failed {
            let mut found = failing.next().unwrap();
            let label = found.pop().unwrap();
            assert!(label.contains("\"people.well_formed\""), "{label}");
            assert_eq!(found, row);
        } else {
            assert_eq!(passing.next().unwrap(), row);
        }
    }
    assert!(passing.next().is_none() && failing.next().is_none());
    for (part, count) in [(&dataset.files[0].passing, dataset.passing), (&dataset.files[0].failing, dataset.failing)] {
        assert_eq!(rows(&folder.path("out"), &part.path, Options::default()), count);
    }
}

#[test]
fn rows_of_every_type_go_to_one_of_two_files() {
    let failed = [false, true, true, false, false, true, false, true, true, true, false, true];
    check(&[5, 7], &failed, None);
    check(&[5, 7], &failed, Some(Compression::LZ4));
    check(&[5, 7], &failed, Some(Compression::ZSTD(ZstdLevel::default())));
    check(&[4, 3], &[true; 7], None);
    check(&[4, 3], &[false; 7], None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn both_parts_of_arrow_files_are_the_input(
        batches in prop::collection::vec(1_usize..30, 1..4),
        failed in prop::collection::vec(any::<bool>(), 90),
    ) {
        check(&batches, &failed[..batches.iter().sum()], None);
    }
}

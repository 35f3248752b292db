//! Arrow files with some damaged bytes: a column that cannot be decoded is lost by itself.
#![expect(clippy::unwrap_used, reason = "a test whose data cannot be made has failed")]

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions};
use passmuster::model::{AuditReport, Status};

use crate::support::audits::run;
use crate::support::folder::Folder;
use crate::support::reports::rule;

/// Two record batches of three rows: numbers 1 to 6, a text column for each of these prefixes, and words of a dictionary.
fn arrow(prefixes: &[&str], compression: Option<CompressionType>) -> Vec<u8> {
    let batches = [[1_i64, 2, 3], [4, 5, 6]].map(|numbers| {
        let mut columns: Vec<(String, ArrayRef)> = vec![("n".to_owned(), Arc::new(Int64Array::from(numbers.to_vec())))];
        for prefix in prefixes {
            let texts = numbers.map(|number| format!("{prefix}-{}", "x".repeat(usize::try_from(number).unwrap())));
            columns.push(((*prefix).to_owned(), Arc::new(StringArray::from(texts.to_vec()))));
        }
        let words = Arc::new(StringArray::from(vec!["spring", "summer"]));
        let keys = Int32Array::from(vec![1, 0, 1]);
        columns.push(("word".to_owned(), Arc::new(DictionaryArray::<Int32Type>::new(keys, words))));
        RecordBatch::try_from_iter(columns).unwrap()
    });
    let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
    let mut writer = FileWriter::try_new_with_options(Vec::new(), &batches[0].schema(), options).unwrap();
    for batch in &batches {
        writer.write(batch).unwrap();
    }
    writer.into_inner().unwrap()
}

/// Replaces the last place that has these bytes.
fn replace(file: &mut [u8], from: &[u8], to: &[u8]) {
    let at = file.windows(from.len()).rposition(|bytes| bytes == from).unwrap();
    file[at..at + to.len()].copy_from_slice(to);
}

fn numbers(numbers: &[i32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// Audits the file with a rule for each column; every engine must say the same, at any number of threads.
fn audit(file: Vec<u8>, columns: &[&str]) -> AuditReport {
    let folder = Folder::new();
    folder.write("d.arrow", file);
    let required: String =
        columns.iter().map(|name| format!("      {name}: {{ required: true }}")).collect::<Vec<_>>().join("\n");
    let suite = format!(
        "suite: s\ndatasets:\n  d:\n    source: d.arrow\n    columns:\n      n: {{ range: 2..5, unique: true }}\n{required}\n"
    );
    let suite = folder.write("suite.yaml", suite);
    let report = run(&suite, &[], 1);
    let again = run(&suite, &[], 3);
    let seen = |report: &AuditReport| {
        let rules = report.datasets[0].rules.iter();
        rules
            .map(|rule| (rule.id.clone(), rule.status, rule.passed, rule.failed, rule.reason.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(seen(&report), seen(&again));
    report
}

/// The numbers keep their counts: 1 and 6 are out of range, none repeats.
fn assert_numbers(report: &AuditReport) {
    let [range, unique] = ["d.n.range", "d.n.unique"].map(|id| rule(report, id));
    assert_eq!((range.status, range.passed, range.failed), (Status::Failed, 4, 2), "{:?}", range.reason);
    assert_eq!((unique.status, unique.passed, unique.failed), (Status::Passed, 6, 0));
    assert_eq!(report.datasets[0].rows, Some(6));
}

fn assert_lost(report: &AuditReport, column: &str, says: &str) {
    let lost = rule(report, &format!("d.{column}.required"));
    assert_eq!(lost.status, Status::Errored);
    let reason = lost.reason.as_deref().unwrap();
    assert!(reason.contains(&format!("the column `{column}`: {says} cannot be decoded")), "{reason}");
    // No message holds a cell value.
    assert!(!reason.contains("-x"), "{reason}");
    let noted = format!("the column `{column}` could not be read: ");
    assert!(report.notices.iter().any(|notice| notice.text.starts_with(&noted)), "{:?}", report.notices);
    assert_eq!(report.exit_code, 2);
}

fn assert_sound(report: &AuditReport, column: &str) {
    let sound = rule(report, &format!("d.{column}.required"));
    assert_eq!((sound.status, sound.passed, sound.failed), (Status::Passed, 6, 0), "{:?}", sound.reason);
}

#[test]
fn a_sound_file_is_read() {
    for compression in [None, Some(CompressionType::ZSTD), Some(CompressionType::LZ4_FRAME)] {
        let report = audit(arrow(&["a", "b"], compression), &["a", "b", "word"]);
        assert_numbers(&report);
        for column in ["a", "b", "word"] {
            assert_sound(&report, column);
        }
    }
}

#[test]
fn a_column_that_cannot_be_decoded_is_lost_by_itself() {
    let sound = arrow(&["a", "bb"], None);
    // Texts that are no UTF-8, in the second record batch.
    let mut file = sound.clone();
    replace(&mut file, b"bb-xxxxxx", &[0xff]);
    let report = audit(file, &["a", "bb", "word"]);
    assert_numbers(&report);
    assert_lost(&report, "bb", "its cells in record batch 2");
    assert_sound(&report, "a");
    assert_sound(&report, "word");

    // Offsets of 6, 7 and 8 bytes that go back.
    let mut file = sound.clone();
    replace(&mut file, &numbers(&[0, 6, 13, 21]), &numbers(&[0, 6, 3, 21]));
    let report = audit(file, &["a", "bb", "word"]);
    assert_numbers(&report);
    assert_lost(&report, "a", "its cells in record batch 2");
    assert_sound(&report, "bb");

    // Keys that the dictionary does not have.
    let mut file = sound;
    replace(&mut file, &numbers(&[1, 0, 1]), &numbers(&[1, 99, 1]));
    let report = audit(file, &["a", "bb", "word"]);
    assert_numbers(&report);
    assert_lost(&report, "word", "its cells in record batch 2");
    assert_sound(&report, "a");
}

#[test]
fn a_damaged_dictionary_costs_only_its_columns() {
    let mut file = arrow(&["a"], None);
    replace(&mut file, b"springsummer", &[0xff]);
    let report = audit(file.clone(), &["a", "word"]);
    assert_numbers(&report);
    assert_lost(&report, "word", "its dictionary");
    assert_sound(&report, "a");
    // Where no rule reads its column, nothing is lost.
    let report = audit(file, &["a"]);
    assert_numbers(&report);
    assert_sound(&report, "a");
    assert!(report.notices.iter().all(|notice| !notice.text.contains("could not be read")));
}

#[test]
fn a_buffer_that_does_not_inflate_costs_only_its_column() {
    // The words are long enough that they are stored compressed.
    let [long, other] = ["a".repeat(200), "b".repeat(200)];
    let mut file = arrow(&[&long, &other], Some(CompressionType::ZSTD));
    // The last that are compressed are the texts of the second column in the second record batch.
    replace(&mut file, &[0x28, 0xb5, 0x2f, 0xfd], &[0; 4]);
    let report = audit(file, &[&long, &other, "word"]);
    assert_numbers(&report);
    assert_lost(&report, &other, "its cells in record batch 2");
    assert_sound(&report, &long);
    assert_sound(&report, "word");
}

#[test]
fn several_columns_are_lost_and_too_many_are_an_error() {
    let names: Vec<String> = (0..10).map(|at| format!("c{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let sound = arrow(&names, None);
    let damage = |columns: &[&str]| {
        let mut file = sound.clone();
        for name in columns {
            replace(&mut file, format!("{name}-xxxxxx").as_bytes(), &[0xff]);
        }
        file
    };
    let report = audit(damage(&["c3", "c7"]), &names);
    assert_numbers(&report);
    for name in &names {
        if ["c3", "c7"].contains(name) {
            assert_lost(&report, name, "its cells in record batch 2");
        } else {
            assert_sound(&report, name);
        }
    }
    let report = audit(damage(&names[..8]), &names);
    assert_numbers(&report);
    assert_sound(&report, "c8");
    let report = audit(damage(&names), &names);
    assert!(report.datasets[0].rules.iter().all(|rule| rule.status == Status::Errored));
    assert_eq!(report.exit_code, 2);
}

#[test]
fn a_damaged_message_is_an_error_of_the_whole_file() {
    let sound = arrow(&["a"], None);
    let errored = |file: Vec<u8>| {
        let report = audit(file, &["a", "word"]);
        assert!(report.datasets[0].rules.iter().all(|rule| rule.status == Status::Errored));
        let reason = rule(&report, "d.n.range").reason.as_deref().unwrap();
        assert!(reason.contains("record batch 2 cannot be decoded"), "{reason}");
    };
    let numbers = [4_i64, 5, 6].map(i64::to_le_bytes);
    let body = sound.windows(24).rposition(|bytes| bytes == numbers.as_flattened()).unwrap();
    // The texts of `a` in the second record batch are 21 bytes: now its head says that they lie outside of its body.
    let mut file = sound.clone();
    replace(&mut file[..body], &21_i64.to_le_bytes(), &(1_i64 << 40).to_le_bytes());
    errored(file);
    // The head of the second record batch is no message.
    let mut file = sound;
    let head = file[..body].windows(4).rposition(|bytes| bytes == [0xff; 4]).unwrap();
    file[head + 8..body - 64].fill(0xff);
    errored(file);
}

//! Parts of delimited text, read again: their records are those of the input, or the file is refused.

use std::fs;
use std::path::Path;
use std::sync::Mutex;

use passmuster::source::{Batch, Column, Options, Source, SourceSpec};
use proptest::prelude::*;

use super::split;
use crate::support::folder::Folder;
use crate::support::program::{code, run, stderr};

/// The cells of a record that are there, and whether it has a fault.
type Record = (Vec<String>, bool);

fn try_open(base: &Path, location: &str, options: Options) -> Result<Source, String> {
    let spec =
        SourceSpec { location: location.to_owned(), further: Vec::new(), base: base.to_owned(), format: None, options };
    Source::open(&spec).map_err(|error| error.to_string())
}

/// The records that an audit reads there.
fn records(source: &Source) -> Vec<Record> {
    let columns: Vec<usize> = (0..source.columns().len()).collect();
    let found = Mutex::new(Vec::new());
    let take = |batch: Batch| {
        let malformed = batch.malformed_rows();
        let cell = |column: &Column, row| match column {
            Column::Text(cells) => cells.get(row).map(str::to_owned),
            other => panic!("{other:?} is no text"),
        };
        let record = |row| (batch.columns.iter().filter_map(|column| cell(column, row)).collect(), malformed.get(row));
        found.lock().unwrap().push((batch.place, (0..batch.rows).map(record).collect::<Vec<Record>>()));
        true
    };
    source.scan(&columns, &take, &|_| ()).unwrap();
    let mut found = found.into_inner().unwrap();
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().flat_map(|(_, records)| records).collect()
}

/// Splits a file, reads both parts again and compares their records with those of the input; gives the message where the
/// file is refused, after which nothing may be left.
fn check(bytes: &[u8], options: &Options, columns: usize, failed: &dyn Fn(usize) -> bool) -> Result<(), String> {
    let folder = Folder::new();
    folder.write("people.csv", bytes);
    let named = |count: usize| {
        if columns == 0 {
            return options.clone();
        }
        options.clone().with("columns", (1..=count).map(|number| format!("c{number}")).collect::<Vec<_>>())
    };
    // A file without any record of its own is no dataset.
    let Ok(source) = try_open(folder.root(), "people.csv", named(columns)) else { return Ok(()) };
    let input = records(&source);
    let names: Vec<String> = source.columns().iter().map(|column| column.name.clone()).collect();
    let marks: Vec<(u32, u64, &[u32])> =
        (1..).zip(0..input.len()).filter(|(_, at)| failed(*at)).map(|(record, _)| (0, record, &[1_u32][..])).collect();
    let dataset = match split(&folder, "people.csv", named(columns), &marks) {
        Ok(dataset) => dataset,
        Err(error) => {
            assert!(!folder.path("out").exists());
            return Err(error.to_string());
        }
    };
    let again = |path: &str, columns: usize| match try_open(&folder.path("out"), path, named(columns)) {
        Ok(source) => records(&source),
        Err(error) if error.contains("empty: ") => Vec::new(),
        Err(error) => panic!("{path}: {error}"),
    };
    let passing = again(&dataset.files[0].passing.path, columns);
    let failing = again(&dataset.files[0].failing.path, columns + 1);
    let of = |part: bool| input.iter().enumerate().filter(move |(at, _)| failed(*at) == part).map(|(_, record)| record);
    assert_eq!(passing, of(false).cloned().collect::<Vec<_>>());
    assert_eq!(failing.len(), of(true).count());
    for ((mut cells, malformed), (expected, was_malformed)) in failing.into_iter().zip(of(true)) {
        let last = cells.pop().unwrap();
        // Of a record with too many cells, the last one that has a column is its own.
        assert!(last == "people.id.unique" || *was_malformed && cells.len() == expected.len(), "{last}");
        assert_eq!(&cells, expected);
        // With one more cell, a record that repeats the header does not repeat that of the part.
        let is_name = |(cell, name): (&String, &String)| cell.is_empty() || name.starts_with(cell);
        let is_repeated = cells.iter().zip(&names).all(is_name);
        assert!(malformed == *was_malformed || *was_malformed && is_repeated, "{expected:?}");
    }
    Ok(())
}

fn without_header() -> Options {
    Options::default().with("header", false)
}

/// Rows of so many MiB.
fn long_rows(count: usize, text: &str) -> String {
    let row = format!("9,{}\n", text.repeat((4 << 20) / text.len()));
    row.repeat(count)
}

#[test]
fn a_quote_that_a_row_far_behind_closes_is_one_cell_in_both_parts() {
    let text = format!("id,text\n1,\"open\n{}3,\"quoted\"\n4,d\n", long_rows(5, "x"));
    for failing in [0, 1] {
        check(text.as_bytes(), &Options::default(), 0, &|at| at == failing).unwrap();
    }
    check(text.as_bytes(), &without_header(), 2, &|at| at == 1).unwrap();
    let text = format!("id,\"text\n{}3,\"quoted\"\n4,d\n", long_rows(5, "é"));
    check(text.as_bytes(), &Options::default(), 0, &|at| at == 0).unwrap();
    // Nothing closes it: later quotes are doubled.
    let text = format!("id,text\n1,\"open\n{}3,\"\"\n", long_rows(5, "x"));
    for failing in [0, 3, 6] {
        check(text.as_bytes(), &Options::default(), 0, &|at| at == failing).unwrap();
        check(text.as_bytes(), &Options::default(), 0, &|at| at != failing).unwrap();
    }
}

#[test]
fn parts_keep_what_is_above_the_header_and_comments() {
    let text = "Staff, 2026\r\n\"no CSV\r\nid,name\r\n# one\r\n1 , a\r\n2,\" b\" \r\n# two\r\n\r\n3,c\r\n";
    let options = Options::default().with("skip_rows", 2_u64).with("comment", "#").with("trim", true);
    for failing in [0, 1, 2] {
        check(text.as_bytes(), &options, 0, &|at| at == failing).unwrap();
        check(text.as_bytes(), &options, 0, &|at| at != failing).unwrap();
    }
    check(b"sep=;\nid;name\n1;a\n2;b\n", &Options::default(), 0, &|at| at == 0).unwrap();
    check(b"sep=;\n1;a\n2;b\n", &without_header(), 2, &|at| at == 0).unwrap();
    check(b"\xef\xbb\xbfTitle\nid,name\n1,a\n2,b\n", &Options::default().with("header_row", 2_u64), 0, &|at| at == 1)
        .unwrap();
    let utf_16: Vec<u8> = "\u{feff}Ti\ntle\nid,name\n1,a\n2,b\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let options = Options::default().with("skip_rows", 2_u64).with("encoding", "utf-16le");
    check(&utf_16, &options, 0, &|at| at == 1).unwrap();
}

#[test]
fn dialects_in_which_a_part_would_read_otherwise_are_refused() {
    let several = Options::default().with("delimiter", "||");
    let escape = Options::default().with("escape", b'\\');
    let footer = Options::default().with("footer_rows", 1_u64);
    let until = Options::default().with("until", "Total");
    let rows = Options::default().with("header_rows", 2_u64);
    let widths = Options::default().with("widths", vec!["2".to_owned(), "rest".to_owned()]);
    for (options, what) in [
        (several, "a delimiter of several characters"),
        (escape, "`escape`"),
        (footer, "`footer_rows`"),
        (until, "`until`"),
        (rows, "`header_rows`"),
        (widths, "`widths`"),
    ] {
        let error = check(b"id,name\nid,name\n1,a\n2,b\n3,c\n", &options, 0, &|at| at == 0).unwrap_err();
        assert!(error.contains(&format!("a file that is read with {what} cannot be written")), "{error}");
    }
}

#[test]
fn line_ends_that_a_part_would_not_show_are_refused() {
    // The line end of the last row is a lone CR.
    let text = b"1,a\n2,b\rc";
    let error = check(text, &without_header(), 2, &|at| at == 1).unwrap_err();
    assert!(error.contains("the failing rows would read otherwise"), "{error}");
    assert!(error.contains("would be taken to end with CR, and those of the file end with LF"), "{error}");
    check(b"h,i\n1,a\n2,b\rc", &Options::default(), 0, &|at| at == 1).unwrap();
    // Lines end with CR; one of the later rows has an LF.
    let old = format!("{}2,b\nc\r", "1,a\r".repeat(20_000));
    let error = check(old.as_bytes(), &without_header(), 2, &|at| at == 20_000).unwrap_err();
    assert!(error.contains("would be taken to end with LF, and those of the file end with CR"), "{error}");
    check(old.as_bytes(), &without_header(), 2, &|at| at == 19_999).unwrap();
    let error = check(format!("h,i\r{old}").as_bytes(), &Options::default(), 0, &|at| at < 20_000).unwrap_err();
    assert!(error.contains("the passing rows"), "{error}");
    // A single row is the same row whatever ends it.
    check(b"1,a\r2,b\r", &without_header(), 2, &|at| at == 0).unwrap();
}

#[test]
fn a_row_that_begins_with_a_byte_order_mark_stays_behind_another() {
    for (encoding, name) in [(encoding_rs::UTF_8, "utf-8"), (encoding_rs::UTF_16LE, "utf-16le")] {
        let bytes = |text: &str| {
            if encoding == encoding_rs::UTF_8 {
                text.as_bytes().to_vec()
            } else {
                text.encode_utf16().flat_map(u16::to_le_bytes).collect()
            }
        };
        let with = |header: bool| Options::default().with("encoding", name).with("header", header);
        let text = "1,a\n\u{feff}2,b\n3,c\n";
        let error = check(&bytes(text), &with(false), 2, &|at| at == 1).unwrap_err();
        assert!(error.contains("the failing rows") && error.contains("byte order mark"), "{error}");
        let error = check(&bytes(text), &with(false), 2, &|at| at == 0).unwrap_err();
        assert!(error.contains("the passing rows") && error.contains("byte order mark"), "{error}");
        check(&bytes(text), &with(false), 2, &|at| at == 2).unwrap();
        check(&bytes(text), &with(true), 0, &|at| at == 0).unwrap();
        check(&bytes(&format!("\u{feff}{text}")), &with(false), 2, &|at| at == 1).unwrap();
    }
    // Bytes that are a mark of another encoding.
    let error = check(b"1,a\n\xff\xfe,b\n", &without_header(), 2, &|at| at == 1).unwrap_err();
    assert!(error.contains("byte order mark"), "{error}");
}

#[test]
fn rows_that_look_like_another_format_are_refused() {
    for (text, is) in
        [("PAR1,a", "Parquet"), ("BZh91AY&SY,a", "bzip2"), ("BZh,a", ""), ("PK\u{3},a", ""), ("\u{28}", "")]
    {
        let found = check(format!("1,a\n{text}\n").as_bytes(), &without_header(), 2, &|at| at == 1);
        match is {
            "" => found.unwrap(),
            is => {
                let error = found.unwrap_err();
                assert!(error.contains("the failing rows") && error.contains(is), "{error}");
            }
        }
        check(format!("h,i\n{text}\n").as_bytes(), &Options::default(), 0, &|at| at == 0).unwrap();
    }
    let error = check(b"1,a\n\x1f\x8b,b\n", &without_header(), 2, &|at| at == 1).unwrap_err();
    assert!(error.contains("gzip"), "{error}");
}

#[test]
fn columns_that_only_the_first_row_shows_are_asked_for() {
    let error = check(b"1,a\n2\n3,c\n", &without_header(), 0, &|at| at == 0).unwrap_err();
    assert!(error.contains("the passing rows") && error.contains("`columns`"), "{error}");
    check(b"1,a\n2\n3,c\n", &without_header(), 2, &|at| at == 0).unwrap();
}

#[test]
fn a_file_that_ends_inside_a_character_takes_no_ids_behind_it() {
    let mut bytes: Vec<u8> = "1,a\n2,b".encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.push(0x41);
    let options = without_header().with("encoding", "utf-16le");
    let error = check(&bytes, &options, 2, &|at| at == 1).unwrap_err();
    assert!(error.contains("ends inside a character"), "{error}");
    check(&bytes, &options, 2, &|at| at == 0).unwrap();
    // Bytes that are no text by themselves stay so beside the ids.
    check(b"1,a\n2,\xe1\xba", &without_header(), 2, &|at| at == 1).unwrap();
}

#[test]
fn what_stands_for_a_letter_does_not_add_a_cell() {
    let folder = Folder::of(&[
        (
            "suite.yaml",
            "suite: s\ndatasets:\n  ạ:\n    source: { path: a.csv, delimiter: u, encoding: windows-1252 }\n    \
                        rules:\n      - { check: required, columns: b }\n",
        ),
        ("a.csv", "aub\n1u\n"),
    ]);
    let output = run(&folder, &["audit", "suite.yaml", "--quarantine", "out"]);
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    assert_eq!(folder.read("out/ạ/failing/a.csv"), "aubu\"failed_rules\"\n1uu\"\\u1ea1.required\"\n");
}

#[test]
fn a_file_that_is_refused_ends_with_one_message_and_no_file() {
    let folder = Folder::of(&[
        (
            "suite.yaml",
            "suite: s\ndatasets:\n  t:\n    source: { path: a.csv, header: false, columns: [id, name] }\n    \
                        rules:\n      - { check: matches, column: name, pattern: a }\n",
        ),
        ("a.csv", "1,a\n2,b\rc"),
    ]);
    let output = run(&folder, &["audit", "suite.yaml", "--quarantine", "out"]);
    let said = stderr(&output);
    assert_eq!(code(&output), 2, "{said}");
    assert!(said.contains("--quarantine wrote nothing: a.csv: the failing rows would read otherwise"), "{said}");
    let mut left: Vec<_> = fs::read_dir(folder.root()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["a.csv", "suite.yaml"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn parts_read_as_their_rows_do_in_the_file(
        text in prop::collection::vec(prop_oneof![
            6 => prop::sample::select(vec!["a", "b", "é", "1", " "]),
            6 => prop::sample::select(vec![",", ","]),
            4 => prop::sample::select(vec!["\"", "\"\"", ",\"", "\",", "\n\""]),
            5 => prop::sample::select(vec!["\n", "\r\n", "\n\n"]),
            2 => prop::sample::select(vec!["\r", "\r\r"]),
            1 => prop::sample::select(vec!["\u{feff}", "\0", "PAR1"]),
        ], 0..40),
        old in prop::bool::weighted(0.2),
        has_header: bool,
        encoding in prop::sample::select(vec!["utf-8", "utf-16le", "windows-1258"]),
        quote in prop::sample::select(vec![Some(b'"'), Some(b'"'), None]),
        failed in prop::collection::vec(any::<bool>(), 60),
    ) {
        let mut text = text.concat();
        if old {
            text = text.replace("\r\n", "\r").replace('\n', "\r");
        }
        let bytes = match encoding {
            "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "utf-8" => text.clone().into_bytes(),
            _ => encoding_rs::WINDOWS_1258.encode(&text).0.into_owned(),
        };
        let options = Options::default().with("encoding", encoding).with("header", has_header).with("quote", quote);
        let refused = check(&bytes, &options, if has_header { 0 } else { 40 }, &|at| failed[at]);
        if let Err(error) = refused {
            let reasons = ["taken to end with", "byte order mark", "Parquet"];
            prop_assert!(reasons.iter().any(|reason| error.contains(reason)), "{}", error);
            // With a header and the usual line ends nothing is refused.
            prop_assert!(!has_header || text.contains('\r'), "{}", error);
        }
    }
}

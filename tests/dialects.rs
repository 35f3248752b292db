//! Dialects of delimited text: what is data and what is not, at any size of blocks and any number of threads.
#![expect(clippy::unwrap_used, reason = "a test whose data cannot be made has failed")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use passmuster::model::{FaultKind, FramingTally, LeftOut, Share};
use passmuster::source::{Batch, Block, Column, NoSample, Options, Portion, Source, SourceError, SourceSpec};
use proptest::prelude::*;

use crate::support::audits;
use crate::support::folder::Folder;
use crate::support::packed::{gzip, zip};
use crate::support::program::{code, program, run, stderr, stdout};

type Cell = Option<String>;

/// What a scan gives.
#[derive(Debug, Clone, PartialEq)]
struct Read {
    names: Vec<String>,
    rows: Vec<Vec<Cell>>,
    lines: Vec<u64>,
    framing: FramingTally,
}

impl Read {
    fn faults(&self) -> Vec<(FaultKind, u64)> {
        self.framing.first_faults.iter().map(|fault| (fault.kind, fault.line)).collect()
    }

    fn details(&self) -> Vec<&str> {
        self.framing.first_faults.iter().map(|fault| fault.detail.as_str()).collect()
    }
}

fn open(name: &str, bytes: &[u8], options: &Options) -> (Folder, Result<Source, SourceError>) {
    let folder = Folder::new();
    let location = folder.write(name, bytes).to_str().unwrap().to_owned();
    let source = Source::open(&SourceSpec {
        location,
        further: Vec::new(),
        base: PathBuf::from("/"),
        format: None,
        options: options.clone(),
    });
    (folder, source)
}

fn scan(source: &Source, threads: usize) -> Read {
    let columns: Vec<usize> = (0..source.columns().len()).collect();
    let batches = Mutex::new(Vec::new());
    let take = |batch: Batch| {
        let cells = |column: &Column| match column {
            Column::Text(text) => (0..batch.rows).map(|row| text.get(row).map(str::to_owned)).collect::<Vec<Cell>>(),
            other => panic!("{other:?} is no text"),
        };
        let columns: Vec<Vec<Cell>> = batch.columns.iter().map(cells).collect();
        let rows: Vec<Vec<Cell>> =
            (0..batch.rows).map(|row| columns.iter().map(|cells| cells[row].clone()).collect()).collect();
        let lines: Vec<u64> = batch.lines.iter().flat_map(|lines| lines.iter().copied()).collect();
        batches.lock().unwrap().push((batch.place, rows, lines));
        true
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let facts = pool.install(|| source.scan(&columns, &take, &|_| ())).unwrap();
    let mut batches = batches.into_inner().unwrap();
    batches.sort_by_key(|(place, ..)| *place);
    let names = source.columns().iter().map(|column| column.name.clone()).collect();
    let mut read = Read { names, rows: Vec::new(), lines: Vec::new(), framing: facts.framing };
    for (_, rows, lines) in batches {
        read.rows.extend(rows);
        read.lines.extend(lines);
    }
    read
}

/// Reads the bytes as `data.csv`, in blocks of several sizes, which must all give the same.
fn csv(bytes: impl AsRef<[u8]>, options: &Options) -> Read {
    let (_folder, source) = open("data.csv", bytes.as_ref(), options);
    let whole = scan(&source.unwrap(), 1);
    for (block, threads) in [(1, 1), (7, 4), (64, 2)] {
        let (_folder, source) = open("data.csv", bytes.as_ref(), options);
        assert_eq!(scan(&source.unwrap().with_block(block), threads), whole, "{block}");
    }
    whole
}

fn refused(bytes: impl AsRef<[u8]>, options: &Options) -> String {
    let (_folder, source) = open("data.csv", bytes.as_ref(), options);
    let error = source.unwrap_err().to_string();
    error.rsplit_once("data.csv: ").map_or(error.clone(), |(_, problem)| problem.to_owned())
}

fn text(rows: &[&[&str]]) -> Vec<Vec<Cell>> {
    rows.iter().map(|row| row.iter().map(|cell| Some((*cell).to_owned())).collect()).collect()
}

fn none() -> Options {
    Options::default()
}

fn count(name: &str, count: u64) -> Options {
    none().with(name, count)
}

#[test]
fn lines_above_the_header_are_left_out_and_counted() {
    // The quote in a title is no quote of the data.
    let file = "Spend \"2026\n\nid,name\n1,a\n2,b\n";
    for options in [count("skip_rows", 2), count("header_row", 3), count("skip_rows", 1).with("header_row", 3_u64)] {
        let read = csv(file, &options);
        assert_eq!(read.names, ["id", "name"]);
        assert_eq!(read.rows, text(&[&["1", "a"], &["2", "b"]]));
        assert_eq!(read.lines, [4, 5]);
        assert_eq!(read.framing.left_out, LeftOut { above: 2, ..LeftOut::default() });
        assert!(read.framing.faults.is_empty());
    }
    let read = csv("x\r\ny\r\n1,a\r\n", &count("skip_rows", 2).with("header", false));
    assert_eq!((read.rows, read.lines), (text(&[&["1", "a"]]), vec![3]));
    // Lines that end with CR, and another encoding.
    let read = csv("x\rid,a\r1,b\r", &count("skip_rows", 1));
    assert_eq!(read.rows, text(&[&["1", "b"]]));
    let utf_16: Vec<u8> = "\u{feff}Tiêu\nid,a\n1,ữ\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let read = csv(utf_16, &count("skip_rows", 1).with("encoding", "utf-16le"));
    assert_eq!((read.rows, read.lines), (text(&[&["1", "ữ"]]), vec![3]));
    // Many lines, more than are read at a time.
    let long = format!("{}id,a\n1,b\n", "a title line\n".repeat(100_000));
    assert_eq!(csv(long, &count("skip_rows", 100_000)).lines, [100_002]);
    let one = format!("{}\nid,a\n1,b\n", "x".repeat(300_000));
    assert_eq!(csv(one, &count("skip_rows", 1)).rows, text(&[&["1", "b"]]));
}

#[test]
fn skipping_beyond_the_file_is_an_error() {
    let file = "a\n1\n2\n";
    assert_eq!(
        refused(file, &count("skip_rows", 4)),
        "`skip_rows` leaves out 4 lines, and the file has 3 lines: leave out fewer"
    );
    assert_eq!(
        refused("a", &count("header_row", 9)),
        "`header_row` leaves out 8 lines, and the file has 1 line: leave out fewer"
    );
    assert_eq!(refused(file, &count("skip_rows", 3)), "no header behind the lines that are left out");
    assert_eq!(refused("a\n1\n", &count("header_rows", 3)), "`header_rows: 3`, and the file has 2 records");
}

#[test]
fn a_header_of_two_records_joins_its_names() {
    let read = csv(",,Sales,,Costs\nid,name,2025,2026,\n1,a,2,3,4\n", &count("header_rows", 2));
    assert_eq!(read.names, ["id", "name", "Sales 2025", "Sales 2026", "Costs"]);
    assert_eq!(read.rows, text(&[&["1", "a", "2", "3", "4"]]));
    assert_eq!(read.lines, [3]);
}

#[test]
fn a_line_of_excel_names_the_delimiter() {
    let file = "sep=;\r\nid;name\r\n1;a\r\n";
    for options in [none(), none().with("delimiter", b';'), count("skip_rows", 1).with("delimiter", b';')] {
        let read = csv(file, &options);
        assert_eq!(read.names, ["id", "name"]);
        assert_eq!((read.rows.clone(), read.lines.clone()), (text(&[&["1", "a"]]), vec![3]));
        assert_eq!(read.framing.left_out.above, 1);
        assert!(read.framing.faults.is_empty());
    }
    let error = refused(file, &none().with("delimiter", b','));
    assert!(error.starts_with("its first line says `sep=;`, and the declared delimiter is `,`"), "{error}");
    // A name of a column.
    assert_eq!(csv("sep=1,b\n1,2\n", &none()).names, ["sep=1", "b"]);
}

#[test]
fn records_below_the_data_are_left_out_and_counted() {
    let file = "id,amount\n1,2\n2,3\n# note\nTotal,5\n\nprinted,today\n";
    for options in [count("footer_rows", 2), none().with("until", "Total")] {
        let read = csv(file, &options.with("comment", "#"));
        assert_eq!(read.rows, text(&[&["1", "2"], &["2", "3"]]));
        assert_eq!(read.framing.left_out, LeftOut { comments: 1, below: 2, ..LeftOut::default() });
        assert!(read.framing.faults.is_empty());
    }
    // The first cell with text counts, without white space around it; the header does not end the data.
    let read = csv("Tổng,b\n1,2\n, \" Tổng cộng\"\n,3\n", &none().with("until", "Tổng").with("trim", true));
    assert_eq!(read.rows, text(&[&["1", "2"]]));
    assert_eq!(read.framing.left_out.below, 2);
    // All records are below the data.
    let read = csv("a\n1\n2\n", &count("footer_rows", 1_000));
    assert_eq!((read.rows.len(), read.framing.left_out.below), (0, 2));
    let read = csv("a\n1\n2\n", &none().with("until", "1"));
    assert_eq!((read.rows.len(), read.framing.left_out.below), (0, 2));
    assert_eq!(csv("a\n1\n2\n", &count("footer_rows", 0)).rows.len(), 2);
}

#[test]
fn a_text_that_never_ends_the_data_is_a_fault_of_the_file() {
    let read = csv("a\n1\n2\n", &none().with("until", "Total"));
    assert_eq!(read.rows, text(&[&["1"], &["2"]]));
    assert_eq!(read.faults(), [(FaultKind::NoEnd, 0)]);
    let report = audits::audit_files(&[
        ("suite.yaml", "suite: s\ndatasets:\n  t:\n    source: { path: a.csv, until: Total }\n"),
        ("a.csv", "a\n1\n"),
    ]);
    let rule = &report.datasets[0].rules[0];
    assert_eq!((rule.failed, rule.observed.as_str()), (1, "1 × end of the data not found"));
}

#[test]
fn records_behind_the_end_of_the_data_that_look_like_data_are_a_fault() {
    let until = || none().with("until", "Total");
    // The name of a product comes early by accident: lines 4 to 6 are full, line 7 is not.
    let early = "name,a\nx,1\nTotal care,2\ny,3\nz,4\n\"w\",5\nq,\n";
    let read = csv(early, &until());
    assert_eq!((read.rows.len(), read.framing.left_out.below), (1, 5));
    assert_eq!(read.faults(), [(FaultKind::DataBelowEnd, 3)]);
    assert!(read.details()[0].contains("3 records behind it look like data, the first on line 4"));
    // With a cell of several lines before, and a comment between.
    let rows = "7,8\n".repeat(500);
    let read = csv(format!("name,a\nx,\"1\n1\"\nTotal,9\n# no record\n{rows}"), &until().with("comment", "#"));
    assert_eq!(read.faults(), [(FaultKind::DataBelowEnd, 4)]);
    assert!(read.details()[0].contains("500 records") && read.details()[0].contains("first on line 6"));
    // Columns that are never filled: more records with several cells than there are before.
    let sparse = "a,b,c\n1,2,\nTotal,,\n3,4,\n5,6,\n7,8,\n";
    assert_eq!(csv(sparse, &until()).faults(), [(FaultKind::DataBelowEnd, 3)]);
    let only = "a\n1\nTotal\n3\n4\n5\n";
    assert_eq!(csv(only, &until()).faults(), [(FaultKind::DataBelowEnd, 3)]);
    // A column that is always empty: what has text in the others is like the data.
    let rows = "y,07,,2\n".repeat(3);
    let read = csv(format!("name,phone,fax,a\n{rows}y,07,,2\nTotal Energies,06,,9\n{rows}Total,,,21\n"), &until());
    assert_eq!((read.rows.len(), read.faults()), (4, vec![(FaultKind::DataBelowEnd, 6)]));
    assert!(read.details()[0].contains("3 records behind it look like data, the first on line 7"));
    // One such record is enough where another one has the text and no more, which is the real end.
    let near = format!("name,phone,fax,a\n{rows}Total Energies,06,,9\ny,07,,2\nTotal:,,,17\n");
    assert_eq!(csv(near, &until()).faults(), [(FaultKind::DataBelowEnd, 5)]);
    // Footers: totals, tax, a sum, notes of one cell, and one column with notes.
    for footer in [
        "a,b,c,d\nx,1,,2\ny,2,,3\nz,3,,4\nx,1,,2\ny,2,,3\nz,3,,4\nTotal,,,9\nVAT,,,1\nRest,,,1\nDebts,,,1\nMade by,Director\nSum,,,10\n",
        "a,b,c,d\nx,1,,2\ny,,,3\nz,3,q,4\nTotal men,,,9\nTotal women,,,1\nTotal,,,10\n",
        "a,b,c\nx,1,2\ny,2,3\nTotal men,3,4\nTotal women,5,6\nTotal,8,10\n",
        "a,b,c\n1,2,3\n4,5,6\nTotal,,9\nVAT,,1\nSum,,10\n\nMade by\nDirector\nSeal\n",
        "a,b,c\n1,2,3\n4,5,6\n7,8,9\nTotal,2,9\nVAT,1,1\nSum,3,10\n",
        "a\n1\n2\n3\nTotal\nMade by\nDirector\nSeal\n",
    ] {
        assert!(csv(footer, &until()).faults().is_empty(), "{footer}");
    }
    // The dataset does not pass.
    let suite = "suite: s\ndatasets:\n  t:\n    source: { path: a.csv, until: Total }\n";
    let report = audits::audit_files(&[("suite.yaml", suite), ("a.csv", early)]);
    let rule = &report.datasets[0].rules[0];
    assert_eq!((rule.failed, rule.observed.as_str()), (1, "1 × records behind the end of the data"));
}

#[test]
fn only_the_last_width_takes_the_rest() {
    let folder = Folder::new();
    folder.write("suite.yaml", "suite: s\ndatasets:\n  t: { source: { path: a.txt, widths: [4, rest, 6] } }\n");
    let output = run(&folder, &["lint", "suite.yaml"]);
    let text = stdout(&output) + &stderr(&output);
    assert!(text.contains("such as [5, 10, rest]; only the last may be `rest`"), "{text}");
}

#[test]
fn comments_are_lines() {
    let file = "# \"title\nid,a\n#1,x\n1,#b\n2,\"c\n# no comment\"\n# last";
    let read = csv(file, &none().with("comment", "#"));
    assert_eq!(read.rows, text(&[&["1", "#b"], &["2", "c\n# no comment"]]));
    assert_eq!(read.lines, [4, 5]);
    assert_eq!(read.framing.left_out.comments, 3);
    let read = csv("id,a\n// x\n1,/b\n", &none().with("comment", "//"));
    assert_eq!((read.rows, read.framing.left_out.comments), (text(&[&["1", "/b"]]), 1));
}

#[test]
fn white_space_around_cells_and_names_is_left_out() {
    let file = "id , given_name,\u{a0}x\n 1 , \"a b \" ,\t c\n   \n2,  ,\" \"\n";
    let read = csv(file, &none().with("trim", true));
    assert_eq!(read.names, ["id", "given_name", "x"]);
    assert_eq!(read.rows, text(&[&["1", "a b ", "c"], &["2", "", " "]]));
    assert_eq!(read.lines, [2, 4]);
    assert!(read.framing.faults.is_empty());
    let tabs = csv("a\tb\n \t x\n", &none().with("trim", true).with("delimiter", b'\t'));
    assert_eq!(tabs.rows, text(&[&["", "x"]]));
}

#[test]
fn an_escape_makes_ordinary_characters() {
    let file = "a,b\n\"x\\\"y\",\\N\n1\\,2,\\\\\n\"p\\\\\",C:\\temp\nq\\\nr,\"s\"\"t\"\n";
    let read = csv(file, &none().with("escape", b'\\'));
    assert_eq!(read.rows, text(&[&["x\"y", "\\N"], &["1,2", "\\"], &["p\\", "C:\\temp"], &["q\nr", "s\"t"]]));
    assert_eq!(read.lines, [2, 3, 4, 5]);
    assert!(read.framing.faults.is_empty());
    let read = csv("a|b\n\"x\\|y|2\n", &none().with("escape", b'\\').with("quote", None).with("delimiter", b'|'));
    assert_eq!(read.rows, text(&[&["\"x|y", "2"]]));
}

#[test]
fn a_delimiter_can_have_several_characters() {
    let read = csv("id||name|x\n1||\"a||b\"\n2||c|d\n", &none().with("delimiter", "||"));
    assert_eq!(read.names, ["id", "name|x"]);
    assert_eq!(read.rows, text(&[&["1", "a||b"], &["2", "c|d"]]));
    let read = csv("id::name\n1::a:b\n", &none().with("delimiter", "::"));
    assert_eq!(read.rows, text(&[&["1", "a:b"]]));
    let read = csv("id§name\n1§\u{e9}\n", &none().with("delimiter", "§"));
    assert_eq!(read.rows, text(&[&["1", "é"]]));
}

fn widths(widths: &[&str]) -> Options {
    none().with("widths", widths.iter().map(|width| (*width).to_owned()).collect::<Vec<_>>())
}

#[test]
fn cells_can_have_a_fixed_width_in_characters() {
    let file = "id name  n\n 1 Ngữ   2\n12 \"a,   3\n3  b\n4  c     99\n";
    let read = csv(file, &widths(&["3", "6", "1"]));
    assert_eq!(read.names, ["id", "name", "n"]);
    assert_eq!(read.rows, text(&[&["1", "Ngữ", "2"], &["12", "\"a,", "3"], &["3", "b", ""], &["4", "c", "9"]]));
    assert_eq!(read.faults(), [(FaultKind::LineLength, 4), (FaultKind::LineLength, 5)]);
    assert_eq!(read.details()[0], "4 characters where the widths add up to 10");
    let read = csv("ab rest of it\nc\n", &widths(&["2", "rest"]).with("header", false).with("trim", false));
    assert_eq!(read.rows, text(&[&["ab", " rest of it"], &["c", ""]]));
    assert_eq!(read.details(), ["1 character where the widths add up to at least 2"]);
    let names = vec!["a".to_owned()];
    let error = refused("ab\n", &widths(&["1", "1"]).with("header", false).with("columns", names));
    assert!(error.starts_with("`columns` has 1 names, and `widths` 2 columns"), "{error}");
}

#[test]
fn a_carriage_return_inside_a_line_is_a_fault() {
    let read = csv("code\nA1\nB2\rC3\rD4\n", &none());
    assert_eq!(read.rows.len(), 2);
    assert_eq!(read.faults(), [(FaultKind::OtherLineEnd, 3)]);
    // Inside of quotes it is text, and at the end of a line it is none.
    let read = csv("a,b\r\n\"x\ry\",1\r\n\"p\r\nq\",2\r\n3,4\r", &none());
    assert!(read.framing.faults.is_empty(), "{read:?}");
    let read = csv("a,b\r\n\"x\ry\",1\r2\r\n", &none());
    assert_eq!(read.faults(), [(FaultKind::OtherLineEnd, 2)]);
    // In the header, where no record holds it.
    let report = audits::audit_files(&[
        ("suite.yaml", "suite: s\ndatasets:\n  t: { source: a.csv }\n"),
        ("a.csv", "code\rA1\nB2\n"),
    ]);
    assert_eq!(report.datasets[0].rules[0].failed, 1);
    // The other way round: later lines of a file whose lines end with CR end with LF.
    let read = csv(format!("a,b\r{}3,4\n5,6\r", "1,2\r".repeat(20_000)), &none());
    assert_eq!(read.faults(), [(FaultKind::ExtraCells, 20_002), (FaultKind::OtherLineEnd, 20_002)]);
}

#[test]
fn a_repeated_header_is_a_record_with_a_fault() {
    let read = csv("id,name\n1,a\nid,name\n2,b\n\"id\",\"name\"\nid,names\n", &none());
    assert_eq!(read.rows.len(), 5);
    assert_eq!(read.faults(), [(FaultKind::RepeatedHeader, 3), (FaultKind::RepeatedHeader, 5)]);
    let read = csv(",name\n1,a\n,name\n,x\n", &none());
    assert_eq!(read.faults(), [(FaultKind::UnnamedColumn, 1), (FaultKind::RepeatedHeader, 3)]);
    assert!(csv("id,name\nid,name\n", &none().with("header", false)).framing.faults.is_empty());
}

#[test]
fn cells_of_many_lines_are_a_remark_and_no_fault() {
    let swallowed = (2..=16).fold(String::new(), |rows, row| rows + &row.to_string() + ",x\n");
    let read = csv(format!("id,name\n1,\"a\n{swallowed}17,b\"\n18,c\n"), &none());
    assert_eq!(read.rows.len(), 2);
    assert!(read.framing.faults.is_empty());
    assert_eq!(read.framing.remarks(), ["1 cell spans 17 lines from line 2 on: is a quote missing?"]);
    // Fewer lines say nothing.
    assert!(csv("a\n\"1\n2\n3\n4\n5\n6\n7\n8\n9\n10\"\n", &none()).framing.remarks().is_empty());
    // Where text follows the quote, the fault names both lines.
    let read = csv(format!("id,name\n1,\"a\n{swallowed}17,b \"Jr\"\n"), &none());
    assert_eq!(read.faults(), [(FaultKind::BadQuote, 2)]);
    assert_eq!(
        read.details(),
        ["text follows a closing quote: the cell begins on line 2, and its quote closes on line 18"]
    );
}

#[test]
fn what_is_left_out_is_said() {
    let suite = "suite: s\ndatasets:\n  t:\n    source: { path: a.csv, skip_rows: 2, footer_rows: 1, comment: '#' }\n    \
                 columns: { id: { required: true } }\n";
    let folder = Folder::of(&[("suite.yaml", suite), ("a.csv", "T\n\nid\n1\n# x\n2\n#y\nTotal\n")]);
    let report = audits::run(&folder.path("suite.yaml"), &[], 2);
    let sentence = "2 lines above the header, 2 comments and 1 record below the data are not data, by the declared \
                    dialect, and left out";
    assert_eq!(report.notices.iter().map(|notice| notice.text.as_str()).collect::<Vec<_>>(), [sentence]);
    let details = BTreeMap::from([
        ("comments".to_owned(), 2),
        ("lines_above_the_header".to_owned(), 2),
        ("records_below_the_data".to_owned(), 1),
    ]);
    let well_formed = report.datasets[0].rules.iter().find(|rule| rule.check == "well_formed").unwrap();
    assert_eq!(well_formed.details, details);
    assert_eq!(report.datasets[0].rows, Some(2));
    let shown = stdout(&run(&folder, &["audit", "suite.yaml"])).replace('\n', " ");
    assert!(shown.contains("2 lines above the header"), "{shown}");
}

#[test]
fn a_sample_takes_no_footer_for_data() {
    let file = format!("T\nid,a\n{}Total,1\n", "1,abcdefgh\n".repeat(200_000));
    let share = Share::parse("10%").unwrap();
    let (_folder, source) = open("data.csv", file.as_bytes(), &count("skip_rows", 1).with("footer_rows", 1_u64));
    assert!(matches!(source.unwrap().sample(share), Err(NoSample::Stream(_))));
    let (_folder, source) = open("data.csv", file.as_bytes(), &count("skip_rows", 1));
    source.unwrap().sample(share).unwrap();
}

#[test]
fn options_that_cannot_be_are_refused() {
    let file = "a,b\n1,2\n";
    for (options, problem) in [
        (none().with("comment", ",").with("delimiter", b','), "`comment` and the delimiter begin with the same"),
        (none().with("comment", ","), "`comment` and the delimiter begin with the same"),
        (none().with("comment", "\"x"), "`comment` begins with the quote or escape"),
        (none().with("comment", " "), "`comment` takes a text in one line"),
        (none().with("until", ""), "`until` takes a text in one line"),
        (none().with("until", "x").with("footer_rows", 1_u64), "`until` and `footer_rows` both say"),
        (count("header_row", 2).with("skip_rows", 2_u64), "`header_row: 2` is one of the lines that `skip_rows: 2`"),
        (count("header_row", 0), "`header_row` counts from 1"),
        (count("header_rows", 0), "`header_rows` counts from 1"),
        (count("header_rows", 11), "`header_rows` is more than 10"),
        (count("header_row", 2).with("header", false), "`header_row` does not go with `header: false`"),
        (count("footer_rows", 1_001), "`footer_rows` is more than 1000"),
        (count("longest_cell", 1), "`longest_cell` is from 1KiB to 1GiB"),
        (none().with("escape", b'"'), "`escape` and `quote` are the same"),
        (none().with("escape", b'a'), "`escape` takes one sign"),
        (none().with("escape", b','), "`escape` is part of the delimiter"),
        (none().with("delimiter", "|\""), "the quote character is part of the delimiter"),
        (widths(&["1"]).with("delimiter", b','), "`delimiter` does not go with `widths`"),
        (widths(&["1"]).with("quote", b'\''), "`quote` does not go with `widths`"),
    ] {
        let error = refused(file, &options);
        assert!(error.starts_with(problem), "{error} / {problem}");
    }
}

#[test]
fn options_of_suites_end_in_one_message() {
    for (options, message) in [
        ("widths: [2, x]", "`widths` takes a list of numbers of characters, such as [5, 10, rest]"),
        ("widths: [rest, 2]", "`widths` takes a list of numbers of characters"),
        ("longest_cell: big", "a number of bytes, such as 64MiB"),
        ("skip_rows: -1", "a whole number, 0 or more"),
        ("delimiter: ab", "one ASCII character, several signs such as `||`, or `tab`"),
        ("delimiter: '#', comment: '#'", "`comment` and the delimiter begin with the same characters"),
        ("until: Total, footer_rows: 1", "`until` and `footer_rows` both say where the data ends"),
    ] {
        let suite = format!("suite: s\ndatasets:\n  t:\n    source: {{ path: a.csv, {options} }}\n");
        let folder = Folder::of(&[("suite.yaml", suite.as_str()), ("a.csv", "a\n1\n")]);
        let output = run(&folder, &["lint", "suite.yaml"]);
        assert_eq!(code(&output), 2, "{options}");
        let said = format!("{}{}", stdout(&output), stderr(&output));
        assert!(said.contains(message), "{options}: {said}");
    }
    let suite = "suite: s\ndatasets:\n  t:\n    source: { path: a.csv, delimiter: '||', trim: yes, widths: [1] }\n";
    let folder = Folder::of(&[("suite.yaml", suite), ("a.csv", "a\n1\n")]);
    assert_eq!(code(&run(&folder, &["audit", "suite.yaml"])), 2);
    let suite = "suite: s\ndatasets:\n  t:\n    source: { path: a.csv, widths: [2, 2, rest], longest_cell: 64MiB }\n";
    let folder = Folder::of(&[("suite.yaml", suite), ("a.csv", "a b c\n1 2 3\n")]);
    let output = run(&folder, &["audit", "suite.yaml"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
}

#[test]
fn identify_takes_every_option() {
    let folder = Folder::of(&[("a.csv", "Title\nid||name\n1||a\nTotal||1\n")]);
    let with = |options: &[&str]| {
        let mut arguments = vec!["identify", "a.csv", "--as-of", "2026-01-01"];
        arguments.extend(options.iter().flat_map(|option| ["--read-with", *option]));
        run(&folder, &arguments)
    };
    let output = with(&["skip_rows=1", "delimiter=||", "until=Total"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let shown = stdout(&output);
    assert!(
        shown.contains("1 row") && shown.contains("2 columns") && shown.contains("1 line above the header"),
        "{shown}"
    );
    for (option, message) in [
        ("skip_rows", "write NAME=VALUE"),
        ("skip_row=1", "no format has an option `skip_row`, did you mean `skip_rows`?"),
        ("skip_rows=x", "`skip_rows` takes a whole number"),
    ] {
        let output = with(&[option]);
        assert_eq!(code(&output), 2);
        assert!(stderr(&output).contains(message), "{}", stderr(&output));
    }
}

// ---- Cells that are too long ----

const LONGEST: usize = 1 << 10;

#[test]
fn long_cells_with_line_ends_stay_one_cell() {
    let big = "x,\"\"y\"\"\n".repeat((40 << 20) / 9);
    let file = format!("id,text,end\n1,\"{big}\",a\n2,b,c\n3,\"d\",e\n");
    let (_folder, source) = open("data.csv", file.as_bytes(), &none());
    let read = scan(&source.unwrap(), 2);
    assert_eq!(read.rows.len(), 3);
    assert_eq!(read.rows[0], [Some("1".to_owned()), None, Some("a".to_owned())]);
    assert_eq!(read.rows[1..], text(&[&["2", "b", "c"], &["3", "d", "e"]]));
    let lines = big.matches('\n').count() as u64;
    assert_eq!(read.lines, [2, lines + 3, lines + 4]);
    assert_eq!(read.faults(), [(FaultKind::OversizedCell, 2)]);
    assert_eq!(read.details(), [format!("a cell is longer than 16 MiB: the record ends on line {}", lines + 2)]);
}

#[test]
fn the_longest_cell_can_be_set() {
    let file = format!("a,b\n\"{}\",1\n{},2\n", "x\n".repeat(600), "y".repeat(1_200));
    let of = |bytes: u64| csv(&file, &count("longest_cell", bytes));
    assert_eq!(of(2 << 10).faults(), []);
    let read = of(1 << 10);
    assert_eq!(read.rows, [[None, Some("1".to_owned())], [None, Some("2".to_owned())]]);
    assert_eq!(read.lines, [2, 603]);
    assert_eq!(read.details()[1], "a cell is longer than 1 KiB");
}

#[test]
fn a_sample_passes_over_long_cells_as_well() {
    let long = format!("7,\"{}z\"\n", "zz,y\n".repeat(1_000));
    let file = format!("id,text\n{}", format!("{}{long}", "1,\"abcdefghi\"\n".repeat(9_000)).repeat(30));
    let (_folder, source) = open("data.csv", file.as_bytes(), &none().with("longest_cell", LONGEST as u64));
    let source = source.unwrap();
    let sample = source.sample(Share::parse("60%").unwrap()).unwrap();
    let found = Mutex::new((0, 0));
    let visit = |mut block: Block| {
        for batch in block.take(&[0, 1]).unwrap() {
            let (Column::Text(ids), Column::Text(texts)) = (&batch.columns[0], &batch.columns[1]) else {
                panic!("they are texts");
            };
            for row in 0..batch.rows {
                match (ids.get(row), texts.get(row)) {
                    (Some("1"), Some("abcdefghi")) => found.lock().unwrap().0 += 1,
                    (Some("7"), None) => found.lock().unwrap().1 += 1,
                    other => panic!("{other:?}"),
                }
            }
        }
        true
    };
    let portion = Portion { sample: Some(&sample), ..Portion::default() };
    source.scan_blocks(&[0, 1], &portion, &visit, &|_| ()).unwrap();
    let (usual, long) = *found.lock().unwrap();
    assert!(usual > 100_000 && (5..=30).contains(&long), "{usual} {long}");
}

/// Rows of three cells, each a kind and a length.
fn rows_of(rows: &[[(u8, usize); 3]]) -> (String, Vec<Vec<Cell>>, Vec<u64>) {
    let mut file = "a,b,c\n".to_owned();
    let (mut cells, mut lines) = (Vec::new(), Vec::new());
    for row in rows {
        lines.push(file.matches('\n').count() as u64 + 1);
        let mut record = Vec::new();
        for (position, (kind, length)) in row.iter().enumerate() {
            let unit = ["é", "x\n", "\"\"z", ",\n", "\r\n\"\""][*kind as usize % 5];
            let raw = unit.repeat(*length);
            let quoted = kind % 5 > 0;
            file.push_str(if position > 0 { "," } else { "" });
            let quote = if quoted { "\"" } else { "" };
            file.extend([quote, raw.as_str(), quote]);
            let reads = if quoted { raw.replace("\"\"", "\"") } else { raw.clone() };
            record.push((raw.len() <= LONGEST).then_some(reads));
        }
        file.push('\n');
        cells.push(record);
    }
    (file, cells, lines)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn cells_of_any_length_are_one_cell_at_any_size_of_blocks(
        rows in prop::collection::vec(
            prop::array::uniform3((0_u8..5, prop_oneof![3 => 0_usize..20, 1 => 200_usize..900])),
            1..6,
        ),
        block in prop_oneof![1_usize..40, 500_usize..3_000],
        threads in 1_usize..4,
        // A quote that nothing closes, in one of these rows.
        stray in prop::option::of(0_usize..6),
        trim: bool,
        packed: bool,
        encoding in prop::sample::select(vec!["utf-8", "utf-16le"]),
    ) {
        // An unquoted empty row of one line would be none.
        let (mut file, mut cells, mut lines) = rows_of(&rows);
        if let Some(stray) = stray {
            let (mut tail, ..) = rows_of(&rows[..stray.min(rows.len())]);
            tail.drain(..6);
            let line = file.matches('\n').count() as u64 + 1;
            file.push_str("1,\"open,3\n");
            file.push_str(&tail.replace(",\"", ",").replace("\",", ",").replace("\"\n", "\n").replace(['"', '\r'], ""));
            cells.push(vec![Some("1".to_owned()), Some("\"open".to_owned()), Some("3".to_owned())]);
            lines.push(line);
        }
        let options = none().with("longest_cell", LONGEST as u64).with("trim", trim).with("encoding", encoding);
        let bytes: Vec<u8> = match encoding {
            "utf-8" => file.clone().into_bytes(),
            _ => file.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        };
        let bytes = if packed { gzip(&bytes) } else { bytes };
        let (_folder, source) = open("data.csv", &bytes, &options);
        let read = scan(&source.unwrap().with_block(block), threads);
        let known = cells.len();
        prop_assert_eq!(&read.rows[..known.min(read.rows.len())], &cells[..]);
        prop_assert_eq!(&read.lines[..known], &lines[..]);
        let (_folder, source) = open("data.csv", &bytes, &options);
        prop_assert_eq!(scan(&source.unwrap(), 1), read);
    }
}

// ---- Compared with a reference that reads one character after the other ----

/// How the reference reads.
#[derive(Debug, Clone)]
struct Dialect {
    delimiter: &'static str,
    quote: Option<char>,
    escape: Option<char>,
    comment: Option<&'static str>,
    trim: bool,
}

/// A record of the reference: cells, the line it starts on, whether a quote is bad.
type Record = (Vec<String>, u64, bool);

impl Dialect {
    fn is_white(&self, text: &str) -> Option<usize> {
        let first = text.chars().next()?;
        (!text.starts_with(self.delimiter) && first.is_whitespace() && !"\r\n".contains(first))
            .then(|| first.len_utf8())
    }

    fn behind_white(&self, text: &str, mut at: usize) -> usize {
        while self.trim
            && let Some(length) = self.is_white(&text[at..])
        {
            at += length;
        }
        at
    }

    /// How much the escape before this text makes ordinary.
    fn escaped(&self, text: &str) -> usize {
        let one = |c: char| text.starts_with(c);
        if text.starts_with("\r\n") {
            2
        } else if text.starts_with(self.delimiter) {
            self.delimiter.len()
        } else {
            let is_special = self.quote.is_some_and(one)
                || self.escape.is_some_and(one)
                || one('\r')
                || one('\n')
                || self.comment.is_some_and(|comment| text.starts_with(comment));
            usize::from(is_special)
        }
    }

    /// The end of a cell without quotes.
    fn end_of_cell(&self, text: &str, mut at: usize) -> usize {
        while at < text.len() && !text[at..].starts_with(self.delimiter) && !text[at..].starts_with('\n') {
            let next = text[at..].chars().next().unwrap();
            at += next.len_utf8();
            if Some(next) == self.escape {
                at += self.escaped(&text[at..]);
            }
        }
        at
    }

    fn without_end(&self, text: &str, start: usize, end: usize) -> usize {
        let mut cell = &text[start..end];
        if end == text.len() || text[end..].starts_with('\n') {
            cell = cell.strip_suffix('\r').unwrap_or(cell);
        }
        if self.trim {
            cell = cell.trim_end_matches(|c: char| c.is_whitespace() && !"\r\n".contains(c));
        }
        start + cell.len()
    }

    fn unescape(&self, raw: &str, quoted: bool) -> String {
        let mut text = String::new();
        let mut rest = raw;
        while let Some(next) = rest.chars().next() {
            rest = &rest[next.len_utf8()..];
            let escaped = if Some(next) == self.escape { self.escaped(rest) } else { 0 };
            if escaped > 0 {
                text.push_str(&rest[..escaped]);
                rest = &rest[escaped..];
            } else {
                text.push(next);
                if quoted && Some(next) == self.quote {
                    rest = rest.strip_prefix(next).unwrap_or(rest);
                }
            }
        }
        text
    }

    /// The place of the quote that closes the cell whose text starts at `at`.
    fn close(&self, text: &str, mut at: usize) -> Option<usize> {
        let quote = self.quote?;
        while let Some(next) = text[at..].chars().next() {
            let behind = at + next.len_utf8();
            if Some(next) == self.escape {
                at = behind + self.escaped(&text[behind..]);
            } else if next == quote && text[behind..].starts_with(quote) {
                at = behind + 1;
            } else if next == quote {
                return Some(at);
            } else {
                at = behind;
            }
        }
        None
    }

    fn records(&self, text: &str) -> (Vec<Record>, u64) {
        let (mut records, mut comments) = (Vec::new(), 0);
        let mut at = 0;
        while at < text.len() {
            let line = text[..at].matches('\n').count() as u64 + 1;
            let start = self.behind_white(text, at);
            let rest = &text[start..];
            if rest.is_empty() || rest == "\r" {
                break;
            }
            if let Some(length) = ["\n", "\r\n"].iter().find(|end| rest.starts_with(**end)).map(|end| end.len()) {
                at = start + length;
                continue;
            }
            if self.comment.is_some_and(|comment| rest.starts_with(comment)) {
                comments += 1;
                at = start + rest.find('\n').map_or(rest.len(), |end| end + 1);
                continue;
            }
            let (mut cells, mut bad) = (Vec::new(), false);
            loop {
                let start = self.behind_white(text, at);
                let opens = self.quote.is_some_and(|quote| text[start..].starts_with(quote));
                let close = if opens { self.close(text, start + 1) } else { None };
                bad |= opens && close.is_none();
                let from = close.map_or(start, |close| close + 1);
                let end = self.end_of_cell(text, from);
                let stop = self.without_end(text, from, end);
                let inner = close.map_or(String::new(), |close| self.unescape(&text[start + 1..close], true));
                bad |= close.is_some() && stop > from;
                cells.push(inner + &self.unescape(&text[from..stop], false));
                if text[end..].starts_with(self.delimiter) {
                    at = end + self.delimiter.len();
                } else {
                    at = (end + 1).min(text.len());
                    break;
                }
            }
            records.push((cells, line, bad));
        }
        (records, comments)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn every_dialect_reads_as_the_reference(
        pieces in prop::collection::vec(
            prop_oneof![
                3 => Just("D"), 3 => Just("\n"), 1 => Just("\r\n"), 2 => Just("\""), 1 => Just("\"\""), 2 => Just("a"),
                1 => Just("Nguyễn"), 2 => Just(" "), 1 => Just("\"x\""), 1 => Just("D\"x,\ny\""), 2 => Just("\\"),
                1 => Just("#"), 1 => Just("\n#"), 1 => Just("\t"), 1 => Just("\u{a0}"), 1 => Just("|"), 1 => Just("\r"),
                1 => Just("\\\""), 1 => Just("//"),
            ],
            1..40,
        ),
        delimiter in prop::sample::select(vec![",", "||", "\t", "::", "§", ", "]),
        quoted in prop::bool::weighted(0.8),
        escaped: bool,
        comment in prop::sample::select(vec![None, Some("#"), Some("//")]),
        trim: bool,
        footer in prop::sample::select(vec![0_usize, 0, 1, 3]),
        until: bool,
        block in 1_usize..40,
        threads in 1_usize..5,
    ) {
        let dialect = Dialect {
            delimiter,
            quote: quoted.then_some('"'),
            escape: escaped.then_some('\\'),
            comment,
            trim,
        };
        // The first line shows how lines end.
        let input = format!("0\n{}", pieces.concat().replace('D', delimiter));
        let (mut wanted, comments) = dialect.records(&input);
        let mut options = none()
            .with("header", false)
            .with("columns", vec!["a".to_owned(), "b".to_owned(), "c".to_owned()])
            .with("trim", trim)
            .with("quote", quoted.then_some(b'"'));
        options = match delimiter.as_bytes() {
            [one] => options.with("delimiter", *one),
            _ => options.with("delimiter", delimiter),
        };
        if escaped {
            options = options.with("escape", b'\\');
        }
        if let Some(comment) = comment {
            options = options.with("comment", comment);
        }
        let all = wanted.len();
        let mut found_end = true;
        if until {
            options = options.with("until", "a");
            let ends = |(cells, ..): &Record| {
                cells.iter().map(|cell| cell.trim()).find(|cell| !cell.is_empty()).is_some_and(|cell| cell.starts_with('a'))
            };
            let end = wanted.iter().position(ends);
            found_end = end.is_some();
            wanted.truncate(end.unwrap_or(all));
        } else {
            options = options.with("footer_rows", footer as u64);
            wanted.truncate(all.saturating_sub(footer));
        }
        let (_folder, source) = open("data.csv", input.as_bytes(), &options);
        let read = scan(&source.unwrap().with_block(block), threads);
        let rows: Vec<Vec<Cell>> =
            wanted.iter().map(|(cells, ..)| (0..3).map(|at| cells.get(at).cloned()).collect()).collect();
        prop_assert_eq!(&read.rows, &rows, "{:?}", input);
        prop_assert_eq!(&read.lines, &wanted.iter().map(|(_, line, _)| *line).collect::<Vec<_>>(), "{:?}", input);
        let faults: BTreeMap<FaultKind, u64> = read.framing.faults.iter().copied().collect();
        let fault = |kind| faults.get(&kind).copied().unwrap_or_default();
        let count = |test: &dyn Fn(&Record) -> bool| wanted.iter().filter(|record| test(record)).count() as u64;
        prop_assert_eq!(fault(FaultKind::BadQuote), count(&|record| record.2), "{:?}", input);
        prop_assert_eq!(fault(FaultKind::MissingCells), count(&|record| record.0.len() < 3), "{:?}", input);
        prop_assert_eq!(fault(FaultKind::NoEnd), u64::from(!found_end));
        prop_assert_eq!(read.framing.left_out.below, (all - wanted.len()) as u64, "{:?}", input);
        if !until && footer == 0 {
            prop_assert_eq!(read.framing.left_out.comments, comments, "{:?}", input);
        }
        let (_folder, source) = open("data.csv", input.as_bytes(), &options);
        prop_assert_eq!(scan(&source.unwrap(), 1), read);
    }
}

#[test]
fn a_missing_column_says_how_the_file_seems_to_be_written() {
    let table = format!("mã;họ tên;tỉnh\n{}", "1;Nguyễn Văn An;Huế\n2;Lê Ba;Huế\n".repeat(20));
    let wide: Vec<u8> = table.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, options) in [
        (table.clone().into_bytes(), "delimiter: \";\""),
        (format!("Báo cáo;;\n{table}").into_bytes(), "delimiter: \";\", skip_rows: 1"),
        (table.replace(';', "||").into_bytes(), "delimiter: \"||\""),
        (wide, "delimiter: \";\", encoding: utf-16le"),
        (tones_as_marks(&table), "delimiter: \";\", encoding: windows-1258"),
    ] {
        let folder = Folder::new();
        folder.write("t.csv", &bytes);
        let suite = |source: &str| {
            format!(
                "suite: s\ndatasets:\n  t:\n    source: {source}\n    columns:\n      họ tên: {{ required: true }}\n"
            )
        };
        folder.write("suite.yaml", suite("t.csv"));
        let output = run(&folder, &["audit", "suite.yaml"]);
        let declaration = format!("`source: {{ path: …, {options} }}`");
        assert_eq!(code(&output), 2);
        assert!(stderr(&output).contains(&declaration), "{options}: {}", stderr(&output));
        // What is said is right.
        folder.write("suite.yaml", suite(&format!("{{ path: t.csv, {options} }}")));
        let output = run(&folder, &["audit", "suite.yaml"]);
        assert_eq!(code(&output), 0, "{options}: {}{}", stdout(&output), stderr(&output));
    }
    // A file that is read as it is written says nothing of the kind.
    let folder = Folder::of(&[("t.csv", "a,b\n1,2\n3,4\n")]);
    folder.write(
        "suite.yaml",
        "suite: s\ndatasets:\n  t:\n    source: t.csv\n    columns:\n      other: { required: true }\n",
    );
    let message = stderr(&run(&folder, &["audit", "suite.yaml"]));
    assert!(message.contains("the columns are `a`, `b`") && !message.contains("looks as if"), "{message}");
}

/// The text in windows-1258, which writes tones as marks behind their letters.
fn tones_as_marks(text: &str) -> Vec<u8> {
    let marks =
        text.replace('ã', "a\u{303}").replace('ọ', "o\u{323}").replace('ễ', "ê\u{303}").replace('ỉ', "i\u{309}");
    let marks = marks.replace('ế', "ê\u{301}");
    let (bytes, _, is_lossy) = encoding_rs::WINDOWS_1258.encode(&marks);
    assert!(!is_lossy);
    bytes.into_owned()
}

#[test]
fn text_that_is_called_otherwise_says_what_to_do() {
    for (name, bytes, meant) in [
        (
            "t.xls",
            "<html><body><table><tr><td>id</td></tr></table></body></html>",
            "it is a web page: open it in a spreadsheet",
        ),
        ("t.xls", "\u{feff}<!DOCTYPE HTML>\n<table></table>", "it is a web page"),
        ("t.xls", "<?xml version=\"1.0\"?><Workbook/>", "it is XML"),
        ("t.xls", "id\tname\n1\tAn\n", "it is text: declare `format: csv`"),
        ("t.parquet", "id,name\n1,An\n", "it is text: declare `format: csv`"),
        ("t.arrow", "[{\"id\": 1}]", "it is text: declare `format: json`"),
        ("t.db", "{\"id\": 1}\n", "it is text: declare `format: ndjson`"),
        ("t.json", "[[1, 2], [3]]", "none of the first 2 elements is one, and the first (line 1) is a list"),
        ("t.json", "[\n7]", "and the first (line 2) is a number"),
        ("t.json", "[{}]", "is an object without keys"),
    ] {
        let problem = open(name, bytes.as_bytes(), &none()).1.unwrap_err().problem.to_string();
        assert!(problem.contains(meant), "{name} {bytes}: {problem}");
    }
}

/// What `identify` proposes, and the result of an audit that uses it.
fn pasted(folder: &Folder, args: &[&str], rest: &str) -> (String, serde_json::Value) {
    let said = stdout(&run(folder, &[&["identify"], args].concat()));
    let lines: Vec<&str> = said.lines().skip_while(|line| !line.starts_with("how it is written")).skip(1).collect();
    let joined = lines.join("\n").replace("\n    ", " ");
    let source = joined.lines().map(str::trim).find(|line| line.starts_with("source:")).expect(&said).to_owned();
    let keys: Vec<&str> = joined
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("decimal: \"") || line.starts_with("thousands: \""))
        .collect();
    let keys = keys.iter().map(|key| format!("    {key}\n")).collect::<Vec<_>>().concat();
    folder.write("suite.yaml", format!("suite: s\ndatasets:\n  t:\n    {source}\n{keys}{rest}"));
    let result = run(folder, &["audit", "suite.yaml", "--format", "json"]);
    (source, serde_json::from_slice(&result.stdout).unwrap_or_else(|_| panic!("{}", stderr(&result))))
}

#[test]
fn a_proposal_is_about_all_files_and_keeps_what_was_given() {
    let folder = Folder::new();
    for month in 1..=3 {
        folder.write(format!("months/{month}.csv"), "id;amount\n1;2,5\n2;3,25\n3;4,75\n");
    }
    folder.write("plain", "id;amount\n1;2,5\n2;3,25\n3;4,75\n");
    folder.write(
        "two.zip",
        zip(&[
            ("a b.csv", &b"id;amount\n1;2,5\n2;3,25\n3;4,75\n"[..]),
            ("c.csv", b"id;amount\n4;2,5\n5;3,25\n6;1,5\n"),
        ]),
    );
    let rules = "    rules: [{ check: required, columns: [id, amount] }]\n";
    for (args, path, rows) in [
        (&["months"][..], "path: months, ", 9),
        (&["months/*.csv"], "path: \"months/*.csv\", ", 9),
        (&["plain", "--input-format", "csv"], "path: plain, format: csv, ", 3),
        (&["two.zip", "--read-with", "member=*.csv"], "path: two.zip, member: \"*.csv\", ", 6),
        (&["two.zip", "--read-with", "member=a b.csv"], "path: two.zip, member: \"a b.csv\", ", 3),
    ] {
        let (source, result) = pasted(&folder, args, rules);
        assert!(source.contains(path), "{source}");
        assert_eq!(result["datasets"][0]["records"]["total"], rows, "{args:?} {source}");
    }
}

#[test]
fn totals_of_narrow_tables_and_blank_names() {
    let folder = Folder::new();
    let rules = "    rules: [{ id: sum, check: aggregate, that: sum(amount) = 435 }]\n    columns: { amount: { type: integer } }\n";
    folder.write("two.csv", "name;amount\na;100\nb;200\nc;135\nTotal;435\n(3 rows)\n");
    let (source, result) = pasted(&folder, &["two.csv"], rules);
    assert!(source.contains("until: Total"), "{source}");
    assert_eq!(result["datasets"][0]["rules"][0]["status"], "passed", "{result:#}");
    folder.write("odd.csv", "name;amount\na;100\nb;200\nc;135\nTotal;436\n");
    let said = stdout(&run(&folder, &["identify", "odd.csv"]));
    assert!(said.contains("the last record begins with `Total`"), "{said}");
    // Names with blanks, as FEBRL has them.
    folder.write("blank.csv", "id, born, amount\n1, 31/12/1999, 400\n2, 13/05/2001, 35\n");
    let (source, result) = pasted(&folder, &["blank.csv"], rules);
    assert!(source.contains("trim: true"), "{source}");
    assert_eq!(result["datasets"][0]["rules"][0]["status"], "passed", "{result:#}");
    // A title with one comma, and decimal commas: more cells win.
    let rows = (0..50).map(|row| format!("{row};x{row};{row},5;y\n")).collect::<Vec<_>>().concat();
    folder.write("title.csv", format!("Bao cao thang 11, 2026\nid;name;amount;kind\n{rows}"));
    let said = stdout(&run(&folder, &["identify", "title.csv"]));
    assert!(said.contains("delimiter: \";\"") && said.contains("skip_rows: 1"), "{said}");
}

#[test]
fn amounts_with_points_and_codes_with_points() {
    let folder = Folder::new();
    folder.write("vn.csv", "id;so_tien\n1;1.234.000\n2;12.500\n3;900\n4;2.000.000\n");
    let rules = "    rules: [{ id: sum, check: aggregate, that: sum(so_tien) = 3247400 }]\n    columns: { so_tien: { type: integer } }\n";
    let (_, result) = pasted(&folder, &["vn.csv"], rules);
    assert_eq!(result["datasets"][0]["rules"][0]["status"], "passed", "{result:#}");
    // Addresses say nothing about numbers, and a weight of three places is asked about.
    folder.write("ip.csv", "ip;weight\n192.168.134.100;73.967\n192.168.134.101;98.570\n192.168.134.102;60.125\n");
    let said = stdout(&run(&folder, &["identify", "ip.csv"]));
    assert!(!said.contains("thousands"), "{said}");
    folder.write("both.csv", "price;weight\n1.234.000;73.967\n12.500;98.570\n900;60.125\n");
    let said = stdout(&run(&folder, &["identify", "both.csv"]));
    assert!(
        said.contains("`weight`: 3 numbers have a point before three digits") && said.contains("price: {"),
        "{said}"
    );
}

#[test]
fn identify_finds_files_below_the_home() {
    let folder = Folder::of(&[("t.csv", "a,b\n1,2\n")]);
    let output = program(&folder).args(["identify", "~/t.csv"]).env("HOME", folder.root()).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
}

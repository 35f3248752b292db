//! How fast workbooks, databases and documents of JSON are read: cells a second on one thread, without rules.
//!
//! `cargo bench --bench formats [rows]` makes a workbook, a database and a document of ten columns (100,000 rows by default) in
//! a folder that disappears, and reads each three times. `KEEP=folder` leaves the files there for other programs:
//! `python benches/formats/others.py FOLDER` reads them with polars and `DuckDB`.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measures")]
#![expect(clippy::unwrap_used, reason = "a benchmark whose data cannot be made has failed")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use passmuster::source::{Options, Source, SourceSpec};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

const COLUMNS: usize = 10;

fn main() {
    let rows = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(100_000_u32);
    #[expect(clippy::disallowed_methods, reason = "a benchmark has no command line of its own")]
    let keep = std::env::var("KEEP").ok().map(PathBuf::from);
    let folder = tempfile::tempdir().unwrap();
    let folder = keep.unwrap_or_else(|| folder.path().to_owned());
    let (book, base, document) = (folder.join("bench.xlsx"), folder.join("bench.db"), folder.join("bench.json"));
    workbook(&book, rows);
    database(&base, rows);
    json(&document, rows);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    for path in [&book, &base, &document] {
        let mut best = [f64::INFINITY; 2];
        for _ in 0..3 {
            let before = Instant::now();
            let source = Source::open(&spec(path)).unwrap();
            best[0] = best[0].min(before.elapsed().as_secs_f64());
            let all: Vec<usize> = (0..source.columns().len()).collect();
            let before = Instant::now();
            let facts = pool.install(|| source.scan(&all, &|_| true, &|_| {})).unwrap();
            best[1] = best[1].min(before.elapsed().as_secs_f64());
            assert_eq!(facts.files[0].rows, u64::from(rows));
        }
        let cells = f64::from(rows) * COLUMNS as f64 / 1e6;
        println!(
            "{}: opened in {:.3} s, scanned in {:.3} s; {:.2} million cells a second in both",
            path.file_name().unwrap().to_string_lossy(),
            best[0],
            best[1],
            cells / (best[0] + best[1]),
        );
    }
}

fn spec(path: &Path) -> SourceSpec {
    SourceSpec {
        location: path.to_str().unwrap().to_owned(),
        further: Vec::new(),
        base: PathBuf::from("/"),
        format: None,
        options: Options::default(),
    }
}

/// A text that many rows share, and one that they do not.
fn texts(row: u32) -> (&'static str, String) {
    (["Hà Nội", "Huế", "Đà Nẵng", "Cần Thơ"][row as usize % 4], format!("person number {row}"))
}

fn workbook(path: &Path, rows: u32) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_low_memory().unwrap();
    let date = Format::new().set_num_format("yyyy-mm-dd");
    for column in 0..10 {
        sheet.write(0, column, format!("column {column}")).unwrap();
    }
    for row in 1..=rows {
        let (city, name) = texts(row);
        sheet.write(row, 0, row).unwrap().write(row, 1, city).unwrap().write(row, 2, name).unwrap();
        sheet
            .write_with_format(
                row,
                3,
                ExcelDateTime::from_serial_datetime(f64::from(40_000 + row % 5_000)).unwrap(),
                &date,
            )
            .unwrap();
        for column in 4..10_u16 {
            sheet.write(row, column, f64::from(row % 1_000) + f64::from(column) / 8.0).unwrap();
        }
    }
    book.save(path).unwrap();
}

fn database(path: &Path, rows: u32) {
    drop(std::fs::remove_file(path));
    let mut base = rusqlite::Connection::open(path).unwrap();
    base.execute_batch(
        "CREATE TABLE t(a INTEGER, b TEXT, c TEXT, d TEXT, e REAL, f REAL, g REAL, h REAL, i REAL, j REAL)",
    )
    .unwrap();
    let change = base.transaction().unwrap();
    {
        let mut insert = change.prepare("INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?5, ?5, ?5, ?5)").unwrap();
        for row in 1..=rows {
            let (city, name) = texts(row);
            let day = format!("2020-{:02}-{:02}", row % 12 + 1, row % 28 + 1);
            insert.execute((row, city, name, day, f64::from(row % 1_000) + 0.125)).unwrap();
        }
    }
    change.commit().unwrap();
}

fn json(path: &Path, rows: u32) {
    let mut out = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    write!(out, "[").unwrap();
    for row in 1..=rows {
        let (city, name) = texts(row);
        let day = format!("2020-{:02}-{:02}", row % 12 + 1, row % 28 + 1);
        let value = f64::from(row % 1_000) + 0.125;
        let comma = if row == 1 { "" } else { "," };
        write!(
            out,
            "{comma}\n{{\"a\":{row},\"b\":\"{city}\",\"c\":\"{name}\",\"d\":\"{day}\",\"e\":{value},\"f\":{value},\
             \"g\":{value},\"h\":{value},\"i\":{value},\"j\":{value}}}"
        )
        .unwrap();
    }
    writeln!(out, "\n]").unwrap();
}

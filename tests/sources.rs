//! Reading of data: every fault of a file is counted, with its line, and every cell that is there is given.
#![expect(clippy::unwrap_used, reason = "a test whose data cannot be made has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use passmuster::model::{DataType, FaultKind, Share};
use passmuster::source::{
    Batch, Column, FORMATS, Format, Options, Place, Problem, Sample, ScanFacts, Source, SourceError, SourceSpec,
};
use proptest::prelude::*;

use crate::support::folder::Folder;
use crate::support::packed::gzip;
use crate::support::repository::fixture;

/// A cell as text, whatever its type.
type Cell = Option<String>;

/// Everything that a scan gives.
pub(crate) struct Read {
    names: Vec<String>,
    pub(crate) rows: Vec<Vec<Cell>>,
    lines: Vec<u64>,
    malformed: Vec<usize>,
    places: Vec<Place>,
    facts: ScanFacts,
}

impl Read {
    fn faults(&self) -> BTreeMap<FaultKind, u64> {
        self.facts.framing.faults.iter().copied().collect()
    }

    fn lines_of(&self, kind: FaultKind) -> Vec<u64> {
        self.facts.framing.first_faults.iter().filter(|fault| fault.kind == kind).map(|fault| fault.line).collect()
    }
}

fn spec(location: impl AsRef<Path>) -> SourceSpec {
    SourceSpec {
        location: location.as_ref().to_str().unwrap().to_owned(),
        further: Vec::new(),
        base: PathBuf::from("/"),
        format: None,
        options: Options::default(),
    }
}

fn typed<T: ToString>(cells: &passmuster::source::Typed<T>, rows: &mut [Vec<Cell>]) {
    for (row, cell) in rows.iter_mut().enumerate() {
        let valid = cells.valid.as_ref().is_none_or(|valid| valid.get(row));
        let unreadable = cells.unreadable.as_ref().is_some_and(|bits| bits.get(row));
        cell.push(if unreadable {
            Some("unreadable".to_owned())
        } else {
            valid.then(|| cells.values[row].to_string())
        });
    }
}

fn cells(batch: &Batch) -> Vec<Vec<Cell>> {
    let mut rows = vec![Vec::new(); batch.rows];
    for column in &batch.columns {
        match column {
            Column::Text(text) => text.for_each(batch.rows, |row, cell| rows[row].push(cell.map(str::to_owned))),
            Column::Integer(cells) | Column::Datetime(cells) => typed(cells, &mut rows),
            Column::Decimal(cells) => typed(cells, &mut rows),
            Column::Float(cells) => typed(cells, &mut rows),
            Column::Date(cells) => typed(cells, &mut rows),
            Column::Nanoseconds(cells) => {
                let values =
                    cells.values.iter().map(|instant| format!("{}+{}", instant.micros, instant.nanos)).collect();
                let (valid, unreadable) = (cells.valid.clone(), cells.unreadable.clone());
                typed(&passmuster::source::Typed { values, valid, unreadable }, &mut rows);
            }
            Column::Boolean(cells) => typed(cells, &mut rows),
        }
    }
    rows
}

pub(crate) fn scan(source: &Source, columns: &[usize], threads: usize) -> Result<Read, SourceError> {
    let batches = Mutex::new(Vec::new());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let facts = pool.install(|| {
        source.scan(
            columns,
            &|batch| {
                batches.lock().unwrap().push(batch);
                true
            },
            &|_| {},
        )
    })?;
    let mut batches = batches.into_inner().unwrap();
    batches.sort_by_key(|batch| batch.place);
    let mut read = Read {
        names: {
            let all: Vec<_> = source.columns().iter().chain(source.inner_columns()).collect();
            columns.iter().map(|position| all[*position].name.clone()).collect()
        },
        rows: Vec::new(),
        lines: Vec::new(),
        malformed: Vec::new(),
        places: Vec::new(),
        facts,
    };
    for batch in batches {
        assert_eq!(batch.columns.len(), columns.len());
        read.malformed.extend(batch.malformed.iter().map(|row| *row as usize + read.rows.len()));
        let rows = cells(&batch);
        assert!(rows.iter().all(|row| row.len() == columns.len()));
        read.rows.extend(rows);
        read.lines.extend(batch.lines.iter().flat_map(|lines| lines.iter().copied()));
        read.places.push(batch.place);
    }
    assert_eq!(read.facts.framing.records, read.rows.len() as u64);
    assert_eq!(read.facts.framing.malformed, read.malformed.len() as u64);
    assert_eq!(read.facts.files.iter().map(|file| file.rows).sum::<u64>(), read.rows.len() as u64);
    Ok(read)
}

fn read_spec(spec: &SourceSpec) -> Result<Read, SourceError> {
    let source = Source::open(spec)?;
    let readable = (0..source.columns().len()).filter(|at| source.columns()[*at].data_type.is_some());
    scan(&source, &readable.collect::<Vec<_>>(), 2)
}

fn read_file(path: impl AsRef<Path>) -> Result<Read, SourceError> {
    read_spec(&spec(path))
}

fn text(rows: &[&[&str]]) -> Vec<Vec<Cell>> {
    rows.iter().map(|row| row.iter().map(|cell| Some((*cell).to_owned())).collect()).collect()
}

/// Reads the bytes as `data.csv`.
fn csv(bytes: impl AsRef<[u8]>) -> Result<Read, SourceError> {
    let folder = Folder::new();
    let path = folder.write("data.csv", bytes);
    read_file(path)
}

// ---- Delimited text: the collected malformed files ----

#[test]
fn malformed_files_are_read_as_expected() {
    use FaultKind::{ExtraCells, MissingCells, RepeatedColumn, RepeatedHeader, Undecodable, UnnamedColumn};
    // The faults that `expected.csv` tells in words.
    let faults: BTreeMap<&str, Vec<(FaultKind, u64)>> = BTreeMap::from([
        ("frictionless/blank-headers.csv", vec![(UnnamedColumn, 1)]),
        ("frictionless/duplicate-headers.csv", vec![(RepeatedColumn, 1), (RepeatedColumn, 1)]),
        ("frictionless/duplicate-column.csv", vec![(RepeatedColumn, 1)]),
        ("frictionless/capital-invalid.csv", vec![(RepeatedColumn, 1), (MissingCells, 10), (ExtraCells, 12)]),
        ("frictionless/countries.csv", vec![2, 3, 4, 5, 6].into_iter().map(|line| (ExtraCells, line)).collect()),
        ("frictionless/defective-rows.csv", vec![(MissingCells, 2), (ExtraCells, 3)]),
        (
            "frictionless/invalid.csv",
            vec![(UnnamedColumn, 1), (RepeatedColumn, 1), (MissingCells, 2), (MissingCells, 3), (ExtraCells, 5)],
        ),
        ("frictionless/schema-errors.csv", vec![(ExtraCells, 5)]),
        ("frictionless/structure-errors.csv", vec![(ExtraCells, 5)]),
        ("frictionless/skip-blank-at-the-end.csv", vec![(MissingCells, 2)]),
        ("frictionless/skip-rows.csv", vec![(ExtraCells, 2), (ExtraCells, 3), (RepeatedHeader, 4), (ExtraCells, 5)]),
        ("frictionless/skip-rows-before-headers.csv", vec![(ExtraCells, 2), (ExtraCells, 3), (ExtraCells, 4)]),
        ("frictionless/without-headers-extra.csv", vec![(ExtraCells, 3)]),
        ("frictionless/issue-1138.csv", vec![(UnnamedColumn, 1)]),
        ("frictionless/latin1.csv", vec![(Undecodable, 3)]),
        ("frictionless/table-infer-iso-8859-7.csv", vec![2, 3, 4, 5].into_iter().map(|l| (Undecodable, l)).collect()),
    ]);
    let root = fixture("malformed");
    let expected = read_file(root.join("expected.csv")).unwrap();
    assert!(expected.faults().is_empty());
    assert_eq!(expected.rows.len(), 45);
    for row in &expected.rows {
        let [file, outcome, records, columns, _, note] = [0, 1, 2, 3, 4, 5].map(|at| row[at].clone().unwrap());
        let mut spec = spec(root.join(&file));
        if note.contains("delimiter ;") {
            spec.options.set("delimiter", b';');
        }
        if file.ends_with("/empty.csv") && outcome == "fault" {
            assert_eq!(Source::open(&spec).unwrap_err().problem.to_string(), "empty: no header");
            continue;
        }
        let read = read_spec(&spec).unwrap_or_else(|error| panic!("{file}: {error}"));
        if file.ends_with("implicit-gz.csv") {
            // Its bytes say what it is, so it is read as that.
            assert_eq!(read.rows, text(&[&["1", "english"], &["2", "中国人"]]));
            continue;
        }
        assert_eq!(read.rows.len().to_string(), records, "{file}");
        assert_eq!(read.names.len().to_string(), columns, "{file}");
        let found: Vec<_> = read.facts.framing.first_faults.iter().map(|fault| (fault.kind, fault.line)).collect();
        let mut wanted = faults.get(file.as_str()).cloned().unwrap_or_default();
        wanted.sort_by_key(|(kind, line)| (*line, *kind));
        assert_eq!(found, wanted, "{file}");
        assert_eq!(found.is_empty(), outcome == "accept", "{file}");
    }
}

#[test]
fn csv_spectrum_gives_the_cells_of_its_json() {
    let root = fixture("malformed/csv_spectrum");
    let mut files = 0;
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        // `location_coordinates.json` does not hold what its CSV holds.
        if path.extension().unwrap() != "csv" || path.ends_with("location_coordinates.csv") {
            continue;
        }
        let json: Vec<BTreeMap<String, String>> =
            serde_json::from_slice(&fs::read(path.with_extension("json")).unwrap()).unwrap();
        let read = read_file(&path).unwrap();
        let rows: Vec<BTreeMap<String, String>> = read
            .rows
            .iter()
            .map(|row| read.names.iter().cloned().zip(row.iter().map(|cell| cell.clone().unwrap())).collect())
            .collect();
        assert_eq!(rows, json, "{}", path.display());
        files += 1;
    }
    assert_eq!(files, 11);
}

// ---- Delimited text: compared with a reference that reads one character after the other ----

/// A record of the reference: cells, the line it starts on, whether a quote is bad.
type Record = (Vec<String>, u64, bool);

/// RFC 4180, one character after the other, as slowly as it gets.
fn reference(input: &str) -> Vec<Record> {
    let characters: Vec<char> = input.chars().collect();
    let mut records = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < characters.len() {
        if characters[at] == '\n' || (characters[at] == '\r' && matches!(characters.get(at + 1), None | Some('\n'))) {
            at += if characters[at] == '\r' && at + 1 < characters.len() { 2 } else { 1 };
            line += 1;
            continue;
        }
        let first_line = line;
        let (mut cells, mut bad) = (Vec::new(), false);
        loop {
            let mut cell = String::new();
            // Is there a closing quote at all?
            let mut closed = None;
            if characters.get(at) == Some(&'"') {
                let mut next = at + 1;
                let mut inner = String::new();
                while next < characters.len() {
                    if characters[next] != '"' {
                        inner.push(characters[next]);
                        next += 1;
                    } else if characters.get(next + 1) == Some(&'"') {
                        inner.push('"');
                        next += 2;
                    } else {
                        closed = Some((next + 1, inner));
                        break;
                    }
                }
                bad |= closed.is_none();
            }
            let quoted = closed.is_some();
            if let Some((next, inner)) = closed {
                line += inner.chars().filter(|c| *c == '\n').count() as u64;
                cell = inner;
                at = next;
            }
            let mut rest = String::new();
            while at < characters.len() && characters[at] != ',' && characters[at] != '\n' {
                rest.push(characters[at]);
                at += 1;
            }
            if at == characters.len() || characters[at] == '\n' {
                rest = rest.strip_suffix('\r').map(str::to_owned).unwrap_or(rest);
            }
            bad |= quoted && !rest.is_empty();
            cells.push(cell + &rest);
            if characters.get(at) == Some(&',') {
                at += 1;
                continue;
            }
            if at < characters.len() {
                at += 1;
                line += 1;
            }
            break;
        }
        records.push((cells, first_line, bad));
    }
    records
}

fn compare(input: &str, block: usize, threads: usize) {
    let wanted = reference(input);
    let folder = Folder::new();
    let path = folder.write("data.csv", input);
    let mut spec = spec(path);
    spec.options.set("header", false);
    spec.options.set("columns", vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]);
    let source = Source::open(&spec).unwrap().with_block(block);
    let read = scan(&source, &[0, 1, 2], threads).unwrap();
    let rows: Vec<Vec<Cell>> =
        wanted.iter().map(|(cells, ..)| (0..3).map(|at| cells.get(at).cloned()).collect()).collect();
    assert_eq!(read.rows, rows, "{input:?}");
    assert_eq!(read.lines, wanted.iter().map(|(_, line, _)| *line).collect::<Vec<_>>(), "{input:?}");
    let count = |test: fn(&Record) -> bool| wanted.iter().filter(|record| test(record)).count();
    let faults = read.faults();
    let fault = |kind| usize::try_from(faults.get(&kind).copied().unwrap_or_default()).unwrap();
    assert_eq!(fault(FaultKind::BadQuote), count(|record| record.2), "{input:?}");
    assert_eq!(fault(FaultKind::MissingCells), count(|record| record.0.len() < 3), "{input:?}");
    assert_eq!(fault(FaultKind::ExtraCells), count(|record| record.0.len() > 3), "{input:?}");
    // The same at any position of columns.
    let last = scan(&source, &[2], threads).unwrap();
    assert!(last.rows.iter().zip(&read.rows).all(|(one, all)| one[0] == all[2]));
    assert_eq!(last.facts, read.facts);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn splitter_reads_as_the_reference(
        pieces in prop::collection::vec(
            prop_oneof![
                Just(","), Just("\n"), Just("\r\n"), Just("\""), Just("\"\""), Just("a"), Just("Nguyễn"), Just(" "),
                Just("\"x\""), Just("\"x,\ny\""), Just("\"\"\"\""), Just("\u{1f980}"), Just("0"), Just(",,"),
            ],
            1..40,
        ),
        block in 1_usize..40,
        many in any::<bool>(),
    ) {
        let input = pieces.concat();
        // Files of empty lines have no records, which is an error.
        prop_assume!(!reference(&input).is_empty());
        // A file without LF outside of quotes is one of the CR kind, which the reference does not know.
        prop_assume!(!input.contains('\r') || reference(&input).len() > 1);
        compare(&input, block, if many { 4 } else { 1 });
    }

    #[test]
    fn well_formed_files_read_as_written(
        rows in prop::collection::vec(prop::collection::vec("[a,\"\r\nữ ]{0,6}", 3), 1..20),
        block in 1_usize..60,
    ) {
        let quote = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let lines: Vec<String> = rows.iter().map(|row| row.iter().map(quote).collect::<Vec<_>>().join(",")).collect();
        let folder = Folder::new();
        let path = folder.write("data.csv", format!("x,y,z\r\n{}\r\n", lines.join("\r\n")));
        let source = Source::open(&spec(path)).unwrap().with_block(block);
        for threads in [1, 4] {
            let read = scan(&source, &[0, 1, 2], threads).unwrap();
            let wanted: Vec<Vec<Cell>> = rows.iter().map(|row| row.iter().cloned().map(Some).collect()).collect();
            prop_assert_eq!(&read.rows, &wanted);
            prop_assert!(read.faults().is_empty());
        }
    }
}

// ---- Delimited text: single faults ----

#[test]
fn an_unclosed_quote_costs_one_line() {
    let read = csv("a,b\n1,\"x\n2,y\n3,z\n").unwrap();
    assert_eq!(read.rows, text(&[&["1", "\"x"], &["2", "y"], &["3", "z"]]));
    assert_eq!(read.faults(), BTreeMap::from([(FaultKind::BadQuote, 1)]));
    assert_eq!(read.lines_of(FaultKind::BadQuote), [2]);
    assert_eq!(read.malformed, [0]);
}

#[test]
fn an_unclosed_quote_in_a_long_file_costs_one_line() {
    let mut file = "a,b\n1,\"x\n".to_owned();
    let lines = 3_000_000;
    for _ in 0..lines {
        file.push_str("1234,y\n");
    }
    let read = csv(&file).unwrap();
    assert_eq!(read.rows.len(), lines + 1);
    assert_eq!(read.faults(), BTreeMap::from([(FaultKind::BadQuote, 1)]));
    assert_eq!(read.lines.last(), Some(&(lines as u64 + 2)));
}

#[test]
fn files_that_end_inside_a_record_are_cut_off() {
    let read = csv("a,b\n1,x\n2,\"y").unwrap();
    assert_eq!(read.rows.len(), 2);
    assert_eq!(read.faults(), BTreeMap::from([(FaultKind::BadQuote, 1), (FaultKind::CutOff, 1)]));
    let read = csv("a,b\n1,x\n2").unwrap();
    assert_eq!(read.rows[1], [Some("2".to_owned()), None]);
    assert_eq!(read.faults(), BTreeMap::from([(FaultKind::MissingCells, 1), (FaultKind::CutOff, 1)]));
    assert_eq!(read.lines_of(FaultKind::CutOff), [3]);
    assert_eq!(read.facts.framing.malformed, 1);
    let read = csv("a,b\n1,x\n2\n").unwrap();
    assert_eq!(read.faults(), BTreeMap::from([(FaultKind::MissingCells, 1)]));
}

#[test]
fn text_after_a_closing_quote_is_kept_and_counted() {
    let read = csv("a,b\n\"x\"y,1\n\"p\"\"q\" ,2\n x \"y\",3\n").unwrap();
    assert_eq!(read.rows, text(&[&["xy", "1"], &["p\"q ", "2"], &[" x \"y\"", "3"]]));
    assert_eq!(read.lines_of(FaultKind::BadQuote), [2, 3]);
}

#[test]
fn ragged_records_are_records() {
    let read = csv("a,b,c\n1\n1,2,3,4\n\n,,\n1,2,3\n").unwrap();
    assert_eq!(read.rows.len(), 4);
    assert_eq!(read.rows[0], [Some("1".to_owned()), None, None]);
    assert_eq!(read.rows[1..], text(&[&["1", "2", "3"], &["", "", ""], &["1", "2", "3"]]));
    assert_eq!(read.malformed, [0, 1]);
    assert_eq!(read.lines, [2, 3, 5, 6]);
    let details: Vec<_> = read.facts.framing.first_faults.iter().map(|fault| fault.detail.as_str()).collect();
    assert_eq!(details, ["1 cell where the header has 3", "4 cells where the header has 3"]);
}

#[test]
fn line_ends_of_all_kinds() {
    for end in ["\n", "\r\n", "\r"] {
        let read = csv(["a,b", "1,x", "2,\"y\"", "3,z", ""].join(end)).unwrap();
        assert_eq!(read.rows, text(&[&["1", "x"], &["2", "y"], &["3", "z"]]), "{end:?}");
        assert_eq!(read.lines, [2, 3, 4]);
        assert!(read.faults().is_empty());
        assert_eq!(csv(["a,b", "1,x"].join(end)).unwrap().rows, text(&[&["1", "x"]]));
    }
    // A CR that ends no line is data.
    assert_eq!(csv("a,b\n1,x\ry\n").unwrap().rows, text(&[&["1", "x\ry"]]));
}

#[test]
fn one_column_skips_empty_lines() {
    let read = csv("a\n1\n\n\"\"\n2\n").unwrap();
    assert_eq!(read.rows, text(&[&["1"], &[""], &["2"]]));
    assert_eq!(read.lines, [2, 4, 5]);
}

#[test]
fn headers_are_named_and_counted() {
    let read = csv("id,,id,id_2,column_2,id\n1,2,3,4,5,6\n").unwrap();
    assert_eq!(read.names, ["id", "column_2_2", "id_3", "id_2", "column_2", "id_4"]);
    assert_eq!(read.faults(), BTreeMap::from([(FaultKind::UnnamedColumn, 1), (FaultKind::RepeatedColumn, 2)]));
    assert_eq!(read.facts.framing.malformed, 0);
    // A header may be quoted and go over lines.
    let read = csv("\n\"a\nb\",\"c\"\"d\"\n1,2\n").unwrap();
    assert_eq!(read.names, ["a\nb", "c\"d"]);
    assert_eq!(read.lines, [4]);
}

#[test]
fn without_header() {
    let folder = Folder::new();
    let mut spec = spec(folder.write("x.csv", "1,2\n3,4,5\n"));
    spec.options.set("header", false);
    let read = read_spec(&spec).unwrap();
    assert_eq!(read.names, ["column_1", "column_2"]);
    assert_eq!(read.rows, text(&[&["1", "2"], &["3", "4"]]));
    assert_eq!(read.facts.framing.first_faults[0].detail, "3 cells where there should be 2");
    spec.options.set("columns", vec!["x".to_owned(), "x".to_owned()]);
    assert!(Source::open(&spec).unwrap_err().problem.to_string().contains("declared twice"));
}

#[test]
fn no_quotes_where_none_are_declared() {
    let folder = Folder::new();
    let mut spec = spec(folder.write("x.csv", "a,b\n\"1,2\"\n"));
    spec.options.set("quote", None);
    assert_eq!(read_spec(&spec).unwrap().rows, text(&[&["\"1", "2\""]]));
}

#[test]
fn nul_bytes_are_counted() {
    let read = csv("a,b\n1,x\0y\n2,z\n\0,\0\n").unwrap();
    assert_eq!(read.rows.len(), 3);
    assert_eq!(read.rows[0][1].as_deref(), Some("x\0y"));
    assert_eq!(read.faults(), BTreeMap::from([(FaultKind::NulByte, 2)]));
    assert_eq!(read.lines_of(FaultKind::NulByte), [2, 4]);
}

#[test]
fn undecodable_bytes_are_counted_on_their_line() {
    let mut file = b"a,b\n\xe9,1\n".to_vec();
    for _ in 0..50_000 {
        file.extend_from_slice("Nguyễn,2\n".as_bytes());
    }
    file.extend_from_slice(b"\"x\ny\xff\xfez\"\"\",3\n\"unclosed\xc3,4\n");
    let folder = Folder::new();
    let path = folder.write("x.csv", &file);
    let source = Source::open(&spec(path)).unwrap();
    let whole = scan(&source, &[0, 1], 1).unwrap();
    assert_eq!(whole.faults(), BTreeMap::from([(FaultKind::Undecodable, 3), (FaultKind::BadQuote, 1)]));
    assert_eq!(whole.lines_of(FaultKind::Undecodable), [2, 50_004, 50_005]);
    assert_eq!(whole.rows[0][0].as_deref(), Some("\u{fffd}"));
    assert_eq!(whole.rows[50_001][0].as_deref(), Some("x\ny\u{fffd}\u{fffd}z\""));
    assert_eq!(whole.rows[50_002][0].as_deref(), Some("\"unclosed\u{fffd}"));
    assert_eq!(whole.malformed, [0, 50_001, 50_002]);
    for (block, threads) in [(1000, 4), (4096, 1), (77, 4)] {
        let source = Source::open(&spec(folder.path("x.csv"))).unwrap().with_block(block);
        let read = scan(&source, &[0, 1], threads).unwrap();
        assert_eq!((read.rows, read.lines, read.facts), (whole.rows.clone(), whole.lines.clone(), whole.facts.clone()));
    }
    // In the header.
    let read = csv(b"a\xe9,b\n1,2\n").unwrap();
    assert_eq!(read.names, ["a\u{fffd}", "b"]);
    assert_eq!(read.lines_of(FaultKind::Undecodable), [1]);
    assert_eq!(read.facts.framing.malformed, 0);
    // A replacement character that is in the file is none.
    assert!(csv("a,b\n\u{fffd},1\n").unwrap().faults().is_empty());
}

#[test]
fn declared_encodings() {
    let folder = Folder::new();
    let plain = "tên,số\nNguyễn,1\n\"a\n\"\"b\",2\n";
    let wanted = csv(plain).unwrap();
    let utf16: Vec<u8> = std::iter::once(0xfeff).chain(plain.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let mut spec = spec(folder.write("x.csv", utf16));
    assert_eq!(
        Source::open(&spec).unwrap_err().problem.to_string(),
        "is UTF-16: say so, `encoding: utf-16le` in a suite or --encoding utf-16le on the command line"
    );
    spec.options.set("encoding", "utf-16le");
    for block in [1, 5, 1 << 20] {
        let source = Source::open(&spec).unwrap().with_block(block);
        let read = scan(&source, &[0, 1], 2).unwrap();
        assert_eq!(
            (read.names, read.rows, read.lines),
            (wanted.names.clone(), wanted.rows.clone(), wanted.lines.clone())
        );
    }
    spec.options.set("encoding", "windows1258");
    let problem = Source::open(&spec).unwrap_err().problem.to_string();
    assert!(problem.contains("did you mean `windows-1258`?"), "{problem}");
    // Bytes that the encoding does not have.
    spec.options.set("encoding", "windows-1253");
    spec.location = folder.write("y.csv", b"a\n\xe1\n\xff\n").to_str().unwrap().to_owned();
    let read = read_spec(&spec).unwrap();
    assert_eq!(read.rows, text(&[&["α"], &["\u{fffd}"]]));
    assert_eq!(read.lines_of(FaultKind::Undecodable), [3]);
}

#[test]
fn big_cells() {
    let big = "x".repeat(10 << 20);
    let read = csv(format!("a,b\n1,{big}\n2,\"{big}\n{}\"\n", &big[..1000])).unwrap();
    assert_eq!(read.rows[0][1].as_deref(), Some(big.as_str()));
    assert_eq!(read.rows[1][1].as_ref().unwrap().len(), big.len() + 1001);
    assert!(read.faults().is_empty());
    // Over the limit: the cell is not there, the rest is.
    let huge = "é".repeat(30 << 20);
    let read = csv(format!("a,b,c\n1,{huge},3\n4,5,6\n")).unwrap();
    assert_eq!(read.rows[0], [Some("1".to_owned()), None, Some("3".to_owned())]);
    assert_eq!(read.rows[1..], text(&[&["4", "5", "6"]]));
    assert_eq!(read.faults(), BTreeMap::from([(FaultKind::OversizedCell, 1)]));
    assert_eq!(read.lines, [2, 3]);
}

#[test]
fn wide_tables() {
    let header: Vec<String> = (0..5000).map(|at| format!("c{at}")).collect();
    let read = csv(format!("{}\n{}\n", header.join(","), ",".repeat(4999))).unwrap();
    assert_eq!((read.names.len(), read.rows.len()), (5000, 1));
    assert!(read.faults().is_empty());
    let header: Vec<&str> = vec!["same"; 20_001];
    let problem = csv(format!("{}\n", header.join(","))).err().unwrap().problem.to_string();
    assert!(problem.contains("20001 columns"), "{problem}");
    let read = csv(format!("{}\n", header[1..].join(","))).unwrap();
    assert_eq!(read.faults(), BTreeMap::from([(FaultKind::RepeatedColumn, 19_999)]));
    assert_eq!(read.names[19_999], "same_20000");
}

#[test]
fn columns_by_position() {
    let folder = Folder::new();
    let source = Source::open(&spec(folder.write("x.csv", "a,b,c\n1,\"2\"\"\",3\n4\n"))).unwrap();
    let read = scan(&source, &[2, 1], 1).unwrap();
    assert_eq!(read.rows, [vec![Some("3".to_owned()), Some("2\"".to_owned())], vec![None, None]]);
    assert_eq!(scan(&source, &[], 1).unwrap().rows.len(), 2);
    assert!(scan(&source, &[0, 0], 1).is_err());
    // Behind the columns are the same ones with composed texts.
    assert_eq!(source.position("nfc(a)"), Some(3));
    assert!(scan(&source, &[6], 1).is_err());
}

#[test]
fn a_visitor_may_stop_the_scan() {
    let folder = Folder::new();
    let path = folder.write("x.csv", "a\n1\n".to_owned() + &"2\n".repeat(10_000));
    let source = Source::open(&spec(path)).unwrap().with_block(16);
    let facts = source.scan(&[0], &|_| false, &|_| {}).unwrap();
    assert!(facts.framing.records < 10_000);
}

#[test]
fn progress_ends_at_the_size() {
    let folder = Folder::new();
    for (name, bytes) in [("x.csv", b"a\n1\n2\n".repeat(1000)), ("y.csv", gzip(&b"a\n1\n2\n".repeat(1000)))] {
        let source = Source::open(&spec(folder.write(name, &bytes))).unwrap().with_block(100);
        let read = std::sync::atomic::AtomicU64::new(0);
        source
            .scan(&[0], &|_| true, &|bytes| {
                read.fetch_add(bytes, std::sync::atomic::Ordering::Relaxed);
            })
            .unwrap();
        assert_eq!(read.into_inner(), bytes.len() as u64);
        assert_eq!(source.extent().bytes, bytes.len() as u64);
    }
}

// ---- Packings ----

#[test]
fn packed_files_are_known_by_their_bytes() {
    let folder = Folder::new();
    let mut members = gzip(b"a,b\n1,x\n2,");
    members.extend(gzip(b"y\n3,z\n"));
    let wanted = text(&[&["1", "x"], &["2", "y"], &["3", "z"]]);
    for name in ["x.csv.gz", "x.csv", "x.csv.zst"] {
        assert_eq!(read_file(folder.write(name, &members)).unwrap().rows, wanted);
    }
    let frames: Vec<u8> =
        [&b"a,b\n1,x\n2,"[..], b"y\n3,z\n"].iter().flat_map(|part| zstd::encode_all(*part, 3).unwrap()).collect();
    assert_eq!(read_file(folder.write("y.csv.zst", frames)).unwrap().rows, wanted);
}

#[test]
fn damaged_packings_are_errors() {
    let folder = Folder::new();
    let mut state = 1_u32;
    let mut lines = b"a,b\n".to_vec();
    for row in 0..200_000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        writeln!(lines, "{row},{state}").unwrap();
    }
    let whole = gzip(&lines);
    for (name, cut) in [("x.csv.gz", &whole[..whole.len() - 1000]), ("y.csv.gz", &whole[..whole.len() / 2])] {
        let error = read_spec(&spec(folder.write(name, cut))).err().unwrap();
        assert!(error.path.ends_with(name));
        assert!(error.problem.to_string().contains("ends too early"), "{error}");
    }
    let source = Source::open(&spec(folder.path("y.csv.gz"))).unwrap().with_block(100_000);
    for threads in [1, 4] {
        let error = scan(&source, &[0], threads).err().unwrap();
        assert!(error.problem.to_string().ends_with("rows were read before)"), "{error}");
    }
    let packed = zstd::encode_all(lines.as_slice(), 3).unwrap();
    let error = read_spec(&spec(folder.write("x.csv.zst", &packed[..packed.len() / 2]))).err().unwrap();
    assert!(error.problem.to_string().contains("zstd stream"), "{error}");
    let mut flipped = whole;
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0xff;
    assert!(read_file(folder.write("z.csv.gz", flipped)).is_err());
    let error = read_file(folder.write("x.csv", b"PK\x03\x04rest")).err().unwrap();
    assert!(error.problem.to_string().contains("zip archive"), "{error}");
}

#[test]
fn bombs_are_defused() {
    let folder = Folder::new();
    let mut packer = zstd::Encoder::new(Vec::new(), 3).unwrap();
    packer.write_all(b"a,b\n").unwrap();
    for _ in 0..200 {
        packer.write_all(&vec![b'0'; 1 << 20]).unwrap();
    }
    let path = folder.write("x.csv.zst", packer.finish().unwrap());
    let error = read_file(path).err().unwrap();
    assert!(error.problem.to_string().contains("1000 times its size"), "{error}");
}

// ---- Formats ----

#[test]
fn formats_have_names_and_extensions_of_their_own() {
    let mut names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
    let mut extensions: Vec<&str> = FORMATS.iter().flat_map(|format| format.extensions).copied().collect();
    let counts = (names.len(), extensions.len());
    names.sort_unstable();
    names.dedup();
    extensions.sort_unstable();
    extensions.dedup();
    assert_eq!((names.len(), extensions.len()), counts);
    for format in FORMATS {
        assert_eq!(Format::from_name(format.name), Some(*format));
        for extension in format.extensions {
            let path = PathBuf::from(format!("a/b.{}.gz", extension.to_uppercase()));
            assert_eq!(Format::of_path(&path), Some(*format), "{extension}");
        }
        for option in format.options {
            assert!(format.has_option(option.name) && !option.doc.is_empty() && !option.default.is_empty());
        }
    }
}

#[test]
fn options_that_a_format_does_not_have_are_refused() {
    let folder = Folder::new();
    let mut spec = spec(folder.write("x.jsonl", "{\"a\": 1}\n"));
    spec.options.set("delimiter", b';');
    let error = Source::open(&spec).unwrap_err();
    assert!(matches!(error.problem, Problem::Option(_)), "{error}");
    assert!(error.to_string().ends_with("the format ndjson has no option `delimiter`: it has no options"), "{error}");
    let mut spec = self::spec(folder.write("x.csv", "a\n1\n"));
    spec.options.set("delimeter", b';');
    let error = Source::open(&spec).unwrap_err().to_string();
    assert!(
        error.contains("has no option `delimeter`: it has delimiter, quote, header, columns, encoding, skip_rows"),
        "{error}"
    );
    spec.options = Options::default().with("header", "no");
    let error = Source::open(&spec).unwrap_err().to_string();
    assert!(error.contains("`header` takes `true` or `false`"), "{error}");
}

#[test]
fn files_of_another_format_name_it() {
    let folder = Folder::new();
    let found = |name: &str, bytes: &[u8]| read_file(folder.write(name, bytes)).err().unwrap().problem;
    for (name, bytes, message) in [
        ("a.csv", &b"PAR1rest of the file"[..], "is not delimited text but Parquet: declare `format: parquet`"),
        ("b.csv", b"ARROW1rest of the file", "is not delimited text but an Arrow file: declare `format: ipc`"),
        ("c.jsonl", b"PAR1rest of the file", "is not lines of JSON but Parquet: declare `format: parquet`"),
        (
            "d.parquet",
            b"PK\x03\x04rest of the file",
            "is a zip archive or a workbook: declare `format: spreadsheet` for a workbook, or unpack it",
        ),
        ("e.csv", b"7z\xbc\xaf\x27\x1crest of the file", "is a 7z archive: unpack it"),
    ] {
        let problem = found(name, bytes);
        assert!(matches!(problem, Problem::Foreign(_)), "{problem}");
        assert_eq!(problem.to_string(), message);
    }
}

#[test]
fn what_a_request_carries_survives_json() {
    let folder = Folder::new();
    let mut spec = spec(folder.write("x.csv", format!("a;b\n{}", "1;2\n".repeat(400_000))));
    spec.format = Format::from_name("csv");
    spec.options = Options::default().with("delimiter", b';').with("quote", None).with("header", true);
    spec.options.set("encoding", "utf-8");
    let written = serde_json::to_string(&spec).unwrap();
    assert_eq!(serde_json::from_str::<SourceSpec>(&written).unwrap(), spec, "{written}");
    let unknown = serde_json::from_str::<SourceSpec>(&written.replace("\"csv\"", "\"xml\"")).unwrap_err().to_string();
    assert!(unknown.contains("`xml` is no format; there are csv, parquet"), "{unknown}");
    let sample = Source::open(&spec).unwrap().sample(Share::parse("30%").unwrap()).unwrap();
    let written = serde_json::to_string(&sample).unwrap();
    assert_eq!(serde_json::from_str::<Sample>(&written).unwrap(), sample);
}

// ---- Files ----

fn problem(location: impl AsRef<Path>) -> String {
    Source::open(&spec(location)).unwrap_err().problem.to_string()
}

#[test]
fn unusable_locations_name_the_way_out() {
    let folder = Folder::new();
    let root = folder.root();
    folder.write("citizens.csv", "a\n1\n");
    assert_eq!(problem(root.join("citizen.csv")), "no such file; did you mean `citizens.csv`?");
    assert_eq!(problem(root.join("nothing-like-it.parquet")), "no such file");
    assert!(problem(root.join("no/such.csv")).contains("folder does not exist"));
    assert!(problem(root.join("z*.csv")).contains("no file matches"));
    fs::create_dir(root.join("empty")).unwrap();
    assert!(problem(root.join("empty")).contains("holds no data files"));
    assert!(problem(folder.write("x.dat", "a\n1\n")).contains("format: csv"));
    assert!(problem(folder.write("x.csv.bz2", "BZh9")).contains("the bzip2 stream ends too early"));
    assert!(problem(folder.write("x.csv.lz4", "a\n")).contains("repack it with gzip, zstd or xz"));
    assert!(problem(folder.write("x.tar", "a\n1\n")).contains("is an archive: unpack it"));
    let bars = Source::open(&spec(folder.write("x.psv", "a|b,c\n1|2\n"))).unwrap();
    assert_eq!(bars.columns().iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["a", "b,c"]);
    assert_eq!(problem(folder.write("empty.csv", "")), "empty: no header");
    assert_eq!(problem(folder.write("blank.csv", "\n\n")), "empty: all lines are empty");
    assert!(problem(folder.write("not.parquet", "a,b\n1,2\n3,4\n")).contains("not a Parquet file"));
    assert!(problem(folder.write("not.arrow", "a,b\n1,2\n3,4\n5,6\n7,8\n")).contains("not an Arrow IPC file"));
    folder.write("mixed/a.csv", "a\n1\n");
    folder.write("mixed/b.ndjson", "{}");
    assert!(problem(root.join("mixed")).contains("different formats"));
    let read = csv("a,b\n").unwrap();
    assert_eq!((read.rows.len(), read.names.len()), (0, 2));
}

#[test]
fn files_of_a_dataset_share_columns_in_any_order() {
    let folder = Folder::new();
    folder.write("part-1.csv", "a,b\n1,x\n");
    folder.write("part-2.csv", "b,a\ny,2\n,\n3\n");
    let read = read_file(folder.path("part-*.csv")).unwrap();
    assert_eq!(read.rows[..3], text(&[&["1", "x"], &["2", "y"], &["", ""]]));
    assert_eq!(read.rows[3], [None, Some("3".to_owned())]);
    assert_eq!(read.places, [Place { file: 0, part: 0 }, Place { file: 1, part: 0 }]);
    assert_eq!(read.facts.framing.first_faults[0].file, 1);
    assert_eq!(read.facts.files.iter().map(|file| file.rows).collect::<Vec<_>>(), [1, 3]);
    folder.write("part-3.csv", "a,c\n1,x\n");
    let error = read_file(folder.root()).err().unwrap();
    assert!(error.path.ends_with("part-3.csv") && error.problem.to_string().contains("`c`"), "{error}");
}

#[test]
fn folders_of_partitions() {
    let folder = Folder::new();
    folder.write("t/year=2024/province=H%C3%A0%20N%E1%BB%99i/x.csv", "a\n1\n");
    folder.write("t/year=2025/province=__HIVE_DEFAULT_PARTITION__/x.csv", "a\n2\n");
    folder.write("t/_SUCCESS", "");
    folder.write("t/.hidden.csv", "z\n");
    let wanted = [
        vec![Some("1".to_owned()), Some("2024".to_owned()), Some("Hà Nội".to_owned())],
        vec![Some("2".to_owned()), Some("2025".to_owned()), None],
    ];
    for location in ["t", "t/year=*", "t/*/*/*.csv"] {
        let read = read_file(folder.path(location)).unwrap();
        assert_eq!(read.names, ["a", "year", "province"]);
        assert_eq!(read.rows, wanted);
    }
    folder.write("t/year=2026/x.csv", "a\n3\n");
    assert!(read_file(folder.path("t")).err().unwrap().problem.to_string().contains("folders of the same keys"));
}

#[test]
fn a_file_that_changes_is_not_audited() {
    let folder = Folder::new();
    let path = folder.write("x.csv", "a\n1\n2\n");
    let source = Source::open(&spec(&path)).unwrap();
    let visit = |_| {
        fs::write(&path, "a\n1\n2\n3\n").unwrap();
        true
    };
    let error = source.scan(&[0], &visit, &|_| {}).unwrap_err();
    assert!(error.problem.to_string().starts_with("changed while it was read"), "{error}");
}

// ---- JSON lines ----

#[test]
fn json_lines() {
    let folder = Folder::new();
    let path = folder.write(
        "x.ndjson",
        "{\"id\":1.50,\"name\":\"Nguy\\u1ec5n \\\"A\\\"\",\"flag\":true,\"tags\":[1, \"x\"],\"none\":null}\n\n\
         {\"id\": 12345678901234567890, \"name\": \"\"}\r\n[1]\n{\"id\":1,\"id\":2}\n{\"id\":}\n",
    );
    let read = read_file(&path).unwrap();
    assert_eq!(read.names, ["id", "name", "flag", "tags", "none"]);
    let cell = |text: &str| Some(text.to_owned());
    assert_eq!(read.rows[0], [cell("1.50"), cell("Nguyễn \"A\""), cell("true"), cell("[1, \"x\"]"), None]);
    assert_eq!(read.rows[1], [cell("12345678901234567890"), cell(""), None, None, None]);
    assert_eq!(read.rows[2], [None, None, None, None, None]);
    assert_eq!(read.rows[3][0], cell("2"));
    assert_eq!(read.lines, [1, 3, 4, 5, 6]);
    assert_eq!(read.lines_of(FaultKind::InvalidJson), [4, 6]);
    assert_eq!(read.lines_of(FaultKind::RepeatedKey), [5]);
    assert_eq!(read.malformed, [2, 3, 4]);
    for block in [1, 10, 50] {
        let source = Source::open(&spec(&path)).unwrap().with_block(block);
        let other = scan(&source, &[0, 1, 2, 3, 4], 3).unwrap();
        assert_eq!((other.rows, other.lines, other.facts), (read.rows.clone(), read.lines.clone(), read.facts.clone()));
    }
    let read = read_file(folder.write("y.ndjson", b"{\"a\":1}\n{\"a\":\"\xff\"}\n{\"a\":1,")).unwrap();
    assert_eq!(
        read.faults(),
        BTreeMap::from([(FaultKind::Undecodable, 1), (FaultKind::CutOff, 1), (FaultKind::InvalidJson, 1)])
    );
    // Keys of other files are columns of all.
    folder.write("z/1.jsonl", "{\"a\":1}\n{\"a\":2,\"b\":5}\n");
    folder.write("z/2.jsonl", "{\"c\":3}\n{\"b\":3}\n");
    let read = read_file(folder.path("z")).unwrap();
    assert_eq!(read.names, ["a", "b", "c"]);
    assert!(read.faults().is_empty());
    assert_eq!(read.rows[2..], [vec![None, None, cell("3")], vec![None, cell("3"), None]]);
}

// ---- Parquet and Arrow ----

mod columnar {
    use polars_arrow::array::{
        Array, BooleanArray, DictionaryArray, FixedSizeBinaryArray, ListArray, MutableListArray, MutablePrimitiveArray,
        PrimitiveArray, TryExtend as _, Utf8Array, Utf8ViewArray,
    };
    use polars_arrow::datatypes::{ArrowDataType as Stored, TimeUnit};
    use polars_arrow::types::NativeType;

    use super::*;
    use crate::support::tables::Table;
    use crate::support::thrift::Thrift;

    /// A column of numbers, in two types.
    fn numbers<T: NativeType + TryFrom<i64>>(count: i64, stored: Stored) -> Box<dyn Array> {
        let cell = |at: i64| (at % 7 != 3).then(|| T::try_from(at % 100).ok().unwrap());
        (0..count).map(cell).collect::<PrimitiveArray<T>>().to(stored).boxed()
    }

    /// A table with a column of each type.
    fn table(rows: usize) -> Table {
        let count = i64::try_from(rows).unwrap();
        let null = |at: i64| at % 7 == 3;
        let moments = |unit| numbers::<i64>(count, Stored::Timestamp(unit, None));
        let text = (0..count).map(|at| (!null(at)).then(|| format!("Nguyễn {}", at % 50)));
        let keys = (0..count).map(|at| (!null(at)).then(|| u32::try_from(at % 50).unwrap()));
        let words = Utf8ViewArray::from_slice_values((0..50).map(|word| format!("Nguyễn {word}")).collect::<Vec<_>>());
        let number = |at: i64| (!null(at)).then(|| i16::try_from(at % 100).unwrap());
        let units = (0..count).map(|at| number(at).map(|number| i128::from(number) * 100));
        let flags: Vec<Option<bool>> = (0..count).map(|at| (!null(at)).then_some(at % 2 == 0)).collect();
        let mut list = MutableListArray::<i64, MutablePrimitiveArray<i64>>::new();
        list.try_extend((0..rows).map(|_| Some([Some(1), Some(2)]))).unwrap();
        Table::new([
            ("i8", numbers::<i8>(count, Stored::Int8)),
            ("i16", numbers::<i16>(count, Stored::Int16)),
            ("i32", numbers::<i32>(count, Stored::Int32)),
            ("i64", numbers::<i64>(count, Stored::Int64)),
            ("u8", numbers::<u8>(count, Stored::UInt8)),
            ("u16", numbers::<u16>(count, Stored::UInt16)),
            ("u32", numbers::<u32>(count, Stored::UInt32)),
            ("u64", numbers::<u64>(count, Stored::UInt64)),
            ("f32", (0..count).map(|at| number(at).map(f32::from)).collect::<PrimitiveArray<_>>().boxed()),
            ("f64", (0..count).map(|at| number(at).map(f64::from)).collect::<PrimitiveArray<_>>().boxed()),
            ("date", numbers::<i32>(count, Stored::Date32)),
            ("ms", moments(TimeUnit::Millisecond)),
            ("us", moments(TimeUnit::Microsecond)),
            ("ns", moments(TimeUnit::Nanosecond)),
            ("decimal", units.collect::<PrimitiveArray<_>>().to(Stored::Decimal(12, 2)).boxed()),
            ("time", numbers::<i64>(count, Stored::Time64(TimeUnit::Nanosecond))),
            ("text", Utf8ViewArray::from_slice(text.collect::<Vec<_>>()).boxed()),
            ("category", DictionaryArray::try_from_keys(keys.collect(), words.boxed(), false).unwrap().boxed()),
            ("flag", BooleanArray::from(flags).boxed()),
            ("list", ListArray::from(list).boxed()),
        ])
    }

    const TYPES: [(&str, Option<DataType>); 20] = [
        ("int8", Some(DataType::Integer)),
        ("int16", Some(DataType::Integer)),
        ("int32", Some(DataType::Integer)),
        ("int64", Some(DataType::Integer)),
        ("uint8", Some(DataType::Integer)),
        ("uint16", Some(DataType::Integer)),
        ("uint32", Some(DataType::Integer)),
        ("uint64", Some(DataType::Integer)),
        ("float32", Some(DataType::Float32)),
        ("float64", Some(DataType::Float)),
        ("date", Some(DataType::Date)),
        ("timestamp[ms]", Some(DataType::Datetime)),
        ("timestamp[us]", Some(DataType::Datetime)),
        ("timestamp[ns]", Some(DataType::Datetime)),
        ("decimal(12,2)", Some(DataType::Decimal)),
        ("time", Some(DataType::Text)),
        ("text", Some(DataType::Text)),
        ("categorical", Some(DataType::Text)),
        ("boolean", Some(DataType::Boolean)),
        ("list", Some(DataType::Text)),
    ];

    #[test]
    fn parquet_and_arrow_give_the_cells_of_the_csv() {
        let rows = 3000;
        let table = table(rows);
        let folder = Folder::new();
        let mut lines = Vec::new();
        for at in 0..rows {
            let (number, days) = (at % 100, at % 100);
            let cells = match at % 7 {
                3 => format!("{}\"[1,2]\"", ",".repeat(19)),
                _ => format!(
                    "{number},{number},{number},{number},{number},{number},{number},{number},{number},{number},{days},\
                     {},{number},{},{number},{},Nguyễn {},Nguyễn {},{},\"[1,2]\"",
                    number * 1000,
                    format_args!("0+{number}"),
                    match number {
                        0 => "00:00:00".to_owned(),
                        nanos => format!("00:00:00.{}", format!("{nanos:09}").trim_end_matches('0')),
                    },
                    at % 50,
                    at % 50,
                    at % 2 == 0
                ),
            };
            lines.push(cells);
        }
        let names = "i8,i16,i32,i64,u8,u16,u32,u64,f32,f64,date,ms,us,ns,decimal,time,text,category,flag,list";
        let csv = read_file(folder.write("x.csv", format!("{names}\n{}\n", lines.join("\n")))).unwrap();
        // An empty cell of text is text; in the other formats it is no cell.
        let wanted: Vec<Vec<Cell>> = csv
            .rows
            .iter()
            .map(|row| row.iter().map(|cell| cell.clone().filter(|c| !c.is_empty())).collect())
            .collect();
        for (name, bytes) in [("x.parquet", table.parquet(700)), ("x.arrow", table.arrow())] {
            let source = Source::open(&spec(folder.write(name, bytes))).unwrap();
            let types: Vec<_> = source.columns().iter().map(|c| (c.stored.as_str(), c.data_type)).collect();
            assert_eq!(types, TYPES, "{name}");
            let readable: Vec<usize> = (0..20).collect();
            for threads in [1, 4] {
                let read = scan(&source, &readable, threads).unwrap();
                assert_eq!(read.names, csv.names);
                assert_eq!(read.rows, wanted, "{name}");
                let backwards: Vec<usize> = readable.iter().rev().copied().collect();
                let mut read = scan(&source, &backwards, threads).unwrap();
                read.rows.iter_mut().for_each(|row| row.reverse());
                assert_eq!(read.rows, wanted, "{name}");
                assert_eq!(scan(&source, &[], threads).unwrap().rows.len(), rows);
            }
            // Two items in each list, as a column inside of the list.
            assert_eq!(source.inner_columns().len(), 1);
            let lengths = scan(&source, &[source.position("length(list)").unwrap()], 2).unwrap();
            assert_eq!(lengths.rows, vec![vec![Some("2".to_owned())]; rows], "{name}");
        }
    }

    #[test]
    fn types_that_only_other_programs_write_are_read() {
        let dictionary = |keys: [Option<u8>; 4], words: Box<dyn Array>| -> Box<dyn Array> {
            DictionaryArray::try_from_keys(keys.into(), words, false).unwrap().boxed()
        };
        let long = "a word of more than twelve letters";
        let texts = Utf8ViewArray::from_slice([Some(long), None, Some("b")]).boxed();
        let numbers = PrimitiveArray::from([Some(7_u64), None, Some(u64::MAX)]).boxed();
        let seconds = PrimitiveArray::from([Some(-1_i64), None, Some(i64::MAX), Some(2)]);
        let days = PrimitiveArray::from([Some(86_400_000_i64), None, Some(0), Some(1)]);
        let units = [Some(-120_i64), None, Some(5), Some(i64::MAX)];
        let mut table = Table::new([
            ("enum", dictionary([Some(0), None, Some(2), Some(0)], texts.clone())),
            ("words", dictionary([Some(2), Some(1), None, Some(0)], texts)),
            ("numbers", dictionary([Some(0), Some(1), None, Some(2)], numbers)),
            ("text", Utf8Array::<i32>::from([Some("x"), None, Some(""), Some(long)]).boxed()),
            ("large", Utf8Array::<i64>::from([Some("x"), None, Some(""), Some(long)]).boxed()),
            ("seconds", seconds.to(Stored::Timestamp(TimeUnit::Second, Some("UTC".into()))).boxed()),
            ("day", days.to(Stored::Date64).boxed()),
            ("short", PrimitiveArray::from([Some(-120), None, Some(5), Some(7)]).to(Stored::Decimal32(9, 2)).boxed()),
            ("middle", PrimitiveArray::from(units).to(Stored::Decimal64(18, 2)).boxed()),
        ]);
        let (field, _) = &mut table.columns[0];
        *field = field.clone().with_metadata([("_PL_ENUM_VALUES2".into(), "1;a1;b".into())].into());
        let folder = Folder::new();
        let source = Source::open(&spec(folder.write("x.arrow", table.arrow()))).unwrap();
        let types: Vec<_> = source.columns().iter().map(|column| column.stored.as_str()).collect();
        let known = ["enum", "categorical", "uint64", "text", "text", "timestamp[ms, UTC]", "timestamp[ms]"];
        assert_eq!(types[..7], known);
        assert_eq!(types[7..], ["decimal(9,2)", "decimal(18,2)"]);
        let columns: Vec<usize> = (0..types.len()).collect();
        let rows = scan(&source, &columns, 1).unwrap().rows;
        let absent = "-";
        let given =
            |row: &Vec<Cell>| row.iter().map(|cell| cell.clone().unwrap_or(absent.to_owned())).collect::<Vec<_>>();
        let day = "86400000000";
        assert_eq!(given(&rows[0]), [long, "b", "7", "x", "x", "-1000000", day, "-1.2", "-1.2"]);
        assert_eq!(given(&rows[1]), [absent; 9]);
        assert_eq!(given(&rows[2]), ["b", absent, absent, "", "", "unreadable", "0", "0.05", "0.05"]);
        assert_eq!(given(&rows[3])[..7], [long, long, "18446744073709551615", long, long, "2000000", "1000"]);
        assert_eq!(given(&rows[3])[7..], ["0.07", "92233720368547758.07"]);
    }

    /// A Parquet file whose columns of 12 bytes are said to be INT96 in its footer, as Spark writes them.
    fn with_int96(mut file: Vec<u8>) -> Vec<u8> {
        let length = u32::from_le_bytes(file[file.len() - 8..file.len() - 4].try_into().unwrap());
        let start = file.len() - 8 - usize::try_from(length).unwrap();
        // Type 7 becomes 3, in the schema (a length of 12 is after it) and in row groups (a list of encodings is after it).
        let patches: [(&[u8], &[u8]); 3] = [
            (&[0x15, 0x0e, 0x15, 0x18], &[0x15, 0x06, 0x15, 0x18]),
            (&[0x15, 0x0e, 0x19], &[0x15, 0x06, 0x19]),
            (b"ARROW:schema", b"OTHER:schema"),
        ];
        for (from, to) in patches {
            let places: Vec<usize> =
                (start..file.len() - from.len()).filter(|at| file[*at..].starts_with(from)).collect();
            assert!(!places.is_empty());
            for at in places {
                file[at..at + to.len()].copy_from_slice(to);
            }
        }
        file
    }

    #[test]
    fn timestamps_of_12_bytes_are_read_in_9999_years() {
        const DAY: i64 = 86_400_000_000_000;
        let bytes = |day: u32, nanos: i64| -> [u8; 12] {
            [&nanos.to_le_bytes()[..], &day.to_le_bytes()[..]].concat().try_into().unwrap()
        };
        // 1970-01-01 is the day 2,440,588.
        let known = [
            (Some(bytes(2_453_738, 25_445_000_000_000)), Some("1136185445000000")), // 2006-01-02T07:04:05
            (Some(bytes(2_451_544, DAY - 500_000_000)), Some("946684799500000")),   // 1999-12-31T23:59:59.5
            (Some(bytes(5_373_484, 7_200_000_000_000)), Some("253402221600000000")), // 9999-12-31T02:00:00
            (None, None),
            (Some(bytes(1_721_426, 0)), Some("-62135596800000000")), // 0001-01-01
            (Some(bytes(1_985_209, 51_613_781_000_000)), Some("-39344693986219000")), // 0723-03-21T14:20:13.781
            (Some(bytes(1_721_425, DAY - 1)), Some("unreadable")),
            (Some(bytes(5_373_485, 0)), Some("unreadable")),
            (Some(bytes(2_440_588, DAY)), Some("unreadable")),
        ];
        let rows = 1000;
        let cells = |at: usize| known[at * 7 % known.len()];
        let stored: Vec<Option<[u8; 12]>> = (0..rows).map(|at| cells(at).0).collect();
        let words = Utf8ViewArray::from_slice((0..rows).map(|at| Some((at % 5).to_string())).collect::<Vec<_>>());
        let table = Table::new([("t", FixedSizeBinaryArray::from(&stored).boxed()), ("x", words.boxed())]);
        let key = |at: usize| cells(at).0.and(u32::try_from(at * 7 % known.len()).ok());
        let keys = (0..rows).map(key).collect();
        let listed = FixedSizeBinaryArray::from(known.map(|(bytes, _)| bytes.or(Some([0; 12])))).boxed();
        let dictionary = DictionaryArray::try_from_keys(keys, listed, false).unwrap();
        let packed = Table::new([("t", dictionary.boxed())]);
        let folder = Folder::new();
        for (name, table) in [("plain.parquet", table), ("dictionary.parquet", packed)] {
            let source = Source::open(&spec(folder.write(name, with_int96(table.parquet(300))))).unwrap();
            assert_eq!(source.columns()[0].stored, "timestamp[ns]");
            let read = scan(&source, &[0], 3).unwrap();
            for (at, row) in read.rows.iter().enumerate() {
                assert_eq!(row[0].as_deref(), cells(at).1, "{name}, row {at}");
            }
            assert_eq!(read.rows.len(), rows);
        }
    }

    #[test]
    fn dates_of_other_years_than_1_to_9999_are_unreadable() {
        let days = PrimitiveArray::from([Some(-719_163), Some(-719_162), Some(2_932_896), Some(2_932_897), None]);
        let first = -62_135_596_800_i64;
        let last = 253_402_300_799_i64;
        let seconds = |scale: i64| {
            let ends = [first * scale - 1, first * scale, (last + 1) * scale - 1, (last + 1) * scale].map(Some);
            ends.into_iter().chain([None]).collect::<PrimitiveArray<_>>()
        };
        let table = Table::new([
            ("day", days.to(Stored::Date32).boxed()),
            ("ms", seconds(1_000).to(Stored::Timestamp(TimeUnit::Millisecond, None)).boxed()),
            ("us", seconds(1_000_000).to(Stored::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))).boxed()),
        ]);
        let folder = Folder::new();
        for (name, bytes) in [("x.parquet", table.parquet(100)), ("x.arrow", table.arrow())] {
            let rows = read_file(folder.write(name, bytes)).unwrap().rows;
            let given = |row: usize| rows[row].iter().map(|cell| cell.as_deref().unwrap_or("-")).collect::<Vec<_>>();
            assert_eq!(given(0), ["unreadable"; 3], "{name}");
            assert_eq!(given(1), ["-719162", "-62135596800000000", "-62135596800000000"], "{name}");
            assert_eq!(given(2), ["2932896", "253402300799999000", "253402300799999999"], "{name}");
            assert_eq!(given(3), ["unreadable"; 3], "{name}");
            assert_eq!(given(4), ["-"; 3], "{name}");
        }
    }

    #[test]
    fn numbers_that_do_not_fit_are_unreadable() {
        let far = PrimitiveArray::from_slice([i64::MAX, 1, -1]);
        let table = Table::new([
            ("big", PrimitiveArray::from([Some(u64::MAX), Some(1), None]).boxed()),
            ("nan", PrimitiveArray::from_slice([f64::NAN, f64::INFINITY, -0.0]).boxed()),
            ("far", far.to(Stored::Timestamp(TimeUnit::Millisecond, None)).boxed()),
        ]);
        let folder = Folder::new();
        for (name, bytes) in [("x.parquet", table.parquet(100)), ("x.arrow", table.arrow())] {
            let read = read_file(folder.write(name, bytes)).unwrap();
            let cell = |text: &str| Some(text.to_owned());
            assert_eq!(read.rows[0], [cell("18446744073709551615"), cell("NaN"), cell("unreadable")]);
            assert_eq!(read.rows[1], [cell("1"), cell("inf"), cell("1000")]);
            assert_eq!(read.rows[2], [None, cell("-0"), cell("-1000")]);
        }
    }

    #[test]
    fn damaged_files_are_errors_and_never_panics() {
        passmuster::source::quiet_panics();
        let mut table = table(500);
        table.columns.retain(|(field, _)| ["i64", "text", "f64"].contains(&field.name.as_str()));
        let folder = Folder::new();
        for (name, bytes) in [("x.parquet", table.parquet(200)), ("x.arrow", table.arrow())] {
            for cut in (0..bytes.len()).step_by(97) {
                let read = read_file(folder.write(name, &bytes[..cut]));
                assert!(read.is_err(), "{name} cut at {cut}");
            }
            // Without checksums damage may go unseen, but rows never get lost.
            let footer = bytes.len() - 600;
            for at in (footer..bytes.len()).step_by(3) {
                let mut damaged = bytes.clone();
                damaged[at] ^= 0x55;
                if let Ok(read) = read_file(folder.write(name, &damaged)) {
                    assert_eq!(read.rows.len(), 500, "{name} damaged at {at}");
                }
            }
        }
    }

    #[test]
    fn pages_without_checksums_are_counted() {
        let folder = Folder::new();
        let table = table(2000);
        let read = read_file(folder.write("x.parquet", table.parquet(500))).unwrap();
        let checksums = read.facts.framing.checksums.unwrap();
        assert_eq!((checksums.verified, checksums.mismatched), (0, 0));
        assert!(checksums.absent >= 4 * 20, "{checksums:?}");
        assert_eq!(read.facts.files[0].checksums, Some(checksums));
    }

    #[test]
    fn parts_are_in_the_order_of_rows() {
        let folder = Folder::new();
        let table = Table::new([("n", PrimitiveArray::from_vec((0..300_000_i64).collect()).boxed())]);
        let source = Source::open(&spec(folder.write("x.parquet", table.parquet(200_000)))).unwrap();
        let read = scan(&source, &[0], 4).unwrap();
        assert_eq!(read.places.len(), 3);
        assert!(read.rows.iter().enumerate().all(|(at, row)| row[0].as_deref() == Some(at.to_string().as_str())));
    }

    #[test]
    fn large_row_groups_are_read_in_pieces() {
        const ROWS: i64 = 2_500_000;
        let folder = Folder::new();
        let is_null = |at: i64| at % 7 == 3;
        let nullable: PrimitiveArray<i64> = (0..ROWS).map(|at| (!is_null(at)).then_some(at / 3)).collect();
        let words = ["An", "a text of more than twelve bytes", "Bình"];
        let word = |at: i64| words[usize::try_from(at / 1_000 % 3).unwrap()];
        let texts = Utf8ViewArray::from_slice((0..ROWS).map(|at| (!is_null(at)).then(|| word(at))).collect::<Vec<_>>());
        let flags: Vec<Option<bool>> = (0..ROWS).map(|at| (!is_null(at)).then_some(at % 2 == 0)).collect();
        let table = Table::new([
            ("n", PrimitiveArray::from_vec((0..ROWS).collect()).boxed()),
            ("m", nullable.boxed()),
            ("t", texts.boxed()),
            ("f", BooleanArray::from(flags).boxed()),
            ("same", PrimitiveArray::from_vec(vec![5_i64; usize::try_from(ROWS).unwrap()]).boxed()),
        ]);
        let source = Source::open(&spec(folder.write("x.parquet", table.parquet(usize::MAX)))).unwrap();
        let seen = Mutex::new(0);
        let visit = |batch: Batch| {
            let start = i64::from(batch.place.part) << 17;
            *seen.lock().unwrap() += batch.rows;
            let [Column::Integer(n), Column::Integer(m), Column::Text(t), Column::Boolean(f), Column::Integer(same)] =
                batch.columns.as_slice()
            else {
                panic!("other types than were written")
            };
            for at in 0..batch.rows {
                let row = start + i64::try_from(at).unwrap();
                assert_eq!((n.values[at], same.values[at]), (row, 5));
                let there = m.valid.as_ref().is_none_or(|valid| valid.get(at));
                assert_eq!((there, f.valid.as_ref().is_none_or(|valid| valid.get(at))), (!is_null(row), !is_null(row)));
                assert!(!there || (m.values[at] == row / 3 && f.values[at] == (row % 2 == 0)), "{row}");
                assert_eq!(t.get(at), there.then(|| word(row)), "{row}");
            }
            true
        };
        source.scan(&[0, 1, 2, 3, 4], &visit, &|_| {}).unwrap();
        assert_eq!(seen.into_inner().unwrap(), usize::try_from(ROWS).unwrap());
    }

    #[test]
    fn a_row_group_without_rows_needs_no_pages() {
        let read = read_file(fixture("formats/no_rows.parquet")).unwrap();
        assert_eq!((read.names, read.rows.len()), (vec!["b".to_owned()], 0));
    }

    #[test]
    fn two_columns_of_one_name_are_told() {
        let path = fixture("formats/same_name.parquet");
        let error = read_file(path).err().unwrap();
        assert!(error.problem.to_string().starts_with("two columns are named `d`"), "{error}");
    }

    #[test]
    fn hive_partitions_of_parquet() {
        let folder = Folder::new();
        let table = Table::new([("n", PrimitiveArray::from_slice([1_i64, 2]).boxed())]);
        folder.write("t/year=2024/a.parquet", table.parquet(10));
        folder.write("t/year=2025/a.parquet", table.parquet(10));
        let read = read_file(folder.path("t")).unwrap();
        assert_eq!(read.names, ["n", "year"]);
        assert_eq!(read.rows, text(&[&["1", "2024"], &["2", "2024"], &["1", "2025"], &["2", "2025"]]));
        folder.write("t/year=2026/a.parquet", {
            Table::new([("n", Utf8ViewArray::from_slice_values(["x"]).boxed())]).parquet(10)
        });
        let error = read_file(folder.path("t")).err().unwrap();
        assert!(error.problem.to_string().contains("stored as text here and as int64"), "{error}");
    }

    /// What a hand-made file says of itself.
    struct Claims {
        checksum: bool,
        file_rows: i64,
        group_rows: i64,
        values: i64,
        start: i64,
        length: Option<i64>,
    }

    const HONEST: Claims =
        Claims { checksum: true, file_rows: 100, group_rows: 100, values: 100, start: 4, length: None };

    /// A file of one column `n` with the numbers 0 to 99 in one page.
    fn by_hand(claims: &Claims) -> Vec<u8> {
        let data: Vec<u8> = (0..100_i64).flat_map(i64::to_le_bytes).collect();
        let size = i64::try_from(data.len()).unwrap();
        let mut page = Thrift::default();
        page.inside(|page| {
            page.number(1, 5, 0);
            page.number(2, 5, size);
            page.number(3, 5, size);
            if claims.checksum {
                page.number(4, 5, i64::from(crc32fast::hash(&data).cast_signed()));
            }
            page.head(5, 12);
            page.inside(|header| {
                header.number(1, 5, 100);
                header.number(2, 5, 0);
                header.number(3, 5, 3);
                header.number(4, 5, 3);
            });
        });
        let mut file = [b"PAR1".to_vec(), page.bytes, data].concat();
        let length = claims.length.unwrap_or_else(|| i64::try_from(file.len()).unwrap() - 4);
        let mut footer = Thrift::default();
        footer.inside(|footer| {
            footer.number(1, 5, 1);
            footer.head(2, 9);
            footer.bytes.push(0x2c);
            footer.inside(|root| {
                root.text(4, "schema");
                root.number(5, 5, 1);
            });
            footer.inside(|leaf| {
                leaf.number(1, 5, 2);
                leaf.number(3, 5, 0);
                leaf.text(4, "n");
            });
            footer.number(3, 6, claims.file_rows);
            footer.head(4, 9);
            footer.bytes.push(0x1c);
            footer.inside(|group| {
                group.head(1, 9);
                group.bytes.push(0x1c);
                group.inside(|chunk| {
                    chunk.number(2, 6, claims.start);
                    chunk.head(3, 12);
                    chunk.inside(|column| {
                        column.number(1, 5, 2);
                        column.head(2, 9);
                        column.bytes.extend([0x15, 0]);
                        column.head(3, 9);
                        column.bytes.extend([0x18, 1, b'n']);
                        column.number(4, 5, 0);
                        column.number(5, 6, claims.values);
                        column.number(6, 6, length);
                        column.number(7, 6, length);
                        column.number(9, 6, claims.start);
                    });
                });
                group.number(2, 6, length);
                group.number(3, 6, claims.group_rows);
            });
        });
        file.extend(&footer.bytes);
        file.extend(u32::try_from(footer.bytes.len()).unwrap().to_le_bytes());
        file.extend(b"PAR1");
        file
    }

    #[test]
    fn checksums_of_pages_are_verified() {
        passmuster::source::quiet_panics();
        let folder = Folder::new();
        let sound = by_hand(&HONEST);
        let read = read_file(folder.write("x.parquet", &sound)).unwrap();
        assert_eq!(read.rows.len(), 100);
        assert_eq!(read.rows[99], [Some("99".to_owned())]);
        let checksums = read.facts.framing.checksums.unwrap();
        assert_eq!((checksums.verified, checksums.mismatched, checksums.absent), (1, 0, 0));
        // Each bit of the page is vouched for, whether the column is asked for or not.
        let mut damaged = sound;
        damaged[400] ^= 4;
        let source = Source::open(&spec(folder.write("y.parquet", &damaged))).unwrap();
        for columns in [&[0][..], &[]] {
            let error = scan(&source, columns, 2).err().unwrap();
            assert!(
                error.problem.to_string().starts_with("row group 1, column `n`: the checksum of 1 of its pages"),
                "{error}"
            );
        }
        // Without a checksum, the same damage is other data.
        let mut blind = by_hand(&Claims { checksum: false, ..HONEST });
        blind[400] ^= 4;
        let read = read_file(folder.write("z.parquet", blind)).unwrap();
        assert_eq!(read.facts.framing.checksums.unwrap().absent, 1);
    }

    #[test]
    fn footers_that_lie_are_errors() {
        passmuster::source::quiet_panics();
        let folder = Folder::new();
        let lies = [
            Claims { file_rows: 99, ..HONEST },
            Claims { file_rows: -1, ..HONEST },
            Claims { group_rows: 101, file_rows: 101, ..HONEST },
            Claims { values: 101, ..HONEST },
            Claims { values: 101, group_rows: 101, file_rows: 101, ..HONEST },
            Claims { values: 99, group_rows: 99, file_rows: 99, ..HONEST },
            Claims { values: 1 << 60, group_rows: 1 << 60, file_rows: 1 << 60, ..HONEST },
            Claims { start: -4, ..HONEST },
            Claims { start: 1 << 40, ..HONEST },
            Claims { length: Some(-1), ..HONEST },
            Claims { length: Some(i64::MAX), ..HONEST },
            Claims { length: Some(100), ..HONEST },
        ];
        for (number, lie) in lies.iter().enumerate() {
            let error = read_file(folder.write("x.parquet", by_hand(lie))).err();
            assert!(
                error.is_some_and(|error| error.problem.to_string().contains("get the file again")),
                "lie {number}"
            );
        }
        let mut long = by_hand(&HONEST);
        let end = long.len();
        long[end - 8..end - 4].copy_from_slice(&i32::MAX.to_le_bytes());
        assert!(problem(folder.write("x.parquet", long)).contains("footer is longer than the file"));
    }
}

//! Reading of data: every fault of a file is counted, with its line, and every cell that is there is given.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use passmuster::model::{DataType, FaultKind};
use passmuster::source::{Batch, Column, CsvOptions, Format, Place, ScanFacts, Source, SourceError, SourceSpec};
use proptest::prelude::*;

/// A cell as text, whatever its type.
type Cell = Option<String>;

/// Everything that a scan gives.
struct Read {
    names: Vec<String>,
    rows: Vec<Vec<Cell>>,
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
        self.facts.framing.sample.iter().filter(|fault| fault.kind == kind).map(|fault| fault.line).collect()
    }
}

fn spec(location: impl AsRef<Path>) -> SourceSpec {
    SourceSpec {
        location: location.as_ref().to_str().unwrap().to_owned(),
        base: PathBuf::from("/"),
        format: None,
        csv: CsvOptions::default(),
    }
}

fn cells(batch: &Batch) -> Vec<Vec<Cell>> {
    let mut rows = vec![Vec::new(); batch.rows];
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
    for column in &batch.columns {
        match column {
            Column::Text(text) => text.for_each(batch.rows, |row, cell| rows[row].push(cell.map(str::to_owned))),
            Column::Integer(cells) => typed(cells, &mut rows),
            Column::Decimal(cells) => typed(cells, &mut rows),
            Column::Date(cells) => typed(cells, &mut rows),
            Column::Datetime(cells) => typed(cells, &mut rows),
            Column::Boolean(cells) => typed(cells, &mut rows),
        }
    }
    rows
}

fn scan(source: &Source, columns: &[usize], threads: usize) -> Result<Read, SourceError> {
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
        names: columns.iter().map(|position| source.columns()[*position].name.clone()).collect(),
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
        read.lines.extend(batch.lines.into_iter().flatten());
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

/// A folder that lives as long as the test.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }
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

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

// ---- Delimited text: the collected malformed files ----

#[test]
fn malformed_files_are_read_as_expected() {
    use FaultKind::{ExtraCells, MissingCells, RepeatedColumn, Undecodable, UnnamedColumn};
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
        ("frictionless/skip-rows.csv", vec![(ExtraCells, 2), (ExtraCells, 3), (ExtraCells, 5)]),
        ("frictionless/skip-rows-before-headers.csv", vec![(ExtraCells, 2), (ExtraCells, 3), (ExtraCells, 4)]),
        ("frictionless/without-headers-extra.csv", vec![(ExtraCells, 3)]),
        ("frictionless/issue-1138.csv", vec![(UnnamedColumn, 1)]),
        ("frictionless/latin1.csv", vec![(Undecodable, 3)]),
        ("frictionless/table-infer-iso-8859-7.csv", vec![2, 3, 4, 5].into_iter().map(|l| (Undecodable, l)).collect()),
    ]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/malformed");
    let expected = read_file(root.join("expected.csv")).unwrap();
    assert!(expected.faults().is_empty());
    assert_eq!(expected.rows.len(), 45);
    for row in &expected.rows {
        let [file, outcome, records, columns, _, note] = [0, 1, 2, 3, 4, 5].map(|at| row[at].clone().unwrap());
        let mut spec = spec(root.join(&file));
        if note.contains("delimiter ;") {
            spec.csv.delimiter = Some(b';');
        }
        if file.ends_with("/empty.csv") && outcome == "fault" {
            assert_eq!(Source::open(&spec).unwrap_err().problem, "empty: no header");
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
        let found: Vec<_> = read.facts.framing.sample.iter().map(|fault| (fault.kind, fault.line)).collect();
        let mut wanted = faults.get(file.as_str()).cloned().unwrap_or_default();
        wanted.sort_by_key(|(kind, line)| (*line, *kind));
        assert_eq!(found, wanted, "{file}");
        assert_eq!(found.is_empty(), outcome == "accept", "{file}");
    }
}

#[test]
fn csv_spectrum_gives_the_cells_of_its_json() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/malformed/csv_spectrum");
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
type Reference = Vec<(Vec<String>, u64, bool)>;

/// RFC 4180, one character after the other, as slowly as it gets.
fn reference(input: &str) -> Reference {
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
    spec.csv.header = false;
    spec.csv.columns = vec!["a".into(), "b".into(), "c".into()];
    let source = Source::open(&spec).unwrap().with_block(block);
    let read = scan(&source, &[0, 1, 2], threads).unwrap();
    let rows: Vec<Vec<Cell>> =
        wanted.iter().map(|(cells, ..)| (0..3).map(|at| cells.get(at).cloned()).collect()).collect();
    assert_eq!(read.rows, rows, "{input:?}");
    assert_eq!(read.lines, wanted.iter().map(|(_, line, _)| *line).collect::<Vec<_>>(), "{input:?}");
    let count = |test: &dyn Fn(&(Vec<String>, u64, bool)) -> bool| wanted.iter().filter(|record| test(record)).count();
    let faults = read.faults();
    let fault = |kind| usize::try_from(faults.get(&kind).copied().unwrap_or_default()).unwrap();
    assert_eq!(fault(FaultKind::BadQuote), count(&|record| record.2), "{input:?}");
    assert_eq!(fault(FaultKind::MissingCells), count(&|record| record.0.len() < 3), "{input:?}");
    assert_eq!(fault(FaultKind::ExtraCells), count(&|record| record.0.len() > 3), "{input:?}");
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

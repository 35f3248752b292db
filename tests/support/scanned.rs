//! Everything that one scan of a dataset gives, with cells as text.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use passmuster::model::{Fault, FaultKind, LeftOut};
use passmuster::source::{Batch, Column, Options, Source, SourceError, SourceSpec, Typed};

/// A cell as text, whatever its type.
pub(crate) type Cell = Option<String>;

/// Everything that a scan gives.
#[derive(Debug, PartialEq)]
pub(crate) struct Scanned {
    /// Names and stored types.
    pub(crate) columns: Vec<(String, String)>,
    pub(crate) rows: Vec<Vec<Cell>>,
    pub(crate) lines: Vec<u64>,
    pub(crate) malformed: Vec<usize>,
    /// Rows of each batch.
    pub(crate) batches: Vec<usize>,
    pub(crate) faults: BTreeMap<FaultKind, u64>,
    pub(crate) first_faults: Vec<Fault>,
    pub(crate) left_out: LeftOut,
}

/// The spec of a file with these options.
pub(crate) fn spec(path: &Path, options: Options) -> SourceSpec {
    SourceSpec {
        location: path.to_str().unwrap().to_owned(),
        further: Vec::new(),
        base: PathBuf::from("/"),
        format: None,
        options,
    }
}

fn typed<T>(cells: &Typed<T>, rows: &mut [Vec<Cell>], text: impl Fn(&T) -> String) {
    for (row, cell) in rows.iter_mut().enumerate() {
        let is_valid = cells.valid.as_ref().is_none_or(|valid| valid.get(row));
        let is_unreadable = cells.unreadable.as_ref().is_some_and(|bits| bits.get(row));
        cell.push(if is_unreadable {
            Some("unreadable".to_owned())
        } else {
            is_valid.then(|| text(&cells.values[row]))
        });
    }
}

fn cells(batch: &Batch) -> Vec<Vec<Cell>> {
    let mut rows = vec![Vec::new(); batch.rows];
    for column in &batch.columns {
        match column {
            Column::Text(text) => text.for_each(batch.rows, |row, cell| rows[row].push(cell.map(str::to_owned))),
            Column::Integer(cells) | Column::Datetime(cells) => typed(cells, &mut rows, i64::to_string),
            Column::Decimal(cells) => typed(cells, &mut rows, ToString::to_string),
            Column::Float(cells) => typed(cells, &mut rows, f64::to_string),
            Column::Date(cells) => typed(cells, &mut rows, i32::to_string),
            Column::Nanoseconds(cells) => typed(cells, &mut rows, |instant| format!("{instant:?}")),
            Column::Boolean(cells) => typed(cells, &mut rows, bool::to_string),
        }
    }
    rows
}

/// Scans all columns.
pub(crate) fn scan(path: &Path, options: Options) -> Result<Scanned, SourceError> {
    scan_with(path, options, 2, None)
}

/// The same on so many threads, with blocks of so many bytes.
pub(crate) fn scan_with(
    path: &Path,
    options: Options,
    threads: usize,
    block: Option<usize>,
) -> Result<Scanned, SourceError> {
    let mut source = Source::open(&spec(path, options))?;
    if let Some(block) = block {
        source = source.with_block(block);
    }
    let all: Vec<usize> = (0..source.columns().len()).collect();
    let batches = Mutex::new(Vec::new());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let facts = pool.install(|| {
        source.scan(
            &all,
            &|batch| {
                batches.lock().unwrap().push(batch);
                true
            },
            &|_| {},
        )
    })?;
    let mut batches = batches.into_inner().unwrap();
    batches.sort_by_key(|batch| batch.place);
    let mut scanned = Scanned {
        columns: source.columns().iter().map(|column| (column.name.clone(), column.stored.clone())).collect(),
        rows: Vec::new(),
        lines: Vec::new(),
        malformed: Vec::new(),
        batches: batches.iter().map(|batch| batch.rows).collect(),
        faults: facts.framing.faults.iter().copied().collect(),
        first_faults: facts.framing.first_faults.clone(),
        left_out: facts.framing.left_out,
    };
    for batch in &batches {
        scanned.malformed.extend(batch.malformed.iter().map(|row| *row as usize + scanned.rows.len()));
        scanned.rows.extend(cells(batch));
        scanned.lines.extend(batch.lines.iter().flat_map(|lines| lines.iter().copied()));
    }
    assert_eq!(facts.framing.records, scanned.rows.len() as u64);
    assert_eq!(facts.framing.malformed, scanned.malformed.len() as u64);
    assert_eq!(source.extent().rows, Some(scanned.rows.len() as u64));
    Ok(scanned)
}

/// Cells as a table of texts, `-` where there is none.
pub(crate) fn table(rows: &[Vec<Cell>]) -> Vec<String> {
    let text = |row: &Vec<Cell>| row.iter().map(|cell| cell.as_deref().unwrap_or("-")).collect::<Vec<_>>().join("|");
    rows.iter().map(text).collect()
}

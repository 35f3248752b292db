//! The table of failing rows.

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use polars_arrow::array::{Array, MutablePrimitiveArray, PrimitiveArray};
use polars_arrow::datatypes::{ArrowDataType, Field};

use super::columns::{TextLists, Texts};
use super::error::EvidenceError;
use super::row_groups::{Columns, Misfit, TableRows};
use super::table_file::TableFile;
use crate::model::{EvidenceDataset, FailedRule, FailingRow, TableFact};
use crate::output_folder::{Complete, OutputFolder};

/// What the names of key columns begin with in the table.
const KEY: &str = "key.";

/// What the names of revealed columns begin with in the table.
const CELL: &str = "cell.";

/// Writes the failing rows of a dataset.
pub(super) struct FailingTable {
    file: TableFile,
    paths: Texts,
    records: MutablePrimitiveArray<i64>,
    lines: MutablePrimitiveArray<i64>,
    key: Vec<Texts>,
    rules: TextLists,
    reasons: TextLists,
    cells: Vec<Texts>,
}

impl FailingTable {
    /// Starts the table with these key columns and revealed columns.
    pub(super) fn new(
        folder: &OutputFolder,
        name: String,
        key: &[String],
        revealed: &[String],
    ) -> Result<Self, EvidenceError> {
        let field = |name: String, data_type, nullable| Field::new(name.into(), data_type, nullable);
        let mut fields = vec![
            field("file".to_owned(), Texts::TYPE, false),
            field("record".to_owned(), ArrowDataType::Int64, false),
            field("line".to_owned(), ArrowDataType::Int64, true),
        ];
        fields.extend(key.iter().map(|column| field(format!("{KEY}{column}"), Texts::TYPE, true)));
        fields.push(field("rules".to_owned(), TextLists::data_type(), true));
        fields.push(field("reasons".to_owned(), TextLists::data_type(), true));
        fields.extend(revealed.iter().map(|column| field(format!("{CELL}{column}"), Texts::TYPE, true)));
        let texts = |columns: &[String]| columns.iter().map(|_| Texts::default()).collect();
        Ok(Self {
            file: TableFile::new(folder, name, fields)?,
            paths: Texts::default(),
            records: MutablePrimitiveArray::new(),
            lines: MutablePrimitiveArray::new(),
            key: texts(key),
            rules: TextLists::default(),
            reasons: TextLists::default(),
            cells: texts(revealed),
        })
    }

    /// Adds the next row.
    pub(super) fn push(&mut self, row: &FailingRow) -> Result<(), EvidenceError> {
        for (given, columns) in [(&row.key, &self.key), (&row.cells, &self.cells)] {
            if given.len() != columns.len() {
                let path = self.file.name().to_owned();
                return Err(EvidenceError::Width { path, given: given.len(), expected: columns.len() });
            }
        }
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.records.push(Some(number(row.record)));
        self.lines.push(row.line.map(number));
        let mut bytes = 2 * size_of::<i64>() + self.paths.push(Some(&row.file));
        for (column, value) in self.key.iter_mut().zip(&row.key).chain(self.cells.iter_mut().zip(&row.cells)) {
            bytes += column.push(value.as_deref());
        }
        bytes += self.rules.push(row.failed.iter().map(|failed| Some(&*failed.rule)));
        bytes += self.reasons.push(row.failed.iter().map(|failed| failed.reason.as_deref()));
        if self.file.is_full_with(bytes) { self.write_group() } else { Ok(()) }
    }

    fn write_group(&mut self) -> Result<(), EvidenceError> {
        let integers = |column: &mut MutablePrimitiveArray<i64>| -> Box<dyn Array> {
            PrimitiveArray::from(std::mem::take(column)).boxed()
        };
        let mut columns = vec![self.paths.take(), integers(&mut self.records), integers(&mut self.lines)];
        columns.extend(self.key.iter_mut().map(Texts::take));
        columns.push(self.rules.take(self.file.name())?);
        columns.push(self.reasons.take(self.file.name())?);
        columns.extend(self.cells.iter_mut().map(Texts::take));
        self.file.write(columns)
    }

    /// Completes the table.
    pub(super) fn finish(mut self) -> Result<(TableFact, Complete), EvidenceError> {
        if self.file.has_waiting() {
            self.write_group()?;
        }
        self.file.finish()
    }
}

/// Reads the failing rows of a dataset, a row group at a time, in file order.
#[derive(Debug)]
pub struct FailingReader {
    rows: TableRows,
    key: usize,
    cells: usize,
    /// The texts that most rows share.
    shared: Shared,
}

impl FailingReader {
    /// Opens the table at that path.
    pub(super) fn open(path: &Path, dataset: &EvidenceDataset) -> Result<Self, EvidenceError> {
        let key = dataset.key.iter().map(|key| format!("{KEY}{}", key.column));
        let cells = dataset.revealed.iter().map(|column| format!("{CELL}{column}"));
        let mut names: Vec<String> = ["file", "record", "line"].map(str::to_owned).into();
        names.extend(key);
        names.extend(["rules", "reasons"].map(str::to_owned));
        names.extend(cells);
        Ok(Self {
            rows: TableRows::open(path, &names)?,
            key: dataset.key.len(),
            cells: dataset.revealed.len(),
            shared: Shared::default(),
        })
    }

    /// The rows of the table as its footer counts them.
    pub(super) fn rows(&self) -> u64 {
        self.rows.count()
    }
}

impl Iterator for FailingReader {
    type Item = Result<FailingRow, EvidenceError>;

    fn next(&mut self) -> Option<Self::Item> {
        let Self { rows, key, cells, shared } = self;
        rows.next_with(|group, row| read(group, row, (*key, *cells), shared))
    }
}

/// The row at this place of a row group, in a table with so many key columns and revealed columns.
fn read(group: &Columns, row: usize, (key, cells): (usize, usize), shared: &mut Shared) -> Result<FailingRow, Misfit> {
    let texts = |columns: Range<usize>| -> Result<Vec<Option<String>>, Misfit> {
        columns.map(|column| Ok(group.text(column, row)?.map(str::to_owned))).collect()
    };
    let (rules, reasons) = (group.texts(3 + key, row)?, group.texts(4 + key, row)?);
    if rules.len() != reasons.len() {
        return Err(Misfit);
    }
    let failed = rules.into_iter().zip(reasons).map(|(rule, reason)| {
        let rule = shared.of(rule.ok_or(Misfit)?);
        Ok(FailedRule { rule, reason: reason.map(|reason| shared.of(reason)) })
    });
    Ok(FailingRow {
        failed: failed.collect::<Result<_, Misfit>>()?,
        file: shared.of(group.text(0, row)?.ok_or(Misfit)?),
        record: group.number(1, row)?.ok_or(Misfit)?,
        line: group.number(2, row)?,
        key: texts(3..3 + key)?,
        cells: texts(5 + key..5 + key + cells)?,
    })
}

/// Texts that many rows have, each once.
#[derive(Debug, Default)]
struct Shared(HashSet<Arc<str>>);

impl Shared {
    fn of(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        if self.0.len() >= MOST_SHARED {
            self.0.clear();
        }
        let text: Arc<str> = text.into();
        self.0.insert(Arc::clone(&text));
        text
    }
}

/// The most texts that are remembered: numbers of clusters differ from row to row.
const MOST_SHARED: usize = 10_000;

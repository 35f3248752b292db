//! The table of failing groups, entities and runs of points.

use std::path::Path;

use polars_arrow::datatypes::{ArrowDataType, Field};

use super::columns::{IntegerLists, TextLists, Texts};
use super::error::EvidenceError;
use super::row_groups::{Columns, Misfit, TableRows};
use super::table_file::TableFile;
use crate::model::{FailingGroup, Statement, TableFact};
use crate::output_folder::{Complete, OutputFolder};

/// The columns, in order.
const NAMES: [&str; 10] =
    ["rule", "key_columns", "key", "sides", "measures", "counts", "values", "why", "first", "last"];

/// Writes the failing groups of the rules of a dataset.
pub(super) struct GroupsTable {
    file: TableFile,
    rules: Texts,
    key_columns: TextLists,
    key: TextLists,
    sides: TextLists,
    measures: TextLists,
    counts: IntegerLists,
    values: TextLists,
    why: Texts,
    first: Texts,
    last: Texts,
}

impl GroupsTable {
    /// Starts the table.
    pub(super) fn new(folder: &OutputFolder, name: String) -> Result<Self, EvidenceError> {
        let field = |name: &str| {
            let data_type = match name {
                "rule" | "why" | "first" | "last" => Texts::TYPE,
                "counts" => IntegerLists::data_type(),
                _ => TextLists::data_type(),
            };
            let is_always_there = data_type == ArrowDataType::Utf8View && !["first", "last"].contains(&name);
            Field::new(name.into(), data_type, !is_always_there)
        };
        Ok(Self {
            file: TableFile::new(folder, name, NAMES.map(field).into())?,
            rules: Texts::default(),
            key_columns: TextLists::default(),
            key: TextLists::default(),
            sides: TextLists::default(),
            measures: TextLists::default(),
            counts: IntegerLists::default(),
            values: TextLists::default(),
            why: Texts::default(),
            first: Texts::default(),
            last: Texts::default(),
        })
    }

    /// Adds the next group.
    pub(super) fn push(&mut self, group: &FailingGroup) -> Result<(), EvidenceError> {
        if group.key.len() != group.key_columns.len() {
            let path = self.file.name().to_owned();
            return Err(EvidenceError::Width { path, given: group.key.len(), expected: group.key_columns.len() });
        }
        let count = |says: &Statement| says.count.map(|count| i64::try_from(count).unwrap_or(i64::MAX));
        let bytes = self.rules.push(Some(&group.rule))
            + self.key_columns.push(group.key_columns.iter().map(|column| Some(column.as_str())))
            + self.key.push(group.key.iter().map(Option::as_deref))
            + self.sides.push(group.says.iter().map(|says| Some(says.side.as_str())))
            + self.measures.push(group.says.iter().map(|says| Some(says.measure.as_str())))
            + self.counts.push(group.says.iter().map(count))
            + self.values.push(group.says.iter().map(|says| says.value.as_deref()))
            + self.why.push(Some(&group.why))
            + self.first.push(group.first.as_deref())
            + self.last.push(group.last.as_deref());
        if self.file.is_full_with(bytes) { self.write_group() } else { Ok(()) }
    }

    fn write_group(&mut self) -> Result<(), EvidenceError> {
        let name = self.file.name();
        let columns = vec![
            self.rules.take(),
            self.key_columns.take(name)?,
            self.key.take(name)?,
            self.sides.take(name)?,
            self.measures.take(name)?,
            self.counts.take(name)?,
            self.values.take(name)?,
            self.why.take(),
            self.first.take(),
            self.last.take(),
        ];
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

/// Reads the failing groups of the rules of a dataset, a row group at a time.
#[derive(Debug)]
pub struct GroupsReader(TableRows);

impl GroupsReader {
    /// Opens the table at that path.
    pub(super) fn open(path: &Path) -> Result<Self, EvidenceError> {
        Ok(Self(TableRows::open(path, &NAMES.map(str::to_owned))?))
    }

    /// The groups of the table as its footer counts them.
    pub(super) fn rows(&self) -> u64 {
        self.0.count()
    }
}

/// The group at this place of a row group.
fn read(columns: &Columns, row: usize) -> Result<FailingGroup, Misfit> {
    let text = |column| Ok(columns.text(column, row)?.map(str::to_owned));
    let named = |column| -> Result<Vec<String>, Misfit> {
        columns.texts(column, row)?.into_iter().map(|name| Ok(name.ok_or(Misfit)?.to_owned())).collect()
    };
    let key_columns = named(1)?;
    let key: Vec<_> = columns.texts(2, row)?.into_iter().map(|value| value.map(str::to_owned)).collect();
    let (sides, measures) = (named(3)?, named(4)?);
    let (counts, values) = (columns.numbers(5, row)?, columns.texts(6, row)?);
    let is_parallel = [measures.len(), counts.len(), values.len()].iter().all(|length| *length == sides.len());
    if key.len() != key_columns.len() || !is_parallel {
        return Err(Misfit);
    }
    let says = sides.into_iter().zip(measures).zip(counts.into_iter().zip(values));
    let says = says.map(|((side, measure), (count, value))| {
        let value = value.map(str::to_owned);
        Statement { side, measure, count, value }
    });
    Ok(FailingGroup {
        rule: text(0)?.ok_or(Misfit)?,
        key_columns,
        key,
        says: says.collect(),
        why: text(7)?.ok_or(Misfit)?,
        first: text(8)?,
        last: text(9)?,
    })
}

impl Iterator for GroupsReader {
    type Item = Result<FailingGroup, EvidenceError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next_with(read)
    }
}

//! Several files as one dataset: the columns that they have together, and the types in which these are read.
//!
//! By default all files have the same columns with types that are read as the same. With `union: by_name`, a column that a
//! file lacks has no value in its rows, and types widen where no value can change: whole numbers to decimals and floats, dates
//! to timestamps. Where each cell has a type of its own, as in workbooks, columns of other types become text. A column without
//! any value, which Arrow stores as null, fits every type.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::bits::Bits;
use super::column::{Column, NULL, SourceColumn, Typed};
use super::error::{Problem, SourceError};
use super::files::format::Format;
use super::open_file::OpenFile;
use super::options::{FILE_COLUMN, FOLDER_KEYS, Options, UNION};
use super::text_column::TextColumn;
use crate::model::{ColumnSeries, DataType, Decimal, FileGroup, StoredAs, nfc, outer_column};

/// Microseconds in a day.
const DAY: i64 = 86_400_000_000;

/// The columns of a dataset.
#[derive(Debug, Default)]
pub(super) struct United {
    /// In the order in which files have them.
    pub(super) columns: Vec<SourceColumn>,
    /// How many of them, the last ones, are in no file: those of folders, and that with the name of the file.
    pub(super) added: usize,
    /// How files differ in them, by name.
    pub(super) series: BTreeMap<String, ColumnSeries>,
}

/// The columns of all files together. Files without rows and columns are left out of it.
pub(super) fn unite(files: &[OpenFile], format: &Format, options: &Options) -> Result<United, SourceError> {
    let by_name = options.text(UNION.name) == Some("by_name");
    let parts: Vec<&OpenFile> = files.iter().filter(|file| !file.is_empty_part).collect();
    let Some((first, others)) = parts.split_first() else { return Ok(United::default()) };
    let gives_text = parts.iter().all(|file| file.table.gives_text());
    let mut columns = first.columns.clone();
    let mut places = first.positions.clone();
    for file in others {
        let fail = |problem: String| Err(Problem::Columns(problem).at(&file.data.shown));
        let fits_all = "files of one dataset must have the same columns; where they may differ, write `union: by_name`";
        let has_columns = !places.is_empty() && !file.columns.is_empty();
        if by_name && has_columns && !file.columns.iter().any(|column| places.contains_key(&column.name)) {
            return fail(format!(
                "has no column of the files before it, such as `{}`: it is of another dataset. It has {}; they have {}",
                first.data.shown,
                listed(&file.columns),
                listed(&columns)
            ));
        }
        for column in &file.columns {
            match places.get(&column.name).and_then(|position| columns.get_mut(*position)) {
                Some(known) => {
                    let Some(joined) = joined(known, column, by_name, gives_text) else {
                        let way_out = if !by_name && widened(known.data_type, column.data_type).is_some() {
                            "files of one dataset must agree; where types may widen, write `union: by_name`"
                        } else if !by_name && gives_text {
                            "files of one dataset must agree; to read the column of every file as text, write \
                             `union: by_name`"
                        } else {
                            "no type holds the values of both: write one of the files again"
                        };
                        return fail(format!(
                            "the column `{}` is stored as {} here and as {} in `{}`: {way_out}",
                            column.name.escape_debug(),
                            column.stored,
                            known.stored,
                            first.data.shown
                        ));
                    };
                    *known = joined;
                }
                None if by_name || format.has_free_columns => {
                    places.insert(column.name.clone(), columns.len());
                    columns.push(column.clone());
                }
                None => {
                    return fail(format!(
                        "has the column `{}`, which `{}` does not have: {fits_all}",
                        column.name.escape_debug(),
                        first.data.shown
                    ));
                }
            }
        }
        if !by_name
            && !format.has_free_columns
            && let Some(column) = columns.iter().find(|column| !file.positions.contains_key(&column.name))
        {
            return fail(format!(
                "does not have the column `{}` of `{}`: {fits_all}",
                column.name.escape_debug(),
                first.data.shown
            ));
        }
        let keys = |file: &OpenFile| file.data.partitions.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>();
        if keys(file) != keys(first) {
            return fail(format!(
                "is not in folders of the same keys as `{}`: to read no column from the names of folders, write `{}: false`",
                first.data.shown, FOLDER_KEYS.name
            ));
        }
    }
    let series = if by_name { differences(&parts, &columns) } else { BTreeMap::new() };
    let own = columns.len();
    add_partitions(first, &mut columns)?;
    add_file_column(&parts, options, &mut columns)?;
    Ok(United { added: columns.len() - own, columns, series })
}

/// The columns inside of nested columns of all files. A file may lack one where it lacks the whole column, or has no value in
/// it; others only by name.
pub(super) fn unite_inner(
    files: &[OpenFile],
    columns: &[SourceColumn],
    format: &Format,
    options: &Options,
) -> Result<Vec<SourceColumn>, SourceError> {
    let by_name = format.has_free_columns || options.text(UNION.name) == Some("by_name");
    let names: BTreeSet<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let mut inner: Vec<SourceColumn> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let parts: Vec<&OpenFile> = files.iter().filter(|file| !file.is_empty_part).collect();
    for file in &parts {
        for column in file.inner_columns.iter().filter(|column| !names.contains(column.name.as_str())) {
            let Some(known) = places.get(&column.name).and_then(|place| inner.get_mut(*place)) else {
                places.insert(column.name.clone(), inner.len());
                inner.push(column.clone());
                continue;
            };
            let Some(joined) = joined(known, column, by_name, false) else {
                let problem = format!(
                    "`{}` is stored as {} here and as {} in another file: files of one dataset must agree",
                    column.name.escape_debug(),
                    column.stored,
                    known.stored
                );
                return Err(Problem::Columns(problem).at(&file.data.shown));
            };
            *known = joined;
        }
    }
    if !by_name {
        for file in &parts {
            let has_values = |name: &str| {
                let column = |name: &str| file.columns.iter().find(|column| column.name == name);
                let outer = outer_column(name, |name| column(name).map(|column| column.name.as_str()));
                outer.and_then(column).is_some_and(|column| column.stored != NULL)
            };
            let lacking =
                inner.iter().find(|column| !file.positions.contains_key(&column.name) && has_values(&column.name));
            if let Some(column) = lacking {
                let problem = format!(
                    "does not have `{}` of another file: files of one dataset must have the same columns; where they may \
                     differ, write `union: by_name`",
                    column.name.escape_debug()
                );
                return Err(Problem::Columns(problem).at(&file.data.shown));
            }
        }
    }
    Ok(inner)
}

/// How files differ in each column.
fn differences(files: &[&OpenFile], columns: &[SourceColumn]) -> BTreeMap<String, ColumnSeries> {
    let mut series = BTreeMap::new();
    for column in columns {
        let mut missing: Option<FileGroup> = None;
        let mut stored: Vec<StoredAs> = Vec::new();
        for file in files {
            let path = || file.data.shown.clone();
            let own = file.positions.get(&column.name).and_then(|position| file.columns.get(*position));
            let Some(own) = own else {
                missing.get_or_insert_with(|| FileGroup { files: 0, first: path() }).files += 1;
                continue;
            };
            match stored.iter_mut().find(|known| known.stored == own.stored) {
                Some(known) => known.group.files += 1,
                None => {
                    stored.push(StoredAs { stored: own.stored.clone(), group: FileGroup { files: 1, first: path() } });
                }
            }
        }
        if stored.len() == 1 {
            stored.clear();
        }
        if missing.is_some() || !stored.is_empty() {
            series.insert(column.name.clone(), ColumnSeries { missing, stored });
        }
    }
    series
}

/// The first columns of a file, as part of a sentence.
fn listed(columns: &[SourceColumn]) -> String {
    /// The most columns that a message lists.
    const MOST: usize = 12;
    let names = columns.iter().take(MOST).map(|column| format!("`{}`", column.name.escape_debug()));
    let shown = names.collect::<Vec<_>>().join(", ");
    match columns.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// A column that holds the values of both. Only by name may they be of different types, and only where cells of both can be
/// given as text is there always one.
fn joined(one: &SourceColumn, other: &SourceColumn, by_name: bool, gives_text: bool) -> Option<SourceColumn> {
    if other.stored == NULL {
        return Some(one.clone());
    }
    if one.stored == NULL {
        return Some(other.clone());
    }
    if one.data_type == other.data_type {
        if one.stored != other.stored && (is_nested(one) || is_nested(other)) {
            return None;
        }
        // One file with mixed cells is enough: no notation may read them.
        let mut joined = one.clone();
        joined.mix(other);
        return Some(joined);
    }
    if !by_name {
        return None;
    }
    let Some(data_type) = widened(one.data_type, other.data_type) else {
        let mut joined = one.as_text();
        joined.mix(&other.as_text());
        return Some(joined).filter(|_| gives_text);
    };
    let holds_both = [other, one].into_iter().find(|column| column.data_type == Some(data_type));
    let stored = holds_both.map_or("float64", |column| &column.stored).to_owned();
    Some(SourceColumn { name: one.name.clone(), stored, data_type: Some(data_type) })
}

/// Whether the text of its cells is JSON.
fn is_nested(column: &SourceColumn) -> bool {
    ["list", "struct", "map"].contains(&column.stored.as_str())
}

/// The type that holds the values of two different types.
fn widened(one: Option<DataType>, other: Option<DataType>) -> Option<DataType> {
    use DataType as T;
    match (one?, other?) {
        (T::Integer, T::Decimal) | (T::Decimal, T::Integer) => Some(T::Decimal),
        // Of whole numbers and narrow floats, neither holds all values of the other.
        (T::Integer, T::Float | T::Float32)
        | (T::Float | T::Float32, T::Integer)
        | (T::Float32, T::Float)
        | (T::Float, T::Float32) => Some(T::Float),
        (T::Date, T::Datetime) | (T::Datetime, T::Date) => Some(T::Datetime),
        _ => None,
    }
}

/// Adds a column for each key of the folders.
fn add_partitions(first: &OpenFile, columns: &mut Vec<SourceColumn>) -> Result<(), SourceError> {
    for (key, _) in &first.data.partitions {
        if columns.iter().any(|column| column.name == *key) {
            return Err(Problem::Columns(format!(
                "a folder says `{}=…`, and the file has a column of that name, too: to read the column, write `{}: false`",
                key.escape_debug(),
                FOLDER_KEYS.name
            ))
            .at(&first.data.shown));
        }
        columns.push(SourceColumn { name: key.clone(), stored: "folder".to_owned(), data_type: Some(DataType::Text) });
    }
    Ok(())
}

/// Adds the column with the name of the file of each row, where one is declared.
fn add_file_column(files: &[&OpenFile], options: &Options, columns: &mut Vec<SourceColumn>) -> Result<(), SourceError> {
    let Some(name) = file_column(options) else { return Ok(()) };
    let is_taken = columns.iter().any(|column| column.name == name);
    let file = files.iter().find(|file| is_taken || file.inner_columns.iter().any(|column| column.name == name));
    if let Some(file) = file {
        let name = name.escape_debug();
        let problem = format!("has a column `{name}` already: give `{}` another name", FILE_COLUMN.name);
        return Err(Problem::Columns(problem).at(&file.data.shown));
    }
    columns.push(SourceColumn { name, stored: "file".to_owned(), data_type: Some(DataType::Text) });
    Ok(())
}

/// The name of the column with the file of each row, where one is declared.
pub(super) fn file_column(options: &Options) -> Option<String> {
    options.text(FILE_COLUMN.name).map(|name| nfc(name).into_owned())
}

/// Where the cells of a column of the dataset come from in one file.
#[derive(Debug, Clone)]
pub(super) enum Slot {
    /// From the next column that is read of the file, in the type of the dataset.
    Own(Option<DataType>),
    /// The same text in every row: the value of a folder, or the name of the file.
    Constant(Option<Arc<str>>),
    /// No row has a value.
    Missing(DataType),
}

impl Slot {
    /// Where the cells of a column come from that the file has.
    pub(super) fn of(own: &SourceColumn, column: &SourceColumn) -> Self {
        match column.data_type {
            Some(data_type) if own.stored == NULL && column.stored != NULL => Self::Missing(data_type),
            Some(data_type) if own.data_type != column.data_type => Self::Own(Some(data_type)),
            _ => Self::Own(None),
        }
    }
}

/// Cells in a wider type. A whole number that no float is equal to is unreadable.
pub(super) fn widen(column: Column, to: DataType) -> Column {
    match (column, to) {
        (Column::Integer(cells), DataType::Decimal) => {
            let values = cells.values.into_iter().map(Decimal::from).collect();
            Column::Decimal(Typed { values, valid: cells.valid, unreadable: cells.unreadable })
        }
        (Column::Integer(cells), DataType::Float) => Column::Float(exact_floats(&cells, |number| exact_float(*number))),
        (Column::Decimal(cells), DataType::Float) => {
            let float = |number: &Decimal| exact_float(i64::try_from(number.to_whole()?).ok()?);
            Column::Float(exact_floats(&cells, float))
        }
        (Column::Date(cells), DataType::Datetime) => {
            let values = cells.values.iter().map(|day| i64::from(*day) * DAY).collect();
            Column::Datetime(Typed { values, valid: cells.valid, unreadable: cells.unreadable })
        }
        (column, _) => column,
    }
}

/// The float that is equal to a whole number.
fn exact_float(number: i64) -> Option<f64> {
    /// Beyond it floats are more than one apart.
    const MOST: u64 = 1 << f64::MANTISSA_DIGITS;
    #[expect(clippy::cast_precision_loss, reason = "every number up to the greatest one is a float")]
    (number.unsigned_abs() <= MOST).then_some(number as f64)
}

fn exact_floats<T>(cells: &Typed<T>, float: impl Fn(&T) -> Option<f64>) -> Typed<f64> {
    let rows = cells.values.len();
    let mut unreadable = cells.unreadable.clone().unwrap_or_else(|| Bits::none(rows));
    let valid = cells.valid.clone().unwrap_or_else(|| Bits::all(rows));
    let mut values = Vec::with_capacity(rows);
    for (row, value) in cells.values.iter().enumerate() {
        let float = float(value);
        if float.is_none() && valid.get(row) {
            unreadable.set(row);
        }
        values.push(float.unwrap_or_default());
    }
    if unreadable.is_empty() {
        return Typed { values, valid: cells.valid.clone(), unreadable: None };
    }
    Typed { values, valid: Some(valid.without(&unreadable)), unreadable: Some(unreadable) }
}

/// Cells of a type without any value.
pub(super) fn without_values(data_type: DataType, rows: usize) -> Column {
    fn none<T: Clone + Default>(rows: usize) -> Typed<T> {
        Typed { values: vec![T::default(); rows], valid: Some(Bits::none(rows)), unreadable: None }
    }
    match data_type {
        DataType::Text | DataType::Uuid | DataType::Binary => Column::Text(TextColumn::Constant(None)),
        DataType::Integer => Column::Integer(none(rows)),
        DataType::Decimal => {
            let values = vec![Decimal::ZERO; rows];
            Column::Decimal(Typed { values, valid: Some(Bits::none(rows)), unreadable: None })
        }
        DataType::Float | DataType::Float32 => Column::Float(none(rows)),
        DataType::Date => Column::Date(none(rows)),
        DataType::Datetime => Column::Datetime(none(rows)),
        DataType::Boolean => Column::Boolean(none(rows)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_become_floats_that_are_equal_or_none() {
        let values = vec![0, 1 << 53, (1 << 53) + 1, i64::MIN];
        let Column::Float(cells) = widen(Column::Integer(Typed { values, ..Typed::default() }), DataType::Float) else {
            panic!("floats")
        };
        let readable: Vec<bool> = (0..4).map(|row| cells.valid.as_ref().is_some_and(|valid| valid.get(row))).collect();
        assert_eq!(readable, [true, true, false, false]);
        assert_eq!(&cells.values[..2], [0.0, 9_007_199_254_740_992.0]);
    }
}

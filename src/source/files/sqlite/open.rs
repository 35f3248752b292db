//! Opening a database: what is read of it, and what its columns are.

use rusqlite::Connection;

use super::columns::Seen;
use super::database::connect;
use super::problems::{explain, explain_query, explain_rows};
use super::table::QueryTable;
use crate::source::error::Problem;
use crate::source::faults::Tally;
use crate::source::files::column_names::column_names;
use crate::source::files::data_file::DataFile;
use crate::source::options::Options;

/// The most tables that a message lists.
const MOST_LISTED: usize = 12;

/// The tables and views of a database, in the order of their names.
const TABLES: &str = "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' \
                      ESCAPE '\\' ORDER BY name";

/// A table or a view.
struct Named {
    name: String,
    is_table: bool,
}

/// Opens a database and reads what the columns of the table or query are.
///
/// # Errors
/// Where it cannot be read, the table is not there, or the query does more than read.
pub(super) fn open(file: DataFile, options: &Options) -> Result<QueryTable, Problem> {
    let (database, unrepeatable) = connect(&file)?;
    let query = match options.text("query") {
        Some(query) => query.to_owned(),
        None => select(&database, options.text("table"))?,
    };
    if query.trim().is_empty() {
        return Err(Problem::Declaration("`query` is empty: write one SELECT".to_owned()));
    }
    let prepared = database.prepare(&query);
    let mut statement = prepared.map_err(|error| unrepeatable.problem().unwrap_or_else(|| explain_query(&error)))?;
    if statement.is_explain() != 0 {
        return Err(Problem::Declaration(
            "`query` explains a query and gives none of its rows: leave out EXPLAIN".to_owned(),
        ));
    }
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    if !statement.readonly() || names.is_empty() {
        return Err(Problem::Declaration("`query` gives no rows: write one SELECT".to_owned()));
    }
    if statement.parameter_count() > 0 {
        return Err(Problem::Declaration(
            "`query` has parameters (`?` or `:name`), which nothing gives a value: write the values".to_owned(),
        ));
    }
    unrepeatable.check(&database, &query)?;
    let mut seen = vec![Seen::default(); names.len()];
    let mut count = 0_u64;
    let mut rows = statement.query([]).map_err(|error| explain_rows(&error))?;
    while let Some(row) = rows.next().map_err(|error| explain_rows(&error))? {
        count += 1;
        for (position, seen) in seen.iter_mut().enumerate() {
            seen.enter(row.get_ref(position).map_err(|error| explain(&error))?);
        }
    }
    drop(rows);
    drop(statement);
    let mut faults = Tally::default();
    let names = column_names(&names, 0, &mut faults);
    let columns = names.into_iter().zip(&seen).map(|(name, seen)| seen.column(name)).collect();
    let given = seen.iter().map(|seen| seen.given()).collect();
    Ok(QueryTable { file, query, columns, given, rows: count, faults })
}

/// The query of the table that is declared, else of the only one.
fn select(database: &Connection, wanted: Option<&str>) -> Result<String, Problem> {
    let tables = tables(database).map_err(|error| explain(&error))?;
    let chosen = if let Some(wanted) = wanted {
        let found = tables.iter().find(|table| table.name == wanted);
        let found = found.or_else(|| tables.iter().find(|table| table.name.eq_ignore_ascii_case(wanted)));
        found.ok_or_else(|| {
            Problem::Declaration(format!("has no table `{}`; it has {}", wanted.escape_debug(), listed(&tables)))
        })?
    } else {
        let mut only = tables.iter().filter(|table| table.is_table);
        match (only.next(), only.next()) {
            (Some(only), None) => only,
            (None, _) => return Err(Problem::Empty("the database has no tables".to_owned())),
            (Some(_), Some(_)) => {
                return Err(Problem::Declaration(format!(
                    "has several tables: name one with `table`, or write a `query`. There are {}",
                    listed(&tables)
                )));
            }
        }
    };
    let name = chosen.name.replace('"', "\"\"");
    // An index that holds all columns would give the rows in its own order.
    Ok(format!("SELECT * FROM \"{name}\"{}", if chosen.is_table { " NOT INDEXED" } else { "" }))
}

fn tables(database: &Connection) -> rusqlite::Result<Vec<Named>> {
    let mut statement = database.prepare(TABLES)?;
    let tables = statement.query_map([], |row| {
        Ok(Named { name: row.get(0)?, is_table: row.get_ref(1)?.as_str().is_ok_and(|kind| kind == "table") })
    })?;
    tables.collect()
}

fn listed(tables: &[Named]) -> String {
    let names = tables.iter().map(|table| format!("`{}`", table.name.escape_debug()));
    let shown = names.take(MOST_LISTED).collect::<Vec<_>>().join(", ");
    match tables.len() {
        0 => "none".to_owned(),
        count if count > MOST_LISTED => format!("{shown} and {} more", count - MOST_LISTED),
        _ => shown,
    }
}

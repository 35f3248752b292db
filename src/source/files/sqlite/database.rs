//! A connection that can do nothing but read.

use std::fs;
use std::path::{Path, absolute};
use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use super::magic::MAGIC;
use super::problems::explain;
use super::unrepeatable::Unrepeatable;
use crate::source::error::Problem;
use crate::source::files::compressed::Packing;
use crate::source::files::data_file::{DataFile, unreadable};

/// Bytes of a path that a URI keeps.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

/// The part of the memory that `SQLite` may take: for sorting and grouping in a query, which goes to temporary files beyond it.
const OF_MEMORY: u64 = 4;

/// The least memory that `SQLite` may take.
const LEAST_MEMORY: u64 = 32 << 20;

/// The longest row, unless memory is scarce.
const MAX_ROW: u64 = 512 << 20;

/// Opens the database of a file.
///
/// # Errors
/// Where it is none, is damaged, or another program has it open.
pub(super) fn connect(file: &DataFile) -> Result<(Connection, Arc<Unrepeatable>), Problem> {
    if file.archive().is_some() {
        return Err(Problem::foreign(
            "is a database in an archive, and SQLite reads files alone: unpack the archive and name the database",
        ));
    }
    let path = file.path().ok_or_else(|| {
        Problem::foreign("comes from a pipe, and SQLite reads files alone: write the database to a file and name it")
    })?;
    if file.packing != Packing::Plain {
        return Err(Problem::foreign("is packed, and SQLite reads files as they are: unpack it"));
    }
    let head = header(file)?;
    let path = absolute(path).map_err(|error| unreadable(&error))?;
    // A database with a log beside it is not whole without the log, and reading it would write into the folder.
    let has_log = head.is_logged && beside(&path, "-wal").is_some_and(|bytes| bytes > 0);
    if has_log {
        return Err(Problem::inaccessible(
            "is open in another program, or was not closed: the file `-wal` beside it holds changes. Close that program, or \
             audit a copy made with `VACUUM INTO`",
        ));
    }
    // One without is whole. To lock it would make files in the folder, so nobody is asked: a change is found at the end.
    let query = if head.is_logged { "?mode=ro&immutable=1" } else { "?mode=ro" };
    let uri = format!("file:{}{query}", percent_encode(path.as_os_str().as_encoded_bytes(), PATH));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let mut database = Connection::open_with_flags(uri, flags).map_err(|error| explain(&error))?;
    let found = secure(&mut database, file.memory).map_err(|error| explain(&error))?;
    Ok((database, found))
}

/// The size of a file with that ending beside the database.
fn beside(path: &Path, ending: &str) -> Option<u64> {
    let mut name = path.file_name()?.to_owned();
    name.push(ending);
    fs::metadata(path.with_file_name(name)).ok().map(|metadata| metadata.len())
}

/// What the first bytes of a database say.
struct Header {
    /// Whether changes are written to a log beside it.
    is_logged: bool,
}

/// Reads the first bytes.
fn header(file: &DataFile) -> Result<Header, Problem> {
    if file.bytes == 0 {
        return Err(Problem::Empty("empty: no tables".to_owned()));
    }
    let head = file.open()?.read_range(0, 100).map_err(|error| unreadable(&error))?;
    if !head.starts_with(MAGIC) {
        return Err(Problem::foreign(
            "is not a SQLite database, or is one with a password: export the table as CSV, or save a copy without a password",
        ));
    }
    let cut_off = || Problem::damaged("the database is cut off: get the whole file again");
    let long = |at: usize| Some(u32::from_be_bytes(head.get(at..at + 4)?.try_into().ok()?));
    let (Some(changes), Some(pages), Some(valid_for)) = (long(24), long(28), long(92)) else { return Err(cut_off()) };
    let page = match u16::from_be_bytes([head[16], head[17]]) {
        1 => 1 << 16,
        size => u64::from(size),
    };
    // The number of pages counts only where the program that wrote last kept it.
    if changes == valid_for && pages > 0 && u64::from(pages) * page > file.bytes {
        return Err(cut_off());
    }
    Ok(Header { is_logged: head[18] == 2 || head[19] == 2 })
}

/// Takes away all that is not needed to read.
fn secure(database: &mut Connection, memory: u64) -> rusqlite::Result<Arc<Unrepeatable>> {
    let limit = |bytes: u64| i32::try_from(bytes).unwrap_or(i32::MAX);
    let share = (memory / OF_MEMORY).max(LEAST_MEMORY);
    database.set_limit(Limit::SQLITE_LIMIT_LENGTH, limit(MAX_ROW.min(share)))?;
    database.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    database.set_limit(Limit::SQLITE_LIMIT_WORKER_THREADS, 0)?;
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // A name in double quotes that no column has would be a text otherwise, the same in every row.
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    // The limit on memory holds for all connections of the process.
    database.execute_batch(&format!(
        "PRAGMA query_only = 1; PRAGMA cell_size_check = 1; PRAGMA mmap_size = 0; PRAGMA cache_size = -8192; \
         PRAGMA temp_store = 1; PRAGMA hard_heap_limit = {share};"
    ))?;
    let found = Arc::new(Unrepeatable::default());
    let unrepeatable = Arc::clone(&found);
    database.authorizer(Some(move |context: AuthContext<'_>| match context.action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => Authorization::Allow,
        AuthAction::Function { function_name } if unrepeatable.allows(function_name) => Authorization::Allow,
        _ => Authorization::Deny,
    }))?;
    Ok(found)
}

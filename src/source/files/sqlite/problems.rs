//! What errors of `SQLite` mean.

use rusqlite::{Error, ErrorCode};

use crate::source::error::Problem;

/// What an error of `SQLite` means. Its own text may hold values and is kept only where it is about the query as written.
pub(super) fn explain(error: &Error) -> Problem {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Problem::inaccessible(
            "is locked: another program writes to the database. Close it, or audit a copy made with `VACUUM INTO`",
        ),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen) => Problem::inaccessible(
            "cannot be opened to be read: another program has not finished a change to the database. Open and close it with \
             that program, or audit a copy made with `VACUUM INTO`",
        ),
        Some(ErrorCode::DatabaseCorrupt) => Problem::damaged(
            "the database is damaged: get the file again, or recover it with `.recover` of the program sqlite3",
        ),
        Some(ErrorCode::NotADatabase) => {
            Problem::foreign("is not a SQLite database, or is one with a password: save a copy without a password")
        }
        Some(ErrorCode::AuthorizationForStatementDenied) => Problem::Declaration(
            "`query` does more than read: write one SELECT, without PRAGMA, ATTACH or statements that change data"
                .to_owned(),
        ),
        Some(ErrorCode::OutOfMemory) => Problem::beyond_limit(
            "the query takes more memory than it may: allow more with --memory, or read a table without sorting or grouping",
        ),
        Some(ErrorCode::TooBig) => Problem::beyond_limit(
            "a row of the database is too long: allow more with --memory, or leave the column out with `query`",
        ),
        Some(ErrorCode::SystemIoFailure) => {
            Problem::inaccessible("the database cannot be read: the disk reports an error")
        }
        Some(ErrorCode::DiskFull) => Problem::inaccessible(
            "no space is left for what the query sorts: free space in the folder for temporary files",
        ),
        _ => Problem::foreign("the database cannot be read: open it with the program sqlite3, which shows why"),
    }
}

/// What it means that a query fails while its rows are read. The database is sound then: a function of the query, or of a view,
/// does not take a value.
pub(super) fn explain_rows(error: &Error) -> Problem {
    let Error::SqliteFailure(failure, Some(words)) = error else { return explain(error) };
    if !matches!(failure.code, ErrorCode::Unknown | ErrorCode::TypeMismatch | ErrorCode::ConstraintViolation) {
        return explain(error);
    }
    Problem::Declaration(format!(
        "the query fails while its rows are read ({}): a function in it does not take the value of a row. Leave such rows out \
         with WHERE, or give the column as it is",
        without_values(words)
    ))
}

/// The words of an error up to where it may quote a value.
fn without_values(words: &str) -> String {
    let end = words.find(|c: char| matches!(c, '\'' | '"' | '`' | ':') || !c.is_ascii()).unwrap_or(words.len());
    let told: String = words[..end].trim().chars().take(200).flat_map(char::escape_debug).collect();
    if told.is_empty() { "SQLite names a value and no reason".to_owned() } else { told }
}

/// What it means that a query cannot be prepared.
pub(super) fn explain_query(error: &Error) -> Problem {
    match error {
        Error::MultipleStatement => {
            Problem::Declaration("`query` has more than one statement: write one that reads".to_owned())
        }
        Error::SqlInputError { msg, .. } => {
            // It names what the query names: tables, columns and words of it.
            let words: String = msg.chars().take(200).flat_map(char::escape_debug).collect();
            Problem::Declaration(format!("`query` cannot be read as SQL: {words}"))
        }
        _ => match error.sqlite_error_code() {
            Some(ErrorCode::Unknown) => {
                let words = error.to_string();
                let words: String = words.chars().take(200).flat_map(char::escape_debug).collect();
                Problem::Declaration(format!("`query` cannot be read as SQL: {words}"))
            }
            _ => explain(error),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_an_error_end_where_a_value_may_begin() {
        assert_eq!(without_values("malformed JSON"), "malformed JSON");
        assert_eq!(without_values("bad JSON path: 'secret'"), "bad JSON path");
        assert_eq!(without_values("JSON path error near 'secret'"), "JSON path error near");
        assert_eq!(without_values("'secret'"), "SQLite names a value and no reason");
    }
}

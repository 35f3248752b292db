//! Queries that give other rows when they are executed again: an audit reads a database more than once, and whoever repeats it must
//! get the same counts.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::problems::explain;
use crate::source::error::Problem;

/// Functions that give something else each time.
const REFUSED: &[&str] = &[
    "random",
    "randomblob",
    "current_timestamp",
    "current_date",
    "current_time",
    "changes",
    "total_changes",
    "last_insert_rowid",
];

/// Functions that give the present where they have no argument or are asked for it.
const DATES: &[&str] = &["date", "time", "datetime", "julianday", "unixepoch", "strftime", "timediff"];

/// Arguments of these that depend on the clock or on the machine.
const CLOCK: &[&str] = &["now", "localtime", "utc"];

/// A first argument that is the present, to a part of a second.
const PARTS: &[&str] = &["subsec", "subsecond"];

/// What was found in a query while it was prepared.
#[derive(Debug, Default)]
pub(super) struct Unrepeatable {
    /// A function that is refused.
    refused: Mutex<Option<String>>,
    /// Whether there are functions of dates.
    has_dates: AtomicBool,
}

impl Unrepeatable {
    /// Whether a query may use a function.
    pub(super) fn allows(&self, function: &str) -> bool {
        let is = |names: &[&str]| names.iter().any(|name| function.eq_ignore_ascii_case(name));
        if is(DATES) {
            self.has_dates.store(true, Ordering::Relaxed);
        }
        if is(REFUSED) {
            let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
            refused.get_or_insert_with(|| function.to_ascii_lowercase());
        }
        !is(REFUSED) && !is(&["load_extension"])
    }

    /// Why a query that could not be prepared is refused, if it is for one of its functions.
    pub(super) fn problem(&self) -> Option<Problem> {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.as_deref().map(problem)
    }

    /// Makes sure that a prepared query does not ask for the time.
    ///
    /// # Errors
    /// Where it does.
    pub(super) fn check(&self, database: &Connection, query: &str) -> Result<(), Problem> {
        if !self.has_dates.load(Ordering::Relaxed) {
            return Ok(());
        }
        if let Some(name) = alone(query) {
            return Err(problem(name));
        }
        // The program of the query has its functions and texts, those of views too.
        let fail = |error| explain(&error);
        let mut program = database.prepare(&format!("EXPLAIN {query}")).map_err(fail)?;
        let mut rows = program.query([]).map_err(fail)?;
        let (mut texts, mut begins_constant) = (Vec::new(), false);
        while let Some(row) = rows.next().map_err(fail)? {
            let operation: String = row.get("opcode").map_err(fail)?;
            let operand: Option<String> = row.get("p4").map_err(fail)?;
            let Some(operand) = operand else { continue };
            if operation.starts_with("String") {
                texts.push(operand.trim().to_ascii_lowercase());
                continue;
            }
            let called = DATES.iter().find(|name| {
                let rest = operand.get(..name.len()).filter(|start| start.eq_ignore_ascii_case(name));
                rest.is_some() && operand[name.len()..].starts_with('(')
            });
            let Some(name) = called else { continue };
            // One bit for each argument that is constant, and the register of the first argument.
            let constant: i64 = row.get("p1").map_err(fail)?;
            let first: i64 = row.get("p2").map_err(fail)?;
            if first == 0 {
                return Err(problem(name));
            }
            begins_constant |= constant & 1 != 0;
        }
        let is = |text: &&String, names: &[&str]| names.contains(&text.as_str());
        let found = texts.iter().find(|text| is(text, CLOCK) || (begins_constant && is(text, PARTS)));
        found.map_or(Ok(()), |text| {
            Err(Problem::Declaration(format!(
                "the query has a function of dates and the text `{text}`, so it depends on the clock of the machine, and an \
                 audit must give the same counts again: write the date itself"
            )))
        })
    }
}

/// The function `strftime` where a query has it with a format alone.
fn alone(query: &str) -> Option<&'static str> {
    const NAME: &str = "strftime";
    let lower = query.to_ascii_lowercase();
    let has_one = lower.match_indices(NAME).any(|(at, _)| {
        let arguments = lower[at + NAME.len()..].trim_start().strip_prefix('(').map(str::trim_start);
        let format = arguments.and_then(|rest| rest.strip_prefix('\''));
        let behind = format.and_then(|rest| rest.split_once('\'')).map(|(_, behind)| behind.trim_start());
        behind.is_some_and(|behind| behind.starts_with(')'))
    });
    has_one.then_some(NAME)
}

fn problem(function: &str) -> Problem {
    Problem::Declaration(format!(
        "the query has the function `{function}`, which gives something else each time, and an audit must give the same counts \
         again: leave it out, or export the rows once and audit these"
    ))
}

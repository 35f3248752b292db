//! Why a rule measured nothing, in sentences.

use crate::rules::BoundRule;

/// How many texts that do not occur are named.
const LITERALS_SHOWN: usize = 3;

/// What is known of the `where` of a rule that measured nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet {
    /// Rows that meet it.
    pub rows: u64,
    /// Texts in it that do not occur.
    pub absent: Vec<AbsentLiteral>,
}

/// A text that does not occur in the column that `where` compares it with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbsentLiteral {
    /// The column.
    pub column: String,
    /// The text.
    pub literal: String,
    /// The value of the column that was probably meant.
    pub nearest: Option<String>,
}

impl Unmet {
    /// Why the rule measured nothing.
    pub fn reason(&self, bound: &BoundRule) -> String {
        let condition = bound.rule.condition.as_deref().unwrap_or_default();
        match self.rows {
            0 => {
                let absent = self.absent.iter().take(LITERALS_SHOWN).map(|absent| {
                    let AbsentLiteral { column, literal, nearest } = absent;
                    let instead = nearest.as_ref().map(|value| format!("; it has {}", quoted(value)));
                    format!("`{column}` has no {}{}", quoted(literal), instead.unwrap_or_default())
                });
                let absent: Vec<String> = absent.collect();
                let why = if absent.is_empty() { String::new() } else { format!(": {}", absent.join(", and ")) };
                format!("no row meets `where` ({condition}){why}")
            }
            1 => format!("1 row meets `where` ({condition}) and has no {}", value_of(bound)),
            rows => format!("{rows} rows meet `where` ({condition}) and none of them has a {}", value_of(bound)),
        }
    }
}

/// Why a rule judged none of so many rows, as far as its counts show it.
pub(super) fn nothing_measured(bound: &BoundRule, rows: u64) -> String {
    let value = value_of(bound);
    match &bound.rule.condition {
        _ if rows == 0 && bound.check.is_about_rows() => "there are no rows to judge".to_owned(),
        Some(condition) => format!("no row meets `where` ({condition}) and has a {value}"),
        None => format!("no row has a {value}"),
    }
}

/// `value to judge in` the columns of the rule.
fn value_of(bound: &BoundRule) -> String {
    let columns = bound.columns.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ");
    if columns.is_empty() { "value to judge".to_owned() } else { format!("value to judge in {columns}") }
}

/// A text as it is written in a condition.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

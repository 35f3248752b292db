//! What the work on a row costs: a small model that predictions are made of.
//!
//! So many nanoseconds of a worker for each row, by what is asked of which type of column, and more for longer text. The
//! model knows rows and the bytes of columns where files hold them (Parquet does). Otherwise it assumes that a cell is
//! [`CELL_BYTES`] long, and derives the rows from the size of the files. Only the proportions are meant to be right: they
//! are those of a profile of `rules/citizens-24.yaml` on a Parquet and a CSV export of 10 million rows. A profile of
//! one's own data (`audit --profile`) is always better.

use std::collections::BTreeMap;

use crate::model::{Aggregate, ComparisonForm, DataType, Expr, Extent};
use crate::plan::Plan;

/// Bytes of a cell where they are unknown.
const CELL_BYTES: f64 = 10.0;

/// Rows of a dataset where not even its bytes are known, as with standard input.
const ROWS: f64 = 1_000_000.0;

/// Nanoseconds of a worker, for each row where no other unit is named.
pub(crate) mod nanoseconds {
    /// Decoding a cell of a typed column.
    pub(crate) const DECODE: f64 = 1.5;
    /// Decoding a cell of text stored column by column; besides, for each byte.
    pub(crate) const DECODE_TEXT: f64 = 18.0;
    pub(crate) const DECODE_BYTE: f64 = 0.6;
    /// Splitting text into records, for each byte of a row, whichever columns are read.
    pub(crate) const SPLIT_BYTE: f64 = 1.6;
    /// Keeping one cell of a record.
    pub(crate) const SPLIT_CELL: f64 = 8.0;
    /// Finding out whether a cell of text, or of another type, is missing.
    pub(crate) const MISSING_TEXT: f64 = 2.0;
    pub(crate) const MISSING_TYPED: f64 = 0.3;
    /// Taking over a typed cell.
    pub(crate) const TYPED: f64 = 1.5;
    /// Parsing text as a type.
    pub(crate) const PARSE: f64 = 27.0;
    /// Keeping which records are clean.
    pub(crate) const RECORDS: f64 = 0.2;
    /// Putting together sets of rows.
    pub(crate) const ROW_SET: f64 = 0.1;
    /// Starting a pattern; besides, for each byte.
    pub(crate) const PATTERN: f64 = 4.0;
    pub(crate) const PATTERN_BYTE: f64 = 0.55;
    /// Looking a value up in a list.
    pub(crate) const LISTED: f64 = 0.6;
    /// Comparing with bounds, text or another type.
    pub(crate) const RANGE_TEXT: f64 = 4.0;
    pub(crate) const RANGE_TYPED: f64 = 1.2;
    /// Counting characters, for each cell and byte.
    pub(crate) const LENGTH: f64 = 4.5;
    pub(crate) const LENGTH_BYTE: f64 = 0.05;
    /// Judging an identifier, recognizing a format; for each byte of a text that is searched.
    pub(crate) const IDENTIFIER: f64 = 25.0;
    pub(crate) const FORMAT: f64 = 30.0;
    pub(crate) const TEXT_BYTE: f64 = 1.0;
    /// One step of an expression: on existing values, on text that must be made.
    pub(crate) const STEP: f64 = 2.0;
    pub(crate) const STEP_TEXT: f64 = 2.6;
    /// Making a key; besides, for each byte of text and for each part of another type.
    pub(crate) const KEY: f64 = 2.0;
    pub(crate) const KEY_BYTE: f64 = 0.5;
    pub(crate) const KEY_PART: f64 = 15.0;
    /// Keeping a key to find duplicates; later, sorting it among the others.
    pub(crate) const KEEP_KEY: f64 = 6.0;
    pub(crate) const SORT_KEY: f64 = 6.5;
    /// Running a row past the groups of its part.
    pub(crate) const FOLD_ROW: f64 = 30.0;
    /// Finding a key among those of another dataset; building those.
    pub(crate) const FIND_KEY: f64 = 4.0;
    pub(crate) const BUILD_KEY: f64 = 30.0;
    /// Comparing one fact; folding its letters.
    pub(crate) const FACT: f64 = 25.0;
    pub(crate) const FOLD: f64 = 200.0;
    /// Computing a digest, for each stored byte.
    pub(crate) const DIGEST_BYTE: f64 = 0.6;
    /// Comparing a row with the rows that may be similar.
    pub(crate) const SIMILAR: f64 = 30_000.0;
    /// Adding to an aggregate.
    pub(crate) const FIGURE: f64 = 1.0;
    /// Adding to the exact total of a group.
    pub(crate) const ADD: f64 = 10.0;
    /// Keeping a value whose rank among all values matters; later, finding such ranks.
    pub(crate) const KEEP_VALUE: f64 = 1.5;
    pub(crate) const ORDER_VALUE: f64 = 4.0;
    /// Sorting a value within its group.
    pub(crate) const SORT_GROUPED: f64 = 60.0;
}
use nanoseconds as ns;

/// Nanoseconds of a worker for each row: while batches are read, and after the last one.
pub(crate) type RowCost = (f64, f64);

/// What is known of a column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    /// The type in which it is stored.
    pub stored: DataType,
    /// The type in which rules see it.
    pub seen: DataType,
    /// Bytes of a cell.
    pub bytes: f64,
}

/// What is known of a dataset before its rows are read.
pub(crate) struct CostModel<'a> {
    /// The columns of the dataset, with the types in which they are stored.
    pub stored: &'a [(String, DataType)],
    /// Whether the files are text, which is split into records.
    pub is_text: bool,
    /// Rows.
    pub rows: f64,
    /// Bytes of a row.
    pub row_bytes: f64,
    /// The columns that are read.
    pub known: BTreeMap<&'a str, Known>,
}

impl<'a> CostModel<'a> {
    /// The model of a pass that reads these columns of a dataset.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    pub(crate) fn new(plan: &'a Plan, (dataset, columns): (&str, &'a [String]), extent: &Extent) -> Self {
        let planned = plan.datasets.get(dataset);
        let stored = planned.map_or(&[][..], |planned| planned.stored.as_slice());
        let width = stored.len().max(1) as f64;
        let bytes = extent.bytes as f64;
        let rows = match extent.rows {
            Some(rows) => rows as f64,
            None if extent.bytes == 0 => ROWS,
            None => (bytes / (width * CELL_BYTES)).max(1.0),
        };
        let known = columns.iter().filter_map(|name| {
            let (name, kept) = stored.iter().find(|(column, _)| column == name)?;
            let seen = planned.and_then(|dataset| dataset.columns.get(name)).map_or(*kept, |column| column.data_type);
            // Four bytes of each text hold its length.
            let mean = extent.columns.get(name).map(|bytes| (*bytes as f64 / rows.max(1.0) - 4.0).max(1.0));
            Some((name.as_str(), Known { stored: *kept, seen, bytes: mean.unwrap_or(CELL_BYTES) }))
        });
        let row_bytes = if extent.bytes == 0 { width * CELL_BYTES } else { bytes / rows.max(1.0) };
        Self { stored, is_text: extent.is_text, rows, row_bytes, known: known.collect() }
    }

    /// What is known of a column of the pass.
    pub(crate) fn of(&self, column: &str) -> Known {
        let text = Known { stored: DataType::Text, seen: DataType::Text, bytes: CELL_BYTES };
        self.known.get(column).copied().unwrap_or(text)
    }

    /// Comparing one fact.
    pub(crate) fn fact(&self, column: &str, form: &ComparisonForm) -> f64 {
        let bytes = self.of(column).bytes * ns::KEY_BYTE;
        match form {
            ComparisonForm::Exact | ComparisonForm::Tolerance(_) => ns::FACT + bytes,
            ComparisonForm::Nfc | ComparisonForm::Folded => ns::FOLD + bytes,
        }
    }

    /// Making a key of these columns.
    pub(crate) fn key(&self, columns: &[String]) -> f64 {
        let part = |name: &String| {
            let column = self.of(name);
            if column.seen.is_textual() { column.bytes * ns::KEY_BYTE } else { ns::KEY_PART }
        };
        ns::KEY + columns.iter().map(part).sum::<f64>()
    }
}

/// Computing the input of an aggregate, and adding it up.
pub(crate) fn operands(aggregate: &Aggregate) -> f64 {
    let of = |value: &Expr| match value {
        Expr::Column { .. } => 0.0,
        value => expression(value),
    };
    ns::FIGURE + aggregate.value.iter().chain(&aggregate.other).map(of).sum::<f64>()
}

/// Evaluating an expression: every step, and more where it makes text.
pub(crate) fn expression(expr: &Expr) -> f64 {
    let all = |parts: &[&Expr]| parts.iter().map(|part| expression(part)).sum::<f64>();
    match expr {
        Expr::Column { .. } | Expr::Literal(_) | Expr::Figure { .. } => 0.0,
        Expr::Not(inner) | Expr::Negate(inner) => ns::ROW_SET + all(&[inner]),
        Expr::And(left, right) | Expr::Or(left, right) => ns::ROW_SET + all(&[left, right]),
        Expr::Compare { left, right, .. } | Expr::Arithmetic { left, right, .. } => {
            step(left.data_type()) + all(&[left, right])
        }
        Expr::In { value, .. } => step(value.data_type()) + all(&[value]),
        Expr::IsNull { value, .. } => ns::ROW_SET + all(&[value]),
        Expr::Like { value, .. } => ns::PATTERN + all(&[value]),
        Expr::Cast { value, .. } => ns::PARSE + all(&[value]),
        Expr::Case { branches, otherwise, .. } => {
            let branches: f64 = branches.iter().map(|(when, then)| all(&[when, then])).sum();
            ns::STEP + branches + otherwise.as_deref().map_or(0.0, expression)
        }
        Expr::Call { args, .. } => ns::STEP_TEXT + args.iter().map(expression).sum::<f64>(),
    }
}

/// One step of an expression on values of this type.
fn step(data_type: Option<DataType>) -> f64 {
    if data_type.is_some_and(DataType::is_textual) { ns::STEP_TEXT } else { ns::STEP }
}

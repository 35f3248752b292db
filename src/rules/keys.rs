//! The keys of a suite, of a dataset and of a column.

use super::fields::{Field, field};
use super::notation::{BOOLEANS, NUMBERS};

/// Keys with those about the writing of numbers and booleans among them.
macro_rules! with_notation {
    ($($before:expr,)* ; $($after:expr,)*) => {
        &[
            $($before,)*
            NUMBERS[0],
            NUMBERS[1],
            NUMBERS[2],
            NUMBERS[3],
            NUMBERS[4],
            BOOLEANS[0],
            BOOLEANS[1],
            $($after,)*
        ]
    };
}

/// The keys of a suite.
pub(super) const SUITE: &[Field] = with_notation![
    field("suite", "The name of the suite"),
    field("title", "A title for people"),
    field(
        "as_of",
        "The date or timestamp that counts as today for relative dates, with an offset converted to UTC; --as-of overrides it; by default today in UTC",
    ),
    field("extends", "Files that this one builds on, relative to it"),
    field("params", "Values for ${name} in this suite; --set NAME=VALUE overrides them"),
    field("missing", "Tokens that count as missing in every dataset, besides empty and blank"),
    ;
    field("codelists", "Lists of codes by name"),
    field("datasets", "The datasets by name"),
    field("gate", "When the audit passes"),
    field("waivers", "Files of waivers, relative to this one: which failures are accepted, until when, by whom and why"),
    field("bands", "The limits between green, amber and red"),
];

/// The keys of a dataset.
pub(super) const DATASET: &[Field] = with_notation![
    field("source", "Where it is: a file, a glob, a folder or `-`, relative to this file; or a mapping"),
    field("title", "A title for people"),
    field("owner", "The organisation that is responsible for the data"),
    field("steward", "Who to write to"),
    field("key", "The column or columns that identify a row"),
    field("missing", "Tokens that count as missing, besides empty and blank"),
    ;
    field("sharing", "What is declared about handing it over"),
    field("columns", "The columns, each with its type and its rules in short"),
    field("rules", "The other rules"),
];

/// The keys of a column, besides the checks that have a short form.
pub(super) const COLUMN: &[Field] = with_notation![
    field("type", "The type in which it is audited: text, integer, decimal, float, date, datetime, boolean or uuid"),
    field("format", "How dates are written: %d/%m/%Y, dd/mm/yyyy, unix seconds and the like, or a list tried in order"),
    field("months", "The language of the names of months in dates, such as vi, or a list of the twelve names"),
    field("century", "The first of the hundred years that years of two digits are among, such as 1950"),
    field("missing", "Tokens that count as missing in this column, besides those of the dataset"),
    field("allow", "Tokens that are real values in this column although `missing` names them"),
    ;
    field("pii", "Personal data: none, basic or sensitive"),
    field("describe", "What the column means"),
    field("severity", "The severity of the rules under this column"),
    field("weight", "The weight of the rules under this column"),
    field("because", "Why the rules under this column exist"),
    field("fix", "What to do about failures under this column"),
    field("owner", "Who corrects this column"),
    field("tags", "Tags of the rules under this column"),
];

//! The options of databases.

use crate::source::options::{FormatOption, OptionKind, OptionProblem, Options};

/// Every option.
pub(super) const OPTIONS: &[FormatOption] = &[
    FormatOption {
        name: "table",
        kind: OptionKind::Text,
        default: "the only table",
        doc: "The table or view of a database; by default its only table",
    },
    FormatOption {
        name: "query",
        kind: OptionKind::Text,
        default: "all rows of the table",
        doc: "A query in SQL that reads from a database, in place of a table",
    },
];

/// What is wrong with options that exclude each other.
pub(super) fn conflicts(options: &Options) -> Vec<OptionProblem> {
    if options.text("table").is_none() || options.text("query").is_none() {
        return Vec::new();
    }
    vec![OptionProblem {
        option: "query".to_owned(),
        problem: "`table` and `query` both say what is read".to_owned(),
        help: "leave one of them out".to_owned(),
    }]
}

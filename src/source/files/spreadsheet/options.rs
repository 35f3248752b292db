//! The options of workbooks.

use crate::source::options::{FormatOption, OptionKind, OptionProblem, Options};

/// Every option.
pub(super) const OPTIONS: &[FormatOption] = &[
    FormatOption {
        name: "sheet",
        kind: OptionKind::NameOrNumber,
        default: "the only sheet with cells",
        doc: "The number of the sheet, from 1, or its name, which is quoted if it is digits; by default the only sheet with cells",
    },
    FormatOption {
        name: "range",
        kind: OptionKind::Text,
        default: "all cells of the sheet",
        doc: "The cells that are read, such as B3:F200 or B:F; by default all cells of the sheet",
    },
    FormatOption {
        name: "header_row",
        kind: OptionKind::Count,
        default: "the first row with a cell",
        doc: "The number of the row that holds the column names; by default the first row with a cell",
    },
    FormatOption {
        name: "header",
        kind: OptionKind::Flag,
        default: "true",
        doc: "Whether the first record holds the column names; true by default",
    },
    FormatOption {
        name: "columns",
        kind: OptionKind::Names,
        default: "column_1, column_2 …",
        doc: "The column names where there is no header",
    },
];

/// What is wrong with options that exclude each other.
pub(super) fn conflicts(options: &Options) -> Vec<OptionProblem> {
    let has_header = options.flag("header") != Some(false);
    let mut problems = Vec::new();
    if has_header && options.names("columns").is_some() {
        problems.push(OptionProblem {
            option: "columns".to_owned(),
            problem: "`columns` names the columns of a file without a header".to_owned(),
            help: "add `header: false`, or leave the names to the file".to_owned(),
        });
    }
    if !has_header && options.count("header_row").is_some() {
        problems.push(OptionProblem {
            option: "header_row".to_owned(),
            problem: "`header_row` says where the header is, and `header: false` that there is none".to_owned(),
            help: "leave one of them out; `range` says where the data begins".to_owned(),
        });
    }
    if options.count("sheet") == Some(0) {
        problems.push(OptionProblem {
            option: "sheet".to_owned(),
            problem: "`sheet` counts from 1".to_owned(),
            help: "write the position of the sheet, or its name".to_owned(),
        });
    }
    if options.count("header_row") == Some(0) {
        problems.push(OptionProblem {
            option: "header_row".to_owned(),
            problem: "`header_row` counts from 1".to_owned(),
            help: "write the number that the program shows beside the row".to_owned(),
        });
    }
    problems
}

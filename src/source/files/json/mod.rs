//! One JSON document: an array of objects, or such an array inside of it.
//!
//! The records are the elements of the array, and are read as lines of JSON are: the columns are the keys of the first text
//! of all files, cells are text as it is written. An element that is no object is a record without cells, and a fault.
//!
//! A document is never held whole. It is cut where an element ends, which takes a look at quotes and brackets alone; workers
//! read the elements. What is around the elements must be JSON, or the document is damaged: where an element ends is not
//! known in text that is almost JSON, and then neither is how many there are.

mod arrays_within;
mod document;
mod elements;
mod place;
mod split;
mod table;

use super::format::{Format, Likelihood};
use crate::source::options::{FormatOption, OptionKind, OptionProblem};
use place::RecordsPath;
use table::JsonTable;

/// A JSON document.
pub(in crate::source) const FORMAT: Format = Format {
    name: "json",
    noun: "a JSON document",
    extensions: &["json"],
    options: &[FormatOption {
        name: "records",
        kind: OptionKind::Text,
        default: "the document itself",
        doc: "Where the array of records is in a JSON document, such as data.items",
    }],
    is_text: true,
    has_free_columns: true,
    recognise: |head| {
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        if text.trim_ascii_start().starts_with(b"[") { Likelihood::Likely } else { Likelihood::No }
    },
    conflicts: |options| {
        let problem = options.text("records").and_then(|path| RecordsPath::parse(path).err());
        let problem = problem.map(|problem| OptionProblem {
            option: "records".to_owned(),
            problem: problem.to_owned(),
            help:
                "write the names on the way to the array with points between them, such as data.items; a name that has \
                   points itself in double quotes"
                    .to_owned(),
        });
        problem.into_iter().collect()
    },
    open: |file, options| {
        let path = options.text("records").map_or(Ok(RecordsPath::default()), RecordsPath::parse);
        let path = path.map_err(|problem| crate::source::error::Problem::Declaration(problem.to_owned()))?;
        Ok(Box::new(JsonTable::open(file, path)?))
    },
};

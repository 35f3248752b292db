//! What an engine counted.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Count, CoverTally, DelayTally, DistributionTally, EntityTally, GroupTally, PointTally, RowRef, RowTally,
    SimilarTally, TotalsTally, Value, ValueTally,
};

/// How many failing rows a reading lists by default, the first ones in file order.
pub const SAMPLE_ROWS: usize = 5;

/// The answer to one measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// A number of rows.
    Count {
        /// Rows in scope.
        rows: u64,
        /// Rows for which the condition is unreadable.
        unreadable: u64,
    },
    /// Rows by outcome.
    Rows(RowTally),
    /// Duplicate keys.
    Duplicates(DuplicateTally),
    /// Rows by the outcome of their group.
    Groups(GroupTally),
    /// Expected values that occur or do not.
    Covered(CoverTally),
    /// Points of a calendar or sequence that are present or absent.
    Points(PointTally),
    /// Near-duplicate rows.
    Similar(SimilarTally),
    /// One aggregate. Null if there were no values.
    Figure {
        /// The aggregate.
        value: Value,
        /// Values that were used.
        values: u64,
        /// Values left out because they are not of the type of the aggregate, or because the condition is unreadable
        /// for their row.
        unreadable: u64,
    },
    /// Entities by whether several datasets agree on them.
    Entities(EntityTally),
    /// Groups by whether their totals agree.
    Totals(TotalsTally),
    /// The delays.
    Delays(DelayTally),
    /// Values of a column that look like personal data.
    Detections(DetectionTally),
    /// The distribution of values.
    Distribution(DistributionTally),
    /// The columns in file order.
    Columns(Vec<ColumnFact>),
    /// The faults of the files.
    Framing(FramingTally),
    /// Whether a column has values.
    Content {
        /// All rows.
        rows: u64,
        /// Rows in which it is not missing.
        present: u64,
        /// Whether two rows have different values.
        differs: bool,
    },
    /// What the cells of a column hold.
    Values(ValueTally),
    /// SHA-256 in hex over the bytes of all files.
    Digest(String),
}

impl Reading {
    /// The first failing rows, if the reading lists any.
    #[deny(clippy::wildcard_enum_match_arm)]
    pub const fn failing_rows_mut(&mut self) -> Option<&mut Vec<RowRef>> {
        match self {
            Self::Rows(tally) => Some(&mut tally.failing_rows),
            Self::Duplicates(tally) => Some(&mut tally.failing_rows),
            Self::Groups(tally) => Some(&mut tally.rows.failing_rows),
            Self::Entities(tally) => Some(&mut tally.failing_rows),
            Self::Totals(tally) => Some(&mut tally.failing_rows),
            Self::Similar(tally) => Some(&mut tally.failing_rows),
            Self::Count { .. }
            | Self::Covered(_)
            | Self::Points(_)
            | Self::Figure { .. }
            | Self::Delays(_)
            | Self::Detections(_)
            | Self::Distribution(_)
            | Self::Columns(_)
            | Self::Framing(_)
            | Self::Content { .. }
            | Self::Values(_)
            | Self::Digest(_) => None,
        }
    }
}

impl Reading {
    /// How many groups, entities, expected values or points fail, if the reading is about these. Rows that may belong to any
    /// of them are not among them.
    #[deny(clippy::wildcard_enum_match_arm)]
    pub fn failing_groups(&self) -> Option<u64> {
        match self {
            Self::Entities(tally) => Some(tally.failed),
            Self::Totals(tally) => Some(tally.differing + tally.only_here + tally.only_there),
            Self::Covered(tally) => Some(tally.expected - tally.found),
            Self::Points(tally) => Some(tally.expected? - tally.found),
            Self::Count { .. }
            | Self::Rows(_)
            | Self::Duplicates(_)
            | Self::Groups(_)
            | Self::Similar(_)
            | Self::Figure { .. }
            | Self::Delays(_)
            | Self::Detections(_)
            | Self::Distribution(_)
            | Self::Columns(_)
            | Self::Framing(_)
            | Self::Content { .. }
            | Self::Values(_)
            | Self::Digest(_) => None,
        }
    }
}

/// Values of a column by what they look like.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DetectionTally {
    /// Values in scope.
    pub values: u64,
    /// Those that look like personal data.
    pub detected: u64,
    /// How many look like what, by detector. A value may look like several.
    pub by: BTreeMap<String, u64>,
    /// Rows for which the condition is unreadable.
    pub unreadable: u64,
}

/// Rows by how often their key occurs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DuplicateTally {
    /// Rows with a complete key.
    pub evaluated: u64,
    /// All rows of every key that occurs more than once.
    pub duplicated: u64,
    /// Keys that occur more than once.
    pub groups: u64,
    /// Rows beyond the first of each key: `duplicated - groups`.
    pub surplus: u64,
    /// Rows out of scope or with a missing key part.
    pub not_applicable: u64,
    /// Rows with an unparseable key part, or for which the condition is unreadable.
    pub unreadable: u64,
    /// The first duplicate rows.
    pub failing_rows: Vec<RowRef>,
}

/// One column of the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ColumnFact {
    /// The name in the file.
    pub name: String,
    /// How the file stores it: `text` in CSV, the physical type elsewhere.
    pub stored: String,
    /// The type in which it is audited.
    pub data_type: Option<super::DataType>,
    /// The type in which the file gives its values; absent if no rule can read it, and in results of version 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub held: Option<super::DataType>,
    /// How the files of the dataset differ in it, where they do.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub series: Option<ColumnSeries>,
}

/// How the files of a dataset differ in one column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ColumnSeries {
    /// Files without the column. Their rows have no value in it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub missing: Option<FileGroup>,
    /// How the files store it, in the order of files, where that is not always the same. Values are read in the type of the
    /// column.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub stored: Vec<StoredAs>,
}

/// Some files of a dataset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileGroup {
    /// How many.
    pub files: u64,
    /// The first.
    pub first: String,
}

/// A way in which files store a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoredAs {
    /// The physical type.
    pub stored: String,
    /// The files that store it so.
    #[serde(flatten)]
    pub group: FileGroup,
}

/// The faults of files.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FramingTally {
    /// Records read.
    pub records: u64,
    /// Records with at least one fault.
    pub malformed: u64,
    /// How often each kind of fault occurs; kinds that do not occur are left out.
    pub faults: Vec<(FaultKind, u64)>,
    /// The first faults in file order.
    pub first_faults: Vec<Fault>,
    /// Page checksums, where the format has them.
    pub checksums: Option<ChecksumTally>,
    /// Frame checksums of files packed with Zstandard.
    pub frames: Option<ChecksumTally>,
    /// Whether the record of a header has a fault.
    pub has_bad_header: bool,
    /// What the declared dialect leaves out.
    pub left_out: LeftOut,
    /// Cells that span many lines.
    pub many_lines: Option<ManyLines>,
}

/// What of text files and sheets is not data, by the declared dialect, header row or range.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Lines above the header.
    pub above: u64,
    /// Lines of comments.
    pub comments: u64,
    /// Records below the data.
    pub below: u64,
    /// Rows of a sheet that have cells and lie above its header, or above the range.
    pub rows_above: u64,
    /// Rows of a sheet that have cells and lie below the range.
    pub rows_below: u64,
    /// Columns of a sheet that have cells and lie beside the range, in its rows.
    pub columns_beside: u64,
}

impl LeftOut {
    /// Adds those of another part or file.
    pub const fn add(&mut self, other: Self) {
        self.above += other.above;
        self.comments += other.comments;
        self.below += other.below;
        self.rows_above += other.rows_above;
        self.rows_below += other.rows_below;
        self.columns_beside += other.columns_beside;
    }
}

/// Cells in quotes that hold many line ends. Each may be sound; or a quote is missing, and the cell holds records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManyLines {
    /// How many cells.
    pub cells: u64,
    /// The position of the file of the first one, from 0.
    pub file: u32,
    /// The line on which the first one begins, from 1.
    pub line: u64,
    /// Lines that the first one spans.
    pub lines: u64,
}

impl ManyLines {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let first = if (self.file, self.line) <= (other.file, other.line) { self } else { other };
        Self { cells: self.cells + other.cells, ..first }
    }
}

impl FramingTally {
    /// What a reader must know about files whose faults do not say it, each a sentence.
    pub fn remarks(&self) -> Vec<String> {
        let LeftOut { above, comments, below, rows_above, rows_below, columns_beside } = self.left_out;
        let (mut left_out, mut total) = (Vec::new(), 0);
        for (count, one, many) in [
            (above, "line above the header", "lines above the header"),
            (comments, "comment", "comments"),
            (below, "record below the data", "records below the data"),
            (
                rows_above,
                "row with cells above the header or the range",
                "rows with cells above the header or the range",
            ),
            (rows_below, "row with cells below the range", "rows with cells below the range"),
            (columns_beside, "column with cells beside the range", "columns with cells beside the range"),
        ] {
            total += count;
            if count > 0 {
                left_out.push(format!("{} {}", Count(count), if count == 1 { one } else { many }));
            }
        }
        let mut remarks = Vec::new();
        if let Some(last) = left_out.pop() {
            let first = left_out.join(", ");
            let joined = if first.is_empty() { last } else { format!("{first} and {last}") };
            let are = if total == 1 { "is" } else { "are" };
            let declared = if rows_above + rows_below + columns_beside > 0 { "header row or range" } else { "dialect" };
            remarks.push(format!("{joined} {are} not data, by the declared {declared}, and left out"));
        }
        if let Some(ManyLines { cells, line, lines, .. }) = self.many_lines {
            let cell = if cells == 1 {
                format!("1 cell spans {} lines from line {line} on", Count(lines))
            } else {
                format!("{} cells span many lines, the first one {} from line {line} on", Count(cells), Count(lines))
            };
            remarks.push(format!("{cell}: is a quote missing?"));
        }
        remarks
    }
}

/// One fault of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Fault {
    /// Position of the file in the dataset's list of files, from 0.
    pub file: u32,
    /// Line in the file, from 1; 0 where the format has no lines.
    pub line: u64,
    /// The kind of fault.
    pub kind: FaultKind,
    /// Facts without any cell value, such as `3 cells where the header has 5`.
    pub detail: String,
}

/// The kinds of faults of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// A header cell is empty.
    UnnamedColumn,
    /// Two header cells have the same name.
    RepeatedColumn,
    /// A JSON object has a key twice.
    RepeatedKey,
    /// A record has fewer cells than the header.
    MissingCells,
    /// A record has more cells than the header.
    ExtraCells,
    /// A quote opens and never closes, or text follows a closing quote.
    BadQuote,
    /// Bytes that are not of the declared encoding.
    Undecodable,
    /// The file ends inside a record.
    CutOff,
    /// A cell is longer than the limit and was not read.
    OversizedCell,
    /// A NUL byte in a record.
    NulByte,
    /// A line that is not a JSON object.
    InvalidJson,
    /// A page whose checksum does not match its bytes.
    ChecksumMismatch,
    /// Some lines of a file end with LF, others with CRLF.
    MixedLineEnds,
    /// A cell of a workbook holds an error value such as `#N/A`, or a date that does not exist.
    ErrorCell,
    /// A cell of a workbook holds a formula that no program has calculated.
    Uncalculated,
    /// A binary value, or text that is not UTF-8, in a database.
    BinaryValue,
    /// A cell holds a number as text, in a column that has numbers. No fault of the record.
    NumberAsText,
    /// A merged region covers a cell, which is missing. No fault of the record.
    MergedCells,
    /// A hidden row was read. No fault of the record.
    HiddenRow,
    /// A hidden column was read. No fault of the record.
    HiddenColumn,
    /// A hidden sheet was not read. No fault of the record.
    HiddenSheet,
    /// A record holds a line end of another kind than the one that ends lines, outside of quotes.
    OtherLineEnd,
    /// A record has the same cells as the header.
    RepeatedHeader,
    /// A line of a file of fixed width is not as long as its columns.
    LineLength,
    /// The text that ends the data does not occur.
    NoEnd,
    /// Behind the text that ends the data, records are as full as those of the data.
    DataBelowEnd,
}

impl FaultKind {
    /// Whether it is a fault of the header and not of a record.
    pub const fn is_of_header(self) -> bool {
        matches!(self, Self::UnnamedColumn | Self::RepeatedColumn)
    }

    /// Whether it may mislead, but is no fault: it is counted and shown, and nothing fails.
    pub const fn is_notice(self) -> bool {
        matches!(
            self,
            Self::NumberAsText | Self::MergedCells | Self::HiddenRow | Self::HiddenColumn | Self::HiddenSheet
        )
    }

    /// Whether it is a fault of a file as a whole.
    pub const fn is_of_file(self) -> bool {
        matches!(self, Self::MixedLineEnds | Self::NoEnd | Self::DataBelowEnd)
    }

    /// A few words for people.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::UnnamedColumn => "column without a name",
            Self::RepeatedColumn => "duplicate column name",
            Self::RepeatedKey => "duplicate key",
            Self::MissingCells => "too few cells",
            Self::ExtraCells => "too many cells",
            Self::BadQuote => "bad quote",
            Self::Undecodable => "bytes that are invalid in the declared encoding",
            Self::CutOff => "file ends inside a record",
            Self::OversizedCell => "cell too long",
            Self::NulByte => "NUL byte",
            Self::InvalidJson => "not a JSON object",
            Self::ChecksumMismatch => "page checksum does not match",
            Self::MixedLineEnds => "mixed line ends",
            Self::ErrorCell => "cell with an error value",
            Self::Uncalculated => "formula without a value",
            Self::BinaryValue => "binary value",
            Self::NumberAsText => "number kept as text",
            Self::MergedCells => "cell covered by a merged one",
            Self::HiddenRow => "hidden row",
            Self::HiddenColumn => "hidden column",
            Self::HiddenSheet => "hidden sheet not read",
            Self::OtherLineEnd => "line end of another kind inside a record",
            Self::RepeatedHeader => "header repeated",
            Self::LineLength => "line of another length",
            Self::NoEnd => "end of the data not found",
            Self::DataBelowEnd => "records behind the end of the data",
        }
    }
}

/// Checksums of the pages of a Parquet file, or of the frames of a Zstandard file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChecksumTally {
    /// Those whose checksum matches their bytes.
    pub verified: u64,
    /// Those whose checksum does not.
    pub mismatched: u64,
    /// Those without a checksum.
    pub absent: u64,
}

/// One file of a dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FileFact {
    /// The path as given, or `-` for standard input.
    pub path: String,
    /// The format: `csv`, `parquet`, `ndjson`, `ipc`, `spreadsheet`, `sqlite`.
    pub format: String,
    /// Size in bytes as stored; absent for standard input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Records read.
    pub rows: u64,
    /// Page checksums, where the format has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksums: Option<ChecksumTally>,
    /// Frame checksums of a file packed with Zstandard. If a frame has none, nothing in the file can prove that it is
    /// undamaged.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub frames: Option<ChecksumTally>,
}

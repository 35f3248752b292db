//! What datasets contain: the result of `profile`, as it is written to JSON.
//!
//! All numbers count rows or values of the whole dataset, unless the name of a field says that they come from a sample. Values
//! of a column appear only where nothing says that they are personal, and never a value of fewer than
//! [`LEAST_SHOWN`] rows, except the least and the greatest number or date.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DataType, Dialect, FileFact, IdentifiedKind, IdentifyTool, Notice, ShapesReport, Share};

/// The name and version of the format, the first key of the document.
pub const DATA_PROFILE_FORMAT: &str = "passmuster.data_profile/1";

/// A value of fewer rows is never shown.
pub const LEAST_SHOWN: u64 = 5;

/// The most values of a column that are shown.
pub const VALUES_SHOWN: usize = 10;

/// What datasets contain, column by column and between columns. The same data and the same date give the same document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DataProfile {
    /// Always `passmuster.data_profile/1`.
    pub format: String,
    /// The program that wrote it.
    pub tool: IdentifyTool,
    /// The date that counts as "today".
    pub as_of: String,
    /// The datasets, in the order given.
    pub datasets: Vec<ProfiledDataset>,
    /// Columns whose values occur in a key of another dataset.
    pub references: Vec<ProfiledReference>,
    /// Columns of two datasets that have the same name, or other names and the same values.
    pub same_columns: Vec<SameColumns>,
    /// What was not looked at, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
}

/// One dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProfiledDataset {
    /// The name.
    pub name: String,
    /// The files in order.
    pub files: Vec<FileFact>,
    /// Rows of all files; where the dataset is sampled, the rows that were read.
    pub rows: u64,
    /// The share of the dataset that was read, where not all was read. Then nothing is known of keys and distinct values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampled: Option<Share>,
    /// Rows that were looked at for types and identifiers, before all rows were counted.
    pub looked_at: u64,
    /// Rows whose record has a fault, such as too few cells: their values may be in the wrong column.
    pub malformed: u64,
    /// Rows that are the same as another row in all columns; absent if that was not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_rows: Option<u64>,
    /// What else a reader must know about the files, such as lines that are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// How the files seem to be written, where that differs from how they were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialect: Option<Dialect>,
    /// The columns, in the order of the data.
    pub columns: Vec<ProfiledColumn>,
    /// Columns, and pairs of columns, that have another value in each row, or in nearly each.
    pub keys: Vec<ProfiledKey>,
    /// Columns that decide the value of another column, in all rows or in nearly all.
    pub dependencies: Vec<ProfiledDependency>,
    /// Dates that are never, or nearly never, before those of another column.
    pub date_orders: Vec<ProfiledOrder>,
}

/// One column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProfiledColumn {
    /// The name.
    pub name: String,
    /// How it is stored: `text`, `int64`, `list` …
    pub stored: String,
    /// Why its values were not examined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_read: Option<String>,
    /// Missing cells: absent, empty, blank, or one of the tokens that mean missing.
    pub missing: u64,
    /// Cells that do not fit the type of the column in the file.
    pub unreadable: u64,
    /// All other cells.
    pub values: u64,
    /// The type that the values have; absent if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reads_as: Option<ReadsAs>,
    /// Words or signs that mean "no value", such as `n/a`, with how often each occurs; they are among the values. Absent where the
    /// column looks personal, or has too many different values to count them all.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stand_ins: BTreeMap<String, u64>,
    /// The same among the rows that were looked at, where they were not counted in all rows.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stand_ins_looked_at: BTreeMap<String, u64>,
    /// Values of one repeated character, or of digits counted up or down, among the rows that were looked at.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub placeholders_looked_at: u64,
    /// Different values of the type, as rules compare them; absent if that was not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distinct: Option<u64>,
    /// Values that occur in one row only; absent if that was not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub once: Option<u64>,
    /// Why no value of the column is shown; absent where values may be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personal: Option<String>,
    /// Numbers and dates: their extremes, quantiles and moments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbers: Option<ProfiledNumbers>,
    /// Texts: their lengths in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lengths: Option<ProfiledLengths>,
    /// Texts: how they are written, without what they say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shapes: Option<ShapesReport>,
    /// The most frequent values, where they may be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequent: Option<FrequentValues>,
    /// Values with at least one text fault.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub faulty: u64,
    /// How many of the values that were looked at have each text fault.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub faults_looked_at: BTreeMap<String, u64>,
    /// Kinds of identifiers that the values are likely to be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<ProfiledKind>,
    /// Dates: which days between the first and the last have no row, and whether rows are in their order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<ProfiledDays>,
}

/// The type that the values of a column have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReadsAs {
    /// The type.
    pub data_type: DataType,
    /// How dates are written, as a suite says it; absent: as ISO 8601 says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Another format that all these values fit as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub or_format: Option<String>,
    /// The sign for decimals where it is not the point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimal: Option<String>,
    /// The sign between thousands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thousands: Option<String>,
    /// Values that can be parsed as that type.
    pub values: u64,
    /// Values that cannot.
    pub others: u64,
}

/// Numbers and dates. Texts of them are as a rule writes them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProfiledNumbers {
    /// The least value; absent where the column looks personal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<String>,
    /// The greatest value; absent where the column looks personal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greatest: Option<String>,
    /// Quantiles, ascending; none where the column looks personal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantiles: Vec<ProfiledQuantile>,
    /// The mean; of dates in days since 1970-01-01, of timestamps in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
    /// The standard deviation of a sample, in the same unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stddev: Option<f64>,
    /// How the values are spread over equal parts between the least and the greatest value, in hundredths of the values; it is
    /// drawn from the quantiles where there are very many different values. Absent where the column looks personal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub histogram: Vec<u32>,
}

/// A quantile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProfiledQuantile {
    /// The share of values up to it in hundredths, from 1 to 99.
    pub percent: u32,
    /// The value.
    pub value: String,
}

/// The lengths of texts, in characters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProfiledLengths {
    /// The shortest.
    pub least: u64,
    /// The longest.
    pub greatest: u64,
}

/// The most frequent values of a column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FrequentValues {
    /// At most ten, the most frequent first, each of at least five rows.
    pub shown: Vec<FrequentValue>,
    /// Rows with any other value.
    pub other_rows: u64,
    /// How many other values there are.
    pub other_values: u64,
}

/// A value and how often it occurs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FrequentValue {
    /// The value.
    pub value: String,
    /// Rows that have it.
    pub rows: u64,
}

/// A kind of identifier that the values are likely to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProfiledKind {
    /// What the rows that were looked at show.
    #[serde(flatten)]
    pub looked_at: IdentifiedKind,
    /// Of all values, those that can be identifiers of this kind.
    pub all_passed: u64,
    /// Of all values, those that cannot.
    pub all_failed: u64,
}

/// The days of a column of dates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProfiledDays {
    /// Days from the first to the last date.
    pub expected: u64,
    /// Those with a row.
    pub found: u64,
}

/// Columns that have another value in each row, or in nearly each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProfiledKey {
    /// One column or two.
    pub columns: Vec<String>,
    /// Rows with a value in each of them.
    pub rows: u64,
    /// Rows whose values occur in another row as well; 0: it is a key.
    pub duplicated: u64,
    /// Rows without a value in one of them.
    pub missing: u64,
}

/// A column that decides another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProfiledDependency {
    /// The column that decides.
    pub from: String,
    /// The column that is decided.
    pub to: String,
    /// Rows with a value in `from`.
    pub rows: u64,
    /// Different values of `from`.
    pub groups: u64,
    /// Rows that have another value in `to` than most rows with the same value of `from`; 0: there is no exception.
    pub exceptions: u64,
}

/// Two columns of dates in an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProfiledOrder {
    /// The earlier one.
    pub before: String,
    /// The later one, or the same day.
    pub after: String,
    /// Rows with both.
    pub rows: u64,
    /// Rows in which they are the other way round; 0: there is no exception.
    pub exceptions: u64,
}

/// A column whose values occur in a column of another dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProfiledReference {
    /// The dataset that refers.
    pub dataset: String,
    /// Its column.
    pub column: String,
    /// The dataset that is referred to.
    pub to_dataset: String,
    /// Its column, in which each value occurs once, or nearly each.
    pub to_column: String,
    /// Rows with a value.
    pub rows: u64,
    /// Those whose value does not occur there; 0: there is no exception.
    pub orphans: u64,
    /// Rows there with a value.
    pub to_rows: u64,
    /// Those to which no row here refers.
    pub unused: u64,
}

/// Columns of two datasets that may be the same thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SameColumns {
    /// One dataset.
    pub dataset: String,
    /// Its column.
    pub column: String,
    /// The other one.
    pub other_dataset: String,
    /// Its column.
    pub other_column: String,
    /// Different values in the first.
    pub distinct: u64,
    /// Different values in the other.
    pub other_distinct: u64,
    /// Different values in both.
    pub shared: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

//! What datasets contain, for people and for programs.

use std::fmt::{self, Display};

use anstyle::{AnsiColor, Style};

use super::frame::{Grid, cell};
use super::json::{schema_of, written};
use super::page::{Line, Page};
use super::style::BOLD;
use super::wording::Plural;
use super::{Look, Safe};
use crate::model::{
    Count, DataProfile, DataType, Dialect, FrequentValues, ProfiledColumn, ProfiledDataset, ProfiledDependency,
    ProfiledKey, ProfiledKind, ProfiledNumbers, ProfiledOrder, ProfiledReference, SameColumns,
};

/// How many frequent values the table shows.
const VALUES_IN_TABLE: usize = 3;

/// How many dependencies, keys and the like are shown for a dataset, unless more are asked for.
const FINDINGS_SHOWN: usize = 12;

const NOTED: Style = AnsiColor::Yellow.on_default().bold();

/// The document as JSON.
pub fn json(profile: &DataProfile) -> String {
    written(profile)
}

/// The JSON Schema (draft-07) of the document.
pub fn schema() -> serde_json::Value {
    schema_of::<DataProfile>()
}

/// The document for people: for each dataset a table of its columns, then what was found; last what holds between datasets.
pub fn table(profile: &DataProfile, look: &Look) -> String {
    let mut page = Page::new(look.width, look.color);
    for (at, dataset) in profile.datasets.iter().enumerate() {
        if at > 0 {
            page.gap();
        }
        heading(&mut page, dataset, &profile.as_of);
        columns(&mut page, dataset);
        for column in &dataset.columns {
            let findings = column_findings(column, look.verbose);
            if !findings.is_empty() {
                page.paragraph(0, 2, &Line::default().styled(BOLD, Safe(&column.name)));
                for finding in &findings {
                    page.paragraph(2, 4, &Line::new(finding));
                }
            }
        }
        let list = |page: &mut Page, title: &str, lines: Vec<String>| section(page, title, lines, look.verbose);
        list(&mut page, "keys", dataset.keys.iter().map(key_sentence).collect());
        list(&mut page, "dependencies", dataset.dependencies.iter().map(dependency_sentence).collect());
        list(&mut page, "order of dates", dataset.date_orders.iter().map(order_sentence).collect());
    }
    if !profile.references.is_empty() || !profile.same_columns.is_empty() {
        page.gap();
    }
    section(&mut page, "references", profile.references.iter().map(reference_sentence).collect(), look.verbose);
    section(&mut page, "the same values", profile.same_columns.iter().map(same_sentence).collect(), look.verbose);
    for notice in &profile.notices {
        let of = notice.dataset.as_ref().map(|dataset| format!("{}: ", Safe(dataset))).unwrap_or_default();
        page.paragraph(0, 2, &Line::default().styled(NOTED, "note").text(format!(": {of}{}", Safe(&notice.text))));
    }
    page.finish()
}

fn heading(page: &mut Page, dataset: &ProfiledDataset, as_of: &str) {
    let columns = Plural(dataset.columns.len() as u64, "column");
    let files = match dataset.files.len() {
        0 | 1 => String::new(),
        files => format!(" · {}", Plural(files as u64, "file")),
    };
    let line = Line::default()
        .styled(BOLD, Safe(&dataset.name))
        .text(format_args!("{files} · {} · {columns} · as of {as_of}", Plural(dataset.rows, "row")));
    page.paragraph(0, 2, &line);
    for note in dataset_notes(dataset) {
        page.paragraph(0, 2, &Line::default().styled(NOTED, "note").text(format_args!(": {note}")));
    }
}

/// What a reader must know of a dataset, a sentence each.
pub(super) fn dataset_notes(dataset: &ProfiledDataset) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(share) = dataset.sampled {
        notes.push(format!(
            "a sample: {share} of the dataset was read; all counts are of these rows, and different values are not counted"
        ));
    }
    if dataset.malformed > 0 {
        let rows = Plural(dataset.malformed, "row");
        notes.push(format!("{rows} with too many or too few cells or other faults; values may be in the wrong column"));
    }
    notes.extend(dataset.remarks.iter().map(|remark| Safe(remark).to_string()));
    if let Some(rows) = dataset.duplicate_rows.filter(|rows| *rows > 0) {
        notes.push(format!("{} the same as another row in all columns", Plural2(rows, "row is", "rows are")));
    }
    if let Some(declaration) = dataset.dialect.as_ref().and_then(Dialect::source_declaration) {
        notes.push(format!("the file looks as if it were written like this: {}", Safe(&declaration)));
    }
    notes
}

fn columns(page: &mut Page, dataset: &ProfiledDataset) {
    if dataset.columns.is_empty() {
        return;
    }
    let mut grid = Grid::new()
        .name("column")
        .at_least(16)
        .words("type")
        .number("missing")
        .number("different")
        .words("what it holds");
    for column in &dataset.columns {
        let name = cell(Safe(&column.name));
        if column.not_read.is_some() {
            let stored = format!("not read: {}", Safe(&column.stored));
            grid.row([name, cell(Safe(&column.stored)), "-".to_owned(), "-".to_owned(), stored]);
            continue;
        }
        let missing = if column.missing == 0 {
            String::new()
        } else {
            Percent(column.missing, column.missing + column.values + column.unreadable).to_string()
        };
        let different = column.distinct.map_or_else(|| "-".to_owned(), |distinct| Count(distinct).to_string());
        grid.row([name, type_of(column), missing, different, holds(column)]);
    }
    page.grid(0, grid, &[]);
}

/// The type of a column in a word.
pub(super) fn type_of(column: &ProfiledColumn) -> String {
    column.reads_as.as_ref().map_or_else(|| "-".to_owned(), |reads| reads.data_type.name().to_owned())
}

/// What a column holds, on one line.
fn holds(column: &ProfiledColumn) -> String {
    if column.values == 0 {
        return "no value".to_owned();
    }
    if column.personal.is_some() {
        let shape = first_shape(column).map(|shape| format!(", {shape}")).unwrap_or_default();
        return format!("(personal: not shown{shape})");
    }
    if let Some(numbers) = &column.numbers {
        return range(numbers);
    }
    if let Some(frequent) = column.frequent.as_ref().filter(|frequent| !frequent.shown.is_empty()) {
        return often(frequent, column.values, VALUES_IN_TABLE);
    }
    first_shape(column).unwrap_or_else(|| "different values".to_owned())
}

fn range(numbers: &ProfiledNumbers) -> String {
    let end = |end: &Option<String>| end.as_ref().map(|end| Safe(end).to_string()).unwrap_or_default();
    let bars = bars(&numbers.histogram);
    let (least, greatest) = (end(&numbers.least), end(&numbers.greatest));
    if least == greatest { least } else { format!("{least} {bars} {greatest}") }
}

/// A histogram as a line of blocks.
pub(super) fn bars(histogram: &[u32]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = histogram.iter().copied().max().unwrap_or_default().max(1);
    let block = |bar: &u32| BLOCKS.get((*bar as usize * (BLOCKS.len() - 1)).div_ceil(most as usize)).copied();
    if histogram.is_empty() { "…".to_owned() } else { histogram.iter().filter_map(block).collect() }
}

fn often(frequent: &FrequentValues, values: u64, most: usize) -> String {
    let shown = frequent.shown.iter().take(most);
    let mut texts: Vec<String> =
        shown.map(|value| format!("{} {}", Safe(&value.value), Percent(value.rows, values))).collect();
    let others = frequent.other_values + frequent.shown.len().saturating_sub(most) as u64;
    if others > 0 {
        texts.push(format!("and {}", Plural(others, "other")));
    }
    texts.join(", ")
}

/// The most frequent shape and the lengths.
fn first_shape(column: &ProfiledColumn) -> Option<String> {
    let lengths = column.lengths?;
    let length = if lengths.least == lengths.greatest {
        Plural(lengths.least, "character").to_string()
    } else {
        format!("{} to {} characters", Count(lengths.least), Count(lengths.greatest))
    };
    let shape = column.shapes.as_ref().and_then(|shapes| shapes.shown.first());
    // Words have as many shapes as lengths.
    let shape = shape.filter(|shape| shape.values * 2 > column.values);
    Some(shape.map_or_else(|| length.clone(), |shape| format!("{}: {length}", Safe(&shape.shape))))
}

/// What a steward should look at in a column, a sentence each; with `verbose` everything.
pub(super) fn column_findings(column: &ProfiledColumn, verbose: bool) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(problem) = &column.not_read {
        found.push(Safe(problem).to_string());
        return found;
    }
    if column.unreadable > 0 {
        found.push(format!("{} outside the range of the column type", Plural(column.unreadable, "cell")));
    }
    if let Some(reads) = &column.reads_as {
        if reads.others > 0 {
            let format = reads.format.as_ref().map(|format| format!(" as {}", Safe(format))).unwrap_or_default();
            found.push(format!(
                "{} not {} {}{format}",
                Plural2(reads.others, "value is", "values are"),
                if starts_with_vowel(reads.data_type) { "an" } else { "a" },
                reads.data_type.name()
            ));
        } else if let Some(format) = &reads.format {
            let or = reads.or_format.as_ref().map(|other| format!("; {} fits as well", Safe(other)));
            found.push(format!("dates are written as {}{}", Safe(format), or.unwrap_or_default()));
        }
    }
    let words = |words: &std::collections::BTreeMap<String, u64>| {
        let mut words: Vec<(&String, &u64)> = words.iter().collect();
        words.sort_by_key(|(_, rows)| std::cmp::Reverse(**rows));
        words.iter().map(|(word, rows)| format!("{} {}", Safe(word), Count(**rows))).collect::<Vec<_>>().join(", ")
    };
    if !column.stand_ins.is_empty() {
        let question = "a real value or \"no value\"? Add what means \"no value\" under `missing:`";
        found.push(format!("{}: {question}", words(&column.stand_ins)));
    }
    if !column.stand_ins_looked_at.is_empty() {
        found.push(format!("among the rows that were looked at: {}", words(&column.stand_ins_looked_at)));
    }
    found.extend(column.kinds.iter().filter_map(|kind| identifier(kind, column)));
    if column.faulty > 0 {
        let faults = if column.faults_looked_at.is_empty() {
            String::new()
        } else {
            format!("; among the rows that were looked at: {}", words(&column.faults_looked_at))
        };
        found.push(format!("{} with text faults{faults}", Plural(column.faulty, "value")));
    }
    if let Some(days) = column.days.filter(|days| days.expected > days.found && days.found * 2 > days.expected) {
        let absent = Plural(days.expected - days.found, "day");
        found.push(format!("{absent} of {} from the first to the last have no row", Count(days.expected)));
    }
    if verbose {
        found.extend(column.personal.as_ref().map(|why| format!("no value is shown: {}", Safe(why))));
        if let Some(numbers) = &column.numbers {
            let quantiles: Vec<String> =
                numbers.quantiles.iter().map(|part| format!("{} % {}", part.percent, Safe(&part.value))).collect();
            found.push(format!("quantiles: {}", quantiles.join(", ")));
            if let (Some(mean), Some(stddev)) = (numbers.mean, numbers.stddev)
                && !matches!(type_of(column).as_str(), "date" | "datetime")
            {
                found.push(format!("mean {mean}, standard deviation {stddev}"));
            }
        }
        if let Some(frequent) = &column.frequent {
            found.push(format!("most frequent: {}", often(frequent, column.values, usize::MAX)));
        }
        if let Some(shapes) = column.shapes.as_ref().filter(|shapes| !shapes.shown.is_empty()) {
            let shown: Vec<String> =
                shapes.shown.iter().map(|shape| format!("{} {}", Safe(&shape.shape), Count(shape.values))).collect();
            found.push(format!("shapes: {}", shown.join(", ")));
        }
    }
    found
}

const fn starts_with_vowel(data_type: DataType) -> bool {
    matches!(data_type, DataType::Integer)
}

fn identifier(kind: &ProfiledKind, column: &ProfiledColumn) -> Option<String> {
    let is_first = column.kinds.first() == Some(kind);
    if !is_first {
        return None;
    }
    let of = kind.all_passed + kind.all_failed;
    let fail = match kind.all_failed {
        0 => "all values pass".to_owned(),
        failed => format!("{} of {} values do not pass", Count(failed), Count(of)),
    };
    Some(format!("can be {}: {fail}", kind.looked_at.kind))
}

/// A titled list; the first ones only, unless all are asked for.
fn section(page: &mut Page, title: &str, lines: Vec<String>, verbose: bool) {
    if lines.is_empty() {
        return;
    }
    page.paragraph(0, 2, &Line::default().styled(BOLD, title));
    let most = if verbose { usize::MAX } else { FINDINGS_SHOWN };
    let more = lines.len().saturating_sub(most);
    for line in lines.into_iter().take(most) {
        page.paragraph(2, 4, &Line::new(line));
    }
    if more > 0 {
        page.paragraph(2, 4, &Line::new(format_args!("and {more} more: --verbose shows all")));
    }
}

pub(super) fn key_sentence(key: &ProfiledKey) -> String {
    let columns: Vec<String> = key.columns.iter().map(|column| Safe(column).to_string()).collect();
    let missing = match key.missing {
        0 => String::new(),
        missing => format!("; {} without a value", Plural(missing, "row")),
    };
    let columns = columns.join(" + ");
    match key.duplicated {
        0 => format!("{columns}: another value in each of {}{missing}", Plural(key.rows, "row")),
        rows => format!("{columns}: {} of {} share a value{missing}", Plural(rows, "row"), Count(key.rows)),
    }
}

pub(super) fn dependency_sentence(dependency: &ProfiledDependency) -> String {
    let ProfiledDependency { from, to, rows, groups, exceptions } = dependency;
    let exceptions = match exceptions {
        0 => "no exception".to_owned(),
        exceptions => Plural(*exceptions, "exception").to_string(),
    };
    format!(
        "{} decides {}: {exceptions} in {}, {} of {0}",
        Safe(from),
        Safe(to),
        Plural(*rows, "row"),
        Plural(*groups, "value")
    )
}

pub(super) fn order_sentence(order: &ProfiledOrder) -> String {
    let ProfiledOrder { before, after, rows, exceptions } = order;
    let exceptions = match exceptions {
        0 => "in all".to_owned(),
        exceptions => format!("in all but {} of", Count(*exceptions)),
    };
    format!("{} is not after {}: {exceptions} {}", Safe(before), Safe(after), Plural(*rows, "row"))
}

pub(super) fn reference_sentence(reference: &ProfiledReference) -> String {
    let ProfiledReference { dataset, column, to_dataset, to_column, rows, orphans, to_rows, unused } = reference;
    let found = match orphans {
        0 => format!("all {} found", Plural2(*rows, "row is", "rows are")),
        orphans => format!("{} of {} not found", Plural2(*orphans, "row", "rows"), Count(*rows)),
    };
    format!(
        "{}.{} refers to {}.{}: {found}; {} of {} there are not referred to",
        Safe(dataset),
        Safe(column),
        Safe(to_dataset),
        Safe(to_column),
        Count(*unused),
        Count(*to_rows)
    )
}

pub(super) fn same_sentence(same: &SameColumns) -> String {
    format!(
        "{}.{} and {}.{}: {} in both, of {} and {}",
        Safe(&same.dataset),
        Safe(&same.column),
        Safe(&same.other_dataset),
        Safe(&same.other_column),
        Plural(same.shared, "value"),
        Count(same.distinct),
        Count(same.other_distinct)
    )
}

/// A number with words for one and for several.
struct Plural2(u64, &'static str, &'static str);

impl Display for Plural2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", Count(self.0), if self.0 == 1 { self.1 } else { self.2 })
    }
}

/// A share with one decimal, floored, so that only all values give 100.
pub(super) struct Percent(pub(super) u64, pub(super) u64);

impl Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = u128::from(self.0) * 1_000 / u128::from(self.1.max(1));
        if tenths == 0 && self.0 > 0 {
            f.write_str("under 0.1 %")
        } else {
            write!(f, "{}.{} %", tenths / 10, tenths % 10)
        }
    }
}

//! What the columns of a dataset contain, for people and for programs.

use std::fmt::{self, Display};

use super::frame::{Grid, cell};
use super::json::{schema_of, written};
use super::page::{Line, Page};
use super::style::BOLD;
use super::wording::Plural;
use super::{Look, Safe};
use crate::model::{
    Count, Dialect, Evidence, FormatCount, IdentifiedColumn, IdentifiedFormat, IdentifiedKind, IdentifyReport, yaml,
};
use anstyle::{AnsiColor, Style};

/// How many kinds are shown for each column by default.
const KINDS_SHOWN: usize = 3;

/// How many formats of a family are shown.
const FORMATS_SHOWN: usize = 6;

const NOTED: Style = AnsiColor::Yellow.on_default().bold();

/// The document as JSON.
pub fn json(report: &IdentifyReport) -> String {
    written(report)
}

/// The JSON Schema (draft-07) of the document.
pub fn schema() -> serde_json::Value {
    schema_of::<IdentifyReport>()
}

/// The document for people: a table of the columns, then the findings of each.
pub fn table(report: &IdentifyReport, look: &Look) -> String {
    let mut page = Page::new(look.width, look.color);
    heading(&mut page, report);
    if let Some(dialect) = &report.dialect {
        written_as(&mut page, dialect);
    }
    if !report.columns.is_empty() {
        let mut grid = Grid::new().name("column").number("values").number("missing").words("can be").number("pass");
        for column in &report.columns {
            rows(&mut grid, column, look.verbose);
        }
        page.grid(0, grid, &[]);
        let shown = report.columns.iter().flat_map(|column| shown(column, look.verbose));
        let (mut weak, mut doubtful) = (false, false);
        shown.for_each(|kind| (weak, doubtful) = (weak || is_weak(kind), doubtful || !kind.likely));
        if weak {
            page.paragraph(0, 2, &Line::new("(in brackets): only a guess from the number of digits or a short list"));
        }
        if doubtful {
            page.paragraph(0, 2, &Line::new("?: too few values are of this kind to be sure of the column"));
        }
    }
    for column in &report.columns {
        let findings = findings(column, report.malformed);
        if !findings.is_empty() {
            page.paragraph(0, 2, &Line::default().styled(BOLD, Safe(&column.name)));
            for finding in findings {
                page.paragraph(2, 4, &Line::new(finding));
            }
        }
    }
    page.finish()
}

/// How the files seem to be written, with the evidence.
fn written_as(page: &mut Page, dialect: &Dialect) {
    page.paragraph(0, 2, &Line::default().styled(BOLD, "how it is written"));
    for (indent, line) in declarations(dialect) {
        page.paragraph(2 + indent, 4 + indent, &Line::new(line));
    }
    for evidence in &dialect.evidence {
        let of = if evidence.of > evidence.count { format!(" of {}", Count(evidence.of)) } else { String::new() };
        let text = format!("{}: {}{of} {}", evidence.option, Count(evidence.count), evidence.what);
        page.paragraph(2, 4, &Line::new(Safe(&text)));
    }
    for question in &dialect.questions {
        page.paragraph(2, 4, &Line::default().styled(NOTED, "question").text(format!(": {}", Safe(question))));
    }
    if !dialect.whole {
        page.paragraph(2, 4, &Line::new("seen in the first MiB and the last 64 KiB"));
    }
}

/// The declarations of a dialect in YAML, each with its indent.
fn declarations(dialect: &Dialect) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    lines.extend(dialect.source_declaration().map(|line| (0, line)));
    for (name, sign) in [("decimal", &dialect.decimal), ("thousands", &dialect.thousands)] {
        lines.extend(sign.as_ref().map(|sign| (0, format!("{name}: {}", yaml(sign)))));
    }
    if !dialect.columns.is_empty() {
        lines.push((0, "columns:".to_owned()));
    }
    for (name, column) in &dialect.columns {
        let mut parts = Vec::new();
        if let Some(format) = &column.format {
            parts.push(format!("type: date, format: {}", yaml(format)));
        }
        for (name, sign) in [("decimal", &column.decimal), ("thousands", &column.thousands)] {
            parts.extend(sign.as_ref().map(|sign| format!("{name}: {}", yaml(sign))));
        }
        let is_number = column.format.is_none();
        let kind = if is_number { "type: decimal, " } else { "" };
        lines.push((2, format!("{}: {{ {kind}{} }}", yaml(name), parts.join(", "))));
    }
    lines
}

fn heading(page: &mut Page, report: &IdentifyReport) {
    let mut line = Line::default();
    match report.files.as_slice() {
        [one] => line = line.styled(BOLD, Safe(&one.path)),
        files => line = line.styled(BOLD, Plural(files.len() as u64, "file")),
    }
    let columns = Plural(report.columns.len() as u64, "column");
    line = line.text(format_args!(" · {} · {columns} · as of {}", Plural(report.rows, "row"), report.as_of));
    page.paragraph(0, 2, &line);
    if report.malformed > 0 {
        let rows = Plural(report.malformed, "row");
        let text =
            format_args!(": {rows} with too many or too few cells or other faults; values may be in the wrong column")
                .to_string();
        page.paragraph(0, 2, &Line::default().styled(NOTED, "note").text(text));
    }
    for remark in &report.remarks {
        page.paragraph(0, 2, &Line::default().styled(NOTED, "note").text(format_args!(": {remark}").to_string()));
    }
}

/// The rows of a column in the table: one for each kind that is shown.
fn rows(grid: &mut Grid, column: &IdentifiedColumn, verbose: bool) {
    let name = cell(Safe(&column.name));
    if column.not_read.is_some() {
        let stored = format!("not read: {}", Safe(&column.stored));
        grid.row([name, "-".to_owned(), "-".to_owned(), stored, String::new()]);
        return;
    }
    let mut lead = [name, cell(Count(column.values)), cell(Count(column.missing))];
    let kinds = shown(column, verbose);
    if kinds.is_empty() {
        grid.row(lead.into_iter().chain(["-".to_owned(), String::new()]));
        return;
    }
    for kind in kinds {
        let row = std::mem::take(&mut lead);
        grid.row(row.into_iter().chain([named(kind), cell(Percent(kind.passed, column.values))]));
    }
}

fn is_weak(kind: &IdentifiedKind) -> bool {
    kind.evidence == Evidence::Weak
}

/// The name, with signs for the strength of the evidence.
fn named(kind: &IdentifiedKind) -> String {
    let name = if is_weak(kind) { format!("({})", kind.kind) } else { kind.kind.clone() };
    if kind.likely { name } else { name + "?" }
}

/// The kinds of a column that get a row: the likely ones; without any, those that are not chance.
fn shown(column: &IdentifiedColumn, verbose: bool) -> Vec<&IdentifiedKind> {
    if verbose {
        return column.kinds.iter().collect();
    }
    let likely: Vec<&IdentifiedKind> = column.kinds.iter().filter(|kind| kind.likely).take(KINDS_SHOWN).collect();
    if !likely.is_empty() {
        return likely;
    }
    // One in ten texts has the right check digit by chance.
    let is_evidence =
        |kind: &&IdentifiedKind| !is_weak(kind) && u128::from(kind.passed) * 5 >= u128::from(column.values);
    column.kinds.iter().filter(is_evidence).take(KINDS_SHOWN).collect()
}

/// The findings of a column, a sentence each.
fn findings(column: &IdentifiedColumn, malformed: u64) -> Vec<String> {
    let mut found = Vec::new();
    if column.values == 0 && column.not_read.is_none() && column.missing + malformed > 0 {
        found.push("no cell has a value".to_owned());
    }
    if column.unreadable > 0 {
        found.push(format!("{} outside the range of the column type", Plural(column.unreadable, "cell")));
    }
    let best = column.kinds.first().filter(|kind| kind.likely);
    let failing = best.filter(|kind| !is_weak(kind)).and_then(failing);
    // A few of many short numbers look like placeholders by chance.
    let fills = column.placeholders > 0 && column.placeholders * 100 >= column.values;
    if fills && (failing.is_none() || best.is_none_or(|kind| kind.placeholder < column.placeholders)) {
        found.push(format!("possible placeholders, such as 0000000: {}", Plural(column.placeholders, "value")));
    }
    found.extend(failing);
    found.extend(mended(column));
    found.extend(best.and_then(|best| typed(best, column)));
    found.extend(stand_ins(column));
    if column.faulty > 0 {
        let mut faults: Vec<(&String, &u64)> = column.faults.iter().collect();
        faults.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let faults: Vec<String> = faults.iter().map(|(fault, count)| format!("{fault} {}", Count(**count))).collect();
        found.push(format!("{} with text faults: {}", Plural(column.faulty, "value"), faults.join(", ")));
    }
    found.extend(column.formats.iter().filter_map(|family| formats(family, column)));
    found
}

/// Words that may mean "no value", or be a value: `NA` is Namibia, and `None` may be an answer.
fn stand_ins(column: &IdentifiedColumn) -> Option<String> {
    if column.stand_ins == 0 {
        return None;
    }
    let mut words: Vec<(&String, &u64)> = column.stand_in_words.iter().collect();
    words.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let question = "a real value or \"no value\"? Add what means \"no value\" under `missing:`";
    Some(match words.as_slice() {
        [] => format!("{} such as n/a: {question}", Plural(column.stand_ins, "value")),
        [(word, count)] => format!("{} {}: {question}", Plural(**count, "value"), Safe(word)),
        several => {
            let several: Vec<String> =
                several.iter().map(|(word, count)| format!("{} {}", Safe(word), Count(**count))).collect();
            format!("{}: {}: {question}", Plural(column.stand_ins, "value"), several.join(", "))
        }
    })
}

/// How many more values would be of the shown kinds after a correction: of the best kind, and of those that would not
/// be shown without them.
fn mended(column: &IdentifiedColumn) -> Vec<String> {
    let shown = shown(column, false);
    let Some(best) = shown.first().filter(|kind| kind.likely) else { return Vec::new() };
    let worth = |(at, kind): &(usize, &&IdentifiedKind)| {
        *at == 0 || (kind.passed * 2 <= column.values && is_weak(kind) == is_weak(best))
    };
    // A line that is the same for several kinds is shown once.
    let mut lines: Vec<(Vec<&str>, String)> = Vec::new();
    for (_, kind) in shown.iter().enumerate().filter(worth) {
        let as_text = ": export the column as text";
        let reasons = [
            (kind.with_zeros, "with lost leading zeros restored", as_text),
            (kind.mended.spaces, "without the spaces around them", ""),
            (kind.mended.apostrophe, "without the apostrophe in front", ""),
            (kind.mended.point_zero, "without the .0 at the end", as_text),
        ];
        for (count, reason, way_out) in reasons.into_iter().filter(|(count, ..)| *count > 0) {
            let share = Percent(kind.passed + count, column.values);
            let line = format!("{} more {reason}, {share} with them{way_out}", Count(count));
            match lines.iter_mut().find(|(_, known)| *known == line) {
                Some((kinds, _)) => kinds.push(&kind.kind),
                None => lines.push((vec![&kind.kind], line)),
            }
        }
    }
    lines.into_iter().map(|(kinds, line)| format!("{}: {line}", kinds.join(", "))).collect()
}

/// What happens to identifiers in a column that is not text.
fn typed(best: &IdentifiedKind, column: &IdentifiedColumn) -> Option<String> {
    let is = |sorts: [&str; 2]| sorts.iter().any(|sort| column.stored.starts_with(sort));
    let (whole, decimal) = (is(["int", "uint"]), is(["float", "decimal"]));
    let loses = format!("stored as {}, which loses leading zeros", Safe(&column.stored));
    match is_weak(best) {
        false if decimal => Some(format!("{loses} and which `identifier` does not accept: export the column as text")),
        // The finding about leading zeros already says what to do.
        false if whole && best.with_zeros == 0 => Some(loses),
        _ => None,
    }
}

/// The formats of values, if they are worth a line.
fn formats(family: &IdentifiedFormat, column: &IdentifiedColumn) -> Option<String> {
    let first = family.formats.first()?;
    let is_date = column.formats.iter().any(|family| family.family == "date");
    let what = match family.family.as_str() {
        "date" => "dates",
        "phone" => "telephone numbers",
        "number" => "numbers",
        "tone" => "tone marks",
        _ => "letters",
    };
    if first.values == family.values {
        let mut is_whole = false;
        // The case of letters is not worth a line if all values agree.
        let is_told = matches!(family.family.as_str(), "date" | "phone" | "number");
        // If all values fit several formats, the data does not show which is meant.
        let fitting = family.formats.iter().filter(|format| format.values == family.values);
        let mut fitting: Vec<&str> = fitting.map(|format| format.format.as_str()).collect();
        if family.family == "number" {
            fitting = told_apart(&fitting);
            // Whole numbers fit every way to write decimals.
            is_whole = fitting.len() > 1 && fitting.contains(&"1234.5") && fitting.contains(&"1234,5");
        }
        let values = match family.values {
            all if all == column.values => String::new(),
            some => format!(" in {}", Of(some, column.values)),
        };
        return (is_told && !is_whole).then(|| format!("{what} as {}{values}", fitting.join(" or ")));
    }
    if family.family == "case" && is_date {
        return None;
    }
    // Each value counts once, so that a rare format is not lost among formats that many values also fit.
    let counted: Vec<&FormatCount> = family.formats.iter().filter(|format| format.counted > 0).collect();
    let shown = counted.iter().take(FORMATS_SHOWN);
    let mut formats: Vec<String> = shown.map(|format| format!("{} {}", format.format, Count(format.counted))).collect();
    let rest = family.values - counted.iter().take(FORMATS_SHOWN).map(|format| format.counted).sum::<u64>();
    if rest > 0 {
        formats.push(format!("other {}", Count(rest)));
    }
    Some(format!("{what} mixed in {}: {}", Of(family.values, column.values), formats.join(", ")))
}

/// The formats of numbers without those that differ only in how thousands are grouped, where no value has groups.
fn told_apart<'a>(fitting: &[&'a str]) -> Vec<&'a str> {
    let has = |format: &str| fitting.contains(&format);
    let is_grouped = |format: &str| match format {
        "1,234.5" | "1 234.5" => has("1234.5"),
        "1.234,5" | "1 234,5" => has("1234,5"),
        _ => false,
    };
    fitting.iter().copied().filter(|format| !is_grouped(format)).collect()
}

/// Why values fail for a kind, and how many slips explain that.
fn failing(kind: &IdentifiedKind) -> Option<String> {
    // Values with lost leading zeros fail without them, most by their shape.
    let reasons = [
        (kind.placeholder, if kind.placeholder == 1 { "placeholder" } else { "placeholders" }),
        (kind.shape, "with another shape"),
        (kind.check_digit, "with wrong check digits"),
        (kind.inner_fact, "with a wrong inner fact"),
    ];
    let reasons: Vec<String> = reasons
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, reason)| format!("{} {reason}", Count(count)))
        .collect();
    let slips = kind.slips.filter(|slips| slips.likely > 0).map(|slips| {
        format!(
            "; {} of {} examined may be typing slips, {} of them with two neighbours exchanged",
            Count(slips.likely),
            Count(slips.sought),
            Count(slips.swapped)
        )
    });
    let pass = format!("{}: {} pass", kind.kind, Count(kind.passed));
    (!reasons.is_empty()).then(|| format!("{pass}, {}{}", reasons.join(", "), slips.unwrap_or_default()))
}

/// A part of all values.
struct Of(u64, u64);

impl Display for Of {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < self.1 {
            write!(f, "{} of ", Count(self.0))?;
        }
        Plural(self.1, "value").fmt(f)
    }
}

/// A share with two decimals, floored, so that only all values give 100.
struct Percent(u64, u64);

impl Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = u128::from(self.0) * 10_000 / u128::from(self.1.max(1));
        write!(f, "{}.{:02} %", hundredths / 100, hundredths % 100)
    }
}

//! What the columns of a dataset hold, for people and for programs.

use std::fmt::{self, Display};

use anstyle::{AnsiColor, Style};
use comfy_table::{ColumnConstraint, Table};

use super::json::{schema_of, written};
use super::page::{Line, Page};
use super::table::{BOLD, Count, Plural, right};
use super::{Look, Safe};
use crate::model::{Evidence, IdentifiedColumn, IdentifiedFormat, IdentifiedKind, IdentifyReport};

/// How many kinds are shown for each column, unless all are asked for.
const KINDS_SHOWN: usize = 3;

/// How many formats of a family are shown.
const FORMATS_SHOWN: usize = 4;

const NOTED: Style = AnsiColor::Yellow.on_default().bold();

/// The document as JSON.
pub fn json(report: &IdentifyReport) -> String {
    written(report)
}

/// The JSON Schema (draft-07) of the document.
pub fn schema() -> serde_json::Value {
    schema_of::<IdentifyReport>()
}

/// The document for people: a table of the columns, then what is to be known of each.
pub fn table(report: &IdentifyReport, look: &Look) -> String {
    let mut page = Page::new(look.width, look.color);
    heading(&mut page, report);
    if !report.columns.is_empty() {
        let mut table = Table::new();
        table.load_style(comfy_table::presets::UTF8_FULL_CONDENSED);
        table.set_header(["column", "values", "missing", "can be", "pass"]);
        for column in &report.columns {
            rows(&mut table, column, look.verbose);
        }
        // Names of columns are broken before anything else is.
        for column in table.column_iter_mut().skip(1) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
        page.table(0, table, &[]);
        if report.columns.iter().any(|column| shown(column, look.verbose).iter().any(|kind| is_weak(kind))) {
            page.paragraph(0, 2, &Line::new("(in brackets): the shape alone speaks for it, which says little"));
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
        let text = format_args!(": {rows} with faults of the file; their cells may stand in other columns").to_string();
        page.paragraph(0, 2, &Line::default().styled(NOTED, "note").text(text));
    }
}

/// The rows of a column in the table: one for each kind that is shown.
fn rows(table: &mut Table, column: &IdentifiedColumn, verbose: bool) {
    let name = Safe(&column.name).to_string();
    if column.not_read.is_some() {
        table.add_row(vec![name.into(), right("-"), right("-"), format!("not read: {}", Safe(&column.stored)).into()]);
        return;
    }
    let mut lead = vec![name.into(), right(Count(column.values)), right(Count(column.missing))];
    let kinds = shown(column, verbose);
    if kinds.is_empty() {
        lead.push("-".into());
        table.add_row(lead);
        return;
    }
    for kind in kinds {
        let pass = kind.passed + kind.with_zeros;
        let mut row = std::mem::replace(&mut lead, vec!["".into(), "".into(), "".into()]);
        row.push(if is_weak(kind) { format!("({})", kind.kind).into() } else { (&*kind.kind).into() });
        row.push(right(Percent(pass, column.values)));
        table.add_row(row);
    }
}

fn is_weak(kind: &IdentifiedKind) -> bool {
    kind.evidence == Evidence::Weak
}

/// The kinds of a column that are worth a row: those of most values; where there are none, those that are more than chance.
fn shown(column: &IdentifiedColumn, verbose: bool) -> Vec<&IdentifiedKind> {
    if verbose {
        return column.kinds.iter().collect();
    }
    let likely: Vec<&IdentifiedKind> = column.kinds.iter().filter(|kind| kind.likely).take(KINDS_SHOWN).collect();
    if !likely.is_empty() {
        return likely;
    }
    // One in ten texts has the right check digit by chance.
    let told = |kind: &&IdentifiedKind| {
        let pass = u128::from(kind.passed + kind.with_zeros);
        kind.evidence > Evidence::Weak && pass * 5 >= u128::from(column.values)
    };
    column.kinds.iter().filter(told).take(KINDS_SHOWN).collect()
}

/// What is to be known of a column, a sentence each.
fn findings(column: &IdentifiedColumn, malformed: u64) -> Vec<String> {
    let mut found = Vec::new();
    if column.values == 0 && column.not_read.is_none() && column.missing + malformed > 0 {
        found.push("no cell holds a value".to_owned());
    }
    if column.unreadable > 0 {
        found.push(format!("{} cannot be held in the type of the column", Plural(column.unreadable, "cell")));
    }
    if let Some(best) = column.kinds.first().filter(|kind| kind.likely) {
        found.extend(failing(best));
        if best.with_zeros > 0 {
            found.push(format!(
                "{}: {} more with zeros put back that were lost in front: export the column as text",
                best.kind,
                Count(best.with_zeros)
            ));
        } else if !matches!(column.stored.as_str(), "text" | "string" | "json") && best.evidence > Evidence::Weak {
            found.push(format!("stored as {}, which loses zeros in front", Safe(&column.stored)));
        }
    }
    if column.stand_ins > 0 {
        found.push(format!(
            "{} such as n/a: if they stand for nothing, name them under `missing`",
            Plural(column.stand_ins, "value")
        ));
    }
    if column.faulty > 0 {
        let mut faults: Vec<(&String, &u64)> = column.faults.iter().collect();
        faults.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let faults: Vec<String> = faults.iter().map(|(fault, count)| format!("{fault} {}", Count(**count))).collect();
        found.push(format!("{} with faults of text: {}", Plural(column.faulty, "value"), faults.join(", ")));
    }
    found.extend(column.formats.iter().filter_map(|family| formats(family, column)));
    found
}

/// In which formats values are written, where that is worth telling.
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
        // How letters are written is not worth a line where all agree.
        let is_told = matches!(family.family.as_str(), "date" | "phone" | "number");
        // Which of several is meant, where all values fit them, the data does not say.
        let fitting = family.formats.iter().filter(|format| format.values == family.values);
        let fitting: Vec<&str> = fitting.map(|format| format.format.as_str()).collect();
        return is_told.then(|| format!("{what} as {}", fitting.join(" or ")));
    }
    if family.family == "case" && is_date {
        return None;
    }
    let shown = family.formats.iter().take(FORMATS_SHOWN);
    let mut formats: Vec<String> = shown.map(|format| format!("{} {}", format.format, Count(format.values))).collect();
    if family.formats.len() > FORMATS_SHOWN {
        formats.push(format!("{} more", family.formats.len() - FORMATS_SHOWN));
    }
    Some(format!("{what} mixed in {}: {}", Plural(family.values, "value"), formats.join(", ")))
}

/// Why values are not of a kind, and how many slips explain.
fn failing(kind: &IdentifiedKind) -> Option<String> {
    // Those to which zeros were put back fail without them, most by their shape.
    let reasons = [
        (kind.placeholder, "to fill the cell"),
        (kind.shape, "of another shape"),
        (kind.check_digit, "with wrong check digits"),
        (kind.inner_fact, "with something inside that cannot be"),
    ];
    let reasons: Vec<String> = reasons
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, reason)| format!("{} {reason}", Count(count)))
        .collect();
    let slips = kind.slips.filter(|slips| slips.likely > 0).map(|slips| {
        format!(
            "; {} of {} looked through may be slips of the fingers, {} of them two neighbours swapped",
            Count(slips.likely),
            Count(slips.sought),
            Count(slips.swapped)
        )
    });
    let pass = format!("{}: {} pass", kind.kind, Count(kind.passed));
    (!reasons.is_empty()).then(|| format!("{pass}, {}{}", reasons.join(", "), slips.unwrap_or_default()))
}

/// A share with two decimals, floored, so that it is 100 for all alone.
struct Percent(u64, u64);

impl Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = u128::from(self.0) * 10_000 / u128::from(self.1.max(1));
        write!(f, "{}.{:02} %", hundredths / 100, hundredths % 100)
    }
}

//! A workbook for the people who repair the rows: the rules first, then the rows of each dataset.

use std::collections::BTreeSet;
use std::io::{Seek, Write};

use jiff::civil::Date;
use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet};

use super::WorklistError;
use super::selection::Selection;
use super::table::{limit_in_words, reason_of, statements};
use crate::model::{Count, EvidenceDataset, FailingRow, Notice};
use crate::report::spreadsheet::{cell, cut, sheet_name};
use crate::report::{Safe, reason_in_words};

/// The rows of a sheet, with the header, that the format allows.
pub const SHEET_ROWS: u32 = 1_048_576;

/// Writes a workbook: a sheet of the rules, then for each dataset its failing rows and groups. A sheet has at most so many
/// rows; what is more goes on in the next one.
///
/// # Errors
/// If the evidence cannot be read or the workbook cannot be written.
pub fn write_workbook(
    selection: &Selection<'_>,
    sheet_rows: u32,
    out: impl Write + Seek + Send,
) -> Result<(), WorklistError> {
    let mut book = Book {
        workbook: Workbook::new(),
        sheets: Vec::new(),
        notes: Vec::new(),
        names: BTreeSet::from(["rules".to_owned()]),
        header: Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top),
        text: Format::new().set_text_wrap().set_align(FormatAlign::Top),
        sheet_rows: sheet_rows.clamp(2, SHEET_ROWS),
    };
    for dataset in selection.datasets() {
        book.add_rows(selection, dataset)?;
        book.add_groups(selection, dataset)?;
    }
    let rules = book.rules(selection)?;
    let Book { mut workbook, sheets, .. } = book;
    for sheet in std::iter::once(rules).chain(sheets) {
        workbook.push_worksheet(sheet);
    }
    Ok(workbook.save_to_writer(out)?)
}

/// A workbook under way.
struct Book {
    workbook: Workbook,
    sheets: Vec<Worksheet>,
    /// What the first sheet says about the others.
    notes: Vec<String>,
    /// Names of sheets in lower case: they differ without regard to case.
    names: BTreeSet<String>,
    header: Format,
    text: Format,
    sheet_rows: u32,
}

/// The title and width of a column.
type Heading = (String, f64);

impl Book {
    /// A sheet of that name with a frozen header.
    fn sheet(&mut self, name: &str, headings: &[Heading]) -> Result<Worksheet, WorklistError> {
        let mut sheet = self.workbook.new_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, (_, width)) in (0_u16..).zip(headings) {
            sheet.set_column_width(column, *width)?;
        }
        for (column, (title, _)) in (0_u16..).zip(headings) {
            sheet.write_string_with_format(0, column, cell(title), &self.header)?;
        }
        Ok(sheet)
    }

    /// Writes rows of text to as many sheets as they need.
    fn fill(
        &mut self,
        name: &str,
        headings: &[Heading],
        rows: impl Iterator<Item = Result<Vec<Content>, WorklistError>>,
    ) -> Result<(), WorklistError> {
        let mut open: Option<(Worksheet, String, u32)> = None;
        let (mut all, mut names) = (0_u64, Vec::new());
        let last_column = u16::try_from(headings.len().saturating_sub(1)).unwrap_or(u16::MAX);
        for row in rows {
            let row = row?;
            let (mut sheet, sheet_name, mut at) = match open.take() {
                Some((sheet, name, at)) if at < self.sheet_rows => (sheet, name, at),
                full => {
                    if let Some((mut sheet, _, at)) = full {
                        sheet.autofilter(0, 0, at - 1, last_column)?;
                        self.sheets.push(sheet);
                    }
                    let unique = sheet_name(name, &mut self.names);
                    names.push(unique.clone());
                    (self.sheet(&unique, headings)?, unique, 1)
                }
            };
            for (column, content) in (0_u16..).zip(row) {
                match content {
                    Content::Text(text) if text.is_empty() => {}
                    Content::Text(text) => {
                        sheet.write_string_with_format(at, column, text, &self.text)?;
                    }
                    #[expect(clippy::cast_precision_loss, reason = "numbers of records are far below 2^53")]
                    Content::Number(number) => {
                        sheet.write_number_with_format(at, column, number as f64, &self.text)?;
                    }
                }
            }
            at += 1;
            all += 1;
            open = Some((sheet, sheet_name, at));
        }
        if let Some((mut sheet, _, at)) = open {
            sheet.autofilter(0, 0, at - 1, last_column)?;
            self.sheets.push(sheet);
        }
        if names.len() > 1 {
            let note = format!("{} rows of {name} are on {} sheets: {}", Count(all), names.len(), names.join(", "));
            self.notes.push(note);
        }
        Ok(())
    }

    /// The failing rows of a dataset.
    fn add_rows(&mut self, selection: &Selection<'_>, dataset: &EvidenceDataset) -> Result<(), WorklistError> {
        let longest = dataset.files.iter().map(|file| file.chars().count()).max().unwrap_or_default();
        let mut headings =
            vec![("File".to_owned(), width_of(longest)), ("Record".to_owned(), 10.0), ("Line".to_owned(), 10.0)];
        headings.extend(dataset.key.iter().map(|key| {
            let token = if key.token { " (token)" } else { "" };
            (format!("{}{token}", key.column), 22.0)
        }));
        headings.extend(dataset.revealed.iter().map(|column| (format!("Cell: {column}"), 22.0)));
        for (title, width) in
            [("Rules", 28.0), ("What must hold: what is wrong", 48.0), ("How to fix", 48.0), ("Correction", 28.0)]
        {
            headings.push((title.to_owned(), width));
        }
        let rows = selection.rows(dataset)?.map(|row| Ok(row_contents(selection, &row?)));
        self.fill(&dataset.name, &headings, rows)
    }

    /// The failing groups of the rules of a dataset.
    fn add_groups(&mut self, selection: &Selection<'_>, dataset: &EvidenceDataset) -> Result<(), WorklistError> {
        let headings = [
            ("Rule", 28.0),
            ("Group", 32.0),
            ("What is found", 40.0),
            ("What is wrong", 40.0),
            ("How to fix", 48.0),
            ("Correction", 28.0),
        ]
        .map(|(title, width)| (title.to_owned(), width));
        let rows = selection.groups(dataset)?.map(|group| {
            let group = group?;
            let key =
                group.key_columns.iter().zip(&group.key).map(|(column, value)| {
                    format!("{} = {}", Safe(column), Safe(value.as_deref().unwrap_or("(missing)")))
                });
            let fix = selection.rule(&group.rule).and_then(|rule| rule.fix.as_deref());
            Ok(vec![
                Content::of(&group.rule),
                Content::lines(key),
                Content::lines(statements(&group)),
                Content::lines([reason_of(&group)]),
                Content::of(fix.unwrap_or_default()),
            ])
        });
        self.fill(&format!("{} groups", dataset.name), &headings, rows)
    }

    /// The sheet of the rules.
    fn rules(&mut self, selection: &Selection<'_>) -> Result<Worksheet, WorklistError> {
        let headings = [
            ("Dataset", 20.0),
            ("Rule", 28.0),
            ("What must hold, and what is found", 48.0),
            ("Why it matters", 40.0),
            ("How to fix", 48.0),
            ("Severity", 10.0),
            ("Failed", 12.0),
            ("Counted in", 12.0),
            ("Listed here", 12.0),
            ("Due", 12.0),
        ]
        .map(|(title, width)| (title.to_owned(), width));
        let mut sheet = self.sheet("Rules", &headings)?;
        let date = Format::new().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Top);
        let mut at = 1;
        for rule in selection.failed_rules() {
            let wrong = format!("{}\n{}", Safe(&rule.title), Safe(&rule.observed));
            let (because, fix) = (rule.because.as_deref().unwrap_or_default(), rule.fix.as_deref().unwrap_or_default());
            let texts = [
                cell(&rule.dataset),
                cell(&rule.id),
                cut(&wrong),
                cell(because),
                cell(fix),
                cell(rule.severity.name()),
            ];
            for (column, text) in (0_u16..).zip(texts) {
                sheet.write_string_with_format(at, column, text, &self.text)?;
            }
            #[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^53")]
            let [failed, listed] = [rule.failed, rule.listed + rule.groups].map(|count| count as f64);
            sheet.write_number_with_format(at, 6, failed, &self.text)?;
            sheet.write_string_with_format(at, 7, rule.unit.nouns(), &self.text)?;
            sheet.write_number_with_format(at, 8, listed, &self.text)?;
            match rule.due.as_deref().map(|due| (due, due.parse::<Date>())) {
                Some((_, Ok(due))) => {
                    sheet.write_datetime_with_format(at, 9, due, &date)?;
                }
                Some((due, Err(_))) => {
                    sheet.write_string_with_format(at, 9, cell(due), &self.text)?;
                }
                None => {}
            }
            at += 1;
        }
        sheet.autofilter(0, 0, at - 1, 9)?;
        let manifest = selection.manifest();
        let limits =
            selection.failed_rules().filter_map(|rule| Some(format!("{}: {}", rule.id, limit_in_words(rule)?)));
        let unlisted = selection
            .datasets()
            .filter_map(|dataset| Some(format!("{}: not listed: {}", dataset.name, dataset.not_listed.as_ref()?)));
        let source = format!("Suite {}, as of {}, result {}", manifest.suite, manifest.as_of, manifest.result);
        // What is about another dataset or rule concerns other readers.
        let datasets: BTreeSet<&str> = selection.datasets().map(|dataset| dataset.name.as_str()).collect();
        let concerns = |notice: &&Notice| match (&notice.rule, &notice.dataset) {
            (Some(rule), _) => selection.rule(rule).is_some(),
            (None, Some(dataset)) => datasets.contains(dataset.as_str()),
            (None, None) => true,
        };
        let notices = manifest.notices.iter().filter(concerns).map(|notice| {
            let about = notice.rule.as_ref().or(notice.dataset.as_ref());
            about.map_or_else(|| notice.text.clone(), |about| format!("{about}: {}", notice.text))
        });
        let notes = self.notes.iter().cloned().chain(limits).chain(unlisted).chain(notices).chain([source]);
        for (row, note) in (at + 1..).zip(notes) {
            sheet.write_string(row, 0, cell(&note))?;
        }
        Ok(sheet)
    }
}

/// What a cell holds.
enum Content {
    Text(String),
    Number(u64),
}

impl Content {
    /// A text that comes from data or a suite.
    fn of(text: &str) -> Self {
        Self::Text(cell(text))
    }

    /// Lines that are safe already.
    fn lines(lines: impl IntoIterator<Item = String>) -> Self {
        Self::Text(cut(&lines.into_iter().collect::<Vec<_>>().join("\n")))
    }
}

/// The cells of a failing row; the last column, for the correction, stays empty.
fn row_contents(selection: &Selection<'_>, row: &FailingRow) -> Vec<Content> {
    let mut contents = vec![
        Content::of(&row.file),
        Content::Number(row.record),
        row.line.map_or(Content::Text(String::new()), Content::Number),
    ];
    contents.extend(row.key.iter().chain(&row.cells).map(|value| Content::of(value.as_deref().unwrap_or_default())));
    contents.push(Content::lines(row.failed.iter().map(|failed| Safe(&failed.rule).to_string())));
    let rules = || row.failed.iter().filter_map(|failed| Some((failed, selection.rule(&failed.rule)?)));
    contents.push(Content::lines(rules().map(|(failed, rule)| match &failed.reason {
        Some(reason) => format!("{}: {}", Safe(&rule.title), Safe(&reason_in_words(reason))),
        None => Safe(&rule.title).to_string(),
    })));
    let mut fixes: Vec<String> = Vec::new();
    for fix in rules().filter_map(|(_, rule)| rule.fix.as_deref()) {
        let fix = Safe(fix).to_string();
        if !fixes.contains(&fix) {
            fixes.push(fix);
        }
    }
    contents.push(Content::lines(fixes));
    contents
}

/// The width of a column for texts of so many characters, within reason.
fn width_of(characters: usize) -> f64 {
    f64::from(u8::try_from(characters.clamp(12, 60)).unwrap_or(60)) + 2.0
}

//! A workbook: a summary with a chart of the dimensions, then the rules, columns, owners and repairs, and the failing rows
//! where they were recorded.

use std::collections::BTreeSet;
use std::io::{self, Read as _, Seek as _, Write};

use jiff::civil::Date;
use rust_xlsxwriter::{
    Chart, ChartType, Color, ConditionalFormatBlank, ConditionalFormatCell, ConditionalFormatCellRule, DocProperties,
    ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};
use serde_json::Value;
use tempfile::SpooledTempFile;

use super::rows::rows;
use super::spreadsheet::{cell, cut, sheet_name};
use super::wording::{Prose, conditions, notice, remarks, verdict_word};
use super::{FailingRows, Finished, ListedDataset, Look, ReportFormat, Safe, reason_in_words};
use crate::model::{
    AuditReport, Bands, Count, DataType, DatasetReport, DatasetStatus, Dimension, FailingRow, RuleReport, Status,
    WaiverState,
};

/// A workbook.
pub(super) struct Xlsx;

/// The rows of a sheet, with the header, that the format allows.
const SHEET_ROWS: u32 = 1_048_576;

/// The bytes of a workbook that are kept in memory; a larger one waits in a temporary file.
const IN_MEMORY: usize = 16 << 20;

/// The paper, as the format numbers it.
const A4: u8 = 9;

/// The most datasets in the chart, so that it can be read.
const CHARTED: usize = 8;

impl ReportFormat for Xlsx {
    fn name(&self) -> &'static str {
        "xlsx"
    }

    fn summary(&self) -> &'static str {
        "a workbook: summary, rules, columns, owners, repairs, and failing rows with --evidence"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["xlsx"]
    }

    fn is_text(&self) -> bool {
        false
    }

    fn lists_failing_rows(&self) -> bool {
        true
    }

    fn write(&self, finished: &Finished<'_>, _look: &Look, out: &mut dyn Write) -> io::Result<()> {
        // The format is not written from its beginning to its end, and `out` may be a pipe.
        let mut whole = SpooledTempFile::new(IN_MEMORY);
        Book::of(finished).and_then(|book| book.save(&mut whole)).map_err(into_io)?;
        whole.rewind()?;
        let mut piece = vec![0; 1 << 16];
        loop {
            match whole.read(&mut piece)? {
                0 => return Ok(()),
                read => out.write_all(&piece[..read])?,
            }
        }
    }
}

fn into_io(error: XlsxError) -> io::Error {
    match error {
        XlsxError::IoError(error) => error,
        other => io::Error::other(other),
    }
}

/// A workbook under way.
struct Book<'a> {
    report: &'a AuditReport,
    workbook: Workbook,
    sheets: Vec<Worksheet>,
    /// Names of sheets in lower case: they differ without regard to case.
    names: BTreeSet<String>,
    look: Formats,
}

/// How cells look.
struct Formats {
    title: Format,
    header: Format,
    text: Format,
    count: Format,
    score: Format,
    date: Format,
}

impl Formats {
    fn new() -> Self {
        let top = || Format::new().set_align(FormatAlign::Top);
        Self {
            title: Format::new().set_bold().set_font_size(14),
            header: top().set_bold().set_text_wrap().set_background_color(Color::RGB(0x00E6_ECF2)),
            text: top().set_text_wrap(),
            count: top().set_num_format("#,##0"),
            score: top().set_num_format("0.00"),
            date: top().set_num_format("yyyy-mm-dd"),
        }
    }
}

/// What a cell holds.
enum Content {
    Nothing,
    Text(String),
    Count(u64),
    Score(f64),
    Date(String),
}

impl Content {
    /// A text that comes from data or a suite.
    fn text(text: impl AsRef<str>) -> Self {
        Self::Text(cell(text.as_ref()))
    }

    fn optional(text: Option<impl AsRef<str>>) -> Self {
        text.map_or(Self::Nothing, Self::text)
    }

    fn score(score: Option<crate::model::Score>) -> Self {
        score.map_or(Self::Nothing, |score| Self::Score(f64::from(score.hundredths()) / 100.0))
    }
}

/// The title and width of a column.
type Heading = (&'static str, f64);

impl<'a> Book<'a> {
    fn of(finished: &Finished<'a>) -> Result<Self, XlsxError> {
        let mut book = Self {
            report: finished.report,
            workbook: Workbook::new(),
            sheets: Vec::new(),
            names: BTreeSet::new(),
            look: Formats::new(),
        };
        // The time at which a file is made would make files of equal results differ.
        let date = finished.report.as_of.get(..10).and_then(|date| date.parse::<Date>().ok()).unwrap_or_default();
        let [month, day] = [date.month(), date.day()].map(i8::unsigned_abs);
        // The format begins with the year 1900.
        let made = ExcelDateTime::from_ymd(date.year().unsigned_abs(), month, day)
            .or_else(|_| ExcelDateTime::from_ymd(2000, 1, 1))?;
        book.workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
        book.summary(finished.failing)?;
        book.rules()?;
        book.columns()?;
        book.owners()?;
        book.repairs()?;
        if let Some(failing) = finished.failing {
            for dataset in failing.datasets() {
                book.failing(failing, &dataset)?;
            }
        }
        Ok(book)
    }

    fn save(self, out: &mut SpooledTempFile) -> Result<(), XlsxError> {
        let Self { mut workbook, sheets, .. } = self;
        for sheet in sheets {
            workbook.push_worksheet(sheet);
        }
        workbook.save_to_writer(out)
    }

    fn new_sheet(&mut self, wanted: &str) -> Result<Worksheet, XlsxError> {
        let mut sheet = self.workbook.new_worksheet_with_constant_memory()?;
        sheet.set_name(sheet_name(wanted, &mut self.names))?;
        // On paper, a table is as wide as the page and has its header on every page.
        sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
        Ok(sheet)
    }

    /// A sheet with a frozen header.
    fn table(&mut self, wanted: &str, headings: &[(String, f64)]) -> Result<Worksheet, XlsxError> {
        let mut sheet = self.new_sheet(wanted)?;
        sheet.set_freeze_panes(1, 0)?;
        sheet.set_repeat_rows(0, 0)?;
        for (column, (_, width)) in (0_u16..).zip(headings) {
            sheet.set_column_width(column, *width)?;
        }
        for (column, (title, _)) in (0_u16..).zip(headings) {
            sheet.write_string_with_format(0, column, cut(title), &self.look.header)?;
        }
        Ok(sheet)
    }

    fn write_row(&self, sheet: &mut Worksheet, at: u32, row: Vec<Content>) -> Result<(), XlsxError> {
        for (column, content) in (0_u16..).zip(row) {
            match content {
                Content::Nothing => {}
                Content::Text(text) if text.is_empty() => {}
                Content::Text(text) => {
                    sheet.write_string_with_format(at, column, text, &self.look.text)?;
                }
                #[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^53")]
                Content::Count(count) => {
                    sheet.write_number_with_format(at, column, count as f64, &self.look.count)?;
                }
                Content::Score(score) => {
                    sheet.write_number_with_format(at, column, score, &self.look.score)?;
                }
                Content::Date(date) => match date.parse::<Date>() {
                    Ok(date) => {
                        sheet.write_datetime_with_format(at, column, date, &self.look.date)?;
                    }
                    Err(_) => {
                        sheet.write_string_with_format(at, column, cell(&date), &self.look.text)?;
                    }
                },
            }
        }
        Ok(())
    }

    /// Writes a sheet of rows with a filter; gives it back with the number of its rows.
    fn fill(
        &mut self,
        wanted: &str,
        headings: &[Heading],
        rows: impl Iterator<Item = Vec<Content>>,
    ) -> Result<(Worksheet, u32), XlsxError> {
        let headings: Vec<(String, f64)> =
            headings.iter().map(|(title, width)| ((*title).to_owned(), *width)).collect();
        let mut sheet = self.table(wanted, &headings)?;
        let mut at = 1;
        for row in rows {
            self.write_row(&mut sheet, at, row)?;
            at += 1;
        }
        if at > 1 {
            sheet.autofilter(0, 0, at - 1, last(headings.len()))?;
        }
        Ok((sheet, at - 1))
    }

    /// The verdict, the datasets, the chart, and what else a reader must know.
    fn summary(&mut self, failing: Option<&dyn FailingRows>) -> Result<(), XlsxError> {
        let report = self.report;
        let mut sheet = self.new_sheet("Summary")?;
        let widths = [28.0, 44.0, 12.0, 12.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0, 12.0, 12.0];
        for (column, width) in (0_u16..).zip(widths) {
            sheet.set_column_width(column, width)?;
        }
        let title = format!("{} – {}", verdict_word(report.verdict), Safe(&report.suite.name));
        sheet.write_string_with_format(0, 0, cut(&title), &self.look.title)?;
        let mut at = 1;
        for (label, text) in facts(report, failing) {
            sheet.write_string_with_format(at, 0, label, &self.look.text)?;
            // Long sentences run over the cells on their right.
            sheet.write_string(at, 1, cut(&text))?;
            at += 1;
        }
        at += 1;
        let first = at;
        let headings = ["Dataset", "Title and owner", "Rows", "Clean rows", "Score", "Band"];
        let all = headings.into_iter().chain(Dimension::ALL.map(Dimension::name)).chain(["Failed rules", "Gate"]);
        for (column, heading) in (0_u16..).zip(all) {
            sheet.write_string_with_format(at, column, heading, &self.look.header)?;
        }
        at += 1;
        for dataset in &report.datasets {
            self.write_row(&mut sheet, at, dataset_row(dataset))?;
            at += 1;
        }
        if at > first + 1 {
            let last = at - 1;
            sheet.autofilter(first, 0, last, 13)?;
            bands(&mut sheet, report.suite.bands, (first + 1, 4), (last, 4))?;
            bands(&mut sheet, report.suite.bands, (first + 1, 6), (last, 11))?;
            let charted = report.datasets.len().min(CHARTED);
            let name = sheet.name();
            let mut chart = Chart::new(ChartType::Bar);
            for (row, dataset) in (first + 1..).zip(report.datasets.iter().take(charted)) {
                chart
                    .add_series()
                    .set_name(cell(&dataset.name).chars().take(60).collect::<String>().as_str())
                    .set_categories((name.as_str(), first, 6, first, 11))
                    .set_values((name.as_str(), row, 6, row, 11));
            }
            let more = report.datasets.len() - charted;
            let what =
                if more > 0 { format!("Dimensions, the first {charted} datasets") } else { "Dimensions".to_owned() };
            chart.title().set_name(what.as_str());
            chart.x_axis().set_min(0).set_max(100);
            chart.set_width(720).set_height(420);
            sheet.insert_chart(at + 1, 0, &chart)?;
        }
        self.sheets.push(sheet);
        Ok(())
    }

    /// A row for each rule, with the fields of the other formats that have one line a rule.
    fn rules(&mut self) -> Result<(), XlsxError> {
        let report = self.report;
        let contents = rows(report).map(|row| {
            let fields = serde_json::to_value(&row).unwrap_or_default();
            RULE_COLUMNS.iter().map(|(field, ..)| content(field, &fields[*field])).collect()
        });
        let headings: Vec<Heading> = RULE_COLUMNS.iter().map(|(_, title, width)| (*title, *width)).collect();
        let (mut sheet, written) = self.fill("Rules", &headings, contents)?;
        if written > 0 {
            let [status, rate] = ["status", "rate"].map(|wanted| {
                let before = RULE_COLUMNS.iter().take_while(|(field, ..)| *field != wanted).count();
                last(before + 1)
            });
            bands(&mut sheet, report.suite.bands, (1, rate), (written, rate))?;
            for (word, color) in
                [("failed", RED), ("errored", RED), ("warned", AMBER), ("waived", AMBER), ("passed", GREEN)]
            {
                let rule = ConditionalFormatCellRule::EqualTo(word);
                let paint = ConditionalFormatCell::new().set_rule(rule).set_format(painted(color));
                sheet.add_conditional_format(1, status, written, status, &paint)?;
            }
        }
        self.sheets.push(sheet);
        Ok(())
    }

    /// A row for each column of each dataset: who reads it, and what fails.
    fn columns(&mut self) -> Result<(), XlsxError> {
        let headings = [
            ("Dataset", 20.0),
            ("Column", 28.0),
            ("Stored as", 14.0),
            ("Audited as", 14.0),
            ("Rules", 10.0),
            ("Failed rules", 12.0),
            ("Lowest rate", 12.0),
            ("Worst rule", 32.0),
            ("Unparseable cells", 14.0),
        ];
        let rows = self.report.datasets.iter().flat_map(|dataset| {
            dataset.columns.iter().map(move |column| {
                let reads = |rule: &&RuleReport| rule.columns.contains(&column.name);
                let rules: Vec<&RuleReport> = dataset.rules.iter().filter(reads).collect();
                let failed = rules.iter().filter(|rule| rule.status == Status::Failed).count();
                let worst = rules.iter().filter(|rule| rule.rate.is_some()).min_by_key(|rule| rule.rate);
                let unparseable = dataset.unparseable.iter().find(|found| found.column == column.name);
                vec![
                    Content::text(&dataset.name),
                    Content::text(&column.name),
                    Content::text(&column.stored),
                    Content::optional(column.data_type.map(DataType::name)),
                    Content::Count(rules.len() as u64),
                    Content::Count(failed as u64),
                    Content::score(worst.and_then(|rule| rule.rate)),
                    Content::optional(worst.map(|rule| rule.id.as_str())),
                    unparseable.map_or(Content::Nothing, |found| Content::Count(found.cells)),
                ]
            })
        });
        let (mut sheet, written) = self.fill("Columns", &headings, rows)?;
        if written > 0 {
            bands(&mut sheet, self.report.suite.bands, (1, 6), (written, 6))?;
        }
        self.sheets.push(sheet);
        Ok(())
    }

    fn owners(&mut self) -> Result<(), XlsxError> {
        let headings = [
            ("Owner", 32.0),
            ("Datasets", 10.0),
            ("Not audited", 12.0),
            ("In part", 10.0),
            ("Fail the gate", 12.0),
            ("Worst score", 12.0),
            ("Worst dataset", 28.0),
            ("Failed rules", 12.0),
            ("Waived rules", 12.0),
            ("Overdue rules", 12.0),
        ];
        let rows = self.report.owners.iter().map(|owner| {
            vec![
                Content::text(&owner.owner),
                Content::Count(owner.datasets.into()),
                Content::Count(owner.errored.into()),
                Content::Count(owner.in_part.into()),
                Content::Count(owner.fail_gate.into()),
                Content::score(owner.worst_score),
                Content::optional(owner.worst_dataset.as_ref()),
                Content::Count(owner.rules_failed.into()),
                Content::Count(owner.rules_waived.into()),
                Content::Count(owner.rules_overdue.into()),
            ]
        });
        let (mut sheet, written) = self.fill("Owners", &headings, rows)?;
        if written > 0 {
            bands(&mut sheet, self.report.suite.bands, (1, 5), (written, 5))?;
        }
        self.sheets.push(sheet);
        Ok(())
    }

    /// What the repair of each rule is worth.
    fn repairs(&mut self) -> Result<(), XlsxError> {
        let headings = [
            ("Dataset", 20.0),
            ("Rule", 32.0),
            ("Points of the score", 12.0),
            ("Dimension", 12.0),
            ("Points of the dimension", 12.0),
            ("Points of the worst dimension", 12.0),
            ("Clean rows, at least", 12.0),
            ("Clean rows, at most", 12.0),
        ];
        let rows = self.report.datasets.iter().flat_map(|dataset| {
            dataset.repairs.iter().map(|repair| {
                vec![
                    Content::text(&dataset.name),
                    Content::text(&repair.rule),
                    Content::score(Some(repair.score_points)),
                    Content::text(repair.dimension.name()),
                    Content::score(Some(repair.dimension_points)),
                    Content::score(Some(repair.worst_dimension_points)),
                    Content::Count(repair.clean_records_at_least),
                    Content::Count(repair.clean_records_at_most),
                ]
            })
        });
        let (sheet, _) = self.fill("Repairs", &headings, rows)?;
        self.sheets.push(sheet);
        Ok(())
    }

    /// The failing rows of a dataset, on as many sheets as they need.
    fn failing(&mut self, failing: &dyn FailingRows, dataset: &ListedDataset) -> Result<(), XlsxError> {
        let mut headings = vec![("File".to_owned(), 32.0), ("Record".to_owned(), 12.0), ("Line".to_owned(), 12.0)];
        headings.extend(dataset.key.iter().map(|column| (cell(&format!("key {column}")), 20.0)));
        headings.extend(dataset.revealed.iter().map(|column| (cell(column), 24.0)));
        headings.extend([("Rules".to_owned(), 32.0), ("Why".to_owned(), 48.0)]);
        let mut pages = Pages { wanted: format!("{} failing", dataset.name), headings, open: None };
        let visited = failing.visit(&dataset.name, &mut |row| pages.add(self, listed(row)).map_err(into_io));
        visited.map_err(XlsxError::IoError)?;
        pages.close(self)
    }
}

/// The cells of a failing row.
fn listed(row: &FailingRow) -> Vec<Content> {
    let mut contents =
        vec![Content::text(&row.file), Content::Count(row.record), row.line.map_or(Content::Nothing, Content::Count)];
    contents.extend(row.key.iter().chain(&row.cells).map(|value| Content::optional(value.as_ref())));
    let lines = |lines: Vec<String>| Content::Text(cut(&lines.join("\n")));
    contents.push(lines(row.failed.iter().map(|failed| Safe(&failed.rule).to_string()).collect()));
    let reasons = row.failed.iter().filter_map(|failed| Some((&failed.rule, failed.reason.as_deref()?)));
    let reasons = reasons.map(|(rule, code)| format!("{}: {}", Safe(rule), Safe(&reason_in_words(code))));
    contents.push(lines(reasons.collect()));
    contents
}

/// As many sheets as the rows of one table need.
struct Pages {
    wanted: String,
    headings: Vec<(String, f64)>,
    /// The sheet under way, and its next row.
    open: Option<(Worksheet, u32)>,
}

impl Pages {
    fn add(&mut self, book: &mut Book<'_>, row: Vec<Content>) -> Result<(), XlsxError> {
        if self.open.as_ref().is_some_and(|(_, at)| *at >= SHEET_ROWS) {
            self.close(book)?;
        }
        let (mut sheet, at) = match self.open.take() {
            Some(open) => open,
            None => (book.table(&self.wanted, &self.headings)?, 1),
        };
        book.write_row(&mut sheet, at, row)?;
        self.open = Some((sheet, at + 1));
        Ok(())
    }

    /// Puts the sheet under way to the others.
    fn close(&mut self, book: &mut Book<'_>) -> Result<(), XlsxError> {
        if let Some((mut sheet, at)) = self.open.take() {
            sheet.autofilter(0, 0, at - 1, last(self.headings.len()))?;
            book.sheets.push(sheet);
        }
        Ok(())
    }
}

/// The position of the last of so many columns.
fn last(columns: usize) -> u16 {
    u16::try_from(columns.saturating_sub(1)).unwrap_or(u16::MAX)
}

/// The colours of the bands.
const RED: u32 = 0x00F8_CBCB;
const AMBER: u32 = 0x00FC_E8B8;
const GREEN: u32 = 0x00CF_EBD0;

fn painted(color: u32) -> Format {
    Format::new().set_background_color(Color::RGB(color))
}

/// Colours the scores of a range by their band.
fn bands(sheet: &mut Worksheet, bands: Bands, from: (u32, u16), to: (u32, u16)) -> Result<(), XlsxError> {
    let [green, amber] = [bands.green, bands.amber].map(|limit| f64::from(limit.hundredths()) / 100.0);
    let rules = [
        (ConditionalFormatCellRule::GreaterThanOrEqualTo(green), GREEN),
        (ConditionalFormatCellRule::GreaterThanOrEqualTo(amber), AMBER),
        (ConditionalFormatCellRule::GreaterThanOrEqualTo(0.0), RED),
    ];
    // An empty cell would count as 0.
    let blank = ConditionalFormatBlank::new().set_stop_if_true(true);
    sheet.add_conditional_format(from.0, from.1, to.0, to.1, &blank)?;
    for (rule, color) in rules {
        let paint = ConditionalFormatCell::new().set_rule(rule).set_format(painted(color)).set_stop_if_true(true);
        sheet.add_conditional_format(from.0, from.1, to.0, to.1, &paint)?;
    }
    Ok(())
}

/// What the summary says, each with its label.
fn facts(report: &AuditReport, failing: Option<&dyn FailingRows>) -> Vec<(&'static str, String)> {
    let mut facts: Vec<(&str, String)> = Vec::new();
    let mut add = |label, text: String| facts.push((label, text));
    if let Some(title) = &report.suite.title {
        add("Title", Prose(title).to_string());
    }
    add("As of", Safe(&report.as_of).to_string());
    add("Verdict", [verdict_word(report.verdict), &conditions(report)].join("  "));
    report.gate.reasons.iter().for_each(|reason| add("Gate not passed", Prose(reason).to_string()));
    report.gate.unjudged.iter().for_each(|reason| add("Gate not judged", Prose(reason).to_string()));
    report.gate.warnings.iter().for_each(|warning| add("Warning", Prose(warning).to_string()));
    for (label, remark) in remarks(report, usize::MAX) {
        add(label, remark);
    }
    for dataset in report.datasets.iter().filter(|dataset| dataset.status == DatasetStatus::Errored) {
        let reason = dataset.error.as_deref().unwrap_or("no reason was given");
        add("Could not be audited", format!("{}: {}", Safe(&dataset.name), Prose(reason)));
    }
    for waiver in report.waivers.iter().filter(|waiver| waiver.state != WaiverState::Active) {
        let word = match waiver.state {
            WaiverState::Exceeded => "Waiver exceeded",
            WaiverState::Expired => "Waiver expired",
            WaiverState::NotJudged => "Waiver not judged",
            WaiverState::Unneeded => "Waiver not needed",
            WaiverState::Expiring => "Waiver expires soon",
            WaiverState::Active => continue,
        };
        add(word, format!("{}: until {}, by {}", Safe(&waiver.rule), waiver.until, Prose(&waiver.by)));
    }
    for found in &report.notices {
        add("Note", notice(found));
    }
    let rules: usize = report.datasets.iter().map(|dataset| dataset.rules.len()).sum();
    add("Rules", Count(rules as u64).to_string());
    match failing {
        None => add("Failing rows", "not listed: audit with --evidence DIR to list them".to_owned()),
        Some(failing) => {
            failing.left_out().iter().for_each(|sentence| add("Failing rows", Safe(sentence).to_string()));
        }
    }
    add("Program", format!("passmuster {}, engine {}", Safe(&report.tool.version), Safe(&report.tool.engine)));
    add("Rules hash", Safe(&report.suite.rules_hash).to_string());
    add("Digest of the result", report.digest.as_deref().map(|digest| Safe(digest).to_string()).unwrap_or_default());
    facts
}

/// The line of a dataset in the summary.
fn dataset_row(dataset: &DatasetReport) -> Vec<Content> {
    let about: Vec<String> = dataset.title.iter().chain(&dataset.owner).map(|text| Prose(text).to_string()).collect();
    let band = match (dataset.status, dataset.band) {
        (DatasetStatus::Errored, _) => "not audited",
        (DatasetStatus::NotReached, _) => "not read",
        (DatasetStatus::Sampled, _) => "sampled",
        (DatasetStatus::Stopped, _) => "in part",
        (DatasetStatus::Audited, Some(band)) => band.name(),
        (DatasetStatus::Audited, None) => "not measured",
    };
    let mut row = vec![
        Content::text(&dataset.name),
        Content::Text(cut(&about.join(" – "))),
        dataset.rows.map_or(Content::Nothing, Content::Count),
        dataset
            .records
            .as_ref()
            .filter(|records| records.rate.is_some())
            .map_or(Content::Nothing, |records| Content::Count(records.clean)),
        Content::score(dataset.score),
        Content::text(band),
    ];
    row.extend(Dimension::ALL.map(|dimension| {
        let found = dataset.dimensions.iter().find(|known| known.dimension == dimension);
        Content::score(found.and_then(|found| found.score))
    }));
    let failed = dataset.rules.iter().filter(|rule| rule.status == Status::Failed).count();
    // Nothing says how many rules of data that were not read would fail.
    row.push(match dataset.status {
        DatasetStatus::Errored | DatasetStatus::NotReached => Content::Nothing,
        _ => Content::Count(failed as u64),
    });
    row.push(Content::text(if dataset.fails_gate { "fails" } else { "" }));
    row
}

/// A field of a row as a cell.
fn content(field: &str, value: &Value) -> Content {
    match value {
        Value::Null | Value::Object(_) => Content::Nothing,
        Value::Bool(is) => Content::Text(if *is { "yes" } else { "" }.to_owned()),
        Value::Number(number) => match number.as_u64() {
            Some(count) if field != "rate" => Content::Count(count),
            _ => number.as_f64().map_or(Content::Nothing, Content::Score),
        },
        Value::String(date) if matches!(field, "due" | "waived_until") => Content::Date(date.clone()),
        Value::String(text) => Content::Text(cut(&Prose(text).to_string())),
        Value::Array(items) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            Content::text(items.join(", "))
        }
    }
}

/// The fields of a row that are columns of the sheet, with their titles and widths.
const RULE_COLUMNS: &[(&str, &str, f64)] = &[
    ("dataset", "Dataset", 20.0),
    ("rule", "Rule", 32.0),
    ("title", "What must hold", 40.0),
    ("status", "Status", 12.0),
    ("fails_gate", "Fails the gate", 10.0),
    ("severity", "Severity", 10.0),
    ("dimension", "Dimension", 12.0),
    ("failed", "Failed", 12.0),
    ("evaluated", "Judged", 12.0),
    ("rate", "Passed, %", 10.0),
    ("threshold", "Threshold", 18.0),
    ("unit", "Counted in", 12.0),
    ("not_applicable", "Not applicable", 12.0),
    ("unparseable", "Unparseable", 12.0),
    ("observed", "Found", 40.0),
    ("expected", "Expected", 40.0),
    ("groups", "Groups that miss the threshold", 40.0),
    ("reason", "Why it was not judged", 32.0),
    ("because", "Why it matters", 40.0),
    ("fix", "How to fix", 40.0),
    ("owner", "Owner", 20.0),
    ("due", "Due", 12.0),
    ("overdue_days", "Overdue, days", 10.0),
    ("waived_until", "Waived until", 12.0),
    ("check", "Check", 14.0),
    ("columns", "Columns", 24.0),
    ("weight", "Weight", 8.0),
    ("tags", "Tags", 16.0),
    ("first_failing_file", "First failing row: file", 32.0),
    ("first_failing_record", "Record", 10.0),
    ("first_failing_line", "Line", 10.0),
    ("sampled", "Sampled", 10.0),
    ("partial", "In part", 10.0),
    ("suite_file", "Suite", 24.0),
    ("suite_line", "Line of the suite", 10.0),
];

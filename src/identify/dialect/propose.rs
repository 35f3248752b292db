//! From the bytes to declarations.

use std::collections::{BTreeMap, BTreeSet};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use unicode_normalization::UnicodeNormalization as _;

use super::encoding::{Found, encoding, label};
use super::records::{Fit, Record, Signs, records};
use super::values::{Dates, Numbers, is_value_like, is_year};
use crate::model::{Count, Dialect, DialectColumn, DialectEvidence, DialectValue, nfc, yaml};
use crate::source::{Beginning, Options};

/// Delimiters that files have, the most common first.
const DELIMITERS: [&str; 6] = [",", ";", "\t", "|", "||", "::"];

/// Words that begin a total, in lower case.
const TOTALS: [&str; 23] = [
    "tổng cộng",
    "tổng số",
    "tổng",
    "cộng",
    "grand total",
    "total général",
    "total general",
    "totaux",
    "totals",
    "total",
    "gesamtsumme",
    "gesamt",
    "summe",
    "sum",
    "somme",
    "suma",
    "totale",
    "totaal",
    "subtotal",
    "итого",
    "всего",
    "toplam",
    "razem",
];

/// The most records below the data that are proposed to be left out, and of titles above the header.
const MOST_AROUND: usize = 20;

/// The least records with data by which anything is proposed that leaves records out.
const LEAST_BODY: usize = 2;

/// How a file seems to be written, where that differs from how it is read with these options; `None` where it does not.
pub fn recognise(beginning: &Beginning, given: &Options) -> Option<Dialect> {
    let mut proposal = Proposal {
        given,
        dialect: Dialect { file: beginning.path.clone(), whole: beginning.is_whole, ..Dialect::default() },
    };
    proposal.read(beginning);
    let mut dialect = proposal.dialect;
    // Evidence for what needs no declaration is none.
    if dialect.is_empty() {
        return None;
    }
    if !dialect.source.is_empty() {
        declare_as_given(&mut dialect.source, given);
    }
    Some(dialect)
}

/// Adds what is declared already, so that the proposal is the whole declaration.
fn declare_as_given(source: &mut BTreeMap<String, DialectValue>, given: &Options) {
    let mut add = |name: &str, value: Option<DialectValue>| {
        if let Some(value) = value {
            source.entry(name.to_owned()).or_insert(value);
        }
    };
    let character = |name: &str| {
        let byte = given.character(name)?;
        Some(DialectValue::Text(byte.map_or_else(|| "none".to_owned(), |byte| char::from(byte).to_string())))
    };
    let text = |name: &str| given.text(name).map(|text| DialectValue::Text(text.to_owned()));
    for name in ["delimiter", "quote", "escape"] {
        add(name, character(name));
    }
    for name in ["delimiter", "encoding", "until", "comment"] {
        add(name, text(name));
    }
    for name in ["skip_rows", "header_row", "header_rows", "footer_rows"] {
        add(name, given.count(name).map(DialectValue::Count));
    }
    for name in ["header", "trim"] {
        add(name, given.flag(name).map(DialectValue::Flag));
    }
}

/// A proposal in the making.
struct Proposal<'a> {
    given: &'a Options,
    dialect: Dialect,
}

/// The text of a file: its beginning, and its end where that is known apart from it.
struct Text {
    first: String,
    last: Option<String>,
    /// Whether the end of the file is in one of them.
    has_end: bool,
}

impl Proposal<'_> {
    fn read(&mut self, beginning: &Beginning) {
        let Some(encoding) = self.encoding(beginning) else { return };
        // Cells of fixed width and escapes are declared or not at all.
        let is_other = self.given.names("widths").is_some()
            || self.given.character("escape").is_some()
            || self.given.count("header_rows").is_some_and(|rows| rows > 1);
        if is_other {
            return;
        }
        let text = text(beginning, encoding);
        self.cells(&text, beginning);
    }

    fn set(&mut self, option: &str, value: DialectValue, count: u64, of: u64, what: impl Into<String>) {
        self.dialect.source.insert(option.to_owned(), value);
        self.show(option, count, of, what);
    }

    fn show(&mut self, option: &str, count: u64, of: u64, what: impl Into<String>) {
        self.dialect.evidence.push(DialectEvidence { option: option.to_owned(), count, of, what: what.into() });
    }

    /// The encoding to read with; `None` where it is not known.
    fn encoding(&mut self, beginning: &Beginning) -> Option<&'static Encoding> {
        let declared = self.given.text("encoding").and_then(|name| Encoding::for_label(name.as_bytes()));
        let found = encoding(&beginning.first, &beginning.last, beginning.is_whole);
        let (found, shown) = match (found, declared) {
            (Found::Encoding(found, shown), _) => (found, shown),
            (Found::Question(_), Some(declared)) => return Some(declared),
            (Found::Question(question), None) => {
                self.dialect.questions.push(question);
                return None;
            }
        };
        let is_wide = |encoding| encoding == UTF_16LE || encoding == UTF_16BE;
        match declared {
            // The units of text show whether it is UTF-16. Everything else that is declared is taken as it is.
            Some(declared) if is_wide(declared) == is_wide(found) => Some(declared),
            None if found == UTF_8 => Some(UTF_8),
            Some(_) | None => {
                let what = if found == UTF_8 {
                    "characters outside of ASCII are sound in UTF-8, and it is not UTF-16".to_owned()
                } else {
                    shown.what
                };
                self.set("encoding", DialectValue::Text(label(found.name())), shown.count, shown.of, what);
                Some(found)
            }
        }
    }

    fn cells(&mut self, text: &Text, beginning: &Beginning) {
        let separator = separator(&text.first);
        let start = separator.map_or(0, |_| text.first.find('\n').map_or(text.first.len(), |end| end + 1));
        let body = &text.first[start..];
        let first_line = 1 + u64::from(start > 0);
        let by_default = separator.unwrap_or(beginning.delimiter).to_string();
        let given = match self.given.character("delimiter").flatten() {
            Some(byte) => Some(char::from(byte).to_string()),
            None => self.given.text("delimiter").map(str::to_owned),
        };
        let declared_quote = self.given.character("quote").map(|quote| quote.map(char::from));
        let declared_comment = self.given.text("comment");
        let current = given.clone().unwrap_or(by_default);
        let mut signs =
            Signs { delimiter: &current, quote: declared_quote.unwrap_or(Some('"')), comment: declared_comment };
        if separator.is_none() {
            signs.delimiter = self.delimiter(body, signs);
        }
        if declared_quote.is_none() {
            signs.quote = self.quote(body, signs);
        }
        let mut all = records(body, first_line, signs);
        if declared_comment.is_none() && self.has_comments(&all) {
            signs.comment = Some("#");
            all = records(body, first_line, signs);
        }
        let fit = Fit::of(&all);
        // Where there is one column, titles and totals cannot be told from values.
        if fit.cells < 2 {
            return;
        }
        let Some(layout) = self.above(&all, fit.cells) else { return };
        let rows = self.below(&all[layout.body..], text, signs, fit.cells);
        self.columns(layout.names.as_deref(), rows);
    }

    /// The delimiter by which the most lines have the same number of cells.
    fn delimiter<'s>(&mut self, text: &str, signs: Signs<'s>) -> &'s str {
        let fit = |delimiter| {
            let found = records(text, 1, Signs { delimiter, ..signs });
            // Every second cell of `a||b` is empty with one bar.
            let is_doubled = found.iter().all(|record| record.cells.iter().skip(1).step_by(2).all(String::is_empty));
            (Fit::of(&found), is_doubled)
        };
        let (current, is_doubled) = fit(signs.delimiter);
        let current =
            if is_doubled && signs.delimiter == "|" { Fit { cells: 0, records: 0, ..current } } else { current };
        let fits_all = current.cells > 1 && current.records == current.of;
        let mut best = (signs.delimiter, current);
        for delimiter in DELIMITERS {
            let (found, is_doubled) = fit(delimiter);
            let is_enough =
                found.records >= 2 && found.records * 5 >= found.of * 2 && !(is_doubled && delimiter == "|");
            // Quotes that mean nothing with another delimiter make more records of the same text.
            let is_better = (found.records > best.1.records && !fits_all)
                // Of titles and decimal commas as many lines may have two cells as have several by the real sign.
                || (found.records >= best.1.records && found.records * 10 >= found.of * 9 && found.cells > best.1.cells);
            if is_enough && is_better {
                best = (delimiter, found);
            }
        }
        let (delimiter, found) = best;
        if delimiter != signs.delimiter {
            let written = if delimiter == "\t" { "tab" } else { delimiter };
            let before = if signs.delimiter == "\t" { "tab" } else { signs.delimiter };
            let what = format!(
                "lines have {} cells with `{written}`; with `{before}`, {} have {}",
                found.cells,
                Count(current.records as u64),
                if current.cells > 1 { format!("{} cells", current.cells) } else { "several".to_owned() },
            );
            self.set("delimiter", DialectValue::Text(written.to_owned()), found.records as u64, found.of as u64, what);
        }
        delimiter
    }

    /// The quote character: an apostrophe where every cell of the header is in apostrophes.
    fn quote(&mut self, text: &str, signs: Signs) -> Option<char> {
        let plain = records(text, 1, Signs { quote: None, ..signs });
        let is_in = |cell: &str, quote| cell.len() > 1 && cell.starts_with(quote) && cell.ends_with(quote);
        let count = |quote: char| {
            let cells = plain.iter().flat_map(|record| &record.cells);
            cells.filter(|cell| is_in(cell.as_str(), quote)).count() as u64
        };
        let with_quote = records(text, 1, signs);
        let with_apostrophe = records(text, 1, Signs { quote: Some('\''), ..signs });
        let (before, after) = (Fit::of(&with_quote), Fit::of(&with_apostrophe));
        let header = plain.iter().find(|record| record.cells.len() == after.cells);
        let is_header_in = header.is_some_and(|record| record.cells.iter().all(|cell| is_in(cell, '\'')));
        let cells = count('\'');
        if after.cells < 2 || after.records < before.records || !is_header_in || cells < 3 || count('"') > 0 {
            return signs.quote;
        }
        let of = plain.iter().map(|record| record.cells.len() as u64).sum();
        let what = "cells are in apostrophes, those of the header too; none is in double quotes";
        self.set("quote", DialectValue::Text("'".to_owned()), cells, of, what);
        Some('\'')
    }

    /// Whether there are comments: lines that begin with `#` and never have as many cells as the data.
    fn has_comments(&mut self, all: &[Record]) -> bool {
        let cells = Fit::of(all).cells;
        let is_comment = |record: &&Record| record.cells.first().is_some_and(|cell| cell.starts_with('#'));
        let comments = all.iter().filter(is_comment).count();
        let is_data = all.iter().filter(is_comment).any(|record| record.cells.len() == cells);
        if comments == 0 || is_data || cells < 2 || comments * 2 > all.len() {
            return false;
        }
        let what = "records begin with `#` and have another number of cells";
        self.set("comment", DialectValue::Text("#".to_owned()), comments as u64, all.len() as u64, what);
        true
    }

    /// What is above the data; `None` where that cannot be told.
    fn above(&mut self, all: &[Record], cells: usize) -> Option<Layout> {
        let declared =
            self.given.count("header_row").map(|row| row.saturating_sub(1)).or(self.given.count("skip_rows"));
        let skipped = declared.unwrap_or_default();
        let begin = all.iter().position(|record| record.line > skipped)?;
        if self.given.flag("header") == Some(false) {
            return Some(Layout { body: begin, names: None });
        }
        let is_title = |record: &Record| record.cells.len() < cells || (cells > 2 && record.filled() * 2 < cells);
        let titles = all[begin..].iter().take_while(|record| is_title(record)).count();
        let at = begin + titles;
        let header = all.get(at)?;
        let body: Vec<&Record> = all[at + 1..].iter().filter(|record| record.cells.len() == cells).collect();
        let likeness = Likeness::of(header, &body);
        if titles == 0 {
            if likeness.is_of_body() {
                self.dialect.questions.push(format!(
                    "the first record looks like the others in {} of {cells} columns, and like a name in none: if it holds no \
                     names, declare `header: false`",
                    Count(likeness.alike)
                ));
                return None;
            }
            let is_two = self.asks_about_two(header, &body);
            return Some(Layout { body: at + 1 + usize::from(is_two), names: Some(header.cells.clone()) });
        }
        let is_near = all[at - 1].cells.len() + 1 == cells && all[at - 1].filled() > 1;
        let is_header = likeness.unlike > 0 || (likeness.alike == 0 && likeness.are_names && !is_near);
        if declared.is_some() || titles > MOST_AROUND || body.len() < LEAST_BODY || !is_header {
            return None;
        }
        let above = header.line - 1;
        self.set(
            "skip_rows",
            DialectValue::Count(above),
            titles as u64,
            all.len() as u64,
            format!(
                "records with text are above line {}, the first one with {cells} cells that is like a header",
                Count(header.line)
            ),
        );
        let title = &all[at - 1];
        if title.cells.len() == cells && title.filled() > 1 {
            self.dialect.questions.push(format!(
                "line {} may be the first line of a header and no title: if it has names, declare `header_row: {}, \
                 header_rows: 2` instead of `skip_rows`",
                Count(title.line),
                title.line
            ));
        }
        Some(Layout { body: at + 1, names: Some(header.cells.clone()) })
    }

    /// Asks where the record below the header is unlike the others, too: the header is on two lines, or its first line is a
    /// title.
    fn asks_about_two(&mut self, header: &Record, body: &[&Record]) -> bool {
        let Some((second, rest)) = body.split_first().filter(|(_, rest)| rest.len() >= LEAST_BODY) else {
            return false;
        };
        let is_above = |record: &Record| {
            let likeness = Likeness::of(record, rest);
            likeness.unlike > 0 && likeness.alike == 0
        };
        let is_two = is_above(header) && is_above(second);
        if is_two {
            self.dialect.questions.push(format!(
                "lines {0} and {1} are both unlike the records below: if the names are on line {1} alone, declare \
                 `header_row: {1}`; if they are on both, `header_row: {0}, header_rows: 2`",
                header.line, second.line
            ));
        }
        is_two
    }

    /// The records of data: those before the footer.
    fn below<'r>(&mut self, body: &'r [Record], text: &Text, signs: Signs, cells: usize) -> &'r [Record] {
        let is_declared = self.given.text("until").is_some() || self.given.count("footer_rows").is_some();
        if is_declared || !text.has_end {
            return body;
        }
        let tail = text.last.as_ref().map(|last| records(last, 1, signs));
        let at_end = tail.as_deref().unwrap_or(body);
        let sound = at_end.iter().filter(|record| record.cells.len() == cells).count();
        let is_ended = text.last.as_ref().unwrap_or(&text.first).ends_with('\n');
        let is_footer = |record: &Record, above: &[Record]| {
            let is_short = record.cells.len() != cells;
            match total(record) {
                Some(word) => is_short || is_total(record, &word, above, cells),
                // A record that is cut off is none.
                None => is_short && record.filled() <= 1 && record.cells.len() < cells && is_ended,
            }
        };
        let mut from = at_end.len();
        while from > 0 && at_end.len() - from <= MOST_AROUND && is_footer(&at_end[from - 1], &at_end[..from - 1]) {
            from -= 1;
        }
        // Between a total and a note there may be a record that is neither.
        let count = at_end.len() - from;
        if count == 0
            && let Some(last) = at_end.last()
            && let Some(word) = total(last).filter(|word| is_word_alone(last, word))
            && sound > LEAST_BODY
        {
            self.dialect.questions.push(format!(
                "the last record begins with `{}`: if it is a total, declare `until: {}` under `source`",
                word.escape_debug(),
                yaml(&word)
            ));
        }
        if count == 0 || count > MOST_AROUND || sound < LEAST_BODY || (sound - count.min(sound)) * 2 < from {
            return body;
        }
        let first = &at_end[from];
        let word = total(first).filter(|word| {
            let begins = |record: &Record| record.first_text().is_some_and(|text| text.starts_with(word.as_str()));
            // In a file that was not read in full, another record may begin with it. Letters that are stored in parts are not
            // those of a suite.
            beginning_is_all(text) && begins(first) && !body[..from.min(body.len())].iter().any(begins)
        });
        let (of, totals) =
            (at_end.len() as u64, at_end[from..].iter().filter(|record| total(record).is_some()).count());
        let what = format!(
            "records at the end are below the data; among them, {} with a word for a total and {} with another number of cells",
            Count(totals as u64),
            Count(at_end[from..].iter().filter(|record| record.cells.len() != cells).count() as u64)
        );
        match word {
            Some(word) => self.set("until", DialectValue::Text(word), count as u64, of, what),
            None => self.set("footer_rows", DialectValue::Count(count as u64), count as u64, of, what),
        }
        if tail.is_some() { body } else { &body[..from] }
    }

    /// The numbers and dates of the columns.
    fn columns(&mut self, names: Option<&[String]>, body: &[Record]) {
        let width = body.iter().map(|record| record.cells.len()).max().unwrap_or_default();
        let is_bare = |name: &&String| name.trim() == name.as_str();
        let blank = names.map_or(0, |names| names.iter().filter(|name| !is_bare(name)).count());
        if blank > 0 && self.given.flag("trim").is_none() {
            // Without it the names that are proposed below are not those of the file.
            let what = "names of columns have white space around them";
            self.set("trim", DialectValue::Flag(true), blank as u64, names.map_or(0, <[String]>::len) as u64, what);
        }
        let name = |at: usize| match names {
            Some(names) => names.get(at).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()),
            None => Some(format!("column_{}", at + 1)),
        };
        let mut numbers: Vec<(String, Numbers)> = Vec::new();
        for at in 0..width {
            let Some(name) = name(at) else { continue };
            let cells = || body.iter().filter_map(|record| record.cells.get(at)).map(String::as_str);
            let dates = Dates::of(cells());
            if dates.are_dates() {
                self.dates(&name, dates);
                continue;
            }
            let found = Numbers::of(cells());
            if found.are_numbers() {
                numbers.push((name, found));
            }
        }
        self.numbers(&numbers);
    }

    fn dates(&mut self, name: &str, dates: Dates) {
        let shown = name.escape_debug();
        let Some(sign) = dates.sign else { return };
        let (day, month) = if dates.short > 0 { ("d", "m") } else { ("dd", "mm") };
        let (format, count) = match (dates.day_first, dates.month_first) {
            (0, 0) => {
                self.dialect.questions.push(format!(
                    "`{shown}`: no number of {} dates is more than 12, so they may begin with the day or with the month",
                    Count(dates.unclear)
                ));
                return;
            }
            (days, 0) => (format!("{day}{sign}{month}{sign}yyyy"), days),
            (0, months) => (format!("{month}{sign}{day}{sign}yyyy"), months),
            (days, months) => {
                self.dialect.questions.push(format!(
                    "`{shown}`: {} dates begin with the day and {} with the month; {} can be either",
                    Count(days),
                    Count(months),
                    Count(dates.unclear)
                ));
                return;
            }
        };
        let order = if dates.day_first > 0 { "the day" } else { "the month" };
        let other = if dates.day_first > 0 { "the month" } else { "the day" };
        let what = format!(
            "dates in `{shown}` can only begin with {order}, 0 with {other}; {} can be either",
            Count(dates.unclear)
        );
        self.show("format", count, dates.dates(), what);
        self.dialect
            .columns
            .insert(name.to_owned(), DialectColumn { format: Some(format), ..DialectColumn::default() });
    }

    fn numbers(&mut self, columns: &[(String, Numbers)]) {
        let sum = |of: &dyn Fn(&Numbers) -> u64| columns.iter().map(|(_, numbers)| of(numbers)).sum::<u64>();
        let (comma, point) = (sum(&|n| n.comma), sum(&|n| n.point));
        let (point_groups, comma_groups) = (sum(&|n| n.point_groups), sum(&|n| n.comma_groups));
        let (blank_groups, values) = (sum(&|n| n.blank_groups), sum(&|n| n.values));
        let unclear_comma = sum(&|n| n.unclear_comma);
        // A column in which a point can be either may have decimal points.
        let is_unclear = |numbers: &Numbers| numbers.unclear_point > 0 && numbers.point_groups + numbers.comma == 0;
        let unclear: Vec<&(String, Numbers)> = columns.iter().filter(|(_, numbers)| is_unclear(numbers)).collect();
        if comma > 0 && point + comma_groups > 0 || point_groups > 0 && !unclear.is_empty() {
            self.differ(columns);
            if point_groups > 0 {
                for (name, numbers) in unclear {
                    self.dialect.questions.push(format!(
                        "`{}`: {} numbers have a point before three digits, which can be a decimal sign or between groups",
                        name.escape_debug(),
                        Count(numbers.unclear_point)
                    ));
                }
            }
            return;
        }
        if comma > 0 {
            self.dialect.decimal = Some(",".to_owned());
            self.show(
                "decimal",
                comma,
                values,
                "numbers have a comma that can only be a decimal sign, 0 have such a point",
            );
        }
        let groups = [(point_groups, ".", "points"), (comma_groups, ",", "commas"), (blank_groups, " ", "blanks")];
        let found: Vec<_> = groups.iter().filter(|(count, ..)| *count > 0).collect();
        if let [(count, sign, what)] = found.as_slice()
            && !(*sign == "." && point > 0)
        {
            self.dialect.thousands = Some((*sign).to_owned());
            if *sign == "." && self.dialect.decimal.is_none() {
                // A point cannot be both.
                self.dialect.decimal = Some(",".to_owned());
                self.show(
                    "decimal",
                    *count,
                    values,
                    "numbers have points between groups, so their decimal sign is a comma",
                );
            }
            let what = format!("numbers have {what} that can only be between groups of three digits");
            self.show("thousands", *count, values, what);
        }
        if unclear_comma > 0 && comma + comma_groups == 0 {
            self.dialect.questions.push(format!(
                "{} numbers have a comma before three digits, which can be a decimal sign or between groups",
                Count(unclear_comma)
            ));
        }
    }

    /// Columns that write numbers differently, each by itself; those where it does not show are left out.
    fn differ(&mut self, columns: &[(String, Numbers)]) {
        for (name, numbers) in columns {
            let shown = name.escape_debug();
            if numbers.comma > 0 && numbers.point + numbers.comma_groups > 0 {
                self.dialect.questions.push(format!(
                    "`{shown}`: {} numbers have a decimal comma and {} a decimal point or commas between groups",
                    Count(numbers.comma),
                    Count(numbers.point.max(numbers.comma_groups))
                ));
                continue;
            }
            let has_point_groups = numbers.point_groups > 0 && numbers.comma_groups == 0 && numbers.point == 0;
            let decimal = (numbers.comma > 0 || has_point_groups).then(|| ",".to_owned());
            let thousands = match (numbers.point_groups, numbers.comma_groups) {
                (0, 0) => None,
                (_, 0) if numbers.point == 0 => Some(".".to_owned()),
                (0, _) => Some(",".to_owned()),
                _ => None,
            };
            if decimal.is_none() && thousands.is_none() {
                continue;
            }
            let count = numbers.comma.max(numbers.point_groups).max(numbers.comma_groups);
            let what = format!("numbers in `{shown}` show it; other columns write numbers in another way");
            self.show("decimal", count, numbers.values, what);
            let column = DialectColumn { decimal, thousands, ..DialectColumn::default() };
            self.dialect.columns.insert(name.clone(), column);
        }
    }
}

/// Where the data begins, and the names of the columns; none without a header.
struct Layout {
    body: usize,
    names: Option<Vec<String>>,
}

/// How much a record is like those below it.
struct Likeness {
    /// Columns of numbers or dates where it has one.
    alike: u64,
    /// Columns of numbers or dates where it has a text.
    unlike: u64,
    /// Whether its cells are texts that are different and that their columns do not have.
    are_names: bool,
}

impl Likeness {
    fn of(record: &Record, body: &[&Record]) -> Self {
        let (mut alike, mut unlike) = (0, 0);
        let mut names = BTreeSet::new();
        let mut are_names = true;
        for (at, cell) in record.cells.iter().enumerate() {
            let cell = cell.trim();
            let below = || body.iter().filter_map(|record| record.cells.get(at)).map(|cell| cell.trim());
            are_names &=
                !cell.is_empty() && !is_value_like(cell) && names.insert(cell) && below().all(|other| other != cell);
            let filled = below().filter(|cell| !cell.is_empty()).count();
            let typed = below().filter(|cell| is_value_like(cell)).count();
            if filled == 0 || typed * 5 < filled * 4 || cell.is_empty() {
                continue;
            }
            if !is_value_like(cell) {
                unlike += 1;
            } else if !is_year(cell) {
                alike += 1;
            }
        }
        Self { alike, unlike, are_names }
    }

    const fn is_of_body(&self) -> bool {
        self.alike > 0 && self.unlike == 0
    }
}

/// The word for a total that a record begins with, as it is written, with composed letters.
fn total(record: &Record) -> Option<String> {
    let text: String = record.first_text()?.nfc().collect();
    let lower = text.to_lowercase();
    let begins = |word: &&&str| lower.strip_prefix(**word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
    let word = TOTALS.iter().find(begins)?;
    let written: String = text.chars().take(word.chars().count()).collect();
    (written.to_lowercase() == **word).then_some(written)
}

/// Whether a record with as many cells as the others is a total: it says nothing else, and lacks what they have.
fn is_total(record: &Record, word: &str, above: &[Record], cells: usize) -> bool {
    let is_all = is_word_alone(record, word);
    let share = |at: usize| {
        let has = |record: &&Record| record.cells.get(at).is_some_and(|cell| !cell.trim().is_empty());
        above.iter().filter(has).count() * 10 >= above.len() * 9
    };
    let lacks = (0..cells).filter(|at| record.cells.get(*at).is_none_or(|cell| cell.trim().is_empty()) && share(*at));
    let first = record.cells.iter().position(|cell| !cell.trim().is_empty()).unwrap_or_default();
    let mut column = above.iter().filter_map(|record| record.cells.get(first)).filter(|cell| !cell.trim().is_empty());
    let is_typed = !above.is_empty() && column.all(|cell| is_value_like(cell));
    is_all && (is_typed || lacks.count() > 0 || is_sum(record, above))
}

/// Whether the first text of a record is that word.
fn is_word_alone(record: &Record, word: &str) -> bool {
    record.first_text().is_some_and(|text| {
        let text: String = text.trim().trim_end_matches([':', '.']).trim_end().nfc().collect();
        text == word
    })
}

/// Whether a number of the record is the sum of its column.
fn is_sum(record: &Record, above: &[Record]) -> bool {
    const LEAST: usize = 2;
    let number = |cell: &String| cell.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    record.cells.iter().enumerate().any(|(at, cell)| {
        let Some(total) = number(cell).filter(|total| *total != 0.0) else { return false };
        let column: Option<Vec<f64>> = above
            .iter()
            .filter_map(|record| record.cells.get(at))
            .filter(|cell| !cell.trim().is_empty())
            .map(number)
            .collect();
        column.is_some_and(|column| {
            let sum: f64 = column.iter().sum();
            column.len() >= LEAST && (sum - total).abs() <= total.abs() * 1e-9
        })
    })
}

/// Whether the beginning is the whole file.
const fn beginning_is_all(text: &Text) -> bool {
    text.has_end && text.last.is_none()
}

/// Decodes both ends: the beginning up to its last whole line, the end from its first whole line on.
fn text(beginning: &Beginning, encoding: &'static Encoding) -> Text {
    let is_legacy = ![UTF_8, UTF_16LE, UTF_16BE].contains(&encoding);
    let lines = |text: String| {
        // As it is read.
        let text = if is_legacy { nfc(&text).into_owned() } else { text };
        let has_others = text.contains('\r') && !text.contains('\n');
        if has_others { text.replace('\r', "\n") } else { text }
    };
    let mut first = lines(encoding.decode_with_bom_removal(&beginning.first).0.into_owned());
    if !beginning.is_whole {
        first.truncate(first.rfind('\n').map_or(0, |end| end + 1));
    }
    let last = (!beginning.last.is_empty()).then(|| {
        let text = lines(encoding.decode_without_bom_handling(&beginning.last).0.into_owned());
        text.find('\n').map(|end| text[end + 1..].to_owned()).unwrap_or_default()
    });
    let has_end = beginning.is_whole || last.is_some();
    Text { first, last, has_end }
}

/// The delimiter that a first line `sep=;` names; the reader follows it.
fn separator(text: &str) -> Option<char> {
    let line = text.lines().next()?;
    let line = line.strip_prefix('"').and_then(|line| line.strip_suffix('"')).unwrap_or(line);
    let (word, rest) = line.split_at_checked(4)?;
    let mut signs = rest.chars();
    let sign = signs.next().filter(|_| signs.next().is_none())?;
    (word.eq_ignore_ascii_case("sep=") && (sign.is_ascii_punctuation() || matches!(sign, '\t' | ' '))).then_some(sign)
}

//! Records of text whose dialect is only supposed.

use memchr::memmem;

/// The most records that are looked at.
const MOST_RECORDS: usize = 50_000;

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// The line that it begins on, from 1.
    pub(super) line: u64,
    /// Its cells, without quotes.
    pub(super) cells: Vec<String>,
}

impl Record {
    /// How many of its cells have text.
    pub(super) fn filled(&self) -> usize {
        self.cells.iter().filter(|cell| !cell.trim().is_empty()).count()
    }

    /// Its first cell with text.
    pub(super) fn first_text(&self) -> Option<&str> {
        self.cells.iter().map(String::as_str).find(|cell| !cell.trim().is_empty())
    }
}

/// The signs of a supposed dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signs<'a> {
    /// What is between cells.
    pub(super) delimiter: &'a str,
    /// The quote character.
    pub(super) quote: Option<char>,
    /// What a comment begins with.
    pub(super) comment: Option<&'a str>,
}

/// The records of a text, from the line of that number on. Empty lines are none.
pub(super) fn records(text: &str, first_line: u64, signs: Signs) -> Vec<Record> {
    let mut found = Vec::new();
    let (mut rest, mut line) = (text, first_line);
    while !rest.is_empty() && found.len() < MOST_RECORDS {
        let end = rest.find('\n').unwrap_or(rest.len());
        let is_comment = signs.comment.is_some_and(|comment| rest.starts_with(comment));
        if is_comment || rest[..end].trim_end_matches('\r').is_empty() {
            rest = rest.get(end + 1..).unwrap_or_default();
            line += 1;
            continue;
        }
        let (cells, length) = record(rest, signs);
        found.push(Record { line, cells });
        line += memchr::memchr_iter(b'\n', &rest.as_bytes()[..length]).count() as u64;
        rest = &rest[length..];
    }
    found
}

/// The cells of the first record of a text, and its length with the end of its line.
fn record(text: &str, signs: Signs) -> (Vec<String>, usize) {
    let (mut cells, mut at) = (Vec::new(), 0);
    loop {
        let mut cell = String::new();
        let quoted = signs.quote.filter(|quote| text[at..].starts_with(*quote));
        if let Some((inner, length)) = quoted.and_then(|quote| in_quotes(&text[at..], quote)) {
            cell = inner;
            at += length;
        }
        let line = text[at..].find('\n').map_or(text.len(), |end| at + end);
        let next = memmem::find(&text.as_bytes()[at..line], signs.delimiter.as_bytes());
        let end = next.map_or(line, |next| at + next);
        cell.push_str(&text[at..end]);
        if next.is_some() {
            cells.push(cell);
            at = end + signs.delimiter.len();
            continue;
        }
        if cell.ends_with('\r') {
            cell.pop();
        }
        cells.push(cell);
        return (cells, (line + 1).min(text.len()));
    }
}

/// The text between quotes at the start of a text, and its length with them; `None` where they are not closed.
fn in_quotes(text: &str, quote: char) -> Option<(String, usize)> {
    let (mut inner, mut at) = (String::new(), quote.len_utf8());
    loop {
        let end = at + text[at..].find(quote)?;
        inner.push_str(&text[at..end]);
        at = end + quote.len_utf8();
        if !text[at..].starts_with(quote) {
            return Some((inner, at));
        }
        inner.push(quote);
        at += quote.len_utf8();
    }
}

/// How well signs fit a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Fit {
    /// The number of cells that most records have, more than one; 0 where no record has several.
    pub(super) cells: usize,
    /// The records that have as many.
    pub(super) records: usize,
    /// All records.
    pub(super) of: usize,
}

impl Fit {
    /// That of records.
    pub(super) fn of(records: &[Record]) -> Self {
        let mut counts = std::collections::BTreeMap::new();
        for record in records.iter().filter(|record| record.cells.len() > 1) {
            *counts.entry(record.cells.len()).or_insert(0_usize) += 1;
        }
        let most = counts.into_iter().max_by_key(|(cells, records)| (*records, *cells));
        let (cells, count) = most.unwrap_or_default();
        Self { cells, records: count, of: records.len() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNS: Signs = Signs { delimiter: ";", quote: Some('"'), comment: Some("#") };

    #[test]
    fn quotes_and_lines_are_those_of_the_reader() {
        let text = "a;\"b;\"\"x\"\"\n y\"z;c\r\n\n#no;record\n\"open;d\n";
        let found = records(text, 1, SIGNS);
        let cells: Vec<Vec<&str>> =
            found.iter().map(|record| record.cells.iter().map(String::as_str).collect()).collect();
        assert_eq!(cells, [vec!["a", "b;\"x\"\n yz", "c"], vec!["\"open", "d"]]);
        assert_eq!(found.iter().map(|record| record.line).collect::<Vec<_>>(), [1, 5]);
        assert_eq!(Fit::of(&found), Fit { cells: 3, records: 1, of: 2 });
    }

    #[test]
    fn a_delimiter_may_have_several_characters() {
        let signs = Signs { delimiter: "||", ..SIGNS };
        let found = records("a||b|c||d", 1, signs);
        assert_eq!(found[0].cells, ["a", "b|c", "d"]);
    }
}

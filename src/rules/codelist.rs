//! Lists of codes: written in the suite, or kept in a file beside it.

use std::collections::BTreeMap;
use std::path::Path;

use super::diagnostic::{Faults, Span, quoted};
use super::fields::{self, Field, Fields, field};
use super::file;
use super::suite::Codelist;
use super::yaml::{Kind, Node};
use crate::model::{AsOf, CodelistEntry};

/// The keys of a code list.
pub(super) const CODELIST: &[Field] = &[
    field("values", "The codes, written here"),
    field("source", "A UTF-8 CSV file with a header, relative to this file"),
    field("key", "The column of the codes; by default the first"),
    field("valid_from", "The column of the first day (YYYY-MM-DD) on which a code is valid; empty: since ever"),
    field("valid_to", "The column of the last day on which a code is valid; empty: for ever"),
    field("delimiter", "The character between cells; by default a comma"),
];

/// The most codes of a list.
const MAX_ENTRIES: usize = 1_000_000;
/// The largest file of codes, in bytes.
const MAX_BYTES: u64 = 256 << 20;
/// How many faults of one file are shown.
const MAX_FAULTS: usize = 10;

/// Reads one code list; files are looked for from `base`.
pub(super) fn read(name: &str, node: &Node, base: &Path, faults: &mut Faults) -> Codelist {
    let what = format!("the code list {}", quoted(name));
    if let Kind::List(_) = &node.kind {
        return of_values(node, &what, faults);
    }
    let Some(written) = Fields::of(node, &what, CODELIST, faults) else { return Codelist::default() };
    match (written.get("values"), written.get("source")) {
        (Some(values), None) => {
            for name in ["key", "valid_from", "valid_to", "delimiter"] {
                if written.get(name).is_some() {
                    faults.at(written.key_span(name), format!("`{name}` belongs to a code list with a `source`"));
                }
            }
            of_values(values, &what, faults)
        }
        (None, Some(source)) => of_file(&written, source, base, faults),
        (Some(_), Some(_)) => {
            faults.at(written.key_span("source"), format!("{what} has both `values` and a `source`"));
            Codelist::default()
        }
        (None, None) => {
            let help = "write `values: [A, B]` or `source: codes.csv`".to_owned();
            faults.help(node.span, format!("{what} has no codes"), Some(help));
            Codelist::default()
        }
    }
}

fn of_values(node: &Node, what: &str, faults: &mut Faults) -> Codelist {
    let mut list = Codelist::default();
    let mut seen = BTreeMap::new();
    let before = faults.len();
    for (code, span) in fields::texts(node, what, faults) {
        if let Some(first) = seen.insert(code.clone(), span.line) {
            faults.help(span, format!("{} stands here twice", quoted(&code)), Some(format!("first on line {first}")));
        }
        list.entries.push(CodelistEntry { code, valid_from: None, valid_to: None });
    }
    if list.entries.is_empty() && faults.len() == before {
        faults.at(node.span, format!("{what} is empty"));
    }
    list
}

fn of_file(written: &Fields<'_>, source: &Node, base: &Path, faults: &mut Faults) -> Codelist {
    let mut list = Codelist::default();
    let Some(location) = fields::text(source, "`source`", faults) else { return list };
    let delimiter = match written.get("delimiter") {
        Some(node) => fields::parsed(node, "`delimiter`", "one character", one_char, faults).unwrap_or(','),
        None => ',',
    };
    let text = match file::read_text(&base.join(location), MAX_BYTES) {
        Ok(text) => text,
        Err(problem) => {
            faults.at(source.span, format!("{} {problem}", quoted(location)));
            return list;
        }
    };
    let mut records = Records { rest: text.strip_prefix('\u{feff}').unwrap_or(&text), line: 1, delimiter };
    let mut found = 0;
    let mut fault = |faults: &mut Faults, span: Span, line: u64, problem: &str| {
        found += 1;
        if found <= MAX_FAULTS {
            faults.at(span, format!("{} line {line}: {problem}", quoted(location)));
        }
        found <= MAX_FAULTS
    };
    let header = match records.next() {
        Some((_, Ok(header))) => header,
        Some((line, Err(problem))) => {
            fault(faults, source.span, line, problem);
            return list;
        }
        None => {
            faults.at(source.span, format!("{} is empty", quoted(location)));
            return list;
        }
    };
    let column = |name: &str, faults: &mut Faults| -> Option<usize> {
        let node = written.get(name)?;
        let wanted = fields::text(node, &format!("`{name}`"), faults)?;
        let at = header.iter().position(|cell| cell == wanted);
        if at.is_none() {
            let what = format!("column of {}", quoted(location));
            faults.unknown(node.span, &what, wanted, header.iter().map(String::as_str));
        }
        at
    };
    let before = faults.len();
    let key = column("key", faults);
    let (from, to) = (column("valid_from", faults), column("valid_to", faults));
    if faults.len() > before {
        return list;
    }
    let key = key.unwrap_or(0);
    let mut seen: BTreeMap<String, Vec<(i32, i32, u64)>> = BTreeMap::new();
    for (line, record) in records {
        let entry = record.map_err(str::to_owned).and_then(|cells| entry(&cells, header.len(), key, from, to));
        let problem = match entry {
            Ok(entry) => {
                let period = (entry.valid_from.unwrap_or(i32::MIN), entry.valid_to.unwrap_or(i32::MAX));
                let others = seen.entry(entry.code.clone()).or_default();
                let clash = others.iter().find(|other| period.0 <= other.1 && other.0 <= period.1);
                let clash = clash.map(|other| other.2);
                if clash.is_none() {
                    others.push((period.0, period.1, line));
                    list.entries.push(entry);
                }
                clash.map(|first| format!("the code stands already on line {first}, valid on the same days"))
            }
            Err(problem) => Some(problem),
        };
        if let Some(problem) = problem
            && !fault(faults, source.span, line, &problem)
        {
            return list;
        }
        if list.entries.len() > MAX_ENTRIES {
            faults.at(source.span, format!("{} has more than {MAX_ENTRIES} codes", quoted(location)));
            return list;
        }
    }
    if list.entries.is_empty() && found == 0 {
        faults.at(source.span, format!("{} has a header and no codes", quoted(location)));
    }
    list
}

/// One record as a code. Problems name no cell.
fn entry(
    cells: &[String],
    width: usize,
    key: usize,
    from: Option<usize>,
    to: Option<usize>,
) -> Result<CodelistEntry, String> {
    if cells.len() != width {
        return Err(format!("{} cells where the header has {width}", cells.len()));
    }
    let day = |at: Option<usize>| match at.and_then(|at| cells.get(at)).map(String::as_str) {
        None | Some("") => Ok(None),
        Some(text) => match AsOf::parse(text).filter(|moment| moment.whole_day) {
            Some(moment) => Ok(Some(moment.day)),
            None => Err("a validity date is not a day such as 2025-07-01".to_owned()),
        },
    };
    let code = cells.get(key).filter(|code| !code.is_empty()).ok_or("the code is empty")?.clone();
    let (valid_from, valid_to) = (day(from)?, day(to)?);
    if valid_from.zip(valid_to).is_some_and(|(from, to)| from > to) {
        return Err("the code is valid to a day before it is valid from".to_owned());
    }
    Ok(CodelistEntry { code, valid_from, valid_to })
}

/// One ASCII character, or `tab`.
pub(super) fn one_char(text: &str) -> Option<char> {
    if matches!(text, "tab" | "\\t") {
        return Some('\t');
    }
    let mut chars = text.chars();
    chars.next().filter(|c| c.is_ascii() && chars.next().is_none())
}

/// The records of a CSV text with the line on which each starts; empty lines are skipped.
struct Records<'t> {
    rest: &'t str,
    line: u64,
    delimiter: char,
}

impl Iterator for Records<'_> {
    type Item = (u64, Result<Vec<String>, &'static str>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let start = self.line;
            let record = self.record();
            match record {
                Ok(cells) if cells.len() == 1 && cells[0].is_empty() => {}
                other => return Some((start, other)),
            }
        }
    }
}

impl Records<'_> {
    fn record(&mut self) -> Result<Vec<String>, &'static str> {
        let mut cells = Vec::new();
        loop {
            let mut cell = String::new();
            if let Some(quoted) = self.rest.strip_prefix('"') {
                self.rest = quoted;
                loop {
                    let Some(end) = self.rest.find('"') else {
                        self.rest = "";
                        return Err("a quote opens and never closes");
                    };
                    self.line += self.rest[..end].matches('\n').count() as u64;
                    cell.push_str(&self.rest[..end]);
                    self.rest = &self.rest[end + 1..];
                    match self.rest.strip_prefix('"') {
                        Some(more) => {
                            cell.push('"');
                            self.rest = more;
                        }
                        None => break,
                    }
                }
            } else {
                let end = self.rest.find([self.delimiter, '\n']).unwrap_or(self.rest.len());
                let text = &self.rest[..end];
                let ends_line = !self.rest[end..].starts_with(self.delimiter);
                cell.push_str(if ends_line { text.strip_suffix('\r').unwrap_or(text) } else { text });
                self.rest = &self.rest[end..];
            }
            cells.push(cell);
            if let Some(rest) = self.rest.strip_prefix(self.delimiter) {
                self.rest = rest;
                continue;
            }
            let ended = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix('\n'));
            return match ended {
                Some(rest) => {
                    self.rest = rest;
                    self.line += 1;
                    Ok(cells)
                }
                None if self.rest.is_empty() => Ok(cells),
                None => {
                    self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
                    self.line += 1;
                    Err("text follows a closing quote")
                }
            };
        }
    }
}

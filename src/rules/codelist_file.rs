//! Code lists that are kept in CSV files.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord};

use super::diagnostic::{Faults, did_you_mean, quoted};
use super::fields::{self, Fields};
use super::file::Inputs;
use super::input::InputRole;
use super::suite::Codelist;
use super::values::one_byte;
use super::yaml::Node;
use crate::model::{AsOf, CodelistEntry, nearest};

/// The most codes of a list.
const MAX_ENTRIES: usize = 1_000_000;
/// The largest file of codes, in bytes.
const MAX_BYTES: u64 = 256 << 20;
/// How many faults of one file are shown.
const MAX_FAULTS: usize = 10;

/// Why a record is refused. Names no cell.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum RecordError {
    #[error("a quote opens and never closes")]
    OpenQuote,
    #[error("text follows a closing quote")]
    TextAfterQuote,
    #[error("{found} cells where the header has {wanted}")]
    Cells { found: usize, wanted: usize },
    #[error("the code is empty")]
    NoCode,
    #[error("a validity date is not a date such as 2025-07-01")]
    NoDay,
    #[error("the code ends before it begins to be valid")]
    Reversed,
    #[error("the code is already on line {0}, valid on some of the same dates")]
    Repeated(u64),
}

/// Reads the list that `source` names; files are looked for from `base`.
pub(super) fn read(
    name: &str,
    written: &Fields<'_>,
    source: &Node,
    base: &Path,
    inputs: &mut Inputs,
    faults: &mut Faults,
) -> Codelist {
    let mut list = Codelist::default();
    let Some(location) = fields::text(source, "`source`", faults) else { return list };
    let delimiter = match written.get("delimiter") {
        Some(node) => fields::parsed(node, "`delimiter`", "one character", one_byte, faults).unwrap_or(b','),
        None => b',',
    };
    let text = match inputs.read_text(InputRole::Codelist(name.to_owned()), &base.join(location), MAX_BYTES) {
        Ok(text) => text,
        Err(problem) => {
            faults.at(source.span, format!("{} {problem}", quoted(location)));
            return list;
        }
    };
    let mut records = records(text.strip_prefix('\u{feff}').unwrap_or(&text), delimiter);
    let mut found = 0;
    let mut fault = |faults: &mut Faults, line: u64, problem: &RecordError| {
        found += 1;
        if found <= MAX_FAULTS {
            faults.at(source.span, format!("{} line {line}: {problem}", quoted(location)));
        }
        found <= MAX_FAULTS
    };
    let header = match records.next() {
        Some((_, Ok(header))) => header,
        Some((line, Err(problem))) => {
            fault(faults, line, &problem);
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
            // Its names are not listed: what has no header begins with data.
            let near = nearest(wanted, header.iter()).map(|near| did_you_mean(wanted, near));
            let columns = if header.len() == 1 { "1 column".to_owned() } else { format!("{} columns", header.len()) };
            let help = near.unwrap_or_else(|| format!("the first line must name the columns; it has {columns}"));
            faults.help(node.span, format!("unknown column {} in {}", quoted(wanted), quoted(location)), Some(help));
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
        let problem = match record.and_then(|cells| entry(&cells, header.len(), key, from, to)) {
            Ok(entry) => {
                let period = (entry.valid_from.unwrap_or(i32::MIN), entry.valid_to.unwrap_or(i32::MAX));
                let others = seen.entry(entry.code.clone()).or_default();
                let clash = others.iter().find(|other| period.0 <= other.1 && other.0 <= period.1);
                let clash = clash.map(|other| other.2);
                if clash.is_none() {
                    others.push((period.0, period.1, line));
                    list.entries.push(entry);
                }
                clash.map(RecordError::Repeated)
            }
            Err(problem) => Some(problem),
        };
        if let Some(problem) = problem
            && !fault(faults, line, &problem)
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

/// One record as a code.
fn entry(
    cells: &StringRecord,
    width: usize,
    key: usize,
    from: Option<usize>,
    to: Option<usize>,
) -> Result<CodelistEntry, RecordError> {
    if cells.len() != width {
        return Err(RecordError::Cells { found: cells.len(), wanted: width });
    }
    let day = |at: Option<usize>| match at.and_then(|at| cells.get(at)) {
        None | Some("") => Ok(None),
        Some(text) => match AsOf::parse(text).filter(|date| date.whole_day) {
            Some(date) => Ok(Some(date.day)),
            None => Err(RecordError::NoDay),
        },
    };
    let code = cells.get(key).filter(|code| !code.is_empty()).ok_or(RecordError::NoCode)?.to_owned();
    let (valid_from, valid_to) = (day(from)?, day(to)?);
    if valid_from.zip(valid_to).is_some_and(|(from, to)| from > to) {
        return Err(RecordError::Reversed);
    }
    Ok(CodelistEntry { code, valid_from, valid_to })
}

/// The records of a CSV text with the line on which each starts; empty lines are skipped.
fn records(text: &str, delimiter: u8) -> impl Iterator<Item = (u64, Result<StringRecord, RecordError>)> {
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    std::iter::from_fn(move || {
        let mut cells = StringRecord::new();
        loop {
            let start = reader.position().clone();
            // A text in memory can be read, and records may differ in length.
            if !reader.read_record(&mut cells).unwrap_or(false) {
                return None;
            }
            let read = |at: &csv::Position| usize::try_from(at.byte()).unwrap_or(usize::MAX);
            let record = text.get(read(&start)..read(reader.position())).unwrap_or_default();
            // The lines skipped before the record, and the end of the one before it, which may be two characters.
            let written = record.trim_start_matches(['\r', '\n']);
            let skipped = record[..record.len() - written.len()].matches('\n').count() as u64;
            if cells.len() > 1 || cells.get(0).is_some_and(|cell| !cell.is_empty()) {
                let checked = check_quotes(written, &cells, char::from(delimiter));
                return Some((start.line() + skipped, checked.map(|()| cells)));
            }
        }
    })
}

/// Holds the cells of a record against its text: the reader is lenient where text follows a closing quote, and takes a
/// quote that never closes as one cell up to the end of the file.
fn check_quotes(record: &str, cells: &StringRecord, delimiter: char) -> Result<(), RecordError> {
    let mut rest = record;
    for cell in cells {
        let Some(quoted) = rest.strip_prefix('"') else {
            rest = rest.get(cell.len()..).unwrap_or_default();
            rest = rest.strip_prefix(delimiter).unwrap_or(rest);
            continue;
        };
        let inner = if cell.contains('"') { Cow::Owned(cell.replace('"', "\"\"")) } else { Cow::Borrowed(cell) };
        let closed = quoted.strip_prefix(&*inner).ok_or(RecordError::TextAfterQuote)?;
        rest = closed.strip_prefix('"').ok_or(RecordError::OpenQuote)?;
        rest = rest.strip_prefix(delimiter).unwrap_or(rest);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u64, Result<Vec<String>, RecordError>)> {
        let owned = |cells: StringRecord| cells.iter().map(str::to_owned).collect();
        records(text, b';').map(|(line, record)| (line, record.map(owned))).collect()
    }

    #[test]
    fn records_have_their_lines_whatever_the_line_ends() {
        for end in ["\n", "\r\n"] {
            let text = ["", "a;b", "", "\"x\ny\";\"\"\"z\"\"\"", "\"\"", "c;", "d;5\" pipe"].join(end);
            let text = text.replace("x\ny", &format!("x{end}y"));
            let cells = |a: &str, b: &str| Ok(vec![a.to_owned(), b.to_owned()]);
            let expected = [
                (2, cells("a", "b")),
                (4, cells(&format!("x{end}y"), "\"z\"")),
                (7, cells("c", "")),
                (8, cells("d", "5\" pipe")),
            ];
            assert_eq!(read(&text), expected);
            assert_eq!(read(&(text + end)), expected);
        }
    }

    #[test]
    fn quotes_that_do_not_close_and_text_behind_them_are_refused() {
        let open = || Err(RecordError::OpenQuote);
        let after = || Err(RecordError::TextAfterQuote);
        for (text, line, expected) in [
            ("a\n\"b", 2, open()),
            ("a\n\"b\nc;d\n", 2, open()),
            ("a\n\"b\"\"", 2, open()),
            ("a\nb;\"", 2, open()),
            ("a\n\"b\"c\n", 2, after()),
            ("a\n\"b\" \n", 2, after()),
            ("a\n\"b\"c\";d\n", 2, after()),
        ] {
            assert_eq!(read(text).get(1), Some(&(line, expected)), "{text:?}");
        }
    }
}

//! What a sheet of an `.xlsx` workbook holds besides its values: hidden rows and columns, merged regions, formulas that no
//! program has calculated, and error values. The library that reads the cells passes over these, or does not know them.

use std::io::{self, BufReader, Read};
use std::sync::LazyLock;

use calamine::CellErrorType;
use memchr::memchr;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use regex::bytes::Regex;

use super::area::{Area, cell_place};
use super::directory::Directory;
use super::facts::{Facts, Noted};
use crate::source::error::Problem;

/// Bytes of XML that are read at a time.
const CHUNK: usize = 1 << 16;

/// Why XML cannot be read.
#[derive(Debug)]
pub(super) enum Unread {
    /// It is damaged.
    Damaged,
    /// It holds too much.
    Problem(Problem),
}

impl From<quick_xml::Error> for Unread {
    fn from(_: quick_xml::Error) -> Self {
        Self::Damaged
    }
}

impl From<Problem> for Unread {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// Reads XML: hands each start of an element to `visit`.
pub(super) fn elements(
    source: impl Read,
    mut visit: impl FnMut(&BytesStart<'_>) -> Result<(), Unread>,
) -> Result<(), Unread> {
    let mut reader = Reader::from_reader(BufReader::with_capacity(CHUNK, source));
    reader.config_mut().check_end_names = false;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer)? {
            Event::Start(element) | Event::Empty(element) => visit(&element)?,
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// The value of an attribute, by the last part of its name.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().with_checks(false).flatten().find(|attribute| {
        let key = attribute.key.as_ref();
        key == name || key.rsplit_once(':').is_some_and(|(_, local)| local == name)
    })?;
    let value = found.value.as_ref();
    Some(quick_xml::escape::unescape(value).map_or_else(|_| value.to_owned(), std::borrow::Cow::into_owned))
}

fn is_true(value: Option<String>) -> bool {
    value.is_some_and(|value| value == "1" || value == "true")
}

/// The targets of relations by their identifiers, with their types.
fn relations(directory: &mut Directory, part: &str) -> Result<Vec<(String, String, String)>, Problem> {
    let mut found = Vec::new();
    directory.read(part, |entry| {
        elements(entry, |element| {
            if element.local_name().as_ref() == "Relationship"
                && let (Some(id), Some(kind), Some(target)) =
                    (attribute(element, "Id"), attribute(element, "Type"), attribute(element, "Target"))
            {
                found.push((id, kind, target));
            }
            Ok(())
        })
    })?;
    Ok(found)
}

/// The path of the workbook's own part: its folder, which ends with `/` or is empty, and its name.
pub(super) fn workbook_part(directory: &mut Directory) -> Result<(String, String), Problem> {
    let relations = relations(directory, "_rels/.rels")?;
    let target = relations.into_iter().find(|(_, kind, _)| kind.ends_with("/relationships/officeDocument"));
    let target = target.map_or_else(|| "xl/workbook.xml".to_owned(), |(_, _, target)| target);
    let target = target.trim_start_matches('/');
    let (folder, name) = target.rsplit_once('/').map_or(("", target), |(folder, name)| (folder, name));
    let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    Ok((folder, name.to_owned()))
}

/// The path of a part by its relation to the workbook.
pub(super) fn related_part(directory: &mut Directory, id: &str) -> Result<Option<String>, Problem> {
    let (folder, name) = workbook_part(directory)?;
    let relations = relations(directory, &format!("{folder}_rels/{name}.rels"))?;
    let target = relations.into_iter().find(|(known, ..)| known == id).map(|(_, _, target)| target);
    Ok(target.map(|target| match target.strip_prefix('/') {
        Some(path) => path.to_owned(),
        None => format!("{folder}{target}"),
    }))
}

/// The path of the sheet of that name.
fn sheet_part(directory: &mut Directory, sheet: &str) -> Result<Option<String>, Problem> {
    let (folder, name) = workbook_part(directory)?;
    let mut id = None;
    directory.read(&format!("{folder}{name}"), |entry| {
        elements(entry, |element| {
            if element.local_name().as_ref() == "sheet" && attribute(element, "name").as_deref() == Some(sheet) {
                id = attribute(element, "id");
            }
            Ok(())
        })
    })?;
    id.map_or(Ok(None), |id| related_part(directory, &id))
}

/// The most strings that the table of shared texts announces.
pub(super) fn announced_texts(directory: &mut Directory) -> Result<u64, Problem> {
    let (folder, _) = workbook_part(directory)?;
    let part = format!("{folder}sharedStrings.xml");
    if !directory.has(&part) {
        return Ok(0);
    }
    let mut announced = 0;
    directory.read(&part, |entry| {
        // The announcement is in the first element.
        elements(entry.take(1 << 12), |element| {
            if element.local_name().as_ref() == "sst" {
                announced = attribute(element, "uniqueCount").and_then(|count| count.parse().ok()).unwrap_or(0);
            }
            Ok(())
        })
        .or(Ok::<(), Unread>(()))
    })?;
    Ok(announced)
}

/// Reads a sheet for what it holds besides its values.
///
/// # Errors
/// Where it cannot be read.
pub(super) fn facts(directory: &mut Directory, sheet: &str) -> Result<Facts, Problem> {
    let part = sheet_part(directory, sheet)?
        .ok_or_else(|| Problem::damaged("the workbook is damaged: a sheet has no place in it. Save it again"))?;
    let mut facts = Facts::default();
    if !directory.read(&part, |entry| may_hold_facts(entry))? {
        return Ok(facts);
    }
    let mut beyond = None;
    directory
        .read(&part, |entry| {
            scan(entry, &mut facts).map_err(|unread| {
                if let Unread::Problem(problem) = unread {
                    beyond = Some(problem);
                }
            })
        })
        .map_err(|problem| beyond.take().unwrap_or(problem))?;
    Ok(facts)
}

/// Bytes without which a sheet has no hidden row or column, no merged region, no formula and no error value, however its elements are
/// prefixed and its attributes quoted.
static FACT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?-u)hidden(?:\s|=\s|=["'][1t&])|mergeCell|[<:]f[\s/>]|\st(?:\s|=\s|=["'](?:e["']|&))"#)
        .expect("the pattern is fixed and right")
});

/// As many bytes of a chunk as a match of [`FACT`] can begin in and end in the next.
const OVERLAP: usize = 16;

/// Whether the sheet may hold what is counted besides its values. Most do not, and a search for a few bytes takes a fraction of
/// the time of reading XML. Text in another encoding than UTF-8 has zero bytes, and is always read.
fn may_hold_facts(source: &mut impl Read) -> io::Result<bool> {
    let mut chunk = vec![0; CHUNK];
    let mut kept = 0;
    loop {
        let read = source.read(&mut chunk[kept..])?;
        if read == 0 {
            return Ok(false);
        }
        let filled = &chunk[..kept + read];
        if FACT.is_match(filled) || memchr(0, filled).is_some() {
            return Ok(true);
        }
        let from = filled.len().saturating_sub(OVERLAP);
        kept = filled.len() - from;
        chunk.copy_within(from..from + kept, 0);
    }
}

/// The cell that is read.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that was seen of the cell")]
struct Current {
    row: u32,
    column: u32,
    has_place: bool,
    has_formula: bool,
    is_error: bool,
    is_text: bool,
    has_value: bool,
    in_value: bool,
}

/// Whether the library knows the error value.
fn is_known_error(text: &str) -> bool {
    text.parse::<CellErrorType>().is_ok()
}

fn scan(source: impl Read, facts: &mut Facts) -> Result<(), Unread> {
    let mut reader = Reader::from_reader(BufReader::with_capacity(CHUNK, source));
    reader.config_mut().check_end_names = false;
    let mut buffer = Vec::new();
    let (mut next_row, mut next_column) = (0, 0);
    let mut cell = Current::default();
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer)?;
        match &event {
            Event::Eof => return Ok(()),
            Event::Start(element) | Event::Empty(element) => {
                let is_whole = matches!(event, Event::Empty(_));
                match element.local_name().as_ref() {
                    "row" => {
                        let row = attribute(element, "r").and_then(|row| row.parse::<u32>().ok()?.checked_sub(1));
                        let row = row.unwrap_or(next_row);
                        (next_row, next_column) = (row.saturating_add(1), 0);
                        if is_true(attribute(element, "hidden")) {
                            facts.hidden_rows.push(row);
                        }
                    }
                    "c" => {
                        let place = element.try_get_attribute("r").ok().flatten();
                        let place = place.and_then(|place| cell_place(&place.value));
                        let has_place = place.is_some();
                        let (row, column) = place.unwrap_or((next_row.saturating_sub(1), next_column));
                        next_column = column + 1;
                        let is_text = attribute(element, "t").is_some_and(|kind| kind == "str" || kind == "inlineStr");
                        let is_error = attribute(element, "t").is_some_and(|kind| kind == "e");
                        cell = Current { row, column, has_place, is_error, is_text, ..Current::default() };
                    }
                    "f" => cell.has_formula = true,
                    "v" => cell.in_value = !is_whole,
                    "col" if is_true(attribute(element, "hidden")) => {
                        let number = |name| attribute(element, name)?.parse::<u32>().ok()?.checked_sub(1);
                        if let (Some(first), Some(last)) = (number("min"), number("max")) {
                            facts.hidden_columns.push((first, last));
                        }
                    }
                    "mergeCell" => {
                        if let Some(area) = attribute(element, "ref").and_then(|area| Area::parse(&area)) {
                            facts.merge(area)?;
                        }
                    }
                    _ => {}
                }
            }
            // The library counts no column for such a cell, and those behind it would be read from another column.
            Event::Text(text) if cell.in_value && cell.is_error && !cell.has_place && !is_known_error(text) => {
                return Err(Unread::Problem(Problem::foreign(
                    "a cell of the sheet has an error value that is not known here: replace it, or export the sheet as CSV",
                )));
            }
            Event::Text(text) if cell.in_value => cell.has_value |= !text.is_empty(),
            Event::GeneralRef(_) if cell.in_value => cell.has_value = true,
            Event::End(element) => match element.local_name().as_ref() {
                "v" => cell.in_value = false,
                "c" if cell.is_error && cell.has_value => facts.note(cell.row, cell.column, Noted::Error)?,
                "c" if cell.has_formula && !cell.has_value && !cell.is_text => {
                    facts.note(cell.row, cell.column, Noted::Uncalculated)?;
                }
                _ => {}
            },
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out so many bytes at a time.
    struct Steps<'b>(&'b [u8], usize);

    impl Read for Steps<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(buffer.len()).min(self.0.len());
            let (given, rest) = self.0.split_at(length);
            buffer[..length].copy_from_slice(given);
            self.0 = rest;
            Ok(length)
        }
    }

    fn has_facts(facts: &Facts) -> bool {
        !(facts.hidden_rows.is_empty()
            && facts.hidden_columns.is_empty()
            && facts.merged.is_empty()
            && facts.noted.is_empty())
    }

    #[test]
    fn what_the_search_passes_over_holds_nothing_that_is_counted() {
        let sheet = |inside: &str| format!("<worksheet>{}{inside}</worksheet>", " ".repeat(CHUNK));
        for (inside, counted) in [
            (r#"<row r="1" hidden="1"/>"#, true),
            (r#"<row r="1" hidden  =  'true'/>"#, true),
            ("<row r=\"1\" hidden=\n\"1\"/>", true),
            (r#"<row r="1" hidden="&#49;"/>"#, true),
            (r#"<x:row r="1" x:hidden="1"/>"#, true),
            (r#"<cols><col min="1" max="2" hidden="true"/></cols>"#, true),
            (r#"<mergeCells><mergeCell ref="A1:B2"/></mergeCells>"#, true),
            (r#"<c r="A1"><f>1+1</f></c>"#, true),
            (r#"<x:c r="A1"><x:f t="shared"/></x:c>"#, true),
            ("<c r=\"A1\"><f\n>1</f></c>", true),
            (r#"<c r="A1" t="e"><v>#SPILL!</v></c>"#, true),
            ("<c r=\"A1\" t\n=\n'e'><v>#N/A</v></c>", true),
            (r#"<c r="A1" t="&#101;"><v>#N/A</v></c>"#, true),
            (r#"<row r="1" hidden="0"/><row r="2" hidden="false"/>"#, false),
            (r#"<c r="A1"><v>1</v></c><c r="B1" t="inlineStr"><is><t>f</t></is></c>"#, false),
        ] {
            let text = sheet(inside);
            let mut facts = Facts::default();
            scan(text.as_bytes(), &mut facts).unwrap();
            assert_eq!(has_facts(&facts), counted, "{inside}");
            for step in [1, 7, CHUNK - 3, 2 * CHUNK] {
                let may_hold = may_hold_facts(&mut Steps(text.as_bytes(), step)).unwrap();
                assert_eq!(may_hold, counted, "{inside} by {step}");
            }
        }
        let wide: Vec<u8> = sheet(r#"<row r="1" hidden="1"/>"#).encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(may_hold_facts(&mut wide.as_slice()).unwrap());
    }
}

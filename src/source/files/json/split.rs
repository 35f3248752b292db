//! Splitting a document that is an array of records.

use super::elements::Elements;
use super::place::RecordsPath;
use crate::source::files::data_file::DataFile;
use crate::source::files::json_values::{one_more_key, place_of_key};
use crate::source::files::packer::Packer;
use crate::source::split::{Parts, SplitError, SplitRows, Splitting};
use crate::source::table::BLOCK;

/// Splits a file; see [`Table::split`](crate::source::table::Table::split). Each part is an array, an element a line; the
/// bytes of an element stay as they are. A failing one gets one more key. A failing one that is no object, or has that key
/// already, stays as it is.
pub(super) fn split_file(file: &DataFile, to: &mut Splitting, parts: Parts) -> Result<SplitRows, SplitError> {
    let Parts { passing, failing } = parts;
    let mut elements = Elements::new(file, &RecordsPath::default(), BLOCK)?;
    let mut passing = Packer::new(passing, file.packing)?;
    let mut failing = Packer::new(failing, file.packing)?;
    passing.put(b"[")?;
    failing.put(b"[")?;
    let mut rows = SplitRows::default();
    while let Some(block) = elements.next()? {
        to.check()?;
        for (element, _) in block.lines() {
            let Some(rules) = to.next(&mut rows)? else {
                passing.put(if rows.passing == 1 { b"\n" } else { b",\n" })?;
                passing.put(element)?;
                continue;
            };
            failing.put(if rows.failing == 1 { b"\n" } else { b",\n" })?;
            if let Some((place, is_first)) = place_of_key(element, to.column) {
                let (head, tail) = element.split_at(place);
                failing.put(head)?;
                failing.put(one_more_key(to.column, &to.ids(&rules), is_first).as_bytes())?;
                failing.put(tail)?;
            } else {
                rows.without_ids += 1;
                failing.put(element)?;
            }
        }
    }
    passing.put(b"\n]\n")?;
    failing.put(b"\n]\n")?;
    passing.finish()?;
    failing.finish()?;
    Ok(rows)
}

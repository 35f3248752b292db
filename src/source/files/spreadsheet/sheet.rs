//! Which sheet of a workbook is read.

use super::book::{Opened, SheetName};
use crate::source::error::Problem;
use crate::source::options::Options;

/// The most sheets that a message lists.
const MOST_LISTED: usize = 12;

/// The sheet that is read.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) name: String,
    /// Hidden sheets with cells that were passed over, where nobody named a sheet.
    pub(super) hidden: Vec<String>,
}

/// Chooses the sheet that is declared, else the only one with cells.
///
/// # Errors
/// Where there is none, or more than one.
pub(super) fn choose(book: &mut Opened, options: &Options) -> Result<Chosen, Problem> {
    let all = book.sheets();
    let sheets: Vec<SheetName> = all.iter().filter(|sheet| sheet.is_worksheet).cloned().collect();
    if sheets.is_empty() {
        let charts = if all.is_empty() { "no sheets" } else { "no sheet with cells, only charts" };
        return Err(Problem::Empty(format!("the workbook has {charts}")));
    }
    let listed_all = || listed(sheets.iter().map(|sheet| sheet.name.as_str()));
    let only = |name: &str| Ok(Chosen { name: name.to_owned(), hidden: Vec::new() });
    if let Some(number) = options.count("sheet") {
        let found = usize::try_from(number).ok().and_then(|number| sheets.get(number.checked_sub(1)?));
        if let Some(sheet) = found {
            return only(&sheet.name);
        }
        let name = number.to_string();
        let is_name = sheets.iter().any(|sheet| sheet.name == name);
        let hint = if is_name { format!(". To name a sheet, quote it: `sheet: \"{name}\"`") } else { String::new() };
        return Err(Problem::Declaration(format!("has no sheet number {number}; it has {}{hint}", listed_all())));
    }
    if let Some(wanted) = options.text("sheet") {
        if sheets.iter().any(|sheet| sheet.name == wanted) {
            return only(wanted);
        }
        let is_number = wanted.parse::<usize>().is_ok_and(|number| number > 0 && number <= sheets.len());
        let hint = if is_number { format!(". A number is not quoted: `sheet: {wanted}`") } else { String::new() };
        return Err(Problem::Declaration(format!(
            "has no sheet `{}`; it has {}{hint}",
            wanted.escape_debug(),
            listed_all()
        )));
    }
    let (mut filled, mut hidden) = (Vec::new(), Vec::new());
    for sheet in &sheets {
        if book.has_cells(&sheet.name)? {
            if sheet.is_visible { &mut filled } else { &mut hidden }.push(sheet.name.clone());
        }
    }
    match filled.as_slice() {
        [only] => Ok(Chosen { name: only.clone(), hidden }),
        [] if hidden.is_empty() => {
            Err(Problem::Empty("the workbook has no cells with values: no sheet can be read".to_owned()))
        }
        [] => Err(Problem::Declaration(format!(
            "only hidden sheets have cells: name one with `sheet`. There are {}",
            listed(hidden.iter().map(String::as_str))
        ))),
        several => Err(Problem::Declaration(format!(
            "has {} sheets with cells: name one with `sheet`. There are {}",
            several.len(),
            listed(several.iter().map(String::as_str))
        ))),
    }
}

fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{}`", name.escape_debug())).collect();
    let rest = names.len().saturating_sub(MOST_LISTED);
    let shown = names.iter().take(MOST_LISTED).cloned().collect::<Vec<_>>().join(", ");
    if rest > 0 { format!("{shown} and {rest} more") } else { shown }
}

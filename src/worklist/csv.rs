//! CSV: one line for each failing row and rule.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Write;

use super::WorklistError;
use super::reasons::reason_in_words;
use super::selection::Selection;

/// Writes one line for each failing row and rule. Key columns of all datasets follow the place.
///
/// # Errors
/// If the evidence cannot be read or the text cannot be written.
pub fn write_csv(selection: &Selection<'_>, out: impl Write) -> Result<(), WorklistError> {
    let mut key_columns: Vec<&str> = Vec::new();
    let mut seen = BTreeSet::new();
    for column in selection.datasets().flat_map(|dataset| &dataset.key) {
        if seen.insert(column.column.as_str()) {
            key_columns.push(&column.column);
        }
    }
    let mut csv = ::csv::Writer::from_writer(out);
    let place = ["dataset", "file", "record", "line"].map(str::to_owned);
    let rule = ["rule", "title", "severity", "owner", "reason", "reason_code", "fix"].map(str::to_owned);
    let key = key_columns.iter().map(|column| guarded(&format!("key.{column}")).into_owned());
    csv.write_record(place.into_iter().chain(key).chain(rule))?;
    for dataset in selection.datasets() {
        let positions: Vec<Option<usize>> =
            key_columns.iter().map(|column| dataset.key.iter().position(|key| key.column == *column)).collect();
        for row in selection.rows(dataset)? {
            let row = row?;
            for failed in &row.failed {
                let Some(rule) = selection.rule(&failed.rule) else { continue };
                let code = failed.reason.as_deref().unwrap_or_default();
                let words = failed.reason.as_deref().map(reason_in_words).unwrap_or_default();
                csv.write_field(&*guarded(&dataset.name))?;
                csv.write_field(&*guarded(&row.file))?;
                csv.write_field(row.record.to_string())?;
                csv.write_field(row.line.map(|line| line.to_string()).unwrap_or_default())?;
                for position in &positions {
                    let value = position.and_then(|at| row.key.get(at)?.as_deref());
                    csv.write_field(&*guarded(value.unwrap_or_default()))?;
                }
                for text in [
                    rule.id.as_str(),
                    &rule.title,
                    rule.severity.name(),
                    rule.owner.as_deref().unwrap_or_default(),
                    &words,
                    code,
                    rule.fix.as_deref().unwrap_or_default(),
                ] {
                    csv.write_field(&*guarded(text))?;
                }
                csv.write_record(None::<&[u8]>)?;
            }
        }
    }
    csv.flush()?;
    Ok(())
}

/// A text with an apostrophe in front if a spreadsheet would take it for a formula.
fn guarded(text: &str) -> Cow<'_, str> {
    let is_formula = |first: char| {
        matches!(first, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}')
    };
    if text.starts_with(is_formula) { format!("'{text}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn what_a_spreadsheet_would_run_is_guarded() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A"] {
            assert_eq!(guarded(formula), format!("'{formula}"));
        }
        for plain in ["", "a=1", "1-1", " =1", "'=1"] {
            assert_eq!(guarded(plain), plain);
        }
    }
}

//! Measures of texts: formats, personal data, what a column holds.

use std::collections::BTreeMap;

use crate::identifiers::{Context, Detector, Detectors};
use crate::model::{
    AsOf, DataType, DetectionTally, PersonalDataTest, Reading, UniformTest, Unmeasured, ValueTally, Values,
};
use crate::scalar::civil_from_days;
use crate::text::{Family, FormatSet, write_shape};

use super::scope::{Measured, Scoped, fail, tally};

/// Rows that are not written in the format that most are.
pub(super) fn uniform(test: &UniformTest, rows: &Scoped<'_>) -> Result<Measured, Unmeasured> {
    let family = Family::from_name(&test.family);
    let family = family.ok_or_else(|| Unmeasured::unreadable(format!("there is no family {}", test.family)))?;
    let column = rows.table.column(&test.column)?;
    let (mut outcomes, sets) = rows.gather(|row| Ok(column.shown(row).map(|text| family.of(&text))));
    let fit = |format: usize| sets.iter().filter(|(_, set)| set.has(format)).count() as u64;
    let fits: Vec<(usize, u64)> = (0..family.formats().len()).map(|format| (format, fit(format))).collect();
    // Of equally common formats the first.
    let most = fits.iter().map(|(_, count)| *count).max().filter(|most| *most > 0);
    let common = fits.iter().find(|(_, count)| Some(*count) == most).map(|(format, _)| *format);
    let fits_common = |set: &FormatSet| common.is_some_and(|format| set.has(format));
    fail(&mut outcomes, sets.iter().filter(|(_, set)| !fits_common(set)).map(|(at, _)| at));
    let mut counted = tally(&outcomes);
    let named = fits.iter().zip(family.formats()).filter(|((_, count), _)| *count > 0);
    counted.formats = named.map(|((_, count), name)| ((*name).to_owned(), *count)).collect();
    Ok(Measured { reading: Reading::Rows(counted), outcomes })
}

/// Values that look like personal data.
pub(super) fn personal_data(test: &PersonalDataTest, rows: &Scoped<'_>, as_of: AsOf) -> Result<Measured, Unmeasured> {
    let mut wanted = Detectors::default();
    for name in &test.detectors {
        let detector = Detector::from_name(name);
        wanted.add(detector.ok_or_else(|| Unmeasured::unreadable(format!("there is no detector {name}")))?);
    }
    let column = rows.table.column(&test.column)?;
    let context = Context { year: civil_from_days(as_of.day).0, foreign_births: false };
    let mut tally = DetectionTally { unreadable: rows.doubts(), ..DetectionTally::default() };
    let mut by: BTreeMap<Detector, u64> = BTreeMap::new();
    for (_, row) in rows.rows() {
        let Some(text) = column.shown(row) else { continue };
        tally.values += 1;
        let found = match (column.text(row), column.data_type) {
            (Some(text), _) => wanted.in_cell(text, context),
            // Dates and truth values hold none.
            (None, DataType::Date | DataType::Datetime | DataType::Boolean) => continue,
            (None, _) => wanted.in_number(&text, context),
        };
        tally.detected += u64::from(!found.is_empty());
        Detector::ALL.into_iter().filter(|one| found.has(*one)).for_each(|one| *by.entry(one).or_default() += 1);
    }
    tally.by = by.into_iter().map(|(detector, count)| (detector.name().to_owned(), count)).collect();
    Ok(Reading::Detections(tally).into())
}

/// Whether a column holds anything, and whether it holds more than one thing, over all rows.
pub(super) fn content(column: &str, rows: &Scoped<'_>) -> Result<Measured, Unmeasured> {
    let column = rows.table.column(column)?;
    let mut texts: Vec<_> = rows.table.rows.iter().filter_map(|row| column.shown(row)).collect();
    let (all, present) = (rows.table.rows.len() as u64, texts.len() as u64);
    texts.dedup();
    Ok(Reading::Content { rows: all, present, differs: texts.len() > 1 }.into())
}

/// What the cells of a column hold, value by value.
pub(super) fn values(wanted: &Values, rows: &Scoped<'_>) -> Result<Measured, Unmeasured> {
    let column = rows.table.column(&wanted.column)?;
    let mut tally = ValueTally { unreadable: rows.doubts(), ..ValueTally::default() };
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (_, row) in rows.rows() {
        let Some(text) = column.held(row) else {
            let other = if column.is_missing(row) { &mut tally.missing } else { &mut tally.unreadable };
            *other += 1;
            continue;
        };
        tally.values += 1;
        if let Some(text) = column.text(row) {
            let length = text.chars().count() as u64;
            let (least, greatest) = tally.lengths.unwrap_or((length, length));
            tally.lengths = Some((least.min(length), greatest.max(length)));
            let mut shape = String::new();
            write_shape(text, &mut shape);
            tally.shapes.add(&shape, 1);
        }
        *counts.entry(text.into_owned()).or_default() += 1;
    }
    let bytes: usize = counts.keys().map(String::len).sum();
    tally.counts = (counts.len() <= wanted.most as usize && bytes <= wanted.most_bytes()).then_some(counts);
    Ok(Reading::Values(tally).into())
}

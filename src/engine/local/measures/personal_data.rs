//! Searches columns for personal data. No row fails: the reading is about the column.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, PoisonError};

use crate::identifiers::{Context, Detector, Detectors};
use crate::model::{AsOf, DataType, DetectionTally, PersonalDataTest, Reading};
use crate::scalar::civil_from_days;
use crate::source::Bits;

use crate::engine::local::accumulator::{Accumulator, BatchInput, Classified, End};
use crate::engine::local::batch::column_rules::{ColumnRules, place_of};
use crate::engine::local::batch::texts::judge_texts;
use crate::engine::local::cost_model::nanoseconds as ns;
use crate::engine::local::cost_model::{CostModel, RowCost};
use crate::engine::local::prepare_error::PrepareError;

/// A search for personal data.
#[derive(Debug)]
pub(crate) struct Detections {
    column: usize,
    /// Dates and booleans contain none.
    holds_some: bool,
    wanted: Detectors,
    context: Context,
    tally: Mutex<DetectionTally>,
}

impl Detections {
    /// Prepares a search.
    ///
    /// # Errors
    /// A detector that does not exist, a column that the section does not read.
    pub(crate) fn prepare(test: &PersonalDataTest, rules: &[ColumnRules], as_of: AsOf) -> Result<Self, PrepareError> {
        let mut wanted = Detectors::default();
        for name in &test.detectors {
            wanted.add(
                Detector::from_name(name)
                    .ok_or_else(|| PrepareError::NoEntry { registry: "detector", name: name.clone() })?,
            );
        }
        let column = place_of(rules, &test.column)?;
        let context = Context { year: civil_from_days(as_of.day).0, foreign_births: false };
        let holds_some = !matches!(rules[column].data_type, DataType::Date | DataType::Datetime | DataType::Boolean);
        Ok(Self { column, holds_some, wanted, context, tally: Mutex::default() })
    }
}

impl Accumulator for Detections {
    fn extend(&self, input: &BatchInput<'_, '_>) -> io::Result<Classified> {
        let cells = input.cells;
        let present = cells.present(self.column);
        let there = input.scope.map_or_else(|| present.clone(), |scope| present.and(scope));
        let is_text = cells.text(self.column).is_some();
        let mut by: BTreeMap<Detector, u64> = BTreeMap::new();
        let mut detected = 0;
        if is_text || self.holds_some {
            let found = judge_texts(cells, self.column, &there, Detectors::default(), |text| {
                if is_text {
                    self.wanted.in_cell(text, self.context)
                } else {
                    self.wanted.in_number(text, self.context)
                }
            });
            for found in found.into_iter().filter(|found| !found.is_empty()) {
                detected += 1;
                Detector::ALL
                    .into_iter()
                    .filter(|one| found.has(*one))
                    .for_each(|one| *by.entry(one).or_default() += 1);
            }
        }
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.values += there.count();
        tally.detected += detected;
        for (detector, count) in by {
            *tally.by.entry(detector.name().to_owned()).or_default() += count;
        }
        Ok(Classified { pending: Bits::none(cells.rows()), unreadable: Bits::none(cells.rows()) })
    }

    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Reading> {
        let tally = self.tally.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Reading::Detections(DetectionTally { unreadable: end.entered.unreadable, ..tally }))
    }
}

/// What it costs for each row.
pub(crate) fn cost(test: &PersonalDataTest, model: &CostModel<'_>) -> RowCost {
    (model.of(&test.column).bytes * ns::TEXT_BYTE, 0.0)
}

//! Whether texts are free of faults of hygiene.

use crate::model::TidyTest;
use crate::source::{Bits, TextColumn};
use crate::text::{Fault, Faults, faults, inspect};

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{ColumnRules, place_of};
use crate::engine::local::batch::texts::judge_texts;
use crate::engine::local::measures::row_predicates::tested::Tested;
use crate::engine::local::prepare_error::PrepareError;

/// A test of hygiene, made ready for many batches.
#[derive(Debug)]
pub(crate) struct Tidy {
    columns: Vec<usize>,
    wanted: Faults,
}

impl Tidy {
    /// Prepares a test.
    ///
    /// # Errors
    /// A fault that does not exist, a column that the section does not read.
    pub(crate) fn prepare(test: &TidyTest, rules: &[ColumnRules]) -> Result<Self, PrepareError> {
        let mut wanted = Faults::NONE;
        for name in &test.faults {
            wanted.add(
                Fault::from_name(name)
                    .ok_or_else(|| PrepareError::NoEntry { registry: "fault", name: name.clone() })?,
            );
        }
        let columns = test.columns.iter().map(|name| place_of(rules, name)).collect::<Result<_, _>>()?;
        Ok(Self { columns, wanted })
    }

    pub(crate) fn test(&self, cells: &Cells<'_>) -> Tested {
        let mut there = Bits::none(cells.rows());
        let mut found = vec![Faults::NONE; cells.rows()];
        for column in &self.columns {
            let present = cells.present(*column);
            there = there.or(present);
            let mut note = |row: usize, faults: Faults| found[row] = found[row].or(faults);
            match cells.text(*column) {
                Some(texts @ (TextColumn::Views(_) | TextColumn::Spans { .. }))
                    if cells.dictionary(*column).is_none() =>
                {
                    let mut inspected = inspect(self.wanted, note);
                    texts.for_each(cells.rows(), |row, text| {
                        if let Some(text) = text
                            && present.get(row)
                        {
                            inspected.push(row, text);
                        }
                    });
                    inspected.finish();
                }
                _ => {
                    let judge = |text: &str| faults(text).and(self.wanted);
                    let judged = judge_texts(cells, *column, present, Faults::NONE, judge);
                    judged.into_iter().enumerate().for_each(|(row, faults)| note(row, faults));
                }
            }
        }
        let all = found.iter().fold(Faults::NONE, |all, more| all.or(*more));
        let sound = Bits::of(&found, |faults| faults.is_empty());
        let reasons = Fault::ALL
            .into_iter()
            .filter(|fault| all.has(*fault))
            .map(|fault| (fault.name(), Bits::of(&found, |faults| faults.has(fault))));
        let reasons = reasons.collect();
        Tested { reasons, ..Tested::split(&there, &sound) }
    }
}

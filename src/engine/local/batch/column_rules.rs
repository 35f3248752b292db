//! What is declared of the columns that a pass reads, made ready for many batches.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::atomic::AtomicU32;

use crate::model::{DataType, DateNotation, Expr};
use crate::plan::PlannedColumn;
use crate::scalar::{BooleanWords, DateFormat, Missing, NumberFormat};

use crate::engine::local::batch::different::Different;
use crate::engine::local::prepare_error::PrepareError;

/// What is declared of a column, made ready for many batches.
#[derive(Debug)]
pub(crate) struct ColumnRules {
    /// The name.
    pub name: String,
    /// The type in which rules see it.
    pub data_type: DataType,
    /// How its dates are written, as declared.
    pub written: Option<DateNotation>,
    /// The same, made ready.
    pub(super) format: DateFormat,
    /// How its numbers are written, where not plainly.
    pub(super) numbers: Option<NumberFormat>,
    /// Its words for true and false, where they are declared.
    pub(super) words: Option<BooleanWords>,
    /// What counts as missing.
    pub(super) missing: Missing,
    /// For so many further batches no dictionary of the column is tried, since the last try found too many different texts.
    /// This changes the speed alone.
    pub(super) unrepeating: AtomicU32,
}

impl ColumnRules {
    /// Prepares the columns that a pass reads, in the order in which batches hold them.
    ///
    /// # Errors
    /// A date format that does not compile.
    fn prepare(names: &[String], planned: &BTreeMap<String, PlannedColumn>) -> Result<Vec<Self>, PrepareError> {
        names
            .iter()
            .map(|name| {
                let column = planned.get(name).ok_or_else(|| PrepareError::UnplannedColumn(name.clone()))?;
                let format = column.format.as_ref().map_or_else(|| Ok(DateFormat::iso()), DateFormat::compile)?;
                Ok(Self {
                    name: name.clone(),
                    data_type: column.data_type,
                    written: column.format.clone(),
                    format,
                    numbers: NumberFormat::of(&column.notation),
                    words: BooleanWords::of(&column.notation),
                    missing: missing_of(column),
                    unrepeating: AtomicU32::new(0),
                })
            })
            .collect()
    }
}

/// What counts as missing in a column. The words of a boolean column are values.
fn missing_of(column: &PlannedColumn) -> Missing {
    let missing = Missing::new(column.missing.clone());
    if column.data_type == DataType::Boolean {
        return missing.except(column.notation.words().cloned().collect());
    }
    missing
}

/// The columns of a section, in the order in which its batches hold them, and the conditions that several of its rules
/// share.
#[derive(Debug)]
pub(crate) struct SectionRules {
    columns: Vec<ColumnRules>,
    shared: Different<Expr>,
}

impl SectionRules {
    /// Prepares the named columns, which ascend; `conditions` are those of all measures and lookups of the section.
    ///
    /// # Errors
    /// A date format that does not compile.
    pub(crate) fn prepare<'e>(
        names: &[String],
        planned: &BTreeMap<String, PlannedColumn>,
        conditions: impl Iterator<Item = &'e Expr>,
    ) -> Result<Self, PrepareError> {
        let mut different = Different::default();
        let mut repeated: Vec<bool> = Vec::new();
        for condition in conditions {
            condition.walk(&mut |part| {
                if part.data_type() == Some(DataType::Boolean) && !matches!(part, Expr::Literal(_)) {
                    let at = different.place_or_insert(part);
                    match repeated.get_mut(at) {
                        Some(repeated) => *repeated = true,
                        None => repeated.push(false),
                    }
                }
            });
        }
        let mut shared = Different::default();
        for (part, _) in different.list.into_iter().zip(repeated).filter(|(_, repeated)| *repeated) {
            shared.place_or_insert(part.clone());
        }
        Ok(Self { columns: ColumnRules::prepare(names, planned)?, shared })
    }

    /// How many conditions rules share.
    pub(super) const fn shared_count(&self) -> usize {
        self.shared.list.len()
    }

    /// The place of a condition among those that rules share.
    pub(crate) fn shared(&self, condition: &Expr) -> Option<usize> {
        self.shared.place(condition)
    }
}

impl Deref for SectionRules {
    type Target = [ColumnRules];

    fn deref(&self) -> &[ColumnRules] {
        &self.columns
    }
}

/// The position of a column among those that a section reads, whose names ascend.
///
/// # Errors
/// Where the pass does not read it.
pub(crate) fn place_of(rules: &[ColumnRules], name: &str) -> Result<usize, PrepareError> {
    let place = rules.binary_search_by(|column| column.name.as_str().cmp(name));
    place.map_err(|_| PrepareError::UnreadColumn(name.to_owned()))
}

//! Values far from the rest of the dataset, or of their group.
//!
//! Without groups, values are kept in the order of rows and read again once the fences are known. With groups, they are
//! partitioned by the key of their group, and each part is processed by itself. A group that makes up much of a part that is
//! too large for memory is kept apart and treated as a dataset of its own.

mod fences;
mod float_fences;
mod grouped;
mod inside;
mod judged;
mod ordered;
mod whole;

use std::sync::Arc;

use crate::model::Outliers;

use crate::engine::local::accumulator::Accumulator;
use crate::engine::local::batch::column_rules::{SectionRules, place_of};
use crate::engine::local::cost_model::nanoseconds as ns;
use crate::engine::local::cost_model::{CostModel, RowCost};
use crate::engine::local::keys::hashed::KeyColumns;
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::numbers::image::{MOST_IMAGE_WORDS, with_images};
use crate::engine::local::prepare_error::PrepareError;

use self::fences::Far;
use self::grouped::Grouped;
use self::whole::Whole;

/// Prepares a search.
///
/// # Errors
/// A column that the pass does not read.
pub(crate) fn prepare(
    wanted: &Outliers,
    rules: &SectionRules,
    memory: &Arc<KeyMemory>,
) -> Result<Box<dyn Accumulator>, PrepareError> {
    let column = place_of(rules, &wanted.column)?;
    let far = Far { wanted: wanted.clone(), data_type: rules[column].data_type };
    if wanted.by.is_empty() {
        return Ok(with_images!(far.data_type, I => Box::new(Whole::<I>::new(far, column, memory))));
    }
    let key = KeyColumns::find(&wanted.by, rules)?;
    Ok(with_images!(far.data_type, I => Box::new(Grouped::<I>::new(far, column, key, memory))))
}

/// What it costs for each row.
pub(crate) fn cost(outliers: &Outliers, model: &CostModel<'_>) -> RowCost {
    if outliers.by.is_empty() {
        return (ns::KEEP_VALUE, ns::ORDER_VALUE);
    }
    (model.key(&outliers.by) + ns::KEEP_KEY + ns::KEEP_VALUE, ns::SORT_GROUPED)
}

/// Words that are kept of a row at the most: the image of its value; with groups, an entry of a key, an image and its row.
pub(crate) const fn words(outliers: &Outliers) -> usize {
    MOST_IMAGE_WORDS + if outliers.by.is_empty() { 0 } else { 4 }
}

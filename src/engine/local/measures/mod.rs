//! The measures: one file or folder each, and the one place where the kind of a measure chooses its operator.

pub(super) mod aggregates;
pub(super) mod agrees;
pub(super) mod anonymous;
pub(super) mod content;
pub(super) mod continuous;
pub(super) mod covers;
pub(super) mod determines;
pub(super) mod duplicates;
pub(super) mod lag;
pub(super) mod outliers;
pub(super) mod personal_data;
pub(super) mod reconciles;
pub(super) mod row_predicates;
pub(super) mod similar;
pub(super) mod steady;
pub(super) mod uniform;

use crate::model::{Grouped, MeasureKind};

use crate::engine::local::accumulator::Accumulator;
use crate::engine::local::batch::column_rules::SectionRules;
use crate::engine::local::lookups::join::Join;
use crate::engine::local::shared::Shared;

use aggregates::Figure;
use agrees::Graph;
use anonymous::Anonymous;
use content::Content;
use continuous::Gaps;
use covers::Covering;
use determines::Determines;
use duplicates::RepeatedRows;
use lag::Delayed;
use personal_data::Detections;
use reconciles::Reconciling;
use row_predicates::RowTest;
use similar::SimilarRows;
use uniform::Uniform;

/// A measure made ready for the batches of its dataset.
pub(crate) enum Operator {
    Count,
    Rows(RowTest),
    /// Answered once all rows were seen.
    Collect(Box<dyn Accumulator>),
    Figure(Box<Figure>),
    /// Answered without looking at rows.
    Given(Given),
    /// Cannot be measured.
    Broken(String),
}

/// What is known of a dataset without looking at its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    /// Its columns.
    Columns,
    /// The faults of its files.
    Framing,
    /// A digest of its files.
    Digest,
}

impl Operator {
    /// Prepares a measure over the columns that a section reads.
    pub(crate) fn prepare(kind: &MeasureKind, rules: &SectionRules, shared: Shared<'_>) -> Self {
        Self::choose(kind, rules, shared).unwrap_or_else(Self::Broken)
    }

    #[deny(clippy::wildcard_enum_match_arm)]
    fn choose(kind: &MeasureKind, rules: &SectionRules, shared: Shared<'_>) -> Result<Self, String> {
        let Shared { plan, lookups, memory, as_of, .. } = shared;
        Ok(match kind {
            MeasureKind::RowCount => Self::Count,
            MeasureKind::Rows(predicate) => match Join::prepare(predicate, rules, plan, lookups, memory)? {
                Some(join) => Self::collect(join),
                None => Self::Rows(RowTest::prepare(predicate, rules, plan, lookups, as_of)?),
            },
            MeasureKind::DuplicateKeys(key) => Self::collect(RepeatedRows::of_key(key, rules, memory)?),
            MeasureKind::DuplicateRows { ignore } => Self::collect(RepeatedRows::of_rows(ignore, rules, memory)?),
            MeasureKind::Similar(similar) => Self::collect(SimilarRows::prepare(similar, rules, memory)?),
            MeasureKind::Grouped(Grouped::Determines { from, to, form, minority }) => {
                Self::collect(Determines::prepare((from, to), form, *minority, rules, memory)?)
            }
            MeasureKind::Grouped(Grouped::Anonymous { quasi_identifiers, k, sensitive, l }) => {
                Self::collect(Anonymous::prepare(quasi_identifiers, *k, sensitive, *l, rules, memory)?)
            }
            MeasureKind::Covered(covered) => Self::collect(Covering::prepare(covered, rules, plan, lookups, memory)?),
            MeasureKind::Continuous(continuous) => Self::collect(Gaps::prepare(continuous, rules, memory)?),
            MeasureKind::Entities(entities) => Self::collect(Graph::prepare(entities, rules, plan, lookups, memory)?),
            MeasureKind::Totals(totals) => Self::collect(Reconciling::prepare(totals, rules, plan, lookups, memory)?),
            MeasureKind::Figure(aggregate) => Self::Figure(Box::new(Figure::prepare(aggregate, rules, as_of, memory)?)),
            MeasureKind::Delays(delays) => Self::collect(Delayed::prepare(delays, rules, memory)?),
            MeasureKind::Outliers(outliers) => Self::Collect(outliers::prepare(outliers, rules, memory)?),
            MeasureKind::Distribution(wanted) => Self::Collect(steady::prepare(wanted, rules, memory)?),
            MeasureKind::Content { column } => Self::collect(Content::prepare(column, rules)?),
            MeasureKind::Columns => Self::Given(Given::Columns),
            MeasureKind::Framing => Self::Given(Given::Framing),
            MeasureKind::Digest => Self::Given(Given::Digest),
            MeasureKind::Uniform(test) => Self::collect(Uniform::prepare(test, rules, memory)?),
            MeasureKind::Detections(test) => Self::collect(Detections::prepare(test, rules, as_of)?),
        })
    }

    fn collect(measure: impl Accumulator + 'static) -> Self {
        Self::Collect(Box::new(measure))
    }
}

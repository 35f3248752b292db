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
pub(super) mod values;

use crate::model::{Expr, Grouped, MeasureKind, Predicate};

use crate::engine::local::accumulator::Accumulator;
use crate::engine::local::batch::column_rules::SectionRules;
use crate::engine::local::cost_model::nanoseconds as ns;
use crate::engine::local::cost_model::{CostModel, RowCost};
use crate::engine::local::lookups;
use crate::engine::local::lookups::join::Join;
use crate::engine::local::prepare_error::PrepareError;
use crate::engine::local::shared::Shared;

use aggregates::Figure;
use agrees::EntityGraph;
use anonymous::Anonymous;
use content::Content;
use continuous::Gaps;
use covers::Coverage;
use determines::Determines;
use duplicates::DuplicateRows;
use lag::Delays;
use personal_data::Detections;
use reconciles::GroupTotals;
use row_predicates::RowTest;
use similar::SimilarRows;
use uniform::Uniform;
use values::ColumnValues;

/// A measure made ready for the batches of its dataset.
pub(crate) enum Operator {
    Count,
    Rows(RowTest),
    /// Has its reading once all rows were seen.
    Collect(Box<dyn Accumulator>),
    Figure(Box<Figure>),
    /// Has its reading without looking at rows.
    Given(Given),
    /// Cannot be measured.
    Broken(PrepareError),
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
    fn choose(kind: &MeasureKind, rules: &SectionRules, shared: Shared<'_>) -> Result<Self, PrepareError> {
        let Shared { plan, lookups, compiled, memory, as_of, .. } = shared;
        Ok(match kind {
            MeasureKind::RowCount => Self::Count,
            MeasureKind::Rows(predicate) => match Join::prepare(predicate, rules, plan, lookups, memory)? {
                Some(join) => Self::collect(join),
                None => Self::Rows(RowTest::prepare(predicate, rules, plan, lookups, compiled, as_of)?),
            },
            MeasureKind::DuplicateKeys(key) => Self::collect(DuplicateRows::of_key(key, rules, memory)?),
            MeasureKind::DuplicateRows { ignore } => Self::collect(DuplicateRows::of_rows(ignore, rules, memory)?),
            MeasureKind::Similar(similar) => Self::collect(SimilarRows::prepare(similar, rules, memory)?),
            MeasureKind::Grouped(Grouped::Determines { from, to, form, minority }) => {
                Self::collect(Determines::prepare((from, to), form, *minority, rules, memory)?)
            }
            MeasureKind::Grouped(Grouped::Anonymous { quasi_identifiers, k, sensitive, l }) => {
                Self::collect(Anonymous::prepare(quasi_identifiers, *k, sensitive, *l, rules, memory)?)
            }
            MeasureKind::Covers(covered) => Self::collect(Coverage::prepare(covered, rules, plan, lookups, memory)?),
            MeasureKind::Continuous(continuous) => Self::collect(Gaps::prepare(continuous, rules, memory)?),
            MeasureKind::Entities(entities) => {
                Self::collect(EntityGraph::prepare(entities, rules, plan, lookups, memory)?)
            }
            MeasureKind::Reconciles(totals) => {
                Self::collect(GroupTotals::prepare(totals, rules, plan, lookups, memory)?)
            }
            MeasureKind::Figure(aggregate) => Self::Figure(Box::new(Figure::prepare(aggregate, rules, as_of, memory)?)),
            MeasureKind::Lag(delays) => Self::collect(Delays::prepare(delays, rules, memory)?),
            MeasureKind::Outliers(outliers) => Self::Collect(outliers::prepare(outliers, rules, memory)?),
            MeasureKind::Steady(wanted) => Self::Collect(steady::prepare(wanted, rules, memory)?),
            MeasureKind::Content { column } => Self::collect(Content::prepare(column, rules)?),
            MeasureKind::Values(wanted) => Self::collect(ColumnValues::prepare(wanted, rules)?),
            MeasureKind::Columns => Self::Given(Given::Columns),
            MeasureKind::Framing => Self::Given(Given::Framing),
            MeasureKind::Digest => Self::Given(Given::Digest),
            MeasureKind::Uniform(test) => Self::collect(Uniform::prepare(test, rules, memory)?),
            MeasureKind::PersonalData(test) => Self::collect(Detections::prepare(test, rules, as_of)?),
        })
    }

    fn collect(measure: impl Accumulator + 'static) -> Self {
        Self::Collect(Box::new(measure))
    }
}

/// The expression that a measure evaluates for each row. Other measures may have parts of it too.
#[deny(clippy::wildcard_enum_match_arm)]
pub(crate) fn expression(kind: &MeasureKind) -> Option<&Expr> {
    match kind {
        MeasureKind::Rows(Predicate::Holds(condition)) => Some(condition),
        MeasureKind::Figure(aggregate) => aggregate.value.as_ref(),
        MeasureKind::Rows(_)
        | MeasureKind::RowCount
        | MeasureKind::DuplicateKeys(_)
        | MeasureKind::DuplicateRows { .. }
        | MeasureKind::Similar(_)
        | MeasureKind::Grouped(_)
        | MeasureKind::Covers(_)
        | MeasureKind::Continuous(_)
        | MeasureKind::Entities(_)
        | MeasureKind::Reconciles(_)
        | MeasureKind::Lag(_)
        | MeasureKind::Outliers(_)
        | MeasureKind::Steady(_)
        | MeasureKind::Content { .. }
        | MeasureKind::Values(_)
        | MeasureKind::Uniform(_)
        | MeasureKind::PersonalData(_)
        | MeasureKind::Columns
        | MeasureKind::Framing
        | MeasureKind::Digest => None,
    }
}

/// What a measure costs for each row.
#[deny(clippy::wildcard_enum_match_arm)]
pub(crate) fn cost(kind: &MeasureKind, model: &CostModel<'_>) -> RowCost {
    match kind {
        MeasureKind::RowCount => (ns::ROW_SET, 0.0),
        MeasureKind::Rows(predicate) => row_predicates::cost(predicate, model),
        MeasureKind::DuplicateKeys(key) => duplicates::cost(&key.columns, model),
        MeasureKind::DuplicateRows { ignore } => duplicates::cost_of_rows(ignore, model),
        MeasureKind::Similar(similar) => similar::cost(similar),
        MeasureKind::Grouped(Grouped::Determines { from, to, form, .. }) => determines::cost((from, to), form, model),
        MeasureKind::Grouped(Grouped::Anonymous { quasi_identifiers, sensitive, .. }) => {
            anonymous::cost(quasi_identifiers, sensitive, model)
        }
        MeasureKind::Covers(covered) => covers::cost(covered, model),
        MeasureKind::Continuous(continuous) => continuous::cost(continuous, model),
        MeasureKind::Entities(entities) => agrees::cost(entities, model),
        MeasureKind::Reconciles(totals) => reconciles::cost(totals, model),
        MeasureKind::Figure(aggregate) => aggregates::cost(aggregate),
        MeasureKind::Lag(_) => lag::COST,
        MeasureKind::Outliers(outliers) => outliers::cost(outliers, model),
        MeasureKind::Steady(wanted) => steady::cost(wanted, model),
        MeasureKind::Content { .. } => content::COST,
        MeasureKind::Values(wanted) => values::cost(wanted, model),
        MeasureKind::Uniform(test) => uniform::cost(test, model),
        MeasureKind::PersonalData(test) => personal_data::cost(test, model),
        MeasureKind::Columns | MeasureKind::Framing => (0.0, 0.0),
        MeasureKind::Digest => (0.0, model.row_bytes * ns::DIGEST_BYTE),
    }
}

/// Words that a measure holds for each row while it takes in a batch.
#[deny(clippy::wildcard_enum_match_arm)]
pub(crate) fn words(kind: &MeasureKind) -> usize {
    match kind {
        MeasureKind::Rows(predicate) => row_predicates::words(predicate),
        MeasureKind::DuplicateKeys(_) | MeasureKind::DuplicateRows { .. } => duplicates::WORDS,
        MeasureKind::Similar(similar) => similar::words(similar),
        MeasureKind::Grouped(Grouped::Determines { .. }) => determines::WORDS,
        MeasureKind::Grouped(Grouped::Anonymous { sensitive, .. }) => anonymous::words(sensitive),
        MeasureKind::Covers(_) => covers::WORDS,
        MeasureKind::Continuous(_) => continuous::WORDS,
        MeasureKind::Entities(entities) => agrees::words(entities),
        MeasureKind::Reconciles(totals) => lookups::build::words(&totals.lookup),
        MeasureKind::Figure(_) => aggregates::WORDS,
        MeasureKind::Lag(_) => lag::WORDS,
        MeasureKind::Outliers(outliers) => outliers::words(outliers),
        MeasureKind::Steady(_) => steady::WORDS,
        // Bits, counts and codes, which are small beside the rows of a batch.
        MeasureKind::RowCount
        | MeasureKind::Content { .. }
        | MeasureKind::Values(_)
        | MeasureKind::Uniform(_)
        | MeasureKind::PersonalData(_)
        | MeasureKind::Columns
        | MeasureKind::Framing
        | MeasureKind::Digest => 0,
    }
}

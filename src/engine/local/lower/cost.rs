//! What a plan will cost, before a row is read.
//!
//! A small model: so many nanoseconds of a worker for each row, by what is asked of which type of column, and more for
//! longer text. It knows rows and the bytes of columns where files tell them (Parquet does); otherwise it takes a cell
//! for [`CELL_BYTES`] long and derives the rows from the size of the files. Only the proportions are meant to be right;
//! they are those of a profile of `rules/citizens-24.yaml` on a Parquet and a CSV export of 10 million rows. A profile of
//! one's own data (`audit --profile`) is always better.

use std::collections::{BTreeMap, BTreeSet};

use super::Pass;
use crate::model::{
    Aggregate, AggregateFunction, ComparisonForm, DataType, Expr, Extent, Grouped, Kept, KeySpec, LengthUnit, Lookup,
    MeasureKind, Predicate, ValueList,
};
use crate::plan::{Cost, Costs, Plan, SharedCost};

/// Bytes of a cell where nothing tells.
const CELL_BYTES: f64 = 10.0;

/// Rows of a dataset where not even the bytes tell, as with standard input.
const ROWS: f64 = 1_000_000.0;

/// Nanoseconds of a worker for each row, unless said otherwise.
mod nanoseconds {
    /// Decoding a cell of a typed column.
    pub(super) const DECODE: f64 = 1.5;
    /// Decoding a cell of text stored column by column; besides, for each byte.
    pub(super) const DECODE_TEXT: f64 = 18.0;
    pub(super) const DECODE_BYTE: f64 = 0.6;
    /// Splitting text into records, for each byte of a row, whichever columns are read.
    pub(super) const SPLIT_BYTE: f64 = 1.6;
    /// Keeping one cell of a record.
    pub(super) const SPLIT_CELL: f64 = 8.0;
    /// Telling whether a cell of text, or of another type, is missing.
    pub(super) const MISSING_TEXT: f64 = 2.0;
    pub(super) const MISSING_TYPED: f64 = 0.3;
    /// Taking over a typed cell.
    pub(super) const TYPED: f64 = 1.5;
    /// Reading text as a type.
    pub(super) const PARSE: f64 = 27.0;
    /// Keeping which records are clean.
    pub(super) const RECORDS: f64 = 0.2;
    /// Putting together sets of rows.
    pub(super) const ROW_SET: f64 = 0.1;
    /// Starting a pattern; besides, for each byte.
    pub(super) const PATTERN: f64 = 4.0;
    pub(super) const PATTERN_BYTE: f64 = 0.55;
    /// Looking a value up in a list.
    pub(super) const LISTED: f64 = 0.6;
    /// Comparing with bounds, text or another type.
    pub(super) const RANGE_TEXT: f64 = 4.0;
    pub(super) const RANGE_TYPED: f64 = 1.2;
    /// Counting characters, for each cell and byte.
    pub(super) const LENGTH: f64 = 4.5;
    pub(super) const LENGTH_BYTE: f64 = 0.05;
    /// Judging an identifier, telling a format; for each byte of a text that is looked through.
    pub(super) const IDENTIFIER: f64 = 25.0;
    pub(super) const FORMAT: f64 = 30.0;
    pub(super) const TEXT_BYTE: f64 = 1.0;
    /// One step of an expression: on values that are there, on text that must be made.
    pub(super) const STEP: f64 = 2.0;
    pub(super) const STEP_TEXT: f64 = 2.6;
    /// Making a key; besides, for each byte of text and for each part of another type.
    pub(super) const KEY: f64 = 2.0;
    pub(super) const KEY_BYTE: f64 = 0.5;
    pub(super) const KEY_PART: f64 = 15.0;
    /// Keeping a key to find repeats; later, sorting it among the others.
    pub(super) const KEEP_KEY: f64 = 6.0;
    pub(super) const SORT_KEY: f64 = 6.5;
    /// Running a row past the groups of its part.
    pub(super) const FOLD_ROW: f64 = 30.0;
    /// Finding a key among those of another dataset; building those.
    pub(super) const FIND_KEY: f64 = 4.0;
    pub(super) const BUILD_KEY: f64 = 30.0;
    /// Comparing one fact; folding its letters.
    pub(super) const FACT: f64 = 25.0;
    pub(super) const FOLD: f64 = 200.0;
    /// Working out a digest, for each stored byte.
    pub(super) const DIGEST_BYTE: f64 = 0.6;
    /// Comparing a row with the rows that may be like it.
    pub(super) const ALIKE: f64 = 30_000.0;
    /// Adding up a figure.
    pub(super) const FIGURE: f64 = 1.0;
    /// Adding to the exact total of a group.
    pub(super) const ADD: f64 = 10.0;
    /// Keeping a value of which the place among all counts; later, finding such places.
    pub(super) const KEEP_VALUE: f64 = 1.5;
    pub(super) const ORDER_VALUE: f64 = 4.0;
    /// Sorting a value within its group.
    pub(super) const SORT_GROUPED: f64 = 60.0;
}
use nanoseconds as ns;

/// Predicts what each part of a plan costs. Datasets without an extent count as of ordinary size.
pub(in crate::engine::local) fn predict(plan: &Plan, passes: &[Pass], extents: &BTreeMap<String, Extent>) -> Costs {
    let mut costs = Costs::of(plan);
    for pass in passes {
        let columns = plan.datasets.get(&pass.dataset).map_or(&[][..], |planned| planned.stored.as_slice());
        let unknown = Extent::default();
        let extent = extents.get(&pass.dataset).unwrap_or(&unknown);
        let model = Model::new(plan, pass, columns, extent);
        let at = |per_row: f64| whole(per_row * model.rows);
        let rows = whole(model.rows);
        let shared = costs.datasets.entry(pass.dataset.clone()).or_default();
        shared.rows += rows;
        // Opening a file costs something even where it has no rows, so the sum is never nothing.
        shared.reading += at(model.reading()) + 1;
        shared.columns += at(model.columns());
        shared.records += at(if pass.measures.is_empty() { 0.0 } else { ns::RECORDS });
        model.add_filters(shared);
        for measure in &pass.measures {
            let (batches, finishing) = model.measure(&plan.measures[*measure].kind);
            costs.measures[*measure] = Some(Cost { rows, batches: at(batches), finishing: at(finishing) });
        }
        for lookup in &pass.lookups {
            let batches = at(model.lookup(&plan.lookups[*lookup]));
            costs.lookups[*lookup] = Some(Cost { rows, batches, finishing: 0 });
        }
    }
    costs
}

/// More than any part of a plan costs; what goes beyond it (with sizes in a damaged footer) must not overflow sums.
const MOST: f64 = 1e14;

/// Whole nanoseconds.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "costs are small and never negative")]
fn whole(nanoseconds: f64) -> u64 {
    nanoseconds.clamp(0.0, MOST).round() as u64
}

/// What is known of a column.
#[derive(Debug, Clone, Copy)]
struct Known {
    /// The type in which it is stored.
    stored: DataType,
    /// The type in which rules see it.
    seen: DataType,
    /// Bytes of a cell.
    bytes: f64,
}

/// What a pass costs for each row.
struct Model<'a> {
    plan: &'a Plan,
    pass: &'a Pass,
    stored: &'a [(String, DataType)],
    is_text: bool,
    rows: f64,
    row_bytes: f64,
    known: BTreeMap<&'a str, Known>,
}

impl<'a> Model<'a> {
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    fn new(plan: &'a Plan, pass: &'a Pass, stored: &'a [(String, DataType)], extent: &Extent) -> Self {
        let width = stored.len().max(1) as f64;
        let bytes = extent.bytes as f64;
        let rows = match extent.rows {
            Some(rows) => rows as f64,
            None if extent.bytes == 0 => ROWS,
            None => (bytes / (width * CELL_BYTES)).max(1.0),
        };
        let planned = plan.datasets.get(&pass.dataset);
        let known = pass.columns.iter().filter_map(|name| {
            let (name, kept) = stored.iter().find(|(column, _)| column == name)?;
            let seen = planned.and_then(|dataset| dataset.columns.get(name)).map_or(*kept, |column| column.data_type);
            // Four bytes of each text tell its length.
            let told = extent.columns.get(name).map(|bytes| (*bytes as f64 / rows.max(1.0) - 4.0).max(1.0));
            Some((name.as_str(), Known { stored: *kept, seen, bytes: told.unwrap_or(CELL_BYTES) }))
        });
        let row_bytes = if extent.bytes == 0 { width * CELL_BYTES } else { bytes / rows.max(1.0) };
        Self { plan, pass, stored, is_text: extent.is_text, rows, row_bytes, known: known.collect() }
    }

    /// What is known of a column of the pass.
    fn of(&self, column: &str) -> Known {
        let text = Known { stored: DataType::Text, seen: DataType::Text, bytes: CELL_BYTES };
        self.known.get(column).copied().unwrap_or(text)
    }

    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    fn reading(&self) -> f64 {
        if self.is_text {
            return self.row_bytes * ns::SPLIT_BYTE + self.known.len() as f64 * ns::SPLIT_CELL;
        }
        let cell = |column: &Known| match column.stored {
            DataType::Text | DataType::Uuid => ns::DECODE_TEXT + column.bytes * ns::DECODE_BYTE,
            _ => ns::DECODE,
        };
        self.known.values().map(cell).sum()
    }

    /// Missing cells and parsed values of the columns that measures use.
    fn columns(&self) -> f64 {
        let measured = self.pass.measures.iter().flat_map(|at| self.plan.columns_of(&self.plan.measures[*at]));
        let looked = self.pass.lookups.iter().flat_map(|at| self.plan.lookups[*at].key.columns.iter().cloned());
        let used: BTreeSet<String> = measured.chain(looked).collect();
        let cost = |name: &String| {
            let column = self.of(name);
            let text = column.stored.is_textual();
            let missing = if text { ns::MISSING_TEXT } else { ns::MISSING_TYPED };
            let typed = match (column.seen.is_textual(), text) {
                (true, _) => 0.0,
                (false, true) => ns::PARSE,
                (false, false) => ns::TYPED,
            };
            missing + typed
        };
        used.iter().map(cost).sum()
    }

    fn add_filters(&self, shared: &mut SharedCost) {
        for measure in &self.pass.measures {
            let Some(filter) = &self.plan.measures[*measure].filter else { continue };
            if !shared.filters.iter().any(|(known, _)| known == filter) {
                shared.filters.push((filter.clone(), whole(expression(filter) * self.rows)));
            }
        }
    }

    /// What a measure costs batch by batch, and after the last.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    fn measure(&self, kind: &MeasureKind) -> (f64, f64) {
        match kind {
            MeasureKind::RowCount | MeasureKind::Content { .. } => (ns::ROW_SET, 0.0),
            MeasureKind::Rows(predicate) => (ns::ROW_SET + self.predicate(predicate), 0.0),
            MeasureKind::DuplicateKeys(key) => (self.key(key) + ns::KEEP_KEY, ns::SORT_KEY),
            MeasureKind::DuplicateRows { ignore } => {
                let columns = self.stored.iter().map(|(name, _)| name).filter(|name| !ignore.contains(name)).cloned();
                (self.key(&KeySpec { columns: columns.collect() }) + ns::KEEP_KEY, ns::SORT_KEY)
            }
            MeasureKind::Grouped(grouped) => self.grouped(grouped),
            MeasureKind::Continuous(continuous) => {
                (ns::STEP + self.key(&KeySpec { columns: continuous.by.clone() }) + ns::KEEP_KEY, ns::SORT_KEY)
            }
            MeasureKind::Covered(covered) => {
                (self.key(&KeySpec { columns: vec![covered.column.clone()] }) + ns::FIND_KEY, 0.0)
            }
            MeasureKind::Similar(similar) => (ns::FOLD * similar.columns().len() as f64, ns::ALIKE),
            MeasureKind::Figure(aggregate) => figure(aggregate),
            MeasureKind::Distribution(wanted) if self.of(&wanted.column).seen.is_textual() => {
                (ns::KEY + self.of(&wanted.column).bytes * ns::KEY_BYTE, 0.0)
            }
            MeasureKind::Distribution(_) => (ns::KEEP_VALUE + 2.0 * ns::FIGURE, 2.0 * ns::ORDER_VALUE),
            MeasureKind::Entities(entities) => {
                let facts = entities.facts.iter().map(|fact| self.fact(&fact.column, &fact.form));
                let others: f64 = entities.peers.iter().map(|_| ns::SORT_KEY).sum();
                (self.key(&entities.key) + ns::BUILD_KEY + facts.sum::<f64>(), ns::BUILD_KEY + others)
            }
            MeasureKind::Totals(totals) => (self.key(&totals.by) + ns::FIND_KEY + add_up(&totals.totals), 0.0),
            MeasureKind::Delays(_) => (2.0 * ns::STEP + ns::KEEP_VALUE, ns::ORDER_VALUE),
            MeasureKind::Outliers(outliers) if outliers.by.is_empty() => (ns::KEEP_VALUE, ns::ORDER_VALUE),
            MeasureKind::Outliers(outliers) => {
                let key = self.key(&KeySpec { columns: outliers.by.clone() });
                (key + ns::KEEP_KEY + ns::KEEP_VALUE, ns::SORT_GROUPED)
            }
            MeasureKind::Digest => (0.0, self.row_bytes * ns::DIGEST_BYTE),
            MeasureKind::Uniform(test) => (ns::FORMAT + self.of(&test.column).bytes * ns::TEXT_BYTE, ns::ROW_SET),
            MeasureKind::Detections(test) => (self.of(&test.column).bytes * ns::TEXT_BYTE, 0.0),
            MeasureKind::Columns | MeasureKind::Framing => (0.0, 0.0),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    fn predicate(&self, predicate: &Predicate) -> f64 {
        match predicate {
            Predicate::Present { columns, .. } => ns::ROW_SET * columns.len() as f64,
            Predicate::Readable { column, data_type, format } => {
                let column = self.of(column);
                // Only another type or format than the declared one is read apart.
                if format.is_none() && *data_type == column.seen { ns::ROW_SET } else { ns::PARSE }
            }
            Predicate::Matches { column, .. } => ns::PATTERN + self.of(column).bytes * ns::PATTERN_BYTE,
            Predicate::Listed { column, list, .. } => {
                let dated = matches!(list, ValueList::Codelist { at: Some(_), .. });
                let bytes = self.of(column).bytes * ns::KEY_BYTE;
                ns::LISTED + bytes + if dated { ns::LISTED } else { 0.0 }
            }
            Predicate::InRange { data_type, .. } if data_type.is_textual() => ns::RANGE_TEXT,
            Predicate::InRange { .. } => ns::RANGE_TYPED,
            Predicate::LengthIn { unit: LengthUnit::Bytes, .. } => ns::LENGTH,
            Predicate::LengthIn { column, .. } => ns::LENGTH + self.of(column).bytes * ns::LENGTH_BYTE,
            Predicate::InTime { .. } => 2.0 * ns::STEP,
            Predicate::Identifier(test) => ns::IDENTIFIER + self.of(&test.column).bytes * ns::TEXT_BYTE,
            Predicate::Tidy(test) => test.columns.iter().map(|name| self.of(name).bytes * ns::TEXT_BYTE).sum(),
            Predicate::Holds(expr) => expression(expr),
            Predicate::Found { key, .. } => self.key(key) + ns::FIND_KEY,
            Predicate::Agrees { key, compare, .. } => {
                let facts = compare.iter().map(|pair| self.fact(&pair.column, &pair.form));
                self.key(key) + ns::FIND_KEY + facts.sum::<f64>()
            }
        }
    }

    fn grouped(&self, grouped: &Grouped) -> (f64, f64) {
        match grouped {
            Grouped::Determines { from, to, form, .. } => {
                let right = match form {
                    ComparisonForm::Exact => self.key(to),
                    form => to.columns.iter().map(|column| self.fact(column, form)).sum(),
                };
                (self.key(from) + right + ns::KEEP_KEY, ns::FOLD_ROW)
            }
            Grouped::Anonymous { quasi_identifiers, sensitive, .. } => {
                let values = sensitive.iter().map(|column| self.fact(column, &ComparisonForm::Exact));
                (self.key(quasi_identifiers) + values.sum::<f64>() + ns::KEEP_KEY, ns::FOLD_ROW)
            }
        }
    }

    fn fact(&self, column: &str, form: &ComparisonForm) -> f64 {
        let bytes = self.of(column).bytes * ns::KEY_BYTE;
        match form {
            ComparisonForm::Exact | ComparisonForm::Tolerance(_) => ns::FACT + bytes,
            ComparisonForm::Nfc | ComparisonForm::Folded => ns::FOLD + bytes,
        }
    }

    fn key(&self, key: &KeySpec) -> f64 {
        let part = |name: &String| {
            let column = self.of(name);
            if column.seen.is_textual() { column.bytes * ns::KEY_BYTE } else { ns::KEY_PART }
        };
        ns::KEY + key.columns.iter().map(part).sum::<f64>()
    }

    fn lookup(&self, lookup: &Lookup) -> f64 {
        let filter = lookup.filter.as_ref().map_or(0.0, expression);
        let facts = lookup.facts.iter().map(|fact| self.fact(&fact.column, &fact.form));
        let kept = match &lookup.kept {
            Kept::Keys | Kept::DoubtfulKeys | Kept::Rows => ns::BUILD_KEY,
            Kept::Totals(totals) => ns::FIND_KEY + add_up(totals),
        };
        self.key(&lookup.key) + kept + filter + facts.sum::<f64>()
    }
}

/// What adding up totals by group costs.
fn add_up(totals: &[Aggregate]) -> f64 {
    totals.iter().map(|total| ns::ADD + figure(total).0).sum()
}

/// What a figure costs batch by batch, and after the last.
fn figure(aggregate: &Aggregate) -> (f64, f64) {
    let of = |value: &Expr| match value {
        Expr::Column { .. } => 0.0,
        value => expression(value),
    };
    let value = ns::FIGURE + aggregate.value.iter().chain(&aggregate.other).map(of).sum::<f64>();
    match aggregate.function {
        AggregateFunction::Distinct | AggregateFunction::DistinctShare => {
            (value + ns::KEY + ns::KEEP_KEY, ns::SORT_KEY)
        }
        AggregateFunction::Median | AggregateFunction::Quantile(_) => (value + ns::KEEP_VALUE, ns::ORDER_VALUE),
        AggregateFunction::Stddev | AggregateFunction::Correlation => (value + 2.0 * ns::FIGURE, 0.0),
        _ => (value, 0.0),
    }
}

/// What an expression costs: every step, and more where it makes text.
fn expression(expr: &Expr) -> f64 {
    let all = |parts: &[&Expr]| parts.iter().map(|part| expression(part)).sum::<f64>();
    match expr {
        Expr::Column { .. } | Expr::Literal(_) | Expr::Figure { .. } => 0.0,
        Expr::Not(inner) | Expr::Negate(inner) => ns::ROW_SET + all(&[inner]),
        Expr::And(left, right) | Expr::Or(left, right) => ns::ROW_SET + all(&[left, right]),
        Expr::Compare { left, right, .. } | Expr::Arithmetic { left, right, .. } => {
            step(left.data_type()) + all(&[left, right])
        }
        Expr::In { value, .. } => step(value.data_type()) + all(&[value]),
        Expr::IsNull { value, .. } => ns::ROW_SET + all(&[value]),
        Expr::Like { value, .. } => ns::PATTERN + all(&[value]),
        Expr::Cast { value, .. } => ns::PARSE + all(&[value]),
        Expr::Case { branches, otherwise, .. } => {
            let branches: f64 = branches.iter().map(|(when, then)| all(&[when, then])).sum();
            ns::STEP + branches + otherwise.as_deref().map_or(0.0, expression)
        }
        Expr::Call { args, .. } => ns::STEP_TEXT + args.iter().map(expression).sum::<f64>(),
    }
}

/// One step of an expression on values of this type.
fn step(data_type: Option<DataType>) -> f64 {
    if data_type.is_some_and(DataType::is_textual) { ns::STEP_TEXT } else { ns::STEP }
}

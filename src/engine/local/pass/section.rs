//! Measures and lookups of a pass that share columns.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Mutex, PoisonError};

use crate::engine::local::lower::{self, Pass};
use crate::model::{Expr, UnparseableTally};
use crate::plan::{Parsing, Plan, PlannedColumn};
use crate::source::{Batch, Bits, Block};

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{ColumnRules, SectionRules};
use crate::engine::local::batch::different::Different;
use crate::engine::local::batch::unparseable::Diagnosis;
use crate::engine::local::lookups::build::Builder;
use crate::engine::local::measures;
use crate::engine::local::pass::early_stop::EarlyStop;
use crate::engine::local::pass::filters::Filters;
use crate::engine::local::pass::findings::{BatchFindings, Findings};
use crate::engine::local::pass::group_by::GroupBy;
use crate::engine::local::pass::measure_run::MeasureRun;
use crate::engine::local::pass::value_codes::ValueCodes;
use crate::engine::local::prepare_error::PrepareError;
use crate::engine::local::profile::{Clock, Span, Work};
use crate::engine::local::shared::Shared;
use crate::engine::local::spill::chunks::Chunks;

/// Measures and lookups of a pass that share columns, made ready for the batches of their dataset.
pub(super) struct Section {
    /// Positions in the scan.
    pub(super) columns: Vec<usize>,
    pub(super) rules: SectionRules,
    pub(super) filters: Filters,
    pub(super) group_bys: Vec<GroupBy>,
    pub(super) measure_runs: Vec<MeasureRun>,
    /// With their places in the pass.
    pub(super) builders: Vec<(usize, Result<Builder, PrepareError>)>,
    /// Of each column that no section before this one reads, why cells are unparseable.
    pub(super) parsings: Vec<(Parsing, Diagnosis, Mutex<UnparseableTally>)>,
    /// What failing rows are counted by, of each column that no section before this one reads.
    pub(super) codes: Vec<ValueCodes>,
}

/// What all sections share of a batch.
pub(super) struct SeenBatch {
    pub(super) number: u32,
    /// The batch without its columns.
    pub(super) head: Batch,
    /// Whether it comes before the end of the pass.
    pub(super) admitted: bool,
    /// Rows that have a fault.
    pub(super) unclean: Bits,
}

impl SeenBatch {
    pub(super) fn new(number: u32, head: Batch, early_stop: &EarlyStop) -> Self {
        let unclean = head.malformed_rows();
        Self { number, admitted: early_stop.admits(head.place), unclean, head }
    }
}

impl Section {
    /// Prepares the sections of a pass, whose failing rows are counted by some columns.
    pub(super) fn prepare(
        pass: &Pass,
        counted: &BTreeMap<String, PlannedColumn>,
        shared: Shared<'_>,
    ) -> Result<Vec<Self>, PrepareError> {
        let planned = shared.plan.datasets.get(&pass.dataset).ok_or(PrepareError::UnplannedDataset)?;
        // Only where columns are added, all are gathered anew.
        let mut all_columns = Cow::Borrowed(&planned.columns);
        if !counted.is_empty() {
            let further = counted.iter().filter(|(name, _)| !planned.columns.contains_key(*name));
            all_columns.to_mut().extend(further.map(|(name, column)| (name.clone(), column.clone())));
        }
        let mut numbers = 0..;
        let mut uncoded: BTreeSet<&String> = counted.keys().collect();
        let places = |of: &[usize]| of.iter().enumerate().map(|(place, at)| (*at, place)).collect::<BTreeMap<_, _>>();
        let (of_measures, of_lookups) = (places(&pass.measures), places(&pass.lookups));
        let place = |of: &BTreeMap<usize, usize>, wanted| of.get(wanted).copied().unwrap_or_default();
        let of_columns: BTreeMap<&String, usize> = (pass.columns.iter().zip(0..)).collect();
        let mut sections: Vec<Self> = Vec::with_capacity(pass.sections.len());
        let mut all_parsings = shared.plan.parsings(&pass.dataset);
        for section in &pass.sections {
            let rules = SectionRules::prepare(&section.columns, &all_columns, conditions(section, shared.plan))?;
            let columns = section.columns.iter().map(|name| of_columns.get(name).copied());
            let columns = columns.collect::<Option<_>>().ok_or(PrepareError::SectionColumn)?;
            let first = sections.last().map_or(0, |section| section.filters.first + section.filters.compiled.len());
            let mut filters = Filters { first, exprs: Different::default(), compiled: Vec::new() };
            let measure_runs = section.measures.iter().map(|measure| {
                let for_records = planned.record_rules.contains(measure);
                let at = place(&of_measures, measure);
                MeasureRun::prepare((*measure, at), &rules, for_records, &mut filters, shared)
            });
            let mut measure_runs: Vec<MeasureRun> = measure_runs.collect();
            let group_bys = group_bys(&mut measure_runs, &rules, shared)?;
            let builders = section.lookups.iter().map(|lookup| {
                let builder = Builder::prepare(&shared.plan.lookups[*lookup], &rules, shared.as_of, shared.memory);
                (place(&of_lookups, lookup), builder)
            });
            let builders = builders.collect();
            let at = |parsing: &Parsing| section.columns.iter().position(|name| *name == parsing.column);
            let parsings = all_parsings.extract_if(.., |parsing| at(parsing).is_some()).map(|parsing| {
                let column = planned.columns.get(&parsing.column);
                let (Some(at), Some(column)) = (at(&parsing), column) else { return Err(PrepareError::SectionColumn) };
                let diagnosis = Diagnosis::prepare(&parsing, at, column)?;
                Ok((parsing, diagnosis, Mutex::default()))
            });
            let parsings = parsings.collect::<Result<_, PrepareError>>()?;
            let mut codes = Vec::new();
            for (at, name) in section.columns.iter().enumerate().filter(|(_, name)| uncoded.remove(name)) {
                codes.extend(ValueCodes::of_column((at, name), rules[at].data_type, &mut numbers));
            }
            sections.push(Self { columns, rules, filters, group_bys, measure_runs, builders, parsings, codes });
        }
        Ok(sections)
    }

    /// Takes in the columns of a block and gives, batch by batch, the rows that are not clean. `None` where a column cannot be
    /// unpacked.
    ///
    /// # Errors
    /// Where keys must be spilled and cannot be written.
    pub(super) fn take_in(
        &self,
        mut block: Block,
        seen: &[SeenBatch],
        (findings, codes): (Option<&Findings>, Option<&Chunks>),
        clock: Option<&Clock>,
    ) -> io::Result<Option<Vec<Bits>>> {
        if self.is_done() {
            return Ok(Some(seen.iter().map(|seen| Bits::none(seen.head.rows)).collect()));
        }
        let all: Vec<usize> = (0..self.columns.len()).collect();
        let Some(batches) = block.take(&all) else { return Ok(None) };
        let mut failed = Vec::with_capacity(seen.len());
        for (batch, seen) in batches.into_iter().zip(seen) {
            let unclean = if seen.admitted {
                self.measure(&batch, seen.number, (findings, codes), clock)?
            } else {
                Bits::none(batch.rows)
            };
            failed.push(unclean);
        }
        Ok(Some(failed))
    }

    /// Measures a batch; gives the rows that are not clean.
    ///
    /// # Errors
    /// Where keys must be spilled and cannot be written.
    fn measure(
        &self,
        batch: &Batch,
        number: u32,
        (findings, codes): (Option<&Findings>, Option<&Chunks>),
        clock: Option<&Clock>,
    ) -> io::Result<Bits> {
        let mut span = Span::begin(clock);
        let cells = Cells::new(batch, &self.rules);
        let scopes = self.filters.evaluate(&cells, &mut span);
        let groups = self.group_bys.iter().map(|group_by| group_by.take_in(number, &cells));
        let groups = groups.collect::<io::Result<Vec<_>>>()?;
        let mut unclean = Bits::none(batch.rows);
        let mut found = BatchFindings::default();
        for measure_run in &self.measure_runs {
            let finds = findings.map(|findings| (findings, &mut found));
            if let Some(failed) = measure_run.measure(batch, number, &cells, &scopes, &groups, finds)?
                && measure_run.for_records
            {
                unclean = unclean.or(&failed);
            }
            span.book(Work::Measure(measure_run.at));
        }
        for (at, builder) in &self.builders {
            if let Ok(builder) = builder {
                builder.extend(&cells)?;
                span.book(Work::Lookup(*at));
            }
        }
        for (_, diagnosis, all) in &self.parsings {
            let tally = diagnosis.count(&cells);
            all.lock().unwrap_or_else(PoisonError::into_inner).merge(tally);
        }
        if let Some(findings) = findings {
            findings.enter(batch.place, found)?;
        }
        if let Some(store) = codes {
            let mut chunk = Vec::new();
            self.codes.iter().for_each(|codes| codes.put(&cells, &mut chunk));
            store.extend(batch.place, chunk)?;
        }
        Ok(unclean)
    }

    /// Whether nothing is left to do: its columns are read for codes alone, and have too many values.
    fn is_done(&self) -> bool {
        !self.codes.is_empty()
            && self.measure_runs.is_empty()
            && self.builders.is_empty()
            && self.codes.iter().all(ValueCodes::has_too_many)
    }
}

/// The groups of rows for measures with a `segment`; measures by the same columns share them.
fn group_bys(
    measure_runs: &mut [MeasureRun],
    rules: &[ColumnRules],
    shared: Shared<'_>,
) -> Result<Vec<GroupBy>, PrepareError> {
    let mut group_bys: Vec<GroupBy> = Vec::new();
    for measure_run in measure_runs {
        let names = &shared.plan.measures[measure_run.measure].segment;
        if names.is_empty() {
            continue;
        }
        let known = group_bys.iter().position(|group_by| group_by.is_by(names));
        if known.is_none() {
            group_bys.push(GroupBy::prepare(names, rules, shared.memory)?);
        }
        let at = known.unwrap_or(group_bys.len() - 1);
        if measure_run.is_answered_later() {
            group_bys[at].keep();
        }
        measure_run.segment = Some(at);
    }
    Ok(group_bys)
}

/// The conditions of the measures and lookups of a section.
fn conditions<'p>(section: &'p lower::Section, plan: &'p Plan) -> impl Iterator<Item = &'p Expr> {
    let measures = section.measures.iter().flat_map(|at| {
        let measure = &plan.measures[*at];
        measures::expression(&measure.kind).into_iter().chain(&measure.filter)
    });
    measures.chain(section.lookups.iter().filter_map(|at| plan.lookups[*at].filter.as_ref()))
}

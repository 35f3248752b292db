//! Why rules with a `where` measured nothing: whether a row meets it, and what its columns hold instead.
//!
//! Only for such rules the columns of their `where` are read once more. All other audits cost nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::prepare::Prepared;
use crate::engine::{Engine, Execution, Limits, Progress, Request, Want, Watch};
use crate::judge::{AbsentLiteral, Unmet, Verdict};
use crate::model::{
    CompareOp, DataType, Expr, Measure, MeasureKind, Predicate, Reading, SegmentValue, Status, Value, nearest,
};
use crate::plan::build;
use crate::rules::BoundRule;

/// The position of a rule that measured nothing, its `where`, and the columns in it with the texts that they are compared with.
type Unexplained<'e> = (usize, &'e Expr, Vec<(String, String)>);

/// Gives rules that measured nothing the reason that lies in their `where`.
pub(super) fn explain(
    prepared: &Prepared,
    engine: &dyn Engine,
    limits: Limits,
    progress: &dyn Progress,
    (execution, verdicts): (&Execution, &mut [Verdict]),
) {
    let has_rows = |dataset: &str| execution.facts(dataset).is_some_and(|facts| facts.rows > 0);
    let wanted: Vec<Unexplained<'_>> = prepared
        .bound
        .iter()
        .zip(&*verdicts)
        .enumerate()
        .filter(|(_, (_, verdict))| verdict.status == Status::NotMeasured && verdict.reason.is_none())
        .filter_map(|(at, (bound, _))| {
            let filter = bound.filter.as_ref().filter(|_| has_rows(&bound.rule.dataset))?;
            Some((at, filter, literals(filter)))
        })
        .collect();
    if wanted.is_empty() {
        return;
    }
    let questions: Vec<BoundRule> = wanted
        .iter()
        .map(|(at, filter, literals)| {
            let bound = &prepared.bound[*at];
            let dataset = bound.rule.dataset.as_str();
            let rows = Measure::new(dataset, Some((*filter).clone()), MeasureKind::RowCount);
            let columns: BTreeSet<&String> = literals.iter().map(|(column, _)| column).collect();
            let columns = columns.into_iter().filter(|column| !is_personal(prepared, dataset, column));
            let values = columns.map(|column| values_of(dataset, column));
            let mut question = bound.clone();
            question.measures = Ok(std::iter::once(rows).chain(values).collect());
            question
        })
        .collect();
    let suite = &prepared.written.suite;
    let planned = build(suite, &questions, &prepared.opened, &|measure| engine.supports(measure));
    let request = Request {
        plan: planned.plan.clone(),
        samples: BTreeMap::new(),
        most_failures: None,
        want: Want { failing_rows: 0, rows: None, counts: None, profile: false },
        limits,
    };
    let watch = Watch { progress: &Unseen(progress), stop: None, evidence: None };
    let execution = engine.execute(&request, &prepared.opened.datasets, watch);
    for ((at, _, literals), measures) in wanted.iter().zip(&planned.rule_measures) {
        let Some(Ok(Reading::Count { rows, .. })) = measures.first().map(|measure| execution.reading(*measure)) else {
            continue;
        };
        // A column that was not asked about, or has too many values, says nothing.
        let held = |column: &str| {
            let measure = measures.iter().find(|measure| {
                planned
                    .plan
                    .measures
                    .get(**measure)
                    .is_some_and(|measure| measure.segment.iter().any(|of| of == column))
            })?;
            let groups = execution.segments.get(measure)?.as_ref().ok()?;
            let values = groups.iter().filter_map(|group| match group.values.first()? {
                SegmentValue::Value(value) => Some(value.as_str()),
                SegmentValue::Missing | SegmentValue::Unreadable => None,
            });
            Some(values.collect::<Vec<&str>>())
        };
        let absent = literals.iter().filter_map(|(column, text)| {
            let held = held(column)?;
            (!held.contains(&text.as_str())).then(|| AbsentLiteral {
                column: column.clone(),
                literal: text.clone(),
                nearest: nearest(text, held).map(str::to_owned),
            })
        });
        let unmet = Unmet { rows: *rows, absent: absent.collect() };
        verdicts[*at].reason = Some(unmet.reason(&prepared.bound[*at]));
    }
}

/// All rows by the values of a column.
fn values_of(dataset: &str, column: &str) -> Measure {
    let present = Predicate::Present { columns: vec![column.to_owned()], any: false };
    Measure { segment: vec![column.to_owned()], ..Measure::new(dataset, None, MeasureKind::Rows(present)) }
}

/// Whether a column is declared personal, or its name promises it.
fn is_personal(prepared: &Prepared, dataset: &str, column: &str) -> bool {
    let declared = prepared.written.suite.datasets.iter().find(|known| known.name == dataset);
    declared.is_none_or(|dataset| dataset.is_personal(column))
}

/// The texts that a condition compares columns with, where it can only be true if they occur.
fn literals(condition: &Expr) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(condition, &mut found);
    found
}

fn collect(condition: &Expr, found: &mut Vec<(String, String)>) {
    let mut add = |column: &Expr, value: &Value| {
        if let (Expr::Column { name, data_type: DataType::Text }, Value::Text(text)) = (column, value) {
            let pair = (name.clone(), text.clone());
            if !found.contains(&pair) {
                found.push(pair);
            }
        }
    };
    match condition {
        Expr::And(left, right) | Expr::Or(left, right) => {
            collect(left, found);
            collect(right, found);
        }
        Expr::Compare { op: CompareOp::Equal, left, right } => match (&**left, &**right) {
            (column, Expr::Literal(value)) | (Expr::Literal(value), column) => add(column, value),
            _ => {}
        },
        Expr::In { value, list, negated: false } => list.iter().for_each(|text| add(value, text)),
        _ => {}
    }
}

/// A progress that is not shown, and may be stopped.
struct Unseen<'a>(&'a dyn Progress);

impl Progress for Unseen<'_> {
    fn begin(&self, _: &str, _: &str, _: u64) {}
    fn advance(&self, _: &str, _: u64) {}
    fn end(&self, _: &str) {}
    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

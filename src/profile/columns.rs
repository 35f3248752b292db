//! What is asked of each column, and what the answers say.

use std::collections::BTreeMap;

use crate::engine::Execution;
use crate::identifiers::Context;
use crate::identify::null_word;
use crate::model::{
    Aggregate, AggregateFunction, Continuous, DataType, Evidence, Expr, FrequentValue, FrequentValues, Grouping,
    IdentifiedKind, IdentifierTest, KeySpec, LEAST_SHOWN, Measure, MeasureKind, Parts, Predicate, ProfiledColumn,
    ProfiledDays, ProfiledKind, ProfiledLengths, Reading as Measured, ReadsAs, SHAPES_SHOWN, ShapeReport, ShapeTally,
    ShapesReport, Steady, Step, TidyTest, Unmeasured, VALUES_SHOWN, Value, ValueTally, Values,
};
use crate::model::{LEAST_SHAPE_VALUES, OtherShapes};
use crate::plan::PlannedColumn;
use crate::rules::Dataset;
use crate::scalar::{DateFormat, NumberFormat, canonical, parse_value};
use crate::source::SourceColumn;
use crate::text::Fault;

use super::ColumnDetails;
use super::look::LookedAt;
use super::numbers::{is_ordered, of_parts, of_values};
use super::personal::personal;
use super::questions::Questions;
use super::reads::Reading;

/// A column of text with at most as many different values among those that were looked at is expected to have few in all.
const FEW_TEXTS: usize = 1_000;

/// The same of other columns.
const FEW: usize = 8_000;

/// How many more different numbers or dates than texts are counted one by one: they are small.
const MORE_NUMBERS: u32 = 10;

/// How many kinds of identifiers are counted in all rows.
const KINDS_COUNTED: usize = 2;

/// What is asked of one column: positions of measures.
#[derive(Debug)]
pub(super) struct Asked {
    values: usize,
    keys: Option<usize>,
    readable: Option<usize>,
    /// Parts between quantiles, the least, the greatest.
    numbers: Option<[usize; 3]>,
    tidy: Option<usize>,
    kinds: Vec<(usize, usize)>,
    days: Option<usize>,
}

/// A column of a dataset whose rows are counted.
pub(super) struct Subject<'a> {
    pub(super) dataset: &'a str,
    pub(super) column: &'a SourceColumn,
    pub(super) looked_at: &'a LookedAt,
    pub(super) planned: &'a PlannedColumn,
    pub(super) declared: Option<&'a Dataset>,
}

impl Subject<'_> {
    fn measure(&self, kind: MeasureKind) -> Measure {
        Measure::new(self.dataset, None, kind)
    }

    fn name(&self) -> String {
        self.column.name.clone()
    }

    fn is_text(&self) -> bool {
        self.column.data_type.is_some_and(DataType::is_textual)
    }

    /// Asks what the column holds; of a sample nothing that needs all rows.
    pub(super) fn ask(&self, most: u32, is_sample: bool, questions: &mut Questions) -> Asked {
        let data_type = self.planned.data_type;
        let mut ask = |kind: MeasureKind| questions.ask(self.measure(kind));
        let extreme = |function: AggregateFunction| {
            let value = Some(Expr::Column { name: self.name(), data_type });
            MeasureKind::Figure(Aggregate { function, value, other: None, data_type })
        };
        let steady = || Steady { column: self.name(), suite: String::new(), against: Parts::Nothing };
        let is_stored_as_text = self.is_text();
        let few = if is_stored_as_text { FEW_TEXTS } else { FEW };
        let most = if is_stored_as_text { most } else { most.saturating_mul(MORE_NUMBERS) };
        let has_many = self.looked_at.values.len() > few;
        // A number of digits alone says little.
        let is_evident = |kind: &IdentifiedKind| kind.likely && kind.evidence > Evidence::Weak;
        let kinds = self.looked_at.identified.kinds.iter().enumerate().filter(|(_, kind)| is_evident(kind));
        let test = |kind: &str| IdentifierTest {
            column: self.name(),
            kind: kind.to_owned(),
            foreign_births: false,
            born: None,
            sex: None,
            province: None,
        };
        Asked {
            values: ask(MeasureKind::Values(Values { column: self.name(), most })),
            keys: (has_many && !is_sample)
                .then(|| ask(MeasureKind::DuplicateKeys(KeySpec { columns: vec![self.name()] }))),
            readable: (self.is_text() && data_type != DataType::Text).then(|| {
                let format = self.planned.format.clone();
                ask(MeasureKind::Rows(Predicate::Readable { column: self.name(), data_type, format }))
            }),
            numbers: (has_many && is_ordered(data_type)).then(|| {
                [
                    ask(MeasureKind::Steady(steady())),
                    ask(extreme(AggregateFunction::Min)),
                    ask(extreme(AggregateFunction::Max)),
                ]
            }),
            tidy: self.is_text().then(|| {
                let faults = Fault::NAMES.iter().map(|name| (*name).to_owned()).collect();
                ask(MeasureKind::Rows(Predicate::Tidy(TidyTest { columns: vec![self.name()], faults })))
            }),
            kinds: kinds
                .take(KINDS_COUNTED)
                .map(|(at, kind)| (at, ask(MeasureKind::Rows(Predicate::Identifier(test(&kind.kind))))))
                .collect(),
            days: (data_type == DataType::Date && !is_sample).then(|| {
                ask(MeasureKind::Continuous(Continuous {
                    column: self.name(),
                    every: Step::Day,
                    by: Vec::new(),
                    from: None,
                    until: None,
                }))
            }),
        }
    }

    /// What the answers say.
    pub(super) fn answer(
        &self,
        asked: &Asked,
        execution: &Execution,
        context: Context,
    ) -> (ProfiledColumn, ColumnDetails) {
        let looked_at = &self.looked_at.identified;
        let mut column = ProfiledColumn {
            name: self.name(),
            stored: self.column.stored.clone(),
            placeholders_looked_at: looked_at.placeholders,
            faults_looked_at: looked_at.faults.clone(),
            ..ProfiledColumn::default()
        };
        let tally = match execution.reading(asked.values) {
            Ok(Measured::Values(tally)) => tally.clone(),
            Ok(_) => ValueTally::default(),
            Err(problem) => {
                column.not_read = Some(problem.to_string());
                return (column, ColumnDetails::default());
            }
        };
        (column.missing, column.unreadable, column.values) = (tally.missing, tally.unreadable, tally.values);
        let is_personal = personal(self.declared, looked_at, &self.looked_at.values, context);
        column.personal.clone_from(&is_personal);
        column.reads_as = self.reads_as(asked, execution, &tally);
        let stand_ins = stand_ins(self, &tally);
        if is_personal.is_none() {
            match stand_ins {
                Some(words) => column.stand_ins = words,
                None => column.stand_ins_looked_at = looked_at.stand_in_words.clone(),
            }
        }
        let read = |text: &str| self.parse(text);
        (column.distinct, column.once) = self.distinct(asked, execution, tally.counts.as_ref());
        if is_personal.is_none() {
            column.numbers = self.numbers(asked, execution, tally.counts.as_ref(), &read);
            column.frequent = tally.counts.as_ref().and_then(frequent);
        }
        column.lengths = tally.lengths.map(|(least, greatest)| ProfiledLengths { least, greatest });
        column.shapes = shapes(&column.name, &tally.shapes);
        column.faulty = asked.tidy.map_or(0, |at| failed(execution.reading(at)));
        column.kinds = asked.kinds.iter().filter_map(|(kind, at)| self.kind(*kind, execution.reading(*at))).collect();
        column.days = asked.days.and_then(|at| match execution.reading(at) {
            Ok(Measured::Points(tally)) => Some(ProfiledDays { expected: tally.expected?, found: tally.found }),
            _ => None,
        });
        let details = ColumnDetails { counts: tally.counts, shapes: tally.shapes };
        (column, details)
    }

    /// A text of the column in the type in which it is parsed.
    fn parse(&self, text: &str) -> Option<Value> {
        let PlannedColumn { data_type, format, notation, .. } = self.planned;
        let format = format.as_ref().and_then(|format| DateFormat::compile(format).ok());
        match NumberFormat::of(notation).filter(|_| data_type.is_numeric()) {
            Some(numbers) => {
                numbers.plain(text, &mut String::new()).and_then(|text| parse_value(text, *data_type, None))
            }
            None => parse_value(text, *data_type, format.as_ref()),
        }
    }

    fn reads_as(&self, asked: &Asked, execution: &Execution, tally: &ValueTally) -> Option<ReadsAs> {
        if tally.values == 0 {
            return None;
        }
        let Reading { or_format, .. } = &self.looked_at.reads;
        let PlannedColumn { data_type, format, notation, .. } = self.planned;
        let (values, others) = match asked.readable.map(|at| execution.reading(at)) {
            None => (tally.values, 0),
            Some(Ok(Measured::Rows(rows))) => (rows.passed, rows.failed),
            Some(_) => return None,
        };
        let thousands = match notation.thousands {
            None | Some(Grouping::None) => None,
            Some(Grouping::Space) => Some("space".to_owned()),
            Some(Grouping::Apostrophe) => Some("'".to_owned()),
            Some(Grouping::Sign(sign)) => Some(sign.to_string()),
        };
        Some(ReadsAs {
            data_type: *data_type,
            format: format.as_ref().map(|format| format.formats.join(" or ")),
            or_format: or_format.clone(),
            decimal: notation.decimal.map(String::from),
            thousands,
            values,
            others,
        })
    }

    /// How many different values there are, and how many of them are in one row.
    fn distinct(
        &self,
        asked: &Asked,
        execution: &Execution,
        counts: Option<&BTreeMap<String, u64>>,
    ) -> (Option<u64>, Option<u64>) {
        if let Some(Ok(Measured::Duplicates(tally))) = asked.keys.map(|at| execution.reading(at)) {
            return (Some(tally.evaluated - tally.surplus), Some(tally.evaluated - tally.duplicated));
        }
        let Some(counts) = counts else { return (None, None) };
        let mut typed: BTreeMap<String, u64> = BTreeMap::new();
        for (text, rows) in counts {
            let value = if self.is_text() && self.planned.data_type != DataType::Text {
                self.parse(text).map(|value| canonical(&value).into_owned())
            } else {
                Some(text.clone())
            };
            if let Some(value) = value {
                *typed.entry(value).or_default() += rows;
            }
        }
        let once = typed.values().filter(|rows| **rows == 1).count();
        (Some(typed.len() as u64), Some(once as u64))
    }

    fn numbers(
        &self,
        asked: &Asked,
        execution: &Execution,
        counts: Option<&BTreeMap<String, u64>>,
        read: &dyn Fn(&str) -> Option<Value>,
    ) -> Option<crate::model::ProfiledNumbers> {
        if !is_ordered(self.planned.data_type) {
            return None;
        }
        if let Some(counts) = counts {
            return of_values(counts, read);
        }
        let [parts, least, greatest] = asked.numbers?;
        let figure = |at: usize| match execution.reading(at) {
            Ok(Measured::Figure { value, .. }) if *value != Value::Null => Some(value),
            _ => None,
        };
        let Ok(Measured::Distribution(tally)) = execution.reading(parts) else { return None };
        let plain = |text: &str| parse_value(text, self.planned.data_type, None);
        Some(of_parts(tally.numbers.as_ref()?, (figure(least)?, figure(greatest)?), &plain))
    }

    fn kind(&self, at: usize, reading: Result<&Measured, &Unmeasured>) -> Option<ProfiledKind> {
        let Ok(Measured::Rows(rows)) = reading else { return None };
        let looked_at = self.looked_at.identified.kinds.get(at)?.clone();
        Some(ProfiledKind { looked_at, all_passed: rows.passed, all_failed: rows.failed })
    }
}

/// Rows that fail.
fn failed(reading: Result<&Measured, &Unmeasured>) -> u64 {
    match reading {
        Ok(Measured::Rows(rows)) => rows.failed,
        _ => 0,
    }
}

/// Words that mean "no value", with their rows, where all values were counted.
fn stand_ins(subject: &Subject<'_>, tally: &ValueTally) -> Option<BTreeMap<String, u64>> {
    let counts = tally.counts.as_ref()?;
    let mut words: BTreeMap<String, u64> = BTreeMap::new();
    if subject.is_text() {
        for (text, rows) in counts {
            if let Some(word) = null_word(text) {
                *words.entry(word).or_default() += rows;
            }
        }
    }
    Some(words)
}

/// The most frequent values; `None` where there is none.
fn frequent(counts: &BTreeMap<String, u64>) -> Option<FrequentValues> {
    let mut values: Vec<(&String, u64)> = counts.iter().map(|(value, rows)| (value, *rows)).collect();
    if values.is_empty() {
        return None;
    }
    // Of equally frequent values the first in the order of texts.
    values.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
    let shown = values.iter().take(VALUES_SHOWN).take_while(|(_, rows)| *rows >= LEAST_SHOWN);
    let shown: Vec<FrequentValue> =
        shown.map(|(value, rows)| FrequentValue { value: (*value).clone(), rows: *rows }).collect();
    let others = &values[shown.len()..];
    Some(FrequentValues {
        other_rows: others.iter().map(|(_, rows)| rows).sum(),
        other_values: others.len() as u64,
        shown,
    })
}

/// The most frequent shapes; `None` where there is no text.
fn shapes(column: &str, tally: &ShapeTally) -> Option<ShapesReport> {
    let mut report = ShapesReport { column: column.to_owned(), shown: Vec::new(), other: None, too_many: false };
    let ShapeTally::Counted(counts) = tally else {
        report.too_many = true;
        return Some(report);
    };
    if counts.is_empty() {
        return None;
    }
    let mut shapes: Vec<(&String, u64)> = counts.iter().map(|(shape, values)| (shape, *values)).collect();
    shapes.sort_by_key(|(_, values)| std::cmp::Reverse(*values));
    let shown = shapes.iter().take(SHAPES_SHOWN).take_while(|(_, values)| *values >= LEAST_SHAPE_VALUES);
    report.shown = shown.map(|(shape, values)| ShapeReport { shape: (*shape).clone(), values: *values }).collect();
    let others = &shapes[report.shown.len()..];
    report.other = (!others.is_empty())
        .then(|| OtherShapes { values: others.iter().map(|(_, values)| values).sum(), shapes: others.len() as u64 });
    Some(report)
}

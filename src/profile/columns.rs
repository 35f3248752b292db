//! What is asked of each column, and what the answers say.

use std::collections::BTreeMap;

use crate::engine::Execution;
use crate::identifiers::Context;
use crate::identify::null_word;
use crate::model::{
    Aggregate, AggregateFunction, Continuous, DataType, Evidence, Expr, FrequentValue, FrequentValues, Grouping,
    IdentifiedKind, IdentifierTest, KeySpec, LEAST_SHOWN, Measure, MeasureKind, Parts, Predicate, ProfiledColumn,
    ProfiledDays, ProfiledKind, ProfiledLengths, ProfiledNumbers, Reading as Measured, ReadsAs, SHAPES_SHOWN,
    ShapeReport, ShapeTally, ShapesReport, Steady, Step, TidyTest, Unmeasured, VALUES_SHOWN, Value, ValueTally, Values,
};
use crate::model::{LEAST_SHAPE_VALUES, OtherShapes};
use crate::plan::PlannedColumn;
use crate::rules::Dataset;
use crate::scalar::{DateFormat, NumberFormat, canonical, parse_value};
use crate::source::SourceColumn;
use crate::text::Fault;

use super::details::ColumnDetails;
use super::look::LookedAt;
use super::numbers::{is_ordered, of_parts, of_values};
use super::personal::personal;
use super::questions::Questions;
use super::reads::Reading;

/// The share in hundredths of the values that can be counted one by one from which a column is expected to have more.
const NEARLY_TOO_MANY: u64 = 70;

/// How many more different numbers or dates than texts are counted one by one: they are small.
const MORE_NUMBERS: u32 = 10;

/// How many kinds of identifiers are counted in all rows.
const KINDS_COUNTED: usize = 2;

/// What is asked of one column: positions of measures.
#[derive(Debug)]
pub(super) struct Asked {
    values: usize,
    /// Where the column is expected to have too many different values to count them one by one.
    many: Option<Many>,
    readable: Option<usize>,
    tidy: Option<usize>,
    kinds: Vec<(usize, usize)>,
    days: Option<usize>,
}

/// What is asked of a column with too many different values to count them one by one.
#[derive(Debug)]
pub(super) struct Many {
    keys: Option<usize>,
    /// Parts between quantiles, the least, the greatest.
    numbers: Option<[usize; 3]>,
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
        let most = if self.is_text() { most } else { most.saturating_mul(MORE_NUMBERS) };
        let many = self.expects_many(most).then(|| self.ask_many(is_sample, questions));
        let mut ask = |kind: MeasureKind| questions.ask(self.measure(kind));
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
            many,
            readable: (self.is_text() && data_type != DataType::Text).then(|| {
                let format = self.planned.format.clone();
                ask(MeasureKind::Rows(Predicate::Readable { column: self.name(), data_type, format }))
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

    /// Whether the values that were looked at make more different ones likely in all rows than can be counted one by one.
    fn expects_many(&self, most: u32) -> bool {
        let values = &self.looked_at.values;
        let expected = expected_different(values.len() as u64, values.values().sum());
        expected.is_none_or(|expected| expected * 100 >= u64::from(most) * NEARLY_TOO_MANY)
    }

    /// Asks how many different values there are, and between which bounds: in other ways than one by one.
    pub(super) fn ask_many(&self, is_sample: bool, questions: &mut Questions) -> Many {
        let data_type = self.planned.data_type;
        let mut ask = |kind: MeasureKind| questions.ask(self.measure(kind));
        let extreme = |function: AggregateFunction| {
            let value = Some(Expr::Column { name: self.name(), data_type });
            MeasureKind::Figure(Aggregate { function, value, other: None, data_type })
        };
        let keys = || MeasureKind::DuplicateKeys(KeySpec { columns: vec![self.name()] });
        let steady = || Steady { column: self.name(), suite: String::new(), against: Parts::Nothing };
        Many {
            keys: (!is_sample).then(|| ask(keys())),
            numbers: is_ordered(data_type).then(|| {
                [
                    ask(MeasureKind::Steady(steady())),
                    ask(extreme(AggregateFunction::Min)),
                    ask(extreme(AggregateFunction::Max)),
                ]
            }),
        }
    }

    /// Fills in what the answers say about a column with too many different values.
    pub(super) fn answer_many(&self, many: &Many, execution: &Execution, column: &mut ProfiledColumn) {
        if let Some(Ok(Measured::Duplicates(tally))) = many.keys.map(|at| execution.reading(at)) {
            column.distinct = Some(tally.evaluated - tally.surplus);
            column.once = Some(tally.evaluated - tally.duplicated);
        }
        if column.personal.is_none() && column.numbers.is_none() {
            column.numbers = self.numbers(many, execution);
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
        if let Some(counts) = &tally.counts {
            (column.distinct, column.once) = self.distinct(counts);
            if is_personal.is_none() {
                column.numbers = is_ordered(self.planned.data_type).then(|| of_values(counts, &read)).flatten();
                column.frequent = frequent(counts);
            }
        } else if let Some(many) = &asked.many {
            self.answer_many(many, execution, &mut column);
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
    fn distinct(&self, counts: &BTreeMap<String, u64>) -> (Option<u64>, Option<u64>) {
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

    /// Extremes and quantiles of a column with too many different values.
    fn numbers(&self, many: &Many, execution: &Execution) -> Option<ProfiledNumbers> {
        let [parts, least, greatest] = many.numbers?;
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

/// How many different values a column is expected to have, where so many of so many values that were looked at are different:
/// that of equally frequent values, drawn at random. `None`: nearly all differ, so nothing limits it.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an estimate")]
fn expected_different(different: u64, values: u64) -> Option<u64> {
    const NEARLY_ALL: u64 = 98;
    if different * 100 >= values * NEARLY_ALL && values > 0 {
        return None;
    }
    let (different, values) = (different as f64, values as f64);
    let (mut low, mut high) = (different, different.max(1.0) * 100.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        let seen = middle * (1.0 - (-values / middle).exp());
        if seen < different { low = middle } else { high = middle }
    }
    Some(high as u64)
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

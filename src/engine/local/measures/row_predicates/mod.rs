//! Row tests over a batch.

mod identifier;
mod in_range;
mod listed;
mod tested;
mod tidy;

use std::borrow::Cow;
use std::sync::Arc;

use crate::model::{AsOf, DataType, LengthUnit, MatchTally, Predicate, Value, ValueList, nfc};
use crate::plan::Plan;
use crate::scalar::{DateFormat, is_uuid};
use crate::source::Bits;

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{SectionRules, place_of};
use crate::engine::local::batch::condition::Condition;
use crate::engine::local::compiled::{Compiled, PerThread};
use crate::engine::local::cost_model::nanoseconds as ns;
use crate::engine::local::cost_model::{CostModel, RowCost, expression};
use crate::engine::local::keys::compared::FactColumns;
use crate::engine::local::keys::hashed::KeyColumns;
use crate::engine::local::lookups;
use crate::engine::local::lookups::built::Lookups;
use crate::engine::local::lookups::matching::{Asks, MatchOutcome, Mismatch};
use crate::engine::local::lookups::tables::Keys;
use crate::engine::local::measures::lag::DelayColumns;
use crate::engine::local::prepare_error::PrepareError;
use identifier::Identifiers;
use in_range::in_range;
use listed::{List, listed};
use tested::Tested;
use tidy::Tidy;

/// A row test made ready for many batches.
#[derive(Debug)]
pub(crate) enum RowTest {
    Present { columns: Vec<usize>, any: bool },
    Readable { column: usize, data_type: DataType, format: Option<DateFormat> },
    Matches { column: usize, pattern: Arc<PerThread>, composed: Option<Arc<PerThread>>, negated: bool },
    Listed { column: usize, list: List, negated: bool },
    InRange { column: usize, data_type: DataType, min: Option<Value>, max: Option<Value>, exclusive: bool },
    LengthIn { column: usize, min: u64, max: u64, unit: LengthUnit },
    InTime { columns: DelayColumns, within: i64 },
    Identifier(Box<Identifiers>),
    Tidy(Tidy),
    Holds(Condition),
    Found { asks: Asks, key: KeyColumns, keys: Arc<Keys> },
    Agrees { key: KeyColumns, keys: Arc<Keys>, facts: FactColumns },
}

impl RowTest {
    /// Prepares a test over the columns that a pass reads.
    ///
    /// # Errors
    /// A pattern that does not compile, a lookup that could not be built, a column that the pass does not read.
    pub(crate) fn prepare(
        predicate: &Predicate,
        rules: &SectionRules,
        plan: &Plan,
        lookups: &Lookups,
        compiled: &Compiled,
        as_of: AsOf,
    ) -> Result<Self, PrepareError> {
        let place = |name: &String| place_of(rules, name);
        let keys_of = |lookup| {
            let at = plan.lookups.iter().position(|known| known == lookup);
            at.map_or_else(|| Err(PrepareError::NoLookup), |at| lookups.get(at))
        };
        Ok(match predicate {
            Predicate::Present { columns, any } => {
                Self::Present { columns: columns.iter().map(place).collect::<Result<_, _>>()?, any: *any }
            }
            Predicate::Readable { column, data_type, format } => {
                let column = place(column)?;
                // In the column's own format the cells are parsed once for all rules.
                let own = format.as_ref().filter(|format| rules[column].written.as_ref() != Some(format));
                Self::Readable { column, data_type: *data_type, format: own.map(DateFormat::compile).transpose()? }
            }
            Predicate::Matches { column, pattern, negated } => {
                let composed = match nfc(pattern) {
                    Cow::Owned(composed) => compiled.pattern(&composed).ok(),
                    Cow::Borrowed(_) => None,
                };
                Self::Matches {
                    column: place(column)?,
                    pattern: compiled.pattern(pattern)?,
                    composed,
                    negated: *negated,
                }
            }
            Predicate::Listed { column, list, negated } => {
                let column = place(column)?;
                let list = List::prepare(list, rules[column].data_type, rules, plan, compiled)?;
                Self::Listed { column, list, negated: *negated }
            }
            Predicate::InRange { column, data_type, min, max, exclusive } => Self::InRange {
                column: place(column)?,
                data_type: *data_type,
                min: min.clone(),
                max: max.clone(),
                exclusive: *exclusive,
            },
            Predicate::LengthIn { column, min, max, unit } => Self::LengthIn {
                column: place(column)?,
                min: min.unwrap_or(0),
                max: max.unwrap_or(u64::MAX),
                unit: *unit,
            },
            Predicate::InTime { delay, within } => {
                Self::InTime { columns: DelayColumns::find(delay, rules)?, within: *within }
            }
            Predicate::Identifier(test) => {
                Self::Identifier(Box::new(Identifiers::prepare(test, rules, as_of, compiled)?))
            }
            Predicate::Tidy(test) => Self::Tidy(Tidy::prepare(test, rules)?),
            Predicate::Holds(expr) => Self::Holds(Condition::compile(expr, rules, as_of)?),
            Predicate::Found { key, lookup, negated } => {
                let key = KeyColumns::find(&key.columns, rules)?;
                Self::Found { asks: Asks::of_key(*negated), key, keys: keys_of(lookup)? }
            }
            Predicate::Agrees { key, lookup, compare } => Self::Agrees {
                key: KeyColumns::find(&key.columns, rules)?,
                keys: keys_of(lookup)?,
                facts: FactColumns::find(compare.iter().map(|pair| (&pair.column, &pair.form, pair.data_type)), rules)?,
            },
        })
    }

    /// The outcome for each row of a batch that is in `scope` (without one: every row).
    pub(crate) fn evaluate(&self, cells: &Cells<'_>, scope: Option<&Bits>) -> Tested {
        let tested = self.test(cells, scope);
        match scope {
            Some(scope) => Tested {
                passed: tested.passed.and(scope),
                failed: tested.failed.and(scope),
                unreadable: tested.unreadable.and(scope),
                matching: tested.matching,
                reasons: tested
                    .reasons
                    .into_iter()
                    .filter_map(|(reason, rows)| self.reason_in(reason, &rows, scope))
                    .collect(),
                kinds: tested.kinds,
            },
            None => tested,
        }
    }

    /// How many of these rows, which fail, would pass if their texts and those of the rule were composed.
    pub(crate) fn passing_composed(&self, cells: &Cells<'_>, failed: &Bits) -> u64 {
        match self {
            Self::Listed { column, list, negated: false } => list.found_composed(cells, *column, failed),
            Self::Matches { column, pattern, composed, negated: false } => {
                let Some(texts) = cells.text(*column) else { return 0 };
                let by = composed.as_ref().unwrap_or(pattern).own();
                let is_matched = |row: &usize| {
                    texts
                        .get(*row)
                        .map(nfc)
                        .is_some_and(|text| (composed.is_some() || matches!(text, Cow::Owned(_))) && by.is_match(&text))
                };
                failed.ones().filter(is_matched).count() as u64
            }
            _ => 0,
        }
    }

    /// The rows of a reason that are in scope. A reason without such rows is left out, except for delays, which name both.
    fn reason_in(&self, reason: &'static str, rows: &Bits, scope: &Bits) -> Option<(&'static str, Bits)> {
        let rows = rows.and(scope);
        (matches!(self, Self::InTime { .. }) || !rows.is_empty()).then_some((reason, rows))
    }

    /// Rows of the other dataset whose key is unparseable, or for which it is unknown whether they count.
    #[deny(clippy::wildcard_enum_match_arm)]
    pub(crate) fn other_unreadable(&self) -> u64 {
        match self {
            Self::Found { keys, .. } | Self::Agrees { keys, .. } => keys.unreadable,
            Self::Present { .. }
            | Self::Readable { .. }
            | Self::Matches { .. }
            | Self::Listed { .. }
            | Self::InRange { .. }
            | Self::LengthIn { .. }
            | Self::InTime { .. }
            | Self::Identifier(_)
            | Self::Tidy(_)
            | Self::Holds(_) => 0,
        }
    }

    fn test(&self, cells: &Cells<'_>, scope: Option<&Bits>) -> Tested {
        let rows = cells.rows();
        match self {
            Self::Present { columns, any } => {
                let start = if *any { Bits::none(rows) } else { Bits::all(rows) };
                let there = columns.iter().fold(start, |there, column| {
                    let present = cells.present(*column);
                    if *any { there.or(present) } else { there.and(present) }
                });
                Tested::split(&Bits::all(rows), &there)
            }
            Self::Readable { column, data_type, format } => readable(cells, *column, *data_type, format.as_ref()),
            Self::Matches { column, pattern, negated, .. } => {
                let there = cells.present(*column);
                if cells.text(*column).is_none() {
                    return Tested::split(there, &Bits::none(rows));
                }
                let matching = cells.matching(*column, there, pattern.own());
                Tested::split(there, &if *negated { matching.not() } else { matching })
            }
            Self::Listed { column, list, negated } => listed(cells, *column, list, *negated),
            Self::InRange { column, data_type, min, max, exclusive } => {
                in_range(cells, *column, *data_type, (min.as_ref(), max.as_ref()), *exclusive)
            }
            Self::LengthIn { column, min, max, unit } => {
                let there = cells.present(*column);
                let allowed = *min..=*max;
                let holds = cells.text_bits(*column, |text| {
                    let bytes = text.len() as u64;
                    match unit {
                        LengthUnit::Bytes => allowed.contains(&bytes),
                        LengthUnit::Chars if bytes <= 16 && text.is_ascii() => allowed.contains(&bytes),
                        // A character takes one to four bytes, so most texts need not be counted.
                        LengthUnit::Chars if allowed.contains(&bytes.div_ceil(4)) && allowed.contains(&bytes) => true,
                        LengthUnit::Chars | LengthUnit::Binary => allowed.contains(&unit.length(text)),
                    }
                });
                Tested::split(there, &holds)
            }
            Self::InTime { columns, within } => {
                let lags = columns.of(cells);
                let holds = Bits::of(&lags.values, |lag| (*lag >= 0) & (*lag <= *within));
                let early = lags.valid.and(&Bits::of(&lags.values, |lag| *lag < 0));
                let tested = Tested::split(&lags.valid, &holds).with_unreadable(&lags.unreadable);
                let late = lags.valid.without(&holds).without(&early);
                Tested { reasons: vec![("late", late), ("negative", early)], ..tested }
            }
            Self::Identifier(identifiers) => identifiers.test(cells),
            Self::Tidy(tidy) => tidy.test(cells),
            Self::Holds(condition) => {
                let truth = condition.evaluate(cells);
                let failed = truth.no.or(&truth.unreadable);
                Tested {
                    passed: truth.yes,
                    failed,
                    unreadable: truth.unreadable,
                    matching: None,
                    reasons: Vec::new(),
                    kinds: Vec::new(),
                }
            }
            Self::Found { asks, key, keys } => {
                let (whole, unreadable) = key.split(cells);
                let found = keys.found(key, cells, &whole);
                Tested::split(&whole, &asks.passing(found)).with_unreadable(&unreadable)
            }
            Self::Agrees { key, keys, facts } => {
                let (whole, unreadable_key) = key.split(cells);
                let whole = scope.map_or_else(|| whole.clone(), |scope| whole.and(scope));
                let mut matching = MatchTally::default();
                let [mut passed, mut failed, mut unread, mut differs, mut several] =
                    std::array::from_fn(|_| Bits::none(rows));
                keys.compare(key, facts, cells, &whole, |row, matched| {
                    match Asks::Agrees.judge(matched, &mut matching) {
                        MatchOutcome::Passed => passed.set(row),
                        MatchOutcome::Failed(why) => {
                            failed.set(row);
                            match why {
                                Mismatch::Unparseable => unread.set(row),
                                Mismatch::DiffersFromSeveral => several.set(row),
                                Mismatch::Differs | Mismatch::Key => differs.set(row),
                            }
                        }
                        MatchOutcome::NotApplicable => {}
                    }
                });
                let kinds = vec![(Mismatch::DIFFERS, differs), (Mismatch::DIFFERS_FROM_SEVERAL, several)];
                let tested =
                    Tested { passed, failed, unreadable: unread, matching: Some(matching), reasons: Vec::new(), kinds };
                tested.with_unreadable(&unreadable_key)
            }
        }
    }
}

fn readable(cells: &Cells<'_>, column: usize, data_type: DataType, format: Option<&DateFormat>) -> Tested {
    let there = cells.present(column);
    let reads = match (data_type, cells.text(column)) {
        (DataType::Text, _) => there.clone(),
        (DataType::Uuid, Some(_)) => cells.text_bits(column, is_uuid),
        (DataType::Uuid, None) => Bits::none(cells.rows()),
        _ => match format {
            Some(format) => cells.read(column, data_type, format).valid().clone(),
            None => cells.typed(column, data_type).valid().clone(),
        },
    };
    let unreadable = there.without(&reads);
    Tested {
        passed: there.and(&reads),
        failed: unreadable.clone(),
        unreadable,
        matching: None,
        reasons: Vec::new(),
        kinds: Vec::new(),
    }
}

/// What a predicate costs for each row.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
#[deny(clippy::wildcard_enum_match_arm)]
pub(crate) fn cost(predicate: &Predicate, model: &CostModel<'_>) -> RowCost {
    let test = match predicate {
        Predicate::Present { columns, .. } => ns::ROW_SET * columns.len() as f64,
        Predicate::Readable { column, data_type, format } => {
            let column = model.of(column);
            // Only another type or format than the declared one is parsed again.
            if format.is_none() && *data_type == column.seen { ns::ROW_SET } else { ns::PARSE }
        }
        Predicate::Matches { column, .. } => ns::PATTERN + model.of(column).bytes * ns::PATTERN_BYTE,
        Predicate::Listed { column, list, .. } => {
            let dated = matches!(list, ValueList::Codelist { at: Some(_), .. });
            let bytes = model.of(column).bytes * ns::KEY_BYTE;
            ns::LISTED + bytes + if dated { ns::LISTED } else { 0.0 }
        }
        Predicate::InRange { data_type, .. } if data_type.is_textual() => ns::RANGE_TEXT,
        Predicate::InRange { .. } => ns::RANGE_TYPED,
        Predicate::LengthIn { unit: LengthUnit::Bytes | LengthUnit::Binary, .. } => ns::LENGTH,
        Predicate::LengthIn { column, .. } => ns::LENGTH + model.of(column).bytes * ns::LENGTH_BYTE,
        Predicate::InTime { .. } => 2.0 * ns::STEP,
        Predicate::Identifier(test) => ns::IDENTIFIER + model.of(&test.column).bytes * ns::TEXT_BYTE,
        Predicate::Tidy(test) => test.columns.iter().map(|name| model.of(name).bytes * ns::TEXT_BYTE).sum(),
        Predicate::Holds(expr) => expression(expr),
        Predicate::Found { key, .. } => model.key(&key.columns) + ns::FIND_KEY,
        Predicate::Agrees { key, compare, .. } => {
            let facts = compare.iter().map(|pair| model.fact(&pair.column, &pair.form));
            model.key(&key.columns) + ns::FIND_KEY + facts.sum::<f64>()
        }
    };
    (ns::ROW_SET + test, 0.0)
}

/// Words of an entry where rows are joined with a lookup.
pub(crate) fn words(predicate: &Predicate) -> usize {
    predicate.lookup().map_or(0, lookups::build::words)
}

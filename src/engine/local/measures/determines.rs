//! Left sides with more than one right side.

use std::io;
use std::sync::Arc;

use crate::model::{ComparisonForm, DataType, GroupTally, Grouped, KeySpec, Reading, RowTally};
use crate::source::Bits;

use crate::engine::Reason;
use crate::engine::local::accumulator::{Accumulator, BatchInput, Classified, End, Entered};
use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::ColumnRules;
use crate::engine::local::cost_model::nanoseconds as ns;
use crate::engine::local::cost_model::{CostModel, RowCost};
use crate::engine::local::keys::compared::{FACT_WORDS, FactColumns};
use crate::engine::local::keys::hashed::{Key, KeyColumns, halves, pack};
use crate::engine::local::keys::words::Entries;
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::prepare_error::PrepareError;
use crate::engine::local::rows::sink::row_number;
use crate::engine::local::spill::group_fold::{GroupFold, GroupStore};

/// Rows by their left side.
#[derive(Debug)]
pub(crate) struct Determines {
    from: KeyColumns,
    to: KeyColumns,
    /// Where right sides compare in another form than their text.
    compared: Option<FactColumns>,
    minority: bool,
    store: GroupStore,
}

impl Determines {
    /// Prepares the search over the columns that a pass reads.
    ///
    /// # Errors
    /// A column that the pass does not read.
    pub(crate) fn prepare(
        (from, to): (&KeySpec, &KeySpec),
        form: &ComparisonForm,
        minority: bool,
        rules: &[ColumnRules],
        memory: &Arc<KeyMemory>,
    ) -> Result<Self, PrepareError> {
        let facts = to.columns.iter().map(|column| (column, form, DataType::Text));
        let compared = (*form != ComparisonForm::Exact).then(|| FactColumns::find(facts, rules)).transpose()?;
        Ok(Self {
            from: KeyColumns::find(&from.columns, rules)?,
            to: KeyColumns::find(&to.columns, rules)?,
            compared,
            minority,
            store: GroupStore::new(memory, FACT_WORDS + 1),
        })
    }

    /// The right sides of the rows. Each of the rows has one.
    fn right_sides(&self, cells: &Cells<'_>, rows: &Bits, mut visit: impl FnMut(Key)) {
        let Some(compared) = &self.compared else {
            self.to.for_each(cells, rows, |_, key| visit(key));
            return;
        };
        let (mut buffer, mut words, mut bytes) = (String::new(), Vec::new(), Vec::new());
        for row in rows.ones() {
            words.clear();
            compared.write(cells, row, &mut buffer, &mut words);
            visit(match words.as_slice() {
                [low, high] => Key::from(*high) << 64 | Key::from(*low),
                words => {
                    bytes.clear();
                    bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
                    pack(&bytes)
                }
            });
        }
    }
}

impl Accumulator for Determines {
    fn extend(&self, input: &BatchInput<'_, '_>) -> io::Result<Classified> {
        let cells = input.cells;
        let ((from, no_from), (to, no_to)) = (self.from.split(cells), self.to.split(cells));
        let whole = from.and(&to);
        let unreadable = from.or(&no_from).and(&to.or(&no_to)).without(&whole);
        let classified = Classified::in_scope(whole, unreadable, input.scope);
        let mut right_sides = Vec::new();
        self.right_sides(cells, &classified.pending, |key| right_sides.push(key));
        let (mut entries, mut right_sides) = (Entries::default(), right_sides.into_iter());
        self.from.for_each(cells, &classified.pending, |row, key| {
            let words = entries.start(key);
            words.extend(halves(right_sides.next().unwrap_or_default()));
            words.push(row_number(input.number, row));
        });
        self.store.extend(&entries)?;
        Ok(classified)
    }

    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Reading> {
        let folded = self.store.finish(&RightSides { minority: self.minority }, end.sinks.failed)?;
        end.spend(folded.nanoseconds);
        let Entered { not_applicable, unreadable } = end.entered;
        let (groups, failing) = folded.summary;
        let rows = RowTally {
            passed: folded.rows - folded.failed,
            failed: folded.failed + unreadable,
            not_applicable,
            unreadable,
            ..RowTally::default()
        };
        Ok(Reading::Groups(GroupTally { rows, groups, failing, anonymity: None }))
    }
}

/// Left sides with several right sides fail.
struct RightSides {
    /// Rows with the most common right side do not fail.
    minority: bool,
}

/// The right side of a row.
type Side = [u64; FACT_WORDS];

/// The right sides of one left side.
#[derive(Debug, Default)]
enum Sides {
    #[default]
    Absent,
    /// One right side, in so many rows.
    One(Side, u64),
    /// Several, each with its rows where those are counted; more than [`Grouped::MOST_RIGHT_SIDES`] are not.
    Several(Vec<(Side, u64)>),
}

impl Sides {
    /// The right side of more rows than any other.
    fn most_common(&self) -> Option<Side> {
        let Self::Several(sides) = self else { return None };
        let most = sides.iter().map(|(_, rows)| *rows).max()?;
        let mut common = sides.iter().filter(|(_, rows)| *rows == most);
        match (common.next(), common.next()) {
            (Some((side, _)), None) => Some(*side),
            _ => None,
        }
    }
}

impl GroupFold for RightSides {
    type Group = Sides;
    /// Groups, and those that fail.
    type Summary = (u64, u64);

    fn enter(&self, group: &mut Sides, payload: &[u64]) -> usize {
        let Some(payload) = payload.first_chunk::<FACT_WORDS>() else { return 0 };
        match group {
            Sides::Absent => *group = Sides::One(*payload, 1),
            Sides::One(known, rows) if known == payload => *rows += 1,
            Sides::One(known, rows) => {
                let sides = if self.minority { vec![(*known, *rows), (*payload, 1)] } else { Vec::new() };
                let bytes = size_of_val(sides.as_slice());
                *group = Sides::Several(sides);
                return bytes;
            }
            // Too many, or not needed.
            Sides::Several(sides) if sides.is_empty() => {}
            Sides::Several(sides) => match sides.iter().position(|(known, _)| known == payload) {
                Some(at) => sides[at].1 += 1,
                None if sides.len() < Grouped::MOST_RIGHT_SIDES => {
                    sides.push((*payload, 1));
                    return size_of::<(Side, u64)>();
                }
                None => *sides = Vec::new(),
            },
        }
        0
    }

    fn close(&self, group: &Sides, (groups, failing): &mut (u64, u64)) -> io::Result<bool> {
        let fails = matches!(group, Sides::Several(_));
        *groups += 1;
        *failing += u64::from(fails);
        Ok(fails)
    }

    fn reason(&self, group: &Sides, payload: &[u64]) -> Option<Reason> {
        match group.most_common() {
            Some(common) if payload.first_chunk() == Some(&common) => None,
            Some(_) => Some(Reason::Named("minority")),
            None if self.minority => Some(Reason::Named("no_majority")),
            None => Some(Reason::Sole),
        }
    }

    fn join(&self, one: (u64, u64), other: (u64, u64)) -> io::Result<(u64, u64)> {
        Ok((one.0 + other.0, one.1 + other.1))
    }
}

/// What it costs for each row.
pub(crate) fn cost((from, to): (&KeySpec, &KeySpec), form: &ComparisonForm, model: &CostModel<'_>) -> RowCost {
    let right = match form {
        ComparisonForm::Exact => model.key(&to.columns),
        form => to.columns.iter().map(|column| model.fact(column, form)).sum(),
    };
    (model.key(&from.columns) + right + ns::KEEP_KEY, ns::FOLD_ROW)
}

/// Words of an entry: a key, its row, and its right side.
pub(crate) const WORDS: usize = 3 + FACT_WORDS;

//! Left sides with more than one right side.

use std::io;
use std::sync::Arc;

use crate::model::{ComparisonForm, DataType, GroupTally, KeySpec, Reading, RowTally};
use crate::source::Bits;

use super::cells::{Cells, ColumnRules};
use super::collect::{Collector, End, Entered, Intake, Taken};
use super::facts::{FACT_WORDS, FactColumns};
use super::grouped::{Fold, GroupStore};
use super::keys::{Key, KeyColumns, halves, pack};
use super::lookups::Entries;
use super::memory::KeyMemory;
use super::repeats::row_number;

/// Rows by their left side.
#[derive(Debug)]
pub(super) struct Determines {
    from: KeyColumns,
    to: KeyColumns,
    /// Where right sides need not be equal to count as the same.
    alike: Option<FactColumns>,
    store: GroupStore,
}

impl Determines {
    /// Prepares the search over the columns that a pass reads.
    ///
    /// # Errors
    /// A column that the pass does not read.
    pub(super) fn prepare(
        from: &KeySpec,
        to: &KeySpec,
        form: &ComparisonForm,
        rules: &[ColumnRules],
        memory: &Arc<KeyMemory>,
    ) -> Result<Self, String> {
        let facts = to.columns.iter().map(|column| (column, form, DataType::Text));
        let alike = (*form != ComparisonForm::Exact).then(|| FactColumns::find(facts, rules)).transpose()?;
        Ok(Self {
            from: KeyColumns::find(&from.columns, rules)?,
            to: KeyColumns::find(&to.columns, rules)?,
            alike,
            store: GroupStore::new(memory, FACT_WORDS + 1),
        })
    }

    /// The right sides of the rows, all of which have one.
    fn right_sides(&self, cells: &Cells<'_>, rows: &Bits, mut visit: impl FnMut(Key)) {
        let Some(alike) = &self.alike else {
            self.to.for_each(cells, rows, |_, key| visit(key));
            return;
        };
        let (mut buffer, mut words, mut bytes) = (String::new(), Vec::new(), Vec::new());
        for row in rows.ones() {
            words.clear();
            alike.write(cells, row, &mut buffer, &mut words);
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

impl Collector for Determines {
    fn extend(&self, intake: &Intake<'_, '_>) -> io::Result<Taken> {
        let cells = intake.cells;
        let ((from, no_from), (to, no_to)) = (self.from.split(cells), self.to.split(cells));
        let whole = from.and(&to);
        let spoilt = from.or(&no_from).and(&to.or(&no_to)).without(&whole);
        let taken = Taken::in_scope(whole, spoilt, intake.scope);
        let mut right_sides = Vec::new();
        self.right_sides(cells, &taken.waiting, |key| right_sides.push(key));
        let (mut entries, mut right_sides) = (Entries::default(), right_sides.into_iter());
        self.from.for_each(cells, &taken.waiting, |row, key| {
            let words = entries.start(key);
            words.extend(halves(right_sides.next().unwrap_or_default()));
            words.push(row_number(intake.number, row));
        });
        self.store.extend(&entries)?;
        Ok(taken)
    }

    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Reading> {
        let folded = self.store.finish(&RightSides, end.failed)?;
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
struct RightSides;

/// The right sides of one left side.
#[derive(Debug, Default)]
enum Said {
    #[default]
    Nothing,
    One([u64; FACT_WORDS]),
    Several,
}

impl Fold for RightSides {
    type Group = Said;
    /// Groups, and those that fail.
    type Summary = (u64, u64);

    fn enter(&self, group: &mut Said, said: &[u64]) -> usize {
        match (&group, said.first_chunk()) {
            (Said::Nothing, Some(said)) => *group = Said::One(*said),
            (Said::One(known), Some(said)) if known != said => *group = Said::Several,
            _ => {}
        }
        0
    }

    fn close(&self, group: &Said, (groups, failing): &mut (u64, u64)) -> io::Result<bool> {
        let fails = matches!(group, Said::Several);
        *groups += 1;
        *failing += u64::from(fails);
        Ok(fails)
    }

    fn join(&self, one: (u64, u64), other: (u64, u64)) -> io::Result<(u64, u64)> {
        Ok((one.0 + other.0, one.1 + other.1))
    }
}

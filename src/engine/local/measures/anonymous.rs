//! Groups of rows that hide nobody: too few rows have the same quasi-identifiers, or the group has too few different
//! sensitive values.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::{Anonymity, ComparisonForm, DataType, GroupTally, KeySpec, Reading, RowTally};
use crate::scalar::{fold, is_uuid};
use crate::source::Bits;
use crate::text::without_invisible;

use crate::engine::Reason;
use crate::engine::local::accumulator::{Accumulator, BatchInput, Classified, End, Entered};
use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{ColumnRules, place_of};
use crate::engine::local::batch::texts::judge_texts;
use crate::engine::local::cost_model::nanoseconds as ns;
use crate::engine::local::cost_model::{CostModel, RowCost};
use crate::engine::local::keys::compared::{FACT_WORDS, Fact, MISSING, UNREADABLE};
use crate::engine::local::keys::hashed::{KeyColumns, halves, pack};
use crate::engine::local::keys::words::Entries;
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::prepare_error::PrepareError;
use crate::engine::local::rows::sink::row_number;
use crate::engine::local::spill::group_fold::{GroupFold, GroupStore};

/// Rows by their quasi-identifiers.
#[derive(Debug)]
pub(crate) struct Anonymous {
    quasi_identifiers: KeyColumns,
    sensitive: Vec<(usize, DataType)>,
    /// Rows with an unparseable sensitive value.
    unreadable: AtomicU64,
    asked: Asked,
    store: GroupStore,
}

/// The requirements for a group.
#[derive(Debug, Clone, Copy)]
struct Asked {
    /// Rows.
    k: u64,
    /// Different values of each of so many sensitive columns.
    l: usize,
    columns: usize,
}

impl Anonymous {
    /// Prepares the search over the columns that a pass reads.
    ///
    /// # Errors
    /// A column that the pass does not read.
    pub(crate) fn prepare(
        quasi_identifiers: &KeySpec,
        k: u64,
        sensitive: &[String],
        l: u64,
        rules: &[ColumnRules],
        memory: &Arc<KeyMemory>,
    ) -> Result<Self, PrepareError> {
        let place = |column: &String| place_of(rules, column).map(|at| (at, rules[at].data_type));
        let l = usize::try_from(l).unwrap_or(usize::MAX);
        Ok(Self {
            quasi_identifiers: KeyColumns::of_rows(&quasi_identifiers.columns, rules)?,
            sensitive: sensitive.iter().map(place).collect::<Result<_, _>>()?,
            unreadable: AtomicU64::new(0),
            asked: Asked { k, l, columns: sensitive.len() },
            store: GroupStore::new(memory, sensitive.len() * FACT_WORDS + 1),
        })
    }
}

impl Accumulator for Anonymous {
    fn extend(&self, input: &BatchInput<'_, '_>) -> io::Result<Classified> {
        let cells = input.cells;
        let (whole, unreadable) = self.quasi_identifiers.split(cells);
        let classified = Classified::in_scope(whole, unreadable, input.scope);
        let value_of = |(at, data_type): &(usize, DataType)| values(cells, *at, *data_type, &classified.pending);
        let sensitive: Vec<Vec<Fact>> = self.sensitive.iter().map(value_of).collect();
        let (mut entries, mut unreadable) = (Entries::default(), 0);
        self.quasi_identifiers.for_each(cells, &classified.pending, |row, key| {
            let words = entries.start(key);
            for values in &sensitive {
                words.extend(values[row]);
            }
            words.push(row_number(input.number, row));
            unreadable += u64::from(sensitive.iter().any(|values| values[row] == UNREADABLE));
        });
        self.unreadable.fetch_add(unreadable, Ordering::Relaxed);
        self.store.extend(&entries)?;
        Ok(classified)
    }

    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Reading> {
        let folded = self.store.finish(&self.asked, end.sinks.failed)?;
        end.spend(folded.nanoseconds);
        let Entered { not_applicable, unreadable } = end.entered;
        let Summary { groups, failing, mut anonymity } = folded.summary;
        anonymity.unreadable_sensitive = self.unreadable.into_inner();
        let rows = RowTally {
            passed: folded.rows - folded.failed,
            failed: folded.failed + unreadable,
            not_applicable,
            unreadable,
            ..RowTally::default()
        };
        Ok(Reading::Groups(GroupTally { rows, groups, failing, anonymity: Some(anonymity) }))
    }
}

/// The sensitive value of each row of `rows`. Texts that look the same are one value, so that no group seems more diverse than
/// it is.
fn values(cells: &Cells<'_>, at: usize, data_type: DataType, rows: &Bits) -> Vec<Fact> {
    let there = cells.present(at).and(rows);
    if data_type.is_textual() {
        return judge_texts(cells, at, &there, MISSING, |text| {
            let shown = without_invisible(text);
            let shown = fold(&shown);
            match shown.as_ref() {
                "" => MISSING,
                shown if data_type == DataType::Uuid && !is_uuid(shown) => UNREADABLE,
                shown => halves(pack(shown.as_bytes())),
            }
        });
    }
    let mut values = vec![MISSING; cells.rows()];
    let mut text = String::new();
    for row in there.ones() {
        text.clear();
        let reads = cells.write_canonical(at, row, data_type, &mut text);
        values[row] = if reads { halves(pack(text.as_bytes())) } else { UNREADABLE };
    }
    values
}

/// The state of a group.
#[derive(Debug, Default)]
struct Group {
    rows: u64,
    /// For each sensitive column up to `l` different values, in order.
    values: Box<[Vec<Fact>]>,
}

/// The summary of groups.
#[derive(Debug, Default)]
struct Summary {
    groups: u64,
    failing: u64,
    anonymity: Anonymity,
}

impl GroupFold for Asked {
    type Group = Group;
    type Summary = Summary;

    fn enter(&self, group: &mut Group, payload: &[u64]) -> usize {
        group.rows += 1;
        if self.columns == 0 {
            return 0;
        }
        let mut grown = 0;
        if group.values.is_empty() {
            group.values = vec![Vec::new(); self.columns].into();
            grown += self.columns * size_of::<Vec<Fact>>();
        }
        for (values, value) in group.values.iter_mut().zip(payload.as_chunks::<FACT_WORDS>().0) {
            if values.len() < self.l
                && ![MISSING, UNREADABLE].contains(value)
                && let Err(place) = values.binary_search(value)
            {
                let before = values.capacity();
                values.insert(place, *value);
                grown += (values.capacity() - before) * size_of::<Fact>();
            }
        }
        grown
    }

    fn close(&self, group: &Group, summary: &mut Summary) -> io::Result<bool> {
        let anonymity = &mut summary.anonymity;
        let under_k = group.rows < self.k;
        let under_l = group.values.iter().any(|values| values.len() < self.l);
        anonymity.smallest = if summary.groups == 0 { group.rows } else { anonymity.smallest.min(group.rows) };
        if under_k {
            anonymity.groups_under_k += 1;
            anonymity.rows_under_k += group.rows;
        }
        if under_l {
            anonymity.groups_under_l += 1;
            anonymity.rows_under_l += group.rows;
        }
        summary.groups += 1;
        summary.failing += u64::from(under_k || under_l);
        Ok(under_k || under_l)
    }

    fn reason(&self, group: &Group, _: &[u64]) -> Option<Reason> {
        Some(Reason::Named(if group.rows < self.k { "small_group" } else { "few_values" }))
    }

    fn join(&self, one: Summary, other: Summary) -> io::Result<Summary> {
        let smallest = [&one, &other].into_iter().filter(|side| side.groups > 0).map(|side| side.anonymity.smallest);
        Ok(Summary {
            groups: one.groups + other.groups,
            failing: one.failing + other.failing,
            anonymity: Anonymity {
                smallest: smallest.min().unwrap_or_default(),
                groups_under_k: one.anonymity.groups_under_k + other.anonymity.groups_under_k,
                rows_under_k: one.anonymity.rows_under_k + other.anonymity.rows_under_k,
                groups_under_l: one.anonymity.groups_under_l + other.anonymity.groups_under_l,
                rows_under_l: one.anonymity.rows_under_l + other.anonymity.rows_under_l,
                ..Anonymity::default()
            },
        })
    }
}

/// What it costs for each row.
pub(crate) fn cost(quasi_identifiers: &KeySpec, sensitive: &[String], model: &CostModel<'_>) -> RowCost {
    let values = sensitive.iter().map(|column| model.fact(column, &ComparisonForm::Exact));
    (model.key(&quasi_identifiers.columns) + values.sum::<f64>() + ns::KEEP_KEY, ns::FOLD_ROW)
}

/// Words of an entry: a key, its row, and its sensitive values.
pub(crate) const fn words(sensitive: &[String]) -> usize {
    3 + sensitive.len() * FACT_WORDS
}

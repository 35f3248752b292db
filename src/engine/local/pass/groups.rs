//! Hands on the failing groups of a measure, with their names.
//!
//! While a measure is completed, its failing groups are known by the words of their keys alone (see
//! [`crate::engine::local::groups`]). Here the key columns of the datasets that have them are read once more; the rows whose
//! key is one of those give the names, and what each side says about an entity.

use std::collections::{BTreeMap, HashMap};
use std::io;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{SectionRules, place_of};
use crate::engine::local::batch::condition::Condition;
use crate::engine::local::groups::failing::{FailingGroup, FailingGroups, Name, Said, SaidCell};
use crate::engine::local::groups::key_filter::KeyFilter;
use crate::engine::local::groups::records::{AllRecords, read};
use crate::engine::local::groups::sorted::{Merged, Sorter};
use crate::engine::local::keys::hashed::{Key, KeyColumns};
use crate::engine::local::measures::continuous::{point_of_word, points_of};
use crate::engine::local::pass::scan::scan_again;
use crate::engine::local::prepare_error::PrepareError;
use crate::engine::local::shared::{Shared, Sources};
use crate::engine::{About, EvidenceSink, GroupFinding, GroupReason, GroupStatement, Says};
use crate::model::{Continuous, DataType, GroupSide, Measure, MeasureKind, Step, Unmeasured, Value};
use crate::scalar::point_text;
use crate::source::{Batch, Source};

/// The most names of a batch that wait in memory. A group whose name was kept can have another one.
const MOST_NAMES: usize = 1 << 12;

/// The most different values of a fact that a side states.
const MOST_VALUES: usize = 20;

/// Hands on the failing groups of a measure in the order of the sink; returns whether more are wanted.
///
/// # Errors
/// Where a dataset cannot be read again, groups cannot be kept or read back, or the user stopped the audit.
pub(crate) fn hand_on(
    measure: usize,
    sources: &Sources<'_>,
    sink: &dyn EvidenceSink,
    shared: Shared<'_>,
) -> Result<bool, Unmeasured> {
    let lost = |error| shared.lost(error);
    let Some(failing) = shared.groups.of(measure).filter(|failing| failing.count() > 0) else { return Ok(true) };
    let asked = &shared.plan.measures[measure];
    let groups = failing.groups.finish().map_err(lost)?;
    let filter = filter_of(&groups, failing.count(), shared).map_err(lost)?;
    for (at, side) in asked.group_sides().iter().enumerate() {
        // Every side speaks about an entity. Otherwise names alone are read.
        if !side.key.is_empty() && (failing.is_named_by(at) || !side.facts.is_empty()) {
            let source = sources.get(side.dataset).ok_or_else(|| Unmeasured::unreadable("a dataset was not opened"))?;
            read_names((at, side), asked, source, &filter, failing, shared)?;
        }
    }
    drop(filter);
    let names = failing.names.finish().map_err(lost)?;
    for group in sorted(&groups, &names, measure, sink, shared)? {
        if shared.progress.cancelled() {
            return Err(Unmeasured::Cancelled);
        }
        let group = group.map_err(lost)?;
        let gap = group.gap.map(|gap| gap_of(asked, gap));
        let finding = GroupFinding {
            measure,
            key: &group.key,
            reason: group.reason,
            says: &group.says,
            gap: gap.as_ref().map(|(_, ends)| ends),
            units: gap.as_ref().map_or(1, |(points, _)| *points),
        };
        if !sink.take_group(&finding) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The keys of the failing groups.
fn filter_of(groups: &AllRecords, count: u64, shared: Shared<'_>) -> io::Result<KeyFilter> {
    let mut filter = KeyFilter::new(count, shared.memory)?;
    for part in AllRecords::parts() {
        groups.part(part)?.iter().for_each(|(key, _)| filter.add(key));
    }
    Ok(filter)
}

/// How the rows of a side are read.
struct Reader {
    rules: SectionRules,
    key: KeyColumns,
    scope: Option<Condition>,
    /// The facts of the side, with their positions in the measure.
    facts: Vec<(usize, usize, DataType)>,
}

impl Reader {
    /// Prepares the columns of a side.
    fn prepare(side: &GroupSide<'_>, asked: &Measure, shared: Shared<'_>) -> Result<(Vec<String>, Self), PrepareError> {
        let planned = shared.plan.datasets.get(side.dataset).ok_or(PrepareError::UnplannedDataset)?;
        // Rows out of scope name a group as well, and say nothing about it.
        let filter = side.filter.filter(|_| !side.facts.is_empty());
        let facts = side.facts.iter().map(|(_, column, _)| (*column).to_owned());
        let mut columns: Vec<String> = side.key.iter().cloned().chain(facts).collect();
        columns.extend(filter.iter().flat_map(|filter| filter.columns()).map(str::to_owned));
        columns.sort_unstable();
        columns.dedup();
        let rules = SectionRules::prepare(&columns, &planned.columns, filter.into_iter())?;
        let key = if matches!(asked.kind, MeasureKind::Continuous(_)) {
            KeyColumns::of_rows(side.key, &rules)?
        } else {
            KeyColumns::find(side.key, &rules)?
        };
        let place =
            |(at, column, data_type): &(usize, &str, DataType)| Ok((*at, place_of(&rules, column)?, *data_type));
        let facts = side.facts.iter().map(place).collect::<Result<_, PrepareError>>()?;
        let scope = filter.map(|filter| Condition::compile(filter, &rules, shared.as_of)).transpose()?;
        Ok((columns, Self { rules, key, scope, facts }))
    }

    /// Keeps the names of the groups that a batch may have, and what its rows say.
    ///
    /// # Errors
    /// Where they must be spilled and cannot be written.
    fn keep_names(&self, side: usize, batch: &Batch, filter: &KeyFilter, failing: &FailingGroups) -> io::Result<()> {
        let cells = Cells::new(batch, &self.rules);
        let (mut rows, _) = self.key.split(&cells);
        if let Some(scope) = &self.scope {
            rows = rows.and(&scope.evaluate(&cells).yes);
        }
        let mut names: HashMap<Key, Names> = HashMap::new();
        let mut kept = Ok(());
        let keep = |names: &mut HashMap<Key, Names>| {
            names.drain().try_for_each(|(key, Names { values, said })| {
                failing.name(key, &Name { values, said: said.into_iter().collect() })
            })
        };
        self.key.for_each(&cells, &rows, |row, key| {
            if filter.may_have(key) {
                let name = names.entry(key).or_insert_with(|| Names::of(self.key.values(&cells, row)));
                if !self.facts.is_empty() {
                    name.say(Said { side, about: About::Rows, cell: SaidCell::There }, 1);
                    for (fact, at, data_type) in &self.facts {
                        let about = About::Fact(*fact);
                        name.say(Said { side, about, cell: cell(&cells, (*at, *data_type), row) }, 1);
                    }
                }
                if names.len() == MOST_NAMES && kept.is_ok() {
                    kept = keep(&mut names);
                }
            }
        });
        kept.and_then(|()| keep(&mut names))
    }
}

/// What a cell says about a fact.
fn cell(cells: &Cells<'_>, (at, data_type): (usize, DataType), row: usize) -> SaidCell {
    if !cells.present(at).get(row) {
        return SaidCell::Missing;
    }
    let mut text = String::new();
    if cells.write_canonical(at, row, data_type, &mut text) { SaidCell::Value(text) } else { SaidCell::Unparseable }
}

/// A name under way.
#[derive(Clone)]
struct Names {
    values: Vec<Option<String>>,
    said: BTreeMap<Said, u64>,
}

impl Names {
    const fn of(values: Vec<Option<String>>) -> Self {
        Self { values, said: BTreeMap::new() }
    }

    fn say(&mut self, said: Said, rows: u64) {
        *self.said.entry(said).or_default() += rows;
    }

    /// What each side states, without the facts on which all rows agree.
    fn statements(self, facts: &[usize]) -> Vec<GroupStatement> {
        let mut statements: Vec<GroupStatement> = Vec::new();
        let mut values: BTreeMap<(usize, About), u64> = BTreeMap::new();
        for (Said { side, about, cell }, rows) in self.said {
            if let About::Fact(at) = about
                && !facts.contains(&at)
            {
                continue;
            }
            let says = match cell {
                SaidCell::There => Says::Count(rows),
                SaidCell::Missing => Says::Missing(rows),
                SaidCell::Unparseable => Says::Unparseable(rows),
                SaidCell::Value(value) => {
                    let distinct = values.entry((side, about)).or_default();
                    *distinct += 1;
                    if *distinct > MOST_VALUES as u64 {
                        continue;
                    }
                    Says::Value(value, Some(rows))
                }
            };
            statements.push(GroupStatement { side, about, says });
        }
        for ((side, about), distinct) in values.into_iter().filter(|(_, distinct)| *distinct > MOST_VALUES as u64) {
            statements.push(GroupStatement { side, about, says: Says::Distinct(distinct) });
        }
        // One side after the other, and its rows first.
        statements.sort_by_key(|statement| (statement.side, statement.about));
        statements
    }
}

/// Reads the names that a side gives to groups.
fn read_names(
    (at, side): (usize, &GroupSide<'_>),
    asked: &Measure,
    source: &Source,
    filter: &KeyFilter,
    failing: &FailingGroups,
    shared: Shared<'_>,
) -> Result<(), Unmeasured> {
    let (columns, reader) = Reader::prepare(side, asked, shared)?;
    let all: Vec<usize> = (0..columns.len()).collect();
    scan_again(source, (side.dataset, &columns), "evidence", shared, &|mut block| {
        // What cannot be unpacked ends the scan by itself.
        let batches = block.take(&all).unwrap_or_default();
        batches.iter().try_for_each(|batch| reader.keep_names(at, batch, filter, failing))
    })
}

/// A failing group with its name; in the order in which groups are handed on.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct NamedGroup {
    /// What it is ordered by in place of its key.
    order: Option<Vec<Option<String>>>,
    key: Vec<Option<String>>,
    gap: Option<(u64, u64)>,
    reason: GroupReason,
    says: Vec<GroupStatement>,
}

impl NamedGroup {
    /// Bytes that it takes, about.
    fn bytes(&self) -> usize {
        let text = |text: &Option<String>| size_of::<String>() + text.as_ref().map_or(0, String::len);
        let says = |statement: &GroupStatement| {
            let value = if let Says::Value(value, _) = &statement.says { value.len() } else { 0 };
            size_of::<GroupStatement>() + value
        };
        self.key.iter().chain(self.order.iter().flatten()).map(text).sum::<usize>()
            + self.says.iter().map(says).sum::<usize>()
    }
}

/// Joins groups with their names and sorts them.
fn sorted(
    groups: &AllRecords,
    names: &AllRecords,
    measure: usize,
    sink: &dyn EvidenceSink,
    shared: Shared<'_>,
) -> Result<Merged<NamedGroup>, Unmeasured> {
    let lost = |error| shared.lost(error);
    let mut sorter = Sorter::new(shared.memory);
    let asked = &shared.plan.measures[measure];
    let is_whole = asked.group_sides().first().is_some_and(|own| own.key.is_empty());
    let named = |part: u32| -> io::Result<Vec<NamedGroup>> {
        let groups = groups.part(part)?;
        let mut named: HashMap<Key, Option<Names>> =
            groups.iter().map(|(key, _)| (key, is_whole.then(|| Names::of(Vec::new())))).collect();
        for (key, name) in names.part(part)?.iter() {
            let Some(known) = named.get_mut(&key) else { continue };
            let (Name { values, said }, _) = read(name)?;
            let known = known.get_or_insert_with(|| Names::of(values));
            for (said, rows) in said {
                known.say(said, rows);
            }
        }
        let mut found = Vec::new();
        for (key, group) in groups.iter() {
            // A group whose rows are not there any more is missed where groups are counted.
            let Some(Some(name)) = named.get(&key) else { continue };
            let (FailingGroup { gap, reason, mut says, facts }, _) = read(group)?;
            let key = name.values.clone();
            says.extend(name.clone().statements(&facts));
            found.push(NamedGroup { order: sink.group_order(measure, &key), key, gap, reason, says });
        }
        Ok(found)
    };
    let parts: Vec<u32> = AllRecords::parts().collect();
    // As many at a time as there are workers: each takes the memory of a part.
    for parts in parts.chunks(shared.memory.workers()) {
        if shared.progress.cancelled() {
            return Err(Unmeasured::Cancelled);
        }
        let found = parts.par_iter().map(|part| named(*part)).collect::<io::Result<Vec<_>>>().map_err(lost)?;
        for group in found.into_iter().flatten() {
            let bytes = group.bytes();
            sorter.push(group, bytes).map_err(lost)?;
        }
    }
    sorter.finish().map_err(lost)
}

/// The absent points of a gap, and its first and last point as text.
fn gap_of(asked: &Measure, (first, last): (u64, u64)) -> (u64, [String; 2]) {
    let (step, from) = match &asked.kind {
        MeasureKind::Continuous(Continuous { every, from: Some(Value::Integer(from)), .. }) => (*every, *from),
        MeasureKind::Continuous(continuous) => (continuous.every, 0),
        _ => (Step::Number(1), 0),
    };
    (points_of(first, last), [first, last].map(|point| point_text(step, from, point_of_word(point))))
}

//! Rows grouped by the values of some columns, so that the outcomes of each group are counted.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::{MOST_SEGMENTS, Segment, SegmentValue, Unmeasured};
use crate::source::Bits;

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{ColumnRules, place_of};
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::prepare_error::PrepareError;
use crate::engine::local::rows::sink::RowNumber;

/// The number of a group.
type Group = u16;

/// Means all groups beyond the limit.
const BEYOND: Group = Group::MAX;

/// The groups of the rows of a dataset by some of its columns.
#[derive(Debug)]
pub(crate) struct GroupBy {
    names: Vec<String>,
    columns: Vec<usize>,
    groups: Mutex<Groups>,
    /// The groups of each batch by its number, where rows turn out to fail later.
    batches: Option<Mutex<BTreeMap<u32, Arc<BatchGroups>>>>,
    memory: Arc<KeyMemory>,
}

/// The groups that occurred.
#[derive(Debug, Default)]
struct Groups {
    numbers: HashMap<Vec<SegmentValue>, Group>,
    /// Rows of each group, and beyond them.
    rows: Vec<u64>,
    beyond: u64,
}

/// The groups of the rows of a batch.
#[derive(Debug)]
pub(crate) enum BatchGroups {
    /// All rows are in one group.
    One(Group),
    /// One number a row.
    Many(Vec<Group>),
}

impl BatchGroups {
    fn of(&self, row: usize) -> Group {
        match self {
            Self::One(group) => *group,
            Self::Many(groups) => groups[row],
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::One(_) => 0,
            Self::Many(groups) => size_of_val(groups.as_slice()),
        }
    }
}

impl GroupBy {
    /// Prepares columns of those that a section reads.
    ///
    /// # Errors
    /// A column that the section does not read.
    pub(crate) fn prepare(
        names: &[String],
        rules: &[ColumnRules],
        memory: &Arc<KeyMemory>,
    ) -> Result<Self, PrepareError> {
        Ok(Self {
            names: names.to_vec(),
            columns: names.iter().map(|name| place_of(rules, name)).collect::<Result<_, _>>()?,
            groups: Mutex::default(),
            batches: None,
            memory: Arc::clone(memory),
        })
    }

    /// Whether it groups rows by these columns.
    pub(crate) fn is_by(&self, names: &[String]) -> bool {
        self.names == names
    }

    /// The groups of all batches are kept: rows turn out to fail after all were seen.
    pub(crate) fn keep(&mut self) {
        self.batches.get_or_insert_default();
    }

    /// The groups of the rows of a batch.
    ///
    /// # Errors
    /// Where keys must be spilled to make room and cannot be written.
    pub(crate) fn take_in(&self, number: u32, cells: &Cells<'_>) -> io::Result<Arc<BatchGroups>> {
        // Groups are numbered in the batch first: the numbers of all batches are behind a lock.
        let (local, firsts) = self.number_rows(cells);
        let mut rows = vec![0_u64; firsts.len()];
        for group in &local {
            rows[usize::from(*group)] += 1;
        }
        let table: Vec<Group> = {
            let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
            firsts.into_iter().zip(rows).map(|(values, rows)| groups.enter(values, rows)).collect()
        };
        let found = Arc::new(match table.as_slice() {
            [one] => BatchGroups::One(*one),
            _ => BatchGroups::Many(local.iter().map(|group| table[usize::from(*group)]).collect()),
        });
        if let Some(batches) = &self.batches {
            batches.lock().unwrap_or_else(PoisonError::into_inner).insert(number, Arc::clone(&found));
            self.memory.take(found.bytes())?;
        }
        Ok(found)
    }

    /// Numbers the groups of a batch in the order in which they come; the last number means all beyond the most.
    fn number_rows(&self, cells: &Cells<'_>) -> (Vec<Group>, Vec<Vec<SegmentValue>>) {
        let values = |row: usize| -> Vec<SegmentValue> {
            self.columns.iter().map(|column| value_of(cells, *column, row)).collect()
        };
        if let [column] = self.columns.as_slice()
            && cells.data_type(*column).is_textual()
            && let Some(dictionary) = cells.dictionary(*column)
        {
            // Two of its texts may be in one group: all missing tokens are.
            let mut firsts: Vec<Vec<SegmentValue>> = vec![vec![SegmentValue::Missing]];
            let codes: Vec<Group> = dictionary
                .representatives()
                .map(|row| {
                    let values = values(row);
                    if values[0] == SegmentValue::Missing {
                        return 0;
                    }
                    firsts.push(values);
                    Group::try_from(firsts.len() - 1).unwrap_or(BEYOND)
                })
                .collect();
            return (dictionary.spread_values(&codes, 0), firsts);
        }
        let mut numbers: HashMap<Vec<SegmentValue>, Group> = HashMap::new();
        let mut firsts: Vec<Vec<SegmentValue>> = Vec::new();
        let mut last: Option<(Vec<SegmentValue>, Group)> = None;
        let local = (0..cells.rows())
            .map(|row| {
                let values = values(row);
                if let Some((known, group)) = &last
                    && *known == values
                {
                    return *group;
                }
                let group = if let Some(group) = numbers.get(values.as_slice()) {
                    *group
                } else {
                    // One batch may hold more groups than the limit; one number is for the rest.
                    let at = firsts.len().min(MOST_SEGMENTS);
                    if at == firsts.len() {
                        firsts.push(values.clone());
                    }
                    let group = Group::try_from(at).unwrap_or(BEYOND);
                    if at < MOST_SEGMENTS {
                        numbers.insert(values.clone(), group);
                    }
                    group
                };
                last = Some((values, group));
                group
            })
            .collect();
        (local, firsts)
    }

    /// The outcomes of all groups in the order of their values, where `failed` and `not_applicable` were counted.
    ///
    /// # Errors
    /// Where there are too many groups.
    pub(crate) fn finish(&self, counted: &GroupCounts) -> Result<Vec<Segment>, Unmeasured> {
        let groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        if groups.beyond > 0 {
            return Err(Unmeasured::unreadable(format!(
                "`segment` makes more than {MOST_SEGMENTS} groups by {}; take columns with fewer values",
                self.names.join(", ")
            )));
        }
        let sorted: BTreeMap<&Vec<SegmentValue>, Group> =
            groups.numbers.iter().map(|(values, group)| (values, *group)).collect();
        let segment = |(values, group): (&Vec<SegmentValue>, Group)| {
            let [failed, not_applicable] = counted.0.get(usize::from(group)).copied().unwrap_or_default();
            let rows = groups.rows.get(usize::from(group)).copied().unwrap_or_default();
            Segment { values: values.clone(), passed: rows - failed - not_applicable, failed, not_applicable }
        };
        Ok(sorted
            .into_iter()
            .map(segment)
            .filter(|group| group.passed + group.failed + group.not_applicable > 0)
            .collect())
    }

    fn group_of(&self, row: RowNumber) -> Option<Group> {
        let batches = self.batches.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        #[expect(clippy::cast_possible_truncation, reason = "the halves of the number")]
        batches.get(&((row >> 32) as u32)).map(|groups| groups.of(row as u32 as usize))
    }
}

impl Drop for GroupBy {
    fn drop(&mut self) {
        if let Some(batches) = &self.batches {
            let batches = batches.lock().unwrap_or_else(PoisonError::into_inner);
            self.memory.give_back(batches.values().map(|groups| groups.bytes()).sum());
        }
    }
}

impl Groups {
    fn enter(&mut self, values: Vec<SegmentValue>, rows: u64) -> Group {
        let next = self.rows.len();
        let known = self.numbers.get(&values).copied();
        let group = known
            .unwrap_or_else(|| if next < MOST_SEGMENTS { Group::try_from(next).unwrap_or(BEYOND) } else { BEYOND });
        if group == BEYOND {
            self.beyond += rows;
            return group;
        }
        if known.is_none() {
            self.numbers.insert(values, group);
            self.rows.push(0);
        }
        self.rows[usize::from(group)] += rows;
        group
    }
}

/// The value of a row in a column.
pub(super) fn value_of(cells: &Cells<'_>, column: usize, row: usize) -> SegmentValue {
    if !cells.present(column).get(row) {
        return SegmentValue::Missing;
    }
    let mut text = String::new();
    if cells.write_canonical(column, row, cells.data_type(column), &mut text) {
        SegmentValue::Value(text)
    } else {
        SegmentValue::Unreadable
    }
}

/// For each group the rows that failed and those that are not applicable. All others passed.
#[derive(Debug, Default)]
pub(crate) struct GroupCounts(Vec<[u64; 2]>);

/// Which of the two counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Failed = 0,
    NotApplicable = 1,
}

impl GroupCounts {
    /// Counts rows of a batch.
    pub(crate) fn add(&mut self, groups: &BatchGroups, outcome: Outcome, rows: &Bits) {
        match groups {
            BatchGroups::One(group) => self.count(*group, outcome, rows.count()),
            BatchGroups::Many(groups) => rows.ones().for_each(|row| self.count(groups[row], outcome, 1)),
        }
    }

    /// Counts rows by number that turned out after all were seen.
    pub(crate) fn add_late(&mut self, group_by: &GroupBy, outcome: Outcome, rows: &[RowNumber]) {
        rows.iter().filter_map(|row| group_by.group_of(*row)).for_each(|group| self.count(group, outcome, 1));
    }

    fn count(&mut self, group: Group, outcome: Outcome, rows: u64) {
        if group == BEYOND {
            return;
        }
        let at = usize::from(group);
        if at >= self.0.len() {
            self.0.resize(at + 1, [0; 2]);
        }
        self.0[at][outcome as usize] += rows;
    }
}

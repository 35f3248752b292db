//! The failing groups of a measure while it is completed.
//!
//! Groups are told apart by the words of their keys, and no text of a key is kept for all rows. So the groups that fail are
//! kept by those words, and the names of these alone are read from the data once more, after all passes.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use crate::engine::local::groups::records::{Records, written};
use crate::engine::local::keys::hashed::Key;
use crate::engine::local::memory::KeyMemory;
use crate::engine::{About, GroupReason, GroupStatement};

/// What a measure knows of a failing group without its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct FailingGroup {
    /// The first and last absent point of a gap, as numbers in the order of points.
    pub gap: Option<(u64, u64)>,
    /// Why it fails.
    pub reason: GroupReason,
    /// What the sides say.
    pub says: Vec<GroupStatement>,
    /// The facts in which an entity conflicts.
    pub facts: Vec<usize>,
}

impl FailingGroup {
    /// A group that fails for this reason, where the sides say nothing.
    pub(crate) const fn silent(reason: GroupReason) -> Self {
        Self { gap: None, reason, says: Vec::new(), facts: Vec::new() }
    }
}

/// What rows of a group say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Said {
    /// The side of the rows.
    pub side: usize,
    /// What they speak of.
    pub about: About,
    /// What they say.
    pub cell: SaidCell,
}

/// What the cell of a row says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum SaidCell {
    /// That the row is there.
    There,
    /// This value.
    Value(String),
    /// Nothing: it is missing.
    Missing,
    /// A value that is not of its type.
    Unparseable,
}

/// The name of a group, and in how many rows what is said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Name {
    /// The values of its key.
    pub values: Vec<Option<String>>,
    /// What some of its rows say, each with the number of these rows.
    pub said: Vec<(Said, u64)>,
}

/// The failing groups of one measure.
#[derive(Debug)]
pub(crate) struct FailingGroups {
    /// The groups.
    pub(crate) groups: Records,
    /// The names of groups and of some others. A group may have several: what their rows say adds up.
    pub(crate) names: Records,
    count: AtomicU64,
    /// The sides that name the groups, as bits.
    sides: AtomicU64,
}

impl FailingGroups {
    fn new(memory: &Arc<KeyMemory>) -> Self {
        Self {
            groups: Records::new(memory),
            names: Records::new(memory),
            count: AtomicU64::new(0),
            sides: AtomicU64::new(0),
        }
    }

    /// Takes in a group that this side can name. Called from many threads.
    ///
    /// # Errors
    /// Where groups must be spilled and cannot be written.
    pub(crate) fn push(&self, key: Key, side: u32, group: &FailingGroup) -> io::Result<()> {
        self.sides.fetch_or(1 << side, Ordering::Relaxed);
        self.enter(key, group)
    }

    /// Takes in a group whose name is known.
    ///
    /// # Errors
    /// Where groups must be spilled and cannot be written.
    pub(crate) fn push_named(&self, key: Key, values: Vec<Option<String>>, group: &FailingGroup) -> io::Result<()> {
        self.name(key, &Name { values, said: Vec::new() })?;
        self.enter(key, group)
    }

    fn enter(&self, key: Key, group: &FailingGroup) -> io::Result<()> {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.groups.push(key, &written(group)?)
    }

    /// Takes in a name of a group.
    ///
    /// # Errors
    /// Where names must be spilled and cannot be written.
    pub(crate) fn name(&self, key: Key, name: &Name) -> io::Result<()> {
        self.names.push(key, &written(name)?)
    }

    /// How many groups there are.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Whether a side names groups.
    pub(crate) fn is_named_by(&self, side: usize) -> bool {
        self.sides.load(Ordering::Relaxed) >> side & 1 == 1
    }
}

/// The failing groups of all measures whose groups are wanted.
#[derive(Debug)]
pub(crate) struct AllFailingGroups(Vec<Option<FailingGroups>>);

impl AllFailingGroups {
    /// Of the measures that are wanted; `measures` is the number of all.
    pub(crate) fn new(wanted: &BTreeSet<usize>, measures: usize, memory: &Arc<KeyMemory>) -> Self {
        Self((0..measures).map(|at| wanted.contains(&at).then(|| FailingGroups::new(memory))).collect())
    }

    /// The failing groups of a measure; `None` where they are not wanted.
    pub(crate) fn of(&self, measure: usize) -> Option<&FailingGroups> {
        self.0.get(measure)?.as_ref()
    }
}

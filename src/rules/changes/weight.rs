//! What a single difference between two suites does, and how several of them add up.

use std::cmp::Ordering;

use serde_json::Value;

use crate::model::{ChangeKind, Effect, Party, SuiteChange, SuiteDetail, SuitePart};

/// What a difference does to the data that passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// Whatever passes now passed before.
    Stricter,
    /// Whatever passed before passes now.
    Looser,
    /// Neither is known.
    Other,
    /// No verdict depends on it.
    Neutral,
}

impl Weight {
    /// The opposite direction.
    pub(super) const fn reversed(self) -> Self {
        match self {
            Self::Stricter => Self::Looser,
            Self::Looser => Self::Stricter,
            other => other,
        }
    }

    /// What a step to `Less`, `Equal` or `Greater` does where a greater value is stricter.
    pub(super) const fn of_greater(step: Ordering) -> Self {
        match step {
            Ordering::Less => Self::Looser,
            Ordering::Equal => Self::Neutral,
            Ordering::Greater => Self::Stricter,
        }
    }

    /// Both together. Two steps in one direction are a step in it; in two directions, nothing is known.
    pub(super) const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Neutral, weight) | (weight, Self::Neutral) => weight,
            (Self::Stricter, Self::Stricter) => Self::Stricter,
            (Self::Looser, Self::Looser) => Self::Looser,
            _ => Self::Other,
        }
    }

    const fn effect(self) -> Effect {
        match self {
            Self::Stricter => Effect::Stricter,
            Self::Looser => Effect::Looser,
            Self::Other | Self::Neutral => Effect::Other,
        }
    }

    fn breaks(self) -> Vec<Party> {
        match self {
            Self::Stricter => vec![Party::Producer],
            Self::Looser => vec![Party::Consumer],
            Self::Other => vec![Party::Producer, Party::Consumer],
            Self::Neutral => Vec::new(),
        }
    }
}

/// The differences of one part.
#[derive(Debug, Default)]
pub(super) struct Differences(Vec<(Weight, SuiteDetail)>);

impl Differences {
    /// Adds a difference with both sides as text.
    pub(super) fn add(&mut self, what: &str, weight: Weight, old: Option<String>, new: Option<String>) {
        let (effect, breaks) = (weight.effect(), weight.breaks());
        self.0.push((weight, SuiteDetail { what: what.to_owned(), effect, breaks, old, new }));
    }

    /// Adds a difference unless both sides are equal.
    pub(super) fn compare(&mut self, what: &str, weight: Weight, old: Option<String>, new: Option<String>) {
        if old != new {
            self.add(what, weight, old, new);
        }
    }

    /// The change of the part; `None` where nothing differs.
    pub(super) fn finish(self, part: SuitePart, name: &str) -> Option<SuiteChange> {
        if self.0.is_empty() {
            return None;
        }
        let weight = self.0.iter().fold(Weight::Neutral, |all, (weight, _)| all.and(*weight));
        let mut change = whole(part, name, ChangeKind::Changed, weight);
        change.details = self.0.into_iter().map(|(_, detail)| detail).collect();
        Some(change)
    }
}

/// A part that is as a whole added, removed or renamed.
pub(super) fn whole(part: SuitePart, name: &str, kind: ChangeKind, weight: Weight) -> SuiteChange {
    SuiteChange {
        part,
        name: name.to_owned(),
        kind,
        effect: weight.effect(),
        breaks: weight.breaks(),
        renamed_from: None,
        details: Vec::new(),
    }
}

/// A value of a suite in a line.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Null => "none".to_owned(),
        other => other.to_string(),
    }
}

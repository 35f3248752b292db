//! Waivers of rules whose ids are known only with the columns of the data.

use std::collections::BTreeMap;

use super::diagnostic::Span;
use super::waiver::PlacedWaiver;

/// Waivers of rules that one rule of the suite makes for each of several columns, by id.
#[derive(Debug, Default)]
pub(super) struct LateWaivers(BTreeMap<String, LateWaiver>);

/// One of them.
#[derive(Debug)]
pub(super) struct LateWaiver {
    /// The dataset whose columns decide whether there is such a rule.
    pub(super) dataset: String,
    /// Where the rule is named.
    pub(super) place: Span,
    /// The waiver.
    pub(super) placed: PlacedWaiver,
}

impl LateWaivers {
    /// Adds the waiver of the rule of that id.
    pub(super) fn add(&mut self, id: String, waiver: LateWaiver) {
        self.0.insert(id, waiver);
    }

    /// The waiver of a rule.
    pub(super) fn of(&self, id: &str) -> Option<&PlacedWaiver> {
        self.0.get(id).map(|late| &late.placed)
    }

    /// Each of them with the id of its rule, in order of the ids.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &LateWaiver)> {
        self.0.iter().map(|(id, late)| (id.as_str(), late))
    }
}

//! One waiver as written: under `waive` of a rule, or in a file of waivers.

use super::diagnostic::{Faults, Span};
use super::fields::{self, Field, Fields, field};
use super::threshold;
use super::yaml::Node;
use crate::model::{CalendarDate, Waiver};

/// The keys of `waive:` on a rule.
pub(super) const WAIVE: &[Field] = &[
    field(
        "until",
        "The last date on which the fault is accepted, such as 2026-12-31; the rule fails again the day after",
    ),
    field("by", "Who accepts the fault: a person or an organisation"),
    field("because", "Why the fault is accepted"),
    field("at_most", "The most failures that are accepted: `500 rows` or 0.5%; by default any number"),
];

/// What every waiver says.
const NEEDED: &[&str] = &["until", "by", "because"];

/// A waiver, and where it says how long it applies.
#[derive(Debug, Clone)]
pub(super) struct PlacedWaiver {
    /// The waiver.
    pub(super) waiver: Waiver,
    /// Where its `until` is.
    pub(super) until: Span,
}

/// Reads `waive:` of a rule.
pub(super) fn of_rule(node: &Node, faults: &mut Faults) -> Option<PlacedWaiver> {
    read(&Fields::of(node, "`waive`", WAIVE, faults)?, "`waive`", faults)
}

/// Reads the keys of a waiver, which messages call `what`.
pub(super) fn read(written: &Fields<'_>, what: &str, faults: &mut Faults) -> Option<PlacedWaiver> {
    for known in WAIVE.iter().filter(|field| NEEDED.contains(&field.name) && written.get(field.name).is_none()) {
        let help = format!("{}: {}", known.name, known.doc);
        faults.help(written.span, format!("{what} needs `{}`", known.name), Some(help));
    }
    let until = written.get("until");
    let date = until
        .and_then(|node| fields::parsed(node, "`until`", "a date such as 2026-12-31", CalendarDate::parse, faults));
    let sentence = |name: &str, faults: &mut Faults| {
        let text = written.text(name, faults)?;
        let is_blank = text.trim().is_empty();
        if let Some(node) = written.get(name).filter(|_| is_blank) {
            faults.at(node.span, format!("`{name}` is empty"));
        }
        (!is_blank).then_some(text)
    };
    let (by, because) = (sentence("by", faults), sentence("because", faults));
    let limit = written.get("at_most");
    let at_most = limit.and_then(|node| threshold::stated(node, "at_most", true, faults));
    if limit.is_some() && at_most.is_none() {
        return None;
    }
    Some(PlacedWaiver { waiver: Waiver { until: date?, by: by?, because: because?, at_most }, until: until?.span })
}

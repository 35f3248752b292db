//! When an audit passes, and the limits between the bands.

use super::diagnostic::Faults;
use super::fields::{self, Field, Fields, field};
use super::suite::Gate;
use super::yaml::Node;
use crate::model::{Bands, Dimension, Score, Severity, UnmeasuredRules};

/// The keys of `gate:`.
pub(super) const GATE: &[Field] = &[
    field("fail_on", "The mildest severity whose failed rules fail the gate: minor, major (default), critical or none"),
    field("min_score", "The lowest overall score that a dataset may have, 0 to 100"),
    field("min_dimension", "The lowest score that a dimension of a dataset may have, by dimension"),
    field(
        "unmeasured",
        "What rules that measured nothing do: warn (default) names them beside the verdict, fail fails the gate, allow does \
         neither",
    ),
];

/// The keys of `bands:`.
pub(super) const BANDS: &[Field] =
    &[field("green", "Green from this score (default 90)"), field("amber", "Amber from this score (default 75)")];

/// The severities by name.
pub(super) fn severities() -> Vec<(&'static str, Severity)> {
    Severity::ALL.iter().map(|severity| (severity.name(), *severity)).collect()
}

/// The dimensions by name.
pub(super) fn dimensions() -> Vec<(&'static str, Dimension)> {
    Dimension::ALL.iter().map(|dimension| (dimension.name(), *dimension)).collect()
}

fn score(node: &Node, what: &str, faults: &mut Faults) -> Option<Score> {
    fields::parsed(node, what, "a score from 0 to 100 with at most two decimals", Score::parse, faults)
}

/// Reads `gate:`.
pub(super) fn gate(node: &Node, faults: &mut Faults) -> Gate {
    let mut gate = Gate::default();
    let Some(written) = Fields::of(node, "`gate`", GATE, faults) else { return gate };
    if let Some(node) = written.get("fail_on") {
        let mut words: Vec<(&str, Option<Severity>)> =
            severities().into_iter().map(|(name, severity)| (name, Some(severity))).collect();
        words.push(("none", None));
        if let Some(fail_on) = fields::choice(node, "`fail_on`", &words, faults) {
            gate.fail_on = fail_on;
        }
    }
    if let Some(node) = written.get("unmeasured")
        && let Some(unmeasured) = fields::choice(node, "`unmeasured`", &UnmeasuredRules::WORDS, faults)
    {
        gate.unmeasured = unmeasured;
    }
    gate.min_score = written.get("min_score").and_then(|node| score(node, "`min_score`", faults));
    if let Some(node) = written.get("min_dimension") {
        let known = dimensions();
        for (key, value) in fields::entries(node, "`min_dimension`", faults).unwrap_or_default() {
            match known.iter().find(|(name, _)| *name == key.text) {
                Some((_, dimension)) => {
                    if let Some(least) = score(value, "`min_dimension`", faults) {
                        gate.min_dimension.insert(*dimension, least);
                    }
                }
                None => faults.unknown(key.span, "dimension", &key.text, known.iter().map(|(name, _)| *name)),
            }
        }
    }
    gate
}

/// Reads `bands:`.
pub(super) fn bands(node: &Node, faults: &mut Faults) -> Bands {
    let mut bands = Bands::default();
    let Some(written) = Fields::of(node, "`bands`", BANDS, faults) else { return bands };
    if let Some(green) = written.get("green").and_then(|node| score(node, "`green`", faults)) {
        bands.green = green;
    }
    if let Some(amber) = written.get("amber").and_then(|node| score(node, "`amber`", faults)) {
        bands.amber = amber;
    }
    if bands.amber > bands.green {
        let message = format!("amber begins at {}, over green at {}", bands.amber, bands.green);
        faults.at(written.span, message);
    }
    bands
}

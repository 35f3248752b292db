//! Reading how many failures are allowed; what somebody may take for something else is refused.

use super::diagnostic::{Faults, quoted};
use super::fields::{self, Fields};
use super::yaml::Node;
use crate::model::{Threshold, ThresholdError};

/// Reads `at_least` or `at_most`, which exclude each other.
pub(super) fn either(written: &Fields<'_>, faults: &mut Faults) -> Option<Threshold> {
    let least = written.get("at_least").and_then(|node| stated(node, "at_least", false, faults));
    let most = written.get("at_most").and_then(|node| stated(node, "at_most", true, faults));
    if written.get("at_least").is_some() && written.get("at_most").is_some() {
        faults.at(written.key_span("at_most"), "`at_least` and `at_most` exclude each other");
    }
    least.or(most)
}

/// Reads the value of the key `name`, which says how many rows pass or (with `most`) fail.
pub(super) fn stated(node: &Node, name: &str, most: bool, faults: &mut Faults) -> Option<Threshold> {
    let text = fields::text(node, &format!("`{name}`"), faults)?;
    let error = match Threshold::parse_stated(text, most) {
        Ok(threshold) => return Some(threshold),
        Err(error) => error,
    };
    let expected = "a share such as 99.5% (at most four decimals) or a number of rows such as `20 rows`";
    let refused = format!("`{name}` takes {expected}, not {}", quoted(text));
    let (message, help) = match error {
        ThresholdError::Bare(number) => {
            let rows = format!("{number} {}", if number == 1 { "row" } else { "rows" });
            let message = format!("{} is ambiguous: {number}% or {rows} (`{rows}`)?", quoted(text));
            (message, Some(format!("write `{name}: {number}%` or `{name}: {rows}`")))
        }
        ThresholdError::Fraction(percent) if most && percent != "100%" => {
            (refused, Some(format!("write {percent}; if it is a percentage already, write {}%", text.trim())))
        }
        ThresholdError::Fraction(percent) | ThresholdError::Percent(percent) => {
            (refused, Some(format!("write {percent}")))
        }
        ThresholdError::NoShare => (refused, Some("a share is from 0% to 100%".to_owned())),
        ThresholdError::NoThreshold => (refused, None),
    };
    faults.help(node.span, message, help);
    None
}

//! Words of outcomes and bands with their colours: a colour says nothing that its word does not.

use anstyle::Style;

use crate::model::{Band, RuleReport, Status};
use crate::report::style::{GREEN, RED, YELLOW};

/// The word for the outcome of a rule.
pub(super) const fn status_word(rule: &RuleReport) -> (Style, &'static str) {
    match rule.status {
        Status::Errored => (RED, "ERRORED"),
        Status::Failed if !rule.fails_gate => (YELLOW, "failed"),
        Status::Failed => (RED, "FAILED"),
        Status::Waived => (YELLOW, "waived"),
        Status::Warned => (YELLOW, "warned"),
        Status::Undecided => (YELLOW, "UNDECIDED"),
        Status::NotMeasured => (YELLOW, "NOT MEASURED"),
        Status::Passed => (GREEN, "PASSED"),
    }
}

/// The words of the bands with their colours.
pub(super) const BANDS: [(&str, Style); 3] = [
    (Band::Red.name(), band_style(Band::Red)),
    (Band::Amber.name(), band_style(Band::Amber)),
    (Band::Green.name(), band_style(Band::Green)),
];

pub(super) const fn band_style(band: Band) -> Style {
    match band {
        Band::Red => RED,
        Band::Amber => YELLOW,
        Band::Green => GREEN,
    }
}

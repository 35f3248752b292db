//! Waivers for people: beside the rules that they are about, and in one list of those that somebody has to act on.

use anstyle::Style;

use super::Safe;
use super::page::{Line, Page};
use super::style::{BOLD, RED, YELLOW};
use super::wording::{Plural, Prose, threshold};
use crate::model::{AuditReport, Count, RuleReport, WaiverReport, WaiverState};

/// Below a rule: what its waiver accepts, and whether that applies.
pub(super) fn of_rule(page: &mut Page, report: &AuditReport, rule: &RuleReport) {
    let Some(waiver) = report.waivers.iter().find(|waiver| waiver.rule == rule.id) else { return };
    let line = match waiver.state {
        WaiverState::Active | WaiverState::Expiring => {
            let left = format_args!("waived until {} ({} left)", waiver.until, Plural(days(waiver), "day")).to_string();
            by(Line::new(left), waiver)
        }
        WaiverState::Exceeded => by(Line::new("not waived: more failures than are accepted"), waiver),
        WaiverState::Expired => by(Line::new("no longer waived: accepted until ").text(waiver.until), waiver),
        WaiverState::NotJudged | WaiverState::Unneeded => return,
    };
    page.paragraph(4, 6, &line.text(": ").text(Prose(&waiver.because)));
}

/// The limit of a waiver, and who accepted the fault.
fn by(line: Line, waiver: &WaiverReport) -> Line {
    let line = line.text(" by ").text(Prose(&waiver.by));
    match waiver.at_most {
        Some(limit) => line.text(", ").text(threshold(limit, waiver.unit)),
        None => line,
    }
}

/// The days that are left, or since which it is over.
const fn days(waiver: &WaiverReport) -> u64 {
    waiver.days_left.unsigned_abs()
}

/// The waivers that somebody has to act on, or with `verbose` all of them.
pub(super) fn list(page: &mut Page, report: &AuditReport, verbose: bool) {
    let waivers = &report.waivers;
    let shown: Vec<&WaiverReport> =
        waivers.iter().filter(|waiver| verbose || waiver.state != WaiverState::Active).collect();
    if shown.is_empty() {
        return;
    }
    page.gap();
    let mut line = Line::default().styled(BOLD, "waivers").text("  ").text(Count(waivers.len() as u64));
    let quiet = waivers.len() - shown.len();
    if quiet > 0 {
        line = line.text(format_args!(", {} of them without anything to do", Count(quiet as u64)));
    }
    page.paragraph(0, 2, &line);
    for waiver in shown {
        let (style, word) = word(waiver.state);
        let line = Line::default().styled(style, word).text("  ").styled(BOLD, Safe(&waiver.rule)).text("  ");
        page.paragraph(2, 4, &sentence(line, waiver));
    }
}

const fn word(state: WaiverState) -> (Style, &'static str) {
    match state {
        WaiverState::Exceeded => (RED, "EXCEEDED"),
        WaiverState::Expired => (RED, "EXPIRED"),
        WaiverState::NotJudged => (YELLOW, "not judged"),
        WaiverState::Unneeded => (YELLOW, "remove"),
        WaiverState::Expiring => (YELLOW, "expires"),
        WaiverState::Active => (Style::new(), "active"),
    }
}

/// What somebody has to know about a waiver.
fn sentence(line: Line, waiver: &WaiverReport) -> Line {
    let (by, until) = (Prose(&waiver.by), waiver.until);
    let failing = format!("{} of {} {} failed", Count(waiver.failed), Count(waiver.evaluated), waiver.unit.nouns());
    match waiver.state {
        WaiverState::Exceeded => {
            let limit = waiver.at_most.map(|limit| threshold(limit, waiver.unit)).unwrap_or_default();
            line.text(format_args!("{failing}, and {by} accepts {limit} until {until}"))
        }
        WaiverState::Expired => {
            line.text(format_args!("accepted by {by} until {until}, {} ago: {failing}", Plural(days(waiver), "day")))
        }
        WaiverState::NotJudged => {
            line.text(format_args!("the rule is {}; accepted by {by} until {until}", waiver.status.name()))
        }
        WaiverState::Unneeded => line.text(format_args!(
            "waiver of a rule that passes now ({}): remove it; accepted by {by} until {until}",
            waiver.status.name()
        )),
        WaiverState::Expiring if waiver.days_left == 0 => {
            line.text(format_args!("today, {until}, is the last date; accepted by {by}"))
        }
        WaiverState::Expiring | WaiverState::Active => {
            line.text(format_args!("until {until}, {} left; accepted by {by}", Plural(days(waiver), "day")))
        }
    }
}

//! Who has to do what: the rules that need attention, by owner.

use std::collections::BTreeMap;

use super::words::status_word;
use crate::model::{AuditReport, DatasetReport, DatasetStatus, RuleReport, Severity, Status};
use crate::report::Safe;
use crate::report::page::{Line, Page};
use crate::report::style::{BOLD, RED, YELLOW};
use crate::report::wording::{Plural, Prose, outcome};

/// What is shown for rules and datasets without an owner.
const NO_OWNER: &str = "without an owner";

/// What one owner has to act on.
#[derive(Default)]
struct Tasks<'r> {
    errored: Vec<&'r DatasetReport>,
    rules: Vec<(&'r DatasetReport, &'r RuleReport)>,
    /// Datasets that fail the gate, or were not read in full, though no rule of the owner says so.
    others: Vec<(&'r DatasetReport, &'static str)>,
    passed: u64,
    not_measured: u64,
}

/// The owners, those whose rules fail the gate first.
pub(super) fn by_owner(page: &mut Page, report: &AuditReport) {
    let mut owners: BTreeMap<&str, Tasks<'_>> = BTreeMap::new();
    for dataset in &report.datasets {
        let of_dataset = dataset.owner.as_deref().unwrap_or(NO_OWNER);
        if dataset.status == DatasetStatus::Errored {
            owners.entry(of_dataset).or_default().errored.push(dataset);
            continue;
        }
        for rule in &dataset.rules {
            let tasks = owners.entry(rule.owner.as_deref().unwrap_or(of_dataset)).or_default();
            match rule.status {
                Status::Passed => tasks.passed += 1,
                Status::NotMeasured if !rule.fails_gate => tasks.not_measured += 1,
                _ => tasks.rules.push((dataset, rule)),
            }
        }
        let other = match dataset.status {
            DatasetStatus::NotReached => Some("was not read: the audit was stopped early"),
            DatasetStatus::Stopped => Some("was read in part: the audit was stopped early"),
            // Such as a score that is too low.
            _ if dataset.fails_gate && !dataset.rules.iter().any(|rule| rule.fails_gate) => {
                Some("fails the gate: the reasons are at the beginning")
            }
            _ => None,
        };
        if let Some(why) = other {
            owners.entry(of_dataset).or_default().others.push((dataset, why));
        }
    }
    let mut owners: Vec<(&str, Tasks<'_>)> = owners.into_iter().collect();
    for (_, tasks) in &mut owners {
        // The order of the report is kept within each group.
        tasks.rules.sort_by_key(|(_, rule)| (!rule.fails_gate, rule.status));
    }
    let failing = |tasks: &Tasks<'_>| tasks.rules.iter().filter(|(_, rule)| rule.fails_gate).count();
    owners.sort_by_key(|(_, tasks)| {
        let open = tasks.rules.len();
        let unread = tasks.errored.len() + tasks.others.len();
        (std::cmp::Reverse(unread), std::cmp::Reverse(failing(tasks)), std::cmp::Reverse(open))
    });
    for (owner, tasks) in &owners {
        page.gap();
        let open = tasks.rules.len() as u64;
        let mut parts = Vec::new();
        if open > 0 {
            let verb = if open == 1 { "needs" } else { "need" };
            parts.push(format!("{} {verb} attention", Plural(open, "rule")));
        } else if tasks.errored.is_empty() && tasks.others.is_empty() {
            parts.push("nothing to do".to_owned());
        }
        parts.push(format!("{} passed", Plural(tasks.passed, "rule")));
        if tasks.not_measured > 0 {
            parts.push(format!("{} not measured", Plural(tasks.not_measured, "rule")));
        }
        page.paragraph(0, 2, &Line::default().styled(BOLD, Safe(owner)).text("  ").text(parts.join(" · ")));
        for dataset in &tasks.errored {
            let reason = dataset.error.as_deref().unwrap_or("no reason was given");
            let line = Line::default().styled(RED, "ERRORED").text("  ").styled(BOLD, Safe(&dataset.name));
            page.paragraph(2, 4, &line.text(" could not be audited: ").text(Prose(reason)));
        }
        for (dataset, why) in &tasks.others {
            let style = if dataset.fails_gate { RED } else { YELLOW };
            page.paragraph(2, 4, &Line::default().styled(style, Safe(&dataset.name)).text(" ").text(why));
        }
        for (dataset, rule) in &tasks.rules {
            of_rule(page, dataset, rule);
        }
    }
}

fn of_rule(page: &mut Page, dataset: &DatasetReport, rule: &RuleReport) {
    let (style, word) = status_word(rule);
    let severity = if rule.severity == Severity::Critical { RED } else { anstyle::Style::new() };
    let line = Line::default().styled(style, word).text("  ").styled(severity, rule.severity).text("  ");
    let line = line.text(Safe(&dataset.name)).text(": ").styled(BOLD, Safe(&rule.id));
    page.paragraph(2, 4, &line);
    page.paragraph(4, 6, &Line::new(outcome(rule)));
    if let Some(fix) = &rule.fix {
        page.paragraph(4, 6, &Line::default().styled(BOLD, "fix").text(": ").text(Prose(fix)));
    }
    if let Some(due) = rule.due {
        let line = match rule.overdue_days {
            Some(days) => {
                Line::default().styled(RED, "overdue").text(format_args!(" since {due}, {}", Plural(days, "day")))
            }
            None => Line::default().styled(YELLOW, "due").text(format_args!(" {due}")),
        };
        page.paragraph(4, 6, &line);
    }
}

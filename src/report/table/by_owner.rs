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
    /// The rules that need no attention.
    calm: u64,
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
            if matches!(rule.status, Status::Passed | Status::NotMeasured) {
                tasks.calm += 1;
            } else {
                tasks.rules.push((dataset, rule));
            }
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
        (std::cmp::Reverse(tasks.errored.len()), std::cmp::Reverse(failing(tasks)), std::cmp::Reverse(open))
    });
    for (owner, tasks) in &owners {
        page.gap();
        let mut line = Line::default().styled(BOLD, Safe(owner)).text("  ");
        let open = tasks.rules.len() as u64;
        line = match (open, tasks.errored.len()) {
            (0, 0) => line.text("nothing to do"),
            (0, _) => line,
            _ => line.text(Plural(open, "rule")).text(if open == 1 { " needs attention" } else { " need attention" }),
        };
        page.paragraph(0, 2, &line.text(format_args!(" · {} passed or not measured", Plural(tasks.calm, "rule"))));
        for dataset in &tasks.errored {
            let reason = dataset.error.as_deref().unwrap_or("no reason was given");
            let line = Line::default().styled(RED, "ERRORED").text("  ").styled(BOLD, Safe(&dataset.name));
            page.paragraph(2, 4, &line.text(" could not be audited: ").text(Prose(reason)));
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

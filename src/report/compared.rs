//! What changed between two results, for people.

use super::frame::{Grid, cell};
use super::json::schema_of;
use super::page::{Line, Page};
use super::style::{BOLD, GREEN, RED, YELLOW};
use super::wording::{Plural, Prose, verdict_word};
use super::{Look, Safe};
use crate::model::{
    Change, ChangeCounts, ComparedDataset, ComparedResult, ComparedRule, Count, DatasetDiff, ResultDiff, RuleDiff, Unit,
};
use anstyle::Style;

/// How many rules that are not comparable are listed for each dataset by default.
const NOT_COMPARABLE_SHOWN: usize = 12;

/// The characters of a digest that are shown.
const DIGEST_SHOWN: usize = 12;

/// The JSON Schema (draft-07) of a comparison.
pub fn schema() -> serde_json::Value {
    schema_of::<ResultDiff>()
}

/// The page of a comparison: datasets and rules with new and worse failures first.
pub fn render(diff: &ResultDiff, look: &Look) -> String {
    let mut page = Page::new(look.width, look.color);
    let line = Line::default().styled(BOLD, Safe(&diff.suite)).text("  ");
    page.paragraph(0, 2, &changes(line, &diff.counts));
    for (name, result) in [("older  ", &diff.old), ("newer  ", &diff.new)] {
        page.paragraph(2, 9, &of_result(Line::new(name), result));
    }
    if diff.same {
        page.paragraph(2, 4, &Line::default().styled(YELLOW, "note").text(": both are the same result"));
    } else if diff.old.rules_hash != diff.new.rules_hash {
        page.paragraph(2, 4, &Line::default().styled(YELLOW, "note").text(": the rules have changed"));
    }
    for dataset in &diff.datasets {
        page.gap();
        of_dataset(&mut page, dataset, look.verbose);
    }
    page.finish()
}

/// How many rules changed in which way.
fn changes(mut line: Line, counts: &ChangeCounts) -> Line {
    let ChangeCounts { new, worse, not_comparable, fixed, better, unchanged } = *counts;
    let all = [
        (Change::New, new),
        (Change::Worse, worse),
        (Change::NotComparable, not_comparable),
        (Change::Fixed, fixed),
        (Change::Better, better),
        (Change::Unchanged, unchanged),
    ];
    let mut is_first = true;
    for (change, count) in all.into_iter().filter(|(_, count)| *count > 0) {
        let separator = if is_first { "" } else { " · " };
        line = line.text(separator).text(format_args!("{} ", Count(count))).styled(style(change), change.name());
        is_first = false;
    }
    if is_first { line.text("no rules") } else { line }
}

fn of_result(line: Line, result: &ComparedResult) -> Line {
    let line = line.text(verdict_word(result.verdict)).text(" as of ").text(Safe(&result.as_of));
    let line = match &result.digest {
        Some(digest) => line.text(", result ").text(Safe(digest.get(..DIGEST_SHOWN).unwrap_or(digest))),
        None => line,
    };
    line.text(" (passmuster ").text(Safe(&result.version)).text(")")
}

fn of_dataset(page: &mut Page, dataset: &DatasetDiff, verbose: bool) {
    let line = Line::default().styled(BOLD, Safe(&dataset.name)).text("  ");
    page.paragraph(0, 2, &changes(line, &dataset.counts));
    let both = |of: &dyn Fn(&ComparedDataset) -> Option<String>| {
        let shown = |side: &Option<ComparedDataset>| side.as_ref().and_then(of).unwrap_or_else(|| "none".to_owned());
        format!("{} → {}", shown(&dataset.old), shown(&dataset.new))
    };
    let rows = both(&|side| Some(Count(side.rows?).to_string()));
    let score = both(&|side| {
        let band = side.band.map(|band| format!(" {}", band.name())).unwrap_or_default();
        Some(format!("{}{band}", side.score?))
    });
    page.paragraph(2, 9, &Line::new("score  ").text(score));
    page.paragraph(2, 9, &Line::new("rows   ").text(rows));
    if dataset.columns_changed == Some(true) {
        page.paragraph(2, 9, &Line::default().styled(YELLOW, "the columns of the data have changed"));
    }
    let is_shown = |rule: &&RuleDiff| match rule.change {
        Change::NotComparable => false,
        // Where the same failures pass or fail by another threshold, that is a change.
        Change::Unchanged => verbose || rule.reason.is_some(),
        Change::New | Change::Worse | Change::Fixed | Change::Better => true,
    };
    let shown: Vec<&RuleDiff> = dataset.rules.iter().filter(is_shown).collect();
    if !shown.is_empty() {
        let mut grid = Grid::new()
            .words("change")
            .words("severity")
            .optional()
            .name("rule")
            .at_least(24)
            .number("before")
            .number("now");
        for rule in &shown {
            let sides =
                [rule.old, rule.new].map(|side| side.map_or_else(String::new, |side| outcome(&side, rule.unit)));
            let words = [cell(rule.change.name()), cell(rule.severity), cell(Safe(&rule.id))];
            grid.row(words.into_iter().chain(sides));
        }
        let paint = [Change::New, Change::Worse, Change::Fixed, Change::Better];
        page.grid(2, grid, &paint.map(|change| (change.name(), style(change))));
    }
    for rule in &shown {
        let Some(reason) = &rule.reason else { continue };
        page.paragraph(2, 4, &Line::new(Safe(&rule.id)).text(": ").text(Prose(reason)));
    }
    let unlike = || dataset.rules.iter().filter(|rule| rule.change == Change::NotComparable);
    let limit = if verbose { usize::MAX } else { NOT_COMPARABLE_SHOWN };
    for rule in unlike().take(limit) {
        let line = Line::default().styled(YELLOW, "not comparable").text("  ").text(Safe(&rule.id));
        page.paragraph(2, 4, &line.text(": ").text(Prose(rule.reason.as_deref().unwrap_or_default())));
    }
    let more = unlike().count().saturating_sub(limit) as u64;
    if more > 0 {
        page.paragraph(2, 4, &Line::new(Plural(more, "further rule")).text(" not comparable (-v shows all)"));
    }
}

/// What failed of what was judged; a rule about the whole dataset has one outcome.
fn outcome(side: &ComparedRule, unit: Unit) -> String {
    match side.failing {
        Some(share) if unit != Unit::Dataset => {
            format!("{} of {} ({share})", Count(side.failed), Count(side.evaluated))
        }
        _ => side.status.name().to_owned(),
    }
}

const fn style(change: Change) -> Style {
    match change {
        Change::New | Change::Worse => RED,
        Change::NotComparable => YELLOW,
        Change::Fixed | Change::Better => GREEN,
        Change::Unchanged => Style::new(),
    }
}

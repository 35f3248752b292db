//! What changed between two suites, for people.

use anstyle::Style;

use super::json::schema_of;
use super::page::{Line, Page};
use super::style::{BOLD, DIM, RED, YELLOW};
use super::wording::Prose;
use super::{Look, Safe};
use crate::model::{Count, Effect, Party, SuiteChange, SuiteChangelog, SuiteDetail, SuitePart};

/// How many characters of a value are shown.
const SHOWN: usize = 160;

/// The JSON Schema (draft-07) of a changelog.
pub fn schema() -> serde_json::Value {
    schema_of::<SuiteChangelog>()
}

/// The page of a changelog: a line for each change, and its details.
pub fn render(log: &SuiteChangelog, look: &Look) -> String {
    let mut page = Page::new(look.width, look.color);
    let mut line = Line::default().styled(BOLD, Safe(&log.new.suite)).text("  ");
    if log.same {
        page.paragraph(0, 2, &line.text("no change in the rules"));
        return page.finish();
    }
    let counts = [
        (Effect::Stricter, log.counts.stricter),
        (Effect::Looser, log.counts.looser),
        (Effect::Other, log.counts.other),
    ];
    for (at, (effect, count)) in counts.into_iter().filter(|(_, count)| *count > 0).enumerate() {
        let separator = if at == 0 { "" } else { " · " };
        line = line.text(separator).text(format_args!("{} ", Count(count))).styled(style(effect), effect.name());
    }
    page.paragraph(0, 2, &line);
    let breaking = [(Party::Producer, log.breaking.producer), (Party::Consumer, log.breaking.consumer)];
    for (party, count) in breaking.into_iter().filter(|(_, count)| *count > 0) {
        let changes = if count == 1 { "change" } else { "changes" };
        let who = match party {
            Party::Producer => "who delivers the data: what passed may fail",
            Party::Consumer => "who relies on it: a promise may not hold any more",
        };
        let line = Line::default().text(format_args!("{} {changes} can break the ", Count(count)));
        page.paragraph(2, 4, &line.styled(BOLD, party.name()).text(", ").text(who));
    }
    page.gap();
    for change in &log.changes {
        of_change(&mut page, change);
    }
    page.finish()
}

fn of_change(page: &mut Page, change: &SuiteChange) {
    let mut line = Line::default().styled(style(change.effect), format_args!("{:<8}", change.effect.name()));
    line = line.text(format_args!("  {:<7}  {}", change.kind.name(), change.part.name()));
    if change.part != SuitePart::Gate {
        line = line.text(" ").styled(BOLD, Safe(&change.name));
    }
    if let Some(from) = &change.renamed_from {
        line = line.text(", before ").text(Safe(from));
    }
    page.paragraph(0, 19, &line.styled(DIM, parties(&change.breaks)));
    let mixed = change.details.iter().any(|detail| detail.effect != change.effect);
    for detail in &change.details {
        of_detail(page, detail, mixed);
    }
}

/// One thing that changed; what it does where that is not what the change as a whole does.
fn of_detail(page: &mut Page, detail: &SuiteDetail, mixed: bool) {
    let side = |value: &Option<String>| match value {
        Some(text) if text.chars().count() > SHOWN => format!("{} …", text.chars().take(SHOWN).collect::<String>()),
        Some(text) => text.clone(),
        None => "none".to_owned(),
    };
    let mut line = Line::new(Safe(&detail.what)).text(": ").text(Prose(&side(&detail.old)));
    line = line.text(" → ").text(Prose(&side(&detail.new)));
    if mixed {
        line = line.text(" (").styled(style(detail.effect), detail.effect.name()).text(")");
    }
    page.paragraph(19, 21, &line);
}

/// Whom a change can break.
fn parties(breaks: &[Party]) -> String {
    match breaks {
        [] => String::new(),
        some => format!("  breaks: {}", some.iter().map(|party| party.name()).collect::<Vec<_>>().join(", ")),
    }
}

const fn style(effect: Effect) -> Style {
    match effect {
        Effect::Stricter => RED,
        Effect::Looser => YELLOW,
        Effect::Other => Style::new(),
    }
}

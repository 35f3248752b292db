//! What a rule opens to.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::group_value::segment_value;
use super::page::{Listed, Page, joined};
use super::texts::fill;
use super::threshold::threshold;
use super::{repairs, segments, trail, waivers};
use crate::model::{
    Count, DatasetReport, GroupValue, LEAST_SHAPE_VALUES, MOST_SHAPES, RowRef, RuleReport, SampledRule, Score,
    ShapesReport, Status, Unit, ValuePart, WhereFailing,
};

/// How many of the listed failing rows are shown.
const ROWS_SHOWN: usize = 20;

/// How many pairs of similar rows are shown.
const PAIRS_SHOWN: usize = 20;

/// Everything that the result says of a rule.
pub(super) fn body(page: &Page<'_>, place: &str, listed: &Listed<'_>) -> Markup {
    let texts = &page.texts.rule;
    let Listed { rule, dataset, .. } = listed;
    let needs_repair = needs_repair(rule);
    html! {
            dl id=(place) {
                @if let Some(reason) = &rule.reason { dt { (texts.reason) } (sentence(page, reason)) }
                @if let Some(because) = &rule.because { dt { (texts.because) } dd { (page.prose(because)) } }
                @if let Some(fix) = rule.fix.as_ref().filter(|_| needs_repair) {
                    dt { (texts.fix) } dd { (page.prose(fix)) }
                }
                @if says_more(rule) { dt { (texts.observed) } (sentence(page, &rule.observed)) }
                dt { (texts.expected) } (sentence(page, &rule.expected))
                @if has_counts(rule) { dt { (texts.counts) } dd { (counts(page, rule)) } }
                @if let Some(sampled) = &rule.sampled { dt { (page.texts.verdict.sampled) } dd { (interval(page, sampled)) } }
                @if needs_repair { dt { (texts.threshold) } dd { (thresholds(page, rule)) } }
                @if let Some(details) = details(page, rule) { dt { (texts.details) } dd { (details) } }
                @if let Some(found) = &rule.where_failing { dt { (texts.wherein) } dd { (concentrations(page, found)) } }
                @if let Some(shapes) = rule.shapes.as_ref().and_then(|shapes| self::shapes(page, shapes)) {
                    dt { (texts.shapes) } dd { (shapes) }
                }
                @if let Some(groups) = &rule.segments { (segments::entry(page, groups)) }
                @if !rule.failing_rows.is_empty() { dt { (texts.rows) } dd { (places(page, dataset, rule)) } }
                @if !rule.pairs.is_empty() { dt { (texts.pairs) } dd { (pairs(page, rule)) } }
                @if let Some(distribution) = &rule.distribution {
                    dt { (texts.details) }
                    dd {
                        (page.counted(&texts.distribution, distribution.values, &[("column", &page.name(&distribution.column))]))
                    }
                }
                @if let Some(waiver) = page.waiver(rule) { dt { (texts.waiver) } dd { (waivers::sentence(page, waiver)) } }
                @if let Some(due) = due(page, rule) { dt { (texts.due) } dd { (due) } }
                @if needs_repair {
                    dt { (page.texts.trail.heading) }
                    dd {
                        (trail::of_rule(page, listed))
                        @if let Some(repair) = page.repair(listed) { p { (repairs::worth(page, repair)) } }
                    }
                }
                dt { (page.texts.rules.rule) }
                dd {
                    (identity(page, place, listed))
                    @if !needs_repair {
                        " · " (texts.threshold) ": " (thresholds(page, rule))
                        " · " (page.texts.trail.heading) ": " (trail::of_rule(page, listed))
                    }
                }
            }
    }
}

/// A sentence of the program as an entry.
fn sentence(page: &Page<'_>, text: &str) -> Markup {
    html! { dd lang=[page.language_of_results()] { (page.prose(text)) } }
}

/// How many failures are allowed, and from how many on there is a warning.
fn thresholds(page: &Page<'_>, rule: &RuleReport) -> Markup {
    let texts = &page.texts.rule;
    html! {
        (threshold(page, rule.threshold, rule.unit))
        @if let Some(warn) = rule.warn { " · " (texts.warn) " " (threshold(page, warn, rule.unit)) }
        @if matches!(rule.status, Status::Failed | Status::Waived) && !rule.fails_gate { " · " (texts.not_gate) }
    }
}

/// Whether something is to be repaired: what to do says nothing where no row fails.
fn needs_repair(rule: &RuleReport) -> bool {
    rule.failed > 0 || !matches!(rule.status, Status::Passed)
}

/// Whether what was found is more than that all rows pass, which the line of the rule shows.
fn says_more(rule: &RuleReport) -> bool {
    let plain = format!("all {} {} pass", Count(rule.evaluated), rule.unit);
    (rule.status != Status::Errored || rule.evaluated > 0) && rule.observed != plain
}

/// Whether counts say more than the line of the rule.
const fn has_counts(rule: &RuleReport) -> bool {
    let all_pass = rule.failed == 0 && rule.not_applicable == 0 && rule.unreadable == 0 && rule.rows_of.is_none();
    !matches!(rule.unit, Unit::Dataset) && rule.evaluated + rule.not_applicable > 0 && (!all_pass || rule.partial)
}

/// Failures of all that was judged: `1 of 26,111 failed`, or `0 of 26,111`.
pub(super) fn fraction(page: &Page<'_>, rule: &RuleReport) -> Markup {
    let [failed, evaluated] = [rule.failed, rule.evaluated].map(|count| page.count(count));
    let text = if rule.failed > 0 { &page.texts.rules.of_failed } else { &page.texts.rules.of };
    fill(text, &[("failed", &failed), ("evaluated", &evaluated)])
}

/// All counts of rows, or of what else the rule counts.
fn counts(page: &Page<'_>, rule: &RuleReport) -> Markup {
    let texts = &page.texts.rule;
    let [evaluated, passed, failed] = [rule.evaluated, rule.passed, rule.failed].map(|count| page.count(count));
    let unit = page.texts.unit(rule.unit, rule.evaluated);
    let values: [(&str, &dyn maud::Render); 4] =
        [("evaluated", &evaluated), ("unit", &unit), ("passed", &passed), ("failed", &failed)];
    html! {
        (fill(&texts.evaluated, &values))
        @if let Some(rate) = rule.rate { " · " (page.percent(rate)) }
        @if let Some(other) = &rule.rows_of { " · " (fill(&texts.of_dataset, &[("dataset", &page.dataset_link(other))])) }
        @if rule.not_applicable > 0 {
            " · " (fill(&texts.not_applicable, &[("count", &page.count(rule.not_applicable))]))
        }
        @if rule.unreadable > 0 { " · " (fill(&texts.unreadable, &[("count", &page.count(rule.unreadable))])) }
        @if rule.partial { " · " (texts.partial) }
    }
}

/// What a sample says of all rows.
fn interval(page: &Page<'_>, sampled: &SampledRule) -> Markup {
    let texts = &page.texts.rule;
    let [least, most, share] =
        [sampled.failing_at_least, sampled.failing_at_most, sampled.share].map(|share| page.texts.numbers.share(share));
    let rows = page.counted(&page.texts.words.rows, sampled.effective_rows, &[]);
    html! {
        (fill(&texts.sample, &[("least", &least), ("most", &most), ("share", &share), ("rows", &rows)]))
        @if sampled.certain { ", " (texts.sample_certain) }
    }
}

/// Further counts by name.
fn details(page: &Page<'_>, rule: &RuleReport) -> Option<Markup> {
    let counts = rule.details.iter().filter(|(_, count)| **count > 0);
    let counts: Vec<Markup> =
        counts.map(|(name, count)| html! { (page.result(&name.replace('_', " "))) " " (page.count(*count)) }).collect();
    (!counts.is_empty()).then(|| joined(counts, " · "))
}

/// The groups of rows that hold most failing rows.
fn concentrations(page: &Page<'_>, found: &WhereFailing) -> Markup {
    let texts = &page.texts.rule;
    let share = |part, whole| Score::rate(part, whole).map_or_else(String::new, |share| page.percent(share));
    html! {
        @if let Some(reason) = &found.reason { (page.result(reason)) }
        @if !found.groups.is_empty() {
            ul {
                @for group in &found.groups {
                    @let values = joined(group.of.iter().map(|value| group_value(page, value)), format!(" {} ", texts.and));
                    @let [failing, all_failing, rows, all_rows] =
                        [group.failing, found.failing, group.rows, found.rows].map(|count| page.count(count));
                    li {
                        (fill(&texts.concentration, &[
                            ("group", &values),
                            ("failing", &failing), ("all_failing", &all_failing),
                            ("share_failing", &share(group.failing, found.failing)),
                            ("rows", &rows), ("all_rows", &all_rows), ("share_rows", &share(group.rows, found.rows)),
                        ]))
                    }
                }
            }
        }
    }
}

/// A column and the value that a group has in it.
fn group_value(page: &Page<'_>, value: &GroupValue) -> Markup {
    let texts = &page.texts.rule;
    let column = page.name(&value.column);
    let column = match value.part {
        ValuePart::Whole => column,
        ValuePart::Month => fill(&texts.month_of, &[("column", &column)]),
        ValuePart::Year => fill(&texts.year_of, &[("column", &column)]),
    };
    html! { b { (column) " = " (segment_value(page, &value.value)) } }
}

/// The shapes of the failing values; none for values that are too few to be shown.
fn shapes(page: &Page<'_>, shapes: &ShapesReport) -> Option<Markup> {
    let texts = &page.texts.rule;
    if shapes.too_many {
        return Some(fill(&texts.shapes_too_many, &[("count", &page.count(MOST_SHAPES as u64))]));
    }
    let other = shapes.other.as_ref();
    if shapes.shown.is_empty() && other.is_none_or(|other| other.values < LEAST_SHAPE_VALUES) {
        return None;
    }
    let mut items: Vec<Markup> = shapes
        .shown
        .iter()
        .map(|shown| html! { code.shape { (page.name(&shown.shape)) } " " (page.count(shown.values)) })
        .collect();
    if let Some(other) = other {
        let text = if items.is_empty() { &texts.shape_none } else { &texts.shape_other };
        let [values, different] = [other.values, other.shapes].map(|count| page.count(count));
        items.push(fill(text, &[("values", &values), ("shapes", &different)]));
    }
    Some(html! { (page.name(&shapes.column)) ": " (joined(items, " · ")) })
}

/// The first failing rows by file.
fn places(page: &Page<'_>, dataset: &DatasetReport, rule: &RuleReport) -> Markup {
    let texts = &page.texts.rule;
    let holder = rule.rows_of.as_ref().and_then(|name| page.report.datasets.iter().find(|other| other.name == *name));
    let holder = holder.unwrap_or(dataset);
    let mut files: BTreeMap<u32, Vec<&RowRef>> = BTreeMap::new();
    for row in rule.failing_rows.iter().take(ROWS_SHOWN) {
        files.entry(row.file).or_default().push(row);
    }
    let shown = rule.failing_rows.len().min(ROWS_SHOWN);
    // Other units are counted, and not their rows: how many rows there are beside these is not known.
    let all = if rule.unit == Unit::Rows { rule.failed } else { rule.failing_rows.len() as u64 };
    let more = all.saturating_sub(shown as u64);
    let numbers = |rows: &[&RowRef], number: fn(&RowRef) -> Option<u64>| {
        rows.iter().map(|row| Some(number(row)?.to_string())).collect::<Option<Vec<_>>>().map(|all| all.join(", "))
    };
    html! {
        @for (at, (file, rows)) in files.iter().enumerate() {
            @if at > 0 { "; " }
            @let path = page.name(holder.files.get(*file as usize).map_or("?", |file| file.path.as_str()));
            @let records = numbers(rows, |row| Some(row.record)).unwrap_or_default();
            @match numbers(rows, |row| row.line) {
                Some(lines) => (fill(texts.lines.of(rows.len() as u64), &[("path", &path), ("lines", &lines), ("records", &records)])),
                None => (fill(texts.records.of(rows.len() as u64), &[("path", &path), ("records", &records)])),
            }
        }
        @if more > 0 { " " (page.counted(&texts.rows_more, more, &[])) }
    }
}

/// The first pairs of similar rows.
fn pairs(page: &Page<'_>, rule: &RuleReport) -> Markup {
    let texts = &page.texts.rule;
    let all = rule.details.get("pairs").copied().unwrap_or_default().max(rule.pairs.len() as u64);
    let shown = rule.pairs.iter().take(PAIRS_SHOWN).map(|pair| {
        let place = |row: &RowRef| row.line.unwrap_or(row.record).to_string();
        let text = if pair.first.line.is_some() { &texts.pair_lines } else { &texts.pair_records };
        let score = format!("{}.{:03}", pair.score / 1_000_000, pair.score % 1_000_000 / 1_000);
        let score = page.texts.numbers.decimal(&score);
        fill(text, &[("first", &place(&pair.first)), ("second", &place(&pair.second)), ("score", &score)])
    });
    let more = all.saturating_sub(rule.pairs.len().min(PAIRS_SHOWN) as u64);
    html! {
        (joined(shown, " · "))
        @if more > 0 { " " (page.counted(&page.texts.words.and_more, more, &[])) }
    }
}

/// By when a failed rule is to be repaired.
fn due(page: &Page<'_>, rule: &RuleReport) -> Option<Markup> {
    let due = rule.due?;
    let date = html! { time { (due) } };
    Some(match rule.overdue_days {
        Some(days) => html! { b.bad { (page.counted(&page.texts.rule.overdue, days, &[("date", &date)])) } },
        None => date,
    })
}

/// The id of the rule as a link to it, what it checks, and where it is written.
fn identity(page: &Page<'_>, place: &str, listed: &Listed<'_>) -> Markup {
    let texts = &page.texts.rule;
    let rule = listed.rule;
    let columns = joined(rule.columns.iter().map(|column| page.name(column)), ", ");
    html! {
        @if needs_repair(rule) {
            a href={ "#" (place) } { (page.name(&rule.id)) } " · " (page.dataset_link(&listed.dataset.name)) " · "
        } @else { (page.name(&rule.id)) " · " }
        @if rule.columns.is_empty() { (page.name(&rule.check)) }
        @else { (fill(&texts.check_of, &[("check", &page.name(&rule.check)), ("columns", &columns)])) }
        @if let Some(written) = &rule.written {
            " · "
            @match page.suite_file {
                Some(_) => (fill(&texts.line, &[("line", &written.line.to_string())])),
                None => (fill(&texts.place, &[("file", &page.name(&written.file)), ("line", &written.line.to_string())])),
            }
        }
        @if needs_repair(rule) || rule.owner.is_some() && rule.owner != listed.dataset.owner {
            " · " (texts.owner) ": " (page.name(listed.owner()))
        }
        @if !rule.tags.is_empty() {
            " · " (texts.tags) ": " (joined(rule.tags.iter().map(|tag| page.name(tag)), ", "))
        }
    }
}

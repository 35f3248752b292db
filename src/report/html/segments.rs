//! The outcome of a rule in groups of rows.

use maud::{Markup, html};

use super::group_value::segment_value;
use super::page::{Page, joined};
use super::texts::fill;
use crate::model::SegmentsReport;

/// How many groups of a rule are shown.
const GROUPS_SHOWN: usize = 20;

/// The entry of a rule: how many groups miss its threshold, and the worst of them.
pub(super) fn entry(page: &Page<'_>, segments: &SegmentsReport) -> Markup {
    let texts = &page.texts.rule;
    let columns = joined(segments.columns.iter().map(|column| page.name(column)), ", ");
    html! {
        dt { (fill(&texts.segments, &[("columns", &columns)])) }
        dd {
            p { (outcome(page, segments)) }
            @if !segments.shown.is_empty() { (table(page, segments)) }
            @if let Some(few) = &segments.suppressed {
                @let [failed, evaluated] = [few.failed, few.evaluated].map(|count| page.count(count));
                p {
                    (page.counted(&texts.segments_small, few.groups, &[("failed", &failed), ("evaluated", &evaluated)]))
                    @if few.judged_apart && !few.meets { " · " (texts.segments_small_mixed) }
                }
            }
            @if segments.not_measured > 0 {
                p { (page.counted(&texts.segments_unmeasured, segments.not_measured, &[])) }
            }
        }
    }
}

/// How many groups miss the threshold.
fn outcome(page: &Page<'_>, segments: &SegmentsReport) -> Markup {
    let texts = &page.texts.rule;
    let all = segments.shown.len() as u64 + u64::from(segments.suppressed.is_some());
    match (segments.failing, all) {
        (_, 0) => html! { (texts.segments_nothing) },
        (0, _) => page.counted(&texts.segments_met, all, &[]),
        (failing, _) => fill(&texts.segments_missed, &[("failing", &page.count(failing)), ("all", &page.count(all))]),
    }
}

/// The groups, the worst first.
fn table(page: &Page<'_>, segments: &SegmentsReport) -> Markup {
    let texts = &page.texts.rule;
    let more = segments.shown.len().saturating_sub(GROUPS_SHOWN) as u64;
    html! {
        table.small {
            thead {
                tr {
                    th scope="col" { (texts.group) }
                    th.n scope="col" { (texts.failed) }
                    th.n scope="col" { (texts.rate) }
                    th scope="col" { (texts.result) }
                }
            }
            tbody {
                @for group in segments.shown.iter().take(GROUPS_SHOWN) {
                    tr {
                        th scope="row" { (joined(group.values.iter().map(|value| segment_value(page, value)), ", ")) }
                        td.n {
                            @let [failed, evaluated] = [group.failed, group.evaluated].map(|count| page.count(count));
                            (fill(&page.texts.rules.of, &[("failed", &failed), ("evaluated", &evaluated)]))
                        }
                        td.n { (page.percent(group.rate)) }
                        td.bad[!group.meets] { @if group.meets { (texts.meets) } @else { (texts.misses) } }
                    }
                }
            }
        }
        @if more > 0 { p { (page.counted(&texts.segments_more, more, &[])) } }
    }
}

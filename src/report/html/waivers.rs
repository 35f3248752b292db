//! Waivers.

use maud::{Markup, html};

use super::page::Page;
use super::table::region;
use super::texts::fill;
use super::threshold::threshold;
use crate::model::{WaiverReport, WaiverState};

/// The table of the waivers, those first on which somebody has to act.
pub(super) fn section(page: &Page<'_>) -> Markup {
    let texts = &page.texts.waivers;
    let waivers = &page.report.waivers;
    html! {
        section #waivers {
            h2 #waivers-heading { (texts.heading) }
            @if waivers.is_empty() {
                p { (texts.none) }
            } @else {
                p.about { (texts.about) }
                (region("waivers-heading", &html! {
                    table {
                        thead {
                            tr {
                                th scope="col" { (texts.rule) }
                                th scope="col" { (texts.state) }
                                th scope="col" { (texts.says) }
                            }
                        }
                        tbody {
                            @for waiver in waivers {
                                tr {
                                    th scope="row" { (page.rule_link(&waiver.rule)) }
                                    td { (state(page, waiver)) }
                                    td { (without_state(page, waiver)) }
                                }
                            }
                        }
                    }
                }))
            }
        }
    }
}

/// What a waiver does, in a word.
fn state(page: &Page<'_>, waiver: &WaiverReport) -> Markup {
    let class = match waiver.state {
        WaiverState::Exceeded | WaiverState::Expired => "bad",
        WaiverState::NotJudged | WaiverState::Unneeded | WaiverState::Expiring => "warn",
        WaiverState::Active => "good",
    };
    let word = page.texts.waivers.states.get(&waiver.state).map_or("", String::as_str);
    html! { span.{ "s " (class) } { (word) } }
}

/// The waiver of a rule.
pub(super) fn sentence(page: &Page<'_>, waiver: &WaiverReport) -> Markup {
    html! { (state(page, waiver)) " " (without_state(page, waiver)) }
}

/// What somebody has to know about a waiver, its limit, and why it was given.
fn without_state(page: &Page<'_>, waiver: &WaiverReport) -> Markup {
    let texts = &page.texts.waivers;
    let by = page.prose(&waiver.by);
    let until = html! { time { (waiver.until) } };
    let [failed, evaluated] = [waiver.failed, waiver.evaluated].map(|count| page.count(count));
    let values: [(&str, &dyn maud::Render); 6] = [
        ("by", &by),
        ("until", &until),
        ("failed", &failed),
        ("evaluated", &evaluated),
        ("unit", &page.texts.unit(waiver.unit, waiver.evaluated)),
        ("status", &page.texts.status(waiver.status)),
    ];
    let days = waiver.days_left.unsigned_abs();
    html! {
        @match waiver.state {
            WaiverState::Exceeded => (fill(&texts.exceeded, &values)),
            WaiverState::Expired => (page.counted(&texts.expired, days, &values)),
            WaiverState::NotJudged => (fill(&texts.not_judged, &values)),
            WaiverState::Unneeded => (fill(&texts.unneeded, &values)),
            WaiverState::Expiring if waiver.days_left == 0 => (fill(&texts.last_day, &values)),
            WaiverState::Expiring | WaiverState::Active => (page.counted(&texts.until, days, &values)),
        }
        @if let Some(limit) = waiver.at_most {
            " " (fill(&texts.limit, &[("limit", &threshold(page, limit, waiver.unit))]))
        }
        " " (texts.because) ": " (page.prose(&waiver.because))
    }
}

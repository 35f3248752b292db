//! What repairs are worth.

use maud::{Markup, html};

use super::page::Page;
use super::table::region;
use super::texts::fill;
use crate::model::{DatasetReport, RepairReport, Score};

/// How many repairs the list has. The others are shown at their rules.
const SHOWN: usize = 100;

/// The repairs of all datasets that raise a score most.
pub(super) fn best<'a>(page: &Page<'a>, most: usize) -> Vec<(&'a DatasetReport, &'a RepairReport)> {
    let mut best = all(page);
    best.retain(|(_, repair)| repair.score_points > Score::ZERO || repair.clean_records_at_least > 0);
    best.truncate(most);
    best
}

/// All repairs, those first that are worth most.
fn all<'a>(page: &Page<'a>) -> Vec<(&'a DatasetReport, &'a RepairReport)> {
    let datasets = page.report.datasets.iter();
    let mut all: Vec<_> =
        datasets.flat_map(|dataset| dataset.repairs.iter().map(move |repair| (dataset, repair))).collect();
    // Of equal worth, in the order of the result.
    all.sort_by_key(|(_, repair)| std::cmp::Reverse((repair.score_points, repair.clean_records_at_most)));
    all
}

/// How many records become clean, as far as counts show it.
pub(super) fn clean_records(page: &Page<'_>, repair: &RepairReport) -> Markup {
    let texts = &page.texts.repairs;
    let [least, most] = [repair.clean_records_at_least, repair.clean_records_at_most].map(|count| page.count(count));
    match repair.clean_records_at_least {
        exact if exact == repair.clean_records_at_most => html! { "+" (most) },
        0 => fill(&texts.at_most, &[("most", &most)]),
        _ => fill(&texts.between, &[("least", &least), ("most", &most)]),
    }
}

/// The list of repairs.
pub(super) fn section(page: &Page<'_>) -> Markup {
    let texts = &page.texts.repairs;
    let all = all(page);
    let more = all.len().saturating_sub(SHOWN) as u64;
    html! {
        section #repairs {
            h2 #repairs-heading { (texts.heading) }
            @if all.is_empty() {
                p { (texts.none) }
            } @else {
                p.about { (texts.about) }
                (region("repairs-heading", &html! {
                    table {
                        thead {
                            tr {
                                th scope="col" { (texts.rule) }
                                th scope="col" { (texts.dataset) }
                                th.n scope="col" { (texts.score) }
                                th.n scope="col" { (texts.dimension) }
                                th.n scope="col" { (texts.worst) }
                                th.n scope="col" { (texts.records) }
                            }
                        }
                        tbody {
                            @for (dataset, repair) in all.iter().take(SHOWN) {
                                tr {
                                    th scope="row" { (page.short_rule_link(&repair.rule, dataset)) }
                                    td { (page.dataset_link(&dataset.name)) }
                                    td.n { "+" (page.score(repair.score_points)) }
                                    td.n {
                                        (page.texts.dimension(repair.dimension)) " +" (page.score(repair.dimension_points))
                                    }
                                    td.n { "+" (page.score(repair.worst_dimension_points)) }
                                    td.n { (clean_records(page, repair)) }
                                }
                            }
                        }
                    }
                }))
                @if more > 0 { p { (page.counted(&texts.more, more, &[])) } }
            }
        }
    }
}

/// What the repair of one rule is worth, as a sentence.
pub(super) fn worth(page: &Page<'_>, repair: &RepairReport) -> Markup {
    let [score, points, worst] =
        [repair.score_points, repair.dimension_points, repair.worst_dimension_points].map(|points| page.score(points));
    fill(
        &page.texts.repairs.worth,
        &[
            ("score", &score),
            ("dimension_points", &points),
            ("dimension", &page.texts.dimension(repair.dimension)),
            ("worst", &worst),
            ("records", &clean_records(page, repair)),
        ],
    )
}

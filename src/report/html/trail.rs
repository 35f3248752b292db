//! The way of the points of a rule into the scores, so that a reader can calculate them again.

use maud::{Markup, html};

use super::chart::score;
use super::page::{Listed, Page, joined};
use super::table::group;
use super::texts::fill;
use crate::model::{DatasetReport, Dimension, RuleReport, Score, Severity, Status};
use crate::score::{DimensionTrail, RuleTrail, UnitTrail};

/// Where the calculation of a dimension is.
fn place(dataset: usize, dimension: Dimension) -> String {
    format!("points-{dataset}-{dimension}")
}

/// The steps from the rate of a rule to the score of its dataset. A rule without failures has them in one line.
pub(super) fn of_rule(page: &Page<'_>, listed: &Listed<'_>) -> Markup {
    let texts = &page.texts.trail;
    let Some(trail) = page.trails.get(listed.dataset_at).and_then(Option::as_ref) else {
        return html! { (texts.no_points_part) };
    };
    let Some(found) = trail.rule(listed.rule) else { return html! { (texts.no_points) } };
    if listed.rule.failed == 0 {
        return in_one_line(page, listed.rule, &found);
    }
    html! {
        ol { @for step in steps(page, listed, &found) { li { (step) } } }
        p {
            @let dimension = page.texts.dimension(listed.rule.dimension);
            (fill(&texts.lost, &[("points", &page.score(found.lost)), ("dimension", &dimension)]))
            " " a href={ "#" (place(listed.dataset_at, listed.rule.dimension)) } { (texts.calculation) }
        }
    }
}

/// What a rule without failures brings in.
fn in_one_line(page: &Page<'_>, rule: &RuleReport, found: &RuleTrail<'_, '_>) -> Markup {
    let texts = &page.texts.trail;
    let RuleTrail { dimension, column, .. } = found;
    let weight = page.count(rule.weight.into());
    let all = page.count(dimension.weights);
    let name = page.texts.dimension(rule.dimension);
    match column {
        None => fill(&texts.short_alone, &[("weight", &weight), ("weights", &all), ("dimension", &name)]),
        Some(unit) => fill(
            &texts.short_in_column,
            &[
                ("weight", &weight),
                ("weights", &page.count(unit.weights)),
                ("unit_weight", &page.count(unit.weight.into())),
                ("unit_weights", &all),
                ("dimension", &name),
            ],
        ),
    }
}

/// Each step with its numbers.
fn steps(page: &Page<'_>, listed: &Listed<'_>, found: &RuleTrail<'_, '_>) -> Vec<Markup> {
    let texts = &page.texts.trail;
    let (rule, RuleTrail { dimension, column, .. }) = (listed.rule, found);
    let [passed, evaluated] = [rule.passed, rule.evaluated].map(|count| page.count(count));
    let rate = rule.rate.map(|rate| page.percent(rate)).unwrap_or_default();
    let weight = page.count(rule.weight.into());
    let name = page.texts.dimension(rule.dimension);
    let mut steps = vec![fill(&texts.rate, &[("passed", &passed), ("evaluated", &evaluated), ("rate", &rate)])];
    steps.push(match column {
        None => fill(&texts.alone, &[("weight", &weight)]),
        Some(unit) => fill(
            &texts.in_column,
            &[
                ("column", &page.name(unit.column.unwrap_or_default())),
                ("rules", &page.counted(&page.texts.words.rules, unit.rules.len() as u64, &[])),
                ("weight", &weight),
                ("weights", &page.count(unit.weights)),
                ("mean", &page.score(unit.mean)),
            ],
        ),
    });
    let unit_weight = page.count(column.map_or(rule.weight, |unit| unit.weight).into());
    steps.push(fill(
        &texts.in_dimension,
        &[
            ("dimension", &name),
            ("units", &page.count(dimension.units.len() as u64)),
            ("weight", &unit_weight),
            ("weights", &page.count(dimension.weights)),
            ("mean", &page.score(dimension.mean)),
        ],
    ));
    if dimension.vetoed {
        let is_here = rule.severity == Severity::Critical && matches!(rule.status, Status::Failed | Status::Waived);
        let text = if is_here { &texts.veto_here } else { &texts.veto };
        steps.push(fill(text, &[("dimension", &name), ("score", &page.score(dimension.score))]));
    }
    if let Some(score) = listed.dataset.score {
        steps.push(mean(page, listed.dataset, score));
    }
    steps
}

/// The signs of the roots of two to six numbers.
const ROOTS: [&str; 5] = ["√", "³√", "⁴√", "⁵√", "⁶√"];

/// The score of a dataset: the geometric mean of the measured dimensions, each counted as at least 1.
fn mean(page: &Page<'_>, dataset: &DatasetReport, mean: Score) -> Markup {
    const LEAST: Score = Score::from_hundredths(100);
    let scores: Vec<Score> = Dimension::ALL.into_iter().filter_map(|dimension| score(dataset, dimension)).collect();
    let product = joined(scores.iter().map(|score| html! { (page.score((*score).max(LEAST))) }), " × ");
    let formula = match ROOTS.get(scores.len().wrapping_sub(2)) {
        Some(root) => html! { (root) "(" (product) ")" },
        None => product,
    };
    fill(&page.texts.trail.dataset, &[("formula", &formula), ("score", &page.score(mean))])
}

/// How the scores of a dataset are calculated: the geometric mean, then each dimension.
pub(super) fn of_dataset(page: &Page<'_>, at: usize, dataset: &DatasetReport) -> Markup {
    html! {
        @if let (Some(trail), Some(score)) = (page.trails.get(at).and_then(Option::as_ref), dataset.score) {
            p { (mean(page, dataset, score)) }
            @for dimension in &trail.dimensions { (calculation(page, at, dimension)) }
        }
    }
}

/// How the score of a dimension is calculated.
fn calculation(page: &Page<'_>, at: usize, trail: &DimensionTrail<'_>) -> Markup {
    let texts = &page.texts.trail;
    let place = place(at, trail.dimension);
    let heading = format!("{place}-heading");
    let text = if trail.vetoed { &texts.sum_veto } else { &texts.sum };
    let sum = fill(text, &[("mean", &page.score(trail.mean)), ("score", &page.score(trail.score))]);
    if trail.units.iter().all(is_full) {
        let count = page.counted(&texts.full, trail.units.len() as u64, &[("mean", &page.score(Score::FULL))]);
        return html! { p.calculation { (page.texts.dimension(trail.dimension)) ": " (sum) " (" (count) ")" } };
    }
    html! {
        details.calculation {
            summary #(heading) {
                (page.texts.dimension(trail.dimension)) ": "
                (sum)
            }
            div #(place) {
                (group(&heading, &html! {
                    table.small {
                        thead {
                            tr {
                                th scope="col" { (texts.unit) }
                                th.n scope="col" { (texts.weight) }
                                th scope="col" { (texts.rates) }
                                th.n scope="col" { (texts.unit_mean) }
                            }
                        }
                        tbody {
                            @for unit in trail.units.iter().filter(|unit| !is_full(unit)) { (row(page, unit)) }
                            (full(page, trail))
                        }
                    }
                }))
            }
        }
    }
}

/// Whether no row fails a rule of a unit.
fn is_full(unit: &UnitTrail<'_>) -> bool {
    unit.mean == Score::FULL
}

/// The units without failures in one row.
fn full(page: &Page<'_>, trail: &DimensionTrail<'_>) -> Markup {
    let full = || trail.units.iter().filter(|unit| is_full(unit));
    let (units, weight) = (full().count() as u64, full().map(|unit| u64::from(unit.weight)).sum());
    let mean = page.score(Score::FULL);
    html! {
        @if units > 0 {
            tr {
                th scope="row" { (page.counted(&page.texts.trail.full, units, &[("mean", &mean)])) }
                td.n { (page.count(weight)) }
                td {}
                td.n { (mean) }
            }
        }
    }
}

/// How many rates of a column are shown.
const RATES_SHOWN: usize = 20;

/// A unit of a dimension.
fn row(page: &Page<'_>, unit: &UnitTrail<'_>) -> Markup {
    let rate = |rule: &RuleReport| rule.rate.map(|rate| page.score(rate)).unwrap_or_default();
    let rates = unit.rules.iter().take(RATES_SHOWN);
    let rates = rates.map(|rule| html! { (rate(rule)) " × " (page.count(rule.weight.into())) });
    let more = unit.rules.len().saturating_sub(RATES_SHOWN) as u64;
    html! {
        tr {
            th scope="row" {
                @match (unit.column, unit.rules.first()) {
                    (Some(column), _) => (fill(&page.texts.trail.unit_column, &[("column", &page.name(column))])),
                    (None, Some(rule)) => (page.rule_link(&rule.id)),
                    (None, None) => {}
                }
            }
            td.n { (page.count(unit.weight.into())) }
            td {
                (joined(rates, " + "))
                @if more > 0 { " " (page.counted(&page.texts.words.and_more, more, &[])) }
            }
            td.n { (page.score(unit.mean)) }
        }
    }
}

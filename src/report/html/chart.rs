//! The six dimensions as a chart, and the bars of tables. The numbers are beside the drawings, which repeat them.

use maud::{Markup, html};

use super::page::Page;
use super::texts::fill;
use crate::model::{Band, DatasetReport, Dimension, Score};

/// The section of the chart.
pub(super) fn section(page: &Page<'_>) -> Markup {
    let texts = &page.texts.dimensions;
    let bands = page.report.suite.bands;
    let about = if page.report.datasets.len() > 1 { &texts.about } else { &texts.about_one };
    let limits = [(Band::Green, bands.green), (Band::Amber, bands.amber)];
    html! {
        section #dimensions {
            h2 #dimensions-heading { (texts.heading) }
            p.about { (about) }
            p.about.legend {
                @for (band, limit) in limits {
                    span.{ "band " (band.name()) } {
                        (fill(&texts.from, &[("band", &page.band(band)), ("limit", &page.score(limit))]))
                    }
                }
                span.{ "band " (Band::Red.name()) } { (fill(&texts.below, &[("band", &page.band(Band::Red))])) }
            }
            dl.chart {
                @for dimension in Dimension::ALL {
                    (row(page, dimension))
                }
            }
        }
    }
}

/// A dimension: the lowest score of a dataset, and those of all.
fn row(page: &Page<'_>, dimension: Dimension) -> Markup {
    let texts = &page.texts.dimensions;
    let measured: Vec<(&DatasetReport, Score)> =
        page.report.datasets.iter().filter_map(|dataset| Some((dataset, score(dataset, dimension)?))).collect();
    let unmeasured = page.report.datasets.len() - measured.len();
    let lowest = measured.iter().min_by_key(|(_, score)| *score);
    html! {
        div {
            dt title=[page.texts.words.dimension_asks.get(&dimension)] { (page.texts.dimension(dimension)) }
            @match lowest {
                Some((dataset, score)) => {
                    @let band = page.report.suite.bands.band(*score);
                    dd.value { (scored(page, *score, Some(band))) }
                    dd.drawing { (strip(page, *score, &measured)) }
                    dd.note {
                        @let name = page.dataset_link(&dataset.name);
                        @if page.report.datasets.len() > 1 {
                            (page.counted(&texts.lowest_of, measured.len() as u64, &[("lowest", &name)]))
                            @if unmeasured > 0 {
                                "; " (page.counted(&texts.unmeasured_in, unmeasured as u64, &[]))
                            }
                        }
                    }
                }
                None => { dd.value.none { (texts.nowhere) } }
            }
        }
    }
}

/// The score of a dataset in a dimension.
pub(super) fn score(dataset: &DatasetReport, dimension: Dimension) -> Option<Score> {
    dataset.dimensions.iter().find(|known| known.dimension == dimension)?.score
}

/// A score with its band in words and as a mark.
pub(super) fn scored(page: &Page<'_>, score: Score, band: Option<Band>) -> Markup {
    html! {
        @match band {
            Some(band) => span.{ "band " (band.name()) } { (page.score(score)) " " span.hidden { (page.band(band)) } },
            None => (page.score(score)),
        }
    }
}

/// A bar up to a score. A bar with its number needs no words.
pub(super) fn bar(page: &Page<'_>, score: Score) -> Markup {
    let band = page.report.suite.bands.band(score);
    html! {
        svg.bar viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" {
            rect.(band.name()) width=(score) height="6" {}
        }
    }
}

/// The lowest score as a bar, the limits of the bands, and a line for the score of each dataset.
fn strip(page: &Page<'_>, lowest: Score, measured: &[(&DatasetReport, Score)]) -> Markup {
    let bands = page.report.suite.bands;
    html! {
        svg.strip viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true" {
            rect.(bands.band(lowest).name()) y="5" width=(lowest) height="10" {}
            @for limit in [bands.amber, bands.green] {
                line.limit x1=(limit) x2=(limit) y1="0" y2="20" {}
            }
            @if measured.len() > 1 {
                @for (_, score) in measured {
                    line x1=(score) x2=(score) y1="3" y2="17" {}
                }
            }
        }
    }
}

//! The datasets: a table of their scores, then the details of each.

use std::io::{self, Write};

use maud::{Markup, html};

use super::chart::{bar, score, scored};
use super::fragment::put;
use super::page::Page;
use super::summary::clean_bar;
use super::table::region;
use super::{anchors, dataset, page};
use crate::model::{DatasetReport, Dimension, Status};

/// Writes the section.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn write(page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"<section id=\"datasets\">\n")?;
    put(out, &table(page))?;
    for (at, dataset) in page.report.datasets.iter().enumerate() {
        put(out, &dataset::details(page, at, dataset))?;
    }
    out.write_all(b"</section>\n")
}

/// The datasets with their scores.
fn table(page: &Page<'_>) -> Markup {
    let texts = &page.texts.datasets;
    html! {
        h2 #datasets-heading { (texts.heading) }
        p.about { (texts.about) }
        (region("datasets-heading", &html! {
            table.matrix {
                thead {
                    tr {
                        th scope="col" { (texts.name) }
                        th.n scope="col" { (texts.rows) }
                        th.n scope="col" { (texts.clean) }
                        th.n scope="col" { (texts.score) }
                        @for dimension in Dimension::ALL {
                            th.n scope="col" { (page.texts.dimension(dimension)) }
                        }
                        th.n scope="col" { (texts.failed) }
                    }
                }
                tbody { @for dataset in &page.report.datasets { (row(page, dataset)) } }
            }
        }))
        h3 { (texts.all) }
        p.about { (page.texts.trail.exact) }
    }
}

/// The line of a dataset.
fn row(page: &Page<'_>, dataset: &DatasetReport) -> Markup {
    let failed = dataset.rules.iter().filter(|rule| rule.status == Status::Failed).count() as u64;
    let none = &page.texts.words.not_known;
    html! {
        tr {
            th scope="row" {
                (page.dataset_link(&dataset.name))
                @if let Some(title) = &dataset.title { span.quiet { (page.prose(title)) } }
            }
            td.n { @match dataset::rows(dataset) { Some(rows) => (page.count(rows)), None => (none) } }
            td.n {
                @match dataset.records.as_ref().and_then(|records| records.rate) {
                    Some(rate) => (clean_bar(page, rate)),
                    None => (none),
                }
            }
            td.n {
                @match dataset.score {
                    Some(score) => { b { (scored(page, score, dataset.band)) } (bar(page, score)) }
                    None => (page.texts.dataset_status(dataset.status)),
                }
            }
            @for dimension in Dimension::ALL {
                td.n {
                    @match score(dataset, dimension) {
                        Some(score) => {
                            (scored(page, score, Some(page.report.suite.bands.band(score)))) (bar(page, score))
                        }
                        None => (none),
                    }
                }
            }
            td.n {
                @let of_dataset = anchors::filter("dataset", &page::plain(&dataset.name));
                @if failed > 0 { a href={ (of_dataset) "&status=failed" } { (page.count(failed)) } } @else { "0" }
            }
        }
    }
}

//! HTML: one file for people who were not there, without anything from the network.
//!
//! Everything is in the markup and can be read without the script, which sorts, filters and opens. A document is written
//! fragment by fragment, so that a report of many rules is never one text in memory.

mod anchors;
mod chart;
mod data_profile;
mod dataset;
mod datasets;
mod fragment;
mod group_value;
mod head;
mod limits;
mod numbers;
mod owners;
mod page;
mod repairs;
mod rule;
mod rules;
mod segments;
mod summary;
mod table;
mod texts;
mod threshold;
mod trail;
mod waivers;

use std::io::{self, Write};

use maud::{Markup, html};

pub use self::data_profile::write_profile;

use self::fragment::put;
use self::page::Page;
use self::texts::fill;
use super::{Finished, Look, ReportFormat};

/// One page for a browser or for paper.
pub(super) struct Html;

impl ReportFormat for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn summary(&self) -> &'static str {
        "one file for a browser: what to do first, a chart, rules to filter; prints on A4; --lang vi"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["html", "htm"]
    }

    fn write(&self, finished: &Finished<'_>, look: &Look, out: &mut dyn Write) -> io::Result<()> {
        let page = Page::new(finished.report, look.language)?;
        head::write(&page, out)?;
        put(out, &skip(&page))?;
        put(out, &summary::header(&page))?;
        put(out, &contents(&page))?;
        out.write_all(b"<main>\n")?;
        put(out, &summary::section(&page))?;
        put(out, &chart::section(&page))?;
        datasets::write(&page, out)?;
        if page.report.owners.len() > 1 {
            put(out, &owners::section(&page))?;
        }
        rules::write(&page, out)?;
        put(out, &repairs::section(&page))?;
        put(out, &waivers::section(&page))?;
        put(out, &limits::section(&page))?;
        out.write_all(b"</main>\n")?;
        put(out, &footer(&page))?;
        head::end(out)
    }
}

/// The way past the beginning, for the keyboard.
fn skip(page: &Page<'_>) -> Markup {
    html! { a.skip href="#rules-heading" { (page.texts.page.skip) } }
}

/// Links to all sections.
fn contents(page: &Page<'_>) -> Markup {
    let texts = &page.texts;
    let owners = page.report.owners.len() > 1;
    let sections = [
        ("summary", &texts.first.heading, true),
        ("dimensions", &texts.dimensions.heading, true),
        ("datasets", &texts.datasets.heading, true),
        ("owners", &texts.owners.heading, owners),
        ("rules", &texts.rules.heading, true),
        ("repairs", &texts.repairs.heading, true),
        ("waivers", &texts.waivers.heading, true),
        ("limits", &texts.limits.heading, true),
    ];
    html! {
        nav aria-label=(texts.page.contents) {
            ul {
                @for (place, heading, is_there) in sections {
                    @if is_there { li { a href={ "#" (place) } { (heading) } } }
                }
            }
        }
    }
}

/// What wrote the page, and of what.
fn footer(page: &Page<'_>) -> Markup {
    let texts = &page.texts.page;
    let report = page.report;
    let [tool, version, engine] =
        [&report.tool.name, &report.tool.version, &report.tool.engine].map(|text| page.name(text));
    html! {
        footer {
            p { (fill(&texts.footer, &[("tool", &tool), ("version", &version), ("engine", &engine)])) }
            dl {
                @if let Some(digest) = &report.digest { dt { (texts.digest) } dd { code { (page.name(digest)) } } }
                @if let Some(file) = page.suite_file { dt { (texts.suite_file) } dd { (page.name(file)) } }
                dt { (texts.rules_hash) } dd { code { (page.name(&report.suite.rules_hash)) } }
            }
        }
    }
}

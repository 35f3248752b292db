//! The rules, and the form that filters and sorts them.

use std::io::{self, Write};

use maud::{Markup, html};

use super::fragment::put;
use super::page::{Listed, Page, plain};
use super::rule;
use super::summary::key;
use crate::model::{Dimension, Score, Severity, Status, Unit};

/// The statuses in the order in which the form offers them, which is that of their numbers on the page.
const STATUSES: [Status; 7] = [
    Status::Errored,
    Status::Failed,
    Status::Waived,
    Status::Warned,
    Status::Undecided,
    Status::NotMeasured,
    Status::Passed,
];

/// Writes the section.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn write(page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"<section id=\"rules\">\n")?;
    put(out, &beginning(page))?;
    out.write_all(b"<ul id=\"list\">\n")?;
    for (number, listed) in page.rules.iter().enumerate() {
        put(out, &item(page, number, listed))?;
    }
    out.write_all(b"</ul>\n")?;
    put(out, &left_out(page))?;
    out.write_all(b"</section>\n")
}

/// The heading and the form.
fn beginning(page: &Page<'_>) -> Markup {
    let texts = &page.texts.rules;
    let dimensions =
        Dimension::ALL.map(|dimension| (dimension.name().to_owned(), page.texts.dimension(dimension).into()));
    let severities = Severity::ALL.map(|severity| (severity.name().to_owned(), page.texts.severity(severity).into()));
    let statuses = STATUSES.map(|status| (key(status).to_owned(), page.texts.status(status).into()));
    let datasets: Vec<_> = page.report.datasets.iter().map(|dataset| same(plain(&dataset.name))).collect();
    let owners: Vec<_> = page.owners.iter().map(|owner| same(plain(owner))).collect();
    let shown = page.counted(&texts.shown, page.rules.len() as u64, &[("shown", &page.count(page.rules.len() as u64))]);
    let sorts = [
        ("trouble", &texts.sort_trouble),
        ("dataset", &texts.sort_dataset),
        ("failures", &texts.sort_failures),
        ("rate", &texts.sort_rate),
        ("severity", &texts.sort_severity),
        ("name", &texts.sort_name),
    ];
    html! {
        h2 #rules-heading tabindex="-1" { (texts.heading) }
        @if page.rules.is_empty() { p { (texts.no_rules) } }
        form #filter hidden aria-label=(texts.filter) data-expected=(page.texts.rule.expected) {
            label.text { span { (texts.text) } input type="search" name="q" autocomplete="off" spellcheck="false"; }
            label {
                span { (texts.status) }
                select name="status" {
                    option value="" { (texts.all) }
                    option value="gate" { (texts.any_gate) }
                    option value="attention" { (texts.any_attention) }
                    (options(&statuses))
                }
            }
            (select(page, "severity", &texts.severity, &severities))
            (select(page, "dataset", &texts.dataset, &datasets))
            (select(page, "dimension", &texts.dimension, &dimensions))
            (select(page, "owner", &texts.owner, &owners))
            label {
                span { (texts.sort) }
                select name="sort" { @for (value, text) in sorts { option value=(value) { (text) } } }
            }
            button type="reset" { (texts.reset) }
        }
        p #shown role="status" data-one=(texts.shown.one()) data-other=(texts.shown.other()) { (shown) }
        p #filtered data-text=(texts.print_all) hidden {}
        p #none hidden { (texts.none) }
        div.columns-head aria-hidden="true" {
            span { (texts.status) } span { (texts.severity) } span { (texts.rule) } span { (texts.dataset) }
            span { (texts.failed) } span { (texts.rate) }
        }
    }
}

fn same(name: String) -> (String, String) {
    (name.clone(), name)
}

/// A choice of one of the values, or of all.
fn select(page: &Page<'_>, name: &str, label: &str, values: &[(String, String)]) -> Markup {
    html! {
        label {
            span { (label) }
            select name=(name) { option value="" { (page.texts.rules.all) } (options(values)) }
        }
    }
}

/// The values of a choice, each with its name in addresses.
fn options(values: &[(String, String)]) -> Markup {
    html! { @for (value, text) in values { option value=(value) { (text) } } }
}

/// A rule. Its numbers are those of dataset, dimension, status, severity and owner; then whether it fails the gate, its
/// failures, and its rate in hundredths, unless none of them is of any interest.
fn item(page: &Page<'_>, number: usize, listed: &Listed<'_>) -> Markup {
    let rule = listed.rule;
    let at = |found: Option<usize>| found.unwrap_or_default();
    let always = format!(
        "{} {} {} {} {}",
        listed.dataset_at,
        at(Dimension::ALL.iter().position(|dimension| *dimension == rule.dimension)),
        at(STATUSES.iter().position(|status| *status == rule.status)),
        at(Severity::ALL.iter().position(|severity| *severity == rule.severity)),
        at(page.owners.binary_search(&listed.owner()).ok()),
    );
    let numbers = if rule.fails_gate || rule.failed > 0 || rule.rate != Some(Score::FULL) {
        let rate = rule.rate.map_or(10_001, Score::hundredths);
        format!("{always} {} {} {rate}", u8::from(rule.fails_gate), rule.failed)
    } else {
        always
    };
    let word = if rule.fails_gate && rule.status == Status::Failed {
        &page.texts.words.fails_gate
    } else {
        page.texts.status(rule.status)
    };
    let has_counts = rule.unit != Unit::Dataset && rule.evaluated > 0;
    html! {
        li data-k=(numbers) {
            details {
                summary {
                    b class=[class(listed)] { (word) } " "
                    i.critical[rule.severity == Severity::Critical] { (page.texts.severity(rule.severity)) } " "
                    span { (page.prose(&rule.title)) } " "
                    small { (page.name(&listed.dataset.name)) " · " (page.texts.dimension(rule.dimension)) } " "
                    em { @if has_counts { (rule::fraction(page, rule)) } }
                    @if let Some(rate) = rule.rate.filter(|rate| has_counts && *rate < Score::FULL) {
                        " " u { (page.percent(rate)) }
                    }
                }
                (rule::body(page, &page.rule_places.of(&rule.id, number), listed))
            }
        }
    }
}

/// How the status looks: a failed rule that does not fail the gate looks as a warning does, and most rules passed.
const fn class(listed: &Listed<'_>) -> Option<&'static str> {
    match listed.rule.status {
        Status::Failed if listed.rule.fails_gate => Some("bad"),
        Status::Errored => Some("bad"),
        Status::Failed | Status::Waived | Status::Warned => Some("warn"),
        Status::Undecided | Status::NotMeasured => Some("open"),
        Status::Passed => None,
    }
}

/// How many rules the page does not have.
fn left_out(page: &Page<'_>) -> Markup {
    html! {
        @if page.left_out > 0 {
            p.cut-off {
                (page.counted(&page.texts.rules.left_out, page.left_out, &[("shown", &page.count(page.rules.len() as u64))]))
            }
        }
    }
}

//! A profile as a page: the components of the report of an audit, without a script.

use std::io::{self, Write};

use maud::{Markup, html};

use super::fragment::put;
use super::head::{self, Head};
use super::page::plain;
use super::table::region;
use crate::model::{
    Count, DataProfile, FrequentValues, ProfiledColumn, ProfiledDataset, ProfiledNumbers, ShapesReport,
};
use crate::report::data_profile::{
    Percent, column_findings, dataset_notes, dependency_sentence, key_sentence, order_sentence, reference_sentence,
    same_sentence, type_of,
};

/// The width and the height of a histogram in its own units.
const CHART: (u32, u32) = (120, 20);

/// Writes a profile as one page for a browser.
///
/// # Errors
/// Where it cannot be written.
pub fn write_profile(profile: &DataProfile, out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<String> = profile.datasets.iter().map(|dataset| plain(&dataset.name)).collect();
    let tool = [profile.tool.name.as_str(), profile.tool.version.as_str()];
    let title = format!("{} · profile as of {}", names.join(", "), plain(&profile.as_of));
    head::begin(&Head { language: "en", title, tool }, out)?;
    put(out, &header(profile, &names))?;
    put(out, &contents(&names, has_between(profile)))?;
    out.write_all(b"<main>\n")?;
    for (at, dataset) in profile.datasets.iter().enumerate() {
        put(out, &dataset_section(at, dataset))?;
    }
    if has_between(profile) {
        put(out, &between(profile))?;
    }
    if !profile.notices.is_empty() {
        put(out, &notices(profile))?;
    }
    out.write_all(b"</main>\n")?;
    let version = plain(tool[1]);
    put(
        out,
        &html! { footer { p { (plain(tool[0])) " " (version) ". All counts are of the rows as they are; values of columns that look personal are not shown." } } },
    )?;
    head::close(out)
}

fn has_between(profile: &DataProfile) -> bool {
    !profile.references.is_empty() || !profile.same_columns.is_empty()
}

fn header(profile: &DataProfile, names: &[String]) -> Markup {
    let rows: u64 = profile.datasets.iter().map(|dataset| dataset.rows).sum();
    html! {
        header.verdict {
            h1 { "Profile" span.suite { (names.join(", ")) } }
            p.what { (Count(rows)) " rows in " (Count(profile.datasets.len() as u64)) " datasets, as of " (plain(&profile.as_of)) }
        }
    }
}

fn contents(names: &[String], has_between: bool) -> Markup {
    html! {
        nav aria-label="Contents" {
            ul {
                @for (at, name) in names.iter().enumerate() { li { a href={ "#d" (at) } { (name) } } }
                @if has_between { li { a href="#between" { "Between datasets" } } }
            }
        }
    }
}

fn dataset_section(at: usize, dataset: &ProfiledDataset) -> Markup {
    let heading = format!("d{at}-heading");
    let notes = dataset_notes(dataset);
    html! {
        section id={ "d" (at) } {
            h2 id=(heading) { (plain(&dataset.name)) }
            p.about { (Count(dataset.rows)) " rows, " (Count(dataset.columns.len() as u64)) " columns" }
            @if !notes.is_empty() { ul.sentences { @for note in notes { li { (note) } } } }
            (region(&heading, &columns_table(dataset)))
            @for column in &dataset.columns { (details(column)) }
            (list("Keys", dataset.keys.iter().map(key_sentence)))
            (list("Dependencies", dataset.dependencies.iter().map(dependency_sentence)))
            (list("Order of dates", dataset.date_orders.iter().map(order_sentence)))
        }
    }
}

fn list(title: &str, sentences: impl Iterator<Item = String>) -> Markup {
    let sentences: Vec<String> = sentences.collect();
    html! {
        @if !sentences.is_empty() {
            h3 { (title) }
            ul.sentences { @for sentence in sentences { li { (sentence) } } }
        }
    }
}

fn columns_table(dataset: &ProfiledDataset) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "Column" }
                    th scope="col" { "Type" }
                    th.n scope="col" { "Missing" }
                    th.n scope="col" { "Different values" }
                    th scope="col" { "Least" }
                    th scope="col" { "Greatest" }
                    th scope="col" { "Spread" }
                }
            }
            tbody {
                @for column in &dataset.columns {
                    tr {
                        th scope="row" { (plain(&column.name)) }
                        td { (type_of(column)) }
                        td.n {
                            @if column.missing > 0 {
                                (Percent(column.missing, column.missing + column.values + column.unreadable))
                            }
                        }
                        td.n { @match column.distinct { Some(distinct) => (Count(distinct)), None => "–" } }
                        @match &column.numbers {
                            Some(numbers) => {
                                td { (end(numbers.least.as_deref())) }
                                td { (end(numbers.greatest.as_deref())) }
                                td { (histogram(numbers)) }
                            }
                            None => {
                                td colspan="3" {
                                    @if column.personal.is_some() { span.quiet { "personal: not shown" } }
                                    @else if let Some(frequent) = &column.frequent { (often(frequent, column.values)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn end(end: Option<&str>) -> String {
    end.map(plain).unwrap_or_default()
}

/// The most frequent values in words.
fn often(frequent: &FrequentValues, values: u64) -> Markup {
    html! {
        @for (at, value) in frequent.shown.iter().take(3).enumerate() {
            @if at > 0 { ", " }
            (plain(&value.value)) " " span.quiet { (Percent(value.rows, values)) }
        }
    }
}

/// A histogram as bars. The numbers are in the details of the column.
fn histogram(numbers: &ProfiledNumbers) -> Markup {
    let (width, height) = CHART;
    let bars = u32::try_from(numbers.histogram.len()).unwrap_or_default();
    let most = numbers.histogram.iter().copied().max().unwrap_or_default().max(1);
    html! {
        @if bars > 0 {
            @let step = width / bars;
            svg viewBox={ "0 0 " (width) " " (height) } preserveAspectRatio="none" aria-hidden="true" height=(height) {
                @for (at, share) in (0..bars).zip(&numbers.histogram) {
                    @let tall = (share * height).div_ceil(most);
                    rect.green x=(at * step) y=(height - tall) width=(step - 1) height=(tall) {}
                }
            }
        }
    }
}

/// Everything about a column, which opens.
fn details(column: &ProfiledColumn) -> Markup {
    let findings = column_findings(column, false);
    html! {
        details.dataset {
            summary {
                (plain(&column.name))
                @if let Some(first) = findings.first() { " " span.quiet { (first) } }
            }
            div {
                @if findings.len() > 1 { ul.sentences { @for finding in &findings { li { (finding) } } } }
                dl {
                    dt { "Values" } dd { (Count(column.values)) ", missing " (Count(column.missing)) }
                    @if let Some(distinct) = column.distinct {
                        dt { "Different values" }
                        dd { (Count(distinct)) @if let Some(once) = column.once { ", in one row only " (Count(once)) } }
                    }
                    @if let Some(why) = &column.personal { dt { "Personal" } dd { (plain(why)) ": no value is shown" } }
                    @if let Some(lengths) = column.lengths {
                        dt { "Length" } dd { (Count(lengths.least)) " to " (Count(lengths.greatest)) " characters" }
                    }
                    @if let Some(numbers) = &column.numbers { (numbers_entry(numbers)) }
                    @if let Some(frequent) = column.frequent.as_ref().filter(|frequent| !frequent.shown.is_empty()) {
                        dt { "Most frequent" } dd { (frequent_table(frequent, column.values)) }
                    }
                    @if let Some(shapes) = &column.shapes { dt { "Shapes" } dd { (shapes_table(shapes, column.values)) } }
                    @for kind in &column.kinds {
                        dt { "Can be" }
                        dd { (plain(&kind.looked_at.kind)) ": " (Count(kind.all_passed)) " pass, " (Count(kind.all_failed)) " do not" }
                    }
                }
            }
        }
    }
}

fn numbers_entry(numbers: &ProfiledNumbers) -> Markup {
    html! {
        dt { "From, to" } dd { (end(numbers.least.as_deref())) " to " (end(numbers.greatest.as_deref())) }
        @if !numbers.quantiles.is_empty() {
            dt { "Quantiles" }
            dd {
                table.small {
                    thead { tr { @for part in &numbers.quantiles { th.n scope="col" { (part.percent) " %" } } } }
                    tbody { tr { @for part in &numbers.quantiles { td.n { (plain(&part.value)) } } } }
                }
            }
        }
        @if !numbers.histogram.is_empty() {
            dt { "Spread" }
            dd {
                (histogram(numbers))
                p.note {
                    "Values in equal parts from the least to the greatest, in %: "
                    @for (at, share) in numbers.histogram.iter().enumerate() { @if at > 0 { ", " } (share) }
                }
            }
        }
    }
}

fn frequent_table(frequent: &FrequentValues, values: u64) -> Markup {
    html! {
        table.small {
            thead { tr { th scope="col" { "Value" } th.n scope="col" { "Rows" } th.n scope="col" { "Share" } } }
            tbody {
                @for value in &frequent.shown {
                    tr {
                        th scope="row" { (plain(&value.value)) }
                        td.n { (Count(value.rows)) }
                        td.n { (Percent(value.rows, values)) }
                    }
                }
            }
        }
        @if frequent.other_values > 0 {
            p.note { (Count(frequent.other_values)) " other values in " (Count(frequent.other_rows)) " rows" }
        }
    }
}

fn shapes_table(shapes: &ShapesReport, values: u64) -> Markup {
    html! {
        @if shapes.too_many { p { "more than 1,000 different ones" } }
        @if !shapes.shown.is_empty() {
            table.small {
                thead { tr { th scope="col" { "Shape" } th.n scope="col" { "Values" } th.n scope="col" { "Share" } } }
                tbody {
                    @for shape in &shapes.shown {
                        tr {
                            th scope="row" { code.shape { (plain(&shape.shape)) } }
                            td.n { (Count(shape.values)) }
                            td.n { (Percent(shape.values, values)) }
                        }
                    }
                }
            }
        }
        @if let Some(other) = shapes.other { p.note { (Count(other.shapes)) " other shapes of " (Count(other.values)) " values" } }
    }
}

fn between(profile: &DataProfile) -> Markup {
    html! {
        section #between {
            h2 { "Between datasets" }
            (list("References", profile.references.iter().map(reference_sentence)))
            (list("The same values", profile.same_columns.iter().map(same_sentence)))
        }
    }
}

fn notices(profile: &DataProfile) -> Markup {
    html! {
        section {
            h2 { "Notes" }
            ul.sentences {
                @for notice in &profile.notices {
                    li { @if let Some(dataset) = &notice.dataset { (plain(dataset)) ": " } (plain(&notice.text)) }
                }
            }
        }
    }
}

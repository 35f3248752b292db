//! The details of one dataset.

use maud::{Markup, html};

use super::chart::scored;
use super::page::{Page, joined};
use super::table::group;
use super::texts::fill;
use super::trail;
use crate::model::{
    ComparedFailures, DatasetReport, DatasetStatus, Dimension, DimensionReport, Fault, FileFact, Records, Score,
    Severity, Status, UnparseableColumn, Veto,
};
use crate::report::wording::differing_files;

/// How many rules that make records unclean, or that cut a dimension, are named.
const RULES_SHOWN: usize = 5;

/// How many files, faults or pairs of rules are shown.
const LISTED: usize = 100;

/// The rows of a dataset, or of what was read of it.
pub(super) fn rows(dataset: &DatasetReport) -> Option<u64> {
    match (dataset.rows, &dataset.sampled, dataset.status) {
        (Some(rows), ..) => Some(rows),
        (None, Some(sampled), _) => Some(sampled.rows_read),
        (None, None, DatasetStatus::Stopped) => Some(dataset.files.iter().map(|file| file.rows).sum()),
        (None, None, _) => None,
    }
}

/// What the result says of a dataset.
pub(super) fn details(page: &Page<'_>, at: usize, dataset: &DatasetReport) -> Markup {
    let texts = &page.texts.datasets;
    html! {
        details.dataset {
            summary {
                b { (page.name(&dataset.name)) }
                @if let Some(title) = &dataset.title { " – " (page.prose(title)) }
                @if dataset.fails_gate { " " span.s.bad { (texts.fails_gate) } }
                @if dataset.status != DatasetStatus::Audited {
                    " " span.s.open { (page.texts.dataset_status(dataset.status)) }
                }
            }
            div id=(page.dataset_places.of(&dataset.name, at)) {
                dl { (facts(page, dataset)) }
                @if dataset.dimensions.iter().any(has_rules) { (dimensions(page, at, dataset)) }
                (trail::of_dataset(page, at, dataset))
                @if let Some(compared) = &dataset.compared_failures { (compared_failures(page, dataset, compared)) }
                @let differing = differing_files(dataset);
                @if !differing.is_empty() {
                    h4 { (texts.differing) }
                    ul { @for sentence in differing.iter().take(LISTED) { li { (sentence) } } (more(page, differing.len())) }
                }
                @if !dataset.unparseable.is_empty() {
                    h4 { (texts.unparseable) }
                    ul { @for column in &dataset.unparseable { li { (unparseable(page, column)) } } }
                }
                @if !dataset.faults.is_empty() {
                    h4 { (texts.faults) }
                    ul {
                        @for fault in dataset.faults.iter().take(LISTED) { li { (self::fault(page, dataset, fault)) } }
                        (more(page, dataset.faults.len()))
                    }
                }
                @if !dataset.files.is_empty() {
                    h4 { (texts.files) }
                    ul {
                        @for file in dataset.files.iter().take(LISTED) { li { (self::file(page, file)) } }
                        (more(page, dataset.files.len()))
                    }
                }
            }
        }
    }
}

/// How many entries of a list are not shown.
fn more(page: &Page<'_>, all: usize) -> Markup {
    let more = all.saturating_sub(LISTED) as u64;
    html! { @if more > 0 { li { (page.counted(&page.texts.limits.more, more, &[])) } } }
}

/// Who is responsible, what was read, clean records and the score.
fn facts(page: &Page<'_>, dataset: &DatasetReport) -> Markup {
    let texts = &page.texts.datasets;
    html! {
        @if let Some(error) = &dataset.error { dt { (texts.errored) } dd.bad { (page.result(error)) } }
        @if dataset.error.is_none() && dataset.status == DatasetStatus::Errored {
            dt { (texts.errored) } dd.bad { (texts.no_reason) }
        }
        @if let Some(owner) = &dataset.owner { dt { (texts.owner) } dd { (page.name(owner)) } }
        @if let Some(steward) = &dataset.steward { dt { (texts.steward) } dd { (page.name(steward)) } }
        dt { (texts.rows) } dd { (rows_read(page, dataset)) }
        @if dataset.status == DatasetStatus::Audited && dataset.rules.is_empty() {
            dt { (page.texts.rules.heading) } dd { (texts.no_rules) }
        }
        @if let Some(records) = &dataset.records {
            dt { (texts.clean) } dd { (clean(page, records)) }
            @if !records.unclean_by.is_empty() { dt { (texts.unclean_by) } dd { (unclean_by(page, dataset, records)) } }
        }
        @if !dataset.rules.is_empty() && !matches!(dataset.status, DatasetStatus::Errored | DatasetStatus::NotReached) {
            dt { (texts.score) } dd { (the_score(page, dataset)) }
        }
        @for dimension in Dimension::ALL {
            @let rules: Vec<&Veto> = dataset.vetoes.iter().filter(|veto| veto.dimension == dimension).collect();
            @if !rules.is_empty() {
                dt { (page.texts.severity(Severity::Critical)) }
                dd {
                    (fill(&texts.veto, &[
                        ("dimension", &page.texts.dimension(dimension)),
                        ("limit", &page.score(Score::VETOED)),
                        ("rules", &vetoes(page, dataset, &rules)),
                    ]))
                }
            }
        }
    }
}

/// The rules that cut a dimension.
fn vetoes(page: &Page<'_>, dataset: &DatasetReport, vetoes: &[&Veto]) -> Markup {
    let more = vetoes.len().saturating_sub(RULES_SHOWN) as u64;
    html! {
        (joined(vetoes.iter().take(RULES_SHOWN).map(|veto| page.short_rule_link(&veto.rule, dataset)), ", "))
        @if more > 0 { " " (page.counted(&page.texts.words.and_more, more, &[])) }
    }
}

/// How many rows there are, or what was read of them.
fn rows_read(page: &Page<'_>, dataset: &DatasetReport) -> Markup {
    let texts = &page.texts.datasets;
    let columns = dataset.columns.len() as u64;
    let rows = match (&dataset.sampled, dataset.rows, rows(dataset)) {
        (Some(sampled), ..) => {
            let text = if sampled.rows_total_is_estimate { &texts.sample_about } else { &texts.sample };
            let [read, total] = [sampled.rows_read, sampled.rows_total].map(|count| page.count(count));
            let share = page.texts.numbers.share(sampled.share);
            fill(text, &[("read", &read), ("total", &total), ("share", &share)])
        }
        (None, Some(rows), _) => html! { (page.count(rows)) },
        (None, None, Some(rows)) => page.counted(&texts.stopped_after, rows, &[]),
        (None, None, None) => html! { (page.texts.dataset_status(dataset.status)) },
    };
    html! { (rows) @if columns > 0 { " · " (page.counted(&texts.columns, columns, &[])) } }
}

fn clean(page: &Page<'_>, records: &Records) -> Markup {
    let texts = &page.texts.datasets;
    match records.rate {
        Some(rate) => fill(
            &texts.records,
            &[
                ("clean", &page.count(records.clean)),
                ("total", &page.count(records.total)),
                ("rate", &page.percent(rate)),
            ],
        ),
        None if records.total == 0 => html! { (texts.records_no_rows) },
        None => html! { (texts.records_no_rules) },
    }
}

/// Which rules make records unclean.
fn unclean_by(page: &Page<'_>, dataset: &DatasetReport, records: &Records) -> Markup {
    let shown = records.unclean_by.iter().take(RULES_SHOWN).map(|unclean| {
        html! {
            (page.short_rule_link(&unclean.rule, dataset)) " "
            (page.counted(&page.texts.words.rows, unclean.rows, &[]))
        }
    });
    let more = records.unclean_by.len().saturating_sub(RULES_SHOWN) as u64;
    html! {
        (joined(shown, " · "))
        @if more > 0 { " " (page.counted(&page.texts.words.and_more, more, &[])) }
    }
}

/// The score with its coverage.
fn the_score(page: &Page<'_>, dataset: &DatasetReport) -> Markup {
    let texts = &page.texts.datasets;
    let coverage = dataset.coverage;
    let [dimensions, of_dimensions, columns, of_columns] =
        [coverage.dimensions_measured, coverage.dimensions, coverage.columns_measured, coverage.columns]
            .map(|count| page.count(count.into()));
    html! {
        @match (dataset.score, dataset.status) {
            (Some(score), _) => (scored(page, score, dataset.band)),
            (None, DatasetStatus::Sampled) => (texts.no_score_sample),
            (None, DatasetStatus::Stopped) => (texts.no_score_part),
            (None, _) => (page.texts.words.not_measured),
        }
        @if let Some(mean) = dataset.arithmetic_mean { " · " (fill(&texts.mean, &[("mean", &page.score(mean))])) }
        " · "
        (fill(&texts.coverage, &[
            ("dimensions", &dimensions), ("of_dimensions", &of_dimensions),
            ("columns", &columns), ("of_columns", &of_columns),
        ]))
    }
}

const fn has_rules(dimension: &DimensionReport) -> bool {
    dimension.rules > 0 || dimension.score.is_some()
}

/// The dimensions that have rules, with the worst rule of each.
fn dimensions(page: &Page<'_>, at: usize, dataset: &DatasetReport) -> Markup {
    let texts = &page.texts.datasets;
    let heading = format!("dimensions-{at}");
    let is_vetoed = dataset.dimensions.iter().any(|dimension| dimension.before_veto.is_some());
    html! {
        h4 #(heading) { (page.texts.dimensions.heading) }
        (group(&heading, &html! {
            table.small {
                thead {
                    tr {
                        th scope="col" { (texts.dimension) }
                        th.n scope="col" { (texts.score) }
                        @if is_vetoed { th.n scope="col" { (texts.before_veto) } }
                        th.n scope="col" { (texts.measured) }
                        th.n scope="col" { (texts.failed) }
                        th scope="col" { (texts.worst_rule) }
                    }
                }
                tbody {
                    @for dimension in dataset.dimensions.iter().filter(|dimension| has_rules(dimension)) {
                        tr {
                            th scope="row" { (page.texts.dimension(dimension.dimension)) }
                            td.n {
                                @match dimension.score {
                                    Some(score) => (scored(page, score, Some(page.report.suite.bands.band(score)))),
                                    None => (page.texts.words.not_measured),
                                }
                            }
                            @if is_vetoed {
                                td.n { @if let Some(score) = dimension.before_veto { (page.score(score)) } }
                            }
                            td.n {
                                @let [measured, all] =
                                    [dimension.rules_measured, dimension.rules].map(|count| page.count(count.into()));
                                (fill(&texts.measured_of, &[("measured", &measured), ("all", &all)]))
                            }
                            td.n { (page.count(failed(dataset, dimension.dimension))) }
                            td { (worst_rule(page, dataset, dimension)) }
                        }
                    }
                }
            }
        }))
    }
}

/// The failed rules of a dimension.
fn failed(dataset: &DatasetReport, dimension: Dimension) -> u64 {
    let rules = dataset.rules.iter().filter(|rule| rule.dimension == dimension);
    rules.filter(|rule| rule.status == Status::Failed).count() as u64
}

fn worst_rule(page: &Page<'_>, dataset: &DatasetReport, dimension: &DimensionReport) -> Markup {
    html! {
        @if let (Some(rule), Some(rate)) = (&dimension.worst_rule, dimension.worst_rate.filter(|rate| *rate < Score::FULL)) {
            (page.percent(rate)) " " (page.short_rule_link(rule, dataset))
        }
    }
}

/// The rules of a dataset that fail together, and by what its failing rows were grouped.
fn compared_failures(page: &Page<'_>, dataset: &DatasetReport, compared: &ComparedFailures) -> Markup {
    let texts = &page.texts.datasets;
    let more = compared.together.len().saturating_sub(LISTED) as u64 + compared.more_together;
    let left_out = [
        (&texts.searched_one_value, &compared.left_out),
        (&texts.searched_personal, &compared.personal),
        (&texts.searched_not_read, &compared.not_read),
    ];
    html! {
        @if !compared.together.is_empty() || more > 0 {
            h4 { (texts.together) }
            ul {
                @for pair in compared.together.iter().take(LISTED) {
                    li {
                        @let [first, second] = pair.rules.each_ref().map(|id| page.short_rule_link(id, dataset));
                        @let lift = format!("{}.{:02}", pair.lift_percent / 100, pair.lift_percent % 100);
                        @let [one, other, all] = [pair.each[0], pair.each[1], compared.rows].map(|count| page.count(count));
                        (fill(&texts.together_rate, &[
                            ("first", &first), ("second", &second),
                            ("both", &page.counted(&page.texts.words.rows, pair.both, &[])),
                            ("lift", &page.texts.numbers.decimal(&lift)),
                            ("one", &one), ("other", &other), ("all", &all),
                        ]))
                    }
                }
                @if more > 0 { li { (page.counted(&texts.together_more, more, &[])) } }
            }
        }
        p.quiet {
            (page.counted(&texts.searched, compared.grouped_by.len() as u64, &[("pairs", &page.count(compared.in_pairs))]))
            @for (text, columns) in left_out {
                @if !columns.is_empty() {
                    "; " (page.counted(text, columns.len() as u64, &[])) ": "
                    (joined(columns.iter().take(LISTED).map(|column| page.name(column)), ", "))
                    @if columns.len() > LISTED {
                        " " (page.counted(&page.texts.words.and_more, (columns.len() - LISTED) as u64, &[]))
                    }
                }
            }
        }
    }
}

/// A column with unparseable cells: how many, why, what they look like and what to declare.
fn unparseable(page: &Page<'_>, column: &UnparseableColumn) -> Markup {
    let texts = &page.texts.datasets;
    let mut reasons: Vec<_> = column.reasons.iter().collect();
    reasons.sort_by_key(|(reason, cells)| (std::cmp::Reverse(**cells), **reason));
    let reasons =
        reasons.into_iter().map(|(reason, cells)| html! { (page.count(*cells)) " " (page.texts.unparseable(*reason)) });
    html! {
        (fill(&texts.unparseable_cells, &[
            ("column", &html! { b { (page.name(&column.column)) } }),
            ("type", &column.data_type.to_string()),
            ("reasons", &joined(reasons, ", ")),
        ]))
        @if let Some(like) = &column.looks_like {
            @let formats = joined(like.formats.iter().map(|format| html! { code { (page.name(format)) } }), format!(" {} ", texts.or));
            "; "
            (fill(&texts.looks_like, &[
                ("cells", &page.count(like.cells)), ("all", &page.count(column.cells)), ("formats", &formats),
            ]))
        }
        @if column.parsed > 0 { "; " (page.counted(&texts.unparseable_parsed, column.parsed, &[])) }
        @if let Some(advice) = &column.advice { ": " (page.result(advice)) }
    }
}

fn fault(page: &Page<'_>, dataset: &DatasetReport, fault: &Fault) -> Markup {
    let path = page.name(dataset.files.get(fault.file as usize).map_or("?", |file| file.path.as_str()));
    html! {
        @if fault.line > 0 {
            (fill(&page.texts.datasets.fault_line, &[("path", &path), ("line", &fault.line.to_string())]))
        } @else { (path) }
        ": " (page.texts.fault(fault.kind)) ", " (page.result(&fault.detail))
    }
}

fn file(page: &Page<'_>, file: &FileFact) -> Markup {
    let texts = &page.texts.datasets;
    let rows = page.counted(&page.texts.words.rows, file.rows, &[]);
    html! {
        (fill(&texts.file, &[("path", &page.name(&file.path)), ("rows", &rows)]))
        @if let Some(bytes) = file.bytes { ", " (page.texts.numbers.bytes(bytes)) }
        @for (sums, text) in [(file.checksums, &texts.checksums), (file.frames, &texts.frames)] {
            @if let Some(sums) = sums {
                @let [verified, mismatched, absent] =
                    [sums.verified, sums.mismatched, sums.absent].map(|count| page.count(count));
                ", "
                (fill(text, &[("verified", &verified), ("mismatched", &mismatched), ("absent", &absent)]))
            }
        }
    }
}

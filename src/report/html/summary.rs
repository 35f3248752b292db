//! The top of the page: the verdict, the figures that matter, why the gate does not pass, and what to do first.

use maud::{Markup, html};

use super::chart::{bar, scored};
use super::page::{Listed, Page, joined};
use super::repairs;
use super::rule::fraction;
use super::texts::fill;
use crate::model::{
    AuditReport, DatasetReport, DatasetStatus, NewOnly, Records, Score, Severity, Status, Unit, UnmeasuredRules,
    Verdict, Verification,
};

/// How many rules are named under what to do first.
const FIRST_SHOWN: usize = 7;

/// How many repairs are named.
const BEST_SHOWN: usize = 5;

/// How many reasons are shown at once.
const SENTENCES_SHOWN: usize = 10;

/// How many known failures are listed.
const KNOWN_SHOWN: usize = 100;

/// The verdict and the suite.
pub(super) fn header(page: &Page<'_>) -> Markup {
    let report = page.report;
    let texts = &page.texts;
    let class = match report.verdict {
        Verdict::Passed => "good",
        Verdict::Failed | Verdict::CouldNotAudit => "bad",
        Verdict::Undecided => "open",
    };
    let as_of = html! { time { (page.name(&report.as_of)) } };
    html! {
        header.{ "verdict " (class) } {
            h1 {
                span.word { (texts.verdict(report.verdict)) } " "
                span.suite { (page.name(&report.suite.name)) }
            }
            p.what {
                @if let Some(title) = &report.suite.title { (page.prose(title)) " · " }
                (fill(&texts.verdict.as_of, &[("date", &as_of)]))
                @for flag in flags(page) { " " span.flag { (flag) } }
            }
        }
    }
}

/// Why the result is not one of all rows, judged once.
fn flags<'p>(page: &'p Page<'_>) -> impl Iterator<Item = &'p str> {
    let AuditReport { sampled, stopped, judged, verification, .. } = page.report;
    let texts = &page.texts.verdict;
    let verified = verification.as_ref().map(Verification::holds);
    [
        (sampled.as_ref().is_some_and(|sampled| sampled.datasets_sampled > 0), &texts.sampled),
        (stopped.is_some(), &texts.stopped),
        (judged.is_some(), &texts.judged),
        (verified == Some(true), &texts.verified),
        (verified == Some(false), &texts.not_verified),
    ]
    .into_iter()
    .filter_map(|(is, word)| is.then_some(word.as_str()))
}

/// The figures, the gate, and what to do first.
pub(super) fn section(page: &Page<'_>) -> Markup {
    html! {
        section #summary {
            h2.hidden #summary-heading { (page.texts.gate.heading) }
            (figures(page))
            div.columns {
                div { (gate(page)) }
                div { (first(page)) }
            }
        }
    }
}

/// Clean records, the lowest score, datasets and rules.
fn figures(page: &Page<'_>) -> Markup {
    let texts = &page.texts.verdict;
    let datasets = &page.report.datasets;
    let fail_gate = datasets.iter().filter(|dataset| dataset.fails_gate).count() as u64;
    html! {
        dl.figures {
            div {
                dt { (texts.clean_records) }
                (clean_records(page))
            }
            div {
                dt { (texts.lowest_score) }
                @let lowest = datasets.iter().filter_map(|one| Some((one.score?, one))).min_by_key(|(score, _)| *score);
                @match lowest {
                    Some((score, dataset)) => {
                        dd.value { (scored(page, score, dataset.band)) }
                        dd.note { (page.dataset_link(&dataset.name)) }
                    }
                    None => { dd.value.none { (page.texts.words.not_measured) } }
                }
            }
            div {
                dt { (texts.datasets) }
                dd.value { (page.count(datasets.len() as u64)) }
                dd.note {
                    @if fail_gate > 0 { (page.counted(&texts.datasets_fail_gate, fail_gate, &[])) }
                    @else { (texts.datasets_pass) }
                }
            }
            div {
                dt { (texts.rules) }
                dd.value { (page.count(page.rules.len() as u64 + page.left_out)) }
                dd.note { (statuses(page)) }
            }
        }
    }
}

/// The clean records of all datasets that count them.
fn clean_records(page: &Page<'_>) -> Markup {
    let texts = &page.texts.verdict;
    let datasets = &page.report.datasets;
    let counted: Vec<_> = datasets
        .iter()
        .filter_map(|dataset| dataset.records.as_ref().filter(|records| records.rate.is_some()))
        .collect();
    let sum = |number: fn(&&Records) -> u64| counted.iter().map(number).fold(0, u64::saturating_add);
    let (clean, total) = (sum(|records| records.clean), sum(|records| records.total));
    html! {
        @match Score::rate(clean, total) {
            Some(rate) => {
                dd.value { (page.percent(rate)) }
                dd.note {
                    (fill(&texts.clean_of, &[("clean", &page.count(clean)), ("total", &page.count(total))]))
                    @if counted.len() < datasets.len() {
                        @let all = page.counted(&page.texts.words.datasets, datasets.len() as u64, &[]);
                        ", "
                        (fill(&texts.clean_datasets, &[("counted", &page.count(counted.len() as u64)), ("datasets", &all)]))
                    }
                }
            }
            None => { dd.value.none { (page.texts.words.not_measured) } }
        }
    }
}

/// How many rules have which status, as links that filter.
fn statuses(page: &Page<'_>) -> Markup {
    let rules = || page.report.datasets.iter().flat_map(|dataset| &dataset.rules);
    let order = [
        Status::Errored,
        Status::Failed,
        Status::Waived,
        Status::Warned,
        Status::Undecided,
        Status::NotMeasured,
        Status::Passed,
    ];
    let counts = order.map(|status| (status, rules().filter(|rule| rule.status == status).count() as u64));
    let shown = counts.into_iter().filter(|(_, count)| *count > 0).map(|(status, count)| {
        html! {
            a href={ "#status=" (key(status)) } { (page.count(count)) " " (page.texts.status(status)) }
        }
    });
    joined(shown, " · ")
}

/// The name of a status in addresses.
pub(super) const fn key(status: Status) -> &'static str {
    match status {
        Status::NotMeasured => "not_measured",
        other => other.name(),
    }
}

/// What the gate asks, and why it does not pass.
fn gate(page: &Page<'_>) -> Markup {
    let texts = &page.texts.gate;
    let report = page.report;
    let gate = &report.gate;
    html! {
        @if gate.reasons.is_empty() {
            @match report.verdict {
                Verdict::Passed => p.lead { (texts.passed) },
                Verdict::Undecided => p.lead { (texts.undecided) },
                Verdict::Failed | Verdict::CouldNotAudit => {}
            }
        }
        @for (heading, sentences) in
            [(&texts.reasons, &gate.reasons), (&texts.warnings, &gate.warnings), (&texts.unjudged, &gate.unjudged)] {
            @if !sentences.is_empty() {
                h3 { (heading) }
                (sentences_of(page, sentences))
            }
        }
        @if let Some(new_only) = &gate.new_only { (known_failures(page, new_only)) }
        h3 { (texts.asks) }
        ul.sentences { @for condition in conditions(page) { li { (condition) } } }
    }
}

/// The first sentences, and the others where a reader asks for them.
fn sentences_of(page: &Page<'_>, sentences: &[String]) -> Markup {
    let (first, others) = sentences.split_at(sentences.len().min(SENTENCES_SHOWN));
    let list = |sentences: &[String]| {
        html! { ul.sentences { @for sentence in sentences { li { (page.result(sentence)) } } } }
    };
    html! {
        (list(first))
        @if !others.is_empty() {
            details.more {
                summary { (page.counted(&page.texts.words.and_more, others.len() as u64, &[])) }
                (list(others))
            }
        }
    }
}

/// The conditions of the gate.
fn conditions(page: &Page<'_>) -> Vec<Markup> {
    let texts = &page.texts.gate;
    let gate = &page.report.gate;
    let nothing = || html! { (texts.fail_on_nothing) };
    let on = |severity| fill(&texts.fail_on, &[("severity", &page.texts.severity(severity))]);
    let mut conditions = vec![gate.fail_on.map_or_else(nothing, on)];
    if let Some(score) = gate.min_score {
        conditions.push(fill(&texts.min_score, &[("score", &page.score(score))]));
    }
    for (dimension, score) in &gate.min_dimension {
        let values = (page.texts.dimension(*dimension), page.score(*score));
        conditions.push(fill(&texts.min_dimension, &[("dimension", &values.0), ("score", &values.1)]));
    }
    if gate.unmeasured == UnmeasuredRules::Fail {
        conditions.push(html! { (texts.unmeasured_fails) });
    }
    conditions
}

/// The failures that an earlier result has, too.
fn known_failures(page: &Page<'_>, new_only: &NewOnly) -> Markup {
    let texts = &page.texts.gate;
    let known = new_only.known.len();
    let severity = |severity: Severity| page.texts.severity(severity);
    html! {
        p {
            (fill(&texts.new_only, &[("date", &page.name(&new_only.as_of))])) " "
            @if known > 0 { (page.counted(&texts.new_only_known, known as u64, &[])) } @else { (texts.new_only_none) }
            @if let Some(share) = new_only.tolerance {
                " " (fill(&texts.new_only_worse, &[("share", &page.texts.numbers.share(share))]))
            }
            @if let Some(digest) = &new_only.baseline {
                " " code { (page.name(digest.get(..12).unwrap_or(digest))) }
            }
        }
        ul.sentences {
            @for failure in new_only.known.iter().take(KNOWN_SHOWN) {
                li {
                    @let rule = page.rule_link(&failure.rule);
                    @let [failed, evaluated, failed_before, evaluated_before] =
                        [failure.failed, failure.evaluated, failure.failed_before, failure.evaluated_before]
                            .map(|count| page.count(count));
                    @let text = if failure.unit == Unit::Dataset { &texts.known_dataset } else { &texts.known };
                    (fill(text, &[
                        ("rule", &rule), ("severity", &severity(failure.severity)),
                        ("failed", &failed), ("evaluated", &evaluated),
                        ("failed_before", &failed_before), ("evaluated_before", &evaluated_before),
                    ]))
                }
            }
            @if known > KNOWN_SHOWN {
                li { (page.counted(&page.texts.limits.more, (known - KNOWN_SHOWN) as u64, &[])) }
            }
            @for failure in &new_only.not_comparable {
                li {
                    (fill(&texts.not_comparable, &[
                        ("rule", &page.rule_link(&failure.rule)), ("severity", &severity(failure.severity)),
                        ("reason", &page.result(&failure.reason)),
                    ]))
                }
            }
        }
    }
}

/// The rules that fail the gate, and the repairs that are worth most.
fn first(page: &Page<'_>) -> Markup {
    let texts = &page.texts.first;
    let unread: Vec<&DatasetReport> =
        page.report.datasets.iter().filter(|dataset| dataset.status == DatasetStatus::Errored).collect();
    // The rules of a dataset that could not be read all say what its own line says.
    let read = page.report.datasets.iter().filter(|dataset| dataset.status != DatasetStatus::Errored);
    let all = read.flat_map(|dataset| &dataset.rules).filter(|rule| rule.fails_gate).count();
    let is_first = |listed: &&Listed<'_>| listed.rule.fails_gate && listed.dataset.status != DatasetStatus::Errored;
    let failing: Vec<&Listed<'_>> = page.rules.iter().filter(is_first).take(FIRST_SHOWN).collect();
    let best = repairs::best(page, BEST_SHOWN);
    html! {
        h3 { (texts.heading) }
        @if unread.is_empty() && failing.is_empty() {
            p.lead { (texts.nothing) }
        } @else {
            ol.first {
                @for dataset in unread.iter().take(FIRST_SHOWN) {
                    li {
                        p { (page.dataset_link(&dataset.name)) ": " (texts.dataset) }
                        p.fix { (page.result(dataset.error.as_deref().unwrap_or(&page.texts.datasets.no_reason))) }
                    }
                }
                @for listed in &failing {
                    li { (to_repair(page, listed)) }
                }
            }
            @let more = (all - failing.len()) + unread.len().saturating_sub(FIRST_SHOWN);
            @if more > 0 {
                p { a href="#status=gate" { (page.counted(&texts.more, more as u64, &[])) } }
            }
        }
        @if !best.is_empty() {
            h3 { (texts.best) }
            ul.best {
                @for (dataset, repair) in best {
                    li {
                        b { "+" (page.score(repair.score_points)) }
                        " " span { (page.dataset_link(&dataset.name)) ": " (page.short_rule_link(&repair.rule, dataset)) }
                        " " span.quiet {
                            @let records = repairs::clean_records(page, repair);
                            @if repair.clean_records_at_most > 0 { (fill(&page.texts.repairs.clean, &[("records", &records)])) }
                        }
                    }
                }
            }
        }
    }
}

/// A rule that fails the gate, with what to do.
fn to_repair(page: &Page<'_>, listed: &Listed<'_>) -> Markup {
    let rule = listed.rule;
    html! {
        p {
            span.{ "severity " (rule.severity) } { (page.texts.severity(rule.severity)) } " "
            (page.dataset_link(&listed.dataset.name)) ": "
            a href={ "#" (page.rule_places.find(&rule.id).unwrap_or_default()) } { (page.prose(&rule.title)) }
            @if rule.status != Status::Errored && rule.unit != Unit::Dataset {
                ", " span.n { (fraction(page, rule)) }
            }
        }
        p.fix {
            @match (&rule.fix, &rule.reason, rule.status) {
                (_, Some(reason), Status::Errored) => (page.result(reason)),
                (Some(fix), ..) => (page.prose(fix)),
                (None, ..) => span.quiet { (page.texts.first.no_fix) },
            }
        }
    }
}

/// The bar of the clean records of a dataset.
pub(super) fn clean_bar(page: &Page<'_>, rate: Score) -> Markup {
    html! { (page.percent(rate)) (bar(page, rate)) }
}

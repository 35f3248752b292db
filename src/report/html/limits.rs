//! What the report does not cover: whatever was not audited, not measured, sampled, skipped or waived.

use maud::{Markup, html};

use super::page::{Page, joined};
use super::texts::{Counted, fill};
use crate::model::{DatasetReport, DatasetStatus, RuleReport, Status, Verification};

/// How many entries of a list are shown.
const SHOWN: usize = 100;

/// The section.
pub(super) fn section(page: &Page<'_>) -> Markup {
    let texts = &page.texts.limits;
    let parts: Vec<Markup> = [
        datasets(page),
        rules(page),
        partly(page),
        verification(page),
        waived(page),
        files(page),
        notices(page),
        cut(page),
    ]
    .into_iter()
    .flatten()
    .collect();
    html! {
        section #limits {
            h2 #limits-heading { (texts.heading) }
            @if parts.is_empty() { p { (texts.nothing) } } @else { p.about { (texts.about) } }
            @for part in &parts { (part) }
        }
    }
}

/// A list under its heading; `None` if it is empty.
fn list(page: &Page<'_>, heading: &str, entries: impl IntoIterator<Item = Markup>) -> Option<Markup> {
    let entries: Vec<Markup> = entries.into_iter().collect();
    let more = entries.len().saturating_sub(SHOWN) as u64;
    (!entries.is_empty()).then(|| {
        html! {
            h3 { (heading) }
            ul.sentences {
                @for entry in entries.iter().take(SHOWN) { li { (entry) } }
                @if more > 0 { li { (page.counted(&page.texts.limits.more, more, &[])) } }
            }
        }
    })
}

/// Several parts as one; `None` without any.
fn together<const N: usize>(parts: &[Option<Markup>; N]) -> Option<Markup> {
    parts.iter().any(Option::is_some).then(|| html! { @for part in parts.iter().flatten() { (part) } })
}

/// Datasets that were not read in full.
fn datasets(page: &Page<'_>) -> Option<Markup> {
    let texts = &page.texts.limits;
    let of =
        |wanted: fn(DatasetStatus) -> bool| page.report.datasets.iter().filter(move |dataset| wanted(dataset.status));
    let unread = of(|status| status == DatasetStatus::Errored).map(|dataset| {
        let reason = dataset.error.as_deref().unwrap_or(&page.texts.datasets.no_reason);
        let rules = page.counted(&page.texts.words.rules, dataset.rules.len() as u64, &[]);
        html! { (page.dataset_link(&dataset.name)) ": " (page.result(reason)) " (" (rules) ")" }
    });
    let in_part = of(|status| !matches!(status, DatasetStatus::Errored | DatasetStatus::Audited));
    let in_part = in_part.map(|dataset| {
        html! { (page.dataset_link(&dataset.name)) ": " (page.texts.dataset_status(dataset.status)) }
    });
    together(&[list(page, &texts.not_audited, unread), list(page, &texts.in_part, in_part)])
}

/// Rules without an outcome, each with the reason.
fn rules(page: &Page<'_>) -> Option<Markup> {
    let texts = &page.texts.limits;
    let of = |status: Status| {
        let datasets = page.report.datasets.iter();
        datasets.flat_map(move |dataset| {
            dataset.rules.iter().filter(move |rule| rule.status == status).map(move |rule| (dataset, rule))
        })
    };
    let entry = |(dataset, rule): (&DatasetReport, &RuleReport)| {
        html! {
            (page.dataset_link(&dataset.name)) ": " (page.short_rule_link(&rule.id, dataset)) ": "
            @match &rule.reason { Some(reason) => (page.result(reason)), None => (texts.reason_none) }
        }
    };
    together(&[
        list(page, &texts.not_judged, of(Status::Errored).map(entry)),
        list(page, &texts.not_measured, of(Status::NotMeasured).map(entry)),
    ])
}

/// A sample, an early end, or a judgement without the data.
fn partly(page: &Page<'_>) -> Option<Markup> {
    let texts = &page.texts.limits;
    let words = &page.texts.verdict;
    let report = page.report;
    let sampled = report.sampled.as_ref().map(|sampled| {
        let share = page.texts.numbers.share(sampled.asked);
        let text = if sampled.datasets_sampled == 0 { &texts.sample_full } else { &texts.sample };
        let counted = |text: &Counted, count: u32| page.counted(text, count.into(), &[]);
        fill(
            text,
            &[
                ("share", &share),
                ("sampled", &counted(&page.texts.words.datasets, sampled.datasets_sampled)),
                ("full", &page.count(sampled.datasets_in_full.into())),
                ("undecided", &counted(&page.texts.words.rules, sampled.rules_undecided)),
                ("unmeasured", &page.count(sampled.rules_not_measured.into())),
            ],
        )
    });
    let stopped = report.stopped.as_ref().map(|stopped| {
        html! {
            (fill(&texts.stopped, &[("reason", &page.result(&stopped.because))])) ". "
            (ids(page, &texts.stopped_rules, &stopped.unmeasured))
        }
    });
    let judged = report.judged.as_ref().map(|judged| {
        let digest = page.name(judged.digest.get(..12).unwrap_or(&judged.digest));
        html! {
            (fill(&texts.judged, &[("digest", &html! { code { (digest) } }), ("version", &page.name(&judged.version))]))
            " " (ids(page, &texts.need_data, &judged.need_data))
            " " (ids(page, &texts.dropped, &judged.dropped))
        }
    });
    together(&[
        list(page, &words.sampled, sampled),
        list(page, &words.stopped, stopped),
        list(page, &words.judged, judged),
    ])
}

/// How many rules, and which; nothing without any.
fn ids(page: &Page<'_>, text: &Counted, rules: &[String]) -> Markup {
    let more = rules.len().saturating_sub(SHOWN) as u64;
    html! {
        @if !rules.is_empty() {
            (page.counted(text, rules.len() as u64, &[])) " "
            (joined(rules.iter().take(SHOWN).map(|id| page.rule_link(id)), ", "))
            @if more > 0 { " " (page.counted(&page.texts.words.and_more, more, &[])) }
        }
    }
}

/// What a second engine confirms, and every integer that it does not.
fn verification(page: &Page<'_>) -> Option<Markup> {
    let verification = page.report.verification.as_ref()?;
    let texts = &page.texts.limits;
    let engine = page.name(&verification.engine);
    let summary = if verification.rules == 0 {
        fill(&texts.verified_nothing, &[("engine", &engine)])
    } else {
        let rules = page.counted(&page.texts.words.rules, verification.rules.into(), &[]);
        fill(
            &texts.verified,
            &[
                ("integers", &page.count(verification.integers)),
                ("rules", &rules),
                ("engine", &engine),
                ("differ", &page.count(verification.differences.len() as u64)),
            ],
        )
    };
    let differences = verification.differences.iter().map(|difference| {
        let of = match &difference.rule {
            Some(rule) => page.rule_link(rule),
            None => page.dataset_link(&difference.dataset),
        };
        let [what, found, verified] =
            [&difference.what, &difference.found, &difference.verified].map(|text| page.name(text));
        fill(
            &texts.difference,
            &[("of", &of), ("what", &what), ("found", &found), ("verified", &verified), ("engine", &engine)],
        )
    });
    let sampled = verification.sampled.iter().map(|sampled| {
        fill(
            &texts.verified_sample,
            &[
                ("dataset", &page.dataset_link(&sampled.dataset)),
                ("rows", &page.counted(&page.texts.words.rows, sampled.rows, &[])),
                ("share", &page.texts.numbers.share(sampled.share)),
            ],
        )
    });
    let entries = std::iter::once(summary).chain(differences).chain(sampled).chain(not_verified(page, verification));
    list(page, &texts.verification, entries)
}

/// The rules that were not verified, each with the reason.
fn not_verified(page: &Page<'_>, verification: &Verification) -> Option<Markup> {
    let rules = &verification.not_verified;
    let more = rules.len().saturating_sub(SHOWN) as u64;
    (!rules.is_empty()).then(|| {
        html! {
            (page.counted(&page.texts.limits.not_verified, rules.len() as u64, &[]))
            ul {
                @for rule in rules.iter().take(SHOWN) {
                    li { (page.rule_link(&rule.rule)) ": " (page.result(&rule.reason)) }
                }
                @if more > 0 { li { (page.counted(&page.texts.limits.more, more, &[])) } }
            }
        }
    })
}

/// How many rules are waived.
fn waived(page: &Page<'_>) -> Option<Markup> {
    let rules = page.report.datasets.iter().flat_map(|dataset| &dataset.rules);
    let waived = rules.filter(|rule| rule.status == Status::Waived).count() as u64;
    let entry = (waived > 0).then(|| {
        html! { a href="#waivers" { (page.counted(&page.texts.limits.waived, waived, &[])) } }
    });
    list(page, &page.texts.waivers.heading, entry)
}

/// Faults of files and unparseable cells, of each dataset.
fn files(page: &Page<'_>) -> Option<Markup> {
    let texts = &page.texts.limits;
    let entries = page.report.datasets.iter().filter_map(|dataset| {
        let counts = [(&texts.faults, dataset.faults.len()), (&texts.unparseable, dataset.unparseable.len())];
        let counts: Vec<Markup> = counts
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(text, count)| page.counted(text, count as u64, &[]))
            .collect();
        (!counts.is_empty()).then(|| html! { (page.dataset_link(&dataset.name)) ": " (joined(counts, ", ")) })
    });
    list(page, &texts.files, entries)
}

/// What else a reader must know.
fn notices(page: &Page<'_>) -> Option<Markup> {
    let entries = page.report.notices.iter().map(|notice| {
        html! {
            @match (&notice.rule, &notice.dataset) {
                (Some(rule), _) => { (page.rule_link(rule)) ": " }
                (None, Some(dataset)) => { (page.dataset_link(dataset)) ": " }
                (None, None) => {}
            }
            (page.result(&notice.text))
        }
    });
    list(page, &page.texts.limits.notices, entries)
}

/// The rules that the page does not have.
fn cut(page: &Page<'_>) -> Option<Markup> {
    let entry = (page.left_out > 0).then(|| {
        let shown = page.count(page.rules.len() as u64);
        page.counted(&page.texts.rules.left_out, page.left_out, &[("shown", &shown)])
    });
    list(page, &page.texts.limits.cut, entry)
}

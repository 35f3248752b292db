//! The owners.

use maud::{Markup, html};

use super::anchors::filter;
use super::chart::scored;
use super::page::{Page, plain};
use super::table::region;
use crate::model::OwnerReport;

/// A column that is left out where all its numbers are zero: its heading and its number.
type Counts<'t> = (&'t str, fn(&OwnerReport) -> u32);

/// The table of the owners.
pub(super) fn section(page: &Page<'_>) -> Markup {
    let texts = &page.texts.owners;
    let owners = &page.report.owners;
    let is_used = |counts: &Counts<'_>| owners.iter().any(|owner| counts.1(owner) > 0);
    let before: [Counts<'_>; 3] = [
        (&texts.errored, |owner| owner.errored),
        (&texts.in_part, |owner| owner.in_part),
        (&texts.fail_gate, |owner| owner.fail_gate),
    ];
    let after: [Counts<'_>; 2] =
        [(&texts.waived, |owner| owner.rules_waived), (&texts.overdue, |owner| owner.rules_overdue)];
    let before: Vec<_> = before.into_iter().filter(is_used).collect();
    let after: Vec<_> = after.into_iter().filter(is_used).collect();
    html! {
        section #owners {
            h2 #owners-heading { (texts.heading) }
            p.about { (texts.about) }
            (region("owners-heading", &html! {
                table {
                    thead {
                        tr {
                            th scope="col" { (texts.owner) }
                            th.n scope="col" { (texts.datasets) }
                            @for (heading, _) in &before { th.n scope="col" { (heading) } }
                            th.n scope="col" { (texts.worst_score) }
                            th scope="col" { (texts.worst_dataset) }
                            th.n scope="col" { (texts.failed) }
                            @for (heading, _) in &after { th.n scope="col" { (heading) } }
                        }
                    }
                    tbody {
                        @for owner in owners {
                            tr {
                                th scope="row" {
                                    a href=(filter("owner", &plain(&owner.owner))) { (page.name(&owner.owner)) }
                                }
                                td.n { (page.count(owner.datasets.into())) }
                                @for (_, count) in &before { td.n { (page.count(count(owner).into())) } }
                                td.n {
                                    @match owner.worst_score {
                                        Some(score) => (scored(page, score, owner.band)),
                                        None => (page.texts.words.not_measured),
                                    }
                                }
                                td {
                                    @match &owner.worst_dataset {
                                        Some(name) => (page.dataset_link(name)),
                                        None => (page.texts.words.not_known),
                                    }
                                }
                                td.n { (page.count(owner.rules_failed.into())) }
                                @for (_, count) in &after { td.n { (page.count(count(owner).into())) } }
                            }
                        }
                    }
                }
            }))
        }
    }
}

//! How many failures a rule or a waiver allows.

use maud::Markup;

use super::page::Page;
use super::texts::fill;
use crate::model::{Share, Threshold, Unit};

/// How many failures a rule allows.
pub(super) fn threshold(page: &Page<'_>, threshold: Threshold, unit: Unit) -> Markup {
    let texts = &page.texts.rule;
    let rows =
        |text: &str, count: u64| fill(text, &[("count", &page.count(count)), ("unit", &page.texts.unit(unit, count))]);
    let share = |text: &str, millionths: u32| {
        let share = page.texts.numbers.share(Share::from_millionths(millionths));
        fill(text, &[("share", &share)])
    };
    match threshold {
        Threshold::AtMostRows(0) => fill(&texts.every, &[("unit", &page.texts.unit(unit, 1))]),
        Threshold::AtLeastRows(count) => rows(&texts.at_least_rows, count),
        Threshold::AtMostRows(count) => rows(&texts.at_most_rows, count),
        Threshold::AtLeastShare(millionths) => share(&texts.at_least_share, millionths),
        Threshold::AtMostShare(millionths) => share(&texts.at_most_share, millionths),
    }
}

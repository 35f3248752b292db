//! The values by which rows are grouped.

use maud::{Markup, html};

use super::page::Page;
use crate::model::SegmentValue;

/// The value of a group in one column.
pub(super) fn segment_value(page: &Page<'_>, value: &SegmentValue) -> Markup {
    match value {
        SegmentValue::Value(value) => page.name(value),
        SegmentValue::Missing => html! { (page.texts.rule.missing) },
        SegmentValue::Unreadable => html! { (page.texts.rule.unparseable) },
    }
}

//! Tables that are wider than a small screen.

use maud::{Markup, html};

/// A table of a section, which scrolls by itself, so that the page does not; the keyboard reaches it.
pub(super) fn region(labelled_by: &str, table: &Markup) -> Markup {
    html! { div.wide role="region" tabindex="0" aria-labelledby=(labelled_by) { (table) } }
}

/// The same within a part that opens: there are many of them, so it is no landmark.
pub(super) fn group(labelled_by: &str, table: &Markup) -> Markup {
    html! { div.wide role="group" tabindex="0" aria-labelledby=(labelled_by) { (table) } }
}

//! Tables that are wider than a small screen.

use maud::{Markup, html};

/// A table that scrolls by itself, so that the page does not; the keyboard reaches it.
pub(super) fn region(labelled_by: &str, table: Markup) -> Markup {
    html! { div.wide role="region" tabindex="0" aria-labelledby=(labelled_by) { (table) } }
}

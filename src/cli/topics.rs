//! The topics that `explain` knows besides checks. Their pages are part of the book.

use std::fmt::Write;

use crate::report::{Look, reflow};

/// Where the pages are seen from the root of the repository, for links.
const FOLDER: &str = "docs/";

/// A page about one thing that newcomers ask for.
#[derive(Debug)]
pub(super) struct Topic {
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    /// Markdown; its links lead up from `docs/topics`.
    page: &'static str,
}

/// A topic with the page of its name.
macro_rules! topic {
    ($name:literal, $summary:literal) => {
        Topic { name: $name, summary: $summary, page: include_str!(concat!("../../docs/topics/", $name, ".md")) }
    };
}

/// Every topic, in the order of the documentation.
pub(super) const TOPICS: &[Topic] = &[
    topic!("suite", "the file with datasets and rules"),
    topic!("where", "rules for some of the rows"),
    topic!("gate", "what decides the exit code"),
    topic!("severity", "how much a failed rule matters"),
    topic!("missing", "which cells are missing, and who counts them"),
    topic!("dates", "how dates and times are read"),
    topic!("numbers", "how numbers are read, and when they are exact"),
    topic!("segment", "one threshold for each group of rows"),
    topic!("score", "from failing rows to 0 to 100"),
];

/// The topic of that name.
pub(super) fn find(name: &str) -> Option<&'static Topic> {
    TOPICS.iter().find(|topic| topic.name == name)
}

impl Topic {
    /// The page as a terminal shows it.
    pub(super) fn shown(&self) -> String {
        let body = self.page.trim().strip_prefix("# ").and_then(|page| page.strip_prefix(self.name));
        let mut text = format!("{}: {}\n\n", self.name, self.summary);
        let page = reflow(&spelled_out(body.unwrap_or(self.page).trim_start()), Look::default().width);
        text.push_str(page.trim_end());
        text.push('\n');
        text
    }
}

/// Markdown with `[text](../page.md)` as `text (docs/page.md)`.
fn spelled_out(markdown: &str) -> String {
    let mut out = String::new();
    let mut rest = markdown;
    while let Some((before, link)) = rest.split_once("](../") {
        let Some((before, text)) = before.rsplit_once('[') else { break };
        let Some((target, after)) = link.split_once(')') else { break };
        // Writing to a string cannot fail.
        let _infallible = write!(out, "{before}{text} ({FOLDER}{target})");
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_become_paths_and_text_stays() {
        let page = "See [the\ngate](../rules.md#the-gate) and [CI](../ci.md).";
        assert_eq!(spelled_out(page), "See the\ngate (docs/rules.md#the-gate) and CI (docs/ci.md).");
        assert_eq!(spelled_out("missing: [NA, NULL]"), "missing: [NA, NULL]");
    }

    #[test]
    fn every_page_shows_its_name_first_an_example_and_where_more_is() {
        for topic in TOPICS {
            let shown = topic.shown();
            assert!(shown.starts_with(&format!("{}: ", topic.name)), "{shown}");
            assert!(topic.page.starts_with(&format!("# {}\n", topic.name)), "{}", topic.name);
            for part in ["```yaml\nsuite: ", "\ndatasets:\n", "## Typical mistakes", "More: ", "(docs/"] {
                assert!(shown.contains(part), "{}: {part}", topic.name);
            }
            assert!(!shown.contains("](") && !shown.contains("../"), "{shown}");
        }
    }
}

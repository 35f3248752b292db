//! Every link between pages leads somewhere, and the book has every page.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use regex::Regex;

use super::blocks::blocks;
use super::{page, pages};
use crate::support::repository::root;

/// The lines of a page that are no code.
fn prose(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().collect();
    let blocks = blocks(&lines);
    let is_code = |at: usize| blocks.iter().any(|block| block.at <= at && at <= block.content.end);
    lines.iter().enumerate().filter(|(at, _)| !is_code(*at)).map(|(_, line)| *line).collect()
}

/// The anchors of a page: one for each heading, as mdBook and GitHub make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let headings = prose(text)
        .into_iter()
        .filter_map(|line| line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#')));
    headings
        .map(|heading| {
            let slug: String = heading
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| if c == ' ' { '-' } else { c })
                .flat_map(char::to_lowercase)
                .collect();
            let times = seen.entry(slug.clone()).or_default();
            *times += 1;
            if *times == 1 { slug } else { format!("{slug}-{}", *times - 1) }
        })
        .collect()
}

/// The targets of the links and images of a page that are no addresses of the web.
fn links(text: &str) -> Vec<String> {
    let code = Regex::new("`[^`]*`").unwrap();
    let link = Regex::new(r"\]\(([^()\s]+)\)").unwrap();
    let prose = prose(text).join("\n");
    let prose = code.replace_all(&prose, "code");
    let targets = link.captures_iter(&prose).map(|found| found[1].to_owned());
    targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:")).collect()
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => assert!(plain.pop(), "{} leaves the repository", path.display()),
            Component::CurDir => {}
            _ => plain.push(part),
        }
    }
    plain
}

#[test]
fn every_link_leads_to_a_page_and_a_heading() {
    let mut broken = Vec::new();
    let mut found = 0;
    for (name, text) in pages() {
        for target in links(&text) {
            found += 1;
            let (path, anchor) = target.split_once('#').map_or((&*target, None), |(path, anchor)| (path, Some(anchor)));
            let folder = Path::new(&name).parent().unwrap();
            let to = if path.is_empty() { PathBuf::from(&name) } else { plain(&folder.join(path)) };
            if !root().join(&to).exists() {
                broken.push(format!("{name}: {target} does not exist"));
            } else if name.starts_with("docs/") && !to.starts_with("docs") {
                broken.push(format!("{name}: {target} is not in the book"));
            } else if let Some(anchor) = anchor
                && !anchors(&page(to.to_str().unwrap())).contains(anchor)
            {
                broken.push(format!("{name}: {target} is no heading of that page"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(found > 100, "{found} links");
}

#[test]
fn the_book_has_every_page_once() {
    let mut chapters: Vec<String> = links(&page("docs/SUMMARY.md")).iter().map(|link| format!("docs/{link}")).collect();
    chapters.sort();
    let written: Vec<String> =
        pages().into_keys().filter(|name| name.starts_with("docs/") && name != "docs/SUMMARY.md").collect();
    assert_eq!(chapters, written);
}

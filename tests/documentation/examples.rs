//! Suites in the pages are suites that the program takes.

use super::blocks::blocks;
use super::pages;
use crate::support::folder::Folder;
use crate::support::program::{code, run, stderr, stdout};

#[test]
fn the_suites_in_the_pages_have_no_mistakes() {
    let mut suites = 0;
    for (name, text) in pages() {
        let lines: Vec<&str> = text.lines().collect();
        let whole = |lines: &[&str]| {
            lines.first().is_some_and(|line| line.starts_with("suite:")) && lines.contains(&"datasets:")
        };
        for block in
            blocks(&lines).into_iter().filter(|block| block.info == "yaml" && whole(&lines[block.content.clone()]))
        {
            let folder = Folder::new();
            folder.write("suite.yaml", lines[block.content].join("\n"));
            let output = run(&folder, &["lint", "suite.yaml"]);
            assert_ne!(code(&output), 2, "{name}:{}\n{}{}", block.at + 1, stdout(&output), stderr(&output));
            suites += 1;
        }
    }
    assert!(suites > 30, "{suites} suites");
}

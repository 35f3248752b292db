//! Every command block of the README and of `docs/` runs, and prints what the page shows.
//!
//! A block ```` ```console ```` has commands behind `$`, their exit code behind `?` where it is not 0, and their output. In the
//! output `[..]` is any text within a line, and a line `...` is any lines. trycmd runs the commands of a page one after the
//! other, in a folder of the page's own that has `rules`, `fixtures` and the files that the page shows:
//!
//! - `<!-- file: NAME -->` before a block: the block is that file from here on;
//! - `<!-- append: NAME -->`: the block is added at the end of the file.
//!
//! `TRYCMD=overwrite` writes the outputs into the pages again.

use std::fs;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use regex::Regex;
use trycmd::TestCases;

use super::blocks::{Block, blocks};
use super::pages;
use crate::support::folder::Folder;
use crate::support::program::PROGRAM;
use crate::support::repository::root;

/// What a page puts into its folder before line `at`.
enum FileStep<'p> {
    Write(&'p str),
    Append(&'p str),
}

fn file_step<'p>(lines: &[&'p str], block: &Block<'_>) -> Option<FileStep<'p>> {
    let mark = lines[block.at.checked_sub(1)?].strip_prefix("<!-- ")?.strip_suffix(" -->")?;
    let write = mark.strip_prefix("file: ").map(FileStep::Write);
    write.or_else(|| mark.strip_prefix("append: ").map(FileStep::Append))
}

/// Runs the commands of some lines of a page. Returns these lines, with the outputs of now where the environment asks for it.
fn run(name: &str, folder: &Folder, lines: &[&str], part: Range<usize>) -> String {
    // The lines before stay as empty ones, so that numbers of lines are those of the page.
    let text = "\n".repeat(part.start) + &lines[part.clone()].concat();
    let case = folder.write(name, &text);
    let cases = TestCases::new();
    for (variable, value) in [("NO_COLOR", "1"), ("COLUMNS", "80"), ("CI", "true")] {
        cases.env(variable, value);
    }
    cases.register_bin("passmuster", Path::new(PROGRAM)).case(case).run();
    folder.read(name).split_inclusive('\n').skip(part.start).collect()
}

/// Runs the commands of a page. Returns the page, with the outputs of now where the environment asks for it.
fn run_page(name: &str, text: &str) -> String {
    let folder = Folder::new();
    let case = name.replace('/', "-");
    // Beside a case `page.md`, trycmd runs its commands in `page.in`.
    let files = case.replace(".md", ".in");
    fs::create_dir(folder.path(&files)).unwrap();
    for shared in ["rules", "fixtures"] {
        std::os::unix::fs::symlink(root().join(shared), folder.path(&files).join(shared)).unwrap();
    }
    let whole: Vec<&str> = text.split_inclusive('\n').collect();
    let bare: Vec<&str> = text.lines().collect();
    let mut page = String::new();
    let mut from = 0;
    for block in blocks(&bare) {
        let Some(step) = file_step(&bare, &block) else { continue };
        page += &run(&case, &folder, &whole, from..block.at);
        from = block.at;
        let content = whole[block.content].concat();
        match step {
            FileStep::Write(file) => folder.write(format!("{files}/{file}"), content),
            FileStep::Append(file) => {
                folder.write(format!("{files}/{file}"), folder.read(&format!("{files}/{file}")) + &content)
            }
        };
    }
    page + &run(&case, &folder, &whole, from..whole.len())
}

#[test]
fn the_commands_of_the_pages_print_what_the_pages_show() {
    let overwrite = std::env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite");
    let mut failed = Vec::new();
    for (name, text) in pages() {
        match catch_unwind(AssertUnwindSafe(|| run_page(&name, &text))) {
            Ok(page) if page == text => {}
            Ok(page) if overwrite => fs::write(root().join(&name), page).unwrap(),
            _ => failed.push(name),
        }
    }
    assert!(failed.is_empty(), "commands of these pages fail, or print something else: {failed:?}");
}

/// trycmd leaves out programs that it does not know, and takes a block without a language for commands.
#[test]
fn every_block_says_what_it_is() {
    let word = Regex::new("^[a-z]+$").unwrap();
    let mut commands = 0;
    for (name, text) in pages() {
        let lines: Vec<&str> = text.lines().collect();
        for block in blocks(&lines) {
            let place = format!("{name}:{}", block.at + 1);
            assert!(word.is_match(block.info), "{place}: the block has no language: `text` is one, too");
            let typed = lines[block.content].iter().filter_map(|line| line.strip_prefix("$ "));
            for line in typed {
                assert_eq!(block.info, "console", "{place}: a command that no test runs: {line}");
                assert!(line.starts_with("passmuster "), "{place}: trycmd leaves this out: {line}");
                commands += 1;
            }
        }
    }
    assert!(commands > 30, "{commands} commands");
}

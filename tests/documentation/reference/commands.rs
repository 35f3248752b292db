//! A page for each command, from its `--help`, and one that lists commands and exit codes.

use std::fmt::Write as _;

use super::Reference;
use super::markdown::{cell, code, prose, table};
use crate::documentation::{commands, help, section};

/// Options that every command has, with their names as `--help` writes them.
const COMMON: [&str; 3] = ["--color", "--help", "--version"];

pub(super) fn add(reference: &mut Reference) {
    let path = |command: &String| format!("reference/commands/{command}.md");
    reference.add("reference/commands.md", &list());
    for command in commands() {
        reference.add(&path(&command), &page(&command));
    }
    let below = commands().iter().map(|command| (command.clone(), path(command))).collect();
    reference.below("reference/commands.md", below);
    reference.add("reference/exit-codes.md", &exit_codes());
}

/// A titled part of `--help`: its lines without the title.
struct Section<'h> {
    title: &'h str,
    lines: Vec<&'h str>,
}

/// `--help` as what is before the first section, and the sections.
fn sections(help: &str) -> (Vec<&str>, Vec<Section<'_>>) {
    let (mut about, mut sections) = (Vec::new(), Vec::<Section<'_>>::new());
    for line in help.lines() {
        let title = line.strip_suffix(':').filter(|title| title.starts_with(char::is_uppercase));
        match (title, sections.last_mut()) {
            (Some(title), _) => sections.push(Section { title, lines: Vec::new() }),
            (None, Some(section)) => section.lines.push(line),
            (None, None) => about.push(line),
        }
    }
    (about, sections)
}

/// Joins the lines of each paragraph. Items of a list are paragraphs of their own.
fn paragraphs<'l>(lines: impl IntoIterator<Item = &'l str>) -> Vec<String> {
    let mut paragraphs = vec![String::new()];
    for line in lines.into_iter().map(str::trim) {
        if line.is_empty() || line.starts_with("- ") {
            paragraphs.push(String::new());
        }
        let last = paragraphs.last_mut().unwrap();
        if !last.is_empty() && !line.is_empty() {
            last.push(' ');
        }
        last.push_str(line);
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

/// A paragraph of `--help` in Markdown.
fn render(paragraph: &str) -> String {
    let bracketed = |start: &str| paragraph.strip_prefix(start).and_then(|rest| rest.strip_suffix(']'));
    if let Some((value, meaning)) = paragraph.strip_prefix("- ").and_then(|item| item.split_once(':')) {
        return format!("- {}: {}\n", code(value), prose(meaning.trim()));
    }
    if let Some(value) = bracketed("[default: ") {
        return format!("\nDefault: {}\n", code(value));
    }
    if let Some(values) = bracketed("[possible values: ") {
        return format!("\nOne of {}\n", values.split(", ").map(code).collect::<Vec<_>>().join(", "));
    }
    let text = match paragraph.rsplit_once(" [default: ") {
        Some((text, default)) => format!("{}. Default: {}.", text.trim_end_matches('.'), default.trim_end_matches(']')),
        None if paragraph.ends_with([':', '.']) => paragraph.to_owned(),
        None => format!("{paragraph}."),
    };
    format!("\n{}\n", prose(&text))
}

/// The arguments or options of a section, each with its text.
fn entries<'h>(section: &Section<'h>) -> Vec<(&'h str, Vec<String>)> {
    let is_entry = |line: &str| line.starts_with("  ") && !line.starts_with("        ") && !line.trim().is_empty();
    let starts: Vec<usize> = (0..section.lines.len()).filter(|at| is_entry(section.lines[*at])).collect();
    let ends = starts.iter().skip(1).copied().chain([section.lines.len()]);
    let entry = |(start, end): (&usize, usize)| {
        (section.lines[*start].trim(), paragraphs(section.lines[*start + 1..end].iter().copied()))
    };
    starts.iter().zip(ends).map(entry).collect()
}

fn is_common(entry: &str) -> bool {
    COMMON.iter().any(|name| entry.split([' ', ',']).any(|word| word == *name))
}

fn render_entries(section: &Section<'_>, shown: impl Fn(&str) -> bool) -> String {
    let mut text = String::new();
    for (entry, paragraphs) in entries(section).into_iter().filter(|(entry, _)| shown(entry)) {
        write!(text, "\n### `{entry}`\n{}", paragraphs.iter().map(|text| render(text)).collect::<String>()).unwrap();
    }
    text
}

/// The lines of a table of exit codes.
fn codes<'h>(lines: &[&'h str]) -> Vec<(&'h str, &'h str)> {
    let lines = lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty());
    lines.map(|line| line.split_once(' ').unwrap()).map(|(code, meaning)| (code, meaning.trim())).collect()
}

fn page(command: &str) -> String {
    let help = help(&[command]);
    let (about, sections) = sections(&help);
    let mut text = format!("# `passmuster {command}`\n");
    for paragraph in paragraphs(about) {
        match paragraph.strip_prefix("Usage: ") {
            Some(usage) => writeln!(text, "\n```text\n{usage}\n```").unwrap(),
            None => text.push_str(&render(&paragraph)),
        }
    }
    for section in &sections {
        if section.title == "Exit codes" {
            let rows =
                codes(&section.lines).into_iter().map(|(code, meaning)| [code.to_owned(), cell(&prose(meaning))]);
            write!(text, "\n## Exit codes\n\n{}", table(["exit code", ""], rows)).unwrap();
            continue;
        }
        let entries = render_entries(section, |entry| !is_common(entry));
        if !entries.is_empty() {
            write!(text, "\n## {}\n{entries}", section.title).unwrap();
        }
    }
    text
}

fn list() -> String {
    let help = help(&[]);
    let (_, sections) = sections(&help);
    let summary = |command: &str| -> String {
        let line = section(&help, "Commands:").into_iter().find(|line| line.split_whitespace().next() == Some(command));
        line.unwrap()[command.len()..].trim().to_owned()
    };
    let rows = commands()
        .into_iter()
        .map(|name| [format!("[`passmuster {name}`](commands/{name}.md)"), cell(&prose(&summary(&name)))]);
    let mut text =
        format!("# Commands\n\n{}\n`passmuster COMMAND --help` prints the same pages.\n", table(["command", ""], rows));
    text += "\n## Options of every command\n";
    for section in sections.iter().filter(|section| section.title == "Options") {
        text += &render_entries(section, is_common);
    }
    text
}

fn exit_codes() -> String {
    let mut text = "# Exit codes\n\nA script needs no report: the exit code says how the command ended.\n".to_owned();
    let all = [String::new()].into_iter().chain(commands());
    for command in all {
        let help = if command.is_empty() { help(&[]) } else { help(&[&command]) };
        let (_, sections) = sections(&help);
        let Some(section) = sections.iter().find(|section| section.title == "Exit codes") else { continue };
        let title = if command.is_empty() { "All commands".to_owned() } else { format!("`passmuster {command}`") };
        let rows = codes(&section.lines).into_iter().map(|(code, meaning)| [code.to_owned(), cell(&prose(meaning))]);
        write!(text, "\n## {title}\n\n{}", table(["exit code", ""], rows)).unwrap();
    }
    text
}

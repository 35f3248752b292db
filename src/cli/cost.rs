//! `explain --cost`: reading a profile, printing the table.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use unicode_width::UnicodeWidthStr;

use crate::audit::{CostLine, CostTable};
use crate::model::Profile;
use crate::plan::hundredths;
use crate::report::{Look, Safe, reflow};

/// More bytes than any profile has.
const MOST_BYTES: u64 = 64 << 20;

/// Reads a profile.
///
/// # Errors
/// Where it cannot be read, or is none.
pub(super) fn read_profile(path: &Path) -> anyhow::Result<Profile> {
    let shown = path.display();
    let found = fs::metadata(path).with_context(|| format!("the profile {shown} cannot be read"))?;
    if !found.is_file() {
        bail!("the profile {shown} is not a file");
    }
    let help = "make one with `passmuster audit SUITE --profile FILE`";
    if found.len() > MOST_BYTES {
        bail!("{shown} is too large for a profile: {help}");
    }
    let bytes = fs::read(path).with_context(|| format!("the profile {shown} cannot be read"))?;
    let text = String::from_utf8(bytes).map_err(|_| anyhow::anyhow!("{shown} is not a profile (not UTF-8): {help}"))?;
    Profile::parse(&text).map_err(|problem| anyhow::anyhow!("{shown} is not a profile ({problem}): {help}"))
}

/// The table as text. Each column of shares adds up to 100.00 %.
pub(super) fn render(table: &CostTable) -> String {
    let lines: Vec<&CostLine> = table.shared.iter().chain(&table.rules).collect();
    let shares = |of: fn(&CostLine) -> Option<u64>| -> Vec<Option<u32>> {
        let parts: Vec<u64> = lines.iter().map(|line| of(line).unwrap_or_default()).collect();
        hundredths(&parts).into_iter().zip(&lines).map(|(share, line)| of(line).map(|_| share)).collect()
    };
    let predicted = shares(|line| line.predicted);
    let measured = shares(|line| line.measured);
    // What many rules share is in brackets, which no id of a rule has.
    let names: Vec<String> = lines
        .iter()
        .enumerate()
        .map(|(at, line)| {
            let name = Safe(&line.name);
            if at < table.shared.len() { format!("({name})") } else { name.to_string() }
        })
        .collect();
    let width = names.iter().map(|name| name.width()).chain(["total".len()]).max().unwrap_or_default();

    let mut text = String::new();
    let mut row = |name: &str, predicted: &str, measured: &str| {
        let gap = " ".repeat(width - name.width().min(width));
        let measured = if table.profiled { format!("  {measured:>12}") } else { String::new() };
        // Writing to a text cannot fail.
        let _infallible = writeln!(text, "{name}{gap}  {predicted:>10}{measured}");
    };
    row("rule", "predicted", "measured");
    for ((name, predicted), measured) in names.iter().zip(&predicted).zip(&measured) {
        row(name, &percent(*predicted, "–"), &percent(*measured, "not measured"));
    }
    let total = |shares: &[Option<u32>]| percent(Some(shares.iter().flatten().sum()), "");
    row("total", &total(&predicted), &total(&measured));
    text.push('\n');
    text.push_str(&reflow(NOTES, Look::default().width));
    text
}

/// Below the table.
const NOTES: &str = "\
(reading) is reading and decoding, (columns) what is computed from a column once for all rules (missing cells, dates and \
numbers in text), (records) keeping which records are clean. A measure that several rules need is shared equally by \
them. Predictions come from a model, without reading rows; only their proportions are meaningful.
";

/// A share as people read it.
fn percent(share: Option<u32>, none: &str) -> String {
    share.map_or_else(|| none.to_owned(), |share| format!("{}.{:02} %", share / 100, share % 100))
}

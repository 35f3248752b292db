//! The whole program beside hand-written `DuckDB` queries that compute the same numbers.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail, ensure};

use crate::Settings;
use crate::export::{Files, export};
use crate::pairs::{median, ratio, side_by_side};
use crate::program::{self, Counts};
use crate::sheet::Sheet;

pub(crate) fn run(settings: &Settings, sheet: &mut Sheet) -> anyhow::Result<()> {
    let Settings { rows, runs, threads, .. } = *settings;
    let Some(python) = &settings.python else {
        sheet.line("DuckDB left out: set DUCKDB_PYTHON to a python that has the package.");
        return Ok(());
    };
    let dir = export(&settings.data, rows, Files::Both)?;
    sheet.line(format!(
        "{} rows, 13 columns, 24 rules, {threads} threads, medians of {runs} paired runs.\n",
        crate::grouped(rows)
    ));
    sheet.head(&["", "audit, whole program (s)", "DuckDB, queries alone (s)", "DuckDB / audit"], 1);
    for kind in ["parquet", "csv"] {
        for load in [false, true] {
            let (ours, theirs) = (program::run(&dir, kind, threads, &[])?, query(&dir, kind, threads, python, load)?);
            same_counts(&ours.counts, &theirs.1).with_context(|| format!("{kind}: the counts differ"))?;
            let seconds = side_by_side(
                runs,
                &mut [&mut || Ok(program::run(&dir, kind, threads, &[])?.seconds), &mut || {
                    Ok(query(&dir, kind, threads, python, load)?.0)
                }],
            )?;
            let way = if load { "loaded into a table first" } else { "read by each query" };
            sheet.row(&[
                format!("{kind}, {way}"),
                format!("{:.3}", median(&seconds[0])),
                format!("{:.3}", median(&seconds[1])),
                format!("{:.2}", ratio(&seconds[1], &seconds[0])),
            ]);
        }
    }
    Ok(())
}

/// Runs the queries; the time is theirs, without the start of Python.
fn query(dir: &Path, kind: &str, threads: usize, python: &str, load: bool) -> anyhow::Result<(f64, Counts)> {
    let threads = threads.to_string();
    let mut args = vec![dir.as_os_str(), kind.as_ref(), threads.as_ref()];
    args.extend(load.then_some(std::ffi::OsStr::new("--load")));
    let found = script(python, "duckdb_queries.py", &args)?;
    let counts = found["rules"].as_object().context("no counts")?.iter().map(|(rule, counts)| {
        let number = |at: usize| counts[at].as_u64().unwrap_or(u64::MAX);
        (rule.clone(), (number(0), number(1)))
    });
    Ok((found["seconds"].as_f64().context("no time")?, counts.collect()))
}

/// Runs a script of this folder, which prints one JSON object.
pub(crate) fn script(python: &str, name: &str, args: &[&std::ffi::OsStr]) -> anyhow::Result<serde_json::Value> {
    let output = Command::new(python)
        .arg(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/benches")).join(name))
        .args(args)
        .output()
        .with_context(|| format!("{python} does not start"))?;
    if !output.status.success() {
        bail!("{name} ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn same_counts(ours: &Counts, theirs: &Counts) -> anyhow::Result<()> {
    ensure!(theirs.len() == 24, "the queries count {} rules, not 24", theirs.len());
    let differing: Vec<String> = theirs
        .iter()
        .filter(|(rule, counts)| ours.get(*rule) != Some(*counts))
        .map(|(rule, counts)| format!("{rule}: {:?} here, {counts:?} in DuckDB", ours.get(rule)))
        .collect();
    ensure!(differing.is_empty(), "{}", differing.join("; "));
    Ok(())
}

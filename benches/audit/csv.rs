//! An audit of a CSV file beside only reading it: with the reader of the audit, with `DuckDB` and with polars, all cells
//! as text.

use std::path::Path;

use anyhow::Context as _;

use crate::Settings;
use crate::decoding::compare;
use crate::duckdb::script;
use crate::export::{Files, export};
use crate::pairs::{side_by_side, timed, warm};
use crate::program::{self, scan};
use crate::sheet::Sheet;

pub(crate) fn run(settings: &Settings, sheet: &mut Sheet) -> anyhow::Result<()> {
    let Settings { rows, runs, threads, .. } = *settings;
    let dir = export(&settings.data, rows, Files::Both)?;
    let file = dir.join("citizens.csv");
    warm(&file)?;
    let mut audit = || Ok(program::run(&dir, "csv", threads, &[])?.seconds);
    let mut split = || timed(|| scan(&file, threads));
    sheet.line(format!(
        "{} rows, 13 columns, 24 rules, {threads} threads, medians of {runs} paired runs; the audit is the whole program.\n",
        crate::grouped(rows)
    ));
    let ours = "splitting it through `Source::scan`";
    let Some(python) = &settings.python else {
        let seconds = side_by_side(runs, &mut [&mut audit, &mut split])?;
        compare(sheet, "CSV", &seconds, &[ours]);
        sheet.line("\nDuckDB and polars left out: set DUCKDB_PYTHON to a python that has both packages.");
        return Ok(());
    };
    let seconds = side_by_side(
        runs,
        &mut [&mut audit, &mut split, &mut || plain_read(python, "duckdb", &file, threads), &mut || {
            plain_read(python, "polars", &file, threads)
        }],
    )?;
    compare(sheet, "CSV", &seconds, &[ours, "reading it with DuckDB", "reading it with polars"]);
    Ok(())
}

/// Seconds of reading the file, without the start of Python.
fn plain_read(python: &str, engine: &str, file: &Path, threads: usize) -> anyhow::Result<f64> {
    let threads = threads.to_string();
    let found = script(python, "plain_read.py", &[engine.as_ref(), file.as_os_str(), threads.as_ref()])?;
    found["seconds"].as_f64().context("no time")
}

//! What it costs to say which rows fail and why: evidence, where failures concentrate, quarantine.

use std::fs;
use std::path::Path;

use crate::Settings;
use crate::export::{Files, export};
use crate::pairs::{median, ratio, side_by_side, warm};
use crate::program::{self, mebibytes};
use crate::sheet::Sheet;

/// A suite that every row fails, three times.
const ALL_FAIL: &str = "suite: all-fail
as_of: 2130-01-01
datasets:
  citizens:
    source: citizens.parquet
    key: citizen_id
    columns: { citizen_id: { pii: basic } }
    rules:
      - { id: short, check: length, column: full_name, within: 1..1 }
      - { id: young, check: not_before, column: date_of_birth, date: 2129-01-01 }
      - { id: short-address, check: length, column: address, within: 1..1 }
";

/// A register of nearly the same persons, compared person by person.
const GROUPS: &str = "suite: groups
as_of: 2130-01-01
datasets:
  register:
    source: register.csv
    key: citizen_id
    columns: { citizen_id: { pii: basic }, full_name: { pii: basic } }
  citizens:
    source: citizens.csv
    key: citizen_id
    columns: { citizen_id: { pii: basic }, full_name: { pii: basic } }
    rules:
      - { id: in-both, check: reconciles, with: register, by: { citizen_id: citizen_id }, measures: { count(*): count(*) } }
      - id: same-name
        check: agrees
        on: { citizen_id: citizen_id }
        with: { register: { compare: { full_name: full_name } } }
";

/// One of so many persons has another name in the register, and one of so many is not in it.
const OTHER_NAME: usize = 40;
const NOT_THERE: usize = 200;

pub(crate) fn run(settings: &Settings, sheet: &mut Sheet) -> anyhow::Result<()> {
    let Settings { rows, runs, threads, .. } = *settings;
    let dir = export(&settings.data, rows, Files::Both)?;
    let folder = settings.data.join("repair");
    fs::create_dir_all(&folder)?;
    let options = |option: &str| -> Vec<String> {
        match option {
            "--where-failing" => vec![option.to_owned()],
            _ => vec![option.to_owned(), folder.join(&option[2..]).display().to_string(), "--force".to_owned()],
        }
    };
    sheet.line(format!(
        "{} rows, 24 rules, {threads} threads, the whole program, medians of {runs} runs beside an audit without the option.\n",
        crate::grouped(rows)
    ));
    sheet.head(&["option", "format", "seconds", "beside the audit alone", "peak memory (MiB)"], 2);
    for kind in ["parquet", "csv"] {
        warm(&dir.join(format!("citizens.{kind}")))?;
        for option in ["--evidence", "--where-failing", "--quarantine"] {
            let further = options(option);
            let mut peak = None;
            let mut alone = || Ok(program::run(&dir, kind, threads, &[])?.seconds);
            let mut with = || {
                let run = program::run(&dir, kind, threads, &further)?;
                peak = peak.max(run.peak);
                Ok(run.seconds)
            };
            let seconds = side_by_side(runs, &mut [&mut alone, &mut with])?;
            sheet.row(&[
                option.to_owned(),
                kind.to_owned(),
                format!("{:.3}", median(&seconds[1])),
                format!("{:.2}", ratio(&seconds[1], &seconds[0])),
                mebibytes(peak),
            ]);
        }
    }
    sheet.line(format!(
        "\nThree rules that all {} rows of the Parquet file fail, `--memory 256MiB`:\n",
        crate::grouped(rows)
    ));
    sheet.head(&["option", "seconds", "peak memory (MiB)", "spilled (MiB)"], 1);
    for option in ["--evidence", "--where-failing"] {
        let run = all_fail(&dir, threads, &options(option))?;
        sheet.row(&[option.to_owned(), format!("{:.3}", run.seconds), mebibytes(run.peak), mebibytes(run.spilled)]);
    }
    failing_groups(settings, &dir, &options("--evidence"), sheet)
}

/// Evidence of groups: their names are read again from both files.
fn failing_groups(settings: &Settings, dir: &Path, evidence: &[String], sheet: &mut Sheet) -> anyhow::Result<()> {
    let Settings { rows, runs, threads, .. } = *settings;
    write_register(dir)?;
    let suite = dir.join("groups.yaml");
    fs::write(&suite, GROUPS)?;
    warm(&dir.join("citizens.csv"))?;
    sheet.line(format!(
        "\n{} rows beside a register of as many: one name of {OTHER_NAME} differs, one person of {NOT_THERE} is absent. CSV, medians of \
         {runs} runs.\n",
        crate::grouped(rows)
    ));
    sheet.head(&["memory", "seconds", "beside the audit alone", "peak memory (MiB)", "spilled (MiB)"], 1);
    for limit in [None, Some("512MiB")] {
        let memory: Vec<String> = limit.iter().flat_map(|limit| ["--memory".to_owned(), (*limit).to_owned()]).collect();
        let further = [evidence, &memory].concat();
        let (mut peak, mut spilled) = (None, None);
        let mut alone = || Ok(program::run_suite(&suite, &[], threads, &memory)?.seconds);
        let mut with = || {
            let run = program::run_suite(&suite, &[], threads, &further)?;
            (peak, spilled) = (peak.max(run.peak), spilled.max(run.spilled));
            Ok(run.seconds)
        };
        let seconds = side_by_side(runs, &mut [&mut alone, &mut with])?;
        sheet.row(&[
            limit.unwrap_or("as much as there is").to_owned(),
            format!("{:.3}", median(&seconds[1])),
            format!("{:.2}", ratio(&seconds[1], &seconds[0])),
            mebibytes(peak),
            mebibytes(spilled),
        ]);
    }
    Ok(())
}

/// Writes the register.
fn write_register(dir: &Path) -> anyhow::Result<()> {
    let mut citizens = csv::Reader::from_path(dir.join("citizens.csv"))?;
    let mut register = csv::Writer::from_path(dir.join("register.csv"))?;
    register.write_record(["citizen_id", "full_name"])?;
    for (at, record) in citizens.records().enumerate() {
        let record = record?;
        let [id, name] = [0, 1].map(|column| record.get(column).unwrap_or_default());
        let other = if at % OTHER_NAME == 0 { " Khác" } else { "" };
        if at % NOT_THERE != 1 {
            register.write_record([id, &format!("{name}{other}")])?;
        }
    }
    register.flush()?;
    Ok(())
}

/// An audit within little memory that every row fails.
fn all_fail(dir: &Path, threads: usize, options: &[String]) -> anyhow::Result<program::Run> {
    let suite = dir.join("all-fail.yaml");
    fs::write(&suite, ALL_FAIL)?;
    let memory = ["--memory".to_owned(), "256MiB".to_owned()];
    program::run_suite(&suite, &[], threads, &[options, &memory].concat())
}

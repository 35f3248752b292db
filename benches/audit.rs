//! What an audit costs beside reading the same columns, beside `DuckDB`, and in memory. Prints Markdown.
//!
//! See docs/performance.md for what is measured and how to run it.

#![expect(clippy::print_stdout, reason = "the table is the product")]
#![expect(clippy::disallowed_methods, reason = "a benchmark is set by its environment")]

mod population;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, bail, ensure};
use passmuster::audit::{AuditOptions, audit};
use passmuster::engine::Progress;
use passmuster::model::AsOf;
use passmuster::rules::LoadOptions;
use passmuster::source::{CsvOptions, Source, SourceSpec};
use polars::prelude::{ParquetReader, SerReader as _};

/// Rows of a Parquet slice that polars reads at once: one row group of the export.
const GROUP: usize = 262_144;

const SUITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/rules/citizens-24.yaml");

fn main() -> anyhow::Result<()> {
    let setting = |name: &str, default: usize| -> anyhow::Result<usize> {
        match std::env::var(name) {
            Ok(text) => text.replace('_', "").parse().with_context(|| format!("{name} is no whole number")),
            Err(_) => Ok(default),
        }
    };
    let rows = setting("ROWS", 200_000)?;
    let runs = setting("RUNS", 5)?.max(1);
    let threads = setting("THREADS", 2)?.max(1);
    let python = std::env::var("DUCKDB_PYTHON").ok();
    let dir = std::env::var("DATA_DIR").map_or_else(|_| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);

    let small = export(&dir, rows)?;
    println!("{rows} rows, 13 columns, 24 rules, {threads} threads, medians of {runs} paired runs\n");
    beside_decoding(&small, runs, threads)?;
    match &python {
        Some(python) => beside_duckdb(&small, runs, threads, python)?,
        None => println!("DuckDB left out: set DUCKDB_PYTHON to a python that has the package.\n"),
    }
    let large = export(&dir, rows * 4)?;
    memory(&[(rows, &small), (rows * 4, &large)], threads)
}

/// The export of that many rows, generated where it is not there yet.
fn export(dir: &Path, rows: usize) -> anyhow::Result<PathBuf> {
    let dir = dir.join(format!("population-{rows}"));
    // Written last, so a run that was stopped half-way is done again.
    if !dir.join("expected-parquet.csv").exists() {
        let export = population::Export {
            rows: rows as u64,
            seed: 1,
            fault_block: Some(1_000),
            cards: false,
            csv: true,
            parquet: true,
        };
        population::write(&export, &dir)?;
    }
    Ok(dir)
}

/// Seconds of an audit against seconds of decoding the same columns, in one process.
fn beside_decoding(dir: &Path, runs: usize, threads: usize) -> anyhow::Result<()> {
    let file = dir.join("citizens.parquet");
    let (mut audits, mut scans, mut reads) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs {
        audits.push(timed(|| audit_here(dir, "parquet", threads))?);
        scans.push(timed(|| scan(&file, threads))?);
        reads.push(timed(|| read_plainly(&file))?);
    }
    println!("| Parquet, in one process | seconds | audit / this |");
    println!("|---|---:|---:|");
    println!("| audit | {:.3} | |", median(&audits));
    println!(
        "| decoding the same columns through `Source::scan` | {:.3} | {:.2} |",
        median(&scans),
        ratio(&audits, &scans)
    );
    println!("| reading the same columns with polars | {:.3} | {:.2} |", median(&reads), ratio(&audits, &reads));
    println!();
    Ok(())
}

/// Seconds of the program against seconds of the `DuckDB` queries, after their counts were found equal.
fn beside_duckdb(dir: &Path, runs: usize, threads: usize, python: &str) -> anyhow::Result<()> {
    println!("| | audit, whole program (s) | DuckDB, queries alone (s) | audit / DuckDB |");
    println!("|---|---:|---:|---:|");
    for kind in ["parquet", "csv"] {
        for load in [false, true] {
            let (ours, theirs) = (run_program(dir, kind, threads)?, run_duckdb(dir, kind, threads, python, load)?);
            same_counts(&ours.counts, &theirs.counts).with_context(|| format!("{kind}: the counts differ"))?;
            let (mut audits, mut queries) = (Vec::new(), Vec::new());
            for _ in 0..runs {
                audits.push(run_program(dir, kind, threads)?.seconds);
                queries.push(run_duckdb(dir, kind, threads, python, load)?.seconds);
            }
            let way = if load { "loaded into a table first" } else { "read by each query" };
            println!(
                "| {kind}, {way} | {:.3} | {:.3} | {:.2} |",
                median(&audits),
                median(&queries),
                ratio(&audits, &queries)
            );
        }
    }
    println!();
    Ok(())
}

/// The peak memory of an audit at both sizes.
fn memory(exports: &[(usize, &PathBuf)], threads: usize) -> anyhow::Result<()> {
    println!("| rows | format | peak memory (MiB) | spilled (MiB) | seconds |");
    println!("|---:|---|---:|---:|---:|");
    for (rows, dir) in exports {
        for kind in ["parquet", "csv"] {
            let run = run_program(dir, kind, threads)?;
            let mib =
                |bytes: Option<u64>| bytes.map_or_else(|| "unknown".to_owned(), |bytes| (bytes >> 20).to_string());
            println!("| {rows} | {kind} | {} | {} | {:.3} |", mib(run.peak), mib(run.spilled), run.seconds);
        }
    }
    Ok(())
}

/// Rows evaluated and failed, by rule.
type Counts = BTreeMap<String, (u64, u64)>;

struct Run {
    seconds: f64,
    counts: Counts,
    peak: Option<u64>,
    spilled: Option<u64>,
}

/// Audits with the built program and reads its JSON.
fn run_program(dir: &Path, kind: &str, threads: usize) -> anyhow::Result<Run> {
    let start = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_passmuster"))
        .args(["audit", SUITE, "--quiet", "--format", "json", "--timings", "--threads", &threads.to_string()])
        .arg("--data")
        .arg(format!("citizens={}", dir.join(format!("citizens.{kind}")).display()))
        .arg("--data")
        .arg(format!("provinces={}", dir.join(format!("provinces.{kind}")).display()))
        .output()?;
    let seconds = start.elapsed().as_secs_f64();
    if !matches!(output.status.code(), Some(0 | 1)) {
        bail!("the audit ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let mut counts = Counts::new();
    for dataset in report["datasets"].as_array().into_iter().flatten() {
        for rule in dataset["rules"].as_array().into_iter().flatten() {
            let number = |key: &str| rule[key].as_u64().unwrap_or(u64::MAX);
            counts.insert(rule["id"].as_str().unwrap_or_default().to_owned(), (number("evaluated"), number("failed")));
        }
    }
    let timing = |key: &str| report["timings"][key].as_u64();
    Ok(Run { seconds, counts, peak: timing("peak_memory_bytes"), spilled: timing("spilled_bytes") })
}

/// Runs the hand-written queries; the time is that of the queries, without the start of Python.
fn run_duckdb(dir: &Path, kind: &str, threads: usize, python: &str, load: bool) -> anyhow::Result<Run> {
    let output = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/duckdb_queries.py"))
        .arg(dir)
        .args([kind, &threads.to_string()])
        .args(load.then_some("--load"))
        .output()
        .with_context(|| format!("{python} does not start"))?;
    if !output.status.success() {
        bail!("the queries ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    let found: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let counts = found["rules"].as_object().context("no counts")?.iter().map(|(rule, counts)| {
        let number = |at: usize| counts[at].as_u64().unwrap_or(u64::MAX);
        (rule.clone(), (number(0), number(1)))
    });
    let seconds = found["seconds"].as_f64().context("no time")?;
    Ok(Run { seconds, counts: counts.collect(), peak: None, spilled: None })
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

fn audit_here(dir: &Path, kind: &str, threads: usize) -> anyhow::Result<()> {
    let place = |table: &str| (table.to_owned(), dir.join(format!("{table}.{kind}")).display().to_string());
    let as_of = AsOf::parse(population::AS_OF).context("a day")?;
    let options = AuditOptions {
        load: LoadOptions {
            params: BTreeMap::new(),
            data: ["citizens", "provinces"].map(place).into(),
            as_of: Some(as_of),
            today: as_of,
        },
        fail_on: None,
        min_score: None,
        select: Vec::new(),
        threads,
        timings: false,
        spill_dir: std::env::temp_dir(),
        profile: false,
    };
    let audited = audit(&[PathBuf::from(SUITE)], &options, &Silent)?;
    ensure!(audited.report.exit_code < 2, "the audit did not end");
    Ok(())
}

/// Reads all columns as the audit does and drops them.
fn scan(file: &Path, threads: usize) -> anyhow::Result<()> {
    let spec = SourceSpec {
        location: file.display().to_string(),
        base: PathBuf::new(),
        format: None,
        csv: CsvOptions::default(),
    };
    let source = Source::open(&spec)?;
    let columns: Vec<usize> = (0..source.columns().len()).collect();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    pool.install(|| {
        source.scan(
            &columns,
            &|batch| {
                std::hint::black_box(&batch);
                true
            },
            &|_| {},
        )
    })?;
    Ok(())
}

/// Reads all columns with polars alone, a row group at a time.
fn read_plainly(file: &Path) -> anyhow::Result<()> {
    let mut from = 0;
    loop {
        let frame = ParquetReader::new(File::open(file)?).with_slice(Some((from, GROUP))).finish()?;
        let rows = std::hint::black_box(frame).height();
        if rows < GROUP {
            return Ok(());
        }
        from += rows;
    }
}

fn timed(work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64())
}

fn median(seconds: &[f64]) -> f64 {
    let mut sorted = seconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => sorted[length / 2],
        length => f64::midpoint(sorted[length / 2 - 1], sorted[length / 2]),
    }
}

/// The median of the ratios of runs that stood side by side, so that a slow minute of the machine hits both.
fn ratio(ours: &[f64], theirs: &[f64]) -> f64 {
    let ratios: Vec<f64> = ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect();
    median(&ratios)
}

/// Shows nothing.
struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &str, _: &str, _: u64) {}
    fn advance(&self, _: &str, _: u64) {}
    fn end(&self, _: &str) {}
    fn cancelled(&self) -> bool {
        false
    }
}

//! An audit, in this process or as the built program, and the same columns only read.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, bail, ensure};
use passmuster::audit::{AuditOptions, audit};
use passmuster::model::AsOf;
use passmuster::rules::LoadOptions;
use passmuster::source::{Options, Source, SourceSpec};
use polars_parquet::read::{BasicDecompressor, PageReader, column_iter_to_arrays, infer_schema, read_metadata};
use rayon::prelude::*;

use crate::population;

/// The suite of 24 rules.
pub(crate) const SUITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/rules/citizens-24.yaml");

/// Rows of a row group.
pub(crate) const GROUP: usize = 262_144;

/// Rows evaluated and failed, by rule.
pub(crate) type Counts = BTreeMap<String, (u64, u64)>;

/// What a run of the program gave.
pub(crate) struct Run {
    pub(crate) seconds: f64,
    pub(crate) counts: Counts,
    pub(crate) peak: Option<u64>,
    pub(crate) spilled: Option<u64>,
}

/// Where the datasets of the suite of 24 rules are.
pub(crate) fn register(dir: &Path, kind: &str) -> BTreeMap<String, String> {
    let place = |table: &str| (table.to_owned(), dir.join(format!("{table}.{kind}")).display().to_string());
    ["citizens", "provinces"].map(place).into()
}

/// Audits an export with the built program and reads its JSON.
pub(crate) fn run(dir: &Path, kind: &str, threads: usize, further: &[String]) -> anyhow::Result<Run> {
    let data = register(dir, kind).into_iter().map(|(name, path)| format!("{name}={path}"));
    run_suite(Path::new(SUITE), &data.collect::<Vec<_>>(), threads, further)
}

/// Audits a suite with the built program and reads its JSON.
pub(crate) fn run_suite(suite: &Path, data: &[String], threads: usize, further: &[String]) -> anyhow::Result<Run> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_passmuster"));
    command.arg("audit").arg(suite);
    command.args(["--quiet", "--format", "json", "--timings", "--threads", &threads.to_string()]);
    for data in data {
        command.arg("--data").arg(data);
    }
    let start = Instant::now();
    let output = command.args(further).output()?;
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

/// Bytes in MiB, where they are known.
pub(crate) fn mebibytes(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "unknown".to_owned(), |bytes| (bytes >> 20).to_string())
}

/// Audits in this process.
pub(crate) fn audit_here(suite: &Path, data: BTreeMap<String, String>, threads: usize) -> anyhow::Result<()> {
    let as_of = AsOf::parse(population::AS_OF).context("a day")?;
    let load = LoadOptions {
        params: BTreeMap::new(),
        data,
        as_of: Some(as_of),
        home: None,
        baseline: None,
        gate_compares: false,
        today: as_of,
    };
    let options = AuditOptions { threads, ..AuditOptions::new(load, std::env::temp_dir()) };
    let audited = audit(&[suite.to_path_buf()], &options, &())?;
    ensure!(audited.report.exit_code < 2, "the audit did not end");
    Ok(())
}

/// Reads all columns as the audit does and drops them.
pub(crate) fn scan(file: &Path, threads: usize) -> anyhow::Result<()> {
    scan_some(file, threads, |_| true)
}

/// The same of some columns.
pub(crate) fn scan_some(file: &Path, threads: usize, wanted: impl Fn(&str) -> bool) -> anyhow::Result<()> {
    let spec = SourceSpec {
        location: file.display().to_string(),
        further: Vec::new(),
        base: PathBuf::new(),
        format: None,
        options: Options::default(),
    };
    let source = Source::open(&spec)?;
    let known = source.columns().iter().enumerate();
    let columns: Vec<usize> = known.filter(|(_, column)| wanted(&column.name)).map(|(at, _)| at).collect();
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

/// Reads all columns of a Parquet file with the decoder of polars alone, a row group at a time.
pub(crate) fn read_plainly(path: &Path, threads: usize) -> anyhow::Result<()> {
    let mut file = File::open(path)?;
    let metadata = read_metadata(&mut file)?;
    let schema = infer_schema(&metadata)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    for group in &metadata.row_groups {
        pool.install(|| {
            schema.iter_values().collect::<Vec<_>>().into_par_iter().try_for_each(|field| -> anyhow::Result<()> {
                let mut file = File::open(path)?;
                let mut pages = Vec::new();
                let mut types = Vec::new();
                for chunk in group.columns_under_root_iter(&field.name).context("the column is not there")? {
                    let range = chunk.byte_range();
                    let mut bytes = Vec::new();
                    file.seek(SeekFrom::Start(range.start))?;
                    (&mut file).take(range.end - range.start).read_to_end(&mut bytes)?;
                    let reader = PageReader::new(Cursor::new(bytes.into()), chunk, Vec::new(), usize::MAX);
                    pages.push(BasicDecompressor::new(reader, Vec::new()));
                    types.push(&chunk.descriptor().descriptor.primitive_type);
                }
                std::hint::black_box(column_iter_to_arrays(pages, types, field.clone(), None)?);
                Ok(())
            })
        })?;
    }
    Ok(())
}

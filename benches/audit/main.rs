//! What an audit costs beside decoding, beside polars and beside `DuckDB`, on wide tables, in memory, as data grow, and
//! check by check.
//!
//! Prints Markdown and writes each part to `target/bench`. See benches/NOTES.md for what is measured and how to run it.

#![expect(clippy::print_stdout, reason = "the tables are the product")]
#![expect(clippy::disallowed_methods, reason = "a benchmark is set by its environment")]

mod checks;
mod columns;
mod csv;
mod decoding;
mod duckdb;
mod export;
mod growth;
mod memory;
mod pairs;
mod plot;
#[path = "../population/mod.rs"]
mod population;
mod program;
mod repair;
mod sheet;
mod texts;
mod wide;

use std::path::PathBuf;

use anyhow::{Context as _, bail};

use sheet::Sheet;

/// The one of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What the environment asks for.
struct Settings {
    /// Rows of the table.
    rows: usize,
    /// Runs of each side.
    runs: usize,
    /// Threads of each side.
    threads: usize,
    /// A Python with the packages `duckdb` and `polars`.
    python: Option<String>,
    /// Where exports are kept.
    data: PathBuf,
    /// Whether tables go into the documentation.
    update: bool,
}

/// A part of the benchmark.
struct Part {
    /// How `PART` names it.
    name: &'static str,
    /// Whether it runs where no part is named.
    usual: bool,
    /// Measures and fills in its table.
    run: fn(&Settings, &mut Sheet) -> anyhow::Result<()>,
}

/// Every part.
const PARTS: &[Part] = &[
    Part { name: "decoding", usual: true, run: decoding::run },
    Part { name: "duckdb", usual: true, run: duckdb::run },
    Part { name: "csv", usual: true, run: csv::run },
    Part { name: "wide", usual: true, run: wide::run },
    Part { name: "memory", usual: true, run: memory::run },
    Part { name: "repair", usual: false, run: repair::run },
    Part { name: "growth", usual: false, run: growth::run },
    Part { name: "columns", usual: false, run: columns::run },
    Part { name: "checks", usual: false, run: checks::run },
    Part { name: "texts", usual: false, run: texts::run },
];

fn main() -> anyhow::Result<()> {
    let settings = Settings {
        rows: number("ROWS", 200_000)?,
        runs: number("RUNS", 5)?.max(1),
        threads: number("THREADS", 2)?.max(1),
        python: std::env::var("DUCKDB_PYTHON").ok(),
        data: std::env::var("DATA_DIR").map_or_else(|_| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from),
        update: std::env::var("UPDATE").is_ok_and(|word| word == "1"),
    };
    for part in chosen()? {
        let mut sheet = Sheet::new(part.name)?;
        (part.run)(&settings, &mut sheet).with_context(|| format!("part {}", part.name))?;
        sheet.finish(settings.update)?;
    }
    Ok(())
}

/// The parts that `PART` names, with commas between them; without it the usual ones.
fn chosen() -> anyhow::Result<Vec<&'static Part>> {
    let Ok(names) = std::env::var("PART") else {
        return Ok(PARTS.iter().filter(|part| part.usual).collect());
    };
    let find = |name: &str| {
        let known: Vec<&str> = PARTS.iter().map(|part| part.name).collect();
        let part = PARTS.iter().find(|part| part.name == name.trim());
        part.with_context(|| format!("there is no part `{name}` among {}", known.join(", ")))
    };
    names.split(',').map(find).collect()
}

/// A whole number of the environment; underscores may stand in it.
fn number(name: &str, default: usize) -> anyhow::Result<usize> {
    Ok(numbers(name, &[default])?[0])
}

/// Whole numbers of the environment, at least one, with commas between them; underscores may stand in them.
fn numbers(name: &str, default: &[usize]) -> anyhow::Result<Vec<usize>> {
    let Ok(text) = std::env::var(name) else { return Ok(default.to_vec()) };
    let read = |text: &str| text.trim().replace('_', "").parse().with_context(|| format!("{name}: no whole number"));
    let numbers: Vec<usize> = text.split(',').map(read).collect::<anyhow::Result<_>>()?;
    if numbers.is_empty() {
        bail!("{name} is empty");
    }
    Ok(numbers)
}

/// A number as people read it.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut text = digits[..first].to_owned();
    for at in (first..digits.len()).step_by(3) {
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(&digits[at..at + 3]);
    }
    text
}

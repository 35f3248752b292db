//! Writes the export of a population register of invented people, at any size:
//! `cargo run --release --example generate -- --rows 10000000 --out DIR`; or, with `--persons`, a table of people of whom some are
//! entered twice.

#[path = "../benches/population/mod.rs"]
mod population;

#[path = "../benches/persons.rs"]
mod persons;

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Writes a seeded export of a population register: citizens, provinces and health-insurance cards.
#[derive(Parser)]
#[command(after_help = format!("Audit the export with --as-of {}.", population::AS_OF))]
struct Args {
    /// Rows of `citizens`
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(..=population::MOST_ROWS_OF_COLUMNS))]
    rows: u64,
    /// The folder to write into
    #[arg(long)]
    out: PathBuf,
    /// The files to write
    #[arg(long, value_enum, default_value = "both")]
    format: Format,
    /// No faults at all
    #[arg(long)]
    clean: bool,
    /// Each kind of fault occurs at least once in that many rows
    #[arg(long, default_value_t = 1_000, conflicts_with = "clean", value_parser = clap::value_parser!(u64).range(100..))]
    fault_block: u64,
    /// Only these columns of `citizens`, separated by commas, and no other file
    #[arg(long, value_delimiter = ',')]
    columns: Vec<String>,
    /// No health-insurance cards
    #[arg(long)]
    no_cards: bool,
    /// Instead of all that, `persons.csv`: people, one in ten of them entered twice, and a file that says which records are the same person
    #[arg(long, conflicts_with_all = ["clean", "columns", "no_cards"])]
    persons: bool,
    /// Another seed gives other people
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Parquet,
    Both,
}

fn main() -> std::io::Result<()> {
    let args = Args::parse();
    if args.persons {
        return persons::write(args.rows, args.seed, &args.out);
    }
    let export = population::Export {
        rows: args.rows,
        seed: args.seed,
        fault_block: (!args.clean).then_some(args.fault_block),
        cards: !args.no_cards,
        columns: args.columns,
        csv: args.format != Format::Parquet,
        parquet: args.format != Format::Csv,
    };
    population::write(&export, &args.out)
}

//! Guards of the hottest code: instructions, counted by callgrind, against a committed baseline.
//!
//! Instructions do not depend on how busy a machine is, so a regression shows without timing anything. Each kernel runs
//! in a process of its own under valgrind, once with N and once with 2 N rounds; the difference is N rounds without start
//! and preparation. What is left hangs on the compiler, on the C library and on the vector instructions of the processor
//! (`memchr` chooses at run time), so the baseline says which they were.
//!
//! ```sh
//! cargo bench --bench kernels                 # compare; fails where a kernel needs over 10 % more
//! cargo bench --bench kernels -- pattern      # only kernels with that word in their name
//! UPDATE=1 cargo bench --bench kernels        # take what is counted as the new baseline
//! ```

#![expect(clippy::print_stdout, reason = "the table is the product")]
#![expect(clippy::disallowed_methods, reason = "a benchmark is set by its environment")]

mod baseline;
mod kernel;
#[path = "../population/mod.rs"]
mod population;

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail, ensure};
use rayon::prelude::*;

use baseline::Baseline;
use kernel::{KERNELS, Kernel};

/// Percent of the baseline beyond which a kernel is a regression. What the compiler puts in line where other code has
/// changed moves small kernels by up to 6 %.
const LIMIT: f64 = 110.0;

/// Rows of the export that whole audits read: enough that starting an audit does not matter.
const ROWS: u64 = 50_000;

/// The word that makes this program the process that is counted.
const COUNTED: &str = "--counted";

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [word, name, rounds, folder] = args.as_slice()
        && word == COUNTED
    {
        let kernel = KERNELS.iter().find(|kernel| kernel.name == name).context("there is no such kernel")?;
        println!("{}", kernel::vectors());
        return (kernel.run)(Path::new(folder), rounds.parse()?);
    }
    // `cargo bench` itself passes options.
    let words: Vec<&String> = args.iter().filter(|word| !word.starts_with('-')).collect();
    let chosen: Vec<&Kernel> = KERNELS
        .iter()
        .filter(|kernel| words.is_empty() || words.iter().any(|word| kernel.name.contains(word.as_str())))
        .collect();
    ensure!(!chosen.is_empty(), "no kernel has a name with {words:?}");

    let folder = tempfile::tempdir()?;
    let export = population::Export {
        rows: ROWS,
        seed: 1,
        fault_block: Some(1_000),
        cards: false,
        columns: Vec::new(),
        csv: true,
        parquet: true,
    };
    population::write(&export, folder.path())?;
    let counted: Vec<(&str, u64, String)> = chosen
        .par_iter()
        .map(|kernel| {
            let (once, vectors) = count(kernel, kernel.rounds, folder.path())?;
            let (twice, _) = count(kernel, kernel.rounds * 2, folder.path())?;
            let instructions = twice.checked_sub(once).context("more rounds took fewer instructions")?;
            Ok((kernel.name, instructions / u64::from(kernel.rounds), vectors))
        })
        .collect::<anyhow::Result<_>>()?;

    let vectors = counted.first().map_or("", |(.., vectors)| vectors);
    let here = format!("{}, {vectors}, {}, {}", std::env::consts::ARCH, version("rustc")?, version("valgrind")?);
    let counted = counted.iter().map(|(name, instructions, _)| ((*name).to_owned(), *instructions)).collect();
    let mut known = Baseline::read()?;
    if std::env::var("UPDATE").is_ok_and(|word| word == "1") {
        known.update(here, counted);
        return known.write();
    }
    compare(&known, &here, &counted, words.is_empty())
}

/// Prints counted instructions beside the baseline.
///
/// # Errors
/// Where a kernel needs too many, or baseline and kernels do not fit each other.
fn compare(known: &Baseline, here: &str, counted: &baseline::Counts, all: bool) -> anyhow::Result<()> {
    println!("{:<18} {:>14} {:>14} {:>9}", "kernel", "baseline", "now", "now / it");
    let mut worse = Vec::new();
    for (name, now) in counted {
        let Some(before) = known.counts.get(name) else {
            println!("{name:<18} {:>14} {now:>14}", "none");
            worse.push(name.as_str());
            continue;
        };
        #[expect(clippy::cast_precision_loss, reason = "a ratio")]
        let percent = *now as f64 / *before as f64 * 100.0;
        println!("{name:<18} {before:>14} {now:>14} {percent:>7.1} %");
        if percent > LIMIT {
            worse.push(name);
        }
    }
    if all {
        worse.extend(known.counts.keys().filter(|name| !counted.contains_key(*name)).map(String::as_str));
    }
    if known.machine != here {
        println!("\nThe baseline was counted with {}; this is {here}.", known.machine);
        let processor = |text: &str| text.split(", ").take(2).map(str::to_owned).collect::<Vec<_>>();
        if processor(&known.machine) != processor(here) {
            println!(
                "NOT COMPARED: another processor runs other instructions. Count on one like that of the baseline."
            );
            return Ok(());
        }
    }
    if worse.is_empty() {
        return Ok(());
    }
    bail!(
        "over {LIMIT} % of the baseline, or not in it: {}. Where that is meant (or another compiler did it), \
         `UPDATE=1 cargo bench --bench kernels` takes the new numbers",
        worse.join(", ")
    )
}

/// Instructions of so many rounds of a kernel, with start and preparation, and the vector instructions that it found.
fn count(kernel: &Kernel, rounds: u32, folder: &Path) -> anyhow::Result<(u64, String)> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args([COUNTED, kernel.name, &rounds.to_string()])
        .arg(folder)
        // One thread, so that nobody waits for somebody by spinning.
        .env("RAYON_NUM_THREADS", "1")
        .output()
        .context("valgrind does not start: install it, on Debian with `apt-get install valgrind`")?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{} ended with {}:\n{told}", kernel.name, output.status);
    let collected = told.lines().find_map(|line| line.split_once("Collected :"));
    let instructions = collected.and_then(|(_, number)| number.trim().parse().ok()).context("no count")?;
    Ok((instructions, String::from_utf8_lossy(&output.stdout).trim().to_owned()))
}

/// Name and version of a program.
fn version(program: &str) -> anyhow::Result<String> {
    let output =
        Command::new(program).arg("--version").output().with_context(|| format!("{program} does not start"))?;
    // What follows in brackets is the day of the build.
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.split(" (").next().unwrap_or_default().trim().to_owned())
}

//! Time per row as rows, rules and threads grow: a table and a plot.

use crate::Settings;
use crate::export::{Files, export};
use crate::pairs::{median, side_by_side, warm};
use crate::plot::{Line, plot};
use crate::program::{self, mebibytes};
use crate::sheet::Sheet;

/// Rows, unless `GROWTH_ROWS` says otherwise.
const ROWS: [usize; 4] = [1_000_000, 10_000_000, 40_000_000, 100_000_000];

/// Ten of the 24 rules: missing cells, patterns, sets, lengths, dates and the unique key.
const TEN: [&str; 10] = [
    "citizens.citizen_id.required",
    "citizens.citizen_id.unique",
    "citizens.citizen_id.matches",
    "citizens.full_name.required",
    "citizens.full_name.length",
    "citizens.sex.allowed",
    "citizens.date_of_birth.type",
    "citizens.phone.matches",
    "citizens.ward.matches",
    "issued-after-birth",
];

/// A line of the plot: so many rules on so many threads.
const LINES: [(usize, usize); 4] = [(10, 1), (24, 1), (10, 2), (24, 2)];

#[expect(clippy::cast_precision_loss, reason = "rows are far below 2^52")]
pub(crate) fn run(settings: &Settings, sheet: &mut Sheet) -> anyhow::Result<()> {
    let sizes = crate::numbers("GROWTH_ROWS", &ROWS)?;
    sheet.line(format!("Parquet, the whole program, medians of {} runs.\n", settings.runs));
    sheet.head(&["rows", "rules", "threads", "seconds", "ns a row", "to the first", "peak (MiB)", "spilled (MiB)"], 0);
    let mut lines: Vec<Line> = LINES
        .iter()
        .map(|(rules, threads)| {
            let s = if *threads == 1 { "" } else { "s" };
            Line { label: format!("{rules} rules, {threads} thread{s}"), points: Vec::new() }
        })
        .collect();
    for rows in sizes {
        let dir = export(&settings.data, rows, Files::Parquet)?;
        warm(&dir.join("citizens.parquet"))?;
        let mut memory = vec![(None, None); LINES.len()];
        let mut runs: Vec<_> = LINES
            .iter()
            .zip(&mut memory)
            .map(|((rules, threads), memory)| {
                let dir = &dir;
                move || {
                    let run = program::run(dir, "parquet", *threads, &selection(*rules))?;
                    *memory = (run.peak, run.spilled);
                    Ok(run.seconds)
                }
            })
            .collect();
        let mut sides: Vec<crate::pairs::Side<'_>> = runs.iter_mut().map(|run| run as crate::pairs::Side<'_>).collect();
        let seconds = side_by_side(settings.runs, &mut sides)?;
        drop(runs);
        for (at, (rules, threads)) in LINES.iter().enumerate() {
            let seconds = median(&seconds[at]);
            let per_row = seconds * 1e9 / rows as f64;
            lines[at].points.push((rows as f64, per_row));
            let first = lines[at].points.first().map_or(per_row, |(_, first)| *first);
            sheet.row(&[
                crate::grouped(rows),
                rules.to_string(),
                threads.to_string(),
                format!("{seconds:.3}"),
                format!("{per_row:.0}"),
                format!("{:.2}", per_row / first),
                mebibytes(memory[at].0),
                mebibytes(memory[at].1),
            ]);
        }
    }
    sheet.attach("growth.svg", &plot("rows", "nanoseconds a row", &lines), settings.update)
}

/// The options that choose so many rules.
fn selection(rules: usize) -> Vec<String> {
    if rules == TEN.len() { TEN.iter().map(|id| format!("--select=id:{id}")).collect() } else { Vec::new() }
}

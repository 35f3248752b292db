//! An audit of a Parquet file beside only decoding its columns, in one process.

use std::path::Path;

use crate::Settings;
use crate::export::{Files, export};
use crate::pairs::{median, ratio, side_by_side, timed, warm};
use crate::program::{SUITE, audit_here, read_plainly, register, scan};
use crate::sheet::Sheet;

pub(crate) fn run(settings: &Settings, sheet: &mut Sheet) -> anyhow::Result<()> {
    let Settings { rows, runs, threads, .. } = *settings;
    let dir = export(&settings.data, rows, Files::Parquet)?;
    let file = dir.join("citizens.parquet");
    warm(&file)?;
    let suite = Path::new(SUITE);
    let seconds = side_by_side(
        runs,
        &mut [
            &mut || timed(|| audit_here(suite, register(&dir, "parquet"), threads)),
            &mut || timed(|| scan(&file, threads)),
            &mut || timed(|| read_plainly(&file, threads)),
        ],
    )?;
    sheet.line(format!(
        "{} rows, 13 columns, 24 rules, {threads} threads, medians of {runs} paired runs in one process.\n",
        crate::grouped(rows)
    ));
    compare(sheet, "Parquet", &seconds, &["decoding the columns through `Source::scan`", "reading them with polars"]);
    Ok(())
}

/// The table of an audit, whose seconds come first, beside others.
pub(crate) fn compare(sheet: &mut Sheet, title: &str, seconds: &[Vec<f64>], others: &[&str]) {
    sheet.head(&[title, "seconds", "audit / this"], 1);
    let [audits, rest @ ..] = seconds else { return };
    sheet.row(&["audit", &format!("{:.3}", median(audits)), ""]);
    for (name, other) in others.iter().zip(rest) {
        sheet.row(&[*name, &format!("{:.3}", median(other)), &format!("{:.2}", ratio(audits, other))]);
    }
}

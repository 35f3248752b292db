//! The peak memory of the program, at `ROWS` and at four times as many.

use crate::Settings;
use crate::export::{Files, export};
use crate::program::{self, mebibytes};
use crate::sheet::Sheet;

pub(crate) fn run(settings: &Settings, sheet: &mut Sheet) -> anyhow::Result<()> {
    sheet.line(format!("13 columns, 24 rules, {} threads, one run each.\n", settings.threads));
    sheet.head(&["rows", "format", "peak memory (MiB)", "spilled (MiB)", "seconds"], 2);
    for rows in [settings.rows, settings.rows * 4] {
        let dir = export(&settings.data, rows, Files::Both)?;
        for kind in ["parquet", "csv"] {
            let run = program::run(&dir, kind, settings.threads, &[])?;
            let (peak, spilled) = (mebibytes(run.peak), mebibytes(run.spilled));
            sheet.row(&[crate::grouped(rows), kind.to_owned(), peak, spilled, format!("{:.3}", run.seconds)]);
        }
    }
    Ok(())
}

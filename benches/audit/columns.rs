//! Time as columns grow: one rule for each of them, over one row.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::bail;

use crate::Settings;
use crate::pairs::median;
use crate::program::mebibytes;
use crate::sheet::Sheet;

/// Columns, unless `GROWTH_COLUMNS` says otherwise.
const COLUMNS: [usize; 4] = [2_000, 4_000, 8_000, 16_000];

/// The rules, each by itself.
const RULES: [(&str, &str); 6] = [
    ("one rule for one column", "{ check: required, column: c0 }"),
    ("`required` for each", "{ id: r, check: required, each: '*' }"),
    ("`matches` for each", "{ id: r, check: matches, pattern: '(?i)[\\p{L}]{2,50}', each: '*' }"),
    ("`identifier` for each", "{ id: r, check: identifier, kind: iban, at_least: 0%, each: '*' }"),
    ("`unique` for each", "{ id: r, check: unique, each: '*' }"),
    ("`required` where, for each", "{ id: r, check: required, where: \"c0 = 'abc'\", each: '*' }"),
];

pub(crate) fn run(settings: &Settings, sheet: &mut Sheet) -> anyhow::Result<()> {
    let sizes = crate::numbers("GROWTH_COLUMNS", &COLUMNS)?;
    let runs = settings.runs;
    sheet.line(format!("CSV with one row, `--memory 256MiB`, the whole program, medians of {runs} runs.\n"));
    sheet.head(&["rule", "columns", "seconds", "µs a column", "to the first", "peak (MiB)"], 1);
    for (name, rule) in RULES {
        let mut first = None;
        for columns in &sizes {
            let dir = settings.data.join(format!("columns-{columns}"));
            fs::create_dir_all(&dir)?;
            let names: Vec<String> = (0..*columns).map(|at| format!("c{at}")).collect();
            fs::write(dir.join("t.csv"), format!("{}\n{}\n", names.join(","), vec!["abc"; *columns].join(",")))?;
            let suite = format!("suite: columns\ndatasets: {{ t: {{ source: t.csv, rules: [ {rule} ] }} }}\n");
            fs::write(dir.join("suite.yaml"), suite)?;
            let mut seconds = Vec::with_capacity(runs);
            let mut peak = None;
            for _ in 0..runs {
                let (time, bytes) = audit(&dir, settings.threads)?;
                seconds.push(time);
                peak = bytes;
            }
            let seconds = median(&seconds);
            #[expect(clippy::cast_precision_loss, reason = "columns are few")]
            let per_column = seconds * 1e6 / *columns as f64;
            let first = *first.get_or_insert(per_column);
            sheet.row(&[
                name.to_owned(),
                crate::grouped(*columns),
                format!("{seconds:.3}"),
                format!("{per_column:.0}"),
                format!("{:.2}", per_column / first),
                mebibytes(peak),
            ]);
        }
    }
    Ok(())
}

/// Audits with the built program: seconds, and the peak of its memory.
fn audit(dir: &Path, threads: usize) -> anyhow::Result<(f64, Option<u64>)> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_passmuster"));
    command.current_dir(dir).args(["audit", "suite.yaml", "--quiet", "--format", "json", "--timings"]);
    command.args(["--memory", "256MiB", "--threads", &threads.to_string()]);
    let start = Instant::now();
    let output = command.output()?;
    let seconds = start.elapsed().as_secs_f64();
    if !matches!(output.status.code(), Some(0 | 1)) {
        bail!("the audit ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    Ok((seconds, report["timings"]["peak_memory_bytes"].as_u64()))
}

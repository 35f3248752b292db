//! Many rules over many columns: 226 over 80, beside decoding those columns.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use polars_arrow::array::{Array, BooleanArray, PrimitiveArray, Utf8ViewArray};
use polars_arrow::datatypes::{ArrowDataType, Field, TimeUnit};
use polars_parquet::write::CompressionOptions;

use crate::Settings;
use crate::decoding::compare;
use crate::pairs::{side_by_side, timed, warm};
use crate::population::mix;
use crate::population::parquet::ParquetFile;
use crate::program::{GROUP, audit_here, read_plainly, scan};
use crate::sheet::Sheet;

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Name,
    Email,
    Category,
    Integer,
    Decimal,
    Date,
    Datetime,
    Boolean,
}

/// The kinds with the name of their columns, how many there are, and what a suite asks of each besides that it is there.
const KINDS: [(Kind, &str, usize, &str); 9] = [
    (Kind::Code, "code", 16, "matches: \"[A-Z]{2}[0-9]{6}\", length: 8..8"),
    (Kind::Name, "name", 12, "length: 2..40, not_matches: \".*[0-9].*\""),
    (Kind::Email, "email", 4, "matches: \"[a-z0-9.]+@[a-z]+([.][a-z]+)+\""),
    (Kind::Category, "category", 12, "allowed: [north, east, south, west, centre]"),
    (Kind::Integer, "count", 12, "type: integer, range: 0..9999"),
    (Kind::Decimal, "amount", 8, "type: decimal, range: 0..100000"),
    (Kind::Date, "day", 8, "type: date, range: 2100-01-01..2129-12-31, not_future: true"),
    (Kind::Datetime, "moment", 4, "type: datetime"),
    (Kind::Boolean, "flag", 4, "type: boolean"),
];

/// Two rules over several columns.
const EXPRESSIONS: &str = "    rules:\n      \
    - { id: days-in-order, check: expect, that: day_00 <= day_01 or count_00 > 5 }\n      \
    - { id: counts-add-up, check: expect, that: count_01 + count_02 < 20000 }\n";

pub(crate) fn run(settings: &Settings, sheet: &mut Sheet) -> anyhow::Result<()> {
    let rows = crate::number("WIDE_ROWS", 1_000_000)?;
    let Settings { runs, threads, .. } = *settings;
    let (file, suite) = generate(&settings.data, rows)?;
    warm(&file)?;
    let data: BTreeMap<String, String> = [("wide".to_owned(), file.display().to_string())].into();
    let seconds = side_by_side(
        runs,
        &mut [
            &mut || timed(|| audit_here(&suite, data.clone(), threads)),
            &mut || timed(|| scan(&file, threads)),
            &mut || timed(|| read_plainly(&file, threads)),
        ],
    )?;
    sheet.line(format!(
        "{} rows, 80 columns, 226 rules, {threads} threads, medians of {runs} paired runs in one process.\n",
        crate::grouped(rows)
    ));
    compare(sheet, "Parquet", &seconds, &["decoding the columns through `Source::scan`", "reading them with polars"]);
    Ok(())
}

/// Every column with its kind.
fn columns() -> impl Iterator<Item = (Kind, String)> {
    KINDS.into_iter().flat_map(|(kind, name, count, _)| (0..count).map(move |at| (kind, format!("{name}_{at:02}"))))
}

/// Writes the table and its suite where they are not there yet.
fn generate(data: &Path, rows: usize) -> anyhow::Result<(PathBuf, PathBuf)> {
    let dir = data.join(format!("wide-{rows}"));
    fs::create_dir_all(&dir)?;
    let (file, suite) = (dir.join("wide.parquet"), dir.join("wide.yaml"));
    fs::write(&suite, rules()?)?;
    if file.exists() {
        return Ok((file, suite));
    }
    // Under another name until it is whole, so a run that was stopped half-way is done again.
    let draft = dir.join("wide.draft");
    let fields = columns().map(|(kind, name)| Field::new(name.into(), stored(kind), true));
    let mut parquet = ParquetFile::new(BufWriter::new(File::create(&draft)?), fields, CompressionOptions::Snappy)?;
    for from in (0..rows).step_by(GROUP) {
        parquet.write(cells(from, (rows - from).min(GROUP)))?;
    }
    parquet.finish()?;
    fs::rename(&draft, &file)?;
    Ok((file, suite))
}

/// The suite of 226 rules.
fn rules() -> anyhow::Result<String> {
    let mut text =
        format!("suite: wide\nas_of: {}\ndatasets:\n  wide:\n    source: wide.parquet\n", crate::population::AS_OF);
    text.push_str("    columns:\n");
    for (kind, name) in columns() {
        let asked = KINDS.iter().find(|(known, ..)| *known == kind).map_or("", |(.., asked)| asked);
        writeln!(text, "      {name}: {{ required: {{ at_least: 98% }}, {asked} }}")?;
    }
    text.push_str(EXPRESSIONS);
    Ok(text)
}

/// The type in which a column is stored.
const fn stored(kind: Kind) -> ArrowDataType {
    match kind {
        Kind::Code | Kind::Name | Kind::Email | Kind::Category => ArrowDataType::Utf8View,
        Kind::Integer => ArrowDataType::Int64,
        Kind::Decimal => ArrowDataType::Float64,
        Kind::Date => ArrowDataType::Date32,
        Kind::Datetime => ArrowDataType::Timestamp(TimeUnit::Microsecond, None),
        Kind::Boolean => ArrowDataType::Boolean,
    }
}

/// Rows of the table, column by column. Of each column about one cell in a hundred is missing.
fn cells(from: usize, rows: usize) -> Vec<Box<dyn Array>> {
    let column = |(salt, (kind, _)): (u64, (Kind, String))| -> Box<dyn Array> {
        let draws = (from..from + rows).map(|row| {
            let drawn = mix(11, row as u64, salt);
            (!drawn.is_multiple_of(100)).then_some(drawn / 100)
        });
        let text = |write: &dyn Fn(u64) -> String| -> Box<dyn Array> {
            let cells: Vec<Option<String>> = draws.clone().map(|drawn| drawn.map(write)).collect();
            Utf8ViewArray::from_slice(cells).boxed()
        };
        match kind {
            Kind::Code => {
                text(&|drawn| format!("{}{}{:06}", letter(drawn), letter(drawn / 26), drawn / 676 % 1_000_000))
            }
            Kind::Name => text(&person),
            Kind::Email => {
                text(&|drawn| format!("{}.{}@example.org", letter(drawn).to_ascii_lowercase(), drawn % 100_000))
            }
            Kind::Category => text(&|drawn| choose(drawn, &["north", "east", "south", "west", "centre"]).to_owned()),
            Kind::Integer => {
                let cells = draws.map(|drawn| i64::try_from(drawn? % 10_000).ok());
                cells.collect::<PrimitiveArray<_>>().boxed()
            }
            #[expect(clippy::cast_precision_loss, reason = "below ten millions")]
            Kind::Decimal => {
                let cells = draws.map(|drawn| Some((drawn? % 10_000_000) as f64 / 100.0));
                cells.collect::<PrimitiveArray<_>>().boxed()
            }
            Kind::Date => {
                // From 2100-01-01 on.
                let cells = draws.map(|drawn| Some(47_482 + i32::try_from(drawn? % 10_950).unwrap_or_default()));
                cells.collect::<PrimitiveArray<_>>().to(stored(kind)).boxed()
            }
            Kind::Datetime => {
                let cells = draws
                    .map(|drawn| Some(4_102_444_800_000_000 + i64::try_from(drawn? % 900_000_000).ok()? * 1_000_000));
                cells.collect::<PrimitiveArray<_>>().to(stored(kind)).boxed()
            }
            Kind::Boolean => {
                let cells: Vec<Option<bool>> = draws.map(|drawn| Some(drawn?.is_multiple_of(2))).collect();
                BooleanArray::from(cells).boxed()
            }
        }
    };
    (0..).zip(columns()).map(column).collect()
}

fn letter(drawn: u64) -> char {
    char::from(b'A' + u8::try_from(drawn % 26).unwrap_or_default())
}

fn choose<'a>(drawn: u64, choices: &[&'a str]) -> &'a str {
    usize::try_from(drawn % choices.len() as u64).map_or("", |at| choices[at])
}

/// A name with letters outside of ASCII.
fn person(drawn: u64) -> String {
    let first = choose(drawn, &["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Đặng", "Bùi", "Đỗ"]);
    let middle = choose(drawn / 8, &["Văn", "Thị", "Minh", "Ngọc", "Thanh", "Đức"]);
    let last = choose(drawn / 48, &["An", "Bình", "Châu", "Dũng", "Giang", "Hà", "Khánh", "Linh", "Mai", "Phúc"]);
    format!("{first} {middle} {last}")
}

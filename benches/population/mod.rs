//! A seeded export of a population register whose people do not exist.
//!
//! Everybody is born in 2099, so that no number can be anybody's; telephone numbers have a prefix that is not assigned,
//! addresses lie in streets of that sample. The same seed gives the same bytes at any size, in bounded memory: a row
//! depends on its number alone, and at most one known fault is put into a row, so that every count of every rule is known
//! beforehand. See [`Expected`].

mod cards;
mod citizens;
pub(crate) mod parquet;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use rayon::prelude::*;

use table::{Formats, Table};

/// The day on which an audit of the export must hang.
pub(crate) const AS_OF: &str = "2130-01-01";

/// The most rows for which every citizen gets a number of its own.
pub(crate) const MOST_ROWS: u64 = citizens::NUMBERS;

/// The most rows of some columns alone, with citizens of later centuries.
pub(crate) const MOST_ROWS_OF_COLUMNS: u64 = citizens::NUMBERS * citizens::CENTURIES;

/// What to generate.
#[derive(Debug, Clone)]
pub(crate) struct Export {
    /// Rows of `citizens`, at most [`MOST_ROWS`].
    pub(crate) rows: u64,
    /// Another seed gives other people.
    pub(crate) seed: u64,
    /// Every kind of fault occurs at least once in that many rows; `None`: no faults.
    pub(crate) fault_block: Option<u64>,
    /// Whether health-insurance cards are generated beside citizens and provinces.
    pub(crate) cards: bool,
    /// Only these columns of `citizens`, and no other file; empty: everything.
    pub(crate) columns: Vec<String>,
    /// Write CSV.
    pub(crate) csv: bool,
    /// Write Parquet, with dates as dates: there a date that does not exist is null.
    pub(crate) parquet: bool,
}

/// What an audit must count, by rule id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Expected(BTreeMap<&'static str, Counts>);

/// The counts of one rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    evaluated: u64,
    failed: u64,
}

/// What a fault does to a rule.
#[derive(Debug, Clone, Copy)]
enum Effect {
    /// The row fails.
    Fails(&'static str),
    /// The row and the one before it fail.
    BothFail(&'static str),
    /// There is nothing to judge.
    Skips(&'static str),
}

impl Expected {
    /// A row that every one of these rules judges.
    fn judge(&mut self, rules: &[&'static str]) {
        for rule in rules {
            self.0.entry(rule).or_default().evaluated += 1;
        }
    }

    /// What becomes of a row that was judged.
    fn apply(&mut self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Fails(rule) => self.0.entry(rule).or_default().failed += 1,
                Effect::BothFail(rule) => self.0.entry(rule).or_default().failed += 2,
                Effect::Skips(rule) => self.0.entry(rule).or_default().evaluated -= 1,
            }
        }
    }

    /// A rule about a whole dataset.
    fn whole(&mut self, rule: &'static str, passes: bool) {
        self.0.insert(rule, Counts { evaluated: 1, failed: u64::from(!passes) });
    }

    /// Writes `rule,evaluated,failed`, a line for each rule in alphabetical order.
    fn write_csv(&self, path: &Path) -> io::Result<()> {
        let mut csv = csv::Writer::from_path(path)?;
        csv.write_record(["rule", "evaluated", "failed"])?;
        for (rule, counts) in &self.0 {
            csv.write_record([*rule, &counts.evaluated.to_string(), &counts.failed.to_string()])?;
        }
        csv.flush()
    }
}

/// Writes the export into `dir`: `citizens`, `provinces` and, where asked for, `insurance_cards` as `.csv` and `.parquet`,
/// and the counts as `expected.csv` (of the CSV files) and `expected-parquet.csv`.
///
/// # Errors
/// Where there are too many rows, or a file cannot be written.
pub(crate) fn write(export: &Export, dir: &Path) -> io::Result<()> {
    if !export.columns.is_empty() {
        return write_columns(export, dir);
    }
    if export.rows > MOST_ROWS {
        return Err(io::Error::other(format!("at most {MOST_ROWS} rows have numbers of their own")));
    }
    fs::create_dir_all(dir)?;
    let formats = Formats { csv: export.csv, parquet: export.parquet };
    write_provinces(dir, formats)?;

    let mut counts = [Expected::default(), Expected::default()];
    let mut register = Table::create(dir, "citizens", citizens::COLUMNS, &[], formats)?;
    let mut insured = if export.cards {
        Some((Table::create(dir, "insurance_cards", cards::COLUMNS, &[], formats)?, cards::Issuer::new(export)))
    } else {
        None
    };
    for row in 0..export.rows {
        let (citizen, fault) = citizens::citizen(export, row);
        for (counts, typed) in counts.iter_mut().zip([false, true]) {
            citizens::count(counts, &citizen, fault, typed);
        }
        if let Some((table, issuer)) = &mut insured {
            issuer.issue(row, &citizen, &mut counts, table)?;
        }
        citizen.write(&mut register)?;
    }
    register.finish()?;
    for counts in &mut counts {
        counts.whole("register-is-alive", export.rows > 0);
    }
    if let Some((table, issuer)) = insured {
        issuer.close(&mut counts);
        table.finish()?;
    }
    let [csv, parquet] = counts;
    if export.csv {
        csv.write_csv(&dir.join("expected.csv"))?;
    }
    if export.parquet {
        parquet.write_csv(&dir.join("expected-parquet.csv"))?;
    }
    Ok(())
}

/// Writes some columns of `citizens` alone, and no counts.
///
/// # Errors
/// Where there is no such column, there are too many rows, or the file cannot be written.
fn write_columns(export: &Export, dir: &Path) -> io::Result<()> {
    const GROUP: u64 = 1 << 18;
    if export.rows > MOST_ROWS_OF_COLUMNS {
        return Err(io::Error::other(format!("at most {MOST_ROWS_OF_COLUMNS} rows have numbers of their own")));
    }
    if let Some(column) = export.columns.iter().find(|name| !citizens::COLUMNS.iter().any(|(known, _)| known == name)) {
        return Err(io::Error::other(format!("citizens has no column {column}")));
    }
    fs::create_dir_all(dir)?;
    let formats = Formats { csv: export.csv, parquet: export.parquet };
    let mut register = Table::create(dir, "citizens", citizens::COLUMNS, &export.columns, formats)?;
    for start in (0..export.rows).step_by(1 << 18) {
        let rows = start..(start + GROUP).min(export.rows);
        let group: Vec<_> = rows.into_par_iter().map(|row| citizens::citizen(export, row).0).collect();
        group.into_iter().try_for_each(|citizen| citizen.write(&mut register))?;
    }
    register.finish()
}

/// The provinces of Viet Nam since 1 July 2025, with the codes of the national statistics office.
const PROVINCES: [(&str, &str); 34] = [
    ("01", "Hà Nội"),
    ("04", "Cao Bằng"),
    ("08", "Tuyên Quang"),
    ("11", "Điện Biên"),
    ("12", "Lai Châu"),
    ("14", "Sơn La"),
    ("15", "Lào Cai"),
    ("19", "Thái Nguyên"),
    ("20", "Lạng Sơn"),
    ("22", "Quảng Ninh"),
    ("24", "Bắc Ninh"),
    ("25", "Phú Thọ"),
    ("31", "Hải Phòng"),
    ("33", "Hưng Yên"),
    ("37", "Ninh Bình"),
    ("38", "Thanh Hoá"),
    ("40", "Nghệ An"),
    ("42", "Hà Tĩnh"),
    ("44", "Quảng Trị"),
    ("46", "Huế"),
    ("48", "Đà Nẵng"),
    ("51", "Quảng Ngãi"),
    ("52", "Gia Lai"),
    ("56", "Khánh Hoà"),
    ("66", "Đắk Lắk"),
    ("68", "Lâm Đồng"),
    ("75", "Đồng Nai"),
    ("79", "Hồ Chí Minh"),
    ("80", "Tây Ninh"),
    ("82", "Đồng Tháp"),
    ("86", "Vĩnh Long"),
    ("91", "An Giang"),
    ("92", "Cần Thơ"),
    ("96", "Cà Mau"),
];

fn write_provinces(dir: &Path, formats: Formats) -> io::Result<()> {
    let columns = &[("code", table::Kind::Text), ("name", table::Kind::Text)];
    let mut provinces = Table::create(dir, "provinces", columns, &[], formats)?;
    for (code, name) in PROVINCES {
        provinces.text(0, Some(code.to_owned()));
        provinces.text(1, Some(name.to_owned()));
        provinces.end_row()?;
    }
    provinces.finish()
}

/// A number that depends on nothing but its arguments: the finishing step of `SplitMix64`.
pub(crate) fn mix(seed: u64, row: u64, salt: u64) -> u64 {
    let mut z = seed ^ row.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ salt.wrapping_mul(0xD1B5_4A32_D192_ED03);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A number below `below`, by [`mix`].
fn draw(seed: u64, row: u64, salt: u64, below: u64) -> u64 {
    mix(seed, row, salt) % below
}

/// One of `choices`, by [`mix`].
fn pick<'a>(seed: u64, row: u64, salt: u64, choices: &[&'a str]) -> &'a str {
    usize::try_from(mix(seed, row, salt) % choices.len() as u64).map_or("", |at| choices[at])
}

/// The fault of a row, where it has one. Only odd rows have, so the row before is sound and can be copied: in each block
/// of `block` rows every one of `slots` stands in one odd row.
fn fault_at<F: Copy>(seed: u64, row: u64, block: Option<u64>, slots: &[F]) -> Option<F> {
    let size = block? / 2;
    if row.is_multiple_of(2) || size == 0 {
        return None;
    }
    let (block, place) = (row / 2 / size, row / 2 % size);
    // 7919 is a prime, so the step visits every place of a block once, unless it divides the size.
    let place = if size.is_multiple_of(7919) { place } else { (place * 7919 + draw(seed, block, 99, size)) % size };
    usize::try_from(place).ok().and_then(|place| slots.get(place)).copied()
}

//! A table that is written as it grows, as CSV and as Parquet at once.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use polars_arrow::array::{Array, PrimitiveArray, Utf8ViewArray};
use polars_arrow::datatypes::{ArrowDataType, Field, TimeUnit};
use polars_parquet::write::CompressionOptions;

use super::parquet::ParquetFile;

/// Rows held before they are written: one row group.
const GROUP: usize = 262_144;

/// Bytes held before they go to a file.
const BUFFER: usize = 1 << 20;

/// Which files are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Formats {
    pub(super) csv: bool,
    pub(super) parquet: bool,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Date,
    Datetime,
}

impl Kind {
    /// The type in which Parquet holds it.
    const fn stored(self) -> ArrowDataType {
        match self {
            Self::Text => ArrowDataType::Utf8View,
            Self::Date => ArrowDataType::Date32,
            Self::Datetime => ArrowDataType::Timestamp(TimeUnit::Microsecond, None),
        }
    }
}

/// A day as a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Day {
    Missing,
    /// Days since 1970-01-01.
    On(i32),
    /// No day of the calendar; null in Parquet.
    Unreadable(&'static str),
}

/// The cells of a column that wait to be written.
enum Cells {
    Text(Vec<Option<String>>),
    Date(Vec<Day>),
    /// Seconds since 1970-01-01T00:00:00.
    Datetime(Vec<i64>),
    /// A column that is not written.
    LeftOut,
}

/// A table under way.
pub(super) struct Table {
    columns: Vec<(&'static str, Cells)>,
    waiting: usize,
    csv: Option<csv::Writer<File>>,
    parquet: Option<ParquetFile<BufWriter<File>>>,
}

impl Table {
    /// Creates `name.csv` and `name.parquet` in `dir`, with the columns that `keep` names (empty: with all).
    pub(super) fn create(
        dir: &Path,
        name: &str,
        columns: &[(&'static str, Kind)],
        keep: &[String],
        formats: Formats,
    ) -> io::Result<Self> {
        let kept = |name: &str| keep.is_empty() || keep.iter().any(|kept| kept == name);
        let file = |extension: &str| File::create(dir.join(format!("{name}.{extension}")));
        let csv = formats.csv.then(|| -> io::Result<_> {
            let mut csv = csv::WriterBuilder::new().buffer_capacity(BUFFER).from_writer(file("csv")?);
            csv.write_record(columns.iter().map(|(name, _)| *name).filter(|name| kept(name)))?;
            Ok(csv)
        });
        let parquet = formats.parquet.then(|| -> io::Result<_> {
            let fields = columns.iter().filter(|(name, _)| kept(name));
            let fields = fields.map(|(name, kind)| Field::new((*name).into(), kind.stored(), true));
            ParquetFile::new(BufWriter::with_capacity(BUFFER, file("parquet")?), fields, CompressionOptions::Snappy)
        });
        let columns = columns
            .iter()
            .map(|(name, kind)| {
                let cells = match kind {
                    _ if !kept(name) => Cells::LeftOut,
                    Kind::Text => Cells::Text(Vec::new()),
                    Kind::Date => Cells::Date(Vec::new()),
                    Kind::Datetime => Cells::Datetime(Vec::new()),
                };
                (*name, cells)
            })
            .collect();
        Ok(Self { columns, waiting: 0, csv: csv.transpose()?, parquet: parquet.transpose()? })
    }

    /// Gives the next cell of a text column.
    pub(super) fn text(&mut self, column: usize, cell: Option<String>) {
        if let Some((_, Cells::Text(cells))) = self.columns.get_mut(column) {
            cells.push(cell);
        }
    }

    /// Gives the next cell of a date column.
    pub(super) fn date(&mut self, column: usize, cell: Day) {
        if let Some((_, Cells::Date(cells))) = self.columns.get_mut(column) {
            cells.push(cell);
        }
    }

    /// Gives the next cell of a datetime column, in seconds since 1970-01-01T00:00:00.
    pub(super) fn datetime(&mut self, column: usize, cell: i64) {
        if let Some((_, Cells::Datetime(cells))) = self.columns.get_mut(column) {
            cells.push(cell);
        }
    }

    /// Ends a row of which every cell was given.
    pub(super) fn end_row(&mut self) -> io::Result<()> {
        self.waiting += 1;
        if self.waiting == GROUP { self.flush() } else { Ok(()) }
    }

    /// Writes what waits and closes the files.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        if let Some(mut csv) = self.csv {
            csv.flush()?;
        }
        if let Some(parquet) = self.parquet {
            parquet.finish()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        if let Some(csv) = &mut self.csv {
            for row in 0..self.waiting {
                let kept = self.columns.iter().filter(|(_, cells)| !matches!(cells, Cells::LeftOut));
                for (_, cells) in kept {
                    match cells {
                        Cells::Text(cells) => csv.write_field(cells[row].as_deref().unwrap_or_default())?,
                        Cells::Date(cells) => match cells[row] {
                            Day::Missing => csv.write_field("")?,
                            Day::On(day) => csv.write_field(Civil::of(day).to_string())?,
                            Day::Unreadable(text) => csv.write_field(text)?,
                        },
                        Cells::Datetime(cells) => {
                            let (day, second) = (cells[row].div_euclid(86_400), cells[row].rem_euclid(86_400));
                            let day = Civil::of(i32::try_from(day).map_err(io::Error::other)?);
                            let (hour, minute) = (second / 3600, second / 60 % 60);
                            csv.write_field(format!("{day}T{hour:02}:{minute:02}:{:02}", second % 60))?;
                        }
                        Cells::LeftOut => {}
                    }
                }
                csv.write_record(None::<&[u8]>)?;
            }
        }
        let cells = self.columns.iter_mut().filter_map(|(_, cells)| match cells {
            Cells::LeftOut => None,
            Cells::Text(cells) => Some(Utf8ViewArray::from_slice(std::mem::take(cells)).boxed()),
            Cells::Date(cells) => {
                let days = std::mem::take(cells).into_iter().map(|day| match day {
                    Day::On(day) => Some(day),
                    Day::Missing | Day::Unreadable(_) => None,
                });
                Some(days.collect::<PrimitiveArray<_>>().to(Kind::Date.stored()).boxed())
            }
            Cells::Datetime(cells) => {
                let moments = std::mem::take(cells).into_iter().map(|seconds| seconds * 1_000_000);
                Some(PrimitiveArray::from_vec(moments.collect()).to(Kind::Datetime.stored()).boxed())
            }
        });
        let cells: Vec<Box<dyn Array>> = cells.collect();
        if let (Some(parquet), 1..) = (&mut self.parquet, self.waiting) {
            parquet.write(cells)?;
        }
        self.waiting = 0;
        Ok(())
    }
}

/// A day of the calendar, as ISO 8601 writes it.
struct Civil {
    year: i32,
    month: i32,
    day: i32,
}

impl Civil {
    /// The day that lies `days` after 1970-01-01.
    const fn of(days: i32) -> Self {
        // Years are counted from 1 March of year 0, so that the leap day is the last of its year, in eras of 400 years.
        let days = days + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * of_year + 2) / 153;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let day = of_year - (153 * month_from_march + 2) / 5 + 1;
        Self { year: era * 400 + year_of_era + (month <= 2) as i32, month, day }
    }
}

impl std::fmt::Display for Civil {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Days from 1970-01-01 to a day of the calendar.
pub(super) const fn day(year: i32, month: i32, day: i32) -> i32 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

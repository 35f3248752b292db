//! A file of delimited text whose header was read.

use std::ops::Range;
use std::sync::Arc;

use encoding_rs::Encoding;

use super::above::Above;
use super::blocks::Blocks;
use super::cells::{self, HeaderRecord, Shape, header_record};
use super::dialect::{DataEnd, Dialect, Rules};
use super::file::{Beginning, CsvFile};
use super::line_ends::{FIRST_TEXT, terminator};
use super::options::CsvOptions;
use super::{header, sample, split};
use crate::model::DataType;
use crate::source::column::SourceColumn;
use crate::source::error::Problem;
use crate::source::faults::Tally;
use crate::source::files::data_file::DataFile;
use crate::source::files::text::block_bytes;
use crate::source::layout::{Layout, Picks};
use crate::source::options::Options;
use crate::source::split::{Parts, SplitError, SplitRows, Splitting};
use crate::source::table::{MAX_COLUMNS, Table, Unit, Units};

/// A file of delimited text whose header was read.
#[derive(Debug)]
pub(super) struct CsvTable {
    file: CsvFile,
    columns: Vec<SourceColumn>,
    faults: Tally,
}

impl CsvTable {
    /// Reads the header.
    pub(super) fn open(data: DataFile, options: &Options) -> Result<Self, Problem> {
        let mut options = CsvOptions::of(&data, options)?;
        let encoding = options.encoding;
        if data.bytes == 0 {
            return Err(Problem::Empty("empty: no header".to_owned()));
        }
        let above = Above::read(&data, encoding, options.skip, options.rules.widths.is_none())?;
        if let Some(named) = above.separator {
            options.separate_as_named(named)?;
        }
        let (quote, longest) = (options.quote, options.longest);
        let dialect =
            Dialect { delimiter: options.delimiter, quote, terminator: terminator(&above.first, quote), longest };
        let rules = (!options.rules.is_plain()).then(|| options.rules.clone());
        let mut shape = Shape {
            dialect,
            // The header is found wherever the data ends.
            rules: rules.clone().map(|rules| Arc::new(Rules { end: DataEnd::File, ..rules })),
            names: Vec::new(),
            width: 0,
            header: options.header,
            encoding: encoding.name(),
        };
        let wanted = if options.header { options.header_records } else { 1 };
        let (records, header) = header_records(&data, encoding, &shape, above.text, wanted)?;
        if records.len() < wanted {
            let found = match (records.len(), above.text.bytes) {
                (0, 0) if options.rules.comment.is_some() => "empty: all lines are empty or comments".to_owned(),
                (0, 0) => "empty: all lines are empty".to_owned(),
                (0, _) => "no header behind the lines that are left out".to_owned(),
                (found, _) => format!("`header_rows: {wanted}`, and the file has {found} records"),
            };
            return Err(Problem::Empty(found));
        }
        let widest = records.iter().map(|record| record.cells.len()).max().unwrap_or_default();
        let width = widest.max(options.columns.len());
        if width > MAX_COLUMNS {
            let problem = format!("{width} columns, more than the {MAX_COLUMNS} that are read: check the delimiter");
            return Err(Problem::BeyondLimit(problem));
        }
        let mut faults = Tally::default();
        let (names, header) = if options.header {
            for record in &records {
                faults.merge(0, record.tally.clone());
            }
            // Records of the header are none of the data.
            shape.names = records.iter().map(|record| record.cells.clone()).collect();
            (header::names(&records, &mut faults), header)
        } else if options.columns.is_empty() {
            ((1..=widest).map(|position| format!("column_{position}")).collect(), above.text)
        } else {
            (header::declared(options.columns)?, above.text)
        };
        faults.left_out.above = above.text.lines;
        shape.width = names.len();
        if let Some(widths) = options.rules.widths.as_ref().filter(|widths| widths.cells() != names.len()) {
            return Err(Problem::Declaration(format!(
                "`columns` has {} names, and `widths` {} columns: write as many of both",
                names.len(),
                widths.cells()
            )));
        }
        shape.rules = rules.map(Arc::new);
        let columns = names
            .into_iter()
            .map(|name| SourceColumn { name, stored: "text".to_owned(), data_type: Some(DataType::Text) })
            .collect();
        let is_guessed = !options.header && options.columns.is_empty();
        let header_records = if options.header { wanted } else { 0 };
        let above = above.text;
        Ok(Self { file: CsvFile { data, encoding, shape, is_guessed, above, header, header_records }, columns, faults })
    }
}

/// The first records of a file behind what is above them, as many as wanted or as there are, and the text up to their end.
fn header_records(
    data: &DataFile,
    encoding: &'static Encoding,
    shape: &Shape,
    above: Beginning,
    wanted: usize,
) -> Result<(Vec<HeaderRecord>, Beginning), Problem> {
    let mut blocks = Blocks::new(data, encoding, shape, FIRST_TEXT)?;
    blocks.skip(above.bytes, above.lines)?;
    let mut records = Vec::new();
    let mut header = above;
    while let Some(block) = blocks.next()? {
        let (mut at, mut line) = (0, block.first_line);
        while records.len() < wanted
            && let Some(record) = header_record(&block, at, line, shape)
        {
            (at, line) = (record.end, record.next_line);
            records.push(record);
        }
        let is_found = records.len() == wanted;
        let end = if is_found { at } else { block.text.len() };
        header.add(&block.text[..end]);
        for dropped in block.dropped.iter().filter(|dropped| dropped.place <= end) {
            header.bytes += dropped.bytes;
            header.characters = None;
        }
        if is_found {
            header.lines = line - 1;
            break;
        }
    }
    Ok((records, header))
}

impl Table for CsvTable {
    fn columns(&self) -> &[SourceColumn] {
        &self.columns
    }

    fn faults(&self) -> Tally {
        self.faults.clone()
    }

    fn unit_bytes(&self, sections: &[Vec<&str>], block: usize) -> u64 {
        block_bytes(sections, block, &self.file.data)
    }

    fn units<'a>(
        &'a self,
        columns: &'a [usize],
        block: usize,
        cells_alone: bool,
    ) -> Result<Box<dyn Units<'a> + 'a>, Problem> {
        let CsvFile { shape, header, .. } = &self.file;
        let mut blocks = self.file.blocks(block)?;
        blocks.skip(header.bytes, header.lines)?;
        Ok(Box::new(CsvUnits { blocks, shape, columns, cells_alone, counted: 0 }))
    }

    fn check_splittable(&self) -> Result<(), Problem> {
        split::check(&self.file)
    }

    fn split(&self, to: &mut Splitting, parts: Parts) -> Result<SplitRows, SplitError> {
        split::split(&self.file, to, parts)
    }

    fn layout(&self) -> Layout {
        sample::layout(&self.file)
    }

    fn align(&self, ranges: Vec<Range<u64>>) -> Result<Vec<Range<u64>>, Problem> {
        sample::align(&self.file, ranges)
    }

    fn picked<'a>(&'a self, columns: &'a [usize], picks: &'a Picks) -> Result<Box<dyn Units<'a> + 'a>, Problem> {
        Ok(sample::units(&self.file, columns, picks))
    }
}

/// The blocks of a file, one after the other.
struct CsvUnits<'a> {
    blocks: Blocks,
    shape: &'a Shape,
    columns: &'a [usize],
    cells_alone: bool,
    counted: u64,
}

impl<'a> Units<'a> for CsvUnits<'a> {
    fn next(&mut self) -> Result<Option<Unit<'a>>, Problem> {
        let Some(block) = self.blocks.next()? else { return Ok(None) };
        let stored = self.blocks.stored().max(self.counted);
        let bytes = stored - self.counted;
        self.counted = stored;
        let Self { shape, columns, cells_alone, .. } = *self;
        Ok(Some(Unit {
            bytes,
            parts: 1,
            read: Box::new(move |emit| {
                let (rows, tally) = if cells_alone {
                    cells::split_alone(block, shape, columns)
                } else {
                    cells::split(block, shape, columns)
                };
                emit(rows);
                Ok(tally)
            }),
        }))
    }
}

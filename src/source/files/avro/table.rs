//! A file whose blocks are known, and reading them.

use std::ops::Range;

use super::cells::Cells;
use super::codec::Packed;
use super::container::{Block, Container, damaged, too_large};
use super::input::{Damage, Input};
use super::schema::Leaf;
use crate::source::batch::{BATCH_ROWS, Rows, narrow};
use crate::source::column::SourceColumn;
use crate::source::error::Problem;
use crate::source::faults::Tally;
use crate::source::files::data_file::DataFile;
use crate::source::layout::{Layout, Picks};
use crate::source::split::{Parts, SplitError, SplitRows, Splitting};
use crate::source::table::{Emit, Table, Unit, Units};

/// Blocks are read together until they have so many bytes: many writers make blocks of a few kilobytes.
const UNIT_BYTES: usize = 1 << 20;

/// Bytes of text of a batch; it may have those of one more block.
const BATCH_TEXT: usize = 16 << 20;

/// A file whose blocks are known.
#[derive(Debug)]
pub(super) struct AvroTable {
    file: DataFile,
    container: Container,
    /// The blocks that are read together.
    units: Vec<Range<usize>>,
}

impl AvroTable {
    /// Reads the header, and walks over the blocks.
    ///
    /// # Errors
    /// Where it is no such file, is cut off, or is damaged.
    pub(super) fn open(file: DataFile) -> Result<Self, Problem> {
        let container = Container::open(&file)?;
        let mut units: Vec<Range<usize>> = Vec::new();
        let (mut bytes, mut records) = (usize::MAX, 0);
        for (at, block) in container.blocks.iter().enumerate() {
            bytes = bytes.saturating_add(block.bytes);
            records += block.records;
            match units.last_mut() {
                Some(unit) if bytes <= UNIT_BYTES && records <= BATCH_ROWS => unit.end = at + 1,
                _ => {
                    units.push(at..at + 1);
                    (bytes, records) = (block.bytes, block.records);
                }
            }
        }
        Ok(Self { file, container, units })
    }

    fn blocks(&self, unit: &Range<usize>) -> &[Block] {
        self.container.blocks.get(unit.clone()).unwrap_or_default()
    }

    /// Reads blocks and hands out their rows.
    fn hand_out(&self, unit: Range<usize>, columns: &[usize], out: &mut Emit) -> Result<Tally, Problem> {
        let mut file = self.file.open()?;
        let mut batch = Batch::new(self, columns);
        let mut rows = 0;
        let longest_text = self.container.longest.saturating_mul(2).max(BATCH_TEXT * 2);
        for (number, block) in (unit.start + 1..).zip(self.blocks(&unit)) {
            let failed = || damaged(&format!("block {number}"));
            let stored = file
                .read_range(block.start, block.bytes)
                .map_err(|_| Problem::inaccessible("cannot be read to its end"))?;
            let longest = self.container.longest;
            let unpacked = self.container.codec.unpack(stored, longest).map_err(|packed| match packed {
                Packed::Damaged => failed(),
                Packed::TooLarge => too_large(number, longest),
            })?;
            let mut input = Input::new(&unpacked);
            for _ in 0..block.records {
                batch.read(&mut input).map_err(|_| failed())?;
                rows += 1;
                // Nested values of few bytes may be long texts: the names of fields are in each.
                if batch.has_nested && batch.text_bytes() > longest_text {
                    let mebibytes = longest_text >> 20;
                    return Err(Problem::BeyondLimit(format!(
                        "block {number} has nested values of more than {mebibytes} MiB of text: give more memory with \
                         --memory, or leave the nested columns out"
                    )));
                }
                if batch.rows == BATCH_ROWS && !batch.hand_out(out) {
                    return Ok(Tally::of_rows(rows, None));
                }
            }
            if input.left() > 0 {
                return Err(failed());
            }
            if batch.text_bytes() > BATCH_TEXT && !batch.hand_out(out) {
                return Ok(Tally::of_rows(rows, None));
            }
        }
        batch.hand_out(out);
        Ok(Tally::of_rows(rows, None))
    }
}

/// Rows that were read.
struct Batch<'a> {
    table: &'a AvroTable,
    /// For each field its column, if it is asked for.
    slots: Vec<Option<usize>>,
    /// The fields asked for, in the order asked.
    asked: Vec<usize>,
    cells: Vec<Cells>,
    /// Whether nested values are asked for.
    has_nested: bool,
    rows: usize,
}

impl<'a> Batch<'a> {
    fn new(table: &'a AvroTable, columns: &[usize]) -> Self {
        let fields = &table.container.schema.fields;
        let mut slots = vec![None; fields.len()];
        let mut asked = Vec::new();
        for position in columns {
            if let Some(slot) = slots.get_mut(*position) {
                *slot = Some(asked.len());
                asked.push(*position);
            }
        }
        let is_nested = |at: &usize| fields.get(*at).is_some_and(|field| matches!(field.leaf, Some(Leaf::Json(_))));
        let has_nested = asked.iter().any(is_nested);
        let mut batch = Self { table, slots, asked, cells: Vec::new(), has_nested, rows: 0 };
        batch.cells = batch.none();
        batch
    }

    /// No cells.
    fn none(&self) -> Vec<Cells> {
        let fields = &self.table.container.schema.fields;
        self.asked.iter().filter_map(|position| fields.get(*position)?.leaf.as_ref()).map(Cells::new).collect()
    }

    fn text_bytes(&self) -> usize {
        self.cells.iter().map(Cells::text_bytes).sum()
    }

    /// Reads a record.
    fn read(&mut self, input: &mut Input<'_>) -> Result<(), Damage> {
        let schema = &self.table.container.schema;
        input.begin();
        for (field, slot) in schema.fields.iter().zip(&self.slots) {
            let cells = slot.and_then(|slot| self.cells.get_mut(slot));
            match (&field.leaf, cells) {
                (Some(leaf), Some(cells)) => match field.null {
                    Some(null) => match input.count()? {
                        at if at == null => cells.push_missing(),
                        0 | 1 => cells.push(leaf, input)?,
                        _ => return Err(Damage),
                    },
                    None => cells.push(leaf, input)?,
                },
                _ => schema.skip(&field.kind, input, 0)?,
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Hands out the rows so far; `false` asks to stop.
    fn hand_out(&mut self, out: &mut Emit) -> bool {
        if self.rows == 0 {
            return true;
        }
        let none = self.none();
        let columns = std::mem::replace(&mut self.cells, none).into_iter().map(Cells::finish).collect();
        out(Rows::ready(std::mem::take(&mut self.rows), columns, Vec::new(), None))
    }
}

impl Table for AvroTable {
    fn columns(&self) -> &[SourceColumn] {
        &self.container.schema.columns
    }

    fn extent(&self) -> Option<(u64, Vec<(String, u64)>)> {
        let rows = self.container.blocks.iter().map(|block| block.records as u64).sum();
        Some((rows, Vec::new()))
    }

    fn unit_bytes(&self, _: &[Vec<&str>], _: usize) -> u64 {
        // As stored, as unpacked (nothing says how large that is), and as cells.
        let bytes = self.units.iter().map(|unit| self.blocks(unit).iter().map(|block| block.bytes as u64).sum::<u64>());
        bytes.max().map_or(0, |bytes| bytes.saturating_mul(12))
    }

    fn layout(&self) -> Layout {
        Layout::Stream("Avro files are read from their start")
    }

    fn picked<'a>(&'a self, columns: &'a [usize], _: &'a Picks) -> Result<Box<dyn Units<'a> + 'a>, Problem> {
        self.units(columns, 0, true)
    }

    fn check_splittable(&self) -> Result<(), Problem> {
        Err(Problem::Declaration(
            "Avro files cannot be split into passing and failing rows: write the data as Parquet or CSV, and audit that"
                .to_owned(),
        ))
    }

    fn split(&self, _: &mut Splitting, _: Parts) -> Result<SplitRows, SplitError> {
        Err(self.check_splittable().err().unwrap_or(Problem::Cancelled).into())
    }

    fn units<'a>(&'a self, columns: &'a [usize], _: usize, _: bool) -> Result<Box<dyn Units<'a> + 'a>, Problem> {
        Ok(Box::new(Blocks { table: self, columns, units: self.units.iter() }))
    }
}

/// The blocks of a file.
struct Blocks<'a> {
    table: &'a AvroTable,
    columns: &'a [usize],
    units: std::slice::Iter<'a, Range<usize>>,
}

impl<'a> Units<'a> for Blocks<'a> {
    fn next(&mut self) -> Result<Option<Unit<'a>>, Problem> {
        let Some(unit) = self.units.next() else { return Ok(None) };
        let (table, columns) = (self.table, self.columns);
        let blocks = table.blocks(unit);
        let records: usize = blocks.iter().map(|block| block.records).sum();
        Ok(Some(Unit {
            bytes: blocks.iter().map(|block| block.bytes as u64).sum(),
            // Batches are cut where they have many rows, and behind a block where they have much text.
            parts: narrow(records / BATCH_ROWS + blocks.len() + 1),
            read: Box::new(move |out| table.hand_out(unit.clone(), columns, out)),
        }))
    }
}

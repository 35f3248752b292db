//! What may be asked of a table or a query of a database.

use super::database::connect;
use super::problems::{explain_query, explain_rows};
use super::rows::Batch;
use crate::source::column::SourceColumn;
use crate::source::error::Problem;
use crate::source::faults::Tally;
use crate::source::files::asked::asked;
use crate::source::files::data_file::DataFile;
use crate::source::files::given_as_text::give_as_text;
use crate::source::files::typed_cells::Given;
use crate::source::layout::{Layout, Picks};
use crate::source::split::{Parts, SplitError, SplitRows, Splitting};
use crate::source::table::{BLOCK, Emit, Table, Unit, Units};

/// The most batches of a query.
const PARTS: u32 = u32::MAX / 2;

/// Bytes that a connection takes.
const CONNECTION: u64 = 16 << 20;

/// The rows of a table or a query.
#[derive(Debug)]
pub(super) struct QueryTable {
    pub(super) file: DataFile,
    pub(super) query: String,
    pub(super) columns: Vec<SourceColumn>,
    pub(super) given: Vec<Given>,
    pub(super) rows: u64,
    pub(super) faults: Tally,
}

impl QueryTable {
    /// Executes the query and hands out its rows.
    fn read(&self, slots: &[Option<usize>], given: &[Given], block: usize, out: &mut Emit) -> Result<Tally, Problem> {
        let (database, _) = connect(&self.file)?;
        let mut statement = database.prepare(&self.query).map_err(|error| explain_query(&error))?;
        if statement.column_count() != self.columns.len() {
            return Err(Problem::Changed);
        }
        let mut rows = statement.query([]).map_err(|error| explain_rows(&error))?;
        let binary: Vec<bool> = self.given.iter().map(|given| *given == Given::Binary).collect();
        let names = || (self.columns.iter().map(|column| column.name.as_str()).collect(), binary.as_slice());
        let mut batch = Batch::new(slots, names(), given, 0);
        let mut total = Tally::default();
        while let Some(row) = rows.next().map_err(|error| explain_rows(&error))? {
            if batch.is_full(block) {
                let (rows, tally, before) = batch.finish();
                total.merge(0, tally);
                if !out(rows) {
                    return Ok(total);
                }
                batch = Batch::new(slots, names(), given, before);
            }
            batch.add(row)?;
        }
        let (rows, tally, _) = batch.finish();
        total.merge(0, tally);
        out(rows);
        Ok(total)
    }
}

/// Why a database is not split.
const WHOLE: &str = "a database cannot be split into two databases: write the failing rows with --evidence, or export the \
                     table as CSV and split that";

impl Table for QueryTable {
    fn columns(&self) -> &[SourceColumn] {
        &self.columns
    }

    fn gives_text(&self) -> bool {
        true
    }

    fn adopt(&mut self, columns: &[SourceColumn], _: &[SourceColumn]) {
        give_as_text(&mut self.columns, &mut self.given, columns);
    }

    fn faults(&self) -> Tally {
        self.faults.clone()
    }

    fn extent(&self) -> Option<(u64, Vec<(String, u64)>)> {
        let bytes = self.rows.saturating_mul(16);
        Some((self.rows, self.columns.iter().map(|column| (column.name.clone(), bytes)).collect()))
    }

    fn unit_bytes(&self, sections: &[Vec<&str>], block: usize) -> u64 {
        let columns: usize = sections.iter().map(Vec::len).sum();
        CONNECTION.saturating_add((block as u64).saturating_mul(4)).saturating_add((columns as u64) << 20)
    }

    fn layout(&self) -> Layout {
        Layout::Stream("databases are read from the first row of the query")
    }

    fn picked<'a>(&'a self, columns: &'a [usize], _: &'a Picks) -> Result<Box<dyn Units<'a> + 'a>, Problem> {
        self.units(columns, BLOCK, true)
    }

    fn check_splittable(&self) -> Result<(), Problem> {
        Err(Problem::Declaration(WHOLE.to_owned()))
    }

    fn split(&self, _: &mut Splitting, _: Parts) -> Result<SplitRows, SplitError> {
        Err(SplitError::unfit(WHOLE))
    }

    fn units<'a>(&'a self, columns: &'a [usize], block: usize, _: bool) -> Result<Box<dyn Units<'a> + 'a>, Problem> {
        let (slots, given) = asked(columns, &self.given);
        Ok(Box::new(WholeQuery { table: self, asked: Some((slots, given)), block: block.max(1) }))
    }
}

/// The one unit of a query.
struct WholeQuery<'a> {
    table: &'a QueryTable,
    /// The place of each column among those that are asked for, and the types of these.
    asked: Option<(Vec<Option<usize>>, Vec<Given>)>,
    block: usize,
}

impl<'a> Units<'a> for WholeQuery<'a> {
    fn next(&mut self) -> Result<Option<Unit<'a>>, Problem> {
        let (table, block) = (self.table, self.block);
        Ok(self.asked.take().map(|(slots, given)| Unit {
            bytes: table.file.bytes,
            parts: PARTS,
            read: Box::new(move |out| table.read(&slots, &given, block, out)),
        }))
    }
}

//! What may be asked of a sheet.

use std::sync::{Mutex, PoisonError};

use super::area::Area;
use super::book::Book;
use super::directory::Kind;
use super::facts::Noted;
use super::rows::{Plan, SheetRows};
use crate::source::column::SourceColumn;
use crate::source::error::Problem;
use crate::source::faults::Tally;
use crate::source::files::asked::asked;
use crate::source::files::data_file::DataFile;
use crate::source::files::given_as_text::give_as_text;
use crate::source::files::typed_cells::Given;
use crate::source::layout::{Layout, Picks};
use crate::source::panic_guard::catch_panic;
use crate::source::split::{Parts, SplitError, SplitRows, Splitting};
use crate::source::table::{BLOCK, Emit, Table, Unit, Units};

/// The most batches of a sheet: one for each row that there may be.
const PARTS: u32 = 1 << 21;

/// A sheet of a workbook that was opened.
#[derive(Debug)]
pub(super) struct SheetTable {
    file: DataFile,
    kind: Option<Kind>,
    /// Bytes that the workbook takes in memory, about.
    held: u64,
    sheet: String,
    /// Workbooks that nobody reads from. A scan takes one out, or opens another: two scans at the same time never wait for
    /// each other.
    idle: Mutex<Vec<Book>>,
    noted: Vec<(u32, u32, Noted)>,
    columns: Vec<SourceColumn>,
    given: Vec<Given>,
    no_day_zero: Vec<bool>,
    data: Area,
    last_column: u32,
    rows: u64,
    faults: Tally,
}

impl SheetTable {
    #[expect(clippy::too_many_arguments, reason = "each is a fact of the sheet, and one caller gives them all")]
    pub(super) fn new(
        file: DataFile,
        kind: Option<Kind>,
        held: u64,
        sheet: String,
        book: Book,
        noted: Vec<(u32, u32, Noted)>,
        columns: Vec<SourceColumn>,
        given: Vec<Given>,
        no_day_zero: Vec<bool>,
        data: Area,
        last_column: u32,
        rows: u64,
        faults: Tally,
    ) -> Self {
        let idle = Mutex::new(vec![book]);
        Self { file, kind, held, sheet, idle, noted, columns, given, no_day_zero, data, last_column, rows, faults }
    }

    /// A workbook to read from.
    fn book(&self) -> Result<Book, Problem> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // What is held is shared: it stays for the next scan.
        if let Some(held) = idle.last().and_then(Book::held) {
            return Ok(Book::Held(held));
        }
        match (idle.pop(), self.kind) {
            (Some(book), _) => Ok(book),
            (None, Some(kind)) => {
                drop(idle);
                Book::reopen(&self.file, kind)
            }
            (None, None) => Err(Problem::Changed),
        }
    }

    /// Decodes the sheet and hands out its rows.
    fn read(&self, plan: &Plan<'_>, out: &mut Emit) -> Result<Tally, Problem> {
        let mut book = self.book()?;
        let mut total = Tally::default();
        book.read(&self.sheet, &self.noted, |cells| {
            let mut rows = SheetRows::new(plan);
            loop {
                // Only the decoder is under guard, not what is done with the rows.
                let made = catch_panic(|| Ok::<_, ()>(rows.next(cells)));
                let made = made.map_err(|failed| {
                    Problem::undecoded("the sheet is damaged: open the workbook and save it again", failed)
                })??;
                let is_last = made.is_last;
                total.merge(0, made.tally);
                if !out(made.rows) || is_last {
                    return Ok(());
                }
            }
        })?;
        if book.held().is_none() {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.is_empty() {
                idle.push(book);
            }
        }
        Ok(total)
    }
}

/// Why a workbook is not split.
const WHOLE: &str = "a workbook cannot be split into two workbooks: write the failing rows with --evidence, or export the sheet \
                     as CSV and split that";

impl Table for SheetTable {
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
        // The texts of a batch, which is cut behind a block of them, and its values; and what the library holds.
        let batch = (block as u64).saturating_mul(4).saturating_add((columns as u64) << 20);
        self.held.saturating_add(batch)
    }

    fn layout(&self) -> Layout {
        Layout::Stream("workbooks are read from the first row of the sheet")
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
        let plan = Plan {
            data: self.data,
            last_column: self.last_column,
            given,
            slots,
            no_day_zero: &self.no_day_zero,
            block: block.max(1),
        };
        Ok(Box::new(WholeSheet { table: self, plan: Some(plan) }))
    }
}

/// The one unit of a sheet.
struct WholeSheet<'a> {
    table: &'a SheetTable,
    plan: Option<Plan<'a>>,
}

impl<'a> Units<'a> for WholeSheet<'a> {
    fn next(&mut self) -> Result<Option<Unit<'a>>, Problem> {
        let table = self.table;
        Ok(self.plan.take().map(|plan| Unit {
            bytes: table.file.bytes,
            parts: PARTS,
            read: Box::new(move |out| table.read(&plan, out)),
        }))
    }
}

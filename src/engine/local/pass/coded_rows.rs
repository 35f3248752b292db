//! The rows of a dataset as codes of the values of some columns.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use crate::engine::GroupedColumn;
use crate::source::Place;

use crate::engine::local::pass::value_codes::{Code, ValueCodes};
use crate::engine::local::spill::chunks::{AllChunks, Chunks};

/// All rows, by what they are grouped by. Codes are kept while rows are read, and on disk where memory does not hold them.
#[derive(Debug)]
pub(super) struct CodedRows {
    /// What rows are grouped by.
    pub(super) columns: Vec<GroupedColumn>,
    /// Columns with one value, or with too many.
    pub(super) left_out: Vec<String>,
    codes: AllChunks,
    /// For each number of codes in the chunks: its column, and the position of the value of each code.
    places: BTreeMap<u16, (usize, Vec<usize>)>,
}

impl CodedRows {
    /// All rows were seen.
    pub(super) fn new(mut all: Vec<ValueCodes>, store: &Chunks) -> Self {
        // Whatever section each column was in.
        all.sort_by(|a, b| (&a.column, a.number).cmp(&(&b.column, b.number)));
        let names: BTreeSet<String> = all.iter().map(|codes| codes.column.clone()).collect();
        let (mut columns, mut places) = (Vec::new(), BTreeMap::new());
        for codes in all.into_iter().filter(|codes| !codes.has_too_many()) {
            let (number, column, part) = (codes.number, codes.column.clone(), codes.part);
            let (values, order) = codes.finish();
            // Months that are as many as the days, say, make the same groups.
            let is_finer = |known: &GroupedColumn| known.column == column && known.values.len() == values.len();
            if values.len() > 1 && !columns.iter().any(is_finer) {
                places.insert(number, (columns.len(), order));
                columns.push(GroupedColumn { column, part, values });
            }
        }
        let used: BTreeSet<&String> = columns.iter().map(|column| &column.column).collect();
        let left_out = names.iter().filter(|name| !used.contains(name)).cloned().collect();
        Self { left_out, codes: store.finish(), places, columns }
    }

    /// The batches that have codes, in file order.
    pub(super) fn places(&self) -> Vec<Place> {
        self.codes.places()
    }

    /// For each column, the positions of the values of the rows of a batch.
    ///
    /// # Errors
    /// Where they cannot be read back.
    pub(super) fn read(&self, place: Place) -> io::Result<BTreeMap<usize, Vec<Code>>> {
        let bytes = self.codes.read(place)?;
        let mut bytes = bytes.as_slice();
        let mut columns = BTreeMap::new();
        while let Some((number, codes)) = ValueCodes::take(&mut bytes) {
            if let Some((column, order)) = self.places.get(&number) {
                let table: Vec<Code> = order.iter().map(|place| Code::try_from(*place).unwrap_or_default()).collect();
                columns.insert(*column, codes.iter().map(|code| table[usize::from(*code)]).collect());
            }
        }
        Ok(columns)
    }
}

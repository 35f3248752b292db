//! The failing records of a dataset, as they come.

use std::io;

use super::error::SplitError;

/// A failing record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// Position of its file in the dataset, from 0.
    pub file: u32,
    /// Number of the record in its file, from 1, without the header.
    pub record: u64,
    /// The rules that it failed, as positions in a list of ids.
    pub rules: Vec<u32>,
}

/// The failing records of a dataset in file order, taken one after the other.
pub struct Marks<'m> {
    records: &'m mut dyn Iterator<Item = io::Result<Marked>>,
    next: Option<Marked>,
}

impl<'m> Marks<'m> {
    /// Takes records in file order.
    ///
    /// # Errors
    /// Where the first cannot be read.
    pub fn new(records: &'m mut dyn Iterator<Item = io::Result<Marked>>) -> Result<Self, SplitError> {
        let mut marks = Self { records, next: None };
        marks.advance()?;
        Ok(marks)
    }

    fn advance(&mut self) -> Result<(), SplitError> {
        self.next = self.records.next().transpose().map_err(SplitError::Marks)?;
        Ok(())
    }

    /// The rules that a record failed, ascending; `None` where it failed none. Records are asked for in file order.
    pub(in crate::source) fn of(&mut self, file: u32, record: u64) -> Result<Option<Vec<u32>>, SplitError> {
        let mut rules = None::<Vec<u32>>;
        while let Some(next) = &mut self.next {
            match (next.file, next.record).cmp(&(file, record)) {
                std::cmp::Ordering::Less => return Err(SplitError::Order(next.record)),
                std::cmp::Ordering::Greater => break,
                std::cmp::Ordering::Equal => {
                    rules.get_or_insert_default().append(&mut next.rules);
                    self.advance()?;
                }
            }
        }
        if let Some(rules) = &mut rules {
            rules.sort_unstable();
            rules.dedup();
        }
        Ok(rules)
    }

    /// Makes sure that no record of files before this one is left.
    ///
    /// # Errors
    /// With the first record that is.
    pub fn end_before(&self, file: u32) -> Result<(), SplitError> {
        match &self.next {
            Some(next) if next.file < file => Err(SplitError::Order(next.record)),
            _ => Ok(()),
        }
    }
}

//! Failing rows of a dataset, kept in a file without a name until the dataset is split.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::source::Marked;

/// Takes failing rows in file order. They hold places and positions of rules, no value.
#[derive(Debug)]
pub struct KeptMarks {
    file: BufWriter<File>,
    count: u64,
}

impl KeptMarks {
    /// Keeps rows in a file in that folder, which no name leads to and which is gone with its last user.
    ///
    /// # Errors
    /// Where no file can be made there.
    pub fn new(folder: &Path) -> io::Result<Self> {
        Ok(Self { file: BufWriter::new(tempfile::tempfile_in(folder)?), count: 0 })
    }

    /// Takes a row.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn push(&mut self, row: &Marked) -> io::Result<()> {
        let rules = u32::try_from(row.rules.len()).map_err(io::Error::other)?;
        self.file.write_all(&row.file.to_le_bytes())?;
        self.file.write_all(&row.record.to_le_bytes())?;
        self.file.write_all(&rules.to_le_bytes())?;
        row.rules.iter().try_for_each(|rule| self.file.write_all(&rule.to_le_bytes()))?;
        self.count += 1;
        Ok(())
    }

    /// The rows that were taken, in the same order.
    ///
    /// # Errors
    /// Where the last ones cannot be written.
    pub fn rows(self) -> io::Result<impl Iterator<Item = io::Result<Marked>>> {
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        let mut file = BufReader::with_capacity(1 << 16, file);
        Ok((0..self.count).map(move |_| read(&mut file)))
    }
}

fn read(file: &mut impl Read) -> io::Result<Marked> {
    fn number(file: &mut impl Read) -> io::Result<u32> {
        let mut bytes = [0; 4];
        file.read_exact(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }
    let position = number(file)?;
    let mut record = [0; 8];
    file.read_exact(&mut record)?;
    let rules = number(file)?;
    let rules = (0..rules).map(|_| number(file)).collect::<io::Result<_>>()?;
    Ok(Marked { file: position, record: u64::from_le_bytes(record), rules })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_were_taken() {
        let rows = [
            Marked { file: 0, record: 1, rules: vec![0, 7] },
            Marked { file: 2, record: u64::MAX, rules: Vec::new() },
            Marked { file: u32::MAX, record: 3, rules: vec![u32::MAX] },
        ];
        let mut kept = KeptMarks::new(&std::env::temp_dir()).expect("a file");
        for row in &rows {
            kept.push(row).expect("written");
        }
        let read: Vec<Marked> = kept.rows().expect("a file").map(|row| row.expect("a row")).collect();
        assert_eq!(read, rows);
    }
}

//! The zip archive that a workbook is: what is in it, and whether it may be unpacked.

use std::io::{self, BufReader, Read};

use zip::ZipArchive;
use zip::read::ZipFile;

use crate::source::error::Problem;
use crate::source::files::data_file::DataFile;
use crate::source::files::reader::DataReader;
use crate::source::panic_guard::catch_panic;

/// The bytes of a file as the library reads them.
pub(super) type Bytes = BufReader<DataReader>;

/// An entry may grow to this many times its stored size. Deflate cannot do more than 1032 times, and only for bytes that are
/// all equal.
const MAX_RATIO: u64 = 1_000;

/// The ratio is not looked at before this many bytes, since small sheets of one repeated row are harmless.
const RATIO_FLOOR: u64 = 64 << 20;

/// The most entries of an archive.
const MAX_ENTRIES: usize = 100_000;

/// Which kind of workbook an archive is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `.xlsx`, `.xlsm`.
    Xml,
    /// `.xlsb`.
    Binary,
    /// `.ods`.
    OpenDocument,
}

/// The archive of a workbook.
pub(super) struct Directory {
    zip: ZipArchive<Bytes>,
    /// Bytes of the last entry that was read, unpacked.
    given: u64,
}

/// What it means that an archive cannot be read.
const DAMAGED: &str = "the workbook is cut off or damaged: get the whole file again";

/// Opens a file from its first byte.
pub(super) fn bytes(file: &DataFile) -> Result<Bytes, Problem> {
    Ok(BufReader::with_capacity(1 << 16, file.open()?))
}

impl Directory {
    /// Reads the directory at the end of the file. Nothing is unpacked.
    ///
    /// # Errors
    /// Where there is none, or an entry is made to exhaust a machine.
    pub(super) fn open(file: &DataFile) -> Result<Self, Problem> {
        let bytes = bytes(file)?;
        let mut zip = catch_panic(|| ZipArchive::new(bytes)).map_err(|failed| Problem::undecoded(DAMAGED, failed))?;
        if zip.len() > MAX_ENTRIES {
            return Err(Problem::BeyondLimit(format!(
                "the workbook holds {} files inside, more than the {MAX_ENTRIES} that are read",
                zip.len()
            )));
        }
        for position in 0..zip.len() {
            let sizes = catch_panic(|| zip.by_index_raw(position).map(|entry| (entry.size(), entry.compressed_size())));
            let (size, stored) = sizes.map_err(|failed| Problem::undecoded(DAMAGED, failed))?;
            check_ratio(size, stored)?;
        }
        Ok(Self { zip, given: 0 })
    }

    /// Which kind of workbook it is; `None` where it is another archive.
    pub(super) fn kind(&mut self) -> Option<Kind> {
        let has = |ending: &str| self.zip.file_names_raw().any(|name| name.eq_ignore_ascii_case(ending.as_bytes()));
        if has("xl/workbook.bin") {
            Some(Kind::Binary)
        } else if has("[Content_Types].xml") && self.zip.file_names_raw().any(|name| is_below(name, b"xl/")) {
            Some(Kind::Xml)
        } else {
            let mut kind = Vec::new();
            self.read("mimetype", |entry| entry.take(100).read_to_end(&mut kind).map_err(|_| ())).ok()?;
            kind.starts_with(b"application/vnd.oasis.opendocument.spreadsheet").then_some(Kind::OpenDocument)
        }
    }

    /// The unpacked size of an entry, and 0 where there is none. It is counted: the directory may say less.
    ///
    /// # Errors
    /// Where it is damaged, or grows beyond all measure.
    pub(super) fn size(&mut self, name: &str) -> Result<u64, Problem> {
        if self.position(name).is_none() {
            return Ok(0);
        }
        self.read(name, |entry| io::copy(entry, &mut io::sink()))?;
        Ok(self.given)
    }

    /// Whether there is an entry of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// Unpacked bytes of the last entry that was read, up to where the reader stopped.
    pub(super) const fn given(&self) -> u64 {
        self.given
    }

    /// The position of an entry, whatever the case of its name.
    fn position(&self, name: &str) -> Option<usize> {
        let name = name.trim_start_matches('/');
        (0..self.zip.len()).zip(self.zip.file_names_raw()).find_map(|(_, known)| {
            known.eq_ignore_ascii_case(name.as_bytes()).then(|| self.zip.index_for_name_raw(known)).flatten()
        })
    }

    /// Reads an entry. It is counted while it is read, so that one that is longer than the directory says is found, too.
    ///
    /// # Errors
    /// Where there is none, it is damaged, or it grows beyond all measure.
    pub(super) fn read<T, E>(
        &mut self,
        name: &str,
        decode: impl FnOnce(&mut Counted<ZipFile<'_, Bytes>>) -> Result<T, E>,
    ) -> Result<T, Problem> {
        let position = self.position(name).ok_or_else(|| Problem::damaged(DAMAGED))?;
        let (mut grew, mut given) = (false, 0);
        let read = catch_panic(|| {
            let entry = self.zip.by_index(position).map_err(|_| None)?;
            let stored = entry.compressed_size();
            let mut counted = Counted { entry, stored, given: 0, grew: false };
            let decoded = decode(&mut counted).map_err(Some);
            (grew, given) = (counted.grew, counted.given);
            decoded
        });
        self.given = given;
        match read {
            Ok(decoded) => Ok(decoded),
            Err(_) if grew => Err(grows()),
            Err(failed) => Err(Problem::undecoded(DAMAGED, failed)),
        }
    }
}

/// Whether a path lies in a folder, whatever the case.
fn is_below(name: &[u8], folder: &[u8]) -> bool {
    name.get(..folder.len()).is_some_and(|start| start.eq_ignore_ascii_case(folder))
}

/// An entry being unpacked.
pub(super) struct Counted<R> {
    entry: R,
    stored: u64,
    given: u64,
    grew: bool,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.entry.read(buffer)?;
        self.given += read as u64;
        if check_ratio(self.given, self.stored).is_err() {
            self.grew = true;
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(read)
    }
}

fn check_ratio(size: u64, stored: u64) -> Result<(), Problem> {
    if size > RATIO_FLOOR && size > stored.saturating_mul(MAX_RATIO) { Err(grows()) } else { Ok(()) }
}

fn grows() -> Problem {
    Problem::BeyondLimit(format!(
        "a file inside the workbook grows to more than {MAX_RATIO} times its size, as files do that are made to exhaust a \
         machine: save the workbook again if it is sound"
    ))
}

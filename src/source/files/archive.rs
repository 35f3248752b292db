//! A zip archive: its members, and unpacking one of them.
//!
//! Nothing is written under the name of a member. A member is unpacked to a temporary file without a name, since an audit may
//! read it several times.

use std::fmt::Write as _;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use bzip2::bufread::MultiBzDecoder;
use deflate64::Deflate64Decoder;
use flate2::bufread::DeflateDecoder;
use lzma_rust2::XzReader;
use zip::{CompressionMethod, ZipArchive};

use super::compressed::{MAX_RATIO, RATIO_FLOOR};
use super::data_file::{DataFile, Partitions};
use super::reader::DataReader;
use crate::source::error::Problem;
use crate::source::panic_guard::catch_panic;

/// The most members of an archive.
const MAX_MEMBERS: u64 = 100_000;

/// The memory that unpacking a member may take, in KiB.
const MEMORY_KIB: u32 = 256 << 10;

/// Bytes that are unpacked at a time.
const CHUNK: usize = 1 << 20;

/// The first bytes of an archive.
const MAGIC: &[u8] = b"PK\x03\x04";

/// What the record at the end of an archive starts with, how long it is, and how long the comment behind it may be.
const END: (&[u8], usize, usize) = (b"PK\x05\x06", 22, 0xffff);

/// A zip archive whose list of members was read.
#[derive(Debug)]
pub(in crate::source) struct Archive {
    file: Arc<DataFile>,
    zip: Mutex<ZipArchive<DataReader>>,
    members: Vec<Member>,
    /// Bytes that were unpacked so far.
    unpacked: Mutex<u64>,
}

/// A member that is a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::source) struct Member {
    /// Its position among all entries.
    index: usize,
    /// Its name, with `/` between folders.
    pub(in crate::source) name: String,
}

/// Whether a file with these first bytes may be a zip archive.
pub(in crate::source) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(MAGIC) || head.starts_with(END.0)
}

impl Archive {
    /// Reads the list of members.
    ///
    /// # Errors
    /// Where it cannot be read, or where the name of a member leads out of the archive.
    pub(in crate::source) fn open(file: DataFile) -> Result<Self, Problem> {
        if !is_zip(&file.head()?) {
            return Err(Problem::foreign(
                "is not a zip archive, though its name ends with .zip: name it after what it is",
            ));
        }
        let damaged = "the zip archive is cut off or damaged: get the whole archive again";
        if entries(&mut file.open()?).is_some_and(|entries| entries > MAX_MEMBERS) {
            return Err(Problem::BeyondLimit(format!("the archive has more than {MAX_MEMBERS} members: unpack it")));
        }
        let reader = file.open()?;
        let zip = catch_panic(|| ZipArchive::new(reader)).map_err(|failed| Problem::undecoded(damaged, failed))?;
        if zip.has_duplicate_names() {
            return Err(Problem::damaged(
                "the archive has two members of the same name: unpack it, and name the right one",
            ));
        }
        let list = catch_panic(|| {
            let names = (0..zip.len()).map(|index| {
                let entry = zip.by_index_data(index).map_err(drop)?;
                // Names that are not of the encoding that they claim are shown as far as they can be.
                let name =
                    entry.name().map_or_else(|_| String::from_utf8_lossy(entry.name_raw()).into_owned(), String::from);
                Ok((index, name, entry.is_file()))
            });
            names.collect::<Result<Vec<_>, ()>>()
        });
        let list = list.map_err(|failed| Problem::undecoded(damaged, failed))?;
        let mut members = Vec::new();
        for (index, name, is_file) in list {
            let name = name.replace('\\', "/");
            if leads_out(&name) {
                return Err(Problem::Declaration(format!(
                    "the archive has the member `{}`, whose name leads out of the archive: such archives are made to \
                     overwrite files, so do not unpack it, and ask who sent it",
                    name.escape_debug()
                )));
            }
            if is_file && !name.ends_with('/') {
                members.push(Member { index, name });
            }
        }
        members.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self { file: Arc::new(file), zip: Mutex::new(zip), members, unpacked: Mutex::new(0) })
    }

    /// The members that are files, in the order of their names.
    pub(in crate::source) fn members(&self) -> &[Member] {
        &self.members
    }

    /// Whether it is a workbook or another document, which programs keep as zip archives.
    pub(in crate::source) fn is_document(&self) -> bool {
        let has = |name: &str| self.members.iter().any(|member| member.name == name);
        has("[Content_Types].xml") || (has("mimetype") && has("META-INF/manifest.xml"))
    }

    /// Unpacks a member to a temporary file.
    ///
    /// # Errors
    /// Where it is encrypted, packed in a way that is not read, or damaged, where it inflates beyond measure, or where there
    /// is no room for it.
    pub(in crate::source) fn unpack(
        &self,
        member: &Member,
        shown: &str,
        partitions: Partitions,
    ) -> Result<DataFile, Problem> {
        let mut zip = self.zip.lock().unwrap_or_else(PoisonError::into_inner);
        let damaged = || "the member of the archive is damaged: get the archive again".to_owned();
        let entry = catch_panic(|| zip.by_index_raw(member.index));
        let entry = entry.map_err(|failed| Problem::undecoded(damaged(), failed))?;
        if entry.encrypted() {
            return Err(Problem::inaccessible("the member is encrypted: unpack the archive with its password"));
        }
        let (size, packed, sum) = (entry.size(), entry.compressed_size(), entry.crc32());
        let mut reader = decoder(entry.compression(), BufReader::new(entry))?;
        let mut file = tempfile::tempfile().map_err(|error| no_room(&error))?;
        let mut hash = crc32fast::Hasher::new();
        let mut buffer = vec![0; CHUNK];
        let mut given = 0_u64;
        loop {
            let read = catch_panic(|| Ok::<_, ()>(reader.read(&mut buffer)));
            let read = match read.map_err(|failed| Problem::undecoded(damaged(), failed))? {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return Err(Problem::Damaged(damaged())),
            };
            given += read as u64;
            self.count(read as u64, given, packed)?;
            if given > size {
                return Err(Problem::Damaged(damaged()));
            }
            hash.update(&buffer[..read]);
            file.write_all(&buffer[..read]).map_err(|error| no_room(&error))?;
        }
        if given != size || hash.finalize() != sum {
            return Err(Problem::Damaged(damaged()));
        }
        DataFile::member(file, given, shown, partitions, &self.file)
    }

    /// Counts unpacked bytes; a member, and all of them together, may not be far larger than what is stored.
    fn count(&self, bytes: u64, of_member: u64, packed: u64) -> Result<(), Problem> {
        let mut all = self.unpacked.lock().unwrap_or_else(PoisonError::into_inner);
        *all = all.saturating_add(bytes);
        let is_too_much = |given: u64, stored: u64| given > RATIO_FLOOR && given > stored.saturating_mul(MAX_RATIO);
        if is_too_much(of_member, packed) || is_too_much(*all, self.file.bytes) {
            return Err(Problem::BeyondLimit(format!(
                "the archive grows to more than {MAX_RATIO} times its size, as files do that are made to exhaust a machine: \
                 unpack it yourself if it is sound"
            )));
        }
        Ok(())
    }
}

/// What it means that a temporary file cannot be made or written.
fn no_room(error: &io::Error) -> Problem {
    Problem::Inaccessible(format!(
        "cannot be unpacked to a temporary file: {error}. TMPDIR names a folder with more room"
    ))
}

/// Unpacks the bytes of a member.
fn decoder<'r>(method: CompressionMethod, packed: impl io::BufRead + 'r) -> Result<Box<dyn Read + 'r>, Problem> {
    Ok(match method {
        CompressionMethod::STORE => Box::new(packed),
        CompressionMethod::DEFLATE => Box::new(DeflateDecoder::new(packed)),
        CompressionMethod::DEFLATE64 => Box::new(Deflate64Decoder::with_buffer(packed)),
        CompressionMethod::BZIP2 => Box::new(MultiBzDecoder::new(packed)),
        CompressionMethod::ZSTD => {
            Box::new(zstd::Decoder::with_buffer(packed).map_err(|_| Problem::damaged("cannot be unpacked"))?)
        }
        CompressionMethod::XZ => Box::new(XzReader::new_mem_limit(packed, true, MEMORY_KIB)),
        other => {
            // The name or the number of the method.
            let mut name = String::new();
            _ = write!(name, "{other}");
            return Err(Problem::Foreign(format!(
                "the member is packed in a way that is not read ({}): unpack the archive, or pack it with deflate",
                name.to_lowercase()
            )));
        }
    })
}

/// Whether a name leads to a place outside of the folder in which an archive is unpacked.
fn leads_out(name: &str) -> bool {
    let is_drive =
        name.as_bytes().get(1) == Some(&b':') && name.starts_with(|letter: char| letter.is_ascii_alphabetic());
    name.starts_with('/') || is_drive || name.contains('\0') || name.split('/').any(|part| part == "..")
}

/// How many members an archive has, as the record at its end says; `None` where there is no such record.
fn entries(file: &mut DataReader) -> Option<u64> {
    let (magic, length, comment) = END;
    let size = file.seek(SeekFrom::End(0)).ok()?;
    let most = u64::try_from(length + comment + 20).ok()?;
    let start = size.saturating_sub(most);
    let tail = file.read_range(start, length + comment + 20).ok()?;
    let at = memchr::memmem::rfind(&tail, magic)?;
    let short = u16::from_le_bytes(tail.get(at + 10..at + 12)?.try_into().ok()?);
    // A long archive has a record of its own for long numbers.
    let long = at.checked_sub(20).and_then(|at| {
        let locator = tail.get(at..at + 20)?.strip_prefix(b"PK\x06\x07")?;
        let place = u64::from_le_bytes(locator.get(4..12)?.try_into().ok()?);
        let record = file.read_range(place, 40).ok()?;
        Some(u64::from_le_bytes(record.strip_prefix(b"PK\x06\x06")?.get(28..36)?.try_into().ok()?))
    });
    Some(long.unwrap_or_else(|| u64::from(short)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_out_are_recognised() {
        for name in ["../a.csv", "a/../../b.csv", "/etc/a.csv", "C:/a.csv", "c:a.csv", "a/..", "a\0.csv"] {
            assert!(leads_out(name), "{name:?}");
        }
        for name in ["a.csv", "a/b.csv", "a..csv", "year=2024/a.csv", "xy: z.csv", "...", "été.csv"] {
            assert!(!leads_out(name), "{name:?}");
        }
    }
}

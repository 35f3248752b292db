//! Text files as UTF-8: unpacked, without byte order mark, from the declared encoding.

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::compressed::{Packing, Unpacked};
use super::data_file::DataFile;
use super::reader::DataReader;
use crate::model::nearest;
use crate::source::error::Problem;

/// Stored bytes that are decoded at a time; fixed, so that blocks end at the same place in every scan.
const CHUNK: usize = 1 << 18;

/// About how many bytes it takes to split a block of text: the text, the part of the next block that was read already,
/// and for each cell its place.
pub(super) fn block_bytes(sections: &[Vec<&str>], block: usize, file: &DataFile) -> u64 {
    let cells = sections.iter().map(Vec::len).sum::<usize>().min(8) as u64 + 2;
    let block = if file.packing == Packing::Plain { file.bytes.min(block as u64) } else { block as u64 };
    block.saturating_mul(cells)
}

/// The character in place of bytes that could not be decoded.
pub(super) const REPLACEMENT: char = '\u{fffd}';

/// Labels to suggest where one is unknown: encodings in which registers are found, not all that can be read.
const COMMON_LABELS: &[&str] = &[
    "utf-8",
    "utf-16le",
    "utf-16be",
    "windows-1258",
    "windows-1252",
    "windows-1250",
    "windows-1251",
    "windows-1253",
    "windows-1254",
    "windows-1256",
    "windows-874",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-7",
    "iso-8859-15",
    "big5",
    "gbk",
    "gb18030",
    "shift_jis",
    "euc-jp",
    "euc-kr",
    "koi8-r",
    "macintosh",
    "ibm866",
];

/// The encoding of that name; the error names the ones that may be meant.
pub(super) fn encoding(label: &str) -> Result<&'static Encoding, Problem> {
    let known = Encoding::for_label_no_replacement(label.trim().as_bytes());
    known.ok_or_else(|| {
        let near = nearest(label.trim(), COMMON_LABELS.iter().copied());
        Problem::Declaration(format!(
            "the encoding `{}` is not known{}: {}",
            label.escape_debug(),
            near.map(|near| format!("; did you mean `{near}`? Others")).as_deref().unwrap_or("; there are"),
            COMMON_LABELS.join(", ")
        ))
    })
}

/// A text file being read from its start.
pub(super) struct TextStream {
    input: Unpacked,
    decoder: Option<Decoder>,
    begun: bool,
    ended: bool,
}

impl TextStream {
    /// Reads the file from its first byte as text of that encoding.
    pub(super) fn new(file: DataReader, packing: Packing, encoding: &'static Encoding) -> Result<Self, Problem> {
        let input = Unpacked::new(file, packing).map_err(|_| Problem::damaged("cannot be unpacked"))?;
        // UTF-8 stays as it is: whether it is well formed is found out where records are cut, on all workers.
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_with_bom_removal());
        Ok(Self { input, decoder, begun: false, ended: false })
    }

    /// Whether the file was read to its end.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Stored bytes read so far.
    pub(super) fn stored(&self) -> u64 {
        self.input.stored()
    }

    /// Appends text until `buffer` holds at least `want` bytes or the file ends. Puts the place of every replacement
    /// for bytes that could not be decoded into `replaced`.
    pub(super) fn fill(&mut self, buffer: &mut Vec<u8>, want: usize, replaced: &mut Vec<usize>) -> Result<(), Problem> {
        while !self.ended && buffer.len() < want {
            match &mut self.decoder {
                None => {
                    let count = if self.begun { want - buffer.len() } else { (want - buffer.len()).max(4) };
                    let start = buffer.len();
                    self.ended = self.input.append(buffer, count)? < count;
                    if !self.begun {
                        self.begun = true;
                        strip_mark(buffer, start)?;
                    }
                }
                Some(decoder) => {
                    let mut stored = Vec::new();
                    self.ended = self.input.append(&mut stored, CHUNK)? < CHUNK;
                    decode(decoder, &stored, self.ended, buffer, replaced);
                }
            }
        }
        Ok(())
    }
}

/// What to do about text in UTF-16.
fn is_utf_16(name: &str) -> Problem {
    Problem::Foreign(format!(
        "is UTF-16: say so, `encoding: {name}` in a suite or --encoding {name} on the command line"
    ))
}

/// Takes away a UTF-8 byte order mark. A mark of another encoding is an error where none is declared: read as UTF-8, every
/// record would have a fault.
fn strip_mark(buffer: &mut Vec<u8>, start: usize) -> Result<(), Problem> {
    let head = buffer.get(start..).unwrap_or_default();
    if head.starts_with(b"\xef\xbb\xbf") {
        buffer.drain(start..start + 3);
        return Ok(());
    }
    match Encoding::for_bom(head) {
        Some((encoding, _)) if encoding == UTF_16LE => Err(is_utf_16("utf-16le")),
        Some((encoding, _)) if encoding == UTF_16BE => Err(is_utf_16("utf-16be")),
        _ => Ok(()),
    }
}

/// Whether text of that encoding begins with what is taken for a byte order mark at the start of a file.
pub(super) fn is_mark(text: &[u8], encoding: &'static Encoding) -> bool {
    if encoding == UTF_8 {
        // Its text is what is stored.
        return Encoding::for_bom(text).is_some();
    }
    (encoding == UTF_16LE || encoding == UTF_16BE) && text.starts_with("\u{feff}".as_bytes())
}

/// Appends decoded text and the places of replacements.
fn decode(decoder: &mut Decoder, mut bytes: &[u8], last: bool, buffer: &mut Vec<u8>, replaced: &mut Vec<usize>) {
    let mut text = String::new();
    loop {
        let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(bytes.len() * 4 + 16);
        text.reserve(room);
        let (result, read) = decoder.decode_to_string_without_replacement(bytes, &mut text, last);
        bytes = bytes.get(read..).unwrap_or_default();
        match result {
            DecoderResult::InputEmpty => break,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => {
                replaced.push(buffer.len() + text.len());
                text.push(REPLACEMENT);
            }
        }
    }
    buffer.extend_from_slice(text.as_bytes());
}

/// The text of bytes that start with a character, in UTF-8. Puts the places of replacements into `replaced`.
pub(super) fn decode_apart(encoding: &'static Encoding, bytes: &[u8], replaced: &mut Vec<usize>) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    decode(&mut encoding.new_decoder_without_bom_handling(), bytes, true, &mut text, replaced);
    text
}

/// Makes text of bytes that should be UTF-8. What is not is replaced; `replaced` takes the places of the replacements
/// and `places`, ascending positions in the bytes, become positions in the text.
pub(super) fn repair(bytes: &[u8], places: &mut [usize], replaced: &mut Vec<usize>) -> String {
    let mut text = String::with_capacity(bytes.len() + 64);
    let mut before = 0;
    let mut place = 0;
    for chunk in bytes.utf8_chunks() {
        let end = before + chunk.valid().len();
        while let Some(position) = places.get_mut(place).filter(|position| **position < end) {
            *position = *position - before + text.len();
            place += 1;
        }
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            replaced.push(text.len());
            text.push(REPLACEMENT);
        }
        before = end + chunk.invalid().len();
    }
    text
}

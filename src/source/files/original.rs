//! The bytes of a text file behind the text that was read of it.

use std::io::Write;

use encoding_rs::{Decoder, DecoderResult, EncoderResult, Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};

use super::compressed::Unpacked;
use super::data_file::DataFile;
use crate::source::error::Problem;
use crate::source::split::SplitError;

/// Bytes that are read at a time.
const CHUNK: usize = 1 << 18;

/// Text of fewer bytes than this is decoded byte by byte, so that no byte of the next text is decoded with it.
const STEP: usize = 64;

/// Bytes of text in place of bytes that could not be decoded.
const REPLACEMENT: usize = '\u{fffd}'.len_utf8();

/// A text file being read from its start, in steps of its decoded text.
pub(super) struct Original {
    input: Unpacked,
    /// `None` where the bytes are the text.
    decoder: Option<Decoder>,
    buffer: Vec<u8>,
    /// Bytes of the buffer that were given already.
    given: usize,
    /// Bytes that a code unit of the encoding has.
    unit: usize,
    /// Bytes behind the last whole code unit that was given.
    odd: usize,
    ended: bool,
    scratch: Vec<u8>,
}

impl Original {
    /// Reads the file; gives its byte order mark too, which is no text.
    ///
    /// # Errors
    /// Where it cannot be read, or where the bytes of a record mean something else in another place.
    pub(super) fn new(file: &DataFile, encoding: &'static Encoding) -> Result<(Self, &'static [u8]), SplitError> {
        if encoding == ISO_2022_JP {
            return Err(SplitError::unfit(
                "records in the encoding ISO-2022-JP depend on those before them and cannot be split: convert the file to \
                 UTF-8 first",
            ));
        }
        let input = Unpacked::new(file.open()?, file.packing).map_err(|_| Problem::damaged("cannot be unpacked"))?;
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_without_bom_handling());
        let mut original = Self {
            input,
            decoder,
            buffer: Vec::new(),
            given: 0,
            unit: if encoding == UTF_16LE || encoding == UTF_16BE { 2 } else { 1 },
            odd: 0,
            ended: false,
            scratch: vec![0; 1 << 14],
        };
        original.fill()?;
        let mark: &[u8] = if encoding == UTF_8 {
            b"\xef\xbb\xbf"
        } else if encoding == UTF_16LE {
            b"\xff\xfe"
        } else if encoding == UTF_16BE {
            b"\xfe\xff"
        } else {
            b""
        };
        let mark = if original.buffer.starts_with(mark) { mark } else { b"" };
        original.given = mark.len();
        Ok((original, mark))
    }

    /// Reads more, once all that was read was given.
    fn fill(&mut self) -> Result<(), SplitError> {
        self.buffer.clear();
        self.given = 0;
        self.ended = self.input.append(&mut self.buffer, CHUNK)? < CHUNK;
        Ok(())
    }

    /// Writes the bytes of the next so many bytes of text.
    pub(super) fn copy(&mut self, text: usize, out: &mut dyn Write) -> Result<(), SplitError> {
        let mut left = text;
        while left > 0 {
            if self.given == self.buffer.len() && !self.ended {
                self.fill()?;
            }
            let bytes = &self.buffer[self.given..];
            let (read, decoded) = match &mut self.decoder {
                None => (left.min(bytes.len()), left.min(bytes.len())),
                Some(decoder) => step(decoder, bytes, left, &mut self.scratch),
            };
            out.write_all(&bytes[..read]).map_err(SplitError::Output)?;
            if (read, decoded) == (0, 0) || decoded > left {
                return Err(Problem::Changed.into());
            }
            self.given += read;
            self.odd = (self.odd + read) % self.unit;
            left -= decoded;
        }
        Ok(())
    }

    /// Whether the bytes given so far end inside a code unit of UTF-16. What is written behind them is no text then.
    pub(super) fn is_inside_unit(&self) -> bool {
        self.odd > 0
    }

    /// Makes sure that all bytes were given.
    pub(super) fn finish(mut self) -> Result<(), SplitError> {
        if self.given == self.buffer.len() && !self.ended {
            self.fill()?;
        }
        if self.given == self.buffer.len() { Ok(()) } else { Err(Problem::Changed.into()) }
    }
}

/// Decodes a part of the bytes into at most `left` bytes of text; gives the lengths of both. No bytes are the end of the
/// file.
fn step(decoder: &mut Decoder, bytes: &[u8], left: usize, scratch: &mut [u8]) -> (usize, usize) {
    if left > STEP && !bytes.is_empty() {
        // At least the last byte of the text stays for later, so no byte behind its character is read.
        let room = scratch.len().min(left - 1);
        let (result, read, written) = decoder.decode_to_utf8_without_replacement(bytes, &mut scratch[..room], false);
        let replaced = if matches!(result, DecoderResult::Malformed(..)) { REPLACEMENT } else { 0 };
        if read > 0 || written + replaced > 0 {
            return (read, written + replaced);
        }
    }
    let mut one = bytes.get(..1).unwrap_or_default();
    let is_end = one.is_empty();
    let read = one.len();
    let mut decoded = 0;
    loop {
        let (result, taken, written) = decoder.decode_to_utf8_without_replacement(one, &mut scratch[..STEP], is_end);
        one = &one[taken..];
        decoded += written;
        match result {
            DecoderResult::InputEmpty | DecoderResult::OutputFull => return (read, decoded),
            DecoderResult::Malformed(..) => decoded += REPLACEMENT,
        }
    }
}

/// Text in that encoding. A character that the encoding does not have is written as `\u1ea1`.
pub(super) fn written(text: &str, encoding: &'static Encoding) -> Vec<u8> {
    if encoding == UTF_16LE {
        return text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    }
    if encoding == UTF_16BE {
        return text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    }
    let mut encoder = encoding.new_encoder();
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    loop {
        bytes.reserve(rest.len() * 2 + 16);
        let (result, read) = encoder.encode_from_utf8_to_vec_without_replacement(rest, &mut bytes, true);
        rest = &rest[read..];
        match result {
            EncoderResult::InputEmpty => return bytes,
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(letter) => {
                bytes.extend_from_slice(format!("\\u{:04x}", u32::from(letter)).as_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Cuts bytes where their text is cut, one step after the other.
    fn cut(bytes: &[u8], encoding: &'static Encoding, texts: &[usize]) -> Vec<Vec<u8>> {
        let file = DataFile::copied(bytes, "test.csv").expect("a file");
        let (mut original, mark) = Original::new(&file, encoding).expect("readable");
        let mut parts = vec![mark.to_vec()];
        for text in texts {
            let mut part = Vec::new();
            original.copy(*text, &mut part).expect("readable");
            parts.push(part);
        }
        original.finish().expect("all of it");
        parts
    }

    #[test]
    fn ids_are_written_in_the_encoding_of_the_file() {
        assert_eq!(written(";dân", encoding_rs::WINDOWS_1258), b";d\xe2n");
        assert_eq!(written("cạn", encoding_rs::WINDOWS_1252), b"c\\u1ea1n");
        assert_eq!(written("a\u{e2}", UTF_16LE), [b'a', 0, 0xe2, 0]);
        assert_eq!(written("a\u{e2}", UTF_16BE), [0, b'a', 0, 0xe2]);
    }

    proptest! {
        #[test]
        fn bytes_are_cut_where_lines_of_text_are(
            bytes in prop::collection::vec(prop_oneof![3 => 0x20_u8..0x7f, 2 => 0x80_u8..=0xff, 2 => Just(b'\n'), 1 => Just(0_u8)], 0..600),
            encoding in prop::sample::select(vec![
                UTF_8, UTF_16LE, UTF_16BE, encoding_rs::WINDOWS_1258, encoding_rs::GB18030, encoding_rs::SHIFT_JIS,
                encoding_rs::BIG5, encoding_rs::EUC_KR, encoding_rs::EUC_JP, encoding_rs::GBK,
            ]),
        ) {
            let text = if encoding == UTF_8 {
                let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
                text.to_vec()
            } else {
                encoding.decode_with_bom_removal(&bytes).0.into_owned().into_bytes()
            };
            let lines: Vec<usize> = text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::len).collect();
            let parts = cut(&bytes, encoding, &lines);
            prop_assert_eq!(parts.concat(), bytes);
            for (part, line) in parts[1..].iter().zip(text.split_inclusive(|byte| *byte == b'\n')) {
                if encoding != UTF_8 {
                    let alone = encoding.decode_without_bom_handling(part).0.into_owned();
                    prop_assert_eq!(alone.into_bytes(), line);
                }
            }
        }
    }
}

//! What is above the header of a file: lines that are to be skipped, and the line `sep=;` by which Excel says what separates
//! cells.

use encoding_rs::Encoding;
use memchr::memchr;

use super::file::Beginning;
use super::line_ends::FIRST_TEXT;
use crate::source::error::Problem;
use crate::source::files::data_file::DataFile;
use crate::source::files::text::TextStream;

/// What is above the header.
#[derive(Debug)]
pub(super) struct Above {
    /// The text of the lines that are left out.
    pub(super) text: Beginning,
    /// The delimiter that the first line names.
    pub(super) separator: Option<u8>,
    /// The first text behind it.
    pub(super) first: Vec<u8>,
}

impl Above {
    /// Leaves out so many lines, and a first line that names a delimiter where `may_name` says that there can be one.
    /// `option` is what asks for it.
    ///
    /// # Errors
    /// Where the file has fewer lines.
    pub(super) fn read(
        data: &DataFile,
        encoding: &'static Encoding,
        (skip, option): (u64, &str),
        may_name: bool,
    ) -> Result<Self, Problem> {
        let mut stream = TextStream::new(data.open()?, data.packing, encoding)?;
        let mut buffer = Vec::new();
        stream.fill(&mut buffer, FIRST_TEXT, &mut Vec::new())?;
        let separator = may_name.then(|| separator(&buffer)).flatten();
        let skip = skip.max(u64::from(separator.is_some()));
        let has = |byte| memchr(byte, &buffer).is_some();
        let terminator = if has(b'\r') && !has(b'\n') { b'\r' } else { b'\n' };
        let mut text = Beginning::EMPTY;
        let (mut at, mut is_inside) = (0, false);
        while text.lines < skip {
            if let Some(length) = memchr(terminator, &buffer[at..]) {
                text.add(&buffer[at..=at + length]);
                text.lines += 1;
                at += length + 1;
                is_inside = false;
                continue;
            }
            buffer.drain(..at);
            at = 0;
            if stream.ended() {
                let lines = text.lines + u64::from(is_inside || !buffer.is_empty());
                if lines < skip {
                    let lines = if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") };
                    return Err(Problem::Declaration(format!(
                        "{option} leaves out {skip} lines, and the file has {lines}: leave out fewer"
                    )));
                }
                text.add(&buffer);
                text.lines += 1;
                buffer.clear();
                continue;
            }
            // The line goes on: what was read of it is not kept.
            text.add(&buffer);
            buffer.clear();
            is_inside = true;
            stream.fill(&mut buffer, FIRST_TEXT, &mut Vec::new())?;
        }
        buffer.drain(..at);
        stream.fill(&mut buffer, FIRST_TEXT, &mut Vec::new())?;
        buffer.truncate(FIRST_TEXT);
        Ok(Self { text, separator, first: buffer })
    }
}

/// The delimiter that the first line of a text names: `sep=;`, in quotes or not.
fn separator(text: &[u8]) -> Option<u8> {
    let line = text.split(|byte| matches!(byte, b'\n' | b'\r')).next()?;
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    let (word, rest) = line.split_at_checked(4)?;
    match rest {
        [byte] if word.eq_ignore_ascii_case(b"sep=") => {
            (*byte == b'\t' || *byte == b' ' || byte.is_ascii_punctuation()).then_some(*byte)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_excel_names_the_delimiter() {
        assert_eq!(separator(b"sep=;\r\na;b"), Some(b';'));
        assert_eq!(separator(b"\"sep=,\"\na,b"), Some(b','));
        assert_eq!(separator(b"SEP=\t\n"), Some(b'\t'));
        assert_eq!(separator(b"sep=;;\n"), None);
        assert_eq!(separator(b"sep=1\n"), None);
        assert_eq!(separator(b"sep"), None);
    }
}

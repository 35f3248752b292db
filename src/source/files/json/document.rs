//! A document being read from its start: the JSON around its records.

use encoding_rs::UTF_8;
use serde::de::IgnoredAny;

use super::place::RecordsPath;
use crate::model::nearest;
use crate::source::error::Problem;
use crate::source::files::compressed::Unpacked;
use crate::source::files::data_file::DataFile;
use crate::source::files::text::TextStream;

/// Values around the records may be nested this deep.
const MAX_DEPTH: usize = 1000;

/// The longest number or word around the records in bytes.
const LONGEST_WORD: usize = 1 << 10;

/// The longest key around the records in bytes.
const LONGEST_KEY: usize = 1 << 16;

/// The keys that a message lists.
const MOST_KEYS: usize = 12;

/// A document being read from its start.
pub(super) struct Document {
    stream: TextStream,
    /// Bytes that are read at a time.
    block: usize,
    pub(super) buffer: Vec<u8>,
    /// Bytes of the buffer that were taken.
    pub(super) at: usize,
    /// The line of the next byte.
    pub(super) line: u64,
    /// Bytes that may still be read.
    left: u64,
}

impl Document {
    /// Reads the file from its first byte.
    ///
    /// # Errors
    /// Where it cannot be read, or is UTF-16.
    pub(super) fn new(file: &DataFile, block: usize) -> Result<Self, Problem> {
        refuse_utf_16(file)?;
        let stream = TextStream::new(file.open()?, file.packing, UTF_8)?;
        Ok(Self { stream, block: block.max(1), buffer: Vec::new(), at: 0, line: 1, left: u64::MAX })
    }

    /// The same document, which seems to end after so many bytes.
    pub(super) fn limited(self, bytes: u64) -> Self {
        Self { left: bytes, ..self }
    }

    /// Stored bytes read so far.
    pub(super) fn stored(&self) -> u64 {
        self.stream.stored()
    }

    /// Whether the file was read to its end.
    pub(super) fn ended(&self) -> bool {
        self.stream.ended()
    }

    /// Appends text to the buffer until it holds so many bytes or the file ends.
    pub(super) fn fill(&mut self, want: usize) -> Result<(), Problem> {
        self.stream.fill(&mut self.buffer, want, &mut Vec::new())
    }

    /// The next byte, which stays; `None` at the end.
    fn peek(&mut self) -> Result<Option<u8>, Problem> {
        if self.at >= self.buffer.len() && self.left > 0 {
            self.buffer.clear();
            self.at = 0;
            self.fill(self.block)?;
            self.left = self.left.saturating_sub(self.buffer.len() as u64);
        }
        Ok(self.buffer.get(self.at).copied())
    }

    /// Takes the byte that was peeked at.
    pub(super) const fn take(&mut self, byte: u8) {
        self.at += 1;
        if byte == b'\n' {
            self.line += 1;
        }
    }

    /// The next byte that is no white space, which stays; `None` at the end.
    pub(super) fn token(&mut self) -> Result<Option<u8>, Problem> {
        loop {
            match self.peek()? {
                Some(space @ (b' ' | b'\t' | b'\r' | b'\n')) => self.take(space),
                other => return Ok(other),
            }
        }
    }

    /// Reads a key of an object and the colon behind it.
    pub(super) fn key(&mut self) -> Result<String, Problem> {
        let key = match self.token()? {
            Some(b'"') => self.string(LONGEST_KEY)?,
            other => return Err(self.unexpected(other)),
        };
        let line = self.line;
        let key = serde_json::from_slice(&key).map_err(|_| no_json(line))?;
        match self.token()? {
            Some(b':') => self.take(b':'),
            other => return Err(self.unexpected(other)),
        }
        Ok(key)
    }

    /// Reads a string, and gives up to `keep` bytes of it as written.
    fn string(&mut self, keep: usize) -> Result<Vec<u8>, Problem> {
        let mut text = Vec::new();
        let mut is_escaped = false;
        while let Some(byte) = self.peek()? {
            if byte < b' ' {
                return Err(Problem::Damaged(format!(
                    "line {}: a control character in a string, or a quote that is not closed: get the whole document again",
                    self.line
                )));
            }
            self.take(byte);
            let is_first = text.is_empty();
            if text.len() < keep.max(1) {
                text.push(byte);
            } else if keep > 0 {
                let problem = format!("line {} has a key of more than {} KiB", self.line, LONGEST_KEY >> 10);
                return Err(Problem::BeyondLimit(problem));
            }
            if byte == b'"' && !is_escaped && !is_first {
                return Ok(text);
            }
            is_escaped = byte == b'\\' && !is_escaped;
        }
        Err(self.unexpected(None))
    }

    /// Reads a number, `true`, `false` or `null`.
    fn word(&mut self) -> Result<(), Problem> {
        let mut word = Vec::new();
        while let Some(byte) = self.peek()? {
            if matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n') || word.len() >= LONGEST_WORD {
                break;
            }
            if byte == b'/' {
                return Err(comment(self.line));
            }
            self.take(byte);
            word.push(byte);
        }
        serde_json::from_slice::<IgnoredAny>(&word).map(drop).map_err(|_| no_json(self.line))
    }

    /// Reads a value.
    ///
    /// # Errors
    /// Where it is no JSON, or the document ends.
    pub(super) fn skip_value(&mut self) -> Result<(), Problem> {
        self.skip(Vec::new())
    }

    /// Reads what is left of an array, from the start of an element.
    pub(super) fn skip_elements(&mut self) -> Result<(), Problem> {
        self.skip(vec![b']'])
    }

    /// Reads a value, and all else until these brackets are closed.
    fn skip(&mut self, mut open: Vec<u8>) -> Result<(), Problem> {
        loop {
            // A value is to come.
            match self.token()? {
                Some(byte @ (b'{' | b'[')) => {
                    self.take(byte);
                    let close = if byte == b'{' { b'}' } else { b']' };
                    if self.token()? == Some(close) {
                        self.take(close);
                    } else {
                        if open.len() >= MAX_DEPTH {
                            return Err(Problem::BeyondLimit(format!(
                                "line {}: values outside of the records are nested more than {MAX_DEPTH} deep",
                                self.line
                            )));
                        }
                        open.push(close);
                        if close == b'}' {
                            self.key()?;
                        }
                        continue;
                    }
                }
                Some(b'"') => drop(self.string(0)?),
                Some(b',' | b':' | b']' | b'}') | None => {
                    let found = self.token()?;
                    return Err(self.unexpected(found));
                }
                Some(_) => self.word()?,
            }
            // It ended.
            loop {
                let Some(close) = open.last().copied() else { return Ok(()) };
                match self.token()? {
                    Some(b',') => {
                        self.take(b',');
                        if close == b'}' {
                            self.key()?;
                        }
                        break;
                    }
                    Some(byte) if byte == close => {
                        self.take(byte);
                        open.pop();
                    }
                    other => return Err(self.unexpected(other)),
                }
            }
        }
    }

    /// Reads until the first element of the array of records, or the bracket that closes it.
    ///
    /// # Errors
    /// Where there is no such array.
    pub(super) fn enter(&mut self, path: &RecordsPath) -> Result<(), Problem> {
        for (depth, name) in path.0.iter().enumerate() {
            let so_far = || RecordsPath(path.0.iter().take(depth).cloned().collect());
            match self.token()? {
                Some(b'{') => self.take(b'{'),
                Some(found) => {
                    let found = kind(found).ok_or_else(|| self.unexpected(Some(found)))?;
                    let place = if depth == 0 { "the document".to_owned() } else { format!("`{}`", so_far()) };
                    return Err(Problem::Declaration(format!(
                        "{place} is {found} and has no `{}`",
                        name.escape_debug()
                    )));
                }
                None => return Err(self.unexpected(None)),
            }
            let mut others = Vec::new();
            let mut is_first = true;
            loop {
                let found = self.token()?;
                if found == Some(b'}') && is_first {
                    return Err(absent(name, &so_far(), &others));
                }
                let key = self.key()?;
                is_first = false;
                if key == *name {
                    break;
                }
                if others.len() <= MOST_KEYS {
                    others.push(key);
                }
                self.skip_value()?;
                match self.token()? {
                    Some(b',') => self.take(b','),
                    Some(b'}') => return Err(absent(name, &so_far(), &others)),
                    other => return Err(self.unexpected(other)),
                }
            }
        }
        match self.token()? {
            Some(b'[') => self.take(b'['),
            Some(found) => {
                let found = kind(found).ok_or_else(|| self.unexpected(Some(found)))?;
                return Err(Problem::Declaration(format!(
                    "`{path}` is {found} in the document, and not an array of objects"
                )));
            }
            None => return Err(self.unexpected(None)),
        }
        Ok(())
    }

    /// Reads what is behind the array of records.
    ///
    /// # Errors
    /// Where it is no JSON, or has the array once more.
    pub(super) fn leave(&mut self, path: &RecordsPath) -> Result<(), Problem> {
        for name in path.0.iter().rev() {
            loop {
                match self.token()? {
                    Some(b'}') => {
                        self.take(b'}');
                        break;
                    }
                    Some(b',') => {
                        self.take(b',');
                        if self.key()? == *name {
                            return Err(Problem::Damaged(format!(
                                "line {}: `{}` occurs twice on the way to `{path}`, so it is not known which one is meant",
                                self.line,
                                name.escape_debug()
                            )));
                        }
                        self.skip_value()?;
                    }
                    other => return Err(self.unexpected(other)),
                }
            }
        }
        match self.token()? {
            None => Ok(()),
            Some(b'/') => Err(comment(self.line)),
            Some(_) => Err(Problem::Damaged(format!(
                "line {}: there is text behind the end of the document: a file holds one JSON document",
                self.line
            ))),
        }
    }

    /// What it means that this byte is next, or that the document ends.
    pub(super) fn unexpected(&self, found: Option<u8>) -> Problem {
        match found {
            None => ends_early(self.line),
            Some(b'/') => comment(self.line),
            Some(_) => no_json(self.line),
        }
    }
}

/// What it means that a document ends before its last bracket.
pub(super) fn ends_early(line: u64) -> Problem {
    Problem::Damaged(format!("the JSON document ends too early, in line {line}: get the whole document again"))
}

/// What to do about a comment.
pub(super) fn comment(line: u64) -> Problem {
    Problem::Damaged(format!("line {line} has a comment, or a slash outside of quotes: JSON has none, so take it out"))
}

/// What it means that text is no JSON.
pub(super) fn no_json(line: u64) -> Problem {
    Problem::Damaged(format!("line {line}: the text is not JSON from here on: get the document again"))
}

/// What a value is that starts with that byte.
const fn kind(first: u8) -> Option<&'static str> {
    Some(match first {
        b'{' => "an object",
        b'[' => "an array",
        b'"' => "a text",
        b't' | b'f' => "true or false",
        b'n' => "null",
        b'-' | b'0'..=b'9' => "a number",
        _ => return None,
    })
}

/// The problem of a name that is not in the document.
fn absent(name: &str, place: &RecordsPath, others: &[String]) -> Problem {
    let place = if place.0.is_empty() { "the document".to_owned() } else { format!("`{place}`") };
    let name = name.escape_debug();
    let meant = nearest(&name.to_string(), others.iter().map(String::as_str));
    let shown: Vec<String> = others.iter().take(MOST_KEYS).map(|key| format!("`{}`", key.escape_debug())).collect();
    let more = if others.len() > MOST_KEYS { " …" } else { "" };
    let there = match (meant, shown.as_slice()) {
        (Some(meant), _) => format!("; did you mean `{}`?", meant.escape_debug()),
        (None, []) => ", which is empty".to_owned(),
        (None, shown) => format!(", which has {}{more}", shown.join(", ")),
    };
    Problem::Declaration(format!("there is no `{name}` in {place}{there}"))
}

/// JSON is UTF-8; what to do about UTF-16, with a byte order mark or without.
fn refuse_utf_16(file: &DataFile) -> Result<(), Problem> {
    let mut head = Vec::new();
    let mut input = Unpacked::new(file.open()?, file.packing).map_err(|_| Problem::damaged("cannot be unpacked"))?;
    input.append(&mut head, 4)?;
    let is_utf_16 = matches!(
        head.as_slice(),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, b'[' | b'{' | b' ' | b'\n', ..] | [b'[' | b'{' | b' ' | b'\n', 0, ..]
    );
    if is_utf_16 {
        return Err(Problem::foreign(
            "is UTF-16, and JSON is UTF-8: convert it first, as `iconv -f utf-16 -t utf-8` does",
        ));
    }
    Ok(())
}

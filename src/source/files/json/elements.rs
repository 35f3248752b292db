//! The elements of the array of records, cut into blocks.

use std::ops::Range;

use memchr::{memchr_iter, memchr2};

use super::document::{Document, comment, ends_early, no_json};
use super::place::RecordsPath;
use crate::source::error::Problem;
use crate::source::files::data_file::DataFile;
use crate::source::files::json_values::{longest_record, too_long};

/// Whole elements.
pub(super) struct Block {
    pub(super) text: Vec<u8>,
    pub(super) first_line: u64,
    /// Where each element is in the text.
    pub(super) elements: Vec<Range<usize>>,
}

impl Block {
    /// Each element with the line on which it starts.
    pub(super) fn lines(&self) -> impl Iterator<Item = (&[u8], u64)> {
        let (mut at, mut line) = (0, self.first_line);
        self.elements.iter().map(move |element| {
            line += memchr_iter(b'\n', &self.text[at..element.start]).count() as u64;
            at = element.start;
            (&self.text[element.clone()], line)
        })
    }
}

/// Cuts the array of records into blocks.
pub(super) struct Elements {
    document: Document,
    path: RecordsPath,
    block: usize,
    /// The longest element in bytes.
    longest: usize,
    cut: Cut,
    stage: Stage,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Elements,
    Rest,
    End,
}

/// Whether the next byte is text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Text {
    #[default]
    Outside,
    Inside,
    /// Behind a backslash.
    Escaped,
}

/// Where the elements of the buffer are, as far as it was looked at.
#[derive(Default)]
struct Cut {
    /// Bytes that were looked at.
    at: usize,
    elements: Vec<Range<usize>>,
    /// Where the element starts that has not ended.
    start: Option<usize>,
    /// The brackets that close what is open in it.
    open: Vec<u8>,
    /// Whether it ended with a bracket.
    closed: bool,
    text: Text,
    after_comma: bool,
}

impl Elements {
    /// Reads the file from its first byte until its array of records.
    ///
    /// # Errors
    /// Where it has none.
    pub(super) fn new(file: &DataFile, path: &RecordsPath, block: usize) -> Result<Self, Problem> {
        let mut document = Document::new(file, block)?;
        document.enter(path)?;
        // The places of elements are those in the buffer.
        document.buffer.drain(..document.at);
        document.at = 0;
        Ok(Self {
            document,
            path: path.clone(),
            block: block.max(1),
            longest: longest_record(file),
            cut: Cut::default(),
            stage: Stage::Elements,
        })
    }

    /// Stored bytes read so far.
    pub(super) fn stored(&self) -> u64 {
        self.document.stored()
    }

    /// The next block; the last one may be followed by an error.
    pub(super) fn next(&mut self) -> Result<Option<Block>, Problem> {
        let mut want = self.block;
        while self.stage == Stage::Elements {
            self.document.fill(want)?;
            let buffer = &self.document.buffer;
            let is_end = self.cut.look(buffer).map_err(|fault| self.explain(fault))?;
            if is_end {
                self.stage = Stage::Rest;
                let block = self.give(self.cut.at);
                if !block.elements.is_empty() {
                    return Ok(Some(block));
                }
                break;
            }
            if !self.cut.elements.is_empty() {
                // What begins behind the last comma belongs to the next block.
                let end = self.cut.start.unwrap_or(self.cut.at);
                return Ok(Some(self.give(end)));
            }
            if self.document.ended() {
                return Err(ends_early(self.document.line + memchr_iter(b'\n', buffer).count() as u64));
            }
            match self.cut.start {
                Some(start) if self.cut.at - start > self.longest => {
                    let line = self.document.line + memchr_iter(b'\n', &buffer[..start]).count() as u64;
                    let record = format!("the element that starts in line {line}");
                    return Err(too_long(
                        &record,
                        self.longest,
                        "the records of a JSON document are the elements of an array",
                    ));
                }
                Some(_) => {}
                // White space alone.
                None => drop(self.give(self.cut.at)),
            }
            want = self.document.buffer.len() + self.block;
        }
        if self.stage == Stage::Rest {
            self.stage = Stage::End;
            self.document.leave(&self.path)?;
        }
        Ok(None)
    }

    /// Takes the text until `end` out of the buffer, with the elements that were found.
    fn give(&mut self, end: usize) -> Block {
        let buffer = &mut self.document.buffer;
        let mut rest = Vec::with_capacity(self.block + buffer.len() - end);
        rest.extend_from_slice(&buffer[end..]);
        buffer.truncate(end);
        let text = std::mem::replace(buffer, rest);
        let first_line = self.document.line;
        self.document.line += memchr_iter(b'\n', &text).count() as u64;
        self.cut.at -= end;
        self.cut.start = self.cut.start.map(|start| start - end);
        Block { text, first_line, elements: std::mem::take(&mut self.cut.elements) }
    }

    /// What is wrong at the place that was looked at last.
    fn explain(&self, fault: Fault) -> Problem {
        let before = self.document.buffer.get(..self.cut.at).unwrap_or_default();
        let line = self.document.line + memchr_iter(b'\n', before).count() as u64;
        match fault {
            Fault::Comment => comment(line),
            Fault::Bracket => no_json(line),
            Fault::NoComma => Problem::Damaged(format!(
                "line {line}: no comma between two elements of the array: get the document again, or declare `format: \
                 ndjson` where it has one object a line"
            )),
            Fault::NoElement => Problem::Damaged(format!(
                "line {line}: no element between two commas, or behind the last one: JSON does not allow it, so take the \
                 comma away"
            )),
        }
    }
}

/// What is wrong with an array, so that its elements cannot be counted.
#[derive(Debug, Clone, Copy)]
enum Fault {
    Comment,
    Bracket,
    NoComma,
    NoElement,
}

impl Cut {
    /// Looks at the rest of the buffer; `true` where the array ends: `at` is then behind its bracket.
    fn look(&mut self, buffer: &[u8]) -> Result<bool, Fault> {
        while let Some(byte) = buffer.get(self.at).copied() {
            if self.text == Text::Escaped {
                self.text = Text::Inside;
                self.at += 1;
                continue;
            }
            if self.text == Text::Inside {
                let rest = &buffer[self.at..];
                if let Some(offset) = memchr2(b'"', b'\\', rest) {
                    self.text = if rest[offset] == b'\\' { Text::Escaped } else { Text::Outside };
                    self.at += offset + 1;
                } else {
                    self.at = buffer.len();
                }
                continue;
            }
            if !self.open.is_empty() && !matches!(byte, b'"' | b'{' | b'}' | b'[' | b']' | b'/') {
                self.at += 1;
                continue;
            }
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => {}
                b'/' => return Err(Fault::Comment),
                b'"' => {
                    self.begin()?;
                    self.text = Text::Inside;
                }
                b'{' => {
                    self.begin()?;
                    self.open.push(b'}');
                }
                b'[' => {
                    self.begin()?;
                    self.open.push(b']');
                }
                b'}' | b']' => match self.open.pop() {
                    Some(close) if close == byte => self.closed = self.open.is_empty(),
                    None if byte == b']' => {
                        if self.start.is_some() {
                            self.end(buffer)?;
                        } else if self.after_comma {
                            return Err(Fault::NoElement);
                        }
                        self.at += 1;
                        return Ok(true);
                    }
                    _ => return Err(Fault::Bracket),
                },
                b',' => {
                    self.end(buffer)?;
                    self.after_comma = true;
                }
                _ => self.begin()?,
            }
            self.at += 1;
        }
        Ok(false)
    }

    /// Something other than white space: an element starts here, unless one has started.
    const fn begin(&mut self) -> Result<(), Fault> {
        if self.closed {
            return Err(Fault::NoComma);
        }
        if self.start.is_none() {
            self.start = Some(self.at);
        }
        Ok(())
    }

    /// An element ends here.
    fn end(&mut self, buffer: &[u8]) -> Result<(), Fault> {
        let start = self.start.take().ok_or(Fault::NoElement)?;
        let end = start + buffer[start..self.at].trim_ascii_end().len();
        self.elements.push(start..end);
        self.closed = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    /// The elements of a document, cut into blocks of that size, with their lines.
    fn cut(text: &str, path: &[&str], block: usize) -> Result<Vec<(String, u64)>, Problem> {
        let file = DataFile::copied(text.as_bytes(), "test.json").expect("a file");
        let path = RecordsPath(path.iter().map(|name| (*name).to_owned()).collect());
        let mut elements = Elements::new(&file, &path, block)?;
        let mut found = Vec::new();
        while let Some(block) = elements.next()? {
            found.extend(block.lines().map(|(text, line)| (String::from_utf8_lossy(text).into_owned(), line)));
        }
        Ok(found)
    }

    fn problem(text: &str, path: &[&str]) -> String {
        for block in [1, 3, 1 << 20] {
            cut(text, path, block).expect_err(text);
        }
        cut(text, path, 64).expect_err(text).to_string()
    }

    #[test]
    fn elements_have_the_lines_on_which_they_start() {
        let text = "\u{feff}[\n {\"a\": \"]},\\\"{\"},\n\n [1, [2]]\n, \"x, y\",\n-1.5e3\n, null]\n";
        for block in [1, 2, 7, 1000] {
            let found = cut(text, &[], block).expect("sound");
            let expected = [("{\"a\": \"]},\\\"{\"}", 2), ("[1, [2]]", 4), ("\"x, y\"", 5), ("-1.5e3", 6), ("null", 7)];
            let expected: Vec<(String, u64)> =
                expected.iter().map(|(text, line)| ((*text).to_owned(), *line)).collect();
            assert_eq!(found, expected, "{block}");
        }
        assert_eq!(cut(" [ \n ] ", &[], 1), Ok(Vec::new()));
    }

    #[test]
    fn records_are_found_inside_of_a_document() {
        let text = r#"{"meta": {"items": [1], "deep": [[{"a": "}"}]]}, "data": {"n": 1, "items": [{"a": 1}, {"a": 2}], "x": []}, "z": "]"}"#;
        for block in [1, 5, 1000] {
            let found = cut(text, &["data", "items"], block).expect("sound");
            assert_eq!(found, [("{\"a\": 1}".to_owned(), 1), ("{\"a\": 2}".to_owned(), 1)]);
        }
        assert!(problem(text, &["data", "item"]).contains("did you mean `items`?"));
        assert!(problem(text, &["rows"]).contains("there is no `rows` in the document, which has `meta`, `data`, `z`"));
        assert!(problem(text, &["data", "n"]).contains("`data.n` is a number in the document"));
        assert!(problem(text, &["z", "n"]).contains("`z` is a text and has no `n`"));
        assert!(problem("[{}]", &["a"]).contains("the document is an array and has no `a`"));
        for twice in [r#"{"a": [{}], "a": []}"#, r#"{"d": {"a": [{}]}, "d": 1}"#] {
            let path: &[&str] = if twice.contains("\"d\"") { &["d", "a"] } else { &["a"] };
            assert!(problem(twice, path).contains("occurs twice on the way"), "{twice}");
        }
    }

    #[test]
    fn what_is_not_json_is_one_clear_problem() {
        for (text, expected) in [
            ("[{\"a\": 1}, {\"a\": 2", "ends too early, in line 1"),
            ("[{\"a\": 1},\n{\"a\": \"2}]", "ends too early, in line 2"),
            ("[{\"a\": 1}\n", "ends too early, in line 2"),
            ("[", "ends too early"),
            ("[{\"a\": 1}]\n{\"a\": 1}", "line 2: there is text behind the end"),
            ("[{\"a\": 1}] x", "there is text behind the end"),
            ("[{\"a\": 1},\n]", "line 2: no element between two commas"),
            ("[,{\"a\": 1}]", "no element between two commas"),
            ("[{\"a\": 1},,{\"a\": 1}]", "no element between two commas"),
            ("[{\"a\": 1}\n{\"a\": 1}]", "line 2: no comma between two elements"),
            ("[\n// one, two\n{\"a\": 1}]", "line 2 has a comment"),
            ("[{\"a\": /* \" */ 1}]", "line 1 has a comment"),
            ("[{\"a\": 1}] // end", "line 1 has a comment"),
            ("[{\"a\": [1}]", "line 1: the text is not JSON"),
            ("[{\"a\": 1}}]", "line 1: the text is not JSON"),
        ] {
            let found = problem(text, &[]);
            assert!(found.contains(expected), "{text}: {found}");
        }
        for (text, expected) in [
            ("{\"m\": NaN, \"a\": []}", "line 1: the text is not JSON"),
            ("{\"m\": 01, \"a\": []}", "line 1: the text is not JSON"),
            ("{\"m\": 1 \"a\": []}", "line 1: the text is not JSON"),
            ("{\"m\": 1,, \"a\": []}", "line 1: the text is not JSON"),
            ("{\"a\": [], }", "line 1: the text is not JSON"),
            ("{\"a\": []", "ends too early"),
            ("{\"m\": \"x\n\", \"a\": []}", "a control character in a string"),
            ("{/* */ \"a\": []}", "has a comment"),
        ] {
            let found = problem(text, &["a"]);
            assert!(found.contains(expected), "{text}: {found}");
        }
    }

    #[test]
    fn deep_nesting_is_an_element_or_a_problem_and_takes_no_stack() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let found = cut(&format!("[{{\"a\": {deep}}}]"), &[], 100).expect("sound");
        assert_eq!(found.len(), 1);
        assert!(problem(&format!("{{\"m\": {deep}, \"a\": []}}"), &["a"]).contains("nested more than 1000 deep"));
        assert!(problem(&"[".repeat(10_000), &[]).contains("ends too early"));
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-c\"\\\\{}\\[\\],:/\n é]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-c\"\\\\]{0,3}", inner, 0..4)
                    .prop_map(|object| Value::Object(object.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn elements_are_those_of_a_parser_that_reads_the_document_whole(
            elements in prop::collection::vec(value(), 0..8),
            around in value(),
            block in 1_usize..64,
            is_pretty in any::<bool>(),
            is_inside in any::<bool>(),
        ) {
            let document = if is_inside {
                json!({ "around": around, "data": { "items": elements, "more": around } })
            } else {
                Value::from(elements.clone())
            };
            let text = if is_pretty { format!("{document:#}") } else { document.to_string() };
            let path: &[&str] = if is_inside { &["data", "items"] } else { &[] };
            let found = cut(&text, path, block).expect("sound");
            let values: Vec<Value> =
                found.iter().map(|(element, _)| serde_json::from_str(element).expect("JSON")).collect();
            prop_assert_eq!(values, elements);
            let whole = cut(&text, path, 1 << 20).expect("sound");
            prop_assert_eq!(found, whole);
        }

        #[test]
        fn any_bytes_give_the_same_at_any_block_size(
            text in "[\\[\\]{},:\"\\\\a1/ \n]{0,40}",
            block in 1_usize..16,
        ) {
            let whole = cut(&text, &[], 1 << 20);
            let parts = cut(&text, &[], block);
            prop_assert_eq!(&parts, &whole);
            // What a strict parser takes is taken as it is.
            if let Ok(Value::Array(elements)) = serde_json::from_str::<Value>(&text) {
                prop_assert_eq!(whole.expect("sound").len(), elements.len());
            }
        }
    }
}

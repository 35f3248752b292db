//! Columns that the decoder does not know how to read, found in the footer before anything is decoded.
//!
//! Own code: the library passes over the encodings of columns, and refuses the whole file for a logical type that it does not
//! know. So the footer is read here first: a column in an unknown encoding or type is then refused by itself, and the library
//! gets the footer without the logical types that it does not know.

use std::collections::BTreeMap;
use std::ops::Range;

use super::thrift::{END, Thrift};

/// The kinds of values in the Thrift protocol that are read here.
const NUMBER: u8 = 5;
const TEXT: u8 = 8;
const LIST: u8 = 9;
const STRUCTURE: u8 = 12;

/// Names of the encodings, by their numbers.
const ENCODINGS: [&str; 10] = [
    "PLAIN",
    "GROUP_VAR_INT",
    "PLAIN_DICTIONARY",
    "RLE",
    "BIT_PACKED",
    "DELTA_BINARY_PACKED",
    "DELTA_LENGTH_BYTE_ARRAY",
    "DELTA_BYTE_ARRAY",
    "RLE_DICTIONARY",
    "BYTE_STREAM_SPLIT",
];

/// Names of the ways to pack pages, by their numbers.
const CODECS: [&str; 8] = ["UNCOMPRESSED", "SNAPPY", "GZIP", "LZO", "BROTLI", "LZ4", "ZSTD", "LZ4_RAW"];

/// The codec that no library at hand unpacks.
const LZO: i64 = 3;

/// What the footer says about how columns are written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Unread {
    /// The name of each column of the table that cannot be read, and why: `encoding DELTA_BYTE_ARRAY not read`.
    pub(super) columns: BTreeMap<String, String>,
    /// Why nothing of the file can be read.
    pub(super) whole: Option<String>,
    /// The bytes of logical types that are not known.
    cuts: Vec<Range<usize>>,
}

/// A column that holds values.
struct Leaf {
    /// The column of the table that it belongs to.
    root: String,
    /// The number of its type: 0 boolean, 1 and 2 integers, 3 INT96, 4 and 5 floats, 6 bytes, 7 bytes of one length.
    kind: i64,
}

/// An element of the schema.
#[derive(Default)]
struct Element {
    name: String,
    kind: Option<i64>,
    children: u64,
    logical: Option<Logical>,
}

/// The logical type of an element that is none of those that are known.
struct Logical {
    number: i64,
    /// Its bytes, if it is the last field of the element.
    bytes: Option<Range<usize>>,
}

impl Unread {
    /// Reads the footer; `None` where it is damaged.
    pub(super) fn of(footer: &[u8]) -> Option<Self> {
        let mut unread = Self::default();
        let mut thrift = Thrift::new(footer);
        let (mut last, mut leaves) = (0, Vec::new());
        loop {
            match thrift.field(&mut last)? {
                (_, END) => return Some(unread),
                (2, LIST) => leaves = unread.schema(&mut thrift)?,
                (4, LIST) => unread.groups(&mut thrift, &leaves)?,
                (_, kind) => thrift.skip(kind, 0)?,
            }
        }
    }

    /// The footer without the logical types that are not known.
    pub(super) fn known(&self, footer: Vec<u8>) -> Vec<u8> {
        if self.cuts.is_empty() {
            return footer;
        }
        let mut known = Vec::with_capacity(footer.len());
        let mut from = 0;
        for cut in &self.cuts {
            known.extend_from_slice(footer.get(from..cut.start).unwrap_or_default());
            from = cut.end;
        }
        known.extend_from_slice(footer.get(from..).unwrap_or_default());
        known
    }

    /// The leaves of the schema, in order.
    fn schema(&mut self, thrift: &mut Thrift<'_>) -> Option<Vec<Leaf>> {
        let (count, _) = thrift.list()?;
        let mut leaves = Vec::new();
        // How many children of each group above are still to come; the first is the table itself.
        let mut open: Vec<u64> = Vec::new();
        let mut root = String::new();
        for position in 0..count {
            let element = element(thrift)?;
            if position == 0 {
                open.push(element.children);
                continue;
            }
            while open.last() == Some(&0) {
                open.pop();
            }
            if open.len() == 1 {
                root.clone_from(&element.name);
            }
            *open.last_mut()? -= 1;
            if let Some(Logical { number, bytes }) = element.logical {
                // The bytes of a shape on a map are bytes, whatever they mean.
                if !matches!(number, 17 | 18) {
                    self.refuse(
                        &root,
                        match number {
                            16 => "logical type VARIANT not read".to_owned(),
                            number => format!("logical type {number} not read"),
                        },
                    );
                }
                self.cuts.extend(bytes);
            }
            match element.kind {
                Some(kind) if element.children == 0 => leaves.push(Leaf { root: root.clone(), kind }),
                _ => open.push(element.children),
            }
        }
        Some(leaves)
    }

    fn groups(&mut self, thrift: &mut Thrift<'_>, leaves: &[Leaf]) -> Option<()> {
        let (count, _) = thrift.list()?;
        for _ in 0..count {
            let mut last = 0;
            loop {
                match thrift.field(&mut last)? {
                    (_, END) => break,
                    (1, LIST) => {
                        let (columns, _) = thrift.list()?;
                        for at in 0..columns {
                            self.chunk(thrift, leaves.get(usize::try_from(at).ok()?)?)?;
                        }
                    }
                    (_, kind) => thrift.skip(kind, 0)?,
                }
            }
        }
        Some(())
    }

    fn chunk(&mut self, thrift: &mut Thrift<'_>, leaf: &Leaf) -> Option<()> {
        let mut last = 0;
        loop {
            match thrift.field(&mut last)? {
                (_, END) => return Some(()),
                (3, STRUCTURE) => self.written(thrift, leaf)?,
                (_, kind) => thrift.skip(kind, 0)?,
            }
        }
    }

    /// How a chunk is written.
    fn written(&mut self, thrift: &mut Thrift<'_>, leaf: &Leaf) -> Option<()> {
        let mut last = 0;
        loop {
            match thrift.field(&mut last)? {
                (_, END) => return Some(()),
                (2, LIST) => {
                    let (count, _) = thrift.list()?;
                    for _ in 0..count {
                        let encoding = thrift.integer()?;
                        if !is_read(leaf.kind, encoding) {
                            self.refuse(&leaf.root, format!("encoding {} not read", named(&ENCODINGS, encoding)));
                        }
                    }
                }
                (4, NUMBER) => {
                    let codec = thrift.integer()?;
                    let name = named(&CODECS, codec);
                    if !(0..=7).contains(&codec) {
                        self.whole.get_or_insert_with(|| format!("its pages are packed with codec {name}"));
                    } else if codec == LZO {
                        self.refuse(&leaf.root, format!("compression {name} not read"));
                    }
                }
                (_, kind) => thrift.skip(kind, 0)?,
            }
        }
    }

    /// Notes why a column cannot be read; the first reason counts.
    fn refuse(&mut self, root: &str, reason: String) {
        if !self.columns.contains_key(root) {
            self.columns.insert(root.to_owned(), reason);
        }
    }
}

/// Whether the decoder knows an encoding of values of that type. `RLE` and `BIT_PACKED` are those of levels, too.
fn is_read(kind: i64, encoding: i64) -> bool {
    match encoding {
        0 | 2 | 3 | 4 | 8 => true,
        5 => matches!(kind, 1 | 2),
        6 => kind == 6,
        7 => matches!(kind, 6 | 7),
        9 => matches!(kind, 1 | 2 | 4 | 5 | 7),
        _ => false,
    }
}

fn named(names: &[&str], number: i64) -> String {
    let name = usize::try_from(number).ok().and_then(|at| names.get(at));
    name.map_or_else(|| number.to_string(), |name| (*name).to_owned())
}

fn element(thrift: &mut Thrift<'_>) -> Option<Element> {
    let (mut last, mut element) = (0, Element::default());
    loop {
        let start = thrift.at();
        match thrift.field(&mut last)? {
            (_, END) => return Some(element),
            (1, NUMBER) => element.kind = Some(thrift.integer()?),
            (4, TEXT) => element.name = String::from_utf8_lossy(thrift.bytes()?).into_owned(),
            (5, NUMBER) => element.children = u64::try_from(thrift.integer()?).ok()?,
            (10, STRUCTURE) => {
                let number = logical(thrift)?;
                if !matches!(number, 1..=8 | 10..=15) {
                    element.logical = Some(Logical { number, bytes: Some(start..thrift.at()) });
                }
            }
            (_, kind) => {
                // The numbers of fields are counted from the field before, so nothing may be cut out between two.
                if let Some(logical) = &mut element.logical {
                    logical.bytes = None;
                }
                thrift.skip(kind, 0)?;
            }
        }
    }
}

/// The number of a logical type; 0 where it has none.
fn logical(thrift: &mut Thrift<'_>) -> Option<i64> {
    let (mut last, mut number) = (0, 0);
    loop {
        match thrift.field(&mut last)? {
            (_, END) => return Some(number),
            (found, kind) => {
                number = if number == 0 { found } else { number };
                thrift.skip(kind, 0)?;
            }
        }
    }
}

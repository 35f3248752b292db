//! YAML as a small tree in which every node knows its place and every scalar keeps its text.
//!
//! Own code on the events of `granit-parser`, because a serde layer gives neither the places of values nor all faults at
//! once. Nothing is typed here: `no`, `012` and `1_000` stay as written. Limits on size, depth and alias expansion hold
//! while the tree grows, so a hostile file ends in one message and does not fill the memory.

use std::collections::BTreeMap;

use granit_parser::{Event, Marker, Parser, ScalarStyle, StructureStyle};

use super::diagnostic::{Faults, Span, quoted};
use super::syntax_error;

/// The largest file that is read, in bytes.
pub(super) const MAX_BYTES: usize = 4 << 20;
/// The most nodes of a document, those of expanded aliases included.
const MAX_NODES: usize = 20_000;
/// The most collections inside each other.
const MAX_DEPTH: usize = 32;
/// The most aliases of a document.
const MAX_ALIASES: usize = 64;

/// One node of the tree.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Where it is; an alias is where its anchor is, an empty value where its key is.
    pub(super) span: Span,
    /// What it is.
    pub(super) kind: Kind,
}

/// What a node is.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// A scalar.
    Scalar {
        /// Its text, quotes and escapes undone.
        text: String,
        /// Whether it has no quotes.
        plain: bool,
    },
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order written, without repeated keys.
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Debug, Clone)]
pub(super) struct Key {
    /// Where it is.
    pub(super) span: Span,
    /// Its text.
    pub(super) text: String,
}

impl Node {
    /// What it is, for messages.
    pub(super) fn describe(&self) -> &'static str {
        match &self.kind {
            Kind::Scalar { text, plain: true } if text.is_empty() => "nothing",
            Kind::Scalar { .. } => "a single value",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }

    /// Whether it is a value left out, as in `key:`.
    pub(super) fn is_empty(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { text, plain: true } if text.is_empty())
    }

    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }
}

/// A collection that is not closed yet.
struct Frame {
    span: Span,
    flow: bool,
    anchor: usize,
    nodes: usize,
    height: usize,
    body: Body,
}

/// What a collection holds so far.
enum Body {
    List(Vec<Node>),
    Map { entries: Vec<(Key, Node)>, index: BTreeMap<String, Span>, pending: Option<Key>, merges: Vec<Node> },
}

/// A finished node with what its aliases will cost.
#[derive(Clone)]
struct Finished {
    node: Node,
    nodes: usize,
    height: usize,
}

/// Reads one document. `None` if it is broken or empty; `faults` has what is wrong.
pub(super) fn parse(file: u32, text: &str, faults: &mut Faults) -> Option<Node> {
    let mut builder = Builder {
        file,
        text,
        frames: Vec::new(),
        anchors: BTreeMap::new(),
        nodes: 0,
        aliases: 0,
        documents: 0,
        root: None,
        faults,
    };
    let options = granit_parser::options! {
        emit_comments: false,
        block_nesting_limit: MAX_DEPTH + 1,
        flow_nesting_limit: MAX_DEPTH + 1,
    };
    for next in Parser::new_from_str_with_options(text, options) {
        let step = match next {
            Ok((event, span)) => builder.event(event, span.start, span.end),
            Err(error) => {
                let at = builder.span(*error.marker(), *error.marker());
                let info = error.info();
                let help = syntax_error::advice(&info, text, at.line as usize, at.column as usize);
                builder.faults.help(at, format!("this is not valid YAML: {info}"), help);
                Err(Stop)
            }
        };
        if step.is_err() {
            return None;
        }
    }
    if builder.root.is_none() {
        let start = Span { file, start: 0, end: 0, line: 1, column: 1 };
        builder.faults.help(start, "the file is empty", Some("a suite begins with `suite: NAME`".to_owned()));
    }
    builder.root
}

/// The rest of the document is not read; the reason is already among the faults.
struct Stop;

struct Builder<'a> {
    file: u32,
    text: &'a str,
    frames: Vec<Frame>,
    anchors: BTreeMap<usize, Finished>,
    nodes: usize,
    aliases: usize,
    documents: usize,
    root: Option<Node>,
    faults: &'a mut Faults,
}

impl Builder<'_> {
    fn span(&self, start: Marker, end: Marker) -> Span {
        let from = start.byte_offset().unwrap_or(self.text.len()).min(self.text.len());
        let to = end.byte_offset().unwrap_or(from).clamp(from, self.text.len());
        let place = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Span { file: self.file, start: from, end: to, line: place(start.line()), column: place(start.col() + 1) }
    }

    fn stop(&mut self, at: Span, message: impl Into<String>, help: Option<String>) -> Stop {
        self.faults.help(at, message, help);
        Stop
    }

    fn event(&mut self, event: Event<'_>, start: Marker, end: Marker) -> Result<(), Stop> {
        let span = self.span(start, end);
        if let Some(tag) = event.tag()
            && !tag.is_yaml_core_schema_tag("str")
        {
            let tag = format!("the tag {} is not used in suites", quoted(&tag.original()));
            return Err(self.stop(span, tag, Some("leave it out".to_owned())));
        }
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    let help = Some("pass several files instead".to_owned());
                    return Err(self.stop(span, "a file holds one document", help));
                }
            }
            Event::Scalar(text, style, anchor, _) => {
                self.count(1, span)?;
                let plain = matches!(style, ScalarStyle::Plain);
                // The parser gives `~` for a value left out.
                let text = if plain && span.start == span.end { String::new() } else { text.into_owned() };
                if plain {
                    self.refuse_typographic_quotes(&text, span);
                }
                let kind = Kind::Scalar { text, plain };
                let done = Finished { node: Node { span, kind }, nodes: 1, height: 0 };
                self.finish(done, anchor)?;
            }
            Event::SequenceStart(style, anchor, _) => self.open(span, style, anchor, Body::List(Vec::new()))?,
            Event::MappingStart(style, anchor, _) => {
                let body = Body::Map { entries: Vec::new(), index: BTreeMap::new(), pending: None, merges: Vec::new() };
                self.open(span, style, anchor, body)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
            Event::Alias(anchor) => {
                self.aliases += 1;
                if self.aliases > MAX_ALIASES {
                    return Err(self.stop(span, format!("more than {MAX_ALIASES} aliases"), None));
                }
                let Some(target) = self.anchors.get(&anchor) else {
                    return Err(self.stop(span, "this alias is inside the node that it names", None));
                };
                let (nodes, height) = (target.nodes, target.height);
                self.count(nodes, span)?;
                if self.frames.len() + height > MAX_DEPTH {
                    return Err(self.stop(span, format!("nested more than {MAX_DEPTH} deep"), None));
                }
                if let Some(target) = self.anchors.get(&anchor).cloned() {
                    self.finish(target, 0)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Refuses text in the quotes of a word processor, which YAML takes for part of the text. Sentences for people may have
    /// them.
    fn refuse_typographic_quotes(&mut self, text: &str, span: Span) {
        let key = match self.frames.last().map(|frame| &frame.body) {
            Some(Body::Map { pending: Some(key), .. }) => key.text.as_str(),
            _ => "",
        };
        let inner = text
            .strip_prefix(['“', '”', '„', '‘', '’', '«'])
            .and_then(|rest| rest.strip_suffix(['“', '”', '‘', '’', '»']));
        if let Some(inner) = inner
            && !matches!(key, "title" | "because" | "fix" | "describe" | "description")
        {
            let message =
                format!("{} has the quotes of a word processor, which are part of the text here", quoted(text));
            self.faults.help(span, message, Some(format!("write straight quotes: '{}'", inner.replace('\'', "''"))));
        }
    }

    /// Counts nodes against the limit.
    fn count(&mut self, nodes: usize, at: Span) -> Result<(), Stop> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES {
            let message = format!("more than {MAX_NODES} values, with aliases written out");
            let help = Some("split the suite, or keep long lists of values in a code list file".to_owned());
            return Err(self.stop(at, message, help));
        }
        Ok(())
    }

    fn open(&mut self, span: Span, style: StructureStyle, anchor: usize, body: Body) -> Result<(), Stop> {
        self.count(1, span)?;
        if self.frames.len() >= MAX_DEPTH {
            return Err(self.stop(span, format!("nested more than {MAX_DEPTH} deep"), None));
        }
        let flow = matches!(style, StructureStyle::Flow);
        self.frames.push(Frame { span, flow, anchor, nodes: 1, height: 1, body });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), Stop> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let (kind, first) = match frame.body {
            Body::List(items) => {
                let first = items.first().map(|item| item.span);
                (Kind::List(items), first)
            }
            Body::Map { mut entries, mut index, merges, .. } => {
                for source in merges {
                    self.merge(source, &mut entries, &mut index);
                }
                let first = entries.first().map(|(key, _)| key.span);
                (Kind::Map(entries), first)
            }
        };
        let span = match first {
            Some(first) if !frame.flow => first,
            _ => Span { end: end.end.max(frame.span.end), ..frame.span },
        };
        let done = Finished { node: Node { span, kind }, nodes: frame.nodes, height: frame.height };
        self.finish(done, frame.anchor)
    }

    /// Takes over the entries of `<<` that the mapping does not have itself.
    fn merge(&mut self, source: Node, entries: &mut Vec<(Key, Node)>, index: &mut BTreeMap<String, Span>) {
        match source.kind {
            Kind::Map(inherited) => {
                for (key, value) in inherited {
                    if !index.contains_key(&key.text) {
                        index.insert(key.text.clone(), key.span);
                        entries.push((key, value));
                    }
                }
            }
            Kind::List(sources) if sources.iter().all(|source| matches!(source.kind, Kind::Map(_))) => {
                for source in sources {
                    self.merge(source, entries, index);
                }
            }
            _ => self.faults.help(
                source.span,
                "`<<` takes a mapping or a list of mappings",
                Some("name an anchor of a mapping, as in `<<: *defaults`".to_owned()),
            ),
        }
    }

    /// Puts a finished node where it belongs.
    fn finish(&mut self, done: Finished, anchor: usize) -> Result<(), Stop> {
        if anchor != 0 {
            self.anchors.insert(anchor, done.clone());
        }
        let Finished { mut node, nodes, height } = done;
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        frame.nodes += nodes;
        frame.height = frame.height.max(height + 1);
        match &mut frame.body {
            Body::List(items) => items.push(node),
            Body::Map { entries, index, pending, merges } => match pending.take() {
                None => {
                    let span = node.span;
                    let Kind::Scalar { text, .. } = node.kind else {
                        return Err(self.stop(span, "a key must be a single word or text", None));
                    };
                    *pending = Some(Key { span, text });
                }
                Some(key) => {
                    if let Some(first) = index.get(&key.text) {
                        let message = format!("the key {} occurs twice", quoted(&key.text));
                        let help = format!("first on line {}", first.line);
                        self.faults.help(key.span, message, Some(help));
                        return Ok(());
                    }
                    if node.is_empty() {
                        node.span = key.span;
                    }
                    index.insert(key.text.clone(), key.span);
                    if key.text == "<<" {
                        merges.push(node);
                    } else {
                        entries.push((key, node));
                    }
                }
            },
        }
        Ok(())
    }
}

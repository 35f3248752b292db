//! Where a suite can take in further lines without a change of what is written: after the last rule and after the last
//! column of each dataset.

use super::diagnostic::Faults;
use super::yaml::{self, Key, Kind, Node};

/// Where the datasets of a suite can take in further lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuiteLayout {
    /// The datasets in the order written.
    pub datasets: Vec<DatasetLayout>,
}

/// Where one dataset can take in further lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetLayout {
    /// Its name.
    pub name: String,
    /// The spaces before its keys.
    pub indent: usize,
    /// Where further keys can be.
    pub end: usize,
    /// Where further rules can be; `None` where it has no key `rules`.
    pub rules: Option<LayoutPlace>,
    /// Where further columns can be; `None` where it has no key `columns`.
    pub columns: Option<LayoutPlace>,
}

/// A place between two lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayoutPlace {
    /// The byte at which lines can be put in: the first of a line, or the end of the text.
    pub at: usize,
    /// The spaces before what is put in.
    pub indent: usize,
}

/// Why lines cannot be put into a suite.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// The text is not YAML, or has no datasets.
    #[error("it has no datasets that can be read")]
    Unreadable,
    /// Braces or brackets hold what would grow.
    #[error("line {0} has braces or brackets around datasets, columns or rules: write them with one line for each key")]
    Flow(u32),
    /// The same lines are in several places.
    #[error("line {0} uses an anchor or an alias, so that one line is in several places: write it out")]
    Alias(u32),
    /// Tabs are no measure of depth.
    #[error("line {0} is not indented with spaces")]
    Indent(u32),
}

/// Reads where the datasets of a suite can take in further lines.
///
/// # Errors
/// Why that is not safe.
pub fn layout(text: &str) -> Result<SuiteLayout, LayoutError> {
    let mut faults = Faults::default();
    let file = faults.add_file("suite".into(), text.to_owned());
    let root = yaml::parse(file, text, &mut faults).filter(|_| faults.is_empty()).ok_or(LayoutError::Unreadable)?;
    let written = Text(text);
    let datasets = get(&root, "datasets").ok_or(LayoutError::Unreadable)?;
    let Kind::Map(entries) = &datasets.kind else { return Err(LayoutError::Unreadable) };
    written.refuse_flow(&root)?;
    written.refuse_flow(datasets)?;
    written.refuse_aliases(datasets)?;
    let datasets = entries.iter().map(|(key, node)| written.dataset(key, node));
    Ok(SuiteLayout { datasets: datasets.collect::<Result<_, _>>()? })
}

fn get<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    match &node.kind {
        Kind::Map(entries) => entries.iter().find(|(key, _)| key.text == name).map(|(_, node)| node),
        _ => None,
    }
}

/// The text of a suite.
#[derive(Clone, Copy)]
struct Text<'t>(&'t str);

impl Text<'_> {
    fn is_flow(self, node: &Node) -> bool {
        // A collection without braces begins where the first of it does.
        let first = match &node.kind {
            Kind::Scalar { .. } => return false,
            Kind::List(items) => items.first().map(|item| item.span.start),
            Kind::Map(entries) => entries.first().map(|(key, _)| key.span.start),
        };
        let begins = matches!(self.0.as_bytes().get(node.span.start), Some(b'{' | b'['));
        begins && first.is_none_or(|first| node.span.start < first)
    }

    fn refuse_flow(self, node: &Node) -> Result<(), LayoutError> {
        if self.is_flow(node) { Err(LayoutError::Flow(node.span.line)) } else { Ok(()) }
    }

    /// Refuses nodes that are written somewhere else, and names for nodes.
    fn refuse_aliases(self, node: &Node) -> Result<(), LayoutError> {
        let mut last = node.span.start;
        let follow = |child: &Node, last: &mut usize| -> Result<(), LayoutError> {
            let before = self.0.get(..child.span.start).unwrap_or_default().trim_end();
            let word = before.rsplit([' ', '\n', '-', ':']).next().unwrap_or_default();
            if child.span.start < *last || word.starts_with('&') {
                return Err(LayoutError::Alias(child.span.line));
            }
            *last = child.span.start;
            self.refuse_aliases(child)
        };
        match &node.kind {
            Kind::Scalar { .. } => Ok(()),
            Kind::List(items) => items.iter().try_for_each(|item| follow(item, &mut last)),
            Kind::Map(entries) => entries.iter().try_for_each(|(key, child)| {
                if key.span.start < last {
                    return Err(LayoutError::Alias(key.span.line));
                }
                last = key.span.start;
                if child.is_empty() { Ok(()) } else { follow(child, &mut last) }
            }),
        }
    }

    /// The byte after the last of a node.
    fn end(self, node: &Node) -> usize {
        let children: Vec<usize> = match &node.kind {
            _ if self.is_flow(node) => return node.span.end,
            Kind::Scalar { .. } => Vec::new(),
            Kind::List(items) => items.iter().map(|item| self.end(item)).collect(),
            Kind::Map(entries) => entries.iter().map(|(key, child)| key.span.end.max(self.end(child))).collect(),
        };
        children.into_iter().max().unwrap_or(node.span.end)
    }

    /// The first byte of the line after the one with the last byte before `end`.
    fn line_after(self, end: usize) -> usize {
        let end = end.min(self.0.len());
        if self.0.get(..end).is_some_and(|before| before.ends_with('\n')) {
            return end;
        }
        self.0.get(end..).and_then(|rest| rest.find('\n')).map_or(self.0.len(), |at| end + at + 1)
    }

    /// The spaces before the first sign of a line.
    fn indent(self, at: usize, line: u32) -> Result<usize, LayoutError> {
        let start = self.0.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let line_text = self.0.get(start..).unwrap_or_default();
        let blank = line_text.len() - line_text.trim_start().len();
        let spaces = line_text.bytes().take_while(|byte| *byte == b' ').count();
        if blank == spaces { Ok(spaces) } else { Err(LayoutError::Indent(line)) }
    }

    fn dataset(self, key: &Key, node: &Node) -> Result<DatasetLayout, LayoutError> {
        self.refuse_flow(node)?;
        let Kind::Map(entries) = &node.kind else { return Err(LayoutError::Unreadable) };
        let first = entries.first().ok_or(LayoutError::Unreadable)?;
        let indent = self.indent(first.0.span.start, first.0.span.line)?;
        let place = |name: &str| -> Result<Option<LayoutPlace>, LayoutError> {
            let Some((key, value)) = entries.iter().find(|(key, _)| key.text == name) else { return Ok(None) };
            self.refuse_flow(value)?;
            let inner = match &value.kind {
                Kind::List(items) => items.first().map(|item| item.span),
                Kind::Map(entries) => entries.first().map(|(key, _)| key.span),
                Kind::Scalar { .. } if value.is_empty() => None,
                Kind::Scalar { .. } => return Err(LayoutError::Unreadable),
            };
            Ok(Some(match inner {
                Some(first) => {
                    LayoutPlace { at: self.line_after(self.end(value)), indent: self.indent(first.start, first.line)? }
                }
                None => LayoutPlace { at: self.line_after(key.span.end), indent: indent + 2 },
            }))
        };
        Ok(DatasetLayout {
            name: key.text.clone(),
            indent,
            end: self.line_after(self.end(node)),
            rules: place("rules")?,
            columns: place("columns")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUITE: &str = "\
suite: s
datasets:
  a:
    source: a.csv   # here
    columns:
      x: { type: date }
      y:
        type: integer  # there
    # a remark
    rules:
      - { check: required, column: x }
      - check: allowed
        column: y
        values: [1,
          2]  # done

  b:
    source: b.csv
gate: { fail_on: major }
";

    #[test]
    fn lines_can_be_put_in_after_the_last_of_their_kind() {
        let layout = layout(SUITE).expect("a layout");
        let line_of = |at: usize| SUITE[..at].matches('\n').count() + 1;
        let [a, b] = layout.datasets.as_slice() else { panic!("{layout:?}") };
        assert_eq!((a.name.as_str(), a.indent, line_of(a.end)), ("a", 4, 16));
        let place = |place: Option<LayoutPlace>| place.map(|place| (line_of(place.at), place.indent));
        assert_eq!((place(a.columns), place(a.rules)), (Some((9, 6)), Some((16, 6))));
        assert_eq!((b.indent, line_of(b.end), place(b.columns), place(b.rules)), (4, 19, None, None));
    }

    #[test]
    fn what_would_not_be_safe_is_refused() {
        for (suite, error) in [
            ("{ suite: s, datasets: { a: { source: a.csv } } }", LayoutError::Flow(1)),
            ("suite: s\ndatasets: { a: { source: a.csv } }\n", LayoutError::Flow(2)),
            ("suite: s\ndatasets:\n  a: { source: a.csv }\n", LayoutError::Flow(3)),
            ("suite: s\ndatasets:\n  a:\n    source: a.csv\n    rules: []\n", LayoutError::Flow(5)),
            ("suite: s\n", LayoutError::Unreadable),
            ("suite: [\n", LayoutError::Unreadable),
        ] {
            assert_eq!(layout(suite), Err(error), "{suite}");
        }
        let anchored = "suite: s\ndatasets:\n  a: &a\n    source: a.csv\n  b: *a\n";
        assert!(matches!(layout(anchored), Err(LayoutError::Alias(_))), "{:?}", layout(anchored));
        let merged = "suite: s\ndatasets:\n  a:\n    source: a.csv\n    columns: { x: &x { type: date }, y: *x }\n";
        assert!(layout(merged).is_err());
    }
}

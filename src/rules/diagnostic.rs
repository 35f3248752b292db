//! What is wrong with a suite, where, and what to do.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::model::{SuitePlace, nearest, unseen_difference};

/// A place in a file of a suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Position among the files of the suite.
    pub(super) file: u32,
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
    /// The line of the first byte, from 1.
    pub line: u32,
    /// The character in that line, from 1.
    pub column: u32,
}

/// A file of a suite with its text.
#[derive(Debug)]
pub struct SourceFile {
    /// The path as it was named.
    pub path: PathBuf,
    /// What it holds.
    pub text: String,
}

/// One fault, as shown to the user.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// The file and the place in it; `None` for what the command line says.
    pub place: Option<(Arc<SourceFile>, Span)>,
    /// What is wrong, without a full stop.
    pub message: String,
    /// What to do, such as `did you mean …`.
    pub help: Option<String>,
}

impl Diagnostic {
    /// The file, where there is one.
    pub fn file(&self) -> Option<&Path> {
        self.place.as_ref().map(|(file, _)| file.path.as_path())
    }

    /// The place in the file, where there is one.
    pub fn span(&self) -> Option<Span> {
        self.place.as_ref().map(|(_, span)| *span)
    }

    /// Writes it with its source line, as an error or (with `warning`) as a warning.
    pub fn render(&self, warning: bool, color: bool) -> String {
        let level = if warning { Level::WARNING } else { Level::ERROR };
        let mut group = Group::with_title(level.primary_title(escaped(&self.message)));
        if let Some((file, span)) = &self.place {
            let (shown, range, exact) = excerpt(&file.text, *span);
            let path = escaped(&file.path.display().to_string());
            let number = span.line as usize;
            let snippet = Snippet::source(shown).line_start(number);
            let snippet = snippet.annotation(AnnotationKind::Primary.span(range));
            // The renderer counts the column in the line that it is shown; a line that was cut or escaped needs the
            // true one beside it.
            if exact {
                group = group.element(snippet.path(path));
            } else {
                group = group.element(Origin::path(path).line(number).char_column(span.column as usize));
                group = group.element(snippet);
            }
        }
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(escaped(help)));
        }
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let shown = renderer.decor_style(DecorStyle::Ascii).render(&[group]);
        // A snippet without a path of its own begins with an empty one.
        let has_content = |line: &&str| anstream::adapter::strip_str(line).to_string().trim() != ":::";
        shown.lines().filter(has_content).collect::<Vec<_>>().join("\n")
    }
}

/// Faults of a suite, ordered by file and place, without duplicates.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// These and others, of the same files; where both are about one place, only those of the others.
    #[must_use]
    pub fn with(self, others: &Self) -> Self {
        let is_told = |own: &Diagnostic| own.place.is_some() && others.iter().any(|other| other.span() == own.span());
        self.0.into_iter().filter(|own| !is_told(own)).chain(others.iter().cloned()).collect()
    }

    /// Writes them all, each with its source line and what to do.
    pub fn render(&self, color: bool) -> String {
        self.0.iter().map(|diagnostic| diagnostic.render(false, color)).collect::<Vec<_>>().join("\n\n")
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(diagnostics: I) -> Self {
        let mut sorted: Vec<_> = diagnostics.into_iter().collect();
        let key = |d: &Diagnostic| (d.span().map(|span| (span.file, span.start)), d.message.clone());
        sorted.sort_by_cached_key(key);
        sorted.dedup_by(|a, b| a.span() == b.span() && a.message == b.message);
        Self(sorted)
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}

/// The files of a suite, and the faults found in them so far.
#[derive(Debug, Default)]
pub(super) struct Faults {
    files: Vec<Arc<SourceFile>>,
    found: Vec<Diagnostic>,
    /// Scalars that are faulty already: what follows from that is not reported.
    broken: BTreeSet<(u32, usize)>,
    met: usize,
    /// A file is missing, and with it the names that it declares.
    is_incomplete: bool,
}

impl Faults {
    /// A collector for more faults in files that are read already.
    pub(super) fn of(files: &[Arc<SourceFile>]) -> Self {
        Self { files: files.to_vec(), ..Self::default() }
    }

    /// Takes in a file; spans name it by the number returned.
    pub(super) fn add_file(&mut self, path: PathBuf, text: String) -> u32 {
        self.files.push(Arc::new(SourceFile { path, text }));
        u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX)
    }

    /// The files so far.
    pub(super) fn files(&self) -> &[Arc<SourceFile>] {
        &self.files
    }

    /// A place as a result names it.
    pub(super) fn place_of(&self, span: Span) -> Option<SuitePlace> {
        let file = self.files.get(span.file as usize)?;
        Some(SuitePlace { file: file.path.to_string_lossy().into_owned(), line: span.line })
    }

    /// Whether nothing is wrong so far.
    pub(super) fn is_empty(&self) -> bool {
        self.met == 0
    }

    /// How many faults were met so far, those included that follow from another.
    pub(super) fn len(&self) -> usize {
        self.met
    }

    /// Assumes that names which are not declared are declared in a file that is missing.
    pub(super) fn miss_file(&mut self) {
        self.is_incomplete = true;
    }

    /// Whether names may be declared in a file that is missing.
    pub(super) fn is_incomplete(&self) -> bool {
        self.is_incomplete
    }

    /// Leaves out further faults of a scalar.
    pub(super) fn break_scalar(&mut self, span: Span) {
        self.broken.insert((span.file, span.start));
    }

    /// Adds a fault.
    pub(super) fn at(&mut self, span: Span, message: impl Into<String>) {
        self.help(span, message, None);
    }

    /// Adds a fault with what to do.
    pub(super) fn help(&mut self, span: Span, message: impl Into<String>, help: Option<String>) {
        self.met += 1;
        if self.broken.contains(&(span.file, span.start)) {
            return;
        }
        let place = self.files.get(span.file as usize).map(|file| (Arc::clone(file), span));
        self.found.push(Diagnostic { place, message: message.into(), help });
    }

    /// Adds a fault that is in no file.
    pub(super) fn elsewhere(&mut self, message: impl Into<String>, help: Option<String>) {
        self.met += 1;
        self.found.push(Diagnostic { place: None, message: message.into(), help });
    }

    /// Adds a fault about a name that does not exist, with the nearest that does.
    pub(super) fn unknown<'a>(&mut self, span: Span, what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) {
        self.unknown_in(span, what, "", name, known);
    }

    /// The same with the place where the name does not exist, such as ` in a suite`.
    pub(super) fn unknown_in<'a>(
        &mut self,
        span: Span,
        what: &str,
        place: &str,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        if self.is_incomplete && matches!(what, "dataset" | "code list") {
            self.met += 1;
            return;
        }
        let known: Vec<&str> = known.into_iter().collect();
        self.help(span, format!("unknown {what} {}{place}", quoted(name)), suggestion(name, &known));
    }

    /// The faults in order.
    pub(super) fn finish(self) -> Diagnostics {
        self.found.into_iter().collect()
    }

    /// The text that a span covers.
    pub(super) fn covered(&self, span: Span) -> &str {
        self.files.get(span.file as usize).and_then(|file| file.text.get(span.start..span.end)).unwrap_or_default()
    }

    /// The place of `len` bytes from `offset` of the text of a scalar. Escapes, folded lines and placeholders make the
    /// text differ from the file; then the whole scalar is the place.
    pub(super) fn inside(&self, scalar: Span, text: &str, offset: usize, len: usize) -> Span {
        let written = self.covered(scalar);
        let lead = if written == text {
            0
        } else if written.get(1..written.len().saturating_sub(1)) == Some(text) {
            1
        } else {
            return scalar;
        };
        let (Some(before), false) = (text.get(..offset), text.contains('\n')) else { return scalar };
        let start = scalar.start + lead + offset;
        let end = (start + len.max(1)).min(scalar.end).max(start);
        let skipped = u32::try_from(lead + before.chars().count()).unwrap_or(0);
        Span { start, end, column: scalar.column + skipped, ..scalar }
    }
}

/// `did you mean …?`, and what differs where both names look the same.
pub(super) fn did_you_mean(name: &str, near: &str) -> String {
    match unseen_difference(name, near) {
        Some(difference) => {
            format!("did you mean {}? It looks the same, but {difference}: copy the name from there", quoted(near))
        }
        None => format!("did you mean {}?", quoted(near)),
    }
}

/// `did you mean …`, or the names that exist if none is near.
pub(super) fn suggestion(name: &str, known: &[&str]) -> Option<String> {
    const SHOWN: usize = 12;
    if let Some(near) = nearest(name, known.iter().copied()) {
        return Some(did_you_mean(name, near));
    }
    if known.is_empty() {
        return None;
    }
    let shown: Vec<String> = known.iter().take(SHOWN).map(|known| quoted(known)).collect();
    let rest = known.len().saturating_sub(SHOWN);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    let one_of = if known.len() > 1 { "one of " } else { "" };
    Some(format!("write {one_of}{}{more}", shown.join(", ")))
}

/// A name in back quotes, safe to print and not too long.
pub(super) fn quoted(name: &str) -> String {
    const LONGEST: usize = 80;
    if name.chars().nth(LONGEST).is_some() {
        let start: String = name.chars().take(LONGEST).collect();
        format!("`{}…`", escaped(&start))
    } else {
        format!("`{}`", escaped(name))
    }
}

/// Whether a character could move the cursor, turn the direction of text or hide.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The text with such characters written as `\u{202e}`.
pub(super) fn escaped(text: &str) -> String {
    if !text.chars().any(is_unprintable) {
        return text.to_owned();
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        push_escaped(&mut safe, c);
    }
    safe
}

fn push_escaped(to: &mut String, c: char) {
    if is_unprintable(c) { to.extend(c.escape_unicode()) } else { to.push(c) }
}

/// The source line of a span, safe to print and cut to a readable length, the bytes of the span
/// in it, and whether it is the line as written.
fn excerpt(text: &str, span: Span) -> (String, std::ops::Range<usize>, bool) {
    const AROUND: usize = 60;
    let start = span.start.min(text.len());
    let line_start = text.get(..start).map_or(0, |before| before.rfind('\n').map_or(0, |at| at + 1));
    let line = text.get(line_start..).unwrap_or_default().split('\n').next().unwrap_or_default().trim_end();
    let at = (start - line_start).min(line.len());
    let end = (span.end.max(start) - line_start).min(line.len());
    // Counted in characters: a cut in the middle of one would not be text.
    let part = |from: usize, to: usize| line.get(from..to).unwrap_or_default();
    let (before, covered, after) = (part(0, at), part(at, end), part(end, line.len()));
    let skipped = before.chars().count().saturating_sub(AROUND);
    let mut shown = if skipped > 0 { "…".to_owned() } else { String::new() };
    // A tab is one column here; the renderer would widen it.
    let push = |shown: &mut String, c: char| if c == '\t' { shown.push(' ') } else { push_escaped(shown, c) };
    before.chars().skip(skipped).for_each(|c| push(&mut shown, c));
    let from = shown.len();
    covered.chars().take(AROUND).for_each(|c| push(&mut shown, c));
    let to = shown.len();
    let rest = AROUND.saturating_sub(covered.chars().count());
    after.chars().take(rest).for_each(|c| push(&mut shown, c));
    if covered.chars().nth(AROUND).is_some() || after.chars().nth(rest).is_some() {
        shown.push('…');
    }
    let exact = shown == line;
    (shown, from..to, exact)
}

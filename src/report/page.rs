//! A page of text of a fixed width: paragraphs and tables that never exceed its width.

use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};
use std::ops::Range;

use anstyle::Style;
use comfy_table::{ContentArrangement, Table};
use unicode_width::UnicodeWidthChar;

use super::frame::Grid;

/// The narrowest page on which tables and hanging paragraphs can still be laid out.
const LEAST_WIDTH: usize = 40;

/// A page under construction.
pub(super) struct Page {
    text: String,
    /// The lines that were handed over already.
    handed_over: usize,
    width: usize,
    color: bool,
}

impl Page {
    /// An empty page of that many terminal columns.
    pub(super) fn new(width: usize, color: bool) -> Self {
        Self { text: String::new(), handed_over: 0, width: width.max(LEAST_WIDTH), color }
    }

    /// An empty line.
    pub(super) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// How many lines it has so far.
    pub(super) fn lines(&self) -> usize {
        self.handed_over + self.text.matches('\n').count()
    }

    /// Hands over what is finished.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(super) fn write_to(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.handed_over = self.lines();
        out.write_all(self.text.as_bytes())?;
        self.text.clear();
        Ok(())
    }

    /// A paragraph that starts `indent` columns from the left, its further lines `hang` columns.
    pub(super) fn paragraph(&mut self, indent: usize, hang: usize, line: &Line) {
        let mut margin = indent;
        for range in wrap(&line.text, self.width.saturating_sub(indent), self.width.saturating_sub(hang)) {
            self.text.extend(std::iter::repeat_n(' ', margin));
            line.write(&mut self.text, &range, self.color);
            self.text.push('\n');
            margin = hang;
        }
    }

    /// A table that fits the page, `indent` columns from the left; `paint` as in [`Page::table`].
    pub(super) fn grid(&mut self, indent: usize, grid: Grid, paint: &[(&str, Style)]) {
        let (table, left_out) = grid.fit(self.width.saturating_sub(indent));
        self.table(indent, table, paint);
        if !left_out.is_empty() {
            let line = Line::new(format_args!("no room for the columns: {}", left_out.join(", ")));
            self.paragraph(indent, indent + 2, &line);
        }
    }

    /// A table, `indent` columns from the left. `paint` gives words of cells a style. The first of these words in a
    /// line, with a space at both sides, is painted.
    ///
    /// Colours are added after the layout, which therefore never sees an escape sequence.
    pub(super) fn table(&mut self, indent: usize, mut table: Table, paint: &[(&str, Style)]) {
        let width = u16::try_from(self.width.saturating_sub(indent)).unwrap_or(u16::MAX);
        table.force_no_tty().set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        for line in table.lines() {
            self.text.extend(std::iter::repeat_n(' ', indent));
            let line = line.trim_end();
            let found =
                paint.iter().filter_map(|(word, style)| Some((line.find(&format!(" {word} "))? + 1, word, style)));
            match found.min_by_key(|(at, ..)| *at).filter(|_| self.color) {
                Some((at, word, style)) => {
                    let (before, after) = (&line[..at], &line[at + word.len()..]);
                    self.text.push_str(before);
                    push(&mut self.text, format_args!("{style}{word}{style:#}{after}"));
                }
                None => self.text.push_str(line),
            }
            self.text.push('\n');
        }
    }

    /// The finished page.
    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// A paragraph before it is wrapped: runs of text, each in one style.
#[derive(Default)]
pub(super) struct Line {
    text: String,
    /// The end of each run in `text`, with its style.
    runs: Vec<(usize, Style)>,
}

impl Line {
    /// Starts with plain text.
    pub(super) fn new(text: impl Display) -> Self {
        Self::default().text(text)
    }

    /// Adds plain text.
    pub(super) fn text(self, text: impl Display) -> Self {
        self.styled(Style::new(), text)
    }

    /// Adds text in a style.
    pub(super) fn styled(mut self, style: Style, text: impl Display) -> Self {
        push(&mut self.text, format_args!("{text}"));
        self.runs.push((self.text.len(), style));
        self
    }

    /// Writes a part of the text with the styles of that part.
    fn write(&self, out: &mut String, part: &Range<usize>, color: bool) {
        let mut start = 0;
        for (end, style) in &self.runs {
            let text = self.text.get(start.max(part.start)..part.end.min(*end)).unwrap_or_default();
            start = *end;
            if color && !style.is_plain() && !text.is_empty() {
                push(out, format_args!("{style}{text}{style:#}"));
            } else {
                out.push_str(text);
            }
        }
    }
}

/// Lays out Markdown for a page of that many columns: paragraphs and list items are filled, the rest stays as it is.
pub fn reflow(markdown: &str, width: usize) -> String {
    let mut page = Page::new(width, false);
    let (mut paragraph, mut code) = (String::new(), false);
    let flush = |page: &mut Page, paragraph: &mut String| {
        if !paragraph.is_empty() {
            let hang = if paragraph.starts_with("- ") { 2 } else { 0 };
            page.paragraph(0, hang, &Line::new(&*paragraph));
            paragraph.clear();
        }
    };
    for line in markdown.lines() {
        let fence = line.starts_with("```");
        if code || fence || line.is_empty() || line.starts_with(['#', '|', ' ']) && paragraph.is_empty() {
            flush(&mut page, &mut paragraph);
            page.text.push_str(line);
            page.gap();
            code ^= fence;
            continue;
        }
        if line.starts_with("- ") {
            flush(&mut page, &mut paragraph);
        }
        if !paragraph.is_empty() {
            paragraph.push(' ');
        }
        paragraph.push_str(line.trim());
    }
    flush(&mut page, &mut paragraph);
    page.finish()
}

/// Appends formatted text; writing to a `String` cannot fail.
fn push(out: &mut String, text: fmt::Arguments<'_>) {
    let _infallible = out.write_fmt(text);
}

/// Cuts a text into lines of at most `first` columns, then `rest` columns; between words if possible, else anywhere.
fn wrap(text: &str, first: usize, rest: usize) -> Vec<Range<usize>> {
    /// A run of spaces: where it starts, where it ends, and the width of the line at its end.
    struct Gap {
        start: usize,
        end: usize,
        used: usize,
    }
    let (mut lines, mut start, mut used, mut gap) = (Vec::new(), 0, 0, None::<Gap>);
    for (at, c) in text.char_indices() {
        // A number stays with its percent sign.
        if c == ' ' && !text[at + 1..].starts_with('%') {
            used += 1;
            let from = gap.take().filter(|gap| gap.end == at).map_or(at, |gap| gap.start);
            gap = Some(Gap { start: from, end: at + 1, used });
            continue;
        }
        let width = c.width().unwrap_or(0);
        while at > start && used + width > if lines.is_empty() { first } else { rest } {
            if let Some(gap) = gap.take().filter(|gap| gap.start > start) {
                lines.push(start..gap.start);
                (start, used) = (gap.end, used - gap.used);
            } else {
                lines.push(start..at);
                (start, used) = (at, 0);
            }
        }
        used += width;
    }
    lines.push(start..start + text[start..].trim_end_matches(' ').len());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str, first: usize, rest: usize) -> Vec<&str> {
        wrap(text, first, rest).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn words_stay_whole_where_they_fit() {
        assert_eq!(wrapped("one two  three four", 9, 11), ["one two", "three four"]);
        assert_eq!(wrapped("", 9, 9), [""]);
        assert_eq!(wrapped("one   ", 9, 9), ["one"]);
        assert_eq!(wrapped("at least 99.9 % pass", 13, 13), ["at least", "99.9 % pass"]);
    }

    #[test]
    fn long_and_wide_words_are_cut_at_the_edge() {
        assert_eq!(wrapped("abcdefghij", 4, 5), ["abcd", "efghi", "j"]);
        assert_eq!(wrapped("a 市民台帳市民", 5, 5), ["a", "市民", "台帳", "市民"]);
        assert_eq!(wrapped("e\u{301}e\u{301}e\u{301}", 2, 2), ["e\u{301}e\u{301}", "e\u{301}"]);
    }

    #[test]
    fn a_style_goes_on_after_a_line_break_and_ends_before_it() {
        let bold = Style::new().bold();
        let mut page = Page::new(40, true);
        page.paragraph(0, 2, &Line::new("plain ").styled(bold, "x".repeat(60)));
        let expected = format!("plain\n  {bold}{}{bold:#}\n  {bold}{}{bold:#}\n", "x".repeat(38), "x".repeat(22));
        assert_eq!(page.finish(), expected);
    }
}

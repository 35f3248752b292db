//! The head of the page: what it may load, which is nothing, and how it looks and works.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::page::{Page, plain};
use super::texts::fill_plain;

/// How the page looks.
const STYLE: &str = include_str!("style.css");

/// How rules are sorted, filtered and opened.
const SCRIPT: &str = include_str!("script.js");

/// What the head of a page says.
pub(super) struct Head<'a> {
    /// The language, as a tag.
    pub(super) language: &'a str,
    /// The title.
    pub(super) title: String,
    /// The program that wrote it, and its version.
    pub(super) tool: [&'a str; 2],
}

/// Begins the document of an audit.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn write(page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    let report = page.report;
    let title = fill_plain(
        &page.texts.page.title,
        &[
            ("suite", &plain(&report.suite.name)),
            ("verdict", page.texts.verdict(report.verdict)),
            ("date", &plain(&report.as_of)),
        ],
    );
    let tool = [report.tool.name.as_str(), report.tool.version.as_str()];
    begin(&Head { language: page.language.tag(), title, tool }, out)
}

/// Begins a document.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn begin(head: &Head<'_>, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(DOCTYPE.0.as_bytes())?;
    writeln!(out, "<html lang=\"{}\">", head.language)?;
    out.write_all(markup(head).0.as_bytes())?;
    out.write_all(b"<body>\n")
}

/// Ends the document of an audit.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn end(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(asset_script().0.as_bytes())?;
    out.write_all(b"\n")?;
    close(out)
}

/// Ends a document without a script.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn close(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"</body>\n</html>\n")
}

fn markup(Head { title, tool: [tool, version], .. }: &Head<'_>) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy());
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="referrer" content="no-referrer";
            meta name="robots" content="noindex";
            meta name="generator" content={ (plain(tool)) " " (plain(version)) };
            title { (title) }
            style { (own(STYLE)) }
        }
    }
}

fn asset_script() -> Markup {
    html! { script { (own(SCRIPT)) } }
}

/// The style and the script of the program itself, as they are written: nothing else of the page is not escaped.
const fn own(text: &'static str) -> PreEscaped<&'static str> {
    PreEscaped(text)
}

/// Nothing is loaded, and only this style and this script are used.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parser_takes_style_and_script_as_they_are() {
        // It makes one line break of CR and LF, and then the hashes differ; an end tag would end them early.
        for text in [STYLE, SCRIPT] {
            assert!(!text.contains('\r') && !text.contains("</") && !text.contains("<!--"));
        }
    }
}

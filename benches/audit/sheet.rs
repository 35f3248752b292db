//! The page of one part: printed as it grows, then written to `target/bench` and, where asked, into the pages.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// The pages that show the tables, each table on one of them.
const DOCUMENTS: [&str; 2] = [
    concat!(env!("CARGO_MANIFEST_DIR"), "/benches/NOTES.md"),
    concat!(env!("CARGO_MANIFEST_DIR"), "/docs/performance.md"),
];

/// The folder of plots.
const PLOTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs");

/// The page of one part, in Markdown.
pub(crate) struct Sheet {
    name: &'static str,
    folder: PathBuf,
    text: String,
}

impl Sheet {
    /// An empty page.
    pub(crate) fn new(name: &'static str) -> anyhow::Result<Self> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("bench");
        fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        Ok(Self { name, folder, text: String::new() })
    }

    /// Adds a line.
    pub(crate) fn line(&mut self, line: impl AsRef<str>) {
        println!("{}", line.as_ref());
        self.text.push_str(line.as_ref());
        self.text.push('\n');
    }

    /// Adds the head of a table; columns after the first `texts` hold numbers.
    pub(crate) fn head(&mut self, columns: &[&str], texts: usize) {
        self.row(columns);
        let rules: Vec<&str> = (0..columns.len()).map(|at| if at < texts { "---" } else { "---:" }).collect();
        self.line(format!("|{}|", rules.join("|")));
    }

    /// Adds a row of a table.
    pub(crate) fn row(&mut self, cells: &[impl AsRef<str>]) {
        let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
        self.line(format!("| {} |", cells.join(" | ")));
    }

    /// Writes a further file beside the page, and where asked to `docs` too.
    pub(crate) fn attach(&self, name: &str, text: &str, update: bool) -> anyhow::Result<()> {
        fs::write(self.folder.join(name), text)?;
        println!("written to {}", self.folder.join(name).display());
        if update {
            fs::write(Path::new(PLOTS).join(name), text)?;
        }
        Ok(())
    }

    /// Writes the page. With `update` it also takes the place of the block of its name in the documentation.
    pub(crate) fn finish(self, update: bool) -> anyhow::Result<()> {
        let path = self.folder.join(format!("{}.md", self.name));
        fs::write(&path, &self.text)?;
        println!("\nwritten to {}\n", path.display());
        if !update {
            return Ok(());
        }
        let (begin, end) = (format!("<!-- bench {} -->\n", self.name), "<!-- end -->");
        for document in DOCUMENTS {
            let page = fs::read_to_string(document)?;
            let Some((before, rest)) = page.split_once(&begin) else { continue };
            let (_, after) = rest.split_once(end).with_context(|| format!("{document}: {begin} has no end"))?;
            fs::write(document, format!("{before}{begin}\n{}\n\n{end}{after}", self.text.trim()))?;
            return Ok(());
        }
        bail!("no page has a line {begin}");
    }
}

//! The formats of reports and of data.

use std::fmt::Write as _;

use passmuster::report::FORMATS;
use passmuster::source;

use super::Reference;
use super::markdown::{cell, code, prose, table};

pub(super) fn add(reference: &mut Reference) {
    reference.add("reference/formats.md", &page());
}

fn extensions(extensions: &[&str]) -> String {
    extensions.iter().map(|extension| code(&format!(".{extension}"))).collect::<Vec<_>>().join(" ")
}

fn page() -> String {
    let reports = FORMATS
        .iter()
        .map(|format| [code(format.name()), extensions(format.extensions()), cell(&prose(format.summary()))]);
    let mut text = format!(
        "# Formats\n\n## Reports\n\n`--format NAME` of `audit`, `report` and `judge` writes the report in this format. `--format \
         NAME=FILE` writes a file, and can be repeated. `--output FILE` takes the format from the end of the file's \
         name.\n\n{}\n## Data\n\nHow each is read, and what counts as a fault of a file, is in [How files are \
         read](../formats.md).\n\n",
        table(["format", "file names", "purpose"], reports)
    );
    let inputs = source::FORMATS.iter().map(|format| [code(format.name), extensions(format.extensions)]);
    text += &table(["format", "file names"], inputs);
    for format in source::FORMATS.iter().filter(|format| !format.options.is_empty()) {
        let options = format.options.iter().map(|option| [code(option.name), cell(&prose(option.doc))]);
        write!(text, "\n### Options of `{}` under `source:`\n\n{}", format.name, table(["option", "meaning"], options))
            .unwrap();
    }
    text
}

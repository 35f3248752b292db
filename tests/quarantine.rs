//! Inputs split into passing and failing rows: both together are the input, to the row.

mod arrow;
mod cli;
mod parquet;
mod read_again;
mod text;

use std::fs;
use std::path::{Path, PathBuf};

use passmuster::model::QuarantinedDataset;
use passmuster::output_folder::OutputFolder;
use passmuster::quarantine::{MANIFEST, Quarantine, QuarantineError, ToSplit};
use passmuster::source::{Marked, Options, Portion, Source, SourceSpec};

use passmuster::report::json;

use crate::support::folder::Folder;
use crate::support::repository::root;

/// The rules of all tests.
const RULES: [&str; 3] = ["people.id.required", "people.id.unique", "people.well_formed"];

pub(crate) fn open(base: &Path, location: &str, options: Options) -> Source {
    let spec =
        SourceSpec { location: location.to_owned(), further: Vec::new(), base: base.to_owned(), format: None, options };
    Source::open(&spec).unwrap()
}

/// Refresh with `passmuster schema quarantine > schema/quarantine.schema.json`.
#[test]
fn the_published_schema_of_manifests_is_fresh() {
    let published = fs::read_to_string(root().join("schema/quarantine.schema.json")).unwrap();
    assert_eq!(published, format!("{:#}\n", json::quarantine_schema()));
}

/// Failing rows: file, record, rules.
type Rows<'a> = &'a [(u32, u64, &'a [u32])];

/// Splits data at that place into the folder `out` beside it.
fn split(folder: &Folder, location: &str, options: Options, rows: Rows) -> Result<QuarantinedDataset, QuarantineError> {
    let source = open(folder.root(), location, options);
    split_source(folder, &source, rows)
}

fn split_source(folder: &Folder, source: &Source, rows: Rows) -> Result<QuarantinedDataset, QuarantineError> {
    let rules = RULES.map(str::to_owned);
    let mut quarantine = Quarantine::new(OutputFolder::open(&folder.path("out"), true).unwrap());
    let dataset = ToSplit { name: "people", folder: "people", source, rules: &rules, go_on: &|| true };
    let mut marked =
        rows.iter().map(|(file, record, rules)| Ok(Marked { file: *file, record: *record, rules: rules.to_vec() }));
    quarantine.split(dataset, &mut marked)?;
    let [dataset] = quarantine.datasets() else { panic!("one dataset") };
    let dataset = dataset.clone();
    quarantine.publish("{}\n")?;
    assert!(folder.path("out").join(MANIFEST).is_file());
    Ok(dataset)
}

/// The bytes of both parts of the first file.
fn parts(folder: &Folder, dataset: &QuarantinedDataset) -> (Vec<u8>, Vec<u8>) {
    let read = |path: &str| fs::read(folder.path(PathBuf::from("out").join(path))).unwrap();
    (read(&dataset.files[0].passing.path), read(&dataset.files[0].failing.path))
}

/// The rows that the product reads at that place.
pub(crate) fn rows(base: &Path, location: &str, options: Options) -> u64 {
    let source = open(base, location, options);
    let facts = source.scan_blocks(&[], &Portion::default(), &|_| true, &|_| ()).unwrap();
    facts.files.iter().map(|file| file.rows).sum()
}

//! Every file format, and finding one.

use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::data_file::extension;
use super::format::Format;
use super::{avro, csv, ipc, json, ndjson, parquet, spreadsheet, sqlite};

/// Every file format.
pub const FORMATS: &[&Format] = &[
    &csv::FORMAT,
    &parquet::FORMAT,
    &json::FORMAT,
    &ndjson::FORMAT,
    &ipc::FORMAT,
    &avro::FORMAT,
    &spreadsheet::FORMAT,
    &sqlite::FORMAT,
];

impl Format {
    /// The format of that name.
    pub fn from_name(name: &str) -> Option<&'static Self> {
        FORMATS.iter().copied().find(|format| format.name == name)
    }

    /// Whether files of it that lie beside data of another format are no data: JSON documents describe data as often as they
    /// are data.
    pub fn gives_way(&self) -> bool {
        *self == json::FORMAT
    }

    /// The format that has the extension of that path, below a packing.
    pub fn of_path(path: &Path) -> Option<&'static Self> {
        let found = extension(path)?;
        FORMATS.iter().copied().find(|format| format.has_extension(&found))
    }

    /// The most likely format of a file that starts with these bytes.
    pub(in crate::source) fn recognised(head: &[u8]) -> &'static Self {
        let likelihood = |format: &&'static Self| (format.recognise)(head);
        FORMATS.iter().copied().max_by_key(likelihood).unwrap_or(&csv::FORMAT)
    }
}

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

impl<'de> Deserialize<'de> for &'static Format {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Format::from_name(&name).ok_or_else(|| {
            let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
            de::Error::custom(format_args!("`{}` is no format; there are {}", name.escape_debug(), names.join(", ")))
        })
    }
}

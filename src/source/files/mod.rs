//! Files: how they are packed, and a reader for each format.

pub(super) mod archive;
mod array_values;
mod arrays;
#[cfg(any(feature = "spreadsheet", feature = "sqlite"))]
mod asked;
pub(super) mod avro;
pub(super) mod beginning;
mod column_names;
pub(super) mod compressed;
pub(super) mod csv;
pub(super) mod data_file;
mod decimals;
mod dictionaries;
pub(super) mod foreign;
pub(super) mod format;
pub(super) mod formats;
#[cfg(any(feature = "spreadsheet", feature = "sqlite"))]
mod given_as_text;
pub(super) mod ipc;
pub(super) mod json;
mod json_nested;
mod json_object;
mod json_text;
mod json_values;
pub(super) mod ndjson;
mod nested;
mod original;
mod packer;
pub(super) mod parquet;
mod reader;
mod reporting_writer;
pub(super) mod spreadsheet;
pub(super) mod sqlite;
mod stored_type;
mod text;
mod text_values;
#[cfg(any(feature = "spreadsheet", feature = "sqlite"))]
mod typed_cells;
pub(super) mod zstd_frames;

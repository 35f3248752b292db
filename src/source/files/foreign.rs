//! Files of formats that are not read, recognised by their first bytes.

/// The first bytes of each, what it is, and what to do.
const FOREIGN: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "is a zip archive or a workbook: declare `format: spreadsheet` for a workbook, or unpack it"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive: unpack it"),
];

/// What a file is that starts with these bytes, and what to do, where it is of a format that is not read.
pub(in crate::source) fn foreign(head: &[u8]) -> Option<&'static str> {
    FOREIGN.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, problem)| *problem)
}

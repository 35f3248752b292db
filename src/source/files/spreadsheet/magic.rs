//! How the files of workbooks begin.

/// The first bytes of a zip archive, which most workbooks are.
pub(super) const ZIP: &[u8] = b"PK\x03\x04";

/// The first bytes of an OLE file: an old workbook, or one with a password.
pub(super) const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

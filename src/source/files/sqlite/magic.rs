//! How databases begin.

/// The first bytes of a database.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";

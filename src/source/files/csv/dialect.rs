//! The bytes that make cells and records.

/// The bytes that make cells and records.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    /// Between cells.
    pub(super) delimiter: u8,
    /// Around cells; `None` where quotes are ordinary characters.
    pub(super) quote: Option<u8>,
    /// At the end of a record.
    pub(super) terminator: u8,
}

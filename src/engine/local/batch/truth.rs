//! The truth of a condition for the rows of a batch.

use crate::source::Bits;

/// The rows of a batch by the truth of a condition; rows in none of the sets are unknown.
#[derive(Debug, Clone)]
pub(crate) struct Truth {
    /// Rows for which it is true.
    pub yes: Bits,
    /// Rows for which it is false.
    pub no: Bits,
    /// Rows for which it depends on an unparseable cell.
    pub unreadable: Bits,
}

impl Truth {
    /// Takes over the truth of another condition for rows that have none yet.
    pub(super) fn enter(&mut self, rows: &Bits, other: &Self) {
        self.yes = self.yes.or(&rows.and(&other.yes));
        self.no = self.no.or(&rows.and(&other.no));
        self.unreadable = self.unreadable.or(&rows.and(&other.unreadable));
    }
}

//! Results of earlier audits, as they are stored: read, and checked to be what was written.

mod digest;
mod read;

pub use digest::digest;
pub use read::{ResultError, parse, read};

//! Facts from outside that some kinds need.

/// Facts that some kinds need besides the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Context {
    /// The year of the audit: nothing is born or issued after it.
    pub year: i32,
    /// Whether a personal number may name a place of registration abroad.
    pub foreign_births: bool,
}

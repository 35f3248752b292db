//! The units of texts when they are compared.

/// A character, or its number in a small alphabet.
pub trait Symbol: Copy + Eq + Ord + Send + Sync {
    /// A number of its own.
    fn number(self) -> u32;
}

impl Symbol for u8 {
    fn number(self) -> u32 {
        u32::from(self)
    }
}

impl Symbol for char {
    fn number(self) -> u32 {
        u32::from(self)
    }
}

//! Why a value is not an identifier of its kind.

/// Why a value is not an identifier of its kind, in the order of the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A placeholder: one repeated character, digits counted up or down.
    Placeholder,
    /// Another length, or characters in wrong places.
    Shape,
    /// The check digits do not fit the rest.
    CheckDigit,
    /// An inner fact is impossible: a date, a place or a range that does not exist.
    InnerFact,
}

impl Fault {
    /// All, in the order of the tests.
    pub const ALL: [Self; 4] = [Self::Placeholder, Self::Shape, Self::CheckDigit, Self::InnerFact];

    /// The name under which reports count it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Placeholder => "placeholder",
            Self::Shape => "shape",
            Self::CheckDigit => "check_digit",
            Self::InnerFact => "inner_fact",
        }
    }
}

//! Which cells evidence shows.

/// Which cells of failing rows and groups evidence shows besides the key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reveal {
    /// None.
    #[default]
    Nothing,
    /// Those of columns that are not personal.
    NotPersonal,
    /// Those of all columns.
    All,
}

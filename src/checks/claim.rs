//! What a rule says about values that is known without data, so that rules can be compared.

use crate::model::ValueList;

/// What a rule says about the values of its column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Claim<'a> {
    /// They are in this list.
    Only(&'a ValueList),
    /// They are not in this list.
    Never(&'a ValueList),
    /// They are within these bounds, as written; `None` is open.
    Between(Option<&'a str>, Option<&'a str>),
    /// They have so many characters; `None` is open.
    Sized(Option<u64>, Option<u64>),
}

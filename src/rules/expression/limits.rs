//! How large an expression may be.

/// The longest expression, in bytes.
pub(super) const MAX_BYTES: usize = 4_000;
/// The most parts (columns, literals, operators, calls) of an expression.
pub(super) const MAX_NODES: usize = 1_000;
/// How deep brackets, calls, `not` and `case` may nest.
pub(super) const MAX_DEPTH: usize = 50;

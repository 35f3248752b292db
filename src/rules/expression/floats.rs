//! Conditions whose outcome depends on the rounding of floats.

use crate::model::{CompareOp, DataType, Expr};

/// What rounds in a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// A float is compared for equality with what is no whole number.
    Equality,
    /// A decimal becomes a float, since the other side is one.
    Mixed,
}

impl Rounding {
    /// What is wrong, after the name of a rule, and what to do.
    pub const fn message(self) -> (&'static str, &'static str) {
        match self {
            Self::Equality => (
                "compares floats for equality, and floats are rounded",
                "declare the columns `decimal`, or allow a difference: `abs(a - b) < 0.005`",
            ),
            Self::Mixed => (
                "computes with a decimal and a float: the decimal becomes a float, which is rounded",
                "declare both columns `decimal`",
            ),
        }
    }
}

/// The first part of an expression whose outcome depends on the rounding of floats.
pub fn rounding(expr: &Expr) -> Option<Rounding> {
    let mut found = None;
    expr.walk(&mut |part| {
        let (Expr::Compare { left, right, .. } | Expr::Arithmetic { left, right, .. }) = part else { return };
        let is_float = |side: &Expr| side.data_type().is_some_and(DataType::is_float);
        let is_decimal = |side: &Expr| side.data_type() == Some(DataType::Decimal) && !matches!(side, Expr::Literal(_));
        let is_whole = |side: &Expr| side.data_type() == Some(DataType::Integer);
        let equality = matches!(part, Expr::Compare { op: CompareOp::Equal | CompareOp::NotEqual, .. });
        let rounding = if equality && (is_float(left) || is_float(right)) && !is_whole(left) && !is_whole(right) {
            Some(Rounding::Equality)
        } else if is_float(left) && is_decimal(right) || is_decimal(left) && is_float(right) {
            Some(Rounding::Mixed)
        } else {
            None
        };
        found = found.or(rounding);
    });
    found
}

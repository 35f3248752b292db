//! The parsed expression: a tree of what the language has, each part with its place.

use super::place::Place;
use crate::model::{AggregateFunction, ArithmeticOp, CompareOp, DataType, Function, TimeUnit};

/// One part of an expression, and where it is.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) place: Place,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Column {
        name: String,
        quoted: bool,
    },
    Null,
    Boolean(bool),
    Number(String),
    Text(String),
    Date(String),
    Datetime(String),
    /// `interval '3 hours'`; a count may be negative.
    Interval(i64, TimeUnit),
    /// `today()` and `as_of()`.
    AsOf,
    Not(Box<Node>),
    /// Two or more, joined by one connective.
    And(Vec<Node>),
    Or(Vec<Node>),
    Compare(CompareOp, Box<Node>, Box<Node>),
    Arithmetic(ArithmeticOp, Box<Node>, Box<Node>),
    Negate(Box<Node>),
    Between {
        value: Box<Node>,
        low: Box<Node>,
        high: Box<Node>,
        negated: bool,
    },
    In {
        value: Box<Node>,
        list: Vec<Node>,
        negated: bool,
    },
    IsNull {
        value: Box<Node>,
        negated: bool,
    },
    Like {
        value: Box<Node>,
        pattern: Box<Node>,
        negated: bool,
    },
    Case {
        operand: Option<Box<Node>>,
        branches: Vec<(Node, Node)>,
        otherwise: Option<Box<Node>>,
    },
    Cast {
        value: Box<Node>,
        to: DataType,
    },
    Call {
        function: Function,
        args: Vec<Node>,
    },
    /// `None` only for `count(*)`; `other` only for an aggregate of two values.
    Aggregate {
        function: AggregateFunction,
        value: Option<Box<Node>>,
        other: Option<Box<Node>>,
    },
}

impl Node {
    /// Calls `visit` with this node and every node below it, parents first.
    pub(super) fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Self)) {
        visit(self);
        match &self.kind {
            Kind::Column { .. }
            | Kind::Null
            | Kind::Boolean(_)
            | Kind::Number(_)
            | Kind::Text(_)
            | Kind::Date(_)
            | Kind::Datetime(_)
            | Kind::Interval(..)
            | Kind::AsOf
            | Kind::Aggregate { value: None, .. } => {}
            Kind::Aggregate { value: Some(value), other: Some(other), .. } => {
                value.walk(visit);
                other.walk(visit);
            }
            Kind::Not(value)
            | Kind::Negate(value)
            | Kind::IsNull { value, .. }
            | Kind::Cast { value, .. }
            | Kind::Aggregate { value: Some(value), other: None, .. } => value.walk(visit),
            Kind::And(parts) | Kind::Or(parts) | Kind::Call { args: parts, .. } => {
                for part in parts {
                    part.walk(visit);
                }
            }
            Kind::Compare(_, left, right) | Kind::Arithmetic(_, left, right) => {
                left.walk(visit);
                right.walk(visit);
            }
            Kind::Like { value, pattern, .. } => {
                value.walk(visit);
                pattern.walk(visit);
            }
            Kind::Between { value, low, high, .. } => {
                for part in [value, low, high] {
                    part.walk(visit);
                }
            }
            Kind::In { value, list, .. } => {
                value.walk(visit);
                for item in list {
                    item.walk(visit);
                }
            }
            Kind::Case { operand, branches, otherwise } => {
                for part in operand.iter().chain(otherwise) {
                    part.walk(visit);
                }
                for (condition, result) in branches {
                    condition.walk(visit);
                    result.walk(visit);
                }
            }
        }
    }
}

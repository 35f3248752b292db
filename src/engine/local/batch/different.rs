//! Different expressions in the order in which they were met.

use std::borrow::Borrow;
use std::collections::HashMap;

use crate::model::Expr;

/// Different expressions in the order in which they were met; each is found at once among thousands.
#[derive(Debug)]
pub(crate) struct Different<E> {
    pub(crate) list: Vec<E>,
    /// By fingerprint, the places in `list`.
    places: HashMap<u64, Vec<usize>>,
}

impl<E> Default for Different<E> {
    fn default() -> Self {
        Self { list: Vec::new(), places: HashMap::new() }
    }
}

impl<E: Borrow<Expr>> Different<E> {
    /// The place of an expression, if it was met before.
    pub(crate) fn place(&self, expr: &Expr) -> Option<usize> {
        let alike = self.places.get(&expr.fingerprint())?;
        alike.iter().copied().find(|at| self.list[*at].borrow() == expr)
    }

    /// The place of an expression, which is added where it is new.
    pub(crate) fn place_or_insert(&mut self, expr: E) -> usize {
        let alike = self.places.entry(expr.borrow().fingerprint()).or_default();
        if let Some(known) = alike.iter().find(|at| self.list[**at].borrow() == expr.borrow()) {
            return *known;
        }
        alike.push(self.list.len());
        self.list.push(expr);
        self.list.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CompareOp, DataType, Value};

    fn is(column: &str, value: i64) -> Expr {
        let left = Expr::Column { name: column.to_owned(), data_type: DataType::Integer };
        let right = Expr::Literal(Value::Integer(value));
        Expr::Compare { op: CompareOp::Equal, left: Box::new(left), right: Box::new(right) }
    }

    #[test]
    fn equal_expressions_have_one_place() {
        let mut different = Different::default();
        let places: Vec<usize> = [is("a", 1), is("a", 2), is("b", 1), is("a", 2)]
            .into_iter()
            .map(|expr| different.place_or_insert(expr))
            .collect();
        assert_eq!(places, [0, 1, 2, 1]);
        assert_eq!(different.place(&is("b", 1)), Some(2));
        assert_eq!(different.place(&is("b", 2)), None);
    }
}

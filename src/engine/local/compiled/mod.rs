//! What rows are tested with, held once for an execution however many columns and rules use the same.

mod list;
mod once;
mod pattern;

use std::sync::Arc;

use crate::engine::local::prepare_error::PrepareError;
use crate::identifiers::{self, Context, Prepared};
use crate::model::{DataType, ValueList};
use crate::plan::Plan;
use crate::scalar::Pattern;

use list::ListKey;
pub(crate) use list::Listed;
use once::Once;
pub(crate) use pattern::PerThread;

/// The patterns, lists and tables of identifiers of an execution. Each takes up to megabytes: a table of a thousand columns
/// must not take a thousand times as much.
#[derive(Debug, Default)]
pub(crate) struct Compiled {
    patterns: Once<String, PerThread>,
    lists: Once<ListKey, Listed>,
    identifiers: Once<(String, Context), Prepared>,
}

impl Compiled {
    /// A pattern that the whole text must match.
    ///
    /// # Errors
    /// A pattern that does not compile.
    pub(crate) fn pattern(&self, pattern: &str) -> Result<Arc<PerThread>, PrepareError> {
        self.patterns.of(pattern.to_owned(), || Ok(PerThread::new(&Pattern::compile(pattern, true)?)))
    }

    /// The values of a list for columns of a type.
    ///
    /// # Errors
    /// A value that cannot be parsed, a code list that the plan lacks.
    pub(crate) fn list(&self, list: &ValueList, data_type: DataType, plan: &Plan) -> Result<Arc<Listed>, PrepareError> {
        self.lists.of(ListKey::of(list, data_type), || Listed::prepare(list, data_type, plan))
    }

    /// A kind of identifiers.
    ///
    /// # Errors
    /// A kind that does not exist.
    pub(crate) fn identifier(&self, kind: &str, context: Context) -> Result<Arc<Prepared>, PrepareError> {
        self.identifiers.of((kind.to_owned(), context), || {
            let missing = || PrepareError::NoEntry { registry: "kind", name: kind.to_owned() };
            Ok(Prepared::new(identifiers::find(kind).ok_or_else(missing)?, context))
        })
    }
}

//! Expressions in declared types, as far as those tell what the data will be.

use std::path::Path;

use super::argument::{Condition, GivenValue};
use super::diagnostic::Faults;
use super::expression::{ColumnProblem, Columns, ExprError};
use super::suite::{Dataset, Rule, Suite};
use crate::checks::{Args, Declaration, Param, ParamKind, Scope};
use crate::model::{AsOf, DataType, Expr, ValueList};
use crate::source::Format;

/// Columns in their declared types.
struct Declared<'a> {
    dataset: &'a Dataset,
    /// Whether columns without a declared type are text.
    text: bool,
}

impl Columns for Declared<'_> {
    fn data_type(&self, name: &str) -> Result<DataType, ColumnProblem> {
        let declared = self.dataset.column(name).and_then(|column| column.data_type);
        declared.or(self.text.then_some(DataType::Text)).ok_or(ColumnProblem::Unknown)
    }

    fn names(&self) -> Vec<String> {
        self.dataset.columns.keys().cloned().collect()
    }
}

/// Whether the files of a dataset are surely delimited text.
fn is_text(dataset: &Dataset) -> bool {
    let name = dataset.source.location.to_lowercase();
    let name = name.trim_end_matches(".gz").trim_end_matches(".zst");
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match dataset.source.format {
        Some(format) => format == Format::Csv,
        None => Format::ALL.iter().any(|(format, _, known)| *format == Format::Csv && known.contains(&extension)),
    }
}

/// An expression of a rule with the dataset that it is about.
pub(super) struct Placed<'a> {
    /// The key of the rule that holds it.
    pub(super) name: &'static str,
    pub(super) condition: &'a Condition,
    pub(super) dataset: &'a Dataset,
    over: Over,
}

/// What an expression is over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    /// One row.
    Row,
    /// Figures.
    Figures,
    /// It is one figure itself.
    Figure,
}

/// The expressions of a rule, its condition first.
pub(super) fn expressions<'a>(suite: &'a Suite, rule: &'a Rule, args: &Args) -> Vec<Placed<'a>> {
    let find = |name: &str| suite.datasets.iter().find(|dataset| dataset.name == name);
    let own = find(&rule.dataset);
    let filter = rule.given.filter.as_ref().map(|condition| ("where", condition, own, Over::Row));
    let params = rule.given.args.iter().flat_map(|arg| {
        let name = arg.param.name;
        let other = match arg.param.kind {
            ParamKind::ExpressionOf(param) | ParamKind::Totals(param) => args.text(param).and_then(|name| find(name)),
            _ => own,
        };
        match &arg.value {
            GivenValue::Ready(_) => Vec::new(),
            GivenValue::Condition(condition) => {
                let over = if arg.param.kind == ParamKind::Figures { Over::Figures } else { Over::Row };
                vec![(name, condition, other, over)]
            }
            GivenValue::Totals(totals) => totals
                .iter()
                .flat_map(|(here, there)| [(name, here, own, Over::Figure), (name, there, other, Over::Figure)])
                .collect(),
        }
    });
    filter
        .into_iter()
        .chain(params)
        .filter_map(|(name, condition, dataset, over)| Some(Placed { name, condition, dataset: dataset?, over }))
        .collect()
}

impl Placed<'_> {
    /// The expression in declared types; columns of text files without one are text. `None` where the data may hold any
    /// type, and for figures that have no fault.
    pub(super) fn typed(&self, suite: &Suite) -> Option<Result<Expr, Vec<ExprError>>> {
        let columns = Declared { dataset: self.dataset, text: is_text(self.dataset) };
        let parsed = &self.condition.parsed;
        if parsed.columns().iter().any(|(name, _)| columns.data_type(name).is_err()) {
            return None;
        }
        match self.over {
            Over::Row => Some(parsed.resolve(&columns, suite.as_of)),
            Over::Figures => parsed.resolve_figures(&columns, suite.as_of).err().map(Err),
            Over::Figure => parsed.resolve_figure(&columns, suite.as_of).err().map(Err),
        }
    }
}

/// Finds parameters of checks on columns that do not fit their declared types.
fn check_parameters(suite: &Suite, rule: &Rule, faults: &mut Faults) {
    let args = rule.given.ready();
    let Some(dataset) = suite.datasets.iter().find(|dataset| dataset.name == rule.dataset) else { return };
    let columns = Declared { dataset, text: is_text(dataset) };
    let scope = DeclaredScope { suite: &suite.name, columns, as_of: suite.as_of };
    let at = match args.list("values") {
        Some(ValueList::Codelist { at, .. }) => at.as_ref(),
        _ => None,
    };
    let known = |name: &String| scope.columns.data_type(name).is_ok();
    // What another dataset has is not known here.
    let looks_elsewhere =
        rule.check.params().iter().any(|param| param.kind == ParamKind::Dataset && args.has(param.name));
    let given = |param: &&Param| param.kind == ParamKind::Column && (param.required || args.has(param.name));
    let mut columns = rule.check.params().iter().filter(given).peekable();
    let all_known = columns.peek().is_some() && columns.all(|param| args.column(param.name).is_some_and(known));
    if looks_elsewhere || !all_known || !at.is_none_or(known) {
        return;
    }
    if let Err((param, problem)) = rule.check.measures(&args, &scope)
        && let Some(place) = rule.given.place_of(param).or(rule.given.place)
    {
        faults.at(place, format!("{}: {problem}", rule.id));
    }
}

/// What a check on one column may ask before there is data.
struct DeclaredScope<'a> {
    suite: &'a str,
    columns: Declared<'a>,
    as_of: AsOf,
}

impl Scope for DeclaredScope<'_> {
    fn suite(&self) -> &str {
        self.suite
    }

    fn dataset(&self) -> &str {
        &self.columns.dataset.name
    }

    fn filter(&self) -> Option<&Expr> {
        None
    }

    fn as_of(&self) -> AsOf {
        self.as_of
    }

    fn column_type(&self, dataset: &str, column: &str) -> Option<DataType> {
        (dataset == self.columns.dataset.name).then(|| self.columns.data_type(column).ok()).flatten()
    }

    fn columns(&self, _: &str) -> Vec<String> {
        self.columns.names()
    }

    fn key(&self, _: &str) -> Vec<String> {
        self.columns.dataset.key.clone()
    }

    fn is_personal(&self, _: &str, column: &str) -> bool {
        self.columns.dataset.column(column).is_some_and(|column| column.pii.is_some())
    }

    fn format(&self, _: &str, column: &str) -> Option<String> {
        self.columns.dataset.column(column)?.format.clone()
    }

    fn declared(&self) -> Declaration {
        self.columns.dataset.declared(&self.columns.names())
    }
}

/// Finds expressions that no data can make right: whatever the files hold, their types do not fit.
pub(super) fn check(suite: &Suite, faults: &mut Faults) {
    for rule in &suite.rules {
        check_parameters(suite, rule, faults);
        for placed in expressions(suite, rule, &rule.given.ready()) {
            let Some(Err(errors)) = placed.typed(suite) else { continue };
            for error in errors {
                let Condition { span, text, .. } = placed.condition;
                let place = faults.inside(*span, text, error.at, error.len);
                faults.help(place, error.message, error.help);
            }
        }
    }
}

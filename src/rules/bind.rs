//! Rules against the columns that the data has: which columns get a rule, and what has to be measured for it.

use std::collections::BTreeSet;

use super::argument::{GivenArg, GivenValue};
use super::binding::Binding;
use super::bound::{BindFault, BoundRule, Misfit};
use super::catalogue::{Catalogue, RuleScope};
use super::diagnostic::{Diagnostics, Faults, quoted};
use super::each::{self, column_param};
use super::hash;
use super::schemas::Schemas;
use super::table::Table;
use super::wildcard;
use super::written::{Each, Written, WrittenRule};
use crate::checks::{Arg, Args, Param, ParamKind, Problem, Scope as _};
use crate::model::{DataType, Expr, Measure};

impl Written {
    /// Binds every rule to the columns of the data, in the order of the suite. A rule that does not fit them is bound as
    /// well; its `measures` say why it cannot run.
    pub fn bind(&self, schemas: &dyn Schemas) -> Vec<BoundRule> {
        Catalogue::new(self, schemas).bind()
    }

    /// How many rules there will be for the columns of the data: one for each column of those that are for each of several.
    pub fn count(&self, schemas: &dyn Schemas) -> usize {
        let catalogue = Catalogue::new(self, schemas);
        self.rules.iter().map(|written| catalogue.count_of(written)).sum()
    }

    /// Where and why rules do not fit the columns of the data. Rules of datasets that cannot be read are left out:
    /// their dataset is the fault.
    pub fn bind_diagnostics(&self, bound: &[BoundRule]) -> Diagnostics {
        let mut faults = Faults::of(&self.files);
        for rule in bound {
            report(rule, &mut faults, |_| true);
        }
        faults.finish()
    }
}

/// Locates why a rule does not fit.
fn report(rule: &BoundRule, faults: &mut Faults, mut is_wanted: impl FnMut(&BindFault) -> bool) {
    for fault in rule.faults.iter().filter(|fault| !fault.elsewhere && is_wanted(fault)) {
        let message = format!("{}: {}", rule.rule.id, fault.misfit.message);
        match fault.place {
            Some(place) => faults.help(place, message, fault.misfit.help.clone()),
            None => faults.elsewhere(message, fault.misfit.help.clone()),
        }
    }
}

/// Finds rules that fit no data: they do not fit what the suite declares.
pub(super) fn check(written: &Written, faults: &mut Faults) {
    // Columns that get the same rule share its expressions, and the faults of those.
    let mut reported: Vec<BindFault> = Vec::new();
    for rule in Catalogue::before_data(written).bind() {
        report(&rule, faults, |fault| {
            let is_new = !reported.contains(fault);
            if is_new {
                reported.push(fault.clone());
            }
            is_new
        });
    }
}

/// The expressions over one row in a rule, its condition first, typed as far as its columns are declared.
pub(super) fn expressions(written: &Written, rule: &WrittenRule) -> Vec<(&'static str, Expr)> {
    let bound = Catalogue::before_data(written).bind_rule(rule, Vec::new());
    let params = bound.args.0.into_iter().filter_map(|(name, arg)| match arg {
        Arg::Expr(expr) => Some((name, expr)),
        _ => None,
    });
    bound.filter.map(|filter| ("where", filter)).into_iter().chain(params).collect()
}

impl Catalogue<'_> {
    /// See [`Written::bind`].
    pub fn bind(&self) -> Vec<BoundRule> {
        let mut bound: Vec<BoundRule> = Vec::with_capacity(self.written.rules.len());
        let mut of_each = Vec::new();
        for written in &self.written.rules {
            match &written.given.each {
                None => bound.push(self.bind_rule(written, Vec::new())),
                Some(each) => {
                    let first = bound.len();
                    self.bind_each(written, each, &mut bound);
                    of_each.extend(first..bound.len());
                }
            }
        }
        // The others got their ids when they were read.
        let plain = self.written.rules.iter().filter(|written| written.given.each.is_none());
        let mut ids: BTreeSet<String> = plain.map(|written| written.rule.id.clone()).collect();
        for at in of_each {
            let rule = &mut bound[at];
            if !ids.insert(rule.rule.id.clone()) {
                let misfit = Misfit::new(format!(
                    "the id {} occurs twice: give the rule of `each` another id",
                    quoted(&rule.rule.id)
                ));
                rule.measures = Err(misfit.clone());
                rule.faults.push(BindFault::own(rule.place, misfit));
            }
        }
        bound
    }

    /// How many rules one of the suite makes.
    fn count_of(&self, written: &WrittenRule) -> usize {
        let (Some(each), Some(table)) = (&written.given.each, self.tables.get(written.rule.dataset.as_str())) else {
            return 1;
        };
        let fits = |column: &str| each.names.iter().any(|(name, _)| is_of(table, each, name, column));
        table.order.iter().filter(|column| fits(&column.name)).count()
    }

    /// Binds a rule for each of the columns that it names; what it names and the dataset does not have is the fault of one
    /// further rule.
    fn bind_each(&self, written: &WrittenRule, each: &Each, bound: &mut Vec<BoundRule>) {
        let Some(table) = self.tables.get(written.rule.dataset.as_str()) else {
            bound.push(self.bind_rule(written, Vec::new()));
            return;
        };
        if !self.has_data {
            self.bind_each_declared(written, each, table, bound);
            return;
        }
        let mut done: BTreeSet<&str> = BTreeSet::new();
        let mut faults = Vec::new();
        for (name, span) in &each.names {
            let columns = table.order.iter().map(|column| column.name.as_str());
            let found: Vec<&str> = columns.filter(|column| is_of(table, each, name, column)).collect();
            if found.is_empty() {
                let misfit = match table.check(name) {
                    Err(misfit) if !wildcard::is_pattern(name) => misfit,
                    _ => Misfit::new(format!("no column is called {}", quoted(name))),
                };
                faults.push(BindFault::own(Some(*span), misfit));
            }
            for column in found.into_iter().filter(|column| done.insert(column)) {
                bound.push(
                    self.bind_rule(&each::of_column(written, each, column, *span, &self.written.waivers), Vec::new()),
                );
            }
        }
        if !faults.is_empty() {
            bound.push(self.bind_rule(written, faults));
        }
    }

    /// Binds a rule for each of the columns that it names, before it is known which there are. A pattern under which columns
    /// are declared is what is declared of them; another matches those of the columns that must exist,
    /// and for others that are not known.
    fn bind_each_declared(&self, written: &WrittenRule, each: &Each, table: &Table<'_>, bound: &mut Vec<BoundRule>) {
        let mut done: BTreeSet<&str> = BTreeSet::new();
        let mut is_open = false;
        for (name, span) in &each.names {
            let found: Vec<&str> = if each.declared || !wildcard::is_pattern(name) {
                vec![name]
            } else {
                is_open = true;
                let declared = table.dataset.columns.keys().map(String::as_str);
                declared.filter(|column| wildcard::covers(name, column) && self.must_have(table, column)).collect()
            };
            for column in found.into_iter().filter(|column| done.insert(column)) {
                bound.push(
                    self.bind_rule(&each::of_column(written, each, column, *span, &self.written.waivers), Vec::new()),
                );
            }
        }
        if is_open && done.is_empty() {
            bound.push(self.bind_rule(written, Vec::new()));
        }
    }

    /// Whether an audit refuses data without a column: because its cells are read as a type, or because a rule names it.
    fn must_have(&self, table: &Table<'_>, column: &str) -> bool {
        let declared = table.dataset.columns.get(column).and_then(|declared| declared.data_type);
        let is_read = declared.is_some_and(|data_type| data_type != DataType::Text);
        let names = |arg: &GivenArg| match &arg.value {
            GivenValue::Ready(Arg::Column(name)) => name == column,
            GivenValue::Ready(Arg::Columns(names)) => {
                matches!(arg.param.kind, ParamKind::Columns) && names.iter().any(|name| name == column)
            }
            _ => false,
        };
        let asks =
            |written: &WrittenRule| written.rule.dataset == table.dataset.name && written.given.args.iter().any(names);
        !wildcard::is_pattern(column) && (is_read || self.written.rules.iter().any(asks))
    }

    /// Binds a rule with some faults that are known already.
    fn bind_rule(&self, written: &WrittenRule, faults: Vec<BindFault>) -> BoundRule {
        let WrittenRule { rule, given } = written;
        let mut binding = Binding { catalogue: self, written, faults, columns: BTreeSet::new() };
        let args = binding.args();
        // The columns of a condition are not what the rule is about.
        let columns = binding.columns.clone();
        let filter = binding.filter();
        binding.segment();
        let Binding { mut faults, .. } = binding;
        let scope = RuleScope { catalogue: self, dataset: &rule.dataset, filter: filter.as_ref() };
        let check = rule.check.bind(&args);
        let mut measures = Ok(Vec::new());
        // Before there is data all faults are reported at once; a rule about columns that are not known yet is not checked.
        let is_asked = if self.has_data { faults.is_empty() } else { is_judged(written, &args) };
        if is_asked {
            match check.measures(&scope) {
                Ok(mut found) => {
                    // Only rows of its own dataset can be grouped by its columns.
                    let own = |measure: &&mut Measure| measure.dataset == rule.dataset && measure.kind.judges_rows();
                    for measure in found.iter_mut().filter(own) {
                        measure.segment.clone_from(&rule.segment);
                    }
                    measures = Ok(found);
                }
                Err(problems) => {
                    // Faults of a parameter that do not depend on the columns are reported already.
                    let is_new =
                        |problem: &Problem| !given.faulty.contains(&problem.param) && !args.is_unread(problem.param);
                    for Problem { param, message } in problems.into_iter().filter(is_new) {
                        faults.push(BindFault::own(given.place_of(param), Misfit::new(message)));
                    }
                }
            }
        }
        if let Some(first) = faults.first() {
            measures = Err(first.misfit.clone());
        }
        let declared = check.judges_declarations().then(|| scope.declared());
        let question = hash::question(written, &args, declared.as_ref(), &|dataset| scope.key(dataset));
        let columns = columns.into_iter().collect();
        BoundRule { rule: rule.clone(), place: given.place, args, check, filter, columns, measures, question, faults }
    }
}

/// Whether a column gets the rule that is for each column of that name.
fn is_of(table: &Table<'_>, each: &Each, name: &str, column: &str) -> bool {
    wildcard::covers(name, column) && (!each.declared || table.dataset.pattern_of(column) == Some(name))
}

/// Whether faults of a rule are reported before there is data: not if its columns are not known yet, nor if it does not say
/// which columns or datasets it is about.
fn is_judged(written: &WrittenRule, args: &Args) -> bool {
    let WrittenRule { rule, given } = written;
    let is_about = |param: &&Param| {
        column_param(rule.check).is_some_and(|column| column.name == param.name)
            || matches!(param.kind, ParamKind::Dataset | ParamKind::Peers)
    };
    given.each.is_none() && !rule.check.params().iter().filter(is_about).any(|param| args.is_unread(param.name))
}

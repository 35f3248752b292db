//! One rule against the columns of the data: its columns exist, its expressions are typed.

use std::collections::BTreeSet;

use super::argument::{GivenArg, GivenValue};
use super::baseline;
use super::bound::{BindFault, Misfit};
use super::catalogue::Catalogue;
use super::condition::{Condition, spaced};
use super::diagnostic::{Span, quoted};
use super::expression::ExprError;
use super::table::Table;
use super::wildcard;
use super::written::WrittenRule;
use crate::checks::{Arg, Args, ParamKind, Peer};
use crate::model::{Aggregate, Baseline, DataType, Expr, ValueList};

/// One rule while its parameters are resolved.
pub(super) struct Binding<'a> {
    pub(super) catalogue: &'a Catalogue<'a>,
    pub(super) written: &'a WrittenRule,
    pub(super) faults: Vec<BindFault>,
    pub(super) columns: BTreeSet<String>,
}

impl<'a> Binding<'a> {
    fn fault(&mut self, place: Option<Span>, misfit: Misfit) {
        let fault = BindFault::own(place, misfit);
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    /// The columns of a dataset; a fault where it cannot be read.
    fn table(&mut self, dataset: &str, place: Option<Span>) -> Option<&'a Table<'a>> {
        let catalogue = self.catalogue;
        let found = catalogue.tables.get(dataset);
        if found.is_none() {
            // The dataset itself is the fault then, and is reported once.
            let misfit = Misfit::new(format!("the dataset {} cannot be read", quoted(dataset)));
            self.faults.push(BindFault { place, misfit, elsewhere: true });
        }
        found
    }

    /// Checks columns of a dataset, and notes those of the rule's own.
    fn use_columns<'n>(&mut self, dataset: &str, names: impl IntoIterator<Item = &'n String>, place: Option<Span>) {
        let check = self.written.rule.check;
        let refused = (!check.takes_binary()).then(|| quoted(check.name()));
        self.use_columns_of(dataset, names, place, refused.as_deref());
    }

    /// The same; `refused` is what cannot judge bytes.
    fn use_columns_of<'n>(
        &mut self,
        dataset: &str,
        names: impl IntoIterator<Item = &'n String>,
        place: Option<Span>,
        refused: Option<&str>,
    ) {
        let Some(table) = self.table(dataset, place) else { return };
        for name in names {
            if let Some(refused) = refused.filter(|_| table.is_binary(name)) {
                let message = format!("the column {} is binary, which {refused} cannot read", quoted(name));
                let help = Some("`required`, `length` and `unique` can judge bytes".to_owned());
                self.fault(place, Misfit { message, help });
                continue;
            }
            match table.check(name) {
                Ok(()) if dataset == self.written.rule.dataset => {
                    self.columns.insert(name.clone());
                }
                Ok(()) => {}
                Err(misfit) => self.fault(place, misfit),
            }
        }
    }

    /// The dataset that a parameter names.
    fn named(&self, param: &str) -> String {
        self.written.given.ready().text(param).cloned().unwrap_or_default()
    }

    /// The datasets that a parameter names and that have no names of their own for it.
    fn others(&self, param: &str, is_own: impl Fn(&Peer) -> bool) -> Vec<String> {
        match self.written.given.ready().peers(param) {
            Some(peers) => peers.iter().filter(|peer| !is_own(peer)).map(|peer| peer.dataset.clone()).collect(),
            None => vec![self.named(param)],
        }
    }

    /// Checks the columns that the suite names for the datasets of an entity graph.
    fn use_peers(&mut self, peers: &[Peer], arg: &GivenArg) {
        for peer in peers {
            let place = arg.places.get(&peer.dataset).copied().or(Some(arg.span));
            // It must be readable even if no column of it is named.
            self.table(&peer.dataset, place);
            let own = self.written.rule.dataset.as_str();
            if let Some(pairs) = &peer.on {
                self.use_columns(own, pairs.iter().map(|(here, _)| here), place);
                self.use_columns(&peer.dataset, pairs.iter().map(|(_, there)| there), place);
            }
            if let Some(pairs) = &peer.compare {
                self.use_columns(own, pairs.iter().map(|(here, ..)| here), place);
                self.use_columns(&peer.dataset, pairs.iter().map(|(_, there, _)| there), place);
            }
        }
    }

    /// Types totals of this dataset and of another.
    fn totals(&mut self, totals: &[(Condition, Condition)], other: &str) -> Vec<(Aggregate, Aggregate)> {
        let own = self.written.rule.dataset.as_str();
        let aggregate = |binding: &mut Self, dataset: &str, condition: &Condition| {
            let table = binding.fitting(dataset, condition).filter(|table| table.knows(condition))?;
            match condition.parsed.resolve_aggregate(table, binding.catalogue.written.suite.as_of) {
                Ok(aggregate) => Some(aggregate),
                Err(errors) => {
                    binding.unfit(condition, errors);
                    None
                }
            }
        };
        let typed = totals.iter().map(|(here, there)| (aggregate(self, own, here), aggregate(self, other, there)));
        typed.filter_map(|(here, there)| Some((here?, there?))).collect()
    }

    pub(super) fn args(&mut self) -> Args {
        let WrittenRule { rule, given } = self.written;
        let own = rule.dataset.as_str();
        // Even a rule without columns needs its dataset.
        self.table(own, given.place);
        let mut args = given.ready();
        for arg in &given.args {
            let place = Some(arg.span);
            match (&arg.value, arg.param.kind) {
                (GivenValue::Ready(Arg::Column(name)), _) => self.use_columns(own, [name], place),
                (GivenValue::Ready(Arg::Columns(names)), ParamKind::ColumnsOf(param)) => {
                    self.use_columns(&self.named(param), names, place);
                }
                (GivenValue::Ready(Arg::Columns(names)), ParamKind::Excluded) => {
                    // A column that is left out may be of a type that no rule reads, but it must exist.
                    let Some(table) = self.table(own, place) else { continue };
                    let unknown = names.iter().filter(|name| table.stored(name).is_none());
                    for name in unknown.collect::<Vec<_>>() {
                        if let Err(misfit) = table.check(name) {
                            self.fault(place, misfit);
                        }
                    }
                }
                (GivenValue::Ready(Arg::Columns(names)), _) => self.use_columns(own, names, place),
                (GivenValue::Ready(Arg::Pairs(pairs)), ParamKind::Pairs(param) | ParamKind::Groups(param)) => {
                    self.use_columns(own, pairs.iter().map(|(here, _)| here), place);
                    for other in self.others(param, |peer| peer.on.is_some()) {
                        self.use_columns(&other, pairs.iter().map(|(_, there)| there), place);
                    }
                }
                (GivenValue::Ready(Arg::Compare(pairs)), ParamKind::Compare(param)) => {
                    self.use_columns(own, pairs.iter().map(|(here, ..)| here), place);
                    for other in self.others(param, |peer| peer.compare.is_some()) {
                        self.use_columns(&other, pairs.iter().map(|(_, there, _)| there), place);
                    }
                }
                (GivenValue::Ready(Arg::Peers(peers)), _) => self.use_peers(peers, arg),
                (GivenValue::Totals(totals), kind) => {
                    let other = if let ParamKind::Totals(param) = kind { self.named(param) } else { own.to_owned() };
                    let typed = self.totals(totals, &other);
                    if typed.len() == totals.len() {
                        args.0.insert(arg.param.name, Arg::Totals(typed));
                    }
                }
                (GivenValue::Ready(Arg::Likenesses(compared)), _) => {
                    self.use_columns(own, compared.iter().map(|likened| &likened.column), place);
                }
                (GivenValue::Ready(Arg::BlockKeys(keys)), _) => {
                    self.use_columns(own, keys.iter().flat_map(|key| &key.parts).map(|part| &part.column), place);
                }
                (GivenValue::Ready(Arg::List(ValueList::Codelist { at: Some(at), .. })), _) => {
                    self.use_columns(own, [at], place);
                }
                (GivenValue::Ready(Arg::Baseline(baseline)), _) => {
                    match baseline::distribution_of(baseline, self.written) {
                        Ok(distribution) => {
                            let baseline = Baseline { distribution, ..baseline.clone() };
                            args.0.insert(arg.param.name, Arg::Baseline(baseline));
                        }
                        // The columns that a pattern matches get rules with other ids.
                        Err(_) if !self.catalogue.has_data && wildcard::is_pattern(&rule.id) => {}
                        Err(misfit) => self.fault(place, misfit),
                    }
                }
                (GivenValue::Ready(_), _) => {}
                (GivenValue::Condition(condition), ParamKind::Figures) => {
                    if let Some((that, figures)) = self.aggregates(condition) {
                        args.0.insert(arg.param.name, Arg::Figures { that, figures });
                    }
                }
                (GivenValue::Condition(condition), kind) => {
                    let dataset = match kind {
                        ParamKind::ExpressionOf(param) => self.named(param),
                        _ => own.to_owned(),
                    };
                    args.0.insert(arg.param.name, Arg::Expr(self.expression(&dataset, condition)));
                }
            }
        }
        self.declared_keys();
        args
    }

    /// Checks the declared keys, which are used where key parameters are left out.
    fn declared_keys(&mut self) {
        let (WrittenRule { rule, given }, catalogue) = (self.written, self.catalogue);
        let absent = |name: &str| !given.args.iter().any(|arg| arg.param.name == name);
        for param in rule.check.params().iter().filter(|param| absent(param.name)) {
            let others = match param.kind {
                ParamKind::ColumnsOf(other) => vec![self.named(other)],
                ParamKind::Pairs(other) => {
                    let mut others = self.others(other, |peer| peer.on.is_some());
                    if !others.is_empty() {
                        others.push(rule.dataset.clone());
                    }
                    others
                }
                _ => continue,
            };
            for dataset in others.iter().map(String::as_str) {
                if let Some(declared) = catalogue.declared.get(dataset) {
                    self.use_columns(dataset, &declared.key, given.place);
                }
            }
        }
    }

    /// Checks the columns by which rows are grouped.
    pub(super) fn segment(&mut self) {
        let (rule, place) = (&self.written.rule, self.written.given.segment);
        let about = std::mem::take(&mut self.columns);
        self.use_columns_of(&rule.dataset, &rule.segment, place, Some("`segment`"));
        self.columns = about;
        let dataset = self.catalogue.declared.get(rule.dataset.as_str());
        let personal =
            |name: &&String| dataset.and_then(|set| set.column(name)).is_some_and(|column| column.pii.is_some());
        if let Some(name) = rule.segment.iter().find(personal) {
            let message = format!("{} is declared personal: groups by it would show single persons", quoted(name));
            self.fault(place, Misfit { message, help: Some("take another column for `segment`".to_owned()) });
        }
    }

    pub(super) fn filter(&mut self) -> Option<Expr> {
        match &self.written.given.filter {
            Some(condition) => Some(self.expression(&self.written.rule.dataset, condition)),
            None => self.written.given.unread_filter.then(|| unknown("where")),
        }
    }

    fn expression(&mut self, dataset: &str, condition: &Condition) -> Expr {
        let Some(table) = self.fitting(dataset, condition) else { return unknown(&condition.text) };
        if !table.knows(condition) {
            return unknown(&condition.text);
        }
        match condition.parsed.resolve(table, self.catalogue.written.suite.as_of) {
            Ok(expr) => expr,
            Err(errors) => {
                self.unfit(condition, errors);
                unknown(&condition.text)
            }
        }
    }

    fn aggregates(&mut self, condition: &Condition) -> Option<(Expr, Vec<Aggregate>)> {
        let table = self.fitting(&self.written.rule.dataset, condition).filter(|table| table.knows(condition))?;
        match condition.parsed.resolve_aggregates(table, self.catalogue.written.suite.as_of) {
            Ok(aggregates) => Some(aggregates),
            Err(errors) => {
                self.unfit(condition, errors);
                None
            }
        }
    }

    /// The columns of the dataset, unless the expression names one that cannot be used. The resolver reports names that do
    /// not exist, because it knows their places.
    fn fitting(&mut self, dataset: &str, condition: &Condition) -> Option<&'a Table<'a>> {
        let table = self.table(dataset, Some(condition.span))?;
        let before = self.faults.len();
        for (name, at) in condition.parsed.columns() {
            if table.stored(&name).is_some() || table.is_binary(&name) {
                let place = self.catalogue.files.inside(condition.span, &condition.text, at, name.len());
                self.use_columns_of(dataset, [&name], Some(place), Some("an expression"));
            }
        }
        (self.faults.len() == before).then_some(table)
    }

    fn unfit(&mut self, condition: &Condition, errors: Vec<ExprError>) {
        for error in errors {
            let place = self.catalogue.files.inside(condition.span, &condition.text, error.at, error.len);
            self.fault(Some(place), Misfit { message: error.message, help: error.help });
        }
    }
}

/// A condition that is not understood. Its text takes its place: the same words over the same rows are the same condition.
fn unknown(condition: &str) -> Expr {
    Expr::Column { name: spaced(condition), data_type: DataType::Boolean }
}

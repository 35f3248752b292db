//! Rules against the columns that the data has: names and types are settled, measures named.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::argument::{Condition, GivenArg, GivenValue};
use super::baseline;
use super::diagnostic::{Diagnostics, Faults, Span, quoted};
use super::expression::{ColumnProblem, Columns, ExprError};
use super::hash::spaced;
use super::rule::{self, BindFault, Each};
use super::suite::{BoundRule, Dataset, Rule, Suite};
use super::wildcard;
use crate::checks::{Arg, Args, Declaration, Param, ParamKind, Peer, Problem, Scope};
use crate::model::{Aggregate, AsOf, Baseline, DataType, Expr, Measure, ValueList, nearest};
use crate::source::{Format, SourceColumn};

/// The columns of the datasets as they are.
pub trait Schemas {
    /// The columns of a dataset in file order; `None` where it cannot be read.
    fn columns(&self, dataset: &str) -> Option<&[SourceColumn]>;
}

impl Suite {
    /// Binds every rule to the columns of the data, in the order of the suite. A rule that does not fit them is bound
    /// nevertheless; its `measures` say why it cannot run.
    pub fn bind(&self, schemas: &dyn Schemas) -> Vec<BoundRule> {
        Catalogue::new(self, schemas).bind()
    }

    /// Where and why rules do not fit the columns of the data. Rules of datasets that cannot be read are left out:
    /// their dataset is the fault.
    pub fn bind_diagnostics(&self, bound: &[BoundRule]) -> Diagnostics {
        let mut faults = Faults::of(&self.written.files);
        for rule in bound {
            report(rule, &mut faults, |_| true);
        }
        faults.finish()
    }
}

/// Locates why a rule does not fit.
fn report(rule: &BoundRule, faults: &mut Faults, mut is_wanted: impl FnMut(&BindFault) -> bool) {
    for fault in rule.rule.given.faults.iter().filter(|fault| !fault.elsewhere && is_wanted(fault)) {
        let message = format!("{}: {}", rule.rule.id, fault.message);
        match fault.place {
            Some(place) => faults.help(place, message, fault.help.clone()),
            None => faults.elsewhere(message, fault.help.clone()),
        }
    }
}

/// Finds rules that no data can make right: whatever the files hold, what they ask does not fit what is declared.
pub(super) fn check(suite: &Suite, faults: &mut Faults) {
    // Columns that get the same rule share its expressions, and the faults of those.
    let mut told: Vec<BindFault> = Vec::new();
    for rule in Catalogue::before_data(suite).bind() {
        report(&rule, faults, |fault| {
            let is_new = !told.contains(fault);
            if is_new {
                told.push(fault.clone());
            }
            is_new
        });
    }
}

/// The expressions over one row in a rule, its condition first, typed as far as declarations tell.
pub(super) fn expressions(suite: &Suite, rule: &Rule) -> Vec<(&'static str, Expr)> {
    let bound = Catalogue::before_data(suite).bind_rule(rule, Vec::new());
    let params = bound.args.0.into_iter().filter_map(|(name, arg)| match arg {
        Arg::Expr(expr) => Some((name, expr)),
        _ => None,
    });
    bound.filter.map(|filter| ("where", filter)).into_iter().chain(params).collect()
}

/// The way out where a pattern stands in the place of a column.
pub(super) const PATTERNS: &str = "`each` takes names with `*`, and makes a rule of each column that one covers";

/// The columns of one dataset, declared and stored.
struct Table<'a> {
    dataset: &'a Dataset,
    order: &'a [SourceColumn],
    stored: BTreeMap<&'a str, &'a SourceColumn>,
    known: Known,
}

/// What is known of the columns of a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// Which there are, and how they are stored.
    Stored,
    /// What is declared; there is no data yet.
    Declared {
        /// The files are surely delimited text, whose columns are text where they are declared as nothing else.
        text: bool,
    },
}

/// Why a column cannot be used.
enum Unfit {
    Unknown,
    Unsupported(String),
    Contradiction(DataType, String),
}

impl Table<'_> {
    /// The type in which a column is audited.
    fn effective(&self, name: &str) -> Result<DataType, Unfit> {
        if let Known::Declared { text } = self.known {
            let declared = self.dataset.column(name);
            let text = text && !declared.is_some_and(|column| column.broken_type);
            let declared = declared.and_then(|column| column.data_type);
            return declared.or(text.then_some(DataType::Text)).ok_or(Unfit::Unknown);
        }
        let stored = self.stored.get(name).ok_or(Unfit::Unknown)?;
        let held = stored.data_type.ok_or_else(|| Unfit::Unsupported(stored.stored.clone()))?;
        match self.dataset.column(name).and_then(|column| column.data_type) {
            None => Ok(held),
            // Text is read as declared, cell by cell; whole numbers are numbers. Nothing else turns into another type
            // without a value changing.
            Some(declared)
                if declared == held
                    || held == DataType::Text
                    || (held == DataType::Integer && declared == DataType::Decimal) =>
            {
                Ok(declared)
            }
            Some(declared) => Err(Unfit::Contradiction(declared, stored.stored.clone())),
        }
    }

    /// Whether the types of all columns of an expression are known; names that the data does not have are the resolver's.
    fn tells(&self, condition: &Condition) -> bool {
        let is_known = |(name, _): (String, usize)| self.effective(&name).is_ok();
        self.known == Known::Stored || condition.parsed.columns().into_iter().all(is_known)
    }

    /// The way out where one column holds the names of several: the file has another delimiter.
    fn other_delimiter(&self) -> Option<String> {
        let [only] = self.order else { return None };
        let (sign, name) =
            [(';', ";"), ('\t', "\\t"), ('|', "|")].into_iter().find(|(sign, _)| only.name.contains(*sign))?;
        let count = only.name.split(sign).count();
        Some(format!("the file has one column; it has {count} with `source: {{ path: …, delimiter: \"{name}\" }}`"))
    }

    /// Checks that a column can be used; otherwise what is wrong, and the way out.
    fn check(&self, name: &str) -> Result<(), (String, Option<String>)> {
        if self.known != Known::Stored {
            // Whether it is there, the data tells.
            return Ok(());
        }
        let dataset = quoted(&self.dataset.name);
        match self.effective(name) {
            Ok(_) => Ok(()),
            Err(Unfit::Unknown) => {
                let near = nearest(name, self.order.iter().map(|column| column.name.as_str()));
                let help =
                    near.map(|near| format!("did you mean {}?", quoted(near))).or_else(|| self.other_delimiter());
                let is_pattern = wildcard::is_pattern(name).then(|| PATTERNS.to_owned());
                let help = is_pattern.or(help);
                Err((format!("{dataset} has no column {}", quoted(name)), help))
            }
            Err(Unfit::Unsupported(stored)) => {
                Err((format!("the column {} is stored as {stored}, which no rule can read", quoted(name)), None))
            }
            Err(Unfit::Contradiction(declared, stored)) => {
                let help = Some("leave the type out, or declare the type that is stored".to_owned());
                Err((format!("the column {} is declared {declared} but stored as {stored}", quoted(name)), help))
            }
        }
    }
}

impl Columns for Table<'_> {
    fn data_type(&self, name: &str) -> Result<DataType, ColumnProblem> {
        self.effective(name).map_err(|unfit| match unfit {
            Unfit::Unknown => ColumnProblem::Unknown,
            Unfit::Unsupported(_) | Unfit::Contradiction(..) => ColumnProblem::Unsupported,
        })
    }

    fn names(&self) -> Vec<String> {
        match self.known {
            Known::Stored => self.order.iter().map(|column| column.name.clone()).collect(),
            Known::Declared { .. } => self.dataset.columns.keys().cloned().collect(),
        }
    }
}

/// Whether the cells of a dataset are text for certain.
fn is_text(dataset: &Dataset) -> bool {
    let named = || Format::of_path(Path::new(&dataset.source.location));
    dataset.source.format.or_else(named).is_some_and(|format| format.is_text)
}

/// The datasets of a suite with the columns that they have.
pub struct Catalogue<'a> {
    suite: &'a Suite,
    files: Faults,
    declared: BTreeMap<&'a str, &'a Dataset>,
    tables: BTreeMap<&'a str, Table<'a>>,
    /// Whether the columns are those of the data; otherwise they are what is declared.
    has_data: bool,
}

impl<'a> Catalogue<'a> {
    /// Looks up the columns of every dataset of the suite.
    pub fn new(suite: &'a Suite, schemas: &'a dyn Schemas) -> Self {
        let declared = suite.datasets.iter().map(|dataset| (dataset.name.as_str(), dataset)).collect();
        let tables = suite.datasets.iter().filter_map(|dataset| {
            let order = schemas.columns(&dataset.name)?;
            let stored = order.iter().map(|column| (column.name.as_str(), column)).collect();
            Some((dataset.name.as_str(), Table { dataset, order, stored, known: Known::Stored }))
        });
        Self { suite, files: Faults::of(&suite.written.files), declared, tables: tables.collect(), has_data: true }
    }

    /// The columns as they are declared, before there is data: a rule that does not fit them fits no data. What is not
    /// declared may be anything, and nothing is held against it.
    fn before_data(suite: &'a Suite) -> Self {
        let declared = suite.datasets.iter().map(|dataset| (dataset.name.as_str(), dataset)).collect();
        let tables = suite.datasets.iter().map(|dataset| {
            let known = Known::Declared { text: is_text(dataset) };
            (dataset.name.as_str(), Table { dataset, order: &[], stored: BTreeMap::new(), known })
        });
        Self { suite, files: Faults::of(&suite.written.files), declared, tables: tables.collect(), has_data: false }
    }

    /// See [`Suite::bind`].
    pub fn bind(&self) -> Vec<BoundRule> {
        let mut bound: Vec<BoundRule> = Vec::with_capacity(self.suite.rules.len());
        let mut of_each = Vec::new();
        for rule in &self.suite.rules {
            match &rule.given.each {
                None => bound.push(self.bind_rule(rule, Vec::new())),
                Some(each) => {
                    let first = bound.len();
                    self.bind_each(rule, each, &mut bound);
                    of_each.extend(first..bound.len());
                }
            }
        }
        // The ids of the others were settled when they were read.
        let plain = self.suite.rules.iter().filter(|rule| rule.given.each.is_none());
        let mut ids: BTreeSet<String> = plain.map(|rule| rule.id.clone()).collect();
        for at in of_each {
            let rule = &mut bound[at];
            if !ids.insert(rule.rule.id.clone()) {
                let message =
                    format!("the id {} stands twice: name the rule of `each` otherwise", quoted(&rule.rule.id));
                rule.measures = Err(message.clone());
                let place = rule.rule.given.place;
                rule.rule.given.faults.push(BindFault { place, message, help: None, elsewhere: false });
            }
        }
        bound
    }

    /// Binds a rule for each of the columns that it names; what it names and the dataset does not have is the fault of one
    /// further rule.
    fn bind_each(&self, rule: &Rule, each: &Each, bound: &mut Vec<BoundRule>) {
        let Some(table) = self.tables.get(rule.dataset.as_str()) else {
            bound.push(self.bind_rule(rule, Vec::new()));
            return;
        };
        if !self.has_data {
            self.bind_each_declared(rule, each, table, bound);
            return;
        }
        let mut done: BTreeSet<&str> = BTreeSet::new();
        let mut faults = Vec::new();
        for (name, span) in &each.names {
            let fits = |column: &str| {
                wildcard::covers(name, column) && (!each.declared || table.dataset.pattern_of(column) == Some(name))
            };
            let found: Vec<&str> =
                table.order.iter().map(|column| column.name.as_str()).filter(|column| fits(column)).collect();
            if found.is_empty() {
                let (message, help) = match table.check(name) {
                    Err(problem) if !wildcard::is_pattern(name) => problem,
                    _ => (format!("no column is called {}", quoted(name)), None),
                };
                faults.push(BindFault { place: Some(*span), message, help, elsewhere: false });
            }
            for column in found.into_iter().filter(|column| done.insert(column)) {
                bound.push(self.bind_rule(&rule::of_column(rule, each, column, *span), Vec::new()));
            }
        }
        if !faults.is_empty() {
            bound.push(self.bind_rule(rule, faults));
        }
    }

    /// Binds a rule for each of the columns that it names, before it is known which there are. A pattern under which columns
    /// are declared is what is declared of them; another stands for those that it covers of the columns that must be there,
    /// and for others that are not known.
    fn bind_each_declared(&self, rule: &Rule, each: &Each, table: &Table<'_>, bound: &mut Vec<BoundRule>) {
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
                bound.push(self.bind_rule(&rule::of_column(rule, each, column, *span), Vec::new()));
            }
        }
        if is_open && done.is_empty() {
            bound.push(self.bind_rule(rule, Vec::new()));
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
        let asks = |rule: &&Rule| rule.dataset == table.dataset.name && rule.given.args.iter().any(names);
        !wildcard::is_pattern(column) && (is_read || self.suite.rules.iter().any(|rule| asks(&rule)))
    }

    /// What the check of a bound rule may ask while it judges.
    pub fn scope<'s>(&'s self, bound: &'s BoundRule) -> impl Scope + 's {
        RuleScope { catalogue: self, dataset: &bound.rule.dataset, filter: bound.filter.as_ref() }
    }

    /// Binds a rule, of which some faults are known already.
    fn bind_rule(&self, rule: &Rule, faults: Vec<BindFault>) -> BoundRule {
        let mut binding = Binding { catalogue: self, rule, faults, columns: BTreeSet::new() };
        let args = binding.args();
        // What a condition reads narrows the rule; it is not what the rule is about.
        let columns = binding.columns.clone();
        let filter = binding.filter();
        binding.segment();
        let Binding { mut faults, .. } = binding;
        let scope = RuleScope { catalogue: self, dataset: &rule.dataset, filter: filter.as_ref() };
        let mut measures = Err(String::new());
        // Before there is data all faults are told at once; a rule of columns that are not known yet asks nothing.
        let is_asked = if self.has_data { faults.is_empty() } else { is_judged(rule, &args) };
        if is_asked {
            match rule.check.measures(&args, &scope) {
                Ok(mut found) => {
                    // Only rows of its own dataset can be told apart by columns of it.
                    let own = |measure: &&mut Measure| measure.dataset == rule.dataset && measure.kind.judges_rows();
                    for measure in found.iter_mut().filter(own) {
                        measure.segment.clone_from(&rule.segment);
                    }
                    measures = Ok(found);
                }
                Err(problems) => {
                    // What is wrong with a parameter whatever the columns are is told already.
                    let is_new = |(param, _): &Problem| !rule.given.faulty.contains(param) && !args.is_unread(param);
                    for (param, message) in problems.into_iter().filter(is_new) {
                        let place = rule.given.place_of(param);
                        faults.push(BindFault { place, message, help: None, elsewhere: false });
                    }
                }
            }
        }
        if let Some(first) = faults.first() {
            measures = Err(match &first.help {
                Some(help) => format!("{}; {help}", first.message),
                None => first.message.clone(),
            });
        }
        let mut rule = rule.clone();
        rule.given.faults = faults;
        BoundRule { rule, args, filter, columns: columns.into_iter().collect(), measures }
    }
}

/// Whether it is told of a rule, before there is data, what does not fit: not of one of columns that are not known yet, nor
/// of one that does not tell of which columns or datasets it is.
fn is_judged(rule: &Rule, args: &Args) -> bool {
    let is_about = |param: &&Param| {
        rule::column_param(rule.check).is_some_and(|column| column.name == param.name)
            || matches!(param.kind, ParamKind::Dataset | ParamKind::Peers)
    };
    rule.given.each.is_none() && !rule.check.params().iter().filter(is_about).any(|param| args.is_unread(param.name))
}

/// One rule while its parameters are settled.
struct Binding<'a> {
    catalogue: &'a Catalogue<'a>,
    rule: &'a Rule,
    faults: Vec<BindFault>,
    columns: BTreeSet<String>,
}

impl<'a> Binding<'a> {
    fn fault(&mut self, place: Option<Span>, message: String, help: Option<String>) {
        let fault = BindFault { place, message, help, elsewhere: false };
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
            let message = format!("the dataset {} cannot be read", quoted(dataset));
            self.faults.push(BindFault { place, message, help: None, elsewhere: true });
        }
        found
    }

    /// Checks columns of a dataset, and notes those of the rule's own.
    fn use_columns<'n>(&mut self, dataset: &str, names: impl IntoIterator<Item = &'n String>, place: Option<Span>) {
        let Some(table) = self.table(dataset, place) else { return };
        for name in names {
            match table.check(name) {
                Ok(()) if dataset == self.rule.dataset => {
                    self.columns.insert(name.clone());
                }
                Ok(()) => {}
                Err((message, help)) => self.fault(place, message, help),
            }
        }
    }

    /// The dataset that a parameter names.
    fn named(&self, param: &str) -> String {
        self.rule.given.ready().text(param).cloned().unwrap_or_default()
    }

    /// The datasets that a parameter names and that say nothing of their own in its stead.
    fn others(&self, param: &str, is_own: impl Fn(&Peer) -> bool) -> Vec<String> {
        match self.rule.given.ready().peers(param) {
            Some(peers) => peers.iter().filter(|peer| !is_own(peer)).map(|peer| peer.dataset.clone()).collect(),
            None => vec![self.named(param)],
        }
    }

    /// Checks the columns that the datasets of an entity graph are told to have.
    fn use_peers(&mut self, peers: &[Peer], arg: &GivenArg) {
        for peer in peers {
            let place = arg.places.get(&peer.dataset).copied().or(Some(arg.span));
            // That it can be read at all is asked even where it names no column.
            self.table(&peer.dataset, place);
            let own = self.rule.dataset.as_str();
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
        let own = self.rule.dataset.as_str();
        let figure = |binding: &mut Self, dataset: &str, condition: &Condition| {
            let table = binding.fitting(dataset, condition).filter(|table| table.tells(condition))?;
            match condition.parsed.resolve_figure(table, binding.catalogue.suite.as_of) {
                Ok(figure) => Some(figure),
                Err(errors) => {
                    binding.unfit(condition, errors);
                    None
                }
            }
        };
        let typed = totals.iter().map(|(here, there)| (figure(self, own, here), figure(self, other, there)));
        typed.filter_map(|(here, there)| Some((here?, there?))).collect()
    }

    fn args(&mut self) -> Args {
        let rule = self.rule;
        let own = rule.dataset.as_str();
        // Even a rule without columns needs its dataset.
        self.table(own, rule.given.place);
        let mut args = rule.given.ready();
        for arg in &rule.given.args {
            let place = Some(arg.span);
            match (&arg.value, arg.param.kind) {
                (GivenValue::Ready(Arg::Column(name)), _) => self.use_columns(own, [name], place),
                (GivenValue::Ready(Arg::Columns(names)), ParamKind::ColumnsOf(param)) => {
                    self.use_columns(&self.named(param), names, place);
                }
                (GivenValue::Ready(Arg::Columns(names)), ParamKind::Excluded) => {
                    // Left out, a column may be of a type that no rule reads; it must be there all the same.
                    let Some(table) = self.table(own, place) else { continue };
                    let unknown = names.iter().filter(|name| !table.stored.contains_key(name.as_str()));
                    for name in unknown.collect::<Vec<_>>() {
                        if let Err((message, help)) = table.check(name) {
                            self.fault(place, message, help);
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
                (GivenValue::Ready(Arg::Baseline(given)), _) => match baseline::distribution_of(given, rule) {
                    Ok(distribution) => {
                        let given = Baseline { distribution, ..given.clone() };
                        args.0.insert(arg.param.name, Arg::Baseline(given));
                    }
                    // A pattern stands for columns whose rules have other ids.
                    Err(_) if !self.catalogue.has_data && wildcard::is_pattern(&rule.id) => {}
                    Err((message, help)) => self.fault(place, message, help),
                },
                (GivenValue::Ready(_), _) => {}
                (GivenValue::Condition(condition), ParamKind::Figures) => {
                    if let Some((that, figures)) = self.figures(condition) {
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

    /// Checks the declared keys that stand in for key parameters left out.
    fn declared_keys(&mut self) {
        let (rule, catalogue) = (self.rule, self.catalogue);
        let absent = |name: &str| !rule.given.args.iter().any(|arg| arg.param.name == name);
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
                    self.use_columns(dataset, &declared.key, rule.given.place);
                }
            }
        }
    }

    /// Checks the columns that tell rows apart.
    fn segment(&mut self) {
        let (rule, place) = (self.rule, self.rule.given.segment);
        let about = std::mem::take(&mut self.columns);
        self.use_columns(&rule.dataset, &rule.segment, place);
        self.columns = about;
        let dataset = self.catalogue.declared.get(rule.dataset.as_str());
        let personal =
            |name: &&String| dataset.and_then(|set| set.column(name)).is_some_and(|column| column.pii.is_some());
        if let Some(name) = rule.segment.iter().find(personal) {
            let message = format!("{} is declared personal: groups by it would tell of persons", quoted(name));
            self.fault(place, message, Some("take another column for `segment`".to_owned()));
        }
    }

    fn filter(&mut self) -> Option<Expr> {
        match &self.rule.given.filter {
            Some(condition) => Some(self.expression(&self.rule.dataset, condition)),
            None => self.rule.given.unread_filter.then(|| unknown("where")),
        }
    }

    fn expression(&mut self, dataset: &str, condition: &Condition) -> Expr {
        let Some(table) = self.fitting(dataset, condition) else { return unknown(&condition.text) };
        if !table.tells(condition) {
            return unknown(&condition.text);
        }
        match condition.parsed.resolve(table, self.catalogue.suite.as_of) {
            Ok(expr) => expr,
            Err(errors) => {
                self.unfit(condition, errors);
                unknown(&condition.text)
            }
        }
    }

    fn figures(&mut self, condition: &Condition) -> Option<(Expr, Vec<Aggregate>)> {
        let table = self.fitting(&self.rule.dataset, condition).filter(|table| table.tells(condition))?;
        match condition.parsed.resolve_figures(table, self.catalogue.suite.as_of) {
            Ok(figures) => Some(figures),
            Err(errors) => {
                self.unfit(condition, errors);
                None
            }
        }
    }

    /// The columns of the dataset, unless the expression names one that cannot be used. Names that nothing has are left
    /// to the resolver, which knows their place.
    fn fitting(&mut self, dataset: &str, condition: &Condition) -> Option<&'a Table<'a>> {
        let table = self.table(dataset, Some(condition.span))?;
        let before = self.faults.len();
        for (name, at) in condition.parsed.columns() {
            if table.stored.contains_key(name.as_str()) {
                let place = self.catalogue.files.inside(condition.span, &condition.text, at, name.len());
                self.use_columns(dataset, [&name], Some(place));
            }
        }
        (self.faults.len() == before).then_some(table)
    }

    fn unfit(&mut self, condition: &Condition, errors: Vec<ExprError>) {
        for error in errors {
            let place = self.catalogue.files.inside(condition.span, &condition.text, error.at, error.len);
            self.fault(Some(place), error.message, error.help);
        }
    }
}

/// A condition of which it is not known what it is. It stands for itself: the same words over the same rows are the same
/// condition.
fn unknown(condition: &str) -> Expr {
    Expr::Column { name: spaced(condition), data_type: DataType::Boolean }
}

/// What a check may ask.
struct RuleScope<'a> {
    catalogue: &'a Catalogue<'a>,
    dataset: &'a str,
    filter: Option<&'a Expr>,
}

impl Scope for RuleScope<'_> {
    fn suite(&self) -> &str {
        &self.catalogue.suite.name
    }

    fn dataset(&self) -> &str {
        self.dataset
    }

    fn filter(&self) -> Option<&Expr> {
        self.filter
    }

    fn as_of(&self) -> AsOf {
        self.catalogue.suite.as_of
    }

    fn column_type(&self, dataset: &str, column: &str) -> Option<DataType> {
        self.catalogue.tables.get(dataset)?.effective(column).ok()
    }

    fn columns(&self, dataset: &str) -> Option<Vec<String>> {
        let table = self.catalogue.tables.get(dataset).filter(|table| table.known == Known::Stored);
        table.map(Columns::names)
    }

    fn key(&self, dataset: &str) -> Vec<String> {
        self.catalogue.declared.get(dataset).map(|dataset| dataset.key.clone()).unwrap_or_default()
    }

    fn is_personal(&self, dataset: &str, column: &str) -> bool {
        let declared = self.catalogue.declared.get(dataset).and_then(|dataset| dataset.column(column));
        declared.is_some_and(|column| column.pii.is_some())
    }

    fn format(&self, dataset: &str, column: &str) -> Option<String> {
        self.catalogue.declared.get(dataset)?.column(column)?.format.clone()
    }

    fn declared(&self) -> Declaration {
        let dataset = self.catalogue.declared.get(self.dataset);
        dataset.map(|dataset| dataset.declared(&self.columns(self.dataset).unwrap_or_default())).unwrap_or_default()
    }
}

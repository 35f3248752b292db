//! Rules that can be read and make no sense: duplicate, contradictory, always true, or without a row.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::argument::GivenValue;
use super::bind;
use super::diagnostic::{Diagnostic, Span, quoted};
use super::expression;
use super::hash::argument;
use super::suite::Rule;
use super::table;
use super::wildcard;
use super::written::{Written, WrittenRule};
use crate::checks::{Arg, BoundCheck, Claim, ParamKind};
use crate::model::{DataType, Threshold, ValueList, Waiver};
use crate::scalar;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The suite runs and checks less than it seems to.
    Warning,
    /// No data can satisfy the suite, or it will not run.
    Error,
}

/// One finding.
#[derive(Debug, Clone)]
pub struct Lint {
    /// How bad it is.
    pub level: Level,
    /// What it is, where, and what to do.
    pub diagnostic: Diagnostic,
}

/// Finds rules of a readable suite that are duplicate, contradictory, always true or apply to no row, in the order of the
/// files.
pub fn lint(written: &Written) -> Vec<Lint> {
    let mut linter = Linter { written, found: Vec::new() };
    for rule in &written.rules {
        linter.thresholds(rule);
        linter.conditions(rule);
        linter.always_true(rule);
        if let (Some(waiver), Some(place)) = (&rule.rule.waiver, rule.given.waiver) {
            linter.waiver(&rule.rule.id, waiver, place, Some(rule.rule.threshold));
            if let Some(due) = rule.rule.due.filter(|due| *due > waiver.until) {
                let message = format!("is due on {due}, and its waiver ends before, on {}", waiver.until);
                linter.warn(rule, &message, Some("accept the fault until it is due, or let it be due earlier"));
            }
        }
    }
    for (id, late) in written.waivers.iter() {
        linter.waiver(id, &late.placed.waiver, late.placed.until, None);
    }
    linter.duplicates();
    linter.contradictions();
    linter.unused();
    let key = |lint: &Lint| {
        let place = lint.diagnostic.span().map(|span| (span.file, span.start));
        (place, lint.diagnostic.message.clone())
    };
    linter.found.sort_by_cached_key(key);
    linter.found
}

/// A rule with its check, bound to the parameters that are known without data.
type Checked<'a> = (&'a WrittenRule, Arc<dyn BoundCheck>);

/// Dataset, column and condition.
type Scope = (String, String, String);

struct Linter<'a> {
    written: &'a Written,
    found: Vec<Lint>,
}

impl Linter<'_> {
    fn add(&mut self, level: Level, span: Option<Span>, message: String, help: Option<String>) {
        let place = span.and_then(|span| {
            let file = self.written.files.get(span.file as usize)?;
            Some((Arc::clone(file), span))
        });
        self.found.push(Lint { level, diagnostic: Diagnostic { place, message, help } });
    }

    fn warn(&mut self, WrittenRule { rule, given }: &WrittenRule, message: &str, help: Option<&str>) {
        let message = format!("{}: {message}", rule.id);
        self.add(Level::Warning, given.place, message, help.map(str::to_owned));
    }

    /// Thresholds that every result satisfies, and warnings that can never be given.
    fn thresholds(&mut self, written: &WrittenRule) {
        use Threshold::{AtLeastRows, AtLeastShare, AtMostRows, AtMostShare};
        let rule = &written.rule;
        let nothing_asked =
            |threshold: Threshold| matches!(threshold, AtLeastShare(0) | AtLeastRows(0) | AtMostShare(1_000_000));
        if nothing_asked(rule.threshold) {
            self.warn(written, "always passes, because its threshold accepts everything", None);
        }
        let Some(warn) = rule.warn else { return };
        let looser = match (rule.threshold, warn) {
            (AtLeastShare(fail), AtLeastShare(warn)) => warn <= fail,
            (AtMostShare(fail), AtMostShare(warn)) => warn >= fail,
            (AtLeastRows(fail), AtLeastRows(warn)) => warn <= fail,
            (AtMostRows(fail), AtMostRows(warn)) => warn >= fail,
            (AtMostRows(0), _) => true,
            _ => nothing_asked(warn),
        };
        if looser {
            let help = "the threshold of `warn` has to be stricter than that of the rule";
            self.warn(written, "is never warned, because it fails first", Some(help));
        }
    }

    /// Waivers that are over, and those that accept no more failures than the rule allows.
    fn waiver(&mut self, id: &str, waiver: &Waiver, place: Span, threshold: Option<Threshold>) {
        use Threshold::{AtMostRows, AtMostShare};
        let as_of = self.written.suite.as_of;
        let days = waiver.until.days_after(as_of);
        if days < 0 {
            let days = if days == -1 { "1 day".to_owned() } else { format!("{} days", -days) };
            let message = format!("{id}: its waiver ended on {}, {days} before {as_of}", waiver.until);
            let help = "remove the waiver; if the fault is to be accepted for longer, state a later date and why";
            self.add(Level::Warning, Some(place), message, Some(help.to_owned()));
        }
        let accepts_none = match (threshold, waiver.at_most) {
            (_, Some(AtMostRows(0) | AtMostShare(0))) => true,
            (Some(AtMostRows(allowed)), Some(AtMostRows(accepted))) => accepted <= allowed,
            (Some(AtMostShare(allowed)), Some(AtMostShare(accepted))) => accepted <= allowed,
            _ => false,
        };
        if accepts_none {
            let message =
                format!("{id}: its waiver never applies, because it accepts no more failures than the rule allows");
            let help = "`at_most` of the waiver has to be greater than the failures that the rule allows";
            self.add(Level::Warning, Some(place), message, Some(help.to_owned()));
        }
    }

    /// Expressions that do not depend on the data.
    fn conditions(&mut self, rule: &WrittenRule) {
        for (name, expr) in bind::expressions(self.written, rule) {
            if let Some(rounding) = expression::rounding(&expr) {
                let (message, help) = rounding.message();
                self.warn(rule, &format!("`{name}` {message}"), Some(help));
            }
            match (name, expression::always(&expr)) {
                (_, None) => {}
                ("where", Some(true)) => self.warn(rule, "`where` is always true", Some("leave it out")),
                ("where", Some(false)) => {
                    self.warn(rule, "applies to no row: `where` is never true", None);
                }
                (name, Some(true)) => self.warn(rule, &format!("`{name}` is true for any data"), None),
                (name, Some(false)) => {
                    self.warn(rule, &format!("`{name}` is never true for any data"), None);
                }
            }
        }
    }

    /// Rules that no value can fail.
    fn always_true(&mut self, written: &WrittenRule) {
        let rule = &written.rule;
        let args = written.given.ready();
        if let Some(column) = args.column("column").filter(|column| wildcard::is_pattern(column)) {
            self.warn(written, &format!("takes {} for the name of one column", quoted(column)), Some(table::PATTERNS));
        }
        // An expression is not read here, so it counts as one that narrows the other dataset.
        let is_narrowed = written.given.args.iter().any(|arg| matches!(arg.param.kind, ParamKind::ExpressionOf(_)));
        let declared = self.written.suite.datasets.iter().find(|dataset| dataset.name == rule.dataset);
        let key = declared.map_or(&[][..], |dataset| &dataset.key);
        let certain = rule.check.bind(&args).certainty(&rule.dataset, key).filter(|_| !is_narrowed);
        if let Some(certain) = certain {
            self.warn(written, &certain, None);
        }
    }

    /// Rules that check the same under two ids.
    fn duplicates(&mut self) {
        let mut seen: BTreeMap<String, &Rule> = BTreeMap::new();
        for written in &self.written.rules {
            let WrittenRule { rule, given } = written;
            let args: Vec<String> =
                given.args.iter().map(|arg| format!("{}={}", arg.param.name, argument(&arg.value))).collect();
            let filter = rule.condition.clone().unwrap_or_default();
            let each = given.each.iter().flat_map(|each| &each.names).map(|(name, _)| name.as_str());
            let each: Vec<&str> = each.collect();
            let asked = [&rule.dataset, rule.check.name(), &each.join("\n"), &args.join("\n"), &filter].join("\n");
            match seen.get(asked.as_str()) {
                Some(first) => {
                    let message = format!("asks the same as {}, so it counts twice in the score", first.id);
                    self.warn(written, &message, Some("leave one of them out"));
                }
                None => {
                    seen.insert(asked, rule);
                }
            }
        }
    }

    /// Rules on one column that no value can satisfy together.
    fn contradictions(&mut self) {
        let mut claims: BTreeMap<Scope, Vec<Checked<'_>>> = BTreeMap::new();
        for written in &self.written.rules {
            let rule = &written.rule;
            let args = written.given.ready();
            let Some(column) = args.column("column").cloned() else { continue };
            let filter = rule.condition.clone().unwrap_or_default();
            claims.entry((rule.dataset.clone(), column, filter)).or_default().push((written, rule.check.bind(&args)));
        }
        for rules in claims.values() {
            for (at, (second, second_check)) in rules.iter().enumerate() {
                for (first, first_check) in &rules[..at] {
                    let both = (claim(&first.rule, first_check.as_ref()), claim(&second.rule, second_check.as_ref()));
                    let (Some(a), Some(b)) = both else { continue };
                    if let Some((level, problem)) = clash(&a, &b) {
                        let message = format!("{}: {problem} {}", second.rule.id, first.rule.id);
                        self.add(level, second.given.place, message, None);
                    }
                }
            }
        }
    }

    /// What is declared and not used.
    fn unused(&mut self) {
        let mut used = Vec::new();
        for WrittenRule { rule, given } in &self.written.rules {
            for arg in &given.args {
                match &arg.value {
                    GivenValue::Ready(Arg::List(ValueList::Codelist { name, .. })) => {
                        used.push(("codes", name.clone()));
                    }
                    GivenValue::Ready(Arg::Text(name))
                        if matches!(arg.param.kind, ParamKind::Dataset | ParamKind::Peers) =>
                    {
                        used.push(("data", name.clone()));
                    }
                    GivenValue::Ready(Arg::Peers(peers)) => {
                        used.extend(peers.iter().map(|peer| ("data", peer.dataset.clone())));
                    }
                    _ => {}
                }
            }
            // Every dataset has this rule by itself, and then at its own place.
            let is_implicit = rule.check.name() == "well_formed"
                && self.written.names.datasets.get(&rule.dataset).copied() == given.place;
            if !is_implicit {
                used.push(("data", rule.dataset.clone()));
            }
        }
        let written = self.written;
        for (name, span) in &written.names.codelists {
            if !used.contains(&("codes", name.clone())) {
                let message = format!("no rule uses the code list {}", quoted(name));
                self.add(Level::Warning, Some(*span), message, None);
            }
        }
        for (name, span) in &written.names.datasets {
            if !used.contains(&("data", name.clone())) {
                let message = format!("the dataset {} has no rules and no rule uses it", quoted(name));
                self.add(Level::Warning, Some(*span), message, None);
            }
        }
        for (name, span) in &written.unused_params {
            let message = format!("nothing uses the parameter {}", quoted(name));
            self.add(Level::Warning, Some(*span), message, Some(format!("write `${{{name}}}` where it belongs")));
        }
    }
}

/// What a rule says about the values of its column.
fn claim<'a>(rule: &Rule, check: &'a dyn BoundCheck) -> Option<Claim<'a>> {
    // A rule that allows failing rows excludes no value.
    if rule.threshold == Threshold::ALL_ROWS { check.claim() } else { None }
}

/// How two claims about one column exclude each other, as the middle of a sentence between their rules.
fn clash(a: &Claim<'_>, b: &Claim<'_>) -> Option<(Level, &'static str)> {
    use Claim::{Between, Never, Only, Sized};
    let none = (Level::Error, "no value can satisfy this together with");
    match (a, b) {
        (Only(ValueList::Values(some)), Only(ValueList::Values(others))) => {
            (!some.iter().any(|value| others.contains(value))).then_some(none)
        }
        (Only(allowed), Never(forbidden)) | (Never(forbidden), Only(allowed)) => match (allowed, forbidden) {
            (ValueList::Values(allowed), ValueList::Values(forbidden)) => {
                let both = allowed.iter().filter(|value| forbidden.contains(value)).count();
                match both {
                    0 => None,
                    all if all == allowed.len() => Some(none),
                    _ => Some((Level::Warning, "a value is allowed here and forbidden there, or the other way round:")),
                }
            }
            _ => (allowed == forbidden).then_some(none),
        },
        (Between(low, high), Between(low2, high2)) => (over(*low, *high2) || over(*low2, *high)).then_some(none),
        (Sized(low, high), Sized(low2, high2)) => {
            let over = |low: &Option<u64>, high: &Option<u64>| low.zip(*high).is_some_and(|(low, high)| low > high);
            (over(low, high2) || over(low2, high)).then_some(none)
        }
        _ => None,
    }
}

/// Whether a lower bound is above an upper one, as numbers or as dates.
fn over(low: Option<&str>, high: Option<&str>) -> bool {
    let (Some(low), Some(high)) = (low, high) else { return false };
    [DataType::Decimal, DataType::Datetime, DataType::Date].into_iter().any(|kind| {
        let read = |text: &str| scalar::parse_value(text, kind, None);
        matches!((read(low), read(high)), (Some(low), Some(high)) if scalar::compare(&low, &high).is_some_and(std::cmp::Ordering::is_gt))
    })
}

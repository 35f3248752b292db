//! The rule that each of several columns gets.

use std::collections::BTreeMap;

use super::argument::{GivenArg, GivenValue};
use super::diagnostic::Span;
use super::late_waivers::LateWaivers;
use super::written::{Each, Given, WrittenRule};
use crate::checks::{Arg, Args, Check, Param, ParamKind, Problem};

/// The parameter that takes the column of a shorthand.
pub(super) fn column_param(check: &Check) -> Option<&'static Param> {
    let is_column = |param: &Param| matches!(param.kind, ParamKind::Column | ParamKind::Columns);
    // Optional columns besides those that the rule is about are not its own.
    let mut params = check.params().iter().enumerate();
    params.find(|(at, param)| is_column(param) && (*at == 0 || param.required)).map(|(_, param)| param)
}

/// The rule that one of several columns gets, with the waiver that names it.
pub(super) fn of_column(
    written: &WrittenRule,
    each: &Each,
    column: &str,
    span: Span,
    waivers: &LateWaivers,
) -> WrittenRule {
    let rule = &written.rule;
    let mut own = written.clone();
    own.given.each = None;
    if let Some(param) = column_param(rule.check) {
        let value = column_argument(param, column);
        let params = rule.check.params();
        let place = |name: &str| params.iter().position(|param| param.name == name);
        own.given.args.push(GivenArg { param, span, places: BTreeMap::new(), value: GivenValue::Ready(value) });
        own.given.args.sort_by_key(|arg| place(arg.param.name));
    }
    own.rule.title = if rule.title == default_title(rule.check, &written.given) {
        default_title(rule.check, &own.given)
    } else {
        format!("{column}: {}", rule.title)
    };
    own.rule.id = if each.declared {
        format!("{}.{column}.{}", rule.dataset, rule.check.name())
    } else {
        format!("{}.{column}", rule.id)
    };
    if let Some(placed) = waivers.of(&own.rule.id) {
        own.rule.waiver = Some(placed.waiver.clone());
        own.given.waiver = Some(placed.until);
    }
    own
}

/// A column as the value of a parameter.
fn column_argument(param: &Param, column: &str) -> Arg {
    match param.kind {
        ParamKind::Columns => Arg::Columns(vec![column.to_owned()]),
        _ => Arg::Column(column.to_owned()),
    }
}

/// What a check finds wrong with parameters, for each of the columns that get the rule.
pub(super) fn problems(check: &Check, given: &Given) -> Vec<Problem> {
    let ready = given.ready();
    let lint = |args: &Args| check.bind(args).lint().into_iter();
    let (Some(each), Some(param)) = (&given.each, column_param(check)) else { return lint(&ready).collect() };
    let mut found = Vec::new();
    for (name, _) in &each.names {
        let mut ready = ready.clone();
        ready.0.insert(param.name, column_argument(param, name));
        found.extend(lint(&ready).filter(|problem| !found.contains(problem)).collect::<Vec<_>>());
    }
    found
}

/// The columns and the summary of the check.
pub(super) fn default_title(check: &Check, given: &Given) -> String {
    let columns = given.args.iter().find_map(|arg| match &arg.value {
        GivenValue::Ready(Arg::Column(column)) => Some(column.clone()),
        GivenValue::Ready(Arg::Columns(columns)) if matches!(arg.param.kind, ParamKind::Columns) => {
            Some(columns.join(", "))
        }
        GivenValue::Ready(Arg::Likenesses(compared)) => {
            Some(compared.iter().map(|likened| likened.column.as_str()).collect::<Vec<_>>().join(", "))
        }
        _ => None,
    });
    let text = given.args.iter().find_map(|arg| match &arg.value {
        GivenValue::Condition(condition) => Some(condition.text.as_str()),
        GivenValue::Ready(_) | GivenValue::Totals(_) => None,
    });
    match (columns, text) {
        (Some(columns), _) => format!("{columns}: {}", check.summary()),
        (None, Some(text)) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        (None, None) => check.summary().to_owned(),
    }
}

//! Results of earlier audits that rules compare with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::argument::{GivenArg, GivenValue};
use super::bound::Misfit;
use super::diagnostic::{Faults, did_you_mean, quoted};
use super::file::Inputs;
use super::input::InputRole;
use super::written::WrittenRule;
use crate::checks::{Arg, Param, ParamKind};
use crate::model::{Baseline, BaselineRule, Distribution, nearest};
use crate::results::{self, ResultError};

/// The rules of a result.
type Rules = Arc<BTreeMap<String, BaselineRule>>;

/// Reads the baselines that rules name, or the one that the command line names for all of them.
pub(super) fn settle(
    suite: &str,
    rules: &mut [WrittenRule],
    of_all: Option<&Path>,
    gate_compares: bool,
    inputs: &mut Inputs,
    faults: &mut Faults,
) {
    let mut known: BTreeMap<PathBuf, Result<Rules, Arc<BaselineError>>> = BTreeMap::new();
    if let Some(path) = of_all.filter(|_| gate_compares) {
        inputs.list(InputRole::Baseline, path);
    }
    let mut read = |path: PathBuf| {
        known.entry(path).or_insert_with_key(|path| rules_of(path, suite, inputs).map_err(Arc::new)).clone()
    };
    let takers = || rules.iter().filter(|rule| param_of(rule).is_some());
    let common = match of_all.map(|path| (path, takers().next().is_some())) {
        None => None,
        Some((_, false)) if gate_compares => None,
        Some((_, false)) if faults.is_incomplete() => return,
        Some((path, false)) => {
            let message = format!("no rule compares with the baseline {}", quoted(&path.display().to_string()));
            faults.elsewhere(message, Some("leave --baseline out, or write a rule `steady`".to_owned()));
            return;
        }
        Some((path, true)) => match read(path.to_owned()) {
            Ok(rules) => Some((path, rules)),
            Err(problem) => {
                faults.elsewhere(format!("{} {problem}", quoted(&path.display().to_string())), None);
                return;
            }
        },
    };
    for written in rules {
        let Some(param) = param_of(written) else { continue };
        let at = written.given.args.iter().position(|arg| arg.param.name == param.name);
        let mut baseline = match (&common, at.map(|at| &written.given.args[at])) {
            (Some((path, rules)), _) => {
                let path = path.display().to_string();
                Baseline { path, of_all: true, rules: Arc::clone(rules), distribution: None }
            }
            (None, Some(GivenArg { span, value: GivenValue::Ready(Arg::Text(path)), .. })) => {
                let file = faults.files().get(span.file as usize).and_then(|file| file.path.parent());
                match read(file.unwrap_or(Path::new("")).join(path)) {
                    Ok(rules) => Baseline { path: path.clone(), of_all: false, rules, distribution: None },
                    Err(problem) => {
                        faults.at(*span, format!("{} {problem}", quoted(path)));
                        continue;
                    }
                }
            }
            _ => continue,
        };
        let place = at.map(|at| written.given.args[at].span).or(written.given.place);
        // Rules of several columns have their ids only when the columns are known.
        if written.given.each.is_none() {
            match (distribution_of(&baseline, written), place) {
                (Ok(distribution), _) => baseline.distribution = distribution,
                (Err(Misfit { message, help }), span) => {
                    match span {
                        Some(span) => faults.help(span, message, help),
                        None => faults.elsewhere(message, help),
                    }
                    continue;
                }
            }
        }
        let value = GivenValue::Ready(Arg::Baseline(baseline));
        match (at, place) {
            (Some(at), _) => written.given.args[at].value = value,
            (None, Some(span)) => written.given.args.push(GivenArg { param, span, value, places: BTreeMap::new() }),
            (None, None) => {}
        }
    }
}

/// The parameter that takes a baseline.
fn param_of(written: &WrittenRule) -> Option<&'static Param> {
    written.rule.check.params().iter().find(|param| param.kind == ParamKind::Baseline)
}

/// The distribution that a baseline has for a rule; `None` if it is the baseline of all rules and does not have this one.
///
/// # Errors
/// If the id belongs to another rule there, or the baseline has no distribution for it.
pub(super) fn distribution_of(baseline: &Baseline, written: &WrittenRule) -> Result<Option<Arc<Distribution>>, Misfit> {
    let rule = &written.rule;
    let path = quoted(&baseline.path);
    let Some(stored) = baseline.rules.get(&rule.id) else {
        if baseline.of_all {
            return Ok(None);
        }
        let near = nearest(&rule.id, baseline.rules.keys().map(String::as_str));
        let help = near.map(|near| did_you_mean(&rule.id, near));
        return Err(Misfit { message: format!("{path} has no rule {}", quoted(&rule.id)), help });
    };
    let other = |what: String| {
        let help = Some("name the result of an audit with this rule, or give the rule another id".to_owned());
        Err(Misfit { message: format!("{} was another rule in {path}: {what}", quoted(&rule.id)), help })
    };
    if stored.check != rule.check.name() {
        return other(format!("`{}`", stored.check));
    }
    if stored.dataset != rule.dataset {
        return other(format!("of the dataset {}", quoted(&stored.dataset)));
    }
    let Some(distribution) = &stored.distribution else {
        let help = Some("it was not measured there: name the result of an audit that measured it".to_owned());
        return Err(Misfit { message: format!("{path} holds no distribution for {}", quoted(&rule.id)), help });
    };
    let ready = written.given.ready();
    let column = ready.column("column").map(String::as_str).unwrap_or_default();
    if distribution.column != column {
        return other(format!("of the column {}", quoted(&distribution.column)));
    }
    if distribution.condition != rule.condition {
        return match &distribution.condition {
            Some(condition) => other(format!("where {condition}")),
            None => other("without `where`".to_owned()),
        };
    }
    Ok(Some(Arc::clone(distribution)))
}

/// Why a file is no baseline. The text is the end of a sentence that begins with the path.
#[derive(Debug, thiserror::Error)]
enum BaselineError {
    #[error(transparent)]
    Result(#[from] ResultError),
    #[error("is a result of the suite {}, not of {}", quoted(.found), quoted(.wanted))]
    OtherSuite { found: String, wanted: String },
}

/// Reads the rules of a result of the suite.
fn rules_of(path: &Path, suite: &str, inputs: &mut Inputs) -> Result<Rules, BaselineError> {
    inputs.list(InputRole::Baseline, path);
    let stored = results::read(path)?;
    if stored.suite.name != suite {
        return Err(BaselineError::OtherSuite { found: stored.suite.name, wanted: suite.to_owned() });
    }
    let rules = stored.datasets.into_iter().flat_map(|dataset| {
        dataset.rules.into_iter().map(move |rule| {
            let distribution = rule.distribution.map(Arc::new);
            (rule.id, BaselineRule { dataset: dataset.name.clone(), check: rule.check, distribution })
        })
    });
    Ok(Arc::new(rules.collect()))
}

//! Results of earlier audits that rules compare with.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::argument::{GivenArg, GivenValue};
use super::diagnostic::{Faults, quoted};
use super::hash::spaced;
use super::load::reason;
use super::suite::Rule;
use crate::checks::{Arg, Param, ParamKind};
use crate::model::{Baseline, BaselineRule, Distribution, FORMAT, nearest};

/// The largest result, in bytes.
const MAX_BYTES: u64 = 256 << 20;

/// As much of a result as a baseline needs.
#[derive(Deserialize)]
struct Stored {
    suite: StoredSuite,
    datasets: Vec<StoredDataset>,
}

#[derive(Deserialize)]
struct StoredSuite {
    name: String,
}

#[derive(Deserialize)]
struct StoredDataset {
    name: String,
    rules: Vec<StoredRule>,
}

#[derive(Deserialize)]
struct StoredRule {
    id: String,
    check: String,
    #[serde(default)]
    distribution: Option<Distribution>,
}

/// The rules of a result.
type Rules = Arc<BTreeMap<String, BaselineRule>>;

/// Reads the baselines that rules name, or the one that the command line names for all of them.
pub(super) fn settle(suite: &str, rules: &mut [Rule], of_all: Option<&Path>, faults: &mut Faults) {
    let mut known: BTreeMap<PathBuf, Result<Rules, String>> = BTreeMap::new();
    let mut read = |path: PathBuf| known.entry(path).or_insert_with_key(|path| rules_of(path, suite)).clone();
    let takers = || rules.iter().filter(|rule| param_of(rule).is_some());
    let common = match of_all.map(|path| (path, takers().next().is_some())) {
        None => None,
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
    for rule in rules {
        let Some(param) = param_of(rule) else { continue };
        let at = rule.given.args.iter().position(|arg| arg.param.name == param.name);
        let mut baseline = match (&common, at.map(|at| &rule.given.args[at])) {
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
        let place = at.map(|at| rule.given.args[at].span).or(rule.given.place);
        // Rules of several columns have their ids only when the columns are known.
        if rule.given.each.is_none() {
            match (distribution_of(&baseline, rule), place) {
                (Ok(distribution), _) => baseline.distribution = distribution,
                (Err((message, help)), span) => {
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
            (Some(at), _) => rule.given.args[at].value = value,
            (None, Some(span)) => rule.given.args.push(GivenArg { param, span, value, places: BTreeMap::new() }),
            (None, None) => {}
        }
    }
}

/// The parameter that takes a baseline.
fn param_of(rule: &Rule) -> Option<&'static Param> {
    rule.check.params().iter().find(|param| param.kind == ParamKind::Baseline)
}

/// What a baseline tells of a rule; nothing where it is that of all rules and lacks this one.
///
/// # Errors
/// Where it tells of another rule under that id, or nothing (what is wrong, the way out).
pub(super) fn distribution_of(
    baseline: &Baseline,
    rule: &Rule,
) -> Result<Option<Arc<Distribution>>, (String, Option<String>)> {
    let path = quoted(&baseline.path);
    let Some(stored) = baseline.rules.get(&rule.id) else {
        if baseline.of_all {
            return Ok(None);
        }
        let near = nearest(&rule.id, baseline.rules.keys().map(String::as_str));
        let help = near.map(|near| format!("the nearest is {}", quoted(near)));
        return Err((format!("{path} has no rule {}", quoted(&rule.id)), help));
    };
    let other = |what: String| {
        let help = "name the result of an audit with this rule, or give the rule another id".to_owned();
        Err((format!("{} was another rule in {path}: {what}", quoted(&rule.id)), Some(help)))
    };
    if stored.check != rule.check.name() {
        return other(format!("`{}`", stored.check));
    }
    if stored.dataset != rule.dataset {
        return other(format!("of the dataset {}", quoted(&stored.dataset)));
    }
    let Some(distribution) = &stored.distribution else {
        let help = "it was not measured there: name the result of an audit that measured it".to_owned();
        return Err((format!("{path} holds no distribution for {}", quoted(&rule.id)), Some(help)));
    };
    let ready = rule.given.ready();
    let column = ready.column("column").map(String::as_str).unwrap_or_default();
    if distribution.column != column {
        return other(format!("of the column {}", quoted(&distribution.column)));
    }
    if distribution.condition != condition_of(rule) {
        return match &distribution.condition {
            Some(condition) => other(format!("where {condition}")),
            None => other("without `where`".to_owned()),
        };
    }
    Ok(Some(Arc::clone(distribution)))
}

/// The condition of a rule as it is written, spaces aside.
pub(super) fn condition_of(rule: &Rule) -> Option<String> {
    rule.given.filter.as_ref().map(|filter| spaced(&filter.text))
}

/// The rules of a result of the suite. Errors are the end of a sentence that begins with the path.
fn rules_of(path: &Path, suite: &str) -> Result<Rules, String> {
    let file = File::open(path).map_err(|error| reason(&error))?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| reason(&error))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("is larger than {} MiB", MAX_BYTES >> 20));
    }
    let unknown = || "is no result of passmuster: write one with `passmuster audit --format json`".to_owned();
    let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(|_| unknown())?;
    match value.get("format").and_then(serde_json::Value::as_str) {
        Some(FORMAT) => {}
        Some(other) if other.starts_with("passmuster.audit/") => {
            return Err(format!("is a result in the format {other}; this version reads {FORMAT}"));
        }
        _ => return Err(unknown()),
    }
    let stored: Stored = serde_json::from_value(value).map_err(|error| format!("is a damaged result: {error}"))?;
    if stored.suite.name != suite {
        return Err(format!("is a result of the suite {}, not of {}", quoted(&stored.suite.name), quoted(suite)));
    }
    let rules = stored.datasets.into_iter().flat_map(|dataset| {
        dataset.rules.into_iter().map(move |rule| {
            let distribution = rule.distribution.map(Arc::new);
            (rule.id, BaselineRule { dataset: dataset.name.clone(), check: rule.check, distribution })
        })
    });
    Ok(Arc::new(rules.collect()))
}

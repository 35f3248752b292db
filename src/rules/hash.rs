//! One hash of what a suite checks: two results are comparable only if it is the same.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::argument::GivenValue;
use super::suite::Suite;
use super::written::WrittenRule;
use crate::checks::{Arg, Args, Declaration, Likened, Param, ParamKind};
use crate::model::{Notation, UnmeasuredRules, ValueList};

/// Names the way in which the text below is made; changes whenever it does.
const VERSION: &str = "passmuster.rules/1";

/// SHA-256 in hex over what decides verdicts and scores: rules, thresholds, weights, declared types, missing tokens,
/// codes, gate and bands. Paths, titles, reasons and the order of keys do not count.
pub(super) fn of(suite: &Suite, rules: &[WrittenRule]) -> String {
    let mut lines = vec![json!([VERSION])];
    for (name, list) in &suite.codelists {
        let mut codes: Vec<_> =
            list.entries.iter().map(|entry| (&entry.code, entry.valid_from, entry.valid_to)).collect();
        codes.sort();
        lines.push(json!(["codes", name, codes]));
    }
    let mut datasets: Vec<_> = suite.datasets.iter().collect();
    datasets.sort_by_key(|dataset| &dataset.name);
    for dataset in datasets {
        lines.push(json!(["dataset", dataset.name, dataset.key, dataset.missing]));
        if dataset.notation != Notation::default() {
            lines.push(json!(["notation", dataset.name, dataset.notation]));
        }
        for (name, column) in &dataset.columns {
            if column.notation != dataset.notation {
                lines.push(json!(["notation", dataset.name, name, column.notation]));
            }
            let format = column.format.as_ref().map(ToString::to_string);
            let kind = column.data_type.map(crate::model::DataType::name);
            lines.push(json!(["column", dataset.name, name, kind, format, column.missing]));
        }
    }
    let mut rules: Vec<_> = rules.iter().collect();
    rules.sort_by_key(|written| &written.rule.id);
    for WrittenRule { rule, given } in rules {
        // The baseline changes from audit to audit; what the rule checks does not.
        let args = given.args.iter().filter(|arg| arg.param.kind != ParamKind::Baseline);
        let args: Vec<_> = args.map(|arg| json!([arg.param.name, argument(&arg.value)])).collect();
        let (threshold, warn) = (json!(rule.threshold), json!(rule.warn));
        let words = [rule.dimension.name(), rule.severity.name()];
        let check = rule.check.name();
        let narrowed: Vec<&str> = given.each.iter().flat_map(|each| &each.names).map(|(name, _)| &**name).collect();
        if !narrowed.is_empty() || !rule.segment.is_empty() {
            lines.push(json!(["columns", rule.id, narrowed, rule.segment]));
        }
        lines.push(json!([
            "rule",
            rule.id,
            rule.dataset,
            check,
            args,
            rule.condition,
            words,
            rule.weight,
            threshold,
            warn
        ]));
    }
    let least: Vec<_> = suite.gate.min_dimension.iter().map(|(dimension, score)| json!([dimension, score])).collect();
    lines.push(json!(["gate", suite.gate.fail_on, suite.gate.min_score, least]));
    if suite.gate.unmeasured != UnmeasuredRules::default() {
        lines.push(json!(["unmeasured", suite.gate.unmeasured]));
    }
    lines.push(json!(["bands", suite.bands.green, suite.bands.amber]));

    let mut hasher = Sha256::new();
    for line in lines {
        hasher.update(line.to_string());
        hasher.update("\n");
    }
    hex::encode(hasher.finalize())
}

/// What a rule asks of the data, as one line of JSON: its check, parameters, condition and groups, without what judges the
/// counts (threshold, severity, weight …) and what people read (title, reasons, owner, tags). Relative dates stay
/// relative. `args` are the parameters as bound, `declared` what is declared about the dataset, where the check judges that.
pub(super) fn question(
    WrittenRule { rule, given }: &WrittenRule,
    args: &Args,
    declared: Option<&Declaration>,
    key_of: &dyn Fn(&str) -> Vec<String>,
) -> String {
    let written: Vec<Value> = given
        .args
        .iter()
        .map(|arg| match args.0.get(arg.param.name) {
            // What a rule compares with decides its outcome, wherever it is stored.
            Some(Arg::Baseline(baseline)) => json!([arg.param.name, baseline.distribution.as_deref()]),
            _ => json!([arg.param.name, argument(&arg.value)]),
        })
        .collect();
    let is_by_key = |param: &Param| {
        matches!(param.kind, ParamKind::ColumnsOf(_) | ParamKind::Pairs(_) | ParamKind::Groups(_) | ParamKind::Peers)
    };
    let keys: Vec<Value> = if rule.check.params().iter().any(is_by_key) {
        let others = given.args.iter().flat_map(|arg| match (&arg.value, arg.param.kind) {
            (GivenValue::Ready(Arg::Text(name)), ParamKind::Dataset | ParamKind::Peers) => vec![name.as_str()],
            (GivenValue::Ready(Arg::Peers(peers)), _) => peers.iter().map(|peer| peer.dataset.as_str()).collect(),
            _ => Vec::new(),
        });
        std::iter::once(rule.dataset.as_str()).chain(others).map(|name| json!([name, key_of(name)])).collect()
    } else {
        Vec::new()
    };
    json!([rule.dataset, rule.check.name(), written, rule.condition, rule.segment, keys, declared]).to_string()
}

/// A parameter without what does not change its meaning.
pub(super) fn argument(value: &GivenValue) -> Value {
    let value = match value {
        GivenValue::Condition(condition) => return json!(condition.spaced()),
        GivenValue::Totals(totals) => {
            let texts = totals.iter().map(|(here, there)| [here.spaced(), there.spaced()]);
            return json!(texts.collect::<Vec<_>>());
        }
        GivenValue::Ready(value) => value,
    };
    match value {
        Arg::Column(text) | Arg::Text(text) => json!(text),
        Arg::Columns(texts) | Arg::Names(texts) => json!(texts),
        Arg::Baseline(baseline) => json!(baseline.path),
        Arg::Count(count) => json!(count),
        Arg::Number(number) => json!(number.to_string()),
        Arg::Flag(flag) => json!(flag),
        Arg::Type(kind) => json!(kind.name()),
        Arg::Span(span) => json!(span.to_string()),
        Arg::List(ValueList::Values(values)) => {
            let mut values = values.clone();
            values.sort();
            json!(values)
        }
        Arg::List(ValueList::Codelist { name, at }) => json!({ "codelist": name, "at": at }),
        Arg::Bounds { min, max } => json!([min, max]),
        Arg::Range { min, max } => json!([min, max]),
        Arg::Pairs(pairs) => json!(pairs),
        Arg::Compare(pairs) => json!(pairs),
        Arg::Peers(peers) => {
            let peers = peers.iter().map(|peer| json!([peer.dataset, peer.on, peer.compare]));
            json!(peers.collect::<Vec<_>>())
        }
        Arg::Tolerance(by) => json!(by.to_string()),
        Arg::Likenesses(compared) => {
            let one = |likened: &Likened| json!([likened.column, likened.method, likened.weight, likened.within]);
            json!(compared.iter().map(one).collect::<Vec<_>>())
        }
        Arg::BlockKeys(keys) => json!(keys.iter().map(ToString::to_string).collect::<Vec<_>>()),
        Arg::Types(types) => json!(types),
        Arg::Unread => Value::Null,
        // Typed expressions exist only after binding.
        Arg::Expr(expr) => json!(expr.to_string()),
        Arg::Figures { that, .. } => json!(that.to_string()),
        Arg::Totals(totals) => {
            let texts = totals.iter().map(|(here, there)| [here.to_string(), there.to_string()]);
            json!(texts.collect::<Vec<_>>())
        }
    }
}

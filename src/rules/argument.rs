//! The value of one parameter, read as its kind says.

use std::collections::BTreeMap;

use super::condition::{self, Condition};
use super::diagnostic::{Faults, Span, quoted};
use super::fields::{self, Field, Fields, field};
use super::names::Names;
use super::pairs::{comparisons, pairs};
use super::values::{choices, count, data_type, dataset, distinct, refuse_joined};
use super::yaml::{Key, Kind, Node};
use super::{compared_columns, meant, totals, with_datasets};
use crate::checks::{Arg, Param, ParamKind};
use crate::model::{DataType, Decimal, TimeSpan, Tolerance, ValueList};
use crate::scalar::Pattern;

/// A parameter as given.
#[derive(Debug, Clone)]
pub(super) struct GivenArg {
    /// Which one.
    pub(super) param: &'static Param,
    /// Where its value is.
    pub(super) span: Span,
    /// Where the datasets are that it names, if it names several.
    pub(super) places: BTreeMap<String, Span>,
    /// The value.
    pub(super) value: GivenValue,
}

impl GivenArg {
    /// A parameter that was not understood.
    pub(super) fn unread(param: &'static Param, span: Span) -> Self {
        Self { param, span, places: BTreeMap::new(), value: GivenValue::Ready(Arg::Unread) }
    }
}

/// The value of a parameter before the columns of the data are known.
#[derive(Debug, Clone)]
pub(super) enum GivenValue {
    /// Complete.
    Ready(Arg),
    /// An expression, typed once the columns are known.
    Condition(Condition),
    /// Figures of this dataset with those of another, typed once the columns are known.
    Totals(Vec<(Condition, Condition)>),
}

/// The keys of a list that is a code list.
pub(super) const LIST: &[Field] = &[
    field("codelist", "A code list of the suite"),
    field("at", "The date column on whose date a code must be valid; by default the date of as_of"),
];

/// The keys of bounds.
pub(super) const BOUNDS: &[Field] = &[field("min", "The lowest, included"), field("max", "The highest, included")];

/// The keys of the mapping form of a kind of parameter.
pub(super) fn mapping_form(kind: ParamKind) -> &'static [Field] {
    match kind {
        ParamKind::List => LIST,
        ParamKind::Bounds | ParamKind::Range => BOUNDS,
        _ => &[],
    }
}

/// Reads the value of a parameter of a rule of the dataset `own`, which the suite calls `word`; `None` where it does not
/// fit its kind.
pub(super) fn read(
    param: &'static Param,
    word: &str,
    node: &Node,
    names: &Names,
    own: &str,
    faults: &mut Faults,
) -> Option<GivenArg> {
    let what = format!("`{word}`");
    let mut places = BTreeMap::new();
    let value = match param.kind {
        ParamKind::Peers => {
            let (arg, named) = with_datasets::read(node, &what, names, own, faults)?;
            places = named;
            GivenValue::Ready(arg)
        }
        ParamKind::Totals(_) => GivenValue::Totals(totals::read(node, &what, faults)?),
        ParamKind::Expression | ParamKind::ExpressionOf(_) => {
            GivenValue::Condition(condition::read(node, &what, false, faults)?)
        }
        ParamKind::Figures => GivenValue::Condition(condition::read(node, &what, true, faults)?),
        kind => GivenValue::Ready(ready(kind, node, &what, names, faults)?),
    };
    Some(GivenArg { param, span: node.span, places, value })
}

fn ready(kind: ParamKind, node: &Node, what: &str, names: &Names, faults: &mut Faults) -> Option<Arg> {
    let whole = "a whole number from 0";
    Some(match kind {
        ParamKind::Column => Arg::Column(fields::text(node, what, faults)?.to_owned()),
        ParamKind::Columns | ParamKind::Excluded | ParamKind::ColumnsOf(_) => {
            Arg::Columns(distinct(node, what, faults)?)
        }
        ParamKind::Names | ParamKind::Texts => Arg::Names(distinct(node, what, faults)?),
        ParamKind::Dataset => dataset(node, what, names, faults)?,
        ParamKind::Tolerance => {
            let expected = "a number from 0, or a share such as 0.5%";
            Arg::Tolerance(fields::parsed(node, what, expected, Tolerance::parse, faults)?)
        }
        ParamKind::Scalar | ParamKind::Baseline => Arg::Text(fields::text(node, what, faults)?.to_owned()),
        ParamKind::Pattern => {
            if matches!(node.kind, Kind::List(_) | Kind::Map(_)) {
                let written = faults.covered(node.span).trim().replace('\'', "''");
                let help = format!("put a pattern with brackets in single quotes: '{written}'");
                faults.help(node.span, format!("{what} takes a single value, not {}", node.describe()), Some(help));
                return None;
            }
            let pattern = fields::text(node, what, faults)?;
            if let Err(problem) = Pattern::compile(pattern, true) {
                faults.at(node.span, format!("{what} is not a regular expression: {problem}"));
                return None;
            }
            Arg::Text(pattern.to_owned())
        }
        ParamKind::Count => {
            let written = fields::text(node, what, faults)?.trim().replace('_', "");
            if count(&written).is_none() && !written.is_empty() && written.bytes().all(|b| b.is_ascii_digit()) {
                faults
                    .at(node.span, format!("{what} takes a whole number up to {}, not {}", u64::MAX, quoted(&written)));
                return None;
            }
            Arg::Count(fields::parsed(node, what, whole, count, faults)?)
        }
        ParamKind::Number => Arg::Number(fields::parsed(node, what, "a number", Decimal::parse_loosely, faults)?),
        ParamKind::Flag => Arg::Flag(fields::flag(node, what, faults)?),
        ParamKind::Choice(words) => {
            let words: Vec<(&str, &str)> = words.iter().map(|word| (*word, *word)).collect();
            Arg::Text(fields::choice(node, what, &words, faults)?.to_owned())
        }
        ParamKind::Words(words) => Arg::Names(choices(node, what, words, faults)?),
        ParamKind::Type => Arg::Type(data_type(node, what, faults)?),
        ParamKind::Span => {
            let expected = "a length of time such as 30d, 36h or 2y";
            let meant = |text: &str| meant::period(text).map(|period| format!("did you mean `{period}`?"));
            Arg::Span(fields::parsed_or(node, what, expected, TimeSpan::parse, meant, faults)?)
        }
        ParamKind::List => Arg::List(list(node, what, names, faults)?),
        ParamKind::Bounds => {
            let (min, max) = bounds(node, what, "`2..50`, `..50`, `2..` or `12`", true, faults)?;
            let mut bound = |bound: Option<(String, Span)>| match bound {
                None => Some(None),
                Some((text, span)) => {
                    let value = count(&text);
                    if value.is_none() {
                        faults.at(span, format!("{what} takes whole numbers from 0, not {}", quoted(&text)));
                    }
                    value.map(Some)
                }
            };
            let (min, max) = (bound(min), bound(max));
            Arg::Bounds { min: min?, max: max? }
        }
        ParamKind::Range => {
            let (min, max) = bounds(node, what, "`0..120`, `..0` or `2020-01-01..`", false, faults)?;
            Arg::Range { min: min.map(|(text, _)| text), max: max.map(|(text, _)| text) }
        }
        ParamKind::Pairs(_) | ParamKind::Groups(_) => Arg::Pairs(pairs(node, what, faults)?),
        ParamKind::Compare(_) => Arg::Compare(comparisons(node, what, faults)?),
        ParamKind::Likenesses => Arg::Likenesses(compared_columns::compared(node, what, faults)?),
        ParamKind::BlockKeys => Arg::BlockKeys(compared_columns::keys(node, what, faults)?),
        ParamKind::Types => {
            let entries = fields::entries(node, what, faults)?;
            let read = |(key, value): &(Key, Node)| Some((key.text.clone(), data_type(value, what, faults)?));
            let types: Vec<(String, DataType)> = entries.iter().filter_map(read).collect();
            if entries.is_empty() {
                faults.at(node.span, format!("{what} is empty"));
            }
            (!types.is_empty() && types.len() == entries.len()).then_some(Arg::Types(types))?
        }
        // Read by the caller: expressions, and what has more than one place.
        ParamKind::Expression
        | ParamKind::ExpressionOf(_)
        | ParamKind::Figures
        | ParamKind::Totals(_)
        | ParamKind::Peers => return None,
    })
}

fn list(node: &Node, what: &str, names: &Names, faults: &mut Faults) -> Option<ValueList> {
    if !matches!(node.kind, Kind::Map(_)) {
        refuse_joined(node, what, faults)?;
        return distinct(node, what, faults).map(ValueList::Values);
    }
    let written = Fields::of(node, what, LIST, faults)?;
    let Some(list) = written.get("codelist") else {
        faults.at(node.span, format!("{what} takes a list of values, or `{{ codelist: NAME }}`"));
        return None;
    };
    let name = fields::text(list, "`codelist`", faults)?.to_owned();
    if !names.codelists.contains_key(&name) {
        if names.codelists.is_empty() && !faults.is_incomplete() {
            let help = format!(
                "declare it in the suite: `codelists: {{ {name}: [A, B] }}`, or with `{{ source: codes.csv }}`"
            );
            faults.help(list.span, format!("unknown code list {}", quoted(&name)), Some(help));
        } else {
            faults.unknown(list.span, "code list", &name, names.codelists.keys().map(String::as_str));
        }
        return None;
    }
    Some(ValueList::Codelist { name, at: written.text("at", faults) })
}

/// One end of bounds with its place.
type Bound = Option<(String, Span)>;

/// `low..high` with either end open, or `{ min, max }`; with `exact`, one value is both ends.
fn bounds(node: &Node, what: &str, form: &str, exact: bool, faults: &mut Faults) -> Option<(Bound, Bound)> {
    if let Kind::Map(_) = node.kind {
        let written = Fields::of(node, what, BOUNDS, faults)?;
        let mut bound = |name| {
            let node = written.get(name)?;
            Some((fields::text(node, what, faults)?.to_owned(), node.span))
        };
        let (min, max) = (bound("min"), bound("max"));
        if min.is_none() && max.is_none() {
            faults.at(node.span, format!("{what} needs `min` or `max`"));
            return None;
        }
        return Some((min, max));
    }
    if let Kind::List(items) = &node.kind {
        let bounds: Vec<&str> = items.iter().filter_map(Node::text).collect();
        let help = match bounds.as_slice() {
            [low, high] => Some(format!("did you mean `{low}..{high}`?")),
            _ => None,
        };
        faults.help(node.span, format!("{what} takes {form}, not a list"), help);
        return None;
    }
    let text = fields::text(node, what, faults)?;
    let bound = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(|text| (text.to_owned(), node.span));
    match text.split_once("..") {
        Some((low, high)) if !(low.trim().is_empty() && high.trim().is_empty()) => Some((bound(low), bound(high))),
        None if exact && count(text).is_some() => Some((bound(text), bound(text))),
        _ => {
            let help = if !exact && text.trim().parse::<f64>().is_ok() {
                Some(format!("did you mean `..{0}` (at most {0}) or `{0}..` (at least {0})?", text.trim()))
            } else {
                meant::bounds(text).map(|bounds| format!("did you mean `{bounds}`?"))
            };
            faults.help(node.span, format!("{what} takes {form}, not {}", quoted(text)), help);
            None
        }
    }
}

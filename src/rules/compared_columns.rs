//! What a search for near-duplicates compares, and by which keys it finds candidates, as a suite writes it.

use std::collections::BTreeSet;

use super::diagnostic::{Faults, quoted, suggestion};
use super::fields::{self, Field, Fields, field};
use super::values::{count, distinct};
use super::yaml::{Kind, Node};
use crate::checks::{LIKENESSES, Likened};
use crate::model::{BlockKey, BlockPart, Decimal, Transform};

/// The keys of one compared column.
pub(super) const LIKENED: &[Field] = &[
    field("method", "How two values compare; by default as the type of the column suggests"),
    field("weight", "How much the column counts, from 0.001 to 1000; by default 1"),
    field("within", "Numbers and dates (in days): the difference at which the similarity is 0"),
];

/// The transforms of a column in a key, as they are written.
const TRANSFORMS: &[&str] = &["soundex", "phonetic", "prefix", "qgram", "sorted"];

/// The least and the greatest weight.
const LIGHTEST: Decimal = Decimal::constant(1, 3);
const HEAVIEST: Decimal = Decimal::constant(1000, 0);

/// The most characters of a prefix, and the largest window.
const MOST: u64 = 1000;

/// How transforms are written.
const FORM: &str = "write phonetic(surname), soundex(surname), prefix(surname:3), qgram(address) or sorted(surname:10)";

/// The window of `sorted(column)`.
const WINDOW: u32 = 10;

/// Reads the compared columns: a list, or a mapping to a method or to the keys of [`LIKENED`].
pub(super) fn compared(node: &Node, what: &str, faults: &mut Faults) -> Option<Vec<Likened>> {
    let plain = |column: &str| Likened { column: column.to_owned(), method: None, weight: None, within: None };
    if !matches!(node.kind, Kind::Map(_)) {
        return Some(distinct(node, what, faults)?.iter().map(|name| plain(name)).collect());
    }
    let before = faults.len();
    let mut compared = Vec::new();
    for (key, value) in fields::entries(node, what, faults)? {
        let mut likened = plain(&key.text);
        if !matches!(value.kind, Kind::Map(_)) {
            likened.method = method(value, faults);
        } else if let Some(written) = Fields::of(value, "a compared column", LIKENED, faults) {
            likened.method = written.get("method").and_then(|node| method(node, faults));
            let weight =
                |text: &str| Decimal::parse_loosely(text).filter(|weight| (LIGHTEST..=HEAVIEST).contains(weight));
            likened.weight = written
                .get("weight")
                .and_then(|node| fields::parsed(node, "`weight`", "a number from 0.001 to 1000", weight, faults));
            let within = |text: &str| Decimal::parse_loosely(text).filter(|within| *within > Decimal::ZERO);
            likened.within = written
                .get("within")
                .and_then(|node| fields::parsed(node, "`within`", "a number over 0", within, faults));
            let known = likened.method.as_deref();
            if written.get("within").is_some() && known.is_some_and(|method| !matches!(method, "date" | "number")) {
                faults.at(written.key_span("within"), "`within` belongs to the methods `number` and `date`");
            }
        }
        compared.push(likened);
    }
    if compared.is_empty() && faults.len() == before {
        faults.at(node.span, format!("{what} is empty"));
    }
    (faults.len() == before).then_some(compared)
}

fn method(node: &Node, faults: &mut Faults) -> Option<String> {
    let words: Vec<(&str, &str)> = LIKENESSES.iter().map(|word| (*word, *word)).collect();
    fields::choice(node, "`method`", &words, faults).map(str::to_owned)
}

/// Reads the keys: `all`, or a list in which each key is a part or a list of parts.
pub(super) fn keys(node: &Node, what: &str, faults: &mut Faults) -> Option<Vec<BlockKey>> {
    let before = faults.len();
    let mut keys = Vec::new();
    let mut seen = BTreeSet::new();
    let items = match &node.kind {
        Kind::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    if let [only] = items
        && only.text() == Some("all")
    {
        return Some(vec![BlockKey { parts: Vec::new() }]);
    }
    for item in items {
        if item.text() == Some("all") {
            faults.at(item.span, "`all` compares every pair, so that no other key adds one: write `block_on: all`");
            continue;
        }
        let parts: Vec<&Node> = match &item.kind {
            Kind::List(parts) => parts.iter().collect(),
            _ => vec![item],
        };
        let parts: Vec<BlockPart> = parts.into_iter().filter_map(|part| self::part(part, what, faults)).collect();
        let alone = parts.iter().any(|part| matches!(part.transform, Transform::Qgram | Transform::Sorted(_)));
        if parts.len() > 1 && alone {
            faults.at(item.span, "`qgram(…)` and `sorted(…)` are keys by themselves: write them beside the others");
        }
        let mut names: Vec<String> = parts.iter().map(ToString::to_string).collect();
        names.sort_unstable();
        if let Some((name, _)) = names.iter().zip(names.iter().skip(1)).find(|(name, next)| name == next) {
            faults.at(item.span, format!("{} occurs twice in a key", quoted(name)));
        }
        if parts.is_empty() && faults.len() == before {
            faults.at(item.span, format!("{what} has a key without a column"));
        }
        let key = BlockKey { parts };
        // In another order it is the same key.
        if !seen.insert(names) && faults.len() == before {
            faults.at(item.span, format!("{} occurs twice", quoted(&key.to_string())));
        }
        keys.push(key);
    }
    if keys.is_empty() && faults.len() == before {
        faults.at(node.span, format!("{what} is an empty list; leave it out for keys chosen from what is compared"));
    }
    (faults.len() == before).then_some(keys)
}

/// One part of a key: a column, or a transform of one. A colon comes before a size, because a comma would split a list.
fn part(node: &Node, what: &str, faults: &mut Faults) -> Option<BlockPart> {
    let written = fields::text(node, what, faults)?;
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let Some((name, rest)) = written.split_once('(').filter(|(name, _)| is_name(name)) else {
        return Some(BlockPart { column: written.to_owned(), transform: Transform::Whole });
    };
    let Some(inner) = rest.strip_suffix(')').filter(|_| TRANSFORMS.contains(&name)) else {
        let known = TRANSFORMS.contains(&name);
        let message = format!("{} is no {}", quoted(if known { written } else { name }), "transform of a column");
        let help = if known { Some(FORM.to_owned()) } else { suggestion(name, TRANSFORMS) };
        faults.help(node.span, message, help);
        return None;
    };
    let sized = matches!(name, "prefix" | "sorted");
    let (column, written_size) = match inner.rsplit_once(':').filter(|_| sized) {
        Some((column, size)) => (column, Some(size.trim())),
        None => (inner, None),
    };
    let size = written_size.and_then(count).filter(|size| (1..=MOST).contains(size));
    let size = size.and_then(|size| u32::try_from(size).ok());
    if let (Some(wrong), None) = (written_size, size) {
        let message = format!("{name} takes a whole number from 1 to {MOST}, not {}", quoted(wrong));
        faults.help(node.span, message, Some(FORM.to_owned()));
        return None;
    }
    let transform = match (name, size) {
        ("soundex", _) => Transform::Soundex,
        ("phonetic", _) => Transform::Phonetic,
        ("qgram", _) => Transform::Qgram,
        ("sorted", size) => Transform::Sorted(size.unwrap_or(WINDOW)),
        (_, Some(size)) => Transform::Prefix(size),
        (_, None) => {
            faults.help(node.span, "prefix takes a column and a number of characters", Some(FORM.to_owned()));
            return None;
        }
    };
    if column.contains(['(', ')']) {
        faults.help(
            node.span,
            format!("{} is no column: transforms do not nest", quoted(column)),
            Some(FORM.to_owned()),
        );
        return None;
    }
    let is_size = |(_, size): &(&str, &str)| size.trim().bytes().all(|b| b.is_ascii_digit());
    if !sized && column.rsplit_once(':').is_some_and(|parts| is_size(&parts)) {
        faults.help(node.span, format!("{name} takes a column and no number"), Some(FORM.to_owned()));
        return None;
    }
    if column.is_empty() {
        faults.help(node.span, format!("{name} takes a column"), Some(FORM.to_owned()));
        return None;
    }
    Some(BlockPart { column: column.to_owned(), transform })
}

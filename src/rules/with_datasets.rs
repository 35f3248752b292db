//! `with:` of an entity graph: the other datasets, each with its names for the key and the facts.

use std::collections::BTreeMap;

use super::diagnostic::{Faults, Span, quoted};
use super::fields::{self, Field, Fields, field};
use super::names::Names;
use super::pairs::{comparisons, pairs};
use super::values;
use super::yaml::{Kind, Node};
use crate::checks::{Arg, Peer};

/// The keys of one of the other datasets.
pub(super) const PEER: &[Field] = &[
    field("on", "{ here: there }, the columns of the key; by default those of the rule, or the declared keys"),
    field("compare", "{ here: there }, or { here: { to: there, as: folded } }; by default that of the rule"),
];

/// The most other datasets: each is a bit beside that of the rule's own.
const MOST: usize = 63;

/// Reads one dataset, a list of datasets, or a mapping of datasets to what they call things; with the place of each.
pub(super) fn read(
    node: &Node,
    what: &str,
    names: &Names,
    own: &str,
    faults: &mut Faults,
) -> Option<(Arg, BTreeMap<String, Span>)> {
    let before = faults.len();
    let mut peers: Vec<Peer> = Vec::new();
    let mut places = BTreeMap::new();
    let mut known = |name: &str, span: Span, faults: &mut Faults| {
        if !names.datasets.contains_key(name) {
            faults.unknown(span, "dataset", name, names.datasets.keys().map(String::as_str));
        } else if name == own {
            let help = "name the other datasets alone; `unique` and `determines` are about duplicates in one dataset"
                .to_owned();
            faults.help(span, format!("{} is the dataset of the rule itself", quoted(name)), Some(help));
        } else if places.insert(name.to_owned(), span).is_some() {
            faults.at(span, format!("{} occurs twice", quoted(name)));
        }
    };
    match &node.kind {
        Kind::List(items) => {
            for item in items {
                if let Some(name) = fields::text(item, what, faults) {
                    known(name, item.span, faults);
                    peers.push(Peer { dataset: name.to_owned(), on: None, compare: None });
                }
            }
        }
        Kind::Map(entries) => {
            for (key, value) in entries {
                known(&key.text, key.span, faults);
                let mut peer = Peer { dataset: key.text.clone(), on: None, compare: None };
                if !value.is_empty()
                    && let Some(written) =
                        Fields::of(value, &format!("the dataset {}", quoted(&key.text)), PEER, faults)
                {
                    peer.on = written.get("on").and_then(|node| pairs(node, "`on`", faults));
                    let compare = written.get("compare");
                    peer.compare = compare.and_then(|node| comparisons(node, "`compare`", faults));
                }
                peers.push(peer);
            }
        }
        Kind::Scalar { .. } => return values::dataset(node, what, names, faults).map(|arg| (arg, BTreeMap::new())),
    }
    if peers.is_empty() && faults.len() == before {
        faults.at(node.span, format!("{what} names no dataset"));
    }
    if peers.len() > MOST {
        faults.at(node.span, format!("{what} names {} datasets; at most {MOST} can be compared", peers.len()));
    }
    (faults.len() == before).then_some((Arg::Peers(peers), places))
}

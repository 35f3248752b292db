//! Waivers in files of their own, so that accepting a fault is reviewed apart from the rules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::bound::BoundRule;
use super::diagnostic::{Diagnostics, Faults, Span, did_you_mean, quoted};
use super::fields::{self, Field, Fields, field};
use super::file::Inputs;
use super::input::InputRole;
use super::late_waivers::{LateWaiver, LateWaivers};
use super::likeness::is_like_waivers;
use super::waiver::{self, PlacedWaiver, WAIVE};
use super::wildcard;
use super::written::{Each, Written, WrittenRule};
use super::yaml::{self, Kind, Node};
use crate::files::FileError;
use crate::model::nearest;

/// The keys of a file of waivers.
pub(super) const WAIVERS: &[Field] = &[field("waivers", "The accepted faults, each with the id of its rule")];

/// The key of a waiver in a file that those of [`WAIVE`] follow.
pub(super) const RULE: Field = field("rule", "The id of the rule whose failures are accepted, without `*`");

/// How a waiver in a file reads.
const FORM: &str = "write `- { rule: ID, until: 2026-12-31, by: NAME, because: REASON }`";

/// The keys of a waiver in a file.
pub(super) fn keys() -> Vec<Field> {
    [RULE].iter().chain(WAIVE).copied().collect()
}

/// A waiver of a file, with the rule that it names.
#[derive(Debug, Clone)]
struct Entry {
    rule: String,
    /// Where the rule is named.
    place: Span,
    placed: PlacedWaiver,
}

/// The waivers of the files of a suite, in the order read.
#[derive(Debug, Default)]
pub(super) struct WaiverFiles {
    entries: Vec<Entry>,
    read: BTreeSet<PathBuf>,
}

impl WaiverFiles {
    /// Reads the files that `waivers` of a suite names; they are looked for from `base`.
    pub(super) fn read(&mut self, node: &Node, base: &Path, inputs: &mut Inputs, faults: &mut Faults) {
        let is_inline = matches!(&node.kind, Kind::List(items) if items.iter().any(|item| item.text().is_none()));
        if is_inline || matches!(node.kind, Kind::Map(_)) {
            let message = format!("`waivers` takes the name of a file, not {}", node.describe());
            let help = "write the waivers in a file of their own, which begins with `waivers:`, and name it here";
            faults.help(node.span, message, Some(help.to_owned()));
            return;
        }
        for (name, span) in fields::texts(node, "`waivers`", faults) {
            let path = base.join(&name);
            // Two suites may share a file.
            if path.canonicalize().is_ok_and(|canonical| !self.read.insert(canonical)) {
                continue;
            }
            self.read_file(&name, span, &path, inputs, faults);
        }
    }

    fn read_file(&mut self, name: &str, span: Span, path: &Path, inputs: &mut Inputs, faults: &mut Faults) {
        let text = match inputs.read_text(InputRole::Waivers, path, yaml::MAX_BYTES as u64) {
            Ok(text) => text,
            Err(problem) => {
                let is_large = matches!(problem, FileError::TooLarge { .. });
                let help = is_large.then(|| "divide it: `waivers` takes several files".to_owned());
                faults.help(span, format!("{} {problem}", quoted(name)), help);
                return;
            }
        };
        // Lines of a file that was named by mistake are not shown: it may be data.
        if !is_like_waivers(&text) {
            let message = format!("{} is not a file of waivers, which begins with `waivers:`", quoted(name));
            faults.help(span, message, Some(format!("begin it with `waivers:`, and below it {FORM}")));
            return;
        }
        let file = faults.add_file(path.to_path_buf(), text.clone());
        let Some(root) = yaml::parse(file, &text, faults) else { return };
        let Some(written) = Fields::of(&root, "a file of waivers", WAIVERS, faults) else { return };
        let Some(list) = written.get("waivers") else { return };
        let Kind::List(items) = &list.kind else {
            let message = format!("`waivers` takes a list of waivers, not {}", list.describe());
            faults.help(list.span, message, Some(format!("{FORM}; write `waivers: []` where there are none")));
            return;
        };
        for item in items {
            self.entries.extend(entry(item, faults));
        }
    }

    /// Gives the rules their waivers. Those of rules that one rule of the suite makes for each of several columns are kept
    /// for later.
    pub(super) fn attach(self, rules: &mut [WrittenRule], faults: &mut Faults) -> LateWaivers {
        // Of a broken suite it is not known which rules there are.
        let is_whole = faults.is_empty();
        let mut late = LateWaivers::default();
        let ids: BTreeMap<String, usize> =
            rules.iter().enumerate().filter(|(_, rule)| rule.given.each.is_none()).map(by_id).collect();
        for Entry { rule: id, place, placed } in self.entries {
            if let Some(at) = ids.get(&id) {
                let written = &mut rules[*at];
                if let Some(first) = written.given.waiver {
                    twice(&id, place, first, faults);
                } else {
                    written.rule.waiver = Some(placed.waiver);
                    written.given.waiver = Some(placed.until);
                }
                continue;
            }
            let maker =
                rules.iter().find(|written| written.given.each.as_ref().is_some_and(|each| makes(written, each, &id)));
            match maker {
                Some(maker) => {
                    let first = maker.given.waiver.or_else(|| Some(late.of(&id)?.until));
                    match first {
                        Some(first) => twice(&id, place, first, faults),
                        None => late.add(id, LateWaiver { dataset: maker.rule.dataset.clone(), place, placed }),
                    }
                }
                None if is_whole => {
                    unknown(
                        &id,
                        place,
                        rules.iter().map(|written| written.rule.id.as_str()).filter(|id| !wildcard::is_pattern(id)),
                        faults,
                    );
                }
                None => {}
            }
        }
        late
    }
}

fn by_id((at, written): (usize, &WrittenRule)) -> (String, usize) {
    (written.rule.id.clone(), at)
}

/// Whether a rule for each of several columns may make one of that id.
fn makes(written: &WrittenRule, each: &Each, id: &str) -> bool {
    let stem = &written.rule.id;
    if each.declared {
        return wildcard::covers(stem, id);
    }
    each.names.iter().any(|(name, _)| wildcard::covers(&format!("{stem}.{name}"), id))
}

/// Reads one waiver of a file.
fn entry(node: &Node, faults: &mut Faults) -> Option<Entry> {
    if !matches!(node.kind, Kind::Map(_)) {
        faults.help(node.span, format!("a waiver takes a mapping, not {}", node.describe()), Some(FORM.to_owned()));
        return None;
    }
    let written = Fields::of(node, "a waiver", &keys(), faults)?;
    if written.get("rule").is_none() {
        faults.help(written.span, "a waiver needs `rule`", Some(format!("{}: {}", RULE.name, RULE.doc)));
    }
    let rule = written.text("rule", faults);
    let pattern = rule.as_deref().filter(|id| wildcard::is_pattern(id));
    if let (Some(id), Some(node)) = (pattern, written.get("rule")) {
        let help = "write a waiver for each rule, so that each accepted fault is named".to_owned();
        faults.help(node.span, format!("a waiver names one rule, and {} is a pattern", quoted(id)), Some(help));
        return None;
    }
    let placed = waiver::read(&written, "a waiver", faults);
    Some(Entry { rule: rule?, place: written.get("rule")?.span, placed: placed? })
}

fn twice(id: &str, place: Span, first: Span, faults: &mut Faults) {
    let file = faults.files().get(first.file as usize).map(|file| file.path.display().to_string());
    let help = format!("keep one of them; the other is on line {} of {}", first.line, file.unwrap_or_default());
    faults.help(place, format!("the rule {} has two waivers", quoted(id)), Some(help));
}

fn unknown<'a>(id: &str, place: Span, known: impl Iterator<Item = &'a str>, faults: &mut Faults) {
    let help = match nearest(id, known) {
        Some(near) => did_you_mean(id, near),
        None => "remove the waiver, or name a rule as reports do; `passmuster explain SUITE` lists the ids".to_owned(),
    };
    faults.help(place, format!("a waiver names the unknown rule {}", quoted(id)), Some(help));
}

impl Written {
    /// The waivers of rules that there are not with the columns of the data. `bound` are all rules, and `is_read` says which
    /// datasets could be opened: of others it is not known which rules there are.
    pub fn unknown_waivers(&self, bound: &[BoundRule], is_read: impl Fn(&str) -> bool) -> Diagnostics {
        let mut faults = Faults::of(&self.files);
        let ids: BTreeSet<&str> = bound.iter().map(|bound| bound.rule.id.as_str()).collect();
        for (id, late) in self.waivers.iter().filter(|(_, late)| is_read(&late.dataset)) {
            if !ids.contains(id) {
                unknown(id, late.place, ids.iter().copied(), &mut faults);
            }
        }
        faults.finish()
    }
}

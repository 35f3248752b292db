//! What changed in the rules from one suite to another, and for whom that can break something.
//!
//! Suites are compared as resolved. A change is called stricter, or looser, only where that is so for every dataset; each parameter of
//! a check says in which direction it is, see [`Stricter`](crate::checks::Stricter).

mod arguments;
mod declared;
mod pairs;
mod rule;
mod weight;

use std::collections::{BTreeMap, BTreeSet};

use super::written::Written;
use crate::model::{
    BreakingCounts, CHANGELOG_FORMAT, ChangeKind, ComparedSuite, Effect, EffectCounts, Party, SuiteChange,
    SuiteChangelog, SuitePart, Waiver,
};
use weight::{Weight, whole};

/// Compares two suites.
pub fn changes(old: &Written, new: &Written) -> SuiteChangelog {
    let mut changes = declared::settings(&old.suite, &new.suite);
    changes.extend(declared::codelists((&old.suite, &old.rules), (&new.suite, &new.rules)));
    changes.extend(declared::datasets(&old.suite, &new.suite));
    changes.extend(rules(old, new));
    changes.sort_by(|a, b| (a.part, &a.name).cmp(&(b.part, &b.name)));
    let mut counts = EffectCounts::default();
    let mut breaking = BreakingCounts::default();
    for change in &changes {
        *match change.effect {
            Effect::Stricter => &mut counts.stricter,
            Effect::Looser => &mut counts.looser,
            Effect::Other => &mut counts.other,
        } += 1;
        breaking.producer += u64::from(change.breaks.contains(&Party::Producer));
        breaking.consumer += u64::from(change.breaks.contains(&Party::Consumer));
    }
    let side = |written: &Written| ComparedSuite {
        suite: written.suite.name.clone(),
        rules_hash: written.suite.rules_hash.clone(),
    };
    SuiteChangelog {
        format: CHANGELOG_FORMAT.to_owned(),
        old: side(old),
        new: side(new),
        same: changes.is_empty(),
        counts,
        breaking,
        changes,
    }
}

/// The rules, and their waivers.
fn rules(old: &Written, new: &Written) -> Vec<SuiteChange> {
    let paired = pairs::pair(pairs::meant(&old.suite, &old.rules), pairs::meant(&new.suite, &new.rules));
    let suites = (&old.suite, &new.suite);
    let mut changes = Vec::new();
    for (then, now) in &paired.both {
        changes.extend(rule::compare(suites, then, now));
        let (then, now) = (&then.written.rule, &now.written.rule);
        changes.extend(declared::waiver(&now.id, then.waiver.as_ref(), now.waiver.as_ref()));
    }
    for (then, now) in &paired.renamed {
        let (then, now) = (&then.written.rule, &now.written.rule);
        let renamed = whole(SuitePart::Rule, &now.id, ChangeKind::Renamed, Weight::Neutral);
        changes.push(SuiteChange { renamed_from: Some(then.id.clone()), ..renamed });
        changes.extend(declared::waiver(&now.id, then.waiver.as_ref(), now.waiver.as_ref()));
    }
    let of = |rule: &pairs::Meant<'_>, kind, weight| whole(SuitePart::Rule, &rule.written.rule.id, kind, weight);
    changes.extend(paired.removed.iter().map(|rule| of(rule, ChangeKind::Removed, Weight::Looser)));
    changes.extend(paired.added.iter().map(|rule| of(rule, ChangeKind::Added, Weight::Stricter)));
    // Waivers of rules that the columns of the data decide on.
    let late = |written: &Written| -> BTreeMap<String, Waiver> {
        written.waivers.iter().map(|(id, late)| (id.to_owned(), late.placed.waiver.clone())).collect()
    };
    let (then, now) = (late(old), late(new));
    for id in then.keys().chain(now.keys()).collect::<BTreeSet<_>>() {
        changes.extend(declared::waiver(id, then.get(id), now.get(id)));
    }
    changes
}

//! `agrees`: the same entity says the same in other datasets.

use super::{
    BoundCheck, Check, JudgeError, Outcome, Peer, Problem, Problems, Readings, Scope, Shorthand, With, common_type,
    dataset_measure, others_untold, row_measure, same_types,
};
use crate::model::{
    self, Comparison, ComparisonForm, DataType, Dimension, Entities, EntitySide, EntityTally, Fact, Kept, KeySpec,
    Lookup, MatchTally, Measure, MeasureKind, Predicate, SharedFact,
};

const PAGE: &str = "# agrees

Compares what datasets say about the same entities. There are two forms.

**`with: tax` judges the rows of this dataset.** Joins each row to the rows of the other dataset with the same key, and passes
where every pair of columns says the same in all of them. Rows that the other dataset does not have are not applicable
(`unmatched`; `exists_in` judges those, and `complete_from` those that are there and not here), as are rows with a missing key
part. `matched`, `differing`, `unmatched` and `ambiguous` (more than one counterpart) are counted apart; rows of the other
dataset whose key does not read are no counterpart, and told as `other_unreadable_rows`.

**`with: [tax, health]` judges entities**: the distinct keys of all the datasets together, this one among them. For each fact,
all rows of the entity must say the same, in all datasets that have it, also where this dataset does not have it. Entities in
one dataset alone are not applicable; with `require: everywhere` they fail, as does every entity that some dataset lacks. A list
of one dataset is this form, too. The details tell:

- `entities`, and those `in_every_dataset`;
- for each dataset the entities `only_in_…` it, `missing_in_…` it, and `repeated_in_…` it (in more than one row), and its rows
  `without_key_in_…` and `unreadable_in_…`;
- for each fact `conflicts_of_…`, and among them `gaps_of_…`: some rows say nothing, and the others agree.

A row whose key does not read could be any entity: it fails as one more. `where` narrows the rows of this dataset; an entity out
of scope here is missing here. The rows that a report names are those of this dataset whose entity fails.

Where the datasets call things differently, `with` tells for each its key and facts: `{ here: there }`. A dataset that says no
`on` or `compare` of its own takes those of the rule; one that leaves a column of `compare` out does not know that fact.

In both forms two missing values agree; a missing and a present one differ. A value that does not read agrees with nothing.
Pairs compare exactly, or `as: nfc` (Unicode composed alike), or `as: folded` (besides, without regard to case, inner
spaces and placement of tone marks: `STRASSE` is `Straße`, `Hoà` and `Tòan` are `Hòa` and `Toàn`), or within a `tolerance`
(numbers; dates, in days): then the least and the greatest value of an entity may be that far apart. One fact compares the same
way in all datasets.

A `tolerance` of decimals counts all digits. A decimal that no 64-bit float tells (it has more than 15 digits and is not the
shortest one that reads as its float) is kept with up to 33 digits; a longer one agrees with nothing and is unreadable. With one
other dataset (`with: NAME`), a key with several rows there that differ, one of them such a decimal, agrees with nothing.

## Example

```yaml
suite: register
datasets:
  tax_payers: { source: tax.csv, key: personal_id }
  patients: { source: health.csv, key: patient_id }
  citizens:
    source: citizens.csv
    key: citizen_id
    rules:
      - id: one-person-one-story
        check: agrees
        with: tax_payers
        on: { citizen_id: personal_id }
        compare:
          full_name: { to: name, as: folded }
          date_of_birth: birth_date
        at_least: 99%
      - id: one-person-in-three-registers
        check: agrees
        with:
          tax_payers:
            compare: { full_name: { to: name, as: folded }, date_of_birth: birth_date }
          patients:
            on: { citizen_id: patient_id }
            compare: { full_name: { to: patient, as: folded } }
```
";

parameters! {
    /// Facts about one entity in several datasets.
    struct Agrees {
        with: required Peers,
            "the other dataset: its rows are compared; or several: entities are compared over all of them";
        on: optional Pairs("with"), "{ here: there }, the columns of the key; by default the declared keys";
        compare: optional Compare("with"), "{ here: there }, or { here: { to: there, as: folded } }";
        require: optional Choice(&["everywhere"]), "everywhere: entities that a dataset lacks fail, too";
    }
}

pub(super) const CHECK: Check = Check {
    name: "agrees",
    summary: "the same entity says the same in all datasets",
    dimension: Dimension::Unified,
    page: PAGE,
    shorthand: Shorthand::None,
    takes_condition: true,
    params: Agrees::PARAMS,
    bind: Agrees::bind,
};

impl BoundCheck for Agrees {
    fn lint(&self) -> Problems {
        match &self.with {
            // It is not known.
            With::One(other) if other.is_empty() => Problems::default(),
            With::One(other) => self.lint_rows(other),
            With::Several(peers) => self.lint_graph(peers),
        }
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        Ok(vec![match &self.with {
            With::One(other) => row_measure(scope, self.rows(other, scope)?),
            With::Several(peers) => dataset_measure(scope, MeasureKind::Entities(self.graph(peers, scope)?)),
        }])
    }

    fn is_about_rows(&self) -> bool {
        matches!(self.with, With::One(_))
    }

    fn judge(&self, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let other = match &self.with {
            With::One(other) => other,
            With::Several(peers) => return Ok(self.judge_graph(peers, scope.dataset(), readings.entities(0)?)),
        };
        let tally = readings.rows(0)?;
        let pairs: Vec<&str> = self.compare.known().into_iter().flatten().map(|(column, ..)| column.as_str()).collect();
        let mut outcome = Outcome::of_rows(tally, format!("{} as in {other}", pairs.join(", ")), "differ");
        if let Some(matching) = &tally.matching {
            let MatchTally { matched, differing, unmatched, ambiguous } = *matching;
            for (name, count) in
                [("matched", matched), ("differing", differing), ("unmatched", unmatched), ("ambiguous", ambiguous)]
            {
                outcome.details.insert(name.to_owned(), count);
            }
            outcome.observed = format!(
                "{matched} matched, {differing} of them differ, {unmatched} unmatched{}",
                others_untold(tally.other_unreadable)
            );
        }
        Ok(outcome)
    }
}

impl Agrees {
    /// The test of each row against one other dataset.
    fn rows(&self, other: &str, scope: &dyn Scope) -> Result<Predicate, Problems> {
        let mut problems = Problems::default();
        let (here, there): (Vec<String>, Vec<String>) = match self.on.known() {
            Some(pairs) => pairs.iter().cloned().unzip(),
            None => (scope.key(scope.dataset()), scope.key(other)),
        };
        if here.is_empty() || here.len() != there.len() {
            problems.add("on", "say which columns identify an entity in both datasets: `on: { here: there }`");
        }
        problems.take(same_types(scope, "on", &here, other, &there));
        let mut compare = Vec::new();
        for (column, to, form) in self.compare.known().into_iter().flatten() {
            let data_type = match (scope.column_type(scope.dataset(), column), scope.column_type(other, to)) {
                (Some(ours), Some(theirs)) => {
                    let common = common_type(ours, theirs);
                    if common.is_none() {
                        let problem = format!("{column} is {ours} and {to} is {theirs}: declare one type for both");
                        problems.add("compare", problem);
                    }
                    common
                }
                // What one of both cannot be compared by, both cannot.
                (ours, theirs) => ours.or(theirs),
            };
            if let Some(data_type) = data_type {
                problems.take(fits("compare", column, form, data_type));
            }
            let data_type = data_type.unwrap_or(DataType::Text);
            compare.push(Comparison { column: column.clone(), to: to.clone(), form: form.clone(), data_type });
        }
        let lookup = Lookup {
            dataset: other.to_owned(),
            key: KeySpec { columns: there },
            filter: None,
            kept: Kept::Keys,
            facts: compare
                .iter()
                .map(|pair| Fact { column: pair.to.clone(), form: pair.form.clone(), data_type: pair.data_type })
                .collect(),
        };
        problems.or(Predicate::Agrees { key: KeySpec { columns: here }, lookup, compare })
    }

    /// Faults of the form with one other dataset.
    fn lint_rows(&self, other: &str) -> Problems {
        let mut problems = Problems::default();
        if !self.compare.is_given() {
            problems.add("compare", "say what must agree, `compare: { here: there }`");
        }
        if self.require.is_given() {
            let problem = format!("`require` is about entities: name the other dataset in a list, `with: [{other}]`");
            problems.add("require", problem);
        }
        problems
    }

    /// Faults of the form with several other datasets.
    fn lint_graph(&self, peers: &[Peer]) -> Problems {
        let mut problems = Problems::default();
        let without: Vec<&str> =
            peers.iter().filter(|peer| peer.compare.is_none()).map(|peer| peer.dataset.as_str()).collect();
        if !without.is_empty() && !self.compare.is_given() {
            let problem = format!("say what must agree with {}, `compare: {{ here: there }}`", without.join(", "));
            problems.add("compare", problem);
        }
        let unused = [
            ("compare", self.compare.is_given() && without.is_empty()),
            ("on", self.on.is_given() && peers.iter().all(|peer| peer.on.is_some())),
        ];
        for (param, _) in unused.into_iter().filter(|(_, is_unused)| *is_unused) {
            let problem =
                format!("every dataset under `with` has its own `{param}`, so that of the rule is never used");
            problems.add(param, problem);
        }
        // In the order of the rule, so that the same fault is told in the same words.
        let mut forms: Vec<(&str, &ComparisonForm, &str)> = Vec::new();
        for peer in peers {
            for (column, _, form) in peer.compare.as_ref().or_else(|| self.compare.known()).into_iter().flatten() {
                match forms.iter().find(|(known, ..)| known == column) {
                    None => forms.push((column, form, &peer.dataset)),
                    Some((_, first, dataset)) if *first != form => {
                        let problem = format!(
                            "{column} is compared{} with {dataset} and{} with {}: compare it in one way",
                            way(first),
                            way(form),
                            peer.dataset
                        );
                        problems.add("with", problem);
                    }
                    Some(_) => {}
                }
            }
        }
        let keys = peers.iter().filter_map(|peer| Some((peer, peer.on.as_ref().or_else(|| self.on.known())?)));
        let keys: Vec<(&str, Vec<&str>)> =
            keys.map(|(peer, pairs)| (peer.dataset.as_str(), columns_here(pairs))).collect();
        for pair in keys.windows(2) {
            if let [(one, first), (two, second)] = pair
                && first != second
            {
                let problem = format!(
                    "an entity is known by {} in {one} and by {} in {two}: it takes the same columns of this dataset",
                    first.join(", "),
                    second.join(", ")
                );
                problems.add("with", problem);
            }
        }
        problems
    }

    /// The facts of all datasets about the same entities.
    fn graph(&self, peers: &[Peer], scope: &dyn Scope) -> Result<Entities, Problems> {
        let mut problems = Problems::default();
        let own = scope.dataset();
        let place = |own: bool, param| if own { "with" } else { param };
        // Each dataset's columns of the key, in the order of this dataset's.
        let given = peers.iter().find_map(|peer| peer.on.as_ref()).or_else(|| self.on.known());
        let here: Vec<String> = match given {
            Some(pairs) => pairs.iter().map(|(here, _)| here.clone()).collect(),
            None => scope.key(own),
        };
        let mut shared: Vec<SharedFact> = Vec::new();
        // The types of the facts as far as they are known.
        let mut types: Vec<Option<DataType>> = Vec::new();
        let mut found = Vec::new();
        for peer in peers {
            let name = &peer.dataset;
            let on = place(peer.on.is_some(), "on");
            let there: Vec<String> = match peer.on.as_ref().or_else(|| self.on.known()) {
                Some(pairs) => matched(&here, pairs.iter().cloned()),
                None => matched(&here, scope.key(own).into_iter().zip(scope.key(name))),
            };
            if here.is_empty() || here.len() != there.len() {
                let problem = format!("say which columns identify an entity in {name}: `on: {{ here: there }}`");
                problems.add(on, problem);
            }
            problems.take(same_types(scope, on, &here, name, &there));
            let compare = place(peer.compare.is_some(), "compare");
            let mut facts = Vec::new();
            for (column, to, form) in peer.compare.as_ref().or_else(|| self.compare.known()).into_iter().flatten() {
                let ours = scope.column_type(own, column);
                let known = shared.iter().position(|fact| fact.column == *column).unwrap_or_else(|| {
                    let data_type = ours.unwrap_or(DataType::Text);
                    shared.push(SharedFact { column: column.clone(), form: form.clone(), data_type });
                    types.push(ours);
                    shared.len() - 1
                });
                let data_type = match (types[known], scope.column_type(name, to)) {
                    (Some(so_far), Some(theirs)) => {
                        let common = common_type(so_far, theirs);
                        if common.is_none() {
                            let ours = ours.unwrap_or(so_far);
                            let problem =
                                format!("{column} is {ours} and {to} of {name} is {theirs}: declare one type for both");
                            problems.add(compare, problem);
                        }
                        common.or(Some(so_far))
                    }
                    (so_far, theirs) => so_far.or(theirs),
                };
                types[known] = data_type;
                if let Some(data_type) = data_type {
                    problems.take(fits(compare, column, form, data_type));
                    shared[known].data_type = data_type;
                }
                facts.push((known, to.clone()));
            }
            found.push((name.clone(), there, facts));
        }
        let peer = |(dataset, there, facts): (String, Vec<String>, Vec<(usize, String)>)| {
            let fact = |(at, column): &(usize, String)| {
                let SharedFact { form, data_type, .. } = &shared[*at];
                Fact { column: column.clone(), form: form.clone(), data_type: *data_type }
            };
            let kept = facts.iter().map(fact).collect();
            let lookup =
                Lookup { dataset, key: KeySpec { columns: there }, filter: None, facts: kept, kept: Kept::Rows };
            model::Peer { lookup, facts: facts.into_iter().map(|(at, _)| at).collect() }
        };
        let peers = found.into_iter().map(peer).collect();
        problems.or(Entities {
            key: KeySpec { columns: here },
            facts: shared,
            peers,
            everywhere: self.require.is_given(),
        })
    }

    fn judge_graph(&self, peers: &[Peer], own: &str, tally: &EntityTally) -> Outcome {
        let names: Vec<&str> = std::iter::once(own).chain(peers.iter().map(|peer| peer.dataset.as_str())).collect();
        let facts = self.facts_of(peers);
        let everywhere = self.require.is_given();
        // A row that could be any entity is one more.
        let spoilt: u64 = tally.sides.iter().map(|side| side.unreadable).sum();
        let mut outcome = Outcome {
            passed: tally.judged - tally.failed,
            failed: tally.failed + spoilt,
            not_applicable: tally.entities - tally.judged,
            unreadable: tally.unreadable + spoilt,
            expected: format!(
                "{} the same in {}{}",
                facts.join(", "),
                names.join(", "),
                if everywhere { ", and every entity in each of them" } else { "" }
            ),
            sample: tally.sample.clone(),
            ..Outcome::default()
        };
        let EntityTally { entities, in_every, judged, conflicting, .. } = *tally;
        let conflicts = among(facts.iter().copied().zip(tally.conflicts.iter().copied()));
        let of_sides = |count: fn(&EntitySide, u64) -> u64| {
            among(names.iter().copied().zip(tally.sides.iter().map(|side| count(side, entities))))
        };
        outcome.observed = if everywhere {
            let missing = of_sides(|side, entities| entities - side.entities);
            format!(
                "{entities} entities, {conflicting} of them conflict{conflicts}, {} are missing somewhere{missing}",
                entities - in_every
            )
        } else {
            let alone = of_sides(|side, _| side.only);
            format!(
                "{judged} of {entities} entities in several datasets, {conflicting} of them conflict{conflicts}, {} in one \
             dataset alone{alone}",
                entities - judged
            )
        };
        if spoilt > 0 {
            outcome.observed = format!("{}, {spoilt} rows have a key that cannot be read", outcome.observed);
        }
        let mut tell = |name: String, count: u64| {
            outcome.details.insert(name, count);
        };
        tell("entities".to_owned(), entities);
        tell("in_every_dataset".to_owned(), in_every);
        for (name, side) in names.iter().zip(&tally.sides) {
            tell(format!("only_in_{name}"), side.only);
            tell(format!("missing_in_{name}"), entities - side.entities);
            tell(format!("repeated_in_{name}"), side.repeated);
            tell(format!("without_key_in_{name}"), side.without_key);
            tell(format!("unreadable_in_{name}"), side.unreadable);
        }
        for ((fact, conflicts), gaps) in facts.iter().zip(&tally.conflicts).zip(&tally.gaps) {
            tell(format!("conflicts_of_{fact}"), *conflicts);
            tell(format!("gaps_of_{fact}"), *gaps);
        }
        outcome
    }

    /// The facts of an entity graph, in the order in which they are measured.
    fn facts_of<'a>(&'a self, peers: &'a [Peer]) -> Vec<&'a str> {
        let mut facts: Vec<&str> = Vec::new();
        for peer in peers {
            for (column, ..) in peer.compare.as_ref().or_else(|| self.compare.known()).into_iter().flatten() {
                if !facts.contains(&column.as_str()) {
                    facts.push(column);
                }
            }
        }
        facts
    }
}

/// Refuses facts of a type that does not compare in that way.
fn fits(param: &'static str, column: &str, form: &ComparisonForm, data_type: DataType) -> Result<(), Problem> {
    let fits = match form {
        ComparisonForm::Exact => true,
        ComparisonForm::Nfc | ComparisonForm::Folded => data_type.is_textual(),
        ComparisonForm::Tolerance(_) => data_type.is_numeric() || data_type == DataType::Date,
    };
    if fits {
        Ok(())
    } else {
        Err(Problem::new(param, format!("{column} is {data_type}, which cannot be compared that way")))
    }
}

/// The columns of a key in this dataset, whatever their order.
fn columns_here(pairs: &[(String, String)]) -> Vec<&str> {
    let mut here: Vec<&str> = pairs.iter().map(|(here, _)| here.as_str()).collect();
    here.sort_unstable();
    here
}

/// For each column here the one there.
fn matched(here: &[String], pairs: impl Iterator<Item = (String, String)>) -> Vec<String> {
    let pairs: Vec<(String, String)> = pairs.collect();
    let there = |column: &String| pairs.iter().find(|(here, _)| here == column).map(|(_, there)| there.clone());
    here.iter().filter_map(there).collect()
}

/// How a fact is compared, as a remark.
fn way(form: &ComparisonForm) -> String {
    if *form == ComparisonForm::Exact { " exactly".to_owned() } else { form.to_string() }
}

/// The counts that are not 0, in brackets.
fn among<'n>(counts: impl Iterator<Item = (&'n str, u64)>) -> String {
    let told: Vec<String> =
        counts.filter(|(_, count)| *count > 0).map(|(name, count)| format!("{name} {count}")).collect();
    if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) }
}

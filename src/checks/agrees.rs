//! `agrees`: datasets agree about the same entities.

use super::{
    BoundCheck, Check, FORMS, JudgeError, Outcome, Peer, Problem, Problems, Readings, Scope, Shorthand, With,
    common_type, composed, dataset_measure, row_measure, same_types, unreadable_elsewhere,
};
use crate::model::{
    self, Comparison, ComparisonForm, Count, DataType, Dimension, Entities, EntitySide, EntityTally, Fact, Kept,
    KeySpec, Lookup, MatchTally, Measure, MeasureKind, Predicate, SharedFact, Unit,
};

const PAGE: &str = "# agrees

Compares what datasets say about the same entities. There are two forms.

**`with: tax` judges the rows of this dataset.** Each row is joined to the rows of the other dataset with the same key,
and passes if all of them agree with it in every pair of columns. Rows without a counterpart in the other dataset are
not applicable (`unmatched`; `exists_in` is the check for them, and `complete_from` for rows that are there and not
here), and so are rows with a missing key part. The result counts `matched`, `differing`, `unmatched` and `ambiguous`
rows (with more than one counterpart). Rows of the other dataset with an unparseable key are nobody's counterpart; they
are counted as `other_unreadable_rows`.

**`with: [tax, health]` judges entities**: the distinct keys of all the datasets together, including this one. For each
fact, all rows of an entity must agree, in all datasets that have the fact, even if this dataset does not have the
entity. Entities in one dataset only are not applicable; with `require: everywhere` they fail, and so does every entity
that is missing in a dataset. A list of one dataset is this form, too. The details count:

- `entities`, and those `in_every_dataset`;
- for each dataset the entities `only_in_…` it, `missing_in_…` it and `repeated_in_…` it (in more than one row), and its
  rows `without_key_in_…` and `unreadable_in_…`;
- for each fact `conflicts_of_…`, and among them `gaps_of_…`: the fact is missing in some rows, and the others agree.

A row with an unparseable key could be any entity: it fails as one more. `where` narrows the rows of this dataset; an
entity out of scope here is missing here. The report names failing rows: rows of this dataset whose entity fails.

If the datasets use other names, `with` gives each its own key and facts: `{ here: there }`. A dataset without its own
`on` or `compare` uses those of the rule; one that leaves a column out of `compare` does not have that fact.

In both forms two missing values agree, and a missing value differs from a present one. An unparseable value agrees with
nothing: it is a conflict even if no other row of the entity has that fact. Pairs compare exactly, or `as: nfc` (in Unicode form C), or `as: folded` (also without regard to case, inner
spaces and placement of tone marks: `STRASSE` is `Straße`, `Hoà` and `Tòan` are `Hòa` and `Toàn`), or within a
`tolerance` (numbers; dates, in days): then the smallest and the greatest value of an entity may differ by that much. A
fact compares in the same way in all datasets.

A `tolerance` of integers and decimals counts all digits. Floats differ by what the shortest decimals that parse to them
do: 1.1 and 1.0 differ by 0.1. Where one side is a float, both are compared as floats.

An `as: nfc` of the rule is about the key: its texts compare in Unicode form C. One under `compare` is about that pair.

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
    /// Facts about the same entities in several datasets.
    struct Agrees {
        with: required Peers,
            "the other dataset: its rows are compared; or several: entities are compared over all of them";
        on: optional Pairs("with"), "{ here: there }, the columns of the key; by default the declared keys";
        compare: optional Compare("with"), "{ here: there }, or { here: { to: there, as: folded } }";
        require: optional Choice(&["everywhere"]), "everywhere: entities that are missing in a dataset fail, too", stricter Given Loosest;
        form = "as": optional Choice(FORMS), "how texts of the key compare: exact (default), or nfc, in Unicode form C", default "exact";
    }
}

pub(super) const CHECK: Check = Check {
    name: "agrees",
    summary: "the datasets agree about the same entities",
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
        let measure = match &self.with {
            With::One(other) => row_measure(scope, self.rows(other, scope)?),
            With::Several(peers) => dataset_measure(scope, MeasureKind::Entities(self.graph(peers, scope)?)),
        };
        composed(scope, &self.form, vec![measure])
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
        let mut outcome = Outcome::of_rows(tally, format!("{} agree with {other}", pairs.join(", ")), "differ");
        if let Some(matching) = &tally.matching {
            let MatchTally { matched, differing, unmatched, ambiguous } = *matching;
            for (name, count) in
                [("matched", matched), ("differing", differing), ("unmatched", unmatched), ("ambiguous", ambiguous)]
            {
                outcome.details.insert(name.to_owned(), count);
            }
            outcome.observed = format!(
                "{} matched, {} of them differ, {} unmatched{}",
                Count(matched),
                Count(differing),
                Count(unmatched),
                unreadable_elsewhere(tally.other_unreadable)
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
            problems.add("on", "name the columns that identify an entity in both datasets: `on: { here: there }`");
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
                // A comparison that does not fit the one known type does not fit the pair.
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
            problems.add("compare", "name the columns that must agree: `compare: { here: there }`");
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
            let problem =
                format!("name the columns that must agree with {}: `compare: {{ here: there }}`", without.join(", "));
            problems.add("compare", problem);
        }
        let unused = [
            ("compare", self.compare.is_given() && without.is_empty()),
            ("on", self.on.is_given() && peers.iter().all(|peer| peer.on.is_some())),
        ];
        for (param, _) in unused.into_iter().filter(|(_, is_unused)| *is_unused) {
            let problem =
                format!("every dataset under `with` has its own `{param}`, so the `{param}` of the rule is never used");
            problems.add(param, problem);
        }
        // In the order of the rule, so that the same fault always gets the same message.
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
                    "entities are identified by {} for {one} and by {} for {two}: use the same columns of this dataset for both",
                    first.join(", "),
                    second.join(", ")
                );
                problems.add("with", problem);
            }
        }
        problems
    }

    /// The measure over all datasets, with the types of the facts.
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
                let problem = format!("name the columns that identify an entity in {name}: `on: {{ here: there }}`");
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
        // A row that could be any entity counts as one more.
        let unreadable: u64 = tally.sides.iter().map(|side| side.unreadable).sum();
        let mut outcome = Outcome {
            unit: Unit::Entities,
            passed: tally.judged - tally.failed,
            failed: tally.failed + unreadable,
            not_applicable: tally.entities - tally.judged,
            unreadable: tally.unreadable + unreadable,
            expected: format!(
                "{} agree in {}{}",
                facts.join(", "),
                names.join(", "),
                if everywhere { ", and every entity in each of them" } else { "" }
            ),
            failing_rows: tally.failing_rows.clone(),
            ..Outcome::default()
        };
        let EntityTally { entities, in_every, judged, conflicting, .. } = *tally;
        let conflicts = among(facts.iter().copied().zip(tally.conflicts.iter().copied()));
        let of_sides = |count: fn(&EntitySide, u64) -> u64| {
            among(names.iter().copied().zip(tally.sides.iter().map(|side| count(side, entities))))
        };
        let (all, conflicts_of, rest) =
            (Count(entities), Count(conflicting), Count(entities - if everywhere { in_every } else { judged }));
        outcome.observed = if everywhere {
            let missing = of_sides(|side, entities| entities - side.entities);
            format!("{all} entities, {conflicts_of} of them conflict{conflicts}, {rest} are missing somewhere{missing}")
        } else {
            let alone = of_sides(|side, _| side.only);
            format!(
                "{} of {all} entities in several datasets, {conflicts_of} of them conflict{conflicts}, {rest} in one \
             dataset only{alone}",
                Count(judged)
            )
        };
        if unreadable > 0 {
            outcome.observed = format!("{}, {} rows have an unparseable key", outcome.observed, Count(unreadable));
        }
        let mut count_as = |name: String, count: u64| {
            outcome.details.insert(name, count);
        };
        count_as("entities".to_owned(), entities);
        count_as("in_every_dataset".to_owned(), in_every);
        for (name, side) in names.iter().zip(&tally.sides) {
            count_as(format!("only_in_{name}"), side.only);
            count_as(format!("missing_in_{name}"), entities - side.entities);
            count_as(format!("repeated_in_{name}"), side.repeated);
            count_as(format!("without_key_in_{name}"), side.without_key);
            count_as(format!("unreadable_in_{name}"), side.unreadable);
        }
        for ((fact, conflicts), gaps) in facts.iter().zip(&tally.conflicts).zip(&tally.gaps) {
            count_as(format!("conflicts_of_{fact}"), *conflicts);
            count_as(format!("gaps_of_{fact}"), *gaps);
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

/// Refuses a comparison that the type of the fact does not support.
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

/// The columns of a key in this dataset, in the order of their names.
fn columns_here(pairs: &[(String, String)]) -> Vec<&str> {
    let mut here: Vec<&str> = pairs.iter().map(|(here, _)| here.as_str()).collect();
    here.sort_unstable();
    here
}

/// For each column here the corresponding one there.
fn matched(here: &[String], pairs: impl Iterator<Item = (String, String)>) -> Vec<String> {
    let pairs: Vec<(String, String)> = pairs.collect();
    let there = |column: &String| pairs.iter().find(|(here, _)| here == column).map(|(_, there)| there.clone());
    here.iter().filter_map(there).collect()
}

/// How a fact is compared, as a part of a sentence.
fn way(form: &ComparisonForm) -> String {
    if *form == ComparisonForm::Exact { " exactly".to_owned() } else { form.to_string() }
}

/// The counts other than 0, in brackets.
fn among<'n>(counts: impl Iterator<Item = (&'n str, u64)>) -> String {
    let shown: Vec<String> =
        counts.filter(|(_, count)| *count > 0).map(|(name, count)| format!("{name} {}", Count(count))).collect();
    if shown.is_empty() { String::new() } else { format!(" ({})", shown.join(", ")) }
}

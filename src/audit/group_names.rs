//! The failing groups of a rule as evidence shows them: with the names of columns and datasets, and without personal values.

use super::reveal::Reveal;
use crate::engine::{About, GroupFinding, GroupStatement, Says};
use crate::evidence::TokenMaker;
use crate::model::{FailingGroup, Kept, Measure, MeasureKind, Statement};
use crate::rules::{BoundRule, Suite};

/// The names that a rule about groups uses, and what of its values may be shown.
#[derive(Debug)]
pub(super) struct GroupNames {
    /// The dataset whose table lists the groups: that of the rule.
    pub(super) dataset: String,
    rule: String,
    /// The columns of the key, and whether they are personal on any side.
    key: Vec<(String, bool)>,
    /// The names of the datasets.
    sides: Vec<String>,
    /// For each side the names of its totals, and whether they add up personal values.
    totals: Vec<Vec<(String, bool)>>,
    /// The names of facts, and whether they are personal on any side.
    facts: Vec<(String, bool)>,
    /// Whether points are shown.
    shows_points: bool,
    shows_cells: bool,
    shows_personal: bool,
}

impl GroupNames {
    /// The names of a rule; `None` if it is not about groups.
    pub(super) fn of(bound: &BoundRule, suite: &Suite, reveal: Reveal) -> Option<Self> {
        let measure = bound.measures.iter().flatten().find(|measure| !measure.group_sides().is_empty())?;
        let sides = measure.group_sides();
        let own = sides.first()?;
        let declared = |name: &str| suite.datasets.iter().find(|dataset| dataset.name == name);
        let personal =
            |dataset: &str, column: &str| declared(dataset).is_none_or(|dataset| dataset.is_personal(column));
        let key = own.key.iter().enumerate().map(|(at, column)| {
            let is_personal = sides.iter().any(|side| side.key.get(at).is_some_and(|key| personal(side.dataset, key)));
            (column.clone(), is_personal)
        });
        let facts = own.facts.iter().map(|(at, column, _)| {
            let of_sides = sides.iter().flat_map(|side| side.facts.iter().map(move |fact| (side.dataset, fact)));
            let is_personal =
                of_sides.filter(|(_, (of, ..))| of == at).any(|(dataset, (_, column, _))| personal(dataset, column));
            ((*column).to_owned(), is_personal)
        });
        let mut names: Vec<String> = Vec::new();
        for side in &sides {
            // A rule may compare rows of a dataset with other rows of it.
            let again = names.iter().filter(|name| *name == side.dataset).count();
            names.push(if again > 0 { format!("{} (other rows)", side.dataset) } else { side.dataset.to_owned() });
        }
        let shows_personal = reveal == Reveal::All;
        let shows_points = match &measure.kind {
            MeasureKind::Continuous(points) => shows_personal || !personal(own.dataset, &points.column),
            _ => true,
        };
        Some(Self {
            dataset: bound.rule.dataset.clone(),
            rule: bound.rule.id.clone(),
            key: key.collect(),
            totals: totals(measure, &personal),
            facts: facts.collect(),
            sides: names,
            shows_points,
            shows_cells: reveal != Reveal::Nothing,
            shows_personal,
        })
    }

    /// Whether keys appear as tokens.
    pub(super) fn has_tokens(&self) -> bool {
        self.key.iter().any(|(_, personal)| *personal)
    }

    /// The values of a key, with tokens in place of personal ones.
    pub(super) fn key(&self, key: &[Option<String>], tokens: &TokenMaker) -> Vec<Option<String>> {
        let value = |((_, personal), value): (&(String, bool), &Option<String>)| match value {
            Some(value) if *personal => Some(tokens.token(value)),
            value => value.clone(),
        };
        self.key.iter().zip(key).map(value).collect()
    }

    /// A group as evidence shows it.
    pub(super) fn show(&self, group: &GroupFinding<'_>, tokens: &TokenMaker) -> FailingGroup {
        let [first, last] = match group.gap.filter(|_| self.shows_points) {
            Some([first, last]) => [Some(first.clone()), Some(last.clone())],
            None => [None, None],
        };
        FailingGroup {
            rule: self.rule.clone(),
            key_columns: self.key.iter().map(|(column, _)| column.clone()).collect(),
            key: self.key(group.key, tokens),
            says: group
                .says
                .chunk_by(|one, other| (one.side, one.about) == (other.side, other.about))
                .flat_map(|statements| self.statements(statements))
                .collect(),
            why: group.reason.code().to_owned(),
            first,
            last,
        }
    }

    /// The statements of a side about one thing.
    fn statements(&self, statements: &[GroupStatement]) -> Vec<Statement> {
        let Some(GroupStatement { side, about, .. }) = statements.first() else { return Vec::new() };
        let (name, is_shown) = match about {
            About::Rows => ("rows", true),
            About::Points => ("points", true),
            About::Total(at) => match self.totals.get(*side).and_then(|totals| totals.get(*at)) {
                Some((name, personal)) => (name.as_str(), self.shows_personal || !personal),
                None => ("", false),
            },
            About::Fact(at) => match self.facts.get(*at) {
                Some((name, personal)) => (name.as_str(), self.shows_cells && (self.shows_personal || !personal)),
                None => ("", false),
            },
        };
        let side = self.sides.get(*side).map_or("", String::as_str);
        let state = |measure: String, count, value| Statement { side: side.to_owned(), measure, count, value };
        let mut said = Vec::new();
        let (mut hidden, mut distinct) = (0, None);
        for statement in statements {
            said.push(match &statement.says {
                Says::Count(count) => state(name.to_owned(), Some(*count), None),
                Says::Value(value, rows) if is_shown => state(name.to_owned(), *rows, Some(value.clone())),
                Says::Value(_, None) => state(name.to_owned(), None, None),
                Says::Value(_, Some(_)) => {
                    hidden += 1;
                    continue;
                }
                Says::Distinct(count) => {
                    distinct = Some(*count);
                    continue;
                }
                Says::Missing(rows) => state(format!("missing({name})"), Some(*rows), None),
                Says::Unparseable(values) => state(format!("unparseable({name})"), Some(*values), None),
            });
        }
        // How many values there are says enough where none may be shown.
        if let Some(count) = distinct.or_else(|| (hidden > 0).then_some(hidden)) {
            said.insert(0, state(format!("distinct({name})"), Some(count), None));
        }
        said
    }
}

/// For each side the names of its totals, and whether they add up personal values.
fn totals(measure: &Measure, personal: &dyn Fn(&str, &str) -> bool) -> Vec<Vec<(String, bool)>> {
    let MeasureKind::Reconciles(totals) = &measure.kind else { return Vec::new() };
    let theirs = if let Kept::Totals(theirs) = &totals.lookup.kept { theirs.as_slice() } else { &[] };
    let sides = [(measure.dataset.as_str(), totals.totals.as_slice()), (totals.lookup.dataset.as_str(), theirs)];
    let named = sides.map(|(dataset, totals)| {
        let total = totals.iter().map(|total| {
            let mut columns = total.value.iter().flat_map(|value| value.columns());
            (total.to_string(), columns.any(|column| personal(dataset, column)))
        });
        total.collect()
    });
    named.into()
}

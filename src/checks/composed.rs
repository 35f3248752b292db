//! `as: nfc`: texts compare in Unicode normal form C, whatever way their letters are written.

use super::parameters::Optional;
use super::{Problem, Problems, Scope};
use crate::model::{
    DataType, Expected, KeySpec, Lookup, Measure, MeasureKind, Predicate, composed_list, composed_name, nfc,
};

/// How texts may compare.
pub(super) const FORMS: &[&str] = &["exact", "nfc"];

/// Whether a rule compares composed texts.
pub(super) fn is_composed(form: &Optional<String>) -> bool {
    form.as_deref() == Some("nfc")
}

/// The measures of a rule, which compare as it says: with `as: nfc`, columns of text are taken composed, and so are lists and
/// patterns. Columns of other types stay as they are.
///
/// # Errors
/// Where no column is text, and where a column has the name by which composed texts are asked for.
pub(super) fn composed(
    scope: &dyn Scope,
    form: &Optional<String>,
    mut measures: Vec<Measure>,
) -> Result<Vec<Measure>, Problems> {
    if !is_composed(form) {
        return Ok(measures);
    }
    let mut columns = Columns { scope, others: Vec::new(), has_text: false, clash: None };
    for measure in &mut measures {
        columns.of_measure(measure);
    }
    if let Some(name) = columns.clash {
        let problem = format!("the dataset has a column {name}, which is how `as: nfc` names another one: rename it");
        return Err(Problems::of("as", problem));
    }
    if columns.has_text { Ok(measures) } else { Err(no_text(&columns.others).into()) }
}

fn no_text(others: &[(String, DataType)]) -> Problem {
    let types: Vec<String> = others.iter().map(|(name, data_type)| format!("{name} is {data_type}")).collect();
    Problem::new("as", format!("`as: nfc` is about letters, and {}: leave it out", types.join(", ")))
}

/// The columns that a measure compares.
struct Columns<'s> {
    scope: &'s dyn Scope,
    /// Those that are not text.
    others: Vec<(String, DataType)>,
    has_text: bool,
    clash: Option<String>,
}

impl Columns<'_> {
    fn of_measure(&mut self, measure: &mut Measure) {
        let dataset = measure.dataset.clone();
        match &mut measure.kind {
            MeasureKind::Rows(Predicate::Listed { column, list, .. }) => {
                self.column(&dataset, column);
                *list = composed_list(list);
            }
            MeasureKind::Rows(Predicate::Matches { column, pattern, .. }) => {
                self.column(&dataset, column);
                *pattern = nfc(pattern).into_owned();
            }
            MeasureKind::Rows(Predicate::Found { key, lookup, .. } | Predicate::Agrees { key, lookup, .. }) => {
                self.key(&dataset, key);
                self.lookup(lookup);
            }
            MeasureKind::DuplicateKeys(key) => self.key(&dataset, key),
            MeasureKind::Covers(covers) => {
                self.column(&dataset, &mut covers.column);
                match &mut covers.expected {
                    Expected::Listed(list) => *list = composed_list(list),
                    Expected::Keys(lookup) => self.lookup(lookup),
                }
            }
            MeasureKind::Entities(entities) => {
                self.key(&dataset, &mut entities.key);
                entities.peers.iter_mut().for_each(|peer| self.lookup(&mut peer.lookup));
            }
            MeasureKind::Reconciles(totals) => {
                self.key(&dataset, &mut totals.by);
                self.lookup(&mut totals.lookup);
            }
            _ => {}
        }
    }

    fn lookup(&mut self, lookup: &mut Lookup) {
        let dataset = lookup.dataset.clone();
        self.key(&dataset, &mut lookup.key);
    }

    fn key(&mut self, dataset: &str, key: &mut KeySpec) {
        key.columns.iter_mut().for_each(|column| self.column(dataset, column));
    }

    fn column(&mut self, dataset: &str, name: &mut String) {
        match self.scope.column_type(dataset, name) {
            Some(data_type) if data_type != DataType::Text => self.others.push((name.clone(), data_type)),
            // Before there is data the type may not be known.
            Some(_) | None => {
                self.has_text = true;
                let composed = composed_name(name);
                if self.scope.columns(dataset).is_some_and(|columns| columns.contains(&composed)) {
                    self.clash = Some(composed.clone());
                }
                *name = composed;
            }
        }
    }
}

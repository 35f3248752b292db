//! What rows say on the facts that two datasets must agree on.
//!
//! A fact is two words. What all rows of a key say together fits into two words as well, however many they are: the same
//! value, or the least and the greatest number, or that nothing can agree with all of them.

use num_bigint::BigInt;
use num_rational::BigRational;

use crate::model::{ComparisonForm, DataType};
use crate::scalar::{fold, nfc};

use super::cells::{Cells, ColumnRules, TypedCells, place_of};
use super::keys::{Key, halves, pack};

/// What a row, or all rows of a key, say on one thing: the halves of a key, or the least and greatest number.
pub(super) type Fact = [u64; 2];

/// Words of a fact.
pub(super) const FACT_WORDS: usize = 2;

/// Nothing. The first half is no number, the second that of no key.
pub(super) const MISSING: Fact = [u64::MAX, 2];

/// Something that does not read, or things that differ: no fact agrees with it.
const NEVER: Fact = [u64::MAX, 4];

/// How facts are taken from a dataset.
#[derive(Debug, Clone)]
pub(super) struct FactColumns(Vec<(usize, ComparisonForm, DataType)>);

impl FactColumns {
    /// Finds the columns of facts among those that a pass reads.
    ///
    /// # Errors
    /// A column that the pass does not read.
    pub(super) fn find<'f>(
        facts: impl Iterator<Item = (&'f String, &'f ComparisonForm, DataType)>,
        rules: &[ColumnRules],
    ) -> Result<Self, String> {
        facts
            .map(|(name, form, data_type)| Ok((place_of(rules, name)?, form.clone(), data_type)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// How many facts a row has.
    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    /// Appends the words of what one row says.
    pub(super) fn write(&self, cells: &Cells<'_>, row: usize, buffer: &mut String, words: &mut Vec<u64>) {
        for (at, form, data_type) in &self.0 {
            words.extend(fact(cells, *at, form, *data_type, row, buffer));
        }
    }

    /// Enters what a further row of the same key says.
    pub(super) fn merge(&self, all: &mut [u64], more: &[u64]) {
        for ((_, form, _), (all, more)) in self.0.iter().zip(all.as_chunks_mut().0.iter_mut().zip(more.as_chunks().0)) {
            *all = merged(form, *all, *more);
        }
    }

    /// Whether each fact of a row agrees with what all rows of its key say.
    pub(super) fn agree(&self, ours: &[u64], theirs: &[u64]) -> bool {
        self.0.iter().zip(ours.as_chunks().0.iter().zip(theirs.as_chunks().0)).all(|((_, form, _), (ours, theirs))| {
            match form {
                _ if [*ours, *theirs].contains(&NEVER) => false,
                ComparisonForm::Tolerance(by) if ![*ours, *theirs].contains(&MISSING) => {
                    let number = f64::from_bits(ours[0]);
                    theirs.iter().all(|bound| within(number, f64::from_bits(*bound), *by))
                }
                _ => ours == theirs,
            }
        })
    }
}

/// Whether one of the facts of a row does not read.
pub(super) fn is_unreadable(facts: &[u64]) -> bool {
    facts.as_chunks().0.contains(&NEVER)
}

fn merged(form: &ComparisonForm, all: Fact, more: Fact) -> Fact {
    if all == more {
        return all;
    }
    if !matches!(form, ComparisonForm::Tolerance(_)) || [all, more].iter().any(|fact| [MISSING, NEVER].contains(fact)) {
        return NEVER;
    }
    // Whatever is within a tolerance of both ends is within it of all between.
    let [low, high] = all.map(f64::from_bits);
    let [more, _] = more.map(f64::from_bits);
    [low.min(more).to_bits(), high.max(more).to_bits()]
}

/// Whether two numbers differ by at most a tolerance, as the decimals that they are written as: 1.1 and 1.0 differ by
/// 0.1, though their nearest floats differ by more.
fn within(a: f64, b: f64, by: f64) -> bool {
    let difference = (a - b).abs();
    let doubt = (a.abs() + b.abs() + by) * 4.0 * f64::EPSILON;
    if (difference - by).abs() > doubt || !doubt.is_finite() {
        return difference <= by;
    }
    match (exact(a), exact(b), exact(by)) {
        (Some(a), Some(b), Some(by)) => (if a > b { a - b } else { b - a }) <= by,
        _ => difference <= by,
    }
}

/// The shortest decimal that reads as this float, as a fraction.
fn exact(number: f64) -> Option<BigRational> {
    let text = number.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let units: BigInt = format!("{whole}{fraction}").parse().ok()?;
    Some(BigRational::new(units, BigInt::from(10).pow(u32::try_from(fraction.len()).ok()?)))
}

fn fact(
    cells: &Cells<'_>,
    at: usize,
    form: &ComparisonForm,
    data_type: DataType,
    row: usize,
    buffer: &mut String,
) -> Fact {
    let number = |number: f64| [number.to_bits(); 2];
    let whole = |key: Key| halves(key);
    if !cells.present(at).get(row) {
        return MISSING;
    }
    if matches!(form, ComparisonForm::Tolerance(_)) {
        #[expect(clippy::cast_precision_loss, reason = "a tolerance compares 64-bit floats")]
        return match cells.typed(at, if data_type == DataType::Date { data_type } else { DataType::Decimal }) {
            TypedCells::Decimal(reads) if reads.valid.get(row) => number(reads.values[row]),
            TypedCells::Date(reads) if reads.valid.get(row) => number(f64::from(reads.values[row])),
            TypedCells::Integer(reads) if reads.valid.get(row) => number(reads.values[row] as f64),
            _ => NEVER,
        };
    }
    buffer.clear();
    if !cells.write_canonical(at, row, data_type, buffer) {
        return NEVER;
    }
    whole(match form {
        ComparisonForm::Nfc => pack(nfc(buffer).as_bytes()),
        ComparisonForm::Folded => pack(fold(buffer).as_bytes()),
        ComparisonForm::Exact | ComparisonForm::Tolerance(_) => pack(buffer.as_bytes()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_key_say_together_what_each_says() {
        let form = ComparisonForm::Tolerance(0.5);
        let columns = FactColumns(vec![(0, form.clone(), DataType::Decimal)]);
        let number = |number: f64| [number.to_bits(); 2];
        let all = merged(&form, merged(&form, number(1.0), number(0.3)), number(0.7));
        assert!(columns.agree(&number(0.75), &all));
        assert!(columns.agree(&number(0.5), &all));
        assert!(!columns.agree(&number(0.9), &all), "0.3 is too far");
        assert!(!columns.agree(&number(0.4), &all), "1.0 is too far");
        assert!(!columns.agree(&MISSING, &all));
        assert!(columns.agree(&MISSING, &MISSING));
        assert!(!columns.agree(&NEVER, &NEVER));
        assert_eq!(merged(&form, all, MISSING), NEVER);
        assert!(is_unreadable(&NEVER) && !is_unreadable(&all));

        let columns = FactColumns(vec![(0, ComparisonForm::Exact, DataType::Text)]);
        let (one, two) = (halves(pack(b"one")), halves(pack(b"a longer text than that")));
        assert!(columns.agree(&two, &merged(&ComparisonForm::Exact, two, two)));
        assert!(!columns.agree(&one, &merged(&ComparisonForm::Exact, one, two)));
    }
}

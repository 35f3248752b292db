//! What rows say on the facts that two datasets must agree on.
//!
//! A fact is two words. What all rows of a key say together fits into two words as well, however many they are: the same
//! value, or the least and the greatest number, or that nothing can agree with all of them.

use num_bigint::BigInt;
use num_rational::BigRational;

use crate::model::{ComparisonForm, DataType};
use crate::scalar::{fold, nfc};

use super::cells::{Cells, ColumnRules, TypedCells, place_of};
use super::keys::{halves, pack};
use super::order::{decimal_of, image_of_decimal, image_of_whole};

/// What a row, or all rows of a key, say on one thing: the halves of a key, or the images of the least and greatest number.
pub(super) type Fact = [u64; 2];

/// Words of a fact.
pub(super) const FACT_WORDS: usize = 2;

/// Nothing. The first half is over the second, the second is that of no key.
pub(super) const MISSING: Fact = [u64::MAX, 2];

/// Something that does not read: no fact agrees with it.
pub(super) const UNREADABLE: Fact = [u64::MAX, 4];

/// Things that differ: no fact agrees with them all.
const SEVERAL: Fact = [u64::MAX, 6];

/// What counts as the same in a fact.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Likeness {
    /// The same text, in this form.
    Same(ComparisonForm),
    /// Whole numbers, or days, that differ by at most this.
    NearWhole(u64),
    /// Decimals that differ by at most this.
    Near(f64),
}

impl Likeness {
    fn of(form: &ComparisonForm, data_type: DataType) -> Self {
        match form {
            // More than whole numbers differ by is as good as all of it.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "brought into range")]
            ComparisonForm::Tolerance(by) if data_type != DataType::Decimal => Self::NearWhole(by.floor() as u64),
            ComparisonForm::Tolerance(by) => Self::Near(*by),
            form => Self::Same(form.clone()),
        }
    }

    /// Whether the images of two numbers are near enough; `None` where what is compared are no numbers.
    fn are_near(&self, one: u64, other: u64) -> Option<bool> {
        match self {
            Self::Same(_) => None,
            Self::NearWhole(by) => Some(one.abs_diff(other) <= *by),
            Self::Near(by) => Some(within(decimal_of(one), decimal_of(other), *by)),
        }
    }
}

/// How facts are taken from a dataset.
#[derive(Debug, Clone)]
pub(super) struct FactColumns(Vec<(usize, Likeness, DataType)>);

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
            .map(|(name, form, data_type)| Ok((place_of(rules, name)?, Likeness::of(form, data_type), data_type)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// What counts as the same in each fact.
    pub(super) fn forms(&self) -> impl Iterator<Item = &Likeness> {
        self.0.iter().map(|(_, form, _)| form)
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
            if [*ours, *theirs].iter().any(|fact| [UNREADABLE, SEVERAL].contains(fact)) {
                return false;
            }
            let near = |bound: &u64| form.are_near(ours[0], *bound);
            match form {
                Likeness::Near(_) | Likeness::NearWhole(_) if ![*ours, *theirs].contains(&MISSING) => {
                    theirs.iter().all(|bound| near(bound) == Some(true))
                }
                _ => ours == theirs,
            }
        })
    }
}

/// Words of what all rows of an entity say on one thing, as far as they were seen.
pub(super) const SAID_WORDS: usize = 3;

/// What the rows of an entity say on one thing: the first value, or the least and the greatest number, and what else there
/// is among them. All zeros before the first row; rows may come in any order.
#[derive(Debug)]
pub(super) struct Said<'a>(&'a mut [u64; SAID_WORDS]);

/// Whether the rows of an entity agree on one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Agreement {
    /// They say the same, or none says anything.
    Agrees,
    /// Those that say something say the same; others say nothing.
    Gap,
    /// They do not.
    Differs,
    /// One of them does not read.
    Unreadable,
}

impl<'a> Said<'a> {
    const VALUE: u64 = 1;
    const NOTHING: u64 = 2;
    const UNREADABLE: u64 = 4;
    const SEVERAL: u64 = 8;

    /// What was entered for each thing.
    pub(super) fn of(words: &'a mut [u64]) -> impl Iterator<Item = Self> {
        words.as_chunks_mut().0.iter_mut().map(Said)
    }

    /// Enters what a further row says.
    pub(super) fn enter(&mut self, form: &Likeness, fact: Fact) {
        let [low, high, found] = &mut *self.0;
        match fact {
            MISSING => *found |= Self::NOTHING,
            UNREADABLE => *found |= Self::UNREADABLE,
            [first, last] if *found & Self::VALUE == 0 => {
                (*low, *high) = (first, last);
                *found |= Self::VALUE;
            }
            [number, _] if !matches!(form, Likeness::Same(_)) => {
                (*low, *high) = ((*low).min(number), (*high).max(number));
            }
            fact if fact != [*low, *high] => *found |= Self::SEVERAL,
            _ => {}
        }
    }
}

/// What was entered on one thing, taken together. Numbers agree where the least and the greatest of them do, so where each
/// two do.
pub(super) fn agreement(form: &Likeness, said: [u64; SAID_WORDS]) -> Agreement {
    let [low, high, found] = said;
    let has = |what: u64| found & what != 0;
    let near = form.are_near(low, high).filter(|_| has(Said::VALUE)).unwrap_or(!has(Said::SEVERAL));
    match (has(Said::UNREADABLE), near) {
        (true, _) => Agreement::Unreadable,
        (_, false) => Agreement::Differs,
        _ if has(Said::NOTHING) && has(Said::VALUE) => Agreement::Gap,
        _ => Agreement::Agrees,
    }
}

/// Whether one of the facts of a row does not read.
pub(super) fn is_unreadable(facts: &[u64]) -> bool {
    facts.as_chunks().0.contains(&UNREADABLE)
}

fn merged(form: &Likeness, all: Fact, more: Fact) -> Fact {
    if all == more {
        return all;
    }
    if [all, more].contains(&UNREADABLE) {
        return UNREADABLE;
    }
    if matches!(form, Likeness::Same(_)) || [all, more].iter().any(|fact| [MISSING, SEVERAL].contains(fact)) {
        return SEVERAL;
    }
    // Whatever is within a tolerance of both ends is within it of all between.
    let ([low, high], [more, _]) = (all, more);
    [low.min(more), high.max(more)]
}

/// Whether two numbers differ by at most a tolerance, as the decimals that they are written as: 1.1 and 1.0 differ by
/// 0.1, though their nearest floats differ by more.
fn within(a: f64, b: f64, by: f64) -> bool {
    #[expect(clippy::float_cmp, reason = "what is equal does not differ, infinite as it may be")]
    if a == b {
        return true;
    }
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
pub(super) fn exact(number: f64) -> Option<BigRational> {
    let text = number.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let units: BigInt = format!("{whole}{fraction}").parse().ok()?;
    Some(BigRational::new(units, BigInt::from(10).pow(u32::try_from(fraction.len()).ok()?)))
}

fn fact(cells: &Cells<'_>, at: usize, form: &Likeness, data_type: DataType, row: usize, buffer: &mut String) -> Fact {
    if !cells.present(at).get(row) {
        return MISSING;
    }
    let Likeness::Same(form) = form else {
        let image = match cells.typed(at, data_type) {
            TypedCells::Integer(reads) if reads.valid.get(row) => image_of_whole(reads.values[row]),
            TypedCells::Date(reads) if reads.valid.get(row) => image_of_whole(i64::from(reads.values[row])),
            TypedCells::Decimal(reads) if reads.valid.get(row) => image_of_decimal(reads.values[row]),
            _ => return UNREADABLE,
        };
        return [image; 2];
    };
    buffer.clear();
    if !cells.write_canonical(at, row, data_type, buffer) {
        return UNREADABLE;
    }
    halves(match form {
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
        let form = Likeness::of(&ComparisonForm::Tolerance(0.5), DataType::Decimal);
        let columns = FactColumns(vec![(0, form.clone(), DataType::Decimal)]);
        let number = |number: f64| [image_of_decimal(number); 2];
        let all = merged(&form, merged(&form, number(1.0), number(0.3)), number(0.7));
        assert!(columns.agree(&number(0.75), &all));
        assert!(columns.agree(&number(0.5), &all));
        assert!(!columns.agree(&number(0.9), &all), "0.3 is too far");
        assert!(!columns.agree(&number(0.4), &all), "1.0 is too far");
        assert!(!columns.agree(&MISSING, &all));
        assert!(columns.agree(&MISSING, &MISSING));
        assert!(!columns.agree(&UNREADABLE, &UNREADABLE));
        assert_eq!(merged(&form, all, MISSING), SEVERAL);
        assert_eq!(merged(&form, merged(&form, all, MISSING), UNREADABLE), UNREADABLE);
        assert!(!columns.agree(&MISSING, &SEVERAL) && !columns.agree(&SEVERAL, &SEVERAL));
        assert!(is_unreadable(&UNREADABLE) && !is_unreadable(&all));

        let said = |form: &Likeness, facts: &[Fact]| {
            let mut words = [0; SAID_WORDS];
            for fact in facts {
                Said::of(&mut words).for_each(|mut said| said.enter(form, *fact));
            }
            agreement(form, words)
        };
        assert_eq!(said(&form, &[]), Agreement::Agrees);
        assert_eq!(said(&form, &[number(0.3), number(0.8), number(0.5)]), Agreement::Agrees, "0.3 and 0.8 as written");
        assert_eq!(said(&form, &[number(0.3), number(0.5), number(0.9)]), Agreement::Differs);
        assert_eq!(said(&form, &[number(0.3), MISSING, number(0.5)]), Agreement::Gap);
        assert_eq!(said(&form, &[MISSING, MISSING]), Agreement::Agrees);
        assert_eq!(said(&form, &[number(f64::INFINITY)]), Agreement::Agrees);
        assert_eq!(said(&form, &[number(f64::INFINITY), number(1.0)]), Agreement::Differs);
        assert_eq!(said(&form, &[number(0.3), MISSING, number(0.9)]), Agreement::Differs);
        assert_eq!(said(&form, &[UNREADABLE, MISSING, number(0.9)]), Agreement::Unreadable);

        let (exact, folded) = (Likeness::Same(ComparisonForm::Exact), Likeness::Same(ComparisonForm::Folded));
        let columns = FactColumns(vec![(0, exact.clone(), DataType::Text)]);
        let (one, two) = (halves(pack(b"one")), halves(pack(b"a longer text than that")));
        assert!(columns.agree(&two, &merged(&exact, two, two)));
        assert!(!columns.agree(&one, &merged(&exact, one, two)));
        assert_eq!(said(&folded, &[two, MISSING, two]), Agreement::Gap);
        assert_eq!(said(&folded, &[two, one, two]), Agreement::Differs);
        assert_eq!(said(&folded, &[two, two]), Agreement::Agrees);
    }

    #[test]
    fn long_whole_numbers_differ_by_what_they_do() {
        let number = |number: i64| [image_of_whole(number); 2];
        let one = Likeness::of(&ComparisonForm::Tolerance(1.5), DataType::Integer);
        let columns = FactColumns(vec![(0, one.clone(), DataType::Integer)]);
        let start = 1_i64 << 60;
        assert!(columns.agree(&number(start), &number(start + 1)));
        assert!(!columns.agree(&number(start), &number(start + 2)));
        assert!(!columns.agree(&number(i64::MIN), &number(i64::MAX)));
        assert!(!columns.agree(&number(i64::MAX), &MISSING) && !columns.agree(&MISSING, &number(-1)));
        let all = merged(&one, number(start + 2), number(start));
        assert!(columns.agree(&number(start + 1), &all) && !columns.agree(&number(start), &all));
        let any = Likeness::of(&ComparisonForm::Tolerance(1e300), DataType::Integer);
        assert!(FactColumns(vec![(0, any, DataType::Integer)]).agree(&number(i64::MIN), &number(i64::MAX)));
    }
}

//! The facts that two datasets must agree on.
//!
//! A fact of a row is two words. The facts of all rows of a key fit into two words as well, however many rows there are: the
//! same value, or the least and the greatest number, or that no value can agree with all of them.
//!
//! A decimal is the image of a float where the float identifies it: where it is the shortest decimal that parses as
//! that float, as all of up to 15 digits are. Any other takes both words, with all its digits. Of two such
//! numbers the least and the greatest cannot be kept: then no value agrees with the key.

use std::cmp::Ordering;

use num_rational::BigRational;

use crate::model::{ComparisonForm, DataType};
use crate::scalar::{ExactDecimal, fold, nfc};

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{ColumnRules, place_of};
use crate::engine::local::batch::typed::TypedCells;
use crate::engine::local::keys::hashed::{halves, pack};
use crate::engine::local::numbers::image::{decimal_of, image_of_decimal, image_of_whole};
use crate::engine::local::prepare_error::PrepareError;

/// One fact of a row, or of all rows of a key: the halves of a key, or the images of the least and the greatest number.
pub(crate) type Fact = [u64; 2];

/// Words of a fact.
pub(crate) const FACT_WORDS: usize = 2;

/// A missing value. The first half is over the second, the second is that of no key.
pub(crate) const MISSING: Fact = [u64::MAX, 2];

/// An unparseable value: no fact agrees with it.
pub(crate) const UNREADABLE: Fact = [u64::MAX, 4];

/// Values that differ: no fact agrees with them all.
const SEVERAL: Fact = [u64::MAX, 6];

/// What counts as the same in a fact.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Equality {
    /// The same text, in this form.
    Same(ComparisonForm),
    /// Whole numbers, or days, that differ by at most this.
    NearWhole(u64),
    /// Decimals that differ by at most this.
    Near(f64),
}

impl Equality {
    fn of(form: &ComparisonForm, data_type: DataType) -> Self {
        match form {
            // A tolerance beyond 64 bits is the same as the greatest one.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "brought into range")]
            ComparisonForm::Tolerance(by) if data_type != DataType::Decimal => Self::NearWhole(by.floor() as u64),
            ComparisonForm::Tolerance(by) => Self::Near(*by),
            form => Self::Same(form.clone()),
        }
    }

    /// Whether two numbers are within the tolerance; `None` where numbers are not compared.
    fn are_near(&self, one: Number, other: Number) -> Option<bool> {
        match self {
            Self::Same(_) => None,
            Self::NearWhole(by) => Some(one.0.abs_diff(other.0) <= *by),
            Self::Near(by) => Some(match (one, other) {
                (Number(one, None), Number(other, None)) => within(decimal_of(one), decimal_of(other), *by),
                _ => match (one.fraction(), other.fraction(), exact(*by)) {
                    (Some(one), Some(other), Some(by)) => (if one > other { one - other } else { other - one }) <= by,
                    _ => false,
                },
            }),
        }
    }

    /// The number that a fact of one number is, or both ends of one of several.
    fn ends(&self, fact: Fact) -> [Number; 2] {
        if matches!(self, Self::Near(_)) && is_long(fact) {
            return [Number(fact[0], Some(fact[1])); 2];
        }
        fact.map(|image| Number(image, None))
    }

    /// How many words [`FactState`] takes.
    pub(crate) const fn state_words(&self) -> usize {
        if let Self::Near(_) = self { 2 * FACT_WORDS + 1 } else { FACT_WORDS + 1 }
    }
}

/// A number: its image, or the words of a long decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Number(u64, Option<u64>);

impl Number {
    /// The decimal that it is.
    fn written(self) -> Option<ExactDecimal> {
        match self {
            Self(image, None) => ExactDecimal::of_float(decimal_of(image)),
            Self(first, Some(second)) => Some(of_long([first, second])),
        }
    }

    fn fraction(self) -> Option<BigRational> {
        self.written()?.fraction()
    }

    /// The order of two decimals.
    fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Self(one, None), Self(other, None)) => one.cmp(&other),
            _ => match (self.written(), other.written()) {
                (Some(one), Some(other)) => one.cmp(&other),
                // An infinite number lies beyond all that have digits.
                (None, _) => decimal_of(self.0).total_cmp(&0.0),
                (_, None) => 0.0_f64.total_cmp(&decimal_of(other.0)),
            },
        }
    }
}

/// The images of the infinite numbers: beyond them lies that of no number.
const LEAST: u64 = 0x000F_FFFF_FFFF_FFFF;
const GREATEST: u64 = 0xFFF0_0000_0000_0000;

/// The digits of a long decimal are a whole number of at most 33 digits, which takes so many bits.
const LONG_BITS: u32 = 110;
const LONG_END: u128 = 10_u128.pow(ComparisonForm::MOST_DIGITS);

/// The greatest power of ten that the last digit of a long decimal may count, and how many there are.
const GREATEST_POWER: i64 = *ComparisonForm::POWERS.end();
const POWERS: u64 = (GREATEST_POWER - *ComparisonForm::POWERS.start() + 1).cast_unsigned();

/// Whether a fact of decimals is one long decimal.
const fn is_long([first, _]: Fact) -> bool {
    first < LEAST || first > GREATEST && first < u64::MAX
}

/// The words of a long decimal; `None` where it is too long for them.
fn long(number: &ExactDecimal) -> Option<Fact> {
    let (negative, units, power) = number.parts()?;
    let scale = u64::try_from(GREATEST_POWER - power).ok().filter(|scale| *scale < POWERS)?;
    let bits = (units < LONG_END).then(|| units | u128::from(scale) << LONG_BITS)?;
    #[expect(clippy::cast_possible_truncation, reason = "a word at a time")]
    let (first, second) = ((bits >> 64) as u64, bits as u64);
    Some([if negative { first } else { GREATEST + 1 + first }, second])
}

/// The long decimal of these words.
fn of_long([first, second]: Fact) -> ExactDecimal {
    let negative = first < LEAST;
    let bits = u128::from(if negative { first } else { first - GREATEST - 1 }) << 64 | u128::from(second);
    let scale = i64::try_from(bits >> LONG_BITS).unwrap_or_default();
    ExactDecimal::of_parts(negative, bits & ((1 << LONG_BITS) - 1), GREATEST_POWER - scale)
}

/// How facts are taken from a dataset.
#[derive(Debug, Clone)]
pub(crate) struct FactColumns(Vec<(usize, Equality, DataType)>);

impl FactColumns {
    /// Finds the columns of facts among those that a pass reads.
    ///
    /// # Errors
    /// A column that the pass does not read.
    pub(crate) fn find<'f>(
        facts: impl Iterator<Item = (&'f String, &'f ComparisonForm, DataType)>,
        rules: &[ColumnRules],
    ) -> Result<Self, PrepareError> {
        facts
            .map(|(name, form, data_type)| Ok((place_of(rules, name)?, Equality::of(form, data_type), data_type)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// What counts as the same in each fact.
    pub(crate) fn forms(&self) -> impl Iterator<Item = &Equality> {
        self.0.iter().map(|(_, form, _)| form)
    }

    /// How many facts a row has.
    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    /// Appends the words of the facts of one row.
    pub(crate) fn write(&self, cells: &Cells<'_>, row: usize, buffer: &mut String, words: &mut Vec<u64>) {
        for (at, form, data_type) in &self.0 {
            words.extend(fact(cells, *at, form, *data_type, row, buffer));
        }
    }

    /// Merges the facts of a further row of the same key.
    pub(crate) fn merge(&self, all: &mut [u64], more: &[u64]) {
        for ((_, form, _), (all, more)) in self.0.iter().zip(all.as_chunks_mut().0.iter_mut().zip(more.as_chunks().0)) {
            *all = merged(form, *all, *more);
        }
    }

    /// Whether each fact of a row agrees with the facts of all rows of its key.
    pub(crate) fn agree(&self, ours: &[u64], theirs: &[u64]) -> bool {
        self.0.iter().zip(ours.as_chunks().0.iter().zip(theirs.as_chunks().0)).all(|((_, form, _), (ours, theirs))| {
            if [*ours, *theirs].iter().any(|fact| [UNREADABLE, SEVERAL].contains(fact)) {
                return false;
            }
            match form {
                Equality::Near(_) | Equality::NearWhole(_) if ![*ours, *theirs].contains(&MISSING) => {
                    let [number, _] = form.ends(*ours);
                    form.ends(*theirs).into_iter().all(|end| form.are_near(number, end) == Some(true))
                }
                _ => ours == theirs,
            }
        })
    }
}

/// One fact of all rows of an entity: the first value, or the least and the greatest number, and which other kinds of cells
/// occurred. All zeros before the first row; rows may come in any order.
#[derive(Debug)]
pub(crate) struct FactState<'a>(&'a mut [u64]);

/// Whether the rows of an entity agree on one fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Agreement {
    /// All have the same value, or all are missing.
    Agrees,
    /// Those that have a value have the same; others are missing.
    Gap,
    /// Two have different values.
    Differs,
    /// One of them is unparseable.
    Unreadable,
}

impl FactState<'_> {
    const VALUE: u64 = 1;
    const ABSENT: u64 = 2;
    const UNREADABLE: u64 = 4;
    const SEVERAL: u64 = 8;

    /// The state of the first fact of these words, and the words of the other facts.
    pub(crate) fn first<'w>(form: &Equality, words: &'w mut [u64]) -> Option<(FactState<'w>, &'w mut [u64])> {
        let (words, rest) = words.split_at_mut_checked(form.state_words())?;
        Some((FactState(words), rest))
    }

    /// Enters the fact of a further row.
    pub(crate) fn enter(&mut self, form: &Equality, fact: Fact) {
        let Some((found, state)) = self.0.split_first_mut() else { return };
        let first = *found & Self::VALUE == 0;
        match (fact, state) {
            (MISSING, _) => *found |= Self::ABSENT,
            (UNREADABLE, _) => *found |= Self::UNREADABLE,
            ([one, other], [low, high]) if first => {
                (*low, *high) = (one, other);
                *found |= Self::VALUE;
            }
            ([one, other], [low, more, high, most]) if first => {
                (*low, *more, *high, *most) = (one, other, one, other);
                *found |= Self::VALUE;
            }
            (fact, [low, more, high, most]) => {
                let [number, _] = form.ends(fact);
                if number.order(form.ends([*low, *more])[0]).is_lt() {
                    [*low, *more] = fact;
                }
                if number.order(form.ends([*high, *most])[0]).is_gt() {
                    [*high, *most] = fact;
                }
            }
            ([number, _], [low, high]) if !matches!(form, Equality::Same(_)) => {
                (*low, *high) = ((*low).min(number), (*high).max(number));
            }
            (fact, [low, high]) if fact != [*low, *high] => *found |= Self::SEVERAL,
            _ => {}
        }
    }
}

/// Whether the rows agree on the first fact of these words, and the words of the other facts. Numbers agree where the least
/// and the greatest of them do, which is where each two of them do.
pub(crate) fn agreement<'w>(form: &Equality, words: &'w [u64]) -> Option<(Agreement, &'w [u64])> {
    let (state, rest) = words.split_at_checked(form.state_words())?;
    let (found, low, high) = match *state {
        [found, low, high] => (found, Number(low, None), Number(high, None)),
        [found, low, more, high, most] => (found, form.ends([low, more])[0], form.ends([high, most])[0]),
        _ => return None,
    };
    let has = |what: u64| found & what != 0;
    let near = has(FactState::VALUE).then(|| form.are_near(low, high)).flatten().unwrap_or(!has(FactState::SEVERAL));
    let found = match (has(FactState::UNREADABLE), near) {
        (true, _) => Agreement::Unreadable,
        (_, false) => Agreement::Differs,
        _ if has(FactState::ABSENT) && has(FactState::VALUE) => Agreement::Gap,
        _ => Agreement::Agrees,
    };
    Some((found, rest))
}

/// Whether one of the facts of a row is unparseable.
pub(crate) fn is_unreadable(facts: &[u64]) -> bool {
    facts.as_chunks().0.contains(&UNREADABLE)
}

fn merged(form: &Equality, all: Fact, more: Fact) -> Fact {
    if all == more {
        return all;
    }
    if [all, more].contains(&UNREADABLE) {
        return UNREADABLE;
    }
    if matches!(form, Equality::Same(_)) || [all, more].iter().any(|fact| [MISSING, SEVERAL].contains(fact)) {
        return SEVERAL;
    }
    if matches!(form, Equality::Near(_)) && [all, more].into_iter().any(is_long) {
        return SEVERAL;
    }
    // A number within a tolerance of both ends is within it of all numbers between them.
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

/// The shortest decimal that parses as this float, as a fraction.
pub(crate) fn exact(number: f64) -> Option<BigRational> {
    ExactDecimal::of_float(number)?.fraction()
}

/// A decimal as it is written.
fn decimal(cells: &Cells<'_>, at: usize, row: usize, number: f64) -> Fact {
    let image = [image_of_decimal(number); 2];
    if cells.is_identified_by_float(at, row) {
        return image;
    }
    let Some(written) = cells.written(at, row) else { return UNREADABLE };
    if ExactDecimal::of_float(number).as_ref() == Some(&written) {
        return image;
    }
    long(&written).unwrap_or(UNREADABLE)
}

fn fact(cells: &Cells<'_>, at: usize, form: &Equality, data_type: DataType, row: usize, buffer: &mut String) -> Fact {
    if !cells.present(at).get(row) {
        return MISSING;
    }
    let Equality::Same(form) = form else {
        let image = match cells.typed(at, data_type) {
            TypedCells::Integer(reads) if reads.valid.get(row) => image_of_whole(reads.values[row]),
            TypedCells::Date(reads) if reads.valid.get(row) => image_of_whole(i64::from(reads.values[row])),
            TypedCells::Decimal(reads) if reads.valid.get(row) => return decimal(cells, at, row, reads.values[row]),
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
        let form = Equality::of(&ComparisonForm::Tolerance(0.5), DataType::Decimal);
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

        let judged = |form: &Equality, facts: &[Fact]| {
            let mut words = vec![0; form.state_words()];
            for fact in facts {
                FactState::first(form, &mut words).expect("words for one").0.enter(form, *fact);
            }
            agreement(form, &words).expect("words for one").0
        };
        assert_eq!(judged(&form, &[]), Agreement::Agrees);
        assert_eq!(
            judged(&form, &[number(0.3), number(0.8), number(0.5)]),
            Agreement::Agrees,
            "0.3 and 0.8 as written"
        );
        assert_eq!(judged(&form, &[number(0.3), number(0.5), number(0.9)]), Agreement::Differs);
        assert_eq!(judged(&form, &[number(0.3), MISSING, number(0.5)]), Agreement::Gap);
        assert_eq!(judged(&form, &[MISSING, MISSING]), Agreement::Agrees);
        assert_eq!(judged(&form, &[number(f64::INFINITY)]), Agreement::Agrees);
        assert_eq!(judged(&form, &[number(f64::INFINITY), number(1.0)]), Agreement::Differs);
        assert_eq!(judged(&form, &[number(0.3), MISSING, number(0.9)]), Agreement::Differs);
        assert_eq!(judged(&form, &[UNREADABLE, MISSING, number(0.9)]), Agreement::Unreadable);

        let (exact, folded) = (Equality::Same(ComparisonForm::Exact), Equality::Same(ComparisonForm::Folded));
        let columns = FactColumns(vec![(0, exact.clone(), DataType::Text)]);
        let (one, two) = (halves(pack(b"one")), halves(pack(b"a longer text than that")));
        assert!(columns.agree(&two, &merged(&exact, two, two)));
        assert!(!columns.agree(&one, &merged(&exact, one, two)));
        assert_eq!(judged(&folded, &[two, MISSING, two]), Agreement::Gap);
        assert_eq!(judged(&folded, &[two, one, two]), Agreement::Differs);
        assert_eq!(judged(&folded, &[two, two]), Agreement::Agrees);
    }

    #[test]
    fn long_decimals_keep_their_digits() {
        let number = |text: &str| {
            let written = ExactDecimal::parse(text).unwrap();
            let fact = long(&written).expect(text);
            assert!(is_long(fact) && of_long(fact) == written, "{text}");
            fact
        };
        for text in ["9007199254740993", "-0.30000000000000001", "999999999999999999999999999999999e22"] {
            number(text);
        }
        for text in ["1234567890123456789012345678901234", "1e23", "1e-41"] {
            assert_eq!(long(&ExactDecimal::parse(text).unwrap()), None, "{text}");
        }
        for image in [f64::NEG_INFINITY, f64::MIN, -0.0, f64::MAX, f64::INFINITY].map(image_of_decimal) {
            assert!(!is_long([image; 2]));
        }
        assert!(![MISSING, UNREADABLE, SEVERAL].into_iter().any(is_long));

        let form = Equality::of(&ComparisonForm::Tolerance(1.0), DataType::Decimal);
        let columns = FactColumns(vec![(0, form.clone(), DataType::Decimal)]);
        let (one, two, three) =
            (number("9007199254740993"), [image_of_decimal(9_007_199_254_740_994.0); 2], number("9007199254740995"));
        assert!(columns.agree(&one, &two) && columns.agree(&two, &three) && columns.agree(&one, &one));
        assert!(!columns.agree(&one, &three) && !columns.agree(&three, &[image_of_decimal(f64::INFINITY); 2]));
        assert_eq!(merged(&form, one, one), one);
        assert_eq!([merged(&form, one, two), merged(&form, two, one), merged(&form, one, three)], [SEVERAL; 3]);
        let judged = |facts: [Fact; 3]| {
            let mut words = vec![0; form.state_words()];
            for fact in facts {
                FactState::first(&form, &mut words).unwrap().0.enter(&form, fact);
            }
            agreement(&form, &words).unwrap().0
        };
        assert_eq!(judged([one, two, one]), Agreement::Agrees);
        assert_eq!(judged([one, MISSING, two]), Agreement::Gap);
        for facts in [
            [one, two, three],
            [two, three, one],
            [three, one, MISSING],
            [one, [image_of_decimal(f64::INFINITY); 2], one],
        ] {
            assert_eq!(judged(facts), Agreement::Differs);
        }
    }

    #[test]
    fn long_whole_numbers_differ_by_what_they_do() {
        let number = |number: i64| [image_of_whole(number); 2];
        let one = Equality::of(&ComparisonForm::Tolerance(1.5), DataType::Integer);
        let columns = FactColumns(vec![(0, one.clone(), DataType::Integer)]);
        let start = 1_i64 << 60;
        assert!(columns.agree(&number(start), &number(start + 1)));
        assert!(!columns.agree(&number(start), &number(start + 2)));
        assert!(!columns.agree(&number(i64::MIN), &number(i64::MAX)));
        assert!(!columns.agree(&number(i64::MAX), &MISSING) && !columns.agree(&MISSING, &number(-1)));
        let all = merged(&one, number(start + 2), number(start));
        assert!(columns.agree(&number(start + 1), &all) && !columns.agree(&number(start), &all));
        let any = Equality::of(&ComparisonForm::Tolerance(1e300), DataType::Integer);
        assert!(FactColumns(vec![(0, any, DataType::Integer)]).agree(&number(i64::MIN), &number(i64::MAX)));
    }
}

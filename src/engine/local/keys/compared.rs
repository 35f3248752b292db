//! The facts that two datasets must agree on.
//!
//! A fact of a row is a few words: the halves of a key where facts are the same or not, the image of a number where they may
//! differ by some tolerance. Numbers are exact: images of whole numbers are 128 bits, those of decimals are 256 bits of units
//! of 10^-38. The facts of all rows of a key or an entity become one state of fixed size, however many rows there are.

use ethnum::U256;
use num_bigint::BigInt;
use num_rational::BigRational;

use crate::model::{ComparisonForm, DataType, Decimal};
use crate::scalar::{fold, nfc};

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{ColumnRules, place_of};
use crate::engine::local::batch::typed::TypedCells;
use crate::engine::local::keys::hashed::{halves, pack};
use crate::engine::local::numbers::fixed::units;
use crate::engine::local::numbers::image::{Image, float_of, image_of_decimal, image_of_float, image_of_integer};
use crate::engine::local::prepare_error::PrepareError;

/// A fact compared as a whole.
pub(crate) type Fact = [u64; FACT_WORDS];

/// Words of such a fact.
pub(crate) const FACT_WORDS: usize = 2;

/// How a missing value begins. The first half is over the second, the second is that of no key, and no image of a number begins
/// with the first.
pub(crate) const MISSING: Fact = [u64::MAX, 2];

/// How an unparseable value begins: no fact agrees with it.
pub(crate) const UNREADABLE: Fact = [u64::MAX, 4];

/// What counts as the same in a fact.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Equality {
    /// The same text, in this form.
    Same(ComparisonForm),
    /// Whole numbers, or days, that differ by at most this.
    NearWhole(u128),
    /// Decimals that differ by at most so many units.
    NearDecimal(U256),
    /// Floats that differ by at most this.
    NearFloat(Decimal),
}

impl Equality {
    fn of(form: &ComparisonForm, data_type: DataType) -> Self {
        match (form, data_type) {
            (ComparisonForm::Tolerance(by), data_type) if data_type.is_float() => Self::NearFloat(*by),
            (ComparisonForm::Tolerance(by), DataType::Decimal) => Self::NearDecimal(units(*by).unsigned_abs()),
            (ComparisonForm::Tolerance(by), _) => Self::NearWhole(by.floor().unsigned_abs()),
            (form, _) => Self::Same(form.clone()),
        }
    }

    /// How many words the fact of a row takes.
    const fn words(&self) -> usize {
        if let Self::NearDecimal(_) = self { 2 * FACT_WORDS } else { FACT_WORDS }
    }

    /// How many words [`FactState`] takes.
    pub(crate) const fn state_words(&self) -> usize {
        1 + if let Self::Same(_) = self { self.words() } else { 2 * self.words() }
    }

    /// Whether two facts are the same, or two numbers within the tolerance.
    fn accepts(&self, one: &[u64], other: &[u64]) -> bool {
        match (self, one, other) {
            (Self::NearWhole(by), ..) => u128::read(one).abs_diff(u128::read(other)) <= *by,
            (Self::NearDecimal(by), ..) => U256::read(one).abs_diff(U256::read(other)) <= *by,
            (Self::NearFloat(by), [one, ..], [other, ..]) => within(float_of(*one), float_of(*other), *by),
            _ => one == other,
        }
    }

    /// Appends the words of a fact: a number as an image in the same order, the highest word first.
    fn write(
        &self,
        (at, data_type): (usize, DataType),
        cells: &Cells<'_>,
        row: usize,
        buffer: &mut String,
        words: &mut Vec<u64>,
    ) {
        let end = words.len() + self.words();
        if !cells.present(at).get(row) {
            words.extend(MISSING);
        } else if let Self::Same(form) = self {
            buffer.clear();
            if cells.write_canonical(at, row, data_type, buffer) {
                words.extend(halves(match form {
                    ComparisonForm::Nfc => pack(nfc(buffer).as_bytes()),
                    ComparisonForm::Folded => pack(fold(buffer).as_bytes()),
                    ComparisonForm::Exact | ComparisonForm::Tolerance(_) => pack(buffer.as_bytes()),
                }));
            } else {
                words.extend(UNREADABLE);
            }
        } else {
            match cells.typed(at, data_type) {
                TypedCells::Float(reads) if reads.valid.get(row) => words.push(image_of_float(reads.values[row])),
                TypedCells::Integer(reads) if reads.valid.get(row) => self.image(reads.values[row].into(), words),
                TypedCells::Date(reads) if reads.valid.get(row) => self.image(reads.values[row].into(), words),
                TypedCells::Decimal(reads) if reads.valid.get(row) => self.image(reads.values[row], words),
                _ => words.extend(UNREADABLE),
            }
        }
        words.resize(end, 0);
    }

    /// Appends the image of an exact number.
    fn image(&self, number: Decimal, words: &mut Vec<u64>) {
        if let Self::NearDecimal(_) = self {
            image_of_decimal(number).write(words);
        } else {
            image_of_integer(number.floor()).write(words);
        }
    }
}

/// How many words the fact of a row takes.
pub(crate) fn fact_words(form: &ComparisonForm, data_type: DataType) -> usize {
    Equality::of(form, data_type).words()
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

    /// Whether there are none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Words of the facts of a row.
    pub(crate) fn words(&self) -> usize {
        self.forms().map(Equality::words).sum()
    }

    /// Words of the states of all rows of a key.
    pub(crate) fn state_words(&self) -> usize {
        self.forms().map(Equality::state_words).sum()
    }

    /// Appends the words of the facts of one row.
    pub(crate) fn write(&self, cells: &Cells<'_>, row: usize, buffer: &mut String, words: &mut Vec<u64>) {
        for (at, form, data_type) in &self.0 {
            form.write((*at, *data_type), cells, row, buffer, words);
        }
    }

    /// Enters the facts of a row into the states of its key.
    pub(crate) fn enter(&self, states: &mut [u64], facts: &[u64]) {
        enter_facts(self.forms(), states, facts);
    }

    /// Whether each fact of a row agrees with those of all rows of its key, and whether one of any of them is unparseable.
    pub(crate) fn compare(&self, mut ours: &[u64], mut theirs: &[u64]) -> (bool, bool) {
        let (mut agrees, mut unreadable) = (true, false);
        for form in self.forms() {
            let Some((fact, facts)) = ours.split_at_checked(form.words()) else { return (false, unreadable) };
            let Some((state, states)) = theirs.split_at_checked(form.state_words()) else { return (false, unreadable) };
            (ours, theirs) = (facts, states);
            agrees &= fact_agrees(form, fact, state);
            unreadable |= fact.starts_with(&UNREADABLE) || state[0] & FactState::UNREADABLE != 0;
        }
        (agrees, unreadable)
    }
}

/// Enters facts of a row, one of each of these forms, into their states; returns the words of the other facts.
pub(crate) fn enter_facts<'f, 'w>(
    forms: impl Iterator<Item = &'f Equality>,
    mut states: &mut [u64],
    mut facts: &'w [u64],
) -> &'w [u64] {
    for form in forms {
        let Some((fact, more)) = facts.split_at_checked(form.words()) else { break };
        let Some((state, rest)) = states.split_at_mut_checked(form.state_words()) else { break };
        (facts, states) = (more, rest);
        FactState(state).enter(form, fact);
    }
    facts
}

/// Whether the fact of a row agrees with the facts of all rows of its key: all are missing, or none is and each number is near.
fn fact_agrees(form: &Equality, fact: &[u64], state: &[u64]) -> bool {
    let Some((found, kept)) = state.split_first() else { return false };
    if fact.starts_with(&MISSING) {
        return *found == FactState::ABSENT;
    }
    // A number within a tolerance of both ends is within it of all numbers between them.
    *found == FactState::VALUE
        && !fact.starts_with(&UNREADABLE)
        && kept.chunks_exact(form.words()).all(|end| form.accepts(fact, end))
}

/// One fact of all rows of a key or an entity: the first value, or the least and the greatest number, and which other kinds of
/// cells occurred. All zeros before the first row; rows may come in any order.
#[derive(Debug)]
struct FactState<'a>(&'a mut [u64]);

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

    /// Enters the fact of a further row.
    fn enter(&mut self, form: &Equality, fact: &[u64]) {
        let Some((found, kept)) = self.0.split_first_mut() else { return };
        if fact.starts_with(&MISSING) {
            *found |= Self::ABSENT;
        } else if fact.starts_with(&UNREADABLE) {
            *found |= Self::UNREADABLE;
        } else if *found & Self::VALUE == 0 {
            kept.chunks_exact_mut(fact.len()).for_each(|end| end.copy_from_slice(fact));
            *found |= Self::VALUE;
        } else if let Equality::Same(_) = form {
            *found |= if kept == fact { 0 } else { Self::SEVERAL };
        } else {
            let (low, high) = kept.split_at_mut(form.words());
            if fact < &*low {
                low.copy_from_slice(fact);
            } else if fact > &*high {
                high.copy_from_slice(fact);
            }
        }
    }
}

/// Whether the rows agree on the first fact of these words, and the words of the other facts. Numbers agree where the least
/// and the greatest of them do, which is where each two of them do.
pub(crate) fn agreement<'w>(form: &Equality, words: &'w [u64]) -> Option<(Agreement, &'w [u64])> {
    let (state, rest) = words.split_at_checked(form.state_words())?;
    let (found, kept) = state.split_first()?;
    let has = |what: u64| found & what != 0;
    let differs = match form {
        Equality::Same(_) => has(FactState::SEVERAL),
        form => {
            let (low, high) = kept.split_at_checked(form.words())?;
            has(FactState::VALUE) && !form.accepts(low, high)
        }
    };
    let found = match differs {
        _ if has(FactState::UNREADABLE) => Agreement::Unreadable,
        true => Agreement::Differs,
        false if has(FactState::ABSENT) && has(FactState::VALUE) => Agreement::Gap,
        false => Agreement::Agrees,
    };
    Some((found, rest))
}

/// Whether two floats differ by at most a tolerance, as the shortest decimals that parse as them: 1.1 and 1.0 differ by 0.1,
/// though the floats differ by more.
fn within(a: f64, b: f64, by: Decimal) -> bool {
    #[expect(clippy::float_cmp, reason = "what is equal does not differ, infinite as it may be")]
    if a == b {
        return true;
    }
    let (difference, limit) = ((a - b).abs(), by.to_float());
    let doubt = (a.abs() + b.abs() + limit) * 4.0 * f64::EPSILON;
    if (difference - limit).abs() > doubt || !doubt.is_finite() {
        return difference <= limit;
    }
    match (shortest(a), shortest(b)) {
        (Some(one), Some(other)) => (if a > b { one - other } else { other - one }) <= by.fraction(),
        _ => difference <= limit,
    }
}

/// The shortest decimal that parses as this float, as a fraction.
fn shortest(number: f64) -> Option<BigRational> {
    let text = format!("{number:e}");
    let (digits, exponent) = text.split_once('e')?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let number: BigInt = format!("{whole}{fraction}").parse().ok()?;
    let power = exponent.parse::<i32>().ok()? - i32::try_from(fraction.len()).ok()?;
    let by = BigInt::from(10).pow(power.unsigned_abs());
    Some(if power < 0 { BigRational::new(number, by) } else { (number * by).into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).expect(text)
    }

    fn form(tolerance: &str, data_type: DataType) -> Equality {
        Equality::of(&ComparisonForm::Tolerance(decimal(tolerance)), data_type)
    }

    /// The words of the fact of a row.
    fn fact(form: &Equality, written: &str) -> Vec<u64> {
        let mut words = Vec::new();
        match (form, written) {
            (_, "missing") => words.extend(MISSING),
            (_, "unreadable") => words.extend(UNREADABLE),
            (Equality::Same(_), text) => words.extend(halves(pack(text.as_bytes()))),
            (Equality::NearFloat(_), number) => words.push(image_of_float(number.parse().expect(number))),
            (form, number) => form.image(decimal(number), &mut words),
        }
        words.resize(form.words(), 0);
        words
    }

    fn state(form: &Equality, facts: &[&str]) -> Vec<u64> {
        let mut words = vec![0; form.state_words()];
        for written in facts {
            FactState(&mut words).enter(form, &fact(form, written));
        }
        words
    }

    fn judged(form: &Equality, facts: &[&str]) -> Agreement {
        agreement(form, &state(form, facts)).expect("words for one").0
    }

    fn compared(form: &Equality, ours: &str, theirs: &[&str]) -> (bool, bool) {
        FactColumns(vec![(0, form.clone(), DataType::Text)]).compare(&fact(form, ours), &state(form, theirs))
    }

    #[test]
    fn rows_of_a_key_say_together_what_each_says() {
        for data_type in [DataType::Decimal, DataType::Float] {
            let form = form("0.5", data_type);
            for (ours, theirs, expected) in [
                ("0.75", &["1.0", "0.3", "0.7"][..], (true, false)),
                ("0.5", &["1.0", "0.3", "0.7"], (true, false)),
                ("0.9", &["1.0", "0.3", "0.7"], (false, false)),
                ("0.4", &["0.3", "0.7", "1.0"], (false, false)),
                ("missing", &["0.3", "1.0"], (false, false)),
                ("missing", &["missing", "missing"], (true, false)),
                ("0.3", &["missing"], (false, false)),
                ("0.3", &["0.3", "missing"], (false, false)),
                ("missing", &["0.3", "missing"], (false, false)),
                ("unreadable", &["0.3"], (false, true)),
                ("unreadable", &["unreadable"], (false, true)),
                ("missing", &["missing", "0.3", "unreadable"], (false, true)),
            ] {
                assert_eq!(compared(&form, ours, theirs), expected, "{data_type}: {ours} {theirs:?}");
            }
            for (facts, expected) in [
                (&[][..], Agreement::Agrees),
                (&["0.3", "0.8", "0.5"], Agreement::Agrees),
                (&["0.3", "0.5", "0.9"], Agreement::Differs),
                (&["0.3", "missing", "0.5"], Agreement::Gap),
                (&["missing", "missing"], Agreement::Agrees),
                (&["0.3", "missing", "0.9"], Agreement::Differs),
                (&["unreadable", "missing", "0.9"], Agreement::Unreadable),
            ] {
                assert_eq!(judged(&form, facts), expected, "{data_type}: {facts:?}");
            }
        }
        let float = form("0.5", DataType::Float);
        assert_eq!(judged(&float, &["inf", "inf"]), Agreement::Agrees);
        assert_eq!(judged(&float, &["inf", "1"]), Agreement::Differs);
        assert_eq!(judged(&float, &["-1.7e308", "1.7e308"]), Agreement::Differs);
        assert_eq!(judged(&float, &["5e-324", "-5e-324"]), Agreement::Agrees);

        let (exact, folded) = (Equality::Same(ComparisonForm::Exact), Equality::Same(ComparisonForm::Folded));
        let long = "a longer text than that";
        assert_eq!(compared(&exact, long, &[long, long]), (true, false));
        assert_eq!(compared(&exact, "one", &["one", long]), (false, false));
        assert_eq!(judged(&folded, &[long, "missing", long]), Agreement::Gap);
        assert_eq!(judged(&folded, &[long, "one", long]), Agreement::Differs);
        assert_eq!(judged(&folded, &[long, long]), Agreement::Agrees);
    }

    #[test]
    fn decimals_keep_all_their_digits() {
        const NINES: &str = "99999999999999999999999999999999999999";
        const LAST: &str = "0.00000000000000000000000000000000000001";
        let one = form("1", DataType::Decimal);
        for (low, high, agrees) in [
            ("9007199254740993", "9007199254740994", true),
            ("9007199254740993", "9007199254740994.0000000000000000000001", false),
            ("99999999999999999999999999999999999998", NINES, true),
            ("99999999999999999999999999999999999997", NINES, false),
            ("-1", LAST, false),
            ("-0.99999999999999999999999999999999999999", LAST, true),
            ("-99999999999999999999999999999999999999", NINES, false),
            ("1234567890.1234567890123456789012345678", "1234567891.1234567890123456789012345678", true),
            ("1234567890.1234567890123456789012345678", "1234567891.1234567890123456789012345679", false),
        ] {
            let expected = if agrees { Agreement::Agrees } else { Agreement::Differs };
            for facts in [[low, high, low], [high, low, high]] {
                assert_eq!(judged(&one, &facts), expected, "{facts:?}");
            }
            assert_eq!(compared(&one, low, &[high]), (agrees, false), "{low} {high}");
        }
        let all = ["9007199254740994", "9007199254740995", "9007199254740993"];
        assert_eq!(compared(&one, "9007199254740994", &all), (true, false));
        assert_eq!(compared(&one, "9007199254740993", &all), (false, false));
        assert_eq!(judged(&form("0", DataType::Decimal), &["1.50", "1.5"]), Agreement::Agrees);
        assert_eq!(judged(&form(NINES, DataType::Decimal), &["0", NINES]), Agreement::Agrees);
        assert_eq!(judged(&form(LAST, DataType::Decimal), &["0", LAST, "missing"]), Agreement::Gap);
    }

    #[test]
    fn long_whole_numbers_differ_by_what_they_do() {
        let one = form("1.5", DataType::Integer);
        for (low, high, agrees) in [
            ("1152921504606846976", "1152921504606846977", true),
            ("1152921504606846976", "1152921504606846978", false),
            ("18446744073709551614", "18446744073709551615", true),
            ("-9223372036854775808", "9223372036854775807", false),
            ("-99999999999999999999999999999999999999", "99999999999999999999999999999999999999", false),
            ("-1", "0", true),
        ] {
            assert_eq!(compared(&one, low, &[high]), (agrees, false), "{low} {high}");
            assert_eq!(compared(&one, high, &[low]), (agrees, false), "{high} {low}");
        }
        assert_eq!(compared(&one, "missing", &["99999999999999999999999999999999999999"]), (false, false));
        assert_eq!(compared(&one, "-1", &["missing"]), (false, false));
        assert_eq!(compared(&one, "1", &["2", "0"]), (true, false));
        assert_eq!(compared(&one, "0", &["2", "0"]), (false, false));
        let any = form("99999999999999999999999999999999999999", DataType::Date);
        assert_eq!(compared(&any, "-2147483648", &["2147483647"]), (true, false));
    }
}

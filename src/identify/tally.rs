//! The counts of a column.

use std::collections::BTreeMap;

use super::evidence::evidence;
use super::null_words::null_word;
use super::prefilter::{AT, COLON, DIGIT, LOWER, Prefilter, SLASH, UPPER, WIDE, sorts_of};
use super::value_sample::{Few, ValueSample, scatter};
use super::wrapping::{Wrapping, without};
use crate::identifiers::{Context, Fault, KINDS, Prepared, is_placeholder};
use crate::model::Evidence;
use crate::text::{self, Family, FormatSet};

/// Digits of whole numbers whose formats are precomputed.
const LONGEST_NUMBER: usize = 40;

/// The most digits before the zeros of a round number that would else be taken for a placeholder.
const MOST_LED: usize = 2;

/// What texts are judged with.
#[derive(Debug)]
pub(crate) struct Judge {
    prefilter: Prefilter,
    /// In the order of [`KINDS`].
    kinds: Vec<Prepared>,
    /// The formats of numbers that digits alone fit, by their number of digits.
    whole_numbers: Vec<FormatSet>,
}

/// Counts of one column.
#[derive(Debug, Clone)]
pub(crate) struct Tally {
    pub(super) missing: u64,
    pub(super) unreadable: u64,
    pub(super) values: u64,
    pub(super) placeholders: u64,
    /// Those placeholders that are also round numbers or numbers with decimals.
    pub(super) numbers: u64,
    /// How often each word that means "no value" occurs.
    pub(super) null_words: BTreeMap<String, u64>,
    /// Values that are digits only.
    pub(super) digits: u64,
    /// In the order of [`KINDS`].
    pub(super) kinds: Vec<KindTally>,
    pub(super) faulty: u64,
    /// In the order of [`text::Fault::ALL`].
    pub(super) faults: [u64; text::Fault::ALL.len()],
    /// In the order of [`Family::ALL`]: how many values fit each set of formats.
    pub(super) formats: [BTreeMap<FormatSet, u64>; Family::ALL.len()],
}

/// Counts of a kind.
#[derive(Debug, Clone, Default)]
pub(super) struct KindTally {
    pub(super) passed: u64,
    /// The evidence for the kind in these values, and in those that would pass: none, then the order of
    /// [`Evidence::ALL`].
    pub(super) says: [u64; 1 + Evidence::ALL.len()],
    /// Values that passed with the right check digits.
    pub(super) checked: Few,
    pub(super) with_zeros: u64,
    /// Values that would pass without what surrounds them, by [`Wrapping`].
    pub(super) mended: [u64; Wrapping::COUNT],
    pub(super) check_digit: u64,
    pub(super) inner_fact: u64,
    /// Some of the values of these two counts.
    pub(super) failing: ValueSample,
}

/// Whether digits are an amount and fill no cell: a round number such as 5,000,000, or one with a decimal point.
fn is_round_or_decimal(value: &str) -> bool {
    let digits = value.strip_prefix(['-', '+']).unwrap_or(value);
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((whole, fraction)) = digits.split_once('.') {
        return are_digits(whole) && are_digits(fraction);
    }
    let led = digits.trim_end_matches('0');
    are_digits(led) && !led.starts_with('0') && led.len() <= MOST_LED && led.len() < digits.len()
}

/// The position of evidence among the counts of a kind.
fn place(evidence: Option<Evidence>) -> usize {
    evidence.map_or(0, |evidence| 1 + evidence as usize)
}

impl KindTally {
    /// Counts the evidence of a value for the kind.
    fn says(&mut self, evidence: Option<Evidence>, value: &str, count: u64) {
        self.says[place(evidence)] += count;
        if evidence == Some(Evidence::CheckDigits) && !self.checked.is_full() {
            self.checked.add(scatter(value));
        }
    }
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            missing: 0,
            unreadable: 0,
            values: 0,
            placeholders: 0,
            numbers: 0,
            null_words: BTreeMap::new(),
            digits: 0,
            kinds: vec![KindTally::default(); KINDS.len()],
            faulty: 0,
            faults: [0; text::Fault::ALL.len()],
            formats: Default::default(),
        }
    }
}

impl Judge {
    /// Judges as of a year.
    pub(crate) fn new(year: i32) -> Self {
        let whole_numbers = (0..=LONGEST_NUMBER).map(|digits| Family::Number.of(&"1".repeat(digits))).collect();
        let context = Context { year, foreign_births: false };
        let kinds = KINDS.iter().map(|kind| Prepared::new(kind, context)).collect();
        Self { prefilter: Prefilter::new(), kinds, whole_numbers }
    }

    /// The prepared kinds, in the order of [`KINDS`].
    pub(super) fn kinds(&self) -> &[Prepared] {
        &self.kinds
    }

    /// Adds a value that occurs this many times; `is_text` if the column is stored as text.
    pub(crate) fn enter(&self, tally: &mut Tally, value: &str, count: u64, is_text: bool) {
        tally.values += count;
        let sorts = sorts_of(value);
        let fills = is_placeholder(value);
        if fills {
            tally.placeholders += count;
            tally.numbers += if is_round_or_decimal(value) { count } else { 0 };
        }
        if sorts == DIGIT {
            tally.digits += count;
        }
        self.enter_kinds(tally, value, count, sorts, fills);
        if is_text {
            self.enter_text(tally, value, count, sorts);
        }
    }

    fn enter_kinds(&self, tally: &mut Tally, value: &str, count: u64, sorts: u16, fills: bool) {
        let mut scattered = None;
        for at in self.prefilter.kinds(value.len(), sorts) {
            let kind = KINDS[at];
            // Their number decides about kinds that look for placeholders.
            if fills && kind.placeholders {
                continue;
            }
            let of_kind = &mut tally.kinds[at];
            match self.kinds[at].judge(value) {
                Ok(()) => {
                    of_kind.passed += count;
                    of_kind.says(evidence(kind, value, sorts), value, count);
                }
                Err(fault @ (Fault::CheckDigit | Fault::InnerFact)) => {
                    let failed =
                        if fault == Fault::CheckDigit { &mut of_kind.check_digit } else { &mut of_kind.inner_fact };
                    *failed += count;
                    of_kind.failing.add(*scattered.get_or_insert_with(|| scatter(value)), value, count);
                }
                // Placeholders were decided before.
                Err(Fault::Shape | Fault::Placeholder) => {}
            }
        }
        if sorts == DIGIT && !fills {
            self.with_zeros(value, |at, says| {
                tally.kinds[at].with_zeros += count;
                tally.kinds[at].says(Some(says), value, count);
            });
        }
        if let Some((wrapping, bare)) = without(value).filter(|(_, bare)| !is_placeholder(bare)) {
            self.enter_mended(tally, value, (wrapping, bare), count);
        }
    }

    /// Adds a value that may be of a kind without what surrounds it.
    fn enter_mended(&self, tally: &mut Tally, value: &str, (wrapping, bare): (Wrapping, &str), count: u64) {
        let sorts = sorts_of(bare);
        let mut mend = |at: usize, says: Option<Evidence>| {
            if !self.kinds[at].is_sound(value) {
                tally.kinds[at].mended[wrapping as usize] += count;
                tally.kinds[at].says(says, bare, count);
            }
        };
        for at in self.prefilter.kinds(bare.len(), sorts) {
            if self.kinds[at].is_sound(bare) {
                mend(at, evidence(KINDS[at], bare, sorts));
            }
        }
        // A float column loses zeros, too.
        if sorts == DIGIT {
            self.with_zeros(bare, |at, says| mend(at, Some(says)));
        }
    }

    /// Calls back with the kinds of digits that lost leading zeros, once each, and the evidence for them.
    fn with_zeros(&self, value: &str, mut found: impl FnMut(usize, Evidence)) {
        let mut whole = [b'0'; 32];
        let mut last = None;
        for (at, zeros) in self.prefilter.lost_zeros(value.len()) {
            let (kind, prepared) = (KINDS[*at], &self.kinds[*at]);
            let length = zeros + value.len();
            let Some(digits) = whole.get_mut(*zeros..length) else { continue };
            digits.copy_from_slice(value.as_bytes());
            let is_lost = |padded: &&str| prepared.is_sound(padded) && !prepared.is_sound(value);
            let padded = std::str::from_utf8(&whole[..length]).ok().filter(|_| last != Some(*at)).filter(is_lost);
            // A number that is weak evidence with its zeros is none without them.
            let says = padded.and_then(|padded| evidence(kind, padded, DIGIT));
            if let Some(says) = says.filter(|says| *says >= Evidence::InnerFacts) {
                last = Some(*at);
                found(*at, says);
            }
            whole[*zeros..length].fill(b'0');
        }
    }

    /// Adds the text faults and formats of a value.
    fn enter_text(&self, tally: &mut Tally, value: &str, count: u64, sorts: u16) {
        if sorts != DIGIT
            && let Some(word) = null_word(value)
        {
            *tally.null_words.entry(word).or_default() += count;
        }
        let faults = text::faults(value);
        if !faults.is_empty() {
            tally.faulty += count;
            for (fault, counted) in text::Fault::ALL.into_iter().zip(&mut tally.faults) {
                *counted += if faults.has(fault) { count } else { 0 };
            }
        }
        let first = value.as_bytes().first().copied().unwrap_or_default();
        for (family, counts) in Family::ALL.into_iter().zip(&mut tally.formats) {
            let says = match family {
                Family::Date => first.is_ascii_digit() && sorts & (LOWER | WIDE | AT) == 0,
                Family::Number => first.is_ascii_digit() || matches!(first, b'+' | b'-'),
                Family::Phone => sorts & DIGIT != 0 && sorts & (UPPER | LOWER | WIDE | AT | COLON | SLASH) == 0,
                Family::Case => sorts & (UPPER | LOWER | WIDE) != 0,
                Family::Tone => sorts & WIDE != 0,
            };
            // A value that fits no format, or all formats of letters, gives no information about it.
            let nothing = |set: FormatSet| match family {
                Family::Date | Family::Phone | Family::Number => set == FormatSet::default(),
                Family::Case => set == FormatSet(0b1111),
                Family::Tone => set == FormatSet(0b11),
            };
            if says {
                let known = self.whole_numbers.get(value.len()).filter(|_| family == Family::Number && sorts == DIGIT);
                let set = known.copied().unwrap_or_else(|| family.of(value));
                if !nothing(set) {
                    *counts.entry(set).or_default() += count;
                }
            }
        }
    }
}

impl Tally {
    /// Adds missing cells.
    pub(crate) fn miss(&mut self, cells: u64) {
        self.missing += cells;
    }

    /// Merges other counts.
    pub(super) fn merge(&mut self, other: Self) {
        let Self {
            missing,
            unreadable,
            values,
            placeholders,
            numbers,
            null_words,
            digits,
            kinds,
            faulty,
            faults,
            formats,
        } = other;
        self.missing += missing;
        self.unreadable += unreadable;
        self.values += values;
        self.placeholders += placeholders;
        self.numbers += numbers;
        for (word, count) in null_words {
            *self.null_words.entry(word).or_default() += count;
        }
        self.digits += digits;
        self.faulty += faulty;
        for (sum, count) in self.faults.iter_mut().zip(faults) {
            *sum += count;
        }
        for (sums, counts) in self.formats.iter_mut().zip(formats) {
            for (set, count) in counts {
                *sums.entry(set).or_default() += count;
            }
        }
        for (sum, kind) in self.kinds.iter_mut().zip(kinds) {
            sum.passed += kind.passed;
            for (sum, count) in sum.says.iter_mut().zip(kind.says) {
                *sum += count;
            }
            sum.checked.merge(kind.checked);
            sum.with_zeros += kind.with_zeros;
            for (sum, count) in sum.mended.iter_mut().zip(kind.mended) {
                *sum += count;
            }
            sum.check_digit += kind.check_digit;
            sum.inner_fact += kind.inner_fact;
            sum.failing.merge(kind.failing);
        }
    }
}

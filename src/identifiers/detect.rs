//! Personal data in columns that are not declared personal.
//!
//! A [`super::Kind`] judges a whole value; a detector also searches longer text. It reports only what few other texts
//! look like: strict forms, check digits, existing places and years.

use std::ops::Range;

use super::checksum::all_digits;
use super::internet::{is_domain, is_local};
use super::{Context, Kind, finance, iban, internet, vietnam};

/// One kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detector {
    /// E-mail addresses.
    Email,
    /// Mobile numbers of Viet Nam, and numbers in international form.
    Phone,
    /// Personal numbers of Viet Nam.
    PersonalId,
    /// Bank accounts.
    Iban,
    /// Payment cards.
    Card,
    /// Health insurance cards of Viet Nam.
    HealthCard,
}

impl Detector {
    /// All, in the order of the documentation.
    pub const ALL: [Self; 6] = [Self::Email, Self::Phone, Self::PersonalId, Self::Iban, Self::Card, Self::HealthCard];

    /// The names of [`Self::ALL`].
    pub const NAMES: [&'static str; 6] = ["email", "phone", "personal_id", "iban", "card", "health_card"];

    /// The name in suites and reports.
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The detector of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|detector| detector.name() == name)
    }
}

/// A set of detectors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Detectors(u8);

/// The fewest digits that are evidence.
const FEWEST_DIGITS: usize = 9;

/// The longest run of digits with signs between that is examined.
const LONGEST_RUN: usize = 32;

impl Detectors {
    /// Every one.
    pub const EVERY: Self = Self((1 << Detector::ALL.len()) - 1);

    /// Adds a detector to the set.
    pub const fn add(&mut self, detector: Detector) {
        self.0 |= 1 << detector as u8;
    }

    /// Whether the detector is in the set.
    pub const fn has(self, detector: Detector) -> bool {
        self.0 & (1 << detector as u8) != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The detectors that find something in a cell of text. A cell that is only a number is treated like a stored
    /// number, since a text file does not show whether its leading zeros were lost.
    #[must_use]
    pub fn in_cell(self, text: &str, context: Context) -> Self {
        let shown = text.trim();
        let digits = shown.strip_prefix('-').unwrap_or(shown);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_number = all_digits(whole.as_bytes()) && all_digits(fraction.as_bytes());
        let is_counting = !shown.starts_with('-') && fraction.bytes().all(|byte| byte == b'0');
        match (is_number, is_counting) {
            // A leading zero was not lost, so this is not one.
            (true, true) if whole.starts_with('0') => self.in_text(whole, context),
            (true, true) => self.in_number(whole, context),
            // Negative numbers and fractions are not identifiers.
            (true, false) if !whole.starts_with('0') => Self::default(),
            _ => self.in_text(text, context),
        }
    }

    /// The detectors that find something in a text.
    #[must_use]
    pub fn in_text(self, text: &str, context: Context) -> Self {
        let mut found = Self::default();
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        if self.has(Detector::Email) && text.as_bytes().contains(&b'@') && has_address(text) {
            found.add(Detector::Email);
        }
        if digits < FEWEST_DIGITS {
            return found;
        }
        let is = |kind: &Kind, part: &str| kind.judge(part, context).is_ok();
        let phone = |found: &mut Self, part: &str| {
            if self.has(Detector::Phone) && (is(&vietnam::MOBILE, part) || is(&internet::E164, part)) {
                found.add(Detector::Phone);
            }
        };
        let number = |found: &mut Self, part: &str| {
            phone(found, part);
            if self.has(Detector::PersonalId) && is(&vietnam::PERSONAL_ID, part) {
                found.add(Detector::PersonalId);
            }
            if self.has(Detector::Card) && is(&finance::CARD, part) {
                found.add(Detector::Card);
            }
        };
        let chances = Chances::of(text);
        // Digits with signs between as a whole, such as `0912 345 678`, then each run of digits by itself.
        let is_odd = |c: char| !(c.is_ascii_digit() || matches!(c, '+' | ' ' | '.' | '-' | '(' | ')'));
        let runs = chances.runs.then(|| text.split_inclusive(is_odd));
        let mut before = None;
        for piece in runs.into_iter().flatten() {
            let run = piece.strip_suffix(is_odd).unwrap_or(piece);
            let behind = piece[run.len()..].chars().next();
            // Brackets contain the prefix of a telephone number; other numbers end there.
            for place in numbers(run, true) {
                let part = run[place.clone()].trim_matches(SIGNS);
                if !(FEWEST_DIGITS..=LONGEST_RUN).contains(&part.len()) {
                    continue;
                }
                let touches = |odd: Option<char>, at: Option<char>| {
                    odd.filter(|odd| odd.is_alphanumeric() && at.is_some_and(|at| at.is_ascii_digit()))
                };
                let first = touches(before, run.chars().next().filter(|_| place.start == 0));
                let last = touches(behind, run.chars().next_back().filter(|_| place.end == run.len()));
                match (first, last) {
                    (None, None) => number(&mut found, part),
                    // As in `sđt0912345678`. Other numbers inside a longer code do not count.
                    (Some(letter), None) if letter.is_lowercase() => phone(&mut found, part),
                    _ => {}
                }
            }
            for place in numbers(run, false) {
                if self.has(Detector::Phone) && place.len() <= LONGEST_RUN && is_dialled(&run[place], context) {
                    found.add(Detector::Phone);
                }
            }
            before = behind;
        }
        // A number inside a longer code does not count.
        let words = chances.words.then(|| text.split(|c: char| !c.is_alphanumeric() && c != '+'));
        for word in words.into_iter().flatten() {
            if (FEWEST_DIGITS..=LONGEST_RUN).contains(&word.len()) {
                number(&mut found, word);
                if self.has(Detector::HealthCard)
                    && word.starts_with(|c: char| c.is_ascii_uppercase())
                    && is(&vietnam::HEALTH_CARD, word)
                {
                    found.add(Detector::HealthCard);
                }
            }
        }
        if self.has(Detector::Iban) && chances.accounts && has_account(text, context) {
            found.add(Detector::Iban);
        }
        found
    }

    /// The detectors that find something in a number that was stored as one: its leading zeros are lost.
    #[must_use]
    pub fn in_number(self, text: &str, context: Context) -> Self {
        let mut found = Self::default();
        let digits = text.strip_suffix(".0").unwrap_or(text);
        if digits.len() < FEWEST_DIGITS || !all_digits(digits.as_bytes()) {
            return found;
        }
        if self.has(Detector::Phone) && digits.len() == 11 && digits.starts_with("84") {
            let number = format!("+{digits}");
            if vietnam::MOBILE.judge(&number, context).is_ok() {
                found.add(Detector::Phone);
            }
        }
        // The first province is 001, so that two zeros may be lost.
        if self.has(Detector::PersonalId)
            && (10..=12).contains(&digits.len())
            && vietnam::PERSONAL_ID.judge(&format!("{digits:0>12}"), context).is_ok()
        {
            found.add(Detector::PersonalId);
        }
        if self.has(Detector::Card) && finance::CARD.judge(digits, context).is_ok() {
            found.add(Detector::Card);
        }
        found
    }
}

/// Signs between the digits of a number, one at a time.
const SIGNS: [char; 3] = [' ', '.', '-'];

/// The places of the numbers of a run: two signs in a row separate them, and so do brackets if they count.
fn numbers(run: &str, brackets: bool) -> impl Iterator<Item = Range<usize>> {
    let is_sign = |at: usize| run.as_bytes().get(at).is_some_and(|byte| SIGNS.contains(&char::from(*byte)));
    let is_bracket = move |at: usize| brackets && matches!(run.as_bytes().get(at), Some(b'(' | b')'));
    let mut from = Some(0);
    std::iter::from_fn(move || {
        let start = from?;
        let end = (start..run.len()).find(|at| is_bracket(*at) || (is_sign(*at) && is_sign(at + 1)));
        from = end.map(|end| end + 1);
        Some(start..end.unwrap_or(run.len()))
    })
}

/// The fewest digits of a number that is examined as a whole: those of an international telephone number.
const FEWEST_DIALLED: usize = 7;

/// What a text can contain at all, from one look at its bytes. Most texts with many digits, such as addresses, have
/// them in several places, and need no further look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Chances {
    /// Enough digits with only signs between.
    runs: bool,
    /// An ASCII word that is long enough; no detector looks for other letters.
    words: bool,
    /// The first four characters of a bank account.
    accounts: bool,
}

impl Chances {
    fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let (mut digits, mut word) = (0, 0);
        let (mut runs, mut words) = (false, false);
        for byte in bytes {
            digits = match byte {
                b'0'..=b'9' => digits + 1,
                b'+' | b' ' | b'.' | b'-' | b'(' | b')' => digits,
                _ => 0,
            };
            word = if byte.is_ascii_alphanumeric() || *byte == b'+' { word + 1 } else { 0 };
            runs |= digits >= FEWEST_DIALLED;
            words |= word >= FEWEST_DIGITS;
        }
        Self { runs, words, accounts: bytes.windows(4).any(opens_account) }
    }
}

/// Whether a text begins like an account number: with two letters and two digits.
fn opens_account(text: &[u8]) -> bool {
    let Some([country @ .., tens, ones]) = text.first_chunk::<4>() else { return false };
    country.iter().all(u8::is_ascii_alphabetic) && tens.is_ascii_digit() && ones.is_ascii_digit()
}

/// Whether digits with signs between are a mobile number with its prefix in brackets, or with 84 without a plus before
/// it.
fn is_dialled(run: &str, context: Context) -> bool {
    let mut digits: String = run.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    if digits.len() == 11 && digits.starts_with("84") {
        digits.insert(0, '+');
    } else if !run.contains('(') {
        return false;
    }
    vietnam::MOBILE.judge(&digits, context).is_ok()
}

/// Whether a text contains an e-mail address.
fn has_address(text: &str) -> bool {
    text.match_indices('@').any(|(at, _)| {
        let before = &text.as_bytes()[..at];
        let local = before.iter().rev().take(65).take_while(|byte| is_local(**byte)).count();
        let domain: &str = text[at + 1..]
            .split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-')))
            .next()
            .unwrap_or_default()
            .trim_end_matches(['.', '-']);
        (1..=64).contains(&local) && is_domain(domain)
    })
}

/// Whether a text contains a bank account, in one piece or in groups of four.
fn has_account(text: &str, context: Context) -> bool {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    loop {
        let behind = words.clone();
        match words.next() {
            None => return false,
            Some(word) if opens_account(word.as_bytes()) => {
                let mut joined = String::new();
                // The longest account has 34 characters: nine groups.
                for word in behind.take(9).take_while(|word| word.len() <= 34) {
                    joined.push_str(&word.to_ascii_uppercase());
                    if joined.len() <= 34 && iban::IBAN.judge(&joined, context).is_ok() {
                        return true;
                    }
                }
            }
            Some(_) => {}
        }
    }
}

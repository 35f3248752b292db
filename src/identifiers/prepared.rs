//! A kind prepared for many values: its forms, arranged by the length of the value, how it begins, and the characters
//! allowed at each place.
//!
//! [`Kind::judge`] finds the reason why a value fails. Here the first question is whether it passes, as nearly every
//! value does. What no form decides is passed to [`Kind::judge`].

use super::checksum::{can_check_97, luhn, luhn_of, modulo};
use super::form::{Compact, Listed};
use super::placeholder::is_placeholder;
use super::{Alphabet, Body, Checksum, Context, Fault, Form, Kind, Segment, Usual, Values};
use crate::scalar::Automaton;

/// Longer values have no form.
const LONGEST: usize = 40;

/// The maximum nesting of the patterns of kinds.
const MOST_NESTED: u32 = 20;

/// The value of a character that is not allowed at a place: more than all places of a valid value add up to.
const MISFIT: u16 = 1 << 13;

/// What a letter adds that shifts the characters before it. The sum of many digits may reach it, and is then calculated
/// again.
const LETTER: u16 = 1 << 8;

/// A prepared kind.
#[derive(Debug)]
pub struct Prepared {
    kind: &'static Kind,
    context: Context,
    quick: Quick,
}

/// A quick test whether a value is valid.
#[derive(Debug)]
enum Quick {
    /// Nothing.
    Nothing,
    /// The forms of the kind, or the usual forms of its values.
    Forms(Layout),
    /// The pattern of most values, with their most bytes.
    Pattern(usize, Box<Automaton>),
}

/// The forms of a kind.
#[derive(Debug)]
struct Layout {
    /// The changes to a value before it has a form: characters removed, or made capitals; `None` if there are none.
    loose: Option<Loose>,
    /// The forms, each once for every length.
    forms: Vec<Fixed>,
    /// The forms of each length, and those that may begin with each byte, or have it at the end: one bit a form.
    of_length: Box<[u128; LONGEST + 1]>,
    of_first: Box<[u128; 256]>,
    of_second: Box<[u128; 256]>,
}

/// How a value may differ from its form.
#[derive(Debug)]
struct Loose {
    /// The bytes that are removed.
    parts: Box<[bool; 256]>,
    /// Whether small letters are equal to capitals.
    folds: bool,
}

/// A form of one length.
#[derive(Debug)]
struct Fixed {
    /// What each byte adds to the sum of a value at each place, or [`MISFIT`].
    places: Vec<[u16; 256]>,
    check: Check,
    listed: Option<Listed>,
    holds: Option<fn(&[u8], Context) -> bool>,
}

/// The condition of the check digits.
#[derive(Debug)]
enum Check {
    Nothing,
    /// The sum over the places has a remainder.
    Sum {
        modulus: u32,
        remainder: u32,
    },
    /// The remainder modulo 97 is 1, and the digits from that place on can be check digits.
    Mod97 {
        digits: usize,
    },
    /// The sum of Luhn; for places that no [`LETTER`] shifts.
    Luhn {
        added: u32,
    },
    /// Conditions that depend on more than the place of a character.
    Other(Checksum),
}

impl Prepared {
    /// Prepares a kind.
    pub fn new(kind: &'static Kind, context: Context) -> Self {
        let quick = match &kind.body {
            Body::Forms(forms) | Body::Read { usual: Usual::Forms(forms), .. } => {
                Layout::of(kind, forms).map(Quick::Forms)
            }
            Body::Read { usual: Usual::Pattern(most, pattern), .. } => {
                usual(pattern).map(|pattern| Quick::Pattern(*most, Box::new(pattern)))
            }
        };
        Self { kind, context, quick: quick.unwrap_or(Quick::Nothing) }
    }

    /// Whether the value can be an identifier of the kind; otherwise why not; equal to [`Kind::judge`].
    ///
    /// # Errors
    /// The first fault.
    pub fn judge(&self, text: &str) -> Result<(), Fault> {
        match self.quickly(text) {
            Some(true) => Ok(()),
            _ => self.kind.judge(text, self.context),
        }
    }

    /// Whether the value can be an identifier of the kind, as in [`Kind::judge`].
    #[inline]
    pub fn is_sound(&self, text: &str) -> bool {
        self.quickly(text).unwrap_or_else(|| self.kind.judge(text, self.context).is_ok())
    }

    /// The same if the quick test decides it.
    #[inline]
    fn quickly(&self, text: &str) -> Option<bool> {
        let bytes = text.as_bytes();
        let (is_sound, is_all) = match &self.quick {
            Quick::Nothing => return None,
            Quick::Forms(layout) => {
                (layout.is_sound(bytes, self.context) == Some(true), matches!(self.kind.body, Body::Forms(_)))
            }
            Quick::Pattern(most, pattern) => (bytes.len() <= *most && pattern.is_match(bytes), false),
        };
        if is_sound {
            return Some(!(self.kind.placeholders && is_placeholder(text)));
        }
        // A value in an unusual form may still be valid.
        is_all.then_some(false)
    }

    /// Whether any value of this length could be one, with other characters.
    pub(super) fn has_length(&self, length: usize) -> bool {
        match (&self.quick, &self.kind.body) {
            (Quick::Forms(layout), Body::Forms(_)) if layout.loose.is_none() => {
                layout.of_length.get(length).is_some_and(|forms| *forms != 0)
            }
            _ => true,
        }
    }
}

/// The table of a pattern that a whole value must match.
fn usual(pattern: &str) -> Option<Automaton> {
    Automaton::build(&format!(r"\A(?:{pattern})\z"), MOST_NESTED)
}

impl Layout {
    /// `None` if a form has several parts of varying length or a single character, or if there are no forms or too
    /// many.
    fn of(kind: &Kind, forms: &[Form]) -> Option<Self> {
        let is_apart = |byte: u8| kind.separators.as_bytes().contains(&byte);
        let is_small = |byte: u8| kind.folds && byte.is_ascii_lowercase();
        let is_loose = kind.folds || !kind.separators.is_empty();
        let mut layout = Self {
            loose: is_loose.then(|| Loose {
                parts: Box::new(std::array::from_fn(|at| u8::try_from(at).is_ok_and(is_apart))),
                folds: kind.folds,
            }),
            forms: Vec::new(),
            of_length: Box::new([0; LONGEST + 1]),
            of_first: Box::new([0; 256]),
            of_second: Box::new([0; 256]),
        };
        // No form contains characters that are removed or changed before.
        let may_stand = |byte: u8| !is_apart(byte) && !is_small(byte);
        let mut known: Vec<((Alphabet, Term), [u16; 256])> = Vec::new();
        for form in forms {
            let segments = form.segments;
            let varies = |segment: &&Segment| segment.min != segment.max;
            let mut varying = segments.iter().filter(varies);
            let most = varying.next().map_or(0, |segment| segment.max - segment.min);
            if varying.next().is_some() {
                return None;
            }
            for more in 0..=most {
                let alphabets = segments.iter().flat_map(|segment| {
                    let count = segment.min + if varies(&segment) { more } else { 0 };
                    std::iter::repeat_n(segment.alphabet, usize::from(count))
                });
                let alphabets: Vec<Alphabet> = alphabets.collect();
                let (check, terms) = Check::of(form.checksum, &alphabets);
                let places = alphabets.into_iter().zip(terms).map(|place| {
                    let at = known.iter().position(|(known, _)| *known == place).unwrap_or_else(|| {
                        known.push((place, place.1.table(|byte| place.0.holds(byte) && may_stand(byte))));
                        known.len() - 1
                    });
                    known[at].1
                });
                let places = places.collect();
                layout.add(Fixed { places, check, listed: form.listed, holds: form.holds })?;
            }
        }
        (!layout.forms.is_empty()).then_some(layout)
    }

    /// Adds a form; `None` if it is too short or too long, or if there are too many.
    fn add(&mut self, form: Fixed) -> Option<()> {
        let bit = 1_u128.checked_shl(u32::try_from(self.forms.len()).ok()?)?;
        let [first, second, ..] = form.places.as_slice() else { return None };
        *self.of_length.get_mut(form.places.len())? |= bit;
        for (place, of_byte) in [(first, &mut self.of_first), (second, &mut self.of_second)] {
            for (forms, term) in of_byte.iter_mut().zip(place) {
                *forms |= if *term < MISFIT { bit } else { 0 };
            }
        }
        self.forms.push(form);
        Some(())
    }

    /// Whether a value is valid by the first form that it has; `None` if it has none.
    #[inline]
    fn is_sound(&self, text: &[u8], context: Context) -> Option<bool> {
        // Nearly all values have nothing to be removed.
        let forms = self.beginning_as(text);
        if forms != 0
            && let Some(is_sound) = self.compact_is_sound(forms, text, context)
        {
            return Some(is_sound);
        }
        self.loose.as_ref().and_then(|loose| self.loose_is_sound(loose, text, context))
    }

    /// The same for a value with something to be removed.
    #[inline(never)]
    fn loose_is_sound(&self, loose: &Loose, text: &[u8], context: Context) -> Option<bool> {
        let mut compact = Compact::EMPTY;
        compact.fill(text, |byte| loose.parts[usize::from(byte)], loose.folds)?;
        let compact = compact.as_bytes();
        self.compact_is_sound(self.beginning_as(compact), compact, context)
    }

    /// The forms that have the length of a text, and may begin like it.
    #[inline]
    fn beginning_as(&self, text: &[u8]) -> u128 {
        let [first, second, ..] = *text else { return 0 };
        let of_length = self.of_length.get(text.len()).copied().unwrap_or_default();
        of_length & self.of_first[usize::from(first)] & self.of_second[usize::from(second)]
    }

    /// Whether a text without separators is valid by the first of the forms that it has.
    #[inline]
    fn compact_is_sound(&self, mut forms: u128, text: &[u8], context: Context) -> Option<bool> {
        while forms != 0 {
            let form = &self.forms[forms.trailing_zeros() as usize];
            let term = |(byte, place): (&u8, &[u16; 256])| u32::from(place[usize::from(*byte)]);
            let sum = text.iter().zip(&form.places).map(term).sum();
            if sum < u32::from(MISFIT) {
                return Some(
                    form.check.holds(sum, text)
                        && form.listed.is_none_or(|listed| listed.holds(text))
                        && form.holds.is_none_or(|holds| holds(text, context)),
                );
            }
            forms &= forms - 1;
        }
        None
    }
}

/// What a character adds to the sum of a value at one of its places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Term {
    Nothing,
    /// Its value, times a weight, modulo a number.
    Times {
        values: Values,
        weight: u32,
        modulus: u32,
    },
    /// What it adds to the sum of Luhn, doubled or not; a letter at a place that also allows a digit shifts the others.
    Luhn {
        doubled: bool,
        shifts: bool,
    },
}

impl Term {
    /// What each allowed byte adds.
    fn table(self, may_stand: impl Fn(u8) -> bool) -> [u16; 256] {
        let term = |byte: u8| match self {
            _ if !may_stand(byte) => None,
            Self::Nothing => Some(0),
            Self::Luhn { shifts: true, .. } if !byte.is_ascii_digit() => Some(LETTER),
            Self::Luhn { doubled, .. } => u16::try_from(luhn_of(byte, doubled)).ok(),
            Self::Times { values, weight, modulus } => u16::try_from(values.of(byte)? * weight % modulus).ok(),
        };
        let mut table = [MISFIT; 256];
        (0..=u8::MAX).zip(&mut table).for_each(|(byte, entry)| *entry = term(byte).unwrap_or(MISFIT));
        table
    }
}

impl Check {
    /// The condition of a checksum over characters of these alphabets, and what each place adds.
    fn of(checksum: Option<Checksum>, alphabets: &[Alphabet]) -> (Self, Vec<Term>) {
        let length = alphabets.len();
        let each = |term: &dyn Fn(usize) -> Term| (0..length).map(term).collect();
        let nothing = |check| (check, vec![Term::Nothing; length]);
        match checksum {
            None => nothing(Self::Nothing),
            Some(Checksum::Weighted { weights, values, modulus, remainder }) if fits(length, modulus) => {
                let term = |at: usize| match weights.get(at) {
                    None | Some(0) => Term::Nothing,
                    Some(weight) => {
                        Term::Times { values: values[at % values.len()], weight: u32::from(*weight), modulus }
                    }
                };
                (Self::Sum { modulus, remainder }, each(&term))
            }
            Some(Checksum::FromRight { weights, modulus })
                if alphabets.iter().all(|alphabet| alphabet.of_digits()) && fits(length, modulus) =>
            {
                let weight = |at: usize| u32::from(weights[(length - 1 - at) % weights.len()]);
                let term = |at: usize| Term::Times { values: Values::Digits, weight: weight(at), modulus };
                (Self::Sum { modulus, remainder: 0 }, each(&term))
            }
            Some(Checksum::Luhn { added }) if length * usize::from(LETTER + 9) < usize::from(MISFIT) => {
                let mut terms = vec![Term::Nothing; length];
                let mut doubled = false;
                for (term, alphabet) in terms.iter_mut().zip(alphabets).rev() {
                    *term = Term::Luhn { doubled, shifts: !alphabet.of_capitals() };
                    // A capital is two digits.
                    doubled ^= !alphabet.of_capitals();
                }
                (Self::Luhn { added }, terms)
            }
            Some(checksum @ Checksum::Mod97 { moved }) => {
                let order = (moved..length).chain(0..moved.min(length));
                let mut terms = vec![Term::Nothing; length];
                let mut weight = 1;
                for at in order.rev() {
                    terms[at] = Term::Times { values: Values::Letters, weight, modulus: 97 };
                    weight = weight * if alphabets[at].of_digits() { 10 } else { 100 } % 97;
                }
                // The shift of a character must not depend on the characters after it.
                if alphabets.iter().all(|alphabet| alphabet.of_digits() || alphabet.of_capitals()) {
                    let digits = if moved == 0 { length } else { moved }.saturating_sub(2);
                    (Self::Mod97 { digits }, terms)
                } else {
                    nothing(Self::Other(checksum))
                }
            }
            Some(other) => nothing(Self::Other(other)),
        }
    }

    #[inline]
    fn holds(&self, sum: u32, text: &[u8]) -> bool {
        match self {
            Self::Nothing => true,
            Self::Sum { modulus, remainder } => modulo(sum, *modulus) == *remainder,
            Self::Luhn { added } => {
                let sum = if sum < u32::from(LETTER) { sum } else { luhn(text) };
                (sum + added).is_multiple_of(10)
            }
            Self::Mod97 { digits } => sum % 97 == 1 && can_check_97(&text[*digits..]),
            Self::Other(checksum) => checksum.holds(text),
        }
    }
}

/// Whether the terms of this many places, each below the modulus, add up to less than a misfit.
fn fits(length: usize, modulus: u32) -> bool {
    length * modulus as usize <= usize::from(MISFIT)
}

#[cfg(test)]
mod tests {
    use super::usual;
    use crate::identifiers::{Body, Checksum, KINDS, Usual};

    /// Otherwise a fitting form would be missed, and the next one would be tried.
    #[test]
    fn whatever_counts_is_worth_something() {
        for kind in KINDS {
            let (Body::Forms(forms) | Body::Read { usual: Usual::Forms(forms), .. }) = kind.body else { continue };
            for form in forms {
                let Some(Checksum::Weighted { weights, values, .. }) = form.checksum else { continue };
                let most = form.segments.iter().flat_map(|one| std::iter::repeat_n(one.alphabet, one.max.into()));
                for (at, alphabet) in
                    most.enumerate().filter(|(at, _)| weights.get(*at).is_some_and(|weight| *weight > 0))
                {
                    let worthless = |byte: &u8| alphabet.holds(*byte) && values[at % values.len()].of(*byte).is_none();
                    assert_eq!((0..=u8::MAX).find(worthless), None, "{} at {at}", kind.name);
                }
            }
        }
    }

    #[test]
    fn usual_patterns_are_small() {
        for kind in KINDS {
            if let Body::Read { usual: Usual::Pattern(_, pattern), .. } = kind.body {
                assert!(usual(pattern).is_some(), "{}: too many states", kind.name);
            }
        }
    }
}

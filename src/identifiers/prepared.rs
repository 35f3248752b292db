//! A kind made ready for many values: what its forms say, laid out by the length of the value and how it begins.
//!
//! [`Kind::judge`] says why a value is none; here the question is first whether it is one, which nearly every value is. A value of
//! a kind that no form describes takes the way of [`Kind::judge`].

use super::placeholder::{is_placeholder, may_be_placeholder};
use super::{Alphabet, Body, Checksum, Context, Fault, Form, Kind, Segment, Slip, slip};

/// Longer values have no form.
const LONGEST: usize = 40;

/// A sign that is left out of a value.
const PARTS: u64 = 1 << 62;
/// A small letter that stands for a capital.
const SMALL: u64 = 1 << 63;

/// A kind made ready.
#[derive(Debug)]
pub struct Prepared {
    kind: &'static Kind,
    context: Context,
    layout: Option<Layout>,
}

/// The forms of a kind.
#[derive(Debug)]
struct Layout {
    /// The alphabets that hold each byte, as bits, and [`PARTS`] and [`SMALL`].
    classes: Box<[u64; 256]>,
    /// Whether a value may hold what has to be left out, or made a capital, before it has a form.
    is_loose: bool,
    /// The forms, each as often as it has lengths.
    forms: Vec<Fixed>,
    /// Which of them have each length, and may begin with each byte, and have it behind: one bit a form.
    of_length: [u64; LONGEST + 1],
    of_first: Box<[u64; 256]>,
    of_second: Box<[u64; 256]>,
}

/// A form of one length.
#[derive(Debug)]
struct Fixed {
    /// For each place the bit of its alphabet.
    places: Vec<u64>,
    /// Where it is digits alone: the places at which not every digit may stand.
    digits: Option<Vec<usize>>,
    checksum: Option<Checksum>,
    holds: Option<fn(&[u8], Context) -> bool>,
}

impl Prepared {
    /// Makes a kind ready.
    pub fn new(kind: &'static Kind, context: Context) -> Self {
        let layout = match kind.body {
            Body::Forms(forms) => Layout::of(kind, forms),
            Body::Read(_) => None,
        };
        Self { kind, context, layout }
    }

    /// Whether the value can be an identifier of the kind; otherwise why not; as [`Kind::judge`] has it.
    ///
    /// # Errors
    /// The first fault.
    pub fn judge(&self, text: &str) -> Result<(), Fault> {
        if self.layout.is_some() && self.is_sound(text) { Ok(()) } else { self.kind.judge(text, self.context) }
    }

    /// The slip that explains why a value is none; a swap rather than a wrong digit, which one check digit can nearly always
    /// be explained by.
    pub fn slip(&self, text: &str) -> Option<Slip> {
        slip::find(self, text)
    }

    /// Whether the value can be an identifier of the kind, as [`Kind::judge`] has it.
    #[inline]
    pub fn is_sound(&self, text: &str) -> bool {
        let Some(layout) = &self.layout else { return self.kind.judge(text, self.context).is_ok() };
        let mut bytes = text.as_bytes();
        let digits = are_digits(bytes);
        let mut compact = [0; LONGEST + 1];
        if !digits && layout.is_loose {
            let Some(length) = layout.compact(bytes, &mut compact) else { return false };
            bytes = &compact[..length];
        }
        let Some(form) = layout.form(bytes, digits) else { return false };
        form.checksum.as_ref().is_none_or(|checksum| checksum.holds(bytes))
            && form.holds.is_none_or(|holds| holds(bytes, self.context))
            && !(self.kind.placeholders && may_be_placeholder(bytes) && is_placeholder(text))
    }

    /// Whether any value of this length could be one, were its characters others.
    pub(super) fn has_length(&self, length: usize) -> bool {
        self.layout
            .as_ref()
            .is_none_or(|layout| layout.is_loose || layout.of_length.get(length).is_some_and(|forms| *forms != 0))
    }
}

impl Layout {
    /// `None` where a form has several parts of varying length or a single character, or there are too many forms.
    fn of(kind: &Kind, forms: &[Form]) -> Option<Self> {
        let mut layout = Self {
            classes: Box::new([0; 256]),
            is_loose: kind.folds || !kind.separators.is_empty(),
            forms: Vec::new(),
            of_length: [0; LONGEST + 1],
            of_first: Box::new([0; 256]),
            of_second: Box::new([0; 256]),
        };
        let mut alphabets: Vec<Alphabet> = Vec::new();
        for form in forms {
            let segments = form.segments;
            for segment in segments {
                if !alphabets.contains(&segment.alphabet) {
                    alphabets.push(segment.alphabet);
                }
            }
            let varies = |segment: &&Segment| segment.min != segment.max;
            let mut varying = segments.iter().filter(varies);
            let most = varying.next().map_or(0, |segment| segment.max - segment.min);
            if varying.next().is_some() || alphabets.len() > 62 {
                return None;
            }
            for more in 0..=most {
                let places = segments.iter().flat_map(|segment| {
                    let count = segment.min + if varies(&segment) { more } else { 0 };
                    let at = alphabets.iter().position(|known| *known == segment.alphabet).unwrap_or_default();
                    std::iter::repeat_n(1_u64 << at, usize::from(count))
                });
                let places: Vec<u64> = places.collect();
                if places.len() < 2 {
                    return None;
                }
                let is_digit = |byte: u8| byte.is_ascii_digit();
                let of_digits = |alphabet: Alphabet| (0..=u8::MAX).all(|byte| !alphabet.holds(byte) || is_digit(byte));
                let every = alphabets.iter().position(|alphabet| *alphabet == Alphabet::Digits);
                let narrower = |at: &usize| every.is_none_or(|every| places[*at] != 1 << every);
                let digits = segments.iter().all(|segment| of_digits(segment.alphabet));
                let digits = digits.then(|| (0..places.len()).filter(narrower).collect());
                let fixed = Fixed { places, digits, checksum: form.checksum, holds: form.holds };
                let bit = 1_u64.checked_shl(u32::try_from(layout.forms.len()).ok()?)?;
                *layout.of_length.get_mut(fixed.places.len())? |= bit;
                layout.forms.push(fixed);
            }
        }
        for (byte, class) in (0..=u8::MAX).zip(layout.classes.iter_mut()) {
            for (at, alphabet) in alphabets.iter().enumerate() {
                *class |= u64::from(alphabet.holds(byte)) << at;
            }
            if kind.separators.as_bytes().contains(&byte) {
                *class |= PARTS;
            }
            if kind.folds && byte.is_ascii_lowercase() {
                *class |= SMALL;
            }
        }
        for (at, form) in layout.forms.iter().enumerate() {
            for (byte, class) in layout.classes.iter().enumerate() {
                let may = |place: usize| class & form.places[place] != 0;
                layout.of_first[byte] |= u64::from(may(0)) << at;
                layout.of_second[byte] |= u64::from(may(1)) << at;
            }
        }
        Some(layout)
    }

    /// The first form that a value without separators has.
    #[inline]
    fn form(&self, text: &[u8], digits: bool) -> Option<&Fixed> {
        let [first, second, ..] = *text else { return None };
        let mut left =
            self.of_length.get(text.len())? & self.of_first[usize::from(first)] & self.of_second[usize::from(second)];
        while left != 0 {
            let form = &self.forms[left.trailing_zeros() as usize];
            if form.fits(text, digits, &self.classes) {
                return Some(form);
            }
            left &= left - 1;
        }
        None
    }

    /// Writes a value without its separators, in capitals where these are the same, as [`super::form::Compact`] has it; `None`
    /// where it is too long, or a separator stands at an end or beside another.
    #[inline]
    fn compact(&self, text: &[u8], compact: &mut [u8; LONGEST + 1]) -> Option<usize> {
        // Without branches: where signs stand differs from value to value.
        let (mut length, mut odd, mut before) = (0, 0, PARTS);
        for byte in text {
            let class = self.classes[usize::from(*byte)];
            odd |= class & before;
            before = class & PARTS;
            // The bit that tells small letters from capitals.
            *compact.get_mut(length)? = byte & !u8::try_from(class >> 58 & 0x20).unwrap_or_default();
            length += usize::from(before == 0);
        }
        (odd == 0 && before == 0).then_some(length)
    }
}

impl Fixed {
    #[inline]
    fn fits(&self, text: &[u8], digits: bool, classes: &[u64; 256]) -> bool {
        let fits = |(byte, place): (&u8, &u64)| classes[usize::from(*byte)] & *place != 0;
        if digits && let Some(narrower) = &self.digits {
            return narrower.iter().all(|at| fits((&text[*at], &self.places[*at])));
        }
        text.iter().zip(&self.places).fold(true, |all, pair| all & fits(pair))
    }
}

/// Whether a text of at least eight bytes is all digits, eight at a time.
#[inline]
pub(super) fn are_digits(text: &[u8]) -> bool {
    const HIGH: u64 = 0xF0F0_F0F0_F0F0_F0F0;
    const THREES: u64 = 0x3030_3030_3030_3030;
    const SIXES: u64 = 0x0606_0606_0606_0606;
    // The upper half of the byte of a digit is 3, and stays so with 6 added.
    let odd = |word: &[u8; 8]| {
        let word = u64::from_le_bytes(*word);
        ((word & HIGH) ^ THREES) | (((word & !HIGH) + SIXES) & HIGH)
    };
    let (words, _) = text.as_chunks::<8>();
    let last = text.last_chunk::<8>().map_or(1, odd);
    words.iter().fold(last, |all, word| all | odd(word)) == 0
}

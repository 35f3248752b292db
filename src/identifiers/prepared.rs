//! A kind made ready for many values: what its forms say, laid out by the length of the value.
//!
//! [`Kind::judge`] says why a value is none; here the question is only whether it is one, which nearly every value is. A value
//! with separators, and one of a kind that no form describes, takes the way of [`Kind::judge`].

use super::placeholder::{is_placeholder, may_be_placeholder};
use super::{Alphabet, Body, Checksum, Context, Fault, Form, Kind, Segment, Slip, slip};

/// Longer values have no form.
const LONGEST: usize = 40;

/// What has to be left out of a value, or made a capital, before it has a form.
const LOOSE: u16 = 1 << 15;

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
    /// The alphabets that hold each byte, as bits, and [`LOOSE`].
    classes: Box<[u16; 256]>,
    /// Whether any byte is loose.
    loosens: bool,
    /// For each length its forms, in their order.
    by_length: Vec<Vec<Fixed>>,
}

/// A form of one length.
#[derive(Debug)]
struct Fixed {
    /// For each place the bit of its alphabet.
    places: Vec<u16>,
    /// Whether it is digits alone.
    digits: bool,
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

    /// Why a value is none; see [`Kind::judge`].
    ///
    /// # Errors
    /// The first fault.
    pub fn judge(&self, text: &str) -> Result<(), Fault> {
        self.kind.judge(text, self.context)
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
        let bytes = text.as_bytes();
        if layout.loosens && bytes.iter().fold(0, |all, byte| all | layout.classes[usize::from(*byte)]) & LOOSE != 0 {
            return self.kind.judge(text, self.context).is_ok();
        }
        let Some(forms) = layout.by_length.get(bytes.len()) else { return false };
        let Some(form) = forms.iter().find(|form| form.fits(bytes, &layout.classes)) else { return false };
        form.checksum.as_ref().is_none_or(|checksum| checksum.holds(bytes))
            && form.holds.is_none_or(|holds| holds(bytes, self.context))
            && !(self.kind.placeholders && may_be_placeholder(bytes) && is_placeholder(text))
    }

    /// Whether any value of this length could be one, were its characters others.
    pub(super) fn has_length(&self, length: usize) -> bool {
        self.layout
            .as_ref()
            .is_none_or(|layout| layout.loosens || layout.by_length.get(length).is_some_and(|forms| !forms.is_empty()))
    }
}

impl Layout {
    /// `None` where a form has several parts of varying length, or there are too many alphabets.
    fn of(kind: &Kind, forms: &[Form]) -> Option<Self> {
        let mut layout = Self { classes: Box::new([0; 256]), loosens: false, by_length: Vec::new() };
        layout.by_length.resize_with(LONGEST + 1, Vec::new);
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
            if varying.next().is_some() || alphabets.len() > 15 {
                return None;
            }
            for more in 0..=most {
                let places = segments.iter().flat_map(|segment| {
                    let count = segment.min + if varies(&segment) { more } else { 0 };
                    let at = alphabets.iter().position(|known| *known == segment.alphabet).unwrap_or_default();
                    std::iter::repeat_n(1 << at, usize::from(count))
                });
                let places: Vec<u16> = places.collect();
                let digits = segments.iter().all(|segment| segment.alphabet == Alphabet::Digits);
                let fixed = Fixed { places, digits, checksum: form.checksum, holds: form.holds };
                layout.by_length.get_mut(fixed.places.len())?.push(fixed);
            }
        }
        for (byte, class) in (0..=u8::MAX).zip(layout.classes.iter_mut()) {
            for (at, alphabet) in alphabets.iter().enumerate() {
                *class |= u16::from(alphabet.holds(byte)) << at;
            }
            let loose = kind.separators.as_bytes().contains(&byte) || (kind.folds && byte.is_ascii_lowercase());
            if loose {
                *class |= LOOSE;
                layout.loosens = true;
            }
        }
        Some(layout)
    }
}

impl Fixed {
    #[inline]
    fn fits(&self, text: &[u8], classes: &[u16; 256]) -> bool {
        if self.digits && text.len() >= 8 {
            return are_digits(text);
        }
        // Forms of one length differ in their first character more often than not.
        let fits = |(byte, place): (&u8, &u16)| classes[usize::from(*byte)] & *place != 0;
        let pairs = || text.iter().zip(&self.places);
        pairs().next().is_none_or(fits) && pairs().fold(true, |all, pair| all & fits(pair))
    }
}

/// Whether all of at least eight bytes are digits, eight at a time.
#[inline]
fn are_digits(text: &[u8]) -> bool {
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

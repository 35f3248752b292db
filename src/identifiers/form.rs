//! The shape of an identifier as data: segments of characters, a checksum over them.

use super::{Checksum, Context, Fault, List};

/// The longest identifier without its separators, in bytes.
const MOST: usize = 64;

/// The characters of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// `0` to `9`.
    Digits,
    /// `A` to `Z`.
    Capitals,
    /// Digits and capitals.
    Either,
    /// These characters.
    Of(&'static str),
}

impl Alphabet {
    #[inline]
    pub(super) fn holds(self, byte: u8) -> bool {
        match self {
            Self::Digits => byte.is_ascii_digit(),
            Self::Capitals => byte.is_ascii_uppercase(),
            Self::Either => byte.is_ascii_digit() || byte.is_ascii_uppercase(),
            Self::Of(set) => set.as_bytes().contains(&byte),
        }
    }

    /// Whether it is digits only.
    pub(super) fn of_digits(self) -> bool {
        match self {
            Self::Digits => true,
            Self::Capitals | Self::Either => false,
            Self::Of(set) => set.bytes().all(|byte| byte.is_ascii_digit()),
        }
    }

    /// Whether it is capitals only.
    pub(super) fn of_capitals(self) -> bool {
        match self {
            Self::Capitals => true,
            Self::Digits | Self::Either => false,
            Self::Of(set) => set.bytes().all(|byte| byte.is_ascii_uppercase()),
        }
    }
}

/// A run of characters of one alphabet. It takes as many as it can, so the segment after one of varying length must
/// begin with a character that it does not contain.
#[derive(Debug, Clone, Copy)]
pub struct Segment {
    /// Which characters.
    pub alphabet: Alphabet,
    /// The minimum number.
    pub min: u8,
    /// The maximum number.
    pub max: u8,
}

impl Segment {
    /// The segment as part of a regular expression.
    fn pattern(&self) -> String {
        let class = match self.alphabet {
            Alphabet::Digits => "[0-9]".to_owned(),
            Alphabet::Capitals => "[A-Z]".to_owned(),
            Alphabet::Either => "[0-9A-Z]".to_owned(),
            // Outside of brackets a hyphen is a hyphen.
            Alphabet::Of("-") => "-".to_owned(),
            Alphabet::Of(set) if set.len() == 1 => regex_syntax::escape(set),
            Alphabet::Of(set) => {
                let mut class = "[".to_owned();
                for c in set.chars() {
                    class.push_str(&regex_syntax::escape(&c.to_string()));
                }
                class + "]"
            }
        };
        match (self.min, self.max) {
            (1, 1) => class,
            (0, 1) => class + "?",
            (min, max) if min == max => format!("{class}{{{min}}}"),
            (min, max) => format!("{class}{{{min},{max}}}"),
        }
    }
}

/// Between this many and this many digits.
pub(super) const fn digits_between(min: u8, max: u8) -> Segment {
    Segment { alphabet: Alphabet::Digits, min, max }
}

/// This many digits.
pub(super) const fn digits(count: u8) -> Segment {
    Segment { alphabet: Alphabet::Digits, min: count, max: count }
}

/// This many capitals.
pub(super) const fn capitals(count: u8) -> Segment {
    Segment { alphabet: Alphabet::Capitals, min: count, max: count }
}

/// This many digits or capitals.
pub(super) const fn either(count: u8) -> Segment {
    Segment { alphabet: Alphabet::Either, min: count, max: count }
}

/// One of these characters.
pub(super) const fn one_of(set: &'static str) -> Segment {
    Segment { alphabet: Alphabet::Of(set), min: 1, max: 1 }
}

/// One of these characters, or none.
pub(super) const fn maybe(set: &'static str) -> Segment {
    Segment { alphabet: Alphabet::Of(set), min: 0, max: 1 }
}

/// The structure of an identifier, without separators.
#[derive(Debug)]
pub struct Form {
    /// One after the other.
    pub segments: &'static [Segment],
    /// Its check digits.
    pub checksum: Option<Checksum>,
    /// The part that must be in a list.
    pub listed: Option<Listed>,
    /// The other conditions.
    pub holds: Option<fn(&[u8], Context) -> bool>,
}

/// A part of an identifier that must be in a list.
#[derive(Debug, Clone, Copy)]
pub struct Listed {
    /// Where it begins.
    pub at: usize,
    /// The list.
    pub list: &'static List,
}

impl Listed {
    #[inline]
    pub(super) fn holds(self, text: &[u8]) -> bool {
        self.list.has(text, self.at)
    }
}

impl Form {
    /// A form of segments alone.
    pub(super) const fn plain(segments: &'static [Segment]) -> Self {
        Self { segments, checksum: None, listed: None, holds: None }
    }

    /// A form with check digits.
    pub(super) const fn checked(segments: &'static [Segment], checksum: Checksum) -> Self {
        Self { segments, checksum: Some(checksum), listed: None, holds: None }
    }

    /// The same; the part that begins there must be in a list. Its segments allow only the characters of the list.
    pub(super) const fn listed(self, at: usize, list: &'static List) -> Self {
        let Self { segments, checksum, holds, .. } = self;
        Self { segments, checksum, listed: Some(Listed { at, list }), holds }
    }

    /// The same with a further condition.
    pub(super) const fn with(self, holds: fn(&[u8], Context) -> bool) -> Self {
        let Self { segments, checksum, listed, .. } = self;
        Self { segments, checksum, listed, holds: Some(holds) }
    }

    /// Whether there are conditions besides its shape and its check digits.
    pub fn has_inner_facts(&self) -> bool {
        self.listed.is_some() || self.holds.is_some()
    }

    /// The shape as a regular expression for the whole text, for engines without segments.
    pub fn pattern(&self) -> String {
        self.segments.iter().map(Segment::pattern).collect()
    }

    /// Whether the whole text has the shape.
    pub(super) fn fits(&self, text: &[u8]) -> bool {
        let mut at = 0;
        for segment in self.segments {
            let most = text.len().min(at + usize::from(segment.max));
            let run = &text[at..most];
            let held = match segment.alphabet {
                Alphabet::Digits => run.iter().take_while(|byte| byte.is_ascii_digit()).count(),
                Alphabet::Capitals => run.iter().take_while(|byte| byte.is_ascii_uppercase()).count(),
                other => run.iter().take_while(|byte| other.holds(**byte)).count(),
            };
            if held < usize::from(segment.min) {
                return false;
            }
            at += held;
        }
        at == text.len()
    }

    /// Whether a text of this shape is valid.
    pub(super) fn judge(&self, text: &[u8], context: Context) -> Result<(), Fault> {
        if self.checksum.as_ref().is_some_and(|checksum| !checksum.holds(text)) {
            return Err(Fault::CheckDigit);
        }
        let is_true =
            self.listed.is_none_or(|listed| listed.holds(text)) && self.holds.is_none_or(|holds| holds(text, context));
        if !is_true {
            return Err(Fault::InnerFact);
        }
        Ok(())
    }
}

/// Whether a text without separators has one of these forms and is valid.
pub(super) fn judge(forms: &[Form], text: &[u8], context: Context) -> Result<(), Fault> {
    if text.len() > MOST {
        return Err(Fault::Shape);
    }
    forms.iter().find(|form| form.fits(text)).ok_or(Fault::Shape)?.judge(text, context)
}

/// An identifier without its separators, in capitals if small letters are equal to them.
pub(super) struct Compact {
    bytes: [u8; MOST],
    len: usize,
}

impl Compact {
    /// `None` if it is too long, or if a separator is at an end or beside another.
    pub(super) fn of(text: &str, separators: &str, folds: bool) -> Option<Self> {
        let mut compact = Self::EMPTY;
        compact.fill(text.as_bytes(), |byte| separators.as_bytes().contains(&byte), folds)?;
        Some(compact)
    }

    /// An empty identifier.
    pub(super) const EMPTY: Self = Self { bytes: [0; MOST], len: 0 };

    /// The same in an empty one, given a test for separators.
    #[inline]
    pub(super) fn fill(&mut self, text: &[u8], parts: impl Fn(u8) -> bool, folds: bool) -> Option<()> {
        let (mut apart, mut odd, mut len) = (true, false, 0);
        for byte in text {
            // Without branches, since the places of separators differ from value to value. The next character
            // overwrites a separator.
            let parts = parts(*byte);
            odd |= parts & apart;
            apart = parts;
            *self.bytes.get_mut(len)? = if folds { byte.to_ascii_uppercase() } else { *byte };
            len += usize::from(!parts);
        }
        self.len = len;
        (!odd && (!apart || text.is_empty())).then_some(())
    }

    #[inline]
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

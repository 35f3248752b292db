//! The faults of a text.

/// One kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// White space at an end.
    EdgeSpace,
    /// Two spaces in a row.
    DoubleSpace,
    /// A tab or a line break.
    LineBreak,
    /// A control character, or an unassigned one.
    Control,
    /// A zero-width character: zero-width space, soft hyphen, byte order mark, joiners outside scripts that join.
    ZeroWidth,
    /// A direction mark in text that runs one way, or one that overrides the direction.
    Bidi,
    /// Another space than the usual one, such as a no-break space.
    OddSpace,
    /// Decomposed letters (Unicode form D).
    Decomposed,
    /// Letters that are neither composed nor fully decomposed, as in text of Windows-1258.
    HalfComposed,
    /// UTF-8 that was read as Windows-1252, Windows-1258 or Latin-1.
    Mojibake,
    /// The sign for a character that was lost (U+FFFD).
    Replacement,
    /// A question mark instead of a letter.
    LostLetter,
    /// TCVN3, VNI or VISCII that was read as Windows-1252.
    LegacyEncoding,
    /// A letter that looks like one of another script, or Ð instead of Đ.
    LookAlike,
    /// Full-width letters and signs outside East Asian text.
    FullWidth,
    /// `&amp;` and similar entities.
    HtmlEntity,
    /// `#REF!`, `1.2E+11` and other damage of spreadsheets.
    Spreadsheet,
}

impl Fault {
    /// All, in the order of the documentation.
    pub const ALL: [Self; 17] = [
        Self::EdgeSpace,
        Self::DoubleSpace,
        Self::LineBreak,
        Self::Control,
        Self::ZeroWidth,
        Self::Bidi,
        Self::OddSpace,
        Self::Decomposed,
        Self::HalfComposed,
        Self::Mojibake,
        Self::Replacement,
        Self::LostLetter,
        Self::LegacyEncoding,
        Self::LookAlike,
        Self::FullWidth,
        Self::HtmlEntity,
        Self::Spreadsheet,
    ];

    /// The names of [`Self::ALL`].
    pub const NAMES: [&'static str; Self::ALL.len()] = {
        let mut names = [""; Self::ALL.len()];
        let mut at = 0;
        while at < names.len() {
            names[at] = Self::ALL[at].name();
            at += 1;
        }
        names
    };

    /// The name in suites and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EdgeSpace => "edge_space",
            Self::DoubleSpace => "double_space",
            Self::LineBreak => "line_break",
            Self::Control => "control",
            Self::ZeroWidth => "zero_width",
            Self::Bidi => "bidi",
            Self::OddSpace => "odd_space",
            Self::Decomposed => "decomposed",
            Self::HalfComposed => "half_composed",
            Self::Mojibake => "mojibake",
            Self::Replacement => "replacement",
            Self::LostLetter => "lost_letter",
            Self::LegacyEncoding => "legacy_encoding",
            Self::LookAlike => "look_alike",
            Self::FullWidth => "full_width",
            Self::HtmlEntity => "html_entity",
            Self::Spreadsheet => "spreadsheet",
        }
    }

    /// The fault of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.name() == name)
    }
}

/// A set of faults.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults(u32);

impl Faults {
    /// None.
    pub const NONE: Self = Self(0);

    /// Every one.
    pub const EVERY: Self = Self((1 << Fault::ALL.len()) - 1);

    /// Only that one.
    pub const fn of(fault: Fault) -> Self {
        Self(1 << fault as u32)
    }

    /// Adds a fault to the set.
    pub const fn add(&mut self, fault: Fault) {
        self.0 |= 1 << fault as u32;
    }

    /// Removes a fault from the set.
    pub const fn remove(&mut self, fault: Fault) {
        self.0 &= !(1 << fault as u32);
    }

    /// Whether the fault is in the set.
    pub const fn has(self, fault: Fault) -> bool {
        self.0 & (1 << fault as u32) != 0
    }

    /// Faults in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Faults in at least one of the sets.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

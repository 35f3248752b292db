//! What programs add around a value, and what does not belong to it.

/// What surrounds a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrapping {
    /// White space before or after it.
    Spaces,
    /// The apostrophe that makes a spreadsheet treat digits as text.
    Apostrophe,
    /// `.0` after digits, as float columns are written.
    PointZero,
}

impl Wrapping {
    /// How many there are.
    pub(super) const COUNT: usize = 3;
}

/// The value without it; `None` if there is none. The first and the last byte decide for nearly all values.
pub(super) fn without(value: &str) -> Option<(Wrapping, &str)> {
    let (first, last) = (*value.as_bytes().first()?, *value.as_bytes().last()?);
    // The others are bytes of the no-break space.
    if first <= b' ' || first == 0xC2 || last <= b' ' || last == 0xA0 {
        let bare = value.trim();
        if bare.len() < value.len() {
            return (!bare.is_empty()).then_some((Wrapping::Spaces, bare));
        }
    }
    if first == b'\'' {
        return value.get(1..).filter(|bare| !bare.is_empty()).map(|bare| (Wrapping::Apostrophe, bare));
    }
    let digits = if last == b'0' { value.strip_suffix(".0")? } else { return None };
    let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_whole.then_some((Wrapping::PointZero, digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_surrounds_a_value_is_removed() {
        for (value, expected) in [
            (" 12", Some((Wrapping::Spaces, "12"))),
            ("12\t", Some((Wrapping::Spaces, "12"))),
            ("\u{A0}12\u{A0}", Some((Wrapping::Spaces, "12"))),
            ("'12", Some((Wrapping::Apostrophe, "12"))),
            ("12.0", Some((Wrapping::PointZero, "12"))),
            ("", None),
            (" ", None),
            ("'", None),
            (".0", None),
            ("1.2.0", None),
            ("120", None),
            ("12.00", None),
            ("Hoà", None),
            ("Âu", None),
        ] {
            assert_eq!(without(value), expected, "{value:?}");
        }
    }
}

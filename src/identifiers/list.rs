//! Lists of codes.

/// Codes of one length, made of digits, of capitals or of small letters: one bit for each possible code. With millions
/// of lookups, the processor would mispredict every step of a search.
#[derive(Debug)]
pub struct List {
    /// The codes with a space or a line break between.
    codes: &'static str,
    width: usize,
    /// The first of the characters of a code, and how many there are.
    first: u8,
    signs: usize,
    bits: [u64; WORDS],
}

/// Room for three letters.
const WORDS: usize = (26_usize * 26 * 26).div_ceil(64);

impl List {
    /// The list of codes with one space or line break between each two.
    pub(super) const fn of(codes: &'static str) -> Self {
        let text = codes.as_bytes();
        let mut width = 0;
        while width < text.len() && !text[width].is_ascii_whitespace() {
            width += 1;
        }
        assert!(width == 2 || width == 3, "codes of two or three characters");
        let (first, signs) = match text[0] {
            b'0'..=b'9' => (b'0', 10),
            b'A'..=b'Z' => (b'A', 26),
            _ => (b'a', 26),
        };
        let mut list = Self { codes, width, first, signs, bits: [0; WORDS] };
        let mut at = 0;
        while at < text.len() {
            let mut place = 0;
            let mut sign = 0;
            while sign < width {
                let value = (text[at + sign] - first) as usize;
                assert!(value < signs, "codes of one length, of characters of one sort");
                place = place * signs + value;
                sign += 1;
            }
            list.bits[place / 64] |= 1 << (place % 64);
            at += width;
            assert!(at == text.len() || text[at].is_ascii_whitespace(), "codes of one length with one space between");
            at += 1;
        }
        list
    }

    /// The codes with a space or a line break between.
    pub const fn codes(&self) -> &'static str {
        self.codes
    }

    /// Whether the code at a place of a text is in the list, if it is made of the characters of the list.
    #[inline]
    pub(super) fn has(&self, text: &[u8], at: usize) -> bool {
        let value = |byte: &u8| usize::from(byte.wrapping_sub(self.first));
        let place = match text.get(at..at + self.width) {
            Some([a, b]) => value(a) * self.signs + value(b),
            Some([a, b, c]) => (value(a) * self.signs + value(b)) * self.signs + value(c),
            _ => return false,
        };
        self.bits.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::List;

    #[test]
    fn codes_are_found_where_they_stand() {
        static CODES: List = List::of("aa ab zz");
        for code in 0..26_u16 * 26 {
            let letter = |at: u16| b'a' + u8::try_from(at).unwrap();
            let code = [letter(code / 26), letter(code % 26)];
            let text = [b'x', code[0], code[1]];
            assert_eq!(CODES.has(&text, 1), [*b"aa", *b"ab", *b"zz"].contains(&code));
        }
        assert!(!CODES.has(b"aa", 1) && !CODES.has(b"", 0));
        assert_eq!(CODES.codes(), "aa ab zz");
    }
}

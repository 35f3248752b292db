//! Words and signs that mean "no value".

/// In small letters.
const WORDS: &[&str] = &[
    "#n/a",
    "(null)",
    "(trống)",
    "-",
    "--",
    "---",
    ".",
    "..",
    "...",
    "<null>",
    "?",
    "??",
    "???",
    "_",
    "chưa có",
    "chưa cập nhật",
    "chưa rõ",
    "chưa xác định",
    "không có",
    "không rõ",
    "không xác định",
    "n/a",
    "na",
    "nan",
    "nil",
    "none",
    "not available",
    "null",
    "tbd",
    "undefined",
    "unknown",
    "xxx",
    "đang cập nhật",
];

/// Longer texts are values, in bytes.
const LONGEST: usize = 24;

/// Whether a text means "no value", in any case, with or without white space around it.
pub(super) fn is_null_word(text: &str) -> bool {
    let text = text.trim();
    let Some(first) = text.bytes().next().filter(|_| text.len() <= LONGEST) else { return false };
    // Đ and đ begin with the same byte.
    let first = first.to_ascii_lowercase();
    let is = |word: &&str| text.chars().flat_map(char::to_lowercase).eq(word.chars());
    WORDS.iter().filter(|word| word.as_bytes().first() == Some(&first)).any(is)
}

#[cfg(test)]
mod tests {
    use super::is_null_word;

    #[test]
    fn words_for_nothing_are_no_names() {
        for text in ["N/A", " không rõ ", "KHÔNG RÕ", "-", "NULL", "(trống)", "Đang cập nhật", "not available"]
        {
            assert!(is_null_word(text), "{text}");
        }
        for text in
            ["Na Hang", "Nam", "0", "", "không", "Nguyễn Văn An", "x", "none of these", "........................."]
        {
            assert!(!is_null_word(text), "{text}");
        }
    }
}

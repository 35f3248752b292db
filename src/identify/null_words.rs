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
    "empty",
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

/// The word that a text is if it means "no value", in any case, with or without white space around it. It is as written if
/// it is in small letters, in capitals or capitalised, else in small letters, so that there are few.
pub(crate) fn null_word(text: &str) -> Option<String> {
    let text = text.trim();
    let first = text.bytes().next().filter(|_| text.len() <= LONGEST)?;
    // Đ and đ begin with the same byte.
    let first = first.to_ascii_lowercase();
    let is = |word: &&str| text.chars().flat_map(char::to_lowercase).eq(word.chars());
    let word = WORDS.iter().filter(|word| word.as_bytes().first() == Some(&first)).find(|word| is(word))?;
    let mut letters = word.chars();
    let capitalised: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    Some(if text == word.to_uppercase() || text == capitalised { text.to_owned() } else { (*word).to_owned() })
}

#[cfg(test)]
mod tests {
    use super::null_word;

    #[test]
    fn words_are_shown_as_they_are_written() {
        for (text, word) in
            [("N/A", "N/A"), (" None ", "None"), ("none", "none"), ("nOnE", "none"), ("Không rõ", "Không rõ")]
        {
            assert_eq!(null_word(text).as_deref(), Some(word));
        }
    }

    #[test]
    fn words_for_nothing_are_no_names() {
        for text in ["N/A", " không rõ ", "KHÔNG RÕ", "-", "NULL", "(trống)", "Đang cập nhật", "not available"]
        {
            assert!(null_word(text).is_some(), "{text}");
        }
        for text in
            ["Na Hang", "Nam", "0", "", "không", "Nguyễn Văn An", "x", "none of these", "........................."]
        {
            assert_eq!(null_word(text), None, "{text}");
        }
    }
}

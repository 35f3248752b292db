//! Booleans as exports write them.

/// Parses `true`, `false`, `yes`, `no`, `t`, `f`, `y`, `n`, `1` or `0`, in upper or lower case, with nothing around it.
pub fn parse_boolean(text: &str) -> Option<bool> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    match text.len() {
        1 if text == "1" || is("t") || is("y") => Some(true),
        1 if text == "0" || is("f") || is("n") => Some(false),
        2 if is("no") => Some(false),
        3 if is("yes") => Some(true),
        4 if is("true") => Some(true),
        5 if is("false") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_listed_words_and_no_others() {
        for text in ["true", "TRUE", "True", "t", "T", "yes", "Y", "1"] {
            assert_eq!(parse_boolean(text), Some(true), "{text}");
        }
        for text in ["false", "FALSE", "f", "no", "NO", "n", "0"] {
            assert_eq!(parse_boolean(text), Some(false), "{text}");
        }
        for text in ["", " true", "true ", "2", "on", "off", "oui", "ｔｒｕｅ", "01", "tru", "đ"] {
            assert_eq!(parse_boolean(text), None, "{text}");
        }
    }
}

//! SQL LIKE on one text.

/// A LIKE pattern: `%` matches any text, `_` one character, `\` before a character that character itself. Case matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LikePattern {
    /// The runs of characters between the `%` (`None`: any one character); at least one run.
    runs: Vec<Vec<Option<char>>>,
}

/// Why a LIKE pattern does not compile: it ends in a backslash that escapes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the like pattern ends in `\\`; write `\\\\` for a backslash")]
pub struct LikeError;

impl LikePattern {
    /// Parses a pattern.
    ///
    /// # Errors
    /// Where it ends in a backslash that escapes nothing.
    pub fn compile(pattern: &str) -> Result<Self, LikeError> {
        let mut runs = Vec::new();
        let mut run = Vec::new();
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            match c {
                '%' => runs.push(std::mem::take(&mut run)),
                '_' => run.push(None),
                '\\' => match chars.next() {
                    Some(escaped) => run.push(Some(escaped)),
                    None => return Err(LikeError),
                },
                c => run.push(Some(c)),
            }
        }
        runs.push(run);
        Ok(Self { runs })
    }

    /// Whether the whole text matches the pattern.
    pub fn is_match(&self, text: &str) -> bool {
        let Some((first, rest)) = self.runs.split_first() else { return false };
        let Some(mut text) = strip(first, text) else { return false };
        let Some((last, inner)) = rest.split_last() else { return text.is_empty() };
        // The earliest position of each inner run leaves the most room for the next.
        for run in inner {
            let found =
                text.char_indices().map(|(at, _)| at).chain([text.len()]).find_map(|at| strip(run, &text[at..]));
            match found {
                Some(after) => text = after,
                None => return false,
            }
        }
        let start = match last.len() {
            0 => Some(text.len()),
            count => text.char_indices().nth_back(count - 1).map(|(at, _)| at),
        };
        start.is_some_and(|at| strip(last, &text[at..]).is_some())
    }
}

/// The text after the run, if the text begins with the run.
fn strip<'a>(run: &[Option<char>], text: &'a str) -> Option<&'a str> {
    let mut chars = text.chars();
    for expected in run {
        let c = chars.next()?;
        if expected.is_some_and(|expected| expected != c) {
            return None;
        }
    }
    Some(chars.as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn like_as_sql_has_it() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("%", "", true),
            ("%", "anything", true),
            ("a%", "abc", true),
            ("a%", "Abc", false),
            ("%c", "abc", true),
            ("%b%", "abc", true),
            ("_", "ễ", true),
            ("_", "", false),
            ("__", "a", false),
            ("a_c", "abc", true),
            ("a%c%", "abdc", true),
            ("%aa", "aaa", true),
            ("a%a", "a", false),
            ("%ab%ab", "abxab", true),
            ("%ab%ab", "ab", false),
            ("100\\%", "100%", true),
            ("100\\%", "1000", false),
            ("a\\_b", "axb", false),
            ("\\\\", "\\", true),
            ("%_%", "", false),
            ("%\n%", "a\nb", true),
        ] {
            assert_eq!(LikePattern::compile(pattern).unwrap().is_match(text), expected, "{text:?} like {pattern:?}");
        }
        assert!(LikePattern::compile("a\\").is_err());
    }

    /// The definition, word for word.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('%', rest)) => (0..=text.len()).any(|at| naive(rest, &text[at..])),
            Some(('_', rest)) => !text.is_empty() && naive(rest, &text[1..]),
            Some((c, rest)) => text.first() == Some(c) && naive(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn as_the_definition_says(pattern in "[ab%_]{0,8}", text in "[ab]{0,10}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            let expected = naive(&chars(&pattern), &chars(&text));
            prop_assert_eq!(LikePattern::compile(&pattern).unwrap().is_match(&text), expected);
        }
    }
}

//! Names of columns with `*`, which matches any characters. Own code: in a glob of a library, `?` and `[` are signs as
//! well, and here they are characters of names.

/// Whether a name is a pattern.
pub(super) fn is_pattern(name: &str) -> bool {
    name.contains('*')
}

/// Whether a column has the name, or a name that the pattern matches.
pub(super) fn covers(pattern: &str, column: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == column };
    let Some(mut left) = column.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    // The first match of a part leaves most of the name for the parts after it.
    for part in parts {
        match left.split_once(part) {
            Some((_, behind)) => left = behind,
            None => return false,
        }
    }
    left.ends_with(last)
}

/// Of several patterns, the one that is closest to a column: it has the most characters besides `*`, and is the first in
/// order among equals.
pub(super) fn closest<'p>(patterns: impl Iterator<Item = &'p str>, column: &str) -> Option<&'p str> {
    let said = |pattern: &str| pattern.chars().filter(|c| *c != '*').count();
    let fitting = patterns.filter(|pattern| is_pattern(pattern) && covers(pattern, column));
    fitting.min_by_key(|pattern| (std::cmp::Reverse(said(pattern)), *pattern))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        let fits = [
            ("*", ""),
            ("*", "a"),
            ("a*", "a"),
            ("*_on", "born_on"),
            ("a*c*e", "abcde"),
            ("a*a", "aa"),
            ("ngày*", "ngày_sinh"),
        ];
        for (pattern, column) in fits {
            assert!(covers(pattern, column), "{pattern} {column}");
        }
        for (pattern, column) in
            [("a*a", "a"), ("a*c*e", "abde"), ("*_on", "born_at"), ("A*", "a"), ("a", "ab"), ("*b*b", "ab")]
        {
            assert!(!covers(pattern, column), "{pattern} {column}");
        }
    }

    #[test]
    fn the_closest_pattern_says_most() {
        let of = |column| closest(["*", "*_on", "b*_on", "born*"].into_iter(), column);
        assert_eq!(of("born_on"), Some("b*_on"));
        assert_eq!(of("died_on"), Some("*_on"));
        assert_eq!(of("name"), Some("*"));
        assert_eq!(closest(["name"].into_iter(), "name"), None);
    }
}

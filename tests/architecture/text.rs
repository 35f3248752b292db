//! Rust text without what is not code: comments, texts in quotes, unit tests.

/// The text with comments and literals as spaces, line by line as before, and without items under `#[cfg(test)]`.
pub(super) fn code(text: &str) -> String {
    without_tests(&blank(text))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Comments and literals become spaces; line ends stay, so that lines keep their numbers.
fn blank(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = literal_or_comment(bytes, at);
        for byte in code[at..end].iter_mut().filter(|byte| **byte != b'\n') {
            *byte = b' ';
        }
        at = end.max(at + 1);
    }
    String::from_utf8(code).expect("whole literals and comments are replaced")
}

/// Where the literal or comment ends that begins here; where none begins, here.
fn literal_or_comment(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    let find = |from: usize, sign: &[u8]| {
        let found = bytes[from..].windows(sign.len()).position(|window| window == sign);
        found.map_or(bytes.len(), |found| from + found + sign.len())
    };
    if rest.starts_with(b"//") {
        return at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    }
    if rest.starts_with(b"/*") {
        return comment_end(bytes, at);
    }
    let begins_word = at == 0 || !is_word(bytes[at - 1]);
    let raw = rest.strip_prefix(b"br").or(rest.strip_prefix(b"r")).filter(|_| begins_word);
    if let Some(raw) = raw {
        let marks = raw.iter().take_while(|byte| **byte == b'#').count();
        if raw.get(marks) == Some(&b'"') {
            let start = bytes.len() - raw.len() + marks + 1;
            return find(start, &[b"\"".as_slice(), &vec![b'#'; marks]].concat());
        }
    }
    match rest {
        [b'"', ..] => quoted_end(bytes, at, b'"'),
        [b'\'', b'\\', ..] => quoted_end(bytes, at, b'\''),
        [b'\'', next, ..] => {
            // A character is closed by a quote, a lifetime is not.
            let width = match next {
                0..0x80 => 1,
                0x80..0xE0 => 2,
                0xE0..0xF0 => 3,
                _ => 4,
            };
            if rest.get(1 + width) == Some(&b'\'') { at + width + 2 } else { at }
        }
        _ => at,
    }
}

fn quoted_end(bytes: &[u8], start: usize, quote: u8) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != quote {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// The end of a block comment, in which others may lie.
fn comment_end(bytes: &[u8], start: usize) -> usize {
    let (mut depth, mut at) = (0_u32, start);
    while at < bytes.len() {
        match &bytes[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// Drops each item after `#[cfg(test)]`, and nothing behind it.
fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut kept = String::new();
    let mut rest = code;
    while let Some((before, item)) = rest.split_once(MARK) {
        kept.push_str(before);
        let end = item_end(item);
        kept.extend(item[..end].chars().filter(|c| *c == '\n'));
        rest = &item[end..];
    }
    kept + rest
}

/// The end of the first item of a text: of its block, or the semicolon before any block.
fn item_end(text: &str) -> usize {
    let mut depth = 0_u32;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth <= 1 => return at + 1,
            '}' => depth -= 1,
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Empties the lists of registries, such as `const CHECKS: &[&dyn Check] = &[&required::Required];`.
///
/// A registry names what implements the trait beside it, and uses nothing of it: the trait can be read without its list.
pub(super) fn without_registries(code: &str) -> String {
    let mut kept = String::new();
    let mut rest = code;
    while let Some(start) = [rest.find("const "), rest.find("static ")].into_iter().flatten().min() {
        let item = &rest[start..];
        let end = item.find(';').map_or(item.len(), |end| end + 1);
        let (header, list) = item[..end].split_once('=').unwrap_or((&item[..end], ""));
        let signs: String = header.split_whitespace().collect();
        let is_registry = signs.contains("&[&dyn") || signs.contains("&[&'staticdyn");
        // Of anything else only the word is passed over: the next item may begin in what follows.
        let (taken, length) = if is_registry { (header, end) } else { (&item[..6], 6) };
        kept.push_str(&rest[..start]);
        kept.push_str(taken);
        kept.extend(list.chars().filter(|c| is_registry && *c == '\n'));
        rest = &item[length..];
    }
    kept + rest
}

/// The lines, counted from 1, of every `Result<_, String>`.
pub(super) fn string_errors(code: &str) -> Vec<usize> {
    let starts = code.match_indices("Result<").map(|(at, _)| at);
    let is_wrong = |at: &usize| last_argument(&code[at + "Result<".len()..]) == "String";
    starts.filter(is_wrong).map(|at| code[..at].matches('\n').count() + 1).collect()
}

/// The last of several arguments in angle brackets, from behind the opening one; without spaces.
fn last_argument(code: &str) -> String {
    let (mut depth, mut start) = (0_u32, None);
    for (at, sign) in code.char_indices() {
        match sign {
            '>' if code[..at].ends_with(['-', '=']) => {}
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' if depth > 0 => depth -= 1,
            '>' | ')' | ']' => {
                return start.map_or(String::new(), |start| code[start..at].split_whitespace().collect());
            }
            ',' if depth == 0 && !code[at + 1..].trim_start().starts_with('>') => start = Some(at + 1),
            _ => {}
        }
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_no_code() {
        let words = |text: &str| code(text).split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
        assert_eq!(words("a // crate::b\nc /* d /* e */ f */ g"), "a c g");
        assert_eq!(words(r##"a "crate::b \" c" d r"e\" f r#"g" h"# i br"j" k"##), "a d f i k");
        assert_eq!(words(r"a '{' b '\'' c 'é' d <'e> f b'g' h"), "a b c d <'e> f b h");
        assert_eq!(code("a\n\"b\nc\"\nd").lines().count(), 4, "lines keep their numbers");
    }

    #[test]
    fn a_text_as_error_is_found_and_a_text_in_it_is_not() {
        for (code, lines) in [
            ("fn f() -> Result<u8, String> {}", vec![1]),
            ("\n\nfn f() -> Option<io::Result<(u8, Vec<u8>),\nString>> {}", vec![3]),
            ("fn f(g: &dyn Fn() -> Result<fn(u8) -> u8, String>) {}", vec![1]),
            ("fn f() -> anyhow::Result<Map<String, String>> {} fn g() -> Result<String, E> {}", vec![]),
            ("fn f() -> io::Result<String> {} fn g() -> Result<(u8, String), E<String>> {}", vec![]),
        ] {
            assert_eq!(string_errors(code), lines, "{code}");
        }
    }

    #[test]
    fn lists_of_registries_are_emptied_and_nothing_else() {
        let code = "const A: u8 = b::B; pub static ALL: &[&'static dyn C] = &[&d::D,\n&e::E]; const F: &[&dyn C] = &[g::G]; h::H";
        let kept = without_registries(code);
        assert_eq!(
            ["b::B", "d::D", "e::E", "g::G", "h::H"].map(|path| kept.contains(path)),
            [true, false, false, false, true]
        );
        assert_eq!(kept.lines().count(), 2, "lines keep their numbers");
    }

    #[test]
    fn unit_tests_are_no_code_and_what_follows_them_is() {
        let kept = |text: &str| code(text).split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
        assert_eq!(kept("a; #[cfg(test)]\nmod tests; b;"), "a; b;");
        assert_eq!(kept("a; #[cfg(test)] #[expect(x)] mod tests { fn f() { g } } b;"), "a; b;");
        assert_eq!(kept("#[cfg(test)] use a::b; c"), "c");
    }
}

//! Marks that web pages and lossy copies leave in text.

/// Names of entities that are not a letter with a mark.
const NAMES: [&str; 32] = [
    "amp", "apos", "bull", "cent", "copy", "curren", "deg", "euro", "frac12", "frac14", "gt", "hellip", "iexcl",
    "iquest", "laquo", "ldquo", "lsquo", "lt", "mdash", "middot", "nbsp", "ndash", "para", "pound", "quot", "raquo",
    "rdquo", "reg", "rsquo", "sect", "times", "trade",
];

/// What the name of a letter with a mark ends in.
const MARKS: [&str; 9] = ["acute", "grave", "circ", "tilde", "uml", "cedil", "ring", "slash", "lig"];

/// Whether a name or number between `&` and `;` stands for a character.
fn is_name(name: &str) -> bool {
    if let Some(number) = name.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']);
        let digits = hex.unwrap_or(number);
        return (1..=7).contains(&digits.len())
            && digits.bytes().all(|byte| if hex.is_some() { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() });
    }
    let marked = |mark: &str| name.strip_suffix(mark).is_some_and(|letter| (1..=2).contains(&letter.len()));
    NAMES.contains(&name) || MARKS.iter().any(|mark| marked(mark))
}

/// Whether the text holds `&amp;`, `&#233;` and the like.
pub(super) fn has_entity(text: &str) -> bool {
    // The longest name has nine characters.
    text.match_indices('&').any(|(at, _)| {
        let rest = &text.as_bytes()[at + 1..];
        let end = rest.iter().take(11).position(|byte| *byte == b';');
        end.and_then(|end| std::str::from_utf8(&rest[..end]).ok()).is_some_and(is_name)
    })
}

/// Whether one or two question marks stand where letters were, in what is no address: before a small letter, behind a letter or
/// where a word begins, or between two capitals.
pub(super) fn has_lost_letter(text: &str) -> bool {
    if text.contains(['=', '/']) || text.contains("www.") {
        return false;
    }
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '?' {
            before = c;
            continue;
        }
        // Two in a row are two letters, such as those of Phường.
        let next = match rest.peek() {
            Some('?') => {
                rest.next();
                rest.peek()
            }
            next => next,
        };
        let lost = next.is_some_and(|next| {
            let small = next.is_lowercase() && (before.is_alphabetic() || before == ' ');
            small || (next.is_uppercase() && before.is_uppercase())
        });
        if lost {
            return true;
        }
        before = '?';
    }
    false
}

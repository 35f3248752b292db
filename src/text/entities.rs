//! Marks that web pages and lossy copies leave in text.

/// Whether a name or number between `&` and `;` is an entity.
fn is_name(name: &str) -> bool {
    if let Some(number) = name.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']);
        let digits = hex.unwrap_or(number);
        return (1..=7).contains(&digits.len())
            && digits.bytes().all(|byte| if hex.is_some() { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() });
    }
    let written = format!("&{name};");
    html_escape::decode_html_entities(&written) != written
}

/// Entities that also remain without their semicolon.
const BARE: [&str; 3] = ["amp", "nbsp", "quot"];

/// The most bytes of a name or number that is examined.
const LONGEST: usize = 32;

/// Whether the text contains `&amp;`, `&#233;` and similar entities.
pub(super) fn has_entity(text: &str) -> bool {
    text.match_indices('&').any(|(at, _)| {
        let rest = &text.as_bytes()[at + 1..];
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'#';
        let length = rest.iter().take(LONGEST).take_while(|byte| is_part(byte)).count();
        let Ok(name) = std::str::from_utf8(&rest[..length]) else { return false };
        match rest.get(length) {
            Some(b';') => is_name(name),
            // A parameter of a web address.
            Some(b'=') => false,
            _ => BARE.contains(&name),
        }
    })
}

/// Whether the text lost letters to question marks: some are before a small letter and after a letter or at the
/// beginning of a word, or between two capitals; or words consist of nothing else. A letter that becomes its UTF-8
/// bytes leaves several in a row.
pub(super) fn has_lost_letter(text: &str) -> bool {
    let words = || text.split_whitespace().filter(|word| word.contains('?'));
    let is_lost = |word: &&str| word.len() > 1 && word.bytes().all(|byte| byte == b'?');
    words().filter(is_lost).nth(1).is_some() || words().any(|word| !is_address(word) && lost_inside(word))
}

/// Whether a word is a web address, or a part of one, where a question mark is normal.
fn is_address(word: &str) -> bool {
    let before = word.split('?').next().unwrap_or_default();
    let is_path = before.find('/').is_some_and(|slash| slash == 0 || before[..slash].contains(['.', ':']));
    is_path || word.contains('=') || word.starts_with("www.")
}

fn lost_inside(word: &str) -> bool {
    let mut before = ' ';
    let mut rest = word.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '?' {
            while rest.next_if_eq(&'?').is_some() {}
            let lost = rest.peek().is_some_and(|next| {
                let small = next.is_lowercase() && (before.is_alphabetic() || before == ' ');
                small || (next.is_uppercase() && before.is_uppercase())
            });
            if lost {
                return true;
            }
        }
        before = c;
    }
    false
}

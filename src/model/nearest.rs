//! The known name nearest to a mistyped one.

use unicode_normalization::UnicodeNormalization as _;

/// The longest name that is compared, in characters. Longer names are not typing slips, and the distance costs the
/// product of both lengths.
const LONGEST: usize = 100;

/// The known name nearest to a mistyped one: the same in another case, or at most as many edits away as a third of the
/// longer name; the first if several are equally near.
///
/// A name that looks the same comes before all others.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let known: Vec<&str> = known.into_iter().collect();
    let look = look_of(name);
    if let Some(same) = known.iter().find(|known| (!known.is_ascii() || !name.is_ascii()) && look_of(known) == look) {
        return Some(same);
    }
    let wanted = name.to_lowercase();
    let length = wanted.chars().count();
    if length > LONGEST {
        return None;
    }
    // All names of one character are near each other, and so are all numbers.
    let is_distinct = length > 1 && name.parse::<f64>().is_err();
    let allowed = |known: &str| if is_distinct { (length.max(known.chars().count()) / 3).max(1) } else { 0 };
    known
        .into_iter()
        .filter(|known| {
            // As many edits as the lengths differ are needed at the least.
            let apart = known.chars().count().abs_diff(length);
            known.len() <= 2 * LONGEST && apart <= allowed(known)
        })
        .map(|known| (strsim::damerau_levenshtein(&wanted, &known.to_lowercase()), known))
        .filter(|(distance, known)| *distance <= allowed(known))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// A name as it looks: with composed accents, plain spaces and no characters without width.
fn look_of(name: &str) -> String {
    let is_seen = |c: &char| !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
    name.nfc().filter(is_seen).map(|c| if c.is_whitespace() { ' ' } else { c }).collect()
}

/// What tells a name apart from one that looks the same; `None` where they do not look the same.
pub fn unseen_difference(written: &str, near: &str) -> Option<String> {
    if written == near || look_of(written) != look_of(near) {
        return None;
    }
    let (mut here, mut there): (Vec<char>, Vec<char>) = (written.chars().collect(), near.chars().collect());
    let common = here.iter().zip(&there).take_while(|(one, other)| one == other).count();
    // From the letter on that an accent belongs to.
    let is_accent = |chars: &[char]| chars.get(common).is_some_and(|c| is_mark(*c));
    let start = common.saturating_sub(usize::from(is_accent(&here) || is_accent(&there)));
    let end =
        here[start..].iter().rev().zip(there[start..].iter().rev()).take_while(|(one, other)| one == other).count();
    here.truncate(here.len() - end);
    there.truncate(there.len() - end);
    let codes = |chars: &[char]| {
        let codes: Vec<String> = chars.iter().take(CODES).map(|c| format!("U+{:04X}", u32::from(*c))).collect();
        if codes.is_empty() { "nothing".to_owned() } else { codes.join(" ") }
    };
    let (here, there) = (codes(&here[start..]), codes(&there[start..]));
    let is_composed = |text: &str| text.nfc().eq(text.chars());
    Some(match (is_composed(written), is_composed(near)) {
        (true, false) => format!("its accents are decomposed ({there}) and those written here are composed ({here})"),
        (false, true) => format!("its accents are composed ({there}) and those written here are decomposed ({here})"),
        _ => format!("it has {there} where {here} is written here"),
    })
}

/// How many characters of a difference are named.
const CODES: usize = 4;

/// Whether a character is a combining accent.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use super::{nearest, unseen_difference};

    #[test]
    fn names_that_look_the_same_are_told_apart() {
        let (composed, decomposed) = ("ng\u{e0}y", "nga\u{300}y");
        assert_eq!(nearest(composed, ["nga", decomposed]), Some(decomposed));
        let found = unseen_difference(composed, decomposed).expect("they look the same");
        assert!(found.contains("decomposed (U+0061 U+0300)") && found.contains("composed (U+00E0)"), "{found}");
        let found = unseen_difference(decomposed, composed).expect("they look the same");
        assert!(found.starts_with("its accents are composed (U+00E0)"), "{found}");
        // One letter alone.
        assert_eq!(nearest("\u{e9}", ["a", "e\u{301}"]), Some("e\u{301}"));
        let found = unseen_difference("full name", "full\u{a0}name").expect("they look the same");
        assert_eq!(found, "it has U+00A0 where U+0020 is written here");
        let found = unseen_difference("name", "na\u{200b}me").expect("they look the same");
        assert_eq!(found, "it has U+200B where nothing is written here");
        assert_eq!(unseen_difference("name", "nane"), None);
        assert_eq!(unseen_difference("name", "name"), None);
    }

    #[test]
    fn slips_of_the_pen_are_near_and_other_names_are_not() {
        let known = ["citizens", "provinces", "a", "B", "12"];
        for (name, meant) in [
            ("citizen", Some("citizens")),
            ("CITIZENS", Some("citizens")),
            ("ctizesn", Some("citizens")),
            ("provnices", Some("provinces")),
            ("A", Some("a")),
            ("b", Some("B")),
            ("c", None),
            ("13", None),
            ("cities of provinces", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, known), meant, "{name}");
        }
        assert_eq!(nearest(&"a".repeat(101), known), None);
    }
}

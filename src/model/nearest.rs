//! The known name nearest to a mistyped one.

/// The longest name that is compared, in characters. Longer names are not typing slips, and the distance costs the
/// product of both lengths.
const LONGEST: usize = 100;

/// The known name nearest to a mistyped one: the same in another case, or at most as many edits away as a third of the
/// longer name; the first if several are equally near.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
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
        .filter(|known| known.len() <= 2 * LONGEST)
        .map(|known| (strsim::damerau_levenshtein(&wanted, &known.to_lowercase()), known))
        .filter(|(distance, known)| *distance <= allowed(known))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::nearest;

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

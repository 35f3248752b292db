//! File names for names of any kind: of datasets, owners, rules.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

/// The longest name in bytes. File systems allow 255; endings such as `.failing.parquet` are added to it.
const LONGEST: usize = 180;

/// Names that Windows keeps for devices, with any ending.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// A name of a file or folder for each of these names, which must differ from each other, in the same order.
///
/// What could lead out of a folder, or what some file system refuses, is written as `%2F`, so that the name can be read back.
/// Letters and digits of all languages stay, and spaces between them. No two are equal, also where a file system does not
/// distinguish upper from lower case: then the upper-case letters of both are written as `%41` too. A name that is too long
/// is cut, and ends with `~` and a part of its digest.
pub fn file_names<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    let mut named: Vec<(&str, String)> = names.into_iter().map(|name| (name, escaped(name, is_plain))).collect();
    let mut folded: BTreeMap<String, usize> = BTreeMap::new();
    for (_, name) in &named {
        *folded.entry(fold(name)).or_default() += 1;
    }
    for (original, name) in &mut named {
        if folded.get(&fold(name)).is_some_and(|count| *count > 1) {
            *name = escaped(original, is_plain_in_any_case);
        }
    }
    named.into_iter().map(|(original, name)| shortened(original, name)).collect()
}

fn is_plain(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | ' ')
}

fn is_plain_in_any_case(letter: char) -> bool {
    matches!(letter, 'a'..='z' | '0'..='9' | '_' | '-' | '.' | ' ')
}

/// What a file system that knows neither case nor the ways to write an accent makes of a name.
fn fold(name: &str) -> String {
    name.nfkc().flat_map(char::to_lowercase).nfkc().collect()
}

/// The name with `%41` for the bytes of each character that is not plain.
fn escaped(name: &str, is_plain: impl Fn(char) -> bool) -> String {
    let device =
        name.split(['.', ' ']).next().unwrap_or_default().trim_end_matches(|digit: char| digit.is_ascii_digit());
    let is_device = DEVICES.contains(&device.to_lowercase().as_str());
    let last = name.char_indices().next_back().map_or(0, |(at, _)| at);
    let mut escaped = String::with_capacity(name.len());
    for (at, letter) in name.char_indices() {
        // A file whose name begins with a dot is hidden, and Windows drops dots and spaces at the end.
        let is_edge = matches!(letter, '.' | ' ') && (at == 0 || at == last);
        if is_plain(letter) && !is_edge && !(is_device && at == 0) {
            escaped.push(letter);
        } else {
            for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
                escaped.push('%');
                escaped.push_str(&hex::encode_upper([byte]));
            }
        }
    }
    if escaped.is_empty() { "%".to_owned() } else { escaped }
}

/// Cuts a name that is too long, and adds what tells it from others.
fn shortened(original: &str, mut name: String) -> String {
    if name.len() > LONGEST {
        let digest = hex::encode(Sha256::digest(original));
        let mut end = LONGEST - 17;
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        name.truncate(end);
        name.push('~');
        name.push_str(&digest[..16]);
    }
    name
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn one(name: &str) -> String {
        file_names([name]).remove(0)
    }

    #[test]
    fn what_leads_out_of_a_folder_is_escaped() {
        for (name, file) in [
            ("citizens", "citizens"),
            ("Dân_cư-2026.q1", "Dân_cư-2026.q1"),
            ("../x", "%2E.%2Fx"),
            ("a/b", "a%2Fb"),
            ("a\\b", "a%5Cb"),
            (".", "%2E"),
            ("..", "%2E%2E"),
            ("", "%"),
            ("50%", "50%25"),
            ("Population department", "Population department"),
            (" a b ", "%20a b%20"),
            ("a\0\n\u{1b}", "a%00%0A%1B"),
            ("con", "%63on"),
            ("Com1.csv", "%43om1.csv"),
            ("contract", "contract"),
            ("x.", "x%2E"),
        ] {
            assert_eq!(one(name), file, "{name:?}");
        }
    }

    #[test]
    fn names_that_differ_in_case_alone_get_different_files() {
        assert_eq!(file_names(["Citizens", "citizens", "other"]), ["%43itizens", "citizens", "other"]);
        // The same accent, written as one character and as two.
        let names = file_names(["é", "e\u{301}"]);
        assert_ne!(fold(&names[0]), fold(&names[1]));
    }

    #[test]
    fn long_names_are_cut_and_stay_different() {
        let (a, b) = ("é".repeat(300) + "a", "é".repeat(300) + "b");
        let names = file_names([a.as_str(), b.as_str()]);
        assert!(names.iter().all(|name| name.len() <= LONGEST));
        assert_ne!(names[0], names[1]);
    }

    proptest! {
        #[test]
        fn no_two_names_are_one_file(names in prop::collection::btree_set("[aAbB/.%éÉK\u{212a}e\u{301}~ ]{0,4}", 1..12)) {
            let files = file_names(names.iter().map(String::as_str));
            let folded: BTreeSet<String> = files.iter().map(|file| fold(file)).collect();
            prop_assert_eq!(folded.len(), names.len(), "{:?}", files);
            for file in &files {
                prop_assert!(!file.contains(['/', '\\', '\0']) && !file.starts_with('.') && !file.is_empty());
                prop_assert_eq!(file.trim(), file);
            }
        }
    }
}

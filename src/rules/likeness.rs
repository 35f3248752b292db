//! Telling a suite from data that was given by mistake: messages show lines of a suite, and never a line of data.

use super::keys::SUITE;
use super::notation::is_notation;
use crate::model::nearest;

/// Keys that data has as names of columns only by chance.
const CERTAIN: [&str; 3] = ["suite", "datasets", "codelists"];

/// Keys of datasets and rules that are at the top by mistake.
const MISPLACED: [&str; 7] = ["source", "key", "columns", "rules", "owner", "format", "check"];

/// Whether the text is a suite, perhaps one with mistakes. Decided by the words before colons at the start of lines, since
/// the text may not be valid YAML.
pub(super) fn is_like_a_suite(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    let has_content = |line: &str| !matches!(line.trim(), "" | "---") && !line.trim_start().starts_with('#');
    if !text.lines().any(has_content) {
        return true;
    }
    let is_flow = text.trim_start().starts_with('{');
    let keys: Vec<&str> = if is_flow {
        text.split(['{', ',', '\n']).filter_map(key).collect()
    } else {
        text.lines().filter(|line| !line.starts_with(char::is_whitespace)).filter_map(key).collect()
    };
    let is_near = |key: &&str| nearest(key, CERTAIN).is_some();
    // A part that suites extend may declare anything.
    let is_part =
        keys.iter().all(|key| SUITE.iter().any(|field| field.name == *key)) && keys.iter().any(|key| *key != "title");
    // Addresses have a column `suite`: that word alone shows nothing, unless it comes first.
    let known = || SUITE.iter().map(|field| field.name).filter(|name| !is_notation(name)).chain(MISPLACED);
    let most = 2 * keys.iter().filter(|key| nearest(key, known()).is_some()).count() > keys.len();
    let begins = !is_flow && keys.first().is_some_and(is_near);
    keys.contains(&"datasets") || is_part || begins || (most && keys.iter().any(is_near))
}

/// Whether the text is a file of waivers, perhaps one with mistakes. A suite, which may name such a file, is none.
pub(super) fn is_like_waivers(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    let lines = text.lines().filter(|line| !line.starts_with(char::is_whitespace));
    let keys: Vec<&str> = lines.filter_map(|line| key(line.trim_start_matches('{'))).collect();
    keys.iter().any(|key| nearest(key, ["waivers"]).is_some()) && !keys.iter().any(|key| CERTAIN.contains(key))
}

/// The word before a colon that ends a key.
fn key(line: &str) -> Option<&str> {
    let (before, after) = line.split_once(':')?;
    let word = before.trim();
    let bare = word.trim_matches(['"', '\'']);
    let is_word = !bare.is_empty() && bare.chars().all(|c| c.is_alphanumeric() || "_- ".contains(c));
    let ends = after.is_empty() || after.starts_with(char::is_whitespace) || bare.len() < word.len();
    (is_word && ends).then_some(bare)
}

#[cfg(test)]
mod tests {
    use super::is_like_a_suite;

    #[test]
    fn suites_with_mistakes_are_suites() {
        for text in [
            "",
            "# nothing yet\n",
            "suite: s\ndatasets:\n\tpeople: 1\n",
            "\u{feff}suite: [a\n",
            "Suite: s\nDatasets:\n  a: { source: a.csv }\n",
            "siute: s\ndatset:\n  a: { source: a.csv }\n",
            "suite: s\ndatasets:\npeople:\nplaces:\nvisits:\nschools:\n",
            "codelists: { sexes: [F, M] }\n",
            "params: { age: 5 }\n",
            "missing: [unknown]\n",
            "suite: s\nfoo: 1\nbar: 2\nbaz: 3\n",
            "{ suite: s, datasets: { a: { source: a.csv, columns: { id: { unique: true } } } } }",
            "{\n  \"suite\": \"s\",\n  \"datasets\": {\n    \"a\": {\"source\": \"a.csv\"}\n  }\n}\n",
            "---\nsuite: s\nsource: a.csv\nrules: []\n",
        ] {
            assert!(is_like_a_suite(text), "{text:?}");
        }
    }

    #[test]
    fn data_is_not() {
        for text in [
            "name,born\nAn,1990-01-31\n",
            "An Nguyen;0912345678\nBinh: 0987654321\n",
            "name: An\nphone: 0912345678\n",
            "- An\n- Binh\n",
            "[{\"suite\": \"12B\", \"name\": \"An\"}]",
            "{\"name\": \"An\", \"born\": \"1990-01-31\"}\n{\"name\": \"Binh\", \"born\": null}\n",
            "{\"id\": 1, \"name\": \"An\", \"street\": \"Main\", \"suite\": \"12B\", \"city\": \"Hue\"}\n",
            "{\"title\": \"Dr\", \"name\": \"An\", \"suite\": \"12B\", \"phone\": \"1\"}\n",
            "title: Dr\n",
            "just a sentence",
            "\u{fffd}\u{fffd}\u{0}",
        ] {
            assert!(!is_like_a_suite(text), "{text:?}");
        }
    }
}

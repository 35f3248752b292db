//! Codes of reasons in words.

use crate::model::REASON_SEPARATOR;

/// Codes of reasons, each with a short sentence.
const WORDS: &[(&str, &str)] = &[
    // identifier
    ("placeholder", "it is a placeholder, such as 0000000"),
    ("shape", "its length or its characters are wrong"),
    ("check_digit", "the check digit does not match"),
    ("inner_fact", "a part of it is impossible, such as a date or a place that does not exist"),
    ("likely_slips", "one wrong digit or two swapped digits explain it"),
    ("swapped_neighbours", "two neighbouring digits are swapped"),
    ("born_differs", "the date of birth is another one"),
    ("sex_differs", "the sex is another one"),
    ("province_differs", "the province is another one"),
    ("sex_not_told", "the sex is not one of the words that are compared"),
    ("province_not_told", "the province is not a code that is compared"),
    // lag
    ("late", "it is too late"),
    ("negative", "the later date is before the earlier one"),
    // tidy
    ("edge_space", "a space at the beginning or the end"),
    ("double_space", "two spaces in a row"),
    ("line_break", "a tab or a line break"),
    ("control", "a control character"),
    ("zero_width", "an invisible character"),
    ("bidi", "an invisible mark of direction"),
    ("odd_space", "a special space, such as a no-break space"),
    ("decomposed", "accents are separate characters"),
    ("half_composed", "some accents are separate characters"),
    ("mojibake", "damaged letters: the text was read in a wrong encoding"),
    ("replacement", "the sign for a lost character"),
    ("lost_letter", "a question mark in place of a letter"),
    ("legacy_encoding", "an old Vietnamese encoding was read as another one"),
    ("look_alike", "a letter that looks like another one"),
    ("full_width", "full-width letters or signs"),
    ("html_entity", "an HTML entity, such as &amp;"),
    ("spreadsheet", "damage by a spreadsheet, such as #REF! or 1.2E+11"),
    // agrees, reconciles, determines, anonymous, covers, continuous
    ("differs", "the datasets differ"),
    ("differs_from_several", "the other dataset has the key more than once, and not all of its rows agree"),
    ("not_everywhere", "not every dataset has it"),
    ("minority", "most rows of the group have another value"),
    ("no_majority", "the rows of the group have several values, and none is the most common"),
    ("small_group", "the group has too few rows"),
    ("few_values", "the group has too few different sensitive values"),
    ("only_here", "it is only in this dataset"),
    ("only_there", "it is only in the other dataset"),
    ("missing", "it is missing"),
    ("gap", "these points are missing"),
    ("unparseable", "the value is unparseable"),
    ("condition_unparseable", "the condition of the rule is unparseable for this row"),
];

/// The reasons of a rule in words. A code that is not known stays as it is.
pub fn reason_in_words(codes: &str) -> String {
    let words = codes.split(REASON_SEPARATOR).map(|code| match code.strip_prefix("cluster ") {
        Some(number) => format!("similar to the other rows of cluster {number}"),
        None => WORDS.iter().find(|(known, _)| *known == code).map_or(code, |(_, words)| words).to_owned(),
    });
    words.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_become_words_and_unknown_codes_stay() {
        assert_eq!(reason_in_words("check_digit"), "the check digit does not match");
        assert_eq!(reason_in_words("double_space, odd"), "two spaces in a row; odd");
        assert_eq!(reason_in_words("cluster 17"), "similar to the other rows of cluster 17");
    }
}

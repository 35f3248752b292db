//! Words that mean "no value".

use std::collections::BTreeSet;

use crate::profile::Profiled;

/// Words that mean nothing else, in small letters. Others, such as `none` or `unknown`, may be values.
const CERTAIN: &[&str] = &[
    "#n/a",
    "(null)",
    "(trống)",
    "-",
    "--",
    "---",
    "<null>",
    "?",
    "empty",
    "n/a",
    "na",
    "nan",
    "nil",
    "not available",
    "null",
];

/// The words of a column that has at least so many other values of the same form are codes: `NA` among codes of countries.
const CODES: usize = 8;

/// The words that the datasets use where there is no value, as they are written: one set a dataset.
pub(super) fn missing_words(profiled: &Profiled) -> Vec<BTreeSet<String>> {
    let datasets = profiled.profile.datasets.iter().zip(&profiled.details);
    let of_dataset = |(dataset, details): (&crate::model::ProfiledDataset, &Vec<crate::profile::ColumnDetails>)| {
        let mut words = BTreeSet::new();
        let mut values = BTreeSet::new();
        for (column, details) in dataset.columns.iter().zip(details) {
            let stated = column.stand_ins.keys().chain(column.stand_ins_looked_at.keys());
            for word in stated.filter(|word| CERTAIN.contains(&word.to_lowercase().as_str())) {
                let is_like = |other: &&String| {
                    other.chars().count() == word.chars().count()
                        && other.chars().all(char::is_alphabetic)
                        && *other != word
                };
                let alike = details.counts.as_ref().map_or(0, |counts| counts.keys().filter(is_like).count());
                if word.chars().all(char::is_alphabetic) && alike >= CODES {
                    values.insert(word.clone());
                } else {
                    words.insert(word.clone());
                }
            }
        }
        words.retain(|word| !values.contains(word));
        words
    };
    datasets.map(of_dataset).collect()
}

//! Patterns from the shapes of values.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::closed_list::is_slip;

/// The most ways to write a value that a pattern takes in.
const MOST_FORMS: usize = 3;

/// The longest value of a code; longer ones are texts.
const LONGEST: usize = 40;

/// The most runs of characters of one kind that a code has.
const MOST_RUNS: usize = 12;

/// A way to write a value that has at least so many values is no accident.
const OFTEN: u64 = 5;

/// A pattern and what speaks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// The pattern, for the whole value.
    pub(super) pattern: String,
    /// Values that it fits.
    pub(super) fits: u64,
    /// Values of the way to write it that the fewest values have.
    pub(super) rarest: u64,
    /// How many ways to write a value it takes in.
    pub(super) forms: usize,
}

/// One way to write a value: kinds of characters in their order.
#[derive(Debug, Clone, Default)]
struct Form {
    values: u64,
    /// For each run how many values have each length.
    lengths: Vec<BTreeMap<usize, u64>>,
}

/// The runs of a shape: the kind and how many; `None` where the shape is cut off or hides a character.
fn runs(shape: &str) -> Option<Vec<(char, usize)>> {
    let mut runs: Vec<(char, usize)> = Vec::new();
    let mut rest = shape.chars().peekable();
    while let Some(kind) = rest.next() {
        if matches!(kind, '…' | '•' | '□') {
            return None;
        }
        if rest.peek() == Some(&'{') {
            rest.next();
            let number: String = rest.by_ref().take_while(|c| *c != '}').collect();
            runs.push((kind, number.parse().ok()?));
            continue;
        }
        match runs.last_mut() {
            Some((last, length)) if *last == kind => *length += 1,
            _ => runs.push((kind, 1)),
        }
    }
    Some(runs)
}

/// A value in so many rows shows a word that all values have.
const ENOUGH: u64 = 50;

/// The kind of a character, as shapes show it; `None` outside ASCII.
fn kind(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some('9'),
        'A'..='Z' => Some('A'),
        'a'..='z' => Some('a'),
        ' '..='~' => Some(c),
        _ => None,
    }
}

/// The runs of a value as texts, if it is written in the form.
fn runs_of<'v>(value: &'v str, signature: &str) -> Option<Vec<&'v str>> {
    let mut runs = Vec::new();
    let mut rest = value;
    for kind_of_run in signature.chars() {
        let end = rest.find(|c: char| kind(c) != Some(kind_of_run)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        if run.is_empty() {
            return None;
        }
        runs.push(run);
        rest = after;
    }
    rest.is_empty().then_some(runs)
}

/// The words that are the same in all values of a form, but for typing errors; `None` for each run that has none.
fn words<'v>(signature: &str, values: &[(&'v str, u64)]) -> Vec<Option<&'v str>> {
    let mut texts: Vec<BTreeMap<&str, u64>> = signature.chars().map(|_| BTreeMap::new()).collect();
    for (value, rows) in values {
        for (texts, run) in texts.iter_mut().zip(runs_of(value, signature).unwrap_or_default()) {
            *texts.entry(run).or_default() += rows;
        }
    }
    let word = |(kind, texts): (char, &BTreeMap<&'v str, u64>)| {
        let (word, often) = texts.iter().max_by_key(|(_, rows)| **rows)?;
        let all: u64 = texts.values().sum();
        let others: BTreeSet<&str> = texts.keys().copied().filter(|text| text != word).collect();
        let is_same = *often >= ENOUGH && often * 100 >= all * 95 && others.iter().all(|other| is_slip(other, word));
        (is_same && matches!(kind, 'A' | 'a')).then_some(*word)
    };
    signature.chars().zip(&texts).map(word).collect()
}

/// The pattern that fits all values but a few: at most `exceptions` of a million. `values` are those that may be shown, with
/// their rows: a word that all of them have is part of the pattern. `None` where the values are written in too
/// many ways, or say nothing by how they are written.
pub(super) fn of_shapes(shapes: &BTreeMap<String, u64>, values: &[(&str, u64)], exceptions: u64) -> Option<Found> {
    let all: u64 = shapes.values().sum();
    let mut forms: BTreeMap<String, Form> = BTreeMap::new();
    for (shape, values) in shapes {
        let Some(runs) = runs(shape) else { continue };
        let length: usize = runs.iter().map(|(_, length)| length).sum();
        if runs.is_empty() || runs.len() > MOST_RUNS || length > LONGEST {
            continue;
        }
        let signature: String = runs.iter().map(|(kind, _)| kind).collect();
        let form = forms.entry(signature).or_default();
        form.values += values;
        form.lengths.resize(runs.len(), BTreeMap::new());
        for (lengths, (_, length)) in form.lengths.iter_mut().zip(&runs) {
            *lengths.entry(*length).or_default() += values;
        }
    }
    let mut ranked: Vec<(String, Form)> = forms.into_iter().collect();
    ranked.sort_by(|(left, a), (right, b)| b.values.cmp(&a.values).then_with(|| left.cmp(right)));
    let enough = |fits: u64| u128::from(all - fits) * 1_000_000 <= u128::from(all) * u128::from(exceptions);
    let mut taken: Vec<(String, Form)> = Vec::new();
    let mut fits = 0;
    for (signature, form) in ranked {
        // What few values have is an exception where exceptions are few.
        if form.values < OFTEN || (enough(fits) && form.values * 50 < all) {
            break;
        }
        fits += form.values;
        taken.push((signature, form));
    }
    if taken.is_empty() || taken.len() > MOST_FORMS || !enough(fits) || !taken.iter().all(is_code) {
        return None;
    }
    let rarest = taken.iter().map(|(_, form)| form.values).min().unwrap_or_default();
    let patterns: Vec<String> = taken.iter().map(|form| pattern(form, &words(&form.0, values))).collect();
    Some(Found { pattern: patterns.join("|"), fits, rarest, forms: taken.len() })
}

/// Whether values of a form are codes and not words: they have a digit, or capitals of one length.
fn is_code((signature, form): &(String, Form)) -> bool {
    let words = signature.chars().filter(|kind| *kind == ' ').count();
    let has_digit = signature.contains('9');
    let is_word = |(kind, lengths): (char, &BTreeMap<usize, u64>)| kind == 'a' && lengths.len() > 2;
    let has_words = signature.chars().zip(&form.lengths).any(is_word);
    let is_short = signature == "A" && form.lengths.iter().all(|lengths| lengths.len() == 1);
    words <= 3 && !has_words && (has_digit || is_short)
}

fn pattern((signature, form): &(String, Form), words: &[Option<&str>]) -> String {
    let mut pattern = String::new();
    for ((kind, lengths), word) in signature.chars().zip(&form.lengths).zip(words) {
        if let Some(word) = word {
            pattern.push_str(word);
            continue;
        }
        match kind {
            '9' => pattern.push_str("[0-9]"),
            'A' => pattern.push_str("[A-Z]"),
            'a' => pattern.push_str("[a-z]"),
            sign => {
                if !matches!(
                    sign,
                    ' ' | '-' | '/' | ',' | ':' | ';' | '_' | '@' | '%' | '\'' | '"' | '=' | '!' | '<' | '>'
                ) {
                    pattern.push('\\');
                }
                pattern.push(sign);
            }
        }
        let least = lengths.keys().next().copied().unwrap_or(1);
        let greatest = lengths.keys().next_back().copied().unwrap_or(1);
        // Lengths that many values have are limits; others are not.
        let often = |length: usize| lengths.get(&length).copied().unwrap_or_default() >= 2 * OFTEN;
        // Writing to a string cannot fail.
        match (least, greatest) {
            (1, 1) => {}
            (least, greatest) if least == greatest => {
                let _ = write!(pattern, "{{{least}}}");
            }
            (least, greatest) if lengths.len() <= 3 && often(least) && often(greatest) => {
                let _ = write!(pattern, "{{{least},{greatest}}}");
            }
            _ => pattern.push('+'),
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(shapes: &[(&str, u64)]) -> Option<(String, u64)> {
        let shapes = shapes.iter().map(|(shape, values)| ((*shape).to_owned(), *values)).collect();
        of_shapes(&shapes, &[], 20_000).map(|found| (found.pattern, found.fits))
    }

    #[test]
    fn a_word_of_all_values_is_part_of_the_pattern() {
        let shapes = BTreeMap::from([("99 a{8}".to_owned(), 98), ("9 a{8}".to_owned(), 22)]);
        let values = [("12 patients", 98), ("3 patients", 20), ("4 paxients", 2)];
        let found = of_shapes(&shapes, &values, 20_000).expect("a pattern");
        assert_eq!(found.pattern, "[0-9]{1,2} patients");
        let values = [("12 patients", 98), ("3 families", 22)];
        let found = of_shapes(&shapes, &values, 20_000).expect("a pattern");
        assert_eq!(found.pattern, "[0-9]{1,2} [a-z]{8}");
    }

    #[test]
    fn shapes_become_patterns() {
        for (shapes, expected) in [
            (&[("9{5}", 100)][..], Some(("[0-9]{5}", 100))),
            (&[("9{5}", 990), ("a9{4}", 10)], Some(("[0-9]{5}", 990))),
            (&[("A99.9", 50), ("AA99.9", 50)], Some(("[A-Z]{1,2}[0-9]{2}\\.[0-9]", 100))),
            (&[("9-9", 30), ("99-9", 3), ("999-9", 20), ("9{4}-9", 9)], Some(("[0-9]+-[0-9]", 62))),
            (&[("9{5}", 60), ("9{5}-9{4}", 40)], Some(("[0-9]{5}|[0-9]{5}-[0-9]{4}", 100))),
            (&[("(999) 999-9{4}", 60)], Some(("\\([0-9]{3}\\) [0-9]{3}-[0-9]{4}", 60))),
            (&[("AAA", 60)], Some(("[A-Z]{3}", 60))),
            // Words, and too many ways to write it.
            (&[("aaa", 60), ("a{5}", 60), ("aa", 60)], None),
            (&[("Aa{4} Aa{5} Aaa", 60)], None),
            (&[("9", 60), ("9a", 60), ("a9", 60), ("A9", 60)], None),
            (&[("9•9", 60)], None),
            (&[], None),
        ] {
            assert_eq!(found(shapes), expected.map(|(pattern, fits)| (pattern.to_owned(), fits)), "{shapes:?}");
        }
    }
}

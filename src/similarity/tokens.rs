//! Similarity of texts as sets of words.

use std::cmp::Ordering;

use super::{Symbol, jaro_winkler, share};

/// Words with a lower similarity are different words.
const SAME_WORD: f64 = 0.9;

/// The words of a text: where each begins and ends, in the order of their characters and without duplicates.
#[derive(Debug)]
pub struct Words<'a, S> {
    /// The text.
    pub text: &'a [S],
    /// Its words.
    pub words: &'a [(u32, u32)],
}

impl<'a, S: Symbol> Words<'a, S> {
    /// A word.
    fn get(&self, at: usize) -> &'a [S] {
        let (start, end) = self.words[at];
        &self.text[start as usize..end as usize]
    }

    fn iter(&self) -> impl Iterator<Item = &'a [S]> + '_ {
        (0..self.words.len()).map(|at| self.get(at))
    }
}

/// Finds the words of a text, separated by `space`, for [`Words`].
pub fn words_of<S: Symbol>(text: &[S], space: S, words: &mut Vec<(u32, u32)>) {
    words.clear();
    let mut start = 0_u32;
    for word in text.split(|symbol| *symbol == space) {
        let end = start + u32::try_from(word.len()).unwrap_or_default();
        if start < end {
            words.push((start, end));
        }
        start = end + 1;
    }
    let of = |(start, end): (u32, u32)| &text[start as usize..end as usize];
    words.sort_unstable_by(|one, other| of(*one).cmp(of(*other)));
    words.dedup_by(|one, other| of(*one) == of(*other));
}

/// Room for comparing the words of two texts.
#[derive(Debug, Default)]
pub struct TokenScratch {
    pairs: Vec<(f64, usize, usize)>,
    /// Positions of words that the other text does not have.
    alone: (Vec<usize>, Vec<usize>),
    taken: (Vec<bool>, Vec<bool>),
}

/// Pairs the words of two texts, the most similar first, if their Jaro-Winkler similarity is at least 0.9. The result
/// is twice the sum of those similarities divided by the number of words of both. Neither order nor duplicates of words
/// count.
pub fn token_set<S: Symbol>(a: &Words<'_, S>, b: &Words<'_, S>, scratch: &mut TokenScratch) -> f64 {
    // In one order, so that equally similar words are paired in the same way in both directions.
    let (a, b) = match a.iter().cmp(b.iter()) {
        Ordering::Equal => return 1.0,
        Ordering::Less => (a, b),
        Ordering::Greater => (b, a),
    };
    let TokenScratch { pairs, alone, taken } = scratch;
    // Only equal words have a similarity of 1, and no words have more.
    let same = set_apart(a, b, alone);
    pairs.clear();
    for at in &alone.0 {
        for other in &alone.1 {
            let (word, partner) = (a.get(*at), b.get(*other));
            if !may_be_one(word, partner) {
                continue;
            }
            let alike = jaro_winkler(word, partner);
            if alike >= SAME_WORD {
                pairs.push((alike, *at, *other));
            }
        }
    }
    pairs.sort_unstable_by(|one, other| other.0.total_cmp(&one.0).then((one.1, one.2).cmp(&(other.1, other.2))));
    taken.0.clear();
    taken.0.resize(a.words.len(), false);
    taken.1.clear();
    taken.1.resize(b.words.len(), false);
    let mut sum = share(same, 1);
    for (alike, at, other) in pairs.iter() {
        if !taken.0[*at] && !taken.1[*other] {
            taken.0[*at] = true;
            taken.1[*other] = true;
            sum += alike;
        }
    }
    (sum * share(2, a.words.len() + b.words.len())).min(1.0)
}

/// Counts the words that both texts have, and notes the others.
fn set_apart<S: Symbol>(a: &Words<'_, S>, b: &Words<'_, S>, alone: &mut (Vec<usize>, Vec<usize>)) -> usize {
    alone.0.clear();
    alone.1.clear();
    let (mut at, mut other, mut same) = (0, 0, 0);
    while at < a.words.len() && other < b.words.len() {
        match a.get(at).cmp(b.get(other)) {
            Ordering::Less => {
                alone.0.push(at);
                at += 1;
            }
            Ordering::Greater => {
                alone.1.push(other);
                other += 1;
            }
            Ordering::Equal => (at, other, same) = (at + 1, other + 1, same + 1),
        }
    }
    alone.0.extend(at..a.words.len());
    alone.1.extend(other..b.words.len());
    same
}

/// Whether two words can be similar enough, by their lengths alone. At most as many characters of the longer word have
/// a partner as the shorter word has. A common beginning of four characters leaves 0.6 of the difference to 1, another
/// beginning all of it.
fn may_be_one<S: Symbol>(a: &[S], b: &[S]) -> bool {
    let (short, long) = (a.len().min(b.len()), a.len().max(b.len()));
    let kept = if a.first() == b.first() { 0.6 } else { 1.0 };
    // With every character of the shorter word matched, in order.
    let missing = (1.0 - share(short, long)) / 3.0;
    missing * kept <= 1.0 - SAME_WORD + 1e-9
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(a: &str, b: &str) -> f64 {
        let (mut one, mut other) = (Vec::new(), Vec::new());
        words_of(a.as_bytes(), b' ', &mut one);
        words_of(b.as_bytes(), b' ', &mut other);
        let words = (Words { text: a.as_bytes(), words: &one }, Words { text: b.as_bytes(), words: &other });
        token_set(&words.0, &words.1, &mut TokenScratch::default())
    }

    #[test]
    fn order_and_small_slips_do_not_matter() {
        assert!((of("12 tran phu street", "street tran phu 12") - 1.0).abs() < 1e-12);
        assert!((of("tran phu", "tran hung dao") - 0.4).abs() < 1e-12);
        assert!(of("tullaroop street", "tularoop street") > 0.95);
        assert!(of("forbes street", "milne cove") < 1e-12);
        assert!(of("", "a") < 1e-12);
    }

    proptest! {
        #[test]
        fn is_symmetric_and_bounded(a in "([a-c]{1,6} ){0,4}", b in "([a-c]{1,6} ){0,4}") {
            let found = of(&a, &b);
            prop_assert!((0.0..=1.0).contains(&found));
            prop_assert_eq!(found.to_bits(), of(&b, &a).to_bits());
            prop_assert_eq!(of(&a, &a).to_bits(), 1.0_f64.to_bits());
        }
    }
}

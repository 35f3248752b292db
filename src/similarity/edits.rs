//! Similarity by the number of edits that turn one text into the other.
//!
//! The shorter text is kept as bits, one a character, and the longer one is processed against it: G. Myers, "A fast
//! bit-vector algorithm for approximate string matching based on dynamic programming" (1999), and H. Hyyrö, "A
//! bit-vector algorithm for computing Levenshtein and Damerau edit distances" (2003). Texts over 64 characters are
//! computed cell by cell.

use super::{Symbol, share};

/// Insertions, deletions and replacements relative to the length of the longer text: 1 for equal texts, 0 if nothing is
/// kept.
pub fn levenshtein<S: Symbol>(a: &[S], b: &[S]) -> f64 {
    of_distance(a, b, false)
}

/// The same, but an exchange of two neighbours is one edit (optimal string alignment: no character is edited twice).
pub fn damerau<S: Symbol>(a: &[S], b: &[S]) -> f64 {
    of_distance(a, b, true)
}

fn of_distance<S: Symbol>(a: &[S], b: &[S], exchanges: bool) -> f64 {
    if a == b {
        return 1.0;
    }
    let longer = a.len().max(b.len());
    share(longer - distance(a, b, exchanges), longer)
}

fn distance<S: Symbol>(mut a: &[S], mut b: &[S], exchanges: bool) -> usize {
    // A common beginning and a common end need no edit.
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    (a, b) = (&a[same..], &b[same..]);
    let same = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    (a, b) = (&a[..a.len() - same], &b[..b.len() - same]);
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.is_empty() {
        long.len()
    } else if short.len() <= 64 {
        by_bits(short, long, exchanges)
    } else {
        by_cells(short, long, exchanges)
    }
}

/// Slots of a table of characters: twice as many as a text of 64 has.
const SLOTS: usize = 128;

/// For each character of a text of up to 64 its positions.
struct Places {
    numbers: [u32; SLOTS],
    places: [u64; SLOTS],
}

impl Places {
    fn of<S: Symbol>(text: &[S]) -> Self {
        let mut places = Self { numbers: [0; SLOTS], places: [0; SLOTS] };
        for (at, symbol) in text.iter().enumerate() {
            let slot = places.slot(symbol.number());
            places.numbers[slot] = symbol.number();
            places.places[slot] |= 1 << at;
        }
        places
    }

    /// The slot of a character, or the free one where it would be.
    fn slot(&self, number: u32) -> usize {
        let mut slot = number as usize % SLOTS;
        while self.places[slot] != 0 && self.numbers[slot] != number {
            slot = (slot + 1) % SLOTS;
        }
        slot
    }

    fn get<S: Symbol>(&self, symbol: S) -> u64 {
        self.places[self.slot(symbol.number())]
    }
}

fn by_bits<S: Symbol>(short: &[S], long: &[S], exchanges: bool) -> usize {
    let table = Places::of(short);
    let last = 1_u64 << (short.len() - 1);
    let (mut grows, mut shrinks) = (u64::MAX, 0_u64);
    let (mut diagonal, mut before) = (0_u64, 0_u64);
    let mut distance = short.len();
    for symbol in long {
        let here = table.get(*symbol);
        let exchanged = if exchanges { ((!diagonal & here) << 1) & before } else { 0 };
        diagonal = (((here & grows).wrapping_add(grows)) ^ grows) | here | shrinks | exchanged;
        let up = shrinks | !(diagonal | grows);
        let down = diagonal & grows;
        distance = distance + usize::from(up & last != 0) - usize::from(down & last != 0);
        let (up, down) = (up << 1 | 1, down << 1);
        grows = down | !(diagonal | up);
        shrinks = up & diagonal;
        before = here;
    }
    distance
}

fn by_cells<S: Symbol>(short: &[S], long: &[S], exchanges: bool) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=short.len()).collect();
    for (row, symbol) in long.iter().enumerate() {
        let mut now = Vec::with_capacity(last.len());
        now.push(row + 1);
        for (at, other) in short.iter().enumerate() {
            let mut least = (last[at] + usize::from(symbol != other)).min(last[at + 1] + 1).min(now[at] + 1);
            if exchanges && row > 0 && at > 0 && *symbol == short[at - 1] && long[row - 1] == *other {
                least = least.min(before_last[at - 1] + 1);
            }
            now.push(least);
        }
        before_last = std::mem::replace(&mut last, now);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edits(a: &str, b: &str, exchanges: bool) -> usize {
        let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
        distance(&a, &b, exchanges)
    }

    #[test]
    fn known_distances() {
        // kitten and sitting: V. I. Levenshtein's distance as in D. Jurafsky and J. H. Martin, "Speech and Language
        // Processing"; intention and execution: the same with replacements counted once. ca and abc: L. Boytsov, "Indexing
        // methods for approximate dictionary searching" (2011), 3 without editing a character twice.
        for (a, b, plain, exchanged) in [
            ("kitten", "sitting", 3, 3),
            ("intention", "execution", 5, 5),
            ("ca", "abc", 3, 3),
            ("marhta", "martha", 2, 1),
            ("", "abc", 3, 3),
            ("nguyễn", "nguyen", 1, 1),
        ] {
            assert_eq!((edits(a, b, false), edits(a, b, true)), (plain, exchanged), "{a} and {b}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_strsim(a in "[a-dàđ]{0,14}|[ab]{50,140}", b in "[a-dàđ]{0,14}|[ab]{50,140}") {
            prop_assert_eq!(edits(&a, &b, false), strsim::levenshtein(&a, &b));
            prop_assert_eq!(edits(&a, &b, true), strsim::osa_distance(&a, &b));
            let (one, other): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            for (forth, back) in
                [(levenshtein(&one, &other), levenshtein(&other, &one)), (damerau(&one, &other), damerau(&other, &one))]
            {
                prop_assert!((0.0..=1.0).contains(&forth));
                prop_assert_eq!(forth.to_bits(), back.to_bits());
            }
            prop_assert_eq!(damerau(&one, &one).to_bits(), 1.0_f64.to_bits());
        }

        #[test]
        fn both_ways_of_counting_agree(a in "[a-c]{1,64}", b in "[a-c]{1,90}", exchanges: bool) {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            prop_assert_eq!(by_bits(a, b, exchanges), by_cells(a, b, exchanges));
        }
    }
}

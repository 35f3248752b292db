//! Jaro-Winkler similarity.

use super::{Symbol, share};

/// Texts with a lower similarity get nothing for a common beginning (Winkler's threshold).
const BOOST_FROM: f64 = 0.7;

/// The share of the difference to 1 that each common first character adds.
const BOOST: f64 = 0.1;

/// The most characters of a common beginning that count.
const MOST_PREFIX: usize = 4;

/// The similarity of Jaro with the addition of Winkler for a common beginning of up to four characters: 0.1 of the
/// difference to 1 for each of them, if the similarity without it is over 0.7. Two empty texts are equal.
pub fn jaro_winkler<S: Symbol>(a: &[S], b: &[S]) -> f64 {
    let jaro = jaro(a, b);
    if jaro <= BOOST_FROM {
        return jaro;
    }
    let prefix = a.iter().zip(b).take(MOST_PREFIX).take_while(|(a, b)| a == b).count();
    share(prefix, 1).mul_add(BOOST * (1.0 - jaro), jaro).min(1.0)
}

/// The share of characters that both have at about the same position, minus those in another order.
fn jaro<S: Symbol>(a: &[S], b: &[S]) -> f64 {
    if a == b {
        return 1.0;
    }
    // The result is symmetric; the shorter text is moved along the longer one.
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.is_empty() {
        return 0.0;
    }
    let reach = (long.len() / 2).saturating_sub(1);
    let (matches, half_transposed) = if long.len() <= 64 {
        let (mut of_short, mut of_long) = ([0_u64; 1], [0_u64; 1]);
        matching(short, long, reach, &mut of_short, &mut of_long)
    } else {
        let words = long.len().div_ceil(64);
        let (mut of_short, mut of_long) = (vec![0_u64; words], vec![0_u64; words]);
        matching(short, long, reach, &mut of_short, &mut of_long)
    };
    if matches == 0 {
        return 0.0;
    }
    let kept = matches - half_transposed / 2;
    (share(matches, short.len()) + share(matches, long.len()) + share(kept, matches)) / 3.0
}

/// How many characters of the shorter text have a partner within reach in the longer one, and how many of those are in
/// another order.
fn matching<S: Symbol>(
    short: &[S],
    long: &[S],
    reach: usize,
    of_short: &mut [u64],
    of_long: &mut [u64],
) -> (usize, usize) {
    let mut matches = 0;
    for (at, symbol) in short.iter().enumerate() {
        let first = at.saturating_sub(reach);
        let last = (at + reach + 1).min(long.len());
        for (other, partner) in long.iter().enumerate().take(last).skip(first) {
            let bit = 1 << (other % 64);
            if partner == symbol && of_long[other / 64] & bit == 0 {
                of_long[other / 64] |= bit;
                of_short[at / 64] |= 1 << (at % 64);
                matches += 1;
                break;
            }
        }
    }
    let partners = ones(of_short).map(|at| short[at]).zip(ones(of_long).map(|at| long[at]));
    (matches, partners.filter(|(one, other)| one != other).count())
}

/// The positions of the bits that are set.
fn ones(words: &[u64]) -> impl Iterator<Item = usize> + '_ {
    words.iter().enumerate().flat_map(|(word, bits)| {
        let mut rest = *bits;
        std::iter::from_fn(move || {
            let at = rest.trailing_zeros() as usize;
            (rest != 0).then(|| {
                rest &= rest - 1;
                word * 64 + at
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(a: &str, b: &str) -> f64 {
        let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
        jaro_winkler(&a, &b)
    }

    /// W. E. Winkler, "Overview of Record Linkage and Current Research Directions" (US Census Bureau, 2006), table 6: string
    /// comparators of surnames and given names, Jaro-Winkler column.
    #[test]
    fn published_values() {
        for (a, b, expected) in [
            ("SHACKLEFORD", "SHACKELFORD", 0.982),
            ("DUNNINGHAM", "CUNNIGHAM", 0.896),
            ("NICHLESON", "NICHULSON", 0.956),
            ("JONES", "JOHNSON", 0.832),
            ("MASSEY", "MASSIE", 0.933),
            ("ABROMS", "ABRAMS", 0.922),
            ("JERALDINE", "GERALDINE", 0.926),
            ("MARHTA", "MARTHA", 0.961),
            ("MICHELLE", "MICHAEL", 0.921),
            ("JULIES", "JULIUS", 0.933),
            ("TANYA", "TONYA", 0.880),
            ("DWAYNE", "DUANE", 0.840),
            ("SEAN", "SUSAN", 0.805),
            ("JON", "JOHN", 0.933),
        ] {
            assert!((of(a, b) - expected).abs() < 0.0011, "{a} and {b}: {}", of(a, b));
        }
    }

    proptest! {
        #[test]
        fn agrees_with_strsim(a in "[a-eàđ ]{0,12}|[a-c]{50,150}", b in "[a-eàđ ]{0,12}|[a-c]{50,150}") {
            let found = of(&a, &b);
            prop_assert!((found - strsim::jaro_winkler(&a, &b)).abs() < 1e-9, "{}", found);
            prop_assert!((0.0..=1.0).contains(&found));
            prop_assert_eq!(found.to_bits(), of(&b, &a).to_bits());
            prop_assert_eq!(of(&a, &a).to_bits(), 1.0_f64.to_bits());
        }

        #[test]
        fn alphabets_change_nothing(a in "[a-e]{0,80}", b in "[a-e]{0,80}") {
            prop_assert_eq!(jaro_winkler(a.as_bytes(), b.as_bytes()).to_bits(), of(&a, &b).to_bits());
        }
    }
}

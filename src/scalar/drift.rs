//! The distance between two distributions over the same parts.
//!
//! A part is an interval of numbers, in order, or a category. For each part the numbers of values in the earlier and in
//! the later distribution are known. Both distributions have values.

/// Added to the values of each part, so that an empty part has a logarithm: half a value, the prior of Jeffreys for
/// proportions.
const SMOOTHING: f64 = 0.5;

/// Shares of the values by part.
#[expect(clippy::cast_precision_loss, reason = "shares are 64-bit floats")]
fn shares(counts: &[u64], added: f64) -> Vec<f64> {
    let all = counts.iter().sum::<u64>() as f64 + added * counts.len() as f64;
    counts.iter().map(|count| (*count as f64 + added) / all).collect()
}

/// The population stability index: the sum over all parts of the change of the share times the change of its logarithm.
/// N. Siddiqi, "Credit Risk Scorecards" (2006), ch. 12.
pub fn stability_index(earlier: &[u64], later: &[u64]) -> f64 {
    let (earlier, later) = (shares(earlier, SMOOTHING), shares(later, SMOOTHING));
    earlier.iter().zip(&later).map(|(earlier, later)| (later - earlier) * (later / earlier).ln()).sum()
}

/// The Kolmogorov-Smirnov distance, the greatest difference of the shares up to a value: at the edges of the parts, and
/// the most that it can be between them. Some parts are known to have one value only.
pub fn greatest_distance(earlier: &[u64], later: &[u64], single: impl Fn(usize) -> bool) -> (f64, f64) {
    let (mut at_edges, mut between) = (0.0_f64, 0.0_f64);
    let (mut before, mut since) = (0.0, 0.0);
    for (part, (earlier, later)) in shares(earlier, 0.0).into_iter().zip(shares(later, 0.0)).enumerate() {
        if !single(part) {
            // Within a part, one share may be complete before the other begins.
            between = between.max((before + earlier - since).abs()).max((since + later - before).abs());
        }
        (before, since) = (before + earlier, since + later);
        at_edges = at_edges.max((before - since).abs());
    }
    (at_edges, between.max(at_edges))
}

/// How strongly a value depends on the distribution that it comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Association {
    /// Cramér's V, from 0 (not at all) to 1 (no common part).
    pub strength: f64,
    /// The statistic of the chi-square test of homogeneity.
    pub statistic: f64,
    /// Its degrees of freedom.
    pub freedom: usize,
}

/// Cramér's V of the table of both distributions. H. Cramér, "Mathematical Methods of Statistics" (1946), §21.9.
#[expect(clippy::cast_precision_loss, reason = "the statistic is a 64-bit float")]
pub fn association(earlier: &[u64], later: &[u64]) -> Association {
    let rows = [earlier, later].map(|counts| counts.iter().sum::<u64>() as f64);
    let all = rows[0] + rows[1];
    let (mut statistic, mut parts) = (0.0, 0_usize);
    for cells in earlier.iter().zip(later).map(|(earlier, later)| [*earlier as f64, *later as f64]) {
        let column = cells[0] + cells[1];
        // A part that both distributions lack does not count.
        if column > 0.0 {
            parts += 1;
            for (cell, row) in cells.into_iter().zip(rows) {
                let expected = row * column / all;
                statistic += (cell - expected) * (cell - expected) / expected;
            }
        }
    }
    Association { strength: (statistic / all).sqrt(), statistic, freedom: parts.saturating_sub(1) }
}

/// The greatest change of the share of a part, in percentage points.
pub fn greatest_shift(earlier: &[u64], later: &[u64]) -> f64 {
    let pairs = shares(earlier, 0.0).into_iter().zip(shares(later, 0.0));
    pairs.map(|(earlier, later)| (later - earlier).abs() * 100.0).fold(0.0, f64::max)
}

/// Merges neighbouring parts into at most this many, with about equally many earlier values each.
pub fn pooled(earlier: &[u64], later: &[u64], most: usize) -> (Vec<u64>, Vec<u64>) {
    let all: u128 = earlier.iter().map(|count| u128::from(*count)).sum();
    let (mut pools, mut before) = (Vec::<[u64; 2]>::new(), 0_u128);
    let mut open = [0, 0];
    for (earlier, later) in earlier.iter().zip(later) {
        open = [open[0] + earlier, open[1] + later];
        before += u128::from(*earlier);
        if open[0] > 0 && before * most as u128 >= all * (pools.len() as u128 + 1) {
            pools.push(std::mem::take(&mut open));
        }
    }
    if open != [0, 0] {
        match pools.last_mut().filter(|_| open[0] == 0) {
            Some(last) => last[1] += open[1],
            None => pools.push(open),
        }
    }
    pools.into_iter().map(|[earlier, later]| (earlier, later)).unzip()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these come out exact")]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64) -> bool {
        (found - expected).abs() < 1e-12
    }

    #[test]
    fn the_stability_index_is_that_of_the_shares() {
        assert_eq!(stability_index(&[10, 20, 30], &[10, 20, 30]), 0.0);
        // With half a value more in each part the shares are 10.5, 10.5 and 15.5, 5.5 of 21:
        // (5 / 21) ln(15.5 / 10.5) - (5 / 21) ln(5.5 / 10.5).
        assert!(near(stability_index(&[10, 10], &[15, 5]), 0.246_688_555_163_518));
        // An empty part has a logarithm.
        assert!(stability_index(&[10, 0], &[0, 10]).is_finite());
    }

    #[test]
    fn the_distance_is_that_at_the_edges_and_bounded_between_them() {
        // Shares up to the edges: 0.25 0.5 0.75 and 0.1 0.3 0.7.
        let (at_edges, between) = greatest_distance(&[25, 25, 25, 25], &[10, 20, 40, 30], |_| false);
        assert!(near(at_edges, 0.2), "{at_edges}");
        // Within the third part the earlier may be at 0.75 and the later at 0.3, no more.
        assert!(near(between, 0.45), "{between}");
        assert_eq!(greatest_distance(&[7], &[9], |_| false), (0.0, 1.0));
        assert_eq!(greatest_distance(&[7, 0], &[0, 9], |_| false), (1.0, 1.0));
        // Within one value there is nothing between.
        assert_eq!(greatest_distance(&[0, 6, 2], &[0, 6, 2], |part| part == 1), (0.0, 0.25));
    }

    /// The table in the documentation of `scipy.stats.chi2_contingency`: 2.7777777777777777 with 2 degrees of freedom.
    #[test]
    fn the_association_is_that_of_a_contingency_table() {
        let found = association(&[10, 10, 20], &[20, 20, 20]);
        assert!(near(found.statistic, 25.0 / 9.0) && found.freedom == 2, "{found:?}");
        assert!(near(found.strength, 1.0 / 6.0), "{found:?}");
        assert!(near(association(&[5, 0, 0], &[0, 9, 0]).strength, 1.0));
        assert_eq!(association(&[5, 10], &[50, 100]).strength, 0.0);
        assert_eq!(association(&[5], &[50]), Association { strength: 0.0, statistic: 0.0, freedom: 0 });
    }

    #[test]
    fn shifts_are_in_points() {
        assert!(near(greatest_shift(&[50, 30, 20], &[45, 25, 30]), 10.0));
        assert_eq!(greatest_shift(&[1], &[9]), 0.0);
    }

    #[test]
    fn parts_are_pooled_in_order() {
        assert_eq!(pooled(&[1; 100], &[2; 100], 10), (vec![10; 10], vec![20; 10]));
        assert_eq!(pooled(&[5, 5, 5], &[1, 2, 3], 10), (vec![5, 5, 5], vec![1, 2, 3]));
        assert_eq!(pooled(&[90, 5, 5], &[1, 2, 3], 2), (vec![90, 10], vec![1, 5]));
        assert_eq!(pooled(&[5, 5, 5, 5], &[1, 2, 3, 4], 3), (vec![10, 5, 5], vec![3, 3, 4]));
        assert_eq!(pooled(&[5, 0], &[1, 2], 5), (vec![5], vec![3]));
    }
}

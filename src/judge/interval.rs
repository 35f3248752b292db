//! What a sample shows of the failing share of all rows.

use crate::model::{Moments, Share, Spread, Threshold};

/// The 97.5 % quantile of the normal distribution: both tails of a 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// The 95 % interval of the failing share of all rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interval {
    /// The lower end, floored.
    pub lower: Share,
    /// The upper end, rounded up.
    pub upper: Share,
    /// The number of rows drawn one by one that would give as much information, floored.
    pub effective_rows: u64,
}

/// What a sample shows of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sampled {
    /// The threshold is met.
    Met {
        /// Whether the counted rows alone show that, whatever the others are.
        certain: bool,
    },
    /// The threshold is missed.
    Missed {
        /// Whether the counted rows alone show that, whatever the others are.
        certain: bool,
    },
    /// The threshold is inside the interval.
    Open,
}

/// The interval of E. B. Wilson (JASA 22, 1927, p. 209) for `failed` of `evaluated` rows of a sample drawn in blocks.
///
/// With the observed share `p` and the effective number of rows `m`, its ends are
/// `(p + z²/2m ± z √(p(1−p)/m + z²/4m²)) / (1 + z²/m)`, `z` = 1.96.
///
/// Rows of one block resemble each other, so `evaluated` rows give less information than as many drawn one by one. With
/// `k` blocks of `nᵢ` rows, of which `xᵢ` failed, the variance of the ratio is `v = k/(k−1) · Σ(xᵢ − p·nᵢ)² / n²` (L.
/// Kish, Survey Sampling, 1965, ch. 6). Then `m = p(1−p)/v`, at most `n`, times `(z/t)²`, where `t` is the 97.5 %
/// quantile of Student's t distribution (E. L. Korn and B. I. Graubard, Survey Methodology 24, 1998, p. 193). Its
/// degrees of freedom are one less than the number of blocks in which a row failed (or passed, if those are fewer),
/// since the others do not show how failures cluster. `m` is at least `k`, as if each block were one row; so it is if
/// no row failed, or every row. If only some row groups were drawn, the same is calculated over groups, and the smaller
/// `m` counts: nothing was read of the others, and one of them may contain what no drawn one does.
pub(super) fn interval(evaluated: u64, failed: u64, spread: &Spread) -> Interval {
    let (n, x) = (float(evaluated), float(failed));
    let m = if evaluated == 0 {
        0.0
    } else {
        let by_block = effective(n, x, &spread.blocks);
        spread.groups.map_or(by_block, |groups| by_block.min(effective(n, x, &groups)))
    };
    if m <= 0.0 {
        return Interval { lower: Share::from_millionths(0), upper: Share::WHOLE, effective_rows: 0 };
    }
    let (p, zz) = (x / n, Z * Z);
    let middle = p + zz / (2.0 * m);
    let half = Z * (p * (1.0 - p) / m + zz / (4.0 * m * m)).sqrt();
    let (lower, upper) = ((middle - half) / (1.0 + zz / m), (middle + half) / (1.0 + zz / m));
    Interval {
        // In exact arithmetic these ends are 0 and 1.
        lower: if failed == 0 { Share::from_millionths(0) } else { millionths((lower * 1e6).floor()) },
        upper: if failed == evaluated { Share::WHOLE } else { millionths((upper * 1e6).ceil()) },
        effective_rows: whole(m),
    }
}

/// The effective number of rows, from the differences between clusters.
fn effective(n: f64, x: f64, moments: &Moments) -> f64 {
    let k = float(moments.clusters);
    let telling = float(moments.with_failed.min(moments.with_passed));
    if k < 2.0 || telling < 2.0 {
        return k.min(n);
    }
    let p = x / n;
    let squares = (wide(moments.xx) - 2.0 * p * wide(moments.nx) + p * p * wide(moments.nn)).max(0.0);
    let variance = k / (k - 1.0) * squares / (n * n);
    let rows = if variance > 0.0 { (p * (1.0 - p) / variance).min(n) } else { n };
    (rows * (Z / student(telling - 1.0)).powi(2)).max(k).min(n)
}

/// The 97.5 % quantile of Student's t distribution, by its expansion around the normal one (R. A. Fisher and E. A.
/// Cornish, Technometrics 2, 1960); exact for one and two degrees of freedom, where the expansion is too far off.
fn student(degrees: f64) -> f64 {
    if degrees < 1.5 {
        return 12.706_2;
    }
    if degrees < 2.5 {
        return 4.302_7;
    }
    let z = Z;
    let terms = [
        (z.powi(3) + z) / 4.0,
        (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0,
        (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0,
    ];
    z + terms[0] / degrees + terms[1] / degrees.powi(2) + terms[2] / degrees.powi(3)
}

/// Compares a threshold with a sample in which `failed` and `passed` rows were counted. `rows` are those of the
/// dataset, if they are known exactly.
pub(super) fn judge_sample(
    threshold: Threshold,
    passed: u64,
    failed: u64,
    interval: &Interval,
    rows: Option<u64>,
) -> Sampled {
    if threshold.most_failures(rows).is_some_and(|most| failed > most) {
        return Sampled::Missed { certain: true };
    }
    let most = match threshold {
        Threshold::AtLeastRows(least) if passed >= least => return Sampled::Met { certain: true },
        Threshold::AtMostRows(most) => {
            let failing = |rows| u128::from(interval.upper.millionths()) * u128::from(rows);
            let few = rows.is_some_and(|rows: u64| failing(rows) <= u128::from(most) * u128::from(WHOLE));
            return if few { Sampled::Met { certain: false } } else { Sampled::Open };
        }
        Threshold::AtLeastRows(_) => return Sampled::Open,
        Threshold::AtLeastShare(least) => WHOLE - least.min(WHOLE),
        Threshold::AtMostShare(most) => most,
    };
    if interval.upper.millionths() <= most {
        // A share of all rows may fail: no row can change that.
        Sampled::Met { certain: most == WHOLE }
    } else if interval.lower.millionths() > most {
        Sampled::Missed { certain: false }
    } else {
        Sampled::Open
    }
}

/// Millionths in the whole.
const WHOLE: u32 = Share::WHOLE.millionths();

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
const fn float(count: u64) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
const fn wide(count: u128) -> f64 {
    count as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the number of rows")]
fn whole(rows: f64) -> u64 {
    rows.floor() as u64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
fn millionths(share: f64) -> Share {
    Share::from_millionths(share.clamp(0.0, 1e6) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(blocks: &[(u64, u64)]) -> (u64, u64, Spread) {
        let mut spread = Spread::default();
        for (n, x) in blocks {
            spread.blocks.add(*n, *x);
        }
        (blocks.iter().map(|(n, _)| n).sum(), blocks.iter().map(|(_, x)| x).sum(), spread)
    }

    /// Numbers that look random, always the same ones.
    struct Noise(u64);

    impl Noise {
        fn below(&mut self, end: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % end
        }
    }

    #[test]
    fn rows_one_by_one_give_the_interval_of_wilson() {
        // 5 of 100: 2.15 % to 11.18 %, as printed in textbooks.
        let (n, x, spread) = spread(&(0..100).map(|at| (1, u64::from(at % 20 == 0))).collect::<Vec<_>>());
        let found = interval(n, x, &spread);
        assert!((95..=100).contains(&found.effective_rows), "{found:?}");
        assert!((20_000..=22_000).contains(&found.lower.millionths()), "{found:?}");
        assert!((110_000..=115_000).contains(&found.upper.millionths()), "{found:?}");
    }

    #[test]
    fn clustered_failures_widen_the_interval() {
        let even: Vec<(u64, u64)> = (0..50).map(|_| (100, 4)).collect();
        let clustered: Vec<(u64, u64)> = (0..50).map(|at| (100, if at % 25 == 0 { 100 } else { 0 })).collect();
        let of = |blocks: &[(u64, u64)]| {
            let (n, x, spread) = spread(blocks);
            assert_eq!((n, x), (5_000, 200));
            interval(n, x, &spread)
        };
        let (even, clustered) = (of(&even), of(&clustered));
        assert!(even.effective_rows > 4_000 && clustered.effective_rows < 60, "{even:?} {clustered:?}");
        assert!(clustered.lower < even.lower && clustered.upper > even.upper, "{even:?} {clustered:?}");
    }

    #[test]
    fn without_a_failure_each_block_counts_as_one_row() {
        let (n, x, spread) = spread(&[(1_000, 0); 512]);
        let found = interval(n, x, &spread);
        assert_eq!((found.lower.millionths(), found.effective_rows), (0, 512));
        assert!((7_400..7_500).contains(&found.upper.millionths()), "{found:?}");
        let (n, x, spread) = self::spread(&[(1_000, 1_000); 512]);
        assert_eq!(interval(n, x, &spread).upper, Share::WHOLE);
        assert_eq!(interval(0, 0, &Spread::default()).upper, Share::WHOLE);
    }

    #[test]
    fn intervals_cover_the_true_share() {
        // Populations of 40,000 rows whose failing rows come in runs; 60 blocks of 40 rows are drawn of each.
        let mut noise = Noise(20_261_123);
        for (run, share) in [(1, 20), (1, 300), (5, 50), (20, 100), (100, 50), (200, 200)] {
            let (mut covered, trials) = (0, 400);
            for _ in 0..trials {
                let mut rows = vec![false; 40_000];
                for _ in 0..40_000 / run * share / 1_000 {
                    let start = usize::try_from(noise.below(40_000)).unwrap();
                    (0..run).for_each(|at| rows[(start + at) % 40_000] = true);
                }
                let truth = rows.iter().filter(|failed| **failed).count() as u64;
                let start = usize::try_from(noise.below(40_000)).unwrap();
                let blocks: Vec<(u64, u64)> = (0..60)
                    .map(|block| {
                        let rows = (0..40).filter(|at| rows[(start + block * 40_000 / 60 + at) % 40_000]);
                        (40, rows.count() as u64)
                    })
                    .collect();
                let (n, x, spread) = spread(&blocks);
                let found = interval(n, x, &spread);
                let truth = u32::try_from(truth * 25).unwrap();
                covered += u32::from((found.lower.millionths()..=found.upper.millionths()).contains(&truth));
            }
            assert!(covered * 100 >= trials * 94, "runs of {run}, {share} in a thousand: {covered} of {trials}");
        }
    }

    #[test]
    fn verdicts_of_a_sample() {
        let at = |lower, upper| Interval {
            lower: Share::from_millionths(lower),
            upper: Share::from_millionths(upper),
            effective_rows: 100,
        };
        let judge =
            |threshold, passed, failed, interval, rows| judge_sample(threshold, passed, failed, &interval, rows);
        let all = Threshold::ALL_ROWS;
        assert_eq!(judge(all, 100, 0, at(0, 7_000), None), Sampled::Open);
        assert_eq!(judge(all, 99, 1, at(1, 20_000), None), Sampled::Missed { certain: true });
        let whole = Threshold::AtLeastShare(1_000_000);
        assert_eq!(judge(whole, 100, 0, at(0, 7_000), Some(1_000)), Sampled::Open);
        assert_eq!(judge(whole, 99, 1, at(1, 20_000), None), Sampled::Missed { certain: true });
        let most = Threshold::AtLeastShare(990_000);
        assert_eq!(judge(most, 100, 0, at(0, 10_000), None), Sampled::Met { certain: false });
        assert_eq!(judge(most, 100, 0, at(0, 10_001), None), Sampled::Open);
        assert_eq!(judge(most, 80, 20, at(10_001, 300_000), None), Sampled::Missed { certain: false });
        assert_eq!(judge(most, 80, 20, at(10_001, 300_000), Some(1_000)), Sampled::Missed { certain: true });
        assert_eq!(judge(Threshold::AtLeastRows(80), 80, 20, at(0, 1_000_000), None), Sampled::Met { certain: true });
        assert_eq!(judge(Threshold::AtLeastRows(90), 80, 20, at(0, 1_000_000), None), Sampled::Open);
        assert_eq!(
            judge(Threshold::AtLeastRows(90), 80, 20, at(0, 1_000_000), Some(105)),
            Sampled::Missed { certain: true }
        );
        assert_eq!(judge(Threshold::AtMostRows(30), 80, 20, at(0, 10_000), None), Sampled::Open);
        assert_eq!(
            judge(Threshold::AtMostRows(30), 80, 20, at(0, 10_000), Some(3_000)),
            Sampled::Met { certain: false }
        );
        assert_eq!(
            judge(Threshold::AtMostShare(1_000_000), 0, 9, at(5, 1_000_000), None),
            Sampled::Met { certain: true }
        );
    }
}

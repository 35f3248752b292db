//! Draws that look random and are the same in every run: they depend on a seed and on nothing else.

/// The starts of `count` blocks of a size. A ring of `total` is cut into `count` equal stretches, and a block lies somewhere
/// in each. Blocks do not overlap, and their places depend only on the total.
pub(super) fn places(total: u64, count: u64, size: u64) -> impl Iterator<Item = u64> {
    let start = u128::from(spread(total).checked_rem(total).unwrap_or_default());
    let stretch = move |at: u64| (start + u128::from(at) * u128::from(total)) / u128::from(count.max(1));
    let room = (total / count.max(1)).saturating_sub(size);
    (0..count).filter_map(move |at| {
        let place = stretch(at) + u128::from(jitter(total, at, room));
        u64::try_from(place.checked_rem(total.into())?).ok()
    })
}

/// A number up to `most` that looks drawn at random, the same for the same seed and position.
pub(super) const fn jitter(seed: u64, at: u64, most: u64) -> u64 {
    let drawn = spread(spread(seed) ^ at);
    if most == u64::MAX { drawn } else { drawn % (most + 1) }
}

/// A number that looks drawn at random (`SplitMix64` by Sebastiano Vigna, one step).
pub(super) const fn spread(seed: u64) -> u64 {
    let mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_lie_one_in_each_stretch_and_apart() {
        for (total, count, size) in [(1_000_003, 512, 100), (1_000_000, 100, 9_000), (10_000, 10, 1_000), (7, 3, 1)] {
            let mut found: Vec<u64> = places(total, count, size).collect();
            assert_eq!(found.len() as u64, count);
            found.sort_unstable();
            let apart = |from: u64, to: u64| (to + total - from) % total;
            for (at, place) in found.iter().enumerate() {
                let next = found[(at + 1) % found.len()];
                let step = total / count;
                assert!((size..=2 * step + 2).contains(&apart(*place, next)), "{place} {next} of {total}");
            }
        }
        assert_eq!(places(0, 3, 0).count(), 0);
    }

    #[test]
    fn no_rhythm_of_the_rows_meets_them() {
        let phases: Vec<u64> = places(1_000_000, 100, 100).map(|place| place % 1_000 / 100).collect();
        assert!((0..10).all(|tenth| phases.iter().filter(|phase| **phase == tenth).count() < 25), "{phases:?}");
    }
}

//! Exact order statistics of numbers: the n-th least of them, and how many are between two of them.
//!
//! Numbers are taken as images in the same order. The image at a rank is found by counting: the range in which
//! it lies is cut into up to 2^16 parts, the values of each are counted, and the part of the rank is the next range,
//! until few enough values are left to be sorted. So memory depends neither on the rows nor on the values, every wanted rank
//! is found in the same passes, and the result is the same in whatever order values come.

use std::io;
use std::ops::Range;

use crate::engine::local::numbers::image::Image;
use crate::engine::local::rows::sink::Sink;
use crate::engine::local::spill::values::AllValues;

/// The most values that are sorted in the end.
const MOST_SORTED: usize = 1 << 18;

/// Parts into which a range is cut at the most, as a power of two.
const MOST_BITS: u32 = 16;

/// Cuts all images at some of them; finds the part of an image in a step or two.
#[derive(Debug)]
pub(crate) struct Cuts<I> {
    /// Ascending, each once.
    edges: Vec<I>,
    first: I,
    shift: u32,
    /// For each cell of the range of the cuts how many of them lie under it, and at the end all.
    under: Vec<u32>,
}

impl<I: Image> Cuts<I> {
    const BITS: u32 = 12;

    /// Cuts at these, which are ascending.
    pub(crate) fn new(mut cuts: Vec<I>) -> Self {
        cuts.dedup();
        let (first, last) = (cuts.first().copied().unwrap_or(I::LEAST), cuts.last().copied().unwrap_or(I::LEAST));
        let shift = last.less(first).bits().saturating_sub(Self::BITS);
        let cells = last.less(first).without_bits(shift).low_word() + 1;
        let start = |cell: u64| cuts.partition_point(|cut| cut.less(first).without_bits(shift).low_word() < cell);
        let under = (0..=cells).map(|cell| u32::try_from(start(cell)).unwrap_or(u32::MAX)).collect();
        Self { edges: cuts, first, shift, under }
    }

    /// How many cuts lie under an image; the image is at most as great as the cut of that number.
    #[inline]
    pub(crate) fn part_of(&self, image: I) -> usize {
        if image <= self.first {
            return 0;
        }
        #[expect(clippy::cast_possible_truncation, reason = "there are at most 2^12 + 1 cells")]
        let cell =
            image.less(self.first).without_bits(self.shift).min(I::of_part(self.under.len() as u64, 0)).low_word()
                as usize;
        match (self.under.get(cell), self.under.get(cell + 1)) {
            (Some(from), Some(to)) => {
                let (from, to) = (*from as usize, *to as usize);
                from + self.edges[from..to].partition_point(|cut| *cut < image)
            }
            _ => self.edges.len(),
        }
    }

    /// The cuts.
    pub(crate) fn list(&self) -> &[I] {
        &self.edges
    }
}

/// A range of images in which wanted ranks lie.
#[derive(Debug, Clone)]
struct Bracket<I> {
    low: I,
    high: I,
    /// Values under it, and in it.
    before: u64,
    count: u64,
    /// Positions in the list of ranks.
    wanted: Range<usize>,
}

/// What one worker finds in the brackets.
struct Seen<I> {
    /// For each bracket that is counted, the values of its parts.
    counts: Vec<Vec<u64>>,
    /// For each bracket that is sorted, its values.
    kept: Vec<Vec<I>>,
}

impl AllValues {
    /// The values at `ranks` (ascending, from 0, each under the number of entries).
    ///
    /// # Errors
    /// Where entries cannot be read back, or the user stopped the audit.
    pub(crate) fn at_ranks<I: Image>(&self, ranks: &[u64], watch: &dyn Sink) -> io::Result<Vec<I>> {
        self.mapped_at_ranks(ranks, self.bounds(), &|image| image, watch)
    }

    /// The same for the images that `map` gives for the values. All of them are within `bounds`.
    ///
    /// # Errors
    /// Where entries cannot be read back, or the user stopped the audit.
    pub(crate) fn mapped_at_ranks<I: Image>(
        &self,
        ranks: &[u64],
        bounds: (I, I),
        map: &(impl Fn(I) -> I + Sync),
        watch: &dyn Sink,
    ) -> io::Result<Vec<I>> {
        let mut found = vec![I::LEAST; ranks.len()];
        if ranks.is_empty() || self.entries() == 0 {
            return Ok(found);
        }
        let whole = Bracket { low: bounds.0, high: bounds.1, before: 0, count: self.entries(), wanted: 0..ranks.len() };
        let mut open = vec![whole];
        loop {
            // A bracket of one value needs no further search.
            open.retain(|bracket| {
                let single = bracket.low == bracket.high;
                if single {
                    found[bracket.wanted.clone()].fill(bracket.low);
                }
                !single
            });
            if open.is_empty() {
                return Ok(found);
            }
            open = self.narrow(&open, ranks, &mut found, map, watch)?;
        }
    }

    /// Looks once through all values; finds some ranks, and narrower brackets for the others.
    fn narrow<I: Image>(
        &self,
        brackets: &[Bracket<I>],
        ranks: &[u64],
        found: &mut [I],
        map: &(impl Fn(I) -> I + Sync),
        watch: &dyn Sink,
    ) -> io::Result<Vec<Bracket<I>>> {
        let share = self.memory().share() / size_of::<I>();
        let mut room = (share / 4).min(MOST_SORTED) as u64;
        let sorted: Vec<bool> = brackets
            .iter()
            .map(|bracket| {
                let fits = bracket.count <= room;
                room -= if fits { bracket.count } else { 0 };
                fits
            })
            .collect();
        let counted = sorted.iter().filter(|sorted| !**sorted).count();
        let parts = (share / 2).checked_div(counted).unwrap_or_default().max(16);
        let most_bits = parts.ilog2().min(MOST_BITS);
        let shifts: Vec<u32> =
            brackets.iter().map(|bracket| bracket.high.less(bracket.low).bits().saturating_sub(most_bits)).collect();
        let new = || Seen {
            counts: brackets
                .iter()
                .enumerate()
                .map(|(at, bracket)| {
                    let last = bracket.high.less(bracket.low).without_bits(shifts[at]).low_word();
                    vec![0; if sorted[at] { 0 } else { narrow(last) + 1 }]
                })
                .collect(),
            kept: vec![Vec::new(); brackets.len()],
        };
        let enter = |seen: &mut Seen<I>, at: usize, image: I| {
            let bracket = &brackets[at];
            if image < bracket.low || image > bracket.high {
                return;
            }
            if sorted[at] {
                seen.kept[at].push(image);
            } else {
                seen.counts[at][narrow(image.less(bracket.low).without_bits(shifts[at]).low_word())] += 1;
            }
        };
        let cuts = Cuts::new(brackets.iter().map(|bracket| bracket.high).collect());
        let seen = self.scan(watch, new, |seen, piece| {
            let images = piece.images::<I>(self.stride()).map(map);
            if brackets.len() == 1 {
                images.for_each(|image| enter(seen, 0, image));
            } else {
                for image in images {
                    let at = cuts.part_of(image);
                    if at < brackets.len() {
                        enter(seen, at, image);
                    }
                }
            }
            Ok(())
        })?;
        let mut narrower = Vec::new();
        for (at, bracket) in brackets.iter().enumerate() {
            if sorted[at] {
                let mut kept: Vec<I> = seen.iter().flat_map(|seen| &seen.kept[at]).copied().collect();
                kept.sort_unstable();
                for wanted in bracket.wanted.clone() {
                    found[wanted] = kept.get(narrow(ranks[wanted] - bracket.before)).copied().unwrap_or(I::LEAST);
                }
                continue;
            }
            let count = |part: usize| seen.iter().map(|seen| seen.counts[at][part]).sum::<u64>();
            let parts = seen.first().map_or(0, |seen| seen.counts[at].len());
            let (mut before, mut wanted) = (bracket.before, bracket.wanted.clone());
            for part in 0..parts {
                let inside = count(part);
                let end = wanted.start + ranks[wanted.clone()].partition_point(|rank| *rank < before + inside);
                if end > wanted.start {
                    let low = bracket.low.plus(I::of_part(part as u64, shifts[at]));
                    let last = I::of_part(1, shifts[at]).less(I::of_part(1, 0));
                    let high = low.plus(last).min(bracket.high);
                    narrower.push(Bracket { low, high, before, count: inside, wanted: wanted.start..end });
                }
                before += inside;
                wanted.start = end;
            }
        }
        Ok(narrower)
    }

    /// How many values lie in each part between cuts: up to and with the first, over it up to and with the second, …,
    /// over the last.
    ///
    /// # Errors
    /// Where entries cannot be read back, or the user stopped the audit.
    pub(crate) fn count_between<I: Image>(&self, cuts: &Cuts<I>, watch: &dyn Sink) -> io::Result<Vec<u64>> {
        let parts = cuts.list().len() + 1;
        let counts = self.scan(
            watch,
            || vec![0_u64; parts],
            |counts, piece| {
                piece.images::<I>(self.stride()).for_each(|image| counts[cuts.part_of(image)] += 1);
                Ok(())
            },
        )?;
        Ok((0..parts).map(|part| counts.iter().map(|counts| counts[part]).sum()).collect())
    }
}

fn narrow(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "these come out exact")]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::engine::local::memory::KeyMemory;
    use crate::engine::local::numbers::image::{image_of_float, image_of_whole};
    use crate::engine::local::rows::sink::LateRow;
    use crate::engine::local::spill::values::Values;

    struct Nobody;

    impl Sink for Nobody {
        fn take(&self, _: &[LateRow]) {}

        fn is_stopped(&self) -> bool {
            false
        }
    }

    fn store(memory: &Arc<KeyMemory>, values: &[u64], chunk: usize) -> AllValues {
        let store = Values::new(memory, 1, 1);
        for (tag, words) in (0..).zip(values.chunks(chunk)) {
            store.extend(tag, words.to_vec()).expect("the folder can be written");
        }
        store.finish()
    }

    fn check(values: &[u64], ranks: &[u64], limit: usize, workers: usize) -> u64 {
        let memory = KeyMemory::new(limit, workers, &std::env::temp_dir());
        let all = store(&memory, values, 777);
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        let expected: Vec<u64> = ranks.iter().map(|rank| sorted[narrow(*rank)]).collect();
        assert_eq!(all.at_ranks::<u64>(ranks, &Nobody).expect("it was written"), expected, "limit {limit}");
        drop(all);
        assert!(memory.try_keep(limit / 2), "all memory is given back");
        memory.spilled()
    }

    #[test]
    fn ranks_are_those_of_the_sorted_values() {
        let spread = |n: u64| n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let shapes: [(&str, &dyn Fn(u64) -> u64); 6] = [
            ("spread", &spread),
            ("few", &|n| image_of_whole(i64::try_from(spread(n) % 7).unwrap())),
            ("one", &|_| 42),
            ("ends", &|n| if n % 3 == 0 { u64::MAX } else { n % 2 }),
            ("floats", &|n| image_of_float((spread(n) % 100_000) as f64 / 7.0 - 4_000.0)),
            // Most in one place, one far away.
            ("skewed", &|n| if n == 5 { u64::MAX } else { 1_000_000 + spread(n) % 900_000 }),
        ];
        for (name, shape) in shapes {
            for rows in [1_u64, 2, 5, 20_000] {
                let values: Vec<u64> = (0..rows).map(shape).collect();
                let mut ranks: Vec<u64> = (0..=100).map(|part| (rows - 1) * part / 100).collect();
                ranks.dedup();
                assert_eq!(check(&values, &ranks, 1 << 30, 2), 0, "{name}");
                assert!(check(&values, &ranks, 0, 1) > 0, "{name}");
                check(&values, &ranks, 100_000, 16);
                check(&values, &ranks[ranks.len() - 1..], 60_000, 2);
            }
        }
    }

    proptest! {
        #[test]
        fn parts_between_cuts_are_found(mut cuts in prop::collection::vec(any::<u64>(), 0..40), small in 0_u64..50, images in prop::collection::vec(any::<u64>(), 0..50)) {
            cuts.extend([small, small + 3, small + 4]);
            cuts.sort_unstable();
            let parts = Cuts::new(cuts.clone());
            cuts.dedup();
            let near = cuts.iter().flat_map(|cut| [cut.saturating_sub(1), *cut, cut.saturating_add(1)]);
            for image in images.into_iter().chain(near).chain([0, u64::MAX]) {
                prop_assert_eq!(parts.part_of(image), cuts.partition_point(|cut| *cut < image));
            }
            let memory = KeyMemory::new(0, 2, &std::env::temp_dir());
            let all = store(&memory, &cuts, 3);
            let mut counts = vec![1; cuts.len()];
            counts.push(0);
            prop_assert_eq!(all.count_between(&parts, &Nobody).unwrap(), counts);
        }
    }
}

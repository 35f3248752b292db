//! Values in order, sorted in memory or kept on disk.

use std::io;

use crate::model::Quantile;

use crate::engine::local::numbers::quantile::ranks_of;
use crate::engine::local::rows::sink::Sink;
use crate::engine::local::spill::values::AllValues;

/// Values that can be read one by one, and found by their rank.
pub(super) trait Ordered {
    fn count(&self) -> u64;

    /// The least and the greatest.
    fn bounds(&self) -> (u64, u64);

    /// The images that `map` gives for the values, at these ranks of the images. All of them are within `bounds`.
    fn at_ranks(&self, ranks: &[u64], bounds: (u64, u64), map: impl Fn(u64) -> u64 + Sync) -> io::Result<Vec<u64>>;

    /// Reads all values in no order, in parts that are joined.
    fn fold<T: Send>(
        &self,
        new: impl Fn() -> T + Sync,
        take: impl Fn(&mut T, u64) + Sync,
        join: impl Fn(T, T) -> T,
    ) -> io::Result<T>;
}

/// Values in a store.
pub(super) struct Unsorted<'a> {
    pub(super) all: &'a AllValues,
    pub(super) watch: &'a dyn Sink,
}

impl Ordered for Unsorted<'_> {
    fn count(&self) -> u64 {
        self.all.entries()
    }

    fn bounds(&self) -> (u64, u64) {
        self.all.bounds()
    }

    fn at_ranks(&self, ranks: &[u64], bounds: (u64, u64), map: impl Fn(u64) -> u64 + Sync) -> io::Result<Vec<u64>> {
        self.all.mapped_at_ranks(ranks, bounds, &map, self.watch)
    }

    fn fold<T: Send>(
        &self,
        new: impl Fn() -> T + Sync,
        take: impl Fn(&mut T, u64) + Sync,
        join: impl Fn(T, T) -> T,
    ) -> io::Result<T> {
        let stride = self.all.stride();
        let parts = self.all.scan(self.watch, &new, |own, piece| {
            piece.words.iter().step_by(stride).for_each(|image| take(own, *image));
            Ok(())
        })?;
        Ok(parts.into_iter().reduce(join).unwrap_or_else(new))
    }
}

/// Values in order, in memory.
pub(super) struct Sorted<'a>(pub(super) &'a [u64]);

impl Ordered for Sorted<'_> {
    fn count(&self) -> u64 {
        self.0.len() as u64
    }

    fn bounds(&self) -> (u64, u64) {
        (self.0.first().copied().unwrap_or_default(), self.0.last().copied().unwrap_or_default())
    }

    fn at_ranks(&self, ranks: &[u64], _: (u64, u64), map: impl Fn(u64) -> u64 + Sync) -> io::Result<Vec<u64>> {
        let mut mapped: Vec<u64> = self.0.iter().map(|image| map(*image)).collect();
        mapped.sort_unstable();
        Ok(ranks.iter().filter_map(|rank| mapped.get(usize::try_from(*rank).ok()?)).copied().collect())
    }

    fn fold<T: Send>(
        &self,
        new: impl Fn() -> T + Sync,
        take: impl Fn(&mut T, u64) + Sync,
        _: impl Fn(T, T) -> T,
    ) -> io::Result<T> {
        let mut all = new();
        self.0.iter().for_each(|image| take(&mut all, *image));
        Ok(all)
    }
}

/// Mapped values, at the ranks between which quantiles lie.
pub(super) struct Ranked {
    count: u64,
    ranks: Vec<u64>,
    found: Vec<u64>,
}

impl Ranked {
    pub(super) fn find(
        wanted: &[Quantile],
        values: &impl Ordered,
        bounds: (u64, u64),
        map: impl Fn(u64) -> u64 + Sync,
    ) -> io::Result<Self> {
        let ranks = ranks_of(wanted, values.count());
        let found = values.at_ranks(&ranks, bounds, map)?;
        Ok(Self { count: values.count(), ranks, found })
    }

    /// The values below and above a quantile; the same value twice where the quantile is one of the values.
    pub(super) fn around(&self, quantile: Quantile) -> (u64, u64) {
        let at = |rank: u64| self.ranks.binary_search(&rank).ok().and_then(|at| self.found.get(at)).copied();
        let (rank, share) = quantile.place(self.count);
        let low = at(rank).unwrap_or_default();
        (low, if share > 0.0 { at(rank + 1).unwrap_or(low) } else { low })
    }

    /// A quantile as a number.
    pub(super) fn between(&self, quantile: Quantile, number: impl Fn(u64) -> f64) -> f64 {
        let (low, high) = self.around(quantile);
        Quantile::between(number(low), number(high), quantile.place(self.count).1)
    }
}

//! Values in order, sorted in memory or kept on disk.

use std::io;

use num_bigint::BigInt;
use num_rational::BigRational;

use crate::model::Quantile;

use crate::engine::local::numbers::image::Image;
use crate::engine::local::numbers::quantile::ranks_of;
use crate::engine::local::rows::sink::Sink;
use crate::engine::local::spill::values::AllValues;

/// Images of values that can be read one by one, and found by their rank.
pub(super) trait Ordered<I: Image> {
    fn count(&self) -> u64;

    /// The least and the greatest.
    fn bounds(&self) -> (I, I);

    /// The images that `map` gives for the values, at these ranks of the images. All of them are within `bounds`.
    fn at_ranks(&self, ranks: &[u64], bounds: (I, I), map: impl Fn(I) -> I + Sync) -> io::Result<Vec<I>>;

    /// Reads all values in no order, in parts that are joined.
    fn fold<T: Send>(
        &self,
        new: impl Fn() -> T + Sync,
        take: impl Fn(&mut T, I) + Sync,
        join: impl Fn(T, T) -> T,
    ) -> io::Result<T>;
}

/// Values in a store.
pub(super) struct Unsorted<'a> {
    pub(super) all: &'a AllValues,
    pub(super) watch: &'a dyn Sink,
}

impl<I: Image> Ordered<I> for Unsorted<'_> {
    fn count(&self) -> u64 {
        self.all.entries()
    }

    fn bounds(&self) -> (I, I) {
        self.all.bounds()
    }

    fn at_ranks(&self, ranks: &[u64], bounds: (I, I), map: impl Fn(I) -> I + Sync) -> io::Result<Vec<I>> {
        self.all.mapped_at_ranks(ranks, bounds, &map, self.watch)
    }

    fn fold<T: Send>(
        &self,
        new: impl Fn() -> T + Sync,
        take: impl Fn(&mut T, I) + Sync,
        join: impl Fn(T, T) -> T,
    ) -> io::Result<T> {
        let stride = self.all.stride();
        let parts = self.all.scan(self.watch, &new, |own, piece| {
            piece.images(stride).for_each(|image| take(own, image));
            Ok(())
        })?;
        Ok(parts.into_iter().reduce(join).unwrap_or_else(new))
    }
}

/// Values in order, in memory.
pub(super) struct Sorted<'a, I>(pub(super) &'a [I]);

impl<I: Image> Ordered<I> for Sorted<'_, I> {
    fn count(&self) -> u64 {
        self.0.len() as u64
    }

    fn bounds(&self) -> (I, I) {
        self.0.first().zip(self.0.last()).map_or((I::GREATEST, I::LEAST), |(least, greatest)| (*least, *greatest))
    }

    fn at_ranks(&self, ranks: &[u64], _: (I, I), map: impl Fn(I) -> I + Sync) -> io::Result<Vec<I>> {
        let mut mapped: Vec<I> = self.0.iter().map(|image| map(*image)).collect();
        mapped.sort_unstable();
        Ok(ranks.iter().filter_map(|rank| mapped.get(usize::try_from(*rank).ok()?)).copied().collect())
    }

    fn fold<T: Send>(
        &self,
        new: impl Fn() -> T + Sync,
        take: impl Fn(&mut T, I) + Sync,
        _: impl Fn(T, T) -> T,
    ) -> io::Result<T> {
        let mut all = new();
        self.0.iter().for_each(|image| take(&mut all, *image));
        Ok(all)
    }
}

/// Mapped values, at the ranks between which quantiles lie.
pub(super) struct Ranked<I> {
    count: u64,
    ranks: Vec<u64>,
    found: Vec<I>,
}

impl<I: Image> Ranked<I> {
    pub(super) fn find(
        wanted: &[Quantile],
        values: &impl Ordered<I>,
        bounds: (I, I),
        map: impl Fn(I) -> I + Sync,
    ) -> io::Result<Self> {
        let ranks = ranks_of(wanted, values.count());
        let found = values.at_ranks(&ranks, bounds, map)?;
        Ok(Self { count: values.count(), ranks, found })
    }

    /// The values below and above a quantile; the same value twice where the quantile is one of the values.
    pub(super) fn around(&self, quantile: Quantile) -> (I, I) {
        let at = |rank: u64| self.ranks.binary_search(&rank).ok().and_then(|at| self.found.get(at)).copied();
        let (rank, share) = quantile.place(self.count);
        let low = at(rank).unwrap_or(I::LEAST);
        (low, if share > 0.0 { at(rank + 1).unwrap_or(low) } else { low })
    }

    /// A quantile as a float.
    pub(super) fn between(&self, quantile: Quantile, number: impl Fn(I) -> f64) -> f64 {
        let (low, high) = self.around(quantile);
        Quantile::between(number(low), number(high), quantile.place(self.count).1)
    }

    /// A quantile of exact numbers.
    pub(super) fn exactly(&self, quantile: Quantile, number: impl Fn(I) -> BigInt) -> BigRational {
        let (low, high) = self.around(quantile);
        let (low, high) = (number(low), number(high));
        BigRational::from(low.clone()) + quantile.way(self.count) * (high - low)
    }
}

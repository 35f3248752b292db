//! Runs that stand side by side, and what their times say.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::Instant;

/// One side of a comparison: works and gives its seconds.
pub(crate) type Side<'a> = &'a mut dyn FnMut() -> anyhow::Result<f64>;

/// The seconds of each side, run after run: one, the other, one, the other …, so that a slow minute of the machine hits
/// all of them.
pub(crate) fn side_by_side(runs: usize, sides: &mut [Side<'_>]) -> anyhow::Result<Vec<Vec<f64>>> {
    let mut seconds = vec![Vec::with_capacity(runs); sides.len()];
    for _ in 0..runs {
        for (side, seconds) in sides.iter_mut().zip(&mut seconds) {
            seconds.push(side()?);
        }
    }
    Ok(seconds)
}

/// Seconds of some work.
pub(crate) fn timed(work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64())
}

pub(crate) fn median(seconds: &[f64]) -> f64 {
    let mut sorted = seconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => sorted[length / 2],
        length => f64::midpoint(sorted[length / 2 - 1], sorted[length / 2]),
    }
}

/// The median of the ratios of runs that stood side by side.
pub(crate) fn ratio(ours: &[f64], theirs: &[f64]) -> f64 {
    let ratios: Vec<f64> = ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect();
    median(&ratios)
}

/// Brings a file into the page cache, as far as it fits, so that the first run finds it like the others.
pub(crate) fn warm(file: &Path) -> io::Result<()> {
    let mut file = File::open(file)?;
    let mut buffer = vec![0; 1 << 20];
    while file.read(&mut buffer)? > 0 {}
    Ok(())
}

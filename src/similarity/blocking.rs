//! Numbers under which rows meet whose keys are equal.
//!
//! They are part of what a search finds: of equally rare runs of characters those with the least numbers are keys, and where
//! not even neighbours may all be compared, blocks come in the order of their numbers. Of two different keys the numbers
//! are as good as never the same.

use xxhash_rust::xxh3::xxh3_64;

/// What the number of several keys begins with.
pub const FIRST: u64 = 1;

/// The number of a text.
pub fn of_text(text: &str) -> u64 {
    xxh3_64(text.as_bytes()) | 1
}

/// The number of a value by its place, from 0, among all different values of its column in order.
pub const fn of_place(place: u64) -> u64 {
    mix(place) | 1
}

/// The number of a run of characters.
pub fn of_run(run: &[char]) -> u64 {
    run.iter().fold(run.len() as u64, |all, c| mix(all ^ u64::from(*c))) | 1
}

/// The number of a key of several parts, after those before, with a further part.
pub const fn with(before: u64, part: u64) -> u64 {
    mix(before ^ part) | 1
}

/// Spreads a number over 64 bits: the finaliser of `SplitMix64`, which can be undone, so that different numbers stay different.
const fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

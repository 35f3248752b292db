//! How similar two values are, from 0 to 1, and codes that are equal for values with the same sound.
//!
//! Every similarity is symmetric, 1 for equal values, and between 0 and 1.
//!
//! Own code: `similar` compares many millions of pairs, so nothing may be allocated a pair, texts are in the alphabet
//! of their column, and results are exact millionths. The tests compare it with `strsim`.

pub mod blocking;
mod day;
mod edits;
mod jaro;
mod phonetic;
mod symbol;
mod tokens;

pub use day::{day_similarity, decimal_similarity, number_similarity};
pub use edits::{damerau, levenshtein};
pub use jaro::jaro_winkler;
pub use phonetic::{phonetic, soundex};
pub use symbol::Symbol;
pub use tokens::{TokenScratch, Words, token_set, words_of};

/// A share of two counts as a similarity.
#[expect(clippy::cast_precision_loss, reason = "lengths of texts")]
fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

use std::fs;

use proptest::prelude::*;

use super::*;

/// The names of the faults of a text.
fn names(text: &str) -> Vec<&'static str> {
    let found = faults(text);
    Fault::ALL.into_iter().filter(|fault| found.has(*fault)).map(Fault::name).collect()
}

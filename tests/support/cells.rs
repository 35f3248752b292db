//! Cells of random tables.

use proptest::prelude::*;

/// One of these cells.
pub(crate) fn one_of(pool: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(pool).prop_map(str::to_owned)
}

/// Whole numbers that are one float, and others far from them.
pub(crate) const FAR_WHOLE: &[&str] = &[
    "",
    "9007199254740991",
    "9007199254740992",
    "9007199254740993",
    "9007199254740994",
    "9007199254740997",
    "9007199254741093",
    "-9007199254740993",
    "1000000000000000000",
];

/// Small whole numbers, and the ends of all that there are.
pub(crate) const SENTINELS: &[&str] = &[
    "1",
    "2",
    "3",
    "5",
    "7",
    "100",
    "-3",
    "-9223372036854775808",
    "-9223372036854775807",
    "9223372036854775807",
    "9223372036854775806",
    "1000000000000000",
    "-1000000000000000",
];

/// Decimals whose squares, and whose sums, are more than floats hold.
pub(crate) const FAR_DECIMALS: &[&str] =
    &["", "1e200", "-3e200", "2e200", "1.7e308", "-1.7e308", "1e308", "-1e308", "1.5", "0", "1e-200"];

/// Decimals whose squares are less than floats hold.
pub(crate) const NEAR_NOTHING: &[&str] =
    &["", "0", "1e-200", "2e-200", "-1e-200", "5e-200", "1e-320", "3e-310", "-7e-310", "8e-200"];

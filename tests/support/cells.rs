//! Cells of random tables.

use proptest::prelude::*;

/// One of these cells.
pub(crate) fn one_of(pool: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(pool).prop_map(str::to_owned)
}

/// Whole numbers of 0 to 38 digits, and some of 39: near to where the digits of floats, of 64 bits and of decimals end.
fn units() -> impl Strategy<Value = i128> {
    const ENDS: &[i128] = &[
        0,
        1_000,
        1 << 53,
        i64::MAX as i128,
        u64::MAX as i128,
        10_i128.pow(18),
        10_i128.pow(37),
        10_i128.pow(38) - 1,
        12_345_678_901_234_567_890_123_456_789_012_345_678,
    ];
    let near = (prop::sample::select(ENDS), -2..=2_i128).prop_map(|(end, more)| end + more);
    (prop_oneof![3 => near, 1 => 0..10_i128.pow(38)], any::<bool>())
        .prop_map(|(units, low)| if low { -units } else { units })
}

/// Those as they are written.
pub(crate) fn whole_numbers() -> impl Strategy<Value = String> {
    units().prop_map(|units| units.to_string())
}

/// Decimals of up to 38 digits and places, and some with more, of all scales; the same number is written in several ways.
pub(crate) fn decimals() -> impl Strategy<Value = String> {
    let places = prop_oneof![3 => prop::sample::select(&[0_usize, 1, 2, 18, 37][..]), 1 => 0..=39_usize];
    (units(), places, 0..3_u8).prop_map(|(units, places, writing)| {
        let digits = format!("{:0>width$}", units.unsigned_abs(), width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        let sign = if units < 0 { "-" } else { "" };
        match writing {
            0 => format!("{units}e-{places}"),
            1 if places > 0 => format!("{sign}{whole}.{fraction}00"),
            _ if places > 0 => format!("{sign}{whole}.{fraction}"),
            _ => format!("{sign}{whole}"),
        }
    })
}

/// One of these cells, or now and then a number.
pub(crate) fn number_or(
    pool: &'static [&'static str],
    numbers: impl Strategy<Value = String> + 'static,
) -> impl Strategy<Value = String> {
    prop_oneof![4 => one_of(pool), 1 => numbers]
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

/// Whole numbers; the longest have 38 digits, and one has 39.
pub(crate) const LONG_WHOLE: &[&str] = &[
    "",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "-9223372036854775809",
    "10000000000000000000000000000000000000",
    "99999999999999999999999999999999999999",
    "-99999999999999999999999999999999999999",
    "99999999999999999999999999999999999998",
    "100000000000000000000000000000000000000",
    "7",
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

/// Decimals that are one float, and others with as many digits as there are.
pub(crate) const LONG_DECIMALS: &[&str] = &[
    "",
    "9007199254740993.25",
    "9007199254740993.250",
    "9007199254740993.26",
    "9007199254740992",
    "0.1",
    "0.2",
    "0.3",
    "0.30000000000000004",
    "99999999999999999999999999999999999999",
    "99999999999999999999999999999999999998.9",
    "-99999999999999999999999999999999999999",
    "0.00000000000000000000000000000000000001",
    "-0.00000000000000000000000000000000000002",
    "1234567890123456789.0123456789012345678",
    "-1234567890123456789.0123456789012345679",
    "10000000000000000000000000000000000000",
];

/// Floats whose squares, and whose sums, are more than floats hold.
pub(crate) const FAR_DECIMALS: &[&str] =
    &["", "1e200", "-3e200", "2e200", "1.7e308", "-1.7e308", "1e308", "-1e308", "1.5", "0", "1e-200"];

/// Floats whose squares are less than floats hold.
pub(crate) const NEAR_NOTHING: &[&str] =
    &["", "0", "1e-200", "2e-200", "-1e-200", "5e-200", "1e-320", "3e-310", "-7e-310", "8e-200"];
